"""What a check says: words, the learner's line, and a table of what differs."""

import html
import linecache
import re
import sysconfig
import traceback
from pathlib import Path

PACKAGE = str(Path(__file__).parent.parent)
OURS = (PACKAGE, sysconfig.get_paths()["stdlib"], "<frozen", "<handed over>", "<__array_function__")
COLOURS = {"right": "#117733", "not yet": "#666666", "hint": "#666666"}

# What an error's message means, for those who meet it for the first time.
MEANINGS = [
    (
        r"broadcast|not aligned|shapes? .*(do not|does not) (fit|match)|mismatch in its core dimension",
        "Arrays whose shapes do not fit meet in this line. Is a sum or a mean missing, or an index?",
    ),
    (
        r"NoneType",
        "Something in this line is None: a function without `return`, or a gradient that the tape knows no way to.",
    ),
    (
        r"'(function|method|builtin_function_or_method|numpy\.ufunc|(numpy\.)?_ArrayFunctionDispatcher)'",
        "A function stands in this line where its result belongs: its brackets are missing.",
    ),
    (r"not callable", "Something is called that is not a function. Is an operator missing before the bracket?"),
    (r"cannot access local variable", "A name that a function assigns to is local to it, also above that line."),
    (r"name '.*' is not defined", "Has the cell run in which it is defined, and is it spelt as there?"),
    (r"maximum recursion depth", "The function calls itself without end."),
]


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
        parts = [f'<p style="margin:0"><b>{html.escape(self.title)}.</b> {with_code(self.words)}</p>']
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


# The learner's line


def lines_of(error):
    """The frames of an error's traceback that are the learner's, not ours or a library's."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if not frame.filename.startswith(OURS) and "site-packages" not in frame.filename]


def where(text, frames, files):
    """An error's `text` with the learner's line at which it came. `files` are those that the attempt stands in."""
    if not frames:
        return text
    own = next((frame for frame in reversed(frames) if frame.filename in files), None)
    last = frames[-1]
    if own is None or last.filename in files:
        return f"{text}\n  in line {last.lineno} of your cell: {_line(last)}"
    return (
        f"{text}\n  in `{last.name}`, in line {last.lineno} of another cell: {_line(last)}\n"
        f"  which line {own.lineno} of your cell calls: {_line(own)}"
    )


def _line(frame):
    return (frame.line or linecache.getline(frame.filename, frame.lineno)).strip()


def meaning(text):
    """A sentence on what an error's `text` means, with a space behind it; empty where it needs none."""
    return next((words + " " for pattern, words in MEANINGS if re.search(pattern, text)), "")


def with_code(words):
    """Words as HTML, in which what stands between backticks is code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(words))
