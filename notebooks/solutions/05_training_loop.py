# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 5. The training loop: solutions
#
# The exercises of chapter 5, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check, datasets
from course.losses import l2_loss

inputs, outputs = datasets.line()


# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. One more variable.** Complete `train_curve` for the model $f(x) = c\,x^2 + W x + b$. It makes one step, and
# returns the loss before it. Then train for 60 epochs on the data of this chapter, from c = 1, W = 5 and b = 0. Where
# should c end, and why does it not end there exactly?


# %%
class Curve(tf.Module):
    def __init__(self):
        super().__init__()
        self.c = tf.Variable(1.0)
        self.W = tf.Variable(5.0)
        self.b = tf.Variable(0.0)

    def __call__(self, inputs):
        return self.c * tf.square(inputs) + self.W * inputs + self.b


def train_curve(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = ...
    gradients = tape.gradient(..., model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        variable.assign_sub(...)
    return loss


# %% [markdown] tags=["solution"]
# The loop is the one of the chapter, and asks the model for its variables. The data come from a line, so c should end
# at 0. It ends at its least-squares value, which has followed the noise a little: the cell prints by how much.


# %% tags=["solution"]
def train_curve(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        variable.assign_sub(learning_rate * gradient)
    return loss


model = Curve()
for _ in range(60):
    train_curve(model, inputs, outputs, 0.1)
trained = [float(variable) for variable in (model.c, model.W, model.b)]
x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
for name, (c, W, b) in [("trained", trained), ("fit", np.polyfit(x, y, deg=2))]:
    print(f"{name:7}  c = {c:.3f}, W = {W:.3f}, b = {b:.3f}")

# %%
check.training_loop.train_curve(train_curve)

# %% [markdown]
# **2. Find the bug.** The first call of this function works, and the second raises a `TypeError`. What happened in the
# first, and which lines have to change?


# %%
def train_line(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W = model.W - learning_rate * dW
    model.b = model.b - learning_rate * db


# %% [markdown] tags=["solution"]
# The last two lines put tensors into the model in place of its variables. The second call's tape does not watch them,
# and their gradient is `None`.


# %% tags=["solution"]
def train_line(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)


# %%
check.training_loop.rebound_model(train_line)

# %% [markdown]
# **3. Inputs far from zero.** Given the curvatures along the axes of the bowl, how many epochs does the slowest axis
# need, at nine tenths of the limit of the learning rate, until `fraction` of its distance is left? Round up. Then add
# 3 to every input of this chapter, take the curvatures from `hessian`, and verify the function's answer for 1 % with a
# run: after so many epochs, how much of the way to the fit is left along the flattest axis?


# %%
def epochs_needed(curvatures, fraction):
    learning_rate = ...
    factor = ...  # along the flattest axis, for each step
    return ...


# %% [markdown] tags=["solution"]
# The sharpest axis sets the limit, $2/\lambda_{\max}$, and the flattest is the slowest. After $n$ steps the factor to
# the power $n$ is left, so $n$ is a ratio of logarithms.


# %% tags=["solution"]
def epochs_needed(curvatures, fraction):
    learning_rate = 0.9 * 2 / np.max(curvatures)
    factor = 1 - learning_rate * np.min(curvatures)
    return np.ceil(np.log(fraction) / np.log(factor))


x, y = inputs.numpy().astype(float) + 3.0, outputs.numpy().astype(float)
# What the chapter's `hessian` gives:
H = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])
curvatures, axes = np.linalg.eigh(H)
needed = int(epochs_needed(curvatures, 0.01))
print(f"curvatures {curvatures.round(3)}, {needed} epochs")

fit, flattest = np.polyfit(x, y, deg=1), axes[:, 0]
W, b = tf.Variable(5.0, dtype="float64"), tf.Variable(0.0, dtype="float64")
learning_rate = 0.9 * 2 / curvatures.max()
print("left of the way along the flattest axis:")
for epoch in range(needed + 1):
    left = flattest @ ([float(W), float(b)] - fit) / (flattest @ ([5.0, 0.0] - fit))
    if epoch in (0, needed - 1, needed):
        print(f"after {epoch:3} epochs {left:.4f}")
    with tf.GradientTape() as tape:
        loss = l2_loss(x * W + b, tf.constant(y))
    for variable, gradient in zip([W, b], tape.gradient(loss, [W, b])):
        variable.assign_sub(learning_rate * gradient)

# %%
check.training_loop.epochs_needed(epochs_needed)

# %% [markdown]
# **4. A rate that falls.** Train with batches of 10 for 20 epochs, from W = 5 and b = 0. The best constant rate is
# about 0.002: a larger one leaves more noise, a smaller one does not arrive. Write a rule for the learning rate of each
# epoch, from 0 to 19, with which the run ends closer to the least-squares fit than with that. Every run depends on the
# order of its examples, so the check compares means over 16 orders, the same for all rules. Why would one order not be
# enough?


# %%
def falling_rate(epoch):
    return ...


# %% [markdown] tags=["solution"]
# A rate that starts at 0.1 and is multiplied by 0.75 after every epoch travels first and lets the noise die down
# afterwards. Below, every rule gets the same 16 orders of the examples. They run side by side, one in each row of W
# and b: the loss is the sum of their losses, so the gradient of each row is its own.


# %% tags=["solution"]
def falling_rate(epoch):
    return 0.1 * 0.75**epoch


def distances(rate_of):
    """How far from the fit 20 epochs end, at the rate `rate_of(epoch)`, for each of 16 orders."""
    rng = np.random.default_rng(0)
    W, b = tf.Variable(tf.fill((16, 1), 5.0)), tf.Variable(tf.zeros((16, 1)))
    for epoch in range(20):
        orders = rng.permuted(np.tile(np.arange(1000), (16, 1)), axis=1)
        for batch in np.split(orders, 100, axis=1):  # of shape (16, 10)
            with tf.GradientTape() as tape:
                predictions = W * tf.gather(inputs, batch) + b
                loss = 16 * l2_loss(predictions, tf.gather(outputs, batch))
            dW, db = tape.gradient(loss, [W, b])
            W.assign_sub(rate_of(epoch) * dW)
            b.assign_sub(rate_of(epoch) * db)
    return np.hypot(W.numpy() - fit[0], b.numpy() - fit[1])


fit = np.polyfit(inputs.numpy().astype(float), outputs.numpy().astype(float), deg=1)
rules = {"0.1 · 0.75^epoch": falling_rate}
for rate in (0.01, 0.002, 0.001):
    rules[f"constant {rate}"] = lambda epoch, rate=rate: rate
for name, rule in rules.items():
    ends = distances(rule)
    print(f"{name:16}  mean distance {np.mean(ends):.4f}, ", end="")
    print(f"standard deviation {np.std(ends):.4f}")

# %%
check.training_loop.falling_rate(falling_rate)

# %% [markdown] tags=["solution"]
# Where noise is what is left, the distance varies from order to order by about half of its mean. So one run of each
# rule says little. And a rule that was tuned more carefully than its rivals wins for that alone.
