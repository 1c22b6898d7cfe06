"""DecisionBoundary: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
from experiment_page import consistent

import course as tf
from course import datasets, experiments

make = experiments.DecisionBoundary


SHAPES = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}


def check(experiment):
    """The maps and what is drawn, from the weights by NumPy."""
    noise = {"stddev": 0.15} if experiment.points == "moons" else {}
    inputs, labels = getattr(datasets, experiment.points)(200, **noise)
    weights = [layer.get_weights() for layer in experiment._model.layers]
    assert [kernel.shape[1] for kernel, _ in weights] == [experiment.width] * experiment.depth + [2]
    shape = SHAPES.get(experiment.activation, lambda z: z)

    def sums(points):
        """What each layer's units add up, before the activation."""
        found = []
        for kernel, bias in weights:
            found.append(points @ kernel + bias)
            points = shape(found[-1])
        return found

    def difference(points):
        """The logit of class 1 minus that of class 0."""
        scores = sums(points)[-1]
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
    (W, b), ends = weights[0], experiment._fold_lines.get_xydata()
    ends = ends[np.isfinite(ends).all(axis=1)].reshape(-1, 2, 2)
    assert len(ends) == (experiment.width if experiment.folds else 0)
    for k, line in enumerate(ends):
        np.testing.assert_allclose(line @ W[:, k] + b[k], 0, atol=1e-9 * abs(line).max() * (1 + abs(W[:, k]).sum()))
    assert len(experiment._edges.get_segments()) == sum(kernel.size for kernel, _ in weights[:-1]) + experiment.width
    pointed = 0 < experiment.unit <= experiment.width * experiment.depth
    assert ("pointing at" in experiment.status) == pointed == bool(len(experiment._frame.get_xdata()))
    if pointed:
        layer, unit = experiment.pointed
        line = experiment._unit_line.get_xydata()
        line = line[np.isfinite(line).all(axis=1)]
        steepest = abs(np.diff(sums(plane)[layer][..., unit], axis=0)).max(initial=0)
        assert abs(sums(line)[layer][:, unit]).max(initial=0) <= steepest + 1e-9


def test_an_epoch_is_eight_batches_with_adam():
    experiment = experiments.DecisionBoundary(width=4, depth=2, points="circles")
    experiment.position = 3
    experiment.learning_rate = 0.1
    experiment.step()
    inputs, labels = datasets.circles(200)
    glorot = tf.keras.initializers.GlorotUniform
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(units, activation, kernel_initializer=glorot(seed), dtype="float64")
            for units, activation, seed in ((4, "relu", 0), (4, "relu", 20), (2, None, 10))
        ]
    )

    def loss_of(inputs, labels):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(inputs)))

    losses, adam, rng = [loss_of(inputs, labels)], tf.optimizers.Adam(), np.random.default_rng(0)
    assert experiment.rates == [0.03, 0.03, 0.03, 0.1]
    for rate in experiment.rates:
        adam.learning_rate = rate
        for rows in np.split(rng.permutation(200), 8):
            with tf.GradientTape() as tape:
                loss = loss_of(tf.gather(inputs, rows), tf.gather(labels, rows))
            adam.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        losses.append(loss_of(inputs, labels))
    np.testing.assert_allclose(experiment.losses, [float(loss) for loss in losses], rtol=1e-9)


def test_a_unit_of_any_layer_can_be_pointed_at():
    experiment = experiments.DecisionBoundary(width=4, depth=2)
    experiment.set(unit=6)
    (place,) = experiment.shown()["handles"]
    experiment.unit = 0
    experiment.touch("pointer", x=place["x"], y=place["y"])
    assert experiment.unit == 6 and "pointing at unit 2 of layer 2" in experiment.status
    check(experiment)
    experiment.touch("pointer", x=place["area"][0], y=place["area"][1])
    assert experiment.unit == 0


def test_the_run_goes_on_after_60_epochs_and_its_axis_with_it():
    experiment = experiments.DecisionBoundary()
    experiment.step()
    assert experiment.position == 61 and experiment._axes[1].get_xlim()[1] > 61
    assert experiment.page.count.value == "epoch 61" and experiment.page.progress.layout.visibility == "hidden"


def test_a_new_learning_rate_goes_on_and_another_network_begins_again():
    experiment = experiments.DecisionBoundary()
    assert experiment.position == 60 < experiment.total
    experiment.position = 0
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
    experiment.position = 60
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


def test_small_units_need_not_be_hit():
    """From 16 units on a unit is smaller than 24 pixels: the nearest one of the column is taken, wherever it is."""
    experiment = experiments.DecisionBoundary(width=32, depth=2)
    xs = [34 + 332 * k / 3 for k in range(4)]
    for layer, x in enumerate(xs[1:3]):
        rows = experiment._centres[layer + 1][:, 1]
        for away in (-50, -30, 0, 30, 50):
            for unit, y in enumerate(rows):
                assert experiment.handles["pointer"].moved(experiment, x + away, y + 3) == {
                    "unit": 32 * layer + unit + 1
                }
    for x in (xs[0], xs[3]):
        assert experiment.handles["pointer"].moved(experiment, x, 150.0) == {"unit": 0}
