"""DecisionBoundary: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
from experiment_page import consistent

import course as tf
from course import datasets, experiments

make = experiments.DecisionBoundary


def check(experiment):
    """The same network trained in a loop of this test; the map and what is drawn, from the weights by NumPy."""
    noise = {"stddev": 0.15} if experiment.points == "moons" else {}
    inputs, labels = getattr(datasets, experiment.points)(200, **noise)
    hidden, logits = (
        tf.keras.layers.Dense(units, activation, kernel_initializer=tf.keras.initializers.GlorotUniform(seed), **names)
        for units, activation, seed, names in (
            (experiment.width, experiment.activation, experiment.seed, {"dtype": "float64", "name": "hidden"}),
            (2, None, experiment.seed + 10, {"dtype": "float64", "name": "logits"}),
        )
    )

    def loss_of(inputs, labels):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits(hidden(inputs))))

    losses, adam, rng = [loss_of(inputs, labels)], tf.optimizers.Adam(), np.random.default_rng(experiment.seed)
    assert len(experiment.rates) == experiment.position
    for rate in experiment.rates:
        adam.learning_rate = rate
        for rows in np.split(rng.permutation(200), 8):
            with tf.GradientTape() as tape:
                loss = loss_of(tf.gather(inputs, rows), tf.gather(labels, rows))
            variables = [hidden.kernel, hidden.bias, logits.kernel, logits.bias]
            adam.apply_gradients(zip(tape.gradient(loss, variables), variables))
        losses.append(loss_of(inputs, labels))
    np.testing.assert_allclose(experiment.losses, [float(loss) for loss in losses], rtol=1e-9)

    (W, b), (V, c) = hidden.get_weights(), logits.get_weights()
    shape = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}

    def difference(points):
        """The logit of class 1 minus that of class 0."""
        scores = shape.get(experiment.activation, lambda z: z)(points @ W + b) @ V + c
        return scores[..., 1] - scores[..., 0]

    x, y, p = experiment.probability_map
    plane = np.stack(np.meshgrid(x, y), axis=-1).astype("float32").astype(float)  # a model takes float32
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-difference(plane))), rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(experiment._image.get_array(), p)
    at = inputs.numpy().astype(float)
    right = (difference(at) > 0) == labels.numpy()
    assert f"{right.sum()} of 200 points right" in experiment.status
    np.testing.assert_array_equal(experiment._wrong.get_xydata(), at[~right])
    assert [len(dots.get_xdata()) for dots in experiment._dots] == [100, 100]
    for corner in experiment._boundary.get_xydata():
        if np.isfinite(corner).all():  # the lowest and the highest p of the map's cell lie on either side of 1/2
            i, j = ((np.searchsorted(axis, at - 1e-9) - 1) for axis, at in ((y, corner[1]), (x, corner[0])))
            cell = p[max(i - 1, 0) : i + 3, max(j - 1, 0) : j + 3]
            assert cell.min() <= 0.5 <= cell.max()
    ends = experiment._fold_lines.get_xydata()
    ends = ends[np.isfinite(ends).all(axis=1)].reshape(-1, 2, 2)
    assert len(ends) == (experiment.width if experiment.folds else 0)
    for k, line in enumerate(ends):
        np.testing.assert_allclose(line @ W[:, k] + b[k], 0, atol=1e-9 * abs(line).max() * (1 + abs(W[:, k]).sum()))


def test_a_new_learning_rate_goes_on_and_another_network_begins_again():
    experiment = experiments.DecisionBoundary()
    assert experiment.position == experiment.total == 60
    experiment.step()
    experiment.step()
    before = experiment.losses
    experiment.learning_rate = 0.1
    experiment.step()
    assert experiment.rates == [0.03, 0.03, 0.1]
    np.testing.assert_array_equal(experiment.losses[:3], before)
    check(experiment)
    experiment.width = 4
    assert experiment.position == 0 and len(experiment.losses) == 1


def test_without_a_hidden_nonlinearity_the_boundary_is_a_straight_line():
    experiment = experiments.DecisionBoundary(activation="linear")
    ends = experiment._boundary.get_xydata()
    ends = ends[np.isfinite(ends).all(axis=1)]
    slopes = np.polyfit(*ends.T, 1)
    np.testing.assert_allclose(np.polyval(slopes, ends[:, 0]), ends[:, 1], atol=1e-3)
    experiment.set(activation="relu")
    experiment.run()
    assert experiment.right.sum() > 195


def test_a_loss_beyond_the_axis_is_said():
    experiment = experiments.DecisionBoundary()
    for loss, words in ((20.0, "above the axis"), (1e-5, "below the axis"), (np.nan, "no finite loss")):
        experiment._losses[-1] = loss
        experiment.update()
        assert words in experiment._notice.get_text()
        consistent(experiment)
    experiment.reset()
    assert experiment._notice.get_text() == ""


def test_training_leaves_the_notebooks_own_random_numbers_alone():
    tf.random.set_seed(3)
    expected = tf.random.normal([3]).numpy()
    tf.random.set_seed(3)
    experiments.DecisionBoundary().step()
    np.testing.assert_array_equal(tf.random.normal([3]), expected)
