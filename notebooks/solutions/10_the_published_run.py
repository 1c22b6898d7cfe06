# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 10. The published run: solutions
#
# The exercises of chapter 10, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check, datasets

true_W, true_b = 3.0, 2.0


def loss_from_moments(W, b, moments):
    xx, x, xe, e, ee = tf.unstack(moments)
    p, q = W - true_W, b - true_b
    return p * p * xx + 2 * p * q * x + q * q - 2 * p * xe - 2 * q * e + ee


def run(moments):
    """The 20 losses, and W and b after each."""
    W, b = tf.constant(5.0, tf.float64), tf.constant(0.0, tf.float64)
    losses, Ws, bs = [], [], []
    for _ in range(20):
        with tf.GradientTape() as tape:
            tape.watch([W, b])
            loss = loss_from_moments(W, b, moments)
        dW, db = tape.gradient(loss, [W, b])
        W, b = W - 0.1 * dW, b - 0.1 * db
        losses, Ws, bs = [*losses, loss], [*Ws, W], [*bs, b]
    return tf.stack(losses), tf.stack(Ws), tf.stack(bs)


def response(moments, part=0):
    """The losses, or with part 1 the Ws, and their Jacobian with respect to the moments."""
    moments = tf.constant(moments)
    with tf.GradientTape() as tape:
        tape.watch(moments)
        values = run(moments)[part]
    return values.numpy(), tape.jacobian(values, moments).numpy()


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


# %% [markdown] tags=["solution"]
# The outer tape watches the learning rate and records the whole run, inner gradients included. At 0.1 the derivative
# is negative: a larger rate would have made the loss in epoch 3 smaller. It changes its sign near 0.48, where one step
# nearly arrives.


# %% tags=["solution"]
def third_loss(learning_rate, moments):
    learning_rate = tf.constant(learning_rate, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(learning_rate)
        W, b = tf.constant(5.0, tf.float64), tf.constant(0.0, tf.float64)
        for _ in range(3):
            with tf.GradientTape() as tape:
                tape.watch([W, b])
                loss = loss_from_moments(W, b, moments)
            dW, db = tape.gradient(loss, [W, b])
            W, b = W - learning_rate * dW, b - learning_rate * db
    return float(loss), float(outer.gradient(loss, learning_rate))


x, y = (np.asarray(part, float) for part in datasets.line(1000, true_W, true_b))
e = y - (x * true_W + true_b)
moments = np.array([np.mean(m) for m in (x * x, x, x * e, e, e * e)])
for rate in (0.1, 0.4, 0.48, 0.52, 0.6):
    loss, derivative = third_loss(rate, moments)
    print(f"learning rate {rate:4}: loss {loss:.4f}, derivative {derivative:9.5f}")

# %%
check.published_run.third_loss(third_loss)

# %% [markdown]
# **2. A shorter log.** Fit the moments to the first few losses only, and let them predict the others. How few losses
# are enough to predict all the others to three digits (a relative difference below $10^{-3}$), and to five ($10^{-5}$)?
# What do the singular values of the shorter log say? (Write a `fit` that uses the first rows of the residuals and of
# the Jacobian.)

# %%
shortest_log = {"three digits": ..., "five digits": ...}

# %% [markdown] tags=["solution"]
# The same method, on the first `num_losses` rows:

# %% tags=["solution"]
published = datasets.published_losses().numpy()
population = np.array([1.0, 0.0, 0.0, 0.0, 1.0])


def fit_first(num_losses):
    """The moments, and the Jacobian of the log's first part."""
    first, moments, damping = slice(num_losses), population, 1e-3
    losses, J = response(moments)
    for _ in range(30):
        missing, A = published[first] - losses[first], J[first]
        d = np.linalg.solve(A.T @ A + damping * np.eye(5), A.T @ missing)
        new_losses, new_J = response(moments + d)
        before, after = np.sum(missing**2), np.sum((published[first] - new_losses[first]) ** 2)
        if after < before:
            moments, losses, J, damping = moments + d, new_losses, new_J, damping / 10
        else:
            damping *= 10
        if abs(before - after) <= 0.01 * before:
            break
    return moments, J[first]


for num_losses in (2, 3, 4, 5, 8, 12):
    moments, J = fit_first(num_losses)
    others = np.abs(response(moments)[0] / published - 1)[num_losses:]
    sizes = ", ".join(f"{size:.2g}" for size in np.linalg.svd(J)[1][:4])
    print(f"{num_losses:2} losses: others within {10 ** np.ceil(np.log10(others.max())):.0e}; {sizes}")

# %% tags=["solution"]
shortest_log = {"three digits": 3, "five digits": 4}

# %%
check.published_run.shortest_log(shortest_log)

# %% [markdown] tags=["solution"]
# Four losses are enough. The last column, their singular values, says why more are
# needed for a sixth digit: the weaker a direction, the more it loses with each loss that is left out, and the more the
# rounding of the published numbers moves the fit along it.

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


# %% [markdown] tags=["solution"]
# The mirror image of b is −b, so $q = b - 2$ becomes $-b - 2 = -4 - q$. With both in the loss,
#
# $$(4-p)^2\,\overline{x^2} + 2(4-p)(-4-q)\,\overline{x} + (4+q)^2 - 2(4-p)\,\overline{x\varepsilon}
# + 2(4+q)\,\overline{\varepsilon} + \overline{\varepsilon^2}.$$
#
# What stands before $p^2$ and $2pq$ is as before. Before $-2p$ stands the new mean of xε, before $-2q$ that of ε, and
# what is left, at $p = q = 0$, is that of ε².


# %% tags=["solution"]
def mirrored(moments):
    xx, x, xe, e, ee = moments
    new_xx, new_x = xx, x
    new_xe = 4 * xx - 4 * x - xe
    new_e = 4 * x - 4 - e
    new_ee = 16 * xx - 32 * x + 16 - 8 * xe + 8 * e + ee
    return np.array([new_xx, new_x, new_xe, new_e, new_ee])


moments, _ = fit_first(20)
image = mirrored(moments)
print("moments:", ", ".join(f"{moment:.3f}" for moment in image))
(losses, W, b), (image_losses, image_W, image_b) = run(moments), run(image)
print("the same log within 1e-9:", np.allclose(losses.numpy(), image_losses.numpy(), rtol=1e-9))
print(f"the run ends at W = {image_W[-1]:.2f}, b = {image_b[-1]:.2f}, the first one at {W[-1]:.2f}, {b[-1]:.2f}")

# %%
check.published_run.mirrored(mirrored)

# %% [markdown]
# **4. A better log.** Suppose that the tutorial had also printed W once. After which epoch would it have helped the
# most? For each epoch, append the derivatives of W after it to the Jacobian, as one more row, and look at the singular
# values at the population's moments. And how many digits after the point of that W are needed to tell a run that ends
# at W = 3.0 from one that ends at 3.1?

# %%
better_log = {"epoch": ..., "digits": ...}

# %% tags=["solution"]
_, rows_of_W = response(population, part=1)
_, J = response(population)
for epoch in (1, 5, 10, 19, 20):
    sizes = np.linalg.svd(np.vstack([J, rows_of_W[epoch - 1]]))[1]
    print(f"with W after epoch {epoch:2}: {', '.join(f'{size:.3f}' for size in sizes)}")

# %% tags=["solution"]
better_log = {"epoch": 20, "digits": 1}

# %%
check.published_run.better_log(better_log)

# %% [markdown] tags=["solution"]
# At the population's moments two singular values are zero, and one more row can raise one of them. The later the W, the
# more: the last one helps the most, and there one digit after the point tells 3.0 from 3.1. W after epoch 1 moves a
# third as far along the open directions, so it would take a second digit.
