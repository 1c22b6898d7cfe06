"""The language: Python's operators and NumPy's functions on tensors, each by the operation that a tape records."""

import math
import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from course import composed, linalg
from course.engine import ops
from course.engine.arguments import axis_tuple, shape_tuple
from course.engine.operation import Operation, as_inputs, as_tensors, cast, convert_to_tensor, identity
from course.engine.ops import getitem, multiply, reshape, transpose
from course.engine.tensor import FUNCTIONS, REDUCTIONS, UFUNCS, Tensor, TensorLike, as_dtype


def _attach_operators():
    """An operation whose function is Python's own operator is that operator of tensors, and its ufunc NumPy's."""
    for function in [*vars(ops).values(), *vars(composed).values()]:
        operation = getattr(function, "operation", None)
        if operation is None:
            continue
        if operation.ufunc is not None:
            UFUNCS[operation.ufunc] = function
        _attach(function, operation.forward)
    for function, forward in [
        (ops.divide, operator.truediv), (ops.floordiv, operator.floordiv), (ops.floormod, operator.mod),
        (ops.pow_, operator.pow), (ops.matmul, operator.matmul), (ops.abs_, operator.abs),
    ]:  # fmt: skip
        _attach(function, forward)
    # == with what is no number is False, as everywhere in Python
    TensorLike.__eq__ = lambda x, y: False if y is None or isinstance(y, str) else ops.equal(x, y)
    TensorLike.__ne__ = lambda x, y: True if y is None or isinstance(y, str) else ops.not_equal(x, y)
    TensorLike.__pos__ = identity
    TensorLike.__round__ = lambda self, digits=0: round(float(self), digits)
    TensorLike.__getitem__ = ops.getitem


def _attach(function, forward):
    """Makes a function the special methods `__add__` and `__radd__`, if `forward` is `operator.add`."""
    name = getattr(forward, "__name__", "").strip("_")
    if getattr(operator, f"__{name}__", None) is forward:
        setattr(TensorLike, f"__{name}__", function)
        if hasattr(int, f"__r{name}__") or name == "matmul":
            commutes = function in (ops.add, ops.multiply)
            setattr(TensorLike, f"__r{name}__", function if commutes else lambda self, other: function(other, self))


_attach_operators()


def answers(function, parameters):
    """Registers what follows as a NumPy function's answer for tensors, in the arguments that it names.

    `parameters` are the NumPy function's own, in their order, each with its default if that is neither None nor left
    open. Any other argument is refused by name, unless it has its default.
    """
    defaults = dict(part.partition("=")[::2] for part in parameters.split())
    names, title = list(defaults), f"np.{'linalg.' * (function is np.linalg.norm)}{function.__name__}"

    def register(answer):
        known = answer.__code__.co_varnames[: answer.__code__.co_argcount + answer.__code__.co_kwonlyargcount]

        def answered(*args, **kwargs):
            given = dict(zip(names, args)) | kwargs
            for name in [name for name in given if name not in known]:
                value = given.pop(name)
                if not (value is None or value is np._NoValue or str(value) == defaults.get(name)):
                    raise TypeError(
                        f"{title}: tensors do not take its argument {name!r}, which was {value!r}. Use an "
                        f"operation of `course`, or NumPy on the tensor's .numpy()."
                    )
            return answer(**{name: value for name, value in given.items() if value is not np._NoValue})

        answered.parameters = names
        FUNCTIONS[function] = answered
        return answer

    return register


def _as_numpy_sums(ufunc, a, dtype):
    """The input of a sum or product in the dtype in which NumPy adds it up: of integers at least int64."""
    a = convert_to_tensor(a)
    wanted = ufunc.reduce(np.ones(1, a.dtype)).dtype if dtype is None else as_dtype(dtype)
    return cast(a, wanted)


@answers(np.sum, "a axis dtype out keepdims initial where")
def _sum(a, axis=None, dtype=None, keepdims=False):
    return ops.reduce_sum(_as_numpy_sums(np.add, a, dtype), axis, keepdims)


@answers(np.prod, "a axis dtype out keepdims initial where")
def _prod(a, axis=None, dtype=None, keepdims=False):
    return composed.reduce_prod(_as_numpy_sums(np.multiply, a, dtype), axis, keepdims)


@answers(np.max, "a axis out keepdims initial where")
def _max(a, axis=None, keepdims=False):
    return ops.reduce_max(_not_empty(np.max, a, axis), axis, keepdims)


@answers(np.min, "a axis out keepdims initial where")
def _min(a, axis=None, keepdims=False):
    return ops.reduce_min(_not_empty(np.min, a, axis), axis, keepdims)


def _not_empty(function, a, axis):
    """The tensor, if NumPy finds an extreme along `axis`; of nothing it finds none, where TensorFlow has -inf."""
    a = convert_to_tensor(a)
    if not a._value.size:
        function(a._value, axis=axis_tuple(axis))
    return a


@answers(np.all, "a axis out keepdims where")
def _all(a, axis=None, keepdims=False):
    return ops.reduce_all(a, axis, keepdims)


@answers(np.any, "a axis out keepdims where")
def _any(a, axis=None, keepdims=False):
    return ops.reduce_any(a, axis, keepdims)


def _floats(name, a, dtype):
    """The input of a mean as floats: integers and booleans count as float64."""
    a = convert_to_tensor(a)
    dtype = as_dtype((a.dtype if a.dtype.kind == "f" else "float64") if dtype is None else dtype)
    if dtype.kind != "f":
        raise TypeError(f"{name}: tensors take a float dtype only, not {dtype}.")
    return cast(a, dtype)


@answers(np.mean, "a axis dtype out keepdims where")
def _mean(a, axis=None, dtype=None, keepdims=False):
    return ops.reduce_mean(_floats("np.mean", a, dtype), axis, keepdims)


@answers(np.var, "a axis dtype out ddof=0 keepdims where mean correction")
def _var(a, axis=None, dtype=None, ddof=0, keepdims=False, correction=None):
    x = _floats("np.var", a, dtype)
    if ddof and correction is not None:
        raise ValueError(f"np.var: ddof={ddof} and correction={correction} are two names of one number. Give one.")
    if axis is not None:
        normalize_axis_tuple(axis_tuple(axis), x.ndim)  # of a number NumPy sums along axis 0, but takes no variance
    wide = cast(x, "float32") if x.dtype.itemsize == 2 else x  # as NumPy, so that squares do not overflow
    total = ops.reduce_sum(ops.square(wide - ops.reduce_mean(wide, axis, keepdims=True)), axis, keepdims)
    count = x.shape.num_elements() // max(total.shape.num_elements(), 1)
    rest = max(count - (ddof if correction is None else correction), 0)
    return cast(total / float(rest), x.dtype)


@answers(np.std, "a axis dtype out ddof=0 keepdims where mean correction")
def _std(a, axis=None, dtype=None, ddof=0, keepdims=False, correction=None):
    return ops.sqrt(_var(a, axis, dtype, ddof, keepdims, correction))


@answers(np.clip, "a a_min a_max out min max")
def _clip(a, a_min=None, a_max=None, min=None, max=None):
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is not None and high is not None:
        return ops.clip_by_value(a, low, high)
    if high is None:
        return _positive(a) if low is None else ops.maximum(a, low)
    return ops.minimum(a, high)


_to_decimals = Operation("round", lambda x, decimals: np.round(x, decimals))


@answers(np.round, "a decimals=0 out")
def _round(a, decimals=0):
    return _to_decimals(a, decimals=operator.index(decimals))


@answers(np.where, "condition x y")
def _where(condition, x=None, y=None):
    if x is None and y is None:
        return tuple(Tensor(places) for places in np.nonzero(convert_to_tensor(condition).numpy()))
    return ops.where(condition, x, y)


@answers(np.concatenate, "arrays axis=0 out dtype casting=same_kind")
def _concatenate(arrays, axis=0, dtype=None):
    arrays = as_tensors("np.concatenate", arrays)
    if axis is None:
        arrays, axis = [reshape(x, [-1]) for x in arrays], 0
    return _cast(ops.concat(arrays, axis), dtype)


@answers(np.stack, "arrays axis=0 out dtype casting=same_kind")
def _stack(arrays, axis=0, dtype=None):
    return _cast(ops.stack(arrays, axis), dtype)


def _cast(x, dtype):
    if dtype is not None and not np.can_cast(x.dtype, dtype, "same_kind"):
        raise TypeError(f"NumPy casts {x.dtype} to {as_dtype(dtype)} only if told casting='unsafe'. Use cast.")
    return x if dtype is None else cast(x, dtype)


def _flat(a, axis):
    """For NumPy's functions whose axis None means all elements in a row: the tensor, and the axis in it."""
    a = convert_to_tensor(a)
    return (reshape(a, [-1]), 0) if axis is None else (a, operator.index(axis))


# NumPy's own places: where there is a NaN they name the first, which TensorFlow's pass over.
_places = Operation("places", lambda x, find, **arguments: np.asarray(find(x, **arguments), np.int64)[()])


@answers(np.argmax, "a axis out keepdims")
def _argmax(a, axis=None, keepdims=False):
    return _places(convert_to_tensor(a), find=np.argmax, axis=axis, keepdims=keepdims)


@answers(np.argmin, "a axis out keepdims")
def _argmin(a, axis=None, keepdims=False):
    return _places(convert_to_tensor(a), find=np.argmin, axis=axis, keepdims=keepdims)


@answers(np.argsort, "a axis=-1 kind order stable")
def _argsort(a, axis=-1, kind=None, stable=None):
    a, axis = _flat(a, axis)
    arguments = {name: value for name, value in {"kind": kind, "stable": stable}.items() if value is not None}
    return _places(a, find=np.argsort, axis=axis, **arguments)


@answers(np.sort, "a axis=-1 kind order stable")
def _sort(a, axis=-1, kind=None, stable=None):  # equal elements look alike, whichever way they are sorted
    np.sort([], kind=kind, stable=stable)  # refuses what does not go together
    return composed.sort(*_flat(a, axis))


@answers(np.cumsum, "a axis dtype out")
def _cumsum(a, axis=None, dtype=None):
    return composed.cumsum(*_flat(_as_numpy_sums(np.add, a, dtype), axis))


@answers(np.take, "a indices axis out mode=raise")
def _take(a, indices, axis=None):
    if axis is None:
        a, axis = reshape(a, [-1]), 0
    axis = normalize_axis_index(operator.index(axis), np.ndim(a))
    if (kind := convert_to_tensor(indices).dtype.kind) not in "iu":
        raise TypeError(f"np.take: of tensors, the indices are integers, not {indices!r} of kind {kind!r}.")
    return getitem(a, indices) if axis == 0 else getitem(a, (slice(None),) * axis + (indices,))


@answers(np.reshape, "a shape order=C copy")
def _reshape(a, shape):
    return reshape(a, shape)


@answers(np.ravel, "a order=C")
def _ravel(a):
    return reshape(a, [-1])


@answers(np.transpose, "a axes")
def _transpose(a, axes=None):
    return transpose(a, None if axes is None else normalize_axis_tuple(axis_tuple(axes), a.ndim))


@answers(np.swapaxes, "a axis1 axis2")
def _swap_axes(a, axis1, axis2):
    order = list(range(a.ndim))
    first, second = normalize_axis_index(axis1, a.ndim), normalize_axis_index(axis2, a.ndim)
    order[first], order[second] = order[second], order[first]
    return transpose(a, order)


@answers(np.moveaxis, "a source destination")
def _move_axis(a, source, destination):
    source, destination = (normalize_axis_tuple(axes, a.ndim) for axes in (source, destination))
    if len(source) != len(destination):
        raise ValueError(f"np.moveaxis: {len(source)} axes cannot go to {len(destination)} places: give as many.")
    order = [i for i in range(a.ndim) if i not in source]
    for place, axis in sorted(zip(destination, source)):
        order.insert(place, axis)
    return transpose(a, order)


@answers(np.expand_dims, "a axis")
def _expand_dims(a, axis):
    return reshape(a, np.expand_dims(np.empty(np.shape(a), bool), axis_tuple(axis)).shape)


@answers(np.squeeze, "a axis")
def _squeeze(a, axis=None):
    return ops.squeeze(a, axis)


@answers(np.broadcast_to, "array shape subok=False")
def _broadcast_to(array, shape):
    return ops.broadcast_to(array, shape)


@answers(np.tile, "A reps")
def _tile(A, reps):
    reps = shape_tuple(reps)
    rank = max(len(reps), np.ndim(A))
    A = reshape(A, (1,) * (rank - np.ndim(A)) + tuple(np.shape(A)))
    return composed.tile(A, (1,) * (rank - len(reps)) + reps)


@answers(np.zeros_like, "a dtype order=K subok=True shape device")
def _zeros_like(a, dtype=None, shape=None):
    return composed.zeros(np.shape(a) if shape is None else shape, a.dtype if dtype is None else dtype)


@answers(np.ones_like, "a dtype order=K subok=True shape device")
def _ones_like(a, dtype=None, shape=None):
    return composed.ones(np.shape(a) if shape is None else shape, a.dtype if dtype is None else dtype)


@answers(np.tensordot, "a b axes=2")
def _tensordot(a, b, axes=2):
    return linalg.tensordot(a, b, axes)


def _einsum(subscripts, *operands, out=None, optimize=False, **others):
    """`optimize` decides the order of the products, and this package decides it by itself."""
    others = {name: value for name, value in (others | {"out": out}).items() if value is not None}
    if others or not isinstance(subscripts, str):
        raise TypeError(
            f"np.einsum: tensors take a text such as 'ij,jk->ik' first, and none of its other arguments: "
            f"{', '.join(others) or subscripts!r}. Use linalg.einsum, or NumPy on the tensors' .numpy()."
        )
    return linalg.einsum(subscripts, *operands)


FUNCTIONS[np.einsum] = _einsum
_einsum.parameters = ["operands", "out", "optimize", "kwargs"]


@answers(np.dot, "a b out")
def _dot(a, b):
    a, b = as_inputs((a, b))
    if not a.ndim or not b.ndim:
        return multiply(a, b)
    return linalg.tensordot(a, b, [[a.ndim - 1], [max(b.ndim - 2, 0)]]) if a.ndim != 2 or b.ndim != 2 else a @ b


@answers(np.outer, "a b out")
def _outer(a, b):
    return multiply(reshape(a, [-1, 1]), reshape(b, [1, -1]))


def _matmul(x1, x2):
    """As np.matmul: a vector counts as a row on the left and as a column on the right."""
    a, b = as_inputs((x1, x2))
    row, column = a.ndim == 1, b.ndim == 1
    z = ops.multiplied(ops.expand_dims(a, 0) if row else a, ops.expand_dims(b, 1) if column else b)
    return ops.squeeze(z, [-2] * row + [-1] * column) if row or column else z


@answers(np.linalg.norm, "x ord axis keepdims=False")
def _norm(x, ord=None, axis=None, keepdims=False):
    x = _floats("np.linalg.norm", x, None)
    if axis is None and ord is None:
        return linalg.norm(x, keepdims=keepdims)
    if axis is None and x.ndim not in (1, 2):
        raise ValueError(
            f"np.linalg.norm: ord {ord!r} is for a vector or a matrix; name its axes, since the shape is {x.shape}."
        )
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis_tuple(axis), x.ndim)
    if len(axes) not in (1, 2):
        raise ValueError(f"np.linalg.norm: axis {axis!r} names {len(axes)} axes; it is one, or two for matrices.")
    if ord is None:
        return linalg.norm(x, axis=axes, keepdims=keepdims)
    if isinstance(ord, str) and (ord != "fro" or len(axes) == 1):
        raise ValueError(f"np.linalg.norm: ord {ord!r} is not known for tensors; of matrices 'fro' is.")
    if not x._value.size and ord != "fro" and (len(axes) == 2 or abs(ord) == np.inf):  # NumPy's versions differ
        raise ValueError(f"np.linalg.norm: the shape is {x.shape}, and tensors have no norm of nothing for ord {ord}.")
    if len(axes) == 2:
        return _smallest_sum(x, ord, axes, keepdims) if ord in (-1, -np.inf) else linalg.norm(x, ord, axes, keepdims)
    size = ops.abs_(x)
    if ord == -np.inf:
        return ops.reduce_min(size, axes, keepdims)
    if ord == 0:
        return ops.reduce_sum(cast(size > 0, x.dtype), axes, keepdims)
    if ord < 0:
        return ops.reduce_sum(size**ord, axes, keepdims) ** (1 / ord)
    return linalg.norm(x, ord, axes, keepdims)


def _smallest_sum(x, ord, axes, keepdims):
    """The smallest sum of a column's absolute values (-1), or of a row's (-inf)."""
    summed, rest = axes if ord == -1 else axes[::-1]
    z = ops.reduce_min(ops.reduce_sum(ops.abs_(x), summed, keepdims=True), rest, keepdims=True)
    return z if keepdims else ops.squeeze(z, list(axes))


@answers(np.shape, "a")
def _shape(a):
    return a.shape


@answers(np.ndim, "a")
def _ndim(a):
    return a.ndim


@answers(np.size, "a axis")
def _size(a, axis=None):
    axes = range(np.ndim(a)) if axis is None else normalize_axis_tuple(axis, np.ndim(a))
    return math.prod(np.shape(a)[i] for i in axes)


_positive = Operation("identity", np.positive, lambda g, z, x: g, about="passes the gradient on", elementwise=True)
UFUNCS |= {
    np.floor_divide: ops.floordiv, np.remainder: ops.floormod, np.power: ops.pow_, np.matmul: _matmul,
    np.positive: _positive, np.rint: Operation("rint", np.rint, elementwise=True),
}  # fmt: skip
REDUCTIONS |= {
    np.add: _sum, np.multiply: _prod, np.maximum: _max, np.minimum: _min, np.logical_and: _all, np.logical_or: _any,
}  # fmt: skip
