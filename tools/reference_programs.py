"""Writes tests/references/programs.json, what TensorFlow gives for the programs of programs.py beside it,
and names.json, the public names of TensorFlow's modules that beginners meet.

Run it where TensorFlow is installed: `make reference PYTHON=/path/to/python`. The tests compare with the file, and do
not need TensorFlow.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np
import tensorflow as tf

TESTS = Path(__file__).parent.parent / "tests" / "references"
sys.path.insert(0, str(TESTS))

from programs import PROGRAMS  # noqa: E402

MODULES = ["", "math", "nn", "linalg", "random", "data", "train", "errors", "keras"]
MODULES += [f"keras.{name}" for name in ("layers", "optimizers", "optimizers.schedules", "losses", "metrics")]
MODULES += [f"keras.{name}" for name in ("initializers", "activations", "callbacks", "regularizers", "models")]
MODULES += [f"keras.{name}" for name in ("utils", "backend", "datasets", "constraints")]


def names(module):
    found = tf
    for part in filter(None, module.split(".")):
        found = getattr(found, part)
    return [name for name in dir(found) if not name.startswith("_")]


def plain(value):
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return np.asarray(value).tolist()


def main():
    lines = []
    for program in PROGRAMS:
        tf.keras.backend.clear_session()
        lines.append(f'"{program.__name__}": {json.dumps(plain(program(tf)))}')
    text = ",\n".join([f'"tensorflow": "{tf.__version__}"', *lines])
    table = [f'"{module}": {json.dumps(names(module))}' for module in MODULES]
    (TESTS / "names.json").write_text("{\n" + ",\n".join(table) + "\n}\n")
    (TESTS / "programs.json").write_text(f"{{\n{text}\n}}\n")
    print(f"tests/references/programs.json: {len(lines)} programs from TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
