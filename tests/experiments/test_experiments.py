"""The experiments without a page: each control to both ends, 200 random moves, bad values, and what is left of them."""

import asyncio
import base64
import html
import io
import json
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from PIL import Image

import course as tf
from course import datasets, experiments, optimizers
from course.experiments import base, picture


def a_loss(x):
    u = x * x
    return tf.reduce_sum(tf.sin(u) / x + u)


def check_learning_rate(experiment):
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


def check_stepper(experiment):
    """At the end of the walk, the tape's own gradient; before its beginning, none."""
    n = len(experiment._entries)
    if experiment.position <= n:
        assert experiment.gradients == []
    if experiment.position == experiment.total:
        (x,) = experiment._tape.watched_variables()
        (arrived,) = [g for tensor, g in experiment.gradients if id(tensor) in experiment._tape._reads]
        np.testing.assert_allclose(arrived, experiment._tape.gradient(experiment._loss, x), rtol=1e-6)
    assert "entry" in experiment.status or "loss" in experiment.status


def stepper(persistent=True):
    x = tf.Variable([1.0, 2.0, -3.0], name="x")
    with tf.GradientTape(persistent=persistent) as tape:
        loss = a_loss(x)
    return experiments.BackwardStepper(tape, loss)


# The eight points of chapter 3.
POINTS = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0], [-1.5, -2.0, 0.0, 1.5, 4.5, 5.5, 6.0, 8.0]


def check_model_and_loss(experiment):
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
    areas = [path.vertices[:-1] for path in experiment._shapes.get_paths()]
    if experiment.loss_name == "L1":
        assert not areas
    else:
        (x0, x1), (y0, y1) = experiment._axes[0].get_xlim(), experiment._axes[0].get_ylim()
        drawn = [abs(np.dot(u, np.roll(v, 1)) - np.dot(v, np.roll(u, 1))) / 2 for u, v in (a.T for a in areas)]
        np.testing.assert_allclose(np.array(drawn) * (y1 - y0) / (x1 - x0), shares, atol=1e-4)
    arrow, downhill = experiment._arrow.xy - np.array([experiment.W, experiment.b]), -experiment.gradient
    if certain and (length := np.hypot(*downhill)) > 1e-3:
        assert experiment._arrow.get_visible() and np.hypot(*arrow) * (1 + 1e-9) >= 0.55 and np.hypot(*arrow) < 1.81
        np.testing.assert_allclose(arrow / np.hypot(*arrow), downhill / length, atol=1e-4)
    np.testing.assert_array_equal(experiment._way.get_xydata()[-1], [experiment.W, experiment.b])
    assert experiment._here.get_xydata().tolist() == [[experiment.W, experiment.b]]


def check_data_synthesis(experiment):
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
    assert experiment._cloud.get_xdata().shape == (experiment.points,)
    assert [mark.get_ydata()[0] for mark in experiment._marks] == [experiment.fresh_loss, experiment.loss]
    assert 0 <= experiment.loss <= experiment._axes[1].get_ylim()[1] >= experiment.fresh_loss


def check_variable_history(experiment):
    """The same updates of a plain number; each read has the value that the number had then."""
    change = {"assign": lambda v, x: x, "assign_add": lambda v, x: v + x, "assign_sub": lambda v, x: v - x}
    history, reads = [1.0], []
    for method, *value in experiment._steps[: experiment.position]:
        reads += history[-1:] if method == "read" else []
        history.append(history[-1] if method == "read" else change[method](history[-1], *value))
    assert experiment.history.tolist() == history
    assert [float(read) for read in experiment.reads] == reads
    assert isinstance(experiment.variable, tf.Variable) and float(experiment.variable) == history[-1]
    assert experiment.next_value == change[experiment.method](history[-1], experiment.value)
    assert f"v is {base.number(history[-1])} after" in experiment.status
    assert ("unchanged" in experiment.status) == bool(reads)
    assert experiment._line.get_ydata()[-1] == history[-1]
    low, high = experiment._axes.get_ylim()
    assert low <= min(*history, experiment.next_value) and max(*history, experiment.next_value) <= high


def check_published_run(experiment):
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


def check_optimizer_race(experiment):
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


def input_scaling():
    penguins, numbers = datasets.penguins(), np.arange(342)
    (train, _), _ = datasets.train_test_split(numbers, numbers)
    return experiments.InputScaling(*(tf.gather(penguins[key], train) for key in ("flipper_length_mm", "body_mass_g")))


def check_input_scaling(experiment):
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
        drawn = [np.mean((W * x + b - y) ** 2) - least for W, b in ellipse.get_xydata()[::40]]
        np.testing.assert_allclose(drawn, level * (losses[0] - least), rtol=1e-5)
    if experiment.share < 1:
        slowest, n = max(abs(1 - rate * low), abs(1 - rate * high)), experiment.needed
        assert slowest**n <= 0.01 * (1 + 1e-6) and (n == 1 or slowest ** (n - 1) > 0.01 * (1 - 1e-6))
    else:
        assert experiment.needed == np.inf
    assert ("diverges" in experiment.status) == (experiment.share > 1)
    (line, _), (curve, _) = experiment._lines
    near = abs(np.array(path)).max(axis=1) < 100
    np.testing.assert_allclose(line.get_xydata()[near], np.array(path)[near], atol=1e-6)
    above = np.clip(experiment.losses - experiment._least, 1e-9, 1e9)
    np.testing.assert_array_equal(curve.get_ydata(), above)


def check_decision_boundary(experiment):
    """The same network trained in a loop of this test; the map and what is drawn, from the weights by NumPy."""
    noise = {"stddev": 0.15} if experiment.points == "moons" else {}
    inputs, labels = getattr(datasets, experiment.points)(200, **noise)
    hidden, logits = (
        tf.keras.layers.Dense(units, activation, kernel_initializer=tf.keras.initializers.GlorotUniform(seed), **names)
        for units, activation, seed, names in (
            (experiment.width, experiment.activation, experiment.seed, {"dtype": "float64", "name": "hidden"}),
            (2, None, experiment.seed + 10, {"dtype": "float64", "name": "logits"}),
        )
    )

    def loss_of(inputs, labels):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits(hidden(inputs))))

    losses, adam, rng = [loss_of(inputs, labels)], tf.optimizers.Adam(), np.random.default_rng(experiment.seed)
    assert len(experiment.rates) == experiment.position
    for rate in experiment.rates:
        adam.learning_rate = rate
        for rows in np.split(rng.permutation(200), 8):
            with tf.GradientTape() as tape:
                loss = loss_of(tf.gather(inputs, rows), tf.gather(labels, rows))
            variables = [hidden.kernel, hidden.bias, logits.kernel, logits.bias]
            adam.apply_gradients(zip(tape.gradient(loss, variables), variables))
        losses.append(loss_of(inputs, labels))
    np.testing.assert_allclose(experiment.losses, [float(loss) for loss in losses], rtol=1e-9)

    (W, b), (V, c) = hidden.get_weights(), logits.get_weights()
    shape = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}

    def difference(points):
        """The logit of class 1 minus that of class 0."""
        scores = shape.get(experiment.activation, lambda z: z)(points @ W + b) @ V + c
        return scores[..., 1] - scores[..., 0]

    x, y, p = experiment.probability_map
    plane = np.stack(np.meshgrid(x, y), axis=-1).astype("float32").astype(float)  # a model takes float32
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-difference(plane))), rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(experiment._image.get_array(), p)
    at = inputs.numpy().astype(float)
    right = (difference(at) > 0) == labels.numpy()
    assert f"{right.sum()} of 200 points right" in experiment.status
    np.testing.assert_array_equal(experiment._wrong.get_xydata(), at[~right])
    assert [len(dots.get_xdata()) for dots in experiment._dots] == [100, 100]
    for corner in experiment._boundary.get_xydata():
        if np.isfinite(corner).all():  # the lowest and the highest p of the map's cell lie on either side of 1/2
            i, j = ((np.searchsorted(axis, at - 1e-9) - 1) for axis, at in ((y, corner[1]), (x, corner[0])))
            cell = p[max(i - 1, 0) : i + 3, max(j - 1, 0) : j + 3]
            assert cell.min() <= 0.5 <= cell.max()
    ends = experiment._fold_lines.get_xydata()
    ends = ends[np.isfinite(ends).all(axis=1)].reshape(-1, 2, 2)
    assert len(ends) == (experiment.width if experiment.folds else 0)
    for k, line in enumerate(ends):
        np.testing.assert_allclose(line @ W[:, k] + b[k], 0, atol=1e-9 * abs(line).max() * (1 + abs(W[:, k]).sum()))


def check_embeddings(experiment):
    """The same run, made here with the engine; losses and the best turn by NumPy."""
    (pairs, ratings), truth = datasets.ratings(40, 40, rank=2, num_ratings=1600, stddev=experiment.stddev)
    users, films, ratings = *pairs.numpy().T, ratings.numpy()
    true = np.concatenate([vectors.numpy() for vectors in truth])
    np.testing.assert_array_equal(experiment.true_vectors, true)
    start = np.random.default_rng(experiment.seed).normal(0, 0.1, (2, 40, 2)).astype("float32")
    tables, sgd = [tf.Variable(start[0]), tf.Variable(start[1])], optimizers.SGD(experiment.learning_rate)
    n, path = experiment.ratings, []
    with np.errstate(all="ignore"):
        for k in range(experiment.position + 1):
            path.append(np.concatenate([table.numpy() for table in tables]))
            with tf.GradientTape() as tape:
                rows = tf.gather(tables[0], users[:n]) * tf.gather(tables[1], films[:n])
                loss = tf.reduce_mean(tf.square(tf.reduce_sum(rows, axis=1) - ratings[:n]))
            if k < experiment.position:
                sgd.apply_gradients(zip(tape.gradient(loss, tables), tables))
        learnt, turned = np.array(path, float), experiment._paths()
        predicted = np.einsum("kni,kni->kn", learnt[:, :40][:, users], learnt[:, 40:][:, films])
        errors = np.square(predicted - ratings)
        losses = np.stack([errors[:, :n].mean(axis=1), errors[:, -400:].mean(axis=1)], axis=1)
        seen = np.isfinite(experiment.losses)
        assert not (losses[~seen] < 1e35).any()  # a sum of float32 squares ends there
        np.testing.assert_allclose(experiment.losses[seen], losses[seen], rtol=1e-3, atol=1e-6)
    assert turned.shape == learnt.shape
    if not np.isfinite(learnt).all():
        assert "diverged" in experiment.status and all(text.get_text() for text in experiment._notices)
        return
    distance = np.sqrt(np.mean(np.sum(np.square(turned[-1] - true), axis=1)))
    assert experiment.distance == pytest.approx(distance)
    if experiment.turned:  # no other turn or mirror image is closer; the products stay
        for angle in np.linspace(0, 2 * np.pi, 36):
            cos, sin = np.cos(angle), np.sin(angle)
            for other in ([[cos, -sin], [sin, cos]], [[cos, sin], [sin, -cos]]):
                away = np.sqrt(np.mean(np.sum(np.square(learnt[-1] @ other - true), axis=1)))
                assert distance <= away * (1 + 1e-6)
        products = learnt[-1, :40] @ learnt[-1, 40:].T
        np.testing.assert_allclose(
            turned[-1, :40] @ turned[-1, 40:].T, products, rtol=1e-6, atol=1e-6 * abs(products).max()
        )
    else:
        np.testing.assert_array_equal(turned, learnt)
    loss, unseen = map(base.number, experiment.losses[-1])
    assert f"loss {loss} on them, {unseen} on 400 unseen ones" in experiment.status
    for (group, line, true_marks, marks), part in zip(experiment._groups, (slice(40), slice(40, None))):
        assert group == part
        np.testing.assert_array_equal(true_marks.get_xydata(), true[part])
        np.testing.assert_allclose(marks.get_xydata(), np.clip(turned[-1, part], -1e4, 1e4))
        drawn = line.get_xydata().reshape(40, experiment.position + 2, 2)
        np.testing.assert_allclose(drawn[:, :-1], np.clip(turned[:, part], -1e4, 1e4).transpose(1, 0, 2))
        assert np.isnan(drawn[:, -1]).all()


# How to make each experiment, and what must hold at every moment of it.
ALL = {
    "BackwardStepper": (stepper, check_stepper),
    "DataSynthesis": (experiments.DataSynthesis, check_data_synthesis),
    "DecisionBoundary": (experiments.DecisionBoundary, check_decision_boundary),
    "Embeddings": (experiments.Embeddings, check_embeddings),
    "InputScaling": (input_scaling, check_input_scaling),
    "ModelAndLoss": (lambda: experiments.ModelAndLoss(*POINTS), check_model_and_loss),
    "OptimizerRace": (experiments.OptimizerRace, check_optimizer_race),
    "PublishedRun": (experiments.PublishedRun, check_published_run),
    "VariableHistory": (experiments.VariableHistory, check_variable_history),
    "LearningRate": (lambda: experiments.LearningRate(*datasets.line()), check_learning_rate),
}
each = pytest.mark.parametrize("make, check", ALL.values(), ids=ALL)


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch):
    monkeypatch.setattr(picture, "SCREEN_DPI", 50)  # they take half the time


def consistent(experiment):
    """What the page shows is the state."""
    for name, widget in experiment.page.widgets.items():
        control = experiment.controls[name]
        # A page puts a handle on the nearest step.
        off = 0.5 * control.step if isinstance(control, base.Slider) and not control.log else 0
        assert widget.value == pytest.approx(getattr(experiment, name), abs=off)
    assert 0 <= experiment.position <= experiment.total
    if experiment.step_name:
        assert (experiment.page.progress.value, experiment.page.progress.max) == (experiment.position, experiment.total)
    assert html.escape(experiment.status) in experiment.page.status.value
    assert experiment.page.picture.alt == experiment.status


def test_every_experiment_is_tested_here():
    assert set(ALL) == set(experiments.__all__)


@each
def test_every_control_goes_to_both_ends(make, check):
    experiment = make()
    check(experiment)
    for name, control in experiment.controls.items():
        widget = experiment.page.widgets[name]
        options = [widget.min, widget.max] if hasattr(widget, "max") else getattr(widget, "options", (False, True))
        log = isinstance(control, base.Slider) and control.log
        for value in options:
            widget.value = 10**value if log else value
            assert getattr(experiment, name) == pytest.approx(widget.value)
            consistent(experiment)
            check(experiment)
        experiment.reset()


@each
def test_a_parameter_moves_its_control(make, check):
    experiment = make()
    for name, control in experiment.controls.items():
        ends = (
            (control.low, control.high)
            if isinstance(control, base.Slider)
            else getattr(control, "options", (True, False))
        )
        for value in ends:
            setattr(experiment, name, value)
            assert getattr(experiment, name) == value
            consistent(experiment)
        experiment.reset()


@each
def test_80_random_moves_leave_it_consistent(make, check):
    experiment, rng = make(), np.random.default_rng(0)
    rare = ["run", "play", "reset"] if experiment.step_name else ["reset"]
    names = [*experiment.controls, *(["step", "back"] if experiment.step_name else [])]
    names += [name for name, member in base.members(type(experiment)).items() if hasattr(member, "action")]
    for k in range(80):
        name = rng.choice(rare if k % 10 == 0 else names or rare)  # a whole run takes long
        control = experiment.controls.get(name)
        if isinstance(control, base.Slider):
            widget = experiment.page.widgets[name]
            steps = round((widget.max - widget.min) / widget.step)
            value = widget.min + widget.step * rng.integers(steps + 1)
            widget.value = 10**value if control.log else control.kind(value)
        elif isinstance(control, base.Choice):
            setattr(experiment, name, control.options[rng.integers(len(control.options))])
        elif control:
            setattr(experiment, name, bool(rng.integers(2)))
        else:
            getattr(experiment, name)()
        consistent(experiment)
        if k % 4 == 0:
            check(experiment)


@each
def test_every_handle_goes_where_it_is_dragged_and_follows_the_arrow_keys(make, check):
    experiment = make()
    page = experiment.page.picture

    def place(name):
        return next(place for place in page.handles if place["name"] == name)

    for name in experiment.handles:
        left, top, right, bottom = place(name)["bounds"]
        for x, y in ((left, bottom), (right, top), ((left + right) / 2, (top + bottom) / 2)):
            before = place(name)
            page.pointer = {"n": page.answered + 1, "name": name, "grab": 1, "x": x, "y": y}
            assert page.answered == page.pointer["n"]
            now = place(name)
            for axis in now["along"]:  # it comes as near as its parameter can
                assert abs(now[axis] - {"x": x, "y": y}[axis]) <= abs(before[axis] - {"x": x, "y": y}[axis]) + 0.02
                if experiment.handles[name].parameters["xy".index(axis)]:
                    assert now[axis] == pytest.approx({"x": x, "y": y}[axis], abs=0.02)
            assert now["low"] - 1e-9 <= now["now"] <= now["high"] + 1e-9
            consistent(experiment)
            check(experiment)
        for direction in place(name)["along"]:
            texts = [place(name)["text"]]
            for steps in (3, -2):
                experiment.touch(name, **{f"d{direction}": steps})
                texts.append(place(name)["text"])
            assert len(set(texts)) == 3, f"{name} does not follow the keys along {direction}: {texts}"
            consistent(experiment)
        experiment.reset()


@each
def test_reset_returns_to_the_start(make, check):
    experiment = make()
    status, position = experiment.status, experiment.position
    for name, control in experiment.controls.items():
        if isinstance(control, base.Slider):
            setattr(experiment, name, control.high)
    experiment.step()
    experiment.reset()
    assert (experiment.status, experiment.position) == (status, position)


@each
def test_it_leaves_a_picture_where_no_kernel_runs(make, check):
    experiment = make()
    bundle, metadata = experiment._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/html", "text/plain"} <= set(bundle)
    assert bundle["text/plain"] == experiment.status == metadata["image/png"]["alt"]
    assert f'alt="{html.escape(experiment.status)}"' in bundle["text/html"]
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("L")
    assert picture.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=2)
    assert picture.getpixel((0, 0)) == 255
    assert (np.asarray(picture) < 200).mean() > 0.005
    assert make()._repr_mimebundle_()[0]["image/png"] == bundle["image/png"]


@each
def test_a_picture_for_a_file_leaves_the_page_as_it_was(make, check):
    experiment = make()
    before = experiment.page.picture.frame
    experiment._repr_mimebundle_()
    experiment.update()
    assert experiment.page.picture.frame == before


@each
def test_a_bad_value_is_refused_with_the_range_and_changes_nothing(make, check):
    experiment = make()
    status = experiment.status
    for value in (float("nan"), float("inf"), -1e9, "many", None):
        for name in experiment.controls:
            with pytest.raises(ValueError, match=f"{name}: .*Choose|{name}: .*neither"):
                setattr(experiment, name, value)
            with pytest.raises(ValueError, match=name):
                experiment.set(**{name: value})
    assert experiment.status == status
    consistent(experiment)


@each
def test_its_state_can_be_written_down_and_given_back(make, check):
    experiment, other = make(), make()
    for name, control in experiment.controls.items():
        if isinstance(control, base.Slider):
            setattr(other, name, control.low)
        elif isinstance(control, base.Choice):
            setattr(other, name, control.options[-1])
    other.position = other.total // 2
    experiment.state = json.loads(json.dumps(other.state))
    assert experiment.state == other.state
    consistent(experiment)


@each
def test_a_state_is_given_back_whole_or_not_at_all(make, check):
    experiment, other = make(), make()
    for name, control in experiment.controls.items():
        if isinstance(control, base.Slider):
            setattr(other, name, control.low)
    before, status = experiment.state, experiment.status
    for position in (-1, 10**9, 2.5, None, "3", True):
        with pytest.raises((TypeError, ValueError), match="position: "):
            experiment.state = other.state | {"position": position}
    with pytest.raises(TypeError, match="no parameter 'rate'"):
        experiment.state = other.state | {"rate": 1}
    assert (experiment.state, experiment.status) == (before, status)
    consistent(experiment)
    parameters = {name: getattr(other, name) for name in other.controls}
    experiment.state = parameters
    assert experiment.position == experiment.start
    consistent(experiment)


def test_the_state_of_a_history_holds_what_the_learner_did():
    experiment, other = experiments.VariableHistory(), experiments.VariableHistory()
    experiment.set(method="assign_sub", value=2.0).apply()
    experiment.read()
    experiment.back()
    other.state = json.loads(json.dumps(experiment.state))
    assert (other.state, other.status) == (experiment.state, experiment.status)
    np.testing.assert_array_equal(other.history, [1, 1, 3, 3, 9, 9, 5, 5, 7, 5])
    before, status = other.state, other.status
    for steps in ([["assign_add", "3"]], [["assign_add", float("nan")]], [["assign_mul", 2.0]], [["read"]] * 100):
        with pytest.raises(ValueError, match="VariableHistory: "):
            other.state = before | {"steps": steps}
    with pytest.raises(ValueError, match="position: 9 is not from 0 to 1"):
        other.state = before | {"steps": [["read"]]}
    assert (other.state, other.status) == (before, status)
    other.step()
    assert other.total == other.position == 10  # the read that was undone came along


@each
def test_an_unknown_parameter_is_named(make, check):
    with pytest.raises(TypeError, match="no parameter 'rate'"):
        make().set(rate=1)


# The run


def test_step_back_and_run():
    experiment = experiments.LearningRate(*datasets.line(), epochs=5)
    assert experiment.position == 5
    experiment.step()
    assert experiment.position == 1 and len(experiment.path) == 2
    experiment.back()
    experiment.back()
    assert experiment.position == 0 and len(experiment.losses) == 1
    experiment.run()
    assert experiment.position == 5
    experiment.epochs = 7
    assert experiment.position == 7
    experiment.position = 3
    experiment.epochs = 9
    assert experiment.position == 3
    experiment.epochs = 2
    assert experiment.position == 2 and len(experiment.path) == 3


def test_it_plays_in_the_background_and_pauses():
    experiment = experiments.LearningRate(*datasets.line(), epochs=6)
    experiment.interval = 0.01

    async def use():
        experiment.play()
        assert experiment.playing and experiment.page.play.description == "Pause"
        assert 'aria-live="off"' in experiment.page.status.value
        while experiment.position < 3:
            await asyncio.sleep(0.001)
        experiment.pause()
        paused = experiment.position
        await asyncio.sleep(0.1)
        assert experiment.position == paused and not experiment.playing
        experiment.play()
        experiment.learning_rate = 1.0  # the page is not blocked, and the run goes on with the new value
        while experiment.playing:
            await asyncio.sleep(0.001)

    asyncio.run(use())
    assert experiment.position == 6 and experiment.page.play.description == "Play"
    assert 'aria-live="polite"' in experiment.page.status.value
    check_learning_rate(experiment)


def test_an_interrupted_run_can_be_taken_up_again(monkeypatch):
    experiment = experiments.LearningRate(*datasets.line())
    experiment.position = 0
    advance, calls = experiment.advance, []

    def interrupted():
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        advance()

    monkeypatch.setattr(experiment, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        experiment.run()
    assert experiment.position == 3
    experiment.run()
    check_learning_rate(experiment)
    consistent(experiment)


def test_an_interrupted_drawing_is_made_again(monkeypatch):
    experiment = experiments.LearningRate(*datasets.line())
    experiment.epochs = 30
    expected = experiment.page.picture.frame
    experiment.reset()
    draw = experiment.drawing.canvas.draw

    def interrupted():
        draw()
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment.drawing.canvas, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        experiment.epochs = 30
    monkeypatch.undo()
    experiment.update()
    assert experiment.page.picture.frame == expected


def test_changes_from_two_threads_end_in_one_state():
    experiment = experiments.LearningRate(*datasets.line())
    rates = np.geomspace(0.01, 0.8, 20)

    def move():
        for rate in rates:
            experiment.page.widgets["learning_rate"].value = rate

    thread = threading.Thread(target=move)
    thread.start()
    for epochs in range(1, 21):
        experiment.epochs = epochs
    thread.join()
    check_learning_rate(experiment)
    consistent(experiment)


def test_expensive_runs_begin_again_or_go_on():
    class Count(base.Experiment):
        step_name, replays, total = "step", False, 9
        fresh = base.Slider(0, 0, 5, "fresh")
        live = base.Slider(0, 0, 5, "live", restarts=False)

        def begin(self):
            self.steps = []

        def advance(self):
            self.steps.append((self.fresh, self.live))

        def build(self):
            return base.panels(("counting", "x", "y"))[0]

        def draw(self):
            return f"{len(self.steps)} steps"

    experiment = Count()
    assert experiment.position == 0
    experiment.step()
    experiment.live = 2
    experiment.step()
    assert experiment.steps == [(0, 0), (0, 2)]
    experiment.fresh = 1
    assert experiment.position == 0 and experiment.steps == []
    experiment.step()
    assert experiment.steps == [(1, 2)]


def test_an_action_is_a_button_and_the_picture_follows():
    class Press(base.Experiment):
        pressed = 0

        @base.action("Press", icon="check")
        def press(self):
            self.pressed += 1

        def build(self):
            return base.panels(("pressing", "x", "y"))[0]

        def draw(self):
            return f"pressed {self.pressed} times"

    experiment = Press()
    (button,) = [w for w in experiment.page.widget.children[0].children if w.description == "Press"]
    button.click()
    assert experiment.status == "pressed 1 times"
    consistent(experiment)


def test_the_example_in_the_base_works():
    source = base.__doc__[base.__doc__.index("    class Parabola") : base.__doc__.index("`Parabola()`")]
    namespace = vars(base) | {"np": np}
    exec(textwrap.dedent(source), namespace)
    experiment = namespace["Parabola"]()
    experiment.a = -1.5
    assert experiment.status == "a = −1.5: y is −1.5 at the ends"
    consistent(experiment)


def test_what_does_not_move_is_drawn_once(monkeypatch):
    experiment = experiments.LearningRate(*datasets.line())
    draws = []
    monkeypatch.setattr(experiment.drawing, "draw_background", lambda: draws.append(1))
    experiment.learning_rate = 0.2
    experiment.start_W = 4.0
    assert not draws


def test_an_experiment_runs_and_is_drawn_without_ipywidgets_and_ipython():
    code = (
        "import sys; from course import datasets, experiments; e = experiments.LearningRate(*datasets.line());"
        "e.learning_rate = 0.5; e.step(); e.touch('start_point', dx=2); e.shown(); print(e);"
        "sys.exit(any(name in sys.modules for name in ('ipywidgets', 'anywidget', 'IPython', 'traitlets')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_subclass_replaces_what_it_defines_again():
    class First(base.Experiment):
        a, b = base.Slider(1.0, 0.0, 2.0, "a"), base.Slider(1.0, 0.0, 2.0, "b")

        @base.action("Old")
        def press(self): ...

        def build(self):
            return base.panels(("title", "x", "y"))[0]

        def draw(self):
            return f"{self.a}"

    class Second(First):
        a = base.Slider(3.0, 0.0, 4.0, "new a")
        b = 5.0

        @base.action("New")
        def press(self): ...

    experiment = Second()
    assert list(experiment.controls) == ["a"] and experiment.a == 3.0 and experiment.b == 5.0
    assert [w.description for w in experiment.page.widget.children[1].children] == ["New", "Reset"]


def test_an_equal_value_of_another_type_becomes_the_option_and_minus_zero_is_zero():
    experiment = experiments.DataSynthesis(points=50.0)
    assert experiment.points == 50 and type(experiment.points) is int
    assert base.number(-0.0) == "0"
    with pytest.raises(ValueError, match="Choose one"):
        experiment.points = True


def test_importing_course_loads_no_experiment():
    code = (
        "import sys, course; from course import experiments; dir(experiments);"
        "sys.exit('ipywidgets' in sys.modules or 'matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    with pytest.raises(AttributeError, match="has no 'Rate'. It has .*LearningRate"):
        experiments.Rate  # noqa: B018


# The learning rate


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


@pytest.mark.parametrize("shapes", [((5,), (4,)), ((5, 1), (5, 1)), ((), ()), ((0,), (0,))])
def test_data_of_other_shapes_is_refused(shapes):
    for kind in (experiments.LearningRate, experiments.ModelAndLoss):
        with pytest.raises(ValueError, match=rf"{kind.__name__}: .*Give both the same shape \(N,\)"):
            kind(*map(np.ones, shapes))


# The model and the loss


def test_the_lowest_loss_of_chapter_3_is_found_and_said():
    experiment = experiments.ModelAndLoss(*POINTS)
    assert experiment.status == "W = 5, b = 0: L2 loss 8, gradient (4.5, −3); downhill: lower W and raise b"
    assert experiment.lowest == (3.0, 2.0)
    experiment.set(W=3.0, b=2.0)
    assert experiment.status == "W = 3, b = 2: L2 loss 0.5, gradient (0, 0); the lowest loss on the map; 1 move"
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


# Data synthesis


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


# A variable's history


def test_the_learners_updates_and_reads_follow_those_of_the_text():
    experiment = experiments.VariableHistory()
    assert experiment.history[-1] == 7 and [float(read) for read in experiment.reads] == [1, 3, 9, 5]
    first = experiment.reads[0]
    experiment.set(method="assign", value=-4.5)
    experiment.apply()
    experiment.read()
    assert float(experiment.variable) == -4.5 and float(experiment.reads[-1]) == -4.5 and float(first) == 1
    check_variable_history(experiment)


def test_an_update_after_steps_back_replaces_what_was_undone():
    experiment = experiments.VariableHistory()
    experiment.position = 2
    experiment.apply()
    assert experiment.history.tolist() == [1, 1, 3, 6] and experiment.position == experiment.total == 3
    experiment.reset()
    assert experiment.total == 8


def test_a_full_history_takes_no_more_and_says_so():
    experiment = experiments.VariableHistory()
    for _ in range(20):
        experiment.read()
    assert experiment.total == 14 and "no room for more, Back undoes a step" in experiment.status
    experiment.back()
    experiment.apply()
    assert experiment.history[-1] == 10


@pytest.mark.parametrize("initial, words", [(np.nan, "not a finite number"), (3e38, "too large to draw")])
def test_a_value_that_no_line_can_show_is_said(initial, words):
    experiment = experiments.VariableHistory(initial)
    assert words in experiment._notice.get_text()
    experiment.apply()
    experiment.reset()
    consistent(experiment)


def test_steps_of_another_form_are_refused():
    for steps in ([("write",)], [("assign",)], [("read", 2.0)]):
        with pytest.raises(ValueError, match="is neither"):
            experiments.VariableHistory(steps=steps)
    with pytest.raises(ValueError, match="15 steps, and there is room for 14"):
        experiments.VariableHistory(steps=[("read",)] * 15)


# The race of optimizers


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


# The decision boundary


def test_a_new_learning_rate_goes_on_and_another_network_begins_again():
    experiment = experiments.DecisionBoundary()
    assert experiment.position == experiment.total == 60
    experiment.step()
    experiment.step()
    before = experiment.losses
    experiment.learning_rate = 0.1
    experiment.step()
    assert experiment.rates == [0.03, 0.03, 0.1]
    np.testing.assert_array_equal(experiment.losses[:3], before)
    check_decision_boundary(experiment)
    experiment.width = 4
    assert experiment.position == 0 and len(experiment.losses) == 1


def test_without_a_hidden_nonlinearity_the_boundary_is_a_straight_line():
    experiment = experiments.DecisionBoundary(activation="linear")
    ends = experiment._boundary.get_xydata()
    ends = ends[np.isfinite(ends).all(axis=1)]
    slopes = np.polyfit(*ends.T, 1)
    np.testing.assert_allclose(np.polyval(slopes, ends[:, 0]), ends[:, 1], atol=1e-3)
    experiment.set(activation="relu")
    experiment.run()
    assert experiment.right.sum() > 195


def test_a_loss_beyond_the_axis_is_said():
    experiment = experiments.DecisionBoundary()
    for loss, words in ((20.0, "above the axis"), (1e-5, "below the axis"), (np.nan, "no finite loss")):
        experiment._losses[-1] = loss
        experiment.update()
        assert words in experiment._notice.get_text()
        consistent(experiment)
    experiment.reset()
    assert experiment._notice.get_text() == ""


def test_training_leaves_the_notebooks_own_random_numbers_alone():
    tf.random.set_seed(3)
    expected = tf.random.normal([3]).numpy()
    tf.random.set_seed(3)
    experiments.DecisionBoundary().step()
    np.testing.assert_array_equal(tf.random.normal([3]), expected)


# The backward stepper


def test_the_walk_is_the_tapes_own_gradient_at_every_entry():
    experiment = stepper()
    for position in range(len(experiment._entries) + 2, experiment.total + 1):
        experiment.position = position
        _, inputs, _, _ = experiment._entries[experiment.entry]
        after = {id(tensor): np.asarray(g) for tensor, g in experiment.gradients}
        before = {key: np.asarray(g) for key, g in experiment._before().items() if g is not None}
        for key in {id(x) for x in inputs}:
            parts = [part for x, part in zip(inputs, experiment._parts()) if id(x) == key and part is not None]
            if parts:
                np.testing.assert_allclose(after[key], before.get(key, 0) + sum(parts), rtol=1e-6)
    check_stepper(experiment)


def test_the_example_of_the_chapter_is_the_default():
    experiment = experiments.BackwardStepper()
    statuses = []
    for position in range(8):
        experiment.position = position
        statuses.append(experiment.status)
    assert "forward: multiply of 3 and 2 gives 6" in statuses[1]
    assert "the gradient of the loss with respect to itself is 1" in statuses[4]
    assert "u gets 6 and 6, in all 12" in statuses[6]
    assert "w gets 24, in all 25; x gets 36; the walk is complete" in statuses[7]


def test_a_tape_is_not_used_up_nor_written_on():
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer, tf.GradientTape() as tape:
        loss = a_loss(x)
        count = len(outer._records)
        experiments.BackwardStepper(tape, loss).run()
        assert len(outer._records) == count
    assert tape.gradient(loss, x) is not None


def test_a_gradient_of_a_gradient_can_be_stepped_through():
    x = tf.Variable([2.0], name="x")
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            loss = a_loss(x)
        slope = inner.gradient(loss, x)
    experiment = experiments.BackwardStepper(outer, slope)
    experiment.run()
    check_stepper(experiment)


def test_names_are_the_learners_own():
    weight, some = tf.Variable(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(some)
        product = weight * some
        loss = product + 1.0
    experiment = experiments.BackwardStepper(tape, loss)
    assert [experiment._label(key) for key in experiment._nodes] == ["weight", "some", "product", "constant", "loss"]
    svg = experiment.page.picture.frame.decode()
    assert "&gt;" not in svg and ">product</text>" in svg


def test_a_stopped_gradient_and_rows_of_a_table_are_said_in_words():
    table = tf.Variable(np.ones((4, 2), "float32"), name="table")
    with tf.GradientTape() as tape:
        rows = tf.gather(table, [1, 3])
        loss = tf.reduce_sum(rows * tf.stop_gradient(rows))
    experiment = experiments.BackwardStepper(tape, loss)
    statuses = []
    for position in range(experiment.total + 1):
        experiment.position = position
        statuses.append(experiment.status)
        assert "nan" not in experiment.status.lower()
    assert any("no gradient reaches stop_gradient" in s or "passes no gradient on" in s for s in statuses)
    assert "table gets 2 rows" in statuses[-1]


def test_a_tape_without_its_records_says_what_to_do():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        loss = a_loss(x)
    tape.gradient(loss, x)
    with pytest.raises(RuntimeError, match="before you call gradient, or make the tape with persistent=True"):
        experiments.BackwardStepper(tape, loss)


def test_a_loss_that_was_not_recorded_is_refused():
    with tf.GradientTape() as tape:
        pass
    with pytest.raises(ValueError, match="did not record how the loss was computed"):
        experiments.BackwardStepper(tape, tf.constant(1.0))
    with pytest.raises(TypeError, match="got a GradientTape and a float"):
        experiments.BackwardStepper(tape, 1.0)


def test_too_long_a_record_is_refused():
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        loss = x
        for _ in range(50):
            loss = loss * x
    with pytest.raises(ValueError, match="50 entries of the tape lead to the loss"):
        experiments.BackwardStepper(tape, loss)


def test_no_two_boxes_overlap():
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = a_loss(x)
        slope = inner.gradient(loss, x)
    places = list(experiments.BackwardStepper(outer, slope)._places.values())
    for i, (x0, y0) in enumerate(places):
        for x1, y1 in places[:i]:
            assert abs(x0 - x1) > 130 or abs(y0 - y1) >= 64


def test_a_value_between_two_steps_of_its_slider_is_kept():
    experiment = experiments.LearningRate(*datasets.line())
    experiment.learning_rate = 0.9
    experiment.page.widgets["learning_rate"].value = 10**-0.05
    assert experiment.learning_rate == 0.9
    experiment.page.widgets["learning_rate"].value = 10**-0.04
    assert experiment.learning_rate == 10**-0.04
    experiment.start_W = 4.55
    experiment.page.widgets["start_W"].value = 4.5
    assert experiment.start_W == 4.55


def test_input_scaling_refuses_data_without_a_best_line():
    for inputs, outputs, message in [
        ([1.0, 2.0], [1.0], "shape"),
        ([], [], "shape"),
        ([1.0, np.nan, 2.0], [1.0, 2.0, 3.0], "NaN or infinity in 1 of 3"),
        ([2.0, 2.0], [1.0, 3.0], "all inputs are 2"),
    ]:
        with pytest.raises(ValueError, match=f"InputScaling: .*{message}"):
            experiments.InputScaling(inputs, outputs)


# Embeddings


def test_more_ratings_keep_those_that_were_seen_and_the_unseen_stay_the_same():
    experiment = experiments.Embeddings(ratings=200)
    few, unseen = experiment._seen, experiment._unseen
    experiment.ratings = 1200
    for before, after, held in zip(few, experiment._seen, experiment._unseen):
        np.testing.assert_array_equal(after[:200], before)
        assert len(after) + len(held) == 1600
    for before, after in zip(unseen, experiment._unseen):
        np.testing.assert_array_equal(after, before)


def test_as_many_ratings_as_numbers_are_learnt_by_heart_and_600_find_the_truth_from_every_start():
    experiment = experiments.Embeddings()
    for seed in range(21):
        experiment.set(ratings=160, seed=seed)
        seen, unseen = experiment.losses[-1]
        assert seen < 0.09 / 2 and unseen > 1 > experiment.losses[0, 1]
        experiment.set(ratings=600, seed=seed)
        assert experiment.losses[-1, 1] < 0.15 and experiment.distance < 0.2


def test_a_turn_changes_the_vectors_and_no_loss():
    experiment = experiments.Embeddings()
    losses, turned, distance = experiment.losses, experiment.vectors, experiment.distance
    experiment.turned = False
    np.testing.assert_array_equal(experiment.losses, losses)
    assert np.abs(experiment.vectors - turned).max() > 1 and experiment.distance > 5 * distance
    assert "as learnt" in experiment.status


def test_vectors_off_the_map_and_diverged_ones_are_said():
    experiment = experiments.Embeddings()
    experiment.set(learning_rate=100.0)
    experiment.position = 4
    assert "off the map" in experiment._notices[0].get_text()
    assert "off the axis" in experiment._notices[1].get_text()
    experiment.run()
    assert "diverged" in experiment.status and "Lower the learning rate" in experiment.status
    consistent(experiment)
    experiment.reset()
    assert not any(text.get_text() for text in experiment._notices)
