"""Letters: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

from course import datasets, experiments
from course.experiments.letters import LETTERS, VOWELS, shares


def make():
    return experiments.Letters()


def check(experiment):
    """The neighbours that are said are the nearest, and the loss is that of the vectors that are drawn."""
    places = experiment.places
    at = places[LETTERS.index(experiment.chosen)]
    away = sorted(np.linalg.norm(places - at, axis=1))
    said = [np.linalg.norm(places[LETTERS.index(other)] - at) for other in experiment.nearest(experiment.chosen)]
    np.testing.assert_allclose(said, away[1:4])
    products = experiment._vectors.numpy() @ experiment._next_vectors.numpy().T
    predicted = products + experiment._bias.numpy() + experiment._next_bias.numpy() + np.mean(np.sqrt(shares()))
    assert experiment.loss == pytest.approx(np.mean(np.square(predicted - np.sqrt(shares()))))


def test_shares_are_those_of_the_names():
    table = shares()
    np.testing.assert_allclose(table.sum(axis=1), 1)
    after_q = [name[i + 1 : i + 2] for name in datasets.first_names() for i, letter in enumerate(name) if letter == "q"]
    assert table[LETTERS.index("q"), LETTERS.index("u")] == pytest.approx(after_q.count("u") / len(after_q))


def test_from_every_start_vowels_find_one_another_in_other_places_and_most_neighbours_are_the_same():
    experiment, together, ends = make(), [], []
    assert experiment.position == 0 and experiment.vowels_together < 5
    for seed in range(4):
        experiment.set(seed=seed)
        experiment.position = 0
        counts = []
        for _ in range(experiment.total):
            experiment.step()
            counts.append(experiment.vowels_together)
        together.append(max(k for k, count in enumerate(counts, 1) if count < 5) + 1)
        ends.append((experiment.places, [experiment.nearest(letter, 1) for letter in "eibdn"]))
    assert together == [23, 57, 30, 33]
    moved = [np.linalg.norm(places - ends[0][0], axis=1).mean() for places, _ in ends]
    assert [away > 0.2 for away in moved] == [False, True, False, True]
    assert all(near == list("augts") for _, near in ends)


def test_a_press_chooses_the_nearest_letter_and_keys_go_through_the_alphabet():
    experiment = make()
    experiment.run()
    for letter in "qez":
        x, y = experiment.places[LETTERS.index(letter)]
        experiment.set(**experiment.handles["letter"].moved(experiment, x + 0.01, y))
        assert experiment.chosen == letter and f"nearest to {letter}: " in experiment.status
        assert experiment.position == experiment.total  # a choice is no new run
    experiment.touch("letter", dx=-1, grab=1)
    assert experiment.chosen == "y"
    assert set(VOWELS) > set(experiment.nearest("e", 1))


def test_the_handle_says_which_letter_of_how_many_it_is_at_since_its_keys_go_through_them():
    experiment = make()
    experiment.chosen = "c"
    handle = experiment.handles["letter"].describe(experiment)
    assert (handle["low"], handle["now"], handle["high"]) == (0, 2, 25)
