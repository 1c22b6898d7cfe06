"""OptimizerRace: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
from experiment_page import consistent

import course as tf
from course import experiments, optimizers
from course.experiments import base

make = experiments.OptimizerRace


def check(experiment):
    """The same runs, made here with the optimizers; and the losses of their points, by NumPy."""
    half = 0.5**0.5
    surfaces = {
        "straight": lambda x, y: (x**2 + 50 * y**2) / 2,
        "turned": lambda x, y: ((x + y) ** 2 + 50 * (y - x) ** 2) / 4,
        "bent": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    }
    engine = {
        "straight": lambda x, y: (tf.square(x) + 50.0 * tf.square(y)) / 2,
        "turned": lambda x, y: (tf.square(half * (x + y)) + 50.0 * tf.square(half * (y - x))) / 2,
        "bent": lambda x, y: tf.square(1.0 - x) + 100.0 * tf.square(y - tf.square(x)),
    }
    rates = {name: getattr(experiment, f"{name.lower()}_rate") for name in experiment._lines}
    made = {
        "SGD": optimizers.SGD(rates["SGD"]),
        "momentum": optimizers.SGD(rates["momentum"], momentum=0.9),
        "Nesterov": optimizers.SGD(rates["Nesterov"], momentum=0.9, nesterov=True),
        "Adagrad": optimizers.Adagrad(rates["Adagrad"]),
        "RMSprop": optimizers.RMSprop(rates["RMSprop"]),
        "Adam": optimizers.Adam(rates["Adam"]),
    }
    assert list(experiment.paths) == [name for name in made if getattr(experiment, name.lower())]
    with np.errstate(all="ignore"):
        for name, path in experiment.paths.items():
            point, expected = tf.Variable([experiment.start_x, experiment.start_y]), []
            for _ in range(experiment.position + 1):
                expected.append(point.numpy())
                with tf.GradientTape() as tape:
                    loss = engine[experiment.surface](*tf.unstack(point))
                made[name].apply_gradients([(tape.gradient(loss, point), point)])
            np.testing.assert_array_equal(path, expected)
            losses, seen = experiment.losses[name], np.isfinite(experiment.losses[name])
            by_hand = surfaces[experiment.surface](*path.astype(float).T)
            np.testing.assert_allclose(losses[seen], by_hand[seen], rtol=1e-3, atol=1e-4)
            last = base.number(losses[-1]) if seen[-1] else "beyond float32"
            assert f"{name} {last}" in experiment.status
            (line, _), (curve, _) = experiment._lines[name]
            np.testing.assert_array_equal(line.get_xydata(), np.clip(path[seen], -1e4, 1e4))
            np.testing.assert_array_equal(curve.get_ydata(), losses[seen & (losses > 0)])
    for name in set(made) - set(experiment.paths):
        assert not any(len(part.get_xdata()) for pair in experiment._lines[name] for part in pair)
    if not experiment.paths:
        assert experiment.status == "No optimizer runs: switch one on."


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
