"""What does a loss say about a line? The line, its residuals and its place on the loss surface, moved together."""

import matplotlib
import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

import course as tf
from course import plots
from course.experiments.base import Choice, Experiment, Handle, Slider, notice, number, panels

DELTA = 1.0  # where the Huber loss turns from quadratic to linear
SCALES = {"L2": 0.2, "L1": 1.0, "Huber": 1.0}  # the length of the arrow for a gradient of length 1
ARROWS = {name: f"−{scale:g} · gradient" if scale != 1 else "−gradient" for name, scale in SCALES.items()}
TITLES = {
    "L2": "L2: the mean area of the squares",
    "L1": "L1: the mean length of the segments",
    "Huber": "Huber: the mean area, no wider than δ = 1",
}


def huber(residuals):
    size = tf.abs(residuals)
    return tf.where(size <= DELTA, tf.square(size) / 2, DELTA * (size - DELTA / 2))


POINT_LOSSES = {"L2": tf.square, "L1": tf.abs, "Huber": huber}


class ModelAndLoss(Experiment):
    """The line f(x) = x·W + b beside data, under one of three losses, with the gradient at its place on the surface.

    Args:
        inputs, outputs: the data, both of shape (N,).
        values: `W`, `b`, `loss_name` where they differ from the text's.

    Raises:
        ValueError: data of different or other shapes, or without points.
    """

    W = Slider(5.0, -1.0, 6.0, "weight W", step=0.1)
    b = Slider(0.0, -2.0, 5.0, "bias b", step=0.1)
    loss_name = Choice("L2", POINT_LOSSES, "loss")

    place = Handle("the line on the map", "W", "b", axes=1, area=True)

    def __init__(self, inputs, outputs, **values):
        self._inputs, self._outputs = tf.constant(inputs, tf.float32), tf.constant(outputs, tf.float32)
        if self._inputs.shape != self._outputs.shape or self._inputs.ndim != 1 or not len(self._inputs):
            raise ValueError(
                f"ModelAndLoss: inputs of shape {self._inputs.shape} and outputs of shape {self._outputs.shape}. "
                f"Give both the same shape (N,), one number for each point."
            )
        self._bad = int((~np.isfinite(self._inputs.numpy() + self._outputs.numpy())).sum())
        self._variables = tf.Variable(0.0, name="W"), tf.Variable(0.0, name="b")
        self._surfaces = {}
        super().__init__(**values)

    def _loss(self, residuals):
        return tf.reduce_mean(POINT_LOSSES[self.loss_name](residuals), axis=-1)

    def _evaluate(self):
        """The residuals, the loss and its gradient, as a step of training would compute them."""
        W, b = self._variables
        W.assign(self.W)
        b.assign(self.b)
        with tf.GradientTape() as tape:
            residuals = self._inputs * W + b - self._outputs
            loss = self._loss(residuals)
        self._residuals, self._value = residuals, float(loss)
        self._gradient = np.array([float(g) for g in tape.gradient(loss, self._variables)])

    @property
    def loss(self):
        """The loss of the present line."""
        return self._value

    @property
    def gradient(self):
        """The derivatives of the loss with respect to W and b, an array of shape (2,)."""
        return self._gradient

    @property
    def lowest(self):
        """W and b of the lowest loss on the map, whose grid is that of the sliders."""
        W, b, losses = self.surface
        i, j = np.unravel_index(np.argmin(losses), losses.shape)
        return float(W[i]), float(b[j])

    @property
    def surface(self):
        """W and b along the map's sides, and the loss at each pair, of shape (len(W), len(b))."""
        if self.loss_name not in self._surfaces:
            W, b = (np.round(np.arange(s.low, s.high + s.step / 2, s.step), 6) for s in map(self.controls.get, "Wb"))
            b_column = tf.constant(b[:, None], tf.float32)
            losses = [self._loss(self._inputs * float(Wi) + b_column - self._outputs) for Wi in W]
            self._surfaces[self.loss_name] = W, b, np.array(losses, float)
        return self._surfaces[self.loss_name]

    def build(self):
        labels = (TITLES["L2"], "input x", "output y"), ("The loss over W and b", "weight W", "bias b")
        fig, self._axes = panels(*labels, height=4.7)
        plane, surface = self._axes
        x, y = (values.numpy().astype(float) for values in (self._inputs, self._outputs))
        x, y = (values[np.isfinite(x + y)] if self._bad < len(x) else np.array([-1.0, 1.0]) for values in (x, y))
        self._few = len(x) <= 100  # areas of more points would only cover each other
        y_shown = np.concatenate([y, x * self.W + self.b])
        wide, high = max(np.ptp(x), 1e-3), max(np.ptp(y_shown), 1e-3)
        left, right = (0.6, 0.3) if self._few else (0.1, 0.1)  # room for the squares of a line that is too steep
        plane.set(xlim=(x.min() - left * wide, x.max() + right * wide))
        plane.set(ylim=(y_shown.min() - 0.1 * high, y_shown.max() + 0.1 * high))
        surface.set(xlim=(self.controls["W"].low, self.controls["W"].high))
        surface.set(ylim=(self.controls["b"].low, self.controls["b"].high))
        surface.grid(False)
        self._shapes = PolyCollection([], facecolor=plots.PREDICTION, alpha=0.2, animated=True)
        plane.add_collection(self._shapes)
        segments = {"color": plots.PREDICTION, "linewidth": 1.5 if self._few else 0.4}
        (self._segments,) = plane.plot([], [], **segments, animated=True)
        (self._predictions,) = plane.plot([], [], color=plots.PREDICTION, linewidth=2, animated=True)
        plane.plot(x, y, "o", color=plots.DATA, markersize=6 if self._few else 3, animated=True, zorder=3)
        handles = [
            Line2D([], [], marker="o", linestyle="", color=plots.DATA, label="data"),
            Line2D([], [], color=plots.PREDICTION, linewidth=2, label="predictions x·W + b"),
            Line2D([], [], marker="o", linestyle="", color=plots.PREDICTION, label="this line"),
            Line2D([], [], color=plots.CYCLE[2], linewidth=2.5, label=ARROWS["L2"]),
            Line2D([], [], marker="x", linestyle="", color=plots.CYCLE[0], markeredgewidth=2, label="lowest loss"),
        ]
        legend = fig.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False, columnspacing=1.6)
        self._arrow_label = legend.get_texts()[3]
        arrow = {"arrowstyle": "-|>,head_width=0.3,head_length=0.6", "color": plots.CYCLE[2], "linewidth": 2.5}
        arrow |= {"shrinkA": 0, "shrinkB": 0}
        self._arrow = surface.annotate("", (0, 0), (0, 0), arrowprops=arrow, animated=True, zorder=5)
        self._arrow.arrow_patch.set_clip_path(surface.patch)
        here = {"color": plots.PREDICTION, "markersize": 10, "markeredgecolor": "white", "animated": True}
        (self._here,) = surface.plot([], [], "o", **here, zorder=6)
        self._maps, self._map_shown = {}, None
        self._notices = [notice(ax) for ax in self._axes]
        fig.draw_without_rendering()  # lays it out; square boxes would make the layout cut titles off
        fig.set_layout_engine("none")
        for ax in self._axes:
            ax.set_box_aspect(1)
        return fig

    def _show_map(self):
        """The map of the present loss, and what stands about it in titles and legends."""
        plane, surface = self._axes
        words = TITLES[self.loss_name] if self._few else f"{self.loss_name} is a mean over the residuals"
        plane.set_title(words)
        if self.loss_name not in self._maps:
            self._maps[self.loss_name] = self._make_map()
        for name, artists in self._maps.items():
            for artist in artists:
                artist.set_visible(name == self.loss_name)
        self._map_shown = self.loss_name
        self._arrow_label.set_text(ARROWS[self.loss_name])

    def _make_map(self):
        """Contours: of L2 each twice as high as the one within it, else equally far apart in height. And the lowest."""
        surface = self._axes[1]
        W, b, losses = self.surface
        if not np.isfinite(losses).all() or not np.ptp(losses):
            return []
        levels = 2.0 ** np.arange(np.ceil(np.log2(losses.min() + 1e-6)), np.log2(losses.max()))
        if self.loss_name != "L2" or len(levels) < 4:
            levels = MaxNLocator(10).tick_values(losses.min(), losses.max())
            levels = levels[(levels > losses.min()) & (levels < losses.max())]
        greys = [str(grey) for grey in np.linspace(0.86, 1.0, len(levels) + 1)]  # the deeper, the darker
        filled = surface.contourf(W, b, losses.T, levels, colors=greys, extend="both")
        lines = surface.contour(W, b, losses.T, levels, colors="#999999", linewidths=0.8)
        words = surface.clabel(lines, fmt="%g", fontsize=8)
        cross = {"color": plots.CYCLE[0], "markersize": 9, "markeredgewidth": 2, "linestyle": "", "zorder": 4}
        return [filled, lines, *words, *surface.plot(*self.lowest, "x", **cross)]

    def draw(self):
        self._evaluate()
        if self._map_shown != self.loss_name:
            with matplotlib.rc_context(plots.STYLE):
                self._show_map()
        plane, surface = self._axes
        x, y, residuals = self._inputs.numpy(), self._outputs.numpy(), self._residuals.numpy()
        ends = np.array(plane.get_xlim())
        self._predictions.set_data(ends, ends * self.W + self.b)
        shown = np.isfinite(residuals)
        x, y, residuals = x[shown], y[shown], residuals[shown]
        gaps = np.full_like(x, np.nan)
        self._segments.set_data(np.stack([x, x, gaps], 1).ravel(), np.stack([y, y + residuals, gaps], 1).ravel())
        self._shapes.set_verts(self._areas(x, y, residuals))
        dW, db = self._gradient
        if finite := bool(np.isfinite([dW, db, self._value]).all()):
            tip = np.array([self.W, self.b]) - SCALES[self.loss_name] * self._gradient
            self._arrow.xy = tip
            self._arrow.set_position((self.W, self.b))
        length = np.hypot(dW, db) * SCALES[self.loss_name] if finite else 0.0
        self._arrow.set_visible(length > 0.02)
        self._here.set_data([self.W], [self.b])
        return self._words(finite)

    def _areas(self, x, y, residuals):
        """For each point the corners of an area that is its share of the loss: none for L1, whose share is a length.

        The Huber loss is the integral of min(s, δ) over the residual's length, so its area widens from the line up to
        δ; the square of L2 has the residual's length throughout.
        """
        if self.loss_name == "L1" or not self._few:
            return []
        (x0, x1), (y0, y1) = (getattr(self._axes[0], f"get_{axis}lim")() for axis in "xy")
        unit = (x1 - x0) / (y1 - y0)  # as wide on the page as a unit of y is high
        size, on_line = np.abs(residuals), y + residuals
        # On the side of the residual that is away from the line.
        side = np.where((residuals < 0) == (self.W >= 0), -unit, unit)
        if self.loss_name == "L2":
            corners = [(x, y), (x, on_line), (x + side * size, on_line), (x + side * size, y)]
        else:
            width = np.minimum(size, DELTA)
            bend = on_line - np.sign(residuals) * width
            corners = [(x, y), (x, on_line), (x + side * width, bend), (x + side * width, y)]
        return np.stack([np.stack(corner, 1) for corner in corners], 1)

    def _words(self, finite):
        plane, surface = self._notices
        surface.set_text("" if finite else "no finite loss")
        plane.set_text("")
        line = f"W = {number(self.W)}, b = {number(self.b)}"
        if not finite:
            if self._bad:
                text = f"NaN or infinity in {self._bad} of {len(self._inputs)} points"
                plane.set_text(text.replace(" in ", "\nin "))
                return f"{line}: no finite {self.loss_name} loss: {text}. Take points without them."
            return f"{line}: the {self.loss_name} loss is more than float32 can hold. Take points with smaller values."
        dW, db = self._gradient
        moves = [
            f"{'lower' if slope > 0 else 'raise'} {name}" for slope, name in ((dW, "W"), (db, "b")) if abs(slope) > 1e-4
        ]
        if np.isclose((self.W, self.b), self.lowest, atol=1e-6).all():
            advice = "the lowest loss on the map"
        else:
            advice = f"downhill: {' and '.join(moves)}" if moves else "the gradient is zero"
        return f"{line}: {self.loss_name} loss {number(self._value)}, gradient ({number(dW)}, {number(db)}); {advice}"
