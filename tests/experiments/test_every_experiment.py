"""Every experiment without a page: controls and handles to both ends, random moves, bad values, and what is left.

Each has a file of its own beside this one, `test_<its module>_experiment.py`, with the functions `make` and `check`.
Each is made once, and reset before each test. Only tests that ask for `drawn` make its pictures, which are the dearest.
"""

import base64
import html
import importlib
import io
import itertools
import json
import math
import re

import numpy as np
import pytest
from examples import TIMES
from experiment_page import consistent
from PIL import Image

from course import experiments, plots
from course.experiments import base, picture

# How to make each experiment, and what must hold at every moment of it.
FILES = {name: importlib.import_module(f"test_{module}_experiment") for name, module in experiments._MODULES.items()}


@pytest.fixture(scope="module", params=FILES.values(), ids=FILES)
def file(request):
    return request.param


@pytest.fixture(scope="module")
def made(file):
    return file.make()


@pytest.fixture(scope="module")
def second(file):
    return file.make()


@pytest.fixture
def drawn():
    """The pictures are made, as in a page."""


@pytest.fixture
def _pictures(request, monkeypatch):
    if TIMES == 1 and "drawn" not in request.fixturenames:
        monkeypatch.setattr(picture.Picture, "encoded", lambda self: b"")


@pytest.fixture
def experiment(made, _pictures):
    made.reset()
    return made


@pytest.fixture
def other(second, _pictures):
    second.reset()
    return second


@pytest.fixture
def check(file):
    return file.check


def values_of(control):
    """What a control that is no slider can have."""
    return getattr(control, "options", getattr(control, "examples", (True, False)))


def test_every_control_goes_to_both_ends(experiment, check):
    check(experiment)
    for name, widget in experiment.page.widgets.items():
        control = experiment.controls[name]
        options = [widget.min, widget.max] if hasattr(widget, "max") else getattr(widget, "options", (False, True))
        options = getattr(control, "examples", options)
        log = isinstance(control, base.Slider) and control.log
        for value in options:
            widget.value = 10**value if log else value
            assert getattr(experiment, name) == pytest.approx(widget.value)
            consistent(experiment)
            check(experiment)
        experiment.reset()


def test_a_parameter_is_moved_by_a_row_of_the_page_or_by_a_handle_and_a_switch_stands_beside_its_slider(experiment):
    rows = experiment.page.widgets
    for name, control in experiment.controls.items():
        assert (name in rows) != control.in_picture
        if control.in_picture:
            reached = set()
            for handle, (dx, dy) in itertools.product(experiment.handles, [(1, 0), (0, 1), (-1, 0), (0, -1)]):
                experiment.touch(handle, dx=dx, dy=dy)
                reached.add(getattr(experiment, name))
            assert len(reached) > 1, f"no handle moves {name}"
        if control.switch:
            (row,) = (row for row in experiment.page.widget.children[0].children if rows[name] in row.children)
            assert row.children[0] is rows[control.switch] and row.children[0].tooltip


def test_the_number_beside_a_slider_is_the_number_that_is_used(experiment):
    for name, control in experiment.controls.items():
        if not isinstance(control, base.Slider):
            continue
        low, step = (math.log10(control.low) if control.log else control.low), control.step
        count = round(((math.log10(control.high) if control.log else control.high) - low) / step)
        values, reached = [], control.low
        for k in range(count + 1):
            place = low + k * step
            values.append(control.from_page(10**place if control.log else control.kind(place), reached))
            assert float(control.readout(values[-1]).replace("−", "-")) == values[-1], f"{name} shows another number"
            assert values[-1] == control.nearest(values[-1]) == control.stepped(reached, k > 0)
            reached = values[-1]
        assert (values[0], values[-1]) == (control.low, control.nearest(control.high))
        assert values == sorted(set(values)), f"{name} has steps that do not move"


def test_a_parameter_moves_its_control(experiment):
    for name, control in experiment.controls.items():
        value = control.high if isinstance(control, base.Slider) else values_of(control)[-1]
        setattr(experiment, name, value)
        assert getattr(experiment, name) == value
        consistent(experiment)


def test_what_the_picture_has_in_a_colour_is_underlined_with_it_in_the_status(experiment):
    marked = {name: color for name, color in experiment.inks.items() if re.search(rf"\b{name}\b", experiment.status)}
    assert bool(marked) == bool(experiment.inks)
    for name, color in marked.items():
        assert re.search(rf"underline 3px {color};[^<]*>[^<]*\b{name}\b", experiment.marked)


def test_what_is_kept_of_a_picture_is_what_a_whole_drawing_gives(drawn, experiment):
    """After each move only what moved is drawn: nothing else may have changed, a legend neither."""
    for name, control in experiment.controls.items():
        low_and_high = (control.low, control.high) if isinstance(control, base.Slider) else values_of(control)
        for value in (low_and_high[-1], low_and_high[0]):
            setattr(experiment, name, value)
            kept = experiment.picture()
            experiment.drawing._background = None
            assert experiment.picture() == kept, f"{name} = {value}"


def test_random_moves_leave_it_consistent(experiment, check):
    rng = np.random.default_rng(0)
    rare = ["run", "play", "reset"] if experiment.step_name and experiment.total <= 200 else ["reset"]
    names = [*experiment.controls, *(["step", "back"] if experiment.step_name else [])]
    names += [name for name, member in base.members(type(experiment)).items() if hasattr(member, "action")]
    for k in range(12 * TIMES):
        name = rng.choice(rare if k % 6 == 0 else names or rare)  # a whole run takes long
        control = experiment.controls.get(name)
        if isinstance(control, base.Slider) and control.in_picture:
            setattr(experiment, name, control.nearest(rng.uniform(control.low, control.high)))
        elif isinstance(control, base.Slider):
            widget = experiment.page.widgets[name]
            steps = round((widget.max - widget.min) / widget.step)
            value = widget.min + widget.step * rng.integers(steps + 1)
            widget.value = 10**value if control.log else control.kind(value)
        elif control:
            setattr(experiment, name, values_of(control)[rng.integers(len(values_of(control)))])
        else:
            getattr(experiment, name)()
        consistent(experiment)
        if k % 4 == 0:
            check(experiment)


def test_every_handle_goes_where_it_is_dragged_and_follows_the_arrow_keys(experiment, check):
    page = experiment.page.picture

    def place(name):
        return next(place for place in page.handles if place["name"] == name)

    for name in experiment.handles:
        left, top, right, bottom = place(name)["bounds"]
        for x, y in ((left, bottom), (right, top), ((left + right) / 2, (top + bottom) / 2)):
            before = place(name)
            move = {"n": page.answered + 1, "name": name, "grab": 1, "x": x, "y": y}
            page._handle_custom_msg(move, [])
            assert page.answered == move["n"]
            now = place(name)
            for axis in now["along"]:  # it comes as near as its parameter can
                assert abs(now[axis] - {"x": x, "y": y}[axis]) <= abs(before[axis] - {"x": x, "y": y}[axis]) + 0.02
                parameter = experiment.handles[name].parameters["xy".index(axis)]
                if isinstance(experiment.controls.get(parameter), base.Slider):
                    assert now[axis] == pytest.approx({"x": x, "y": y}[axis], abs=0.02)
            assert now["low"] - 1e-9 <= now["now"] <= now["high"] + 1e-9
            x0, y0, x1, y1 = now["frame"]
            assert x0 - 1e-9 <= now["x"] <= x1 + 1e-9 and y0 - 1e-9 <= now["y"] <= y1 + 1e-9
            assert bool(now["beyond"]) == now["text"].endswith("what is shown")
            consistent(experiment)
            check(experiment)
        experiment.reset()
        for direction in place(name)["along"]:
            texts = [place(name)["text"]]
            for steps in (3, -2):
                experiment.touch(name, **{f"d{direction}": steps})
                texts.append(place(name)["text"])
            assert len(set(texts)) == 3, f"{name} does not follow the keys along {direction}: {texts}"
            consistent(experiment)
        experiment.reset()


def test_in_a_narrow_place_the_axes_stand_one_below_the_other_and_back(file):
    experiment = file.make()
    wide = experiment.shown()
    if len(experiment.figure.axes) < 2 or experiment.least:
        experiment.reported(ratio=1, narrow=True)
        assert experiment.shown()["least"] == wide["least"] > 0  # it scrolls
        return
    experiment.reported(ratio=1, narrow=True)
    narrow = experiment.shown()
    image = Image.open(io.BytesIO(narrow["frame"]))
    assert image.width == 4.5 * picture.SCREEN_DPI < image.height and narrow["least"] == 0
    places = [axes.get_tightbbox().get_points() for axes in experiment.figure.axes]
    assert all(low[1] > high[1] - 3 for (low, _), (_, high) in zip(places, places[1:]))  # none covers another
    assert all(low[0] >= 0 and high[0] <= image.width + 1 for low, high in places)
    for key in experiment.figure.legends:
        (left, _), (right, _) = key.get_window_extent().get_points()
        assert left >= 0 and right <= image.width
    assert [handle["name"] for handle in narrow["handles"]] == [handle["name"] for handle in wide["handles"]]
    experiment.reported(ratio=1, narrow=False)
    assert Image.open(io.BytesIO(experiment.shown()["frame"])).width == 9 * picture.SCREEN_DPI


def test_reset_returns_to_the_start(file):
    experiment = file.make()
    status, position = experiment.status, experiment.position
    for name, control in experiment.controls.items():
        if isinstance(control, base.Slider):
            setattr(experiment, name, control.high)
    experiment.step()
    experiment.reset()
    assert (experiment.status, experiment.position) == (status, position)


def test_it_leaves_a_picture_where_no_kernel_runs(file, monkeypatch):
    monkeypatch.setattr(plots.base, "FILE_DPI", plots.PAGE_DPI / 2)  # less to compress
    experiment = file.make()
    before = experiment.page.picture.frame
    bundle, metadata = experiment._repr_mimebundle_()
    experiment.update()
    assert experiment.page.picture.frame == before  # the picture for a file leaves the page's as it was
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/html", "text/plain"} <= set(bundle)
    assert bundle["text/plain"] == experiment.status == metadata["image/png"]["alt"]
    assert f'alt="{html.escape(experiment.status)}"' in bundle["text/html"]
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("L")
    assert picture.width == pytest.approx(0.5 * metadata["image/png"]["width"], abs=2)
    assert picture.getpixel((0, 0)) == 255
    assert (np.asarray(picture) < 200).mean() > 0.005


def test_a_bad_value_is_refused_with_the_range_and_changes_nothing(experiment):
    status = experiment.status
    for value in (float("nan"), float("inf"), -1e9, "many", None):
        for name in experiment.controls:
            with pytest.raises(ValueError, match=f"{name}: .*Choose|{name}: .*neither"):
                setattr(experiment, name, value)
            with pytest.raises(ValueError, match=name):
                experiment.set(**{name: value})
    assert experiment.status == status
    consistent(experiment)


def test_its_state_can_be_written_down_and_given_back(experiment, other):
    for name, control in experiment.controls.items():
        if isinstance(control, base.Slider):
            setattr(other, name, control.low)
        else:
            setattr(other, name, values_of(control)[-1])
    other.position = min(other.total // 2, 40)
    experiment.state = json.loads(json.dumps(other.state))
    assert experiment.state == other.state
    consistent(experiment)


def test_a_state_is_given_back_whole_or_not_at_all(experiment, other):
    for name, control in experiment.controls.items():
        if isinstance(control, base.Slider):
            setattr(other, name, control.low)
    before, status = experiment.state, experiment.status
    for position in (-1, 10**9, 2.5, None, "3", True):
        with pytest.raises((TypeError, ValueError), match="position: "):
            experiment.state = other.state | {"position": position}
    with pytest.raises(TypeError, match="no parameter 'speed'"):
        experiment.state = other.state | {"speed": 1}
    assert (experiment.state, experiment.status) == (before, status)
    consistent(experiment)
    parameters = {name: getattr(other, name) for name in other.controls}
    experiment.state = parameters
    assert experiment.position == experiment.start
    consistent(experiment)


def test_an_unknown_parameter_is_named(experiment):
    with pytest.raises(TypeError, match="no parameter 'speed'"):
        experiment.set(speed=1)
