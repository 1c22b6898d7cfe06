"""`function`: traces a Python function once, and then runs what it did as a flat program of NumPy calls.

Tracing runs the function on example values while a `Trace` stands among the active tapes and notes every operation,
every reading and every change of a variable. Gradients taken inside are operations like any others. A `Program` is
those notes without what nobody needs, with a plan of which arrays share memory, as one Python function without loops.
"""

import functools
import threading
import types

import numpy as np

from course import random
from course.engine.indexed_slices import IndexedSlices
from course.engine.nest import flatten, map_structure
from course.engine.operation import Operation, convert_to_tensor
from course.engine.recorder import Recorder, active
from course.engine.tensor import Tensor, TensorLike, checked_cast
from course.engine.variable import Variable
from course.tracing.program import Program, Step


def function(func=None, blocked=True, name=None):
    """A callable that traces `func` once for each signature, and from then on runs the traced program.

    A decorator, with or without arguments. The signature is the shapes and dtypes of all tensors and arrays among the
    arguments, and the other arguments themselves: a new one is traced again. As with `tf.function`:

    - What Python does, such as print, happens while tracing, and not when the program runs.
    - Variables are read and changed at every call, in the program's order; random numbers are drawn anew.
    - Variables may be made inside once, as a model does that is built when first called: such a call runs as plain
      Python, and the next one is traced.
    - Python cannot branch on a tensor's value, which it does not know while tracing: use `where`. What this package
      checks about values, such as that probabilities are between 0 and 1, it checks while tracing only; indices are
      checked at every call.

    Results are the eager ones, bit for bit; of arrays of 2¹⁸ elements and more, with `blocked`, to rounding, since
    their sums are then added up block by block, and sums of products by BLAS. Unlike `tf.function`, it runs as plain
    Python where a gradient tape outside records it, and inside another function that is being traced.

    Args:
        func: a function of tensors and of anything else, in any nesting; it returns tensors in any nesting.
        blocked: compute element-wise chains on large arrays in blocks that fit the processor's cache, on two threads
            where that pays.
        name: what messages call it; by default the function's own name.

    Returns:
        A `Function`.

    Raises (when called):
        TypeError: Python asked for the value of a tensor while tracing.
        ValueError: a variable is made at every call.
    """
    if func is None:
        return functools.partial(function, blocked=blocked, name=name)
    if not callable(func):
        raise TypeError(f"function: {func!r} is not a function, so it cannot be traced.")
    return Function(func, blocked, name or getattr(func, "__name__", type(func).__name__))


class Function:
    """What `function` returns. `trace_count` tells how often it was traced, `python_function` is the original."""

    def __init__(self, python_function, blocked, name):
        functools.update_wrapper(self, python_function, updated=())
        self.python_function, self.name, self.trace_count = python_function, name, 0
        self._blocked, self._programs, self._kept, self._lock = blocked, {}, [], threading.RLock()
        self._bound, self._made_variables = {}, set()  # functions by object; signatures whose first call made some

    def __call__(self, *args, **kwargs):
        if active.recorders:
            return self.python_function(*args, **kwargs)
        tensors = []
        key = _signature(args, tensors) if not kwargs else _signature([args, kwargs], tensors)
        program = self._programs.get(key)
        if program is None:
            try:
                program = self._traced(key, args, kwargs)
            except _VariableMade:
                self._made_variables.add(key)
                self._keep(args, kwargs)
                return self.python_function(*args, **kwargs)
        return program.run(tensors)

    def get_concrete_function(self, *args, **kwargs):
        """The `Program` for the signature of these arguments, without running it."""
        key = _signature(args, []) if not kwargs else _signature([args, kwargs], [])
        try:
            return self._programs.get(key) or self._traced(key, args, kwargs)
        except _VariableMade as error:
            raise ValueError(
                f"{self.name}: it makes a variable, {error}, when first called. Call it once first."
            ) from None

    def __get__(self, instance, owner=None):
        """As a method: a `Function` for each object."""
        if instance is None:
            return self
        if id(instance) not in self._bound:
            method = types.MethodType(self.python_function, instance)
            self._bound[id(instance)] = Function(method, self._blocked, self.name)
        return self._bound[id(instance)]

    def _traced(self, key, args, kwargs):
        with self._lock:
            if key in self._programs:  # another thread has traced it meanwhile
                return self._programs[key]
            trace = Trace(self.name, key in self._made_variables)
            examples = []  # a tensor of its own for each array or tensor, in the order of _signature
            args, kwargs = map_structure(functools.partial(_example, into=examples), [list(args), kwargs])
            program = trace.run(lambda: self.python_function(*args, **kwargs), examples, self._blocked)
            self._keep(args, kwargs)
            self._programs[key] = program
            self.trace_count += 1
            return program

    def _keep(self, args, kwargs):
        """A signature has identities in it: keeps what they belong to, and no arrays."""
        arrays = Tensor | np.ndarray
        self._kept.append([x for x in flatten([list(args), kwargs]) if not isinstance(x, arrays)])

    def __repr__(self):
        return f"<function {self.name}, traced {self.trace_count} times>"


def _signature(x, tensors):
    """What decides the program: shapes and dtypes of tensors (which are collected), and everything else itself."""
    kind = type(x)
    if kind is Tensor:
        tensors.append(x._value)
        return x._value.shape, x._value.dtype
    if isinstance(x, tuple | list):
        return kind, *[_signature(part, tensors) for part in x]
    if kind is np.ndarray or isinstance(x, np.generic):
        return _signature(convert_to_tensor(x), tensors)
    if isinstance(x, dict):
        return kind, *[(key, _signature(x[key], tensors)) for key in sorted(x)]
    if kind is float:
        return kind, repr(x)  # 0.0 is not -0.0, and nan is nan
    return (kind, x) if kind in (int, bool, str, type(None)) else id(x)


def _example(x, into):
    """An argument as the traced function sees it."""
    if not isinstance(x, Tensor | np.ndarray | np.generic):
        return x
    into.append(Tensor(convert_to_tensor(x)._value))
    return into[-1]


class _VariableMade(BaseException):
    """Ends a trace, and no `except Exception` of the traced function stops it."""


# A value in its variable's dtype; out of its range, a ValueError.
_fitted = Operation("cast", lambda x, dtype: checked_cast(np.asarray(x), dtype, x)[()])


class Trace(Recorder):
    """Stands among the active tapes and notes what happens, as `steps`.

    Like a tape, it follows what depends on something: on the arguments, on variables and on random draws. All else is
    constant, and computed here once and for all.
    """

    replays = True

    def __init__(self, name, has_made_variables=False):
        self.name, self.steps, self._has_made_variables = name, [], has_made_variables
        self._ids, self._saved = set(), {}

    def run(self, call, examples, blocked):
        """Traces `call`, and gives its program. Variables and the random state are as before afterwards."""
        self._ids.update(map(id, examples))
        before, random_state = active.recorders, random.get_state()
        active.recorders = (self,)
        try:
            result = call()
            leaves = [x._read() if isinstance(x, TensorLike) else x for x in flatten(result)]
        finally:
            active.recorders = before
            random.set_state(random_state)
            for variable, value in self._saved.values():
                variable._set(value, borrowed=True)
        return Program(self.name, self.steps, examples, result, leaves, self._ids, blocked)

    # What it is told as a `Recorder`

    def follows(self, x):
        return id(x) in self._ids

    def on_operation(self, operation, inputs, output, attributes):
        if not inputs or any([id(x) in self._ids for x in inputs]):
            self._ids.add(id(output))
            self.steps.append(Step("operation", operation, list(inputs), output, attributes))

    def on_read(self, variable, tensor):
        if id(tensor) not in self._ids:
            self._ids.add(id(tensor))
            self.steps.append(Step("read", variable, [], tensor))

    def on_change(self, variable, method, value):
        self._save(variable)
        if isinstance(value, TensorLike):
            value = value._read()
            parts = [value if value.dtype == variable.dtype else _fitted(value, dtype=variable.dtype)]
        else:
            parts = [convert_to_tensor(value.values), convert_to_tensor(value.indices)]
        self.steps.append(Step(method, variable, parts, None))

    def on_optimizer_step(self, optimizer, pairs):
        """An optimizer's step, which the program takes with the gradients of each call."""
        tensors, kept = [], []
        for gradient, variable in pairs:
            sparse = isinstance(gradient, IndexedSlices)
            parts = [gradient.values, gradient.indices] if sparse else [gradient]
            tensors += [convert_to_tensor(x) for x in parts]
            kept.append((sparse, sparse and gradient.dense_shape, variable))
        for variable in [*(v for _, v in pairs), optimizer.iterations]:
            self._save(variable)
            variable._set(variable._value, borrowed=True)  # what is read from now on is another value
        self.steps.append(Step("apply_gradients", optimizer, tensors, None, {"pairs": kept}))
        return optimizer.iterations

    def on_new_variable(self, name):
        if self._has_made_variables:
            raise ValueError(
                f"{self.name}: it makes a new variable, {name!r}, at every call. Make it outside of the traced "
                f"function, or once: keep it in an attribute, and make it while that is None."
            )
        raise _VariableMade(repr(name))

    def _save(self, variable):
        self._saved.setdefault(id(variable), (variable, variable._value))
        variable._borrowed = True  # a change in place would copy first

    def on_exit(self, tensor, how):
        if id(tensor) in self._ids or isinstance(tensor, Variable):
            raise TypeError(
                f"{self.name}: Python asked for the value of a tensor of shape {tensor.shape}, dtype {tensor.dtype}, "
                f"and while a function is traced there is none yet. In place of `if` use where(condition, x, y), in "
                f"place of float() or .numpy() an operation; or compute it outside of the traced function."
            )
