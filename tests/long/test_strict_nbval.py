"""nbval, as this project sets it up, notices each way in which a stored output can be false."""

import base64
import io
import os
import re
import subprocess
import sys

import nbformat
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from tests.project.test_notebooks import RAISES, new_pair
from tools import notebooks

FIGURE = """
fig, ax = plots.axes("The loss falls", "epoch", "loss")
ax.plot([9.0, 4.0, 1.0], label="loss")
plots.show(fig, "The loss falls from 9 to 1")
"""


def a_number(outputs):
    outputs[0].text = outputs[0].text.replace("0.125", "0.126")


def a_result(outputs):
    outputs[0].data["text/plain"] = "0.26"


def a_line_too_many(outputs):
    outputs[0].text += "2\n"


def a_missing_output(outputs):
    outputs.clear()


def another_kind_of_output(outputs):
    outputs[0] = nbformat.v4.new_output("display_data", {"text/plain": outputs[0].data["text/plain"]})


def an_error_message(outputs):
    outputs[0].evalue = outputs[0].evalue.replace("(2,)", "(5,)")


def redraw(change, software=None):
    def mutate(outputs):
        picture = Image.open(io.BytesIO(base64.b64decode(outputs[0].data["image/png"])))
        info, file = PngImagePlugin.PngInfo(), io.BytesIO()
        info.add_text("Software", software or picture.info["Software"])
        change(picture.convert("RGB")).save(file, "png", pnginfo=info)
        outputs[0].data["image/png"] = base64.b64encode(file.getvalue()).decode()

    return mutate


def other_colours(picture):
    return Image.merge("RGB", picture.split()[::-1])


def a_small_grey_block(picture):
    picture.paste((128, 128, 128), (10, 10, 16, 16))
    return picture


def one_shade_lighter(picture):
    return picture.point(lambda grey: min(grey + 1, 255))


def no_picture(outputs):
    del outputs[0].data["image/png"]


def a_number_in_the_digest(outputs):
    assert "min 1 " in outputs[0].data["text/plain"]
    outputs[0].data["text/plain"] = outputs[0].data["text/plain"].replace("min 1 ", "min 1.01 ")


def the_alt_text(outputs):
    outputs[0].data["text/html"] = outputs[0].data["text/html"].replace("from 9", "from 8")


# Source of a cell, what is done to its stored outputs, and whether that must fail.
CASES = {
    "a changed number in printed text": ("print('loss 0.125')", a_number, True),
    "a changed number in a result": ("0.25", a_result, True),
    "a printed line too many": ("print(1)", a_line_too_many, True),
    "outputs removed, run number kept": ("print(2)", a_missing_output, True),
    "another kind of output with the same text": ("0.5", another_kind_of_output, True),
    "a changed error message": ("raise ValueError('shape (2,)')", an_error_message, True),
    "other colours in a figure": (FIGURE, redraw(other_colours), True),
    "a small grey block in a figure": (FIGURE, redraw(a_small_grey_block), True),
    "a figure of another size": (FIGURE, redraw(lambda p: ImageOps.scale(p, 0.5)), True),
    "a figure's picture removed": (FIGURE, no_picture, True),
    "a changed number in a figure's digest": (FIGURE, a_number_in_the_digest, True),
    "a changed alt text": (FIGURE, the_alt_text, True),
    "a figure whose pixels differ by rounding": (FIGURE, redraw(one_shade_lighter), False),
    "a figure drawn by another matplotlib": (FIGURE, redraw(other_colours, "Matplotlib 2.0"), False),
    "an untouched figure": (FIGURE, lambda outputs: None, False),
    "an untouched print": ("print('loss', 0.125)", lambda outputs: None, False),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """What pytest, with this project's configuration, says of each case's cell, whose stored outputs were changed."""
    cells = ["# %%\nfrom course import plots"]
    for source, _, _ in CASES.values():
        cells.append((RAISES if source.startswith("raise") else "# %%\n") + source.strip())
    sample = new_pair(tmp_path_factory.mktemp("sample"), *cells)
    notebooks.render(sample)
    mutated = nbformat.read(sample.with_suffix(".ipynb"), as_version=4)
    for cell, (_, mutate, _) in zip(mutated.cells[1:], CASES.values()):
        mutate(cell.outputs)
    mutated.cells.append(nbformat.v4.new_code_cell("never_run = 1"))
    nbformat.write(mutated, sample.with_name("mutated.ipynb"))
    command = [sys.executable, "-m", "pytest", "-c", notebooks.ROOT / "pyproject.toml", f"--rootdir={sample.parent}"]
    command += ["-ptools", "-pconftest", "-pno:cacheprovider", "-pno:xdist", "--color=no", "--tb=no", "-qrA"]
    run = subprocess.run(
        [*command, "mutated.ipynb"],
        cwd=sample.parent,
        env={**os.environ, "PYTHONPATH": str(notebooks.ROOT)},
        capture_output=True,
        text=True,
    )
    found = re.findall(r"^(PASSED|FAILED) mutated\.ipynb::Cell (\d+)", run.stdout, re.MULTILINE)
    assert len(found) == len(CASES) + 2, run.stdout + run.stderr
    return {int(number): verdict for verdict, number in found}


@pytest.mark.parametrize("case", CASES)
def test_nbval_decides_on(case, verdicts):
    number = 1 + list(CASES).index(case)
    assert verdicts[number] == ("FAILED" if CASES[case][2] else "PASSED")


def test_nbval_fails_a_cell_that_was_never_run(verdicts):
    assert verdicts[1 + len(CASES)] == "FAILED"
