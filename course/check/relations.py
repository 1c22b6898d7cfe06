"""How a wrong result is related to the right one, where that can be said for any task: a flipped sign, a factor, …"""

import numpy as np

from course.check.observation import same_value

FACTORS = {2: "twice", 3: "three times", 4: "four times", 0.5: "half", 0.25: "a quarter of", 0.1: "a tenth of"}


def relation(found, true, inputs_differ=True):
    """A sentence on what all wrong results have in common; empty where nothing is.

    Args:
        found, true: observations of an attempt and of the solution, on the same inputs.
        inputs_differ: whether the solution is expected to differ from observation to observation.
    """
    if any(o.error for o in (*found, *true)) or any(not set(f.values) >= set(t.values) for f, t in zip(found, true)):
        return ""
    numeric = {name: [] for name in true[0].values}
    for mine, right in zip(found, true):
        for name in numeric:
            numeric[name].append((mine.values[name], right.values[name]))
    wrong = [name for name, pairs in numeric.items() if not all(same_value(a, b) for a, b in pairs)]
    pairs = {name: numeric[name] for name in wrong}
    if any(isinstance(x, str) or x.dtype.kind not in "iuf" for name in wrong for pair in pairs[name] for x in pair):
        return _parts(wrong, numeric)
    if any(a.shape != b.shape for name in wrong for a, b in pairs[name]):
        return ""
    words = {name: _numbers(pairs[name], inputs_differ and len(found) > 1) for name in wrong}
    if len(wrong) == len(numeric) and len(set(words.values())) == 1:
        return words[wrong[0]]
    told = [f"`{name}`: {words[name]}" for name in wrong if words[name] and len(numeric) > 1]
    return " ".join(filter(None, [_parts(wrong, numeric), *told]))


def _parts(wrong, numeric):
    right = [name for name in numeric if name not in wrong]
    if not right or len(numeric) > 6:
        return ""
    names = ", ".join(f"`{name}`" for name in right)
    return f"{names} {'is' if len(right) == 1 else 'are'} right."


def _numbers(pairs, inputs_differ):
    mine = np.concatenate([np.asarray(a, float).reshape(-1) for a, _ in pairs])
    right = np.concatenate([np.asarray(b, float).reshape(-1) for _, b in pairs])
    if not np.all(np.isfinite(mine)):
        if np.all(np.isfinite(right)):
            return (
                "It is not a number everywhere (nan or inf): a division by 0, an overflow, or a logarithm or root of a "
                "number below 0."
            )
        return ""
    if np.any(~np.isfinite(right)):
        return ""
    if same_value(mine, 0 * mine):
        return "It is 0 everywhere."
    with np.errstate(all="ignore"):
        for other, words in (
            (-right, "The sign is flipped."),
            (1 / right, "It is upside down: one divided by what it should be."),
            (-1 / right, "It is upside down, and the sign is flipped."),
            (np.abs(right), "The sign is lost: it is never below zero."),
            (right**2, "It is the square of what it should be."),
            (np.sqrt(np.abs(right)), "It is the root of what it should be."),
            (np.floor(right), "It is rounded down."),
            (np.ceil(right), "It is rounded up."),
            (np.round(right), "It is rounded."),
        ):
            if np.all(np.isfinite(other)) and same_value(mine, other):
                return words
    if inputs_differ and len(mine) > 1 and np.ptp(mine) <= 1e-9 * abs(mine[0]) and np.ptp(right) > 0.01 * abs(right[0]):
        return "It is always the same number, whatever the inputs are."
    if words := _factor(mine, right):
        return words
    shift = np.median(mine - right)
    if len(mine) > 1 and same_value(mine, right + shift):
        return f"It is {abs(shift):.4g} too {'large' if shift > 0 else 'small'} everywhere."
    shapes = [np.asarray(b).shape for _, b in pairs]
    if any(np.prod(shape) > 1 for shape in shapes) and all(_permuted(a, b) for a, b in pairs):
        return "The numbers are right, and stand in another order."
    return ""


def _factor(mine, right):
    used = np.abs(right) > 1e-3 * np.max(np.abs(right))
    if used.sum() < 2:
        return ""
    factor = np.median(mine[used] / right[used])
    if not np.isfinite(factor) or not same_value(mine, factor * right):
        return ""
    sign = " with the sign flipped" if factor < 0 else ""
    for known, words in FACTORS.items():
        if abs(abs(factor) / known - 1) < 1e-4:
            return f"It is {words} what it should be{sign}, on all inputs: a factor too many or too few."
    return f"It is {abs(factor):.4g} times what it should be{sign}, on all inputs: a factor too many or too few."


def _permuted(a, b):
    return same_value(np.sort(a, axis=None), np.sort(b, axis=None))
