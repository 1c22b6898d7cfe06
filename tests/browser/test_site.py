"""The browser edition as a learner meets it: one site and one page; each chapter has a kernel of its own.

EVERY=1 runs every chapter; without it, chapter 5: the book's own pages run the others (test_live.py).
"""

import os
import re

import pytest

from tests.browser import driver, pages
from tools.notebooks import ROOT

CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb") if not pages.left_out(path))
RUN = [name for name in CHAPTERS if "EVERY" in os.environ or name[:2] == "05"]


@pytest.fixture(scope="module")
def address(published):
    with pages.served(published) as address:
        yield f"{address}browser/"


@pytest.fixture(scope="module")
def site(browser, address):
    """The page, opened at the site's address without a path."""
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    elsewhere = pages.requests_elsewhere(page)
    driver.Lab(page, address)
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.context?.isReady")
    opened_on = page.evaluate("() => jupyterapp.shell.currentWidget.context.path")
    # As in the other browser tests, every cell is in the document. The page reads this when it is loaded.
    page.evaluate(
        """async () => { const settings = await jupyterapp.serviceManager.settings;
            await settings.save('@jupyterlab/notebook-extension:tracker', '{"windowingMode": "none"}'); }"""
    )
    site = driver.Lab(page, address)
    site.opened_on, site.elsewhere = opened_on, elsewhere
    yield site
    page.close()


@pytest.fixture
def notebook(site, path):
    site.errors.clear()  # what an earlier chapter did wrong is its own
    notebook = site.open(path)
    yield notebook
    # JupyterLite ends the kernel itself, and complains where the driver's `close` has done so before.
    site.page.evaluate("() => { notebook.context.model.dirty = false; notebook.close(); }")


@pytest.mark.parametrize("path", RUN)
def test_a_chapter_runs_and_its_experiments_answer(notebook, path):
    notebook.run_all()
    experiments = notebook.experiments()
    assert len(experiments) == len(re.findall(r"^experiments\.[A-Z]", source(path), re.M))
    for experiment in experiments:
        experiment.wait_until_picture_and_status_agree()
        with experiment.changes("the first handle"):
            handle = experiment.handles.first
            handle.press("ArrowLeft" if experiment.at(handle) > 0.5 else "ArrowRight")
        experiment.wait_until_picture_and_status_agree()
    assert notebook.errors() == []


# Runs the cell that begins with some words, after a replacement in its source, and gives its outputs.
RUN = """async ([words, old, replacement]) => {
    const content = notebook.content, source = cell => cell.model.sharedModel.getSource();
    content.activeCellIndex = content.widgets.findIndex(cell => source(cell).startsWith(words));
    content.activeCell.model.sharedModel.setSource(source(content.activeCell).replace(old, replacement));
    await jupyterapp.commands.execute('notebook:run-cell');
    return content.activeCell.model.outputs.toJSON().map(o => o.data?.['text/plain'] ?? o.text ?? o.evalue).join();
}"""


@pytest.mark.parametrize("path", CHAPTERS[:1])
def test_an_exercise_is_solved_and_a_new_kernel_remembers_it(notebook):
    def run(words, old="", replacement=""):
        return notebook.page.evaluate(RUN, [words, old, replacement])

    exercise, check = "def update(total", "check.variables.running_mean"
    run("import numpy")
    run(exercise)
    assert run(check).startswith("Not yet.")
    run(exercise, "...", "2.0")
    assert not run(check).startswith(("Not yet", "Right"))
    run(exercise, "2.0", "1.0")
    assert run(check).startswith("Right")
    notebook.page.evaluate("() => notebook.sessionContext.restartKernel()")
    notebook.wait_until_idle()
    run("import numpy", "import numpy as np", "from course.check import record")
    state = "record.load()['variables']['running_mean']"
    assert run(check, "check.variables.running_mean(update)", state) == "'right'"
    assert notebook.errors() == []


def source(path):
    return (ROOT / "notebooks" / path).with_suffix(".py").read_text(encoding="utf-8")


def test_chapters_that_start_at_the_same_moment_each_read_their_own_files(browser, address):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    driver.Lab(page, address)
    page.evaluate(
        """paths => {
            const read = async path => {
                const panel = await jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
                await panel.sessionContext.ready;
                const code = 'import os\\nfor _ in range(30):\\n    [os.stat(name).st_mtime for name in os.listdir()]';
                return (await panel.sessionContext.session.kernel.requestExecute({code}).done).content.status;
            };
            Promise.all(paths.map(read)).then(all => { window.statuses = all; }); }""",
        CHAPTERS[:2],
    )
    page.wait_for_function("() => window.statuses")
    assert page.evaluate("() => statuses") == ["ok"] * 2
    page.close()


def test_work_is_kept_in_the_browser_and_deleting_the_file_restores_the_chapter(site):
    """As the page about the edition says. The file browser's Delete and its download call these same functions."""
    contents = """async path => {
        const contents = jupyterapp.serviceManager.contents;
        const read = async () => (await contents.get(path, {content: true})).content;
        const text = notebook => notebook.cells.map(cell => cell.source).join('|');
        const original = text(await read()), mine = await read();
        mine.cells[0].source = 'my own words';
        await contents.save(path, {type: 'notebook', format: 'json', content: mine});
        const kept = text(await read());
        await contents.delete(path);
        return [kept.startsWith('my own words'), text(await read()) === original];
    }"""
    assert site.page.evaluate(contents, CHAPTERS[-1]) == [True, True]


def test_it_opens_on_chapter_1_and_asks_no_other_server(site):
    assert site.opened_on == CHAPTERS[0]
    assert site.elsewhere == []


def test_no_name_in_the_list_is_cut(site):
    names = site.page.locator(".jp-DirListing-itemText")
    names.filter(has_text=CHAPTERS[-1]).wait_for()
    shown = names.evaluate_all("all => all.map(name => [name.innerText, name.scrollWidth > name.clientWidth])")
    assert set(CHAPTERS) <= {name for name, _ in shown}
    assert [name for name, cut in shown if cut] == []


def test_a_chapter_that_was_only_opened_has_no_unsaved_change(site):
    notebook = site.open(CHAPTERS[0])
    site.page.wait_for_timeout(2000)  # the kernel is idle; what it says of itself may come a moment later
    assert notebook.page.evaluate("() => notebook.context.model.dirty") is False
    site.page.evaluate("() => notebook.close()")


def test_while_python_loads_it_says_so_and_a_run_that_is_asked_for_at_once_is_not_forgotten(browser, address):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.set_default_timeout(120_000)
    page.add_init_script(
        """const shown = setInterval(() => {
            const notebook = window.jupyterapp?.shell?.currentWidget;
            if (!notebook?.content?.widgets?.length) return;
            clearInterval(shown);
            window.early = !notebook.sessionContext.isReady;
            jupyterapp.commands.execute('notebook:run-all-cells');
        }, 20)"""
    )
    page.goto(address)
    note = page.locator("#python-is-loading")
    note.wait_for(state="visible")
    assert "Python is loading" in note.inner_text()
    note.wait_for(state="hidden")
    assert page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus") in ("idle", "busy")
    assert page.evaluate("() => window.early")
    page.wait_for_function(
        """() => jupyterapp.shell.currentWidget.content.widgets
            .find(cell => cell.model.type === 'code').model.executionCount === 1"""
    )
    page.close()


def test_on_a_phone_a_chapter_opens_as_a_page_of_its_own_that_fits(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 800}, is_mobile=True)
    page.goto(f"{address}lab/index.html?path={CHAPTERS[0]}")
    page.wait_for_url(f"{address}notebooks/index.html?path={CHAPTERS[0]}")
    page.locator(".jp-Notebook h1").first.wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    page.close()
