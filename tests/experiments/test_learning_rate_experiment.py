"""LearningRate: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest
from experiment_page import consistent

from course import datasets, experiments
from course.experiments import base


def make():
    return experiments.LearningRate(*datasets.line())


def check(experiment):
    """After k epochs the distance from the lowest point is (I − ηH)ᵏ times the first, in double precision."""
    x, y = (t.numpy().astype(float) for t in datasets.line())
    x = x + experiment.shift
    H = 2 * np.array([[np.mean(x * x), x.mean()], [x.mean(), 1.0]])
    lowest = np.linalg.solve(H, 2 * np.array([np.mean(x * y), y.mean()]))
    curvatures, axes = np.linalg.eigh(H)
    factors = (1 - experiment.learning_rate * curvatures) ** np.arange(experiment.position + 1)[:, None]
    away = factors * (axes.T @ ([experiment.start_W, experiment.start_b] - lowest))
    path, losses = lowest + away @ axes.T, np.mean((x * lowest[0] + lowest[1] - y) ** 2) + away**2 @ curvatures / 2
    near = losses < 1e30  # beyond, float32 ends
    np.testing.assert_allclose(experiment.path[near], path[near], rtol=5e-3, atol=1e-4)
    np.testing.assert_allclose(experiment.losses[near], losses[near], rtol=1e-2)
    assert experiment.loss == experiment.losses[-1] or np.isnan(experiment.loss)
    assert experiment.limit == pytest.approx(2 / curvatures[-1], rel=1e-5)
    assert f"loss {base.number(experiment.loss)} after {experiment.position} epoch" in experiment.status
    assert ("diverging" in experiment.status) == (experiment.learning_rate > experiment.limit)
    np.testing.assert_allclose(experiment._cross.get_xydata()[0], lowest, atol=1e-3)
    (line, _), (curve, _) = experiment._lines
    shown = np.isfinite(experiment.losses) & (experiment.losses > 0)
    np.testing.assert_array_equal(curve.get_ydata(), experiment.losses[shown])
    close = abs(experiment.path[shown]).max(axis=1) < 1e3
    np.testing.assert_allclose(line.get_xydata()[close], experiment.path[shown][close], atol=1e-3)


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


def test_a_dragged_rate_is_round_and_the_same_in_all_places_and_the_handle_stays_where_the_hand_is():
    experiment = make()
    slider = experiment.page.widgets["learning_rate"]
    slider.value = 10**-0.32
    assert slider.value == 10**-0.32
    assert experiment.learning_rate == 0.48
    assert experiment.page.readouts["learning_rate"].value == "0.48"
    assert "learning rate 0.48 lies" in experiment.status


def test_what_is_said_on_the_map_covers_none_of_its_words():
    experiment = make()
    experiment.set(learning_rate=2.0)
    said, names = experiment._notices[0], (experiment._axis_name, experiment._names[1])
    assert said.get_text().startswith("off the map") or "not finite" in said.get_text()
    for words in names:
        assert not said.get_window_extent().overlaps(words.get_window_extent()), words.get_text()
