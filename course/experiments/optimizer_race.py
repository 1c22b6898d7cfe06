"""Which optimizer gets down a ravine first, and what decides it? Each one's path and loss, step by step."""

import numpy as np

import course as tf
from course import plots
from course.experiments.base import FAR, Choice, Experiment, Handle, Key, Slider, Switch, notice, number, panels, room
from course.experiments.relief import Relief
from course.keras import optimizers

X, Y = (-2.5, 2.5), (-1.5, 2.5)  # the map
HALF = 0.5**0.5


def ravine(x, y):
    """The chapter's: curvature 1 along x, 50 along y."""
    return (tf.square(x) + 50.0 * tf.square(y)) / 2


def turned(x, y):
    """The same, turned by 45°."""
    return ravine(HALF * (x + y), HALF * (y - x))


def rosenbrock(x, y):
    """A bent ravine with its lowest point at (1, 1): Rosenbrock, 1960 (The Computer Journal 3)."""
    return tf.square(1.0 - x) + 100.0 * tf.square(y - tf.square(x))


SURFACES = {"straight": ravine, "turned": turned, "bent": rosenbrock}
ENTRANTS = {
    "SGD": lambda rate, beta: optimizers.SGD(rate),
    "momentum": lambda rate, beta: optimizers.SGD(rate, momentum=beta),
    "Nesterov": lambda rate, beta: optimizers.SGD(rate, momentum=beta, nesterov=True),
    "Adagrad": lambda rate, beta: optimizers.Adagrad(rate),
    "RMSprop": lambda rate, beta: optimizers.RMSprop(rate),
    "Adam": lambda rate, beta: optimizers.Adam(rate),
}
COLORS = dict(zip(ENTRANTS, (plots.CYCLE[i] for i in (5, 0, 1, 2, 4, 3))))


def rate_of(optimizer, value):
    return Slider(value, 0.0001, 2.0, f"{optimizer} η", log=True, switch=optimizer.lower())


class OptimizerRace(Experiment):
    """Six optimizers of `course.optimizers`, from one start, on a loss of two parameters x and y.

    An optimizer whose learning rate is moved takes part.

    Args:
        values: parameters other than the chapter's: `surface`, `steps`, `start_x`, `start_y`; and for each optimizer,
            by its name in lower case, whether it runs and its learning rate, such as `sgd=False, adam_rate=0.2`.
            `beta` is the momentum of two of them, `noise` the standard deviation of what is added to each slope, the
            same for all.
    """

    question = "Then add noise of 2 to the slopes: which three still come near the lowest point?"

    inks = COLORS

    surface = Choice("straight", SURFACES, "ravine")
    steps = Slider(60, 1, 200, "steps", restarts=False)
    start_x = Slider(-2.0, -2.4, 2.4, "start x", step=0.1, in_picture=True)
    start_y = Slider(1.0, -1.4, 2.4, "start y", step=0.1, in_picture=True)
    beta = Slider(0.9, 0.0, 0.98, "momentum β", step=0.01)
    noise = Slider(0.0, 0.0, 3.0, "noise in slopes", step=0.1)
    begins = Handle("start", "start_x", "start_y", area=True)
    sgd, sgd_rate = Switch(True, "SGD"), rate_of("SGD", 0.036)
    momentum, momentum_rate = Switch(True, "momentum"), rate_of("momentum", 0.02)
    nesterov, nesterov_rate = Switch(True, "Nesterov"), rate_of("Nesterov", 0.02)
    adagrad, adagrad_rate = Switch(False, "Adagrad"), rate_of("Adagrad", 0.5)
    rmsprop, rmsprop_rate = Switch(False, "RMSprop"), rate_of("RMSprop", 0.05)
    adam, adam_rate = Switch(True, "Adam"), rate_of("Adam", 0.1)

    step_name = "step"

    @property
    def total(self):
        return self.steps

    @property
    def paths(self):
        """For each optimizer that runs, x and y at the start and after each step, of shape (position + 1, 2)."""
        return {name: np.array(path) for name, (_, _, path) in self._runs.items()}

    @property
    def losses(self):
        """For each optimizer that runs, the loss at each point of its path."""
        return {name: SURFACES[self.surface](*path.T).numpy() for name, path in self.paths.items()}

    def update(self, *changed):
        for name in map(str.lower, ENTRANTS):
            if changed == (f"{name}_rate",):
                vars(self)[name] = True
        super().update(*changed)

    def begin(self):
        self._runs, self._slopes = {}, np.random.default_rng(0)
        for name, optimizer in ENTRANTS.items():
            if getattr(self, name.lower()):
                point = tf.Variable([self.start_x, self.start_y], name=name)
                rate = getattr(self, f"{name.lower()}_rate")
                self._runs[name] = optimizer(rate, self.beta), point, [point.numpy()]

    def advance(self):
        loss_of, noise = SURFACES[self.surface], self.noise * self._slopes.normal(size=2).astype("float32")
        points = [point for _, point, _ in self._runs.values()]
        with tf.GradientTape() as tape:  # one for all: no point is in another's loss
            losses = loss_of(*tf.unstack(tf.stack(points), axis=1)) if points else None
        slopes = tape.gradient(losses, points) if points else []
        for (optimizer, point, path), slope in zip(self._runs.values(), slopes):
            optimizer.apply_gradients([(slope + noise, point)])
            path.append(point.numpy())

    def build(self):
        labels = ("The paths", "x", "y"), ("The loss after each step", "step", "loss (log scale)")
        fig, (chart, curve) = panels(*labels, height=4.2, width_ratios=[1.1, 1])
        chart.set(xlim=X, ylim=Y)
        self._relief = Relief(chart, labels=None)
        curve.set(yscale="log", ylim=(1e-6, 1e4), xlim=self._steps_shown())
        curve.xaxis.get_major_locator().set_params(integer=True)
        self._axes = chart, curve
        (self._cross,) = chart.plot([], [], "x", color="black", markersize=8, markeredgewidth=2, animated=True)
        self._lines = {}
        for name, color in COLORS.items():
            path = {"color": color, "linewidth": 1.4, "animated": True, "label": name}
            here = {"color": color, "marker": "o", "markersize": 8, "markeredgecolor": "white", "animated": True}
            dots = {"marker": "o", "markersize": 2.5}
            self._lines[name] = [
                (*ax.plot([], [], **path, **more), *ax.plot([], [], **here))
                for ax, more in ((chart, dots), (curve, {}))
            ]
        self._key = Key(fig, [line for (line, _), _ in self._lines.values()], "upper center")
        self._notice = notice(chart, y=0.07)
        return fig

    def _steps_shown(self):
        slider = self.controls["steps"]
        return room(self.steps, slider.default, slider.high)

    def _heights(self):
        x, y = np.linspace(*X, 161), np.linspace(*Y, 129)
        return x, y, SURFACES[self.surface](x, y[:, None]).numpy()

    def draw(self):
        chart, curve = self._axes
        self._relief.show(self.surface, self._heights, lambda z: 4.0 ** np.arange(-3, 6))
        lowest = 1.0 if self.surface == "bent" else 0.0
        self._cross.set_data([lowest], [lowest])
        if curve.get_xlim() != self._steps_shown():
            curve.set_xlim(self._steps_shown())
        self._key.show(set(self._runs))
        paths, losses = self.paths, self.losses
        for name, pairs in self._lines.items():
            path, heights = paths.get(name, np.empty((0, 2))), losses.get(name, np.empty(0))
            seen = np.isfinite(heights) & (heights > 0)
            for (line, here), (x, y) in zip(
                pairs, (np.clip(path[np.isfinite(heights)], -FAR, FAR).T, (np.flatnonzero(seen), heights[seen]))
            ):
                line.set_data(x, y)
                here.set_data(x[-1:], y[-1:])
        return self._words({name: float(heights[-1]) for name, heights in losses.items()}, paths)

    def _words(self, last, paths):
        """The status line: the losses, the lowest first; and the notice, for what the map cannot show."""
        if not last:
            self._notice.set_text("no optimizer runs")
            return "No optimizer runs: switch one on."
        away = [
            name
            for name, path in paths.items()
            if not (X[0] <= path[-1, 0] <= X[1] and Y[0] <= path[-1, 1] <= Y[1])  # NaN is away, too
        ]
        self._notice.set_text(f"off the map: {', '.join(away)}" * bool(away))
        ranked = sorted(last, key=lambda name: last[name] if np.isfinite(last[name]) else np.inf)
        shown = {name: number(loss) if np.isfinite(loss) else "beyond float32" for name, loss in last.items()}
        listed = ", ".join(f"{name} {shown[name]}" for name in ranked)
        after = f"after {self.position} step{'s' * (self.position != 1)}"
        return f"Ravine ({self.surface}): loss {after}, the lowest first: {listed}"
