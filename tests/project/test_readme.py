"""The README, and the pages that it leads to, say what is true of the project."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_it_is_read_in_three_minutes():
    seen = re.sub(r"<!--.*?-->", "", README, flags=re.DOTALL)
    words = [word for word in seen.split() if re.search(r"\w", word)]
    assert len(words) <= 750  # at 250 a minute
    lines = seen.split("## Start")[1].splitlines()
    assert next(line for line in lines if line.startswith("    ")).startswith("    make lab ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    named = [words for line in re.findall(r"^    make (.*)", text, re.M) for words in line.split("#")[0].split()]
    named += [word for words in re.findall(r"`make ([^`]+)`", text) for word in words.split()]
    assert {word for word in named if re.fullmatch("[a-z][a-z-]*", word)} <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file_and_every_picture_has_words(page):
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for picture, words, path in re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", text):
        place = path.partition("#")[0]
        if page.name == "index.md":
            place = place.replace("chapters/", "../notebooks/")
        assert path.startswith("http") or (page.parent / place).exists(), path
        assert words.strip() or not picture


def test_every_path_in_the_table_of_what_is_where_exists():
    table = (ROOT / "docs/maintaining.md").read_text(encoding="utf-8").split("## What is where")[1]
    found = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert found
    for path in found:
        assert (ROOT / path).exists(), path


def test_make_alone_lists_every_target_with_a_sentence():
    phony = re.search(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)[1].split()
    assert {*phony} == set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE)) | {"clean"}
