# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 4. Data synthesis: solutions
#
# The exercises of chapter 4, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check, datasets
from course.losses import l2_loss


def fit(inputs, outputs):  # as in the chapter
    mean_input = np.mean(inputs, axis=-1, keepdims=True)
    mean_output = np.mean(outputs, axis=-1, keepdims=True)
    x, y = inputs - mean_input, outputs - mean_output
    W = np.mean(x * y, axis=-1) / np.mean(x * x, axis=-1)
    return W, mean_output[..., 0] - W * mean_input[..., 0]


# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. A curve.** Synthesize outputs around the parabola 0.5x² − x + 1, with noise of standard deviation `stddev`. You
# get noise of standard deviation 1 to make it from. Then draw 1000 points with σ = 0.5, verify that the loss at the
# truth is near 0.25, and fit a line to them with `fit`. Its loss is nearly three times the floor. Would more points
# help?


# %%
def curve(inputs, noise, stddev):
    on_the_curve = 0.5 * tf.square(inputs) - inputs + 1
    outputs = ...
    return outputs


# %% [markdown] tags=["solution"]
# A factor scales the standard deviation. No number of points helps a line to follow a curve: what is missing is not
# data but a term of the model.


# %% tags=["solution"]
def curve(inputs, noise, stddev):
    on_the_curve = 0.5 * tf.square(inputs) - inputs + 1
    outputs = on_the_curve + stddev * noise
    return outputs


tf.random.set_seed(7)
inputs, noise = tf.random.normal([1000]), tf.random.normal([1000])
truth, outputs = 0.5 * tf.square(inputs) - inputs + 1, curve(inputs, noise, 0.5)
print(f"loss at the truth {l2_loss(truth, outputs):.3f}")
W, b = fit(inputs, outputs)
print(f"loss of the best line {l2_loss(inputs * W + b, outputs):.3f}")

# %%
check.data_synthesis.curve(curve)

# %% [markdown]
# **2. How much data?** The noise has the standard deviation `sigma`, and you want W to within `error`. Write a
# function for the number of examples that this takes. What does it say for σ = 2 and an error of 0.02? Verify that
# with 200 data sets, as in the last section.


# %%
def examples_needed(sigma, error):
    return ...


# %% [markdown] tags=["solution"]
# The error of W is about σ/√N. Solved for N, that is (σ/error)². Half the error costs four times the examples.


# %% tags=["solution"]
def examples_needed(sigma, error):
    return (sigma / error) ** 2


needed = round(examples_needed(2.0, 0.02))
tf.random.set_seed(8)
inputs = tf.random.normal([200, needed])
W, _ = fit(inputs, 3.0 * inputs + 2.0 + tf.random.normal([200, needed], stddev=2.0))
error = np.sqrt(np.mean((W - 3.0) ** 2))
print(f"{needed} examples: the error over 200 data sets is {error:.4f}")

# %%
check.data_synthesis.examples_needed(examples_needed)

# %% [markdown]
# **3. Find the bug: too good.** A fit to these data reaches a loss of 0 and the exact W, up to rounding, but its b is
# wrong, and another one with each seed. What happened to the noise? Repair it.


# %%
def noisy_line(inputs):
    return inputs * 3.0 + 2.0 + tf.random.normal([])


# %% [markdown] tags=["solution"]
# `[]` is the shape of a scalar, so one random number is drawn, and broadcasting adds it to every point. The line is
# shifted as a whole: that is another b, and no noise.


# %% tags=["solution"]
def noisy_line(inputs):
    return inputs * 3.0 + 2.0 + tf.random.normal(inputs.shape)


inputs, _ = datasets.line()
outputs = noisy_line(inputs)
W, b = fit(inputs, outputs)
print(f"W = {W:.3f}, b = {b:.3f}, loss {l2_loss(inputs * W + b, outputs):.3f}")

# %%
check.data_synthesis.shared_noise(noisy_line)

# %% [markdown]
# **4. A model that remembers.** For any input, this model looks up the remembered input that is nearest, and predicts
# its output. Complete it, for an array of new inputs. What is its loss on the data that it remembers, and what on new
# data from `datasets.line(seed=1)`? Guess first. Why is the second number near twice the noise floor?


# %%
def remember(inputs, outputs, new):
    distances = ...
    return outputs[...]


# %% [markdown] tags=["solution"]
# On its own data the nearest input is the input itself, so the loss is 0. On new data the prediction carries the noise
# of the remembered point, and the output its own. Both are independent, and their variances add: 1 + 1.


# %% tags=["solution"]
def remember(inputs, outputs, new):
    distances = np.abs(new[:, None] - inputs)
    return outputs[np.argmin(distances, axis=1)]


inputs, outputs = (part.numpy() for part in datasets.line(seed=0))
new_inputs, new_outputs = (part.numpy() for part in datasets.line(seed=1))
for name, x, y in (("remembered", inputs, outputs), ("new", new_inputs, new_outputs)):
    loss = np.mean(np.square(remember(inputs, outputs, x) - y))
    print(f"loss on {name} data {loss:.2f}")

# %%
check.data_synthesis.nearest_neighbour(remember)
