"""The figures of chapter 1."""

import numpy as np
from matplotlib.patches import Rectangle

from course.plots.base import DATA, PREDICTION, axes, listed, panels, show


def learning_line(inputs, outputs, lines, shown=(0, 1, 2, 4, 20)):
    """Show data of shape (N,), and a line before and after steps of training, the darker the later.

    Args:
        lines: pairs (W, b), before the first step and after each.
        shown: the numbers of the steps after which the line is drawn.
    """
    x, y = np.asarray(inputs, float), np.asarray(outputs, float)
    fig, ax = axes("Each step brings the line closer to the data", "input x", "output y")
    ax.plot(x, y, "o", color=DATA, markersize=4, alpha=0.5, label="data")
    ends = np.array([x.min(), x.max()])
    for i, k in enumerate(shown):
        W, b = lines[k]
        opacity = 0.25 + 0.75 * (i + 1) / len(shown)
        name = "before training" if k == 0 else f"after step {k}"
        ax.plot(ends, W * ends + b, color=PREDICTION, alpha=opacity, linewidth=1 + 2 * (k == shown[-1]), label=name)
    ax.legend(loc="upper left", frameon=False)
    errors = [np.mean((W * x + b - y) ** 2) for W, b in (lines[k] for k in shown)]
    slopes, intercepts = (listed([lines[k][i] for k in shown]) for i in (0, 1))
    show(
        fig,
        f"Data, {len(x)} blue points, and red lines after {listed(map(str, shown))} steps. Their slopes are {slopes}, "
        f"their intercepts {intercepts}; their mean squared distances from the points are {listed(errors)}.",
    )


def tables(named, rows, xlabel="column"):
    """Show tables of the same shape side by side as heat maps with a number in each cell.

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
    differ = np.any([(array != arrays[0]).any(axis=1) for array in arrays], axis=0)
    changed = listed(np.array(rows)[differ].tolist()) if differ.any() else "none"
    show(
        fig,
        f"Heat maps of {len(rows)} rows with {arrays[0].shape[1]} numbers each: {'; '.join(named)}. "
        f"Rows that differ from the first map's, and are outlined: {changed}. Equal rows: {np.sum(~differ)}.",
    )
