"""Exercises of chapter 9."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import numbers
from course.check.source import HandedOver, edited
from course.keras import layers

# A softmax too many


def _logit_inputs(rng):
    logits = (3 * rng.normal(size=(4, 3))).round(1)
    logits[0] += 1000.0  # a probability computed as it is written would overflow
    return {"logits": logits, "labels": rng.integers(3, size=4)}


def _cross_entropies(logits, labels):
    return np.asarray(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))


def _naive(logits, labels):
    powers = np.exp(logits)
    probabilities = powers / powers.sum(axis=-1, keepdims=True)
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))


softmax_twice = Task(
    why="Two softmaxes train without an error: the loss cannot fall to zero, and the gradients are small.",
    hints=[
        "What does a function with `logits` in its name do to them first?",
        "Compute the loss for logits that are certain and right, such as 100 and 0. Should it be zero, and is it?",
    ],
    inputs=_logit_inputs,
    solution=lambda logits, labels: np.mean(_cross_entropies(logits, labels)),
    broken=HandedOver(
        """
        def mean_loss(logits, labels):
            probabilities = tf.nn.softmax(logits)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, probabilities)
            return tf.reduce_mean(losses)
        """,
        "There still are two softmaxes: the loss of a network that is certain and right is not zero.",
        tf=tf,
    ),
    mistakes=[
        (lambda logits, labels: np.sum(_cross_entropies(logits, labels)), "You summed where the loss averages."),
        (lambda logits, labels: -np.mean(_cross_entropies(logits, labels)), "The sign is flipped: a loss is positive."),
        (
            _naive,
            "Near 1000 the exponential overflows, and the result is not a number. Leave it to a function for logits.",
        ),
        (
            lambda logits, labels: np.mean(np.asarray(tf.nn.softmax(logits))[np.arange(len(labels)), labels]),
            "This is the mean probability of the true class. The loss is the negative logarithm of it.",
        ),
        (lambda logits, labels: _cross_entropies(logits, labels), "One loss for each example. Their mean is wanted."),
        (
            lambda logits, labels: np.mean(_cross_entropies(np.log(np.abs(logits)), labels)),
            "The logits are logarithms already.",
        ),
        (
            lambda logits, labels: -np.mean(np.log(np.asarray(tf.nn.softmax(logits)))),
            "This is the mean over all classes. Only the true class of each example counts.",
        ),
        (
            lambda logits, labels: np.mean(np.argmax(logits, axis=-1) != labels),
            "This is the share of mistakes. It has no gradient to train by.",
        ),
        (
            lambda logits, labels: np.mean(_cross_entropies(np.asarray(tf.nn.softmax(logits, axis=0)), labels)),
            "There still is a softmax too many, now over the examples.",
        ),
        (
            lambda logits, labels: np.mean(_cross_entropies(-logits, labels)),
            "The logits have the wrong sign: the largest one should make its class the likeliest.",
        ),
        (
            lambda logits, labels: np.sum(_cross_entropies(np.asarray(tf.nn.softmax(logits)), labels)),
            "The softmax too many is still there, and now the losses are summed.",
        ),
        (
            lambda logits, labels: _cross_entropies(np.asarray(tf.nn.softmax(logits)), labels),
            "The softmax too many is still there, and the mean is missing.",
        ),
        (
            lambda logits, labels: -np.mean(logits[np.arange(len(labels)), labels]),
            "These are the logits of the true classes. The loss compares them with the other classes.",
        ),
    ],
)

# Your own dropout


def _dropped(Dropout, rate, seed):
    tf.random.set_seed(seed)
    layer, inputs = Dropout(rate), np.full((400, 100), 3.0, np.float32)
    trained, again = (numbers(layer(inputs, training=True), "outputs in training") for _ in range(2))
    used = numbers(layer(inputs), "outputs outside of training")
    if trained.shape != inputs.shape or used.shape != inputs.shape:
        return {"shape in training": np.array(trained.shape), "shape outside of training": np.array(used.shape)}
    zeros = trained == 0
    share = np.mean(zeros)
    return {
        # 40,000 values: the share is within 0.01 of its probability, and the mean within 0.02 of the input's.
        "share of zeros": _nearest(share, [rate, 1 - rate], 0.015),
        "mean in training": _nearest(np.mean(trained), [3.0, 3 * (1 - rate), 3 * rate / (1 - rate)], 0.04),
        "whole rows are zero": bool(np.any(np.all(zeros, axis=1))),
        "whole columns are zero": bool(np.any(np.all(zeros, axis=0))),
        "each call drops the same": bool(np.any(zeros) and np.array_equal(trained, again)),
        "outside of training": np.mean(used),
        "shape in training": np.array(trained.shape),
        "shape outside of training": np.array(used.shape),
    }


def _nearest(value, candidates, within):
    """The candidate that a mean of random numbers stands for, so that other draws of them show the same."""
    nearest = min(candidates, key=lambda candidate: abs(candidate - value))
    return nearest if abs(nearest - value) < within else np.round(value, 1)


class _Dropout(layers.Layer):
    """Dropout; its subclasses make one mistake each."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def mask(self, inputs):
        return tf.cast(tf.random.uniform(inputs.shape) >= self.rate, tf.float32)

    def scale(self):
        return 1 / (1 - self.rate)

    def call(self, inputs, training=False):
        if not training:
            return inputs
        return inputs * self.mask(inputs) * self.scale()


class _Unscaled(_Dropout):
    def scale(self):
        return 1.0


class _ScaledByRate(_Dropout):
    def scale(self):
        return 1 / self.rate


class _KeepsTheRate(_Dropout):
    def mask(self, inputs):
        return tf.cast(tf.random.uniform(inputs.shape) < self.rate, tf.float32)


class _Rows(_Dropout):
    def mask(self, inputs):
        return tf.cast(tf.random.uniform([inputs.shape[0], 1]) >= self.rate, tf.float32)


class _AlwaysOn(_Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


class _NeverOn(_Dropout):
    def call(self, inputs, training=False):
        return inputs


class _ScaledInUse(_Unscaled):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True) if training else inputs * (1 - self.rate)


class _ScaledAlways(_Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True) if training else inputs / (1 - self.rate)


class _ScaledTwice(_Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True) if training else inputs * (1 - self.rate)


class _Silent(_Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True) if training else inputs * 0.0


class _WithoutParentheses(_Unscaled):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True) - self.rate if training else inputs


class _Unfair(_Dropout):
    def scale(self):
        return 1 / (1 + self.rate)


own_dropout = Task(
    why="Scaling in training leaves nothing to do afterwards: the trained network is used as it is.",
    hints=[
        "Where `training` is false, the layer returns what it gets.",
        "A uniform random number is below `rate` with the probability `rate`. Which values remain?",
        "If three quarters of the values remain, what factor brings the mean back?",
    ],
    inputs=lambda rng: {"rate": round(rng.uniform(0.2, 0.35), 2), "seed": int(rng.integers(1000))},
    observe=_dropped,
    solution=_Dropout,
    mistakes=[
        (
            _Unscaled,
            "The mean in training is too small: what remains has to make up for what is lost.",
        ),
        (_ScaledByRate, "You divided by the probability to be dropped. It should be that to remain."),
        (_KeepsTheRate, "`rate` is the share that is dropped. This layer keeps it, and drops the rest."),
        (
            edited(
                _Dropout,
                ("tf.random.uniform(inputs.shape) >= self.rate", "tf.random.uniform(inputs.shape) < self.rate"),
                ("1 / (1 - self.rate)", "1 / self.rate"),
            ),
            "`rate` is taken as the share that is kept. It is the share that is dropped.",
        ),
        (
            edited(_Dropout, ("random.uniform", "random.normal")),
            "The random numbers are normal, and more than `rate` of them lie below it. Which distribution is meant?",
        ),
        (
            edited(_Dropout, ("uniform(inputs.shape)", "uniform([inputs.shape[1]])")),
            "The same columns are dropped in every example. Each value has a random number of its own.",
        ),
        (
            edited(_Dropout, ("return tf.cast(", "tf.random.set_seed(7)\n        return tf.cast(")),
            "Each call drops the same values: a seed that is fixed inside starts anew.",
        ),
        (
            edited(_Dropout, ("if not training", "if training")),
            "Training and use are exchanged: values are dropped when the layer is used.",
        ),
        (
            edited(_Dropout, ("1 / (1 - self.rate)", "1 - self.rate")),
            "What remains is multiplied by the probability to remain. Divided by it, the mean comes back.",
        ),
        (
            edited(_Dropout, ("return inputs * self.mask(inputs)", "return self.mask(inputs)")),
            "The inputs are missing: the layer gives its mask.",
        ),
        (_Rows, "Whole examples are dropped. Each value has a random number of its own."),
        (_AlwaysOn, "The layer drops values outside of training, too. What is `training` for?"),
        (_NeverOn, "Nothing is dropped in training."),
        (
            _ScaledInUse,
            "The values are scaled where nothing is dropped. The layer should make up for the loss in training.",
        ),
        (_ScaledAlways, "Training is right. Outside of it, the layer should give what it gets."),
        (_ScaledTwice, "Training is right, and makes up for what is lost. Outside of it, the loss is made up again."),
        (_Silent, "Outside of training, nothing comes out of the layer."),
        (_WithoutParentheses, "Division comes before subtraction: `/ 1 - self.rate` subtracts from every value."),
        (_Unfair, "The divisor is larger than 1, so what remains gets even smaller."),
    ],
)
