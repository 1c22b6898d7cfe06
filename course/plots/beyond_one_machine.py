"""The figures of chapter 12."""

import numpy as np

from course.plots.base import CYCLE, TRUTH, WIDTH, axes, panels, said, show


def times_over_workers(workers, curves):
    """Show the time of a step over the number of workers, both on logarithmic axes.

    `curves` maps the title of each panel to a dict, which maps a label to one time for each number in `workers`. The
    first of them, the ideal, is dashed.
    """
    labels = [(title, "workers (log scale)", "seconds per step (log scale)") for title in curves]
    width = WIDTH if len(labels) == 1 else 9.0
    fig, grid = panels(*labels, width=width, sharey=True)
    alt = f"Seconds per step over {said(workers[0])} to {said(workers[-1])} workers, both axes logarithmic."
    for ax, (title, seconds) in zip(grid, curves.items()):
        alt += f" {title}." if len(labels) > 1 else ""
        for (label, times), style in zip(seconds.items(), ("--", "-", "-.")):
            color = TRUTH["color"] if style == "--" else None
            ax.plot(workers, times, style, color=color, linewidth=2, label=label)
            least = np.argmin(times)
            alt += f" {label}: {said(times[0])} s at first, least at {said(workers[least])}, {said(times[least])} s"
            alt += "." if least == len(times) - 1 else f", then up to {said(times[-1])} s at {said(workers[-1])}."
        ax.set(xscale="log", yscale="log")
        ax.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
        ax.set_xticks([], minor=True)
    grid[0].legend(frameon=False)
    for ax in grid[1:]:
        ax.set_ylabel("")
    show(fig, alt)


def predicted_times(workers, predicted, measured):
    """Show the predicted times of a step as lines and the measured ones as dots, over the number of workers.

    `predicted` and `measured` map the same labels to one time in seconds for each number in `workers`.
    """
    fig, ax = axes("Predicted beside measured", "workers", "milliseconds per step")
    alt = "Milliseconds per step over the number of workers, predicted as a line and measured as dots."
    for (label, times), color in zip(predicted.items(), CYCLE):
        ax.plot(workers, 1e3 * np.array(times), color=color, label=f"{label}, predicted")
        ax.plot(workers, 1e3 * np.array(measured[label]), "o", color=color, label=f"{label}, measured")
        pairs = zip(workers, times, measured[label])
        alt += f" {label}: " + ", ".join(f"{said(1e3 * p)} and {said(1e3 * m)} at {n}" for n, p, m in pairs) + "."
    ax.set_ylim(bottom=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(frameon=False)
    show(fig, alt)
