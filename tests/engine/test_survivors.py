"""Small promises that no other test of the engine keeps: each was found by changing a line and seeing nothing fail."""

import numpy as np
import pytest

import course as tf


def test_ranges_tiles_and_slices_of_nothing_are_empty():
    assert tf.range(0).shape == tf.range(5, 5).shape == (0,)
    assert tf.tile([1.0, 2.0], [0]).shape == (0,)


@pytest.mark.parametrize("numbers", [[0, 1], [-1, 0], [-3, 1], [-3, 1, 0], [-1, -1], [2, 2, 3], [-5, 0, 0, 0]])
def test_the_mean_of_integers_is_rounded_towards_0(numbers):
    assert int(tf.reduce_mean(numbers)) == int(sum(numbers) / len(numbers))


@pytest.mark.parametrize(
    "meet",
    [
        lambda t, n: tf.where([True, False], t, n),
        lambda t, n: tf.stack([t[0], n]),
        lambda t, n: tf.clip_by_value(t, n, n),
        lambda t, n: tf.convert_to_tensor([t[0], n]),
        lambda t, n: t + n,
    ],
)
@pytest.mark.parametrize("traced", [False, True])
def test_an_integer_beside_a_dtype_that_cannot_hold_it_is_refused_by_every_operation(meet, traced):
    meet = tf.function(meet) if traced else meet
    t = tf.constant([1, 2], tf.uint8)
    assert meet(t, 200).dtype == tf.uint8
    for n in (300, -1):
        with pytest.raises(ValueError, match=f"{n} out of bounds for uint8"):
            meet(t, n)
    assert np.all(t < 300) and np.all(t != -1)  # a comparison has an answer


def test_matrices_of_nothing_have_no_norm():
    for order in (1, -1, 2, np.inf):
        with pytest.raises(ValueError, match=r"shape is \(2, 0\), and tensors have no norm of nothing"):
            np.linalg.norm(tf.zeros([2, 0]), order)
    assert float(np.linalg.norm(tf.zeros([2, 0]), "fro")) == float(np.linalg.norm(tf.zeros([0]), 1)) == 0


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


def test_numpys_functions_refuse_what_numpy_refuses():
    x = tf.constant([1.0, 2.0])
    with pytest.raises((TypeError, ValueError)):
        np.where(x > 1, x)
    for find in (np.max, np.min):
        with pytest.raises(ValueError, match="zero-size"):
            find(tf.zeros([0]))
        with pytest.raises(ValueError, match="zero-size"):
            find(tf.zeros([2, 0]), axis=1)
        assert find(tf.zeros([0, 2]), axis=1).shape == (0,)
    with pytest.raises(TypeError, match="dtype"):
        np.einsum("i,i->", x, x, dtype="float64")
    with pytest.raises(TypeError, match="text"):
        np.einsum(x, [0], x, [0])


def test_numpys_names_for_integers_and_booleans_answer_with_tensors():
    a, b = tf.constant([5, 6]), tf.constant([3, 2])
    assert isinstance(np.bitwise_xor(a, b), tf.Tensor)
    np.testing.assert_array_equal(np.bitwise_xor(a, b), [6, 4])
    np.testing.assert_array_equal(np.logical_or.reduce(tf.constant([[True, False], [False, False]])), [True, False])


@pytest.mark.parametrize("shapes", [((2, 3), (4, 3, 5)), ((3,), (3, 5)), ((2, 4, 3), (3, 5)), ((4, 3), (3,))])
def test_dot_is_numpys_for_any_number_of_axes(shapes):
    a, b = (np.random.default_rng(0).normal(size=shape) for shape in shapes)
    np.testing.assert_allclose(np.dot(tf.constant(a), tf.constant(b)), np.dot(a, b), rtol=1e-12)


def test_integers_are_drawn_from_minval_on():
    assert set(tf.random.uniform([200], 7, 9, dtype=tf.int32).numpy()) == {7, 8}


@pytest.mark.parametrize("draw", [tf.random.normal, tf.random.truncated_normal, tf.random.uniform])
def test_a_seed_of_its_own_fixes_what_is_drawn_after_the_global_one(draw):
    def drawn(seed):
        tf.random.set_seed(1)
        return draw([4], seed=seed).numpy()

    np.testing.assert_array_equal(drawn(3), drawn(3))
    assert (drawn(3) != drawn(4)).all()


def test_scatter_nd_takes_rows_of_indices_in_any_shape_and_refuses_a_scalar():
    np.testing.assert_array_equal(tf.scatter_nd([[[0], [2]], [[2], [1]]], [[1.0, 2.0], [3.0, 4.0]], [3]), [1, 4, 5])
    with pytest.raises(ValueError, match="indices of shape"):
        tf.scatter_nd(0, 1.0, [3])


def test_the_smallest_int32_is_one():
    assert tf.constant(-(2**31)).dtype == tf.constant([-(2**31)]).dtype == np.int32
    assert tf.constant(2**31 - 1).dtype == np.int32


def test_a_norm_takes_one_axis_in_a_tuple():
    x = [[3.0, -4.0], [0.0, 1.0]]
    for order, expected in ((1, [7.0, 1.0]), (np.inf, [4.0, 1.0]), ("euclidean", [5.0, 1.0])):
        np.testing.assert_allclose(tf.norm(x, order, axis=(1,)), expected)


def test_the_second_derivative_of_a_spectral_norm_is_finite_beside_zeros():
    x = tf.Variable(np.diag([3.0, 1.0]))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            size = tf.norm(x, 2, axis=(0, 1))
        g = inner.gradient(size, x)
    found = outer.jacobian(g, x).numpy().reshape(4, 4)

    def gradient(values):
        u, _, vt = np.linalg.svd(values.reshape(2, 2))
        return np.outer(u[:, 0], vt[0]).ravel()

    at, step = x.numpy().ravel(), 1e-6
    expected = [(gradient(at + step * e) - gradient(at - step * e)) / (2 * step) for e in np.eye(4)]
    np.testing.assert_allclose(found, np.transpose(expected), atol=1e-8)


def test_slices_add_negate_and_are_clipped():
    slices = tf.IndexedSlices([[2.0, 4.0]], [1], dense_shape=[3, 2])
    dense = np.array([[0.0, 0.0], [2.0, 4.0], [0.0, 0.0]])
    np.testing.assert_array_equal(slices + np.ones((3, 2), "float32"), dense + 1)
    np.testing.assert_array_equal(tf.convert_to_tensor(-slices), -dense)
    clipped = tf.clip_by_norm(slices, 1.0)
    assert isinstance(clipped, tf.IndexedSlices)
    np.testing.assert_allclose(clipped.values, np.array([[2.0, 4.0]]) / np.sqrt(20), rtol=1e-6)


def test_pairs_of_axes_that_are_not_there_are_refused_by_tensordot():
    a, b = np.ones((2, 3)), np.ones((3, 2))
    for axes in ([[2], [0]], [[1], [2]], [[-3], [0]], [[1], [-3]], [[0], [0]]):
        with pytest.raises(ValueError, match="tensordot: axis"):
            tf.tensordot(a, b, axes)


def test_gather_with_batch_dims_refuses_another_axis():
    with pytest.raises(ValueError, match="axis must be the same"):
        tf.gather(np.ones((2, 3, 4)), [[0, 1], [1, 2]], axis=2, batch_dims=1)


def test_a_sparse_gradient_is_dense_inside_another_tape_and_made_of_tensors_outside():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape():
        with tf.GradientTape() as inner:
            y = tf.gather(v, [1])
        assert isinstance(inner.gradient(y, v), tf.Tensor)
    with tf.GradientTape() as tape:
        y = tf.gather(v, [1])
    g = tape.gradient(y, v)
    assert isinstance(g, tf.IndexedSlices)
    assert isinstance(g.values, tf.Tensor) and isinstance(g.indices, tf.Tensor) and g.dense_shape == (2, 2)


def test_a_part_is_assigned_and_the_rest_stays():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    v[0, 1].assign(9.0)
    assert v.numpy().tolist() == [[1, 9], [3, 4]]
    v[1].assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [[1, 9], [4, 5]]


def test_a_tape_that_ends_before_one_that_began_later_stops_alone():
    x, first, second = tf.Variable(3.0), tf.GradientTape(), tf.GradientTape()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    y = x * x
    second.__exit__(None, None, None)
    assert float(second.gradient(y, x)) == 6 and first.gradient(y, x) is None


def test_a_trace_that_begins_again_leaves_no_change_in_place_behind():
    v, made = tf.Variable([1.0, 2.0]), []

    @tf.function
    def step():
        v.scatter_add(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))
        if not made:
            made.append(tf.Variable(0.0))  # the trace is begun again once it exists

    step()
    assert v.numpy().tolist() == [2, 2]


def test_the_count_of_an_optimizers_steps_is_no_trainable_variable():
    assert tf.optimizers.SGD(0.1).iterations.trainable is False
