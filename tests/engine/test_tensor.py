"""Tensors: immutable, at home where NumPy's arrays are, and shown as TensorFlow shows them."""

import copy
import operator
import pickle

import numpy as np
import pytest

import course as tf

M = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1.5, tf.float32),
        (2, tf.int32),
        (2**40, tf.int64),
        (-(2**31), tf.int32),
        (True, tf.bool),
        ([1, 2.5], tf.float32),
        ([], tf.float32),
        (np.float64(1.5), tf.float64),
        (np.array([1, 2]), tf.int64),
        (np.array([1.0], np.float16), tf.float16),
        ([np.float64(1.0), 2.0], tf.float64),
    ],
)
def test_python_numbers_are_32_bits_wide_and_arrays_keep_their_dtype(value, dtype):
    assert tf.constant(value).dtype == dtype


def test_constant_takes_a_dtype_and_a_shape():
    assert tf.constant([], "int32").dtype == tf.int32  # an empty list holds no floats
    assert tf.constant([1, 2], "float64").dtype == tf.float64
    np.testing.assert_array_equal(tf.constant(7, shape=(2, 2)), [[7, 7], [7, 7]])
    np.testing.assert_array_equal(tf.constant([1, 2, 3, 4], shape=[2, 2]), [[1, 2], [3, 4]])


def test_constant_copies_an_array_and_returns_a_tensor_as_it_is():
    array = np.array([1.0, 2.0])
    t = tf.constant(array)
    array[0] = 9.0
    assert t.numpy().tolist() == [1.0, 2.0]
    assert tf.constant(t) is t and tf.convert_to_tensor(t) is t


@pytest.mark.parametrize("t", [tf.constant(M), tf.constant([1.0])[0:1], tf.zeros((2, 2)), tf.constant(M) + 1.0])
def test_arrays_taken_out_are_read_only(t):
    with pytest.raises(ValueError, match="read-only"):
        t.numpy()[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(t)[0] = 0.0
    writable = np.array(t)
    writable[0] = 0.0
    assert t.numpy().any() or not writable.any()


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (1.0, "<tf.Tensor: shape=(), dtype=float32, numpy=1.0>"),
        (True, "<tf.Tensor: shape=(), dtype=bool, numpy=True>"),
        ([1.0, 2.0], "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>"),
        ([], "<tf.Tensor: shape=(0,), dtype=float32, numpy=array([], dtype=float32)>"),
        (
            M,
            "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[1., 2.],\n       [3., 4.]], dtype=float32)>",
        ),
    ],
)
def test_repr_is_that_of_tensorflow(t, text):
    assert repr(tf.constant(t)) == text


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (1.0, "tf.Tensor(1.0, shape=(), dtype=float32)"),
        ([1, 2], "tf.Tensor([1 2], shape=(2,), dtype=int32)"),
        (M, "tf.Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float32)"),
    ],
)
def test_str_is_that_of_tensorflow(t, text):
    assert str(tf.constant(t)) == text


def test_shapes_are_tuples_with_what_tensorflow_adds():
    shape = tf.constant(M).shape
    assert shape == (2, 2) and repr(shape) == "TensorShape([2, 2])" and str(shape) == "(2, 2)"
    assert shape.as_list() == [2, 2] and shape.rank == shape.ndims == 2 and shape.num_elements() == 4
    assert tf.constant(M).get_shape() == shape and tf.constant(M).ndim == 2


def test_one_value_converts_to_python_numbers():
    t = tf.constant(2.5)
    assert (float(t), int(t), bool(t), f"{t:.3f}", round(t, 1)) == (2.5, 2, True, "2.500", 2.5)
    assert [10, 20, 30][tf.constant(1)] == 20 and range(tf.constant(3)) == range(3)
    assert float(tf.constant([[4.0]])) == 4.0


def test_tensors_have_length_and_iterate_over_rows():
    t = tf.constant(M)
    assert len(t) == 2 and [row.numpy().tolist() for row in t] == M
    a, b = tf.constant([1.0, 2.0])
    assert (float(a), float(b)) == (1.0, 2.0)


X, Y = np.array([[1.5, -2.0, 3.0]]), np.array([[2.0], [0.5]])
COMPARISONS = ["lt", "le", "gt", "ge", "eq", "ne"]


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "floordiv", "mod", *COMPARISONS])
def test_operators_broadcast_both_ways_and_work_from_either_side(name):
    function = getattr(operator, name)
    expected = function(X, Y)
    for x, y in [(tf.constant(X), tf.constant(Y)), (tf.constant(X), Y), (X, tf.constant(Y)), (tf.Variable(X), Y)]:
        result = function(x, y)
        assert isinstance(result, tf.Tensor)
        np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(function(2.0, tf.constant(X)), function(2.0, X))
    np.testing.assert_array_equal(function(tf.constant(X), 2), function(X, 2))


def test_power_matrix_product_and_signs():
    t = tf.constant(M)
    np.testing.assert_allclose(t**2, np.square(M))
    np.testing.assert_allclose(2**t, 2 ** np.array(M))
    np.testing.assert_allclose(t @ M, np.array(M) @ M)
    np.testing.assert_allclose(M @ t, np.array(M) @ M)
    np.testing.assert_allclose(np.matmul(t, [1.0, 2.0]), [5.0, 11.0])
    np.testing.assert_allclose(np.array([1.0, 2.0]) @ t, [7.0, 10.0])
    np.testing.assert_array_equal(abs(-t), +t)


def test_bits_and_booleans():
    three, five = tf.constant([3]), tf.constant([5])
    assert [int(x) for x in (three & five, three | five, three ^ five, ~three)] == [1, 7, 6, -4]
    true, false = tf.constant(True), tf.constant(False)
    assert not bool(true & false) and bool(true | false) and bool(true ^ false) and not bool(~true)


def test_equality_with_what_is_no_number_is_false():
    t = tf.constant(1.0)
    assert (t == None) is False and (t != None) is True and (t == "a") is False  # noqa: E711


@pytest.mark.parametrize(
    ("x", "y", "dtype"),
    [
        (tf.constant(1.0), 2.5, tf.float32),
        (tf.constant(1.0, tf.float16), 2, tf.float16),
        (tf.constant(1), 2, tf.int32),
        (tf.constant(1.0), tf.constant(1.0, tf.float64), tf.float64),
        (tf.constant(1), tf.constant(2), tf.int32),
        (np.float64(1.0), tf.constant(1.0), tf.float64),
    ],
)
def test_python_numbers_take_the_dtype_beside_them_and_dtypes_promote_as_numpys(x, y, dtype):
    assert (x + y).dtype == (y + x).dtype == dtype


T = np.arange(24.0).reshape(2, 3, 4)
KEYS = [
    0,
    -1,
    (1, 2, 3),
    slice(1, None),
    (slice(None), slice(None, None, -1)),
    (..., 0),
    (None, 1),
    (slice(None), 1, None),
    (0, slice(0, 3, 2), ...),
    [1, 0, 1],
    np.array([[0, 1], [1, 1]]),
    (np.array([0, 1]), np.array([2, 2])),
    T > 11,
    (0, T[0] > 5),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_indexing_is_numpys_and_gradients_arrive_where_elements_came_from(key):
    t = tf.constant(T)
    with tf.GradientTape() as tape:
        tape.watch(t)
        part = t[key]
        y = tf.reduce_sum(part * part)
    np.testing.assert_array_equal(part, T[key])
    expected = np.zeros_like(T)
    np.add.at(expected, key, 2 * T[key])
    np.testing.assert_array_equal(tape.gradient(y, t), expected)
    np.testing.assert_array_equal(tf.Variable(T)[key], T[key])


def test_tensors_index_and_slice_too():
    t = tf.constant([10.0, 20.0, 30.0])
    i = tf.constant(1)
    assert float(t[i]) == 20.0 and t[i:].numpy().tolist() == [20.0, 30.0]
    assert t[t > 15.0].numpy().tolist() == [20.0, 30.0]
    assert t[tf.constant([2, 0])].numpy().tolist() == [30.0, 10.0]


NUMPY_FUNCTIONS = {
    "sum": lambda x: np.sum(x),
    "sum over an axis": lambda x: np.sum(x, axis=1, keepdims=True),
    "mean": lambda x: np.mean(x, axis=0),
    "max": lambda x: np.max(x),
    "min": lambda x: np.min(x, axis=1),
    "prod": lambda x: np.prod(x),
    "var": lambda x: np.var(x),
    "std": lambda x: np.std(x, axis=1),
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce over all": lambda x: np.add.reduce(x, axis=None),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1),
    "exp": lambda x: np.exp(x),
    "square": lambda x: np.square(x),
    "negative": lambda x: np.negative(x),
    "subtract from an array": lambda x: np.ones((2, 2)) - x,
    "multiply by an array": lambda x: np.multiply(np.array([2.0, 3.0]), x),
    "power": lambda x: np.power(x, 3),
    "matmul": lambda x: np.matmul(x, x),
    "dot": lambda x: np.dot(x, x),
    "einsum": lambda x: np.einsum("ij,ij->i", x, x),
    "tensordot": lambda x: np.tensordot(x, x, 1),
    "outer": lambda x: np.outer(x, x),
    "where": lambda x: np.where(x > 2.5, x, x * x),
    "clip": lambda x: np.clip(x, 1.5, 3.5),
    "maximum": lambda x: np.maximum(x, 2.5),
    "reshape": lambda x: np.reshape(x, (4,)) ** 2,
    "ravel": lambda x: np.ravel(x) * np.arange(4.0),
    "transpose": lambda x: np.transpose(x) @ x,
    "swapaxes": lambda x: np.swapaxes(x, 0, 1) @ x,
    "moveaxis": lambda x: np.moveaxis(x, 0, 1) * x,
    "stack": lambda x: np.stack([x, x * x], axis=1),
    "concatenate": lambda x: np.concatenate([x, x * x]),
    "expand_dims": lambda x: np.expand_dims(x, 0) * x,
    "squeeze": lambda x: np.squeeze(x[:1]) * x,
    "tile": lambda x: np.tile(x, (2, 1)),
    "broadcast_to": lambda x: np.broadcast_to(x, (3, 2, 2)),
    "cumsum": lambda x: np.cumsum(x),
    "sort": lambda x: np.sort(x, axis=0),
    "take": lambda x: np.take(x, [1, 0, 1], axis=1),
    "linalg.norm": lambda x: np.linalg.norm(x),
}


@pytest.mark.parametrize("name", NUMPY_FUNCTIONS)
def test_numpys_functions_give_tensors_and_are_recorded(name):
    function, array, step = NUMPY_FUNCTIONS[name], np.array(M), 1e-6
    x = tf.Variable(array)
    with tf.GradientTape() as tape:
        y = function(x)
    assert isinstance(y, tf.Tensor)
    np.testing.assert_allclose(y, function(array))
    direction = np.array([[0.3, -0.7], [1.1, 0.4]])
    slope = np.sum(function(array + step * direction) - function(array - step * direction)) / (2 * step)
    assert np.sum(np.asarray(tape.gradient(y, x)) * direction) == pytest.approx(slope, rel=1e-6)


def test_numpys_answers_about_shapes_and_places():
    t = tf.constant(M)
    assert np.shape(t) == (2, 2) and np.ndim(t) == 2 and np.size(t) == 4
    assert int(np.argmax(t)) == 3 and np.argmin(t, axis=1).numpy().tolist() == [0, 0]
    assert np.isfinite(t).numpy().all() and np.allclose(t, M)


def test_functions_unknown_here_work_outside_a_tape_and_refuse_to_lose_a_gradient_inside():
    t = tf.constant([1.0, 2.0, 3.0])
    assert np.median(t) == 2.0 and np.cumprod(t).tolist() == [1.0, 2.0, 6.0]
    with tf.GradientTape() as tape:
        tape.watch(t)
        with pytest.raises(TypeError, match=r"np\.median has no gradient rule.*numpy\(\)"):
            np.median(t)
        with pytest.raises(TypeError, match=r"np\.hypot has no gradient rule"):
            np.hypot(t, t)


def test_copies_and_pickles_are_equal():
    t = tf.constant(M)
    assert copy.deepcopy(t) is t
    restored = pickle.loads(pickle.dumps(t))
    assert repr(restored) == repr(t)
    with pytest.raises(ValueError, match="read-only"):
        restored.numpy()[0] = 0.0


def test_references_are_keys():
    t, u = tf.constant(1.0), tf.constant(1.0)
    known = {t.ref(): "t", u.ref(): "u"}
    assert known[t.ref()] == "t" and "tf.Tensor" in repr(t.ref()) and t.ref() != u.ref() and t.ref().deref() is t


def test_lists_of_tensors_are_stacked_and_recorded():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.convert_to_tensor([[x, 1.0], [x * x, 0.0]]))
    assert float(tape.gradient(y, x)) == 5.0


def test_is_tensor_tells_tensors_and_variables_from_arrays():
    assert tf.is_tensor(tf.constant(1)) and tf.is_tensor(tf.Variable(1.0)) and not tf.is_tensor(np.ones(2))


@pytest.mark.parametrize("values", [[1.23456, -2.5], [123, 45]], ids=["floats", "ints"])
@pytest.mark.parametrize("decimals", [-1, 0, 2])
def test_numpy_rounds_a_tensor_to_the_decimals_asked_for(values, decimals):
    x = tf.constant(values)
    rounded = np.round(x, decimals)
    assert isinstance(rounded, tf.Tensor) and rounded.dtype == x.dtype
    np.testing.assert_array_equal(rounded, np.round(x.numpy(), decimals))


@pytest.mark.parametrize("function", [np.mean, np.var, np.std])
def test_numpys_averages_of_integers_are_floats_as_numpys_own(function):
    array = np.array([[1, 2, 4], [-3, 0, 1]])
    for x in (array, array > 0):
        np.testing.assert_allclose(function(tf.constant(x), axis=1), function(x, axis=1))
    assert tf.reduce_mean(tf.constant([1, 2])).dtype == tf.int32, "TensorFlow's own mean of integers is an integer"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    "mixed",
    [
        lambda x: x + [0.1, 0.2, 0.3], lambda x: [0.1, 0.2, 0.3] / x, lambda x: tf.maximum((0.1, 2, 0.3), x),
        lambda x: tf.where(x > 1.0, x, 0.1), lambda x: tf.stack([x, [1, 2, 3]]), lambda x: tf.concat([x, [0.1]], 0),
        lambda x: tf.convert_to_tensor([x[0], 0.1, 2]), lambda x: tf.linalg.matmul([[0.1, 0.2, 0.3]], x[:, None]),
    ],
    ids=["+", "/", "maximum", "where", "stack", "concat", "convert_to_tensor", "matmul"],
)  # fmt: skip
def test_numbers_in_lists_take_the_dtype_of_the_tensor_beside_them_unrounded(mixed, dtype):
    x = tf.constant([1.0, 2.0, 4.0], dtype=dtype)
    exact = mixed(tf.constant([1.0, 2.0, 4.0], dtype="float64"))
    assert mixed(x).dtype == dtype
    np.testing.assert_allclose(mixed(x).numpy(), exact.numpy(), rtol=2 * np.finfo(dtype).eps)


def test_numbers_alone_are_32_bits_wide_in_functions_too():
    c = tf.constant([True, False])
    for traced in (lambda f: f, tf.function):
        assert traced(lambda c: tf.where(c, 1.0, 0.0))(c).dtype == tf.float32
        assert traced(lambda c: tf.where(c, 1, 0))(c).dtype == tf.int32
    assert tf.add(1, 2.5).dtype == tf.float32 and tf.stack([1, 2.5]).dtype == tf.float32
    assert tf.stack([1, 2]).dtype == tf.int32


def test_a_number_out_of_the_range_of_what_it_stands_beside_is_refused_but_may_be_compared():
    x = tf.constant([1, 2], dtype="uint8")
    for out_of_range in (lambda: x + 300, lambda: x - [300, 1], lambda: tf.constant([1]) * 3_000_000_000):
        with pytest.raises(ValueError, match="out of"):
            out_of_range()
    assert (x == 300).numpy().tolist() == [False, False] and (x < 300).numpy().tolist() == [True, True]


@pytest.mark.parametrize("x", [[1.0, 2.0], [1, 2]], ids=["floats", "ints"])
@pytest.mark.parametrize("number", [2, 0.5, True])
def test_every_input_that_a_tape_records_is_a_whole_tensor(x, number):
    x = tf.constant(x, dtype=tf.float32 if isinstance(x[0], float) else None)
    f = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = number * (f * x[0] + number) - number
    for _, inputs, output, _ in tape._records:
        for t in (*inputs, output):
            assert repr(t).startswith("<tf.Tensor: shape=()") and float(t) == t.numpy() and t.dtype == t.numpy().dtype
            assert str(t) and t.shape == () and hash(t.ref())
    assert float(y) == number * (float(x[0]) + number) - number and repr(tape._records)


@pytest.mark.parametrize("operator", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"])
def test_pythons_operators_are_the_operations_that_say_so(operator):
    x = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    for name in (f"__{operator}__", f"__r{operator}__"):
        np.testing.assert_allclose(getattr(tf.constant(x), name)(x + 1).numpy(), getattr(x, name)(x + 1), rtol=1e-6)


@pytest.mark.parametrize("make", [tf.constant, tf.Variable])
def test_indices_run_from_minus_the_size_to_below_it(make):
    x = make([10.0, 20.0, 30.0])
    for i in range(-3, 3):
        assert float(x[i]) == float(x[tf.constant(i)]) == float(x[[i]][0]) == [10.0, 20.0, 30.0][i]
    for i in (-4, 3):
        for index in (i, tf.constant(i), [i, 0]):
            with pytest.raises(IndexError, match=str(i)):
                x[index]


def test_a_shape_equals_the_tuple_and_the_list_of_its_sizes():
    shape = tf.zeros([2, 3]).shape
    assert shape == (2, 3) and shape == [2, 3] and [2, 3] == shape and shape == tf.TensorShape([2, 3])  # noqa: SIM300
    assert not (shape != [2, 3] or shape != (2, 3))
    assert shape != [3, 2] and shape != (2,) and shape != 2 and shape != None  # noqa: E711
    assert {shape: 1}[2, 3] == 1 and str(shape) == "(2, 3)"
