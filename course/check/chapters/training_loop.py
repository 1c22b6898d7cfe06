"""Exercises of chapter 5."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import number
from course.check.source import HandedOver, edited


def _data(rng, num_examples=8):
    inputs = rng.normal(size=num_examples).round(2)
    outputs = (3 * inputs + 2 + rng.normal(size=num_examples)).round(2)
    return {
        "inputs": tf.constant(inputs, tf.float32),
        "outputs": tf.constant(outputs, tf.float32),
        "learning_rate": round(rng.uniform(0.02, 0.1), 2),
    }


def _l2_loss(predictions, outputs):  # broadcasts, as an attempt may
    return tf.reduce_mean(tf.square(predictions - outputs))


def _on_the_sum(predictions, outputs):
    return tf.reduce_sum(tf.square(predictions - outputs))


# The step


class _Line(tf.Module):
    def __init__(self):
        super().__init__()
        self.W, self.b = tf.Variable(5.0), tf.Variable(0.0)

    def __call__(self, inputs):
        return inputs * self.W + self.b


def _steps_of_a_line(train, inputs, outputs, learning_rate):
    model = _Line()
    before = model.W, model.b
    losses = [train(model, inputs, outputs, learning_rate)]
    if not (model.W is before[0] and model.b is before[1]):
        return {"the variables of the model": "replaced"}
    losses.append(train(model, inputs, outputs, learning_rate))
    found = {"losses": np.array([number(loss, "loss") for loss in losses])}
    return found | {f"{name} after two steps": number(getattr(model, name), name) for name in ("W", "b")}


def _step(update, loss_of=_l2_loss):
    """A `train` with this loss, whose update gets the model, the gradients and the learning rate."""

    def train(model, inputs, outputs, learning_rate):
        with tf.GradientTape() as tape:
            loss = loss_of(model(inputs), outputs)
        dW, db = tape.gradient(loss, [model.W, model.b])
        update(model, dW, db, learning_rate)
        return loss

    return train


def _both(how, loss_of=_l2_loss):
    """A step that does the same with each variable, its gradient and the learning rate."""
    return _step(lambda model, dW, db, rate: (how(model.W, dW, rate), how(model.b, db, rate)), loss_of)


def _downhill(variable, gradient, rate):
    variable.assign_sub(rate * gradient)


def _rebind(model, W, b):
    model.W, model.b = W, b


def _closed_too_early(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        predictions = model(inputs)
    loss = _l2_loss(predictions, outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)
    return loss


def _loss_afterwards(model, inputs, outputs, learning_rate):
    _both(_downhill)(model, inputs, outputs, learning_rate)
    return _l2_loss(model(inputs), outputs)


def _W_before_b(model, inputs, outputs, learning_rate):
    losses = []
    for name in ("W", "b"):
        with tf.GradientTape() as tape:
            losses.append(_l2_loss(model(inputs), outputs))
        variable = getattr(model, name)
        variable.assign_sub(learning_rate * tape.gradient(losses[-1], variable))
    return losses[0]


def _returns_a_gradient(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = _l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)
    return dW


train = Task(
    why="These lines train everything in this course. What changes later is the model and the update.",
    hints=[
        "The loss compares what the model predicts for the inputs with the outputs.",
        "Ask the tape for the gradient of the loss with respect to a list of both variables: it gives a list of two.",
        "`variable.assign_sub(amount)` lowers a variable. The amount is the learning rate times its own gradient.",
    ],
    inputs=_data,
    observe=_steps_of_a_line,
    solution=_both(_downhill),
    mistakes=[
        (
            _both(lambda v, g, rate: v.assign_add(rate * g)),
            "The steps are added, so the loss grows. The gradient points uphill.",
        ),
        (_both(lambda v, g, rate: v.assign_sub(g)), "The learning rate is missing: the steps are too long."),
        (
            _both(lambda v, g, rate: v.assign(-rate * g)),
            "Each variable is replaced by its step. The step should start where the variable is.",
        ),
        (
            _both(lambda v, g, rate: v.assign(rate * g)),
            "After a step each variable is its step, wherever it was before. `assign_sub` takes the step alone, and "
            "`assign` the whole new value: what did you give to which?",
        ),
        (
            _both(lambda v, g, rate: v.assign_sub(0.1 * g)),
            "The steps have a fixed length of 0.1 times the gradient. The learning rate is an argument.",
        ),
        (
            _both(lambda v, g, rate: v.assign_sub(rate)),
            "Both move by the learning rate alone: the gradient is missing, or handed over as a second argument.",
        ),
        (
            _both(lambda v, g, rate: v.assign_sub(g / rate)),
            "You divided by the learning rate: a smaller one makes the steps longer.",
        ),
        (_both(lambda v, g, rate: None), "The loss is right, and no variable moves: the updates are missing."),
        (
            _step(lambda model, dW, db, rate: (_downhill(model.W, db, rate), _downhill(model.b, dW, rate))),
            "The gradients are exchanged: each variable gets the one with respect to the other.",
        ),
        (
            _step(lambda model, dW, db, rate: (_downhill(model.W, dW, rate), _downhill(model.b, dW, rate))),
            "`W` is right. `b` moves by the gradient of `W`.",
        ),
        (_step(lambda model, dW, db, rate: _downhill(model.W, dW, rate)), "`b` is never updated."),
        (_step(lambda model, dW, db, rate: _downhill(model.b, db, rate)), "`W` is never updated."),
        (
            _closed_too_early,
            "A gradient is None: the tape knows no way from what you differentiate to a variable. Is it the loss, made "
            "of `model(inputs)`, and is all of it computed while the tape records?",
        ),
        (
            _step(lambda model, dW, db, rate: _rebind(model, model.W - rate * dW, model.b - rate * db)),
            "After a step, `model.W` or `model.b` is no longer the variable that it was: `=` binds the name to "
            "something else. Change the variable instead.",
        ),
        (_loss_afterwards, "The variables are right, but the loss is the one after the update."),
        (
            _W_before_b,
            "`b` gets its gradient after `W` has moved. Both belong to the same point: take both, then update.",
        ),
        (_returns_a_gradient, "The variables are right. What is returned is a gradient, and not the loss."),
        (_both(_downhill, _on_the_sum), "You summed where the loss averages: the factor 1/N is missing."),
        (
            _both(_downhill, lambda p, y: tf.reduce_mean(p - y)),
            "The residuals are not squared, so those above and below zero cancel.",
        ),
        (
            _both(_downhill, lambda p, y: tf.reduce_mean(tf.abs(p - y))),
            "This is the L1 loss. The chapter trains with L2.",
        ),
    ],
)

# One more variable


class _Curve(tf.Module):
    def __init__(self):
        super().__init__()
        self.c, self.W, self.b = tf.Variable(1.0), tf.Variable(5.0), tf.Variable(0.0)

    def __call__(self, inputs):
        return self.c * tf.square(inputs) + self.W * inputs + self.b


def _curve_steps(train_curve, inputs, outputs, learning_rate):
    model = _Curve()
    losses = [train_curve(model, inputs, outputs, learning_rate) for _ in range(2)]
    found = {"losses": np.array([number(loss, "loss") for loss in losses])}
    found |= {f"{name} after two steps": number(getattr(model, name), name) for name in ("c", "W", "b")}
    return found | {"variables": len(model.trainable_variables)}


def _trainer(loss_of=_l2_loss, update=lambda v, g, rate: v.assign_sub(rate * g), names=("W", "b", "c"), pairs=zip):
    """A `train_curve` with this loss and this update of each of these variables."""

    def train_curve(model, inputs, outputs, learning_rate):
        variables = [getattr(model, name) for name in names]
        with tf.GradientTape() as tape:
            loss = loss_of(model(inputs), outputs)
        for variable, gradient in pairs(variables, tape.gradient(loss, variables)):
            update(variable, gradient, learning_rate)
        return loss

    return train_curve


def _after_the_update(model, inputs, outputs, learning_rate):
    _trainer()(model, inputs, outputs, learning_rate)
    return _l2_loss(model(inputs), outputs)


def _first_variable_only(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = _l2_loss(model(inputs), outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        variable.assign_sub(learning_rate * gradient)
        return loss


def _outside_the_tape(model, inputs, outputs, learning_rate):
    predictions = model(inputs)
    with tf.GradientTape() as tape:
        loss = _l2_loss(predictions, outputs)
    for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
        variable.assign_sub(learning_rate * gradient)
    return loss


def _on_the_table(predictions, outputs):
    return tf.reduce_mean(tf.square(predictions - outputs[:, None]))


def _by_the_loss(model, inputs, outputs, learning_rate):
    loss = _l2_loss(model(inputs), outputs)
    for variable in model.trainable_variables:
        variable.assign_sub(learning_rate * loss)
    return loss


train_curve = Task(
    why="The loop asks the model for its variables, so it trains a line, a curve or a network without a change.",
    hints=[
        "Three things are missing: what is minimized, what it is differentiated by, and how far a step goes.",
        "`loss` is the L2 loss of the model's predictions, computed while the tape records.",
        "The step of one variable is the learning rate times its gradient.",
    ],
    inputs=_data,
    observe=_curve_steps,
    solution=_trainer(),
    mistakes=[
        (
            _trainer(update=lambda v, g, rate: v.assign_add(rate * g)),
            "The step is added, so the loss grows. The gradient points uphill.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(g)),
            "The learning rate is missing: the steps are too long.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign(-rate * g)),
            "Each variable is replaced by its step. The step should start where the variable is.",
        ),
        (_trainer(_on_the_sum), "You summed where the loss averages: the factor 1/N is missing."),
        (
            _trainer(lambda p, y: tf.reduce_mean(p - y)),
            "The residuals are not squared, so those above and below zero cancel.",
        ),
        (_trainer(lambda p, y: tf.reduce_mean(tf.abs(p - y))), "This is the L1 loss. The chapter trains with L2."),
        (
            _trainer(_on_the_table),
            "Predictions of shape (N,) and outputs of shape (N, 1) broadcast to an N by N table of residuals.",
        ),
        (_trainer(names=("W", "b")), "`c` stays as it was: the step leaves out one of the variables."),
        (_after_the_update, "The variables are right, but the loss is the one after the update, out of order."),
        (
            _outside_the_tape,
            "A gradient is None: the tape knows no way to a variable. Does it record all of the model, and is it the "
            "loss that you differentiate?",
        ),
        (
            _trainer(lambda p, y: 0.5 * _l2_loss(p, y)),
            "This is half of the L2 loss, so the steps are half as long.",
        ),
        (
            _trainer(lambda p, y: tf.sqrt(_l2_loss(p, y))),
            "This is the root of the L2 loss. The chapter minimizes the mean square itself.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(g / rate)),
            "You divided by the learning rate: a smaller one makes the steps longer.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(rate * v)),
            "The step is made of the variable itself, so it only shrinks. The gradient is missing.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(v - rate * g)),
            "After a step each variable is its step, wherever it was before. `assign_sub` takes the step alone, and "
            "`assign` the whole new value: what did you give to which?",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(0.1 * g)),
            "The steps have a fixed length of 0.1 times the gradient. The learning rate is an argument, and not "
            "always 0.1.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(rate)),
            "Every variable makes the same step: the gradient is missing, or handed over as a second argument.",
        ),
        (
            _trainer(update=lambda v, g, rate: None),
            "The loss is right, and no variable moves. What does each one need to be told?",
        ),
        (
            _first_variable_only,
            "Only the first variable moves. Does `return` stand inside the loop?",
        ),
        (
            _trainer(names=("b", "W", "c"), pairs=lambda vs, gs: zip(vs, gs[::-1])),
            "The gradients are in another order than the variables, so each moves by that of another.",
        ),
        (_trainer(names=("W", "c")), "`b` stays as it was: the step leaves out one of the variables."),
        (_trainer(names=("b", "c")), "`W` stays as it was: the step leaves out one of the variables."),
        (
            _trainer(lambda p, y: tf.reduce_mean(tf.square(p + y))),
            "Predictions and outputs are added. A residual is their difference.",
        ),
        (
            _trainer(lambda p, y: tf.reduce_mean(tf.square(p))),
            "The outputs are missing: this makes the predictions small, whatever the data say.",
        ),
        (
            _trainer(lambda p, y: -_l2_loss(p, y)),
            "The sign of the loss is flipped, so training makes it larger.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(rate + g)),
            "The learning rate is added to the gradient. It is a factor.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(rate * rate * g)),
            "The learning rate is there twice, so the steps are too short.",
        ),
        (
            _trainer(update=lambda v, g, rate: v.assign_sub(2 * rate * g)),
            "The steps are twice as long. The 2 of the square is in the gradient already.",
        ),
        (_by_the_loss, "Every variable makes the same step, made of the loss. Each has a gradient of its own."),
    ],
)

# Find the bug


def _line_steps(train, inputs, outputs, learning_rate):
    model = _Line()
    before = {"W": model.W, "b": model.b}
    train(model, inputs, outputs, learning_rate)
    found = {f"{name} is a variable": isinstance(getattr(model, name), tf.Variable) for name in before}
    found |= {f"{name} is the same as before": getattr(model, name) is v for name, v in before.items()}
    found |= {f"{name} after one call": number(getattr(model, name), name) for name in before}
    try:
        train(model, inputs, outputs, learning_rate)
        found |= {"the second call": "works"}
        found |= {f"{name} after two calls": number(getattr(model, name), name) for name in before}
    except Exception as error:
        if all(found[f"{name} is a variable"] for name in before):
            raise
        found |= {"the second call": f"raises {type(error).__name__}"}
        found |= {f"{name} after two calls": np.nan for name in before}
    return found


def _line_trainer(update):
    """A `train` whose update gets the model, the gradients and the learning rate."""

    def train(model, inputs, outputs, learning_rate):
        with tf.GradientTape() as tape:
            loss = _l2_loss(model(inputs), outputs)
        dW, db = tape.gradient(loss, [model.W, model.b])
        update(model, dW, db, learning_rate)

    return train


def _each(how):
    """An update that does the same with W and b."""
    return _line_trainer(lambda model, dW, db, rate: (how(model.W, rate * dW), how(model.b, rate * db)))


def _watching(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        tape.watch([model.W, model.b])
        loss = _l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W = model.W - learning_rate * dW
    model.b = model.b - learning_rate * db


def _make_new(model, dW, db, rate):
    model.W, model.b = tf.Variable(model.W - rate * dW), tf.Variable(model.b - rate * db)


def _repair_one(model, dW, db, rate):
    model.W.assign_sub(rate * dW)
    model.b = model.b - rate * db


def _in_turn(model, inputs, outputs, learning_rate):
    for name in ("W", "b"):
        with tf.GradientTape() as tape:
            loss = _l2_loss(model(inputs), outputs)
        variable = getattr(model, name)
        variable.assign_sub(learning_rate * tape.gradient(loss, variable))


rebound_model = Task(
    why="An optimizer keeps state for each variable. A model that changes its variables for tensors loses all of it.",
    hints=[
        "What is `type(model.W)` before the first call, and what after it?",
        "A tape watches variables by itself. What does it do about tensors?",
        "Two lines have to change. Chapter 1 has the method.",
    ],
    inputs=_data,
    observe=_line_steps,
    solution=_each(lambda v, step: v.assign_sub(step)),
    broken=HandedOver(
        """
        def train_line(model, inputs, outputs, learning_rate):
            with tf.GradientTape() as tape:
                loss = l2_loss(model(inputs), outputs)
            dW, db = tape.gradient(loss, [model.W, model.b])
            model.W = model.W - learning_rate * dW
            model.b = model.b - learning_rate * db
        """,
        "After the first call `model.W` and `model.b` are still tensors, and the second call still fails.",
        tf=tf,
        l2_loss=_l2_loss,
    ),
    mistakes=[
        (_line_trainer(_repair_one), "`W` is repaired. `b` is still bound to a tensor."),
        (
            _line_trainer(_make_new),
            "The model gets new variables at each step. Who holds the old ones, as an optimizer does, is left behind.",
        ),
        (_each(lambda v, step: v.assign_add(step)), "The update adds, so each step goes uphill."),
        (_each(lambda v, step: v.assign(-step)), "The variables are replaced by their steps."),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(rate * db), model.b.assign_sub(rate * dW))),
            "The gradients are exchanged: each variable gets the one with respect to the other.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(dW), model.b.assign_sub(db))),
            "The learning rate got lost on the way.",
        ),
        (
            _in_turn,
            "`b` gets its gradient after `W` has moved. Both belong to the same point: take both, then update.",
        ),
        (
            _each(lambda v, step: v.assign(step)),
            "After a step each variable is its step, wherever it was before. `assign_sub` takes the step alone, and "
            "`assign` the whole new value: what did you give to which?",
        ),
        (
            _watching,
            "Both calls work now: the tape watches the tensors. What remains is that they replace the model's "
            "variables, "
            "so whoever holds those, as an optimizer does, is left behind.",
        ),
        (
            edited(
                _repair_one,
                ("W.assign_sub(rate * dW)", "W = model.W - rate * dW"),
                ("b = model.b - rate * db", "b.assign_sub(rate * db)"),
            ),
            "`b` is repaired. `W` is still bound to a tensor.",
        ),
        (_line_trainer(lambda *_: None), "The model stays as it was. Are `W` and `b` local names?"),
        (
            _each(lambda v, step: v.assign_add(v - step)),
            "The new value is added to the old one, so each variable about doubles. `assign_sub` takes the step alone.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(0.1 * dW), model.b.assign_sub(0.1 * db))),
            "The steps have a fixed length of 0.1 times the gradient. The learning rate is an argument.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(rate), model.b.assign_sub(rate))),
            "Both move by the learning rate alone: the gradient is missing, or handed over as a second argument.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(dW / rate), model.b.assign_sub(db / rate))),
            "You divided by the learning rate: a smaller one makes the steps longer.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(rate + dW), model.b.assign_sub(rate + db))),
            "The learning rate is added to the gradient. It is a factor.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(rate * db), model.b.assign_sub(rate * db))),
            "`b` is right. `W` moves by the gradient of `b`.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_add(rate * dW), model.b.assign_sub(rate * db))),
            "`b` is right. `W` goes uphill: its step is added.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(rate * dW), model.b.assign_add(rate * db))),
            "`W` is right. `b` goes uphill: its step is added.",
        ),
        (
            _line_trainer(lambda model, dW, db, rate: (model.W.assign_sub(rate * dW), model.b.assign_sub(rate * dW))),
            "`W` is right. `b` moves by the gradient of `W`.",
        ),
        (_line_trainer(lambda model, dW, db, rate: model.W.assign_sub(rate * dW)), "`b` is never updated."),
        (_line_trainer(lambda model, dW, db, rate: model.b.assign_sub(rate * db)), "`W` is never updated."),
    ],
)

# Here, and not at the top, since a chapter's tasks are shown in this order.
from course.check.chapters.training_loop_rates import epochs_needed, falling_rate  # noqa: E402, F401
