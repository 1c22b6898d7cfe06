"""Helpers of Keras that beginners' programs use, known as `tf.keras.utils`."""

import inspect
import random as python_random
import re

import numpy as np

from course import random


def set_random_seed(seed):
    """Start the random numbers of Python, of NumPy and of the course anew from `seed`, an int ≥ 0."""
    seed = random.checked_seed(seed)
    python_random.seed(seed)
    np.random.seed(seed)
    random.set_seed(seed)


def to_categorical(x, num_classes=None):
    """One-hot rows for class numbers.

    Args:
        x: integers ≥ 0, of any shape s; a last axis of size 1 is dropped.
        num_classes: by default the largest number plus 1.

    Returns:
        A NumPy array of shape s + (num_classes,), float64.

    Raises:
        ValueError: a number outside 0 … num_classes - 1, or one that is not whole.
    """
    numbers = np.asarray(x)
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    classes = int(num_classes or numbers.max(initial=-1) + 1)
    rows = numbers[..., None] == np.arange(classes)
    if not rows.any(axis=-1).all():
        raise ValueError(f"to_categorical: class numbers are 0 to {classes - 1}, and these are {numbers}.")
    return rows.astype(float)


def in_snake_case(class_name):
    """ "mean_squared_error" for "MeanSquaredError"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower()


def found(what, identifier, by_name, otherwise):
    """What has this name; of a class an object with its defaults; a function, and all else that can be called, as it
    is. A ValueError for what is none of these, which says what may be given `otherwise`."""
    value = by_name.get(identifier) if isinstance(identifier, str) else identifier
    if not callable(value):
        raise ValueError(f"{identifier!r} is no {what}. Use one of {', '.join(by_name)}, or {otherwise}.")
    return value() if isinstance(value, type) else value


def class_of(name, function, base):
    """A class such as MeanSquaredError: its objects are a `base`, which wraps a function of (y_true, y_pred). They take
    the options of `base` and, after these or before (`own_first`), the function's own."""
    own = [*inspect.signature(function).parameters.values()][2:]
    bases = [p for p in inspect.signature(base).parameters.values() if p.kind is not p.VAR_KEYWORD][1:]
    bases = [p.replace(default=in_snake_case(name)) if p.name == "name" else p for p in bases]
    signature = inspect.Signature(own + bases if base.own_first else bases + own)

    def __init__(self, *args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name}: {error}.") from None
        given.apply_defaults()
        base.__init__(self, function, **given.arguments)

    words = {"__module__": base.__module__, "__doc__": base.about.format(function.__name__)}
    return type(name, (base,), {"__init__": __init__, "__signature__": signature} | words)
