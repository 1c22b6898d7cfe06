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

# %% [markdown] tags=["solution"]
# The tape of the chapter, complete:


# %% tags=["solution"]
from contextlib import contextmanager

import numpy as np

from course import check


def multiply_rule(g, a, b):
    return g * b, g * a


operations = {
    "add": (lambda a, b: a + b, lambda g, a, b: (g, g)),
    "multiply": (lambda a, b: a * b, multiply_rule),
}
records = []


class Value:
    def __init__(self, number):
        self.number = number

    def __add__(self, other):
        return run("add", self, other)

    def __mul__(self, other):
        return run("multiply", self, other)


def run(name, *inputs):
    forward, rule = operations[name]
    output = Value(forward(*[v.number for v in inputs]))
    records.append((name, inputs, output))
    return output


def gradients_of(target, records):
    gradients = {target: 1.0}
    for name, inputs, output in reversed(records):
        forward, rule = operations[name]
        g = gradients.get(output, 0.0)
        parts = rule(g, *[v.number for v in inputs])
        for v, part in zip(inputs, parts):
            gradients[v] = gradients.get(v, 0.0) + part
    return gradients


walk = gradients_of

# %% tags=["solution"]
check.gradient_tape.multiply_rule(multiply_rule)

# %% tags=["solution"]
check.gradient_tape.walk(gradients_of)

# %% [markdown]
# ## Exercises
#
# Complete each cell, run it, and run the check below it. `.hint()` in place of the call gives a hint.

# %% [markdown]
# **1. Teach your tape to subtract.** For $c = a - b$, a small change of $a$ changes $c$ by the same amount, so the
# gradient with respect to $a$ is `g`. Write the other part of the rule, the gradient with respect to $b$.


# %%
def rule_of_b(g, a, b):
    return ...


# %%
check.gradient_tape.subtract_rule(rule_of_b)

# %% [markdown]
# Then add an entry "subtract" to `operations`, whose rule returns both parts, and to `Value` a method `__sub__`. (From
# outside of the class: `Value.__sub__ = ...`, a function of `self` and `other`.) Let your tape compute
# $y = (a - b) \cdot b$ at $a = 5$ and $b = 2$, and its gradients with respect to $a$ and $b$.

# %%
difference = {"y": ..., "a": ..., "b": ...}

# %% [markdown] tags=["solution"]
# A larger $b$ makes $a - b$ smaller by the same amount. By hand, the gradient of $y$ with respect to $b$ is
# $-b + (a - b) = 1$: one part through the difference, one through the product.


# %% tags=["solution"]
def rule_of_b(g, a, b):
    return -g


operations["subtract"] = (lambda a, b: a - b, lambda g, a, b: (g, rule_of_b(g, a, b)))
Value.__sub__ = lambda self, other: run("subtract", self, other)

a, b = Value(5.0), Value(2.0)
records.clear()
y = (a - b) * b
gradients = walk(y, records)
difference = {"y": y.number, "a": gradients[a], "b": gradients[b]}
print(difference)

# %% tags=["solution"]
check.gradient_tape.subtract_rule(rule_of_b)

# %%
check.gradient_tape.difference_gradients(difference)

# %% [markdown]
# **2. Find the bug: the walk that doubles.** This walk follows every path from the target back to the start. Here each
# record is an output, its inputs, and a rule for each input, and names stand for the values. The chain below adds a
# value to itself ten times, so the gradient is right: 2 to the power of 10. But with 40 records in place of 10 it would
# take days. Why? Repair it.


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


def unchanged(g):
    return g


chain = [(f"y{i + 1}", [f"y{i}", f"y{i}"], [unchanged, unchanged]) for i in range(10)]
print("the last record:", chain[-1][:2], "and two rules")
print("gradient of y0: ", backward(chain, "y10")["y0"])

# %% [markdown] tags=["solution"]
# `visit` passes on each part as soon as it arrives. A value that is used twice is visited twice, what it was computed
# from four times, and 40 records make $2^{40}$ visits. From the last record to the first, every gradient is complete
# when its turn comes, and is passed on once.


# %% tags=["solution"]
def backward(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        g = gradients.get(output, 0.0)
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(g)
    return gradients


chain = [(f"y{i + 1}", [f"y{i}", f"y{i}"], [unchanged, unchanged]) for i in range(40)]
print("gradient of y0 in a chain of 40:", backward(chain, "y40")["y0"])

# %%
check.gradient_tape.doubling_walk(backward)

# %% [markdown]
# **3. Find the bug: a gradient too large.** Now with arrays. In `a * b`, `a` has the shape (N, 3) and `b` the shape
# (3,), so every row of `a` uses `b`. This is the part of the product's rule that belongs to `b`, and it gives `b` a
# gradient of shape (N, 3). Repair it.


# %%
def rule_for_rows(g, a, b):
    return g * a


# %% [markdown] tags=["solution"]
# Each row of `g * a` is the contribution of one use of `b`, and contributions add up. The sum over the rows has the
# shape of `b`.


# %% tags=["solution"]
def rule_for_rows(g, a, b):
    return np.sum(g * a, axis=0)


# %%
check.gradient_tape.unsummed_gradient(rule_for_rows)

# %% [markdown]
# **4. Find the bug: the tape that stays on.** This exercise is about Python. `@contextmanager` lets a function stand
# behind `with`: what comes before `yield` runs when the block begins, `yield` hands over what stands behind `as`, and
# what comes after it runs when the block ends. A program keeps its recording tapes in the list `active`, and `with
# recording(active) as tape:` adds a new one for the block. One day the block raises an error, and everything after it
# is recorded, too. Repair it.


# %%
from contextlib import contextmanager


@contextmanager
def recording(active):
    tape = []
    active.append(tape)
    yield tape
    active.pop()


# %% [markdown] tags=["solution"]
# At `yield` the block runs. An error in it comes out of `yield`, and the line below is never reached. `finally` runs
# either way, and lets the error go on to the caller.


# %% tags=["solution"]
@contextmanager
def recording(active):
    tape = []
    active.append(tape)
    try:
        yield tape
    finally:
        active.pop()


# %%
check.gradient_tape.tape_left_on(recording)

# %% [markdown]
# **5. Forward or backward?** One could also walk from the first record to the last, and carry along how each value
# changes with one chosen input. How many walks does that take for a million weights and one loss, and how many walks
# back? And for one weight and a million results? Which of the two is a training problem?

# %%
counts = {
    "forward, many weights": ...,
    "backward, many weights": ...,
    "forward, many results": ...,
    "backward, many results": ...,
}

# %% [markdown] tags=["solution"]
# Forward, each walk answers for one input: a million walks for a million weights, one for one weight. Backward, each
# walk answers for one result. Training has many weights and one loss, so it walks backward.

# %% tags=["solution"]
counts = {
    "forward, many weights": 1_000_000,
    "backward, many weights": 1,
    "forward, many results": 1,
    "backward, many results": 1_000_000,
}

# %%
check.gradient_tape.number_of_walks(counts)
