"""Optimizers: how gradients change variables.

Each optimizer is a rule of a few lines, its method `step`, and hyperparameters. The base class does what they share:
it checks and clips the gradients, keeps the state of each variable, and counts the steps. Names, defaults and results
are those of Keras 3, except where the gradient is sparse (see `Optimizer`).
"""

import contextlib
import math
import warnings

import numpy as np

from course.engine.arguments import number
from course.engine.indexed_slices import IndexedSlices
from course.engine.recorder import active
from course.engine.tape import GradientTape
from course.engine.variable import Variable
from course.keras.optimizers import schedules


class Optimizer:
    """The base class of optimizers. Yours needs the method `step`, and `slots` if it keeps state.

    A sparse gradient (`IndexedSlices`) changes only its own rows of the variable and of its state, at a cost that does
    not depend on the number of rows in the table. What a row's rule sees is the sum of the row's gradients. Keras 3
    does the same in `SGD` without momentum and in `Adagrad` (which, though, squares each of a row's gradients before
    it adds them); in its other optimizers, rows without a gradient also change: their averages fade, and momentum
    moves them on. Here they rest until their next gradient. Weight decay, likewise, reaches only rows with a gradient.

    Args:
        learning_rate: a number ≥ 0, a schedule from `optimizers.schedules`, or a function without arguments. It can be
            assigned later.
        weight_decay: before each step, a variable loses the share learning_rate · weight_decay of its value.
        clipnorm: a longer gradient of a variable is scaled down to this L2 norm.
        clipvalue: the gradients' elements are limited to ±clipvalue.
        global_clipnorm: all gradients are scaled down by one factor if their L2 norm together is larger than this.
        name: by default the class's name in lower case.

    Raises:
        ValueError: a hyperparameter out of its range, or more than one kind of clipping.
    """

    by_identity = True  # a traced program calls it as it is, so that no change in it needs a new trace

    def __init__(
        self, learning_rate, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, name=None
    ):
        self.name = name or type(self).__name__.lower()
        self.iterations = Variable(0, trainable=False, name="iterations", dtype="int64")  # the steps taken so far
        self.learning_rate = learning_rate
        clipping = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        for option, value in clipping.items():
            setattr(self, option, None if value is None else number(option, value, "> 0"))
        self.weight_decay = None if weight_decay is None else number("weight_decay", weight_decay, "≥ 0")
        if sum(value is not None for value in clipping.values()) > 1:
            raise ValueError(f"only one of clipnorm, clipvalue and global_clipnorm can be used. Given: {clipping}.")
        self._state = {}  # for each variable, by reference: its slots by name

    def slots(self):
        """The names of the state arrays that the rule keeps for each variable, with their initial values."""
        return {}

    def step(self, g, learning_rate, **slots):
        """The rule: what to add to a variable whose gradient is `g`.

        Args:
            g: the gradient: an array of the variable's shape, or of those rows that have one.
            learning_rate: a float.
            slots: the state arrays, of the same shape, to be changed in place.

        Returns:
            An array of the same shape.
        """
        raise NotImplementedError(f"{type(self).__name__} must define step(self, g, learning_rate).")

    @property
    def learning_rate(self):
        """The present learning rate: a variable, if it was given as a number."""
        rate = self._learning_rate
        if isinstance(rate, schedules.LearningRateSchedule):
            return rate(self.iterations)
        return rate() if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, rate):
        if callable(rate):
            self._learning_rate = rate
            return
        rate = number("learning_rate", rate, "≥ 0")
        if isinstance(getattr(self, "_learning_rate", None), Variable):
            self._learning_rate.assign(rate)
        else:
            self._learning_rate = Variable(rate, trainable=False, name="learning_rate", dtype="float32")

    @property
    def variables(self):
        """All that a checkpoint of the optimizer holds: iterations, the learning rate if it is a number, and the state
        of each variable, in the order in which they were first seen."""
        rate = [self._learning_rate] if isinstance(self._learning_rate, Variable) else []
        return [self.iterations, *rate, *(slot for slots in self._state.values() for slot in slots.values())]

    def build(self, var_list):
        """Create the state of these variables now, to restore a checkpoint into it; otherwise, the first step does."""
        for variable in var_list:
            self._slots_of(variable)

    def _slots_of(self, variable):
        """The variable's own state. One array shared by two variables would mix up their histories."""
        slots = self._state.setdefault(variable.ref(), {})
        for name, initial in self.slots().items():
            if name not in slots:
                value = np.full(variable.shape, initial, variable.dtype)
                slots[name] = Variable(value, trainable=False, name=f"{variable._name}/{name}")
        return slots

    def apply_gradients(self, grads_and_vars, name=None):
        """Take one step. After an error, also one of your own rule's, nothing has changed.

        NaN and infinity in a gradient are numbers as others: what the rule makes of them is the result.

        Args:
            grads_and_vars: pairs (gradient, variable), such as zip(gradients, variables). A variable whose gradient is
                None is left as it is, with a warning that names it.

        Returns:
            `iterations`.

        Raises:
            ValueError: no pairs, no gradient at all, or a gradient of another shape than its variable's.
            TypeError: not pairs, not a variable, or one that holds integers.
            IndexError: a sparse gradient with rows that its variable does not have.
        """
        pairs = _without_none(grads_and_vars)
        variables, gradients, rows = zip(*(_prepared(g, v) for g, v in pairs))
        for recorder in active.recorders:
            if (taken := recorder.on_optimizer_step(self, pairs)) is not None:
                return taken
        with np.errstate(all="ignore"):  # as on a tape
            gradients, learning_rate = self._clipped(gradients), number("learning_rate", self.learning_rate, "≥ 0")
            by_element = type(self).step in BY_ELEMENT
            with contextlib.nullcontext() if by_element else self._or_as_before(variables, rows):
                for variable, g, key in zip(variables, gradients, rows):
                    self._update(variable, g, key, learning_rate, by_element)
        return self.iterations.assign_add(np.int64(1))

    def minimize(self, loss, var_list, tape=None):
        """Compute the gradients of a loss, and take one step.

        Args:
            loss: a function without arguments that returns the loss; or the loss, with the `tape` that recorded it.
            var_list: the variables to change, or a function that returns them.

        Returns:
            `iterations`.
        """
        if not callable(loss) and tape is None:
            raise ValueError("minimize: a loss that has been computed needs its tape. Or give a function: lambda: ...")
        if callable(loss):
            with tape or GradientTape() as tape:
                if not callable(var_list):
                    tape.watch(var_list)
                loss = loss()
        variables = var_list() if callable(var_list) else var_list
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables))

    def _clipped(self, gradients):
        """The gradients (arrays) after clipping: Pascanu, Mikolov and Bengio, 2013 (arXiv:1211.5063). A norm that is
        infinite or NaN leaves no direction to keep: together the gradients become NaN then, which is not overlooked."""
        if self.clipvalue is not None:
            return [np.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        if self.clipnorm is not None:
            return [g * _share(_norm([g]), self.clipnorm) for g in gradients]
        if self.global_clipnorm is not None:
            share = _share(_norm(gradients), self.global_clipnorm)
            return [g * (share or np.nan) for g in gradients]
        return gradients

    @contextlib.contextmanager
    def _or_as_before(self, variables, rows):
        """For a rule that may fail: all that it is to change is then as it was before."""
        state, saved = {reference: dict(slots) for reference, slots in self._state.items()}, []
        for variable, key in zip(variables, rows):
            for v in (variable, *self._slots_of(variable).values()):
                saved.append((v, key, v._value if key is ... else v._value[key]))
                v._borrowed |= key is ...  # so that it is not changed in place
        try:
            yield
        except BaseException:
            for v, key, value in saved:
                if key is ...:
                    v._set(value, borrowed=True)
                else:
                    v._own()[key] = value
            self._state = state
            raise

    def _update(self, variable, g, rows, learning_rate, by_element):
        """Applies the rule to the variable and its state: to all of it, or to copies of some rows, put back after."""
        slots, value = self._slots_of(variable), variable._value
        if rows is not ...:
            arrays = {name: slots[name]._value[rows] for name in self.slots()}
            variable._own()[rows] = value[rows] + self._step(g, learning_rate, value[rows], arrays)
            for name, array in arrays.items():
                slots[name]._own()[rows] = array
            return
        arrays = {name: slots[name]._own() for name in self.slots()}
        if value.size <= BLOCK or not by_element:
            variable._set(np.asarray(value + self._step(g, learning_rate, value, arrays), value.dtype))
            return
        # Block by block, so that all arrays of a block stay in the cache; and in place, where nobody holds the value.
        result = np.empty_like(value) if variable._snapshot is not None or variable._borrowed else value
        rows_at_once = max(1, BLOCK // value[0].size)
        for start in range(0, len(value), rows_at_once):
            block = slice(start, start + rows_at_once)
            parts = {name: array[block] for name, array in arrays.items()}
            np.add(value[block], self._step(g[block], learning_rate, value[block], parts), out=result[block])
        if result is not value:
            variable._set(result)

    def _step(self, g, learning_rate, value, arrays):
        """What to add to `value`, by the rule and the weight decay."""
        step = self.step(g, learning_rate, **arrays)
        if np.shape(step) != value.shape:
            raise ValueError(
                f"{type(self).__name__}.step returned shape {np.shape(step)} for a gradient of shape {value.shape}: "
                f"what to add must have the same."
            )
        return step - learning_rate * self.weight_decay * value if self.weight_decay else step


class SGD(Optimizer):
    """Gradient descent, plain or with momentum.

        x ← x - learning_rate · g
        with momentum:   velocity ← momentum · velocity - learning_rate · g,   x ← x + velocity
        with nesterov:   the same velocity,   x ← x + momentum · velocity - learning_rate · g

    Momentum is from Polyak, 1964; Nesterov's, 1983, has the form of Sutskever, Martens, Dahl and Hinton, 2013.

    Args:
        momentum: from 0 to 1, the share of the velocity that is kept from step to step.
        nesterov: take the gradient's effect on the velocity one step ahead.
        options: those of `Optimizer`.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, **options):
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov = number("momentum", momentum, "from 0 to 1"), nesterov

    def slots(self):
        return {"velocity": 0.0} if self.momentum else {}

    def step(self, g, learning_rate, velocity=None):
        if velocity is None:
            return -learning_rate * g
        velocity *= self.momentum
        velocity -= learning_rate * g
        return self.momentum * velocity - learning_rate * g if self.nesterov else velocity


class Adagrad(Optimizer):
    """Each element has a learning rate of its own, the smaller the larger its gradients have been so far.

        accumulator ← accumulator + g²
        x ← x - learning_rate · g / √(accumulator + epsilon)

    Duchi, Hazan and Singer, 2011 (Journal of Machine Learning Research 12).

    Args:
        initial_accumulator_value: ≥ 0.
        epsilon: ≥ 0, against division by zero.
        options: those of `Optimizer`.
    """

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, **options):
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = number("initial_accumulator_value", initial_accumulator_value, "≥ 0")
        self.epsilon = number("epsilon", epsilon, "≥ 0")

    def slots(self):
        return {"accumulator": self.initial_accumulator_value}

    def step(self, g, learning_rate, accumulator):
        accumulator += np.square(g)
        return -learning_rate * g / np.sqrt(accumulator + self.epsilon)


class RMSprop(Optimizer):
    """As Adagrad, but the gradients of long ago are forgotten: a moving average of their squares.

        mean_square ← rho · mean_square + (1 - rho) · g²
        x ← x - learning_rate · g / √(mean_square + epsilon)
        with momentum:   velocity ← momentum · velocity - learning_rate · g / √(…),   x ← x + velocity
        centered:   mean_square - mean² in place of mean_square, with mean ← rho · mean + (1 - rho) · g

    Tieleman and Hinton, 2012 (lecture 6 of Neural Networks for Machine Learning); centered: Graves, 2013
    (arXiv:1308.0850), where a variance below 0, a rounding error, counts as 0.

    Args:
        rho: from 0 to below 1, the share of the averages that is kept from step to step.
        momentum: from 0 to 1, the share of the velocity that is kept.
        epsilon: ≥ 0, against division by zero.
        centered: divide by the gradient's standard deviation.
        options: those of `Optimizer`.
    """

    def __init__(self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, **options):
        super().__init__(learning_rate, **options)
        self.rho = number("rho", rho, "from 0 to below 1")
        self.momentum = number("momentum", momentum, "from 0 to 1")
        self.epsilon, self.centered = number("epsilon", epsilon, "≥ 0"), centered

    def slots(self):
        names = ["mean_square"] + ["velocity"] * bool(self.momentum) + ["mean"] * bool(self.centered)
        return dict.fromkeys(names, 0.0)

    def step(self, g, learning_rate, mean_square, velocity=None, mean=None):
        mean_square *= self.rho
        mean_square += (1 - self.rho) * np.square(g)
        variance = mean_square
        if mean is not None:
            mean *= self.rho
            mean += (1 - self.rho) * g
            variance = np.maximum(mean_square - np.square(mean), 0)
        step = -learning_rate * g / np.sqrt(variance + self.epsilon)
        if velocity is None:
            return step
        velocity *= self.momentum
        velocity += step
        return velocity


class Adam(Optimizer):
    """Momentum and RMSprop together, both corrected for having started at 0; t counts the steps from 1.

        m ← m + (1 - beta_1) · (g - m)
        v ← v + (1 - beta_2) · (g² - v)
        x ← x - learning_rate · √(1 - beta_2^t) / (1 - beta_1^t) · m / (√v + epsilon)
        with amsgrad:   the largest v so far in place of v

    Kingma and Ba, 2015 (arXiv:1412.6980), in the form at the end of its section 2; amsgrad: Reddi, Kale and Kumar,
    2018. t is `iterations` + 1 for every variable and row, also for one whose gradients begin later.

    Args:
        beta_1, beta_2: from 0 to below 1, the shares of m and v that are kept from step to step.
        epsilon: ≥ 0, against division by zero.
        options: those of `Optimizer`.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, **options):
        super().__init__(learning_rate, **options)
        self.beta_1 = number("beta_1", beta_1, "from 0 to below 1")
        self.beta_2 = number("beta_2", beta_2, "from 0 to below 1")
        self.epsilon, self.amsgrad = number("epsilon", epsilon, "≥ 0"), amsgrad

    def slots(self):
        return dict.fromkeys(["m", "v", "largest_v"] if self.amsgrad else ["m", "v"], 0.0)

    def step(self, g, learning_rate, m, v, largest_v=None):
        t = int(self.iterations._value) + 1
        number = m.dtype.type  # Keras rounds the powers to the variable's dtype
        m += (1 - self.beta_1) * (g - m)
        v += (1 - self.beta_2) * (np.square(g) - v)
        if largest_v is not None:
            v = np.maximum(largest_v, v, out=largest_v)
        rate = learning_rate * np.sqrt(1 - number(self.beta_2) ** t)
        rate /= 1 - number(self.beta_1) ** t
        return -rate * m / (np.sqrt(v) + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay beside the rule, not through the gradient, so that v does not divide it away:

        x ← x - learning_rate · weight_decay · x, and Adam's step

    Loshchilov and Hutter, 2019 (arXiv:1711.05101). Arguments as for `Adam` and `Optimizer`.
    """

    def __init__(
        self, learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, **options
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)


# The rules here, whose every element depends on those in its place alone: they may be applied to parts of arrays, and
# they do not fail. They are told by identity: a derived class that defines `step` has another one.
BY_ELEMENT = {SGD.step, Adagrad.step, RMSprop.step, Adam.step}
BLOCK = 2**15  # elements of a block: some ten such arrays of float32 fit into a cache of 1 or 2 MB

ELSEWHERE = ("nadam", "adamax", "adadelta", "ftrl", "adafactor", "lion", "lamb", "muon")  # Keras has them too


def get(identifier):
    """The optimizer with a name such as "adam", with its defaults. An optimizer is returned as it is; None too."""
    known = {c.__name__.lower(): c for c in (SGD, Adagrad, RMSprop, Adam, AdamW)}
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in known:
        return known[identifier.lower()]()
    what = "is no optimizer"
    if isinstance(identifier, str) and identifier.lower() in ELSEWHERE:
        what = "is an optimizer of Keras that this course does not have; Adam is its nearest kin"
    raise ValueError(f"{identifier!r} {what}. Give one, such as Adam(0.001), or a name: {', '.join(known)}.")


def _without_none(grads_and_vars):
    """The pairs (gradient, variable) that have a gradient, checked to be such pairs."""
    pairs = []
    if not hasattr(grads_and_vars, "__iter__"):
        raise TypeError(f"apply_gradients: give zip(gradients, variables), not {grads_and_vars!r}.")
    for pair in grads_and_vars:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[1], Variable):
            raise TypeError(
                f"apply_gradients: expected pairs (gradient, variable), and got {pair!r}. "
                f"Use zip(gradients, variables)."
            )
        pairs.append(pair)
    if not pairs:
        raise ValueError("apply_gradients: there are no pairs. A zip can be gone through once: make a new one.")
    missing = [variable.name for g, variable in pairs if g is None]
    if len(missing) == len(pairs):
        raise ValueError(f"apply_gradients: all gradients are None, of {missing}. tape.explain(loss, v) says why.")
    if missing:
        warnings.warn(
            f"apply_gradients: the gradients of {missing} are None, so these variables stay as they are. "
            f"tape.explain(loss, v) says why.",
            stacklevel=3,
        )
    return [pair for pair in pairs if pair[0] is not None]


def _prepared(gradient, variable):
    """The variable, its gradient as an array of its dtype, and which rows that is for: `...` for all of them."""
    dtype = variable.dtype
    if dtype.kind != "f":
        raise TypeError(
            f"apply_gradients: the variable {variable.name!r} holds {dtype}, and integers have no gradient."
        )
    if not isinstance(gradient, IndexedSlices):
        return variable, variable._checked("apply_gradients", gradient), ...
    values, indices = variable._checked_rows("apply_gradients", gradient)
    order = np.argsort(indices, kind="stable")
    rows, first = np.unique(indices[order], return_index=True)
    return variable, np.add.reduceat(values[order], first, axis=0).astype(dtype, copy=False), rows


def _norm(gradients):
    """√Σ‖g‖², added up in float64, in which the squares of float32 numbers neither overflow nor vanish."""
    return math.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in gradients))


def _share(norm, limit):
    """The factor that brings a norm down to its limit: 0 for an infinite one."""
    return limit / norm if norm > limit or np.isnan(norm) else 1.0
