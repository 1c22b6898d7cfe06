"""How an exercise is checked: run the attempt and the solution on the same inputs, and compare what is observed.

A chapter's file declares its tasks, and beside each the wrong answers that learners give:

    double = Task(
        why="A sentence: why the exercise matters.",
        hints=["A first hint.", "A second one, which says more."],
        inputs=lambda rng: {"x": rng.normal()},       # new inputs at each call
        solution=lambda x: 2 * x,
        mistakes=[(lambda x: x**2, "You squared. …"), …],   # at least three: a wrong answer, and what to say to it
    )

A mistake is recognised by what it does: an attempt that behaves as a wrong answer does, on all inputs, gets the words
that stand beside it. Wherever they are written, they name the mistake and never the answer; and they hold for every
attempt that behaves in this way. `source.slips(solution, {(old, new): words})` makes them from a few changed words.

- `observe(attempt, **inputs)` runs an attempt that is not called with the inputs, a class for instance, and returns
  what counts: a number, an array, or a dict with names. What the attempt returned, it takes through `number` or
  `numbers` of `observation.py`, so that None, text and other kinds are answered in words. What an exercise asks for
  besides the value, such as one trace, is observed here, too.
- A task whose answer is a value has no `inputs`. Its solution is a dictionary, and no table shows it. A mistake may
  hold some of its keys only: then it is recognised where the others are right.
- `parts` names the parts of a returned pair. `broken` is the program that an exercise hands over for repair.

Before any mistake comes what is common to all tasks: a `...` that is left, an attempt or a result of a wrong kind,
another number of arguments. A right answer is right in every form that carries all of it (`observation.aligned`).
"""

import contextlib
import inspect
import io
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from course import random
from course.check import record, source
from course.check.observation import (
    Observation,
    WrongKind,
    aligned,
    close,
    message,
    plain,
    same,
    same_value,
    what_is_wrong,
)
from course.check.relations import relation
from course.check.verdict import Verdict, lines_of, meaning, where
from course.keras.module import Module

NUM_INPUTS = 5  # on which an attempt is run
SHOWN = 4  # elements of an array
PRINTED = 300  # characters


class Task:
    """An exercise. Call it with an attempt; `hint()` gives one hint at a time."""

    chapter, name = "chapter", "task"  # the chapter sets them

    def __init__(self, *, why, hints, solution, mistakes, inputs=None, observe=None, broken=None, parts=None):
        self.why, self.hints, self.solution, self.mistakes = why, hints, solution, mistakes
        self.inputs, self.broken, self.parts = inputs, broken, parts
        self._observe, self._hints_given, self._known = observe, 0, {}
        self.given = set()  # the statuses that this process has been told: a record without one is not a check's

    def __call__(self, attempt):
        """Says what is right or wrong about `attempt`. Never raises, and never shows the solution."""
        verdict = self.judge(attempt)
        self.given.add(verdict.status)
        record.keep(self.chapter, self.name, verdict.status, own=source.is_ours(attempt))
        return verdict

    def hint(self):
        """The next hint; after the last, the last again."""
        self._hints_given = min(self._hints_given + 1, len(self.hints))
        number = self._hints_given
        left = len(self.hints) - number
        more = f" ({left} more: call `hint()` again.)" if left else " (That was the last one.)"
        return Verdict("hint", f"Hint {number} of {len(self.hints)}", self.hints[number - 1] + more)

    def or_ours(self, attempt):
        """`attempt` if it is right, and else the solution: with what is built in its middle, a chapter can go on."""
        if self.judge(attempt).status == "right":
            print("The chapter goes on with yours.")
            return attempt
        print("Yours is not right yet. Until it is, the chapter goes on with the course's.")
        return self.solution

    def judge(self, attempt, seeds=range(NUM_INPUTS)):
        """The verdict on `attempt`, on the inputs of these seeds; records nothing and never raises."""
        try:
            return self._judge(attempt, seeds)
        except Exception as error:  # an object that answers every question with an error, or a mistake of ours
            words = f"The check itself failed on what you passed, with {type(error).__name__}: {message(error)}"
            return Verdict("different", "Not right", f"{words}. Is it what the task asks for?")

    def _judge(self, attempt, seeds):
        true = [self._expected(self.solution, seed) for seed in seeds]
        found = [self.observation(attempt, seed) for seed in seeds]
        if all(map(same, found, true)):
            return Verdict("right", "Right", self.why)
        offer = f"For a hint: `check.{self.chapter}.{self.name}.hint()`"
        if source.is_open(attempt) or any(observed.unfinished for observed in found):
            return Verdict("not yet", "Not yet", "Replace each `...`, and run the cell again. " + offer)
        if words := self._wrong_kind(attempt, found):
            return Verdict("different", "Not right", f"{words} {offer}")
        if self.broken is not None and self._behaves_like(self.broken.program, found, seeds):
            if self.broken.is_unchanged(attempt):
                words = "The program still behaves as it was handed over. Repair it, and run the cell again. "
                return Verdict("not yet", "Not yet", words + offer)
            return Verdict("mistake", "Not right", f"{self.broken.remains} {offer}")
        for wrong, diagnosis in self.mistakes:
            if self._behaves_like(wrong, found, seeds):
                return Verdict("mistake", "Not right", f"{diagnosis} {offer}", _error(found, attempt)[1])
        first = next(i for i, (a, b) in enumerate(zip(found, true)) if not same(a, b))
        raises = found[first].error is not None  # its text may name an object's place, another one each time
        if (
            self.inputs
            and not raises
            and not same(self.observation(attempt, seeds[first], reseeded=True), found[first])
        ):
            words = (
                "With the same inputs it gives another result each time: it draws random numbers of its own, or keeps "
            )
            return Verdict("different", "Not right", f"{words}something from call to call. {offer}")
        told = (relation(found, true) or self._uses(attempt, seeds)) if self.inputs else ""
        return self._difference(attempt, found[first], true[first], seeds[first], told, offer)

    def observation(self, attempt, seed, reseeded=False):
        """What `attempt` shows on the inputs of this seed; `reseeded`, with other random numbers of its own."""
        return self._observed(attempt, lambda: self._inputs(seed), reseeded)

    def _inputs(self, seed):
        return self.inputs(np.random.default_rng(seed)) if self.inputs else {}

    def _observed(self, attempt, inputs, reseeded=False):
        printed, random_state = io.StringIO(), random.get_state()
        if reseeded:
            random.set_seed(987_654_321)
        try:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(printed):
                return Observation(self._value(attempt, inputs), printed=printed.getvalue())
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit, too: an attempt ends nothing but itself
            return Observation(error=error, printed=printed.getvalue())
        finally:
            random.set_state(random_state)

    def _value(self, attempt, inputs):
        """What is compared. `inputs()` makes the inputs anew, as an attempt may change what it gets."""
        if self._observe is not None:
            return self._observe(attempt, **inputs())
        if self.inputs is None:
            value, like = attempt, self.solution
        else:
            value, like = attempt(*inputs().values()), self.solution(*inputs().values())
        if isinstance(like, Mapping) and isinstance(value, Mapping) and attempt is not self.solution:
            value = self._completed(value)
        return aligned(value, like, parts=self.parts)

    def _uses(self, attempt, seeds):
        """A sentence on an input that changes the right result and not this one, or this one and not the right one."""
        if self._observe is not None or len(seeds) < 2:
            return ""
        ignored, used = [], []
        for name in self._inputs(seeds[0]):
            mine, true = (self._depends(program, name, seeds) for program in (attempt, self.solution))
            ignored += [name] if true and not mine else []
            used += [name] if mine and not true else []
        if ignored:
            return f"It does not depend on {' and '.join(f'`{name}`' for name in ignored)}, and should."
        return f"It depends on {' and '.join(f'`{name}`' for name in used)}, and should not." if used else ""

    def _depends(self, program, name, seeds):
        """Whether another value of one input changes what `program` shows, at any of these seeds."""
        for seed, following in zip(seeds, [*seeds[1:], seeds[0]]):

            def changed(seed=seed, following=following):
                return {**self._inputs(seed), name: self._inputs(following)[name]}

            if np.shape(self._inputs(seed)[name]) != np.shape(self._inputs(following)[name]):
                continue
            if not same(self._observed(program, changed), self.observation(program, seed)):
                return True
        return False

    def _completed(self, value):
        """A mistake of some keys only, with the solution's for the others."""
        ours = any(value is wrong for wrong, _ in self.mistakes)
        return {**self.solution, **value} if ours else value

    def _expected(self, program, seed):
        """What a program of ours shows, which does not change from check to check."""
        key = id(program), seed
        if key not in self._known:
            self._known[key] = self.observation(program, seed)
        return self._known[key]

    def _behaves_like(self, program, found, seeds):
        return all(same(observed, self._expected(program, seed)) for observed, seed in zip(found, seeds))

    # What is common to all tasks

    def _wrong_kind(self, attempt, found):
        """In words, what an attempt is or gives that this task has no use for; empty where there is nothing."""
        if self.inputs is not None and (words := self._not_callable_so(attempt)):
            return words
        error = next((o.error for o in found if isinstance(o.error, WrongKind)), None)
        if error is None:
            return ""
        if any(o.printed for o in found) and "is None" in message(error):
            return "Your function prints, and returns None. A printed value is gone: `return` it."
        return message(error)

    def _not_callable_so(self, attempt):
        wanted = "class" if isinstance(self.solution, type) else "function"
        if not callable(attempt):
            if isinstance(attempt, Verdict | str | Mapping) or attempt is None:
                told = (
                    what_is_wrong(attempt)
                    .replace("The result", "What you passed")
                    .replace(" Is a `return` missing?", "")
                )
                told = told.split(", where a number belongs")[0].split(", where numbers belong")[0].rstrip(".") + "."
            elif isinstance(plain(attempt), str):
                told = f"What you passed is of type {type(attempt).__name__}."
            else:
                told = "What you passed is a value, such as a call gives."
            return f"{told} Pass the {wanted} itself, by its name, without calling it."
        if wanted == "class" and not isinstance(attempt, type) and isinstance(attempt, Module):  # it can be called
            told = f"What you passed is an object of the class {type(attempt).__name__}."
            return f"{told} Pass the class itself, by its name, without calling it."
        if wanted == "function" and isinstance(attempt, type):
            return f"You passed the class `{attempt.__name__}`. This task is about a function."
        names = self._argument_names()
        try:
            signature = inspect.signature(attempt)
            signature.bind(*names)
            mine = list(signature.parameters)
            if sorted(mine) == sorted(names) and mine != names:
                in_order, yours = (", ".join(f"`{name}`" for name in listed) for listed in (names, mine))
                return f"The check calls it with {in_order}, in this order. Yours takes {yours}."
        except TypeError:
            arguments = ", ".join(f"`{name}`" for name in names)
            if wanted == "class" and not isinstance(attempt, type):
                return f"You passed a function. This task is about a class, which is made with {arguments}."
            return f"The check calls it with {_counted(len(names))}: {arguments}. Yours takes {_takes(attempt)}."
        except Exception:  # such as a function of C, of which nobody knows
            pass
        return ""

    def _argument_names(self):
        parameters = inspect.signature(self.solution).parameters.values()
        own = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        return list(self._inputs(0)) if self._observe is None else own

    # What differs

    def _difference(self, attempt, found, true, seed, told, offer):
        """What is wrong, in words or as a table. Where the answer is a value, it stays out of it."""
        inputs = self._inputs(seed)
        given = f"With {_inputs(inputs)}" if inputs else ""
        printed = f"It printed: {found.printed[:PRINTED].rstrip()}" if found.printed.strip() else ""
        if found.error:
            is_yours, text = _error([found], attempt)
            if not is_yours:
                words = f"The check finds no use for what your code gives it: {text}. {offer}"
                return Verdict("different", "Not right", words)
            words = meaning(text) if not (model := _model_in(found.error)) else model
            words = f"{given}. {words}{offer}" if given else words + offer
            return Verdict("error", "Your code raises an error", words, "\n".join(filter(None, [text, printed])))
        for name, right in true.values.items():
            mine = found.values.get(name, "missing")
            if not isinstance(mine, str) and not isinstance(right, str) and mine.shape != right.shape:
                subject = f"{given}, `{name}`" if given else f"`{name}`"
                shapes = mine.shape, right.shape
                if name.split()[0] == "shape":  # a shape is what was observed
                    subject = f"{given}, the result{name.removeprefix('shape')}"
                    shapes = tuple(mine.astype(int).tolist()), tuple(right.astype(int).tolist())
                words = f"{subject} has the shape {shapes[0]}, and should have {shapes[1]}. {offer}"
                return Verdict("different", "Not right", words)
        if self.inputs is None:
            wrong = [name for name, right in true.values.items() if not same_value(found.values[name], right)]
            others = "The rest is right." if len(wrong) < len(true.values) else "None is right yet."
            if all(_is_rounded(found.values[name], true.values[name]) for name in wrong):
                others = "As far as its digits go this is right. Give more of them, or what your code computes."
            words = f"Look again at {', '.join(f'`{w}`' for w in wrong)}. {others} {offer}"
            return Verdict("different", "Not right", words)
        rows = [("", "yours", "expected", "difference", "")]
        for name, right in true.values.items():
            rows += _rows(name, found.values.get(name, "missing"), right)
        words = f"{told} {given}. {offer}" if told else f"{given}. {offer}"
        return Verdict("different", "Not right", words, printed, rows)


def _is_rounded(mine, right):
    """Whether a number is another one with fewer digits behind the point, at least one of them."""
    if isinstance(mine, str) or isinstance(right, str) or mine.size != 1 or mine.dtype.kind != "f":
        return False
    digits = -Decimal(repr(float(mine.item()))).normalize().as_tuple().exponent
    return digits > 0 and mine.item() != 0 and round(float(right.item()), digits) == mine.item()


def _counted(number):
    return "one argument" if number == 1 else f"{number} arguments"


def _takes(attempt):
    names = [name for name in inspect.signature(attempt).parameters]
    return ", ".join(f"`{name}`" for name in names) or "none"


def _error(found, attempt):
    """(whether it came from the learner's code, the error and the line) of the first error in what was found."""
    error = next((observed.error for observed in found if observed.error), None)
    if error is None or isinstance(error, WrongKind):
        return False, ""
    files = {function.__code__.co_filename for function in source.functions_of(attempt)}
    frames = lines_of(error)
    return bool(frames), where(f"{type(error).__name__}: {message(error)}", frames, files)


def _model_in(error):
    """Words for a model that stands where its predictions belong, where that is what an error is about."""
    step = error.__traceback__
    while step is not None:
        for value in list(step.tb_frame.f_locals.values()):
            if isinstance(value, Module) and type(value).__name__ in message(error):
                return "A model stands in this line where its predictions belong: call it, as in `model(inputs)`. "
        step = step.tb_next
    return ""


def _inputs(inputs):
    return ", ".join(f"{name} = {_short(value)}" for name, value in inputs.items())


def _short(value):
    """`value` in a few characters."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_short(part)}" for key, part in value.items()) + "}"
    array = plain(value)
    if isinstance(array, str) or array.dtype.kind == "b" or array.ndim == 0:
        return _number(array)
    flat = array.reshape(-1)
    shape = "" if array.ndim == 1 and len(flat) <= SHOWN else f" … of shape {array.shape}"
    return "[" + ", ".join(_number(x) for x in flat[:SHOWN]) + "]" + shape


def _number(x):
    if isinstance(x, str):
        return x
    return str(x) if x.dtype.kind in "bi" else f"{float(x):.5g}".replace("-", "−")


def _rows(name, mine, right):
    if isinstance(mine, str) or isinstance(right, str) or right.size == 1:
        yield (name, *_compared(*(x if isinstance(x, str) else x.reshape(-1)[0] for x in (mine, right))))
        return
    order = np.argsort(close(mine, right).reshape(-1), kind="stable")[:SHOWN]  # what is wrong first
    for i in sorted(order):
        place = ", ".join(str(k) for k in np.unravel_index(i, right.shape))
        yield (f"{name}[{place}]", *_compared(mine.reshape(-1)[i], right.reshape(-1)[i]))


def _compared(mine, right):
    numeric = not isinstance(mine, str) and not isinstance(right, str) and np.asarray(right).dtype.kind != "b"
    difference = _number(np.float64(mine) - np.float64(right)) if numeric else ""
    if not same_value(*(x if isinstance(x, str) else np.asarray(x) for x in (mine, right))):
        word = "wrong"
    else:
        word = "exact" if not numeric or mine == right else "close"
    return (*(x if isinstance(x, str) else _number(np.asarray(x)) for x in (mine, right)), difference, word)
