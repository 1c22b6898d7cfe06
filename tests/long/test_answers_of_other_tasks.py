"""Each task judges the solutions and the known mistakes of all other tasks: some 50,000 verdicts."""

import functools

import pytest

from course.check import source
from tools import stress_checks

TASKS = stress_checks.tasks()
ANSWERS = {name: [task.solution, *(wrong for wrong, _ in task.mistakes)] for name, task in TASKS.items()}
HAS_DOTS = functools.cache(source._has_dots)  # the text of each of these functions, which is slow to find, is read once


@pytest.fixture(autouse=True)
def no_progress_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))


@pytest.mark.parametrize("name", TASKS)
def test_answers_of_other_tasks_are_not_right_unless_they_are_on_broader_inputs_too(name, monkeypatch):
    monkeypatch.setattr(source, "_has_dots", HAS_DOTS)
    for other, answers in ANSWERS.items():
        # Its second argument is a number of steps, and of bytes it would make hundreds of thousands.
        takes_hours = (name, other) == ("beyond_one_machine.ring_bytes", "from_tape_to_program.frozen_rate")
        if other != name and not takes_hours:
            for answer in answers:
                verdict = TASKS[name].judge(answer, seeds=[0])  # who is wrong on one input is wrong
                is_right = verdict.status == "right" and TASKS[name].judge(answer).status == "right"
                assert not is_right or stress_checks.is_right_more_broadly(name, TASKS[name], answer), other
                assert "The check itself failed" not in verdict.words
