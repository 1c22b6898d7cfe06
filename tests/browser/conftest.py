import os
import shutil

import pytest

from course.__main__ import Copy
from tests.browser import driver, pages
from tools.notebooks import ROOT


def missing(what):
    """Without a browser these tests cannot run: on a developer's machine they are skipped, in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """What the server serves: a project's notebooks, which tests may change, and a learner's copy of them, `work`."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    Copy(folder).update()
    return folder


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install -r requirements-dev.txt")
    if not (path := driver.chromium()):
        missing("no Chromium on this machine: apt-get install chromium, or install Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=driver.CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def published(browser, tmp_path_factory):
    """The folder with the book and the browser edition, as they are published."""
    return pages.build(tmp_path_factory.mktemp("pages"), BOOK_URL=pages.PUBLISHED)


@pytest.fixture(scope="session")
def address(browser, folder, tmp_path_factory):
    with driver.server(folder, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture
def lab(browser, address):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    yield driver.Lab(page, address)
    page.close()
