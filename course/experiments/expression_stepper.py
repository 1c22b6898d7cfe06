"""After which record is a gradient complete? The walk of the tape over an expression that the learner types."""

import numpy as np

import course as tf
from course.experiments.backward_stepper import BOX, LINE, VALUE, BackwardStepper, Walk
from course.experiments.base import Handle, Slider, Text, number
from course.experiments.expression import EXAMPLE, parse
from course.experiments.scene import segment, text

TRACK = BOX[0] - 48  # the way of a dragged value under its node, in pixels
UNIT = TRACK / 10  # pixels from one whole number to the next: the line goes from -5 to 5
BELOW = BOX[1] / 2 + 20  # from the middle of the node to the line
MOST = 12  # operations


def knob(name):
    """A handle on the line under a variable's node."""
    handle = Handle(f"the value of {name}", along="x", keys=name)
    handle.place(lambda self: self._place(name))
    handle.ends(lambda self: self._ends(name))
    handle.move(lambda self, x, y: {name: (x - self._line(name)[0]) / UNIT})
    handle.words(lambda self: f"{name} = {number(getattr(self, name))}")
    return handle


class ExpressionStepper(BackwardStepper):
    """The walk of the gradient tape over an expression of w and x, whose values are dragged under their nodes.

    Args:
        values: `expression`, such as "u = w * x; u * u + w", and `w` and `x`, where they differ from the text's.
    """

    question = (
        "What decides after which record of the walk the gradient of w is complete? Type an expression in which it is "
        "complete after the first record that the walk visits."
    )
    foot = 48

    expression = Text(EXAMPLE, "expression", lambda text: recorded(text, 1.0, 1.0), ("w * x", "u = w + x; u / w"))
    w = Slider(3.0, -5.0, 5.0, "w", step=0.5, in_picture=True)
    x = Slider(2.0, -5.0, 5.0, "x", step=0.5, in_picture=True)

    w_knob, x_knob = knob("w"), knob("x")

    def __init__(self, **values):
        self._recorded_for = None
        super(BackwardStepper, self).__init__(**values)

    def set(self, **values):
        before = self.expression
        super().set(**values)
        if before != self.expression:
            self.position = self.start  # another expression begins where its walk back begins
        return self

    @property
    def walk(self):
        """What the tape has of the expression at the present values."""
        key = self.expression, self.w, self.x
        if key != self._recorded_for:
            self._walk, self._recorded_for = recorded(*key), key
        return self._walk

    # A value is dragged on a short line under its node.

    def _line(self, name):
        """The middle of a variable's line, in pixels; None where the expression does not use it."""
        self._arrange(self.figure)
        for key, (tensor, own, i) in self.walk.nodes.items():
            if i is None and own == name and self.walk.source(tensor) is not tensor:
                x, y = self._places[key]
                return x, y + BELOW
        return None

    def _draw_nodes(self, gradients):
        super()._draw_nodes(gradients)
        for name in ("w", "x"):
            if middle := self._line(name):
                x, y = middle
                self._shapes.append(segment(x - TRACK / 2, y, x + TRACK / 2, y, VALUE, 2))
                self._shapes.append(segment(x, y - 5, x, y + 5, VALUE, 1.2))
                for end, words in ((-1, "−5"), (1, "5")):
                    self._shapes.append(text(x + end * (TRACK / 2 + 20), y, words, LINE, 9.5))

    def _place(self, name):
        if middle := self._line(name):
            return middle[0] + getattr(self, name) * UNIT, middle[1]
        return None

    def _ends(self, name):
        x = self._line(name)[0]
        return x - TRACK / 2, x + TRACK / 2


def recorded(expression, w, x):
    """The walk over the expression at these values of w and x, or a ValueError that says what is wrong with it."""
    program = parse(expression, ("w", "x"))
    w, x = tf.Variable(w, name="w"), tf.Variable(x, name="x")
    with np.errstate(all="ignore"), tf.GradientTape(persistent=True) as tape:
        names, result = program({"w": w, "x": x})
    if id(result) not in tape._ids or result is w or result is x:
        raise ValueError(
            f"in {expression!r} no operation leads from w or x to the result. Choose one such as {EXAMPLE}."
        )
    walk = Walk(tape, result, names)
    if len(walk.records) > MOST:
        raise ValueError(f"it has {len(walk.records)} operations. Choose one of at most {MOST}.")
    return walk
