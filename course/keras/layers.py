"""Layers: functions with weights, which a model is put together from.

A layer creates its weights when it is first called, from the shape of what it is given; `build` does that, and `call`
computes the output. Names, arguments and defaults are those of Keras.
"""

import inspect
import re
import threading

import numpy as np

from course import nn, random
from course.engine import nest
from course.engine.operation import cast, convert_to_tensor, stop_gradient
from course.engine.ops import gather, matmul, reduce_mean, reshape, rsqrt, square
from course.engine.tensor import Tensor, TensorLike, TensorShape, as_dtype
from course.engine.variable import Variable
from course.keras import activations, initializers
from course.keras.module import Module


class _Calling(threading.local):
    """What the layer that is being called on this thread was told about training; those within are told the same."""

    training = False


_calling = _Calling()
_counts = {}  # how many layers have had each automatic name


class Layer(Module):
    """A base class for layers of your own: create weights in `build(input_shape)`, compute in `call(inputs)`.

        class Scale(Layer):
            def build(self, input_shape):
                self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

            def call(self, inputs):
                return inputs * self.factor

    A `call` that takes an argument `training` learns whether it computes for training. Weights may also be created in
    `__init__`, and other layers be attributes.

    Args:
        trainable: whether training changes its weights; it can be set later too, and holds for the layers within.
        dtype: a float's, of the weights; float inputs are cast to it.
        name: by default the class's name, with a number from the second on.
        input_shape: of one example, for the first layer of a `Sequential`, so that it is built at once. `input_dim=n`
            is short for input_shape=(n,).
    """

    built = False  # whether the weights exist; here rather than in __init__, which derived classes may forget to call
    dtype = np.dtype("float32")
    _trainable, _takes_training = True, False

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._takes_training = "training" in inspect.signature(cls.call).parameters

    def __init__(self, *, trainable=True, dtype="float32", name=None, input_shape=None, input_dim=None):
        super().__init__(name or _numbered(type(self).__name__))
        self._trainable, self.dtype = bool(trainable), as_dtype(dtype)
        self._input_shape = input_shape if input_dim is None else (input_dim,)

    def build(self, input_shape):
        """Creates the weights for inputs of `input_shape`, the batch's size included. Called before the first call."""

    def call(self, inputs):
        """The layer's output for `inputs`, a tensor or a nesting of tensors."""
        raise NotImplementedError(f"{type(self).__name__}: define call(self, inputs), which computes its output.")

    def __call__(self, inputs, *args, training=None, **kwargs):
        if isinstance(inputs, Input):
            raise TypeError(f"{self.name}: {inputs} holds no numbers. Put it first in a Sequential, or derive a Model.")
        inputs = nest.map_structure(self._as_float, as_tensors(inputs))
        if not self.built:
            self._build_for(nest.map_structure(lambda x: x.shape, inputs))
        outer = _calling.training
        _calling.training = outer if training is None else bool(training)
        try:
            if self._takes_training:
                kwargs["training"] = _calling.training
            outputs = self.call(inputs, *args, **kwargs)
        finally:
            _calling.training = outer
        self._output_shape = (None, *outputs.shape[1:]) if isinstance(outputs, Tensor) else None
        return outputs

    def _as_float(self, x):
        return cast(x, self.dtype) if x.dtype.kind == "f" and x.dtype != self.dtype else x

    def _build_for(self, input_shape):
        self.build(input_shape)
        self.built = True

    def add_weight(self, shape=(), initializer="glorot_uniform", dtype=None, trainable=True, name=None):
        """A new variable of `shape`; keep it as an attribute. The initializer is a name, or a function of a shape."""
        value = initializers.get(initializer)(shape, dtype=as_dtype(dtype or self.dtype))
        if value.shape != tuple(shape):
            raise ValueError(f"{self.name}: the initializer of {name} gave the shape {value.shape}, not {shape}.")
        return Variable(value, trainable=trainable, name=f"{self.name}/{name or 'weight'}")

    @property
    def trainable(self):
        """Whether training changes the layer. Set it to False, and the layers within are frozen too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        self._trainable = bool(value)
        for layer in self._layers_within():
            layer.trainable = value

    def _layers_within(self):
        return [part for part in _leaves(vars(self)) if isinstance(part, Layer)]

    def _collect(self, only_trainable=False):
        """All variables, each once: the layer's own, then those of each layer within, in the order of creation."""
        found, visited, to_visit = {}, set(), [self]
        while to_visit:
            module = to_visit.pop()
            if id(module) in visited or (only_trainable and not getattr(module, "trainable", True)):
                continue
            visited.add(id(module))
            leaves = _leaves(vars(module))
            found |= {id(leaf): leaf for leaf in leaves if isinstance(leaf, Variable)}
            to_visit += [leaf for leaf in reversed(leaves) if isinstance(leaf, Module)]
        return tuple(found.values())

    @property
    def variables(self):
        """All variables of the layer and of the layers within, in the order in which they were created."""
        return self._collect()

    @property
    def trainable_variables(self):
        """The variables that training changes: those of layers that are not frozen."""
        return tuple(v for v in self._collect(only_trainable=True) if v.trainable)

    @property
    def non_trainable_variables(self):
        """The other variables."""
        trainable = {id(v) for v in self.trainable_variables}
        return tuple(v for v in self.variables if id(v) not in trainable)

    weights, trainable_weights, non_trainable_weights = variables, trainable_variables, non_trainable_variables

    def count_params(self):
        """How many numbers the layer's weights hold."""
        return sum(v.shape.num_elements() for v in self.variables)

    def get_weights(self):
        """The weights' values, as a list of NumPy arrays."""
        return [np.array(v.numpy()) for v in self.variables]

    def set_weights(self, weights):
        """Sets all weights from a list of arrays, such as `get_weights` gives. On an error nothing changes."""
        weights = [np.asarray(w) for w in weights]
        shapes, given = [tuple(v.shape) for v in self.variables], [w.shape for w in weights]
        if shapes != given:
            hint = "" if self.variables else " Call the layer once, so that it creates its weights."
            raise ValueError(f"set_weights: {self.name} has weights of shapes {shapes}, and was given {given}.{hint}")
        for variable, w in zip(self.variables, weights):
            variable.assign(w)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


class Input:
    """The shape of one example, as the first entry of a `Sequential`, which is then built at once."""

    def __init__(self, shape, dtype="float32", name=None):
        self.shape, self.dtype = TensorShape(shape), as_dtype(dtype)

    def __repr__(self):
        return f"Input(shape={tuple(self.shape)})"


class Dense(Layer):
    """activation(inputs · kernel + bias): every unit is a weighted sum of all inputs.

    Inputs (batch, …, n) give outputs (batch, …, units); the weights are `kernel` (n, units) and `bias` (units,).
    """

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units, self.use_bias = _positive(self, "units", units), use_bias
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def build(self, input_shape):
        if len(input_shape) < 2:
            raise ValueError(
                f"{self.name}: inputs of shape {input_shape} have no axis of features. Give (batch, features): "
                f"x[:, None] turns N numbers into N examples of one feature."
            )
        self.kernel = self.add_weight((input_shape[-1], self.units), self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, name="bias")

    def call(self, inputs):
        _check_last_axis(self, inputs, self.kernel.shape[0])
        outputs = matmul(cast(inputs, self.dtype), self.kernel)
        return self.activation(outputs + self.bias if self.use_bias else outputs)


class Embedding(Layer):
    """A table with a vector for each of `input_dim` things: ids of any shape s give vectors of shape s + (output_dim,).

    The gradient to the table is an `IndexedSlices`: only the rows that were looked up cost anything.
    """

    def __init__(self, input_dim, output_dim, embeddings_initializer="uniform", **kwargs):
        super().__init__(**kwargs)
        self.input_dim = _positive(self, "input_dim", input_dim)
        self.output_dim = _positive(self, "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)

    def build(self, input_shape):
        shape = (self.input_dim, self.output_dim)
        self.embeddings = self.add_weight(shape, self.embeddings_initializer, name="embeddings")

    def call(self, inputs):
        ids = inputs if inputs.dtype.kind in "iu" else cast(inputs, "int64")
        if np.any(ids._value != inputs._value):
            raise TypeError(f"{self.name}: ids are whole numbers, and these are {inputs.dtype}: {inputs.numpy()}.")
        return gather(self.embeddings, ids)


class Dropout(Layer):
    """In training, sets each input to 0 with probability `rate` and divides the others by 1 - rate, so that their
    expected sum stays. Otherwise passes inputs on. The random numbers are `course.random`'s.

    Args:
        noise_shape: a shape that broadcasts against the inputs': where it is 1, all along that axis share their fate.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            raise ValueError(f"{self.name}: rate is {rate}, and a probability lies between 0 and 1.")
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        keep = random.uniform(self.noise_shape or inputs.shape, seed=self.seed) >= self.rate
        return inputs * (cast(keep, inputs.dtype) / (1 - self.rate if self.rate < 1 else 1))


class BatchNormalization(Layer):
    """gamma · (inputs - mean) / √(variance + epsilon) + beta, separately for each feature along `axis`.

    In training mean and variance are the batch's, and moving averages follow them: moving = momentum · moving +
    (1 - momentum) · the batch's. Otherwise, and while the layer is frozen, it takes the moving averages.
    """

    def __init__(self, axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.momentum, self.epsilon = axis, momentum, epsilon
        self.center, self.scale = center, scale

    def build(self, input_shape):
        size = (input_shape[_checked_axis(self, self.axis, input_shape)],)
        if self.scale:
            self.gamma = self.add_weight(size, "ones", name="gamma")
        if self.center:
            self.beta = self.add_weight(size, "zeros", name="beta")
        self.moving_mean = self.add_weight(size, "zeros", trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(size, "ones", trainable=False, name="moving_variance")

    def call(self, inputs, training=False):
        axis = _checked_axis(self, self.axis, inputs.shape)
        along = [n if i == axis else 1 for i, n in enumerate(inputs.shape)]
        x = cast(inputs, self.dtype)
        if training and self.trainable:
            mean, variance = nn.moments(x, [i for i in range(x.ndim) if i != axis])
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                batch = stop_gradient(batch)  # the averages are no part of what is differentiated
                moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return _normalized(self, x, reshape(mean, along), reshape(variance, along), along)


class LayerNormalization(Layer):
    """gamma · (inputs - mean) / √(variance + epsilon) + beta, with the mean and variance of each example along `axis`
    (an int, or several), in training and after it alike."""

    def __init__(self, axis=-1, epsilon=0.001, center=True, scale=True, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.epsilon, self.center, self.scale = axis, epsilon, center, scale

    def _axes(self, shape):
        axes = self.axis if isinstance(self.axis, list | tuple) else [self.axis]
        return sorted(_checked_axis(self, axis, shape) for axis in axes)

    def build(self, input_shape):
        size = tuple(input_shape[axis] for axis in self._axes(input_shape))
        if self.scale:
            self.gamma = self.add_weight(size, "ones", name="gamma")
        if self.center:
            self.beta = self.add_weight(size, "zeros", name="beta")

    def call(self, inputs):
        axes = self._axes(inputs.shape)
        along = [n if i in axes else 1 for i, n in enumerate(inputs.shape)]
        x = cast(inputs, self.dtype)
        mean = reduce_mean(x, axes, keepdims=True)
        return _normalized(self, x, mean, reduce_mean(square(x - mean), axes, keepdims=True), along)


def _normalized(layer, x, mean, variance, along):
    """What both normalizations compute, with gamma and beta in the shape `along`, which broadcasts against x."""
    factor = rsqrt(variance + layer.epsilon)
    if layer.scale:
        factor = factor * reshape(layer.gamma, along)
    x = (x - mean) * factor
    return x + reshape(layer.beta, along) if layer.center else x


class Flatten(Layer):
    """Each example as a vector: (batch, a, b, …) becomes (batch, a · b · …), and (batch,) becomes (batch, 1)."""

    def call(self, inputs):
        if not inputs.ndim:
            raise ValueError(f"{self.name}: the input {inputs} is a scalar, and the first axis must be the batch.")
        return reshape(inputs, [inputs.shape[0], int(np.prod(inputs.shape[1:]))])


class Activation(Layer):
    """A function applied to the inputs, by its name or as it is."""

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs):
        return self.activation(inputs)


class ReLU(Activation):
    """Inputs where they are positive, else 0."""

    def __init__(self, **kwargs):
        super().__init__("relu", **kwargs)


class Softmax(Layer):
    """Probabilities from logits, along `axis`."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs):
        return nn.softmax(inputs, self.axis)


def as_tensors(data):
    """`data` as a tensor; or, where a list, tuple or dict holds arrays or tensors, the same of tensors."""
    leaves = nest.flatten(data)
    if isinstance(data, nest.NESTED) and any(isinstance(x, TensorLike | np.ndarray) and np.ndim(x) for x in leaves):
        return nest.map_structure(convert_to_tensor, data)
    return convert_to_tensor(data)


def reset_names():
    """Let automatic names start without numbers again."""
    _counts.clear()


def _numbered(class_name):
    """ "dense" for the first Dense, "dense_1" for the second."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower()
    number = _counts[name] = _counts.get(name, -1) + 1
    return f"{name}_{number}" if number else name


def _leaves(part):
    """The leaves of nested lists, tuples and dicts, in their own order."""
    if isinstance(part, dict | list | tuple):
        return [leaf for p in (part.values() if isinstance(part, dict) else part) for leaf in _leaves(p)]
    return [part]


def _positive(layer, name, value):
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{layer.name}: {name} must be an integer of at least 1, not {value!r}.")
    return int(value)


def _checked_axis(layer, axis, shape):
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"{layer.name}: inputs of shape {shape} have no axis {axis}.")
    return axis % len(shape)


def _check_last_axis(layer, inputs, size):
    if not inputs.ndim or inputs.shape[-1] != size:
        raise ValueError(
            f"{layer.name}: it was built for inputs whose last axis has {size} features, and these have shape "
            f"{inputs.shape}. Give it the same features at every call, or make a new layer."
        )
