"""Momentum: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

from course import experiments
from course.experiments.base import number
from course.experiments.momentum import factor, mode

make = experiments.Momentum


def check(experiment):
    """Each axis follows its recurrence; the factors are the spectral radii of its matrix."""
    path = []
    for start, curvature in ((experiment.start_x, 1.0), (experiment.start_y, experiment.kappa)):
        step = experiment.rate / experiment.kappa * curvature
        matrix = np.array([[1 + experiment.beta - step, -experiment.beta], [1, 0]])
        state, way = np.array([start, start]), []
        for _ in range(experiment.position + 1):
            way.append(state[0])
            state = matrix @ state
        path.append(way)
        radius = abs(np.linalg.eigvals(matrix)).max()
        assert float(factor(step, experiment.beta)) == pytest.approx(radius, rel=1e-6, abs=1e-6)
    path = np.array(path).T
    np.testing.assert_allclose(experiment.path, path, rtol=1e-4, atol=1e-4 * abs(path).max())
    drawn, outside = len(experiment.path), (abs(experiment.path) > (2.5, 1.5)).any(axis=1)
    if outside.any() and "the loss grows without end" in experiment.status:
        drawn = 1 + int(np.argmax(outside))  # up to where it leaves the map
    np.testing.assert_array_equal(experiment._way.get_xydata(), experiment.path[:drawn].clip(-1e4, 1e4))
    assert f"loss {number(experiment.losses[-1])} after {experiment.position} step" in experiment.status
    assert ("diverges" in experiment.status) == (experiment.rate > 2 * (1 + experiment.beta) + 1e-9)


def test_the_best_of_the_map_is_where_the_theory_puts_it():
    """β = ((√κ − 1)/(√κ + 1))² and ηκ = (1 + √β)², and it takes √κ times fewer steps than the best without."""
    experiment = experiments.Momentum()
    rate, beta, needed = experiment._map()
    i, j = np.unravel_index(np.argmin(needed), needed.shape)
    root = np.sqrt(experiment.kappa)
    assert beta[i] == pytest.approx(((root - 1) / (root + 1)) ** 2, abs=0.02)
    assert rate[j] == pytest.approx((1 + np.sqrt(beta[i])) ** 2, abs=0.2)
    assert needed[0].min() > 3 * needed.min()


@pytest.mark.parametrize("kappa, without, beta, fewest", [(50, 58, 0.57, 8), (200, 231, 0.76, 17)])
def test_the_best_rate_for_each_beta_answers_the_question(kappa, without, beta, fewest):
    experiment = experiments.Momentum(kappa=kappa)
    needed = {}
    for percent in range(99):
        experiment.beta = percent / 100
        experiment.best_rate()
        needed[percent / 100] = np.log(0.1) / np.log(max(experiment.factors))
        for rate in (experiment.rate - 0.02, experiment.rate + 0.02):
            slower = max(factor(rate * curvature / kappa, experiment.beta) for curvature in (1.0, kappa))
            assert slower >= max(experiment.factors)
    assert round(needed[0]) == without
    assert min(needed, key=needed.get) == pytest.approx(beta, abs=0.02)
    experiment.set(beta=beta)
    experiment.best_rate()
    assert f"a tenth is left after {fewest} steps" in experiment.status


def test_regions_have_the_names_of_their_roots():
    assert [mode(rate, 0.25) for rate in (0.2, 0.3, 2.2, 2.3, 2.6)] == [
        "creeps",
        "swings",
        "swings",
        "jumps over",
        "diverges",
    ]
