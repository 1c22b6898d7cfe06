"""The figures of chapter 9. Each shows itself, with an alt text made from its data."""

import matplotlib
import numpy as np
from contourpy import contour_generator
from matplotlib.figure import Figure

from course.plots.base import (
    CLASS_COLORS,
    CLASS_MAP,
    CLASS_MARKERS,
    CYCLE,
    PAGE_DPI,
    STYLE,
    WIDTH,
    axes,
    listed,
    panels,
    said,
    show,
)


def class_points(ax, points, labels, **kwargs):
    """Draws the points of class 0 and of class 1 on `ax`; returns their two lines. `points` have shape (N, 2)."""
    points, labels = np.asarray(points), np.asarray(labels)
    style = {"linestyle": "", "markersize": 4.5, "markeredgecolor": "white", "markeredgewidth": 0.5} | kwargs
    return [
        ax.plot(*points[labels == k].T, marker=marker, color=color, label=f"class {k}", **style)[0]
        for k, (marker, color) in enumerate(zip(CLASS_MARKERS, CLASS_COLORS))
    ]


def level_line(x, y, z, level):
    """The x and y of the lines on which z, with a row for each y, has the value `level`; NaN between two lines."""
    lines = contour_generator(x, y, z).lines(level)
    return np.concatenate([np.insert(line, len(line), np.nan, axis=0) for line in lines] or [np.empty((0, 2))]).T


def fold_lines(kernel, bias, length=20.0):
    """For each unit of a layer with two inputs, the line on which its weighted sum is 0: x and y, NaN between lines.

    `kernel` has shape (2, units), `bias` (units,). A unit whose weights are all 0 has no such line.
    """
    kernel, bias = np.asarray(kernel, float), np.asarray(bias, float)
    size = np.hypot(*kernel)
    (u, v), bias = kernel[:, size > 0] / size[size > 0], bias[size > 0] / size[size > 0]
    # The point of the line that is nearest to (0, 0), and from there along the line both ways.
    x, y = ([-bias * a - length * b, -bias * a + length * b, np.full_like(a, np.nan)] for a, b in ((u, -v), (v, u)))
    return np.ravel(x, order="F"), np.ravel(y, order="F")


def regions(predictors, points, labels, folds=None):
    """Show what classifiers say at each point of the plane: a pale colour for the probability, black where it is 1/2.

    Args:
        predictors: from each panel's title to a function from points, shape (N, 2), to logits, shape (N, 2).
        points, labels: the training points, shape (N, 2), and their classes 0 and 1.
        folds: for some titles, the kernel and bias of the hidden layer; a dotted line is drawn for each of its units.
    """
    points, labels = np.asarray(points, float), np.asarray(labels)
    low, high = points.min(axis=0) - 0.3, points.max(axis=0) + 0.3
    x, y = np.linspace(low[0], high[0], 121), np.linspace(low[1], high[1], 121)
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    fig, grid = panels(*((title, "x₁", "x₂") for title in predictors), height=3.6, sharex=True, sharey=True)
    alt = f"{np.sum(labels == 0)} blue circles and {np.sum(labels == 1)} orange squares in the plane, and a black line "
    alt += "where both classes are equally likely."
    for ax, (title, predictor) in zip(grid, predictors.items()):
        logits = np.asarray(predictor(plane))
        p = (1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -50, 50)))).reshape(121, 121)
        extent = [low[0], high[0], low[1], high[1]]
        ax.imshow(p, cmap=CLASS_MAP, vmin=0, vmax=1, origin="lower", extent=extent, aspect="auto")
        if title in (folds or {}):
            ax.plot(*fold_lines(*folds[title]), ":", color="#555555", linewidth=1.2, label="fold of a hidden unit")
        class_points(ax, points, labels)
        right = [np.mean(np.argmax(predictor(points[labels == k]), axis=-1) == k) for k in (0, 1)]
        alt += f" {title}: {right[0]:.0%} of the circles and {right[1]:.0%} of the squares are on their side of it."
        if title in (folds or {}):
            alt += f" It can bend at {len(folds[title][1])} dotted lines."
        ax.plot(*level_line(x, y, p, 0.5), color="black", linewidth=2, label="probability 1/2")
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        ax.grid(False)
    handles, names = grid[-1].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    show(fig, alt)


def activations(x, curves):
    """Show activations over x, and their slopes dashed, a panel for each. `curves` maps a name to (values, slopes)."""
    fig, grid = panels(*((name, "weighted sum", "") for name in curves), width=9.0, height=2.7, sharey=True)
    alt = "Activations over the weighted sum, with their slopes dashed."
    for ax, (name, (values, slopes)) in zip(grid, curves.items()):
        ax.plot(x, values, color=CYCLE[0], linewidth=2, label="value")
        ax.plot(x, slopes, "--", color=CYCLE[3], linewidth=2, label="slope")
        ax.set_ylim(-1.3, 2.2)
        ends = [(said(x[i]), said(values[i]), said(slopes[i])) for i in (0, len(values) // 2, -1)]
        alt += f" {name}: {listed([f'{value} with slope {slope} at {at}' for at, value, slope in ends])}."
    grid[0].legend(loc="upper left", frameon=False)
    show(fig, alt)


def digit_images(title, images, captions, columns=10):
    """Show grey images in rows of `columns`, dark where they are 1, with a caption over each.

    `images` have shape (N, height, width), and there are N captions.
    """
    images = np.asarray(images, float)
    rows = -(-len(images) // columns)
    with matplotlib.rc_context(STYLE):
        fig = Figure(figsize=(WIDTH, 0.98 * rows + 0.35), dpi=PAGE_DPI, layout="constrained")
        fig.suptitle(title, x=0.01, ha="left", size=11, weight="bold")
        for ax in (grid := fig.subplots(rows, columns, squeeze=False).ravel()):
            ax.axis("off")
        for ax, image, caption in zip(grid, images, captions, strict=False):
            ax.imshow(image, cmap="Greys", vmin=0, vmax=1)
            ax.set_title(caption, loc="center", size=9, weight="normal", pad=3)
    show(
        fig,
        f"{len(images)} grey images of {images.shape[1]} by {images.shape[2]} pixels, with the captions "
        f"{'; '.join(str(caption) for caption in captions)}. Of their pixels, "
        f"{listed([f'{np.mean(image > 0.5):.0%}' for image in images])} are more than half dark.",
    )


def train_and_validation(histories):
    """Show the losses of `fit` on training and validation data over the epochs, a panel for each history.

    `histories` maps each panel's title to a dict with lists `loss` and `val_loss`. The least validation loss is marked.
    """
    labels = [(title, "epoch", "loss (log scale)") for title in histories]
    fig, grid = panels(*labels, width=9.0, height=3.4, sharey=True)
    alt = "Losses over the epochs on a logarithmic axis."
    for ax, (title, history) in zip(grid, histories.items()):
        epochs = np.arange(1, len(history["loss"]) + 1)
        ax.plot(epochs, history["loss"], color=CYCLE[0], linewidth=2, label="training")
        ax.plot(epochs, history["val_loss"], "--", color=CYCLE[1], linewidth=2, label="validation")
        best = int(np.argmin(history["val_loss"]))
        ax.plot(epochs[best], history["val_loss"][best], "o", color=CYCLE[1], markersize=8, label="its lowest")
        for name, key in (("training", "loss"), ("validation", "val_loss")):
            alt += f" {title}, {name}: from {said(history[key][0])} to {said(history[key][-1])}"
            alt += f", lowest {said(min(history[key]))} in epoch {1 + int(np.argmin(history[key]))}."
        ax.set(yscale="log")
        ax.xaxis.get_major_locator().set_params(integer=True)
    grid[0].legend(loc="lower left", frameon=False)
    show(fig, alt)


def sizes_through_layers(sizes):
    """Show root mean squares of values after each layer, on a logarithmic axis.

    `sizes` maps a label to those after layer 0 (the inputs), 1, 2 and so on.
    """
    fig, ax = axes("Only one scale keeps the size", "layer", "root mean square (log scale)", height=3.4)
    alt = "The root mean square at the inputs, halfway and at last, on a logarithmic axis."
    for (label, values), style in zip(sizes.items(), ("o-", "s--", "^-.", "D:")):
        ax.plot(values, style, label=label)
        alt += f" {label}: {listed([values[i] for i in (0, len(values) // 2, -1)])}."
    ax.set(yscale="log")
    ax.legend(frameon=False)
    show(fig, alt)
