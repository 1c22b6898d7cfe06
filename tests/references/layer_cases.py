"""Layers and models that `course` and Keras both run: each function gets the package, `course` or TensorFlow, as tf.

`tools/reference.py` writes what Keras gives to reference_layers.json; test_layers.py and test_models.py compare.
"""

import numpy as np


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


X, IMAGES, IDS = numbers(5, 4), numbers(3, 2, 4), np.array([[0, 2], [2, 1], [4, 2]])
ACTIVATIONS = [
    *["linear", "relu", "elu", "gelu", "leaky_relu", "sigmoid", "softmax", "softplus", "softsign", "tanh"],
    *["exponential", "silu"],
]

# The layer, its input, and whether it is called for training; None where the layer does not ask.
LAYERS = {
    "Dense": (lambda k: k.layers.Dense(3), X, None),
    "Dense, no bias": (lambda k: k.layers.Dense(3, use_bias=False), X, None),
    "Dense, relu": (lambda k: k.layers.Dense(3, "relu"), X, None),
    "Dense, softmax": (lambda k: k.layers.Dense(3, activation="softmax"), X, None),
    "Dense, three axes": (lambda k: k.layers.Dense(3, activation="tanh"), IMAGES, None),
    "Dense, whole numbers": (lambda k: k.layers.Dense(2), np.arange(8, dtype="int32").reshape(2, 4), None),
    "Dense, float64 input": (lambda k: k.layers.Dense(2), X.astype("float64"), None),
    "Embedding": (lambda k: k.layers.Embedding(5, 3), IDS, None),
    "Embedding, float ids": (lambda k: k.layers.Embedding(5, 3), IDS.astype("float32"), None),
    "BatchNormalization, training": (lambda k: k.layers.BatchNormalization(), X, True),
    "BatchNormalization, inference": (lambda k: k.layers.BatchNormalization(), X, False),
    "BatchNormalization, frozen": (lambda k: k.layers.BatchNormalization(trainable=False), X, True),
    "BatchNormalization, options": (
        lambda k: k.layers.BatchNormalization(axis=1, momentum=0.5, epsilon=0.1, center=False), IMAGES, True
    ),
    "BatchNormalization, no scale": (lambda k: k.layers.BatchNormalization(scale=False), IMAGES, True),
    "LayerNormalization": (lambda k: k.layers.LayerNormalization(), X, None),
    "LayerNormalization, axes": (lambda k: k.layers.LayerNormalization(axis=[1, 2]), IMAGES, None),
    "LayerNormalization, axis 1": (lambda k: k.layers.LayerNormalization(axis=1, epsilon=0.1), IMAGES, None),
    "LayerNormalization, neither": (lambda k: k.layers.LayerNormalization(center=False, scale=False), X, None),
    "Dropout, inference": (lambda k: k.layers.Dropout(0.5), X, False),
    "Flatten": (lambda k: k.layers.Flatten(), IMAGES, None),
    "Flatten, a vector": (lambda k: k.layers.Flatten(), X[:, 0], None),
    "Softmax": (lambda k: k.layers.Softmax(), X, None),
    "ReLU": (lambda k: k.layers.ReLU(), X, None),
    **{
        f"Activation, {name}": (lambda k, name=name: k.layers.Activation(name), 3 * X, None)
        for name in ACTIVATIONS
    },
    "Sequential": (lambda k: k.Sequential([k.layers.Dense(6, "relu"), k.layers.Dense(2)]), X, None),
}  # fmt: skip


def run_layer(tf, name):
    """The layer's output, the gradients of a weighted sum of it, and its weights after the call, all by name."""
    make, inputs, training = LAYERS[name]
    layer, x = make(tf.keras), tf.constant(inputs)
    options = {} if training is None else {"training": training}
    layer(x)
    shapes = [w.shape for w in layer.get_weights()]
    layer.set_weights([np.abs(numbers(*shape, seed=i)) for i, shape in enumerate(shapes)])
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x, **options)
        total = tf.reduce_sum(output * numbers(*output.shape, seed=9))
    sources = list(layer.trainable_variables) + [x] * (inputs.dtype.kind == "f" and "ids" not in name)
    return {
        "shapes": [np.array(shape) for shape in shapes],
        "output": [output.numpy()],
        "gradients": [tf.convert_to_tensor(g).numpy() for g in tape.gradient(total, sources)],
        "weights after": layer.get_weights(),
    }


def data():
    x = numbers(50, 4, seed=1)
    return x, (x @ numbers(4, 3, seed=2) + numbers(50, 3, seed=3)).astype("float32")


def small_network(tf, outputs, last=None, normalize=False):
    layers = tf.keras.layers
    hidden = [layers.Dense(8, activation="relu")] + [layers.BatchNormalization()] * normalize
    model = tf.keras.Sequential([tf.keras.Input(shape=(4,)), *hidden, layers.Dense(outputs, activation=last)])
    model.set_weights(
        [np.abs(numbers(*w.shape, seed=i)) * (0.3, 1)[normalize] for i, w in enumerate(model.get_weights())]
    )
    return model


def regression(tf, **options):
    x, y = data()
    model = small_network(tf, 3)
    model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
    return model, model.fit(x, y, epochs=4, batch_size=7, validation_split=0.26, shuffle=False, verbose=0, **options)


def classes(tf):
    x, y = data()
    model = small_network(tf, 3, normalize=True)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
    labels = y.argmax(axis=1)
    validation = (x[:9], labels[:9])
    return model, model.fit(x, labels, epochs=4, validation_data=validation, shuffle=False, verbose=0)


def one_hot(tf):
    x, y = data()
    model = small_network(tf, 3, "softmax")
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model, model.fit(x, np.eye(3, dtype="float32")[y.argmax(axis=1)], epochs=3, shuffle=False, verbose=0)


def two_classes(tf):
    x, y = data()
    model = small_network(tf, 1, "sigmoid")
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model, model.fit(x, (y[:, 0] > 0).astype("float32"), epochs=3, shuffle=False, verbose=0)


def frozen(tf):
    x, y = data()
    model = small_network(tf, 3)
    model.layers[0].trainable = False
    model.compile(optimizer="sgd", loss="mse")
    return model, model.fit(x, y, epochs=2, shuffle=False, verbose=0)


def stopped(tf, **options):
    """Noise to learn by heart: the loss on other noise grows before long."""
    x, y = data()
    model = small_network(tf, 3)
    model.compile(optimizer=tf.keras.optimizers.SGD(0.1), loss="mse")
    stop = tf.keras.callbacks.EarlyStopping(**options)
    validation = (x[25:], y[25:])
    history = model.fit(
        x[:25], y[:25], epochs=60, batch_size=5, validation_data=validation, shuffle=False, verbose=0, callbacks=[stop]
    )
    return model, history


FITS = {
    "regression": regression,
    "regression from epoch 2": lambda tf: regression(tf, initial_epoch=2),
    "classes": classes,
    "one-hot": one_hot,
    "two classes": two_classes,
    "frozen": frozen,
    "stopped": stopped,
    "stopped, best weights": lambda tf: stopped(tf, patience=3, restore_best_weights=True),
    "stopped, min_delta": lambda tf: stopped(tf, patience=2, min_delta=0.05, start_from_epoch=3),
    "stopped, baseline": lambda tf: stopped(tf, patience=4, baseline=0.5),
    "stopped, of more": lambda tf: stopped(tf, monitor="loss", mode="max", patience=1),
}


def run_fit(tf, name):
    """The history, and the weights and what the model predicts in the end, all as arrays by name."""
    model, history = FITS[name](tf)
    table = {key: [np.array(values, "float32")] for key, values in history.history.items()}
    table["epoch"] = [np.array(history.epoch)]
    return table | {"weights": model.get_weights(), "predictions": [model.predict(data()[0], verbose=0)]}
