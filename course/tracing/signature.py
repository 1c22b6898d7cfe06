"""Signatures: what of a call's arguments decides its program.

Tensors and arrays count by shape, dtype and memory layout: a program takes their values anew at every call. All else is
part of the program, so that another value needs another one. Values such as numbers, strings and tuples of them count
by value. Any other object counts by identity and by all that it holds, its attributes and theirs: one that has changed
is traced again. Variables count by identity alone, since a program reads them at every call, and so does what has
`by_identity = True`, such as an optimizer, which a program calls as it is.
"""

import collections
import enum
import functools
import inspect
import io
import sys
import types
import weakref

import numpy as np

from course.engine import nest
from course.engine.indexed_slices import IndexedSlices
from course.engine.operation import convert_to_tensor
from course.engine.tensor import Tensor, TensorLike

PLAIN = {int, bool, str, bytes, complex, type(None), type(Ellipsis)}
# What counts by identity: variables, and what does not change.
FIXED = (TensorLike, type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, enum.Enum, np.ufunc)


class Parameters:
    """The parameters of a function: brings the arguments of a call into one form, in whichever way they were given."""

    def __init__(self, function):
        try:
            self.signature = inspect.signature(function)
        except (TypeError, ValueError):  # some functions written in C have none
            several = inspect.Parameter("x", inspect.Parameter.VAR_POSITIONAL)
            self.signature = inspect.Signature([several, inspect.Parameter("others", inspect.Parameter.VAR_KEYWORD)])
        parameters = self.signature.parameters.values()
        kinds = [p.kind for p in parameters]
        positional = [p for p in parameters if p.kind < p.VAR_POSITIONAL]
        self.defaults = [p.default for p in positional if p.default is not p.empty]
        # How many positional arguments are enough, so that a call without keywords needs no closer look.
        most = sys.maxsize if inspect.Parameter.VAR_POSITIONAL in kinds else len(positional) + 1
        keywords = inspect.Parameter.KEYWORD_ONLY in kinds
        self.complete = range(0) if keywords else range(len(positional) - len(self.defaults), most)
        self.all = len(positional) if self.complete else -1  # so many positional arguments are in order already

    @property
    def is_method(self):
        """Whether the first parameter is `self`, which no input_signature describes."""
        return [*self.signature.parameters][:1] == ["self"]

    def in_order(self, args, kwargs):
        """The same call with all defaults filled in, and by keyword only what cannot be positional."""
        if not kwargs and len(args) in self.complete:
            return (*args, *self.defaults[len(args) - self.complete.start :]), kwargs
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError:
            return args, kwargs  # the function itself says what is wrong
        bound.apply_defaults()
        return bound.args, bound.kwargs

    def names(self, args, kwargs):
        """For each argument the name of its parameter."""
        parameters = self.signature.parameters.values()
        names = [p.name for p in parameters if p.kind < p.VAR_POSITIONAL][: len(args)]
        rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "x")
        return [*names, *[f"{rest}{i}" for i in range(len(args) - len(names))], *kwargs]


def signature(x, arrays):
    """The part of a call's key for the argument `x`; the arrays in it are appended to `arrays`."""
    kind = type(x)
    if kind is Tensor:
        array = x._value
        arrays.append(array)
        return array.shape, array.dtype, array.strides
    if kind in PLAIN:
        return kind, x
    if is_array(x):
        return signature(convert_to_tensor(x), arrays)
    if kind is IndexedSlices:
        return kind, signature(x.values, arrays), signature(x.indices, arrays), x.dense_shape
    if isinstance(x, dict):
        keys = [(type(key), key) for key in x]  # Python may go through them in this order
        return kind, *keys, *[signature(x[key], arrays) for key in nest.keys(x)]
    if isinstance(x, list | tuple):
        return kind, *[signature(part, arrays) for part in x]
    if hasattr(kind, "__next__") and not isinstance(x, io.IOBase):
        raise TypeError(
            f"a traced function cannot take an iterator ({kind.__name__}): Python would ask it for an item while "
            f"tracing only, and every later call would have the same one. Give it the item: f(next(iterator))."
        )
    return _state(x, {})


def is_array(x):
    """Whether an argument is made a tensor: an array of numbers or booleans, or one such number of NumPy's."""
    return isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fiub"


def example(x, into):
    """An argument as the traced function sees it, with a tensor of its own for each array, in signature's order."""
    if type(x) is IndexedSlices:
        return IndexedSlices.of(example(x.values, into), example(x.indices, into), x.dense_shape)
    if type(x) is not Tensor and not is_array(x):
        return x
    into.append(Tensor(convert_to_tensor(x)._value))
    return into[-1]


def _state(x, seen):
    """Of what is no tensor: all that a trace may have found in it. `seen` numbers the things met so far."""
    kind = type(x)
    if kind in PLAIN:
        return kind, x
    if id(x) in seen:
        return seen[id(x)]
    seen[id(x)] = len(seen)
    return kind, *_parts_of(kind)(x, seen)


@functools.lru_cache(1000)
def _parts_of(kind):
    """The function that takes what is of this kind apart."""
    if issubclass(kind, float):
        return lambda x, seen: (repr(x),)  # 0.0 is not -0.0, and nan is nan
    if hasattr(kind, "__func__") and hasattr(kind, "__self__"):  # a method: a new object whenever it is looked up
        return lambda x, seen: (Identity(x.__func__), _state(x.__self__, seen))
    if issubclass(kind, FIXED) or getattr(kind, "by_identity", False):
        return lambda x, seen: (Identity(x),)
    if issubclass(kind, np.ndarray):
        return lambda x, seen: (x.shape, x.dtype, x.tobytes() if x.flags.writeable else Identity(x))
    if issubclass(kind, list | tuple | collections.deque):
        return lambda x, seen: [_state(part, seen) for part in x]
    if issubclass(kind, dict):
        return lambda x, seen: [_state(part, seen) for item in x.items() for part in item]
    if issubclass(kind, set | frozenset):
        return lambda x, seen: (frozenset([_state(part, seen) for part in x]),)
    if kind is slice:
        return lambda x, seen: [_state(part, seen) for part in (x.start, x.stop, x.step)]
    if kind is functools.partial:
        return lambda x, seen: [_state(part, seen) for part in (x.func, x.args, x.keywords)]
    return functools.partial(_parts_of_object, _counts_by(kind), _class_values(kind), _slots(kind))


def _parts_of_object(itself, shared, slots, x, seen):
    parts = [itself(x)]
    items = [*getattr(x, "__dict__", {}).items(), *[(name, getattr(x, name)) for name in shared]]
    for name, value in items:
        parts.append((name, type(value), value) if type(value) in PLAIN else (name, _state(value, seen)))
    return parts + [(name, _state(getattr(x, name), seen)) for name in slots if hasattr(x, name)]


def _counts_by(kind):
    """What stands for an object itself, beside its attributes: what says what it is equal to, for its value; Identity,
    for any other; None, where that would keep it alive and its attributes say it all."""
    weak = hasattr(kind, "__weakref__")
    if kind.__hash__ is object.__hash__:
        return Identity if weak or not _slots(kind) else lambda x: None
    by_fields = hasattr(kind, "__dataclass_fields__") or not weak

    def value(x):
        try:
            hash(x)
        except TypeError:
            return None if by_fields else Identity(x)
        return x

    return value


def _class_values(kind):
    """The names of the attributes that instances share with their class, methods and the like left out."""
    values = {name: value for c in kind.__mro__ for name, value in vars(c).items() if not name.startswith("__")}
    return [name for name, value in values.items() if not hasattr(type(value), "__get__")]


def _slots(kind):
    """The names of the attributes that instances keep outside of a dictionary."""
    return [name for c in kind.__mro__ for name, m in vars(c).items() if isinstance(m, types.MemberDescriptorType)]


class Identity:
    """An object as a part of a key: equal to itself alone. It does not keep the object alive, if that is possible."""

    __slots__ = ("number", "get")

    def __init__(self, x):
        self.number = id(x)
        try:
            self.get = weakref.ref(x)
        except TypeError:
            self.get = lambda: x

    def __hash__(self):
        return self.number

    def __eq__(self, other):
        x = self.get()
        return x is not None and type(other) is Identity and x is other.get()


def identities(key):
    """The identities in a key."""
    if isinstance(key, Identity):
        return [key]
    return [i for part in key for i in identities(part)] if isinstance(key, tuple | frozenset) else []
