"""The pairs agree, and the machinery that keeps notebooks true notices every way in which one can be false.

The notebooks themselves are run and compared by nbval, which collects them from notebooks/.
"""

import ast
import builtins
import json
import os
import subprocess
import symtable
import sys

import nbformat
import pytest

from tools import notebooks

PAIRS = notebooks.pairs()


@pytest.mark.parametrize("text", PAIRS, ids=[text.stem for text in PAIRS])
def test_the_two_files_of_a_pair_agree_and_their_outputs_are_presentable(text):
    assert notebooks.problems(text) == []


@pytest.mark.parametrize("text", [text for text in PAIRS if notebooks.solutions(text).exists()], ids=lambda p: p.stem)
def test_code_of_a_chapter_fits_the_book_s_column_at_a_desk(text):
    code = [cell.source for cell in notebooks.cells_of(text).cells if cell.cell_type == "code"]
    assert [line for source in code for line in source.split("\n") if len(line) > 92] == []


def bound_and_needed(source):
    """The names that a cell binds, and those that it takes from cells before it, also within its functions."""
    loaded = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    return bound, loaded - bound


def looked_up(table):
    """The names that a symbol table takes from its module, also within functions."""
    own = {s.get_name() for s in table.get_symbols() if (s.is_global() or table.get_type() == "module")}
    own = {name for name in own if table.lookup(name).is_referenced()}
    return own.union(*map(looked_up, table.get_children()))


@pytest.mark.parametrize("text", [text for text in PAIRS if notebooks.solutions(text).exists()], ids=lambda p: p.stem)
def test_a_solution_runs_in_its_chapter_with_the_names_that_stand_there(text):
    bound = set(dir(builtins)) | {"__name__"}
    for cell in notebooks.cells_of(text).cells:
        if cell.cell_type == "code":
            bound |= bound_and_needed(cell.source)[0]
    for cell in notebooks.cells_of(notebooks.solutions(text)).cells:
        if cell.cell_type == "code" and "solution" in cell.metadata.get("tags", ()):
            bound |= bound_and_needed(cell.source)[0]
            missing = looked_up(symtable.symtable(cell.source, "cell", "exec")) - bound
            assert missing == set(), cell.source


@pytest.mark.parametrize("text", [text for text in PAIRS if notebooks.solutions(text).exists()], ids=lambda p: p.stem)
def test_an_exercise_redefines_nothing_that_a_cell_of_the_text_takes_from_another(text):
    """Who goes back to a cell of the text after an exercise finds there what the text had."""
    exercises = notebooks.exercise_cells(text)
    cells = notebooks.content(notebooks.read_text(text.read_text(encoding="utf-8"), text))
    of_the_text, of_the_exercises = (
        [bound_and_needed(source) for kind, source, _ in part if kind == "code"]
        for part in (cells[: -len(exercises)], exercises)
    )
    taken = set().union(*(bound for bound, _ in of_the_text)) & set().union(*(needed for _, needed in of_the_text))
    redefined = set().union(*(bound for bound, _ in of_the_exercises)) & taken
    assert taken and not redefined, f"{text.stem}: an exercise redefines {', '.join(sorted(redefined))}"


RAISES = '# %% tags=["raises-exception"]\n'


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A pair, rendered as `make render` does it."""
    cells = ["# %%\nimport math", "# %%\nprint('loss 0.125')", "# %%\nmath.pi"]
    text = new_pair(tmp_path_factory.mktemp("sample"), *cells)
    notebooks.render(text)
    return text


def new_pair(folder, *cells):
    """The text of a pair in `folder`, which has the configuration of notebooks/."""
    (folder / "jupytext.toml").write_text((notebooks.ROOT / "notebooks" / "jupytext.toml").read_text())
    text = folder / "sample.py"
    text.write_text("\n\n".join(cells) + "\n")
    return text


# The pair's check notices.


def edit_the_text(text, notebook):
    text.write_text(text.read_text().replace("loss 0.125", "loss 0.5"))


def edit_the_notebook(text, notebook):
    notebook.cells[1].source = "print('edited')"


def change_a_tag(text, notebook):
    notebook.cells[1].metadata["tags"] = ["raises-exception"]


def lose_a_cell(text, notebook):
    del notebook.cells[-1]


def lose_the_header(text, notebook):
    text.write_text(text.read_text().split("# ---\n")[-1].lstrip())


def leave_a_cell_unrun(text, notebook):
    notebook.cells[1].execution_count = None


def run_out_of_order(text, notebook):
    notebook.cells[1].execution_count, notebook.cells[2].execution_count = 3, 2


def keep_a_version(text, notebook):
    notebook.metadata.language_info["version"] = "3.11.7"


def keep_time_stamps(text, notebook):
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def output(kind, **fields):
    def mutate(text, notebook):
        notebook.cells[1].outputs = [nbformat.v4.new_output(kind, **fields)]

    return mutate


def attach_a_file(text, notebook):
    notebook.cells[0].attachments = {"a.png": {"image/png": "iVBO"}}


def html(source, alt="a line"):
    metadata = {"image/png": {"alt": alt}}
    return output("display_data", data={"image/png": "iVBO", "text/html": source}, metadata=metadata)


@pytest.mark.parametrize(
    ("mutate", "message"),
    [
        (attach_a_file, "attachments"),
        (html('<img alt="a line">', alt="a circle"), "another alt text in its metadata"),
        (html('<img alt="a line"><script>1</script>'), "a script"),
        (html('<img alt="a line" onload="alert(1)">'), "a script"),
        (edit_the_text, "cell 1 differs"),
        (edit_the_notebook, "cell 1 differs"),
        (change_a_tag, "cell 1 differs"),
        (lose_a_cell, "cell 2 differs"),
        (lose_the_header, "does not begin with the header"),
        (lambda text, notebook: text.unlink(), "sample.py is missing"),
        (leave_a_cell_unrun, "one run from top to bottom"),
        (run_out_of_order, "one run from top to bottom"),
        (keep_a_version, "metadata of the machine"),
        (keep_time_stamps, "metadata of the machine"),
        (output("stream", name="stderr", text="careful"), "writes to stderr: 'careful'"),
        (output("error", ename="ValueError", evalue="no", traceback=[]), "raises ValueError: no"),
        (output("display_data", data={"image/png": "iVBO", "text/plain": "<Figure>"}), "without alt text"),
        (output("stream", name="stdout", text="<f at 0x7f2a3b4c5d60>"), "memory address"),
        (output("stream", name="stdout", text=f"{notebooks.ROOT}/course/tape.py"), "path of this machine"),
    ],
)
def test_the_check_names_what_is_wrong(sample, tmp_path, mutate, message):
    text = tmp_path / sample.name
    notebook = nbformat.read(sample.with_suffix(".ipynb"), as_version=4)
    new_pair(tmp_path)
    text.write_text(sample.read_text())
    nbformat.write(notebook, text.with_suffix(".ipynb"))
    assert notebooks.problems(text) == []
    mutate(text, notebook)
    nbformat.write(notebook, text.with_suffix(".ipynb"))
    assert any(message in problem for problem in notebooks.problems(text)), notebooks.problems(text)


def test_the_check_names_two_cells_with_one_id(sample, tmp_path):
    text = tmp_path / sample.name
    new_pair(tmp_path)
    text.write_text(sample.read_text())
    stored = json.loads(sample.with_suffix(".ipynb").read_text())
    stored["cells"][1]["id"] = stored["cells"][0]["id"]
    text.with_suffix(".ipynb").write_text(json.dumps(stored))
    assert any("two cells with the same id" in problem for problem in notebooks.problems(text))


# Render and sync.


def test_rendering_twice_writes_the_same_bytes_without_versions_times_or_machine_paths(tmp_path):
    text = new_pair(
        tmp_path,
        "# %% [markdown]\n# # Title",
        "# %%\nimport json\n\nprint(1)\nprint(2)",
        RAISES + "json.loads('{')",
        '# %% tags=["nbval-ignore-output"]\nimport time\n\ntime.perf_counter()',
    )
    assert notebooks.render(text) == "updated"
    first = text.with_suffix(".ipynb").read_bytes()
    assert notebooks.render(text) == "unchanged"
    assert text.with_suffix(".ipynb").read_bytes() == first
    assert sys.version.split()[0].encode() not in first
    assert str(tmp_path).encode() not in first and b"json/decoder.py" not in first and b"iopub" not in first
    assert notebooks.problems(text) == []


def test_the_same_text_gives_the_same_cell_ids(tmp_path):
    text = new_pair(tmp_path, "# %%\nx = 1", "# %%\nx = 1", "# %%\nx = 2")
    ids = [[cell.id for cell in notebooks.load(text).cells] for _ in range(2)]
    assert ids[0] == ids[1] and len(set(ids[0])) == 3


@pytest.fixture
def committed(tmp_path):
    """A pair with outputs, committed to a git repository of its own."""
    text = new_pair(tmp_path, "# %%\nprint(1)", "# %%\nprint(2)", "# %%\nprint(3)")
    notebook = notebooks.load(text)
    for number, cell in enumerate(notebook.cells, 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{number}\n")]
    notebooks.write(notebook, text.with_suffix(".ipynb"))
    notebooks.sync(text)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "a pair"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return text


def test_formatting_a_text_keeps_the_pair_in_step_and_loses_no_output(committed):
    edit(committed, "# %%\nprint(2)", "\n# %%\nprint(2)")
    assert notebooks.sync(committed) == "in step"
    assert notebooks.problems(committed) == []


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def edit(text, old, new):
    text.write_text(text.read_text().replace(old, new))


def edit_cell(path, index, source):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[index].source = source
    nbformat.write(notebook, path)


def test_sync_takes_an_edited_text_and_keeps_the_outputs_of_unchanged_cells(committed):
    edit(committed, "print(2)", "print(22)")
    notebooks.sync(committed)
    cells = nbformat.read(committed.with_suffix(".ipynb"), as_version=4).cells
    assert [cell.source for cell in cells] == ["print(1)", "print(22)", "print(3)"]
    assert [len(cell.outputs) for cell in cells] == [1, 0, 1]


def test_sync_takes_an_edited_notebook_even_when_the_text_is_newer(committed):
    edit_cell(committed.with_suffix(".ipynb"), 1, "print(22)")
    os.utime(committed)
    notebooks.sync(committed)
    assert "print(22)" in committed.read_text()
    assert notebooks.sync(committed) == "in step"


@pytest.mark.parametrize("side", ["py", "ipynb"])
def test_sync_refuses_to_choose_between_two_edits_until_told(committed, side):
    notebook = committed.with_suffix(".ipynb")
    edit(committed, "print(2)", "print(22)")
    edit_cell(notebook, 1, "print(222)")
    before = committed.read_bytes(), notebook.read_bytes()
    with pytest.raises(ValueError, match=r"-print\(22\)[\s\S]*\+print\(222\)[\s\S]*make sync FROM=py"):
        notebooks.sync(committed)
    assert (committed.read_bytes(), notebook.read_bytes()) == before
    notebooks.sync(committed, edited=side)
    assert sources(notebook)[1] == ("print(22)" if side == "py" else "print(222)")
    assert notebooks.content(notebooks.read_text(committed.read_text(), committed))[1][1] == sources(notebook)[1]


def test_sync_writes_the_missing_file_of_a_pair(committed):
    committed.unlink()
    notebooks.sync(committed)
    assert "print(3)" in committed.read_text()
    committed.with_suffix(".ipynb").unlink()
    notebooks.sync(committed)
    assert sources(committed.with_suffix(".ipynb")) == ["print(1)", "print(2)", "print(3)"]


@pytest.mark.parametrize(
    "source",
    ["x = 1\n# %% a comment\ny = 2", "#%%\ny = 1", "# In[3]:\ny = 1", "x = '\u2028'", "x = '\f'"],
)
def test_sync_refuses_a_cell_that_would_come_back_as_something_else(tmp_path, source):
    path = tmp_path / "pair.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.NOTEBOOK_METADATA), path)
    before = path.read_bytes()
    try:
        notebooks.sync(path.with_suffix(".py"))
    except ValueError as error:
        assert "pair: cell 1" in str(error) and "nothing was written" in str(error)
        assert not path.with_suffix(".py").exists()
    else:  # what a text can hold comes back as it was
        notebooks.sync(path.with_suffix(".py"), "py")
        assert [cell.source for cell in nbformat.read(path, as_version=4).cells] == ["# Title", source]
    assert path.read_bytes() == before or source in sources(path)


def overwrite(name, change):
    def damage(text):
        path = text.with_suffix(name)
        path.write_bytes(change(path.read_bytes()))

    return damage


def store(change):
    def damage(text):
        stored = json.loads(text.with_suffix(".ipynb").read_text())
        change(stored["cells"])
        text.with_suffix(".ipynb").write_text(json.dumps(stored))

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (overwrite(".py", lambda text: b""), "sample.py has no cells"),
        (overwrite(".py", lambda text: text.split(b"# %%")[0]), "sample.py has no cells"),
        (overwrite(".py", lambda text: text[:-4] + bytes(4)), r"sample.py has a NUL character in line 16"),
        (overwrite(".py", lambda text: text + b"# \xff"), "sample.py is not UTF-8"),
        (overwrite(".py", lambda text: text + b"<<<<<<< HEAD\n"), "unfinished merge in line 17"),
        (overwrite(".ipynb", lambda text: b""), "sample.ipynb cannot be read as a notebook"),
        (overwrite(".ipynb", lambda text: text[:200]), "sample.ipynb cannot be read as a notebook"),
        (overwrite(".ipynb", lambda text: b"[]"), "sample.ipynb cannot be read as a notebook"),
        (overwrite(".ipynb", lambda text: b"\xff" + text), "sample.ipynb cannot be read as a notebook"),
        (store(list.clear), "sample.ipynb has no cells"),
        (store(lambda cells: cells[1].update(cell_type="markdown", attachments={"a.png": {}})), "a.png attached"),
    ],
)
def test_a_damaged_side_of_a_pair_replaces_nothing(committed, damage, message):
    notebook = committed.with_suffix(".ipynb")
    damage(committed)
    before = committed.read_bytes(), notebook.read_bytes()
    for act in (notebooks.sync, *([] if "attached" in message else [notebooks.render])):
        with pytest.raises(ValueError, match=message):
            act(committed)
        assert (committed.read_bytes(), notebook.read_bytes()) == before


def test_two_cells_with_one_id_keep_their_outputs(committed):
    store(lambda cells: cells[1].update(id=cells[0]["id"]))(committed)
    notebooks.sync(committed)
    assert notebooks.problems(committed) == []


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("before")

    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        notebooks.write_if_changed(path, "after")
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]
