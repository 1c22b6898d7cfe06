"""Where does one step of gradient descent land, and what comes of repeating it? A parabola whose step is dragged."""

import numpy as np

import course as tf
from course import plots
from course.experiments.base import FAR, Experiment, Handle, Slider, mosaic, notice, number

X, TOP = 2.6, 6.5  # the parabola's axes
BANDS = ((-1.8, -1, "diverges"), (-1, 0, "swings, arrives"), (0, 1.15, "creeps, arrives"))


class Parabola(Experiment):
    """Gradient descent on f(x) = λ/2 · x², whose lowest point is at 0: each step multiplies x by 1 − ηλ.

    Args:
        values: `learning_rate`, `curvature`, `start_x` where they differ from the text's.
    """

    question = (
        "Where must the first step land for the next one to stay there, and where for the descent to swing to and fro "
        "for ever?"
    )

    learning_rate = Slider(0.4, 0.0, 3.0, "learning rate η", step=0.01)
    curvature = Slider(1.0, 0.25, 3.0, "curvature λ", step=0.05)
    start_x = Slider(-2.0, -2.0, 2.0, "start", step=0.1, in_picture=True)

    begins = Handle("start", "start_x")
    lands = Handle("where the first step lands", along="x")
    dot = Handle("the factor 1 − ηλ", along="x", axes=1, area=True)

    step_name, total = "step", 12

    @property
    def factor(self):
        """1 − ηλ, by which each step multiplies x."""
        return 1 - self.learning_rate * self.curvature

    @property
    def path(self):
        """x at the start and after each step, of shape (position + 1,)."""
        return np.array(self._path)

    def _loss(self, x):
        return self.curvature / 2 * tf.square(x)

    def begin(self):
        self._x = tf.Variable(self.start_x, dtype="float64", name="x")
        self._path = [float(self._x)]

    def advance(self):
        with tf.GradientTape() as tape:
            loss = self._loss(self._x)
        self._x.assign_sub(self.learning_rate * tape.gradient(loss, self._x))
        self._path.append(float(self._x))

    def _rate(self, factor):
        """The learning rate with this factor; close to 0 and to −1 with exactly those, which neither a hand nor the
        slider's steps could meet."""
        for held in (0, -1):
            exact = (1 - held) / self.curvature
            if abs(factor - held) < 0.035 and exact <= self.controls["learning_rate"].high:
                self.set(learning_rate=exact)
                return None
        return {"learning_rate": (1 - factor) / self.curvature}

    @begins.place
    def begins_place(self):
        return self.start_x, float(self._loss(self.start_x))

    @lands.place
    def lands_place(self):
        """Where the step leaves the picture, the handle stays on the parabola, at its last point to be seen."""
        last = min(X, (2 * TOP / self.curvature) ** 0.5)
        x = np.clip(self.start_x * self.factor, -last, last)
        return (x, float(self._loss(x))) if self.start_x else None

    @lands.move
    def lands_move(self, x, y):
        return self._rate(x / self.start_x)

    @lands.words
    def lands_words(self):
        return f"x = {number(self.start_x * self.factor)}, learning rate {number(self.learning_rate)}"

    @dot.place
    def dot_place(self):
        return self.factor, 0.5

    @dot.move
    def dot_move(self, x, y):
        return self._rate(x)

    @dot.words
    def dot_words(self):
        return f"{number(self.factor)}, learning rate {number(self.learning_rate)}"

    def build(self):
        labels = {
            "curve": ("Each step goes against the slope", "x", "f(x) = λ/2 · x²"),
            "line": ("1 − ηλ: what a step leaves of the distance", "", ""),
            "steps": ("x after each step", "step", "x"),
        }
        layout = [["curve", "line"], ["curve", "steps"]]
        fig, self._axes = mosaic(layout, labels, height=4.2, width_ratios=[1.1, 1], height_ratios=[1, 2.6])
        curve, line, steps = (self._axes[name] for name in ("curve", "line", "steps"))
        curve.set(xlim=(-X, X), ylim=(-0.4, TOP))
        line.set(xlim=(-1.8, 1.15), ylim=(0, 1), yticks=[], xticks=[-1, -0.5, 0, 0.5, 1])
        line.grid(False)
        for (left, right, words), color in zip(BANDS, ("#F7DDD6", "#E3F1FA", "#CDE6F5")):
            line.axvspan(left, right, color=color, linewidth=0)
            line.text((left + right) / 2, 0.86, words, ha="center", va="center", fontsize=8)
        steps.set(xlim=(-0.4, self.total + 0.4), ylim=(-X, X))
        steps.axhline(0, **plots.TRUTH)
        (self._bowl,) = curve.plot([], [], color=plots.DATA, linewidth=2, animated=True)
        red = {"color": plots.PREDICTION, "animated": True}
        (self._zigzag,) = curve.plot([], [], linewidth=1.2, marker="o", markersize=5, **red)
        (self._dot,) = line.plot([], [], "o", markersize=11, markeredgecolor="white", **red)
        (self._series,) = steps.plot([], [], linewidth=1.2, marker="o", markersize=5, **red)
        self._notice = notice(steps, y=0.9)
        return fig

    def draw(self):
        x = np.linspace(-X, X, 201)
        self._bowl.set_data(x, self._loss(x))
        path = np.clip(self.path, -FAR, FAR)
        self._zigzag.set_data(path, np.clip(self._loss(path), 0, FAR))
        self._dot.set_data([np.clip(self.factor, -1.8, 1.15)], [0.5])
        self._series.set_data(np.arange(len(path)), path)
        away = abs(self._path[-1]) > X
        self._notice.set_text(f"off the picture: x = {number(self._path[-1])}" if away else "")
        return f"1 − ηλ = {number(self.factor)}: {self._words()}; x = {number(self._path[-1])} {self._after()}"

    def _after(self):
        return f"after {self.position} step{'s' * (self.position != 1)}"

    def _words(self):
        factor, left = self.factor, number(100 * abs(self.factor))
        if not self.start_x:
            return "it starts at the lowest point, and stays there"
        if abs(factor) < 1e-9:
            return "one step arrives"
        if abs(abs(factor) - 1) < 1e-9:
            return "each step swings to the other side, as far away" if factor < 0 else "no step at all"
        if abs(factor) > 1:
            return f"each step swings across to {left} % of the distance, so it diverges"
        way = "crosses over and leaves" if factor < 0 else "leaves"
        return f"each step {way} {left} % of the distance"
