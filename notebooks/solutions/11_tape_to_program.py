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
import inspect
import timeit

import numpy as np

import course as tf
from course import check

# %% [markdown] tags=["solution"]
# ## The tracer
#
# The lines that are left open in the middle of the chapter. A result is called after the number of steps before it, so
# no two names are equal; and `note` returns the symbol, for the next operation.


# %% tags=["solution"]
class Symbol:
    """Stands for an array while a function is traced: it has a name, and no value."""

    def __init__(self, name, steps):
        self.name, self.steps = name, steps

    def note(self, operation, *inputs):
        names = [x.name if isinstance(x, Symbol) else x for x in inputs]
        result = Symbol(f"r{len(self.steps)}", self.steps)
        self.steps.append((operation, names, result.name))
        return result

    def __mul__(self, other):
        return self.note(np.multiply, self, other)

    def __rmul__(self, other):  # for a number on the left: 2 * symbol
        return self.note(np.multiply, other, self)

    def __sub__(self, other):
        return self.note(np.subtract, self, other)

    def mean(self):
        return self.note(np.mean, self)

    def __repr__(self):
        return f"<{self.name}, without a value>"


check.from_tape_to_program.symbol(Symbol)

# %% [markdown] tags=["solution"]
# In the table, a name gives its value, and what is not in it, a number, itself.


# %% tags=["solution"]
def replay(program, arguments):
    names, steps, result = program
    values = dict(zip(names, arguments))
    for operation, inputs, output in steps:
        arrays = [values.get(x, x) for x in inputs]
        values[output] = operation(*arrays)
    return values[result]


check.from_tape_to_program.replay(replay)

# %% [markdown] tags=["solution"]
# A number is fixed in the program, so it stands in the signature as it is; an array is not, so one word does for all.
# `trace` is the chapter's.

# %% tags=["solution"]
ARRAY = np.ndarray | np.generic


def trace(function, arguments):
    names, steps = list(inspect.signature(function).parameters), []
    given = [
        Symbol(name, steps) if isinstance(argument, ARRAY) else argument for name, argument in zip(names, arguments)
    ]
    return names, steps, function(*given).name


def traced(function):
    programs = {}

    def call(*arguments):
        signature = tuple("array" if isinstance(argument, ARRAY) else argument for argument in arguments)
        if signature not in programs:
            programs[signature] = trace(function, arguments)
        return replay(programs[signature], arguments)

    call.programs = programs
    return call


check.from_tape_to_program.traced(traced)

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
# **4. Your own roofline.** The network of chapter 9 has dense layers of the sizes 64, 256 and 10: its inputs, the
# hidden units and the logits. Complete the number of arithmetic operations that its matrix products need in one
# training step on `batch` examples. Each layer multiplies once forward. Backward it multiplies once for the gradient of
# its kernel, and once for that of its inputs, which the first layer does not need. Each of these products has as many
# operations as the one forward. Then predict, from the peak and the price of an operation on your machine, how long a
# step takes at batches of 1, 32 and 1024. Which of the three limits holds at each? Measure, and explain where you were
# wrong.


# %%
def step_operations(batch, sizes):
    operations = 0
    for layer, (num_inputs, units) in enumerate(zip(sizes, sizes[1:])):
        products = ...  # of this layer, forward and backward
        operations += ...
    return operations


# %% [markdown] tags=["solution"]
# Two products for the first layer, three for each other one, and an addition beside each multiplication.


# %% tags=["solution"]
def step_operations(batch, sizes):
    operations = 0
    for layer, (num_inputs, units) in enumerate(zip(sizes, sizes[1:])):
        products = 2 if layer == 0 else 3
        operations += products * 2 * batch * num_inputs * units
    return operations


for batch in (1, 32, 1024):
    print(f"batch of {batch:4}: {step_operations(batch, [64, 256, 10]) / 1e6:6.2f} million operations")

# %% [markdown] tags=["solution"]
# To predict a time, add three: the overhead, which is the time of a step on one example; the arithmetic over the peak;
# and the bytes that the operations read and write, which a tape around the tape can count, over the bandwidth of the
# memory. The times are those of one machine.

# %% tags=["solution", "nbval-ignore-output"]
network = tf.keras.Sequential([tf.keras.layers.Dense(256, activation="relu"), tf.keras.layers.Dense(10)])
loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
network(tf.zeros((1, 64)))  # makes the variables


def network_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, network(x))
    return tape.gradient(loss, network.trainable_variables)


def bytes_moved(x, y):
    with tf.GradientTape() as outer:
        outer.watch(x)
        network_step(x, y)
    arrays = [part for _, inputs, output, *_ in outer._records for part in (*inputs, output)]
    return sum(np.asarray(part).nbytes for part in arrays)


def least_time(program, number=20):
    program()
    return min(timeit.repeat(program, number=number, repeat=10)) / number


square, large = np.ones((256, 256), np.float32), np.ones(2**24, np.float32)
peak = 2 * 256**3 / least_time(lambda: square @ square)
bandwidth = 8 * large.size / least_time(lambda: np.add(large, 1, out=large), number=1)
overhead = None
print("   batch  overhead  arithmetic  bytes  predicted  measured, all in µs")
for batch in (1, 32, 1024):
    x, y = tf.random.normal((batch, 64)), tf.zeros(batch, tf.int32)
    measured = least_time(lambda x=x, y=y: network_step(x, y))
    overhead = overhead or measured
    parts = overhead, step_operations(batch, [64, 256, 10]) / peak, bytes_moved(x, y) / bandwidth
    columns = [1e6 * part for part in (*parts, sum(parts), measured)]
    print(f"{batch:8}" + "".join(f"{column:{width}.0f}" for column, width in zip(columns, (10, 12, 7, 11, 10))))

# %%
check.from_tape_to_program.step_operations(step_operations)

# %% [markdown] tags=["solution"]
# At a batch of 1 the step is overhead-bound, and at 32 still mostly. At 1024 arithmetic and bytes are most of it. Where
# was the prediction wrong? It takes the peak of a square product for these flat ones, which do not reach it, and that
# is most of the difference. It takes all bytes for those of the main memory, where some are in the cache. And it takes
# an exponential for a single operation.
