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
# **2. A shorter log.** Fit the moments to the first five losses only. How large are the differences in the other 15,
# and what do the singular values say? How few epochs suffice to predict the rest to six digits?

# %% [markdown] tags=["solution"]
# Use `fit` on the first rows of the residuals and of the Jacobian. From five losses it finds moments with which the
# largest relative difference in the other 15 is $2.6 \cdot 10^{-6}$: five digits. The singular values say why. With 20
# losses they are 11.6, 5.3, 2.5 and 0.005, and with five 11.6, 3.9, 0.31 and 0.0005: the weaker a direction, the more
# it loses with each epoch that is left out, and the more the rounding of the published numbers moves the fit along it.
# Seven losses leave $1.2 \cdot 10^{-6}$, and eight $2.3 \cdot 10^{-7}$, no more than all 20 do. So eight suffice.

# %% [markdown]
# **3. On the other side.** The lowest point of the bowl lies near W = 3 and b = 2. Its mirror image through the start
# is near W = 7 and b = −2. Find the five moments for which the lowest point is exactly there and the log the same,
# with a formula in place of `fit`.

# %% [markdown] tags=["solution"]
# Turning the plane of W and b by half a turn around the start changes the sign of every step, and no loss along the
# way. So ask for a loss with the same curvatures and the same value at its lowest point, which lies at the mirror
# image: the mean of x² and of x stay, and the other three follow from the place of the lowest point and the value
# there. The lowest point of the recovered moments is W = 2.9924, b = 2.0074, with a loss of 0.9787, so its mirror image
# is W = 7.0076, b = −2.0074. With $p$ and $q$ of that point, the three moments are
#
# $$\overline{x\varepsilon} = p\,\overline{x^2} + q\,\overline{x} = 4.109, \qquad
# \overline{\varepsilon} = p\,\overline{x} + q = -4.090, \qquad
# \overline{\varepsilon^2} = 0.9787 + p\,\overline{x\varepsilon} + q\,\overline{\varepsilon} = 33.84.$$
#
# The two logs agree to rounding, and the run ends near W = 6.99 and b = −1.99.

# %% [markdown]
# **4. A better log.** Suppose that the tutorial had also printed W once. After which epoch would it have helped the
# most? Append that W to the losses, compute the singular values again, and find out how many digits of it are needed
# to tell W = 3.0 from W = 3.1 at the end.

# %% [markdown] tags=["solution"]
# For each epoch, append the row with the derivatives of W after it to the Jacobian. At the population's moments two
# singular values are zero, and one more row can raise one of them: to 0.23 with the W after epoch 1, 0.60 after epoch
# 5, 0.67 after epoch 10 and 0.69 after epoch 20. So the last W helps the most, and then one digit after the point
# tells 3.0 from 3.1. Along the directions that the log leaves open, W after epoch 1 moves a third as far as W at the
# end, and not quite with it: that would take a second digit, and still leave some doubt.
