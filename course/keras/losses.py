"""Losses: how far predictions are from their targets, as one number to minimize.

Each comes as a function, which gives a loss for each example (a mean or sum over the last axis), and as a class, whose
objects also reduce those to one number. Names and results are those of Keras 3. Unlike Keras, a loss keeps the dtype of
the predictions (of float16 it is computed in float32), refuses targets of another shape than the predictions, and
refuses as probabilities what are none.
"""

import functools
import math

import numpy as np

from course.composed import whole_numbers
from course.engine.arguments import number
from course.engine.operation import Operation, cast, convert_to_tensor
from course.engine.ops import (
    abs_,
    clip_by_value,
    log,
    maximum,
    reduce_all,
    reduce_mean,
    reduce_sum,
    rsqrt,
    square,
    squeeze,
    where,
)
from course.engine.tensor import float16, float32
from course.nn import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    softplus,
    sparse_softmax_cross_entropy_with_logits,
)

EPSILON = 1e-7  # Keras keeps probabilities this far from 0 and 1, where the logarithm is infinite


def _in_float32(loss):
    """A loss of float16 predictions, computed in float32 and cast back: 1 - EPSILON would be 1, squares overflow."""

    @functools.wraps(loss)
    def computed(y_true, y_pred, *args, **options):
        y_pred = _floating(y_pred)
        if y_pred.dtype != float16:
            return loss(y_true, y_pred, *args, **options)
        return cast(loss(y_true, cast(y_pred, float32), *args, **options), float16)

    return computed


def l2_loss(predictions, outputs):
    """The mean of (predictions - outputs)² over all elements: the loss of the chapters, which chapter 3 writes.

    Not `tf.nn.l2_loss`, which is half of a sum, and unlike Keras' losses it takes the predictions first.

    Args:
        predictions, outputs: of equal shapes. Integers count as float32.

    Returns:
        A scalar.

    Raises:
        ValueError: the shapes differ, as (N,) and (N, 1) do, and broadcasting would compare all pairs.
    """
    predictions, outputs = _floating(predictions), _floating(outputs)
    if predictions.shape != outputs.shape:
        raise ValueError(
            f"l2_loss: predictions have the shape {predictions.shape} and outputs {outputs.shape}. Each prediction "
            "needs an output of its own: reshape one of them."
        )
    return reduce_mean(square(predictions - outputs))


@_in_float32
def mean_squared_error(y_true, y_pred):
    """The mean of (y_true - y_pred)² over the last axis."""
    y_true, y_pred = _pair("mean_squared_error", y_true, y_pred)
    return reduce_mean(square(y_true - y_pred), axis=-1)


@_in_float32
def mean_absolute_error(y_true, y_pred):
    """The mean of |y_true - y_pred| over the last axis."""
    y_true, y_pred = _pair("mean_absolute_error", y_true, y_pred)
    return reduce_mean(abs_(y_true - y_pred), axis=-1)


@_in_float32
def huber(y_true, y_pred, delta=1.0):
    """The mean over the last axis of e² / 2 where |e| ≤ delta, and delta · |e| - delta² / 2 elsewhere, e the error.

    A parabola continued by its tangents: Huber, 1964.
    """
    y_true, y_pred = _pair("huber", y_true, y_pred)
    delta = number("huber: delta", delta, "> 0")
    error = y_pred - y_true
    size = abs_(error)
    return reduce_mean(where(size <= delta, 0.5 * square(error), delta * size - 0.5 * delta**2), axis=-1)


@_in_float32
def log_cosh(y_true, y_pred):
    """The mean of log cosh(y_pred - y_true) over the last axis: about e² / 2 for a small error e, and
    |e| - log 2 for a large one."""
    y_true, y_pred = _pair("log_cosh", y_true, y_pred)
    error = y_pred - y_true
    return reduce_mean(error + softplus(-2.0 * error) - math.log(2), axis=-1)


@_in_float32
def hinge(y_true, y_pred):
    """The mean of max(1 - y_true · y_pred, 0) over the last axis. Targets are -1 and 1, or all of
    them 0 and 1."""
    y_true, y_pred = _pair("hinge", y_true, y_pred)
    y_true = where(reduce_all((y_true == 0) | (y_true == 1)), 2 * y_true - 1, y_true)
    return reduce_mean(maximum(1 - y_true * y_pred, 0), axis=-1)


@_in_float32
def poisson(y_true, y_pred):
    """The mean of y_pred - y_true · log y_pred over the last axis: for counts y_true, of which y_pred is the expected
    number (≥ 0)."""
    y_true, y_pred = _pair("poisson", y_true, y_pred)
    return reduce_mean(y_pred - y_true * log(y_pred + EPSILON), axis=-1)


@_in_float32
def kl_divergence(y_true, y_pred):
    """The Kullback-Leibler divergence Σ y_true · log(y_true / y_pred) over the last axis, of two distributions."""
    y_true, y_pred = _pair("kl_divergence", y_true, y_pred)
    y_true, y_pred = clip_by_value(y_true, EPSILON, 1.0), clip_by_value(y_pred, EPSILON, 1.0)
    return reduce_sum(y_true * log(y_true / y_pred), axis=-1)


@_in_float32
def cosine_similarity(y_true, y_pred, axis=-1):
    """Minus the cosine of the angle between y_true and y_pred along `axis`: -1 for the same direction, 1 for opposite
    ones, and 0 if one of them is 0."""
    y_true, y_pred = _pair("cosine_similarity", y_true, y_pred)
    return -reduce_sum(_direction(y_true, axis) * _direction(y_pred, axis), axis=axis)


@_in_float32
def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """The mean of -y_true · log p - (1 - y_true) · log(1 - p) along `axis`.

    Args:
        y_true: 0 or 1, or a probability.
        y_pred: p, the probability of a 1; with `from_logits`, its logit, log(p / (1 - p)). Of the same shape.
        label_smoothing: from 0 to 1, the share of every target that is replaced by 1/2.
    """
    y_true, y_pred = _pair("binary_crossentropy", y_true, y_pred)
    y_true = _smooth(y_true, label_smoothing, 2)
    if from_logits:
        return reduce_mean(sigmoid_cross_entropy_with_logits(y_true, y_pred), axis=axis)
    p = _inside(_probabilities(y_pred, name="binary_crossentropy"))
    return reduce_mean(-(y_true * log(p) + (1 - y_true) * log(1 - p)), axis=axis)


@_in_float32
def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """-Σ y_true · log p along `axis`, which has one entry for each class.

    Args:
        y_true: 1 for the class of the example and 0 for the others, or probabilities.
        y_pred: p, the probabilities (which are divided by their sum); with `from_logits`, the inputs of the softmax
            that gives them. Of the same shape.
        label_smoothing: from 0 to 1, the share of every target that is replaced by equal probabilities for all classes.
    """
    y_true, y_pred = _pair("categorical_crossentropy", y_true, y_pred)
    classes = _classes("categorical_crossentropy", y_pred, axis)
    y_true = _smooth(y_true, label_smoothing, classes)
    if from_logits:
        return softmax_cross_entropy_with_logits(y_true, y_pred, axis=axis)
    p = _probabilities(y_pred, name="categorical_crossentropy")
    p = _inside(p / reduce_sum(p, axis, keepdims=True))
    return -reduce_sum(y_true * log(p), axis=axis)


@_in_float32
def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False):
    """-log p[y_true]: the categorical cross-entropy for targets that are class numbers.

    Args:
        y_true: numbers from 0 to classes - 1, of shape (*batch,) or (*batch, 1).
        y_pred: probabilities, or with `from_logits` the inputs of the softmax, of shape (*batch, classes).
    """
    y_true, y_pred = convert_to_tensor(y_true), _floating(y_pred)
    if y_true.shape == (*y_pred.shape[:-1], 1):
        y_true = squeeze(y_true, axis=-1)
    if not y_pred.ndim or y_true.shape != y_pred.shape[:-1]:
        raise ValueError(
            f"sparse_categorical_crossentropy: y_true has shape {y_true.shape} and y_pred {y_pred.shape}. Give one "
            f"class number for each row of y_pred. Targets with a value for each class go to categorical_crossentropy."
        )
    _classes("sparse_categorical_crossentropy", y_pred, -1)
    if y_true.dtype.kind not in "iu":
        y_true = whole_numbers(y_true, what="sparse_categorical_crossentropy: class numbers")
    if not from_logits:
        y_pred = log(_inside(_probabilities(y_pred, name="sparse_categorical_crossentropy")))
    return sparse_softmax_cross_entropy_with_logits(y_true, y_pred)


REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "none", None)


class Loss:
    """The base class of losses. Yours needs a method `call(y_true, y_pred)` that gives a loss for each example.

    Args:
        name: for printing.
        reduction: "sum_over_batch_size", or "mean", for the sum divided by the number of losses (not by the sum of the
            weights); "sum"; "none", or None, for a loss for each example.
    """

    def __init__(self, name=None, reduction="sum_over_batch_size"):
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction is {reduction!r}, and must be one of {REDUCTIONS}.")
        self.name, self.reduction = name or type(self).__name__.lower(), reduction

    def call(self, y_true, y_pred):
        """A loss for each example."""
        raise NotImplementedError(f"{type(self).__name__} must define call(self, y_true, y_pred).")

    def __call__(self, y_true, y_pred, sample_weight=None):
        """The loss.

        Args:
            y_true: the targets.
            y_pred: the predictions, of the same shape (but see `sparse_categorical_crossentropy`).
            sample_weight: factors for the losses: a number, or one for each loss that `reduction` "none" gives (a size
                of 1 serves all along an axis, and one axis of size 1 may follow).
        """
        y_pred = convert_to_tensor(y_pred)
        if y_pred.dtype == float16:  # sums would overflow
            return cast(self(y_true, cast(y_pred, float32), sample_weight), float16)
        losses = convert_to_tensor(self.call(y_true, y_pred))
        if sample_weight is not None:
            losses = losses * _fitting(sample_weight, losses)
        if self.reduction in ("none", None):
            return losses
        total = reduce_sum(losses)
        return total if self.reduction == "sum" else total / max(losses.shape.num_elements(), 1)


class LossFunctionWrapper(Loss):
    """A loss made of a function (y_true, y_pred) that gives a loss for each example, and further arguments for it."""

    def __init__(self, fn, reduction="sum_over_batch_size", name=None, **arguments):
        super().__init__(name or fn.__name__, reduction)
        self.fn, self.arguments = fn, arguments

    def call(self, y_true, y_pred):
        return self.fn(y_true, y_pred, **self.arguments)


class MeanSquaredError(LossFunctionWrapper):
    """See `mean_squared_error` and `Loss`."""

    def __init__(self, reduction="sum_over_batch_size", name=None):
        super().__init__(mean_squared_error, reduction, name)


class MeanAbsoluteError(LossFunctionWrapper):
    """See `mean_absolute_error` and `Loss`."""

    def __init__(self, reduction="sum_over_batch_size", name=None):
        super().__init__(mean_absolute_error, reduction, name)


class Huber(LossFunctionWrapper):
    """See `huber` and `Loss`."""

    def __init__(self, delta=1.0, reduction="sum_over_batch_size", name=None):
        super().__init__(huber, reduction, name, delta=delta)


class LogCosh(LossFunctionWrapper):
    """See `log_cosh` and `Loss`."""

    def __init__(self, reduction="sum_over_batch_size", name=None):
        super().__init__(log_cosh, reduction, name)


class Hinge(LossFunctionWrapper):
    """See `hinge` and `Loss`."""

    def __init__(self, reduction="sum_over_batch_size", name=None):
        super().__init__(hinge, reduction, name)


class Poisson(LossFunctionWrapper):
    """See `poisson` and `Loss`."""

    def __init__(self, reduction="sum_over_batch_size", name=None):
        super().__init__(poisson, reduction, name)


class KLDivergence(LossFunctionWrapper):
    """See `kl_divergence` and `Loss`."""

    def __init__(self, reduction="sum_over_batch_size", name=None):
        super().__init__(kl_divergence, reduction, name)


class CosineSimilarity(LossFunctionWrapper):
    """See `cosine_similarity` and `Loss`."""

    def __init__(self, axis=-1, reduction="sum_over_batch_size", name=None):
        super().__init__(cosine_similarity, reduction, name, axis=axis)


class BinaryCrossentropy(LossFunctionWrapper):
    """See `binary_crossentropy` and `Loss`."""

    def __init__(self, from_logits=False, label_smoothing=0.0, axis=-1, reduction="sum_over_batch_size", name=None):
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, **options)


class CategoricalCrossentropy(LossFunctionWrapper):
    """See `categorical_crossentropy` and `Loss`."""

    def __init__(self, from_logits=False, label_smoothing=0.0, axis=-1, reduction="sum_over_batch_size", name=None):
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, **options)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """See `sparse_categorical_crossentropy` and `Loss`."""

    def __init__(self, from_logits=False, *, reduction="sum_over_batch_size", name=None):
        super().__init__(sparse_categorical_crossentropy, reduction, name, from_logits=from_logits)


CLASSES = (
    MeanSquaredError, MeanAbsoluteError, Huber, LogCosh, Hinge, Poisson, KLDivergence, CosineSimilarity,
    BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy,
)  # fmt: skip
FUNCTIONS = (
    mean_squared_error, mean_absolute_error, huber, log_cosh, hinge, poisson, kl_divergence, cosine_similarity,
    binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy,
)  # fmt: skip
SHORT = {"mse": mean_squared_error, "mae": mean_absolute_error, "bce": binary_crossentropy, "kld": kl_divergence}
BY_NAME = {x.__name__: x for x in CLASSES + FUNCTIONS} | SHORT | {name.upper(): f for name, f in SHORT.items()}


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
kld = KLD = kl_divergence


def get(identifier):
    """The loss function with a name such as "mse" or "mean_squared_error", or an object of the class with a name such
    as "MeanSquaredError". A function or a loss is returned as it is; None too."""
    if identifier is None:
        return None
    if isinstance(identifier, str):
        if identifier not in BY_NAME:
            raise ValueError(f"{identifier!r} is not the name of a loss. The names are {', '.join(BY_NAME)}.")
        identifier = BY_NAME[identifier]
    if not callable(identifier):
        raise ValueError(f"{identifier!r} is no loss. Give a function of (y_true, y_pred), a Loss, or a name.")
    return identifier() if isinstance(identifier, type) else identifier


def _floating(y):
    """A tensor of y, float32 if it holds integers."""
    y = convert_to_tensor(y)
    return y if y.dtype.kind == "f" else cast(y, float32)


def _pair(name, y_true, y_pred):
    """Targets and predictions as tensors of the predictions' dtype and of equal shapes."""
    y_true, y_pred = convert_to_tensor(y_true), _floating(y_pred)
    if y_true.shape != y_pred.shape:
        hint = "Give every prediction its own target: a target with the same shape as the prediction."
        if [n for n in y_true.shape if n != 1] == [n for n in y_pred.shape if n != 1]:
            hint = (
                "Broadcasting would compare every target with every prediction. Make the shapes equal: "
                f"reshape(y_true, {y_pred.shape})."
            )
        elif y_true.shape == y_pred.shape[:-1]:
            hint = "If the targets are class numbers, use sparse_categorical_crossentropy, or one_hot."
        raise ValueError(f"{name}: y_true has shape {y_true.shape} and y_pred has shape {y_pred.shape}. {hint}")
    if not y_pred.ndim:
        raise ValueError(f"{name}: y_true and y_pred are scalars. Give them an axis: [value].")
    return cast(y_true, y_pred.dtype), y_pred


def _fitting(sample_weight, losses):
    """Weights as a tensor that multiplies the losses without enlarging them."""
    weight = cast(convert_to_tensor(sample_weight), losses.dtype)
    if weight.shape == (*losses.shape, 1):
        return squeeze(weight, axis=-1)
    fits = weight.ndim == losses.ndim and all(w in (1, n) for w, n in zip(weight.shape, losses.shape))
    if weight.ndim and not fits:
        raise ValueError(
            f"sample_weight has shape {weight.shape}, and the losses, whose last axis has been reduced, have shape "
            f"{losses.shape}. Give one weight for each. To weigh single numbers, give y_true and y_pred shape (N, 1)."
        )
    return weight


def _in_range(p, name):
    """p, if it can be probabilities. NaN can."""
    low, high = np.min(p, initial=np.inf), np.max(p, initial=-np.inf)
    if low < 0 or high > 1 + 1e-3:
        raise ValueError(
            f"{name}: y_pred has values from {low} to {high}, and probabilities are from 0 to 1. If these are "
            f"logits, which no sigmoid or softmax has been applied to, pass from_logits=True."
        )
    return p


# An operation, so that a traced program too looks at the values of each call.
_probabilities = Operation("probabilities", _in_range, lambda g, z, p, name: g, about="passes the gradient on")


def _inside(p):
    """p at a distance from 0 and 1, where the logarithm is infinite."""
    return clip_by_value(p, EPSILON, 1 - EPSILON)


def _smooth(y_true, share, classes):
    share = number("label_smoothing", share, "from 0 to 1")
    return y_true * (1 - share) + share / classes if share else y_true


def _classes(name, y_pred, axis):
    """The number of classes: the size of y_pred along `axis`."""
    if not -y_pred.ndim <= axis < y_pred.ndim:
        raise ValueError(f"{name}: y_pred of shape {y_pred.shape} has no axis {axis}.")
    if y_pred.shape[axis] == 1:
        raise ValueError(
            f"{name}: y_pred of shape {y_pred.shape} has one class, whose loss is always 0. For two classes told "
            f"apart by one number use binary_crossentropy."
        )
    return y_pred.shape[axis]


def _direction(y, axis):
    """y divided by its length along `axis`; where that is 0, 0."""
    return y * rsqrt(maximum(reduce_sum(square(y), axis, keepdims=True), EPSILON**2))
