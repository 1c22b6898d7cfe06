"""A guess before a result: `guess = check.training_loop.rate_of_one.predict()`, then run, then `guess.outcome(loss)`.

The questions stand in `course/check/predictions`, a file a chapter. Each knows its options, which of them a result
means, and for each wrong one, in a sentence, why people choose it: so no cell of a chapter holds an answer. This is the
model; `prediction_page` shows it in a notebook, and is imported when something is shown.
"""

import html
import importlib

from course.check.verdict import with_code


class Question:
    """What a chapter asks before a result.

    Args:
        question: a sentence that ends with a question mark.
        options: {answer: why people choose it, where it is wrong}; the sentence is empty for the expected answer.
        means: says which option a result means: a function of the result, which gives an option.
    """

    chapter, name = "chapter", "prediction"  # the chapter sets them

    def __init__(self, question, options, means):
        self.question, self.options, self.means = question, dict(options), means

    def predict(self):
        """Asks, with a button for each option. Where nobody answers, the program runs on.

        Returns:
            A `Guess`.
        """
        guess = Guess(self)
        _page().show(guess)
        return guess

    def option_of(self, result):
        """The option that a result means.

        Raises:
            ValueError: it means none of them.
        """
        try:
            option = self.means(result)
        except Exception as error:
            raise ValueError(f"{self._name()}: no option can be found for the result {result!r}: {error}") from error
        if option not in self.options:
            raise ValueError(f"{self._name()}: the result {result!r} means {option!r}, which is none of the options.")
        return option

    def _name(self):
        return f"check.{self.chapter}.{self.name}"

    def __repr__(self):
        return f"{self._name()}: {self.question} ({' / '.join(self.options)}) Ask with `.predict()`."


class Guess:
    """A question that was asked, and what was chosen.

    Attributes:
        choice: the option that was chosen, or None.
    """

    def __init__(self, question):
        self.asked, self.choice, self._watching = question, None, []

    @property
    def question(self):
        return self.asked.question

    @property
    def options(self):
        return list(self.asked.options)

    def choose(self, option):
        """Choose an option from a program, as a button does.

        Raises:
            ValueError: none of the options.
        """
        if option is not None and option not in self.asked.options:
            raise ValueError(f"{option!r} is none of {', '.join(self.asked.options)}.")
        self.choice = option
        for tell in self._watching:
            tell()

    def watch(self, tell):
        """Calls `tell()` whenever something is chosen."""
        self._watching.append(tell)

    def outcome(self, result):
        """Whether it was so. Display it at the end of the cell that computes `result`.

        Raises:
            ValueError: the result means none of the options.
        """
        option = self.asked.option_of(result)
        return Outcome(self.choice, option, self.asked.options.get(self.choice, ""))

    def __repr__(self):
        return f"Your prediction: {self.question} ({' / '.join(self.options)})"


class Outcome:
    """A prediction beside what happened; without a prediction, what happened."""

    def __init__(self, choice, option, why):
        self.choice, self.option, self.is_right = choice, option, choice == option
        if choice is None:
            self.text = f"Outcome: {option}."
        elif self.is_right:
            self.text = f"You predicted: {choice}. So it is."
        else:
            self.text = f"You predicted: {choice}. It is: {option}. {why}".rstrip()

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        colour = "#666666" if self.choice is None else "#117733" if self.is_right else "#CC3311"
        style = f"border-left:4px solid {colour}; padding:4px 12px; max-width:52em"
        return f'<div role="status" class="course-outcome" style="{style}">{with_code(self.text)}</div>'


def _page():
    """What shows a guess, which needs ipywidgets and IPython: imported when something is shown."""
    return importlib.import_module("course.check.prediction_page")


# Which option a result means


def same_text(result):
    """The option that reads as the result does."""
    return str(result)


def number_text(result):
    """The option that reads as the number does, to six digits: "25"."""
    return f"{float(result):g}"


def yes_or_no(yes, no):
    """One option where the result is true, and the other where it is false."""
    return lambda result: yes if bool(result) else no


def below(*limits, beyond):
    """The option of the first limit that the number is below: `below((10, "few"), beyond="many")`."""
    return lambda result: next((option for limit, option in limits if float(result) < limit), beyond)


# Without a question of the chapter's own: what notebooks used before


class _Asked(Question):
    def __init__(self, question, options):
        options = [str(option) for option in options]
        if len(set(options)) < 2 or len(set(options)) < len(options):
            raise ValueError(f"a prediction needs two or more different options, and got {options}.")
        super().__init__(str(question), dict.fromkeys(options, ""), means=None)


class Prediction(Guess):
    """A question with a button for each answer; made by `predict`."""

    def __init__(self, question, options):
        super().__init__(_Asked(question, options))

    def outcome(self, text):
        """What happened, beside what was predicted. Display it at the end of the cell that computes it."""
        return Beside(self.choice, str(text))


class Beside:
    """A prediction beside what happened."""

    def __init__(self, choice, text):
        self.prediction, self.text = choice or "none was made", text

    def __repr__(self):
        return f"Prediction: {self.prediction}\nOutcome:    {self.text}"

    def _repr_html_(self):
        rows = (("Prediction", self.prediction), ("Outcome", self.text))
        cells = "".join(f"<tr><th>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in rows)
        return f'<table class="course-outcome" style="text-align:left">{cells}</table>'


def predict(question, options):
    """Asks for a guess, with a button for each option, and displays it. Where nobody answers, the program runs on.

    Args:
        question: a sentence.
        options: two or more different answers.

    Returns:
        A `Prediction`. Its `choice` is None until somebody chooses; `outcome(text)` shows it beside what happened.

    Raises:
        ValueError: fewer than two options, or two that are the same.
    """
    prediction = Prediction(question, options)
    _page().show(prediction)
    return prediction
