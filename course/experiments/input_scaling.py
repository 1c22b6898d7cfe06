"""How do the units of the inputs decide the speed? Gradient descent on inputs that were shifted and scaled first."""

import math

import numpy as np
from matplotlib.patches import Polygon

import course as tf
from course import plots
from course.experiments.base import Handle, Slider, mosaic, notice, number
from course.experiments.descent import Descent

LEVELS = 4.0 ** np.arange(1, -4, -1)  # the contours' heights, in parts of the start's: each ellipse half as wide
FOREVER = 1e8  # epochs; beyond any training
RULER = (-25.0, 260.0)  # millimetres that are shown
ZERO, ONE = 0.82, 0.34  # the heights of the new scale's 0 and 1, so that both can be grabbed where they are close
CIRCLE = np.array([np.cos(t := np.linspace(0, 2 * np.pi, 401)), np.sin(t)])


def count(value):
    """A number that may be large, to three digits and with commas: 8,400,000."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else number(value)


class InputScaling(Descent):
    """Gradient descent on f(x) = x·W + b for masses in kilograms, where x = (input − shift) / scale.

    W and b start at 0, and the best line is the same line for every shift and scale.

    Args:
        inputs, outputs: lengths in millimetres and masses in grams, both of shape (N,).
        values: `shift`, `scale`, `share`, `epochs` where they differ from the text's.

    Raises:
        ValueError: data of different or other shapes, with NaN or infinity, or with fewer than two different inputs.
    """

    question = (
        "By which epoch has the slow axis gone half of its way in raw millimetres, with 100 subtracted, and with 201?"
    )

    inks = {"the slowest axis": plots.PREDICTION}

    shift = Slider(0.0, 0.0, 240.0, "subtract", unit="mm", step=1.0)
    scale = Slider(1.0, 1.0, 1000.0, "divide by", unit="mm", log=True)
    share = Slider(0.5, 0.05, 1.25, "η / (2/λmax)", step=0.05)
    epochs = Slider(50, 1, 200, "epochs", restarts=False)

    zero = Handle("where the new scale has its 0", "shift")
    one = Handle("where the new scale has its 1", along="x", keys="scale")
    last = Handle("the last epoch", "epochs", axes=2)

    @zero.place
    def zero_place(self):
        return self.shift, ZERO

    @one.place
    def one_place(self):
        return self.shift + self.scale, ONE

    @one.move
    def one_move(self, x, y):
        return {"scale": x - self.shift}

    @one.words
    def one_words(self):
        return f"{number(self.shift + self.scale)} mm, divided by {number(self.scale)} mm"

    @last.place
    def last_place(self):
        return self.epochs, self._slow_left(self.epochs)

    def __init__(self, inputs, outputs, **values):
        x, y = np.asarray(inputs, float), np.asarray(outputs, float)
        self._check_points(x, y)
        if bad := int((~np.isfinite(x + y)).sum()):
            raise ValueError(f"InputScaling: NaN or infinity in {bad} of {len(x)} points. Leave them out.")
        if not np.ptp(x):
            raise ValueError(f"InputScaling: all inputs are {x[0]:g}, and no line is the best. Take different ones.")
        self._lengths, self._masses = x, tf.constant(y / 1000)
        self._W, self._b = (tf.Variable(0.0, dtype=tf.float64, name=name) for name in "Wb")
        super().__init__(**values)

    @property
    def condition_number(self):
        """The largest curvature of the loss, divided by the smallest."""
        return float(self._curvatures[1] / self._curvatures[0])

    @property
    def learning_rate(self):
        """η: `share` of the limit 2/λmax."""
        return float(self.share * 2 / self._curvatures[1])

    @property
    def needed(self):
        """The epochs until each axis has a hundredth of its distance left; infinity where one never has."""
        return self._until(0.01)

    def _until(self, left):
        """The epochs until each axis has at most this part of its distance left."""
        slowest = abs(1 - self.learning_rate * self._curvatures).max()
        if self.share >= 1:
            return math.inf
        return 1 if slowest <= left else math.ceil(math.log(left) / math.log(slowest))

    def _slow_left(self, epochs):
        """The part of the way that is left along the slow axis, as far as it is drawn."""
        return min(abs(1 - self.learning_rate * float(self._curvatures[0])) ** epochs, 1.04)

    def _loss(self, W, b):
        return tf.reduce_mean(tf.square(self._x * W + b - self._masses))

    def begin(self):
        """Scales the inputs, and asks nested tapes for the bowl: its axes, its curvatures and its lowest point."""
        self._x = tf.constant((self._lengths - self.shift) / self.scale)
        self._start(0.0, 0.0)
        gradient, hessian = self._slope_and_hessian()
        self._curvatures, self._bowl_axes = np.linalg.eigh(hessian)
        self._minimum = -np.linalg.solve(hessian, gradient)
        self._least = float(self._loss(*self._minimum))

    def build(self):
        labels = {
            "ruler": ("Lengths (mm), and the new scale", "", ""),
            "surface": ("The path over the contours of the loss", "W (kg)", "b (kg)"),
            "left": (
                "What is left of the way along each axis",
                "epoch (log scale)",
                "part left",
            ),
            "curve": ("The loss above the least", "epoch", "kg² (log scale)"),
        }
        layout = [["ruler", "ruler"], ["surface", "left"], ["surface", "curve"]]
        fig, axes = mosaic(layout, labels, height=5.7, width_ratios=[1, 1.1], height_ratios=[0.55, 1, 1])
        ruler, surface, left, curve = (axes[name] for name in labels)
        self._axes = surface, curve
        ruler.set(xlim=RULER, ylim=(0, 1), yticks=[])
        ruler.grid(False)
        ruler.plot(self._lengths, np.full(len(self._lengths), 0.1), "|", color=plots.DATA, markersize=8, alpha=0.4)
        scale = {"color": plots.PREDICTION, "animated": True}
        (self._scale,) = ruler.plot([], [], linewidth=2, marker="o", markersize=6, **scale)
        self._ends = [
            ruler.annotate(words, (0, y), (away, 0), textcoords="offset points", ha=side, va="center", **scale)
            for words, y, away, side in (("0", ZERO, -17, "right"), ("1", ONE, 17, "left"))
        ]
        left.set(xscale="log", xlim=(0.8, FOREVER), ylim=(0, 1.2))
        left.set(xticks=10.0 ** np.arange(0, 9, 2), yticks=[0, 0.5, 1])
        left.minorticks_off()
        (self._slow,) = left.plot([], [], color=plots.PREDICTION, linewidth=2, animated=True)
        (self._fast,) = left.plot([], [], color=plots.DATA, linewidth=2, animated=True)
        self._names = [
            left.text(1.3, y, words, color=color, va="center", animated=True)
            for y, words, color in ((0.5, "slow axis", plots.PREDICTION), (0.1, "steep axis", plots.DATA))
        ]
        (self._now,) = left.plot(
            [], [], "o", color=plots.PREDICTION, markersize=8, markeredgecolor="white", animated=True
        )
        surface.grid(False)
        surface.locator_params(nbins=5)
        curve.set(yscale="log", ylim=(1e-8, 1e4), xlim=self._epochs_shown())
        curve.set_yticks([1e-8, 1e-4, 1, 1e4])
        curve.xaxis.get_major_locator().set_params(integer=True)
        depths = plots.DEPTHS(np.linspace(1, 0, len(LEVELS) + 1))
        surface.set_facecolor(depths[0])
        ring = {"edgecolor": "#6F8FA6", "linewidth": 0.6, "zorder": 0.5, "animated": True}
        self._contours = [surface.add_patch(Polygon(CIRCLE.T, facecolor=color, **ring)) for color in depths[1:]]
        self._build_lines()
        least = {"color": plots.CYCLE[0], "markersize": 9, "markeredgewidth": 2, "linestyle": ""}
        (self._cross,) = surface.plot([], [], "x", **least, zorder=5, animated=True)
        beside = {"textcoords": "offset points", "va": "center", "color": plots.CYCLE[0], "animated": True}
        self._cross_name = surface.annotate("least loss", (0, 0), (12, 0), **beside)
        self._notices = [notice(surface, y=0.07), notice(curve)]
        fig.draw_without_rendering()  # lays it out; a square box would make the layout cut titles off
        fig.set_layout_engine("none")
        surface.set_box_aspect(1)
        return fig

    def draw(self):
        surface, curve = self._axes
        # As far in W as in b, so that a round bowl looks round; in steps, since axes that stay are not drawn anew.
        reach = 1.25 ** np.ceil(np.log(1.5 * abs(self._minimum).max()) / np.log(1.25))
        middle = np.round(self._minimum / reach * 4) / 4 * reach
        window = np.stack([middle - reach, middle + reach], axis=1)
        if not np.array_equal((surface.get_xlim(), surface.get_ylim()), window):
            surface.set(xlim=window[0], ylim=window[1])
        if curve.get_xlim() != self._epochs_shown():
            curve.set_xlim(self._epochs_shown())
        epochs = np.geomspace(1, FOREVER, 200)
        factors = abs(1 - self.learning_rate * self._curvatures)
        for line, factor in zip((self._slow, self._fast), factors):
            line.set_data(epochs, np.minimum(factor**epochs, 2))
        self._now.set_data([max(self.position, 0.8)], [self._slow_left(self.position)])
        scale = [self.shift, min(self.shift + self.scale, 2 * RULER[1])]
        self._scale.set_data([scale[0], *scale], [ZERO, ONE, ONE])
        for words, x in zip(self._ends, scale):
            words.xy = x, words.xy[1]
            words.set_visible(x <= RULER[1])
        near = scale[1] > RULER[1] - 15  # to the end, beyond which nothing is seen
        self._ends[1].set(ha="right" if near else "left")
        self._ends[1].xyann = (-17 if near else 17), 0
        half = float(np.clip(math.log(0.5) / math.log(factors[0]) if 0 < factors[0] < 1 else 1, 1, FOREVER))
        right = half > 1e5
        for words, show in zip(self._names, (True, abs(factors[0] - factors[1]) > 0.1)):
            words.set_visible(show)
        self._names[0].set_text("slow axis" if self._names[1].get_visible() else "both axes")
        self._names[0].set(x=half / 4 if right else 4 * half, ha="right" if right else "left")
        path, above = self.path, self.losses - self._least
        for ring, level in zip(self._contours, LEVELS):
            radii = np.sqrt(2 * level * above[0] / self._curvatures)
            ring.set_xy((self._minimum[:, None] + self._bowl_axes @ (radii[:, None] * CIRCLE)).T)
        seen = np.isfinite(above)
        heights = np.clip(above[seen], 1e-9, 1e9)
        self._draw_lines(path[seen], np.flatnonzero(seen), heights, reach)
        self._cross.set_data(self._minimum[:1], self._minimum[1:])
        self._cross_name.xy = self._minimum
        off = not (abs(path[-1] - middle) <= reach).all()
        self._notices[0].set_text("the path has left the map" if off else "")
        self._notices[1].set_text("the loss grows without end" if self.share > 1 and above[-1] > above[0] else "")
        return self._words(above[-1])

    def _words(self, above):
        ends = (self._lengths[[self._lengths.argmin(), self._lengths.argmax()]] - self.shift) / self.scale
        scaled = f"inputs from {number(ends[0])} to {number(ends[1])}: condition number {count(self.condition_number)}"
        left = f"{number(above)} kg² above the least" if np.isfinite(above) else "beyond float64"
        after = f"{self._after()} at η = {number(self.learning_rate)}"
        if self.share > 1:
            verdict = "it diverges, since η > 2/λmax"
        elif self.share == 1:
            verdict = "it never arrives, since η = 2/λmax"
        else:
            half, most = (f"{count(n)} epoch{'s' * (n > 1)}" for n in (self._until(0.5), self.needed))
            verdict = f"along the slowest axis half of the way is left after {half}, one percent after {most}"
        return f"{scaled}; loss {left} {after}; {verdict}"
