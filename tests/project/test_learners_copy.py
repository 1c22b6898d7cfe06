"""The learner's own copy is made whole, kept up to date, and never loses what a learner has done."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from course import __main__ as learners
from tools import grade, notebooks

CHAPTER = "05_training_loop.ipynb"
NAMES = [text.with_suffix(".ipynb").relative_to(notebooks.ROOT / "notebooks") for text in notebooks.pairs()]
OPENING, CLOSING = learners.FOLD.split("{}")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A small course: three chapters, two with solutions, and a glossary."""
    root = tmp_path_factory.mktemp("course")
    for name in (
        "01_variables.ipynb",
        "02_gradient_tape.ipynb",
        CHAPTER,
        "solutions/01_variables.ipynb",
        f"solutions/{CHAPTER}",
    ):
        cells = [
            nbformat.v4.new_markdown_cell("# A chapter", id="title"),
            nbformat.v4.new_code_cell("1 + 1", id="sum", execution_count=1, metadata={"tags": ["raises-exception"]}),
            nbformat.v4.new_code_cell("...", id="answer", execution_count=2),
        ]
        cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
        path = root / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.NOTEBOOK_METADATA), path)
    (root / "notebooks/glossary.md").write_text("# Glossary\n", encoding="utf-8")
    return root


@pytest.fixture
def root(course, tmp_path):
    """A fresh clone of it, in a folder whose name a shell and an address would both read in another way."""
    return shutil.copytree(course, tmp_path / "a course & more")


def make(root, *arguments):
    """The exit status of `python -m course --no-lab`."""
    return learners.main([*(arguments or ["--no-lab"])], root)


def change(path, cell=2, source="answer = 1", **fields):
    """What an editor does: another source in a cell of a notebook."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][cell] |= {"source": source, **fields}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def publish(root, name=CHAPTER, source="# A better chapter"):
    """The course has a newer version of a chapter."""
    change(root / "notebooks" / name, 0, source)


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


# What the real one holds


@pytest.fixture(scope="module")
def delivered():
    return learners.chapters(notebooks.ROOT / "notebooks")


def test_it_holds_each_chapter_and_its_solutions_and_the_glossary_once(delivered):
    assert sorted(delivered) == sorted([*(path.as_posix() for path in NAMES), "glossary.md"])
    assert all(learners.DELIVERED.fullmatch(name) for name in delivered)


@pytest.mark.parametrize("path", NAMES, ids=str)
def test_a_copy_has_the_cells_of_its_chapter_and_no_result_that_would_answer_a_prediction(path, delivered):
    copy = nbformat.reads(delivered[path.as_posix()], as_version=4)
    nbformat.validate(copy)
    original = nbformat.read(notebooks.ROOT / "notebooks" / path, as_version=4)
    for cell in copy.cells:  # but for the links to other chapters, and for what is folded
        if cell.cell_type == "markdown":
            cell.source = cell.source.removeprefix(OPENING).removesuffix(CLOSING)
            cell.source = re.sub(r"\[([\w\s]*\d+)\]\((?:\.\./)?\d\d_\w+\.ipynb\)", r"\1", cell.source)
    assert notebooks.content(copy) == notebooks.content(original)
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert code and not any(cell.outputs or cell.execution_count is not None for cell in code)


def test_the_words_on_each_outcome_and_experiment_are_folded_in_the_copy_and_no_heading_or_prediction_is(delivered):
    count = 0
    for name, text in delivered.items():
        cells = nbformat.reads(text, as_version=4).cells if name.endswith(".ipynb") else []
        for before, cell, after in zip(cells, cells[1:], cells[2:]):
            asks = ".outcome(" in before.source or before.source.startswith("experiments.")
            follows = before.cell_type == "code" and asks and cell.cell_type == "markdown"
            answers = follows and not cell.source.startswith("#")
            assert (OPENING in cell.source) == (CLOSING in cell.source) == answers, (name, cell.source)
            if answers:
                assert cell.source.startswith(OPENING) and cell.source.endswith(CLOSING)
                assert not re.search(r"^(#|\*\*Predict)", cell.source, re.MULTILINE), (name, cell.source)
                leads_on = after.cell_type == "code" or cell.source.removesuffix(CLOSING).rstrip().endswith(":")
                assert not leads_on, (name, f"what leads on to the next cell is folded: {cell.source}")
                count += 1
    assert count > 55


def test_every_link_to_a_file_leads_somewhere_in_the_copy_too(delivered, tmp_path):
    # The copy is as deep in the project as the originals, so what lies outside is found by the same path.
    for name, text in delivered.items():
        words = text if name.endswith(".md") else "\n".join(
            cell.source for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "markdown"
        )  # fmt: skip
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", words):
            place = os.path.normpath(os.path.join("work", os.path.dirname(name), target)).replace(os.sep, "/")
            inside = place.removeprefix("work/")
            assert inside in delivered if place.startswith("work/") else (notebooks.ROOT / place).exists(), (
                name,
                target,
            )


@pytest.mark.parametrize(
    "text, linked",
    [
        ("In chapter 2 it matters.", "In [chapter 2](02.ipynb) it matters."),
        ("Chapter\n2, and (chapter 3).", "[Chapter\n2](02.ipynb), and ([chapter 3](03.ipynb))."),
        (
            "chapters 1, 2 and 3, chapters 1 to 3",
            "chapters 1, [2](02.ipynb) and [3](03.ipynb), chapters 1 to [3](03.ipynb)",
        ),
        ("chapters 2, 3, and 9", "[chapters 2](02.ipynb), [3](03.ipynb), and 9"),
        *((text, text) for text in (
            "chapter 1 is here, and chapter 9 is none", "# 2. After chapter 2", "`chapter 2`", "[chapter 2](x.md)",
            "```\nchapter 2\n```", "$chapter 2$ and $$\nchapter 2\n$$", '<a title="chapter 2">', "subchapter 2",
            "a chapter",
        )),
        ("`x` of chapter 2, `y` of chapter 3", "`x` of [chapter 2](02.ipynb), `y` of [chapter 3](03.ipynb)"),
        ("costs $5. Chapter 2", "costs $5. [Chapter 2](02.ipynb)"),
    ],
)  # fmt: skip
def test_a_mention_of_another_chapter_leads_there(text, linked):
    assert learners.with_links(text, {2: "02.ipynb", 3: "03.ipynb"}) == linked


def test_from_solutions_a_mention_leads_to_the_chapter_too():
    names = {1: "01_a.ipynb", 2: "02_b.ipynb"}
    assert learners.links_from("01_a.ipynb", names) == {2: "02_b.ipynb"}
    assert learners.links_from("solutions/01_a.ipynb", names) == {1: "../01_a.ipynb", 2: "../02_b.ipynb"}
    assert learners.links_from("glossary.md", names) == names


def test_a_chapter_that_is_left_out_is_no_link_either():
    found = learners.chapters(notebooks.ROOT / "notebooks", left_out=[12])
    assert not any("12_" in name for name in found)
    assert not any("](12_" in text or "](../12_" in text for text in found.values())


def test_git_ignores_it_and_whatever_a_learner_adds():
    ignored = (notebooks.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"/{learners.COPY}/" in ignored


def test_a_class_that_hands_in_its_folders_is_graded_without_solutions_and_what_was_put_away(root, tmp_path):
    make(root)
    change(root / "work" / CHAPTER)
    make(root, "--restore", "5")
    shutil.copytree(root / "work", tmp_path / "submissions/ada")
    shutil.copytree(root / "work", tmp_path / "submissions/bela/work")
    ada, bela = grade.submissions(tmp_path / "submissions")
    for submission in (ada, bela):
        assert [name for name, _ in submission.notebooks] == ["01_variables.ipynb", "02_gradient_tape.ipynb", CHAPTER]
        assert submission.problems() == []


# Making it, and keeping it up to date


def test_the_command_makes_it_from_anywhere_and_a_second_call_changes_nothing(root, tmp_path):
    shutil.copytree(notebooks.ROOT / "course", root / "course", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "course", "--no-lab"]
    env = os.environ | {"PYTHONPATH": str(root)}
    first = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert (first.returncode, first.stderr) == (0, "")
    assert "6 files are new" in first.stdout and str(root / "work") in first.stdout
    made = tree(root / "work")
    assert sorted(made) == [
        ".delivered.json", "01_variables.ipynb", "02_gradient_tape.ipynb", CHAPTER, "glossary.md",
        "solutions/01_variables.ipynb", f"solutions/{CHAPTER}",
    ]  # fmt: skip
    second = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert "up to date" in second.stdout
    assert tree(root / "work") == made


def test_a_chapter_that_was_not_changed_is_replaced_by_its_newer_version(root, capsys):
    make(root)
    publish(root)
    (root / "notebooks/glossary.md").write_text("# A better glossary\n", encoding="utf-8")
    assert make(root) == 0
    assert sources(root / "work" / CHAPTER)[0] == "# A better chapter"
    assert (root / "work/glossary.md").read_text(encoding="utf-8") == "# A better glossary\n"
    said = capsys.readouterr().out
    assert f"Replaced by newer versions, since you had not changed them: {CHAPTER}, glossary.md." in said
    assert not (root / "work/set_aside").exists()


@pytest.mark.parametrize("source", ["answer = 1", "", "…\ud83d\ude00", "...  # a thought"])
def test_a_chapter_that_was_changed_stays_and_its_newer_version_is_named(root, capsys, source):
    make(root)
    mine = root / "work" / CHAPTER
    change(mine, source=source)
    publish(root)
    before = mine.read_bytes()
    for _ in range(2):
        assert make(root) == 0
        assert mine.read_bytes() == before
        assert "python -m course --restore 5" in capsys.readouterr().out
    publish(root, source="# A chapter")  # the course takes it back: nothing is newer any more
    make(root)
    assert CHAPTER not in capsys.readouterr().out


def test_a_change_that_was_undone_is_none(root):
    make(root)
    mine = root / "work" / CHAPTER
    change(mine)
    publish(root)
    make(root)
    change(mine, source="...")
    make(root)
    assert sources(mine)[0] == "# A better chapter"


def test_a_chapter_that_was_run_keeps_its_outputs_until_a_newer_version_comes_and_then_is_put_aside(root, capsys):
    make(root)
    mine = root / "work" / CHAPTER
    stream = {"name": "stdout", "output_type": "stream", "text": "an hour's work\n"}
    change(mine, 1, "1 + 1", outputs=[stream], execution_count=1)
    notebook = json.loads(mine.read_text(encoding="utf-8"))  # as after Shift+Enter in the last cell
    notebook["cells"].append(
        {"cell_type": "code", "id": "new", "source": [], "metadata": {}, "outputs": [], "execution_count": None}
    )
    mine.write_text(json.dumps(notebook), encoding="utf-8")
    before = mine.read_bytes()
    make(root)
    assert mine.read_bytes() == before
    publish(root)
    make(root)
    assert sources(mine)[0] == "# A better chapter"
    assert (root / "work/set_aside/05_training_loop_1.ipynb").read_bytes() == before
    assert "set_aside" in capsys.readouterr().out


def test_an_upgrade_of_python_leaves_no_unsaved_change_behind(root, monkeypatch):
    make(root)
    newer = json.loads(json.dumps(learners.KERNEL_METADATA))
    newer["language_info"]["version"] = "3.99.0"
    fresh = learners.chapters(root / "notebooks", newer)
    monkeypatch.setattr(learners, "chapters", lambda folder: fresh)
    change(root / "work/01_variables.ipynb")
    before = (root / "work/01_variables.ipynb").read_bytes()
    make(root)
    assert nbformat.read(root / "work" / CHAPTER, as_version=4).metadata.language_info.version == "3.99.0"
    assert (root / "work/01_variables.ipynb").read_bytes() == before


def test_a_chapter_that_was_removed_is_delivered_again(root):
    make(root)
    (root / "work" / CHAPTER).unlink()
    make(root)
    assert sources(root / "work" / CHAPTER)[0] == "# A chapter"


def test_a_chapter_that_the_course_renamed_leaves_no_double_unless_it_was_changed(root, capsys):
    make(root)
    change(root / "work/02_gradient_tape.ipynb")
    for old, new in ((CHAPTER, "05_the_loop.ipynb"), ("02_gradient_tape.ipynb", "02_tape.ipynb")):
        (root / "notebooks" / old).rename(root / "notebooks" / new)
    make(root)
    assert sorted(p.name for p in (root / "work").glob("0*")) == [
        "01_variables.ipynb", "02_gradient_tape.ipynb", "02_tape.ipynb", "05_the_loop.ipynb",
    ]  # fmt: skip
    said = capsys.readouterr().out
    assert f"{CHAPTER} is removed" in said and "02_gradient_tape.ipynb stays as it is" in said


def test_restoring_puts_the_old_files_aside_each_time_and_nothing_else(root, capsys):
    make(root)
    mine, theirs = root / "work" / CHAPTER, root / "work" / "solutions" / CHAPTER
    change(root / "work/01_variables.ipynb")
    others = {name: text for name, text in tree(root / "work").items() if "05_" not in name}
    fresh = mine.read_bytes()
    for count in (1, 2):
        change(mine, source=f"attempt {count}")
        before = mine.read_bytes()
        assert make(root, "--restore", "5") == 0
        assert mine.read_bytes() == fresh
        assert (root / f"work/set_aside/05_training_loop_{count}.ipynb").read_bytes() == before
    change(theirs)
    make(root, "--restore", "5")
    assert (root / "work/set_aside/solutions_05_training_loop_1.ipynb").exists()
    make(root, "--restore", "5")  # nothing to put aside
    assert len(list((root / "work/set_aside").iterdir())) == 3
    assert {name: text for name, text in tree(root / "work").items() if "05_" not in name} == others


def test_it_opens_on_chapter_1_and_later_on_the_chapter_that_was_saved_last(root):
    make(root)
    assert learners.Copy(root).start() == "01_variables.ipynb"
    for age, name in ((200, CHAPTER), (100, "02_gradient_tape.ipynb")):
        change(root / "work" / name)
        os.utime(root / "work" / name, (10**9 - age, 10**9 - age))
    assert learners.Copy(root).start() == "02_gradient_tape.ipynb"


# What is refused, and what goes wrong


def test_without_notebooks_it_says_where_they_are(tmp_path, capsys):
    assert make(tmp_path) == 1
    assert "with the project, not with the package" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["work", "work/solutions", "work/set_aside"])
@pytest.mark.parametrize("kind", ["a file", "a link", "a link to nothing"])
def test_a_folder_that_is_none_is_refused_and_left_as_it_is(root, place, kind, tmp_path, capsys):
    path = root / place
    path.parent.mkdir(exist_ok=True)
    elsewhere = tmp_path / "elsewhere"
    if kind == "a file":
        path.write_text("mine")
    else:
        if kind == "a link":
            elsewhere.mkdir()
        link(path, elsewhere)
    before = tree(root)
    assert make(root) == 1
    assert f"{path} is {kind.removesuffix(' to nothing')}" in capsys.readouterr().err
    assert tree(root) == before
    assert not elsewhere.exists() or list(elsewhere.iterdir()) == []


def link(path, target):
    try:
        path.symlink_to(target)
    except OSError:
        pytest.skip("this system does not let us make links")


@pytest.mark.parametrize("to_nothing", [False, True])
def test_a_chapter_that_is_a_link_is_not_followed(root, tmp_path, to_nothing):
    make(root)
    mine, target = root / "work" / CHAPTER, tmp_path / "mine.ipynb"
    if to_nothing:
        mine.unlink()
    else:
        mine.rename(target)
    link(mine, target)
    publish(root)
    assert make(root) == 0
    assert mine.is_symlink()
    assert make(root, "--restore", "5") == 0
    assert not mine.is_symlink() and sources(mine)[0] == "# A better chapter"
    assert to_nothing or sources(target)[0] == "# A chapter"


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"05_training_loop.ipynb": 5}', b"[" * 10**5, b'{"a": {}}']
)
def test_a_damaged_list_of_what_was_delivered_loses_nothing(root, damage, capsys):
    make(root)
    mine = root / "work/01_variables.ipynb"
    change(mine)
    before = tree(root / "work")
    (root / "work/.delivered.json").write_bytes(damage)
    publish(root, "01_variables.ipynb")
    publish(root)
    assert make(root) == 0
    after = tree(root / "work")
    assert {name: text for name, text in after.items() if name != ".delivered.json"} == {
        name: text for name, text in before.items() if name != ".delivered.json"
    }
    said = capsys.readouterr().out
    assert "--restore 1" in said and "--restore 5" in said
    make(root, "--restore", "1", "5")
    assert sources(root / "work" / CHAPTER)[0] == sources(mine)[0] == "# A better chapter"


def test_a_list_with_names_that_lead_away_touches_nothing_there(root):
    make(root)
    outside = root / "notebooks/glossary.md"
    manifest = root / "work/.delivered.json"
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    entries |= {
        "../notebooks/glossary.md": learners.digest("# Glossary\n", "glossary.md"),
        "C:\\05_a.ipynb": "",
        "/05_a.ipynb": "",
    }
    manifest.write_text(json.dumps(entries), encoding="utf-8")
    assert make(root) == 0
    assert outside.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"cells": 1}', b"\xff", b'{"cells": [{}]}', b"[" * 10**5])
def test_a_chapter_that_is_no_notebook_any_more_is_the_learners(root, damage):
    make(root)
    mine = root / "work" / CHAPTER
    mine.write_bytes(damage)
    publish(root)
    assert make(root) == 0
    assert mine.read_bytes() == damage
    assert make(root, "--restore", "5") == 0
    assert (root / "work/set_aside/05_training_loop_1.ipynb").read_bytes() == damage
    assert sources(mine)[0] == "# A better chapter"


@pytest.mark.parametrize("damage", [b"", b"<<<<<<< HEAD", b"[]", b'{"cells": 1}', b"\xff"])
def test_a_damaged_original_is_named_and_nothing_is_made(root, damage, capsys):
    (root / "notebooks" / CHAPTER).write_bytes(damage)
    assert make(root) == 1
    said = capsys.readouterr().err
    assert CHAPTER in said and "git checkout" in said
    assert not (root / "work").exists()


@pytest.mark.parametrize("numbers, words", [(["3"], "no chapter 3"), (["5", "77"], "no chapter 77"), (["-1"], "")])
def test_a_chapter_that_is_none_is_not_restored(root, numbers, words, capsys):
    make(root)
    before = tree(root / "work")
    try:
        assert make(root, "--restore", *numbers) == 1
    except SystemExit as error:
        assert error.code == 2
    assert words in capsys.readouterr().err
    assert tree(root / "work") == before


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("when", range(1, 7))
def test_whatever_stops_it_leaves_every_file_whole_and_the_next_call_ends_the_work(
    root, error, when, monkeypatch, capsys
):
    make(root)
    for name in ("01_variables.ipynb", "02_gradient_tape.ipynb", CHAPTER, f"solutions/{CHAPTER}"):
        publish(root, name)
    change(root / "work/01_variables.ipynb")
    allowed = tree(root / "work")
    calls, replace = iter(range(1, 100)), os.replace

    def failing(source, target):
        if next(calls) == when:
            raise error
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        status = make(root)
    said = capsys.readouterr()
    if when <= 4:  # three chapters and the list are written
        assert status == (130 if isinstance(error, KeyboardInterrupt) else 1)
        assert "whole" in said.err
    stopped = tree(root / "work")
    assert stopped.keys() == allowed.keys()  # nothing half-written lies about
    make(root)
    assert sources(root / "work" / CHAPTER)[0] == "# A better chapter"
    assert sources(root / "work/01_variables.ipynb")[2] == "answer = 1"
    fresh = learners.chapters(root / "notebooks")
    ours = {name: text.decode() for name, text in tree(root / "work").items() if name in fresh}
    assert {name for name in fresh if ours[name] != fresh[name]} == {"01_variables.ipynb"}


# Opening it


def test_jupyterlab_opens_the_copy_on_every_system(root, monkeypatch):
    started = []
    monkeypatch.setattr(learners, "open_lab", lambda command: started.append(command) or 0)
    assert make(root, "--", "--port", "9999") == 0
    (command,) = started
    assert command[:4] == [sys.executable, "-m", "jupyter", "lab"]
    assert "--LabApp.default_url=/lab/tree/work/01_variables.ipynb" in command
    assert f"--ServerApp.root_dir={root}" in command
    assert "--ServerApp.ip=127.0.0.1" in command
    assert command[-2:] == ["--port", "9999"]


def test_where_signals_cannot_be_handed_over_ctrl_c_is_jupyterlabs_business(monkeypatch):
    class Process:
        answers = iter([KeyboardInterrupt, KeyboardInterrupt, 3])

        def wait(self):
            answer = next(self.answers)
            if answer is KeyboardInterrupt:
                raise answer
            return answer

    monkeypatch.setattr(learners.os, "name", "nt")
    monkeypatch.setattr(learners.subprocess, "Popen", lambda command: Process())
    assert learners.open_lab(["jupyter"]) == 3


def test_without_jupyterlab_the_copy_is_made_and_the_command_says_what_is_missing(root, monkeypatch, capsys):
    monkeypatch.setattr(learners.importlib.util, "find_spec", lambda name: None)
    assert learners.main([], root) == 1
    assert "pip install -r requirements.txt" in capsys.readouterr().err
    assert (root / "work" / CHAPTER).exists()


def test_maintainers_open_the_originals_and_no_copy_is_made(root, monkeypatch):
    started = []
    monkeypatch.setattr(learners, "open_lab", lambda command: started.append(command) or 0)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    assert make(root, "--edit") == 0
    assert "--LabApp.default_url=/lab/tree/notebooks/01_variables.ipynb" in started[0]
    assert not (root / "work").exists()
    folder, mine = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert (folder, mine) == (str(root / "tools/edit"), "mine")
    settings = json.loads((notebooks.ROOT / "tools/edit/labconfig/default_setting_overrides.json").read_text("utf-8"))
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]["python"] == "Jupytext Notebook"


@pytest.mark.parametrize(
    "arguments", [["--edit", "--no-lab"], ["--edit", "--restore", "5"], ["--no-lab", "--", "--port", "1"]]
)
def test_options_that_contradict_each_other_are_refused(root, arguments):
    with pytest.raises(SystemExit):
        make(root, *arguments)
    assert not (root / "work").exists()
