"""Which moments of the data explain the published training log? The log, at any five moments, beside the published."""

import numpy as np

import course as tf
from course import datasets, plots
from course.experiments.base import Experiment, Handle, Slider, action, notice, number, panels

NAMES = {"xx": "mean of x²", "x": "mean of x", "xe": "mean of xε", "e": "mean of ε", "ee": "mean of ε²"}
SIX_DIGITS = 1e-6  # the relative difference below which two losses count as equal


class Moment(Slider):
    """A slider that shows thousandths: a fitted moment lies between its steps."""

    def readout(self, value):
        return f"{value:.3f}".replace("-", "−")


class PublishedRun(Experiment):
    """The 20 losses of a run from W = 5, b = 0 at learning rate 0.1, from five moments of its data alone.

    The outputs are 3x + 2 + ε, and the parameters are the means of x², x, xε, ε and ε².

    Args:
        moments: the five, in this order, at which the experiment begins.
        values: `xx`, `x`, `xe`, `e`, `ee`: single moments, in place of those of `moments`.

    Raises:
        ValueError: not five moments, or one out of its slider's range.
    """

    question = "After which of the two do the differences disappear again?"

    xx = Moment(1.0, 0.5, 1.5, NAMES["xx"], step=0.005)
    x = Moment(0.0, -0.5, 0.5, NAMES["x"], step=0.005)
    xe = Moment(0.0, -0.75, 0.75, NAMES["xe"], step=0.005)
    e = Moment(0.0, -0.55, 0.55, NAMES["e"], step=0.005)
    ee = Moment(1.0, 0.5, 2.5, NAMES["ee"], step=0.005)

    floor = Handle("the last loss, by the mean of ε²", along="y", keys="ee")
    end = Handle("where the run would end, by the means of xε and ε", axes=2)

    def __init__(self, moments=(1.0, 0.0, 0.0, 0.0, 1.0), **values):
        if np.shape(moments) != (5,):
            raise ValueError(
                f"PublishedRun: moments of shape {np.shape(moments)}. Give five, the {', '.join(NAMES.values())}."
            )
        self._published, self._held = datasets.published_losses().numpy(), "e"
        super().__init__(**dict(zip(NAMES, map(float, moments))) | values)

    @property
    def moments(self):
        """The five moments, of shape (5,)."""
        return np.array([getattr(self, name) for name in NAMES])

    @property
    def losses(self):
        """The 20 losses at these moments."""
        return self._losses

    @property
    def path(self):
        """W and b at the start and after each epoch, of shape (21, 2)."""
        return self._path

    @property
    def differences(self):
        """The sizes of the relative differences from the published losses."""
        return np.abs(self._losses / self._published - 1)

    @staticmethod
    def run(moments):
        """The losses as one tensor, and the list of W and b, of a run from `moments`, a tensor."""
        xx, x, xe, e, ee = tf.unstack(moments)
        W, b = tf.constant(5.0, tf.float64), tf.constant(0.0, tf.float64)
        losses, path = [], [(W, b)]
        for _ in range(20):
            with tf.GradientTape() as tape:
                tape.watch([W, b])
                p, q = W - 3.0, b - 2.0
                loss = p * p * xx + 2 * p * q * x + q * q - 2 * p * xe - 2 * q * e + ee
            dW, db = tape.gradient(loss, [W, b])
            W, b = W - 0.1 * dW, b - 0.1 * db
            losses.append(loss)
            path.append((W, b))
        return tf.stack(losses), path

    @floor.place
    def floor_place(self):
        return 20, float(self._losses[-1])

    @floor.move
    def floor_move(self, x, y):
        return {"ee": self.ee + y - float(self._losses[-1])}

    @floor.words
    def floor_words(self):
        return f"loss {number(self._losses[-1])}, mean of ε² {number(self.ee)}"

    @property
    def lowest(self):
        """W and b of the lowest loss, where the run would end."""
        hessian = np.array([[self.xx, self.x], [self.x, 1.0]])
        return np.array([3.0, 2.0]) + np.linalg.solve(hessian, [self.xe, self.e])

    @end.place
    def end_place(self):
        return tuple(self.lowest)

    @end.move
    def end_move(self, x, y):
        p, q = x - 3, y - 2
        return {"xe": p * self.xx + q * self.x, "e": p * self.x + q}

    @end.words
    def end_words(self):
        return f"W = {number(self.lowest[0])}, b = {number(self.lowest[1])}"

    @property
    def impossible(self):
        """Whether no points have these moments: their covariance matrix would have a negative eigenvalue."""
        xx, x, xe, e, ee = self.moments
        return (xx - x * x) * (ee - e * e) < (xe - x * e) ** 2

    def _response(self, moments):
        moments = tf.constant(moments)
        with tf.GradientTape() as tape:
            tape.watch(moments)
            losses, _ = self.run(moments)
        return losses.numpy(), tape.jacobian(losses, moments).numpy()

    @action("Refit", "magic", "Hold the moment that moved last, and fit the other four to the published log")
    def refit(self):
        """Levenberg–Marquardt over the moments other than the one that was set last, within the ends of their sliders.

        Where the mean of ε² is held, the fit begins a little aside: the floor that it sets can be reached along the
        flat direction only, which has no slope at the bottom of the valley.
        """
        free, damping, moments = np.array([name != self._held for name in NAMES]), 1e-3, self.moments
        if self._held == "ee":
            moments += [0, 0, 0.1, 0.1, 0]
        ends = np.transpose([(self.controls[name].low, self.controls[name].high) for name in NAMES])
        moments = np.clip(moments, *ends)
        losses, jacobian = self._response(moments)
        for _ in range(10):
            rest, A = self._published - losses, jacobian[:, free]
            trial = moments.copy()
            trial[free] += np.linalg.solve(A.T @ A + damping * np.eye(4), A.T @ rest)
            trial = np.clip(trial, *ends)
            new = self._response(trial)
            gain = 1 - np.sum((self._published - new[0]) ** 2) / np.sum(rest**2)
            if gain > 0:
                moments, (losses, jacobian) = trial, new
            damping *= 0.1 if gain > 0 else 10
            if abs(gain) < 0.01:
                break
        self.set(**dict(zip(NAMES, moments.tolist())))

    def reset(self):
        self._held = "e"
        super().reset()

    def update(self, *changed):
        if len(changed) == 1 and changed[0] in NAMES:
            (self._held,) = changed
        super().update(*changed)

    def build(self):
        labels = (
            ("The 20 losses", "epoch", "log scale"),
            ("Relative differences", "epoch", "log scale"),
            ("The path of W and b", "W", "b"),
        )
        fig, self._axes = panels(*labels, height=3.6)
        curve, apart, plane = self._axes
        epochs = np.arange(1, 21)
        curve.plot(epochs, self._published, "o", color=plots.DATA, markersize=4)
        curve.set(yscale="log", ylim=(0.4, 20), xlim=(0, 21))
        curve.set_yticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
        curve.minorticks_off()
        apart.set(yscale="log", ylim=(1e-9, 2), xlim=(0, 21))
        apart.set_yticks([1e-9, 1e-6, 1e-3, 1])
        apart.minorticks_off()
        apart.axhline(SIX_DIGITS, **plots.TRUTH)
        plane.set(xlim=(1.4, 5.4), ylim=(-0.7, 4.1), aspect="equal")
        angles, radius = np.linspace(0.4, 1.1, 91) * np.pi, 2.81  # how far the published log says that the run goes
        arc = 5 + radius * np.cos(angles), radius * np.sin(angles)
        plane.plot(*arc, color=plots.CYCLE[5])
        plane.plot(3, 2, "+", color=plots.TRUTH["color"], markersize=11, markeredgewidth=2)
        moving = {"color": plots.PREDICTION, "animated": True, "zorder": 3}
        (self._curve,) = curve.plot(epochs, epochs, **moving)
        (self._apart,) = apart.plot(epochs, epochs, "o", markersize=4, **moving)
        (self._line,) = plane.plot([], [], ".-", markersize=4, linewidth=1.2, **moving)
        ring = {"marker": "x", "markersize": 8, "markeredgewidth": 2, "linestyle": "", "color": plots.CYCLE[0]}
        (self._end,) = plane.plot([], [], **ring, animated=True, zorder=4)
        self._notice = notice(curve)
        dark = plots.TRUTH["color"]
        for ax, x, y, words, color, side in (
            (curve, 20.7, 14, "● published", plots.DATA, "right"),
            (curve, 20.7, 10.5, "— at these moments", plots.PREDICTION, "right"),
            (apart, 20.7, 2.2 * SIX_DIGITS, "six digits", dark, "right"),
            (plane, 5.4, 3.0, "distance that\nthe log fixes", plots.CYCLE[5], "right"),
            (plane, 2.65, 2.0, "truth", dark, "right"),
        ):
            ax.text(x, y, words, color=color, ha=side, va="bottom", fontsize=9)
        return fig

    def draw(self):
        losses, path = self.run(tf.constant(self.moments))
        self._losses, self._path = losses.numpy(), np.array([(float(W), float(b)) for W, b in path])
        positive = self._losses > 0
        self._curve.set_ydata(np.where(positive, self._losses, np.nan))
        self._apart.set_ydata(np.maximum(self.differences, 1e-9))
        self._line.set_data(*self._path.T)
        self._end.set_data(*([at] for at in self.lowest))
        worst, epoch = self.differences.max(), 1 + int(self.differences.argmax())
        self._notice.set_text("no points have\nthese moments" if self.impossible else "")
        W, b = self._path[-1]
        words = [
            ("the published log to six digits" if worst < SIX_DIGITS else "not the published log")
            + f": largest relative difference {number(worst, 2)}, in epoch {epoch}",
            f"W = {number(W)}, b = {number(b)} at the end",
            f"Refit holds the {NAMES[self._held]}",
        ]
        at_end = [name for name in NAMES if getattr(self, name) in (self.controls[name].low, self.controls[name].high)]
        if at_end:
            words.append(f"at the end of its slider: {', '.join(NAMES[name] for name in at_end)}")
        if self.impossible:
            words.append("no points have these moments, they would correlate x and ε by more than 1")
        return "; ".join(words)
