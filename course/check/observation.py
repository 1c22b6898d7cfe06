"""What running an attempt showed, in a form that can be compared, and what its values are where they are no numbers."""

import inspect
import re
from collections.abc import Mapping, Set

import numpy as np

from course.check.verdict import Verdict
from course.engine.indexed_slices import IndexedSlices
from course.keras.module import Module

RELATIVE, ABSOLUTE = 1e-4, 1e-6  # float32 keeps seven digits, and a computation of some steps loses one or two


class WrongKind(Exception):
    """What an attempt gave is not of the kind that its task needs. The message says so, to the learner."""


class Observation:
    """Named arrays (or words, where a value is not numeric), or an error.

    Attributes:
        values: {name: array or words}.
        error: what was raised, or None.
        unfinished: whether a `...` is among the values.
        printed: what the attempt printed.
    """

    def __init__(self, value=None, error=None, printed=""):
        self.error, self.printed, self.values, self.unfinished = error, printed, {}, False
        if error is None:
            self._add("result", value)

    def _add(self, name, value):
        prefix = "" if name == "result" else f"{name} "
        if isinstance(value, Mapping):
            for key, part in value.items():
                self._add(f"{prefix}{key}", part)
        elif value is Ellipsis:
            self.unfinished = True
        elif isinstance(value, list | tuple) and isinstance(plain(value), str):  # parts that make no array together
            for number, part in enumerate(value, 1):
                self._add(f"{name} {number}", part)
        else:
            self.values[name] = plain(value)


def plain(value):
    """`value` as an array of numbers, or as text that says what it is."""
    if value is None:
        return "None"
    if isinstance(value, IndexedSlices):  # NumPy would make it dense, which may be what the learner was to do
        return "of type IndexedSlices"
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array
        return value if isinstance(value, str) else f"of type {type(value).__name__}"
    except Exception:
        return f"of type {type(value).__name__}"


# Comparing


def close(a, b):
    """Elementwise; NaN equals NaN."""
    return np.isclose(a, b, rtol=RELATIVE, atol=_absolute(b), equal_nan=True)


def _absolute(b):
    return ABSOLUTE + 1e-6 * np.max(np.abs(b), initial=0.0, where=np.isfinite(b))


def same_value(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and isinstance(b, str) and a == b
    return a.shape == b.shape and bool(np.all(close(a, b)))


def same(a, b):
    """Whether observation `a` shows everything that `b` shows."""
    if a.error or b.error:
        return type(a.error) is type(b.error) and _without_places(a.error) == _without_places(b.error)
    if a.unfinished or b.unfinished:
        return False
    return all(name in a.values and same_value(a.values[name], b.values[name]) for name in b.values)


def _without_places(error):
    """The text of an exception without the places of objects in memory, which differ from run to run."""
    return re.sub(r"\b0x[0-9a-f]+|\bid=\d+", "…", message(error))


def margin(a, b):
    """How far two observations are apart, in units of what counts as equal: 1 and less is the same."""
    if a.error or b.error or a.values.keys() != b.values.keys():
        return 0.0 if same(a, b) else np.inf
    largest = 0.0
    for name, right in b.values.items():
        mine = a.values[name]
        if same_value(mine, right):
            continue
        if isinstance(mine, str) or isinstance(right, str) or mine.shape != right.shape or right.dtype.kind == "b":
            return np.inf
        with np.errstate(all="ignore"):
            apart = np.abs(mine - right) / (_absolute(right) + RELATIVE * np.abs(right))
        largest = max(largest, np.inf if np.any(np.isnan(apart)) else float(np.max(apart)))
    return largest


def message(error):
    """The text of an exception, also of one that fails to give it."""
    try:
        return str(error)
    except Exception:
        return "(an exception without a readable message)"


# Kinds


def aligned(value, like, where="", parts=None):
    """`value` in the form of `like`, the right answer, if it carries all that this form holds.

    A dictionary and a sequence in its order, an object with such attributes, text that is a number, and a single
    number in brackets count as each other. `parts` names the parts of a sequence.

    Raises:
        WrongKind: a part is missing, or is nothing that could be compared with a number.
    """
    if value is Ellipsis:
        return value
    if isinstance(like, Mapping):
        return _as_mapping(value, like, where)
    if isinstance(like, tuple | list) or (isinstance(value, Mapping) and np.ndim(like) == 1):
        value = _as_sequence(value, like, where, parts)
        if isinstance(plain(like), str):
            return [aligned(part, other, _part(where, i, parts)) for i, (part, other) in enumerate(zip(value, like))]
    array = plain(_number_in(value))
    if isinstance(array, str):
        if _holds_dots(value):
            return ...
        raise WrongKind(what_is_wrong(value, where))
    return array.reshape(()) if np.ndim(like) == 0 and array.size == 1 else array


def _part(where, i, parts):
    return parts[i] if parts else f"{where or 'result'} {i + 1}"


def _as_mapping(value, like, where):
    if isinstance(value, Mapping):
        keys = {str(key).strip().casefold(): key for key in value}
        found = {name: value[keys[name.casefold()]] for name in like if name.casefold() in keys}
    elif all(hasattr(value, name) for name in like):  # such as an IndexedSlices, or a named tuple
        found = {name: getattr(value, name) for name in like}
    elif isinstance(value, tuple | list | np.ndarray) and len(value) == len(like):
        found = dict(zip(like, value))
    elif isinstance(value, tuple | list | np.ndarray):
        raise WrongKind(f"The answer has {len(value)} parts, and needs {len(like)}: {_listed(like)}.")
    else:
        told = what_is_wrong(value, where).removesuffix(" Use a list.").partition(", where a number belongs")[0]
        if not isinstance(array := plain(value), str):
            told = f"{_subject(where)} is one number" if array.size == 1 else f"{_subject(where)} is one array"
        raise WrongKind(f"{told.rstrip('.')}. The answer is a dictionary with {_listed(like)}.")
    if missing := [name for name in like if name not in found]:
        extra = [str(key) for key in value if str(key).strip().casefold() not in {name.casefold() for name in like}]
        also = f" There is {_listed(extra)}, which is not asked for." if extra else ""
        raise WrongKind(f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing in the answer.{also}")
    return {name: aligned(found[name], like[name], name) for name in like}


def _as_sequence(value, like, where, parts):
    count = len(value) if isinstance(value, tuple | list | Mapping) else 1 if np.ndim(plain(value)) == 0 else None
    if parts and value is not None and count not in (None, len(parts)):
        told = "one part" if count == 1 else f"{count} parts"
        raise WrongKind(f"{_subject(where)} has {told}, and needs {len(parts)}: {_listed(parts)}.")
    if isinstance(value, Mapping) and len(value) == len(like):
        named = {str(key).strip().casefold(): part for key, part in value.items()}
        names = [str(name).casefold() for name in parts or range(len(like))]
        return [named[name] for name in names] if set(names) == set(named) else list(value.values())
    if isinstance(value, tuple | list) and isinstance(plain(like), str) and len(value) != len(like):
        raise WrongKind(f"{_subject(where)} has {len(value)} parts, and needs {len(like)}.")
    if isinstance(plain(like), str) and np.ndim(plain(value) if not isinstance(plain(value), str) else 0) == 0:
        if isinstance(value, tuple | list):
            return value
        wanted = f"{len(like)} values: {_listed(parts)}" if parts else f"{len(like)} values"
        raise WrongKind(f"{what_is_wrong(value, where)} The check needs {wanted}.")
    return value


def _number_in(value):
    """Text that is a number as that number, also within lists."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    if isinstance(value, list | tuple) and any(isinstance(part, str | list | tuple) for part in value):
        return [_number_in(part) for part in value]
    return value


def _holds_dots(value):
    return value is Ellipsis or (isinstance(value, list | tuple) and any(_holds_dots(part) for part in value))


def number(value, what="what your function returns"):
    """A returned `value` as a float, for an `observe`.

    Raises:
        WrongKind: it is not one number.
    """
    array = numbers(value, what)
    if array.size != 1:
        raise WrongKind(f"`{what}` has the shape {array.shape}, where one number belongs. Is a sum or a mean missing?")
    return float(array.reshape(()))


def numbers(value, what="what your function returns"):
    """A returned `value` as an array of numbers, for an `observe`.

    Raises:
        WrongKind: it is something else.
    """
    array = plain(_number_in(value))
    if isinstance(array, str):
        named = "" if what.startswith("what") else what
        raise WrongKind(
            f"`{named}` is None. Is a `return` missing?" if value is None and named else what_is_wrong(value, named)
        )
    return array


def what_is_wrong(value, where=""):
    """A sentence about a value that is no number, in words that say what it is and how it may have come there."""
    subject = _subject(where)
    kind = type(value).__name__
    if value is None:
        return f"{subject} is None. Is a `return` missing?" if not where else f"{subject} is None: it has no value yet."
    if isinstance(value, str):
        return f"{subject} is the text {value[:40]!r}, where a number belongs."
    if isinstance(value, Verdict):
        return f"{subject} is what a check said. Pass your answer itself."
    if isinstance(value, Module):
        return f"{subject} is a model, of type {kind}. To get its predictions, call it on inputs."
    if isinstance(value, IndexedSlices):
        return f"{subject} is an IndexedSlices. The dense array is wanted, with a row for each row of the table."
    if isinstance(value, type):
        return f"{subject} is the class {value.__name__}, where a number belongs."
    if inspect.isgenerator(value):
        return f"{subject} is a generator: there is a `yield` where a `return` belongs."
    if callable(value):
        return f"{subject} is a function that was not called: its brackets are missing."
    if isinstance(value, Mapping):
        return f"{subject} is a dictionary, where numbers belong."
    if isinstance(value, Set):
        return f"{subject} is a set, which has no order. Use a list."
    if isinstance(value, list | tuple):
        odd = next((part for part in value if isinstance(plain(part), str)), None)
        if odd is not None or any(part is None for part in value):
            return f"In {subject[0].lower()}{subject[1:]}, a part is not a number. " + what_is_wrong(odd, "It")
        return f"{subject} is a list whose parts have different shapes."
    return f"{subject} is of type {kind}, where a number belongs."


def _subject(where):
    return "It" if where == "It" else f"`{where}`" if where else "The result"


def _listed(names):
    return ", ".join(f"`{name}`" for name in names)
