"""How does a tape find a gradient? Its records as a graph, walked one by one, forward and then backward."""

import contextlib
import math
import re
import sys

import matplotlib
import numpy as np
from matplotlib.figure import Figure

import course as tf
from course import plots
from course.engine.indexed_slices import IndexedSlices, as_gradient
from course.engine.recorder import active
from course.engine.tape import unbroadcast, walk_back
from course.engine.tensor import Tensor, TensorLike
from course.experiments.base import WIDTH, Experiment, number
from course.experiments.layered import layered
from course.experiments.scene import arrowhead, as_svg, box, curve, draw_into, size_to, text

VALUE, GRADIENT, HERE = plots.DATA, plots.CYCLE[3], plots.CYCLE[1]
FAINT, LINE = "#B4B4B4", "#777777"
BOX, GAP, HEAD = (144, 64), (60, 40), 48  # a node's size, the space between nodes, and above them, in the page's pixels
MOST = 40  # records; more cannot be read


class Walk:
    """What a tape recorded on the way to a tensor, and the walk back over it.

    Args:
        tape: a `GradientTape` that still has its records: `gradient` was not called yet, or it is persistent.
        loss: what was computed while it recorded.
        names: the learner's names of values, a dictionary.

    Attributes:
        records: those that lead to the loss, in the order of execution.
        nodes: by identity, in order: (tensor, its name or None, its record's number or None).
        gradients: those of all nodes, by identity, before the walk back and after each of its records.
    """

    def __init__(self, tape, loss, names):
        self.records = _records(tape, loss)
        self.tape, self.loss = tape, loss
        named = {id(v): name for name, v in names.items() if isinstance(v, TensorLike) and not name.startswith("_")}
        self.nodes = {}
        for i, (_, inputs, output, _) in enumerate(self.records):
            for x in inputs:
                self.nodes.setdefault(id(x), (x, self._name_of_leaf(x, named), None))
            self.nodes[id(output)] = output, named.get(id(output)), i
        self._go()

    def source(self, x):
        """The variable that was read as `x`, or `x` itself."""
        return self.tape._reads.get(id(x), (x, None))[0]

    def _name_of_leaf(self, x, named):
        variable = self.source(x)
        own = variable.name.removesuffix(":0") if not isinstance(variable, Tensor) else "Variable"
        return own if own != "Variable" else named.get(id(variable), "variable" if variable is not x else None)

    def _go(self):
        gradients = {id(self.loss): np.ones(self.loss.shape, self.loss.dtype)}

        def arrived():
            return {key: as_gradient(gradients.get(key)) for key in self.nodes}

        self.gradients, after = [arrived()], {}
        with _unrecorded(), np.errstate(all="ignore"):
            for record in walk_back(self.records, gradients, self.tape._ids, kept=self.nodes):
                after[id(record)] = arrived()
        for record in reversed(self.records):  # one that no gradient reaches leaves them as they were
            self.gradients.append(after.get(id(record), self.gradients[-1]))


class BackwardStepper(Experiment):
    """The walk of `tape.gradient(loss, ...)`, one record at a time.

    Args:
        tape: a `GradientTape` that still has its records: `gradient` was not called yet, or it is persistent.
        loss: what was computed while it recorded.

    Raises:
        RuntimeError: the tape has freed its records.
        ValueError: the tape did not record `loss`, or too many records lead to it.
        TypeError: not a tape and a tensor.
    """

    question = "When the walk goes back, after which record is a gradient complete?"

    step_name = "step"
    interval = 1.0
    foot = 16  # pixels below the lowest node

    def __init__(self, tape, loss):
        caller = sys._getframe(1)
        # The caller's names, so that the graph calls things as the learner does.
        self.walk = Walk(tape, loss, caller.f_globals | caller.f_locals)
        super().__init__()

    @property
    def total(self):
        # Each record forward, the gradient 1 of the loss itself, each record backward.
        return 2 * len(self.walk.records) + 1

    @property
    def start(self):
        return len(self.walk.records)

    @property
    def gradients(self):
        """The gradients that have arrived, as pairs of a tensor and its gradient so far."""
        walked = self.position - len(self.walk.records) - 1
        found = self.walk.gradients[walked] if walked >= 0 else {}
        return [(self.walk.nodes[key][0], g) for key, g in found.items() if g is not None]

    @property
    def record(self):
        """The number of the record where the walk is, from 0; None at the start, and where the walk turns round."""
        n = len(self.walk.records)
        if self.position in (0, n + 1):
            return None
        return self.position - 1 if self.position <= n else self.total - self.position

    def _parts(self):
        """What the present record's rules pass on to each of its inputs; None where no gradient goes."""
        (operation, inputs, output, attributes), before = self.walk.records[self.record], dict(self._before())
        g = before[id(output)]
        if g is None:
            return [None] * len(inputs)
        g = g.dense()._value if isinstance(g, IndexedSlices) else g._value
        rules = [rule for _, rule in zip(inputs, operation.rules)] + [None] * len(inputs)
        values = [x._value for x in inputs]
        with _unrecorded(), np.errstate(all="ignore"):
            return [
                unbroadcast(rule(g, output._value, *values, **attributes), x._value)
                if rule is not None and id(x) in self.walk.tape._ids
                else None
                for x, rule in zip(inputs, rules)
            ]

    def _before(self):
        return self.walk.gradients[self.position - len(self.walk.records) - 2]

    # The picture

    def build(self):
        self._arranged = None
        figure = Figure(dpi=plots.PAGE_DPI)
        self._arrange(figure)
        return figure

    def _arrange(self, figure):
        """Finds each node's place. The figure's axes are the picture's pixels, in which handles have their places."""
        if self._arranged is self.walk:
            return
        edges = {
            (i, k): (id(x), id(z))
            for i, (_, inputs, z, _) in enumerate(self.walk.records)
            for k, x in enumerate(inputs)
        }
        places, ways = layered(list(self.walk.nodes), list(edges.values()))
        rows = [row for way in ways.values() for _, row in way]
        columns = max(column for column, _ in places.values()) + 1
        used = columns * BOX[0] + (columns - 1) * GAP[0]
        self._width = max(round(WIDTH * plots.PAGE_DPI), used + 32)
        self._height = round((max(rows) - min(rows)) * (BOX[1] + GAP[1]) + BOX[1] + HEAD + self.foot)

        def pixels(place):
            x = 16 + BOX[0] / 2 + place[0] * (BOX[0] + GAP[0])
            return x, HEAD + BOX[1] / 2 + (place[1] - min(rows)) * (BOX[1] + GAP[1])

        self._places = {key: pixels(place) for key, place in places.items()}
        self._ways = {place: [pixels(stop) for stop in ways[edge]] for place, edge in edges.items()}
        self._arranged = self.walk
        size_to(figure, self._width, self._height)

    def draw(self):
        self._arrange(self.figure)
        n = len(self.walk.records)
        forward = self.position <= n
        way = "Backward: each record passes gradients to its inputs"
        title = "Forward: each record computes a value" if forward else way
        self._shapes = [text(16, 18, title, size=14, bold=True, anchor="start")]
        gradients = {id(tensor): g for tensor, g in self.gradients}
        parts = self._parts() if self.record is not None and not forward else []
        for i, (_, inputs, _, _) in enumerate(self.walk.records):
            here, done = i == self.record, i < self.position
            from_above = sorted(range(len(inputs)), key=lambda k, i=i: self._ways[i, k][-2][1])
            for k in range(len(inputs)):
                port = from_above.index(k) - (len(inputs) - 1) / 2
                passed = parts[k] if here and not forward else None
                color = GRADIENT if passed is not None else HERE if here and forward else LINE if done else FAINT
                self._draw_edge(self._ways[i, k], port * min(16, 44 / len(inputs)), color, here, done, passed)
        self._draw_nodes(gradients)
        return self._words(gradients, parts)

    def _draw_nodes(self, gradients):
        n = len(self.walk.records)
        for key, (tensor, name, i) in self.walk.nodes.items():
            here = (i is not None and i == self.record) or (self.position == n + 1 and tensor is self.walk.loss)
            self._draw_node(key, tensor, name, i, here, gradients.get(key))

    def _draw_edge(self, way, port, color, here, done, passed):
        """An input's way to its record; or back, with the gradient that was passed to it."""
        back = passed is not None
        (x0, y0), *middle, (x1, y1) = way
        start, end = (x0 + BOX[0] / 2, y0), (x1 - BOX[0] / 2, y1 + port)
        line = [(start[0] + 7 * back, y0), *middle, (end[0] - 7 * (not back), end[1])]
        self._shapes.append(curve(line, color, 2.4 if here else 1.2, not done))
        self._shapes.append(arrowhead(*start, -1, color) if back else arrowhead(*end, 1, color))
        if back and math.prod(passed.shape) == 1:
            (xa, ya), (xb, yb) = line[-2:]
            place = (xa + xb) / 2, (ya + yb + port) / 2
            self._shapes.append(text(*place, _short(passed), GRADIENT, 11.5, bold=True, halo=True))

    def _draw_node(self, key, tensor, name, i, here, gradient):
        (x, y), done = self._places[key], i is None or i < self.position
        face, edge = ("#FFF1E6", HERE) if here else ("#F4F4F4", LINE) if done else ("white", FAINT)
        if i is None and key not in self.walk.tape._ids:
            face, edge = "white", FAINT  # a constant
        self._shapes.append(box(x, y, *BOX, face, edge, 2.4 if here else 1.0, not done))
        lines = [
            (
                _shortened(self._label(key) if i is None else self._operation(i), 15),
                "#222222" if done else "#8A8A8A",
                True,
            )
        ]
        if done:
            lines.append((_fitting(tensor), VALUE, False))
        if gradient is not None:
            walked = len(self.walk.records) if self.record is None else self.record
            parts_to_come = " + …" * (not self._complete(key, walked))
            lines.append((_fitting(gradient, "gradient ", parts_to_come), GRADIENT, False))
        for k, (words, color, bold) in enumerate(lines):
            self._shapes.append(text(x, y + 18 * (k - (len(lines) - 1) / 2), words, color, 12 if bold else 11.5, bold))
        if i is not None:
            corner = x + BOX[0] / 2 - 10, y - BOX[1] / 2 + 10
            self._shapes.append(text(*corner, str(i + 1), LINE if done else FAINT, 10))
        if name and i is not None:
            place = x - BOX[0] / 2 + 4, y - BOX[1] / 2 - 10
            self._shapes.append(text(*place, _shortened(name, 19), "#222222", 11.5, anchor="start", halo=True))

    def picture(self):
        return as_svg(self._shapes, self._width, self._height), "image/svg+xml"

    @property
    def least(self):
        return round(0.85 * self._width)

    @property
    def focus(self):
        """The record where the walk is, and where its inputs come from."""
        if self.position == 0:
            return 0.0, 0.0
        tensor = self.walk.loss if self.record is None else self.walk.records[self.record][2]
        x, _ = self._places[id(tensor)]
        return max(x - 1.5 * BOX[0] - GAP[0], 0) / self._width, min(x + BOX[0] / 2 + 16, self._width) / self._width

    def still(self):
        with matplotlib.rc_context(plots.STYLE):
            return draw_into(self.figure, self._shapes, self._width, self._height)

    # The words

    def _operation(self, i):
        return self.walk.records[i][0].name

    def _label(self, key):
        tensor, name, i = self.walk.nodes[key]
        unnamed = "constant" if key not in self.walk.tape._ids else "watched"
        return name or (unnamed if i is None else self._operation(i))

    def _recipient(self, key):
        """A node in words: an operation's without a name of its own gets its number, as there may be several."""
        _, name, i = self.walk.nodes[key]
        return self._label(key) if name or i is None else f"record {i + 1}, {self._operation(i)},"

    def _complete(self, key, walked):
        """Whether the gradient of a value is complete when the walk back has come to the record with this number: none
        before it uses the value."""
        return all(id(x) != key for _, inputs, _, _ in self.walk.records[:walked] for x in inputs)

    def _words(self, gradients, parts):
        n = len(self.walk.records)
        where = f"record {(self.record or 0) + 1} of {n}"
        if self.position == 0:
            return f"{n} records on the tape lead to the result; none has run yet"
        if self.position == n + 1:
            return "the walk back begins: the gradient of the result with respect to itself is 1"
        operation, inputs, output, _ = self.walk.records[self.record]
        if self.position <= n:
            values = " and ".join(_value(x) for x in inputs)
            return f"{where}, forward: {operation.name} of {values} gives {_value(output)}"
        g = self._before()[id(output)]
        if g is None:
            return f"{where}, backward: no gradient reaches {operation.name}, so it passes none on"
        received = {id(x): part for x, part in zip(inputs, parts) if part is not None}
        gets = []
        for key in received:
            own = [_value(part) for x, part in zip(inputs, parts) if id(x) == key and part is not None]
            more = len(own) > 1 or self._before()[key] is not None
            whole = f", in all {_value(gradients[key])}" * more
            whole += " (complete)" * self._complete(key, self.record)
            gets.append(f"{self._recipient(key)} gets {' and '.join(own)}{whole}")
        rule = _with_inputs_a_and_b(operation.about)
        sentence = f"{where}, backward: {operation.name} has the gradient g = {_value(g)}; rule: {rule}; "
        sentence += "; ".join(gets) or "it passes no gradient on"
        return sentence + "; the walk is complete" * (self.position == self.total)


def _records(tape, loss):
    """The records that lead to `loss`, in the order of execution, after checks of both arguments."""
    if not isinstance(tape, tf.GradientTape) or not isinstance(loss, TensorLike):
        raise TypeError(
            f"BackwardStepper takes a GradientTape and the tensor that was computed while it recorded, but got a "
            f"{type(tape).__name__} and a {type(loss).__name__}."
        )
    if tape._used and not tape._records:
        raise RuntimeError(
            "BackwardStepper: this tape has no records left, since `gradient` frees them. Step through it before you "
            "call gradient, or make the tape with persistent=True."
        )
    needed, records = {id(loss)}, []
    for record in reversed(tape._records):
        _, inputs, output, _ = record
        if output is not None and id(output) in needed:
            records.insert(0, record)
            needed.update(id(x) for x in inputs)
    if not records:
        raise ValueError(
            "BackwardStepper: this tape did not record how the loss was computed. Compute it within the tape's `with` "
            "block, from a variable or from a tensor that the tape watches."
        )
    if len(records) > MOST:
        raise ValueError(
            f"BackwardStepper: {len(records)} records of the tape lead to the loss, and a picture of more than {MOST} "
            f"cannot be read. Record a smaller expression."
        )
    return records


@contextlib.contextmanager
def _unrecorded():
    """No tape records what happens within, also where the stepper is made inside a tape's block."""
    before, active.recorders = active.recorders, ()
    try:
        yield
    finally:
        active.recorders = before


def _with_inputs_a_and_b(rule):
    """A rule's words with a and b for its inputs: x and y are the learner's own names, for something else."""
    rule = rule.replace("-", "−")
    for old, new in ("xa", "yb"):
        rule = re.sub(f"(?<![A-Za-z]){old}(?![A-Za-z])", new, rule)
    used = [name for name in "ab" if re.search(f"(?<![A-Za-z]){name}(?![A-Za-z])", rule)]
    return rule + (f" ({' and '.join(used)} {'are its inputs' if len(used) > 1 else 'is its input'})" if used else "")


def _value(x, shape=True, digits=4, most=3):
    """A value in a few characters: a number, a list of at most `most`, or the mean, after the shape."""
    if isinstance(x, IndexedSlices):
        return f"{len(x.indices)} rows"
    array = np.asarray(getattr(x, "_value", x))
    if array.size == 1:
        return number(array.reshape(()), digits)
    if array.ndim == 1 and array.size <= most:
        return f"[{', '.join(number(v, min(digits, 3)) for v in array)}]"
    return f"{str(array.shape).replace(' ', '')} " * shape + f"mean {number(array.mean(), min(digits, 3))}"


def _fitting(x, before="", after=""):
    """A value as it fits into a node: with fewer digits, or as a mean, rather than cut off."""
    for digits, most in ((4, 3), (3, 3), (2, 3), (3, 0), (2, 0)):
        words = before + _value(x, shape=not before, digits=digits, most=most) + after
        if len(words) <= 20:
            return words
    return _shortened(words, 20)


def _short(x):
    """A number between two nodes: 4.88e7."""
    return re.sub(r"e([+−])0*", lambda sign: "e" + sign[1].strip("+"), number(np.asarray(x).reshape(()), 3))


def _shortened(words, most):
    return words if len(words) <= most else words[: most - 1] + "…"
