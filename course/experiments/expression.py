"""An arithmetic expression that a learner types, read without running it as Python.

    program = parse("u = w * x; u * u + w", ("w", "x"))
    names, result = program({"w": w, "x": x})       # {"w": …, "x": …, "u": …, "y": …}, and the value of y

Only what stands in `OPERATORS` and `FUNCTIONS` is computed: no attribute, no index and no other call is reached.
"""

import ast
import operator

import course as tf

LONGEST = 120  # characters
LARGEST = 1e6  # the largest number that may be written
EXAMPLE = "u = w * x; u * u + w"
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
FUNCTIONS = {
    "sin": tf.sin,
    "cos": tf.cos,
    "tanh": tf.tanh,
    "exp": tf.exp,
    "log": tf.math.log,
    "sqrt": tf.sqrt,
    "square": tf.square,
    "abs": tf.abs,
}


def parse(text, variables):
    """The program that `text` says: assignments and, last, an expression, separated by semicolons.

    Args:
        text: a string such as "u = w * x; u * u + w".
        variables: the names that have values, and may not be given others.

    Returns:
        A function from a dictionary of the variables to one of all names, and to the last line's result, whose name is
        the one that it is given, or else y, or "result" where y means something else.

    Raises:
        ValueError: what is no such program; the words say where and what to write instead.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{text!r} is no expression. Choose one such as {EXAMPLE}.")
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text)} characters. Choose one of at most {LONGEST}, whose picture can be read.")
    try:
        lines = ast.parse(text.strip().rstrip(";")).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = (getattr(error, "offset", None) or 1) - 1
        where = f" near {text.strip()[at : at + 8]!r}" if text.strip()[at:] else " at its end"
        raise ValueError(f"{text!r} cannot be read{where}. Choose one such as {EXAMPLE}.") from None
    known, steps = set(variables), []
    for line in lines:
        last = line is lines[-1]
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
            if name in variables:
                raise ValueError(f"{name} has the value that you drag. Choose another name for what you compute.")
            if name in FUNCTIONS:
                raise ValueError(f"{name} is a function. Choose another name for what you compute.")
        elif isinstance(line, ast.Expr) and last:
            name = "y" if "y" not in known else "result"
        elif isinstance(line, ast.Expr):
            raise ValueError(f"{_source(line)} gets no name, so nothing can use it. Choose one, as u has in {EXAMPLE}.")
        else:
            raise ValueError(f"{_source(line)} is no line of arithmetic. Choose one such as {EXAMPLE}.")
        _check(line.value, known)
        known.add(name)
        steps.append((name, line.value))

    def program(values):
        names = dict(values)
        for name, node in steps:
            names[name] = _value(node, names)
        return names, names[steps[-1][0]]

    return program


def _source(node):
    words = ast.unparse(node)
    return repr(words if len(words) <= 30 else words[:29] + "…")


def _check(node, known):
    """Raises a ValueError in words unless `_value` can compute `node` from the names that are known."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        _check(node.left, known)
        _check(node.right, known)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        _check(node.operand, known)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        raise ValueError(f"{_source(node)}: ^ is no power in Python. Choose ** instead, as in w ** 2.")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id not in FUNCTIONS:
            raise ValueError(
                f"there is no function {node.func.id} here. Choose among {', '.join(FUNCTIONS)}; a product is w * x."
            )
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise ValueError(f"{_source(node)}: {node.func.id} takes one value. Choose one, as in {node.func.id}(w).")
        _check(node.args[0], known)
    elif isinstance(node, ast.Name):
        if node.id in FUNCTIONS:
            raise ValueError(f"{node.id} is a function. Choose its value in brackets, as in {node.id}(w).")
        if node.id not in known:
            raise ValueError(
                f"{node.id} has no value. Choose among {', '.join(sorted(known))}, or give it a value before its use, "
                f"as u has in {EXAMPLE}."
            )
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        if not abs(node.value) <= LARGEST:
            raise ValueError(f"{node.value:g} is a large number. Choose one up to {LARGEST:,.0f}.")
    else:
        raise ValueError(
            f"{_source(node)} is no arithmetic. Choose numbers, names, + - * / ** and {', '.join(FUNCTIONS)}."
        )


def _value(node, names):
    """The value of a node that `_check` let pass."""
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, names), _value(node.right, names))
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, names)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.Call):
        return FUNCTIONS[node.func.id](_value(node.args[0], names))
    return names[node.id] if isinstance(node, ast.Name) else float(node.value)
