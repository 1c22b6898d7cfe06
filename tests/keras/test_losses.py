"""Losses: Keras' values and gradients, exact second derivatives, finite at extremes, and no silent broadcasting."""

import json
from pathlib import Path

import keras_cases as cases
import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

import course as tf

REFERENCE = json.loads(Path(cases.__file__).with_name("reference_keras.json").read_text())
PAIRWISE = [f for f in tf.losses.FUNCTIONS if f is not tf.losses.sparse_categorical_crossentropy]


@pytest.mark.parametrize("name", cases.LOSSES)
def test_values_and_gradients_are_those_of_keras(name):
    with np.errstate(all="raise", under="ignore"):
        results = cases.loss_results(tf, name)
    for key, expected in REFERENCE[f"loss: {name}"].items():
        exact = results[key].dtype == np.float64 and name != "LogCosh"  # Keras has log 2 there in float32 only
        tolerance = {"rtol": 1e-9, "atol": 1e-11} if exact else {"rtol": 1e-6, "atol": 1e-7}
        np.testing.assert_allclose(results[key], np.array(expected, float), **tolerance, err_msg=key)
        assert results[key].shape == np.shape(expected)


@pytest.mark.parametrize("dtype", cases.DTYPES)
@pytest.mark.parametrize("name", cases.EXTREME_LOSSES)
def test_at_the_extremes_of_a_dtype_too_values_and_gradients_are_those_of_keras(name, dtype):
    with np.errstate(all="ignore"):
        results = cases.extreme_loss(tf, name, dtype)
    # Keras has log 2 of LogCosh in float32 only.
    tolerance = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-7 if name == "LogCosh" else 1e-9}[dtype]
    for key, expected in REFERENCE[f"extremes: {name}, {dtype}"].items():
        assert results[key].dtype == dtype
        np.testing.assert_allclose(results[key], np.array(expected, float), tolerance, tolerance / 100, err_msg=key)


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size", "none"])
def test_float16_losses_are_added_up_in_float32(reduction):
    y_true, y_pred = np.full((1000, 1), 40, "float16"), np.zeros((1000, 1), "float16")
    loss = tf.losses.MeanSquaredError(reduction=reduction)(y_true, y_pred, sample_weight=np.full(1000, 0.03))
    assert loss.dtype == tf.float16
    np.testing.assert_allclose(loss, 48000 if reduction == "sum" else 48, rtol=1e-3)


@pytest.mark.parametrize("name", [name for name, case in cases.LOSSES.items() if case[3].dtype == np.float64])
def test_second_derivatives_are_those_of_the_gradient(name):
    kind, options, y_true, y_pred = cases.LOSSES[name]
    loss = getattr(tf.losses, kind)(reduction="sum", **options)
    direction = cases.waves(4, 3, seed=5.0, dtype="float64")

    def gradient(y):
        with tf.GradientTape() as inner:
            inner.watch(y)
            value = loss(y_true, y)
        return inner.gradient(value, y)

    y = tf.constant(y_pred)
    with tf.GradientTape() as outer:
        outer.watch(y)
        slope = tf.reduce_sum(gradient(y) * direction)
    h = 1e-5
    numeric = (gradient(tf.constant(y_pred + h * direction)) - gradient(tf.constant(y_pred - h * direction))) / (2 * h)
    exact = outer.gradient(slope, y, unconnected_gradients="zero")
    np.testing.assert_allclose(exact, numeric, rtol=1e-5, atol=1e-7)


# What the losses mean

some_logits = arrays(np.float64, (4, 3), elements=st.floats(-8, 8))
some_classes = arrays(np.int64, 4, elements=st.integers(0, 2))


@given(some_logits, some_classes)
def test_the_forms_of_cross_entropy_agree(logits, classes):
    onehot, p = tf.one_hot(classes, 3, dtype="float64"), tf.nn.softmax(logits)
    expected = -np.log(p.numpy()[np.arange(4), classes])
    for value in (
        tf.losses.categorical_crossentropy(onehot, logits, from_logits=True),
        tf.losses.sparse_categorical_crossentropy(classes, logits, from_logits=True),
        tf.losses.categorical_crossentropy(onehot, p),
        tf.losses.sparse_categorical_crossentropy(classes, p),
        tf.losses.kl_divergence(onehot, p),
    ):
        np.testing.assert_allclose(value, expected, rtol=1e-3, atol=1e-5)  # 1e-7 is kept from 0 and 1


@given(some_logits, arrays(np.float64, (4, 3), elements=st.sampled_from([0.0, 1.0])))
def test_binary_cross_entropy_from_logits_and_from_probabilities_agree(logits, y):
    from_logits = tf.losses.binary_crossentropy(y, logits, from_logits=True)
    np.testing.assert_allclose(from_logits, tf.losses.binary_crossentropy(y, tf.sigmoid(logits)), rtol=1e-3, atol=1e-5)


errors = arrays(np.float64, (3, 2), elements=st.floats(-50, 50))


@given(errors, errors)
def test_huber_and_log_cosh_lie_between_their_limits(y, prediction):
    e = np.abs(prediction - y)
    np.testing.assert_allclose(
        tf.losses.huber(y, prediction, delta=1000.0), 0.5 * tf.losses.mean_squared_error(y, prediction)
    )
    np.testing.assert_allclose(
        tf.losses.huber(y, prediction, delta=1e-9) / 1e-9, tf.losses.mean_absolute_error(y, prediction), atol=1e-8
    )
    value = tf.losses.log_cosh(y, prediction).numpy()
    assert np.all(value <= np.mean(e**2 / 2, -1) + 1e-9) and np.all(value <= np.mean(e, -1) + 1e-9)
    assert np.all(value >= np.mean(e, -1) - np.log(2) - 1e-9)


@given(errors, errors, arrays(np.int64, 3, elements=st.integers(0, 4)))
def test_a_weight_counts_as_so_many_examples(y, prediction, weights):
    loss = tf.losses.MeanSquaredError(reduction="sum")
    repeated = loss(np.repeat(y, weights, axis=0), np.repeat(prediction, weights, axis=0))
    np.testing.assert_allclose(loss(y, prediction, sample_weight=weights), repeated)
    np.testing.assert_allclose(loss(y, prediction, sample_weight=weights[:, None]), repeated)


@pytest.mark.parametrize("scale", [1e2, 1e10, 1e30])
def test_logits_of_any_size_give_finite_losses_and_gradients(scale):
    logits = tf.constant(scale * np.array([[1, -1, 0.5], [-1, 1, 0.0]], "float32"))
    cross_entropies = [
        (tf.losses.BinaryCrossentropy(from_logits=True), np.eye(3, dtype="float32")[:2]),
        (tf.losses.CategoricalCrossentropy(from_logits=True), np.eye(3, dtype="float32")[:2]),
        (tf.losses.SparseCategoricalCrossentropy(from_logits=True), [2, 1]),
    ]
    with np.errstate(all="raise", under="ignore"):
        for loss, y_true in cross_entropies:
            with tf.GradientTape() as tape:
                tape.watch(logits)
                value = loss(y_true, logits)
            assert np.isfinite(value) and np.all(np.isfinite(tape.gradient(value, logits)))


def test_the_direction_of_a_zero_vector_counts_as_perpendicular():
    y = tf.constant([[0.0, 0.0], [1.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(y)
        value = tf.losses.cosine_similarity([[1.0, 2.0], [2.0, 0.0]], y)
    np.testing.assert_allclose(value, [0, -1])
    assert np.all(np.isfinite(tape.gradient(value, y)))


def test_label_smoothing_moves_the_lowest_loss_from_certainty_to_the_smoothed_label():
    p = np.linspace(0.01, 0.99, 99)[:, None]
    losses = tf.losses.binary_crossentropy(np.ones_like(p), p, label_smoothing=0.2)
    assert p[int(tf.argmin(losses)), 0] == pytest.approx(0.9)


# What they take


def test_lists_arrays_integers_and_variables_are_taken_and_the_predictions_dtype_stays():
    mse = tf.losses.MeanSquaredError()
    assert float(mse([[0.0], [1.0]], [[1.0], [3.0]])) == 2.5
    assert float(mse([0, 1], [1, 3])) == 2.5 and mse([0, 1], [1, 3]).dtype == tf.float32
    assert mse([0, 1], np.zeros(2)).dtype == tf.float64
    assert mse(np.zeros(2), tf.Variable([1.0, 3.0])).dtype == tf.float32
    assert float(tf.losses.SparseCategoricalCrossentropy()([1.0, 0.0], [[0.0, 1.0], [1.0, 0.0]])) < 1e-6


def test_a_loss_on_a_model_gives_gradients_of_its_variables():
    W = tf.Variable([[5.0]])
    with tf.GradientTape() as tape:
        loss = tf.losses.MeanSquaredError()([[6.0], [3.0]], tf.constant([[2.0], [1.0]]) @ W)
    assert float(tape.gradient(loss, W)) == pytest.approx(10.0)


def test_a_loss_of_ones_own():
    class Quartic(tf.losses.Loss):
        def call(self, y_true, y_pred):
            return tf.reduce_mean((y_true - y_pred) ** 4, axis=-1)

    y = tf.constant([[1.0], [2.0]])
    assert float(Quartic()(y, y + 2)) == 16 and float(Quartic(reduction="sum")(y, y + 2)) == 32
    assert Quartic(reduction=None)(y, y + 2).numpy().tolist() == [16, 16] and Quartic().name == "quartic"
    with pytest.raises(NotImplementedError, match="must define call"):
        tf.losses.Loss()(y, y)


def test_predictions_are_probabilities_unless_they_are_said_to_be_logits():
    p = np.array([[0.2, 0.8], [0.7, 0.3]])
    expected = -np.log([0.8, 0.7])
    np.testing.assert_allclose(tf.losses.sparse_categorical_crossentropy([1, 0], p), expected)
    np.testing.assert_allclose(tf.losses.categorical_crossentropy([[0, 1], [1, 0]], p), expected)
    np.testing.assert_allclose(tf.losses.binary_crossentropy([[1.0], [0.0]], [[0.8], [0.3]]), expected, rtol=1e-6)


def test_an_empty_batch_costs_nothing():
    assert float(tf.losses.MeanSquaredError()(np.zeros((0, 2)), np.zeros((0, 2)))) == 0


def test_names_give_losses():
    get = tf.losses.get
    assert get("mse") is get("MSE") is get("mean_squared_error") is tf.losses.mean_squared_error
    assert type(get("BinaryCrossentropy")) is tf.losses.BinaryCrossentropy
    own = tf.losses.Huber(2.0)
    assert get(own) is own and get(len) is len and get(None) is None
    for kind, function in zip(tf.losses.CLASSES, tf.losses.FUNCTIONS, strict=True):
        assert get(function.__name__) is function and get(kind.__name__).fn is function
    with pytest.raises(ValueError, match="'mzse' is no loss. Use one of MeanSquaredError"):
        get("mzse")
    with pytest.raises(ValueError, match="3 is no loss"):
        get(3)


# Mistakes


@pytest.mark.parametrize("loss", PAIRWISE, ids=lambda f: f.__name__)
def test_shapes_that_would_broadcast_are_refused(loss):
    y = np.full(4, 0.5)
    for y_true, y_pred in ((y, y[:, None]), (y[:, None], y), (y[None], y)):
        with pytest.raises(ValueError, match=rf"{loss.__name__}: y_true.*reshape\(y_true, \({len(y_pred)},"):
            loss(y_true, y_pred)
    with pytest.raises(ValueError, match="own target"):
        loss(np.full((2, 3), 0.5), np.full((3, 2), 0.5))
    with pytest.raises(ValueError, match="scalars"):
        loss(0.5, 0.5)
    with pytest.raises(ValueError, match="sparse_categorical_crossentropy, or one_hot"):
        loss([0, 1], np.full((2, 3), 0.5))


def test_a_weight_for_each_example_is_refused_where_an_example_has_several_losses():
    with pytest.raises(ValueError, match=r"sample_weight has shape \(4,\), and the values.*\(4, 3\)"):
        tf.losses.MeanSquaredError()(np.zeros((4, 3, 2)), np.ones((4, 3, 2)), sample_weight=np.ones(4))


@pytest.mark.parametrize("shape", [(3,), (4, 2), (4, 1, 1), (1, 4)])
def test_weights_that_would_broadcast_are_refused(shape):
    loss = tf.losses.MeanSquaredError()
    with pytest.raises(ValueError, match=r"sample_weight has shape \("):
        loss(np.zeros((4, 2)), np.ones((4, 2)), sample_weight=np.ones(shape))


def test_weights_for_single_numbers_need_an_axis_of_examples():
    loss, y = tf.losses.MeanSquaredError(), np.zeros(3)
    with pytest.raises(ValueError, match=r"give y_true and y_pred shape \(N, 1\)"):
        loss(y, y + 1, sample_weight=[1.0, 2.0, 0.0])
    assert float(loss(y[:, None], y[:, None] + 1, sample_weight=[1.0, 2.0, 0.0])) == 1
    assert float(loss(y, y + 1, sample_weight=3.0)) == 3


def test_weights_along_one_axis_serve_all_of_the_other():
    loss, y = tf.losses.MeanSquaredError(reduction="none"), np.zeros((2, 3, 1))
    assert loss(y, y + 1, sample_weight=[[1.0], [2.0]]).numpy().tolist() == [[1, 1, 1], [2, 2, 2]]


@pytest.mark.parametrize(
    "loss, y_true",
    [
        (tf.losses.binary_crossentropy, [[0.0, 1.0]]),
        (tf.losses.categorical_crossentropy, [[0.0, 1.0]]),
        (tf.losses.sparse_categorical_crossentropy, [1]),
    ],
)
def test_logits_taken_for_probabilities_are_refused(loss, y_true):
    for logits in ([[-3.0, 0.5]], [[0.2, 4.0]]):
        with pytest.raises(ValueError, match="probabilities are from 0 to 1.*from_logits=True"):
            loss(y_true, logits)
        assert np.isfinite(loss(y_true, logits, from_logits=True))


def test_probabilities_may_be_above_1_by_a_rounding_error():
    assert np.isfinite(tf.losses.binary_crossentropy([1.0], [1.0009]))
    with pytest.raises(ValueError, match="has values from 1.001"):
        tf.losses.binary_crossentropy([1.0], [1.0011])


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda f: f.sparse_categorical_crossentropy([3], [[0.5, 0.5]]), IndexError, "index 3 is out of range"),
        (lambda f: f.sparse_categorical_crossentropy([-1], [[0.5, 0.5]]), IndexError, "index -1 is out of range"),
        (lambda f: f.sparse_categorical_crossentropy([0.5], [[0.5, 0.5]]), ValueError, "are whole numbers"),
        (
            lambda f: f.sparse_categorical_crossentropy([0, 1], [[0.5, 0.5]]),
            ValueError,
            "one class number for each row",
        ),
        (lambda f: f.sparse_categorical_crossentropy([[0, 1]], [[0.5, 0.5]]), ValueError, "go to categorical"),
        (lambda f: f.sparse_categorical_crossentropy([0], [[0.5]]), ValueError, "one class, whose loss is always 0"),
        (lambda f: f.categorical_crossentropy([[1.0]], [[0.5]]), ValueError, "use binary_crossentropy"),
        (lambda f: f.categorical_crossentropy([[1.0, 0]], [[1.0, 0]], axis=2), ValueError, "has no axis 2"),
        (lambda f: f.binary_crossentropy([1.0], [1.0], label_smoothing=2), ValueError, "label_smoothing is 2"),
        (lambda f: f.binary_crossentropy([1.0], [1.0], label_smoothing="a"), TypeError, "must be a number, not 'a'"),
        (lambda f: f.huber([1.0], [1.0], delta=0.0), ValueError, "delta is 0.0, and must be > 0"),
        (lambda f: f.Huber(reduction="total"), ValueError, "reduction is 'total', and must be one of"),
    ],
)
def test_other_mistakes_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call(tf.losses)


# The chapters' own loss, which takes the predictions first


@given(st.integers(1, 6), st.data())
def test_l2_loss_is_the_mean_of_the_squares_and_its_gradient_is_that_of_the_formula(n, data):
    numbers = arrays(np.float64, n, elements=st.floats(-100, 100))
    predictions, outputs = tf.Variable(data.draw(numbers)), data.draw(numbers)
    with tf.GradientTape() as tape:
        loss = tf.losses.l2_loss(predictions, outputs)
    residuals = predictions.numpy() - outputs
    np.testing.assert_allclose(loss, np.mean(residuals**2))
    np.testing.assert_allclose(tape.gradient(loss, predictions), 2 / n * residuals, atol=1e-12)


@pytest.mark.parametrize("shapes", [((8,), (8, 1)), ((8, 1), (8,)), ((), (8,)), ((8,), ()), ((2, 4), (8,))])
def test_l2_loss_refuses_shapes_that_would_broadcast(shapes):
    with pytest.raises(ValueError, match="Each prediction needs an output of its own: reshape one of them"):
        tf.losses.l2_loss(*map(np.ones, shapes))


def test_l2_loss_takes_whole_numbers_without_rounding_the_mean():
    assert float(tf.losses.l2_loss([1, 2], [1, 3])) == 0.5


def test_a_class_made_of_a_function_says_which_argument_it_does_not_know():
    for make in (tf.losses.MeanSquaredError, tf.keras.metrics.MeanSquaredError):
        with pytest.raises(TypeError, match="^MeanSquaredError: .*'threshold'"):
            make(threshold=1)


@pytest.mark.parametrize("function", PAIRWISE, ids=lambda f: f.__name__)
def test_a_loss_of_more_axes_is_that_of_each_row(function):
    y_true, y_pred = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 2, 3)).astype(np.float32)
    whole = function(tf.constant(y_true), tf.constant(y_pred))
    rows = [[float(function(y_true[i, j][None], y_pred[i, j][None])[0]) for j in range(3)] for i in range(2)]
    np.testing.assert_allclose(whole.numpy(), rows, rtol=1e-5)
