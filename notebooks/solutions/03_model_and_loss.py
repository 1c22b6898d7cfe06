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
# respect to $W$ to zero, and solve.


# %%
def best_W(b, inputs, outputs):
    return ...


# %% [markdown] tags=["solution"]
# The derivative is the mean of $2 (x W + b - y)\, x$. It is zero where $W$ times the mean of $x^2$ equals the mean of
# $x (y - b)$.


# %% tags=["solution"]
def best_W(b, inputs, outputs):
    return tf.reduce_mean(inputs * (outputs - b)) / tf.reduce_mean(inputs * inputs)


# %%
check.model_and_loss.best_W(best_W)

# %% [markdown]
# Then derive the best $b$ for a given $W$. On the eight points of the chapter, start at $W = 5$ and $b = 0$, and move
# them in turn, $b$ first. How many moves does it take until the loss is below 0.501, and what is the loss then, to four
# digits or more?

# %%
in_turn = {"moves": ..., "loss": ...}

# %% [markdown] tags=["solution"]
# For $b$, the derivative is the mean of $2 (x W + b - y)$, which is zero at the mean of $y - x W$.


# %% tags=["solution"]
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
in_turn = {"moves": move, "loss": float(loss)}

# %%
check.model_and_loss.moves_in_turn(in_turn)

# %% [markdown]
# **4. Where to put the bend.** Fit the spoiled data with the Huber loss on the grid of the chapter, with `delta` 0.1, 4
# and 20. Which slope does the best line have each time? Towards which lines does the fit go at the two ends, and why?
# Suppose you did not know which point is wrong: from what in the data would you choose `delta`?

# %%
bend_slopes = {"delta 0.1": ..., "delta 4": ..., "delta 20": ...}

# %% [markdown] tags=["solution"]
# For a small `delta` nearly all residuals lie beyond the bend, where Huber is L1 but for a factor: the fit goes to the
# L1 line. For a large one they all lie within it, where it is half of L2: the fit goes to the L2 line.

# %% tags=["solution"]
W_values = np.linspace(-1, 6, 71, dtype=np.float32)
b_values = np.linspace(-2, 5, 71, dtype=np.float32)
spoiled = tf.concat([outputs[:-1], [-8.0]], axis=0)


def huber(residuals, delta=1.0):
    size = tf.abs(residuals)
    return tf.where(size <= delta, tf.square(size) / 2, delta * (size - delta / 2))


def slope_of_best_line(point_loss):
    losses = [[float(tf.reduce_mean(point_loss(inputs * W + b - spoiled))) for b in b_values] for W in W_values]
    return float(W_values[np.unravel_index(np.argmin(losses), np.shape(losses))[0]])


print(f"L1 {slope_of_best_line(tf.abs):.1f}, L2 {slope_of_best_line(tf.square):.1f}")
bend_slopes = {}
for delta in (0.1, 4, 20):
    bend_slopes[f"delta {delta}"] = slope_of_best_line(lambda residuals, delta=delta: huber(residuals, delta))
    print(f"delta {delta}: {bend_slopes[f'delta {delta}']:.1f}")

# %%
check.model_and_loss.bend_slopes(bend_slopes)

# %% [markdown] tags=["solution"]
# The bend belongs above the usual size of a residual and below the outliers. The median of the residuals' sizes is a
# measure of the usual size that a few outliers cannot move, taken from a robust fit, such as L1's ($W = 3$, $b = 1.5$):

# %% tags=["solution"]
sizes = np.sort(np.abs(inputs.numpy() * 3.0 + 1.5 - spoiled.numpy()))
print("sizes of the residuals:", sizes.tolist(), " median:", float(np.median(sizes)))
