"""What do the learning rate and momentum do together? A map of both: press anywhere, and see the path."""

import numpy as np

import course as tf
from course import plots
from course.experiments.base import FAR, Experiment, Handle, Slider, action, mosaic, notice, number
from course.experiments.relief import Relief
from course.keras import optimizers

LEVELS = np.array([3, 5, 10, 20, 50, 100, 200, 500, 1000])  # steps for a tenth; the map's lines
NEVER = 1e5
BELOW = -0.04  # the map begins a little below β = 0, so that a point there is whole
X, Y = (-2.5, 2.5), (-1.5, 1.5)


class Momentum(Experiment):
    """Descent with momentum on the ravine (x² + κ·y²)/2: v ← β·v − η·gradient, then w ← w + v.

    Along an axis of curvature λ the distance d follows d₊₁ = (1 + β − ηλ)·d − β·d₋₁. Its factors are the roots r of
    r² − (1 + β − ηλ)·r + β = 0: complex ones swing, and have the size √β (Goh, "Why Momentum Really Works", 2017).

    Args:
        values: `rate` (η times the larger curvature κ), `beta`, `kappa`, `start_x`, `start_y`.
    """

    question = (
        "Take hold of the point, and look on the map for the fewest of all: how many steps are they, and at which β?"
    )

    rate = Slider(1.8, 0.02, 3.98, "rate × curvature", step=0.02, in_picture=True)
    beta = Slider(0.0, 0.0, 0.98, "momentum β", step=0.01, in_picture=True)
    kappa = Slider(50.0, 2.0, 400.0, "κ, steep / flat", log=True)
    start_x = Slider(-2.0, -2.4, 2.4, "start x", step=0.1, in_picture=True)
    start_y = Slider(1.0, -1.4, 1.4, "start y", step=0.1, in_picture=True)

    spot = Handle("η and β on the map", "rate", "beta", area=True)
    begins = Handle("start", "start_x", "start_y", axes=1, area=True)

    step_name, total = "step", 60

    @property
    def learning_rate(self):
        """η itself."""
        return self.rate / self.kappa

    @property
    def factors(self):
        """By what a step multiplies the distance in the long run: along the ravine (λ = 1) and across it (λ = κ)."""
        return tuple(float(factor(self.learning_rate * curvature, self.beta)) for curvature in (1.0, self.kappa))

    @property
    def path(self):
        """x and y at the start and after each step, of shape (position + 1, 2)."""
        return np.array(self._path)

    @property
    def losses(self):
        """The loss at each point of `path`."""
        return (self.path[:, 0] ** 2 + self.kappa * self.path[:, 1] ** 2) / 2

    def begin(self):
        self._point = tf.Variable([self.start_x, self.start_y], dtype="float64")
        self._optimizer = optimizers.SGD(self.learning_rate, momentum=self.beta)
        self._curvatures = tf.constant([1.0, self.kappa], tf.float64)
        self._path = [self._point.numpy()]

    def advance(self):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(self._curvatures * tf.square(self._point)) / 2
        self._optimizer.apply_gradients([(tape.gradient(loss, self._point), self._point)])
        self._path.append(self._point.numpy())

    @action("Best rate", icon="arrows-h", tooltip="Leave β, and move the rate to where the fewest steps are needed")
    def best_rate(self):
        """The rate on the slider that needs the fewest steps with the present β."""
        slider = self.controls["rate"]
        rates = np.arange(slider.low, slider.high, slider.step)
        self.set(rate=slider.nearest(rates[np.argmin(self._slower(rates, self.beta))]))

    def build(self):
        labels = {
            "map": ("Steps until a tenth of the distance is left", "η · κ", "momentum β"),
            "path": ("The path in the ravine", "x, along", "y, across"),
            "loss": ("The loss after each step", "step", "loss (log scale)"),
        }
        fig, axes = mosaic([["map", "path"], ["map", "loss"]], labels, height=4.6, width_ratios=[1.15, 1])
        map_, path, loss = self._axes = [axes[name] for name in labels]
        map_.set(xlim=(0, 4), ylim=(BELOW, 1))
        self._relief = Relief(map_, labels=(0, 0))
        beta = np.linspace(0, 1, 101)
        area = {"color": "#F7DDD6", "linewidth": 0, "zorder": 0.7, "animated": True}
        map_.fill_betweenx([BELOW, *beta], [2, *2 * (1 + beta)], 4, **area)
        thick = {"color": "#444444", "linewidth": 1.4, "zorder": 0.8, "animated": True}
        map_.plot(2 * (1 + beta), beta, **thick)
        map_.plot((1 - np.sqrt(beta)) ** 2, beta, linestyle="--", **thick)
        map_.plot((1 + np.sqrt(beta)) ** 2, beta, linestyle="--", **thick)
        around = {"ha": "center", "va": "center", "fontsize": 9, "fontweight": "bold", "color": "#333333"}
        for x, y, words, turn in (
            (3.2, 0.22, "diverges", 0),
            (1.0, 0.93, "swings across", 0),
            (0.12, 0.14, "creeps", 90),
        ):
            map_.text(x, y, words, rotation=turn, zorder=0.9, animated=True, **around)
        # Too narrow for its name: that stands beside it.
        pointing = {"xytext": (3.2, 0.06), "arrowprops": {"arrowstyle": "-", "color": "#333333"}}
        map_.annotate("jumps over", (1.98, 0.06), **pointing, zorder=0.9, animated=True, **around)
        red = {"color": plots.PREDICTION, "animated": True}
        (self._spot,) = map_.plot([], [], "o", markersize=10, markeredgecolor="white", zorder=6, **red)
        path.set(xlim=X, ylim=Y)
        self._ravine = Relief(path, labels=None)
        (self._way,) = path.plot([], [], linewidth=1.2, marker="o", markersize=3.5, **red)
        loss.set(yscale="log", ylim=(1e-8, 1e4), xlim=(-1, self.total + 1))
        (self._fall,) = loss.plot([], [], linewidth=1.8, **red)
        (self._pace,) = loss.plot([], [], **plots.TRUTH, animated=True, label="the map's pace")
        loss.legend(loc="upper right")
        self._notice = notice(path, y=0.9)
        return fig

    def _map(self):
        rate, beta = np.linspace(0, 4, 161), np.linspace(BELOW, 1, 126)
        return rate, beta, steps(self._slower(rate, np.maximum(beta, 0)[:, None]))

    def _slower(self, rate, beta):
        """The factor of the axis that needs more steps."""
        return np.maximum(*(factor(rate * curvature / self.kappa, beta) for curvature in (1.0, self.kappa)))

    def _heights(self):
        x, y = np.linspace(*X, 81), np.linspace(*Y, 81)
        return x, y, np.log2(1e-3 + (x**2 + self.kappa * y[:, None] ** 2) / 2)

    def draw(self):
        self._relief.show(self.kappa, self._map, lambda z: LEVELS[(z.min() < LEVELS) & (LEVELS < NEVER)])
        self._ravine.show(self.kappa, self._heights, lambda z: np.arange(-3, np.ceil(z.max())))
        self._spot.set_data([self.rate], [self.beta])
        path = np.clip(self.path, -FAR, FAR)
        outside = np.flatnonzero((abs(path) > (X[1], Y[1])).any(axis=1))
        if len(outside) and max(self.factors) > 1:  # it does not return: more of it would only cover the map
            path = path[: outside[0] + 1]
        self._way.set_data(*path.T)
        losses, k = self.losses, np.arange(self.position + 1)
        self._fall.set_data(k, np.clip(losses, 1e-30, 1e30))
        self._pace.set_data(k, np.clip(losses[0] * max(self.factors) ** (2.0 * k), 1e-30, 1e30))
        x, y = self._path[-1]
        inside = abs(x) <= X[1] and abs(y) <= Y[1]
        self._notice.set_text("" if inside else "off the map")
        return self._words(losses[-1])

    def _words(self, loss):
        factor = max(self.factors)
        after = f"loss {number(loss)} after {self.position} step{'s' * (self.position != 1)}"
        if factor > 1 - 1e-9:
            verdict = "the loss grows without end" if factor > 1 + 1e-9 else "it swings for ever"
        else:
            slow = "along" if self.factors[0] >= self.factors[1] else "across"
            verdict = f"slowest {slow} the ravine, where a tenth is left after {steps(factor):.0f} steps"
        kind = mode(self.rate, self.beta)
        return f"ηκ = {number(self.rate)}, β = {number(self.beta)}: {kind} across the ravine; {verdict}; {after}"


def factor(rate, beta):
    """The size of the larger root r of r² − (1 + β − ηλ)·r + β = 0, for ηλ = `rate`."""
    total = 1 + beta - rate
    root = total**2 - 4 * beta
    real = (np.abs(total) + np.sqrt(np.maximum(root, 0))) / 2
    return np.where(root < 0, np.sqrt(beta), real)


def steps(factor):
    """How many steps leave a tenth, if each multiplies by `factor`; at most NEVER."""
    with np.errstate(divide="ignore"):
        needed = np.log(0.1) / np.log(np.clip(factor, 1e-9, 1 - 1e-12))
    return np.minimum(np.maximum(needed, 1), NEVER)


def mode(rate, beta):
    """What the roots for ηλ = `rate` do, in words."""
    if rate > 2 * (1 + beta):
        return "diverges"
    if (1 - beta**0.5) ** 2 < rate < (1 + beta**0.5) ** 2:
        return "swings"
    return "creeps" if rate <= (1 - beta**0.5) ** 2 else "jumps over"
