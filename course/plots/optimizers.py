"""The figures of chapter 6."""

import numpy as np

from course.plots.base import CYCLE, PREDICTION, TRUTH, WIDTH, axes, listed, panels, said, show


def paths_on_ravine(paths, curvatures):
    """Show paths of optimizers over the contours of the loss that is half the sum of curvature · coordinate².

    `paths` maps each panel's title to rows (x, y), the start first; `curvatures` are those along x and y. The panels
    stand side by side on shared axes, with the same unit along x and y. A cross marks the lowest point; from contour to
    contour the loss is four times as high.
    """
    labels = [(title, "x", "y") for title in paths]
    fig, grid = panels(*labels, width=WIDTH if len(paths) == 1 else 9.0, height=3.8, sharex=True, sharey=True)
    everything = np.concatenate([*paths.values(), [[0.0, 0.0]]])
    margin = 0.15 * np.ptp(everything, axis=0)
    (x0, y0), (x1, y1) = everything.min(axis=0) - margin, everything.max(axis=0) + margin
    x, y = np.linspace(x0, x1, 121), np.linspace(y0, y1, 121)
    losses = (curvatures[0] * x**2 + curvatures[1] * y[:, None] ** 2) / 2
    alt = (
        f"Contours around the lowest point (0, 0), {said((curvatures[1] / curvatures[0]) ** 0.5)} times as long along "
    )
    alt += "x as along y, with paths of dots."
    for ax, (title, path) in zip(grid, paths.items()):
        ax.contour(x, y, losses, 4.0 ** np.arange(-3, 5), colors="#BBBBBB", linewidths=0.8)
        ax.plot(*np.transpose(path), ".-", color=PREDICTION, markersize=5, linewidth=1)
        ax.plot(*path[0], "o", color=PREDICTION)
        ax.plot(0, 0, "x", color=TRUTH["color"], markersize=9, markeredgewidth=2)
        ax.set_aspect("equal")
        ax.grid(False)
        points = ", ".join(f"({said(px)}, {said(py)})" for px, py in path[:4])
        crossed = np.sum(np.abs(np.diff(np.sign(path[:, 1]))) > 1)
        alt += f" {title}: from {points} on; crossings of the floor, y = 0: {crossed}. It reaches x = "
        alt += f"{said(path[:, 0].max())} at most, and after {len(path) - 1} steps is at "
        alt += f"({said(round(path[-1, 0], 3))}, {said(round(path[-1, 1], 3))})."
    show(fig, alt)


def momentum_factors(products, factors):
    """Show by what a step with momentum multiplies the distance along an axis, over the learning rate times the axis'
    curvature. `factors` maps each momentum β to an array like `products`."""
    title = "With momentum, the factor is √β over a wide range"
    fig, ax = axes(title, "learning rate times curvature, ηλ", "factor of a step, |r|")
    alt = (
        f"Factors of a step over ηλ from {said(products[0])} to {said(products[-1])}, beside a dashed line at 1, above "
    )
    alt += "which a run diverges."
    for (momentum, values), color in zip(factors.items(), (CYCLE[5], CYCLE[1], CYCLE[2], CYCLE[3])):
        values = np.asarray(values)
        ax.plot(products, values, color=color, linewidth=2, label=f"β = {momentum:g}")
        flat = products[np.isclose(values, np.sqrt(momentum), atol=1e-6)]
        alt += f" β = {said(momentum)}: it falls from {said(values[0])} to {said(values.min())}"
        if momentum and len(flat):
            alt += f", stays there from ηλ = {said(flat[0])} to {said(flat[-1])}"
        diverging = products[values > 1.0001]
        alt += f", and passes 1 at {said(diverging[0])}." if len(diverging) else ", and does not pass 1."
    ax.axhline(1.0, **TRUTH, label="above: diverges")
    ax.set_ylim(0, 1.5)
    ax.legend(loc="lower right")
    show(fig, alt)


def effective_rates(rates, limits):
    """Show the effective learning rates of the coordinates x and y over the steps, a panel for each optimizer.

    `rates` maps each panel's title to rows (rate of x, rate of y), one for each step; `limits` are those of x and y,
    dashed.
    """
    labels = [(title, "step", "effective rate (log scale)") for title in rates]
    fig, grid = panels(*labels, width=9.0, height=3.4, sharey=True)
    alt = f"Effective rates of x and y on a logarithmic axis, beside dashed lines at their limits {listed(limits)}."
    for ax, (title, values) in zip(grid, rates.items()):
        steps = np.arange(1, len(values) + 1)
        for column, name, limit, color in zip(np.transpose(values), "xy", limits, CYCLE):
            ax.plot(steps, column, color=color, label=f"rate of {name}")
            ax.axhline(limit, **{**TRUTH, "color": color}, label=f"limit 2/λ of {name}")
            late = column[-max(1, len(column) // 4) :]
            alt += f" {title}, {name}: {said(column[0])} at step 1, {said(column[len(column) // 4])} after a quarter, "
            alt += f"and {said(late.min())} to {said(late.max())} in the last quarter of {len(column)} steps."
        ax.set_yscale("log")
    grid[-1].legend(loc="lower right")
    show(fig, alt)


def schedules(rates):
    """Show learning rates over the steps: `rates` maps each schedule's name to its rate at every step."""
    fig, ax = axes("Five ways to choose the rate of each step", "step", "learning rate")
    alt = "Learning rates over the steps."
    for (name, values), linestyle in zip(rates.items(), ("-", "--", "-.", "-", ":")):
        ax.plot(values, linestyle=linestyle, linewidth=2, label=name)
        few = np.linspace(0, len(values) - 1, 5).round().astype(int)
        alt += f" {name}: {listed(np.asarray(values)[few])}."
    ax.set_ylim(bottom=0)
    ax.legend()
    show(fig, f"{alt} (At steps {listed([str(step) for step in few])}.)")


def excess_losses(curves, title, window=20):
    """Show how far losses are above the least possible one, on a logarithmic axis.

    `curves` maps a label to the losses, above the least one, after each step of a run; drawn are the averages of each
    `window` steps.
    """
    fig, ax = axes(title, "step", f"loss above the least,\naverages of {window} steps (log scale)")
    alt = f"How far the loss is above the least one, in averages of {window} steps, on a logarithmic axis."
    for (label, values), color in zip(curves.items(), (CYCLE[1], CYCLE[0], CYCLE[3])):
        averages = np.reshape(values, (-1, window)).mean(axis=1)
        ax.plot(window * (np.arange(len(averages)) + 0.5), averages, "o-", color=color, markersize=3, label=label)
        few = averages[np.linspace(0, len(averages) - 1, 5).round().astype(int)]
        alt += f" {label}: {listed(few)}, from the first to the last at equal distances."
    ax.set_yscale("log")
    ax.legend()
    show(fig, alt)
