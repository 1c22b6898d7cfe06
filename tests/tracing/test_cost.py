"""What a program costs, in NumPy calls and in bytes that they read and write: never more than running it eagerly."""

import types

import numpy as np
import pytest

import course as tf
from course.tracing import plan


class Counted(np.ndarray):
    """An array that notes what NumPy does with it: the calls, and the bytes that they read and write."""

    calls = moved = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return self._noted(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function, types, inputs, kwargs):
        return self._noted(function, inputs, kwargs)

    def _noted(self, function, inputs, kwargs):
        plain = [_plain(x) for x in inputs]
        kwargs = {key: _plain(value) for key, value in kwargs.items() if value is not None}
        result = function(*plain, **kwargs)
        if isinstance(result, np.ndarray | np.generic):
            if not any(np.may_share_memory(result, x) for x in plain if isinstance(x, np.ndarray)):
                Counted.calls += 1
                Counted.moved += sum(getattr(x, "nbytes", 0) for x in [*plain, result])
            return np.asarray(result).view(Counted)
        return result


def _plain(x):
    if isinstance(x, tuple | list):
        return type(x)(_plain(part) for part in x)
    return np.asarray(x) if isinstance(x, Counted) else x


def counted(function):
    """One NumPy function of a program, that notes its calls."""

    def noting(*inputs, **kwargs):
        return np.asarray(np.empty(0).view(Counted)._noted(function, inputs, kwargs))[()]

    return noting


def seen_through(function):
    """An operation's own function, whose NumPy calls are noted."""

    def noting(*inputs, **kwargs):
        return np.asarray(function(*[x.view(Counted) if isinstance(x, np.ndarray) else x for x in inputs], **kwargs))

    return noting


def cost(call):
    Counted.calls = Counted.moved = 0
    call()
    return Counted.calls, Counted.moved


def line(size):
    W, b = (tf.Variable(np.float32(n)) for n in (5, 0))

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x * W + b - y))
        return loss, tape.gradient(loss, [W, b])

    return step, [np.linspace(0, 1, size, dtype=np.float32), np.linspace(1, 2, size, dtype=np.float32)]


def perceptron(activation):
    rng = np.random.default_rng(0)
    parameters = [0.1 * rng.standard_normal(size, dtype=np.float32) for size in [(8, 16), (16,), (16, 3), (3,)]]
    W1, b1, W2, b2 = variables = [tf.Variable(p) for p in parameters]

    def step(x, labels):
        with tf.GradientTape() as tape:
            logits = activation(x @ W1 + b1) @ W2 + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        return loss, tape.gradient(loss, variables)

    return step, [rng.standard_normal((32, 8), dtype=np.float32), rng.integers(0, 3, 32)]


def repeated(x, y):
    return tf.sigmoid(x) * tf.exp(y) + tf.sigmoid(x) / tf.exp(y), tf.sigmoid(x)


PROGRAMS = {
    "a line": lambda: line(1000),
    "a line in blocks": lambda: line(100_000),
    "a perceptron with relu": lambda: perceptron(tf.nn.relu),
    "a perceptron with tanh": lambda: perceptron(tf.tanh),
    "repetitions": lambda: (repeated, [np.linspace(0, 1, 50), np.linspace(1, 2, 50)]),
    "views": lambda: (lambda x: tf.reduce_sum(tf.transpose(tf.reshape(x, [3, 4]))[1:] * 2.0, axis=0), [np.ones(12)]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_traced_step_makes_no_more_calls_and_moves_no_more_bytes_than_an_eager_one(name):
    step, arrays = PROGRAMS[name]()
    eager_calls, eager_bytes = cost(lambda: step(*[tf.Tensor(a.view(Counted)) for a in arrays]))
    program = tf.function(step).get_concrete_function(*arrays)
    names = program.environment
    for key, value in names.items():
        if isinstance(value, np.ufunc) or key in ("add_reduce", "dot", "total"):
            names[key] = counted(value)
        elif key.startswith("c") and isinstance(value, types.FunctionType) and not key.startswith("chain"):
            names[key] = seen_through(value)
    calls, moved = cost(lambda: program.run(arrays))
    blocks = -(-arrays[0].size // plan.BLOCK)
    assert 0 < calls <= eager_calls * blocks + 3 * (blocks > 1)
    assert 0 < moved <= eager_bytes + 1000


def test_what_is_computed_twice_is_computed_once():
    x, y = np.linspace(0, 1, 5), np.linspace(1, 2, 5)
    traced = tf.function(repeated)
    program = traced.get_concrete_function(x, y)
    assert sorted(step.name for step in program.steps) == ["add", "divide", "exp", "multiply", "sigmoid"]
    for one, other in zip(traced(x, y), repeated(tf.constant(x), tf.constant(y))):
        assert np.array_equal(one, other)


def test_what_only_passes_a_value_on_is_no_step():
    traced = tf.function(lambda x: (tf.stop_gradient(tf.identity(x) * 2.0), tf.identity(x)))
    assert [step.name for step in traced.get_concrete_function(np.ones(2)).steps] == ["multiply"]
    assert [y.numpy().tolist() for y in traced(np.ones(2))] == [[2, 2], [1, 1]]


def test_the_tutorials_step_makes_nine_calls():
    step, arrays = line(1000)
    names = [step.name for step in tf.function(step).get_concrete_function(*arrays).steps if step.kind == "operation"]
    assert names == [
        "multiply",
        "add",
        "subtract",
        "square",
        "reduce_mean",
        "multiply",
        "reduce_sum",
        "multiply",
        "reduce_sum",
    ]


def test_the_arrays_of_a_block_share_the_memory_that_the_plan_gives_them():
    step, arrays = line(100_000)
    program = tf.function(step).get_concrete_function(*arrays)
    (scratch,) = [value for value in program.environment.values() if isinstance(value, list)]
    assert len(scratch) == 4 and len({a.ctypes.data for a in scratch}) == len(program.buffers) == 1
