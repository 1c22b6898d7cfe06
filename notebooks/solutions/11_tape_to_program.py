# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 11. From tape to program: solutions
#
# The exercises of chapter 11, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. The intensity of a layer.** A dense layer multiplies its inputs, of shape (`num_examples`, `num_inputs`), by its
# kernel, of shape (`num_inputs`, `units`). Complete its arithmetic intensity, for float32 numbers that each move
# once. Which of the three sizes can you choose freely, and what does it do to the intensity?


# %%
def intensity(num_examples, num_inputs, units):
    operations = ...
    moved = ...
    return operations / moved


# %% [markdown] tags=["solution"]
# Each of the `num_examples * units` results is a sum of `num_inputs` products. The batch is yours to choose: with one
# example the intensity is below one half, since each number of the kernel is read for a single product and sum. With
# more examples it rises towards that of a kernel and inputs of any size.


# %% tags=["solution"]
def intensity(num_examples, num_inputs, units):
    operations = 2 * num_examples * num_inputs * units
    numbers = num_examples * num_inputs + num_inputs * units + num_examples * units
    return operations / (4 * numbers)


for num_examples in (1, 32, 1024):
    found = intensity(num_examples, 512, 512)
    print(f"{num_examples:4} examples: {found:6.1f} operations for each byte")

# %%
check.from_tape_to_program.intensity(intensity)

# %% [markdown]
# **2. A mean in blocks.** Complete the mean of $(x - y)^2$, computed block by block in a buffer of one block. The
# number of points need not be a multiple of the block.


# %%
def mean_square(x, y, block):
    difference = np.empty(block, np.float32)
    total = 0.0
    for start in range(0, len(x), block):
        end = ...
        d = difference[:...]
        np.subtract(x[start:end], y[start:end], out=d)
        total += ...
    return ...


# %% [markdown] tags=["solution"]
# The last block may be shorter, so it takes a part of the buffer. The sums of the blocks add up to the whole sum,
# which is divided once.


# %% tags=["solution"]
def mean_square(x, y, block):
    difference = np.empty(block, np.float32)
    total = 0.0
    for start in range(0, len(x), block):
        end = min(start + block, len(x))
        d = difference[: end - start]
        np.subtract(x[start:end], y[start:end], out=d)
        total += np.sum(d * d)
    return total / len(x)


# %%
check.from_tape_to_program.mean_square(mean_square)

# %% [markdown]
# **3. A rate that does not fall.** This program halves the learning rate after every step, and yet all its steps have
# the first rate. Find out why, and repair it so that it is still traced once.


# %%
def train_with_decay(learning_rate, num_steps):
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


# %% [markdown] tags=["solution"]
# `rate` is a Python number: its value at the first call is part of the program, and nobody asks for it again. A
# variable is read at every call. A tensor as an argument of `step` would do as well. A Python number as an argument
# would give the right result too, with a new trace for each value.


# %% tags=["solution"]
def train_with_decay(learning_rate, num_steps):
    w = tf.Variable(1.0)
    rate = tf.Variable(learning_rate, trainable=False)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = w * w
        w.assign_sub(rate * tape.gradient(loss, w))

    for _ in range(num_steps):
        step()
        rate.assign(rate / 2)
    return float(w), step.trace_count


# %%
check.from_tape_to_program.frozen_rate(train_with_decay)

# %% [markdown]
# **4. Your own roofline.** Take the perceptron of chapter 9. With the functions of this chapter, predict from its
# operations, its bytes and your machine's numbers how long a step takes at batch sizes of 1, 32 and 1024. Which of the
# three limits holds at each? Then measure, and explain where you were wrong.

# %% [markdown] tags=["solution"]
# At a batch of 1 the step is overhead-bound: its time is the number of operations, forward and backward, times the
# price of one. At 1024 the matrix products take over, at an intensity that exercise 1 gives. In between, add the two:
# the sum is rarely wrong by more than a factor of two, and that is as good as such a prediction gets.
