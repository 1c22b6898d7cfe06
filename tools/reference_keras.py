"""Writes tests/references/reference_keras.json: what Keras gives for the optimizers, schedules, losses and
metrics of keras_cases.py beside it.

Run it where TensorFlow is installed: `make reference PYTHON=/path/to/python`. The tests compare with the file, and do
not need TensorFlow.
"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

TESTS = Path(__file__).parent.parent / "tests" / "references"
sys.path.insert(0, str(TESTS))
import keras_cases as cases  # noqa: E402


def plain(x):
    """An array as nested lists, of 5 digits (float16), 9 (float32) or 12."""
    if isinstance(x, np.ndarray) and x.ndim:
        return [plain(row) for row in x]
    digits = {"float16": 5, "float32": 9}.get(np.asarray(x).dtype.name, 12)
    return float(f"{float(x):.{digits}g}") if np.isfinite(x) else str(float(x))


def sparse_run(name):
    """The table after each snapshot."""
    run = lazy_run if cases.OPTIMIZERS[name][2] == "lazy" else row_by_row_run
    return np.array([state for t, state in enumerate(run(name)) if t in cases.SNAPSHOTS])


def lazy_run(name):
    """Keras' own sparse update."""
    optimizer, table = cases.optimizer(tf, name), tf.Variable(cases.table())
    for values, indices in cases.sparse_gradients(name):
        slices = tf.IndexedSlices(tf.constant(values), tf.constant(indices), tf.constant(table.shape))
        optimizer.apply_gradients([(slices, table)])
        yield table.numpy()


def row_by_row_run(name):
    """A variable and an optimizer for each row. Schedules and Adam's t count the steps of the whole table."""
    rows = [tf.Variable(row) for row in cases.table()]
    optimizers = [cases.optimizer(tf, name) for _ in rows]
    for t, (values, indices) in enumerate(cases.sparse_gradients(name)):
        for i in set(indices):
            optimizers[i].iterations.assign(t)
            optimizers[i].apply_gradients([(tf.constant(values[indices == i].sum(axis=0)), rows[i])])
        yield np.array([row.numpy() for row in rows])


def main():
    table = {}
    for name in cases.OPTIMIZERS:
        table[f"optimizer: {name}"] = {"dense": plain(cases.dense_run(tf, name)), "sparse": plain(sparse_run(name))}
    steps = range(0, cases.STEPS + 1)
    for name, case in cases.SCHEDULES.items():
        schedule = cases.schedule(tf, *case)
        table[f"schedule: {name}"] = [plain(np.float32(schedule(tf.constant(t, tf.int64)))) for t in steps]
    for name, (_, _, _, y_pred) in cases.LOSSES.items():
        results = cases.loss_results(tf, name, dtype=str(y_pred.dtype))
        table[f"loss: {name}"] = {key: plain(value) for key, value in results.items()}
    for name in cases.EXTREME_LOSSES:
        for dtype in cases.DTYPES:  # Keras computes float16 in float32 unless it is told otherwise
            results = cases.extreme_loss(tf, name, dtype, dtype="float64" if dtype == "float64" else "float32")
            table[f"extremes: {name}, {dtype}"] = {key: plain(value) for key, value in results.items()}
    for name in cases.OPTIMIZERS:
        for dtype in cases.DTYPES:
            table[f"extreme steps: {name}, {dtype}"] = plain(cases.extreme_steps(tf, name, dtype))
    for name in cases.METRICS:
        table[f"metric: {name}"] = plain(cases.metric_results(tf, name))
    lines = [f"{json.dumps(key)}: {json.dumps(entry, separators=(',', ':'))}" for key, entry in table.items()]
    text = ",\n".join([f'"keras": {json.dumps(keras.__version__)}', *lines])
    (TESTS / "reference_keras.json").write_text(f"{{\n{text}\n}}\n")
    print(f"tests/references/reference_keras.json: {len(table)} entries from Keras {keras.__version__}")


if __name__ == "__main__":
    main()
