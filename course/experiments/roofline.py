"""Which block of an array makes a program fast? A step that walks over memory, under the roofline of a machine."""

import numpy as np

from course import plots
from course.experiments.base import Choice, Experiment, Handle, Slider, number, panels

POINTS = 2**22
BLOCKS = tuple(2**k for k in range(6, 23))
BYTES = 8  # an operation on a float32 in place: 4 bytes read, 4 written
CALL = 1e-6  # seconds of overhead for each call from Python
CACHE_SPEED = 60e9  # bytes a second
LIMITS = dict(zip(("arithmetic", "memory", "cache", "calls"), (plots.CYCLE[i] for i in (5, 0, 2, 1))))
SPENT = {
    "arithmetic": "arithmetic is",
    "memory": "bytes from memory are",
    "cache": "bytes from the cache are",
    "calls": "the overhead of the calls is",
}
LEFT, RIGHT = 0.05, 100.0  # the ends of the intensities that are shown


class Roofline(Experiment):
    """The speed of a step of k operations on each of four million numbers, computed in blocks.

    All k operations are made on a block, each by a call that walks over it, and then on the next. Where the numbers of
    a block and their results fit into the cache, only the first walk reads from main memory and the last one writes
    there; otherwise every walk does. A step takes the longest of its times: of its operations at the peak, of its bytes
    from main memory, and of those from the cache, at 60 GB/s; and a microsecond more for every call.

    Args:
        values: `block` in numbers, `operations` k, `peak` in GFLOP/s, `bandwidth` in GB/s, and `cache` in MB.
    """

    question = "Which block is the fastest, and what is the limit on either side of it?"

    inks = {SPENT[name]: color for name, color in LIMITS.items()}

    block = Choice(BLOCKS[-2], BLOCKS, "block (numbers)")
    operations = Slider(10, 1, 40, "operations k")
    peak = Slider(50.0, 5.0, 500.0, "peak", unit="GFLOP/s", log=True)
    bandwidth = Slider(10.0, 2.0, 200.0, "memory", unit="GB/s", log=True)
    cache = Slider(1.0, 0.125, 32.0, "cache", unit="MB", log=True)

    at_block = Handle("block", "block", axes=1, area=True)
    roof = Handle("the roof: peak", None, "peak")
    slope = Handle("the slope: bandwidth of the memory", along="y", keys="bandwidth")

    def fits(self, block):
        """Whether a block's numbers and results fit into the cache."""
        return 2 * 4 * np.asarray(block) <= self.cache * 2**20

    def bytes_from_memory(self, block):
        """Bytes moved between main memory and processor, for each number."""
        return np.where(self.fits(block), BYTES, BYTES * self.operations)

    def parts(self, block):
        """Seconds of a step by what they are spent on: arithmetic, memory, cache and calls, each like `block`."""
        block, k = np.asarray(block), self.operations
        return {
            "arithmetic": np.full(block.shape, k * POINTS / (self.peak * 1e9)),
            "memory": self.bytes_from_memory(block) * POINTS / (self.bandwidth * 1e9),
            "cache": np.where(self.fits(block), BYTES * k * POINTS / CACHE_SPEED, 0.0),
            "calls": k * POINTS / block * CALL,
        }

    def seconds(self, block):
        """Seconds of a step."""
        *bounds, calls = self.parts(block).values()
        return np.max(bounds, axis=0) + calls

    def speed(self, block):
        """Operations a second."""
        return self.operations * POINTS / self.seconds(block)

    @property
    def limit(self):
        """What most of the time is spent on: arithmetic, memory, cache or calls."""
        parts = self.parts(self.block)
        return max(parts, key=lambda name: float(parts[name]))

    @property
    def fastest(self):
        """The block with the shortest step."""
        return BLOCKS[int(np.argmin(self.seconds(np.array(BLOCKS))))]

    @at_block.place
    def at_block_place(self):
        return self.block, float(self.seconds(self.block) * 1e3)

    @roof.place
    def roof_place(self):
        return max(60.0, self.peak / self.bandwidth), self.peak

    @slope.place
    def slope_place(self):
        """On the slope, or, where that ends before the picture begins, on the flat roof."""
        x = max(min(0.08, 0.7 * self.peak / self.bandwidth), 1.1 * LEFT)
        return x, min(x * self.bandwidth, self.peak)

    @slope.move
    def slope_move(self, x, y):
        return {"bandwidth": y / self.slope_place()[0]}

    @slope.words
    def slope_words(self):
        return f"{number(self.bandwidth)} GB/s"

    def build(self):
        labels = (
            ("The speed under the roofline", "operations for each byte from memory", "billion operations a second"),
            ("A step's time", "block (numbers)", "milliseconds"),
        )
        fig, (roof, time) = panels(*labels, height=4.2)
        self._axes = roof, time
        roof.set(xscale="log", yscale="log", xlim=(LEFT, RIGHT), ylim=(0.03, 700))
        time.set(xscale="log", yscale="log", xlim=(BLOCKS[0] / 1.4, BLOCKS[-1] * 1.4), ylim=(0.1, 5000))
        time.set_xticks([2**k for k in range(6, 23, 6)], labels=["64", "4,096", "262,144"])
        time.set_xticks([], minor=True)
        for axis in (roof.xaxis, roof.yaxis, time.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,g}")
        moving = {"animated": True}
        (self._roof,) = roof.plot([], [], color=plots.CYCLE[5], linewidth=2, **moving)
        (self._way,) = roof.plot([], [], color=plots.PREDICTION, linewidth=1, alpha=0.5, **moving)
        (self._dot,) = roof.plot([], [], "o", color=plots.PREDICTION, markersize=10, markeredgecolor="white", **moving)
        (self._drop,) = roof.plot([], [], color=plots.PREDICTION, linewidth=1, linestyle=":", **moving)
        small = {"fontsize": 9, **moving}
        self._peak = roof.text(0, 0, "peak", ha="right", va="bottom", color="#555555", **small)
        along = {"rotation_mode": "anchor", "transform_rotates_text": True, "ha": "center", "va": "bottom"}
        self._name = roof.text(1, 1, "memory", color="#555555", **along, **small)
        (self._time,) = time.plot([], [], "o-", color=plots.PREDICTION, markersize=4, linewidth=1.2, **moving)
        (self._now,) = time.plot([], [], "o", color=plots.PREDICTION, markersize=10, markeredgecolor="white", **moving)
        self._parts = {}
        for name, color in LIMITS.items():
            style = {"color": color, "marker": "_", "markersize": 16, "markeredgewidth": 2.5}
            (mark,) = time.plot([], [], **style, **moving)
            words = time.text(0, 0, name, color=color, va="center", clip_on=True, **small)
            self._parts[name] = mark, words
        self._room = time.text(0.98, 0.97, "", ha="right", va="top", transform=time.transAxes, **small)
        self._tried, self._tried_for = set(), None
        return fig

    def draw(self):
        peak, slope = self.peak, self.bandwidth
        corner = peak / slope
        x = np.array([LEFT, max(corner, LEFT), max(corner, RIGHT)])
        self._roof.set_data(x, np.minimum(x * slope, peak))
        self._peak.set_position((RIGHT / 3, peak * 1.05))
        x = min(0.5, 0.6 * corner)
        self._name.set(position=(x, 1.1 * x * slope), rotation=np.degrees(np.arctan(slope)))  # along the roof
        self._name.set_visible(x > 2.5 * LEFT)  # where there is enough of it
        key = self.operations, self.peak, self.bandwidth, self.cache
        if key != self._tried_for:
            self._tried, self._tried_for = set(), key
        self._tried.add(self.block)  # only what the reader has tried is shown, since the rest is the question
        blocks = np.array(sorted(self._tried))
        self._way.set_data(self.operations / self.bytes_from_memory(blocks), self.speed(blocks) / 1e9)
        here, reached = self.operations / float(self.bytes_from_memory(self.block)), float(self.speed(self.block)) / 1e9
        self._dot.set_data([here], [reached])
        self._drop.set_data([here, here], [reached, min(here * slope, peak)])
        self._time.set_data(blocks, self.seconds(blocks) * 1e3)
        now = float(self.seconds(self.block))
        self._now.set_data([self.block], [now * 1e3])
        self._label_parts()
        size = 8 * self.block / 2**20
        taken = f"{number(size)} MB" if size > 0.1 else f"{number(1024 * size)} KB"
        self._room.set_text(f"block and results {taken}\ncache {number(self.cache)} MB")
        each = "operation" if number(here) == "1" else "operations"
        spent = f"{SPENT[self.limit]} the limit"
        whole = " (all at once)" if self.block == POINTS else ""
        return (
            f"blocks of {self.block:,}{whole}, {self.operations} operation{'s' * (self.operations > 1)}: "
            f"{number(now * 1e3)} ms, {number(reached)} billion operations a second, {number(100 * reached / peak)} % "
            f"of the peak; block and results take {taken}, the cache holds {number(self.cache)} MB; "
            f"{number(here)} {each} for each byte from memory; {spent}"
        )

    def _label_parts(self):
        """A mark for each part of the present time, and its name beside it; names keep apart."""
        left = self.block > 2**13
        least = 0.0
        heights = {name: 1e3 * float(seconds) for name, seconds in self.parts(self.block).items()}
        for name in sorted(heights, key=heights.get):
            mark, words = self._parts[name]
            shown = heights[name] > 0
            mark.set_data([self.block] if shown else [], [heights[name]] if shown else [])
            least = max(heights[name], 1.7 * least) if shown else least
            words.set_position((self.block * (0.5 if left else 2.0), least if shown else 1e-9))
            words.set_horizontalalignment("right" if left else "left")
