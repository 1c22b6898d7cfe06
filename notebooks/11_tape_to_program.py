# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 11. From tape to program
#
# After this chapter you can
#
# - **measure** where the time of a training step goes: into operations, into arithmetic, or into moving bytes,
# - **say** which of the three limits a computation, before you try to make it faster,
# - **trace** a step with `tf.function`, read the program that comes of it, and say when it is traced again.
#
# Time: about 30 minutes, and 25 for the exercises. It builds on the training loop (chapter 5), on the tape's records
# and rules (chapter 2), and on what a read of a variable is (chapter 1).

# %%
import importlib.util
import mmap
import subprocess
import sys
import textwrap
import timeit
from functools import partial
from pathlib import Path

import numpy as np

import course as tf
from course import check, datasets, plots

# %% [markdown]
# ## How to measure
#
# A time depends on the machine, on what else it is doing, and on luck. So this chapter measures the way that people
# who depend on the result do:
#
# - call each program several times, and keep its **least time**: other programs on the machine can only add to it;
# - let the programs take turns, so that a slow second hits them all;
# - compare: a time means little, but the ratio of two times on the same machine means a lot.


# %%
def best_times(programs, rounds=15):
    """The least time of one call of each program, in seconds."""
    calls = {}
    for name, program in programs.items():
        program()  # the first call is slower: it finds nothing prepared
        calls[name] = 1
        while min(timeit.repeat(program, number=calls[name], repeat=3)) < 0.001:
            calls[name] *= 2  # so that one measurement takes 1 ms at least
    times = dict.fromkeys(programs, np.inf)
    for _ in range(rounds):
        for name, program in programs.items():
            total = timeit.timeit(program, number=calls[name])
            times[name] = min(times[name], total / calls[name])
    return times


# %% [markdown]
# What is measured is the step of chapter 5, with its model, loss and `train`:

# %%
learning_rate = 0.1


class Model(tf.Module):
    def __init__(self, W=5.0, b=0.0):
        super().__init__()
        self.W = tf.Variable(W, name="W")
        self.b = tf.Variable(b, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


def l2_loss(predictions, outputs):
    return tf.reduce_mean(tf.square(predictions - outputs))


def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)
    return loss


# %% [markdown]
# And beside it, as the yardstick, the same step by hand: gradients derived on paper, plain NumPy, no tape.


# %%
def train_by_hand(state, inputs, outputs, learning_rate):
    errors = inputs * state["W"] + state["b"] - outputs
    loss = np.mean(np.square(errors))
    dW = np.mean(2 * errors * inputs)
    db = np.mean(2 * errors)
    state["W"] = state["W"] - np.float32(learning_rate) * dW
    state["b"] = state["b"] - np.float32(learning_rate) * db
    return loss


def line(num_examples):
    """The tutorial's points, as tensors and as arrays."""
    tensors = datasets.line(num_examples)
    return tensors, [t.numpy() for t in tensors]


tensors, arrays = line(1000)
model, state = Model(), {"W": np.float32(5), "b": np.float32(0)}
for _ in range(20):
    loss = train(model, *tensors, learning_rate)
    loss_by_hand = train_by_hand(state, *arrays, learning_rate)
print(f"after 20 steps, with the tape: loss {loss:.4f}, W = {model.W.numpy():.4f}")
print(f"after 20 steps, by hand:       loss {loss_by_hand:.4f}, W = {state['W']:.4f}")

# %% [markdown]
# They compute the same. Now the first question. A step on 1,000 points does 100 times as much arithmetic as a step on
# 10.
#
# **Predict.** With the tape, how many times as long does it take?

# %%
first_guess = check.predict(
    "a step on 1,000 points takes as long as one on 10, times",
    ["less than 5", "about 10", "about 100"],
)


# %%
def step_with_the_tape(num_examples):
    tensors, _ = line(num_examples)
    return partial(train, Model(), *tensors, learning_rate)


def step_by_hand(num_examples):
    _, arrays = line(num_examples)
    state = {"W": np.float32(5), "b": np.float32(0)}
    return partial(train_by_hand, state, *arrays, learning_rate)


sizes = [10, 100, 1000, 10_000, 100_000, 1_000_000]
steps = {(size, "with the tape"): step_with_the_tape(size) for size in sizes}
steps |= {(size, "by hand"): step_by_hand(size) for size in sizes}
times = best_times(steps)
tape = {size: times[size, "with the tape"] for size in sizes}
by_hand = {size: times[size, "by hand"] for size in sizes}
ratio = tape[1000] / tape[10]
first_guess.outcome("less than 5" if ratio < 5 else "5 or more")

# %% [markdown]
# Next to nothing. Whatever a small step does with its time, it is not arithmetic. Here are all sizes, on logarithmic
# axes. The figure, like a few others in this chapter, shows the times of the machine that made this page. Run the
# cell, and it shows yours. What the text concludes is printed as a comparison that should hold on any computer.

# %% tags=["nbval-ignore-output"]
plots.show(
    plots.step_times(
        sizes,
        {"with the tape": tape, "by hand": by_hand},
        "Small steps cost the same, large ones grow with the points",
    ),
    "Time of a step over the number of points, on logarithmic axes. Both curves are "
    "flat up to about a thousand points, the tape's above the other. From a hundred "
    "thousand points on both rise in proportion to the number of points.",
)
for size in sizes:
    ratio = tape[size] / by_hand[size]
    print(f"{size:9,} points: with the tape {ratio:.1f} × by hand")

# %%
overhead = tape[10]
print("10 points: the tape takes longer than by hand:", tape[10] > 1.2 * by_hand[10])
print("1,000 points: more than a third is overhead:", 3 * overhead > tape[1000])
print("1,000,000 points: less than a tenth is:", 10 * overhead < tape[1_000_000])
print("and the tape less than 3 × by hand:", tape[1_000_000] < 3 * by_hand[1_000_000])

# %% [markdown]
# The flat part of a curve is its **overhead**: what a step costs however few points there are. A step on ten points is
# almost nothing else, and the tape has more of it than the program by hand. The rising part is the work that grows
# with the points. There the tape adds little, and on some machines it even is the faster one.
#
# So there are two questions: what makes the overhead, and what makes the slope?
#
# ## The price of an operation
#
# First the overhead. A tape around the tape sees every operation that a step calls, the backward ones too:

# %%
model = Model()
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        loss = l2_loss(model(tensors[0]), tensors[1])
    forward = len(outer._records)
    inner.gradient(loss, [model.W, model.b])
names = [operation.name for operation, *_ in outer._records]
print("forward: ", ", ".join(names[:forward]))
print("backward:", ", ".join(names[forward:]))
print(f"{len(names)} operations, and for the updates 2 products and 2 assignments")

# %% [markdown]
# Fourteen calls, each of which would be one or two instructions of the processor if the tensors were single
# numbers. What does such a call cost? Multiply two numbers: as Python floats, as NumPy arrays, as tensors, and as
# tensors on a tape that is then asked for the gradient.

# %%
x, array, tensor = 1.5, np.array([1.5], np.float32), tf.constant([1.5])
variable = tf.Variable([1.0])


def fifty_on_a_tape():
    with tf.GradientTape() as tape:
        product = variable
        for _ in range(50):
            product = product * tensor
    tape.gradient(product, variable)


price = best_times(
    {
        "Python": lambda: x * x,
        "NumPy": lambda: array * array,
        "tensor": lambda: tensor * tensor,
        "tape": fifty_on_a_tape,
    }
)
price["tape"] /= 50
print("NumPy more than 3 × Python:", price["NumPy"] > 3 * price["Python"])
print("a tensor more than NumPy:", price["tensor"] > 1.1 * price["NumPy"])
print("with its gradient more than 2 × a tensor:", price["tape"] > 2 * price["tensor"])

# %% [markdown]
# Python multiplies two numbers, and that is slow already: it has to look up what the objects are. NumPy looks at
# shapes, dtypes and memory layout on top, makes a new array, and only then multiplies. A tensor wraps the result. The
# tape records the call, and later runs at least one more operation for the gradient.
#
# All of it costs the same for one number and for a thousand, because the loop over the elements is compiled code. A
# computation whose time goes into such calls is **overhead-bound**. Two ways lead out: more work for each call, which
# is why training uses batches, or fewer calls.
#
# ## Bytes
#
# Now the slope. A step on a million points does little arithmetic for each of them. What it does a lot is walk over
# arrays: each NumPy operation reads its inputs from memory and writes its result back. The class below is an array
# that keeps count. NumPy asks it before it computes anything, and hands over the function, `ufunc`, and how to call it.

# %%
traffic = []


class Counted(np.ndarray):
    """An array that notes the bytes which each operation reads and writes."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
        inputs = [np.asarray(x) if isinstance(x, Counted) else x for x in inputs]
        if out:
            kwargs["out"] = tuple(np.asarray(x) for x in out)
        result = np.asarray(getattr(ufunc, method)(*inputs, **kwargs))
        read = sum(x.nbytes for x in inputs if np.ndim(x))
        if read:  # not between single numbers
            name = "sum" if method == "reduce" else ufunc.__name__
            traffic.append((name, read, result.nbytes))
        return out[0] if out else result.view(Counted)


num_examples = 1_000_000
counted = [array.view(Counted) for array in line(num_examples)[1]]
train_by_hand(state, *counted, learning_rate)
print("operation  bytes read  written, for each point")
for name, read, written in traffic:
    print(f"{name:9}{read / num_examples:12.0f}{written / num_examples:9.0f}")
moved = sum(read + written for _, read, written in traffic) / num_examples
print(f"together {moved:.0f} bytes for {len(traffic)} arithmetic operations")

# %% [markdown]
# Ten arithmetic operations a point, and 76 bytes moved. The number of arithmetic operations for each byte is the
# **arithmetic intensity** of a program; here it is 10 / 76, about 0.13. Compare a product of two $n\times n$ matrices:
# $2n^3$ operations, a product and a sum for each of $n$ terms of $n^2$ elements, on $3 n^2$ numbers of 4 bytes. Its
# intensity is $n/6$, and grows with $n$.
#
# What the intensity means depends on two numbers of your machine: how many arithmetic operations it can do in a second,
# its **peak**, and how many bytes it can move, its **bandwidth**. A product of matrices comes near the first. Adding 1
# to each element of an array comes near the second. It comes in two kinds: a **cache** is a small, fast memory inside
# the processor, and what does not fit into it comes from the main memory, which is slower. So measure a large array
# and a small one.

# %%
squares = {n: np.ones((n, n), np.float32) for n in (16, 64, 256)}
large, small = np.ones(2**24, np.float32), np.ones(2**16, np.float32)
programs = {n: partial(np.matmul, A, A) for n, A in squares.items()}
programs["large"] = partial(np.add, large, 1, out=large)
programs["small"] = partial(np.add, small, 1, out=small)
seconds = best_times(programs)
product_speed = {n: 2 * n**3 / seconds[n] for n in squares}  # operations a second
peak = max(product_speed.values())
bandwidth = 8 * large.size / seconds["large"]  # bytes a second: 4 read, 4 written
cache_bandwidth = 8 * small.size / seconds["small"]
sum_speed = large.size / seconds["large"]
print("the cache is faster than the memory:", cache_bandwidth > 1.1 * bandwidth)
print("adding 1 reaches less than a quarter of the peak:", 4 * sum_speed < peak)

# %% [markdown]
# Adding 1 to each element of a large array leaves most of the processor idle: it waits for bytes. Such a computation
# is **memory-bound**. A large matrix product is **compute-bound**. The **roofline** puts both limits in one picture:
# at an intensity of $I$ operations for each byte, no program can do more operations a second than
#
# $$\min(\text{peak},\; I \cdot \text{bandwidth}).$$
#
# **Predict.** The step by hand has an intensity of 0.13. On a million points, which share of the peak does it reach?

# %%
second_guess = check.predict(
    "of the peak, the step by hand reaches",
    ["more than 90 %", "about half", "less than a quarter"],
)

# %%
reached = {"step by hand": 10 * num_examples / by_hand[num_examples]}
intensities = {"step by hand": 10 / moved}
for n, speed in product_speed.items():
    reached[f"{n} × {n} product"] = speed
    intensities[f"{n} × {n} product"] = n / 6
share = reached["step by hand"] / peak
second_guess.outcome("less than a quarter" if share < 0.25 else "more than a quarter")

# %% tags=["nbval-ignore-output"]
plots.show(
    plots.roofline(intensities, reached, peak, bandwidth, cache_bandwidth),
    "Operations a second over arithmetic intensity, on logarithmic axes. A roof rises "
    "with the memory's bandwidth and is flat at the peak; a second, higher slope is "
    "the cache's. The step by hand is far left, near the slope. Matrix products lie "
    "to the right, the large ones near the peak.",
)
print(f"in the time of one byte from memory: {peak / bandwidth:.1f} operations")
print(f"the step by hand reaches {share:.1%} of the peak")

# %% [markdown]
# The figure is again that of the machine which made this page, and the shape is the same on every machine: a slope and
# a flat roof. The step sits far to the left, near the slope, and there only two things help: move fewer bytes, or
# move them within the cache. Faster arithmetic would not. Small matrix products are below the roof as well, for a
# reason that you know: overhead.
#
# (In the browser edition Python runs inside the page. Arithmetic is slower there, memory keeps up with it, and some
# comparisons of this chapter that are about bytes come out as False.)
#
# ## Fresh memory
#
# There is a third cost, and it hides in the words "makes a new array". Memory that a program asks for is a promise at
# first. The operating system hands it out in pages, mostly of 4096 bytes, at the first touch: the program stops, the
# system finds a free page, fills it with zeros and goes on. This is a **page fault**. Write a sum into memory that is
# fresh from the system, and then into the same array again and again:

# %%
ones = np.ones(2**18, np.float32)  # 1 MiB
result = np.empty_like(ones)


def into_fresh_memory():
    fresh = np.frombuffer(mmap.mmap(-1, ones.nbytes), np.float32)
    np.add(ones, 1, out=fresh)


memory = best_times(
    {
        "fresh": into_fresh_memory,
        "reused": lambda: np.add(ones, 1, out=result),
        "new": lambda: ones + 1,
    }
)
fresh, reused, new = memory.values()
print("fresh memory takes more than 1.5 × as long:", fresh > 1.5 * reused)
print("a new array takes less time than fresh memory:", new < fresh)

# %% [markdown]
# `mmap` asks the system directly. A new array mostly does not: between NumPy and the system stands the **allocator**,
# which keeps blocks of memory that were freed, and hands them out again. How much it keeps is a matter of its settings.
# The allocator of most Linux systems, glibc, returns large blocks to the system when several of them are freed at once,
# and that is what happens at the end of every step, when the tape lets go of all that it recorded. The next step then
# meets fresh memory everywhere. The allocator learns better when it sees one very large block freed. The last line of
# `course/__init__.py` makes and frees one, for all that follows:

# %%
print(Path(tf.__file__).read_text("utf-8").splitlines()[-1])

# %% [markdown]
# To see what it changes, make and free eight arrays of 1 MiB, as a step does, and count the page faults: in a new
# Python that imports only NumPy, and in one that imports `course`. Python can count them on Linux and macOS.

# %% tags=["nbval-ignore-output"]
count_faults = """
import resource
import numpy as np
import MODULE
ones = np.ones(2**18, np.float32)
for _ in range(10):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    [ones + 1 for _ in range(8)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
if sys.platform != "emscripten" and importlib.util.find_spec("resource"):
    for module in ("numpy", "course"):
        program = [sys.executable, "-c", count_faults.replace("MODULE", module)]
        faults = subprocess.check_output(program, text=True)
        print(f"page faults of eight arrays, with {module}: {int(faults)}")
else:
    print("here, Python cannot count page faults")

# %% [markdown]
# ## Fewer bytes, by hand
#
# So write the step for the memory. Two arrays of its own are made once and used in every step; `out=` names the array
# that an operation writes to. The factor 2 waits until only one number is left.


# %%
def in_place(num_examples):
    """A step as `train_by_hand`, without new arrays."""
    errors, products = np.empty((2, num_examples), np.float32)

    def step(state, inputs, outputs, learning_rate):
        np.multiply(inputs, state["W"], out=errors)
        np.add(errors, state["b"], out=errors)
        np.subtract(errors, outputs, out=errors)
        loss = np.mean(np.square(errors, out=products))
        dW = 2 * np.mean(np.multiply(errors, inputs, out=products))
        db = 2 * np.mean(errors)
        state["W"] = state["W"] - np.float32(learning_rate) * dW
        state["b"] = state["b"] - np.float32(learning_rate) * db
        return loss

    return step


# %% [markdown]
# That moves 60 bytes for each point in place of 76, and needs no new memory. But the slope of the roofline says that
# bytes from the *cache* are cheaper. The two arrays of a million points do not fit into it. Those of some ten thousand
# points would. So do the whole step for a first **block** of points, then for the next one, with the same two small
# arrays, and add up the sums:


# %%
def in_blocks(num_examples, block=2**15):
    """A step as `train_by_hand`, with one block of points after the other."""
    errors, products = np.empty((2, block), np.float32)

    def step(state, inputs, outputs, learning_rate):
        total = sum_W = sum_b = 0.0
        for start in range(0, num_examples, block):
            x, y = inputs[start : start + block], outputs[start : start + block]
            e, p = errors[: len(x)], products[: len(x)]
            np.multiply(x, state["W"], out=e)
            np.add(e, state["b"], out=e)
            np.subtract(e, y, out=e)
            total += np.square(e, out=p).sum()
            sum_W += np.multiply(e, x, out=p).sum()
            sum_b += e.sum()
        scale = np.float32(2 * learning_rate / num_examples)
        state["W"] = state["W"] - scale * sum_W
        state["b"] = state["b"] - scale * sum_b
        return total / num_examples

    return step


# %% [markdown]
# Four million points are too many for most caches. Do all three compute the same, and is it worth the trouble?

# %%
num_examples = 4_000_000
_, arrays = line(num_examples)
programs = {"by hand": train_by_hand}
programs["in place"] = in_place(num_examples)
programs["in blocks"] = in_blocks(num_examples)
steps, losses = {}, {}
for name, program in programs.items():
    state = {"W": np.float32(5), "b": np.float32(0)}
    losses[name] = program(state, *arrays, learning_rate)
    steps[name] = partial(program, state, *arrays, learning_rate)
times = best_times(steps)
print("equal to six digits:", np.ptp(list(losses.values())) < 1e-6 * losses["by hand"])
print("in place no longer than by hand:", times["in place"] < 1.1 * times["by hand"])
print("in blocks less than by hand:", times["in blocks"] < 0.95 * times["by hand"])

# %% [markdown]
# In place saves little: it still makes eight passes over the memory. In blocks it makes one.
#
# But look at what it took. Three lines of mathematics became twenty of bookkeeping, and every other model would need
# its own. Yet nothing in it needed thought: which operations there are, in which order, on which shapes, and when an
# array is needed for the last time. Your program answers all of that each time it runs. It only has to be asked once.
#
# ## A trace
#
# `tf.function` takes a Python function and returns one that is called in the same way. At its first call it
# **traces**: it runs your Python as usual, and writes down each operation that is called, those of the tape's walk back
# included. The result is a **program**, a flat list of NumPy calls. From then on it runs the program, without your
# Python and without a tape.

# %%
traced = tf.function(train)
models, losses = {"with the tape": Model(), "traced": Model()}, {}
tensors, arrays = line(1000)
for _ in range(20):
    losses["with the tape"] = train(models["with the tape"], *tensors, learning_rate)
    losses["traced"] = traced(models["traced"], *tensors, learning_rate)
for name, model in models.items():
    print(f"{name:13} loss {losses[name]:.4f}, W = {model.W.numpy():.4f}")
print("traces:", traced.trace_count)

# %% [markdown]
# The same numbers, from one trace in 20 calls. What happened to your Python in the other 19? Put a `print` into the
# function, and find out.
#
# **Predict.** The function is called three times on 1,000 points and once on 10. How often does it print?

# %%
third_guess = check.predict("how often it prints", ["4 times", "twice", "once"])

# %%
printed = []
model = Model()


@tf.function
def talking_step(inputs, outputs):
    print("Python is running, on inputs of shape", inputs.shape)
    printed.append(inputs.shape)
    return train(model, inputs, outputs, learning_rate)


for num_examples in (1000, 1000, 1000, 10):
    loss = talking_step(*line(num_examples)[0])
third_guess.outcome("twice" if len(printed) == 2 else f"{len(printed)} times")

# %% [markdown]
# Twice: once for each shape. A `print`, an `append`, a counter that goes up are **Python effects**. They happen while
# tracing, and are no part of the program. What tells one call from another is its **signature**: the shape and dtype
# of each tensor, the value of each number or string, and of any other object which one it is and what it holds. A call
# with a known signature runs the program that it has. Any other is traced.
#
# Numbers in the signature are a trap. Give the step three learning rates, first as Python numbers,
# then as tensors:


# %%
@tf.function
def traced_train(inputs, outputs, learning_rate):
    return train(model, inputs, outputs, learning_rate)


for rate in (0.1, 0.05, 0.025):
    traced_train(*tensors, rate)
print("Python numbers:", traced_train.trace_count, "traces")
before = traced_train.trace_count
for rate in (0.1, 0.05, 0.025):
    traced_train(*tensors, tf.constant(rate))
print("tensors:       ", traced_train.trace_count - before, "trace")

# %% [markdown]
# A Python number is part of the signature, so a rate that falls in every epoch makes a new program in every epoch, and
# all of your Python runs again. A tensor is a value like any other, and one program serves all of them. The same holds
# for a variable. And a number that the function finds outside of itself, like `learning_rate` in `talking_step`, is not
# even looked at again: the program keeps the value that it had during the trace. One of the exercises is about that.
#
# What a trace cannot do is take a turn that depends on a tensor's value: the program has to hold for every value.


# %%
@tf.function
def careful(x):
    return x if x > 0 else -x


try:
    careful(tf.constant(1.0))
except TypeError as error:
    print(textwrap.fill(str(error), 84))

# %% [markdown]
# `tf.where(x > 0, x, -x)` computes both and takes one of them, element by element. That a program can hold.
#
# ## The program as a table
#
# `get_concrete_function` gives the program for the signature of its arguments, and `explain` prints it. Arguments and
# variables keep their names there, and each result has a letter:

# %%
program = talking_step.get_concrete_function(*tensors)
program.explain()

# %% [markdown]
# Nine operations on arrays, five forward and four backward, then the updates. The gradient of the square, 2d times 1/n,
# has become one product by a number. No tape is left, no rule is looked up, no array is made. The last column is the
# plan for the memory. Each **buffer** is made once, and its number says which result it holds at which step. Where a
# result is needed for the last time, the next may take its place.

# %%
lives = program.lifetimes
plots.show(
    plots.buffers(lives),
    "Bars over the steps of the program, one row for each buffer. The first buffer "
    "holds five results, one after the other. The second holds only the square.",
)
together = sum(nbytes for _, _, nbytes, _, _ in lives)
planned = sum({name: nbytes for name, _, nbytes, _, _ in lives}.values())
print(f"{len(lives)} arrays of {together:,} bytes together, in {planned:,} bytes")

# %% [markdown]
# Six results share two buffers. This is what `in_place` did by hand, found from the first and the last step at which
# each result is needed. On arrays of $2^{15}$ elements and more the program also computes in blocks that fit into the
# cache, as `in_blocks` did.
#
# ## Eager, traced, and by hand
#
# Operations that run at once, when Python calls them, are called **eager**, as opposed to traced. Which is how fast?


# %%
def traced_step(num_examples):
    tensors, _ = line(num_examples)
    return partial(tf.function(train), Model(), *tensors, learning_rate)


sizes = [10, 1000, 100_000, 1_000_000]
steps = {(size, "eager"): step_with_the_tape(size) for size in sizes}
steps |= {(size, "by hand"): step_by_hand(size) for size in sizes}
steps |= {(size, "traced"): traced_step(size) for size in sizes}
times = best_times(steps)
eager = {size: times[size, "eager"] for size in sizes}
by_hand = {size: times[size, "by hand"] for size in sizes}
traced = {size: times[size, "traced"] for size in sizes}
print("1,000 points: traced takes less than eager:", traced[1000] < 0.9 * eager[1000])
print("and less than 2 × by hand:", traced[1000] < 2 * by_hand[1000])
million = 1_000_000
print("1,000,000 points: less than eager:", traced[million] < 0.9 * eager[million])
print("and no longer than by hand:", traced[million] < 1.1 * by_hand[million])

# %% tags=["nbval-ignore-output"]
plots.show(
    plots.step_times(
        sizes,
        {"eager": eager, "by hand": by_hand, "traced": traced},
        "A trace removes overhead, and on many points bytes",
    ),
    "Time of a step over the number of points, on logarithmic axes, eager, by hand "
    "and traced. On few points the traced step is below the eager one; on a million "
    "points it is below both others.",
)
for size in sizes:
    print(f"{size:9,} points: traced {traced[size] / by_hand[size]:.2f} × by hand")

# %% [markdown]
# On few points a trace removes overhead: that of the tape, of the tensors, of looking things up. What is left is
# NumPy's own. On many points it removes bytes. Between the two it makes your model about as fast as the program that
# you would have derived on paper, and often faster, from the lines that you wrote for the tape.
#
# ## What compilers do more
#
# This course's program is a list of NumPy calls. TensorFlow's `tf.function` and its compiler **XLA** go further:
#
# - **Fusion** makes one loop of several element-wise operations. Results in between stay in the processor and never
#   reach even the cache. Blocks are what Python can do of this.
# - **Constant folding** computes once, while tracing, what depends on no input. **Common subexpression elimination**
#   computes once what occurs twice. And what nobody needs is left out.
# - **Buffer assignment** plans the memory of the whole program, as the table above does.
# - **Device code** is generated for the shapes at hand: vector instructions and threads on a processor, kernels on a
#   GPU. There the bandwidth is larger and the peak larger still, and the roofline has the same form.
# - Their traces branch: TensorFlow rewrites a Python `if` or `while` on a tensor into operations of the program. And a
#   program can be saved, and run where there is no Python.
#
# Of the step of this chapter, XLA in TensorFlow 2.21 makes three large loops, for the loss and the two gradients. Each
# computes the errors anew, in place of storing them: it prefers arithmetic to bytes. You know why.
#
# ## In other frameworks
#
# In TensorFlow the traced step is the same code, and one argument hands it to XLA. PyTorch watches Python's bytecode
# in place of a trace. JAX traces functions without state, so the model goes in and comes out:
#
# ```python
# step = tf.function(train, jit_compile=True)  # TensorFlow
# step = torch.compile(train)                  # PyTorch
#
# @jax.jit                                     # JAX
# def step(W, b, x, y):
#     loss, (dW, db) = jax.value_and_grad(loss_of, (0, 1))(W, b, x, y)
#     return loss, W - 0.1 * dW, b - 0.1 * db
# ```

# %% [markdown]
# ## Summary
#
# - A computation is bound by overhead, by bytes or by arithmetic. Compare least times, and put its arithmetic
#   intensity on the roofline, before you change anything.
# - Fresh memory costs a page fault for each page; reused buffers and blocks in the cache cost few bytes.
# - A trace runs your Python once for each signature and keeps a flat program. Python effects and Python numbers belong
#   to the trace; tensors and variables belong to every call.
#
# In chapter 12 the step leaves the machine: several work on one batch together.

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


# %%
check.from_tape_to_program.frozen_rate(train_with_decay)

# %% [markdown]
# **4. Your own roofline.** Take the perceptron of chapter 9. With the functions of this chapter, predict from its
# operations, its bytes and your machine's numbers how long a step takes at batch sizes of 1, 32 and 1024. Which of the
# three limits holds at each? Then measure, and explain where you were wrong.
