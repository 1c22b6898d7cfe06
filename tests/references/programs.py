"""Short programs in the manner of beginners' guides to TensorFlow 2, each a function of the package to run them with.

A program returns numbers, an array or a list of them. `tools/reference.py` writes what TensorFlow gives; a
test compares what the course gives. Random numbers come from NumPy, so that both see the same.
"""

import os
import tempfile

import numpy as np

PROGRAMS = []


def program(function):
    PROGRAMS.append(function)
    return function


def points(n=64, seed=0):
    """Inputs (n, 2), class numbers (n,) of two clouds, and measurements (n, 1), all from NumPy."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    inputs = (rng.normal(size=(n, 2)) + 2 * labels[:, None]).astype("float32")
    return inputs, labels.astype("int64"), (inputs @ [[1.5], [-2.0]] + 0.5).astype("float32")


def network(tf, *units, activation="relu", **options):
    """A Sequential on two inputs whose weights NumPy decides."""
    layers = [tf.keras.layers.Dense(n, activation=activation, **options) for n in units[:-1]]
    model = tf.keras.Sequential([tf.keras.Input((2,)), *layers, tf.keras.layers.Dense(units[-1], **options)])
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in model.get_weights()])
    return model


@program
def variables_and_assignments(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="table")
    v.assign_add(tf.ones_like(v), use_locking=True)
    v.assign_sub([[0.5, 0.5], [0.5, 0.5]], name="change")
    v[0, 1].assign(10.0)
    v[1].assign([7.0, 8.0])
    return v.numpy(), v.assign(v * 2).numpy()


@program
def linear_regression_by_hand(tf):
    inputs, _, outputs = points()
    W, b = tf.Variable([[0.0], [0.0]]), tf.Variable(0.0)
    losses = []
    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(inputs, W) + b - outputs))
        dW, db = tape.gradient(loss, [W, b])
        W.assign_sub(0.05 * dW)
        b.assign_sub(0.05 * db)
        losses.append(float(loss))
    return losses, W.numpy(), b.numpy()


@program
def logistic_regression_with_a_dataset(tf):
    inputs, labels, _ = points()
    dataset = tf.data.Dataset.from_tensor_slices((inputs, labels.astype("float32"))).batch(16).repeat(5)
    w = tf.Variable(tf.zeros([2, 1]))
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    for x, y in dataset:
        with tf.GradientTape() as tape:
            logits = tf.squeeze(x @ w, axis=1)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    return loss.numpy(), w.numpy()


@program
def a_model_compiled_and_fitted(tf):
    inputs, labels, _ = points()
    model = network(tf, 8, 2)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
    history = model.fit(inputs, labels, epochs=3, batch_size=16, shuffle=False, verbose=0)
    results = model.evaluate(inputs, labels, verbose=0)
    return history.history["loss"], history.history["accuracy"], results


@program
def a_model_fitted_on_a_dataset(tf):
    inputs, labels, _ = points()
    dataset = tf.data.Dataset.from_tensor_slices((inputs, labels)).batch(16).prefetch(tf.data.AUTOTUNE)
    model = network(tf, 4, 2)
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    history = model.fit(dataset, epochs=2, validation_data=dataset, verbose=0)
    return history.history["loss"], history.history["val_accuracy"], model.predict(dataset, verbose=0)[:3]


@program
def steps_per_epoch_of_an_endless_dataset(tf):
    inputs, _, outputs = points()
    dataset = tf.data.Dataset.from_tensor_slices((inputs, outputs)).batch(8).repeat()
    model = network(tf, 1)
    model.compile("sgd", "mse")
    return model.fit(dataset, epochs=3, steps_per_epoch=5, verbose=0).history["loss"]


@program
def validation_every_second_epoch(tf):
    inputs, _, outputs = points()
    model = network(tf, 1)
    model.compile("sgd", "mse")
    data = (inputs, outputs)
    history = model.fit(*data, epochs=4, shuffle=False, validation_data=data, validation_freq=2, verbose=0)
    return history.history["val_loss"]


@program
def a_custom_training_loop_with_metrics(tf):
    inputs, labels, _ = points()
    model = network(tf, 8, 2)
    optimizer = tf.keras.optimizers.Adam(0.01)
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    train_loss = tf.keras.metrics.Mean(name="train_loss")
    train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")

    @tf.function
    def train_step(x, y):
        with tf.GradientTape() as tape:
            predictions = model(x, training=True)
            loss = loss_object(y, predictions)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        train_loss(loss)
        train_accuracy(y, predictions)

    results = []
    for _ in range(3):
        train_loss.reset_state()
        train_accuracy.reset_state()
        for x, y in tf.data.Dataset.from_tensor_slices((inputs, labels)).batch(16):
            train_step(x, y)
        results.append([float(train_loss.result()), float(train_accuracy.result())])
    return results


@program
def a_subclassed_model(tf):
    class Classifier(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = tf.keras.layers.Dense(4, activation="tanh", kernel_initializer="ones")
            self.out = tf.keras.layers.Dense(2, kernel_initializer="zeros")

        def call(self, x):
            return self.out(self.hidden(x))

    inputs, labels, _ = points()
    model = Classifier()
    model.compile("sgd", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(inputs, labels, epochs=2, shuffle=False, verbose=0)
    return model(inputs[:4]).numpy(), len(model.trainable_variables)


@program
def a_train_step_of_ones_own(tf):
    class Regression(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(1, kernel_initializer="zeros")
            self.tracker = tf.keras.metrics.Mean(name="loss")

        def call(self, x):
            return self.dense(x)

        @property
        def metrics(self):
            return [self.tracker]

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.abs(self(x) - y))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            self.tracker.update_state(loss)
            return {"loss": self.tracker.result()}

    inputs, _, outputs = points()
    model = Regression()
    model.compile(optimizer=tf.keras.optimizers.SGD(0.1))
    return model.fit(inputs, outputs, epochs=3, batch_size=24, shuffle=False, verbose=0).history["loss"]


@program
def a_custom_layer(tf):
    class Linear(tf.keras.layers.Layer):
        def __init__(self, units=3):
            super().__init__()
            self.units = units

        def build(self, input_shape):
            self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", trainable=True)
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

        def call(self, inputs):
            return tf.matmul(inputs, self.w) + self.b

    layer = Linear()
    y = layer(tf.ones((2, 4)))
    return y.numpy(), len(layer.weights), len(layer.trainable_weights)


@program
def a_custom_loss_and_a_custom_metric(tf):
    def huber_like(y_true, y_pred):
        error = tf.abs(y_true - y_pred)
        return tf.reduce_mean(tf.where(error < 1.0, 0.5 * error**2, error - 0.5), axis=-1)

    class Largest(tf.keras.metrics.Metric):
        def __init__(self, name="largest", **kwargs):
            super().__init__(name=name, **kwargs)
            self.value = self.add_weight(name="value", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.value.assign(tf.maximum(self.value, tf.reduce_max(tf.abs(y_true - y_pred))))

        def result(self):
            return self.value

    inputs, _, outputs = points()
    model = network(tf, 1)
    model.compile("sgd", loss=huber_like, metrics=[Largest()])
    history = model.fit(inputs, outputs, epochs=2, batch_size=16, shuffle=False, verbose=0).history
    return history["loss"], history["largest"]


@program
def regularized_weights(tf):
    inputs, _, outputs = points()
    model = network(tf, 4, 1, kernel_regularizer=tf.keras.regularizers.l2(0.01))
    penalties = [float(x) for x in model.losses]
    model.compile(tf.keras.optimizers.SGD(0.01), "mse")
    return penalties, model.fit(inputs, outputs, epochs=2, shuffle=False, verbose=0).history["loss"]


@program
def regularizers_as_functions(tf):
    x = tf.constant([[1.0, -2.0], [0.5, 3.0]])
    family = (tf.keras.regularizers.L1(0.1), tf.keras.regularizers.L2(0.1), tf.keras.regularizers.L1L2(0.1, 0.2))
    return [float(r(x)) for r in family]


@program
def a_signature(tf):
    @tf.function(input_signature=[tf.TensorSpec(shape=[None], dtype=tf.float32)])
    def total(x):
        return tf.reduce_sum(x * x)

    return [float(total(tf.constant([1.0, 2.0]))), float(total(tf.constant([1.0, 2.0, 3.0])))]


@program
def a_traced_step_with_options(tf):
    v = tf.Variable(1.0)

    @tf.function(jit_compile=False, reduce_retracing=True)
    def step(x):
        v.assign_add(x)
        return v * 2.0

    return [float(step(tf.constant(3.0))) for _ in range(3)], v.numpy()


@program
def gradients_of_every_kind(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = tf.reduce_sum(x**3)
        z = tf.stack([x[0] * x[1], x[1] ** 2])
    return tape.gradient(y, x).numpy(), tape.jacobian(z, x, experimental_use_pfor=False).numpy()


@program
def second_derivatives(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x**4
        first = inner.gradient(y, x)
    return first.numpy(), outer.gradient(first, x).numpy()


@program
def clipped_gradients(tf):
    gradients = [tf.constant([3.0, 4.0]), tf.constant([[12.0]])]
    clipped, norm = tf.clip_by_global_norm(gradients, 5.0)
    return [g.numpy() for g in clipped], norm.numpy(), tf.clip_by_value(gradients[0], 0.0, 3.5).numpy()


@program
def a_custom_gradient(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)

        def grad(upstream):
            return upstream * (1 - 1 / (1 + e))

        return tf.math.log(1 + e), grad

    x = tf.constant(100.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = log1pexp(x)
    return tape.gradient(y, x).numpy()


@program
def datasets_in_a_chain(tf):
    dataset = tf.data.Dataset.range(10).map(lambda x: x * x, num_parallel_calls=tf.data.AUTOTUNE)
    dataset = dataset.filter(lambda x: x % 2 == 0).batch(2, drop_remainder=True).cache().prefetch(1)
    return [x.numpy().tolist() for x in dataset] + [x.numpy().tolist() for x in dataset]


@program
def datasets_zipped_and_counted(tf):
    a, b = tf.data.Dataset.range(3), tf.data.Dataset.from_tensor_slices([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    pairs = [[int(i), int(x), y.numpy().tolist()] for i, (x, y) in tf.data.Dataset.zip((a, b)).enumerate(start=5)]
    counts = [int(d.cardinality()) for d in (a, a.repeat(), a.filter(lambda x: x > 0), a.repeat(4).skip(2).take(9))]
    return [part for pair in pairs for part in (pair[0], pair[1], *pair[2])], counts


@program
def datasets_of_dicts(tf):
    dataset = tf.data.Dataset.from_tensor_slices({"a": [1, 2, 3, 4], "b": [[1.0], [2.0], [3.0], [4.0]]}).batch(3)
    return [int(tf.reduce_sum(batch["a"])) for batch in dataset], [batch["b"].numpy().tolist() for batch in dataset][1]


@program
def a_shuffled_dataset_has_the_same_elements(tf):
    dataset = tf.data.Dataset.range(20).shuffle(8, seed=1)
    return sorted(int(x) for x in dataset), sorted(int(x) for batch in dataset.repeat(2).batch(7) for x in batch)


@program
def metrics_batch_by_batch(tf):
    m = tf.keras.metrics
    found = []
    for metric, y_true, y_pred in (
        (m.Accuracy(), [1, 2, 3, 4], [0, 2, 3, 4]),
        (m.BinaryAccuracy(threshold=0.6), [[1.0], [0.0], [1.0]], [[0.9], [0.2], [0.55]]),
        (m.CategoricalAccuracy(), [[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]),
        (m.SparseCategoricalAccuracy(), [2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]]),
        (m.MeanSquaredError(), [[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]),
        (m.MeanAbsoluteError(), [[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.5, 0.0]]),
    ):
        metric.update_state(y_true, y_pred)
        first = float(metric.result())
        metric.update_state(y_true, y_pred, sample_weight=[0.5] + [1.0] * (len(y_true) - 1))
        found.append([first, float(metric.result())])
        metric.reset_state()
    return found


@program
def means_with_weights(tf):
    mean = tf.keras.metrics.Mean()
    before = float(mean.result())
    mean.update_state([1.0, 3.0, 5.0, 7.0], sample_weight=[1, 1, 0, 0])
    return before, float(mean.result()), float(mean(10.0))


@program
def losses_as_functions_and_classes(tf):
    y_true, y_pred = np.array([[0.0, 1.0], [0.0, 0.0]], "float32"), np.array([[1.0, 1.0], [1.0, 0.0]], "float32")
    losses = tf.keras.losses
    return [
        losses.MSE(y_true, y_pred).numpy(), losses.binary_crossentropy(y_true, y_pred / 2).numpy(),
        losses.MAE(y_true, y_pred).numpy(), losses.Huber()(y_true, y_pred).numpy(),
        losses.MeanSquaredError(reduction="sum")(y_true, y_pred).numpy(), losses.mse(y_true, y_pred).numpy(),
    ]  # fmt: skip


@program
def learning_rate_schedules(tf):
    s = tf.keras.optimizers.schedules
    family = (
        s.ExponentialDecay(0.1, 10, 0.5),
        s.PiecewiseConstantDecay([5, 10], [1.0, 0.5, 0.1]),
        s.CosineDecay(1.0, 20),
    )
    return [[float(schedule(step)) for step in (0, 5, 6, 20)] for schedule in family]


@program
def optimizers_side_by_side(tf):
    found = []
    for name in ("sgd", "rmsprop", "adagrad", "adam"):
        v = tf.Variable([1.0, -2.0])
        optimizer = tf.keras.optimizers.get(name)
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(v**2)
            optimizer.apply_gradients(zip(tape.gradient(loss, [v]), [v]))
        found.append(v.numpy())
    return found


@program
def a_checkpoint_that_goes_on(tf):
    with tempfile.TemporaryDirectory() as folder:
        v, step = tf.Variable([1.0, 2.0]), tf.Variable(0)
        checkpoint = tf.train.Checkpoint(v=v, step=step)
        manager = tf.train.CheckpointManager(checkpoint, os.path.join(folder, "runs"), max_to_keep=2)
        for _ in range(3):
            v.assign_add([1.0, 1.0])
            step.assign_add(1)
            manager.save()
        kept = len(manager.checkpoints)
        v.assign([0.0, 0.0])
        checkpoint.restore(manager.latest_checkpoint).expect_partial()
        same = manager.latest_checkpoint == tf.train.latest_checkpoint(os.path.join(folder, "runs"))
    return v.numpy(), step.numpy(), kept, same


@program
def weights_saved_and_loaded(tf):
    model, other = network(tf, 3, 1), network(tf, 3, 1)
    other.set_weights([w * 0 for w in other.get_weights()])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.weights.h5")
        model.save_weights(path)
        other.load_weights(path)
    return other(np.ones((1, 2), "float32")).numpy()


@program
def early_stopping(tf):
    inputs, _, outputs = points()
    model = network(tf, 1)
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    stop = tf.keras.callbacks.EarlyStopping(monitor="loss", patience=2)
    return len(model.fit(inputs, outputs, epochs=10, shuffle=False, callbacks=[stop], verbose=0).history["loss"])


@program
def a_callback_of_ones_own(tf):
    seen = []

    class Log(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append([epoch, logs["loss"]])

    inputs, _, outputs = points()
    model = network(tf, 1)
    model.compile("sgd", "mse")
    model.fit(inputs, outputs, epochs=2, shuffle=False, verbose=0, callbacks=[Log()])
    return seen


@program
def layers_that_reshape(tf):
    model = tf.keras.Sequential(
        [tf.keras.layers.Reshape((2, 2)), tf.keras.layers.Lambda(lambda x: x * 2.0), tf.keras.layers.Flatten()]
    )
    return model(np.arange(8, dtype="float32").reshape(2, 4)).numpy()


@program
def embeddings_and_their_gradient(tf):
    table = tf.Variable(np.arange(8, dtype="float32").reshape(4, 2))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 3, 1]) ** 2)
    return tf.convert_to_tensor(tape.gradient(loss, table)).numpy()


@program
def initializers_with_names_in_tf(tf):
    ones, zeros, c = tf.ones_initializer(), tf.zeros_initializer(), tf.constant_initializer(3.0)
    return ones((2,)).numpy(), zeros((2,)).numpy(), c((2,)).numpy()


@program
def random_numbers_in_range(tf):
    tf.random.set_seed(1)
    x = tf.random.truncated_normal([2000], mean=1.0, stddev=2.0)
    u = tf.random.uniform([500], 5, 9, dtype=tf.int32)
    return bool(tf.reduce_all(tf.abs(x - 1.0) <= 4.0)), sorted(set(u.numpy().tolist())), x.shape.as_list()


@program
def one_hot_and_back(tf):
    labels = np.array([0, 2, 1])
    rows = tf.keras.utils.to_categorical(labels, 3)
    return rows, tf.one_hot(labels, 3).numpy(), tf.argmax(rows, axis=1).numpy()


@program
def shapes_and_dtypes(tf):
    x = tf.cast([[1, 2, 3], [4, 5, 6]], tf.float32)
    moved = tf.transpose(tf.reshape(tf.expand_dims(x, 0), [3, 2]))
    return (
        moved.numpy(),
        tf.shape(moved).numpy(),
        int(tf.size(x)),
        int(tf.rank(x)),
        tf.concat([x, x], 0).shape.as_list(),
    )


@program
def device_and_print(tf):
    with tf.device("/CPU:0"):
        x = tf.constant([1.0, 2.0]) + 1.0
    tf.print("x is", x, output_stream="file://" + os.devnull)
    return x.numpy(), isinstance(tf.__version__, str), bool(tf.executing_eagerly())


@program
def errors_that_can_be_caught(tf):
    caught = []
    for bad in (
        lambda: tf.matmul(tf.ones([2, 3]), tf.ones([2, 3])),
        lambda: tf.gather([1, 2], [0]) + tf.ones([3, 2], tf.int32)[5],
    ):
        try:
            bad()
        except tf.errors.InvalidArgumentError:
            caught.append(1)
    return caught


@program
def a_perceptron_learns_xor(tf):
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32"), np.array([[0], [1], [1], [0]], "float32")
    model = network(tf, 8, 1, activation="tanh")
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.1)
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.binary_crossentropy(y, tf.sigmoid(model(x))))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return (tf.sigmoid(model(x)).numpy() > 0.5).astype(int)


@program
def polynomial_features(tf):
    x = np.linspace(-1, 1, 40).astype("float32")
    y = 1 + 2 * x - 3 * x**2
    coefficients = tf.Variable(tf.zeros([3]))
    features = tf.stack([tf.ones_like(x), x, tf.pow(x, 2.0)], axis=1)
    for _ in range(50):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.linalg.matvec(features, coefficients) - y) ** 2)
        coefficients.assign_sub(0.3 * tape.gradient(loss, coefficients))
    return coefficients.numpy()


@program
def k_means(tf):
    data, centres = points()[0], tf.Variable([[0.0, 0.0], [1.0, 1.0]])
    for _ in range(5):
        distances = tf.reduce_sum((data[:, None, :] - centres[None]) ** 2, axis=-1)
        nearest = tf.argmin(distances, axis=1)
        centres.assign(tf.stack([tf.reduce_mean(tf.boolean_mask(data, nearest == k), axis=0) for k in range(2)]))
    return centres.numpy()


@program
def dropout_only_in_training(tf):
    layer, x = tf.keras.layers.Dropout(0.5), tf.ones((1000,))
    trained = layer(x, training=True).numpy()
    return layer(x, training=False).numpy().sum(), sorted(set(trained.tolist()))


@program
def the_largest_and_their_places(tf):
    values, places = tf.math.top_k([[1.0, 5.0, 3.0], [9.0, 2.0, 9.0]], k=2)
    return values.numpy(), places.numpy(), tf.sort([3.0, 1.0, 2.0], direction="DESCENDING").numpy()


@program
def gathered_and_scattered(tf):
    scattered = tf.scatter_nd([[4], [3], [1], [7]], [9, 10, 11, 12], [8])
    return (
        scattered.numpy(),
        tf.gather_nd([[1, 2], [3, 4]], [[0, 0], [1, 1]]).numpy(),
        tf.slice([1, 2, 3], [1], [2]).numpy(),
    )


@program
def linear_algebra(tf):
    a = tf.constant([[4.0, 1.0], [2.0, 3.0]])
    parts = tf.linalg.diag([1.0, 2.0]), tf.linalg.inv(a), tf.linalg.det(a), tf.linalg.trace(a), tf.linalg.matmul(a, a)
    return [part.numpy() for part in parts]
