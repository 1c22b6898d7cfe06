"""The scripts of the book's pages, as TypeScript and ESLint read them."""

import shutil
import subprocess

import pytest

from tests.browser.conftest import missing
from tools.notebooks import ROOT

FOLDER = ROOT / "build" / "javascript"
LIVE = ROOT / "docs" / "_static" / "live"


@pytest.fixture(scope="module")
def tools():
    """Installs TypeScript and ESLint, beside what `make book` installs."""
    npm = shutil.which("npm") or missing("npm is not on the path: install Node 20 or newer")
    shutil.copytree(ROOT / "docs" / "_javascript", FOLDER, dirs_exist_ok=True)
    shutil.copytree(LIVE, FOLDER / "live", dirs_exist_ok=True)
    run(npm, "install", "--no-audit", "--no-fund", "--prefer-offline")
    return FOLDER / "node_modules" / ".bin"


def run(*command):
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_types_agree(tools):
    run(tools / "tsc", "--project", ".")


def test_the_scripts_have_no_fault_that_a_linter_finds(tools):
    run(tools / "eslint", "--max-warnings", "0", "live", "codemirror.js")


def test_the_scripts_together_are_short_enough_to_be_read():
    lines = [line.strip() for path in LIVE.glob("*.js") for line in path.read_text(encoding="utf-8").splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "/*", "*"))]
    assert len(code) <= 880
