"""What is built in the middle of chapter 11: a tracer."""

import inspect

import numpy as np

from course.check.base import Task
from course.check.observation import WrongKind, number
from course.check.source import slips

# A tracer of one's own


class Symbol:
    """Stands for an array while a function is traced: it has a name, and no value."""

    def __init__(self, name, steps):
        self.name, self.steps = name, steps

    def note(self, operation, *inputs):
        names = [x.name if isinstance(x, Symbol) else x for x in inputs]
        result = Symbol(f"r{len(self.steps)}", self.steps)
        self.steps.append((operation, names, result.name))
        return result

    def __mul__(self, other):
        return self.note(np.multiply, self, other)

    def __rmul__(self, other):
        return self.note(np.multiply, other, self)

    def __sub__(self, other):
        return self.note(np.subtract, self, other)

    def mean(self):
        return self.note(np.mean, self)

    def __repr__(self):
        return f"<{self.name}, without a value>"


ARRAY = np.ndarray | np.generic


def _trace(function, arguments):
    names, steps = list(inspect.signature(function).parameters), []
    given = [Symbol(name, steps) if isinstance(x, ARRAY) else x for name, x in zip(names, arguments)]
    return names, steps, function(*given).name


def _rounded(rng, size):
    return rng.uniform(1, 3, size=size).round(2)


def _symbol_inputs(rng):
    return {"w": _rounded(rng, 3), "x": _rounded(rng, 3), "y": _rounded(rng, 3)}


def _noted(symbol, w, x, y):
    """What is noted of ((w · x) · 2 · (w · x − y)).mean(), operation by operation, and what it comes to."""
    steps = []
    made = [symbol("w", steps)]
    operations = [
        lambda: made[0] * symbol("x", steps),
        lambda: made[1] - symbol("y", steps),
        lambda: 2.0 * made[2],
        lambda: made[1] * made[3],  # on the left again: a name made from its name alone would come twice
        lambda: made[4].mean(),
    ]
    for operate in operations:
        made.append(operate())
        if type(made[-1]) is not symbol:
            break
    kinds = [type(result).__name__ for result in made[1:]]
    parts = [s if isinstance(s, list | tuple) else [s] for s in steps]
    results = {str(part[-1]) for part in parts if part}
    return {
        "steps": len(steps),
        "operations return": ", ".join(dict.fromkeys(kinds)),
        "steps hold": ", ".join(dict.fromkeys(", ".join(map(_kind, part)) for part in parts)) or "nothing",
        "names of results": len(results),
        "names of inputs among them": len(results & {"w", "x", "y"}),
        "computed": _computed(steps, {"w": w, "x": x, "y": y}),
    }


def _kind(part):
    if isinstance(part, list | tuple):
        kinds = {"a number" if isinstance(x, float | int) else _kind(x) for x in part}
        return f"a list of {' and '.join(sorted(kinds - {'a number'}) or ['numbers'])}"
    return "a name" if isinstance(part, str) else "an operation" if callable(part) else f"a {type(part).__name__}"


def _computed(steps, values):
    """What a learner's steps come to, or that they come to nothing."""
    last = None
    try:
        for operation, inputs, output in steps:
            last = values[output] = operation(*[values.get(x, x) for x in inputs])
        return number(last)
    except Exception:
        return "nothing"


symbol = Task(
    why="A trace is a tape's record without values: which operation, on what, and what its result is called.",
    hints=[
        "`steps` is the list that all symbols of a trace share. What is its length before the first step, and before "
        "the second? That makes a name that no other result has.",
        "A step is a tuple of three: the operation, the list of names that is there already, and the result's name.",
        "`w * x` calls `note`. What does Python need from it, to go on with `w * x - y`?",
    ],
    inputs=_symbol_inputs,
    observe=_noted,
    solution=Symbol,
    mistakes=slips(
        Symbol,
        {
            ("        self.steps.append((operation, names, result.name))\n", ""): "Nothing is noted: `steps` stays "
            "empty. A step has to be appended to it.",
            ("        self.steps.append((operation, names, result.name))\n        return result", ""): (
                "Nothing is noted, and `note` returns nothing."
            ),
            (
                "        self.steps.append((operation, names, result.name))\n        return result",
                "        self.steps.append((operation, names, result.name))",
            ): ("The step is noted, and `note` returns None, with which the next operation cannot go on."),
            ("return result", "return self"): "`note` returns the symbol that it was called on, so the next operation "
            "takes the old one in place of the result.",
            ("return result", "return result.name"): "`note` returns a name. A text cannot be multiplied further: the "
            "symbol with this name can.",
            ('f"r{len(self.steps)}"', '"r"'): "All results have one name. When a program has two results that are "
            "needed later, the second replaces the first: give each a name of its own.",
            ('f"r{len(self.steps)}"', "self.name"): "A result is called as its input is, and will replace it: give "
            "each result a name of its own.",
            ('f"r{len(self.steps)}"', "operation.__name__"): "A result is called as its operation is. A program "
            "multiplies more than once: give each result a name of its own.",
            ("append((operation", "extend((operation"): "The three parts stand in `steps` one by one. A step is one "
            "tuple that holds them.",
            (
                'f"r{len(self.steps)}"',
                'f"{self.name}_"',
            ): "The name is made from that of the first operand alone: a second "
            "result of the same symbol gets the same name, and replaces the first.",
            ("operation, names, result.name", "operation, inputs, result.name"): "The step holds symbols. They will "
            "be gone when the program runs: `names` has what is wanted.",
            ("operation, names, result.name", "operation, names, result"): "The step ends with a symbol. The name of "
            "the result belongs there.",
            ("operation, names, result.name", "operation, result.name, names"): "The parts of the step stand in "
            "another order: operation, what it takes, what its result is called.",
            ("operation, names, result.name", "result.name, operation, names"): "The parts of the step stand in "
            "another order. It begins with the operation.",
            ("operation, names, result.name", "operation.__name__, names, result.name"): "The step begins with the "
            "name of the operation. A program has to call it: note the function itself.",
            ("operation, names, result.name", "operation, names, self.name"): "The step says that its result replaces "
            "one of its inputs: the name of `self` stands where that of the result belongs.",
        },
    ),
)


def _replay(program, arguments):
    names, steps, result = program
    values = dict(zip(names, arguments))
    for operation, inputs, output in steps:
        arrays = [values.get(x, x) for x in inputs]
        values[output] = operation(*arrays)
    return values[result]


def _replay_inputs(rng):
    """A program of five steps, in which neither the first nor the last gives the result."""
    steps = [
        (np.multiply, ["w", "x"], "r0"),
        (np.subtract, ["y", "r0"], "r1"),
        (np.multiply, [2.0, "r1"], "r2"),
        (np.mean, ["r2"], "r3"),
        (np.multiply, ["r3", "r0"], "r4"),
    ]
    return {"program": (["w", "x", "y"], steps, "r2"), "arguments": [_rounded(rng, 3) for _ in range(3)]}


def _replayed(attempt, program, arguments):
    result = attempt(program, arguments)
    if isinstance(result, str | dict) or result is None:
        return {"kind": type(result).__name__, "result": "no array"}
    return {"kind": "array", "result": np.asarray(result, float)}


replay = Task(
    why="A program runs without the Python that made it: a list of operations, and a table of values.",
    hints=[
        "`values` is a table from names to arrays. A number in `inputs` is no name: `values.get(x, x)` gives what the "
        "table has under x, and else x itself.",
        "An operation takes its inputs one by one: `operation(*arrays)`. Later steps will look for its result under "
        "`output`.",
        "Which of all the values is the program's result? Its name is there.",
    ],
    inputs=_replay_inputs,
    observe=_replayed,
    solution=_replay,
    mistakes=slips(
        _replay,
        {
            ("values.get(x, x)", "values[x]"): "A number among the inputs is looked up as if it were a name. It "
            "stands for itself.",
            ("[values.get(x, x) for x in inputs]", "inputs"): "The operation gets names. It needs the values that "
            "they stand for.",
            ("(*arrays)", "(arrays)"): "The operation gets one list. It takes its inputs one by one, which a star in "
            "the call does.",
            ("values[output] = operation", "last = operation"): "A result is not kept under its own name: a later "
            "step looks for it there, and finds none.",
            ("values[result]", "values[output]"): "This is the result of the last step. The program says which one it "
            "returns.",
            ("    return values", "        return values"): "Only the first step runs, and its result is not the "
            "program's: does `return` stand inside the loop?",
            ("values[result]", "values"): "You return the whole table of values. One of them is the result.",
            ("values[result]", "result"): "You return the name of the result. Its value is in the table.",
            ("    return values[result]", "    values[result]"): "Nothing is returned: a `return` is missing.",
            ("for x in inputs", "for x in inputs[::-1]"): "The inputs come in the reverse order, and a subtraction "
            "minds that.",
            ("[values.get(x, x) for x in inputs]", "arguments[: len(inputs)]"): "Every step takes the first "
            "arguments. Each names its own inputs.",
        },
    ),
)


def _traced_calls(rng):
    x, y = rng.uniform(1, 3, size=(2, 4)).round(2)
    return {"x": x, "y": y, "rates": (0.5, 0.25)}


def _calls(traced, x, y, rates):
    """The results of six calls of one traced function, and of one call of another; how often their Python ran."""
    ran = []

    def scaled(x, rate):
        ran.append("scaled")
        return x * rate

    def less(x, rate):
        ran.append("less")
        return x - rate

    first, second = traced(scaled), traced(less)
    if not callable(first):
        raise WrongKind("`traced` has to return the function `call`, which runs the program. Is `return call` there?")
    high, low = rates
    results = [first(x, high), first(y, high), first(x, low), first(x, high), first(y, low), first(x, high)]
    results.append(second(x, high))
    kinds = dict.fromkeys("array" if isinstance(r, ARRAY) else type(r).__name__ for r in results)
    return {
        "calls return": ", ".join(kinds),
        "results": np.array(results) if list(kinds) == ["array"] else "no arrays",
        "runs of the Python function": len(ran),
    }


def _traced_by_hand(function):
    programs = {}

    def call(*arguments):
        signature = tuple("array" if isinstance(x, ARRAY) else x for x in arguments)
        if signature not in programs:
            programs[signature] = _trace(function, arguments)
        return _replay(programs[signature], arguments)

    call.programs = programs
    return call


traced = Task(
    why="What a trace wrote down as fixed, the signature has to hold. All the rest may differ from call to call.",
    hints=[
        "An array has a symbol in the program, so any array will do, and one word can stand for all of them. A number "
        "is part of the program. What has to stand for it?",
        "`signature not in programs` asks whether there is no program yet.",
        "`trace` makes the program of a call. `replay` runs a program on the arguments of this call.",
    ],
    inputs=_traced_calls,
    observe=_calls,
    solution=_traced_by_hand,
    mistakes=slips(
        _traced_by_hand,
        {
            ("if signature not in programs", "if True"): "All results are right, and every call is traced: the "
            "programs are kept, and never used again.",
            ('"array" if isinstance(x, ARRAY) else x for', '"array" for'): "A call with another number gets the "
            "program of the first one, in which the first number is fixed. The signature has to tell numbers apart, "
            "by their values.",
            ('"array" if isinstance', "x.tobytes() if isinstance"): "All results are right, and each new array is "
            "traced again: its value is in the signature. A program serves every array.",
            ('"array" if isinstance(x, ARRAY) else x for', "x for"): "An array stands in the signature itself, and "
            "cannot be looked up. One word can stand for all arrays.",
            ("_replay(programs[signature], arguments)", "function(*arguments)"): "All results are right, because the "
            "Python function computes them at every call. The program is kept, and not replayed.",
            ("_replay(programs[signature], arguments)", "programs[signature]"): "A call returns its program. It "
            "should return what the program computes.",
            ("= _trace(function, arguments)", "= function(*arguments)"): "What is kept is the result of the call, and "
            "no program: `trace` makes one.",
            ("if signature not in", "if signature in"): "It asks the other way round: a call without a program finds "
            "none to run.",
            (
                "            programs[signature] = _trace",
                "            programs.clear()\n            programs[signature] = _trace",
            ): ("Only the last program is kept. A call with an earlier signature is traced again."),
            ("        return _replay", "        _replay"): "A call returns None: a `return` is missing.",
        },
    ),
)
