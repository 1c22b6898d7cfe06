"""Trace: stands among the active recorders while a function runs, and notes what happens."""

import pickle
import random as python_random
import types

import numpy as np

from course import random
from course.engine.indexed_slices import IndexedSlices
from course.engine.nest import flatten
from course.engine.operation import Operation, convert_to_tensor
from course.engine.recorder import Recorder, active
from course.engine.tensor import Tensor, TensorLike, checked_cast
from course.engine.variable import Variable
from course.tracing.plan import Step


class VariableMade(BaseException):
    """Ends a trace, and no `except Exception` of the traced function stops it."""


# A value in its variable's dtype; out of its range, a ValueError.
_fitted = Operation("cast", lambda x, dtype: checked_cast(np.asarray(x), dtype, x)[()])


class Trace(Recorder):
    """Runs a function as plain Python does, and notes in `steps` every operation and every use of a variable.

    Like a tape, it follows what depends on something: on the arguments, on variables and on random draws. All else is
    constant, and computed here once and for all.

    Args:
        name: what messages call the function.
        arguments: the tensors among its arguments.
        names: for each the name of its parameter.
        has_made_variables: whether it has run before, and made its variables then.
    """

    replays = True

    def __init__(self, name, arguments, names, has_made_variables=False):
        self.name, self.steps, self._has_made_variables = name, [], has_made_variables
        self.arguments, self._made, self._refusal, self._saved = arguments, list(arguments), None, []
        self._ids = {id(t): n for t, n in zip(arguments, names)}  # what is followed, and what it is called

    def run(self, function, args, kwargs):
        """The result of a call, whose steps are noted. State changes as in plain Python; not if the trace refuses."""
        outside, generators = active.recorders, _generators(function, [*args, *kwargs.values()])
        random_state, foreign = random.get_state(), _foreign_state(generators)
        self._saved.append(lambda: random.set_state(random_state))
        active.recorders = (self,)
        try:
            result = function(*args, **kwargs)
            self.leaves = [x._read() if isinstance(x, TensorLike) else x for x in flatten(result)]
            if _foreign_state(generators) != foreign:
                self._refuse(
                    ValueError(
                        f"{self.name}: it draws random numbers from NumPy or Python, and the traced program would have "
                        f"the same ones at every call. Use course.random, or draw outside and pass them in."
                    )
                )
            if self._refusal is not None:  # and the traced function has caught it
                raise self._refusal
            return result
        except BaseException as error:
            if self._refusal is not None or isinstance(error, VariableMade):
                self.undo()
            raise
        finally:
            active.recorders = outside

    def undo(self):
        """Variables, optimizers and random numbers are again as they were before."""
        for restore in reversed(self._saved):
            restore()

    def close(self):
        """The tensors of the trace, of which only the function itself could tell what they mean, are refused."""
        for t in self._made:
            outline = f"shape={t.shape}, dtype={t.dtype}"
            t.__class__ = LeakedTensor
            Tensor._value.__set__(t, (self.name, outline))

    def symbol(self, tensor):
        """What stands for the value of a tensor or variable that is followed: there is none yet. Else None."""
        if isinstance(tensor, Variable):
            return f"<tf.Variable {tensor.name!r} shape={tensor.shape} dtype={tensor.dtype}>"
        if id(tensor) in self._ids:
            return f'Tensor("{self._ids[id(tensor)]}:0", shape={tensor.shape}, dtype={tensor.dtype})'
        return None

    def _refuse(self, error):
        self._refusal = error
        raise error

    # What it is told as a `Recorder`

    def follows(self, x):
        return id(x) in self._ids

    def on_operation(self, operation, inputs, output, attributes):
        if not inputs or operation.acts or any([id(x) in self._ids for x in inputs]):
            self._ids[id(output)] = operation.name
            self._made.append(output)
            self.steps.append(Step("operation", operation, list(inputs), output, attributes))

    def on_read(self, variable, tensor):
        if id(tensor) not in self._ids:
            self._ids[id(tensor)] = variable._name
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
        """An optimizer's step, which it takes here, and in the program with the gradients of each call."""
        tensors, kept = [], []
        for gradient, variable in pairs:
            sparse = isinstance(gradient, IndexedSlices)
            parts = [gradient.values, gradient.indices] if sparse else [gradient]
            tensors += [convert_to_tensor(x) for x in parts]
            kept.append((sparse, sparse and gradient.dense_shape, variable))
        for variable in [*(v for _, v in pairs), *optimizer.variables]:
            self._save(variable)
        state = {variable: dict(slots) for variable, slots in optimizer._state.items()}
        self._saved.append(lambda: vars(optimizer).update(_state=state))
        self.steps.append(Step("apply_gradients", optimizer, tensors, None, {"pairs": kept}))
        recorders, active.recorders = active.recorders, ()
        try:
            return optimizer.apply_gradients(pairs)
        finally:
            active.recorders = recorders

    def on_new_variable(self, name):
        if self._has_made_variables:
            self._refuse(
                ValueError(
                    f"{self.name}: it makes a new variable, {name!r}, at every call. Make it outside of the traced "
                    f"function, or once: keep it in an attribute, and make it while that is None."
                )
            )
        raise VariableMade(repr(name))

    def _save(self, variable):
        value = variable._value
        self._saved.append(lambda: variable._set(value, borrowed=True))
        variable._borrowed = True  # a change in place would copy first

    def on_exit(self, tensor, how):
        if id(tensor) in self._ids or isinstance(tensor, Variable):
            self._refuse(
                TypeError(
                    f"{self.name}: Python asked for the value of a tensor of shape {tensor.shape}, dtype "
                    f"{tensor.dtype}, and while a function is traced there is none yet. In place of `if` use "
                    f"where(condition, x, y); in place of `while` a loop over a range of Python, which is unrolled; in "
                    f"place of float() or .numpy() an operation; or compute it outside of the traced function."
                )
            )


class LeakedTensor(Tensor):
    """What is left of a tensor when its trace has ended: every use of it is refused."""

    __slots__ = ()

    @property
    def _value(self):
        name, outline = Tensor._value.__get__(self)
        raise TypeError(
            f"this tensor ({outline}) is from the time when {name} was traced, and has no value outside of it. Return "
            f"it from the function, or keep it in a Variable."
        )

    def _read(self):
        return self._value

    def __repr__(self):
        name, outline = Tensor._value.__get__(self)
        return f"<tf.Tensor of the trace of {name}: {outline}, without a value>"

    __str__ = __repr__

    def __format__(self, spec):
        return format(repr(self), spec)


def _generators(function, arguments):
    """The random generators that a function may draw from: among its arguments, what these hold, what it encloses, and
    the globals that it names."""
    code, inside = getattr(function, "__code__", None), getattr(function, "__closure__", None) or ()
    found = [cell.cell_contents for cell in inside if cell != types.CellType()]
    found += [function.__globals__[name] for name in code.co_names if name in function.__globals__] if code else []
    for x in arguments:
        found += [x, *getattr(x, "__dict__", {}).values()]
    kinds = np.random.Generator | np.random.RandomState | python_random.Random
    return [x for x in found if isinstance(x, kinds) and not isinstance(x, python_random.SystemRandom)]


def _foreign_state(generators):
    """The state of random generators, and of those that NumPy and Python share among all."""
    return pickle.dumps((np.random.get_state(legacy=False), python_random.getstate(), generators))
