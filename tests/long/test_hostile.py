"""Submissions that attack the grader, all in one class: each costs its own row only, and what it did is named.

Nothing here runs outside of tools/grade.py, whose limits hold for it; `make long-test` runs it.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nbformat
import psutil
import pytest

from tools import grade

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits hold on Linux only")

ROOT = Path(__file__).parents[2]
SECONDS = 90  # enough on a busy machine
SECONDS_OF_LOOPS = 6
RIGHT = """
def update(total, count, value):
    total.assign_add(value)
    count.assign_add(1.0)
    return total / count
"""
CHECK = "from course import check\ncheck.variables.running_mean(update)"
RECORD = "import os\nplace = os.environ['COURSE_PROGRESS']\n"
MARK = "COURSE_TEST_OF_LEFTOVERS"  # in the command line of what a submission leaves behind


def leaves(how="", does="time.sleep(600)"):
    code = f"import time; {MARK!r}; {does}"
    return f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {code!r}]{how})"


def record_of(task, status="right"):
    entry = {"chapter": "variables", "task": task, "status": status}
    return f"import json\nopen(place, 'a').write('\\n' + json.dumps({entry!r}) + '\\n')"


# {learner: (cells, words in the column `problem`)}; no words: none is named.
HOSTILE = {
    "record-list": ([RECORD + "open(place, 'w').write('[]')"], ""),
    "record-null": ([RECORD + "open(place, 'w').write('null')"], ""),
    "record-deep": ([RECORD + "open(place, 'w').write('[' * 100_000)"], ""),
    "record-deep-objects": ([RECORD + "open(place, 'w').write('{\"a\":' * 50_000)"], ""),
    "record-surrogate": ([RECORD + "open(place, 'w').write('{\"reset\": \"\\\\ud800\"}')"], ""),
    "record-bytes": ([RECORD + "open(place, 'wb').write(bytes(range(256)) * 100)"], ""),
    "record-pipe": ([RECORD + "os.mkfifo(place)"], "not an ordinary file"),
    "record-endless": ([RECORD + "os.symlink('/dev/zero', place)"], "not an ordinary file"),
    "record-large": ([RECORD + "open(place, 'w').write('x' * 5_000_000)"], "too large"),
    "record-folder": ([RECORD + "os.mkdir(place)"], "not an ordinary file"),
    "record-odd-status": ([RECORD + record_of("four_names", "=1+1")], ""),
    "sleep-at-exit": ([RIGHT, CHECK, "import atexit, time\natexit.register(time.sleep, 600)"], ""),
    "output-at-once": (["print('x' * 5_000_000)"], "MB of output"),
    "memory": ([RIGHT, CHECK, "whole = bytearray(40 * 2**30)"], ""),
    "one-large-file": (["with open('large', 'wb') as f:\n    for _ in range(400): f.write(bytes(2**20))\n"], ""),
    "many-large-files": (
        ["for i in range(60):\n    open(f'large{i}', 'wb').write(bytes(2**20))\nimport time; time.sleep(30)"],
        "of files",
    ),
    "many-files": (
        ["for i in range(900):\n    open(f'f{i}', 'w').close()\nimport time; time.sleep(30)"],
        "of files",
    ),
    "processes": (
        ["import subprocess, time\nall = [subprocess.Popen(['sleep', '60']) for _ in range(30)]\ntime.sleep(30)"],
        "more than 20 processes",
    ),
    "child": ([leaves()], ""),
    "child-in-a-session": ([leaves(", start_new_session=True"), RIGHT, CHECK], ""),
    "child-of-a-child": (
        [
            "import os, sys, time\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0:\n"
            f"        os.execv(sys.executable, [sys.executable, '-c', {f'import time; {MARK!r}; time.sleep(600)'!r}])\n"
            "    os._exit(0)"
        ],
        "",
    ),
    "child-that-writes": (
        [leaves(does="any(open(i, 'w').write('x' * 999) < 0 for i in __import__('itertools').cycle('abc'))")],
        "",
    ),
    "exit": (["import os\nos._exit(1)"], "the kernel died"),
    "kills-its-parent": ([RIGHT, CHECK, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"], "was ended"),
    "kills-its-group": (["import os, signal\nos.killpg(0, signal.SIGKILL)"], "the kernel died"),
    "removes-its-folder": (["import shutil\nshutil.rmtree('..', ignore_errors=True)"], "the check itself was changed"),
    "locks-its-folder": (["import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', 0)"], ""),
    "asks": (["input()"], ""),
    "changes-the-package": (
        [
            "from course.check import base\nopen(base.__file__, 'a').write('\\nTask.judge = None\\n')",
            RIGHT,
            CHECK,
        ],
        "the check itself was changed",
    ),
    "forges-a-record": ([RECORD + record_of("four_names")], "four_names is recorded as right without a check that ran"),
    "forges-with-a-call-that-does-not-run": (
        [RECORD + "if False:\n    check.variables.four_names({})", record_of("four_names")],
        "four_names is recorded as right without a check that ran",
    ),
    "own-solution": (
        ["from course import check\ncheck.variables.lost_update(check.variables.lost_update.solution)"],
        "lost_update was given the package's own solution",
    ),
    "own-solution-in-a-wrapper": (
        [
            "from course import check\ncheck.variables.lost_update(lambda W, g: "
            "getattr(check.variables.lost_update, 'solution')(W, g))"
        ],
        "lost_update was given the package's own solution",
    ),
    "patches-the-check": (
        [
            "from course.check import base, verdict\nbase.Task.judge = lambda self, attempt: "
            "verdict.Verdict('right', 'Right', '')",
            "from course import check\ncheck.variables.lost_update(0)",
        ],
        "the check itself was changed",
    ),
    "patches-a-task": (
        [
            "from course import check\ntask = check.variables.lost_update\ntask.solution = lambda W, gradient: "
            "0\ntask(lambda W, gradient: 0)"
        ],
        "the check itself was changed",
    ),
    "patches-the-probe": (
        [RECORD + record_of("four_names"), "import builtins\nbuiltins.print = lambda *a, **k: None"],
        "four_names is recorded as right without a check that ran",
    ),
}

# These end by the limit of time, and have a short one.
LOOPS = {
    "loop": ["while True:\n    pass"],
    "output": ["while True:\n    print('x' * 10_000)"],
    "loop-in-small-cells": ["import time; time.sleep(0.9)"] * 30,
    "loop-that-catches": [
        "import signal, time\nfor n in (signal.SIGTERM, signal.SIGINT):\n    signal.signal(n, signal.SIG_IGN)",
        "while True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass",
    ],
}


def submit(folder, learner, cells, name="01_variables.ipynb"):
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(learner))) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def read(output):
    with open(output, encoding="utf-8", newline="") as file:
        return {row["learner"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    output = tmp_path_factory.mktemp("output") / "grades.csv"
    for learner, (cells, _) in HOSTILE.items():
        submit(folder, learner, cells)
    submit(folder, "ada", [RIGHT, CHECK])
    victim = submit(folder, "zoe", [RIGHT, CHECK])
    submit(
        folder,
        "overwrites-others",
        [f"open({str(victim)!r}, 'w').write('gone')\nopen({str(output)!r}, 'w').write('x')"],
    )
    submit(folder, "=1+1", [RIGHT, CHECK])
    submit(folder, b"Ren\xe9", [RIGHT, CHECK])
    submit(folder, "bell\a", [RIGHT, CHECK])
    submit(folder, "capital", [RIGHT, CHECK], name="01_VARIABLES.IPYNB")
    submit(folder, "with-solutions/solutions", ["from course import check\ncheck.variables.lost_update(0)"])
    for learner in ("pipe", "link", "archive", "script", "empty", "torn", "list", "deep", "not-utf8", "large"):
        (folder / learner).mkdir()
    os.mkfifo(folder / "pipe" / "01.ipynb")
    (folder / "link" / "01.ipynb").symlink_to("/dev/zero")
    with zipfile.ZipFile(folder / "archive" / "work.zip", "w") as archive:
        archive.writestr("01.ipynb", "{}")
    (folder / "script" / "01_variables.py").write_text(RIGHT)
    (folder / "torn" / "01.ipynb").write_text('{"cells": [')
    (folder / "list" / "01.ipynb").write_text("[]")
    (folder / "deep" / "01.ipynb").write_text("[" * 200_000)
    (folder / "not-utf8" / "01.ipynb").write_bytes(b'{"cells": "\xff\xfe"}')
    with open(folder / "large" / "01.ipynb", "wb") as file:
        file.truncate(40_000_000)
    patch = pytest.MonkeyPatch()
    patch.setattr(grade, "LIMITS", {"output": 3, "files": 40, "count": 600, "processes": 20})
    before = package_files()
    began = time.monotonic()
    try:
        grade.main([str(folder), "--output", str(output), "--seconds", str(SECONDS), "--jobs", "2"])
    finally:
        patch.undo()
    print(f"{time.monotonic() - began:.0f} s for {len(read(output))} learners")
    assert package_files() == before, "a submission has changed the package itself"
    return read(output)


def package_files():
    return {path: path.read_bytes() for path in (ROOT / "course").rglob("*.py")}


def test_every_learner_has_a_row(graded):
    others = {"ada", "zoe", "overwrites-others", "'=1+1", "Ren\\xe9", "bell ", "capital", "with-solutions"}
    files = {"pipe", "link", "archive", "script", "empty", "torn", "list", "deep", "not-utf8", "large"}
    assert graded.keys() == HOSTILE.keys() | others | files


@pytest.mark.parametrize("learner", HOSTILE)
def test_what_a_hostile_submission_did_is_named_in_its_own_row(graded, learner):
    words = HOSTILE[learner][1]
    problem = graded[learner]["problem"]
    assert words in problem if words else problem == ""


@pytest.mark.parametrize("learner", ["ada", "zoe", "'=1+1", "Ren\\xe9", "bell ", "capital"])
def test_the_others_are_graded_as_if_nothing_had_happened(graded, learner):
    assert graded[learner]["right"] == "1" and graded[learner]["problem"] == ""


@pytest.mark.parametrize("learner", ["sleep-at-exit", "memory", "child-in-a-session", "kills-its-parent"])
def test_what_was_right_before_counts(graded, learner):
    assert graded[learner]["variables.running_mean"] == "right"


@pytest.mark.parametrize("learner", [name for name in HOSTILE if "forge" in name or "own" in name or "patches" in name])
def test_a_forgery_does_not_count(graded, learner):
    assert graded[learner]["right"] == "0"


@pytest.mark.parametrize(
    ("learner", "words"),
    [
        ("pipe", "not an ordinary file"),
        ("link", "is a link, which is not followed"),
        ("archive", "is an archive: unpack it"),
        ("script", "is a script: notebooks end in .ipynb"),
        ("empty", "there is no notebook"),
        ("with-solutions", "there is no notebook"),
        ("torn", "cannot be read"),
        ("list", "cannot be read"),
        ("deep", "cannot be read"),
        ("not-utf8", "cannot be read"),
        ("large", "is larger than"),
    ],
)
def test_what_is_no_notebook_gets_a_word(graded, learner, words):
    assert words in graded[learner]["problem"] and graded[learner]["right"] == "0"


def test_no_cell_is_one_that_a_spreadsheet_computes(graded):
    for row in graded.values():
        assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in row.values())


def test_nothing_is_left_behind(graded):
    for process in psutil.process_iter():
        try:
            assert MARK not in " ".join(process.cmdline()) or process.pid == os.getpid()
        except psutil.Error:
            continue


def test_a_notebook_that_does_not_end_is_stopped_by_the_time_of_the_whole(tmp_path):
    for learner, cells in LOOPS.items():
        submit(tmp_path, learner, cells)
    output = tmp_path / "grades.csv"
    grade.main([str(tmp_path), "--output", str(output), "--seconds", str(SECONDS_OF_LOOPS), "--jobs", "3"])
    problems = {learner: row["problem"] for learner, row in read(output).items()}
    assert problems.keys() == LOOPS.keys()
    assert problems.pop("output").startswith("01_variables.ipynb: stopped after ")  # so much time, or so much output
    assert set(problems.values()) == {f"01_variables.ipynb: stopped after {SECONDS_OF_LOOPS} seconds"}


# A grader that is ended goes on


def grader(folder, output, *more):
    command = [sys.executable, ROOT / "tools" / "grade.py", folder, "--output", output, "--jobs", "1", *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


def test_a_grader_that_was_killed_goes_on_from_its_rows(tmp_path):
    folder, output = tmp_path / "class", tmp_path / "grades.csv"
    submit(folder, "ada", [f"open({str(tmp_path / 'runs')!r}, 'a').write('x')", RIGHT, CHECK])
    submit(folder, "bob", [RIGHT, CHECK, "import time\ntime.sleep(20)"])
    submit(folder, "cleo", [RIGHT, CHECK])
    first = grader(folder, output)
    assert first.stdout.readline().startswith("1 of 3  ada: 1 right")
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    assert read(output).keys() == {"ada"}
    submit(folder, "bob", [RIGHT, CHECK])  # has handed in again
    second = grader(folder, output)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 0 and "1 of 3 learners were graded before this run" in said
    assert [row["right"] for row in read(output).values()] == ["1", "1", "1"]
    assert (tmp_path / "runs").read_text() == "x", "what was graded is not run again"
    assert not list(tmp_path.glob("grades.csv.*"))


def test_rows_of_another_submission_or_of_another_shape_are_not_kept(tmp_path):
    folder, output = tmp_path / "class", tmp_path / "grades.csv"
    submit(folder, "ada", [RIGHT, CHECK])
    journal = tmp_path / "grades.csv.unfinished"
    journal.write_text('["x", {"learner": "ada", "right": 35}]\n[]\nnull\n' + "[" * 100_000 + "\n" + json.dumps([1, 2]))
    run = grader(folder, output)
    assert run.wait(60) == 0 and read(output)["ada"]["right"] == "1"
