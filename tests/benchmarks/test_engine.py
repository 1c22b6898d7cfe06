"""How fast the engine is, each time beside the same computation derived by hand in NumPy, and beside its peers.

By hand means lean: sums in place of means, results written in place, NumPy's ufuncs without the functions around them.
All peers run on one thread; set OMP_NUM_THREADS=1 for NumPy's BLAS.
"""

import importlib.util
import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

import course as tf

LEARNING_RATE = 0.1
PEER = {False: "course", True: "course, traced by function"}


def needs(module):
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


# The tutorial's step: the loss, its gradient, and two updates.

SIZES = [(1_000, 2.3), (100_000, 1.3), (1_000_000, 1.6)]
sizes = pytest.mark.parametrize("size, limit", SIZES, ids=[f"{n} points" for n, _ in SIZES])


def line(size):
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal(size, dtype=np.float32)
    return inputs, 3 * inputs + 2 + rng.standard_normal(size, dtype=np.float32)


def step_group(size):
    return f"The tutorial's step, {size:,} points"


@sizes
def test_step_by_hand(compare, size, limit):
    inputs, outputs = line(size)
    W, b, rate, add_up = np.float32(5), np.float32(0), np.float32(2 * LEARNING_RATE / size), np.add.reduce

    def step():
        nonlocal W, b
        errors = inputs * W
        errors += b
        errors -= outputs
        loss = add_up(np.square(errors)) / size
        b = b - rate * add_up(errors)
        errors *= inputs
        W = W - rate * add_up(errors)
        return loss

    compare("by hand", step, step_group(size))


TRACED = [(1_000, 0.95), (100_000, 0.8), (1_000_000, 0.5)]


@pytest.mark.parametrize(
    "size, limit, traced",
    [(*pair, False) for pair in SIZES] + [(*pair, True) for pair in TRACED],
    ids=[f"{n} points{kind}" for kind, pairs in (("", SIZES), (", traced", TRACED)) for n, _ in pairs],
)
def test_step_course(compare, size, limit, traced):
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
    step(inputs, outputs)  # traces
    compare(PEER[traced], lambda: step(inputs, outputs), step_group(size), limit)


@sizes
def test_step_autograd(compare, size, limit):
    autograd, anp = pytest.importorskip("autograd"), pytest.importorskip("autograd.numpy")
    inputs, outputs = line(size)
    W, b = np.float32(5), np.float32(0)
    gradient = autograd.value_and_grad(lambda p: anp.mean(anp.square(inputs * p[0] + p[1] - outputs)))

    def step():
        nonlocal W, b
        loss, (dW, db) = gradient((W, b))
        W, b = W - LEARNING_RATE * dW, b - LEARNING_RATE * db
        return loss

    compare("autograd", step, step_group(size))


@needs("torch")
@sizes
def test_step_torch(compare, size, limit):
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

    compare("PyTorch, eager", step, step_group(size))


@needs("jax")
@sizes
def test_step_jax(compare, size, limit):
    import jax

    inputs, outputs = (jax.numpy.asarray(a) for a in line(size))
    W, b = jax.numpy.float32(5), jax.numpy.float32(0)
    gradient = jax.value_and_grad(lambda p: jax.numpy.mean(jax.numpy.square(inputs * p[0] + p[1] - outputs)))

    def step():
        nonlocal W, b
        loss, (dW, db) = gradient((W, b))
        W, b = W - LEARNING_RATE * dW, b - LEARNING_RATE * db
        return loss.block_until_ready()

    compare("JAX, without jit", step, step_group(size))


@needs("jax")
@sizes
def test_step_jax_jit(compare, size, limit):
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
    compare("JAX, jit", step, step_group(size))


@needs("tensorflow")
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
@sizes
def test_step_tensorflow(compare, size, limit, traced):
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
    compare("TensorFlow, " + ("traced by function" if traced else "eager"), step, step_group(size))


# A perceptron with one hidden layer.

PERCEPTRON = "A perceptron's step, 256×64 → 64 relu → 10, softmax cross-entropy"


def digits():
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((256, 64), dtype=np.float32)
    labels = rng.integers(0, 10, 256)
    sizes = [(64, 64), (64,), (64, 10), (10,)]
    return inputs, labels, [0.1 * rng.standard_normal(size, dtype=np.float32) for size in sizes]


def test_perceptron_by_hand(compare):
    inputs, labels, (W1, b1, W2, b2) = digits()
    every, rate, add_up = np.arange(256), np.float32(LEARNING_RATE / 256), np.add.reduce

    def step():
        active = inputs @ W1
        active += b1
        np.maximum(active, 0, out=active)
        logits = active @ W2
        logits += b2
        logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
        picked = add_up(logits[every, labels])
        np.exp(logits, out=logits)
        totals = add_up(logits, axis=1, keepdims=True)
        loss = (add_up(np.log(totals[:, 0])) - picked) / 256
        logits /= totals
        logits[every, labels] -= 1
        logits *= rate
        hidden = logits @ W2.T
        hidden *= active > 0
        np.subtract(W2, active.T @ logits, out=W2)
        np.subtract(b2, add_up(logits, axis=0), out=b2)
        np.subtract(W1, inputs.T @ hidden, out=W1)
        np.subtract(b1, add_up(hidden, axis=0), out=b1)
        return loss

    compare("by hand", step, PERCEPTRON)


@pytest.mark.parametrize("traced, limit", [(False, 1.6), (True, 0.95)], ids=["eager", "traced"])
def test_perceptron_course(compare, traced, limit):
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
    compare(PEER[traced], lambda: step(inputs, labels), PERCEPTRON, limit)


def test_perceptron_autograd(compare):
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

    compare("autograd", step, PERCEPTRON)


@needs("torch")
def test_perceptron_torch(compare):
    import torch

    torch.set_num_threads(1)
    inputs, labels, parameters = digits()
    inputs, labels = torch.from_numpy(inputs), torch.from_numpy(labels)
    W1, b1, W2, b2 = variables = [torch.tensor(p, requires_grad=True) for p in parameters]

    def step():
        loss = torch.nn.functional.cross_entropy(torch.relu(inputs @ W1 + b1) @ W2 + b2, labels)
        gradients = torch.autograd.grad(loss, variables)
        with torch.no_grad():
            for variable, gradient in zip(variables, gradients):
                variable.sub_(LEARNING_RATE * gradient)
        return loss

    compare("PyTorch, eager", step, PERCEPTRON)


@needs("jax")
def test_perceptron_jax_jit(compare):
    import jax

    inputs, labels, parameters = digits()
    inputs, labels = jax.numpy.asarray(inputs), jax.numpy.asarray(labels)
    every = jax.numpy.arange(256)

    def loss_of(parameters):
        W1, b1, W2, b2 = parameters
        logits = jax.nn.relu(inputs @ W1 + b1) @ W2 + b2
        return -jax.numpy.mean(jax.nn.log_softmax(logits)[every, labels])

    @jax.jit
    def update(parameters):
        loss, gradients = jax.value_and_grad(loss_of)(parameters)
        return loss, [p - LEARNING_RATE * g for p, g in zip(parameters, gradients)]

    parameters = [jax.numpy.asarray(p) for p in parameters]

    def step():
        nonlocal parameters
        loss, parameters = update(parameters)
        return loss.block_until_ready()

    compare("JAX, jit", step, PERCEPTRON)


@needs("tensorflow")
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_perceptron_tensorflow(compare, traced):
    import tensorflow

    inputs, labels, parameters = digits()
    inputs, labels = tensorflow.constant(inputs), tensorflow.constant(labels)
    W1, b1, W2, b2 = variables = [tensorflow.Variable(p) for p in parameters]

    def step():
        with tensorflow.GradientTape() as tape:
            logits = tensorflow.nn.relu(inputs @ W1 + b1) @ W2 + b2
            losses = tensorflow.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tensorflow.reduce_mean(losses)
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(LEARNING_RATE * gradient)
        return loss

    step = tensorflow.function(step) if traced else step
    compare("TensorFlow, " + ("traced by function" if traced else "eager"), step, PERCEPTRON)


# Wide layers, where time goes into products of matrices and into the optimizer.

WIDE = "A step of wide layers with Adam, 128×784 → 512 relu → 512 relu → 10, softmax cross-entropy"


def images():
    rng = np.random.default_rng(1)
    sizes = [784, 512, 512, 10]
    parameters = []
    for n, m in zip(sizes, sizes[1:]):
        parameters += [rng.standard_normal((n, m), dtype=np.float32) / np.float32(n) ** 0.5, np.zeros(m, np.float32)]
    return rng.standard_normal((128, 784), dtype=np.float32), rng.integers(0, 10, 128), parameters


def adam_by_hand(parameters):
    """A function that takes a step of Adam with the gradients given, each in place and without new arrays."""
    kept = [(p, np.zeros_like(p), np.zeros_like(p), np.empty_like(p)) for p in parameters]
    steps = itertools.count(1)

    def update(gradients):
        t = next(steps)
        rate = np.float32(0.001 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t))
        for (p, m, v, part), g in zip(kept, gradients):
            np.subtract(g, m, out=part)
            part *= 0.1
            m += part
            np.square(g, out=part)
            part -= v
            part *= 0.001
            v += part
            np.sqrt(v, out=part)
            part += 1e-7
            np.divide(m, part, out=part)
            part *= rate
            p -= part

    return update


def test_wide_by_hand(compare):
    inputs, labels, parameters = images()
    W1, b1, W2, b2, W3, b3 = parameters
    update, every, add_up = adam_by_hand(parameters), np.arange(128), np.add.reduce

    def step():
        first = inputs @ W1
        first += b1
        np.maximum(first, 0, out=first)
        second = first @ W2
        second += b2
        np.maximum(second, 0, out=second)
        logits = second @ W3
        logits += b3
        logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
        picked = add_up(logits[every, labels])
        np.exp(logits, out=logits)
        totals = add_up(logits, axis=1, keepdims=True)
        loss = (add_up(np.log(totals[:, 0])) - picked) / 128
        logits /= totals
        logits[every, labels] -= 1
        logits *= np.float32(1 / 128)
        d2 = logits @ W3.T
        d2 *= second > 0
        d1 = d2 @ W2.T
        d1 *= first > 0
        pairs = (inputs, d1), (first, d2), (second, logits)
        update([g for x, d in pairs for g in (x.T @ d, add_up(d, axis=0))])
        return loss

    compare("by hand", step, WIDE)


@pytest.mark.parametrize("traced, limit", [(False, 1.1), (True, 0.9)], ids=["eager", "traced"])
def test_wide_course(compare, traced, limit):
    inputs, labels, parameters = images()
    inputs, labels = tf.constant(inputs), tf.constant(labels)
    W1, b1, W2, b2, W3, b3 = variables = [tf.Variable(p) for p in parameters]
    optimizer = tf.optimizers.Adam(0.001)

    def step(inputs, labels):
        with tf.GradientTape() as tape:
            logits = tf.nn.relu(tf.nn.relu(inputs @ W1 + b1) @ W2 + b2) @ W3 + b3
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    step = tf.function(step) if traced else step
    step(inputs, labels)
    compare(PEER[traced], lambda: step(inputs, labels), WIDE, limit)


@needs("torch")
def test_wide_torch(compare):
    import torch

    torch.set_num_threads(1)
    inputs, labels, parameters = images()
    inputs, labels = torch.from_numpy(inputs), torch.from_numpy(labels)
    W1, b1, W2, b2, W3, b3 = variables = [torch.tensor(p, requires_grad=True) for p in parameters]
    optimizer = torch.optim.Adam(variables, 0.001)

    def step():
        optimizer.zero_grad()
        logits = torch.relu(torch.relu(inputs @ W1 + b1) @ W2 + b2) @ W3 + b3
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
        return loss

    compare("PyTorch, eager", step, WIDE)


@needs("tensorflow")
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_wide_tensorflow(compare, traced):
    import tensorflow

    inputs, labels, parameters = images()
    inputs, labels = tensorflow.constant(inputs), tensorflow.constant(labels)
    W1, b1, W2, b2, W3, b3 = variables = [tensorflow.Variable(p) for p in parameters]
    optimizer = tensorflow.keras.optimizers.Adam(0.001)
    optimizer.build(variables)

    def step():
        with tensorflow.GradientTape() as tape:
            logits = tensorflow.nn.relu(tensorflow.nn.relu(inputs @ W1 + b1) @ W2 + b2) @ W3 + b3
            losses = tensorflow.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tensorflow.reduce_mean(losses)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    step = tensorflow.function(step) if traced else step
    step()
    compare("TensorFlow, " + ("traced by function" if traced else "eager"), step, WIDE)


# A chain of scalar operations: nothing but overhead.

CHAIN = "One operation of a chain of 1,000 scalar multiply-adds, with its gradient"


def test_chain_by_hand(compare):
    factor, term = np.float32(0.999), np.float32(0.001)

    def chain():
        z = np.float32(1)
        for _ in range(1000):
            z = z * factor + term
        return z

    compare("by hand", chain, CHAIN, operations=2000)


@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_chain_course(compare, traced):
    x = tf.Variable(1.0)

    def chain():
        with tf.GradientTape() as tape:
            z = x
            for _ in range(1000):
                z = z * 0.999 + 0.001
        return z, tape.gradient(z, x)

    chain = tf.function(chain) if traced else chain
    compare(PEER[traced], chain, CHAIN, operations=2000)


def test_chain_autograd(compare):
    autograd = pytest.importorskip("autograd")

    def chain(z):
        for _ in range(1000):
            z = z * 0.999 + 0.001
        return z

    gradient = autograd.grad(chain)
    compare("autograd", lambda: gradient(1.0), CHAIN, operations=2000)


@needs("torch")
def test_chain_torch(compare):
    import torch

    x = torch.tensor(1.0, requires_grad=True)

    def chain():
        z = x
        for _ in range(1000):
            z = z * 0.999 + 0.001
        return torch.autograd.grad(z, x)

    compare("PyTorch, eager", chain, CHAIN, operations=2000)


# An update of 100 rows of a table.

ROWS = [10_000, 1_000_000]
tables = pytest.mark.parametrize("rows", ROWS, ids=[f"{n} rows" for n in ROWS])


def sparse_group(rows):
    return f"An update of 100 rows of a table of {rows:,} × 16"


@tables
def test_sparse_by_hand(compare, rows):
    table = np.zeros((rows, 16), np.float32)
    ids = np.random.default_rng(2).integers(0, rows, 100).astype(np.int32)

    def step():
        picked = table[ids]
        picked -= 1
        loss = np.add.reduce(np.square(picked), axis=None)
        picked *= np.float32(2 * LEARNING_RATE)
        np.subtract.at(table, ids, picked)
        return loss

    compare("by hand", step, sparse_group(rows))


@tables
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_sparse_course(compare, rows, traced):
    table = tf.Variable(np.zeros((rows, 16), np.float32))
    ids = tf.constant(np.random.default_rng(2).integers(0, rows, 100).astype(np.int32))

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.gather(table, ids) - 1.0))
        table.scatter_sub(LEARNING_RATE * tape.gradient(loss, table))
        return loss

    step = tf.function(step) if traced else step
    compare(PEER[traced], step, sparse_group(rows), limit=1.0 if traced else 1.6)


@needs("torch")
@tables
def test_sparse_torch(compare, rows):
    import torch

    torch.set_num_threads(1)
    table = torch.zeros((rows, 16), requires_grad=True)
    ids = torch.from_numpy(np.random.default_rng(2).integers(0, rows, 100))

    def step():
        loss = torch.sum(torch.square(torch.nn.functional.embedding(ids, table, sparse=True) - 1))
        (gradient,) = torch.autograd.grad(loss, [table])
        with torch.no_grad():
            table.sub_(LEARNING_RATE * gradient)
        return loss

    compare("PyTorch, eager", step, sparse_group(rows))


@needs("jax")
@tables
def test_sparse_jax_jit(compare, rows):
    import jax

    ids = jax.numpy.asarray(np.random.default_rng(2).integers(0, rows, 100).astype(np.int32))

    def update(table):
        loss = lambda picked: jax.numpy.sum(jax.numpy.square(picked - 1))  # noqa: E731
        value, gradient = jax.value_and_grad(loss)(table[ids])
        return value, table.at[ids].add(-LEARNING_RATE * gradient)

    update = jax.jit(update, donate_argnums=0)  # in place
    table = jax.numpy.zeros((rows, 16), np.float32)

    def step():
        nonlocal table
        loss, table = update(table)
        return loss.block_until_ready()

    compare("JAX, jit", step, sparse_group(rows))


@needs("tensorflow")
@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
@tables
def test_sparse_tensorflow(compare, rows, traced):
    import tensorflow

    table = tensorflow.Variable(np.zeros((rows, 16), np.float32))
    ids = tensorflow.constant(np.random.default_rng(2).integers(0, rows, 100).astype(np.int32))

    def step():
        with tensorflow.GradientTape() as tape:
            loss = tensorflow.reduce_sum(tensorflow.square(tensorflow.gather(table, ids) - 1.0))
        gradient = tape.gradient(loss, table)
        table.scatter_sub(tensorflow.IndexedSlices(LEARNING_RATE * gradient.values, gradient.indices))
        return loss

    step = tensorflow.function(step) if traced else step
    compare("TensorFlow, " + ("traced by function" if traced else "eager"), step, sparse_group(rows))


# What a learner waits for first.


@pytest.mark.parametrize("module", ["numpy", "course"])
def test_import(benchmark, module, tmp_path):
    benchmark.group = "A new Python that imports it"
    benchmark.extra_info.update(peer={"numpy": "by hand", "course": "course"}[module])
    cached = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    start = lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=cached)  # noqa: E731
    benchmark.pedantic(start, rounds=20, warmup_rounds=1)
