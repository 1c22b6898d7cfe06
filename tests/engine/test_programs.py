"""Random programs: expressions of 1 to 30 operations, with shared parts and variables assigned in between.

Each program is drawn as a list of steps, and runs three times: on this package's tapes, with autograd's NumPy, and on
plain arrays for finite differences.
"""

import warnings

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from examples import examples
from hypothesis import given, strategies as st

import course as tf

SHAPE = (2, 2)

# Smooth, of bounded growth, of one or two values of any of the shapes (2, 2), (2,) and (): the results broadcast.
UNARY = {
    "sin": (tf.sin, lambda x: anp.sin(x)),
    "tanh": (tf.tanh, lambda x: anp.tanh(x)),
    "sigmoid": (tf.sigmoid, lambda x: 1 / (1 + anp.exp(-x))),
    "softplus": (tf.nn.softplus, lambda x: anp.log1p(anp.exp(x))),
    "square": (lambda x: tf.square(tf.tanh(x)), lambda x: anp.tanh(x) ** 2),
    "exp": (lambda x: tf.exp(-tf.square(x)), lambda x: anp.exp(-(x**2))),
    "log": (lambda x: tf.math.log(1.5 + tf.cos(x)), lambda x: anp.log(1.5 + anp.cos(x))),
    "sqrt": (lambda x: tf.sqrt(1.0 + x * x), lambda x: anp.sqrt(1.0 + x * x)),
    "negative": (lambda x: -x, lambda x: -x),
    "halve": (lambda x: x / 2.0, lambda x: x / 2.0),
    "NumPy": (lambda x: np.arctan(x), lambda x: anp.arctan(x)),
    "sum": (tf.reduce_sum, lambda x: anp.sum(x)),
    "mean": (lambda x: tf.reduce_mean(x, axis=-1) if x.ndim else x, lambda x: anp.mean(x, -1) if anp.ndim(x) else x),
    "logsumexp": (tf.reduce_logsumexp, lambda x: anp.log(anp.sum(anp.exp(x)))),
    "softmax": (lambda x: tf.nn.softmax(x) if x.ndim else x, lambda x: softmax(x) if anp.ndim(x) else x),
    "transpose": (tf.transpose, lambda x: anp.transpose(x)),
    "row": (lambda x: x[-1] if x.ndim else x, lambda x: x[-1] if anp.ndim(x) else x),
    "rows": (
        lambda x: tf.gather(x, [1, 0]) if x.ndim else x,
        lambda x: x[anp.array([1, 0])] if anp.ndim(x) else x,
    ),
    "reverse": (lambda x: x[..., ::-1] if x.ndim else x, lambda x: x[..., ::-1] if anp.ndim(x) else x),
    "stack": (lambda x: tf.reduce_sum(tf.stack([x, x * 2.0]), 0), lambda x: anp.sum(anp.stack([x, x * 2.0]), 0)),
}
BINARY = {
    "add": (tf.add, lambda x, y: x + y),
    "subtract": (lambda x, y: x - y, lambda x, y: x - y),
    "multiply": (lambda x, y: tf.tanh(x) * y, lambda x, y: anp.tanh(x) * y),
    "divide": (lambda x, y: x / (1.5 + tf.sin(y)), lambda x, y: x / (1.5 + anp.sin(y))),
    "matmul": (
        lambda x, y: tf.tanh(np.matmul(x, y)) if x.ndim and y.ndim else x * y,
        lambda x, y: anp.tanh(anp.matmul(x, y)) if anp.ndim(x) and anp.ndim(y) else x * y,
    ),
    "einsum": (
        lambda x, y: tf.einsum("...i,...i->...", x, y) if x.ndim == y.ndim == 2 else x + y,
        lambda x, y: anp.sum(x * y, -1) if anp.ndim(x) == anp.ndim(y) == 2 else x + y,
    ),
}


def softmax(x):
    e = anp.exp(x - anp.max(x, axis=-1, keepdims=True))
    return e / anp.sum(e, axis=-1, keepdims=True)


@st.composite
def programs(draw, most=30):
    """Steps (kind, name, operands): operands are numbers of earlier values, taken modulo how many there are."""
    kinds = ["unary", "unary", "binary", "binary", "binary", "read", "assign"]
    steps, operand = [], st.integers(0, 100)
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        name = draw(st.sampled_from(sorted({"unary": UNARY, "binary": BINARY}.get(kind, ["w", "v"]))))
        steps.append((kind, name, draw(operand), draw(operand)))
    return steps


def run(program, values, variables, column, read, assign):
    """The last value of a program; `variables` by name are read and assigned through the two functions."""
    values = [*values, *(read(variables, name) for name in sorted(variables))]
    for kind, name, i, j in program:
        x, y = values[-1 - i % len(values)], values[-1 - j % len(values)]
        if kind == "unary":
            values.append(UNARY[name][column](x))
        elif kind == "binary":
            values.append(BINARY[name][column](x, y))
        elif kind == "read":
            values.append(read(variables, name))
        else:
            assign(variables, name, i)
    return values


def loss_of(values, sum_of, tanh):
    """A scalar into which all values go, the last ones included: every step counts."""
    return sum(sum_of(tanh(v)) * (1.0 + 0.1 * k) for k, v in enumerate(values))


def new_value(start, i):
    """What an assign sets: a number that depends on nothing recorded."""
    return np.cos(start + i)


def course_loss(program, x, variables, starts):
    def assign(variables, name, i):
        variables[name].assign(new_value(starts[name], i))

    values = run(program, [x], variables, 0, lambda variables, name: variables[name] * 1.0, assign)
    return loss_of(values, tf.reduce_sum, tf.tanh)


def plain_loss(program, x, w, v, starts):
    """The same with arrays."""
    arguments = {"w": w, "v": v}
    current = dict(arguments)

    def assign(current, name, i):
        """To a tape, every read of a variable depends on it alike: the argument, moved to the new value."""
        current[name] = arguments[name] + (new_value(starts[name], i) - starts[name])

    values = run(program, [x], current, 1, lambda current, name: current[name] * 1.0, assign)
    return loss_of(values, anp.sum, anp.tanh)


def started(seed):
    rng = np.random.default_rng(seed)
    return {"x": rng.normal(size=SHAPE), "w": rng.normal(size=SHAPE), "v": rng.normal(size=(2,))}


def gradients_by_autograd(program, starts):
    def loss(x, w, v):
        return plain_loss(program, x, w, v, starts)

    def directional(x, w, v):
        gs = autograd.grad(loss, [0, 1, 2])(x, w, v)
        return sum(anp.sum(g * np.cos(1 + k + np.arange(g.size)).reshape(g.shape)) for k, g in enumerate(gs))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = starts["x"], starts["w"], starts["v"]
        return *autograd.value_and_grad(loss, [0, 1, 2])(*points), autograd.grad(directional, [0, 1, 2])(*points)


def zeros_for_none(gs, starts):
    """Parts that are not connected count as zeros."""
    return [np.zeros_like(s) if g is None else np.asarray(g) for g, s in zip(gs, starts.values())]


@examples(75)
@given(programs(), st.integers(0, 5), st.booleans())
def test_first_and_second_order_equal_autograd(program, seed, persistent):
    starts = started(seed)
    value, expected, expected_second = gradients_by_autograd(program, starts)
    x, w, v = tf.constant(starts["x"]), tf.Variable(starts["w"]), tf.Variable(starts["v"])
    with tf.GradientTape(persistent=persistent) as outer:
        outer.watch(x)
        with tf.GradientTape(persistent=persistent) as inner:
            inner.watch(x)
            loss = course_loss(program, x, {"w": w, "v": v}, starts)
        gs = inner.gradient(loss, [x, w, v], unconnected_gradients="zero")
        total = sum(
            tf.reduce_sum(g * np.cos(1 + k + np.arange(g.numpy().size)).reshape(g.shape)) for k, g in enumerate(gs)
        )
    assert float(loss) == pytest.approx(float(value), rel=1e-10, abs=1e-10)
    scale = max(1.0, *(np.abs(g).max() for g in expected))
    for g, reference in zip(gs, expected):
        np.testing.assert_allclose(g, reference, rtol=1e-8, atol=1e-9 * scale)
    scale = max(1.0, *(np.abs(g).max() for g in expected_second))
    for g, reference in zip(zeros_for_none(outer.gradient(total, [x, w, v]), starts), expected_second):
        np.testing.assert_allclose(g, reference, rtol=1e-7, atol=1e-8 * scale)
    if persistent:
        again = inner.gradient(loss, [x, w, v], unconnected_gradients="zero")
        for g, h in zip(gs, again):
            np.testing.assert_array_equal(g, h)


@examples(30)
@given(programs(), st.integers(0, 5))
def test_first_order_equals_central_differences(program, seed):
    starts, step = started(seed), np.finfo(float).eps ** (1 / 3)
    directions = {name: np.sin(1 + np.arange(s.size)).reshape(s.shape) for name, s in starts.items()}
    x, w, v = tf.constant(starts["x"]), tf.Variable(starts["w"]), tf.Variable(starts["v"])
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = course_loss(program, x, {"w": w, "v": v}, starts)
    gs = zeros_for_none(tape.gradient(loss, [x, w, v]), starts)
    slope = sum(np.sum(g * d) for g, d in zip(gs, directions.values()))

    def moved(t):
        return float(plain_loss(program, *(s + t * directions[name] for name, s in starts.items()), starts))

    measured = (moved(step) - moved(-step)) / (2 * step)
    assert slope == pytest.approx(measured, rel=1e-5, abs=1e-5)


@examples(20)
@given(programs(most=12), st.integers(0, 5))
def test_one_persistent_tape_gives_the_gradients_of_every_intermediate_value(program, seed):
    """Of each value that the program makes, with respect to the input, as if it were the only target."""
    starts = started(seed)
    x, w, v = tf.constant(starts["x"]), tf.Variable(starts["w"]), tf.Variable(starts["v"])

    def assign(variables, name, i):
        variables[name].assign(new_value(starts[name], i))

    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        values = run(program, [x], {"w": w, "v": v}, 0, lambda variables, name: variables[name] * 1.0, assign)
    for k, value in enumerate(values):

        def target(x, k=k):
            current = {"w": starts["w"], "v": starts["v"]}

            def assign(current, name, i):
                current[name] = np.array(new_value(starts[name], i))

            return anp.sum(run(program, [x], current, 1, lambda current, name: current[name] * 1.0, assign)[k])

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = autograd.grad(target)(starts["x"])
        g = tape.gradient(value, x)
        np.testing.assert_allclose(0.0 if g is None else g, expected, rtol=1e-8, atol=1e-9)
