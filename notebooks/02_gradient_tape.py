# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. The gradient tape
#
# After this chapter you can
#
# - **write** a gradient tape, and walk downhill with it;
# - **say** what a tape records, and explain a gradient that is `None`;
# - **check** a gradient against finite differences, and choose their step.
#
# Time: about 60 minutes, 5 more for what is under "Further", and 30 for the exercises. It builds on chapter 1:
# variables hold a model's state, and a read is a snapshot.

# %%
import textwrap

import numpy as np

import course as tf
from course import check, experiments, plots

# %% [markdown]
# ## One derivative, three ways
#
# Training changes a model's variables a little, so that its error gets smaller. To know in which direction to change
# one, you need the **derivative**: by how much a result changes for each unit that a variable changes, when the change
# is small. This chapter is about where that number comes from.
#
# Take a small expression of a weight $w$ and an input $x$, in which the product $u = w x$ is used twice:
#
# $$y = u \cdot u + w, \qquad u = w x$$
#
# The result depends on two numbers, so it has two derivatives. $\partial y/\partial w$ is read "the **partial
# derivative** of $y$ with respect to $w$": by how much $y$ changes for each unit of $w$ while all the rest, here $x$,
# is held fixed. The round $\partial$, in place of a $d$, reminds you that something is held. In $\partial y/\partial
# x$ it is $w$.
#
# By hand: $y = x^2 w^2 + w$. With $x$ held fixed, $\partial y/\partial w = 2 x^2 w + 1$. With $w$ held fixed,
# $\partial y/\partial x = 2 w^2 x$. At $w = 3$ and $x = 2$:


# %%
def f(w, x):
    u = w * x
    return u * u + w


w, x = 3.0, 2.0
print(f"y = {f(w, x):g}, dy/dw = {2 * x**2 * w + 1:g}, dy/dx = {2 * w**2 * x:g}")

# %% [markdown]
# That is exact, but somebody has to do it again for every model. The second way only runs the function: move $w$ by a
# small **step** $h$, and divide the change of the result by the step. This is a **finite difference**.

# %%
h = 0.001
print(f"dy/dw is about {(f(w + h, x) - f(w, x)) / h:.4f}")
print(f"dy/dx is about {(f(w, x + h) - f(w, x)) / h:.4f}")

# %% [markdown]
# No mathematics, but the result is only near 25 and 36, and every derivative costs another run of the function: a
# model with a million weights would run a million times for one step of training.
#
# The third way is a tape. A **gradient tape** watches the computation run once, and then gives all derivatives of a
# **target**, here $y$, with respect to its **sources**, here $w$ and $x$. Together they are called the **gradient**.

# %%
w, x = tf.Variable(3.0), tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = f(w, x)
dy_dw, dy_dx = tape.gradient(y, [w, x])
print(f"dy/dw = {dy_dw:g}, dy/dx = {dy_dx:g}")

# %% [markdown]
# Exact, and nobody differentiated `f`. A tape is short enough that you can build one now. It has three parts: a rule
# for each operation, a record of what ran, and a walk back over the record.

# %% [markdown]
# ## Build a tape: rules
#
# However large a model is, it is built of a few operations, and each one's derivatives are known. For the sum
# `c = a + b`, one unit more of `a` is one unit more of `c`. So if the result $y$ changes by $g$ for each unit of `c`,
# it also changes by $g$ for each unit of `a`, and for each unit of `b`. A **gradient rule** says this as a function.
# Given $g$, the gradient with respect to the operation's output, it returns the gradients with respect to its inputs:


# %%
def add(a, b):
    return a + b


def add_rule(g, a, b):
    return g, g


# %% [markdown]
# Now the product, `c = a * b`. Hold `b` fixed: one unit more of `a` is `b` units more of `c`, and each of these changes
# $y$ by $g$. The changes along the way from `a` over `c` to $y$ multiply. That is the **chain rule**.
#
# **Build it.** Write the rule of the product: in place of each `...`, the gradient with respect to `a`, and that with
# respect to `b`. The cell after it checks what you wrote. (`check.gradient_tape.multiply_rule.hint()` gives a hint.)


# %%
def multiply(a, b):
    return a * b


def multiply_rule(g, a, b):
    return ..., ...


# %%
check.gradient_tape.multiply_rule(multiply_rule)

# %% [markdown]
# Collect the operations under their names, each with its rule. `or_ours` takes your rule if it is right, and the
# course's if it is not yet, so that you can read on and come back.

# %%
operations = {
    "add": (add, add_rule),
    "multiply": (multiply, check.gradient_tape.multiply_rule.or_ours(multiply_rule)),
}

# %% [markdown]
# ## Build a tape: the record
#
# Rules need to know which operations ran, in which order, and on what. So each operation, when it runs, adds a line
# to a list: its name, its inputs, its output. To notice operations at all, the numbers are wrapped in a class of
# ours. For `a + b` Python calls the method `__add__` of `a`, and for `a * b` its `__mul__`, and here both call `run`:


# %%
class Value:
    def __init__(self, number):
        self.number = number

    def __add__(self, other):
        return run("add", self, other)

    def __mul__(self, other):
        return run("multiply", self, other)


records = []


def run(name, *inputs):
    forward, rule = operations[name]
    output = Value(forward(*[v.number for v in inputs]))
    records.append((name, inputs, output))
    return output


# %% [markdown]
# `f` itself needs no change: it uses `*` and `+`, and these are now ours. Run it, at $w = 2$ and $x = 5$, and read
# what was recorded.

# %%
records.clear()  # of earlier runs of this cell
w, x = Value(2.0), Value(5.0)
y = f(w, x)
for number, (name, inputs, output) in enumerate(records, 1):
    print(f"record {number}: {name} of {[v.number for v in inputs]} gives {output.number}")

# %% [markdown]
# Three operations ran, so there are three records. The names inside `f`, such as `u`, are in none of them: a tape knows
# values, not names.

# %% [markdown]
# ## Build a tape: the walk back
#
# If $y$ changes by 1, then $y$ changes by 1: the gradient of the result with respect to itself is 1. From there, walk
# over the records from the last to the first. At each one, the gradient with respect to its output is complete,
# because everything that used this output ran later. The rule passes it on to the inputs.
#
# A value that was used several times gets a part from each use. A change of it reaches the result on all these ways
# at once, so the parts add up.
#
# **Predict.** The weight `w`, which is 2, is used in record 1, and again in record 3. The product, which is 10, is
# used twice, both times in record 2.

# %%
w_guess = check.gradient_tape.gradient_of_w.predict()

# %% [markdown]
# **Build it.** Three places are open. With which gradient does the walk start? In which order do the records come? And
# what is a value's gradient when one more part has arrived? (`gradients.get(v, 0.0)` is the gradient of `v` so far,
# and 0 where nothing has arrived yet.)


# %%
def gradients_of(target, records):
    gradients = {target: ...}
    for name, inputs, output in ...:
        forward, rule = operations[name]
        g = gradients.get(output, 0.0)
        parts = rule(g, *[v.number for v in inputs])
        for v, part in zip(inputs, parts):
            gradients[v] = ...
    return gradients


# %%
check.gradient_tape.walk(gradients_of)

# %% [markdown]
# The tape is complete. Let it find the gradients of `f`, and compare with the derivatives by hand:

# %%
walk = check.gradient_tape.walk.or_ours(gradients_of)
gradients = walk(y, records)
print(f"by tape: dy/dw = {gradients[w]:g}, dy/dx = {gradients[x]:g}")
print(f"by hand: dy/dw = {2 * 5**2 * 2 + 1}, dy/dx = {2 * 2**2 * 5}")
w_guess.outcome(gradients[w])

# %% [markdown]
# They agree, after one run and one walk.

# %% [markdown]
# Here is the walk as a picture, with the records numbered. Values came from the left, gradients from the right, and
# beside each arrow stands what a rule sent back along it.

# %%
print(f"gradient of the product {gradients[records[0][2]]:g},", end=" ")
print(f"of w {gradients[w]:g}, of x {gradients[x]:g}")
plots.record_graph(records, operations, gradients, {w: "w", x: "x"})

# %% [markdown]
# Record 3 sent a 1 to `w` and a 1 to the square. Record 2 turned that into 10 + 10 = 20 for the product, and record 1
# into 20 · 5 = 100 for `w`.
#
# ## Ten steps downhill
#
# Use your tape for what it is made for. The model is $w x$, and there is one observation: at $x = 2$ the output is 6.
# What $w x$ misses it by, squared, is the error. Your tape cannot subtract yet, so add −6. Start at $w = 5$, and in
# each step subtract a tenth of the gradient from $w$, as in chapter 1:

# %%
w, x, minus_output = Value(5.0), Value(2.0), Value(-6.0)
for step in range(1, 11):
    records.clear()  # a new record for each step
    miss = w * x + minus_output
    error = miss * miss
    slope = walk(error, records)[w]
    w.number -= 0.1 * slope
    print(f"step {step:2}: error {error.number:9.6f},", end=" ")
    print(f"gradient {slope:8.5f}, then w = {w.number:.6f}")

# %% [markdown]
# `w` came to 3, where $3 \cdot 2 = 6$. This is training: a tape, a walk and a subtraction, repeated. With more data and
# more variables it is the loop of chapter 5.
#
# ## After which record is a gradient complete?
#
# At the start of the walk, no value but the target has a gradient. After it, all have theirs. In between, a gradient
# may have received some of its parts and not yet the others. When may you rely on it?
#
# The experiment takes the walk in steps, with a real tape. Press Step until the gradient of `w` is complete, and watch
# it on the way: as long as parts of it are to come, it ends in "+ …". Then type another expression, and press Enter;
# the values of `w` and `x` can be dragged, below their boxes. What decides after which record of the walk the gradient
# of `w` is complete? Type an expression in which it is complete after the first record that the walk visits.

# %%
experiments.ExpressionStepper()

# %% [markdown]
# In the chapter's expression, record 3 sends `w` a gradient of 1, and only record 1, the last of the walk, sends the 24
# that were missing. In `u = x * x; u + w` the walk begins at the only record that uses `w`, so its gradient is complete
# at once. What decides is the first record that used the value: a gradient is complete when the walk has passed that
# one. This is why the order matters, and why the record is kept in it.

# %% [markdown]
# (For a computation of your own, recorded by `tape`, `experiments.BackwardStepper(tape, y)` shows the same walk.)
#
# To compute gradients by such a walk is called **reverse-mode automatic differentiation**, or **backpropagation** when
# the function is a neural network. Its cost is the reason why training is possible: the walk visits each record once,
# whether there are two sources or a million.

# %% [markdown]
# ## The real tape
#
# The tape of this course has the same parts. Its list is `tape._records`. The underscore marks it as the tape's own
# affair: read it to understand, and do not build programs on it. Here is what it holds after `f`:

# %%
w, x = tf.Variable(3.0), tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = f(w, x)
for record in tape._records:
    operation, inputs, output = record[:3]
    print(f"{operation.name:9}{[float(v) for v in inputs]} gives {float(output)}")

# %% [markdown]
# The same three records as yours would have. The inputs are tensors: a variable is read when it is used, and a read is
# a snapshot. The tape remembers which variable each snapshot is from, and so it can hand the gradient on to the
# variable.
#
# | yours | the real one |
# |---|---|
# | an entry of `operations` | an `Operation` of `course/engine/ops.py`, with a rule for each input |
# | `run` | `Operation.__call__`, and `GradientTape.on_operation` |
# | `records` | `GradientTape._records` |
# | `gradients`, keyed by value | keyed by identity, `id(x)`, because `==` on tensors compares elements |
# | `gradients_of` | `walk_back`, in `course/engine/tape.py` |
#
# The source of `walk_back` stands at the end of the chapter, under "Further", and you will find your lines in it.

# %% [markdown]
# ## What is recorded
#
# A tape does not record everything that runs. It records what is computed from a value that it **watches**, and the
# rest of a program costs it nothing. Which values does a tape watch by itself?
#
# **Predict.** The squares of four values are added while a tape records: of a variable, of a variable made with
# `trainable=False`, of a tensor, and of a tensor that was given to `tape.watch`. Then the gradient is asked for, with
# respect to each of the four.

# %%
none_guess = check.gradient_tape.which_are_none.predict()

# %%
sources = {
    "variable": tf.Variable(3.0),
    "variable, not trainable": tf.Variable(3.0, trainable=False),
    "tensor": tf.constant(3.0),
    "tensor, watched": tf.constant(3.0),
}
with tf.GradientTape() as tape:
    tape.watch(sources["tensor, watched"])
    total = sum(value**2 for value in sources.values())
found = tape.gradient(total, sources)
for name, gradient in found.items():
    print(f"{name:25}{gradient}")
none_guess.outcome([gradient is None for gradient in found.values()])

# %% [markdown]
# A tape watches every trainable variable as soon as it is read. Tensors it does not, since data need no gradient;
# `tape.watch` asks for it. `None` does not mean zero. It means that the tape knows no way from the target to this
# source. (The sources may be given as a list, a tuple or a dict, and the gradients come back in the same form.)

# %% [markdown]
# You can take the choice into your own hands: with `watch_accessed_variables=False` the tape watches only what you
# name. And inside `tape.stop_recording()` it looks away, for a number that you report but do not train on.

# %%
with tf.GradientTape(watch_accessed_variables=False) as tape:
    tape.watch(w)
    y = f(w, x)
    with tape.stop_recording():
        report = f(w, x) / 2
print("records:", [operation.name for operation, *_ in tape._records])
dy_dw, dy_dx = tape.gradient(y, [w, x])
print(f"dy/dw: {dy_dw}, dy/dx: {dy_dx}")

# %% [markdown]
# The tape knows nothing of `x`, though `f` used it, and the second run of `f` and its division left no record.

# %% [markdown]
# ## One question for each tape, or many
#
# A tape lets go of its records after the walk, to free their memory, so it answers once. Ask for all gradients in
# one call, with a list. A second call is refused:

# %%
with tf.GradientTape() as tape:
    y = f(w, x)
tape.gradient(y, [w, x])
try:
    tape.gradient(y, w)
except RuntimeError as error:
    print(textwrap.fill(str(error), 84))

# %% [markdown]
# A **persistent tape** keeps its records, for several targets or repeated questions.
#
# **Predict.** The first answer to "what is the gradient of $y$ with respect to $w$?" is 25. The same question is asked
# again.

# %%
twice_guess = check.gradient_tape.asked_twice.predict()

# %%
with tf.GradientTape(persistent=True) as tape:
    y = f(w, x)
first, second = tape.gradient(y, w), tape.gradient(y, w)
print(f"first {first:g}, second {second:g}")
twice_guess.outcome(second)

# %% [markdown]
# Each call starts anew, with a gradient of 1 at the target and nothing else, so nothing has to be reset in between.
# (In PyTorch it has to: see the end of the chapter.) A persistent tape holds every intermediate result until you drop
# the tape, so use one only where you need it.

# %% [markdown]
# ## Arrays: targets and sources of many elements
#
# The error that training lowers is one number. If a target has many elements, the walk starts with a 1 for each of
# them, which makes the answer the gradient of their sum:

# %%
values = tf.Variable([1.0, 2.0, 3.0])
with tf.GradientTape(persistent=True) as tape:
    squares = values**2
    total = tf.reduce_sum(squares)
print("of the squares:  ", tape.gradient(squares, values).numpy())
print("of their sum:    ", tape.gradient(total, values).numpy())

# %% [markdown]
# Here the square of each element depends on this element alone, so the gradient of the sum is also the list of the
# separate derivatives, $2v$. Where every output depends on every input, use `tape.jacobian`, which keeps them apart.
#
# Now the other side: a source that is smaller than what it is combined with. `inputs` has two rows of three elements.
# In `inputs * W + b` the single number `W` is used for all six of them, and each of the three elements of `b` in both
# rows. (Chapter 3 says more about this stretching, which is called broadcasting.)
#
# **Predict.** `W` has the shape `()`, and `inputs` the shape `(2, 3)`.

# %%
shape_guess = check.gradient_tape.shape_of_a_gradient.predict()

# %%
inputs = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
W, b = tf.Variable(2.0), tf.Variable([0.0, 0.0, 0.0])
with tf.GradientTape() as tape:
    outputs = inputs * W + b
dW, db = tape.gradient(outputs, [W, b])
print(f"W: shape {dW.shape}, {dW.numpy()}")
print(f"b: shape {db.shape}, {db.numpy()}")
shape_guess.outcome(dW.shape)

# %% [markdown]
# A gradient always has its source's shape, or you could not subtract it from the source. It is the rule of the
# shared product again, that parts add up: `W` is used six times and gets $1 + 2 + \dots + 6 = 21$; each element of `b`
# is used twice and gets $1 + 1 = 2$.

# %% [markdown]
# ## Derivatives of derivatives
#
# A gradient is computed with operations, and so another tape can record it. Take a weight on a spring that swings
# with friction: its position over time is known, its velocity is the derivative of the position, and its
# acceleration is the derivative of the velocity. Two **nested tapes** compute both. The inner gradient is taken
# inside the outer block, because the outer tape has to see it happen.

# %%
time = tf.constant(np.linspace(0.0, 10.0, 201))  # in seconds
with tf.GradientTape() as outer:
    outer.watch(time)
    with tf.GradientTape() as inner:
        inner.watch(time)
        position = 0.3 * tf.exp(-0.2 * time) * tf.cos(2.0 * time)  # in metres
    velocity = inner.gradient(position, time)
acceleration = outer.gradient(velocity, time)
print(f"start: {position[0]:.3f} m, {velocity[0]:.3f} m/s, {acceleration[0]:.3f} m/s²")

# %% [markdown]
# The targets have 201 elements, one for each moment, and each depends on its own moment alone, so one gradient gives
# all 201 slopes. In the figure, each curve is the slope of the one to its left.

# %%
law = acceleration + 0.4 * velocity + 4.04 * position
low, high = np.min(acceleration), np.max(acceleration)
print(f"acceleration from {low:.3f} to {high:.3f} m/s²")
obeyed = bool(np.max(np.abs(law)) < 1e-12)
print("acceleration = -0.4 velocity - 4.04 position:", obeyed)
plots.position_and_slopes(time, position, velocity, acceleration)

# %% [markdown]
# The last line is a test from physics: friction pulls against the velocity and the spring against the position, and a
# swing of this form has the acceleration −0.4 times its velocity minus 4.04 times its position, at every moment. The
# two tapes knew nothing of it, and their result obeys it. In chapter 5, second derivatives will say how large a
# step of training may be.

# %% [markdown]
# ## Seven ways to get `None`
#
# The commonest question about tapes is why a gradient is `None`. There are seven causes, and
# `tape.explain(target, source)` says which one you have. First, the tape may not know the *source*: it was never
# watched (1), or its name stands for something else by now (2), because `=` has bound it to a new tensor. These two
# look the same from the tape, so `explain` names both.


# %%
def why(cause, tape, target, source):
    print(f"{cause}: {tape.gradient(target, source)}")
    print(textwrap.fill(tape.explain(target, source), 84), end="\n\n")


v = tf.constant(3.0)
with tf.GradientTape() as tape:
    y = v * v
why("1, never watched", tape, y, v)

v = tf.Variable(3.0, name="v")
v = v - 0.1  # v.assign_sub(0.1) would have kept the variable
with tf.GradientTape() as tape:
    y = v * v
why("2, rebound by =", tape, y, v)

# %% [markdown]
# Second, the *path* may be cut: a value leaves for NumPy and comes back without its history (3), an integer has no
# small changes and so no derivative (4), or you cut it on purpose with `stop_gradient` (5).

# %%
v, count = tf.Variable(3.0, name="v"), tf.Variable(3, name="count")
with tf.GradientTape(persistent=True) as tape:
    through_numpy = tf.constant(v.numpy() ** 2)
    counted = count * count
    stopped = tf.stop_gradient(v) * 2.0
why("3, left through NumPy", tape, through_numpy, v)
why("4, an integer", tape, counted, count)
why("5, stopped", tape, stopped, v)

# %% [markdown]
# Third, the tape may not know the *target*, because it was computed after the tape had closed (6). Or the tape knows
# both, and nothing connects them (7).

# %%
other = tf.Variable(5.0, name="other")
with tf.GradientTape(persistent=True) as tape:
    y = v * v
    unrelated = other * other
late = y + 1.0
why("6, computed after the tape closed", tape, late, v)
why("7, nothing connects them", tape, unrelated, v)

# %% [markdown]
# | | cause | what to do |
# |---|---|---|
# | 1 | never watched | `tape.watch(v)` before its first use, or make it a `Variable` |
# | 2 | name rebound by `=` | `v.assign_sub(...)` in place of `v = v - ...` |
# | 3 | left through NumPy | stay with tensors: `v * v`, `tf.square(v)`, `np.square(v)` |
# | 4 | integer dtype | make it a float from the start: `3.0`, or `dtype=tf.float32` |
# | 5 | `stop_gradient` | leave it out, if it was not meant |
# | 6 | computed after the tape closed | move the line into the `with` block |
# | 7 | nothing connects them | look for the source's name in the computation |

# %% [markdown]
# ## Check a gradient
#
# A gradient that somebody wrote, by hand or as a rule, may be wrong, and training may still seem to work. So check
# it. A finite difference with a step to both sides, the **central difference**, is far more exact than the
# one-sided one at the start of the chapter:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# Test it on two derivatives of $f$ by hand, one right, one with a common mistake: a factor $x$ is missing.


# %%
def central_difference(function, x, step):
    return (function(x + step) - function(x - step)) / (2 * step)


numeric = central_difference(lambda w: f(w, 2.0), 3.0, step=0.001)
for by_hand in (2 * 2.0**2 * 3.0 + 1, 2 * 2.0 * 3.0 + 1):
    right = abs(by_hand - numeric) < 1e-6
    print(f"by hand {by_hand:g}, central difference {numeric:.6f}, right: {right}")

# %% [markdown]
# The step is a choice, and it matters. Take $x^3$, whose derivative is $3x^2$, and multiply the two cubes out:
#
# $$(x + h)^3 = x^3 + 3x^2 h + 3x h^2 + h^3 \qquad (x - h)^3 = x^3 - 3x^2 h + 3x h^2 - h^3$$
#
# In their difference $x^3$ and $3xh^2$ cancel. Half of it, divided by $h$, is $3x^2 + h^2$. So the formula is wrong by
# $h^2$, the **truncation error**, which shrinks with the step. On paper, a smaller step is always better.
#
# **Predict.** In the computer, numbers of type float64 have about 16 digits.

# %%
step_guess = check.gradient_tape.best_difference_step.predict()

# %% [markdown]
# Start with a step of 1, and halve it 34 times, with numbers of both types. The relative error is the error divided by
# the exact derivative, and both axes are logarithmic.


# %%
def cube(x):
    return x * x * x


steps = [0.5**k for k in range(35)]
errors, epsilons, best = {}, {}, {}
for dtype in (tf.float32, tf.float64):
    name, x = str(dtype), tf.constant(1.7, dtype=dtype)
    exact = 3 * float(x) ** 2
    numeric = [float(central_difference(cube, x, step)) for step in steps]
    errors[name] = np.abs(np.array(numeric) - exact) / exact
    epsilons[name] = np.finfo(dtype).eps
    best[name] = steps[errors[name].argmin()]
    print(f"{name}: smallest error {errors[name].min():.1e} at step {best[name]:.1e}")
plots.difference_errors(steps, errors, epsilons)
step_guess.outcome(best["float64"])

# %% [markdown]
# The error over the step is a letter U. On the right, truncation: halve the step, and the error falls to a quarter, the
# same in both types. On the left, rounding: the two values of the function agree in more and more digits, so their
# difference has fewer and fewer, and it is divided by an ever smaller $2h$. In float32, at steps below $10^{-7}$,
# $x + h$ *is* $x$: the difference is 0, and the relative error 1.
#
# Where is the lowest point? The **machine epsilon** $\varepsilon$ of a dtype is the distance from 1 to the next larger
# number, about $10^{-7}$ in float32 and $2 \cdot 10^{-16}$ in float64. Rounding makes each value of the function wrong
# by up to about $\varepsilon x^3$, and the difference quotient by about $\varepsilon x^3 / h$, which grows as $h$ gets
# smaller. Truncation, $h^2$, gets smaller. They are equal where $h^3 = \varepsilon x^3$, so at
#
# $$h = x \sqrt[3]{\varepsilon}$$
#
# The dotted lines mark $\sqrt[3]{\varepsilon}$, and both curves have their lowest points beside them. Other functions
# have other factors in front, and the third root remains (Press, Teukolsky, Vetterling and Flannery, *Numerical
# Recipes*, 3rd edition, section 5.7). So check gradients in float64 with a step near $10^{-5}$, and expect agreement to
# about ten digits. The tape takes no step, so it has neither of these two errors; it rounds as any computation does.

# %% [markdown]
# ## In other frameworks
#
# In TensorFlow every tape cell above runs unchanged after `import tensorflow as tf`, except for `explain`, the
# underscored names, and NumPy's functions, which TensorFlow does not record. PyTorch records on every tensor with
# `requires_grad`, without a block around it, and **accumulates** gradients in `.grad` from call to call, so a
# training loop resets them:
#
# ```python
# w = torch.tensor(3.0, requires_grad=True)
# x = torch.tensor(2.0, requires_grad=True)
# f(w, x).backward()
# w.grad                  # 25
# f(w, x).backward()
# w.grad                  # 50: the second call has added 25
# w.grad = None           # reset, or optimizer.zero_grad() for all
# ```
#
# JAX has no tape to hold: `grad` turns a function into the function of its gradient.
#
# ```python
# jax.grad(f, argnums=(0, 1))(3.0, 2.0)          # (25, 36)
# jax.grad(jax.grad(f))(3.0, 2.0)                # the second derivative, 8
# ```

# %% [markdown]
# ## Summary
#
# - A tape is a list of the operations that ran. The gradient is one walk back over it: a rule for each operation, and
#   a sum where a value was used more than once, broadcasting included.
# - It records what depends on a watched value: trainable variables once they are read, tensors after `watch`. A
#   gradient of `None` says that no recorded way leads from target to source, and `tape.explain` says why.
# - Check a gradient with central differences, in float64, at a step near the cube root of the machine epsilon.
#
# In chapter 3 you put variables into a model, and measure with a loss how wrong it is.

# %% [markdown]
# ## Further: the real walk
#
# Here is the walk of the real tape. Find your own lines in it:

# %%
import inspect

from course.engine.tape import walk_back

print(inspect.getsource(walk_back))

# %% [markdown]
# Your lines are these: the loop over `reversed(records)`; `g`, the gradient that has arrived at the output; the call of
# a rule for each input; and `gradients[key] + part if key in gradients else part`. Around them stand four concerns that
# your tape does not have:
#
# - `connected`: rules are called only on the way to a source, so that no time goes into gradients nobody asked for.
# - `kept`: a gradient that has been passed on is forgotten, unless somebody asked for it, so that its memory is free.
# - `as_tensors`: where another tape records this walk, for a second derivative, it computes with tensors, which that
#   tape can follow.
# - `unbroadcast`: a part that is larger than its source is summed to the source's shape, as for `W` and `b` above.
#
# A rule of the engine also gets the output `z`, which makes some rules shorter: the derivative of $e^x$ is $e^x$
# itself. And `IndexedSlices` is the gradient of a few rows of a table, a subject of chapter 8.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. Teach your tape to subtract.** For $c = a - b$, a small change of $a$ changes $c$ by the same amount, so the
# gradient with respect to $a$ is `g`. Write the other part of the rule, the gradient with respect to $b$.


# %%
def rule_of_b(g, a, b):
    return ...


# %%
check.gradient_tape.subtract_rule(rule_of_b)

# %% [markdown]
# Then add an entry "subtract" to `operations`, whose rule returns both parts, and to `Value` a method `__sub__`. (From
# outside of the class: `Value.__sub__ = ...`, a function of `self` and `other`.) Let your tape compute
# $y = (a - b) \cdot b$ at $a = 5$ and $b = 2$, and its gradients with respect to $a$ and $b$.

# %%
difference = {"y": ..., "a": ..., "b": ...}

# %%
check.gradient_tape.difference_gradients(difference)

# %% [markdown]
# **2. Find the bug: the walk that doubles.** This walk follows every path from the target back to the start. Here each
# record is an output, its inputs, and a rule for each input, and names stand for the values. The chain below adds a
# value to itself ten times, so the gradient is right: 2 to the power of 10. But with 40 records in place of 10 it would
# take days. Why? Repair it.


# %%
def backward(records, target):
    gradients = {}

    def visit(value, g):
        gradients[value] = gradients.get(value, 0.0) + g
        for output, inputs, rules in records:
            if output == value:
                for earlier, rule in zip(inputs, rules):
                    visit(earlier, rule(g))

    visit(target, 1.0)
    return gradients


def unchanged(g):
    return g


chain = [(f"y{i + 1}", [f"y{i}", f"y{i}"], [unchanged, unchanged]) for i in range(10)]
print("the last record:", chain[-1][:2], "and two rules")
print("gradient of y0: ", backward(chain, "y10")["y0"])

# %%
check.gradient_tape.doubling_walk(backward)

# %% [markdown]
# **3. Find the bug: a gradient too large.** Now with arrays. In `a * b`, `a` has the shape (N, 3) and `b` the shape
# (3,), so every row of `a` uses `b`. This is the part of the product's rule that belongs to `b`, and it gives `b` a
# gradient of shape (N, 3). Repair it.


# %%
def rule_for_rows(g, a, b):
    return g * a


# %%
check.gradient_tape.unsummed_gradient(rule_for_rows)

# %% [markdown]
# **4. Find the bug: the tape that stays on.** This exercise is about Python. `@contextmanager` lets a function stand
# behind `with`: what comes before `yield` runs when the block begins, `yield` hands over what stands behind `as`, and
# what comes after it runs when the block ends. A program keeps its recording tapes in the list `active`, and `with
# recording(active) as tape:` adds a new one for the block. One day the block raises an error, and everything after it
# is recorded, too. Repair it.


# %%
from contextlib import contextmanager


@contextmanager
def recording(active):
    tape = []
    active.append(tape)
    yield tape
    active.pop()


# %%
check.gradient_tape.tape_left_on(recording)

# %% [markdown]
# **5. Forward or backward?** One could also walk from the first record to the last, and carry along how each value
# changes with one chosen input. How many walks does that take for a million weights and one loss, and how many walks
# back? And for one weight and a million results? Which of the two is a training problem?

# %%
counts = {
    "forward, many weights": ...,
    "backward, many weights": ...,
    "forward, many results": ...,
    "backward, many results": ...,
}

# %%
check.gradient_tape.number_of_walks(counts)
