"""Helpers of Keras that beginners' programs use, known as `tf.keras.utils`."""

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
    given = np.asarray(x)
    numbers = given.astype(int)
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    classes = int(num_classes or numbers.max(initial=-1) + 1)
    if np.any(given != given.astype(int)) or np.any((numbers < 0) | (numbers >= classes)):
        raise ValueError(f"to_categorical: class numbers are 0 to {classes - 1}, and these are {given}.")
    return np.eye(classes)[numbers]


def in_snake_case(class_name):
    """ "mean_squared_error" for "MeanSquaredError"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower()
