"""Which tasks are solved: a small file in the user's state directory, which survives the kernel.

`COURSE_PROGRESS` names another file, or says `memory`: then nothing is read or written, as when notebooks are tested.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

_memory = {}


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
    file = path()
    if file is None:
        return {chapter: dict(tasks) for chapter, tasks in _memory.items()}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {chapter: dict(tasks) for chapter, tasks in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def keep(chapter, task, status):
    """Note an attempt's status. What was right once stays right."""
    state = load()
    if state.get(chapter, {}).get(task) in ("right", status):
        return
    state.setdefault(chapter, {})[task] = status
    _save(state)


def clear(chapter=None):
    """Forget everything, or one chapter."""
    state = load()
    _save({} if chapter is None else {name: tasks for name, tasks in state.items() if name != chapter})


def _save(state):
    file = path()
    if file is None:
        _memory.clear()
        _memory.update(state)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as new:
            json.dump(state, new, indent=1)
        os.replace(new.name, file)
    except OSError:  # a read-only home must not break an exercise
        _memory.update(state)
