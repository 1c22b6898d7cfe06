"""What to say to somebody who asks for a name of TensorFlow that the course does not have: one table, `names.toml`,
and `help_with`, which the package calls for each public module.
"""

import functools
import importlib
import opcode
import re
import sys
from pathlib import Path

import numpy as np

PLACES = ("", "math", "nn", "linalg", "random", "data", "keras", "keras.layers", "keras.losses", "keras.metrics",
          "keras.optimizers", "keras.models", "keras.callbacks", "keras.activations", "keras.utils",
          "train")  # fmt: skip


def help_with(module):
    """Gives a public module the `__getattr__` that Python calls for a name which the module lacks: it raises an
    AttributeError that says what to do instead."""

    def __getattr__(name):
        if name.startswith("_"):
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        asking = sys._getframe(1)
        imports = asking.f_code.co_code[asking.f_lasti] == opcode.opmap["IMPORT_FROM"]
        # `from course.keras.layers import Conv2D` would replace an AttributeError by one without these words.
        raise (ImportError if imports else AttributeError)(words(module.__name__, name))

    module.__getattr__ = __getattr__


class Helpful(type):
    """The class of a class whose missing methods are answered in the same way, asked of the class or of its objects."""

    def __init__(cls, *args):
        super().__init__(*args)
        cls.__getattr__ = lambda self, name: getattr(cls, name)

    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(f"{cls.__name__!r} has no attribute {name!r}")
        raise AttributeError(words(f"{cls.__module__}.{cls.__name__}", name, vars(cls)))


@functools.cache
def table():
    """The table, read when the first name is missing."""
    return importlib.import_module("tomllib").loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))


def words(module, name, found=None):
    """What is missing, as a learner wrote it, and what to do instead. `found` is what there is: by default the
    module's."""
    home = module.partition(".")[2].replace("keras.train", "train")
    path = f"{home}.{name}" if home else name
    start = f"the course has no tf.{path}. "
    for advice in table()["advice"]:
        if re.fullmatch(advice["names"], path, re.VERBOSE):
            return start + advice["instead"]
    for place in PLACES:
        if name in vars(sys.modules.get(f"course.{place}".rstrip("."), object)) and place != home:
            return f"{start}It is {f'tf.{place}.{name}'.replace('..', '.')}."
    found = found or vars(sys.modules[module])
    known = [n for n in found if n[0] != "_" and (not home or getattr(found[n], "__module__", module) in module)]
    otherwise = table()["otherwise"]
    difflib = importlib.import_module("difflib")  # only a slip needs it
    near = difflib.get_close_matches(name, known, 1, 0.75)
    if near:
        start += f"Did you mean tf.{f'{home}.' if home else ''}{near[0]}? "
        return (start + otherwise.get(home, "")).strip()
    if hasattr(np, name):
        return f"{start}NumPy has np.{name}: use it on tensor.numpy(), where no gradient should pass."
    compose = "Compose it of the operations that are there; docs/differences.md says what is out of scope."
    return start + otherwise.get(home, compose)
