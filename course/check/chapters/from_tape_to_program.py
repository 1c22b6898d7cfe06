"""Exercises of chapter 11."""

import numpy as np

import course as tf
from course.check.base import Task

# The intensity of a layer


def _layer_inputs(rng):
    return {name: int(rng.integers(2, 200)) for name in ("num_examples", "num_inputs", "units")}


def _intensity(num_examples, num_inputs, units, operations=2, size=4, output=True):
    moved = num_examples * num_inputs + num_inputs * units + output * num_examples * units
    return operations * num_examples * num_inputs * units / (size * moved)


intensity = Task(
    why="With few examples the kernel is read for little work. Large batches make a layer compute-bound.",
    hints=[
        "Each element of the result is a sum of `num_inputs` products. How many operations is that, and how many "
        "elements are there?",
        "Three matrices move: two are read, one is written. How many bytes has a float32?",
    ],
    inputs=_layer_inputs,
    solution=lambda num_examples, num_inputs, units: _intensity(num_examples, num_inputs, units),
    mistakes=[
        (
            lambda *sizes: _intensity(*sizes, operations=1),
            "This is half of it. Each term needs a product and an addition, and a float32 has 32 bits, not 64.",
        ),
        (
            lambda *sizes: _intensity(*sizes, size=1),
            "These are operations for each number that moves. A float32 has more than one byte.",
        ),
        (
            lambda *sizes: _intensity(*sizes, output=False),
            "The result is missing among the bytes: it has to be written.",
        ),
        (
            lambda *sizes: 1 / _intensity(*sizes),
            "This is bytes for each operation: the fraction is upside down.",
        ),
        (
            lambda num_examples, num_inputs, units: num_inputs / 6,
            "This is the intensity of a product of square matrices. These have three different sizes.",
        ),
    ],
)

# A mean in blocks


def _block_inputs(rng):
    x, y = rng.normal(size=(2, int(rng.integers(9, 12)))).round(2).astype(np.float32)
    return {"x": x, "y": y, "block": 4}


def _mean_square(x, y, block, power=2, last=True, divisor=len):
    total = 0.0
    for start in range(0, len(x) if last else len(x) - block + 1, block):
        total += np.sum((x[start : start + block] - y[start : start + block]) ** power)
    return total / divisor(x)


def _mean_of_means(x, y, block):
    starts = range(0, len(x), block)
    return np.mean([np.mean((x[start : start + block] - y[start : start + block]) ** 2) for start in starts])


def _whole_buffer(x, y, block):
    difference = np.empty(block, np.float32)
    for start in range(0, len(x), block):
        np.subtract(x[start : start + block], y[start : start + block], out=difference)


def _stale_buffer(x, y, block):
    difference, total = np.empty(block, np.float32), 0.0
    for start in range(0, len(x), block):
        end = min(start + block, len(x))
        np.subtract(x[start:end], y[start:end], out=difference[: end - start])
        total += np.sum(difference**2)
    return total / len(x)


mean_square = Task(
    why="Sums can be taken block by block, so a mean over any number of points needs a buffer of one block.",
    hints=[
        "Try it with 10 points in blocks of 4. Which points are in the last block?",
        "A slice that ends after the end of an array stops there by itself. The buffer needs as many elements.",
        "Add up sums, and divide once, at the end.",
    ],
    inputs=_block_inputs,
    solution=_mean_square,
    mistakes=[
        (
            lambda x, y, block: _mean_square(x, y, block, last=False),
            "The points after the last whole block are missing.",
        ),
        (_mean_of_means, "You averaged the means of the blocks. The last block is shorter, and counts as much."),
        (_whole_buffer, "The last block is shorter than the buffer: write into the part of it that you need."),
        (_stale_buffer, "In the last block, you sum what the block before it left at the end of the buffer, too."),
        (
            lambda x, y, block: _mean_square(x, y, block, power=1),
            "The differences are not squared, so those above and below zero cancel.",
        ),
        (
            lambda x, y, block: _mean_square(x, y, block, divisor=lambda x: block),
            "You divided by the size of a block. The mean is over all points.",
        ),
        (
            lambda x, y, block: _mean_square(x, y, block, divisor=lambda x: 1),
            "This is the sum of the squares: the division by their number is missing.",
        ),
    ],
)

# A rate that does not fall


def _decay_inputs(rng):
    return {"learning_rate": round(rng.uniform(0.2, 0.4), 2), "num_steps": int(rng.integers(3, 6))}


def _frozen(learning_rate, num_steps):
    w = tf.Variable(1.0)
    rate = learning_rate

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = w * w
        w.assign_sub(rate * tape.gradient(loss, w))

    for _ in range(num_steps):
        step()
        rate = rate / 2
    return float(w), step.trace_count


def _stepper():
    w = tf.Variable(1.0)

    @tf.function
    def step(rate):
        with tf.GradientTape() as tape:
            loss = w * w
        w.assign_sub(rate * tape.gradient(loss, w))

    return w, step


def _passed_as(convert, learning_rate, num_steps, first=0):
    w, step = _stepper()
    for i in range(first, first + num_steps):
        step(convert(learning_rate / 2**i))
    return float(w), step.trace_count


def _untraced(learning_rate, num_steps):
    def step():
        pass

    return 0.0, step.trace_count


def _decayed(learning_rate, num_steps):
    return _passed_as(tf.constant, learning_rate, num_steps)


frozen_rate = Task(
    why="A traced step knows only tensors and variables. What changes from call to call has to be one of them.",
    hints=[
        "How often does the Python code of `step` run? Which value had `rate` then?",
        "What kind of object can change without a new trace? The chapter names two.",
        "Make `rate` something that `step` reads at every call, or hand it over as a tensor.",
    ],
    inputs=_decay_inputs,
    solution=_decayed,
    broken=_frozen,
    mistakes=[
        (
            lambda learning_rate, num_steps: _passed_as(float, learning_rate, num_steps),
            "The result is right, but a Python number is part of the signature: each new rate is traced again.",
        ),
        (
            _untraced,
            "Nothing is traced any more: `step` is a plain Python function. Keep `tf.function`.",
        ),
        (
            lambda learning_rate, num_steps: _passed_as(tf.constant, learning_rate, num_steps, first=1),
            "The rate is halved before the first step. It falls after a step.",
        ),
        (
            lambda learning_rate, num_steps: (_decayed(learning_rate, num_steps)[0], 2),
            "The result is right, with one trace too many: does one call get a Python number, and the others a tensor?",
        ),
    ],
)
