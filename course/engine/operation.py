"""Operations: functions of tensors that a tape can record and differentiate."""

import functools
import itertools

import numpy as np

from course.engine.recorder import active
from course.engine.tensor import PYTHON_NUMBERS, Tensor, TensorLike, as_dtype, constant

ERRORS = (ValueError, TypeError, IndexError, OverflowError)  # what NumPy raises on inputs that do not fit


class Operation:
    """A function of arrays with a gradient rule for each input.

    Args:
        name: what error messages and `GradientTape.explain` call it.
        forward: the function, from the inputs' arrays (and keyword attributes) to the output's array.
        rules: for each input its vector-Jacobian product: `rule(g, z, *inputs, **attributes)` is the gradient with
            respect to that input, when z is the output and g the gradient with respect to z. A rule is written once, in
            plain NumPy, and gets arrays; or tensors, when another tape records it. Where broadcasting enlarged an
            input, the tape sums the rule's result back. None, or no rule, lets no gradient through.
        about: the rules in words.
        elementwise: whether each element of the output depends only on those in its place.
    """

    __slots__ = ("name", "forward", "rules", "about", "elementwise")

    def __init__(self, name, forward, *rules, about="", elementwise=False):
        self.name, self.forward, self.about, self.elementwise = name, forward, about, elementwise
        self.rules = rules[0] if rules and isinstance(rules[0], each) else rules

    def __call__(self, *inputs, **attributes):
        for x in inputs:
            if type(x) is not Tensor:
                inputs = as_inputs(inputs)
                break
        try:
            output = Tensor(self.forward(*[x._value for x in inputs], **attributes))
        except ERRORS as error:
            raise with_inputs(error, self.name, inputs) from None
        for recorder in active.recorders:
            recorder.on_operation(self, inputs, output, attributes)
        return output

    def either(self, *inputs, **attributes):
        """For use in rules: given tensors the recorded operation, given arrays the plain function."""
        return self(*inputs, **attributes) if isinstance(inputs[0], Tensor) else self.forward(*inputs, **attributes)

    def __repr__(self):
        return f"<operation {self.name}>"


def unary(name, forward, doc, *rules, about=""):
    """A public function of one tensor. What it does is Operation.__call__, unrolled: these are called most."""
    operation = Operation(name, forward, *rules, about=about, elementwise=True)

    def function(x, name=None):
        if type(x) is not Tensor:
            (x,) = as_inputs((x,))
        try:
            output = Tensor(forward(x._value))
        except ERRORS as error:
            raise with_inputs(error, operation.name, (x,)) from None
        for recorder in active.recorders:
            recorder.on_operation(operation, (x,), output, {})
        return output

    return _named(function, operation, f"{doc}, element by element.")


def binary(name, forward, doc, *rules, about="", sparse=None):
    """A public function of two tensors, which broadcast; unrolled as `unary`. `sparse` is what it
    does with an `IndexedSlices`, which other operations take dense: a function that returns None for anything else."""
    operation = Operation(name, forward, *rules, about=about, elementwise=True)

    def function(x, y, name=None):
        if type(x) is not Tensor or type(y) is not Tensor:
            if sparse is not None and (result := sparse(x, y)) is not None:
                return result
            x, y = as_inputs((x, y))
        try:
            output = Tensor(forward(x._value, y._value))
        except ERRORS as error:
            raise with_inputs(error, operation.name, (x, y)) from None
        for recorder in active.recorders:
            recorder.on_operation(operation, (x, y), output, {})
        return output

    return _named(function, operation, f"{doc}, element by element.")


def reduction(name, forward, doc, *rules, about="", booleans=False):
    """A public function that reduces a tensor along an `axis`; unrolled as `unary`. Some take `booleans` too."""
    operation = Operation(name, forward, *rules, about=about)

    def function(input_tensor, axis=None, keepdims=False, name=None):
        x = input_tensor
        if type(x) is not Tensor:
            (x,) = as_inputs((x,))
        if not booleans and x._value.dtype.kind == "b":
            raise TypeError(f"{operation.name}: the input has dtype bool. Cast it to a number first: cast(x, float32).")
        axis = axis_tuple(axis)
        try:
            output = Tensor(forward(x._value, axis, keepdims))
        except ERRORS as error:
            raise with_inputs(error, operation.name, (x,)) from None
        for recorder in active.recorders:
            recorder.on_operation(operation, (x,), output, {"axis": axis, "keepdims": keepdims})
        return output

    return _named(function, operation, doc)


def _named(function, operation, doc):
    function.__name__ = function.__qualname__ = operation.name
    function.__doc__, function.operation = doc, operation
    return function


def axis_tuple(axis):
    """An `axis` argument (None, an int, a list or tensor of ints) as NumPy wants it."""
    if axis is None or type(axis) is int:
        return axis
    array = np.asarray(axis)
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"axis is an integer, several, or None for all; not {axis!r}.")
    return tuple(array.astype(int).tolist()) if array.ndim else int(array)


class each:
    """One rule for every input, for operations that take any number: `rule(i, g, z, *inputs)` for the i-th."""

    def __init__(self, rule):
        self.rule = rule

    def __iter__(self):
        return (functools.partial(self.rule, i) for i in itertools.count())


def as_inputs(inputs):
    """The inputs as tensors. Variables are read. A Python number beside anything else takes that thing's dtype."""
    tensors, numbers = [], 0
    for x in inputs:
        if type(x) is not Tensor:
            if type(x) in PYTHON_NUMBERS:
                numbers += 1
                x = Tensor(x)
            else:
                x = x._read() if hasattr(x, "_read") else convert_to_tensor(x)
        tensors.append(x)
    return tensors if numbers < len(tensors) else [convert_to_tensor(x._value) for x in tensors]


def with_inputs(error, name, inputs):
    """The error that an operation's function raised, with the inputs that it saw and what to do."""
    seen = ", ".join(f"{np.shape(x._value)} {getattr(x._value, 'dtype', type(x._value).__name__)}" for x in inputs)
    hint = ""
    if "broadcast" in str(error):
        hint = (
            " Shapes broadcast when their sizes, compared from the right, are equal or 1: reshape or expand_dims one."
        )
    # Not type(error): some of NumPy's own classes take other arguments than a message.
    kind = next((k for k in (ValueError, TypeError, IndexError) if isinstance(error, k)), ValueError)
    return kind(f"{name}: {str(error).rstrip('.')}. The inputs' shapes and dtypes are {seen}.{hint}")


_identity = Operation("identity", lambda x: x, lambda g, z, x: g, about="passes the gradient on")
to_dtype = Operation(
    "cast",
    lambda x, dtype: x.astype(dtype),
    lambda g, z, x, dtype: g,
    about="casts the gradient back",
    elementwise=True,
)
to_integer = Operation("cast to an integer", lambda x, dtype: x.astype(dtype), about="gives integers: no gradient")
_stop = Operation("stop_gradient", lambda x: x, about="stops the gradient, on purpose")


def identity(input, name=None):
    """A tensor with the value of `input`."""
    return _identity(input)


def stop_gradient(input, name=None):
    """A tensor with the value of `input`, through which no gradient flows back."""
    return _stop(input)


stacked = Operation(
    "stack", lambda *values, axis: np.stack(values, axis=axis),
    each(lambda i, g, z, *values, axis: g[(slice(None),) * (axis % len(z.shape)) + (i,)]),
    about="to each input its part of g")  # fmt: skip


def cast(x, dtype, name=None):
    """x as another dtype; floats become integers by truncation. A gradient flows from float to float only."""
    dtype, x = as_dtype(dtype), convert_to_tensor(x)
    if x.dtype == dtype:
        return identity(x)
    return to_dtype(x, dtype=dtype) if dtype.kind == "f" else to_integer(x, dtype=dtype)


def convert_to_tensor(value, dtype=None, name=None):
    """`value` as a tensor: a tensor as it is, a variable read, anything else as `constant` makes it.

    A list that holds tensors is stacked, and a tape records that.
    """
    if type(value) is Tensor and dtype is None:
        return value
    if isinstance(value, TensorLike) or hasattr(value, "_read"):
        tensor = value if type(value) is Tensor else identity(value)
        return tensor if dtype is None or tensor.dtype == dtype else cast(tensor, dtype)
    if isinstance(value, list | tuple) and _holds_tensor(value):
        return stacked(*[convert_to_tensor(v, dtype) for v in value], axis=0)
    return constant(value, dtype)


def _holds_tensor(value):
    if isinstance(value, list | tuple):
        return any(_holds_tensor(v) for v in value)
    return isinstance(value, TensorLike)
