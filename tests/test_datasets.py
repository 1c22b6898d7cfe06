import numpy as np
import pytest

import course as tf
from course import datasets


def test_a_line_is_two_float32_tensors_of_one_axis():
    for tensor in datasets.line(num_examples=7):
        assert isinstance(tensor, tf.Tensor) and tensor.shape == (7,) and tensor.dtype == tf.float32


def test_without_noise_every_point_is_on_the_line():
    inputs, outputs = datasets.line(W=-1.5, b=4.0, stddev=0)
    np.testing.assert_array_equal(outputs, inputs * -1.5 + 4.0)


def test_inputs_are_standard_normal_and_the_noise_has_its_standard_deviation():
    inputs, outputs = (t.numpy() for t in datasets.line(100_000, W=3.0, b=2.0, stddev=0.5))
    noise = outputs - (inputs * 3 + 2)
    for values, stddev in ((inputs, 1.0), (noise, 0.5)):  # within 4 standard errors of the mean and of the deviation
        assert abs(values.mean()) < 4 * stddev / np.sqrt(100_000)
        assert abs(values.std() - stddev) < 4 * stddev / np.sqrt(200_000)
        assert abs(np.mean((values / stddev) ** 4) - 3) < 0.15  # the normal distribution's kurtosis
    assert abs(np.corrcoef(inputs, noise)[0, 1]) < 4 / np.sqrt(100_000)


def test_the_same_seed_gives_the_same_points_and_another_seed_others():
    first, again, other = datasets.line(seed=3), datasets.line(seed=3), datasets.line(seed=4)
    for a, b, c in zip(first, again, other):
        np.testing.assert_array_equal(a, b)
        assert not np.any(a.numpy() == c.numpy())


def test_more_points_are_the_same_points_and_some_more():
    for few, many in zip(datasets.line(10), datasets.line(1000)):
        np.testing.assert_array_equal(few, many[:10])


def test_another_standard_deviation_scales_the_same_noise():
    (x, one), (same_x, four) = datasets.line(b=0.0, W=0.0, stddev=1.0), datasets.line(b=0.0, W=0.0, stddev=4.0)
    np.testing.assert_array_equal(x, same_x)
    np.testing.assert_array_equal(four, one * 4)


def test_data_neither_uses_nor_disturbs_the_global_seed():
    tf.random.set_seed(1)
    expected = tf.random.normal([3])
    tf.random.set_seed(1)
    inputs, outputs = datasets.line(seed=0)
    datasets.train_test_split(inputs, outputs)
    np.testing.assert_array_equal(tf.random.normal([3]), expected)
    tf.random.set_seed(2)
    np.testing.assert_array_equal(datasets.line(seed=0)[0], inputs)


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ({"num_examples": 0}, ValueError, "num_examples is 0, but must be at least 1"),
        ({"num_examples": -5}, ValueError, "num_examples is -5"),
        ({"num_examples": 10.0}, TypeError, "num_examples must be an integer, not 10.0"),
        ({"num_examples": True}, TypeError, "num_examples must be an integer, not True"),
        ({"num_examples": "10"}, TypeError, "num_examples must be an integer, not '10'"),
        ({"stddev": -0.5}, ValueError, "stddev is -0.5, but a standard deviation is 0 or more"),
        ({"stddev": np.nan}, ValueError, "stddev is nan, but must be a finite float32"),
        ({"W": np.inf}, ValueError, "W is inf, but must be a finite float32"),
        ({"b": 1e39}, ValueError, r"b is 1e\+39, but must be a finite float32"),
        ({"W": None}, TypeError, "W must be a number, not None"),
        ({"b": "2"}, TypeError, "b must be a number, not '2'"),
        ({"seed": -1}, ValueError, "seed is -1, but must be at least 0"),
        ({"seed": 1.5}, TypeError, "seed must be an integer, not 1.5"),
        ({"seed": None}, TypeError, "seed must be an integer, not None"),
    ],
)
def test_line_says_what_is_wrong_with_an_argument(arguments, error, words):
    with pytest.raises(error, match=words):
        datasets.line(**arguments)


def test_numpy_numbers_are_numbers():
    expected = datasets.line(5, W=3.0, stddev=0.5, seed=7)
    given = datasets.line(np.int64(5), W=np.float32(3), stddev=np.float64(0.5), seed=np.uint8(7))
    np.testing.assert_array_equal(np.asarray(expected), np.asarray(given))


def test_a_split_puts_every_example_in_one_part_with_its_own_output():
    inputs = tf.constant(np.arange(50.0))
    (train_x, train_y), (test_x, test_y) = datasets.train_test_split(inputs, inputs * 10, test_fraction=0.3)
    assert (train_x.shape, test_x.shape) == ((35,), (15,))
    np.testing.assert_array_equal(np.sort(np.concatenate([train_x.numpy(), test_x.numpy()])), np.arange(50.0))
    np.testing.assert_array_equal(train_y, train_x * 10)
    np.testing.assert_array_equal(test_y, test_x * 10)


def test_a_split_is_repeated_by_its_seed_and_changed_by_another():
    inputs, outputs = datasets.line()
    parts = [datasets.train_test_split(inputs, outputs, seed=seed)[1][0].numpy() for seed in (0, 0, 1)]
    np.testing.assert_array_equal(parts[0], parts[1])
    assert len(np.intersect1d(parts[0], parts[2])) < 100  # by chance 40 of the 200


def test_every_example_is_as_likely_in_the_test_part():
    inputs, outputs = datasets.line(20)
    tests = [datasets.train_test_split(inputs, outputs, 0.25, seed)[1][0].numpy() for seed in range(400)]
    counts = [np.sum(tests == x) for x in inputs.numpy()]
    assert np.ptp(counts) < 70 and np.mean(counts) == 100  # the standard deviation of one count is 8.7


def test_a_split_keeps_dtypes_and_the_shape_of_a_row():
    inputs, outputs = np.ones((10, 3)), np.arange(10, dtype=np.int32)
    (train_x, train_y), (test_x, test_y) = datasets.train_test_split(inputs, outputs)
    assert (train_x.shape, test_x.shape, train_x.dtype) == ((8, 3), (2, 3), tf.float64)
    assert (train_y.shape, test_y.shape, test_y.dtype) == ((8,), (2,), tf.int32)


@pytest.mark.parametrize(
    "shapes, arguments, error, words",
    [
        (((5,), (4,)), {}, ValueError, r"inputs of shape \(5,\) and outputs of shape \(4,\)"),
        (((), ()), {}, ValueError, "Give one row of each"),
        (((5,), (5,)), {"test_fraction": 0}, ValueError, "test_fraction is 0.0, but must lie between 0 and 1"),
        (((5,), (5,)), {"test_fraction": 20}, ValueError, "test_fraction is 20.0"),
        (((5,), (5,)), {"test_fraction": "0.2"}, TypeError, "test_fraction must be a number, not '0.2'"),
        (((5,), (5,)), {"test_fraction": 0.01}, ValueError, "0 of 5 examples would be for the test"),
        (((5,), (5,)), {"test_fraction": 0.99}, ValueError, "5 of 5 examples would be for the test"),
        (((5,), (5,)), {"seed": 0.5}, TypeError, "seed must be an integer"),
    ],
)
def test_a_split_says_what_is_wrong_with_an_argument(shapes, arguments, error, words):
    with pytest.raises(error, match=words):
        datasets.train_test_split(*map(np.ones, shapes), **arguments)


def test_the_published_losses_are_twenty_falling_numbers_that_float32_holds():
    losses = datasets.published_losses().numpy()
    assert losses.shape == (20,) and losses.dtype == np.float64 and np.all(np.diff(losses) < 0)
    for loss in losses:  # a mistyped digit would hardly leave a float32, printed to 15 digits as R does
        assert float(f"{np.float64(np.float32(loss)):.15g}") == loss


# Classes in the plane

PLANE = [datasets.circles, datasets.moons, datasets.spirals]


@pytest.mark.parametrize("function", PLANE)
def test_points_of_classes_are_float32_pairs_with_whole_labels_in_equal_parts(function):
    points, labels = function(10)
    assert points.shape == (10, 2) and points.dtype == tf.float32
    assert labels.dtype == tf.int32 and labels.numpy().tolist() == [0, 1] * 5


@pytest.mark.parametrize("function", PLANE)
def test_points_of_classes_are_repeated_by_their_seed_and_more_are_some_more(function):
    few, many, other = function(10, seed=3), function(500, seed=3), function(10, seed=4)
    for a, b in zip(few, many):
        np.testing.assert_array_equal(a, b[:10])
    assert not np.any(few[0].numpy() == other[0].numpy())


@pytest.mark.parametrize("function", PLANE)
def test_noise_moves_each_point_by_its_standard_deviation_in_every_direction(function):
    clean, noisy = function(20_000, stddev=0)[0].numpy(), function(20_000, stddev=0.3)[0].numpy()
    noise = noisy - clean
    np.testing.assert_allclose(noise.std(axis=0), 0.3, rtol=4 / np.sqrt(40_000))
    # The two directions of the noise and the places on the curve have nothing to do with each other.
    together = np.corrcoef([*noise.T, *clean.T])  # rows 0 and 1: the noise; 2 and 3: the places
    assert max(abs(together[0, 1]), *np.abs(together[:2, 2:]).flat) < 4 / np.sqrt(20_000)


def test_circles_have_their_radii():
    points, labels = (t.numpy() for t in datasets.circles(1000, factor=0.4, stddev=0))
    np.testing.assert_allclose(np.hypot(*points.T), np.where(labels == 0, 1, 0.4), rtol=1e-6)
    assert np.all(np.abs(points.mean(axis=0)) < 0.1)  # they go all the way round


def test_moons_are_half_circles_around_their_middles():
    points, labels = (t.numpy() for t in datasets.moons(1000, stddev=0))
    upper, lower = points[labels == 0], points[labels == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, rtol=1e-6)
    assert upper[:, 1].min() >= 0 and lower[:, 1].max() <= 0.5


def test_spirals_turn_as_often_as_told_with_arms_at_equal_angles():
    points, labels = (t.numpy() for t in datasets.spirals(900, num_classes=3, turns=1.5, stddev=0))
    radius, angle = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
    assert set(labels) == {0, 1, 2} and radius.max() <= 1
    off = angle - 2 * np.pi * (1.5 * radius + labels / 3)
    np.testing.assert_allclose(np.exp(1j * off), 1, atol=1e-4)


# Ratings


def test_without_noise_a_rating_is_the_product_of_its_factors():
    (pairs, values), (users, items) = datasets.ratings(20, 30, rank=3, num_ratings=200, stddev=0)
    assert pairs.shape == (200, 2) and pairs.dtype == tf.int32 and users.shape == (20, 3) and items.shape == (30, 3)
    assert {t.dtype for t in (values, users, items)} == {tf.float32}
    u, i = pairs.numpy().T
    np.testing.assert_allclose(values, (users.numpy() @ items.numpy().T)[u, i], rtol=1e-5, atol=1e-6)


def test_ratings_have_their_variance_and_no_pair_twice():
    (pairs, values), (users, items) = datasets.ratings(300, 200, rank=4, num_ratings=60_000, stddev=0.5)
    assert len(np.unique(pairs.numpy(), axis=0)) == 60_000  # and so every pair
    noise = values.numpy() - np.sum(users.numpy()[pairs.numpy()[:, 0]] * items.numpy()[pairs.numpy()[:, 1]], axis=1)
    assert abs(noise.std() - 0.5) < 0.01
    many = [datasets.ratings(50, 50, rank=2, num_ratings=2500, stddev=0, seed=s)[0][1].numpy() for s in range(40)]
    assert abs(np.var(many) - 1) < 0.15


def test_ratings_are_repeated_by_their_seed():
    tables = [datasets.ratings(seed=seed)[0][1].numpy() for seed in (1, 1, 2)]
    np.testing.assert_array_equal(tables[0], tables[1])
    assert not np.any(tables[0] == tables[2])


# Measurements


def test_penguins_are_as_published():
    table = datasets.penguins()
    assert {len(column) for column in table.values()} == {342}
    species, counts = np.unique(table["species"], return_counts=True)
    assert dict(zip(species, counts)) == {"Adelie": 151, "Chinstrap": 68, "Gentoo": 123}
    # Means that the package palmerpenguins' documentation gives: 43.92 mm, 17.15 mm, 200.92 mm, 4201.75 g.
    means = {"bill_length_mm": 43.92, "bill_depth_mm": 17.15, "flipper_length_mm": 200.92, "body_mass_g": 4201.75}
    for name, mean in means.items():
        assert table[name].dtype == tf.float32 and abs(table[name].numpy().astype(float).mean() - mean) < 0.006
    assert set(table["year"].numpy()) == {2007, 2008, 2009} and table["year"].dtype == tf.int32
    assert set(table["sex"]) == {"female", "male", "NA"} and set(table["island"]) == {"Biscoe", "Dream", "Torgersen"}


def test_digits_are_as_published():
    images, labels = datasets.digits()
    assert images.shape == (1797, 8, 8) and images.dtype == tf.float32 and labels.dtype == tf.int32
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    grey = images.numpy() * 16
    assert (grey.min(), grey.max()) == (0, 16) and np.all(grey == np.round(grey))
    assert grey[0].astype(int)[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0] and grey.sum() == 561718


def test_first_names_are_973_of_small_letters_in_order():
    names = datasets.first_names()
    assert len(names) == 973 and names == sorted(set(names))
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")
    assert {"mary", "linda", "james", "robert"} <= set(names)


def test_measurements_come_with_their_source_and_licence():
    text = (datasets.FILES / "README.md").read_text()
    for file in datasets.FILES.iterdir():
        assert file.name == "README.md" or f"## {file.name}" in text
    assert text.count("**Source**") == text.count("**Licence**") == text.count("**Changes**") == 3


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: datasets.moons(0), ValueError, "moons: num_examples is 0"),
        (lambda: datasets.circles(factor=1), ValueError, "circles: factor is 1.0, but must lie between 0 and 1"),
        (lambda: datasets.circles(stddev=-1), ValueError, "circles: stddev is -1.0"),
        (lambda: datasets.spirals(num_classes=1), ValueError, "spirals: num_classes is 1, but must be at least 2"),
        (lambda: datasets.spirals(turns="2"), TypeError, "turns must be a number, not '2'"),
        (lambda: datasets.moons(seed=-1), ValueError, "moons: seed is -1"),
        (
            lambda: datasets.ratings(3, 4, num_ratings=13),
            ValueError,
            "13 ratings, but 3 users and 4 items make only 12 pairs",
        ),
        (lambda: datasets.ratings(rank=0), ValueError, "ratings: rank is 0"),
        (lambda: datasets.ratings(num_users=2.0), TypeError, "num_users must be an integer, not 2.0"),
        (lambda: datasets.ratings(stddev=np.nan), ValueError, "stddev is nan"),
    ],
)
def test_other_data_say_what_is_wrong_with_an_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()
