"""The figures of chapter 2."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from course.plots.base import CYCLE, DATA, axes, listed, panels, said, show


def record_graph(records, operations, gradients, names):
    """Show a small tape's records as a graph: values go forward along the arrows, gradients come back.

    Each arrow carries what the walk back sends along it: the gradient at the arrow's head, through the rule.

    Args:
        records: `(operation name, inputs, output)` in the order of execution; inputs and outputs have a `number`.
        operations: from each operation's name to `(forward, rule)`; `rule(g, *inputs)` gives a gradient for each input.
        gradients: from each input and output to its gradient.
        names: from each value that no operation made to its name.
    """
    labels = names | {z: f"{i}: {name}" for i, (name, _, z) in enumerate(records, 1)}
    place = {v: (0, -i) for i, v in enumerate(names)}
    for _, inputs, output in records:
        place[output] = (1 + max(place[v][0] for v in inputs), -0.75 * (len(names) - 1))
    passed, sent = {}, {}
    for i, (name, inputs, output) in enumerate(records, 1):
        _, rule = operations[name]
        for g, v in zip(rule(gradients[output], *[u.number for u in inputs]), inputs):
            passed.setdefault((v, output), []).append(f"{g:+.4g}")
            sent.setdefault(v, []).append(f"{said(g)} from operation {i}")

    fig, ax = axes("Values go forward, gradients come back and add up", "", "", height=2.8)
    ax.set(xlim=(-0.4, max(x for x, _ in place.values()) + 0.4), ylim=(-len(names) + 0.65, 0.55))
    ax.axis("off")
    boxes = {}
    for v, (x, y) in place.items():
        boxes[v] = FancyBboxPatch((x - 0.33, y - 0.27), 0.66, 0.54, "round,pad=0,rounding_size=0.06", ec="#777777")
        boxes[v].set_facecolor("#F4F4F4")
        ax.add_patch(boxes[v])
        ax.text(x, y + 0.16, labels[v], ha="center", va="center", weight="bold", size=9)
        ax.text(x, y, f"value {v.number:.4g}", ha="center", va="center", color=DATA)
        ax.text(x, y - 0.16, f"gradient {gradients[v]:.4g}", ha="center", va="center", color=CYCLE[3])
    for (v, output), parts in passed.items():
        (x, y), (x_to, y_to) = place[v], place[output]
        bend = 0.25 * (x_to - x > 1)  # around the boxes between
        arrow = {"arrowstyle": "-|>", "color": "#777777", "connectionstyle": f"arc3,rad={-bend}"}
        arrow |= {"patchA": boxes[v], "patchB": boxes[output], "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (x_to, y_to), (x, y), arrowprops=arrow)
        at = (x + x_to) / 2, (y + y_to) / 2 + 0.06 + 2 * bend
        ax.text(*at, "\n".join(parts), ha="center", va="bottom", color=CYCLE[3])
    made = " ".join(
        f"Operation {labels[z].replace(':', ',')}: value {said(z.number)}, gradient {said(gradients[z])}."
        for _, _, z in records
    )
    given = " ".join(
        f"The gradient of {name}, {said(gradients[v])}, is {listed(sent[v])}." for v, name in names.items()
    )
    show(fig, f"Boxes for {listed(names.values())} on the left, with arrows to the operations. {made} {given}")


def position_and_slopes(time, position, velocity, acceleration):
    """Show position in metres, velocity and acceleration over time in seconds, side by side."""
    fig, (left, middle, right) = panels(
        ("Position", "time (s)", "m"),
        ("Slope: velocity", "time (s)", "m/s"),
        ("Slope: acceleration", "time (s)", "m/s²"),
        height=2.6,
    )
    for ax, curve, color in zip((left, middle, right), (position, velocity, acceleration), CYCLE):
        ax.axhline(0, color="#777777", linewidth=0.8)
        ax.plot(time, curve, color=color)
    p, v, a = (np.asarray(curve, float) for curve in (position, velocity, acceleration))
    crossings = np.sum(np.diff(np.sign(p)) != 0)
    show(
        fig,
        f"Three curves over {said(time[-1] - time[0])} seconds. The position starts at {said(p[0])} m, crosses zero "
        f"{crossings} times and ends at {said(p[-1])} m. The velocity lies between {said(v.min())} and {said(v.max())} "
        f"m/s, and is zero where the position turns. The acceleration, between {said(a.min())} and {said(a.max())} "
        f"m/s², has the correlation {np.corrcoef(p, a)[0, 1]:.2f} with the position and {a.std() / p.std():.1f} times "
        "its spread.".replace("-", "−"),
    )


def difference_errors(steps, errors, epsilons):
    """Show the errors of a finite difference over its step, both logarithmic: a curve for each dtype.

    Args:
        steps: the step sizes.
        errors: from each curve's name to its relative errors, one for each step.
        epsilons: from each curve's name to the machine epsilon; its cube root is marked.
    """
    fig, ax = axes("Too large a step truncates, too small a step rounds", "step h", "relative error")
    ax.set(xscale="log", yscale="log")
    for (name, curve), color in zip(errors.items(), CYCLE):
        ax.plot(steps, curve, "o-", color=color, markersize=3.5, linewidth=1.2, label=name)
        best = np.cbrt(epsilons[name])
        ax.axvline(best, color=color, linestyle=":", linewidth=1.5, label=f"∛ε: {best:.1e}")
    ax.legend(frameon=False, loc="lower right")
    alt = f"Relative error over a step from {said(steps[0])} down to {said(steps[-1])}, both axes logarithmic."
    for name, curve in errors.items():
        least = np.argmin(curve)
        alt += f" {name} falls from {said(curve[0])} to its least at a step of {said(steps[least])}"
        alt += f" and comes back to {said(curve[-1])}."
    show(fig, alt)
