"""Writes tests/references/reference_layers.json: what Keras gives for the layers and models of tests/layer_cases.py.

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
import layer_cases as cases  # noqa: E402


def plain(x):
    """An array as nested lists, of 7 digits."""
    return [plain(row) for row in x] if np.ndim(x) else float(f"{x:.7g}")


def main():
    table = {f"layer: {name}": cases.run_layer(tf, name) for name in cases.LAYERS}
    table |= {f"fit: {name}": cases.run_fit(tf, name) for name in cases.FITS}
    lines = [f'"keras": {json.dumps(keras.__version__)}']
    for name, parts in table.items():
        entry = {part: [plain(x) for x in arrays] for part, arrays in parts.items()}
        lines.append(f"{json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}")
    (TESTS / "reference_layers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"tests/references/reference_layers.json: {len(table)} entries from Keras {keras.__version__}")


if __name__ == "__main__":
    main()
