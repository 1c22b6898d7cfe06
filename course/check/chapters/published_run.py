"""Exercises of chapter 10."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import WrongKind, aligned
from course.check.source import edited, slips


def _moment_inputs(rng):
    x, e = rng.normal(size=(2, 100))
    moments = np.array([np.mean(m) for m in (x * x, x, x * e, e, e * e)]).round(3)
    return {"learning_rate": round(rng.uniform(0.05, 0.3), 2), "moments": moments}


def _loss(W, b, moments):
    xx, x, xe, e, ee = tf.unstack(moments)
    p, q = W - 3.0, b - 2.0
    return p * p * xx + 2 * p * q * x + q * q - 2 * p * xe - 2 * q * e + ee


def _third_loss(learning_rate, moments, epochs=3, sign=-1, swapped=False, shared=False, rate_of_b=1.0):
    learning_rate = tf.constant(learning_rate, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(learning_rate)
        W, b = tf.constant(5.0, tf.float64), tf.constant(0.0, tf.float64)
        for _ in range(epochs):
            with tf.GradientTape() as tape:
                tape.watch([W, b])
                loss = _loss(W, b, moments)
            dW, db = tape.gradient(loss, [W, b])
            if swapped:
                dW, db = db, dW
            if shared:
                db = dW
            W, b = W + sign * learning_rate * dW, b + sign * rate_of_b * learning_rate * db
    return float(loss), float(outer.gradient(loss, learning_rate))


def _without_derivative(learning_rate, moments):
    return _third_loss(learning_rate, moments)[0], 0.0


def _negated(learning_rate, moments):
    loss, derivative = _third_loss(learning_rate, moments)
    return loss, -derivative


def _by_differences(learning_rate, moments, h=1e-5):
    lower, here, higher = (_third_loss(learning_rate + step, moments)[0] for step in (-h, 0.0, h))
    return here, (higher - lower) / (2 * h)


def _derived(third_loss, learning_rate, moments):
    """Loss and derivative, and whether the derivative is right to some digits only, at any of three rates.

    A tape's is right to 14 digits. A difference of two losses has some ten at best, and not at all rates.
    """
    loss, derivative = aligned(third_loss(learning_rate, moments), (0.0, 0.0), parts=("loss", "derivative"))
    some_digits_only = False
    for rate in (learning_rate, 0.9 * learning_rate, 1.1 * learning_rate):
        _, exact = _third_loss(rate, moments)
        found = derivative if rate == learning_rate else third_loss(rate, moments)[1]
        some_digits_only |= bool(1e-12 < abs(float(found) / exact - 1) < 1e-3)
    return {"loss": loss, "derivative": derivative, "right to some digits only": some_digits_only}


third_loss = Task(
    why="A run is a computation like any other: a tape around it says how to choose what was chosen by hand.",
    hints=[
        "With respect to what is the outer derivative taken? The outer tape has to watch it.",
        "The inner gradient is the usual one: of the loss, with respect to W and b.",
    ],
    inputs=_moment_inputs,
    observe=_derived,
    solution=_third_loss,
    mistakes=[
        (
            _by_differences,
            "The derivative is right to some digits only, as a difference of two losses is, or numbers in float32. Let "
            "the outer tape take it, in float64.",
        ),
        *slips(
            _third_loss,
            {
                ("swapped=False", "swapped=True"): "The two gradients are exchanged: W moves by that of b.",
                ("sign=-1", "sign=1"): "The updates add, so the run goes uphill.",
                ("epochs=3", "epochs=4"): "This is the loss in epoch 4. A loss is printed before its update.",
                ("epochs=3", "epochs=2"): "This is the loss in epoch 2: one epoch is missing.",
                ("rate_of_b=1.0", "rate_of_b=0.0"): "`b` stays at 0: only W is trained.",
            },
        ),
        (_negated, "The sign of the derivative is flipped."),
        (_without_derivative, "The derivative is zero, as if the loss did not depend on the learning rate."),
        (
            lambda rate, moments: float(None),
            "The outer tape's derivative is None. With respect to what is it taken, and does the tape watch that?",
        ),
        (
            lambda rate, moments: tf.constant(1.0) * tf.constant(rate) * None,
            "The inner gradient is None. Which tape watches W and b, and records the loss?",
        ),
        (
            lambda rate, moments: _third_loss(rate, moments, shared=True),
            "`b` moves by the gradient of W. The inner gradient has two parts.",
        ),
        (
            edited(
                _third_loss,
                (
                    "            if swapped:",
                    "            dW, db = tf.stop_gradient(dW), tf.stop_gradient(db)\n            if swapped:",
                ),
            ),
            "The loss is right. The derivative takes the inner gradients for constants: for the outer tape they "
            "were cut "
            "off, as a number or an array is. They change with the learning rate, too.",
        ),
        (
            lambda rate, moments: _third_loss(rate, moments)[::-1],
            "The two are exchanged: the loss comes first.",
        ),
        (
            lambda rate, moments: (_third_loss(rate, moments)[0], _third_loss(rate, moments, epochs=2)[1]),
            "The loss is that of epoch 3, and the derivative that of another epoch.",
        ),
        (
            lambda rate, moments: _third_loss(2 * rate, moments),
            "The steps are twice as long: the 2 of the square is in the gradient already.",
        ),
    ],
)


# A shorter log

shortest_log = Task(
    why="Each loss is a number about the bowl: a few of them fix its depth, its distance and its curvature.",
    hints=[
        "Only the first rows count: `published[:n] - losses[:n]`, and `J[:n]`. The gain is measured on them, too.",
        "With the fitted moments, run all 20 epochs, and look at the largest relative difference after the first n.",
    ],
    solution={"three digits": 3, "five digits": 4},
    mistakes=[
        ({"three digits": 1}, "One number cannot say how deep, how far and how sharp the bowl is."),
        ({"three digits": 2}, "Two losses leave a curvature open: the others are off by two percent."),
        ({"three digits": 4}, "For three digits, fewer are enough."),
        ({"five digits": 3}, "With so few, the others are off by nearly one part in ten thousand: one digit too few."),
        ({"five digits": 5}, "For five digits so many are enough, and fewer are, too."),
        ({"five digits": 6}, "For five digits so many are enough, and fewer are, too."),
        ({"five digits": 7}, "For five digits so many are enough, and fewer are, too. Do you look at a sixth digit?"),
        ({"five digits": 8}, "That is for a sixth digit. Five were asked for."),
        ({"three digits": 17, "five digits": 16}, "These are the numbers of losses that are predicted, not used."),
        ({"three digits": 20, "five digits": 20}, "These are all. How few are enough?"),
    ],
)

# The bowl on the other side of the start


def _mirrored(moments):
    xx, x, xe, e, ee = moments
    new_xx, new_x = xx, x
    new_xe = 4 * xx - 4 * x - xe
    new_e = 4 * x - 4 - e
    new_ee = 16 * xx - 32 * x + 16 - 8 * xe + 8 * e + ee
    return np.array([new_xx, new_x, new_xe, new_e, new_ee])


_MOMENTS = ("mean of x²", "mean of x", "mean of xε", "mean of ε", "mean of ε²")


def _factors(mirrored):
    """A row for each new moment: the factors of the five old ones in it, and what stands alone."""
    alone = np.asarray(mirrored(np.zeros(5)), float)
    return np.array([*(np.asarray(mirrored(unit), float) - alone for unit in np.eye(5)), alone]).T


def _new_moments(mirrored, moments):
    """The five by name. Where only one of them is wrong, and a sum of old ones, `WrongKind` says which part it is."""
    new = aligned(mirrored(moments), np.zeros(5), parts=_MOMENTS)
    named = dict(zip(_MOMENTS, new, strict=True))
    try:
        mine, right = _factors(mirrored), _factors(_mirrored)
    except Exception:  # it takes no zeros, for instance
        return named
    wrong = np.flatnonzero(~np.all(np.isclose(mine, right), axis=1))
    if len(wrong) == 1 and np.allclose(mine @ [*moments, 1.0], np.asarray(new, float)):
        raise WrongKind(_slip(wrong[0], mine[wrong[0]], right[wrong[0]]))
    return named


def _slip(i, mine, right):
    if np.allclose(np.abs(mine), np.eye(6)[i]) and i > 1:
        sign = ", with its sign flipped" if mine[i] < 0 else ""
        return f"The new {_MOMENTS[i]} is the old one{sign}. What stands there in the new loss has more parts."
    if np.allclose(mine, -right):
        return f"The sign of the new {_MOMENTS[i]} is flipped. With which sign does it stand in the loss?"
    told = []
    for part, found, true in zip((*(f"the old {name}" for name in _MOMENTS), "a number alone"), mine, right):
        if not np.isclose(found, true):
            how = "is missing" if found == 0 else "does not belong there" if true == 0 else "has a wrong factor"
            told.append(f"{part} {'has the wrong sign' if np.isclose(found, -true) else how}")
    return f"The others are right. In the new {_MOMENTS[i]}, {', and '.join(told)}."


mirrored = Task(
    why="Half a turn around the start changes every step and no loss: so the log cannot tell the two bowls apart.",
    hints=[
        "The mirror image of b is −b, since the start has b = 0. So what does q = b − 2 become, written with q?",
        "In the formula of the loss, the mean of x² stands before p², twice that of x before pq, and minus twice that "
        "of xε before p.",
        "For the mean of ε², set p and q to 0 in the new loss: what remains?",
    ],
    inputs=lambda rng: {"moments": _moment_inputs(rng)["moments"]},
    observe=_new_moments,
    solution=_mirrored,
    mistakes=[
        (lambda moments: np.array(moments), "These are the moments of the first bowl."),
        (
            lambda moments: np.concatenate([moments[:2], -moments[2:4], moments[4:]]),
            "The signs of the last means are flipped, which mirrors the noise at the truth. The mirror is the start.",
        ),
        *slips(
            _mirrored,
            {
                (("- 4 * x - xe", "- 4 * x + xe"), ("4 * x - 4 - e", "4 * x - 4 + e")): "The old means of xε and "
                "ε come in with the wrong sign: p becomes 4 − p, so what stands before p turns around.",
                (("4 * xx - 4 * x - xe", "8 * xx - 8 * x - 2 * xe"), ("4 * x - 4 - e", "8 * x - 8 - 2 * e")): (
                    "The means of xε and ε are twice too large: in the loss they stand with a factor of 2."
                ),
                (("4 * xx - 4 * x - xe", "xe - 4 * xx + 4 * x"), ("4 * x - 4 - e", "e + 4 - 4 * x")): (
                    "The signs of the means of xε and ε are flipped: in the loss they stand with a minus."
                ),
                (
                    ("4 * x - 4 - e", "4 - 4 * x - e"),
                    ("- 4 * x - xe", "+ 4 * x - xe"),
                    ("- 32 * x", "+ 32 * x"),
                    ("+ 8 * e", "- 8 * e"),
                ): ("As if q became 4 − q, like p. The mirror image of b is −b: what is then b − 2?"),
            },
        ),
    ],
)

# One number more in the log

better_log = Task(
    why="The log is silent about a direction. A W that has walked the whole way tells it best.",
    hints=[
        "The row to append is the derivative of W after an epoch with respect to the moments: a tape around the run.",
        "At the population's moments two singular values are zero. Which W raises one of them the most?",
    ],
    solution={"epoch": 20, "digits": 1},
    mistakes=[
        ({"epoch": 1}, "The first W has gone one step only. It raises a singular value from zero, and others more."),
        ({"epoch": 2}, "It helps more than the W before it. Go on."),
        ({"epoch": 5}, "It raises a singular value from zero, and another W more."),
        ({"epoch": 10}, "It is better than those before it. And than those after it?"),
        ({"epoch": 15}, "The gain is small from here on, but it is there."),
        ({"epoch": 19}, "Nearly: is this an index, counted from zero? W after the first epoch has the index 0."),
        ({"epoch": 21}, "There is no such epoch: does the list begin with the start?"),
        ({"digits": 0}, "Without a digit after the point both are the same number."),
        ({"digits": 2}, "Two are more than are needed to tell these numbers apart, where the row is that of this W."),
        ({"digits": 6}, "So many are needed of a loss. W itself tells them apart earlier."),
    ],
)
