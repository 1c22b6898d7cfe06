"""Products and norms of matrices and of tensors of any rank: what TensorFlow also keeps under `tf.linalg`."""

import operator
import string

import numpy as np

from course.composed import eye, global_norm
from course.engine import ops
from course.engine.arguments import axis_tuple, size_along
from course.engine.operation import Operation, as_inputs, as_tensors, convert_to_tensor, each, floating
from course.engine.ops import matmul, transpose_last as matrix_transpose
from course.engine.tensor import Tensor


def _einsum_rule(i, g, z, *inputs, terms, output):
    """The same sum with g in the place of input i, and g repeated along letters that only input i has."""
    others = [t for k, t in enumerate(terms) if k != i] + [output]
    rest = [x for k, x in enumerate(inputs) if k != i] + [g]
    known = "".join(letter for letter in terms[i] if any(letter in t for t in others))
    part = _einsum.either(*rest, terms=tuple(others), output=known)
    shape = tuple(n if letter in known else 1 for letter, n in zip(terms[i], inputs[i].shape))
    sizes = dict(zip(known, part.shape))
    full = tuple(sizes.get(letter, n) for letter, n in zip(terms[i], inputs[i].shape))
    return np.broadcast_to(np.reshape(part, tuple(sizes.get(c, n) for c, n in zip(terms[i], shape))), full)


_einsum = Operation(
    "einsum",
    lambda *inputs, terms, output: np.einsum(f"{','.join(terms)}->{output}", *inputs, optimize=len(inputs) > 2),
    each(_einsum_rule),
    about="the same sum with g in the input's place",
)


def einsum(equation, *inputs, name=None):
    """Einstein's sum: "ij,jk->ik" multiplies matrices. Each letter is an axis; those not after "->" are summed; "..."
    stands for any further axes; without "->" the letters that occur once, in alphabetical order, are the output's."""
    inputs = as_tensors("einsum", inputs)
    left, arrow, output = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(inputs):
        raise ValueError(f"einsum: {equation!r} names {len(terms)} inputs and {len(inputs)} were given.")
    spare = [c for c in string.ascii_letters if c not in equation]
    dots = max((x.ndim - len(t.replace("...", "")) for t, x in zip(terms, inputs) if "..." in t), default=0)
    ellipsis = "".join(spare[:dots])
    if not arrow:
        flat = "".join(terms).replace(".", "")
        output = "..." * ("..." in left) + "".join(sorted(c for c in set(flat) if flat.count(c) == 1))
    for k, (term, x) in enumerate(zip(terms, inputs)):
        extra = x.ndim - len(term.replace("...", ""))
        if extra < 0 or (extra and "..." not in term):
            raise ValueError(f"einsum: {term!r} names {len(term)} axes, and that input has shape {x.shape}.")
        terms[k] = term.replace("...", ellipsis[dots - extra :])
    output = output.replace("...", ellipsis)
    terms, inputs = _without_diagonals(terms, inputs, spare[dots:])
    return _einsum(*inputs, terms=tuple(terms), output=output)


def _without_diagonals(terms, inputs, spare):
    """A letter twice in one term is a diagonal: rename the second, and tie the two with an identity matrix."""
    terms, inputs, spare = list(terms), list(inputs), iter(spare)
    for k in range(0, len(terms)):
        for position, letter in enumerate(terms[k]):
            if letter in terms[k][:position]:
                new = next(spare)
                terms[k] = terms[k][:position] + new + terms[k][position + 1 :]
                terms.append(letter + new)
                inputs.append(Tensor(np.eye(inputs[k].shape[position], dtype=inputs[k].dtype)))
    return terms, inputs


def tensordot(a, b, axes, name=None):
    """The sum of products over pairs of axes.

    Args:
        axes: how many of the last axes of a and the first of b to pair; or two lists, of a's axes and of b's.
    """
    a, b = as_inputs((a, b))
    if not isinstance(axes, list | tuple):
        if not 0 <= int(axes) <= min(a.ndim, b.ndim):
            raise ValueError(f"tensordot: {axes} axes cannot be paired between shapes {a.shape} and {b.shape}.")
        axes_a, axes_b = list(range(a.ndim - axes, a.ndim)), list(range(0, axes))
    else:
        axes_a, axes_b = ([int(i) for i in np.atleast_1d(part)] for part in axes)
    letters = string.ascii_letters
    names_a = list(letters[: a.ndim])
    names_b = list(letters[a.ndim : a.ndim + b.ndim])
    if len(axes_a) != len(axes_b):
        raise ValueError(f"tensordot: {len(axes_a)} axes of a and {len(axes_b)} of b cannot be paired: give as many.")
    for i, j in zip(axes_a, axes_b):
        if not -a.ndim <= i < a.ndim or not -b.ndim <= j < b.ndim or a.shape[i] != b.shape[j]:
            raise ValueError(f"tensordot: axis {i} of {a.shape} and axis {j} of {b.shape} do not have the same size.")
        names_b[j] = names_a[i]
    summed = {names_a[i] for i in axes_a}
    free = [n for n in names_a + names_b if n not in summed]
    return einsum(f"{''.join(names_a)},{''.join(names_b)}->{''.join(free)}", a, b)


def matvec(a, b, transpose_a=False, name=None):
    """The product of a matrix, or of each of a batch, with a vector."""
    a, b = as_inputs((a, b))
    if not b.ndim:
        raise ValueError(f"matvec: the vector is the scalar {b._value}. Use multiply.")
    return ops.squeeze(matmul(a, ops.expand_dims(b, -1), transpose_a=transpose_a), [-1])


def diag(diagonal, k=0, padding_value=0, name=None):
    """Square matrices with the last axis of `diagonal` on their k-th diagonal (above the main one if k > 0), and
    `padding_value` elsewhere."""
    x, k = convert_to_tensor(diagonal), operator.index(k)
    n = size_along("diag", x, -1)
    rows, columns = np.arange(n) - min(k, 0), np.arange(n) + max(k, 0)
    shape = (*x.shape[:-1], n + abs(k), n + abs(k))
    whole = ops.put(x, Tensor(rows), Tensor(columns), key=(..., np.ndarray, np.ndarray), shape=shape)
    if type(padding_value) is int and padding_value == 0:
        return whole
    return ops.where(np.eye(n + abs(k), k=k, dtype=bool), whole, convert_to_tensor(padding_value, x.dtype))


def diag_part(input, k=0, name=None):
    """The k-th diagonal of a matrix, or of each of a batch."""
    x, k = _matrices("diag_part", input), operator.index(k)
    rows, columns = x.shape[-2:]
    n = min(rows + min(k, 0), columns - max(k, 0))
    if n < 1 and k:
        raise ValueError(f"diag_part: matrices of shape {x.shape} have no diagonal {k}.")
    return ops.pick(x, (..., np.arange(n) - min(k, 0), np.arange(n) + max(k, 0)))


def trace(x, name=None):
    """The sum of the main diagonal of a matrix, or of each of a batch."""
    return ops.reduce_sum(diag_part(_matrices("trace", x)), -1)


def inv(input, adjoint=False, name=None):
    """The inverse of a square matrix, or of each of a batch; of its transpose, if `adjoint`. A ValueError if there is
    none."""
    x = _square("inv", input)
    return _inv(matrix_transpose(x) if adjoint else x)


def det(input, name=None):
    """The determinant of a square matrix, or of each of a batch."""
    return _det(_square("det", input))


def _matrices(name, x):
    x = convert_to_tensor(x)
    if x.ndim < 2:
        raise ValueError(f"{name}: shape {x.shape} is not that of a matrix, which has two axes.")
    return x


def _square(name, x):
    x = _matrices(name, floating(name, x))
    if x.shape[-1] != x.shape[-2]:
        raise ValueError(f"{name}: the matrix must be square, and has shape {x.shape}.")
    return x


def _wide(function):
    """A function of NumPy's linalg, which does not take float16, for every float dtype."""
    return lambda x: function(x) if x.dtype.itemsize > 2 else function(x.astype(np.float32)).astype(x.dtype)


def _flip(x):
    return np.swapaxes(x, -1, -2)


def _cofactors(x):
    """The derivative of the determinant. Not det · inverse, which a singular matrix has none of."""
    u, s, vt = np.linalg.svd(x)
    others = np.prod(np.where(np.eye(x.shape[-1], dtype=bool), 1, s[..., None, :]), axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return (sign[..., None, None] * (u * others[..., None, :])) @ vt


def _gradient_of_cofactors(g, z, x):
    """Of det · inverse, transposed; a singular matrix is refused here, in the second derivative."""
    inverse = _inv.either(x)
    total = np.sum(g * _flip(inverse), axis=(-1, -2), keepdims=True)
    return total * z - np.matmul(np.matmul(z, _flip(g)), _flip(inverse))


_inv = Operation("inv", _wide(np.linalg.inv), lambda g, z, x: -np.matmul(np.matmul(_flip(z), g), _flip(z)),
                 about="-z⁻ᵀ g z⁻ᵀ, z the inverse")  # fmt: skip
_cofactor = Operation("cofactors", _wide(_cofactors), _gradient_of_cofactors, about="from det · inverse")
_det = Operation("det", _wide(np.linalg.det), lambda g, z, x: np.reshape(g, (*g.shape, 1, 1)) * _cofactor.either(x),
                 about="g · the cofactors of x")  # fmt: skip


def norm(tensor, ord="euclidean", axis=None, keepdims=False, name=None):
    """A norm of all elements, taken as one vector, or of the vectors along `axis`; of matrices, if `axis` names two.

    Args:
        ord: of vectors "euclidean", np.inf, or a p > 0 for (Σ|x|^p)^(1/p), such as 1 or 2. Of matrices "euclidean" or
            "fro" (the root of the sum of squares), 1 (the largest sum of a column's absolute values), np.inf (of a
            row's), or 2 (the largest singular value).
    """
    x, axes = floating("norm", tensor), axis_tuple(axis)
    if isinstance(axes, tuple) and len(axes) == 1:
        axes = axes[0]
    if ord == "euclidean" or (ord == 2 and not isinstance(axes, tuple)):
        return ops.sqrt(ops.reduce_sum(ops.square(x), axes, keepdims))
    if isinstance(axes, tuple):
        if len(axes) != 2:
            raise ValueError(f"norm: axis {axis} names {len(axes)} axes; ord {ord!r} needs one, or two for matrices.")
        return _norm_of_matrices(x, ord, axes, keepdims)
    if ord == 1:
        return ops.reduce_sum(ops.abs_(x), axes, keepdims)
    if ord == np.inf:
        return ops.reduce_max(ops.abs_(x), axes, keepdims)
    if isinstance(ord, str) or not ord > 0:
        raise ValueError(f"norm: of vectors, ord is 'euclidean', np.inf or a number above 0, not {ord!r}.")
    return ops.reduce_sum(ops.abs_(x) ** ord, axes, keepdims) ** (1 / ord)


def _norm_of_matrices(x, ord, axes, keepdims):
    if ord == "fro":
        return ops.sqrt(ops.reduce_sum(ops.square(x), axes, keepdims))
    if ord not in (1, 2, np.inf):
        raise ValueError(f"norm: of matrices, ord is 'euclidean', 'fro', 1, 2 or np.inf, not {ord!r}.")
    for axis in axes:
        size_along("norm", x, axis)
    row, column = (axis % x.ndim for axis in axes)
    if row == column:
        raise ValueError(f"norm: axis {axes} names an axis of shape {x.shape} twice.")
    if ord == 2:
        rest = [i for i in range(x.ndim) if i not in (row, column)]
        z = _spectral(ops.transpose(x, [*rest, row, column]))
        return ops.reshape(z, [1 if i in (row, column) else n for i, n in enumerate(x.shape)]) if keepdims else z
    summed, kept = (row, column) if ord == 1 else (column, row)
    z = ops.reduce_max(ops.reduce_sum(ops.abs_(x), summed, keepdims=True), kept, keepdims=True)
    return z if keepdims else ops.squeeze(z, [row, column])


def _gradient_of_direction(g, z, x):
    """For M = xᵀx and M z = λ z: dz = -(M - λ)⁺ dM z. The bordered matrix inverts M - λ on what is orthogonal to z."""
    column, g = np.reshape(z, (*z.shape, 1)), np.reshape(g, (*g.shape, 1))
    image = np.matmul(x, column)
    m = np.matmul(_flip(x), x) - np.sum(image * image, axis=-2, keepdims=True) * np.eye(x.shape[-1], dtype=x.dtype)
    border = np.concatenate([m, column], axis=-1), np.concatenate([_flip(column), 0 * g[..., :1, :]], axis=-1)
    solved = np.matmul(_inv.either(np.concatenate(border, axis=-2)), np.concatenate([g, 0 * g[..., :1, :]], axis=-2))
    w = -solved[..., :-1, :]
    return np.matmul(image, _flip(w)) + np.matmul(np.matmul(x, w), _flip(column))


_direction = Operation("direction", _wide(lambda x: np.linalg.svd(x)[2][..., 0, :]), _gradient_of_direction,
                       about="by the perturbation of an eigenvector")  # fmt: skip
_spectral = Operation("largest singular value", _wide(lambda x: np.linalg.svd(x, compute_uv=False)[..., 0]),
                      lambda g, z, x: _outer(g / z, x, _direction.either(x)),
                      about="g · u vᵀ, of the largest singular value's vectors")  # fmt: skip


def _outer(g, x, v):
    """g · (x v) vᵀ, for each matrix x."""
    column = np.reshape(v, (*v.shape, 1))
    return np.reshape(g, (*g.shape, 1, 1)) * np.matmul(np.matmul(x, column), _flip(column))
