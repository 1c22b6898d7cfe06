"""The figures of chapter 12."""

import numpy as np

from course.plots.base import TRUTH, axes, said, show


def times_over_workers(workers, seconds):
    """Show the time of a step over the number of workers, both on logarithmic axes.

    `seconds` maps a label to one time for each number in `workers`. The first, the ideal, is dashed.
    """
    title = "Through one machine, more workers end up slower"
    fig, ax = axes(title, "workers (log scale)", "seconds per step (log scale)")
    for (label, times), style in zip(seconds.items(), ("--", "-", "-.")):
        color = TRUTH["color"] if style == "--" else None
        ax.plot(workers, times, style, color=color, linewidth=2, label=label)
    ax.set(xscale="log", yscale="log")
    ax.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
    ax.xaxis.minorticks_off()
    ax.legend(frameon=False)
    alt = f"Seconds per step over {said(workers[0])} to {said(workers[-1])} workers, both axes logarithmic."
    for label, times in seconds.items():
        least = np.argmin(times)
        alt += f" {label}: {said(times[0])} s at first, least at {said(workers[least])}, {said(times[least])} s"
        alt += "." if least == len(times) - 1 else f", then up to {said(times[-1])} s at {said(workers[-1])}."
    show(fig, alt)
