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
from course import check, datasets, layers, optimizers

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. Without a hidden layer.** How many parameters has a stack of dense layers? Complete `num_parameters`. It takes
# the number of inputs and then the units of each layer: `[2, 4, 2]` for the moons' network. Then build a model for the
# digits that has no hidden layer: `Flatten`, then one `Dense`. How many parameters has it, and how accurate is it on
# the validation data after 15 epochs? Is a flat boundary, in 64 dimensions, enough?


# %%
def num_parameters(sizes):
    return ...


# %% [markdown] tags=["solution"]
# Each unit has a weight for each of its inputs, and a bias. Flat boundaries in 64 dimensions separate most of the
# digits.


# %% tags=["solution"]
def num_parameters(sizes):
    return sum((inputs + 1) * units for inputs, units in zip(sizes, sizes[1:]))


print(num_parameters([2, 4, 2]), num_parameters([64, 10]))
images, labels = datasets.digits()
training, test = datasets.train_test_split(images, labels)
tf.random.set_seed(0)
model = tf.keras.Sequential([layers.Flatten(), layers.Dense(10)])
loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizers.Adam(0.003), loss, metrics=["accuracy"])
history = model.fit(*training, epochs=15, validation_split=0.2, verbose=0)
print(model.count_params(), "parameters")
print(f"validation accuracy {history.history['val_accuracy'][-1]:.2f}")

# %%
check.layers.num_parameters(num_parameters)

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
# the test data once, at the end. How sure are you that the result is better than this chapter's? An accuracy $p$ on $n$
# images has the variance $p(1-p)/n$, and the variances of two independent results add up. Complete `errors_apart`: by
# how many standard errors of their difference is the second accuracy above the first?


# %%
def errors_apart(first, second, n):
    return ...


# %% [markdown] tags=["solution"]
# One way: five networks with dropout, from five seeds, and the mean of their probabilities. The last fifth of the
# training part is the validation part, as in `fit`.


# %% tags=["solution"]
def errors_apart(first, second, n):
    variance = (first * (1 - first) + second * (1 - second)) / n
    return (second - first) / np.sqrt(variance)


def network(seed, rate):
    tf.random.set_seed(seed)
    model = tf.keras.Sequential([layers.Flatten(), layers.Dense(256, activation="relu")])
    model.add(layers.Dropout(rate))
    model.add(layers.Dense(10))
    model.compile(optimizers.Adam(0.003), loss)
    model.fit(*training, epochs=15, validation_split=0.2, verbose=0)
    return model


def share_right(probabilities, answers):
    return np.mean(np.argmax(probabilities, axis=1) == answers.numpy())


start = len(training[0]) - len(training[0]) // 5
validation = training[0][start:], training[1][start:]
models = [network(seed=0, rate=0.0), *(network(seed, rate=0.5) for seed in range(5))]
outputs = [tf.nn.softmax(model(validation[0])).numpy() for model in models]
single, several = (share_right(p, validation[1]) for p in (outputs[0], np.mean(outputs[1:], axis=0)))
print(f"on {len(validation[0])} validation images: one network {single:.3f}, five {several:.3f}, ", end="")
print(f"{errors_apart(single, several, len(validation[0])):.1f} standard errors apart")

outputs = [tf.nn.softmax(model(test[0])).numpy() for model in models]
single, several = (share_right(p, test[1]) for p in (outputs[0], np.mean(outputs[1:], axis=0)))
print(f"on {len(test[0])} test images: one network {single:.3f}, five {several:.3f}, ", end="")
print(f"{errors_apart(single, several, len(test[0])):.1f} standard errors apart")

# %% [markdown] tags=["solution"]
# A difference of less than about two standard errors says little. (The two results share their images, so they are not
# independent, and the true uncertainty is a little smaller. Compare several seeds of both, image by image.)

# %%
check.layers.errors_apart(errors_apart)
