"""`tape.explain`: one sentence for each cause of a gradient that is None, zero or a value."""

import numpy as np
import pytest

import course as tf


@pytest.fixture
def w():
    return tf.Variable([1.0, 2.0], name="w")


def agrees(tape, target, source, start, *parts):
    """The sentence starts so, contains these parts, and tells of the gradient that `gradient` then gives."""
    sentence = tape.explain(target, source)
    assert sentence.startswith(start), sentence
    for part in parts:
        assert part in sentence, sentence
    assert sentence.endswith((".", "?")) and "\n" not in sentence
    if isinstance(target, tf.Tensor) and isinstance(source, tf.Tensor | tf.Variable):
        g = tape.gradient(target, source)
        kind = "None" if g is None else "The gradient" if np.any(g) else "Zero"
        assert sentence.startswith(kind)
    return sentence


def test_a_value(w):
    with tf.GradientTape() as tape:
        y = w * w
    agrees(tape, y, w, "The gradient is a value", "'w:0'")


def test_the_target_is_the_source(w):
    with tf.GradientTape() as tape:
        w * 1.0
    agrees(tape, w, w, "The gradient is 1")


def test_a_tensor_never_watched():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    agrees(tape, y, x, "None", "a Tensor that was never watched", "tape.watch")


def test_a_variable_overwritten_by_an_assignment(w):
    with tf.GradientTape() as tape:
        w = w - 0.1
        y = w * w
    sentence = agrees(tape, y, tf.Variable(w), "None", "never watched")
    assert "bound to another variable" in sentence
    w = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = w * w
    w = w - 0.1
    agrees(tape, y, w, "None", "a Tensor that was never watched", "`=` has bound it to a Tensor since", "assign")


def test_a_name_bound_to_a_plain_value(w):
    with tf.GradientTape() as tape:
        y = w * w
    agrees(tape, y, 3.0, "No gradient", "the source is 3.0, a float", "`=`")
    agrees(tape, float(y[0]), w, "No gradient", "the target is 1.0, a float", ".numpy()")


def test_a_value_that_left_through_numpy(w):
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.constant((w * w).numpy()) * 2.0)
    agrees(tape, y, w, "None", "'w:0' left the tape through .numpy()", "plain NumPy")


def test_a_value_that_left_through_numpy_beside_what_stayed(w):
    v = tf.Variable(1.0, name="v")
    with tf.GradientTape() as tape:
        y = v * float(tf.reduce_sum(w))
    agrees(tape, y, w, "None", "left the tape through .numpy()")


def test_an_integer_dtype():
    n = tf.Variable(3, name="n")
    with tf.GradientTape() as tape:
        y = tf.cast(n, tf.float32) * 2.0
    agrees(tape, y, n, "None", "'n:0' has dtype int32", "3.0")


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (lambda x: tf.stop_gradient(x), "stop_gradient stops the gradient, on purpose"),
        (lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32), "cast to an integer gives integers"),
        (lambda x: tf.floor(x), "floor"),
        (lambda x: tf.round(x), "round"),
        (lambda x: tf.cast(x > 1.5, tf.float32), "greater"),
        (lambda x: tf.cast(tf.argmax(x), tf.float32), "argmax"),
    ],
)
def test_an_operation_without_a_gradient_on_the_way(w, stop, reason):
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(stop(w * 2.0) * 3.0)
    agrees(tape, y, w, "None", "on the way from the variable 'w:0' to the target", reason)


def test_a_target_computed_after_the_block(w):
    with tf.GradientTape() as tape:
        loss = w * w
    y = tf.reduce_sum(loss)
    agrees(tape, y, w, "None", "did not record the target", "outside of the tape's `with` block")


def test_a_target_computed_while_recording_was_stopped(w):
    with tf.GradientTape() as tape:
        loss = w * w
        with tape.stop_recording():
            y = tf.reduce_sum(loss)
    agrees(tape, y, w, "None", "did not record the target")


def test_nothing_connects_them(w):
    v = tf.Variable(1.0, name="v")
    with tf.GradientTape() as tape:
        w * 1.0
        y = v * v
    agrees(tape, y, w, "None", "nothing connects them", "without the variable 'w:0'")


def test_a_variable_that_was_not_read(w):
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = v * v
    agrees(tape, y, w, "None", "'w:0' was never watched", "nothing read it")


def test_a_variable_read_before_the_block(w):
    value = w.value()
    with tf.GradientTape() as tape:
        y = value * value
    agrees(tape, y, w, "None", "'w:0' was never watched", "before the `with` block")


def test_a_variable_that_is_not_trainable():
    frozen = tf.Variable(1.0, trainable=False, name="frozen")
    with tf.GradientTape() as tape:
        y = frozen * frozen
    agrees(tape, y, frozen, "None", "'frozen:0' was never watched", "trainable=False", "tape.watch")


def test_a_tape_that_does_not_watch_on_its_own(w):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = w * w
    agrees(tape, y, w, "None", "watch_accessed_variables=False", "tape.watch")


def test_records_that_were_freed(w):
    with tf.GradientTape() as tape:
        y = w * w
    tape.gradient(y, w)
    assert "persistent=True" in tape.explain(y, w)


def test_a_gradient_that_was_none_can_be_explained_afterwards(w):
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        w * 1.0
        y = v * v
    assert tape.gradient(y, w) is None
    assert "nothing connects them" in tape.explain(y, w)


@pytest.mark.parametrize(
    ("dead", "name"),
    [
        (lambda x: tf.nn.relu(x - 10.0), "relu"),
        (lambda x: tf.clip_by_value(x, 5.0, 6.0), "clip_by_value"),
        (lambda x: tf.maximum(x, 10.0), "maximum"),
        (lambda x: tf.sign(x), "sign"),
        (lambda x: x * 0.0, "multiply"),
        (lambda x: tf.where(x > 5.0, x, 1.0), "where"),
    ],
)
def test_zero_names_the_operation_that_made_it_so(w, dead, name):
    with tf.GradientTape(persistent=True) as tape:
        y = tf.reduce_sum(dead(w) + 1.0)
    agrees(tape, y, w, "Zero", f"{name} ", "'w:0'")


def test_contributions_that_cancel(w):
    with tf.GradientTape(persistent=True) as tape:
        y = tf.reduce_sum(w - w)
    agrees(tape, y, w, "Zero", "cancel")


def test_explaining_changes_nothing(w):
    with tf.GradientTape() as tape:
        y = w * w
    for _ in range(2):
        tape.explain(y, w)
    assert tape.gradient(y, w).numpy().tolist() == [2.0, 4.0]


@pytest.mark.parametrize("method", ["assign", "assign_add", "assign_sub", "scatter_update", "scatter_add"])
@pytest.mark.parametrize("trainable", [True, False])
def test_a_value_that_went_into_a_variable(w, method, trainable):
    state = tf.Variable([1.0, 1.0], name="state", trainable=trainable)
    change = getattr(state, method)
    with tf.GradientTape(persistent=True) as tape:
        before = state * tf.reduce_sum(w)
        change(tf.IndexedSlices(w * 2.0, [0, 1]) if "scatter" in method else w * 2.0)
        y = tf.reduce_sum(state * state) + tf.Variable(1.0)
    agrees(tape, y, w, "None", "'w:0' went into the variable 'state:0' by " + method)
    agrees(tape, before, w, "The gradient is a value")
    assert f"by {method}" in tape.explain(state, w)


def test_a_variable_that_changed_on_another_way_than_the_targets(w):
    state, v = tf.Variable(0.0, name="state"), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        state.assign(w[0])
        y = v * v
    agrees(tape, y, w, "None", "nothing connects them")
