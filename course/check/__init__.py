"""Feedback on the exercises: `check.variables.running_mean(attempt)` says right, or which mistake it looks like.

`check.variables.running_mean.hint()` gives one hint at a time, `check.progress()` shows what is solved, and
`check.reset()` forgets it. `guess = check.training_loop.rate_of_one.predict()` asks for a guess before a result, and
`guess.outcome(result)` says whether it was so.
"""

import html
import importlib

from course.check import base, prediction, record
from course.check.prediction import predict as predict  # the name is offered here

# The chapters in their order: the name of its modules in chapters/ and predictions/, and the title.
CHAPTERS = {
    "variables": "1 Variables",
    "gradient_tape": "2 The gradient tape",
    "model_and_loss": "3 Model and loss",
    "data_synthesis": "4 Data synthesis",
    "training_loop": "5 The training loop",
    "optimizers": "6 Optimizers",
    "real_data": "7 Real data",
    "embeddings": "8 Embeddings",
    "layers": "9 Layers",
    "published_run": "10 The published run",
    "from_tape_to_program": "11 From tape to program",
    "beyond_one_machine": "12 Beyond one machine",
}


class Chapter:
    """A chapter's tasks and predictions, as attributes."""

    def __init__(self, name):
        self._name = name
        self._tasks = self._named("chapters", base.Task)
        self._predictions = self._named("predictions", prediction.Question)

    def _named(self, folder, kind):
        """What a module of this chapter holds of a kind, by name; each is told where it stands."""
        module = importlib.import_module(f"course.check.{folder}.{self._name}")
        found = {name: value for name, value in vars(module).items() if isinstance(value, kind)}
        for name, value in found.items():
            value.chapter, value.name = self._name, name
        return found

    def __getattr__(self, name):
        if not name.startswith("_"):
            for group in (self._tasks, self._predictions):
                if name in group:
                    return group[name]
        known = f"It has {', '.join(self._tasks)}, and the predictions {', '.join(self._predictions)}."
        raise AttributeError(f"check.{self._name} has no task {name!r}. {known}")

    def __dir__(self):
        return [*self._tasks, *self._predictions]

    def __repr__(self):
        return f"check.{self._name} with the tasks {', '.join(self._tasks)}"


_loaded = {}


def __getattr__(name):
    if name not in CHAPTERS:
        raise AttributeError(f"check has no chapter {name!r}. It has {', '.join(CHAPTERS)}.")
    if name not in _loaded:
        _loaded[name] = Chapter(name)
    return _loaded[name]


def __dir__():
    return [*CHAPTERS, "predict", "progress", "reset"]


class Progress:
    """What is solved, chapter by chapter."""

    def __init__(self):
        state = record.load()
        self.rows = []
        for name, title in CHAPTERS.items():
            tasks = __getattr__(name)._tasks
            done = [state.get(name, {}).get(task) == "right" for task in tasks]
            self.rows.append((title, dict(zip([task.replace("_", " ") for task in tasks], done))))
        self.solved = sum(sum(tasks.values()) for _, tasks in self.rows)
        self.total = sum(len(tasks) for _, tasks in self.rows)

    def __repr__(self):
        lines = [f"{self.solved} of {self.total} exercises solved"]
        width = max(len(title) for title, _ in self.rows)
        for title, tasks in self.rows:
            marks = "".join("■" if done else "□" for done in tasks.values())
            lines.append(f"{title:{width}}  {marks}  {sum(tasks.values())} of {len(tasks)}")
        return "\n".join(lines)

    def _repr_html_(self):
        rows = []
        for title, tasks in self.rows:
            marks = "".join(_mark(task, done) for task, done in tasks.items())
            count = f"{sum(tasks.values())} of {len(tasks)}"
            cells = [html.escape(title), f'<span aria-hidden="true">{marks}</span>', count]
            rows.append("<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>")
        return f"<p><b>{self.solved} of {self.total} exercises solved</b></p><table>{''.join(rows)}</table>"


def _mark(task, done):
    colour = "#117733" if done else "#BBBBBB"
    fill = colour if done else "transparent"
    style = f"display:inline-block; width:14px; height:14px; margin-right:4px; border:2px solid {colour}"
    return f'<span title="{html.escape(task)}" style="{style}; background:{fill}"></span>'


def progress():
    """What is solved, chapter by chapter, as a picture and as text."""
    return Progress()


def reset(chapter=None):
    """Forget what is solved, everywhere or in one chapter, such as "variables". Returns the progress that is left.

    Raises:
        ValueError: a chapter that does not exist.
    """
    if chapter is not None and chapter not in CHAPTERS:
        raise ValueError(f"there is no chapter {chapter!r}. Choose one of {', '.join(CHAPTERS)}.")
    record.clear(chapter)
    return progress()
