# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 12. Beyond one machine: solutions
#
# The exercises of chapter 12, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read. None of them needs Dask.

# %% tags=["solution"]
import numpy as np

from course import check, datasets, distributed

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. The mean of means.** Given a list of the shards' gradients, each the gradient of a mean over its shard, and the
# list of the shards' sizes, return the gradient of the mean over all examples.


# %%
def mean_gradient(gradients, sizes):
    total = 0.0
    for gradient, size in zip(gradients, sizes):
        total = total + ...
    return total / ...


# %% [markdown] tags=["solution"]
# Times its size, a mean is the sum over the shard's examples. The sums add up, and their number is the sum of the
# sizes.


# %% tags=["solution"]
def mean_gradient(gradients, sizes):
    total = 0.0
    for gradient, size in zip(gradients, sizes):
        total = total + size * gradient
    return total / sum(sizes)


# %%
check.beyond_one_machine.mean_gradient(mean_gradient)

# %% [markdown]
# **2. How many workers?** Given a step's computation in seconds, the latency in seconds, the size of the parameters in
# bytes and the bandwidth in bytes per second, return the number of workers, from 1 to 100, with the shortest step when
# all messages pass through one machine. A single worker is that machine itself, so it needs no messages.


# %%
def best_workers(compute, latency, size, bandwidth):
    def step_time(n):
        if n == 1:
            return compute
        return ...

    return min(range(1, 101), key=step_time)


# %% [markdown] tags=["solution"]
# The computation is divided by n, the latency is paid once, and n times the parameters go out, and as many bytes of
# gradients come back. The sum is smallest near the square root of compute · bandwidth / (2 · size).


# %% tags=["solution"]
def best_workers(compute, latency, size, bandwidth):
    def step_time(n):
        if n == 1:
            return compute
        return compute / n + latency + n * 2 * size / bandwidth

    return min(range(1, 101), key=step_time)


# %%
check.beyond_one_machine.best_workers(best_workers)

# %% [markdown]
# **3. Around the ring.** How many bytes does each of n workers send in a ring all-reduce of a gradient of `size` bytes?


# %%
def ring_bytes(n, size):
    chunk = ...
    return ...


# %% [markdown] tags=["solution"]
# A chunk is an n-th of the gradient. Each of the two rounds passes n − 1 chunks on.


# %% tags=["solution"]
def ring_bytes(n, size):
    chunk = size / n
    return 2 * (n - 1) * chunk


# %%
check.beyond_one_machine.ring_bytes(ring_bytes)

# %% [markdown]
# **4. Half the bytes.** As float16, gradients need half the bytes of float32, and keep three digits. What is smaller
# than $6 \cdot 10^{-8}$ becomes zero or nearly so, in each step again, however many steps there are. So let the worker
# keep what the rounding took away, the rest, and add it to its next gradient. Complete what is sent, and the new rest.
# Then train the line with plain float16 gradients, and with the rest, on the three shards of the chapter: how far from
# the chapter's W and b do they end after 20 epochs?


# %%
def send(gradient, rest):
    wanted = ...
    message = wanted.astype(np.float16)
    return message, ...


# %% [markdown] tags=["solution"]
# What should be known at the other end is the gradient, and what is still owed from before. What the message does not
# say is owed from now on.


# %% tags=["solution"]
def send(gradient, rest):
    wanted = gradient + rest
    message = wanted.astype(np.float16)
    return message, wanted - message


inputs, outputs = (tensor.numpy().astype(float) for tensor in datasets.line(1000))
shards = [slice(0, 50), slice(50, 300), slice(300, 1000)]


def line_gradient(parameters, rows):
    errors = inputs[rows] * parameters[0] + parameters[1] - outputs[rows]
    return np.array([np.mean(2 * errors * inputs[rows]), np.mean(2 * errors)])


def train_with(message):
    parameters, rests = np.array([5.0, 0.0]), np.zeros((3, 2))
    for _ in range(20):
        arrived = []
        for part, rows in enumerate(shards):
            sent, rests[part] = message(line_gradient(parameters, rows), rests[part])
            arrived.append(np.asarray(sent, float))
        parameters -= 0.1 * distributed.weighted_mean(arrived, [50, 250, 700])
    return parameters


exact = train_with(lambda gradient, rest: (gradient, 0.0))
plain = train_with(lambda gradient, rest: (gradient.astype(np.float16), 0.0))
for name, end in (("plain float16", plain), ("with the rest", train_with(send))):
    print(f"{name}: as in the chapter within 1e-5:", np.linalg.norm(end - exact) < 1e-5)

total, rest = 0.0, np.zeros(1)
for _ in range(1000):
    message, rest = send(np.array([1e-8]), rest)
    total += float(message[0])
plain_total = 1000 * float(np.float16(1e-8))
print(f"1000 gradients of 1e-8, sum 1e-5: plain {plain_total:.1e}, with the rest {total:.1e}")

# %%
check.beyond_one_machine.send(send)

# %% [markdown] tags=["solution"]
# Both runs end at the chapter's W and b to five digits: the next gradient is computed where the model is, and
# corrects what rounding did before. For gradients that round to zero the rest makes the difference. Another cure is to
# multiply the loss by a large number, and to divide the gradients by it after they have arrived, which is called **loss
# scaling**.
