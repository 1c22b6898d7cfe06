"""Every exercise recognises its solution and each of its known wrong answers, and no verdict gives the answer away."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from examples import TIMES

import course as tf
from course import check
from course.check import base, record
from tools import notebooks

TASKS = {
    f"{chapter}.{name}": getattr(getattr(check, chapter), name)
    for chapter in check.CHAPTERS
    for name in getattr(check, chapter)._tasks
}
MISTAKES = [
    pytest.param(task, wrong, words, id=f"{name} {number}")
    for name, task in TASKS.items()
    for number, (wrong, words) in enumerate(task.mistakes, 1)
]


@pytest.mark.parametrize(("task", "wrong", "words"), MISTAKES)
def test_each_known_wrong_answer_gets_its_own_diagnosis(task, wrong, words):
    verdict = task(wrong)
    assert verdict.status == "mistake" and words in verdict.words
    assert words.replace("`", "") in verdict.text


@pytest.mark.parametrize("name", TASKS)
def test_the_solution_is_right_on_random_inputs(name):
    task = TASKS[name]
    assert task(task.solution).status == "right"
    assert task.judge(task.solution, seeds=range(1000, 1000 + 20 * TIMES)).status == "right"
    assert not any(task.observation(task.solution, seed).error for seed in range(1000, 1000 + 20 * TIMES))


@pytest.mark.parametrize("name", TASKS)
def test_an_exercise_has_three_known_wrong_answers_two_hints_and_a_reason(name):
    task = TASKS[name]
    assert len(task.mistakes) >= 3
    assert len(task.hints) >= 2 and task.why.endswith(".")


def answers(task):
    """What must not be shown: the solution's source and, for a value, the value."""
    if not callable(task.solution):
        return [repr(task.solution)]
    source = inspect.getsource(task.solution)
    if "solution=" in source:
        source = source.split("solution=")[1]
        return [source.split(": ", 1)[1].strip().rstrip(",")] if "lambda" in source else []
    return [line.strip() for line in source.splitlines()[1:] if len(line.strip()) > 12]


@pytest.mark.parametrize("name", TASKS)
def test_no_verdict_and_no_hint_shows_the_solution(name):
    task = TASKS[name]
    attempts = [..., None, 0.0, lambda *a: 0.0, lambda: 1, *[wrong for wrong, _ in task.mistakes]]
    verdicts = [task(attempt) for attempt in attempts]
    verdicts += [task.hint() for _ in task.hints]
    for verdict in verdicts:
        for secret in answers(task):
            assert secret not in verdict.text and secret not in verdict.html


@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if task.broken is not None])
def test_a_broken_program_that_is_not_yet_repaired_is_not_yet_right(name):
    assert TASKS[name](TASKS[name].broken.program).status == "not yet"


class Hostile:
    """Answers every question with an error."""

    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __call__(self, *args):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


def exits(*args):
    raise SystemExit(3)


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize(
    "attempt",
    [None, ..., 0, "text", [], {}, int, np.ones((2, 3)), lambda: None, lambda *a: a, lambda *a: ..., exits, Hostile],
    ids=range(13),
)
def test_a_check_never_raises(name, attempt):
    verdict = TASKS[name](attempt() if attempt is Hostile else attempt)
    assert verdict.status != "right" and verdict.text and verdict.html and repr(verdict) == verdict.text


# What the verdicts say, on a task of their own


@pytest.fixture
def double():
    task = base.Task(
        why="Because.",
        hints=["first", "second"],
        inputs=lambda rng: {"x": rng.normal(size=6).round(1)},
        solution=lambda x: 2 * x,
        mistakes=[(lambda x: x**2, "You squared.")],
    )
    task.chapter, task.name = "demo", "double"
    return task


def unfinished(x):
    y = ... * x
    return y


def unfinished_line(x):
    y = 2 * x
    ...
    return y + 1


def finished(x):
    return 3 * x[..., 0]


def raises(x):
    factor = 2
    return factor * x / undefined  # noqa: F821


def test_dots_that_are_left_are_not_yet_an_answer_and_offer_a_hint(double):
    for attempt in (..., unfinished, unfinished_line, lambda x: ...):
        verdict = double(attempt)
        assert verdict.status == "not yet" and "check.demo.double.hint()" in verdict.text
    assert double(finished).status == "different"


def test_hints_come_one_at_a_time(double):
    assert [double.hint().words.split(" ")[0] for _ in range(3)] == ["first", "second", "second"]


def test_a_chapter_goes_on_with_what_the_learner_built_or_else_with_the_courses_own(double, capsys, progress_file):
    right = lambda x: x + x  # noqa: E731
    assert double.or_ours(right) is right and "goes on with yours" in capsys.readouterr().out
    for attempt in (..., unfinished, lambda x: x**2, raises, None):
        assert double.or_ours(attempt) is double.solution and "goes on with the course's" in capsys.readouterr().out
    assert not progress_file.exists()


def test_an_error_is_shown_with_the_learners_line(double):
    verdict = double(raises)
    assert verdict.status == "error"
    assert "NameError: name 'undefined' is not defined" in verdict.text
    assert "return factor * x / undefined" in verdict.text


def test_the_first_difference_is_shown_as_a_table(double):
    verdict = double(lambda x: np.where(np.arange(6) == 5, 0.0, 2 * x))
    assert verdict.status == "different"
    head, *rows = verdict.rows
    assert head[1:4] == ("yours", "expected", "difference")
    assert [row[4] for row in rows].count("wrong") == 1 and rows[-1][0] == "result[5]"
    assert "<table>" in verdict.html and "result[5]" in verdict.text


def test_the_table_tells_close_from_exact(double):
    verdict = double(lambda x: np.concatenate([2 * x[:1], 2 * x[1:2] * (1 + 1e-6), 2 * x[2:5], x[5:]]))
    assert [row[4] for row in verdict.rows[1:]] == ["exact", "close", "exact", "wrong"]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda x: None, "`return` missing"),
        (lambda x: x[:, None], "has the shape (6, 1), and should have (6,)"),
        (lambda x: {"a": 1}, "is a dictionary, where numbers belong"),
        (lambda x: x[:1], "has the shape (1,), and should have (6,)"),
        (3.0, "Pass the function itself"),
    ],
)
def test_what_is_not_even_of_the_right_form_is_said_in_words(double, attempt, words):
    verdict = double(attempt)
    assert words in verdict.words or words in verdict.code


def test_a_tensor_an_array_and_a_list_are_the_same_answer(double):
    for convert in (tf.constant, np.asarray, list):
        assert double(lambda x, convert=convert: convert(2 * x)).status == "right"


def test_a_pair_may_come_as_a_tuple_a_list_an_array_or_a_tensor():
    task = check.model_and_loss.l1_gradient
    for convert in (tuple, list, np.array, tf.stack):
        assert task.judge(lambda x, r, convert=convert: convert(task.solution(x, r))).status == "right"
    rows = check.embeddings.lookup_gradient.solution
    for convert in (np.array, tf.constant, tuple):
        assert check.embeddings.lookup_gradient({k: convert(v) for k, v in rows.items()}).status == "right"


@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if task.inputs is None])
def test_where_the_answer_is_a_value_no_verdict_shows_one_of_its_numbers(name):
    task = TASKS[name]
    first, *others = task.solution
    verdict = task({first: np.zeros_like(task.solution[first]), **{other: task.solution[other] for other in others}})
    assert verdict.words.startswith(f"Look again at `{first}`. The rest is right.") and not verdict.rows


def test_a_number_of_examples_may_be_rounded_up_or_not():
    for whole in (lambda n: n, lambda n: int(np.ceil(n))):
        attempt = lambda sigma, error, whole=whole: whole((sigma / error) ** 2)  # noqa: E731
        assert check.data_synthesis.examples_needed(attempt).status == "right"


def test_what_is_returned_and_missing_is_said_as_the_learner_would():
    verdict = check.variables.running_mean(lambda total, count, value: None)
    assert verdict.status == "different" and "Is a `return` missing?" in verdict.words


# Progress


def test_progress_is_drawn_and_survives_the_kernel(progress_file):
    task = check.variables.running_mean
    assert repr(check.progress()).startswith("0 of ")
    task(task.solution)
    assert repr(check.progress()).startswith("1 of ")
    code = "from course import check; print(check.progress())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.startswith("1 of ") and "1 Variables" in other.stdout
    assert 'title="running mean"' in check.progress()._repr_html_()
    task(...)
    assert repr(check.progress()).startswith("1 of "), "what was right once stays right"
    assert repr(check.reset()).startswith("0 of ")


def test_one_chapter_can_be_reset():
    check.variables.four_names(check.variables.four_names.solution)
    check.gradient_tape.subtract_rule(check.gradient_tape.subtract_rule.solution)
    assert repr(check.reset("variables")).startswith("1 of ")
    with pytest.raises(ValueError, match="there is no chapter 'variable'"):
        check.reset("variable")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"variables": 3}', "\x00\xff"])
def test_a_damaged_progress_file_counts_as_empty(progress_file, content):
    progress_file.write_text(content)
    assert repr(check.progress()).startswith("0 of ")
    check.variables.four_names(check.variables.four_names.solution)
    assert record.load() == {"variables": {"four_names": "right"}}


def test_a_place_that_cannot_be_written_breaks_no_exercise(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    assert check.variables.four_names(check.variables.four_names.solution).status == "right"


def test_the_file_is_in_the_users_state_directory(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert record.path() == tmp_path / "training-from-first-principles" / "progress.json"


def test_notebooks_are_rendered_and_compared_without_the_users_file():
    assert notebooks.KERNEL_ENV["COURSE_PROGRESS"] == "memory"


def test_a_name_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(AttributeError, match="check has no chapter 'variable'. It has variables, gradient_tape"):
        check.variable  # noqa: B018
    with pytest.raises(AttributeError, match="check.variables has no task 'mean'. It has running_mean"):
        check.variables.mean  # noqa: B018
