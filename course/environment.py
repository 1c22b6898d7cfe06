"""What TensorFlow's programs ask of their surroundings: versions, devices, scopes, the time, and `print`."""

import contextlib
import sys
import time

import numpy as np

from course.engine.nest import flatten, map_structure
from course.engine.operation import Operation
from course.engine.tensor import Tensor, TensorLike, TensorShape, as_dtype, float32, float64

__version__ = "2.21.0"  # the version of TensorFlow whose names and behaviour these are


class TensorSpec:
    """The shape and dtype that a tensor must have: an entry of `function`'s `input_signature`.

    Args:
        shape: sizes, of which None fits any; None as a whole fits every shape.
        dtype: the dtype.
        name: for printing.
    """

    def __init__(self, shape, dtype=float32, name=None):
        self.shape, self.dtype = None if shape is None else TensorShape(shape), as_dtype(dtype)
        self.name = name

    def is_compatible_with(self, tensor):
        """Whether a tensor, or another spec, fits."""
        if self.dtype != tensor.dtype or self.shape is None:
            return self.dtype == tensor.dtype
        sizes = tuple(tensor.shape)
        return len(sizes) == len(self.shape) and all(n in (None, m) for n, m in zip(self.shape, sizes))

    def __eq__(self, other):
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self):
        return hash((self.shape, self.dtype))

    def __repr__(self):
        return f"TensorSpec(shape={self.shape}, dtype=tf.{self.dtype}, name={self.name!r})"


def device(device_name):
    """A `with` block whose operations run where all of them do, on this machine's processor."""
    return contextlib.nullcontext()


def executing_eagerly():
    """True: operations run at once, while a function is traced too."""
    return True


def timestamp(name=None):
    """Seconds since 1970, a float64 tensor. While a function is traced, the time of the trace."""
    return Tensor(np.float64(time.time()))


class _Value(str):
    """The value of a tensor as text that is printed without quotes, also within a list."""

    __repr__ = str.__str__


def _number(x):
    """As TensorFlow prints a float: in the fewest digits of 6, or else 9 (float64: 15 or 17), that keep its value."""
    short, long = (15, 17) if x.dtype == float64 else (6, 9)
    text = f"{x:.{short}g}"
    return text if x.dtype.type(text) == x else f"{x:.{long}g}"


def _text(array, summarize):
    few = {"threshold": sys.maxsize} if summarize < 0 else {"threshold": 2 * summarize, "edgeitems": summarize}
    shown = np.array2string(np.asarray(array), separator=" ", formatter={"float_kind": _number}, **few)
    return _Value(shown.replace("False", "0").replace(" True", "1").replace("True", "1"))


def _print_now(*arrays, inputs, summarize, stream, **options):
    texts = iter([_text(array, summarize) for array in arrays])
    filled = map_structure(lambda x: next(texts) if x is _VALUE else x, inputs)
    if isinstance(stream, str):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            print(*filled, file=file, **options)
    else:
        print(*filled, file=stream or sys.stderr, flush=True, **options)
    return np.int32(0)


_VALUE = object()  # stands for a tensor among what is printed
_print = Operation("print", _print_now, acts=True)


def print_(*inputs, output_stream=None, summarize=3, sep=" ", end="\n", name=None):
    """Prints values, also each time that a traced function runs; Python's print runs only while it is traced.

    Args:
        inputs: tensors, variables, and whatever else; also within lists, tuples and dicts.
        output_stream: by default sys.stderr, as in TensorFlow; or sys.stdout, or "file://" and a path to append to.
        summarize: how many elements to show at each end of an axis; -1 shows all.
    """
    tensors = [x for x in flatten(list(inputs)) if isinstance(x, TensorLike)]
    places = map_structure(lambda x: _VALUE if isinstance(x, TensorLike) else x, list(inputs))
    _print(*tensors, inputs=places, summarize=summarize, stream=output_stream, sep=sep, end=end)
