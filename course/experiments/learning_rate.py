"""How large may a step be? The path of gradient descent on the loss surface, and the loss, at any learning rate."""

import numpy as np

import course as tf
from course import plots
from course.experiments.base import Handle, Slider, notice, number, panels
from course.experiments.descent import Descent
from course.experiments.relief import Relief, doubling

DECADES = np.array([1, 2, 4, 8, 16, 39])  # the loss axis ends at one of these powers of ten, so that it seldom moves


class LearningRate(Descent):
    """Gradient descent on f(x) = x·W + b from any start, at any learning rate.

    Args:
        inputs, outputs: the data, both of shape (N,).
        values: `learning_rate`, `epochs`, `start_W`, `start_b` where they differ from the text's, and `shift`, which is
            added to every input and stretches the bowl.

    Raises:
        ValueError: data of different or other shapes, or without points.
    """

    question = (
        "And between 0 and the limit, is a larger rate always faster? In 20 epochs nearly every rate arrives, so here "
        "are 2. Move the learning rate: which one ends nearest to the least loss?"
    )

    learning_rate = Slider(0.1, 0.001, 2.0, "learning rate η", log=True)
    epochs = Slider(20, 1, 100, "epochs", restarts=False)
    start_W = Slider(5.0, -2.0, 8.0, "start W", step=0.1, in_picture=True)
    start_b = Slider(0.0, -3.0, 7.0, "start b", step=0.1, in_picture=True)
    shift = Slider(0.0, 0.0, 1.5, "added to inputs", step=0.05)

    start_point = Handle("start", "start_W", "start_b", area=True)

    def __init__(self, inputs, outputs, **values):
        self._inputs, self._outputs = tf.constant(inputs, tf.float32), tf.constant(outputs, tf.float32)
        self._check_points(self._inputs, self._outputs)
        self._W, self._b = tf.Variable(0.0, name="W"), tf.Variable(0.0, name="b")
        self._measured = None
        super().__init__(**values)

    def _loss(self, W, b):
        return tf.reduce_mean(tf.square((self._inputs + self.shift) * W + b - self._outputs), axis=-1)

    def _measure(self):
        """The bowl's curvatures and its lowest point: one Newton step from anywhere ends there."""
        self._measured = self.shift
        self._W.assign(0.0)
        self._b.assign(0.0)
        gradient, hessian = self._slope_and_hessian()
        self._finite = bool(np.isfinite(hessian).all() and np.isfinite(gradient).all())
        if not self._finite:
            self._curvature, self._minimum, self._least = float("nan"), np.zeros(2), float("nan")
            self._directions = np.full((2, 2), np.nan)
            return
        curvatures, self._directions = np.linalg.eigh(hessian)
        self._curvature = float(curvatures[-1])
        self._minimum = -np.linalg.pinv(hessian) @ gradient
        self._least = float(self._loss(*self._minimum))

    @property
    def limit(self):
        """2/λmax: the learning rate above which descent diverges, λmax being the Hessian's largest eigenvalue."""
        return 2 / self._curvature if self._curvature else float("inf")

    @property
    def loss(self):
        """The loss after the last epoch that was made."""
        return self._losses[-1]

    def begin(self):
        if self._measured != self.shift:
            self._measure()
        self._start(self.start_W, self.start_b)

    def build(self):
        labels = ("The path on the loss surface", "W", "b"), ("The loss after each epoch", "epoch", "loss (log scale)")
        fig, (surface, curve) = panels(*labels, height=3.9, width_ratios=[1, 1.2])
        if self._measured is None:
            with np.errstate(all="ignore"):
                self._measure()
        self._sides = [np.linspace(*ends, 81) for ends in self._window()]
        surface.set(xlim=self._sides[0][[0, -1]], ylim=self._sides[1][[0, -1]])
        self._relief = Relief(surface)
        curve.set(yscale="log", xlim=self._epochs_shown(), ylim=(0.5, 10))
        curve.xaxis.get_major_locator().set_params(integer=True)
        curve.yaxis.set_major_formatter(lambda y, _: f"{y:g}" if 1e-3 < y < 1e4 else f"$10^{{{np.log10(y):.0f}}}$")
        curve.yaxis.set_label_coords(-0.11, 0.5)  # it stays when the numbers beside it get longer
        self._axes = surface, curve
        self._build_lines()
        self._notices = [notice(surface, y=0.07), notice(curve)]
        least = {"color": plots.CYCLE[0], "markersize": 9, "markeredgewidth": 2, "linestyle": ""}
        (self._cross,) = surface.plot([], [], "x", **least, zorder=5, animated=True)
        thin = {"color": plots.CYCLE[0], "linewidth": 0.8, "zorder": 2}
        (self._bowl_axes,) = surface.plot([], [], **thin, animated=True)
        self._least_line = curve.axhline(1.0, **plots.TRUTH, animated=True)
        along = {"rotation_mode": "anchor", "transform_rotates_text": True, "ha": "center", "va": "bottom"}
        thin = {"color": plots.CYCLE[0], "fontsize": 9, "clip_on": True, "animated": True}
        self._axis_name = surface.text(0, 0, "the bowl's axes", **along, **thin)
        beside = {"textcoords": "offset points", "animated": True, "va": "center"}
        self._names = [
            curve.annotate("least loss", (0, 0), (0, -9), **beside, color=plots.TRUTH["color"]),
            surface.annotate(
                "least loss", (0, 0), (-9, 9), ha="right", **beside, color=plots.CYCLE[0], fontsize=9, zorder=6
            ),
        ]
        return fig

    def _heights(self):
        W, b = self._sides
        return W, b, np.array([self._loss(Wi, b[:, None]) for Wi in W]).T

    def _angle(self, direction):
        """Degrees at which a text along `direction` can be read."""
        x, y = direction * np.where(direction[0] < 0, -1, 1)
        return float(np.degrees(np.arctan2(y, x))) if self._finite else 0.0

    def _window(self):
        """The ends of the map for W and for b: those of the start's sliders, and far enough for the lowest point."""
        for name, at in zip(("start_W", "start_b"), self._minimum):
            low, high = self.controls[name].low, self.controls[name].high
            yield (min(low, at - 1), max(high, at + 1)) if self._finite else (low, high)

    def draw(self):
        surface, curve = self._axes
        losses, path = self.losses, self.path
        self._relief.show((self.shift, self._finite), self._heights, doubling)
        self._cross.set_data(*([at] for at in self._minimum))
        along = np.array([-20, 20, np.nan])[:, None]
        self._bowl_axes.set_data(*np.concatenate([self._minimum + along * v for v in self._directions.T]).T)
        self._least_line.set_ydata([self._least] * 2)
        flat = self._directions[:, 0] * np.where(self._directions[1, 0] < 0, -1, 1)  # upwards
        self._axis_name.set(position=self._minimum + 3.4 * flat, rotation=self._angle(flat))
        self._names[1].xy = self._minimum
        for artist in (self._cross, self._bowl_axes, self._least_line, self._axis_name, *self._names):
            artist.set_visible(self._finite)
        shown = np.isfinite(losses) & (losses > 0)
        self._draw_lines(path[shown], np.flatnonzero(shown), losses[shown])
        highest, lowest = losses[shown].max(initial=1.0), losses[shown].min(initial=1.0)
        bottom = self._least / 2 if self._finite and self._least > 1e-6 else 10.0 ** np.floor(np.log10(lowest) - 0.3)
        limits = float(bottom), float(10.0 ** DECADES[np.log10(highest) < DECADES][0])
        if curve.get_ylim() != limits or curve.get_xlim() != self._epochs_shown():
            curve.set(ylim=limits, xlim=self._epochs_shown())
        low = limits[1] > 1e4  # below a line at the bottom there is no room, and the curve is high at its right end
        self._names[0].xy = self.total if low else 0, self._least
        self._names[0].set(y=9 if low else -9, ha="right" if low else "left")
        return self._words()

    def _words(self):
        """The status line; and the notices, for what the curves cannot show."""
        surface, curve = self._notices
        surface.set_text("")
        curve.set_text("")
        after = self._after()
        if not self._finite:
            bad = int((~np.isfinite(self._inputs.numpy() + self._outputs.numpy())).sum())
            text = "no finite loss" + f": NaN or infinity in {bad} of {len(self._inputs)} points" * (bad > 0)
            surface.set_text("no finite loss")
            curve.set_text(text.replace(": ", ":\n"))
            return f"{text}. Take points without NaN, infinity and huge values."
        rate, limit = number(self.learning_rate), number(self.limit)
        if self.learning_rate > self.limit:
            verdict = f"diverging: learning rate {rate} > 2/λmax = {limit}"
        elif self.learning_rate > self.limit / 2:
            verdict = (
                f"converging, but each step overshoots: learning rate {rate} lies between 1/λmax and 2/λmax = {limit}"
            )
        else:
            verdict = f"converging: learning rate {rate} < 2/λmax = {limit}"
        W, b = self.path[-1]
        place = f"W = {number(W)}, b = {number(b)}"
        (x0, x1), (y0, y1) = (getattr(self._axes[0], f"get_{axis}lim")() for axis in "xy")
        if not (x0 <= W <= x1 and y0 <= b <= y1):
            self._axis_name.set_visible(False)  # it stands where the notice does
            surface.set_text(f"off the map: {place}" if np.isfinite(W + b) else "W and b are not finite any more")
        if not np.isfinite(self.loss):
            first = int(np.argmax(~np.isfinite(self.losses)))
            curve.set_text(f"from epoch {first} on, the loss is\nmore than float32 can hold")
            return f"loss {number(self.loss)} {after}, more than float32 can hold from epoch {first} on, {verdict}"
        return f"loss {number(self.loss)} {after}, {verdict}; {place}"
