"""The figures of chapter 4."""

import numpy as np
from matplotlib.ticker import LogLocator

from course.plots.base import CYCLE, DATA, PREDICTION, TRUTH, axes, panels


def clouds(panels_by_title, true_W, true_b, *, predicted="predictions"):
    """Data in blue, a model's predictions for the same inputs in red, and the truth x·W + b dashed.

    `panels_by_title` has for each panel its title and (inputs, outputs, predictions), all of shape (N,). The panels
    stand side by side on shared axes. `predicted` names the red in the legend.
    """
    labels = [(title, "input", "output") for title in panels_by_title]
    fig, grid = panels(*labels, sharex=True, sharey=True)
    everything = np.concatenate([np.asarray(inputs) for inputs, _, _ in panels_by_title.values()])
    span = np.array([everything.min(), everything.max()])
    for ax, arrays in zip(grid, panels_by_title.values()):
        inputs, outputs, predictions = map(np.asarray, arrays)
        style, size = (".-", 6) if len(inputs) <= 100 else (".", 3)
        ax.plot(inputs, outputs, ".", color=DATA, markersize=size, label="data")
        ax.plot(inputs, predictions, style, color=PREDICTION, markersize=size, linewidth=1, label=predicted)
        ax.plot(span, span * true_W + true_b, **TRUTH, label="truth")
    grid[0].legend(loc="upper left", markerscale=2)
    return fig


def losses_around_the_floor(sizes, train_losses, new_losses, floor):
    """The mean loss of a fitted line against the number of examples it was fitted to, on these examples and on new
    ones, and the noise floor dashed. All but `floor`, a number, have shape (number of sizes,)."""
    fig, ax = axes("The loss on training data is too good to be true", "number of training examples", "mean loss")
    ax.semilogx(sizes, new_losses, "o-", color=CYCLE[1], label="on new data")
    ax.axhline(floor, **TRUTH, label="noise floor σ²")
    ax.semilogx(sizes, train_losses, "s-", color=DATA, label="on its own training data")
    ax.set_xticks(sizes, sizes)
    ax.minorticks_off()
    ax.legend()
    return fig


def errors_by_size(sizes, W_errors, b_errors, theory):
    """The error of the estimates of W and b against the number of examples, on logarithmic axes, and the theory dashed;
    all of shape (number of sizes,)."""
    fig, ax = axes("A hundred times the data, a tenth of the error", "number of examples N", "root mean square error")
    ax.loglog(sizes, W_errors, "o", color=CYCLE[0], label="estimate of W")
    ax.loglog(sizes, b_errors, "s", color=CYCLE[1], label="estimate of b", markersize=4.5)
    ax.loglog(sizes, theory, **TRUTH, label="σ/√N")
    ax.set_xticks(sizes, sizes)
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.legend()
    return fig
