# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10. The published run
#
# After this chapter you can
#
# - **differentiate** a whole training run with a tape, with respect to numbers that describe its data,
# - **recover** such numbers from a list of losses, with damped least squares,
# - **say** what a training log determines, what it leaves open, and how you know.
#
# Time: about 30 minutes, and 25 for the exercises. It builds on nested tapes and Jacobians (chapter 2), on how the loss
# and the best line depend on the data (chapter 4), and on the training loop (chapter 5).

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots

# %% [markdown]
# ## A log without its data
#
# The training loop of chapter 5 follows a tutorial, "Custom training: basics" of TensorFlow for R. The tutorial
# starts at W = 5 and b = 0, trains for 20 epochs at a learning rate of 0.1 on 1000 points around W = 3 and b = 2, and
# prints the loss before each update. Its
# [page](https://tensorflow.rstudio.com/tutorials/advanced/customization/custom-training/) shows the 20 losses, but not
# the points, which were random. Here are the losses, to six digits:

# %%
published = datasets.published_losses().numpy()
print(published.reshape(5, 4).round(5))

# %% [markdown]
# This list is a **training log**: what a run reports about itself. Can you find data on which your own loop prints
# these numbers? Here are the model, the loss and `train` of chapter 5 again. `log_of` trains a new model for 20
# epochs and returns the losses.

# %%
true_W, true_b = 3.0, 2.0
learning_rate, num_epochs = 0.1, 20


class Model(tf.Module):
    def __init__(self, W=5.0, b=0.0):
        super().__init__()
        self.W = tf.Variable(W, name="W")
        self.b = tf.Variable(b, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


def l2_loss(predictions, outputs):
    return tf.reduce_mean(tf.square(predictions - outputs))


def train(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    dW, db = tape.gradient(loss, [model.W, model.b])
    model.W.assign_sub(learning_rate * dW)
    model.b.assign_sub(learning_rate * db)
    return loss


def log_of(inputs, outputs):
    model, losses = Model(), []
    for _ in range(num_epochs):
        losses.append(float(train(model, inputs, outputs, learning_rate)))
    return np.array(losses)


# %% [markdown]
# A first try: draw the points as the tutorial did, from several seeds.
#
# **Predict.** The recipe is the same, and so is the number of points. To how many digits do the losses agree with the
# published ones?

# %%
print(f"published  first {published[0]:.4f}, last {published[-1]:.4f}")
for seed in range(4):
    losses = log_of(*datasets.line(1000, true_W, true_b, seed=seed))
    print(f"seed {seed}     first {losses[0]:.4f}, last {losses[-1]:.4f}")

# %% [markdown]
# To one digit, now and then to two. Every draw has its own noise, so trying further seeds will not produce all 20
# numbers to six digits. The search needs a direction, and you know where directions come from: a derivative. But with
# respect to what? The points are 2000 numbers, and there are only 20 losses.
#
# ## Five numbers decide
#
# Write the outputs as the truth plus noise, $y = 3x + 2 + \varepsilon$, and let $p = W - 3$ and $q = b - 2$ be how far
# the model is from the truth. A residual is then
#
# $$W x + b - y = p\,x + q - \varepsilon.$$
#
# Square it, and take the mean over the points, written as a bar. The model does not depend on the point, so $p$ and
# $q$ come out of the means:
#
# $$L = p^2\,\overline{x^2} + 2pq\,\overline{x} + q^2 - 2p\,\overline{x\varepsilon} - 2q\,\overline{\varepsilon}
# + \overline{\varepsilon^2}.$$
#
# However many points there are, the loss depends on them through five means only. A mean of powers and products is
# called a **moment**. As a function:


# %%
def loss_from_moments(W, b, moments):
    xx, x, xe, e, ee = tf.unstack(moments)
    p, q = W - true_W, b - true_b
    return p * p * xx + 2 * p * q * x + q * q - 2 * p * xe - 2 * q * e + ee


# %% [markdown]
# `e` stands for ε, and `xe` for the product xε. Compute the five moments of a data set that you have, and compare the
# loss from the moments with the loss from the points:


# %%
def moments_of(inputs, outputs):
    x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
    e = y - (x * true_W + true_b)
    return np.array([np.mean(m) for m in (x * x, x, x * e, e, e * e)])


inputs, outputs = datasets.line(1000, true_W, true_b, seed=0)
known = moments_of(inputs, outputs)
print("moments", known.round(4))
print(f"from the points  {l2_loss(Model()(inputs), outputs):.5f}")
print(f"from the moments {loss_from_moments(5.0, 0.0, known):.5f}")

# %% [markdown]
# The same loss, from 5 numbers in place of 2000. The same holds at every W and b, and so for the gradient, and so for
# the next W and b. A whole training run depends on the data through these five numbers.
#
# ## A run from five numbers
#
# `run` trains from the moments, without any points. It computes in float64, so that rounding does not get in the
# way of what follows.


# %%
def run(moments):
    """The 20 losses, and W and b at the end."""
    W, b = tf.constant(5.0, tf.float64), tf.constant(0.0, tf.float64)
    losses = []
    for _ in range(num_epochs):
        with tf.GradientTape() as tape:
            tape.watch([W, b])
            loss = loss_from_moments(W, b, moments)
        dW, db = tape.gradient(loss, [W, b])
        W, b = W - learning_rate * dW, b - learning_rate * db
        losses.append(loss)
    return tf.stack(losses), W, b


def difference(losses, others):
    """The largest relative difference between two logs."""
    return np.max(np.abs(losses / others - 1))


losses, W, b = run(known)
apart = difference(losses.numpy(), log_of(inputs, outputs))
print(f"first {losses[0]:.5f}, last {losses[-1]:.5f}")
print("equal to the run on the points within 1e-6:", apart < 1e-6)

# %% [markdown]
# The two runs agree to the rounding of float32, in which the points are.
#
# One thing is different from chapter 5. W and b are not variables here: each epoch computes a new pair of tensors from
# the old one. An `assign` would overwrite the value, and a tape cannot follow that. Written with tensors, the run is
# one long computation, from five moments at its beginning to 20 losses at its end.
#
# ## The derivative of a training run
#
# So a tape can record it. The outer tape below watches the moments and records everything: 20 losses, 20 gradients
# that the inner tapes compute, 20 updates. The result is the **Jacobian** of the log, with one row for each loss
# and one column for each moment.


# %%
def response(moments):
    """The log of a run, and its Jacobian with respect to the moments."""
    moments = tf.constant(moments)
    with tf.GradientTape() as tape:
        tape.watch(moments)
        losses, _, _ = run(moments)
    return losses.numpy(), tape.jacobian(losses, moments).numpy()


population = np.array([1.0, 0.0, 0.0, 0.0, 1.0])
losses, J = response(population)
print("shape", J.shape)
print("loss in epoch 5, with respect to the moments:", J[4].round(4))

# %% [markdown]
# `population` are the moments that the recipe has on average: x and ε have mean 0, mean square 1, and nothing to do
# with each other. Check one column against a central difference (chapter 2), which runs the training twice:

# %%
h = 1e-5 * np.eye(5)[0]
central = (run(population + h)[0] - run(population - h)[0]) / 2e-5
print("agrees with the tape:", np.allclose(central, J[:, 0], rtol=1e-6))

# %% [markdown]
# A training run is a differentiable program. What the derivative says becomes visible when you draw each column over
# the epochs: by how much would the losses change, for each unit that a moment changes?
#
# **Predict.** One of the five curves is constant. Which one, and why?

# %%
names = ["x²", "x", "xε", "ε", "ε²"]
fig = plots.log_responses(J, [f"mean of {name}" for name in names])
print("     epoch 1  epoch 5  epoch 20")
for name, column in zip(names, J.T):
    print(f"{name:3}{column[0]:9.3f}{column[4]:9.3f}{column[19]:10.4f}")
plots.show(
    fig,
    "Five curves over 20 epochs. The response to the mean of ε² is constant at 1. "
    "Those to the means of x and x² have the same shape with opposite signs, and "
    "those to the means of xε and ε mirror each other.",
)

# %% [markdown]
# The mean of ε² is added to every loss, whatever the model does, so its curve is the constant 1. The other four show
# a problem. The curve of x is −2 times the curve of x², and the curves of xε and ε mirror each other. If you raise
# the means of xε and ε together, by the same small amount, no loss changes. Keep this in mind.
#
# ## Steps towards the log
#
# The unknown moments are near the population's, and the log is nearly linear in them over short distances. So look
# for the change $d$ of the moments that makes the predicted log, `losses + J @ d`, equal to the published one: 20
# equations for five unknowns, solved by least squares. How well this works depends on the **singular values** of
# J: how far the 20 losses together move for a step of length 1 in each of five perpendicular directions.

# %%
print("singular values", np.linalg.svd(J)[1].round(6))

# %% [markdown]
# Two of them are zero, one for each pair of curves with the same shape. Along those directions a step changes no loss,
# so the equations say nothing about it, and a plain least-squares solution could be anywhere.
#
# The cure is a price on long steps. Among all $d$, take the one with the smallest
#
# $$\lVert\,\text{published} - \text{losses} - J d\,\rVert^2 + \mu\,\lVert d\rVert^2,
# \qquad\text{so}\qquad (J^\top J + \mu I)\,d = J^\top(\text{published} - \text{losses}).$$
#
# Where the log says something, the first term decides. Where it says nothing, the second keeps $d$ at zero. This is
# **damped least squares**, or the **Levenberg–Marquardt** method when the **damping** $\mu$ adapts: after a step that
# helped, trust the linear prediction more and divide $\mu$ by 10; after one that did not, take it back and multiply.


# %%
def fit(moments, free=(0, 1, 2, 3, 4)):
    """Moves the moments numbered in `free`, until a step gains less than 1 %."""
    moments, free, damping = np.array(moments), list(free), 1e-3
    losses, J = response(moments)
    history = [difference(losses, published)]
    for _ in range(30):
        rest, A = published - losses, J[:, free]
        d = np.linalg.solve(A.T @ A + damping * np.eye(len(free)), A.T @ rest)
        trial = moments.copy()
        trial[free] += d
        new_losses, new_J = response(trial)
        gain = 1 - np.sum((published - new_losses) ** 2) / np.sum(rest**2)
        if gain > 0:
            moments, losses, J, damping = trial, new_losses, new_J, damping / 10
            history.append(difference(losses, published))
        else:
            damping *= 10
        if abs(gain) < 0.01:
            break
    return moments, history


# %% [markdown]
# Start from the population's moments, and watch the largest relative difference from the published log:

# %%
moments, history = fit(population)
for step, apart in enumerate(history):
    print(f"after {step} steps: largest relative difference {apart:.1e}")

# %% [markdown]
# From 3 percent to less than two parts in ten million, in a few steps. The last steps gain nothing more: the
# published numbers are float32 values, which have about seven digits, and what is left is their rounding.

# %%
losses, W, b = run(moments)
curves = {"population": run(population)[0] / published - 1}
curves["recovered"] = losses / published - 1
fig = plots.log_differences(curves)

rounding = np.finfo(np.float32).eps
apart = difference(losses.numpy(), published)
print(f"largest difference {apart:.1e}, float32 step near 1: {rounding:.1e}")
print(f"W = {W:.3f}, b = {b:.3f} at the end")
plots.show(
    fig,
    "Relative differences from the published losses over 20 epochs, on a logarithmic "
    "axis. With the population's moments they are around one percent; with the "
    "recovered ones all are below three parts in ten million.",
)

# %% [markdown]
# Are the recovered moments plausible? If 1000 points are drawn from standard normal distributions, each moment
# scatters around the population's: the means of x², ε² by $\sqrt{2/1000}$, the other three by $\sqrt{1/1000}$.

# %%
scatter = np.sqrt(np.array([2, 1, 1, 1, 2]) / 1000)
print("mean of  population  recovered  in units of the scatter")
for name, mean, found, unit in zip(names, population, moments, scatter):
    print(f"{name:7}  {mean:10.0f}  {found:9.4f}  {(found - mean) / unit:23.2f}")

# %% [markdown]
# All within one unit of their scatter: a data set of the tutorial's recipe may well have these moments.
#
# ## Points that reproduce the log
#
# Now make 1000 points that have these five moments, not nearly but exactly. Draw x and ε at random. Their means and
# their **covariance**, the matrix of the mean products after the means have been subtracted, are a little off. First
# remove what they have: subtract the means, and undo the covariance $C = K K^\top$, which leaves means 0, mean
# squares 1, and a mean product of 0. Then give them what they should have, in the same way. $K$ is the **Cholesky
# factor**, a kind of square root of a matrix.


# %%
def points(moments, num_examples=1000, seed=0):
    """x and ε with exactly these five moments."""
    xx, x, xe, e, ee = moments
    drawn = np.random.default_rng(seed).normal(size=(2, num_examples))
    drawn -= drawn.mean(axis=1, keepdims=True)
    drawn = np.linalg.solve(np.linalg.cholesky(drawn @ drawn.T / num_examples), drawn)
    covariance = [[xx - x * x, xe - x * e], [xe - x * e, ee - e * e]]
    return np.linalg.cholesky(covariance) @ drawn + [[x], [e]]


x, e = points(moments)
made = np.array([np.mean(m) for m in (x * x, x, x * e, e, e * e)])
print("the moments as wanted:", np.allclose(made, moments, rtol=0, atol=1e-12))

# %% [markdown]
# The outputs follow from the truth. Train on the points with the loop of chapter 5, in float32, as the tutorial did:

# %%
inputs = tf.constant(x, tf.float32)
outputs = tf.constant(x * true_W + true_b + e, tf.float32)
losses = log_of(inputs, outputs)
for epoch, (loss, wanted) in enumerate(zip(losses, published), 1):
    equal = abs(loss / wanted - 1) < 1e-6
    print(f"Epoch: {epoch}, Loss: {loss:.4f}, as published within 1e-6: {equal}")
assert difference(losses, published) < 1e-6

# %% [markdown]
# The published log, from data of your own: each of the 20 losses agrees within one part in a million, so to six
# digits. Are these the points of the tutorial? Certainly not: another seed gives other points, with the same log.
#
# **Predict.** What is the smallest number of points that can have five given moments, and with it this log: 3, 5 or
# 20?

# %%
first_guess = check.predict("the smallest number of points", ["3", "5", "20"])

# %%
x, e = points(moments, num_examples=3)
inputs = tf.constant(x, tf.float32)
outputs = tf.constant(x * true_W + true_b + e, tf.float32)
for i in range(3):
    print(f"input {inputs[i]:7.4f}, output {outputs[i]:7.4f}")
apart = difference(log_of(inputs, outputs), published)
print("the published log within 1e-6:", apart < 1e-6)
first_guess.outcome(f"{len(inputs)}")

# %% [markdown]
# Three points are six numbers, enough for five moments; two points are four numbers, too few. The log cannot tell
# whether there were 3 points or 1000, nor whether their noise was Gaussian.
#
# ## What the log cannot tell
#
# So the log speaks of the moments only. Does it at least determine those? Look at the singular values again, now at
# the recovered moments, and at the direction that belongs to the smallest.

# %%
_, J = response(moments)
_, sizes, directions = np.linalg.svd(J)
flat = directions[-1] * np.sign(directions[-1, 3])
print("singular values:", ", ".join(f"{size:.3g}" for size in sizes))
for name, part in zip(names, flat):
    print(f"mean of {name:2}  {round(part, 1) + 0:4.1f}")

# %% [markdown]
# The largest is 11.6, and the smallest about 2e-7, some 60 million times less. Along the last direction the means of
# xε and ε rise together: it is the mirrored pair. A step of length 1 along it would change the losses by 2e-7, which is
# as much as their rounding. The log says next to nothing about this combination. Take a short step along the
# best-determined direction, and one as long along the flat one:

# %%
recovered, _, _ = run(moments)
for name, direction in [("best", directions[0]), ("flat", flat)]:
    moved, _, _ = run(moments + 0.001 * direction)
    print(f"0.001 along the {name} one: {difference(moved, recovered):.0e}")

# %% [markdown]
# A thousand times less. But 1e-6 is more than the singular value promised. It is a statement about the tangent, and
# the valley of good moments is curved, so a straight step leaves it. To follow it, hold the mean of ε at a value of
# your choice, and let `fit` find the other four.
#
# **Predict.** Straight ahead, 0.001 was as far as six digits allow. How far can the mean of ε be moved when the other
# four follow: about 0.01, 0.1, or more than 0.4?

# %%
second_guess = check.predict(
    "the mean of ε can be moved by",
    ["about 0.01", "about 0.1", "more than 0.4"],
)

# %%
ends = []
print("mean of ε  difference      W      b  distance from the start")
for mean in (-0.4, -0.2, 0.0, 0.2, 0.4):
    held = moments.copy()
    held[3] = mean
    held, history = fit(held, free=(0, 1, 2, 4))
    W, b = map(float, run(held)[1:])
    ends.append((W, b))
    away = np.hypot(W - 5, b)
    print(f"{mean:9}  {history[-1]:10.0e}  {W:5.2f}  {b:5.2f}  {away:23.3f}")
second_guess.outcome(f"by {max(abs(mean) for mean in (-0.4, 0.4))} it still fits")

# %% [markdown]
# All five data sets have the published log, to its rounding. Yet one run ends at W = 2.67, and another at W = 3.53.
# What stays the same is in the last column: the distance from the start.

# %%
fig = plots.ends_of_runs(ends, start=(5.0, 0.0), truth=(true_W, true_b))
(first_W, first_b), (last_W, last_b) = ends[0], ends[-1]
print(f"from W = {first_W:.2f}, b = {first_b:.2f} to W = {last_W:.2f}, b = {last_b:.2f}")
plots.show(
    fig,
    "The plane of W and b. Five runs start at (5, 0) and end on an arc of a circle "
    "around the start, of which the truth (3, 2) is close to the middle.",
)

# %% [markdown]
# Now it has a meaning. Inputs with mean 0 and mean square 1 make the loss surface a round bowl (chapter 5: both
# curvatures are near 2). From the start, a round bowl looks the same whichever way its lowest point lies. The losses
# tell how far away it is, how deep it is, and how sharply the bowl curves, but not in which direction you walk. A log
# of heights is no map.
#
# Then why did `fit` end near the truth? Because it began there, and the damping kept it from moving where the log was
# silent. That W is near 3 is what the tutorial's recipe says, and the log does not contradict it. It would not
# contradict W = 3.5 either. Other starting values lead to other moments, with the same log. When a fit returns five
# numbers, ask for the singular values before you believe all five.
#
# Try it: move one moment, and see how the 20 losses respond. The button "Refit" holds the moment that you moved last
# and fits the other four. Move the mean of ε to 0.3 and press it, then press "Reset" and do the same with the mean of
# x² at 1.1. After which of the two do the differences disappear again?

# %%
experiments.PublishedRun(moments)

# %% [markdown]
# With the mean of ε at 0.3 the refit finds the log again, and the end of the path has moved along the arc. With the
# mean of x² at 1.1 differences of about one in a thousand stay: this moment sets how sharply the bowl curves, and that
# the log does know.
#
# ## In other frameworks
#
# In TensorFlow, `run`, `response` and `fit` work as they are, and give the same moments. In JAX a run is a pure
# function anyway, here with W and b in one array, and its Jacobian is one call. `jacfwd` goes forward through the
# program, which costs one pass for each of the five moments in place of one for each of the 20 losses:
#
# ```python
# def run(moments):
#     def epoch(Wb, _):
#         loss, gradient = jax.value_and_grad(loss_from_moments)(Wb, moments)
#         return Wb - 0.1 * gradient, loss
#     return jax.lax.scan(epoch, jnp.array([5.0, 0.0]), length=20)[1]
#
# J = jax.jacfwd(run)(moments)
# ```
#
# In PyTorch, the gradient of each epoch has to stay part of the computation:
# `torch.autograd.grad(loss, (W, b), create_graph=True)`. SciPy has the method of `fit` as
# `scipy.optimize.least_squares(..., method="lm")`.

# %% [markdown]
# ## Summary
#
# - The L2 loss of a line depends on the data through five moments. Whoever has them can train without the points.
# - A training run written with tensors is a differentiable program: a tape around it gives the derivative of every
#   loss with respect to anything that the run depends on.
# - Damped least squares finds moments that explain a log to its last digit. The singular values of the Jacobian say
#   which combinations of them the log determined, and which came from where the fit started.
#
# In chapter 11 you measure where the time of a training step goes, and how to run it without a tape.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. The best learning rate.** Complete the function, which differentiates the loss in epoch 3 with respect to the
# learning rate, through the run. Is the derivative at 0.1 positive or negative, and what does that say? At which rate
# does it change its sign?


# %%
def third_loss(learning_rate, moments):
    learning_rate = tf.constant(learning_rate, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(...)
        W, b = tf.constant(5.0, tf.float64), tf.constant(0.0, tf.float64)
        for _ in range(3):
            with tf.GradientTape() as tape:
                tape.watch([W, b])
                loss = loss_from_moments(W, b, moments)
            dW, db = ...
            W, b = W - learning_rate * dW, b - learning_rate * db
    return float(loss), float(outer.gradient(loss, ...))


# %%
check.published_run.third_loss(third_loss)

# %% [markdown]
# **2. A shorter log.** Fit the moments to the first five losses only. How large are the differences in the other 15,
# and what do the singular values say? How few epochs suffice to predict the rest to six digits?

# %% [markdown]
# **3. On the other side.** The lowest point of the bowl lies near W = 3 and b = 2. Its mirror image through the start
# is near W = 7 and b = −2. Find the five moments for which the lowest point is exactly there and the log the same,
# with a formula in place of `fit`.

# %% [markdown]
# **4. A better log.** Suppose that the tutorial had also printed W once. After which epoch would it have helped the
# most? Append that W to the losses, compute the singular values again, and find out how many digits of it are needed
# to tell W = 3.0 from W = 3.1 at the end.
