"""Each experiment's question stands in its chapter, in the section of the experiment and before it; text answers it."""

import re

import pytest

from course import experiments
from tools.notebooks import ROOT, cells_of

CALL = re.compile(r"^experiments\.([A-Z]\w+)\(", re.M)


def plain(text):
    """Text without markup and line breaks, so that a sentence is found however it is set."""
    letters = text.replace("\\beta", "β").replace("\\kappa", "κ")
    return re.sub(r"\s+", " ", re.sub(r"[`*$]", "", letters))


def sentences(question):
    return re.split(r"(?<=[.?]) (?=[A-Z])", plain(question))


def places():
    """Each experiment of the chapters: its name, the section's text before it, and the cell after it."""
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.py")):
        cells = cells_of(path).cells
        for i, cell in enumerate(cells):
            if cell.cell_type == "code" and (called := CALL.search(cell.source)):
                before = "\n\n".join(c.source for c in cells[:i] if c.cell_type == "markdown")
                section = plain(re.split(r"^## ", before, flags=re.M)[-1])
                yield pytest.param(called[1], section, cells[i + 1], id=f"{path.stem}-{called[1]}-{i}")


@pytest.mark.parametrize("name, section, after", list(places()))
def test_a_question_is_asked_before_each_experiment_and_text_answers_it_after(name, section, after):
    asked = [sentence for sentence in sentences(getattr(experiments, name).question) if sentence.endswith("?")]
    assert any(sentence in section for sentence in asked), f"the section before {name} asks none of {asked}"
    assert after.cell_type == "markdown" and len(after.source) > 100, f"no answer follows {name}"


def test_all_of_an_experiment_s_question_stands_in_its_chapter_before_it():
    said = {}
    for place in places():
        name, section, _ = place.values
        said[name] = said.get(name, "") + section
    missing = {
        name: [sentence for sentence in sentences(getattr(experiments, name).question) if sentence not in said[name]]
        for name in said
    }
    assert {name: left for name, left in missing.items() if left} == {}


def test_an_experiment_asks_no_more_than_a_reader_answers_in_a_minute():
    """One thing, or the same thing twice: at another place, or from another start."""
    asked = {name: getattr(experiments, name).question.count("?") for name in experiments.__all__}
    assert {name: count for name, count in asked.items() if not 1 <= count <= 2} == {}


def test_every_experiment_is_in_a_chapter():
    shown = {place.values[0] for place in places()}
    assert set(experiments.__all__) - shown == {"BackwardStepper"}  # for a tape of the learner's own, in a text
