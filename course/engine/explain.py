"""Why a gradient is a value, zero or None: the sentences of `GradientTape.explain`."""

import numpy as np

from course.engine.tensor import Tensor, TensorLike


def explain(tape, target, source):
    """Why the gradient of `target` with respect to `source` is what it is, in words: above all, why it is None or
    zero, and what to do about it: the first cause that applies. Ask before `gradient`, or after one that returned None.
    """
    for role, x in (("target", target), ("source", source)):
        if not isinstance(x, TensorLike):
            return (
                f"No gradient: the {role} is {x!r}, a {type(x).__name__}. Only tensors and variables have gradients. "
                f"Did `=` bind its name to a plain value, or did it leave through .numpy()?"
            )
    name = "the source" if isinstance(source, Tensor) else f"the variable {source.name!r}"
    if source.dtype.kind != "f":
        return f"None: {name} has dtype {source.dtype}, and only floats have derivatives. Make it a float, such as 3.0."
    if target is source and (isinstance(source, Tensor) or _is_watched_when_read(tape, source)):
        return "The gradient is 1 for each element: the target is the source."
    if id(source) not in tape._ids:
        return f"None: {_why_unwatched(tape, source, name)}"
    if not tape._records:
        return (
            "Nothing is recorded: nothing was computed from what this tape watches, or `gradient` has freed the "
            "records. Ask before you call gradient, or make the tape with persistent=True."
        )
    if id(target) in _reached(tape, source):
        return _what_arrives(tape, target, source, name)
    reached = _reached(tape, source, past_stops=True)
    if id(target) in reached:
        stop = _stop_on_the_way(tape, target, reached)
        return f"None: on the way from {name} to the target, {stop.name} {stop.about or 'has no gradient'}."
    ended = [  # where a value left the tape, and for which variable, if it went into one
        (operation.name, attributes.get("variable"))
        for operation, inputs, output, attributes in tape._records
        if output is None and id(inputs[0]) in reached
    ]
    known = not isinstance(target, Tensor) or id(target) in tape._ids
    through_state = id(target) in _reached(tape, source, past_stops=True, past_changes=True)
    for method, variable in ended:  # what is computed from a variable that it does not watch, a tape does not know
        if variable is not None and (through_state or not known or not _is_watched_when_read(tape, variable)):
            return (
                f"None: a value computed from {name} went into the variable {variable.name!r} by {method}, and no "
                f"gradient follows it there: what is read of a variable begins anew. Compute the target from the value "
                f"itself."
            )
    for method, variable in ended:
        if variable is None:
            return (
                f"None: a value computed from {name} left the tape through .{method}(), and no gradient follows it "
                f"into plain NumPy. Keep it a tensor: NumPy's functions take tensors too, and are recorded."
            )
    if id(target) in tape._ids:
        return f"None: nothing connects them. The target was computed without {name}."
    return (
        f"None: this tape did not record the target. It was computed outside of the tape's `with` block, or from "
        f"nothing that the tape watches. Compute it within the block, from {name}."
    )


def _is_watched_when_read(tape, variable):
    return id(variable) in tape._ids or (tape._watch_accessed and variable.trainable)


def _why_unwatched(tape, source, name):
    if isinstance(source, Tensor):
        return (
            "the source is a Tensor that was never watched. Call tape.watch on it before it is used. If its name "
            "stood for a Variable, `=` has bound it to a Tensor since: change variables with assign."
        )
    if not source.trainable:
        return f"{name} was never watched, since it has trainable=False. Call tape.watch on it."
    if not tape._watch_accessed:
        return f"{name} was never watched, since the tape has watch_accessed_variables=False. Call tape.watch on it."
    return (
        f"{name} was never watched, since nothing read it while the tape was recording. Was it read before the `with` "
        f"block, or has its name been bound to another variable since?"
    )


def _reached(tape, source, past_stops=False, past_changes=False):
    """The identities of what was computed from the source, with a gradient all the way; or `past_stops` too, or past
    the changes of variables to what was read of them later."""
    found = {id(source)} | {key for key, (variable, _) in tape._reads.items() if variable is source}
    for operation, inputs, output, attributes in tape._records:
        ways = inputs if past_stops else [x for x, rule in zip(inputs, operation.rules) if rule is not None]
        if not any(id(x) in found for x in ways):
            continue
        if output is not None:
            found.add(id(output))
        elif past_changes and "variable" in attributes:
            changed, later = attributes["variable"], list(tape._reads.items())[attributes["reads_before"] :]
            found.update([id(changed), id(changed._snapshot)], (key for key, (v, _) in later if v is changed))
    return found


def _stop_on_the_way(tape, target, reached):
    """The last operation on the way to the target that lets no gradient through."""
    needed = {id(target)}
    for operation, inputs, output, _ in reversed(tape._records):
        if id(output) in needed:
            passing = [id(x) for x, rule in zip(inputs, operation.rules) if rule is not None]
            ways = [id(x) for x in inputs if id(x) in reached]
            if not set(ways) <= set(passing):
                return operation
            needed.update(ways)
    raise LookupError("the target is reached past a stop, so one of the records holds it")


def _what_arrives(tape, target, source, name):
    """The two are connected: says whether the gradient is zero, and the operation that made it so."""
    reached = _reached(tape, source)
    nodes = {id(x): x for _, inputs, _, _ in tape._records for x in inputs if id(x) in reached}
    nodes |= {id(source): source, id(target): target}
    gradients = dict(zip(nodes, tape._gradients([target], [None], list(nodes.values()))))
    arrives = {key for key, g in gradients.items() if g is not None and np.any(np.asarray(g))}
    if id(source) in arrives:
        return f"The gradient is a value: the tape connects {name} to the target, and it is not zero."
    for operation, inputs, output, _ in reversed(tape._records):
        ways = [id(x) for x in inputs if id(x) in reached]
        if id(output) in arrives and ways and not arrives.intersection(ways) and len(ways) == len(set(ways)):
            rule = f" Its rule: {operation.about}." if operation.about else ""
            return f"Zero: the tape connects {name} to the target, but {operation.name} passes on only zeros.{rule}"
    return f"Zero: the tape connects {name} to the target, but what arrives cancels out or is zero."
