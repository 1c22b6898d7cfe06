"""The grid: public functions on every kind of input, written for this package or TensorFlow as `tf`.

`tools/reference.py` wrote what TensorFlow gave to `reference_grid.json`; `test_grid.py` compares.
"""

import warnings

import numpy as np

DTYPES = [f"float{n}" for n in (16, 32, 64)] + [f"{kind}{n}" for kind in ("int", "uint") for n in (8, 16, 32, 64)]
DTYPES.append("bool")
ALONE = ["float", "int", "bool", "floats", "ints", "bools", "variable float32", "variable int32"]
ALONE += [f"{form} {dtype}" for form in ("array", "tensor") for dtype in DTYPES]
BESIDE = ["float", "int", "floats", "ints"]
PAIRS = [(f"tensor {d}", other) for d in DTYPES for other in (*BESIDE, f"tensor {d}", f"array {d}")]
PAIRS += [(other, f"tensor {d}") for d in DTYPES for other in ("float", "int")]
PAIRS += [("variable float32", other) for other in (*BESIDE, "tensor float32")]
PAIRS += [(x, y) for x in ("float", "int", "floats", "ints") for y in ("float", "int", "floats", "ints")]

# Fractions have no exact float32, so that a detour by it shows; 255, 127 and their like are the dtype's ends.
NUMBERS = {"float": [0.3, 1.7], "int": [3, 2], "bool": [True, False]}
LISTS = {"floats": [[0.3, -1.7, 2.0], [1.5, 0.1, -3.0]], "ints": [[3, 0, 2], [2, 5, 1]]}
LISTS["bools"] = [[True, False, True], [True, True, False]]


def argument(tf, kind, place=0):
    """An input of that kind; `place` tells the first from the second."""
    form, _, dtype = kind.partition(" ")
    if form in NUMBERS:
        return NUMBERS[form][place]
    if form in LISTS:
        return LISTS[form][place]
    if dtype.startswith("float"):
        values = [[0.3, -1.7, 2.0], [1.5, 0.1, -3.0]][place]
    elif dtype == "bool":
        values = LISTS["bools"][place]
    else:
        ends = np.iinfo(dtype)
        values = [[ends.max, 0, ends.min], [2, 5, 1]][place]
    array = np.array(values, dtype)
    return {"array": lambda x: x, "tensor": tf.constant, "variable": tf.Variable}[form](array)


def paths(names, module=None):
    return {name: (module, name) for name in names.split()}


UNARY = paths(
    "negative square sqrt rsqrt reciprocal exp expm1 log log1p sin cos tan sinh cosh tanh asin acos atan abs sign erf "
    "floor ceil round is_nan is_inf is_finite logical_not sigmoid softplus log_sigmoid reduce_sum reduce_mean "
    "reduce_max reduce_min reduce_prod reduce_std reduce_variance reduce_logsumexp argmax argmin cumsum cumprod "
    "zero_fraction top_k",
    "math",
) | paths("relu relu6 elu selu silu softsign gelu leaky_relu softmax log_softmax l2_loss", "nn")
UNARY |= paths("reduce_all reduce_any argsort sort identity stop_gradient zeros_like ones_like size rank shape "
               "transpose squeeze convert_to_tensor constant unstack norm where")  # fmt: skip
UNARY_CALLS = {
    "cast to float32": lambda tf, x: tf.cast(x, "float32"),
    "cast to int32": lambda tf, x: tf.cast(x, "int32"),
    "cast to uint8": lambda tf, x: tf.cast(x, "uint8"),
    "cast to bool": lambda tf, x: tf.cast(x, "bool"),
    "argsort down": lambda tf, x: tf.argsort(x, direction="DESCENDING"),
    "reshape": lambda tf, x: tf.reshape(x, [-1, 1]),
    "expand_dims": lambda tf, x: tf.expand_dims(x, 0),
    "broadcast_to": lambda tf, x: tf.broadcast_to(x, [2, 3]),
    "tile": lambda tf, x: tf.tile(x, [2]),
    "split": lambda tf, x: tf.split(x, 3),
    "gather": lambda tf, x: tf.gather(x, [2, 0]),
    "boolean_mask": lambda tf, x: tf.boolean_mask(x, [True, False, True]),
    "pad": lambda tf, x: tf.pad(x, [[1, 1]], constant_values=1),
    "reverse": lambda tf, x: tf.reverse(x, [0]),
    "slice": lambda tf, x: tf.slice(x, [1], [2]),
    "one_hot": lambda tf, x: tf.one_hot(x, 4),
    "diag": lambda tf, x: tf.linalg.diag(x),
    "fill": lambda tf, x: tf.fill([2], x),
    "range": lambda tf, x: tf.range(x),
    "linspace": lambda tf, x: tf.linspace(x, 5, 3),
    "stack": lambda tf, x: tf.stack([x, x]),
    "concat": lambda tf, x: tf.concat([x, x], 0),
    "add_n": lambda tf, x: tf.math.add_n([x, x]),
    "clip_by_value": lambda tf, x: tf.clip_by_value(x, 0, 1),
    "clip_by_value of floats": lambda tf, x: tf.clip_by_value(x, 0.1, 0.7),
    "clip_by_norm": lambda tf, x: tf.clip_by_norm(x, 0.7),
    "moments": lambda tf, x: tf.nn.moments(x, [0]),
    "dropout": lambda tf, x: tf.nn.dropout(x, 0.0),
    "scatter_nd": lambda tf, x: tf.scatter_nd([[0], [2], [0]], x, [3]),
    "plus 2": lambda tf, x: x + 2,
    "2 minus": lambda tf, x: 2 - x,
    "over 2": lambda tf, x: x / 2,
    "minus": lambda tf, x: -x,
    "absolute": lambda tf, x: abs(x),
    "not": lambda tf, x: ~x,
    "power 2": lambda tf, x: x**2,
    "item": lambda tf, x: x[0],
    "rows": lambda tf, x: x[1:],
}
BINARY = paths("add subtract multiply divide pow maximum minimum floordiv floormod squared_difference atan2 "
               "divide_no_nan multiply_no_nan equal less logical_and", "math")  # fmt: skip
BINARY_CALLS = {
    "+": lambda tf, x, y: x + y,
    "-": lambda tf, x, y: x - y,
    "*": lambda tf, x, y: x * y,
    "/": lambda tf, x, y: x / y,
    "//": lambda tf, x, y: x // y,
    "%": lambda tf, x, y: x % y,
    "**": lambda tf, x, y: x**y,
    "<": lambda tf, x, y: x < y,
    ">=": lambda tf, x, y: x >= y,
    "==": lambda tf, x, y: x == y,
    "!=": lambda tf, x, y: x != y,
    "&": lambda tf, x, y: x & y,
    "|": lambda tf, x, y: x | y,
    "^": lambda tf, x, y: x ^ y,
    "where": lambda tf, x, y: tf.where([True, False, True], x, y),
    "stack": lambda tf, x, y: tf.stack([x, y]),
    "convert_to_tensor": lambda tf, x, y: tf.convert_to_tensor([x, y]),
    "concat": lambda tf, x, y: tf.concat([x, y], 0),
    "matmul": lambda tf, x, y: tf.matmul([x], [y], transpose_b=True),
    "range": lambda tf, x, y: tf.range(x, y),
}


def _function(tf, module, name):
    return getattr(getattr(tf, module) if module else tf, name)


def functions(names, direct):
    """Pairs of a name and a function of `tf` and the inputs."""
    found = {name: lambda tf, *xs, path=path: _function(tf, *path)(*xs) for name, path in names.items()}
    return (found | direct).items()


def calls():
    """Every call: (name, kinds, function of `tf`)."""
    for names, direct, kinds in ((UNARY, UNARY_CALLS, [(k,) for k in ALONE]), (BINARY, BINARY_CALLS, PAIRS)):
        for name, function in functions(names, direct):
            for kind in kinds:
                if not (kind[0] in NUMBERS | LISTS and kind[-1] in NUMBERS | LISTS and _is_python(name)):
                    yield f"{name} of {len(kind)}", " | ".join(kind), lambda tf, f=function, k=kind: outcome(tf, f, k)


def _is_python(name):
    """Whether a call of numbers and lists alone would not reach the package."""
    return not name.replace("_", "").isalpha() or name in ("minus", "absolute", "item", "rows", "not")


def outcome(tf, function, kinds):
    """What a call gives: a list of (dtype, shape, values), or None if it raises an exception."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = function(tf, *[argument(tf, kind, i) for i, kind in enumerate(kinds)])
        except Exception as error:
            return error
    parts = [np.asarray(part) for part in (result if isinstance(result, list | tuple) else [result])]
    return [(str(part.dtype), list(part.shape), part.reshape(-1).tolist()) for part in parts]
