"""Handles: places in the picture that a reader grabs there, with a mouse, a finger or the arrow keys.

    start = Handle("where the descent begins", "start_W", "start_b", area=True)

stands at the values of two parameters in the figure's first axes; moving it sets them, a press anywhere in these axes
moves it there, and an arrow key moves it by the parameter's step. A coordinate without a parameter stays where it is.
Where a handle's place is computed, two methods say how:

    top = Handle("the line's upper end", along="y", keys="W")

    @top.place
    def top_place(self):            # where it stands, in the axes' coordinates, or None to hide it
        return 1.0, self.W + self.b     # out of the frame, the handle waits at its edge and says where its place is

    @top.move
    def top_move(self, x, y):       # what a move to (x, y) makes of the parameters
        return {"W": y - self.b}
"""

import numpy as np

AWAY = {"left of": "←", "right of": "→", "above": "↑", "below": "↓"}
AWAY |= {"above and left of": "↖", "above and right of": "↗", "below and left of": "↙", "below and right of": "↘"}


class Handle:
    """Something to grab.

    Args:
        label: what it is, as a screen reader says it.
        x, y: the parameters that are its coordinates, where there are any.
        axes: the number of the axes in which it stands, from 0.
        area: whether a press anywhere in these axes moves it there.
        hover: whether a mouse moves it there without a press.
        along: "x", "y" or "xy": in which directions it moves; by default in those that have a parameter.
        keys: the parameter that the arrow keys move by its step, where it is not a coordinate; by default they move a
            coordinate without a parameter by a fiftieth of what is shown.
    """

    def __init__(self, label, x=None, y=None, *, axes=0, area=False, hover=False, along=None, keys=None):
        self.label, self.parameters, self.axes, self.area, self.keys = label, (x, y), axes, area, keys
        self.hover = hover
        self.along = along or "".join(name for name, own in zip("xy", self.parameters) if own) or "xy"
        self._place = self._move = self._words = self._ends = None

    def __set_name__(self, owner, name):
        self.name = name

    def place(self, method):
        """Decorates the method that says where it stands."""
        self._place = method
        return method

    def move(self, method):
        """Decorates the method that says what a move makes of the parameters: a dictionary, or None after doing it."""
        self._move = method
        return method

    def ends(self, method):
        """Decorates the method that says between which coordinates it moves, where it moves along one direction only;
        by default between the ends of what is shown, or of its parameter."""
        self._ends = method
        return method

    def words(self, method):
        """Decorates the method that says in words where it stands; by default the parameters' values."""
        self._words = method
        return method

    def at(self, experiment):
        """Where it stands, in the coordinates of its axes, or None."""
        if self._place:
            return self._place(experiment)
        return tuple(getattr(experiment, name) for name in self.parameters)

    def moved(self, experiment, x, y):
        """The parameters after a move to (x, y), each on a step of its slider."""
        if self._move:
            values = self._move(experiment, x, y)
        else:
            values = {name: value for name, value in zip(self.parameters, (x, y)) if name}
        if values is None:
            return None
        # A value that does not equal itself is NaN.
        return {name: experiment.controls[name].nearest(value) for name, value in values.items() if value == value}

    def stepped(self, experiment, dx, dy):
        """The parameters after so many steps of the arrow keys."""
        if self.keys:
            return {self.keys: experiment.controls[self.keys].stepped(getattr(experiment, self.keys), dx + dy)}
        at = list(self.at(experiment))
        for i, (name, steps) in enumerate(zip(self.parameters, (dx, dy))):
            if not steps:
                continue
            if name:
                at[i] = experiment.controls[name].stepped(getattr(experiment, name), steps)
            else:
                low, high = self._shown(experiment)[i]
                at[i] = min(max(at[i] + steps * (high - low) / 50, low), high)
        return self.moved(experiment, *at)

    def _shown(self, experiment):
        """The ends of the axes, (x, y)."""
        axes = experiment.figure.axes[self.axes]
        return sorted(axes.get_xlim()), sorted(axes.get_ylim())

    def describe(self, experiment):
        """What the page needs to know of it: places are fractions of the picture, from the top left. None if hidden."""
        at = self.at(experiment)
        if at is None or not np.isfinite(at).all():
            return None
        axes, main = experiment.figure.axes[self.axes], "xy".index(self.along[0])
        ends = self._shown(experiment)
        size = axes.figure.canvas.get_width_height(physical=True)

        def fractions(x, y):
            return axes.transData.transform((x, y)) / size * (1, -1) + (0, 1)

        limits = []
        for name, (low, high) in zip(self.parameters, ends):
            control = experiment.controls.get(name)
            limits.append((max(low, control.low), min(high, control.high)) if control else (low, high))
        if self._ends:
            limits[main] = self._ends(experiment)
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(*(fractions(*corner) for corner in zip(*limits))))
        x, y = fractions(*(min(max(value, low), high) for value, (low, high) in zip(at, ends)))
        (x0, y0), (x1, y1) = axes.get_window_extent().get_points() / size
        frame = [float(value) for value in (x0, 1 - y1, x1, 1 - y0)]
        now, (low, high) = at[main], limits[main]
        beyond = _beyond(at, ends)
        if options := getattr(experiment.controls.get(self.keys), "options", None):  # the keys go through these
            now, low, high = options.index(getattr(experiment, self.keys)), 0, len(options) - 1
        return {
            "name": self.name,
            "label": self.label,
            "text": (self._words(experiment) if self._words else self._said(experiment, at))
            + f", {beyond} what is shown" * bool(beyond),
            "x": float(x),
            "y": float(y),
            "now": float(min(max(now, low), high)),
            "low": float(low),
            "high": float(high),
            "along": self.along,
            "beyond": AWAY.get(beyond, ""),
            "frame": frame,
            "bounds": [float(value) for value in (left, top, right, bottom)],
            "area": frame if self.area else None,
            "hover": self.hover,
        }

    def _said(self, experiment, at):
        said = []
        for name, axis, value in zip(self.parameters, "xy", at):
            if name:
                control = experiment.controls[name]
                said.append(f"{control.label} {control.readout(getattr(experiment, name))}")
            elif axis in self.along:
                said.append(f"{axis} {value:.3g}".replace("-", "−"))
        return ", ".join(said)


def _beyond(at, ends):
    """On which side of what is shown a place is, in words; empty within it."""
    sides = []
    for value, (low, high), (less, more) in zip(at, ends, (("left of", "right of"), ("below", "above"))):
        rounding = 1e-9 * (high - low)
        sides.append(less if value < low - rounding else more if value > high + rounding else "")
    return " and ".join(filter(None, reversed(sides)))
