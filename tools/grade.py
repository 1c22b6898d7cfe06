"""Grade a folder of submitted notebooks: run each in a fresh kernel, and write one row a learner, one column a task.

    python tools/grade.py FOLDER [--output grades.csv] [--seconds 120] [--jobs 2] [--memory 4096]

Every notebook in FOLDER and its subfolders counts. The learner is the name of the first folder below FOLDER, or, for a
notebook that lies in FOLDER itself, the name of the file. Several notebooks of one learner make one row. Folders named
`solutions` and `set_aside` are left out: the learners' copies hold the course's own solutions there, and what they put
away.

The notebook's own checks decide: a cell of the CSV holds the status of the task's last check, `right` if it was ever
right, and nothing where the task was not checked. The column `problem` says what went wrong with a notebook as a
whole: it passed a limit, its kernel died, it cannot be read, or what it claims is no check's word. A cell that raises
an error does not end the run, and what a notebook wrote or printed counts for nothing. The submitted files are not
changed. Rows are written as they come; a run that was ended goes on where it stopped when it is started again.

Limits for each notebook: --seconds for the whole of it, and on Linux also memory, output, files and processes; what it
leaves behind is ended. On other systems only time is limited, and what a notebook starts may outlive it.

This runs the learners' code, with your rights. Use an account or a container that has nothing to lose.
"""

import argparse
import ast
import contextlib
import csv
import hashlib
import inspect
import json
import math
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import tools  # noqa: E402
from course import check  # noqa: E402
from course.__main__ import ASIDE  # noqa: E402
from course.check import record  # noqa: E402
from tools import grade_worker  # noqa: E402
from tools.notebooks import KERNEL_ENV  # noqa: E402

TASKS = [f"{chapter}.{task}" for chapter in check.CHAPTERS for task in getattr(check, chapter)._tasks]
COLUMNS = ["learner", "right", *TASKS, "problem"]
STATUSES = {"right", "mistake", "different", "error", "not yet"}
LEFT_OUT = {"solutions", ASIDE}
ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
LIMITS = {"output": 20, "files": 200, "count": 5000, "processes": 64}  # megabytes, but for the last two
LARGEST_NOTEBOOK = 30_000_000  # bytes
MOST_NOTEBOOKS = 60  # of a learner
GRACE = 40  # seconds: to start a kernel, and to end a run that does not end by itself
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


# What was handed in


class Submission:
    """What a learner has handed in: the code of each notebook, and a word about whatever else lies there."""

    def __init__(self, learner):
        self.learner, self.notebooks, self.words, self.scripts = learner, [], [], []

    def add(self, path):
        """Takes in a file. It is read now: before any submission runs, which could change it."""
        name, ending = readable(path.name), path.suffix.lower()
        if path.is_symlink():
            self.words.append(f"{name} is a link, which is not followed")
        elif ending in ARCHIVES:
            self.words.append(f"{name} is an archive: unpack it")
        elif ending == ".py":
            self.scripts.append(f"{name} is a script: notebooks end in .ipynb")
        elif ending == ".ipynb" and len(self.notebooks) >= MOST_NOTEBOOKS:
            self.words.append(f"{name} is left out: there are more than {MOST_NOTEBOOKS} notebooks")
        elif ending == ".ipynb":
            try:
                self.notebooks.append((name, code_of(path)))
            except Exception as error:
                reason = str(error) if isinstance(error, Refused) else type(error).__name__
                self.words.append(f"{name} cannot be read: {reason}")

    def problems(self):
        """The words, and where there is no notebook, that too."""
        if self.notebooks:
            return self.words
        return self.words + self.scripts or ["there is no notebook"]

    def digest(self, settings):
        """Identifies what is graded, and how: a row of an earlier run that has the same still holds."""
        text = json.dumps([self.learner, self.notebooks, self.words, self.scripts, settings, TASKS])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Refused(Exception):
    """A file that is not read. The message says why."""


def submissions(folder):
    """The `Submission` of each learner, in the order of their names."""
    found = {}

    def of(name):
        return found.setdefault(name, Submission(name))

    for entry in sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name)):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir() and not entry.is_symlink():
            mine = of(entry.name)
            for place, folders, files in os.walk(entry):
                folders[:] = sorted(f for f in folders if not f.startswith((".", "__")) and f not in LEFT_OUT)
                for name in [f for f in folders if os.path.islink(os.path.join(place, f))]:
                    mine.add(Path(place, name))
                for name in sorted(files):
                    if not name.startswith("."):
                        mine.add(Path(place, name))
        elif entry.is_symlink() or entry.suffix.lower() in {".ipynb", ".py", *ARCHIVES}:
            of(entry.stem).add(entry)
    return list(found.values())


def code_of(path):
    """The sources of a notebook's code cells.

    Raises:
        Refused: no ordinary file, or a very large one. Others, as the notebook is broken.
    """
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise Refused("it is not an ordinary file")
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        content = file.read(LARGEST_NOTEBOOK + 1)
    if len(content) > LARGEST_NOTEBOOK:
        raise Refused(f"it is larger than {LARGEST_NOTEBOOK // 10**6} MB")
    notebook = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
    return [str(cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def readable(name):
    """A file's name as text that any file can hold."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


# What the checks in memory are made of: run here, and in each notebook's kernel after its last cell


def fingerprints():
    """{part of course.check: digest of its instructions}, and the statuses that each task has given in this process."""
    import hashlib
    import sys

    def constants(code):
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                yield of_code(constant)
            elif isinstance(constant, frozenset):
                yield sorted(map(repr, constant))
            else:
                yield repr(constant)

    def of_code(code):
        return repr((code.co_code, list(constants(code)), code.co_names))

    def of(value):
        value = getattr(value, "__func__", value)
        value = getattr(value, "fget", None) or value
        code = getattr(value, "__code__", None)
        return hashlib.sha256((of_code(code) if code else repr(type(value))).encode()).hexdigest()[:16]

    found, ran = {}, {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("course.check") and getattr(module, "__name__", "") == name:
            for key, value in sorted(vars(module).items()):
                if getattr(value, "__module__", None) != name:
                    continue
                if isinstance(value, type):
                    for part in sorted(vars(value)):
                        if hasattr(vars(value)[part], "__code__") or hasattr(vars(value)[part], "fget"):
                            found[f"{name}.{key}.{part}"] = of(vars(value)[part])
                elif hasattr(value, "__code__"):
                    found[f"{name}.{key}"] = of(value)
    check = sys.modules.get("course.check")
    for chapter, holder in sorted(getattr(check, "_loaded", {}).items()):
        for name, task in sorted(holder._tasks.items()):
            parts = [of(vars(task).get(part)) for part in ("solution", "inputs", "_observe")]
            if not callable(task.solution):
                parts.append(repr(task.solution))
            found[f"{chapter}.{name}"] = repr((type(task).__module__, sorted(vars(task)), parts, len(task.mistakes)))
            ran[f"{chapter}.{name}"] = sorted(task.given)
    return found, ran


PROBE = f"""
def _look():
    import builtins, json
{inspect.getsource(fingerprints).replace(chr(10), chr(10) + "    ").join(["    ", ""]).rstrip()}
    builtins.print(json.dumps(fingerprints()))
_look()
"""


def forgeries(results, entries, probe, sources, expected):
    """What a notebook claims that no check has said: {task or None for all: words}."""
    found = {}
    try:
        prints, ran = json.loads(probe)
        prints, ran = dict(prints), {str(task): list(statuses) for task, statuses in dict(ran).items()}
    except (ValueError, TypeError, RecursionError):
        prints, ran = {}, None
    known = {name for name in expected if name in prints or name.rpartition(".")[0] in loaded_modules(prints)}
    if changed := sorted(name for name in known if prints.get(name) != expected[name]):
        found[None] = f"the check itself was changed ({changed[0]})"
    called = names_that_are_called(sources)
    uses_solution = any(re.search(r"\bsolution\b", text) and "check" in text for text in attributes(sources))
    own = {f"{e['chapter']}.{e['task']}" for e in entries if e.get("own") is True}
    for task, status in results.items():
        if status != "right":
            continue
        did_run = "right" in ran.get(task, ()) if ran is not None else task.rpartition(".")[2] in called
        if not did_run:
            found[task] = f"{task} is recorded as right without a check that ran"
        elif task in own or uses_solution:
            found[task] = f"{task} was given the package's own solution"
    return found


def loaded_modules(prints):
    """The modules and classes of which a kernel has shown a part: it should have shown all their parts."""
    return {name.rpartition(".")[0] for name in prints if name.startswith("course.check")}


def trees(sources):
    for source in sources:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            yield ast.parse(re.sub(r"^\s*[%!].*$", "pass", source, flags=re.MULTILINE))


def names_that_are_called(sources):
    """The last name in each call: `check.variables.four_names(answer)` calls four_names."""
    calls = [n.func for tree in trees(sources) for n in ast.walk(tree) if isinstance(n, ast.Call)]
    return {getattr(func, "attr", getattr(func, "id", "")) for func in calls}


def attributes(sources):
    """The text of each expression that ends with an attribute."""
    for tree in trees(sources):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "solution":
                yield "check " + ast.unparse(node)
            if isinstance(node, ast.Constant) and node.value == "solution":
                yield "check solution"


# Running


class Grader:
    """Runs notebooks, each in a process of its own with a copy of the package of its own."""

    def __init__(self, seconds, memory):
        self.seconds, self.limits = seconds, {**LIMITS, "memory": memory}
        self.expected = fingerprints()[0]
        texts = [Path(module.__file__).read_text(encoding="utf-8") for module in (tools, grade_worker)]
        self.worker = "".join(texts)
        # Read once, before anything runs: no submission can change what another one gets.
        self.package = {
            path.relative_to(ROOT): (path.read_bytes(), path.stat().st_mtime_ns) for path in package_files()
        }
        self._lock, self._processes = threading.Lock(), set()
        grade_worker.adopt_orphans()

    def grade(self, name, sources):
        """({task: status}, problem) of one notebook."""
        with tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as place:
            place = Path(place)
            self._lay_out(place)
            raw = self._run(place, sources)
            changed = self._changed(place)
            make_removable(place)
        entries = record.parse(raw["record"]) if isinstance(raw.get("record"), str) else []
        problem = str(raw.get("problem", ""))
        results = {}
        for chapter, tasks in record.state_of(entries, resets=False).items():
            for task, status in tasks.items():
                if f"{chapter}.{task}" in TASKS and status in STATUSES:
                    results[f"{chapter}.{task}"] = status
        probe = raw.get("probe") if isinstance(raw.get("probe"), str) else ""
        forged = forgeries(results, entries, probe, sources, self.expected)
        if changed:
            forged[None] = f"the check itself was changed ({changed})"
        for task in [*results] if None in forged else forged:
            results.pop(task, None)
        words = [problem, forged.pop(None, ""), *forged.values()]
        return results, "; ".join(f"{name}: {word}" for word in words if word)

    def _lay_out(self, place):
        for relative, (content, modified) in self.package.items():
            path = place / "package" / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, ns=(modified, modified))  # so that the compiled files beside it count
        for folder in ("work", "home", "temp", "runtime"):
            (place / folder).mkdir()

    def _changed(self, place):
        """The first file of the private package that is not as it was; empty where all are."""
        for relative, (content, _) in self.package.items():
            if relative.suffix == ".pyc":
                continue
            path = place / "package" / relative
            try:
                if not stat.S_ISREG(os.lstat(path).st_mode) or path.stat().st_size != len(content):
                    return str(relative)
                if path.read_bytes() != content:
                    return str(relative)
            except OSError:
                return str(relative)
        return ""

    def _run(self, place, sources):
        """What the worker says, as data of unknown shape."""
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= KERNEL_ENV | {
            "COURSE_PROGRESS": str(place / "progress.json"),
            "PYTHONPATH": str(place / "package"),
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "temp"),
            "TEMP": str(place / "temp"),
            "IPYTHONDIR": str(place / "home"),
            "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        order = {
            "folder": str(place),
            "record": str(place / "progress.json"),
            "sources": sources,
            "probe": PROBE,
            "seconds": self.seconds,
            "limits": self.limits,
            "environment": environment,
        }
        with self._lock:
            process = subprocess.Popen(
                [sys.executable, "-c", self.worker],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment | {"PYTHONPATH": ""},
                cwd=place,
                start_new_session=True,
            )
            self._processes.add(process)
        try:
            said, _ = process.communicate(json.dumps(order).encode(), timeout=self.seconds + GRACE)
            raw = json.loads(said)
            return raw if isinstance(raw, dict) else {}
        except subprocess.TimeoutExpired:
            return {"problem": f"stopped after {self.seconds:g} seconds", **leftover(place)}
        except (ValueError, RecursionError, OSError):
            return {"problem": "the process that ran it was ended", **leftover(place)}
        finally:
            self._end(process)

    def _end(self, process):
        """Ends a worker, and what has lost its parent."""
        with self._lock:
            grade_worker.end_all(lambda: grade_worker.descendants(process.pid), seconds=1)
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()
            self._processes.discard(process)
            if sys.platform.startswith("linux"):
                grade_worker.end_all(self._orphans, seconds=20)

    def _orphans(self):
        """What notebooks have left behind: it has become ours (`adopt_orphans`)."""
        workers = {running.pid for running in self._processes}
        children = [child for child in psutil.Process().children() if child.pid not in workers]
        return [child for child in children if child.ppid() == os.getpid() and is_of_a_run(child)]

    def close(self):
        """Ends all runs."""
        for process in list(self._processes):
            self._end(process)


def is_of_a_run(process):
    """Whether a process was started by a notebook: then its environment names a record in a folder of ours."""
    try:
        return "grade-" in process.environ().get("COURSE_PROGRESS", "") or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def leftover(place):
    """The record of a run whose worker cannot tell it."""
    text, _ = grade_worker.read_record(place / "progress.json")
    return {"record": text}


def make_removable(place):
    """A notebook may have taken away the right to remove its folders."""
    for folder, _, _ in os.walk(place):
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
    with contextlib.suppress(OSError):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()


def package_files():
    """The files of the package, and its compiled files for this Python."""
    tag = f".{sys.implementation.cache_tag}.pyc"
    for path in sorted((ROOT / "course").rglob("*")):
        if path.is_file() and (path.suffix != ".pyc" or path.name.endswith(tag)):
            yield path


# Rows


def row(submission, graded):
    """The row of one learner, from the results of all their notebooks."""
    results = {}
    for found, _ in graded:
        for task, status in found.items():
            if results.get(task) != "right":
                results[task] = status
    problems = "; ".join([problem for _, problem in graded if problem] + submission.problems())
    right = sum(status == "right" for status in results.values())
    return {"learner": readable(submission.learner), "right": right, **results, "problem": problems}


def harmless(value):
    """`value` as a spreadsheet shows it, and does not compute it."""
    text = str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


class Rows:
    """The CSV, written whole after each row, and beside it the rows of a run that is not over."""

    def __init__(self, output, order):
        self.output, self.order, self.rows = output, order, {}
        self.journal = output.with_name(output.name + ".unfinished")

    def earlier(self, digests):
        """The learners whose rows an earlier run has left, for the same submissions."""
        try:
            lines = self.journal.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return []
        for line in lines:
            try:
                digest, found = json.loads(line)
                learner = digests.get(digest)
                if learner is not None and isinstance(found, dict) and {"learner", "right"} <= found.keys():
                    self.rows[learner] = {key: found[key] for key in found if key in COLUMNS}
            except (ValueError, TypeError, RecursionError):
                continue
        return list(self.rows)

    def add(self, learner, digest, found):
        self.rows[learner] = found
        with open(self.journal, "a", encoding="utf-8") as file:
            file.write(json.dumps([digest, found]) + "\n")
        self.write()

    def write(self):
        beside = self.output.with_name(self.output.name + ".new")
        with open(beside, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for learner in self.order:
                if learner in self.rows:
                    writer.writerow({key: harmless(value) for key, value in self.rows[learner].items()})
        os.replace(beside, self.output)

    def close(self):
        self.write()
        self.journal.unlink(missing_ok=True)


class Bar:
    """How far it is, and who is next: one line that is written over on a terminal, else a line a learner."""

    def __init__(self, total):
        self.total, self.done, self.is_terminal = total, 0, sys.stderr.isatty()

    def advance(self, found):
        self.done += 1
        if not self.is_terminal:
            problem = f" ({found['problem']})" if found["problem"] else ""
            print(f"{self.done} of {self.total}  {found['learner']}: {found['right']} right{problem}", flush=True)
            return
        filled = 30 * self.done // self.total
        line = f"[{'#' * filled}{' ' * (30 - filled)}] {self.done} of {self.total}  {found['learner']}"
        end = "\n" if self.done == self.total else ""
        print(f"\r{line[:100]:100}", end=end, file=sys.stderr, flush=True)


def arguments_of(arguments):
    """The arguments, checked: nothing runs that could not be written down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=Path("grades.csv"))
    parser.add_argument("--seconds", type=float, default=120, help="the time limit of one notebook")
    parser.add_argument("--jobs", type=int, default=2, help="how many notebooks run at a time")
    parser.add_argument("--memory", type=int, default=4096, help="the memory of one notebook in MB (Linux)")
    args = parser.parse_args(arguments)
    if not args.folder.is_dir():
        parser.error(f"{args.folder} is not a folder")
    if not 1 <= args.jobs <= 64:
        parser.error(f"--jobs is {args.jobs}, and has to be from 1 to 64")
    if not (math.isfinite(args.seconds) and args.seconds >= 1):
        parser.error(f"--seconds is {args.seconds:g}, and has to be 1 or more")
    if args.memory < 512:
        parser.error(f"--memory is {args.memory}, and has to be 512 or more: a kernel with NumPy takes that")
    if args.output.is_dir():
        parser.error(f"--output {args.output} is a folder")
    if not args.output.parent.is_dir():
        parser.error(f"--output: there is no folder {args.output.parent}")
    try:
        with tempfile.TemporaryFile(dir=args.output.parent):
            pass
    except OSError as error:
        parser.error(f"--output: nothing can be written into {args.output.parent}: {error.strerror}")
    return parser, args


def main(arguments=None):
    parser, args = arguments_of(arguments)
    found = submissions(args.folder)
    if not found:
        parser.error(f"there is no notebook in {args.folder}")
    digests = {s.digest([args.seconds, args.memory]): s.learner for s in found}
    of = {learner: digest for digest, learner in digests.items()}
    rows = Rows(args.output, [s.learner for s in found])
    if earlier := rows.earlier(digests):
        print(f"{len(earlier)} of {len(found)} learners were graded before this run, and keep their rows")
    left = [s for s in found if s.learner not in rows.rows]
    bar, grader = Bar(len(found)), Grader(args.seconds, args.memory)
    bar.done = len(earlier)
    with contextlib.suppress(ValueError):  # only the main thread may
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pool = ThreadPoolExecutor(args.jobs)
    try:
        jobs = {s.learner: [pool.submit(grader.grade, *notebook) for notebook in s.notebooks] for s in left}
        waiting = {job: s for s in left for job in jobs[s.learner]}
        for submission in [s for s in left if not s.notebooks]:
            rows.add(submission.learner, of[submission.learner], entry := row(submission, []))
            bar.advance(entry)
        for job in as_completed(waiting):
            submission = waiting[job]
            if all(other.done() for other in jobs[submission.learner]) and submission.learner not in rows.rows:
                graded = [result_of(other) for other in jobs[submission.learner]]
                rows.add(submission.learner, of[submission.learner], entry := row(submission, graded))
                bar.advance(entry)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        grader.close()
    rows.close()
    print(f"{args.output}: {len(rows.rows)} learners")


def result_of(job):
    """What a job gives; an error of ours costs its own row only."""
    try:
        return job.result()
    except Exception as error:
        return {}, f"could not be graded: {type(error).__name__}"


if __name__ == "__main__":
    main()
