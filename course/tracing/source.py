"""The source of a program: a plan as one flat Python function of NumPy calls, with its memory planned."""

import collections
import math
import operator

import numpy as np

from course.engine.indexed_slices import IndexedSlices
from course.engine.ops import _check, _reshape, _transpose
from course.engine.tensor import Tensor
from course.tracing.plan import Chain, shape_of

ROW = 2**9  # elements that BLAS adds up in a row
ONES = {dtype: np.ones(ROW, dtype) for dtype in (np.dtype("float32"), np.dtype("float64"))}
SIGNS = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}
SCATTERS = {"scatter_add": np.add.at, "scatter_sub": np.subtract.at}
METHODS = {_reshape: "reshape", _transpose: "transpose"}  # faster than the functions of these names


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


class Writer:
    """Writes a program's source, and plans on the way which arrays share a buffer.

    In the source, a… are the arguments, v… values, t… arrays in buffers, c… what is constant; and in a chain, s… are
    scratch arrays of one block, and x… the parts of arrays that belong to the block.
    """

    def __init__(self, program, arguments, outputs):
        self.program, self.steps, self.arguments, self.outputs = program, program.steps, arguments, outputs
        self.env = {"add_reduce": np.add.reduce, "array": np.array, "empty": np.empty, "dot": _dot, "total": _total}
        self.env |= {"Tensor": Tensor, "IndexedSlices": IndexedSlices, "change": _change}
        self.names = {id(t): f"a{i}" for i, t in enumerate(arguments)}
        self.functions, self.lines, self.placed = [], [], []
        self.pool = _Pool("b")
        self.root = {id(t): id(t) for t in arguments}  # whose memory a value lies in: its own, or what it is a view of
        for step in self.steps:
            if step.output is not None:
                base = None if step.base is None else step.inputs[step.base]
                self.root[id(step.output)] = self.root.get(id(base), id(step.output if base is None else base))
        kept = [*outputs, *(s.inputs[0] for s in self.steps if s.kind == "assign")]
        made = {id(s.output) for s in self.steps if s.kind == "operation"}
        self.fresh = {self.root[id(t)] for t in kept if id(t) in self.root} & made  # new arrays: they outlive the call
        self.last = {}  # of each array, by its root: the index of the last step that uses it or a view of it
        for i, step in enumerate(self.steps):
            self.last |= {self.root.get(id(x), id(x)): i for x in step.inputs}
        self.last |= {self.root[id(t)]: len(self.steps) for t in outputs}
        checks = [s for s in self.steps if s.kind == "operation" and s.target is _check]
        self.checked = {id(s.output): s.attributes["size"] for s in checks}  # of row numbers: they are below this

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
        program.environment = self.env
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
            ufunc, sign = (np.add, "+") if step.kind == "assign_add" else (np.subtract, "-")
            if step.target.ndim:
                self.lines.append(f"change({target}, {self._constant(ufunc)}, {inputs[0]})")
            else:
                self.lines.append(f"{target}._set({target}._value {sign} {inputs[0]})")
        elif step.kind == "apply_gradients":
            tensors = iter(inputs)
            pairs = []
            for sparse, shape, variable in step.attributes["pairs"]:
                gradient = f"Tensor({next(tensors)})"
                if sparse:
                    gradient = f"IndexedSlices.of({gradient}, Tensor({next(tensors)}), {self._constant(shape)})"
                pairs.append(f"({gradient}, {self._constant(variable)})")
            self.lines.append(f"{target}.apply_gradients([{', '.join(pairs)}])")
        elif step.kind in SCATTERS and self.checked.get(id(step.inputs[1])) == len(step.target._value):
            values, rows = inputs
            self.lines.append(f"{self._constant(SCATTERS[step.kind])}({target}._own(), {rows}, {values})")
        else:
            slices = f"IndexedSlices.of(Tensor({inputs[0]}), Tensor({inputs[1]}), None)"
            self.lines.append(f"{target}.{step.kind}({slices})")

    def _place(self, step, i):
        """Gives the output a buffer: that of an input whose last use this is, a free one, or a new one."""
        out = step.output
        heirs = [x for x in step.inputs if self.last.get(id(x)) == i and shape_of(x) == shape_of(out)]
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
        if step.target in METHODS:
            (value,) = step.attributes.values()
            return f"{inputs[0]}.{METHODS[step.target]}({value})"
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
                total = f"dot({', '.join(factors)})" if factors else f"total({part(step.inputs[0])})"
                sums.append((f"p{len(sums)}", step))
                lines.append(f"{sums[-1][0]} = {total}")
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
                heirs = [id(x) for x in step.inputs if last[id(x)] == i and shape_of(x) == shape_of(out)]
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
            raw = [np.empty(size, np.uint8) for size in pool.sizes]
            space = [_piece(raw[n], shape, dtype) for n, shape, dtype in scratch.values()]
            lines = [f"{', '.join(names)}, = {self._constant(space)}", f"if stop - start < {chain.rows}:"] + [
                f"    {', '.join(names)}, = {', '.join(cut)},", *lines]  # fmt: skip
        name = f"chain{len(self.functions)}"
        lines.append(f"return {''.join(f'{p}, ' for p, _ in sums)}")
        head = f"def {name}({', '.join(['start', 'stop', *given])}):\n"
        self.functions.append(head + "".join(f"    {line}\n" for line in lines))
        size, rows = chain.shape[0], chain.rows
        call = f"{name}({', '.join(['start', f'min(start + {rows}, {size})', *given])})"
        self.lines.append(f"sums = [{call} for start in range(0, {size}, {rows})]")
        for i, (_, step) in enumerate(sums):
            parts = f"add_reduce(array([s[{i}] for s in sums]))" if rows < size else f"sums[0][{i}]"
            count = f" / {step.inputs[0]._value.size}" if step.target.reduces is np.mean else ""
            self.lines.append(f"{self._new(step.output)} = {parts}{count}")
        self.program.buffers |= {f"{pool.letter}{n}": size for n, size in enumerate(pool.sizes)}


def _piece(raw, shape, dtype):
    return raw[: math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)


def _laid_out(raw, example):
    """A view of a buffer with an array's shape and dtype, and its axes in the order in which they lie in memory."""
    order = sorted(range(example.ndim), key=lambda axis: -example.strides[axis])
    flat = raw[: example.nbytes].view(example.dtype)
    return flat.reshape([example.shape[axis] for axis in order]).transpose(np.argsort(order))


# BLAS is fast, but adds up in a row, which rounds the more the longer the row is: so it gets short ones, and their sums
# are added up pairwise.


def _dot(x, y):
    """The sum of the products of all elements."""
    x, y = x.reshape(-1), y.reshape(-1)
    end = x.size // ROW * ROW
    sums = np.add.reduce(np.vecdot(x[:end].reshape(-1, ROW), y[:end].reshape(-1, ROW)))
    return sums if end == x.size else sums + np.vdot(x[end:], y[end:])


def _total(x):
    """The sum of all elements."""
    x = x.reshape(-1)
    end = x.size // ROW * ROW
    sums = np.add.reduce(np.vecdot(x[:end].reshape(-1, ROW), ONES[x.dtype]))
    return sums if end == x.size else sums + np.add.reduce(x[end:])


def _change(variable, ufunc, delta):
    """Adds to a variable or subtracts from it: in place, where nobody else holds its array."""
    value = variable._value
    if variable._snapshot is None and not variable._borrowed and np.ndim(value):
        ufunc(value, delta, value)
    else:
        variable._set(ufunc(value, delta))
