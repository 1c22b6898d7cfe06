# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6. Optimizers
#
# After this chapter you can
#
# - **write** momentum, Nesterov, Adagrad, RMSprop, Adam and AdamW as a few lines each, and read them in
#   `course.optimizers`,
# - **say** what each of these rules does to the steps down a ravine, and where it does not help,
# - **lower** the learning rate by a schedule, and find a mistake that stood in a published guide.
#
# Time: about 60 minutes, and 25 for the exercises. It builds on chapter 5: the factor $1 - \eta\lambda$ of a step, the
# axes of a bowl, and the noise of batches.

# %%
import inspect
import textwrap

import numpy as np

import course as tf
from course import check, datasets, experiments, optimizers, plots
from course.losses import l2_loss
from course.optimizers import schedules

# %% [markdown]
# ## A ravine
#
# The bowl of chapter 5 was nearly round: its two curvatures were close to 2, so one learning rate suited both axes.
# Few losses are of that kind. Take one that curves 50 times as much along y as along x:
#
# $$f(x, y) = \tfrac12\,(x^2 + 50\,y^2).$$
#
# Seen from above it is a **ravine**, with steep walls and a floor that slopes gently towards the lowest point at
# (0, 0). Here x and y are the two elements of one variable. (The sum over the last axis also takes a whole path, with
# a point in each row.)

# %%
curvatures = np.array([1.0, 50.0], dtype="float32")
start = [-2.0, 1.0]


def ravine(point):
    return tf.reduce_sum(curvatures * tf.square(point), axis=-1) / 2


point = tf.Variable(start)
with tf.GradientTape() as tape:
    loss = ravine(point)
print(f"loss {loss:.0f}, gradient {tape.gradient(loss, point).numpy()}")

# %% [markdown]
# The gradient is 25 times as long across the ravine as along it, although the way that is left is longer along it.
#
# An **optimizer** is the rule by which gradients change variables. Its method `apply_gradients` takes pairs of a
# gradient and a variable. `SGD` is the rule that you know, and the base class will serve all others.


# %%
class Optimizer:
    def apply_gradients(self, grads_and_vars):
        for gradient, variable in grads_and_vars:
            self.update(variable, gradient)


class SGD(Optimizer):
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def update(self, variable, gradient):
        variable.assign_sub(self.learning_rate * gradient)


def descend(optimizer, num_steps, surface=ravine, start=start):
    """The path on the surface: the start, and x and y after each step."""
    point = tf.Variable(start)
    path = [point.numpy()]
    for _ in range(num_steps):
        with tf.GradientTape() as tape:
            loss = surface(point)
        gradient = tape.gradient(loss, point)
        optimizer.apply_gradients([(gradient, point)])
        path.append(point.numpy())
    return np.array(path)


# %% [markdown]
# Each step multiplies x by $1 - \eta \cdot 1$ and y by $1 - \eta \cdot 50$ (chapter 5). The sharper axis sets the
# limit, $\eta < 2/50 = 0.04$.
#
# **Predict.** Take a rate of 0.036, nine tenths of the limit.

# %%
ravine_guess = check.optimizers.steps_along_the_ravine.predict()

# %%
path = descend(SGD(0.036), 200)
steps_along = np.argmax(abs(path[:, 0]) < 0.02)

print(f"factors per step: {1 - 0.036:.3f} along x, {1 - 0.036 * 50:.3f} along y")
print(f"below one percent along x after {steps_along} steps")
plots.paths_on_ravine({"SGD at 0.036, 60 steps": path[:61]}, curvatures)
ravine_guess.outcome(steps_along)

# %% [markdown]
# The zigzag across the ravine dies out, by a factor of 0.8 a step. Along the floor each step keeps 96.4 percent of the
# distance. A larger learning rate would help along the floor, and diverge across it.

# %% [markdown]
# The ratio of the largest to the smallest curvature, here 50, is the **condition number** $\kappa$. Nine tenths of the
# limit are $1.8/\lambda_{\max}$, so the factor along the floor is
#
# $$1 - 1.8\,\frac{\lambda_{\min}}{\lambda_{\max}} = 1 - \frac{1.8}{\kappa}.$$
#
# The number of steps grows in proportion to $\kappa$.
#
# A gradient alone does not tell the two axes apart. All other rules of this chapter keep a memory of past gradients.
# There are two things to do with it.
#
# ## Momentum: add up what agrees
#
# Look at the gradients on the way: across the ravine they change their sign in every step, along it they all point
# the same way. Add them up, and the first cancel while the second grow. **Momentum** (Polyak, 1964) does so with a
# **velocity**, which keeps a share $\beta$ of itself from step to step:
#
# $$v \leftarrow \beta v - \eta g, \qquad x \leftarrow x + v.$$
#
# Write its `update`: the new velocity, and the move of the variable.


# %%
class Momentum(Optimizer):
    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = 0.0

    def update(self, variable, gradient):
        self.velocity = ...
        ...


# %%
check.optimizers.momentum(Momentum)

# %% [markdown]
# For a hint call `check.optimizers.momentum.hint()`.
#
# What should momentum bring? As long as the gradient stays the same, the velocity grows towards
# $-\eta g\,(1 + \beta + \beta^2 + \dots) = -\eta g / (1 - \beta)$. At $\beta = 0.9$ that is ten times a plain step.
#
# The next cell has one way to write it, with which the chapter goes on. `compare` sets it beside the course's own: in
# `course.optimizers`, as in Keras, momentum is an option of `SGD`.


# %%
class Momentum(Optimizer):
    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = 0.0

    def update(self, variable, gradient):
        self.velocity = self.momentum * self.velocity - self.learning_rate * gradient
        variable.assign_add(self.velocity)


def compare(mine, theirs, num_steps=50):
    """Both down the ravine, side by side."""
    apart = abs(descend(mine, num_steps) - descend(theirs, num_steps)).max()
    print(f"largest distance of the two paths: {apart:.5f}")


compare(Momentum(0.02), optimizers.SGD(0.02, momentum=0.9))

# %% [markdown]
# **Predict.** Count the steps until the loss, 27 at the start, stays below 0.01: with plain SGD, and with momentum 0.9
# at the best of several rates.

# %%
momentum_guess = check.optimizers.momentum_by_default.predict()


# %%
def steps_needed(path):
    """The number of steps until the loss is below 0.01 for good."""
    return 1 + int(np.flatnonzero(~(ravine(path).numpy() < 0.01))[-1])


plain, heavy = {}, {}
for rate in (0.018, 0.036, 0.039):
    plain[rate] = steps_needed(descend(SGD(rate), 300))
for rate in (0.01, 0.02, 0.04):
    heavy[rate] = steps_needed(descend(Momentum(rate), 300))
print("SGD, steps by rate:     ", plain)
print("momentum, steps by rate:", heavy)
momentum_guess.outcome(min(heavy.values()) / min(plain.values()))

# %% [markdown]
# Each at the best of these rates, momentum 0.9 needs as many steps as plain SGD. A β that was not chosen for the ravine
# gains nothing.

# %% [markdown]
# What a step does can be computed, as in chapter 5. Along an axis of curvature $\lambda$ the gradient is $\lambda x$.
# The velocity is the last move, $x_t - x_{t-1}$. So a step leads to
#
# $$x_{t+1} = x_t + \beta\,(x_t - x_{t-1}) - \eta\lambda\,x_t = (1 + \beta - \eta\lambda)\,x_t - \beta\,x_{t-1}.$$
#
# Two positions decide the next one. As a rule that makes two new numbers of two old ones, it is a matrix:
#
# $$\begin{pmatrix} x_{t+1} \\ x_t \end{pmatrix} = \begin{pmatrix} 1 + \beta - \eta\lambda & -\beta \\ 1 & 0
# \end{pmatrix} \begin{pmatrix} x_t \\ x_{t-1} \end{pmatrix}.$$
#
# Look for its eigenvalues, as with the Hessian: for pairs that the matrix only multiplies by a number $r$. In such a
# pair $x_t = r\,x_{t-1}$, and $x_{t+1} = r\,x_t$, which is $r^2 x_{t-1}$. Put both into the equation for $x_{t+1}$.
# Divided by $x_{t-1}$, it says
#
# $$r^2 = p\,r - \beta \quad\text{with}\quad p = 1 + \beta - \eta\lambda, \qquad
# r = \frac{p \pm \sqrt{p^2 - 4\beta}}{2}.$$
#
# There are two, and their product is $\beta$. (Multiply them: $(p^2 - (p^2 - 4\beta))/4$.) In a long run each step
# multiplies the distance by the one with the larger absolute value. Where $p^2 < 4\beta$, the root is one of a negative
# number. Then the two are **complex numbers**: the point swings to and fro while it comes closer. They differ only in
# the sign of that root, so they have the same absolute value. Since their product is $\beta$, it is $\sqrt\beta$,
# whatever the curvature. NumPy computes it for any rate:


# %%
def factor(learning_rate, momentum, curvature):
    """By what one step multiplies the distance along an axis, in a long run."""
    rule = [[1 + momentum - learning_rate * curvature, -momentum], [1, 0]]
    return abs(np.linalg.eigvals(rule)).max()


for rate, momentum in [(0.036, 0.0), (0.02, 0.9)]:
    x, y = (factor(rate, momentum, curvature) for curvature in curvatures)
    print(f"rate {rate:.3f}, momentum {momentum:.1f}: ", end="")
    print(f"factor {x:.3f} for x, {y:.3f} for y")

products = np.linspace(0.002, 4, 500)  # learning rate times curvature
factors = {}
for beta in (0.0, 0.3, 0.6, 0.9):
    factors[beta] = [factor(product, beta, 1.0) for product in products]
plots.momentum_factors(products, factors)

# %% [markdown]
# With $\beta = 0$ only one value of $\eta\lambda$ is good. With momentum a whole range is, the flat part of each
# curve, so axes of different curvature can have the same factor. But the larger $\beta$ and the range, the higher the
# flat part: at 0.9 both axes keep $\sqrt{0.9} = 0.949$ of their distance in each step, and that is little better than
# the 0.964 of SGD.
#
# How much can be won? The map below has the rate across and $\beta$ upwards. It says how many steps leave a tenth of
# the distance; within its dashed line the point swings across the ravine. Without momentum the best rate needs 58. Take
# hold of the point, and look on the map for the fewest of all: how many steps are they, and at which $\beta$? (The
# button *Best rate* goes to the fewest for the present $\beta$.)

# %%
experiments.Momentum()

# %% [markdown]
# They are 8, at a $\beta$ near 0.57. Set $\kappa$ to 200 in place of 50, and the steps without momentum become four
# times as many, 231, but the fewest of all only twice, 17, at a $\beta$ of 0.76.

# %% [markdown]
# The best $\beta$ can be computed. Where does the flat part end? $p^2 < 4\beta$ says that $1 + \beta - \eta\lambda$
# lies between $-2\sqrt\beta$ and $2\sqrt\beta$, and $1 + \beta \mp 2\sqrt\beta$ is $(1 \mp \sqrt\beta)^2$. So it
# reaches from $\eta\lambda = (1 - \sqrt\beta)^2$ to $(1 + \sqrt\beta)^2$. The lowest flat part on which both axes of
# the ravine still stand is the one whose ends they are:
#
# $$\eta\lambda_{\min} = (1 - \sqrt\beta)^2, \qquad \eta\lambda_{\max} = (1 + \sqrt\beta)^2.$$
#
# Divide the second by the first and take the root: $\sqrt\kappa = (1 + \sqrt\beta)/(1 - \sqrt\beta)$. Solved for
# the factor, $\sqrt\beta = (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$. That is Polyak's choice:

# %%
root = np.sqrt(curvatures[1] / curvatures[0])
best_beta = ((root - 1) / (root + 1)) ** 2
best_rate = (1 - np.sqrt(best_beta)) ** 2 / curvatures[0]
steps = steps_needed(descend(Momentum(best_rate, best_beta), 200))
print(f"rate {best_rate:.3f}, momentum {best_beta:.3f}: {steps} steps")

# %% [markdown]
# So momentum does help, when its $\beta$ fits the ravine. The number of steps then grows only as $\sqrt\kappa$, as on
# the map. The customary 0.9 would be the best for a condition number near 1400. On this short ravine it carries the
# point past the end and back.
#
# ## Nesterov: look where the velocity leads
#
# **Nesterov's momentum** (1983) takes the gradient at the point to which the velocity is about to lead, and so brakes
# earlier. In the usual form (Sutskever et al., 2013) the variable itself is kept at that point ahead. So it moves by
# the step, and by $\beta v$, the part of the new velocity that the next step will keep.


# %%
class Nesterov(Momentum):
    def update(self, variable, gradient):
        step = self.learning_rate * gradient
        self.velocity = self.momentum * self.velocity - step
        variable.assign_add(self.momentum * self.velocity - step)


compare(Nesterov(0.02), optimizers.SGD(0.02, momentum=0.9, nesterov=True))

# %% [markdown]
# Both with the same numbers, 0.02 and 0.9, over the contours:

# %%
paths = {
    "Momentum": descend(Momentum(0.02), 60),
    "Nesterov": descend(Nesterov(0.02), 60),
}
for name, path in paths.items():
    print(f"{name}: largest |y| after step 10 is {abs(path[10:, 1]).max():.4f}")
plots.paths_on_ravine(paths, curvatures)

# %% [markdown]
# Across the ravine Nesterov brakes at once: there $\eta\lambda = 1$, and the gradient ahead cancels the velocity.
# Along the floor, where the slope is gentle, it runs past the end as momentum does.
#
# ## Adagrad: a rate for each coordinate
#
# The other use of memory: give each coordinate a rate of its own. **Adagrad** (Duchi, Hazan and Singer, 2011) adds up
# the squares of each coordinate's gradients, and divides by the root:
#
# $$a \leftarrow a + g^2, \qquad x \leftarrow x - \eta\,\frac{g}{\sqrt{a + \epsilon}}.$$
#
# All operations act element by element. A coordinate with large gradients gets a small rate. The tiny $\epsilon$
# prevents a division by zero.


# %%
class Adagrad(Optimizer):
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.accumulator = 0.1  # Keras' default

    def update(self, variable, gradient):
        self.accumulator += tf.square(gradient)
        scale = tf.sqrt(self.accumulator + 1e-7)
        variable.assign_sub(self.learning_rate * gradient / scale)


compare(Adagrad(0.5), optimizers.Adagrad(0.5))

# %% [markdown]
# ## RMSprop: forget what is long ago
#
# Adagrad's sum only grows. Down a smooth ravine that does no harm, because the gradients vanish at the end and the sum
# comes to rest. Batches are another matter: their gradients are noisy and never vanish (chapter 5). Then the sum grows
# without end, and the rates fall, whether there is still a way to go or not. **RMSprop** (Hinton, in a lecture of 2012
# with Tieleman) replaces the sum by a **moving average**: each step keeps 90 percent of it and mixes in 10 percent of
# the new square.


# %%
class RMSprop(Optimizer):
    def __init__(self, learning_rate, rho=0.9):
        self.learning_rate, self.rho = learning_rate, rho
        self.mean_square = 0.0

    def update(self, variable, gradient):
        new = (1 - self.rho) * tf.square(gradient)
        self.mean_square = self.rho * self.mean_square + new
        scale = tf.sqrt(self.mean_square + 1e-7)
        variable.assign_sub(self.learning_rate * gradient / scale)


compare(RMSprop(0.05), optimizers.RMSprop(0.05))

# %% [markdown]
# How fast do the rates fall? A step divided by its gradient is the **effective learning rate**. Give both optimizers
# gradients of pure noise, of size 1, and print it.

# %%
noise = np.random.default_rng(0).standard_normal(10_000).astype("float32")
print("step    ", *(f"{t:7}" for t in (1, 10, 100, 1000, 10_000)))
for optimizer in (Adagrad(0.5), RMSprop(0.5)):
    variable, rates = tf.Variable(0.0), []
    for gradient in noise:
        before = float(variable)
        optimizer.apply_gradients([(tf.constant(gradient), variable)])
        rates.append((before - float(variable)) / gradient)
    shown = (f"{rates[t - 1]:7.3f}" for t in (1, 10, 100, 1000, 10_000))
    print(f"{type(optimizer).__name__:8}", *shown)

# %% [markdown]
# Adagrad's rate falls as $1/\sqrt t$: a hundred times as many steps bring it down to a tenth, from 0.052 to 0.005.
# RMSprop's is too large in the first steps, as its average starts at 0 and has to fill. After that it goes up and down
# around 0.5, and does not fall. Whoever wants a rate that falls gives RMSprop one; more of that below.
#
# And without noise, down the ravine? As the lowest point comes near, the gradients become small.
#
# **Predict.** What happens to RMSprop's effective rates there?

# %%
rates_guess = check.optimizers.effective_rates.predict()


# %%
def effective_rates(path):
    return -np.diff(path, axis=0) / (curvatures * path[:-1])


paths = {
    "Adagrad": descend(Adagrad(0.5), 100),
    "RMSprop": descend(RMSprop(0.05), 200),
}
rates = {name: effective_rates(path) for name, path in paths.items()}
for name, values in rates.items():
    first, last = values[0], values[-1]
    print(f"{name}: x {first[0]:.3f} → {last[0]:.3f}, ", end="")
    print(f"y {first[1]:.4f} → {last[1]:.4f}")
plots.effective_rates(rates, limits=2 / curvatures)
rates_guess.outcome(rates["RMSprop"][-1, 0] / rates["RMSprop"][0, 0])

# %% [markdown]
# From the first step, the rate of y is about 25 times as small as that of x, and stays far smaller: that is what the
# ravine needs. Adagrad's rates fall a little and level off. RMSprop's rates grow as the gradients shrink, until they
# pass the limit $2/\lambda$ of their axis. Beyond it the steps overshoot, the gradients grow, and the rates fall back
# to the limit, 2 for x and 0.04 for y. So at a constant $\eta$, RMSprop does not come to rest. It keeps jumping from
# one side of the lowest point to the other, by steps of about $\eta$.

# %% [markdown]
# ## Adam: both at once
#
# **Adam** (Kingma and Ba, 2015) keeps two moving averages: $m$ of the gradients, for direction, as momentum does, and
# $v$ (no velocity this time) of their squares, for scale, as RMSprop does. Both start at zero, so at first they are too
# small. After $t$ steps $m$ contains a share $1 - \beta_1^t$ of what it should, and $v$ a share $1 - \beta_2^t$. Adam
# divides by both: this is its **bias correction**.
#
# $$x \leftarrow x - \eta \cdot \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot \frac{m}{\sqrt{v} + \epsilon}.$$


# %%
class Adam(Optimizer):
    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.999):
        self.learning_rate = learning_rate
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.m, self.v, self.t = 0.0, 0.0, 0

    def correction(self):
        return (1 - self.beta_2**self.t) ** 0.5 / (1 - self.beta_1**self.t)

    def update(self, variable, gradient):
        self.t += 1
        self.m += (1 - self.beta_1) * (gradient - self.m)
        self.v += (1 - self.beta_2) * (tf.square(gradient) - self.v)
        rate = self.learning_rate * self.correction()
        variable.assign_sub(rate * self.m / (tf.sqrt(self.v) + 1e-7))


compare(Adam(0.1), optimizers.Adam(0.1))

# %% [markdown]
# The small difference is rounding: as Keras does, the course computes the powers of $\beta$ in float32.
#
# Does the correction matter? Leave it out, and look at the steps under a gradient that is always 1, so that both
# averages should be 1 as well, and each step $\eta$.
#
# **Predict.** Both averages start at zero. How long are the first steps without the correction?

# %%
adam_guess = check.optimizers.uncorrected_adam.predict()


# %%
class Uncorrected(Adam):
    def correction(self):
        return 1.0


steps = {}
for optimizer in (Adam(1.0), Uncorrected(1.0)):
    variable = tf.Variable(0.0)
    positions = [0.0]
    for _ in range(3000):
        optimizer.apply_gradients([(tf.constant(1.0), variable)])
        positions.append(float(variable))
    steps[type(optimizer).__name__] = -np.diff(positions)

print("step       ", *(f"{t:6}" for t in (1, 2, 10, 100, 1000, 3000)))
for name, lengths in steps.items():
    shown = (f"{lengths[t - 1]:6.2f}" for t in (1, 2, 10, 100, 1000, 3000))
    print(f"{name:11}", *shown)
adam_guess.outcome(steps["Uncorrected"][0])

# %% [markdown]
# They are too long, by up to 6.5 times. The average of the squares has the longer memory, so it takes longer to fill,
# and it is the divisor. It takes some 1000 steps until this has faded. With the correction, each step is $\eta$ from
# the first one on. That is also how to choose $\eta$ for Adam: as the length of a step along one coordinate, in the
# variable's own units.

# %% [markdown]
# ## The race
#
# A race is fair only if each optimizer has good settings, and their learning rates mean different things. So each of
# the six gets the same number of trials, 65: SGD and Adagrad, which have only a rate, 65 rates; the others 13 rates,
# each with five values of their memory ($\beta$, or RMSprop's $\rho$). The best trial counts: the one with the fewest
# steps until the loss is below 0.01 for good. Every rule works element by element, so all trials can run at once, in
# the rows of one variable.

# %%
betas, rhos = (0.5, 0.6, 0.7, 0.8, 0.9), (0.5, 0.8, 0.9, 0.95, 0.99)
memories = {SGD: (), Momentum: betas, Nesterov: betas}
memories |= {Adagrad: (), RMSprop: rhos, Adam: betas}


def settings_of(optimizer):
    """65 rates, or 13 rates and 5 memories, with a row for each trial."""
    if not memories[optimizer]:
        return (np.geomspace(0.002, 2.0, 65, dtype="float32")[:, None],)
    grid = np.meshgrid(np.geomspace(0.002, 2.0, 13), memories[optimizer])
    return tuple(values.astype("float32").reshape(65, 1) for values in grid)


def fewest_steps(optimizer, surface, start):
    """The fewest steps that one of the trials needs, and its settings."""
    settings = settings_of(optimizer)

    def all_trials(points):
        return tf.reduce_sum(surface(points))

    with np.errstate(all="ignore"):  # some trials diverge
        path = descend(optimizer(*settings), 200, all_trials, [start] * 65)
        high = ~(surface(path).numpy() < 0.01)  # of shape (201, 65)
    steps = np.where(high[-1], 1000, len(high) - np.argmax(high[::-1], axis=0))
    best = np.argmin(steps)
    return steps[best], ", ".join(f"{values[best, 0]:.3f}" for values in settings)


# %% [markdown]
# This ravine lies along the coordinates, which few ravines do. So race a second time down the same ravine, turned by 45
# degrees about the lowest point, together with the start. Every optimizer may choose its settings anew.
#
# **Predict.** Who does as well as before?

# %%
turned_guess = check.optimizers.turned_ravine.predict()

# %%
half = 0.5**0.5
turned_start = [-3 * half, -half]


def turned(point):
    x, y = tf.unstack(point, axis=-1)
    return ravine(half * tf.stack([x + y, y - x], axis=-1))


same = []
print("          steps  settings      turned: steps  settings")
for optimizer in memories:
    steps, settings = fewest_steps(optimizer, ravine, start)
    turned_steps, turned_settings = fewest_steps(optimizer, turned, turned_start)
    same.append(steps == turned_steps)
    print(f"{optimizer.__name__:9} {steps:5}  {settings:13}", end="")
    print(f" {turned_steps:13}  {turned_settings}")
turned_guess.outcome(same)

# %% [markdown]
# SGD, momentum and Nesterov take the same steps as before, turned by 45 degrees: they use the gradient as a whole, and
# know nothing of coordinates. Adagrad, RMSprop and Adam treat each coordinate by itself. Adagrad and RMSprop need 4
# steps while the coordinates are the ravine's axes, and 98 and 113 when they are not: more than plain SGD. Adam needs
# 12, and then 37. With good settings momentum and Nesterov need a third of SGD's steps in any direction. (Polyak's
# pair, 28 steps, is the best in a long run, and this one is short.)

# %% [markdown]
# So no optimizer is the best everywhere, and each has been given settings that fit. What if they do not? In the
# experiment each has the rate that it had above. Switch all six on, turn the ravine, and take 200 steps. Then add noise
# of 2 to the slopes: which three still come near the lowest point?

# %%
experiments.OptimizerRace()

# %% [markdown]
# With noise Adagrad, RMSprop and Adam come near, with losses of 0.025 and less. They divide by the size of the slopes,
# noise and all, so their steps are about as long as $\eta$ says. The steps of SGD, momentum and Nesterov grow with the
# noise, and their losses stay above 0.1.
#
# It is the same with steepness. Without noise, choose the bent ravine, a famous test by Rosenbrock (1960) with its
# lowest point at (1, 1). The walls at the start are far steeper than on the straight one, and SGD, momentum and
# Nesterov leave the map at rates that were good there. Adagrad, RMSprop and Adam stay. They are slow there, and a
# larger $\eta$ helps, but they do not diverge. That makes Adam a good first choice, where nobody knows the curvatures.
# It does not make it the fastest.

# %% [markdown]
# ## Weight decay
#
# Chapter 4 showed that a model follows the noise of its training data, the more of it the more parameters it has. One
# remedy pulls every weight a little towards zero in each step. A weight stays large only if the data pull it back,
# again and again. There are two ways to write it. An **L2 penalty** adds $\tfrac{d}{2} \sum w^2$ to the loss, and so $d
# \cdot w$ to the gradient. **Weight decay** leaves the loss alone, and takes the share $\eta d$ of each weight away in
# every step. Here it is at work on a model with 50 weights, trained on only 60 examples:

# %%
rng = np.random.default_rng(0)
x = rng.standard_normal((1060, 50)).astype("float32")
y = x @ (0.2 * rng.standard_normal(50)) + rng.standard_normal(1060)
x, y = tf.constant(x), tf.constant(y, tf.float32)
print("decay  training loss  test loss")
for decay in (0.0, 0.1, 0.3, 1.0, 3.0):
    weights = tf.Variable(tf.zeros(50))
    optimizer = optimizers.SGD(0.05, weight_decay=decay)
    for _ in range(400):
        with tf.GradientTape() as tape:
            loss = l2_loss(tf.linalg.matvec(x[:60], weights), y[:60])
        optimizer.apply_gradients([(tape.gradient(loss, weights), weights)])
    test_loss = l2_loss(tf.linalg.matvec(x[60:], weights), y[60:])
    print(f"{decay:5}  {loss:13.3f}  {test_loss:9.3f}")

# %% [markdown]
# The noise floor is 1. Without decay the model follows the noise, and its test loss is far above the floor. With decay
# the training loss is worse, and the test loss better, up to a point. How much decay is best, only data that were kept
# back can say.
#
# For SGD both ways are the same, since $w - \eta (g + d\,w) = (1 - \eta d)\,w - \eta g$. For Adam they are not: what
# goes through the gradient is divided by $\sqrt v$. **AdamW** (Loshchilov and Hutter, 2019) is Adam with weight decay
# beside the gradient:


# %%
class AdamW(Adam):
    def __init__(self, learning_rate, weight_decay):
        super().__init__(learning_rate)
        self.weight_decay = weight_decay

    def update(self, variable, gradient):
        variable.assign_sub(self.learning_rate * self.weight_decay * variable)
        super().update(variable, gradient)


compare(AdamW(0.1, 0.01), optimizers.AdamW(0.1, weight_decay=0.01))

# %% [markdown]
# To see the difference, take weights that the data say nothing about: their gradients are noise around zero, of size
# 10 for the first 500 weights and 0.1 for the other 500. All start at 1. With $\eta = 0.01$ and $d = 0.5$, after 300
# steps a share of $(1 - 0.005)^{300} = 0.222$ should be left.
#
# **Predict.** Adam, and the penalty in the loss.

# %%
penalty_guess = check.optimizers.penalty_with_adam.predict()


# %%
def shrink(optimizer, penalty):
    """The mean weight in each of the two groups after 300 steps."""
    rng = np.random.default_rng(0)
    weights = tf.Variable(tf.ones((2, 500)))
    for _ in range(300):
        noise = rng.standard_normal((2, 500)) * [[10.0], [0.1]]
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(noise.astype("float32") * weights)
            loss += penalty / 2 * tf.reduce_sum(tf.square(weights))
        optimizer.apply_gradients([(tape.gradient(loss, weights), weights)])
    return tf.reduce_mean(weights, axis=1)


print("mean weight, by size of the gradients     10    0.1")
for name, optimizer, penalty in [
    ("SGD, L2 penalty", SGD(0.01), 0.5),
    ("SGD, weight decay", optimizers.SGD(0.01, weight_decay=0.5), 0.0),
    ("Adam, L2 penalty", Adam(0.01), 0.5),
    ("AdamW, weight decay", AdamW(0.01, 0.5), 0.0),
]:
    large, small = shrink(optimizer, penalty)
    print(f"{name:37} {large:6.2f} {small:6.2f}")
    if name == "Adam, L2 penalty":
        groups = large, small
penalty_guess.outcome(groups)

# %% [markdown]
# With Adam and the penalty, the weights with large gradients hardly shrink, because their penalty is divided by these
# large gradients as well. The others are gone. With AdamW both groups shrink as $d$ says. (SGD's first group differs
# from 0.22 because noise of size 10 moves its mean.)

# %% [markdown]
# ## Learning-rate schedules
#
# Chapter 5 ended with a conflict: a large learning rate travels fast, and a small one ends close to the minimum. A
# **schedule** makes the rate a function of the step. Here are five for 1000 steps; the first is a plain number, and
# the others are objects that you call with the step, and give to an optimizer in place of the number.

# %%
plans = {
    "constant": 0.2,
    "piecewise": schedules.PiecewiseConstantDecay([500, 800], [0.2, 0.02, 0.002]),
    "exponential": schedules.ExponentialDecay(0.2, 1000, decay_rate=0.01),
    "cosine": schedules.CosineDecay(0.2, 1000),
    "warm-up, cosine": schedules.CosineDecay(
        0.0,
        900,
        warmup_target=0.2,
        warmup_steps=100,
    ),
}


def rate_at(step, plan):
    optimizer = optimizers.SGD(plan)
    optimizer.iterations.assign(step)  # it counts its steps here
    return float(optimizer.learning_rate)


curves = {}
for name, plan in plans.items():
    curves[name] = [rate_at(t, plan) for t in range(1000)]
for name, rates in curves.items():
    print(f"{name:16} at step 0, 500, 999: ", end="")
    print(", ".join(f"{rates[t]:.4f}" for t in (0, 500, 999)))
plots.schedules(curves)

# %% [markdown]
# A **warm-up** begins with small steps, for surfaces that are steep near the start. Goyal et al. (2017) used it to
# train a large network on large batches.
#
# Now train chapter 5's model on batches of 10 with each of them, and with a small constant rate, 0.005. Two numbers
# summarize a run: the step after which the loss over all data is first less than 0.1 above the least one, and how far
# above it is on average in the last 100 of the 1000 steps.

# %%
inputs, outputs = datasets.line(1000)
x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
fit = np.polyfit(x, y, deg=1)
least_loss = np.mean((x * fit[0] + fit[1] - y) ** 2)


class Model(tf.Module):
    def __init__(self, W=5.0, b=0.0):
        super().__init__()
        self.W = tf.Variable(W, name="W")
        self.b = tf.Variable(b, name="b")

    def __call__(self, inputs):
        return inputs * self.W + self.b


def train(model, optimizer, inputs, outputs):
    with tf.GradientTape() as tape:
        loss = l2_loss(model(inputs), outputs)
    variables = [model.W, model.b]
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(list(zip(gradients, variables)))
    return float(loss)


def excess_losses(plan):
    """How far the loss over all data is above the least one, after each step."""
    model, optimizer = Model(), optimizers.SGD(plan)
    rng, excess = np.random.default_rng(0), []
    for _ in range(10):
        for batch in rng.permutation(1000).reshape(100, 10):
            some_inputs = tf.gather(inputs, batch)
            train(model, optimizer, some_inputs, tf.gather(outputs, batch))
            predictions = x * float(model.W) + float(model.b)
            excess.append(np.mean((predictions - y) ** 2) - least_loss)
    return np.array(excess)


excess = {name: excess_losses(plan) for name, plan in plans.items()}
excess["constant, small"] = excess_losses(0.005)
print("                  below 0.1 after  at the end")
for name, values in excess.items():
    first, late = 1 + np.argmax(values < 0.1), values[-100:].mean()
    print(f"{name:16} {first:10} steps {late:11.5f}")

# %% [markdown]
# The constant rate of 0.2 is fast, and its noise stays. The small one gets far below it, and travels 35 times as long.
# Each schedule has both: it starts as fast as its first rate allows, and its noise falls with the rate.

# %%
shown = ("constant", "constant, small", "cosine")
title = "A falling rate is fast at first and quiet at the end"
for name in shown:
    print(f"{name:16} average of the last 100 steps {excess[name][-100:].mean():.5f}")
plots.excess_losses({name: excess[name] for name in shown}, title)

# %% [markdown]
# ## Two variables
#
# The ravine was one variable with two elements. The line has two variables, W and b. Train it with your own momentum,
# on all the data, and beside it with the one of the course.
#
# **Predict.** Your class passed its check, and `compare` found no difference.

# %%
path_guess = check.optimizers.same_path_on_the_line.predict()


# %%
def losses_of(optimizer, num_epochs=60):
    model = Model()
    return [train(model, optimizer, inputs, outputs) for _ in range(num_epochs)]


mine = losses_of(Momentum(0.01))
theirs = losses_of(optimizers.SGD(0.01, momentum=0.9))
print("epoch               ", *(f"{epoch:7}" for epoch in (1, 2, 10, 20, 60)))
for name, losses in [("your momentum", mine), ("optimizers.SGD", theirs)]:
    print(f"loss, {name:14}", *(f"{losses[t - 1]:7.3f}" for t in (1, 2, 10, 20, 60)))
path_guess.outcome(np.allclose(mine, theirs, rtol=0.01))

# %% [markdown]
# Yours is slower by far. No error, no NaN, and the loss falls: nothing points to a mistake.
#
# The optimizer has one `velocity`. After the first variable has pushed it, it carries the second one along. On the
# line, W has to go down and b up, so each takes away the speed of the other.

# %% [markdown]
# Look at a case that is small enough to follow by hand: two variables, the second with a gradient of zero.

# %%
first, second = tf.Variable(0.0), tf.Variable(0.0)
optimizer = Momentum(0.01)
optimizer.apply_gradients([(tf.constant(1.0), first), (tf.constant(0.0), second)])
print(f"first moves by {float(first):.3f}, second by {float(second):.3f}")

# %% [markdown]
# The second variable has no gradient, so it should stay. Give each variable a velocity of its own. A dictionary holds
# them. A variable cannot be a key of a dictionary, since `==` compares its elements; `variable.ref()` is a key that
# stands for this variable and no other.


# %%
class Momentum(Optimizer):
    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocities = {}

    def update(self, variable, gradient):
        kept = self.momentum * self.velocities.get(variable.ref(), 0.0)
        velocity = kept - self.learning_rate * gradient
        self.velocities[variable.ref()] = velocity
        variable.assign_add(velocity)


reference = losses_of(optimizers.SGD(0.01, momentum=0.9))
print(f"equal in every epoch: {np.allclose(losses_of(Momentum(0.01)), reference)}")

# %% [markdown]
# Your Adagrad, RMSprop and Adam have the same mistake, and need the same repair. Adam needs one more: its $t$ counts
# updates, and with two variables it would count every step twice.
#
# The mistake is found in practice. The class `Momentum` in TensorFlow's guide "Optimizers with Core APIs" keeps one
# `change` for all variables. The guide tries it out on a loss of a single variable, where nothing is wrong with it, as
# on the ravine.
#
# ## Gradient clipping
#
# One bad batch can undo much work. Here is a batch of ten of which one output is 1000 times too large. **Gradient
# clipping** sets an upper limit to the length of the gradient: a longer one keeps its direction and is scaled down.
# With `global_clipnorm` all variables' gradients count as one long vector.

# %%
damaged = outputs[:10].numpy().copy()
damaged[0] *= 1000
for name, options in [("as it is", {}), ("clipped to 5", {"global_clipnorm": 5.0})]:
    model = Model(W=3.0, b=2.0)  # the truth
    train(model, optimizers.SGD(0.1, **options), inputs[:10], damaged)
    print(f"{name:12} one step leads to W = {model.W:.2f}, b = {model.b:.2f}")

# %% [markdown]
# The clipped step is still wrong, but short: the next batches repair it. Ordinary gradients should be shorter than the
# limit, or it acts as a smaller learning rate.
#
# ## The real ones
#
# In `course/keras/optimizers/` the base class keeps the state of each variable, clips, decays weights, and counts the
# steps. What is left for an optimizer is its rule. Here is Adam's; find your lines in it:

# %%
print(textwrap.dedent(inspect.getsource(optimizers.Adam.step)))

# %% [markdown]
# The arrays `m` and `v` belong to one variable, and the rule changes them in place. `amsgrad`, a variant by Reddi, Kale
# and Kumar (2018), uses the largest $v$ so far, so that no rate rises again.
#
# ## In other frameworks
#
# Keras has the same names and defaults as `course.optimizers`; in TensorFlow they are `tf.keras.optimizers`. In PyTorch
# an optimizer is given its variables when it is made:
#
# ```python
# parameters = list(model.parameters())
# optimizer = torch.optim.AdamW(parameters, lr=0.001)
# schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 1000)
# for inputs, outputs in batches:
#     optimizer.zero_grad()
#     loss = torch.mean((model(inputs) - outputs) ** 2)
#     loss.backward()
#     torch.nn.utils.clip_grad_norm_(parameters, 5.0)
#     optimizer.step()
#     schedule.step()
# ```
#
# Three differences. PyTorch's momentum is $v \leftarrow \beta v + g$, $x \leftarrow x - \eta v$, which is the same at
# a constant rate, but lets a new rate act on the old velocity too. The argument `weight_decay` of `torch.optim.SGD` and
# `torch.optim.Adam` is an L2 penalty; in Keras it is weight decay. And defaults differ: the weight decay of AdamW is
# 0.004 in Keras and 0.01 in PyTorch.
#
# In JAX, the library Optax keeps nothing inside. The state comes in, and the new state goes out:
#
# ```python
# updates, state = optimizer.update(gradients, state, parameters)
# parameters = optax.apply_updates(parameters, updates)
# ```

# %% [markdown]
# ## Summary
#
# - In a ravine one learning rate cannot suit all axes. Momentum adds up the gradients that agree; Adagrad, RMSprop and
#   Adam scale each coordinate's step by the size of its gradients, which helps where the ravine lies along them.
# - A constant rate leaves noise, and a schedule takes it away at the end. Weight decay belongs beside Adam's rule, not
#   into its gradient.
# - An optimizer's state belongs to a variable. Shared state raises no error, and shows only as slow training.
#
# In chapter 7 you fit real measurements, whose raw units make a ravine far longer than this one.

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. RMSprop with momentum.** Keras' `RMSprop` takes `momentum`, too: the scaled gradient drives a velocity. Complete
# the class, with state for each variable, and compare it with `optimizers.RMSprop(0.05, momentum=0.9)`.


# %%
class RMSpropMomentum(Optimizer):
    def __init__(self, learning_rate, rho=0.9, momentum=0.9):
        self.learning_rate = learning_rate
        self.rho, self.momentum = rho, momentum
        self.mean_squares, self.velocities = {}, {}

    def update(self, variable, gradient):
        key = variable.ref()
        kept = self.rho * self.mean_squares.get(key, 0.0)
        mean_square = kept + ...
        scaled = gradient / tf.sqrt(mean_square + 1e-7)
        kept = self.momentum * self.velocities.get(key, 0.0)
        velocity = kept - ...
        self.mean_squares[key], self.velocities[key] = ...
        variable.assign_add(...)


# %%
check.optimizers.rmsprop_momentum(RMSpropMomentum)

# %% [markdown]
# **2. Find the bug: one velocity.** This Nesterov momentum passes every test on the ravine, whose parameters are the
# two elements of one variable. On the line it does not do what it should. Repair it.


# %%
class NesterovMomentum(Optimizer):
    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = 0.0

    def update(self, variable, gradient):
        step = self.learning_rate * gradient
        self.velocity = self.momentum * self.velocity - step
        variable.assign_add(self.momentum * self.velocity - step)


# %%
check.optimizers.shared_velocity(NesterovMomentum)

# %% [markdown]
# **3. A longer ravine.** With Polyak's rate and momentum, each step multiplies the distance by
# $(\sqrt\kappa - 1) / (\sqrt\kappa + 1)$ in the long run, where $\kappa$ is the condition number. Write a function for
# the number of steps until `fraction` of the distance is left; round up. What does it say for the curvatures 1 and
# 1400, and for 1 %? How many does SGD need there, at nine tenths of its limit?


# %%
def momentum_steps(kappa, fraction):
    factor = ...
    return ...


# %%
check.optimizers.momentum_steps(momentum_steps)

# %% [markdown]
# **4. A fair race.** Several optimizers train the same model, each at several learning rates, each rate with several
# seeds. `losses[i, j, k]` is the loss at which optimizer i ends at the j-th of its rates with the k-th seed. By which
# one number for each optimizer would you compare them? A rate that suits one does not suit another, and a single seed
# may be lucky. Return an array of shape (number of optimizers,). Then race SGD, momentum and Adam on the line with
# batches of 10, each with a cosine schedule, over 1000 steps: who is ahead, and is the difference larger than the
# seeds' spread?


# %%
def fair_race(losses):
    return ...


# %%
check.optimizers.fair_race(fair_race)
