# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9. Layers
#
# After this chapter you can
#
# - **write** a `Dense` layer with its gradient, and a loss for classes, and find them in the library,
# - **train** a network that reads handwritten digits, and see in its curves when it only learns them by heart,
# - **save** a run, restore it, and go on where it stopped.
#
# Time: about 55 minutes, and 25 for the exercises. It builds on the training loop (chapter 5), Adam (chapter 6), and
# the split into training and test data (chapter 4).

# %%
import os
import tempfile
from functools import partial

import numpy as np

import course as tf
from course import check, datasets, experiments, initializers, layers, optimizers, plots

# %% [markdown]
# ## From numbers to classes
#
# So far every output was a number. Now it is a **class**: which of two groups does a point belong to, which of ten
# digits does an image show? Finding the class is called **classification**. Start with points in the plane, in two
# groups that are bent around each other like moons. A **label** is the number of a point's class, 0 or 1.

# %%
np.seterr(all="ignore")  # no warnings of NumPy between the outputs
inputs, labels = datasets.moons(200, stddev=0.15, seed=0)
inputs = tf.cast(inputs, "float64")
print(f"inputs {inputs.shape}, labels {labels.shape}")
for point, label in zip(inputs[:4].numpy(), labels):
    print(f"point {point.round(2)}, label {label}")

# %% [markdown]
# The cast is for this page alone. Training repeats thousands of roundings, and processors round a little differently.
# In float64 the differences stay far below the printed digits. The default, float32, learns as well and is faster.
#
# A model for classes gives one number for each class, its **logit**, and the class with the largest logit is the
# answer. The **softmax** turns logits into probabilities: it makes them positive with the exponential function, and
# divides by the sum,
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}.$$

# %%
logits = tf.constant([[0.0, 0.0], [2.0, 0.0], [12.0, 10.0]], dtype="float64")
for z, p in zip(logits, tf.nn.softmax(logits)):
    print(f"logits {z.numpy()} give probabilities {p.numpy().round(3)}")

# %% [markdown]
# The last two rows are equal: only the differences between logits count.
#
# ## A loss for classes
#
# Whether an answer is right jumps from no to yes as the logits change. Its slope is zero everywhere else, so gradient
# descent cannot use it. The **cross-entropy** has a slope: the negative logarithm of the probability that the model
# gives to the right class, $-\log p_y$. It is 0 for a probability of 1, and grows without end as the probability goes
# to 0. Word for word:


# %%
def plain_cross_entropy(labels, logits):
    e = tf.exp(logits)
    p = e / tf.reduce_sum(e, axis=-1, keepdims=True)
    is_label = tf.one_hot(labels, logits.shape[-1])  # 1 for the label's class, else 0
    return -tf.math.log(tf.reduce_sum(p * is_label, axis=-1))


some_labels = tf.constant([0, 0, 1])
print(plain_cross_entropy(some_labels, logits).numpy().round(3))

# %% [markdown]
# **Predict.** Now the logits are 1000 and 0.

# %%
first_guess = check.layers.logits_far_apart.predict()

# %%
large = tf.constant([[1000.0, 0.0], [1000.0, 0.0]], dtype="float64")
values = plain_cross_entropy(tf.constant([0, 1]), large).numpy()
print(values)
first_guess.outcome(values)

# %% [markdown]
# The answers should be 0 and 1000. But $e^{1000}$ is more than a float can hold: it becomes infinity, and infinity
# divided by infinity is not a number. In float32 this begins at a logit of 89. One such example in a batch, and every
# weight is NaN after the step. Only differences count, so subtract the largest logit from all of them: the largest
# exponent is then 0, and nothing overflows.

# %% [markdown]
# Here is a version for all logits. It subtracts the largest, $m$, from all of them, and takes the logarithm by hand, so
# that a tiny probability never has to be stored. The logarithm of a fraction is a difference, and that of $e^{z_y - m}$
# is $z_y - m$:
#
# $$-\log p_y = -\log \frac{e^{z_y - m}}{\sum_j e^{z_j - m}} = \log \sum_j e^{z_j - m} - (z_y - m).$$


# %%
def cross_entropy(labels, logits):
    shifted = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    log_sum = tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1))
    is_label = tf.one_hot(labels, logits.shape[-1])
    return log_sum - tf.reduce_sum(shifted * is_label, axis=-1)


print(cross_entropy(some_labels, logits).numpy().round(3))
print(cross_entropy(tf.constant([0, 1]), large).numpy())

# %% [markdown]
# The same three values as before, and the right ones where the plain version fails. This is why losses for classes
# take logits and not probabilities: once a probability is rounded to 0, its logarithm is lost. The library's version
# is `tf.nn.sparse_softmax_cross_entropy_with_logits`; "sparse" says that a label is one number.
#
# What is its gradient? Take $m = 0$: the loss is $\log \sum_j e^{z_j} - z_y$. The derivative of a logarithm is 1 over
# its argument, times the derivative of the argument. In the sum only $e^{z_k}$ depends on $z_k$, and is its own
# derivative. So the slope of the first term with respect to $z_k$ is $e^{z_k} / \sum_j e^{z_j}$, which is the
# probability $p_k$. The second term adds −1 for the label's own logit, and nothing for the others:
#
# $$\frac{\partial}{\partial z_k}(-\log p_y) = p_k - 1 \text{ for } k = y, \quad p_k \text{ for all others.}$$
#
# With the label as a one-hot vector, 1 at the label's place and 0 elsewhere (chapter 7), that is $p$ − one-hot. The
# tape says the same:

# %%
with tf.GradientTape() as tape:
    tape.watch(logits)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(some_labels, logits)
gradient = tape.gradient(loss, logits).numpy()
p, is_label = tf.nn.softmax(logits).numpy(), np.eye(2)[some_labels]
print("p           ", p.round(3).tolist())
print("p − one-hot ", (p - is_label).round(3).tolist())
print("the gradient", gradient.round(3).tolist())

# %% [markdown]
# Each logit is pushed by how wrong its probability is, and no push is larger than 1, however large the loss is.
#
# ## A dense layer
#
# The simplest model for two classes computes each logit as a weighted sum of the inputs plus a bias. With the weights
# of each sum in a column of a matrix, the **kernel**, all sums of all points are one matrix product. Such a block is
# a **dense layer**. A **unit** is one of its sums, together with the function that may be applied to it.


# %%
class Dense(tf.Module):
    def __init__(self, num_inputs, units, activation=None):
        super().__init__()
        scale = np.sqrt(2 / num_inputs)  # why, you see later in this chapter
        kernel = tf.random.normal((num_inputs, units), stddev=scale, dtype="float64")
        self.kernel = tf.Variable(kernel, name="kernel")
        self.bias = tf.Variable(tf.zeros([units], dtype="float64"), name="bias")
        self.activation = activation

    def __call__(self, inputs):
        sums = inputs @ self.kernel + self.bias
        return sums if self.activation is None else self.activation(sums)


# %% [markdown]
# The argument `activation` waits for a later section.
#
# ## The gradient of a layer
#
# The tape can differentiate this layer. Do it once yourself: it is the step that all networks are trained with. Take
# one point with the inputs $x_i$, and call the kernel $W$. The sum of unit $j$ is
#
# $$z_j = \sum_i x_i W_{ij} + b_j.$$
#
# Say that the slope of the loss with respect to each sum is known, and call it $\delta_j$. (For logits and the
# cross-entropy you have it: $p$ − one-hot.) What are the slopes with respect to everything else?
#
# - Raise $W_{ij}$ a little. Only $z_j$ changes, by $x_i$ times as much. So the slope with respect to $W_{ij}$ is
#   $x_i\,\delta_j$.
# - Raise $b_j$ a little. Only $z_j$ changes, by just as much. The slope is $\delta_j$.
# - Raise $x_i$ a little. Every sum changes, the $j$-th by $W_{ij}$ times as much. All of them reach the loss, so their
#   parts add up: $\sum_j \delta_j W_{ij}$.
#
# Now N points at once. In `x` each point is a row, and in `delta` the row holds the point's $\delta_j$. A weight serves
# all points, and so does a bias: their slopes are sums over the points. The inputs of each point are its own.
#
# Complete the function. It returns the gradients with respect to the kernel, the bias and the inputs, each of the shape
# of what it belongs to. All three can be written with `@`, `.T` and `np.sum`, without a loop.


# %%
def dense_gradients(x, kernel, delta):
    dkernel = ...
    dbias = ...
    dx = ...
    return dkernel, dbias, dx


# %%
check.layers.dense_gradients(dense_gradients)

# %% [markdown]
# With it, train a layer without a tape. `or_ours` takes your function if it is right, and the course's until then. The
# loss is the mean over the points, so each point's $p$ − one-hot is divided by their number. The first step is compared
# with a tape's. **Accuracy**, at the end, is the share of right answers: no loss to train with, but what you want to
# know.

# %%
gradients_of_dense = check.layers.dense_gradients.or_ours(dense_gradients)
tf.random.set_seed(3)
by_hand = Dense(2, 2)
x, is_label = inputs.numpy(), np.eye(2)[labels]

with tf.GradientTape() as tape:
    loss = tf.reduce_mean(cross_entropy(labels, by_hand(inputs)))
of_the_tape = tape.gradient(loss, [by_hand.kernel, by_hand.bias])

for step in range(300):
    delta = (tf.nn.softmax(by_hand(x)).numpy() - is_label) / len(x)
    dkernel, dbias, _ = gradients_of_dense(x, by_hand.kernel.numpy(), delta)
    if step == 0:
        same = [np.allclose(dkernel, of_the_tape[0]), np.allclose(dbias, of_the_tape[1])]
        print("as the tape's:", *same)
    by_hand.kernel.assign_sub(1.0 * dkernel)
    by_hand.bias.assign_sub(1.0 * dbias)

loss = tf.reduce_mean(cross_entropy(labels, by_hand(inputs)))
is_right = np.argmax(by_hand(x), axis=1) == labels.numpy()
print(f"loss {loss:.3f}, accuracy {np.mean(is_right):.1%}")

# %% [markdown]
# The third gradient was not needed here. With a layer below this one, it is what that layer gets: its own $\delta$,
# once it is multiplied by the slope of the activation in between. Layer by layer from the loss to the inputs, this is
# **backpropagation**, and the tape's walk back (chapter 2) is the same for any program.
#
# From here on the tape does it: a tape, gradients, an optimizer.


# %%
def train(model, inputs, labels, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(cross_entropy(labels, model(inputs)))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables))
    return loss


def accuracy(model, inputs, labels):
    answers = np.argmax(model(inputs).numpy(), axis=-1)
    return np.mean(answers == labels.numpy())


def run(model, num_steps=300):
    optimizer = optimizers.Adam(0.05)
    for _ in range(num_steps):
        loss = train(model, inputs, labels, optimizer)
    right = accuracy(model, inputs, labels)
    print(f"loss {loss:.3f}, accuracy {right:.1%}")


tf.random.set_seed(3)
linear = Dense(2, 2)
run(linear)

# %% [markdown]
# Adam arrives where your steps arrived, and more of them do not help. The two logits are equal where a weighted sum of
# $x_1$ and $x_2$ has a certain value, and that is a straight line. No line separates the moons.
#
# ## What a hidden layer adds
#
# Put a layer in between, whose outputs nobody asks for: a **hidden layer**. Its units apply an **activation**, a
# function that is not linear. The most common is **relu**, $\max(0, z)$: it passes positive sums on, and makes
# negative ones 0.


# %%
class Network(tf.Module):
    def __init__(self, num_hidden, activation):
        super().__init__()
        self.hidden = Dense(2, num_hidden, activation)
        self.logits = Dense(num_hidden, 2)

    def __call__(self, inputs):
        return self.logits(self.hidden(inputs))


# %% [markdown]
# **Predict.** Four hidden units are enough for the moons. The network's boundary is where both logits are equal.

# %%
second_guess = check.layers.shape_of_the_boundary.predict()

# %%
tf.random.set_seed(3)
network = Network(4, tf.nn.relu)
run(network)

points = np.linspace([-1.5, -1.0], [2.5, 1.5], 2001)  # across the plane
difference = np.subtract(*network(points).numpy().T)  # of the two logits, at each of them
bends = int(np.sum(np.abs(np.diff(difference, 2)) > 1e-9))
print(f"on a straight way across the plane, the slope changes at {bends} of 1999 places")
second_guess.outcome(bends)

# %% [markdown]
# On most of the way the difference of the logits rises or falls evenly. The 8 places are four, in truth: what happens
# between two points shows at both.

# %% [markdown]
# Here is the whole plane, with the line of the layer alone beside it:

# %%
kernel, bias = network.hidden.kernel, network.hidden.bias
shares = [accuracy(predictor, inputs, labels) for predictor in (linear, network)]
print("accuracy {:.1%} and {:.1%}".format(*shares))
predictors = {"A line cannot": linear, "Four folds can": network}
plots.regions(predictors, inputs, labels, folds={"Four folds can": (kernel, bias)})

# %% [markdown]
# A relu unit is 0 on one side of a line, and rises evenly on the other: a flat sheet with one **fold**, drawn dotted.
# The logits add up four such sheets. Between the folds a sum of flat sheets is flat, so the boundary is straight
# there, and it can turn only where it meets a fold. More units give more folds, and a boundary as bent as you like.
# Seed 3 is a lucky start: from most others, four units end with their folds in less useful places.
#
# **Predict.** Leave the activation out, and train the same two layers.

# %%
third_guess = check.layers.without_activation.predict()

# %%
two_layers = Network(4, activation=None)
run(two_layers)
third_guess.outcome(accuracy(two_layers, inputs, labels))

# %% [markdown]
# A weighted sum of weighted sums is again a weighted sum:
#
# $$(x\,W_1 + b_1)\,W_2 + b_2 = x\,(W_1 W_2) + (b_1 W_2 + b_2).$$
#
# So these two layers are one, with the kernel $W_1 W_2$.

# %% [markdown]
# Multiply the kernels of the two layers, use the product as the kernel of one, and compare:

# %%
W1, b1 = two_layers.hidden.kernel.numpy(), two_layers.hidden.bias.numpy()
W2, b2 = two_layers.logits.kernel.numpy(), two_layers.logits.bias.numpy()
product = inputs.numpy() @ (W1 @ W2) + (b1 @ W2 + b2)
print("the same logits:", np.allclose(two_layers(inputs), product))

# %% [markdown]
# Without something that is not linear in between, a stack of layers of any height is a line.
#
# ## Activations and their slopes
#
# Relu is not the only choice. On the way back through a unit, the gradient is multiplied by the slope of its
# activation. A tape gives the slopes.

# %%
sums = tf.linspace(tf.constant(-4.0, "float64"), 4.0, 161)
titles = {
    "relu": "Relu: slope 0 or 1",
    "tanh": "Tanh: flat at both ends",
    "sigmoid": "Sigmoid: slope up to 1/4",
}
curves = {}
for name, title in titles.items():
    with tf.GradientTape() as tape:
        tape.watch(sums)
        values = tf.keras.activations.get(name)(sums)
    slopes = tape.gradient(values, sums).numpy()
    curves[title] = values.numpy(), slopes
    print(f"{name:7}  largest slope {slopes.max():.2f}, slope at -4 {slopes[0]:.4f}")
plots.activations(sums, curves)

# %% [markdown]
# The **sigmoid**, $1/(1 + e^{-z})$, and **tanh** are flat at their ends: a unit there is **saturated**, and hardly any
# gradient comes through. A sigmoid passes on a quarter at most, four in a row at most $0.25^4 \approx 0.004$. Relu
# passes on all or nothing, which is why deep networks use it or one of its relatives.
#
# In the experiment the units stand as maps between the points and the network's answer. Choose the circles and 2
# units, press Play, and Pause when the boundary hardly moves any more. Then take a unit more. With how few units can
# one layer close its boundary around the circles?

# %%
experiments.DecisionBoundary(learning_rate=0.1)

# %% [markdown]
# With three, from six of the ten seeds, the first among them. Three folds close a boundary around the inner circle, as
# a triangle whose corners may be cut, so that it has up to six. Two folds do not, from any seed. Point at the units to
# see why: each unit of the first layer is flat on one side of its fold, and rises on the other.
#
# If you have ten minutes: let the spirals run for 600 epochs, at a rate of 0.03. Two layers of 4 units have 195 or more
# of the 200 points right from four of the ten seeds, and one layer with as many units, 8, from eight: a second layer is
# harder to train. With tanh the boundary is smooth, and with a linear activation it stays a line at any width.

# %% [markdown]
# ## The library's layers
#
# `course.layers.Dense` is the layer that you wrote, with two differences: it takes the number of inputs from what it
# is first called with, and an activation may be given by its name. `Sequential` is `Network` for any list of layers.
# With your trained weights it must give your logits. And `summary` lists its layers, with the number of parameters of
# each.
#
# **Predict.** The hidden layer has a kernel of 2 × 4 and a bias for each unit.

# %%
fourth_guess = check.layers.count_of_parameters.predict()

# %%
Dense = partial(layers.Dense, dtype="float64")  # from here on the library's, in float64
hidden, logits = Dense(4, activation="relu", name="hidden"), Dense(2, name="logits")
moons_model = tf.keras.Sequential([hidden, logits], name="moons")
moons_model(inputs)  # makes the weights
moons_model.set_weights([kernel, bias, network.logits.kernel, network.logits.bias])
print("same logits:", np.allclose(moons_model(inputs), network(inputs)))
moons_model.summary()
fourth_guess.outcome(moons_model.count_params())

# %% [markdown]
# The hidden layer has $2 \cdot 4 + 4 = 12$, the layer of the logits $4 \cdot 2 + 2 = 10$. `None` in a shape stands for
# the number of examples, which may be any.

# %% [markdown]
# ## Handwritten digits
#
# Now real data: 1,797 digits, written by 13 people on paper, each reduced to 8 × 8 pixels between 0 (paper) and 1
# (ink). A fifth is held out for the test, until the end.

# %%
images, digits = datasets.digits()
training, test = datasets.train_test_split(images, digits, test_fraction=0.2, seed=0)
print(f"training {training[0].shape}, test {test[0].shape}")
plots.digit_images("Some digits are clear, some are not", images[:20], digits[:20].numpy())

# %% [markdown]
# To the network an image is 64 numbers: `Flatten` makes a row of the 8 × 8 pixels. A hidden layer of 256 relu units
# follows, and ten logits. The training loop of chapter 5, over batches of 32 in random order, works as it is:


# %%
def digits_model():
    flatten = layers.Flatten(input_shape=(8, 8))
    return tf.keras.Sequential([flatten, Dense(256, activation="relu"), Dense(10)])


tf.random.set_seed(0)
model, optimizer = digits_model(), optimizers.Adam(0.003)
print(f"{model.count_params()} parameters, accuracy {accuracy(model, *training):.1%}")
for epoch in range(1, 4):
    order = tf.random.shuffle(tf.range(len(training[0])))
    for start in range(0, len(order), 32):
        rows = order[start : start + 32]
        batch = tf.gather(training[0], rows), tf.gather(training[1], rows)
        train(model, *batch, optimizer)
    print(f"Epoch: {epoch}, accuracy {accuracy(model, *training):.1%}")

# %% [markdown]
# ## `compile` and `fit`
#
# Everyone writes this loop, so the library has it. `compile` says how to train: the optimizer, the loss, and what
# else to report. `fit` does it, in batches of 32 unless it is told otherwise, and `validation_split=0.2` keeps the last
# fifth out as validation data (chapter 5).

# %%
tf.random.set_seed(0)
model = digits_model()
from_logits = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizers.Adam(0.003), from_logits, metrics=["accuracy"])
history = model.fit(*training, epochs=15, validation_split=0.2)

# %% [markdown]
# A line an epoch: loss and accuracy on the training part, then on the validation part. `from_logits=True` says that
# the model ends with logits. Forget it, and the loss takes them for probabilities. `course` then refuses numbers that
# cannot be probabilities; Keras does not notice.
#
# You may look at the validation data as often as you like, and choose sizes and rates by it. The test data decide
# once:

# %%
loss, test_accuracy = model.evaluate(*test, verbose=0)
assert test_accuracy >= 0.97
num_wrong = round((1 - test_accuracy) * len(test[0]))
print(f"test accuracy {test_accuracy:.1%}: {num_wrong} of {len(test[0])} wrong")

# %% [markdown]
# Be careful with what this says. The same 13 people wrote the training and the test images, and the split was random.
# So it is the accuracy on new digits of *these* people. On a writer whom the network has never seen it may be lower. To
# measure that, hold back all images of some writers; this table does not say who wrote which.
#
# The accuracy on the validation data was lower, but both are uncertain: of some 300 images three more or less, which is
# one percent, are a matter of chance. Which images are wrong?

# %%
answers = np.argmax(model.predict(test[0]), axis=-1)
truth = test[1].numpy()
wrong = np.flatnonzero(answers != truth)
captions = [f"{truth[i]}, read as {answers[i]}" for i in wrong]
print("; ".join(captions))
plots.digit_images("The mistakes", test[0].numpy()[wrong], captions, columns=4)

# %% [markdown]
# Half of them are eights, and two of those are read as 1. In some the loops have run full of ink, in others a stroke is
# missing. Would you have read all of them? Looking at mistakes says more than the accuracy: whether labels are wrong,
# which kinds of example are too rare, or that 8 × 8 pixels are too few.
#
# ## Learning by heart
#
# Is a larger network better? Take two hidden layers of 256 units, train for 30 epochs, and compare the loss on the
# training data with that on the validation data. Then the same with **dropout**: during training it sets a random
# half of the outputs of each hidden layer to 0, and doubles the others. No unit can rely on another, so the network
# cannot store single examples in the interplay of a few. In use all units work.


# %%
def fit_large(rate, callbacks=()):
    tf.random.set_seed(0)
    model = tf.keras.Sequential([layers.Flatten(input_shape=(8, 8))])
    for _ in range(2):
        model.add(Dense(256, activation="relu"))
        model.add(layers.Dropout(rate))
    model.add(Dense(10))
    model.compile(optimizers.Adam(0.003), from_logits, metrics=["accuracy"])
    options = {"batch_size": 64, "validation_split": 0.2, "verbose": 0}
    history = model.fit(*training, epochs=30, callbacks=callbacks, **options)
    return history.history


histories = {
    "Without dropout it learns by heart": fit_large(rate=0.0),
    "Dropout narrows the gap": fit_large(rate=0.5),
}
for name, history in histories.items():
    late = [np.mean(history[part][-10:]) for part in ("loss", "val_loss")]
    print(f"{name}: last ten epochs, training {late[0]:.4f}, validation {late[1]:.3f}")
plots.train_and_validation(histories)

# %% [markdown]
# Without dropout the training loss falls to a thousandth of its start, and the validation loss stops falling after a
# few epochs. From there on the network learns its 1,150 training images by heart: it is **overfitting**. With dropout
# the training loss stays much higher, and the validation loss, which counts, ends lower.
#
# Another remedy is to stop in time, when the validation loss no longer falls. That is **early stopping**. Here it is a
# **callback**, an object that `fit` calls after each epoch: it waits for `patience` epochs without progress, and then
# puts the best weights back.

# %%
stop = tf.keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
early = fit_large(rate=0.0, callbacks=[stop])
late = histories["Without dropout it learns by heart"]
last = late["val_loss"][-1]
print(f"stopped after epoch {len(early['loss'])}, best in epoch {stop.best_epoch + 1}")
print(f"validation loss there {stop.best:.3f}, after 30 epochs {last:.3f}")

# %% [markdown]
# It ends with a lower validation loss, after less than half of the epochs. In the left panel above, a slightly lower
# value came later, which a patience of 5 did not wait for.
#
# ## The start matters
#
# Biases start at 0. Why do kernels not?
#
# **Predict.** One network starts with all kernels at 0, and one with all weights at 0.05.

# %%
fifth_guess = check.layers.equal_starts.predict()

# %%
numbers_of_kinds = []
for name, start in {"zeros": "zeros", "all 0.05": initializers.Constant(0.05)}.items():
    tf.random.set_seed(0)
    hidden = Dense(256, activation="relu", kernel_initializer=start)
    logits = Dense(10, kernel_initializer=start)
    model = tf.keras.Sequential([layers.Flatten(), hidden, logits])
    model.compile(optimizers.Adam(0.003), from_logits)
    model.fit(*training, epochs=5, verbose=0)
    kernel = hidden.kernel.numpy()
    kinds = len(np.unique(kernel.round(6), axis=1).T)
    numbers_of_kinds.append(kinds)
    print(f"{name}: accuracy {accuracy(model, *training):.0%}, ", end="")
    print(f"weights of a unit from {kernel.min():.2f} to {kernel.max():.2f}, ", end="")
    print(f"different units: {kinds} of 256")
fifth_guess.outcome(numbers_of_kinds)

# %% [markdown]
# From zeros nothing but the biases of the logits can learn: each hidden unit gives 0, so the gradient of the second
# kernel is 0, and through a kernel of zeros no gradient reaches the first. From equal weights the kernels do change,
# but all units get the same gradient and stay the same: 256 units do the work of one. A random start breaks this
# **symmetry**.

# %% [markdown]
# How large should the random weights be? Follow the size of the values through a deep network: ten relu layers of 256
# units, with random numbers as inputs. In each layer, a standard deviation of $\sqrt{2/256} \approx 0.088$ was proposed
# by He (2015), and is what your `Dense` used.
#
# **Predict.** Take 0.05 in its place.

# %%
sixth_guess = check.layers.values_through_ten_layers.predict()


# %%
def sizes_through_layers(initializer, num_layers=10):
    """The root mean square of the values after each layer."""
    rng = np.random.default_rng(0)
    values = tf.constant(rng.standard_normal((500, 256)))
    sizes = [1.0]
    for _ in range(num_layers):
        kernel = initializer((256, 256), dtype="float64")
        values = tf.nn.relu(values @ kernel)
        sizes.append(float(tf.sqrt(tf.reduce_mean(tf.square(values)))))
    return sizes


tf.random.set_seed(0)
starts = {
    "standard deviation 0.2": initializers.RandomNormal(stddev=0.2),
    "He": initializers.HeNormal(),
    "Glorot": initializers.GlorotNormal(),
    "standard deviation 0.05": initializers.RandomNormal(stddev=0.05),
}
sizes = {name: sizes_through_layers(start) for name, start in starts.items()}
for name, after in sizes.items():
    print(f"{name}: {after[10]:.4g} after ten layers, {after[10] ** 0.1:.2f} per layer")
sixth_guess.outcome(sizes["standard deviation 0.05"][10])

# %% [markdown]
# The size changes by the same factor in each layer, so on a logarithmic axis it follows a straight line.

# %% [markdown]
# Here are the sizes after each layer, from all four starts:

# %%
plots.sizes_through_layers(sizes)

# %% [markdown]
# Why $\sqrt{2/256}$? A unit's sum has $n$ terms $w_i x_i$. Let the weights be independent, with mean 0 and variance
# $\sigma^2$. On average over the weights the products of different terms cancel, and the square of each term is
# $\sigma^2 x_i^2$. So the mean square of the sum is $n\,\sigma^2$ times the mean square of the inputs. Relu makes about
# half of the sums 0, and so halves the mean square. It stays the same from layer to layer if
#
# $$n\,\sigma^2 / 2 = 1, \qquad \sigma^2 = 2 / n.$$
#
# This is **He's initialization**. With 0.05 the factor is about $0.05 / 0.088 = 0.57$ a layer. **Glorot's** (2010) came
# before relu, and has $\sigma^2 = 2 / (n_{\text{in}} + n_{\text{out}})$: it also looks at the gradients on their way
# back, whose sums have $n_{\text{out}}$ terms. It is the default of the library's `Dense`. With relu it costs a factor
# of $\sqrt{1/2}$ a layer. That does not matter in the one or two hidden layers of this chapter. In a network of fifty
# it would: the gradients on their way back shrink or grow in the same way, and the first layers hardly learn, or the
# values overflow.
#
# ## Save and restore
#
# A long training is interrupted sooner or later. A **checkpoint** is a file with everything that decides how training
# goes on. First a run of six epochs without a stop, then the same run, stopped and saved after three:


# %%
def compiled_model():
    model = digits_model()
    model.compile(optimizers.Adam(0.003), from_logits)
    return model


tf.random.set_seed(0)
uninterrupted = compiled_model()
uninterrupted.fit(*training, epochs=6, verbose=0)

tf.random.set_seed(0)
stopped = compiled_model()
stopped.fit(*training, epochs=3, verbose=0)
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "run.npz")
tf.train.Checkpoint(model=stopped).save(path)
with np.load(path) as file:
    for name, array in file.items():
        print(f"{array.shape!s:10} {name}")

# %% [markdown]
# The file holds the weights; Adam's two moving averages for each of them, and its count of steps (chapter 6); and the
# state of the random numbers, which shuffle the batches to come. (`format` is the number of the file's format.)
#
# **Predict.** A new model, with other random weights, restores the file and trains for epochs 4 to 6.

# %%
seventh_guess = check.layers.digits_after_a_restore.predict()

# %%
tf.random.set_seed(123)
resumed = compiled_model()
tf.train.Checkpoint(model=resumed).restore(path)
resumed.fit(*training, initial_epoch=3, epochs=6, verbose=0)


def largest_difference(one, other):
    pairs = zip(one.get_weights(), other.get_weights())
    return max(np.max(np.abs(a - b)) for a, b in pairs)


difference = largest_difference(resumed, uninterrupted)
print(f"largest difference of two weights: {difference:.3g}")
seventh_guess.outcome(difference)

# %% [markdown]
# From the checkpoint the weights are equal bit for bit. A stop has become invisible, so a run of a week can be made of
# seven of a day.

# %% [markdown]
# Are the weights alone enough for that? Save only these, and train three epochs more:

# %%
weights_only = compiled_model()
weights_only.load_weights(stopped.save_weights(os.path.join(folder.name, "weights")))
weights_only.fit(*training, initial_epoch=3, epochs=6, verbose=0)
apart = largest_difference(weights_only, uninterrupted) > 0.01
print(f"from the weights alone, the largest difference is more than 0.01: {apart}")

# %% [markdown]
# From weights alone the model trains on as well, only on other batches and with an Adam that has forgotten.
#
# ## In other frameworks
#
# In Keras, the digits are the same lines, apart from the imports:
#
# ```python
# import keras
# from keras import layers, losses, optimizers
#
# model = keras.Sequential(
#     [
#         layers.Input((8, 8)),
#         layers.Flatten(),
#         layers.Dense(256, activation="relu"),
#         layers.Dense(10),
#     ]
# )
# from_logits = losses.SparseCategoricalCrossentropy(from_logits=True)
# model.compile(optimizers.Adam(0.003), from_logits, metrics=["accuracy"])
# stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
# options = {"epochs": 15, "validation_split": 0.2, "callbacks": [stop]}
# history = model.fit(images, digits, **options)
# loss, accuracy = model.evaluate(test_images, test_digits)
# model.summary()
# ```
#
# `tf.train.Checkpoint` saves the model and its optimizer there, but not the state of the random numbers.
#
# PyTorch has no `fit`; the loop is yours. Its `Linear` is told the number of inputs, its cross-entropy takes logits,
# and `model.train()` and `model.eval()` switch dropout on and off:
#
# ```python
# model = nn.Sequential(
#     nn.Flatten(), nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10)
# )
# loss = nn.functional.cross_entropy(model(images), digits)
# ```

# %% [markdown]
# ## Summary
#
# - A dense layer is `activation(inputs @ kernel + bias)`. From the slopes $\delta$ of the loss with respect to its sums
#   follow all others: $x^\top\delta$ for the kernel, and $\delta\,W^\top$ for the layer below. With relu each unit
#   folds the plane along a line; without an activation, any stack of layers is one layer. Random weights of variance
#   $2/n$ keep the values in size.
# - Compute the cross-entropy from logits, with the largest subtracted: it never overflows, and its gradient is the
#   probabilities minus 1 at the label.
# - Watch the validation loss: where it stops falling and the training loss does not, the network learns by heart.
#   Dropout and early stopping help, and a checkpoint with optimizer and random state resumes exactly.
#
# In chapter 10 you turn training around: from the losses that a run printed, you find out what its data were like.

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


# %%
check.layers.errors_apart(errors_apart)
