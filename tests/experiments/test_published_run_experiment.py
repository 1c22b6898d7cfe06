"""PublishedRun: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np

from course import datasets, experiments

make = experiments.PublishedRun


def check(experiment):
    """The run by NumPy, in the distances (p, q) of W and b from 3 and 2."""
    xx, x, xe, e, ee = experiment.moments
    H, g, at = np.array([[xx, x], [x, 1.0]]), np.array([xe, e]), np.array([2.0, -2.0])
    path, losses = [at + [3, 2]], []
    for _ in range(20):
        losses.append(at @ H @ at - 2 * at @ g + ee)
        at = at - 0.2 * (H @ at - g)
        path.append(at + [3, 2])
    np.testing.assert_allclose(experiment.losses, losses, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(experiment.path, path, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(experiment._line.get_xydata(), experiment.path)
    np.testing.assert_array_equal(experiment._apart.get_ydata(), np.maximum(experiment.differences, 1e-9))
    shown = experiment.losses > 0
    np.testing.assert_array_equal(experiment._curve.get_ydata()[shown], experiment.losses[shown])
    same = np.allclose(losses, datasets.published_losses(), rtol=1e-6, atol=0)
    assert experiment.status.startswith("the published log" if same else "not the published log")
    correlation = (xe - x * e) / np.sqrt((xx - x * x) * (ee - e * e))
    assert ("no points have these moments" in experiment.status) == (abs(correlation) > 1)
