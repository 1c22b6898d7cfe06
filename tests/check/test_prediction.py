"""A prediction works from the page, from a program, with nobody there, and without a kernel."""

import re

import pytest

from course import check
from course.check.prediction import Prediction
from tools import notebooks


@pytest.fixture
def guess():
    return Prediction("Is the loss near 1 or near 9?", ["near 1", "near 9"])


def test_with_nobody_there_it_says_so(guess):
    assert guess.choice is None
    assert repr(guess.outcome("9.2")) == "Prediction: none was made\nOutcome:    9.2"


def test_a_button_is_a_choice_and_stands_beside_the_outcome(guess):
    guess._buttons.value = "near 1"
    assert guess.choice == "near 1" and "You predict: near 1" in guess._said.value
    shown = guess.outcome("9.2 < 10")
    assert repr(shown) == "Prediction: near 1\nOutcome:    9.2 < 10"
    assert "near 1" in shown._repr_html_() and "9.2 &lt; 10" in shown._repr_html_()


def test_a_program_may_choose(guess):
    guess.choose("near 9")
    assert guess.choice == "near 9"
    with pytest.raises(ValueError, match="'7' is none of near 1, near 9"):
        guess.choose("7")


def test_without_a_kernel_the_question_and_its_options_show(guess):
    data = guess._repr_mimebundle_()
    assert "Is the loss near 1 or near 9?" in data["text/html"] and "<li>near 9</li>" in data["text/html"]
    assert data["text/plain"] == "Your prediction: Is the loss near 1 or near 9? (near 1 / near 9)"
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("options", [[], ["one"], ["same", "same"], ["a", "b", "a"]])
def test_it_needs_different_options(options):
    with pytest.raises(ValueError, match="two or more different options"):
        check.predict("?", options)


def test_it_displays_itself(capsys):
    assert check.predict("Up or down?", ["up", "down"]).choice is None
    assert "Up or down?" in capsys.readouterr().out


@pytest.mark.parametrize("text", notebooks.pairs(), ids=lambda path: path.stem)
def test_each_prediction_of_a_notebook_has_a_name_of_its_own(text):
    """With one name for all, after Run All an earlier outcome would stand beside the last prediction."""
    names = re.findall(r"^(\w+) = check\.predict\(", text.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(names)) == len(names)
