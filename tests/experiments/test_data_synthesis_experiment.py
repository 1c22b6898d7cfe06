"""DataSynthesis: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest
from experiment_page import consistent

from course import datasets, experiments
from course.experiments import base

make = experiments.DataSynthesis


def check(experiment):
    """The fit by np.polyfit, and its losses, in double precision."""
    truth = {"W": experiment.true_W, "b": experiment.true_b, "stddev": experiment.stddev}
    x, y = (t.numpy().astype(float) for t in datasets.line(experiment.points, seed=experiment.seed, **truth))
    np.testing.assert_array_equal(experiment.inputs, x)
    np.testing.assert_array_equal(experiment.outputs, y.astype("float32"))
    W, b = np.polyfit(x, y, 1)
    assert experiment.fitted == pytest.approx((W, b), abs=2e-5)
    assert experiment.loss == pytest.approx(np.mean((x * W + b - y) ** 2), rel=1e-4, abs=1e-9)
    new_x, new_y = (t.numpy().astype(float) for t in datasets.line(100_000, seed=experiment.seed + 100, **truth))
    assert experiment.fresh_loss == pytest.approx(np.mean((new_x * W + b - new_y) ** 2), rel=1e-3, abs=1e-9)
    assert f"fit W = {experiment.fitted[0]:.3f}" in experiment.status
    assert f"noise floor σ² = {base.number(experiment.stddev**2)}" in experiment.status
    others = [datasets.line(experiment.points, seed=1000 + k, **truth) for k in (0, 49)]
    expected = [np.polyfit(*(t.numpy().astype(float) for t in points), 1) for points in others]
    np.testing.assert_allclose(experiment.fan[[0, 49]], expected, atol=1e-4)
    near = (abs(experiment.fan[:, 0] - experiment.true_W) <= experiment.tolerance).sum()
    assert f"{near} of 50 slopes within {base.number(experiment.tolerance)}" in experiment.status
    assert experiment._cloud.get_xdata().shape == (experiment.points,)
    assert [mark.get_ydata()[0] for mark in experiment._marks] == [experiment.fresh_loss, experiment.loss]
    assert 0 <= experiment.loss <= experiment._axes[1].get_ylim()[1] >= experiment.fresh_loss


def test_the_question_has_an_answer_on_the_slider_and_half_the_tolerance_takes_four_times_as_many():
    experiment = experiments.DataSynthesis()
    needed = {}
    for experiment.tolerance in (0.1, 0.05):
        for points in reversed(experiment.controls["points"].options):
            experiment.points = points
            if experiment.near >= 47:
                needed[experiment.tolerance] = points
    assert needed == {0.1: 500, 0.05: 2000}


def test_from_50_points_on_most_fits_are_within_five_percent_of_the_floor_whatever_the_noise():
    experiment = experiments.DataSynthesis()
    new_x = datasets.line(100_000, seed=7)[0].numpy().astype(float)
    for experiment.stddev in (1.0, 2.0):
        enough = {}
        for experiment.points in (10, 20, 50, 100):
            enough[experiment.points] = experiment.low > 25
            assert f"{experiment.low} of 50 fits within 5 % of it" in experiment.status
        assert enough == {10: False, 20: False, 50: True, 100: True}
        noiseless = [np.mean(((W - 3.0) * new_x + b - 2.0) ** 2) for W, b in experiment.fan]
        assert experiment.low == pytest.approx(sum(np.array(noiseless) <= 0.05 * experiment.floor), abs=1)


def test_more_points_keep_those_that_were_there():
    experiment = experiments.DataSynthesis(points=50)
    before = experiment.inputs.numpy()
    experiment.points = 200
    np.testing.assert_array_equal(experiment.inputs[:50], before)


def test_a_truth_beyond_float32_is_said_and_drawn():
    experiment = experiments.DataSynthesis(true_W=1e30)
    assert "more than float32 can hold" in experiment.status
    assert all(text.get_text() for text in experiment._notices)
    experiment.set(stddev=0.0, points=10)
    consistent(experiment)
