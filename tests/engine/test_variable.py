"""Variables: reads are snapshots, updates keep shape and dtype, scatters write in place where nobody can see it."""

import copy
import pickle
import weakref

import numpy as np
import pytest

import course as tf


def rows(values, indices):
    return tf.IndexedSlices(tf.constant(values), tf.constant(indices))


def test_assign_sets_and_returns_the_variable():
    v = tf.Variable(1.0)
    assert v.assign(3.0) is v and float(v) == 3.0
    assert float(v.assign(tf.square(v))) == 9.0
    assert float(v.assign_add(1.0)) == 10.0 and float(v.assign_sub(4)) == 6.0


def test_shape_dtype_and_name_stay():
    v = tf.Variable([1.0, 2.0], name="w", dtype=tf.float64)
    v.assign(np.array([3, 4]))
    assert (v.shape, v.dtype, v.name, v.trainable) == ((2,), tf.float64, "w:0", True)
    assert not tf.Variable(1.0, trainable=False).trainable


def test_an_initial_value_may_be_a_function():
    assert float(tf.Variable(lambda: 4.0)) == 4.0


def test_the_initial_array_is_copied():
    array = np.array([1.0, 2.0])
    v = tf.Variable(array)
    array[0] = 9.0
    assert v.numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize("read", ["value", "read_value", "numpy"])
@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.assign([7.0, 7.0]),
        lambda v: v.assign_add([7.0, 7.0]),
        lambda v: v.assign_sub([7.0, 7.0]),
        lambda v: v.scatter_update(rows([7.0], [0])),
        lambda v: v.scatter_add(rows([7.0], [0])),
        lambda v: v.scatter_sub(rows([7.0], [0])),
    ],
)
def test_what_was_read_stays_when_the_variable_changes(read, change):
    v = tf.Variable([1.0, 2.0])
    before = getattr(v, read)()
    views = [before, np.asarray(v), v * 1.0, v[0], v[:], tf.identity(v), tf.convert_to_tensor(v), tf.gather(v, [0])]
    texts = [repr(view) for view in views]
    change(v)
    assert [repr(view) for view in views] == texts
    assert v.numpy()[0] != 1.0


def test_reading_does_not_copy():
    v = tf.Variable(np.zeros(100_000))
    assert np.shares_memory(v.numpy(), v.value().numpy()) and np.shares_memory(v.numpy(), np.asarray(v))


def test_arrays_taken_out_are_read_only():
    v = tf.Variable([1.0, 2.0])
    for array in (v.numpy(), np.asarray(v), v.value().numpy()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9.0
    v.scatter_update(rows([5.0], [0]))
    with pytest.raises(ValueError, match="read-only"):
        v.numpy()[0] = 9.0


def test_scatter_writes_in_place_unless_the_whole_was_read():
    v = tf.Variable(np.zeros((4, 2)))
    where = v._value
    v.scatter_update(rows([[1.0, 1.0]], [0]))
    tf.gather(v, [0, 1])
    v[1]
    v.scatter_add(rows([[1.0, 1.0]], [0]))
    assert v._value is where
    seen = v.value()
    v.scatter_sub(rows([[2.0, 2.0]], [1]))
    assert v._value is not where and seen.numpy().tolist() == [[2.0, 2.0]] + [[0.0, 0.0]] * 3
    where = v._value
    v.scatter_sub(rows([[2.0, 2.0]], [1]))
    assert v._value is where


def test_a_tensor_assigned_to_two_variables_belongs_to_neither():
    t = tf.constant([1.0, 2.0])
    v, w = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    v.assign(t)
    v.scatter_update(rows([0.5], [1]))
    assert t.numpy().tolist() == [1.0, 2.0]
    w.assign(v.assign(t))
    v.scatter_update(rows([9.0], [0]))
    w.scatter_add(rows([5.0], [1]))
    assert (t.numpy().tolist(), v.numpy().tolist(), w.numpy().tolist()) == ([1.0, 2.0], [9.0, 2.0], [1.0, 7.0])


@pytest.mark.parametrize(
    ("method", "expected"), [("scatter_update", [3.0, 0.0]), ("scatter_add", [6.0, 0.0]), ("scatter_sub", [-6.0, 0.0])]
)
def test_of_duplicate_rows_the_last_is_set_and_all_are_added(method, expected):
    v = tf.Variable([0.0, 0.0])
    assert getattr(v, method)(rows([1.0, 2.0, 3.0], [0, 0, 0])) is v
    assert v.numpy().tolist() == expected


def test_dense_updates_accept_indexed_slices():
    v = tf.Variable([1.0, 1.0])
    v.assign_sub(rows([0.5, 0.5], [1, 1]))
    v.assign_add(rows([2.0], [0]))
    assert v.numpy().tolist() == [3.0, 0.0]


def test_failed_updates_change_nothing():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    before = v.numpy()
    for update in (
        lambda: v.scatter_update(rows([[9.0, 9.0], [9.0, 9.0]], [0, 5])),
        lambda: v.scatter_add(rows([[9.0, 9.0, 9.0]], [0])),
        lambda: v.assign([[9.0, 9.0]]),
        lambda: v.assign_sub("x"),
    ):
        with pytest.raises((IndexError, ValueError, TypeError)):
            update()
        np.testing.assert_array_equal(v, before)


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul"])
def test_operators_with_assignment_raise_and_name_the_methods(name):
    v = tf.Variable([1.0, 2.0], name="w")
    with pytest.raises(TypeError, match="'w:0'.*assign_add for \\+=, assign_sub for -=.*assign\\("):
        getattr(v, f"__{name}__")(1.0)


def test_variables_compute_like_their_values():
    v = tf.Variable([1.0, -2.0])
    np.testing.assert_array_equal(2.0 * v + v**2 - np.abs(v), [2.0, -2.0])
    assert (v > 0).numpy().tolist() == [True, False] and len(v) == 2 and float(v[1]) == -2.0
    assert isinstance(v + 1.0, tf.Tensor) and [float(x) for x in v] == [1.0, -2.0]


def test_repr_is_that_of_tensorflow():
    assert (
        repr(tf.Variable(1.0))
        == str(tf.Variable(1.0))
        == "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=1.0>"
    )
    assert repr(tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")) == (
        "<tf.Variable 'w:0' shape=(2, 2) dtype=float32, numpy=\narray([[1., 2.],\n       [3., 4.]], dtype=float32)>"
    )


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda v: pickle.loads(pickle.dumps(v))])
def test_copies_are_equal_and_independent(duplicate):
    v = tf.Variable([1.0, 2.0], trainable=False, name="w")
    v.value()
    other = duplicate(v)
    assert repr(other) == repr(v) and not other.trainable
    other.scatter_update(rows([9.0], [0]))
    other.assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [1.0, 2.0] and other.numpy().tolist() == [10.0, 3.0]


def test_old_values_are_freed():
    v = tf.Variable(np.zeros(10))
    old = weakref.ref(v.value())
    v.assign_add(np.ones(10))
    assert old() is None
