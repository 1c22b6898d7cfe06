"""What all static figures share: one palette, one style, and a way to show a figure to readers and tests alike.

Figures are `matplotlib.figure.Figure` objects, without pyplot: no global state, and nothing appears that `show` did not
show.
"""

import base64
import html
import importlib
import io
import sys

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver
from PIL import Image, PngImagePlugin

# Predictions are red, data blue, the truth dashed; everything else takes the cycle's colours in order. They are Paul
# Tol's "vibrant" scheme, distinct under the common kinds of colour blindness (https://sronpersonalpages.nl/~pault/).
PREDICTION = "#CC3311"
DATA = "#0077BB"
TRUTH = {"color": "#333333", "linestyle": "--", "linewidth": 1.5}
CYCLE = ("#0077BB", "#EE7733", "#009988", "#EE3377", "#33BBEE", "#777777")
LOSS_STYLES = ((CYCLE[1], "-"), (CYCLE[2], "--"), (CYCLE[3], "-."))  # for the L2, L1 and Huber losses
# Two classes are blue circles and orange squares, and a probability is a pale mixture of the two.
CLASS_COLORS, CLASS_MARKERS = (CYCLE[0], CYCLE[1]), ("o", "s")
CLASS_MAP = LinearSegmentedColormap.from_list("classes", ["#8CC1E0", "#FFFFFF", "#F8C39C"])
DEPTHS = LinearSegmentedColormap.from_list("depths", ["#7FB2D6", "#C3DCEC", "#F7FAFC"])  # a map: deeper is bluer

WIDTH, HEIGHT = 7.2, 4.0  # inches
PAGE_DPI, FILE_DPI = 100, 150  # pixels per inch on the page, and in the file so that fine screens show fine lines

# In JupyterLab's dark theme all figures of the page are dark, and keep their hues: as in the book.
DARK = (
    '<style>body[data-jp-theme-light="false"] .jp-OutputArea-output img[src^="data:image/png"]'
    " { filter: invert(0.93) hue-rotate(180deg); }</style>"
)
STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 10,
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",  # also in JupyterLab's dark theme
    "font.family": "DejaVu Sans",  # ships with matplotlib, so that every machine draws the same
    "font.size": 9.5,
    "grid.color": "#E4E4E4",
}


def axes(title, xlabel, ylabel, *, width=WIDTH, height=HEIGHT):
    """A figure with one pair of axes: `fig, ax = axes("Loss falls in every epoch", "epoch", "loss")`.

    The title states the figure's message; the labels carry units where there are any. Sizes are in inches, and 9 of
    them fill JupyterLab's page.
    """
    fig, (ax,) = panels((title, xlabel, ylabel), width=width, height=height)
    return fig, ax


def panels(*labels, width=WIDTH, height=HEIGHT, **kwargs):
    """A figure with axes side by side, one for each `(title, xlabel, ylabel)`. Returns `fig, [ax, ...]`.

    Keyword arguments such as `sharey=True` go to `Figure.subplots`.
    """
    for label in labels:
        if isinstance(label, str) or len(label) != 3:
            raise ValueError(f"each panel takes a (title, xlabel, ylabel), but got {label!r}")
    with matplotlib.rc_context(STYLE):
        fig = Figure(figsize=(width, height), dpi=PAGE_DPI, layout="constrained")
        grid = fig.subplots(1, len(labels), squeeze=False, **kwargs)[0]
        for ax, (title, xlabel, ylabel) in zip(grid, labels, strict=True):
            ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return fig, list(grid)


def show(fig, alt):
    """Display `fig`, with `alt` as the text that a screen reader speaks in its place.

    The plain-text form is `alt` and a digest of the figure's data, by which tests notice when a figure changes.
    """
    if not isinstance(fig, Figure):
        raise TypeError(
            f"show takes a matplotlib Figure, but got a {type(fig).__name__}; Axes have theirs as ax.figure"
        )
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must say in words what the figure shows, but is {alt!r}")
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)  # otherwise the notebook shows a figure made by pyplot a second time
    picture = base64.b64encode(png(fig)).decode()
    width = round(fig.get_figwidth() * PAGE_DPI)
    # JupyterLab reads the alt text from HTML only; other viewers show the PNG.
    data = {
        "image/png": picture,
        "text/html": f'{DARK}<img alt="{html.escape(alt)}" width="{width}" src="data:image/png;base64,{picture}">',
        "text/plain": f"{alt}\n{digest(fig)}",
    }
    display = importlib.import_module("IPython.display").display  # here, since only this needs IPython
    display(data, metadata={"image/png": {"width": width, "alt": alt}}, raw=True)


def said(value):
    """A number as alt texts say it, with three significant digits."""
    return f"{float(value) + 0.0:.3g}".replace("-", "−")


def listed(parts):
    """`["a", "b", "c"]` as "a, b and c"; numbers as `said` says them."""
    *most, last = [part if isinstance(part, str) else said(part) for part in parts]
    return f"{', '.join(most)} and {last}" if most else last


def png(fig):
    """`fig` as the bytes of a PNG, the same on every run."""
    drawn, file, notes = io.BytesIO(), io.BytesIO(), PngImagePlugin.PngInfo()
    with matplotlib.rc_context(STYLE):
        fig.savefig(drawn, format="png", dpi=FILE_DPI)
    # The minor version tells tests whether pixels can be compared: other versions draw text differently.
    notes.add_text("Software", "Matplotlib " + ".".join(matplotlib.__version__.split(".")[:2]))
    # 256 colours make a third of the size.
    picture = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    picture.save(file, "png", optimize=True, pnginfo=notes)
    return file.getvalue()


def digest(fig):
    """What `fig` shows, as lines of text: labels, limits, and numbers that change when the data does.

    Numbers have four significant digits, and none finer than a hundredth of a pixel, so that the rounding of one
    processor or another does not show.
    """
    out = [f"figure: {fig.get_suptitle()}"] if fig.get_suptitle() else []
    for ax in fig.axes:
        if ax.get_label() == "<colorbar>":
            out.append(f"colorbar: {ax.get_ylabel() or ax.get_xlabel()}")
            continue
        logs = [axis.get_scale() == "log" for axis in (ax.xaxis, ax.yaxis)]
        out.append(f"axes: {ax.get_title(loc='left') or ax.get_title()}")
        for name, axis, limits, log in zip("xy", (ax.xaxis, ax.yaxis), (ax.get_xlim(), ax.get_ylim()), logs):
            low, high = numbers(limits, log)
            out.append(f"  {name}: {axis.get_label_text()}, {low} to {high}{' (log)' * log}")
        for line in ax.lines:
            out.append(f"  line {name_of(line, line.get_color())}: {points(line.get_data(), logs)}")
        for collection in ax.collections:
            kind, data = "shapes", vertices(path.vertices for path in collection.get_paths())
            if isinstance(collection, PathCollection):
                kind, data = "points", np.ma.getdata(collection.get_offsets()).T
            colors = collection.get_facecolor() if len(collection.get_facecolor()) else collection.get_edgecolor()
            out.append(f"  {kind} {name_of(collection, *colors[:1])}: {points(data, logs)}")
            if isinstance(collection, Quiver):
                out.append(f"    arrows: {points((collection.U, collection.V), (False, False))}")
            elif collection.get_array() is not None:
                out.append(f"    values: {summary(collection.get_array())}")
        for image in ax.images:
            out.append(f"  image {'x'.join(map(str, image.get_array().shape))}: {summary(image.get_array())}")
        for kind in sorted({type(patch).__name__ for patch in ax.patches}):
            shapes = [patch for patch in ax.patches if type(patch).__name__ == kind]
            corners = vertices(p.get_patch_transform().transform(p.get_path().vertices) for p in shapes)
            colors = " ".join(dict.fromkeys(matplotlib.colors.to_hex(p.get_facecolor()) for p in shapes))
            out.append(f"  {len(shapes)} {kind} {colors}: {points(corners, logs)}")
        for text in ax.texts:
            x, y = numbers(getattr(text, "xy", text.get_position()))
            out.append(f"  text at {x}, {y}: {text.get_text()}")
        if legend := ax.get_legend():
            out.append(f"  legend: {', '.join(text.get_text() for text in legend.get_texts())}")
    return "\n".join(out)


def name_of(artist, *color):
    """The artist's label unless matplotlib invented it, and its colour."""
    label = str(artist.get_label())
    return " ".join([*([] if label.startswith("_") else [repr(label)]), *map(matplotlib.colors.to_hex, color)])


def vertices(paths):
    return np.concatenate([*paths, np.empty((0, 2))]).T


def points(xy, logs):
    x, y = (summary(values, log) for values, log in zip(xy, logs))
    return f"x {x}; y {y}"


def summary(values, log=False):
    values = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    finite = values[np.isfinite(values)]
    if not finite.size:
        return f"{values.size} values, none finite"
    missing = f" ({values.size - finite.size} not finite)" if finite.size < values.size else ""
    stats = [finite[0], finite[-1], finite.min(), finite.max(), finite.mean(), finite.std()]
    names = ("first", "last", "min", "max", "mean", "sd")
    stats = " ".join(f"{name} {number}" for name, number in zip(names, numbers(stats, log)))
    return f"{values.size} values{missing}, {stats}"


def numbers(values, log=False):
    """`values` as strings. On an axis that is not logarithmic, a 1e-5th of the largest of them is the finest step."""
    values = np.asarray(values, float)
    if not log and (largest := np.abs(values).max()) > 0:
        values = np.round(values / largest, 5) * largest
    return [f"{value + 0.0:.4g}" for value in values]
