"""What every experiment is made of: parameters with controls, a picture, a line that says what it shows, and a run.

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

Speed comes from `animated=True`. Artists that have it are drawn at each change, on top of a kept picture of everything
else, which takes a fraction of a millisecond. The rest (axes, ticks, titles, contours) is drawn again, in about 30 ms,
only after something of it has changed: so set a limit or a title only when it has a new value.

Names that begin with one underscore are yours too, but for these, which the base keeps: _assign, _background,
_canvas, _catch_up, _changed, _checked, _count, _defaults, _done, _draw_background, _drawn, _img, _lock,
_make_widgets, _moved, _moving, _picture, _play, _play_button, _progress, _quiet, _readouts, _run_buttons, _show,
_show_status, _size, _status_line, _task, _tell_playing, _then_stay, _then_update, _total, _turn, _widgets.

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
import base64
import html
import io
import math
import threading
import time

import ipywidgets as widgets
import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, features
from traitlets import Bool, HasTraits, Int

from course import plots
from course.experiments.controls import Choice, Control, Slider, Switch, action  # noqa: F401  for the experiments

WIDTH = 9.0  # inches, at plots.PAGE_DPI the width of JupyterLab's page
SCREEN_DPI = 200  # two pixels of the picture for each of the page, for screens with fine pixels
STYLE = 'decoding="sync" style="display:block; width:100%; height:auto"'  # sync: no blank moment between two pictures
# Lossless WebP takes 9 ms and 90 kB where PNG takes 20 ms and 125 kB.
FORMAT = "webp" if features.check("webp") else "png"
FASTEST = {"lossless": True, "quality": 0, "method": 0} if FORMAT == "webp" else {"compress_level": 1}


def panels(*labels, width=WIDTH, height=3.8, **kwargs):
    """`plots.panels` at the width of an experiment."""
    return plots.panels(*labels, width=width, height=height, **kwargs)


def number(value, digits=3):
    """`value` as text for a status line: in significant digits, with a true minus sign, in words where not finite."""
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinity" if value > 0 else "−infinity"
    return f"{value:.{digits}g}".replace("-", "−")


def notice(ax, y=0.5):
    """A moving text within `ax`, empty at first, for what no curve can show: `self._notice.set_text("…")`.

    `y` is its height, from 0 at the bottom to 1 at the top.
    """
    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": plots.PREDICTION}
    place = {"x": 0.5, "y": y, "ha": "center", "va": "center", "transform": ax.transAxes}
    return ax.text(s="", **place, bbox=box, zorder=10, animated=True)


class Experiment(HasTraits):
    """The base of all experiments; this module's docstring says how to write one.

    Args:
        values: parameters other than the defaults. `reset` returns to them.

    Attributes:
        position: how many steps of the run are done.
        playing: whether the run goes on by itself.

    Raises:
        ValueError: a parameter out of its range, here and whenever one is set.
        TypeError: an unknown parameter.
    """

    position = Int(0)
    playing = Bool(False)

    step_name = None  # what a step of the run is called; None where nothing runs
    step_label = "Step"
    replays = True  # a changed parameter repeats the run up to the same position
    total = 0  # how many steps the run has
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
        super().__init__()
        self.controls = {name: trait for name, trait in _members(type(self)) if isinstance(trait, Control)}
        self._lock = threading.RLock()  # JupyterLab may handle widgets on a thread of their own, beside the cells'
        self._quiet, self._done, self._turn = True, None, None
        self._defaults = {name: trait.default_value for name, trait in self.controls.items()}
        self._defaults |= self._checked(values)
        for name, value in self._defaults.items():
            setattr(self, name, value)
        self._total = self.total
        self.position = self.start
        with matplotlib.rc_context(plots.STYLE):
            self.figure = self.build()
            self.figure.set_dpi(SCREEN_DPI)
            self._canvas, self._background = FigureCanvasAgg(self.figure), None
        self._make_widgets()
        self.observe(self._changed, [*self.controls, "position"])
        self.observe(self._tell_playing, "playing")
        self._quiet = False
        self.update()

    def _checked(self, values):
        for name in values.keys() - self.controls.keys():
            raise TypeError(f"{type(self).__name__} has no parameter {name!r}. It has {', '.join(self.controls)}.")
        return {name: self.controls[name].validate(self, value) for name, value in values.items()}

    # Changes

    def set(self, **values):
        """Set several parameters, and draw once. Either all are set or, with a ValueError, none."""
        with self._lock:
            values = {name: value for name, value in self._checked(values).items() if value != getattr(self, name)}
            self._assign(values)
            self.update(*values)
        return self

    def _assign(self, values):
        self._quiet = True
        try:
            for name, value in values.items():
                setattr(self, name, value)
        finally:
            self._quiet = False

    def _changed(self, change):
        with self._lock:
            if not self._quiet:
                self.update(change.name)

    def update(self, *changed):
        """Bring the run, the picture and the status line up to date, after parameters with these names have changed."""
        with self._lock, np.errstate(all="ignore"):  # what overflows is shown, not warned about
            self._quiet = True
            try:
                self._catch_up(changed)
                self.status = self.draw()
                self._show()
            finally:
                self._quiet = False

    def _catch_up(self, changed):
        """Make the steps that lie between the state and `position`, from the first one if need be."""
        if any(self.controls[name].restarts for name in changed if name in self.controls):
            self._done = None
            if not self.replays:
                self.position = 0
        complete, self._total = self.position == self._total, self.total
        if "position" not in changed and complete and self.replays:
            self.position = self._total
        self.position = min(max(self.position, 0), self._total)
        if self._done is None or self._done > self.position:
            self.begin()
            self._done = 0
        try:
            while self._done < self.position:
                self.advance()
                self._done += 1
        except BaseException:  # the kernel was interrupted: a half-made step is repeated, with those before it
            self.position, self._done = self._done if self.replays else 0, None
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
        with self._lock:
            self._assign(self._defaults)
            self._done, self._total = None, self.total
            self._assign({"position": self.start})
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
        self.playing, self._turn = True, object()
        self._task = loop.create_task(self._play(self._turn))  # kept, since the loop itself holds it weakly

    def pause(self):
        """Stop playing, at the present position."""
        self.playing, self._turn = False, None

    async def _play(self, turn):
        pause = self.interval or min(max(4 / max(self.total, 1), 0.05), 0.5)
        try:
            while self._turn is turn and self.position < self.total:
                begun = time.perf_counter()
                self.step()
                spent = time.perf_counter() - begun
                await asyncio.sleep(max(pause - spent, spent))  # at least half of the time is the page's
        except KeyboardInterrupt:  # an interrupt that arrives just now must not end the kernel's loop
            pass
        finally:
            if self._turn is turn:
                self.pause()

    # The page

    def picture(self):
        """The picture as HTML, as the page shows it: here the figure."""
        return self._img(self._drawn(), STYLE, FORMAT)

    def still(self):
        """The figure of the present state, which stands for the experiment where no kernel runs."""
        return self.figure

    def _make_widgets(self):
        self._widgets = {name: control.widget() for name, control in self.controls.items()}
        for name, widget in self._widgets.items():
            widget.value = getattr(self, name)
            widget.observe(lambda change, name=name: self._moved(name, change.new), "value")
        self._picture, self._status_line = widgets.HTML(), widgets.HTML()
        bar = self._run_buttons() if self.step_name else []
        for name, method in _members(type(self)):
            if options := getattr(method, "action", None):
                bar.append(_button(self._then_update(getattr(self, name)), **options))
        bar.append(_button(self.reset, "Reset", "undo", "Back to the beginning, with the values of the text"))
        if self.step_name:
            self._progress = widgets.IntProgress(layout={"flex": "1 1 80px", "height": "12px", "margin": "0 12px"})
            self._progress.style.bar_color = plots.DATA
            self._count = widgets.HTML()
            bar += [self._progress, self._count]
        grid = {"grid_template_columns": "repeat(auto-fit, minmax(340px, 1fr))", "grid_gap": "2px 24px"}
        row = {"flex_flow": "row wrap", "align_items": "center", "margin": "4px 0 8px"}
        self._readouts = {name: widgets.Label(layout={"width": "72px"}) for name in self._widgets}
        for readout in self._readouts.values():
            readout.add_class("course-readout")
        rows = []
        for name, widget in self._widgets.items():
            rows.append(
                widgets.HBox([widget, self._readouts[name]] if self.controls[name].readout(widget.value) else [widget])
            )
            if self.controls[name].wide:
                rows[-1].layout.grid_area = "auto / 1 / auto / -1"  # ipywidgets drops grid_column
        controls = [widgets.GridBox(rows, layout=grid)] if rows else []
        self.widget = widgets.VBox([*controls, widgets.HBox(bar, layout=row), self._picture, self._status_line])
        self.widget.layout.max_width = f"{self._size()[0]}px"
        self.widget.add_class("course-experiment")

    def _run_buttons(self):
        self._play_button = _button(lambda: self.pause() if self.playing else self.play(), "Play", "play")
        back = _button(self._then_stay(self.back), "Back", "step-backward", f"One {self.step_name} back")
        tip = f"One {self.step_name}; after the last, the first again"
        step = _button(self._then_stay(self.step), self.step_label, "step-forward", tip)
        return [self._play_button, *([back] if self.replays else []), step]

    def _then_stay(self, do):
        return lambda: (self.pause(), do())

    def _then_update(self, do):
        return lambda: (do(), self.update())

    def _moved(self, name, value):
        """The page moved a control. What moved since waits in the page, which sends only the newest value."""
        with self._lock:
            if not self._quiet:
                setattr(self, name, self.controls[name].from_page(value, getattr(self, name)))

    def _tell_playing(self, change):
        if self.step_name:
            self._play_button.description, self._play_button.icon = (
                ("Pause", "pause") if change.new else ("Play", "play")
            )
            self._show_status()

    def _show(self):
        for name, widget in self._widgets.items():
            if widget.value != getattr(self, name):
                widget.value = getattr(self, name)
            self._readouts[name].value = self.controls[name].readout(getattr(self, name))
        if self.step_name:
            self._progress.max, self._progress.value = self._total, self.position
            self._count.value = f"{self.step_name} {self.position} of {self._total}"
        self._picture.value = self.picture()
        self._show_status()

    def _show_status(self):
        live = "off" if self.playing else "polite"  # a screen reader is not to speak ten times a second
        text = html.escape(self.status)
        self._status_line.value = (
            f'<div role="status" aria-live="{live}" style="line-height: 1.5; min-height: 3em">{text}</div>'
        )

    def _size(self):
        """The picture's width and height in the page's pixels."""
        return [round(inches * plots.PAGE_DPI) for inches in self.figure.get_size_inches()]

    def _img(self, image, attributes, kind="png"):
        # Not the Image widget: it has no alternative text.
        alt, data = html.escape(self.status), base64.b64encode(image).decode()
        width, height = self._size()
        return f'<img alt="{alt}" width={width} height={height} {attributes} src="data:image/{kind};base64,{data}">'

    def _drawn(self):
        """The figure, encoded: the kept picture of what does not move, with what moves on top."""
        if self._background is None or self.figure.stale:
            self._draw_background()
        else:
            self._canvas.restore_region(self._background)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        size, file = self._canvas.get_width_height(physical=True), io.BytesIO()
        picture = Image.frombuffer("RGBA", size, self._canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        picture.save(file, FORMAT, **FASTEST)
        return file.getvalue()

    def _draw_background(self):
        figure, self._background = self.figure, None  # None until all is done, should the kernel be interrupted
        with matplotlib.rc_context(plots.STYLE):
            self._canvas.draw()
        figure.set_layout_engine("none")  # laid out once: axes do not jump when a label gets longer
        self._background = self._canvas.copy_from_bbox(figure.bbox)
        self._moving = sorted(figure.findobj(lambda artist: artist.get_animated()), key=lambda artist: artist.zorder)
        figure.stale = False

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = plots.png(self.still())
        data = dict(self.widget._repr_mimebundle_())
        data |= {
            "image/png": base64.b64encode(png).decode(),
            "text/html": self._img(png, ""),
            "text/plain": self.status,
        }
        return data, {"image/png": {"alt": self.status, "width": self._size()[0]}}

    def __repr__(self):
        return f"<{type(self).__name__}: {self.status}>"


def _members(cls):
    """The names and values in the bodies of `cls` and of its bases, the bases' first, in the order of the text."""
    return [member for base in reversed(cls.__mro__) for member in vars(base).items()]


def _button(do, description, icon="", tooltip=""):
    button = widgets.Button(description=description, icon=icon, tooltip=tooltip, layout={"width": "88px"})
    button.on_click(lambda _: do())
    return button
