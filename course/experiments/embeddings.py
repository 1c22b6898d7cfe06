"""How many ratings place a vector? Users and films in the plane, which learn from ratings whose truth is known."""

import numpy as np

import course as tf
from course import datasets, plots
from course.experiments.base import FAR, Choice, Experiment, Handle, Slider, Switch, notice, number, panels
from course.keras import optimizers

SIZE = 40  # users, and as many films
UNSEEN = 400  # ratings kept for the test
EDGE = 2.6  # the map reaches from -EDGE to EDGE
LEAST, MOST = 1e-3, 10.0  # the ends of the loss axis


class Embeddings(Experiment):
    """Gradient descent on the model rating = user vector · film vector, with two numbers in each vector.

    The 40 users' ratings of 40 films come from `datasets.ratings`. Every step uses all ratings that are seen. The
    weight decay times the sum of the squares of all vectors is added to the loss of which the gradient is taken.

    Args:
        values: `ratings`, `stddev`, `learning_rate`, `seed`, `decay`, `turned` where they differ from the text's.
    """

    question = "From how many of these six starts do the vectors find their places?"

    ratings = Slider(800, 80, SIZE * SIZE - UNSEEN, "ratings seen", step=20)
    stddev = Slider(0.3, 0.0, 1.0, "noise σ", step=0.05)
    learning_rate = Slider(10.0, 0.1, 100.0, "learning rate η", log=True, step=0.02)
    seed = Slider(0, 0, 20, "seed of the start")
    decay = Choice(0.0, (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01), "weight decay")
    turned = Switch(True, "turn the vectors onto the truth", restarts=False)

    floor = Handle("the noise floor σ²", along="y", axes=1, keys="stddev")

    step_name = "step"
    total = 120

    @floor.place
    def floor_place(self):
        return 0.97 * self.total, self.stddev**2

    @floor.move
    def floor_move(self, x, y):
        return {"stddev": y**0.5}

    @floor.words
    def floor_words(self):
        return f"{number(self.stddev**2)}, noise σ {number(self.stddev)}"

    @property
    def vectors(self):
        """The learnt vectors as they are drawn, users first: shape (80, 2)."""
        return self._paths()[-1]

    @property
    def true_vectors(self):
        """The vectors that the ratings were made from, of the same shape."""
        return self._truth

    @property
    def distance(self):
        """The root mean square distance from the drawn vectors to the true ones."""
        return float(np.sqrt(np.mean(np.sum(np.square(self.vectors - self._truth), axis=1))))

    @property
    def losses(self):
        """The loss on the ratings seen and on those unseen, at the start and after each step: (position + 1, 2)."""
        return self._losses

    def begin(self):
        (pairs, ratings), truth = datasets.ratings(SIZE, SIZE, 2, SIZE * SIZE, self.stddev)
        seen, unseen = slice(None, self.ratings), slice(-UNSEEN, None)
        self._seen, self._unseen = ((pairs[part, 0], pairs[part, 1], ratings[part]) for part in (seen, unseen))
        self._truth = tf.concat(truth, axis=0).numpy()
        start = np.random.default_rng(self.seed).normal(0, 0.1, (2, SIZE, 2)).astype(np.float32)
        self._variables = [tf.Variable(start[0], name="users"), tf.Variable(start[1], name="films")]
        self._optimizer = optimizers.SGD(self.learning_rate)
        self._history = []
        self._note()

    def _loss(self, user_vectors, film_vectors, users, films, ratings):
        """The mean squared error, for one pair of tables or for each of many: the rows are the last axis but one."""
        rows = tf.gather(user_vectors, users, axis=-2) * tf.gather(film_vectors, films, axis=-2)
        return tf.reduce_mean(tf.square(tf.reduce_sum(rows, axis=-1) - ratings), axis=-1)

    def advance(self):
        with tf.GradientTape() as tape:
            squares = sum(tf.reduce_sum(tf.square(table)) for table in self._variables) if self.decay else 0.0
            loss = self._loss(*self._variables, *self._seen) + self.decay * squares
        self._optimizer.apply_gradients(zip(tape.gradient(loss, self._variables), self._variables))
        self._note()

    def _note(self):
        self._history.append(np.concatenate([variable.numpy() for variable in self._variables]))

    def _paths(self):
        """All vectors at the start and after each step, of shape (position + 1, 80, 2), turned if they are to be.

        The turn is the orthogonal map that brings the newest vectors closest to the true ones: Schönemann, 1966
        (Psychometrika 31).
        """
        paths = np.array(self._history, dtype=float)
        if not self.turned or not np.isfinite(paths[-1]).all():
            return paths
        left, _, right = np.linalg.svd(paths[-1].T @ self._truth)
        return paths @ (left @ right)

    def build(self):
        labels = (
            ("Vectors, and lines to their true places", "first number", "second number"),
            ("The loss", "step", "log scale"),
        )
        fig, (plane, curve) = panels(*labels, height=4.4, width_ratios=[1.1, 1])
        plane.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")
        curve.set(yscale="log", xlim=(-0.03 * self.total, 1.03 * self.total), ylim=(LEAST, MOST))
        self._groups = []
        for name, marker, color, group in (
            ("user", "o", plots.CYCLE[0], slice(SIZE)),
            ("film", "^", plots.CYCLE[1], slice(SIZE, None)),
        ):
            place = {"marker": marker, "linestyle": "", "animated": True}
            (miss,) = plane.plot([], [], color="#999999", linewidth=0.9, animated=True)
            hollow = {"markersize": 7, "markerfacecolor": "none", "markeredgecolor": plots.TRUTH["color"]}
            (true,) = plane.plot([], [], **place, **hollow, markeredgewidth=0.6, label="hollow: the truth")
            (here,) = plane.plot([], [], **place, color=color, markersize=4, label=name)
            self._groups.append((group, miss, true, here))
        self._curves = [
            curve.plot([], [], color=color, linewidth=1.8, animated=True)[0]
            for color in (plots.CYCLE[2], plots.CYCLE[3])
        ]
        curve.set_yticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
        curve.minorticks_off()
        self._floor = curve.axhline(1.0, **plots.TRUTH, animated=True)
        beside = {"textcoords": "offset points", "va": "center", "animated": True}
        self._names = [
            curve.annotate(words, (0, 1), (0, 0), **beside, color=line.get_color())
            for words, line in zip(("ratings seen", "ratings unseen"), self._curves)
        ]
        self._floor_name = curve.annotate("floor σ²", (0, 1), (0, -9), **beside, color=plots.TRUTH["color"])
        handles = [here for _, _, _, here in self._groups] + [self._groups[0][2]]
        fig.legend(handles=handles, loc="outside upper left", ncols=len(handles), frameon=False)
        self._notices = [notice(plane, y=0.94), notice(curve, y=0.94)]
        return fig

    def draw(self):
        users, films = np.split(np.array(self._history), 2, axis=1)  # all steps at once: one call takes 2 ms
        self._losses = np.transpose([self._loss(users, films, *part).numpy() for part in (self._seen, self._unseen)])
        paths, losses = np.clip(self._paths(), -FAR, FAR), self._losses
        for group, miss, true, here in self._groups:
            ends = paths[-1, group], self._truth[group]
            miss.set_data(*np.stack([*ends, np.full_like(ends[0], np.nan)], 1).reshape(-1, 2).T)  # a gap after each
            for marks, places in zip((here, true), ends):
                marks.set_data(*places.T)
        shown = np.where(np.isfinite(losses), np.clip(losses, LEAST / 10, 10 * MOST), np.nan)
        for line, heights in zip(self._curves, shown.T):
            line.set_data(np.arange(len(heights)), heights)
        floor = max(self.stddev**2, LEAST / 10)
        self._floor.set_ydata([floor] * 2)
        self._floor_name.xy = 0, floor
        ends = np.clip(shown[-1], LEAST * 3, MOST / 3)
        left = self.position < 0.4 * self.total  # where there is room
        for name, end, up in zip(self._names, ends, (ends[0] > ends[1], ends[0] <= ends[1])):
            name.set_visible(bool(np.isfinite(end)))
            name.xy = self.position, end
            name.set(position=(8 if left else -24, 9 if up else -9), ha="left" if left else "right")
        return self._words()

    def _words(self):
        """The status line; and the notices, for what the map and the curves cannot show."""
        vectors, (seen, unseen) = self.vectors, self._losses[-1]
        for text in self._notices:
            text.set_text("")
        what = f"{self.ratings} of {SIZE * SIZE} ratings seen, after {self.position} step{'s' * (self.position != 1)}"
        if not np.isfinite(vectors).all():
            for text in self._notices:
                text.set_text("more than float32 can hold")
            return f"{what}: diverged, the vectors are more than float32 can hold. Lower the learning rate."
        if away := int((abs(vectors).max(axis=1) > EDGE).sum()):
            self._notices[0].set_text(f"off the map: {away} of {2 * SIZE} vectors")
        if max(seen, unseen) > MOST:
            self._notices[1].set_text("off the axis: a loss above 10")
        place = "turned onto the truth, they lie" if self.turned else "as learnt, the vectors lie"
        return (
            f"{what}: loss {number(seen)} on them, {number(unseen)} on {UNSEEN} unseen ones, noise floor "
            f"{number(self.stddev**2)}; {place} {number(self.distance)} from the true ones"
        )
