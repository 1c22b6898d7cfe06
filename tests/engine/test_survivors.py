"""Small promises that no other test of the engine keeps: each was found by changing a line and seeing nothing fail."""

import numpy as np
import pytest

import course as tf


def test_ranges_tiles_and_slices_of_nothing_are_empty():
    assert tf.range(0).shape == tf.range(5, 5).shape == (0,)
    assert tf.tile([1.0, 2.0], [0]).shape == (0,)


def test_integers_drawn_have_the_dtype_asked_for():
    assert tf.random.uniform([3], 0, 9, dtype=tf.int64).dtype == tf.int64


@pytest.mark.parametrize(
    "shape, k", [((3, 5), 0), ((3, 5), 1), ((3, 5), -1), ((5, 3), 1), ((5, 3), -3), ((2, 4, 4), 2)]
)
def test_diagonals_are_numpys_and_come_back_from_diag(shape, k):
    x = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    np.testing.assert_array_equal(tf.linalg.diag_part(x, k=k), np.diagonal(x, k, -2, -1))
    back = tf.linalg.diag_part(tf.linalg.diag(np.diagonal(x, k, -2, -1).copy(), k=k), k=k)
    np.testing.assert_array_equal(back, np.diagonal(x, k, -2, -1))


@pytest.mark.parametrize("function", [tf.linalg.inv, tf.linalg.det])
def test_a_matrix_that_is_not_square_is_refused(function):
    for shape in ((2, 3), (3, 2), (4, 2, 3)):
        with pytest.raises(ValueError, match=r"square.*" + str(shape[-1])):
            function(np.ones(shape, "float32"))


def test_updates_of_another_shape_are_refused_by_scatter_nd():
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        tf.scatter_nd([[0], [1]], np.ones((2, 3)), [4, 2])
    np.testing.assert_array_equal(tf.scatter_nd([[0], [2]], [[1, 2], [3, 4]], [3, 2]), [[1, 2], [0, 0], [3, 4]])


def test_slices_scale_by_multiplication_and_division():
    slices = tf.IndexedSlices([[2.0, 4.0]], [1], dense_shape=[3, 2])
    for scaled, factor in ((tf.multiply(slices, 3.0), 3), (tf.multiply(3.0, slices), 3), (slices / 2.0, 0.5)):
        assert isinstance(scaled, tf.IndexedSlices)
        np.testing.assert_array_equal(scaled.values, np.array([[2.0, 4.0]]) * factor)
    with pytest.raises(ValueError, match="dense_shape"):
        tf.IndexedSlices([[2.0, 4.0]], [1], dense_shape=[3, 5])


def test_an_array_of_a_tensor_has_the_dtype_asked_for():
    assert np.asarray(tf.constant([1.0]), dtype="float64").dtype == np.float64


@pytest.mark.parametrize("axis", [-1, 1, 0, -2])
def test_the_axis_of_a_cross_entropy_is_the_classes(axis):
    logits = np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 0.0]])
    labels = np.array([[0.0, 0.0, 1.0], [0.5, 0.5, 0.0]])
    p = np.exp(logits) / np.exp(logits).sum(axis=axis, keepdims=True)
    expected = -(labels * np.log(p)).sum(axis=axis)
    found = tf.nn.softmax_cross_entropy_with_logits(labels, logits, axis=axis)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("classes", [2, 31, 32, 33, 64])
def test_a_softmax_of_any_number_of_classes_is_numpys(classes):
    x = np.random.default_rng(classes).normal(size=(5, classes))
    for axis in (-1, 0, 1):
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        np.testing.assert_allclose(tf.nn.softmax(x, axis=axis), e / e.sum(axis=axis, keepdims=True), rtol=1e-12)
    with tf.GradientTape() as outer:
        v = tf.Variable(x)
        with tf.GradientTape() as inner:
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 0, 1, 0], v))
        g = inner.gradient(loss, v)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(g, p - np.eye(classes)[[0, 1, 0, 1, 0]], rtol=1e-9, atol=1e-12)
    hessian_times_ones = p - p * p.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(outer.gradient(g, v), hessian_times_ones, atol=1e-9)


def test_a_message_shows_a_short_value_whole_and_the_beginning_of_a_long_one():
    with pytest.raises(ValueError, match=r"of \[\[1\], \[1, 2\]\]:"):
        tf.constant([[1], [1, 2]])
    with pytest.raises(ValueError, match=r"of \[\[0, 1, 2, .{46}\.\.\.:"):
        tf.constant([list(range(100)), [1]])
