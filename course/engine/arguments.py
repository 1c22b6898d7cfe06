"""Arguments that are no tensors: numbers, axes and shapes, each with the error that says what may be given instead."""

import contextlib
import functools
import math
import operator

import numpy as np

RANGES = {
    "finite": math.isfinite,
    "≥ 0": lambda x: 0 <= x < math.inf,
    "> 0": lambda x: 0 < x < math.inf,
    "from 0 to 1": lambda x: 0 <= x <= 1,
    "from 0 to below 1": lambda x: 0 <= x < 1,
}


def integer(what, value, least=1):
    """`value` as an int, if it is an integer (Python's, NumPy's or a tensor) of at least `least`; else a ValueError."""
    with contextlib.suppress(TypeError, ValueError):
        if (number := operator.index(value)) >= least and not isinstance(value, bool):
            return number
    raise ValueError(f"{what} must be an integer of at least {least}, not {value!r}.")


def number(what, value, allowed):
    """`value` as a float, if it is a number in one of the RANGES.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of the range.
    """
    try:
        as_float = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be a number, not {value!r}.") from None
    if not RANGES[allowed](as_float):
        raise ValueError(f"{what} is {value}, and must be {allowed}.")
    return as_float


def accepting(*names):
    """Decorates a function, so that it takes arguments of TensorFlow that change nothing here, after its own."""

    def decorate(function):
        own = function.__code__.co_argcount
        return functools.wraps(function)(
            lambda *a, **k: function(*a[:own], *a[own + len(names) :], **{n: k[n] for n in k if n not in names})
        )

    return decorate


def axis_tuple(axis):
    """An `axis` argument (None, an int, a list or tensor of ints) as NumPy wants it."""
    if axis is None or type(axis) is int:
        return axis
    array = np.asarray(axis)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"axis is an integer, several, or None for all; not {axis!r}.")
    return tuple(array.astype(int).tolist()) if array.ndim else int(array)


def one_axis(name, axis):
    """An `axis` argument that is one integer: a Python int, or NumPy's, or a tensor."""
    try:
        return operator.index(axis)
    except TypeError:
        raise TypeError(f"{name}: axis is an integer, not {axis!r}.") from None


def size_along(name, value, axis):
    axis = one_axis(name, axis)
    if not -value.ndim <= axis < value.ndim:
        raise ValueError(f"{name}: shape {value.shape} has no axis {axis}.")
    return value.shape[axis]


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
