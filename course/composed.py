"""Further functions. Most are made of operations, whose gradient rules serve for the whole."""

import collections
import functools
import math
import operator

import numpy as np

from course.engine.arguments import axis_tuple, one_axis, shape_tuple, size_along, sizes
from course.engine.indexed_slices import IndexedSlices
from course.engine.operation import Operation, as_inputs, as_tensors, cast, convert_to_tensor, floating, reduction
from course.engine.ops import (
    add,
    broadcast_to,
    checked_indices,
    fill,
    is_finite,
    kept,
    maximum,
    multiply,
    pick,
    put,
    reduce_mean,
    reduce_sum,
    reshape,
    sqrt,
    square,
    subtract,
    where,
)
from course.engine.tensor import Tensor, as_dtype, float32, int32, int64


def squared_difference(x, y, name=None):
    """(x - y)², element by element."""
    return square(subtract(x, y))


def add_n(inputs, name=None):
    """The sum of a list of tensors of the same shape."""
    inputs = as_tensors("add_n", inputs)
    if len({x.shape for x in inputs}) > 1:
        raise ValueError(f"add_n: the tensors have shapes {[str(x.shape) for x in inputs]}. They must be equal.")
    return functools.reduce(add, inputs)


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
        The list of scaled tensors (None stays None, `IndexedSlices` stay sparse), and the norm before. Where that is
        infinite, as when a square overflows, all are NaN: no factor would be right.
    """
    _checked_norm("clip_by_global_norm", clip_norm)
    norm_before = global_norm(t_list) if use_norm is None else floating("clip_by_global_norm", use_norm)
    scale = where(is_finite(norm_before), clip_norm / maximum(norm_before, clip_norm), np.nan)
    tensors = [t if t is None or isinstance(t, IndexedSlices) else convert_to_tensor(t) for t in t_list]
    return [None if t is None else multiply(t, cast(scale, t.dtype)) for t in tensors], norm_before


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """The mean squared distance from the mean along `axis` (the sum is divided by n, not by n - 1)."""
    x = floating("reduce_variance", input_tensor)
    return reduce_mean(square(x - reduce_mean(x, axis, keepdims=True)), axis, keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """The standard deviation along `axis`: the square root of `reduce_variance`."""
    return sqrt(reduce_variance(input_tensor, axis, keepdims))


def unstack(value, num=None, axis=0, name=None):
    """The list of the parts at each index along `axis`, without that axis: the inverse of `stack`."""
    value = convert_to_tensor(value)
    n = size_along("unstack", value, axis)
    if num not in (None, n):
        raise ValueError(f"unstack: num is {num}, and axis {axis} of shape {value.shape} has {n} parts.")
    return [value[(slice(None),) * (axis % value.ndim) + (i,)] for i in range(0, n)]


def split(value, num_or_size_splits, axis=0, num=None, name=None):
    """A list of consecutive parts along `axis`: that many equal ones, or of the sizes in a list (one may be -1)."""
    value = convert_to_tensor(value)
    n = size_along("split", value, axis)
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


def boolean_mask(tensor, mask, axis=None, name=None):
    """The elements of `tensor` where `mask` is true, along the mask's axes, which begin at `axis`."""
    mask = np.asarray(convert_to_tensor(mask).numpy())
    if mask.dtype != bool or not mask.ndim:
        raise TypeError(
            f"boolean_mask: the mask must be a tensor of booleans with an axis, not {mask.dtype} of {mask.shape}."
        )
    return pick(convert_to_tensor(tensor), (slice(None),) * (axis or 0) + (mask,))


def gather_nd(params, indices, batch_dims=0, name=None):
    """The elements (or slices) of `params` that the rows of `indices` name: shape indices.shape[:-1] +
    params.shape[indices.shape[-1]:]. Raises as `gather`."""
    params, indices = convert_to_tensor(params), convert_to_tensor(indices)
    if not indices.ndim:
        raise ValueError(f"gather_nd: indices {indices} is a scalar; each row of indices names an element.")
    depth = indices.shape[-1]
    if depth > params.ndim - batch_dims:
        raise ValueError(f"gather_nd: indices with {depth} numbers each for params of shape {params.shape}.")
    columns = [indices[..., i] for i in range(0, depth)]
    columns = [checked_indices("gather_nd", c, params.shape[batch_dims + i]) for i, c in enumerate(columns)]
    if not depth:
        return broadcast_to(params, (*indices.shape[:-1], *params.shape))
    grids = np.ogrid[tuple(slice(n) for n in indices.shape[:-1])][:batch_dims] if batch_dims else []
    return pick(params, (*grids, *columns))


def scatter_nd(indices, updates, shape, name=None):
    """A tensor of `shape`, zero but where the rows of `indices` name an element (or slice): there the sum of its
    `updates`. The inverse of `gather_nd`, and raises as it does."""
    indices, updates, shape = convert_to_tensor(indices), convert_to_tensor(updates), sizes(shape)
    depth = indices.shape[-1] if indices.ndim else 0
    if not 0 < depth <= len(shape):
        raise ValueError(
            f"scatter_nd: indices of shape {indices.shape}, for a tensor of shape {shape}: each row of "
            f"indices has 1 to {len(shape)} numbers."
        )
    if updates.shape != indices.shape[:-1] + shape[depth:]:
        raise ValueError(
            f"scatter_nd: indices of shape {indices.shape} into a tensor of shape {shape} need updates of "
            f"shape {tuple(indices.shape[:-1] + shape[depth:])}, not {updates.shape}."
        )
    columns = [checked_indices("scatter_nd", indices[..., i], shape[i]) for i in range(0, depth)]
    return put(updates, *columns, key=(np.ndarray,) * depth, shape=shape)


def slice_(input_, begin, size, name=None):
    """The part of the tensor that begins at `begin` and has the shape `size`, where -1 means to the end."""
    x, begin, size = convert_to_tensor(input_), shape_tuple(begin), shape_tuple(size)
    if not len(begin) == len(size) == x.ndim:
        raise ValueError(f"slice: shape {x.shape} needs a begin and a size for each axis, not {begin} and {size}.")
    ends = [n if m == -1 else b + m for n, b, m in zip(x.shape, begin, size)]
    if any(not 0 <= b <= end <= n for n, b, end in zip(x.shape, begin, ends)):
        raise ValueError(f"slice: begin {begin} and size {size} do not lie within shape {x.shape}.")
    return pick(x, tuple(slice(b, end) for b, end in zip(begin, ends)))


def reverse(tensor, axis, name=None):
    """The elements in the opposite order along each axis of a list."""
    x, axes = convert_to_tensor(tensor), [operator.index(a) for a in np.atleast_1d(axis)]
    for a in axes:
        size_along("reverse", x, a)
    axes = [a % x.ndim for a in axes]
    if len(set(axes)) < len(axes):
        raise ValueError(f"reverse: axis {axis} names an axis of shape {x.shape} twice.")
    return pick(x, tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(0, x.ndim)))


_pad = Operation(
    "pad", lambda x, paddings, value: np.pad(x, paddings, constant_values=value),
    lambda g, z, x, paddings, value: g[tuple(slice(low, low + n) for (low, _), n in zip(paddings, x.shape))],
    about="g without the margins")  # fmt: skip


def pad(tensor, paddings, mode="CONSTANT", constant_values=0, name=None):
    """The tensor with a margin.

    Args:
        paddings: for each axis two sizes, before and after.
        mode: the margin holds `constant_values` ("CONSTANT"), or the elements mirrored at the edge, without the edge
            itself ("REFLECT") or with it ("SYMMETRIC").
    """
    x, mode = convert_to_tensor(tensor), str(mode).upper()
    pairs = np.asarray(paddings).reshape(-1, 2) if np.size(paddings) else np.zeros((0, 2), int)
    if np.shape(paddings) not in ((x.ndim, 2), (0,)) or pairs.shape != (x.ndim, 2):
        raise ValueError(
            f"pad: shape {x.shape} needs two sizes for each axis, shape ({x.ndim}, 2); paddings have "
            f"shape {np.shape(paddings)}."
        )
    if pairs.dtype.kind not in "iu":
        raise TypeError(f"pad: paddings are integers, not {paddings!r}.")
    pairs = [tuple(pair) for pair in pairs.tolist()]
    if mode not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(f"pad: mode is 'CONSTANT', 'REFLECT' or 'SYMMETRIC', not {mode!r}.")
    least = 1 if mode == "REFLECT" else 0
    for n, pair in zip(x.shape, pairs):
        if min(pair) < 0 or (mode != "CONSTANT" and max(pair) > n - least):
            raise ValueError(
                f"pad: paddings {pair} for an axis of size {n}: they are 0 or more"
                + ("." if mode == "CONSTANT" else f", and in mode {mode} at most {n - least}.")
            )
    if mode == "CONSTANT":
        return _pad(x, paddings=tuple(pairs), value=convert_to_tensor(constant_values, x.dtype)._value)
    return pick(x, np.ix_(*(np.pad(np.arange(n), pair, mode=mode.lower()) for n, pair in zip(x.shape, pairs))))


TopK = collections.namedtuple("TopK", "values indices")


def top_k(input, k=1, sorted=True, index_type=int32, name=None):
    """The k largest elements along the last axis, the largest first, and their indices: a pair (values, indices)."""
    x, k = convert_to_tensor(input), operator.index(k)
    n = size_along("top_k", x, -1)
    if not 0 <= k <= n:
        raise ValueError(f"top_k: k is {k}, and the last axis of shape {x.shape} has {n} elements.")
    indices = argsort(x, direction="DESCENDING")[..., :k]
    return TopK(_in_order(x, indices, -1), cast(indices, index_type))


def _is_one(indices, depth, on_value, off_value, axis, dtype):
    hot = np.asarray(indices)[..., None] == np.arange(depth)
    return np.moveaxis(np.where(hot, on_value, off_value).astype(dtype), -1, axis)


_one_hot = Operation("one_hot", _is_one)
_argsort = Operation("argsort", lambda x, axis, descending: _order(x, axis, descending).astype(int32))


def _order(x, axis, descending):
    if not descending:
        return np.argsort(x, axis, kind="stable")
    # Not of -x, which is no number for booleans, and wraps for unsigned integers and the smallest of the others.
    return np.flip(x.shape[axis] - 1 - np.argsort(np.flip(x, axis), axis, kind="stable"), axis)


def one_hot(indices, depth, on_value=None, off_value=None, axis=-1, dtype=None, name=None):
    """`on_value`, by default 1, at each index, and `off_value`, by default 0, elsewhere, along a new axis of size
    `depth`. An index outside 0 … depth - 1 gives `off_value` throughout, as in TensorFlow. No gradient.

    `dtype` is by default that of the values given, which must agree; float32 without any.
    """
    indices = convert_to_tensor(indices)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"one_hot: indices must be integers, not {indices.dtype}. Use cast.")
    if not -indices.ndim - 1 <= axis <= indices.ndim:
        raise ValueError(f"one_hot: axis {axis} is not a place beside the axes of {indices.shape}.")
    (depth,), values = sizes([depth]), {"on_value": on_value, "off_value": off_value}
    given = {what: convert_to_tensor(v, dtype) for what, v in values.items() if v is not None}
    dtypes = {v.dtype for v in given.values()} or {as_dtype(float32 if dtype is None else dtype)}
    if len(dtypes) > 1:
        raise TypeError(f"one_hot: on_value is {given['on_value'].dtype} and off_value {given['off_value'].dtype}.")
    values = {"on_value": 1, "off_value": 0} | {what: v.numpy() for what, v in given.items()}
    return _one_hot(indices, depth=depth, axis=axis, dtype=dtypes.pop(), **values)


def argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
    """The indices that sort along `axis`, int32; equal elements stay in their order."""
    values = convert_to_tensor(values)
    size_along("argsort", values, axis)
    return _argsort(values, axis=axis, descending=_descending(direction))


def sort(values, axis=-1, direction="ASCENDING", name=None):
    """The elements sorted along `axis`, "ASCENDING" or "DESCENDING"; each takes its gradient along."""
    values = convert_to_tensor(values)
    return _in_order(values, argsort(values, axis, direction), axis)


def _in_order(values, order, axis):
    """The elements along `axis` that `order` names, in that order."""
    grids = list(np.ogrid[tuple(slice(n) for n in order.shape)])
    grids[axis] = order
    return pick(values, tuple(grids))


def _descending(direction):
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"direction is 'ASCENDING' or 'DESCENDING', not {direction!r}.")
    return direction == "DESCENDING"


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


def eye(num_rows, num_columns=None, batch_shape=None, dtype=float32, name=None):
    """The identity matrix, or one for each element of `batch_shape`."""
    rows, columns = sizes([num_rows, num_rows if num_columns is None else num_columns])
    batch = () if batch_shape is None else sizes(batch_shape)
    return Tensor(np.broadcast_to(np.eye(rows, columns, dtype=as_dtype(dtype)), (*batch, rows, columns)))


def range_(start, limit=None, delta=1, dtype=None, name=None):
    """start, start + delta, … below `limit`; with one argument, 0, 1, … below it. int32 of ints, float32 of floats."""
    if limit is None:
        start, limit = 0, start
    given = (start, limit, delta)
    start, limit, delta = as_tensors("range", given)
    if dtype is None:
        dtype = np.result_type(start.dtype, limit.dtype, delta.dtype)
        if dtype == np.float64 and dtype not in [x.dtype for x in given if hasattr(x, "dtype")]:
            dtype = float32  # of integers and Python's floats
    dtype = as_dtype(dtype)
    if start.ndim or limit.ndim or delta.ndim:
        raise ValueError(
            f"range: start, limit and delta are scalars, not of shapes {start.shape}, {limit.shape}, {delta.shape}."
        )
    if not float(delta):
        raise ValueError("range: delta is 0, so it would never end.")
    if (float(limit) - float(start)) * float(delta) < 0:
        raise ValueError(f"range: steps of {delta.numpy()} lead from {start.numpy()} away from {limit.numpy()}.")
    return Tensor(np.arange(start.numpy(), limit.numpy(), delta.numpy()).astype(dtype))


def linspace(start, stop, num, name=None, axis=0):
    """`num` numbers at equal distances from `start` to `stop`, both included, along a new axis `axis`."""
    start, stop = as_inputs((start, stop))
    dtype = np.result_type(start.dtype, stop.dtype)
    if dtype.kind != "f":
        dtype = np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)
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


# Reductions and running totals


def _finite_maximum(x, axis):
    highest = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(highest), highest, highest.dtype.type(0))


# The maximum, 0 where it is infinite. Subtracted before exp, it prevents overflow; it cancels out, and needs no rule.
_highest = Operation("highest", _finite_maximum)


def _log_sum_exp(x, axis, keepdims):
    highest = _finite_maximum(x, axis)
    with np.errstate(divide="ignore"):
        total = np.log(np.sum(np.exp(x - highest), axis=axis, keepdims=True)) + highest
    return total if keepdims else np.squeeze(total, axis=axis if axis is not None else tuple(range(x.ndim)))


def _share_by_exp(g, z, x, axis, keepdims):
    """To each element its part of Σ exp(x). Not exp(x - z): z is rounded, by 4 in float16 at 10,000."""
    e = np.exp(x - _highest.either(x, axis=axis))
    return kept(g, x, axis, keepdims) * (e / np.sum(e, axis=axis, keepdims=True))


_logsumexp = Operation(
    "reduce_logsumexp", _log_sum_exp,
    _share_by_exp, about="g · softmax x")  # fmt: skip
_argmax = Operation("argmax", lambda x, axis, dtype: _place(np.argmax, x, -np.inf, axis).astype(dtype))
_argmin = Operation("argmin", lambda x, axis, dtype: _place(np.argmin, x, np.inf, axis).astype(dtype))


def _place(find, x, instead, axis):
    """As in TensorFlow, which passes over NaN; NumPy would find the first one."""
    found = find(x, axis=axis)
    if x.dtype.kind == "f" and np.isnan(x).any():
        found = find(np.where(np.isnan(x), instead, x), axis=axis)
    return found


def reduce_logsumexp(input_tensor, axis=None, keepdims=False, name=None):
    """log Σ exp(x) along `axis`, without overflow."""
    return _logsumexp(floating("reduce_logsumexp", input_tensor), axis=axis_tuple(axis), keepdims=keepdims)


def argmax(input, axis=0, output_type=int64, name=None):
    """The index of the largest element along `axis`, the first at a tie; NaN is passed over. No gradient."""
    return _place_along("argmax", _argmax, input, axis, output_type)


def argmin(input, axis=0, output_type=int64, name=None):
    """The index of the smallest element along `axis`, the first at a tie; NaN is passed over. No gradient."""
    return _place_along("argmin", _argmin, input, axis, output_type)


def _place_along(name, operation, x, axis, output_type):
    x, axis = convert_to_tensor(x), 0 if axis is None else one_axis(name, axis)
    size_along(name, x, axis)
    return operation(x, axis=axis, dtype=as_dtype(output_type))


def _cumulative(ufunc, x, axis, exclusive, reverse):
    if reverse:
        x = np.flip(x, axis)
    if exclusive:  # without the element itself: everything one place later, 0 or 1 first
        x = np.roll(x, 1, axis)
        np.moveaxis(x, axis, 0)[:1] = ufunc.identity
    total = ufunc.accumulate(x, axis, x.dtype)
    return np.flip(total, axis) if reverse else total


_cumsum = Operation(
    "cumsum", functools.partial(_cumulative, np.add),
    lambda g, z, x, axis, exclusive, reverse: _cumsum.either(g, axis=axis, exclusive=exclusive, reverse=not reverse),
    about="the sum of g over all totals that contain the element")  # fmt: skip


def _recur(b, a, axis, reverse):
    """r[i] = b[i] + a[i] · r[i - 1] along an axis, r[-1] = 0; from its end, if `reverse`."""
    a, b = (np.moveaxis(np.flip(v, axis) if reverse else v, axis, 0) for v in (a, b))
    r = np.array(b)
    for i in range(1, len(r)):
        r[i] += a[i] * r[i - 1]
    r = np.moveaxis(r, 0, axis)
    return np.flip(r, axis) if reverse else r


def _later(x, axis, reverse):
    """Each element one place later along the axis, or earlier if `reverse`; 0 where none came from."""
    before = (slice(None),) * (axis % len(x.shape))
    if reverse:
        return np.concatenate([x[(*before, slice(1, None))], np.zeros_like(x[(*before, slice(-1, None))])], axis=axis)
    return np.concatenate([np.zeros_like(x[(*before, slice(0, 1))]), x[(*before, slice(0, -1))]], axis=axis)


def _gradient_of_factors(g, z, b, a, axis, reverse):
    return _recurrence.either(g, _later(a, axis, not reverse), axis=axis, reverse=not reverse)


_recurrence = Operation(
    "recurrence", _recur,
    _gradient_of_factors,
    lambda g, z, b, a, axis, reverse: _gradient_of_factors(g, z, b, a, axis, reverse) * _later(z, axis, reverse),
    about="the recurrence from the other end")  # fmt: skip


def _gradient_of_cumprod(g, z, x, axis, exclusive, reverse):
    """The product of the factors before, times g of all products that contain the element. Divides by none of them."""
    g = _later(g, axis, not reverse) if exclusive else g
    before = _cumprod.either(x, axis=axis, exclusive=True, reverse=reverse)
    return before * _recurrence.either(g, _later(x, axis, not reverse), axis=axis, reverse=not reverse)


_cumprod = Operation(
    "cumprod", functools.partial(_cumulative, np.multiply),
    _gradient_of_cumprod,
    about="the sum of g · the other factors over all products that contain the element")  # fmt: skip


def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """Running totals along `axis`; `exclusive` leaves out the element itself, `reverse` runs from the end."""
    return _along("cumsum", _cumsum, x, axis, exclusive, reverse)


def cumprod(x, axis=0, exclusive=False, reverse=False, name=None):
    """Running products along `axis`, with arguments as `cumsum`. Unlike TensorFlow's, its gradient is right beside
    zeros too."""
    return _along("cumprod", _cumprod, x, axis, exclusive, reverse)


def _along(name, operation, x, axis, exclusive, reverse):
    x, axis = convert_to_tensor(x), one_axis(name, axis)
    size_along(name, x, axis)
    if x.dtype.kind == "b":
        raise TypeError(f"{name}: the input has dtype bool. Cast it to a number first: cast(x, float32).")
    return operation(x, axis=axis, exclusive=bool(exclusive), reverse=bool(reverse))


def _gradient_of_product(g, z, x, axis, keepdims):
    """g · the product of the others, of those before times those after: z / x would be 0 / 0 beside a zero."""
    rank = len(x.shape)
    axes = range(rank) if axis is None else [a % rank for a in ((axis,) if isinstance(axis, int) else axis)]
    order = [i for i in range(rank) if i not in axes] + list(axes)
    shape = tuple(x.shape[i] for i in order)
    rows = np.reshape(np.transpose(x, order), (*shape[: rank - len(axes)], math.prod(shape[rank - len(axes) :])))
    before = _cumprod.either(rows, axis=-1, exclusive=True, reverse=False)
    after = _cumprod.either(rows, axis=-1, exclusive=True, reverse=True)
    others = np.transpose(np.reshape(before * after, shape), tuple(np.argsort(order).tolist()))
    return kept(g, x, axis, keepdims) * others


reduce_prod = reduction(
    "reduce_prod",
    lambda x, axis, keepdims: np.multiply.reduce(x, axis, x.dtype, None, keepdims),
    "The product along `axis`.",
    _gradient_of_product,
    about="g · the product of the other elements",
    reduces=np.multiply,
)


def _as_int64(x, what):
    """x as int64, if it holds whole numbers."""
    with np.errstate(invalid="ignore"):
        whole = x.astype("int64")
    if np.any(whole != x):
        raise ValueError(f"{what} are whole numbers, and these are {x.dtype}: {x}.")
    return whole


# An operation, so that a traced program too looks at the values of each call.
whole_numbers = Operation("whole_numbers", _as_int64, about="gives integers: no gradient")
