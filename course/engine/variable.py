"""Variable: a tensor-shaped state that can change."""

import operator

import numpy as np

from course.engine.indexed_slices import IndexedSlices
from course.engine.operation import convert_to_tensor
from course.engine.recorder import active, symbol
from course.engine.tensor import Tensor, TensorLike, checked_cast, to_array, value_repr


class Variable(TensorLike):
    """A value that can change, of a fixed shape and dtype. Models keep their parameters in variables.

    Every use of a variable reads it, and a read is a snapshot: a later assign does not change it. While a
    `GradientTape` is active, reading a trainable variable watches it.

    Args:
        initial_value: anything that `constant` takes, or a function without arguments that returns it.
        trainable: whether tapes watch it on their own, and `Module.trainable_variables` lists it.
        name: for printing and for error messages.
        dtype: by default that of `constant(initial_value)`.

    Raises:
        TypeError, ValueError: as `constant`.
    """

    # _value is written in place only while nobody else can hold it: not when it has been read whole (_snapshot) or
    # came from a tensor (_borrowed).
    __slots__ = ("_value", "_snapshot", "_borrowed", "_name", "_trainable", "__weakref__")

    def __init__(self, initial_value=None, trainable=True, name=None, dtype=None):
        if initial_value is None:
            raise ValueError("Variable: give an initial value, which also decides the shape and the dtype.")
        for recorder in active.recorders:
            recorder.on_new_variable(name or "Variable")
        if callable(initial_value):
            initial_value = initial_value()
        self._set(np.asarray(to_array(initial_value, dtype)))
        self._name, self._trainable = name or "Variable", bool(trainable)

    def _set(self, value, borrowed=False):
        self._value, self._snapshot, self._borrowed = value, None, borrowed

    @property
    def name(self):
        """The name, with TensorFlow's ":0" after it."""
        return f"{self._name}:0"

    @property
    def trainable(self):
        """Whether tapes watch it when it is read."""
        return self._trainable

    def _read(self):
        """The snapshot of the present value, the same tensor until the next change."""
        if self._snapshot is None:
            self._snapshot = Tensor(self._value)
        for recorder in active.recorders:
            recorder.on_read(self, self._snapshot)
        return self._snapshot

    def _read_rows(self):
        """A tensor for `gather`, which copies rows: updates in place stay possible, unlike after `_read`."""
        rows = Tensor(self._value)
        for recorder in active.recorders:
            recorder.on_read(self, rows)
        return rows

    def value(self):
        """A tensor with the present value."""
        return convert_to_tensor(self)

    read_value = value

    def assign(self, value, use_locking=False, name=None, read_value=True):
        """Set the value; shape and dtype stay. Returns the variable.

        Raises:
            ValueError: another shape than the variable's, or numbers out of the dtype's range.
            TypeError: floats for an integer variable.
        """
        array = self._checked("assign", value)
        if active.recorders:
            self._tell("assign", value, array)
        self._set(array, borrowed=isinstance(value, TensorLike))
        return self

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        """Add `delta`, of the variable's shape. Returns the variable; raises as `assign`."""
        if type(delta) is IndexedSlices:
            return self.scatter_add(delta)
        array = self._checked("assign_add", delta)
        if active.recorders:
            self._tell("assign_add", delta, array)
        self._set(self._value + array)
        return self

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        """Subtract `delta`, of the variable's shape. Returns the variable; raises as `assign`."""
        if type(delta) is IndexedSlices:
            return self.scatter_sub(delta)
        array = self._checked("assign_sub", delta)
        if active.recorders:
            self._tell("assign_sub", delta, array)
        self._set(self._value - array)
        return self

    def scatter_update(self, sparse_delta):
        """Set the rows `sparse_delta.indices` to `sparse_delta.values`; of duplicate indices the last counts.

        Args:
            sparse_delta: `IndexedSlices`, or anything with `values` and `indices`.

        Returns:
            The variable.

        Raises:
            IndexError: an index that is negative or too large.
            ValueError: rows of another shape than the variable's.
            TypeError: not an `IndexedSlices`, or values of a kind that does not fit the dtype.
        """
        return self._scatter("scatter_update", sparse_delta, operator.setitem)

    def scatter_add(self, sparse_delta):
        """Add `sparse_delta.values` to the rows `sparse_delta.indices`; duplicates add up. Else as `scatter_update`."""
        return self._scatter("scatter_add", sparse_delta, np.add.at)

    def scatter_sub(self, sparse_delta):
        """Subtract `sparse_delta.values` from the rows `sparse_delta.indices`; otherwise as `scatter_add`."""
        return self._scatter("scatter_sub", sparse_delta, np.subtract.at)

    def _scatter(self, method, slices, put):
        values, indices = self._checked_rows(method, slices)
        self._tell(method, slices)
        put(self._own(), indices, values)
        return self

    def _tell(self, method, value, array=None):
        """Tells the tapes, before the variable changes: the tensor or slices given, or a tensor of the `array`."""
        if array is not None and not isinstance(value, TensorLike):
            value = Tensor(array)
        for recorder in active.recorders:
            recorder.on_change(self, method, value)

    def _own(self):
        """The array, to be written to: copied first if somebody else may hold it."""
        if self._snapshot is not None or self._borrowed or type(self._value) is not np.ndarray:  # but a NumPy scalar
            self._set(np.array(self._value))
        return self._value

    def _checked(self, method, value):
        """`value` as an array that fits the variable; a whole-shape check, since assigning never broadcasts."""
        dtype = self._value.dtype
        try:
            if isinstance(value, TensorLike):
                array = value._read()._value
            else:
                array = to_array(value, None if hasattr(value, "dtype") else dtype)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{method}, to the variable {self.name!r} of dtype {dtype}: {error}") from None
        if array.shape != self._value.shape:
            raise ValueError(
                f"{method}: the variable {self.name!r} has shape {self.shape} and the value has shape {array.shape}. "
                f"A variable's shape is fixed: reshape the value or sum it down."
            )
        if array.dtype != dtype:
            if not np.can_cast(array.dtype, dtype, "same_kind"):
                raise TypeError(
                    f"{method}: the variable {self.name!r} has dtype {dtype} and the value has dtype {array.dtype}. "
                    f"A variable's dtype is fixed: cast the value."
                )
            array = checked_cast(array, dtype, value)
        return array

    def _checked_rows(self, method, slices):
        """Values and indices of an `IndexedSlices` that fits the variable."""
        if not hasattr(slices, "indices") or not hasattr(slices, "values"):
            raise TypeError(
                f"{method}: expected IndexedSlices(values, indices), got {type(slices).__name__}. "
                f"For the whole variable use assign, assign_add or assign_sub."
            )
        if not self._value.ndim:
            raise ValueError(f"{method}: the variable {self.name!r} is a scalar and has no rows. Use assign.")
        values, indices = (x._value if type(x) is Tensor else to_array(x) for x in (slices.values, slices.indices))
        check_indices(method, indices, len(self._value))
        if values.shape != indices.shape + self._value.shape[1:]:
            raise ValueError(
                f"{method}: {indices.shape} indices into the variable {self.name!r} of shape {self.shape} need values "
                f"of shape {indices.shape + self._value.shape[1:]}, not {values.shape}."
            )
        if values.dtype != self._value.dtype and not np.can_cast(values.dtype, self._value.dtype, "same_kind"):
            raise TypeError(
                f"{method}: the variable {self.name!r} has dtype {self.dtype} and the values have dtype "
                f"{values.dtype}. Cast the values."
            )
        return values, indices

    def _refuse_in_place(self, other):
        raise TypeError(
            f"`=` with an operator would bind the name to a new Tensor and leave the variable {self.name!r} as it is. "
            f"Use assign_add for +=, assign_sub for -=, and assign(v * x) for the others."
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = __ifloordiv__ = __imod__ = _refuse_in_place

    def __repr__(self):
        value = value_repr(self._value)
        return symbol(self) or f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype}, numpy={value}>"

    def __reduce__(self):
        return _rebuild, (self._value.copy(), self._trainable, self._name)


def _rebuild(value, trainable, name):
    """A variable from its parts, for pickle and copy."""
    return Variable(value, trainable=trainable, name=name)


def check_indices(what, indices, size):
    """Raises where an index into an axis of `size` is not an integer, negative, or too large."""
    if indices.dtype.kind not in "iu":
        raise TypeError(f"{what}: indices must be integers, not {indices.dtype}. Use cast.")
    unsigned = np.asarray(indices).view(f"u{indices.dtype.itemsize}")  # negative ones become huge: one comparison
    if indices.size and np.maximum.reduce(unsigned, axis=None) >= size:
        bad = indices[unsigned >= size]
        raise IndexError(f"{what}: index {bad.flat[0]} is out of range for {size} rows: 0 to {size - 1} are valid.")
