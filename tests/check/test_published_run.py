"""Chapter 10 reproduces the published log: its own cells are run here, and what they leave is checked."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import course as tf
from course import datasets, experiments

CHAPTER = Path(__file__).parents[2] / "notebooks" / "10_the_published_run.py"
PUBLISHED = datasets.published_losses().numpy()


@pytest.fixture(scope="module")
def chapter():
    return runpy.run_path(CHAPTER)


def trained(chapter, **options):
    """The log of training on points that the chapter synthesizes, with chapter 5's loop in float32."""
    x, e = chapter["points"](chapter["moments"], **options)
    return chapter["log_of"](tf.constant(x, tf.float32), tf.constant(3 * x + 2 + e, tf.float32))


@pytest.mark.parametrize("epoch", range(1, 21))
def test_each_published_loss_is_reproduced_to_one_part_in_a_million(chapter, epoch):
    assert trained(chapter)[epoch - 1] == pytest.approx(PUBLISHED[epoch - 1], rel=1e-6, abs=0)


@pytest.mark.parametrize("options", [{"seed": 1}, {"seed": 2}, {"num_examples": 3}, {"num_examples": 100_000}], ids=str)
def test_other_points_with_the_same_moments_have_the_same_log(chapter, options):
    np.testing.assert_allclose(trained(chapter, **options), PUBLISHED, rtol=1e-6)


def test_the_points_of_another_data_set_do_not_have_the_log(chapter):
    assert np.max(np.abs(chapter["log_of"](*datasets.line()) / PUBLISHED - 1)) > 0.01


def test_the_fit_explains_the_log_to_the_rounding_of_float32(chapter):
    moments, history = chapter["fit"](chapter["population"])
    assert history[0] > 0.02 and history[-1] < 3e-7
    np.testing.assert_allclose(chapter["run"](moments)[0], PUBLISHED, rtol=3e-7)
    np.testing.assert_allclose(moments, [1.005, -0.021, -0.008, 0.008, 0.979], atol=0.001)


def test_moments_that_no_log_showed_are_recovered_from_theirs_where_it_determines_them(chapter):
    """From the log of a run whose moments are known, the fit finds the floor, the distance and the curvature."""
    known = np.array([1.03, -0.02, 0.01, -0.03, 0.95])
    saved = chapter["fit"].__globals__["published"]
    try:
        chapter["fit"].__globals__["published"] = log = chapter["run"](known)[0].numpy()
        found, history = chapter["fit"](chapter["population"])
    finally:
        chapter["fit"].__globals__["published"] = saved
    assert history[-1] < 1e-6
    np.testing.assert_allclose(chapter["run"](found)[0], log, rtol=1e-6)
    (W, b), (known_W, known_b) = (map(float, chapter["run"](m)[1:]) for m in (found, known))
    assert np.hypot(W - 5, b) == pytest.approx(np.hypot(known_W - 5, known_b), abs=1e-4)


def test_the_jacobian_of_the_run_agrees_with_central_differences(chapter):
    _, jacobian = chapter["response"](chapter["moments"])
    for column, h in zip(jacobian.T, 1e-5 * np.eye(5)):
        after, before = (chapter["run"](chapter["moments"] + d)[0].numpy() for d in (h, -h))
        np.testing.assert_allclose(column, (after - before) / 2e-5, rtol=1e-5, atol=1e-8)


def test_one_combination_of_the_moments_is_undetermined(chapter):
    _, sizes, directions = np.linalg.svd(chapter["response"](chapter["moments"])[1])
    assert sizes[0] == pytest.approx(11.64, abs=0.01) and 1e-8 < sizes[-1] < 1e-6
    np.testing.assert_allclose(np.abs(directions[-1]), [0, 0, 0.7, 0.7, 0], atol=0.05)


def test_the_experiment_refits_what_the_log_leaves_open_and_not_what_it_fixes(chapter):
    experiment = experiments.PublishedRun(chapter["moments"])
    assert experiment.differences.max() < 1e-6
    for name, value in (("e", 0.3), ("xe", -0.2), ("ee", 1.1)):
        experiment.reset()
        setattr(experiment, name, value)
        assert experiment.differences.max() > 1e-2
        experiment.refit()
        assert experiment.differences.max() < 1e-6 and getattr(experiment, name) == value
        assert "the published log to six digits" in experiment.status
    experiment.reset()
    experiment.xx = 1.1
    experiment.refit()
    assert experiment.differences.max() > 1e-4 and "not the published log" in experiment.status


def test_the_experiment_says_which_moments_no_points_have():
    experiment = experiments.PublishedRun().set(xe=0.75, ee=0.5)
    assert experiment.impossible and "no points have these moments" in experiment.status
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky([[1.0, 0.75], [0.75, 0.5]])
    assert not experiment.set(ee=0.6).impossible


@pytest.mark.parametrize("moments", [(1.0, 0.0), 1.0, np.eye(5)], ids=["two", "scalar", "matrix"])
def test_the_experiment_wants_five_moments(moments):
    with pytest.raises(ValueError, match="Give five"):
        experiments.PublishedRun(moments)


def test_the_experiment_refuses_a_moment_beyond_its_slider():
    with pytest.raises(ValueError, match="is not a number from 0.5 to 1.5"):
        experiments.PublishedRun((3.0, 0.0, 0.0, 0.0, 1.0))
