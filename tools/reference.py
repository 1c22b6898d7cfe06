"""Writes tests/references/reference.json: what TensorFlow gives for every input in the table of tests/proofs.py.

Run it where TensorFlow is installed: `make reference PYTHON=/path/to/python`. The tests compare with the file, and do
not need TensorFlow.
"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

TESTS = Path(__file__).parent.parent / "tests" / "references"
sys.path.insert(0, str(TESTS))
import jacobians  # noqa: E402
import proofs  # noqa: E402


def plain(x):
    """An array as JSON holds it, to 12 digits."""
    return (
        None if x is None else {"dtype": str(x.dtype), "shape": list(x.shape), "values": [rounded(v) for v in x.flat]}
    )


def rounded(value):
    value = float(value)
    return float(f"{value:.12g}") if np.isfinite(value) else str(value)


def main():
    table = {}
    for key, proof, inputs, arguments in proofs.cases():
        outputs, gradients, seconds = proofs.derivatives(
            tf, lambda *xs, p=proof, a=arguments: p.call(tf, *xs, **a), inputs, second=not proof.tensorflow
        )
        table[key] = {
            name: [plain(x) for x in part]
            for name, part in zip(("inputs", "outputs", "gradients", "seconds"), (inputs, outputs, gradients, seconds))
        }
    for name, function in jacobians.CASES.items():
        table[f"jacobians: {name}"] = {"outputs": [plain(np.asarray(x)) for x in function(tf)]}
    lines = [f"{json.dumps(key)}: {json.dumps(entry, separators=(',', ':'))}" for key, entry in table.items()]
    text = ",\n".join([f'"tensorflow": {json.dumps(tf.__version__)}', *lines])
    (TESTS / "reference.json").write_text(f"{{\n{text}\n}}\n")
    print(f"tests/references/reference.json: {len(table)} entries from TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
