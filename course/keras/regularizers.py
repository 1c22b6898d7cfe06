"""Regularizers: what is added to the loss so that weights stay small.

A layer takes one as `kernel_regularizer` or `bias_regularizer`. `model.losses` lists what they add, `fit` adds it.
"""

from course.engine.arguments import number
from course.engine.ops import abs_, reduce_sum, square
from course.keras.utils import found


class Regularizer:
    """A function of a variable that returns a scalar. Derived classes define `__call__(x)`."""

    def __call__(self, x):
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, x).")


class L1L2(Regularizer):
    """l1 · Σ |x| + l2 · Σ x²."""

    def __init__(self, l1=0.0, l2=0.0):
        self.l1, self.l2 = number("l1", l1, "≥ 0"), number("l2", l2, "≥ 0")

    def __call__(self, x):
        return self.l1 * reduce_sum(abs_(x)) + self.l2 * reduce_sum(square(x))


class L1(L1L2):
    """l1 · Σ |x|, which makes many weights 0."""

    def __init__(self, l1=0.01):
        super().__init__(l1=l1)


class L2(L1L2):
    """l2 · Σ x², which makes all weights smaller."""

    def __init__(self, l2=0.01):
        super().__init__(l2=l2)


l1, l2, l1_l2 = L1, L2, L1L2
BY_NAME = {"l1": L1, "l2": L2, "l1_l2": L1L2, "L1": L1, "L2": L2, "L1L2": L1L2}


def get(identifier):
    """A regularizer: by its name, or a function of a variable, as it is; None for None."""
    return None if identifier is None else found("regularizer", identifier, BY_NAME, "a function of a variable")
