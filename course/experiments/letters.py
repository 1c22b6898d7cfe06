"""Which letters become neighbours? Letters in the plane, moving as they learn which letter follows them in names."""

import functools

import numpy as np

import course as tf
from course import datasets, plots
from course.experiments.base import FAR, Choice, Experiment, Handle, Slider, notice, number, panels
from course.keras import optimizers

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOWELS = "aeiou"
END = "."  # stands before a name and after it
EDGE = 1.1  # the map reaches from -EDGE to EDGE
NEIGHBOURS = 3  # so many are shown
TRAIL = 30  # steps of each letter's way that are shown


@functools.cache  # each seed of the start begins a new run with the same shares
def shares():
    """How often each letter follows each: row "a", column "n" is the share of all a's that an n follows. (27, 27)."""
    counts = np.zeros((27, 27))
    for name in datasets.first_names():
        for first, following in zip(END + name, name + END):
            counts[(LETTERS + END).index(first), (LETTERS + END).index(following)] += 1
    return counts / counts.sum(axis=1, keepdims=True)


class Letters(Experiment):
    """Adam on the model √share = vector of the letter · vector of the next + two biases + mean, all pairs in each step.

    The names are `datasets.first_names`. Each vector has two numbers, and starts at random.

    Args:
        values: `chosen`, `seed`, `learning_rate` where they differ from the text's.
    """

    question = "From another start, does e come to the same place, and to the same neighbour?"

    chosen = Choice("a", LETTERS, "letter", restarts=False, in_picture=True)
    seed = Slider(0, 0, 20, "seed of the start")
    learning_rate = Slider(0.05, 0.005, 0.2, "learning rate η", log=True, step=0.02)

    letter = Handle("letter", area=True, along="xy", keys="chosen")

    step_name, total, start = "step", 120, 0
    interval = 0.06

    def begin(self):
        self._shares = shares()
        self._roots = tf.constant(np.sqrt(self._shares))
        first, second = np.random.default_rng(self.seed).normal(0, 0.3, (2, 27, 2))
        self._vectors, self._next_vectors = tf.Variable(first, name="letters"), tf.Variable(second, name="next")
        self._bias, self._next_bias = tf.Variable(np.zeros((27, 1)), name="b"), tf.Variable(np.zeros(27), name="c")
        self._variables = [self._vectors, self._next_vectors, self._bias, self._next_bias]
        self._mean = float(np.mean(self._roots))
        self._optimizer = optimizers.Adam(self.learning_rate)
        self._history = [self._vectors.numpy()]

    def _predicted(self):
        products = tf.matmul(self._vectors, self._next_vectors, transpose_b=True)
        return products + self._bias + self._next_bias + self._mean

    def _loss(self):
        return tf.reduce_mean(tf.square(self._predicted() - self._roots))

    def advance(self):
        with tf.GradientTape() as tape:
            loss = self._loss()
        self._optimizer.apply_gradients(zip(tape.gradient(loss, self._variables), self._variables))
        self._history.append(self._vectors.numpy())

    @property
    def places(self):
        """The letters' vectors, of shape (26, 2)."""
        return self._history[-1][:26]

    @property
    def loss(self):
        """The mean squared error of all pairs' square roots."""
        return float(self._loss())

    def nearest(self, letter, count=NEIGHBOURS):
        """The letters that are nearest to one, the nearest first."""
        away = np.linalg.norm(self.places - self.places[LETTERS.index(letter)], axis=1)
        away[LETTERS.index(letter)] = np.inf
        return "".join(LETTERS[i] for i in np.argsort(away)[:count])

    @property
    def vowels_together(self):
        """How many of the five vowels have a vowel as their nearest letter."""
        return sum(self.nearest(vowel, 1) in VOWELS for vowel in VOWELS)

    @letter.place
    def letter_place(self):
        return tuple(self.places[LETTERS.index(self.chosen)])

    @letter.move
    def letter_move(self, x, y):
        return {"chosen": LETTERS[np.argmin(np.linalg.norm(self.places - [x, y], axis=1))]}

    @letter.words
    def letter_words(self):
        return f"{self.chosen}, nearest to {', '.join(self.nearest(self.chosen))}"

    def build(self):
        labels = (
            ("Letters, and the ways they came", "first number", "second number"),
            ("", "next letter (the dot is the end)", "share"),
        )
        fig, (plane, bars) = panels(*labels, height=4.6, width_ratios=[1.25, 1])
        plane.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=[-1, -0.5, 0, 0.5, 1], yticks=[-1, -0.5, 0, 0.5, 1])
        moving = {"animated": True}
        (self._near,) = plane.plot([], [], color=plots.PREDICTION, linewidth=1.4, zorder=2.5, **moving)
        self._groups = []
        for group, color, words in ((VOWELS, plots.CYCLE[1], "vowel"), (None, plots.DATA, "other letter")):
            rows = [i for i, letter in enumerate(LETTERS) if (letter in VOWELS) == bool(group)]
            (ways,) = plane.plot([], [], color=color, linewidth=0.6, alpha=0.4, zorder=1.8, **moving)
            spots = {"marker": "o", "linestyle": "", "markersize": 13, "markeredgewidth": 0, "alpha": 0.3}
            (here,) = plane.plot([], [], color=color, label=words, zorder=3, **spots, **moving)
            self._groups.append((rows, ways, here))
        middle = {"ha": "center", "va": "center_baseline", "fontsize": 11, "zorder": 4, "clip_on": True}
        self._texts = [plane.text(0, 0, letter, **middle, **moving) for letter in LETTERS]
        plane.legend(handles=[here for _, _, here in self._groups], loc="upper left", ncols=2, markerscale=0.6)
        at = np.arange(27)
        bars.set(xlim=(-0.8, 26.8), ylim=(0, 1.2), xticks=at, xticklabels=[*LETTERS, END])  # room above for the names
        bars.set_yticks([0, 0.5, 1])
        bars.tick_params(axis="x", labelsize=9, length=0)
        bars.grid(False)
        self._bars = bars.vlines(at, 0, 0, color=plots.DATA, linewidth=5, label="in the names", **moving)
        (self._dots,) = bars.plot(at, 0 * at, "o", color=plots.PREDICTION, markersize=4.5, label="predicted", **moving)
        bars.legend(loc="upper right")
        self._title = bars.text(0.02, 0.95, "", transform=bars.transAxes, fontsize=11, weight="bold", **moving)
        corner = {"ha": "right", "va": "top", "fontsize": 9, "transform": plane.transAxes}
        self._rate = plane.text(0.98, 0.975, "", **corner, **moving)
        self._notice = notice(plane, y=0.06)
        return fig

    def draw(self):
        paths = np.clip(np.array(self._history[-TRAIL:])[:, :26], -FAR, FAR)
        for rows, ways, here in self._groups:
            points = np.pad(paths[:, rows].transpose(1, 0, 2), ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)
            ways.set_data(*points.reshape(-1, 2).T)
            here.set_data(*paths[-1, rows].T)
        for words, place in zip(self._texts, paths[-1]):
            words.set_position(place)
        at = LETTERS.index(self.chosen)
        near = self.nearest(self.chosen)
        lines = [[self.places[at], self.places[LETTERS.index(other)], [np.nan, np.nan]] for other in near]
        self._near.set_data(*np.concatenate(lines).T)
        places = np.arange(27)
        self._bars.set_segments([[(i, 0), (i, share)] for i, share in zip(places, self._shares[at])])
        self._dots.set_data(places, np.square(np.maximum(self._predicted().numpy()[at], 0)))
        self._title.set_text(f"What follows {self.chosen}")
        self._rate.set_text(f"η = {number(self.learning_rate)}")
        away = int((abs(self.places).max(axis=1) > EDGE).sum())
        self._notice.set_text(f"off the map: {away} of 26 letters" if away else "")
        after = f"after {self.position} step{'s' * (self.position != 1)}"
        return (
            f"{after}: loss {number(self.loss)}; {self.vowels_together} of 5 vowels have a vowel as their nearest "
            f"letter; nearest to {self.chosen}: {', '.join(near)}"
        )
