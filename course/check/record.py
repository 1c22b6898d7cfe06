"""Which tasks are solved: a small file in the user's state directory, which survives the kernel.

The file has a line of JSON for each thing that happened. Lines are only ever added: two kernels lose nothing to each
other, a damaged line costs itself only, and who grades sees also what a reset has made the learner's page forget.

`COURSE_PROGRESS` names another file, or says `memory`: then nothing is read or written, as when notebooks are tested.
What cannot be written, as in a home that is full or read-only, this process remembers.
"""

import json
import os
import stat
import sys
from pathlib import Path

LARGEST = 4_000_000  # bytes: far more than a year of attempts

_unsaved = []  # of this process


def path():
    """The file, or None where only this process remembers."""
    place = os.environ.get("COURSE_PROGRESS")
    if place == "memory":
        return None
    if place:
        return Path(place)
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(folder) / "training-from-first-principles" / "progress.json"


def load():
    """{chapter: {task: status of the last attempt, or "right" once it was}}; what cannot be read counts as nothing."""
    return state_of(entries(path()) + _unsaved)


def state_of(entries, resets=True):
    """What is solved after these entries; without `resets`, what was ever right."""
    state = {}
    for entry in entries:
        if "reset" in entry:
            for chapter in [*state] if entry["reset"] is None else [entry["reset"]]:
                if resets:
                    state.pop(chapter, None)
        elif state.setdefault(entry["chapter"], {}).get(entry["task"]) != "right":
            state[entry["chapter"]][entry["task"]] = entry["status"]
    return state


def entries(file):
    """The entries of a record, in their order. Whatever lies there, what is no entry counts as nothing."""
    return parse(_read(file).decode("utf-8", "replace"))


def parse(text):
    """The entries in the text of a record, whatever it holds."""
    found = _of_one_object(text)
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if _is_entry(entry):
            found.append(entry)
    return found


def _of_one_object(text):
    """The entries of a file of the course's first version: one object {chapter: {task: status}}, at the beginning."""
    try:
        state, _ = json.JSONDecoder().raw_decode(text.lstrip())
        pairs = [(chapter, task, tasks[task]) for chapter, tasks in state.items() for task in tasks]
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError, IndexError):
        return []
    entries = [{"chapter": chapter, "task": task, "status": status} for chapter, task, status in pairs]
    return [entry for entry in entries if _is_entry(entry)]


def _is_entry(entry):
    if not isinstance(entry, dict):
        return False
    if "reset" in entry:
        return entry["reset"] is None or isinstance(entry["reset"], str)
    return all(isinstance(entry.get(key), str) for key in ("chapter", "task", "status"))


def _read(file):
    """The bytes of a file that is an ordinary one and not endless; else none."""
    try:
        if file is None or not stat.S_ISREG(os.stat(file).st_mode):
            return b""
        with open(file, "rb") as opened:
            return opened.read(LARGEST)
    except (OSError, ValueError):
        return b""


def keep(chapter, task, status, own=False):
    """Note an attempt's status. What was right once stays right.

    Args:
        own: whether the attempt was a program of this package, such as the solution itself.
    """
    if load().get(chapter, {}).get(task) in ("right", status):
        return
    entry = {"chapter": chapter, "task": task, "status": status}
    _add(entry | {"own": True} if own else entry)


def clear(chapter=None):
    """Forget everything, or one chapter."""
    _add({"reset": chapter})


def _add(entry):
    """Adds a line, in one write at the end of the file: what another process adds meanwhile stays whole."""
    file = path()
    if file is None:
        _unsaved.append(entry)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and not stat.S_ISREG(os.stat(file).st_mode):
            raise OSError(f"{file} is not an ordinary file")  # a pipe would wait for a reader
        line = f"\n{json.dumps(entry)}\n".encode()  # after a line that was torn, a new one
        if sys.platform == "emscripten":  # a browser's file system never comes back from an append
            whole = file.with_name(f"{file.name}.new")
            whole.write_bytes(_read(file) + line)
            os.replace(whole, file)
            is_saved = True
        else:
            with open(file, "ab", buffering=0) as opened:
                is_saved = opened.write(line) == len(line)
    except (OSError, ValueError):
        is_saved = False
    if not is_saved:
        _unsaved.append(entry)
