import copy
import json
import warnings
from pathlib import Path

import keras_cases
import layer_cases as cases
import numpy as np
import pytest
from test_layers import assert_as_in_keras

import course as tf
from course import callbacks, layers, metrics

REFERENCE = json.loads(Path(cases.__file__).with_name("reference_layers.json").read_text())
KERAS = json.loads(Path(cases.__file__).with_name("reference_keras.json").read_text())
X, Y = cases.data()


def compiled(optimizer="sgd", loss="mse", outputs=3, **options):
    model = cases.small_network(tf, outputs)
    model.compile(optimizer=optimizer, loss=loss, **options)
    return model


@pytest.mark.parametrize("name", cases.FITS)
def test_histories_weights_and_predictions_are_those_of_keras(name):
    assert_as_in_keras(cases.run_fit(tf, name), REFERENCE[f"fit: {name}"])


# fit, evaluate, predict


def test_beginners_code_runs():
    tf.random.set_seed(0)
    model = tf.keras.models.Sequential(
        [
            tf.keras.layers.Flatten(input_shape=(2, 2)),
            tf.keras.layers.Dense(8, activation="relu"),
            tf.keras.layers.Dropout(0.2),
            tf.keras.layers.Dense(3),
        ]
    )
    x_train, y_train = X.reshape(50, 2, 2).astype("float64"), Y.argmax(axis=1)
    assert model(x_train[:1]).numpy().shape == (1, 3)
    loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=tf.keras.optimizers.Adam(0.03), loss=loss_fn, metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=30, verbose=0)
    loss, accuracy = model.evaluate(x_train, y_train, verbose=0)
    assert accuracy > 0.75 and loss < 0.7
    probabilities = tf.keras.Sequential([model, tf.keras.layers.Softmax()])(x_train[:5])
    np.testing.assert_allclose(tf.reduce_sum(probabilities, axis=1), 1, rtol=1e-6)


def test_a_line_is_learned_from_plain_numbers():
    model = tf.keras.Sequential([tf.keras.layers.Dense(units=1, input_shape=[1])])
    model.compile(optimizer=tf.keras.optimizers.SGD(0.1), loss="mean_squared_error")
    model.fit(np.array([-1.0, 0, 1, 2, 3, 4]), np.array([-3.0, -1, 1, 3, 5, 7]), epochs=200, verbose=0)
    np.testing.assert_allclose(model.predict(np.array([10.0])), [[19]], rtol=1e-4)
    np.testing.assert_allclose(model.predict([10.0, 0.0]), [[19], [-1]], rtol=1e-4)


def test_evaluate_is_the_mean_over_examples_whatever_the_batches():
    model = compiled(metrics=["mae"])
    whole = model.evaluate(X, Y, batch_size=50, verbose=0)
    expected = [np.mean((model.predict(X) - Y) ** 2), np.mean(np.abs(model.predict(X) - Y))]
    np.testing.assert_allclose(whole, expected, rtol=1e-6)
    np.testing.assert_allclose(model.evaluate(X, Y, batch_size=7, verbose=0), whole, rtol=1e-6)
    assert model.evaluate(X, Y, verbose=0, return_dict=True).keys() == {"loss", "mae"}
    assert isinstance(compiled().evaluate(X, Y, verbose=0), float)


def test_validation_data_that_do_not_fit_are_refused_before_anything_is_trained():
    model = compiled()
    before = model.get_weights()
    for data in ((X, Y[:3]), rows().repeat(), (X,)):
        with pytest.raises(ValueError, match="validation_data"):
            model.fit(X, Y, validation_data=data, verbose=0)
    for w, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(w, old)


def test_a_dataset_for_validation_goes_with_a_batch_size_for_training():
    model = compiled()
    history = model.fit(X, Y, batch_size=10, validation_data=rows(), verbose=0).history
    assert history["val_loss"] == [pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)]


def test_the_mean_over_no_examples_is_no_number():
    nothing = tf.data.Dataset.from_tensor_slices((X[None, :0], Y[None, :0]))  # one batch of no examples
    assert np.isnan(compiled().evaluate(nothing, verbose=0))


def test_predict_is_the_call_without_training_in_batches():
    tf.random.set_seed(0)
    model = tf.keras.Sequential([layers.Dense(4), layers.Dropout(0.5), layers.BatchNormalization()])
    predictions = model.predict(X, batch_size=8)
    assert isinstance(predictions, np.ndarray)
    np.testing.assert_allclose(predictions, model(X), rtol=1e-5)


def test_every_epoch_takes_every_example_once_in_a_new_order_that_the_seed_repeats():
    class Notes(tf.keras.Model):
        def train_step(self, data):
            orders[-1] += data[0].numpy()[:, 0].tolist()
            return {"loss": tf.constant(0.0)}

    def run(**options):
        tf.random.set_seed(4)
        orders.clear()
        model = Notes()
        model.compile()
        model.fit(np.arange(10.0)[:, None], np.arange(10.0), batch_size=4, verbose=0, **options)
        return [list(order) for order in orders]

    class NewEpoch(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            orders.append([])

    orders = []
    first, second = run(epochs=2, callbacks=[NewEpoch()])
    assert sorted(first) == sorted(second) == list(range(10)) and first != second
    assert run(epochs=2, callbacks=[NewEpoch()]) == [first, second]
    assert run(epochs=2, callbacks=[NewEpoch()], shuffle=False) == [list(range(10))] * 2


def test_a_validation_split_is_the_last_examples_and_never_trained_on():
    poisoned = Y.copy()
    poisoned[40:] = np.nan
    model = compiled()
    history = model.fit(X, poisoned, validation_split=0.2, epochs=2, verbose=0).history
    assert np.all(np.isfinite(history["loss"])) and np.all(np.isnan(history["val_loss"]))


@pytest.mark.parametrize(
    "count, share, trained", [(10, 0.25, 7), (5, 0.5, 2), (10, 0.33, 6), (3, 0.5, 1), (50, 1e-3, 49)]
)
def test_a_validation_split_rounds_as_in_keras(count, share, trained):
    class Count(callbacks.Callback):
        def set_params(self, params):
            steps.append(params["steps"])

    steps = []
    compiled().fit(X[:count], Y[:count], batch_size=1, validation_split=share, callbacks=Count(), verbose=0)
    assert steps == [trained]


def test_a_frozen_model_is_measured_and_stays_with_a_warning():
    model = compiled(metrics=["mae"])
    model.trainable = False
    before = model.get_weights()
    with pytest.warns(UserWarning, match="has no trainable weights, so that fit changes nothing"):
        history = model.fit(X, Y, batch_size=50, verbose=0).history
    np.testing.assert_allclose(history["loss"], model.evaluate(X, Y, batch_size=50, verbose=0)[0], rtol=1e-6)
    for ours, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(ours, old)
    assert int(model.optimizer.iterations) == 0


# `fit` traces its steps where that cannot change what they do


def everything():
    """A model of every kind of layer, whose first layer takes whole numbers as floats."""
    tf.random.set_seed(5)
    return tf.keras.Sequential(
        [
            layers.Embedding(7, 4),
            layers.Flatten(),
            layers.Dense(6, "gelu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            tf.keras.Sequential([layers.Dense(5), layers.LayerNormalization(), layers.ReLU()]),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )


def fitted(run_eagerly, **options):
    model = everything()
    ids, labels = np.arange(64.0).reshape(32, 2) % 7, np.arange(32) % 3
    model.compile(tf.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"], run_eagerly=run_eagerly)
    history = model.fit(ids, labels, batch_size=5, epochs=5, validation_split=0.1, verbose=0, **options).history
    return model, history, [v.numpy().tobytes() for v in (*model.variables, *model.optimizer.variables)]


def test_a_traced_fit_is_the_eager_one_bit_for_bit():
    traced, eager = fitted(None), fitted(True)
    assert traced[1:] == eager[1:]
    assert traced[0]._compiled.traced.function.trace_count == 2 and eager[0]._compiled.traced.function is None


def test_a_traced_fit_checks_the_values_of_every_batch():
    model = fitted(None)[0]
    for x, y, words in (
        (np.array([[1.0, 2.0]] * 9 + [[1.0, 2.5]]), np.zeros(10), "ids are whole numbers"),
        (np.array([[1.0, 2.0]] * 9 + [[1.0, 7.0]]), np.zeros(10), "index 7 is out of range"),
        (np.array([[1.0, 2.0]] * 10), np.array([0.0] * 9 + [1.5]), "class numbers are whole numbers"),
        (np.array([[1.0, 2.0]] * 10), np.array([0] * 9 + [3]), "index 3 is out of range"),
    ):
        with pytest.raises((ValueError, IndexError), match=words):
            model.fit(x, y, batch_size=5, epochs=1, shuffle=False, verbose=0)
    linear = tf.keras.Sequential([tf.keras.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    linear.compile(tf.optimizers.SGD(0.0), "binary_crossentropy")
    x = np.r_[np.full(39, 0.5), 3.0][:, None]
    with pytest.raises(ValueError, match="probabilities are from 0 to 1"):
        linear.fit(x, np.ones((40, 1)), batch_size=1, shuffle=False, verbose=0)
    assert linear._compiled.traced.function.trace_count == 1


def test_a_copy_of_a_model_that_was_fitted_trains_on_by_itself():
    model = compiled(tf.optimizers.Adam())
    model.fit(X, Y, batch_size=1, verbose=0)
    twin, weights = copy.deepcopy(model), model.get_weights()
    losses = twin.fit(X, Y, batch_size=1, shuffle=False, verbose=0).history
    for ours, before in zip(model.get_weights(), weights):
        np.testing.assert_array_equal(ours, before)
    assert model.fit(X, Y, batch_size=1, shuffle=False, verbose=0).history == losses


def test_a_fit_notices_what_has_changed_since_the_one_before():
    model = compiled()
    model.fit(X, Y, batch_size=1, verbose=0)
    first = model._compiled.traced.function
    model.fit(X, Y, batch_size=1, verbose=0)
    assert model._compiled.traced.function is first
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    model.fit(X, Y, batch_size=1, verbose=0)
    np.testing.assert_array_equal(model.layers[0].kernel, before[0])
    assert model._compiled.traced.function is not first


def test_a_fit_of_what_a_trace_could_miss_runs_as_plain_python():
    class Counting(layers.Dense):
        def call(self, inputs):
            calls.append(1)
            return super().call(inputs)

    def counting(*tensors):
        calls.append(1)
        return tf.reduce_mean(tensors[-1] * 1.0, -1)

    class Note(callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            calls.append(1)
            self.model.layers[0].trainable = batch % 2 == 0

    calls = []
    for make in (
        lambda: (tf.keras.Sequential([Counting(3)]), {}, {}),
        lambda: (tf.keras.Sequential([layers.Dense(3, (lambda x: calls.append(1) or tf.nn.relu(x)))]), {}, {}),
        lambda: (tf.keras.Sequential([layers.Dense(3), (lambda x: calls.append(1) or tf.nn.relu(x))]), {}, {}),
        lambda: (tf.keras.Sequential([layers.Dense(3)]), {"loss": counting}, {}),
        lambda: (tf.keras.Sequential([layers.Dense(3)]), {}, {"callbacks": Note()}),
    ):
        model, compiling, fitting = make()
        model.compile(**({"optimizer": "sgd", "loss": "mse"} | compiling))
        calls.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, Y, batch_size=1, verbose=0, **fitting)
        assert len(calls) >= 50 and model._compiled.traced.function is None
    model.trainable = True
    model.compile(tf.optimizers.SGD(0.0), counting, run_eagerly=False)
    calls.clear()
    model.fit(X, Y, batch_size=1, epochs=2, verbose=0)
    assert len(calls) == 1


def test_no_epochs_train_nothing():
    assert compiled().fit(X, Y, epochs=0).history == {}


def test_several_inputs_come_in_a_dict_or_a_list():
    class Pairs(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.users, self.items = layers.Embedding(6, 2), layers.Embedding(4, 2)

        def call(self, inputs):
            u, i = (inputs["user"], inputs["item"]) if isinstance(inputs, dict) else inputs
            return tf.reduce_sum(self.users(u) * self.items(i), axis=1)

    tf.random.set_seed(1)
    users, items = np.arange(24) % 6, np.arange(24) // 6
    ratings = np.cos(users) * np.sin(items + 1.0)
    model = Pairs()
    model.compile(tf.keras.optimizers.Adam(0.05), "mse")
    history = model.fit({"user": users, "item": items}, ratings, epochs=150, batch_size=8, verbose=0).history["loss"]
    assert history[-1] < 0.01 * history[0]
    np.testing.assert_array_equal(model.predict([users, items]), model.predict({"user": users, "item": items}))


def test_a_train_step_of_your_own_takes_the_place_of_the_usual_one_and_its_last_dict_counts_as_in_keras():
    class Halving(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(8.0)

        def train_step(self, data):
            self.w.assign(self.w / 2)
            return {"loss": self.w, "rows": tf.constant(len(data[0]))}

    model = Halving()
    model.compile()
    history = model.fit(np.ones((4, 1)), np.ones(4), batch_size=2, epochs=2, verbose=0).history
    assert history == {"loss": [2.0, 0.5], "rows": [2.0, 2.0]}


def test_a_model_trains_in_a_loop_of_your_own():
    model = cases.small_network(tf, 3)
    optimizer, losses = tf.keras.optimizers.SGD(0.05), []
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.mean_squared_error(Y, model(X, training=True)))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        losses.append(float(loss))
    assert losses[-1] < 0.5 * losses[0] and losses == sorted(losses, reverse=True)


def test_what_belongs_to_training_is_no_part_of_the_model():
    model = compiled("adam")
    before = len(model.variables)
    model.fit(X, Y, verbose=0)
    assert len(model.variables) == before and len(model.optimizer.variables) == 2 + 2 * before


def test_a_model_is_built_by_an_input_by_build_or_by_its_first_call():
    for model in (
        tf.keras.Sequential([tf.keras.Input(shape=(4,)), layers.Dense(3)]),
        tf.keras.Sequential([layers.Dense(3, input_dim=4)]),
    ):
        assert [v.shape for v in model.variables] == [(4, 3), (3,)]
    model = tf.keras.Sequential([layers.Dense(3)])
    assert model.variables == ()
    model.build((None, 4))
    assert len(model.variables) == 2
    model = tf.keras.Sequential([tf.keras.Input((2,), dtype="int32"), layers.Embedding(7, 3), layers.Flatten()])
    assert model(np.array([[0, 6]])).shape == (1, 6)


def test_a_build_of_ones_own_may_call_the_one_it_replaces():
    class Mine(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def build(self, input_shape):
            self.scale = self.add_weight((1,), "ones", name="scale")
            super().build(input_shape)

        def call(self, inputs):
            return self.dense(inputs) * self.scale

    built, called = Mine(), Mine()
    built.build((None, 4))
    called(X)
    assert [v.shape for v in built.variables] == [v.shape for v in called.variables] == [(1,), (4, 2), (2,)]
    assert built.built and built(X).shape == (50, 2) and len(built.variables) == 3


def test_a_model_of_several_inputs_is_built_from_their_shapes():
    class Sum(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = layers.Dense(2), layers.Dense(2)

        def call(self, inputs):
            a, b = inputs.values() if isinstance(inputs, dict) else inputs
            return self.first(a) + self.second(b)

    for shapes in ([(None, 4), (None, 3)], {"a": (None, 4), "b": (None, 3)}):
        model = Sum()
        model.build(shapes)
        assert [v.shape for v in model.variables] == [(4, 2), (2,), (3, 2), (2,)]


def test_the_seed_repeats_a_whole_run():
    def run(seed):
        tf.random.set_seed(seed)
        model = tf.keras.Sequential([layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(3)])
        model.compile("adam", "mse")
        return model.fit(X, Y, epochs=3, verbose=0).history["loss"]

    assert run(2) == run(2) != run(3)


# Metrics


def test_accuracy_fits_itself_to_the_shapes():
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], "float32")
    for labels in (np.array([1, 0, 0]), np.array([[1], [0], [0]]), np.eye(2, dtype="float32")[[1, 0, 0]]):
        np.testing.assert_array_equal(metrics.accuracy(labels, scores), [1, 1, 0])
    np.testing.assert_array_equal(metrics.accuracy([[1.0], [0.0], [0.0]], scores[:, 1:]), [1, 1, 0])
    assert float(metrics.accuracy([1.0, 0.0, 0.0], scores[:, 1])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", keras_cases.METRICS)
def test_accuracies_at_ties_nan_and_infinity_are_those_of_keras(name):
    expected = np.array(KERAS[f"metric: {name}"])
    if expected.ndim > 1:  # Keras' binary_accuracy has no mean over the last axis
        expected = expected.mean(axis=-1)
    np.testing.assert_allclose(keras_cases.metric_results(tf, name), expected)


def test_a_metric_may_be_a_function_of_your_own():
    def largest_error(y_true, y_pred):
        return tf.reduce_max(tf.abs(y_true - y_pred))

    model = compiled(metrics=[largest_error, "mse"])
    results = model.evaluate(X, Y, batch_size=50, verbose=0, return_dict=True)
    assert results["largest_error"] == np.abs(model.predict(X) - Y).max() and results["mse"] == results["loss"]


def test_metrics_of_one_name_are_told_apart():
    def loss(y_true, y_pred):
        return tf.zeros(len(y_true))

    model = compiled(metrics=["mae", "mae", loss, tf.losses.MeanSquaredError(name="mae")])
    results = model.evaluate(X, Y, batch_size=50, verbose=0, return_dict=True)
    assert list(results) == ["loss", "mae", "mae_1", "loss_1", "mae_2"]
    assert results["loss"] == results["mae_2"] != results["mae"] == results["mae_1"] and results["loss_1"] == 0


# What is printed


def test_fit_prints_a_line_for_each_epoch_without_times(capsys):
    model = compiled(metrics=["mae"])
    history = model.fit(X, Y, epochs=2, validation_data=(X, Y)).history
    lines = [
        f"Epoch {i + 1}/2 - " + " - ".join(f"{name}: {values[i]:.4f}" for name, values in history.items())
        for i in range(2)
    ]
    assert capsys.readouterr().out.splitlines() == lines
    assert list(history) == ["loss", "mae", "val_loss", "val_mae"]
    model.evaluate(X, Y)
    assert capsys.readouterr().out.startswith("loss: ")
    model.fit(X, Y, verbose=0), model.evaluate(X, Y, verbose=0), model.predict(X)
    assert capsys.readouterr().out == ""


def as_seen(text):
    """What a terminal shows in the end: what follows a "\\r" is written over the line."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown)
    return "\n".join(lines)


def test_a_live_bar_leaves_no_trace(capsys, monkeypatch):
    compiled().fit(X, Y, epochs=3, batch_size=3, shuffle=False)
    plain = capsys.readouterr().out
    monkeypatch.setattr(callbacks, "can_write_over", lambda: True)
    compiled().fit(X, Y, epochs=3, batch_size=3, shuffle=False)
    live = capsys.readouterr().out
    assert "\rEpoch 2/3 ━━━━━━······" in live and as_seen(live) == plain
    compiled().fit(X, Y, epochs=3, batch_size=3, shuffle=False, verbose=2)
    assert capsys.readouterr().out == plain


@pytest.mark.parametrize("metadata, live", [({"cellId": "a1"}, True), ({}, False)], ids=["a page", "no page"])
def test_a_notebook_has_a_live_bar_only_in_a_page(monkeypatch, metadata, live):
    import IPython

    class Kernel:
        def get_parent(self, channel=None):
            return {"metadata": metadata}

    shell = type("Shell", (), {"kernel": Kernel()})()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    assert callbacks.can_write_over() is live


def test_a_terminal_has_a_live_bar(monkeypatch):
    assert not callbacks.can_write_over()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert callbacks.can_write_over()


def test_summary_lists_layers_shapes_and_numbers_of_weights(capsys):
    layers.reset_names()
    model = tf.keras.Sequential([layers.Dense(1000), layers.BatchNormalization(), layers.Dense(2, name="out")])
    model(X)
    model.layers[2].trainable = False
    model.summary()
    rule = "─" * 65
    assert capsys.readouterr().out.splitlines() == [
        'Model: "sequential"',
        rule,
        "Layer (type)                               Output Shape   Param #",
        rule,
        "dense (Dense)                              (None, 1000)     5,000",
        "batch_normalization (BatchNormalization)   (None, 1000)     4,000",
        "out (Dense)                                (None, 2)        2,002",
        rule,
        "Total params: 11,002",
        "Trainable params: 7,000",
        "Non-trainable params: 4,002",
    ]


def test_summary_lists_a_shared_layer_once_and_functions_too(capsys):
    shared = layers.Dense(4, name="shared")
    model = tf.keras.Sequential([shared, tf.nn.relu, shared])
    model(X)
    model.summary()
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows[4:6]] == ["shared", "relu"] and rows[-3] == "Total params: 20"


# Callbacks


def test_callbacks_are_told_every_moment_in_order():
    told = []

    class Notes(callbacks.Callback):
        def __getattribute__(self, name):
            if name.startswith("on_"):
                return lambda *arguments: told.append((name, *[a for a in arguments if isinstance(a, int)]))
            return super().__getattribute__(name)

    notes, model = Notes(), compiled()
    model.fit(X, Y, batch_size=25, epochs=1, verbose=0, callbacks=[notes])
    batches = [(f"on_train_batch_{when}", i) for i in range(2) for when in ("begin", "end")]
    epoch = [("on_epoch_begin", 0), *batches, ("on_epoch_end", 0)]
    assert told == [("on_train_begin",), *epoch, ("on_train_end",)]
    assert notes.model is model and notes.params == {"epochs": 1, "steps": 2, "verbose": 0}


def test_early_stopping_says_so_and_goes_back_to_the_best_weights(capsys):
    stop = tf.keras.callbacks.EarlyStopping(monitor="loss", mode="max", verbose=1, restore_best_weights=True)
    model = compiled()
    history = model.fit(X, Y, epochs=9, batch_size=50, verbose=0, shuffle=False, callbacks=[stop])
    assert capsys.readouterr().out == "Epoch 2: early stopping\n" and history.epoch == [0, 1]
    once = compiled()
    once.fit(X, Y, epochs=1, batch_size=50, verbose=0, shuffle=False)
    for best, first in zip(model.get_weights(), once.get_weights()):
        np.testing.assert_array_equal(best, first)


@pytest.mark.parametrize("monitor", ["val_accuracy", "acc", "val_auc", "recall", "val_f1_score", "auc_1"])
def test_of_what_is_better_when_it_is_more_early_stopping_takes_the_most(monitor):
    stop, model = callbacks.EarlyStopping(monitor), compiled()
    stop.set_model(model), stop.on_train_begin()
    stopped = []
    for epoch, value in enumerate([0.5, 0.6, 0.7, 0.6]):
        stop.on_epoch_end(epoch, {monitor: value})
        stopped.append(model.stop_training)
    assert stopped == [False, False, False, True]


@pytest.mark.parametrize("monitor", ["loss", "val_loss", "mae", "val_mean_squared_error", "val_mse_1"])
def test_of_losses_and_errors_early_stopping_takes_the_least(monitor):
    assert callbacks.EarlyStopping(monitor).sign == 1


def test_of_other_names_early_stopping_wants_to_be_told():
    for monitor in ("val_score", "accuracy_gap", "lossy"):
        with pytest.raises(ValueError, match=f"{monitor}.*Give mode='max' or mode='min'"):
            callbacks.EarlyStopping(monitor)
        assert callbacks.EarlyStopping(monitor, mode="max").sign == -1


# Errors


class NoCall(tf.keras.Model):
    pass


def rows():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: tf.keras.Sequential([layers.Dense(2)]).fit(X, Y), RuntimeError, "fit: say how to train first"),
        (lambda: tf.keras.Sequential().evaluate(X, Y), RuntimeError, "evaluate: say how to train first"),
        (lambda: compiled(loss=None).fit(X, Y, verbose=0), RuntimeError, "compiled without a loss"),
        (lambda: compiled(loss="msee"), ValueError, "msee"),
        (lambda: compiled(optimizer="addam"), ValueError, "addam"),
        (lambda: compiled(metrics="accuracy"), TypeError, r"metrics is a list, such as \['accuracy'\], not 'accuracy'"),
        (lambda: compiled(metrics=["accurracy"]), ValueError, "accurracy"),
        (lambda: compiled().fit(X, Y[:7]), ValueError, r"fit: the data have shapes \(50, 4\), \(7, 3\)"),
        (lambda: compiled().fit(X[:0], Y[:0]), ValueError, "at least one"),
        (lambda: compiled().predict(3.0), ValueError, r"predict: the data have shapes \(\)"),
        (lambda: compiled().fit(X, Y, batch_size=0), ValueError, "batch_size must be an integer of at least 1, not 0"),
        (lambda: compiled().fit(X, Y, batch_size=8.0), ValueError, r"batch_size .* not 8\.0"),
        (lambda: compiled().fit(X, Y, validation_split=1), ValueError, "leaves 0 to train on and 50 to validate"),
        (
            lambda: compiled().fit(X, Y, validation_split=-0.1),
            ValueError,
            "validation_split is -0.1, and must be",
        ),
        (lambda: compiled().fit(X, Y, validation_split=np.nan), ValueError, "validation_split is nan"),
        (lambda: compiled(optimizer=None).fit(X, Y), RuntimeError, "compiled without an optimizer. Give one"),
        (lambda: compiled().build(4), TypeError, r"an input shape is a tuple, such as \(None, 64\), not 4"),
        (lambda: callbacks.EarlyStopping(patience=1.5), ValueError, "patience must be an integer .* not 1.5"),
        (lambda: callbacks.EarlyStopping(min_delta="a"), TypeError, "min_delta must be a number, not 'a'"),
        (lambda: compiled().fit(X, Y, epochs=2.5), ValueError, "fit: epochs must be an integer of at least 0, not 2.5"),
        (lambda: compiled().fit(X, Y, initial_epoch=-1), ValueError, "initial_epoch must be .* not -1"),
        (lambda: compiled().evaluate(X, Y, batch_size=True), ValueError, "evaluate: batch_size .* not True"),
        (lambda: compiled().predict(X, batch_size="8"), ValueError, "predict: batch_size .* not '8'"),
        (
            lambda: compiled().fit(X, Y, callbacks=[callbacks.EarlyStopping]),
            TypeError,
            r"EarlyStopping'>, which is no callback. Make one: EarlyStopping\(\)",
        ),
        (lambda: compiled().fit(X, Y, callbacks=[print]), TypeError, "which is no callback. Derive it from Callback"),
        (lambda: compiled(loss=lambda a, b: None).fit(X, Y), TypeError, "the loss <lambda> returned None.*`return`"),
        (lambda: compiled(metrics=[lambda a, b: None]).fit(X, Y), TypeError, "<lambda> returned None"),
        (
            lambda: compiled(metrics=[["accuracy"]]),
            ValueError,
            r"\['accuracy'\] is no metric. Use one of accuracy, .* or a function of",
        ),
        (lambda: compiled().fit(X, Y, validation_data=X), ValueError, "a pair .x, y., or a dataset, and not a ndarray"),
        (lambda: compiled().fit(X, Y, validation_data=(X, Y, Y)), ValueError, "and not 3 parts"),
        (lambda: compiled().fit(X, Y, validation_data=5), ValueError, "and not a int"),
        (lambda: compiled().fit(X, [Y, Y]), TypeError, "one tensor of targets .*, and targets are a list. For several"),
        (lambda: compiled().fit(X, {"a": Y}), TypeError, "targets are a dict"),
        (
            lambda: compiled().fit(rows().repeat()),
            ValueError,
            r"fit: the dataset has no end. .*, or give steps_per_epoch",
        ),
        (lambda: compiled().evaluate(rows().repeat()), ValueError, r"evaluate: the dataset has no end.*take\(100\)\.$"),
        (lambda: compiled().predict(rows().repeat()), ValueError, "predict: the dataset has no end"),
        (
            lambda: compiled().fit(X, Y, validation_data=rows().repeat()),
            ValueError,
            "fit: validation_data: the dataset has no end",
        ),
        (lambda: type("C", (callbacks.Callback,), {"on_test_end": print}), TypeError, "nobody calls on_test_end here"),
        (lambda: type("C", (callbacks.Callback,), {"on_batch_end": print}), TypeError, "calls on_train_batch_end"),
        (lambda: compiled().fit(X, Y[:, :2], verbose=0), ValueError, r"\(32, 2\).*\(32, 3\)"),
        (lambda: compiled().fit(X[:, :2], Y, verbose=0), ValueError, r"has 4 features, and these have shape \(32, 2\)"),
        (lambda: setattr(NoCall(), "layers", []), AttributeError, "`layers`.*Use another name for yours"),
        (lambda: setattr(NoCall(), "variables", []), AttributeError, "`variables`.*Use another name for yours"),
        (lambda: NoCall()(X), NotImplementedError, r"NoCall: define call\(self, inputs\)"),
        (lambda: tf.keras.Sequential([layers.Dense]), TypeError, "is no layer. Give one, such as"),
        (lambda: tf.keras.Sequential(["relu"]), TypeError, "'relu' is no layer"),
        (lambda: tf.keras.Sequential([layers.Dense(2)]).summary(), ValueError, "has no weights yet"),
        (
            lambda: compiled().fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping()]),
            ValueError,
            "there is no 'val_loss' among loss. Give fit validation data",
        ),
        (lambda: callbacks.EarlyStopping(mode="best"), ValueError, "not 'best'"),
        (lambda: metrics.sparse_categorical_accuracy([0, 1], X), ValueError, r"\(2,\) and y_pred \(50, 4\)"),
        (lambda: metrics.categorical_accuracy(X[:, :3], X), ValueError, r"\(50, 3\) and y_pred \(50, 4\)"),
        (lambda: metrics.binary_accuracy([1.0, 0.0], [[1.0], [0.0]]), ValueError, r"\(2,\) and y_pred \(2, 1\)"),
    ],
)
def test_an_error_says_what_was_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_keras_names_are_there():
    names = """Sequential Model Input layers.Dense layers.Embedding layers.Dropout layers.BatchNormalization
        layers.LayerNormalization layers.Flatten layers.Activation layers.Layer layers.Input optimizers.SGD
        optimizers.Adam optimizers.schedules.ExponentialDecay losses.MeanSquaredError losses.mean_squared_error
        callbacks.EarlyStopping callbacks.Callback callbacks.History initializers.GlorotUniform initializers.HeNormal
        activations.relu metrics.sparse_categorical_accuracy models.Sequential models.Model"""
    for name in names.split():
        part = tf.keras
        for attribute in name.split("."):
            part = getattr(part, attribute)
        assert callable(part), name
