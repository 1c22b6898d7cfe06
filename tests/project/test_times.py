"""How long a chapter takes is computed by one rule, and all pages say the same."""

import functools
import re
import shutil

import nbformat
import pytest

from tools import notebooks, times
from tools.times import Times

ROOT = notebooks.ROOT
CHAPTERS = {int(text.name[:2]): text for text in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.py"))}
ADVICE = "run `make times` (tools/notebooks.py times)"


@functools.cache
def computed(number):
    return notebooks.times_of(CHAPTERS[number])


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_chapter_says_at_its_top_how_long_it_takes_in_both_its_files(number):
    text = CHAPTERS[number]
    for notebook in (
        notebooks.read_text(text.read_text(encoding="utf-8"), text),
        nbformat.read(text.with_suffix(".ipynb"), as_version=4),
    ):
        said = " ".join(notebook.cells[0].source.split())
        assert times.sentence(computed(number)) in said, ADVICE


def test_the_syllabus_says_the_same_and_so_does_the_books_first_page():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) .*\| (\d+) \| (\d+) \|$", readme, re.MULTILINE)
    assert {int(n): (int(text), int(more)) for n, text, more in rows} == {
        number: (computed(number).text, computed(number).exercises) for number in CHAPTERS
    }, ADVICE
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    assert '```{include} ../README.md\n:start-after: "## Syllabus"' in index and "minutes" not in index


def test_the_page_for_instructors_says_the_same():
    page = " ".join((ROOT / "docs/instructors.md").read_text(encoding="utf-8").split())
    found = [computed(number) for number in CHAPTERS]
    for minutes in ([f.text for f in found], [f.exercises for f in found]):
        assert f", {min(minutes)} to {max(minutes)}" in page, ADVICE
    assert f": {sum(map(sum, found)) / 60:.0f} hours in all." in page, ADVICE


# The rule

WORDS = "word " * 150


def cells(*sources):
    """Markdown where a source begins with a space, code where it does not."""
    return [("markdown", s.strip(), ()) if s.startswith(" ") else ("code", s, ()) for s in sources]


@pytest.mark.parametrize(
    "minutes, sources",
    [
        (0, []),
        (20, [" " + 20 * WORDS]),
        (20, [" " + 10 * WORDS, " " + 10 * WORDS]),
        (10, ["x = 1"] * 20),
        (0, ["", "  \n"]),
        (15, ["guess = check.optimizers.ravine.predict()"] * 10),
        (20, ["guess = check.optimizers.ravine.predict()", "x = 1"] * 10),
        (35, ["experiments.LearningRate(inputs, outputs)"] * 10),
        (65, ["check.optimizers.momentum(update)"] * 10),
        (20, ["check.training_loop.ravine.hint()", "model.predict(inputs)", "print(experiments)", "x"] * 10),
        (10, [" " + 10 * WORDS + "- – $=$ | " * 1000]),  # what has no letter or digit is no word
    ],
)
def test_the_minutes_of_a_text(minutes, sources):
    assert times.times(cells(*sources)) == Times(minutes, 0, 0)


def test_exercises_and_what_is_under_further_are_stated_apart():
    found = times.times(
        cells(
            " # 1. A chapter", " ## One", " " + 30 * WORDS, " ## Further", " " + 10 * WORDS, "x = 1", " ### More",
            "x = 2", " ## Exercises", " **1. One.** " + WORDS, "...", "check.variables.one(...)", " **2. Two.**", "...",
            " **A word.** on both", " **3. Three.**", " ## Summary", "x = 3",
        )
    )  # fmt: skip
    assert found == Times(30, 10, 20)


@pytest.mark.parametrize("found", [Times(40, 0, 25), Times(40, 0, 0), Times(40, 10, 25), Times(40, 10, 0)])
def test_the_sentence_is_found_again_and_counts_for_no_time(found):
    said = times.sentence(found)
    assert times.SENTENCE.fullmatch(said)
    assert times.words(f"One {said} Two") == 2
    assert times.SENTENCE.fullmatch(said.replace(" ", "\n", 7))


@pytest.mark.parametrize(
    "before",
    [
        "Time: 40 minutes. It builds on all of chapters 1 and 2.",
        "It takes about 30 minutes. It builds on all of chapters 1 and 2.",
        "Time: about 45 minutes, and 25 for the\n# exercises. It builds on all of chapters 1 and 2.",
        'Time: about 45 minutes, 5 more for what\n# is under "Further", and 25 for the exercises. '
        "It builds on all of chapters 1 and 2.",
    ],
)
def test_a_chapters_paragraph_gets_the_new_times_and_lines_of_the_old_length(before):
    text = f"# %% [markdown]\n# # 2. A chapter\n#\n# {before}\n\n# %%\nx = 1\n"
    new = times.in_chapter(text, Times(60, 10, 30))
    said = 'Time: about 60 minutes, 10 more for what is under "Further", and 30 for the exercises. It builds on'
    assert new == f"# %% [markdown]\n# # 2. A chapter\n#\n# {said} all of chapters 1\n# and 2.\n\n# %%\nx = 1\n"
    assert times.in_chapter(new, Times(60, 10, 30)) == new


def test_a_chapter_that_does_not_say_how_long_it_takes_is_named():
    with pytest.raises(ValueError, match='write one with "Time: about 60 minutes'):
        times.in_chapter("# # 2. A chapter\n#\n# x\n", Times(60, 0, 0))


def test_writing_them_changes_nothing_else_and_a_second_time_nothing(tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("solutions"))
    for place in ("README.md", "docs/instructors.md"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / place, tmp_path / place)
    for suffix in (".py", ".ipynb"):
        path = tmp_path / "notebooks" / CHAPTERS[1].with_suffix(suffix).name
        said = CHAPTERS[1].with_suffix(suffix).read_text(encoding="utf-8")
        path.write_text(
            said.replace(f"Time: about {computed(1).text} minutes", "Time: about 7 minutes"), encoding="utf-8"
        )
    changed = notebooks.write_times(tmp_path)
    assert any("01_variables.py" in line for line in changed) and any("01_variables.ipynb" in line for line in changed)
    for suffix in (".py", ".ipynb"):
        path = CHAPTERS[1].with_suffix(suffix)
        assert (tmp_path / "notebooks" / path.name).read_bytes() == path.read_bytes()
    assert notebooks.write_times(tmp_path) == []
