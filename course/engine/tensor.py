"""Tensor: an immutable array whose every use can be recorded.

A tensor wraps one NumPy array (or NumPy scalar) and never changes it. It answers NumPy's own protocols, so that
`np.exp(t)` and `t + 1` reach the operations of `course.engine.ops`, which is where the tape listens.
"""

import functools

import numpy as np

from course.engine.recorder import active, symbol

float16, float32, float64 = np.dtype("float16"), np.dtype("float32"), np.dtype("float64")
int32, int64, uint8, bool_ = np.dtype("int32"), np.dtype("int64"), np.dtype("uint8"), np.dtype("bool")

COMPLEX = "complex numbers are out of scope here. Keep the real and the imaginary parts in two tensors."
PYTHON_NUMBERS = (float, int, bool)

# NumPy's functions → this package's operations; `course.protocols` fills them.
UFUNCS, REDUCTIONS, FUNCTIONS = {}, {}, {}


class TensorShape(tuple):
    """A tensor's shape: a tuple of sizes, with TensorFlow's extras."""

    __slots__ = ()

    def as_list(self):
        """The sizes as a list."""
        return list(self)

    @property
    def rank(self):
        """The number of axes."""
        return len(self)

    ndims = rank

    def num_elements(self):
        """The product of the sizes."""
        return int(np.prod(self, dtype=np.int64))

    def __repr__(self):
        return f"TensorShape({list(self)})"

    def __eq__(self, other):
        return tuple.__eq__(self, tuple(other) if isinstance(other, list) else other)

    def __ne__(self, other):
        return not self == other

    __hash__, __str__ = tuple.__hash__, tuple.__repr__


class TensorLike:
    """What tensors and variables share: both hold an array, `_value`, and both can be read as a tensor, `_read()`."""

    __slots__ = ()

    def __hash__(self):
        raise TypeError(
            f"a {type(self).__name__} cannot be a dictionary's key or a member of a set, because == compares element "
            f"by element. Use its .ref(), and .deref() to get it back."
        )

    @property
    def shape(self):
        """The sizes of the axes, a tuple."""
        return TensorShape(np.shape(self._value))

    @property
    def dtype(self):
        """The NumPy dtype of the elements."""
        return self._value.dtype

    @property
    def ndim(self):
        """The number of axes."""
        return np.ndim(self._value)

    def get_shape(self):
        """The same as `shape`."""
        return self.shape

    def numpy(self):
        """The value as a NumPy scalar, or as a read-only array: copy it to change it. What is computed from it is not
        recorded."""
        value = self._read()._value
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
            value = value[()]  # of rank 0: a scalar
        for recorder in active.recorders:
            recorder.on_exit(self, "numpy")
        return value

    def ref(self):
        """A hashable reference, for sets and dictionary keys; `deref()` gives the tensor or variable back."""
        return Reference(self)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(out is not None for out in kwargs.pop("out", ())):
            raise TypeError(
                f"np.{ufunc.__name__} was asked to write its result into an existing array or tensor. Tensors are "
                f"immutable: use the result it returns (`a = a + t` in place of `a += t`), or t.numpy()."
            )
        known = {"__call__": UFUNCS, "reduce": REDUCTIONS}.get(method, {}).get(ufunc)
        if known is not None:
            return known(*inputs, **_along(ufunc, method, kwargs))
        self._refuse_inside_tape(f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}"), inputs)
        return getattr(ufunc, method)(*(_plain(x) for x in inputs), **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        known = FUNCTIONS.get(function)
        if known is not None:
            return known(*args, **kwargs)
        args, kwargs = _plain(args), {key: _plain(value) for key, value in kwargs.items()}
        self._refuse_inside_tape(f"np.{function.__name__}", args)
        return function(*args, **kwargs)

    def _refuse_inside_tape(self, name, inputs):
        """A NumPy function without a gradient rule is fine outside a tape, and an error where it would lose one."""
        for recorder in active.recorders:
            if any(recorder.follows(x) for x in (self, *inputs)):
                raise TypeError(
                    f"{name} has no gradient rule here, and a tape is recording its input. Use operations of `course`; "
                    f"or, if no gradient should pass, give it the tensor's .numpy()."
                )

    def __float__(self):
        return float(self._single("float"))

    def __int__(self):
        return int(self._single("int"))

    def __index__(self):
        if self.dtype.kind not in "iu":
            raise TypeError(f"only an integer tensor can be an index, and this one has dtype {self.dtype}.")
        return int(self._single("an index"))

    def __bool__(self):
        return bool(self._single("bool"))

    def _single(self, wanted):
        if np.size(self._value) != 1:
            raise ValueError(
                f"{wanted}: a tensor of shape {self.shape} has {self._value.size} values, not one. "
                f"Reduce it first (reduce_sum, reduce_mean, reduce_all, reduce_any) or index one element."
            )
        return self.numpy().item()

    def __format__(self, spec):
        if self.ndim or (not spec and symbol(self)):
            return format(str(self), spec)
        return format(self.numpy(), spec)

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("a scalar has no len(): its shape is ().")
        return self._value.shape[0]

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("cannot iterate over a scalar: its shape is ().")
        return (self[i] for i in range(len(self)))

    def __setitem__(self, key, value):
        raise TypeError(
            "elements cannot be assigned: a Tensor never changes, and a Variable changes by assign, or row by row by "
            "scatter_update(IndexedSlices(values, indices))."
        )

    def __getattr__(self, name):
        if name in ("assign", "assign_add", "assign_sub") and type(self) is Tensor and hasattr(self, "_assign_part"):
            return functools.partial(self._assign_part, name)
        if name.startswith("assign"):
            hint = "A Tensor never changes; keep state in a Variable"
        elif hasattr(np.ndarray, name) and not name.startswith("__"):
            hint = f"Arrays do: use .numpy().{name}, or np.{name} or an operation of `course` if it should be recorded"
        else:
            hint = ""
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}. {hint}".strip())


class Tensor(TensorLike):
    """An immutable array. Make one with `constant`; operations return them.

    Arithmetic, comparison, indexing, `@`, NumPy's functions, `float`, `len` and iteration work on tensors as on arrays.
    """

    # A part of a variable knows how to be assigned, for `variable[0, 1].assign(3.0)`; no other tensor has _assign_part.
    __slots__ = ("_value", "_assign_part", "__weakref__")

    def __init__(self, value):
        self._value = value  # an array that nobody else will write to

    def _read(self):
        return self

    def __repr__(self):
        value = value_repr(self._read()._value)
        return symbol(self) or f"<tf.Tensor: shape={self.shape}, dtype={self.dtype}, numpy={value}>"

    def __str__(self):
        text = str(self._read()._value)
        return symbol(self) or f"tf.Tensor({chr(10) * (chr(10) in text)}{text}, shape={self.shape}, dtype={self.dtype})"

    def __reduce__(self):
        return Tensor, (self._value,)

    def __deepcopy__(self, memo):
        return self  # immutable, and a tape may know it by identity


class Number(Tensor):
    """A Python number beside tensors, as an operation computes with it and a tape records it.

    Its `_value` stays Python's number, to which NumPy gives the dtype of the array beside it, where that can hold it.
    """

    __slots__ = ("_beside",)

    def __init__(self, value, beside):
        self._value, self._beside = value, beside  # the tensors beside it

    @property
    def dtype(self):
        return np.result_type(*[x.dtype for x in self._beside], type(self._value)())

    def _read(self):
        try:
            return Tensor(self.dtype.type(self._value))
        except OverflowError as error:
            raise ValueError(f"{error}. That is the dtype beside it: cast that first.") from None

    def __reduce__(self):
        return Tensor, (self._read()._value,)


class Reference:
    """Refers to a tensor or variable by identity."""

    __slots__ = ("_object",)

    def __init__(self, obj):
        self._object = obj

    def deref(self):
        """The tensor or variable."""
        return self._object

    def __hash__(self):
        return id(self._object)

    def __eq__(self, other):
        return isinstance(other, Reference) and self._object is other._object

    def __repr__(self):
        return f"<Reference to {self._object!r}>"


def value_repr(value):
    """An array as TensorFlow shows it within a tensor's repr."""
    if np.ndim(value) == 0:
        return str(value)
    text = repr(value)
    return "\n" + text if "\n" in text else text


def constant(value, dtype=None, shape=None, name=None):
    """A tensor that holds a copy of `value`.

    Args:
        value: a number, a (nested) list of numbers, a NumPy array, a variable, or a tensor, which is returned as it is.
        dtype: the dtype of the tensor. By default a Python float gives float32, a Python int int32, and a NumPy array
            keeps its dtype.
        shape: if given, the tensor's shape; a single number fills it.
        name: accepted as in TensorFlow, not used.

    Raises:
        TypeError: `value` is not numeric, or has floats where `dtype` is an integer's.
        ValueError: nested lists of unequal lengths, a number out of the dtype's range, or a wrong `shape`.
    """
    if type(value) is Tensor and dtype in (None, value.dtype) and shape is None:
        return value
    array = to_array(value, dtype)
    if shape is not None:
        shape = tuple(int(n) for n in shape)
        if array.size == 1:
            array = np.full(shape, array)
        elif array.size != np.prod(shape, dtype=np.int64):
            raise ValueError(f"constant: {array.size} values do not fill the shape {shape}. Give as many, or one.")
        array = array.reshape(shape)
    return Tensor(array[()])


def is_tensor(x):
    """Whether `x` is a tensor or a variable."""
    return isinstance(x, TensorLike)


def to_array(value, dtype=None):
    """A new NumPy array with the value; dtypes, arguments and errors as in `constant`."""
    if isinstance(value, TensorLike):
        value = value.numpy()
    from_python = not hasattr(value, "__array__")
    try:
        array = np.array(value)
    except ValueError:
        raise ValueError(
            f"cannot make a tensor of {_short(value)}: the nested lists have unequal lengths. Make all rows equally "
            "long."
        ) from None
    beyond_int64 = from_python and dtype is None and array.dtype == np.uint64
    if beyond_int64 or (array.size and all(type(leaf) is int for leaf in array.flat)):
        raise ValueError(f"{_short(value)} is out of the range of int64. Make it a float.")
    if array.dtype.kind == "c":
        raise TypeError(f"cannot make a tensor of {_short(value)}: {COMPLEX}")
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"cannot make a tensor of {_short(value)} ({type(value).__name__}): tensors hold numbers or booleans. "
            f"Convert it to numbers first."
        )
    if dtype is not None:
        return checked_cast(array, as_dtype(dtype), value)
    if from_python and not hasattr(first_leaf(value), "dtype"):
        if array.dtype == float64:
            return _as_float32(array, value)
        if array.dtype == int64 and np.all((array >= -(2**31)) & (array < 2**31)):
            return array.astype(int32)
    return array


def as_dtype(dtype):
    """A NumPy dtype of `dtype`: a dtype of `course` or NumPy, or a name such as "float32"."""
    try:
        found = np.dtype("None" if dtype is None else dtype)  # NumPy takes None for float64
    except TypeError:
        found = None
    if found is not None and found.kind == "c":
        raise TypeError(f"{found}: {COMPLEX}")
    if found is None or found.kind not in "fiub":
        raise TypeError(f"{dtype!r} is not a dtype of numbers. Use one such as course.float32 or 'float32'.")
    return found


def _as_float32(array, value):
    """Python's floats, which are float64, in their default dtype."""
    with np.errstate(over="ignore"):
        single = array.astype(float32)
    if np.any(np.isinf(single) & np.isfinite(array)):
        raise ValueError(f"{_short(value)} is out of the range of float32. Give it the dtype float64.")
    return single


def checked_cast(array, dtype, value):
    if array.size and array.dtype.kind == "f" and dtype.kind in "iub":
        raise TypeError(
            f"{_short(value)} holds floating-point numbers, which dtype {dtype} does not. Use a float dtype, or cast, "
            f"which truncates."
        )
    if dtype.kind in "iu" and array.size:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        if array.min() < low or array.max() > high:
            raise ValueError(f"{_short(value)} is out of the range of {dtype}, {low} to {high}. Use a wider dtype.")
    return array.astype(dtype)


def first_leaf(value):
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _along(ufunc, method, kwargs):
    """What a ufunc's operation takes of NumPy's optional arguments: of a reduction the axis, by default the first,
    the dtype and `keepdims`. Others are refused by name, unless they have their defaults."""
    defaults = {"where": True, "subok": True, "casting": "same_kind", "order": "K", "axis": 0}
    kwargs = {key: v for key, v in kwargs.items() if v is not np._NoValue and v is not defaults.get(key)}
    known = {"axis", "dtype", "keepdims"} if method == "reduce" else set()
    if ufunc in (np.maximum, np.minimum, np.logical_and, np.logical_or):
        known.discard("dtype")
    for name in kwargs.keys() - known:
        raise TypeError(
            f"np.{ufunc.__name__}: tensors do not take its argument {name!r}, which was {kwargs[name]!r}. Use an "
            f"operation of `course`, or NumPy on the tensor's .numpy()."
        )
    return kwargs if method == "__call__" else {"axis": 0, **kwargs}


def _plain(value):
    """The same with every tensor replaced by its array, for NumPy functions that this package does not know."""
    if isinstance(value, TensorLike):
        return value.numpy()
    if isinstance(value, list | tuple):
        return type(value)(_plain(v) for v in value)
    return value
