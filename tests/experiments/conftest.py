import pytest

from course.experiments import picture


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch):
    monkeypatch.setattr(picture, "SCREEN_DPI", 50)  # they take half the time
