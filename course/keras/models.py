"""Models: layers put together, and the training loop that comes with them."""

import math
import types
import warnings

import numpy as np

from course import random
from course.composed import add_n, zeros
from course.data import INFINITE_CARDINALITY, Dataset, number_of_rows
from course.engine import nest
from course.engine.arguments import integer, number
from course.engine.ops import expand_dims, reduce_mean
from course.engine.tape import GradientTape
from course.engine.tensor import Tensor
from course.keras import activations, checkpoint, initializers, layers, losses, metrics, optimizers, regularizers
from course.keras.callbacks import Callback, EarlyStopping, History, Progress, report
from course.keras.layers import Input, Layer, as_tensors
from course.keras.module import Module, leaves_of, walk
from course.tracing.function import function
from course.tracing.signature import signature


class Model(Layer):
    """A layer that can be trained. Derive a class: create layers in `__init__`, call them in `call(inputs)`.

        class Classifier(Model):
            def __init__(self):
                super().__init__()
                self.hidden = Dense(64, activation="relu")
                self.logits = Dense(10)

            def call(self, inputs):
                return self.logits(self.hidden(inputs))

    `compile`, then `fit`, `evaluate` and `predict`. A model is used in a training loop of your own just as well.
    """

    stop_training = False  # a callback sets it, and `fit` ends after the epoch
    _compiled = None

    def build(self, input_shape):
        """Creates the weights, by a call with zeros of `input_shape`: (None, 64) for examples of 64 features; or of
        several, a list or dict of such, for a model of several inputs."""
        self(_zeros_of(self.name, input_shape))

    def _build_for(self, input_shape):
        if type(self).build is not Model.build:  # the derived class creates weights of its own
            self.build(input_shape)
        self.built = True

    @property
    def layers(self):
        """The layers that the model is directly made of, as a list."""
        return list(dict.fromkeys(leaf for _, leaf in leaves_of(self) if isinstance(leaf, Layer)))

    def compile(self, optimizer="rmsprop", loss=None, metrics=None, run_eagerly=None):
        """Says how to train.

        Args:
            optimizer: an optimizer, or its name.
            loss: a loss, its name, or a function of y_true and y_pred; `fit` makes its mean over the batch small.
            metrics: a list of names such as "accuracy", of `Metric` objects, and of functions of y_true and y_pred, to
                report the means of.
            run_eagerly: True: `fit` runs the model as plain Python. False: it traces the steps (see `function`), which
                is faster, and what Python does in your `call` happens while tracing only. None: it traces them where
                layers, loss and callbacks are all the course's own, so that a trace misses nothing.
        """
        optimizer, loss, found = optimizers.get(optimizer), losses.get(loss), _metrics(metrics)
        # In a namespace, so that what belongs to training is no part of the model's variables.
        self._compiled = types.SimpleNamespace(optimizer=optimizer, loss=loss, metrics=found, run_eagerly=run_eagerly)
        self._compiled.traced, self._compiled.means = _Traced(), _Means()

    @property
    def metrics(self):
        """The `Metric` objects that `fit` and `evaluate` start anew: those given to `compile`, and the attributes that
        are some. Define your own to name others."""
        compiled = self._compiled.metrics.values() if self._compiled else ()
        found = [*compiled, *(leaf for _, leaf in leaves_of(self))]
        return list({id(metric): metric for metric in found if isinstance(metric, metrics.Metric)}.values())

    def _start_measuring(self):
        self._compiled.means = _Means()
        for metric in self.metrics:
            metric.reset_state()

    def _training(self, method):
        if self._compiled is None:
            raise RuntimeError(f"{method}: say how to train first, as in model.compile('adam', loss='mse').")
        return self._compiled

    @property
    def optimizer(self):
        """The optimizer given to `compile`."""
        found = self._training("optimizer").optimizer
        if found is None:
            raise RuntimeError("this model was compiled without an optimizer. Give one, as in model.compile('adam').")
        return found

    def fit(
        self,
        x,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_freq=1,
    ):
        """Trains on examples, `epochs` times through all of them.

        Args:
            x: inputs, an array or tensor with a row for each example; or a list or dict of several, as `call` takes. Or
                a `data.Dataset` of batches (inputs, targets).
            y: what they should give, with as many rows; not beside a dataset.
            batch_size: how many examples make one step, by default 32; an epoch's last batch may be smaller.
            verbose: 0 prints nothing; 2 a line for each epoch; 1 and "auto" also a bar, where a line can be replaced.
            callbacks: a list of `Callback` objects, or one.
            validation_split: the share of the examples, the last ones, to keep back for validation: of n examples the
                first ⌊n · (1 - share)⌋ are trained on.
            validation_data: (x, y), or a dataset, for validation: loss and metrics on it are reported as `val_loss` and
                so on.
            shuffle: whether each epoch takes the examples in a new random order, from `course.random`.
            initial_epoch: the number of the first epoch, to go on after a restored one. Epochs count from 0.
            steps_per_epoch: after how many batches an epoch ends; the next one goes on from there.
            validation_freq: after every how many epochs to validate; or a list of the epochs, counted from 1.

        Returns:
            A `History`. Its `history` holds each loss and metric, a list with a value for each epoch: the mean over the
            epoch's examples, each at the weights before its own step.

        Where nothing can be trained, since the model is frozen, it warns, and measures all the same.

        Raises:
            RuntimeError: before `compile`.
            ValueError: x and y of different lengths, or an argument out of its range.
            TypeError: a callback that is none.
        """
        self._training("fit")
        epochs, initial_epoch = integer("fit: epochs", epochs, 0), integer("fit: initial_epoch", initial_epoch, 0)
        callbacks = _callbacks(callbacks)
        if validation_data is None and validation_split:
            if isinstance(x, Dataset):
                raise ValueError("fit: validation_split is for arrays. Take a part: dataset.take(8), dataset.skip(8).")
            x, y = as_tensors(x), as_tensors(y)
            count = _examples("fit", (x, y))
            kept = math.floor(count * (1 - number("fit: validation_split", validation_split, "from 0 to 1")))
            if not 0 < kept < count:
                raise ValueError(
                    f"fit: validation_split {validation_split} of {count} examples leaves {kept} to train on and "
                    f"{count - kept} to validate. Give a share between 0 and 1 that leaves some of each."
                )
            (x, y), validation_data = _rows((x, y), slice(0, kept)), _rows((x, y), slice(kept, count))
        # Now, so that what does not fit is said before an epoch has been trained.
        validation = None if validation_data is None else _validation(validation_data, batch_size)
        if not isinstance(validation_freq, list | tuple):
            validation_freq = range(0, epochs + 1, integer("fit: validation_freq", validation_freq))
        batches = _batches("fit", x, y, batch_size, shuffle)
        if steps_per_epoch is not None:
            batches = batches if isinstance(x, Dataset) else batches.repeat()
            batches = _going_on(batches, integer("fit: steps_per_epoch", steps_per_epoch))
        steps = int(_ending("fit", batches).cardinality())

        history = History()
        callbacks = [history, *callbacks, *([Progress()] if verbose else [])]

        def tell(moment, *arguments):
            for callback in callbacks:
                getattr(callback, moment)(*arguments)

        tell("set_model", self)
        tell("set_params", {"epochs": epochs, "steps": steps if steps >= 0 else None, "verbose": verbose})
        self.stop_training = False
        if self._may_be_traced(callbacks):
            self._compiled.traced.in_use = self._traced(steps * (epochs - initial_epoch) if steps >= 0 else math.inf)
        try:
            self._run_epochs(range(initial_epoch, epochs), batches, tell, validation, validation_freq)
        finally:
            self._compiled.traced.in_use = None
        return history

    def _may_be_traced(self, callbacks):
        eagerly, optimizer, loss = (getattr(self._compiled, name) for name in ("run_eagerly", "optimizer", "loss"))
        if eagerly is not None:
            return not eagerly
        loss = loss.fn if type(loss) in losses.CLASSES else loss
        return (
            all(type(callback) in (History, Progress, EarlyStopping) for callback in callbacks)
            and optimizers.Optimizer.apply_gradients is getattr(type(optimizer), "apply_gradients", None)
            and loss in losses.FUNCTIONS
            and all(type(layer) in OWN_LAYERS and all(map(_is_own, leaves)) for _, layer, leaves in walk(self))
            and "raise" not in np.geterr().values()
        )

    def _traced(self, steps):
        """`_learn`, traced: as in an earlier `fit`, if nothing in the model has changed since. None, where there are
        too few steps for a new trace to pay."""
        parts = [
            (type(module), path, leaf)
            for _, module, leaves in walk(self)
            for path, leaf in leaves
            if not isinstance(leaf, Module) and leaf is not self._compiled and "_output_shape" not in path
        ]
        key, traced = signature(parts, []), self._compiled.traced
        if traced.key != key:
            if steps < WORTH_A_TRACE and self._compiled.run_eagerly is None:
                return None
            # Not in blocks, so that it is bit for bit as plain Python.
            traced.key, traced.function = key, function(self._learn, blocked=False, name=self.name)
        return traced.function

    def _run_epochs(self, epochs, batches, tell, validation, validated):
        tell("on_train_begin")
        for epoch in epochs:
            tell("on_epoch_begin", epoch)
            self._start_measuring()
            logs = {}
            for batch, data in enumerate(batches):
                tell("on_train_batch_begin", batch)
                logs = {name: float(value) for name, value in self.train_step(data).items()}
                tell("on_train_batch_end", batch, logs)
            if validation is not None and epoch + 1 in validated:
                logs |= {f"val_{name}": value for name, value in self._tested(validation).items()}
            tell("on_epoch_end", epoch, logs)
            if self.stop_training:
                break
        tell("on_train_end")

    def train_step(self, data):
        """One step of `fit`, on a batch (x, y). Returns a dict of loss and metrics since the epoch's beginning. Define
        your own, if you like, to train otherwise: everything else in `fit` stays, and the last step's dict counts."""
        x, y = data
        learn = self._compiled.traced.in_use or self._learn
        return self._measured(*learn(x, y), y)

    def _learn(self, x, y):
        """Changes the weights by one step. Returns the loss and the outputs before."""
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y, y_pred)
        variables = self.trainable_variables
        if variables:
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        else:
            warnings.warn(f"{self.name} has no trainable weights, so that fit changes nothing.", stacklevel=5)
        return loss, y_pred

    def test_step(self, data):
        """The same of a batch without training, for `evaluate`."""
        x, y = data
        y_pred = self(x, training=False)
        return self._measured(self.compute_loss(y, y_pred), y_pred, y)

    def compute_loss(self, y, y_pred):
        """The mean of the compiled loss over a batch, and what the regularizers add: a scalar."""
        loss = self._training("compute_loss").loss
        if loss is None:
            raise RuntimeError("this model was compiled without a loss. Give one, as in model.compile(loss='mse').")
        loss = _mean_of("the loss", loss, y, y_pred)
        penalties = self.losses
        return loss + add_n(penalties) if penalties else loss

    def _measured(self, loss, y_pred, y):
        """Loss and metrics since `_start_measuring`, with this batch."""
        means, batch = self._compiled.means, {"loss": loss}
        objects = {n: m for n, m in self._compiled.metrics.items() if isinstance(m, metrics.Metric)}
        for name, metric in self._compiled.metrics.items():
            if name in objects:
                metric.update_state(_as_column(y, y_pred), y_pred)
            else:
                batch[name] = _mean_of(name, metric, y, y_pred)
        means.add(batch, len(nest.flatten(y)[0]))
        found = means.values() | {name: float(metric.result()) for name, metric in objects.items()}
        return {name: found[name] for name in ("loss", *self._compiled.metrics)}

    def evaluate(self, x, y=None, batch_size=None, verbose="auto", return_dict=False):
        """The mean loss and metrics over examples, or over a dataset, as they are in use: without dropout, with moving
        averages.

        Returns:
            The loss, a float; with metrics a list that begins with it; or a dict by name.
        """
        self._training("evaluate")
        results = self._tested(_ending("evaluate", _batches("evaluate", x, y, batch_size)))
        if verbose:
            print(report(results))
        if return_dict:
            return results
        return list(results.values()) if len(results) > 1 else next(iter(results.values()))

    def _tested(self, batches):
        self._start_measuring()
        for data in batches:
            results = {name: float(value) for name, value in self.test_step(data).items()}
        return results

    def predict(self, x, batch_size=None, verbose="auto"):
        """The model's outputs for examples, or for a dataset of their batches, as a NumPy array (or a nesting)."""
        batches = _ending("predict", _batches("predict", x, None, batch_size))
        parts = [self(part, training=False) for part, *_ in batches]
        columns = zip(*(nest.flatten(part) for part in parts))
        return nest.pack_sequence_as(parts[0], [np.concatenate([t.numpy() for t in column]) for column in columns])

    def save_weights(self, filepath):
        """Writes all weights to one file, as `Checkpoint` does. Returns its path, which ends in .npz."""
        return checkpoint.save_weights(self, filepath)

    def load_weights(self, filepath):
        """Sets all weights from a file of `save_weights`. An error names every difference, and nothing changes."""
        checkpoint.load_weights(self, filepath)

    def summary(self, print_fn=print):
        """Prints the layers, the shapes of their outputs and how many weights they have."""
        if not self.variables:
            raise ValueError(f"summary: {self.name} has no weights yet. Call it on a batch, or build it.")
        rows = [("Layer (type)", "Output Shape", "Param #")]
        for layer in dict.fromkeys(self.layers):
            name, shape = getattr(layer, "name", getattr(layer, "__name__", "?")), getattr(layer, "_output_shape", None)
            count = layer.count_params() if isinstance(layer, Layer) else 0
            rows.append((f"{name} ({type(layer).__name__})", str(shape or "?"), f"{count:,}"))
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = [f"{a:{widths[0]}}   {b:{widths[1]}}   {c:>{widths[2]}}" for a, b, c in rows]
        rule = "─" * len(lines[0])
        total, trainable = self.count_params(), sum(v.shape.num_elements() for v in self.trainable_variables)
        print_fn(f'Model: "{self.name}"')
        for line in (rule, lines[0], rule, *lines[1:], rule):
            print_fn(line)
        print_fn(f"Total params: {total:,}")
        print_fn(f"Trainable params: {trainable:,}")
        print_fn(f"Non-trainable params: {total - trainable:,}")


class Sequential(Model):
    """Layers one after another: each gets the output of the one before.

    Args:
        layers: a list of layers, models, and functions of a tensor. If the first entry is an `Input`, or the first
            layer has an `input_shape`, the weights are created at once; otherwise at the first call.
    """

    layers = ()  # an attribute, in the place of Model's property

    def __init__(self, layers=None, name=None):
        super().__init__(name=name)
        self.layers, self._example = [], None
        for layer in layers or []:
            self.add(layer)

    def add(self, layer):
        """Appends a layer."""
        if isinstance(layer, type) or not (callable(layer) or isinstance(layer, Input)):
            raise TypeError(f"{self.name}: {layer!r} is no layer. Give one, such as Dense(10).")
        shape, dtype = getattr(layer, "_input_shape", None), None
        if isinstance(layer, Input):
            shape, dtype = layer.shape, layer.dtype
        if not self.layers and shape is not None:
            self._input_rank = len(shape) + 1
            self._example = zeros([1, *[n or 1 for n in shape]], dtype or "float32")
        if isinstance(layer, Input):
            return
        if self._example is not None:
            self._example, self.built = layer(self._example), True
        self.layers.append(layer)

    def call(self, inputs):
        if self._example is not None and isinstance(inputs, Tensor) and inputs.ndim == self._input_rank - 1:
            inputs = expand_dims(inputs, -1)  # as Keras does: N numbers for an input of one feature
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs


class _Traced:
    """The function that `_learn` was traced as, what of the model it was traced for, and the one that `fit` uses now. A
    copy of the model begins without."""

    key = function = in_use = None

    def __reduce__(self):
        return _Traced, ()


WORTH_A_TRACE = 30  # steps of `fit`: about what a trace costs
# Of these it is known that a trace misses nothing: they compute from tensors, and their checks are operations.
OWN_LAYERS = {Sequential} | {c for c in vars(layers).values() if isinstance(c, type) and issubclass(c, Layer)} - {Layer}
OWN_FUNCTIONS = set(activations.BY_NAME.values())
OWN_CALLABLES = {*OWN_LAYERS, *initializers.BY_NAME.values(), *regularizers.BY_NAME.values()}


def _is_own(leaf):
    """Whether what a layer keeps, a pair (path, leaf), is no function of the learner's."""
    leaf = leaf[1]
    return not callable(leaf) or type(leaf) in OWN_CALLABLES or leaf in OWN_FUNCTIONS


def _batches(method, x, y, batch_size, shuffle=False):
    """The batches of an epoch, a dataset of tuples (x, y), or for `predict` (x,): of arrays, or a dataset's own."""
    if isinstance(x, Dataset):
        if given := [name for name, value in (("y", y), ("batch_size", batch_size)) if value is not None]:
            raise ValueError(f"{method}: a dataset has its own targets and batches, so {given[0]} must not be given.")
        return Dataset(lambda: _of_dataset(method, x), int(x.cardinality()))
    if y is None and method != "predict":
        raise TypeError(f"{method}: y, the targets, is missing.")
    data = (as_tensors(x),) if method == "predict" else (as_tensors(x), as_tensors(y))
    count, size = _examples(method, data), integer(f"{method}: batch_size", 32 if batch_size is None else batch_size)

    def start():
        order = random.generator().permutation(count) if shuffle else None
        for first in range(0, count, size):
            rows = slice(first, first + size)
            yield _rows(data, rows if order is None else order[rows])

    return Dataset(start, -(-count // size))


def _validation(data, batch_size):
    """The batches of `fit`'s validation_data: a dataset's own, or of the pair's arrays."""
    if isinstance(data, Dataset):
        return _ending("fit: validation_data", _batches("fit: validation_data", data, None, None))
    if not isinstance(data, list | tuple) or len(data) != 2:
        what = f"{len(data)} parts" if isinstance(data, list | tuple) else f"a {type(data).__name__}"
        raise ValueError(f"fit: validation_data is a pair (x, y), or a dataset, and not {what}.")
    return _batches("fit: validation_data", *data, batch_size)


def _ending(method, batches):
    """The same batches, unless they never end."""
    if batches.cardinality() == INFINITE_CARDINALITY:
        steps = ", or give steps_per_epoch" if method == "fit" else ""
        raise ValueError(f"{method}: the dataset has no end. Take a part of it, such as dataset.take(100){steps}.")
    return batches


def _of_dataset(method, dataset):
    """What a dataset gives, as batches: (x, y), and of what `predict` gets, x."""
    parts = None
    for element in dataset:
        parts = element if isinstance(element, tuple) else (element,)
        if method == "predict":
            parts = parts[:1]
        elif len(parts) != 2:
            raise ValueError(
                f"{method}: the dataset's elements have {len(parts)} parts. Each is a batch, a pair of inputs and "
                f"targets: from_tensor_slices((inputs, targets)).batch(32)."
            )
        yield parts
    if parts is None:
        raise ValueError(f"{method}: there are no batches: the dataset is empty.")


def _going_on(batches, steps):
    """The same batches, of which each iteration takes the next `steps`."""
    running = iter(batches)

    def start():
        for done in range(steps):
            if (data := next(running, None)) is None:
                raise ValueError(
                    f"fit: the dataset ended after {done} of an epoch's {steps} steps. Repeat it: dataset.repeat()."
                )
            yield data

    return Dataset(start, steps)


class _Means:
    """Running means over batches, each batch with the weight of its size."""

    def __init__(self):
        self._sums, self._count = {}, 0

    def add(self, values, size):
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value) * size
        self._count += size

    def values(self):
        return {name: total / self._count if self._count else math.nan for name, total in self._sums.items()}


def _zeros_of(name, shape):
    """Zeros of a shape, in which None stands for 1; of a list or dict of shapes, the same of zeros."""
    if isinstance(shape, dict):
        return {key: _zeros_of(name, part) for key, part in shape.items()}
    if not isinstance(shape, list | tuple):
        raise TypeError(f"{name}: an input shape is a tuple, such as (None, 64), not {shape!r}.")
    if any(isinstance(n, list | tuple | dict) for n in shape):
        return [_zeros_of(name, part) for part in shape]
    return zeros([1 if n is None else n for n in shape])


def _metrics(given):
    """The metrics by their names in the logs; from the second of one name on with a number, as in Keras."""
    given = [] if given is None else given
    if not isinstance(given, list | tuple):
        raise TypeError(f"compile: metrics is a list, such as ['accuracy'], not {given!r}.")
    found = {}
    for metric in given:
        name = metrics.name_of(metric)
        names = [name, *(f"{name}_{number}" for number in range(1, len(given) + 1))]
        found[next(n for n in names if n not in found and n != "loss")] = metrics.get(metric)
    return found


def _callbacks(given):
    """The callbacks as a list."""
    found = [given] if isinstance(given, Callback) else list(given or [])
    for callback in found:
        if not isinstance(callback, Callback):
            hint = f"Make one: {callback.__name__}()." if isinstance(callback, type) else "Derive it from Callback."
            raise TypeError(f"fit: callbacks has {callback!r}, which is no callback. {hint}")
    return found


def _mean_of(what, function, y, y_pred):
    """The mean of a loss or a metric over a batch, a scalar."""
    values = function(_as_column(y, y_pred), y_pred)
    if values is None:
        raise TypeError(f"{what} {getattr(function, '__name__', function)} returned None. Has it a `return`?")
    return reduce_mean(values)


def _as_column(y, y_pred):
    """N numbers as a column beside predictions of shape (N, 1), as in Keras' `fit`; losses alone refuse them."""
    for what, part in (("targets", y), ("the model's outputs", y_pred)):
        if not isinstance(part, Tensor):
            raise TypeError(
                f"fit and evaluate compare one tensor of targets with one of outputs, and {what} are a "
                f"{type(part).__name__}. For several, define compute_loss(y, y_pred) in your model."
            )
    return expand_dims(y, -1) if y.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1 else y


def _rows(data, rows):
    """These rows of all tensors: of their arrays, which costs a fifth of `gather`, for nothing is to be checked."""
    return nest.map_structure(lambda t: Tensor(t._value[rows]), data)


def _examples(method, data):
    """The number of rows, the same in every tensor of `data`."""
    return number_of_rows(f"{method}: the data", data, ", at least one: a row of each for every example.", least=1)
