"""Chapters of a learner's copy run in a real JupyterLab without an error, and all controls of their experiments answer.

EVERY=1 runs every chapter; without it, the first, and of the others' experiments one of each mechanism.
With SCREENSHOTS=folder in the environment, a picture of each experiment is left there, at its start and after use.
"""

import os
import re
from pathlib import Path

import nbformat
import pytest

from course import experiments
from tests.browser import pages
from tools.notebooks import ROOT

NOTEBOOKS = sorted(f"work/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb"))
RUN = NOTEBOOKS if "EVERY" in os.environ else NOTEBOOKS[:1]
EXPERIMENTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea .jupyter-widgets"
SETUP = """
import numpy as np
import course as tf
from course import datasets, experiments
inputs, outputs = datasets.line()
"""
STEPPER = """
x = tf.Variable(2.0, name="x")
with tf.GradientTape() as tape:
    loss = tf.sin(x * x) / x
experiments.BackwardStepper(tape, loss)"""
NAN = "experiments.LearningRate(np.where(np.arange(1000) == 3, np.nan, inputs), outputs)"


def screenshot(experiment, name):
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        experiment.locator.screenshot(path=Path(folder) / f"{name}.png")


def use(experiment, name):
    """Move every control, with the keyboard and with the mouse; each must give a new picture. Then Reset undoes."""
    from playwright.sync_api import expect

    screenshot(experiment, f"{name}-start")
    at_first = experiment.status
    experiment.wait_until_picture_and_status_agree()
    for slider in experiment.sliders.all():
        label, size = experiment.label(slider), slider.locator(".noUi-touch-area").bounding_box()
        assert min(size["width"], size["height"]) >= 24, f"{label}: too small to be hit"
        for key in ("ArrowLeft", "ArrowRight") if experiment.at(slider) > 0.5 else ("ArrowRight", "ArrowLeft"):
            with experiment.changes(f"{label}, {key}"):
                experiment.press(slider, key)
        start = experiment.at(slider)
        with experiment.changes(f"{label}, dragged"):
            experiment.drag(slider, start, 0.1 if start > 0.5 else 0.9)
    for choice in experiment.choices.all():
        for option in choice.locator("button:not(.mod-active)").all_inner_texts():
            with experiment.changes(option):
                choice.get_by_text(option, exact=True).press("Enter")
        with experiment.changes("another option"):
            choice.locator("button:not(.mod-active)").first.click()
    for field in experiment.fields.all():
        typed = field.input_value()
        with experiment.changes("a text that can be used"):
            field.fill(f"{typed} + w")
            field.press("Enter")
        field.fill(f"{typed} +")
        field.press("Enter")
        experiment.wait_for_status("Choose one")  # what is wrong, in words, while the text stays to be mended
        assert field.input_value() == f"{typed} +"
    for switch in experiment.switches.all():
        size = switch.bounding_box()
        assert min(size["width"], size["height"]) >= 24, "a switch that is too small to be hit"
        with experiment.changes("the check box"):
            switch.press("Space")
        with experiment.changes("the check box"):
            switch.click()
    experiment.button("Reset").click()
    experiment.wait_for_status(f"^{re.escape(at_first)}$")
    for handle in ("spot", "floor"):  # away from where "Lowest along W" and "Refit" would change nothing
        if experiment.handle(handle).count() and "Play" not in experiment.buttons:
            with experiment.changes(handle):
                experiment.grab(experiment.handle(handle), -0.1, 0.1)
    at_the_start = re.search(r"\b0 of \d", experiment.locator.inner_text())  # there Back changes nothing: it comes last
    for button in sorted(experiment.buttons, key="Back".__eq__) if at_the_start else experiment.buttons:
        if button not in ("Play", "Reset"):
            with experiment.changes(button):
                experiment.button(button).press("Enter")
    experiment.button("Reset").click()  # a handle may have gone where no other step is
    experiment.wait_for_status(f"^{re.escape(at_first)}$")
    for handle in experiment.handles.all():
        label = handle.get_attribute("aria-label")
        size = handle.bounding_box()
        assert min(size["width"], size["height"]) >= 24, f"{label}: too small to be hit"
        with experiment.changes(f"{label}, arrow key"):
            handle.focus()
            text = handle.get_attribute("aria-valuetext")
            experiment.page.keyboard.press("ArrowLeft" if experiment.at(handle) > 0.5 else "ArrowRight")
            expect(handle).not_to_have_attribute("aria-valuetext", text, timeout=60_000)  # a busy machine draws late
        left = experiment.at(handle) > 0.5
        with experiment.changes(f"{label}, dragged"):
            experiment.grab(handle, -0.1 if left else 0.1, 0.1)
    if "Play" in experiment.buttons:
        with experiment.changes("Play"):
            experiment.button("Play").click()
        experiment.button("Pause").click()
    screenshot(experiment, f"{name}-used")
    with experiment.changes("Reset"):  # once the last move has been drawn
        experiment.button("Reset").click()
    experiment.wait_for_status(re.escape(at_first))


@pytest.mark.parametrize("path", RUN)
def test_a_chapter_runs_and_its_experiments_answer(lab, path):
    notebook = lab.open(path)
    notebook.run_all()
    for i, experiment in enumerate(notebook.experiments()):
        use(experiment, f"{Path(path).stem}-{i}")
    assert pages.barriers(lab.page, EXPERIMENTS) == []
    assert notebook.errors() == []
    notebook.close()


def test_a_chapter_that_was_only_opened_has_no_unsaved_change_and_shows_no_output(lab):
    notebook = lab.open(NOTEBOOKS[0])
    lab.page.wait_for_timeout(2000)  # the kernel is idle; what it says of itself may come a moment later
    assert lab.page.evaluate("() => notebook.context.model.dirty") is False
    assert lab.page.locator(".jp-OutputArea-child").count() == 0
    notebook.close()


@pytest.mark.parametrize("pattern", ["work/*.ipynb", "work/solutions/*.ipynb"])
def test_a_mention_of_another_chapter_opens_it(lab, folder, pattern):
    mention = re.compile(r"\[chapter \d+\]\(")
    path = next(path for path in sorted(folder.glob(pattern)) if mention.search(path.read_text(encoding="utf-8")))
    path = path.relative_to(folder).as_posix()
    notebook = lab.open(path)
    links = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-MarkdownCell a[href*='.ipynb']")
    lab.page.evaluate("() => document.querySelectorAll('details').forEach(answer => { answer.open = true; })")
    leads_to = links.first.get_attribute("data-commandlinker-args") or links.first.get_attribute("href")
    links.first.click()
    lab.page.wait_for_function("path => jupyterapp.shell.currentWidget?.context?.path !== path", arg=path)
    opened = lab.page.evaluate("() => jupyterapp.shell.currentWidget.context.path")
    assert opened in NOTEBOOKS and Path(opened).name in leads_to
    lab.page.evaluate("async () => { const w = jupyterapp.shell.currentWidget; await w.context.ready; w.close(); }")
    notebook.close()


def test_the_list_shows_each_chapter_once_and_no_name_is_cut(lab):
    lab.page.evaluate("() => jupyterapp.commands.execute('filebrowser:go-to-path', {path: 'work'})")
    names = lab.page.locator(".jp-DirListing-itemText")
    names.filter(has_text="glossary.md").wait_for()
    shown = names.evaluate_all("all => all.map(name => [name.innerText, name.scrollWidth > name.clientWidth])")
    assert [name for name, cut in shown if cut] == []
    assert [name for name, _ in shown] == ["solutions", *(Path(path).name for path in NOTEBOOKS), "glossary.md"]


@pytest.fixture
def cells(lab, folder):
    """Opens a notebook of these cells, and runs it."""
    opened = []

    def open_and_run(*sources):
        path = folder / "cells.ipynb"
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
        opened.append(lab.open(path.name))
        opened[-1].run_all()
        return opened[-1]

    yield open_and_run
    for notebook in opened:
        notebook.close()


MECHANISMS = {  # a run that replays, boxes, a text that is typed, handles that move each other, a run that trains
    "rate": "experiments.LearningRate(inputs, outputs)",
    "stepper": STEPPER,
    "typed": "experiments.ExpressionStepper()",
    "line": "experiments.ModelAndLoss(inputs[:8], outputs[:8])",
    "network": "experiments.DecisionBoundary(width=3)",
}


@pytest.mark.parametrize("source", MECHANISMS.values(), ids=MECHANISMS)
def test_every_control_answers_to_keyboard_and_mouse(cells, source, request):
    notebook = cells(SETUP, source)
    (experiment,) = notebook.experiments()
    use(experiment, request.node.callspec.id)
    assert pages.barriers(notebook.page, EXPERIMENTS) == []
    assert notebook.errors() == []


def test_a_dragged_handle_follows_at_once_the_picture_follows_and_nothing_piles_up(cells):
    notebook = cells(SETUP, MECHANISMS["line"])
    (experiment,) = notebook.experiments()
    spot, picture = experiment.handle("spot"), experiment.locator.locator("img").bounding_box()
    start, before = spot.bounding_box(), experiment.frames
    experiment.grab(spot, -0.2, -0.3, moves=60)
    at = spot.bounding_box()  # before the kernel can have answered every move
    assert at["x"] - start["x"] == pytest.approx(-0.2 * picture["width"], abs=8)
    assert at["y"] - start["y"] == pytest.approx(-0.3 * picture["height"], abs=8)
    experiment.wait_for_status("; 1 move$")
    experiment.page.wait_for_timeout(500)
    assert 2 <= experiment.frames - before <= 61
    seen, status = experiment.frames, experiment.status
    experiment.page.wait_for_timeout(500)
    assert (experiment.frames, experiment.status) == (seen, status)


GRABBED = ["DecisionBoundary", "ModelAndLoss", "Momentum"]  # a network that trains, handles that move each other, maps
if "EVERY" in os.environ:
    GRABBED = [name for name in experiments._MODULES if name != "BackwardStepper"]  # in it nothing is grabbed
MAKE = """
import importlib, sys
sys.path[:0] = [{folder!r} + "/experiments", {folder!r}]
importlib.import_module("test_{module}_experiment").make()"""
WATCH = """experiment => {
    const image = experiment.querySelector('.course-stage-box img'), box = image.parentElement;
    window.shown = [];
    const watch = new MutationObserver(() => shown.push(image.alt));
    watch.observe(box, {attributes: true, attributeFilter: ['data-frames']});
}"""


# A hand in the page itself, which moves at each of the screen's frames, over all of where the handle goes and back: a
# mouse from outside comes too seldom to say how many pictures a second there are.
SWEEP = """async handle => {
    const box = handle.parentElement, image = box.querySelector('img'), bounds = handle.getBoundingClientRect();
    const screen = image.getBoundingClientRect(), at = [bounds.x + bounds.width / 2, bounds.y + bounds.height / 2];
    const send = (kind, x, y) => handle.dispatchEvent(
        new PointerEvent(kind, {pointerId: 1, button: 0, bubbles: true, clientX: x, clientY: y}));
    handle.setPointerCapture = () => {};
    const times = [], watch = new MutationObserver(() => times.push(performance.now()));
    watch.observe(box, {attributes: true, attributeFilter: ['data-frames']});
    const frame = () => new Promise(requestAnimationFrame), begun = performance.now();
    send('pointerdown', ...at);
    for (let t = 0; t < 1; t = (performance.now() - begun) / 2000) {
        const away = t < 0.5 ? 2 * t : 2 - 2 * t, [left, top, right, bottom] = handle.handle.bounds;
        const ends = [at[0] < screen.x + (left + right) / 2 * screen.width ? right : left,
                      at[1] < screen.y + (top + bottom) / 2 * screen.height ? bottom : top];
        send('pointermove', at[0] + away * (screen.x + ends[0] * screen.width - at[0]),
                            at[1] + away * (screen.y + ends[1] * screen.height - at[1]));
        await frame();
    }
    send('pointerup', ...at);
    delete handle.setPointerCapture;
    await new Promise(done => setTimeout(done, 300));
    watch.disconnect();
    const between = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
    return [times.length, between[between.length >> 1] ?? NaN];
}"""


@pytest.mark.parametrize("name", GRABBED)
def test_pictures_follow_a_hand_the_last_one_is_of_the_last_place_and_at_most_one_waits(cells, name):
    notebook = cells(MAKE.format(folder=str(ROOT / "tests"), module=experiments._MODULES[name]))
    (experiment,) = notebook.experiments()
    for handle in experiment.handles.all():
        label, left = handle.get_attribute("aria-label"), experiment.at(handle) > 0.5
        experiment.locator.evaluate(WATCH)
        before = experiment.frames
        experiment.grab(handle, -0.2 if left else 0.2, 0.2, moves=60, pause=25)
        during = experiment.frames - before
        end = experiment.settled()
        seen = experiment.page.evaluate("() => shown")
        assert 1 <= end - before <= 60, label
        assert end - before - during <= 3, f"{label}: two pictures being drawn, and one for the newest place"
        experiment.wait_until_picture_and_status_agree()
        assert experiment.alt == seen[-1]
        assert float(handle.get_attribute("aria-valuemin")) <= float(handle.get_attribute("aria-valuenow"))
        pictures, between = handle.evaluate(SWEEP)
        print(f"{name}, {label}: {pictures} pictures in 2 s, half of them within {between:.0f} ms of the one before")
    assert notebook.errors() == []


def test_a_press_on_the_map_moves_the_handle_there_and_keys_add_up(cells):
    notebook = cells(SETUP, MECHANISMS["line"])
    (experiment,) = notebook.experiments()
    spot = experiment.handle("spot")
    experiment.locator.locator("img").scroll_into_view_if_needed()
    at, picture = spot.bounding_box(), experiment.locator.locator("img").bounding_box()
    experiment.page.mouse.click(at["x"] - 0.1 * picture["width"], at["y"])
    experiment.wait_for_status("; 1 move$")
    # From the status, which has come: the handle's own words come with the picture, on a busy machine later.
    place = float(re.match("W = ([-−.0-9]+)", experiment.status)[1].replace("−", "-"))
    for _ in range(7):
        experiment.page.keyboard.press("ArrowRight")  # the press has given it the focus
    experiment.wait_for_status(f"^W = {place + 0.7:.2g}, b")
    assert notebook.page.evaluate("() => notebook.content.mode") == "command"  # no key has reached JupyterLab
    assert notebook.errors() == []


def test_values_that_are_not_finite_give_a_message_and_no_error(cells):
    notebook = cells(SETUP, NAN)
    (experiment,) = notebook.experiments()
    for slider in experiment.sliders.all():
        experiment.press(slider, "ArrowRight")
    experiment.button("Step").click()
    notebook.wait_until_idle()
    experiment.wait_for_status("no finite loss: NaN or infinity in 1 of 1000 points")
    screenshot(experiment, "nan")
    assert notebook.errors() == []


def test_after_a_fast_drag_the_picture_shows_the_newest_value(cells):
    notebook = cells(SETUP, "experiments.LearningRate(inputs, outputs)")
    (experiment,) = notebook.experiments()
    slider = experiment.sliders.first
    experiment.drag(slider, experiment.at(slider), 0.2, moves=60)
    experiment.drag(slider, experiment.at(slider), 0.95, moves=120)
    rate = experiments.LearningRate.learning_rate.nearest(experiment.moved_to(slider))
    experiment.wait_for_status(rf"diverging: learning rate {rate:.3g} >", seconds=2)
    assert experiment.readout(slider) == slider.locator(".noUi-handle").get_attribute("aria-valuetext") == f"{rate:g}"
    assert notebook.errors() == []


def test_the_page_answers_while_it_plays(cells):
    notebook = cells(SETUP, "experiment = experiments.LearningRate(inputs, outputs, epochs=100)\nexperiment")
    (experiment,) = notebook.experiments()
    experiment.button("Play").click()
    experiment.wait_for_status(r"after [1-9] epochs, converging")
    experiment.press(experiment.sliders.first, "End")
    experiment.wait_for_status(r"after [1-9]\d? epochs, diverging: learning rate 2 ")
    experiment.button("Pause").click()
    experiment.button("Play").wait_for()
    assert notebook.errors() == []


def test_an_interrupted_kernel_leaves_the_experiment_usable(cells):
    notebook = cells(SETUP, "experiment = experiments.LearningRate(inputs, outputs)\nexperiment")
    (experiment,) = notebook.experiments()
    notebook.run_and_interrupt("import itertools\nfor k in itertools.count():\n    experiment.epochs = 50 + k % 50")
    experiment.press(experiment.sliders.first, "End")
    experiment.wait_for_status(r"after [5-9]\d epochs, .*diverging: learning rate 2 ")
    experiment.button("Reset").click()
    experiment.wait_for_status("loss 0.977 after 20 epochs, converging: learning rate 0.1 ")
    assert [error for error in notebook.errors() if "KeyboardInterrupt" not in error] == []


FIT = """
import course as tf
inputs, outputs = datasets.line(300)
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
history = model.fit(inputs[:, None], outputs, epochs=2)
"""


def test_the_bar_of_fit_shows_on_the_page_and_is_not_saved(cells):
    notebook = cells(SETUP, FIT)
    assert notebook.errors() == []
    (output,) = notebook.page.evaluate("() => notebook.content.widgets[1].model.outputs.toJSON()")
    assert re.fullmatch(r"(Epoch \d/2 - loss: \d+\.\d{4}\n){2}", "".join(output["text"]))
    # The page's cells are named to the kernel, so what it sent began each line with a bar.
    notebook.page.evaluate(
        """() => { window.sent = []; notebook.sessionContext.iopubMessage.connect(
            (_, {header, content}) => { if (header.msg_type === 'stream') sent.push(content.text); }); }"""
    )
    notebook.run_all()
    assert "\rEpoch 2/2 ━━━━━━━━━━━━" in "".join(notebook.page.evaluate("() => sent"))


FIGURE = """
from course import plots
fig, _ = plots.panels(("Nothing yet", "x", "y"))
plots.show(fig, "Empty axes.")"""


def test_in_the_dark_theme_a_figure_is_dark_and_a_picture_of_the_text_is_as_it_was(cells):
    page = cells(FIGURE).page
    shades = """theme => { document.body.dataset.jpThemeLight = theme;
        const other = document.querySelector('.jp-NotebookPanel').appendChild(new Image());
        return [document.querySelector('.jp-OutputArea-output img[src^=data]'), other].map(
            image => getComputedStyle(image).filter); }"""
    assert page.evaluate(shades, "true") == ["none", "none"]
    assert page.evaluate(shades, "false") == ["invert(0.93) hue-rotate(180deg)", "none"]


EXERCISE = """
def rule_of_b(g, a, b):
    return {}
"""


def type_into(notebook, cell, source):
    """Replace what stands in a cell, as a learner does, and run it with Ctrl+Enter."""
    notebook.page.locator(".jp-Cell").nth(cell).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(source)
    run_by_key(notebook, cell)


def run_by_key(notebook, cell):
    before = notebook.page.evaluate("i => notebook.content.widgets[i].model.executionCount", cell)
    notebook.page.locator(".jp-Cell").nth(cell).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+Enter")
    notebook.page.wait_for_function(
        "([i, n]) => notebook.content.widgets[i].model.executionCount > n", arg=[cell, before]
    )
    notebook.wait_until_idle()


def test_an_exercise_is_answered_wrong_then_right(cells):
    notebook = cells("from course import check", EXERCISE.format("..."), "check.gradient_tape.subtract_rule(rule_of_b)")
    verdict = notebook.page.locator(".jp-Cell").nth(2).get_by_role("status")
    for answer, words in (("...", "Not yet."), ("g", "Not right. The sign is flipped"), ("0 - g", "Right.")):
        type_into(notebook, 1, EXERCISE.format(answer))
        run_by_key(notebook, 2)
        verdict.filter(has_text=words).wait_for()
    assert notebook.errors() == []


def test_a_prediction_is_chosen_by_mouse_and_by_keyboard_and_stands_beside_the_outcome(cells):
    ask = 'from course import check\nguess = check.predict("the sum of 2 and 2", ["3", "4", "5"])'
    notebook = cells(ask, "guess.outcome(2 + 2)")
    asked, outcome = (notebook.page.locator(".jp-Cell").nth(i) for i in (0, 1))
    outcome.get_by_text("none was made").wait_for()
    asked.get_by_role("button", name="3").click()
    asked.get_by_text("You predict: 3.").wait_for()
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Space")
    asked.get_by_text("You predict: 4.").wait_for()
    run_by_key(notebook, 1)
    assert re.findall(r"\w+", outcome.locator(".course-outcome").inner_text()) == ["Prediction", "4", "Outcome", "4"]
    assert notebook.errors() == []
