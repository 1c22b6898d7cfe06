"""BackwardStepper: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

import course as tf
from course import experiments


def make(persistent=True):
    x = tf.Variable([1.0, 2.0, -3.0], name="x")
    with tf.GradientTape(persistent=persistent) as tape:
        loss = a_loss(x)
    return experiments.BackwardStepper(tape, loss)


def a_loss(x):
    u = x * x
    return tf.reduce_sum(tf.sin(u) / x + u)


def check(experiment):
    """At the end of the walk, the tape's own gradient; before its beginning, none."""
    n = len(experiment.walk.records)
    if experiment.position <= n:
        assert experiment.gradients == []
    if experiment.position == experiment.total:
        (x,) = experiment.walk.tape.watched_variables()
        (arrived,) = [g for tensor, g in experiment.gradients if id(tensor) in experiment.walk.tape._reads]
        np.testing.assert_allclose(arrived, experiment.walk.tape.gradient(experiment.walk.loss, x), rtol=1e-6)
    assert "record" in experiment.status or "result" in experiment.status


def test_the_walk_is_the_tapes_own_gradient_at_every_record():
    experiment = make()
    for position in range(len(experiment.walk.records) + 2, experiment.total + 1):
        experiment.position = position
        _, inputs, _, _ = experiment.walk.records[experiment.record]
        after = {id(tensor): np.asarray(g) for tensor, g in experiment.gradients}
        before = {key: np.asarray(g) for key, g in experiment._before().items() if g is not None}
        for key in {id(x) for x in inputs}:
            parts = [part for x, part in zip(inputs, experiment._parts()) if id(x) == key and part is not None]
            if parts:
                np.testing.assert_allclose(after[key], before.get(key, 0) + sum(parts), rtol=1e-6)
    check(experiment)


def test_a_tape_is_not_used_up_nor_written_on():
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer, tf.GradientTape() as tape:
        loss = a_loss(x)
        count = len(outer._records)
        experiments.BackwardStepper(tape, loss).run()
        assert len(outer._records) == count
    assert tape.gradient(loss, x) is not None


def test_a_gradient_of_a_gradient_can_be_stepped_through():
    x = tf.Variable([2.0], name="x")
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            loss = a_loss(x)
        slope = inner.gradient(loss, x)
    experiment = experiments.BackwardStepper(outer, slope)
    experiment.run()
    check(experiment)


def test_names_are_the_learners_own():
    weight, some = tf.Variable(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(some)
        product = weight * some
        loss = product + 1.0
    experiment = experiments.BackwardStepper(tape, loss)
    assert [experiment._label(key) for key in experiment.walk.nodes] == [
        "weight",
        "some",
        "product",
        "constant",
        "loss",
    ]
    svg = experiment.page.picture.frame.decode()
    assert "&gt;" not in svg and ">product</text>" in svg


def test_a_stopped_gradient_and_rows_of_a_table_are_said_in_words():
    table = tf.Variable(np.ones((4, 2), "float32"), name="table")
    with tf.GradientTape() as tape:
        rows = tf.gather(table, [1, 3])
        loss = tf.reduce_sum(rows * tf.stop_gradient(rows))
    experiment = experiments.BackwardStepper(tape, loss)
    statuses = []
    for position in range(experiment.total + 1):
        experiment.position = position
        statuses.append(experiment.status)
        assert "nan" not in experiment.status.lower()
    assert any("no gradient reaches stop_gradient" in s or "passes no gradient on" in s for s in statuses)
    assert "table gets 2 rows" in statuses[-1]


def test_a_tape_without_its_records_says_what_to_do():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        loss = a_loss(x)
    tape.gradient(loss, x)
    with pytest.raises(RuntimeError, match="before you call gradient, or make the tape with persistent=True"):
        experiments.BackwardStepper(tape, loss)


def test_a_loss_that_was_not_recorded_is_refused():
    with tf.GradientTape() as tape:
        pass
    with pytest.raises(ValueError, match="did not record how the loss was computed"):
        experiments.BackwardStepper(tape, tf.constant(1.0))
    with pytest.raises(TypeError, match="got a GradientTape and a float"):
        experiments.BackwardStepper(tape, 1.0)


def test_too_long_a_record_is_refused():
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        loss = x
        for _ in range(50):
            loss = loss * x
    with pytest.raises(ValueError, match="50 records of the tape lead to the loss"):
        experiments.BackwardStepper(tape, loss)


def test_no_two_boxes_overlap():
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = a_loss(x)
        slope = inner.gradient(loss, x)
    places = list(experiments.BackwardStepper(outer, slope)._places.values())
    for i, (x0, y0) in enumerate(places):
        for x1, y1 in places[:i]:
            assert abs(x0 - x1) > 130 or abs(y0 - y1) >= 64


def test_the_record_where_the_walk_is_is_kept_in_view():
    experiment = make()
    for position in range(1, experiment.total + 1):
        experiment.position = position
        left, right = experiment.shown()["focus"]
        record = experiment.record
        output = experiment.walk.loss if record is None else experiment.walk.records[record][2]
        at = experiment._places[id(output)][0] / experiment._width
        assert 0 <= left < at < right <= 1 and (right - left) * experiment.least <= 390
