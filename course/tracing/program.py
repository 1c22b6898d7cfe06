"""Program: what `course.function` traced, ready to run."""

import itertools
import string
import threading

import numpy as np

from course.engine.indexed_slices import IndexedSlices
from course.engine.nest import map_structure, pack
from course.engine.tensor import Tensor
from course.tracing.plan import Chain, planned, shape_of
from course.tracing.source import Writer


class Program:
    """A traced function, ready to `run`.

    Attributes:
        steps: the steps in order, without those that nothing depends on.
        buffers: the bytes of each buffer.
        lifetimes: for each array in a buffer: (buffer, name, bytes, first step, last step); steps by their index.
        source: the Python function that runs it.
        environment: what the names in the source mean.
    """

    def __init__(self, trace, result, blocked):
        self.name, self._leaves, self._traced = trace.name, trace.leaves, set(trace._ids)
        self._result = map_structure(lambda _: None, result)  # its nesting
        outputs = [t for leaf in self._leaves for t in _tensors(leaf) if id(t) in self._traced]
        self._first_values = [t._value for t in outputs]
        parts, outputs = planned(trace.steps, self._traced, outputs, blocked)
        self.steps = [s for part in parts for s in (part.steps if isinstance(part, Chain) else [part])]
        self.buffers, self.lifetimes = {}, []
        self._lock = threading.Lock()
        Writer(self, trace.arguments, outputs).write(parts)
        self._forget_examples(trace)
        leaf = self._leaves[0] if self._result is None else None
        self._is_tensor = type(leaf) is Tensor and id(leaf) in self._traced  # the result, the usual case

    def first_result(self):
        """What the traced call itself computed."""
        values, self._first_values = self._first_values, None
        return self._pack(iter(values))

    def _forget_examples(self, trace):
        """Keeps of the tensors of the trace only their shapes and dtypes: their arrays may be large."""
        outlines = {}

        def outline(x):
            if id(x) not in self._traced:
                return x
            if id(x) not in outlines:
                outlines[id(x)] = Tensor(np.broadcast_to(np.zeros((), x.dtype), x.shape))
            return outlines[id(x)]

        for step in self.steps:
            step.inputs = [outline(x) for x in step.inputs]
            step.output = None if step.output is None else outline(step.output)
        for i, leaf in enumerate(self._leaves):
            parts = [outline(t) for t in _tensors(leaf)]
            if parts:
                self._leaves[i] = IndexedSlices.of(*parts, leaf.dense_shape) if len(parts) == 2 else parts[0]
        self._traced = {id(x) for x in outlines.values()}
        self._argument_names = {id(outlines[id(x)]): trace._ids[id(x)] for x in trace.arguments if id(x) in outlines}

    def run(self, arrays):
        """What the function returns for the arrays of its arguments, in the order of the signature."""
        with self._lock:  # the buffers serve one call at a time
            values = self._compute(*arrays)
        return Tensor(values[0]) if self._is_tensor else self._pack(iter(values))

    def __call__(self, *args, **kwargs):
        """Runs it on the function's arguments, which must be of the kind for which it was made."""
        return self.call(*args, **kwargs)

    def _pack(self, values):
        leaves = [_filled(leaf, values, self._traced) for leaf in self._leaves]
        return pack(self._result, iter(leaves))

    def explain(self):
        """Prints the program as a table: its steps, their inputs' and outputs' shapes, and the buffers.

        Arguments and variables have their own names, and what is computed has letters.
        """
        names = dict(self._argument_names)
        read = [s.name.removeprefix("read ") for s in self.steps if s.kind == "read"]
        taken = {*names.values(), *read}
        letters = (n for i in itertools.count() for c in string.ascii_lowercase if (n := f"{c}{i or ''}") not in taken)
        rows = [("step", "operation", "shapes", "buffer")]
        for i, step in enumerate(self.steps):
            output, start = "", ""
            if step.output is not None:
                names[id(step.output)] = read.pop(0) if step.kind == "read" else next(letters)
                start, output = f"{names[id(step.output)]} = ", f" → {shape_of(step.output)}"
            given = [names.get(id(x), "constant" if x.ndim else str(x._value)) for x in step.inputs]
            text = f"{start}{step.name}" if step.kind == "read" else f"{start}{step.name}({', '.join(given)})"
            shapes = ", ".join(map(shape_of, step.inputs)) + output
            rows.append((str(i), text, shapes.strip(), step.buffer or ""))
        widths = [max(map(len, column)) for column in zip(*rows)]
        for row in rows:
            print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths)).rstrip())
        print(f"{len(self.steps)} steps, {len(self.buffers)} buffers, {sum(self.buffers.values()):,} bytes")

    def __repr__(self):
        return f"<program {self.name}, {len(self.steps)} steps>"


def _tensors(leaf):
    """The tensors in a result's leaf."""
    if isinstance(leaf, IndexedSlices):
        return [leaf.values, leaf.indices]
    return [leaf] if isinstance(leaf, Tensor) else []


def _filled(leaf, values, traced):
    """A result's leaf with the values of this call."""
    parts = [Tensor(next(values)) if id(t) in traced else t for t in _tensors(leaf)]
    return IndexedSlices.of(*parts, leaf.dense_shape) if len(parts) == 2 else parts[0] if parts else leaf
