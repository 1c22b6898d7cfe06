"""The figures of chapter 6."""

import numpy as np

from course.plots.base import CYCLE, PREDICTION, TRUTH, WIDTH, axes, panels


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
