"""The plan of a program: the steps of a trace, without those that nobody needs, and which of them are done together."""

import math

import numpy as np

from course.engine.operation import _identity, _stop
from course.engine.tensor import Tensor

PASS_ON = (_identity, _stop)  # operations that give their input

BLOCK = 2**16  # elements of a block: a handful of such arrays of float32 stay in a cache of one or two MB
LARGE = 2**15  # chains on arrays of at least so many elements are done in blocks


class Step:
    """One step of a program.

    Attributes:
        kind: "operation", "read", "apply_gradients", or the method by which a variable changes, such as "assign_sub".
        target: the operation, the variable, or the optimizer.
        inputs: the tensors that it takes, with the shapes, dtypes and memory layout that they had while tracing.
        output: the tensor that it gives, or None.
        attributes: the operation's.
        base: of an output that is a view, the place among the inputs of what it is a view of; otherwise None.
        buffer: the name of the buffer that the output is written into. None if it is a scalar, a view, or new.
    """

    __slots__ = ("kind", "target", "inputs", "output", "attributes", "base", "buffer")

    def __init__(self, kind, target, inputs, output, attributes=None):
        self.kind, self.target, self.inputs, self.output = kind, target, inputs, output
        self.attributes, self.base, self.buffer = attributes or {}, None, None
        if kind == "operation" and output.ndim:
            # A reshape copies some layouts and not others, and another call's array may have another one.
            shares = [target.view and x.ndim or np.may_share_memory(output._value, x._value) for x in inputs]
            self.base = next((i for i, shared in enumerate(shares) if shared), None)

    @property
    def name(self):
        """What the step does."""
        if self.kind == "operation":
            return self.target.name
        name = self.target.name.removesuffix(":0")
        return f"read {name}" if self.kind == "read" else f"{name}.{self.kind}"

    @property
    def changes(self):
        """Whether it does more than compute its output: changes a variable, draws random numbers, prints, refuses."""
        if self.kind == "operation":
            return not self.inputs or self.target.acts
        return self.kind != "read"

    @property
    def ufunc(self):
        """The ufunc that computes the output and can write it into a buffer, or None."""
        if self.kind != "operation" or not self.output.ndim or not self.output._value.size:
            return None
        return self.target.ufunc

    @property
    def elementwise(self):
        return self.kind == "operation" and self.target.elementwise and self.output.ndim > 0

    @property
    def adds_up(self):
        """Whether it is a sum or mean of all elements, which blocks can be added up for."""
        return self.sums and not self.output.ndim and self.inputs[0].ndim > 0

    @property
    def sums(self):
        """Whether it is a sum or mean of floats that NumPy adds up in their own dtype."""
        if self.kind != "operation" or self.target.reduces not in (np.add, np.mean):
            return False
        dtype = self.inputs[0].dtype
        return dtype.kind == "f" and dtype.itemsize > 2


class Chain:
    """Element-wise steps and sums on arrays of one large shape, done together, block by block."""

    def __init__(self, shape):
        self.shape, self.steps = shape, []

    @property
    def rows(self):
        """How many rows, indices of the first axis, a block has."""
        blocks = -(-math.prod(self.shape) // BLOCK)
        return -(-self.shape[0] // min(blocks, self.shape[0]))

    @property
    def pays(self):
        """Whether it is worth more than its steps one by one: these move whole arrays, and add up with more passes."""
        return len(self.steps) > 1 and (self.rows < self.shape[0] or any(s.adds_up for s in self.steps))

    def takes(self, step):
        """Whether a step can be done block by block with the others."""
        shape = step.inputs[0].shape if step.adds_up else step.output.shape if step.elementwise else None
        return shape == self.shape


def planned(steps, traced, outputs, blocked):
    """The steps in order, some of them gathered in a `Chain`; and the outputs, each by the tensor that has its value.

    Args:
        steps: those of a trace.
        traced: the identities of all tensors that differ from call to call.
        outputs: the tensors that the program returns.
        blocked: whether chains on large arrays are done block by block.
    """
    same = {}  # of what is computed again: the first tensor of the same value
    steps = _without_repetitions(steps, traced, same)
    outputs = [same.get(id(t), t) for t in outputs]
    steps = _needed(_scaled_at_once(_without_broadcasts(steps, traced), traced), outputs)
    return _chained(steps) if blocked else steps, outputs


def _without_repetitions(steps, traced, same):
    """What has been computed of the same inputs before is not computed again, and what is passed on not at all."""
    kept, first = [], {}
    for step in steps:
        step.inputs = [same.get(id(x), x) for x in step.inputs]
        if step.kind == "operation" and step.target in PASS_ON:
            same[id(step.output)] = step.inputs[0]
            continue
        if step.kind == "operation" and not step.changes:
            inputs = [id(x) if id(x) in traced or x.ndim else repr(x._value) for x in step.inputs]
            try:
                output = first.setdefault((step.target, *inputs, *step.attributes.items()), step.output)
            except TypeError:  # slices have no hash
                output = step.output
            if output is not step.output:
                same[id(step.output)] = output
                continue
        kept.append(step)
    return kept


def _without_broadcasts(steps, traced):
    """Where a number was repeated to the shape of an array beside it, gives the number itself: NumPy broadcasts it."""
    numbers = {}  # of what is one number in another shape: the number
    for step in steps:
        if step.kind == "operation" and step.target.view:
            x = step.inputs[0]
            if not x.ndim or id(x) in numbers:
                numbers[id(step.output)] = numbers.get(id(x), x)
        elif step.elementwise:
            numbers |= {id(x): Tensor(x._value.flat[0]) for x in step.inputs if id(x) not in traced and _is_number(x)}
            if any(x.shape == step.output.shape and id(x) not in numbers for x in step.inputs):
                step.inputs = [numbers.get(id(x), x) for x in step.inputs]
    return steps


def _scaled_at_once(steps, traced):
    """A number times x + x, as in the gradient of a square, is twice the number times x: doubling rounds nothing."""
    doubled = {}
    for step in steps:
        if step.ufunc is np.add and step.inputs[0] is step.inputs[1]:
            doubled[id(step.output)] = step.inputs[0]
        elif step.ufunc is np.multiply:
            number, x = sorted(step.inputs, key=lambda t: t.ndim)
            if id(x) in doubled and not number.ndim and id(number) not in traced:
                step.inputs = [Tensor(number._value + number._value), doubled[id(x)]]
    return steps


def _is_number(x):
    """Whether an array is one number, many times. (Zeros may differ in their sign.)"""
    if not isinstance(x._value, np.ndarray) or x._value.size < 2:
        return False
    first = x._value.flat[0]
    return not any(x._value.strides) or bool(first != 0 and (x._value == first).all())


def _needed(steps, outputs):
    """The steps without those that no output and no change depends on."""
    needed, kept = {id(t) for t in outputs}, []
    for step in reversed(steps):
        if step.changes or id(step.output) in needed:
            needed.update(map(id, step.inputs))
            kept.append(step)
    return kept[::-1]


def _chained(steps):
    """The steps, those that can be done block by block gathered in a `Chain`, as far as their order allows."""
    start = next((i for i, s in enumerate(steps) if _large(s)), None)
    if start is None:
        return steps
    chain = Chain(steps[start].inputs[0].shape if steps[start].adds_up else steps[start].output.shape)
    before, after, inside, sums, later = list(steps[:start]), [], set(), set(), set()
    for step in steps[start:]:
        inputs = set(map(id, step.inputs))
        free = not inputs & later and not inputs & sums
        if free and chain.takes(step):
            chain.steps.append(step)
            (sums if step.adds_up else inside).add(id(step.output))
        elif free and not inputs & inside and not step.changes and not any(s.changes for s in after):
            before.append(step)
        else:
            after.append(step)
            later.add(id(step.output))
    return [*before, *([chain] if chain.pays else chain.steps), *_chained(after)]


def shape_of(tensor):
    """A tensor's dtype and shape, in words."""
    return f"{getattr(tensor._value, 'dtype', 'number')}{list(tensor.shape)}".replace(" ", "")


def _large(step):
    x = step.inputs[0] if step.adds_up else step.output
    return (step.adds_up or step.elementwise) and x._value.size >= LARGE and x._value.flags.c_contiguous
