"""Products and norms of matrices and of tensors of any rank: what TensorFlow also keeps under `tf.linalg`."""

import string

import numpy as np

from course.composed import eye, global_norm
from course.engine import ops
from course.engine.operation import Operation, convert_to_tensor, each
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
    inputs = [convert_to_tensor(x) for x in inputs]
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
    a, b = convert_to_tensor(a), convert_to_tensor(b)
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


def norm(tensor, ord="euclidean", axis=None, keepdims=False, name=None):
    """The norm of all elements, or along `axis`: "euclidean" (or 2), 1, or infinity (np.inf)."""
    if ord in ("euclidean", 2):
        return ops.sqrt(ops.reduce_sum(ops.square(tensor), axis, keepdims))
    if ord == 1:
        return ops.reduce_sum(ops.abs_(tensor), axis, keepdims)
    if ord == np.inf:
        return ops.reduce_max(ops.abs_(tensor), axis, keepdims)
    raise ValueError(f"norm: ord is 'euclidean', 1, 2 or np.inf, not {ord!r}.")
