"""ExpressionStepper: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

from course import experiments
from course.experiments.expression import parse


def make():
    return experiments.ExpressionStepper()


def check(experiment):
    """At the end of the walk, the derivatives by central differences; before its beginning, no gradient."""
    if experiment.position <= len(experiment.walk.records):
        assert experiment.gradients == []
    if experiment.position == experiment.total:
        arrived = gradients(experiment)
        program = parse(experiment.expression, ("w", "x"))
        at = {"w": np.float64(experiment.w), "x": np.float64(experiment.x)}
        for name in arrived:
            high, low = (np.float64(program(at | {name: at[name] + step})[1]) for step in (1e-5, -1e-5))
            wanted = (high - low) / 2e-5
            if np.isfinite(wanted) and np.isfinite(arrived[name]):
                assert arrived[name] == pytest.approx(wanted, rel=1e-3, abs=1e-3)


def gradients(experiment):
    """Those of w and x that have arrived, by name."""
    walk = experiment.walk
    sources = {id(walk.source(tensor)): float(g) for tensor, g in experiment.gradients}
    return {v.name.removesuffix(":0"): sources[id(v)] for v in walk.tape.watched_variables() if id(v) in sources}


def test_the_example_of_the_chapter_is_the_default():
    experiment = make()
    statuses = []
    for position in range(8):
        experiment.position = position
        statuses.append(experiment.status)
    assert "forward: multiply of 3 and 2 gives 6" in statuses[1]
    assert "the gradient of the result with respect to itself is 1" in statuses[4]
    assert statuses[5].endswith("record 2, multiply, gets 1 (complete); w gets 1")
    assert "rule: g · b to a, g · a to b (a and b are its inputs); u gets 6 and 6, in all 12 (complete)" in statuses[6]
    assert "w gets 24, in all 25 (complete); x gets 36 (complete); the walk is complete" in statuses[7]


def test_a_gradient_of_which_parts_are_to_come_says_so_in_the_picture():
    experiment = make()
    shown = []
    for position in range(5, 8):
        experiment.position = position
        shown.append(experiment.picture()[0].decode())
    assert "gradient 1 + …" in shown[0] and "gradient 1 + …" in shown[1]  # of w, which record 1 uses, too
    assert "gradient 25<" in shown[2] and "+ …" not in shown[2]


def test_the_gradient_of_w_is_complete_after_the_record_of_its_first_use_and_no_earlier():
    experiment = make()
    seen = []
    for position in range(5, 8):
        experiment.position = position
        seen.append(gradients(experiment).get("w"))
    assert seen == [1, 1, 25]
    experiment.expression = "u = w + x; u * u * w"
    assert experiment.position == experiment.start == 3
    experiment.run()
    assert gradients(experiment) == {"w": 2 * 5 * 3 + 25, "x": 2 * 5 * 3}


def test_values_are_dragged_under_their_nodes_and_the_gradients_follow():
    experiment = make()
    experiment.run()
    experiment.touch("w_knob", dx=-2, grab=1)
    assert (experiment.w, gradients(experiment)) == (2.0, {"w": 17.0, "x": 16.0})
    place = experiment.handles["w_knob"].describe(experiment)
    assert place["text"] == "w = 2" and place["bounds"][2] - place["bounds"][0] == pytest.approx(96 / 900)
    experiment.touch("w_knob", x=place["bounds"][2], y=0.5, grab=2)
    assert experiment.w == 5.0
    experiment.expression = "w * w"
    assert [handle["name"] for handle in experiment.shown()["handles"]] == ["w_knob"]


@pytest.mark.parametrize(
    "text, words",
    {
        "": "is no expression",
        "w ^ 2": r"\^ is no power in Python. Choose \*\* instead",
        "w *": "cannot be read at its end",
        "2 w": "cannot be read near 'w'",
        "z * w": "z has no value",
        "sin": "sin is a function",
        "sine(w)": "no function sine here",
        "log(w, x)": "log takes one value",
        "w = 2; w * x": "w has the value that you drag",
        "w * x; w": "gets no name",
        "u = v = w; u * x": "no line of arithmetic",
        "3 * 4": "no operation leads from w or x to the result",
        "sin(3)": "no operation leads from w or x",
        "w": "no operation leads from w or x",
        "w * w * w * w * w * w * w * w * w * w * w * w * w * w": "13 operations",
        "w + " * 40 + "w": "characters",
        "1e9 * w": "a large number",
        "True * w": "no arithmetic",
        "w.assign(3)": "no arithmetic|no function",
        "__import__('os')": "no function __import__ here",
        "(lambda: w)() * w": "no arithmetic",
        "[w][0] * w": "no arithmetic",
        "if w: x": "no line of arithmetic",
        None: "is no expression",
    }.items(),
)
def test_what_is_no_expression_is_refused_in_words_and_changes_nothing(text, words):
    experiment = make()
    status = experiment.status
    with pytest.raises(ValueError, match=f"expression: .*({words}).* Choose|expression: .*({words})"):
        experiment.expression = text
    assert experiment.status == status and experiment.expression == "u = w * x; u * u + w"


def test_what_was_typed_wrong_stays_in_its_field_until_it_is_mended():
    experiment = make()
    field = experiment.page.widgets["expression"]
    field.value = "u = w * x; u * v"
    assert field.value == "u = w * x; u * v" and "v has no value" in experiment.status
    assert "v has no value" in experiment.page.status.value
    experiment.touch("w_knob", dx=1, grab=1)
    assert field.value == "u = w * x; u * v" and experiment.w == 3.5
    field.value = "u = w * x; u * u"
    assert experiment.expression == "u = w * x; u * u" and "multiply" in experiment.status and not experiment.refused
    field.value = "w /"
    experiment.reset()
    assert field.value == experiment.expression == "u = w * x; u * u + w"


def test_a_division_by_zero_is_shown_and_not_raised():
    experiment = make()
    experiment.set(expression="w / x", x=0.0)
    experiment.run()
    assert "infinity" in experiment.status
