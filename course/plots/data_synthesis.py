"""The figures of chapter 4, and the clouds of chapter 5."""

import numpy as np
from matplotlib.ticker import LogLocator

from course.plots.base import CYCLE, DATA, PREDICTION, TRUTH, axes, listed, panels, said, show


def histograms(values_by_title, xlabel, stddev):
    """Show a histogram for each panel title in `values_by_title`, and dashed the bell: the density of a normal
    distribution with mean 0 and this standard deviation. Each panel's values have any shape."""
    labels = [(title, xlabel, "density") for title in values_by_title]
    fig, grid = panels(*labels, height=3.2, sharex=True, sharey=True)
    samples = [np.asarray(values, float).ravel() for values in values_by_title.values()]
    reach = max(np.abs(np.concatenate(samples)).max(), 3.5 * stddev)
    fine = np.linspace(-reach, reach, 301)
    edges = np.arange(-np.ceil(4 * reach / stddev), np.ceil(4 * reach / stddev) + 1) * stddev / 4
    alt = f"In each panel a histogram of {xlabel} and dashed the bell of standard deviation {said(stddev)}, under "
    alt += f"which 68 % of all values lie within {said(stddev)} of 0."
    for ax, values, (title, _, _) in zip(grid, samples, labels):
        ax.hist(values, edges, density=True, color=DATA, label="values")
        bell = np.exp(-(fine**2) / (2 * stddev**2)) / (stddev * np.sqrt(2 * np.pi))
        ax.plot(fine, bell, **TRUTH, label=f"bell, σ = {said(stddev)}")
        alt += f" {title}: {len(values)} values from {said(values.min())} to {said(values.max())}, "
        alt += f"{np.mean(np.abs(values) < stddev):.0%} of them so near.".replace("%", " %")
    grid[-1].legend(loc="upper left", fontsize=8.5)
    show(fig, alt)


def clouds(panels_by_title, true_W, true_b, *, predicted="predictions"):
    """Show data in blue, a line's predictions for the same inputs in red, and the truth x·W + b dashed.

    `panels_by_title` has for each panel its title and (inputs, outputs, predictions), all of shape (N,). The panels
    stand side by side on shared axes. `predicted` names the red in the legend.
    """
    labels = [(title, "input", "output") for title in panels_by_title]
    fig, grid = panels(*labels, sharex=True, sharey=True)
    everything = np.concatenate([np.asarray(inputs) for inputs, _, _ in panels_by_title.values()])
    span = np.array([everything.min(), everything.max()], float)
    alt = f"Blue data points and a red line of predictions, beside the dashed truth of slope {said(true_W)}, which "
    alt += f"passes {said(true_b)} at input 0."
    for ax, (title, arrays) in zip(grid, panels_by_title.items()):
        inputs, outputs, predictions = (np.asarray(values, float) for values in arrays)
        W, b = np.polyfit(inputs, predictions, 1).round(4)
        few = len(inputs) <= 100
        ax.plot(inputs, outputs, ".", color=DATA, markersize=6 if few else 3, label="data")
        ax.plot(inputs, predictions, ".", color=PREDICTION, markersize=6 if few else 3, label=predicted)
        ax.plot(span, span * W + b, color=PREDICTION, linewidth=1)
        ax.plot(span, span * true_W + true_b, **TRUTH, label="truth")
        alt += f" {title}: {len(inputs)} points with inputs from {said(inputs.min())} to {said(inputs.max())}; the red "
        alt += f"line has the slope {said(W)} and passes {said(b)} at input 0"
        crossing = (true_b - b) / (W - true_W) if abs(W - true_W) > 0.05 else np.inf
        if span[0] < crossing < span[1]:
            alt += f", and crosses the dashed one at {said(crossing)}"
        off = np.abs(span * (W - true_W) + b - true_b)
        alt += f". Within the axes it is up to {said(off.max())} away from the dashed one."
    grid[0].legend(loc="upper left", markerscale=2)
    show(fig, alt)


def errors_by_size(sizes, W_errors, b_errors, theory):
    """Show the error of the estimates of W and b against the number of examples, on logarithmic axes, and the theory
    dashed; all of shape (number of sizes,)."""
    fig, ax = axes("A hundred times the data, a tenth of the error", "number of examples N", "root mean square error")
    ax.loglog(sizes, W_errors, "o", color=CYCLE[0], label="estimate of W")
    ax.loglog(sizes, b_errors, "s", color=CYCLE[1], label="estimate of b", markersize=4.5)
    ax.loglog(sizes, theory, **TRUTH, label="σ/√N")
    ax.set_xticks(sizes, sizes)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.legend()
    alt = f"Root mean square errors on logarithmic axes, for {listed([str(size) for size in sizes])} examples."
    for name, errors in (("Of W", W_errors), ("Of b", b_errors), ("The dashed line σ/√N", theory)):
        alt += f" {name}: from {said(errors[0])} down to {said(errors[-1])}."
    away = np.abs(np.divide([W_errors, b_errors], theory) - 1).max()
    show(fig, f"{alt} No point is more than {away:.0%} away from the line.".replace("%", " %"))


def losses_around_the_floor(sizes, train_losses, new_losses, floor):
    """Show the mean loss of a fitted line against the number of examples it was fitted to, on these examples and on new
    ones, and the noise floor dashed. All but `floor`, a number, have shape (number of sizes,)."""
    fig, ax = axes("The loss on training data is too good to be true", "number of training examples", "mean loss")
    ax.semilogx(sizes, new_losses, "o-", color=CYCLE[1], label="on new data")
    ax.axhline(floor, **TRUTH, label="noise floor σ²")
    ax.semilogx(sizes, train_losses, "s-", color=DATA, label="on its own training data")
    ax.set_xticks(sizes, sizes)
    ax.minorticks_off()
    ax.legend()
    alt = f"Mean losses of a fitted line over {listed([str(size) for size in sizes])} training examples, beside the "
    alt += f"dashed noise floor at {said(floor)}."
    for name, losses in (("on new data", new_losses), ("on its own training data", train_losses)):
        alt += f" The loss {name} goes from {said(losses[0])} to {said(losses[-1])}."
    show(fig, alt)
