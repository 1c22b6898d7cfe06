"""The picture of an experiment as a widget: it shows frames, and reports where its handles are moved."""

from pathlib import Path

import anywidget
import traitlets


class Stage(anywidget.AnyWidget):
    """What `stage.js` shows, which says what each of these is."""

    _esm = Path(__file__).with_name("stage.js").read_text(encoding="utf-8")
    frame, kind, alt = (
        traitlets.Bytes(b"").tag(sync=True),
        traitlets.Unicode("").tag(sync=True),
        traitlets.Unicode("").tag(sync=True),
    )
    least = traitlets.Int(0).tag(sync=True)
    handles = traitlets.List([]).tag(sync=True)
    focus = traitlets.List([]).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)

    def show(self, shown):
        """Takes what `Experiment.shown` returns, in one message to the page."""
        with self.hold_sync():
            for name, value in shown.items():
                setattr(self, name, value)
