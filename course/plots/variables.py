"""The figures of chapter 1."""

import numpy as np
from matplotlib.patches import Rectangle

from course.plots.base import CYCLE, axes, listed, panels, said, show


def variable_history(history, reads, updates):
    """Show a variable's value over a sequence of updates, and beside it what was read from it on the way.

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
    alt = f"A step line, the variable, goes from {said(history[0])} to {listed(history[1:])}."
    if reads:
        alt += f" Level lines, the reads, run from it to the right edge: at {listed(map(float, reads))}."
    show(fig, alt)


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
