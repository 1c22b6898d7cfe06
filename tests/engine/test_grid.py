"""Public functions on every kind of input, held against what TensorFlow gave: the dtype, the shape, the values."""

import json
import re
from pathlib import Path

import grid
import numpy as np
import pytest

import course as tf

REFERENCE = json.loads(Path(grid.__file__).with_name("reference_grid.json").read_text())
EXPECTED = {
    name: {kinds: result for result, group in groups for kinds in group}
    for name, groups in REFERENCE.items()
    if name != "tensorflow"
}
CALLS = {}
for _name, _kinds, _call in grid.calls():
    CALLS.setdefault(_name, {})[_kinds] = _call


# Where we differ on purpose: patterns of "function: kinds".
ON_PURPOSE = {
    "constants are exact in float64, which TensorFlow rounds to float32": "(gelu|leaky_relu) of 1: .*float64",
    "the quotient of floats is rounded down exactly, as Python's is": r"(floordiv|//) of 2: .*float",
    "numbers times booleans are numbers": r"\* of 2: tensor bool",
    "linspace between integers does not wrap": "linspace of 1: .*int",
    "a list of arrays keeps their dtype": "stack of 1: array u?int(8|16|32)$",
    "moments of integers are refused, as variances are": "moments of 1: .*int",
    "one_hot refuses what is not an integer": "one_hot of 1: (bool|array float|array bool)",
    "a scalar has no axis to reverse": "reverse of 1: (float|int|bool)$",
}


def differences(name):
    for kinds, call in CALLS[name].items():
        result, expected = call(tf), EXPECTED.get(name, {}).get(kinds)
        if isinstance(result, Exception):
            if not isinstance(result, TypeError | ValueError | IndexError) or expected is not None:
                yield kinds, result, expected
        elif expected is not None and not same(result, expected):
            yield kinds, result, expected


def same(result, expected):
    """Equal dtypes, shapes and integers; floats to a few units in the last place."""
    for (dtype, shape, values), (other_dtype, other_shape, others) in zip(result, expected, strict=True):
        if (dtype, shape) != (other_dtype, other_shape):
            return False
        close = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-12}.get(dtype)
        if close is None and values != others:
            return False
        if close and not np.allclose(values, [float(v) for v in others], close, close, equal_nan=True):
            return False
    return True


@pytest.mark.parametrize("name", CALLS)
def test_every_kind_of_input_gives_the_dtype_and_values_that_tensorflow_gave(name):
    patterns = ON_PURPOSE.values()
    found = [d for d in differences(name) if not any(re.match(pattern, f"{name}: {d[0]}") for pattern in patterns)]
    assert not found, "\n".join(f"{kinds}: {result}, TensorFlow {expected}" for kinds, result, expected in found)


@pytest.mark.parametrize("reason", ON_PURPOSE)
def test_every_difference_on_purpose_is_one(reason):
    name = next(name for name in CALLS if re.match(ON_PURPOSE[reason].split(":")[0], name))
    assert any(re.match(ON_PURPOSE[reason], f"{name}: {kinds}") for kinds, _, _ in differences(name))


TRACED = ["tensor float16", "tensor float32", "tensor float64", "tensor int32", "tensor uint8", "tensor bool"]
FUNCTIONS = {f"{name} of 1": function for name, function in grid.functions(grid.UNARY, grid.UNARY_CALLS)}
FUNCTIONS |= {f"{name} of 2": function for name, function in grid.functions(grid.BINARY, grid.BINARY_CALLS)}
NEEDS_VALUES = {
    "where of 1",
    "range of 1",
    "range of 2",
    "linspace of 1",
    "fill of 1",
}  # decide the shape of what they give


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - NEEDS_VALUES))
def test_a_traced_call_gives_what_the_eager_one_gives(name):
    def traced(tf, *xs):
        return tf.function(lambda *xs: FUNCTIONS[name](tf, *xs))(*xs)

    for kind in TRACED:
        others = [(kind,)] if name.endswith("1") else [(kind, kind), (kind, "int"), ("float", kind)]
        for kinds in others:
            eager, result = grid.outcome(tf, FUNCTIONS[name], kinds), grid.outcome(tf, traced, kinds)
            if isinstance(eager, Exception):
                assert type(result) is type(eager) and str(result) == str(eager), (kinds, result, eager)
            else:
                assert repr(result) == repr(eager), (kinds, result, eager)
