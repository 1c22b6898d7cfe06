"""What a layer's weights are before training.

A sum of n products grows with n. Glorot and He choose the scale of the weights so that neither the values going forward
nor the gradients going back grow or shrink from layer to layer: by the number of inputs and of outputs of a unit, its
"fan in" and "fan out" (Glorot and Bengio, 2010; He, Zhang, Ren and Sun, 2015).
"""

import math

import numpy as np

from course import random
from course.engine.arguments import number
from course.engine.tensor import Tensor, as_dtype, float32
from course.keras.utils import found


class Initializer:
    """A function from a shape to a tensor. Derived classes define `draw(shape, generator)`.

    Args:
        seed: an int ≥ 0, and the same numbers come at every call; None, and they continue from `random.set_seed`. In
            Keras, an initializer without a seed repeats its numbers too.
    """

    def __init__(self, seed=None):
        self.seed = None if seed is None else random.checked_seed(seed)

    def __call__(self, shape, dtype=float32):
        generator = random.generator() if self.seed is None else np.random.default_rng(self.seed)
        return Tensor(np.asarray(self.draw(tuple(shape), generator)).astype(as_dtype(dtype)))

    def draw(self, shape, generator):
        """An array of `shape`, with the random numbers of a NumPy generator."""
        raise NotImplementedError(f"{type(self).__name__}: define draw(self, shape, generator).")


class Constant(Initializer):
    """The number `value` everywhere."""

    def __init__(self, value=0.0):
        super().__init__()
        self.value = value

    def draw(self, shape, generator):
        return np.full(shape, self.value)


class Zeros(Constant):
    """Zeros: right for biases, and wrong for kernels, whose units would all learn the same."""

    def __init__(self):
        super().__init__(0.0)


class Ones(Constant):
    """Ones."""

    def __init__(self):
        super().__init__(1.0)


class RandomNormal(Initializer):
    """The normal distribution."""

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, shape, generator):
        return generator.normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Equal probability from `minval` to `maxval`."""

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, shape, generator):
        return generator.uniform(self.minval, self.maxval, shape)


class VarianceScaling(Initializer):
    """Mean 0 and variance scale / n, with n the fan in, the fan out, or their average.

    Args:
        mode: "fan_in", "fan_out" or "fan_avg".
        distribution: "uniform", or "truncated_normal": normal; values beyond two standard deviations are drawn again.
    """

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None):
        super().__init__(seed)
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"VarianceScaling: mode is 'fan_in', 'fan_out' or 'fan_avg', not {mode!r}.")
        if distribution not in ("uniform", "truncated_normal"):
            raise ValueError(f"VarianceScaling: distribution is 'uniform' or 'truncated_normal', not {distribution!r}.")
        self.scale, self.mode = number("VarianceScaling: scale", scale, "> 0"), mode
        self.distribution = distribution

    def draw(self, shape, generator):
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(n, 1)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)  # the variance of a uniform distribution over ±limit is limit² / 3
            return generator.uniform(-limit, limit, shape)
        return truncated_normal(shape, generator) * math.sqrt(variance)


def fans(shape):
    """The numbers of inputs and of outputs of each unit, for a weight of `shape`: a Dense kernel's two sizes."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def truncated_normal(shape, generator):
    """Normal numbers, those beyond ±2 drawn again, scaled so that their standard deviation is 1."""
    return random._within_two(generator, shape) / 0.87962566103423978  # the standard deviation that the cut leaves


class GlorotUniform(VarianceScaling):
    """Uniform over ±√(6 / (fan in + fan out)): what Dense starts with."""

    def __init__(self, seed=None):
        super().__init__(1.0, "fan_avg", "uniform", seed)


class GlorotNormal(VarianceScaling):
    """Truncated normal with variance 2 / (fan in + fan out)."""

    def __init__(self, seed=None):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


class HeUniform(VarianceScaling):
    """Uniform over ±√(6 / fan in), for layers with relu, which halves the variance."""

    def __init__(self, seed=None):
        super().__init__(2.0, "fan_in", "uniform", seed)


class HeNormal(VarianceScaling):
    """Truncated normal with variance 2 / fan in, for layers with relu."""

    def __init__(self, seed=None):
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


BY_NAME = {
    "zeros": Zeros, "ones": Ones, "constant": Constant, "random_normal": RandomNormal, "normal": RandomNormal,
    "random_uniform": RandomUniform, "uniform": RandomUniform, "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform, "glorot_normal": GlorotNormal, "he_uniform": HeUniform, "he_normal": HeNormal,
}  # fmt: skip

zeros, ones, constant, random_normal, random_uniform = Zeros, Ones, Constant, RandomNormal, RandomUniform
glorot_uniform, glorot_normal, he_uniform, he_normal = GlorotUniform, GlorotNormal, HeUniform, HeNormal
variance_scaling = VarianceScaling


def get(identifier):
    """An initializer: by its name, or a function of a shape and `dtype`, as it is."""
    return found("initializer", identifier, BY_NAME, "a function of a shape")
