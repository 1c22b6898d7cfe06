# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 8. Embeddings: solutions
#
# The exercises of chapter 8, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
import numpy as np

import course as tf
from course import check

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. A lookup, with its gradient.** A lookup of the rows 0, 3 and 0 gives three vectors, and the loss is the sum of
# their squares. Write down `indices` and `values` of the gradient with respect to the table, then let the tape print
# them.
#
# ```python
# table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
# with tf.GradientTape() as tape:
#     rows = tf.gather(table, [0, 3, 0])
#     loss = tf.reduce_sum(tf.square(rows))
# ```

# %%
answer = {"indices": ..., "values": ...}

# %% [markdown] tags=["solution"]
# There is an entry for each lookup, in its order, and the derivative of each square is twice the number. The two
# entries of row 0 add up when the table is updated.

# %% tags=["solution"]
table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
with tf.GradientTape() as tape:
    rows = tf.gather(table, [0, 3, 0])
    loss = tf.reduce_sum(tf.square(rows))
gradient = tape.gradient(loss, table)
answer = {
    "indices": gradient.indices.numpy().tolist(),
    "values": gradient.values.numpy().tolist(),
}
print(answer)

# %%
check.embeddings.lookup_gradient(answer)

# %% [markdown]
# **2. Find the bug: a word that occurs twice.** This function writes the values of an `IndexedSlices` into a dense
# gradient. With some batches it is right, and with others the update is too small. Repair it.


# %%
def to_dense(indices, values, num_rows):
    dense = np.zeros((num_rows, values.shape[1]))
    dense[indices] += values
    return dense


# %% [markdown] tags=["solution"]
# NumPy reads the old rows, adds, and writes, all at once: of a row that occurs twice, one value is lost. `np.add.at`
# adds one after the other.


# %% tags=["solution"]
def to_dense(indices, values, num_rows):
    dense = np.zeros((num_rows, values.shape[1]))
    np.add.at(dense, indices, values)
    return dense


# %%
check.embeddings.lost_duplicates(to_dense)

# %% [markdown]
# **3. Which rank?** The truth has vectors of two numbers. Train `Model(rank=r)` for r = 1, 2, 3 and 5 for 20 epochs,
# and compare training and test loss. Which one would you choose if you did not know the truth, and by which of the two
# losses?

# %% [markdown] tags=["solution"]
# | rank | training loss | test loss |
# |---|---|---|
# | 1 | 0.471 | 0.626 |
# | 2 | 0.078 | 0.105 |
# | 3 | 0.074 | 0.109 |
# | 5 | 0.066 | 0.115 |
#
# The training loss falls with each rank: a larger one can fit the training ratings at least as well, so that loss says
# nothing about the choice. The test loss is lowest at the true rank, 2, and rises beyond it. Choose by the loss on
# ratings that were held out, and report the chosen model on a third part: the part that you chose by flatters.

# %% [markdown]
# **4. A new user.** User 100 arrives and rates five films. Keep everything that has been learnt and find the new
# user's vector and bias only. This is a problem that you can solve in closed form: which one? How do the predictions
# for the other films improve with the number of ratings?

# %% [markdown] tags=["solution"]
# With the films' vectors and biases held, a rating is linear in the new user's vector and bias: a least-squares
# problem with a row for each rated film and three unknowns. For 200 new users, drawn like the others, the root mean
# square difference from the true ratings (without noise) of the films that they have not rated is
#
# | ratings | least squares | with a pull towards zero |
# |---|---|---|
# | none | 1.1 | 1.1 |
# | 3 | 31 | 0.62 |
# | 5 | 0.55 | 0.38 |
# | 10 | 0.23 | 0.23 |
# | 50 | 0.12 | 0.12 |
#
# With three ratings, as many as unknowns, the solution meets each of them, noise included, and for some users that
# leads far away. The pull is the one of chapter 10: add $\mu I$ to the matrix of the normal equations, here with $\mu$
# the variance of the noise divided by that of the numbers in a vector.
