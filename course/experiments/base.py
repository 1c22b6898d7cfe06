"""What every experiment is made of: parameters, a figure, a line that says what it shows, and a run.

An experiment is a class. It declares parameters, builds a figure once, and moves the figure's artists at each change:

    class Parabola(Experiment):
        "How steep is the parabola y = a·x²?"

        a = Slider(1.0, -2.0, 2.0, "a")

        def build(self):
            fig, (ax,) = panels(("A parabola", "x", "y"), height=3)
            ax.set(xlim=(-1, 1), ylim=(-2, 2))
            (self._line,) = ax.plot([], [], color=plots.PREDICTION, animated=True)
            return fig

        def draw(self):
            x = np.linspace(-1, 1, 101)
            self._line.set_data(x, self.a * x**2)
            return f"a = {number(self.a)}: y is {number(self.a)} at the ends"

`Parabola()` at the end of a cell displays it; `experiment.a = 0.5` moves the slider and the line, as dragging does.
The text that `draw` returns is `experiment.status`: it stands under the picture, a screen reader speaks it, and a test
compares it. Results are properties of the class, computed by the engine with the calls that the chapter teaches.
What has a place in the picture is grabbed there: `handles.py` says how. A parameter that a handle moves needs no slider
beside it: `Slider(..., in_picture=True)`.

Speed comes from `animated=True`. Artists that have it are drawn at each change, on top of a kept picture of everything
else, which takes a fraction of a millisecond. The rest (axes, ticks, titles, contours) is drawn again, in about 30 ms,
only after something of it has changed: so set a limit or a title only when it has a new value.

All other names are yours. Nothing of the base stands in an experiment's way: this file is the model and its run,
`picture.py` turns the figure into what is shown, and `page.py` has the widgets, which are made when the experiment is
first displayed; the picture among them is `stage.py`, whose JavaScript in `stage.js` works in any page.

Where something runs step by step, say what a step is called, how many there are, and how to make one:

        step_name = "epoch"                 # "epoch 3 of 20" beside the progress bar
        total = Slider(20, 1, 100, "epochs")     # a parameter or a property
        def begin(self): ...                # the state before the first step
        def advance(self): ...              # one step, best under 50 ms: the page waits for it

`draw` then shows the state after `self.position` steps. The base makes Play, Pause, Back, Step, Reset and the progress
bar; without a page, `step()`, `back()`, `run()` and `reset()` do the same. A changed parameter begins the run again and
repeats it up to the same position, so that the picture answers at once. Where steps are expensive, `replays = False`
lets it begin at position 0 instead, and `restarts=False` on a parameter lets the run go on with the new value.
"""

import asyncio
import contextlib
import html
import importlib
import inspect
import math
import re
import threading
import time

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from course import plots
from course.experiments.controls import Choice, Control, Slider, Switch, Text, action  # noqa: F401  for the experiments
from course.experiments.handles import Handle
from course.experiments.picture import FORMAT, Key, Picture  # noqa: F401  a key, for the experiments

FAR = 1e4  # what lies this many times farther than the picture reaches is drawn there: a picture cannot hold 1e30
WIDTH = 9.0  # inches, at plots.PAGE_DPI the width of JupyterLab's page


def panels(*labels, width=WIDTH, height=3.8, **kwargs):
    """`plots.panels` at the width of an experiment."""
    return plots.panels(*labels, width=width, height=height, **kwargs)


def mosaic(layout, labels, width=WIDTH, height=3.8, **kwargs):
    """A figure with axes as `Figure.subplot_mosaic` lays them out, and `labels`, each (title, xlabel, ylabel), by name.

    Returns the figure, and the axes by name in the order of `labels`, which is that of `Figure.axes`.
    """
    with matplotlib.rc_context(plots.STYLE):
        fig = Figure(figsize=(width, height), dpi=plots.PAGE_DPI, layout="constrained")
        axes = fig.subplot_mosaic(layout, **kwargs)
        for name, (title, xlabel, ylabel) in labels.items():
            axes[name].set(title=title, xlabel=xlabel, ylabel=ylabel)
    return fig, axes


def number(value, digits=3):
    """`value` as text for a status line: in significant digits, with a true minus sign, in words where not finite."""
    value = float(value) + 0.0  # -0.0 is 0
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinity" if value > 0 else "−infinity"
    return f"{value:.{digits}g}".replace("-", "−")


def room(steps, at_first, most=math.inf):
    """The ends of an axis with room for so many steps: `at_first`, or the next of 1.5, 2, 3, 5, 7 and 10 times as many,
    up to the `most` there can be.

    An axis that ended at the last step would be drawn again, and look otherwise, at each step more.
    """
    share = max(steps, 1) / at_first
    power = 10.0 ** math.floor(math.log10(share))
    end = at_first * next(power * part for part in (1, 1.5, 2, 3, 5, 7, 10, 15) if power * part >= share * (1 - 1e-9))
    end = min(end, most)
    return -0.03 * end, 1.03 * end


def notice(ax, y=0.5):
    """A moving text within `ax`, empty at first, for what no curve can show: `self._notice.set_text("…")`.

    `y` is its height, from 0 at the bottom to 1 at the top.
    """
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": plots.PREDICTION}
    place = {"x": 0.5, "y": y, "ha": "center", "va": "center", "transform": ax.transAxes}
    return ax.text(s="", **place, bbox=box, zorder=10, animated=True)


class Experiment:
    """The base of all experiments; this module's docstring says how to write one.

    Args:
        values: parameters other than the defaults. `reset` returns to them.

    Raises:
        ValueError: a parameter out of its range, here and whenever one is set.
        TypeError: an unknown parameter.
    """

    step_name = None  # what a step of the run is called; None where nothing runs
    replays = True  # a changed parameter repeats the run up to the same position
    total = 0  # how many steps the run has
    open_end = False  # whether so many that nobody comes to the end: then the page does not say how many
    inks = {}  # the colour that the picture has for what these words of the status line name
    question = ""  # what a reader can answer with it, and has not been told before
    least = 0  # pixels below which the page lets the picture scroll rather than shrink; 0: as its layout says
    focus = ()  # from where to where the page keeps the picture in view where it scrolls, fractions of its width
    gesture = None  # what the reader's hand does at this change: the same for all moves of a drag, None from code
    interval = None  # seconds from step to step while it plays; by default so that the whole run takes some 4 seconds

    def build(self):
        """Makes the figure, once. Returns it."""
        raise NotImplementedError

    def draw(self):
        """Moves the figure's artists to the present values. Returns the status line."""
        raise NotImplementedError

    def begin(self):
        """Sets the state before the first step."""

    def advance(self):
        """Makes one step."""

    @property
    def start(self):
        """The position at which it begins and to which `reset` returns: the run's end, unless steps are expensive."""
        return self.total if self.replays else 0

    def __init__(self, **values):
        parts = members(type(self))
        self.controls = {name: part for name, part in parts.items() if isinstance(part, Control)}
        self.handles = {name: part for name, part in parts.items() if isinstance(part, Handle)}
        # Two underscores: Python gives these names that no experiment has. JupyterLab may handle widgets on a thread of
        # their own, beside the cells'.
        self.__lock, self.__quiet, self.__page, self.__playing = threading.RLock(), True, None, None
        self.refused = {}  # what was typed and cannot be used, by the parameter's name
        self.__defaults = {name: control.default for name, control in self.controls.items()} | self.__checked(values)
        vars(self).update(self.__defaults)
        self.__done, self.__total = None, self.total
        self.__position = self.start
        with matplotlib.rc_context(plots.STYLE):
            self.figure = self.build()
        self.drawing = Picture(self.figure)
        self.__quiet = False
        self.update()

    def __checked(self, values):
        for name in values.keys() - self.controls.keys():
            raise TypeError(f"{type(self).__name__} has no parameter {name!r}. It has {', '.join(self.controls)}.")
        return {name: self.controls[name].validate(value) for name, value in values.items()}

    def _check_points(self, inputs, outputs):
        """Refuses what is not a pair of vectors, one number for each point."""
        if inputs.shape != outputs.shape or inputs.ndim != 1 or not len(inputs):
            raise ValueError(
                f"{type(self).__name__}: inputs of shape {inputs.shape} and outputs of shape {outputs.shape}. "
                f"Give both the same shape (N,), one number for each point."
            )

    # Changes

    def set(self, **values):
        """Set several parameters, and draw once. Either all are set or, with a ValueError, none."""
        with self.__lock:
            checked = self.__checked(values)
            for name in checked:
                self.refused.pop(name, None)
            values = {name: value for name, value in checked.items() if value != getattr(self, name)}
            vars(self).update(values)
            if not self.__quiet:
                self.update(*values)
        return self

    @property
    def state(self):
        """All parameters and the position, as numbers and words that JSON can hold. Set it to go there.

        All of it is set or, with an error, nothing. The run is made anew: where a parameter that lets the run go on
        (`restarts=False`) was changed on the way, the steps before that change are now made with its last value.
        Without a position, the run stands where it would in a new experiment with these parameters.

        Raises:
            ValueError: a parameter out of its range, or a position beyond the run of these parameters.
            TypeError: an unknown parameter, or a position that is not an integer.
        """
        return {name: getattr(self, name) for name in self.controls} | {"position": self.position}

    @state.setter
    def state(self, state):
        with self.__lock:
            state = dict(state)
            position = self.__whole(state.pop("position")) if "position" in state else None
            before = {name: getattr(self, name) for name in self.controls}
            vars(self).update(self.__checked(state))
            total = self.total  # it may be one of the parameters
            position = self.start if position is None else position
            if not 0 <= position <= total:
                vars(self).update(before)
                raise ValueError(f"position: {position} is not from 0 to {total}, the run's end with these parameters.")
            self.__done, self.__total, self.__position = None, total, position
            self.refused.clear()
            self.update("position")

    def __whole(self, position):
        if isinstance(position, bool) or not isinstance(position, int | np.integer):
            raise TypeError(f"position: {position!r} is not an integer. It counts {self.step_name or 'step'}s.")
        return int(position)

    @property
    def position(self):
        """How many steps of the run are done. Set it to go there."""
        return self.__position

    @position.setter
    def position(self, value):
        value = self.__whole(value)
        with self.__lock:
            changed, self.__position = value != self.__position, value
            if changed and not self.__quiet:
                self.update("position")

    @property
    def marked(self):
        """The status line as HTML: what the picture has in a colour is underlined with it."""
        if not self.inks:
            return html.escape(self.status)
        names = "|".join(re.escape(name) for name in sorted(self.inks, key=len, reverse=True))
        line = '<span style="text-decoration: underline 3px {}; text-underline-offset: 3px">{}</span>'
        return re.sub(
            rf"\b(?:{names})\b", lambda found: line.format(self.inks[found[0]], found[0]), html.escape(self.status)
        )

    @property
    def progress(self):
        """How far the run is, in words; empty where nothing runs."""
        if not self.step_name:
            return ""
        return f"{self.step_name} {self.position}" + f" of {self.total}" * (not self.open_end)

    @property
    def playing(self):
        """Whether the run goes on by itself."""
        return self.__playing is not None

    def update(self, *changed):
        """Bring the run, the picture and the status line up to date, after parameters with these names have changed."""
        with self.__lock, np.errstate(all="ignore"):  # what overflows is shown, not warned about
            self.__quiet = True
            try:
                self.__catch_up(changed)
                self.status = self.draw()
                if self.__page is not None:
                    self.__page.show()
            finally:
                self.__quiet = False

    def __catch_up(self, changed):
        """Make the steps that lie between the state and `position`, from the first one if need be."""
        if any(self.controls[name].restarts for name in changed if name in self.controls):
            self.__done = None
            if not self.replays:
                self.__position = 0
        complete, self.__total = self.__position == self.__total, self.total
        if "position" not in changed and complete and self.replays:
            self.__position = self.__total
        self.__position = min(max(self.__position, 0), self.__total)
        if self.__done is None or self.__done > self.__position:
            self.begin()
            self.__done = 0
        try:
            while self.__done < self.__position:
                self.advance()
                self.__done += 1
        except BaseException:  # the kernel was interrupted: a half-made step is repeated, with those before it
            self.__position, self.__done = self.__done if self.replays else 0, None
            raise

    # The run

    def step(self):
        """One step; after the last one, the first again."""
        self.position = self.position + 1 if self.position < self.total else min(1, self.total)

    def back(self):
        """One step back."""
        self.position = max(self.position - 1, 0)

    def run(self):
        """All steps that remain, and one picture at the end."""
        self.position = self.total

    def reset(self):
        """The parameters that the experiment was made with, and the run as it was then."""
        self.pause()
        with self.__lock:
            vars(self).update(self.__defaults)
            self.refused.clear()
            self.__done, self.__total = None, self.total
            self.__position = self.start
            self.update("position")

    def play(self):
        """Step by step to the end or until `pause`, in the background; a finished run begins again.

        Where no event loop runs (a plain script), all at once.
        """
        if self.position >= self.total:
            self.position = 0
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self.run()
        turn = self.__playing = object()
        self.__task = loop.create_task(self.__play(turn))  # kept, since the loop itself holds it weakly
        self.__tell_playing()

    def pause(self):
        """Stop playing, at the present position."""
        was, self.__playing = self.__playing, None
        if was is not None:
            self.__tell_playing()

    def __tell_playing(self):
        if self.__page is not None:
            self.__page.show_playing()

    async def __play(self, turn):
        pause = self.interval or min(max(4 / max(self.total, 1), 0.05), 0.5)
        try:
            while self.__playing is turn and self.position < self.total:
                begun = time.perf_counter()
                self.step()
                spent = time.perf_counter() - begun
                await asyncio.sleep(max(pause - spent, spent))  # at least half of the time is the page's
        except KeyboardInterrupt:  # an interrupt that arrives just now must not end the kernel's loop
            pass
        finally:
            if self.__playing is turn:
                self.pause()

    # What is shown

    def picture(self):
        """The picture as the page shows it, its bytes and their media type: here the figure."""
        return self.drawing.encoded(), f"image/{FORMAT}"

    def shown(self):
        """All that `stage.js` shows of it: the picture, what it says, and the handles in their places."""
        with self.__lock:
            frame, kind = self.picture()
            places = [place for handle in self.handles.values() if (place := handle.describe(self))]
            shown = {"frame": frame, "kind": kind, "alt": self.status, "least": self.least or self.drawing.least}
            return shown | {"handles": places, "focus": list(self.focus)}

    def still(self):
        """The figure of the present state, which stands for the experiment where no kernel runs."""
        return self.figure

    @property
    def page(self):
        """The widgets: `experiment.page.widgets["W"]`. They are made when they are first asked for."""
        with self.__lock:
            if self.__page is None:
                # Only this needs ipywidgets: an experiment runs and draws without a page.
                self.__page = importlib.import_module("course.experiments.page").Page(self)
        return self.__page

    def from_page(self, name, value):
        """The page moved a control. What moved since waits in the page, which sends only the newest value.

        A text that cannot be used stays in its field to be mended, and the status line says what is wrong with it.
        """
        with self.__lock:
            if self.__quiet:
                return
            try:
                with self.__by_hand(name):
                    setattr(self, name, self.controls[name].from_page(value, getattr(self, name)))
            except ValueError as error:
                self.refused[name], self.status = value, str(error)
                if self.__page is not None:
                    self.__page.show()

    def entered(self, name):
        """What the control of a parameter holds: the parameter's value, or a text that cannot be used."""
        return self.refused.get(name, getattr(self, name))

    def reported(self, ratio=None, narrow=False, **move):
        """What `stage.js` sends: how many of the screen's pixels are one of the page's and whether there is room for
        less than the picture's width, or a move for `touch`."""
        with self.__lock:
            if ratio is None:
                self.touch(**move)
            elif self.drawing.fit(ratio, narrow):
                self.update()

    def touch(self, name, *, x=None, y=None, dx=0, dy=0, grab=None, n=None):
        """A handle was moved in the page: to (x, y), fractions of the picture from the top left, or by steps.

        All of a drag, and presses of the same arrow keys, have the same `grab`.
        """
        with self.__lock:
            handle = self.handles[name]
            if handle.at(self) is None:
                return
            with self.__by_hand((name, grab)):
                if x is None:
                    values = handle.stepped(self, dx, dy)
                else:
                    pixels = np.array([x, 1 - y]) * self.figure.canvas.get_width_height(physical=True)
                    to = self.figure.axes[handle.axes].transData.inverted().transform(pixels)
                    values = handle.moved(self, *map(float, to))
                if values is None:
                    self.update()
                elif any(value != getattr(self, name) for name, value in values.items()):
                    self.set(**values)

    @contextlib.contextmanager
    def __by_hand(self, gesture):
        self.gesture = gesture
        try:
            yield
        finally:
            self.gesture = None

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.page.mimebundle()

    def __repr__(self):
        return f"<{type(self).__name__}: {self.status}>"


def members(cls):
    """What the bodies of `cls` and of its bases define, by name: the bases' names first, each as `cls` has it."""
    names = [name for base in reversed(cls.__mro__) for name in vars(base)]
    return {name: inspect.getattr_static(cls, name) for name in dict.fromkeys(names)}
