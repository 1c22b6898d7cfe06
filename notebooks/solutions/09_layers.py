# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 9. Layers: solutions
#
# The exercises of chapter 9, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check, datasets, layers, losses, optimizers

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. Without a hidden layer.** Build a model for the digits that has no hidden layer: `Flatten`, then one `Dense`.
# How many parameters has it, and how accurate is it on the validation data after 15 epochs? Is a flat boundary, in 64
# dimensions, enough?

# %% [markdown] tags=["solution"]
# Each of the ten classes has 64 weights and a bias. Flat boundaries in 64 dimensions separate most of the digits.

# %% tags=["solution"]
images, labels = datasets.digits()
training, test = datasets.train_test_split(images, labels)
tf.random.set_seed(0)
model = tf.keras.Sequential([layers.Flatten(), layers.Dense(10)])
loss = losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizers.Adam(0.003), loss, metrics=["accuracy"])
history = model.fit(*training, epochs=15, validation_split=0.2, verbose=0)
print(model.count_params(), "parameters")
print(f"validation accuracy {history.history['val_accuracy'][-1]:.2f}")

# %% [markdown]
# **2. Find the bug: worse than it could.** This loss trains without an error, but even a network that is certain and
# right does not bring it to zero. What does it compute, and how large is it at least? Repair it.


# %%
def mean_loss(logits, labels):
    probabilities = tf.nn.softmax(logits)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, probabilities)
    return tf.reduce_mean(losses)


# %% [markdown] tags=["solution"]
# The function takes the softmax itself, so here it is taken twice. Probabilities lie between 0 and 1, and with ten
# classes the second softmax can give the true class at most $e / (e + 9) = 0.23$: the loss is at least 1.46.


# %% tags=["solution"]
def mean_loss(logits, labels):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    return tf.reduce_mean(losses)


print(f"{np.log((np.e + 9) / np.e):.2f}")

# %%
check.layers.softmax_twice(mean_loss)

# %% [markdown]
# **3. Your own dropout.** Complete the layer. In training the mean of many outputs should be the input, and otherwise
# the layer changes nothing. Why are the remaining values divided by the probability that they remain?


# %%
class Dropout(layers.Layer):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def call(self, inputs, training=False):
        if not training:
            return ...
        remains = tf.random.uniform(inputs.shape) >= ...
        return inputs * tf.cast(remains, inputs.dtype) / ...


# %% [markdown] tags=["solution"]
# A value remains with the probability 1 − rate. Divided by it, the mean over many masks is the value itself, and the
# next layer finds sums of the size that it gets later, when nothing is dropped.


# %% tags=["solution"]
class Dropout(layers.Layer):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def call(self, inputs, training=False):
        if not training:
            return inputs
        remains = tf.random.uniform(inputs.shape) >= self.rate
        return inputs * tf.cast(remains, inputs.dtype) / (1 - self.rate)


# %%
check.layers.own_dropout(Dropout)

# %% [markdown]
# **4. Fewer mistakes.** Bring the validation accuracy as high as you can. Try dropout together with early stopping,
# images shifted by one pixel as additional examples, or the mean of the probabilities of several networks. Evaluate on
# the test data once, at the end. How sure are you that the result is better than this chapter's?

# %% [markdown] tags=["solution"]
# With n test images and an accuracy of p, the standard error is $\sqrt{p (1 - p) / n}$. A difference of less than
# about two of them, between two runs, says little. Compare several seeds of both.
