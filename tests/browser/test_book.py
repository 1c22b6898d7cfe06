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
    cut: [...document.querySelectorAll('div.math, pre')].filter(e => e.scrollWidth > e.clientWidth + 1
        && getComputedStyle(e).overflowX !== 'auto').map(e => e.innerText.slice(0, 50)),
    scrolls: [...document.querySelectorAll('.cell pre')].filter(e => e.scrollWidth > e.clientWidth + 1)
        .map(e => e.innerText.slice(0, 50)),
    twice: [...document.querySelectorAll('article h1, article h2')].map(heading => heading.innerText)
        .filter((heading, i, all) => all.indexOf(heading) !== i),
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
        on_phone = page.evaluate(FACTS)
        found[path] |= {
            "wide_on_phone": on_phone["wide"],
            "cut_on_phone": on_phone["cut"],
            "elsewhere": list(elsewhere),
            "wrong": list(wrong),
        }
        elsewhere.clear(), wrong.clear()
    page.close()
    return found


def test_every_chapter_and_every_module_has_a_page(facts):
    names = {f"chapters/{path.with_suffix('.html').as_posix()}" for path in CHAPTERS}
    assert names | {"index.html", "search.html", "chapters/glossary.html", "api/course/tape.html"} <= facts.keys()


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


def test_code_fits_a_desk_and_what_is_wider_than_a_phone_scrolls(facts):
    assert faults(facts, "scrolls", "cut", "cut_on_phone") == {}


def test_no_page_has_two_sections_of_one_name(facts):
    assert faults(facts, "twice") == {}


def test_a_figure_shows_its_full_size_when_it_is_tapped(browser, address):
    page = browser.new_page(viewport={"width": WIDTHS["phone"], "height": 800})
    page.goto(f"{address}chapters/{CHAPTERS[0].with_suffix('.html').as_posix()}")
    figure = page.locator(".cell_output img").first
    widths = []
    for _ in range(3):
        widths.append(figure.bounding_box()["width"])
        figure.click()
    assert widths[0] < WIDTHS["phone"] < widths[1]
    assert widths[2] == widths[0]
    page.close()


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


def test_every_chapter_has_a_button_that_opens_it_in_the_browser_edition_if_it_is_there(facts, address):
    for chapter in CHAPTERS:
        runs = None if pages.left_out(chapter) else f"{address}browser/lab/index.html?path={chapter}"
        assert facts[f"chapters/{chapter.with_suffix('.html')}"]["run"] == runs


def test_every_chapter_but_the_last_is_mentioned_by_link_in_another(facts, address):
    paths = [f"chapters/{chapter.with_suffix('.html')}" for chapter in CHAPTERS]
    for path in paths[:-1]:
        others = [other for other in paths if other != path and address + path in facts[other]["content_links"]]
        assert others, f"no other chapter has a link in its text to {path}"


def test_every_picture_and_experiment_of_the_notebooks_is_in_the_book(facts):
    for path in CHAPTERS:
        outputs = [o for cell in nbformat.read(ROOT / "notebooks" / path, 4).cells for o in cell.get("outputs", ())]
        pictures = sum("image/png" in output.get("data", {}) for output in outputs)
        assert facts[f"chapters/{path.with_suffix('.html').as_posix()}"]["pictures"] == pictures


def test_search_finds_a_word_in_a_chapter_first(browser, address):
    page = browser.new_page()
    page.goto(f"{address}search.html?q=IndexedSlices")
    page.locator("#search-results li a").first.wait_for()
    assert "chapters/" in page.locator("#search-results li a").first.get_attribute("href")
    page.close()


def test_light_and_dark_follow_the_reader_in_text_and_in_outputs(browser, address):
    colors = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(f"{address}chapters/{CHAPTERS[0].with_suffix('.html').as_posix()}")
        read = "e => Object.values((({backgroundColor, color}) => ({backgroundColor, color}))(getComputedStyle(e)))"
        ground, text = page.locator("body").evaluate(read)
        _, output = page.locator(".cell_output .text_html td").first.evaluate(read)
        colors[scheme] = [sum(map(int, re.findall(r"\d+", color)[:3])) for color in (ground, text, output)]
        page.close()
    (light, *dark_texts), (dark, *light_texts) = colors.values()
    assert light > 600 and max(dark_texts) < 250
    assert dark < 150 and min(light_texts) > 500
