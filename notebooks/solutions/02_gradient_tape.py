# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["solution"]
# # 2. The gradient tape: solutions
#
# The exercises of chapter 2, each with a solution and the reason for it. Try them first: a check that names your
# mistake teaches more than a solution that you read.

# %% tags=["solution"]
from contextlib import contextmanager

import numpy as np

from course import check

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. Complete a rule.** Your tape lacks subtraction. For $c = a - b$, a small change of $a$ changes $c$ by the same
# amount, so the rule of $a$ is `lambda g, a, b: g`. Write the rule of $b$. Then add an entry "subtract" to
# `operations` and a method `__sub__` to `Value`, and verify $y = (a - b) \cdot b$ at $a = 5$, $b = 2$ by hand.


# %%
def rule_of_b(g, a, b):
    return ...


# %% [markdown] tags=["solution"]
# A larger $b$ makes $a - b$ smaller by the same amount. At $a = 5$, $b = 2$, the gradient of $y$ with respect to $b$
# is $-b + (a - b) = 1$: one part through the difference, one through the product.


# %% tags=["solution"]
def rule_of_b(g, a, b):
    return -g


# %%
check.gradient_tape.subtract_rule(rule_of_b)

# %% [markdown]
# **2. Find the bug: the walk that doubles.** This walk follows every path from the target back to the start. Each
# record is an output, its inputs, and a rule for each input that turns `g` into its contribution. The gradients are
# right, and on a tape of 40 records `y = y + y` it would take days. Why? Repair it.


# %%
def backward(records, target):
    gradients = {}

    def visit(value, g):
        gradients[value] = gradients.get(value, 0.0) + g
        for output, inputs, rules in records:
            if output == value:
                for earlier, rule in zip(inputs, rules):
                    visit(earlier, rule(g))

    visit(target, 1.0)
    return gradients


# %% [markdown] tags=["solution"]
# `visit` passes on each contribution as soon as it arrives. A value that is used twice is visited twice, what it was
# computed from four times, and 40 records make $2^{40}$ visits. From the last record to the first, every gradient is
# complete when its turn comes, and is passed on once.


# %% tags=["solution"]
def backward(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        g = gradients.get(output, 0.0)
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(g)
    return gradients


# %%
check.gradient_tape.doubling_walk(backward)

# %% [markdown]
# **3. Find the bug: the tape that stays on.** A program keeps its recording tapes in a list. `with recording(active)
# as records:` appends a new one, and takes it away at the end of the block. One day the block raises an error, and
# everything after it is recorded, too. Repair it.


# %%
@contextmanager
def recording(active):
    records = []
    active.append(records)
    yield records
    active.pop()


# %% [markdown] tags=["solution"]
# At `yield` the block runs. An error in it comes out of `yield`, and the line below is never reached. `finally` runs
# either way, and lets the error go on to the caller.


# %% tags=["solution"]
@contextmanager
def recording(active):
    records = []
    active.append(records)
    try:
        yield records
    finally:
        active.pop()


# %%
check.gradient_tape.tape_left_on(recording)

# %% [markdown]
# **4. Find the bug: a gradient too large.** In `a * b`, `a` has the shape (N, 3) and `b` the shape (3,), so every row
# of `a` uses `b`. This rule gives `b` a gradient of shape (N, 3). Repair it.


# %%
def rule_of_b(g, a, b):
    return g * a


# %% [markdown] tags=["solution"]
# Each row of `g * a` is the contribution of one use of `b`, and contributions add up. The sum over the rows has the
# shape of `b`.


# %% tags=["solution"]
def rule_of_b(g, a, b):
    return np.sum(g * a, axis=0)


# %%
check.gradient_tape.unsummed_gradient(rule_of_b)

# %% [markdown]
# **5. Forward or backward?** One could also walk from the first record to the last, and carry along how each value
# changes with $w$. How many walks does that take for a million weights and one loss? And for one weight and a million
# results? Which of the two is a training problem?

# %% [markdown] tags=["solution"]
# Forward, each walk answers for one weight: a million walks for a million weights, one for one weight. Backward, each
# walk answers for one result. Training has many weights and one loss, so it walks backward.
