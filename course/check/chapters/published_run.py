"""Exercises of chapter 10."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.source import edited


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


third_loss = Task(
    why="A run is a computation like any other: a tape around it says how to choose what was chosen by hand.",
    hints=[
        "With respect to what is the outer derivative taken? The outer tape has to watch it.",
        "The inner gradient is the usual one: of the loss, with respect to W and b.",
    ],
    inputs=_moment_inputs,
    parts=("loss", "derivative"),
    solution=_third_loss,
    mistakes=[
        (
            lambda rate, moments: _third_loss(rate, moments, swapped=True),
            "The two gradients are exchanged: W moves by that of b.",
        ),
        (lambda rate, moments: _third_loss(rate, moments, sign=1), "The updates add, so the run goes uphill."),
        (
            lambda rate, moments: _third_loss(rate, moments, epochs=4),
            "This is the loss in epoch 4. A loss is printed before its update.",
        ),
        (
            lambda rate, moments: _third_loss(rate, moments, epochs=2),
            "This is the loss in epoch 2: one epoch is missing.",
        ),
        (
            lambda rate, moments: _third_loss(rate, moments, rate_of_b=0.0),
            "`b` stays at 0: only W is trained.",
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
