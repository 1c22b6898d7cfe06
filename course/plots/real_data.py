"""The figures of chapter 7."""

import numpy as np

from course.plots.base import CYCLE, DATA, PREDICTION, axes, panels


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
