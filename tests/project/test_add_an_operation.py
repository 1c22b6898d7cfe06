"""The walk of docs/maintaining.md through a new operation, taken in a copy of the package."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).parents[2]
SECTION = (ROOT / "docs/maintaining.md").read_text(encoding="utf-8").split("## Add an operation")[1].split("\n## ")[0]
PLACES = {  # of each step's file: the text before which its lines go
    "course/engine/ops.py": "_where = Operation(",
    "course/math.py": "    atan,\n",
    "tests/references/proofs.py": '    unary("atan", ',
}
USE = """
import numpy as np, course as tf
x = tf.Variable([-2.0, 0.5, 3.0])
with tf.GradientTape() as tape:
    y = np.arcsinh(x)
assert [operation.name for operation, *_ in tape._records] == ["asinh"], tape._records
np.testing.assert_array_equal(tf.function(tf.math.asinh)(x), tf.asinh(x))
np.testing.assert_allclose(tape.gradient(y, x), 1 / np.sqrt(1 + x.numpy() ** 2), rtol=1e-6)
"""


def test_three_files_make_an_operation_with_its_operators_compiler_and_proofs(tmp_path):
    blocks = [textwrap.dedent(block) for block in re.findall(r"```\n(.*?) *```", SECTION, re.DOTALL)]
    assert len(blocks) == len(PLACES)
    for folder in ("course", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "files", "browser", "benchmarks")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for (name, before), block in zip(PLACES.items(), blocks):
        assert f"`{name}`" in SECTION
        path = tmp_path / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, (name, before)
        indent = re.match(" *", before).group()
        path.write_text(text.replace(before, textwrap.indent(block, indent) + before), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    proofs = ["-m", "pytest", "-q", "-o", "addopts=", "-p", "no:nbval", "-p", "no:cacheprovider", "-p", "no:xdist"]
    proofs += ["tests/engine/test_proofs.py", "-k", "asinh and (central or autograd)"]
    for command in (["-c", USE], proofs):
        run = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
        )
        assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout, run.stdout
