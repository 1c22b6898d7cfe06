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
    reshape,
    rsqrt,
    square,
    squeeze,
    where,
)
from course.engine.tensor import float16, float32
from course.keras.utils import class_of, found
from course.nn import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    softplus,
    sparse_softmax_cross_entropy_with_logits,
)

EPSILON = 1e-7  # Keras keeps probabilities this far from 0 and 1, where the logarithm is infinite


def _floating(y):
    """A tensor of y, float32 if it holds integers."""
    y = convert_to_tensor(y)
    return y if y.dtype.kind == "f" else cast(y, float32)


def equal_shapes(name, y_true, y_pred):
    """Targets and predictions as tensors, whose shapes must be equal."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    if y_true.shape != y_pred.shape:
        hint = "Give every prediction its own target: a target with the same shape as the prediction."
        if [n for n in y_true.shape if n != 1] == [n for n in y_pred.shape if n != 1]:
            hint = (
                "Broadcasting would compare every target with every prediction. Make the shapes equal: "
                f"reshape(y_true, {y_pred.shape})."
            )
        elif y_true.shape == y_pred.shape[:-1]:
            hint = "If the targets are class numbers, use sparse_categorical_crossentropy, or one_hot."
        raise ValueError(f"{name}: y_true has shape {y_true.shape} and y_pred {y_pred.shape}. {hint}")
    return y_true, y_pred


def _pair(name, y_true, y_pred):
    """The same of the predictions' dtype."""
    y_true, y_pred = equal_shapes(name, y_true, y_pred)
    if not y_pred.ndim:
        raise ValueError(f"{name}: y_true and y_pred are scalars. Give them an axis: [value].")
    return cast(y_true, y_pred.dtype), y_pred


def class_numbers(name, y_true, y_pred):
    """Targets that are class numbers, of shape (*batch,), and predictions (*batch, classes), as tensors."""
    y_true, y_pred = convert_to_tensor(y_true), convert_to_tensor(y_pred)
    if y_true.shape == (*y_pred.shape[:-1], 1):
        y_true = squeeze(y_true, axis=-1)
    if not y_pred.ndim or y_true.shape != y_pred.shape[:-1]:
        raise ValueError(
            f"{name}: y_true has shape {y_true.shape} and y_pred {y_pred.shape}. Give one class number for each row of "
            f"y_pred. Targets with a value for each class go to {name.removeprefix('sparse_')}."
        )
    return y_true, y_pred


def _for_each_example(prepared):
    """Of a loss, computed from what `prepared` makes of its name, y_true and y_pred, and in y_pred's dtype; of float16
    in float32 all the same: 1 - EPSILON would be 1, squares overflow."""

    def decorate(loss):
        @functools.wraps(loss)
        def computed(y_true, y_pred, *args, **options):
            y_pred = _floating(y_pred)
            dtype, wide = y_pred.dtype, float32 if y_pred.dtype == float16 else y_pred.dtype
            return cast(loss(*prepared(loss.__name__, y_true, cast(y_pred, wide)), *args, **options), dtype)

        return computed

    return decorate


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


@_for_each_example(_pair)
def mean_squared_error(y_true, y_pred):
    """The mean of (y_true - y_pred)² over the last axis."""
    return reduce_mean(square(y_true - y_pred), axis=-1)


@_for_each_example(_pair)
def mean_absolute_error(y_true, y_pred):
    """The mean of |y_true - y_pred| over the last axis."""
    return reduce_mean(abs_(y_true - y_pred), axis=-1)


@_for_each_example(_pair)
def huber(y_true, y_pred, delta=1.0):
    """The mean over the last axis of e² / 2 where |e| ≤ delta, and delta · |e| - delta² / 2 elsewhere, e the error.

    A parabola continued by its tangents: Huber, 1964.
    """
    delta = number("huber: delta", delta, "> 0")
    error = y_pred - y_true
    size = abs_(error)
    return reduce_mean(where(size <= delta, 0.5 * square(error), delta * size - 0.5 * delta**2), axis=-1)


@_for_each_example(_pair)
def log_cosh(y_true, y_pred):
    """The mean of log cosh(y_pred - y_true) over the last axis: about e² / 2 for a small error e, and
    |e| - log 2 for a large one."""
    error = y_pred - y_true
    return reduce_mean(error + softplus(-2.0 * error) - math.log(2), axis=-1)


@_for_each_example(_pair)
def hinge(y_true, y_pred):
    """The mean of max(1 - y_true · y_pred, 0) over the last axis. Targets are -1 and 1, or all of
    them 0 and 1."""
    y_true = where(reduce_all((y_true == 0) | (y_true == 1)), 2 * y_true - 1, y_true)
    return reduce_mean(maximum(1 - y_true * y_pred, 0), axis=-1)


@_for_each_example(_pair)
def poisson(y_true, y_pred):
    """The mean of y_pred - y_true · log y_pred over the last axis: for counts y_true, of which y_pred is the expected
    number (≥ 0)."""
    return reduce_mean(y_pred - y_true * log(y_pred + EPSILON), axis=-1)


@_for_each_example(_pair)
def kl_divergence(y_true, y_pred):
    """The Kullback-Leibler divergence Σ y_true · log(y_true / y_pred) over the last axis, of two distributions."""
    y_true, y_pred = clip_by_value(y_true, EPSILON, 1.0), clip_by_value(y_pred, EPSILON, 1.0)
    return reduce_sum(y_true * log(y_true / y_pred), axis=-1)


@_for_each_example(_pair)
def cosine_similarity(y_true, y_pred, axis=-1):
    """Minus the cosine of the angle between y_true and y_pred along `axis`: -1 for the same direction, 1 for opposite
    ones, and 0 if one of them is 0."""
    return -reduce_sum(_direction(y_true, axis) * _direction(y_pred, axis), axis=axis)


@_for_each_example(_pair)
def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """The mean of -y_true · log p - (1 - y_true) · log(1 - p) along `axis`.

    Args:
        y_true: 0 or 1, or a probability.
        y_pred: p, the probability of a 1; with `from_logits`, its logit, log(p / (1 - p)). Of the same shape.
        label_smoothing: from 0 to 1, the share of every target that is replaced by 1/2.
    """
    y_true = _smooth(y_true, label_smoothing, 2)
    if from_logits:
        return reduce_mean(sigmoid_cross_entropy_with_logits(y_true, y_pred), axis=axis)
    p = _inside(_probabilities(y_pred, name="binary_crossentropy"))
    return reduce_mean(-(y_true * log(p) + (1 - y_true) * log(1 - p)), axis=axis)


@_for_each_example(_pair)
def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """-Σ y_true · log p along `axis`, which has one entry for each class.

    Args:
        y_true: 1 for the class of the example and 0 for the others, or probabilities.
        y_pred: p, the probabilities (which are divided by their sum); with `from_logits`, the inputs of the softmax
            that gives them. Of the same shape.
        label_smoothing: from 0 to 1, the share of every target that is replaced by equal probabilities for all classes.
    """
    classes = _classes("categorical_crossentropy", y_pred, axis)
    y_true = _smooth(y_true, label_smoothing, classes)
    if from_logits:
        return softmax_cross_entropy_with_logits(y_true, y_pred, axis=axis)
    p = _probabilities(y_pred, name="categorical_crossentropy")
    p = _inside(p / reduce_sum(p, axis, keepdims=True))
    return -reduce_sum(y_true * log(p), axis=axis)


@_for_each_example(class_numbers)
def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False):
    """-log p[y_true]: the categorical cross-entropy for targets that are class numbers.

    Args:
        y_true: numbers from 0 to classes - 1, of shape (*batch,) or (*batch, 1).
        y_pred: probabilities, or with `from_logits` the inputs of the softmax, of shape (*batch, classes).
    """
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
            losses = losses * fitting_weight(sample_weight, losses)
        if self.reduction in ("none", None):
            return losses
        total = reduce_sum(losses)
        return total if self.reduction == "sum" else total / max(losses.shape.num_elements(), 1)


class LossFunctionWrapper(Loss):
    """A loss made of a function (y_true, y_pred) that gives a loss for each example, and further arguments for it."""

    own_first, about = True, "See `{}` and `Loss`."

    def __init__(self, fn, reduction="sum_over_batch_size", name=None, **arguments):
        super().__init__(name or fn.__name__, reduction)
        self.fn, self.arguments = fn, arguments

    def call(self, y_true, y_pred):
        return self.fn(y_true, y_pred, **self.arguments)


MeanSquaredError = class_of("MeanSquaredError", mean_squared_error, LossFunctionWrapper)
MeanAbsoluteError = class_of("MeanAbsoluteError", mean_absolute_error, LossFunctionWrapper)
Huber = class_of("Huber", huber, LossFunctionWrapper)
LogCosh = class_of("LogCosh", log_cosh, LossFunctionWrapper)
Hinge = class_of("Hinge", hinge, LossFunctionWrapper)
Poisson = class_of("Poisson", poisson, LossFunctionWrapper)
KLDivergence = class_of("KLDivergence", kl_divergence, LossFunctionWrapper)
CosineSimilarity = class_of("CosineSimilarity", cosine_similarity, LossFunctionWrapper)
BinaryCrossentropy = class_of("BinaryCrossentropy", binary_crossentropy, LossFunctionWrapper)
CategoricalCrossentropy = class_of("CategoricalCrossentropy", categorical_crossentropy, LossFunctionWrapper)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """See `sparse_categorical_crossentropy` and `Loss`."""

    def __init__(self, from_logits=False, *, reduction="sum_over_batch_size", name=None):
        super().__init__(sparse_categorical_crossentropy, reduction, name, from_logits=from_logits)


CLASSES = (
    MeanSquaredError, MeanAbsoluteError, Huber, LogCosh, Hinge, Poisson, KLDivergence, CosineSimilarity,
    BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy,
)  # fmt: skip
FUNCTIONS = tuple(kind().fn for kind in CLASSES)
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
    return found("loss", identifier, BY_NAME, "a function of (y_true, y_pred), or a Loss")


def fitting_weight(sample_weight, values, fewer_axes=False):
    """Weights as a tensor that multiplies the values without enlarging them; with `fewer_axes`, from the left."""
    weight = cast(convert_to_tensor(sample_weight), values.dtype)
    if weight.shape == (*values.shape, 1):
        weight = squeeze(weight, axis=-1)
    fits = weight.ndim in (0, values.ndim) or fewer_axes and weight.ndim < values.ndim
    if not fits or any(w not in (1, n) for w, n in zip(weight.shape, values.shape)):
        raise ValueError(
            f"sample_weight has shape {weight.shape}, and the values, whose last axis has been reduced, have shape "
            f"{values.shape}. Give one weight for each. To weigh single numbers, give y_true and y_pred shape (N, 1)."
        )
    return reshape(weight, weight.shape + (1,) * (values.ndim - weight.ndim))


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
