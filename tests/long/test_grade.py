"""Many notebooks are graded with one command, and a broken one costs its own row only (tests/long has more)."""

import csv
import json

import nbformat
import pytest

from tools import grade

MEAN = """
def update(total, count, value):
    total.assign_add(value)
    count.assign_add({count})
    return total / count
"""
RIGHT = MEAN.format(count="1.0")
CHECK = "from course import check\ncheck.variables.running_mean(update)"


def submit(folder, learner, *cells, name="01_variables.ipynb"):
    path = folder / learner / name
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    return path


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    ada = submit(folder, "ada", "1 / 0  # an error ends a cell, and not the run", RIGHT, CHECK)
    submit(folder, "ada", "from course import check\ncheck.variables.four_names({})", name="more.ipynb")
    submit(folder, "bela", MEAN.format(count="value"), CHECK)
    submit(folder, "cleo", MEAN.format(count="..."), CHECK)
    submit(folder, "dan", RIGHT, CHECK, "import os\nos._exit(1)", "check.variables.four_names(0)")
    (folder / "gus").mkdir()
    (folder / "gus" / "torn.ipynb").write_text('{"cells": [')
    before = ada.read_bytes()
    output = folder / "grades.csv"
    grade.main([str(folder), "--output", str(output), "--jobs", "3"])
    assert ada.read_bytes() == before
    with open(output, encoding="utf-8", newline="") as file:
        return {row["learner"]: row for row in csv.DictReader(file)}


def test_there_is_a_row_for_each_learner_and_a_column_for_each_task(graded):
    assert list(graded) == ["ada", "bela", "cleo", "dan", "gus"]
    assert list(graded["ada"]) == ["learner", "right", *grade.TASKS, "problem"]


@pytest.mark.parametrize(
    ("learner", "status"),
    [
        ("ada", "right"),
        ("bela", "mistake"),
        ("cleo", "not yet"),
        ("dan", "right"),
        ("gus", ""),
    ],
)
def test_the_status_of_a_task_is_what_its_check_said(graded, learner, status):
    assert graded[learner]["variables.running_mean"] == status
    assert graded[learner]["right"] == str(int(status == "right"))


def test_several_notebooks_of_a_learner_make_one_row(graded):
    assert graded["ada"]["variables.four_names"] == "different"


def test_a_dying_and_a_torn_notebook_cost_their_own_rows_only(graded):
    assert graded["dan"]["problem"] == "01_variables.ipynb: the kernel died"
    assert "torn.ipynb cannot be read" in graded["gus"]["problem"]
    assert [graded[learner]["problem"] for learner in ("ada", "bela", "cleo")] == [""] * 3


def test_a_folder_without_notebooks_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path)])
    assert "there is no notebook" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jobs", "0"], "--jobs is 0, and has to be from 1 to 64"),
        (["--jobs", "-3"], "--jobs is -3"),
        (["--seconds", "0"], "--seconds is 0, and has to be 1 or more"),
        (["--seconds", "nan"], "--seconds is nan"),
        (["--memory", "10"], "--memory is 10"),
        (["--output", "none/grades.csv"], "there is no folder none"),
        (["--output", "."], "is a folder"),
    ],
)
def test_what_cannot_be_written_down_or_run_is_refused_before_anything_runs(
    tmp_path, capsys, monkeypatch, arguments, words
):
    (tmp_path / "in").mkdir()
    submit(tmp_path / "in", "ada", "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(grade, "Grader", None)
    with pytest.raises(SystemExit):
        grade.main(["in", *arguments])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "  =1", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_compute_is_text(text):
    assert not grade.harmless(text).lstrip().startswith(("=", "+", "-", "@"))


def test_names_of_files_are_readable_whatever_their_bytes():
    assert grade.readable("Ren\udce9") == "Ren\\xe9" and grade.readable("Zoë") == "Zoë"


def test_the_checks_in_memory_have_the_same_fingerprints_in_every_process():
    import subprocess
    import sys

    code = (
        "import json; from course import check; from tools.grade import fingerprints, TASKS; "
        "print(json.dumps(fingerprints()[0]))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=grade.ROOT)
    theirs, ours = json.loads(other.stdout), grade.fingerprints()[0]
    assert theirs.items() <= ours.items() and "course.check.base.Task.judge" in theirs
