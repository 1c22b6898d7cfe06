"""The names that beginners know as `tf.keras`."""

from course.engine.variable import Variable
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
from course.keras.initializers import Initializer
from course.keras.layers import Input, Layer, reset_names as clear_session
from course.keras.losses import Loss
from course.keras.models import Model, Sequential
from course.keras.optimizers import Optimizer
