"""Keep each notebook and its paired text (NN_topic.ipynb, NN_topic.py) in step, and its outputs true.

    python tools/notebooks.py render [PATH ...]   run the texts and write the notebooks with their outputs
    python tools/notebooks.py sync   [PATH ...]   bring the side of a pair that was not edited up to date; runs nothing
    python tools/notebooks.py exercises [PATH ...]   end each chapter with the exercises of its solutions
    python tools/notebooks.py times               say how long each chapter takes, on all pages (tools/times.py)
    python tools/notebooks.py check  [PATH ...]   exit with 1 when a pair differs or outputs are not presentable

The exercises of a chapter have one source, notebooks/solutions/NN_topic.py: its cells from the heading "Exercises" on,
without those that have the tag `solution`.

Without a PATH, every pair in notebooks/ and its subfolders. A PATH is either file of a pair.
"""

import argparse
import concurrent.futures
import difflib
import functools
import hashlib
import html
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jupytext
import nbformat
from jupytext.combine import combine_inputs_with_outputs
from jupytext.config import load_jupytext_config
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import times  # noqa: E402

# What a kernel runs with, here and under pytest, so that outputs do not depend on the machine.
KERNEL_ENV = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "COURSE_PROGRESS": "memory",  # the exercises of a notebook that is run for its outputs are nobody's progress
}
CELL_TIMEOUT = 120  # seconds

# Metadata without a Python version; the jupytext part is what JupyterLab adds when it saves.
NOTEBOOK_METADATA = {
    "jupytext": {"cell_metadata_filter": "tags,-all", "notebook_metadata_filter": "kernelspec,-jupytext"},
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
EXERCISES = "# %% [markdown]\n# ## Exercises"
HEADER = "# ---\n# jupyter:\n"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def pairs(paths=()):
    """The texts (.py) of the pairs that `paths` name, or of all pairs."""
    if paths:
        return sorted({Path(path).resolve().with_suffix(".py") for path in paths})
    found = [p for kind in ("*.py", "*.ipynb") for p in (ROOT / "notebooks").rglob(kind)]
    return sorted({p.with_suffix(".py") for p in found if ".ipynb_checkpoints" not in p.parts})


def read_text(source, path):
    """The cells of a percent script, given as a string; `path` is where its configuration is looked up."""
    return jupytext.reads(source, fmt="py:percent", config=load_jupytext_config(str(path)))


def cells_of(text):
    """The cells of a pair's text.

    Raises:
        ValueError: it is damaged, so that it must not replace what its notebook holds.
    """
    try:
        source = text.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise damaged(text, f"is not UTF-8: {error.reason} at byte {error.start}") from None
    if "\0" in source:
        raise damaged(text, f"has a NUL character in line {source[: source.index(chr(0))].count(chr(10)) + 1}")
    if mark := re.search(r"^(<{7}|>{7})( .*)?$", source, re.MULTILINE):
        line = source[: mark.start()].count("\n") + 1
        raise ValueError(f"{text.name} has the mark of an unfinished merge in line {line}. Nothing was written.")
    notebook = read_text(source, text)
    if not notebook.cells:
        raise damaged(text, "has no cells")
    return notebook


def notebook_of(text):
    """The notebook of a pair. Of two cells with one id the second has another.

    Raises:
        ValueError: it is damaged, so that it must not replace its text.
    """
    path = text.with_suffix(".ipynb")
    try:
        stored, seen = json.loads(path.read_text(encoding="utf-8")), set()
        for number, cell in enumerate(stored["cells"]):
            if (name := cell.get("id")) in seen:
                cell["id"] = f"{name}-{number}"[-64:]
            seen.add(name)
        notebook = nbformat.reads(json.dumps(stored), as_version=4)
    except (ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        words = " ".join(str(error).split())[:100]
        raise damaged(path, f"cannot be read as a notebook ({type(error).__name__}: {words})") from None
    if not notebook.cells:
        raise damaged(path, "has no cells")
    return notebook


def damaged(path, problem):
    other = path.with_suffix(".py" if path.suffix == ".ipynb" else ".ipynb").name
    return ValueError(
        f"{path.name} {problem}. Nothing was written. `git restore {path.name}` in its folder brings back what was "
        f"committed; or delete it, and `make sync` writes it again from {other}."
    )


def as_text(notebook, path):
    """`notebook` as a percent script, as JupyterLab would save it at `path`."""
    for number, cell in enumerate(notebook.cells):
        if cell.get("attachments"):
            raise ValueError(
                f"{path.stem}: cell {number} has {', '.join(cell.attachments)} attached, which a text cannot hold, so "
                f"nothing was written. Save it as a file, and link to that."
            )
    plain = nbformat.v4.new_notebook(metadata={"kernelspec": NOTEBOOK_METADATA["kernelspec"]})
    for cell in notebook.cells:
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        if cell.cell_type == "raw":
            new = nbformat.v4.new_raw_cell
        plain.cells.append(new(cell.source, metadata=kept_metadata(cell)))
    text = jupytext.writes(plain, fmt="py:percent", config=load_jupytext_config(str(path)))
    back = content(read_text(text, path))
    for number, cell in enumerate(content(plain)):
        if back[number : number + 1] != [cell]:
            raise ValueError(
                f"{path.stem}: cell {number}, which begins {cell[1][:60]!r}, would come back from the text as "
                f"something else, so nothing was written. A line in it reads as the beginning of a cell (`# %%`, "
                f"`# In[1]:`, `%%` in Markdown), or has a character that ends a line (U+2028, a form feed). Write it "
                f"in another way."
            )
    return text


def kept_metadata(cell):
    return {"tags": list(cell.metadata["tags"])} if cell.metadata.get("tags") else {}


def content(notebook):
    """What the two sides of a pair must agree on."""
    return [(c.cell_type, c.source.strip("\n"), tuple(c.metadata.get("tags", ()))) for c in notebook.cells]


def load(text):
    """The text's cells, with the ids and outputs that its notebook holds for cells whose source is the same."""
    notebook = cells_of(text)
    path = text.with_suffix(".ipynb")
    if path.exists():
        old = notebook_of(text)
        old_sources = {cell.id: cell.source for cell in old.cells if "id" in cell}
        notebook = combine_inputs_with_outputs(notebook, old, fmt="py:percent")
        for cell in notebook.cells:
            if cell.cell_type == "code" and old_sources.get(cell.id) != cell.source:
                cell.outputs, cell.execution_count = [], None
        kept = set(old_sources)
    else:
        kept = set()
    for cell in notebook.cells:
        if cell.id not in kept:  # jupytext's ids are random; the same text must give the same file
            digest = hashlib.sha256(cell.source.encode()).hexdigest()
            cell.id = next(i for n in range(0, 56) if (i := digest[n : n + 8]) not in kept)
        kept.add(cell.id)
    return notebook


def execute(notebook, folder):
    """Run all cells in a new kernel. A cell whose outputs are not compared keeps those it has."""
    kept = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if "nbval-ignore-output" in cell.metadata.get("tags", ()) and cell.execution_count is not None:
                kept[cell.id] = cell.outputs
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    for cell in notebook.cells:
        if cell.id in kept:
            cell.outputs = kept[cell.id]


def clean_outputs(outputs):
    """Outputs without what differs from run to run or from machine to machine."""
    merged = []
    for output in outputs:
        if output.output_type == "stream" and merged and merged[-1].get("name") == output.name:
            merged[-1].text += output.text  # how prints are split into messages is a matter of timing
            continue
        if "data" in output and len(output.data) > 1:
            output.data.pop(WIDGET_VIEW, None)  # a random id; without a kernel the picture beside it shows instead
        if output.output_type == "error":  # frames outside the notebook name files of this machine
            output.traceback = [f for f in output.traceback if not re.sub(r"\x1b\[[\d;]*m", "", f).startswith("File ")]
        merged.append(output)
    return merged


def write(notebook, path):
    """Write `notebook` if that changes the file; return whether it did."""
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(kept_metadata(cell))
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs)
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return write_if_changed(path, nbformat.writes(notebook) + "\n")


def write_if_changed(path, new):
    """Whether the file changed. It is whole at every moment: written aside, then put in its place."""
    if path.exists() and path.read_text(encoding="utf-8") == new:
        return False
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.write_text(new, encoding="utf-8", newline="\n")
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return True


def add_header(text, notebook):
    """Give a text that somebody wrote by hand the header that names its kernel; blank lines are ruff's business."""
    return not text.read_text(encoding="utf-8").startswith(HEADER) and write_if_changed(text, as_text(notebook, text))


def render(text):
    """Run the text and write its notebook. The text always wins."""
    notebook = load(text)
    execute(notebook, text.parent)
    changed = write(notebook, text.with_suffix(".ipynb"))
    changed |= add_header(text, notebook)
    return "updated" if changed else "unchanged"


def rendered(texts):
    """Renders on all processors. Ctrl-C, or SIGTERM, ends it at once: a notebook that is written is kept, no other is
    touched."""
    ignore = functools.partial(signal.signal, signal.SIGINT, signal.SIG_IGN)  # this process alone decides
    pool = ProcessPoolExecutor(min(4, os.cpu_count() or 1), initializer=ignore)
    jobs = {text: pool.submit(render, text) for text in texts}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        concurrent.futures.wait(jobs.values())
    except KeyboardInterrupt:
        done = [text.stem for text, job in jobs.items() if job.done() and not job.cancelled()]
        for worker in multiprocessing.active_children():
            worker.kill()  # its kernel ends with it
        pool.shutdown(wait=False, cancel_futures=True)
        print(f"\nInterrupted. Rendered before: {', '.join(done) or 'none'}. The others are as they were.", flush=True)
        os._exit(130)
    pool.shutdown()
    return jobs


def sync(text, edited=None):
    """Bring the other side of a pair up to the `edited` one ("py" or "ipynb").

    Which one was edited is decided by content, never by time stamps: it is the one that differs from the last commit.
    If both do, or git cannot tell, nothing is written and ValueError says how to choose.
    """
    path = text.with_suffix(".ipynb")
    if not path.exists() or not text.exists():
        edited = "py" if text.exists() else "ipynb"
    elif content(cells_of(text)) == content(notebook_of(text)):
        edited = "py"
    edited = edited or edited_side(text)
    if edited == "ipynb":
        write_if_changed(text, as_text(notebook_of(text), text))
        return f"{text.name} now has the cells of {path.name}"
    notebook = load(text)
    changed = write(notebook, path)
    changed |= add_header(text, notebook)
    return f"{path.name} now has the cells of {text.name}" if changed else "in step"


def edited_side(text):
    committed = subprocess.run(
        ["git", "show", f"HEAD:./{text.name}"], cwd=text.parent, capture_output=True, encoding="utf-8"
    )
    ours = cells_of(text)
    theirs = notebook_of(text)
    if committed.returncode == 0:
        base = content(read_text(committed.stdout, text))
        if content(theirs) == base:
            return "py"
        if content(ours) == base:
            return "ipynb"
    lines = [as_text(side, text).splitlines() for side in (ours, theirs)]
    diff = "\n".join(difflib.unified_diff(*lines, text.name, text.with_suffix(".ipynb").name, lineterm=""))
    raise ValueError(
        f"{diff}\nBoth files of this pair differ from the last commit and from each other. Say which one has your "
        "edit: `make sync FROM=py` or `make sync FROM=ipynb` overwrites the other."
    )


def exercises(text):
    """Write the exercises into a chapter's text, from the text with their solutions; its outputs need `render`."""
    if not (source := solutions(text)).exists():
        return "has no solutions"
    chapter = text.read_text(encoding="utf-8")
    blocks = re.split(r"(?=^# %%)", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
    first = next(i for i, block in enumerate(blocks) if block.startswith(EXERCISES))
    kept = [block for block in blocks[first:] if '"solution"' not in block.split("\n")[0]]
    new = chapter.split(EXERCISES)[0] + "".join(kept)
    new = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", text, "-"],
        input=new,
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=ROOT,
    ).stdout
    return "updated" if write_if_changed(text, new) else "unchanged"


def solutions(text):
    """Where the solutions of a chapter's exercises are."""
    return text.parent / "solutions" / text.name


def exercise_cells(text):
    """What a text says from its heading "Exercises" on, without what only a solution says."""
    cells = content(cells_of(text))
    first = next((i for i, (_, source, _) in enumerate(cells) if source.startswith("## Exercises")), len(cells))
    return [cell for cell in cells[first:] if "solution" not in cell[2]]


def times_of(text):
    """How long a chapter takes: `times.Times`."""
    return times.times(content(cells_of(text)))


def write_times(root=ROOT):
    """Write how long each chapter takes: into both files of its pair, the README and the page for instructors. Gives a
    line for each file that changed."""
    chapters, changed = {}, []
    for text in sorted((root / "notebooks").glob("[0-9][0-9]_*.py")):
        chapters[int(text.name[:2])] = found = times_of(text)
        source, path = text.read_text(encoding="utf-8"), text.with_suffix(".ipynb")
        try:
            new = times.in_chapter(source, found)
        except ValueError as error:
            raise ValueError(f"{text.name}: {error}") from None
        if write_if_changed(text, new):
            changed.append(f"{text.name}: {times.sentence(found)}")
        # In the notebook only the cell that says it: the other cells may be in the middle of being changed.
        (says,) = [c.source for c in read_text(new, text).cells if times.sentence(found) in " ".join(c.source.split())]
        notebook = notebook_of(text)
        for cell in notebook.cells:
            if cell.cell_type == "markdown" and times.SENTENCE.search(cell.source):
                cell.source = says
        if write(notebook, path):
            changed.append(f"{path.name} too")
    for page, put in ((root / "README.md", times.in_syllabus), (root / "docs/instructors.md", times.for_instructors)):
        if write_if_changed(page, put(page.read_text(encoding="utf-8"), chapters)):
            changed.append(page.name)
    return changed


def problems(text):
    """What is wrong with a pair, as a list of sentences; empty when it is in order."""
    path = text.with_suffix(".ipynb")
    for missing in (p for p in (text, path) if not p.exists()):
        return [f"{missing.name} is missing: run `make sync`, then `make render`"]
    ours, notebook, found = content(cells_of(text)), notebook_of(text), []
    theirs = content(notebook)
    if ours != theirs:
        first = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
        found.append(f"cell {first} differs between {text.name} and {path.name}: run `make sync`")
    if solutions(text).exists() and exercise_cells(text) != exercise_cells(solutions(text)):
        found.append(f"the exercises of {text.name} are not those of its solutions: run `make exercises`")
    if not text.read_text(encoding="utf-8").startswith(HEADER):
        found.append(f"{text.name} does not begin with the header that names its kernel: run `make sync`")
    if notebook.metadata != NOTEBOOK_METADATA or any(c.metadata != kept_metadata(c) for c in notebook.cells):
        found.append(f"{path.name} carries metadata of the machine that saved it: run `make render`")
    ids = [cell.get("id") for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]  # nbformat would mend them
    if len(set(ids)) < len(ids):
        found.append(f"{path.name} has two cells with the same id: run `make render`")
    if any(cell.get("attachments") for cell in notebook.cells):
        found.append(f"{path.name} has attachments, which its text cannot hold: link to a file")
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("outputs are not those of one run from top to bottom: run `make render`")
    for number, cell in enumerate(code, 1):
        tags = cell.metadata.get("tags", ())
        found += [f"In [{number}]: {p}" for output in cell.outputs for p in output_problems(output, tags)]
    return found


def output_problems(output, tags):
    data = output.get("data", {})
    if output.output_type == "error" and "raises-exception" not in tags:
        yield f"raises {output.ename}: {output.evalue}"
    if output.get("name") == "stderr":
        yield f"writes to stderr: {output.text[:80]!r}"
    if "image/png" in data and not alt_text(output):
        yield "shows a figure without alt text: use course.plots.show(fig, alt)"
    if image_alt(output) != (alt := output.get("metadata", {}).get("image/png", {}).get("alt", image_alt(output))):
        yield f"has another alt text in its metadata ({alt[:60]!r}) than in its HTML"
    if re.search(r"<script|\bon\w+\s*=\s*[\"']", str(data.get("text/html", "")), re.IGNORECASE):
        yield "has a script in its HTML"
    if "image/svg+xml" in data:
        yield "shows an SVG, which JupyterLab does not draw until the notebook is trusted: use a PNG"
    shown = str(output.get("text", "")) + str(data.get("text/plain", "")) + "".join(output.get("traceback", ()))
    if address := re.search(r"\bat 0x[0-9a-fA-F]{6,}", shown):
        yield f"prints a memory address ({address[0]}), which differs from run to run"
    for place in (str(ROOT), str(Path.home()) + os.sep):
        if len(place) > 2 and place in shown:
            yield f"prints a path of this machine ({place})"


def alt_text(output):
    """A figure's alt text, from its HTML form or, where the picture stands in for a widget, from its metadata."""
    return (image_alt(output) or output.metadata.get("image/png", {}).get("alt", "")).strip()


def image_alt(output):
    """The alt text in a figure's HTML form; None where there is none."""
    image = re.search(r'<img [^>]*?alt="([^"]*)"', str(output.get("data", {}).get("text/html", "")))
    return html.unescape(image[1]) if image else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["render", "sync", "exercises", "times", "check"])
    parser.add_argument("--from", dest="edited", choices=["py", "ipynb"], help="sync: the side that has your edit")
    parser.add_argument("paths", nargs="*", metavar="PATH")
    args = parser.parse_intermixed_args()
    os.environ.update(KERNEL_ENV)
    if args.command == "times":
        if args.paths:
            parser.error("times are written for all chapters at once: leave out the paths")
        print("\n".join(write_times() or ["All times are right."]))
        return
    texts, failed = pairs(args.paths), False
    if args.command == "render":
        jobs = rendered(texts)
    for text in texts:
        try:
            if args.command == "check":
                report = "\n    ".join(problems(text))
                failed |= bool(report)
            else:
                report = {
                    "render": lambda text: jobs[text].result(),
                    "sync": lambda text: sync(text, args.edited),
                    "exercises": exercises,
                }[args.command](text)
        except Exception as error:  # report every pair, then fail
            report, failed = f"{type(error).__name__}: {error}", True
            if isinstance(error, OSError):
                report += ". Both files of the pair are as they were."
        print(f"{text.with_suffix('')}: {report or 'in order'}")
    sys.exit(failed)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Every file is whole, the old one or the new one.")
