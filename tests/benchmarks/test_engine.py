"""How fast the engine is, each time beside the same computation derived by hand in NumPy, and beside its peers."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

import course as tf

LEARNING_RATE = 0.1
PEER = {False: "course", True: "course, traced by function"}


def measure(benchmark, peer, function, group, limit=None, operations=1):
    """Measures `function` as the group's `peer`; `limit` is the largest ratio to the group's "by hand" that is fine."""
    benchmark.group = group
    benchmark.extra_info.update(peer=peer, operations=operations)
    if limit:
        benchmark.extra_info["limit"] = limit
    benchmark(function)


def needs(module):
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


# The tutorial's step: the loss, its gradient, and two updates.

SIZES = [(1_000, 2.0), (100_000, 1.8), (1_000_000, 2.2)]
sizes = pytest.mark.parametrize("size, limit", SIZES, ids=[f"{n} points" for n, _ in SIZES])


def line(size):
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal(size, dtype=np.float32)
    return inputs, 3 * inputs + 2 + rng.standard_normal(size, dtype=np.float32)


def step_group(size):
    return f"The tutorial's step, {size:,} points"


@sizes
def test_step_by_hand(benchmark, size, limit):
    inputs, outputs = line(size)
    W, b = np.float32(5), np.float32(0)

    def step():
        nonlocal W, b
        predictions = inputs * W + b
        errors = predictions - outputs
        loss = np.mean(np.square(errors))
        dW = np.mean(2 * errors * inputs)
        db = np.mean(2 * errors)
        W = W - LEARNING_RATE * dW
        b = b - LEARNING_RATE * db
        return loss

    measure(benchmark, "by hand", step, step_group(size))


TRACED = [(1_000, 1.2), (100_000, 1.0), (1_000_000, 1.0)]


@pytest.mark.parametrize(
    "size, limit, traced",
    [(*pair, False) for pair in SIZES] + [(*pair, True) for pair in TRACED],
    ids=[f"{n} points{kind}" for kind, pairs in (("", SIZES), (", traced", TRACED)) for n, _ in pairs],
)
def test_step_course(benchmark, size, limit, traced):
    inputs, outputs = (tf.constant(a) for a in line(size))
    W, b = tf.Variable(5.0), tf.Variable(0.0)

    def step(inputs, outputs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(inputs * W + b - outputs))
        dW, db = tape.gradient(loss, [W, b])
        W.assign_sub(LEARNING_RATE * dW)
        b.assign_sub(LEARNING_RATE * db)
        return loss

    step = tf.function(step) if traced else step
    step(inputs, outputs)
    measure(benchmark, PEER[traced], lambda: step(inputs, outputs), step_group(size), limit)


@sizes
def test_step_autograd(benchmark, size, limit):
    autograd, anp = pytest.importorskip("autograd"), pytest.importorskip("autograd.numpy")
    inputs, outputs = line(size)
    W, b = np.float32(5), np.float32(0)
    gradient = autograd.value_and_grad(lambda p: anp.mean(anp.square(inputs * p[0] + p[1] - outputs)))

    def step():
        nonlocal W, b
        loss, (dW, db) = gradient((W, b))
        W, b = W - LEARNING_RATE * dW, b - LEARNING_RATE * db
        return loss

    measure(benchmark, "autograd", step, step_group(size))


@needs("torch")
@sizes
def test_step_torch(benchmark, size, limit):
    import torch

    torch.set_num_threads(1)
    inputs, outputs = (torch.from_numpy(a) for a in line(size))
    W, b = torch.tensor(5.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)

    def step():
        loss = torch.mean(torch.square(inputs * W + b - outputs))
        dW, db = torch.autograd.grad(loss, [W, b])
        with torch.no_grad():
            W.sub_(LEARNING_RATE * dW)
            b.sub_(LEARNING_RATE * db)
        return loss

    measure(benchmark, "PyTorch, eager", step, step_group(size))


@needs("jax")
@sizes
def test_step_jax(benchmark, size, limit):
    import jax

    inputs, outputs = (jax.numpy.asarray(a) for a in line(size))
    W, b = jax.numpy.float32(5), jax.numpy.float32(0)
    gradient = jax.value_and_grad(lambda p: jax.numpy.mean(jax.numpy.square(inputs * p[0] + p[1] - outputs)))

    def step():
        nonlocal W, b
        loss, (dW, db) = gradient((W, b))
        W, b = W - LEARNING_RATE * dW, b - LEARNING_RATE * db
        return loss.block_until_ready()

    measure(benchmark, "JAX, without jit", step, step_group(size))


@needs("jax")
@sizes
def test_step_jax_jit(benchmark, size, limit):
    import jax

    inputs, outputs = (jax.numpy.asarray(a) for a in line(size))
    W, b = jax.numpy.float32(5), jax.numpy.float32(0)
    gradient = jax.value_and_grad(lambda p: jax.numpy.mean(jax.numpy.square(inputs * p[0] + p[1] - outputs)))

    @jax.jit
    def update(p):
        loss, (dW, db) = gradient(p)
        return loss, (p[0] - LEARNING_RATE * dW, p[1] - LEARNING_RATE * db)

    def step():
        nonlocal W, b
        loss, (W, b) = update((W, b))
        return loss.block_until_ready()

    step()
    measure(benchmark, "JAX, jit", step, step_group(size))


@needs("tensorflow")
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
@sizes
def test_step_tensorflow(benchmark, size, limit, traced):
    import tensorflow

    inputs, outputs = (tensorflow.constant(a) for a in line(size))
    W, b = tensorflow.Variable(5.0), tensorflow.Variable(0.0)

    def step():
        with tensorflow.GradientTape() as tape:
            loss = tensorflow.reduce_mean(tensorflow.square(inputs * W + b - outputs))
        dW, db = tape.gradient(loss, [W, b])
        W.assign_sub(LEARNING_RATE * dW)
        b.assign_sub(LEARNING_RATE * db)
        return loss

    step = tensorflow.function(step) if traced else step
    step()
    measure(benchmark, "TensorFlow, " + ("traced by function" if traced else "eager"), step, step_group(size))


# A perceptron with one hidden layer.

PERCEPTRON = "A perceptron's step, 256×64 → 64 relu → 10, softmax cross-entropy"


def digits():
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((256, 64), dtype=np.float32)
    labels = rng.integers(0, 10, 256)
    sizes = [(64, 64), (64,), (64, 10), (10,)]
    return inputs, labels, [0.1 * rng.standard_normal(size, dtype=np.float32) for size in sizes]


def test_perceptron_by_hand(benchmark):
    inputs, labels, (W1, b1, W2, b2) = digits()
    every = np.arange(256)

    def step():
        nonlocal W1, b1, W2, b2
        hidden = inputs @ W1 + b1
        active = np.maximum(hidden, 0)
        logits = active @ W2 + b2
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        totals = exponentials.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(totals[:, 0]) - shifted[every, labels])
        dlogits = exponentials / totals
        dlogits[every, labels] -= 1
        dlogits /= 256
        dhidden = np.where(hidden > 0, dlogits @ W2.T, 0)
        W2, b2 = W2 - LEARNING_RATE * (active.T @ dlogits), b2 - LEARNING_RATE * dlogits.sum(axis=0)
        W1, b1 = W1 - LEARNING_RATE * (inputs.T @ dhidden), b1 - LEARNING_RATE * dhidden.sum(axis=0)
        return loss

    measure(benchmark, "by hand", step, PERCEPTRON)


@pytest.mark.parametrize("traced, limit", [(False, 1.4), (True, 1.1)], ids=["eager", "traced"])
def test_perceptron_course(benchmark, traced, limit):
    inputs, labels, parameters = digits()
    inputs, labels = tf.constant(inputs), tf.constant(labels)
    W1, b1, W2, b2 = variables = [tf.Variable(p) for p in parameters]

    def step(inputs, labels):
        with tf.GradientTape() as tape:
            logits = tf.nn.relu(inputs @ W1 + b1) @ W2 + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(LEARNING_RATE * gradient)
        return loss

    step = tf.function(step) if traced else step
    step(inputs, labels)
    measure(benchmark, PEER[traced], lambda: step(inputs, labels), PERCEPTRON, limit)


def test_perceptron_autograd(benchmark):
    autograd, anp = pytest.importorskip("autograd"), pytest.importorskip("autograd.numpy")
    inputs, labels, parameters = digits()
    every = np.arange(256)

    def loss_of(parameters):
        W1, b1, W2, b2 = parameters
        logits = anp.maximum(inputs @ W1 + b1, 0) @ W2 + b2
        shifted = logits - anp.max(logits, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - shifted[every, labels])

    gradient = autograd.value_and_grad(loss_of)

    def step():
        nonlocal parameters
        loss, gradients = gradient(parameters)
        parameters = [p - LEARNING_RATE * g for p, g in zip(parameters, gradients)]
        return loss

    measure(benchmark, "autograd", step, PERCEPTRON)


# A chain of scalar operations: nothing but overhead.

CHAIN = "One operation of a chain of 1,000 scalar multiply-adds, with its gradient"


def test_chain_by_hand(benchmark):
    factor, term = np.float32(0.999), np.float32(0.001)

    def chain():
        z = np.float32(1)
        for _ in range(1000):
            z = z * factor + term
        return z

    measure(benchmark, "by hand", chain, CHAIN, operations=2000)


def test_chain_course(benchmark):
    x = tf.Variable(1.0)

    def chain():
        with tf.GradientTape() as tape:
            z = x
            for _ in range(1000):
                z = z * 0.999 + 0.001
        return tape.gradient(z, x)

    measure(benchmark, "course", chain, CHAIN, operations=2000)


def test_chain_autograd(benchmark):
    autograd = pytest.importorskip("autograd")

    def chain(z):
        for _ in range(1000):
            z = z * 0.999 + 0.001
        return z

    gradient = autograd.grad(chain)
    measure(benchmark, "autograd", lambda: gradient(1.0), CHAIN, operations=2000)


@needs("torch")
def test_chain_torch(benchmark):
    import torch

    x = torch.tensor(1.0, requires_grad=True)

    def chain():
        z = x
        for _ in range(1000):
            z = z * 0.999 + 0.001
        return torch.autograd.grad(z, x)

    measure(benchmark, "PyTorch, eager", chain, CHAIN, operations=2000)


# An update of 100 rows of a table.

ROWS = [10_000, 1_000_000]
tables = pytest.mark.parametrize("rows", ROWS, ids=[f"{n} rows" for n in ROWS])


def sparse_group(rows):
    return f"An update of 100 rows of a table of {rows:,} × 16"


@tables
def test_sparse_by_hand(benchmark, rows):
    table = np.zeros((rows, 16), np.float32)
    ids = np.random.default_rng(2).integers(0, rows, 100).astype(np.int32)

    def step():
        picked = table[ids]
        gradient = 2 * (picked - 1)
        np.subtract.at(table, ids, np.float32(LEARNING_RATE) * gradient)

    measure(benchmark, "by hand", step, sparse_group(rows))


@tables
def test_sparse_course(benchmark, rows):
    table = tf.Variable(np.zeros((rows, 16), np.float32))
    ids = tf.constant(np.random.default_rng(2).integers(0, rows, 100).astype(np.int32))

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table, ids) - 1.0))
        table.scatter_sub(LEARNING_RATE * tape.gradient(loss, table))

    measure(benchmark, "course", step, sparse_group(rows), limit=3.0)


# What a learner waits for first.


@pytest.mark.parametrize("module", ["numpy", "course"])
def test_import(benchmark, module, tmp_path):
    benchmark.group = "A new Python that imports it"
    benchmark.extra_info.update(peer={"numpy": "by hand", "course": "course"}[module])
    cached = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    start = lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=cached)  # noqa: E731
    benchmark.pedantic(start, rounds=20, warmup_rounds=1)
