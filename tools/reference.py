"""Writes what TensorFlow and Keras give for the cases in tests/references, into JSON files beside them.

Run it where TensorFlow is installed: `make reference PYTHON=/path/to/python`, or with the names of some of the files,
`python tools/reference.py reference_keras programs`. The tests compare with the files, and do not need TensorFlow.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

try:
    import keras
    import tensorflow as tf
except ImportError as error:
    sys.exit(f"{error}: name a Python that has TensorFlow, `make reference PYTHON=/path/to/python`")

REFERENCES = Path(__file__).parent.parent / "tests" / "references"
sys.path.insert(0, str(REFERENCES))
import grid  # noqa: E402
import jacobians  # noqa: E402
import keras_cases  # noqa: E402
import layer_cases  # noqa: E402
import programs  # noqa: E402
import proofs  # noqa: E402

MODULES = ["", "math", "nn", "linalg", "random", "data", "train", "errors", "keras"]
MODULES += [f"keras.{name}" for name in ("layers", "optimizers", "optimizers.schedules", "losses", "metrics")]
MODULES += [f"keras.{name}" for name in ("initializers", "activations", "callbacks", "regularizers", "models")]
MODULES += [f"keras.{name}" for name in ("utils", "backend", "datasets", "constraints")]


def rounded(value, digits):
    """A float to so many digits; what JSON has no number for, as text."""
    value = float(value)
    return float(f"{value:.{digits}g}") if np.isfinite(value) else str(value)


def nested(x, digits=None):
    """An array as nested lists, of `digits` digits, or of 5 (float16), 9 (float32) or 12."""
    if np.ndim(x):
        return [nested(row, digits) for row in x]
    return rounded(x, digits or {"float16": 5, "float32": 9}.get(np.asarray(x).dtype.name, 12))


# Operations: values, first and second derivatives


def of_proofs():
    for key, proof, inputs, arguments in proofs.cases():
        outputs, gradients, seconds = proofs.derivatives(
            tf, lambda *xs, p=proof, a=arguments: p.call(tf, *xs, **a), inputs, second=not proof.tensorflow
        )
        parts = zip(("inputs", "outputs", "gradients", "seconds"), (inputs, outputs, gradients, seconds))
        yield key, {name: [described(x) for x in part] for name, part in parts}
    for name, function in jacobians.CASES.items():
        yield f"jacobians: {name}", {"outputs": [described(np.asarray(x)) for x in function(tf)]}


def described(x):
    if x is None:
        return None
    return {"dtype": str(x.dtype), "shape": list(x.shape), "values": [rounded(value, 12) for value in x.flat]}


# Every kind of input


def of_grid():
    """{function: [[result, kinds], ...]}: a result that many kinds share stands once."""
    table = {}
    for name, kinds, call in grid.calls():
        outcome = call(tf)
        if not isinstance(outcome, Exception):
            result = [[dtype, shape, [of_dtype(v, dtype) for v in values]] for dtype, shape, values in outcome]
            table.setdefault(name, {}).setdefault(json.dumps(result), []).append(kinds)
    for name, groups in table.items():
        yield name, [[json.loads(result), kinds] for result, kinds in groups.items()]


def of_dtype(value, dtype):
    return rounded(value, {"float16": 5, "float32": 9}.get(dtype, 14)) if dtype.startswith("float") else value


# Keras: optimizers, schedules, losses and metrics


def of_keras():
    cases = keras_cases
    for name in cases.OPTIMIZERS:
        yield f"optimizer: {name}", {"dense": nested(cases.dense_run(tf, name)), "sparse": nested(sparse_run(name))}
    for name, case in cases.SCHEDULES.items():
        schedule = cases.schedule(tf, *case)
        steps = [np.float32(schedule(tf.constant(t, tf.int64))) for t in range(cases.STEPS + 1)]
        yield f"schedule: {name}", [nested(step) for step in steps]
    for name, (_, _, _, y_pred) in cases.LOSSES.items():
        results = cases.loss_results(tf, name, dtype=str(y_pred.dtype))
        yield f"loss: {name}", {key: nested(value) for key, value in results.items()}
    for name in cases.EXTREME_LOSSES:
        for dtype in cases.DTYPES:  # Keras computes float16 in float32 unless it is told otherwise
            results = cases.extreme_loss(tf, name, dtype, dtype="float64" if dtype == "float64" else "float32")
            yield f"extremes: {name}, {dtype}", {key: nested(value) for key, value in results.items()}
    for name in cases.OPTIMIZERS:
        for dtype in cases.DTYPES:
            yield f"extreme steps: {name}, {dtype}", nested(cases.extreme_steps(tf, name, dtype))
    for name in cases.METRICS:
        yield f"metric: {name}", nested(cases.metric_results(tf, name))


def sparse_run(name):
    """The table after each snapshot."""
    run = lazy_run if keras_cases.OPTIMIZERS[name][2] == "lazy" else row_by_row_run
    return np.array([state for t, state in enumerate(run(name)) if t in keras_cases.SNAPSHOTS])


def lazy_run(name):
    """Keras' own sparse update."""
    optimizer, table = keras_cases.optimizer(tf, name), tf.Variable(keras_cases.table())
    for values, indices in keras_cases.sparse_gradients(name):
        slices = tf.IndexedSlices(tf.constant(values), tf.constant(indices), tf.constant(table.shape))
        optimizer.apply_gradients([(slices, table)])
        yield table.numpy()


def row_by_row_run(name):
    """A variable and an optimizer for each row. Schedules and Adam's t count the steps of the whole table."""
    rows = [tf.Variable(row) for row in keras_cases.table()]
    optimizers = [keras_cases.optimizer(tf, name) for _ in rows]
    for t, (values, indices) in enumerate(keras_cases.sparse_gradients(name)):
        for i in set(indices):
            optimizers[i].iterations.assign(t)
            optimizers[i].apply_gradients([(tf.constant(values[indices == i].sum(axis=0)), rows[i])])
        yield np.array([row.numpy() for row in rows])


def of_layers():
    runs = {f"layer: {name}": layer_cases.run_layer(tf, name) for name in layer_cases.LAYERS}
    runs |= {f"fit: {name}": layer_cases.run_fit(tf, name) for name in layer_cases.FITS}
    for name, parts in runs.items():
        yield name, {part: [nested(x, 7) for x in arrays] for part, arrays in parts.items()}


# Whole programs, and the public names of the modules that beginners meet


def of_programs():
    for program in programs.PROGRAMS:
        tf.keras.backend.clear_session()
        yield program.__name__, exact(program(tf))


def exact(value):
    return [exact(part) for part in value] if isinstance(value, list | tuple) else np.asarray(value).tolist()


def of_names():
    for module in MODULES:
        found = tf
        for part in filter(None, module.split(".")):
            found = getattr(found, part)
        yield module, [name for name in dir(found) if not name.startswith("_")]


FILES = {
    "reference": of_proofs,
    "reference_grid": of_grid,
    "reference_keras": of_keras,
    "reference_layers": of_layers,
    "programs": of_programs,
    "names": of_names,
}


def main(names):
    if unknown := set(names) - FILES.keys():
        sys.exit(f"{', '.join(sorted(unknown))}: the files are {', '.join(FILES)}")
    for name in names or FILES:
        of_keras_alone = name in ("reference_keras", "reference_layers")
        library, version = ("keras", keras.__version__) if of_keras_alone else ("tensorflow", tf.__version__)
        table = dict(FILES[name]())
        head = {} if name == "names" else {library: version}  # whose names are modules only
        entries = [f"{json.dumps(key)}: {json.dumps(x, separators=(',', ':'))}" for key, x in (head | table).items()]
        (REFERENCES / f"{name}.json").write_text("{\n" + ",\n".join(entries) + "\n}\n", encoding="utf-8")
        print(f"tests/references/{name}.json: {len(table)} entries from {library} {version}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
