"""Makes nbval's comparison strict: figures count, and so does a cell that was never run.

nbval re-runs every notebook and compares text. By itself it lets pass a changed picture, a cell without stored outputs,
and an output that changed its type. It compares neither tracebacks nor metadata nor outputs of cells with the tag
nbval-ignore-output: the first two are the business of `tools/notebooks.py check`. If nbval had hooks for comparing
outputs, nothing here would replace methods of its class.
"""

import base64
import importlib.util
import io
import os
import re

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from tools.notebooks import KERNEL_ENV, WIDGET_VIEW

os.environ.update(KERNEL_ENV)  # inherited by the kernels, and in time for this process' own NumPy

RMS_TOLERANCE = 1.0  # grey levels of 255, over the whole picture
BLOCK, BLOCK_TOLERANCE = 8, 24.0  # and over each square of 8 × 8 pixels, for what is small


def pytest_collectstart(collector):
    if isinstance(collector, IPyNbFile):
        import matplotlib.font_manager  # noqa: F401  its first import builds a cache, and a slow machine says so on stderr


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("distributed") is None:
        for item in items:
            if item.path.match("notebooks/12_*.ipynb"):
                item.add_marker(pytest.mark.skip(reason="needs Dask: pip install -r requirements-distributed.txt"))


def figure_difference(ours, theirs):
    """Root mean square difference of two base64 PNGs in grey levels; None when it would compare matplotlib versions."""
    import numpy as np
    from PIL import Image

    images = [Image.open(io.BytesIO(base64.b64decode(png))) for png in (ours, theirs)]
    versions = {tuple(re.findall(r"\d+", image.info.get("Software", ""))[:2]) for image in images}
    if len(versions) > 1:
        return None  # text is drawn differently; the digest in text/plain has been compared
    a, b = (np.asarray(image.convert("RGB"), float) for image in images)
    if a.shape != b.shape:
        return float("inf")
    squares = np.mean((a - b) ** 2, axis=-1)
    rows, columns = (n // BLOCK * BLOCK for n in squares.shape)
    blocks = squares[:rows, :columns].reshape(rows // BLOCK, BLOCK, -1, BLOCK).mean(axis=(1, 3))
    worst = float(np.sqrt(blocks.max(initial=0.0)))
    return float(np.sqrt(squares.mean())) if worst <= BLOCK_TOLERANCE else worst


def kinds(outputs):
    return [(o["output_type"], sorted(set(o.get("data", ())) - {WIDGET_VIEW})) for o in outputs]


def compare_outputs(cell, test, ref, skip_compare=None):
    if not nbval_compare(cell, test, ref, skip_compare):
        return False
    if kinds(test) != kinds(ref):
        cell.comparison_traceback.append(f"kinds of output differ: file {kinds(ref)}, this run {kinds(test)}")
        return False
    for ours, theirs in zip(test, ref):
        if "image/png" in ours.get("data", {}):
            difference = figure_difference(ours["data"]["image/png"], theirs["data"]["image/png"])
            if difference is not None and difference > RMS_TOLERANCE:
                cell.comparison_traceback.append(
                    f"the figure differs by {difference:.2f} grey levels, in all or in a small part"
                )
                return False
    return True


def runtest(cell):
    nbval_runtest(cell)
    if cell.cell.source.strip() and cell.cell.execution_count is None:
        cell.raise_cell_error("this cell has no outputs from a run: `make render` writes them")


def sanitize(cell, text):
    """Without the picture inside HTML: it is the image/png beside it, which is compared with a tolerance."""
    text = nbval_sanitize(cell, text)
    return re.sub(r"data:image/png;base64,[\w+/=\s]*", "", text) if isinstance(text, str) else text


nbval_compare, nbval_runtest, nbval_sanitize = IPyNbCell.compare_outputs, IPyNbCell.runtest, IPyNbCell.sanitize
IPyNbCell.compare_outputs, IPyNbCell.runtest, IPyNbCell.sanitize = compare_outputs, runtest, sanitize
