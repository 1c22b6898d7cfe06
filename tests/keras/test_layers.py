import copy
import json
from pathlib import Path

import layer_cases as cases
import numpy as np
import pytest

import course as tf
from course import initializers, layers

REFERENCE = json.loads(Path(cases.__file__).with_name("reference_layers.json").read_text())
X = tf.constant(cases.X)


def assert_as_in_keras(result, expected):
    """Every array of a case, by name; shapes too. Float32 rounding, of sums in another order, is allowed for."""
    assert result.keys() == expected.keys()
    for part, arrays in result.items():
        assert len(arrays) == len(expected[part]), part
        for ours, theirs in zip(arrays, expected[part]):
            assert np.shape(ours) == np.shape(theirs), part
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-5, err_msg=part)


@pytest.mark.parametrize("name", cases.LAYERS)
def test_outputs_gradients_and_weights_are_those_of_keras(name):
    assert_as_in_keras(cases.run_layer(tf, name), REFERENCE[f"layer: {name}"])


def test_every_reference_has_a_case_that_is_compared():
    ours = {f"layer: {name}" for name in cases.LAYERS} | {f"fit: {name}" for name in cases.FITS}
    assert REFERENCE.keys() - {"keras"} == ours


# Layers


class Scale(layers.Layer):
    def build(self, input_shape):
        self.seen = input_shape
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

    def call(self, inputs):
        return inputs * self.factor


def test_a_layer_of_your_own_builds_once_from_the_shape_of_its_first_input():
    layer = Scale()
    assert not layer.built and layer.weights == ()
    np.testing.assert_array_equal(layer(X), X)
    factor = layer.factor
    layer(X[:2])
    assert layer.built and layer.factor is factor and layer.seen == (5, 4) and layer.variables == (factor,)


def test_a_layer_that_forgets_to_call_its_base_class_works():
    class Forgetful(layers.Layer):
        def __init__(self):
            self.inner = layers.Dense(2)

        def call(self, inputs):
            return self.inner(inputs)

    layer = Forgetful()
    assert layer(X).shape == (5, 2) and layer.name == "forgetful" and len(layer.trainable_variables) == 2


def test_a_build_that_fails_is_tried_again():
    class Picky(Scale):
        def build(self, input_shape):
            if input_shape[-1] != 4:
                raise ValueError("four features, please")
            super().build(input_shape)

    layer = Picky()
    with pytest.raises(ValueError, match="four features"):
        layer(tf.ones([2, 3]))
    assert layer(X).shape == (5, 4)


def test_a_build_that_fails_leaves_no_weights_behind():
    class Fails(layers.Layer):
        def build(self, input_shape):
            self.add_weight((1,), name="first")
            if input_shape[-1] != 4:
                raise ValueError("four features, please")

    layer = Fails()
    with pytest.raises(ValueError, match="four features"):
        layer(tf.ones([2, 3]))
    assert layer.variables == () and not layer.built
    layer.build((None, 4))
    assert len(layer.variables) == 1


def test_weights_that_no_attribute_holds_are_found_and_trained():
    class Hidden(layers.Layer):
        def build(self, input_shape):
            weight = self.add_weight((input_shape[-1],), "ones", name="hidden")
            self.scaled = lambda x: x * weight

        def call(self, inputs):
            return self.scaled(inputs)

    model = tf.keras.Sequential([Hidden()])
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((5, 4), "float32"), epochs=1, verbose=0)
    assert [v.name for v in model.trainable_variables] == [f"{model.layers[0].name}/hidden:0"]
    assert np.all(model.get_weights()[0] < 1)


def test_a_layers_own_weights_come_with_the_trainable_ones_first_as_in_keras():
    class Mixed(layers.Layer):
        def build(self, input_shape):
            self.n = self.add_weight((1,), trainable=False, name="n")
            self.inner = layers.Dense(1)
            self.k = self.add_weight((3,), name="k")

        def call(self, inputs):
            return self.inner(inputs)

    layer = Mixed()
    layer(X)
    assert [v.shape for v in layer.weights] == [(3,), (1,), (4, 1), (1,)]


def test_weights_are_made_once():
    layer = layers.Dense(3)
    layer.build((4,))
    before = layer.get_weights()[0]
    np.testing.assert_allclose(layer(X), X @ before, rtol=1e-6)
    with pytest.raises(ValueError, match=r"it is built, so that add_weight\('kernel'\) comes too late"):
        layer.build((None, 5))

    class Late(layers.Layer):
        def call(self, inputs):
            return inputs * self.add_weight((1,), name="w")

    with pytest.raises(ValueError, match=r"add_weight\('w'\) comes too late. Create weights in __init__ or in build"):
        Late()(X)


def test_a_layer_may_refer_to_what_holds_it():
    class Knowing(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.dense.parent, self.tree = self, [[self]]
            self.tree.append(self.tree)

        def call(self, inputs):
            return self.dense(inputs)

    model = Knowing()
    model(X)
    assert len(model.variables) == 2 and model.count_params() == 5 and len(model.submodules) == 1
    model.trainable = False
    assert model.trainable_variables == () and not model.dense.trainable
    assert model.layers == [model.dense, model]


def test_weights_come_in_the_order_of_creation_and_of_layers():
    outer = tf.keras.Sequential([layers.Dense(3, name="z"), tf.keras.Sequential([layers.Dense(2, name="a")]), Scale()])
    outer(X)
    names = [v.name for v in outer.variables]
    assert names == ["z/kernel:0", "z/bias:0", "a/kernel:0", "a/bias:0", f"{outer.layers[2].name}/factor:0"]


def test_a_shared_layer_counts_once():
    shared = layers.Dense(4)
    model = tf.keras.Sequential([shared, layers.ReLU(), shared])
    assert model(X).shape == (5, 4) and len(model.variables) == 2 and model.count_params() == 20


def test_names_are_numbered_as_in_keras():
    layers.reset_names()
    made = [layers.Dense(1), layers.Dense(1), layers.BatchNormalization(), layers.ReLU(), layers.Dense(1, name="out")]
    assert [layer.name for layer in made] == ["dense", "dense_1", "batch_normalization", "re_lu", "out"]


def test_freezing_a_layer_takes_its_weights_out_of_training_and_back():
    model = tf.keras.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dense(2)])
    model(X)
    model.layers[0].trainable = False
    assert [len(part) for part in (model.variables, model.trainable_variables, model.non_trainable_variables)] == [
        8,
        4,
        4,
    ]
    model.trainable = False
    assert model.trainable_variables == () and not model.layers[2].trainable
    model.trainable = True
    assert len(model.trainable_variables) == 6 and len(model.non_trainable_weights) == 2


def test_a_module_finds_the_weights_of_layers_in_it():
    class Mine(tf.Module):
        def __init__(self):
            super().__init__()
            self.parts = {"a": layers.Dense(2), "b": [layers.Dense(3)]}

        def __call__(self, x):
            return self.parts["b"][0](self.parts["a"](x))

    model = Mine()
    model(X)
    assert sorted(v.shape for v in model.trainable_variables) == [(2,), (2, 3), (3,), (4, 2)]


def test_training_reaches_layers_within_unless_they_are_told_otherwise():
    class Reports(layers.Layer):
        def call(self, inputs, training=None):
            seen.append(training)
            return inputs

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = Reports(), Reports()

        def call(self, inputs):
            return self.second(self.first(inputs), training=False)

    seen, layer = [], Outer()
    layer(X)
    layer(X, training=True)
    assert seen == [False, False, True, False]
    with pytest.raises(ZeroDivisionError):  # what follows an error is told as if it had not happened
        type("Fails", (layers.Layer,), {"call": lambda self, inputs: 1 / 0})()(X, training=True)
    layer(X)
    assert seen[4:] == [False, False]


def test_weights_can_be_taken_out_and_put_back():
    a, b = layers.Dense(3), layers.Dense(3)
    a(X), b(X)
    b.set_weights(a.get_weights())
    np.testing.assert_array_equal(a(X), b(X))
    a.get_weights()[0][:] = 0  # a copy
    np.testing.assert_array_equal(a(X), b(X))


def test_float64_weights_on_request():
    layer = layers.Dense(2, dtype="float64")
    assert layer(X).dtype == tf.float64 and layer.kernel.dtype == tf.float64


def test_the_gradient_of_an_embedding_is_rows():
    layer = layers.Embedding(1000, 3)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(np.array([[1, 7], [7, 2]])))
    gradient = tape.gradient(total, layer.embeddings)
    assert isinstance(gradient, tf.IndexedSlices) and sorted(gradient.indices.numpy()) == [1, 2, 7, 7]


def test_dropout_keeps_the_expected_value_and_drops_at_its_rate():
    tf.random.set_seed(0)
    layer, ones = layers.Dropout(0.3), tf.ones([200, 500])
    dropped = layer(ones, training=True).numpy()
    kept = dropped != 0
    np.testing.assert_allclose(dropped[kept], 1 / 0.7, rtol=1e-6)
    standard_error = np.sqrt(0.3 * 0.7 / kept.size)
    assert abs(kept.mean() - 0.7) < 4 * standard_error and abs(dropped.mean() - 1) < 4 * standard_error / 0.7
    assert layer(ones) is ones and not np.any(layers.Dropout(1)(ones, training=True).numpy())


def test_dropout_gives_its_gradient_where_it_kept():
    x = tf.ones([50])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layers.Dropout(0.5, seed=1)(x, training=True)
    np.testing.assert_array_equal(tape.gradient(y, x), y)


def test_dropout_by_noise_shape_drops_whole_rows():
    y = layers.Dropout(0.5, noise_shape=(20, 1), seed=2)(tf.ones([20, 6]), training=True).numpy()
    assert set(np.ptp(y, axis=1)) == {0} and len(np.unique(y)) == 2
    same = layers.Dropout(0.5, noise_shape=(None, 1), seed=2)
    tf.random.set_seed(3)
    first = same(tf.ones([20, 6]), training=True).numpy()
    tf.random.set_seed(3)
    np.testing.assert_array_equal(first, layers.Dropout(0.5, (20, 1), seed=2)(tf.ones([20, 6]), training=True))
    for shape in ((7, 6), (5, 20, 6), (3,)):
        with pytest.raises(ValueError, match=r"noise_shape .* does not broadcast to the inputs' shape, \(1, 6\)"):
            layers.Dropout(0.5, noise_shape=shape)(tf.ones([1, 6]), training=True)


@pytest.mark.parametrize("rate", [0.5, 1])
def test_what_dropout_drops_is_0_also_of_an_infinity(rate):
    y = layers.Dropout(rate)(tf.fill([100], np.inf), training=True).numpy()
    assert set(y) <= {0, np.inf} and 0 in y


def test_examples_take_another_shape_also_where_there_are_none():
    assert layers.Reshape((-1, 2))(tf.zeros([0, 4, 5])).shape == (0, 10, 2)


def test_random_layers_repeat_after_set_seed_and_change_from_call_to_call():
    def drawn():
        tf.random.set_seed(5)
        layer = layers.Dropout(0.5)
        return [layers.Dense(3)(X).numpy(), layer(X, training=True).numpy(), layer(X, training=True).numpy()]

    first, again = drawn(), drawn()
    for a, b in zip(first, again):
        np.testing.assert_array_equal(a, b)
    assert np.any(first[1] != first[2])


def test_batch_normalization_centers_each_feature_and_follows_the_data():
    layer, x = layers.BatchNormalization(momentum=0.9), cases.numbers(1000, 3) * [1, 5, 0.2] + [3, 0, -7]
    y = layer(x, training=True).numpy()
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=0.02)
    for _ in range(100):
        layer(x, training=True)
    np.testing.assert_allclose(layer.moving_mean, x.mean(axis=0), rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(layer(x), y, atol=0.01)


# Initializers


@pytest.mark.parametrize(
    "name, variance, bound",
    [
        ("glorot_uniform", 2 / 500, np.sqrt(6 / 500)),
        ("glorot_normal", 2 / 500, 2 * np.sqrt(2 / 500) / 0.87962566),
        ("he_uniform", 2 / 300, np.sqrt(6 / 300)),
        ("he_normal", 2 / 300, 2 * np.sqrt(2 / 300) / 0.87962566),
        ("random_normal", 0.05**2, 0.3),
        ("random_uniform", 0.05**2 / 3, 0.05),
    ],
)
def test_an_initializer_has_its_variance_and_stays_in_its_bounds(name, variance, bound):
    tf.random.set_seed(1)
    values = initializers.get(name)((300, 200))
    assert values.dtype == tf.float32 and values.shape == (300, 200)
    values = values.numpy().astype(float)
    assert np.abs(values).max() <= bound * 1.0001 and np.abs(values).max() > 0.7 * bound
    assert abs(values.mean()) < 4 * np.sqrt(variance / values.size)
    assert abs(values.var() / variance - 1) < 0.03  # about five standard errors


def test_a_seeded_initializer_repeats_itself_and_others_go_on():
    seeded, free = initializers.HeNormal(seed=3), initializers.HeNormal()
    np.testing.assert_array_equal(seeded((4, 2)), seeded((4, 2)))
    assert np.all(free((4, 2)).numpy() != free((4, 2)).numpy())
    before = tf.random.get_state()
    seeded((4, 2))
    assert tf.random.get_state() == before


def test_fans_are_the_inputs_and_outputs_of_a_unit():
    assert [initializers.fans(s) for s in ((), (7,), (3, 5), (2, 2, 3, 5))] == [(1, 1), (7, 7), (3, 5), (12, 20)]


def test_a_layer_takes_initializers_by_name_as_objects_and_as_functions():
    for kernel in (
        "ones",
        initializers.Ones(),
        initializers.Ones,
        initializers.Constant(1),
        lambda s, dtype: tf.ones(s),
    ):
        layer = layers.Dense(2, kernel_initializer=kernel)
        np.testing.assert_allclose(layer(X), np.repeat(cases.X.sum(axis=1, keepdims=True), 2, axis=1), rtol=1e-5)


# Errors


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: layers.Dense(0), ValueError, "units must be an integer of at least 1, not 0"),
        (lambda: layers.Dense(2.5), ValueError, "units .* not 2.5"),
        (lambda: layers.Dense("3"), ValueError, "units .* not '3'"),
        (lambda: layers.Dense(2, activation="rleu"), ValueError, "'rleu' is no activation. Use one of linear, relu"),
        (
            lambda: layers.Dense(2, kernel_initializer="xavier"),
            ValueError,
            "'xavier' is no initializer.*glorot_uniform",
        ),
        (
            lambda: layers.Dense(2)(tf.ones([3])),
            ValueError,
            r"inputs of shape \(3,\) have no axis of features.*x\[:, None\]",
        ),
        (lambda: built(layers.Dense(2))(tf.ones([5, 3])), ValueError, r"has 4 features, and these have shape \(5, 3\)"),
        (lambda: layers.Dense(2)("text"), TypeError, "'text'"),
        (
            lambda: layers.Dense(2)(tf.keras.Input((4,))),
            TypeError,
            r"Input\(shape=\(4,\)\) holds no numbers.*Sequential",
        ),
        (lambda: layers.Layer().add_weight(3), ValueError, r"the shape of None is 3. Give a tuple, such as \(3,\)"),
        (lambda: setattr(layers.Dense(1), "variables", []), AttributeError, "`variables`.*Use another name for yours"),
        (lambda: setattr(tf.Module(), "submodules", []), AttributeError, "`submodules`.*Use another name for yours"),
        (lambda: layers.Embedding(5, 0), ValueError, "output_dim .* not 0"),
        (lambda: layers.Embedding(5, 2)(np.array([1, 5])), IndexError, "index 5 is out of range for 5 rows"),
        (lambda: layers.Embedding(5, 2)(np.array([-1])), IndexError, "index -1"),
        (lambda: layers.Embedding(5, 2)(np.array([1.7])), ValueError, r"ids are whole numbers.*1\.7"),
        (lambda: layers.Dropout(1.2), ValueError, "rate is 1.2, and must be from 0 to 1"),
        (lambda: layers.Dropout("a"), TypeError, "rate must be a number, not 'a'"),
        (lambda: layers.BatchNormalization(momentum=2), ValueError, "momentum is 2, and must be from 0 to 1"),
        (lambda: layers.LayerNormalization(epsilon=-1), ValueError, "epsilon is -1, and must be ≥ 0"),
        (lambda: layers.Dense(1)([X, X]), TypeError, "takes one tensor, and was given a list of several"),
        (lambda: layers.Dense(1).set_weights(None), TypeError, "give a list of arrays, .* not None"),
        (lambda: layers.BatchNormalization(axis=2)(X), ValueError, r"shape \(5, 4\) have no axis 2"),
        (lambda: layers.LayerNormalization(axis=[1, 3])(X), ValueError, r"shape \(5, 4\) have no axis 3"),
        (lambda: layers.Flatten()(tf.constant(1.0)), ValueError, "the first axis must be the batch"),
        (lambda: layers.Layer()(X), NotImplementedError, r"Layer: define call\(self, inputs\)"),
        (lambda: initializers.HeNormal(seed=-1), ValueError, "-1"),
        (lambda: initializers.VarianceScaling(0), ValueError, "scale is 0, and must be > 0"),
        (lambda: initializers.VarianceScaling(mode="fan"), ValueError, "not 'fan'"),
        (lambda: initializers.VarianceScaling(distribution="flat"), ValueError, "not 'flat'"),
        (lambda: initializers.Initializer()((2, 2)), NotImplementedError, "Initializer: define draw"),
        (
            lambda: layers.Dense(2, kernel_initializer=lambda shape, dtype: tf.ones([2, 4]))(X),
            ValueError,
            r"the initializer of kernel gave the shape \(2, 4\), not \(4, 2\)",
        ),
        (
            lambda: layers.Dense(2, name="out").set_weights([1]),
            ValueError,
            r"out has weights of shapes \[\], and was given \[\(\)\]. Call the layer once",
        ),
        (
            lambda: built(layers.Dense(2)).set_weights([np.ones((4, 2))]),
            ValueError,
            r"weights of shapes \[\(4, 2\), \(2,\)\], and was given \[\(4, 2\)\]",
        ),
    ],
)
def test_an_error_says_what_was_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


def built(layer):
    layer(X)
    return layer


def test_weights_that_do_not_fit_change_nothing():
    layer = built(layers.Dense(2))
    before = layer.get_weights()
    for weights, error in (
        ([np.zeros((4, 2)), np.zeros(3)], ValueError),
        ([np.zeros((4, 2)), np.array([1j, 2])], TypeError),
        ([np.zeros((4, 2)), np.array(["a", "b"])], TypeError),
    ):
        with pytest.raises(error, match="set_weights"):
            layer.set_weights(weights)
        np.testing.assert_array_equal(layer.kernel, before[0])


def test_a_call_that_fails_builds_nothing():
    layer = layers.Dense(2)
    with pytest.raises(ValueError, match="no axis of features"):
        layer(tf.ones([3]))
    assert not layer.built and layer(X).shape == (5, 2)


def test_a_copy_of_a_model_is_regularized_as_the_model_is():
    model = tf.keras.Sequential([layers.Dense(2, kernel_regularizer="l2", input_shape=(3,))])
    twin = copy.deepcopy(model)
    twin.layers[0].kernel.assign(2 * model.layers[0].kernel)
    np.testing.assert_allclose(twin.losses, 4 * np.array(model.losses), rtol=1e-6)
