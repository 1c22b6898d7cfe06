"""A guess before a result: `guess = check.predict(question, options)`, then run, then `guess.outcome(text)`."""

import html

import ipywidgets as widgets
from IPython.display import display


class Prediction:
    """A question with a button for each answer; made by `predict`.

    Attributes:
        choice: the answer that was chosen, or None.
    """

    def __init__(self, question, options):
        self.question, self.options, self.choice = str(question), [str(option) for option in options], None
        if len(set(self.options)) < 2 or len(set(self.options)) < len(self.options):
            raise ValueError(f"a prediction needs two or more different options, and got {self.options}.")
        # Buttons, which Tab and Enter reach; JupyterLab takes the arrow keys from a drop-down list.
        self._buttons = widgets.ToggleButtons(options=self.options, value=None, style={"button_width": "auto"})
        self._buttons.observe(self._chosen, "value")
        self._said = widgets.HTML()
        self._said.add_class("course-prediction")
        head = widgets.HTML(f"<b>Your prediction:</b> {html.escape(self.question)}")
        self.widget = widgets.VBox([head, self._buttons, self._said])

    def _chosen(self, change):
        self.choice = change.new
        text = "" if change.new is None else f"You predict: {html.escape(change.new)}. Now run the next cell."
        self._said.value = f'<div role="status" aria-live="polite">{text}</div>'

    def choose(self, option):
        """Choose an option from a program, as a button does.

        Raises:
            ValueError: none of the options.
        """
        if option not in self.options:
            raise ValueError(f"{option!r} is none of {', '.join(self.options)}.")
        self._buttons.value = option

    def outcome(self, text):
        """What happened, beside what was predicted. Display it at the end of the cell that computes it."""
        return Outcome(self.choice, str(text))

    def __repr__(self):
        return f"Your prediction: {self.question} ({' / '.join(self.options)})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        options = "".join(f"<li>{html.escape(option)}</li>" for option in self.options)
        data = dict(self.widget._repr_mimebundle_())
        # Without a kernel the page shows the question.
        data |= {
            "text/plain": repr(self),
            "text/html": f"<b>Your prediction:</b> {html.escape(self.question)}<ul>{options}</ul>",
        }
        return data


class Outcome:
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
    display(prediction)
    return prediction
