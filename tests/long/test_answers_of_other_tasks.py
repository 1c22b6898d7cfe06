"""Known answers are kept apart: a task's own, and each task judges those of all others, some 50,000 verdicts."""

import functools

import pytest

from course.check import base, observation, source
from tools import stress_checks

TASKS = stress_checks.tasks()
ANSWERS = {
    name: [("solution", task.solution), *((f"mistake {i}", wrong) for i, (wrong, _) in enumerate(task.mistakes, 1))]
    for name, task in TASKS.items()
}
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
            for _, answer in answers:
                verdict = TASKS[name].judge(answer, seeds=[0])  # who is wrong on one input is wrong
                is_right = verdict.status == "right" and TASKS[name].judge(answer).status == "right"
                assert not is_right or stress_checks.is_right_more_broadly(name, TASKS[name], answer), other
                assert "The check itself failed" not in verdict.words


@pytest.mark.parametrize("name", TASKS)
def test_every_known_wrong_answer_is_five_tolerances_and_more_from_the_right_one_and_from_each_other(name):
    task = TASKS[name]
    words = {f"mistake {i}": words for i, (_, words) in enumerate(task.mistakes, 1)}
    too_close = []
    seen = {
        label: [task.observation(answer, seed) for seed in range(base.NUM_INPUTS)] for label, answer in ANSWERS[name]
    }
    for label, mine in seen.items():
        for other, theirs in seen.items():
            if label < other and words.get(label) != words.get(other):
                apart = max(observation.margin(a, b) for a, b in zip(mine, theirs))
                if apart < 5:
                    too_close.append(f"{label} and {other}: {apart:.2g} tolerances apart")
    assert not too_close
