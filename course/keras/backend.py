"""What is left of Keras' backend, known as `tf.keras.backend`."""

from course.keras.layers import reset_names as clear_session
from course.keras.losses import EPSILON


def epsilon():
    """The small number by which Keras keeps logarithms and quotients finite."""
    return EPSILON


def floatx():
    """The dtype of weights that are given no other."""
    return "float32"


def set_floatx(value):
    """Refuses all but "float32": give a layer its own dtype instead."""
    if value != "float32":
        raise ValueError(f"set_floatx: weights are float32 unless a layer is given another: Dense(8, dtype={value!r}).")
