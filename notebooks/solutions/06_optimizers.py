# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 6. Optimizers: solutions
#
# The exercises of chapter 6, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check, datasets, optimizers
from course.losses import l2_loss
from course.optimizers import schedules


class Optimizer:
    def apply_gradients(self, grads_and_vars):
        for gradient, variable in grads_and_vars:
            self.update(variable, gradient)


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


# %% [markdown] tags=["solution"]
# The mean square is RMSprop's, and the velocity is momentum's with the scaled gradient in the place of the gradient.
# After three steps with the same gradients, the course's own optimizer is at the same place.


# %% tags=["solution"]
class RMSpropMomentum(Optimizer):
    def __init__(self, learning_rate, rho=0.9, momentum=0.9):
        self.learning_rate = learning_rate
        self.rho, self.momentum = rho, momentum
        self.mean_squares, self.velocities = {}, {}

    def update(self, variable, gradient):
        key = variable.ref()
        kept = self.rho * self.mean_squares.get(key, 0.0)
        mean_square = kept + (1 - self.rho) * tf.square(gradient)
        scaled = gradient / tf.sqrt(mean_square + 1e-7)
        kept = self.momentum * self.velocities.get(key, 0.0)
        velocity = kept - self.learning_rate * scaled
        self.mean_squares[key], self.velocities[key] = mean_square, velocity
        variable.assign_add(velocity)


for optimizer in (RMSpropMomentum(0.05), optimizers.RMSprop(0.05, momentum=0.9)):
    variable = tf.Variable(1.0)
    for gradient in (2.0, 1.0, -1.0):
        optimizer.apply_gradients([(tf.constant(gradient), variable)])
    print(f"{variable.numpy():.5f}")

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


# %% [markdown] tags=["solution"]
# The optimizer has one velocity for all variables, so each is carried along by the others' gradients. A dictionary
# keeps one for each variable.


# %% tags=["solution"]
class NesterovMomentum(Optimizer):
    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocities = {}

    def update(self, variable, gradient):
        key, step = variable.ref(), self.learning_rate * gradient
        velocity = self.momentum * self.velocities.get(key, 0.0) - step
        self.velocities[key] = velocity
        variable.assign_add(self.momentum * velocity - step)


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


# %% [markdown] tags=["solution"]
# After n steps the factor to the power n is left. SGD at nine tenths of its limit has the factor $1 - 1.8/\kappa$
# along the flat axis.


# %% tags=["solution"]
def momentum_steps(kappa, fraction):
    factor = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    return np.ceil(np.log(fraction) / np.log(factor))


sgd = np.ceil(np.log(0.01) / np.log(1 - 1.8 / 1400))
print(f"momentum {momentum_steps(1400, 0.01):.0f} steps, SGD {sgd:.0f}")

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


# %% [markdown] tags=["solution"]
# Average over the seeds first, and then take each optimizer's best rate. In the other order the best rate of each seed
# counts, which nobody can know beforehand. The data, the number of steps, the schedule's shape and the orders of the
# examples are the same for all three, and each has the same number of rates. The four orders run side by side, one in
# each row of W and b: the loss is the sum of their losses, and all three optimizers work element by element.


# %% tags=["solution"]
def fair_race(losses):
    return np.min(np.mean(losses, axis=2), axis=1)


inputs, outputs = datasets.line()
x, y = inputs.numpy().astype(float), outputs.numpy().astype(float)
W, b = np.polyfit(x, y, deg=1)
least_loss = np.mean((x * W + b - y) ** 2)


def excess_at_the_end(optimizer, num_seeds=4):
    """How far 1000 steps on batches of 10 end above the least loss, for each seed."""
    variables = W, b = tf.Variable(tf.fill((num_seeds, 1), 5.0)), tf.Variable(tf.zeros((num_seeds, 1)))
    rng = np.random.default_rng(0)
    for _ in range(10):
        orders = rng.permuted(np.tile(np.arange(1000), (num_seeds, 1)), axis=1)
        for batch in np.split(orders, 100, axis=1):  # of shape (num_seeds, 10)
            with tf.GradientTape() as tape:
                predictions = tf.gather(inputs, batch) * W + b
                loss = num_seeds * l2_loss(predictions, tf.gather(outputs, batch))
            gradients = tape.gradient(loss, variables)
            optimizer.apply_gradients(list(zip(gradients, variables)))
    return np.mean((x * W.numpy() + b.numpy() - y) ** 2, axis=1) - least_loss


entrants = {
    "SGD": (optimizers.SGD, {}, (0.05, 0.1, 0.2, 0.4)),
    "momentum": (optimizers.SGD, {"momentum": 0.9}, (0.005, 0.01, 0.02, 0.04)),
    "Adam": (optimizers.Adam, {}, (0.05, 0.1, 0.2, 0.4)),
}
losses = np.empty((3, 4, 4))
for i, (kind, options, rates) in enumerate(entrants.values()):
    for j, rate in enumerate(rates):
        losses[i, j] = excess_at_the_end(kind(schedules.CosineDecay(rate, 1000), **options))
for name, row, best in zip(entrants, losses, fair_race(losses)):
    seeds = row[np.argmin(row.mean(axis=1))]
    print(f"{name:8}  loss above the least {best:.5f}, ", end="")
    print(f"seeds from {seeds.min():.5f} to {seeds.max():.5f}")

# %%
check.optimizers.fair_race(fair_race)

# %% [markdown] tags=["solution"]
# The ranges of the seeds overlap: on this nearly round bowl the race says nothing about the three optimizers. Without
# the range, one of them would have been declared the winner.
