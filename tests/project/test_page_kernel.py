"""What the book's pages run cells with: here in this Python, without a browser."""

import ast
import asyncio
import builtins
import importlib.util
import json
import re
import sys
import time

import numpy as np
import pytest

from tools.notebooks import ROOT, content, pairs, read_text


@pytest.fixture
def kernel(monkeypatch):
    """The module, as the worker imports it; what it sends is in `kernel.sent`."""
    # What the module replaces, as it is in a new process, and brought back at the end.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr("course.random._state", {"seed": None, "generators": {}})
    monkeypatch.setattr("course.keras.layers._counts", {})
    spec = importlib.util.spec_from_file_location("page_kernel", ROOT / "docs" / "_static" / "live" / "kernel.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.sent = []
    module.emit = lambda text: module.sent.append(json.loads(text))
    return module


def run(kernel, source, page=1):
    kernel.sent.clear()
    return json.loads(asyncio.run(kernel.run(page, 0, source)))["status"]


def texts(kernel):
    return "".join(message.get("text") or message["data"]["text/plain"] for message in kernel.sent)


def test_a_cell_prints_and_shows_its_last_value_unless_a_semicolon_follows(kernel):
    assert run(kernel, "print('a')\n6 * 7") == "ok"
    assert texts(kernel) == "a\n42"
    assert run(kernel, "6 * 7;") == "ok" and texts(kernel) == ""


def test_pages_do_not_see_each_other_and_forget(kernel):
    run(kernel, "x = 1")
    assert run(kernel, "x", page=2) == "error"
    kernel.forget(1)
    assert run(kernel, "x") == "error"


def test_random_numbers_and_names_of_layers_are_a_page_s_own_and_start_anew_when_it_forgets(kernel):
    draw = "import course as tf\nprint(tf.keras.layers.Dense(1).name, float(tf.random.normal([])))"
    run(kernel, f"import course as tf\ntf.random.set_seed(1)\n{draw}")
    first = texts(kernel)
    assert run(kernel, f"{draw}\ntf.random.set_seed(2)", page=2) == "ok" and "dense " in texts(kernel)
    run(kernel, draw)
    assert "dense_1 " in texts(kernel)
    second = texts(kernel)
    kernel.forget(1)
    run(kernel, f"import course as tf\ntf.random.set_seed(1)\n{draw}")
    assert texts(kernel) == first
    run(kernel, draw)
    assert texts(kernel) == second


def test_how_numpy_prints_and_warns_is_a_page_s_own_too_and_lasts_from_cell_to_cell(kernel):
    with np.printoptions():
        run(kernel, "import numpy as np\nnp.set_printoptions(precision=2)\nnp.seterr(divide='raise');")
        show = "import numpy as np\nprint(np.array([0.123456]), np.geterr()['divide'])"
        run(kernel, show, page=2)
        assert texts(kernel) == "[0.123456] warn\n"
        run(kernel, show)
        assert texts(kernel) == "[0.12] raise\n"
        kernel.forget(1)
        run(kernel, show)
        assert texts(kernel) == "[0.123456] warn\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a = 1\nb = a / 0", ["line 2", "b = a / 0", "ZeroDivisionError"]),
        ("a = (1", ["line 1", "SyntaxError"]),
        ("import json\njson.loads('{')", ["line 2", "JSONDecodeError"]),
        ("raise SystemExit(3)", ["SystemExit: 3"]),
    ],
)
def test_an_error_names_the_reader_s_own_lines_and_no_others(kernel, source, words):
    assert run(kernel, source) == "error"
    assert all(word in texts(kernel) for word in words)
    assert "page_kernel" not in texts(kernel) and "decoder.py" not in texts(kernel)


def test_an_interrupt_is_no_error_of_the_reader_s_and_keeps_the_names(kernel):
    assert run(kernel, "x = 1\nraise KeyboardInterrupt") == "stopped"
    assert run(kernel, "x") == "ok"


def test_text_and_results_are_cut(kernel):
    run(kernel, "for i in range(100_000): print(i)")
    assert len(texts(kernel)) < kernel.LIMIT + 200 and "The rest is not shown" in texts(kernel)
    run(kernel, "'x' * 1_000_000")
    assert len(texts(kernel)) == kernel.LIMIT


@pytest.mark.parametrize(
    ("above", "last", "kept"),
    [
        (["a = 1", "b = 2"], "show(a)", ["a = 1"]),
        (["a = 1\nb = a + 1", "print(b)"], "show(b)", ["a = 1", "b = a + 1"]),
        (["def f():\n    return g()", "def g():\n    return 1"], "f()", ["def f", "def g"]),  # what stands below
        (["a = []", "a[0] = 1", "b = a"], "show(a)", ["a = []", "a[0] = 1"]),
        (["tape = 1", "y = 2"], "with t() as tape:\n    y = 3\nshow(tape, y)", []),  # it has its own
        (["x = 1"], "x += 1\nshow(x)", ["x = 1"]),
        (["import numpy as np", "import time"], "np.zeros(3)", ["import numpy as np"]),
        (["for i in range(3):\n    total = i"], "total", ["for i in range(3)"]),
    ],
)
def test_an_experiment_s_preparation_is_what_it_needs(kernel, above, last, kept):
    found = kernel.needed([*above, last])
    assert all(part in found for part in kept)
    assert (found == "") == (not kept)


@pytest.mark.parametrize(
    ("above", "last", "kept"),
    [
        ("x = 1\nx = 2", "x", "x = 2"),  # what is replaced is not needed
        ("x = 1\nx, y = (x, 3)", "x", "x = 1\nx, y = (x, 3)"),
        ("n = 1\ny = f(n)\nn = 2", "y", "n = 1\ny = f(n)"),
        ("x = slow()\ndef f(x):\n    z = x\n    return z\nz = slow()", "f(1)", "def f(x):\n    z = x\n    return z"),
        ("def f():\n    return n\nn = 1\ny = f()\nn = 2", "y", "def f():\n    return n\nn = 1\ny = f()"),
        ("a = []\nif t:\n    a = [1]", "a", "a = []\nif t:\n    a = [1]"),
    ],
)
def test_a_preparation_has_no_statement_that_its_cell_does_not_need(kernel, above, last, kept):
    assert kernel.needed([above, last]) == kept


def test_each_chapter_s_experiments_run_with_what_they_need_alone(kernel):
    """The preparation defines every name that the cell uses."""
    found = 0
    for text in pairs():
        cells = [
            source for kind, source, _ in content(read_text(text.read_text(encoding="utf-8"), text)) if kind == "code"
        ]
        for i, source in enumerate(cells):
            if text.parent.name == "notebooks" and "\nexperiments." in f"\n{source}":
                found += 1
                prepared = kernel.needed(cells[: i + 1])
                bound = kernel.names_needed(ast.parse(prepared).body)[1]
                missing = kernel.names_needed(ast.parse(source).body)[0] - bound - set(dir(builtins))
                assert missing == set(), (text.name, missing)
    assert found >= 11


def test_a_control_of_an_experiment_s_own_kind_is_shown_as_the_kind_that_it_is(kernel):
    from course.experiments.base import Experiment, Slider, panels

    class Tuned(Slider):
        pass

    class Line(Experiment):
        a = Tuned(1.0, 0.0, 2.0, "a")

        def build(self):
            return panels(("A line", "x", "y"))[0]

        def draw(self):
            return f"a is {self.a}"

    line = Line()
    kernel.living[1] = 1, line
    assert [control["kind"] for control in kernel.controls_of(line)["controls"]] == ["Slider"]
    state = json.loads(kernel.move(1, "a", 0.5))
    assert line.a == 0.5 and state["status"] == "a is 0.5" and state["address"]["a"] == 0.5


@pytest.mark.parametrize("shown", ["", "\nplt.show()"])
def test_a_figure_of_pyplot_s_is_shown_once_at_the_end_of_its_cell_or_where_it_is_asked_for(kernel, monkeypatch, shown):
    for module in ("IPython", "IPython.display", "course.check.prediction_page", "page_backend"):
        monkeypatch.setitem(sys.modules, module, sys.modules.get(module))  # brought back at the end
    monkeypatch.setattr("builtins.input", input)
    monkeypatch.setattr("time.sleep", time.sleep)
    kernel.install()
    drawn = "import matplotlib.pyplot as plt\nplt.switch_backend('module://page_backend')\nplt.plot([1, 2]);"
    assert run(kernel, f"{drawn}\nplt.title('A line');{shown}\nNone") == "ok"
    (message,) = (message for message in kernel.sent if message["kind"] == "display")
    assert message["metadata"]["image/png"] == {"alt": "A line", "width": 640} and "image/png" in message["data"]
    assert not [message for message in kernel.sent if message.get("name") == "stderr"]
    assert run(kernel, "None") == "ok" and kernel.sent == []


def test_input_says_what_to_do_instead(kernel, monkeypatch):
    monkeypatch.setattr("builtins.input", kernel.refuse_input)
    assert run(kernel, "name = input('Your name? ')") == "error"
    assert "write the value into the code" in texts(kernel)


def test_a_page_hears_what_was_solved_and_what_is_not_any_more_and_nothing_of_the_rest(kernel):
    before = {"variables": {"a": "tried", "b": "right"}, "layers": {"c": "right"}}
    after = {"variables": {"a": "right"}, "layers": {"c": "right"}, "optimizers": {"d": "tried"}}
    expected = {"variables": {"a": "right", "b": None}, "optimizers": {"d": "tried"}}
    assert kernel.changes(before, after) == expected


def test_where_code_above_is_no_python_an_experiment_leaves_it_to_the_cells_to_say_so(kernel):
    sources = json.dumps(["x = (1", "x"])
    assert json.loads(asyncio.run(kernel.run_alone(1, 1, sources)))["status"] == "unprepared" and kernel.sent == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(n): return f(n + 1)\nf(0)", "Previous line repeated"),
        ("def f(n): return g(n)\ndef g(n): return f(n)\nf(0)", " more …"),
    ],
)
def test_a_recursion_without_an_end_is_told_in_a_few_lines_with_a_true_count(kernel, source, words):
    assert run(kernel, source) == "error"
    (text,) = (message["text"] for message in kernel.sent if message["kind"] == "error")
    assert words in text and text.count("\n") < 70 and "RecursionError" in text
    count = int(re.search(r"(\d+) more ", text)[1])
    assert abs(count - sys.getrecursionlimit()) < 200
