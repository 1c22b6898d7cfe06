"""Parabola: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

from course import experiments
from course.experiments.base import number

make = experiments.Parabola


def check(experiment):
    """x after n steps is (1 − ηλ)ⁿ times the start; the first step lands where its handle stands."""
    factor = 1 - experiment.learning_rate * experiment.curvature
    expected = experiment.start_x * factor ** np.arange(experiment.position + 1)
    np.testing.assert_allclose(experiment.path, expected, rtol=1e-9, atol=1e-12)
    assert experiment.status.startswith(f"1 − ηλ = {number(factor)}: ")
    assert ("diverges" in experiment.status) == (abs(factor) > 1 + 1e-9)
    np.testing.assert_allclose(experiment._series.get_ydata(), np.clip(expected, -1e4, 1e4), atol=1e-9)
    near = abs(expected) < 100
    heights = experiment.curvature / 2 * expected**2
    np.testing.assert_allclose(experiment._zigzag.get_ydata()[near], heights[near], rtol=1e-6, atol=1e-9)
    if experiment.start_x:
        x, y = experiment.lands_place()  # on the parabola, as far as that is to be seen
        (low, high), top = experiment._axes["curve"].get_xlim(), experiment._axes["curve"].get_ylim()[1]
        assert float(y) == pytest.approx(experiment.curvature / 2 * x**2) and low <= x <= high and y <= top + 1e-9
        if (
            experiment.curvature / 2 * (experiment.start_x * factor) ** 2 <= top
            and low <= experiment.start_x * factor <= high
        ):
            assert x == pytest.approx(experiment.start_x * factor)


def test_the_step_that_arrives_and_the_step_that_swings_for_ever():
    experiment = experiments.Parabola(curvature=2.0)
    experiment.handles["lands"].moved(experiment, 0.0, 0.0)
    assert experiment.learning_rate == 0.5 and "one step arrives" in experiment.status
    experiment.handles["lands"].moved(experiment, 2.0, 0.0)
    assert experiment.learning_rate == 1.0 and "as far away" in experiment.status
    experiment.set(**experiment.handles["dot"].moved(experiment, -1.2, 0.0))
    assert experiment.learning_rate == 1.1 and "diverges" in experiment.status


@pytest.mark.parametrize("curvature", [1.0, 1.65])  # of 1/1.65 the slider has no step
@pytest.mark.parametrize("name, places", [("lands", (0.0, 2.0)), ("dot", (0.0, -1.0))])
def test_a_hand_close_to_the_step_in_question_meets_it_and_arrow_keys_leave_it_again(name, places, curvature):
    experiment = experiments.Parabola(curvature=curvature)

    def drag(x):
        if values := experiment.handles[name].moved(experiment, x, 0.5):
            experiment.set(**values)

    for place, words in zip(places, ("one step arrives", "as far away")):
        for off in (-0.03, 0.03):
            drag(place + off)
            assert words in experiment.status
        for steps in (1, -2):
            experiment.set(**experiment.handles[name].stepped(experiment, steps, 0))
            assert words not in experiment.status
            drag(place)


def test_a_handle_whose_place_is_out_of_the_frame_says_so_and_waits_at_its_edge():
    experiment = experiments.Parabola(learning_rate=3.0)

    def handle():
        return next(place for place in experiment.shown()["handles"] if place["name"] == "dot")

    dot = handle()
    assert dot["beyond"] == "←" and dot["text"] == "−2, learning rate 3, left of what is shown"
    assert dot["x"] == pytest.approx(dot["frame"][0])
    experiment.touch("dot", x=dot["x"], y=dot["y"])  # a hand takes it from there
    assert not handle()["beyond"] and "shown" not in handle()["text"]
