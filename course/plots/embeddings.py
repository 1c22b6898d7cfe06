"""The figures of chapter 8. Each shows itself, with an alt text made from its data."""

import numpy as np

from course.plots.base import CYCLE, TRUTH, axes, listed, panels, said, show


def rating_tables(tables_by_title):
    """Show tables of ratings side by side as heat maps on one scale of colours; NaN, for no rating, stays white.

    `tables_by_title` maps each panel's title to an array of shape (users, films).
    """
    labels = [(title, "film", "user") for title in tables_by_title]
    fig, grid = panels(*labels, sharey=True, width=8.4, height=3.2)
    alt = f"{len(grid)} tables of ratings, a row for each user and a column for each film."
    for i, (ax, (title, table)) in enumerate(zip(grid, tables_by_title.items())):
        image = ax.imshow(table, cmap="viridis", vmin=0, vmax=7, interpolation="nearest")
        ax.set_ylabel("user" if i == 0 else "")
        ax.grid(visible=False)
        known = table[np.isfinite(table)]
        alt += f" {title}: {np.mean(np.isnan(table)):.0%} of the cells are white; the others have the mean "
        alt += f"{said(known.mean())} and the standard deviation {said(known.std())}."
    for (name, one), (other_name, other) in zip(list(tables_by_title.items()), list(tables_by_title.items())[1:]):
        both = np.isfinite(one) & np.isfinite(other)
        likeness = np.corrcoef(one[both], other[both])[0, 1]
        alt += f" Between {name!r} and {other_name!r} the correlation is {said(likeness)}."
    fig.colorbar(image, ax=grid, label="rating", shrink=0.8, extend="both")
    show(fig, alt)


def vectors_in_the_plane(vectors_by_title, truth):
    """Show learnt vectors of users and films in the plane, with the true ones hollow.

    `vectors_by_title` maps each panel's title to a pair of arrays, users' and films', of shape (n, 2); `truth` is one
    such pair.
    """
    labels = [(title, "first number", "second number") for title in vectors_by_title]
    fig, grid = panels(*labels, sharex=True, sharey=True, height=3.9)
    kinds = (("user", "o", CYCLE[0]), ("film", "^", CYCLE[1]))
    alt = "Users as dots and films as triangles in the plane, and their true places as hollow marks."
    for ax, (title, pair) in zip(grid, vectors_by_title.items()):
        for (name, marker, color), learnt, true in zip(kinds, pair, truth):
            hollow = {"markersize": 7, "markerfacecolor": "none", "markeredgecolor": TRUTH["color"]}
            ax.plot(*np.transpose(true), marker, **hollow, markeredgewidth=0.5, label=f"true {name}")
            ax.plot(*np.transpose(learnt), marker, color=color, markersize=4, label=f"learnt {name}")
        ax.set_aspect("equal")
        away = np.linalg.norm(np.concatenate(pair) - np.concatenate(truth), axis=1)
        alt += f" {title}: {len(away)} points, on average {said(away.mean())} away from their marks, at most "
        alt += f"{said(away.max())}."
    grid[1].set_ylabel("")
    fig.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    show(fig, alt)


def letters_in_the_plane(title, letters, places, groups):
    """Show letters at their places in the plane, each group in a colour of its own.

    Args:
        letters: text, of which the first N letters are drawn.
        places: of shape (N, 2).
        groups: maps each group's name to its letters.
    """
    fig, ax = axes(title, "first number", "second number", width=6.0, height=4.6)
    places = dict(zip(letters, np.asarray(places)))
    alt = "Letters in the plane."
    middles = {name: np.mean([places[letter] for letter in group], axis=0) for name, group in groups.items()}
    for (name, group), color, weight in zip(groups.items(), (CYCLE[1], CYCLE[0]), ("bold", "normal")):
        points = np.array([places[letter] for letter in group])
        ax.plot(*points.T, "o", color=color, alpha=0.25, markersize=13, markeredgewidth=0, label=name)
        for letter, point in zip(group, points):
            ax.text(*point, letter, ha="center", va="center", color="black", weight=weight, size=11)
        away = {letter: np.linalg.norm(places[letter] - middles[name]) for letter in group}
        alt += f" {name}s: around {said(middles[name][0])}, {said(middles[name][1])}, on average "
        alt += f"{said(np.mean(list(away.values())))} away from there; the farthest is {max(away, key=away.get)}."
    ax.set_aspect("equal")
    ax.legend(loc="best", frameon=False)
    apart = np.linalg.norm(np.subtract(*middles.values()))
    show(fig, f"{alt} The middles of {listed([f'the {name}s' for name in groups])} are {said(apart)} apart.")


def steps_of_a_row(positions, gradients):
    """Show where one number of a table is after each step, a curve for each optimizer.

    Args:
        positions: maps each label to the positions, the start first.
        gradients: maps the number of a step with a gradient to a text; there are dotted lines at these steps.
    """
    fig, ax = axes("Dense Adam moves a row long after its gradient", "step", "position")
    alt = f"The position of a row over steps, with gradients in the steps {listed(list(gradients))}."
    for (label, values), color in zip(positions.items(), CYCLE[1:]):
        ax.plot(values, ".-", markersize=4, linewidth=1.2, color=color, label=label)
        steps = [0, *(step + by for step in gradients for by in (0, -1)), len(values) - 1]
        where = [f"{said(np.round(values[step], 4))} after step {step}" for step in sorted(set(steps))]
        alt += f" {label}: {listed(where)}."
    for step, text in gradients.items():
        ax.axvline(step, color=CYCLE[5], linestyle=":", linewidth=1.2)
        ax.annotate(text, (step, 0.03), (5, 0), xycoords=("data", "axes fraction"), textcoords="offset points")
    ax.legend(loc="upper right")
    show(fig, alt)
