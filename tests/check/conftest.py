import itertools

import pytest

from course.check import record

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("progress")


@pytest.fixture(autouse=True)
def progress_file(folder, monkeypatch):
    """A file of its own for what a test's verdicts leave; one folder for all, since making thousands takes long."""
    path = folder / f"{next(NUMBERS)}.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    monkeypatch.setattr(record, "_unsaved", [])
    return path
