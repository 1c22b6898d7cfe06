"""The figures of chapter 8."""

import numpy as np

from course.plots.base import CYCLE, TRUTH, axes, panels


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
