# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 1. Variables: solutions
#
# The exercises of chapter 1, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import course as tf
from course import check

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


# %% [markdown] tags=["solution"]
# One more value has arrived, whatever it is, so `count` grows by 1. It has to be updated before the mean is read.


# %% tags=["solution"]
def update(total, count, value):
    total.assign_add(value)
    count.assign_add(1.0)
    return total / count


total, count = tf.Variable(0.0), tf.Variable(0.0)
print([float(update(total, count, value)) for value in [4.0, 8.0, 6.0]])

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

# %% [markdown] tags=["solution"]
# `a` is the variable under a second name. `b` was computed from a read, and `c` is an array of that moment: both stay
# 2. The variable doubles to 4, and then `b`, still 2, is added.

# %% tags=["solution"]
answer = {"a": 6.0, "b": 2.0, "c": 2.0, "v": 6.0}

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

# %% [markdown] tags=["solution"]
# `W = …` binds the name inside the function to a new tensor, which is gone when the function returns. The variable was
# read, and never changed. `assign_sub` changes it.


# %% tags=["solution"]
def step(W, gradient):
    W.assign_sub(0.1 * gradient)


W = tf.Variable(5.0)
for _ in range(3):
    step(W, 4.0)
print(f"{W.numpy():.1f}")

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


# %% [markdown] tags=["solution"]
# The way to `value` is their difference. `mean` is state that the class keeps for itself: if it were trainable, an
# optimizer would take it for a parameter of the model and change it.


# %% tags=["solution"]
class Average(tf.Module):
    def __init__(self, start):
        super().__init__()
        self.mean = tf.Variable(start, trainable=False)

    def update(self, value):
        self.mean.assign_add(0.1 * (value - self.mean))


# %%
check.variables.fading_mean(Average)

# %% [markdown]
# **5. How long it remembers.** Feed such an average the number 5, 20 times. How far from 5 is its `mean` then, if it
# started at 0.0, and if it started at 100.0? Give both distances with at least four digits. By which factor has each
# distance become smaller, and does the factor depend on the start?

# %%
distances = {"from 0": ..., "from 100": ...}

# %% [markdown] tags=["solution"]
# Each update leaves nine tenths of the distance, so 20 of them leave $0.9^{20}$ of it, whatever it was.

# %% tags=["solution"]
distances = {}
for start in (0.0, 100.0):
    average = Average(start)
    for _ in range(20):
        average.update(5.0)
    distances[f"from {start:g}"] = abs(float(average.mean) - 5)
    share = distances[f"from {start:g}"] / abs(start - 5)
    print(f"from {start:g}: {distances[f'from {start:g}']:.4f} away from 5, {share:.4f} of what it was")
print(f"0.9 to the power of 20: {0.9**20:.4f}")

# %%
check.variables.fading_distance(distances)
