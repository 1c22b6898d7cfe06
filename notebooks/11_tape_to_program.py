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
# - **write** a tracer in 40 lines, which notes once what a function does and then runs the notes; and say when
#   `tf.function` traces again, and what it fixes,
# - **say** which of three limits a computation meets, before you try to make it faster.
#
# Time: about 65 minutes, 5 more for what is under "Further", and 25 for the exercises. It builds on the training loop
# (chapter 5), on the tape's records and rules (chapter 2), and on what a read of a variable is (chapter 1).

# %%
import inspect
import textwrap
import timeit
from functools import partial

import numpy as np

import course as tf
from course import check, datasets, experiments, plots
from course.losses import l2_loss

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
# Run the cells, and they show the times of your machine. Those in the book are of a small one. What the text concludes
# from them should hold on any computer; where yours says otherwise, look for what else it is doing.
#
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
# **Predict.** And its time?

# %%
first_guess = check.from_tape_to_program.price_of_a_hundredfold.predict()


# %% tags=["nbval-ignore-output"]
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
print(f"10 points: {1e6 * tape[10]:.0f} µs, 1,000 points: {1e6 * tape[1000]:.0f} µs")
first_guess.outcome(tape[1000] / tape[10])

# %% [markdown]
# Whatever a small step does with its time, it is not arithmetic.

# %% [markdown]
# Here are all sizes, on logarithmic axes:

# %% tags=["nbval-ignore-output"]
for size in sizes:
    ratio = tape[size] / by_hand[size]
    print(f"{size:9,} points: with the tape {ratio:.1f} × by hand")
title = "Small steps cost the same, large ones grow with the points"
plots.step_times(sizes, {"with the tape": tape, "by hand": by_hand}, title)

# %% [markdown]
# The flat part of a curve is its **overhead**: what a step costs however few points there are. A step on ten points is
# almost nothing else, and the tape has several times as much of it as the program by hand. The rising part is the work
# that grows with the points. There the tape costs more, too, though it calls no more operations on arrays than the
# program by hand: it keeps every result for the walk back, in an array of its own.
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
# Fourteen calls, each of which would be one or two instructions of the processor if the tensors were single numbers.
# What does such a call cost? Multiply two numbers: as Python floats, as NumPy arrays, as tensors, and as tensors on a
# tape that is then asked for the gradient.

# %% tags=["nbval-ignore-output"]
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
        "Python floats": lambda: x * x,
        "NumPy arrays": lambda: array * array,
        "tensors": lambda: tensor * tensor,
        "on a tape, with the gradient": fifty_on_a_tape,
    }
)
price["on a tape, with the gradient"] /= 50
for name, seconds in price.items():
    print(f"{name:28} {1e9 * seconds:6.0f} ns a product")

# %% [markdown]
# A processor multiplies two numbers in less than a nanosecond. Python takes many times as long: it has to look up what
# the objects are. NumPy looks at shapes, dtypes and memory layout on top, makes a new array, and only then multiplies.
# A tensor wraps the result. The tape records the call, and later runs at least one more operation for the gradient.
#
# All of it costs the same for one number and for a thousand, because the loop over the elements is compiled code. A
# computation whose time goes into such calls is **overhead-bound**. Two ways lead out. One is more work for each call,
# which is why training uses batches. The other is to do less around each call. In every step, your program finds out
# the same things again: which operations there are, in which order, and which rule of the tape belongs to each. It
# could be asked once.
#
# ## Note it once
#
# That is what you build now, in about 40 lines. A **tracer** runs a function once on **symbols**, which stand for
# arrays and have a name in place of a value, and notes each operation. The notes are a **program**. To run it later,
# nobody needs the function, or a symbol: only the operations, in order, on a table of values.
#
# A tape's record has the operation, its inputs and its output (chapter 2). Here a **step** has the same three, by their
# names: `(np.multiply, ["w", "x"], "r0")` says that `r0` is the product of `w` and `x`. A number stands for itself:
# `(np.multiply, [2, "r0"], "r1")`.
#
# The operators of a symbol only call `note`. Complete it: choose a name for the result that no other result of this
# trace has, append the step to `self.steps`, the list that all symbols of a trace share, and return what the next
# operation goes on with.


# %%
class Symbol:
    """Stands for an array while a function is traced: it has a name, and no value."""

    def __init__(self, name, steps):
        self.name, self.steps = name, steps

    def note(self, operation, *inputs):
        names = [x.name if isinstance(x, Symbol) else x for x in inputs]
        result = Symbol(..., self.steps)
        ...  # append the step
        return ...

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


# %%
check.from_tape_to_program.symbol(Symbol)

# %% [markdown]
# `trace` makes a symbol for each argument that is an array, calls the function once, and returns the program: the names
# of the arguments, the steps, and the name of the result. (`or_ours` takes your class if it is right. If not, it takes
# the course's, so that you can go on; the solutions are in `notebooks/solutions`.)

# %%
Symbol = check.from_tape_to_program.symbol.or_ours(Symbol)
ARRAY = np.ndarray | np.generic  # what NumPy computes: arrays, and its single numbers


def trace(function, arguments):
    """One call of `function`, as a program: its arguments' names, steps, result's name."""
    names, steps = list(inspect.signature(function).parameters), []
    named = zip(names, arguments)
    given = [Symbol(name, steps) if isinstance(a, ARRAY) else a for name, a in named]
    result = function(*given)
    return names, steps, result.name


def descend(w, x, y, rate):
    """A step for the model w·x, with the gradient derived by hand: the new w."""
    errors = w * x - y
    return w - rate * (2 * (errors * x).mean())


x, y = np.array([1.0, 2.0, 3.0]), np.array([3.0, 6.0, 9.0])
program = trace(descend, [np.float64(5), x, y, 0.1])
for operation, inputs, output in program[1]:
    print(f"{output} = {operation.__name__}({', '.join(map(str, inputs))})")

# %% [markdown]
# Seven steps, and `descend` is not needed to run them. To **replay** them, keep a table of values: the arguments
# under their names at first, then each result under its own. Complete the lookup, the call, and what is returned.


# %%
def replay(program, arguments):
    names, steps, result = program
    values = dict(zip(names, arguments))
    for operation, inputs, output in steps:
        arrays = [... for x in inputs]  # a name means its value; a number means itself
        values[output] = ...
    return ...


# %%
check.from_tape_to_program.replay(replay)

# %%
replay = check.from_tape_to_program.replay.or_ours(replay)
for w in (5.0, 4.0):
    arguments = [np.float64(w), x, y, 0.1]
    by_python, replayed = descend(*arguments), replay(program, arguments)
    print(f"from w = {w}: by Python {by_python:.4f}, replayed {replayed:.4f}")

# %% [markdown]
# The program was traced at w = 5, and it is right at w = 4 too: a name means whatever value it has in this call. The
# rate is different. Look at the steps above: in the last step but one it stands as 0.1, without a name. A number is
# part of the program, and a call with another one needs a program of its own.
#
# So let `traced(function)` return a function, `call`, which keeps its programs under the **signature** of their
# arguments. The signature holds what a program has fixed, and no more. Complete the signature (a word for any array,
# and what else?), the question whether this call needs a new program, and what `call` does with the programs.


# %%
def traced(function):
    programs = {}

    def call(*arguments):
        signature = tuple(... for argument in arguments)
        if ...:
            programs[signature] = ...
        return ...

    call.programs = programs
    return call


# %%
check.from_tape_to_program.traced(traced)

# %%
traced = check.from_tape_to_program.traced.or_ours(traced)
step = traced(descend)
w = np.float64(5)
for _ in range(20):
    w = step(w, x, y, 0.1)
print(f"after 20 steps w = {w:.4f}, from {len(step.programs)} program")

# %% [markdown]
# That is a tracer. Three things about it surprise everybody once, in yours and in those of TensorFlow and JAX, and in
# yours you can see why.
#
# **A number from outside.** This function finds its rate outside of itself. It is called, the rate is
# halved, and it is called again.
#
# **Predict.** With which rate does the second call step?

# %%
second_guess = check.from_tape_to_program.rate_from_outside.predict()

# %%
rate = 0.1
step = traced(lambda w, x, y: w - rate * (2 * ((w * x - y) * x).mean()))
w = np.float64(5)
slope = np.mean(2 * (w * x - y) * x)
used = []
for rate in (0.1, 0.05):
    used.append((w - step(w, x, y)) / slope)  # how far, for each unit of the gradient
print("rates outside: 0.1, 0.05; rates used:", np.round(used, 4))
second_guess.outcome(used[1])

# %% [markdown]
# The number was written into the program when the function ran. Nobody looks at the variable `rate` again: the function
# does not run, and the signature of the arguments is the same.

# %% [markdown]
# **A number as an argument.** As an argument, the rate is seen, and each new one costs a trace. As
# an array it has a symbol, and one program serves all:

# %%
step = traced(descend)
for rate in (0.1, 0.05, 0.025):
    step(np.float64(5), x, y, rate)
print("numbers:", len(step.programs), "programs")
step = traced(descend)
for rate in (0.1, 0.05, 0.025):
    step(np.float64(5), x, y, np.float64(rate))
print("arrays: ", len(step.programs), "program")

# %% [markdown]
# **A result that gets out.** Here a function keeps a result in a list, as one does to look at it later:

# %%
kept = []


def remember(x):
    half = 0.5 * x
    kept.append(half)
    return half - 1


step = traced(remember)
print("returned:", step(np.array([2.0, 4.0])), "and", step(np.array([6.0, 8.0])))
print("kept:    ", kept)

# %% [markdown]
# One entry for two calls, and it is a symbol that has leaked out of its trace. `append` ran when the function did,
# once. Such things that Python does besides computing, a `print`, an `append`, a counter that goes up, are **Python
# effects**: they happen while tracing, and are no part of the program. What a program should give out, it has to
# return.
#
# ## `tf.function`
#
# The course's tracer is `tf.function`. Where yours knows three operations, it follows all of them, the reading and
# changing of variables, and the operations of a tape's walk back: a gradient is operations like any others. So it takes
# `train` as it is, and leaves neither Python nor tape in the program:

# %%
traced_train = tf.function(train)
models, losses = {"with the tape": Model(), "traced": Model()}, {}
tensors, arrays = line(1000)
for _ in range(20):
    losses["with the tape"] = train(models["with the tape"], *tensors, learning_rate)
    losses["traced"] = traced_train(models["traced"], *tensors, learning_rate)
for name, model in models.items():
    print(f"{name:13} loss {losses[name]:.4f}, W = {model.W.numpy():.4f}")
print("traces:", traced_train.trace_count)

# %% [markdown]
# The same numbers, from one trace in 20 calls. Yours has one word for any array. Does `tf.function`? Put a `print` into
# the function, and find out.
#
# **Predict.** The function is called three times on 1,000 points and once on 10. How often does it print?

# %%
third_guess = check.from_tape_to_program.how_often_it_prints.predict()

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
third_guess.outcome(len(printed))

# %% [markdown]
# Once for each shape. Your Python may ask for a shape, as this one does, and decide by it; so the signature holds the
# shape and dtype of each tensor. It also holds the value of each number or string, and of any other object which one it
# is and what it holds. A call with a known signature runs the program that it has. Any other is traced. So a Python
# number that falls in every epoch is as costly here as in yours, and a tensor or a variable is the cure.

# %% [markdown]
# What a trace cannot do is take a turn that depends on a tensor's value. The call that is traced has values, but the
# program has to hold for all others, too:


# %%
@tf.function
def careful(x):
    return x if x > 0 else -x


try:
    careful(tf.constant(1.0))
except TypeError as error:
    print(textwrap.fill(str(error), 84))

# %% [markdown]
# "None yet" is the program's view: it is being written, and will be run on values that nobody knows now. With
# `tf.where(x > 0, x, -x)` both are computed, and one of them is taken, element by element. That a program can hold. And
# a tensor that leaks out of a trace is refused when somebody uses it, with words that say where it comes from.
#
# `get_concrete_function` gives the program for the signature of its arguments, and `explain` prints it, in the form of
# your steps:

# %%
program = talking_step.get_concrete_function(*tensors)
program.explain()

# %% [markdown]
# Nine operations on arrays, five forward and four backward, then the updates. The gradient of the square, 2d times 1/n,
# has become one product, by 0.002. No rule is looked up, no tensor is made. What the last column means, you will see
# when you know what bytes cost.
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
# **arithmetic intensity** of a program; here it is 10 / 76, about 0.13. Compare a product of two $n\times n$ matrices.
# Each of its $n^2$ elements is a sum of $n$ products, so there are $2n^3$ operations, on $3 n^2$ numbers of 4 bytes.
# Its intensity is $2n^3 / 12 n^2 = n/6$, and grows with $n$.
#
# What the intensity means depends on two numbers of your machine: how many arithmetic operations it can do in a second,
# its **peak**, and how many bytes it can move, its **bandwidth**. A product of matrices comes near the first. Adding 1
# to each element of an array comes near the second. There are two bandwidths: a **cache** is a small, fast memory
# inside the processor, and what does not fit into it comes from the main memory, which is slower. So measure a large
# array and a small one.

# %% tags=["nbval-ignore-output"]
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
print(f"peak        {peak / 1e9:5.1f} GFLOP/s, billion operations a second")
print(f"main memory {bandwidth / 1e9:5.1f} GB/s, billion bytes a second")
print(f"cache       {cache_bandwidth / 1e9:5.1f} GB/s")
print(f"adding 1    {large.size / seconds['large'] / 1e9:5.1f} GFLOP/s")

# %% [markdown]
# Adding 1 to each element of a large array leaves most of the processor idle: it waits for bytes. Such a computation
# is **memory-bound**. A large matrix product is **compute-bound**. The **roofline** puts both limits in one picture:
# at an intensity of $I$ operations for each byte, no program can do more operations a second than
#
# $$\min(\text{peak},\; I \cdot \text{bandwidth}).$$
#
# **Predict.** The step by hand has an intensity of 0.13. On a million points, which share of the peak does it reach?

# %%
fourth_guess = check.from_tape_to_program.share_of_the_peak.predict()

# %% tags=["nbval-ignore-output"]
reached = {"step by hand": 10 * num_examples / by_hand[num_examples]}
intensities = {"step by hand": 10 / moved}
for n, speed in product_speed.items():
    reached[f"{n} × {n} product"] = speed
    intensities[f"{n} × {n} product"] = n / 6
share = reached["step by hand"] / peak
print(f"the step by hand: {share * peak / 1e9:.2f} GFLOP/s, {share:.1%} of the peak")
fourth_guess.outcome(share)

# %% tags=["nbval-ignore-output"]
print(f"in the time of one byte from memory: {peak / bandwidth:.1f} operations")
plots.roofline(intensities, reached, peak, bandwidth, cache_bandwidth)

# %% [markdown]
# The shape is the same on every machine: a slope and a flat roof. The step sits far to the left, near the slope of the
# main memory. (It may be a little above it, where a part of the arrays stays in the cache from one operation to the
# next, or a little below: not every operation moves its bytes as fast as adding 1 does.) There only two things help:
# move fewer bytes, or move them within the cache. Faster arithmetic would not. Small matrix products are below the roof
# as well, for a reason that you know: overhead.
#
# (In the browser edition Python runs inside the page. Arithmetic is slower there, memory keeps up with it, and some
# of what this chapter says about bytes does not show.)
#
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
print("equal to six digits:", np.ptp(list(losses.values())) < 1e-6 * losses["by hand"])

# %% tags=["nbval-ignore-output"]
times = best_times(steps, rounds=5)
for name, seconds in times.items():
    speed = 10 * num_examples / seconds
    print(f"{name:9} {1e3 * seconds:5.1f} ms, {speed / 1e9:.2f} GFLOP/s")

# %% [markdown]
# In place saves little: it still makes eight passes over the memory. In blocks it makes one.
#
# ## How large a block?
#
# In the experiment a step makes $k$ operations on each of four million numbers, one walk over a block for each. The
# machine is one of round numbers, with a microsecond of overhead for each call from Python; pull its roof and its slope
# to those that yours has printed, if you like. Drag the block on the right. Which block is the fastest, and what is the
# limit on either side of it?

# %%
experiments.Roofline()

# %% [markdown]
# The fastest block is the largest that fits into the cache with its results: 131,072 numbers for a cache of 1 MB. Above
# it, every walk moves its bytes through the main memory. Just below it the walks through the cache are the limit, and
# far below, from 4,096 numbers down, a block is so short that the overhead of the calls is most of the time. With the
# best block each number comes from memory once, whatever $k$ is, so more operations for each byte reach more in a
# second, up to six of them (pull $k$, and see). From there on the walks through the cache are the limit, far below the
# peak. To come nearer to it, several operations have to be made in one walk, which a compiler can do.

# %% [markdown]
# But look at what `in_blocks` took. Three lines of mathematics became twenty of bookkeeping, and every other model
# would need its own. Yet nothing in it needed thought: which operations there are, on which shapes, and when an array
# is needed for the last time. A program has all of that in its steps.
#
# ## What a program plans
#
# That is the last column of `explain`. Each **buffer** is an array that is made once, and its number says which result
# it holds at which step. Where a result is needed for the last time, the next may take its place.

# %%
program = talking_step.get_concrete_function(*tensors)
lives = program.lifetimes
together = sum(nbytes for _, _, nbytes, _, _ in lives)
planned = sum({name: nbytes for name, _, nbytes, _, _ in lives}.values())
print(f"{len(lives)} arrays of {together:,} bytes together, in {planned:,} bytes")
plots.buffers(lives)

# %% [markdown]
# Six results share two buffers. This is what `in_place` did by hand, found from the first and the last step at which
# each result is needed. On arrays of $2^{15}$ elements and more the program also computes in blocks that fit into the
# cache, as `in_blocks` did.
#
# ## Eager, traced, and by hand
#
# Operations that run at once, when Python calls them, are called **eager**, as opposed to traced. Which is how fast?


# %% tags=["nbval-ignore-output"]
def traced_step(num_examples):
    tensors, _ = line(num_examples)
    return partial(tf.function(train), Model(), *tensors, learning_rate)


sizes = [10, 1000, 100_000, 1_000_000]
steps = {(size, "eager"): step_with_the_tape(size) for size in sizes}
steps |= {(size, "by hand"): step_by_hand(size) for size in sizes}
steps |= {(size, "traced"): traced_step(size) for size in sizes}
times = best_times(steps)
kinds = ("eager", "by hand", "traced")
curves = {kind: {size: times[size, kind] for size in sizes} for kind in kinds}
for size in sizes:
    unit = times[size, "by hand"]
    eager, traced_time = times[size, "eager"] / unit, times[size, "traced"] / unit
    print(f"{size:9,} points: eager {eager:.2f} × by hand, traced {traced_time:.2f} ×")
plots.step_times(sizes, curves, "A trace removes overhead, and on many points bytes")

# %% [markdown]
# On few points a trace removes overhead: that of the tape, of the tensors, of looking things up. What is left is
# NumPy's own. On many points it removes bytes. Between the two it makes your model about as fast as the program that
# you would have derived on paper, and often faster, from the lines that you wrote for the tape.
#
# ## In other frameworks
#
# In TensorFlow the traced step is the same code, and one argument hands it to a compiler, XLA. PyTorch watches Python's
# bytecode in place of a trace. JAX traces functions without state, so the model goes in and comes out:
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
#
# `jax.make_jaxpr(step)(W, b, x, y)` prints the program, as `explain` does.

# %% [markdown]
# ## Summary
#
# - A computation is bound by overhead, by bytes or by arithmetic. Compare least times, and put its arithmetic
#   intensity on the roofline, before you change anything.
# - A trace notes the operations of one run under names, and replays them. Python effects and Python numbers belong
#   to the trace; tensors and variables belong to every call. What a program has fixed, its signature holds.
# - A program knows when each result is needed for the last time. So it can reuse memory and compute in blocks that
#   stay in the cache, which by hand is work.
#
# In chapter 12 the step leaves the machine: several work on one batch together.

# %% [markdown]
# ## Further
#
# Nothing later builds on this.
#
# ### Fresh memory
#
# There is a third cost, and it hides in the words "makes a new array". Memory that a program asks for is a promise at
# first. The operating system hands it out in pages, mostly of 4096 bytes, at the first touch: the program stops, the
# system finds a free page, fills it with zeros and goes on. This is a **page fault**. Write a sum into memory that is
# fresh from the system, and then into the same array again and again:

# %% tags=["nbval-ignore-output"]
import importlib.util
import mmap
import subprocess
import sys
from pathlib import Path

ones = np.ones(2**18, np.float32)  # 1 MiB
result = np.empty_like(ones)


def into_fresh_memory():
    fresh = np.frombuffer(mmap.mmap(-1, ones.nbytes), np.float32)
    np.add(ones, 1, out=fresh)


memory = best_times(
    {
        "fresh memory": into_fresh_memory,
        "the same array": lambda: np.add(ones, 1, out=result),
        "a new array": lambda: ones + 1,
    }
)
for name, seconds in memory.items():
    print(f"into {name:14} {1e6 * seconds:5.0f} µs")

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
# ### What compilers do more
#
# This course's program is a list of NumPy calls. TensorFlow's `tf.function` and its compiler **XLA** go further:
#
# - **Fusion** makes one loop of several element-wise operations. Results in between stay in the processor and never
#   reach even the cache. Blocks are what Python can do of this.
# - **Constant folding** computes once, while tracing, what depends on no input. **Common subexpression elimination**
#   computes once what occurs twice. And what nobody needs is left out.
# - **Buffer assignment** plans the memory of the whole program, as the table above does.
# - **Device code** is generated for the shapes at hand: vector instructions and threads on a processor, and programs
#   for the many small processors of a GPU. There the bandwidth is larger and the peak larger still, and the roofline
#   has the same form.
# - Their traces branch: TensorFlow rewrites a Python `if` or `while` on a tensor into operations of the program. And a
#   program can be saved, and run where there is no Python.
#
# Of the step of this chapter, XLA in TensorFlow 2.21 makes three large loops, for the loss and the two gradients. Each
# computes the errors anew, in place of storing them: it prefers arithmetic to bytes. You know why.

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


# %%
check.from_tape_to_program.step_operations(step_operations)
