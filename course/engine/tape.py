"""The tape: records operations as they run, and walks back over them for the gradient.

While a `GradientTape` is active, every operation on something that it watches leaves a record: the operation, its
inputs, its output. The gradient is one walk from the last record to the first, with the chain rule at each: the
gradient with respect to the output, through the operation's rule, is the gradient with respect to an input.
"""

import contextlib
from types import NoneType

import numpy as np

from course.engine.explain import explain
from course.engine.indexed_slices import IndexedSlices, as_gradient
from course.engine.jacobian import UnconnectedGradients, batch_jacobian, jacobian
from course.engine.nest import flatten, pack
from course.engine.operation import Operation, convert_to_tensor, to_dtype
from course.engine.recorder import Recorder, active, differentiating
from course.engine.tensor import Tensor, TensorLike


class GradientTape(Recorder):
    """Records operations, to differentiate through them.

        with GradientTape() as tape:
            loss = compute_loss(model)
        gradients = tape.gradient(loss, model.trainable_variables)

    Args:
        persistent: keep the records after `gradient`, so that it can be called again.
        watch_accessed_variables: watch every trainable variable that is read while the tape is active.
    """

    __slots__ = ("_persistent", "_watch_accessed", "_records", "_ids", "_watched", "_reads", "_used", "__weakref__")

    differentiates = True

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent, self._watch_accessed = persistent, watch_accessed_variables
        self.reset()

    def __enter__(self):
        if self in active.recorders:
            raise ValueError("this tape is already recording: `with` cannot enter it a second time.")
        active.recorders += (self,)
        return self

    def __exit__(self, *exception):
        self._pause()

    def _pause(self):
        tapes = active.recorders
        if tapes and tapes[-1] is self:
            active.recorders = tapes[:-1]
        elif self in tapes:
            active.recorders = tuple([tape for tape in tapes if tape is not self])

    def reset(self):
        """Forget everything recorded and watched."""
        self._records = []  # (operation, inputs, output, attributes), in the order of execution
        self._ids = set()  # the identities of all that is watched, or was computed from something watched
        self._watched = {}  # what is watched, by identity
        self._reads = {}  # of each tensor that a variable was read as, by identity: the variable, and the tensor
        self._used = False

    def watch(self, tensor):
        """Record what is computed from `tensor`, from now on: a tensor, a variable, or a list of them.

        Trainable variables need no call: reading one watches it. An integer has no derivative: its gradient is None.
        """
        for x in flatten(tensor):
            if not isinstance(x, TensorLike):
                raise TypeError(f"watch: {x!r} is a {type(x).__name__}, not a tensor or variable. Use constant first.")
            self._follow(x)

    def _follow(self, x):
        self._watched[id(x)] = x
        if x._value.dtype.kind == "f":
            self._ids.add(id(x))

    def watched_variables(self):
        """The variables that the tape watches, in the order in which it met them."""
        return tuple(x for x in self._watched.values() if not isinstance(x, Tensor))

    @contextlib.contextmanager
    def stop_recording(self):
        """A `with` block during which this tape does not record."""
        if self not in active.recorders:
            raise ValueError("stop_recording: this tape is not recording. Call it inside the tape's own `with` block.")
        before = active.recorders
        self._pause()
        try:
            yield
        finally:
            active.recorders = before

    # What it is told as a `Recorder`

    def follows(self, x):
        return id(x) in self._ids

    def on_operation(self, operation, inputs, output, attributes):
        ids = self._ids
        for x in inputs:
            if id(x) in ids:
                ids.add(id(output))
                self._records.append((operation, inputs, output, attributes))
                break

    def on_read(self, variable, tensor):
        """The gradients of the `tensor` that was read are the variable's."""
        if id(tensor) in self._reads:
            return
        if id(variable) not in self._watched and self._watch_accessed and variable._trainable:
            self._follow(variable)
        if id(variable) in self._ids:
            self._ids.add(id(tensor))
            self._reads[id(tensor)] = variable, tensor

    def on_change(self, variable, method, value):
        """No gradient follows a value into a variable, and `explain` can say so."""
        given = value if isinstance(value, TensorLike) else value.values
        if id(given) in self._ids:
            attributes = {"variable": variable, "reads_before": len(self._reads)}
            self._records.append((Operation(method, None), (given,), None, attributes))

    def on_exit(self, tensor, how):
        """No gradient follows a value into plain NumPy, and `explain` can say so."""
        if id(tensor) in self._ids:
            self._records.append((Operation(how, None), (tensor,), None, {}))

    def gradient(self, target, sources, output_gradients=None, unconnected_gradients=UnconnectedGradients.NONE):
        """The gradient of `target` with respect to each of `sources`.

        Args:
            target: a tensor, or several in a list or dict, whose gradients add up. A target of many elements counts as
                their sum.
            sources: tensors or variables, in any nesting of lists, tuples and dicts.
            output_gradients: weights for the target's elements, of the target's shape; by default ones.
            unconnected_gradients: UnconnectedGradients.NONE or .ZERO.

        Returns:
            In the nesting of `sources`, tensors with each source's shape and dtype. An `IndexedSlices` for a source
            that was only read by rows, unless another tape records this call. None where the target does not depend on
            the source: `explain` says why.

        Raises:
            RuntimeError: a second call, on a tape that is not persistent.
            TypeError: a target or source is not a tensor or variable.
            ValueError: `output_gradients` that do not fit the target.
        """
        targets, flat_sources = self._begin(target, sources, unconnected_gradients)
        seeds = [None] * len(targets) if output_gradients is None else flatten(output_gradients)
        if len(seeds) != len(targets):
            raise ValueError(f"gradient: {len(targets)} targets but {len(seeds)} output_gradients. Give one for each.")
        results = self._gradients(targets, seeds, flat_sources)
        self._free(results)
        if unconnected_gradients == UnconnectedGradients.ZERO:
            results = [Tensor(np.zeros_like(s._value)) if g is None else g for g, s in zip(results, flat_sources)]
        return pack(sources, iter(results))

    def _begin(self, target, sources, unconnected_gradients):
        """Checks what `gradient` was given, and returns the targets and sources as flat lists."""
        if self._used and not self._persistent:
            raise RuntimeError(
                "this tape has been used: `gradient` frees what it recorded. Ask for all the gradients in one call, "
                "with a list of sources, or make the tape with persistent=True."
            )
        if unconnected_gradients not in (UnconnectedGradients.NONE, UnconnectedGradients.ZERO):
            raise ValueError(f"unconnected_gradients: {unconnected_gradients!r} is neither 'none' nor 'zero'.")
        targets, flat_sources = flatten(target), flatten(sources)
        for x in targets + flat_sources:
            if not isinstance(x, TensorLike):
                raise TypeError(
                    f"gradient: {x!r} is a {type(x).__name__}, not a tensor or variable. If it was a variable, `=` has "
                    f"bound its name to something else: change a variable with assign."
                )
        self._used = True
        if not self._persistent:
            self._pause()
        return [x if isinstance(x, Tensor) else self._read(x) for x in targets], flat_sources

    def _read(self, variable):
        """The value of a variable that is a target: read as within the tape's block."""
        tensor = variable._read()
        self.on_read(variable, tensor)
        return tensor

    def _computed_from(self, sources):
        """The identities of all that was computed from the sources, whose identities are given, and their own."""
        found = sources & self._ids
        if found.issuperset(self._watched):
            return self._ids
        found.update(key for key, (variable, _) in self._reads.items() if id(variable) in found)
        for operation, inputs, output, _ in self._records:
            for x, rule in zip(inputs, operation.rules):
                if rule is not None and id(x) in found:
                    found.add(id(output))
                    break
        return found

    @np.errstate(all="ignore")  # an infinite slope, as of sqrt at 0, is an answer and no reason for a warning
    def _gradients(self, targets, seeds, sources):
        """The gradient of the targets together with respect to each source, or None."""
        asked_for = {id(x) for x in sources}
        connected = self._computed_from(asked_for)
        as_tensors = bool(active.recorders)  # a recorder follows the rules too, and knows only tensors
        gradients = {}
        for target, seed in zip(targets, seeds):
            if id(target) in connected or (id(target) in asked_for and target.dtype.kind == "f"):
                _add(gradients, target, _seed(target, seed, as_tensors))
        for _ in walk_back(self._records, gradients, connected, asked_for, as_tensors):
            pass
        for key, (variable, _) in self._reads.items():
            if key in gradients:
                _add(gradients, variable, gradients[key])
        return [as_gradient(gradients.get(id(x)), dense=as_tensors and differentiating()) for x in sources]

    # Methods that have a file of their own each
    jacobian = jacobian
    batch_jacobian = batch_jacobian
    explain = explain

    def _free(self, results):
        """A tape that is not persistent lets go of its records; not after a None, which `explain` accounts for."""
        if not self._persistent and NoneType not in map(type, results):
            self._records, self._reads = [], {}


def walk_back(records, gradients, connected, kept=(), as_tensors=False):
    """The chain rule, from the last record to the first. It yields each record that passes gradients on, after it did.

    Args:
        records: (operation, inputs, output, attributes), in the order of execution.
        gradients: by the identity of what they belong to. It starts with those of the targets, and the walk fills it.
        connected: the identities of what needs a gradient: the sources, and what was computed from them.
        kept: the identities of those whose gradients are still wanted when they have been passed on.
        as_tensors: call the rules with tensors, so that another tape can record them, and not with arrays.
    """
    for record in reversed(records):
        operation, inputs, output, attributes = record
        key = id(output)
        if key not in gradients:
            continue
        g = gradients[key] if key in kept else gradients.pop(key)
        if type(g) is IndexedSlices:
            g = g.dense()
        z, values = output, inputs
        if not as_tensors:
            z, values = z._value, [x._value for x in inputs]
        for x, rule in zip(inputs, operation.rules):
            key = id(x)
            if rule is not None and key in connected:
                part = rule(g, z, *values, **attributes)
                if part is None:  # a custom gradient may say so
                    continue
                if part.shape != x._value.shape or part.dtype is not x._value.dtype:
                    part = unbroadcast(part, x._value)
                gradients[key] = gradients[key] + part if key in gradients else part  # each use adds its part
        yield record


def unbroadcast(g, value):
    """The gradient `g` in the shape and dtype of the input `value`: sums over the axes that broadcasting enlarged."""
    if not value.shape:
        g = np.add.reduce(g, axis=None) if g.shape else g
    elif g.shape != value.shape:
        extra = len(g.shape) - len(value.shape)
        axes = tuple(i for i in range(len(g.shape)) if i < extra or g.shape[i] != value.shape[i - extra])
        g = np.add.reduce(g, axis=axes)
        g = g if g.shape == value.shape else np.reshape(g, value.shape)
    return g if g.dtype == value.dtype else to_dtype.either(g, dtype=value.dtype)


def _add(gradients, x, g):
    """One more gradient with respect to x: they add up."""
    gradients[id(x)] = gradients[id(x)] + g if id(x) in gradients else g


def _seed(target, seed, as_tensor):
    """The gradient with which the walk starts at a target."""
    value = target._value
    if seed is None:
        ones = np.ones(value.shape, value.dtype) if value.shape else value.dtype.type(1)
        return Tensor(ones) if as_tensor else ones
    seed = convert_to_tensor(seed, value.dtype)
    if seed.shape != value.shape:
        raise ValueError(f"output_gradients: shape {seed.shape} for a target of shape {target.shape}. Make them equal.")
    return seed if as_tensor else seed._value
