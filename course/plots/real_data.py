"""The figures of chapter 7. Each shows itself, with an alt text made from its data."""

import numpy as np

from course.plots.base import CYCLE, DATA, PREDICTION, axes, listed, panels, show


def whole(value):
    """A number of grams or millimetres, as alt texts say it."""
    return f"{float(value):,.0f}".replace("-", "−")


def flippers_and_masses(title, flippers, masses, line=None):
    """Show flippers (mm) and masses (g) in blue, and in red the predictions W · flipper + b of `line` = (W, b)."""
    fig, ax = axes(title, "flipper length (mm)", "body mass (g)")
    x, y = np.asarray(flippers, float), np.asarray(masses, float)
    ax.plot(x, y, "o", color=DATA, markersize=4, alpha=0.7, label="data")
    alt = f"Body mass over flipper length for {len(x)} penguins, blue points."
    for low, high in zip(edges := np.quantile(x, [0, 1 / 3, 2 / 3, 1]), edges[1:]):
        some = y[(x >= low) & (x <= high)]
        alt += f" From {whole(low)} to {whole(high)} mm their masses are {whole(some.min())} to {whole(some.max())} g, "
        alt += f"on average {whole(some.mean())} g."
    if line is not None:
        ends = np.array([x.min(), x.max()])
        predicted = line[0] * ends + line[1]
        ax.plot(ends, predicted, color=PREDICTION, linewidth=2, label="predictions")
        ax.legend()
        away = np.abs(line[0] * x + line[1] - y).max()
        alt += f" A red line goes from {whole(predicted[0])} to {whole(predicted[1])} g, and the farthest point is "
        alt += f"{whole(away)} g away from it."
    show(fig, alt)


def two_maps(maps):
    """Show paths of gradient descent for the line x·W + b on two loss surfaces, side by side.

    `maps` has for each panel's title (W_label, b_label, inputs, outputs, W_values, b_values, path): data of shape (N,),
    the values that span the map, and rows (W, b), the start first. Along the innermost contour the root mean square
    error is 1.1 times the least; along the others 2, 4 and 8 times.
    """
    fig, grid = panels(*((title, *each[:2]) for title, each in maps.items()), width=9.0, height=4.0)
    alt = "Contours of the error over W and b in two panels, and a path."
    for ax, (title, (_, _, inputs, outputs, W, b, path)) in zip(grid, maps.items()):
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
        inner = [np.ptp(values[np.any(errors < 2 * least, axis=axis)]) for values, axis in ((W, 0), (b, 1))]
        spans = np.ptp(W), np.ptp(b)
        places = [
            ", ".join(
                f"{value if abs(value) > span / 10_000 else 0:,.4g}".replace("-", "−")
                for value, span in zip(place, spans)
            )
            for place in (path[0], path[1], path[-1], best)
        ]
        alt += (
            f" {title}: twice the least error is a contour {whole(inner[0])} wide along W and {whole(inner[1])} along "
        )
        alt += (
            f"b. From {places[0]} the first step leads to {places[1]}, and {len(path) - 1} in all to {places[2]}; the "
        )
        alt += f"least loss is at {places[3]}."
    show(fig, alt)


def residuals_by_group(inputs, residuals, groups, xlabel, ylabel):
    """Show residuals over the inputs, each group of points in a colour and with a marker of its own.

    All three have shape (N,); `groups` holds the groups' names. The title says for which one the mean of the residuals
    is farthest from zero.
    """
    inputs, residuals = np.asarray(inputs), np.asarray(residuals)
    means = {str(name): residuals[groups == name].mean() for name in np.unique(groups)}
    worst = max(means, key=lambda name: abs(means[name]))
    title = f"For {worst}s, the line says too {'much' if means[worst] > 0 else 'little'}"
    fig, ax = axes(title, xlabel, ylabel, width=8.4)
    alt = f"Residuals over the {xlabel}, with a red line at 0."
    for (name, mean), color, marker in zip(means.items(), CYCLE, "o^s"):
        x, y = inputs[groups == name], residuals[groups == name]
        style = {"color": color, "linestyle": "", "markersize": 5, "alpha": 0.75}
        ax.plot(x, y, marker, **style, label=name)
        alt += f" {name}: inputs {whole(x.min())} to {whole(x.max())}, residuals {whole(y.min())} to {whole(y.max())}, "
        alt += f"mean {whole(mean)}, {np.mean(y > 0):.0%} above zero."
    ax.axhline(0, color=PREDICTION, linewidth=1.5, label="prediction")
    fig.legend(loc="outside right upper")
    show(fig, alt)


def errors_by_split(title, errors, ylabel):
    """Show the errors of several models on the same splits of the data: a line for each split, and the means.

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
    falls = [
        f"{np.sum(after < before)} times from {before_name!r} to {after_name!r}"
        for before_name, after_name, before, after in zip(errors, list(errors)[1:], table, table[1:])
    ]
    show(
        fig,
        f"A line for each of {table.shape[1]} splits, over the inputs of the models. On average the errors are "
        f"{listed(table.mean(axis=1))}. They fall {listed(falls)}.",
    )
