"""The figures of chapter 10."""

import numpy as np

from course.plots.base import CYCLE, PREDICTION, TRUTH, axes, listed, said, show


def log_responses(jacobian, names):
    """Show how each loss of a training log responds to each number that the run depends on, a curve for each of these.

    `jacobian` has one row for each epoch and one column for each of `names`.
    """
    fig, ax = axes("Two pairs of curves have the same shape", "epoch", "change of the loss per unit")
    epochs = np.arange(1, len(jacobian) + 1)
    alt = f"{len(names)} curves over {len(jacobian)} epochs, the change of each loss for a unit of each moment."
    for column, name, color, marker in zip(np.transpose(jacobian), names, CYCLE, "os^vD"):
        ax.plot(epochs, column, marker=marker, markersize=4, linewidth=1.2, color=color, label=name)
        alt += f" {name[0].upper()}{name[1:]}: {said(column[0])} in the first, {said(column[len(column) // 4])} in the "
        alt += f"{len(column) // 4 + 1}th, {said(column[-1])} in the last."
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    show(fig, alt)


def damped_steps(jacobian, missing, steps):
    """Show what remains of `missing` after a step of two unknowns, as a map of the plane, and some damped steps.

    Args:
        jacobian: of shape (number of losses, 2).
        missing: of shape (number of losses,).
        steps: maps a damping to its step, of shape (2,).
    """
    title = "Damped steps go straight to the valley's floor"
    fig, ax = axes(title, "change of the mean of xε", "change of the mean of ε", width=6.4, height=4.8)
    last = np.array(list(steps.values())[-1])
    reach = 2.5 * np.abs(last).max()
    across, along = last[0] + np.linspace(-reach, reach, 121), last[1] + np.linspace(-reach, reach, 121)
    plane = np.stack(np.meshgrid(across, along), axis=-1)
    remaining = np.sum((missing - plane @ np.transpose(jacobian)) ** 2, axis=-1)
    drawn = ax.contourf(across, along, remaining, 14, cmap="Greys", alpha=0.6)
    fig.colorbar(drawn, ax=ax, label="sum of squares that remains")
    flat = np.linalg.svd(jacobian)[2][-1]
    flat = flat / flat[0]
    ax.plot(*np.transpose([last - 4 * reach * flat, last + 4 * reach * flat]), **TRUTH, label="floor")
    ax.set(xlim=across[[0, -1]], ylim=along[[0, -1]])
    alt = "A map of what remains, a valley whose floor, a dashed line, rises by "
    alt += f"{said(flat[1])} for each 1 to the right. There {said(remaining.min())} remains, in the upper left corner "
    alt += f"{said(remaining[-1, 0])}, in the lower right one {said(remaining[0, -1])}. Damped steps start at 0 and 0."
    for (damping, step), color, marker in zip(steps.items(), CYCLE, "sD^v"):
        ax.plot(*np.transpose([(0, 0), step]), color=PREDICTION, linewidth=1.2)
        ax.plot(*step, marker, color=color, markersize=8, markeredgecolor="white", label=f"damping {damping:g}")
        alt += f" With a damping of {damping:g} the step leads to {listed(step)}."
    ax.plot(0, 0, "o", color=PREDICTION, label="start")
    ax.set_aspect("equal")
    ax.legend(loc="upper left")
    show(fig, alt)


def log_differences(curves):
    """Show the sizes of relative differences between training logs and a given one, on a logarithmic axis.

    `curves` maps each label to the differences, of shape (number of epochs,). They are drawn in whole multiples of
    1e-8, at least one: what is finer says nothing about numbers that were computed in float32.
    """
    fig, ax = axes(
        "The recovered moments explain every loss", "epoch", "relative difference (log scale, in steps of 1e-8)"
    )
    alt = "Relative differences from the given losses over the epochs, as dots on a logarithmic axis, beside a dashed "
    alt += "line at 1e-6, six digits."
    for (label, differences), color in zip(curves.items(), (CYCLE[5], CYCLE[2])):
        sizes = np.maximum(np.round(np.abs(np.asarray(differences)), 8), 1e-8)
        ax.plot(np.arange(1, len(sizes) + 1), sizes, "o", markersize=5, color=color, label=label)
        alt += f" {label.capitalize()}: at most {said(sizes.max())}."
    ax.axhline(1e-6, **TRUTH, label="six digits")
    ax.set(yscale="log", ylim=(5e-9, 1))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(loc="center right")
    show(fig, alt)


def ends_of_runs(ends, start, truth):
    """Show where training runs from one start end, a row (W, b) of `ends` for each, and a circle around the start."""
    fig, ax = axes("The log fixes the distance, not the direction", "W", "b", width=5.6, height=4.6)
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
    alt = (
        f"The plane of W and b. {len(ends)} runs start at {listed(start)} and end on an arc of a circle around it, of "
    )
    alt += f"radius {said(radius)}, from {listed(ends[0])} to {listed(ends[-1])}. The truth is {listed(truth)}, "
    show(fig, alt + f"{said(np.linalg.norm(np.subtract(truth, start)))} away from the start.")
