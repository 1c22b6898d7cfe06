"""IndexedSlices: a gradient that is zero but for some rows, kept as those rows."""

import numpy as np

from course.engine.operation import Operation, convert_to_tensor
from course.engine.tensor import Tensor, TensorShape


def _put_rows(values, indices, shape):
    whole = np.zeros(shape, values.dtype)
    np.add.at(whole, indices, values)
    return whole


put_rows = Operation(
    "put_rows", _put_rows,
    lambda g, z, x, indices, shape: g[indices], None,
    about="the rows of g where the rows went")  # fmt: skip


class IndexedSlices:
    """Rows of a larger tensor: row `indices[i]` is `values[i]`, duplicates add up, all other rows are zero.

    It is what the gradient of a `gather` is made of, so that an update of three rows of a table of a million costs
    three rows' work. Adding two of them, and scaling one, leaves them sparse; whatever else reads it gets it dense.

    Args:
        values: shape (n, *row).
        indices: n row numbers, shape (n,), an integer dtype.
        dense_shape: the shape of the whole, (rows, *row), if known.

    Raises:
        TypeError: `indices` are not integers.
        ValueError: the shapes do not fit together.
    """

    __slots__ = ("values", "indices", "dense_shape", "__weakref__")
    __array_ufunc__ = None  # NumPy leaves `array * slices` to this class

    def __init__(self, values, indices, dense_shape=None):
        self.values, self.indices = convert_to_tensor(values), convert_to_tensor(indices)
        if self.indices.dtype.kind not in "iu":
            raise TypeError(f"IndexedSlices: indices must be integers, not {self.indices.dtype}: {self.indices}.")
        if self.indices.ndim != 1 or self.values.shape[:1] != self.indices.shape:
            raise ValueError(
                f"IndexedSlices: values of shape {self.values.shape} and indices of shape {self.indices.shape} do not "
                f"fit: give one index for each row of values."
            )
        self.dense_shape = None if dense_shape is None else TensorShape(int(n) for n in dense_shape)
        if dense_shape is not None and self.dense_shape[1:] != self.values.shape[1:]:
            raise ValueError(
                f"IndexedSlices: rows of shape {self.values.shape[1:]} do not fit dense_shape {self.dense_shape}."
            )

    @classmethod
    def of(cls, values, indices, dense_shape):
        """The same of parts known to fit, arrays or tensors: what gradient rules make."""
        slices = object.__new__(cls)
        slices.values, slices.indices, slices.dense_shape = values, indices, dense_shape
        return slices

    @property
    def shape(self):
        """The shape of the whole, or None if unknown."""
        return self.dense_shape

    @property
    def dtype(self):
        """The dtype of the values."""
        return self.values.dtype

    def dense(self):
        """The whole: a tensor (an array, if the values are one) of shape `dense_shape`."""
        if self.dense_shape is None:
            raise ValueError("IndexedSlices: its dense_shape is unknown, so it cannot be made dense. Give dense_shape.")
        return put_rows.either(self.values, self.indices, shape=tuple(self.dense_shape))

    _read = dense  # operations that need a tensor get it dense

    def numpy(self):
        """The whole as a dense NumPy array."""
        return self.dense().numpy()

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype=dtype)

    def __add__(self, other):
        if not isinstance(other, IndexedSlices):
            return self.dense() + other
        return IndexedSlices.of(
            np.concatenate([self.values, other.values]),
            np.concatenate([self.indices, other.indices]),
            self.dense_shape or other.dense_shape,
        )

    __radd__ = __add__

    def __neg__(self):
        return IndexedSlices.of(-self.values, self.indices, self.dense_shape)

    def __mul__(self, factor):
        if np.ndim(factor) != 0:
            return self.dense() * factor
        return IndexedSlices.of(self.values * factor, self.indices, self.dense_shape)

    __rmul__ = __mul__

    def __truediv__(self, divisor):
        if np.ndim(divisor) != 0:
            return self.dense() / divisor
        return IndexedSlices.of(self.values / divisor, self.indices, self.dense_shape)

    def __repr__(self):
        return f"IndexedSlices(indices={self.indices}, values={self.values}, dense_shape={self.dense_shape})"


def as_gradient(g, dense=False):
    """What a tape computed with, as what it returns: arrays as tensors, slices of tensors (or `dense`)."""
    if type(g) is IndexedSlices:
        if dense or type(g.values) is Tensor:
            return g.dense() if dense else g
        return IndexedSlices.of(Tensor(g.values), Tensor(g.indices), TensorShape(g.dense_shape))
    return g if g is None or type(g) is Tensor else Tensor(g)
