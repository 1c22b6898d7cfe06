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
from course import check, datasets, optimizers
from course.losses import l2_loss

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
# **2. Find the bug: a film that occurs twice.** This function writes the values of an `IndexedSlices` into a dense
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
# and compare training and test loss. Which rank would you choose if you did not know the truth? Complete `choose_rank`,
# which takes the list of ranks and the two lists of losses, one for each rank, and returns a rank.


# %%
def choose_rank(ranks, training_losses, test_losses):
    return ...


# %% [markdown] tags=["solution"]
# First the data, the model and the training of the chapter, in short.


# %% tags=["solution"]
class Model(tf.Module):
    def __init__(self, rank):
        super().__init__()
        start = np.random.default_rng(0).normal(0, 0.1, (2, 100, rank)).astype("float32")
        self.user_vectors = tf.Variable(start[0], name="user_vectors")
        self.film_vectors = tf.Variable(start[1], name="film_vectors")
        self.user_bias = tf.Variable(tf.zeros(100), name="user_bias")
        self.film_bias = tf.Variable(tf.zeros(100), name="film_bias")

    def __call__(self, inputs):
        users, films = inputs[:, 0], inputs[:, 1]
        products = tf.gather(self.user_vectors, users) * tf.gather(self.film_vectors, films)
        biases = tf.gather(self.user_bias, users) + tf.gather(self.film_bias, films)
        return mean_rating + biases + tf.reduce_sum(products, axis=1)


(inputs, products), (true_users, true_films) = datasets.ratings(100, 100, 2, 5000, 0.3, seed=0)
generator = np.random.default_rng(1)
true_user_bias, true_film_bias = generator.normal(0, 0.5, (2, 100)).astype("float32")
users, films = inputs[:, 0], inputs[:, 1]
outputs = 3.5 + tf.gather(true_user_bias, users) + tf.gather(true_film_bias, films) + products
training, test = datasets.train_test_split(inputs, outputs, test_fraction=0.2)
mean_rating = tf.reduce_mean(training[1])


def trained(rank, num_epochs=20):
    model, sgd, order = Model(rank), optimizers.SGD(1.0), np.random.default_rng(0)
    for _ in range(num_epochs):
        for rows in order.permutation(len(training[0])).reshape(-1, 50):
            batch = [tf.gather(part, rows) for part in training]
            with tf.GradientTape() as tape:
                loss = l2_loss(model(batch[0]), batch[1])
            gradients = tape.gradient(loss, model.trainable_variables)
            sgd.apply_gradients(zip(gradients, model.trainable_variables))
    return model


models = {rank: trained(rank) for rank in (1, 2, 3, 5)}
losses = [[float(l2_loss(model(x), y)) for x, y in (training, test)] for model in models.values()]
for rank, each in zip(models, losses):
    print(f"rank {rank}: training loss {each[0]:.3f}, test loss {each[1]:.3f}")

# %% [markdown] tags=["solution"]
# The training loss falls with each rank: a larger one can fit the training ratings at least as well, so that loss says
# nothing about the choice. The test loss is lowest at the true rank, 2, and rises beyond it. Choose by the loss on
# ratings that were held out, and report the chosen model on a third part: the part that you chose by flatters.


# %% tags=["solution"]
def choose_rank(ranks, training_losses, test_losses):
    return ranks[np.argmin(test_losses)]


print("chosen:", choose_rank(list(models), *np.transpose(losses)))

# %%
check.embeddings.which_rank(choose_rank)

# %% [markdown]
# **4. A new user.** User 100 arrives and rates five films. Keep everything that has been learnt and find the new user's
# vector and bias only, those with the least loss on these ratings. This is a problem that you can solve in closed form:
# `np.linalg.lstsq(X, y, rcond=None)[0]` gives the `w` for which `X @ w` is closest to `y`. Complete `new_user`. It
# takes the vectors of the rated films, of shape (n, 2), their biases and the user's ratings of them, both of shape
# (n,), and the mean of all ratings, and returns the new user's vector and bias. How do the predictions for the other
# films improve with the number of ratings?


# %%
def new_user(vectors, biases, ratings, mean):
    X, y = ...
    *vector, bias = np.linalg.lstsq(X, y, rcond=None)[0]
    return vector, bias


# %% [markdown] tags=["solution"]
# With the films' vectors and biases held, a rating is linear in the new user's vector and bias: a least-squares problem
# with a row for each rated film and three unknowns. Try it on 200 new users, drawn like the others. Below is the root
# mean square difference from the true ratings (without noise) of the films that they have not rated; in the last column
# the numbers that are sought are pulled towards zero.


# %% tags=["solution"]
def new_user(vectors, biases, ratings, mean):
    X, y = np.column_stack([vectors, np.ones(len(vectors))]), ratings - mean - biases
    *vector, bias = np.linalg.lstsq(X, y, rcond=None)[0]
    return vector, bias


def pulled(vectors, biases, ratings, mean, pull=0.3**2 / 0.5):
    """The same, with `pull` times each number's square added to the sum of the squared errors."""
    X, y = np.column_stack([vectors, np.ones(len(vectors))]), ratings - mean - biases
    *vector, bias = np.linalg.solve(X.T @ X + pull * np.eye(3), X.T @ y)
    return vector, bias


model, mean = models[2], float(mean_rating)
vectors, biases = model.film_vectors.numpy().astype(float), model.film_bias.numpy().astype(float)
print("ratings   least squares   with a pull")
for num_ratings in (3, 5, 10, 50):
    generator = np.random.default_rng(2)
    squares = {new_user: [], pulled: []}
    for _ in range(200):
        user = generator.normal(0, np.std(true_users), 2)
        truth = 3.5 + generator.normal(0, 0.5) + true_film_bias + true_films.numpy() @ user
        rated, others = np.split(generator.permutation(100), [num_ratings])
        noisy = truth[rated] + generator.normal(0, 0.3, num_ratings)
        for find in squares:
            vector, bias = find(vectors[rated], biases[rated], noisy, mean)
            predictions = mean + bias + biases[others] + vectors[others] @ vector
            squares[find].append(np.mean((predictions - truth[others]) ** 2))
    errors = [np.sqrt(np.mean(values)) for values in squares.values()]
    print(f"{num_ratings:7}   {errors[0]:13.2f}   {errors[1]:11.2f}")

# %% [markdown] tags=["solution"]
# With three ratings, as many as unknowns, the solution meets each of them, noise included, and for some users that
# leads far away. The pull is the one that chapter 10 uses: it adds a number to the diagonal of the matrix, here the
# variance of the noise divided by about that of the numbers in a vector.

# %%
check.embeddings.new_user(new_user)
