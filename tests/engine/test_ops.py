"""Operations: values as TensorFlow's, gradients at ties and edges, and nothing that overflows on the way.

Gradients in general are the matter of test_proofs.py, refusals that of test_bad_input.py.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import course as tf

NAN, INF = np.nan, np.inf


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def gradient(function, *values):
    """The gradients of the sum of function(*values) with respect to each."""
    xs = [tf.constant(v) for v in values]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = function(*xs)
    gradients = [None if g is None else g.numpy().tolist() for g in tape.gradient(y, xs)]
    return gradients[0] if len(gradients) == 1 else gradients


def quietly(function, *arguments):
    """Calls it without NumPy's warnings, where 1 / 0 is meant."""
    with np.errstate(all="ignore"):
        return function(*arguments)


VALUES = {
    "integers divide to floats": (lambda: tf.divide(3, 2), 1.5),
    "floordiv rounds down": (lambda: tf.constant([7.0, -7.0]) // 2, [3, -4]),
    "floormod has the divisor's sign": (lambda: tf.constant([7, -7]) % 3, [1, 2]),
    "round takes the even number at a tie": (lambda: tf.round([0.5, 1.5, 2.5, -0.5]), [0, 2, 2, 0]),
    "sign": (lambda: tf.sign([-2.0, 0.0, 3.0]), [-1, 0, 1]),
    "squared_difference": (lambda: tf.math.squared_difference([1.0, 5.0], 2.0), [1, 9]),
    "erf": (lambda: tf.math.erf([0.0, 0.5, -INF]), [0, 0.5204999, -1]),
    "expm1 of a small number": (lambda: tf.math.expm1(1e-10), 1e-10),
    "log1p of a small number": (lambda: tf.math.log1p(1e-10), 1e-10),
    "where with broadcasting": (lambda: tf.where([True, False], [[1.0], [2.0]], 0.0), [[1, 0], [2, 0]]),
    "where gives indices": (lambda: tf.where([[True, False], [False, True]]), [[0, 0], [1, 1]]),
    "clip_by_value": (lambda: tf.clip_by_value([-1.0, 0.5, 9.0], 0.0, 1.0), [0, 0.5, 1]),
    "clip_by_norm": (lambda: tf.clip_by_norm([3.0, 4.0], 1.0), [0.6, 0.8]),
    "clip_by_norm along an axis": (
        lambda: tf.clip_by_norm([[3.0, 4.0], [0.3, 0.4]], 1.0, axes=[1]),
        [[0.6, 0.8], [0.3, 0.4]],
    ),
    "clip_by_global_norm": (lambda: tf.stack(tf.clip_by_global_norm([[3.0], [4.0]], 1.0)[0]), [[0.6], [0.8]]),
    "the norm before clipping": (lambda: tf.clip_by_global_norm([[3.0], None, [4.0]], 1.0)[1], 5),
    "cast truncates": (lambda: tf.cast([1.9, -1.9], tf.int32), [1, -1]),
    "reduce_mean of integers rounds towards 0": (lambda: tf.reduce_mean([-1, -2, -2]), -1),
    "reduce_mean of many bytes": (lambda: tf.reduce_mean(tf.constant(np.full(1000, 200, np.uint8))), 200),
    "reduce_variance": (lambda: tf.math.reduce_variance([1.0, 3.0]), 1),
    "reduce_std": (lambda: tf.math.reduce_std([[1.0, 3.0], [2.0, 2.0]], axis=1), [1, 0]),
    "reduce over several axes": (lambda: tf.reduce_sum(tf.ones((2, 3, 4)), axis=[0, -1]), [8, 8, 8]),
    "keepdims": (lambda: tf.reduce_max([[1.0, 3.0]], axis=1, keepdims=True), [[3]]),
    "reduce_all and any": (lambda: tf.stack([tf.reduce_all([True, False]), tf.reduce_any([True, False])]), [0, 1]),
    "sums of nothing": (lambda: tf.reduce_sum(tf.zeros((0, 2)), axis=0), [0, 0]),
    "products of nothing": (lambda: tf.reduce_prod(tf.zeros((0,))), 1),
    "logsumexp of nothing": (lambda: tf.reduce_logsumexp(tf.zeros((0,))), -INF),
    "argmax is along the first axis": (lambda: tf.argmax([[1.0, 5.0], [3.0, 2.0]]), [1, 0]),
    "argmin takes the first of equals": (lambda: tf.argmin([1, 0, 0]), 1),
    "norms": (
        lambda: tf.stack([tf.norm([3.0, -4.0]), tf.norm([3.0, -4.0], ord=1), tf.norm([3.0, -4.0], ord=INF)]),
        [5, 7, 4],
    ),
    "norm along a list of one axis": (lambda: tf.norm([[3.0, 4.0], [6.0, 8.0]], ord=2, axis=[1]), [5, 10]),
    "cumsum": (lambda: tf.cumsum([1, 2, 3]), [1, 3, 6]),
    "cumsum exclusive and reverse": (lambda: tf.cumsum([1, 2, 3], exclusive=True, reverse=True), [5, 3, 0]),
    "matmul transposes": (lambda: tf.matmul([[1.0], [2.0]], [[3.0], [4.0]], transpose_a=True), [[11]]),
    "einsum without an arrow": (lambda: tf.einsum("ba", [[1, 2], [3, 4]]), [[1, 3], [2, 4]]),
    "einsum of a trace": (lambda: tf.einsum("ii", [[1, 2], [3, 4]]), 5),
    "squeeze": (lambda: tf.squeeze([[[1], [2]]]), [1, 2]),
    "split of unequal parts": (lambda: tf.split([1, 2, 3, 4], [1, -1])[1], [2, 3, 4]),
    "tile": (lambda: tf.tile([[1, 2]], [2, 2]), [[1, 2, 1, 2], [1, 2, 1, 2]]),
    "gather along an axis": (lambda: tf.gather([[1, 2], [3, 4]], [1, 1], axis=1), [[2, 2], [4, 4]]),
    "gather in batches": (lambda: tf.gather([[1, 2], [3, 4]], [[1], [0]], batch_dims=1), [[2], [3]]),
    "gather_nd": (lambda: tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]), [2, 3]),
    "boolean_mask": (lambda: tf.boolean_mask([[1, 2], [3, 4]], [False, True]), [[3, 4]]),
    "one_hot": (lambda: tf.one_hot([0, 2, 5, -1], 3), [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]),
    "one_hot along an axis": (lambda: tf.one_hot([0, 1], 2, on_value=5, off_value=1, axis=0), [[5, 1], [1, 5]]),
    "sort": (lambda: tf.sort([3, 1, 2], direction="DESCENDING"), [3, 2, 1]),
    "argsort is stable": (lambda: tf.argsort([2, 1, 2, 1]), [1, 3, 0, 2]),
    "argsort downwards": (lambda: tf.argsort([3, 1, 1], direction="DESCENDING"), [0, 1, 2]),
    "zeros and ones": (lambda: tf.zeros(2) + tf.ones([2]), [1, 1]),
    "likes": (lambda: tf.ones_like([[7, 7]]) + tf.zeros_like([[7, 7]]), [[1, 1]]),
    "fill": (lambda: tf.fill([2], 7), [7, 7]),
    "eye": (lambda: tf.eye(2, 3), [[1, 0, 0], [0, 1, 0]]),
    "range": (lambda: tf.range(2, 10, 3), [2, 5, 8]),
    "range downwards": (lambda: tf.range(3, 0, -1), [3, 2, 1]),
    "linspace": (lambda: tf.linspace(0.0, 1.0, 5), [0, 0.25, 0.5, 0.75, 1]),
    "meshgrid": (lambda: tf.meshgrid([1, 2], [3, 4, 5])[1], [[3, 3], [4, 4], [5, 5]]),
    "shapes": (lambda: tf.concat([tf.shape(tf.ones((2, 3))), [tf.size(tf.ones((2, 3))), tf.rank(1)]], 0), [2, 3, 6, 0]),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    call, expected = VALUES[name]
    result = call()
    assert isinstance(result, tf.Tensor) and list(result.shape) == list(np.shape(expected))
    np.testing.assert_allclose(result, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "dtype"),
    [
        (lambda: tf.argmax([1.0, 2.0]), tf.int64),
        (lambda: tf.argsort([1.0, 2.0]), tf.int32),
        (lambda: tf.where([True]), tf.int64),
        (lambda: tf.shape([1.0]), tf.int32),
        (lambda: tf.range(3), tf.int32),
        (lambda: tf.range(0.0, 1.0, 0.5), tf.float32),
        (lambda: tf.range(tf.constant(1), 2.5), tf.float32),
        (lambda: tf.range(0.0, tf.constant(0.3, tf.float64), 0.1), tf.float64),
        (lambda: tf.range(0, tf.constant(3, tf.int64)), tf.int64),
        (lambda: tf.random.normal([2], np.float64(1.0), np.array([1.0, 2.0])), tf.float32),
        (lambda: tf.random.uniform([2], 0, np.float64(2.0), dtype="float16"), tf.float16),
        (lambda: tf.nn.softmax(tf.zeros((2, 0))), tf.float32),
        (lambda: tf.linspace(0, 1, 3), tf.float64),
        (lambda: tf.linspace(0.0, 1.0, 3), tf.float32),
        (lambda: tf.one_hot([1], 2), tf.float32),
        (lambda: tf.one_hot([1], 2, on_value=5, off_value=1), tf.int32),
        (lambda: tf.one_hot([1], 2, off_value=np.float64(5)), tf.float64),
        (lambda: tf.one_hot([1], 2, on_value=True), tf.bool),
        (lambda: tf.one_hot([1], 2, on_value=5, dtype=tf.float16), tf.float16),
        (lambda: tf.reduce_mean([1, 2]), tf.int32),
        (lambda: tf.reduce_sum(tf.constant([1, 2], tf.uint8)), tf.uint8),
        (lambda: tf.round([1, 2]), tf.int32),
        (lambda: tf.constant(3) / tf.constant(2), tf.float64),
        (lambda: tf.zeros(2, tf.bool), tf.bool),
        (lambda: tf.equal(1, 1), tf.bool),
    ],
)
def test_dtypes_are_those_of_tensorflow(call, dtype):
    assert call().dtype == dtype


EDGES = {
    "abs at 0": (lambda: gradient(tf.abs, [-1.0, 0.0]), [-1.0, 0.0]),
    "maximum gives ties to the first": (lambda: gradient(tf.maximum, [1.0, 2.0], [1.0, 3.0]), [[1.0, 0.0], [0.0, 1.0]]),
    "minimum gives ties to the first": (lambda: gradient(tf.minimum, [1.0, 2.0], [1.0, 1.0]), [[1.0, 0.0], [0.0, 1.0]]),
    "reduce_max shares ties": (lambda: gradient(tf.reduce_max, [2.0, 1.0, 2.0]), [0.5, 0.0, 0.5]),
    "reduce_min shares ties": (lambda: gradient(tf.reduce_min, [2.0, 1.0, 1.0]), [0.0, 0.5, 0.5]),
    "sqrt at 0": (lambda: gradient(tf.sqrt, [0.0, 4.0]), [INF, 0.25]),
    "pow at 0": (lambda: gradient(tf.pow, [0.0, 0.0], [2.0, 1.0]), [[0.0, 1.0], [0.0, 0.0]]),
    "pow of a negative base": (lambda: gradient(tf.pow, [-2.0], [3.0]), [[12.0], [-0.0]]),
    "clip_by_value at its bounds": (
        lambda: gradient(lambda x: tf.clip_by_value(x, 0.0, 1.0), [0.0, 1.0, 2.0]),
        [1.0, 1.0, 0.0],
    ),
    "reduce_prod with a zero": (lambda: gradient(tf.reduce_prod, [2.0, 0.0, 3.0]), [0.0, 6.0, 0.0]),
    "reduce_prod with two zeros": (lambda: gradient(tf.reduce_prod, [2.0, 0.0, 0.0]), [0.0, 0.0, 0.0]),
    "norm at 0": (lambda: gradient(tf.norm, [0.0, 0.0]), [NAN, NAN]),
    "clip_by_norm at 0": (lambda: gradient(lambda x: tf.clip_by_norm(x, 1.0), [0.0, 0.0]), [1.0, 1.0]),
    "reduce_std of equal values": (lambda: gradient(tf.math.reduce_std, [2.0, 2.0]), [NAN, NAN]),
    "sort carries gradients along": (lambda: gradient(lambda x: tf.sort(x) * [1.0, 10.0], [5.0, 2.0]), [10.0, 1.0]),
    "where does not hide an infinite slope": (
        lambda: quietly(gradient, lambda x: tf.where(x > 0, tf.math.log(x), 0.0), [0.0]),
        [NAN],
    ),
    "but that of sqrt, rsqrt and reciprocal": (
        lambda: [
            quietly(gradient, lambda x, f=f: tf.where(x > 0.5, f(x), 0.0), [0.0, -1.0, 1.0])
            for f in (tf.sqrt, tf.math.rsqrt, tf.math.reciprocal, lambda x: tf.norm(x[:, None], axis=1))
        ],
        [[0.0, 0.0, 0.5], [0.0, 0.0, -0.5], [0.0, 0.0, -1.0], [0.0, -0.0, 1.0]],
    ),
    "reduce_prod beside an infinity": (lambda: gradient(tf.reduce_prod, [INF, 2.0, 3.0]), [6.0, INF, INF]),
    "reduce_prod that underflows": (lambda: gradient(tf.reduce_prod, [2.0**-100] * 2), [2.0**-100] * 2),
    "reduce_max of nothing": (lambda: gradient(tf.reduce_max, np.zeros((0, 2))), []),
    "atan2 at the origin": (lambda: gradient(tf.math.atan2, [0.0], [0.0]), [[NAN], [NAN]]),
    "floor, ceil, round and floordiv": (
        lambda: [gradient(f, [1.5]) for f in (tf.floor, tf.math.ceil, tf.round, lambda x: x // 2.0)],
        [None] * 4,
    ),
    "sign": (lambda: gradient(tf.sign, [-1.0, 0.0]), [0.0, 0.0]),
}


@pytest.mark.parametrize("name", EDGES)
def test_gradients_at_ties_and_edges_are_those_of_tensorflow(name):
    call, expected = EDGES[name]
    assert repr(call()) == repr(expected)


@settings(max_examples=30)
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=6), st.booleans())
def test_the_gradient_of_an_extreme_is_shared_equally_and_sums_to_one(values, largest):
    g = np.array(gradient(tf.reduce_max if largest else tf.reduce_min, values))
    attained = np.array(values) == (max(values) if largest else min(values))
    np.testing.assert_allclose(g, attained / attained.sum())


@settings(max_examples=30)
@given(st.lists(st.sampled_from([0.0, -1.0, 2.0, 3.0]), min_size=1, max_size=5))
def test_the_gradient_of_a_product_is_the_product_of_the_others(values):
    expected = [np.prod(np.delete(values, i)) for i in range(len(values))]
    np.testing.assert_allclose(gradient(tf.reduce_prod, values), expected, rtol=1e-6)


@settings(max_examples=30)
@given(st.lists(st.sampled_from([0.0, -1.0, 2.0, 3.0]), min_size=1, max_size=5), st.booleans(), st.booleans())
def test_the_gradient_of_running_products_is_right_beside_zeros(values, exclusive, reverse):
    """TensorFlow's is not: it divides by the factors."""
    x = np.array(values, np.float32)
    g = gradient(lambda x: tf.math.cumprod(x, exclusive=exclusive, reverse=reverse), x)

    def total(x):
        return float(np.sum(tf.math.cumprod(x, exclusive=exclusive, reverse=reverse).numpy()))

    # A product is linear in each factor: the difference over a step of 1 is the derivative.
    unit = np.eye(len(values), dtype=np.float32)
    np.testing.assert_allclose(g, [total(x + unit[i]) - total(x) for i in range(len(values))], rtol=1e-5, atol=1e-5)


def test_means_of_nothing_are_not_numbers_and_extremes_of_nothing_are_the_ends_of_the_dtype():
    nothing = tf.zeros((0, 2))
    with np.errstate(invalid="raise"):
        for call in (tf.reduce_mean, tf.math.reduce_variance, tf.math.reduce_std, tf.nn.zero_fraction, np.mean):
            assert np.isnan(float(call(nothing)))
        assert np.isnan(tf.reduce_mean(nothing, axis=0)).numpy().tolist() == [True, True]
        assert tf.reduce_mean(nothing, axis=1).shape == (0,)
    assert int(tf.reduce_mean(tf.zeros((0,), tf.int32))) == 0
    for dtype in ("float16", "float32", "float64"):
        x = tf.zeros((2, 0), dtype)
        assert tf.reduce_max(x, axis=1).numpy().tolist() == [-INF] * 2 and float(tf.reduce_min(x)) == INF
        assert tf.reduce_max(x).dtype == dtype
    for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        x, ends = tf.zeros((0,), dtype), np.iinfo(dtype)
        assert int(tf.reduce_max(x)) == ends.min and int(tf.reduce_min(x)) == ends.max
        assert tf.reduce_max(x).dtype == dtype


@settings(max_examples=60)
@given(st.data())
def test_a_mean_of_integers_is_exact_and_rounded_towards_zero(data):
    dtype = np.dtype(data.draw(st.sampled_from(["int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"])))
    ends = np.iinfo(dtype)
    rows = data.draw(
        st.lists(st.lists(st.integers(ends.min, ends.max), min_size=3, max_size=3), min_size=1, max_size=4)
    )
    x = tf.constant(np.array(rows, dtype))
    for axis, columns in ((0, zip(*rows)), (1, rows), (None, [[n for row in rows for n in row]])):
        expected = [abs(sum(c)) // len(c) * (1 if sum(c) >= 0 else -1) for c in map(list, columns)]
        mean = tf.reduce_mean(x, axis=axis)
        assert mean.dtype == dtype and mean.numpy().reshape(-1).tolist() == expected


def test_the_determinants_gradient_is_right_for_singular_matrices_and_its_second_derivative_refuses_them():
    x = tf.Variable([[1.0, 2.0], [2.0, 4.0]])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.linalg.det(x)
        g = inner.gradient(y, x)
    np.testing.assert_allclose(g, [[4.0, -2.0], [-2.0, 1.0]], atol=1e-6)
    with pytest.raises(ValueError, match="[Ss]ingular"):
        outer.gradient(g, x)


@pytest.mark.parametrize("function", [tf.linalg.inv, tf.linalg.det, lambda x: tf.norm(x, ord=2, axis=[0, 1])])
def test_functions_of_matrices_take_float16(function):
    x = np.array([[2.0, 1.0], [1.0, 3.0]])
    y = function(tf.constant(x, tf.float16))
    assert y.dtype == tf.float16
    np.testing.assert_allclose(y, function(x), rtol=2e-3)


@pytest.mark.parametrize("norm", [INF, NAN])
def test_gradients_whose_global_norm_is_not_finite_are_clipped_to_nan(norm):
    (a, b), before = tf.clip_by_global_norm([[norm, 1.0], tf.constant([1.0], tf.float16)], 1.0)
    assert np.all(np.isnan(a)) and np.all(np.isnan(b)) and repr(float(before)) == repr(norm)
    assert (a.dtype, b.dtype) == (tf.float32, tf.float16)
    clipped, before = tf.clip_by_global_norm([tf.constant([3.0])], 1.0, use_norm=6.0)
    assert clipped[0].numpy().tolist() == [0.5] and float(before) == 6.0


@settings(max_examples=60)
@given(st.data())
def test_sorting_orders_every_dtype_both_ways_and_keeps_equals_in_place(data):
    dtype = np.dtype(data.draw(st.sampled_from(["bool", "int8", "uint8", "int64", "uint64", "float16", "float64"])))
    if dtype.kind in "iu":
        numbers = st.integers(np.iinfo(dtype).min, np.iinfo(dtype).max)
    else:
        numbers = st.booleans() if dtype.kind == "b" else st.sampled_from([-INF, -1.0, 0.0, 2.0, INF])
    x = np.array(data.draw(st.lists(numbers, min_size=1, max_size=5)), dtype)
    for direction, sign in (("ASCENDING", 1), ("DESCENDING", -1)):
        order = sorted(range(len(x)), key=lambda i, sign=sign: (sign * x[i].item(), i))
        assert tf.argsort(x, direction=direction).numpy().tolist() == order
        assert tf.sort(x, direction=direction).numpy().tolist() == x[order].tolist()
    k = len(x) // 2
    values, indices = tf.math.top_k(x, k)
    assert indices.numpy().tolist() == order[:k] and values.numpy().tolist() == x[order[:k]].tolist()
    assert indices.dtype == tf.int32 and tf.math.top_k(x, k, index_type=tf.int64).indices.dtype == tf.int64


def test_argmax_and_argmin_pass_over_nan_and_numpys_do_not():
    x = tf.constant([[NAN, 1.0, 2.0], [3.0, NAN, 1.0], [NAN, NAN, NAN]])
    assert tf.argmax(x, axis=1).numpy().tolist() == [2, 0, 0]
    assert tf.argmin(x, axis=1).numpy().tolist() == [1, 2, 0]


def test_an_operation_that_numpy_refuses_says_why_with_the_inputs():
    with pytest.raises(TypeError, match=r"^sign: .*\(1,\) bool"):
        tf.sign([True])


@settings(max_examples=30)
@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=6), st.sampled_from(["float16", "float32", "float64"])
)
def test_logsumexp_never_overflows_and_its_gradient_sums_to_one(values, dtype):
    x = np.array(values, dtype)
    y = float(tf.reduce_logsumexp(x))
    assert (
        x.max() - 1e-3 * abs(float(x.max()))
        <= y
        <= float(x.max()) + np.log(len(values)) + 1e-3 * abs(float(x.max())) + 1e-3
    )
    assert sum(gradient(tf.reduce_logsumexp, x)) == pytest.approx(1, abs=0.01 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y: tf.einsum("i,i->", x, y),
        lambda x, y: tf.tensordot(x, y, 1),
        lambda x, y: tf.math.add_n([x, y]),
        lambda x, y: tf.linspace(x, y, 3),
        lambda x, y: tf.nn.softmax_cross_entropy_with_logits(x, y),
        lambda x, y: tf.nn.sigmoid_cross_entropy_with_logits(x, y),
        lambda x, y: tf.math.squared_difference(x, y),
        lambda x, y: tf.math.divide_no_nan(x, y),
        lambda x, y: tf.math.atan2(x, y),
        lambda x, y: tf.linalg.matvec([x], y),
    ],
)
def test_lists_of_floats_beside_float64_are_not_rounded_on_the_way(call):
    x, y = [0.1, 0.7], tf.constant([0.3, 0.9], tf.float64)
    z, expected = call(x, y), call(tf.constant(x, tf.float64), y)
    assert z.dtype == tf.float64
    np.testing.assert_array_equal(z, expected)


def test_a_mean_of_many_halves_is_exact():
    assert float(tf.reduce_mean(tf.constant(np.full(100_000, 0.5, np.float16)))) == 0.5


def test_numpys_arguments_reach_the_operations():
    assert float(np.sum(tf.ones((2, 3)))) == 6 and np.sum(tf.ones((2, 3)), axis=0).shape == (3,)
    assert np.add.reduce(tf.ones((2, 3))).shape == (3,) and np.add.reduce(tf.ones((2, 3)), axis=None).shape == ()


def test_importing_the_package_imports_numpy_and_nothing_heavy():
    import subprocess
    import sys

    code = "import sys, numpy; before = set(sys.modules); import course; print(*sorted(set(sys.modules) - before))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    foreign = [
        n
        for n in names
        if n.split(".")[0] not in ("course", "numpy") and n.split(".")[0] not in sys.stdlib_module_names
    ]
    assert "course.engine.tape" in names and foreign == []


def test_map_structure_goes_through_several_structures_at_once():
    together = tf.nest.map_structure(lambda a, b: a - b, {"x": 3, "y": [5, 7]}, {"y": [1, 2], "x": 3})
    assert together == {"x": 0, "y": [4, 5]}
    with pytest.raises(ValueError, match="shorter"):
        tf.nest.map_structure(max, [1, 2], [3])
