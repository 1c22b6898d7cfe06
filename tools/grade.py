"""Grade a folder of submitted notebooks: run each in a fresh kernel, and write one row a learner, one column a task.

    python tools/grade.py FOLDER [--output grades.csv] [--seconds 120] [--jobs 2]

Every notebook in FOLDER and its subfolders counts. The learner is the name of the first folder below FOLDER, or, for a
notebook that lies in FOLDER itself, the name of the file. Several notebooks of one learner make one row.

The notebook's own checks decide: a cell of the CSV holds the status of the task's last check, `right` if it was ever
right, and nothing where the task was not checked. The column `problem` says what went wrong with a notebook as a
whole: it ran out of time, its kernel died, or it cannot be read. A cell that raises an error does not end the run,
and what a notebook wrote or printed counts for nothing. The submitted files are not changed.

This runs the learners' code, with your rights. Use an account or a container that has nothing to lose.
"""

import argparse
import csv
import json
import math
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from course import check  # noqa: E402
from tools.notebooks import KERNEL_ENV  # noqa: E402

TASKS = [f"{chapter}.{task}" for chapter in check.CHAPTERS for task in getattr(check, chapter)._tasks]


def submissions(folder):
    """{learner: paths of their notebooks}, in the order of the names."""
    found = {}
    for path in sorted(folder.rglob("*.ipynb")):
        parts = path.relative_to(folder).parts
        if not any(part.startswith(".") for part in parts):
            found.setdefault(parts[0] if len(parts) > 1 else path.stem, []).append(path)
    return found


def grade(path, seconds):
    """({task: status}, problem) of one notebook, which is read and not written."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        return {}, f"{path.name} cannot be read: {type(error).__name__}"
    with tempfile.TemporaryDirectory() as folder:
        progress = Path(folder) / "progress.json"
        environment = {**os.environ, **KERNEL_ENV, "COURSE_PROGRESS": str(progress), "PYTHONPATH": str(ROOT)}
        problem = run(notebook, folder, environment, seconds)
        try:
            state = json.loads(progress.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            state = {}
        results = {
            f"{chapter}.{task}": str(status)
            for chapter, tasks in state.items()
            if isinstance(tasks, dict)
            for task, status in tasks.items()
        }
    return results, f"{path.name}: {problem}" if problem else ""


def run(notebook, folder, environment, seconds):
    """Run all cells in a kernel of its own, in a folder of its own. Returns what ended the run, if anything did."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=seconds,
        allow_errors=True,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=CRITICAL"],
        resources={"metadata": {"path": folder}},
    )
    try:
        with client.setup_kernel(env=environment):
            cells = [c for c in notebook.cells if c.cell_type == "code"]
            end = time.monotonic() + seconds
            for cell in cells:
                client.timeout = max(math.ceil(end - time.monotonic()), 1)
                client.execute_cell(cell, notebook.cells.index(cell))
    except CellTimeoutError:
        return f"stopped after {seconds:g} seconds"
    except DeadKernelError:
        return "the kernel died"
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return ""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=Path("grades.csv"))
    parser.add_argument("--seconds", type=float, default=120, help="the time limit of one notebook")
    parser.add_argument("--jobs", type=int, default=2, help="how many notebooks run at a time")
    args = parser.parse_args(arguments)
    if not args.folder.is_dir():
        parser.error(f"{args.folder} is not a folder")
    learners = submissions(args.folder)
    if not learners:
        parser.error(f"there is no notebook in {args.folder}")
    with ThreadPoolExecutor(args.jobs) as pool:
        jobs = {
            learner: [pool.submit(grade, path, args.seconds) for path in paths] for learner, paths in learners.items()
        }
        rows = [row(learner, [job.result() for job in results]) for learner, results in jobs.items()]
    with open(args.output, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["learner", "right", *TASKS, "problem"])
        writer.writeheader()
        writer.writerows(rows)
    for entry in rows:
        print(f"{entry['learner']}: {entry['right']} right", f"({entry['problem']})" if entry["problem"] else "")
    print(f"{args.output}: {len(rows)} learners")


def row(learner, graded):
    """The row of one learner, from the results of all their notebooks."""
    results = {}
    for found, _ in graded:
        for task, status in found.items():
            if task in TASKS and results.get(task) != "right":
                results[task] = status
    problems = "; ".join(problem for _, problem in graded if problem)
    right = sum(status == "right" for status in results.values())
    return {"learner": learner, "right": right, **results, "problem": problems}


if __name__ == "__main__":
    main()
