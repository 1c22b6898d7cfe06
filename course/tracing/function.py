"""`function`: traces a Python function once, and then runs what it did as a flat program of NumPy calls.

The first call with a signature runs the function as plain Python, while a `Trace` stands among the active recorders and
notes every operation, every reading and every change of a variable. Gradients taken inside are operations like any
others. A `Program` is those notes without what nobody needs, with a plan of which arrays share memory, as one Python
function without loops. Later calls run that.
"""

import copy
import functools
import threading
import weakref

import numpy as np

from course.engine import nest
from course.engine.arguments import accepting
from course.engine.operation import convert_to_tensor
from course.engine.recorder import active
from course.engine.tensor import Tensor
from course.environment import TensorSpec
from course.tracing.program import Program
from course.tracing.signature import Identity, Parameters, example, identities, signature
from course.tracing.trace import Trace, VariableMade


@accepting("autograph", "jit_compile", "reduce_retracing", "experimental_relax_shapes")
def function(func=None, input_signature=None, *, blocked=True, name=None):
    """A callable that traces `func` once for each signature, and from then on runs the traced program.

    A decorator, with or without arguments. The signature is the shapes, dtypes and memory layouts of all tensors and
    arrays among the arguments, and the other arguments themselves: a new one is traced again. It does not matter
    whether an argument is given by position, by keyword or by default. As with `tf.function`:

    - What Python does, such as print, happens while tracing, and not when the program runs.
    - Variables are read and changed at every call, in the program's order; random numbers are drawn anew.
    - Variables may be made inside once, as a model does that is built when first called: such a call runs as plain
      Python, and the next one is traced.
    - Python cannot branch on a tensor's value, which it does not know while tracing: use `where`. A loop over a range
      is unrolled. What this package checks about values, such as that probabilities are between 0 and 1, it checks
      while tracing only; indices are checked at every call.
    - A tensor of the trace that got out in another way than as a result is refused when it is used.

    Numbers, strings and other values that are equal share a program. Any other object counts by identity and by all
    that it holds: an attribute that has changed, its own or that of an object within it, makes a new trace, where
    TensorFlow goes on with the old value. What the function finds outside of its arguments, such as a global number,
    is looked at while tracing only. An object is not kept alive by having been an argument.

    Results are the eager ones, bit for bit, and a step that fails leaves the state that the eager step leaves. Two
    things are equal to rounding only, within 16 units in the last place of the sum of the terms' magnitudes: sums and
    sums of products over a variable that now has another memory layout than when it was traced; and, with `blocked`,
    those over 2¹⁵ elements and more, which are added up block by block.

    Unlike `tf.function`, it runs as plain Python where a gradient tape outside records it, and inside another function
    that is being traced.

    Args:
        func: a function of tensors and of anything else, in any nesting; it returns tensors in any nesting.
        input_signature: a list with something that has a `shape` and a `dtype` for each argument, or a nesting of
            such. Arguments are made tensors of these dtypes, and others than these shapes, in which None stands for
            any size, are refused. Each shape that occurs is traced.
        autograph, jit_compile, reduce_retracing, experimental_relax_shapes: accepted as in TensorFlow, without effect.
        blocked: compute element-wise chains on large arrays in blocks that fit the processor's cache.
        name: what messages call it; by default the function's own name.

    Returns:
        A `Function`.

    Raises (when called):
        TypeError: Python asked for the value of a tensor while tracing; an argument is an iterator.
        ValueError: a variable is made at every call, numbers are drawn from NumPy's or Python's random generators, or
        an argument does not fit `input_signature`.
    """
    if func is None:
        return functools.partial(function, input_signature=input_signature, blocked=blocked, name=name)
    if not callable(func):
        raise TypeError(f"function: {func!r} is not a function, so it cannot be traced.")
    return Function(func, input_signature, blocked, name or getattr(func, "__name__", type(func).__name__))


class Function:
    """What `function` returns. `trace_count` tells how often it was traced, `python_function` is the original."""

    by_identity = True  # as an argument of another one

    def __init__(self, python_function, input_signature, blocked, name):
        functools.update_wrapper(self, python_function, updated=())
        self.python_function, self.name, self.trace_count = python_function, name, 0
        self._input_signature, self._blocked, self._parameters = input_signature, blocked, Parameters(python_function)
        self._programs, self._lock = {}, threading.RLock()
        self._made_variables = set()  # keys whose first call made some
        self._watched = {}  # for each key references to the objects in it: when one dies, the program goes

    def __call__(self, *args, **kwargs):
        if active.recorders:
            return self.python_function(*args, **kwargs)
        key, arrays, args, kwargs = self._key(args, kwargs)
        program = self._programs.get(key)
        if program is not None:
            return program.run(arrays)
        with self._lock:
            if key in self._programs:  # another thread has traced it meanwhile
                return self._programs[key].run(arrays)
            try:
                return self._traced(key, args, kwargs)
            except VariableMade:
                self._made_variables.add(key)
                self._watch(key)
        return self.python_function(*args, **kwargs)

    def get_concrete_function(self, *args, **kwargs):
        """The `Program` for the signature of these arguments, without changing any state. It can be called.

        A `TensorSpec` stands for a tensor, which has size 1 where the spec says None; and `input_signature` for all
        arguments, if there are none. The program can then be called with all that fits.
        """
        if self._input_signature is not None and not kwargs and len(args) == self._parameters.is_method:
            args = (*args, *self._input_signature)
        specs = args, kwargs = self._parameters.in_order(args, kwargs)
        args, kwargs = nest.map_structure(_tensor_for, [list(args), kwargs])
        key, _, args, kwargs = self._key(args, kwargs)
        try:
            with self._lock:
                if key not in self._programs:
                    self._traced(key, args, kwargs, keep=False)
                program = self._programs[key]
            if any(isinstance(x, TensorSpec) for x in nest.flatten(specs)):
                program = copy.copy(program)
                program.call = functools.partial(self._call_fitting, specs)
            return program
        except VariableMade as error:
            raise ValueError(
                f"{self.name}: it makes a variable, {error}, when first called. Call it once first."
            ) from None

    def __get__(self, instance, owner=None):
        return self if instance is None else Method(self, instance)

    def _key(self, args, kwargs):
        """What decides the program, the arrays among the arguments, and the arguments in order."""
        if kwargs or len(args) != self._parameters.all:
            args, kwargs = self._parameters.in_order(args, kwargs)
        if self._input_signature is not None:
            first = self._parameters.is_method
            args = [*args[:first], *_fit(self.name, tuple(self._input_signature), args[first:])]
        arrays, key = [], []
        for x in args:
            if type(x) is Tensor:  # what signature does, without the call: it is the usual case
                array = x._value
                arrays.append(array)
                key.append((array.shape, array.dtype, array.strides))
            else:
                key.append(signature(x, arrays))
        key = tuple(key)
        if kwargs:
            key = *key, *[(name, signature(kwargs[name], arrays)) for name in kwargs]
        return key, arrays, args, kwargs

    def _traced(self, key, args, kwargs, keep=True):
        """Traces a call, keeps its program, and returns the result; without `keep`, all state is as before."""
        examples, names, seen = [], [], []
        for name, x in zip(self._parameters.names(args, kwargs), [*args, *kwargs.values()]):
            seen.append(nest.map_structure(functools.partial(example, into=examples), x))
            count = len(examples) - len(names)
            names += [name] if count == 1 else [f"{name}{i}" for i in range(count)]
        args, kwargs = seen[: len(args)], dict(zip(kwargs, seen[len(args) :]))
        trace = Trace(self.name, examples, names, key in self._made_variables)
        try:
            result = trace.run(self.python_function, args, kwargs)
            if not keep:
                trace.undo()
            program = Program(trace, result, self._blocked)
            result = program.first_result()
        finally:
            trace.close()
        program.call = functools.partial(self._call_of, key)
        self._programs[key] = program
        self._watch(key)
        self.trace_count += 1
        return result

    def _call_of(self, wanted, *args, **kwargs):
        """A call of the program for the key `wanted`."""
        key, arrays, _, _ = self._key(args, kwargs)
        if key != wanted:
            raise TypeError(
                f"{self.name}: this is the program for other arguments, by shape, dtype, memory layout or value. Call "
                f"{self.name} itself: it has a program for each."
            )
        return self.python_function(*args, **kwargs) if active.recorders else self._programs[key].run(arrays)

    def _call_fitting(self, specs, *args, **kwargs):
        """A call with arguments that fit the specs, whatever their sizes."""
        given = self._parameters.in_order(args, kwargs)
        for spec, x in zip(nest.flatten(specs), nest.flatten(given)):
            if isinstance(spec, TensorSpec):
                _fit(self.name, spec, x)
        return self(*args, **kwargs)

    def _watch(self, key):
        """Forgets the key, and its program, when one of the objects in it dies."""

        def forget(_):
            self._programs.pop(key, None)
            self._watched.pop(key, None)
            self._made_variables.discard(key)

        objects = [i.get() for i in identities(key)]
        self._watched[key] = [weakref.ref(x, forget) for x in objects if hasattr(type(x), "__weakref__")]

    def __repr__(self):
        return f"<function {self.name}, traced {self.trace_count} times>"


class Method:
    """A `Function` as a method of an object, which is its first argument."""

    __slots__ = ("__func__", "__self__")

    def __init__(self, function, instance):
        self.__func__, self.__self__ = function, instance

    @property
    def trace_count(self):
        """How many programs there are for this object."""
        return sum(Identity(self.__self__) in identities(key[0]) for key in self.__func__._programs)

    def __call__(self, *args, **kwargs):
        return self.__func__(self.__self__, *args, **kwargs)

    def get_concrete_function(self, *args, **kwargs):
        """As that of `Function`; it is called without the object."""
        program = copy.copy(self.__func__.get_concrete_function(self.__self__, *args, **kwargs))
        program.call = functools.partial(program.call, self.__self__)
        return program

    def __getattr__(self, name):
        return getattr(self.__func__, name)

    def __repr__(self):
        return f"<function {self.name} of {self.__self__!r}>"


def _fit(name, spec, x):
    """An argument as tensors of the dtypes in an `input_signature`; a ValueError if it does not fit that."""
    if isinstance(spec, nest.NESTED):
        places = nest.keys(spec) if isinstance(spec, dict) else range(len(spec))
        if isinstance(spec, dict) != isinstance(x, dict) or not isinstance(x, nest.NESTED) or len(spec) != len(x):
            raise ValueError(f"{name}: an argument has another nesting than its input_signature {spec}: {x}.")
        return nest.pack(spec, iter(nest.flatten([_fit(name, spec[i], x[i]) for i in places])))
    spec = TensorSpec(spec.shape, spec.dtype)
    x = convert_to_tensor(x, None if hasattr(x, "dtype") else spec.dtype)
    if not spec.is_compatible_with(x):
        shape = spec.shape if spec.shape is None else tuple(spec.shape)
        raise ValueError(
            f"{name}: an argument of shape {x.shape} and dtype {x.dtype} does not fit its input_signature, shape "
            f"{shape} and dtype {spec.dtype}. Cast or reshape it."
        )
    return x


def _tensor_for(spec):
    """A tensor that fits a `TensorSpec`, anything else as it is."""
    if not isinstance(spec, TensorSpec):
        return spec
    return Tensor(np.ones([1 if n is None else n for n in spec.shape or ()], spec.dtype)[()])
