"""The tape: what it records, what it answers, and what it frees."""

import gc
import threading
import weakref

import numpy as np
import pytest

import course as tf
from course.engine.recorder import active
from course.engine.tape import walk_back


@pytest.fixture(autouse=True)
def no_tape_is_left_active():
    assert active.recorders == ()
    yield
    assert active.recorders == ()


def test_the_gradient_of_a_square():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x**2
    assert repr(tape.gradient(y, x)) == "<tf.Tensor: shape=(), dtype=float32, numpy=6.0>"


def test_sources_in_any_nesting_give_gradients_in_the_same():
    a, b, unused = tf.Variable(2.0), tf.Variable(3.0), tf.Variable(1.0)
    with tf.GradientTape(persistent=True) as tape:
        y = a * a * b
    assert float(tape.gradient(y, a)) == 12.0
    assert [float(g) for g in tape.gradient(y, [a, b])] == [12.0, 4.0]
    assert isinstance(tape.gradient(y, (a, b)), tuple)
    nested = tape.gradient(y, {"second": [b], "first": (a, {"none": unused})})
    assert list(nested) == ["second", "first"] and float(nested["second"][0]) == 4.0
    assert float(nested["first"][0]) == 12.0 and nested["first"][1]["none"] is None
    assert [float(g) for g in tape.gradient(y, [a, a])] == [12.0, 12.0]
    assert tape.gradient(y, []) == []


@pytest.mark.parametrize("targets", [lambda y, z: [y, z], lambda y, z: {"y": y, "z": (z,)}])
def test_the_gradients_of_several_targets_add_up(targets):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        z = y * x
    assert float(tape.gradient(targets(y, z), x)) == 6.0 + 27.0


def test_a_target_of_many_elements_counts_as_their_sum():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.stack([x * x, x])
    assert tape.gradient(y, x).numpy().tolist() == [3.0, 5.0]


def test_intermediate_values_are_sources_too():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        z = y * y
    assert [float(g) for g in tape.gradient(z, [y, x])] == [8.0, 32.0]


def test_target_and_source_may_be_the_same():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * 2.0
    assert tape.gradient([x, y], x).numpy().tolist() == [3.0, 3.0]


def test_constants_are_recorded_when_watched():
    x, other = tf.constant(3.0), tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * other
        tape.watch(x)
        z = x * other
    assert tape.gradient(y, x) is None and tape.gradient(z, other) is None and float(tape.gradient(z, x)) == 2.0


def test_watch_takes_lists_and_integers_have_no_gradient():
    x, n = tf.constant(3.0), tf.constant(2)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, n])
        y = x * tf.cast(n, tf.float32)
        m = n * n
    assert float(tape.gradient(y, x)) == 2.0 and tape.gradient(y, n) is None and tape.gradient(m, n) is None


def test_reading_a_trainable_variable_watches_it():
    a, b, frozen = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = b * a * frozen
    assert [v is w for v, w in zip(tape.watched_variables(), (b, a), strict=True)] == [True, True]
    assert tape.gradient(y, frozen) is None
    with tf.GradientTape() as tape:
        tape.watch(frozen)
        y = b * frozen
    assert float(tape.gradient(y, frozen)) == 2.0


def test_watch_accessed_variables_can_be_turned_off():
    a, b = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(a)
        y = a * b
    gradients = tape.gradient(y, [a, b])
    assert float(gradients[0]) == 3.0 and gradients[1] is None and len(tape.watched_variables()) == 1


def test_a_persistent_tape_answers_again_and_another_once():
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert [float(tape.gradient(t, x)) for t in (z, y, z)] == [108.0, 6.0, 108.0]
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    for again in (lambda: tape.gradient(y, x), lambda: tape.jacobian(y, x)):
        with pytest.raises(RuntimeError, match="been used.*persistent=True"):
            again()


def test_stop_recording_leaves_out_what_runs_within():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            unrecorded = x * y
        z = y + unrecorded
    assert float(tape.gradient(z, x)) == 6.0


def test_reset_forgets():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.reset()
        assert tape.watched_variables() == ()
        z = x * 5.0
    assert float(tape.gradient([y, z], x)) == 5.0


def test_a_tape_can_be_entered_again_but_not_within_itself():
    x = tf.Variable(1.0)
    tape = tf.GradientTape()
    with tape:
        y = x * 2.0
    with tape:
        z = x * 3.0
        with pytest.raises(ValueError, match="already recording"), tape:
            pass
        w = x * 4.0
    assert float(tape.gradient([y, z, w], x)) == 9.0


def test_output_gradients_weight_the_targets():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y, z = x * x, 3.0 * x
    weights = tf.constant([1.0, 10.0])
    assert tape.gradient(y, x, output_gradients=weights).numpy().tolist() == [2.0, 40.0]
    assert tape.gradient([y, z], x, output_gradients=[weights, None]).numpy().tolist() == [5.0, 43.0]
    assert tape.gradient(y, x, output_gradients=tf.constant([1, 10])).dtype == tf.float32


def test_unconnected_gradients_are_none_or_zeros_of_the_source():
    x, unused = tf.Variable(3.0), tf.Variable([[1.0, 2.0]], dtype=tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.gradient(y, unused) is None
    for zero in ("zero", tf.UnconnectedGradients.ZERO):
        g = tape.gradient(y, unused, unconnected_gradients=zero)
        assert (g.shape, g.dtype, g.numpy().any()) == ((1, 2), tf.float64, np.False_)


def test_gradients_have_their_sources_shape_and_dtype():
    x, wide = tf.Variable([[1.0], [2.0]]), tf.constant(np.ones((3, 2, 4)))
    half = tf.Variable(2.0, dtype=tf.float16)
    with tf.GradientTape() as tape:
        y = x * wide * half
    assert y.dtype == tf.float64
    g, h = tape.gradient(y, [x, half])
    assert (g.shape, g.dtype, h.shape, h.dtype) == ((2, 1), tf.float32, (), tf.float16)
    assert g.numpy().ravel().tolist() == [24.0, 24.0] and float(h) == 36.0


def test_a_variable_read_assigned_and_read_again_gets_both_parts():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        x.assign(10.0)
        z = y + x * 3.0
    assert float(z) == 34.0 and float(tape.gradient(z, x)) == 4.0 + 3.0


def test_nested_tapes_give_higher_orders():
    x = tf.Variable(2.0)
    with tf.GradientTape() as third, tf.GradientTape() as second:
        with tf.GradientTape() as first:
            y = x**4
        d1 = first.gradient(y, x)
        d2 = second.gradient(d1, x)
    assert [float(d) for d in (d1, d2, third.gradient(d2, x))] == [32.0, 48.0, 48.0]


def test_a_persistent_tape_differentiates_its_own_gradient():
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**3
        d1 = tape.gradient(y, x)
    assert float(tape.gradient(d1, x)) == 12.0


def test_a_gradient_inside_the_block_ends_the_recording_of_a_tape_that_is_not_persistent():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        assert float(tape.gradient(y, x)) == 4.0
        assert active.recorders == ()


def test_stop_gradient_lets_the_value_through_and_no_gradient():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * tf.stop_gradient(x)
    assert float(y) == 9.0 and float(tape.gradient(y, x)) == 3.0


def test_sources_that_lead_through_integers_have_no_gradient():
    x = tf.Variable(3.7)
    with tf.GradientTape(persistent=True) as tape:
        through = tf.cast(tf.cast(x, tf.int32), tf.float32)
        lost = tf.floor(x) + tf.round(x) + tf.cast(x > 1.0, tf.float32)
    assert tape.gradient(through, x) is None and tape.gradient(lost, x) is None


def test_custom_gradient_replaces_the_rule():
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.math.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))

    x = tf.constant(100.0)
    with tf.GradientTape() as tape, np.errstate(over="ignore"):
        tape.watch(x)
        y = log1pexp(x)
    assert float(tape.gradient(y, x)) == 1.0 and log1pexp.__name__ == "log1pexp"


def test_custom_gradient_of_several_inputs_and_outputs():
    @tf.custom_gradient
    def f(x, y):
        return (x * y, x + y), lambda da, db: (10 * da + 100 * db, 1000 * da)

    x, y = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, y])
        a, b = f(x, y)
    assert (float(a), float(b)) == (6.0, 5.0)
    assert [float(g) for g in tape.gradient(a, [x, y])] == [10.0, 1000.0]
    assert [float(g) for g in tape.gradient([a, b], [x, y])] == [110.0, 1000.0]


def test_custom_gradient_differentiates_again():
    @tf.custom_gradient
    def cube(x):
        return x**3, lambda upstream: upstream * 3 * x**2

    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = cube(x)
        d1 = inner.gradient(y, x)
    assert (float(d1), float(outer.gradient(d1, x))) == (12.0, 12.0)


def test_custom_gradient_reaches_the_variables_that_the_function_reads():
    w = tf.Variable(5.0, name="w")

    @tf.custom_gradient
    def f(x):
        def grad(upstream, variables):
            assert [v is w for v in variables] == [True]
            return upstream * w, [upstream * 7.0]

        return x * w, grad

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert [float(g) for g in tape.gradient(y, [x, w])] == [5.0, 7.0]

    with pytest.raises(TypeError, match="'w:0'.*`variables`"):
        tf.custom_gradient(lambda x: (x * w, lambda upstream: upstream))(x)


def test_custom_gradient_may_give_none():
    @tf.custom_gradient
    def f(x, y):
        return x * y, lambda upstream: (upstream * 10.0, None)

    x, y = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        z = f(x, y)
        w = z + y
    assert float(tape.gradient(z, x)) == 10.0 and tape.gradient(z, y) is None
    assert float(tape.gradient(w, y)) == 1.0 and float(tape.gradient(z, y, unconnected_gradients="zero")) == 0.0


def test_custom_gradient_must_answer_for_each_argument():
    @tf.custom_gradient
    def f(x, y):
        return x * y, lambda upstream: upstream

    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        z = f(x, 2.0)
    with pytest.raises(ValueError, match="2 arguments.*gave 1"):
        tape.gradient(z, x)


def test_a_layer_of_more_than_one_path_shares_its_parts():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        shared = x * x
        y = tf.reduce_sum(shared * shared + shared)
    np.testing.assert_allclose(tape.gradient(y, x), 4 * np.array([1.0, 8.0]) + 2 * np.array([1.0, 2.0]))


# Robustness


def test_a_chain_of_100_000_operations():
    x = tf.Variable(1.0, dtype=tf.float64)
    with tf.GradientTape() as tape:
        y = x
        for _ in range(100_000):
            y = y * 1.00001
    assert float(tape.gradient(y, x)) == pytest.approx(1.00001**100_000, rel=1e-9)


def test_threads_record_on_their_own_tapes():
    barrier, results, shared = threading.Barrier(2), {}, tf.Variable(2.0)

    def work(power):
        with tf.GradientTape() as tape:
            barrier.wait()
            y = shared
            for _ in range(power - 1):
                y = y * shared
                barrier.wait()
            barrier.wait()
            results[power] = float(tape.gradient(y, shared)), len(active.recorders)

    threads = [threading.Thread(target=work, args=(power,)) for power in (3, 3)]
    with tf.GradientTape() as outside:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {3: (12.0, 0)} and outside.watched_variables() == ()


def test_an_exception_leaves_no_tape_active():
    x = tf.Variable(1.0)
    with pytest.raises(ZeroDivisionError), tf.GradientTape() as outer, tf.GradientTape() as inner:
        y = x * x
        1 / 0  # noqa: B018
    assert active.recorders == ()
    assert float(inner.gradient(y, x)) == float(outer.gradient(y, x)) == 2.0


def test_an_exception_while_recording_is_stopped_starts_it_again():
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        with pytest.raises(ZeroDivisionError), tape.stop_recording():
            1 / 0  # noqa: B018
        y = x * 3.0
    assert float(tape.gradient(y, x)) == 3.0


def test_an_operation_that_fails_is_not_recorded():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        with pytest.raises(ValueError, match="broadcast"):
            x * tf.constant([1.0, 2.0, 3.0])
        y = x * 2.0
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 2.0]


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_a_tape_dropped_unused_frees_what_it_held():
    x = tf.Variable(np.ones(10))
    with tf.GradientTape() as tape:
        held = x * 2.0
        y = held * held
    held = weakref.ref(held)
    del y
    assert held() is not None
    del tape
    assert held() is None


@pytest.mark.usefixtures("without_collector")
def test_a_tape_frees_what_it_recorded_once_it_is_used_and_a_persistent_one_when_it_is_reset():
    x = tf.Variable(np.ones(10))
    for persistent in (False, True):
        with tf.GradientTape(persistent=persistent) as tape:
            held = x * 2.0
            y = held * held
        held = weakref.ref(held)
        tape.gradient(y, x)
        assert (held() is not None) == persistent
        tape.reset()
        assert held() is None


@pytest.mark.usefixtures("without_collector")
def test_nested_tapes_and_custom_gradients_leave_no_cycles():
    x = tf.Variable(np.ones(3))

    @tf.custom_gradient
    def double(x):
        return x * 2.0, lambda upstream: upstream * 2.0

    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            held = double(x) * x
            y = held * held
        g = inner.gradient(y, x)
    h = outer.gradient(g, x)
    held = weakref.ref(held)
    del outer, inner, g, h, y
    assert held() is None


@pytest.mark.usefixtures("without_collector")
def test_a_long_training_loop_does_not_grow():
    import tracemalloc

    w, b = tf.Variable(5.0), tf.Variable(0.0)
    x = tf.constant(np.linspace(-1, 1, 8, dtype=np.float32))
    t = 3.0 * x + 2.0

    def train(steps):
        for _ in range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(t - (x * w + b)))
            dw, db = tape.gradient(loss, [w, b])
            w.assign_sub(0.1 * dw)
            b.assign_sub(0.1 * db)

    train(100)
    tracemalloc.start()
    try:
        train(100)
        before = tracemalloc.get_traced_memory()[0]
        train(3000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 2_000, f"{grown} bytes more after 10,000 steps"
    assert gc.collect() < 50
    assert float(w) == pytest.approx(3.0, abs=1e-3) and float(b) == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize("persistent", [False, True])
def test_a_target_that_is_the_source_has_the_gradient_1_read_or_not(persistent):
    v, frozen, unwatched = tf.Variable([1.0, 2.0]), tf.Variable(1.0, trainable=False), tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent) as tape:
        named = v
    assert tape.gradient([named, unwatched, frozen], [v, unwatched, frozen])[2] is None
    for x in (v, unwatched):
        with tf.GradientTape(persistent) as tape:
            pass
        assert tape.explain(x, x).startswith("The gradient is 1")
        assert tape.gradient(x, x).numpy().tolist() == [1.0, 1.0]
    with tf.GradientTape(persistent) as tape:
        v.assign([3.0, 4.0])
    assert tape.jacobian(v, v).numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]
    with tf.GradientTape(persistent) as tape:
        n = tf.constant(3)
    assert tape.gradient(n, n) is None
    with tf.GradientTape(persistent, watch_accessed_variables=False) as tape:
        pass
    assert tape.gradient(v, v) is None and tape.explain(v, v).startswith("None")


def test_an_outer_tape_follows_the_value_of_a_variable_that_is_a_target():
    v = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            pass
        y = inner.gradient(v, v) * v * v
    assert float(outer.gradient(y, v)) == 6.0


def test_the_walk_gives_back_control_after_each_record_with_the_gradients_so_far():
    w = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        u = w * 2.0
        y = u * u + w
    square, total = (output for _, _, output, _ in tape._records[1:])
    gradients, seen = {id(y): np.float32(1)}, []
    for operation, *_ in walk_back(tape._records, gradients, tape._ids, kept={id(u)}):
        seen.append((operation.name, gradients.get(id(square)), gradients.get(id(u)), id(total) in gradients))
    assert seen == [("add", 1.0, None, False), ("multiply", None, 12.0, False), ("multiply", None, 12.0, False)]


@pytest.mark.parametrize("wrong", [lambda g: g * tf.ones([2]), lambda g: tf.reduce_sum(g), lambda g: g[None]])
def test_a_custom_gradient_of_another_shape_than_its_argument_is_refused(wrong):
    @tf.custom_gradient
    def doubled(x, factor):
        return x * factor, lambda g: (g, wrong(tf.reduce_sum(g)) if factor.ndim == 0 else wrong(g))

    x = tf.Variable([1.0, 2.0, 3.0])
    factor = tf.Variable(2.0) if wrong(tf.constant(1.0)).ndim else tf.Variable([2.0, 2.0, 2.0])
    with tf.GradientTape() as tape:
        y = doubled(x, factor)
    with pytest.raises(ValueError, match="doubled: .* gradient of shape .* for argument 2"):
        tape.gradient(y, [x, factor])
