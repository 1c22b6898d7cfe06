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
from course import check

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
# **4. Half the bytes.** Convert the gradients to float16 before they travel, and back before the mean. How far are W
# and b after 20 epochs from those of the chapter? What happens to a gradient of $10^{-8}$, and what could be done about
# it?

# %% [markdown] tags=["solution"]
# A float16 keeps three digits, so each step is off by up to one part in two thousand, and the next gradient corrects
# most of it: the run ends nearly where it did. A gradient of $10^{-8}$ becomes 0. Multiply by a large number before the
# conversion and divide after it; or keep what the rounding took away on the worker, and add it to its next gradient.
