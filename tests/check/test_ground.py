"""What all checks stand on: kinds of answers, what was handed over, lines, margins, attempts that nobody foresaw."""

import ast
import json
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from examples import TIMES

import course as tf
from course import check
from course.check import base, observation, record, source
from tools import stress_checks

ROOT = Path(__file__).parents[2]
TASKS = stress_checks.tasks()


def judged(name, attempt):
    return TASKS[name].judge(attempt)


def cell(text, filename="<a cell>", **names):
    """The last function or class that a cell defines, as a notebook would hold it, source and all."""
    import linecache

    linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
    exec(compile(text, filename, "exec"), names)
    return names[ast.parse(text).body[-1].name]


def test_no_attempt_of_a_sample_of_edited_solutions_is_right_and_differs_on_broader_inputs():
    counts, wrong, _ = stress_checks.stress(100 * TIMES, seed=1)
    assert not wrong
    assert counts["the mistake named"] > 10 * TIMES and sum(counts.values()) == 100 * TIMES


# Kinds


KINDS = [
    (None, "is None"),
    ("text", "the text 'text'"),
    (3.0, "is a value, such as a call gives"),
    ([1.0, 2.0], "is a value, such as a call gives"),
    ({"a": 1.0}, "is a dictionary"),
    (int, "class"),
    (lambda: 1.0, "The check calls it with"),
    (base.Verdict("right", "Right", "."), "is what a check said"),
]


@pytest.mark.parametrize(("attempt", "words"), KINDS, ids=range(len(KINDS)))
@pytest.mark.parametrize(
    "name", [name for name, task in TASKS.items() if isinstance(task.solution, types.FunctionType)]
)
def test_what_is_passed_in_place_of_a_function_is_said_in_words(name, attempt, words):
    verdict = judged(name, attempt)
    assert verdict.status == "different" and words in verdict.words and not verdict.rows and not verdict.code


RESULTS = [
    (lambda x: None, "The result is None. Is a `return` missing?"),
    (lambda x: print(2 * x), "Your function prints, and returns None."),
    (lambda x: "about 3", "The result is the text 'about 3'"),
    (lambda x: (yield 2 * x), "The result is a generator"),
    (lambda x: np.mean, "The result is a function that was not called"),
    (lambda x: tf.keras.Sequential([]), "The result is a model, of type Sequential"),
    (lambda x: {1, 2}, "The result is a set"),
    (lambda x: [1.0, [2.0, 3.0]], "a list whose parts have different shapes"),
    (lambda x: object(), "The result is of type object"),
    (lambda x: float, "The result is the class float"),
]


@pytest.mark.parametrize(("attempt", "words"), RESULTS, ids=range(len(RESULTS)))
def test_a_result_of_a_wrong_kind_is_said_in_words(attempt, words):
    task = base.Task(why=".", hints=[], mistakes=[], inputs=lambda rng: {"x": rng.normal()}, solution=lambda x: 2 * x)
    verdict = task.judge(attempt)
    assert verdict.status == "different" and words in verdict.words and not verdict.rows


@pytest.mark.parametrize(
    "name", [name for name, task in TASKS.items() if isinstance(task.solution, types.FunctionType)]
)
def test_a_function_that_returns_nothing_is_asked_for_its_return_and_gets_no_table(name):
    names = ", ".join(TASKS[name]._argument_names())
    verdict = judged(name, cell(f"def attempt({names}):\n    pass\n"))
    assert verdict.status in ("different", "mistake") and not verdict.rows
    assert "nan" not in verdict.text.replace("finance", "")


FORMS = [
    {"L2": 22, "L1": 3},
    {"L1": 3.0, "L2": 22.0},
    {"l2": "22.0", " L1 ": "3"},
    (22.0, 3.0),
    [np.float32(22), tf.constant(3.0)],
    np.array([22.0, 3.0]),
    {"L2": [22.0], "L1": np.array([[3.0]])},
    {"L2": 22.0, "L1": 3.0, "Huber": 7.0},
    types.SimpleNamespace(L2=22.0, L1=3.0),
]


@pytest.mark.parametrize("attempt", FORMS, ids=range(len(FORMS)))
def test_right_values_are_right_in_every_form_that_carries_them_all(attempt):
    assert judged("model_and_loss.best_constant", attempt).status == "right"


def test_a_pair_may_be_a_dictionary_with_its_names_in_any_order():
    l1_gradient = TASKS["model_and_loss.l1_gradient"].solution

    def as_dictionary(inputs, residuals):
        dW, db = l1_gradient(inputs, residuals)
        return {"db": db, "dW": dW}

    assert judged("model_and_loss.l1_gradient", as_dictionary).status == "right"


def test_the_gradient_that_the_tape_gives_is_right_as_it_is():
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(tf.gather(table, [0, 3, 0])))
    assert judged("embeddings.lookup_gradient", tape.gradient(loss, table)).status == "right"


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        ({"L2": 22.0}, "`L1` is missing"),
        ({"L2": 22.0, "L": 3.0}, "`L1` is missing in the answer. There is `L`, which is not asked for"),
        ((22.0, 3.0, 1.0), "has 3 parts, and needs 2"),
        (22.0, "The answer is a dictionary with `L2`, `L1`"),
        ({"L2": None, "L1": 3.0}, "`L2` is None"),
        ({"L2": np.mean, "L1": 3.0}, "`L2` is a function that was not called"),
        ({"L2": "22 or so", "L1": 3.0}, "`L2` is the text '22 or so'"),
        ({"L2": {"a": 1}, "L1": 3.0}, "`L2` is a dictionary"),
    ],
    ids=range(8),
)
def test_what_an_answer_lacks_is_named(attempt, words):
    verdict = judged("model_and_loss.best_constant", attempt)
    assert verdict.status == "different" and words in verdict.words
    assert "Look again at ." not in verdict.words


@pytest.mark.parametrize(
    "answer, rounded",
    [((0.6, 11.5), True), ((0.608, 11.5), True), ((0.6, 11.6), False), ((1, 12), False), ((0.0, 11.5), False)],
)
def test_a_right_answer_with_too_few_digits_is_told_so(answer, rounded):
    verdict = check.variables.fading_distance.judge(dict(zip(("from 0", "from 100"), answer)))
    assert verdict.status != "right" and ("Give more of them" in verdict.words) == rounded


@pytest.mark.parametrize(
    "attempt",
    [..., {"L2": 22.0, "L1": ...}, {"L2": 22.0, "L1": [1.0, [...]]}, (22.0, ...), [..., ...]],
    ids=range(5),
)
def test_dots_deep_inside_an_answer_are_not_yet_one(attempt):
    assert judged("model_and_loss.best_constant", attempt).status == "not yet"


def test_dots_in_a_method_a_property_and_a_decorated_function_are_found():
    for text in (
        "class A:\n    def __init__(self, start):\n        self.x = ...\n",
        "class A:\n    @property\n    def x(self):\n        return ...\n",
        "class A:\n    @staticmethod\n    def x():\n        return 1 + ...\n",
        "import functools\n\n@functools.lru_cache\ndef f(x):\n    return [x, ...]\n",
    ):
        assert source.is_open(cell(text)), text
    assert not source.is_open(cell("def f(x):\n    return x[..., 0]\n"))
    assert not source.is_open(cell("def f(x):\n    x[...] = 0\n    return x\n"))


@pytest.mark.parametrize("index", ["...", ":...", "...:", "g(...)"])
def test_an_index_that_the_exercise_left_open_is_not_yet_an_answer(index):
    assert source.is_open(cell(f"def f(x, g):\n    return x[{index}]\n"))


def test_half_a_lookup_and_half_a_block_are_not_yet_right():
    half = "def remember(inputs, outputs, new):\n    d = np.abs(new[:, None] - inputs)\n    return outputs[...]\n"
    assert judged("data_synthesis.nearest_neighbour", cell(half, np=np)).status == "not yet"
    half = "def mean_square(x, y, block):\n    d = np.empty(block)\n    return np.sum(d[:...])\n"
    assert judged("from_tape_to_program.mean_square", cell(half, np=np)).status == "not yet"


# As it was handed over


def starters():
    """{task: the text of the cell that its exercise hands over}, from the notebooks."""
    found = {}
    for path in sorted((ROOT / "notebooks" / "solutions").glob("*.py")):
        cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        code = [cell.partition("\n")[2] for cell in cells if cell.startswith("\n")]
        for before, after in zip(code, code[1:]):
            if call := re.match(r"\s*check\.(\w+\.\w+)\(", after):
                found[call[1]] = before
    return found


BROKEN = [name for name, task in TASKS.items() if task.broken is not None]


@pytest.mark.parametrize("name", BROKEN)
def test_what_the_check_takes_for_handed_over_is_what_the_notebook_hands_over(name):
    definition = ast.parse(TASKS[name].broken.text).body[-1]
    (handed,) = [n for n in ast.parse(starters()[name]).body if getattr(n, "name", None) == definition.name]
    assert ast.dump(handed) == ast.dump(definition)


@pytest.mark.parametrize("name", BROKEN)
def test_a_comment_leaves_a_program_as_it_was_handed_over_and_a_change_does_not(name):
    broken = TASKS[name].broken
    module = sys.modules[f"course.check.chapters.{name.split('.')[0]}"]
    names = {**vars(module), "l2_loss": getattr(module, "_l2_loss", None)}
    assert judged(name, cell(f"# a comment\n{broken.text}", **names)).status == "not yet"
    # A line that changes nothing is a change all the same: then the check says what remains.
    changed = re.sub(r"^( *def \w+\(.*\):\n)( +)", r"\1\2mine = 1\n\2", broken.text, count=1, flags=re.MULTILINE)
    verdict = judged(name, cell(changed, **names))
    assert verdict.status == "mistake" and verdict.words.startswith(broken.remains)
    assert "handed over" not in verdict.words


# Errors, and whose they are


def test_an_error_of_ours_is_not_shown_as_the_learners():
    names = {}
    exec(compile("def observe(attempt, x): return attempt(x).nothing", base.__file__, "exec"), names)
    observe = names["observe"]
    solution = cell("def solution(x):\n    return types.SimpleNamespace(nothing=x)\n", types=types)
    inputs = lambda rng: {"x": 1.0}  # noqa: E731
    task = base.Task(why=".", hints=[], mistakes=[], inputs=inputs, observe=observe, solution=solution)
    assert task.judge(solution).status == "right"
    verdict = task.judge(lambda x: x)
    assert verdict.status == "different" and "raises" not in verdict.title and not verdict.code


def test_a_line_of_another_cell_is_named_as_that():
    loss = cell(
        "def l2_loss(predictions, outputs):\n    return tf.reduce_mean(tf.square(predictions - outputs))\n", tf=tf
    )
    text = """
def train_curve(model, inputs, outputs, learning_rate):
    with tf.GradientTape() as tape:
        loss = l2_loss(model, outputs)
    return loss
"""
    verdict = judged("training_loop.train_curve", cell(text, "<b cell>", tf=tf, l2_loss=loss))
    assert "in `l2_loss`, in line 2 of another cell" in verdict.code
    assert "which line 4 of your cell calls: loss = l2_loss(model, outputs)" in verdict.code
    assert "A model stands in this line where its predictions belong: call it" in verdict.words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return np.ones(3) + np.ones(4)", "Arrays whose shapes do not fit meet in this line"),
        ("return None + x", "Something in this line is None"),
        ("return np.mean * 2 + len + x", "A function stands in this line"),
        ("y = 2\n    return y(x)", "Something is called that is not a function"),
        ("return undefined", "Has the cell run in which it is defined"),
    ],
)
def test_common_errors_get_a_sentence_beside_their_message(body, words):
    attempt = cell(f"def subtract(g, a, b):\n    x = 1\n    {body}\n", np=np)
    verdict = judged("gradient_tape.subtract_rule", attempt)
    assert verdict.status == "error" and words in verdict.words and " of your cell: return" in verdict.code


class Unreadable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Ends(BaseException):
    pass


@pytest.mark.parametrize("error", [Unreadable, Ends, RecursionError, MemoryError, SystemExit, GeneratorExit])
@pytest.mark.parametrize("name", ["variables.running_mean", "gradient_tape.doubling_walk", "layers.own_dropout"])
def test_no_error_of_an_attempt_leaves_the_check(name, error):
    def attempt(*args):
        raise error

    assert TASKS[name](attempt).status != "right"


def test_what_an_attempt_prints_stands_in_the_verdict_and_not_above_it(capsys):
    text = "def subtract(g, a, b):\n    print('g is', 3)\n    return g * a * b\n"
    verdict = judged("gradient_tape.subtract_rule", cell(text))
    assert verdict.code == "It printed: g is 3" and not capsys.readouterr().out


def test_a_check_leaves_the_learners_random_numbers_as_they_were():
    tf.random.set_seed(3)
    expected = tf.random.normal([3]).numpy()
    tf.random.set_seed(3)
    judged("layers.own_dropout", TASKS["layers.own_dropout"].solution)
    np.testing.assert_array_equal(tf.random.normal([3]), expected)


def test_an_attempt_that_draws_its_own_numbers_is_told_so():
    draws = cell("def f(g, a, b):\n    return np.random.normal()\n", np=np)
    assert "draws random numbers of its own" in judged("gradient_tape.subtract_rule", draws).words
    draws = lambda x, noise, stddev: x + tf.random.normal(x.shape)  # noqa: E731
    assert "draws random numbers of its own" in judged("data_synthesis.curve", draws).words


@pytest.mark.parametrize(("attempt", "words"), [((1.0,), "one part"), (1.0, "one part"), ((1.0, 2.0, 3.0), "3 parts")])
def test_a_pair_that_lacks_a_part_is_told_its_parts(attempt, words):
    verdict = judged("published_run.third_loss", lambda learning_rate, moments: attempt)
    assert f"The result has {words}, and needs 2: `loss`, `derivative`." in verdict.words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x: -3 * x - 1, "The sign is flipped."),
        (lambda x: 1 / (3 * x + 1), "upside down"),
        (lambda x: 6 * x + 2, "It is twice what it should be"),
        (lambda x: 21 * x + 7, "It is 7 times what it should be"),
        (lambda x: 3 * x + 2, "It is 1 too large everywhere."),
        (lambda x: 5.0 + 0 * x, "It is always the same number"),
        (lambda x: 0 * x, "It is 0 everywhere."),
        (lambda x: np.log(-1 - 0 * x), "It is not a number everywhere"),
        (lambda x: (3 * x + 1) ** 2, "It is the square of what it should be"),
        (lambda x: (3 * x + 1)[::-1], "stand in another order"),
        (lambda x: np.floor(3 * x + 1), "It is rounded down."),
    ],
)
def test_how_all_results_differ_is_said_above_the_table(wrong, words):
    inputs = lambda rng: {"x": rng.uniform(0.3, 2.0, size=4)}  # noqa: E731
    task = base.Task(why=".", hints=[], mistakes=[], inputs=inputs, solution=lambda x: 3 * x + 1)
    verdict = task.judge(wrong)
    assert words in verdict.words and verdict.rows


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda g, a, b: np.sin(a), "It does not depend on `g`, and should."),
        (lambda g, a, b: g**3 + np.sin(a), "It depends on `a`, and should not."),
    ],
)
def test_an_input_that_is_not_used_or_should_not_be_is_named(wrong, words):
    assert words in judged("gradient_tape.subtract_rule", wrong).words


def test_an_input_that_counts_on_some_inputs_only_is_not_said_to_be_unused():
    def best_workers(compute, latency, size, bandwidth):  # on the first inputs the latency alone decides
        return min(
            range(1, 101), key=lambda n: compute if n == 1 else compute / n + 2 * latency + n * 2 * size / bandwidth
        )

    verdict = judged("beyond_one_machine.best_workers", best_workers)
    assert verdict.status == "different" and "depend" not in verdict.words


def test_arguments_in_another_order_are_told_the_order():
    swapped = cell("def ring_bytes(size, n):\n    return 2 * (n - 1) * size / n\n")
    words = judged("beyond_one_machine.ring_bytes", swapped).words
    assert "calls it with `n`, `size`, in this order. Yours takes `size`, `n`." in words
    symmetric = cell("def rule_of_b(a, g, b):\n    return np.sum(g * a, axis=0)\n", np=np)
    assert judged("gradient_tape.unsummed_gradient", symmetric).status == "right"


# Verdicts that were wrong once


NESTEROV = """
class N:
    def __init__(self, rate, momentum=0.9):
        self.rate, self.momentum, self.v = rate, momentum, {}

    def update(self, variable, gradient):
        self.v[variable.ref()] = self.momentum * self.v[variable.ref()] - self.rate * gradient
"""


def test_an_error_that_names_a_place_in_memory_is_an_error_and_not_a_random_number():
    verdict = judged("optimizers.shared_velocity", cell(NESTEROV))
    assert verdict.status == "error" and "KeyError" in verdict.code and "random" not in verdict.words
    raises = [observation.Observation(error=KeyError(object())) for _ in range(2)]
    assert observation.same(*raises)
    assert not observation.same(raises[0], observation.Observation(error=KeyError("another")))


def test_an_object_of_the_class_is_not_the_class_though_it_can_be_called():
    words = judged("layers.own_dropout", TASKS["layers.own_dropout"].solution(0.5)).words
    assert "an object of the class" in words and "Pass the class itself" in words


def test_no_line_is_spoken_of_where_none_is_shown():
    verdict = judged("optimizers.shared_velocity", lambda rate: None)
    assert "in this line" not in verdict.words and not verdict.code and "'NoneType'" in verdict.words


def test_a_number_is_not_said_to_be_where_a_number_belongs():
    for answer, told in ((22, "The result is one number."), (np.ones(7), "7 parts"), ("22", "The result is the text")):
        verdict = judged("model_and_loss.best_constant", answer)
        assert told in verdict.words and "where a number belongs" not in verdict.words
    assert "Use a list" not in judged("model_and_loss.best_constant", {22, 3}).words


def test_a_gradient_by_rows_is_not_taken_for_the_dense_one():
    def by_rows(indices, values, num_rows):
        return tf.IndexedSlices(values, indices, (num_rows, values.shape[1]))

    verdict = judged("embeddings.lost_duplicates", by_rows)
    assert verdict.status == "different" and "The dense array is wanted" in verdict.words


def test_a_result_that_is_nothing_is_told_as_zero_and_a_shape_as_a_shape():
    nothing = cell(
        "class D:\n    def __init__(self, rate):\n        pass\n\n    def __call__(self, x, training=False):\n"
        "        return x\n"
    )
    assert "Nothing is dropped" in judged("layers.own_dropout", nothing).words
    single = cell(
        "class D:\n    def __init__(self, rate):\n        pass\n\n    def __call__(self, x, training=False):\n"
        "        return x if training else 0\n"
    )
    words = judged("layers.own_dropout", single).words
    assert "the result outside of training has the shape (), and should have (400, 100)" in words
    inputs = lambda rng: {"x": rng.uniform(0.1, 0.9, size=4)}  # noqa: E731
    task = base.Task(why=".", hints=[], mistakes=[], inputs=inputs, solution=lambda x: 1 * x)
    assert "It is 0 everywhere." in task.judge(lambda x: 0 * x).words  # which is each result rounded down, too


# A fresh reader's likely mistakes, which had a table and no words

DROPOUT = """
class Dropout:
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, inputs, training=False):
        if not training:
            return inputs
        remains = tf.random.uniform(inputs.shape) >= self.rate
        return inputs * tf.cast(remains, inputs.dtype) / (1 - self.rate)
"""


def test_a_ready_made_dropout_is_not_the_learners_own():
    class Renamed(tf.keras.layers.Dropout):
        pass

    for handed_in in (tf.keras.layers.Dropout, Renamed):
        verdict = judged("layers.own_dropout", handed_in)
        assert verdict.status == "different" and "the library's own" in verdict.words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (">= self.rate", "< 1 - self.rate", None),
        (">= self.rate", ">= 1 - self.rate", "This layer keeps it, and drops the rest"),
        ("return inputs\n", "return inputs * (1 - self.rate)\n", "the loss is made up again"),
    ],
)
def test_a_dropout_with_other_draws_shows_the_same(old, new, words):
    verdict = judged("layers.own_dropout", cell(DROPOUT.replace(old, new), tf=tf))
    assert verdict.status == ("mistake" if words else "right") and (words or "") in verdict.words


def test_a_walk_that_fails_at_a_record_beside_the_way_is_not_right():
    def backward(records, target):
        gradients = {target: 1.0}
        for output, inputs, rules in reversed(records):
            for value, rule in zip(inputs, rules):
                gradients[value] = gradients.get(value, 0.0) + rule(gradients[output])
        return gradients

    verdict = judged("gradient_tape.doubling_walk", backward)
    assert verdict.status == "mistake" and "need not use the output of every record" in verdict.words


def test_likely_mistakes_are_named():
    except_only = recording("    try:\n        yield records\n    except Exception:\n        active.pop()\n")
    assert "swallowed, and after a good block" in judged("gradient_tape.tape_left_on", except_only).words
    rebound = "def f(total, count, value):\n    total, count = total + value, count + 1\n    return total / count\n"
    assert "both variables stay 0" in judged("variables.running_mean", cell(rebound)).words
    exact = lambda n, i, u: n * u * (2 * i - 1) / (4 * (n * i + i * u + n * u))  # noqa: E731
    assert "n − 1 additions" in judged("from_tape_to_program.intensity", exact).words
    unrounded = lambda compute, latency, size, bandwidth: (compute * bandwidth / (2 * size)) ** 0.5  # noqa: E731
    assert "Workers are whole" in judged("beyond_one_machine.best_workers", unrounded).words


def recording(lines):
    text = "@contextmanager\ndef recording(active):\n    records = []\n    active.append(records)\n" + lines
    return cell(text, contextmanager=__import__("contextlib").contextmanager)


def popping(records, target):
    gradients = {target: 1.0}
    for output, inputs, rules in reversed(records):
        g = gradients.pop(output, 0.0)
        for value, rule in zip(inputs, rules):
            gradients[value] = gradients.get(value, 0.0) + rule(g)
    return gradients


class WithTheChaptersInterface:
    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum, self.velocities = learning_rate, momentum, {}

    def apply_gradients(self, pairs):
        for gradient, variable in pairs:
            velocity = self.momentum * self.velocities.get(variable.ref(), 0.0) - self.learning_rate * gradient
            self.velocities[variable.ref()] = velocity
            variable.assign_add(self.momentum * velocity - self.learning_rate * gradient)


def test_right_answers_that_were_refused_are_right():
    assert judged("gradient_tape.doubling_walk", popping).status == "right"
    assert judged("optimizers.shared_velocity", WithTheChaptersInterface).status == "right"
    for convert in (float, np.ceil, lambda n: int(np.ceil(n))):
        attempt = lambda sigma, error, convert=convert: convert((sigma / error) ** 2)  # noqa: E731
        assert judged("data_synthesis.examples_needed", attempt).status == "right"
    in_a_buffer = stress_checks.solutions()["from_tape_to_program.mean_square"]
    names = dict(in_a_buffer[2])
    exec(ast.unparse(in_a_buffer[1]), names)
    assert judged("from_tape_to_program.mean_square", names["mean_square"]).status == "right"


def test_examples_that_are_rounded_down_are_told_to_be_rounded_up():
    verdict = judged("data_synthesis.examples_needed", lambda sigma, error: int((sigma / error) ** 2))
    assert "rounded down" in verdict.words and "Round up" in verdict.words


def test_a_yield_without_the_list_is_not_called_a_missing_return():
    verdict = judged(
        "gradient_tape.tape_left_on", recording("    try:\n        yield\n    finally:\n        active.pop()\n")
    )
    assert "`yield` hands over the new list" in verdict.words and "return" not in verdict.words


def test_the_second_best_optimizer_key_is_named():
    by_name = cell(
        "class N:\n"
        "    def __init__(self, rate, momentum=0.9):\n        self.rate, self.momentum, self.v = rate, momentum, {}\n"
        "    def update(self, variable, gradient):\n        step = self.rate * gradient\n"
        "        self.v[variable.name] = self.momentum * self.v.get(variable.name, 0.0) - step\n"
        "        variable.assign_add(self.momentum * self.v[variable.name] - step)\n"
    )
    assert "two variables may have the same" in judged("optimizers.shared_velocity", by_name).words


# Progress


def right(name):
    return TASKS[name](TASKS[name].solution)


def test_what_cannot_be_written_is_remembered_by_this_process(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    right("variables.four_names")
    assert repr(check.progress()).startswith("1 of ")
    assert repr(check.reset()).startswith("0 of ")


def test_what_is_remembered_adds_to_what_is_in_the_file(monkeypatch, progress_file):
    right("variables.four_names")
    monkeypatch.setattr(record, "_unsaved", [])
    monkeypatch.setattr(record.os, "write", lambda *args: 0)  # a disk that is full
    right("gradient_tape.subtract_rule")
    assert repr(check.progress()).startswith("2 of ")


def test_two_processes_lose_nothing_to_each_other(progress_file):
    code = "from course.check import record\nfor i in range(60): record.keep('c', f'{i}-{NAME}', 'right')"
    processes = [
        subprocess.Popen([sys.executable, "-c", code.replace("NAME", repr(name)).replace("{'", "").replace("'}", "")])
        for name in "ab"
    ]
    for process in processes:
        assert process.wait(60) == 0
    assert len(record.load()["c"]) == 120


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"variables": ' * 50_000, "null", "[]", "\ud800", '{"task": 1}\n{"reset": 3}', "\0" * 1000],
    ids=range(7),
)
def test_a_damaged_record_counts_as_nothing_and_takes_new_lines(progress_file, content):
    progress_file.write_text(content, errors="surrogatepass")
    assert repr(check.progress()).startswith("0 of ")
    right("variables.four_names")
    assert repr(check.progress()).startswith("1 of ")


def test_a_torn_line_costs_itself_only(progress_file):
    right("variables.four_names")
    with open(progress_file, "a") as file:
        file.write('{"chapter": "variab')
    right("variables.lost_update")
    assert repr(check.progress()).startswith("2 of ")


def test_a_record_of_the_first_version_still_counts(progress_file):
    progress_file.write_text(json.dumps({"variables": {"four_names": "right", "lost_update": "mistake"}}, indent=1))
    right("gradient_tape.subtract_rule")
    assert repr(check.progress()).startswith("2 of ")


def test_a_reset_is_forgotten_by_who_asks_for_what_was_ever_right(progress_file):
    right("variables.four_names")
    check.reset()
    TASKS["variables.four_names"]({"a": 1.0, "b": 1.0, "c": 1.0, "v": 1.0})
    assert repr(check.progress()).startswith("0 of ")
    ever = record.state_of(record.entries(progress_file), resets=False)
    assert ever["variables"]["four_names"] == "right"
