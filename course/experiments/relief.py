"""A filled map of heights over a plane: the deeper, the bluer, with lines of equal height."""

import matplotlib
import numpy as np

from course import plots


class Relief:
    """The map in `ax`. It belongs to the kept part of the picture, so that showing another takes some 50 ms.

    Args:
        ax: the axes.
        labels: whether lines carry their height.
    """

    def __init__(self, ax, labels=True):
        ax.grid(False)
        self._ax, self._labels, self._parts, self._key = ax, labels, [], None

    def show(self, key, heights, levels):
        """Shows another map, unless `key` says that it is the same.

        Args:
            key: anything that equals the last key exactly if the map is the same.
            heights: a function without arguments that returns x, y and the heights, of shape (len(y), len(x)).
            levels: a function from the heights to those of the lines.
        """
        if key == self._key:
            return
        for part in self._parts:
            part.remove()
        self._parts, self._key = [], key
        x, y, z = heights()
        if not np.isfinite(z).all() or not np.ptp(z):
            return
        levels = levels(z)
        with matplotlib.rc_context(plots.STYLE):
            colors = plots.DEPTHS(np.linspace(0, 1, len(levels) + 1))
            filled = self._ax.contourf(x, y, z, levels, colors=colors, extend="both", zorder=0.5)
            lines = self._ax.contour(x, y, z, levels, colors="#6F8FA6", linestyles="solid", linewidths=0.6, zorder=0.6)
            if self._labels:
                self._ax.clabel(lines, fmt="%g", fontsize=8, colors="#4A6579")
        self._parts = [filled, lines]


def doubling(heights):
    """Levels of which each is twice as high as the one within it, for a bowl."""
    return 2.0 ** np.arange(np.ceil(np.log2(heights.min() + 1e-6)), np.log2(heights.max()))


def even(heights):
    """Some ten levels at round numbers, equally far apart."""
    levels = matplotlib.ticker.MaxNLocator(10).tick_values(heights.min(), heights.max())
    return levels[(levels > heights.min()) & (levels < heights.max())]
