"""Shows a guess in a notebook: the question, and a button for each option."""

import html

import ipywidgets as widgets
from IPython.display import display

from course.check.verdict import with_code


class Page:
    """The widgets of a `Guess`, and what stands in their place without a kernel."""

    def __init__(self, guess):
        self.guess = guess
        # Buttons, which Tab and Enter reach; JupyterLab takes the arrow keys from a drop-down list.
        self.buttons = widgets.ToggleButtons(options=guess.options, value=None, style={"button_width": "auto"})
        self.buttons.observe(lambda change: guess.choose(change.new), "value")
        self.said = widgets.HTML()
        self.said.add_class("course-prediction")
        head = widgets.HTML(f"<b>Your prediction:</b> {with_code(guess.question)}")
        self.widget = widgets.VBox([head, self.buttons, self.said])
        guess.watch(self._chosen)

    def _chosen(self):
        choice = self.guess.choice
        self.buttons.value = choice
        text = "" if choice is None else f"You predict: {html.escape(choice)}. Now run the next cell."
        self.said.value = f'<div role="status" aria-live="polite">{text}</div>'

    def __repr__(self):
        return repr(self.guess)

    def _repr_mimebundle_(self, include=None, exclude=None):
        options = "".join(f"<li>{html.escape(option)}</li>" for option in self.guess.options)
        data = dict(self.widget._repr_mimebundle_())
        # Without a kernel the page shows the question.
        data |= {
            "text/plain": repr(self),
            "text/html": f"<b>Your prediction:</b> {with_code(self.guess.question)}<ul>{options}</ul>",
        }
        return data


def show(guess):
    """Displays a guess, and returns its page."""
    page = Page(guess)
    display(page)
    return page
