"""Exercises of chapter 2."""

from collections.abc import Mapping
from contextlib import contextmanager

import numpy as np

from course.check.base import Task
from course.check.observation import WrongKind, number
from course.check.source import HandedOver, slips

# The rule of the product, which the chapter builds


def _rule_inputs(rng):
    g, a, b = rng.normal(size=3).round(2)
    return {"g": g, "a": a, "b": b}


OF_BOTH = ("with respect to a", "with respect to b")

multiply_rule = Task(
    why="Two lines, and every product in every model has its gradient.",
    hints=[
        "Hold `b` fixed. How many units of `a * b` is one unit of `a`?",
        "Each unit of `a * b` changes the result by `g`. What is left to do with the two numbers?",
    ],
    inputs=_rule_inputs,
    parts=OF_BOTH,
    solution=lambda g, a, b: (g * b, g * a),
    mistakes=[
        (lambda g, a, b: (g * a, g * b), "The two are exchanged: how much `a` matters depends on what it meets."),
        (
            lambda g, a, b: (b, a),
            "These are the derivatives of `a * b` alone. What arrives from behind, `g`, is missing.",
        ),
        (lambda g, a, b: (a, b), "`g` is missing, and the two are exchanged."),
        (lambda g, a, b: (g, g), "This is the rule of the sum. A unit of `a` is not one unit of `a * b`."),
        (
            lambda g, a, b: (g * b, g * b),
            "The first is right. In the second, what does `b` meet in the product?",
        ),
        (lambda g, a, b: (g * a, g * a), "The second is right. In the first, what does `a` meet in the product?"),
        (lambda g, a, b: (g * a * b, g * a * b), "The product itself is a factor. Hold one of the inputs fixed."),
        (lambda g, a, b: (a * b, a * b), "This is the operation itself. A rule turns `g` into the inputs' gradients."),
        (lambda g, a, b: (g + b, g + a), "`g` is added. Changes along a way multiply."),
        (lambda g, a, b: (g * b, a), "The first is right. In the second, `g` is missing."),
        (lambda g, a, b: (b, g * a), "The second is right. In the first, `g` is missing."),
        (lambda g, a, b: (g / b, g / a), "You divided. A larger `b` makes a change of `a` count more."),
        (lambda g, a, b: (-g * b, -g * a), "The signs are flipped: where `b` is positive, a product grows with `a`."),
    ],
)

# The walk back, which the chapter builds


class _Value:
    """A number of a record, as the chapter's class holds it."""

    def __init__(self, number):
        self.number = number


OPERATIONS = {
    "add": (lambda a, b: a + b, lambda g, a, b: (g, g)),
    "subtract": (lambda a, b: a - b, lambda g, a, b: (g, -g)),
    "multiply": (lambda a, b: a * b, multiply_rule.solution),
}


def _walk_inputs(rng):
    return dict(zip(("w", "x"), rng.normal(size=2).round(2)))


def _gradients_found(gradients_of, w, x):
    """Gradients on a record with shared values, and on one where the target does not use every output."""
    found = {}
    for asides in (False, True):
        W, X, records = _Value(w), _Value(x), []

        def run(name, *inputs, records=records):
            forward, _ = OPERATIONS[name]
            records.append((name, inputs, _Value(forward(*[v.number for v in inputs]))))
            return records[-1][2]

        u = run("multiply", W, X)
        if asides:
            run("add", u, X)
        s = run("add", u, W)
        target = run("multiply", s, u)
        if asides:
            run("multiply", s, W)
        gradients = gradients_of(target, records)
        if not isinstance(gradients, Mapping):
            raise WrongKind(
                f"`gradients_of` gives {_kind(gradients)}, and should give the dictionary of all gradients."
            )
        for name, v in {"w": W, "x": X, "the product": u}.items():
            if v not in gradients:
                raise WrongKind(f"The dictionary has no gradient for {name}.")
            found[f"gradient of {name}{', with outputs that nobody uses' * asides}"] = number(gradients[v], name)
    return found


def _gradients_of(target, records):
    gradients = {target: 1.0}
    for name, inputs, output in reversed(records):
        _, rule = OPERATIONS[name]
        g = gradients.get(output, 0.0)
        parts = rule(g, *[v.number for v in inputs])
        for v, part in zip(inputs, parts):
            gradients[v] = gradients.get(v, 0.0) + part
    return gradients


walk = Task(
    why="That is backpropagation, whole: a start, an order and a sum.",
    hints=[
        "By how much does the target change, if the target changes by one unit?",
        "`reversed(a_list)` goes through a list from its last element to its first.",
        "`w` gets a part from each record that uses it. What belongs together is what came before and what comes now.",
    ],
    inputs=_walk_inputs,
    observe=_gradients_found,
    solution=_gradients_of,
    mistakes=slips(
        _gradients_of,
        {
            ("reversed(records)", "records"): "This walk goes from the first record to the last, and passes gradients "
            "on that are not there yet.",
            ("reversed(records)", "records.reverse()"): "`records.reverse()` turns the list itself around and returns "
            "None, so there is nothing to walk over.",
            ("gradients.get(v, 0.0) + part", "part"): "A value that is used twice keeps one of its parts. They have "
            "to add up.",
            ("target: 1.0", "target: 0.0"): "All gradients are zero: either the walk starts with 0, or what the rules "
            "give never arrives.",
            ("target: 1.0", "target: target.number"): "The walk starts with the target's value. How much does the "
            "target change with itself, per unit?",
            ("gradients.get(v, 0.0) + part", "gradients.get(v, 0.0) + g"): "What arrived at the output is added as it "
            "is. What the rule made of it is `part`.",
            ("gradients.get(v, 0.0) + part", "g + part"): "`g` is the gradient of the record's output. What `v` had "
            "so far is another number.",
            ("gradients.get(v, 0.0) + part", "gradients.get(v, 1.0) * part"): "The parts are multiplied. Several ways "
            "to the result add up; it is along one way that changes multiply.",
            ("gradients.get(v, 0.0) + part", "gradients.get(v, 1.0) + part"): "Each value starts with a gradient of "
            "1. Only the target does, and the others start with nothing.",
            ("gradients.get(v, 0.0) + part", "gradients[v] + part"): "The first part finds no gradient there yet. "
            "From which number does it start?",
            ("gradients.get(v, 0.0) + part", "gradients.get(v, 0.0) - part"): "The parts are subtracted. They add up.",
            ("target: 1.0", "target: -1.0"): "All signs are flipped: if the target grows by one unit, it grows by one "
            "unit.",
        },
    ),
)

# Complete a rule

subtract_rule = Task(
    why="With its rule, an operation can be part of any model: the walk multiplies rules along every way.",
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

# A difference on one's own tape

difference_gradients = Task(
    why="One rule more, and the same walk: `b` gets a part through the difference and a part through the product.",
    hints=[
        "`operations` needs an entry with the operation and its rule, and `Value` a method `__sub__` that calls `run`.",
        "Clear the records, compute `y`, and walk. Then work it out by hand, with the product rule, and compare.",
    ],
    solution={"y": 6.0, "a": 2.0, "b": 1.0},
    mistakes=[
        ({"b": 5.0}, "As if the difference grew with `b`: is the sign of its rule right?"),
        ({"b": 3.0}, "That is the part through the product alone. `b` stands in the difference, too."),
        ({"b": -2.0}, "That is the part through the difference alone. `b` is a factor, too."),
        ({"b": -1.0}, "The sign of `b` is flipped. Which part is positive?"),
        ({"a": 1.0, "b": 2.0}, "The two gradients are exchanged."),
        ({"a": 5.0}, "`a` meets `b` in the product. Its own value plays no part in its gradient."),
        ({"a": 1.0}, "One unit of `a` is one unit of `a - b`. How many units of the product is that?"),
        ({"a": 3.0}, "This is the gradient of `b` through the product. What does `a - b` meet there?"),
        ({"a": -2.0}, "The sign of `a` is flipped: a larger `a` makes the difference larger."),
        ({"y": 3.0}, "`y` is `a - b` alone. It is still multiplied by `b`."),
        ({"a": 4.0, "b": 2.0}, "Twice too large: are the records of an earlier run still in the list?"),
        ({"y": 3.0, "a": 1.0, "b": -1.0}, "These belong to `a - b` alone. It is still multiplied by `b`."),
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
    given = list(small)
    found = gradients_of(small, "y", ("w", "x"))  # a walk may drop what it has passed on, as the real tape does
    found["the caller's list"] = "as it was" if small == given else "changed"
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


_START, _SUM = "gradients = {target: 1.0}", "gradients.get(value, 0.0) + rule(gradients.get(output, 0.0))"

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
        *slips(
            _backward,
            {
                ("gradients.get(value, 0.0) + rule(", "rule("): "A value that is used twice keeps one of its "
                "contributions. They have to add up.",
                ("reversed(records)", "records"): "This walk goes from the first record to the last, and passes "
                "gradients on that are not there yet.",
                (("    for output, inputs", "    records.reverse()\n    for output, inputs"), ("reversed(", "(")): (
                    "The gradients are right, but the list of records belongs to the caller, and is another one "
                    "afterwards: walk over it without changing it."
                ),
            },
        ),
        (
            _backward_once_each,
            "Each value is visited once, but with its first contribution only. The others are not passed on.",
        ),
        *slips(
            _backward,
            {
                (_START, "gradients = {}"): "All gradients are zero. With which gradient does the walk start at "
                "the target, is each contribution added, and does a rule get what has arrived at the output?",
                (_SUM, "gradients.get(value, 0.0) + rule(1.0)"): "Each rule is applied to 1. It should pass on "
                "what has arrived at the record's output.",
            },
        ),
        (
            _paths_overwriting,
            "The walk still follows every path, and now a value keeps the last contribution only. They have to add up.",
        ),
        (
            _paths_of_the_whole,
            "The walk still follows every path, and at each visit it passes on again what it has passed on before.",
        ),
        *slips(
            _backward,
            {
                ("+ rule(", "- rule("): "Contributions are subtracted. They add up.",
                (_SUM, "gradients.get(value, 0.0) + rule(gradients[output])"): "The target need not use the "
                "output of every record. Which gradient has an output that it does not use?",
                (_SUM, "gradients[value] + rule(gradients[output])"): "A contribution is added to a gradient that "
                "is not there yet. From which number does it start?",
            },
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
            tape = []
            active.append(tape)
            yield tape
            active.pop()
        """,
        "After an error in the block the new tape is still on: an error comes out of `yield`, and what stands below it "
        "in the function is never reached.",
        contextmanager=contextmanager,
    ),
    mistakes=slips(
        _recording,
        {
            ("    finally:", "    except Exception:\n        pass\n    finally:"): "The tape is off after an error, "
            "but the error is swallowed: nobody learns that the block has failed.",
            (("finally:", "except Exception:"), ("active.pop()", "active.pop()\n        raise")): (
                "After an error the tape is off, but after a good block it stays on."
            ),
            ("finally:", "except Exception:"): "After an error the tape is off, but the error is swallowed, and after "
            "a good block the tape stays on.",
            (("append(records)", "append(records)\n    active.pop()"), ("        active.pop()", "        pass")): (
                "The tape is off before the block begins, so what the block does is not recorded on it."
            ),
            ("active.pop()", "active.remove(records)"): "`remove` takes away the first tape that is equal, and two "
            "empty lists are equal: an outer tape can go in place of the new one.",
            ("yield records", "return records"): "`return` ends the function before the block has begun. `yield` "
            "waits in it until the block has ended.",
            ("active.pop()", "pass"): "The new tape stays on after every block: nothing takes it away.",
            ("    active.append(records)\n", ""): "The new tape is never switched on, and what is switched off is an "
            "outer one.",
            ("active.append(records)", "active.insert(0, records)"): "The new tape is put below the outer ones, and "
            "what is switched off is the last of them.",
            ("active.pop()", "active.clear()"): "The outer tapes are switched off, too. They are still in use.",
            ("active.pop()", "active.pop(0)"): "The oldest tape is switched off, and the new one stays on. Which one "
            "should go?",
        },
    ),
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
        def rule_for_rows(g, a, b):
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

# Forward or backward

KINDS = ("forward, many weights", "backward, many weights", "forward, many results", "backward, many results")


def _counts(*counts):
    return dict(zip(KINDS, counts, strict=True))


number_of_walks = Task(
    why="Training has many weights and one loss, so it walks backward. Where one input moves many results, forward.",
    hints=[
        "A forward walk carries along how each value changes with **one** chosen input. For which inputs must it run?",
        "A walk back starts at **one** result, and reaches every input. For which results must it run?",
    ],
    solution=_counts(1e6, 1, 1, 1e6),
    mistakes=[
        (
            _counts(1, 1e6, 1e6, 1),
            "Forward and backward are exchanged. With what does each kind of walk begin: an input, or a result?",
        ),
        (_counts(1, 1, 1, 1), "As if one walk answered everything. It answers for one input, or for one result."),
        (
            _counts(1e6, 1e6, 1e6, 1e6),
            "As if each walk gave one number. A walk back gives the gradients of all inputs.",
        ),
        (
            _counts(1e6, 1, 1e6, 1),
            "With many weights it is right. With many results, each walk back starts at one of them.",
        ),
        (
            _counts(1, 1e6, 1, 1e6),
            "With many results it is right. With many weights, each walk forward follows one of them.",
        ),
        ({"backward, many results": 1}, "A walk back starts at one result. What about the others?"),
        ({"forward, many results": 1e6}, "A walk forward that follows one weight passes all results on its way."),
        ({"backward, many weights": 1e6}, "One walk back from the loss reaches all weights on its way."),
        ({"forward, many weights": 1}, "A walk forward follows one weight. What about the others?"),
    ],
)
