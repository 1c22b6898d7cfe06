"""Learning-rate schedules: the learning rate as a function of the step, known as `course.optimizers.schedules`.

Give one to an optimizer in place of a number, which is the constant schedule. A schedule is called with the number of
steps taken so far, 0 at the first: an int, a tensor, or an array of them, to plot it.
"""

import math

import numpy as np

from course.engine.arguments import number
from course.engine.operation import cast, convert_to_tensor
from course.engine.ops import floor, minimum, where
from course.engine.tensor import Tensor, float32


class LearningRateSchedule:
    """A base class: give yours a method `__call__(self, step)` that returns the learning rate."""

    def __call__(self, step):
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step).")


class ExponentialDecay(LearningRateSchedule):
    """initial_learning_rate · decay_rate^(step / decay_steps); with `staircase`, the exponent is rounded down."""

    def __init__(self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name="ExponentialDecay"):
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate, "≥ 0")
        self.decay_rate = number("decay_rate", decay_rate, "≥ 0")
        self.decay_steps, self.staircase, self.name = number("decay_steps", decay_steps, "> 0"), staircase, name

    def __call__(self, step):
        exponent = _as_float(step) / self.decay_steps
        return self.initial_learning_rate * self.decay_rate ** (floor(exponent) if self.staircase else exponent)


class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the initial learning rate down to `alpha` times it, over `decay_steps` steps.

    With `warmup_target`, it first rises in a straight line from initial_learning_rate to that target, over
    `warmup_steps` steps, and decays from there. Loshchilov and Hutter, 2017 (arXiv:1608.03983); the warm-up is by Goyal
    et al., 2017 (arXiv:1706.02677).
    """

    def __init__(
        self, initial_learning_rate, decay_steps, alpha=0.0, name="CosineDecay", warmup_target=None, warmup_steps=0
    ):
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate, "≥ 0")
        self.alpha, self.name = number("alpha", alpha, "from 0 to 1"), name
        self.decay_steps = number("decay_steps", decay_steps, "> 0")
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps
        if warmup_target is not None:
            number("warmup_steps", warmup_steps, "> 0")

    def __call__(self, step):
        step, start = _as_float(step), self.initial_learning_rate
        if self.warmup_target is None:
            return start * self._share_left(step)
        rising = start + (self.warmup_target - start) * (step / self.warmup_steps)
        falling = self.warmup_target * self._share_left(step - self.warmup_steps)
        return where(step < self.warmup_steps, rising, falling)

    def _share_left(self, step):
        """From 1 at step 0 to alpha at decay_steps and after."""
        done = minimum(step, self.decay_steps) / self.decay_steps
        return (1 - self.alpha) * 0.5 * (1 + np.cos(math.pi * done)) + self.alpha


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and including step boundaries[0], then values[1] up to boundaries[1], and so on."""

    def __init__(self, boundaries, values, name="PiecewiseConstant"):
        self.boundaries, self.values, self.name = list(boundaries), list(values), name
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"PiecewiseConstantDecay: {len(self.boundaries)} boundaries and {len(self.values)} values. Give one "
                f"value more than boundaries."
            )
        if any(b <= a for a, b in zip(self.boundaries, self.boundaries[1:])):
            raise ValueError(f"PiecewiseConstantDecay: the boundaries {self.boundaries} must increase.")

    def __call__(self, step):
        step = convert_to_tensor(step)._value
        return Tensor(np.asarray(self.values, float32)[np.searchsorted(self.boundaries, step, side="left")])


def _as_float(step):
    return cast(convert_to_tensor(step), float32)
