"""Operations: functions of tensors that a tape can record and differentiate."""

import functools
import itertools

import numpy as np

from course.engine.arguments import axis_tuple
from course.engine.recorder import active
from course.engine.tensor import (
    PYTHON_NUMBERS,
    Number,
    Tensor,
    TensorLike,
    as_dtype,
    constant,
    first_leaf,
    float32,
    to_array,
)

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
        ufunc: the NumPy ufunc that computes the same, bit for bit. If `forward` is one, that is known.
        reduces: of a reduction, the NumPy function that combines two elements, or np.mean.
        elementwise: whether each element of the output depends only on those in its place.
        view: whether the output has the input's elements, in another shape or order.
        acts: whether it does more than compute: prints, or raises an error for some values. A traced program keeps it.

    What an operation is to Python, to NumPy and to the compiler of `function` follows from these, not from its name.
    """

    __slots__ = ("name", "forward", "rules", "about", "ufunc", "reduces", "elementwise", "view", "acts")

    def __init__(
        self, name, forward, *rules, about="", ufunc=None, reduces=None, elementwise=False, view=False, acts=False
    ):
        self.name, self.forward, self.about = name, forward, about
        self.rules = rules[0] if rules and isinstance(rules[0], each) else rules
        self.ufunc = forward if isinstance(forward, np.ufunc) else ufunc
        self.reduces, self.elementwise, self.view, self.acts = reduces, elementwise, view, acts

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


# The functions that these three make do what Operation.__call__ does, unrolled, since they are called most. The
# operation itself is the function's attribute `operation`.


def unary(name, forward, doc, *rules, about="", ufunc=None):
    """A public function of one tensor, element by element."""
    operation = Operation(name, forward, *rules, about=about, ufunc=ufunc, elementwise=True)

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

    return _public(function, operation, f"{doc}, element by element.")


def binary(name, forward, doc, *rules, about="", ufunc=None, sparse=None):
    """A public function of two tensors, which broadcast, element by element.

    `sparse` is what it does with an `IndexedSlices`, which other operations take dense: a function that returns None
    for anything else.
    """
    operation = Operation(name, forward, *rules, about=about, ufunc=ufunc, elementwise=True)

    def function(x, y, name=None):
        if type(x) is not Tensor or type(y) is not Tensor:
            if type(x) is Tensor and type(y) in PYTHON_NUMBERS:
                y = Number(y, (x,))
            elif isinstance(x, TensorLike) and isinstance(y, TensorLike):
                x, y = x._read(), y._read()
            elif sparse is not None and (result := sparse(x, y)) is not None:
                return result
            else:
                x, y = as_inputs((x, y))
        try:
            output = Tensor(forward(x._value, y._value))
        except ERRORS as error:
            raise with_inputs(error, operation.name, (x, y)) from None
        for recorder in active.recorders:
            recorder.on_operation(operation, (x, y), output, {})
        return output

    return _public(function, operation, f"{doc}, element by element.")


def reduction(name, forward, doc, *rules, about="", reduces=None, booleans=False):
    """A public function that reduces a tensor along an `axis`. Some take `booleans` too."""
    operation = Operation(name, forward, *rules, about=about, reduces=reduces)

    def function(input_tensor, axis=None, keepdims=False, name=None):
        x = input_tensor if type(input_tensor) is Tensor else as_inputs((input_tensor,))[0]
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

    return _public(function, operation, doc)


def _public(function, operation, doc):
    function.__name__ = function.__qualname__ = operation.name
    function.__doc__, function.operation = doc, operation
    return function


class each:
    """One rule for every input, for operations that take any number: `rule(i, g, z, *inputs)` for the i-th."""

    def __init__(self, rule):
        self.rule = rule

    def __iter__(self):
        return (functools.partial(self.rule, i) for i in itertools.count())


def as_inputs(inputs):
    """The inputs as tensors. Variables are read.

    A Python number, or a list of them, takes the dtype of the tensors beside it where that can hold its kind; a float
    beside integers promotes as in NumPy. Alone, floats are float32, and integers int32.
    """
    tensors, beside, lists = [], [], False
    for x in inputs:
        read = getattr(x, "_read", None)
        if read is not None:
            x = read()
            beside.append(x)
        elif type(x) in PYTHON_NUMBERS:
            x = Number(x, beside)
        elif type(x) in (list, tuple) and is_python(x):
            lists = True
        else:
            x = convert_to_tensor(x)
            beside.append(x)
        tensors.append(x)
    if not beside:
        alone = [constant(x) for x in inputs]
        return [constant(x, float32) for x in inputs] if any([x.dtype == float32 for x in alone]) else alone
    return [_list_beside(x, beside) if type(x) in (list, tuple) else x for x in tensors] if lists else tensors


def _list_beside(numbers, tensors):
    """A tensor of a list of Python numbers, as NumPy would treat each of them alone beside the tensors."""
    kind = {"f": 0.0, "i": 0, "b": False}[to_array(numbers).dtype.kind]
    return constant(numbers, np.result_type(*[x.dtype for x in tensors], kind))


def as_tensors(name, values):
    """The tensors of a list, none of them a Python number: not all of NumPy's functions give those a dtype."""
    if not isinstance(values, list | tuple | TensorLike):
        raise TypeError(f"{name}: give a list of tensors, not {values!r}.")
    if not len(values):
        raise ValueError(f"{name}: the list of tensors is empty.")
    return [x._read() for x in as_inputs(values)]


def floating(name, x):
    """A tensor of `x`, if it holds floats; else a TypeError."""
    x = convert_to_tensor(x)
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: the input has dtype {x.dtype}, and needs a float's. Cast it first.")
    return x


def with_inputs(error, name, inputs):
    """The error that an operation's function raised, with the inputs that it saw and what to do."""
    seen = ", ".join(f"{x.shape} {x.dtype}" for x in inputs)
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
    "cast", lambda x, dtype: x.astype(dtype), lambda g, z, x, dtype: g,
    about="casts the gradient back", elementwise=True)  # fmt: skip
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
        return x
    return to_dtype(x, dtype=dtype) if dtype.kind == "f" else to_integer(x, dtype=dtype)


def convert_to_tensor(value, dtype=None, name=None):
    """`value` as a tensor: a tensor as it is, a variable read, anything else as `constant` makes it.

    A list that holds tensors is stacked, and a tape records that. Numbers in it take the tensors' dtype.
    """
    if type(value) is Tensor and dtype is None:
        return value
    if isinstance(value, TensorLike) or hasattr(value, "_read"):
        tensor = value if type(value) is Tensor else identity(value)
        return tensor if dtype is None else cast(tensor, dtype)
    if isinstance(value, list | tuple) and _holds_tensor(value):
        parts = (
            as_tensors("convert_to_tensor", value) if dtype is None else [convert_to_tensor(v, dtype) for v in value]
        )
        return stacked(*parts, axis=0)
    return constant(value, dtype)


def is_python(value):
    """Whether a list holds Python numbers, and neither tensors nor arrays."""
    return not hasattr(first_leaf(value), "dtype") and not _holds_tensor(value)


def _holds_tensor(value):
    if isinstance(value, list | tuple):
        return any(_holds_tensor(v) for v in value)
    return isinstance(value, TensorLike)
