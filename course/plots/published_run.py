"""The figures of chapter 10."""

import numpy as np

from course.plots.base import CYCLE, PREDICTION, TRUTH, axes


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
