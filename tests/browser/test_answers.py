"""In the book, what answers a prediction is folded away until it is asked for."""

import re

import pytest

from tests.browser import pages
from tools import notebooks

CHAPTERS = {
    text.stem: notebooks.content(notebooks.read_text(text.read_text(encoding="utf-8"), text))
    for text in notebooks.pairs()
    if text.parent.name == "notebooks"
}
OUTCOMES = {name: sum(".outcome(" in source for _, source, _ in cells) for name, cells in CHAPTERS.items()}


@pytest.fixture(scope="module")
def address(published):
    with pages.served(published) as address:
        yield address


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def test_nothing_shows_an_outcome_before_it_is_asked_for_and_paper_shows_all(page, address):
    assert sum(OUTCOMES.values()) > 0
    for name, outcomes in OUTCOMES.items():
        page.goto(f"{address}chapters/{name}.html")
        shown = page.locator(".course-outcome")
        assert page.locator("details.outcome").count() == shown.count() == outcomes, name
        assert not any(outcome.is_visible() for outcome in shown.all()), name
        page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details.answer:not([open]), details.outcome:not([open])").count() == 0
        assert all(outcome.is_visible() for outcome in shown.all()), name


def test_the_words_that_explain_an_outcome_open_with_it_and_by_themselves(page, address):
    name = next(name for name, outcomes in OUTCOMES.items() if outcomes > 1)
    page.goto(f"{address}chapters/{name}.html")
    words = page.locator(".cell:has(details.outcome) + details.answer")
    assert words.count() > 1
    assert not words.first.locator("p").is_visible()
    page.locator(".cell:has(+ details.answer) details.outcome > summary").first.focus()
    page.keyboard.press("Enter")
    words.first.locator("p").wait_for()
    assert not words.nth(1).locator("p").is_visible()
    words.nth(1).locator("summary").click()
    words.nth(1).locator("p").wait_for()


def test_what_asks_the_next_question_is_never_folded(page, address):
    for name in OUTCOMES:
        page.goto(f"{address}chapters/{name}.html")
        folded = page.locator("details.answer").all_text_contents()
        assert not any(re.match(r"The answer in words\s*Predict\.", text) for text in folded), name


def test_the_search_does_not_quote_an_answer(page, address):
    name = next(name for name, outcomes in OUTCOMES.items() if outcomes)
    page.goto(f"{address}chapters/{name}.html")
    answer = page.locator("details.answer p").first.text_content()
    words = " ".join(re.findall(r"[A-Za-z]{4,}", answer)[:3])
    page.goto(f"{address}search.html?q={words}")
    page.locator("#search-results .search-summary, #search-results p").first.wait_for()
    page.wait_for_timeout(1000)
    quoted = " ".join(page.locator("#search-results").inner_text().split())
    assert answer[:40] not in quoted and "Outcome:" not in quoted
