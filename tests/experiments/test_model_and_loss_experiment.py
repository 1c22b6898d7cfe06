"""ModelAndLoss: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest
from experiment_page import consistent

from course import datasets, experiments
from course.experiments import base
from course.experiments.model_and_loss import TITLES

# The eight points of chapter 3.
POINTS = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0], [-1.5, -2.0, 0.0, 1.5, 4.5, 5.5, 6.0, 8.0]


def make():
    return experiments.ModelAndLoss(*POINTS)


def check(experiment):
    """Loss and gradient by their formulas, in double precision; the areas and the arrow that are drawn."""
    x, y = np.array(POINTS)
    y[-1] += experiment.shift
    r = x * experiment.W + experiment.b - y
    size = abs(r)
    shares, slopes = {
        "L2": (r * r, 2 * r),
        "L1": (size, np.sign(r)),
        "Huber": (np.where(size <= 1, r * r / 2, size - 0.5), np.clip(r, -1, 1)),
    }[experiment.loss_name]
    assert experiment.loss == pytest.approx(shares.mean(), abs=1e-5)
    certain = experiment.loss_name != "L1" or size.min() > 1e-5  # the slope of L1 turns at 0
    if certain:
        np.testing.assert_allclose(experiment.gradient, [np.mean(slopes * x), np.mean(slopes)], atol=1e-5)
    assert f"{experiment.loss_name} loss {base.number(experiment.loss)}" in experiment.status
    W, b, losses = experiment.surface
    assert losses[np.argmin(abs(W - experiment.W)), np.argmin(abs(b - experiment.b))] == pytest.approx(
        shares.mean(), abs=1.5 * np.abs(experiment.gradient).sum() * 0.05 + 0.02
    )
    assert losses.min() <= experiment.loss + 1e-5 or experiment.loss_name != "L2"
    assert [experiment._axes[0].get_title(loc=loc) for loc in ("left", "center")] == [TITLES[experiment.loss_name], ""]
    areas = [path.vertices[:-1] for path in experiment._shapes.get_paths()]
    if experiment.loss_name == "L1":
        assert not areas
    else:
        (x0, x1), (y0, y1) = experiment._axes[0].get_xlim(), experiment._axes[0].get_ylim()
        drawn = [abs(np.dot(u, np.roll(v, 1)) - np.dot(v, np.roll(u, 1))) / 2 for u, v in (a.T for a in areas)]
        np.testing.assert_allclose(np.array(drawn) * (y1 - y0) / (x1 - x0), shares, atol=1e-4)
    arrow, downhill = experiment._arrow.xy - np.array([experiment.W, experiment.b]), -experiment.gradient
    if "the lowest loss on the map" in experiment.status:
        assert not experiment._arrow.get_visible()
    elif certain and (length := np.hypot(*downhill)) > 1e-3:
        assert experiment._arrow.get_visible() and np.hypot(*arrow) * (1 + 1e-9) >= 0.55 and np.hypot(*arrow) < 1.81
        np.testing.assert_allclose(arrow / np.hypot(*arrow), downhill / length, atol=1e-4)
    np.testing.assert_array_equal(experiment._way.get_xydata()[-1], [experiment.W, experiment.b])
    assert experiment._here.get_xydata().tolist() == [[experiment.W, experiment.b]]


def test_the_lowest_loss_of_chapter_3_is_found_and_said():
    experiment = experiments.ModelAndLoss(*POINTS)
    assert experiment.status == (
        "W = 5, b = 0: L2 loss 8, gradient (4.5, −3); downhill: lower W and raise b; lowest on the map at W = 3, b = 2"
    )
    assert experiment.lowest == (3.0, 2.0)
    experiment.set(W=3.0, b=2.0)
    assert experiment.status == "W = 3, b = 2: L2 loss 0.5, gradient (0, 0); the lowest loss on the map, after 1 move"
    assert not experiment._arrow.get_visible()


def test_the_lowest_along_one_parameter_is_where_its_derivative_is_zero_and_a_drag_is_one_move():
    experiment = experiments.ModelAndLoss(*POINTS)
    x, y = np.array(POINTS)
    for loss_name in ("L2", "Huber"):
        experiment.reset()
        experiment.loss_name = loss_name
        experiment.lowest_along_W()
        assert experiment.gradient[0] == pytest.approx(0, abs=1e-3) and experiment.b == 0
        experiment.lowest_along_b()
        assert experiment.gradient[1] == pytest.approx(0, abs=1e-3) and len(experiment.moves) == 3
    experiment.reset()
    experiment.lowest_along_W()
    assert pytest.approx(x @ y / (x @ x), abs=1e-4) == experiment.W
    for k in range(10):
        experiment.touch("spot", x=0.7 + 0.02 * k, y=0.4, grab=1)
    assert "; 2 moves" in experiment.status and len(experiment.moves) == 3
    experiment.touch("spot", x=0.7, y=0.4, grab=2)
    assert "; 3 moves" in experiment.status
    before, slope = np.array([experiment.W, experiment.b]), experiment.gradient
    experiment.gradient_step()
    np.testing.assert_allclose([experiment.W, experiment.b], before - 0.2 * slope, atol=1e-4)


def test_an_outlier_carries_the_line_of_l2_away_and_not_that_of_l1():
    experiment = experiments.ModelAndLoss(*POINTS)
    experiment.touch("outlier", dy=-20)
    assert experiment.shift == -10
    lowest = {}
    for experiment.loss_name in ("L2", "L1", "Huber"):
        lowest[experiment.loss_name] = experiment.lowest
    assert lowest["L2"][0] < 1.6 and lowest["L1"][0] > 2.4 and lowest["Huber"][0] > 2


@pytest.mark.parametrize("loss_name", ["L2", "L1", "Huber"])
@pytest.mark.parametrize("bad, words", [(np.nan, "NaN or infinity in 1 of 8"), (3e38, "more than float32 can hold")])
def test_a_loss_without_a_finite_value_is_said_and_drawn(loss_name, bad, words):
    inputs, outputs = map(np.array, POINTS)
    outputs[3] = bad
    experiment = experiments.ModelAndLoss(inputs * (1 if np.isnan(bad) else 1.5e38), outputs, loss_name=loss_name)
    experiment.W = 6.0
    assert words in experiment.status
    assert experiment._notices[1].get_text() == "no finite loss"
    consistent(experiment)


@pytest.mark.parametrize("loss_name", ["L2", "L1", "Huber"])
@pytest.mark.parametrize(
    "points", [([2.0], [5.0]), ([0.0, 0.0], [1.0, 2.0]), ([3.0] * 5, [1.0] * 5), datasets.line(2000)]
)
def test_one_point_equal_points_and_many_points_are_no_special_case(points, loss_name):
    experiment = experiments.ModelAndLoss(*points, loss_name=loss_name)
    experiment.set(W=1.0, b=2.0)
    assert np.isfinite(experiment.loss) and "downhill" in experiment.status
