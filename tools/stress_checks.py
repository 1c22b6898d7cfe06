"""Draw wrong attempts by editing each exercise's solution, and see what the checks say to them.

    python tools/stress_checks.py [--attempts 2000] [--seed 0]

An attempt is a solution of notebooks/solutions with one or two edits of the kinds that learners make: another operator,
sign, axis, constant, order or name, a call or a factor left out, a missing return, a missing update, a return within a
loop. Prints how many got a named diagnosis. Ends with an error where a check raises, or says "Right" to an attempt that
differs from the solution on broader inputs than the check's own.
"""

import argparse
import ast
import os
import pickle
import random
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("COURSE_PROGRESS", "memory")

import course as tf  # noqa: E402
from course import check  # noqa: E402
from course.check.base import Task  # noqa: E402

BROADER_SEEDS = range(1000, 1012)


def tasks():
    """{"chapter.name": task}."""
    return {
        f"{chapter}.{name}": getattr(getattr(check, chapter), name)
        for chapter in check.CHAPTERS
        for name in getattr(check, chapter)._tasks
    }


# Inputs of more sizes and ranges than a check needs


def _points(rng):
    count = int(rng.integers(2, 40))
    return {"inputs": rng.normal(2.0, 3.0, size=count), "outputs": rng.normal(-1.0, 4.0, size=count)}


def _tensors(rng):
    return {name: tf.constant(value, tf.float32) for name, value in _points(rng).items()}


def _slices(rng):
    rows, count = int(rng.integers(2, 9)), int(rng.integers(1, 12))
    values = rng.normal(size=(count, int(rng.integers(1, 5))))
    return {"indices": rng.integers(rows, size=count), "values": values, "num_rows": rows}


def _blocks(rng):
    x, y = rng.normal(size=(2, int(rng.integers(5, 60)))).astype(np.float32)
    return {"x": x, "y": y, "block": int(rng.integers(2, 5))}


def _two_parts(rng):
    training, new = rng.normal(-5, 20, size=int(rng.integers(2, 30))), rng.normal(size=int(rng.integers(2, 9)))
    return {"training": training, "new": new}


def _product(rng):
    a, g = rng.normal(size=(2, int(rng.integers(2, 9)), columns := int(rng.integers(2, 6))))
    return {"g": g, "a": a, "b": rng.normal(size=columns)}


def _remembered(rng):
    points = _points(rng)
    return {**points, "new": rng.normal(2.0, 3.0, size=int(rng.integers(2, 9)))}


def _logits(rng):
    logits = rng.normal(size=(int(rng.integers(2, 20)), classes := int(rng.integers(2, 9)))) * rng.uniform(1, 300)
    return {"logits": logits, "labels": rng.integers(classes, size=len(logits))}


def _shards(rng):
    count = int(rng.integers(2, 9))
    return {"gradients": rng.normal(size=(count, 3)), "sizes": rng.permutation(np.arange(1, 300))[:count]}


BROADER = {
    "variables.running_mean": lambda rng: {"values": rng.normal(size=int(rng.integers(2, 20))).tolist()},
    "variables.lost_update": lambda rng: {"W": rng.normal(), "gradient": rng.normal()},
    "variables.fading_mean": lambda rng: {"start": rng.normal(), "values": rng.normal(size=9).tolist()},
    "gradient_tape.unsummed_gradient": _product,
    "model_and_loss.l1_gradient": lambda rng: dict(zip(("inputs", "residuals"), _tensors(rng).values())),
    "model_and_loss.best_W": lambda rng: {"b": rng.normal(), **_tensors(rng)},
    "data_synthesis.curve": lambda rng: {
        **dict(zip(("inputs", "noise"), _tensors(rng).values())),
        "stddev": rng.uniform(0.01, 9),
    },
    "data_synthesis.examples_needed": lambda rng: {"sigma": rng.uniform(0.1, 9), "error": rng.uniform(0.001, 0.9)},
    "data_synthesis.nearest_neighbour": _remembered,
    "training_loop.train_curve": lambda rng: {**_tensors(rng), "learning_rate": rng.uniform(0.0001, 0.001)},
    "training_loop.rebound_model": lambda rng: {**_tensors(rng), "learning_rate": rng.uniform(0.0001, 0.01)},
    "training_loop.epochs_needed": lambda rng: {
        "curvatures": np.sort(rng.uniform(0.01, 9, size=2)) * [0.2, 1],
        "fraction": rng.uniform(0.001, 0.3),
    },
    "optimizers.rmsprop_momentum": lambda rng: {"gradients": rng.normal(size=(8, 2)).astype(np.float32)},
    "optimizers.shared_velocity": lambda rng: {"gradients": rng.normal(size=(8, 2)).astype(np.float32)},
    "optimizers.momentum_steps": lambda rng: {"kappa": rng.uniform(5, 9000), "fraction": rng.uniform(0.0005, 0.2)},
    "real_data.other_slope": lambda rng: dict(zip(("W", "std_mass", "std_flipper"), rng.uniform(0.1, 5, size=3))),
    "real_data.standardize_new": _two_parts,
    "real_data.condition_number": lambda rng: {"inputs": rng.normal(1, 2, size=int(rng.integers(3, 30)))},
    "embeddings.lost_duplicates": _slices,
    "layers.softmax_twice": _logits,
    "from_tape_to_program.intensity": lambda rng: dict(
        zip(("num_examples", "num_inputs", "units"), rng.integers(1, 2000, size=3).tolist())
    ),
    "from_tape_to_program.mean_square": _blocks,
    "from_tape_to_program.frozen_rate": lambda rng: {
        "learning_rate": rng.uniform(0.01, 0.45),
        "num_steps": int(rng.integers(2, 9)),
    },
    "beyond_one_machine.mean_gradient": _shards,
    "beyond_one_machine.ring_bytes": lambda rng: {"n": int(rng.integers(2, 99)), "size": int(rng.integers(1, 10**7))},
}


def is_right_more_broadly(name, task, attempt):
    """Whether an attempt agrees with the solution also on inputs that the check has never seen."""
    if name in BROADER:
        task = _with_inputs(task, BROADER[name])
    return task.judge(attempt, seeds=BROADER_SEEDS).status == "right"


def _with_inputs(task, inputs):
    other = Task(
        why=task.why,
        hints=task.hints,
        solution=task.solution,
        mistakes=[],
        inputs=inputs,
        observe=task._observe,
        parts=task.parts,
    )
    return other


# The solutions' texts


def solutions():
    """{"chapter.name": (name, text of its definition, namespace)} of the functions and classes that are checked."""
    found = {}
    for path in sorted((ROOT / "notebooks" / "solutions").glob("*.py")):
        cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        code = [cell.partition("\n")[2] for cell in cells if not cell.startswith(" [markdown]")]
        solved = [cell.partition("\n")[2] for cell in cells if cell.startswith(' tags=["solution"]')]
        names, definitions = {}, {}
        for cell in solved:
            for node in ast.parse(cell).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    definitions[node.name] = node
                kept = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
                if kept or re.match(r"[\w, ]+ = [(\d., )]+$", ast.unparse(node)):
                    exec(ast.unparse(node), names)
            for call in re.finditer(
                r"check\.(\w+)\.(\w+)\((\w+)\)", "".join(code[code.index(cell) + 1 :][:1]) if cell in code else ""
            ):
                if call[3] in definitions:
                    found[f"{call[1]}.{call[2]}"] = call[3], definitions[call[3]], names
    return found


# Edits

OPERATORS = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow]
SWAPS = [
    ("mean", "sum", "max"),
    ("reduce_mean", "reduce_sum"),
    ("min", "max", "mean"),
    ("argmin", "argmax", "min", "argsort"),
    ("assign_add", "assign_sub", "assign"),
    ("ceil", "floor", "round"),
    ("square", "abs", "sign", "sqrt"),
    ("sqrt", "square"),
    ("log", "exp"),
    ("abs", "square"),
    ("eigvalsh", "eigvals", "det"),
    ("std", "var"),
    ("uniform", "normal"),
    ("shape", "size"),
]


def edits(tree):
    """Every tree that one edit makes of `tree`."""
    places = [node for node in ast.walk(tree)]
    parameters = [argument.arg for node in places if isinstance(node, ast.arguments) for argument in node.args]
    packed = pickle.dumps(tree)  # unpacked many times as fast as copy.deepcopy copies
    for index, node in enumerate(places):
        for change in _changes(node, parameters):
            other = pickle.loads(packed)
            twin = list(ast.walk(other))[index]
            if change(twin) is not False:
                yield ast.fix_missing_locations(other)


def _become(expression):
    """Replaces a node by another in its place."""

    def change(node):
        new = expression(node)
        node.__class__ = new.__class__
        fields = dict(vars(new))
        vars(node).clear()
        vars(node).update(fields)

    return change


def _changes(node, parameters):
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS:
            if not isinstance(node.op, operator):
                yield lambda n, operator=operator: setattr(n, "op", operator())
        yield _become(lambda n: n.left)
        yield _become(lambda n: n.right)
        yield _become(lambda n: ast.BinOp(n.right, n.op, n.left))
        yield _become(lambda n: ast.UnaryOp(ast.USub(), ast.BinOp(n.left, n.op, n.right)))
    if isinstance(node, ast.UnaryOp):
        yield _become(lambda n: n.operand)
    if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Starred):
        yield _become(lambda n: n.args[0])
        if len(node.args) > 1:
            yield lambda n: n.args.reverse()
            yield lambda n: n.args.pop()
        for keyword in node.keywords:
            if keyword.arg == "axis":
                yield lambda n: n.keywords.clear()
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        for value in (0, 1, node.value + 1, -node.value, 2 * node.value, node.value / 10):
            if value != node.value:
                yield lambda n, value=value: setattr(n, "value", value)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda n: setattr(n, "value", not n.value)
    if isinstance(node, ast.Attribute):
        for group in SWAPS:
            if node.attr == group[0] or (len(group) > 2 and node.attr in group):
                for name in group:
                    if name != node.attr:
                        yield lambda n, name=name: setattr(n, "attr", name)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in parameters:
        for name in parameters:
            if name not in (node.id, "self"):
                yield lambda n, name=name: setattr(n, "id", name)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for operator in (ast.Lt, ast.GtE, ast.Gt):
            if not isinstance(node.ops[0], operator):
                yield lambda n, operator=operator: setattr(n, "ops", [operator()])
    if isinstance(node, ast.Return) and node.value is not None:
        yield _become(lambda n: ast.Expr(n.value))
        yield lambda n: setattr(n, "value", None)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield lambda n: n.elts.reverse()
    body = getattr(node, "body", None)
    if isinstance(body, list):
        for place in range(len(body)):
            yield lambda n, place=place: _leave_out(n.body, place)
            if place:
                yield lambda n, place=place: _exchange(n.body, place)
        for place in range(1, len(body)):
            if isinstance(body[place], ast.Return) and isinstance(body[place - 1], ast.For):
                yield lambda n, place=place: n.body[place - 1].body.append(n.body.pop(place))


def _leave_out(body, place):
    if isinstance(body[place], ast.FunctionDef | ast.With):
        return False
    body[place] = ast.Pass()


def _exchange(body, place):
    body[place - 1], body[place] = body[place], body[place - 1]


def attempts(count, seed=0):
    """`count` different attempts as (task's name, text, attempt): each single edit first, then pairs of edits."""
    rng, seen = random.Random(seed), set()
    known = solutions()
    singles = {name: list(edits(definition)) for name, (_, definition, _) in known.items()}
    pool = [(name, tree) for name, trees in singles.items() for tree in trees]
    rng.shuffle(pool)
    produced = 0
    while produced < count:
        if pool:
            name, tree = pool.pop()
        else:
            name = rng.choice(list(singles))
            second = list(edits(rng.choice(singles[name])))
            if not second:
                continue
            tree = rng.choice(second)
        text = ast.unparse(tree)
        own, original, names = known[name]
        if (name, text) in seen or text == ast.unparse(original):
            continue
        seen.add((name, text))
        names = dict(names)
        try:
            exec(compile(text, f"<attempt {produced}>", "exec"), names)
        except Exception:
            continue
        produced += 1
        yield name, text, names[own]


KINDS = {
    "right": "right",
    "not yet": "not yet",
    "mistake": "the mistake named",
    "different": "the kind, the shape or how it differs in words",
    "error": "the learner's own error, with its line",
}


def stress(count, seed=0):
    """Counts of what was said to so many attempts, those wrongly called right, and tables without words by task."""
    known, counts, wrong = tasks(), Counter(), []
    bare = Counter()
    for name, text, attempt in attempts(count, seed):
        verdict = known[name].judge(attempt)
        if verdict.status == "right" and not is_right_more_broadly(name, known[name], attempt):
            wrong.append((name, text))
        is_bare = bool(verdict.rows) and verdict.words.startswith("With ")
        counts["a table only" if is_bare else KINDS[verdict.status]] += 1
        if is_bare:
            bare[name] += 1
    return counts, wrong, bare


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    counts, wrong, bare = stress(args.attempts, args.seed)
    for status, number in counts.most_common():
        print(f"{number:5} {status}")
    print("without a name, by task:", ", ".join(f"{name} {number}" for name, number in bare.most_common(8)))
    for name, text in wrong:
        print(f'\n"Right", and differs on broader inputs: {name}\n{text}')
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
