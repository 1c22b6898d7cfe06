"""Random tensors: from the distributions they name, repeatable from a seed."""

import numpy as np
import pytest

import course as tf


@pytest.fixture(autouse=True)
def seeded():
    tf.random.set_seed(1)


def test_normal_has_its_mean_and_standard_deviation():
    x = tf.random.normal((100_000,), mean=3.0, stddev=2.0).numpy()
    assert x.mean() == pytest.approx(3.0, abs=0.03) and x.std() == pytest.approx(2.0, abs=0.03)
    assert np.mean(np.abs(x - 3.0) < 2.0) == pytest.approx(0.6827, abs=0.01)


def test_uniform_fills_its_interval_evenly():
    x = tf.random.uniform([100_000], -1.0, 3.0).numpy()
    assert -1 <= x.min() < -0.99 and 2.99 < x.max() < 3
    np.testing.assert_allclose(np.histogram(x, 4, (-1, 3))[0] / 100_000, 0.25, atol=0.01)
    n = tf.random.uniform([10_000], 2, 5, dtype=tf.int32)
    assert n.dtype == tf.int32 and set(n.numpy().tolist()) == {2, 3, 4}


@pytest.mark.parametrize("dtype", [tf.float16, tf.float32, tf.float64])
@pytest.mark.parametrize("draw", [tf.random.normal, tf.random.uniform])
def test_shapes_and_dtypes(draw, dtype):
    x = draw([2, 3], dtype=dtype)
    assert (x.shape, x.dtype) == ((2, 3), dtype) and draw([]).shape == () and draw((0, 2)).shape == (0, 2)


def test_the_same_seed_gives_the_same_numbers_and_each_call_new_ones():
    def draw():
        return [tf.random.normal([3]).numpy().tolist(), tf.random.uniform([3], seed=7).numpy().tolist()]

    first, second = draw(), draw()
    tf.random.set_seed(1)
    assert first != second and [draw(), draw()] == [first, second]
    tf.random.set_seed(2)
    assert draw() != first


def test_shuffle_keeps_rows_whole_and_changes_their_order():
    x = np.arange(40).reshape(20, 2)
    shuffled = tf.random.shuffle(x).numpy()
    assert shuffled.tolist() != x.tolist() and sorted(shuffled.tolist()) == x.tolist()
