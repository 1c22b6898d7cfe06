# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Variables
#
# Training a model means changing a few numbers, again and again, until the model's predictions fit the data. This
# chapter is about the place where those numbers live. Afterwards you can
#
# - **tell** a tensor, which never changes, from a variable, which does, and say why a model needs the second;
# - **change** a variable: as a whole, by a difference, or one row of it;
# - **predict** what happens to a value that you have read, when the variable changes later.
#
# Time: about 35 minutes, and 30 for the exercises. You need some Python and a little NumPy, and no machine learning:
# this is where the course begins.
#
# Read a passage, run the cell below it (by Shift+Enter in JupyterLab, by its Run button in the book), and compare what
# you see with what the text says. Where the text asks for a prediction, choose an answer by its button before you run
# the next cell. The words that explain an answer are folded away; open them after the run, since the text goes on
# there. Change any cell and run it again as often as you like. You cannot break anything.
#
# The first cell imports the course's own package under the name `tf`. It is written on NumPy alone, and its names
# are those of TensorFlow, a framework that is widely used for training, so what you learn here carries over. You can
# read all of it: this chapter's subject is in `course/engine/variable.py`.

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots

# %% [markdown]
# ## Where this leads: a line that learns
#
# Here is what the first five chapters lead to. The data are 100 points, and the model is a line with a slope `W` and
# an intercept `b`, both wrong at first. Training takes 20 steps, and each step changes the two numbers a little. You
# need not understand the lines of this cell yet: run it, and look at the figure.

# %%
inputs, outputs = datasets.line(100, W=3.0, b=2.0, stddev=1.0, seed=0)
W, b = tf.Variable(5.0), tf.Variable(0.0)
lines = [(float(W), float(b))]
for _ in range(20):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(inputs * W + b - outputs))
    dW, db = tape.gradient(loss, [W, b])
    W.assign_sub(0.1 * dW)
    b.assign_sub(0.1 * db)
    lines.append((float(W), float(b)))

print(f"before: slope {lines[0][0]:.2f}, intercept {lines[0][1]:.2f}")
print(f"after:  slope {lines[-1][0]:.2f}, intercept {lines[-1][1]:.2f}")
plots.learning_line(inputs, outputs, lines)

# %% [markdown]
# The points were made around a line with the slope 3 and the intercept 2. Nobody told the program, and the steps came
# close to both.
#
# Here is the same program, alive. Pull the ends of the line to where you like, and press Play; you may pull while it
# learns, too. Does the line come to the same place from wherever you let it go?

# %%
experiments.LearningLine(inputs, outputs)

# %% [markdown]
# It does. Of all lines there is one that misses these points by least, and from everywhere the steps lead there;
# chapter 3 will say why.

# %% [markdown]
# When you have finished chapter 5, you will have written each of these lines of code yourself, and will know what it
# does. We begin with the two numbers that change, `W` and `b`.

# %% [markdown]
# ## A tensor never changes
#
# A **tensor** is an array of numbers. Like a NumPy array it has a **shape**, the sizes of its axes, and a **dtype**,
# the kind of number that it holds. `tf.constant` makes one from a list.

# %%
x = tf.constant([1.0, 2.0, 3.0])
print(x)

# %% [markdown]
# There are three numbers along one axis, so the shape is `(3,)`. The dtype `float32` is a floating-point number of 32
# bits, the kind that models mostly compute with.
#
# In one respect a tensor differs from a NumPy array: it is **immutable**, which means that once it is made it never
# changes. Try to overwrite its first element. The `try` catches the error, so that you can read its message and go on.

# %%
try:
    x[0] = 10.0
except TypeError as error:
    print(error)

# %% [markdown]
# The message says what is wrong, and what does change: a variable, which you will meet soon.
#
# `x += 10`, however, is no error. What does it do? To find out, give the tensor a second name, `kept`, before you add
# 10 to `x`.
#
# **Predict.** `x` holds 1, 2, 3, and `kept = x` comes before `x += 10`.

# %%
kept_guess = check.variables.kept_tensor.predict()

# %%
kept = x
x += 10
print("kept:", kept.numpy())
print("x:   ", x.numpy())
kept_guess.outcome(kept.numpy())

# %% [markdown]
# `x += 10` has made a new tensor, and has bound the name `x` to it. This is **rebinding**: the name moves on, and the
# tensor stays as it is. (With two names for a NumPy array, `+=` would have changed the array that both of them name.
# `.numpy()` gives a tensor's numbers as a NumPy array, which prints shorter.) So whoever holds a tensor can rely on
# it: no other part of the program will change it. In chapter 2 that matters, when a computation is followed backwards
# and every value in it must still be what it was.

# %% [markdown]
# ## A model needs state
#
# A model computes predictions with some numbers of its own, its **parameters**. Training improves them. Suppose that
# a parameter `W` is a tensor, and that two parts of a program know it: the model, which keeps its parameters in a
# list, and the training, which uses the name `W`.

# %%
W = tf.constant(5.0)
parameters = [W]
W -= 0.5
print(f"training: W = {W.numpy()}, model: W = {parameters[0].numpy()}")

# %% [markdown]
# The improvement never reached the model. Training has moved its own name to a new tensor, 4.5, and the model's list
# still holds the old one, 5.0.
#
# What is missing is one place that both parts refer to and whose content can be replaced. What a program remembers
# and can change is called **state**. Tensors are for values that flow through a computation, and variables are for
# state, which is still there when the computation is over.

# %% [markdown]
# ## A variable's value can be replaced
#
# A **variable** holds a value, and can be given another one. You make it with its first value.

# %%
v = tf.Variable(1.0)
print(v)

# %% [markdown]
# Printing shows a name (this one got the default, and `:0` is a habit from TensorFlow's early days), the shape `()`
# of a **scalar**, which is a single number without axes, the dtype, and the value.
#
# `assign` replaces the value. The new value may depend on the present one: below, the second line assigns the
# variable its own square.

# %%
v.assign(3.0)
v.assign(tf.square(v))
print(v.numpy())

# %% [markdown]
# `tf.square(v)` comes first: it reads the value, 3, and returns a new tensor, 9. Then `assign` stores it. The value
# went from 1 to 3 to 9, and `v` was the same variable all the time.

# %% [markdown]
# ## Add and subtract
#
# Most changes in training are small differences. `assign_sub` subtracts one and `assign_add` adds one. Here is the
# program again whose improvement got lost, with a variable in place of the tensor. Giving it a name helps later, when
# a message speaks of it.

# %%
W = tf.Variable(5.0, name="W")
parameters = [W]
W.assign_sub(0.5)
print(f"training: W = {W.numpy()}, model: W = {parameters[0].numpy()}")

# %% [markdown]
# Now both see 4.5. The name `W` has not moved: it and the list refer to one variable, whose value has changed.
#
# A step of training has this form. Chapter 2 computes a **gradient**, the number that says how fast the model's error
# grows as `W` grows. To make the error smaller, go the other way: subtract the gradient times a small number, the
# **learning rate**. Here the gradient is made up. A second variable counts the steps.

# %%
learning_rate, gradient = 0.1, 4.0
W, steps = tf.Variable(5.0, name="W"), tf.Variable(0, name="steps")
W.assign_sub(learning_rate * gradient)
steps.assign_add(1)
print(f"after step {steps.numpy()}: W = {W.numpy():.1f}")

# %% [markdown]
# One step went from 5.0 to 4.6. These are the `assign_sub` lines of the opening, and there the gradients came from
# the data.

# %% [markdown]
# ## Shape and dtype are fixed
#
# Everything that uses a variable relies on its shape and its dtype, so both are fixed when it is made. A value of
# another shape is refused, even a single number that NumPy would repeat to fill the array.

# %%
weights = tf.Variable([1.0, 2.0, 3.0], name="weights")
for value in ([1.0, 2.0], 0.0):
    try:
        weights.assign(value)
    except ValueError as error:
        print(error)
print("still", weights.numpy())

# %% [markdown]
# A refused assignment changes nothing: the three weights are what they were. When you meet this message while
# training, a gradient has probably been computed with a wrong shape. It is better to hear of it here than to train
# a model that learns nonsense.
#
# Now the dtype. A Python number without a decimal point makes an integer variable.
#
# **Predict.** The variable holds the integer 5, and 0.5 is subtracted.

# %%
half_guess = check.variables.half_from_an_integer.predict()

# %%
count = tf.Variable(5, name="count")
try:
    count.assign_sub(0.5)
except TypeError as error:
    print(error)
print(f"count is {count.numpy()}, dtype {count.dtype}")
half_guess.outcome(count.numpy())

# %% [markdown]
# The subtraction was refused: an `int32` has no room for a fraction, and to cut 0.5 down to 0 without asking would
# hide a mistake. A counter should be an integer. A parameter should not, so write `tf.Variable(5.0)`, with the point.

# %% [markdown]
# ## What a read gives you
#
# Whenever you use a variable's value, you **read** it. `v.read_value()` reads and does nothing else. `2 * v` reads,
# and computes with what it got. And `same = v` does not read at all: it gives the variable a second name.
#
# **Predict.** A variable `v` is 1. Then come `same = v`, `read = v.read_value()` and `double = 2 * v`, and after them
# `v.assign(100.0)`.

# %%
followers_guess = check.variables.followers.predict()

# %%
v = tf.Variable(1.0)
same, read, double = v, v.read_value(), 2 * v
v.assign(100.0)
print(f"same {same.numpy()}, read {read.numpy()}, double {double.numpy()}")
followers_guess.outcome([same.numpy() == 100, read.numpy() == 100, double.numpy() == 200])

# %% [markdown]
# A read gives a tensor, with the value of that moment, and a tensor never changes. So a read is a **snapshot**: what
# happens to the variable later does not reach it. `read` stays 1. `double` was computed once, from a snapshot, and
# stays 2. A cell in a spreadsheet would be computed again, and a tensor is not.

# %% [markdown]
# Is there any sequence of updates that changes a read taken before it? Try to find one. The experiment has a variable,
# and beside it a NumPy array with the same number. Update calls the chosen method on the variable, and changes the
# array in place, as `array += 3` does. Read keeps `v.read_value()`, and for the array a second name, `kept = array`.
# Back undoes one of these, and Step does it again. All reads are drawn as they are now. One was taken already, and its
# lines, one for the variable and one for the array, cover each other. Which of its two lines will move when you press
# Update?

# %%
experiments.VariableHistory(steps=[("read",)])

# %% [markdown]
# The read of the NumPy array moves with every update: all its names stand for one array. The reads of the variable
# stay level, at the value that it had when it was read, and no sequence of updates moves them. `assign` and its
# relatives put a new array into the variable, and leave the old one to those who have read it.

# %% [markdown]
# The same in a program: `history` notes the value as a plain number after every update, and `reads` collects the
# tensors that were read before each. Nobody looks at them until the end.

# %%
changes = [2.0, 6.0, -4.0, 2.0]
v = tf.Variable(1.0)
history, reads = [float(v)], []
for change in changes:
    reads.append(v.read_value())
    v.assign_add(change)
    history.append(float(v))
print("history:", history)
print("reads:  ", [float(read) for read in reads])

# %% [markdown]
# The reads, looked at after all updates, are the first four values of the history.

# %% [markdown]
# ## Why `W -= 0.5` is refused
#
# For a tensor, `-=` makes a new tensor and rebinds the name. For a variable that would be a trap. The name would now
# stand for a tensor, the variable would keep its old value, and the update would be lost again. So a variable
# refuses it.

# %%
W = tf.Variable(5.0, name="W")
parameters = [W]
try:
    W -= 0.5
except TypeError as error:
    print(error)

# %% [markdown]
# `assign_sub` changes the variable, where `-=` would change what the name stands for. `W = W - 0.5` does that too, and
# no class can refuse it, because Python lets a name be bound to anything at any time.

# %%
W = W - 0.5
print(f"W is a {type(W).__name__}: {W.numpy()}")
print(f"the model holds a {type(parameters[0]).__name__}: {parameters[0].numpy()}")

# %% [markdown]
# There is no error, and the model has not changed. If a program of yours trains without complaint and the model
# does not improve, look for an `=` where an `assign` belongs.

# %% [markdown]
# ## Compute with variables
#
# In arithmetic a variable behaves as the tensor that a read of it gives. Operators, indexing and NumPy's functions
# work, and what they return are tensors. Here is a model that is a straight line, with slope `W` and intercept `b`:

# %%
W, b = tf.Variable(2.0, name="W"), tf.Variable(1.0, name="b")
inputs = tf.constant([0.0, 1.0, 2.0, 3.0])
predictions = inputs * W + b
print(predictions)
print(predictions[0], np.mean(predictions))

# %% [markdown]
# The four predictions rise by `W`, 2, at each step and begin at `b`, 1. Neither variable was changed by being used.
# Only the `assign` methods change a variable, and `scatter_update`, which comes next.

# %% [markdown]
# ## One row of a table
#
# Some models keep a large table, with a row of numbers for each word of a language or for each film: an **embedding
# table**. One step of training concerns the few rows that it has just used, and to write all the others again would
# take most of the time. `scatter_update` writes some rows of a variable. A `tf.IndexedSlices` says which: `values[i]`
# belongs in the row `indices[i]`. Give "dog", row 1, new numbers:

# %%
words = ["cat", "dog", "tree", "moon"]
rows = [[0.4, -0.2, 0.1], [0.3, -0.1, 0.2], [-0.5, 0.6, 0.0], [-0.1, 0.2, -0.7]]
table = tf.Variable(rows, name="table")
before = table.numpy()
table.scatter_update(tf.IndexedSlices(values=[[0.9, -0.8, 0.3]], indices=[1]))
print("row of dog:", table.numpy()[1])
plots.tables({"Before": before, "After": table.numpy()}, words)

# %% [markdown]
# The outlined row has changed, and the others are as they were. `before` is a read, so it still holds the old row.
# In chapter 8 you train such a table, and see what it saves to write only some of its rows.

# %% [markdown]
# ## A model collects its variables
#
# Training must reach every parameter of a model, and there may be hundreds. `tf.Module` finds them: a class that
# inherits from it lists all variables in its attributes. `super().__init__()` in the first line runs the constructor
# of `tf.Module` itself, before yours adds to it.
#
# Not all variables are for training to change. A counter of steps is state too, but no gradient should touch it, so
# it is made with `trainable=False`.


# %%
class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.W = tf.Variable(5.0, name="W")
        self.b = tf.Variable(0.0, name="b")
        self.steps = tf.Variable(0, trainable=False, name="steps")


model = Model()
print("variables:          ", [v.name for v in model.variables])
print("trainable variables:", [v.name for v in model.trainable_variables])

# %% [markdown]
# A **trainable** variable is one that training may change, and variables are trainable unless you say otherwise.
# `Model` will stay with you: chapter 3 gives it the rest of a model, and chapter 5 trains it. The update that it will
# get there you can write now, with two gradients made up for the purpose.

# %%
gradients = [4.0, -4.0]
for variable, gradient in zip(model.trainable_variables, gradients):
    variable.assign_sub(learning_rate * gradient)
model.steps.assign_add(1)
print(f"step {model.steps.numpy()}: W {model.W.numpy():.1f}, b {model.b.numpy():.1f}")

# %% [markdown]
# The positive gradient has made `W` smaller, the negative one has made `b` larger, and the loop would be the same for
# a model with a hundred variables.

# %% [markdown]
# ## In other frameworks
#
# In TensorFlow all names are those of this chapter. Three things differ. There, NumPy's functions return NumPy arrays,
# so write `tf.reduce_mean(predictions)` for `np.mean(predictions)`; both work here. A slice of a variable can be
# assigned. And dtypes do not mix: where this package promotes them as NumPy does, TensorFlow raises an error.
#
# ```python
# import tensorflow as tf
#
# W = tf.Variable(5.0, name="W")
# W.assign_sub(0.1 * gradient)
# table[1].assign([0.9, -0.8, 0.3])  # here: scatter_update
# ```
#
# In PyTorch every tensor can change, so there is no separate class for state; `Parameter` marks what training may
# change. There `W -= x` changes `W` in place, and a read is not a snapshot: `W.detach()` shares its memory, unless
# you `clone` it.
#
# ```python
# import torch
#
# W = torch.nn.Parameter(torch.tensor(5.0))
# read = W.detach().clone()
# with torch.no_grad():
#     W -= 0.1 * gradient
# ```
#
# In JAX no array can change and there are no variables. Functions take the parameters and return new ones, and who
# calls them keeps the state: `W = W - 0.1 * gradient`.

# %% [markdown]
# ## Summary
#
# - A tensor never changes. A variable is state: its value changes by `assign`, `assign_add`, `assign_sub` and, row by
#   row, `scatter_update`, and its shape and dtype never do.
# - A read is a snapshot: no later update changes it. `=` moves a name, and only the methods change a variable.
# - `tf.Module` collects a model's variables, and `trainable` says which of them training may change.
#
# After the opening, the gradients of this chapter were made up. Chapter 2 computes them.

# %% [markdown]
# ## Exercises
#
# Each task has a cell to complete and a check. Replace the `...`, run the cell, then run the check below it: it says
# right, or which mistake it looks like. A check has hints, which it gives one at a time.

# %% [markdown]
# **1. A mean that keeps up.** Numbers arrive one at a time, and after each you want the mean of all so far. Two
# variables are enough state for it. Complete the line that is unfinished. For the values 4, 8 and 6 the means are 4, 6
# and 6.


# %%
def update(total, count, value):
    total.assign_add(value)
    count.assign_add(...)
    return total / count


# %%
check.variables.running_mean(update)

# %% [markdown]
# **2. Four names.** Write down in `answer` what the four names hold at the end of this program, before you run it. Then
# put the program above your `answer`, run both, and explain each name in a sentence.
#
# ```python
# v = tf.Variable(2.0)
# a, b, c = v, 1 * v, v.numpy()
# v.assign_add(v)
# v.assign_add(b)
# ```

# %%
answer = {"a": ..., "b": ..., "c": ..., "v": ...}

# %%
check.variables.four_names(answer)

# %% [markdown]
# **3. Find the bug: the model that never learns.** Three steps with a gradient of 4, no error, and `W` is still 5.
# Why? Change one line so that it ends at 3.8.


# %%
def step(W, gradient):
    W = W - 0.1 * gradient


W = tf.Variable(5.0)
for _ in range(3):
    step(W, 4.0)
print(W.numpy())

# %%
check.variables.lost_update(step)

# %% [markdown]
# **4. Memory that fades.** Complete the class. Its `update(value)` moves the variable `mean` a tenth of the way to
# `value`. Should `mean` be trainable?


# %%
class Average(tf.Module):
    def __init__(self, start):
        super().__init__()
        self.mean = tf.Variable(start, trainable=...)

    def update(self, value):
        self.mean.assign_add(...)


# %%
check.variables.fading_mean(Average)

# %% [markdown]
# **5. How long it remembers.** Feed such an average the number 5, 20 times. How far from 5 is its `mean` then, if it
# started at 0.0, and if it started at 100.0? Give both distances with at least four digits. By which factor has each
# distance become smaller, and does the factor depend on the start?

# %%
distances = {"from 0": ..., "from 100": ...}

# %%
check.variables.fading_distance(distances)
