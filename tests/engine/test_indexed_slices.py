"""IndexedSlices: gradients of rows stay rows, from the gather to the update."""

import tracemalloc

import numpy as np
import pytest

import course as tf


def slices(values, indices, shape=(4, 2)):
    return tf.IndexedSlices(tf.constant(values), tf.constant(indices), shape)


A = slices([[1.0, 2.0], [3.0, 4.0]], [2, 0])
B = slices([[10.0, 20.0]], [2])


def test_it_stands_for_a_table_of_zeros_but_for_its_rows():
    assert A.shape == A.dense_shape == (4, 2) and A.dtype == tf.float32
    np.testing.assert_array_equal(A, [[3, 4], [0, 0], [1, 2], [0, 0]])
    np.testing.assert_array_equal(A.numpy(), np.asarray(tf.convert_to_tensor(A)))


def test_duplicate_rows_add_up():
    np.testing.assert_array_equal(
        slices([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], [1, 1, 3]), [[0, 0], [3, 3], [0, 0], [3, 3]]
    )


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda: A + B, np.add),
        (lambda: -A, lambda a, b: -a),
        (lambda: A * 3.0, lambda a, b: a * 3),
        (lambda: 3.0 * A, lambda a, b: a * 3),
        (lambda: tf.constant(3.0) * A, lambda a, b: a * 3),
        (lambda: tf.multiply(A, 3.0), lambda a, b: a * 3),
        (lambda: np.float32(3.0) * A, lambda a, b: a * 3),
        (lambda: A / 4.0, lambda a, b: a / 4),
        (lambda: tf.clip_by_norm(A, 1.0), lambda a, b: a / np.sqrt(30)),
        (lambda: tf.clip_by_global_norm([A], 1.0)[0][0], lambda a, b: a / np.sqrt(30)),
    ],
)
def test_addition_and_scaling_leave_it_sparse(compute, expected):
    result = compute()
    assert isinstance(result, tf.IndexedSlices) and result.shape == (4, 2)
    np.testing.assert_allclose(result, expected(A.numpy(), B.numpy()), rtol=1e-6)


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda: A + tf.ones((4, 2)), lambda a: a + 1),
        (lambda: tf.ones((4, 2)) + A, lambda a: a + 1),
        (lambda: A * np.arange(8.0).reshape(4, 2), lambda a: a * np.arange(8.0).reshape(4, 2)),
        (lambda: tf.square(A), np.square),
        (lambda: tf.reduce_sum(A), np.sum),
        (lambda: tf.ones((4, 2)) - A, lambda a: 1 - a),
    ],
)
def test_it_becomes_dense_only_where_it_meets_what_is_dense(compute, expected):
    result = compute()
    assert isinstance(result, tf.Tensor)
    np.testing.assert_allclose(result, expected(A.numpy()))


TABLE = np.arange(10.0).reshape(5, 2)
LOOKUPS = {
    "gather": lambda table: tf.gather(table, [1, 3, 1]),
    "embedding_lookup": lambda table: tf.nn.embedding_lookup(table, [1, 3, 1]),
    "indices of two axes": lambda table: tf.gather(table, [[1, 3], [1, 1]]),
    "a scalar index": lambda table: tf.gather(table, 2),
    "one row": lambda table: table[3],
    "a row from the end": lambda table: table[-1],
    "rows": lambda table: table[[1, 3, 1]],
    "an array": lambda table: table[np.array([[0, 4]])],
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_gradients_of_looking_up_rows_of_a_variable_are_rows(name):
    table = tf.Variable(TABLE)
    with tf.GradientTape(persistent=True) as tape:
        rows = LOOKUPS[name](table)
        y = tf.reduce_sum(rows * rows)
    g = tape.gradient(y, table)
    assert isinstance(g, tf.IndexedSlices) and g.shape == (5, 2) and g.values.shape[0] == g.indices.shape[0] <= 4
    dense = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        rows = LOOKUPS[name](dense * 1.0)
        y = tf.reduce_sum(rows * rows)
    np.testing.assert_allclose(g, tape.gradient(y, dense))


def test_several_lookups_of_one_variable_stay_sparse():
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(table, [1, 2])) + 3.0 * tf.reduce_sum(table[2]) + tf.reduce_sum(table[[2, 0]])
    g = tape.gradient(y, table)
    assert isinstance(g, tf.IndexedSlices)
    np.testing.assert_array_equal(g.numpy()[:, 0], [1, 1, 5, 0, 0])


def test_a_lookup_beside_a_dense_use_gives_a_dense_gradient():
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(table, [1])) + tf.reduce_sum(table * table)
    g = tape.gradient(y, table)
    assert isinstance(g, tf.Tensor)
    expected = 2 * TABLE
    expected[1] += 1
    np.testing.assert_array_equal(g, expected)


def test_second_derivatives_pass_through_lookups():
    table = tf.Variable(TABLE)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.gather(table, [1, 3, 1]) ** 3)
        g = inner.gradient(y, table)
    expected = np.zeros((5, 2))
    np.add.at(expected, [1, 3, 1], 6 * TABLE[[1, 3, 1]])
    np.testing.assert_allclose(outer.gradient(g, table), expected)


def peak_of_a_step(rows):
    """The most memory that a sparse step on a table of `rows` × 16 allocates, in bytes."""
    table = tf.Variable(np.zeros((rows, 16), np.float32))
    ids = tf.constant(np.arange(0, rows, rows // 64)[:64])

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table, ids) - 1.0))
        table.assign_sub(0.1 * tape.gradient(loss, table))

    step()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_step_on_a_table_of_a_million_rows_allocates_what_one_on_a_thousand_does():
    small, large = peak_of_a_step(1_000), peak_of_a_step(1_000_000)
    assert large < 2 * small and large < 200_000


def test_training_reaches_the_rows_that_occur_and_leaves_the_others():
    table = tf.Variable(np.zeros((6, 2)))
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, [0, 2, 2]) - 1.0))
        table.scatter_sub(tape.gradient(loss, table) * 0.1)
    np.testing.assert_allclose(table, [[1, 1], [0, 0], [1, 1], [0, 0], [0, 0], [0, 0]], atol=1e-6)
