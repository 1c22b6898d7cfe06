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
# Time: about 40 minutes, and 25 for the exercises. It builds on nested tapes and Jacobians (chapter 2), on how the loss
# and the best line depend on the data (chapter 4), and on the training loop (chapter 5).

# %%
import numpy as np

import course as tf
from course import check, datasets, experiments, plots
from course.losses import l2_loss

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
first_guess = check.published_run.digits_of_the_log.predict()


# %%
def difference(losses, others):
    """The largest relative difference between two logs."""
    return np.max(np.abs(losses / others - 1))


print(f"published  first {published[0]:.4f}, last {published[-1]:.4f}")
digits = []
for seed in range(4):
    losses = log_of(*datasets.line(1000, true_W, true_b, seed=seed))
    digits.append(-np.log10(difference(losses, published)))
    print(f"seed {seed}     first {losses[0]:.4f}, last {losses[-1]:.4f},", end=" ")
    print(f"equal to {digits[-1]:.1f} digits")
first_guess.outcome(np.mean(digits))

# %% [markdown]
# To more than one digit, and less than two. Every draw has its own noise, so trying further seeds will not produce all
# 20 numbers to six digits.

# %% [markdown]
# A search for such data needs a direction, and you know where directions come from: a derivative. But with respect to
# what? The points are 2000 numbers, and there are only 20 losses.
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
print("loss in epoch 4, with respect to the moments:", J[3].round(4))

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
second_guess = check.published_run.constant_response.predict()

# %%
names = ["x²", "x", "xε", "ε", "ε²"]
print("     epoch 1  epoch 4  epoch 20")
for name, column in zip(names, J.T):
    print(f"{name:3}{column[0]:9.3f}{column[3]:9.3f}{column[19]:10.4f}")
plots.log_responses(J, [f"mean of {name}" for name in names])
second_guess.outcome(f"mean of {names[np.argmin(np.ptp(J, axis=0))]}")

# %% [markdown]
# The mean of ε² is added to every loss, whatever the model does, so its curve is the constant 1. The other four show
# a problem. The curve of x is −2 times the curve of x², and the curves of xε and ε mirror each other. If you raise
# the means of xε and ε together, by the same small amount, no loss changes. Keep this in mind.

# %% [markdown]
# ## Steps towards the log
#
# The unknown moments are near the population's, and over short distances the log is nearly linear in them. If you
# change the moments by $d$, five numbers, the log becomes about `losses + J @ d`. Write $r$ for what is missing, the
# published losses minus those of the population. Then look for the $d$ for which $J d$ is as close to $r$ as possible:
# 20 equations for five unknowns, by least squares.
#
# Begin with two of the five, the means of xε and ε, because two can be drawn. At each point of the plane below, $d$ is
# another change of these two, and the height is what remains, $\lVert r - J d\rVert^2$, the sum of the 20 squares. The
# cell also makes four steps, by a rule that the text after it explains.

# %%
losses, J = response(population)
missing = published - losses
pair = J[:, 2:4]  # the responses to the means of xε and ε
for d in ([0, 0], [1, 1], [-5, -5]):
    print(f"change {d}: remaining {np.sum((missing - pair @ d) ** 2):.4f}")

dampings = (1000, 100, 10, 0.001)
right = pair.T @ missing
steps = [np.linalg.solve(pair.T @ pair + mu * np.eye(2), right) for mu in dampings]
for mu, d in zip(dampings, steps):
    remaining = np.sum((missing - pair @ d) ** 2)
    print(f"damping {mu:6}: step {d.round(4)}, remaining {remaining:.4f}")
plots.damped_steps(pair, missing, dict(zip(dampings, steps)))

# %% [markdown]
# It is a valley. Across it the height changes, and along it, where both means rise together, it does not. So the lowest
# point is not a point but a line, and least squares alone cannot choose. The steps in the figure can: each of them goes
# straight towards the floor, and no step goes along it. How were they made?
#
# Take a single unknown first. One loss lacks $r$, and answers with $s\,d$ to a step $d$. Make the square of what
# remains small, and put a price $\mu$ on the square of the step:
#
# $$(r - s\,d)^2 + \mu\,d^2.$$
#
# At the lowest point the derivative with respect to $d$ is zero:
#
# $$-2 s\,(r - s\,d) + 2\mu\,d = 0, \qquad\text{so}\qquad (s^2 + \mu)\,d = s\,r.$$
#
# If the loss answers, $s^2$ is much larger than a small $\mu$, and $d$ is $r/s$, as without a price. If it does not
# answer, $s$ is zero, and so is $d$: where nothing is known, nothing moves. For many unknowns and losses the
# same lines hold with the matrix $J$ in place of $s$, and its transpose where the chain rule brings $s$ to the front:
#
# $$\lVert r - J d\rVert^2 + \mu\,\lVert d\rVert^2 \quad\text{is lowest where}\quad
# (J^\top J + \mu I)\,d = J^\top r,$$
#
# with $I$ for the matrix of ones on the diagonal and zeros elsewhere: five equations for five unknowns, which
# `np.linalg.solve` solves. This is **damped least squares**, and $\mu$ is the **damping**. A large one makes short
# steps straight down the slope, and a small one goes to the floor at once.
#
# How much do the losses answer in each direction? A step of length 1 in some direction changes the 20 losses by $J d$,
# whose length depends on the direction. `np.linalg.svd` finds the direction in which it is largest, then the one in
# which it is largest among those at a right angle to the first, and so on, five in all. The five lengths are the
# **singular values** of $J$. Each is the $s$ of its direction.

# %%
print("of the pair: ", np.linalg.svd(pair)[1].round(6))
print("of all five: ", np.linalg.svd(J)[1].round(6))

# %% [markdown]
# The pair has 7.4 across the valley, and zero along it. Of the five, two are zero, one for each pair of curves with the
# same shape: those of xε and ε mirror each other, and that of x is −2 times that of x². Damping keeps these directions
# still.
#
# The log is only nearly linear, so one step does not arrive: compute the Jacobian anew, and take the next. After a step
# that helped, trust the linear prediction more and divide the damping by 10. After one that did not, take it back and
# multiply. With this rule the method is called **Levenberg–Marquardt**.


# %%
def fit(moments, free=(0, 1, 2, 3, 4)):
    """Moves the moments numbered in `free`, until a step gains less than 1 %."""
    moments, free, damping = np.array(moments), list(free), 1e-3
    losses, J = response(moments)
    history = [difference(losses, published)]
    for _ in range(30):
        missing, A = published - losses, J[:, free]
        d = np.linalg.solve(A.T @ A + damping * np.eye(len(free)), A.T @ missing)
        trial = moments.copy()
        trial[free] += d
        new_losses, new_J = response(trial)
        gain = 1 - np.sum((published - new_losses) ** 2) / np.sum(missing**2)
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
rounding = np.finfo(np.float32).eps
apart = difference(losses.numpy(), published)
print(f"largest difference {apart:.1e}, float32 step near 1: {rounding:.1e}")
print(f"W = {W:.3f}, b = {b:.3f} at the end")
plots.log_differences(curves)

# %% [markdown]
# Are the recovered moments plausible? If 1000 points are drawn from standard normal distributions, each moment
# scatters around the population's. A mean scatters by the root of the variance over the number of points (chapter 4).
# For such x and ε, x² and ε² have the variance 2, and x, ε and xε have 1:

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
# Now make 1000 points that have these five moments, not nearly but exactly. Draw x and ε at random. Two kinds of
# numbers are a little off: their means, and their **covariance** $C$, which holds the mean products after the means
# have been subtracted: of x with itself, of ε with itself, and of x with ε.
#
# Means are easy: subtract those that they have, and at the end add those that they should have. For a single row of
# numbers $z$ with mean square 1, a mean square of $c$ is easy too: multiply by $\sqrt c$, because
# $\overline{(\sqrt c\,z)^2} = c\,\overline{z^2}$. For two rows at once the root is a matrix $K$ with $K K^\top = C$.
# If the rows $z$ have the covariance $I$, mean squares 1 and a mean product of 0, then $K z$ has
#
# $$\overline{(K z)(K z)^\top} = K\;\overline{z z^\top} K^\top = K K^\top = C.$$
#
# `np.linalg.cholesky` computes such a root, which is called the **Cholesky factor**. So divide by the root of the
# covariance that was drawn (`solve` does for a matrix what division does for a number), which leaves $I$, and multiply
# by the root of the one that is wanted. That one follows from the moments: a mean product after the means have been
# subtracted is the mean product less the product of the means,
# $\overline{x\varepsilon} - \overline{x}\,\overline{\varepsilon}$.


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
# **Predict.** What is the smallest number of points that can have five given moments, and with them this log: 3, 5 or
# 20?

# %%
third_guess = check.published_run.fewest_points.predict()


# %%
def has_the_log(num_examples):
    try:
        x, e = points(moments, num_examples)
    except np.linalg.LinAlgError:  # their covariance has no root to divide by
        return False
    inputs = tf.constant(x, tf.float32)
    outputs = tf.constant(x * true_W + true_b + e, tf.float32)
    return bool(difference(log_of(inputs, outputs), published) < 1e-6)


found = {number: has_the_log(number) for number in (20, 10, 5, 4, 3, 2, 1)}
for number, has in found.items():
    print(f"{number:2} points: {'the published log' if has else 'no'}")
third_guess.outcome(min(number for number, has in found.items() if has))

# %% [markdown]
# Three points are six numbers, enough for five moments; two points are four numbers, too few. The log cannot tell
# whether there were 3 points or 1000, nor whether their noise was Gaussian.

# %% [markdown]
# ## What the log cannot tell
#
# So the log speaks of the moments only. Does it at least determine those? Look at the singular values again, now at
# the recovered moments, and at the direction that belongs to the smallest.

# %%
_, J = response(moments)
_, sizes, directions = np.linalg.svd(J)
flat = directions[-1] * np.sign(directions[-1, 3])
print("singular values:", ", ".join(f"{size:.3g}" for size in sizes))
weak = directions[-2] * np.sign(directions[-2, 0])
print("direction of:   the last  the last but one")
for name, last, other in zip(names, flat, weak):
    print(f"mean of {name:2}  {round(last, 1) + 0:12.1f}  {round(other, 1) + 0:16.1f}")

# %% [markdown]
# The largest is 11.6, and the smallest about 2e-7, some 60 million times less. Along the last direction the means of
# xε and ε rise together: it is the valley of the figure. A step of length 1 along it would change the losses by 2e-7,
# which is as much as their rounding. The log says next to nothing about this combination.
#
# The last but one, 0.005, is the other pair: the mean of x² rises, and that of x half as much. At the population's
# moments it was zero as well. The recovered mean of x is not zero, so the two curves no longer have quite the same
# shape, and the log says a little: a step of 0.001 changes the losses by 0.005 · 0.001, five parts in a million. Seven
# digits show that, and three would not.
#
# Take a short step along the best-determined direction, and one as long along the flat one:

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
# four follow: about 0.01, about 0.1, or 0.4 and more?

# %%
fourth_guess = check.published_run.reach_of_the_mean.predict()

# %%
ends, reached = [], []
print("mean of ε  difference      W      b  distance from the start")
for mean in (-0.4, -0.1, -0.01, 0.01, 0.1, 0.4):
    held = moments.copy()
    held[3] = mean
    held, history = fit(held, free=(0, 1, 2, 4))
    W, b = map(float, run(held)[1:])
    ends.append((W, b))
    reached += [abs(mean)] if history[-1] < 1e-6 else []
    away = np.hypot(W - 5, b)
    print(f"{mean:9}  {history[-1]:10.0e}  {W:5.2f}  {b:5.2f}  {away:23.3f}")
fourth_guess.outcome(max(reached))

# %% [markdown]
# All six data sets have the published log, to its rounding. Yet one run ends at W = 2.67, and another at W = 3.53.
# What stays the same is in the last column: the distance from the start.

# %% [markdown]
# Here are the six ends in the plane of W and b:

# %%
(first_W, first_b), (last_W, last_b) = ends[0], ends[-1]
print(f"from W = {first_W:.2f}, b = {first_b:.2f} to W = {last_W:.2f}, b = {last_b:.2f}")
plots.ends_of_runs(ends, start=(5.0, 0.0), truth=(true_W, true_b))

# %% [markdown]
# So the combination that the log leaves open has a meaning. Inputs with mean 0 and mean square 1 make the loss surface
# a round bowl (chapter 5: both curvatures are near 2). From the start, a round bowl looks the same whichever way its
# lowest point lies. The losses tell how far away it is, how deep it is, and how sharply the bowl curves, but not in
# which direction you walk. A log of heights is no map.
#
# Then why did `fit` end near the truth? Because it began there, and the damping kept it from moving where the log was
# silent. That W is near 3 is what the tutorial's recipe says, and the log does not contradict it. It would not
# contradict W = 3.5 either. Other starting values lead to other moments, with the same log. When a fit returns five
# numbers, ask for the singular values before you believe all five.
#
# Try it: move one moment, and see how the 20 losses respond. The button "Refit" holds the moment that you moved last
# and fits the other four, which takes a few seconds in a browser. Move the mean of ε² to 1.1 and press it, then press
# "Reset" and do the same with the mean of x² at 1.1. After which of the two do the differences disappear again?

# %%
experiments.PublishedRun(moments)

# %% [markdown]
# With the mean of ε² at 1.1 the refit finds the log again, although each loss contains that mean. The end of the path
# has moved along the arc, to W = 3.28 and b = 2.22: the means of xε and ε have grown, and with them the part of the
# noise that a line can follow. What the log knows is the depth of the bowl, which is the part that no line can. With
# the mean of x² at 1.1 differences of up to two in a thousand stay: this moment sets how sharply the bowl curves, and
# that the log does know.

# %% [markdown]
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
# **2. A shorter log.** Fit the moments to the first few losses only, and let them predict the others. How few losses
# are enough to predict all the others to three digits (a relative difference below $10^{-3}$), and to five ($10^{-5}$)?
# What do the singular values of the shorter log say? (Write a `fit` that uses the first rows of the residuals and of
# the Jacobian.)

# %%
shortest_log = {"three digits": ..., "five digits": ...}

# %%
check.published_run.shortest_log(shortest_log)

# %% [markdown]
# **3. On the other side.** The lowest point of the bowl lies near W = 3 and b = 2. Its mirror image through the start
# is near W = 7 and b = −2. A bowl of the same shape around this point has the same log: each step goes the other way,
# and no loss along it changes. Complete its five moments, from those of the first bowl. (At the mirror image of W and
# b, $p = W - 3$ becomes $4 - p$. What does $q$ become? Put both into the formula of the loss, and read off what stands
# before $p^2$, $pq$, $p$, $q$ and alone.)


# %%
def mirrored(moments):
    xx, x, xe, e, ee = moments
    new_xx, new_x = ..., ...
    new_xe = ...
    new_e = ...
    new_ee = ...
    return np.array([new_xx, new_x, new_xe, new_e, new_ee])


# %%
check.published_run.mirrored(mirrored)

# %% [markdown]
# **4. A better log.** Suppose that the tutorial had also printed W once. After which epoch would it have helped the
# most? For each epoch, append the derivatives of W after it to the Jacobian, as one more row, and look at the singular
# values at the population's moments. And how many digits after the point of that W are needed to tell a run that ends
# at W = 3.0 from one that ends at 3.1?

# %%
better_log = {"epoch": ..., "digits": ...}

# %%
check.published_run.better_log(better_log)
