"""An experiment in JupyterLab: a widget for each control, buttons for the run, the picture, and the line below it."""

import base64
import functools
import math

import ipywidgets

from course import plots
from course.experiments.base import members
from course.experiments.controls import Choice, Slider, Switch, Text
from course.experiments.picture import image
from course.experiments.stage import Stage


class Page:
    """The widgets of one experiment.

    Attributes:
        widgets: the control's widget, by the parameter's name, but for those that are moved in the picture alone.
        widget: all together.
    """

    def __init__(self, experiment):
        self._experiment = experiment
        controls = experiment.controls.items()
        self.widgets = {name: widget_of(control) for name, control in controls if not control.in_picture}
        for name, widget in self.widgets.items():
            widget.value = getattr(experiment, name)
            widget.observe(lambda change, name=name: self._moved(name, change.new), "value")
        self._between_steps = {name: [] for name in self.widgets}  # numbers that the page has yet to put on a step
        self.picture, self.status = Stage(), ipywidgets.HTML()
        self.picture.on_msg(lambda _, report, __: self._reported(report))
        buttons = self._run_buttons() if experiment.step_name else []
        for name, method in members(type(experiment)).items():
            if options := getattr(method, "action", None):
                buttons.append(_button(self._then(getattr(experiment, name), experiment.update), **options))
        tip = "Back to the beginning, with the values of the text"
        buttons.append(_button(experiment.reset, "Reset", "undo", tip))
        if experiment.step_name:
            layout = {"flex": "1 1 80px", "height": "12px", "margin": "0 12px"}
            self.progress, self.count = ipywidgets.IntProgress(layout=layout), ipywidgets.HTML()
            self.progress.style.bar_color = plots.DATA
            self.progress.layout.visibility = "hidden" if experiment.open_end else "visible"
            buttons += [self.progress, self.count]
        grid = {"grid_template_columns": "repeat(auto-fit, minmax(340px, 1fr))", "grid_gap": "2px 24px"}
        row = {"flex_flow": "row wrap", "align_items": "center", "margin": "4px 0 8px"}
        rows = self._rows()
        controls = [ipywidgets.GridBox(rows, layout=grid)] if rows else []
        parts = [*controls, ipywidgets.HBox(buttons, layout=row), self.picture, self.status]
        self.widget = ipywidgets.VBox(parts)
        self.widget.layout.max_width = f"{experiment.drawing.size[0]}px"
        self.widget.add_class("course-experiment")
        self.show()
        self.show_playing()

    def _rows(self):
        """Each control with its readout."""
        self.readouts = {
            name: ipywidgets.Label(layout={"width": "84px", "margin": "2px 2px 2px 10px"}) for name in self.widgets
        }
        rows, controls = [], self._experiment.controls
        switches = {control.switch for control in controls.values()}
        for name, widget in self.widgets.items():
            control, readout = controls[name], self.readouts[name]
            if name in switches:
                continue
            readout.add_class("course-readout")
            parts = [widget, readout] if control.readout(widget.value) else [widget]
            if control.switch:
                switch = self.widgets[control.switch]
                switch.description, switch.indent, switch.layout.width = "", False, "28px"
                switch.tooltip = controls[control.switch].label  # its name, where it has no words beside it
                parts.insert(0, switch)
            rows.append(ipywidgets.HBox(parts))
            if control.wide:
                rows[-1].layout.grid_area = "auto / 1 / auto / -1"  # ipywidgets drops grid_column
        return rows

    def _run_buttons(self):
        experiment = self._experiment
        self.play = _button(lambda: experiment.pause() if experiment.playing else experiment.play(), "Play", "play")
        name = experiment.step_name
        back = _button(self._then(experiment.pause, experiment.back), "Back", "step-backward", f"One {name} back")
        tip = f"One {name}; after the last, the first again"
        step = _button(self._then(experiment.pause, experiment.step), "Step", "step-forward", tip)
        return [self.play, *([back] if experiment.replays else []), step]

    def _then(self, first, second):
        return lambda: (first(), second())

    def show(self):
        """Brings the widgets up to date with the experiment."""
        experiment = self._experiment
        for name, widget in self.widgets.items():
            control, entered = experiment.controls[name], experiment.entered(name)
            if control.from_page(widget.value, entered) != entered:  # else a hand that holds it would be moved back
                widget.value = entered
                self._between_steps[name] = [*self._between_steps[name][-20:], entered]
            self.readouts[name].value = control.readout(getattr(experiment, name))
        if experiment.step_name:
            self.progress.max, self.progress.value = experiment.total, experiment.position
            self.count.value = experiment.progress
        self.picture.show(experiment.shown())
        self._show_status()

    def _moved(self, name, value):
        """A control was moved. A slider also reports the step on which it puts a number that it was given, and on a
        busy machine that comes late, when it was given another: no hand moved it."""
        control, given = self._experiment.controls[name], self._between_steps[name]
        if value == self._experiment.entered(name):
            return
        for i, number in enumerate(given):
            if control.from_page(value, number) == number != value:
                del given[: i + 1]
                return
        given.clear()
        self._experiment.from_page(name, value)

    def _reported(self, report):
        with self.picture.hold_sync():  # one message: the page sends the next move as soon as it has the picture
            try:
                self._experiment.reported(**report)
            finally:  # an error or an interrupt must not leave the page waiting
                self.picture.answered = report.get("n", self.picture.answered)

    def show_playing(self):
        """The run begins to play, or pauses."""
        if self._experiment.step_name:
            playing = self._experiment.playing
            self.play.description, self.play.icon = ("Pause", "pause") if playing else ("Play", "play")
            self._show_status()

    def _show_status(self):
        live = "off" if self._experiment.playing else "polite"  # a screen reader is not to speak ten times a second
        style = "line-height: 1.5; min-height: 3em"
        self.status.value = f'<div role="status" aria-live="{live}" style="{style}">{self._experiment.marked}</div>'

    def mimebundle(self):
        """What a notebook stores: the widgets, and a still picture where no kernel runs."""
        experiment = self._experiment
        png, status, size = plots.png(experiment.still()), experiment.status, experiment.drawing.size
        data = dict(self.widget._repr_mimebundle_())
        data |= {"image/png": base64.b64encode(png).decode(), "text/html": image(png, status, size)}
        data |= {"text/plain": status}
        return data, {"image/png": {"alt": status, "width": size[0]}}


def widget_of(control):
    """A new widget for a control."""
    options = {"description": control.label, "layout": {"width": "100%"}, "style": {"description_width": "120px"}}
    return _make(control, options | {"value": control.default})


@functools.singledispatch
def _make(control, options):
    raise TypeError(f"there is no widget for a {type(control).__name__}.")


@_make.register
def _(control: Slider, options):
    options |= {"step": control.step, "readout": False}
    if control.log:
        return ipywidgets.FloatLogSlider(min=math.log10(control.low), max=math.log10(control.high), **options)
    kind = ipywidgets.IntSlider if control.kind is int else ipywidgets.FloatSlider
    return kind(min=control.low, max=control.high, **options)


@_make.register
def _(control: Choice, options):
    options |= {"options": control.options}
    if control.numbers:
        return ipywidgets.SelectionSlider(readout=False, **options)
    options["style"] |= {"button_width": "auto"}
    row = ipywidgets.ToggleButtons(**options)
    row.add_class("widget-inline-hbox")  # the label to the left, as a slider's
    return row


@_make.register
def _(control: Text, options):
    return ipywidgets.Text(continuous_update=False, **options)  # Enter, or leaving the field, hands it over


@_make.register
def _(control: Switch, options):
    return ipywidgets.Checkbox(options.pop("value"), **options)


def _button(do, description, icon="", tooltip=""):
    layout = {"width": "auto", "min_width": "88px"}
    button = ipywidgets.Button(description=description, icon=icon, tooltip=tooltip, layout=layout)
    button.on_click(lambda _: do())
    return button
