"""Recorder: who listens to operations.

Operations, variables and tensors know nothing of gradients or of programs. Each does its work, and tells the recorders
that are active on this thread. There are two kinds: a `GradientTape` notes what gradients need, and the trace of a
`function` notes everything, to run it again.
"""

import threading


class _Active(threading.local):
    """The recorders that listen on this thread, the outermost first."""

    recorders = ()


active = _Active()


class Recorder:
    """What a recorder may be told. Each kind overrides what it wants to hear."""

    __slots__ = ()

    differentiates = False  # whether it asks for the gradient of what it records
    replays = False  # whether it runs what it records again, with other values

    def follows(self, x):
        """Whether the tensor or variable `x` is one of those whose use it records."""
        return False

    def symbol(self, x):
        """The text to print for the tensor or variable `x`, where its value is an example only; else None."""
        return None

    def on_operation(self, operation, inputs, output, attributes):
        """An `Operation` has computed the tensor `output` from the tensors `inputs` and keyword `attributes`."""

    def on_read(self, variable, tensor):
        """A variable was read: `tensor` is the value that it has now."""

    def on_change(self, variable, method, value):
        """A variable is about to change, by its method of that name, which was given a tensor or `IndexedSlices`."""

    def on_exit(self, tensor, how):
        """The value of a tensor or variable leaves for plain NumPy, by the method `how`."""

    def on_new_variable(self, name):
        """A variable is about to be made."""

    def on_optimizer_step(self, optimizer, pairs):
        """An optimizer is about to apply pairs of a gradient and a variable. A recorder that takes this step itself
        returns what `apply_gradients` shall return; any other returns None."""


def differentiating():
    """Whether a recorder listens that asks for gradients."""
    return any([recorder.differentiates for recorder in active.recorders])


def tracing():
    """Whether a recorder listens that replays: values are then examples, and must not decide anything."""
    return any([recorder.replays for recorder in active.recorders])


def symbol(x):
    """The text to print for a tensor or variable, if a recorder says that its value is an example only; else None."""
    return next((text for recorder in active.recorders if (text := recorder.symbol(x))), None)
