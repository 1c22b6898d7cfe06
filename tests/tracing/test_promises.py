"""A trace never changes what a program means: state, errors, what is printed, and what it cannot keep is refused."""

import functools
import random
import types

import numpy as np
import pytest
from hypothesis import given, strategies as st

import course as tf

x = tf.constant([1.0, 2.0])
GLOBAL_RNG = np.random.default_rng(0)


def test_a_step_that_fails_leaves_what_the_eager_step_leaves_at_every_call():
    seen = []
    for trace in (lambda f: f, tf.function):
        v, optimizer = tf.Variable([1.0, 2.0]), tf.optimizers.Adam(0.1)
        table = tf.Variable(np.ones((4, 2), np.float32))

        @trace
        def step(a, rows, fail, v=v, optimizer=optimizer, table=table):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(v * a + tf.random.normal([2]))
            optimizer.apply_gradients([(tape.gradient(loss, v), v)])
            v.assign_add(tf.random.uniform([2]))
            tf.gather(table, rows)  # an index out of range fails here, though nobody needs the rows
            if fail:
                raise KeyError("mine")
            table.scatter_add(tf.IndexedSlices(tf.ones([1, 2]), rows))
            return loss

        tf.random.set_seed(1)
        states = []
        for rows, fail in [([1], True), ([1], False), ([9], False), ([1], True), ([2], False), ([-7], False)]:
            try:
                states.append(float(step(x, tf.constant(rows), fail)))
            except (KeyError, IndexError) as error:
                states.append(type(error))
            states += [u.numpy().tolist() for u in (v, table, *optimizer.variables)]
            states.append(tf.random.generator().bit_generator.state if hasattr(tf.random, "generator") else None)
        seen.append(states)
    assert seen[0] == seen[1]


def test_a_refused_step_changes_nothing():
    v, optimizer = tf.Variable(1.0), tf.optimizers.Adam(0.1)

    @tf.function
    def step(a):
        v.assign_add(1.0)
        optimizer.apply_gradients([(a, v)])
        tf.random.normal([2])
        return float(v)

    tf.random.set_seed(0)
    expected = tf.random.normal([2]).numpy().tolist()
    tf.random.set_seed(0)
    for _ in range(2):
        with pytest.raises(TypeError, match="asked for the value"):
            step(tf.constant(1.0))
        assert float(v) == 1 and int(optimizer.iterations) == 0 and len(optimizer.variables) == 2
    assert tf.random.normal([2]).numpy().tolist() == expected


def test_a_refusal_that_python_catches_is_a_refusal_still():
    @tf.function
    def step(a):
        try:
            return a * float(a)
        except TypeError:
            return a

    with pytest.raises(TypeError, match="asked for the value"):
        step(tf.constant(2.0))


def test_the_first_call_runs_python_once_and_each_later_one_not():
    calls = []
    v = tf.Variable(0.0)

    @tf.function
    def step(a):
        calls.append(1)
        v.assign_add(a)
        return v * 1.0

    assert [float(step(tf.constant(2.0))) for _ in range(3)] == [2, 4, 6]
    assert calls == [1]


USES = [
    lambda t: t + 1.0, lambda t: 1.0 - t, lambda t: tf.exp(t), lambda t: np.exp(t), lambda t: t.numpy(), float,
    lambda t: t[0], lambda t: t.shape, lambda t: tf.constant(t), lambda t: tf.convert_to_tensor(t), len,
    lambda t: tf.Variable(t), lambda t: tf.Variable([1.0, 2.0]).assign(t), lambda t: tf.stack([t, t]), bool,
    lambda t: tf.where(t > 0, t, t), np.asarray, lambda t: tf.function(lambda a: a * 2.0)(t), lambda t: t == t,
    lambda t: tf.GradientTape().watch(t), lambda t: tf.IndexedSlices(t, [0, 1]), lambda t: tf.nn.softmax(t),
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("what", ["result", "argument", "gradient"])
def test_a_tensor_of_a_trace_is_refused_outside_of_it(use, what):
    leaked = {}

    @tf.function(name="leaky")
    def step(a):
        with tf.GradientTape() as tape:
            tape.watch(a)
            y = a * a
        leaked.update(result=y, argument=a, gradient=tape.gradient(y, a))
        return y * 1.0

    assert step(x).numpy().tolist() == [1, 4]
    assert "trace of leaky" in repr(leaked[what]) and "trace of leaky" in f"{leaked[what]}"
    with pytest.raises(TypeError, match=r"shape=\(2,\), dtype=float32.*when leaky was traced.*Return it"):
        use(leaked[what])


def test_a_tensor_leaks_from_a_step_that_fails_too_and_one_that_was_returned_does_not():
    leaked = []

    @tf.function
    def step(a, fail):
        leaked.append(a * 2.0)
        if fail:
            raise KeyError
        return leaked[-1], a

    with pytest.raises(KeyError):
        step(x, True)
    y, same = step(x, False)
    assert (y + same).numpy().tolist() == [3, 6]
    for t in leaked:
        with pytest.raises(TypeError, match="when step was traced"):
            t + 1.0


def test_a_snapshot_from_before_a_trace_stays_what_it_was():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
    before = v.value()
    step = tf.function(lambda: v * 2.0)
    step()
    assert before.numpy().tolist() == [1, 2] and tape.gradient(y, v).numpy().tolist() == [2, 4]


def test_what_has_no_value_yet_is_printed_without_one():
    v = tf.Variable(3.0, name="speed")
    seen = []

    @tf.function
    def step(position):
        y = position + v
        seen.extend([repr(position), str(y), f"{y}", f"{position:>40}", repr(v), repr(tf.constant(1.0)), f"{y[0]}"])
        return y

    step(x)
    shape = "shape=(2,), dtype=float32)"
    assert seen[:3] == [f'Tensor("position:0", {shape}', f'Tensor("add:0", {shape}', f'Tensor("add:0", {shape}']
    assert seen[3] == f"{seen[0]:>40}"
    assert seen[4] == "<tf.Variable 'speed:0' shape=() dtype=float32>"
    assert "numpy=1.0" in seen[5]
    assert seen[6] == 'Tensor("getitem:0", shape=(), dtype=float32)'


@pytest.mark.parametrize(
    "draw", [lambda: np.random.rand(), lambda: random.random(), lambda: np.random.normal(size=2)[0]]
)
def test_random_numbers_that_would_freeze_are_refused(draw):
    step = tf.function(lambda a: a * draw(), name="step")
    for _ in range(2):
        with pytest.raises(ValueError, match="step: it draws random numbers from NumPy or Python.*course.random"):
            step(x)


def test_a_generator_of_ones_own_would_freeze_too_and_is_refused():
    own, held = np.random.default_rng(0), types.SimpleNamespace(rng=random.Random(0))
    for step, args in [
        (lambda a: a * own.random(), ()),
        (lambda a, rng: a * rng.normal(), (np.random.RandomState(0),)),
        (lambda a, holder: a * holder.rng.random(), (held,)),
        (lambda a: a * GLOBAL_RNG.random(), ()),
    ]:
        with pytest.raises(ValueError, match="draws random numbers from NumPy or Python"):
            tf.function(step)(x, *args)
    assert tf.function(lambda a, rng: a + 1.0)(x, own).numpy().tolist() == [2, 3]


def test_an_iterator_as_an_argument_would_freeze_and_is_refused():
    step = tf.function(lambda a, items: a + next(items))
    for iterator in (iter([1.0, 2.0]), (n for n in [1.0]), zip([1.0])):
        with pytest.raises(TypeError, match=r"cannot take an iterator.*f\(next\(iterator\)\)"):
            step(x, iterator)


def test_the_message_says_what_to_write_in_place_of_control_flow():
    def loop(a):
        while a > 0:
            a = a - 1.0
        return a

    with pytest.raises(TypeError, match=r"`if` use where.*`while` a loop over a range.*unrolled"):
        tf.function(loop)(tf.constant(2.0))


def test_a_custom_gradient_counts_by_what_it_is_and_not_by_its_name():
    def with_custom(name):
        def forward(a):
            return a * 2.0, lambda g: g * 6.0

        forward.__name__ = name
        custom = tf.custom_gradient(forward)

        def compute(a, number):
            with tf.GradientTape() as tape:
                tape.watch([a, number])
                y = tf.reduce_sum(custom(a) * a) + custom(number) * tf.reduce_sum(a)
            return y, tape.gradient(y, [a, number])

        return compute

    for name in ("reshape", "broadcast_to", "reduce_sum", "reduce_mean", "matmul", "cast", "add", "read", "identity"):
        compute = with_custom(name)
        traced = tf.function(compute)
        for a in ([3.0, 1.0], [2.0, 5.0]):
            eager, result = (f(tf.constant(a), tf.constant(a[0])) for f in (compute, traced))
            for one, other in zip(tf.nest.flatten(eager), tf.nest.flatten(result)):
                assert np.array_equal(one, other), name


def second_derivative(f, a):
    with tf.GradientTape() as outer:
        outer.watch(a)
        with tf.GradientTape() as inner:
            inner.watch(a)
            y = f(a)
        slope = inner.gradient(y, a)
    return outer.gradient(slope, a)


@given(st.lists(st.sampled_from([-2.0, -1.0, 0.0, 0.5, 3.0]), min_size=2, max_size=5), st.integers(0, 1))
def test_second_derivatives_of_a_product_are_traced(factors, start):
    traced = tf.function(functools.partial(second_derivative, tf.reduce_prod))
    traced(tf.constant([float(start)] * len(factors)))
    others = [
        sum(np.prod([f for k, f in enumerate(factors) if k not in (i, j)]) for j in range(len(factors)) if j != i)
        for i in range(len(factors))
    ]
    np.testing.assert_allclose(traced(tf.constant(factors)), others, rtol=1e-5, atol=1e-5)
