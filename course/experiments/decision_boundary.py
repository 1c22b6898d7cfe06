"""How does a network learn where one class ends and the other begins? The network, unit by unit."""

import numpy as np
from matplotlib.collections import LineCollection

import course as tf
from course import datasets, plots
from course.experiments.base import Choice, Experiment, Handle, Slider, Switch, mosaic, notice, number, room
from course.keras import initializers, layers, models, optimizers

NUM_POINTS, BATCH_SIZE, FAINTEST = 200, 25, 1e-3
SIDE, ROWS, COLUMNS = 61, 300, 400  # points along the map's sides; pixels of the picture of the network
SETS = {
    "moons": lambda: datasets.moons(NUM_POINTS, stddev=0.15),
    "circles": lambda: datasets.circles(NUM_POINTS),
    "spirals": lambda: datasets.spirals(NUM_POINTS),
}


class DecisionBoundary(Experiment):
    """A network with one to three hidden layers, which learns to tell two classes of points in the plane apart.

    An epoch is eight batches of 25 points, with Adam. A new learning rate changes the steps to come; any other
    parameter begins again, with new weights.

    Args:
        values: parameters other than the chapter's: `points`, `width`, `depth`, `activation`, `learning_rate`, `seed`,
            `folds`, and `unit`, the number of the unit that is pointed at, from 1 in the first layer.
    """

    question = "With how few units can one layer close its boundary around the circles?"

    points = Choice("moons", SETS, "data set")
    activation = Choice("relu", ("relu", "tanh", "sigmoid", "linear"), "activation")
    width = Choice(8, (1, 2, 3, 4, 6, 8, 12, 16, 24, 32), "units in a layer")
    depth = Slider(1, 1, 3, "hidden layers")
    learning_rate = Slider(0.03, 0.001, 1.0, "learning rate η", log=True, restarts=False)
    seed = Slider(0, 0, 9, "seed of the start")
    unit = Slider(0, 0, 96, "unit pointed at", restarts=False, in_picture=True)
    folds = Switch(True, "where units of the first layer fold", restarts=False)

    pointer = Handle("unit pointed at", area=True, hover=True, along="xy", keys="unit")

    step_name, replays, total, start = "epoch", False, 10_000, 60
    open_end, interval = True, 0.1

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
        x, y, _, logits = self._look()
        return x, y, tf.nn.softmax(logits).numpy()[:, 1].reshape(SIDE, SIDE)

    def _look(self):
        """The map's sides, what each hidden layer's units say at each of its points, and the logits."""
        x, y = (np.linspace(*ends, SIDE) for ends in self._window())
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        values, hidden = tf.constant(grid, tf.float32), []  # as the model takes them
        for layer in self._model.layers[:-1]:
            values = layer(values)
            hidden.append(values.numpy())
        return x, y, hidden, self._model.layers[-1](values)

    @property
    def pointed(self):
        """The layer and the number of the unit that is pointed at, both from 0; None if there is no such unit."""
        return divmod(self.unit - 1, self.width) if 0 < self.unit <= self.depth * self.width else None

    def begin(self):
        self._inputs, self._labels = SETS[self.points]()
        # In float64 the losses come out the same on every processor.
        *hidden, logits = (
            layers.Dense(units, activation, kernel_initializer=initializers.GlorotUniform(seed), dtype="float64")
            for units, activation, seed in (
                *((self.width, self.activation, self.seed + 20 * k) for k in range(self.depth)),
                (2, None, self.seed + 10),
            )
        )
        self._model = models.Sequential([*hidden, logits], name="boundary")
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
        labels = {
            "net": ("The network: a map of each unit", "", ""),
            "chart": ("What the network says", "x₁", "x₂"),
            "curve": ("", "epoch", "loss"),
        }
        layout = [["net", "chart"], ["curve", "chart"]]
        fig, axes = mosaic(layout, labels, height=4.9, width_ratios=[1.1, 1], height_ratios=[3.2, 1])
        net, chart, curve = (axes[name] for name in labels)
        net.set(xlim=(0, COLUMNS), ylim=(0, ROWS), xticks=[], yticks=[])
        for axis in (net, chart):
            axis.grid(False)
        for side in net.spines.values():
            side.set_visible(False)
        curve.set(yscale="log", xlim=self._epochs_shown(), ylim=(FAINTEST, 10))
        self._axes, self._drawn_points = (chart, curve), None
        self._edges = LineCollection([], animated=True, zorder=1)
        net.add_collection(self._edges)
        blank = np.zeros((ROWS, COLUMNS, 4), np.uint8)
        net.set_autoscale_on(False)
        whole = {"extent": (0, COLUMNS, 0, ROWS), "origin": "lower", "aspect": "auto", "zorder": 2}
        self._maps = net.imshow(blank, interpolation="nearest", animated=True, **whole)
        (self._frame,) = net.plot([], [], color=plots.PREDICTION, linewidth=2, animated=True, zorder=3)
        self._hint = net.text(40, 8, "point at a unit,\nor drag this", va="center", fontsize=9, animated=True)
        (self._unit_line,) = chart.plot([], [], color=plots.PREDICTION, linewidth=2, animated=True, zorder=2.5)
        shown = {"cmap": plots.CLASS_MAP, "vmin": 0, "vmax": 1, "origin": "lower", "aspect": "auto"}
        self._image = chart.imshow(np.full((SIDE, SIDE), 0.5), interpolation="bilinear", animated=True, **shown)
        (self._fold_lines,) = chart.plot([], [], color="#555555", linewidth=0.9, linestyle=":", animated=True)
        (self._boundary,) = chart.plot([], [], color="black", linewidth=2, animated=True)
        self._dots = plots.class_points(chart, np.empty((0, 2)), np.empty(0), animated=True)
        ring = {"markersize": 8, "markerfacecolor": "none", "markeredgewidth": 1.2, "animated": True}
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

    def _epochs_shown(self):
        return room(max(self.position, 60), 60)

    def draw(self):
        chart, curve = self._axes
        inputs, labels = self._inputs.numpy(), self._labels.numpy()
        if self._drawn_points != self.points:
            ends = self._window()
            chart.set(xlim=ends[0], ylim=ends[1])
            self._image.set_extent(ends.ravel())
            for kind, dots in enumerate(self._dots):
                dots.set_data(*inputs[labels == kind].T)
            self._drawn_points = self.points
        if curve.get_xlim() != (shown := self._epochs_shown()):
            curve.set_xlim(shown)
        x, y, hidden, logits = self._look()
        p = tf.nn.softmax(logits).numpy()[:, 1].reshape(SIDE, SIDE)
        self._draw_network(x, y, hidden, p)
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

    # The network

    @property
    def _centres(self):
        """For each layer, inputs and output included, the centres of its units in the picture, shape (units, 2)."""
        columns = np.linspace(34, COLUMNS - 34, self.depth + 2)
        counts = [2, *[self.width] * self.depth, 1]
        return [
            np.stack([np.full(n, x), ROWS * (1 - (np.arange(n) + 0.5) / max(n, 4) - (1 - n / max(n, 4)) / 2)], 1)
            for x, n in zip(columns, counts)
        ]

    @property
    def _size(self):
        """The side of a unit's map, in the picture's pixels."""
        return int(min(56, 0.92 * ROWS / max(self.width, 2)))

    def _draw_network(self, x, y, hidden, p):
        """Each unit's map, and an edge for each weight: the larger, the wider; blue if negative, orange if positive."""
        centres = self._centres
        picture = np.zeros((ROWS, COLUMNS, 4), np.uint8)
        plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        for layer, (values, places) in enumerate(zip([plane, *hidden, 2 * p.reshape(-1, 1) - 1], centres)):
            size = self._size if 0 < layer <= self.depth else 56
            rows = np.linspace(0, SIDE - 1, size).round().astype(int)
            values = values - values.mean(axis=0) * (layer == 0)
            scaled = values / np.maximum(abs(values).max(axis=0), 1e-12)
            for value, (column, row) in zip(np.nan_to_num(scaled).T, places):
                pixels = plots.CLASS_MAP(0.5 + value.reshape(SIDE, SIDE)[np.ix_(rows, rows)] / 2, bytes=True)
                pixels[[0, -1]] = pixels[:, [0, -1]] = (110, 110, 110, 255)
                low, left = int(row - size / 2), int(column - size / 2)
                picture[low : low + size, left : left + size] = pixels
        self._maps.set_data(picture)
        weights = [layer.get_weights()[0] for layer in self._model.layers]
        weights[-1] = weights[-1][:, 1:] - weights[-1][:, :1]  # for class 1, less for class 0
        lines, strengths = [], []
        for kernel, left, right in zip(weights, centres, centres[1:]):
            lines += [(a, b) for a in left for b in right]
            strengths.append(np.nan_to_num(kernel / max(abs(kernel).max(), 1e-12)).ravel())
        strengths = np.concatenate(strengths)
        self._edges.set_segments(lines)
        self._edges.set_linewidths(0.1 + 3 * abs(strengths) * min(1, 8 / self.width))
        self._edges.set_color([plots.CLASS_COLORS[int(strength > 0)] for strength in strengths])
        self._edges.set_alpha(0.7)
        for artist in (self._frame, self._unit_line):
            artist.set_data([], [])
        self._hint.set_text("" if self.pointed else "point at a unit,\nor drag this")
        if self.pointed:
            layer, unit = self.pointed
            kernel, bias = self._model.layers[layer].get_weights()
            sums = ([plane, *hidden][layer] @ kernel[:, unit] + bias[unit]).reshape(SIDE, SIDE)
            if np.isfinite(sums).all():
                self._unit_line.set_data(plots.level_line(x, y, sums, 0.0))
            half, (column, row) = self._size / 2 + 2, centres[layer + 1][unit]
            corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half + (column, row)
            self._frame.set_data(*corners.T)

    @pointer.place
    def pointer_place(self):
        if not self.pointed:
            return 8.0, 8.0
        layer, unit = self.pointed
        return tuple(self._centres[layer + 1][unit])

    @pointer.move
    def pointer_move(self, x, y):
        # The nearest unit of the nearest column: small units need not be hit.
        layer = int(np.argmin([abs(centres[0, 0] - x) for centres in self._centres])) - 1
        if not 0 <= layer < self.depth:
            return {"unit": 0}
        return {"unit": layer * self.width + int(np.argmin(abs(self._centres[layer + 1][:, 1] - y))) + 1}

    @pointer.words
    def pointer_words(self):
        return f"unit {self.pointed[1] + 1} of layer {self.pointed[0] + 1}" if self.pointed else "none"

    def _words(self, loss):
        """The status line; and the notice, for a loss that the curve cannot show."""
        self._notice.set_text("")
        if not FAINTEST <= loss <= 10:
            end = "above" if loss > 10 else "below"
            self._notice.set_text(f"loss {number(loss)},\n{end} the axis" if np.isfinite(loss) else "no finite loss")
        after = f"after {self.position} epoch{'s' * (self.position != 1)}"
        units = f"{self.depth} × " * (self.depth > 1) + f"{self.width} {self.activation} unit{'s' * (self.width != 1)}"
        return (
            f"{self.points}, {units}, learning rate {number(self.learning_rate)}: loss {number(loss)} {after}, "
            f"{self.right.sum()} of {NUM_POINTS} points right"
            + (f"; pointing at {self.pointer_words()}" if self.pointed else "")
        )
