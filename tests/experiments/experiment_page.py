"""What must hold of every experiment and its page at every moment."""

import html
import math
import re

import pytest

from course.experiments import base


def consistent(experiment):
    """What the page shows is the state."""
    for name, widget in experiment.page.widgets.items():
        control = experiment.controls[name]
        value = getattr(experiment, name)
        if isinstance(control, base.Slider):  # a page puts a handle on the nearest step
            scale = math.log10 if control.log else float
            assert scale(widget.value) == pytest.approx(scale(value), abs=(0.5 + 1e-9) * control.step)
        else:
            assert widget.value == value
        assert experiment.page.readouts[name].value == control.readout(value)
    assert 0 <= experiment.position <= experiment.total
    if experiment.step_name:
        page, count = experiment.page, f"{experiment.step_name} {experiment.position}"
        assert (page.progress.value, page.progress.max) == (experiment.position, experiment.total)
        assert page.count.value == (count if experiment.open_end else f"{count} of {experiment.total}")
    assert experiment.marked in experiment.page.status.value
    assert html.unescape(re.sub("<[^>]*>", "", experiment.marked)) == experiment.status
    assert experiment.page.picture.alt == experiment.status
