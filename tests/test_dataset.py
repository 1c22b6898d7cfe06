"""`tf.data.Dataset`: what comes out, in which order, and how often."""

import collections

import numpy as np
import pytest
from hypothesis import given, strategies as st

import course as tf

Dataset = tf.data.Dataset


def numbers(dataset):
    return [x.tolist() for x in dataset.as_numpy_iterator()]


def test_each_iteration_begins_anew_and_two_do_not_disturb_each_other():
    dataset = Dataset.range(4)
    first, second = iter(dataset), iter(dataset)
    assert [int(next(first)), int(next(first)), int(next(second))] == [0, 1, 0]
    assert numbers(dataset) == numbers(dataset) == [0, 1, 2, 3]


def test_nothing_is_computed_before_somebody_iterates_nor_beyond_what_is_taken():
    seen = []
    dataset = Dataset.range(10).map(lambda x: seen.append(int(x)) or x)
    assert seen == []
    numbers(dataset.take(2))
    assert seen == [0, 1]


@given(st.integers(0, 30), st.integers(1, 7), st.booleans())
def test_batches_are_the_rows_in_order_and_as_many_as_cardinality_says(count, size, drop):
    x = np.arange(count * 2).reshape(count, 2)
    dataset = Dataset.from_tensor_slices(x).batch(size, drop_remainder=drop)
    batches = [b.numpy() for b in dataset]
    kept = count - count % size if drop else count
    assert len(batches) == len(dataset) == int(dataset.cardinality())
    np.testing.assert_array_equal(np.concatenate(batches, 0) if batches else x[:0], x[:kept])
    assert all(len(b) == size for b in batches[:-1])


@given(st.integers(0, 20), st.integers(1, 25), st.integers(0, 99))
def test_a_shuffle_keeps_every_element_and_repeats_its_seed(count, buffer, seed):
    def orders(**options):
        dataset = Dataset.range(count).shuffle(buffer, seed=seed, **options)
        return numbers(dataset), numbers(dataset)

    first, second = orders()
    assert sorted(first) == sorted(second) == list(range(count))
    assert orders() == (first, second)
    again = orders(reshuffle_each_iteration=False)
    assert again[0] == again[1] == first
    assert all(x < i + buffer for i, x in enumerate(first))  # none comes before the buffer could hold it


def test_a_buffer_of_one_leaves_the_order():
    assert numbers(Dataset.range(9).shuffle(1)) == list(range(9))


def test_each_epoch_has_a_new_order_and_set_seed_repeats_them():
    def orders():
        tf.random.set_seed(4)
        dataset = Dataset.range(50).shuffle(50)
        return numbers(dataset), numbers(dataset)

    first, second = orders()
    assert first != second and orders() == (first, second)
    kept = Dataset.range(50).shuffle(50, reshuffle_each_iteration=False)
    assert numbers(kept) == numbers(kept) != list(range(50))


def test_a_whole_buffer_gives_every_order_the_same_chance():
    tf.random.set_seed(0)
    dataset = Dataset.range(3).shuffle(3)
    found = collections.Counter(tuple(numbers(dataset)) for _ in range(1200))
    assert len(found) == 6 and min(found.values()) > 140  # 200 each on average, with a standard deviation of 13


def test_nested_structures_keep_their_form():
    Pair = collections.namedtuple("Pair", "x y")
    element = next(iter(Dataset.from_tensor_slices(Pair(np.ones((3, 2)), {"b": [1, 2, 3], "a": [[0.5]] * 3}))))
    assert type(element).__name__ == "Pair" and list(element.y) == ["b", "a"]
    assert element.y["b"].dtype == "int32" and element.y["a"].shape == (1,)


def test_map_spreads_tuples_and_makes_tensors_of_what_it_gets():
    dataset = Dataset.zip(Dataset.range(3), Dataset.range(3, 6)).map(lambda a, b: (a + b, [1.0, 2.0]))
    assert [(int(a), b.numpy().tolist()) for a, b in dataset] == [(k, [1.0, 2.0]) for k in (3, 5, 7)]


@pytest.mark.parametrize(
    ("dataset", "elements", "size"),
    [
        (Dataset.range(2, 11, 4), [2, 6, 10], 3),
        (Dataset.range(3).repeat(2), [0, 1, 2, 0, 1, 2], 6),
        (Dataset.range(3).repeat(0), [], 0),
        (Dataset.range(3).repeat().take(4), [0, 1, 2, 0], 4),
        (Dataset.range(0).repeat(), [], 0),
        (Dataset.range(5).filter(lambda x: x % 2 == 1), [1, 3], -2),
        (Dataset.range(5).filter(lambda x: x > 9).repeat(), [], -1),
        (Dataset.range(5).skip(3), [3, 4], 2),
        (Dataset.range(5).skip(9), [], 0),
        (Dataset.range(5).skip(-1), [], 0),
        (Dataset.range(5).take(-1), [0, 1, 2, 3, 4], 5),
        (Dataset.range(5).take(99), [0, 1, 2, 3, 4], 5),
        (Dataset.range(3).prefetch(tf.data.AUTOTUNE), [0, 1, 2], 3),
    ],
)
def test_what_each_step_gives_and_how_many_it_says(dataset, elements, size):
    assert numbers(dataset) == elements and int(dataset.cardinality()) == size


@pytest.mark.parametrize(
    ("parts", "size"),
    [((3, 5), 3), ((3, -1), 3), ((-1, -1), -1), ((-1, -2), -2), ((0, -2), 0)],
)
def test_a_zip_ends_with_the_shortest(parts, size):
    kinds = {-1: Dataset.range(9).repeat(), -2: Dataset.range(4).filter(lambda x: x >= 0)}
    assert int(Dataset.zip(tuple(kinds.get(n, Dataset.range(max(n, 0))) for n in parts)).cardinality()) == size


def test_a_cache_computes_once_and_only_keeps_a_whole_iteration():
    seen = []
    dataset = Dataset.range(3).map(lambda x: seen.append(int(x)) or x).cache()
    next(iter(dataset))
    assert numbers(dataset) == numbers(dataset) == [0, 1, 2]
    assert seen == [0, 0, 1, 2]


def test_a_count_may_be_a_tensor():
    assert numbers(Dataset.range(5).skip(tf.constant(1)).take(np.int64(2))) == [1, 2]


def test_a_length_that_is_not_known_is_refused_in_words():
    with pytest.raises(TypeError, match="unknown"):
        len(Dataset.range(3).filter(lambda x: True))
    with pytest.raises(TypeError, match="infinite"):
        len(Dataset.range(3).repeat())
    assert Dataset.range(0)  # a dataset is never false


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Dataset.from_tensor_slices(3.0), r"shapes \(\)"),
        (lambda: Dataset.from_tensor_slices(([1, 2], [1, 2, 3])), r"\(2,\), \(3,\)"),
        (lambda: Dataset.zip(Dataset.range(3), [1, 2]), "list, not a Dataset"),
        (lambda: Dataset.range(3).batch(0), "batch_size must be an integer of at least 1, not 0"),
        (lambda: Dataset.range(3).batch(1.5), "batch_size must be an integer of at least 1, not 1.5"),
        (lambda: Dataset.range(3).shuffle(0), "buffer_size must be an integer of at least 1, not 0"),
        (lambda: Dataset.range(3).shuffle(2, seed=-1), "seed must be an integer"),
        (lambda: Dataset.range(3).take(-2), "count must be an integer of at least 0, not -2"),
        (lambda: list(Dataset.range(1, 3).map(lambda n: tf.zeros(int(n))).batch(2)), r"\(1,\), \(2,\).* make"),
        (lambda: list(Dataset.range(2).map(lambda x: "text")), "tensors hold numbers"),
    ],
)
def test_bad_input_is_refused_with_the_values_seen(make, words):
    with pytest.raises((ValueError, TypeError), match="(?i)" + words):
        make()


def test_gradients_flow_through_what_is_made_of_an_element():
    w = tf.Variable(2.0)
    for x in Dataset.from_tensor_slices([1.0, 3.0]).batch(2):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(w * x)
        assert tape.gradient(y, w) == 4.0
