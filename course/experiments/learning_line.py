"""From where does a line find its place among the points? A line to be pulled anywhere, which learns from there."""

import numpy as np
from matplotlib.collections import LineCollection

import course as tf
from course import plots
from course.experiments.base import Handle, Slider, number, panels
from course.experiments.descent import Descent

X, Y = 2.9, 13.0  # the plane reaches from -X to X and from -Y to Y
ENDS = (-2.4, 2.4)  # where the line is grabbed


def end(side, x, other):
    """A handle on the line's end at x; the height at `other` stays."""
    handle = Handle(f"the line's {side} end", along="y")
    handle.place(lambda self: self._seen(x))
    handle.move(lambda self, _, y: self._through(self._seen(x)[0], y, other))
    handle.words(lambda self: self._said())
    return handle


class LearningLine(Descent):
    """Gradient descent on f(x) = x·W + b: each step takes 0.1 times the gradient of the mean squared miss.

    Args:
        inputs, outputs: of shape (N,).
        values: `start_W` and `start_b` where they differ from the text's.

    Raises:
        ValueError: data of different or other shapes.
    """

    question = "Does the line come to the same place from wherever you let it go?"

    start_W = Slider(-2.0, -6.0, 6.0, "start of W", step=0.01, in_picture=True)
    start_b = Slider(6.0, -Y, Y, "start of b", step=0.01, in_picture=True)

    left, right = end("left", *ENDS), end("right", *reversed(ENDS))

    step_name, epochs, learning_rate = "step", 40, 0.1
    replays = False  # a line that is pulled begins where the hand leaves it

    def __init__(self, inputs, outputs, **values):
        self._inputs, self._outputs = tf.constant(inputs, tf.float32), tf.constant(outputs, tf.float32)
        self._check_points(self._inputs, self._outputs)
        self._W, self._b = tf.Variable(0.0, name="W"), tf.Variable(0.0, name="b")
        super().__init__(**values)

    def _loss(self, W, b):
        return tf.reduce_mean(tf.square(self._inputs * W + b - self._outputs))

    def begin(self):
        self._start(self.start_W, self.start_b)

    def _height(self, x):
        W, b = self._path[-1]
        return W * x + b

    def _seen(self, x):
        """The line's point at x, or, where that is out of the picture, the last one before it: a handle stays on it."""
        W, _ = self._path[-1]
        middle, top = self._height(0.0), 0.95 * Y
        if abs(self._height(x)) > top > abs(middle):
            x = (np.copysign(top, W * x) - middle) / W
        return float(x), float(np.clip(self._height(x), -Y, Y))

    def _through(self, x, y, other):
        """The parameters of the line through (x, y) that leaves the height at `other` as it is."""
        kept, (W, b) = self._height(other), (self.controls[name] for name in ("start_W", "start_b"))
        within = sorted(((kept - b.low) / other, (kept - b.high) / other))  # where b is one that it can have
        slope = np.clip((y - kept) / (x - other), max(W.low, within[0]), min(W.high, within[1]))
        return {"start_W": slope, "start_b": kept - slope * other}

    def _said(self):
        W, b = self._path[-1]
        return f"W = {number(W)}, b = {number(b)}"

    def build(self):
        labels = (
            ("A line that learns", "input", "output"),
            ("How far it misses", "step", "mean squared miss (log scale)"),
        )
        fig, (plane, curve) = panels(*labels, height=4.0, width_ratios=[1.6, 1])
        plane.set(xlim=(-X, X), ylim=(-Y, Y))
        moving = {"animated": True}
        self._misses = LineCollection([], color="#999999", linewidth=0.7, zorder=1.8, **moving)
        plane.add_collection(self._misses)
        plane.plot(self._inputs, self._outputs, "o", color=plots.DATA, markersize=4, zorder=2, **moving)
        (self._line,) = plane.plot([], [], color=plots.PREDICTION, linewidth=2.2, zorder=3, **moving)
        curve.set(yscale="log", xlim=(-1, self.epochs + 1), ylim=(0.5, 500))
        curve.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        (self._fall,) = curve.plot([], [], color=plots.PREDICTION, linewidth=1.6, **moving)
        (self._now,) = curve.plot([], [], "o", color=plots.PREDICTION, markersize=8, markeredgecolor="white", **moving)
        return fig

    def draw(self):
        W, b = self.path[-1]
        x = np.array([-X, X])
        self._line.set_data(x, W * x + b)
        inputs, outputs = np.asarray(self._inputs), np.asarray(self._outputs)
        self._misses.set_segments(np.stack([np.stack([inputs, inputs], 1), np.stack([outputs, W * inputs + b], 1)], 2))
        self._fall.set_data(np.arange(len(self.losses)), self.losses)
        self._now.set_data([self.position], self.losses[-1:])
        after = (
            "before the first step" if not self.position else f"after {self.position} step{'s' * (self.position > 1)}"
        )
        return f"{after}: W = {number(W)}, b = {number(b)}, mean squared miss {number(self.losses[-1])}"
