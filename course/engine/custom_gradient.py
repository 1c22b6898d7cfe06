"""custom_gradient: a function with a gradient of your own."""

import functools
import inspect

import numpy as np

from course.engine.operation import Operation, convert_to_tensor, each
from course.engine.tape import GradientTape
from course.engine.tensor import Tensor


def custom_gradient(f):
    """A decorator that gives a function a gradient of your own.

    `f(*args)` returns `(y, grad)`, with y a tensor or a list of them, and `grad(*dy)` the gradients with respect to
    each of args, given those with respect to y. It is called once for each tensor in y, with zeros for the others.
    If f reads trainable variables, grad takes `variables` too, and returns their gradients as a second list.
    """
    if not callable(f):
        raise TypeError(f"custom_gradient decorates a function, not {f!r}.")

    @functools.wraps(f)
    def wrapped(*args):
        args = tuple(convert_to_tensor(a) for a in args)
        with GradientTape() as watcher:
            y, grad = f(*args)
        variables = list(watcher.watched_variables())
        if variables and "variables" not in inspect.signature(grad).parameters:
            raise TypeError(
                f"{f.__name__} reads the variables {[v.name for v in variables]}, so its gradient function must take "
                f"an argument `variables`, and return two lists: its arguments' gradients, and the variables'."
            )
        inputs = args + tuple(v._read() for v in variables)
        many = isinstance(y, list | tuple)
        results = [convert_to_tensor(t) for t in (y if many else [y])]

        def gradient_of(i, k, g, *_):
            dys = [g if j == k else Tensor(np.zeros_like(t._value)) for j, t in enumerate(results)]
            dys[k] = convert_to_tensor(g)
            if variables:
                to_args, to_variables = grad(*dys, variables=variables)
            else:
                to_args, to_variables = grad(*dys), []
            gradients = list(to_args) if isinstance(to_args, list | tuple) else [to_args]
            if len(gradients) != len(args):
                raise ValueError(
                    f"{f.__name__}: {len(args)} arguments, but its gradient function gave {len(gradients)}."
                )
            gradient = [*gradients, *to_variables][i]
            if gradient is None:
                return None
            gradient = convert_to_tensor(gradient)
            if gradient.shape != inputs[i].shape:
                what = f"argument {i + 1}" if i < len(args) else f"the variable {variables[i - len(args)].name!r}"
                raise ValueError(
                    f"{f.__name__}: its gradient function gave a gradient of shape {gradient.shape} for {what}, whose "
                    f"shape is {inputs[i].shape}. Make them equal: sum over what was broadcast."
                )
            return gradient if isinstance(g, Tensor) else gradient._value

        outputs = []
        for k, t in enumerate(results):
            rule = each(lambda i, g, z, *_, k=k: gradient_of(i, k, g) if i < len(inputs) else None)
            outputs.append(Operation(f.__name__, lambda *xs: xs[-1], rule, about="your own gradient")(*inputs, t))
        return type(y)(outputs) if many else outputs[0]

    return wrapped
