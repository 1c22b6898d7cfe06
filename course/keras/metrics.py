"""Metrics: numbers for people, beside the loss that training makes small.

A function gives a number for each example; a `Metric` is an object that takes batch after batch and knows the result of
all of them.
"""

import numpy as np

from course.composed import argmax, ones_like
from course.engine.operation import cast, convert_to_tensor
from course.engine.ops import divide_no_nan, equal, reduce_sum
from course.engine.tensor import as_dtype
from course.engine.variable import Variable
from course.keras import initializers, losses
from course.keras.losses import class_numbers, equal_shapes, fitting_weight
from course.keras.utils import class_of, found, in_snake_case


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """Which examples' y_pred is above `threshold` where y_true is 1, and not above it where y_true is 0; the mean over
    the last axis. Of logits the threshold would be 0."""
    y_true, y_pred = equal_shapes("binary_accuracy", y_true, y_pred)
    hits = equal(cast(y_true, y_pred.dtype), cast(y_pred > threshold, y_pred.dtype))
    return np.mean(cast(hits, "float32"), axis=-1)


def categorical_accuracy(y_true, y_pred):
    """For which examples the largest of y_pred is at the largest of y_true: 1 or 0, of shape (*batch,). Both have shape
    (*batch, classes)."""
    y_true, y_pred = equal_shapes("categorical_accuracy", y_true, y_pred)
    return cast(equal(argmax(y_true, -1), argmax(y_pred, -1)), "float32")


def sparse_categorical_accuracy(y_true, y_pred):
    """For which examples the largest of y_pred is at the class y_true: 1 or 0, of shape (*batch,). y_pred has shape
    (*batch, classes), y_true (*batch,) or (*batch, 1)."""
    y_true, y_pred = class_numbers("sparse_categorical_accuracy", y_true, y_pred)
    return cast(equal(cast(y_true, "int64"), argmax(y_pred, -1)), "float32")


def accuracy(y_true, y_pred):
    """The accuracy that fits the shapes: binary for one output, sparse categorical for class numbers, categorical for
    one-hot rows."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    if y_pred.ndim < 2 or y_pred.shape[-1] == 1:
        return binary_accuracy(y_true, y_pred)
    sparse = y_true.ndim < y_pred.ndim or y_true.shape[-1] == 1
    return (sparse_categorical_accuracy if sparse else categorical_accuracy)(y_true, y_pred)


class Metric:
    """A base class: make variables with `add_weight` in `__init__`, change them in `update_state`, and compute the
    `result` from them. Calling a metric updates it and returns the result so far.

    Args:
        name: for the logs; by default the class's name in lower case.
        dtype: of the variables that are given no other.
    """

    def __init__(self, name=None, dtype="float32"):
        self.name, self.dtype = name or in_snake_case(type(self).__name__), as_dtype(dtype)
        self._state = []  # each variable with its initial value

    @property
    def variables(self):
        """The state, a list of variables that no tape watches."""
        return [variable for variable, _ in self._state]

    def add_weight(self, shape=(), initializer="zeros", dtype=None, name=None):
        """A new variable of the state, which `reset_state` sets back to its initial value."""
        value = initializers.get(initializer)(tuple(shape), dtype=as_dtype(dtype or self.dtype))
        variable = Variable(value, trainable=False, name=name)
        self._state.append((variable, value))
        return variable

    add_variable = add_weight

    def update_state(self, *args, **kwargs):
        """Takes in a batch."""
        raise NotImplementedError(f"{type(self).__name__} must define update_state.")

    def result(self):
        """The metric of all that was taken in, a tensor."""
        raise NotImplementedError(f"{type(self).__name__} must define result(self).")

    def reset_state(self):
        """Forgets all that was taken in."""
        for variable, value in self._state:
            variable.assign(value)

    def __call__(self, *args, **kwargs):
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"


class Mean(Metric):
    """The mean of values, each with its weight; 0 before there are any."""

    def __init__(self, name="mean", dtype="float32"):
        super().__init__(name, dtype)
        self.total, self.count = self.add_weight(name="total"), self.add_weight(name="count")

    def update_state(self, values, sample_weight=None):
        """Takes in `values`, a number or a tensor. `sample_weight` broadcasts against them from the left."""
        values = cast(convert_to_tensor(values), self.dtype)
        weight = 1 if sample_weight is None else fitting_weight(sample_weight, values, fewer_axes=True)
        self.total.assign_add(reduce_sum(values * weight))
        self.count.assign_add(reduce_sum(weight * ones_like(values)))

    def result(self):
        return divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of a function of y_true and y_pred that gives a number for each example."""

    own_first, about = False, "The mean of `{}` over all examples."

    def __init__(self, fn, name=None, dtype="float32", **arguments):
        super().__init__(name or fn.__name__, dtype)
        self.fn, self.arguments = fn, arguments

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Takes in a batch of targets and predictions."""
        super().update_state(self.fn(y_true, y_pred, **self.arguments), sample_weight)


def equality(y_true, y_pred):
    """Where y_true and y_pred are equal: 1 or 0, element by element."""
    y_true, y_pred = equal_shapes("Accuracy", y_true, y_pred)
    return cast(equal(y_true, y_pred), "float32")


Accuracy = class_of("Accuracy", equality, MeanMetricWrapper)
BinaryAccuracy = class_of("BinaryAccuracy", binary_accuracy, MeanMetricWrapper)
CategoricalAccuracy = class_of("CategoricalAccuracy", categorical_accuracy, MeanMetricWrapper)
SparseCategoricalAccuracy = class_of("SparseCategoricalAccuracy", sparse_categorical_accuracy, MeanMetricWrapper)
MeanSquaredError = class_of("MeanSquaredError", losses.mean_squared_error, MeanMetricWrapper)
MeanAbsoluteError = class_of("MeanAbsoluteError", losses.mean_absolute_error, MeanMetricWrapper)
BinaryCrossentropy = class_of("BinaryCrossentropy", losses.binary_crossentropy, MeanMetricWrapper)
CategoricalCrossentropy = class_of("CategoricalCrossentropy", losses.categorical_crossentropy, MeanMetricWrapper)
SparseCategoricalCrossentropy = class_of(
    "SparseCategoricalCrossentropy", losses.sparse_categorical_crossentropy, MeanMetricWrapper
)


BY_NAME = {
    "accuracy": accuracy, "acc": accuracy, "binary_accuracy": binary_accuracy,
    "categorical_accuracy": categorical_accuracy, "sparse_categorical_accuracy": sparse_categorical_accuracy,
} | losses.BY_NAME  # fmt: skip


def get(identifier):
    """A function of y_true and y_pred: by its name, which may be a loss' too, or as it is."""
    return found("metric", identifier, BY_NAME, "a function of (y_true, y_pred), or a Metric")


def name_of(metric):
    """The name for the logs."""
    return metric if isinstance(metric, str) else getattr(metric, "__name__", None) or getattr(metric, "name", "metric")
