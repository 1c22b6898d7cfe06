"""Optimizers, schedules and losses with inputs to try them on, here and in Keras.

`tools/reference.py` writes what Keras gives to `reference_keras.json`; `test_optimizers.py` and `test_losses.py`
compare. The inputs are sines of their indices, so that both sides compute the same ones.
"""

import numpy as np

STEPS = 100
ROWS = 5  # of the sparse cases' table; the last never has a gradient
SNAPSHOTS = range(9, STEPS, 10)  # the steps after which a table is compared


def waves(*shape, seed=0.0, dtype="float32"):
    """Numbers between -2 and 2 without a pattern that a rule could hide in."""
    i = np.arange(np.prod(shape, dtype=int))
    return (np.sin(1.7 * i + seed) * (1 + np.cos(0.3 * i + 2 * seed))).reshape(shape).astype(dtype)


# Name: (class, arguments, how Keras handles its sparse gradients). "lazy": by rows, as here. "": densely, so that for
# the reference each row gets an optimizer of its own, which takes a step only when the row has a gradient.
OPTIMIZERS = {
    "SGD": ("SGD", {"learning_rate": 0.1}, "lazy"),
    "momentum": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}, ""),
    "Nesterov": ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}, ""),
    "decayed SGD": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.05}, ""),
    "clipnorm": ("SGD", {"learning_rate": 0.1, "clipnorm": 0.7}, "lazy"),
    "clipvalue": ("SGD", {"learning_rate": 0.1, "clipvalue": 0.5}, "lazy"),
    "global_clipnorm": ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.7}, "lazy"),
    "Adagrad": ("Adagrad", {"learning_rate": 0.3}, "lazy"),
    "RMSprop": ("RMSprop", {"learning_rate": 0.02}, ""),
    "RMSprop with momentum": ("RMSprop", {"learning_rate": 0.01, "momentum": 0.8}, ""),
    "centered RMSprop": ("RMSprop", {"learning_rate": 0.02, "rho": 0.8, "centered": True, "momentum": 0.5}, ""),
    "Adam": ("Adam", {"learning_rate": 0.05}, ""),
    "AMSGrad": ("Adam", {"learning_rate": 0.05, "amsgrad": True, "beta_2": 0.9}, ""),
    "AdamW": ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.1}, ""),
    "decaying rate": ("SGD", {"learning_rate": ("ExponentialDecay", (0.2, 10, 0.8), {})}, "lazy"),
    "Adam, warmed up": (
        "Adam", {"learning_rate": ("CosineDecay", (0.0, 60), {"warmup_target": 0.1, "warmup_steps": 20})}, ""
    ),
}  # fmt: skip

SCHEDULES = {
    "exponential": ("ExponentialDecay", (0.5, 40, 0.3), {}),
    "staircase": ("ExponentialDecay", (0.5, 10, 0.7), {"staircase": True}),
    "cosine": ("CosineDecay", (0.4, 60), {"alpha": 0.1}),
    "warm-up": ("CosineDecay", (0.1, 40), {"warmup_target": 0.8, "warmup_steps": 10}),
    "piecewise": ("PiecewiseConstantDecay", ([10, 20, 50], [1.0, 0.5, 0.1, 0.02]), {}),
}


def schedule(tf, name, arguments, options):
    return getattr(tf.optimizers.schedules, name)(*arguments, **options)


def optimizer(tf, name):
    kind, options, _ = OPTIMIZERS[name]
    rate = options["learning_rate"]
    options = options | {"learning_rate": schedule(tf, *rate) if isinstance(rate, tuple) else rate}
    return getattr(tf.optimizers, kind)(**options)


DENSE = waves(STEPS, 3)  # gradients of a vector of two and a scalar, step by step


def dense_run(tf, name):
    """A vector of two and a scalar, together an array of three, after each step."""
    opt, vector, scalar, path = optimizer(tf, name), tf.Variable([1.0, -2.0]), tf.Variable(0.5), []
    for g in DENSE:
        opt.apply_gradients([(tf.constant(g[:2]), vector), (tf.constant(g[2]), scalar)])
        path.append([*vector.numpy(), scalar.numpy()])
    return np.array(path)


def table():
    return waves(ROWS, 2, seed=1.0)


def sparse_gradients(name):
    """(values, indices) for each step. Where Keras is lazy, without duplicates: it does not add those up first."""
    lazy = OPTIMIZERS[name][2] == "lazy"
    values = waves(STEPS, 3, 2, seed=2.0)
    for t in range(STEPS):
        indices = [(t + k) % 4 for k in (0, 2, 3)] if lazy else [t % 4, t * t % 3, t % 4 if t % 5 else 3]
        yield values[t], np.array(indices)


# Name: (class, its arguments, y_true, y_pred).
def _losses():
    true, pred = waves(4, 3, dtype="float64"), waves(4, 3, seed=3.0, dtype="float64")
    ones = (true > 0).astype(float)
    p = 1 / (1 + np.exp(-pred))
    onehot, classes = np.eye(3)[[2, 0, 1, 1]], np.array([2, 0, 1, 1])
    soft = np.exp(true) / np.exp(true).sum(-1, keepdims=True)
    certain = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.5, 0.5]], "float32")
    huge = np.array([[1e4, -1e4, 0], [-1e4, 0, 1e4], [0, 90, -90], [1e-8, -1e-8, 20]], "float32")
    cases = {
        "MeanSquaredError": ({}, true, pred),
        "MeanAbsoluteError": ({}, true, pred),
        "Huber": ({"delta": 0.7}, true, pred),
        "LogCosh": ({}, true, pred),
        "LogCosh, large errors": ({}, true.astype("float32"), huge),
        "Hinge": ({}, np.sign(true), pred),
        "Hinge, targets 0 and 1": ({}, ones, pred),
        "Poisson": ({}, np.abs(np.round(true)), np.exp(pred)),
        "Poisson, nothing expected": ({}, ones.astype("float32"), np.zeros((4, 3), "float32")),
        "KLDivergence": ({}, soft, p / p.sum(-1, keepdims=True)),
        "KLDivergence, certain": ({}, certain, certain[::-1].copy()),
        "CosineSimilarity": ({}, true, pred),
        "CosineSimilarity, axis 0": ({"axis": 0}, true, pred),
        "BinaryCrossentropy": ({}, ones, p),
        "BinaryCrossentropy, logits": ({"from_logits": True}, ones, pred),
        "BinaryCrossentropy, smooth": ({"label_smoothing": 0.2}, ones, p),
        "BinaryCrossentropy, certain": ({}, ones.astype("float32"), certain),
        "BinaryCrossentropy, large logits": ({"from_logits": True}, ones.astype("float32"), huge),
        "CategoricalCrossentropy": ({}, onehot, p),
        "CategoricalCrossentropy, logits": ({"from_logits": True, "label_smoothing": 0.1}, soft, pred),
        "CategoricalCrossentropy, axis 0": ({"axis": 0}, soft, p),
        "CategoricalCrossentropy, certain": ({}, onehot.astype("float32"), certain),
        "CategoricalCrossentropy, large logits": ({"from_logits": True}, onehot.astype("float32"), huge),
        "SparseCategoricalCrossentropy": ({}, classes, p),
        "SparseCategoricalCrossentropy, logits": ({"from_logits": True}, classes[:, None], pred),
        "SparseCategoricalCrossentropy, certain": ({}, classes, certain),
        "SparseCategoricalCrossentropy, large logits": ({"from_logits": True}, classes, huge),
    }
    return {name: (name.split(",")[0], *case) for name, case in cases.items()}


LOSSES = _losses()
WEIGHTS = [0.5, 2.0, 0.0, 1.0]


def loss_results(tf, name, **keras):
    """Losses of every reduction, weighted too, and the gradient of the mean with respect to the predictions."""
    kind, options, y_true, y_pred = LOSSES[name]
    make = getattr(tf.losses, kind)
    y_pred = tf.constant(y_pred)
    weights = WEIGHTS[: 3 if options.get("axis") == 0 else 4]
    results = {}
    for reduction in ("none", "sum", "sum_over_batch_size"):
        loss = make(reduction=reduction, **options, **keras)
        results[reduction] = loss(tf.constant(y_true), y_pred)
        results[f"{reduction}, weighted"] = loss(tf.constant(y_true), y_pred, sample_weight=tf.constant(weights))
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        value = make(**options, **keras)(tf.constant(y_true), y_pred)
    results["gradient"] = tape.gradient(value, y_pred)
    return {key: np.asarray(value) for key, value in results.items()}


# Extremes: what a dtype can just hold, and beyond.
DTYPES = ("float16", "float32", "float64")
PROBABILITIES = ("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "KLDivergence")
EXTREME_LOSSES = {
    "MeanSquaredError": {}, "MeanAbsoluteError": {}, "Huber": {}, "LogCosh": {}, "Hinge": {}, "Poisson": {},
    "CosineSimilarity": {}, "KLDivergence": {}, "BinaryCrossentropy": {}, "CategoricalCrossentropy": {},
    "SparseCategoricalCrossentropy": {}, "BinaryCrossentropy, logits": {"from_logits": True},
    "CategoricalCrossentropy, logits": {"from_logits": True},
    "SparseCategoricalCrossentropy, logits": {"from_logits": True},
}  # fmt: skip


def extreme_pairs(name, dtype):
    """Targets and predictions, a row of two for each extreme."""
    kind, limits = name.split(",")[0], np.finfo(dtype)
    if kind in PROBABILITIES and name == kind:
        firsts = [0, limits.smallest_subnormal, limits.tiny, limits.eps, 0.5, 1 - limits.eps, 1, np.nan]
        seconds = [1 - float(p) for p in firsts]
    else:
        large = float(limits.max)
        firsts = [0, limits.smallest_subnormal, limits.eps, large**0.4, -(large**0.4), large / 8, -large / 8]
        firsts += [] if "logits" in name else [np.inf, -np.inf]
        firsts += [np.nan]
        seconds = [0.5] * len(firsts)
    y_pred = np.array([firsts, seconds], dtype).T
    if kind == "SparseCategoricalCrossentropy":
        return np.zeros(len(firsts), "int32"), y_pred
    return np.array([[1.0, 0.0]] * len(firsts), dtype), y_pred


def extreme_loss(tf, name, precision, **keras):
    """A loss for each row, and their gradients."""
    loss = getattr(tf.losses, name.split(",")[0])(reduction="none", **EXTREME_LOSSES[name], **keras)
    y_true, y_pred = extreme_pairs(name, precision)
    y_pred = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        value = loss(tf.constant(y_true), y_pred)
    return {"loss": np.asarray(value, precision), "gradient": np.asarray(tape.gradient(value, y_pred))}


def extreme_steps(tf, name, dtype):
    """A variable with an element for each extreme, after two steps of gradients that have them, and state."""
    limits = np.finfo(dtype)
    large = float(limits.max) / 8
    g = np.array([0, limits.smallest_subnormal, limits.tiny, large**0.4, -large, np.inf, -np.inf, np.nan], dtype)
    opt, variable = optimizer(tf, name), tf.Variable(np.ones(len(g), dtype))
    for gradient in (g, np.ones_like(g)):
        opt.apply_gradients([(tf.constant(gradient), variable)])
    return variable.numpy()


_scores = [[1.0, 1, 1], [np.inf, np.inf, 0], [0, np.nan, 1], [-np.inf] * 3, [-1e30, 1e-45, 0]]
_logits = [[0.5, 0.5], [np.inf, -np.inf], [np.nan, 1e30], [-1e30, 0.50001]]
METRICS = {
    "binary_accuracy": ([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], _logits),
    "categorical_accuracy": (np.eye(3)[[0, 1, 2, 0, 1]], _scores),
    "sparse_categorical_accuracy": ([0, 1, 2, 0, 1], _scores),
}


def metric_results(tf, name):
    y_true, y_pred = METRICS[name]
    return np.asarray(getattr(tf.metrics, name)(tf.constant(np.float32(y_true)), tf.constant(np.float32(y_pred))))
