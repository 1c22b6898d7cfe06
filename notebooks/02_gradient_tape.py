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
# - write a working gradient tape in about 20 lines, and read the real one;
# - say what a tape records, and explain a gradient that is `None`;
# - check a gradient against finite differences, and choose their step.
#
# Time: about 35 minutes, and 30 for the exercises. It builds on chapter 1: variables hold a model's state, and a read
# is a snapshot.

# %%
import inspect
import textwrap
from contextlib import contextmanager

import numpy as np

import course as tf
from course import check, experiments, plots
from course.engine.tape import walk_back

# %% [markdown]
# ## One derivative, three ways
#
# Training changes a model's variables a little, so that a loss falls. To know in which direction to change one, you
# need the **derivative**: by how much the result changes for each unit that the variable changes, when the change is
# small. This chapter is about where that number comes from.
#
# Take a small expression of a weight $w$ and an input $x$, in which the product $u = w x$ is used twice:
#
# $$y = u \cdot u + w, \qquad u = w x$$
#
# By hand, with the chain rule, $\partial y/\partial w = 2u \cdot x + 1$ and $\partial y/\partial x = 2u \cdot w$. At
# $w = 3$ and $x = 2$:


# %%
def f(w, x):
    u = w * x
    return u * u + w


w, x = 3.0, 2.0
print(f"y = {f(w, x):g}, dy/dw = {2 * (w * x) * x + 1:g}, dy/dx = {2 * (w * x) * w:g}")

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
# The third way is a tape. A **gradient tape** watches the computation run once, and then gives the derivative with
# respect to every variable, together called the **gradient**:

# %%
w, x = tf.Variable(3.0), tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = f(w, x)
dy_dw, dy_dx = tape.gradient(y, [w, x])
print(f"dy/dw = {dy_dw:g}, dy/dx = {dy_dx:g}")

# %% [markdown]
# Exact, and nobody differentiated `f`. How a tape does this is short enough that you can write one now.

# %% [markdown]
# ## Your own tape: rules
#
# However large a model is, it is built of a few operations, and each one's derivative is known. For `c = a * b`, a
# small change of `a` changes `c` by `b` times as much. So if the result $y$ changes by $g$ for each unit of `c`, it
# changes by $g \cdot b$ for each unit of `a`. That is the chain rule for one operation, and a **gradient rule** is
# this line as a function: given $g$, the gradient with respect to the operation's output, it returns the gradient
# with respect to one of its inputs.
#
# `f` needs two operations. Each is a function, then one rule for each input:

# %%
operations = {
    "add": (lambda a, b: a + b, lambda g, a, b: g, lambda g, a, b: g),
    "multiply": (lambda a, b: a * b, lambda g, a, b: g * b, lambda g, a, b: g * a),
}

# %% [markdown]
# ## Your own tape: the record
#
# Rules need to know which operations ran, in which order, and on what. So each operation, when it runs, adds a line
# to a list: its name, its inputs, its output. To notice operations at all, the numbers are wrapped in a class of
# ours, whose `+` and `*` call `run`:


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
    forward, *rules = operations[name]
    output = Value(forward(*[v.number for v in inputs]))
    records.append((name, inputs, output))
    return output


# %% [markdown]
# `f` itself needs no change: it uses `*` and `+`, and these are now ours. Run it, and read what was recorded.

# %%
w, x = Value(3.0), Value(2.0)
y = f(w, x)
for number, (name, inputs, output) in enumerate(records, 1):
    print(f"record {number}: {name} of {[v.number for v in inputs]} gives {output.number}")

# %% [markdown]
# Three operations ran, so there are three records. The names inside `f`, such as `u`, are in none of them: a tape knows
# values, not names.

# %% [markdown]
# ## Your own tape: the walk back
#
# The gradient of the result with respect to itself is 1. From there, walk over the records from the last to the
# first. At each one, the gradient with respect to its output is known already, because everything that used this
# output ran later. Each rule passes a gradient on to its input.
#
# A value that was used several times gets a gradient from each use. Its change reaches the result on all these ways
# at once, so the contributions add up.


# %%
def gradients_of(target):
    gradients = {target: 1.0}
    for name, inputs, output in reversed(records):
        forward, *rules = operations[name]
        g = gradients.get(output, 0.0)
        for rule, v in zip(rules, inputs):
            part = rule(g, *[u.number for u in inputs])
            gradients[v] = gradients.get(v, 0.0) + part
    return gradients


# %% [markdown]
# **Predict.** The weight `w` is used in record 1, and again in record 3. The product is used twice, both times in
# record 2. Which gradient does the walk give for `w`: 1, 12, 13 or 25?

# %%
first_guess = check.predict("the gradient of w", ["1", "12", "13", "25"])

# %%
gradients = gradients_of(y)
print(f"dy/dw = {gradients[w]:g}, dy/dx = {gradients[x]:g}")
first_guess.outcome(f"{gradients[w]:g}")

# %% [markdown]
# The tape that you wrote agrees with the derivative by hand, 25 and 36, after one run and one walk. Here is the walk
# as a picture, with the records numbered. Values came from the left, gradients from the right, and beside each arrow
# stands what a rule sent back along it.

# %%
print("gradient of the product: 6 + 6 = 12; of w: 24 + 1 = 25; of x: 36")
plots.record_graph(records, operations, gradients, {w: "w", x: "x"})

# %% [markdown]
# Follow it with a finger from right to left. After which record is the gradient of `w` complete? The experiment has
# the same three records, from the tape of the next section, and takes the walk in steps: press Forward until it is
# complete, and watch the gradient of `w`.

# %%
experiments.BackwardStepper()

# %% [markdown]
# Record 3 sends `w` a gradient of 1, and only record 1, the last of the walk, sends the 24 that were missing: a
# gradient is final when the walk has passed the first record that used the value. That is why the order matters, and
# why the list is kept in it.
#
# This is called **reverse-mode automatic differentiation**, or **backpropagation** when the function is a neural
# network. Its cost is the reason why training is possible: the walk visits each record once, whether there are two
# sources or a million.

# %% [markdown]
# ## The real tape
#
# The tape of this course has the same parts. Its list is `tape._records`; the underscore says that it is there to be
# read, not for use in programs. Here is what it holds after `f`:

# %%
w, x = tf.Variable(3.0, name="w"), tf.Variable(2.0, name="x")
with tf.GradientTape() as tape:
    y = f(w, x)
for record in tape._records:
    operation, inputs, output = record[:3]
    numbers = [float(v) for v in inputs]
    print(f"{operation.name:9}{numbers} gives {float(output):4}   rule: {operation.about}")

# %% [markdown]
# The same three records as yours, with the real operations and their rules in words. The inputs of the first are
# tensors: a variable is read when it is used, and a read is a snapshot. The tape remembers which variable each
# snapshot is from, and so it can hand the gradient on to the variable.
#
# And here is the walk, `walk_back` in `course/engine/tape.py`. Find your own lines in it:

# %%
print(inspect.getsource(walk_back))

# %% [markdown]
# | yours | the real one |
# |---|---|
# | an entry of `operations` | an `Operation`, in `course/engine/operation.py`; most are in `ops.py` beside it |
# | `run` | `Operation.__call__`, and `GradientTape.on_operation` |
# | `records` | `GradientTape._records` |
# | `gradients`, keyed by value | keyed by identity, `id(x)`, because `==` on tensors compares elements |
# | `gradients_of` | `walk_back` |
#
# What the real one adds: it records only what depends on something that it watches; it calls only the rules on the
# way to a source; it works on arrays of any shape (`unbroadcast`, below); and where another tape is recording, it
# walks with tensors in place of arrays, so that the walk is recorded too. Its rules also get the output `z`, which
# makes some of them shorter: the derivative of $e^x$ is $e^x$ itself. `IndexedSlices` is the gradient of a few rows
# of a large table, a subject of chapter 8.

# %% [markdown]
# ## What is recorded
#
# A tape records what is computed from a value that it **watches**. It watches every trainable variable as soon as
# it is read. Tensors it does not, since a data set needs no gradient; `tape.watch` asks for it.
#
# The sources may be given as a list, a tuple or a dict, and the gradients come back in the same form.
#
# **Predict.** Four squares are added. For which of the four is the gradient `None`?

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
for name, gradient in tape.gradient(total, sources).items():
    print(f"{name:25}{gradient}")

# %% [markdown]
# `None` does not mean zero. It means that the tape knows no way from the target to this source.
#
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
# **Predict.** If you ask the same question twice, is the second answer 25, or 25 + 25 = 50?

# %%
second_guess = check.predict("the second answer", ["25", "50"])

# %%
with tf.GradientTape(persistent=True) as tape:
    y = f(w, x)
print(f"first {tape.gradient(y, w):g}, second {tape.gradient(y, w):g}")
second_guess.outcome(f"{tape.gradient(y, w):g}")

# %% [markdown]
# Each call starts anew, with a gradient of 1 at the target and nothing else. Nothing accumulates from one call to the
# next, so nothing has to be reset. (In PyTorch it does, and has to: see the end of the chapter.) A persistent tape
# holds every intermediate result until you drop the tape, so use one only where you need it.

# %% [markdown]
# ## Arrays: targets and sources of many elements
#
# A loss is one number. If a target has many elements, the walk starts with a 1 for each of them, which makes the
# answer the gradient of their sum:

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
# Now the other side: a source that is smaller than what it is combined with. In `inputs * W + b` below, broadcasting
# uses the scalar `W` for all six elements, and each element of `b` in both rows.
#
# **Predict.** Which shape does the gradient with respect to `W` have: that of `inputs`, or that of `W`?

# %%
third_guess = check.predict(
    "the shape of the gradient with respect to W",
    ["that of inputs", "that of W"],
)

# %%
inputs = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
W, b = tf.Variable(2.0), tf.Variable([0.0, 0.0, 0.0])
with tf.GradientTape() as tape:
    outputs = inputs * W + b
gradients = tape.gradient(outputs, {"W": W, "b": b})
for name, gradient in gradients.items():
    print(f"{name}: shape {gradient.shape}, {gradient.numpy()}")
third_guess.outcome(f"{gradients['W'].shape}, that of W")

# %% [markdown]
# A gradient always has its source's shape, or you could not subtract it from the source. It is the rule of the
# shared product again: `W` is used six times and gets the sum of six contributions, $1 + 2 + \dots + 6 = 21$; each
# element of `b` is used twice and gets $1 + 1 = 2$. In the walk above, `unbroadcast` does this sum.

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
# The last line is a test from physics. A swing of this form obeys $a = -2\gamma v - (\gamma^2 + \omega^2) p$ with
# $\gamma = 0.2$ and $\omega = 2$, so friction pulls against the velocity and the spring against the position. The
# two tapes knew nothing of it, and their result obeys it. In chapter 5, second derivatives will say how large a
# step of training may be.

# %% [markdown]
# ## Seven ways to get `None`
#
# The commonest question about tapes is why a gradient is `None`. There are seven causes, and
# `tape.explain(target, source)` says which one you have. First, the tape may not know the *source*: it was never
# watched (1), or its name stands for something else by now (2), because `=` has bound it to a new tensor.


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
# Test it on two derivatives of $f$ by hand, one right, one with a common mistake: the inner derivative $x$ is
# missing.


# %%
def central_difference(function, x, step):
    return (function(x + step) - function(x - step)) / (2 * step)


numeric = central_difference(lambda w: f(w, 2.0), 3.0, step=0.001)
for by_hand in (2 * (3.0 * 2.0) * 2.0 + 1, 2 * (3.0 * 2.0) + 1):
    right = abs(by_hand - numeric) < 1e-6
    print(f"by hand {by_hand:g}, central difference {numeric:.6f}, right: {right}")

# %% [markdown]
# The step is a choice, and it matters. By Taylor's theorem the formula is wrong by about $\frac{h^2}{6} f'''$, the
# **truncation error**, which shrinks with the step. On paper, a smaller step
# is always better.
#
# **Predict.** For $x^3$ at $x = 1.7$, in float64, which step gives the smallest error: $10^{-3}$, $10^{-5}$ or
# $10^{-9}$? And in float32? Start with a step of 1, and halve it 34 times:


# %%
def cube(x):
    return x * x * x


steps = [0.5**k for k in range(35)]
errors, epsilons = {}, {}
for dtype in (tf.float32, tf.float64):
    x = tf.constant(1.7, dtype=dtype)
    exact = 3 * float(x) ** 2
    numeric = [float(central_difference(cube, x, step)) for step in steps]
    errors[str(dtype)] = np.abs(np.array(numeric) - exact) / exact
    epsilons[str(dtype)] = np.finfo(dtype).eps

# %% [markdown]
# With logarithmic axes, the error over the step is a letter U for each dtype.

# %%
for name, error in errors.items():
    best = error.argmin()
    print(f"{name}: smallest error {error[best]:.1e} at step {steps[best]:.1e}")
    print(f"         error {error[-1]:.1e} at step {steps[-1]:.1e}")
plots.difference_errors(steps, errors, epsilons)

# %% [markdown]
# On the right, truncation: halve the step, and the error falls to a quarter, the same in both dtypes. On the left,
# rounding: the two values of the function agree in more and more digits, so their difference has fewer and fewer, and
# it is divided by an ever smaller $2h$. In float32, at steps below $10^{-7}$, $x + h$ *is* $x$: the
# difference is 0, and the relative error 1.
#
# The **machine epsilon** $\varepsilon$ of a dtype is the distance from 1 to the next larger number. Rounding
# contributes about $\varepsilon |f| / h$, truncation $\frac{h^2}{6} |f'''|$, and their sum is smallest at
#
# $$h = \sqrt[3]{3 \varepsilon |f| / |f'''|}$$
#
# which is near $\sqrt[3]{\varepsilon}$ where $x$, $f$ and $f'''$ are not far from 1 in size (Press, Teukolsky,
# Vetterling and Flannery, *Numerical Recipes*, 3rd edition, section 5.7). The dotted lines mark
# $\sqrt[3]{\varepsilon}$, and both curves have their lowest points beside them, with an error below
# $\varepsilon^{2/3}$. So check gradients in float64 with a step near $10^{-5}$, and expect agreement to about ten
# digits. The tape takes no step, so it has neither of these two errors; it rounds as any computation does.

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
# - A tape is a list of the operations that ran. The gradient is one walk back over it: a rule for each input, and a
#   sum where a value was used more than once, broadcasting included.
# - It records what depends on a watched value: trainable variables once they are read, tensors after `watch`. A
#   gradient of `None` says that no recorded way leads from target to source, and `tape.explain` says why.
# - Check a gradient with central differences, in float64, at a step near the cube root of the machine epsilon.
#
# In chapter 3 you put variables into a model, and measure with a loss how wrong it is.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. Complete a rule.** Your tape lacks subtraction. For $c = a - b$, a small change of $a$ changes $c$ by the same
# amount, so the rule of $a$ is `lambda g, a, b: g`. Write the rule of $b$. Then add an entry "subtract" to
# `operations` and a method `__sub__` to `Value`, and verify $y = (a - b) \cdot b$ at $a = 5$, $b = 2$ by hand.


# %%
def rule_of_b(g, a, b):
    return ...


# %%
check.gradient_tape.subtract_rule(rule_of_b)

# %% [markdown]
# **2. Find the bug: the walk that doubles.** This walk follows every path from the target back to the start. Each
# record is an output, its inputs, and a rule for each input that turns `g` into its contribution. The gradients are
# right, and on a tape of 40 records `y = y + y` it would take days. Why? Repair it.


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


# %%
check.gradient_tape.doubling_walk(backward)

# %% [markdown]
# **3. Find the bug: the tape that stays on.** A program keeps its recording tapes in a list. `with recording(active)
# as records:` appends a new one, and takes it away at the end of the block. One day the block raises an error, and
# everything after it is recorded, too. Repair it.


# %%
@contextmanager
def recording(active):
    records = []
    active.append(records)
    yield records
    active.pop()


# %%
check.gradient_tape.tape_left_on(recording)

# %% [markdown]
# **4. Find the bug: a gradient too large.** In `a * b`, `a` has the shape (N, 3) and `b` the shape (3,), so every row
# of `a` uses `b`. This rule gives `b` a gradient of shape (N, 3). Repair it.


# %%
def rule_of_b(g, a, b):
    return g * a


# %%
check.gradient_tape.unsummed_gradient(rule_of_b)

# %% [markdown]
# **5. Forward or backward?** One could also walk from the first record to the last, and carry along how each value
# changes with $w$. How many walks does that take for a million weights and one loss? And for one weight and a million
# results? Which of the two is a training problem?
