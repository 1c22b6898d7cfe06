"""Metrics: numbers for people, beside the loss that training makes small."""

import numpy as np

from course.engine.operation import cast, convert_to_tensor
from course.engine.ops import argmax, equal, reshape
from course.keras import losses


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """Which examples' y_pred is above `threshold` where y_true is 1, and not above it where y_true is 0; the mean over
    the last axis. Of logits the threshold would be 0."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    _same_shape("binary_accuracy", y_true, y_pred)
    hits = equal(cast(y_true, y_pred.dtype), cast(y_pred > threshold, y_pred.dtype))
    return np.mean(cast(hits, "float32"), axis=-1)


def categorical_accuracy(y_true, y_pred):
    """For which examples the largest of y_pred is at the largest of y_true: 1 or 0, of shape (*batch,). Both have shape
    (*batch, classes)."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    _same_shape("categorical_accuracy", y_true, y_pred)
    return cast(equal(argmax(y_true, -1), argmax(y_pred, -1)), "float32")


def sparse_categorical_accuracy(y_true, y_pred):
    """For which examples the largest of y_pred is at the class y_true: 1 or 0, of shape (*batch,). y_pred has shape
    (*batch, classes), y_true (*batch,) or (*batch, 1)."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1:] == (1,):
        y_true = reshape(y_true, y_true.shape[:-1])
    if y_true.shape != y_pred.shape[:-1]:
        raise ValueError(
            f"sparse_categorical_accuracy: y_true has shape {y_true.shape} and y_pred {y_pred.shape}. y_true needs "
            f"one class for each example, {y_pred.shape[:-1]}."
        )
    return cast(equal(cast(y_true, "int64"), argmax(y_pred, -1)), "float32")


def accuracy(y_true, y_pred):
    """The accuracy that fits the shapes: binary for one output, sparse categorical for class numbers, categorical for
    one-hot rows."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    if y_pred.ndim < 2 or y_pred.shape[-1] == 1:
        return binary_accuracy(y_true, y_pred)
    sparse = y_true.ndim < y_pred.ndim or y_true.shape[-1] == 1
    return (sparse_categorical_accuracy if sparse else categorical_accuracy)(y_true, y_pred)


BY_NAME = {
    "accuracy": accuracy, "acc": accuracy, "binary_accuracy": binary_accuracy,
    "categorical_accuracy": categorical_accuracy, "sparse_categorical_accuracy": sparse_categorical_accuracy,
}  # fmt: skip


def get(identifier):
    """A function of y_true and y_pred: by its name, which may be a loss' too, or as it is."""
    if isinstance(identifier, str) and identifier in BY_NAME:
        return BY_NAME[identifier]
    if not isinstance(identifier, str) and not callable(identifier):
        raise ValueError(f"{identifier!r} is no metric. Give a function of (y_true, y_pred), or a name: 'accuracy'.")
    return losses.get(identifier)


def name_of(metric):
    """The name for the logs."""
    return metric if isinstance(metric, str) else getattr(metric, "__name__", None) or getattr(metric, "name", "metric")


def _same_shape(name, y_true, y_pred):
    if y_true.shape != y_pred.shape:
        raise ValueError(f"{name}: y_true has shape {y_true.shape} and y_pred {y_pred.shape}. They must be equal.")
