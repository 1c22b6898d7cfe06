"""A filled map of heights over a plane: the deeper, the bluer, with lines of equal height."""

import matplotlib
import numpy as np
from contourpy import contour_generator
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from course import plots

SAMPLES = np.linspace(0, 1, 400)[:, None]


class Relief:
    """The map in `ax`, of artists that are `animated`: what else stands in these axes must be so too, to be seen.

    Args:
        ax: the axes.
        labels: the corner, in fractions of the axes, towards which the lines carry their heights; None for none.
    """

    def __init__(self, ax, labels=(1, 1)):
        ax.grid(False)
        self._ax, self._labels, self._key = ax, labels, None
        line = {"facecolors": "none", "edgecolors": "#6F8FA6", "linewidths": 0.6, "zorder": 0.6}
        self._bands = PathCollection([], linewidths=0, antialiaseds=False, zorder=0.5, animated=True)
        self._lines = PathCollection([], animated=True, **line)
        for part in (self._bands, self._lines):
            ax.add_collection(part, autolim=False)
        words = {"ha": "center", "va": "center", "fontsize": 8, "color": "#2C4556", "animated": True, "zorder": 0.65}
        self._names = [ax.text(0, 0, "", bbox={"pad": 0.6, "linewidth": 0}, **words) for _ in range(12 * bool(labels))]

    def show(self, key, heights, levels):
        """Shows another map, unless `key` says that it is the same.

        Args:
            key: anything that equals the last key exactly if the map is the same.
            heights: a function without arguments that returns x, y and the heights, of shape (len(y), len(x)).
            levels: a function from the heights to those of the lines.
        """
        if key == self._key:
            return
        self._key = key
        x, y, z = heights()
        levels = levels(z) if np.isfinite(z).all() and np.ptp(z) else np.empty(0)
        kinds = {"fill_type": "ChunkCombinedCode", "line_type": "ChunkCombinedCode"}
        of = contour_generator(x, y, z, **kinds)
        ends = [min(z.min(), *levels) - 1, *levels, max(z.max(), *levels) + 1] if len(levels) else []
        colors = plots.DEPTHS(np.linspace(0, 1, len(levels) + 1))
        self._bands.set(paths=[_path(*of.filled(*pair)) for pair in zip(ends, ends[1:])], facecolor=colors)
        self._lines.set_paths([_path(*of.lines(level)) for level in levels])
        for name in self._names:
            name.set_text("")
        if self._labels and len(levels):
            self._write(x, y, z, levels, colors)

    def _write(self, x, y, z, levels, colors):
        """Writes the heights where the lines cross the way from the lowest place to the corner."""
        size, row_column = np.array([len(x), len(y)]) - 1, np.unravel_index(z.argmin(), z.shape)
        lowest = np.array(row_column[::-1]) / size
        way = lowest + SAMPLES * (np.array(self._labels) - lowest)
        column, row = np.rint(way * size).astype(int).T
        along, last = z[row, column], -1.0
        names = iter(self._names)
        for level, color in zip(levels, colors[1:]):
            k = int(np.argmax(along >= level))
            inside = (abs(way[k] - 0.5) < 0.47).all()
            if along[k] < level or not inside or np.hypot(*(way[k] - last)) < 0.07:  # too close to be read
                continue
            if name := next(names, None):
                last = way[k]
                name.set(text=f"{level:g}", x=x[column[k]], y=y[row[k]])
                name.get_bbox_patch().set_facecolor(color)


def _path(points, codes):
    """What contourpy found, as one path; it finds None where there is nothing."""
    return Path(np.empty((0, 2))) if points[0] is None else Path(points[0], codes[0])


def doubling(heights):
    """Levels of which each is twice as high as the one within it, for a bowl."""
    return 2.0 ** np.arange(np.ceil(np.log2(heights.min() + 1e-6)), np.log2(heights.max()))


def even(heights):
    """Some ten levels at round numbers, equally far apart."""
    levels = matplotlib.ticker.MaxNLocator(10).tick_values(heights.min(), heights.max())
    return levels[(levels > heights.min()) & (levels < heights.max())]
