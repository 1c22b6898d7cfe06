"""The figures of chapter 11."""

import numpy as np

from course.plots.base import CYCLE, PREDICTION, axes


def step_times(sizes, times, title):
    """Measured times of a step over the number of points: `times` maps a program to a dict from size to seconds."""
    fig, ax = axes(title, "number of points (log scale)", "time of a step, in µs (log scale)")
    for (label, seconds), style in zip(times.items(), ("o-", "s--", "^-.", "D:")):
        ax.plot(sizes, [1e6 * seconds[size] for size in sizes], style, label=label)
    ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False)
    return fig


def roofline(intensities, reached, peak, bandwidth, cache_bandwidth):
    """What a machine can do at each arithmetic intensity, and what some programs reach.

    Args:
        intensities: of each program by name, in operations for each byte.
        reached: by the same names, in operations a second.
        peak: operations a second.
        bandwidth, cache_bandwidth: bytes a second, from the main memory and from the cache.
    """
    title = "Left of the corner, bytes are the limit"
    fig, ax = axes(title, "operations for each byte (log scale)", "billion operations a second (log scale)")
    left = min(intensities.values()) / 2
    right = 2 * max(*intensities.values(), peak / bandwidth)
    for label, slope, style in (("memory", bandwidth, "-"), ("cache", cache_bandwidth, "--")):
        corner = peak / slope
        roof = [slope * left, peak, peak]
        ax.plot([left, corner, right], np.divide(roof, 1e9), style, color=CYCLE[5], linewidth=2, label=f"roof, {label}")
    for (name, intensity), marker, color in zip(intensities.items(), "osD^v", (PREDICTION, *CYCLE)):
        ax.plot(intensity, reached[name] / 1e9, marker, color=color, markersize=8, label=name)
    ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False, loc="lower right")
    return fig


def buffers(lifetimes):
    """Which result each buffer of a traced program holds, and from which step to which: `Program.lifetimes`."""
    fig, ax = axes("Results take turns in few buffers", "step of the program", "buffer", height=2.4)
    rows = list(dict.fromkeys(buffer for buffer, *_ in lifetimes))
    taken = dict.fromkeys(rows, 0)
    for buffer, name, _, first, last in lifetimes:
        color = (CYCLE[0], CYCLE[4])[taken[buffer] % 2]
        taken[buffer] += 1
        ax.barh(rows.index(buffer), last - first, left=first, height=0.6, color=color, edgecolor="white")
        ax.text((first + last) / 2, rows.index(buffer) - 0.38, name, ha="center", va="bottom", size=7.5)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.75)
    ax.xaxis.get_major_locator().set_params(integer=True)
    return fig
