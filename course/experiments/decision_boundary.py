"""How does a network learn where one class ends and the other begins? Its boundary and its loss, epoch by epoch."""

import numpy as np

import course as tf
from course import datasets, plots
from course.experiments.base import Choice, Experiment, Slider, Switch, notice, number, panels
from course.keras import initializers, layers, models, optimizers

NUM_POINTS, BATCH_SIZE, FAINTEST = 200, 25, 1e-3
SETS = {
    "moons": lambda: datasets.moons(NUM_POINTS, stddev=0.15),
    "circles": lambda: datasets.circles(NUM_POINTS),
    "spirals": lambda: datasets.spirals(NUM_POINTS),
}


class DecisionBoundary(Experiment):
    """A network with one hidden layer, which learns to tell two classes of points in the plane apart.

    An epoch is eight batches of 25 points, with Adam. A new learning rate changes the steps to come; any other
    parameter begins again, with new weights.

    Args:
        values: parameters other than the chapter's: `points`, `width`, `activation`, `learning_rate`, `seed`, `folds`.
    """

    points = Choice("moons", SETS, "data set")
    width = Choice(8, (1, 2, 3, 4, 6, 8, 12, 16, 24, 32), "hidden units")
    activation = Choice("relu", ("relu", "tanh", "sigmoid", "linear"), "activation")
    learning_rate = Slider(0.03, 0.001, 1.0, "learning rate η", log=True, restarts=False)
    seed = Slider(0, 0, 9, "seed of the start")
    folds = Switch(True, "lines of the units", restarts=False)

    step_name, replays, total = "epoch", False, 60

    @property
    def start(self):
        return self.total  # 60 epochs take a fifth of a second

    @property
    def losses(self):
        """The loss over all points, at the start and after each epoch."""
        return np.array(self._losses)

    @property
    def right(self):
        """For which of the points the network says the right class: an array of bool."""
        return self._model(self._inputs).numpy().argmax(axis=-1) == self._labels.numpy()

    @property
    def probability_map(self):
        """x, y and, in a row for each y, the probability of class 1 at each point of the map."""
        x, y = (np.linspace(*ends, 61) for ends in self._window())
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        return x, y, tf.nn.softmax(self._model(grid)).numpy()[:, 1].reshape(61, 61)

    def begin(self):
        self._inputs, self._labels = SETS[self.points]()
        first, second = (initializers.GlorotUniform(seed) for seed in (self.seed, self.seed + 10))
        # In float64 the losses come out the same on every processor.
        hidden = layers.Dense(self.width, self.activation, kernel_initializer=first, dtype="float64", name="hidden")
        logits = layers.Dense(2, kernel_initializer=second, dtype="float64", name="logits")
        self._model = models.Sequential([hidden, logits], name="boundary")
        self._optimizer = optimizers.Adam(self.learning_rate)
        self._generator = np.random.default_rng(self.seed)
        self.rates = []  # the learning rate of each epoch
        self._losses = [self._loss(self._inputs, self._labels)]

    def _loss(self, inputs, labels):
        logits = self._model(inputs)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

    def advance(self):
        self._optimizer.learning_rate = self.learning_rate
        for rows in self._generator.permutation(NUM_POINTS).reshape(-1, BATCH_SIZE):
            with tf.GradientTape() as tape:
                loss = self._loss(tf.gather(self._inputs, rows), tf.gather(self._labels, rows))
            variables = self._model.trainable_variables
            self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        self.rates.append(self.learning_rate)
        self._losses.append(self._loss(self._inputs, self._labels))

    def build(self):
        labels = ("What the network says", "x₁", "x₂"), ("The loss after each epoch", "epoch", "loss (log scale)")
        fig, (chart, curve) = panels(*labels, height=4.2, width_ratios=[1.25, 1])
        chart.grid(False)
        curve.set(yscale="log", xlim=(-0.03 * self.total, 1.03 * self.total), ylim=(FAINTEST, 10))
        self._axes, self._drawn_points = (chart, curve), None
        shown = {"cmap": plots.CLASS_MAP, "vmin": 0, "vmax": 1, "origin": "lower", "aspect": "auto"}
        self._image = chart.imshow(np.full((61, 61), 0.5), interpolation="bilinear", animated=True, **shown)
        (self._fold_lines,) = chart.plot([], [], color="#555555", linewidth=0.9, linestyle=":", animated=True)
        (self._boundary,) = chart.plot([], [], color="black", linewidth=2, animated=True)
        self._dots = plots.class_points(chart, np.empty((0, 2)), np.empty(0), animated=True)
        ring = {"markersize": 10, "markerfacecolor": "none", "markeredgewidth": 1.5, "animated": True}
        (self._wrong,) = chart.plot([], [], "o", markeredgecolor=plots.PREDICTION, **ring, label="wrong")
        fig.legend(handles=[*self._dots, self._wrong], loc="outside upper center", ncols=3, frameon=False)
        (self._curve,) = curve.plot([], [], color=plots.CYCLE[3], linewidth=1.4, animated=True)
        here = {"markersize": 9, "markeredgecolor": "white", "animated": True}
        (self._here,) = curve.plot([], [], "o", color=plots.CYCLE[3], **here)
        place = {"ha": "right", "va": "top", "transform": curve.transAxes}
        self._rate = curve.text(0.98, 0.98, "", animated=True, **place)
        self._notice = notice(curve)
        return fig

    def _window(self):
        """The ends of the map along both axes."""
        low, high = self._inputs.numpy().min(axis=0), self._inputs.numpy().max(axis=0)
        return np.stack([low - 0.3, high + 0.3], axis=1).astype(float)

    def draw(self):
        chart, _ = self._axes
        inputs, labels = self._inputs.numpy(), self._labels.numpy()
        if self._drawn_points != self.points:
            ends = self._window()
            chart.set(xlim=ends[0], ylim=ends[1])
            self._image.set_extent(ends.ravel())
            for kind, dots in enumerate(self._dots):
                dots.set_data(*inputs[labels == kind].T)
            self._drawn_points = self.points
        x, y, p = self.probability_map
        self._image.set_data(p)
        self._boundary.set_data(plots.level_line(x, y, p, 0.5))
        kernel, bias = self._model.layers[0].get_weights()
        self._fold_lines.set_data(plots.fold_lines(kernel, bias) if self.folds else ([], []))
        self._wrong.set_data(*inputs[~self.right].T)
        losses = self.losses
        shown = np.isfinite(losses) & (losses > 0)
        epochs, heights = np.flatnonzero(shown), np.clip(losses[shown], FAINTEST, 10)
        self._curve.set_data(epochs, heights)
        self._here.set_data(epochs[-1:], heights[-1:])
        self._rate.set_text(f"η = {number(self.learning_rate)}")
        return self._words(float(losses[-1]))

    def _words(self, loss):
        """The status line; and the notice, for a loss that the curve cannot show."""
        self._notice.set_text("")
        if not FAINTEST <= loss <= 10:
            end = "above" if loss > 10 else "below"
            self._notice.set_text(f"loss {number(loss)},\n{end} the axis" if np.isfinite(loss) else "no finite loss")
        after = f"after {self.position} epoch{'s' * (self.position != 1)}"
        units = f"{self.width} {self.activation} unit{'s' * (self.width != 1)}"
        return (
            f"{self.points}, {units}, learning rate {number(self.learning_rate)}: loss {number(loss)} {after}, "
            f"{self.right.sum()} of {NUM_POINTS} points right"
        )
