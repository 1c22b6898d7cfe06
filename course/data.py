"""Data to train on, and its division into a part to train on and a part to test on."""

from numbers import Integral, Real

import numpy as np

from course.ops import gather
from course.tensor import Tensor, convert_to_tensor


def line(num_examples=1000, W=3.0, b=2.0, stddev=1.0, seed=0):
    """Points around the line x·W + b, whose truth is known because we chose it.

    The inputs have the standard normal distribution, and the outputs are inputs · W + b plus Gaussian noise. They come
    from a generator of their own, which neither uses nor disturbs the seed of `random.set_seed`. At the same seed a
    larger `num_examples` gives the same points and some more, and another `stddev` the same noise, scaled.

    Args:
        num_examples: how many points, N.
        W, b: the truth.
        stddev: the noise's standard deviation, in the units of the outputs; 0 puts every point on the line.
        seed: an integer ≥ 0; the same seed gives the same points.

    Returns:
        (inputs, outputs), float32 tensors of shape (N,).

    Raises:
        TypeError: an argument is not a number, or `num_examples` or `seed` not an integer.
        ValueError: num_examples < 1, stddev < 0, seed < 0, or a number that no finite float32 holds.
    """
    num_examples = _integer("line", "num_examples", num_examples, least=1)
    W, b, stddev = (np.float32(_number("line", *pair)) for pair in (("W", W), ("b", b), ("stddev", stddev)))
    if stddev < 0:
        raise ValueError(f"line: stddev is {stddev}, but a standard deviation is 0 or more.")
    generator = np.random.default_rng(_integer("line", "seed", seed, least=0))
    # One row for each point: more rows leave the first ones as they are.
    inputs, noise = generator.standard_normal((num_examples, 2), np.float32).T.copy()
    return Tensor(inputs), Tensor(inputs * W + b + noise * stddev)


def published_losses():
    """The 20 losses that a published training run printed, one before each epoch's update.

    The run is the one of chapter 5: f(x) = x·W + b from W = 5 and b = 0, the mean squared error over 1000 points around
    W = 3 and b = 2, learning rate 0.1. The points were not published. Source: the TensorFlow for R tutorial "Custom
    training: basics", https://tensorflow.rstudio.com/tutorials/advanced/customization/custom-training/. The run was
    computed in float32, and the numbers are as it printed them.

    Returns:
        A float64 tensor of shape (20,).
    """
    return Tensor(np.array(_PUBLISHED_LOSSES))


# fmt: off
_PUBLISHED_LOSSES = [
    9.22420692443848, 6.19532537460327, 4.27906942367554, 3.06672716140747, 2.29972267150879,
    1.81446659564972, 1.50746238231659, 1.31323146820068, 1.19034790992737, 1.11260342597961,
    1.06341695785522, 1.03229808807373, 1.01261019706726, 1.0001540184021, 0.992273688316345,
    0.987287759780884, 0.984133422374725, 0.982137799263, 0.9808748960495, 0.980076193809509,
]
# fmt: on


def train_test_split(inputs, outputs, test_fraction=0.2, seed=0):
    """Divides examples at random into those to train on and those kept back for the test.

    Args:
        inputs, outputs: tensors or arrays with one row for each of N examples.
        test_fraction: the share of the examples to keep back, between 0 and 1; their number is rounded.
        seed: an integer ≥ 0; the same seed divides in the same way.

    Returns:
        (train_inputs, train_outputs), (test_inputs, test_outputs): tensors of the same dtypes. Each example is in one
        of the two parts, its input and its output at the same place, the examples in random order.

    Raises:
        TypeError: `test_fraction` is not a number, or `seed` not an integer.
        ValueError: unequal numbers of inputs and outputs, a fraction that is not between 0 and 1 or leaves a part
            empty, or seed < 0.
    """
    inputs, outputs = convert_to_tensor(inputs), convert_to_tensor(outputs)
    if not inputs.ndim or not outputs.ndim or len(inputs) != len(outputs):
        raise ValueError(
            f"train_test_split: inputs of shape {inputs.shape} and outputs of shape {outputs.shape}. Give one row of "
            f"each for every example."
        )
    test_fraction = _number("train_test_split", "test_fraction", test_fraction)
    if not 0 < test_fraction < 1:
        raise ValueError(f"train_test_split: test_fraction is {test_fraction}, but must lie between 0 and 1.")
    num_test = round(test_fraction * len(inputs))
    if not 0 < num_test < len(inputs):
        raise ValueError(
            f"train_test_split: {num_test} of {len(inputs)} examples would be for the test (test_fraction "
            f"{test_fraction}), and both parts need at least one. Change test_fraction, or use more examples."
        )
    # The 1 makes the order independent of what `line` draws from the same seed.
    generator = np.random.default_rng((_integer("train_test_split", "seed", seed, least=0), 1))
    order = generator.permutation(len(inputs))
    test, train = order[:num_test], order[num_test:]
    return (gather(inputs, train), gather(outputs, train)), (gather(inputs, test), gather(outputs, test))


def _integer(function, name, value, least):
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {name} must be an integer, not {value!r}.")
    if value < least:
        raise ValueError(f"{function}: {name} is {value}, but must be at least {least}.")
    return int(value)


def _number(function, name, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {name} must be a number, not {value!r}.")
    if not abs(float(value)) <= float(np.finfo(np.float32).max):  # not true of NaN either
        raise ValueError(f"{function}: {name} is {value}, but must be a finite float32.")
    return float(value)
