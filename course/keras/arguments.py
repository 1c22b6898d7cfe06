"""Checks of arguments that are numbers, each with the error that says what was given and what may be."""

import math

import numpy as np

from course.engine.operation import Operation

RANGES = {
    "finite": math.isfinite,
    "≥ 0": lambda x: 0 <= x < math.inf,
    "> 0": lambda x: 0 < x < math.inf,
    "from 0 to 1": lambda x: 0 <= x <= 1,
    "from 0 to below 1": lambda x: 0 <= x < 1,
}


def integer(what, value, least=1):
    """`value` as an int, if it is an integer of at least `least`; else a ValueError about `what`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{what} must be an integer of at least {least}, not {value!r}.")
    return int(value)


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


def _as_int64(x, what):
    """x as int64, if it holds whole numbers."""
    with np.errstate(invalid="ignore"):
        whole = x.astype("int64")
    if np.any(whole != x):
        raise ValueError(f"{what} are whole numbers, and these are {x.dtype}: {x}.")
    return whole


# An operation, so that a traced program too looks at the values of each call.
whole_numbers = Operation("whole_numbers", _as_int64, about="gives integers: no gradient")
