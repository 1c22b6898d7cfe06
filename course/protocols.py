"""The language: Python's operators and NumPy's functions on tensors, each by the operation that a tape records."""

import operator

import numpy as np

from course import composed, linalg
from course.engine import ops
from course.engine.operation import cast, convert_to_tensor, identity
from course.engine.ops import gather, multiply, reshape, transpose
from course.engine.tensor import FUNCTIONS, REDUCTIONS, UFUNCS, Tensor, TensorLike


def _attach_operators():
    """An operation whose function is Python's own operator is that operator of tensors, and its ufunc NumPy's."""
    for function in vars(ops).values():
        operation = getattr(function, "operation", None)
        if operation is None:
            continue
        if operation.ufunc is not None:
            UFUNCS[operation.ufunc] = function
        if isinstance(operation.reduces, np.ufunc):
            REDUCTIONS[operation.reduces] = _along_first(function)
        _attach(function, operation.forward)
    for function, forward in (ops.pow_, operator.pow), (ops.matmul, operator.matmul), (ops.abs_, operator.abs):
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


def _along_first(function):
    """A reduction as `np.add.reduce` is called: along the first axis, unless another is given."""
    return lambda x, axis=0, keepdims=False: function(x, axis, keepdims)


_attach_operators()


def _flat(a, axis):
    """For NumPy's functions whose axis None means all elements in a row: the tensor, and the axis in it."""
    return (reshape(a, [-1]), 0) if axis is None else (a, axis)


def _swap_axes(a, axis1, axis2):
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(a, order)


def _move_axis(a, source, destination):
    order = list(range(a.ndim))
    order.insert(destination % a.ndim, order.pop(source))
    return transpose(a, order)


def _round(a, decimals=0):
    return Tensor(np.round(convert_to_tensor(a).numpy(), decimals)) if decimals else ops.round_(a)


def _of_floats(function):
    """The same for integers and booleans too, of which NumPy's mean, var and std give floats."""

    def of_floats(x, axis=None, keepdims=False):
        x = convert_to_tensor(x)
        return function(x if x.dtype.kind == "f" else cast(x, "float64"), axis, keepdims)

    return of_floats


def _same_names(module, names):
    """What NumPy and this package call by the same name."""
    return {getattr(np, name): getattr(module, name) for name in names.split()}


UFUNCS |= {np.power: ops.pow_, np.matmul: ops.matmul, np.positive: identity, np.rint: ops.round_}
FUNCTIONS |= _same_names(ops, "where reshape transpose expand_dims squeeze broadcast_to stack tile")
FUNCTIONS |= _same_names(composed, "zeros_like ones_like sort argsort") | _same_names(linalg, "tensordot einsum")
FUNCTIONS |= {
    np.sum: ops.reduce_sum, np.mean: _of_floats(ops.reduce_mean), np.max: ops.reduce_max, np.min: ops.reduce_min,
    np.prod: ops.reduce_prod, np.all: ops.reduce_all, np.any: ops.reduce_any, np.clip: ops.clip_by_value,
    np.var: _of_floats(composed.reduce_variance), np.std: _of_floats(composed.reduce_std), np.round: _round,
    np.concatenate: lambda arrays, axis=0: ops.concat(arrays, axis),
    np.argmax: lambda a, axis=None: ops.argmax(*_flat(a, axis)),
    np.argmin: lambda a, axis=None: ops.argmin(*_flat(a, axis)),
    np.cumsum: lambda a, axis=None: ops.cumsum(*_flat(a, axis)),
    np.take: lambda a, indices, axis=None: gather(reshape(a, [-1]) if axis is None else a, indices, axis=axis or 0),
    np.swapaxes: _swap_axes, np.moveaxis: _move_axis, np.ravel: lambda a: reshape(a, [-1]),
    np.dot: lambda a, b: multiply(a, b) if not np.ndim(a) or not np.ndim(b) else ops.matmul(a, b),
    np.outer: lambda a, b: multiply(reshape(a, [-1, 1]), reshape(b, [1, -1])),
    np.linalg.norm: lambda x, ord=2, axis=None, keepdims=False: linalg.norm(x, ord, axis, keepdims),
    np.shape: lambda a: a.shape, np.ndim: lambda a: a.ndim, np.size: lambda a: a.shape.num_elements(),
}  # fmt: skip
