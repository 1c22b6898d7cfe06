import pytest

from course.experiments import picture


@pytest.fixture(autouse=True, scope="module")
def _small_pictures():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "SCREEN_DPI", 50)  # they take half the time
        yield
