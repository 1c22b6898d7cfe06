"""`python -m course` makes the learner's own copy of the chapters, and opens JupyterLab on it.

The copy is the folder `work/` at the project's root, which git ignores: the chapters and their solutions without
outputs and with what follows an outcome or an experiment folded, so that no question is answered before it is tried,
and the glossary.
Called again, the command brings it up to date. A chapter that was not changed is replaced when the course has a newer
version of it; what a learner has changed or run is never discarded.

    python -m course                 make the copy or bring it up to date, and open JupyterLab on it
    python -m course --no-lab        without JupyterLab
    python -m course --restore 5     move your chapter 5 to work/set_aside, and deliver it afresh
    python -m course -- --port 9999  what follows -- is for JupyterLab
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
COPY, ASIDE, MANIFEST = "work", "set_aside", ".delivered.json"
DELIVERED = re.compile(r"(solutions/)?\d\d_\w+\.ipynb|glossary\.md")  # what the copy's files are called

# A mention of chapters; `kept` is what surrounds none.
MENTIONS = re.compile(
    r"(?P<kept>^```.*?^```|^\#.*?$|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|<[^>]*>)"
    r"|\b(?:[Cc]hapter\s+\d+|[Cc]hapters\s+\d+(?:(?:,|\s+and|,\s+and|\s+to)\s+\d+)*)\b",
    re.MULTILINE | re.DOTALL,
)

# Code that answers a question: the words after it are folded.
ANSWERED = re.compile(r"\.outcome\(|^experiments\.", re.MULTILINE)

# Around words that are folded; the empty lines let Markdown be Markdown again.
FOLD = "<details>\n<summary>What it shows</summary>\n\n{}\n\n</details>"

# What JupyterLab and its kernel write into a notebook that they open: where it stands there already, a chapter that was
# only opened has no unsaved change.
KERNEL_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": sys.version.split()[0],
    },
}


class Refused(Exception):
    """What cannot be done. The message says why, and what to do instead."""


# What is delivered


def chapters(notebooks, metadata=KERNEL_METADATA, left_out=()):
    """What a learner's copy of the folder `notebooks` consists of, without the chapters whose numbers are `left_out`:
    {path in the copy: its text}."""
    found, paths = {}, {}
    for path in sorted([*notebooks.glob("[0-9][0-9]_*.ipynb"), *notebooks.glob("solutions/[0-9][0-9]_*.ipynb")]):
        if int(path.name[:2]) not in left_out:
            paths[path.relative_to(notebooks).as_posix()] = path
    names = {int(name[:2]): name for name in paths if "/" not in name}
    for name, path in paths.items():
        try:
            found[name] = copied(path.read_text(encoding="utf-8"), metadata, links_from(name, names))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise Refused(
                f"{path} is not a notebook that can be read ({error}). `git status` says whether it was changed; "
                f"`git checkout {path.name}`, in its folder, brings the original back."
            ) from None
    if not names:
        raise Refused(
            "This installation of `course` has no notebooks beside it: they come with the project, not with the "
            "package. Get the project, by `git clone` or as an archive to unpack, and in its folder run\n"
            "    pip install -r requirements.txt\n"
            "    python -m course"
        )
    with contextlib.suppress(FileNotFoundError):
        text = (notebooks / "glossary.md").read_text(encoding="utf-8")
        found["glossary.md"] = with_links(text, links_from("glossary.md", names))
    return found


def copied(text, metadata, links):
    """The text of a notebook with the same cells, not run, with this metadata, with links to other chapters, and with
    the words folded that say how a prediction came out, or what an experiment answers."""
    notebook = json.loads(text)
    folded = answers(notebook["cells"])
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        elif cell["cell_type"] == "markdown":
            source = with_links("".join(cell["source"]), links)
            cell["source"] = (FOLD.format(source) if index in folded else source).splitlines(keepends=True)
    notebook["metadata"] = metadata
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def answers(cells):
    """The indices of the cells whose words say what an outcome was, or an experiment answers: those in Markdown right
    after the code that shows it, unless they begin the next section or ask the next question. What leads on from there
    is a cell of its own."""
    sources = ["".join(cell["source"]) for cell in cells]
    return {
        index
        for index in range(1, len(cells))
        if cells[index - 1]["cell_type"] == "code"
        and ANSWERED.search(sources[index - 1])
        and cells[index]["cell_type"] == "markdown"
        and not sources[index].startswith(("#", "**Predict"))
    }


def links_from(name, names):
    """{number: path} of the chapters that a file of the copy may lead to: all but its own."""
    folder, _, file = name.rpartition("/")
    return {number: f"../{path}" if folder else path for number, path in names.items() if path != file or folder}


def with_links(text, links):
    """Markdown in which "chapter 3", and each number of "chapters 1, 2 and 5", leads there. Headings, code, formulas
    and what is a link already stay as they are."""

    def linked(match):
        if match["kept"]:
            return match["kept"]
        return re.sub(
            r"(?:[Cc]hapters?\s+)?(\d+)",
            lambda m: f"[{m[0]}]({links[int(m[1])]})" if int(m[1]) in links else m[0],
            match[0],
        )

    return MENTIONS.sub(linked, text)


def digest(text, name):
    """Identifies what a learner reads and edits: of a notebook the sources and tags of its cells, without empty ones,
    since JupyterLab adds one at the end when the last cell is run. None where it is no notebook."""
    if name.endswith(".ipynb"):
        try:
            cells = [
                (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", []))
                for cell in json.loads(text)["cells"]
            ]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None
        text = json.dumps([cell for cell in cells if cell[1].strip()])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def was_run(text, name):
    """Whether a notebook, which `digest` could read, holds what a run has left."""
    cells = json.loads(text)["cells"] if name.endswith(".ipynb") else []
    return any(cell.get("outputs") or cell.get("execution_count") is not None for cell in cells)


# The copy


class Copy:
    """The learner's copy of a project's chapters.

    Args:
        root: the project's folder.

    Attributes:
        folder: the copy's.
        words: sentences on what was done and what was left, for the learner.
    """

    def __init__(self, root=ROOT):
        self.fresh = chapters(root / "notebooks")
        self.folder, self.words, self.made, self.replaced = root / COPY, [], 0, []
        for place in (self.folder, self.folder / "solutions", self.folder / ASIDE):
            if place.is_symlink() or place.exists() and not place.is_dir():
                kind = "a link" if place.is_symlink() else "a file"
                raise Refused(
                    f"{place} is {kind}, and has to be a folder of its own: your copy of the chapters goes there. "
                    "Rename it, and run the command again. Nothing was changed."
                )
        self.delivered = self._read_manifest()

    def update(self, restore=()):
        """Brings the copy up to date; the chapters whose numbers are in `restore` as they are delivered.

        Raises:
            Refused: there is no such chapter.
        """
        wanted = {f"{number:02}" for number in restore}
        if unknown := sorted(wanted - {name[:2] for name in self.fresh}):
            known = sorted(int(name[:2]) for name in self.fresh if name[:2].isdecimal())
            raise Refused(f"There is no chapter {int(unknown[0])}: the chapters are {known[0]} to {known[-1]}.")
        self.folder.mkdir(exist_ok=True)
        try:
            for name, text in self.fresh.items():
                self._deliver(name, text, restored=name.removeprefix("solutions/")[:2] in wanted)
            for name in [name for name in self.delivered if name not in self.fresh]:
                self._withdraw(name)
        finally:
            self._write_manifest()
        if self.replaced:
            names = ", ".join(self.replaced)
            self.words.insert(0, f"Replaced by newer versions, since you had not changed them: {names}.")
        if self.made:
            self.words.insert(0, f"{self.made} files are new in {self.folder}.")

    def _deliver(self, name, text, restored):
        path, new = self.folder / name, digest(text, name)
        if not os.path.lexists(path):
            write(path, text)
            self.made, self.delivered[name] = self.made + 1, new
            return
        held = self._held(path)
        now = digest(held, name) if held is not None else None
        if restored and (now != new or was_run(held, name)):
            self._set_aside(path)
            self.words.append(f"{name} is as it was delivered.")
        elif now is None or now not in (new, self.delivered.get(name)):
            if self.delivered.get(name) != new:
                number = name.removeprefix("solutions/")[:2]
                how = f"`python -m course --restore {int(number)}`" if number.isdecimal() else "renaming yours"
                self.words.append(
                    f"{name} has a newer version. Yours is changed, and stays; {how} gives you the newer one, and "
                    "keeps yours aside."
                )
            return
        elif was_run(held, name):
            if now == new:
                self.delivered[name] = new
                return
            self._set_aside(path)
            self.words.append(f"{name} is replaced by its newer version.")
        elif now != new:
            self.replaced.append(name)
        if restored or held != text:
            write(path, text)
        self.delivered[name] = new

    def _withdraw(self, name):
        """Removes what the course no longer has, if it is as it was delivered."""
        path = self.folder / name
        held = self._held(path)
        if held is not None and digest(held, name) == self.delivered[name] and not was_run(held, name):
            path.unlink()
            self.words.append(f"{name} is removed: the course no longer has it, and you had not changed it.")
        elif os.path.lexists(path):
            self.words.append(f"{name} stays as it is: the course no longer has it.")
        del self.delivered[name]

    def _held(self, path):
        """The text of a file in the copy; None where it is a link, no ordinary file, or no text."""
        try:
            if stat.S_ISREG(os.lstat(path).st_mode):
                return path.read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            pass
        return None

    def _set_aside(self, path):
        place = self.folder / ASIDE
        place.mkdir(exist_ok=True)
        stem = "_".join(path.relative_to(self.folder).with_suffix("").parts)
        targets = (place / f"{stem}_{count}{path.suffix}" for count in range(1, 10**6))
        target = next(target for target in targets if not os.path.lexists(target))
        os.rename(path, target)
        self.words.append(f"Your {path.relative_to(self.folder).as_posix()} is now {target}.")

    def _read_manifest(self):
        """{name: digest last delivered}; what is no such entry counts as nothing."""
        path = self.folder / MANIFEST
        held = self._held(path)
        try:
            entries = json.loads(held or "")
            return {n: d for n, d in entries.items() if DELIVERED.fullmatch(n) and isinstance(d, str)}
        except (ValueError, AttributeError, TypeError, RecursionError):
            if os.path.lexists(path):
                self.words.append(
                    f"{path}, the list of what was delivered, was damaged and is made anew. Chapters that are not as "
                    "the course has them now count as changed by you."
                )
            return {}

    def _write_manifest(self):
        text = json.dumps(self.delivered, indent=1, sort_keys=True) + "\n"
        if self._held(self.folder / MANIFEST) != text:
            write(self.folder / MANIFEST, text)

    def start(self):
        """The chapter to open: the one that was saved last, of those that were changed or run; at first chapter 1."""
        own = [
            name for name in self.fresh if re.match(r"\d", name) and self._held(self.folder / name) != self.fresh[name]
        ]
        return max(own, key=lambda name: os.lstat(self.folder / name).st_mtime, default=min(self.fresh))


def write(path, text):
    """Writes a file that is whole at every moment: written aside, then put in its place."""
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        aside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


# The command


def lab_command(start, arguments=(), root=ROOT):
    """The command that opens JupyterLab, whose files are the project's, on the file `start`."""
    command = [sys.executable, "-m", "jupyter", "lab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={root}"]
    command += [f"--LabApp.default_url=/lab/tree/{quote(start)}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        command += ["--no-browser"]  # it would be a text browser in this terminal
    return [*command, *arguments]


def open_lab(command):
    """Runs JupyterLab until it ends, and returns its exit status. Ctrl-C is its business: it asks whether to end."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise Refused(
            f"JupyterLab is not installed for this Python, {sys.executable}. In the project's folder run\n"
            "    pip install -r requirements.txt\n"
            "and this command again."
        )
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # several threads for the small arrays of the chapters are slower
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # signals reach it, and it alone
    process = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(
        prog="python -m course", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-lab", action="store_true", help="make the copy, or bring it up to date, and end")
    parser.add_argument(
        "--restore", type=int, nargs="+", default=[], metavar="CHAPTER",
        help="move your copies of these chapters and of their solutions aside, deliver them afresh, and end",
    )  # fmt: skip
    parser.add_argument(
        "--edit", action="store_true", help="for maintainers: open the originals, notebooks/, and no copy"
    )
    parser.add_argument("lab", nargs="*", metavar="-- ARGUMENT", help="an argument for JupyterLab")
    args = parser.parse_args(arguments)
    if args.edit and (args.restore or args.no_lab):
        parser.error("--edit opens the originals and makes no copy: leave out --restore and --no-lab")
    if args.lab and (args.restore or args.no_lab):
        parser.error(f"JupyterLab is not opened, so {' '.join(args.lab)} would not reach it")
    try:
        if args.edit:
            start = f"notebooks/{min(chapters(root / 'notebooks'))}"
            os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
                [str(root / "tools" / "edit"), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
            )
        else:
            copy = Copy(root)
            try:
                copy.update(args.restore)
                nothing = f"Your chapters in {copy.folder} are up to date."
                copy.words = copy.words or [nothing]
            finally:
                print("".join(f"{line}\n" for line in copy.words), end="", flush=True)
            if args.restore and nothing not in copy.words:
                print("Where such a chapter is open in JupyterLab, close its tab and open it again.")
            if args.no_lab or args.restore:
                return 0
            start = f"{COPY}/{copy.start()}"
        return open_lab(lab_command(start, args.lab, root))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"A file could not be read or written: {error}. Every file is whole, the old one or the new one. Look "
            f"whether the disk is full, or {root} belongs to somebody else; if so, copy the project to a folder of "
            "yours and run the command there.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Every file is whole, the old one or the new one; run the command again.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
