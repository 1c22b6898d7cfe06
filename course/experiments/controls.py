"""Parameters of experiments, which know their range and their label, and actions. A page makes widgets of them."""

import math


class Control:
    """A parameter of an experiment: an attribute that knows its label and what values it may have.

    Args:
        value: the default.
        label: what stands before the control.
        restarts: whether a new value begins the run again.
        in_picture: whether a handle in the picture is all that a hand needs for it: then the page has no row for it.
    """

    wide = False  # a row of its own
    switch = None  # the name of the switch that stands in the same row

    def __init__(self, value, label, restarts=True, in_picture=False):
        self.default, self.label, self.restarts, self.in_picture = value, label, restarts, in_picture

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, experiment, owner=None):
        return self if experiment is None else vars(experiment)[self.name]

    def __set__(self, experiment, value):
        experiment.set(**{self.name: value})

    def validate(self, value):
        """The value as the parameter has it, or a ValueError that says what it may be."""
        raise NotImplementedError

    def from_page(self, value, current=None):
        """The parameter's new value, when the widget has `value` and the parameter is `current`."""
        return value

    def readout(self, value):
        """The value as text beside the widget; empty where the widget itself shows it."""
        return ""


class Slider(Control):
    """A number between two ends. Whole if the default and the ends are.

    Args:
        value, low, high: the default and the ends.
        label: what stands before the slider, with the symbol.
        unit: shown behind the label.
        step: the distance between values; by default a hundredth of the range, or 1 for whole numbers.
        log: logarithmic scale, on which `step` is in powers of ten.
        switch: the name of the switch that says whether it counts, and stands in its row.
        more: `restarts` and `in_picture`, as every control's.
    """

    def __init__(self, value, low, high, label, *, unit="", step=None, log=False, switch=None, **more):
        super().__init__(value, f"{label} ({unit})" if unit else label, **more)
        self.low, self.high, self.log, self.switch = low, high, log, switch
        self.kind = int if all(isinstance(x, int) for x in (value, low, high)) else float
        self.step = step or (1 if self.kind is int else 0.01 if log else (high - low) / 100)

    def validate(self, value):
        try:
            number = self.kind(value)
            whole = number == float(value)
        except (TypeError, ValueError, OverflowError):  # int(nan) is a ValueError, int(inf) an OverflowError
            number, whole = float("nan"), False
        if not self.low <= number <= self.high or (self.kind is int and not whole):
            wanted = "a whole number" if self.kind is int else "a number"
            raise ValueError(
                f"{self.name}: {value!r} is not {wanted} from {self.low} to {self.high}. Choose one in that range."
            )
        return number

    def from_page(self, value, current=None):
        """Within the ends. A page puts the handle for `current` on the nearest step, and reports that: no move."""
        value = min(max(value, self.low), self.high)
        if current is None or value in (self.low, self.high):
            return value
        scale = math.log10 if self.log else float
        return current if abs(scale(value) - scale(current)) <= (0.5 + 1e-9) * self.step else self.nearest(value)

    def nearest(self, value):
        """The value on a step of the slider that is nearest, within the ends; on a logarithmic scale the roundest
        number close to that step: 0.48 where the step is at 0.4786."""
        value = min(max(value, self.low), self.high)
        if value in (self.low, self.high):
            return self.kind(value)
        to = math.log10 if self.log else float
        at = to(self.low) + round((to(value) - to(self.low)) / self.step) * self.step
        number = self._roundest(at) if self.log else round(at, 9)
        return self.kind(min(max(number, self.low), self.high))

    def _roundest(self, exponent):
        """The number of fewest digits that is near this step of a logarithmic scale, and far from the next."""
        numbers = (float(f"{10**exponent:.{digits}g}") for digits in range(1, 18))
        return next(number for number in numbers if abs(math.log10(number) - exponent) < 0.4 * self.step)

    def stepped(self, value, steps):
        """The value so many steps away, within the ends."""
        if not self.log:
            return self.nearest(value + steps * self.step)
        return self.nearest(10 ** min(math.log10(value) + steps * self.step, math.log10(self.high)))

    def readout(self, value):
        return str(value) if self.kind is int else f"{value + 0.0:.4g}".replace("-", "−")


class Choice(Control):
    """One of a few options: a slider over numbers, a row of buttons for anything else.

    Not a drop-down list, from which JupyterLab takes the arrow keys. `wide` gives it a row of its own.
    """

    def __init__(self, value, options, label, wide=False, **more):
        super().__init__(value, label, **more)
        self.wide = wide
        self.options = tuple(options)
        self.numbers = all(isinstance(option, int | float) for option in self.options)
        if self.numbers:
            self.low, self.high = min(self.options), max(self.options)

    def validate(self, value):
        for option in self.options:  # an equal one of another type, as 50.0 for 50, becomes the option
            if option == value and isinstance(option, bool) == isinstance(value, bool):
                return option
        raise ValueError(f"{self.name}: {value!r} is none of {', '.join(map(repr, self.options))}. Choose one of them.")

    def nearest(self, value):
        """The number among the options that is nearest, by ratio where all are positive; of words the same one."""
        if not self.numbers:
            return self.validate(value)
        scale = math.log if self.low > 0 else float
        return min(self.options, key=lambda option: abs(scale(option) - scale(max(value, self.low))))

    def stepped(self, value, steps):
        """The option so many places further, within the ends."""
        return self.options[min(max(self.options.index(value) + steps, 0), len(self.options) - 1)]

    def readout(self, value):
        return f"{value:,}" if self.numbers else ""


class Text(Control):
    """Something that is typed, in a row of its own.

    Args:
        value: the default.
        label: what stands before the field.
        check: a function that raises a ValueError in words for a text that cannot be used; its result is left.
        examples: other texts that can be used.
    """

    wide = True

    def __init__(self, value, label, check, examples=(), restarts=True):
        super().__init__(value, label, restarts)
        self.check, self.examples = check, tuple(examples)

    def validate(self, value):
        try:
            self.check(value)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None
        return value


class Switch(Control):
    """On or off."""

    def validate(self, value):
        if not isinstance(value, bool | int) or value not in (True, False):
            raise ValueError(f"{self.name}: {value!r} is neither True nor False.")
        return bool(value)


def action(label, icon="", tooltip=""):
    """Makes a method a button of the experiment: `@action("Apply", icon="check")`. The picture follows afterwards."""

    def mark(method):
        method.action = {"description": label, "icon": icon, "tooltip": tooltip}
        return method

    return mark
