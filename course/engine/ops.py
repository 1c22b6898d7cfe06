"""The operations, each with its gradient rules.

A rule `lambda g, z, x: ...` gets the gradient g with respect to the output z, and the inputs. Where TensorFlow chooses
a gradient at a tie or an edge, the rule chooses the same.
"""

import functools
import math
import operator

import numpy as np

from course.engine.arguments import axis_tuple, one_axis, shape_tuple, sizes
from course.engine.indexed_slices import IndexedSlices
from course.engine.operation import (
    Operation,
    as_inputs,
    as_tensors,
    binary,
    cast,
    convert_to_tensor,
    each,
    reduction,
    stacked,
    unary,
)
from course.engine.recorder import tracing
from course.engine.tensor import Tensor, TensorLike, float32
from course.engine.variable import Variable, check_indices

# ---------------------------------------------------------------------------------------------------------------------
# Element by element


def _scaled(x, y):
    """A product with an `IndexedSlices`; None if neither is one."""
    if type(x) is IndexedSlices:
        return x * y
    return y * x if type(y) is IndexedSlices else None


def _refusing_zero(division):
    """Of integers, which have no infinity to answer with."""

    def divide(x, y):
        if np.result_type(x, y).kind in "iu" and not np.all(y):
            raise ValueError("integers were divided by zero")
        return division(x, y)

    return divide


@np.errstate(divide="ignore", invalid="ignore")
def _quotient_or_zero(x, y):
    return np.where(y == 0, 0, x / y)


# One operation a line: the function, its gradient rules, and the rules in words.
# fmt: off
add = binary("add", operator.add, "x + y",
             lambda g, z, x, y: g,
             lambda g, z, x, y: g, about="g to both inputs", ufunc=np.add)
subtract = binary("subtract", operator.sub, "x - y",
                  lambda g, z, x, y: g,
                  lambda g, z, x, y: -g, about="g to x, -g to y", ufunc=np.subtract)
multiply = binary("multiply", operator.mul, "x * y; a scalar times an `IndexedSlices` is an `IndexedSlices`",
                  lambda g, z, x, y: g * y,
                  lambda g, z, x, y: g * x, about="g · y to x, g · x to y",
                  sparse=_scaled, ufunc=np.multiply)
quotient = binary("divide", operator.truediv, "x / y; integers give floats, as in NumPy",
                  lambda g, z, x, y: g / y,
                  lambda g, z, x, y: -g * (z / y), about="g / y to x, -g · x / y² to y", ufunc=np.true_divide)
pow_ = binary("pow", operator.pow, "x to the power y",
              lambda g, z, x, y: g * (y * x ** (y - 1)),
              lambda g, z, x, y: g * (z * np.log(np.where(x > 0, x, 1))),
              about="g · y · x^(y-1) to x, g · z · log x to y (0 where x ≤ 0)")
maximum = binary("maximum", np.maximum, "The larger of x and y",
                 lambda g, z, x, y: np.where(x >= y, g, 0),
                 lambda g, z, x, y: np.where(x >= y, 0, g), about="g to the larger input, to x at a tie")
minimum = binary("minimum", np.minimum, "The smaller of x and y",
                 lambda g, z, x, y: np.where(x <= y, g, 0),
                 lambda g, z, x, y: np.where(x <= y, 0, g), about="g to the smaller input, to x at a tie")
floormod = binary("floormod", _refusing_zero(operator.mod), "The remainder x - y · floor(x / y)",
                  lambda g, z, x, y: g,
                  lambda g, z, x, y: -g * np.floor(x / y), about="g to x, -g · floor(x / y) to y")
floordiv = binary("floordiv", _refusing_zero(operator.floordiv), "The floor of x / y; no gradient")

_multiply_no_nan = Operation("multiply_no_nan", lambda x, y: np.where(y == 0, 0, x * y),
                             lambda g, z, x, y: _times(g, y),
                             lambda g, z, x, y: _times(x, g),
                             about="g · y to x, 0 where y is 0; x · g to y, 0 where g is 0", elementwise=True)
_divide_no_nan = Operation("divide_no_nan", _quotient_or_zero,
                           lambda g, z, x, y: _divide_no_nan.either(g, y),
                           lambda g, z, x, y: -g * _divide_no_nan.either(z, y),
                           about="g / y to x, -g · x / y² to y; 0 where y is 0", elementwise=True)
atan2 = binary("atan2", np.arctan2, "The angle of the point with the coordinates y (given first) and x",
               lambda g, z, y, x: g * (x / (x * x + y * y)),
               lambda g, z, y, x: -g * (y / (x * x + y * y)), about="g · x / (x² + y²) to y, -g · y / (x² + y²) to x")

negative = unary("negative", operator.neg, "-x", lambda g, z, x: -g, about="-g", ufunc=np.negative)
square = unary("square", np.square, "x²", lambda g, z, x: g * (x + x), about="g · 2x")
# Where g is 0 these give 0, though the slope be infinite or NaN: TensorFlow does so for these three, and no others.
sqrt = unary("sqrt", np.sqrt, "The square root of x",
             lambda g, z, x: _times(0.5 / z, g), about="g / (2 √x), 0 where g is 0")
rsqrt = unary("rsqrt", lambda x: 1 / np.sqrt(x), "1 / √x",
              lambda g, z, x: _times(-0.5 * z * z * z, g), about="-g / (2 x √x), 0 where g is 0")
reciprocal = unary("reciprocal", np.reciprocal, "1 / x",
                   lambda g, z, x: _times(-z * z, g), about="-g / x², 0 where g is 0")
exp = unary("exp", np.exp, "e to the power x", lambda g, z, x: g * z, about="g · eˣ")
expm1 = unary("expm1", np.expm1, "eˣ - 1, exact for small x", lambda g, z, x: g * np.exp(x), about="g · eˣ")
log = unary("log", np.log, "The natural logarithm of x", lambda g, z, x: g / x, about="g / x")
log1p = unary("log1p", np.log1p, "log(1 + x), exact for small x", lambda g, z, x: g / (1 + x), about="g / (1 + x)")
sin = unary("sin", np.sin, "The sine of x, in radians", lambda g, z, x: g * np.cos(x), about="g · cos x")
cos = unary("cos", np.cos, "The cosine of x, in radians", lambda g, z, x: -g * np.sin(x), about="-g · sin x")
tan = unary("tan", np.tan, "The tangent of x, in radians", lambda g, z, x: g * (1 + z * z), about="g · (1 + tan² x)")
asin = unary("asin", np.arcsin, "The angle whose sine is x",
             lambda g, z, x: g / np.sqrt(1 - x * x), about="g / √(1 - x²)")
acos = unary("acos", np.arccos, "The angle whose cosine is x",
             lambda g, z, x: -g / np.sqrt(1 - x * x), about="-g / √(1 - x²)")
atan = unary("atan", np.arctan, "The angle whose tangent is x", lambda g, z, x: g / (1 + x * x), about="g / (1 + x²)")
sinh = unary("sinh", np.sinh, "The hyperbolic sine of x", lambda g, z, x: g * np.cosh(x), about="g · cosh x")
cosh = unary("cosh", np.cosh, "The hyperbolic cosine of x", lambda g, z, x: g * np.sinh(x), about="g · sinh x")
tanh = unary("tanh", np.tanh, "The hyperbolic tangent of x", lambda g, z, x: g * (1 - z * z), about="g · (1 - tanh² x)")
abs_ = unary("abs", np.abs, "The absolute value of x", lambda g, z, x: g * np.sign(x), about="g · sign x, 0 at 0")
sign = unary("sign", np.sign, "-1, 0 or 1, as x is negative, 0 or positive", lambda g, z, x: g * 0, about="0")
_erf = np.frompyfunc(math.erf, 1, 1)
erf = unary("erf", lambda x: np.asarray(_erf(x)).astype(x.dtype)[()], "The error function of x",
            lambda g, z, x: g * (2 / math.sqrt(math.pi) * np.exp(-x * x)), about="g · 2/√π · exp(-x²)")
floor = unary("floor", np.floor, "The largest integer not above x, as a float; no gradient")
ceil = unary("ceil", np.ceil, "The smallest integer not below x, as a float; no gradient")
round_ = unary("round", np.round, "The nearest integer, the even one at a tie, in x's dtype; no gradient")

is_nan = unary("is_nan", np.isnan, "Whether x is not a number")
is_inf = unary("is_inf", np.isinf, "Whether x is infinite")
is_finite = unary("is_finite", np.isfinite, "Whether x is neither infinite nor NaN")
logical_not = unary("logical_not", np.logical_not, "Not x")
logical_and = binary("logical_and", np.logical_and, "x and y")
logical_or = binary("logical_or", np.logical_or, "x or y")
logical_xor = binary("logical_xor", np.logical_xor, "Either x or y")
equal = binary("equal", operator.eq, "x == y", ufunc=np.equal)
not_equal = binary("not_equal", operator.ne, "x != y", ufunc=np.not_equal)
less = binary("less", operator.lt, "x < y", ufunc=np.less)
less_equal = binary("less_equal", operator.le, "x <= y", ufunc=np.less_equal)
greater = binary("greater", operator.gt, "x > y", ufunc=np.greater)
greater_equal = binary("greater_equal", operator.ge, "x >= y", ufunc=np.greater_equal)
bitwise_and = binary("bitwise_and", operator.and_, "x & y: and, of booleans or the bits of integers",
                     ufunc=np.bitwise_and)
bitwise_or = binary("bitwise_or", operator.or_, "x | y: or, of booleans or the bits of integers", ufunc=np.bitwise_or)
bitwise_xor = binary("bitwise_xor", operator.xor, "x ^ y: exclusive or, of booleans or the bits of integers",
                     ufunc=np.bitwise_xor)
bitwise_not = unary("bitwise_not", operator.invert, "~x: not, of booleans or the bits of integers", ufunc=np.invert)
# fmt: on


_times = _multiply_no_nan.either


def multiply_no_nan(x, y, name=None):
    """x * y, element by element; 0 where y is 0, though x be infinite or NaN."""
    return _multiply_no_nan(x, y)


def divide_no_nan(x, y, name=None):
    """x / y, element by element; 0 where y is 0. Integers give floats, as in `divide`."""
    return _divide_no_nan(*_wide_enough(x, y))


def divide(x, y, name=None):
    """x / y, element by element. Integers give float64, those of 8 and 16 bits float32."""
    if type(x) is Tensor and x._value.dtype.kind == "f":
        return quotient(x, y)
    return quotient(*_wide_enough(x, y))


def _wide_enough(x, y):
    """NumPy's quotient of integers is a float64; TensorFlow's a float32 if they have 8 or 16 bits."""
    x, y = as_inputs((x, y))
    common = np.result_type(x._value, y._value)
    if common.kind in "iu" and common.itemsize < 4:
        return cast(x, float32), cast(y, float32)
    return x, y


_where = Operation(
    "where", np.where, None,
    lambda g, z, condition, x, y: np.where(condition, g, 0),
    lambda g, z, condition, x, y: np.where(condition, 0, g),
    about="g to the input that was chosen, 0 to the other", elementwise=True)  # fmt: skip


def where(condition, x=None, y=None, name=None):
    """x where `condition` is true and y elsewhere, with broadcasting.

    Without x and y: the indices of the true elements, int64 of shape (how many, rank).
    """
    if (x is None) != (y is None):
        raise ValueError("where: give both x and y, or neither.")
    if x is None:
        return Tensor(np.argwhere(convert_to_tensor(condition).numpy()))
    return _where(convert_to_tensor(condition), *as_inputs((x, y)))


_clip = Operation(
    "clip_by_value", np.clip,
    lambda g, z, x, low, high: np.where((x >= low) & (x <= high), g, 0),
    lambda g, z, x, low, high: np.where(x < low, g, 0),
    lambda g, z, x, low, high: np.where(x > high, g, 0),
    about="g where x is within the bounds (or at them), 0 outside")  # fmt: skip


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """t, with values below `clip_value_min` raised to it and values above `clip_value_max` lowered to it."""
    t, clip_value_min, clip_value_max = as_inputs((t, clip_value_min, clip_value_max))
    if np.any(clip_value_min._value > clip_value_max._value):
        raise ValueError(
            f"clip_by_value: the lower bound {clip_value_min._value} is above the upper bound {clip_value_max._value}. "
            f"Swap them."
        )
    return _clip(t, clip_value_min, clip_value_max)


# ---------------------------------------------------------------------------------------------------------------------
# Reductions


def kept(a, x, axis, keepdims):
    """The result `a` of reducing x along `axis`, in the shape that broadcasts against x."""
    if keepdims:
        return a
    axes = range(len(x.shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = {i % len(x.shape) for i in axes} if x.shape else ()
    return np.reshape(a, tuple([1 if i in axes else n for i, n in enumerate(x.shape)]))


def _spread(g, x, axis, keepdims):
    """The gradient of a sum: each element's is that of its total."""
    if type(g) is not Tensor and not g.shape:
        return _repeated(g, x.shape)
    return _broadcast_to.either(kept(g, x, axis, keepdims), shape=x.shape)


def _mean(x, axis, keepdims):
    if x.dtype.kind != "f":
        return _mean_of_integers(x, axis, keepdims)
    if x.dtype.itemsize == 2:  # sums of float16 would soon overflow
        return _mean(x.astype(np.float32), axis, keepdims).astype(x.dtype)
    total = np.add.reduce(x, axis, None, None, keepdims)
    return total / _count(x, total) if x.size else np.full_like(total, np.nan)[()]


def _mean_of_integers(x, axis, keepdims):
    """An integer again, rounded towards 0, as in TensorFlow; 0 of nothing. Neither overflows nor rounds on the way."""
    whole = np.add.reduce(x, axis=axis, keepdims=keepdims)
    n = _count(x, whole)
    quotients, rests = np.divmod(x.astype(whole.dtype), n)  # x = n · quotient + rest, and 0 ≤ rest < n
    quotient = np.add.reduce(quotients, axis=axis, keepdims=keepdims)
    carry, rest = np.divmod(np.add.reduce(rests, axis=axis, keepdims=keepdims), n)
    mean = quotient + carry  # rounded down
    return (mean + ((mean < 0) & (rest > 0)).astype(mean.dtype)).astype(x.dtype)


def _count(x, z):
    """How many elements of x each element of its reduction z is made of, at least 1."""
    return max(math.prod(x.shape) // max(math.prod(z.shape), 1), 1)


def largest(x, axis, keepdims):
    return np.maximum.reduce(x, axis, None, None, keepdims, **({} if x.size else {"initial": _least(x.dtype)}))


def _smallest(x, axis, keepdims):
    return np.minimum.reduce(x, axis, None, None, keepdims, **({} if x.size else {"initial": _greatest(x.dtype)}))


def _least(dtype):
    """What the largest of no elements is, as in TensorFlow: -inf, or the smallest integer."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min if dtype.kind in "iu" else False


def _greatest(dtype):
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max if dtype.kind in "iu" else True


def _share_among_largest(g, z, x, axis, keepdims):
    """Of a maximum or minimum: equal parts to all that attain it."""
    attains = np.where(x == kept(z, x, axis, keepdims), 1, 0)
    return kept(g, x, axis, keepdims) * (attains / np.sum(attains, axis=axis, keepdims=True))


# fmt: off
reduce_sum = reduction(
    "reduce_sum", lambda x, axis, keepdims: np.add.reduce(x, axis, x.dtype, None, keepdims),
    "The sum along `axis` (an int, several, or None for all) in the input's dtype; `keepdims` keeps size 1.",
    lambda g, z, x, axis, keepdims: _spread(g, x, axis, keepdims), about="g to every element",
    reduces=np.add)
reduce_mean = reduction(
    "reduce_mean", _mean, "The mean along `axis`; of integers, as in TensorFlow, an integer, rounded towards 0.",
    lambda g, z, x, axis, keepdims: _spread(g / _count(x, z), x, axis, keepdims), about="g / n to every element",
    reduces=np.mean)
reduce_max = reduction(
    "reduce_max", largest,
    "The largest element along `axis`; of none, -inf, or the smallest integer of the dtype.",
    _share_among_largest, about="g to the largest element, in equal parts at a tie", reduces=np.maximum, booleans=True)
reduce_min = reduction(
    "reduce_min", _smallest,
    "The smallest element along `axis`; of none, inf, or the largest integer of the dtype.",
    _share_among_largest, about="g to the smallest element, in equal parts at a tie", reduces=np.minimum, booleans=True)
reduce_all = reduction("reduce_all", lambda x, axis, keepdims: np.all(x, axis, None, keepdims),
                       "Whether all elements along `axis` are true.", reduces=np.logical_and, booleans=True)
reduce_any = reduction("reduce_any", lambda x, axis, keepdims: np.any(x, axis, None, keepdims),
                       "Whether any element along `axis` is true.", reduces=np.logical_or, booleans=True)
# fmt: on


# ---------------------------------------------------------------------------------------------------------------------
# Products of matrices


def transpose_last(a, name=None):
    """A matrix, or each of a batch, transposed."""
    a = convert_to_tensor(a)
    if a.ndim < 2:
        raise ValueError(f"transpose of a matrix: shape {a.shape} has no two axes to swap.")
    return transpose(a, [*range(a.ndim - 2), a.ndim - 1, a.ndim - 2])


def _swap(x):
    return np.swapaxes(x, -1, -2)


multiplied = Operation(
    "matmul", np.matmul,
    lambda g, z, a, b: np.matmul(g, _swap(b)),
    lambda g, z, a, b: np.matmul(_swap(a), g), about="g bᵀ to a, aᵀ g to b")  # fmt: skip


def matmul(a, b, transpose_a=False, transpose_b=False, name=None):
    """The matrix product of the last two axes; those before broadcast."""
    a, b = as_inputs((a, b))
    if a.ndim < 2 or b.ndim < 2:
        raise ValueError(
            f"matmul: shapes {a.shape} and {b.shape}: a matrix has two axes or more. For a vector use linalg.matvec, "
            f"tensordot, or NumPy's np.matmul and np.dot; for a scalar multiply."
        )
    a = transpose_last(a) if transpose_a else a
    b = transpose_last(b) if transpose_b else b
    return multiplied(a, b)


# ---------------------------------------------------------------------------------------------------------------------
# Shapes

_reshape = Operation(
    "reshape", lambda x, shape: np.reshape(x, shape),
    lambda g, z, x, shape: np.reshape(g, x.shape), about="g in the input's shape", view=True)  # fmt: skip
_transpose = Operation(
    "transpose", lambda x, perm: np.transpose(x, perm),
    lambda g, z, x, perm: np.transpose(g, None if perm is None else tuple(np.argsort(perm).tolist())),
    about="g transposed back", view=True)  # fmt: skip
_broadcast_to = Operation(
    "broadcast_to", lambda x, shape: np.broadcast_to(x, shape) if x.shape else _repeated(x, shape),
    lambda g, z, x, shape: g, about="g summed over the copies", view=True)  # fmt: skip
_concat = Operation(
    "concat", lambda *values, axis: np.concatenate(values, axis=axis),
    each(lambda i, g, z, *values, axis: g[_part(values, i, axis)]),
    about="to each input its part of g")  # fmt: skip

_fill = Operation("fill", lambda x, dims: np.full(dims, x)[()], lambda g, z, x, dims: g, about="the sum of g")


def _repeated(scalar, shape):
    """What np.broadcast_to gives, a view of one number, without its set-up time: every mean's gradient passes here."""
    return np.ndarray(shape, scalar.dtype, np.asarray(scalar), 0, (0,) * len(shape))


def _part(values, i, axis):
    """The index of the i-th of concatenated values in the whole."""
    axis %= len(values[0].shape)
    start = sum(v.shape[axis] for v in values[:i])
    return (slice(None),) * axis + (slice(start, start + values[i].shape[axis]),)


def reshape(tensor, shape, name=None):
    """The same elements in another shape; one size may be -1, which means what remains."""
    return _reshape(tensor, shape=shape_tuple(shape))


def transpose(a, perm=None, name=None):
    """The axes in the order `perm`, by default reversed."""
    a = convert_to_tensor(a)
    perm = None if perm is None else shape_tuple(perm)
    if perm is not None and sorted(i % max(a.ndim, 1) for i in perm) != list(range(a.ndim)):
        raise ValueError(f"transpose: perm {perm} does not name each axis of shape {a.shape} once.")
    return _transpose(a, perm=None if perm is None else tuple([i % a.ndim for i in perm]))


def expand_dims(input, axis, name=None):
    """With a new axis of size 1 at `axis`."""
    x, axis = convert_to_tensor(input), one_axis("expand_dims", axis)
    if not -x.ndim - 1 <= axis <= x.ndim:
        raise ValueError(
            f"expand_dims: axis {axis} is not among {-x.ndim - 1} to {x.ndim}, the places beside those of {x.shape}."
        )
    return reshape(x, np.expand_dims(np.empty(x.shape, bool), axis).shape)


def squeeze(input, axis=None, name=None):
    """Without the axes of size 1, or without those in `axis`, which must have size 1."""
    x = convert_to_tensor(input)
    try:
        return reshape(x, np.squeeze(np.empty(x.shape, bool), axis_tuple(axis)).shape)
    except ValueError as error:
        raise ValueError(f"squeeze: axis {axis} of shape {x.shape}: {error}. Only axes of size 1 can go.") from None


def broadcast_to(input, shape, name=None):
    """Repeated along axes of size 1, and new ones in front, to `shape`."""
    return _broadcast_to(input, shape=sizes(shape))


def fill(dims, value, name=None):
    """A tensor of shape `dims` with every element `value`, a scalar."""
    value = convert_to_tensor(value)
    if value.ndim:
        raise ValueError(f"fill: the value must be a scalar, and has shape {value.shape}.")
    return _fill(value, dims=sizes(dims))


def concat(values, axis, name=None):
    """The tensors of a list one after another along an axis that exists."""
    return _concat(*as_tensors("concat", values), axis=one_axis("concat", axis))


def stack(values, axis=0, name=None):
    """The tensors of a list, of equal shapes, one after another along a new axis."""
    return stacked(*as_tensors("stack", values), axis=one_axis("stack", axis))


# ---------------------------------------------------------------------------------------------------------------------
# Picking elements


def _filled(key, arrays):
    """The key with its arrays in it."""
    if not arrays:
        return key
    arrays = iter(arrays)
    return tuple([next(arrays) if part is np.ndarray else part for part in key])


def _put(g, key, shape):
    whole = np.zeros(shape, g.dtype)
    if any(isinstance(k, np.ndarray) for k in key):
        np.add.at(whole, key, g)  # arrays may name an element twice
    else:
        whole[key] = g
    return whole


# Of a key, the parts that are arrays are inputs; np.ndarray stands in the key where they go.
put = Operation(
    "put", lambda x, *arrays, key, shape: _put(x, _filled(key, arrays), shape),
    lambda g, z, x, *arrays, key, shape: _getitem.either(g, *arrays, key=key),
    about="g at the places where the elements went")  # fmt: skip
_getitem = Operation(
    "getitem", lambda x, *arrays, key: x[_filled(key, arrays)],
    lambda g, z, x, *arrays, key: put.either(g, *arrays, key=key, shape=x.shape),
    about="g at the places that were picked, 0 elsewhere")  # fmt: skip
_gather = Operation(
    "gather",
    # In a browser, NumPy's own indices have 32 bits, and `take` refuses longer ones.
    lambda x, indices: x.take(np.asarray(indices, np.intp), axis=0),
    lambda g, z, x, indices: _slices(g, x, indices),
    None,
    about="to each row its part of g, as IndexedSlices",
)


def _slices(g, x, indices):
    if len(indices.shape) != 1:
        g, indices = np.reshape(g, (math.prod(indices.shape), *x.shape[1:])), np.reshape(indices, (-1,))
    return IndexedSlices.of(g, indices, x.shape)


def pick(x, key):
    """x[key], for a tuple of integers, slices, None, `...`, arrays and tensors."""
    arrays = [part if type(part) is Tensor else Tensor(part) for part in key if isinstance(part, np.ndarray | Tensor)]
    return _getitem(x, *arrays, key=tuple([np.ndarray if isinstance(k, np.ndarray | Tensor) else k for k in key]))


_row_numbers = Operation("index", lambda rows, size: _checked_rows(rows, size), acts=True)


def _checked_rows(rows, size):
    if rows.size and (rows.min() < -size or rows.max() >= size):
        raise IndexError(f"index {rows} is out of range for {size} rows: {-size} to {size - 1} are valid")
    return rows % size if rows.size else rows.astype(int)


def getitem(x, key):
    """x[key]: integers, slices, `...`, `newaxis`, boolean masks, and arrays or tensors of integers."""
    if isinstance(x, Variable) and x.ndim and _names_rows(key):
        part = gather(x, _row_numbers(key if type(key) is Tensor else Tensor(np.asarray(key)), size=len(x)))
    else:
        part = pick(x, tuple(_index(k) for k in key) if isinstance(key, tuple) else (_index(key),))
    if isinstance(x, Variable):
        part._assign_part = functools.partial(_assign_part, x, key, part.shape)
    return part


def _assign_part(variable, key, shape, method, value, use_locking=False, name=None, read_value=True):
    """What `variable[key].assign(value)` does, and assign_add and assign_sub: key of integers and slices."""
    key = tuple(_index(k) for k in key) if isinstance(key, tuple) else (_index(key),)
    key = tuple([int(k) if isinstance(k, np.ndarray | Tensor) and not np.ndim(k) else k for k in key])
    if any(isinstance(k, np.ndarray | Tensor) for k in key):
        raise TypeError(f"{method}: rows by their numbers are changed by scatter_update(IndexedSlices(values, rows)).")
    value = convert_to_tensor(value, None if hasattr(value, "dtype") else variable.dtype)
    if value.shape != shape:
        raise ValueError(f"{method}: this part of {variable.name!r} has shape {shape} and the value {value.shape}.")
    values = put(value, key=key, shape=tuple(variable.shape))
    if method == "assign":
        values = where(_put(np.ones(shape, bool), key, variable.shape), values, variable)
    return getattr(variable, method)(values, read_value=read_value)


def _names_rows(key):
    """Whether an index is one or more row numbers, so that the gradient is rows too."""
    if isinstance(key, slice | tuple) or key is None or key is Ellipsis:
        return False
    return (key if isinstance(key, TensorLike) else np.asarray(key)).dtype.kind in "iu"


def _index(k):
    if k is None or k is Ellipsis:
        return k
    if isinstance(k, slice):
        parts = (k.start, k.stop, k.step)
        return slice(*(None if p is None else operator.index(p) for p in parts))
    if isinstance(k, TensorLike) and k.dtype.kind in "iu":
        return k._read()
    array = np.asarray(k)
    if array.dtype.kind not in "iub" and array.size:
        raise TypeError(f"an index is made of integers, slices or booleans, not {k!r}.")
    return array if array.ndim or array.dtype == bool else int(array)


_check = Operation(
    "check_indices", lambda indices, what, size: check_indices(what, indices, size) or indices,
    acts=True)  # fmt: skip


def checked_indices(what, indices, size):
    """Indices, after `check_indices`; the check becomes part of a program that is being traced."""
    check_indices(what, indices._value, size)
    return _check(indices, what=what, size=size) if tracing() else indices


def gather(params, indices, validate_indices=None, axis=None, batch_dims=0, name=None):
    """The parts of `params` at `indices` along `axis` (by default the first): shape params.shape[:axis] +
    indices.shape + params.shape[axis + 1:]. Along axis 0 the gradient is an `IndexedSlices`.

    Raises:
        IndexError: an index that is negative or too large.
        TypeError: indices that are not integers.
    """
    params = params if isinstance(params, Variable) else convert_to_tensor(params)
    indices = convert_to_tensor(indices)
    axis = batch_dims if axis is None else one_axis("gather", axis)
    if not -params.ndim <= axis < params.ndim:
        raise ValueError(f"gather: params of shape {params.shape} have no axis {axis}.")
    axis %= params.ndim
    indices = checked_indices("gather", indices, params.shape[axis])
    if batch_dims:
        grids = np.ogrid[tuple(slice(n) for n in indices.shape)][:batch_dims]
        if axis != batch_dims:
            raise ValueError(f"gather: with batch_dims={batch_dims}, axis must be the same, not {axis}.")
        if indices.shape[:batch_dims] != params.shape[:batch_dims]:
            raise ValueError(
                f"gather: with batch_dims={batch_dims}, params {params.shape} and indices {indices.shape} must begin "
                "alike."
            )
        return pick(params, (*grids, indices))
    if axis:
        return pick(params, (slice(None),) * axis + (indices,))
    return _gather(params._read_rows() if isinstance(params, Variable) else params, indices)
