"""How many workers pay? A step's time through one machine and around a ring, under one latency for both."""

import numpy as np

from course import plots
from course.experiments.base import Experiment, Handle, Slider, number, panels

N = np.arange(1, 65)  # workers
LAST = N[-1]
HALF = LAST // 2  # where the other way's handle is, apart from the ring's
ONE, RING = plots.CYCLE[0], plots.CYCLE[1]


class StepTime(Experiment):
    """The time of one step of data-parallel training on n workers, whose gradients of B bytes are added up.

    Through one machine, T = C/n + L + 2nB/w: it sends and receives n times. Around a ring, 2(n − 1) messages, each an
    n-th as long, follow one another: T = C/n + 2(n − 1)(L + B/(nw)).

    Args:
        values: `compute` C in seconds, `latency` L in milliseconds, `size` B in megabytes, `bandwidth` w in GB/s.
    """

    inks = {"through one machine": ONE, "one machine": ONE, "around a ring": RING, "the ring": RING}
    question = "At which latency are both ways equally fast with 16 workers?"

    compute = Slider(1.0, 0.01, 10.0, "computation C", unit="s", log=True)
    latency = Slider(10.0, 0.001, 100.0, "latency L", unit="ms", log=True)
    size = Slider(4.0, 0.01, 1000.0, "gradients B", unit="MB", log=True)
    bandwidth = Slider(1.0, 0.01, 100.0, "network w", unit="GB/s", log=True)
    workers = Slider(16, 1, 64, "workers n")

    ring_end = Handle("the ring's time with 64 workers, by the latency", along="y", keys="latency")
    one_end = Handle("one machine's time with 32 workers, by the bandwidth", along="y", keys="bandwidth")
    at = Handle("workers", "workers")

    def times(self, n):
        """Seconds for a step on n workers: through one machine, and around a ring."""
        n, delay, bytes_ = np.asarray(n, float), self.latency / 1e3, self.size * 1e6 / (self.bandwidth * 1e9)
        one = np.where(n == 1, self.compute, self.compute / n + delay + 2 * n * bytes_)
        return one, self.compute / n + 2 * (n - 1) * (delay + bytes_ / n)

    @property
    def best(self):
        """The number of workers with the shortest step, for each way."""
        return tuple(int(N[np.argmin(times)]) for times in self.times(N))

    @property
    def meeting(self):
        """The latency in milliseconds at which both ways take the same time with `workers`; NaN for one."""
        n = self.workers
        return 1e3 * 2 * self.size / self.bandwidth / 1e3 * (n - (n - 1) / n) / (2 * n - 3) if n > 1 else np.nan

    @ring_end.place
    def ring_end_place(self):
        return LAST, self.times(LAST)[1]

    @ring_end.move
    def ring_end_move(self, x, y):
        bytes_ = self.size * 1e6 / (self.bandwidth * 1e9)
        return {"latency": 1e3 * ((y - self.compute / LAST) / (2 * (LAST - 1)) - bytes_ / LAST)}

    @ring_end.words
    def ring_end_words(self):
        return f"{number(self.times(LAST)[1])} s, latency {number(self.latency)} ms"

    @one_end.place
    def one_end_place(self):
        return HALF, self.times(HALF)[0]

    @one_end.move
    def one_end_move(self, x, y):
        rest = max(y - self.compute / HALF - self.latency / 1e3, 1e-9)
        return {"bandwidth": 2 * HALF * self.size * 1e6 / rest / 1e9}

    @one_end.words
    def one_end_words(self):
        return f"{number(self.times(HALF)[0])} s, bandwidth {number(self.bandwidth)} GB/s"

    @at.place
    def at_place(self):
        return self.workers, min(float(t) for t in self.times(self.workers))

    def build(self):
        labels = (
            "A step's time, both ways under one latency (▼ the fastest)",
            "workers (log scale)",
            "seconds per step (log scale)",
        )
        fig, (ax,) = panels(labels, height=4.2)
        ax.set(xscale="log", yscale="log", xlim=(0.94, 200), ylim=(1e-3, 30))
        ax.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
        ax.set_xticks([], minor=True)
        self._axes = ax
        (self._ideal,) = ax.plot([], [], **plots.TRUTH, animated=True)
        wide = {"linewidth": 2, "animated": True}
        (self._one,) = ax.plot([], [], color=ONE, **wide)
        (self._ring,) = ax.plot([], [], color=RING, **wide)
        least = {"linestyle": "", "marker": "v", "markersize": 9, "animated": True, "zorder": 4}
        self._least = [ax.plot([], [], color=color, **least)[0] for color in (ONE, RING)]
        (self._now,) = ax.plot([], [], color="#BBBBBB", linewidth=1, animated=True, zorder=1)
        self._names = [
            ax.text(1.22 * LAST, 1, words, color=line.get_color(), va="center", animated=True)
            for words, line in (
                ("C/n, no messages", self._ideal),
                ("through one machine", self._one),
                ("around a ring", self._ring),
            )
        ]
        return fig

    def draw(self):
        one, ring = self.times(N)
        self._ideal.set_data(N, self.compute / N)
        for line, mark, times, n in zip((self._one, self._ring), self._least, (one, ring), self.best):
            line.set_data(N, times)
            mark.set_data([n], [times[n - 1]])
        low, high = self._axes.get_ylim()
        times = (np.clip(t[-1], 1.5 * low, high / 5) for t in (self.compute / N, one, ring))
        ends, least = dict(zip(self._names, map(float, times))), 0.0
        for name in sorted(ends, key=ends.get):  # at the curves' ends, and apart
            least = max(ends[name], 1.8 * least)
            name.set_y(least)
        self._now.set_data([self.workers] * 2, self._axes.get_ylim())
        through, around = (float(t) for t in self.times(self.workers))
        first = (
            "equally fast" if abs(through / around - 1) < 0.01 else "one machine" if through < around else "the ring"
        )
        leads = first if first == "equally fast" else f"{first} is ahead"
        best = "; ".join(
            f"{way} is fastest with {n} worker{'s' * (n > 1)}, {number(times[n - 1])} s"
            for way, n, times in zip(("one machine", "the ring"), self.best, (one, ring))
        )
        here = f"latency {number(self.latency)} ms, {self.workers} workers: through one machine {number(through)} s"
        return f"{here}, around a ring {number(around)} s, {leads}; {best}"
