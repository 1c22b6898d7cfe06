"""What does a loss say about a line? The line and its place on the loss surface move each other."""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

import course as tf
from course import plots
from course.experiments.base import Choice, Experiment, Handle, Key, Slider, action, notice, number, panels
from course.experiments.relief import Relief, doubling, even

DELTA = 1.0  # where the Huber loss turns from quadratic to linear
STEP = 0.2  # of one gradient step; so long is the arrow, too, within these lengths
SHORTEST, LONGEST = 0.55, 1.8
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
        values: `W`, `b`, `loss_name`, `shift` where they differ from the text's.

    Raises:
        ValueError: data of different or other shapes, or without points.
    """

    question = (
        "How many do, in turn: b, then W, then b again, each to the lowest loss along its way? From which height of "
        "the point on does the cross stay where it is?"
    )

    W = Slider(5.0, -1.0, 6.0, "weight W", step=0.1, restarts=False, in_picture=True)
    b = Slider(0.0, -2.0, 5.0, "bias b", step=0.1, restarts=False, in_picture=True)
    inks = {"downhill": plots.CYCLE[2]}

    loss_name = Choice("L2", POINT_LOSSES, "loss", restarts=False)
    shift = Slider(0.0, -12.0, 3.5, "last point moved", step=0.5, restarts=False, in_picture=True)

    spot = Handle("the line's place on the map", "W", "b", axes=1, area=True)
    height = Handle("the line, up and down", along="y", keys="b")
    slope = Handle("the line's slope", along="y", keys="W")
    outlier = Handle("the last point", along="y", keys="shift")

    def __init__(self, inputs, outputs, **values):
        self._inputs, self._given = tf.constant(inputs, tf.float32), tf.constant(outputs, tf.float32)
        self._outputs = self._given
        self._check_points(self._inputs, self._outputs)
        self._bad = int((~np.isfinite(self._inputs.numpy() + self._outputs.numpy())).sum())
        self._few = len(self._inputs) <= 100  # areas of more points would only cover each other
        self._last = int(np.argmax(np.where(np.isfinite(self._inputs), self._inputs, -np.inf)))
        self._variables = tf.Variable(0.0, name="W"), tf.Variable(0.0, name="b")
        self._surfaces = {}
        super().__init__(**values)

    def begin(self):
        self._trail, self._hand = [(self.W, self.b)], None

    @property
    def moves(self):
        """W and b at the start and after each move; a drag is one move."""
        return np.array(self._trail)

    def _loss(self, residuals):
        return tf.reduce_mean(POINT_LOSSES[self.loss_name](residuals), axis=-1)

    def _evaluate(self):
        """The residuals, the loss and its gradient, as a step of training would compute them."""
        moved = np.arange(len(self._inputs)) == self._last
        self._outputs = self._given + tf.constant(moved * self.shift, tf.float32)
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
        if self._key not in self._surfaces:
            W, b = (np.round(np.arange(s.low, s.high + s.step / 2, s.step), 6) for s in map(self.controls.get, "Wb"))
            b_column = tf.constant(b[:, None], tf.float32)
            losses = [self._loss(self._inputs * float(Wi) + b_column - self._outputs) for Wi in W]
            self._surfaces = {self._key: (W, b, np.array(losses, float))}
        return self._surfaces[self._key]

    @property
    def _key(self):
        return self.loss_name, self.shift

    @action("Lowest along W", icon="arrows-h", tooltip="Move W, and leave b, to where the loss is lowest")
    def lowest_along_W(self):
        """The lowest loss that a change of W alone reaches."""
        self._lowest_along("W")

    @action("Lowest along b", icon="arrows-v", tooltip="Move b, and leave W, to where the loss is lowest")
    def lowest_along_b(self):
        """The lowest loss that a change of b alone reaches."""
        self._lowest_along("b")

    def _lowest_along(self, name):
        low, high = self.controls[name].low, self.controls[name].high
        for _ in range(3):  # the loss is convex: the lowest of 141 places lies beside the lowest of all
            places = np.linspace(low, high, 141)
            at = {"W": self.W, "b": self.b} | {name: tf.constant(places[:, None], tf.float32)}
            best = places[np.argmin(self._loss(self._inputs * at["W"] + at["b"] - self._outputs))]
            low, high = max(low, best - (high - low) / 140), min(high, best + (high - low) / 140)
        self.set(**{name: round(float(best), 4)})

    @action("Gradient step", icon="location-arrow", tooltip=f"Move W and b by −{STEP:g} times the gradient")
    def gradient_step(self):
        """W and b less a fifth of the gradient, within the sliders' ends."""
        if np.isfinite(self._gradient).all():
            to = np.array([self.W, self.b]) - STEP * self._gradient
            limits = [self.controls[name] for name in "Wb"]
            to = [min(max(round(float(x), 4), slider.low), slider.high) for x, slider in zip(to, limits)]
            self.set(W=to[0], b=to[1])

    # The line in the data: one handle at the y-axis, where it is in sight, and one at the line's right end

    @property
    def _pivot(self):
        (left, right) = self._axes[0].get_xlim()
        return 0.0 if left < 0 < right - 0.2 * (right - left) else left + 0.1 * (right - left)

    @height.place
    def height_place(self):
        return self._pivot, self.W * self._pivot + self.b

    @height.move
    def height_move(self, x, y):
        return {"b": y - self.W * self._pivot}

    @height.words
    def height_words(self):
        return f"b = {number(self.b)}"

    @slope.place
    def slope_place(self):
        left, right = self._axes[0].get_xlim()
        low, high = self._axes[0].get_ylim()
        x, y = right - 0.06 * (right - left), None
        if self.W:  # where the line leaves the picture, the handle stays on it
            within = sorted((np.array([low, high]) * 0.96 + 0.02 * (low + high) - self.b) / self.W)
            x = min(max(x, self._pivot + 0.1), max(within[1], self._pivot + 0.1))
        y = self.W * x + self.b
        return x, min(max(y, low), high)

    @slope.move
    def slope_move(self, x, y):
        pivot, (at, _) = self._pivot, self.slope_place()
        fixed = self.W * pivot + self.b
        W = self.controls["W"].nearest((y - fixed) / (at - pivot))
        return {"W": W, "b": fixed - W * pivot}

    @slope.words
    def slope_words(self):
        return f"W = {number(self.W)}"

    @outlier.place
    def outlier_place(self):
        return (float(self._inputs[self._last]), float(self._outputs[self._last])) if self._few else None

    @outlier.move
    def outlier_move(self, x, y):
        return {"shift": y - float(self._given[self._last])}

    @outlier.words
    def outlier_words(self):
        return f"y = {number(self._outputs[self._last])}"

    def build(self):
        labels = (TITLES["L2"], "input x", "output y"), ("The loss over W and b", "weight W", "bias b")
        fig, self._axes = panels(*labels, height=4.7)
        plane, surface = self._axes
        x, y = (values.numpy().astype(float) for values in (self._inputs, self._outputs))
        x, y = (values[np.isfinite(x + y)] if self._bad < len(x) else np.array([-1.0, 1.0]) for values in (x, y))
        y_shown = np.concatenate([y, x * self.W + self.b])
        wide, high = max(np.ptp(x), 1e-3), max(np.ptp(y_shown), 1e-3)
        left, right = (0.6, 0.3) if self._few else (0.1, 0.1)  # room for the squares of a line that is too steep
        plane.set(xlim=(x.min() - left * wide, x.max() + right * wide))
        plane.set(ylim=(y_shown.min() - 0.1 * high, y_shown.max() + 0.1 * high))
        surface.set(xlim=(self.controls["W"].low, self.controls["W"].high))
        surface.set(ylim=(self.controls["b"].low, self.controls["b"].high))
        self._title = plane.set_title(TITLES["L2"])
        self._relief = Relief(surface)
        self._shapes = PolyCollection([], facecolor=plots.PREDICTION, alpha=0.2, animated=True)
        plane.add_collection(self._shapes)
        segments = {"color": plots.PREDICTION, "linewidth": 1.5 if self._few else 0.4}
        (self._segments,) = plane.plot([], [], **segments, animated=True)
        (self._predictions,) = plane.plot([], [], color=plots.PREDICTION, linewidth=2, animated=True)
        points = {"color": plots.DATA, "markersize": 6 if self._few else 3, "animated": True, "zorder": 3}
        (self._points,) = plane.plot([], [], "o", **points)
        handles = [
            Line2D([], [], marker="o", linestyle="", color=plots.DATA, label="data"),
            Line2D([], [], color=plots.PREDICTION, linewidth=2, label="predictions x·W + b"),
            Line2D([], [], marker="o", linestyle="", color=plots.PREDICTION, label="this line, and its moves"),
            Line2D([], [], color=plots.CYCLE[2], linewidth=2.5, label="downhill: −gradient"),
            Line2D([], [], marker="x", linestyle="", color=plots.CYCLE[0], markeredgewidth=2, label="lowest loss"),
        ]
        Key(fig, handles, "lower center")
        arrow = {"arrowstyle": "-|>,head_width=0.3,head_length=0.6", "color": plots.CYCLE[2], "linewidth": 2.5}
        arrow |= {"shrinkA": 0, "shrinkB": 0}
        self._arrow = surface.annotate("", (0, 0), (0, 0), arrowprops=arrow, animated=True, zorder=7)
        self._arrow.arrow_patch.set_clip_path(surface.patch)
        here = {"color": plots.PREDICTION, "markersize": 10, "markeredgecolor": "white", "animated": True}
        (self._here,) = surface.plot([], [], "o", **here, zorder=6)
        trail = {"color": plots.PREDICTION, "linewidth": 1.2, "marker": "o", "markersize": 3.5, "alpha": 0.7}
        (self._way,) = surface.plot([], [], **trail, animated=True, zorder=5)
        cross = {"color": plots.CYCLE[0], "markersize": 9, "markeredgewidth": 2, "linestyle": "", "zorder": 7.5}
        (self._cross,) = surface.plot([], [], "x", **cross, animated=True)
        self._notices = [notice(ax) for ax in self._axes]
        fig.draw_without_rendering()  # lays it out; square boxes would make the layout cut titles off
        fig.set_layout_engine("none")
        for ax in self._axes:
            ax.set_box_aspect(1)
        return fig

    def draw(self):
        self._evaluate()
        self._note_move()
        plane, surface = self._axes
        title = TITLES[self.loss_name] if self._few else f"{self.loss_name} is a mean over the residuals"
        if self._title.get_text() != title:
            self._title.set_text(title)
        losses = self.surface[2]
        bowl = self.loss_name == "L2" and np.isfinite(losses).all() and losses.max() > 8 * losses.min()
        self._relief.show(self._key, lambda: (*self.surface[:2], losses.T), doubling if bowl else even)
        self._cross.set_data(*([at] for at in self.lowest))
        x, y, residuals = self._inputs.numpy(), self._outputs.numpy(), self._residuals.numpy()
        ends = np.array(plane.get_xlim())
        self._predictions.set_data(ends, ends * self.W + self.b)
        shown = np.isfinite(residuals)
        x, y, residuals = x[shown], y[shown], residuals[shown]
        self._points.set_data(x, y)
        gaps = np.full_like(x, np.nan)
        self._segments.set_data(np.stack([x, x, gaps], 1).ravel(), np.stack([y, y + residuals, gaps], 1).ravel())
        self._shapes.set_verts(self._areas(x, y, residuals))
        dW, db = self._gradient
        finite = bool(np.isfinite([dW, db, self._value]).all())
        length = np.hypot(dW, db) if finite else 0.0
        self._arrow.set_visible(length > 1e-3 and not self._arrived)
        if self._arrow.get_visible():
            shown = min(max(STEP * length, SHORTEST), LONGEST) / length
            self._arrow.xy = np.array([self.W, self.b]) - shown * self._gradient
            self._arrow.set_position((self.W, self.b))
        self._way.set_data(*self.moves.T)
        self._here.set_data([self.W], [self.b])
        return self._words(finite)

    @property
    def _arrived(self):
        """Whether no place of the map is lower by more than its grid can tell."""
        return self._lowest_at((self.W, self.b))

    def _lowest_at(self, place):
        return bool(np.isclose(place, self.lowest, atol=0.0501).all())

    def _note_move(self):
        """The way over the map: a drag is one move, and so are presses of one arrow key; none is made at the lowest
        place, from where it leads nowhere."""
        if self._trail[-1] != (self.W, self.b):
            goes_on = self.gesture is not None and self.gesture == self._hand
            stays = self._arrived and self._lowest_at(self._trail[-1])
            if not (goes_on or stays) or len(self._trail) == 1:
                self._trail.append(None)
            self._trail[-1], self._hand = (self.W, self.b), self.gesture

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
        if self._arrived:
            advice = "the lowest loss on the map"
        else:
            W, b = map(number, self.lowest)
            advice = f"downhill: {' and '.join(moves)}" if moves else "the gradient is zero"
            advice += f"; lowest on the map at W = {W}, b = {b}"
        count = len(self._trail) - 1
        made = f"{', after' if self._arrived else ';'} {count} move{'s' * (count != 1)}" if count else ""
        gradient = f"({number(dW)}, {number(db)})"
        if self.shift:
            line += f", the last point at {number(self._outputs[self._last])}"
        return f"{line}: {self.loss_name} loss {number(self._value)}, gradient {gradient}; {advice}{made}"
