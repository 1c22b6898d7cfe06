"""The figures of chapter 3."""

import numpy as np
from matplotlib.patches import Rectangle

from course.plots.base import CYCLE, DATA, DEPTHS, LOSS_STYLES, PREDICTION, axes, listed, panels, said, show


def residual_squares(inputs, outputs, predictions):
    """Show data, predictions, and each residual with its square, square on the page. All three have shape (N,)."""
    x, y, p = (np.asarray(values, float) for values in (inputs, outputs, predictions))
    fig, ax = axes("The L2 loss is the mean area of the squares", "input x", "output y", width=6.6, height=4.6)
    ratio = np.ptp(x) / np.ptp([y, p])  # the length of a unit of y on the page, in units of x
    ax.set_aspect(ratio)
    slope = np.polyfit(x, p, 1)[0]
    rising = slope > 0
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
    squares = (y - p) ** 2
    show(
        fig,
        f"Data, {len(x)} blue points, and the red line of the predictions, with the slope {said(slope)}. A vertical "
        "red segment joins each point to the line and is the side of a pale red square. The largest square, of area "
        f"{said(squares.max())}, is that of the point at x = {said(x[squares.argmax()])}; the mean area is "
        f"{said(squares.mean())}.",
    )


def loss_surface(title, W_values, b_values, losses, start=None, arrows=None):
    """Show a contour map of a loss over W and b, each contour twice as high as the last, with a cross at the lowest
    value.

    Args:
        losses: of shape (len(W_values), len(b_values)).
        start: a point (W, b) to mark.
        arrows: a pair of lists of points (W, b) and of vectors, which are drawn from there with 0.2 of their length.
    """
    show(*loss_map(title, W_values, b_values, losses, start, arrows))


def loss_map(title, W_values, b_values, losses, start=None, arrows=None):
    """The figure that `loss_surface` shows, and its alt text."""
    W, b, losses = (np.asarray(values, float) for values in (W_values, b_values, losses))
    fig, ax = axes(title, "W", "b", width=6.0, height=5.4)
    levels = 2.0 ** np.arange(np.floor(np.log2(losses.min())) + 1, np.log2(losses.max()))
    filled = DEPTHS(np.linspace(0, 1, len(levels) + 1))
    ax.contourf(W, b, losses.T, levels, colors=filled, extend="both")
    ax.contour(W, b, losses.T, levels, colors="#6F8FA6", linewidths=0.8)
    ax.grid(visible=False)
    ax.set_aspect("equal")
    i, j = np.unravel_index(losses.argmin(), losses.shape)
    plate = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1}  # so that no line crosses the text
    for level in levels[levels <= losses[0, j]]:  # its height on each contour, to the left of the lowest point
        k = i - np.argmax(losses[i::-1, j] >= level)
        ax.text(W[k], b[j], f"{level:g}", color="#777777", ha="center", va="center", bbox=plate)
    ax.plot(W[i], b[j], "x", color=CYCLE[0], markersize=9, markeredgewidth=2.5)
    ax.annotate("lowest", (W[i], b[j]), (7, 5), textcoords="offset points", bbox=plate)
    alt = f"Contour map of the loss over W and b: nested rings, for {listed(levels)}, around the lowest point, "
    alt += f"W = {said(W[i])}, b = {said(b[j])}, where the loss is {said(losses[i, j])}."
    if start:
        ax.plot(*start, "o", color=PREDICTION)
        ax.annotate("start", start, (7, 5), textcoords="offset points", bbox=plate)
        there = losses[np.abs(W - start[0]).argmin(), np.abs(b - start[1]).argmin()]
        alt += f" At the start, W = {said(start[0])}, b = {said(start[1])}, it is {said(there)}."
    if arrows:
        points, vectors = np.transpose(arrows, (0, 2, 1))
        ax.plot(*points, "o", color=PREDICTION, markersize=4)
        ax.quiver(*points, *vectors, color=CYCLE[2], angles="xy", scale_units="xy", scale=5, width=0.008)
        uphill = np.gradient(losses, W, b)
        nearest = [np.abs(values[:, None] - at).argmin(axis=0) for values, at in zip((W, b), points)]
        steepest = -np.stack([part[tuple(nearest)] for part in uphill])
        off, missed = (angles(vectors, to) for to in (steepest, np.array([[W[i]], [b[j]]]) - points))
        alt += f" From {len(vectors[0])} points, arrows lead to lower loss, at a right angle to the contour lines"
        alt += (
            f" (within {max(1, round(off.max()))}°). They point {round(missed.min())}° to {round(missed.max())}° past"
        )
        alt += " the lowest point."
    return fig, alt


def slopes_by_direction(degrees, slopes, dW, db):
    """Show the slope of a loss in directions on the map of W and b, and where the gradient points.

    Args:
        degrees: the directions, 0 towards larger W and 90 towards larger b.
        slopes: the change of the loss for each unit of way, in each direction.
        dW, db: the gradient.
    """
    degrees, slopes = np.asarray(degrees, float), np.asarray(slopes, float)
    title, below = "The loss falls fastest against the gradient", "direction of the step (degrees)"
    fig, ax = axes(title, below, "slope of the loss", height=3.4)
    ax.axhline(0, color="#777777", linewidth=0.8)
    up = np.degrees(np.arctan2(float(db), float(dW))) % 360
    for angle, color, name in ((up, CYCLE[1], "along the gradient"), ((up + 180) % 360, CYCLE[2], "against it")):
        ax.axvline(angle, color=color, linestyle="--", linewidth=2, label=f"{name}: {angle:.1f}°")
    ax.plot(degrees, slopes, "o", color=DATA, label="a step in this direction")
    ax.set_xticks(range(0, 361, 45))
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    low, high = slopes.argmin(), slopes.argmax()
    show(
        fig,
        f"The slope of the loss in {len(slopes)} directions, a wave: lowest, {said(slopes[low])}, at "
        f"{said(degrees[low])}°, and highest, {said(slopes[high])}, at {said(degrees[high])}°. Dashed lines mark the "
        f"gradient's direction, {up:.1f}°, and the opposite one, {(up + 180) % 360:.1f}°.",
    )


def angles(a, b):
    """The angles between the columns of `a` and of `b`, each of shape (2, n), in degrees."""
    (ax, ay), (bx, by) = a, b
    return np.degrees(np.abs(np.arctan2(ax * by - ay * bx, ax * bx + ay * by)))


def point_losses(residuals, values, gradients):
    """Show losses of one point, and their gradients, over its residual; `values` and `gradients` are dicts by name."""
    fig, (left, right) = panels(
        ("L2 grows with the square", "residual", "loss of the point"),
        ("L1 and Huber limit one point's pull", "residual", "gradient"),
        height=3.4,
    )
    for ax, curves in ((left, values), (right, gradients)):
        for (name, curve), (color, linestyle) in zip(curves.items(), LOSS_STYLES):
            ax.plot(residuals, curve, color=color, linestyle=linestyle, linewidth=2, label=name)
    left.legend()
    x = np.asarray(residuals, float)
    few = np.linspace(0, len(x) - 1, 5).round().astype(int)
    alt = f"Two panels over the residual, at {listed(x[few])}."
    for panel, curves in (("Left, the losses", values), ("Right, the gradients", gradients)):
        alt += f" {panel}: " + "; ".join(f"{name} {listed(np.asarray(c)[few])}" for name, c in curves.items()) + "."
    show(fig, alt)


def fitted_lines(inputs, outputs, fits, outlier):
    """Show the data, number `outlier` of them ringed, and lines: `fits` is a dict of (W, b) by loss name."""
    x, y = np.asarray(inputs, float), np.asarray(outputs, float)
    fig, ax = axes("One wrong point turns the L2 line", "input x", "output y")
    ends = np.array([x.min() - 0.2, x.max() + 0.2])
    for (name, (W, b)), (color, linestyle) in zip(fits.items(), LOSS_STYLES):
        ax.plot(
            ends, W * ends + b, color=color, linestyle=linestyle, linewidth=2, label=f"{name}: W = {W:.1f}, b = {b:.1f}"
        )
    ax.plot(x, y, "o", color=DATA, label="data")
    ax.plot(x[outlier], y[outlier], "o", color=DATA, markersize=14, markerfacecolor="none", label="outlier")
    ax.legend(loc="lower center")
    slopes = listed(f"{name} {said(W)}" for name, (W, _) in fits.items())
    above = listed(f"{name} {said(W * x[outlier] + b - y[outlier])}" for name, (W, b) in fits.items())
    show(
        fig,
        f"Data, {len(x)} blue points, one of them ringed, at x = {said(x[outlier])}, y = {said(y[outlier])}, and a "
        f"line for each loss. The slopes: {slopes}. So far above the ringed point do the lines pass: {above}.",
    )
