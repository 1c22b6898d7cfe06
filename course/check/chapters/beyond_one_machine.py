"""Exercises of chapter 12."""

from course.check.base import Task


def _shard_inputs(rng):
    return {"gradients": rng.normal(size=(3, 4)).round(2), "sizes": rng.permutation([10, 25, 80]) + rng.integers(0, 9)}


def _weighted(gradients, sizes):
    return sum(g * n for g, n in zip(gradients, sizes)) / sum(sizes)


def _by_inverse(gradients, sizes):
    weights = [1 / n for n in sizes]
    return sum(g * w for g, w in zip(gradients, weights)) / sum(weights)


mean_gradient = Task(
    why="With these weights every example counts the same, however the data were cut.",
    hints=[
        "From a mean, you get back to the sum over its examples by multiplying. By what?",
        "Add up these sums, and divide by the number of all examples.",
    ],
    inputs=_shard_inputs,
    solution=_weighted,
    mistakes=[
        (
            lambda gradients, sizes: sum(gradients) / len(gradients),
            "Every shard counts the same, so an example in a small shard counts more than one in a large shard.",
        ),
        (
            lambda gradients, sizes: sum(g * n for g, n in zip(gradients, sizes)),
            "This is the gradient of the sum over the examples. The loss is their mean.",
        ),
        (
            lambda gradients, sizes: sum(g * n for g, n in zip(gradients, sizes)) / len(gradients),
            "You divide by the number of shards, where the number of examples belongs.",
        ),
        (lambda gradients, sizes: sum(gradients), "You add up the gradients of means, and no size enters."),
        (_by_inverse, "The weights are upside down: the smallest shard counts the most."),
    ],
)


def _cost_inputs(rng):
    """A step in seconds, bytes and bytes a second, with the best number between 2 and 29."""
    return {
        "compute": round(rng.uniform(0.5, 2.0), 2),
        "latency": round(rng.uniform(0.05, 0.1), 3),
        "size": int(rng.uniform(2e6, 2e7)),
        "bandwidth": 1e9,
    }


def _step_time(n, compute, latency, size, bandwidth):
    if n == 1:
        return compute
    return compute / n + latency + n * 2 * size / bandwidth


def _best(time):
    return min(range(1, 101), key=time)


def _best_workers(compute, latency, size, bandwidth):
    return _best(lambda n: _step_time(n, compute, latency, size, bandwidth))


best_workers = Task(
    why="Where everything passes through one machine, there is a best number, and past it more workers make it slower.",
    hints=[
        "Write the time of a step as a function of n, with the chapter's formula, and 1 as a case of its own.",
        "`min(range(1, 101), key=...)` finds the n for which a function is smallest.",
    ],
    inputs=_cost_inputs,
    solution=_best_workers,
    mistakes=[
        (lambda compute, latency, size, bandwidth: 100, "Each worker's bytes pass through the same machine: n times."),
        (
            lambda compute, latency, size, bandwidth: _best(lambda n: compute / n + latency + n * size / bandwidth),
            "The bytes travel twice: the parameters there, and the gradients back.",
        ),
        (
            lambda compute, latency, size, bandwidth: 1,
            "It is always 1, as if the work were not shared. Which part of the time does n divide?",
        ),
        (
            lambda compute, latency, size, bandwidth: _step_time(
                _best_workers(compute, latency, size, bandwidth), compute, latency, size, bandwidth
            ),
            "This is the time of the best step. The question is for the number of workers.",
        ),
    ],
)


def _ring_inputs(rng):
    return {"n": int(rng.integers(3, 30)), "size": int(rng.integers(1, 100)) * 4_000}


ring_bytes = Task(
    why="It stays below twice the gradient, however many take part: that is why rings scale.",
    hints=[
        "How large is a chunk, and how many does each send in one of the two rounds?",
        "In each round, each passes on all chunks but one.",
    ],
    inputs=_ring_inputs,
    solution=lambda n, size: 2 * (n - 1) / n * size,
    mistakes=[
        (lambda n, size: (n - 1) / n * size, "This is one round. One adds up, and one more passes the sums around."),
        (
            lambda n, size: 2 * (n - 1) * size,
            "These are the bytes of all together. The question is for each: a message is one chunk.",
        ),
        (lambda n, size: 2 * size, "Close for a large n. The last chunk of each round needs not be sent."),
        (lambda n, size: 2 * n * size, "This is what one machine in the middle would handle, for all of them."),
    ],
)
