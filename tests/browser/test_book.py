"""The book as a reader meets it: every page in a real browser, at the width of a desk and of a phone."""

import re

import nbformat
import pytest

from tests.browser import pages
from tools.notebooks import ROOT

CHAPTERS = sorted(path.relative_to(ROOT / "notebooks") for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
WIDTHS = {"desk": 1280, "phone": 390}

# What a page holds, as the browser has understood it.
FACTS = """() => ({
    links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    content_links: [...document.querySelectorAll('article p a, article li a')].map(a => a.href),
    ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    silent: [...document.images].filter(i => !i.alt.trim()).map(i => i.src.slice(0, 80)),
    broken: [...document.images].filter(i => i.loading !== 'lazy' && !(i.complete && i.naturalWidth)).map(i => i.alt),
    pictures: document.querySelectorAll('.cell_output img').length,
    formulas: document.querySelectorAll('mjx-container').length,
    raw: [...document.querySelectorAll('.math')].filter(m => !m.querySelector('mjx-container')).length,
    errors: document.querySelectorAll('mjx-merror').length,
    wide: document.documentElement.scrollWidth - window.innerWidth,
    run: document.querySelector('.btn-run-this-chapter')?.href,
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    pages.make("book", PAGES=folder)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with pages.served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def facts(browser, folder, address):
    """By the path of each page: what it holds, and what went wrong while it opened."""
    page = browser.new_page(viewport={"width": WIDTHS["desk"], "height": 900})
    elsewhere, wrong, found = pages.requests_elsewhere(page), [], {}
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda response: response.status >= 400 and wrong.append(f"{response.status} {response.url}"))
    for path in sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.html")):
        if path.startswith("_static/"):
            continue
        page.set_viewport_size({"width": WIDTHS["desk"], "height": 900})
        page.goto(address + path)
        page.evaluate("() => window.MathJax?.startup?.promise.then(() => null)")
        found[path] = page.evaluate(FACTS)
        page.set_viewport_size({"width": WIDTHS["phone"], "height": 800})
        found[path] |= {
            "wide_on_phone": page.evaluate(FACTS)["wide"],
            "elsewhere": list(elsewhere),
            "wrong": list(wrong),
        }
        elsewhere.clear(), wrong.clear()
    page.close()
    return found


def test_every_chapter_and_every_module_has_a_page(facts):
    names = {f"chapters/{path.with_suffix('.html').as_posix()}" for path in CHAPTERS}
    assert names | {"index.html", "search.html", "chapters/glossary.html", "api/course.tape.html"} <= facts.keys()


def test_a_page_opens_without_an_error_or_a_request_to_another_server(facts):
    assert faults(facts, "wrong", "elsewhere") == {}


def test_every_picture_is_shown_and_has_a_description(facts):
    assert faults(facts, "silent", "broken") == {}


def test_every_formula_is_typeset(facts):
    assert sum(page["formulas"] for page in facts.values()) > 100
    assert faults(facts, "raw", "errors") == {}


def faults(facts, *kinds):
    """By page, what there is of these kinds; pages without any are left out."""
    return {path: found for path, page in facts.items() if (found := [page[kind] for kind in kinds if page[kind]])}


def test_no_page_is_wider_than_a_desk_or_a_phone(facts):
    wide = {path: (page["wide"], page["wide_on_phone"]) for path, page in facts.items()}
    assert {path: pixels for path, pixels in wide.items() if max(pixels) > 0} == {}


def test_every_internal_link_leads_somewhere(facts, address):
    broken = []
    for path, page in facts.items():
        for link in page["links"]:
            if link.startswith(address) and "/browser/" not in link:
                target, _, place = link.removeprefix(address).partition("#")
                target = target.partition("?")[0] or "index.html"
                known = facts.get(target)
                if known is None or (place and place not in known["ids"]):
                    broken.append(f"{path}: {link.removeprefix(address)}")
    assert broken == []


def test_every_chapter_is_mentioned_by_link_and_opens_in_the_browser_edition(facts, address):
    pages_of_chapters = [path for path in facts if path.startswith("chapters/") and path[9].isdigit()]
    for path in pages_of_chapters:
        name = path.removeprefix("chapters/").replace(".html", ".ipynb")
        assert facts[path]["run"] == f"{address}browser/lab/index.html?path={name}"
        assert (ROOT / "notebooks" / name).is_file()
        others = [
            other for other in pages_of_chapters if other != path and address + path in facts[other]["content_links"]
        ]
        assert others, f"no other chapter has a link in its text to {path}"


def test_every_picture_and_experiment_of_the_notebooks_is_in_the_book(facts):
    for path in CHAPTERS:
        outputs = [o for cell in nbformat.read(ROOT / "notebooks" / path, 4).cells for o in cell.get("outputs", ())]
        pictures = sum("image/png" in output.get("data", {}) for output in outputs)
        assert facts[f"chapters/{path.with_suffix('.html').as_posix()}"]["pictures"] == pictures


def test_search_finds_a_word_of_a_chapter(browser, address):
    page = browser.new_page()
    page.goto(f"{address}search.html?q=IndexedSlices")
    page.locator("#search-results li a").first.wait_for()
    assert any("chapters/" in a.get_attribute("href") for a in page.locator("#search-results li a").all())
    page.close()


def test_light_and_dark_follow_the_reader(browser, address):
    grounds = []
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(address)
        grounds.append(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        page.close()
    light, dark = (sum(map(int, re.findall(r"\d+", ground)[:3])) for ground in grounds)
    assert light > 600 and dark < 150
