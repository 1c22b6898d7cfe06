import numpy as np
import pytest

import course as tf
from course import data


def test_a_line_is_two_float32_tensors_of_one_axis():
    for tensor in data.line(num_examples=7):
        assert isinstance(tensor, tf.Tensor) and tensor.shape == (7,) and tensor.dtype == tf.float32


def test_without_noise_every_point_is_on_the_line():
    inputs, outputs = data.line(W=-1.5, b=4.0, stddev=0)
    np.testing.assert_array_equal(outputs, inputs * -1.5 + 4.0)


def test_inputs_are_standard_normal_and_the_noise_has_its_standard_deviation():
    inputs, outputs = (t.numpy() for t in data.line(100_000, W=3.0, b=2.0, stddev=0.5))
    noise = outputs - (inputs * 3 + 2)
    for values, stddev in ((inputs, 1.0), (noise, 0.5)):  # within 4 standard errors of the mean and of the deviation
        assert abs(values.mean()) < 4 * stddev / np.sqrt(100_000)
        assert abs(values.std() - stddev) < 4 * stddev / np.sqrt(200_000)
        assert abs(np.mean((values / stddev) ** 4) - 3) < 0.15  # the normal distribution's kurtosis
    assert abs(np.corrcoef(inputs, noise)[0, 1]) < 4 / np.sqrt(100_000)


def test_the_same_seed_gives_the_same_points_and_another_seed_others():
    first, again, other = data.line(seed=3), data.line(seed=3), data.line(seed=4)
    for a, b, c in zip(first, again, other):
        np.testing.assert_array_equal(a, b)
        assert not np.any(a.numpy() == c.numpy())


def test_more_points_are_the_same_points_and_some_more():
    for few, many in zip(data.line(10), data.line(1000)):
        np.testing.assert_array_equal(few, many[:10])


def test_another_standard_deviation_scales_the_same_noise():
    (x, one), (same_x, four) = data.line(b=0.0, W=0.0, stddev=1.0), data.line(b=0.0, W=0.0, stddev=4.0)
    np.testing.assert_array_equal(x, same_x)
    np.testing.assert_array_equal(four, one * 4)


def test_data_neither_uses_nor_disturbs_the_global_seed():
    tf.random.set_seed(1)
    expected = tf.random.normal([3])
    tf.random.set_seed(1)
    inputs, outputs = data.line(seed=0)
    data.train_test_split(inputs, outputs)
    np.testing.assert_array_equal(tf.random.normal([3]), expected)
    tf.random.set_seed(2)
    np.testing.assert_array_equal(data.line(seed=0)[0], inputs)


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
        data.line(**arguments)


def test_numpy_numbers_are_numbers():
    expected = data.line(5, W=3.0, stddev=0.5, seed=7)
    given = data.line(np.int64(5), W=np.float32(3), stddev=np.float64(0.5), seed=np.uint8(7))
    np.testing.assert_array_equal(np.asarray(expected), np.asarray(given))


def test_a_split_puts_every_example_in_one_part_with_its_own_output():
    inputs = tf.constant(np.arange(50.0))
    (train_x, train_y), (test_x, test_y) = data.train_test_split(inputs, inputs * 10, test_fraction=0.3)
    assert (train_x.shape, test_x.shape) == ((35,), (15,))
    np.testing.assert_array_equal(np.sort(np.concatenate([train_x.numpy(), test_x.numpy()])), np.arange(50.0))
    np.testing.assert_array_equal(train_y, train_x * 10)
    np.testing.assert_array_equal(test_y, test_x * 10)


def test_a_split_is_repeated_by_its_seed_and_changed_by_another():
    inputs, outputs = data.line()
    parts = [data.train_test_split(inputs, outputs, seed=seed)[1][0].numpy() for seed in (0, 0, 1)]
    np.testing.assert_array_equal(parts[0], parts[1])
    assert len(np.intersect1d(parts[0], parts[2])) < 100  # by chance 40 of the 200


def test_every_example_is_as_likely_in_the_test_part():
    inputs, outputs = data.line(20)
    tests = [data.train_test_split(inputs, outputs, 0.25, seed)[1][0].numpy() for seed in range(400)]
    counts = [np.sum(tests == x) for x in inputs.numpy()]
    assert np.ptp(counts) < 70 and np.mean(counts) == 100  # the standard deviation of one count is 8.7


def test_a_split_keeps_dtypes_and_the_shape_of_a_row():
    inputs, outputs = np.ones((10, 3)), np.arange(10, dtype=np.int32)
    (train_x, train_y), (test_x, test_y) = data.train_test_split(inputs, outputs)
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
        data.train_test_split(*map(np.ones, shapes), **arguments)


def test_the_published_losses_are_twenty_falling_numbers_that_float32_holds():
    losses = data.published_losses().numpy()
    assert losses.shape == (20,) and losses.dtype == np.float64 and np.all(np.diff(losses) < 0)
    for loss in losses:  # a mistyped digit would hardly leave a float32, printed to 15 digits as R does
        assert float(f"{np.float64(np.float32(loss)):.15g}") == loss
