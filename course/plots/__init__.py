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
from contourpy import contour_generator
from cycler import cycler
from IPython.display import display
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.quiver import Quiver
from matplotlib.ticker import LogFormatter, LogLocator
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


def clouds(panels_by_title, true_W, true_b, *, predicted="predictions"):
    """Data in blue, a model's predictions for the same inputs in red, and the truth x·W + b dashed.

    `panels_by_title` has for each panel its title and (inputs, outputs, predictions), all of shape (N,). The panels
    stand side by side on shared axes. `predicted` names the red in the legend.
    """
    labels = [(title, "input", "output") for title in panels_by_title]
    fig, grid = panels(*labels, sharex=True, sharey=True)
    everything = np.concatenate([np.asarray(inputs) for inputs, _, _ in panels_by_title.values()])
    span = np.array([everything.min(), everything.max()])
    for ax, arrays in zip(grid, panels_by_title.values()):
        inputs, outputs, predictions = map(np.asarray, arrays)
        style, size = (".-", 6) if len(inputs) <= 100 else (".", 3)
        ax.plot(inputs, outputs, ".", color=DATA, markersize=size, label="data")
        ax.plot(inputs, predictions, style, color=PREDICTION, markersize=size, linewidth=1, label=predicted)
        ax.plot(span, span * true_W + true_b, **TRUTH, label="truth")
    grid[0].legend(loc="upper left", markerscale=2)
    return fig


def losses_around_the_floor(sizes, train_losses, new_losses, floor):
    """The mean loss of a fitted line against the number of examples it was fitted to, on these examples and on new
    ones, and the noise floor dashed. All but `floor`, a number, have shape (number of sizes,)."""
    fig, ax = axes("The loss on training data is too good to be true", "number of training examples", "mean loss")
    ax.semilogx(sizes, new_losses, "o-", color=CYCLE[1], label="on new data")
    ax.axhline(floor, **TRUTH, label="noise floor σ²")
    ax.semilogx(sizes, train_losses, "s-", color=DATA, label="on its own training data")
    ax.set_xticks(sizes, sizes)
    ax.minorticks_off()
    ax.legend()
    return fig


def errors_by_size(sizes, W_errors, b_errors, theory):
    """The error of the estimates of W and b against the number of examples, on logarithmic axes, and the theory dashed;
    all of shape (number of sizes,)."""
    fig, ax = axes("A hundred times the data, a tenth of the error", "number of examples N", "root mean square error")
    ax.loglog(sizes, W_errors, "o", color=CYCLE[0], label="estimate of W")
    ax.loglog(sizes, b_errors, "s", color=CYCLE[1], label="estimate of b", markersize=4.5)
    ax.loglog(sizes, theory, **TRUTH, label="σ/√N")
    ax.set_xticks(sizes, sizes)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.legend()
    return fig


def record_graph(records, operations, gradients, names):
    """A small tape's records as a graph: values go forward along the arrows, gradients come back.

    Each arrow carries what the walk back sends along it: the gradient at the arrow's head, through the rule.

    Args:
        records: `(operation name, inputs, output)` in the order of execution; inputs and outputs have a `number`.
        operations: from each operation's name to `(forward, rule, rule, ...)`, a rule for each input.
        gradients: from each input and output to its gradient.
        names: from each value that no operation made to its name.
    """
    labels = names | {z: f"{i}: {name}" for i, (name, _, z) in enumerate(records, 1)}
    place = {v: (0, -i) for i, v in enumerate(names)}
    for _, inputs, output in records:
        place[output] = (1 + max(place[v][0] for v in inputs), -0.75 * (len(names) - 1))
    passed = {}
    for name, inputs, output in records:
        for rule, v in zip(operations[name][1:], inputs):
            g = rule(gradients[output], *[u.number for u in inputs])
            passed.setdefault((v, output), []).append(f"{g:+.4g}")

    fig, ax = axes("Values go forward, gradients come back and add up", "", "", height=2.8)
    ax.set(xlim=(-0.4, max(x for x, _ in place.values()) + 0.4), ylim=(-len(names) + 0.65, 0.55))
    ax.axis("off")
    boxes = {}
    for v, (x, y) in place.items():
        boxes[v] = FancyBboxPatch((x - 0.33, y - 0.27), 0.66, 0.54, "round,pad=0,rounding_size=0.06", ec="#777777")
        boxes[v].set_facecolor("#F4F4F4")
        ax.add_patch(boxes[v])
        ax.text(x, y + 0.16, labels[v], ha="center", va="center", weight="bold", size=9)
        ax.text(x, y, f"value {v.number:.4g}", ha="center", va="center", color=DATA)
        ax.text(x, y - 0.16, f"gradient {gradients[v]:.4g}", ha="center", va="center", color=CYCLE[3])
    for (v, output), parts in passed.items():
        (x, y), (x_to, y_to) = place[v], place[output]
        bend = 0.25 * (x_to - x > 1)  # around the boxes between
        arrow = {"arrowstyle": "-|>", "color": "#777777", "connectionstyle": f"arc3,rad={-bend}"}
        arrow |= {"patchA": boxes[v], "patchB": boxes[output], "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (x_to, y_to), (x, y), arrowprops=arrow)
        ax.text((x + x_to) / 2, (y + y_to) / 2 + 0.1 + 2 * bend, " ".join(parts), ha="center", color=CYCLE[3])
    return fig


def motion(time, position, velocity, acceleration):
    """Position in metres, velocity and acceleration over time in seconds, side by side."""
    fig, (left, middle, right) = panels(
        ("Position", "time (s)", "m"),
        ("Slope: velocity", "time (s)", "m/s"),
        ("Slope: acceleration", "time (s)", "m/s²"),
        height=2.6,
    )
    for ax, curve, color in zip((left, middle, right), (position, velocity, acceleration), CYCLE):
        ax.axhline(0, color="#777777", linewidth=0.8)
        ax.plot(time, curve, color=color)
    return fig


def difference_errors(steps, errors, epsilons):
    """Errors of a finite difference over its step, both logarithmic: a curve for each dtype.

    Args:
        steps: the step sizes.
        errors: from each curve's name to its relative errors, one for each step.
        epsilons: from each curve's name to the machine epsilon; its cube root is marked.
    """
    fig, ax = axes("Too large a step truncates, too small a step rounds", "step h", "relative error")
    ax.set(xscale="log", yscale="log")
    for (name, curve), color in zip(errors.items(), CYCLE):
        ax.plot(steps, curve, "o-", color=color, markersize=3.5, linewidth=1.2, label=name)
        best = np.cbrt(epsilons[name])
        ax.axvline(best, color=color, linestyle=":", linewidth=1.5, label=f"∛ε: {best:.1e}")
    ax.legend(frameon=False, loc="lower right")
    return fig


def residual_squares(inputs, outputs, predictions):
    """Data, predictions, and each residual with its square, drawn square on the page. All three have shape (N,)."""
    x, y, p = (np.asarray(values, float) for values in (inputs, outputs, predictions))
    fig, ax = axes("The L2 loss is the mean area of the squares", "input x", "output y", width=6.6, height=4.6)
    ratio = np.ptp(x) / np.ptp([y, p])  # the length of a unit of y on the page, in units of x
    ax.set_aspect(ratio)
    rising = np.polyfit(x, p, 1)[0] > 0
    for xi, yi, pi in zip(x, y, p):
        side = abs(yi - pi) * ratio
        left = xi - side if (yi > pi) == rising else xi  # on the side of the residual that is away from the line
        ax.add_patch(
            Rectangle((left, min(yi, pi)), side, abs(yi - pi), facecolor=PREDICTION, edgecolor="none", alpha=0.2)
        )
    ax.vlines(x, y, p, color=PREDICTION, linewidth=1.5, label="residuals")
    ax.plot(np.sort(x), p[np.argsort(x)], color=PREDICTION, marker="o", markersize=4, label="predictions")
    ax.plot(x, y, "o", color=DATA, label="data")
    ax.legend(loc="upper left")
    return fig


def loss_surface(title, W_values, b_values, losses, start=None, arrows=None):
    """A contour map of a loss over W and b, each contour twice as high as the last, with a cross at the lowest value.

    Args:
        losses: of shape (len(W_values), len(b_values)).
        start: a point (W, b) to mark.
        arrows: a pair of lists of points (W, b) and of vectors, which are drawn from there with 0.2 of their length.
    """
    W, b, losses = (np.asarray(values, float) for values in (W_values, b_values, losses))
    fig, ax = axes(title, "W", "b", width=6.0, height=5.4)
    levels = 2.0 ** np.arange(np.floor(np.log2(losses.min())) + 1, np.log2(losses.max()))
    ax.contour(W, b, losses.T, levels, colors="#777777", linewidths=1)
    ax.set_aspect("equal")
    i, j = np.unravel_index(losses.argmin(), losses.shape)
    plate = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1}  # so that no line crosses the text
    for level in levels[levels <= losses[0, j]]:  # its height on each contour, to the left of the lowest point
        k = i - np.argmax(losses[i::-1, j] >= level)
        ax.text(W[k], b[j], f"{level:g}", color="#777777", ha="center", va="center", bbox=plate)
    ax.plot(W[i], b[j], "x", color=CYCLE[2], markersize=9, markeredgewidth=2.5)
    ax.annotate("lowest", (W[i], b[j]), (7, 5), textcoords="offset points", bbox=plate)
    if start:
        ax.plot(*start, "o", color=PREDICTION)
        ax.annotate("start", start, (7, 5), textcoords="offset points", bbox=plate)
    if arrows:
        points, vectors = np.transpose(arrows, (0, 2, 1))
        ax.plot(*points, "o", color=PREDICTION, markersize=4)
        ax.quiver(*points, *vectors, color=PREDICTION, angles="xy", scale_units="xy", scale=5, width=0.008)
    return fig


def point_losses(residuals, values, gradients):
    """Losses of one point, and their gradients, over its residual: `values` and `gradients` are dicts by loss name."""
    fig, (left, right) = panels(
        ("L2 grows with the square", "residual", "loss of the point"),
        ("L1 and Huber limit one point's pull", "residual", "gradient"),
        height=3.4,
    )
    for ax, curves in ((left, values), (right, gradients)):
        for (name, curve), (color, linestyle) in zip(curves.items(), LOSS_STYLES):
            ax.plot(residuals, curve, color=color, linestyle=linestyle, linewidth=2, label=name)
    left.legend()
    return fig


def fitted_lines(title, inputs, outputs, fits, outlier):
    """The data, number `outlier` of them ringed, and lines: `fits` is a dict of (W, b) by loss name."""
    x, y = np.asarray(inputs, float), np.asarray(outputs, float)
    fig, ax = axes(title, "input x", "output y")
    ends = np.array([x.min() - 0.2, x.max() + 0.2])
    for (name, (W, b)), (color, linestyle) in zip(fits.items(), LOSS_STYLES):
        ax.plot(
            ends, W * ends + b, color=color, linestyle=linestyle, linewidth=2, label=f"{name}: W = {W:.1f}, b = {b:.1f}"
        )
    ax.plot(x, y, "o", color=DATA, label="data")
    ax.plot(x[outlier], y[outlier], "o", color=DATA, markersize=14, markerfacecolor="none", label="outlier")
    ax.legend(loc="lower center")
    return fig


def descent_step(weights, losses, start, slope, learning_rate):
    """One step of gradient descent on the curve of `losses` over `weights`, two arrays of the same length.

    Shows the curve, its tangent at the weight `start`, where it has this `slope`, and the step from there to
    start - learning_rate · slope.
    """
    end = start - learning_rate * slope
    before, after = np.interp([start, end], weights, losses)
    fig, ax = axes(f"A step goes against the slope: W from {start:.2f} to {end:.2f}", "W", "loss (b fixed)")
    ax.plot(weights, losses, color=CYCLE[0], label="loss")
    near = np.array([start - 2.2 * learning_rate * slope, start + 1.1 * learning_rate * slope])
    ax.plot(near, before + slope * (near - start), color=CYCLE[5], label=f"tangent, slope {slope:.2f}")
    ax.plot(start, before, "o", color=CYCLE[1], label="before the step")
    ax.plot(end, after, "o", color=CYCLE[3], label="after the step")
    ax.annotate("", (end, before), (start, before), arrowprops={"arrowstyle": "->", "color": CYCLE[3], "linewidth": 2})
    ax.annotate("", (end, after), (end, before), arrowprops={"arrowstyle": "-", "color": CYCLE[3], "linestyle": ":"})
    ax.annotate("learning rate · slope", (start, before), (-6, 6), textcoords="offset points", ha="right")
    ax.legend(loc="upper left")
    return fig


def parameter_history(history, true_W, true_b):
    """W and b after every epoch against the truth. `history` has one row (W, b) for each epoch, the start first."""
    fig, ax = axes("W and b approach the truth", "epoch", "value")
    for values, truth, name, color in zip(np.transpose(history), (true_W, true_b), ("W", "b"), CYCLE[1:]):
        ax.plot(values, "o-", markersize=3.5, color=color, label=name)
        ax.axhline(truth, **TRUTH, label="truth" if name == "b" else None)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return fig


def descent_path(W_values, b_values, losses, history):
    """The path of gradient descent over the contours of `loss_surface`.

    `history` has one row (W, b) for each epoch, the start first.
    """
    title = "Each step, a dot an epoch, goes straight down"
    fig = loss_surface(title, W_values, b_values, losses, start=history[0])
    fig.axes[0].plot(*np.transpose(history), ".-", markersize=6, color=PREDICTION)
    return fig


def loss_curves(curves, floor, title, xlabel="epoch", xscale="linear", floor_label="least possible loss"):
    """Losses on a logarithmic axis and a dashed `floor`. `curves` maps each curve's label to (x, losses)."""
    fig, ax = axes(title, xlabel, "loss (log scale)", width=8.4)
    for label, (x, losses) in curves.items():
        ax.plot(x, losses, "o-" if len(losses) < 30 else "-", markersize=3, linewidth=1.4, label=label)
    ax.axhline(floor, **TRUTH, label=floor_label)
    ax.set(xscale=xscale, yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(LogFormatter(minor_thresholds=(1, 0.5)))
        else:
            axis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside right upper")
    return fig


def gradient_spread(gradients, full_gradient):
    """The gradients of many batches, one column of dots for each size of batch.

    `gradients` maps a batch size to an array of gradients; dashed lines are `full_gradient` and two of its standard
    deviations to either side, which are those of size 1 divided by √size.
    """
    fig, ax = axes("Four times the batch halves the spread", "examples in a batch", "gradient with respect to W")
    sizes = np.array(list(gradients), float)
    shift = np.linspace(-0.12, 0.12, 100)  # so that dots of one column do not hide each other
    for size, values in gradients.items():
        some = np.asarray(values)[: len(shift)]
        ax.plot(size * 2.0 ** shift[: len(some)], some, ".", markersize=4, alpha=0.6, color=CYCLE[0])
    spread = 2 * np.std(gradients[1]) / np.sqrt(sizes)
    ax.axhline(full_gradient, color=CYCLE[1], linewidth=1.5, label="all examples")
    for sign in (-1, 1):
        label = "two standard deviations of one example, divided by √size" if sign > 0 else None
        ax.plot(sizes, full_gradient + sign * spread, **TRUTH, label=label)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.legend()
    return fig


def late_steps(clouds, minimum, truth):
    """Where W and b wander late in training: `clouds` maps a label to rows (W, b), the widest first."""
    fig, ax = axes("At a smaller rate, the steps stay closer to the minimum", "W", "b", width=5.6, height=4.8)
    for (label, points), color in zip(clouds.items(), (CYCLE[4], CYCLE[1], CYCLE[3])):
        ax.plot(*np.transpose(points), ".", markersize=3, color=color, label=label)
    ax.plot(*minimum, "x", markersize=9, markeredgewidth=2, color=CYCLE[0], label="least-squares fit")
    ax.plot(*truth, "+", markersize=11, markeredgewidth=2, color=TRUTH["color"], label="truth")
    ax.set_aspect("equal")
    ax.legend(loc="upper left")
    return fig


def log_responses(jacobian, names):
    """How each loss of a training log responds to each number that the run depends on, a curve for each of these.

    `jacobian` has one row for each epoch and one column for each of `names`.
    """
    fig, ax = axes("Two pairs of curves have the same shape", "epoch", "change of the loss per unit")
    epochs = np.arange(1, len(jacobian) + 1)
    for column, name, color, marker in zip(np.transpose(jacobian), names, CYCLE, "os^vD"):
        ax.plot(epochs, column, marker=marker, markersize=4, linewidth=1.2, color=color, label=name)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return fig


def log_differences(curves):
    """The sizes of relative differences between training logs and a given one, on a logarithmic axis.

    `curves` maps each label to the differences, of shape (number of epochs,). They are drawn in whole multiples of
    1e-8, at least one: what is finer says nothing about numbers that were computed in float32.
    """
    fig, ax = axes("The recovered moments explain every loss", "epoch", "relative difference (log scale)")
    for (label, differences), color in zip(curves.items(), (CYCLE[5], CYCLE[2])):
        sizes = np.maximum(np.round(np.abs(np.asarray(differences)), 8), 1e-8)
        ax.plot(np.arange(1, len(sizes) + 1), sizes, "o", markersize=5, color=color, label=label)
    ax.axhline(1e-6, **TRUTH, label="six digits")
    ax.set(yscale="log", ylim=(5e-9, 1))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(loc="center right")
    return fig


def ends_of_runs(ends, start, truth):
    """Where several training runs from one start end: `ends` has a row (W, b) for each; a circle around the start."""
    fig, ax = axes("The log fixes how far the run goes, not whereto", "W", "b", width=5.6, height=4.6)
    ends, start = np.asarray(ends, float), np.asarray(start, float)
    away = ends - start
    angles = np.arctan2(away[:, 1], away[:, 0])
    arc = np.linspace(angles.min() - 0.3, angles.max() + 0.3, 91)
    radius = np.linalg.norm(away, axis=1).mean()
    ax.plot(*(start[:, None] + radius * np.array([np.cos(arc), np.sin(arc)])), color=CYCLE[5], label="a circle")
    for end in ends:
        ax.plot(*np.transpose([start, end]), ":", color=PREDICTION, linewidth=1)
    ax.plot(*ends.T, "o", color=PREDICTION, label="ends of the runs")
    ax.plot(*start, "s", color=CYCLE[0], label="start")
    ax.plot(*truth, "+", markersize=12, markeredgewidth=2, color=TRUTH["color"], label="truth")
    ax.set_aspect("equal")
    ax.legend(loc="lower left")
    return fig


def paths_on_ravine(paths, curvatures):
    """Paths of optimizers over the contours of the loss that is half the sum of curvature · coordinate².

    `paths` maps each panel's title to rows (x, y), the start first; `curvatures` are those along x and y. The panels
    stand side by side on shared axes. A cross marks the lowest point; from contour to contour the loss is four times as
    high.
    """
    labels = [(title, "x", "y") for title in paths]
    fig, grid = panels(*labels, width=WIDTH if len(paths) == 1 else 9.0, height=3.0, sharex=True, sharey=True)
    everything = np.concatenate([*paths.values(), [[0.0, 0.0]]])
    margin = 0.15 * np.ptp(everything, axis=0)
    (x0, y0), (x1, y1) = everything.min(axis=0) - margin, everything.max(axis=0) + margin
    x, y = np.linspace(x0, x1, 121), np.linspace(y0, y1, 121)
    losses = (curvatures[0] * x**2 + curvatures[1] * y[:, None] ** 2) / 2
    for ax, path in zip(grid, paths.values()):
        ax.contour(x, y, losses, 4.0 ** np.arange(-3, 5), colors="#BBBBBB", linewidths=0.8)
        ax.plot(*np.transpose(path), ".-", color=PREDICTION, markersize=5, linewidth=1)
        ax.plot(*path[0], "o", color=PREDICTION)
        ax.plot(0, 0, "x", color=TRUTH["color"], markersize=9, markeredgewidth=2)
        ax.grid(False)
    return fig


def effective_rates(rates, limits):
    """The effective learning rates of the coordinates x and y over the steps, a panel for each optimizer.

    `rates` maps each panel's title to rows (rate of x, rate of y), one for each step; `limits` are those of x and y,
    dashed.
    """
    labels = [(title, "step", "effective rate (log scale)") for title in rates]
    fig, grid = panels(*labels, width=9.0, height=3.4, sharey=True)
    for ax, values in zip(grid, rates.values()):
        steps = np.arange(1, len(values) + 1)
        for column, name, limit, color in zip(np.transpose(values), "xy", limits, CYCLE):
            ax.plot(steps, column, color=color, label=f"rate of {name}")
            ax.axhline(limit, **{**TRUTH, "color": color}, label=f"limit 2/λ of {name}")
        ax.set_yscale("log")
    grid[-1].legend(loc="lower right")
    return fig


def schedules(rates):
    """Learning rates over the steps: `rates` maps each schedule's name to its rate at every step."""
    fig, ax = axes("Five ways to choose the rate of each step", "step", "learning rate")
    for (name, values), linestyle in zip(rates.items(), ("-", "--", "-.", "-", ":")):
        ax.plot(values, linestyle=linestyle, linewidth=2, label=name)
    ax.set_ylim(bottom=0)
    ax.legend()
    return fig


def excess_losses(curves, title, window=20):
    """How far losses are above the least possible one, on a logarithmic axis.

    `curves` maps a label to the losses, above the least one, after each step of a run; drawn are the averages of each
    `window` steps.
    """
    fig, ax = axes(title, "step", f"loss above the least,\naverages of {window} steps (log scale)")
    for (label, values), color in zip(curves.items(), (CYCLE[1], CYCLE[0], CYCLE[3])):
        averages = np.reshape(values, (-1, window)).mean(axis=1)
        ax.plot(window * (np.arange(len(averages)) + 0.5), averages, "o-", color=color, markersize=3, label=label)
    ax.set_yscale("log")
    ax.legend()
    return fig


def variable_history(history, reads, updates):
    """A variable's value over a sequence of updates, and beside it what was read from it on the way.

    Args:
        history: the n + 1 values that the variable had, as numbers.
        reads: up to n + 1 tensors; read k was taken while the variable had the value `history[k]`. They are drawn with
            the value that they have now.
        updates: n labels, one for each change from `history[k]` to `history[k + 1]`.
    """
    fig, ax = axes("The variable moves on, every earlier read stays", "updates, in their order", "value")
    end = len(history)
    for k, value in enumerate(map(float, reads)):
        ax.plot([k + 0.5, end], [value, value], "-", color=CYCLE[1], label="reads, as they are now" if k == 0 else None)
        ax.plot(k + 0.5, value, "o", color=CYCLE[1], markersize=8, markeredgecolor="white", zorder=3)
        ax.annotate(f" read {k + 1}: {value:g}", (end, value), va="center", annotation_clip=False)
    ax.step(
        [*range(end), end], [*history, history[-1]], where="post", color=CYCLE[2], linewidth=3, label="the variable"
    )
    ax.annotate(f" variable: {history[-1]:g}", (end, history[-1]), va="center", color=CYCLE[2], weight="bold")
    ax.set_xticks(range(end), ["start", *(update.replace("-", "−") for update in updates)])
    ax.set_xlim(0, end)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper left", frameon=False)
    return fig


def tables(named, rows, xlabel="column"):
    """Tables of the same shape side by side as heat maps with a number in each cell.

    Rows that differ from those of the first table are outlined.

    Args:
        named: a dict from each panel's title to its values, shape (n_rows, n_columns).
        rows: the n_rows names of the rows.
    """
    arrays = [np.asarray(values) for values in named.values()]
    limit = max(np.abs(array).max() for array in arrays)
    fig, grid = panels(*((title, xlabel, "") for title in named), height=0.36 * len(rows) + 0.8, sharey=True)
    for ax, array in zip(grid, arrays):
        ax.imshow(array, cmap="PuOr", vmin=-2 * limit, vmax=2 * limit, aspect="auto")  # pale, so that numbers stand out
        for (i, j), value in np.ndenumerate(array):
            ax.text(j, i, f"{value:g}".replace("-", "−"), ha="center", va="center")
        for i in np.flatnonzero((array != arrays[0]).any(axis=1)):
            outline = Rectangle((-0.5, i - 0.5), array.shape[1], 1, fill=False, linewidth=2.5, clip_on=False)
            ax.add_patch(outline)
        ax.set_xticks(range(array.shape[1]))
        ax.set_yticks(range(len(rows)), rows)
        ax.tick_params(length=0)
        ax.grid(visible=False)
    return fig


def rating_tables(tables_by_title):
    """Tables of ratings side by side as heat maps on one scale of colours; NaN, for no rating, stays white.

    `tables_by_title` maps each panel's title to an array of shape (users, films).
    """
    labels = [(title, "film", "user") for title in tables_by_title]
    fig, grid = panels(*labels, sharey=True, width=8.4, height=3.2)
    for i, (ax, table) in enumerate(zip(grid, tables_by_title.values())):
        image = ax.imshow(table, cmap="viridis", vmin=0, vmax=7, interpolation="nearest")
        ax.set_ylabel("user" if i == 0 else "")
        ax.grid(visible=False)
    fig.colorbar(image, ax=grid, label="rating", shrink=0.8, extend="both")
    return fig


def vectors_in_the_plane(vectors_by_title, truth):
    """Learnt vectors of users and films in the plane, with the true ones hollow.

    `vectors_by_title` maps each panel's title to a pair of arrays, users' and films', of shape (n, 2); `truth` is one
    such pair.
    """
    labels = [(title, "first number", "second number") for title in vectors_by_title]
    fig, grid = panels(*labels, sharex=True, sharey=True, height=3.9)
    kinds = (("user", "o", CYCLE[0]), ("film", "^", CYCLE[1]))
    for ax, pair in zip(grid, vectors_by_title.values()):
        for (name, marker, color), learnt, true in zip(kinds, pair, truth):
            hollow = {"markersize": 7, "markerfacecolor": "none", "markeredgecolor": TRUTH["color"]}
            ax.plot(*np.transpose(true), marker, **hollow, markeredgewidth=0.5, label=f"true {name}")
            ax.plot(*np.transpose(learnt), marker, color=color, markersize=4, label=f"learnt {name}")
        ax.set_aspect("equal")
    grid[1].set_ylabel("")
    fig.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    return fig


def steps_of_a_row(positions, gradients):
    """Where one number of a table is after each step, a curve for each optimizer.

    Args:
        positions: maps each label to the positions, the start first.
        gradients: maps the number of a step with a gradient to a text; there are dotted lines at these steps.
    """
    fig, ax = axes("Dense Adam moves a row long after its gradient", "step", "position")
    for (label, values), color in zip(positions.items(), CYCLE[1:]):
        ax.plot(values, ".-", markersize=4, linewidth=1.2, color=color, label=label)
    for step, text in gradients.items():
        ax.axvline(step, color=CYCLE[5], linestyle=":", linewidth=1.2)
        ax.annotate(text, (step, 0.03), (5, 0), xycoords=("data", "axes fraction"), textcoords="offset points")
    ax.legend(loc="upper right")
    return fig


def flippers_and_masses(title, flippers, masses, line=None):
    """Measured flippers (mm) and masses (g) in blue, and in red the predictions W · flipper + b of `line` = (W, b)."""
    fig, ax = axes(title, "flipper length (mm)", "body mass (g)")
    x = np.asarray(flippers, float)
    ax.plot(x, masses, "o", color=DATA, markersize=4, alpha=0.7, label="data")
    if line is not None:
        ends = np.array([x.min(), x.max()])
        ax.plot(ends, line[0] * ends + line[1], color=PREDICTION, linewidth=2, label="predictions")
        ax.legend()
    return fig


def two_maps(maps):
    """Paths of gradient descent for the line x·W + b on two loss surfaces, side by side.

    `maps` has for each panel's title (W_label, b_label, inputs, outputs, W_values, b_values, path): data of shape (N,),
    the values that span the map, and rows (W, b), the start first. Along the innermost contour the root mean square
    error is 1.1 times the least; along the others 2, 4 and 8 times.
    """
    fig, grid = panels(*((title, *each[:2]) for title, each in maps.items()), width=9.0, height=4.0)
    for ax, (_, _, inputs, outputs, W, b, path) in zip(grid, maps.values()):
        x, y = (np.asarray(values, float) for values in (inputs, outputs))
        best = np.polyfit(x, y, deg=1)
        least = np.sqrt(np.mean((x * best[0] + best[1] - y) ** 2))
        errors = np.sqrt([np.mean((x * W[:, None] + bi - y) ** 2, axis=1) for bi in b])
        ax.contour(W, b, errors / least, [1.1, 2, 4, 8], colors="#999999", linewidths=0.9)
        ax.plot(*np.transpose(path), ".-", color=PREDICTION, markersize=7, label="path")
        ax.plot(*path[0], "o", color=PREDICTION)
        ax.plot(*best, "x", color=CYCLE[0], markersize=9, markeredgewidth=2, label="least loss")
        ax.grid(False)
        ax.legend(loc="upper right")
    return fig


def residuals_by_group(title, inputs, residuals, groups, xlabel, ylabel):
    """Residuals over the inputs, each group of points in a colour and with a marker of its own.

    All three have shape (N,); `groups` holds the groups' names.
    """
    fig, ax = axes(title, xlabel, ylabel, width=8.4)
    inputs, residuals = np.asarray(inputs), np.asarray(residuals)
    for name, color, marker in zip(np.unique(groups), CYCLE, "o^s"):
        some = groups == name
        style = {"color": color, "linestyle": "", "markersize": 5, "alpha": 0.75}
        ax.plot(inputs[some], residuals[some], marker, **style, label=str(name))
    ax.axhline(0, color=PREDICTION, linewidth=1.5, label="prediction")
    fig.legend(loc="outside right upper")
    return fig


def errors_by_split(title, errors, ylabel):
    """The errors of several models on the same splits of the data: a line for each split, and the means.

    `errors` maps each model's name to an array of shape (number of splits,).
    """
    fig, ax = axes(title, "inputs of the model", ylabel, width=6.4)
    table = np.array(list(errors.values()))
    ax.plot(table, ".-", color=CYCLE[5], linewidth=0.8, alpha=0.6)
    ax.plot(table.mean(axis=1), "o", color=CYCLE[1], markersize=9, label="mean")
    ax.lines[0].set_label("one split")
    ax.set_xticks(range(len(errors)), list(errors))
    ax.margins(x=0.15)
    ax.set_ylim(bottom=0)
    ax.legend(loc="lower left")
    return fig


def class_points(ax, points, labels, **kwargs):
    """Draws the points of class 0 and of class 1 on `ax`; returns their two lines. `points` have shape (N, 2)."""
    points, labels = np.asarray(points), np.asarray(labels)
    style = {"linestyle": "", "markersize": 4.5, "markeredgecolor": "white", "markeredgewidth": 0.5} | kwargs
    return [
        ax.plot(*points[labels == k].T, marker=marker, color=color, label=f"class {k}", **style)[0]
        for k, (marker, color) in enumerate(zip(CLASS_MARKERS, CLASS_COLORS))
    ]


def level_line(x, y, z, level):
    """The x and y of the lines on which z, with a row for each y, has the value `level`; NaN between two lines."""
    lines = contour_generator(x, y, z).lines(level)
    return np.concatenate([np.insert(line, len(line), np.nan, axis=0) for line in lines] or [np.empty((0, 2))]).T


def fold_lines(kernel, bias, length=20.0):
    """For each unit of a layer with two inputs, the line on which its weighted sum is 0: x and y, NaN between lines.

    `kernel` has shape (2, units), `bias` (units,). A unit whose weights are all 0 has no such line.
    """
    kernel, bias = np.asarray(kernel, float), np.asarray(bias, float)
    size = np.hypot(*kernel)
    (u, v), bias = kernel[:, size > 0] / size[size > 0], bias[size > 0] / size[size > 0]
    # The point of the line that is nearest to (0, 0), and from there along the line both ways.
    x, y = ([-bias * a - length * b, -bias * a + length * b, np.full_like(a, np.nan)] for a, b in ((u, -v), (v, u)))
    return np.ravel(x, order="F"), np.ravel(y, order="F")


def regions(predictors, points, labels, folds=None):
    """What classifiers say at each point of the plane: a pale colour for the probability, and black where it is 1/2.

    Args:
        predictors: from each panel's title to a function from points, shape (N, 2), to logits, shape (N, 2).
        points, labels: the training points, shape (N, 2), and their classes 0 and 1.
        folds: for some titles, the kernel and bias of the hidden layer; a dotted line is drawn for each of its units.
    """
    points, labels = np.asarray(points, float), np.asarray(labels)
    low, high = points.min(axis=0) - 0.3, points.max(axis=0) + 0.3
    x, y = np.linspace(low[0], high[0], 121), np.linspace(low[1], high[1], 121)
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    fig, grid = panels(*((title, "x₁", "x₂") for title in predictors), height=3.6, sharex=True, sharey=True)
    for ax, (title, predictor) in zip(grid, predictors.items()):
        logits = np.asarray(predictor(plane))
        p = (1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -50, 50)))).reshape(121, 121)
        extent = [low[0], high[0], low[1], high[1]]
        ax.imshow(p, cmap=CLASS_MAP, vmin=0, vmax=1, origin="lower", extent=extent, aspect="auto")
        if title in (folds or {}):
            ax.plot(*fold_lines(*folds[title]), ":", color="#555555", linewidth=1.2, label="fold of a hidden unit")
        class_points(ax, points, labels)
        ax.plot(*level_line(x, y, p, 0.5), color="black", linewidth=2, label="probability 1/2")
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        ax.grid(False)
    handles, names = grid[-1].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return fig


def activations(x, curves):
    """Activations over x, and their slopes dashed, a panel for each. `curves` maps a name to (values, slopes)."""
    fig, grid = panels(*((name, "weighted sum", "") for name in curves), width=9.0, height=2.7, sharey=True)
    for ax, (values, slopes) in zip(grid, curves.values()):
        ax.plot(x, values, color=CYCLE[0], linewidth=2, label="value")
        ax.plot(x, slopes, "--", color=CYCLE[3], linewidth=2, label="slope")
        ax.set_ylim(-1.3, 2.2)
    grid[0].legend(loc="upper left", frameon=False)
    return fig


def digit_images(title, images, captions, columns=10):
    """Grey images in rows of `columns`, dark where they are 1, with a caption over each.

    `images` have shape (N, height, width), and there are N captions.
    """
    images = np.asarray(images, float)
    rows = -(-len(images) // columns)
    with matplotlib.rc_context(STYLE):
        fig = Figure(figsize=(WIDTH, 0.98 * rows + 0.35), dpi=PAGE_DPI, layout="constrained")
        fig.suptitle(title, x=0.01, ha="left", size=11, weight="bold")
        for ax in (grid := fig.subplots(rows, columns, squeeze=False).ravel()):
            ax.axis("off")
        for ax, image, caption in zip(grid, images, captions, strict=False):
            ax.imshow(image, cmap="Greys", vmin=0, vmax=1)
            ax.set_title(caption, loc="center", size=9, weight="normal", pad=3)
    return fig


def train_and_validation(histories):
    """The losses of `fit` on training and validation data over the epochs, a panel for each history.

    `histories` maps each panel's title to a dict with lists `loss` and `val_loss`. The least validation loss is marked.
    """
    labels = [(title, "epoch", "loss (log scale)") for title in histories]
    fig, grid = panels(*labels, width=9.0, height=3.4, sharey=True)
    for ax, history in zip(grid, histories.values()):
        epochs = np.arange(1, len(history["loss"]) + 1)
        ax.plot(epochs, history["loss"], color=CYCLE[0], linewidth=2, label="training")
        ax.plot(epochs, history["val_loss"], "--", color=CYCLE[1], linewidth=2, label="validation")
        best = int(np.argmin(history["val_loss"]))
        ax.plot(epochs[best], history["val_loss"][best], "o", color=CYCLE[1], markersize=8, label="its lowest")
        ax.set(yscale="log")
        ax.xaxis.get_major_locator().set_params(integer=True)
    grid[0].legend(loc="lower left", frameon=False)
    return fig


def sizes_through_layers(sizes):
    """Root mean squares of values after each layer, on a logarithmic axis: `sizes` maps a label to those after layer 0
    (the inputs), 1, 2 and so on."""
    fig, ax = axes("Only one scale keeps the size", "layer", "root mean square (log scale)", height=3.4)
    for (label, values), style in zip(sizes.items(), ("o-", "s--", "^-.", "D:")):
        ax.plot(values, style, label=label)
    ax.set(yscale="log")
    ax.legend(frameon=False)
    return fig


def step_times(sizes, times, title):
    """Measured times of a step over the number of points: `times` maps a program to a dict from size to seconds."""
    fig, ax = axes(title, "number of points (log scale)", "time of a step, in µs (log scale)")
    for (label, seconds), style in zip(times.items(), ("o-", "s--", "^-.", "D:")):
        ax.plot(sizes, [1e6 * seconds[size] for size in sizes], style, label=label)
    ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False)
    return fig


def roofline(intensities, reached, peak, bandwidth, cache_bandwidth):
    """What a machine can do at each arithmetic intensity, and what some programs reach.

    Args:
        intensities: of each program by name, in operations for each byte.
        reached: by the same names, in operations a second.
        peak: operations a second.
        bandwidth, cache_bandwidth: bytes a second, from the main memory and from the cache.
    """
    title = "Left of the corner, bytes are the limit"
    fig, ax = axes(title, "operations for each byte (log scale)", "billion operations a second (log scale)")
    left = min(intensities.values()) / 2
    right = 2 * max(*intensities.values(), peak / bandwidth)
    for label, slope, style in (("memory", bandwidth, "-"), ("cache", cache_bandwidth, "--")):
        corner = peak / slope
        roof = [slope * left, peak, peak]
        ax.plot([left, corner, right], np.divide(roof, 1e9), style, color=CYCLE[5], linewidth=2, label=f"roof, {label}")
    for (name, intensity), marker, color in zip(intensities.items(), "osD^v", (PREDICTION, *CYCLE)):
        ax.plot(intensity, reached[name] / 1e9, marker, color=color, markersize=8, label=name)
    ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False, loc="lower right")
    return fig


def times_over_workers(workers, seconds):
    """The time of a step over the number of workers, both on logarithmic axes: `seconds` maps a label to one time for
    each number in `workers`. The first, the ideal, is dashed."""
    title = "Through one machine, more workers end up slower"
    fig, ax = axes(title, "workers (log scale)", "seconds per step (log scale)")
    for (label, times), style in zip(seconds.items(), ("--", "-", "-.")):
        color = TRUTH["color"] if style == "--" else None
        ax.plot(workers, times, style, color=color, linewidth=2, label=label)
    ax.set(xscale="log", yscale="log")
    ax.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
    ax.xaxis.minorticks_off()
    ax.legend(frameon=False)
    return fig


def buffers(lifetimes):
    """Which result each buffer of a traced program holds, and from which step to which: `Program.lifetimes`."""
    fig, ax = axes("Results take turns in few buffers", "step of the program", "buffer", height=2.4)
    rows = list(dict.fromkeys(buffer for buffer, *_ in lifetimes))
    taken = dict.fromkeys(rows, 0)
    for buffer, name, _, first, last in lifetimes:
        color = (CYCLE[0], CYCLE[4])[taken[buffer] % 2]
        taken[buffer] += 1
        ax.barh(rows.index(buffer), last - first, left=first, height=0.6, color=color, edgecolor="white")
        ax.text((first + last) / 2, rows.index(buffer) - 0.38, name, ha="center", va="bottom", size=7.5)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.75)
    ax.xaxis.get_major_locator().set_params(integer=True)
    return fig
