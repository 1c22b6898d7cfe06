"""LearningRate: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest
from experiment_page import consistent

import course as tf
from course import datasets, experiments
from course.experiments import base


def make():
    return experiments.LearningRate(*datasets.line())


def check(experiment):
    """The same run, made here with the engine."""
    inputs, outputs = datasets.line()
    W, b = tf.Variable(experiment.start_W), tf.Variable(experiment.start_b)
    path, losses = [], []
    for k in range(experiment.position + 1):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(inputs * W + b - outputs))
        path.append((float(W), float(b)))
        losses.append(float(loss))
        if k < experiment.position:
            dW, db = tape.gradient(loss, [W, b])
            W.assign_sub(experiment.learning_rate * dW)
            b.assign_sub(experiment.learning_rate * db)
    np.testing.assert_array_equal(experiment.path, path)
    np.testing.assert_allclose(experiment.losses, losses, rtol=1e-6)
    assert experiment.loss == experiment.losses[-1] or np.isnan(experiment.loss)
    x = inputs.numpy().astype(float)
    limit = 1 / np.linalg.eigvalsh([[np.mean(x * x), x.mean()], [x.mean(), 1.0]])[-1]
    assert experiment.limit == pytest.approx(limit, rel=1e-5)
    assert f"loss {base.number(losses[-1])} after {experiment.position} epoch" in experiment.status
    assert ("diverging" in experiment.status) == (experiment.learning_rate > limit)
    (line, _), (curve, _) = experiment._lines
    shown = np.isfinite(losses) & (np.array(losses) > 0)
    np.testing.assert_array_equal(curve.get_ydata(), np.array(losses)[shown])
    near = abs(np.array(path)[shown]).max(axis=1) < 1e3
    np.testing.assert_allclose(line.get_xydata()[near], np.array(path)[shown][near], atol=1e-4)


def test_a_loss_that_overflows_is_said_and_drawn():
    experiment = experiments.LearningRate(*datasets.line())
    experiment.set(learning_rate=2.0, epochs=100)
    assert not np.isfinite(experiment.loss)
    first = np.flatnonzero(~np.isfinite(experiment.losses))[0]
    assert f"more than float32 can hold from epoch {first} on, diverging" in experiment.status
    assert f"from epoch {first} on" in experiment._notices[1].get_text()
    experiment.reset()
    assert experiment._notices[1].get_text() == ""


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3e38])
def test_data_that_is_not_finite_gives_a_message_and_a_picture(bad):
    inputs, outputs = (t.numpy().copy() for t in datasets.line(50))
    inputs[3] = bad
    experiment = experiments.LearningRate(inputs, outputs)
    assert experiment.status.startswith("no finite loss")
    assert experiment._notices[0].get_text() and experiment._notices[1].get_text()
    experiment.learning_rate = 1.0
    consistent(experiment)


def test_points_without_noise_and_a_single_point_are_no_special_case():
    for inputs, outputs in (
        datasets.line(100, stddev=0.0),
        ([2.0], [5.0]),
        ([0.0, 0.0], [1.0, 2.0]),
        ([3.0] * 5, [1.0] * 5),
    ):
        experiment = experiments.LearningRate(inputs, outputs)
        experiment.learning_rate = 0.05
        assert np.isfinite(experiment.loss) and "converging" in experiment.status
