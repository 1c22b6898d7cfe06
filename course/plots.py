"""The course's static figures: one palette, one style, and a way to show a figure that readers and tests can both see.

Figures are `matplotlib.figure.Figure` objects, without pyplot: no global state, and nothing appears that `show` did not
show.
"""

import base64
import html
import io
import sys

import matplotlib
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

# Predictions are red, data blue, the truth dashed; everything else takes the cycle's colours in order. They are Paul
# Tol's "vibrant" scheme, distinct under the common kinds of colour blindness (https://sronpersonalpages.nl/~pault/).
PREDICTION = "#CC3311"
DATA = "#0077BB"
TRUTH = {"color": "#333333", "linestyle": "--", "linewidth": 1.5}
CYCLE = ("#0077BB", "#EE7733", "#009988", "#EE3377", "#33BBEE", "#777777")

WIDTH, HEIGHT = 7.2, 4.0  # inches
PAGE_DPI, FILE_DPI = 100, 150  # pixels per inch on the page, and in the file so that fine screens show fine lines

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
    "legend.frameon": False,
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
        "text/html": f'<img alt="{html.escape(alt)}" width="{width}" src="data:image/png;base64,{picture}">',
        "text/plain": f"{alt}\n{digest(fig)}",
    }
    display(data, metadata={"image/png": {"width": width, "alt": alt}}, raw=True)


def png(fig):
    """`fig` as the bytes of a PNG, the same on every run."""
    # The minor version tells tests whether pixels can be compared: other versions draw text differently.
    software = "Matplotlib " + ".".join(matplotlib.__version__.split(".")[:2])
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        fig.savefig(buffer, format="png", dpi=FILE_DPI, metadata={"Software": software})
    return buffer.getvalue()


def digest(fig):
    """What `fig` shows, as lines of text: labels, limits, and numbers that change when the data does.

    Numbers have four significant digits, so that the rounding of one processor or another does not show.
    """
    out = [f"figure: {fig.get_suptitle()}"] if fig.get_suptitle() else []
    for ax in fig.axes:
        out.append(f"axes: {ax.get_title(loc='left') or ax.get_title()}")
        for name, axis, limits in (("x", ax.xaxis, ax.get_xlim()), ("y", ax.yaxis, ax.get_ylim())):
            scale = "" if axis.get_scale() == "linear" else f" ({axis.get_scale()})"
            out.append(f"  {name}{scale}: {axis.get_label_text()} [{numbers(limits)}]")
        for line in ax.lines:
            out.append(f"  line {name_of(line, line.get_color())}: {series(*line.get_data())}")
        for collection in ax.collections:
            out.append(f"  {type(collection).__name__} {name_of(collection, *collection.get_facecolor()[:1])}: ")
            if isinstance(collection, PathCollection):
                out[-1] += series(*np.ma.getdata(collection.get_offsets()).T)
            else:
                out[-1] += series(*vertices(path.vertices for path in collection.get_paths()))
            if collection.get_array() is not None:
                out.append(f"    values: {summary(collection.get_array())}")
        for image in ax.images:
            out.append(f"  image {'x'.join(map(str, image.get_array().shape))}: {summary(image.get_array())}")
        for kind in sorted({type(patch).__name__ for patch in ax.patches}):
            shapes = [patch for patch in ax.patches if type(patch).__name__ == kind]
            corners = vertices(p.get_patch_transform().transform(p.get_path().vertices) for p in shapes)
            out.append(f"  {len(shapes)} {kind}: {series(*corners)}")
        out += [f"  text: {text.get_text()}" for text in ax.texts if text.get_text()]
        if legend := ax.get_legend():
            out.append(f"  legend: {', '.join(text.get_text() for text in legend.get_texts())}")
    return "\n".join(out)


def name_of(artist, *color):
    """The artist's label unless matplotlib invented it, and its colour."""
    label = str(artist.get_label())
    return " ".join([*([] if label.startswith("_") else [repr(label)]), *map(matplotlib.colors.to_hex, color)])


def vertices(paths):
    return np.concatenate([*paths, np.empty((0, 2))]).T


def series(x, y):
    return f"x {summary(x)}; y {summary(y)}"


def summary(values):
    values = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    finite = values[np.isfinite(values)]
    if not finite.size:
        return f"{values.size} values, none finite"
    missing = f" ({values.size - finite.size} not finite)" if finite.size < values.size else ""
    stats = numbers([finite[0], finite[-1], finite.min(), finite.max(), finite.mean(), finite.std()])
    first, last, low, high, mean, spread = stats.split(", ")
    return f"{values.size} values{missing}, first {first}, last {last}, min {low}, max {high}, mean {mean}, sd {spread}"


def numbers(values):
    """`values` to four significant digits; what is rounding error beside the largest of them is 0."""
    values = np.asarray(values, float)
    values = np.where(np.abs(values) < 1e-7 * np.abs(values).max(), 0.0, values)
    return ", ".join(f"{value:.4g}" for value in values)
