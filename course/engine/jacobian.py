"""Jacobians: the derivative of each element of a tensor, by one backward walk for each."""

import math

import numpy as np

from course.engine.arguments import accepting
from course.engine.nest import pack
from course.engine.operation import convert_to_tensor
from course.engine.tensor import Tensor, TensorLike


class UnconnectedGradients:
    """What `gradient` returns for a source that the target does not depend on: None, or zeros of its shape."""

    NONE, ZERO = "none", "zero"


@accepting("parallel_iterations", "experimental_use_pfor")
def jacobian(tape, target, sources, unconnected_gradients=UnconnectedGradients.NONE):
    """The derivative of every element of `target`, one tensor, with respect to every element of each source.

    Returns:
        In the nesting of `sources`, tensors of shape target.shape + source.shape; or None, as in `gradient`.
    """
    if isinstance(target, list | tuple | dict):
        raise TypeError(f"jacobian: the target is a {type(target).__name__}. Give one tensor, such as their stack.")
    (target,), flat_sources = tape._begin(target, sources, unconnected_gradients)
    size = target._value.size
    seeds = np.eye(size, dtype=target.dtype).reshape(size, *target.shape)
    results = _rows(tape, target, seeds, flat_sources, target.shape, unconnected_gradients)
    return pack(sources, iter(results))


@accepting("parallel_iterations", "experimental_use_pfor")
def batch_jacobian(tape, target, source, unconnected_gradients=UnconnectedGradients.NONE):
    """The Jacobian of each example of a batch, where row i of `target` depends on row i of `source` alone.

    Returns:
        For shapes (b, *t) and (b, *s), a tensor of shape (b, *t, *s): zeros if nothing connects them.
    """
    if not isinstance(target, TensorLike) or not isinstance(source, TensorLike):
        raise TypeError(f"batch_jacobian: give one tensor and one source, not {target!r} and {source!r}.")
    (target,), flat_sources = tape._begin(target, source, unconnected_gradients)
    if not target.shape or not source.shape or target.shape[0] != source.shape[0]:
        raise ValueError(
            f"batch_jacobian: target {target.shape} and source {source.shape} must begin with the same size, the batch."
        )
    batch, *inner = target.shape
    size = math.prod(inner)
    seeds = np.eye(size, dtype=target.dtype).reshape(size, 1, *inner).repeat(batch, axis=1)
    (rows,) = _rows(tape, target, seeds, flat_sources, inner, UnconnectedGradients.ZERO, axis=1)
    return rows


def _rows(tape, target, seeds, sources, shape, unconnected_gradients, axis=0):
    """The gradients from each seed, for each source stacked along new axes of `shape` that begin at `axis`."""
    walks = [tape._gradients([target], [seed], sources) for seed in seeds]
    results = []
    for k, source in enumerate(sources):
        full_shape = (*source.shape[:axis], *shape, *source.shape[axis:])
        column = [walk[k] for walk in walks]
        if column and column[0] is not None:
            stacked = np.stack([convert_to_tensor(g) for g in column], axis=axis)
            results.append(np.reshape(stacked, full_shape))
        elif column and unconnected_gradients == UnconnectedGradients.NONE:
            results.append(None)
        else:
            results.append(Tensor(np.zeros(full_shape, source.dtype)))
    tape._free(results)
    return results
