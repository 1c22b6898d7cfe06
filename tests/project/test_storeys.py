"""The package is a house of storeys: arrows of imports point down, and each room is small enough to be read."""

import ast
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
MODULES = sorted((ROOT / "course").rglob("*.py"))
ENTRIES, LINES, ENGINE = 20, 650, 2400  # at most


def storeys_of(folder):
    """Whether the imports of the package in a folder keep to the contracts in its pyproject.toml, and what is said."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=60
    )
    return run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("storeys")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "course", folder / "course", ignore=shutil.ignore_patterns("__pycache__", "files"))
    return folder


def test_no_arrow_runs_up():
    kept, said = storeys_of(ROOT)
    assert kept, said


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("engine/tensor.py", "def late():\n    from course.engine import ops"),
        ("engine/explain.py", "def late():\n    from course import nn"),
        ("composed.py", "def late():\n    import course"),
        ("keras/layers.py", "from course import plots"),
        ("__init__.py", "def late():\n    import course.check"),
        ("new.py", ""),
    ],
)
def test_an_arrow_that_runs_up_is_refused_in_a_function_too(copy, module, line):
    path = copy / "course" / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n\n{line}\n", encoding="utf-8")
    try:
        kept, said = storeys_of(copy)
        assert not kept and ("BROKEN" in said or "course.new" in said), said
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_at_its_top_and_can_be_read_at_one_sitting(path):
    """What is optional and heavy may be loaded later, in one way: by `importlib.import_module`."""
    text = path.read_text(encoding="utf-8")
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                assert not isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno} imports in a function"
    assert len(text.splitlines()) <= LINES


def test_the_package_is_seen_at_one_glance():
    entries = [p.name for p in (ROOT / "course").iterdir() if p.name != "__pycache__" and not p.name.startswith(".")]
    assert len(entries) <= ENTRIES, sorted(entries)


def test_the_engine_is_an_evenings_reading():
    lines = {p.name: len(p.read_text(encoding="utf-8").splitlines()) for p in (ROOT / "course/engine").glob("*.py")}
    assert sum(lines.values()) <= ENGINE, lines
