"""Layers: functions with weights, which a model is put together from.

A layer creates its weights when it is first called, from the shape of what it is given; `build` does that, and `call`
computes the output. Names, arguments and defaults are those of Keras.
"""

import functools
import inspect
import threading

import numpy as np

from course import nn, random
from course.composed import whole_numbers
from course.engine import nest
from course.engine.arguments import integer, number
from course.engine.operation import cast, convert_to_tensor, stop_gradient
from course.engine.ops import gather, matmul, reduce_mean, reshape, rsqrt, square, where
from course.engine.tensor import Tensor, TensorLike, TensorShape, as_dtype
from course.engine.variable import Variable
from course.keras import activations, initializers, regularizers
from course.keras.module import ADDED, Module, variables_in, walk
from course.keras.utils import in_snake_case


class _Calling(threading.local):
    """What the layer that is being called on this thread was told about training; those within are told the same."""

    training = False


class _Penalty:
    """What a regularizer adds to the loss for a weight of a layer."""

    def __init__(self, regularizer, weight):
        self.regularizer, self.weight = regularizer, weight


_calling = _Calling()
_counts = {}  # how many layers have had each automatic name


def _noting_that_it_is_built(build):
    """A `build` after which the layer counts as built, however it was called; and after an error not, without the
    weights that it had added."""

    @functools.wraps(build)
    def noting(self, *args, **kwargs):
        if self._building:  # super().build(…), in another one
            return build(self, *args, **kwargs)
        before = list(vars(self).get(ADDED, ()))
        self._building = True
        try:
            build(self, *args, **kwargs)
        except BaseException:
            vars(self)[ADDED] = before
            raise
        finally:
            self._building = False
        self.built = True

    return noting


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
    _trainable, _takes_training, _building = True, False, False
    _min_ndim = 0  # how many axes its inputs need at least

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._takes_training = "training" in inspect.signature(cls.call).parameters
        if "build" in vars(cls):
            cls.build = _noting_that_it_is_built(cls.build)

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
        if self._min_ndim and not isinstance(inputs, Tensor):
            raise TypeError(f"{self.name}: it takes one tensor, and was given a {type(inputs).__name__} of several.")
        if self._min_ndim and inputs.ndim < self._min_ndim:
            raise ValueError(
                f"{self.name}: inputs of shape {inputs.shape} have no axis of features. Give (batch, features): "
                f"x[:, None] turns N numbers into N examples of one feature."
            )
        if not self.built and not self._building:
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

    def add_weight(self, shape=(), initializer=None, dtype=None, trainable=True, regularizer=None, name=None):
        """A new variable of `shape`, one of the layer's weights; `call` finds it where you keep it, in an attribute.

        Args:
            shape: a tuple of integers.
            initializer: a name, or a function of a shape; by default "glorot_uniform", of integers "zeros".
            regularizer: what `losses` has of it: a name, or a function of a variable.

        Raises:
            ValueError: the layer is built already; a shape or an initializer that is none.
        """
        if self.built:
            raise ValueError(
                f"{self.name}: it is built, so that add_weight({name!r}) comes too late. Create weights in __init__ or "
                f"in build, which runs once; for other input shapes make a new layer."
            )
        if not isinstance(shape, tuple | list):
            raise ValueError(f"{self.name}: the shape of {name} is {shape!r}. Give a tuple, such as ({shape!r},).")
        shape, dtype = tuple(shape), as_dtype(dtype or self.dtype)
        initializer = initializer or ("glorot_uniform" if dtype.kind == "f" else "zeros")
        value = initializers.get(initializer)(shape, dtype=dtype)
        if value.shape != shape:
            raise ValueError(f"{self.name}: the initializer of {name} gave the shape {value.shape}, not {shape}.")
        weight = Variable(value, trainable=trainable, name=f"{self.name}/{name or 'weight'}")
        vars(self).setdefault(ADDED, []).append(weight)
        if regularizer is not None:
            vars(self)[ADDED].append(_Penalty(regularizers.get(regularizer), weight))
        return weight

    @property
    def losses(self):
        """What the regularizers of the layer and of those within add to the loss, a list of scalars."""
        penalties = [leaf for _, _, leaves in walk(self) for _, leaf in leaves if type(leaf) is _Penalty]
        return [penalty.regularizer(penalty.weight) for penalty in penalties]

    @property
    def trainable(self):
        """Whether training changes the layer. Set it to False, and the layers within are frozen too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        for _, part, _ in walk(self):
            if isinstance(part, Layer):
                part._trainable = bool(value)

    @property
    def variables(self):
        """All variables: the layer's own, those that can be trained first, and then those of each layer within."""
        return variables_in((path, part, _trainable_first(leaves)) for path, part, leaves in walk(self))

    @property
    def trainable_variables(self):
        """The variables that training changes: those of layers that are not frozen."""
        found = variables_in(walk(self, enter=lambda module: getattr(module, "trainable", True)))
        return tuple(v for v in found if v.trainable)

    weights, trainable_weights = variables, trainable_variables
    non_trainable_weights = Module.non_trainable_variables

    def count_params(self):
        """How many numbers the layer's weights hold."""
        return sum(v.shape.num_elements() for v in self.variables)

    def get_weights(self):
        """The weights' values, as a list of NumPy arrays."""
        return [np.array(v.numpy()) for v in self.variables]

    def set_weights(self, weights):
        """Sets all weights from a list of arrays, such as `get_weights` gives. On an error nothing changes."""
        if not isinstance(weights, list | tuple):
            raise TypeError(f"set_weights: give a list of arrays, such as get_weights() gives, not {weights!r}.")
        variables, weights = self.variables, [np.asarray(w) for w in weights]
        shapes, given = [tuple(v.shape) for v in variables], [w.shape for w in weights]
        if shapes != given:
            hint = "" if variables else " Call the layer once, so that it creates its weights."
            raise ValueError(f"set_weights: {self.name} has weights of shapes {shapes}, and was given {given}.{hint}")
        values = [variable._checked("set_weights", w) for variable, w in zip(variables, weights)]
        for variable, value in zip(variables, values):
            variable.assign(value)

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

    _min_ndim = 2

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units, self.use_bias = integer(f"{self.name}: units", units), use_bias
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            (input_shape[-1], self.units), self.kernel_initializer, regularizer=self.kernel_regularizer, name="kernel"
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,), self.bias_initializer, regularizer=self.bias_regularizer, name="bias"
            )

    def call(self, inputs):
        _check_last_axis(self, inputs, self.kernel.shape[0])
        outputs = matmul(cast(inputs, self.dtype), self.kernel)
        return self.activation(outputs + self.bias if self.use_bias else outputs)


class Embedding(Layer):
    """A table with a vector for each of `input_dim` things: ids of any shape s give vectors of shape s + (output_dim,).

    The gradient to the table is an `IndexedSlices`: only the rows that were looked up cost anything.
    """

    def __init__(self, input_dim, output_dim, embeddings_initializer="uniform", embeddings_regularizer=None, **kwargs):
        super().__init__(**kwargs)
        self.input_dim = integer(f"{self.name}: input_dim", input_dim)
        self.output_dim = integer(f"{self.name}: output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)

    def build(self, input_shape):
        shape = (self.input_dim, self.output_dim)
        self.embeddings = self.add_weight(
            shape, self.embeddings_initializer, regularizer=self.embeddings_regularizer, name="embeddings"
        )

    def call(self, inputs):
        ids = inputs if inputs.dtype.kind in "iu" else whole_numbers(inputs, what=f"{self.name}: ids")
        return gather(self.embeddings, ids)


class Dropout(Layer):
    """In training, sets each input to 0 with probability `rate` and divides the others by 1 - rate, so that their
    expected sum stays. Otherwise passes inputs on. The random numbers are `course.random`'s.

    Args:
        noise_shape: a shape that broadcasts against the inputs': where it is 1, all along that axis share their fate;
            None in it stands for the inputs' size.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate = number(f"{self.name}: rate", rate, "from 0 to 1")
        self.noise_shape, self.seed = noise_shape, seed

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        shape = inputs.shape if self.noise_shape is None else tuple(self.noise_shape)
        pairs = list(zip((1,) * (inputs.ndim - len(shape)) + shape, inputs.shape))
        if len(shape) > inputs.ndim or any(m not in (1, n, None) for m, n in pairs):
            raise ValueError(
                f"{self.name}: noise_shape {shape} does not broadcast to the inputs' shape, {inputs.shape}."
            )
        keep = random.uniform([n if m is None else m for m, n in pairs], seed=self.seed) >= self.rate
        return where(keep, inputs * (1 / (1 - self.rate) if self.rate < 1 else 1.0), 0.0)


class _Normalization(Layer):
    """gamma · (inputs - mean) / √(variance + epsilon) + beta, with gamma and beta for each place along some axes."""

    def __init__(self, axis, epsilon, center, scale, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.epsilon = axis, number(f"{self.name}: epsilon", epsilon, "≥ 0")
        self.center, self.scale = center, scale

    def _axes(self, shape):
        axes = self.axis if isinstance(self.axis, list | tuple) else [self.axis]
        if missing := [axis for axis in axes if not -len(shape) <= axis < len(shape)]:
            raise ValueError(f"{self.name}: inputs of shape {shape} have no axis {missing[0]}.")
        return sorted(axis % len(shape) for axis in axes)

    def build(self, input_shape):
        self._size = tuple(input_shape[axis] for axis in self._axes(input_shape))
        if self.scale:
            self.gamma = self.add_weight(self._size, "ones", name="gamma")
        if self.center:
            self.beta = self.add_weight(self._size, "zeros", name="beta")

    def _normalized(self, x, mean, variance, along):
        """With gamma and beta in the shape `along`, which broadcasts against x."""
        factor = rsqrt(variance + self.epsilon)
        if self.scale:
            factor = factor * reshape(self.gamma, along)
        x = (x - mean) * factor
        return x + reshape(self.beta, along) if self.center else x


class BatchNormalization(_Normalization):
    """gamma · (inputs - mean) / √(variance + epsilon) + beta, separately for each feature along `axis`.

    In training mean and variance are the batch's, and moving averages follow them: moving = momentum · moving +
    (1 - momentum) · the batch's. Otherwise, and while the layer is frozen, it takes the moving averages.
    """

    def __init__(self, axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, **kwargs):
        super().__init__(axis, epsilon, center, scale, **kwargs)
        self.momentum = number(f"{self.name}: momentum", momentum, "from 0 to 1")

    def build(self, input_shape):
        super().build(input_shape)
        self.moving_mean = self.add_weight(self._size, "zeros", trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(self._size, "ones", trainable=False, name="moving_variance")

    def call(self, inputs, training=False):
        (axis,) = self._axes(inputs.shape)
        along = [n if i == axis else 1 for i, n in enumerate(inputs.shape)]
        x = cast(inputs, self.dtype)
        if training and self.trainable:
            mean, variance = nn.moments(x, [i for i in range(x.ndim) if i != axis])
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                batch = stop_gradient(batch)  # the averages are no part of what is differentiated
                moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return self._normalized(x, reshape(mean, along), reshape(variance, along), along)


class LayerNormalization(_Normalization):
    """gamma · (inputs - mean) / √(variance + epsilon) + beta, with the mean and variance of each example along `axis`
    (an int, or several), in training and after it alike."""

    def __init__(self, axis=-1, epsilon=0.001, center=True, scale=True, **kwargs):
        super().__init__(axis, epsilon, center, scale, **kwargs)

    def call(self, inputs):
        axes = self._axes(inputs.shape)
        along = [n if i in axes else 1 for i, n in enumerate(inputs.shape)]
        x = cast(inputs, self.dtype)
        mean = reduce_mean(x, axes, keepdims=True)
        return self._normalized(x, mean, reduce_mean(square(x - mean), axes, keepdims=True), along)


class Flatten(Layer):
    """Each example as a vector: (batch, a, b, …) becomes (batch, a · b · …), and (batch,) becomes (batch, 1)."""

    def call(self, inputs):
        if not inputs.ndim:
            raise ValueError(f"{self.name}: the input {inputs} is a scalar, and the first axis must be the batch.")
        return reshape(inputs, [inputs.shape[0], int(np.prod(inputs.shape[1:]))])


class Reshape(Layer):
    """Each example in another shape: (batch, …) becomes (batch, *target_shape); one size may be -1, for the rest."""

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs):
        example = np.empty(inputs.shape[1:], bool).reshape(self.target_shape)  # -1 means nothing of no examples
        return reshape(inputs, [inputs.shape[0], *example.shape])


class Lambda(Layer):
    """A function of the inputs as a layer. Variables that it uses are not found: derive a Layer for those.

    Args:
        function: a function of a tensor.
        arguments: keyword arguments for it, a dict.
    """

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.function, self.arguments = function, dict(arguments or {})

    def call(self, inputs):
        return self.function(inputs, **self.arguments)


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
    name = in_snake_case(class_name)
    number = _counts[name] = _counts.get(name, -1) + 1
    return f"{name}_{number}" if number else name


def _trainable_first(leaves):
    """Pairs (path, leaf), what training changes before what it leaves alone: Keras' order."""
    return sorted(leaves, key=lambda pair: isinstance(pair[1], Variable) and not pair[1].trainable)


def _check_last_axis(layer, inputs, size):
    if not inputs.ndim or inputs.shape[-1] != size:
        raise ValueError(
            f"{layer.name}: it was built for inputs whose last axis has {size} features, and these have shape "
            f"{inputs.shape}. Give it the same features at every call, or make a new layer."
        )
