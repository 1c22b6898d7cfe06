"""The figures of chapter 3."""

import numpy as np
from matplotlib.patches import Rectangle

from course.plots.base import CYCLE, DATA, LOSS_STYLES, PREDICTION, axes, panels


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
