"""Every public function answers bad input with an exception that shows the values and says what to do."""

import re

import numpy as np
import pytest
from test_proofs import public_functions

import course as tf

X = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
SCALAR = tf.constant(1.0)
VECTOR = tf.Variable([1.0, 2.0, 3.0], name="w")
TABLE = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="table")
COUNTS = tf.Variable([1, 2], name="counts")

UNARY = """
    negative square sqrt rsqrt reciprocal exp expm1 log log1p sin cos tan sinh cosh tanh asin acos atan abs sign erf
    floor ceil round is_nan is_inf is_finite logical_not sigmoid softplus relu relu6 elu selu silu swish softsign
    log_sigmoid gelu leaky_relu softmax
    log_softmax identity stop_gradient zeros_like ones_like size rank shape l2_loss zero_fraction reduce_sum
    reduce_mean reduce_max reduce_min reduce_prod reduce_std reduce_variance reduce_logsumexp reduce_all reduce_any
    argmax argmin sort argsort cumsum cumprod norm shuffle constant convert_to_tensor matrix_transpose transpose squeeze
    unstack
"""
BINARY = """add subtract multiply divide divide_no_nan multiply_no_nan atan2 pow maximum minimum floordiv floormod
    squared_difference equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor"""
BY_AXIS = """reduce_sum reduce_mean reduce_max reduce_min reduce_prod reduce_std reduce_variance reduce_logsumexp
    reduce_all reduce_any argmax argmin sort argsort cumsum cumprod norm softmax log_softmax expand_dims unstack"""


def public(name):
    return next(getattr(m, name) for m in (tf, tf.math, tf.nn, tf.linalg, tf.random, tf.nest) if hasattr(m, name))


@pytest.mark.parametrize("name", UNARY.split())
def test_text_is_refused_by_functions_of_one_tensor(name):
    with pytest.raises(TypeError, match="'three'.*str.*numbers"):
        public(name)("three")


@pytest.mark.parametrize("name", BINARY.split())
def test_shapes_that_do_not_broadcast_are_refused_by_functions_of_two_tensors(name):
    values = ([[True] * 3] * 2, [True] * 2) if name.startswith("logical") else (X, tf.constant([1.0, 2.0]))
    operation = "subtract" if name == "squared_difference" else name
    with pytest.raises(ValueError, match=rf"^{operation}: .*\(2, 3\) \w+, \(2,\) \w+.*equal or 1"):
        public(name)(*values)


@pytest.mark.parametrize("name", BY_AXIS.split())
def test_an_axis_that_does_not_exist_is_refused(name):
    with pytest.raises(ValueError, match=r"axis 7.*(dimension 2|\(2, 3\))|\(2, 3\).*axis 7"):
        public(name)(X, axis=7)


# (call, exception, what its message says)
CASES = {
    "constant": [
        (lambda: tf.constant({"a": 1}), TypeError, "{'a': 1}.*dict"),
        (lambda: tf.constant(None), TypeError, "None"),
        (lambda: tf.constant(1j), TypeError, "1j.*complex numbers are out of scope.*two tensors"),
        (lambda: tf.constant(np.array([1j])), TypeError, "complex numbers are out of scope"),
        (lambda: tf.Variable([1.0, 1j]), TypeError, "complex numbers are out of scope"),
        (lambda: tf.zeros(2, "complex64"), TypeError, "complex64: complex numbers are out of scope"),
        (lambda: X * 1j, TypeError, "complex numbers are out of scope"),
        (lambda: tf.constant(1e40), ValueError, r"1e\+40.*float32.*float64"),
        (lambda: tf.constant([1.0, -1e40]), ValueError, r"1e\+40.*float32.*float64"),
        (lambda: tf.constant([[1], [2, 3]]), ValueError, r"\[\[1\], \[2, 3\]\].*unequal lengths"),
        (lambda: tf.constant(1.5, tf.int32), TypeError, "1.5.*int32.*cast"),
        (lambda: tf.constant(300, tf.uint8), ValueError, "300.*0 to 255"),
        (lambda: tf.constant(-1, tf.uint8), ValueError, "-1.*0 to 255"),
        (lambda: tf.constant(2**70), ValueError, f"{2**70}.*int64"),
        (lambda: tf.constant(2**63), ValueError, f"{2**63}.*int64"),
        (lambda: tf.constant([1, 2, 3], shape=(2, 2)), ValueError, r"3 values.*\(2, 2\)"),
        (lambda: tf.constant(1.0, "float33"), TypeError, "float33.*float32"),
    ],
    "convert_to_tensor": [
        (lambda: tf.convert_to_tensor([tf.constant([1.0]), VECTOR]), ValueError, r"\(1,\) float32, \(3,\) float32"),
        (lambda: tf.convert_to_tensor([SCALAR, "a"]), TypeError, "'a'"),
    ],
    "as_dtype": [
        (lambda: tf.as_dtype("float33"), TypeError, "float33"),
        (lambda: tf.as_dtype(None), TypeError, "None"),
        (lambda: tf.as_dtype("str"), TypeError, "'str' is not a dtype of numbers"),
        (lambda: tf.as_dtype(object), TypeError, "object.*not a dtype of numbers"),
    ],
    "cast": [
        (lambda: tf.cast(X, "float33"), TypeError, "float33"),
        (lambda: tf.cast(X, None), TypeError, "None"),
        (lambda: tf.cast("a", tf.float32), TypeError, "'a'"),
    ],
    "Tensor": [
        (lambda: float(X), ValueError, r"\(2, 3\).*6 values.*reduce_sum"),
        (lambda: int(X), ValueError, r"\(2, 3\).*6 values"),
        (lambda: bool(X), ValueError, r"\(2, 3\).*6 values.*reduce_all"),
        (lambda: len(SCALAR), TypeError, r"scalar.*\(\)"),
        (lambda: list(SCALAR), TypeError, r"scalar.*\(\)"),
        (lambda: {X: 1}, TypeError, r"Tensor.*ref\(\)"),
        (lambda: {VECTOR}, TypeError, r"Variable.*ref\(\)"),
        (lambda: range(SCALAR), TypeError, "integer.*float32"),
        (lambda: X.__setitem__(0, 1.0), TypeError, "never changes.*scatter_update"),
        (lambda: X.assign(1.0), AttributeError, "assign.*Variable"),
        (lambda: X.mean(), AttributeError, r"mean.*\.numpy\(\)\.mean"),
        (lambda: X.nonsense, AttributeError, "Tensor has no attribute 'nonsense'"),
        (lambda: X[2], IndexError, "index 2.*axis 0.*size 2"),
        (lambda: X[0, 0, 0], IndexError, "2-dimensional, but 3"),
        (lambda: X[0.5], TypeError, "integers.*0.5"),
        (lambda: X["a"], TypeError, "integers.*'a'"),
        (lambda: X[tf.constant([True] * 3)], IndexError, "2.*3"),
        (lambda: X + "a", TypeError, "'a'"),
        (lambda: X + None, TypeError, "None"),
        (lambda: VECTOR == TABLE, ValueError, r"equal: .*\(3,\) float32, \(2, 2\) float32"),
        (lambda: X & X, TypeError, "bitwise_and.*float32"),
        (lambda: tf.constant(2) ** -1, ValueError, "negative integer powers"),
        (lambda: np.add(X, 1.0, out=np.zeros((2, 3))), TypeError, "np.add.*immutable"),
    ],
    "Variable": [
        (lambda: tf.Variable(None), ValueError, "initial value"),
        (lambda: tf.Variable("a"), TypeError, "'a'"),
        (lambda: tf.Variable(1.5, dtype=tf.int32), TypeError, "1.5.*int32"),
        (lambda: VECTOR.assign([1.0, 2.0]), ValueError, r"'w:0'.*\(3,\).*\(2,\)"),
        (lambda: VECTOR.assign(1.0), ValueError, r"'w:0'.*\(3,\).*\(\)"),
        (lambda: VECTOR.assign("a"), TypeError, "'a'"),
        (lambda: COUNTS.assign([1.5, 2.5]), TypeError, r"'counts:0'.*int32.*\[1.5, 2.5\]"),
        (lambda: COUNTS.assign(tf.constant([1.5, 2.5])), TypeError, "'counts:0'.*int32.*float32.*cast"),
        (lambda: COUNTS.assign([2**40, 1]), ValueError, "1099511627776.*int32"),
        (lambda: VECTOR.assign_add(1.0), ValueError, r"assign_add.*'w:0'.*\(3,\).*\(\)"),
        (lambda: VECTOR.assign_sub([[1.0, 2.0, 3.0]]), ValueError, r"assign_sub.*\(3,\).*\(1, 3\)"),
        (lambda: VECTOR.__iadd__(1.0), TypeError, "'w:0'.*assign_add.*assign_sub"),
        (lambda: VECTOR.__isub__(1.0), TypeError, "'w:0'.*assign_add.*assign_sub"),
        (lambda: VECTOR[3], IndexError, "index 3.*3 rows"),
        (lambda: VECTOR[-4], IndexError, "index -4.*3 rows"),
        (lambda: VECTOR.__setitem__(0, 1.0), TypeError, "scatter_update"),
    ],
    "scatter_update, scatter_add, scatter_sub": [
        (lambda: VECTOR.scatter_update(tf.IndexedSlices([1.0], [5])), IndexError, "scatter_update: index 5.*3 rows"),
        (lambda: VECTOR.scatter_update(tf.IndexedSlices([1.0], [-1])), IndexError, "index -1"),
        (lambda: TABLE.scatter_add(tf.IndexedSlices([[1.0, 2.0]], [2])), IndexError, "scatter_add: index 2.*2 rows"),
        (lambda: TABLE.scatter_sub(tf.IndexedSlices([[1.0, 2.0]], [9])), IndexError, "scatter_sub: index 9"),
        (
            lambda: TABLE.scatter_update(tf.IndexedSlices([[1.0] * 3], [0])),
            ValueError,
            r"'table:0'.*\(1, 2\).*\(1, 3\)",
        ),
        (lambda: VECTOR.scatter_update(3.0), TypeError, "IndexedSlices.*float.*assign"),
        (lambda: COUNTS.scatter_add(tf.IndexedSlices([1.5], [0])), TypeError, "'counts:0'.*int32.*float32"),
        (lambda: tf.Variable(1.0).scatter_update(tf.IndexedSlices([1.0], [0])), ValueError, "scalar.*assign"),
    ],
    "IndexedSlices": [
        (lambda: tf.IndexedSlices([1.0], [0.5]), TypeError, "integers.*float32"),
        (lambda: tf.IndexedSlices([1.0, 2.0], [0]), ValueError, r"\(2,\).*\(1,\)"),
        (lambda: tf.IndexedSlices([[1.0, 2.0]], [0], dense_shape=(3, 4)), ValueError, r"\(2,\).*\(3, 4\)"),
        (lambda: tf.IndexedSlices([1.0], [0]).numpy(), ValueError, "dense_shape"),
        (lambda: tf.IndexedSlices([1.0], [7], (3,)).numpy(), IndexError, "index 7.*size 3"),
    ],
    "GradientTape": [
        (lambda: tf.GradientTape().watch(3.0), TypeError, "watch: 3.0.*float.*constant"),
        (lambda: tf.GradientTape().gradient(X, 3.0), TypeError, "3.0.*float.*assign"),
        (lambda: tf.GradientTape().gradient(3.0, X), TypeError, "3.0.*float"),
        (lambda: tf.GradientTape().gradient(None, X), TypeError, "None"),
        (
            lambda: tf.GradientTape().gradient(X, X, unconnected_gradients="maybe"),
            ValueError,
            "'maybe'.*'none'.*'zero'",
        ),
        (lambda: tf.GradientTape().gradient(X, X, output_gradients=[X, X]), ValueError, "1 targets but 2"),
        (lambda: gradient_of_square(output_gradients=tf.constant([1.0])), ValueError, r"\(1,\).*\(2, 3\)"),
        (lambda: tf.GradientTape().jacobian([X, X], X), TypeError, "list.*one tensor"),
        (lambda: tf.GradientTape().jacobian(3.0, X), TypeError, "3.0"),
        (lambda: tf.GradientTape().batch_jacobian(X, SCALAR), ValueError, r"\(2, 3\).*\(\)"),
        (lambda: tf.GradientTape().batch_jacobian(X, VECTOR), ValueError, r"\(2, 3\).*\(3,\)"),
        (lambda: tf.GradientTape().batch_jacobian(X, [X]), TypeError, "one source"),
        (lambda: tf.GradientTape().stop_recording().__enter__(), ValueError, "not recording"),
    ],
    "custom_gradient": [(lambda: tf.custom_gradient(3), TypeError, "function.*3")],
    "pack_sequence_as": [(lambda: tf.nest.pack_sequence_as([1, 2], [3, 4, 5]), ValueError, "3 leaves.*2")],
    "add_n": [
        (lambda: tf.math.add_n([]), ValueError, "add_n.*empty"),
        (lambda: tf.math.add_n([X, VECTOR]), ValueError, r"\(2, 3\).*\(3,\)"),
        (lambda: tf.math.add_n(3), TypeError, "add_n.*list.*3"),
    ],
    "where": [
        (lambda: tf.where(True, 1.0), ValueError, "both x and y"),
        (lambda: tf.where([True, False], VECTOR, 1.0), ValueError, r"\(2,\) bool, \(3,\) float32"),
    ],
    "clip_by_value": [
        (lambda: tf.clip_by_value(X, 2.0, 1.0), ValueError, "2.0 is above.*1.0"),
        (lambda: tf.clip_by_value(X, [1.0, 2.0], 3.0), ValueError, r"\(2, 3\) float32, \(2,\) float32"),
    ],
    "clip_by_norm": [(lambda: tf.clip_by_norm(X, -1.0), ValueError, "clip_by_norm.*-1.0")],
    "clip_by_global_norm": [
        (lambda: tf.clip_by_global_norm([X], -1.0), ValueError, "clip_by_global_norm.*-1.0"),
        (lambda: tf.clip_by_global_norm([None], 1.0), ValueError, "empty"),
        (lambda: tf.clip_by_global_norm(X, 1.0), TypeError, "list.*Tensor"),
    ],
    "global_norm": [(lambda: tf.linalg.global_norm([]), ValueError, "empty")],
    "reductions": [
        (lambda: tf.reduce_sum(X, axis=[0, 0]), ValueError, "duplicate"),
        (lambda: tf.reduce_sum(X, axis=1.5), TypeError, "1.5"),
        (lambda: tf.reduce_sum([True]), TypeError, "bool.*cast"),
        (lambda: tf.reduce_mean([True]), TypeError, "bool.*cast"),
        (lambda: tf.reduce_prod([True]), TypeError, "bool.*cast"),
        (lambda: tf.math.reduce_variance([1, 2]), TypeError, "int32.*[Cc]ast"),
        (lambda: tf.math.reduce_std([1, 2]), TypeError, "int32.*[Cc]ast"),
        (lambda: tf.reduce_logsumexp([1, 2]), TypeError, "int32.*[Cc]ast"),
        (lambda: tf.argmax(tf.zeros((0,))), ValueError, r"argmax.*\(0,\)"),
        (lambda: tf.argmax(X, output_type="float33"), TypeError, "float33"),
        (lambda: tf.norm(X, ord="fro"), ValueError, "ord.*'fro'"),
        (lambda: tf.norm(X, ord=0), ValueError, "ord.*0"),
        (lambda: tf.cumsum(SCALAR), ValueError, r"cumsum.*\(\)"),
    ],
    "matmul": [
        (lambda: tf.matmul(X, X), ValueError, r"matmul.*\(2, 3\) float32, \(2, 3\) float32"),
        (lambda: X @ 3.0, ValueError, r"\(2, 3\) and \(\).*multiply"),
        (lambda: 3 @ X, ValueError, r"\(\) and \(2, 3\).*multiply"),
        (lambda: tf.matmul(VECTOR, VECTOR, transpose_a=True), ValueError, r"\(3,\)"),
    ],
    "matrix_transpose": [(lambda: tf.linalg.matrix_transpose(VECTOR), ValueError, r"\(3,\)")],
    "tensordot": [
        (lambda: tf.tensordot(X, X, [[2], [0]]), ValueError, r"axis 2 of \(2, 3\)"),
        (lambda: tf.tensordot(X, X, [[0], [-3]]), ValueError, r"axis -3 of \(2, 3\)"),
        (lambda: tf.tensordot(X, X, 1), ValueError, r"axis 1 of \(2, 3\) and axis 0 of \(2, 3\)"),
        (lambda: tf.tensordot(X, X, [[0], [0, 1]]), ValueError, "1 axes.*2"),
        (lambda: tf.tensordot(X, X, 5), ValueError, r"5 axes.*\(2, 3\)"),
        (lambda: tf.tensordot(X, X, -1), ValueError, "-1 axes"),
    ],
    "einsum": [
        (lambda: tf.einsum("ij,jk->ik", X), ValueError, "2 inputs and 1"),
        (lambda: tf.einsum("ij,jk->ik", X, X), ValueError, r"\(2, 3\) float32, \(2, 3\) float32"),
        (lambda: tf.einsum("ijk->ik", X), ValueError, r"'ijk' names 3 axes.*\(2, 3\)"),
        (lambda: tf.einsum("ij->ik", X), ValueError, "'k'"),
    ],
    "reshape": [
        (lambda: tf.reshape(X, [4]), ValueError, r"size 6 into shape \(4,\)"),
        (lambda: tf.reshape(X, [-1, -1]), ValueError, "one unknown"),
        (lambda: tf.reshape(X, [1.5]), TypeError, "integers.*1.5"),
    ],
    "transpose": [
        (lambda: tf.transpose(X, [0, 0]), ValueError, r"transpose: perm \(0, 0\).*\(2, 3\)"),
        (lambda: tf.transpose(X, [0]), ValueError, r"transpose: perm.*\(2, 3\)"),
    ],
    "squeeze": [(lambda: tf.squeeze(X, 0), ValueError, r"axis 0 of shape \(2, 3\).*size 1")],
    "broadcast_to": [
        (lambda: tf.broadcast_to(X, [2, 2]), ValueError, r"\(2,3\).*\(2,2\)"),
        (lambda: tf.broadcast_to(X, [-1, 3]), ValueError, "0 or more"),
    ],
    "concat": [
        (lambda: tf.concat([X, TABLE], 0), ValueError, r"\(2, 3\) float32, \(2, 2\) float32"),
        (lambda: tf.concat([], 0), ValueError, "concat.*empty"),
        (lambda: tf.concat([X, X], 5), ValueError, "axis 5"),
    ],
    "stack": [
        (lambda: tf.stack([X, VECTOR]), ValueError, r"\(2, 3\) float32, \(3,\) float32"),
        (lambda: tf.stack([]), ValueError, "stack.*empty"),
        (lambda: tf.stack(3), TypeError, "list.*3"),
    ],
    "unstack": [(lambda: tf.unstack(X, num=5), ValueError, r"5.*\(2, 3\).*2 parts")],
    "split": [
        (lambda: tf.split(X, 2, axis=1), ValueError, r"axis 1 of shape \(2, 3\).*2 equal"),
        (lambda: tf.split(X, [1, 1], axis=1), ValueError, r"\[1, 1\].*3"),
        (lambda: tf.split(X, 2, axis=5), ValueError, r"\(2, 3\) has no axis 5"),
    ],
    "tile": [(lambda: tf.tile(X, [2]), ValueError, r"\(2, 3\).*\(2,\)")],
    "meshgrid": [(lambda: tf.meshgrid([1.0], [2.0], indexing="ab"), ValueError, "'xy' or 'ij', not 'ab'")],
    "gather": [
        (lambda: tf.gather(X, [2]), IndexError, "index 2.*2 rows"),
        (lambda: tf.gather(X, [-1]), IndexError, "index -1.*2 rows"),
        (lambda: tf.gather(X, -1), IndexError, "index -1.*2 rows"),
        (lambda: tf.gather(X, [0.5]), TypeError, "integers.*float32"),
        (lambda: tf.gather(X, [0], axis=5), ValueError, r"\(2, 3\).*axis 5"),
        (lambda: tf.gather(SCALAR, [0]), ValueError, r"\(\)"),
        (lambda: tf.gather(X, [[0], [0]], axis=0, batch_dims=1), ValueError, "batch_dims=1.*not 0"),
        (lambda: tf.gather(X, [[0]], batch_dims=1), ValueError, r"\(2, 3\).*\(1, 1\)"),
        (lambda: tf.gather(X, [[9], [9]], batch_dims=1), IndexError, "index 9.*3"),
    ],
    "gather_nd": [
        (lambda: tf.gather_nd(X, [[2, 0]]), IndexError, "index 2.*2 rows"),
        (lambda: tf.gather_nd(X, [[0, -1]]), IndexError, "index -1.*3 rows"),
        (lambda: tf.gather_nd(X, [[0, 0, 0]]), ValueError, r"3 numbers.*\(2, 3\)"),
        (lambda: tf.gather_nd(X, [[0.5]]), TypeError, "integers.*float32"),
        (lambda: tf.gather_nd(X, 0), ValueError, "0 is a scalar"),
    ],
    "boolean_mask": [
        (lambda: tf.boolean_mask(X, [True]), IndexError, "size of axis is 2.*1"),
        (lambda: tf.boolean_mask(X, [0, 1]), TypeError, "booleans.*int32"),
        (lambda: tf.boolean_mask(X, True), TypeError, r"booleans.*\(\)"),
    ],
    "one_hot": [
        (lambda: tf.one_hot([0.5], 3), TypeError, "integers.*float32"),
        (lambda: tf.one_hot([0], -1), ValueError, "-1"),
        (lambda: tf.one_hot([0], 2, on_value=5, off_value=1.5), TypeError, "on_value is int32 and off_value float32"),
        (lambda: tf.one_hot([0], 2, on_value=5.5, dtype=tf.int32), TypeError, "5.5 holds floating-point"),
        (lambda: tf.one_hot([0], 2.5), TypeError, "2.5"),
        (lambda: tf.one_hot([0], 2, axis=5), ValueError, "axis 5"),
    ],
    "pad": [
        (lambda: tf.pad(X, [[1, 1]]), ValueError, r"\(2, 3\).*\(2, 2\).*\(1, 2\)"),
        (lambda: tf.pad(X, [[1], [1]]), ValueError, r"\(2, 2\).*\(2, 1\)"),
        (lambda: tf.pad(X, [[-1, 0], [0, 0]]), ValueError, r"\(-1, 0\).*0 or more"),
        (lambda: tf.pad(X, [[0.5, 0], [0, 0]]), TypeError, "integers.*0.5"),
        (lambda: tf.pad(X, [[2, 0], [0, 0]], "REFLECT"), ValueError, r"\(2, 0\).*size 2.*at most 1"),
        (lambda: tf.pad(X, [[0, 0], [0, 4]], "SYMMETRIC"), ValueError, r"\(0, 4\).*size 3.*at most 3"),
        (lambda: tf.pad(X, [[0, 0], [0, 0]], "WRAP"), ValueError, "'WRAP'"),
        (lambda: tf.pad([1, 2], [[1, 1]], constant_values=0.5), TypeError, "0.5.*int32"),
    ],
    "reverse": [
        (lambda: tf.reverse(X, [2]), ValueError, r"\(2, 3\).*axis 2"),
        (lambda: tf.reverse(X, [1, -1]), ValueError, "twice"),
        (lambda: tf.reverse(X, [0.5]), TypeError, "float"),
    ],
    "slice": [
        (lambda: tf.slice(X, [0], [1]), ValueError, r"\(2, 3\).*\(0,\).*\(1,\)"),
        (lambda: tf.slice(X, [0, 1], [2, 5]), ValueError, r"\(0, 1\).*\(2, 5\).*\(2, 3\)"),
        (lambda: tf.slice(X, [-1, 0], [1, 1]), ValueError, r"\(-1, 0\)"),
    ],
    "top_k": [
        (lambda: tf.math.top_k(X, 4), ValueError, r"k is 4.*\(2, 3\).*3 elements"),
        (lambda: tf.math.top_k(X, -1), ValueError, "k is -1"),
        (lambda: tf.math.top_k(SCALAR, 1), ValueError, r"\(\)"),
    ],
    "scatter_nd": [
        (lambda: tf.scatter_nd([[7]], [9.0], [2]), IndexError, "scatter_nd: index 7.*2 rows"),
        (lambda: tf.scatter_nd([[-1]], [9.0], [2]), IndexError, "index -1"),
        (lambda: tf.scatter_nd([[0]], [9.0, 1.0], [2]), ValueError, r"\(1, 1\).*\(2,\).*\(1,\).*\(2,\)"),
        (lambda: tf.scatter_nd([[0, 0]], [9.0], [2]), ValueError, r"\(1, 2\).*\(2,\)"),
        (lambda: tf.scatter_nd([[0.5]], [9.0], [2]), TypeError, "float32"),
        (lambda: tf.scatter_nd(0, 9.0, [2]), ValueError, r"scatter_nd: indices of shape \(\)"),
    ],
    "dropout": [
        (lambda: tf.nn.dropout(X, 1.0), ValueError, "rate is 1.0.*below 1"),
        (lambda: tf.nn.dropout(X, -0.1), ValueError, "rate is -0.1"),
        (lambda: tf.nn.dropout([1, 2], 0.5), TypeError, "int32"),
        (lambda: tf.nn.dropout(X, 0.5, noise_shape=[4, 3]), ValueError, r"\[4, 3\].*\(2, 3\)"),
    ],
    "diag": [
        (lambda: tf.linalg.diag(SCALAR), ValueError, r"\(\)"),
        (lambda: tf.linalg.diag([1, 2], padding_value=0.5), TypeError, "0.5.*int32"),
    ],
    "diag_part": [
        (lambda: tf.linalg.diag_part(VECTOR), ValueError, r"\(3,\)"),
        (lambda: tf.linalg.diag_part(X, k=3), ValueError, r"\(2, 3\).*3"),
    ],
    "trace": [(lambda: tf.linalg.trace(VECTOR), ValueError, r"\(3,\)")],
    "matvec": [
        (lambda: tf.linalg.matvec(X, SCALAR), ValueError, "scalar.*multiply"),
        (lambda: tf.linalg.matvec(X, [1.0, 2.0]), ValueError, r"\(2, 3\).*\(2, 1\)"),
    ],
    "inv": [
        (lambda: tf.linalg.inv(X), ValueError, r"square.*\(2, 3\)"),
        (lambda: tf.linalg.inv([[1, 2], [3, 4]]), TypeError, "int32"),
        (lambda: tf.linalg.inv([[1.0, 2.0], [2.0, 4.0]]), ValueError, "[Ss]ingular"),
    ],
    "det": [
        (lambda: tf.linalg.det(X), ValueError, r"square.*\(2, 3\)"),
        (lambda: tf.linalg.det(VECTOR), ValueError, r"\(3,\)"),
    ],
    "norm of matrices": [
        (lambda: tf.norm(X, ord=3, axis=[0, 1]), ValueError, "'fro'.*3"),
        (lambda: tf.norm(X, ord=1, axis=[0, -2]), ValueError, "twice"),
        (lambda: tf.norm(X, ord=1, axis=[0, 2]), ValueError, r"\(2, 3\).*axis 2"),
        (lambda: tf.norm(tf.zeros((2, 2, 2)), 1, axis=[0, 1, 2]), ValueError, "3 axes"),
        (lambda: tf.norm([3, 4]), TypeError, "int32"),
    ],
    "sort": [(lambda: tf.sort(X, direction="UP"), ValueError, "'ASCENDING' or 'DESCENDING', not 'UP'")],
    "zeros": [
        (lambda: tf.zeros([-1]), ValueError, r"\(-1,\).*0 or more"),
        (lambda: tf.zeros([1.5]), TypeError, "1.5"),
        (lambda: tf.zeros(2, "float33"), TypeError, "float33"),
    ],
    "ones": [(lambda: tf.ones([-1]), ValueError, r"\(-1,\).*0 or more")],
    "fill": [
        (lambda: tf.fill([2], [1.0, 2.0]), ValueError, r"scalar.*\(2,\)"),
        (lambda: tf.fill([-2], 1.0), ValueError, r"\(-2,\)"),
    ],
    "eye": [(lambda: tf.eye(-1), ValueError, "-1"), (lambda: tf.eye(2.5), TypeError, "2.5")],
    "range": [
        (lambda: tf.range(0, 10, 0), ValueError, "delta is 0"),
        (lambda: tf.range(10, 0, 3), ValueError, "steps of 3 lead from 10 away from 0"),
        (lambda: tf.range([1, 2]), ValueError, r"scalars.*\(2,\)"),
        (lambda: tf.range("a"), TypeError, "'a'"),
    ],
    "linspace": [
        (lambda: tf.linspace(0.0, 1.0, 0), ValueError, "num is 0"),
        (lambda: tf.linspace(0.0, 1.0, 2.5), ValueError, "num is 2.5"),
    ],
    "axes that are no integers": [
        (lambda f=f: f(0.5), TypeError, "axis is an integer.*not 0.5")
        for f in (
            lambda a: tf.concat([X], a),
            lambda a: tf.stack([X], a),
            lambda a: tf.split(X, 1, a),
            lambda a: tf.unstack(X, axis=a),
            lambda a: tf.expand_dims(X, a),
            lambda a: tf.argmax(X, a),
            lambda a: tf.gather(X, [0], axis=a),
            lambda a: tf.sort(X, a),
            lambda a: tf.cumsum(X, a),
            lambda a: tf.nn.softmax(X, a),
            lambda a: tf.nn.log_softmax(X, a),
            lambda a: tf.reduce_sum(X, a),
        )
    ],  # fmt: skip
    "moments": [
        (lambda: tf.nn.moments(X, [5]), ValueError, "axis 5"),
        (lambda: tf.nn.moments([1, 2], [0]), TypeError, "int32"),
    ],
    "softmax_cross_entropy_with_logits": [
        (lambda: tf.nn.softmax_cross_entropy_with_logits(VECTOR, X), ValueError, r"\(3,\).*\(2, 3\).*sparse"),
        (lambda: tf.nn.softmax_cross_entropy_with_logits(SCALAR, SCALAR), ValueError, r"\(\)"),
        (lambda: tf.nn.softmax_cross_entropy_with_logits(X, X, axis=5), ValueError, "axis 5"),
    ],
    "sparse_softmax_cross_entropy_with_logits": [
        (lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 2], X), ValueError, r"\(3,\).*\(2, 3\).*\(2,\)"),
        (lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([0, 5], X), IndexError, "5.*0 to 2"),
        (lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([0, -1], X), IndexError, "-1.*0 to 2"),
        (lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([0.0, 1.0], X), TypeError, "integers.*float32"),
    ],
    "sigmoid_cross_entropy_with_logits": [
        (lambda: tf.nn.sigmoid_cross_entropy_with_logits(VECTOR, X), ValueError, r"\(3,\).*\(2, 3\)"),
    ],
    "embedding_lookup": [
        (lambda: tf.nn.embedding_lookup(TABLE, [2]), IndexError, "index 2.*2 rows"),
        (lambda: tf.nn.embedding_lookup(TABLE, -1), IndexError, "index -1.*2 rows"),
        (lambda: tf.nn.embedding_lookup(TABLE, [0.5]), TypeError, "integers.*float32"),
    ],
    "truncated_normal": [
        (lambda: tf.random.truncated_normal([-1]), ValueError, "-1"),
        (lambda: tf.random.truncated_normal(2, dtype=tf.int32), TypeError, "int32"),
    ],
    "normal": [
        (lambda: tf.random.normal([-1]), ValueError, "-1"),
        (lambda: tf.random.normal([1.5]), TypeError, "1.5"),
        (lambda: tf.random.normal(2, dtype=tf.int32), TypeError, "int32"),
        (lambda: tf.random.normal(2, seed="a"), ValueError, "'a'"),
    ],
    "uniform": [
        (lambda: tf.random.uniform([-1]), ValueError, "-1"),
        (lambda: tf.random.uniform(2, dtype=tf.int32), ValueError, "maxval"),
        (lambda: tf.random.uniform(2, 5, 3, dtype=tf.int32), ValueError, "5.*3"),
    ],
    "shuffle": [(lambda: tf.random.shuffle(SCALAR), ValueError, "scalar")],
    "set_seed": [
        (lambda: tf.random.set_seed("a"), ValueError, "'a'"),
        (lambda: tf.random.set_seed(-1), ValueError, "-1"),
        (lambda: tf.random.set_seed(1.5), ValueError, "1.5"),
    ],
    "checked_seed": [(lambda: tf.random.checked_seed(True), ValueError, "True")],
    "set_state": [(lambda: tf.random.set_state({"seed": -1, "generators": []}), ValueError, "-1.*get_state")],
}


def gradient_of_square(**arguments):
    with tf.GradientTape() as tape:
        tape.watch(X)
        y = X * X
    return tape.gradient(y, X, **arguments)


@pytest.mark.parametrize(
    ("call", "exception", "message"),
    [case for cases in CASES.values() for case in cases],
    ids=[f"{name} {i}" for name, cases in CASES.items() for i in range(len(cases))],
)
def test_the_exception_shows_the_values_and_says_what_to_do(call, exception, message):
    before = [v.numpy().copy() for v in (VECTOR, TABLE, COUNTS)]
    with pytest.raises(exception) as raised:
        call()
    assert re.search(message, str(raised.value), re.DOTALL), str(raised.value)
    for variable, value in zip((VECTOR, TABLE, COUNTS), before):
        np.testing.assert_array_equal(variable, value, err_msg="a call that failed changed a variable")


def test_every_public_function_has_a_case_of_bad_input():
    covered = {*UNARY.split(), *BINARY.split(), *BY_AXIS.split(), *CASES}
    no_bad_input = {"is_tensor", "generator", "derived", "get_state", "flatten", "map_structure"}
    assert public_functions() - covered - no_bad_input == set()
