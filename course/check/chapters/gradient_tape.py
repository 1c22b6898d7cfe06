"""Exercises of chapter 2."""

from collections.abc import Mapping
from contextlib import contextmanager

import numpy as np

from course.check.base import Task
from course.check.observation import WrongKind, number
from course.check.source import HandedOver, edited

# Complete a rule

subtract_rule = Task(
    why="With its rules, an operation can be part of any model: the walk multiplies them along every path.",
    hints=[
        "When `b` grows by a little, does `a - b` grow or shrink, and by how much?",
        "A rule gets `g`, by how much the result changes for each unit of `a - b`, and passes it on.",
    ],
    inputs=lambda rng: {"g": rng.normal(), "a": rng.normal(), "b": rng.normal()},
    solution=lambda g, a, b: -g,
    mistakes=[
        (lambda g, a, b: g, "The sign is flipped: a larger `b` makes `a - b` smaller."),
        (lambda g, a, b: -1.0, "This is the derivative of `a - b` alone. What arrives from behind, `g`, is missing."),
        (lambda g, a, b: -g * b, "This rule still contains `b`, as if `a - b` were a product."),
        (lambda g, a, b: -g * a, "This rule still contains `a`, as if `a - b` were a product."),
        (lambda g, a, b: a - b, "This is the operation itself. A rule turns `g` into the gradient of an input."),
        (lambda g, a, b: 1.0, "The sign is flipped, and what arrives from behind, `g`, is missing."),
        (lambda g, a, b: g * a, "This is the rule of a product. A difference changes with `b` at a rate of its own."),
        (lambda g, a, b: g - b, "`b` is subtracted from `g`. How fast does `a - b` change with `b`, wherever it is?"),
        (lambda g, a, b: -2 * g, "There is a factor of 2 too many: when `b` grows by 1, `a - b` changes by 1."),
        (lambda g, a, b: 0.0, "The rule gives 0, as if `a - b` did not depend on `b`."),
        (lambda g, a, b: g * b, "This is a rule of a product, and the sign is flipped, too."),
        (lambda g, a, b: g * (a - b), "The result itself is a factor. What counts is how fast it changes with `b`."),
        (lambda g, a, b: b - a, "This is the operation with its sign flipped. A rule turns `g` into a gradient."),
        (lambda g, a, b: -g / b, "You divided by `b`. How fast does `a - b` change with `b`, wherever it is?"),
        (lambda g, a, b: -(g**2), "`g` is squared. A rule passes it on, times the derivative."),
        (lambda g, a, b: 1 - g, "`g` is subtracted from 1. A rule passes it on, times the derivative."),
        (lambda g, a, b: -b, "How fast `a - b` changes does not depend on where `b` is. And `g` is missing."),
    ],
)

# The walk that doubles

LIMIT = 10_000  # calls of rules in one walk


def _chain_inputs(rng):
    return {"factors": rng.normal(1.0, 0.5, size=3).round(2).tolist(), "length": int(rng.integers(30, 40))}


def _walks(backward, factors, length):
    """A small graph whose every value is used more than once, then a chain of y = y + y."""
    calls = 0

    class TooMany(BaseException):
        """Ends a walk, and no `except Exception` stops it."""

    def rule(factor):
        def apply(g):
            nonlocal calls
            calls += 1
            if calls > LIMIT:
                raise TooMany
            return factor * g

        return apply

    def gradients_of(records, target, names):
        gradients = backward(records, target)
        if not isinstance(gradients, Mapping):
            raise WrongKind(f"`backward` gives {_kind(gradients)}, and should give the dictionary of all gradients.")
        if missing := [name for name in names if name not in gradients]:
            raise WrongKind(f"The gradients lack {', '.join(f'`{name}`' for name in missing)}, where the walk ends.")
        return {name: number(gradients[name], name) for name in names}

    p, q, r = factors
    small = [
        ("u", ["w", "x"], [rule(p), rule(q)]),
        ("aside", ["w"], [rule(q)]),  # recorded, and no part of the target
        ("v", ["u", "w"], [rule(r), rule(1.0)]),
        ("y", ["v", "u"], [rule(p), rule(q)]),
    ]
    found = gradients_of(small, "y", ("w", "x"))  # a walk may drop what it has passed on, as the real tape does
    found["through one record"] = gradients_of([("z", ["s"], [rule(p)])], "z", ["s"])["s"]
    chain = [(f"y{i + 1}", [f"y{i}", f"y{i}"], [rule(0.5), rule(0.5)]) for i in range(length)]
    try:
        found["at the start of the chain"] = gradients_of(chain, f"y{length}", ["y0"])["y0"]
    except TooMany:
        return found | {"at the start of the chain": f"given up after {LIMIT} calls of rules, for {length} records"}
    return found


def _kind(value):
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _backward(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(gradients.get(output, 0.0))
    return gradients


# What the exercise hands over: every path from the target back to the start is followed.
_paths = HandedOver(
    """
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
    """,
    "The gradients are right, and the walk still follows every path: a chain of some 35 records is given up after "
    f"{LIMIT} calls of rules. Each record should be visited once.",
)


def _paths_overwriting(records, target):
    gradients = {}

    def visit(value, g):
        gradients[value] = g
        for output, inputs, rules in records:
            if output == value:
                for earlier, rule in zip(inputs, rules):
                    visit(earlier, rule(g))

    visit(target, 1.0)
    return gradients


def _paths_of_the_whole(records, target):
    gradients = {}

    def visit(value, g):
        gradients[value] = gradients.get(value, 0.0) + g
        for output, inputs, rules in records:
            if output == value:
                for earlier, rule in zip(inputs, rules):
                    visit(earlier, rule(gradients[value]))

    visit(target, 1.0)
    return gradients


def _backward_overwriting(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        for value, rule in zip(inputs, rules):
            gradients[value] = rule(gradients.get(output, 0.0))
    return gradients


def _backward_forwards(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in records:
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(gradients.get(output, 0.0))
    return gradients


def _backward_once_each(records, target):
    gradients, visited = {}, set()

    def visit(value, g):
        gradients[value] = gradients.get(value, 0.0) + g
        if value in visited:
            return
        visited.add(value)
        for output, inputs, rules in records:
            if output == value:
                for earlier, rule in zip(inputs, rules):
                    visit(earlier, rule(g))

    visit(target, 1.0)
    return gradients


def _backward_from_zero(records, target):
    gradients = {}
    for output, inputs, rules in reversed(records):
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(gradients.get(output, 0.0))
    return gradients


def _backward_from_one(records, target):
    gradients = {target: 1.0}
    for _, inputs, rules in reversed(records):
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(1.0)
    return gradients


def _backward_without_start(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        for value, rule in zip(inputs, rules):
            gradients[value] += rule(gradients[output])
    return gradients


def _backward_without_asides(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(gradients[output])
    return gradients


doubling_walk = Task(
    why="One visit for each record is what makes backpropagation cheap, however often a value is used.",
    hints=[
        "Work it out for `y = x + x; z = y + y`. How often is `visit` called for `x`?",
        "A gradient may be passed on only when it is complete. In which order is that so for every record?",
        "The chapter's `gradients_of` needs no function that calls itself.",
    ],
    inputs=_chain_inputs,
    observe=_walks,
    solution=_backward,
    broken=_paths,
    mistakes=[
        (_backward_overwriting, "A value that is used twice keeps one of its contributions. They have to add up."),
        (
            _backward_forwards,
            "This walk goes from the first record to the last, and passes gradients on that are not there yet.",
        ),
        (
            _backward_once_each,
            "Each value is visited once, but with its first contribution only. The others are not passed on.",
        ),
        (
            _backward_from_zero,
            "All gradients are zero. With which gradient does the walk start at the target, is each contribution "
            "added, "
            "and does a rule get what has arrived at the output?",
        ),
        (
            _backward_from_one,
            "Each rule is applied to 1. It should pass on what has arrived at the record's output.",
        ),
        (
            _paths_overwriting,
            "The walk still follows every path, and now a value keeps the last contribution only. They have to add up.",
        ),
        (
            _paths_of_the_whole,
            "The walk still follows every path, and at each visit it passes on again what it has passed on before.",
        ),
        (
            edited(_backward, ("+ rule(", "- rule(")),
            "Contributions are subtracted. They add up.",
        ),
        (
            _backward_without_asides,
            "The target need not use the output of every record. Which gradient has an output that it does not use?",
        ),
        (
            _backward_without_start,
            "A contribution is added to a gradient that is not there yet. From which number does it start?",
        ),
    ],
)

# The tape that stays on


def _tape_inputs(rng):
    return {"outer_tapes": int(rng.integers(1, 4)), "operations": int(rng.integers(1, 5))}


def _tape_states(recording, outer_tapes, operations):
    active = [[f"outer {i}"] for i in range(outer_tapes)]
    context = recording(active)
    if not hasattr(type(context), "__enter__"):
        raise WrongKind("What `recording` gives cannot stand in a `with`. Is `@contextmanager` still above it?")
    with context as records:
        if not isinstance(records, list):
            raise WrongKind(f"`with … as records` gets {_kind(records)}. `yield` hands over the new list.")
        inside = len(active)
        for i in range(operations):
            active[-1].append(i)
    found = {"active inside": inside, "records": len(records), "active after a block": len(active)}
    found["the new tape is still active"] = any(tape is records for tape in active)
    outer = []
    with recording(alike := [outer]):
        pass  # both tapes are empty, and so equal
    found["an outer tape that is equal is still active"] = bool(alike) and alike[0] is outer
    reached = False
    try:
        with recording(active):
            raise ArithmeticError("an error in the block")
    except ArithmeticError:
        reached = True
    return found | {"active after an error": len(active), "the error reaches the caller": reached}


@contextmanager
def _recording(active):
    records = []
    active.append(records)
    try:
        yield records
    finally:
        active.pop()


@contextmanager
def _recording_that_swallows(active):
    records = []
    active.append(records)
    try:
        yield records
    except Exception:
        pass
    finally:
        active.pop()


@contextmanager
def _recording_cleaned_only_after_errors(active):
    records = []
    active.append(records)
    try:
        yield records
    except Exception:
        active.pop()
        raise


@contextmanager
def _recording_closed_too_early(active):
    records = []
    active.append(records)
    active.pop()
    yield records


@contextmanager
def _recording_that_clears_all(active):
    records = []
    active.append(records)
    try:
        yield records
    finally:
        active.clear()


@contextmanager
def _recording_off_by_age(active):
    records = []
    active.append(records)
    try:
        yield records
    finally:
        active.pop(0)


@contextmanager
def _recording_that_swallows_and_stays_on(active):
    records = []
    active.append(records)
    try:
        yield records
    except Exception:
        active.pop()


tape_left_on = Task(
    why="In a notebook an error is not the end: a tape left on would record, and slow down, everything after it.",
    hints=[
        "When the block raises an error, at which line does the function leave off?",
        "Python has a statement whose last part runs whether there was an error or not.",
    ],
    inputs=_tape_inputs,
    observe=_tape_states,
    solution=_recording,
    broken=HandedOver(
        """
        @contextmanager
        def recording(active):
            records = []
            active.append(records)
            yield records
            active.pop()
        """,
        "After an error in the block the new tape is still on: an error comes out of `yield`, and what stands below it "
        "in the function is never reached.",
        contextmanager=contextmanager,
    ),
    mistakes=[
        (
            _recording_that_swallows,
            "The tape is off after an error, but the error is swallowed: nobody learns that the block has failed.",
        ),
        (_recording_cleaned_only_after_errors, "After an error the tape is off, but after a good block it stays on."),
        (
            _recording_that_swallows_and_stays_on,
            "After an error the tape is off, but the error is swallowed, and after a good block the tape stays on.",
        ),
        (
            _recording_closed_too_early,
            "The tape is off before the block begins, so what the block does is not recorded on it.",
        ),
        (
            edited(_recording, ("active.pop()", "active.remove(records)")),
            "`remove` takes away the first tape that is equal, and two empty lists are equal: an outer tape can go "
            "in place of the new one.",
        ),
        (
            edited(_recording, ("active.pop()", "pass")),
            "The new tape stays on after every block: nothing takes it away.",
        ),
        (
            edited(_recording, ("    active.append(records)\n", "")),
            "The new tape is never switched on, and what is switched off is an outer one.",
        ),
        (
            edited(_recording, ("active.append(records)", "active.insert(0, records)")),
            "The new tape is put below the outer ones, and what is switched off is the last of them.",
        ),
        (_recording_that_clears_all, "The outer tapes are switched off, too. They are still in use."),
        (_recording_off_by_age, "The oldest tape is switched off, and the new one stays on. Which one should go?"),
    ],
)

# The gradient that is too large


def _product_inputs(rng):
    rows = int(rng.integers(2, 5))
    a, g = rng.normal(size=(2, rows, 3)).round(2)
    return {"g": g, "a": a, "b": rng.normal(size=3).round(2)}


unsummed_gradient = Task(
    why="Every bias is broadcast over its batch: without this sum, its update has the wrong shape, or is refused.",
    hints=[
        "`b` has the shape (3,), and every row of `a` uses it. What happens to contributions from several uses?",
        "The result must have the shape of `b`. Which axis has to go?",
    ],
    inputs=_product_inputs,
    solution=lambda g, a, b: np.sum(g * a, axis=0),
    broken=HandedOver(
        """
        def rule_of_b(g, a, b):
            return g * a
        """,
        "The gradient still has a row for each row of `a`. `b` has one, and its contributions have to come together.",
    ),
    mistakes=[
        (lambda g, a, b: np.mean(g * a, axis=0), "You averaged over the rows. Contributions add up."),
        (lambda g, a, b: np.sum(g * a), "All elements are summed, and `b` has three of them to keep apart."),
        (lambda g, a, b: np.sum(g * a, axis=1), "You summed along the wrong axis: one number for each row is left."),
        (lambda g, a, b: (g * a)[0], "Only the first row is kept. The other rows use `b`, too."),
        (
            lambda g, a, b: np.sum(g * a, axis=0, keepdims=True),
            "The sum is right, but its shape has an axis too many.",
        ),
        (
            lambda g, a, b: np.sum(g * b, axis=0),
            "This is the gradient with respect to `a`, summed.",
        ),
        (
            lambda g, a, b: -np.sum(g * a, axis=0),
            "The sign is flipped: a product grows with `b` where `a` is positive.",
        ),
        (lambda g, a, b: np.sum(g * a, axis=0) * b, "`b` is a factor too many: the rule of `b` has the other input."),
        (lambda g, a, b: np.sum(g + a, axis=0), "`g` and `a` are added. The rule of a product multiplies them."),
        (lambda g, a, b: np.sum(g / a, axis=0), "You divided by `a`. The rule of a product multiplies by it."),
        (lambda g, a, b: np.max(g * a, axis=0), "Only the largest contribution is kept. They add up."),
        (
            lambda g, a, b: np.sum(g * a, axis=1, keepdims=True),
            "You summed along the rows. The rows are what has to go.",
        ),
        (lambda g, a, b: g * b, "This is the gradient with respect to `a`."),
        (lambda g, a, b: np.sum(g, axis=0), "`a` is missing: `b` was multiplied by it."),
        (lambda g, a, b: np.sum(a, axis=0), "`g` is missing: a rule passes on what arrives from behind."),
        (lambda g, a, b: g.T @ a, "A matrix product also multiplies each column by the other two: 3 by 3 numbers."),
        (
            lambda g, a, b: np.sum(g, axis=0) * np.sum(a, axis=0),
            "You multiplied the sums. The sum of the products is another number.",
        ),
    ],
)
