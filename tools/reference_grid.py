"""Writes tests/references/reference_grid.json: what TensorFlow gives for every kind of input in the table of grid.py.

Run it where TensorFlow is installed: `make reference PYTHON=/path/to/python`. The tests compare with the file, and do
not need TensorFlow. A result that many kinds share stands once: {function: [[result, kinds], ...]}.
"""

import json
import math
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

REFERENCES = Path(__file__).parent.parent / "tests" / "references"
sys.path.insert(0, str(REFERENCES))
import grid  # noqa: E402


def rounded(value, dtype):
    """A value as JSON holds it: floats to the digits of their dtype."""
    if not dtype.startswith("float"):
        return value
    digits = {"float16": 5, "float32": 9}.get(dtype, 14)
    return float(f"{value:.{digits}g}") if math.isfinite(value) else str(value)


def main():
    table = {}
    for name, kinds, call in grid.calls():
        outcome = call(tf)
        if not isinstance(outcome, Exception):
            result = [[dtype, shape, [rounded(v, dtype) for v in values]] for dtype, shape, values in outcome]
            key = json.dumps(result, separators=(",", ":"))
            table.setdefault(name, {}).setdefault(key, []).append(kinds)
    lines = [
        f"{json.dumps(name)}: [{','.join(f'[{result},{json.dumps(kinds)}]' for result, kinds in groups.items())}]"
        for name, groups in table.items()
    ]
    text = ",\n".join([f'"tensorflow": {json.dumps(tf.__version__)}', *lines])
    (REFERENCES / "reference_grid.json").write_text(f"{{\n{text}\n}}\n")
    count = sum(len(kinds) for groups in table.values() for kinds in groups.values())
    print(f"tests/references/reference_grid.json: {count} calls answered by TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
