"""The figures of chapter 11."""

import numpy as np

from course.plots.base import CYCLE, PREDICTION, axes, said, show


def step_times(sizes, times, title):
    """Show times of a step over the number of points: `times` maps a program to a dict from size to seconds."""
    fig, ax = axes(title, "number of points (log scale)", "time of a step, in µs (log scale)")
    alt = "Time of a step in microseconds over the number of points, both axes logarithmic."
    for (label, seconds), style in zip(times.items(), ("o-", "s--", "^-.", "D:")):
        micro = [1e6 * seconds[size] for size in sizes]
        ax.plot(sizes, micro, style, label=label)
        alt += f" {label.capitalize()}: " + ", ".join(f"{said(t)} at {n:,}" for n, t in zip(sizes, micro)) + "."
    ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False)
    show(fig, alt)


def roofline(intensities, reached, peak, bandwidth, cache_bandwidth):
    """Show what a machine can do at each arithmetic intensity, and what some programs reach.

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
    alt = "Billion operations a second over arithmetic intensity, both axes logarithmic. A flat roof at "
    alt += f"{said(peak / 1e9)}."
    for label, slope, style in (("memory", bandwidth, "-"), ("cache", cache_bandwidth, "--")):
        corner = peak / slope
        roof = [slope * left, peak, peak]
        ax.plot([left, corner, right], np.divide(roof, 1e9), style, color=CYCLE[5], linewidth=2, label=f"roof, {label}")
        alt += f" The slope of the {label} meets it at {said(corner)} operations for each byte."
    for (name, intensity), marker, color in zip(intensities.items(), "osD^v", (PREDICTION, *CYCLE)):
        ax.plot(intensity, reached[name] / 1e9, marker, color=color, markersize=8, label=name)
        alt += f" {name.capitalize()}: {said(reached[name] / 1e9)} at an intensity of {said(intensity)}."
    ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False, loc="lower right")
    show(fig, alt)


def buffers(lifetimes):
    """Show which result each buffer of a traced program holds, and from which step to which: `Program.lifetimes`."""
    fig, ax = axes("Results take turns in few buffers", "step of the program", "buffer", height=2.4)
    rows = list(dict.fromkeys(buffer for buffer, *_ in lifetimes))
    held = {row: [] for row in rows}
    for buffer, name, _, first, last in lifetimes:
        color = (CYCLE[0], CYCLE[4])[len(held[buffer]) % 2]
        held[buffer].append(f"{name} from step {first} to {last}")
        ax.barh(rows.index(buffer), last - first, left=first, height=0.6, color=color, edgecolor="white")
        ax.text((first + last) / 2, rows.index(buffer) - 0.38, name, ha="center", va="bottom", size=7.5)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.75)
    ax.xaxis.get_major_locator().set_params(integer=True)
    parts = " ".join(f"Buffer {row} holds {', then '.join(results)}." for row, results in held.items())
    show(fig, f"Bars over the steps of a program, a row for each of {len(rows)} buffers. {parts}")
