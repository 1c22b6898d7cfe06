"""The names that beginners know as `tf.keras`."""

from course.engine.variable import Variable
from course.keras import (
    activations,
    backend,
    callbacks,
    checkpoint,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    train,
    utils,
)
from course.keras.initializers import Initializer
from course.keras.layers import Input, Layer
from course.keras.losses import Loss
from course.keras.metrics import Metric
from course.keras.models import Model, Sequential
from course.keras.optimizers import Optimizer
from course.keras.regularizers import Regularizer
