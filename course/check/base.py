"""How an exercise is checked: run the attempt and the solution on the same inputs, and compare what is observed.

A chapter's file declares its tasks, and beside each the wrong answers that learners give:

    double = Task(
        why="A sentence: why the exercise matters.",
        hints=["A first hint.", "A second one, which says more."],
        inputs=lambda rng: {"x": rng.normal()},       # new inputs at each call
        solution=lambda x: 2 * x,
        mistakes=[(lambda x: x**2, "You squared. …"), …],   # at least three: a wrong answer, and what to say to it
    )

A mistake is recognised by what it does: an attempt that behaves as a wrong answer does, on all inputs, gets the words
that stand beside it. Wherever they are written, they name the mistake and never the answer.

- `observe(attempt, **inputs)` runs an attempt that is not called with the inputs, a class for instance, and returns
  what counts: a number, an array, or a dict with names. An exception is an observation, too.
- A task whose answer is a value has no `inputs`. Its solution and its mistakes are values, and no table shows them.
- A list or a tuple of numbers counts as an array, so that a pair may be returned in any of these forms.
- `broken` is the program that an exercise hands over for repair. An attempt that still behaves like it is "Not yet".
"""

import ast
import html
import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course.check import record

PACKAGE = str(Path(__file__).parent.parent)
NUM_INPUTS = 5  # on which an attempt is run
RELATIVE, ABSOLUTE = 1e-4, 1e-6  # float32 keeps seven digits, and a computation of some steps loses one or two
SHOWN = 4  # elements of an array


class Task:
    """An exercise. Call it with an attempt; `hint()` gives one hint at a time."""

    def __init__(self, *, why, hints, solution, mistakes, inputs=None, observe=None, broken=None):
        self.why, self.hints, self.solution, self.mistakes = why, hints, solution, mistakes
        self.inputs, self.broken = inputs, broken
        self._observe = observe or ((lambda attempt: attempt) if inputs is None else _call)
        self._hints_given, self._known = 0, {}

    def __call__(self, attempt):
        """Says what is right or wrong about `attempt`. Never raises, and never shows the solution."""
        verdict = self.judge(attempt)
        record.keep(self.chapter, self.name, verdict.status)
        return verdict

    def hint(self):
        """The next hint; after the last, the last again."""
        self._hints_given = min(self._hints_given + 1, len(self.hints))
        number = self._hints_given
        left = len(self.hints) - number
        more = f" ({left} more: call `hint()` again.)" if left else " (That was the last one.)"
        return Verdict("hint", f"Hint {number} of {len(self.hints)}", self.hints[number - 1] + more)

    def judge(self, attempt, seeds=range(NUM_INPUTS)):
        """The verdict on `attempt`, on the inputs of these seeds; records nothing."""
        found = [self.observation(attempt, seed) for seed in seeds]
        true = [self._expected(-1, self.solution, seed) for seed in seeds]
        if all(_same(a, b) for a, b in zip(found, true)):
            return Verdict("right", "Right", self.why)
        offer = f"For a hint: `check.{self.chapter}.{self.name}.hint()`"
        if _is_open(attempt) or any(observed.unfinished for observed in found):
            return Verdict("not yet", "Not yet", "Replace each `...`, and run the cell again. " + offer)
        if self.broken is not None and self._behaves_like(-2, self.broken, found, seeds):
            words = "The program still behaves as it was handed over. Repair it, and run the cell again. "
            return Verdict("not yet", "Not yet", words + offer)
        for number, (wrong, diagnosis) in enumerate(self.mistakes):
            if self._behaves_like(number, wrong, found, seeds):
                return Verdict("mistake", "Not right", f"{diagnosis} {offer}", _where(found))
        seed = next(i for i, (a, b) in enumerate(zip(found, true)) if not _same(a, b))
        inputs = self.inputs(np.random.default_rng(seeds[seed])) if self.inputs else {}
        return _difference(found[seed], true[seed], inputs, offer, shown=self.inputs is not None)

    def observation(self, attempt, seed):
        inputs = self.inputs(np.random.default_rng(seed)) if self.inputs else {}
        try:
            with np.errstate(all="ignore"):
                return Observation(self._observe(attempt, **inputs))
        except (Exception, SystemExit) as error:
            return Observation(error=error)

    def _expected(self, key, program, seed):
        """What a program of ours shows, which does not change from check to check."""
        if (key, seed) not in self._known:
            self._known[key, seed] = self.observation(program, seed)
        return self._known[key, seed]

    def _behaves_like(self, key, wrong, found, seeds):
        return all(_same(observed, self._expected(key, wrong, seed)) for observed, seed in zip(found, seeds))


def _call(attempt, **inputs):
    if not callable(attempt):
        raise TypeError(f"the check needs a function, and got {type(attempt).__name__}. Pass it without calling it.")
    return attempt(*inputs.values())


class Observation:
    """What running an attempt showed: named arrays (or words, where a value is not numeric), or an error."""

    def __init__(self, value=None, error=None):
        self.error, self.values, self.unfinished = error, {}, False
        if error is None:
            self._add("result", value)

    def _add(self, name, value):
        prefix = "" if name == "result" else f"{name} "
        if isinstance(value, Mapping):
            for key, part in value.items():
                self._add(f"{prefix}{key}", part)
        elif value is Ellipsis:
            self.unfinished = True
        elif isinstance(value, list | tuple) and isinstance(_plain(value), str):  # parts that make no array together
            for number, part in enumerate(value, 1):
                self._add(f"{name} {number}", part)
        else:
            self.values[name] = _plain(value)


def _plain(value):
    """`value` as an array of numbers, or as text that says what it is."""
    if value is None:
        return "None"
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array
        return value if isinstance(value, str) else f"of type {type(value).__name__}"
    except Exception:
        return f"of type {type(value).__name__}"


def _close(a, b):
    """Elementwise; NaN equals NaN."""
    scale = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
    return np.isclose(a, b, rtol=RELATIVE, atol=ABSOLUTE + 1e-6 * scale, equal_nan=True)


def _same_value(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and isinstance(b, str) and a == b
    return a.shape == b.shape and bool(np.all(_close(a, b)))


def _same(a, b):
    if a.error or b.error:
        return type(a.error) is type(b.error) and str(a.error) == str(b.error)
    if a.unfinished or b.unfinished:
        return False
    return a.values.keys() == b.values.keys() and all(_same_value(a.values[name], b.values[name]) for name in b.values)


# What is not filled in


def _is_open(attempt):
    """Whether a `...` stands in the attempt, or in the code of a function or class."""
    try:
        return _holds_open(attempt)
    except Exception:  # an object that answers every question with an error
        return False


def _holds_open(attempt):
    if attempt is Ellipsis:
        return True
    if isinstance(attempt, Mapping):
        return any(_holds_open(part) for part in attempt.values())
    if isinstance(attempt, list | tuple):
        return any(_holds_open(part) for part in attempt)
    if isinstance(attempt, type):
        return any(_holds_open(part) for part in vars(attempt).values() if inspect.isfunction(part))
    function = inspect.unwrap(attempt) if callable(attempt) else None
    return inspect.isfunction(function) and _has_dots(function)


def _has_dots(function):
    """Whether `...` stands in the text of the function, other than in an index as in x[..., 0]."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # a lambda within a line, or no text at all
        return _holds_dots(function.__code__)
    indices = [node for n in ast.walk(tree) if isinstance(n, ast.Subscript) for node in ast.walk(n.slice)]
    dots = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value is Ellipsis]
    return any(all(n is not index for index in indices) for n in dots)


def _holds_dots(code):
    return any(c is Ellipsis or (inspect.iscode(c) and _holds_dots(c)) for c in code.co_consts)


# What to say


def _where(found):
    """The learner's line at which the first error came, as a sentence; empty without an error."""
    error = next((observed.error for observed in found if observed.error), None)
    if error is None:
        return ""
    words = f"{type(error).__name__}: {error}"
    frames = _in_your_cell(error)
    if not frames:
        return words
    line = (frames[-1].line or linecache.getline(frames[-1].filename, frames[-1].lineno)).strip()
    return f"{words}\n  in line {frames[-1].lineno} of your cell: {line}"


def _in_your_cell(error):
    return [f for f in traceback.extract_tb(error.__traceback__) if not _is_ours(f.filename)]


def _is_ours(filename):
    return filename.startswith(PACKAGE) or "site-packages" in filename or filename.startswith("<frozen")


def _difference(found, true, inputs, offer, shown):
    """What is wrong, in words or as a table. Unless `shown`, what is expected is the answer, and stays out of it."""
    given = f"With {_inputs(inputs)}" if inputs else ""
    if found.error:
        if "NoneType" in str(found.error) and not _in_your_cell(found.error):
            return Verdict(
                "different",
                "Not right",
                f"Your code gives None where the check needs a value. Is a `return` missing? {offer}",
            )
        return Verdict("error", "Your code raises an error", f"{given}. {offer}" if given else offer, _where([found]))
    if missing := [name for name in true.values if name not in found.values]:
        got = ", ".join(found.values) or "nothing"
        words = f"The check needs {', '.join(missing)}, and finds {got}. {offer}"
        return Verdict("different", "Not right", words)
    if any(v == "None" for v in found.values.values() if isinstance(v, str)):
        return Verdict("different", "Not right", f"The result is None. Is a `return` missing? {offer}")
    for name, right in true.values.items():
        mine = found.values[name]
        if not isinstance(mine, str) and not isinstance(right, str) and mine.shape != right.shape:
            subject = f"{given}, {name}" if given else f"`{name}`"
            words = f"{subject} has the shape {mine.shape}, and should have {right.shape}. {offer}"
            return Verdict("different", "Not right", words)
    if not shown:
        wrong = [name for name, right in true.values.items() if not _same_value(found.values[name], right)]
        others = "The rest is right." if len(wrong) < len(true.values) else "None is right yet."
        return Verdict(
            "different", "Not right", f"Look again at {', '.join(f'`{w}`' for w in wrong)}. {others} {offer}"
        )
    rows = [("", "yours", "expected", "difference", "")]
    rows += [row for name, right in true.values.items() for row in _rows(name, found.values[name], right)]
    return Verdict("different", "Not right", f"{given}. {offer}", rows=rows)


def _inputs(inputs):
    return ", ".join(f"{name} = {_short(value)}" for name, value in inputs.items())


def _short(value):
    """`value` in a few characters."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_short(part)}" for key, part in value.items()) + "}"
    array = _plain(value)
    if isinstance(array, str) or array.dtype.kind == "b" or array.ndim == 0:
        return _number(array)
    flat = array.reshape(-1)
    shape = "" if array.ndim == 1 and len(flat) <= SHOWN else f" … of shape {array.shape}"
    return "[" + ", ".join(_number(x) for x in flat[:SHOWN]) + "]" + shape


def _number(x):
    if isinstance(x, str):
        return x
    return str(x) if x.dtype.kind in "bi" else f"{float(x):.5g}".replace("-", "−")


def _rows(name, mine, right):
    if isinstance(mine, str) or isinstance(right, str) or right.size == 1:
        yield (name, *_compared(*(x if isinstance(x, str) else x.reshape(-1)[0] for x in (mine, right))))
        return
    order = np.argsort(_close(mine, right).reshape(-1), kind="stable")[:SHOWN]  # what is wrong first
    for i in sorted(order):
        place = ", ".join(str(k) for k in np.unravel_index(i, right.shape))
        yield (f"{name}[{place}]", *_compared(mine.reshape(-1)[i], right.reshape(-1)[i]))


def _compared(mine, right):
    numeric = not isinstance(mine, str) and not isinstance(right, str) and np.asarray(right).dtype.kind != "b"
    difference = _number(np.float64(mine) - np.float64(right)) if numeric else ""
    if not _same_value(*(x if isinstance(x, str) else np.asarray(x) for x in (mine, right))):
        word = "wrong"
    else:
        word = "exact" if not numeric or mine == right else "close"
    return (*(x if isinstance(x, str) else _number(np.asarray(x)) for x in (mine, right)), difference, word)


COLOURS = {"right": "#117733", "not yet": "#666666", "hint": "#666666"}


class Verdict:
    """What a check says. `status` is right, not yet, mistake, different, error or, for a hint, hint."""

    def __init__(self, status, title, words, code="", rows=()):
        self.status, self.title, self.words, self.code, self.rows = status, title, words, code, rows

    @property
    def text(self):
        parts = [f"{self.title}. {self.words}".replace("`", "")]
        if self.code:
            parts.append(self.code)
        if self.rows:
            widths = [max(len(row[i]) for row in self.rows) for i in range(5)]
            parts += ["  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in self.rows]
        return "\n".join(parts)

    @property
    def html(self):
        words = re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(self.words))
        parts = [f'<p style="margin:0"><b>{html.escape(self.title)}.</b> {words}</p>']
        if self.code:
            wrap = "white-space:pre-wrap; word-break:normal; overflow-wrap:break-word"  # JupyterLab breaks within words
            parts.append(f'<pre style="{wrap}">{html.escape(self.code)}</pre>')
        if self.rows:
            head, *body = [[html.escape(cell) for cell in row] for row in self.rows]
            parts.append("<table><tr>" + "".join(f"<th>{cell}</th>" for cell in head) + "</tr>")
            parts += ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in body]
            parts.append("</table>")
        colour = COLOURS.get(self.status, "#CC3311")
        frame = f"border-left:4px solid {colour}; padding:4px 12px; max-width:52em"
        return f'<div role="status" style="{frame}">{"".join(parts)}</div>'

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return self.html
