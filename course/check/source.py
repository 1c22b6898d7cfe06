"""What the text of an attempt tells: whether something is open, and whether it is still as it was handed over."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from pathlib import Path

PACKAGE = str(Path(__file__).parent.parent)


def is_open(attempt):
    """Whether a `...` stands in the attempt, in a part of it, or in the code of a function or class."""
    try:
        return _holds_open(attempt, depth=8)
    except Exception:  # an object that answers every question with an error
        return False


def _holds_open(attempt, depth):
    if attempt is Ellipsis:
        return True
    if depth == 0:
        return False
    if isinstance(attempt, Mapping):
        return any(_holds_open(part, depth - 1) for part in attempt.values())
    if isinstance(attempt, list | tuple):
        return any(_holds_open(part, depth - 1) for part in attempt)
    return any(_has_dots(function) for function in functions_of(attempt))


def functions_of(attempt):
    """The functions that an attempt is made of: itself, unwrapped, or the methods of a class."""
    if isinstance(attempt, type):
        parts = []
        for part in vars(attempt).values():
            part = part.fget if isinstance(part, property) else getattr(part, "__func__", part)
            parts += functions_of(part) if not isinstance(part, type) or part.__module__ == attempt.__module__ else []
        return parts
    function = inspect.unwrap(attempt) if callable(attempt) else None
    function = getattr(function, "func", function)  # a functools.partial
    if inspect.ismethod(function):
        function = function.__func__
    return [function] if inspect.isfunction(function) else []


def _has_dots(function):
    """Whether `...` stands in the text of the function, other than as an index: x[..., 0], or x[...] = 0.

    An index that is read, as in x[...], and a bound, as in x[:...], are places that an exercise leaves open.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # a lambda within a line, or no text at all
        return _code_holds_dots(function.__code__)
    indices = [part for n in ast.walk(tree) if isinstance(n, ast.Subscript) for part in _parts_of_index(n)]
    dots = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value is Ellipsis]
    return any(all(n is not index for index in indices) for n in dots)


def _parts_of_index(subscript):
    if isinstance(subscript.slice, ast.Tuple):
        return subscript.slice.elts
    return [] if isinstance(subscript.ctx, ast.Load) else [subscript.slice]


def _code_holds_dots(code):
    return any(c is Ellipsis or (inspect.iscode(c) and _code_holds_dots(c)) for c in code.co_consts)


def is_ours(attempt):
    """Whether an attempt is made of programs of this package, as its own solutions are."""
    try:
        files = [function.__code__.co_filename for function in functions_of(attempt)]
        return bool(files) and all(file.startswith(PACKAGE) for file in files)
    except Exception:
        return False


class HandedOver:
    """A program that an exercise hands over for repair.

    Args:
        text: the cell, as it stands in the notebook.
        remains: what to say to who has changed it, while it still behaves in the same way.
        names: what the text uses.
    """

    def __init__(self, text, remains, **names):
        self.text, self.remains = textwrap.dedent(text).strip(), remains
        exec(compile(self.text, "<handed over>", "exec"), names)
        last = next(n for n in reversed(ast.parse(self.text).body) if isinstance(n, ast.FunctionDef | ast.ClassDef))
        self.program = names[last.name]

    def is_unchanged(self, attempt):
        """Whether `attempt` does the same, instruction by instruction; comments and line breaks do not count."""
        try:
            mine, theirs = functions_of(attempt), functions_of(self.program)
            return len(mine) == len(theirs) and all(map(_same_code, mine, theirs))
        except Exception:
            return False


def _same_code(a, b):
    return _skeleton(a.__code__) == _skeleton(b.__code__) and a.__defaults__ == b.__defaults__


def _skeleton(code):
    constants = [_skeleton(c) if inspect.iscode(c) else (type(c), c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, constants


def edited(program, *edits):
    """A function or class of ours with its text edited, for a mistake that differs from the solution in a few words.

    Args:
        edits: pairs of an old piece of the text, which occurs once, and a new one.
    """
    text = textwrap.dedent(inspect.getsource(program))
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} occurs {text.count(old)} times in {program.__name__}, and should occur once.")
        text = text.replace(old, new)
    names = dict(inspect.getmodule(program).__dict__)
    exec(compile(text, inspect.getfile(program), "exec"), names)
    return names[program.__name__]


def slips(program, words):
    """The mistakes that differ from a program of ours in a few words.

    Args:
        words: from each edit, a pair (old, new) or several of them, to what is said to who made it.
    """
    edits = {edit: edit if isinstance(edit[0], tuple) else (edit,) for edit in words}
    return [(edited(program, *pairs), words[edit]) for edit, pairs in edits.items()]
