"""A prediction works from the page, from a program, with nobody there, and without a kernel."""

import re
import subprocess
import sys

import numpy as np
import pytest

from course import check
from course.check import prediction_page
from course.check.prediction import Prediction, Question, below
from tools import notebooks

QUESTIONS = {
    f"{chapter}.{name}": question
    for chapter in check.CHAPTERS
    for name, question in getattr(check, chapter)._predictions.items()
}

# What the chapters compute, for each question.
RESULTS = {
    "variables.kept_tensor": np.array([1.0, 2.0, 3.0]),
    "variables.half_from_an_integer": 5,
    "variables.followers": [True, False, False],
    "gradient_tape.gradient_of_w": 101.0,
    "gradient_tape.which_are_none": [False, True, True, False],
    "gradient_tape.asked_twice": 25.0,
    "gradient_tape.shape_of_a_gradient": (),
    "gradient_tape.best_difference_step": 7.6e-6,
    "model_and_loss.variables_in_a_list": 4,
    "model_and_loss.mean_residual_of_a_flat_line": 0.0,
    "model_and_loss.loss_of_a_perfect_model": 23.625,
    "model_and_loss.slope_with_an_outlier": {"L2": 0.3, "L1": 3.0, "Huber": 2.7},
    "data_synthesis.where_lines_cross": 1.0,
    "data_synthesis.loss_at_the_truth": 1.0261,
    "data_synthesis.twice_the_noise": 3.98 / 1.009,
    "data_synthesis.noise_drawn_first": False,
    "data_synthesis.training_loss_of_ten": 0.809,
    "data_synthesis.hundred_times_the_data": 0.3744 / 0.0299,
    "training_loop.signs_of_the_gradient": [4.1, -4.2],
    "training_loop.rate_of_one": 3.66e6,
    "training_loop.four_times_the_batch": 0.5,
    "optimizers.steps_along_the_ravine": 126,
    "optimizers.momentum_by_default": 76 / 73,
    "optimizers.effective_rates": 1.984 / 0.079,
    "optimizers.uncorrected_adam": 3.16,
    "optimizers.turned_ravine": [True, True, True, False, False, False],
    "optimizers.penalty_with_adam": [0.85, 0.0],
    "optimizers.same_path_on_the_line": False,
    "real_data.rate_on_millimetres": np.float32(np.inf),
    "real_data.epochs_on_millimetres": 38.7e6,
    "real_data.which_unit_helps": [8.4e6, 9e3, 196.0, 1.0],
    "real_data.epochs_when_standardized": 1,
    "real_data.residuals_by_species": {"Adelie": -44.0, "Chinstrap": 220.0, "Gentoo": -72.0},
    "real_data.sex_or_species": [46, 24],
    "embeddings.rows_in_the_gradient": 3,
    "embeddings.film_that_occurs_twice": 2.0,
    "embeddings.neighbours_of_vowels": 5,
    "embeddings.loss_on_new_ratings": 1.15,
    "embeddings.dense_by_slices": 14_000,
    "embeddings.cost_of_a_large_table": [False, True, False, True],
    "embeddings.rows_that_move": 63,
    "layers.logits_far_apart": [np.nan, np.nan],
    "layers.shape_of_the_boundary": 8,
    "layers.without_activation": 0.895,
    "layers.count_of_parameters": 22,
    "layers.equal_starts": [1, 1],
    "layers.values_through_ten_layers": 0.0032,
    "layers.digits_after_a_restore": 0.0,
    "published_run.digits_of_the_log": 1.5,
    "published_run.constant_response": "mean of ε²",
    "published_run.fewest_points": 3,
    "published_run.reach_of_the_mean": 0.4,
    "from_tape_to_program.price_of_a_hundredfold": 1.4,
    "from_tape_to_program.share_of_the_peak": 0.05,
    "from_tape_to_program.rate_from_outside": 0.1,
    "from_tape_to_program.how_often_it_prints": 2,
    "beyond_one_machine.mean_of_three_gradients": False,
    "beyond_one_machine.lost_worker": True,
    "beyond_one_machine.three_workers": 12.0,
    "beyond_one_machine.stale_gradients": 1e6,
}


def test_the_result_of_every_question_is_known():
    assert RESULTS.keys() == QUESTIONS.keys()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_asks_says_why_each_wrong_option_is_chosen_and_knows_which_one_the_result_means(name):
    question = QUESTIONS[name]
    assert question.question.endswith("?")
    expected = [option for option, why in question.options.items() if not why]
    assert len(question.options) >= 2 and len(expected) == 1
    assert all(why.endswith(".") and len(why) > 30 for why in question.options.values() if why)
    assert question.option_of(RESULTS[name]) == expected[0]


def test_names_of_tasks_and_predictions_do_not_collide():
    for chapter in check.CHAPTERS:
        assert not getattr(check, chapter)._tasks.keys() & getattr(check, chapter)._predictions.keys()


@pytest.fixture
def question():
    options = {"near 1": "It sounds like arriving sooner.", "near 9": ""}
    return Question("Is the loss near 1 or near 9?", options, means=below((3, "near 1"), beyond="near 9"))


def test_with_nobody_there_a_question_says_what_happened_and_nothing_else(question):
    guess = question.predict()
    assert guess.choice is None
    assert repr(guess.outcome(9.2)) == "Outcome: near 9."


def test_who_was_right_is_told_so_and_who_was_not_why_people_guess_so(question):
    guess = question.predict()
    guess.choose("near 9")
    assert guess.outcome(9.2).is_right and repr(guess.outcome(9.2)) == "You predicted: near 9. So it is."
    guess.choose("near 1")
    shown = guess.outcome(9.2)
    assert repr(shown) == "You predicted: near 1. It is: near 9. It sounds like arriving sooner."
    assert "It sounds like" in shown._repr_html_() and 'role="status"' in shown._repr_html_()


def test_code_in_a_question_and_in_a_reason_is_set_as_code():
    guess = Question("Is `x < 1`?", {"yes": "`x` is 1, & not below it.", "no": ""}, means=str).predict()
    head = prediction_page.Page(guess).widget.children[0]
    assert head.value.endswith("Is <code>x &lt; 1</code>?")
    guess.choose("yes")
    assert "<code>x</code> is 1, &amp; not below it." in guess.outcome("no")._repr_html_()


def test_a_result_that_means_no_option_is_refused(question):
    with pytest.raises(ValueError, match="no option can be found for the result 'much'"):
        question.predict().outcome("much")
    question.means = str
    with pytest.raises(ValueError, match="the result 7 means '7', which is none of the options"):
        question.predict().outcome(7)


def test_the_model_of_a_prediction_needs_neither_widgets_nor_ipython():
    code = (
        "import sys; from course import check; q = check.training_loop.rate_of_one; "
        "from course.check.prediction import Guess; g = Guess(q); g.choose('near 1'); print(g.outcome(1e6)); "
        "sys.exit(any(m.split('.')[0] in ('ipywidgets', 'IPython', 'matplotlib') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("You predicted: near 1. It is: above 1000. Ten times the rate")


# The page, and what notebooks used before


@pytest.fixture
def guess():
    return Prediction("Is the loss near 1 or near 9?", ["near 1", "near 9"])


def test_with_nobody_there_it_says_so(guess):
    assert guess.choice is None
    assert repr(guess.outcome("9.2")) == "Prediction: none was made\nOutcome:    9.2"


def test_a_button_is_a_choice_and_stands_beside_the_outcome(guess):
    page = prediction_page.Page(guess)
    page.buttons.value = "near 1"
    assert guess.choice == "near 1" and "You predict: near 1" in page.said.value
    shown = guess.outcome("9.2 < 10")
    assert repr(shown) == "Prediction: near 1\nOutcome:    9.2 < 10"
    assert "near 1" in shown._repr_html_() and "9.2 &lt; 10" in shown._repr_html_()


def test_a_program_may_choose_and_the_page_follows(guess):
    page = prediction_page.Page(guess)
    guess.choose("near 9")
    assert guess.choice == "near 9" == page.buttons.value
    with pytest.raises(ValueError, match="'7' is none of near 1, near 9"):
        guess.choose("7")


def test_without_a_kernel_the_question_and_its_options_show(guess):
    data = prediction_page.Page(guess)._repr_mimebundle_()
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
    names = re.findall(
        r"^(\w+) = check\.(?:predict\(|\w+\.\w+\.predict\()", text.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(set(names)) == len(names)
