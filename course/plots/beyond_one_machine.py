"""The figures of chapter 12."""

from course.plots.base import TRUTH, axes


def times_over_workers(workers, seconds):
    """The time of a step over the number of workers, both on logarithmic axes: `seconds` maps a label to one time for
    each number in `workers`. The first, the ideal, is dashed."""
    title = "Through one machine, more workers end up slower"
    fig, ax = axes(title, "workers (log scale)", "seconds per step (log scale)")
    for (label, times), style in zip(seconds.items(), ("--", "-", "-.")):
        color = TRUTH["color"] if style == "--" else None
        ax.plot(workers, times, style, color=color, linewidth=2, label=label)
    ax.set(xscale="log", yscale="log")
    ax.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
    ax.xaxis.minorticks_off()
    ax.legend(frameon=False)
    return fig
