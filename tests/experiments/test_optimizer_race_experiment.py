"""OptimizerRace: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest
from experiment_page import consistent

import course as tf
from course import experiments
from course.experiments import base

make = experiments.OptimizerRace


HALF = 0.5**0.5
SLOPES = {
    "straight": lambda x, y: (x, 50 * y),
    "turned": lambda x, y: ((x + y) / 2 - 25 * (y - x), (x + y) / 2 + 25 * (y - x)),
    "bent": lambda x, y: (2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)),
}
LOSSES = {
    "straight": lambda x, y: (x**2 + 50 * y**2) / 2,
    "turned": lambda x, y: ((x + y) ** 2 + 50 * (y - x) ** 2) / 4,
    "bent": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
}


def run(experiment, name):
    """The optimizer's path by its formulas in double precision."""
    rate, beta = getattr(experiment, f"{name.lower()}_rate"), experiment.beta
    at, v, s = np.array([experiment.start_x, experiment.start_y]), np.zeros(2), np.zeros(2)
    s += 0.1 * (name == "Adagrad")
    rng, path = np.random.default_rng(0), [at]
    for k in range(1, experiment.position + 1):
        g = np.array(SLOPES[experiment.surface](*at)) + experiment.noise * rng.normal(size=2)
        if name in ("SGD", "momentum", "Nesterov"):
            v = (0 if name == "SGD" else beta) * v - rate * g
            step = beta * v - rate * g if name == "Nesterov" else v
        elif name == "Adam":
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g * g
            step = -rate * v / (1 - 0.9**k) / (np.sqrt(s / (1 - 0.999**k)) + 1e-7)
        else:
            s = s + g * g if name == "Adagrad" else 0.9 * s + 0.1 * g * g
            step = -rate * g / np.sqrt(s + 1e-7)
        at = at + step
        path.append(at)
    return np.array(path)


def check(experiment):
    """The first steps by their formulas, and the losses of all points; rounding grows with further steps."""
    assert list(experiment.paths) == [name for name in experiment._lines if getattr(experiment, name.lower())]
    with np.errstate(all="ignore"):
        for name, path in experiment.paths.items():
            if name in ("SGD", "momentum", "Nesterov"):  # the others divide by slopes that may be nothing but rounding
                expected = run(experiment, name)[:4]
                near = abs(expected).max(axis=1) < 1e6
                np.testing.assert_allclose(path[:4][near], expected[near], rtol=1e-2, atol=1e-3)
            losses, seen = experiment.losses[name], np.isfinite(experiment.losses[name])
            by_hand = LOSSES[experiment.surface](*path.astype(float).T)
            np.testing.assert_allclose(losses[seen], by_hand[seen], rtol=1e-3, atol=1e-4)
            last = base.number(losses[-1]) if seen[-1] else "beyond float32"
            assert f"{name} {last}" in experiment.status
            (line, _), (curve, _) = experiment._lines[name]
            np.testing.assert_array_equal(line.get_xydata(), np.clip(path[seen], -1e4, 1e4))
            np.testing.assert_array_equal(curve.get_ydata(), losses[seen & (losses > 0)])
    for name in set(experiment._lines) - set(experiment.paths):
        assert not any(len(part.get_xdata()) for pair in experiment._lines[name] for part in pair)
    if not experiment.paths:
        assert experiment.status == "No optimizer runs: switch one on."


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_whole_runs_follow_their_formulas(noise):
    experiment = experiments.OptimizerRace(noise=noise, adagrad=True, rmsprop=True, beta=0.8)
    for name, path in experiment.paths.items():
        np.testing.assert_allclose(path, run(experiment, name), atol=2e-3, err_msg=name)


def test_with_its_best_momentum_the_race_is_another_one():
    at_rest = experiments.OptimizerRace()
    tuned = experiments.OptimizerRace(beta=0.57, momentum_rate=0.06)
    assert tuned.losses["momentum"][-1] < 1e-6 * at_rest.losses["momentum"][-1]


def test_the_race_names_who_left_the_map_and_who_is_beyond_float32():
    experiment = experiments.OptimizerRace(surface="bent")
    assert experiment.status.endswith("SGD beyond float32, momentum beyond float32, Nesterov beyond float32")
    assert experiment._notice.get_text() == "off the map: SGD, momentum, Nesterov"
    experiment.set(sgd=False, momentum=False, nesterov=False, adam=False)
    assert experiment.status == "No optimizer runs: switch one on."
    assert experiment._notice.get_text() == "no optimizer runs"
    experiment.reset()
    assert experiment._notice.get_text() == "off the map: SGD, momentum, Nesterov"


def test_an_optimizer_whose_rate_is_moved_joins_the_race():
    experiment = experiments.OptimizerRace(adagrad=False)
    experiment.adagrad_rate = 0.2
    assert experiment.adagrad and "Adagrad" in experiment.losses
    experiment.set(adagrad=False, adagrad_rate=0.3)
    assert not experiment.adagrad and "Adagrad" not in experiment.losses
    consistent(experiment)


def test_in_a_turned_ravine_with_a_turned_start_sgd_takes_the_same_way():
    straight = experiments.OptimizerRace(start_x=-1.0, start_y=1.0)
    turned = experiments.OptimizerRace(surface="turned", start_x=-1.0 * 2**0.5, start_y=0.0)
    for name in ("SGD", "momentum", "Nesterov"):
        np.testing.assert_allclose(turned.losses[name], straight.losses[name], rtol=1e-3, atol=1e-6)
    assert not np.allclose(turned.losses["Adam"], straight.losses["Adam"], rtol=0.1)


def test_all_optimizers_take_their_slopes_from_one_tape(monkeypatch):
    experiment, tapes, real = make(), [], tf.GradientTape
    monkeypatch.setattr(tf, "GradientTape", lambda: tapes.append(1) or real())
    experiment.start_x = 1.5
    assert len(experiment.paths) == 4 and len(tapes) == experiment.position == 60
