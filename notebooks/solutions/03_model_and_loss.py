# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 3. Model and loss: solutions
#
# The exercises of chapter 3, each with a solution and the reason for it. Try them first: a check that names your
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
# **1. The gradient of L1.** Complete the function so that it gives the gradient of the L1 loss by hand, with respect
# to $W$ and to $b$; `tf.sign` gives −1, 0 or 1. Compare with the tape at $W = 5$, $b = 0$. Why is there no factor of
# 2, as L2 has?


# %%
def l1_gradient(inputs, residuals):
    dW = tf.reduce_mean(... * inputs)
    db = tf.reduce_mean(...)
    return dW, db


# %% [markdown] tags=["solution"]
# $|r|$ grows with $r$ at the rate 1 where $r$ is positive, and at −1 where it is negative: its sign. The factor of 2
# comes from the square, and here is none.


# %% tags=["solution"]
def l1_gradient(inputs, residuals):
    dW = tf.reduce_mean(tf.sign(residuals) * inputs)
    db = tf.reduce_mean(tf.sign(residuals))
    return dW, db


# %%
check.model_and_loss.l1_gradient(l1_gradient)

# %% [markdown]
# **2. One number for many.** A model that ignores its input predicts the same constant $c$ for every point. For the
# outputs 1, 2, 3, 4 and 100, compute the L2 and the L1 loss for every $c$ from 0 to 100 in steps of 0.5. Which $c$ is
# best under each? You know both numbers by other names.

# %%
best = {"L2": ..., "L1": ...}

# %% [markdown] tags=["solution"]
# The mean has the smallest L2 loss, and the median the smallest L1 loss. The one large output moves the mean to 22,
# and leaves the median where it is.

# %% tags=["solution"]
some = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
constants = np.arange(0.0, 100.5, 0.5)
residuals = constants[:, None] - some  # a row for each constant
best = {
    "L2": constants[np.argmin(np.mean(np.square(residuals), axis=1))],
    "L1": constants[np.argmin(np.mean(np.abs(residuals), axis=1))],
}
print({name: float(c) for name, c in best.items()})

# %%
check.model_and_loss.best_constant(best)

# %% [markdown]
# **3. One parameter at a time.** Hold $b$, and find the $W$ with the smallest L2 loss: set the partial derivative with
# respect to $W$ to zero, and solve. Then derive the best $b$ for a given $W$, start at $W = 5$, $b = 0$, and move them
# in turn. How many moves until the loss is below 0.501?


# %%
def best_W(b, inputs, outputs):
    return ...


# %% [markdown] tags=["solution"]
# The derivative is the mean of $2 (x W + b - y)\, x$. It is zero where $W$ times the mean of $x^2$ equals the mean of
# $x (y - b)$. For $b$ the same gives the mean of $y - x W$. On the eight points of the chapter:


# %% tags=["solution"]
def best_W(b, inputs, outputs):
    return tf.reduce_mean(inputs * (outputs - b)) / tf.reduce_mean(inputs * inputs)


def best_b(W, inputs, outputs):
    return tf.reduce_mean(outputs - inputs * W)


inputs = tf.constant([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0])
outputs = tf.constant([-1.5, -2.0, 0.0, 1.5, 4.5, 5.5, 6.0, 8.0])
W, b = 5.0, 0.0
for move in range(1, 10):
    if move % 2:
        b = best_b(W, inputs, outputs)
    else:
        W = best_W(b, inputs, outputs)
    loss = tf.reduce_mean(tf.square(inputs * W + b - outputs))
    print(f"move {move}: W = {W:.4f}, b = {b:.4f}, loss {loss:.5f}")
    if loss < 0.501:
        break

# %%
check.model_and_loss.best_W(best_W)

# %% [markdown]
# **4. Where to put the bend.** Fit the spoiled data with the Huber loss for `delta` from 0.1 to 20. Towards which line
# does the fit go at each end, and why? Suppose you did not know which point is wrong: from what in the data would you
# choose `delta`?

# %% [markdown] tags=["solution"]
# For a small `delta` nearly all residuals lie beyond the bend, where Huber is L1 but for a factor: the fit goes to the
# L1 line. For a large one they all lie within it, where it is L2: the fit goes to the L2 line. The bend belongs above
# the usual size of a residual, for which the median of their absolute values is a robust measure, and below the
# outliers.
