"""Exercises of chapter 11. What is built in its middle stands in `tracer`."""

from collections.abc import Mapping
from unittest import mock

import numpy as np

import course as tf
from course.check.base import Task

from course.check.chapters.tracer import symbol, replay, traced  # noqa: F401  # isort: skip
from course.check.observation import WrongKind, number
from course.check.source import HandedOver, slips
from course.tracing.function import Trace

# The intensity of a layer


def _layer_inputs(rng):
    return {name: int(rng.integers(2, 200)) for name in ("num_examples", "num_inputs", "units")}


def _intensity(num_examples, num_inputs, units, operations=2, size=4, output=True):
    moved = num_examples * num_inputs + num_inputs * units + output * num_examples * units
    return operations * num_examples * num_inputs * units / (size * moved)


def _bias(num_examples, num_inputs):
    """The bytes of a bias, for each operation of the product."""
    return 2 / (num_examples * num_inputs)


# In the mistakes n, k and m are the numbers of examples, inputs and units.
intensity = Task(
    why="With few examples the kernel is read for little work. Large batches make a layer compute-bound.",
    hints=[
        "Each element of the result is a sum of `num_inputs` products. How many operations is that, and how many "
        "elements are there?",
        "Three matrices move: two are read, one is written. How many bytes has a float32?",
    ],
    inputs=_layer_inputs,
    solution=lambda num_examples, num_inputs, units: _intensity(num_examples, num_inputs, units),
    mistakes=[
        *slips(
            _intensity,
            {
                ("operations=2", "operations=1"): "This is half of it. Each term needs a product and an addition, and "
                "a float32 has 32 bits, not 64.",
                ("size=4", "size=1"): "These are operations for each number that moves. A float32 has more than one "
                "byte.",
                ("output=True", "output=False"): "The result is missing among the bytes: it has to be written.",
            },
        ),
        (
            lambda n, k, m: _intensity(n, k, m) / n,
            "The operations are those of one example, and the bytes those of all.",
        ),
        (
            lambda n, k, m: _intensity(n, k, m) * (1 - 1 / (2 * k)),
            "A sum of n products is counted with n − 1 additions, which is exact. The chapter counts n: a product and "
            "a sum for each term.",
        ),
        (
            lambda n, k, m: _intensity(n, k, m) * (1 + 1 / (2 * k)),
            "The addition of a bias is counted. This is the product of the two matrices alone.",
        ),
        (
            lambda n, k, m: 1 / (1 / _intensity(n, k, m) + _bias(n, k)),
            "A bias is counted among the bytes. This is the product of the two matrices alone.",
        ),
        (
            lambda n, k, m: (1 + 1 / (2 * k)) / (1 / _intensity(n, k, m) + _bias(n, k)),
            "A bias is counted, its additions and its bytes. This is the product of the two matrices alone.",
        ),
        (
            lambda *sizes: 1 / _intensity(*sizes),
            "This is bytes for each operation: the fraction is upside down.",
        ),
        (
            lambda n, k, m: k / 6,
            "This is the intensity of a product of square matrices. These have three different sizes.",
        ),
        (
            lambda n, k, m: 2 * n * k * m,
            "These are the operations. The intensity divides them by the bytes that move.",
        ),
        (
            lambda n, k, m: _intensity(n, k, m) * (n * k + k * m + n * m) / (n * k * k * m * n * m),
            "The sizes of the three matrices are multiplied. They move one after the other: their numbers add up.",
        ),
        (
            lambda n, k, m: 2 * n * m / (4 * (n * k + k * m + n * m)),
            "One operation of each element is counted. An element is a sum of `num_inputs` products.",
        ),
        *slips(
            _intensity,
            {
                (("operations=2", "operations=1"), ("size=4", "size=1")): "Each term needs a product and an addition, "
                "and a float32 has more than one byte.",
                ("size=4", "size=0.25"): "You multiplied by the bytes of a number where you should divide.",
            },
        ),
        (
            lambda n, k, m: n * k * m * 2 / (4 * (n * k + k * m) + n * m),
            "Not every matrix is counted in bytes: the factor stands before a part of the sum. Are parentheses "
            "missing?",
        ),
        (
            lambda n, k, m: n * k * m * 2 / (4 * n * k + k * m + n * m),
            "Only one matrix is counted in bytes: the factor stands before a part of the sum. Are parentheses missing?",
        ),
        (
            lambda n, k, m: 2 * n * k * m / (4 * (k * m + n * m)),
            "The inputs are missing among the bytes: they have to be read.",
        ),
        (
            lambda n, k, m: 2 * n * k * m / (4 * (n * k + n * m)),
            "The kernel is missing among the bytes: it has to be read.",
        ),
    ],
)

# A mean in blocks


def _block_inputs(rng):
    x, y = rng.normal(size=(2, int(rng.integers(9, 12)))).round(2).astype(np.float32)
    return {"x": x, "y": y, "block": 4}


class _Watched(np.ndarray):
    """An array that notes in `seen` how many elements a slice of it, or a computation with it, has."""

    def __getitem__(self, key):
        part = super().__getitem__(key)
        if isinstance(part, _Watched):
            part.seen = self.seen
            self.seen["slices"].append(part.size)
        return part

    def __array_finalize__(self, other):
        self.seen = getattr(other, "seen", None)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        for x in inputs:
            if isinstance(x, _Watched):
                x.seen["computed"].append(x.size)
        if "out" in options:
            options["out"] = tuple(x.view(np.ndarray) if isinstance(x, _Watched) else x for x in options["out"])
        plain = [x.view(np.ndarray) if isinstance(x, _Watched) else x for x in inputs]
        return getattr(ufunc, method)(*plain, **options)

    def __array_function__(self, function, types, args, options):
        if function in (np.dot, np.vdot, np.inner, np.einsum, np.linalg.norm):  # computing without a ufunc
            self.seen["computed"].append(self.size)
        return super().__array_function__(function, types, args, options)


def _in_blocks(mean_square, x, y, block):
    seen = {"slices": [], "computed": []}
    x, y = x.view(_Watched), y.view(_Watched)
    x.seen = y.seen = seen
    found = number(mean_square(x, y, block))
    largest = max(seen["computed"], default=0)
    used = "blocks" if largest <= block and any(1 < size <= block for size in seen["slices"]) else "no blocks"
    return {"mean": found, "computed in": used if largest <= block else "one piece"}


def _mean_square(x, y, block, power=2, last=True, divisor=len):
    total = 0.0
    for start in range(0, len(x) if last else len(x) - block + 1, block):
        total += np.sum((x[start : start + block] - y[start : start + block]) ** power)
    return total / divisor(x)


def _summed_later(x, y, block):
    total = 0.0
    for start in range(0, len(x), block):
        total = total + (x[start : start + block] - y[start : start + block]) ** 2
    return np.sum(total) / len(x)


def _mean_of_means(x, y, block):
    starts = range(0, len(x), block)
    return np.mean([np.mean((x[start : start + block] - y[start : start + block]) ** 2) for start in starts])


def _whole_buffer(x, y, block):
    difference = np.empty(block, np.float32)
    for start in range(0, len(x), block):
        np.subtract(x[start : start + block], y[start : start + block], out=difference)


def _stale_buffer(x, y, block):
    difference, total = np.empty(block, np.float32), 0.0
    for start in range(0, len(x), block):
        end = min(start + block, len(x))
        np.subtract(x[start:end], y[start:end], out=difference[: end - start])
        total += np.sum(difference**2)
    return total / len(x)


mean_square = Task(
    why="Sums can be taken block by block, so a mean over any number of points needs a buffer of one block.",
    hints=[
        "Try it with 10 points in blocks of 4. Which points are in the last block?",
        "A slice that ends after the end of an array stops there by itself. The buffer needs as many elements.",
        "Add up sums, and divide once, at the end.",
    ],
    inputs=_block_inputs,
    observe=_in_blocks,
    solution=_mean_square,
    mistakes=[
        (
            lambda x, y, block: _mean_square(x, y, block, last=False),
            "The points after the last whole block are missing.",
        ),
        (
            lambda x, y, block: np.mean((x - y) ** 2),
            "The mean is right, and computed in one piece: the difference is as large as `x`. Use one block at a time.",
        ),
        (
            lambda x, y, block: sum((float(a) - float(b)) ** 2 for a, b in zip(x, y)) / len(x),
            "The mean is right, and there is no block: this takes point after point. Use slices of `block` elements.",
        ),
        (
            _summed_later,
            "The squares are added element by element, so `total` is an array, and the last block is shorter: a sum "
            "is missing.",
        ),
        *slips(
            _mean_square,
            {
                ("np.sum(", "np.mean("): "Means of the blocks are added, and then divided by the number of "
                "points, too.",
                ("    return total", "        return total"): "Only the first block counts: `return` stands "
                "inside the loop.",
                ("total += ", "total = "): "Only the last block counts: each sum replaces the one before it.",
                (("total += np.sum(", "total += np.sum(np.abs("), (" ** power)", " ** (power - 1)))")): (
                    "These are absolute differences. The squares are wanted."
                ),
                ("] - y[", "] + y["): "`x` and `y` are added. The difference is squared.",
                (") ** power)", ")) ** power"): "The sum of a block is squared. The squares are summed.",
                ("range(0,", "range(block,"): "The first block is missing.",
                ("divisor(x)", "len(range(0, len(x), block))"): "You divided by the number of blocks. The mean is "
                "over all points.",
            },
        ),
        (_mean_of_means, "You averaged the means of the blocks. The last block is shorter, and counts as much."),
        (_whole_buffer, "The last block is shorter than the buffer: write into the part of it that you need."),
        (_stale_buffer, "In the last block, you sum what the block before it left at the end of the buffer, too."),
        (
            lambda x, y, block: _mean_square(x, y, block, power=1),
            "The differences are not squared, so those above and below zero cancel.",
        ),
        (
            lambda x, y, block: _mean_square(x, y, block, divisor=lambda x: block),
            "You divided by the size of a block. The mean is over all points.",
        ),
        (
            lambda x, y, block: _mean_square(x, y, block, divisor=lambda x: 1),
            "This is the sum of the squares: the division by their number is missing.",
        ),
    ],
)

# A rate that does not fall


def _decay_inputs(rng):
    return {"learning_rate": round(rng.uniform(0.2, 0.4), 2), "num_steps": int(rng.integers(3, 6))}


def _traced(train_with_decay, learning_rate, num_steps):
    """What the training gives, and how often anything was traced meanwhile, whatever the function says itself."""
    traces, run = [], Trace.run

    def counted(trace, *args):
        program = run(trace, *args)
        traces.append(trace)
        return program

    with mock.patch.object(Trace, "run", counted):
        result = train_with_decay(learning_rate, num_steps)
    if not isinstance(result, tuple | list | Mapping) or len(result) != 2:
        raise WrongKind("The check needs both that the function returned: `w`, as a number, and the number of traces.")
    w, count = result.values() if isinstance(result, Mapping) else result
    return {"w": number(w, "w"), "traces that it tells": number(count, "trace_count"), "traces": len(traces)}


def _stepper():
    w = tf.Variable(1.0)

    @tf.function
    def step(rate):
        with tf.GradientTape() as tape:
            loss = w * w
        w.assign_sub(rate * tape.gradient(loss, w))

    return w, step


def _passed_as(convert, learning_rate, num_steps, first=0):
    w, step = _stepper()
    for i in range(first, first + num_steps):
        step(convert(learning_rate / 2**i))
    return float(w), step.trace_count


def _untraced(learning_rate, num_steps):
    def step():
        pass

    return 0.0, step.trace_count


def _decayed(learning_rate, num_steps):
    return _passed_as(tf.constant, learning_rate, num_steps)


def _anew(learning_rate, num_steps):
    w = tf.Variable(1.0)
    for i in range(num_steps):
        rate = learning_rate / 2**i

        @tf.function
        def step(rate=rate):
            with tf.GradientTape() as tape:
                loss = w * w
            w.assign_sub(rate * tape.gradient(loss, w))

        step()
    return float(w), step.trace_count


def _never(learning_rate, num_steps):
    w = 1.0
    for i in range(num_steps):
        w -= learning_rate / 2**i * 2 * w
    return w, 1


def _growing(learning_rate, num_steps):
    w, step = _stepper()
    for i in range(num_steps):
        step(tf.constant(learning_rate * 2.0**i))
    return float(w), step.trace_count


def _one_trace_more(learning_rate, num_steps):
    w, step = _stepper()
    for i in range(num_steps):
        step(tf.constant(learning_rate / 2**i) if i else learning_rate)
    return float(w), step.trace_count


frozen_rate = Task(
    why="A traced step knows only tensors and variables. What changes from call to call has to be one of them.",
    hints=[
        "How often does the Python code of `step` run? Which value had `rate` then?",
        "What kind of object can change without a new trace? The chapter names two.",
        "Make `rate` something that `step` reads at every call, or hand it over as a tensor.",
    ],
    inputs=_decay_inputs,
    observe=_traced,
    solution=_decayed,
    broken=HandedOver(
        """
        def train_with_decay(learning_rate, num_steps):
            w = tf.Variable(1.0)
            rate = learning_rate

            @tf.function
            def step():
                with tf.GradientTape() as tape:
                    loss = w * w
                w.assign_sub(rate * tape.gradient(loss, w))

            for _ in range(num_steps):
                step()
                rate = rate / 2
            return float(w), step.trace_count
        """,
        "All steps still have the first rate. What `step` finds outside is fixed when it is traced: a number, a "
        "tensor, or which variable it is. A new value under the old name is not seen.",
        tf=tf,
    ),
    mistakes=[
        (
            lambda learning_rate, num_steps: _passed_as(float, learning_rate, num_steps),
            "The result is right, but a Python number is part of the signature: each new rate is traced again.",
        ),
        (
            _anew,
            "The result is right, but there is a new `tf.function` at every step, which is traced anew. Each "
            "says that it "
            "was traced once.",
        ),
        (
            _untraced,
            "Nothing is traced any more: `step` is a plain Python function. Keep `tf.function`.",
        ),
        (
            _never,
            "The result is right, and nothing was traced: the 1 is written by hand. Keep `tf.function`.",
        ),
        (
            lambda learning_rate, num_steps: _passed_as(tf.constant, learning_rate, num_steps, first=1),
            "The rate is halved before the first step. It falls after a step.",
        ),
        (
            lambda learning_rate, num_steps: _passed_as(tf.constant, 2 * learning_rate, num_steps),
            "The steps are twice as long as they should be.",
        ),
        (
            lambda learning_rate, num_steps: _passed_as(tf.constant, -learning_rate, num_steps),
            "The steps go uphill: they are added.",
        ),
        (
            lambda learning_rate, num_steps: _passed_as(tf.constant, 0.0 * learning_rate, num_steps),
            "`w` stays where it started: no step changes it.",
        ),
        (
            lambda learning_rate, num_steps: _passed_as(tf.constant, learning_rate, 1),
            "Only one step is taken. Does `return` stand inside the loop?",
        ),
        (
            _growing,
            "The rate doubles after each step. It should be halved.",
        ),
        (
            _one_trace_more,
            "The result is right, with one trace too many: does one call get a Python number, and the others a tensor?",
        ),
    ],
)

# The operations of a network's step


def _network_inputs(rng):
    return {"batch": int(rng.integers(2, 99)), "sizes": rng.permutation([7, 20, 33, 64])[: rng.integers(3, 5)].tolist()}


def _step_operations(batch, sizes):
    operations = 0
    for layer, (num_inputs, units) in enumerate(zip(sizes, sizes[1:])):
        products = 2 if layer == 0 else 3
        operations += products * 2 * batch * num_inputs * units
    return operations


step_operations = Task(
    why="A training step is nearly three times the work of a prediction, whatever the network.",
    hints=[
        "Count the products of one layer: one forward, and backward one for each gradient that is needed. Which layer "
        "needs one less?",
        "A product of matrices has `batch * units` results, each a sum of `num_inputs` products.",
    ],
    inputs=_network_inputs,
    solution=_step_operations,
    mistakes=slips(
        _step_operations,
        {
            ("2 if layer == 0 else 3", "1"): "These are the operations of the way forward. Backward there are more "
            "products.",
            ("2 if layer == 0 else 3", "3"): "Every layer has three products here. Nobody asks for the gradient of "
            "the data, before the first layer.",
            ("2 if layer == 0 else 3", "2"): "Every layer has two products here. All but the first hand a gradient on "
            "to the layer before.",
            (
                "2 if layer == 0 else 3",
                "3 if layer == 0 else 2",
            ): "The first layer has the most products here. It is the one that needs no gradient of its inputs.",
            ("2 if layer == 0 else 3", "1 if layer == 0 else 2"): "One product is missing in each layer: there is one "
            "forward, too, or one for the kernel.",
            ("layer == 0", "layer == len(sizes) - 2"): "It is the last layer that has fewer products here. The walk "
            "back ends at the first one.",
            ("products * 2 *", "products *"): "This is half of it. Each term of a sum needs a product and an addition.",
            (" * batch", ""): "These are the operations of one example.",
            ("operations += ", "operations = "): "Only the last layer counts: each one replaces what was there.",
            ("    return operations", "        return operations"): "Only the first layer counts: does `return` stand "
            "inside the loop?",
            ("num_inputs * units", "(num_inputs + units)"): "The two sizes of a kernel are added. It has `num_inputs "
            "* units` numbers.",
            ("num_inputs * units", "(num_inputs + 1) * units"): "The biases are counted. These are the products of "
            "matrices alone.",
            ("batch * num_inputs * units", "batch * units"): "One operation of each result is counted. A result is a "
            "sum of `num_inputs` products.",
        },
    ),
)
