"""Activations, cross-entropies and other functions for networks: what TensorFlow keeps under `tf.nn`."""

import math

import numpy as np

from course.composed import clip_by_norm, reduce_variance, top_k  # noqa: F401
from course.engine.arguments import axis_tuple, one_axis
from course.engine.operation import Operation, as_tensors, cast, convert_to_tensor, floating, stop_gradient, unary
from course.engine.ops import (
    checked_indices,
    equal,
    erf,
    expand_dims,
    gather,
    largest,
    reduce_mean,
    reduce_sum,
    square,
    tanh,
    where,
)
from course.engine.recorder import differentiating, tracing
from course.engine.tensor import Tensor
from course.random import uniform


def _sigmoid(x):
    e = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1, e) / (1 + e)


sigmoid = unary("sigmoid", _sigmoid, "1 / (1 + e⁻ˣ)", lambda g, z, x: g * (z * (1 - z)), about="g · z (1 - z)")
softplus = unary(
    "softplus",
    lambda x: np.logaddexp(x, x.dtype.type(0)),
    "log(1 + eˣ), without overflow",
    lambda g, z, x: g * -np.expm1(-z),
    about="g · sigmoid x",
)


def _relu(x, out=None):
    return np.maximum(x, 0, out=out)


relu = unary(
    "relu",
    _relu,
    "x where it is positive, else 0",
    lambda g, z, x: g * (x > 0),
    about="g where x > 0, else 0",
    ufunc=_relu,
)
relu6 = unary(
    "relu6",
    lambda x: np.minimum(np.maximum(x, 0), 6),
    "x between 0 and 6, else the nearer of the two",
    lambda g, z, x: g * ((x > 0) & (x < 6)),
    about="g where 0 < x < 6, else 0",
)
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al., 2017: mean 0 and variance 1 are kept
selu = unary(
    "selu",
    lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))),
    "1.0507 x where it is positive, else 1.7581 (eˣ - 1)",
    lambda g, z, x: g * (SCALE * np.where(x >= 0, 1, ALPHA * np.exp(np.minimum(x, 0)))),
    about="1.0507 g where x ≥ 0, else 1.7581 g · eˣ",
)
softsign = unary(
    "softsign",
    lambda x: x / (1 + np.abs(x)),
    "x / (1 + |x|)",
    lambda g, z, x: g / np.square(1 + np.abs(x)),
    about="g / (1 + |x|)²",
)
_leaky_relu = Operation(
    "leaky_relu",
    lambda x, alpha: np.where(x > 0, x, alpha * x),
    lambda g, z, x, alpha: np.where(x > 0, g, alpha * g),
    about="g where x > 0, else alpha · g",
)
elu = unary(
    "elu",
    lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "x where it is positive, else eˣ - 1",
    lambda g, z, x: np.where(x >= 0, g, g * np.exp(np.minimum(x, 0))),
    about="g where x ≥ 0, else g · eˣ",
)
_softmax = Operation(
    "softmax",
    lambda x, axis: _softmax_of(x, axis),
    lambda g, z, x, axis: z * (g - np.sum(g * z, axis=axis, keepdims=True)),
    about="z · (g - Σ g z)",
)
_log_softmax = Operation(
    "log_softmax",
    lambda x, axis: _log_softmax_of(x, axis),
    lambda g, z, x, axis: g - np.exp(z) * np.sum(g, axis=axis, keepdims=True),
    about="g - softmax x · Σ g",
)
_cross_entropy = Operation(
    "softmax_cross_entropy_with_logits",
    lambda labels, logits: -np.sum(labels * _log_softmax_of(logits, -1), axis=-1),
    lambda g, z, labels, logits: -np.reshape(g, (*g.shape, 1)) * _log_softmax_of(logits, -1),
    lambda g, z, labels, logits: (
        np.reshape(g, (*g.shape, 1)) * (_softmax_of(logits, -1) * np.sum(labels, axis=-1, keepdims=True) - labels)
    ),
    about="g · (softmax of the logits - labels) to the logits",
)
_sparse_cross_entropy = Operation(
    "sparse_softmax_cross_entropy_with_logits",
    lambda logits, picked, log_p: -log_p[picked].reshape(logits.shape[:-1]),
    lambda g, z, logits, picked, log_p: (
        np.reshape(g, (*g.shape, 1)) * ((_softmax_of(logits, -1) if differentiating() else np.exp(log_p)) - picked)
    ),
    about="g · (softmax of the logits - 1 at the label)",
)


def _softmax_of(x, axis):
    """Of arrays; in rules of higher order, of tensors."""
    e = np.exp(_shifted(x, axis))
    return _in_rows(e / np.sum(e, axis=axis, keepdims=True))


def _log_softmax_of(x, axis):
    shifted = _shifted(x, axis)
    total = np.add.reduce(np.exp(shifted), axis=axis, keepdims=True)
    return _in_rows(shifted - np.log(total))


def _shifted(x, axis):
    """x less its maximum, which changes nothing but the overflow. A short last axis comes to lie outermost in memory,
    since NumPy reduces along it many times as fast then."""
    if isinstance(x, np.ndarray) and x.ndim > 1 and axis in (-1, x.ndim - 1) and x.shape[-1] <= 32:
        x = np.asfortranarray(x)
    return x - _highest.either(x, axis=axis)


def _in_rows(x):
    """x with its rows one after the other in memory, as all that meets it has them."""
    return np.ascontiguousarray(x) if isinstance(x, np.ndarray) and x.ndim else x


_highest = Operation("highest", lambda x, axis: largest(x, axis, True))  # it cancels out: no rule


def leaky_relu(features, alpha=0.2, name=None):
    """x where it is positive, else alpha · x."""
    x = convert_to_tensor(features)
    return _leaky_relu(x if x.dtype.kind == "f" else cast(x, "float32"), alpha=float(alpha))


def silu(features, beta=1.0, name=None):
    """x · sigmoid(beta · x), also called swish (Ramachandran et al., 2017)."""
    x = convert_to_tensor(features)
    return x * sigmoid(beta * x)


swish = silu


def log_sigmoid(x, name=None):
    """The logarithm of the sigmoid of x, exact where that would round to 0 or 1."""
    return -softplus(-convert_to_tensor(x))


def dropout(x, rate, noise_shape=None, seed=None, name=None):
    """x with each element set to 0 at probability `rate`, and the others divided by 1 - rate, so that sums keep their
    mean. Elements whose place differs only along axes of size 1 in `noise_shape` are kept or dropped together."""
    x = floating("dropout", x)
    rate = convert_to_tensor(rate, x.dtype)
    if rate.ndim or (not tracing() and not 0 <= float(rate) < 1):
        raise ValueError(f"dropout: rate is {rate._value}, and must be one number from 0 to below 1.")
    kept = uniform(x.shape if noise_shape is None else noise_shape, dtype=x.dtype, seed=seed) >= rate
    if kept.ndim > x.ndim or any(m not in (1, n) for m, n in zip(kept.shape[::-1], x.shape[::-1])):
        raise ValueError(f"dropout: noise_shape {noise_shape} does not broadcast to the shape of x, {x.shape}.")
    return where(kept, x / (1 - rate), 0.0)


def gelu(features, approximate=False, name=None):
    """x · Φ(x), with Φ the normal distribution function; `approximate` uses tanh (Hendrycks and Gimpel, 2016)."""
    x = convert_to_tensor(features)
    if approximate:
        return 0.5 * x * (1 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))
    return 0.5 * x * (1 + erf(x * math.sqrt(0.5)))


def softmax(logits, axis=-1, name=None):
    """eˣ / Σ eˣ along `axis`: positive, with sum 1."""
    return _softmax(logits, axis=-1 if axis is None else one_axis("softmax", axis))


def log_softmax(logits, axis=-1, name=None):
    """The logarithm of `softmax`, exact where that would round to 0."""
    return _log_softmax(logits, axis=-1 if axis is None else one_axis("log_softmax", axis))


def softmax_cross_entropy_with_logits(labels, logits, axis=-1, name=None):
    """-Σ labels · log softmax(logits) along `axis`.

    Args:
        labels: probabilities, of the shape of `logits`.
        logits: unnormalized log-probabilities.

    Returns:
        A tensor without that axis: a loss for each example.
    """
    labels, logits = as_tensors("softmax_cross_entropy_with_logits", (labels, logits))
    if labels.shape != logits.shape or not logits.ndim:
        raise ValueError(
            f"softmax_cross_entropy_with_logits: labels have shape {labels.shape} and logits {logits.shape}. They "
            "must be equal, one probability for each class; class numbers go to "
            "sparse_softmax_cross_entropy_with_logits."
        )
    if not -logits.ndim <= axis < logits.ndim:
        raise ValueError(f"softmax_cross_entropy_with_logits: logits of shape {logits.shape} have no axis {axis}.")
    if axis not in (-1, logits.ndim - 1):
        labels, logits = np.moveaxis(labels, axis, -1), np.moveaxis(logits, axis, -1)
    return _cross_entropy(labels, logits)


def sparse_softmax_cross_entropy_with_logits(labels, logits, name=None):
    """-log softmax(logits)[label]: the cross-entropy for labels that are class numbers.

    Args:
        labels: integers from 0 to classes - 1, of shape (*batch,).
        logits: of shape (*batch, classes).

    Returns:
        A tensor of shape (*batch,).
    """
    labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
    if not logits.ndim or labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"sparse_softmax_cross_entropy_with_logits: labels have shape {labels.shape} and logits {logits.shape}. "
            f"Labels need the logits' shape without its last axis, {logits.shape[:-1]}."
        )
    labels = checked_indices("sparse_softmax_cross_entropy_with_logits", labels, logits.shape[-1])
    # The rule uses these again, so they are computed once.
    if tracing():
        picked, log_p = equal(expand_dims(labels, -1), np.arange(logits.shape[-1])), stop_gradient(log_softmax(logits))
    else:
        picked = Tensor(labels._value[..., None] == np.arange(logits.shape[-1]))
        log_p = Tensor(_log_softmax_of(logits._value, -1))
    return _sparse_cross_entropy(logits, picked, log_p)


def sigmoid_cross_entropy_with_logits(labels=None, logits=None, name=None):
    """-labels · log σ(x) - (1 - labels) · log(1 - σ(x)), x the logits: element by element, without overflow."""
    labels, logits = as_tensors("sigmoid_cross_entropy_with_logits", (labels, logits))
    if labels.shape != logits.shape:
        raise ValueError(
            f"sigmoid_cross_entropy_with_logits: labels have shape {labels.shape} and logits {logits.shape}. Make "
            "them equal."
        )
    return _sigmoid_cross_entropy(labels, logits)


# Not softplus(x) - labels · x, whose terms cancel for a confident right answer.
_sigmoid_cross_entropy = Operation(
    "sigmoid_cross_entropy_with_logits",
    lambda labels, x: np.maximum(x, 0) - x * labels + np.log1p(np.exp(-np.abs(x))),
    lambda g, z, labels, x: -g * x,
    lambda g, z, labels, x: g * _sigmoid_minus(labels, x),
    about="g · (sigmoid of the logits - labels) to the logits, -g · logits to the labels",
    elementwise=True,
)


def _sigmoid_minus(labels, x):
    """sigmoid(x) - labels, where labels are 0 or 1 exact to the last digit, also where the sigmoid rounds to 1."""
    e = np.exp(np.where(x >= 0, -x, x))
    rest = e / (1 + e)  # what the sigmoid has left to 0 or to 1
    return np.where(x >= 0, (1 - labels) - rest, rest - labels)


def l2_loss(t, name=None):
    """Half the sum of squares: Σ t² / 2."""
    return reduce_sum(square(t)) / 2


def moments(x, axes, shift=None, keepdims=False, name=None):
    """The mean and the variance along `axes`, as a pair. Unlike TensorFlow's, its second derivative is exact too."""
    x, axes = convert_to_tensor(x), axis_tuple(axes)
    return reduce_mean(x, axes, keepdims), reduce_variance(x, axes, keepdims)


def embedding_lookup(params, ids, max_norm=None, name=None):
    """The rows of `params` with the numbers `ids`: `gather` along the first axis."""
    rows = gather(params, ids)
    if max_norm is None:
        return rows
    return clip_by_norm(rows, max_norm, axes=[*range(convert_to_tensor(ids).ndim, rows.ndim)])


def zero_fraction(value, name=None):
    """The share of the elements that are zero."""
    return reduce_mean(cast(equal(value, 0), "float32"))
