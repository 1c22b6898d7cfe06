"""The figures of chapter 5."""

import numpy as np
from matplotlib.ticker import LogFormatter

from course.plots.base import CYCLE, PREDICTION, TRUTH, axes
from course.plots.model_and_loss import loss_map


def descent_step(weights, losses, start, slope, learning_rate):
    """One step of gradient descent on the curve of `losses` over `weights`, two arrays of the same length.

    Shows the curve, its tangent at the weight `start`, where it has this `slope`, and the step from there to
    start - learning_rate · slope.
    """
    end = start - learning_rate * slope
    before, after = np.interp([start, end], weights, losses)
    fig, ax = axes(f"A step goes against the slope: W from {start:.2f} to {end:.2f}", "W", "loss (b fixed)")
    ax.plot(weights, losses, color=CYCLE[0], label="loss")
    near = np.array([start - 2.2 * learning_rate * slope, start + 1.1 * learning_rate * slope])
    ax.plot(near, before + slope * (near - start), color=CYCLE[5], label=f"tangent, slope {slope:.2f}")
    ax.plot(start, before, "o", color=CYCLE[1], label="before the step")
    ax.plot(end, after, "o", color=CYCLE[3], label="after the step")
    ax.annotate("", (end, before), (start, before), arrowprops={"arrowstyle": "->", "color": CYCLE[3], "linewidth": 2})
    ax.annotate("", (end, after), (end, before), arrowprops={"arrowstyle": "-", "color": CYCLE[3], "linestyle": ":"})
    ax.annotate("learning rate · slope", (start, before), (-6, 6), textcoords="offset points", ha="right")
    ax.legend(loc="upper left")
    return fig


def parameter_history(history, true_W, true_b):
    """W and b after every epoch against the truth. `history` has one row (W, b) for each epoch, the start first."""
    fig, ax = axes("W and b approach the truth", "epoch", "value")
    for values, truth, name, color in zip(np.transpose(history), (true_W, true_b), ("W", "b"), CYCLE[1:]):
        ax.plot(values, "o-", markersize=3.5, color=color, label=name)
        ax.axhline(truth, **TRUTH, label="truth" if name == "b" else None)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return fig


def descent_path(W_values, b_values, losses, history):
    """The path of gradient descent over the contours of `loss_surface`.

    `history` has one row (W, b) for each epoch, the start first.
    """
    title = "Each step, a dot an epoch, goes straight down"
    fig, _ = loss_map(title, W_values, b_values, losses, start=history[0])
    fig.axes[0].plot(*np.transpose(history), ".-", markersize=6, color=PREDICTION)
    return fig


def loss_curves(curves, floor, title, xlabel="epoch", xscale="linear", floor_label="least possible loss"):
    """Losses on a logarithmic axis and a dashed `floor`. `curves` maps each curve's label to (x, losses)."""
    fig, ax = axes(title, xlabel, "loss (log scale)", width=8.4)
    for label, (x, losses) in curves.items():
        ax.plot(x, losses, "o-" if len(losses) < 30 else "-", markersize=3, linewidth=1.4, label=label)
    ax.axhline(floor, **TRUTH, label=floor_label)
    ax.set(xscale=xscale, yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(LogFormatter(minor_thresholds=(1, 0.5)))
        else:
            axis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside right upper")
    return fig


def gradient_spread(gradients, full_gradient):
    """The gradients of many batches, one column of dots for each size of batch.

    `gradients` maps a batch size to an array of gradients; dashed lines are `full_gradient` and two of its standard
    deviations to either side, which are those of size 1 divided by √size.
    """
    fig, ax = axes("Four times the batch halves the spread", "examples in a batch", "gradient with respect to W")
    sizes = np.array(list(gradients), float)
    shift = np.linspace(-0.12, 0.12, 100)  # so that dots of one column do not hide each other
    for size, values in gradients.items():
        some = np.asarray(values)[: len(shift)]
        ax.plot(size * 2.0 ** shift[: len(some)], some, ".", markersize=4, alpha=0.6, color=CYCLE[0])
    spread = 2 * np.std(gradients[1]) / np.sqrt(sizes)
    ax.axhline(full_gradient, color=CYCLE[1], linewidth=1.5, label="all examples")
    for sign in (-1, 1):
        label = "two standard deviations of one example, divided by √size" if sign > 0 else None
        ax.plot(sizes, full_gradient + sign * spread, **TRUTH, label=label)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.legend()
    return fig


def late_steps(clouds, minimum, truth):
    """Where W and b wander late in training: `clouds` maps a label to rows (W, b), the widest first."""
    fig, ax = axes("At a smaller rate, the steps stay closer to the minimum", "W", "b", width=5.6, height=4.8)
    for (label, points), color in zip(clouds.items(), (CYCLE[4], CYCLE[1], CYCLE[3])):
        ax.plot(*np.transpose(points), ".", markersize=3, color=color, label=label)
    ax.plot(*minimum, "x", markersize=9, markeredgewidth=2, color=CYCLE[0], label="least-squares fit")
    ax.plot(*truth, "+", markersize=11, markeredgewidth=2, color=TRUTH["color"], label="truth")
    ax.set_aspect("equal")
    ax.legend(loc="upper left")
    return fig
