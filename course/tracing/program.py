"""Program: what `course.function` traced, as one flat Python function of NumPy calls, with its memory planned."""

import collections
import functools
import itertools
import math
import operator
import os
import string
import sys
import threading

import numpy as np

from course.engine.indexed_slices import IndexedSlices
from course.engine.nest import map_structure, pack
from course.engine.tensor import Tensor

SIGNS = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}


BLOCK = 2**16  # elements of a block: a handful of such arrays of float32 stay in a cache of a few hundred kB
ROW = 2**9  # elements that BLAS adds up in a row
LARGE = 2**18  # chains on arrays of at least so many elements are done in blocks,
PARALLEL = 2**21  # and on two threads where elements times steps are at least so many


class Step:
    """One step of a program.

    Attributes:
        kind: "operation", "read", "apply_gradients", or the method by which a variable changes, such as "assign_sub".
        target: the operation, the variable, or the optimizer.
        inputs: the tensors that it takes, with the shapes, dtypes and memory layout that they had while tracing.
        output: the tensor that it gives, or None.
        attributes: the operation's.
        buffer: the name of the buffer that the output is written into. None if it is a scalar, a view, or new.
    """

    __slots__ = ("kind", "target", "inputs", "output", "attributes", "buffer")

    def __init__(self, kind, target, inputs, output, attributes=None):
        self.kind, self.target, self.inputs, self.output = kind, target, inputs, output
        self.attributes, self.buffer = attributes or {}, None

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
        return max(1, BLOCK // max(1, math.prod(self.shape[1:])))

    def takes(self, step):
        """Whether a step can be done block by block with the others."""
        shape = step.inputs[0].shape if step.adds_up else step.output.shape if step.elementwise else None
        return shape == self.shape


class Program:
    """A traced function, ready to `run`.

    Attributes:
        steps: the steps in order, without those that nothing depends on.
        buffers: the bytes of each buffer.
        lifetimes: for each array in a buffer: (buffer, name, bytes, first step, last step); steps by their index.
        source: the Python function that runs it.
    """

    def __init__(self, trace, result, blocked):
        self.name, self._leaves, self._traced = trace.name, trace.leaves, set(trace._ids)
        self._result = map_structure(lambda _: None, result)  # its nesting
        outputs = [t for leaf in self._leaves for t in _tensors(leaf) if id(t) in self._traced]
        self._first_values = [t._value for t in outputs]
        steps = _needed(_without_broadcasts(trace.steps, self._traced), outputs)
        parts = _chained(steps) if blocked else steps
        self.steps = [s for part in parts for s in (part.steps if isinstance(part, Chain) else [part])]
        self.buffers, self.lifetimes = {}, []
        self._lock = threading.Lock()
        _Writer(self, trace.arguments, outputs).write(parts)
        self._forget_examples(trace)

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
        return self._pack(iter(values))

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
                start, output = f"{names[id(step.output)]} = ", f" → {_shape(step.output)}"
            given = [names.get(id(x), "constant" if x.ndim else str(x._value)) for x in step.inputs]
            text = f"{start}{step.name}" if step.kind == "read" else f"{start}{step.name}({', '.join(given)})"
            shapes = ", ".join(map(_shape, step.inputs)) + output
            rows.append((str(i), text, shapes.strip(), step.buffer or ""))
        widths = [max(map(len, column)) for column in zip(*rows)]
        for row in rows:
            print("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths)).rstrip())
        print(f"{len(self.steps)} steps, {len(self.buffers)} buffers, {sum(self.buffers.values()):,} bytes")

    def __repr__(self):
        return f"<program {self.name}, {len(self.steps)} steps>"


def _shape(tensor):
    return f"{getattr(tensor._value, 'dtype', 'number')}{list(tensor.shape)}".replace(" ", "")


def _tensors(leaf):
    """The tensors in a result's leaf."""
    if isinstance(leaf, IndexedSlices):
        return [leaf.values, leaf.indices]
    return [leaf] if isinstance(leaf, Tensor) else []


def _filled(leaf, values, traced):
    """A result's leaf with the values of this call."""
    parts = [Tensor(next(values)) if id(t) in traced else t for t in _tensors(leaf)]
    return IndexedSlices.of(*parts, leaf.dense_shape) if len(parts) == 2 else parts[0] if parts else leaf


def _without_broadcasts(steps, traced):
    """A number that was repeated to meet an array of that shape meets it as it is: NumPy broadcasts anyway."""
    numbers = {}  # of what is one number in another shape: the number
    for step in steps:
        if step.kind == "operation" and step.target.view:
            x = step.inputs[0]
            if not x.ndim or id(x) in numbers:
                numbers[id(step.output)] = numbers.get(id(x), x)
        elif step.elementwise:
            numbers |= {id(x): Tensor(x._value.flat[0]) for x in step.inputs if id(x) not in traced and _repeats(x)}
            if any(x.shape == step.output.shape and id(x) not in numbers for x in step.inputs):
                step.inputs = [numbers.get(id(x), x) for x in step.inputs]
    return steps


def _repeats(x):
    """Whether an array is one number, seen many times."""
    return isinstance(x._value, np.ndarray) and x._value.size > 1 and not any(x._value.strides)


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
    return [*before, *([chain] if len(chain.steps) > 1 else chain.steps), *_chained(after)]


def _large(step):
    x = step.inputs[0] if step.adds_up else step.output
    return (step.adds_up or step.elementwise) and x._value.size >= LARGE and x._value.flags.c_contiguous


class _Pool:
    """Pieces of memory that values share, one after another."""

    def __init__(self, letter):
        self.letter, self.sizes, self.held, self.free = letter, [], {}, []

    def take(self, value, nbytes, successor_of=()):
        """The number of a piece for a value: one of those that it may take over, a free one, or a new one."""
        for old in successor_of:
            if old in self.held and self.sizes[self.held[old]] >= nbytes:
                self.held[value] = self.held.pop(old)
                return self.held[value]
        fitting = [n for n in self.free if self.sizes[n] >= nbytes]
        number = min(fitting, key=lambda n: self.sizes[n], default=len(self.sizes))
        if fitting:
            self.free.remove(number)
        else:
            self.sizes.append(nbytes)
        self.held[value] = number
        return number

    def release(self, last, index):
        """Frees what is not used after step `index`."""
        for value in [value for value in self.held if last.get(value, index) <= index]:
            self.free.append(self.held.pop(value))


class _Writer:
    """Writes a program's source, and plans on the way which arrays share a buffer.

    In the source, a… are the arguments, v… values, t… arrays in buffers, c… what is constant; and in a chain, s… are
    scratch arrays of one block, and x… the parts of arrays that belong to the block.
    """

    def __init__(self, program, arguments, outputs):
        self.program, self.steps, self.arguments, self.outputs = program, program.steps, arguments, outputs
        self.env = {
            "add_reduce": np.add.reduce,
            "dot": _dot,
            "array": np.array,
            "empty": np.empty,
            "Tensor": Tensor,
        }
        self.env |= {"IndexedSlices": IndexedSlices, "in_blocks": _in_blocks, "change": _change}
        self.names = {id(t): f"a{i}" for i, t in enumerate(arguments)}
        self.functions, self.lines, self.placed = [], [], []
        self.pool = _Pool("b")
        self.root = {id(t): id(t) for t in arguments}  # whose memory a value lies in: its own, or what it is a view of
        for step in self.steps:
            if step.output is not None:
                value = step.output._value
                # A reshape copies some layouts and not others, and another call's array may have another one.
                views = step.kind == "operation" and step.target.view and step.inputs[0].ndim
                base = [x for x in step.inputs if np.ndim(value) and (views or np.may_share_memory(value, x._value))]
                self.root[id(step.output)] = self.root.get(id(base[0]), id(base[0])) if base else id(step.output)
        kept = [*outputs, *(s.inputs[0] for s in self.steps if s.kind == "assign")]
        made = {id(s.output) for s in self.steps if s.kind == "operation"}
        self.fresh = {self.root[id(t)] for t in kept if id(t) in self.root} & made  # new arrays: they outlive the call
        self.last = {}  # of each array, by its root: the index of the last step that uses it or a view of it
        for i, step in enumerate(self.steps):
            self.last |= {self.root.get(id(x), id(x)): i for x in step.inputs}
        self.last |= {self.root[id(t)]: len(self.steps) for t in outputs}

    def write(self, parts):
        index = 0
        for part in parts:
            if isinstance(part, Chain):
                self._chain(part, index)
                index += len(part.steps)
            else:
                self._step(part, index)
                index += 1
            self.pool.release(self.last, index - 1)
        raw = [np.empty(size, np.uint8) for size in self.pool.sizes]
        for name, number, example in self.placed:
            self.env[name] = _laid_out(raw[number], example)
        results = "".join(f"{self._owned(t)}, " for t in self.outputs)
        arguments = ", ".join(f"a{i}" for i in range(len(self.arguments)))
        body = "".join(f"    {line}\n" for line in [*self.lines, f"return ({results})"])
        program = self.program
        program.source = "\n\n".join([*self.functions, f"def program({arguments}):\n{body}"])
        exec(program.source, self.env)
        # An infinite slope, as of sqrt at 0, is an answer and no reason for a warning: as on a tape.
        program._compute = np.errstate(all="ignore")(self.env["program"])
        program.buffers |= {f"b{n}": size for n, size in enumerate(self.pool.sizes)}

    # Names

    def _ref(self, tensor):
        if id(tensor) not in self.names:
            self.names[id(tensor)] = self._constant(tensor._value)
        return self.names[id(tensor)]

    def _constant(self, value):
        name = f"c{len(self.env)}"
        self.env[name] = value
        return name

    def _new(self, tensor, letter="v"):
        self.names[id(tensor)] = f"{letter}{len(self.names)}"
        return self.names[id(tensor)]

    def _owned(self, tensor):
        """A value that outlives the call: copied, where the memory is a variable's or a constant's."""
        root = self.root.get(id(tensor))
        kept = root in self.fresh or not tensor.ndim or root in [id(a) for a in self.arguments]
        return self._ref(tensor) if kept else f"array({self._ref(tensor)})"

    # Steps

    def _step(self, step, i):
        inputs = [self._ref(x) for x in step.inputs]
        if step.kind == "operation":
            if step.ufunc and id(step.output) not in self.fresh:
                self._place(step, i)
                self.lines.append(self._call(step.ufunc, [*inputs, f"out={self._ref(step.output)}"]))
            else:
                expression = self._expression(step, inputs)
                self.lines.append(f"{self._new(step.output)} = {expression}")
            return
        target = self._constant(step.target)
        if step.kind == "read":
            last = self.last.get(self.root[id(step.output)], i)
            risky = any(s.changes and s.kind != "operation" for s in self.steps[i + 1 : last])
            how = "_read()._value" if risky and step.output.ndim else "_value"  # a snapshot is never changed in place
            self.lines.append(f"{self._new(step.output)} = {target}.{how}")
        elif step.kind == "assign":
            self.lines.append(f"{target}._set({self._owned(step.inputs[0])}, True)")
        elif step.kind in ("assign_add", "assign_sub"):
            ufunc = self._constant(np.add if step.kind == "assign_add" else np.subtract)
            self.lines.append(f"change({target}, {ufunc}, {inputs[0]})")
        elif step.kind == "apply_gradients":
            tensors = iter(inputs)
            pairs = []
            for sparse, shape, variable in step.attributes["pairs"]:
                gradient = f"Tensor({next(tensors)})"
                if sparse:
                    gradient = f"IndexedSlices({gradient}, Tensor({next(tensors)}), {self._constant(shape)})"
                pairs.append(f"({gradient}, {self._constant(variable)})")
            self.lines.append(f"{target}.apply_gradients([{', '.join(pairs)}])")
        else:
            self.lines.append(f"{target}.{step.kind}(IndexedSlices(Tensor({inputs[0]}), Tensor({inputs[1]})))")

    def _place(self, step, i):
        """Gives the output a buffer: that of an input whose last use this is, a free one, or a new one."""
        out = step.output
        heirs = [x for x in step.inputs if self.last.get(id(x)) == i and _shape(x) == _shape(out)]
        number = self.pool.take(id(out), out._value.nbytes, [id(x) for x in heirs] if step.elementwise else ())
        step.buffer = f"b{number}"
        self.placed.append((self._new(out, "t"), number, out._value))
        self._note_lifetime(step, i, out._value.nbytes, self.last.get(id(out), i))

    def _note_lifetime(self, step, i, nbytes, last):
        self.program.lifetimes.append((step.buffer, step.name, nbytes, i, min(last, len(self.steps) - 1)))

    def _expression(self, step, inputs):
        forward, x = step.target.forward, step.inputs[0] if inputs else None
        if forward in SIGNS:
            return f"{inputs[0]} {SIGNS[forward]} {inputs[1]}"
        if step.sums:
            count = max(np.size(x._value) // max(np.size(step.output._value), 1), 1)
            total = f"add_reduce({inputs[0]}, {step.attributes['axis']}, None, None, {step.attributes['keepdims']})"
            return f"{total} / {count}" if step.target.reduces is np.mean else total
        given = [f"{key}={self._constant(value)}" for key, value in step.attributes.items()]
        return self._call(forward, [*inputs, *given])

    def _call(self, function, arguments):
        return f"{self._constant(function)}({', '.join(arguments)})"

    # Chains

    def _dots(self, chain):
        """Of each product that only a sum needs, its two factors: BLAS multiplies and adds up in one pass."""
        uses = collections.Counter([id(x) for s in self.steps for x in s.inputs] + [id(x) for x in self.outputs])
        summed = {id(s.inputs[0]) for s in chain.steps if s.adds_up}
        dots = {}
        for s in chain.steps:
            if id(s.output) in summed and uses[id(s.output)] == 1 and s.target.forward in (operator.mul, np.square):
                factors = [s.inputs[0], s.inputs[-1]]
                if all(x.shape == chain.shape and x.dtype == s.output.dtype for x in factors):
                    dots[id(s.output)] = factors
        return dots

    def _chain(self, chain, first):
        """A function of one block, and the loop over the blocks."""
        end = first + len(chain.steps) - 1
        threads = 2 if THREADS > 1 and math.prod(chain.shape) * len(chain.steps) >= PARALLEL else 1
        row, pool, last = math.prod(chain.shape[1:]), _Pool(f"s{first}_"), {}
        dots = self._dots(chain)
        for i, step in enumerate(chain.steps, first):
            last |= {id(x): i for x in dots.get(id(step.inputs[0]), step.inputs)}
        given, inside, lines, scratch, sums = [], {}, [], {}, []

        def part(x):
            """The name of a value within the block."""
            if id(x) not in inside:
                name = inside[id(x)] = self._ref(x)
                if name[0] in "av" and name not in given:
                    given.append(name)
                if x.ndim == len(chain.shape) and x.shape[0] == chain.shape[0]:
                    inside[id(x)] = f"x{len(inside)}"
                    lines.append(f"{inside[id(x)]} = {name}[start:stop]")
            return inside[id(x)]

        for i, step in enumerate(chain.steps, first):
            out = step.output
            if step.adds_up:
                factors = [part(x) for x in dots.get(id(step.inputs[0]), [])]
                total = f"dot({', '.join(factors)})" if factors else f"add_reduce({part(step.inputs[0])}, None)"
                sums.append((f"p{len(sums)}", step))
                lines.append(f"{sums[-1][0]}[block] = {total}")
                continue
            if id(out) in dots:
                continue
            inputs = [part(x) for x in step.inputs]
            if id(out) in self.fresh:
                shape, dtype = self._constant(out._value.shape), self._constant(out._value.dtype)
                self.lines.append(f"{self._new(out)} = empty({shape}, {dtype})")
                part(out)
            elif self.last.get(id(out), -1) > end:
                self._place(step, i)
                part(out)
            elif step.ufunc:
                nbytes = chain.rows * row * out.dtype.itemsize
                heirs = [id(x) for x in step.inputs if last[id(x)] == i and _shape(x) == _shape(out)]
                number = pool.take(id(out), nbytes, heirs)
                step.buffer = f"{pool.letter}{number}"
                inside[id(out)] = f"s{len(scratch)}"
                scratch[f"s{len(scratch)}"] = number, (chain.rows, *chain.shape[1:]), out.dtype
                self._note_lifetime(step, i, nbytes, last.get(id(out), i))
            if step.ufunc:
                lines.append(self._call(step.ufunc, [*inputs, f"out={inside[id(out)]}"]))
            elif id(out) in inside:
                lines.append(f"{inside[id(out)]}[...] = {self._expression(step, inputs)}")
            else:
                inside[id(out)] = f"x{len(inside)}"
                lines.append(f"{inside[id(out)]} = {self._expression(step, inputs)}")
            pool.release(last, i)

        names = list(scratch)
        if names:
            cut = [f"{name}[: stop - start]" for name in names]
            lines = [f"{', '.join(names)}, = scratch", "if stop - start < rows:"] + [
                f"    {', '.join(names)}, = {', '.join(cut)},", *lines]  # fmt: skip
        name = f"chain{len(self.functions)}"
        partial = [p for p, _ in sums]
        head = f"def {name}({', '.join(['start', 'stop', 'block', 'rows', 'scratch', *given, *partial])}):\n"
        self.functions.append(head + "".join(f"    {line}\n" for line in lines))
        blocks = -(-chain.shape[0] // chain.rows)
        self.lines += [f"{p} = [None] * {blocks}" for p in partial]
        spaces = []
        for _ in range(threads):
            raw = [np.empty(size, np.uint8) for size in pool.sizes]
            spaces.append(
                [raw[n][: math.prod(shape) * d.itemsize].view(d).reshape(shape) for n, shape, d in scratch.values()]
            )
        passed = "".join(f"{x}, " for x in [*given, *partial])
        self.lines.append(f"in_blocks({name}, {chain.shape[0]}, {chain.rows}, {self._constant(spaces)}, ({passed}))")
        for p, step in sums:
            count = f" / {step.inputs[0]._value.size}" if step.target.reduces is np.mean else ""
            self.lines.append(f"{self._new(step.output)} = add_reduce(array({p})){count}")
        self.program.buffers |= {f"{pool.letter}{n}": size * threads for n, size in enumerate(pool.sizes)}


def _laid_out(raw, example):
    """A view of a buffer with an array's shape and dtype, and its axes in the order in which they lie in memory."""
    order = sorted(range(example.ndim), key=lambda axis: -example.strides[axis])
    flat = raw[: example.nbytes].view(example.dtype)
    return flat.reshape([example.shape[axis] for axis in order]).transpose(np.argsort(order))


def _dot(x, y):
    """The sum of the products of all elements. BLAS is fast, but adds up in a row, which rounds more the longer the row
    is: so it gets short ones, and their sums are added up pairwise."""
    x, y = x.reshape(-1), y.reshape(-1)
    end = x.size // ROW * ROW
    sums = np.vecdot(x[:end].reshape(-1, ROW), y[:end].reshape(-1, ROW))
    return np.add.reduce(sums) + np.vdot(x[end:], y[end:])


def _change(variable, ufunc, delta):
    """Adds to a variable or subtracts from it: in place, where nobody else holds its array."""
    value = variable._value
    if variable._snapshot is None and not variable._borrowed and np.ndim(value):
        ufunc(value, delta, value)
    else:
        variable._set(ufunc(value, delta))


THREADS = 1 if sys.platform == "emscripten" else min(2, os.cpu_count() or 1)  # a browser's Python starts none


def _in_blocks(chain, size, rows, spaces, arguments):
    """Runs a chain's function for every block, on as many threads as there are scratch spaces."""
    blocks = range(-(-size // rows))

    @np.errstate(all="ignore")
    def run(which, scratch):
        for block in which:
            chain(block * rows, min(size, (block + 1) * rows), block, rows, scratch, *arguments)

    if len(spaces) == 1:
        run(blocks, spaces[0])
        return
    half = len(blocks) // 2
    other = _pool().submit(run, blocks[half:], spaces[1])
    run(blocks[:half], spaces[0])
    other.result()


@functools.cache
def _pool():
    from concurrent.futures import ThreadPoolExecutor  # not at import: most programs need no second thread

    return ThreadPoolExecutor(1, "course.function")
