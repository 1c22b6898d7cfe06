"""VariableHistory: how to make it, what must hold at every moment of it, and what else it promises."""

import json

import numpy as np
import pytest
from experiment_page import consistent

import course as tf
from course import experiments
from course.experiments import base

make = experiments.VariableHistory


def check(experiment):
    """The same updates of a plain number; each read has the value that the number had then."""
    change = {"assign": lambda v, x: x, "assign_add": lambda v, x: v + x, "assign_sub": lambda v, x: v - x}
    history, reads = [1.0], []
    for method, *value in experiment._steps[: experiment.position]:
        reads += history[-1:] if method == "read" else []
        history.append(history[-1] if method == "read" else change[method](history[-1], *value))
    assert experiment.history.tolist() == history
    assert [float(read) for read in experiment.reads] == reads
    assert [float(read) for read in experiment.array_reads] == len(reads) * history[-1:]
    assert isinstance(experiment.variable, tf.Variable) and float(experiment.variable) == history[-1]
    assert experiment.next_value == change[experiment.method](history[-1], experiment.value)
    assert f"v is {base.number(history[-1])} after" in experiment.status
    assert ("unchanged" in experiment.status) == bool(reads)
    assert experiment._line.get_ydata()[-1] == history[-1]
    low, high = experiment._axes.get_ylim()
    assert low <= min(*history, experiment.next_value) and max(*history, experiment.next_value) <= high


def test_the_state_of_a_history_holds_what_the_learner_did():
    experiment, other = experiments.VariableHistory(), experiments.VariableHistory()
    experiment.set(method="assign_sub", value=2.0).apply()
    experiment.read()
    experiment.back()
    other.state = json.loads(json.dumps(experiment.state))
    assert (other.state, other.status) == (experiment.state, experiment.status)
    np.testing.assert_array_equal(other.history, [1, 1, 3, 3, 9, 9, 5, 5, 7, 5])
    before, status = other.state, other.status
    for steps in ([["assign_add", "3"]], [["assign_add", float("nan")]], [["assign_mul", 2.0]], [["read"]] * 100):
        with pytest.raises(ValueError, match="VariableHistory: "):
            other.state = before | {"steps": steps}
    with pytest.raises(ValueError, match="position: 9 is not from 0 to 1"):
        other.state = before | {"steps": [["read"]]}
    assert (other.state, other.status) == (before, status)
    other.step()
    assert other.total == other.position == 10  # the read that was undone came along


def test_the_learners_updates_and_reads_follow_those_of_the_text():
    experiment = experiments.VariableHistory()
    assert experiment.history[-1] == 7 and [float(read) for read in experiment.reads] == [1, 3, 9, 5]
    first = experiment.reads[0]
    experiment.set(method="assign", value=-4.5)
    experiment.apply()
    experiment.read()
    assert float(experiment.variable) == -4.5 and float(experiment.reads[-1]) == -4.5 and float(first) == 1
    check(experiment)


def test_an_update_after_steps_back_replaces_what_was_undone():
    experiment = experiments.VariableHistory()
    experiment.position = 2
    experiment.apply()
    assert experiment.history.tolist() == [1, 1, 3, 6] and experiment.position == experiment.total == 3
    experiment.reset()
    assert experiment.total == 8


def test_a_full_history_takes_no_more_and_says_so():
    experiment = experiments.VariableHistory()
    for _ in range(20):
        experiment.read()
    assert experiment.total == 14 and "no room for more, Back undoes a step" in experiment.status
    experiment.back()
    experiment.apply()
    assert experiment.history[-1] == 10


@pytest.mark.parametrize("initial, words", [(np.nan, "not a finite number"), (3e38, "too large to draw")])
def test_a_value_that_no_line_can_show_is_said(initial, words):
    experiment = experiments.VariableHistory(initial)
    assert words in experiment._notice.get_text()
    experiment.apply()
    experiment.reset()
    consistent(experiment)


def test_steps_of_another_form_are_refused():
    for steps in ([("write",)], [("assign",)], [("read", 2.0)]):
        with pytest.raises(ValueError, match="is neither"):
            experiments.VariableHistory(steps=steps)
    with pytest.raises(ValueError, match="15 steps, and there is room for 14"):
        experiments.VariableHistory(steps=[("read",)] * 15)


def test_a_hand_that_moves_the_value_leaves_the_words_beside_and_below_as_they_are_drawn():
    experiment = experiments.VariableHistory()
    words = [*experiment._ticks, *experiment._labels]
    experiment.picture()
    for value in (3.5, 4.0, -2.0):
        experiment.value = value
        assert not any(text.stale for text in words) and set(words) <= set(experiment.drawing._ground)
