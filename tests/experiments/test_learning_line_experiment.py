"""LearningLine: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

from course import datasets, experiments


def make():
    return experiments.LearningLine(*datasets.line(100))


def check(experiment):
    """The run by NumPy."""
    x, y = (np.asarray(part, float) for part in (experiment._inputs, experiment._outputs))
    W, b = experiment.start_W, experiment.start_b
    for _ in range(experiment.position):
        miss = W * x + b - y
        W, b = W - 0.2 * np.mean(miss * x), b - 0.2 * np.mean(miss)
    assert experiment.path[-1] == pytest.approx([W, b], rel=1e-3, abs=1e-3)
    assert experiment.losses[-1] == pytest.approx(np.mean((W * x + b - y) ** 2), rel=1e-2)
    for handle in (experiment.handles["left"], experiment.handles["right"]):
        at, height = handle.at(experiment)  # on the line, unless that is out of the picture as a whole on this side
        if abs(b) < 12:
            assert height == pytest.approx(experiment._height(at), abs=1e-6) and abs(height) <= 13


def test_it_comes_to_the_same_place_from_everywhere():
    experiment, ends = make(), []
    for W, b in ((-6, 8), (6, -8), (0, 0), (-6, -8)):
        experiment.set(start_W=W, start_b=b)
        assert experiment.position == 0
        experiment.run()
        ends.append(experiment.path[-1])
    assert np.ptp(ends, axis=0).max() < 0.02 and ends[0] == pytest.approx([3, 2], abs=0.3)


def test_a_line_that_is_pulled_starts_where_the_hand_leaves_it_and_the_other_end_stays():
    experiment = make()
    experiment.run()
    fixed = experiment.handles["left"].at(experiment)
    experiment.set(**experiment.handles["right"].moved(experiment, 2.4, -5.0))
    assert experiment.position == 0
    assert experiment.handles["right"].at(experiment) == pytest.approx((2.4, -5.0), abs=0.05)
    assert experiment.handles["left"].at(experiment) == pytest.approx(fixed, abs=0.05)


def test_an_end_that_is_pulled_too_far_stops_and_the_other_one_stays():
    experiment = make()
    for pulled, x in (("left", -2.4), ("right", 2.4)):
        for y in (13.0, -13.0, 80.0, -80.0):
            experiment.reset()
            experiment.set(start_W=0.0, start_b=12.0)
            before = experiment._height(-x)
            experiment.set(**experiment.handles[pulled].moved(experiment, x, y))
            assert experiment._height(-x) == pytest.approx(before, abs=0.05)
            if abs(y) == 13:
                assert experiment._height(x) == pytest.approx(y, abs=0.05)


def test_points_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="LearningLine: inputs of shape"):
        experiments.LearningLine(np.ones(3), np.ones((3, 1)))
