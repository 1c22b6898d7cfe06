"""InputScaling: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

import course as tf
from course import datasets, experiments


def make():
    penguins, numbers = datasets.penguins(), np.arange(342)
    (train, _), _ = datasets.train_test_split(numbers, numbers)
    return experiments.InputScaling(*(tf.gather(penguins[key], train) for key in ("flipper_length_mm", "body_mass_g")))


def check(experiment):
    """The bowl by its formula and the run by NumPy; the ellipses that are drawn have the loss that they stand for."""
    x = (experiment._lengths - experiment.shift) / experiment.scale
    y = experiment._masses.numpy()
    H = 2 * np.array([[np.mean(x * x), x.mean()], [x.mean(), 1.0]])
    low, high = np.linalg.eigvalsh(H)
    assert experiment.condition_number == pytest.approx(high / low, rel=1e-6)
    rate = 2 * experiment.share / high
    assert experiment.learning_rate == pytest.approx(rate, rel=1e-9)
    at, path = np.zeros(2), [np.zeros(2)]
    for _ in range(experiment.position):
        at = at - rate * (H @ at - 2 * np.array([np.mean(x * y), y.mean()]))
        path.append(at)
    np.testing.assert_allclose(experiment.path, path, rtol=1e-6, atol=1e-8)
    losses = [np.mean((W * x + b - y) ** 2) for W, b in path]
    np.testing.assert_allclose(experiment.losses, losses, rtol=1e-6)
    best = np.polyfit(x, y, 1)
    least = np.mean((x * best[0] + best[1] - y) ** 2)
    assert experiment._cross.get_xydata()[0] == pytest.approx(best, rel=1e-6, abs=1e-9)
    for ellipse, level in zip(experiment._contours, (4, 1, 1 / 4, 1 / 16, 1 / 64)):
        drawn = [np.mean((W * x + b - y) ** 2) - least for W, b in ellipse.get_xy()[:401:40]]
        np.testing.assert_allclose(drawn, level * (losses[0] - least), rtol=1e-5)
    if experiment.share < 1:
        slowest = max(abs(1 - rate * low), abs(1 - rate * high))
        for n, left in ((experiment.needed, 0.01), (experiment._until(0.5), 0.5)):
            assert slowest**n <= left * (1 + 1e-6) and (n == 1 or slowest ** (n - 1) > left * (1 - 1e-6))
    else:
        assert experiment.needed == np.inf
    epochs, left = experiment._slow.get_data()
    at = experiment._bowl_axes[:, 0] @ (path[-1] - best) / (experiment._bowl_axes[:, 0] @ -best)
    if experiment.position and experiment.share < 1 and abs(experiment._bowl_axes[:, 0] @ best) > 1e-6:
        # The way that the run has left along the slow axis lies on the curve.
        assert np.interp(np.log(experiment.position), np.log(epochs), left) == pytest.approx(abs(at), abs=0.02)
    assert ("diverges" in experiment.status) == (experiment.share > 1)
    (line, _), (curve, _) = experiment._lines
    near = abs(np.array(path)).max(axis=1) < 100
    np.testing.assert_allclose(line.get_xydata()[near], np.array(path)[near], atol=1e-6)
    above = np.clip(experiment.losses - experiment._least, 1e-9, 1e9)
    np.testing.assert_array_equal(curve.get_ydata(), above)


def test_input_scaling_refuses_data_without_a_best_line():
    for inputs, outputs, message in [
        ([1.0, 2.0], [1.0], "shape"),
        ([], [], "shape"),
        ([1.0, np.nan, 2.0], [1.0, 2.0, 3.0], "NaN or infinity in 1 of 3"),
        ([2.0, 2.0], [1.0, 3.0], "all inputs are 2"),
    ]:
        with pytest.raises(ValueError, match=f"InputScaling: .*{message}"):
            experiments.InputScaling(inputs, outputs)


def test_the_map_shows_start_and_lowest_point_and_stays_while_the_scale_moves_a_little():
    experiment, windows = make(), set()
    for shift in np.arange(0.0, 241.0, 1.0):
        experiment.shift = shift
        (left, right), (low, high) = experiment._axes[0].get_xlim(), experiment._axes[0].get_ylim()
        assert right - left == pytest.approx(high - low)  # a round bowl looks round
        for W, b in ((0.0, 0.0), experiment._minimum):
            assert left < W < right and low < b < high
        windows.add((left, low))
    assert len(windows) < 80  # of 241: each is drawn anew
