"""What the base gives every experiment: its run, its page, and what it leaves of bad values."""

import asyncio
import importlib
import io
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
import test_learning_rate_experiment as learning_rate
from experiment_page import consistent

from course import datasets, experiments
from course.experiments import base, picture


class Tenths(base.Experiment):
    b = base.Slider(0.0, -2.0, 5.0, "b", step=0.1)

    def build(self):
        return base.panels(("A", "x", "y"))[0]

    def draw(self):
        return f"b = {self.b}"


def test_step_back_and_run():
    experiment = experiments.LearningRate(*datasets.line(), epochs=5)
    assert experiment.position == 5
    experiment.step()
    assert experiment.position == 1 and len(experiment.path) == 2
    experiment.back()
    experiment.back()
    assert experiment.position == 0 and len(experiment.losses) == 1
    experiment.run()
    assert experiment.position == 5
    experiment.epochs = 7
    assert experiment.position == 7
    experiment.position = 3
    experiment.epochs = 9
    assert experiment.position == 3
    experiment.epochs = 2
    assert experiment.position == 2 and len(experiment.path) == 3


def test_it_plays_in_the_background_and_pauses():
    experiment = experiments.LearningRate(*datasets.line(), epochs=6)
    experiment.interval = 0.01

    async def use():
        experiment.play()
        assert experiment.playing and experiment.page.play.description == "Pause"
        assert 'aria-live="off"' in experiment.page.status.value
        while experiment.position < 3:
            await asyncio.sleep(0.001)
        experiment.pause()
        paused = experiment.position
        await asyncio.sleep(0.1)
        assert experiment.position == paused and not experiment.playing
        experiment.play()
        experiment.learning_rate = 1.0  # the page is not blocked, and the run goes on with the new value
        while experiment.playing:
            await asyncio.sleep(0.001)

    asyncio.run(use())
    assert experiment.position == 6 and experiment.page.play.description == "Play"
    assert 'aria-live="polite"' in experiment.page.status.value
    learning_rate.check(experiment)


def test_an_interrupted_run_can_be_taken_up_again(monkeypatch):
    experiment = experiments.LearningRate(*datasets.line())
    experiment.position = 0
    advance, calls = experiment.advance, []

    def interrupted():
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        advance()

    monkeypatch.setattr(experiment, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        experiment.run()
    assert experiment.position == 3
    experiment.run()
    learning_rate.check(experiment)
    consistent(experiment)


def test_a_fine_screen_gets_a_fine_picture_and_one_for_the_page_s_pixels_gets_no_more():
    from PIL import Image

    def size():
        return Image.open(io.BytesIO(experiment.page.picture.frame)).size

    experiment = experiments.Parabola()
    width, height = size()
    for ratio, factor in ((2.0, picture.FINEST), (0.5, 1), (1.25, 1.25)):
        experiment.page.picture._handle_custom_msg({"ratio": ratio}, [])
        assert size() == (round(factor * width), round(factor * height))
        place = experiment.page.picture.handles[0]
        experiment.page.picture._handle_custom_msg({"n": 1, "name": "begins", "grab": 1, "x": place["x"], "y": 0.5}, [])
        now = experiment.page.picture.handles[0]
        assert (now["x"], now["y"]) == pytest.approx((place["x"], place["y"]), abs=0.01)


def test_an_interrupted_drawing_is_made_again(monkeypatch):
    experiment = experiments.LearningRate(*datasets.line())
    experiment.epochs = 30
    expected = experiment.page.picture.frame
    experiment.reset()

    def interrupted():  # what was drawn is not kept any more
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment.drawing, "_copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        experiment.epochs = 30
    monkeypatch.undo()
    experiment.update()
    assert experiment.page.picture.frame == expected


def test_changes_from_two_threads_end_in_one_state():
    experiment = experiments.LearningRate(*datasets.line())
    rates = np.geomspace(0.01, 0.8, 20)

    def move():
        for rate in rates:
            experiment.page.widgets["learning_rate"].value = rate

    thread = threading.Thread(target=move)
    thread.start()
    for epochs in range(1, 21):
        experiment.epochs = epochs
    thread.join()
    learning_rate.check(experiment)
    consistent(experiment)


def test_expensive_runs_begin_again_or_go_on():
    class Count(base.Experiment):
        step_name, replays, total = "step", False, 9
        fresh = base.Slider(0, 0, 5, "fresh")
        live = base.Slider(0, 0, 5, "live", restarts=False)

        def begin(self):
            self.steps = []

        def advance(self):
            self.steps.append((self.fresh, self.live))

        def build(self):
            return base.panels(("counting", "x", "y"))[0]

        def draw(self):
            return f"{len(self.steps)} steps"

    experiment = Count()
    assert experiment.position == 0
    experiment.step()
    experiment.live = 2
    experiment.step()
    assert experiment.steps == [(0, 0), (0, 2)]
    experiment.fresh = 1
    assert experiment.position == 0 and experiment.steps == []
    experiment.step()
    assert experiment.steps == [(1, 2)]


def test_an_action_is_a_button_and_the_picture_follows():
    class Press(base.Experiment):
        pressed = 0

        @base.action("Press", icon="check")
        def press(self):
            self.pressed += 1

        def build(self):
            return base.panels(("pressing", "x", "y"))[0]

        def draw(self):
            return f"pressed {self.pressed} times"

    experiment = Press()
    (button,) = [w for w in experiment.page.widget.children[0].children if w.description == "Press"]
    button.click()
    assert experiment.status == "pressed 1 times"
    consistent(experiment)


def test_the_example_in_the_base_works():
    source = base.__doc__[base.__doc__.index("    class Parabola") : base.__doc__.index("`Parabola()`")]
    namespace = vars(base) | {"np": np}
    exec(textwrap.dedent(source), namespace)
    experiment = namespace["Parabola"]()
    experiment.a = -1.5
    assert experiment.status == "a = −1.5: y is −1.5 at the ends"
    consistent(experiment)


def test_what_does_not_move_is_drawn_once(monkeypatch):
    experiment = experiments.LearningRate(*datasets.line())
    draws = []
    monkeypatch.setattr(experiment.drawing, "draw_background", lambda: draws.append(1))
    experiment.learning_rate = 0.2
    experiment.start_W = 4.0
    assert not draws


@pytest.mark.parametrize("at_first", [20, 50, 60])
def test_an_axis_of_steps_has_room_is_never_more_than_half_empty_and_keeps_its_end_while_a_slider_moves(at_first):
    ends = [base.room(steps, at_first)[1] / 1.03 for steps in range(1, 601)]
    assert ends[at_first - 1] == pytest.approx(at_first)
    for steps, end in enumerate(ends, 1):
        assert steps <= end * (1 + 1e-9) and end <= 5 / 3 * steps + 1e-9
    assert ends == sorted(ends) and len(set(np.round(ends, 9))) < 6 * np.log10(600) + 2


@pytest.mark.parametrize("name", ["LearningRate", "InputScaling", "OptimizerRace"])
def test_a_curve_over_steps_fills_more_than_half_of_its_axis(name):
    module = importlib.import_module(f"test_{experiments._MODULES[name]}_experiment")
    experiment, count = module.make(), "steps" if name == "OptimizerRace" else "epochs"
    control = experiment.controls[count]
    for steps in range(control.high // 20, control.high + 1, control.high // 20):
        experiment.set(**{count: steps})
        assert steps / experiment._axes[-1].get_xlim()[1] > 0.55


def test_an_experiment_runs_and_is_drawn_without_ipywidgets_and_ipython():
    code = (
        "import sys; from course import datasets, experiments; e = experiments.LearningRate(*datasets.line());"
        "e.learning_rate = 0.5; e.step(); e.touch('start_point', dx=2); e.shown(); print(e);"
        "sys.exit(any(name in sys.modules for name in ('ipywidgets', 'anywidget', 'IPython', 'traitlets')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_subclass_replaces_what_it_defines_again():
    class First(base.Experiment):
        a, b = base.Slider(1.0, 0.0, 2.0, "a"), base.Slider(1.0, 0.0, 2.0, "b")

        @base.action("Old")
        def press(self): ...

        def build(self):
            return base.panels(("title", "x", "y"))[0]

        def draw(self):
            return f"{self.a}"

    class Second(First):
        a = base.Slider(3.0, 0.0, 4.0, "new a")
        b = 5.0

        @base.action("New")
        def press(self): ...

    experiment = Second()
    assert list(experiment.controls) == ["a"] and experiment.a == 3.0 and experiment.b == 5.0
    assert [w.description for w in experiment.page.widget.children[1].children] == ["New", "Reset"]


def test_an_equal_value_of_another_type_becomes_the_option_and_minus_zero_is_zero():
    experiment = experiments.DataSynthesis(points=50.0)
    assert experiment.points == 50 and type(experiment.points) is int
    assert base.number(-0.0) == "0"
    with pytest.raises(ValueError, match="Choose one"):
        experiment.points = True


def test_importing_course_loads_no_experiment():
    code = (
        "import sys, course; from course import experiments; dir(experiments);"
        "sys.exit('ipywidgets' in sys.modules or 'matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    with pytest.raises(AttributeError, match="has no 'Rate'. It has .*LearningRate"):
        experiments.Rate  # noqa: B018


@pytest.mark.parametrize("shapes", [((5,), (4,)), ((5, 1), (5, 1)), ((), ()), ((0,), (0,))])
def test_data_of_other_shapes_is_refused(shapes):
    for kind in (experiments.LearningRate, experiments.ModelAndLoss):
        with pytest.raises(ValueError, match=rf"{kind.__name__}: .*Give both the same shape \(N,\)"):
            kind(*map(np.ones, shapes))


def test_a_value_between_two_steps_of_its_slider_is_kept():
    experiment = experiments.LearningRate(*datasets.line())
    experiment.learning_rate = 0.9
    experiment.page.widgets["learning_rate"].value = 10**-0.05
    assert experiment.learning_rate == 0.9
    experiment.page.widgets["learning_rate"].value = 10**-0.04
    assert experiment.learning_rate == 0.91
    experiment.shift = 0.42
    experiment.page.widgets["shift"].value = 0.4
    assert experiment.shift == 0.42
    experiment = Tenths()
    experiment.b = 1.05  # half a step from 1, and by rounding a little more
    experiment.page.widgets["b"].value = 1.0
    assert experiment.b == 1.05


def test_a_slider_that_reports_late_on_which_step_it_put_a_number_moves_nothing():
    experiment = Tenths()
    widget = experiment.page.widgets["b"]
    experiment.b = 1.02
    experiment.b = 2.03
    widget.value = 1.0  # what a busy page says of the first number, when it has not yet read the second
    assert experiment.b == 2.03
    widget.value = 2.0
    assert experiment.b == 2.03
    widget.value = 1.0  # and now a hand
    assert experiment.b == 1.0


def test_axes_that_are_drawn_alone_leave_the_picture_that_a_whole_drawing_gives():
    """Where limits, ticks, a map or the figure's own texts change, in one of the axes, in others, or in all."""

    class Three(base.Experiment):
        move = base.Slider(0, 0, 9, "move")

        def build(self):
            fig, self.axes = base.panels(("A", "x", "y"), ("B", "x", "y"), ("C", "x", "y"))
            (self.line,) = self.axes[2].plot([], [], animated=True)
            self.words = fig.text(0.01, 0.95, "")
            return fig

        def draw(self):
            first, second, _ = self.axes
            if self.move in (1, 2, 3, 6):
                first.set(xlim=(0, 10.0**self.move))  # the numbers beside it get longer
            if self.move in (3, 4):
                second.plot([0, self.move], [0, 1])
            if self.move == 5:
                self.words.set_text("five")
            if self.move == 8:
                second.set_visible(False)
            self.line.set_data([0, 1], [0, self.move / 9])
            return str(self.move)

    experiment, whole, alone = Three(), Three(), []
    assert experiment.shown()["frame"] == whole.shown()["frame"]
    again = experiment.drawing._draw_again
    experiment.drawing._draw_again = lambda changing: (alone.append(len(changing)), again(changing))
    for move in (1, 2, 3, 4, 5, 6, 7, 8, 9):
        experiment.move = whole.move = move
        whole.drawing._background = None
        assert experiment.shown()["frame"] == whole.shown()["frame"], move
    assert alone == [1, 1, 2, 1, 1, 1]  # at 1, 2, 3, 4, 6 and 8
