"""The nonlinear functions between layers, by name."""

from course import nn
from course.engine import ops
from course.engine.operation import convert_to_tensor, identity
from course.keras.utils import found


def linear(x):
    """x itself: no activation."""
    return identity(x)


def silu(x):
    """x · sigmoid(x), also known as swish."""
    x = convert_to_tensor(x)
    return x * nn.sigmoid(x)


def softsign(x):
    """x / (1 + |x|)."""
    x = convert_to_tensor(x)
    return x / (1 + ops.abs_(x))


relu, elu, gelu, leaky_relu, sigmoid = nn.relu, nn.elu, nn.gelu, nn.leaky_relu, nn.sigmoid
softmax, log_softmax, softplus, tanh, exponential = nn.softmax, nn.log_softmax, nn.softplus, ops.tanh, ops.exp

swish = silu

BY_NAME = {
    "linear": linear, "relu": relu, "elu": elu, "gelu": gelu, "leaky_relu": leaky_relu, "sigmoid": sigmoid,
    "softmax": softmax, "log_softmax": log_softmax, "softplus": softplus, "softsign": softsign, "tanh": tanh,
    "exponential": exponential, "silu": silu, "swish": silu,
}  # fmt: skip


def get(identifier):
    """A function from a tensor to a tensor: by its name, as it is, or `linear` for None."""
    if identifier is None:
        return linear
    return found("activation", identifier, BY_NAME, "a function of a tensor")
