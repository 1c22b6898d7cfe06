"""Does an update change what was read before it? A variable's value over updates and reads of the learner's choice."""

import math

import numpy as np

import course as tf
from course import plots
from course.experiments.base import Choice, Experiment, Handle, Slider, action, notice, number, panels

MOST = 14  # updates and reads; more would not fit beside each other
HUGE = 1e6  # from here on nothing is drawn: a step of 6 could not be seen
END = MOST + 2.5  # where the lines of the reads end
SIGNS = {"assign": "=", "assign_add": "+", "assign_sub": "−"}
IN_PLACE = {"assign": lambda array, x: x, "assign_add": np.add, "assign_sub": np.subtract}
STEPS = (
    ("read",),
    ("assign_add", 2.0),
    ("read",),
    ("assign_add", 6.0),
    ("read",),
    ("assign_sub", 4.0),
    ("read",),
    ("assign_add", 2.0),
)
READ, NOW, ARRAY = plots.CYCLE[1], plots.CYCLE[2], plots.CYCLE[5]


class VariableHistory(Experiment):
    """A number in a `tf.Variable`, updated and read in any order, and all reads as they are now.

    The same happens to a NumPy array: it is updated in place, and a read of it is one more name for it.

    Args:
        initial: the variable's first value.
        steps: what happened so far, up to 14 of ("read",) and (method, value), such as ("assign_add", 2.0).
        values: `method`, `value` where they differ from the text's.

    Raises:
        ValueError: too many steps, or one that is not of these forms.
    """

    question = (
        "Is there any sequence of updates that changes a read taken before it? Which of its two lines will move when "
        "you press Update?"
    )

    method = Choice("assign_add", SIGNS, "update", restarts=False, wide=True)
    value = Slider(3.0, -6.0, 6.0, "value", step=0.5, restarts=False)

    ahead = Handle("the value after the chosen update", along="y", keys="value")

    step_name = "step"
    interval = 0.7

    def __init__(self, initial=1.0, steps=STEPS, **values):
        self._initial, self._first_steps = float(initial), _checked(steps)
        self._steps = list(self._first_steps)
        super().__init__(**values)

    @property
    def total(self):
        return len(self._steps)

    @property
    def state(self):
        """As every experiment's, with all steps, those that were undone too."""
        return super().state | {"steps": [list(step) for step in self._steps]}

    @state.setter
    def state(self, state):
        state, before = dict(state), self._steps
        self._steps = list(_checked(state.pop("steps", before)))
        try:
            Experiment.state.fset(self, state)
        except BaseException:
            self._steps = before
            raise

    @property
    def variable(self):
        """The `tf.Variable` itself. Steps back and forward make a new one, and repeat what happened to it."""
        return self._variable

    @property
    def history(self):
        """The variable's value at the start and after each step, of shape (position + 1,)."""
        return np.array(self._history)

    @property
    def reads(self):
        """The tensors that were read, in their order."""
        return [read for _, read in self._reads]

    @property
    def array_reads(self):
        """The names that were given to the NumPy array, in their order: all are the array itself."""
        return self._array_reads

    def begin(self):
        self._variable = tf.Variable(self._initial, name="v")
        self._array, self._array_reads = np.array(self._initial, np.float32), []
        self._history, self._reads = [float(self._variable)], []

    def advance(self):
        method, *value = self._steps[len(self._history) - 1]
        if method == "read":
            self._reads.append((len(self._history), self._variable.read_value()))
            self._array_reads.append(self._array)
        else:
            getattr(self._variable, method)(*value)
            with np.errstate(all="ignore"):  # as the variable, it may overflow
                self._array[...] = IN_PLACE[method](self._array, np.float32(*value))
        self._history.append(float(self._variable))

    @ahead.place
    def ahead_place(self):
        drawn = self.position < MOST and abs(self.next_value) < HUGE and abs(self._history[-1]) < HUGE
        return (self.position + 2, self.next_value) if drawn else None

    @ahead.move
    def ahead_move(self, x, y):
        now = self._history[-1]
        return {"value": {"assign": y, "assign_add": y - now, "assign_sub": now - y}[self.method]}

    @ahead.words
    def ahead_words(self):
        return f"{number(self.next_value)}, by {self.method}({number(self.value)})"

    @action("Update", icon="pencil", tooltip="Call the chosen method with the chosen value")
    def apply(self):
        """The chosen update as the next step; steps that were undone are forgotten."""
        self._add(self.method, self.value)

    @action("Read", icon="camera", tooltip="Read the variable, and keep what was read")
    def read(self):
        """A read as the next step; steps that were undone are forgotten."""
        self._add("read")

    def _add(self, *step):
        self.pause()
        if self.position < MOST:
            self._steps[self.position :] = [step]
            self.step()

    def reset(self):
        self._steps = list(self._first_steps)
        super().reset()

    @property
    def next_value(self):
        """What the chosen update would give now, found on another variable of the same value."""
        copy = tf.Variable(self._variable)
        getattr(copy, self.method)(self.value)
        return float(copy)

    def build(self):
        labels = (
            "Reads, as they are now; dotted: the chosen update",
            "updates and reads, in their order",
            "value",
        )
        fig, (ax,) = panels(labels, height=4.0)
        self._axes = ax
        ax.set(xlim=(0, END + 3.6))
        ax.set_xticks(range(MOST + 1), [])
        ax.xaxis.labelpad = 17  # the ticks' labels change with every step, so they are texts that move
        below = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "top", "fontsize": 8.5, "animated": True}
        below["zorder"] = 0.5  # they change with a step alone: a hand that moves the value finds them drawn
        self._ticks = [ax.text(k, -0.03, "", **below) for k in range(MOST + 1)]
        ax.yaxis.get_major_locator().set_params(integer=True, steps=[1, 2, 5, 10])
        ax.grid(axis="x", visible=False)
        ax.yaxis.set_label_coords(-0.045, 0.5)  # it stays when the numbers beside it get longer
        style = {"color": READ, "animated": True}
        (self._levels,) = ax.plot([], [], **style, linewidth=1.3)
        (self._dots,) = ax.plot([], [], "o", **style, markersize=9, markeredgecolor="white", zorder=4)
        words = {"va": "center", "animated": True}
        self._labels = [ax.text(END + 0.15, 0, "", **words, zorder=0.5) for _ in range(MOST + 1)]
        array = {"color": ARRAY, "linestyle": (0, (5, 3)), "linewidth": 1.8, "animated": True}
        (self._array_level,) = ax.plot([], [], **array)
        style = {"color": NOW, "animated": True, "zorder": 3}
        (self._line,) = ax.plot([], [], **style, linewidth=3)
        (self._here,) = ax.plot([], [], "s", **style, markersize=8, markeredgecolor="white")
        (self._ahead,) = ax.plot([], [], **style, linestyle=(0, (2, 1.5)), linewidth=1.8)
        self._value_now = ax.text(0, 0, "", color=NOW, weight="bold", ha="center", animated=True)
        beside = {"xytext": (17, 0), "textcoords": "offset points"}  # of the handle, which has its size on a phone, too
        self._value_ahead = ax.annotate("", (0, 0), **beside, color=NOW, **words)
        self._notice, self._placed = notice(ax), None
        return fig

    def draw(self):
        ax, n = self._axes, self.position
        history, after = self.history, self.next_value
        words = ["start", *map(_label, self._steps[:n])]
        for k, text in enumerate(self._ticks):
            text.set_text(words[k] if k <= n else "")
        self._notice.set_text("")
        drawable = bool((abs(history) < HUGE).all())  # not true of NaN either
        if not drawable:
            words = "not a finite number" if not np.isfinite(self._history).all() else "too large to draw"
            self._notice.set_text(f"v is {number(history[-1])}, {words}")
            history, after = np.full(n + 1, np.nan), np.nan
        every = np.array([*history, after, history[-1] + 6, history[-1] - 6])
        every = every[np.isfinite(every)]
        low, high = 5 * np.floor((every.min(initial=0.0) - 1) / 5), 5 * np.ceil((every.max(initial=0.0) + 1) / 5)
        if ax.get_ylim() != (low, high):
            ax.set_ylim(low, high)
        self._line.set_data(np.repeat(np.arange(n + 2), 2)[1:-1], np.repeat(history, 2))
        self._here.set_data([n + 1], history[-1:])
        ahead = [history[-1], after, after] if n < MOST else []
        self._ahead.set_data([n + 1, n + 1, n + 2][: len(ahead)], ahead)
        up = after < history[-1]
        self._value_now.set_position((n + 0.9, history[-1] + 0.035 * (high - low) * (1 if up else -1)))
        self._value_now.set(text=f"v = {number(history[-1])}" if drawable else "", va="bottom" if up else "top")
        self._value_ahead.xy = n + 2, after
        self._value_ahead.set_text(number(after) if drawable and n < MOST else "")
        times, values = np.array([(time, float(read)) for time, read in self._reads]).reshape(-1, 2).T
        self._dots.set_data(times, history[times.astype(int)])
        ends = np.stack([times, np.full_like(times, END), np.full_like(times, np.nan)], 1)
        self._levels.set_data(ends.ravel(), np.repeat(values, 3))
        array = float(self._array)
        shown = len(times) and abs(array) < HUGE
        self._array_level.set_data(*([times[0], END], [array, array]) if shown else ([], []))
        self._place_labels(values, low, high)
        return self._words(values)

    def _place_labels(self, values, low, high):
        """At the right, the number of each read and its value: one label where values agree, and none on another."""
        numbers = {}
        for k, value in enumerate(values, 1):
            numbers.setdefault(value, []).append(str(k))
        labels = [
            (value, f"read{'s' * (len(which) > 1)} {', '.join(which)}: {number(value)}", "#B35A1F")
            for value, which in numbers.items()
        ]
        if labels:
            array = float(self._array)
            labels.append((array, f"array, {_all(len(values))}: {number(array)}", "#555555"))
        placed = [(0.0, "", "#555555")] * len(self._labels)
        at, gap = -np.inf, 0.055 * (high - low)
        for k, (value, words, color) in enumerate(sorted(x for x in labels if abs(x[0]) < HUGE)):
            at = max(value, at + gap)
            placed[k] = at, words, color
        if placed != self._placed:
            self._placed = placed
            for text, (at, words, color) in zip(self._labels, placed):
                text.set(y=at, text=words, color=color)

    def _words(self, values):
        n, now, after = self.position, number(self._history[-1]), number(self.next_value)
        steps = f"after {n} step{'s' * (n != 1)}"
        if not n:
            reads = "nothing was read yet"
        elif not len(values):
            reads = "nothing was read"
        else:
            before = [self._history[time] for time, _ in self._reads]
            same = np.array_equal(values, before, equal_nan=True)
            state, now_are = "unchanged" if same else "changed", ", ".join(map(number, values))
            reads = f"{len(values)} read{'s' * (len(values) > 1)}, {state}: {now_are}"
            reads += f"; of the array, {_all(len(values))}: {number(float(self._array))}"
        if n == MOST:
            return f"v is {now} {steps}; {reads}; there is no room for more, Back undoes a step"
        return f"v is {now} {steps}; {reads}; next, v.{self.method}({number(self.value)}) would give {after}"


def _all(count):
    return "1 read" if count == 1 else f"all {count} reads"


def _label(step):
    if step == ("read",):
        return "read"
    method, value = step
    return SIGNS[method] + number(value)


def _checked(steps):
    """The steps as tuples, or a ValueError that says which cannot be made."""
    steps = tuple(map(tuple, steps))
    for step in steps:
        update = len(step) == 2 and step[0] in SIGNS and isinstance(step[1], int | float) and math.isfinite(step[1])
        if step != ("read",) and not update:
            raise ValueError(f'VariableHistory: {step} is neither ("read",) nor a method of {list(SIGNS)} and a value.')
    if len(steps) > MOST:
        raise ValueError(f"VariableHistory: {len(steps)} steps, and there is room for {MOST}.")
    return steps
