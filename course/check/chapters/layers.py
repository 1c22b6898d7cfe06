"""Exercises of chapter 9."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import WrongKind, numbers
from course.check.source import HandedOver, edited, slips
from course.keras import layers

# The gradient of a layer


def _gradients(x, kernel, delta):
    return x.T @ delta, np.sum(delta, axis=0), delta @ kernel.T


GRADIENTS = ("gradient of the kernel", "gradient of the bias", "gradient of the inputs")


def _observed_gradients(dense_gradients, x, kernel, delta):
    found = dense_gradients(x, kernel, delta)
    if not isinstance(found, tuple | list):
        numbers(found, "what your function returns")
    if not isinstance(found, tuple | list) or len(found) != 3:
        raise WrongKind("The function has to return three gradients: that of the kernel, the bias and the inputs.")
    return {name: numbers(part, f"the {name}") for name, part in zip(GRADIENTS, found)}


dense_gradients = Task(
    why="From the slopes of its sums, each layer computes its own gradients and the slopes of the layer below.",
    hints=[
        "Write the slope of one weight as a sum over the points. Which matrix product has such sums as its elements?",
        "Each gradient has the shape of what it belongs to. Which products have these shapes, and is one transposed?",
    ],
    # As many units as inputs, so that what is transposed shows in the numbers.
    inputs=lambda rng: dict(zip(("x", "kernel", "delta"), (rng.normal(size=(n, 3)).round(2) for n in (4, 3, 4)))),
    solution=_gradients,
    observe=_observed_gradients,
    mistakes=[
        *slips(
            _gradients,
            {
                ("x.T @ delta", "delta.T @ x"): "The kernel's gradient is transposed: a row belongs to an input, "
                "and a column to a unit.",
                ("x.T @ delta", "x.T @ delta / len(x)"): "The kernel's gradient is divided by the number of "
                "points. The slopes of the points add up.",
                ("np.sum(delta, axis=0)", "np.mean(delta, axis=0)"): "The bias has the mean over the points. The "
                "slopes of the points add up.",
                (("x.T @ delta", "x.T @ delta / len(x)"), ("np.sum(delta, axis=0)", "np.mean(delta, axis=0)")): (
                    "Kernel and bias have means over the points. If the loss is a mean, `delta` is divided already."
                ),
                ("np.sum(delta, axis=0)", "np.sum(delta, axis=1)"): "The bias is summed over the units. A bias "
                "belongs to one unit, and serves all points.",
                ("np.sum(delta, axis=0)", "np.sum(delta)"): "The bias has one number for all units. Each unit has "
                "a bias of its own.",
                ("np.sum(delta, axis=0)", "delta"): "The bias's gradient has a row for each point. One bias "
                "serves all points.",
                ("delta @ kernel.T", "delta @ kernel"): "The gradient of the inputs goes through the kernel "
                "forwards. Whose weights meet in one input?",
                ("delta @ kernel.T", "delta * np.sum(kernel, axis=1)"): "The kernel is summed before it meets "
                "`delta`. Each unit's slope has a weight of its own.",
                ("delta @ kernel.T", "delta"): "The inputs have the slopes of the sums. Each sum depends on an "
                "input through a weight.",
                ("delta @ kernel.T", "np.sum(delta @ kernel.T, axis=0)"): "The gradient of the inputs is summed "
                "over the points. The inputs of each point are its own.",
                ("x.T @ delta", "np.outer(np.sum(x, axis=0), np.sum(delta, axis=0))"): "The kernel's gradient "
                "multiplies two sums. Each point's inputs meet the slopes of the same point only.",
                (("x.T @ delta", "-x.T @ delta"), ("np.sum(", "-np.sum("), ("delta @ kernel.T", "-delta @ kernel.T")): (
                    "All signs are flipped. These are steps downhill; gradients point uphill."
                ),
                ("x.T @ delta", "2 * x.T @ delta"): "The kernel's gradient has a factor of 2. No square was "
                "differentiated here.",
            },
        ),
        (
            lambda x, kernel, delta: (delta @ kernel.T, np.sum(delta, axis=0), x.T @ delta),
            "The gradients of the kernel and of the inputs are exchanged.",
        ),
        (
            lambda x, kernel, delta: (x.T @ delta, delta @ kernel.T, np.sum(delta, axis=0)),
            "The gradients of the bias and of the inputs are exchanged.",
        ),
    ],
)

# A softmax too many


def _logit_inputs(rng):
    logits = (3 * rng.normal(size=(4, 3))).round(1)
    labels = rng.integers(3, size=4)
    logits[0] += 1000.0  # a probability computed as it is written would overflow
    logits[1, labels[1]] -= 1000.0  # and this one is rounded to 0
    return {"logits": logits, "labels": labels}


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
            lambda logits, labels: -np.mean(np.log(np.asarray(tf.nn.softmax(logits))[np.arange(len(labels)), labels])),
            "A tiny probability is rounded to 0, and its logarithm is infinite. Take no logarithm of a probability: a "
            "function for logits does without.",
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
            lambda logits, labels: np.mean([_cross_entropies(logits, np.full_like(labels, k)) for k in range(3)]),
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
    if isinstance(Dropout, type) and issubclass(Dropout, layers.Dropout):
        raise WrongKind(
            "This is the library's own `Dropout`, or a class made from it. Write yours as a `layers.Layer`."
        )
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


class _Half(_Dropout):
    def mask(self, inputs):
        return tf.cast(tf.random.uniform(inputs.shape) >= 0.5, tf.float32)

    def scale(self):
        return 2.0


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
        *slips(
            _Dropout,
            {
                (
                    ("tf.random.uniform(inputs.shape) >= self.rate", "tf.random.uniform(inputs.shape) < self.rate"),
                    ("1 / (1 - self.rate)", "1 / self.rate"),
                ): ("`rate` is taken as the share that is kept. It is the share that is dropped."),
                ("random.uniform", "random.normal"): "The random numbers are normal, and more than `rate` of them "
                "lie below it. Which distribution is meant?",
                ("uniform(inputs.shape)", "uniform([inputs.shape[1]])"): "The same columns are dropped in every "
                "example. Each value has a random number of its own.",
                ("return tf.cast(", "tf.random.set_seed(7)\n        return tf.cast("): "Each call drops the same "
                "values: a seed that is fixed inside starts anew.",
                ("if not training", "if training"): "Training and use are exchanged: values are dropped when the "
                "layer is used.",
                ("1 / (1 - self.rate)", "1 - self.rate"): "What remains is multiplied by the probability to "
                "remain. Divided by it, the mean comes back.",
                ("return inputs * self.mask(inputs)", "return self.mask(inputs)"): "The inputs are missing: the "
                "layer gives its mask.",
            },
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
        (_Half, "Half of the values are dropped, whatever `rate` is."),
        (_Unfair, "The divisor is larger than 1, so what remains gets even smaller."),
    ],
)

# Without a hidden layer


def _count(sizes):
    return sum((inputs + 1) * units for inputs, units in zip(sizes, sizes[1:]))


num_parameters = Task(
    why="Nearly all parameters are in the kernels: the product of two sizes grows faster than their sum.",
    hints=[
        "How many weights has a kernel with 64 inputs and 10 units, and how many biases are there beside it?",
        "`zip(sizes, sizes[1:])` goes through the pairs of neighbours in a list.",
    ],
    inputs=lambda rng: {"sizes": rng.integers(2, 40, size=int(rng.integers(3, 6))).tolist()},
    solution=_count,
    mistakes=[
        (
            lambda sizes: sum(a * b for a, b in zip(sizes, sizes[1:])),
            "The biases are missing: there is one for each unit.",
        ),
        (
            lambda sizes: sum(a * (b + 1) for a, b in zip(sizes, sizes[1:])),
            "The biases are counted for each input. There is one for each unit.",
        ),
        (
            lambda sizes: sum((a + 1) * (b + 1) for a, b in zip(sizes, sizes[1:])),
            "Each layer has too many: there is one bias for each unit, and nothing else beside the kernel.",
        ),
        (
            lambda sizes: sum(a * b + 1 for a, b in zip(sizes, sizes[1:])),
            "Each layer has one bias here. It has one for each unit.",
        ),
        (
            lambda sizes: sum(a * b for a, b in zip(sizes, sizes[1:])) + sum(sizes),
            "The inputs have biases here, too. Only units have.",
        ),
        (
            lambda sizes: (sizes[0] + 1) * sizes[1],
            "This is the first layer alone.",
        ),
        (
            lambda sizes: (sizes[-2] + 1) * sizes[-1],
            "This is the last layer alone.",
        ),
        (lambda sizes: sum(sizes[1:]), "These are the units. Each of them has weights."),
        (lambda sizes: sum(sizes), "These are the inputs and the units. The parameters are weights and biases."),
        (
            lambda sizes: (sizes[0] + 1) * sizes[-1],
            "The hidden layers are left out, as if the inputs went to the last layer.",
        ),
        (lambda sizes: np.prod(sizes), "All sizes are multiplied with each other. Each layer has a kernel of its own."),
    ],
)

# Fewer mistakes


def _apart(first, second, n):
    variance = (first * (1 - first) + second * (1 - second)) / n
    return (second - first) / np.sqrt(variance)


errors_apart = Task(
    why="On a few hundred images, one percent more is within what another draw of images would give.",
    hints=[
        "First the variance of the difference: two independent results, so two variances.",
        "A standard error is the root of a variance. How often does it fit into the difference?",
    ],
    inputs=lambda rng: {
        "first": round(rng.uniform(0.85, 0.94), 3),
        "second": round(rng.uniform(0.95, 0.99), 3),
        "n": int(rng.integers(100, 900)),
    },
    solution=_apart,
    mistakes=[
        *slips(
            _apart,
            {
                ("(second - first)", "(first - second)"): "The sign is flipped: it should be positive where the "
                "second accuracy is higher.",
                (" + second * (1 - second)", ""): "Only the first result is uncertain here. The second is, too.",
                ("first * (1 - first) + ", ""): "Only the second result is uncertain here. The first is, too.",
                ("np.sqrt(variance)", "variance"): "You divided by a variance. A standard error is its root.",
                (") / n\n", ")\n"): "The number of images is missing: this is the spread of one image, right or wrong.",
                ("np.sqrt(variance)", "np.sqrt(variance * n) * n"): "The number of images is outside of the root.",
                ("np.sqrt(variance)", "np.sqrt(2 * variance)"): "There is a factor of 2 too much in the variance. "
                "The sum of two has it already.",
            },
        ),
        (
            lambda first, second, n: (
                (second - first) / (np.sqrt(first * (1 - first) / n) + np.sqrt(second * (1 - second) / n))
            ),
            "You added standard errors. Variances add up.",
        ),
        (
            lambda first, second, n: np.sqrt((first * (1 - first) + second * (1 - second)) / n),
            "This is the standard error of the difference. How often does it fit into the difference?",
        ),
        (
            lambda first, second, n: second - first / np.sqrt((first * (1 - first) + second * (1 - second)) / n),
            "Division comes before subtraction: only `first` is divided. Put the difference in brackets.",
        ),
        (
            lambda first, second, n: (second - first) / np.sqrt((first + second) / 2 * (2 - first - second) / n),
            "The variance of the two together is taken twice. Each result has a variance of its own.",
        ),
        (lambda first, second, n: second - first, "This is the difference. Measure it in standard errors."),
        (
            lambda first, second, n: (second - first) * n,
            "This is how many more images were right. Measure the difference in standard errors.",
        ),
        (
            edited(_apart, ("np.sqrt(variance)", "np.sqrt(variance / 2)")),
            "This is half of the variance: the mean of the two. The variances add up.",
        ),
    ],
)
