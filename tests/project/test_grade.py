"""Many notebooks are graded with one command, and a broken or endless one costs its own row only."""

import csv

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
    submit(folder, "dan", RIGHT, CHECK, "while True:\n    pass", "check.variables.four_names(0)")
    submit(folder, "finn", "import os\nos._exit(1)")
    (folder / "gus").mkdir()
    (folder / "gus" / "torn.ipynb").write_text('{"cells": [')
    before = ada.read_bytes()
    output = folder / "grades.csv"
    grade.main([str(folder), "--output", str(output), "--seconds", "6", "--jobs", "3"])
    assert ada.read_bytes() == before
    with open(output, encoding="utf-8", newline="") as file:
        return {row["learner"]: row for row in csv.DictReader(file)}


def test_there_is_a_row_for_each_learner_and_a_column_for_each_task(graded):
    assert list(graded) == ["ada", "bela", "cleo", "dan", "finn", "gus"]
    assert list(graded["ada"]) == ["learner", "right", *grade.TASKS, "problem"]


@pytest.mark.parametrize(
    ("learner", "status"),
    [
        ("ada", "right"),
        ("bela", "mistake"),
        ("cleo", "not yet"),
        ("dan", "right"),
        ("finn", ""),
        ("gus", ""),
    ],
)
def test_the_status_of_a_task_is_what_its_check_said(graded, learner, status):
    assert graded[learner]["variables.running_mean"] == status
    assert graded[learner]["right"] == str(int(status == "right"))


def test_several_notebooks_of_a_learner_make_one_row(graded):
    assert graded["ada"]["variables.four_names"] == "different"


def test_an_endless_a_dying_and_a_torn_notebook_cost_their_own_rows_only(graded):
    assert graded["dan"]["problem"] == "01_variables.ipynb: stopped after 6 seconds"
    assert "kernel died" in graded["finn"]["problem"]
    assert "torn.ipynb cannot be read" in graded["gus"]["problem"]
    assert [graded[learner]["problem"] for learner in ("ada", "bela", "cleo")] == [""] * 3


def test_a_folder_without_notebooks_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path)])
    assert "there is no notebook" in capsys.readouterr().err
