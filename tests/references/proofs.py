"""The table of proofs: each differentiable operation, the same in plain NumPy, and inputs to try both on.

`test_proofs.py` compares every entry with finite differences, with autograd and with what TensorFlow gave, which
`tools/reference.py` wrote to `reference.json`. `call(tf, *inputs, **arguments)` takes this package or TensorFlow,
`same(np, *inputs, **arguments)` autograd's NumPy.
"""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

INF, NAN = math.inf, math.nan


@dataclass
class Proof:
    """One differentiable operation.

    `shapes` is "any", "broadcast" or "reduce", for which Hypothesis draws shapes and arguments; or a list of pairs
    (the inputs' shapes, arguments). `domain` bounds the inputs (for each input, if a list); `kinks` are values around
    which they are kept away. `edges` are further inputs (and arguments) for the comparison with TensorFlow.
    """

    name: str
    call: Callable
    same: Callable
    shapes: str | list = "any"
    domain: tuple | list = (-2.0, 2.0)
    kinks: tuple = (0.0,)
    edges: list = field(default_factory=list)
    dtype: str = "float64"
    tensorflow: str = ""  # why its second derivative is not the standard, where it is not

    def examples(self):
        """The pairs of inputs' shapes and arguments for the reference file."""
        if self.shapes == "any":
            return [(((2, 3),), {}), (((),), {})]
        if self.shapes == "broadcast":
            return [(((2, 3), (3,)), {}), (((2, 1), (1, 3)), {}), (((), (2,)), {})]
        if self.shapes == "reduce":
            return [(((2, 3),), {}), (((2, 3),), {"axis": 1}), (((2, 3, 2),), {"axis": [0, 2], "keepdims": True})]
        return self.shapes

    def inputs(self, shapes, seed=0):
        """Arrays of these shapes: all elements distinct, within the domain, away from kinks."""
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), seed])
        total = sum(math.prod(shape) for shape in shapes)
        places = (rng.permutation(total) + 0.5 + 0.3 * rng.uniform(-1, 1, total)) / max(total, 1)
        arrays = []
        for i, shape in enumerate(shapes):
            n = math.prod(shape)
            low, high = self.domain[i] if isinstance(self.domain, list) else self.domain
            values, places = low + (high - low) * places[:n], places[n:]
            for kink in self.kinks:
                values = np.where(np.abs(values - kink) < 0.02, kink + 0.02, values)
            arrays.append(np.asarray(values.reshape(shape), self.dtype))
        return arrays


def axes_of(axis):
    return tuple(axis) if isinstance(axis, list) else axis


def erf(np, x):
    """2/√π ∫₀ˣ exp(-t²) dt by Gauss and Legendre's rule, exact to rounding for |x| < 3."""
    nodes, weights = numpy_legendre(60)
    t = np.reshape(x, np.shape(x) + (1,)) * (nodes + 1) / 2
    return x / math.sqrt(math.pi) * np.sum(weights * np.exp(-t * t), axis=-1)


def numpy_legendre(n):
    return np.polynomial.legendre.leggauss(n)


def log_softmax(np, x, axis=-1):
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def along(np, x, order, axis):
    """x with its elements along `axis` in `order`."""
    grids = list(numpy_ogrid(order.shape))
    grids[axis] = order
    return x[tuple(grids)]


def padded(np, x, paddings, mode, value):
    if mode != "CONSTANT":
        places = [numpy_pad(range(n), pair, mode=mode.lower()) for n, pair in zip(x.shape, paddings)]
        return x[np.ix_(*places)]
    return np.pad(x, paddings, "constant") + value * (1 - np.pad(0 * x + 1, paddings, "constant"))


def numpy_pad(places, pair, mode):
    return np.pad(np.arange(len(places)), pair, mode=mode)


def one_at(np, row, shape):
    """Zeros of `shape`, with ones where the indices of a row lead."""
    return numpy_one_at(tuple(row), shape)


def numpy_one_at(row, shape):
    whole = np.zeros(shape)
    whole[row] = 1.0
    return whole


def diagonals(n, k):
    """For each of n elements the matrix with a 1 where `diag` puts it."""
    return np.stack([np.diag(row, k) for row in np.eye(n)]) if n else np.zeros((0, abs(k), abs(k)))


def largest_sum(np, x, summed, kept, keepdims):
    z = np.max(np.sum(np.abs(x), axis=summed, keepdims=True), axis=kept, keepdims=True)
    return z if keepdims else np.reshape(z, without(x.shape, (summed, kept)))


def largest_singular_value(np, x, axis, keepdims):
    """By the eigenvalues of xᵀx."""
    x = np.moveaxis(x, axis, (-2, -1))
    batch = x.shape[:-2]
    z = np.sqrt(np.linalg.eigh(np.matmul(np.swapaxes(x, -1, -2), x))[0][..., -1])
    if not keepdims:
        return z
    shape = list(batch)
    for place in sorted(a % (len(batch) + 2) for a in axis):
        shape.insert(place, 1)
    return np.reshape(z, shape)


def without(shape, axes):
    return tuple(n for i, n in enumerate(shape) if i not in {a % len(shape) for a in axes})


def cumulative_product(np, x, axis=0, exclusive=False, reverse=False):
    """Each product of the elements before (or after), and of the element itself unless `exclusive`."""
    x = np.moveaxis(x, axis, 0)
    n = x.shape[0]
    chosen = [range(i + exclusive, n) if reverse else range(i + 1 - exclusive) for i in range(n)]
    rows = [np.prod(np.concatenate([0 * x[:1] + 1, *[x[j : j + 1] for j in js]]), axis=0) for js in chosen]
    return np.moveaxis(np.stack(rows), 0, axis) if rows else np.moveaxis(x, 0, axis)


def numpy_ogrid(shape):
    return np.ogrid[tuple(slice(n) for n in shape)]


def clipped(np, x, norm, size):
    return x * norm / np.maximum(size, norm)


def cumulative(np, x, axis=0, exclusive=False, reverse=False):
    flip = (slice(None),) * (axis % np.ndim(x)) + (slice(None, None, -1),)
    x = x[flip] if reverse else x
    total = np.cumsum(x, axis=axis) - (x if exclusive else 0)
    return total[flip] if reverse else total


def unary(name, same, *, call=None, edges=(), **options):
    """A function of one tensor, element by element; by default under tf.math."""
    return Proof(
        name,
        call or (lambda tf, x: getattr(tf.math, name)(x)),
        same,
        edges=[([np.array(edge)], {}) for edge in edges],
        **options,
    )


def binary(name, same, *, call=None, edges=(), **options):
    return Proof(
        name,
        call or (lambda tf, x, y: getattr(tf.math, name)(x, y)),
        same,
        "broadcast",
        edges=[([np.array(x), np.array(y)], {}) for x, y in edges],
        **options,
    )


def reduction(name, same, *, edges=(), call=None, **options):
    return Proof(
        name,
        call or (lambda tf, x, **arguments: getattr(tf.math, name)(x, **arguments)),
        lambda np, x, axis=None, keepdims=False: same(np, x, axis=axes_of(axis), keepdims=keepdims),
        "reduce",
        edges=[([np.array(edge)], {}) for edge in edges],
        **options,
    )


def activation(name, same, *, call=None, edges=(), **options):
    return unary(name, same, call=call or (lambda tf, x: getattr(tf.nn, name)(x)), edges=edges, **options)


FAR = [-1000.0, -40.0, -1e-9, 0.0, 1e-9, 40.0, 1000.0]
MATRICES = [((2, 3), (3, 2)), ((4, 2, 3), (3, 2)), ((2, 1, 2, 3), (3, 3, 1))]

PROOFS = [
    # element by element, one input
    unary("negative", lambda np, x: -x),
    unary("square", lambda np, x: x**2, edges=[[0.0, -0.0]]),
    unary("sqrt", lambda np, x: np.sqrt(x), domain=(0.1, 4), edges=[[0.0, 4.0]]),
    unary("rsqrt", lambda np, x: 1 / np.sqrt(x), domain=(0.1, 4), edges=[[0.0, 4.0]]),
    unary("reciprocal", lambda np, x: 1 / x, domain=(0.2, 2), edges=[[-2.0, 1e300]]),
    unary("exp", lambda np, x: np.exp(x), edges=[[-1000.0, 0.0, 700.0]]),
    unary("expm1", lambda np, x: np.expm1(x), edges=[[-1000.0, 1e-20, 700.0]]),
    unary("log", lambda np, x: np.log(x), domain=(0.1, 4), edges=[[0.0, 1e-300, 1e300]]),
    unary("log1p", lambda np, x: np.log1p(x), domain=(-0.8, 3), edges=[[1e-20, -1.0, 1e300]]),
    unary("sin", lambda np, x: np.sin(x)),
    unary("cos", lambda np, x: np.cos(x)),
    unary("tan", lambda np, x: np.tan(x), domain=(-1.2, 1.2)),
    unary("sinh", lambda np, x: np.sinh(x)),
    unary("cosh", lambda np, x: np.cosh(x)),
    unary("tanh", lambda np, x: np.tanh(x), edges=[FAR]),
    unary("asin", lambda np, x: np.arcsin(x), domain=(-0.9, 0.9), edges=[[0.0]]),
    unary("acos", lambda np, x: np.arccos(x), domain=(-0.9, 0.9), edges=[[0.0]]),
    unary("atan", lambda np, x: np.arctan(x), edges=[[-1e100, 0.0, 1e100]]),
    unary("abs", lambda np, x: np.abs(x), edges=[[-1.0, 0.0, 2.0]]),
    unary("sign", lambda np, x: np.sign(x), edges=[[-1.0, 0.0, 2.0]]),
    unary("erf", erf, edges=[[-6.0, 0.0, 6.0]]),
    # element by element, two inputs
    binary("add", lambda np, x, y: x + y),
    binary("subtract", lambda np, x, y: x - y),
    binary("multiply", lambda np, x, y: x * y, edges=[(0.0, 0.0)]),
    binary("divide", lambda np, x, y: x / y, domain=[(-2, 2), (0.3, 2)], edges=[([1.0, 0.0], [-2.0, 3.0])]),
    binary(
        "divide_no_nan",
        lambda np, x, y: x / y,
        domain=[(-2, 2), (0.3, 2)],
        edges=[([1.0, 2.0, INF, NAN], [0.0, 4.0, 0.0, 0.0])],
    ),
    binary(
        "multiply_no_nan",
        lambda np, x, y: x * y,
        edges=[([INF, 2.0, NAN], [0.0, 4.0, 0.0])],
        kinks=(),
    ),
    binary(
        "atan2",
        lambda np, y, x: np.arctan2(y, x),
        domain=[(0.2, 2), (-2, 2)],
        edges=[([0.0, 1.0, -1.0, 0.0], [1.0, 0.0, 0.0, -1.0])],
    ),
    binary(
        "pow",
        lambda np, x, y: x**y,
        domain=[(0.2, 2), (-2, 3)],
        edges=[([0.0, 0.0, 0.0, 0.0], [2.0, 1.0, 0.0, 3.0]), ([-1.0, -2.0, -1.5, 2.0], [2.0, 3.0, 1.0, 0.0])],
    ),
    binary("maximum", lambda np, x, y: np.maximum(x, y), edges=[([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]), (1.0, [1.0, 0.0])]),
    binary("minimum", lambda np, x, y: np.minimum(x, y), edges=[([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]), (1.0, [1.0, 2.0])]),
    binary("floormod", lambda np, x, y: x - y * np.floor(x / y), domain=[(5.0, 5.8), (2.05, 2.4)], edges=[(-7.0, 2.0)]),
    binary("squared_difference", lambda np, x, y: (x - y) ** 2, edges=[(1.0, 1.0)]),
    Proof(
        "where",
        lambda tf, x, y: tf.where(x > y, x, y * y),
        lambda np, x, y: np.where(x > y, x + 0 * y, y * y + 0 * x),
        "broadcast",
        edges=[([np.array([1.0, 2.0]), np.array(1.0)], {})],
    ),
    Proof(
        "clip_by_value",
        lambda tf, x, low, high: tf.clip_by_value(x, low, high),
        lambda np, x, low, high: np.minimum(np.maximum(x, low), high),
        [(((2, 3), (), ()), {}), (((3,), (3,), (3,)), {})],
        domain=[(-2, 2), (-1, -0.5), (0.5, 1)],
        edges=[([np.array([0.0, 1.0, 1.5, 2.0, 3.0]), np.array(1.0), np.array(2.0)], {})],
    ),
    Proof("add_n", lambda tf, x, y: tf.math.add_n([x, y, x]), lambda np, x, y: x + y + x, [(((2, 3), (2, 3)), {})]),
    Proof(
        "clip_by_norm",
        lambda tf, x, norm, **arguments: tf.clip_by_norm(x, norm, **arguments),
        lambda np, x, norm, axes=None: clipped(np, x, norm, np.sqrt(np.sum(x**2, axis=axes_of(axes), keepdims=True))),
        [(((2, 3), ()), {}), (((2, 3), ()), {"axes": [1]})],
        domain=[(0.4, 2), (0.1, 5)],
        edges=[([np.zeros(2), np.array(1.0)], {}), ([np.array([3.0, 4.0]), np.array(6.0)], {})],
    ),
    Proof(
        "clip_by_global_norm",
        lambda tf, x, y: [*tf.clip_by_global_norm([x, y], 1.5)[0], tf.clip_by_global_norm([x, y], 1.5)[1]],
        lambda np, x, y: [
            clipped(np, x, 1.5, np.sqrt(np.sum(x * x) + np.sum(y * y))),
            clipped(np, y, 1.5, np.sqrt(np.sum(x * x) + np.sum(y * y))),
            np.sqrt(np.sum(x * x) + np.sum(y * y)),
        ],
        [(((2, 3), (3,)), {}), (((), ()), {})],
    ),
    Proof(
        "global_norm",
        lambda tf, x, y: tf.linalg.global_norm([x, y]),
        lambda np, x, y: np.sqrt(np.sum(x * x) + np.sum(y * y)),
        [(((2, 3), (3,)), {})],
    ),
    Proof("cast", lambda tf, x: tf.cast(x, "float64"), lambda np, x: x + 0.0, dtype="float32"),
    Proof("identity", lambda tf, x: tf.identity(x) * x, lambda np, x: x * x),
    Proof(
        "convert_to_tensor",
        lambda tf, x, y: tf.convert_to_tensor([x, y]),
        lambda np, x, y: np.stack([x, y]),
        [(((2,), (2,)), {})],
    ),
    # reductions
    reduction("reduce_sum", lambda np, x, **k: np.sum(x, **k)),
    reduction("reduce_mean", lambda np, x, **k: np.mean(x, **k)),
    reduction("reduce_max", lambda np, x, **k: np.max(x, **k), edges=[[1.0, 2.0, 2.0], [[3.0, 3.0], [3.0, 3.0]]]),
    reduction("reduce_min", lambda np, x, **k: np.min(x, **k), edges=[[1.0, 1.0, 2.0], [[3.0, 3.0], [3.0, 3.0]]]),
    reduction(
        "reduce_prod",
        lambda np, x, **k: np.prod(x, **k),
        domain=(0.5, 1.6),
        edges=[[-1.0, 3.0]],
    ),
    Proof(
        "reduce_prod with a zero",
        lambda tf, x: tf.reduce_prod(x * [1.0, 0.0, 1.0]),
        lambda np, x: x[0] * (0.0 * x[1]) * x[2],
        [(((3,),), {})],
        edges=[([np.array([1.0, 0.0, 2.0])], {}), ([np.array([0.0, 0.0, 2.0])], {})],
        tensorflow="the gradient of its cumprod, which the gradient of reduce_prod uses, divides by the factors",
    ),
    reduction("reduce_variance", lambda np, x, **k: np.var(x, **k), edges=[[2.0, 2.0, 2.0]]),
    reduction("reduce_std", lambda np, x, **k: np.std(x, **k), edges=[[2.0, 2.0, 2.0]]),
    reduction("reduce_logsumexp", lambda np, x, **k: np.log(np.sum(np.exp(x), **k)), edges=[FAR, [-1000.0, -1000.0]]),
    reduction(
        "norm",
        lambda np, x, **k: np.sqrt(np.sum(x * x, **k)),
        call=lambda tf, x, **k: tf.norm(x, **k),
        edges=[[0.0, 0.0], [3.0, 4.0]],
    ),
    Proof(
        "norm 1",
        lambda tf, x: tf.norm(x, ord=1),
        lambda np, x: np.sum(np.abs(x)),
        edges=[([np.array([0.0, -2.0])], {})],
    ),
    Proof(
        "norm inf",
        lambda tf, x: tf.norm(x, ord=INF),
        lambda np, x: np.max(np.abs(x)),
        [(((2, 3),), {})],
        edges=[([np.array([4.0, 0.0, -4.0])], {})],
    ),
    Proof(
        "norm p",
        lambda tf, x, **k: tf.norm(x, ord=3, **k),
        lambda np, x, axis=None: np.sum(np.abs(x) ** 3, axis=axis) ** (1 / 3),
        [(((2, 3),), {}), (((2, 3),), {"axis": -1})],
    ),
    *[
        Proof(
            f"norm {order} of matrices",
            lambda tf, x, order=order, **k: tf.norm(x, ord=order, **k),
            same,
            [(((2, 3),), {"axis": [0, 1]}), (((3, 2, 4),), {"axis": [-1, 0], "keepdims": True})],
        )
        for order, same in (
            (1, lambda np, x, axis, keepdims=False: largest_sum(np, x, axis[0], axis[1], keepdims)),
            (INF, lambda np, x, axis, keepdims=False: largest_sum(np, x, axis[1], axis[0], keepdims)),
            ("fro", lambda np, x, axis, keepdims=False: np.sqrt(np.sum(x * x, axis=tuple(axis), keepdims=keepdims))),
            (2, lambda np, x, axis, keepdims=False: largest_singular_value(np, x, axis, keepdims)),
        )
    ],
    Proof(
        "cumsum",
        lambda tf, x, **k: tf.math.cumsum(x, **k),
        cumulative,
        [
            (((4,),), {}),
            (((2, 3),), {"axis": 1, "exclusive": True}),
            (((2, 3),), {"axis": -2, "reverse": True}),
            (((3, 2),), {"axis": 0, "reverse": True, "exclusive": True}),
            (((0, 2),), {"axis": 0}),
        ],
    ),
    Proof(
        "cumprod",
        lambda tf, x, **k: tf.math.cumprod(x, **k),
        lambda np, x, **k: cumulative_product(np, x, **k),
        [
            (((4,),), {}),
            (((2, 3),), {"axis": 1, "exclusive": True}),
            (((2, 3),), {"axis": -2, "reverse": True}),
            (((3, 2),), {"axis": 0, "reverse": True, "exclusive": True}),
            (((0, 2),), {"axis": 0}),
        ],
        domain=(0.5, 1.6),
    ),
    # products of matrices
    Proof(
        "matmul",
        lambda tf, a, b, **k: tf.matmul(a, b, **k),
        lambda np, a, b, transpose_a=False, transpose_b=False: np.matmul(
            np.swapaxes(a, -1, -2) if transpose_a else a, np.swapaxes(b, -1, -2) if transpose_b else b
        ),
        [
            *[(shapes, {}) for shapes in MATRICES[:2]],
            (((5, 2, 3), (5, 3, 2)), {}),
            (((2, 1, 2, 3), (3, 3, 1)), {}),
            (((3, 2), (3, 4)), {"transpose_a": True}),
            (((2, 3), (2, 3)), {"transpose_b": True}),
            (((0, 3), (3, 2)), {}),
        ],
    ),
    Proof(
        "tensordot",
        lambda tf, a, b, axes: tf.tensordot(a, b, axes),
        lambda np, a, b, axes: np.tensordot(a, b, axes),
        [
            (((2, 3), (3, 2)), {"axes": 1}),
            (((2,), (3,)), {"axes": 0}),
            (((2, 3, 2), (3, 2, 2)), {"axes": [[0, 1], [1, 0]]}),
        ],
    ),
    Proof(
        "einsum",
        lambda tf, *inputs, equation: tf.einsum(equation, *inputs),
        lambda np, *inputs, equation: np.einsum(equation, *inputs),
        [
            (((2, 3), (3, 2)), {"equation": "ij,jk->ik"}),
            (((2, 3),), {"equation": "ij->i"}),
            (((2, 3),), {"equation": "ij->ji"}),
            (((2,), (2,), (2,)), {"equation": "i,i,i->"}),
            (((2, 2, 3), (2, 3, 2)), {"equation": "...ij,...jk->...ik"}),
            (((2, 3), (2, 4)), {"equation": "ij,ik->ij"}),
        ],
    ),
    Proof(
        "einsum diagonal",
        lambda tf, x: tf.einsum("ii->i", x),
        lambda np, x: x[np.arange(x.shape[0]), np.arange(x.shape[0])],
        [(((3, 3),), {})],
    ),
    Proof(
        "matrix_transpose",
        lambda tf, x: tf.linalg.matrix_transpose(x),
        lambda np, x: np.swapaxes(x, -1, -2),
        [(((2, 3, 2),), {})],
    ),
    Proof(
        "matvec",
        lambda tf, a, b, **k: tf.linalg.matvec(a, b, **k),
        lambda np, a, b, transpose_a=False: np.einsum("...ji,...j->...i" if transpose_a else "...ij,...j->...i", a, b),
        [(((2, 3), (3,)), {}), (((4, 2, 3), (4, 2)), {"transpose_a": True})],
    ),
    Proof(
        "diag",
        lambda tf, x, **k: tf.linalg.diag(x, **k),
        lambda np, x, k=0, padding_value=0.0: (
            np.einsum("...i,ijk->...jk", x, diagonals(x.shape[-1], k))
            + padding_value * (1 - diagonals(x.shape[-1], k).sum(0))
        ),
        [(((3,),), {}), (((2, 2),), {"k": 1}), (((2,),), {"k": -2, "padding_value": 5.0}), (((0,),), {})],
    ),
    Proof(
        "diag_part",
        lambda tf, x, **k: tf.linalg.diag_part(x, **k),
        lambda np, x, k=0: np.stack(
            [
                x[..., i - min(k, 0), i + max(k, 0)]
                for i in range(min(x.shape[-2] + min(k, 0), x.shape[-1] - max(k, 0)))
            ],
            axis=-1,
        ),
        [(((2, 3),), {}), (((2, 2, 3),), {"k": 2}), (((3, 2),), {"k": -1})],
    ),
    Proof(
        "trace",
        lambda tf, x: tf.linalg.trace(x),
        lambda np, x: np.einsum("...ij,ij->...", x, np.eye(*x.shape[-2:])),
        [(((2, 3),), {}), (((2, 3, 3),), {})],
    ),
    Proof(
        "inv",
        lambda tf, x, **k: tf.linalg.inv(x + 3.0 * tf.eye(x.shape[-1], dtype=x.dtype), **k),
        lambda np, x, adjoint=False: np.linalg.inv(
            (np.swapaxes(x, -1, -2) if adjoint else x) + 3.0 * np.eye(x.shape[-1])
        ),
        [(((3, 3),), {}), (((2, 2, 2),), {"adjoint": True})],
        domain=(-1, 1),
    ),
    Proof(
        "det",
        lambda tf, x: tf.linalg.det(x + 3.0 * tf.eye(x.shape[-1], dtype=x.dtype)),
        lambda np, x: np.linalg.det(x + 3.0 * np.eye(x.shape[-1])),
        [(((3, 3),), {}), (((2, 2, 2),), {})],
        domain=(-1, 1),
    ),
    # shapes
    Proof(
        "reshape",
        lambda tf, x: tf.reshape(x, [3, -1]),
        lambda np, x: np.reshape(x, (3, -1)),
        [(((2, 3),), {}), (((0, 3),), {})],
    ),
    Proof(
        "transpose",
        lambda tf, x, **k: tf.transpose(x, **k),
        lambda np, x, perm=None: np.transpose(x, perm),
        [(((2, 3),), {}), (((2, 3, 4),), {"perm": [1, 2, 0]})],
    ),
    Proof("expand_dims", lambda tf, x: tf.expand_dims(x, -1), lambda np, x: np.expand_dims(x, -1)),
    Proof(
        "squeeze",
        lambda tf, x, **k: tf.squeeze(x, **k),
        lambda np, x, axis=None: np.squeeze(x, axes_of(axis)),
        [(((2, 1, 3, 1),), {}), (((1, 2, 1),), {"axis": [0]})],
    ),
    Proof(
        "broadcast_to",
        lambda tf, x: tf.broadcast_to(x, [2, 2, 3]),
        lambda np, x: x + np.zeros((2, 2, 3)),
        [(((3,),), {}), (((2, 1),), {}), (((),), {})],
    ),
    Proof("fill", lambda tf, x: tf.fill([2, 3], x), lambda np, x: x + np.zeros((2, 3)), [(((),), {})]),
    Proof(
        "concat",
        lambda tf, *x, axis: tf.concat(x, axis),
        lambda np, *x, axis: np.concatenate(x, axis),
        [(((2, 3), (2, 1), (2, 0)), {"axis": 1}), (((2, 2), (1, 2)), {"axis": -2})],
    ),
    Proof(
        "stack",
        lambda tf, *x, axis: tf.stack(x, axis),
        lambda np, *x, axis: np.stack(x, axis),
        [(((2, 3), (2, 3)), {"axis": 0}), (((2,), (2,), (2,)), {"axis": -1})],
    ),
    Proof(
        "unstack",
        lambda tf, x: tf.unstack(x * x, axis=1),
        lambda np, x: [(x * x)[:, i] for i in range(3)],
        [(((2, 3),), {})],
    ),
    Proof(
        "split",
        lambda tf, x, parts: tf.split(x * x, parts, axis=1),
        lambda np, x, parts: [(x * x)[:, :2], (x * x)[:, 2:]],
        [(((2, 4),), {"parts": 2}), (((2, 3),), {"parts": [2, -1]})],
    ),
    Proof(
        "tile", lambda tf, x: tf.tile(x, [2, 3]), lambda np, x: np.tile(x, (2, 3)), [(((2, 2),), {}), (((1, 0),), {})]
    ),
    Proof(
        "meshgrid",
        lambda tf, x, y, **k: tf.meshgrid(x, y, **k),
        lambda np, x, y, indexing="xy": [
            np.outer(np.ones(y.size), x) if indexing == "xy" else np.outer(x, np.ones(y.size)),
            np.outer(y, np.ones(x.size)) if indexing == "xy" else np.outer(np.ones(x.size), y),
        ],
        [(((2,), (3,)), {}), (((2,), (3,)), {"indexing": "ij"})],
    ),
    # picking elements
    Proof(
        "getitem",
        lambda tf, x: [part * part for part in (x[1], x[:, ::-2], x[..., tf.newaxis, 0], x[-1, 1:3], x[0, 0])],
        lambda np, x: [part * part for part in (x[1], x[:, ::-2], x[..., None, 0], x[-1, 1:3], x[0, 0])],
        [(((2, 4),), {}), (((3, 3),), {})],
    ),
    Proof(
        "gather",
        lambda tf, x, indices, **k: tf.gather(x * x, indices, **k),
        lambda np, x, indices, axis=0: (x * x)[(slice(None),) * axis + (np.array(indices),)],
        [(((3, 2),), {"indices": [2, 0, 2]}), (((2, 3),), {"indices": [1, 1], "axis": 1}), (((3,),), {"indices": 1})],
    ),
    Proof(
        "gather from a table",
        lambda tf, x: tf.square(tf.gather(x, [[0, 1], [1, 1]])),
        lambda np, x: x[np.array([[0, 1], [1, 1]])] ** 2,
        [(((3, 2),), {}), (((2,),), {})],
    ),
    Proof(
        "gather in batches",
        lambda tf, x: tf.gather(x, [[1, 0], [2, 2]], batch_dims=1),
        lambda np, x: x[np.array([[0], [1]]), np.array([[1, 0], [2, 2]])],
        [(((2, 3),), {}), (((2, 3, 2),), {})],
    ),
    Proof(
        "gather_nd",
        lambda tf, x, indices: tf.gather_nd(x, indices),
        lambda np, x, indices: x[tuple(np.moveaxis(np.array(indices), -1, 0))],
        [(((2, 3),), {"indices": [[0, 1], [1, 2], [0, 1]]}), (((2, 3),), {"indices": [[1], [1]]})],
    ),
    Proof(
        "boolean_mask",
        lambda tf, x: tf.boolean_mask(x, [True, False, True]),
        lambda np, x: x[np.array([True, False, True])],
        [(((3, 2),), {}), (((3,),), {})],
    ),
    Proof(
        "sort",
        lambda tf, x, **k: tf.sort(x, **k),
        lambda np, x, axis=-1, direction="ASCENDING": along(
            np, x, np.argsort(x if direction == "ASCENDING" else -x, axis=axis), axis
        ),
        [(((5,),), {}), (((2, 3),), {"axis": 0}), (((2, 3),), {"direction": "DESCENDING"})],
        edges=[([np.array([2.0, 1.0, 1.0])], {})],
    ),
    Proof(
        "top_k",
        lambda tf, x, k: tf.math.top_k(x, k).values,
        lambda np, x, k: along(np, x, np.argsort(-x, axis=-1)[..., :k], -1),
        [(((5,),), {"k": 3}), (((2, 3),), {"k": 3}), (((2, 2),), {"k": 0})],
        edges=[([np.array([2.0, 1.0, 2.0])], {"k": 2})],
    ),
    Proof(
        "slice",
        lambda tf, x: tf.slice(x, [1, 0, 1], [1, -1, 2]),
        lambda np, x: x[1:2, :, 1:3],
        [(((2, 2, 4),), {}), (((3, 0, 3),), {})],
    ),
    Proof(
        "reverse",
        lambda tf, x, axis: tf.reverse(x, axis),
        lambda np, x, axis: x[::-1, ::-1] if len(axis) == 2 else x[:, ::-1],
        [(((2, 3),), {"axis": [0, -1]}), (((2, 3),), {"axis": [1]})],
    ),
    Proof(
        "pad",
        lambda tf, x, **k: tf.pad(x, [[1, 0], [1, 2]], **k),
        lambda np, x, mode="CONSTANT", constant_values=0.0: padded(np, x, [[1, 0], [1, 2]], mode, constant_values),
        [
            (((2, 3),), {}),
            (((2, 3),), {"constant_values": 7.0}),
            (((2, 3),), {"mode": "REFLECT"}),
            (((2, 3),), {"mode": "SYMMETRIC"}),
            (((0, 3),), {}),
        ],
    ),
    Proof(
        "scatter_nd",
        lambda tf, x, indices, shape: tf.scatter_nd(indices, x, shape),
        lambda np, x, indices, shape: sum(
            np.reshape(x[i], (1,) * len(row) + x[i].shape) * one_at(np, row, shape) for i, row in enumerate(indices)
        ),
        [
            (((3,),), {"indices": [[1], [3], [1]], "shape": [5]}),
            (((2,),), {"indices": [[0, 1], [1, 1]], "shape": [2, 2]}),
            (((2, 3),), {"indices": [[2], [0]], "shape": [3, 3]}),
        ],
    ),
    Proof(
        "embedding_lookup",
        lambda tf, x, **k: tf.nn.embedding_lookup(x, [1, 0, 1], **k),
        lambda np, x, max_norm=INF: (
            clipped(
                np,
                x[np.array([1, 0, 1])],
                max_norm,
                np.sqrt(np.sum(x[np.array([1, 0, 1])] ** 2, axis=-1, keepdims=True)),
            )
            if max_norm < INF
            else x[np.array([1, 0, 1])]
        ),
        [(((3, 2),), {}), (((3, 2),), {"max_norm": 1.0})],
    ),
    # networks
    activation("sigmoid", lambda np, x: 1 / (1 + np.exp(-x)), edges=[FAR]),
    activation("softplus", lambda np, x: np.log1p(np.exp(x)), edges=[FAR]),
    activation("relu", lambda np, x: np.maximum(x, 0), edges=[FAR]),
    activation("leaky_relu", lambda np, x: np.where(x > 0, x, 0.2 * x), edges=[FAR]),
    activation("relu6", lambda np, x: np.minimum(np.maximum(x, 0), 6), edges=[FAR, [3.0, 6.0, 7.0]]),
    activation(
        "selu",
        lambda np, x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(np.minimum(x, 0)) - 1)),
        edges=[FAR],
    ),
    activation("softsign", lambda np, x: x / (1 + np.abs(x)), edges=[FAR], tensorflow="its gradient has no gradient"),
    activation("silu", lambda np, x: x / (1 + np.exp(-x)), edges=[FAR]),
    activation("swish", lambda np, x: x / (1 + np.exp(-2 * x)), call=lambda tf, x: tf.nn.swish(x, beta=2.0)),
    unary("log_sigmoid", lambda np, x: -np.log1p(np.exp(-x)), edges=[FAR]),
    activation("dropout", lambda np, x: x, call=lambda tf, x: tf.nn.dropout(x, 0.0)),
    activation("elu", lambda np, x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1), edges=[FAR]),
    activation("gelu", lambda np, x: x / 2 * (1 + erf(np, x / math.sqrt(2))), edges=[[-10.0, 0.0, 10.0]]),
    activation(
        "gelu approximate",
        lambda np, x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        call=lambda tf, x: tf.nn.gelu(x, approximate=True),
        edges=[[-10.0, 0.0, 10.0]],
    ),
    Proof(
        "softmax",
        lambda tf, x, **k: tf.nn.softmax(x, **k),
        lambda np, x, axis=-1: np.exp(log_softmax(np, x, axis)),
        [(((2, 3),), {}), (((2, 3),), {"axis": 0})],
        edges=[([np.array(FAR)], {}), ([np.zeros(3)], {})],
    ),
    Proof(
        "log_softmax",
        lambda tf, x, **k: tf.nn.log_softmax(x, **k),
        log_softmax,
        [(((2, 3),), {}), (((2, 3),), {"axis": 0})],
        edges=[([np.array(FAR)], {}), ([np.zeros(3)], {})],
    ),
    Proof(
        "softmax_cross_entropy_with_logits",
        lambda tf, x, y, **k: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x, **k), y, **k),
        lambda np, x, y, axis=-1: -np.sum(np.exp(log_softmax(np, x, axis)) * log_softmax(np, y, axis), axis=axis),
        [(((2, 3), (2, 3)), {}), (((2, 3), (2, 3)), {"axis": 0}), (((4,), (4,)), {})],
        edges=[([np.zeros(3), np.array([1000.0, 0.0, -1000.0])], {})],
        tensorflow="the gradient of the logits' gradient leaves the labels out",
    ),
    Proof(
        "softmax_cross_entropy_with_logits of fixed labels",
        lambda tf, x: tf.nn.softmax_cross_entropy_with_logits([[0.25, 0.5, 0.25]], x),
        lambda np, x: -np.sum(np.array([0.25, 0.5, 0.25]) * log_softmax(np, x), axis=-1),
        [(((1, 3),), {})],
        edges=[([np.array([[1000.0, 0.0, -1000.0]])], {})],
    ),
    Proof(
        "sparse_softmax_cross_entropy_with_logits",
        lambda tf, x, labels: tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x),
        lambda np, x, labels: -np.sum(np.eye(x.shape[-1])[np.array(labels)] * log_softmax(np, x), axis=-1),
        [(((2, 3),), {"labels": [2, 0]}), (((2, 2, 3),), {"labels": [[2, 0], [1, 1]]})],
        edges=[([np.array([[1000.0, 0.0, -1000.0]])], {"labels": [2]})],
    ),
    Proof(
        "sigmoid_cross_entropy_with_logits",
        lambda tf, x, y: tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=y),
        lambda np, x, y: np.log1p(np.exp(y)) - x * y,
        [(((2, 3), (2, 3)), {}), (((), ()), {})],
        edges=[([np.linspace(0, 1, 7), np.array(FAR)], {})],
    ),
    Proof("l2_loss", lambda tf, x: tf.nn.l2_loss(x), lambda np, x: np.sum(x * x) / 2),
    Proof(
        "moments",
        lambda tf, x, **k: list(tf.nn.moments(x, **k)),
        lambda np, x, axes, keepdims=False: [
            np.mean(x, axes_of(axes), keepdims=keepdims),
            np.var(x, axes_of(axes), keepdims=keepdims),
        ],
        [(((3, 2),), {"axes": [0]}), (((3, 2),), {"axes": [0, 1], "keepdims": True})],
        tensorflow="its variance stops the gradient of the mean: right in first order only",
    ),
]


def cases():
    """Every input of the table: (key, proof, inputs, arguments)."""
    for proof in PROOFS:
        named = [(proof.inputs(shapes, i), arguments) for i, (shapes, arguments) in enumerate(proof.examples())]
        for i, (inputs, arguments) in enumerate(named + proof.edges):
            yield f"{proof.name} {i}" + (" edge" if i >= len(named) else ""), proof, inputs, arguments


def weights(shape, shift=0.0):
    """Fixed numbers of that shape, no two alike: what outputs are weighted by before they are summed."""
    return np.reshape(np.cos(np.arange(math.prod(shape)) + 1.0 + shift), shape)


def listed(x):
    return list(x) if isinstance(x, list | tuple) else [x]


def derivatives(tf, function, inputs, second=True):
    """Outputs, gradients, and the gradients of the gradients, of `function(*tensors)`, all weighted by `weights`.

    Each as a list of arrays; an unconnected gradient as None.
    """
    xs = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as outer:
        outer.watch(xs)
        with tf.GradientTape() as inner:
            inner.watch(xs)
            ys = listed(function(*xs))
        seeds = [tf.constant(weights(y.shape).astype(np.asarray(y).dtype)) for y in ys]
        gradients = [
            g if g is None else tf.convert_to_tensor(g) for g in inner.gradient(ys, xs, output_gradients=seeds)
        ]
    known = [(g, i) for i, g in enumerate(gradients) if g is not None]
    if known and second:
        seeds = [tf.constant(weights(g.shape, 0.5 + i).astype(np.asarray(g).dtype)) for g, i in known]
        seconds = outer.gradient([g for g, _ in known], xs, output_gradients=seeds)
    else:
        seconds = [None] * len(xs)
    dense = [None if g is None else np.asarray(tf.convert_to_tensor(g)) for g in seconds]
    return [np.asarray(y) for y in ys], [None if g is None else np.asarray(g) for g in gradients], dense
