"""What the experiments on gradient descent share: its steps by the tape, the bowl it runs in, and its two pictures."""

import numpy as np

import course as tf
from course import plots
from course.experiments.base import FAR, Experiment, room


class Descent(Experiment):
    """Gradient descent on f(x) = x·W + b. One needs the controls `learning_rate` (or a property) and `epochs`, the
    variables `_W` and `_b`, and the method `_loss(W, b)`; its `begin` calls `_start`."""

    step_name = "epoch"

    @property
    def total(self):
        return self.epochs

    @property
    def path(self):
        """W and b at the start and after each epoch, of shape (position + 1, 2)."""
        return np.array(self._path)

    @property
    def losses(self):
        """The loss at each point of `path`."""
        return np.array(self._losses)

    def _start(self, W, b):
        self._W.assign(W)
        self._b.assign(b)
        self._path, self._losses = [], []
        self._note()

    def advance(self):
        with tf.GradientTape() as tape:
            loss = self._loss(self._W, self._b)
        dW, db = tape.gradient(loss, [self._W, self._b])
        self._W.assign_sub(self.learning_rate * dW)
        self._b.assign_sub(self.learning_rate * db)
        self._note()

    def _note(self):
        self._path.append((float(self._W), float(self._b)))
        self._losses.append(float(self._loss(self._W, self._b)))

    def _slope_and_hessian(self):
        """The loss's gradient at W and b, of shape (2,), and its Hessian, of shape (2, 2), by nested tapes."""
        variables = [self._W, self._b]
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                loss = self._loss(*variables)
            gradient = tf.stack(inner.gradient(loss, variables))
        return gradient.numpy(), tf.stack(outer.jacobian(gradient, variables), axis=1).numpy()

    def _build_lines(self):
        """The path on the map and the losses on the curve, each with a larger point where it is now."""
        path = {"linewidth": 1.4, "marker": "o", "markersize": 3.5, "zorder": 3}
        here = {"marker": "o", "markersize": 9, "markeredgecolor": "white", "zorder": 4}
        both = {"color": plots.CYCLE[3], "animated": True}
        self._lines = [(*ax.plot([], [], **path, **both), *ax.plot([], [], **here, **both)) for ax in self._axes]

    def _draw_lines(self, path, epochs, heights, reach=1.0):
        """Moves them to the points of `path`, those beyond FAR times `reach` drawn nearer, and to the `heights`."""
        away = path - self._minimum
        away *= np.minimum(1, FAR * reach / np.maximum(abs(away).max(axis=1, keepdims=True), reach))
        for (line, here), (x, y) in zip(self._lines, ((away + self._minimum).T, (epochs, heights))):
            line.set_data(x, y)
            here.set_data(x[-1:], y[-1:])

    def _epochs_shown(self):
        slider = self.controls["epochs"]
        return room(self.epochs, slider.default, slider.high)

    def _after(self):
        return f"after {self.position} epoch{'s' * (self.position != 1)}"
