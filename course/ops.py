"""The operations, each with its gradient rules, and the bridge from NumPy's functions to them.

A rule `lambda g, z, x: ...` gets the gradient g with respect to the output z, and the inputs. Where TensorFlow chooses
a gradient at a tie or an edge, the rule chooses the same.
"""

import functools
import math
import operator
import string

import numpy as np

from course.indexed_slices import IndexedSlices
from course.operation import (
    Operation,
    as_inputs,
    axis_tuple,
    binary,
    each,
    identity,
    reduction,
    to_dtype,
    to_integer,
    unary,
)
from course.tensor import (
    FUNCTIONS,
    REDUCTIONS,
    UFUNCS,
    Tensor,
    TensorLike,
    as_dtype,
    convert_to_tensor,
    float32,
    int32,
    int64,
)
from course.variable import Variable, check_indices

# ---------------------------------------------------------------------------------------------------------------------
# Element by element

# One operation a line: the function, its gradient rules, and the rules in words.
# fmt: off
add = binary("add", operator.add, "x + y",
             lambda g, z, x, y: g,
             lambda g, z, x, y: g, about="g to both inputs")
subtract = binary("subtract", operator.sub, "x - y",
                  lambda g, z, x, y: g,
                  lambda g, z, x, y: -g, about="g to x, -g to y")
multiply = binary("multiply", operator.mul, "x * y; a scalar times an `IndexedSlices` is an `IndexedSlices`",
                  lambda g, z, x, y: g * y,
                  lambda g, z, x, y: g * x, about="g · y to x, g · x to y",
                  sparse=lambda x, y: x * y if type(x) is IndexedSlices else y * x)
divide = binary("divide", operator.truediv, "x / y; integers give floats",
                lambda g, z, x, y: g / y,
                lambda g, z, x, y: -g * (z / y), about="g / y to x, -g · x / y² to y")
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
floormod = binary("floormod", operator.mod, "The remainder x - y · floor(x / y)",
                  lambda g, z, x, y: g,
                  lambda g, z, x, y: -g * np.floor(x / y), about="g to x, -g · floor(x / y) to y")
floordiv = binary("floordiv", operator.floordiv, "The floor of x / y; no gradient")

negative = unary("negative", operator.neg, "-x", lambda g, z, x: -g, about="-g")
square = unary("square", np.square, "x²", lambda g, z, x: g * (x + x), about="g · 2x")
sqrt = unary("sqrt", np.sqrt, "The square root of x", lambda g, z, x: g * (0.5 / z), about="g / (2 √x)")
rsqrt = unary("rsqrt", lambda x: 1 / np.sqrt(x), "1 / √x",
              lambda g, z, x: g * (-0.5 * z * z * z), about="-g / (2 x √x)")
reciprocal = unary("reciprocal", np.reciprocal, "1 / x", lambda g, z, x: -g * (z * z), about="-g / x²")
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
equal = binary("equal", operator.eq, "x == y")
not_equal = binary("not_equal", operator.ne, "x != y")
less = binary("less", operator.lt, "x < y")
less_equal = binary("less_equal", operator.le, "x <= y")
greater = binary("greater", operator.gt, "x > y")
greater_equal = binary("greater_equal", operator.ge, "x >= y")
_bitwise_and = binary("bitwise_and", operator.and_, "x & y: and, of booleans or of the bits of integers")
_bitwise_or = binary("bitwise_or", operator.or_, "x | y: or, of booleans or of the bits of integers")
_bitwise_xor = binary("bitwise_xor", operator.xor, "x ^ y: exclusive or, of booleans or of the bits of integers")
_bitwise_not = unary("bitwise_not", operator.invert, "~x: not, of booleans or of the bits of integers")
# fmt: on


def squared_difference(x, y, name=None):
    """(x - y)², element by element."""
    return square(subtract(x, y))


def add_n(inputs, name=None):
    """The sum of a list of tensors of the same shape."""
    inputs = _tensors("add_n", inputs)
    if len({x.shape for x in inputs}) > 1:
        raise ValueError(f"add_n: the tensors have shapes {[str(x.shape) for x in inputs]}. They must be equal.")
    return functools.reduce(add, inputs)


_where = Operation(
    "where",
    np.where,
    None,
    lambda g, z, condition, x, y: np.where(condition, g, 0),
    lambda g, z, condition, x, y: np.where(condition, 0, g),
    about="g to the input that was chosen, 0 to the other",
)


def where(condition, x=None, y=None, name=None):
    """x where `condition` is true and y elsewhere, with broadcasting.

    Without x and y: the indices of the true elements, int64 of shape (how many, rank).
    """
    if (x is None) != (y is None):
        raise ValueError("where: give both x and y, or neither.")
    if x is None:
        return Tensor(np.argwhere(convert_to_tensor(condition)._value))
    return _where(convert_to_tensor(condition), x, y)


_clip = Operation(
    "clip_by_value",
    np.clip,
    lambda g, z, x, low, high: np.where((x >= low) & (x <= high), g, 0),
    lambda g, z, x, low, high: np.where(x < low, g, 0),
    lambda g, z, x, low, high: np.where(x > high, g, 0),
    about="g where x is within the bounds (or at them), 0 outside",
)


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """t, with values below `clip_value_min` raised to it and values above `clip_value_max` lowered to it."""
    t, clip_value_min, clip_value_max = as_inputs((t, clip_value_min, clip_value_max))
    if np.any(clip_value_min._value > clip_value_max._value):
        raise ValueError(
            f"clip_by_value: the lower bound {clip_value_min._value} is above the upper bound {clip_value_max._value}. "
            f"Swap them."
        )
    return _clip(t, clip_value_min, clip_value_max)


def clip_by_norm(t, clip_norm, axes=None, name=None):
    """t, scaled down to an L2 norm of `clip_norm` where its own, along `axes`, is larger. Sparse stays sparse."""
    if isinstance(t, IndexedSlices):
        return IndexedSlices(clip_by_norm(t.values, clip_norm, axes), t.indices, t.dense_shape)
    t, clip_norm = as_inputs((t, _checked_norm("clip_by_norm", clip_norm)))
    squares = reduce_sum(t * t, axes, keepdims=True)
    size = where(squares > 0, sqrt(where(squares > 0, squares, 1.0)), squares)
    return t * clip_norm / maximum(size, clip_norm)


def _checked_norm(name, clip_norm):
    if np.any(convert_to_tensor(clip_norm)._value < 0):
        raise ValueError(f"{name}: clip_norm is {clip_norm}, and a norm is 0 or more.")
    return clip_norm


def global_norm(t_list, name=None):
    """The L2 norm of all the tensors in a list together: √Σ‖t‖². None in the list is passed over."""
    if not isinstance(t_list, list | tuple):
        raise TypeError(f"global_norm: give a list of tensors, not a {type(t_list).__name__}.")
    parts = [t.values if isinstance(t, IndexedSlices) else t for t in t_list if t is not None]
    return sqrt(add_n([reduce_sum(square(t)) for t in parts]))


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    """The tensors scaled by one factor so that their `global_norm` is at most `clip_norm`.

    Returns:
        The list of scaled tensors (None stays None, `IndexedSlices` stay sparse), and the norm before.
    """
    _checked_norm("clip_by_global_norm", clip_norm)
    norm_before = global_norm(t_list) if use_norm is None else use_norm
    scale = clip_norm / maximum(norm_before, clip_norm)
    return [None if t is None else multiply(t, scale) for t in t_list], norm_before


def cast(x, dtype, name=None):
    """x as another dtype; floats become integers by truncation. A gradient flows from float to float only."""
    dtype, x = as_dtype(dtype), convert_to_tensor(x)
    if x.dtype == dtype:
        return identity(x)
    return to_dtype(x, dtype=dtype) if dtype.kind == "f" else to_integer(x, dtype=dtype)


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
    if x.dtype.kind != "f":  # an integer again, as in TensorFlow
        total = np.add.reduce(x, axis=axis, keepdims=keepdims, dtype=np.float64)
        return np.trunc(total / _count(x, total)).astype(x.dtype)
    if x.dtype.itemsize == 2:  # sums of float16 would soon overflow
        return _mean(x.astype(np.float32), axis, keepdims).astype(x.dtype)
    total = np.add.reduce(x, axis, None, None, keepdims)
    return total / _count(x, total)


def _count(x, z):
    """How many elements of x each element of its reduction z is made of, at least 1."""
    return max(math.prod(x.shape) // max(math.prod(z.shape), 1), 1)


def _share_among_largest(g, z, x, axis, keepdims):
    """Of a maximum or minimum: equal parts to all that attain it."""
    attains = np.where(x == kept(z, x, axis, keepdims), 1, 0)
    return kept(g, x, axis, keepdims) * (attains / np.sum(attains, axis=axis, keepdims=True))


def _gradient_of_product(g, z, x, axis, keepdims):
    """The product of the others: z / x, but where zeros occur that is 0 / 0, and the others are multiplied out."""
    g = kept(g, x, axis, keepdims)
    if np.all(np.asarray(x) != 0):
        return g * (kept(z, x, axis, keepdims) / x)
    rank = len(x.shape)
    axes = tuple(range(rank)) if axis is None else tuple(a % rank for a in ((axis,) if isinstance(axis, int) else axis))
    order = [i for i in range(rank) if i not in axes] + list(axes)
    rows = np.transpose(x, order)
    shape = rows.shape
    n = math.prod([x.shape[i] for i in axes])
    rows = np.reshape(rows, (*shape[: rank - len(axes)], 1, n))
    others = np.prod(np.where(np.eye(n, dtype=bool), 1, rows), axis=-1)
    return g * np.transpose(np.reshape(others, shape), np.argsort(order))


# fmt: off
reduce_sum = reduction(
    "reduce_sum", lambda x, axis, keepdims: np.add.reduce(x, axis, x.dtype, None, keepdims),
    "The sum along `axis` (an int, several, or None for all) in the input's dtype; `keepdims` keeps size 1.",
    lambda g, z, x, axis, keepdims: _spread(g, x, axis, keepdims), about="g to every element")
reduce_mean = reduction(
    "reduce_mean", _mean, "The mean along `axis`; of integers, as in TensorFlow, an integer, rounded towards 0.",
    lambda g, z, x, axis, keepdims: _spread(g / _count(x, z), x, axis, keepdims), about="g / n to every element")
reduce_max = reduction(
    "reduce_max", lambda x, axis, keepdims: np.max(x, axis, None, keepdims),
    "The largest element along `axis`. A ValueError if there is none.",
    _share_among_largest, about="g to the largest element, in equal parts at a tie", booleans=True)
reduce_min = reduction(
    "reduce_min", lambda x, axis, keepdims: np.min(x, axis, None, keepdims),
    "The smallest element along `axis`. A ValueError if there is none.",
    _share_among_largest, about="g to the smallest element, in equal parts at a tie", booleans=True)
reduce_prod = reduction(
    "reduce_prod", lambda x, axis, keepdims: np.multiply.reduce(x, axis, x.dtype, None, keepdims),
    "The product along `axis`.", _gradient_of_product, about="g · the product of the other elements")
reduce_all = reduction("reduce_all", lambda x, axis, keepdims: np.all(x, axis, None, keepdims),
                       "Whether all elements along `axis` are true.", booleans=True)
reduce_any = reduction("reduce_any", lambda x, axis, keepdims: np.any(x, axis, None, keepdims),
                       "Whether any element along `axis` is true.", booleans=True)
# fmt: on


def _highest(x, axis):
    """The maximum along an axis, 0 where it is infinite: subtracted before exp, so that that does not overflow."""
    highest = np.max(x._value if isinstance(x, Tensor) else x, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(highest), highest, highest.dtype.type(0))


def _log_sum_exp(x, axis, keepdims):
    highest = _highest(x, axis)
    with np.errstate(divide="ignore"):
        total = np.log(np.sum(np.exp(x - highest), axis=axis, keepdims=True)) + highest
    return total if keepdims else np.squeeze(total, axis=axis if axis is not None else tuple(range(x.ndim)))


def _share_by_exp(g, z, x, axis, keepdims):
    """To each element its part of Σ exp(x). Not exp(x - z): z is rounded, by 4 in float16 at 10,000."""
    e = np.exp(x - _highest(x, axis))
    return kept(g, x, axis, keepdims) * (e / np.sum(e, axis=axis, keepdims=True))


_logsumexp = Operation(
    "reduce_logsumexp",
    _log_sum_exp,
    _share_by_exp,
    about="g · softmax x",
)
_argmax = Operation("argmax", lambda x, axis, dtype: np.argmax(x, axis=axis).astype(dtype))
_argmin = Operation("argmin", lambda x, axis, dtype: np.argmin(x, axis=axis).astype(dtype))


def _floating(name, x):
    x = convert_to_tensor(x)
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: the input has dtype {x.dtype}, and needs a float's. Cast it first.")
    return x


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """The mean squared distance from the mean along `axis` (the sum is divided by n, not by n - 1)."""
    x = _floating("reduce_variance", input_tensor)
    return reduce_mean(square(x - reduce_mean(x, axis, keepdims=True)), axis, keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """The standard deviation along `axis`: the square root of `reduce_variance`."""
    return sqrt(reduce_variance(input_tensor, axis, keepdims))


def reduce_logsumexp(input_tensor, axis=None, keepdims=False, name=None):
    """log Σ exp(x) along `axis`, without overflow."""
    return _logsumexp(_floating("reduce_logsumexp", input_tensor), axis=axis_tuple(axis), keepdims=keepdims)


def argmax(input, axis=0, output_type=int64, name=None):
    """The index of the largest element along `axis`, the first at a tie; no gradient."""
    return _argmax(input, axis=0 if axis is None else int(axis), dtype=as_dtype(output_type))


def argmin(input, axis=0, output_type=int64, name=None):
    """The index of the smallest element along `axis`, the first at a tie; no gradient."""
    return _argmin(input, axis=0 if axis is None else int(axis), dtype=as_dtype(output_type))


def norm(tensor, ord="euclidean", axis=None, keepdims=False, name=None):
    """The norm of all elements, or along `axis`: "euclidean" (or 2), 1, or infinity (np.inf)."""
    if ord in ("euclidean", 2):
        return sqrt(reduce_sum(square(tensor), axis, keepdims))
    if ord == 1:
        return reduce_sum(abs_(tensor), axis, keepdims)
    if ord == np.inf:
        return reduce_max(abs_(tensor), axis, keepdims)
    raise ValueError(f"norm: ord is 'euclidean', 1, 2 or np.inf, not {ord!r}.")


def _cumulative_sum(x, axis, exclusive, reverse):
    if reverse:
        x = np.flip(x, axis)
    total = np.cumsum(x, axis=axis, dtype=x.dtype)
    total = total - x if exclusive and x.dtype.kind != "f" else _shifted(total, axis) if exclusive else total
    return np.flip(total, axis) if reverse else total


def _shifted(total, axis):
    """Each running total without its own element: one place later, 0 first."""
    total = np.roll(total, 1, axis)
    np.moveaxis(total, axis, 0)[:1] = 0
    return total


_cumsum = Operation(
    "cumsum",
    _cumulative_sum,
    lambda g, z, x, axis, exclusive, reverse: _cumsum.either(g, axis=axis, exclusive=exclusive, reverse=not reverse),
    about="the sum of g over all totals that contain the element",
)


def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """Running totals along `axis`; `exclusive` leaves out the element itself, `reverse` runs from the end."""
    x = convert_to_tensor(x)
    _size_along("cumsum", x, axis)
    return _cumsum(x, axis=int(axis), exclusive=exclusive, reverse=reverse)


# ---------------------------------------------------------------------------------------------------------------------
# Products of matrices


def _swap(x):
    return np.swapaxes(x, -1, -2)


_matmul = Operation(
    "matmul",
    np.matmul,
    lambda g, z, a, b: np.matmul(g, _swap(b)),
    lambda g, z, a, b: np.matmul(_swap(a), g),
    about="g bᵀ to a, aᵀ g to b",
)


def matmul(a, b, transpose_a=False, transpose_b=False, name=None):
    """The matrix product of the last two axes; those before broadcast. A tensor of rank 1 counts as a row on the left
    and as a column on the right, as in NumPy."""
    a, b = as_inputs((a, b))
    if not a.ndim or not b.ndim:
        raise ValueError(f"matmul: shapes {a.shape} and {b.shape}: a scalar is no matrix. Use multiply.")
    a = transpose_last(a) if transpose_a else a
    b = transpose_last(b) if transpose_b else b
    row, column = a.ndim == 1, b.ndim == 1
    z = _matmul(expand_dims(a, 0) if row else a, expand_dims(b, 1) if column else b)
    return squeeze(z, [-2] * row + [-1] * column) if row or column else z


def transpose_last(a, name=None):
    """A matrix, or each of a batch, transposed."""
    a = convert_to_tensor(a)
    if a.ndim < 2:
        raise ValueError(f"transpose of a matrix: shape {a.shape} has no two axes to swap.")
    return transpose(a, [*range(a.ndim - 2), a.ndim - 1, a.ndim - 2])


def tensordot(a, b, axes, name=None):
    """The sum of products over pairs of axes.

    Args:
        axes: how many of the last axes of a and the first of b to pair; or two lists, of a's axes and of b's.
    """
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    if not isinstance(axes, list | tuple):
        if not 0 <= int(axes) <= min(a.ndim, b.ndim):
            raise ValueError(f"tensordot: {axes} axes cannot be paired between shapes {a.shape} and {b.shape}.")
        axes_a, axes_b = list(range(a.ndim - axes, a.ndim)), list(range(0, axes))
    else:
        axes_a, axes_b = ([int(i) for i in np.atleast_1d(part)] for part in axes)
    letters = string.ascii_letters
    names_a = list(letters[: a.ndim])
    names_b = list(letters[a.ndim : a.ndim + b.ndim])
    if len(axes_a) != len(axes_b):
        raise ValueError(f"tensordot: {len(axes_a)} axes of a and {len(axes_b)} of b cannot be paired: give as many.")
    for i, j in zip(axes_a, axes_b):
        if not -a.ndim <= i < a.ndim or not -b.ndim <= j < b.ndim or a.shape[i] != b.shape[j]:
            raise ValueError(f"tensordot: axis {i} of {a.shape} and axis {j} of {b.shape} do not have the same size.")
        names_b[j] = names_a[i]
    summed = {names_a[i] for i in axes_a}
    free = [n for n in names_a + names_b if n not in summed]
    return einsum(f"{''.join(names_a)},{''.join(names_b)}->{''.join(free)}", a, b)


def _einsum_rule(i, g, z, *inputs, terms, output):
    """The same sum with g in the place of input i, and g repeated along letters that only input i has."""
    others = [t for k, t in enumerate(terms) if k != i] + [output]
    rest = [x for k, x in enumerate(inputs) if k != i] + [g]
    known = "".join(letter for letter in terms[i] if any(letter in t for t in others))
    part = np.einsum(f"{','.join(others)}->{known}", *rest)
    shape = tuple(n if letter in known else 1 for letter, n in zip(terms[i], inputs[i].shape))
    sizes = dict(zip(known, part.shape))
    full = tuple(sizes.get(letter, n) for letter, n in zip(terms[i], inputs[i].shape))
    return np.broadcast_to(np.reshape(part, tuple(sizes.get(c, n) for c, n in zip(terms[i], shape))), full)


_einsum = Operation(
    "einsum",
    lambda *inputs, terms, output: np.einsum(f"{','.join(terms)}->{output}", *inputs, optimize=len(inputs) > 2),
    each(_einsum_rule),
    about="the same sum with g in the input's place",
)


def einsum(equation, *inputs, name=None):
    """Einstein's sum: "ij,jk->ik" multiplies matrices. Each letter is an axis; those not after "->" are summed; "..."
    stands for any further axes; without "->" the letters that occur once, in alphabetical order, are the output's."""
    inputs = [convert_to_tensor(x) for x in inputs]
    left, arrow, output = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(inputs):
        raise ValueError(f"einsum: {equation!r} names {len(terms)} inputs and {len(inputs)} were given.")
    spare = [c for c in string.ascii_letters if c not in equation]
    dots = max((x.ndim - len(t.replace("...", "")) for t, x in zip(terms, inputs) if "..." in t), default=0)
    ellipsis = "".join(spare[:dots])
    if not arrow:
        flat = "".join(terms).replace(".", "")
        output = "..." * ("..." in left) + "".join(sorted(c for c in set(flat) if flat.count(c) == 1))
    for k, (term, x) in enumerate(zip(terms, inputs)):
        extra = x.ndim - len(term.replace("...", ""))
        if extra < 0 or (extra and "..." not in term):
            raise ValueError(f"einsum: {term!r} names {len(term)} axes, and that input has shape {x.shape}.")
        terms[k] = term.replace("...", ellipsis[dots - extra :])
    output = output.replace("...", ellipsis)
    terms, inputs = _without_diagonals(terms, inputs, spare[dots:])
    return _einsum(*inputs, terms=tuple(terms), output=output)


def _without_diagonals(terms, inputs, spare):
    """A letter twice in one term is a diagonal: rename the second, and tie the two with an identity matrix."""
    terms, inputs, spare = list(terms), list(inputs), iter(spare)
    for k in range(0, len(terms)):
        for position, letter in enumerate(terms[k]):
            if letter in terms[k][:position]:
                new = next(spare)
                terms[k] = terms[k][:position] + new + terms[k][position + 1 :]
                terms.append(letter + new)
                inputs.append(eye(inputs[k].shape[position], dtype=inputs[k].dtype))
    return terms, inputs


# ---------------------------------------------------------------------------------------------------------------------
# Shapes

_reshape = Operation(
    "reshape",
    lambda x, shape: np.reshape(x, shape),
    lambda g, z, x, shape: np.reshape(g, x.shape),
    about="g in the input's shape",
)
_transpose = Operation(
    "transpose",
    lambda x, perm: np.transpose(x, perm),
    lambda g, z, x, perm: np.transpose(g, None if perm is None else tuple(np.argsort(perm).tolist())),
    about="g transposed back",
)
_broadcast_to = Operation(
    "broadcast_to",
    lambda x, shape: np.broadcast_to(x, shape) if x.shape else _repeated(x, shape),
    lambda g, z, x, shape: g,
    about="g summed over the copies",
)
_concat = Operation(
    "concat",
    lambda *values, axis: np.concatenate(values, axis=axis),
    each(lambda i, g, z, *values, axis: g[_part(values, i, axis)]),
    about="to each input its part of g",
)
_stack = Operation(
    "stack",
    lambda *values, axis: np.stack(values, axis=axis),
    each(lambda i, g, z, *values, axis: g[(slice(None),) * (axis % len(z.shape)) + (i,)]),
    about="to each input its part of g",
)


def _repeated(scalar, shape):
    """What np.broadcast_to gives, a view of one number, without its set-up time: every mean's gradient passes here."""
    return np.ndarray(shape, scalar.dtype, np.asarray(scalar), 0, (0,) * len(shape))


def _part(values, i, axis):
    """The index of the i-th of concatenated values in the whole."""
    axis %= len(values[0].shape)
    start = sum(v.shape[axis] for v in values[:i])
    return (slice(None),) * axis + (slice(start, start + values[i].shape[axis]),)


def shape_tuple(shape):
    """A `shape` argument (an int, a list, a tensor) as a tuple of ints."""
    array = np.asarray(shape)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"a shape is made of integers, not {shape!r}.")
    return tuple(array.reshape(-1).tolist())


def sizes(shape):
    """A `shape` argument for a new tensor."""
    found = shape_tuple(shape)
    if min(found, default=0) < 0:
        raise ValueError(f"a tensor cannot have the shape {found}: sizes are 0 or more.")
    return found


def reshape(tensor, shape, name=None):
    """The same elements in another shape; one size may be -1, which means what remains."""
    return _reshape(tensor, shape=shape_tuple(shape))


def transpose(a, perm=None, name=None):
    """The axes in the order `perm`, by default reversed."""
    return _transpose(a, perm=None if perm is None else shape_tuple(perm))


def expand_dims(input, axis, name=None):
    """With a new axis of size 1 at `axis`."""
    x = convert_to_tensor(input)
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
    return _broadcast_to(input, shape=shape_tuple(shape))


def concat(values, axis, name=None):
    """The tensors of a list one after another along an axis that exists."""
    return _concat(*_tensors("concat", values), axis=int(axis))


def stack(values, axis=0, name=None):
    """The tensors of a list, of equal shapes, one after another along a new axis."""
    return _stack(*_tensors("stack", values), axis=int(axis))


def _tensors(name, values):
    if not isinstance(values, list | tuple | TensorLike):
        raise TypeError(f"{name}: give a list of tensors, not {values!r}.")
    values = [convert_to_tensor(v) for v in values]
    if not values:
        raise ValueError(f"{name}: the list of tensors is empty.")
    return values


def unstack(value, num=None, axis=0, name=None):
    """The list of the parts at each index along `axis`, without that axis: the inverse of `stack`."""
    value = convert_to_tensor(value)
    n = _size_along("unstack", value, axis)
    if num not in (None, n):
        raise ValueError(f"unstack: num is {num}, and axis {axis} of shape {value.shape} has {n} parts.")
    return [value[(slice(None),) * (axis % value.ndim) + (i,)] for i in range(0, n)]


def split(value, num_or_size_splits, axis=0, num=None, name=None):
    """A list of consecutive parts along `axis`: that many equal ones, or of the sizes in a list (one may be -1)."""
    value = convert_to_tensor(value)
    n = _size_along("split", value, axis)
    if np.ndim(num_or_size_splits) == 0:
        parts = int(num_or_size_splits)
        if parts < 1 or n % parts:
            raise ValueError(f"split: axis {axis} of shape {value.shape} cannot be cut into {parts} equal parts.")
        sizes = [n // parts] * parts
    else:
        sizes = list(shape_tuple(num_or_size_splits))
        sizes = [n - sum(sizes) - 1 if size == -1 else size for size in sizes] if sizes.count(-1) == 1 else sizes
        if sum(sizes) != n or min(sizes, default=0) < 0:
            raise ValueError(f"split: sizes {num_or_size_splits} do not add up to {n}, the size of axis {axis}.")
    ends = np.cumsum([0, *sizes]).tolist()
    before = (slice(None),) * (axis % value.ndim)
    return [value[(*before, slice(start, end))] for start, end in zip(ends, ends[1:])]


def _size_along(name, value, axis):
    if not -value.ndim <= axis < value.ndim:
        raise ValueError(f"{name}: shape {value.shape} has no axis {axis}.")
    return value.shape[axis]


_tile = Operation(
    "tile",
    lambda x, multiples: np.tile(x, multiples),
    lambda g, z, x, multiples: np.sum(
        np.reshape(g, [n for pair in zip(multiples, x.shape) for n in pair]), axis=tuple(range(0, 2 * len(x.shape), 2))
    ),
    about="g summed over the copies",
)


def tile(input, multiples, name=None):
    """Repeated `multiples[i]` times along each axis i."""
    x, multiples = convert_to_tensor(input), shape_tuple(multiples)
    if len(multiples) != x.ndim or min(multiples, default=0) < 0:
        raise ValueError(f"tile: shape {x.shape} needs one multiple ≥ 0 for each axis, not {multiples}.")
    return _tile(x, multiples=multiples)


# ---------------------------------------------------------------------------------------------------------------------
# Picking elements


def _put(g, key, shape):
    whole = np.zeros(shape, g.dtype)
    if any(isinstance(k, np.ndarray) for k in key):
        np.add.at(whole, key, g)  # arrays may name an element twice
    else:
        whole[key] = g
    return whole


def _put_rows(values, indices, shape):
    whole = np.zeros(shape, values.dtype)
    np.add.at(whole, indices, values)
    return whole


put = Operation("put", _put, lambda g, z, x, key, shape: g[key], about="g at the places where the elements went")
put_rows = Operation(
    "put_rows",
    _put_rows,
    lambda g, z, x, indices, shape: g[np.asarray(indices)],
    None,
    about="the rows of g where the rows went",
)
_getitem = Operation(
    "getitem",
    lambda x, key: x[key],
    lambda g, z, x, key: put.either(g, key=key, shape=x.shape),
    about="g at the places that were picked, 0 elsewhere",
)
_gather = Operation(
    "gather",
    # In a browser, NumPy's own indices have 32 bits, and `take` refuses longer ones.
    lambda x, indices: np.take(x, np.asarray(indices, np.intp), axis=0),
    lambda g, z, x, indices: _slices(g, x, indices),
    None,
    about="to each row its part of g, as IndexedSlices",
)


def _slices(g, x, indices):
    if len(indices.shape) != 1:
        g, indices = np.reshape(g, (math.prod(indices.shape), *x.shape[1:])), np.reshape(indices, (-1,))
    return IndexedSlices.of(g, indices, x.shape)


def getitem(x, key):
    """x[key]: integers, slices, `...`, `newaxis`, boolean masks, and arrays or tensors of integers."""
    if isinstance(x, Variable) and x.ndim and _names_rows(key):
        n = len(x)
        rows = np.asarray(key)
        if rows.size and (rows.min() < -n or rows.max() >= n):
            raise IndexError(f"index {key} is out of range for {n} rows: {-n} to {n - 1} are valid.")
        return gather(x, rows % n if rows.size else rows.astype(int))
    key = tuple(_index(k) for k in key) if isinstance(key, tuple) else (_index(key),)
    return _getitem(x, key=key)


def _names_rows(key):
    """Whether an index is one or more row numbers, so that the gradient is rows too."""
    if isinstance(key, slice | tuple) or key is None or key is Ellipsis:
        return False
    return np.asarray(key).dtype.kind in "iu"


def _index(k):
    if k is None or k is Ellipsis:
        return k
    if isinstance(k, slice):
        parts = (k.start, k.stop, k.step)
        return slice(*(None if p is None else operator.index(p) for p in parts))
    array = np.asarray(k)
    if array.dtype.kind not in "iub" and array.size:
        raise TypeError(f"an index is made of integers, slices or booleans, not {k!r}.")
    return array if array.ndim or array.dtype == bool else int(array)


def gather(params, indices, validate_indices=None, axis=None, batch_dims=0, name=None):
    """The parts of `params` at `indices` along `axis` (by default the first): shape params.shape[:axis] +
    indices.shape + params.shape[axis + 1:]. Along axis 0 the gradient is an `IndexedSlices`.

    Raises:
        IndexError: an index out of range; negative ones are.
        TypeError: indices that are not integers.
    """
    params = params if isinstance(params, Variable) else convert_to_tensor(params)
    indices = convert_to_tensor(indices)
    axis = batch_dims if axis is None else int(axis)
    if not -params.ndim <= axis < params.ndim:
        raise ValueError(f"gather: params of shape {params.shape} have no axis {axis}.")
    axis %= params.ndim
    check_indices("gather", indices._value, params.shape[axis])
    if batch_dims:
        grids = np.ogrid[tuple(slice(n) for n in indices.shape)][:batch_dims]
        if axis != batch_dims:
            raise ValueError(f"gather: with batch_dims={batch_dims}, axis must be the same, not {axis}.")
        if indices.shape[:batch_dims] != params.shape[:batch_dims]:
            raise ValueError(
                f"gather: with batch_dims={batch_dims}, params {params.shape} and indices {indices.shape} must begin "
                "alike."
            )
        return _getitem(params, key=(*grids, indices._value))
    if axis:
        key = (slice(None),) * axis + (indices._value if indices.ndim else int(indices),)
        return _getitem(params, key=key)
    return _gather(params._read_rows() if isinstance(params, Variable) else params, indices)


def gather_nd(params, indices, batch_dims=0, name=None):
    """The elements (or slices) of `params` that the rows of `indices` name: shape indices.shape[:-1] +
    params.shape[indices.shape[-1]:]. Raises as `gather`."""
    params, indices = convert_to_tensor(params), convert_to_tensor(indices)._value
    if not indices.ndim:
        raise ValueError(f"gather_nd: indices {indices} is a scalar; each row of indices names an element.")
    depth = indices.shape[-1]
    if depth > params.ndim - batch_dims:
        raise ValueError(f"gather_nd: indices with {depth} numbers each for params of shape {params.shape}.")
    columns = [indices[..., i] for i in range(0, depth)]
    for i, column in enumerate(columns):
        check_indices("gather_nd", column, params.shape[batch_dims + i])
    if not depth:
        return broadcast_to(params, (*indices.shape[:-1], *params.shape))
    grids = np.ogrid[tuple(slice(n) for n in indices.shape[:-1])][:batch_dims] if batch_dims else []
    return _getitem(params, key=(*grids, *columns))


def boolean_mask(tensor, mask, axis=None, name=None):
    """The elements of `tensor` where `mask` is true, along the mask's axes, which begin at `axis`."""
    mask = np.asarray(convert_to_tensor(mask)._value)
    if mask.dtype != bool or not mask.ndim:
        raise TypeError(
            f"boolean_mask: the mask must be a tensor of booleans with an axis, not {mask.dtype} of {mask.shape}."
        )
    return _getitem(tensor, key=(slice(None),) * (axis or 0) + (mask,))


def one_hot(indices, depth, on_value=1, off_value=0, axis=-1, dtype=float32, name=None):
    """`on_value` at each index and `off_value` elsewhere, along a new axis of size `depth`. An index outside 0 … depth
    - 1 gives `off_value` throughout, as in TensorFlow. No gradient."""
    indices = convert_to_tensor(indices)._value
    if indices.dtype.kind not in "iu":
        raise TypeError(f"one_hot: indices must be integers, not {indices.dtype}. Use cast.")
    if not -indices.ndim - 1 <= axis <= indices.ndim:
        raise ValueError(f"one_hot: axis {axis} is not a place beside the axes of {indices.shape}.")
    hot = np.asarray(indices)[..., None] == np.arange(*sizes([depth]))
    return Tensor(np.moveaxis(np.where(hot, on_value, off_value).astype(as_dtype(dtype)), -1, axis))


def argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
    """The indices that sort along `axis`, int32; equal elements stay in their order."""
    values = convert_to_tensor(values)
    _size_along("argsort", values, axis)
    order = np.argsort(-values._value if _descending(direction) else values._value, axis=axis, kind="stable")
    return Tensor(order.astype(int32))


def sort(values, axis=-1, direction="ASCENDING", name=None):
    """The elements sorted along `axis`, "ASCENDING" or "DESCENDING"; each takes its gradient along."""
    values = convert_to_tensor(values)
    order = argsort(values, axis, direction)._value
    grids = list(np.ogrid[tuple(slice(n) for n in values.shape)])
    grids[axis] = order
    return _getitem(values, key=tuple(grids))


def _descending(direction):
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"direction is 'ASCENDING' or 'DESCENDING', not {direction!r}.")
    return direction == "DESCENDING"


# ---------------------------------------------------------------------------------------------------------------------
# Making tensors


def zeros(shape, dtype=float32, name=None):
    """A tensor of zeros."""
    return fill(shape, np.zeros((), as_dtype(dtype)))


def ones(shape, dtype=float32, name=None):
    """A tensor of ones."""
    return fill(shape, np.ones((), as_dtype(dtype)))


def zeros_like(input, dtype=None, name=None):
    """Zeros in the shape of `input`, and in its dtype if no other is given."""
    x = convert_to_tensor(input)
    return zeros(x.shape, x.dtype if dtype is None else dtype)


def ones_like(input, dtype=None, name=None):
    """Ones in the shape of `input`, and in its dtype if no other is given."""
    x = convert_to_tensor(input)
    return ones(x.shape, x.dtype if dtype is None else dtype)


_fill = Operation("fill", lambda x, dims: np.full(dims, x)[()], lambda g, z, x, dims: g, about="the sum of g")


def fill(dims, value, name=None):
    """A tensor of shape `dims` with every element `value`, a scalar."""
    value = convert_to_tensor(value)
    if value.ndim:
        raise ValueError(f"fill: the value must be a scalar, and has shape {value.shape}.")
    return _fill(value, dims=sizes(dims))


def eye(num_rows, num_columns=None, batch_shape=None, dtype=float32, name=None):
    """The identity matrix, or one for each element of `batch_shape`."""
    rows, columns = sizes([num_rows, num_rows if num_columns is None else num_columns])
    batch = () if batch_shape is None else sizes(batch_shape)
    return Tensor(np.broadcast_to(np.eye(rows, columns, dtype=as_dtype(dtype)), (*batch, rows, columns)))


def range_(start, limit=None, delta=1, dtype=None, name=None):
    """start, start + delta, … below `limit`; with one argument, 0, 1, … below it. int32 of ints, float32 of floats."""
    if limit is None:
        start, limit = 0, start
    start, limit, delta = (convert_to_tensor(x) for x in (start, limit, delta))
    dtype = np.result_type(start.dtype, limit.dtype, delta.dtype) if dtype is None else as_dtype(dtype)
    if dtype == np.float64 and float32 in (start.dtype, limit.dtype, delta.dtype):
        dtype = float32
    if start.ndim or limit.ndim or delta.ndim:
        raise ValueError(
            f"range: start, limit and delta are scalars, not of shapes {start.shape}, {limit.shape}, {delta.shape}."
        )
    if not float(delta):
        raise ValueError("range: delta is 0, so it would never end.")
    return Tensor(np.arange(start.numpy(), limit.numpy(), delta.numpy()).astype(dtype))


def linspace(start, stop, num, name=None, axis=0):
    """`num` numbers at equal distances from `start` to `stop`, both included, along a new axis `axis`."""
    start, stop = convert_to_tensor(start), convert_to_tensor(stop)
    dtype = np.result_type(start.dtype, stop.dtype)
    dtype = dtype if dtype.kind == "f" else np.float64
    if num != int(num) or num < 1:
        raise ValueError(f"linspace: num is {num}, and must be an integer of at least 1.")
    return Tensor(np.linspace(start.numpy(), stop.numpy(), int(num), axis=axis, dtype=dtype))


def meshgrid(*args, indexing="xy", name=None):
    """For vectors of lengths n, m, …: tensors that repeat each along the others' axes; "ij" gives shape (n, m, …),
    "xy" exchanges the first two."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}.")
    vectors = [reshape(v, [-1]) for v in args]
    order = list(range(0, len(vectors)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    shape = [vectors[i].shape[0] for i in order]
    return [
        broadcast_to(reshape(v, [-1 if order[axis] == i else 1 for axis in range(0, len(order))]), shape)
        for i, v in enumerate(vectors)
    ]


def size(input, out_type=int32, name=None):
    """The number of elements, a tensor."""
    return Tensor(as_dtype(out_type).type(np.size(convert_to_tensor(input)._value)))


def rank(input, name=None):
    """The number of axes, an int32 tensor."""
    return Tensor(np.int32(convert_to_tensor(input).ndim))


def shape(input, out_type=int32, name=None):
    """The shape, as a tensor of one axis; `x.shape` is the same as a tuple."""
    return Tensor(np.array(convert_to_tensor(input).shape, as_dtype(out_type)))


# ---------------------------------------------------------------------------------------------------------------------
# Operators, and NumPy's functions


def _reflected(function):
    return lambda self, other: function(other, self)


def _swap_axes(a, axis1, axis2):
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(a, order)


def _move_axis(a, source, destination):
    order = list(range(a.ndim))
    order.insert(destination % a.ndim, order.pop(source))
    return transpose(a, order)


def _attach_operators():
    arithmetic = {
        "add": add,
        "sub": subtract,
        "mul": multiply,
        "truediv": divide,
        "floordiv": floordiv,
        "mod": floormod,
        "pow": pow_,
        "matmul": matmul,
        "and": _bitwise_and,
        "or": _bitwise_or,
        "xor": _bitwise_xor,
    }
    for name, function in arithmetic.items():
        setattr(TensorLike, f"__{name}__", function)
        setattr(TensorLike, f"__r{name}__", function if function in (add, multiply) else _reflected(function))
    compare = {"lt": less, "le": less_equal, "gt": greater, "ge": greater_equal}
    for name, function in compare.items():
        setattr(TensorLike, f"__{name}__", function)
    # == with what is no number is False, as everywhere in Python
    TensorLike.__eq__ = lambda x, y: False if y is None or isinstance(y, str) else equal(x, y)
    TensorLike.__ne__ = lambda x, y: True if y is None or isinstance(y, str) else not_equal(x, y)
    TensorLike.__neg__, TensorLike.__abs__, TensorLike.__invert__ = negative, abs_, _bitwise_not
    TensorLike.__pos__ = identity
    TensorLike.__round__ = lambda self, digits=0: round(float(self), digits)
    TensorLike.__getitem__ = getitem


_attach_operators()

UFUNCS |= {
    np.add: add, np.subtract: subtract, np.multiply: multiply, np.divide: divide, np.power: pow_, np.maximum: maximum,
    np.minimum: minimum, np.floor_divide: floordiv, np.mod: floormod, np.negative: negative, np.positive: identity,
    np.square: square, np.sqrt: sqrt, np.reciprocal: reciprocal, np.exp: exp, np.expm1: expm1, np.log: log,
    np.log1p: log1p, np.sin: sin, np.cos: cos, np.tan: tan, np.sinh: sinh, np.cosh: cosh, np.tanh: tanh,
    np.arcsin: asin, np.arccos: acos, np.arctan: atan, np.abs: abs_, np.sign: sign, np.floor: floor, np.ceil: ceil,
    np.rint: round_,
    np.isnan: is_nan, np.isinf: is_inf, np.isfinite: is_finite, np.logical_not: logical_not,
    np.logical_and: logical_and, np.logical_or: logical_or, np.logical_xor: logical_xor, np.equal: equal,
    np.not_equal: not_equal, np.less: less,
    np.less_equal: less_equal, np.greater: greater, np.greater_equal: greater_equal, np.matmul: matmul,
    np.bitwise_and: _bitwise_and, np.bitwise_or: _bitwise_or, np.bitwise_xor: _bitwise_xor, np.invert: _bitwise_not,
}  # fmt: skip
REDUCTIONS |= {
    np.add: lambda x, axis=0, keepdims=False: reduce_sum(x, axis, keepdims),
    np.multiply: lambda x, axis=0, keepdims=False: reduce_prod(x, axis, keepdims),
    np.maximum: lambda x, axis=0, keepdims=False: reduce_max(x, axis, keepdims),
    np.minimum: lambda x, axis=0, keepdims=False: reduce_min(x, axis, keepdims),
}
FUNCTIONS |= {
    np.sum: reduce_sum, np.mean: reduce_mean, np.max: reduce_max, np.min: reduce_min, np.prod: reduce_prod,
    np.var: reduce_variance, np.std: reduce_std, np.all: reduce_all, np.any: reduce_any, np.where: where,
    np.clip: clip_by_value, np.reshape: reshape, np.transpose: transpose, np.expand_dims: expand_dims,
    np.squeeze: squeeze, np.broadcast_to: broadcast_to, np.stack: stack, np.tile: tile, np.tensordot: tensordot,
    np.einsum: einsum, np.linalg.norm: lambda x, ord=2, axis=None, keepdims=False: norm(x, ord, axis, keepdims),
    np.zeros_like: zeros_like, np.ones_like: ones_like,
    np.round: lambda a, decimals=0: (
        Tensor(np.round(convert_to_tensor(a).numpy(), decimals)) if decimals else round_(a)),
    np.concatenate: lambda arrays, axis=0: concat(arrays, axis),
    np.argmax: lambda a, axis=None: argmax(reshape(a, [-1]) if axis is None else a, axis or 0),
    np.argmin: lambda a, axis=None: argmin(reshape(a, [-1]) if axis is None else a, axis or 0),
    np.sort: sort, np.argsort: argsort,
    np.cumsum: lambda a, axis=None: cumsum(reshape(a, [-1]) if axis is None else a, axis or 0),
    np.swapaxes: _swap_axes, np.moveaxis: _move_axis,
    np.ravel: lambda a: reshape(a, [-1]),
    np.dot: lambda a, b: multiply(a, b) if not np.ndim(a) or not np.ndim(b) else matmul(a, b),
    np.outer: lambda a, b: multiply(reshape(a, [-1, 1]), reshape(b, [1, -1])),
    np.shape: lambda a: a.shape, np.ndim: lambda a: a.ndim, np.size: lambda a: a.shape.num_elements(),
    np.take: lambda a, indices, axis=None: gather(reshape(a, [-1]) if axis is None else a, indices, axis=axis or 0),
}  # fmt: skip
