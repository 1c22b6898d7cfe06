"""Exercises of chapter 12."""

import numpy as np

from course.check.base import Task
from course.check.observation import WrongKind
from course.check.source import slips


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
        (
            lambda gradients, sizes: sum(g * n for g, n in zip(gradients, sizes)) / len(sizes) / sum(sizes),
            "The result is divided twice: by the number of examples, and by that of the shards.",
        ),
        (
            lambda gradients, sizes: gradients[0] * sizes[0] / sum(sizes),
            "Only the first shard counts: does `return` stand inside the loop?",
        ),
        (
            lambda gradients, sizes: gradients[0] * sizes[0] / sizes[0],
            "This is the gradient of the first shard alone.",
        ),
        (
            lambda gradients, sizes: gradients[-1] * sizes[-1] / sum(sizes),
            "Only the last shard counts: each one replaces what was there.",
        ),
        (
            lambda gradients, sizes: sum(gradients) / sum(sizes),
            "The gradients are added up without their sizes, and then divided by the number of examples.",
        ),
        (
            lambda gradients, sizes: sum(g / n for g, n in zip(gradients, sizes)) / sum(sizes),
            "You divided by the sizes. From a mean to a sum, you multiply.",
        ),
        (
            lambda gradients, sizes: sum(g * n for g, n in zip(gradients, sizes)) / sizes[-1],
            "You divide by the size of the last shard. The number of all examples belongs there.",
        ),
        (
            lambda gradients, sizes: sum(g * n for g, n in zip(gradients, sizes)) / max(sizes),
            "You divide by the largest size. The number of all examples belongs there.",
        ),
        (
            lambda gradients, sizes: sum(g + n for g, n in zip(gradients, sizes)) / sum(sizes),
            "Sizes are added to gradients. They are weights, and multiply.",
        ),
        (
            lambda gradients, sizes: -_weighted(gradients, sizes),
            "The sign is flipped.",
        ),
        (
            lambda gradients, sizes: np.mean(_weighted(gradients, sizes)),
            "One number is left. The gradient has one for each parameter.",
        ),
        (_by_inverse, "The weights are upside down: the smallest shard counts the most."),
    ],
)


def _cost_inputs(rng):
    """A step in seconds, bytes and bytes a second, of four kinds.

    Several workers are best, and would not be with twice the latency; or alone is best, because of the latency or by
    less than the time of one worker's bytes; or 100 are.
    """
    compute, bandwidth = round(rng.uniform(0.5, 2.0), 2), 1e9
    kind = ("some", "latency", "nearly", "all")[rng.integers(8) % 4]  # all of them within five seeds
    size = int(rng.uniform(1e3, 2e4) if kind == "all" else rng.uniform(2e6, 2e7))
    saved = compute - min(_step_time(n, compute, 0.0, size, bandwidth) for n in range(2, 101))
    latency = {
        "some": saved * rng.uniform(0.6, 0.9),
        "latency": compute * rng.uniform(1.0, 1.2),
        "nearly": saved + size / bandwidth,
        "all": rng.uniform(0.002, 0.01),
    }[kind]
    return {"compute": compute, "latency": round(latency, 4), "size": size, "bandwidth": bandwidth}


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
            "The bytes travel twice: the parameters there, and the gradients back. And 1 is a case of its own.",
        ),
        (
            lambda compute, latency, size, bandwidth: 1,
            "It is always 1, as if the work were not shared, or the bytes took for ever. Which part of the time does n "
            "divide, and are bytes and bytes per second combined to seconds?",
        ),
        (
            lambda compute, latency, size, bandwidth: _step_time(
                _best_workers(compute, latency, size, bandwidth), compute, latency, size, bandwidth
            ),
            "This is the time of the best step. The question is for the number of workers.",
        ),
        (
            lambda compute, latency, size, bandwidth: _best(
                lambda n: compute if n == 1 else compute / n + n * 2 * size / bandwidth
            ),
            "Where messages are slow to start, one machine alone is best. Is the latency there, and is 1 a case "
            "of its own?",
        ),
        (
            lambda compute, latency, size, bandwidth: _best(
                lambda n: compute if n == 1 else compute / n + n * (latency + 2 * size / bandwidth)
            ),
            "The latency is paid for each worker. The messages travel at the same time, so it is paid once.",
        ),
        (
            lambda compute, latency, size, bandwidth: _best(
                lambda n: compute if n == 1 else compute / n + 2 * (n - 1) * (latency + size / n / bandwidth)
            ),
            "This is the best number around a ring. Here all messages pass through one machine.",
        ),
        (
            lambda compute, latency, size, bandwidth: (compute * bandwidth / (2 * size)) ** 0.5,
            "This is where the time would be shortest if n were any number. Workers are whole, and 1 is a case of its "
            "own.",
        ),
        (
            lambda compute, latency, size, bandwidth: _best(
                lambda n: compute if n == 1 else compute / n + latency + n * size / bandwidth
            ),
            "The bytes travel once. The parameters go there, and the gradients come back.",
        ),
        (
            lambda compute, latency, size, bandwidth: _best(
                lambda n: compute if n == 1 else compute / n + latency + 2 * size / bandwidth
            ),
            "It is 100 unless it is 1: the time for the bytes does not grow with n. Each worker needs all the "
            "parameters, and "
            "all messages pass through one machine.",
        ),
        (
            lambda compute, latency, size, bandwidth: max(
                range(1, 101), key=lambda n: _step_time(n, compute, latency, size, bandwidth)
            ),
            "This is the number with the longest step.",
        ),
        (
            lambda compute, latency, size, bandwidth: min(_best_workers(compute, latency, size, bandwidth), 99),
            "Right up to 99: a `range` ends before its second number.",
        ),
        (
            lambda compute, latency, size, bandwidth: _best(
                lambda n: compute if n == 1 else compute / n + latency + (n - 1) * 2 * size / bandwidth
            ),
            "The bytes of one worker are missing: with n workers, all n get the parameters and answer.",
        ),
        (
            lambda compute, latency, size, bandwidth: _best_workers(compute, latency, size, bandwidth) - 1,
            "One too few: an index counts from 0, and workers from 1.",
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
        (lambda n, size: 2 * size, "These are two whole gradients. In each round, one chunk need not be sent."),
        (lambda n, size: 2 * size / n, "This is a chunk, twice. How many does each send in a round?"),
        (lambda n, size: size / n, "This is one chunk. How many does each send, in two rounds?"),
        (
            lambda n, size: (n - 1) * size,
            "These are whole gradients, in one round. A message is one chunk, and there are two.",
        ),
        (
            lambda n, size: 2 * (n + 1) / n * size,
            "That is more than each chunk once in each round: all but one are passed on.",
        ),
        (
            lambda n, size: (2 * n - 1) / n * size,
            "In one of the rounds a chunk too many is sent: each passes on all but one.",
        ),
        (lambda n, size: 2 * n - 1 / n * size, "Is a bracket missing? A subtraction comes after a division."),
        (lambda n, size: 2 * (n - 1) * n * size, "You multiplied by n. A chunk is a part of the gradient."),
        (lambda n, size: 2 * (n - 1) / n, "This is the share of the gradient. How many bytes are that?"),
        (lambda n, size: 2 * (n - 2) / n * size, "In each round a chunk too few is sent: each passes on all but one."),
        (lambda n, size: size, "This is the gradient, once. There are two rounds, and each passes on chunks."),
        (lambda n, size: 4 * (n - 1) / n * size, "This is twice as much. Is `size` in bytes already?"),
        (lambda n, size: 2 * n * size, "This is what one machine in the middle would handle, for all of them."),
    ],
)


def _messages(rng):
    """Gradients of which one part is ordinary and one too small for float16."""
    ordinary, small = rng.uniform(0.5, 2.0, size=40).round(4), rng.uniform(1e-8, 2e-8, size=40)
    return {"gradients": np.stack([ordinary, small], axis=1)}


def _sent(send, gradients):
    """What arrives in 40 messages, in units of what should, and what is owed at the end."""
    rest, messages = np.zeros(2), []
    for gradient in gradients:
        before = gradient.copy(), rest.copy()
        both = send(gradient, rest)
        if not isinstance(both, tuple | list) or len(both) != 2:
            raise WrongKind("The check needs both that the function returned: the message, and the new rest.")
        message, new_rest = both
        changed = not (np.array_equal(gradient, before[0]) and np.array_equal(rest, before[1]))
        messages.append(np.asarray(message))
        rest = np.asarray(new_rest, float) * np.ones(2)
    sums = np.sum([m.astype(float) for m in messages], axis=0)
    return {
        "dtype of the message": str(messages[0].dtype),
        "changes its arguments": str(changed),
        "share that arrives": sums / gradients.sum(axis=0),
        "first message and gradient": messages[0].astype(float),
        "rest in units of the last gradient": rest / gradients[-1],
    }


def _send(gradient, rest):
    wanted = gradient + rest
    message = wanted.astype(np.float16)
    return message, wanted - message


send = Task(
    why="Nothing is lost, only late: what does not fit into this message is part of a later one.",
    hints=[
        "What should the other end know by now, that no message has said? This gradient, and what else?",
        "The new rest is the difference between what was wanted and what the message says.",
    ],
    inputs=_messages,
    observe=_sent,
    solution=_send,
    mistakes=slips(
        _send,
        {
            ("wanted = gradient + rest", "wanted = gradient"): "The rest is kept and never sent: it has to be a part "
            "of what is wanted next time.",
            ("wanted - message", "gradient - message"): "What was owed from before is forgotten in the new rest: it "
            "is measured against this gradient alone.",
            ("wanted - message", "message - wanted"): "The sign of the rest is flipped: what was missing is taken "
            "away once more.",
            ("gradient + rest", "gradient - rest"): "What is owed is subtracted from the gradient. It has to be added.",
            ("message, wanted - message", "message, rest"): "Nothing is kept of what rounding takes away. The new "
            "rest is what this message does not say.",
            ("message, wanted - message", "message, wanted"): "All that was wanted is owed again, as if nothing had "
            "been sent.",
            ("message, wanted - message", "message, gradient"): "The whole gradient is owed, also what the message "
            "says of it.",
            ("wanted - message", "rest + wanted - message"): "What was owed is counted twice: it is a part of what "
            "was wanted already.",
            (".astype(np.float16)", ""): "The message has all its bytes, and nothing is left over. It should be "
            "float16.",
            ("message, wanted - message", "wanted - message, message"): "The two are exchanged: the message comes "
            "first.",
        },
    ),
)
