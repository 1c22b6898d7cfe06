"""The names that beginners know as `tf.keras`."""

from course.keras import (
    activations,
    callbacks,
    checkpoint,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    train,
)
from course.keras.layers import Input, reset_names as clear_session
from course.keras.models import Model, Sequential
