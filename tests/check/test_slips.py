"""Slips that are typed often, and what each is told."""

import inspect

import numpy as np
import pytest

import course as tf
from course import check
from tests.check.test_ground import cell, judged

MIRRORED = inspect.getsource(check.published_run.mirrored.solution).replace("_mirrored", "mirrored")


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("new_xx, new_x = xx, x", "new_xx, new_x = -xx, x", "The sign of the new mean of x² is flipped"),
        ("new_xx, new_x = xx, x", "new_xx, new_x = xx, 2 * x", "In the new mean of x, the old mean of x has a wrong"),
        ("= 4 * xx - 4 * x - xe", "= -xe", "The new mean of xε is the old one, with its sign flipped"),
        ("= 4 * xx - 4 * x - xe", "= 4 * xx - xe", "In the new mean of xε, the old mean of x is missing."),
        (
            "= 4 * xx - 4 * x - xe",
            "= 4 * xx + 4 * x - xe",
            "In the new mean of xε, the old mean of x has the wrong sign.",
        ),
        ("= 4 * x - 4 - e", "= 4 * x - e", "In the new mean of ε, a number alone is missing."),
        ("= 4 * x - 4 - e", "= 4 - 4 * x + e", "The sign of the new mean of ε is flipped."),
        ("= 4 * x - 4 - e", "= 4 * x - 4 - e + xe", "In the new mean of ε, the old mean of xε does not belong there."),
        ("- 32 * x", "- 16 * x", "In the new mean of ε², the old mean of x has a wrong factor."),
        ("- 8 * xe + 8 * e + ee", "+ ee", "the old mean of xε is missing, and the old mean of ε is missing."),
        ("= 16 * xx - 32 * x + 16 - 8 * xe + 8 * e + ee", "= ee", "The new mean of ε² is the old one. What stands"),
    ],
)
def test_a_single_slip_in_a_mirrored_moment_is_named(right, wrong, words):
    assert right in MIRRORED
    assert words in judged("published_run.mirrored", cell(MIRRORED.replace(right, wrong), np=np)).words


@pytest.mark.parametrize("h", [1e-3, 1e-4, 1e-5, 1e-6])
def test_a_difference_of_two_losses_is_no_derivative_by_a_tape(h):
    loss = lambda rate, moments: check.published_run.third_loss.solution(rate, moments)[0]  # noqa: E731
    central = lambda rate, moments: (  # noqa: E731
        loss(rate, moments),
        (loss(rate + h, moments) - loss(rate - h, moments)) / (2 * h),
    )
    assert judged("published_run.third_loss", central).status != "right"


def test_a_walk_that_turns_the_callers_records_around_is_not_right():
    def backward(records, target):
        records.reverse()
        gradients = {target: 1.0}
        for output, inputs, rules in records:
            for value, rule in zip(inputs, rules):
                gradients[value] = gradients.get(value, 0.0) + rule(gradients.get(output, 0.0))
        return gradients

    verdict = judged("gradient_tape.doubling_walk", backward)
    assert verdict.status == "mistake" and "belongs to the caller" in verdict.words


def test_a_logarithm_of_a_rounded_probability_is_no_loss_for_logits():
    def mean_loss(logits, labels):
        is_label = tf.one_hot(labels, logits.shape[-1])
        return -tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.nn.softmax(logits) * is_label, axis=-1)))

    assert "is rounded to 0" in judged("layers.softmax_twice", mean_loss).words
