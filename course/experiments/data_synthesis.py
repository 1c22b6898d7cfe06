"""How close does a fit come to the truth, and how low can its loss get? Any number of points, and any noise."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

import course as tf
from course import datasets, plots
from course.experiments.base import Choice, Experiment, Handle, Slider, notice, number, panels
from course.keras.losses import l2_loss

SIZES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
FRESH = 100_000  # so many that the loss on fresh points is uncertain by only √(2/100,000) = 0.4 %
FAN = 50  # fits to other points from the same truth
NEAR = 0.05  # of the noise floor: losses that are no farther above it count as near
TOPS = (1, 2, 5, 10)  # the loss axis ends at one of these times a power of ten, so that it seldom moves
OWN, NEW = plots.DATA, plots.CYCLE[1]


def fit(inputs, outputs):
    """The least-squares line, in closed form."""
    mean_input, mean_output = tf.reduce_mean(inputs), tf.reduce_mean(outputs)
    x, y = inputs - mean_input, outputs - mean_output
    W = tf.reduce_mean(x * y) / tf.reduce_mean(x * x)
    return W, mean_output - W * mean_input


class DataSynthesis(Experiment):
    """Points around a line whose truth is known, the line that fits them best, and its loss beside the noise floor.

    Args:
        true_W, true_b: the truth, as in `datasets.line`.
        values: `points`, `stddev`, `seed` where they differ from the text's, and `tolerance`, by how much a slope may
            differ from the truth to count as right.
    """

    question = (
        "From how many points on is the loss on fresh data within five percent of the noise floor for 47 of the 50 "
        "fits, and does that take more points when the noise is twice as large?"
    )

    inks = {"on its own data": OWN, "on fresh data": NEW}

    points = Choice(1000, SIZES, "points N")
    stddev = Slider(1.0, 0.0, 3.0, "noise σ", step=0.1)
    seed = Slider(0, 0, 99, "seed")
    tolerance = Slider(0.1, 0.01, 0.5, "slopes within", step=0.01)

    size = Handle("number of points", "points", axes=1)

    def __init__(self, true_W=3.0, true_b=2.0, **values):
        self.true_W, self.true_b = true_W, true_b
        self._made_for = self._fan_for = None
        super().__init__(**values)

    def _make(self):
        """The points for the present noise and seed, and for each size the fit to the first of them and its losses."""
        if self._made_for == (self.stddev, self.seed):
            return
        line = {"W": self.true_W, "b": self.true_b, "stddev": self.stddev}
        self._all = datasets.line(SIZES[-1], seed=self.seed, **line)
        new_inputs, new_outputs = datasets.line(FRESH, seed=self.seed + 100, **line)  # 100 is on no slider
        self._fits, self._losses = {}, {}
        for size in SIZES:
            inputs, outputs = (values[:size] for values in self._all)
            W, b = fit(inputs, outputs)
            self._fits[size] = float(W), float(b)
            own, new = l2_loss(inputs * W + b, outputs), l2_loss(new_inputs * W + b, new_outputs)
            self._losses[size] = float(own), float(new)
        self._made_for = self.stddev, self.seed

    @property
    def fan(self):
        """W and b of the fits to as many points of 50 other seeds, of shape (50, 2)."""
        if self._fan_for != (self.stddev, self.points):
            line = {"W": self.true_W, "b": self.true_b, "stddev": self.stddev}
            self._fan = np.array([fit(*datasets.line(self.points, seed=1000 + k, **line)) for k in range(FAN)], float)
            self._fan_for = self.stddev, self.points
        return self._fan

    @property
    def near(self):
        """How many slopes of the fan lie within `tolerance` of the truth."""
        return int((abs(self.fan[:, 0] - self.true_W) <= self.tolerance).sum())

    @property
    def low(self):
        """How many fits of the fan have a loss on fresh data within 5 % of the noise floor.

        A fit that is off by dW and db has the loss σ² + dW² + db² on data without end, as the inputs' variance is 1.
        """
        return int((((self.fan - (self.true_W, self.true_b)) ** 2).sum(axis=1) <= NEAR * self.floor).sum())

    @size.place
    def size_place(self):
        return self.points, self.fresh_loss

    @property
    def inputs(self):
        """The inputs of the present points, a tensor of shape (points,)."""
        return self._all[0][: self.points]

    @property
    def outputs(self):
        """The outputs of the present points, a tensor of shape (points,)."""
        return self._all[1][: self.points]

    @property
    def fitted(self):
        """W and b of the least-squares fit."""
        return self._fits[self.points]

    @property
    def loss(self):
        """The fit's loss on the points that it was fitted to."""
        return self._losses[self.points][0]

    @property
    def fresh_loss(self):
        """The fit's loss on 100,000 other points from the same truth with the same noise."""
        return self._losses[self.points][1]

    @property
    def floor(self):
        """σ², the loss of the truth over ever more points."""
        return self.stddev**2

    def build(self):
        labels = (
            ("The fit approaches the truth", "input", "output"),
            ("Its loss approaches the noise floor", "points N", "loss"),
        )
        fig, (plane, curve) = panels(*labels, height=4.0, width_ratios=[1.1, 1])
        self._axes = plane, curve
        ends = np.array([-4.3, 4.3])
        reach = 3.5 * abs(self.true_W) + 3 * self.controls["stddev"].high
        plane.set(xlim=ends, ylim=(self.true_b - reach, self.true_b + reach))
        (self._cloud,) = plane.plot([], [], ".", color=OWN, animated=True)
        self._fan_lines = LineCollection(
            [], color=plots.PREDICTION, linewidth=0.8, alpha=0.3, animated=True, zorder=1.9
        )
        plane.add_collection(self._fan_lines)
        (self._fit,) = plane.plot([], [], color=plots.PREDICTION, linewidth=2, animated=True)
        plane.plot(ends, ends * self.true_W + self.true_b, **plots.TRUTH, animated=True)
        handles = [
            Line2D([], [], color=OWN, marker="o", markersize=4, linestyle="", label="data"),
            Line2D([], [], color=plots.PREDICTION, linewidth=2, label="fit"),
            Line2D([], [], color=plots.PREDICTION, linewidth=0.8, alpha=0.5, label="50 fits to other points"),
            Line2D([], [], **plots.TRUTH, label="truth"),
        ]
        plane.legend(handles=handles, loc="upper left")
        curve.set(xscale="log", xlim=(SIZES[0] / 1.3, SIZES[-1] * 1.3), ylim=(0, 2))
        curve.minorticks_off()
        curve.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        curve.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
        curve.locator_params(axis="y", nbins=5)
        curve.yaxis.set_label_coords(-0.13, 0.5)  # it stays when the numbers beside it get longer
        ends = curve.get_xlim()
        self._band = Rectangle(
            (ends[0], 0), ends[1] - ends[0], 0, color=plots.TRUTH["color"], alpha=0.12, animated=True
        )
        curve.add_patch(self._band)
        (self._floor,) = curve.plot(curve.get_xlim(), [0, 0], **plots.TRUTH, animated=True)
        (self._now,) = curve.plot([], [], color="#BBBBBB", linewidth=1, animated=True)
        self._curves, self._marks = [], []
        for color, marker in ((NEW, "o"), (OWN, "s")):
            style = {"color": color, "marker": marker, "animated": True}
            self._curves += curve.plot([], [], **style, markersize=3.5, linewidth=1.2)
            big = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 2, "linestyle": "", "zorder": 4}
            self._marks += curve.plot([], [], **style | big)
        beside = {"xy": (0, 0), "textcoords": "offset points", "va": "center", "animated": True}
        self._names = [
            curve.annotate(words, xytext=(10, 8), color=color, **beside)
            for words, color in (("on fresh data", NEW), ("on its own data", OWN))
        ]
        style = {"color": plots.TRUTH["color"], "ha": "right"}
        self._floor_name = curve.annotate("noise floor σ²", xytext=(0, 20), **style, **beside)
        self._count = plane.text(0.98, 0.03, "", ha="right", transform=plane.transAxes, animated=True)
        self._low = curve.text(0.98, 0.97, "", ha="right", va="top", transform=curve.transAxes, animated=True)
        self._notices = [notice(ax) for ax in self._axes]
        return fig

    def draw(self):
        self._make()
        plane, curve = self._axes
        self._cloud.set_data(self.inputs, self.outputs)
        self._cloud.set_markersize(8 if self.points <= 100 else 4 if self.points <= 1000 else 2)
        W, b = self.fitted
        ends = np.array(plane.get_xlim())
        self._fit.set_data(ends, ends * W + b)
        fan = self.fan[np.isfinite(self.fan).all(axis=1)]
        self._fan_lines.set_segments([np.stack([ends, ends * W + b], 1) for W, b in fan])
        self._count.set_text(f"{self.near} of {FAN} slopes\nwithin {number(self.tolerance)} of {number(self.true_W)}")
        own, new = np.array([self._losses[size] for size in SIZES]).T
        for line, mark, losses, now in zip(self._curves, self._marks, (new, own), (self.fresh_loss, self.loss)):
            line.set_data(SIZES, losses)
            mark.set_data([self.points], [now])
        self._now.set_data([self.points] * 2, [0, max(self.loss, self.fresh_loss)])
        self._floor.set_ydata([self.floor] * 2)
        self._band.set(y=self.floor, height=NEAR * self.floor)
        self._low.set_text(f"{self.low} of {FAN} fits within 5 %\nof the floor on fresh data" if self.floor else "")
        highest = max(1.7 * self.floor, 1.05 * new[np.isfinite(new)].max(initial=0.0))
        top = self._top(highest)
        if curve.get_ylim()[1] != top:
            curve.set_ylim(0, top)
        beside = np.array([new, own])[:, :3]  # above or below all that the words are as long as
        upper, lower = self._names if beside[0].sum() > beside[1].sum() else self._names[::-1]
        upper.xy, lower.xy = (SIZES[0], max(beside.max(), self.floor)), (SIZES[0], min(beside.min(), self.floor))
        upper.set_y(8)
        lower.set_y(-14 if lower.xy[1] > 0.1 * top else 24)  # on the axis there is no room below
        self._floor_name.xy = SIZES[-1], self.floor
        return self._words()

    def _top(self, highest):
        if highest < 1e-3:  # without noise only rounding is left
            return 0.01
        power = 10.0 ** np.floor(np.log10(highest))
        return float(next(top for top in TOPS if top >= highest / power - 1e-9) * power)

    def _words(self):
        W, b = self.fitted
        setting = f"{self.points:,} points, σ = {number(self.stddev)}"
        for text in self._notices:
            text.set_text("")
        if not np.isfinite([W, b, self.loss, self.fresh_loss]).all():
            for text in self._notices:
                text.set_text("the loss is more\nthan float32 can hold")
            return f"{setting}: the fit's loss is more than float32 can hold. Take a smaller true_W and true_b."
        errors = f"{W - self.true_W:+.3f} and {b - self.true_b:+.3f}"
        size = number(self.stddev / np.sqrt(self.points))
        return (
            f"{setting}: {self.near} of {FAN} slopes within {number(self.tolerance)}; this "
            f"fit W = {W:.3f}, b = {b:.3f}, errors {errors}, expected size σ/√N = {size}; "
            f"loss {self.loss:.3f} on its own data, {self.fresh_loss:.3f} on fresh data, "
            f"noise floor σ² = {number(self.floor)}" + f", {self.low} of {FAN} fits within 5 % of it" * (self.floor > 0)
        ).replace("-", "−")
