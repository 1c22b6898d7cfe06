"""Callbacks: what `fit` calls while it trains, to report, to remember and to stop."""

import re
import sys

from course.engine.arguments import integer, number
from course.keras import losses


class Callback:
    """A base class. Define the moments that you need; `logs` holds the loss and the metrics, as floats. Keras' further
    moments, those of `evaluate` and `predict`, do not come: a class that waits for them is refused.

    Attributes:
        model: the model that is being trained.
        params: {"epochs": …, "steps": batches in an epoch, "verbose": …}.
    """

    model, params = None, {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in filter(re.compile(r"on_(batch|(test|predict)(_batch)?)_(begin|end)").fullmatch, vars(cls)):
            raise TypeError(
                f"{cls.__name__}: nobody calls {name} here. `fit` calls on_train_batch_end and on_epoch_end."
            )

    def set_model(self, model):
        """Called first, with the model."""
        self.model = model

    def set_params(self, params):
        """Called next, with what `params` describes."""
        self.params = params

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        """Before an epoch; the first is epoch 0."""

    def on_train_batch_begin(self, batch, logs=None):
        """Before a batch; an epoch's first is batch 0."""

    def on_train_batch_end(self, batch, logs=None):
        """After a batch; `logs` are the means of the epoch so far."""

    def on_epoch_end(self, epoch, logs=None):
        """After an epoch and its validation."""

    def on_train_end(self, logs=None):
        """After the last epoch."""


class History(Callback):
    """What `fit` returns: in `history` a list for each name in the logs, with a value for each epoch of `epoch`."""

    def on_train_begin(self, logs=None):
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class EarlyStopping(Callback):
    """Stops when `monitor` has not improved for `patience` epochs.

    Args:
        monitor: a name in the logs.
        min_delta: how much better than the best a value must be to count as an improvement.
        patience: after how many epochs without an improvement to stop.
        mode: "min" if less is better, "max" if more is, "auto" to tell by the name: of a loss or an error less, of an
            accuracy, precision, recall and the like more.
        baseline: a value to be bettered: as long as none is better, the epochs count as without an improvement.
        restore_best_weights: set the weights back to the best epoch's in the end.
        start_from_epoch: what to leave out of account, as training begins.

    Raises:
        ValueError: a mode that is none, or "auto" for a name that does not tell; during fit, logs without `monitor`.
    """

    def __init__(
        self,
        monitor="val_loss",
        min_delta=0,
        patience=0,
        verbose=0,
        mode="auto",
        baseline=None,
        restore_best_weights=False,
        start_from_epoch=0,
    ):
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"EarlyStopping: mode is 'auto', 'min' or 'max', not {mode!r}.")
        if mode == "auto":
            mode = _direction(monitor)
        self.monitor, self.verbose = monitor, verbose
        self.min_delta = abs(number("EarlyStopping: min_delta", min_delta, "finite"))
        self.patience = integer("EarlyStopping: patience", patience, 0)
        self.start_from_epoch = integer("EarlyStopping: start_from_epoch", start_from_epoch, 0)
        self.baseline, self.restore_best_weights = baseline, restore_best_weights
        self.sign = -1 if mode == "max" else 1

    def on_train_begin(self, logs=None):
        self.wait, self.stopped_epoch, self.best_epoch, self.best, self.best_weights = 0, 0, 0, None, None

    def _improves_on(self, value, best):
        return best is None or self.sign * value < self.sign * best - self.min_delta

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in logs:
            raise ValueError(
                f"EarlyStopping: there is no {self.monitor!r} among {', '.join(logs)}. Give fit validation data, "
                f"compile the metric, or monitor another name."
            )
        if epoch < self.start_from_epoch:
            return
        value = logs[self.monitor]
        self.wait += 1
        if self._improves_on(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self._improves_on(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch, self.model.stop_training = epoch, True

    def on_train_end(self, logs=None):
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


# Of what Keras knows as metrics, more is better; a name may go on with a number, as the second "accuracy" does.
MORE_IS_BETTER = {
    "acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "auc", "precision",
    "recall", "f1_score", "fbeta_score", "r2_score", "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy",
    "true_positives", "true_negatives", "mean_io_u", "binary_io_u", "precision_at_recall", "recall_at_precision",
    "sensitivity_at_specificity", "specificity_at_sensitivity",
}  # fmt: skip


def _direction(monitor):
    """Whether less or more of it is better, "min" or "max"."""
    name = re.sub(r"_\d+$", "", monitor.removeprefix("val_")).lower()
    if name in MORE_IS_BETTER:
        return "max"
    if name == "loss" or (name in losses.BY_NAME and name != "cosine_similarity"):
        return "min"
    raise ValueError(
        f"EarlyStopping: whether more or less of {monitor!r} is better does not follow from its name. Give mode='max' "
        f"or mode='min'."
    )


class Progress(Callback):
    """One line for each epoch, the same at every run: no times. Where a line can be written over, a bar first."""

    WIDTH = 12  # so short that the epoch's line covers the bar

    def on_train_begin(self, logs=None):
        self.live = self.params["verbose"] in ("auto", 1) and can_write_over()

    def on_epoch_begin(self, epoch, logs=None):
        self.title, self.filled = f"Epoch {epoch + 1}/{self.params['epochs']}", None

    def on_train_batch_end(self, batch, logs=None):
        filled = self.WIDTH * (batch + 1) // (self.params["steps"] or batch + 2)  # of unknown length: never full
        if self.live and filled != self.filled:
            self.filled = filled
            print(f"\r{self.title} {'━' * filled}{'·' * (self.WIDTH - filled)}", end="", flush=True)

    def on_epoch_end(self, epoch, logs=None):
        print(("\r" if self.live else "") + " - ".join([self.title, report(logs)]), flush=True)


def report(logs):
    """Loss and metrics as text: "loss: 0.1234 - accuracy: 0.9722"."""
    return " - ".join(f"{name}: {v:.4f}" if abs(v) > 1e-3 else f"{name}: {v:.4e}" for name, v in logs.items())


def can_write_over():
    """Whether standard output shows a line that follows "\\r" in the place of the one before: a terminal does, and so
    does a notebook in a page. A page names the cell that it runs; a program that runs a notebook names none."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if hasattr(getattr(shell, "kernel", None), "get_parent"):
        return "cellId" in (shell.kernel.get_parent() or {}).get("metadata", {})
    return bool(getattr(sys.stdout, "isatty", bool)())
