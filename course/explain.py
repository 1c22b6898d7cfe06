"""Why a gradient is None or zero: what `GradientTape.explain` says."""

import numpy as np

from course.tensor import Tensor, TensorLike


def explain(tape, target, source):
    """The sentence for `tape.explain(target, source)`."""
    for role, x in (("target", target), ("source", source)):
        if not isinstance(x, TensorLike):
            return (
                f"The {role} is {x!r}, a {type(x).__name__} and not a tensor or variable: its name was bound to it by `=`, or it "
                f"left the tape through .numpy(). Change a variable with assign, and keep values as tensors."
            )
    name = "the source" if isinstance(source, Tensor) else f"the variable {source.name!r}"
    if source.dtype.kind != "f":
        return f"None: {name} has dtype {source.dtype}, an integer dtype, which has no derivative. Make it a float, such as 3.0."
    if id(source) not in tape._ids:
        return _never_watched(tape, source, name)
    if not tape._records:
        return (
            "The tape has no records: nothing was computed from what it watches, or `gradient` has freed them. "
            "Call explain before gradient, or make the tape with persistent=True."
        )
    if id(target) not in tape._ids and target is not source:
        left = _exits(tape, source)
        if left:
            return (
                f"None: a value computed from {name} left the tape through {left}, and no gradient follows into plain NumPy. "
                f"Stay with tensors, and use operations of `course` or NumPy's functions on the tensors themselves."
            )
        return (
            f"None: the target was not recorded by this tape. It was computed after the tape's `with` block ended (or before "
            f"it, or while it was stopped), or from nothing that the tape watches. Compute it within the block, from {name}."
        )
    if target is source:
        return "The target is the source, so the gradient is 1 for each element."
    after = _reach(tape, source, through_stops=True)
    if id(target) not in after:
        left = _exits(tape, source)
        if left:
            return (
                f"None: a value computed from {name} left the tape through {left}, and no gradient follows into plain NumPy. "
                f"Stay with tensors, and use operations of `course` or NumPy's functions on the tensors themselves."
            )
        return f"None: nothing connects them. The target was computed without {name}; look for where it should have come in."
    if id(target) not in _reach(tape, source, through_stops=False):
        return _stopped(tape, target, source, name)
    return _value(tape, target, source, name)


def _never_watched(tape, source, name):
    if isinstance(source, Tensor):
        return (
            "None: the source is a Tensor that the tape never watched. Call tape.watch on it before it is used. If its name "
            "once stood for a Variable, then `=` has bound it to a Tensor since: change a variable with assign or assign_sub."
        )
    if not source.trainable:
        return f"None: {name} was never watched, because it was made with trainable=False. Call tape.watch on it."
    if not tape._watch_accessed:
        return f"None: {name} was never watched, because the tape has watch_accessed_variables=False. Call tape.watch on it."
    return (
        f"None: {name} was never read while the tape was recording, so it was never watched. Was the value read before the "
        f"`with` block, or has its name been bound to another variable since?"
    )


def _reach(tape, source, through_stops):
    """The identities of all that the tape recorded as computed from the source."""
    found = {id(source)}
    for operation, inputs, output, _ in tape._records:
        rules = [True] * len(inputs) if through_stops else operation.rules
        if output is not None and any(rule is not None and id(x) in found for x, rule in zip(inputs, rules)):
            found.add(id(output))
    return found


def _exits(tape, source):
    """How a value computed from the source left for NumPy, if one did."""
    after = _reach(tape, source, through_stops=True)
    return next(
        (f".{op.name}()" for op, (x, *_), output, _ in tape._records if output is None and id(x) in after), None
    )


def _stopped(tape, target, source, name):
    """The operation without a rule on the way from source to target, the last one passed."""
    after, needed = _reach(tape, source, through_stops=True), {id(target)}
    for operation, inputs, output, _ in reversed(tape._records):
        if id(output) not in needed:
            continue
        rules = list(operation.rules)[: len(inputs)] if isinstance(operation.rules, tuple) else [True] * len(inputs)
        rules += [None] * (len(inputs) - len(rules))
        for x, rule in zip(inputs, rules):
            if id(x) in after and rule is None:
                return f"None: on the way from {name} to the target, {operation.name} {_why(operation)}."
        needed.update(id(x) for x in inputs if id(x) in after)
    raise AssertionError("a path with a stop has an operation that stops it")


def _why(operation):
    return operation.about or "has no gradient: its output does not change when its input changes a little"


def _value(tape, target, source, name):
    """Connected: the gradient is a value. If it is all zero, the operation at which it became so."""
    between = tape._between([source], [target])
    nodes = {id(x): x for _, inputs, _, _ in tape._records for x in inputs if id(x) in between} | {id(target): target}
    gradients = dict(zip(nodes, tape._walk_back([target], [None], list(nodes.values()), keep=True)))
    if np.any(gradients[id(source)]):
        return f"The gradient is a value: the tape connects {name} to the target, and it is not zero."
    for operation, inputs, output, _ in reversed(tape._records):
        if id(output) in between and np.any(gradients[id(output)]):
            ways = [x for x in inputs if id(x) in between]
            if ways and not any(np.any(gradients[id(x)]) for x in ways):
                rule = f" ({operation.about})" if operation.about else ""
                return f"Zero: the tape connects {name} to the target, but {operation.name} passes on a gradient of zero here{rule}."
    return f"Zero: the tape connects {name} to the target, but the contributions cancel or vanish on the way."
