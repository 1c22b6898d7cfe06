"""The figures of chapter 5."""

import numpy as np
from matplotlib.ticker import LogFormatter

from course.plots.base import CYCLE, PREDICTION, TRUTH, axes, listed, panels, said, show
from course.plots.model_and_loss import loss_map


def descent_step(weights, losses, start, slope, learning_rate):
    """Show one step of gradient descent on the curve of `losses` over `weights`, two arrays of the same length.

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
    show(
        fig,
        f"The loss over W, a curve from {said(losses[0])} at W = {said(weights[0])} to {said(losses[-1])} at "
        f"{said(weights[-1])}. At W = {said(start)}, where the loss is {said(before)}, its tangent has the slope "
        f"{said(slope)}. An arrow of length {said(abs(learning_rate * slope))}, the learning rate times the slope, "
        f"leads to W = {said(end)}, where the loss is {said(after)}.",
    )


def parameter_history(history, true_W, true_b):
    """Show W and b after every epoch against the truth. `history` has a row (W, b) for each epoch, the start first."""
    fig, ax = axes("W and b approach the truth", "epoch", "value")
    alt = f"Over {len(history) - 1} epochs"
    for values, truth, name, color in zip(np.transpose(history), (true_W, true_b), ("W", "b"), CYCLE[1:]):
        ax.plot(values, "o-", markersize=3.5, color=color, label=name)
        ax.axhline(truth, **TRUTH, label="truth" if name == "b" else None)
        first, middle, last = values[0], values[len(values) // 2], values[-1]
        alt += f", {name} goes from {said(first)} by {said(middle)} halfway to {said(last)}, beside a dashed line at "
        alt += said(truth)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    show(fig, alt + ".")


def descent_path(title, W_values, b_values, losses, history, bowl_axes=None):
    """Show the path of gradient descent over the contours of `loss_surface`.

    Args:
        history: one row (W, b) for each epoch, the start first.
        bowl_axes: of shape (2, 2), a unit vector in each column; a line along each is drawn through the lowest point.
    """
    fig, alt = loss_map(title, W_values, b_values, losses, start=tuple(history[0]))
    ax = fig.axes[0]
    steps = np.linalg.norm(np.diff(history, axis=0), axis=1)
    alt += f" A path of {len(steps)} steps leads from there to W = {said(history[-1][0])}, b = {said(history[-1][1])}; "
    alt += f"its steps have the lengths {listed(steps[:3])}, and the last {said(steps[-1])}."
    if bowl_axes is not None:
        i, j = np.unravel_index(np.argmin(losses), np.shape(losses))
        lowest, limits = np.array([W_values[i], b_values[j]]), (ax.get_xlim(), ax.get_ylim())
        directions = []
        for axis in np.transpose(bowl_axes):
            ax.plot(*np.transpose([lowest - 20 * axis, lowest + 20 * axis]), color=CYCLE[0], linewidth=1.5, zorder=1.5)
            directions.append(f"{np.degrees(np.arctan2(*axis[::-1])) % 180:.0f}°")
        ax.set(xlim=limits[0], ylim=limits[1])
        alt += f" Blue lines through the lowest point, the bowl's axes, point {listed(directions)} from the direction "
        alt += "of W."
    ax.plot(*np.transpose(history), ".-", markersize=6, color=PREDICTION)
    show(fig, alt)


def steps_in_a_valley(runs, curvature):
    """Show gradient descent on the parabola of this curvature, half of it times distance², a panel for each run.

    `runs` maps each panel's title to the distances from the lowest point, with their signs, after 0, 1, 2, … steps.
    """
    labels = [(title, "distance d from the lowest point", "loss above the least") for title in runs]
    fig, grid = panels(*labels, width=9.0, height=3.2, sharex=True, sharey=True)
    reach = 1.1 * max(np.abs(distances).max() for distances in runs.values())
    d = np.linspace(-reach, reach, 201)
    alt = f"A parabola of curvature {said(curvature)} in each panel, and the steps down it as dots joined by lines."
    for ax, (title, distances) in zip(grid, runs.items()):
        distances = np.asarray(distances, float)
        ax.plot(d, curvature * d**2 / 2, color=CYCLE[5], linewidth=1.2)
        ax.plot(distances, curvature * distances**2 / 2, ".-", color=PREDICTION, markersize=6, linewidth=1)
        ax.plot(distances[0], curvature * distances[0] ** 2 / 2, "o", color=PREDICTION)
        alt += f" {title}: the distances are {listed(distances[:4])}, and the last {said(distances[-1])}."
    for ax in grid[1:]:
        ax.set_ylabel("")
    show(fig, alt)


def loss_curves(curves, floor, title, xlabel="epoch", xscale="linear", floor_label="least possible loss"):
    """Show losses on a logarithmic axis and a dashed `floor`. `curves` maps each curve's label to (x, losses)."""
    fig, ax = axes(title, xlabel, "loss (log scale)", width=8.4)
    alt = f"Losses on a logarithmic axis over the {xlabel}, beside a dashed line at {said(floor)}, the {floor_label}."
    for label, (x, losses) in curves.items():
        ax.plot(x, losses, "o-" if len(losses) < 30 else "-", markersize=3, linewidth=1.4, label=label)
        middle = len(losses) // 2
        alt += f" {label}: {said(losses[0])} at {said(x[0])}, {said(losses[middle])} at {said(x[middle])}, and at last "
        alt += f"{said(losses[-1])}."
    ax.axhline(floor, **TRUTH, label=floor_label)
    ax.set(xscale=xscale, yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(LogFormatter(minor_thresholds=(1, 0.5)))
        else:
            axis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside right upper")
    show(fig, alt)


def gradient_spread(gradients, full_gradient):
    """Show the gradients of many batches, one column of dots for each size of batch.

    `gradients` maps a batch size to an array of gradients; dashed lines are `full_gradient` and two of its standard
    deviations to either side, which are those of size 1 divided by √size.
    """
    fig, ax = axes("Four times the batch halves the spread", "examples in a batch", "gradient with respect to W")
    sizes = np.array(list(gradients), float)
    shift = np.linspace(-0.12, 0.12, 100)  # so that dots of one column do not hide each other
    alt = f"A column of dots for each size of batch, the gradients of {len(shift)} batches, around a line at "
    alt += f"{said(full_gradient)}, the gradient over all examples."
    for size, values in gradients.items():
        some = np.asarray(values)[: len(shift)]
        ax.plot(size * 2.0 ** shift[: len(some)], some, ".", markersize=4, alpha=0.6, color=CYCLE[0])
        alt += f" Size {size}: from {said(some.min())} to {said(some.max())}."
    spread = 2 * np.std(gradients[1]) / np.sqrt(sizes)
    ax.axhline(full_gradient, color=CYCLE[1], linewidth=1.5, label="all examples")
    for sign in (-1, 1):
        label = "two standard deviations of one example, divided by √size" if sign > 0 else None
        ax.plot(sizes, full_gradient + sign * spread, **TRUTH, label=label)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.legend()
    show(fig, f"{alt} Dashed lines are {said(spread[0])} away at size 1, and {said(spread[-1])} at the largest.")


def late_steps(clouds, minimum, truth):
    """Show where W and b wander late in training: `clouds` maps a label to rows (W, b), the widest first."""
    fig, ax = axes("At a smaller rate, the steps stay closer to the minimum", "W", "b", width=5.6, height=4.8)
    alt = f"Clouds of dots in the plane of W and b, around the least-squares fit at {listed(minimum)}."
    for (label, points), color in zip(clouds.items(), (CYCLE[4], CYCLE[1], CYCLE[3])):
        ax.plot(*np.transpose(points), ".", markersize=3, color=color, label=label)
        away = np.linalg.norm(np.array(points) - minimum, axis=1)
        alt += f" {label}: {len(away)} steps, on average {said(away.mean())} away from it."
    ax.plot(*minimum, "x", markersize=9, markeredgewidth=2, color=CYCLE[0], label="least-squares fit")
    ax.plot(*truth, "+", markersize=11, markeredgewidth=2, color=TRUTH["color"], label="truth")
    ax.set_aspect("equal")
    ax.legend(loc="upper left")
    show(fig, f"{alt} The truth is {said(np.linalg.norm(np.subtract(truth, minimum)))} away from it.")
