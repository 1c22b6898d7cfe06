"""Functions for networks: their values, and that extremes neither overflow nor lose what matters."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import course as tf

BIG = [-1000.0, 0.0, 1000.0]


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def value_and_gradient(function, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return y.numpy(), tape.gradient(y, x).numpy()


EXTREMES = {
    "sigmoid": (tf.nn.sigmoid, [0, 0.5, 1], [0, 0.25, 0]),
    "softplus": (tf.nn.softplus, [0, np.log(2), 1000], [0, 0.5, 1]),
    "relu": (tf.nn.relu, [0, 0, 1000], [0, 0, 1]),
    "leaky_relu": (tf.nn.leaky_relu, [-200, 0, 1000], [0.2, 0.2, 1]),
    "elu": (tf.nn.elu, [-1, 0, 1000], [1e-45, 1, 1]),
    "gelu": (tf.nn.gelu, [0, 0, 1000], [0, 0.5, 1]),
    "approximate gelu": (lambda x: tf.nn.gelu(x, approximate=True), [0, 0, 1000], [0, 0.5, 1]),
    "softmax": (tf.nn.softmax, [0, 0, 1], [0, 0, 0]),
    "log_softmax": (tf.nn.log_softmax, [-2000, -1000, 0], [1, 1, -2]),
    "tanh": (tf.tanh, [-1, 0, 1], [0, 1, 0]),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_are_stable_without_a_warning(name, dtype):
    function, values, gradients = EXTREMES[name]
    y, g = value_and_gradient(function, np.array(BIG, dtype))
    np.testing.assert_allclose(y, values, rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(g, gradients, rtol=1e-6, atol=1e-30)
    assert y.dtype == g.dtype == dtype


def test_small_probabilities_keep_their_logarithm():
    assert float(tf.nn.softplus(-50.0)) == pytest.approx(np.exp(-50), rel=1e-6)
    assert float(tf.nn.sigmoid(-50.0)) == pytest.approx(np.exp(-50), rel=1e-6)
    logits = tf.constant([[100.0, 0.0]])
    assert float(tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], logits)) == pytest.approx(100.0)


FLOATS = st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=5)


@settings(max_examples=30)
@given(FLOATS, st.floats(-100, 100))
def test_softmax_is_a_distribution_and_does_not_feel_a_shift(logits, shift):
    p = tf.nn.softmax(tf.constant(logits, tf.float64))
    assert float(tf.reduce_sum(p)) == pytest.approx(1) and float(tf.reduce_min(p)) >= 0
    np.testing.assert_allclose(tf.nn.softmax(tf.constant(logits, tf.float64) + shift), p, atol=1e-9)
    np.testing.assert_allclose(tf.exp(tf.nn.log_softmax(tf.constant(logits, tf.float64))), p, atol=1e-12)


@settings(max_examples=30)
@given(st.lists(st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_sparse_and_dense_labels_give_the_same_loss_and_gradient(logits, data):
    labels = [data.draw(st.integers(0, 2)) for _ in logits]
    dense = np.eye(3, dtype=np.float32)[labels]
    y, g = value_and_gradient(lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x), logits)
    z, h = value_and_gradient(lambda x: tf.nn.softmax_cross_entropy_with_logits(dense, x), logits)
    np.testing.assert_allclose(y, z, rtol=1e-6)
    np.testing.assert_allclose(g, h, atol=1e-6)
    np.testing.assert_allclose(g, tf.nn.softmax(logits) - dense, atol=1e-6)
    assert np.all(y >= 0) and np.all(np.isfinite(g))


def test_the_gradient_of_cross_entropy_is_right_for_labels_of_any_sum():
    y, g = value_and_gradient(lambda x: tf.nn.softmax_cross_entropy_with_logits([[0.5, 0.8]], x), [[1.0, 2.0]])
    p = np.exp([1.0, 2.0]) / np.sum(np.exp([1.0, 2.0]))
    np.testing.assert_allclose(g[0], 1.3 * p - [0.5, 0.8], rtol=1e-5)


def test_sigmoid_cross_entropy_of_extremes():
    loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.constant([1.0, 1.0, 0.0]), logits=tf.constant(BIG))
    np.testing.assert_allclose(loss, [1000, np.log(2), 1000], rtol=1e-6)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (tf.nn, "relu sigmoid softplus tanh elu gelu leaky_relu softmax log_softmax moments l2_loss embedding_lookup"),
        (tf.math, "sigmoid softplus softmax log_softmax reduce_sum sin erf floormod reduce_std"),
        (tf, "add square exp reduce_mean sigmoid tanh where matmul reduce_logsumexp pow floor"),
        (tf.linalg, "matmul norm einsum tensordot eye global_norm matrix_transpose"),
    ],
)
def test_names_stand_where_tensorflow_has_them(module, names):
    assert [name for name in names.split() if not hasattr(module, name)] == []


def test_l2_loss_is_half_the_sum_of_squares():
    assert float(tf.nn.l2_loss([3.0, 4.0])) == 12.5


def test_moments_are_mean_and_variance():
    mean, variance = tf.nn.moments(tf.constant([[1.0, 2.0], [3.0, 6.0]]), [0])
    assert mean.numpy().tolist() == [2.0, 4.0] and variance.numpy().tolist() == [1.0, 4.0]
    mean, variance = tf.nn.moments(tf.constant([[1.0, 3.0]]), axes=[0, 1], keepdims=True)
    assert mean.numpy().tolist() == [[2.0]] and variance.numpy().tolist() == [[1.0]]


def test_embedding_lookup_limits_norms_on_request():
    table = tf.constant([[3.0, 4.0], [0.3, 0.4]])
    np.testing.assert_allclose(tf.nn.embedding_lookup(table, [1, 0], max_norm=1.0), [[0.3, 0.4], [0.6, 0.8]], rtol=1e-6)


def test_zero_fraction():
    assert float(tf.nn.zero_fraction([0.0, 1.0, 0.0, 2.0])) == 0.5


def test_the_loss_of_a_confident_right_answer_and_its_gradient_keep_their_digits():
    x = np.array([5.0, 10.0, 15.0, 25.0, 80.0])
    for label, sign in ((1.0, 1), (0.0, -1)):
        labels, logits = np.full(5, label, np.float32), (sign * x).astype(np.float32)
        y, g = value_and_gradient(
            lambda t, labels=labels: tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=t), logits
        )
        np.testing.assert_allclose(y, np.log1p(np.exp(-x)), rtol=1e-6)
        np.testing.assert_allclose(g, -sign / (1 + np.exp(x)), rtol=1e-6)


def test_dropout_drops_at_the_rate_and_keeps_the_sum():
    tf.random.set_seed(0)
    x = tf.Variable(np.ones((200, 500)))
    with tf.GradientTape() as tape:
        y = tf.nn.dropout(x, 0.2)
    assert set(np.unique(y)) == {0.0, 1.25} and abs(np.mean(y) - 1) < 0.01
    np.testing.assert_array_equal(tape.gradient(y, x), y)  # a factor of 0 or 1.25
    rows = tf.nn.dropout(x, 0.5, noise_shape=[200, 1]).numpy()
    assert np.all(rows == rows[:, :1]) and set(np.unique(rows)) == {0.0, 2.0}
    assert tf.nn.dropout(tf.constant([1.0], tf.float16), 0.0).dtype == tf.float16


def test_dropout_in_a_traced_function_draws_anew():
    drop = tf.function(lambda x: tf.nn.dropout(x, 0.5))
    assert not np.array_equal(drop(tf.ones(64)), drop(tf.ones(64)))
