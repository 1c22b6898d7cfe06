"""The names that beginners know as `tf.keras`."""

from course import activations, callbacks, initializers, layers, losses, metrics, models, optimizers
from course.layers import Input, reset_names as clear_session
from course.models import Model, Sequential
