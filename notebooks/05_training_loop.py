# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. The training loop
#
# After this chapter you can
#
# - **write** `train`, one step of gradient descent, with a tape and `assign_sub`, and repeat it until the model fits,
# - **compute**, before you train, the largest learning rate that converges, and how far a run will get,
# - **train** on batches, and say what their noise costs and what it saves.
#
# Time: about 55 minutes, and 25 for the exercises. It builds on the tape (chapter 2), the model and its loss (chapter
# 3) and the data (chapter 4).

# %%
import time

import numpy as np

import course as tf
from course import check, datasets, experiments, plots
from course.losses import l2_loss

# %% [markdown]
# ## Everything so far, in one place
#
# Chapter 4 made 1000 points around a line whose truth is known. Chapter 3 made a model of a line, and a loss that
# says how badly its predictions miss. Here are all three. The model starts far from the truth, at W = 5 and b = 0.

# %%
true_W, true_b = 3.0, 2.0
inputs, outputs = datasets.line(1000, W=true_W, b=true_b, stddev=1.0, seed=0)


class Model(tf.Module):
    def __init__(self, W=5.0, b=0.0):
        super().__init__()
        self.W = tf.Variable(W, name="W")
        self.b = tf.Variable(b, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


model = Model()
print(f"loss at W = 5, b = 0: {l2_loss(model(inputs), outputs):.4f}")

# %% [markdown]
# **Training** is the search for the W and b with the smallest loss. With two variables you could try many pairs and
# keep the best. A network may have a million variables, and far too many combinations to try. The gradient says where
# to look next.
#
# ## One step downhill
#
# The gradient says how the loss answers to a small change of each variable.
#
# **Predict.** Here dW is the gradient with respect to W, and db the one with respect to b.

# %%
first_guess = check.training_loop.signs_of_the_gradient.predict()

# %%
with tf.GradientTape() as tape:
    loss = l2_loss(model(inputs), outputs)
dW, db = tape.gradient(loss, [model.W, model.b])
print(f"dW = {dW:.4f}, db = {db:.4f}")
first_guess.outcome([dW, db])

# %% [markdown]
# A larger W would raise the loss, so W has to go down. A larger b would lower it, so b has to go up. Both times the
# right direction is against the gradient.

# %% [markdown]
# To go against the gradient is **gradient descent**: subtract from each variable its gradient, scaled by a small
# number, the **learning rate** $\eta$:
#
# $$W \leftarrow W - \eta\, \frac{\partial L}{\partial W}, \qquad
# b \leftarrow b - \eta\, \frac{\partial L}{\partial b}.$$
#
# One such update of all variables is a **step**. To draw one, hold b at 0, so that the loss is a curve over W, and
# step from W = 5 with a learning rate of 0.1. The gradient there is the slope of the curve's tangent.

# %%
learning_rate, slope = 0.1, float(dW)
Ws = np.linspace(3.0, 5.6, 53)
losses = [float(l2_loss(W * inputs, outputs)) for W in Ws]

new_W = 5.0 - learning_rate * slope
fall = l2_loss(5.0 * inputs, outputs) - l2_loss(new_W * inputs, outputs)
print(f"the step goes to W = {new_W:.4f}")
print(f"fall along the tangent {learning_rate * slope**2:.3f}, of the loss {fall:.3f}")
plots.descent_step(Ws, losses, 5.0, slope, learning_rate)

# %% [markdown]
# The steeper the slope, the longer the step. The loss falls a little less than along the tangent, because the curve
# flattens on the way down. The tangent touches the curve at one point only, so training takes many small steps, and
# computes a new gradient before each. How large they may be is a question for later in this chapter.
#
# ## `train`: one step as a function
#
# Now write the step, as a function of the model, the data and the learning rate. It computes the loss while a tape
# records, asks the tape for both gradients, updates both variables with `assign_sub`, and returns the loss. Put your
# code in the place of each `...`; the two that stand alone are the updates.


# %%
def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = ...
    dW, db = ...
    ...
    ...
    return loss


# %%
check.training_loop.train(train)

# %% [markdown]
# The check names what it finds wrong, and `check.training_loop.train.hint()` gives a hint.
#
# ## Two ways to break it
#
# Two mistakes are common here, and both look right at first sight. The first writes the update with an operator:

# %%
try:
    model.W -= learning_rate * dW
except TypeError as error:
    print(error)

# %% [markdown]
# In Python, `model.W -= …` also assigns the result to the attribute `W`. The attribute would then hold a tensor,
# which no later step can change. `assign_sub` changes the variable itself.
#
# The second mistake closes the tape too early. The predictions are recorded, the loss is not:

# %%
with tf.GradientTape() as tape:
    predictions = model(inputs)
loss = l2_loss(predictions, outputs)  # outside of the block

print(tape.gradient(loss, model.W))
print(tape.explain(loss, model.W))

# %% [markdown]
# The tape can walk back only over what it recorded, and its record ends with the predictions. A step has to compute
# the loss inside the `with` block; the updates come after it. Whenever a gradient is `None`, ask `tape.explain`.
#
# ## A step that works
#
# Compare yours with this one, with which the chapter goes on. Both gradients are those of one point, so both have to be
# there before the first variable moves.


# %%
def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)
    return loss


# %% [markdown]
# It returns the loss that the gradients belong to, so the loss *before* the update. Take one step, and look at the
# variables afterwards:

# %%
before = train(model, inputs, outputs, learning_rate)
after = l2_loss(model(inputs), outputs)
print(f"W = {model.W.numpy():.4f}, b = {model.b.numpy():.4f}")
print(f"loss {before:.4f} → {after:.4f}")


# %% [markdown]
# ## Twenty epochs
#
# An **epoch** is one pass over all the examples. Here each step uses all of them, so an epoch is one step. Start from
# a new model, repeat the step 20 times, print each epoch's loss, and keep W and b for the pictures.

# %%
model = Model()
history = [(float(model.W), float(model.b))]
num_epochs = 20
for epoch in range(1, num_epochs + 1):
    loss = train(model, inputs, outputs, learning_rate)
    history.append((float(model.W), float(model.b)))
    print(f"Epoch: {epoch}, Loss: {loss:.4f}")

# %% [markdown]
# The loss falls in every epoch, fast at first and then more and more slowly, and seems to come to rest near 0.977.
# What do W and b do meanwhile?

# %%
print(f"after 20 epochs: W = {model.W.numpy():.4f}, b = {model.b.numpy():.4f}")
plots.parameter_history(history, true_W, true_b)

# %% [markdown]
# `train` never saw the numbers 3 and 2. They are in the data, and the gradients led there. The predictions show the
# same, in red over the data, before and after:

# %%
untrained = Model()
clouds = {
    "Before training": (inputs, outputs, untrained(inputs)),
    "After training": (inputs, outputs, model(inputs)),
}
print(f"loss before training {l2_loss(untrained(inputs), outputs):.4f}")
print(f"loss after training  {l2_loss(model(inputs), outputs):.4f}")
plots.clouds(clouds, true_W, true_b)

# %% [markdown]
# ## How good is the result?
#
# Chapter 4 gave you two yardsticks. The noise has σ = 1, so the **noise floor** is 1: even the true line has a loss
# near it. And for a line the least-squares fit has the lowest loss of all. `np.polyfit` computes it in closed form.

# %%
x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
best = np.polyfit(x, y, deg=1)  # W and b of the least-squares fit
least_loss = float(np.mean((x * best[0] + best[1] - y) ** 2))

for name, W, b in [("truth", 3.0, 2.0), ("trained", *history[-1]), ("fit", *best)]:
    some_loss = l2_loss(x * W + b, y)
    print(f"{name:7}  W = {W:.4f}, b = {b:.4f}, loss {some_loss:.5f}")

# %% [markdown]
# The fit has the lowest loss, also lower than the truth, because it follows the noise of its own 1000 points a
# little. Training approaches the fit, not the truth: it can only learn what the data say. After 20 epochs its loss
# lies less than 0.001 above the lowest possible one.
#
# On the loss surface of chapter 3, the run is a path from the start to the lowest point, with a dot after each epoch.

# %%
grid = np.linspace(0, 6, 121), np.linspace(-1, 5, 121)  # of W, of b
surface = [[float(l2_loss(x * W + b, y)) for b in grid[1]] for W in grid[0]]

away = np.linalg.norm(np.array(history) - best, axis=1)
for epoch in (0, 10, 20):
    print(f"after {epoch:2} epochs: {away[epoch]:.3f} away from the fit")
title = "Every step goes straight downhill"
plots.descent_path(title, *grid, surface, history)

# %% [markdown]
# Each step leaves its contour at a right angle, the direction of steepest descent. The contours are nearly circles, so
# that is also the direction of the lowest point; below you will meet a surface where it is not. The dots come closer
# together although the learning rate stays the same: near the lowest point the slope is small, and so is the step.
#
# ## How large may a step be?
#
# At a learning rate of 0.1, most of the loss was gone after ten epochs. A larger rate takes larger steps and may
# arrive sooner. It may also step over the lowest point and land higher up on the other side. To try any rate, put a
# whole run into a function:


# %%
def run(learning_rate):
    """A new model, trained for 20 epochs, and the loss before each of them."""
    model, losses = Model(), []
    for _ in range(num_epochs):
        losses.append(float(train(model, inputs, outputs, learning_rate)))
    return model, losses


# %% [markdown]
# **Predict.** The loss starts at 9. Where does it end at a rate of 1.0?

# %%
second_guess = check.training_loop.rate_of_one.predict()

# %%
_, losses = run(learning_rate=1.0)
for epoch in (1, 2, 3, 20):
    print(f"Epoch: {epoch}, Loss: {losses[epoch - 1]:.2f}")
second_guess.outcome(losses[-1])

# %% [markdown]
# The run **diverges**: every step overshoots the lowest point, lands where the slope is steeper than before, and so
# overshoots by more the next time. Somewhere between 0.1 and 1.0 there is a limit. It can be computed, without a single
# step of training.

# %% [markdown]
# Begin with one variable: hold b at 0 again, so that the loss is a curve over W. How does its slope change along the
# curve?

# %%
slopes = []
for W in (3.0, 4.0, 5.0):
    model = Model(W=W)
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    slopes.append(float(tape.gradient(loss, model.W)))
print("slopes", np.round(slopes, 3), "differences", np.diff(slopes).round(3))

# %% [markdown]
# From each W to the next the slope grows by the same amount, 2.161. The slope of the slope is the **curvature**,
# written $\lambda$. The curve is a parabola, whose curvature is the same everywhere. At its lowest point the slope is
# zero, so at a distance $d$ from it, to the right or (with $d$ negative) to the left, the slope is $\lambda d$. A step
# subtracts $\eta$ times the slope, and leads from $d$ to
#
# $$d - \eta\,\lambda d = (1 - \eta\lambda)\,d.$$
#
# Each step multiplies the distance by the same factor, $1 - \eta\lambda$. Here is such a parabola, whose step you can
# drag. Where must the first step land for the next one to stay there, and where for the descent to swing to and fro for
# ever?

# %%
experiments.Parabola()

# %% [markdown]
# A step that lands on the lowest point stays there: $\eta\lambda = 1$, and the factor is 0. One that lands as far away
# on the other side swings for ever: $\eta\lambda = 2$, and the factor is −1. On a parabola twice as steep (pull
# $\lambda$) both take half the rate.

# %% [markdown]
# Here are three rates for the loss, whose curvature is 2.161:

# %%
curvature = slopes[1] - slopes[0]
runs = {}
for rate in (0.1, 0.8, 1.0):
    factor = 1 - rate * curvature
    distances = factor ** np.arange(6)
    runs[f"rate {rate}: factor {factor:.2f}"] = distances
    print(f"rate {rate}: distances {distances[:4].round(2)} … {distances[5]:.2f}")
plots.steps_in_a_valley(runs, curvature)

# %% [markdown]
# A factor between 0 and 1 walks down one side. Between −1 and 0 each step lands on the other side, but lower. Below −1
# it lands higher, and the run diverges. So it converges while $1 - \eta\lambda > -1$, that is, while
# $\eta < 2/\lambda$.
#
# ## The same with two variables
#
# For W and b together the slopes of the slopes form a matrix, the **Hessian**: how each of the two slopes changes with
# each of the two variables. A tape inside a tape computes it. The inner tape gives the gradient; the outer one records
# this computation, and differentiates it once more. Its `jacobian` keeps the derivatives of the two slopes apart
# (chapter 2).


# %%
def hessian(inputs):
    model = Model()
    variables = [model.W, model.b]
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = l2_loss(model(inputs), outputs)
        gradient = tf.stack(inner.gradient(loss, variables))
    return tf.stack(outer.jacobian(gradient, variables), axis=1).numpy()


H = hessian(inputs)
print(H.round(4))

# %% [markdown]
# The 2.161 is there again. The entries off the diagonal are nearly zero: a change of W hardly changes the slope along
# b. To see what happens when they are not, add 1 to every input, and start at W = 3, b = 1.5:

# %%
stretched = hessian(inputs + 1.0)
print(stretched.round(3))

grid = np.linspace(1, 5, 101), np.linspace(-3.5, 2, 138)
surface = [[float(l2_loss((x + 1) * W + b, y)) for b in grid[1]] for W in grid[0]]
model = Model(W=3.0, b=1.5)
path = [(float(model.W), float(model.b))]
for _ in range(num_epochs):
    train(model, inputs + 1.0, outputs, learning_rate=0.3)
    path.append((float(model.W), float(model.b)))
_, axes = np.linalg.eigh(stretched)
title = "A long bowl: the steps turn, the axes do not"
plots.descent_path(title, *grid, surface, path, axes)

# %% [markdown]
# The bowl is long and lies aslant. Each step leaves its contour at a right angle, which is down the steep side and not
# towards the lowest point, and the first ones overshoot. In one dimension the slope was $\lambda d$: zero at the lowest
# point, and changing by the curvature times the distance. So it is here, but now the curvature is a matrix $H$ and the
# distance a **vector** $d = (d_W, d_b)$. The gradient is their product $H d$, and may point another way than $d$. The
# blue lines are the two exceptions. Along each of them $H d = \lambda d$ with a number $\lambda$, so the gradient
# points along the line, and a step from there stays on it. These directions are the bowl's **axes**. In the language
# of matrices they are the **eigenvectors** of $H$. The curvatures along them, the least and the largest of all
# directions, are its **eigenvalues** $\lambda$. `np.linalg.eigh` computes both, the axes as columns of length 1.

# %%
curvatures, axes = np.linalg.eigh(stretched)
for curvature, axis in zip(curvatures, axes.T):
    print(f"axis {axis.round(3)}: H·axis = {(stretched @ axis).round(3)}", end="")
    print(f", curvature·axis = {(curvature * axis).round(3)}")

# %% [markdown]
# Any distance is a part along one axis plus a part along the other, and a step multiplies each part by the factor of
# its own axis, $1 - \eta\lambda$. The axis with the largest curvature is the first to diverge, so it sets the limit
# $2/\lambda_{\max}$. Now back to the round bowl:

# %%
curvatures, bowl_axes = np.linalg.eigh(H)
limit = 2 / curvatures.max()
print(f"curvatures {curvatures[0]:.4f} and {curvatures[1]:.4f}")
print(f"limit of the learning rate {limit:.4f}")

# %% [markdown]
# This limit is a prediction, made without a single step of training. Test it on both sides, ten percent below and ten
# percent above.

# %%
for rate in (0.9 * limit, 1.1 * limit):
    _, losses = run(rate)
    print(f"learning rate {rate:.3f}: loss {losses[0]:.4g} → {losses[-1]:.4g}")

# %% [markdown]
# Below the limit the run converges, above it the loss grows without end. Nothing about the model or the data changed,
# only one number.
#
# And between 0 and the limit, is a larger rate always faster? In 20 epochs nearly every rate arrives, so here are 2.
# Move the learning rate: which one ends nearest to the least loss?

# %%
experiments.LearningRate(inputs, outputs, epochs=2)

# %% [markdown]
# The one near half of the limit, 0.48; from 0.45 to 0.5 the loss is the same in three digits. Smaller ones end higher,
# and so do larger ones: a larger rate is not always faster.
#
# If you have ten minutes: take 20 epochs, add 1 to every input, as above, and drag the start to the upper left. The
# limit falls to 0.375, and at nearly all rates below it the path creeps along the flat axis. Even at 0.3 it keeps 0.76
# of the distance there in each step. (From the first start it does not, since that lies almost on the steep axis.)

# %% [markdown]
# On the round bowl, these are the losses at five rates:

# %%
epochs = np.arange(1, num_epochs + 1)
rates = (0.01, 0.1, 0.5, 0.9 * limit, 1.1 * limit)
curves = {f"learning rate {rate:.3f}": (epochs, run(rate)[1]) for rate in rates}

for label, (_, losses) in curves.items():
    print(f"{label}: loss in epoch 2 {losses[1]:.4g}, in epoch 20 {losses[-1]:.4g}")
plots.loss_curves(curves, least_loss, "Too small is slow, too large diverges")

# %% [markdown]
# At 0.5 one step nearly reaches the lowest point: with curvatures near 2, the factors $1 - 0.5\lambda$ are near zero.
# At 0.833 the factor along the sharpest axis is −0.8, which is no faster than 0.8 at a rate of 0.1. Its steps jump
# from one side of the bowl to the other, and come closer slowly.
#
# For a network of a million weights nobody writes down the Hessian, but there is a limit all the same. When a
# training run of yours blows up in its first epochs, suspect the learning rate first.
#
# ## The end, known before the start
#
# If each step multiplies the distance along an axis by $1 - \eta\lambda$, then 20 steps multiply it by the 20th power
# of this factor. This predicts where a whole run will end. Split the way from the fit to the start into its parts along
# the two axes, shrink each part, and put them together again. A vector's part along an axis of length 1 is the dot
# product of the two; `bowl_axes.T @ way` takes it with both axes. `bowl_axes @ parts` goes back: it adds up each axis
# times its part.

# %%
factors = 1 - 0.1 * curvatures
start = np.array([5.0, 0.0])
parts = bowl_axes.T @ (start - best)
predicted = best + bowl_axes @ (factors**20 * parts)

print(f"factors per step {factors.round(4)}, over 20 steps {(factors**20).round(4)}")
print(f"predicted W = {predicted[0]:.4f}, b = {predicted[1]:.4f}")
print(f"trained   W = {history[20][0]:.4f}, b = {history[20][1]:.4f}")

# %% [markdown]
# All digits agree. The L2 loss of a linear model is a quadratic function of W and b, so its curvature is the same
# everywhere, and the limit holds from every start. Other losses curve differently from place to place, and the rule
# holds near a minimum.
#
# The rule also says when more epochs stop being worth it. After 20 of them about one percent of the way to the fit is
# left, 0.027 in the list above the path. The fit itself misses the truth by about σ/√N = 1/√1000 = 0.032 in each of W
# and b (chapter 4). However many epochs follow, that much remains: to come closer to the truth, you need more data.
#
# ## Batches: a cheaper gradient with noise
#
# Each step so far looked at all 1000 examples. With millions of examples, or a large model, such a step takes long.
# A **batch** is a small part of the examples, drawn at random. The gradient of its loss is an estimate of the
# gradient over all of them.
#
# How good an estimate? Measure it at the start, W = 5 and b = 0: draw 2000 batches of each size, and compare their
# gradients with respect to W.
#
# **Predict.** What does a larger batch buy?

# %%
third_guess = check.training_loop.four_times_the_batch.predict()

# %%
model = Model()
rng = np.random.default_rng(0)


def batch_gradient(batch_size):
    batch = rng.integers(0, 1000, batch_size)  # which examples
    with tf.GradientTape() as tape:
        predictions = model(tf.gather(inputs, batch))
        loss = l2_loss(predictions, tf.gather(outputs, batch))
    return float(tape.gradient(loss, model.W))


gradients = {}
print("size   mean  standard deviation  wrong sign")
for size in (1, 4, 16, 64, 256):
    values = np.array([batch_gradient(size) for _ in range(2000)])
    gradients[size] = values
    mean, spread, wrong = values.mean(), values.std(), (values < 0).mean()
    print(f"{size:4}  {mean:5.2f}  {spread:18.2f}  {wrong:10.1%}")
third_guess.outcome(gradients[64].std() / gradients[16].std())

# %% [markdown]
# The spread falls as $1/\sqrt{\text{size}}$, so four times the examples halve it. Times √size, it stays about the same.

# %% [markdown]
# The mean is close to 4.28, the gradient over all examples, at every size: the gradient of a batch is **unbiased**.
# (The mean of 2000 draws is itself uncertain, by the standard deviation divided by √2000, which is 0.16 at size 1.)
# Here are 100 of the batches of each size:

# %%
print(f"over all examples {slope:.3f}")
for size in (1, 256):
    away = 2 * gradients[1].std() / size**0.5
    print(f"dashed lines at size {size}: {away:.2f} away from it")
for size, values in gradients.items():
    scaled = values.std() * size**0.5
    print(f"size {size:3}: standard deviation times √size {scaled:.2f}")
plots.gradient_spread(gradients, full_gradient=slope)

# %% [markdown]
# One example in three points the wrong way, but of the batches of 16 only one in 500. A step downhill does not need
# an exact direction, so small batches may be good enough.
#
# ## Training on batches
#
# **Stochastic gradient descent** (SGD) takes one step for each batch. In every epoch the examples are shuffled and
# cut into batches, so that each example is used once. `tf.data.Dataset` does both: `from_tensor_slices` pairs each
# input with its output, `shuffle(1000)` draws a new order of all 1000 in every epoch, from a seed, and `batch` cuts.
# `train` stays as it is, since it works for any number of examples.


# %%
def train_on_batches(model, learning_rate, batch_size, num_epochs, seed=0):
    """Trains the model in place, and returns W and b after every step."""
    examples = tf.data.Dataset.from_tensor_slices((inputs, outputs))
    batches = examples.shuffle(1000, seed=seed).batch(batch_size)
    history = []
    for _ in range(num_epochs):
        for some_inputs, some_outputs in batches:
            train(model, some_inputs, some_outputs, learning_rate)
            history.append((float(model.W), float(model.b)))
    return history


# %% [markdown]
# An epoch is still one pass over the examples, but no longer one step: with batches of 10 it has 100 steps. Train for
# 10 epochs with three sizes of batch, at the same learning rate, so that all three runs use 10,000 examples. After
# every step, measure the loss over all the data, and count the steps until it is below 1.1.

# %%
curves = {}
print("batch size  steps below 1.1  examples used  loss after 1 epoch  after 10")
for size in (1000, 100, 10):
    path = train_on_batches(Model(), 0.1, size, num_epochs=10)
    losses = [float(l2_loss(inputs * W + b, outputs)) for W, b in path]
    curves[f"batches of {size}"] = size * np.arange(1, len(losses) + 1), losses
    steps = 1 + np.argmax(np.array(losses) < 1.1)
    after_epoch = losses[1000 // size - 1]
    used, end = steps * size, losses[-1]
    print(f"{size:10}  {steps:15}  {used:13}  {after_epoch:18.3f}  {end:8.3f}")

# %% [markdown]
# Far from the lowest point, a step on 10 examples brings about as much as a step on 1000, and uses a hundredth of the
# examples. Is it a hundred times faster? The times depend on your machine:

# %% tags=["nbval-ignore-output"]
model = Model()
for size in (10, 100, 1000, 100_000):
    some_inputs, some_outputs = tf.ones(size), tf.ones(size)
    seconds = []
    for _ in range(20):
        start_time = time.perf_counter()
        train(model, some_inputs, some_outputs, learning_rate)
        seconds.append(time.perf_counter() - start_time)
    print(f"a step on {size:6} examples: {1e6 * np.median(seconds):6.0f} µs")

# %% [markdown]
# For this small model no. Up to about 1000 examples, nearly all of the time goes into starting the operations, which
# costs the same for every size. Time grows with the batch once the arithmetic takes longer than that: with far more
# examples, or with a model that computes more for each of them. Then fewer examples are less time. As a picture, over
# the examples used:

# %%
title = "With smaller batches, the same examples go further"
xlabel = "examples used (log scale)"
print(f"least possible loss {least_loss:.3f}")
plots.loss_curves(curves, least_loss, title, xlabel, xscale="log")

# %% [markdown]
# Look at the end of the curve for batches of 10. It does not come to rest: each batch pulls W and b towards its own
# best line, and the loss stays a little above the lowest.
#
# ## What the noise leaves
#
# Near the lowest point the gradient over all examples is almost zero, and what a batch adds to it is noise. The
# learning rate scales the noise as it scales the rest of the step. So train for 20 epochs with batches of 10 at three
# rates, and average the loss over the last 1000 steps.

# %%
late = {}
for rate in (0.2, 0.1, 0.05):
    last = train_on_batches(Model(), rate, 10, num_epochs=20)[-1000:]
    late[f"learning rate {rate}"] = last
    mean_loss = np.mean([float(l2_loss(inputs * W + b, outputs)) for W, b in last])
    print(f"learning rate {rate:4}: {mean_loss - least_loss:.4f} above the least loss")

# %% [markdown]
# A step adds noise whose square is in proportion to $\eta^2$, and takes away a share of the old noise in proportion to
# $\eta$. So what is left is about in proportion to $\eta$. Half the rate leaves a little less than half: 0.2 and 0.1
# are not small beside the limit, and as every example comes once in an epoch, later batches make up for a part of what
# earlier ones did. But the excess does not become zero. In the plane of W and b, the last steps are a cloud around
# the fit:

# %%
for label, last in late.items():
    W_spread, b_spread = np.std(last, axis=0)
    print(f"{label}: standard deviation of W {W_spread:.3f}, of b {b_spread:.3f}")
plots.late_steps(late, best, (true_W, true_b))

# %% [markdown]
# A large rate travels fast, and a small rate ends close to the minimum. To have both, lower the rate as training goes
# on. Chapter 6 shows how.
#
# ## When to stop
#
# The Hessian said that 20 epochs are enough here. Without it, keep a part of the data out of training, the
# **validation set**, and stop when the loss on it no longer falls. Training itself is no judge: its own loss flatters
# (chapter 4). The rule below stops at the first epoch that lowers the validation loss by less than 0.001.

# %%
training, validation = datasets.train_test_split(inputs, outputs, test_fraction=0.2)
model, previous = Model(), float("inf")
for epoch in range(1, 101):
    train(model, *training, learning_rate)
    validation_loss = float(l2_loss(model(validation[0]), validation[1]))
    if previous - validation_loss < 0.001:
        print(f"stopped after epoch {epoch}, validation loss {validation_loss:.4f}")
        break
    previous = validation_loss
print(f"W = {model.W.numpy():.4f}, b = {model.b.numpy():.4f}")

# %% [markdown]
# With noisy batches the validation loss goes up and down, and one bad epoch says little. Then the rule waits for
# several epochs without progress before it stops; their number is called the **patience**.
#
# ## In other frameworks
#
# In TensorFlow, `train` is the same, line by line. In PyTorch there is no tape to open, since every tensor remembers
# what made it. Gradients add up in `.grad`, and have to be cleared before each step:
#
# ```python
# def train(model, inputs, outputs, learning_rate):
#     loss = torch.mean((model(inputs) - outputs) ** 2)
#     model.zero_grad()
#     loss.backward()
#     with torch.no_grad():
#         for parameter in model.parameters():
#             parameter -= learning_rate * parameter.grad
#     return loss
# ```
#
# In JAX nothing changes in place. A step is a function from the old parameters to the new ones, and `loss` takes the
# parameters as its first argument:
#
# ```python
# def train(parameters, inputs, outputs, learning_rate):
#     value, gradients = jax.value_and_grad(loss)(parameters, inputs, outputs)
#     def step(parameter, gradient):
#         return parameter - learning_rate * gradient
#     return jax.tree.map(step, parameters, gradients), value
# ```

# %% [markdown]
# ## Summary
#
# - A step computes the loss under a tape, asks for the gradients, and subtracts the learning rate times each gradient
#   with `assign_sub`. Training repeats it, and an epoch is one pass over the examples.
# - A step multiplies the distance to the minimum by $1 - \eta\lambda$ along each axis of the bowl. A run converges
#   below $2/\lambda_{\max}$ and diverges above it.
# - The gradient of a batch is unbiased, and its spread falls as one over the square root of its size. Small batches
#   arrive after fewer examples, and at a constant learning rate they never come to rest.
#
# In chapter 6 you replace the update in `train` by the optimizers that are used in practice.

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


# %%
check.training_loop.falling_rate(falling_rate)
