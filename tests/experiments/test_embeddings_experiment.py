"""Embeddings: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest
from experiment_page import consistent

import course as tf
from course import datasets, experiments, optimizers
from course.experiments import base

make = experiments.Embeddings


def check(experiment):
    """The same steps, made here with the engine; losses and the best turn by NumPy."""
    (pairs, ratings), truth = datasets.ratings(40, 40, rank=2, num_ratings=1600, stddev=experiment.stddev)
    users, films, ratings = *pairs.numpy().T, ratings.numpy()
    true = np.concatenate([vectors.numpy() for vectors in truth])
    np.testing.assert_array_equal(experiment.true_vectors, true)
    start = np.random.default_rng(experiment.seed).normal(0, 0.1, (2, 40, 2)).astype("float32")
    n, learnt = experiment.ratings, np.array(experiment._history)
    assert learnt.shape == (experiment.position + 1, 80, 2)
    np.testing.assert_array_equal(learnt[0], np.concatenate(start))
    with np.errstate(all="ignore"):
        # Each step from where the experiment stood: over many, rounding decides where a run goes that diverges.
        for before, after in zip(learnt, learnt[1:]):
            tables = [tf.Variable(part) for part in np.split(before, 2)]
            with tf.GradientTape() as tape:
                rows = tf.gather(tables[0], users[:n]) * tf.gather(tables[1], films[:n])
                loss = tf.reduce_mean(tf.square(tf.reduce_sum(rows, axis=1) - ratings[:n]))
                loss += experiment.decay * sum(tf.reduce_sum(tf.square(table)) for table in tables)
            optimizers.SGD(experiment.learning_rate).apply_gradients(zip(tape.gradient(loss, tables), tables))
            largest = max(abs(before).max(), abs(after).max())
            if largest < 1e30:  # float32 ends at 3.4e38
                np.testing.assert_allclose(np.concatenate(tables), after, rtol=1e-4, atol=1e-5 * largest)
        learnt, turned = learnt.astype(float), experiment._paths()
        predicted = np.einsum("kni,kni->kn", learnt[:, :40][:, users], learnt[:, 40:][:, films])
        errors = np.square(predicted - ratings)
        losses = np.stack([errors[:, :n].mean(axis=1), errors[:, -400:].mean(axis=1)], axis=1)
        seen = np.isfinite(experiment.losses)
        assert not (losses[~seen] < 1e35).any()  # a sum of float32 squares ends there
        np.testing.assert_allclose(experiment.losses[seen], losses[seen], rtol=1e-2, atol=1e-6)
    assert turned.shape == learnt.shape
    if not np.isfinite(learnt).all():
        assert "diverged" in experiment.status and all(text.get_text() for text in experiment._notices)
        return
    distance = np.sqrt(np.mean(np.sum(np.square(turned[-1] - true), axis=1)))
    assert experiment.distance == pytest.approx(distance)
    if experiment.turned:  # no other turn or mirror image is closer; the products stay
        for angle in np.linspace(0, 2 * np.pi, 36):
            cos, sin = np.cos(angle), np.sin(angle)
            for other in ([[cos, -sin], [sin, cos]], [[cos, sin], [sin, -cos]]):
                away = np.sqrt(np.mean(np.sum(np.square(learnt[-1] @ other - true), axis=1)))
                assert distance <= away * (1 + 1e-6)
        products = learnt[-1, :40] @ learnt[-1, 40:].T
        np.testing.assert_allclose(
            turned[-1, :40] @ turned[-1, 40:].T, products, rtol=1e-3, atol=1e-4 * abs(products).max()
        )
    else:
        np.testing.assert_allclose(turned, learnt, rtol=1e-3, atol=1e-4 * abs(learnt).max())
    loss, unseen = map(base.number, experiment.losses[-1])
    assert f"loss {loss} on them, {unseen} on 400 unseen ones" in experiment.status
    for (group, line, true_marks, marks), part in zip(experiment._groups, (slice(40), slice(40, None))):
        assert group == part
        np.testing.assert_array_equal(true_marks.get_xydata(), true[part])
        np.testing.assert_allclose(marks.get_xydata(), np.clip(turned[-1, part], -1e4, 1e4))
        drawn = line.get_xydata().reshape(40, 3, 2)  # from each learnt vector to the true one
        np.testing.assert_allclose(drawn[:, 0], marks.get_xydata())
        np.testing.assert_array_equal(drawn[:, 1], true_marks.get_xydata())
        assert np.isnan(drawn[:, 2]).all()


def test_more_ratings_keep_those_that_were_seen_and_the_unseen_stay_the_same():
    experiment = experiments.Embeddings(ratings=200)
    few, unseen = experiment._seen, experiment._unseen
    experiment.ratings = 1200
    for before, after, held in zip(few, experiment._seen, experiment._unseen):
        np.testing.assert_array_equal(after[:200], before)
        assert len(after) + len(held) == 1600
    for before, after in zip(unseen, experiment._unseen):
        np.testing.assert_array_equal(after, before)


def test_as_many_ratings_as_numbers_are_learnt_by_heart_and_600_find_the_truth_from_every_start():
    experiment = experiments.Embeddings()
    for seed in range(21):
        experiment.set(ratings=160, seed=seed)
        seen, unseen = experiment.losses[-1]
        assert seen < 0.09 / 2 and unseen > 1 > experiment.losses[0, 1]
        experiment.set(ratings=600, seed=seed)
        assert experiment.losses[-1, 1] < 0.15 and experiment.distance < 0.2


def test_a_little_weight_decay_lets_400_ratings_succeed_from_every_start():
    experiment = experiments.Embeddings(ratings=400)
    succeeded = {}
    for decay in (0.0, 0.003):
        experiment.decay = decay
        succeeded[decay] = 0
        for seed in range(0, 21, 2):
            experiment.seed = seed
            succeeded[decay] += experiment.losses[-1, 1] < 0.3
    assert succeeded[0.0] < 11 == succeeded[0.003]


def test_the_noise_floor_is_dragged():
    experiment = experiments.Embeddings()
    experiment.set(**experiment.handles["floor"].moved(experiment, 0.0, 0.5**2))
    assert experiment.stddev == 0.5 and "noise floor 0.25" in experiment.status


def test_a_turn_changes_the_vectors_and_no_loss():
    experiment = experiments.Embeddings()
    losses, turned, distance = experiment.losses, experiment.vectors, experiment.distance
    experiment.turned = False
    np.testing.assert_array_equal(experiment.losses, losses)
    assert np.abs(experiment.vectors - turned).max() > 1 and experiment.distance > 5 * distance
    assert "as learnt" in experiment.status


def test_vectors_off_the_map_and_diverged_ones_are_said():
    experiment = experiments.Embeddings()
    experiment.set(learning_rate=100.0)
    experiment.position = 4
    assert "off the map" in experiment._notices[0].get_text()
    assert "off the axis" in experiment._notices[1].get_text()
    experiment.run()
    assert "diverged" in experiment.status and "Lower the learning rate" in experiment.status
    consistent(experiment)
    experiment.reset()
    assert not any(text.get_text() for text in experiment._notices)
