"""A figure as the page shows it: drawn quickly, since most of it is kept from one picture to the next."""

import base64
import html
import io

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.gridspec import GridSpec
from PIL import Image, features

from course import plots

SCREEN_DPI = plots.PAGE_DPI  # for a screen that has one pixel for each of the page's
FINEST = 1.6  # times as fine for finer screens; 2 takes half as long again
STACKED = 4.5  # inches, the width of a picture whose axes stand one below the other
LEAST = 560  # of the page's pixels: where a picture with axes side by side has less, they are stacked, or it scrolls
# Lossless WebP takes 60 % of the time and 65 % of the bytes of PNG.
FORMAT = "webp" if features.check("webp") else "png"
FASTEST = {"lossless": True, "quality": 0, "method": 0} if FORMAT == "webp" else {"compress_level": 1}


class Picture:
    """Draws one figure again and again: artists that are `animated` on top of a kept picture of all others.

    Where something else of some axes has changed, those axes alone are drawn anew, on top of a second kept picture:
    that of the figure without them. A hand that moves one thing changes the same axes again and again.

    Maps and what is written on them (`zorder` below 1) change seldom, though they are animated: they are kept, too.
    """

    def __init__(self, figure):
        self.figure = figure
        figure.set_dpi(SCREEN_DPI)
        self.canvas, self._background = FigureCanvasAgg(figure), None
        self._changing, self._rest = [], None  # axes, and the figure without them
        self._wide = figure.get_size_inches(), [(axes, axes.get_subplotspec()) for axes in figure.axes]
        self.stacked = False  # whether the axes stand one below the other

    @property
    def size(self):
        """Width and height in the page's pixels."""
        return [round(inches * plots.PAGE_DPI) for inches in self.figure.get_size_inches()]

    @property
    def least(self):
        """Pixels of the page below which it is to scroll rather than shrink."""
        return 0 if self.stacked else LEAST

    def fit(self, ratio, narrow=False):
        """Makes it for a screen with `ratio` pixels for each of the page's, and for a place that is `narrow`: there the
        axes stand one below the other. Returns whether that is a change."""
        dpi, stacked = SCREEN_DPI * min(max(ratio, 1), FINEST), narrow and len(self.figure.axes) > 1
        if (dpi, stacked) == (self.figure.dpi, self.stacked):
            return False
        self.figure.set_dpi(dpi)
        if stacked != self.stacked:
            self._lay_out(stacked)
        self._background = None
        return True

    def _lay_out(self, stacked):
        """Each axes keeps about the size that it has side by side."""
        figure, (size, places) = self.figure, self._wide
        if stacked:
            if self._background is None:  # it has not been laid out yet
                self.draw_background()
            heights = [axes.get_position().height * size[1] for axes, _ in places]
            grid = GridSpec(len(places), 1, figure=figure, height_ratios=heights)
            places = [(axes, grid[i]) for i, (axes, _) in enumerate(places)]
            size = STACKED, sum(heights) + 0.75 * (len(places) + len(figure.legends))  # with room for their words
        for axes, place in places:
            axes.set_subplotspec(place)
        figure.set_size_inches(size)
        figure.set_layout_engine("constrained")
        if key := getattr(figure, "key", None):
            with matplotlib.rc_context(plots.STYLE):
                key.lay_out(2 if stacked else None)
        self.stacked = stacked

    def encoded(self):
        """The figure as it is now, the bytes of an image in FORMAT."""
        if self._background is None or self.figure.stale:
            self.draw_background()
        if self._with_ground is None or any(artist.stale for artist in self._ground):
            self.canvas.restore_region(self._background)
            self._draw(self._ground)
            self._with_ground = self._copy()
        else:
            self.canvas.restore_region(self._with_ground)
        self._draw(self._above)
        size, file = self.canvas.get_width_height(physical=True), io.BytesIO()
        # With its opacity, which is 1 everywhere: without it WebP takes longer, for up to twice as many bytes.
        picture = Image.frombuffer("RGBA", size, self.canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
        picture.save(file, FORMAT, **FASTEST)
        return file.getvalue()

    def draw_background(self):
        """Draws all that is not animated, and keeps it."""
        figure, first, self._background = self.figure, self._background is None, None  # None should it be interrupted
        parts = figure.get_children()
        changing = [part for part in parts if part.stale]
        with matplotlib.rc_context(plots.STYLE):
            if first or not changing or not set(changing) <= set(figure.axes):  # a file was made of it, for one
                self._changing = []
                self.canvas.draw()
            else:
                self._draw_again(changing)
        if first:
            self._hold()
        self._background, self._with_ground = self._copy(), None
        moving = [part for axes in figure.axes for part in axes.get_children() if part.get_animated()]
        moving.sort(key=lambda artist: artist.zorder)
        self._ground = [artist for artist in moving if artist.zorder < 1]
        self._above = moving[len(self._ground) :]
        for part in (*parts, figure):  # an empty text, for one, is never drawn, and stays stale
            part.stale = False

    def _hold(self):
        """Keeps all where the first drawing has put it: axes do not jump when a label gets longer.

        Titles and the labels of x axes would otherwise be placed anew whenever axes are drawn, for a third of the time.
        """
        self.figure.set_layout_engine("none")
        for axes in self.figure.axes:
            axes._autotitlepos = False  # set_title(y=…) says so, too, and resets the title's font
            label = axes.xaxis.label
            if label.get_text():
                at = label.get_transform().transform(label.get_position())
                axes.xaxis.set_label_coords(*axes.transAxes.inverted().transform(at))

    def _draw_again(self, changing):
        """Draws these axes, on top of the kept picture of all else."""
        if changing == self._changing:
            self.canvas.restore_region(self._rest)
        else:
            self._changing = []
            seen = [axes for axes in changing if axes.get_visible()]
            try:
                for axes in seen:
                    axes.set_visible(False)
                self.canvas.draw()
            finally:
                for axes in seen:
                    axes.set_visible(True)
            self._changing, self._rest = changing, self._copy()
        for axes in changing:
            axes.draw(self.canvas.get_renderer())

    def _draw(self, artists):
        for artist in artists:
            artist.axes.draw_artist(artist)
            artist.stale = False  # also an empty text, which is never drawn

    def _copy(self):
        return self.canvas.copy_from_bbox(self.figure.bbox)


class Key:
    """Names for lines, outside of all axes: in one row, or in as many columns as fit. The figure has it as `key`.

    Attributes:
        legend: matplotlib's, which is another one for each layout.
    """

    def __init__(self, figure, handles, loc):
        self._figure, self._handles, self._loc, self.legend = figure, handles, loc, None
        self.lay_out()
        figure.key = self

    def lay_out(self, columns=None):
        """Names in so many columns; without a number all in one row."""
        if self.legend:
            self.legend.remove()
        options = {"ncols": columns or len(self._handles), "frameon": False, "columnspacing": 1.6}
        self.legend = self._figure.legend(handles=self._handles, loc=f"outside {self._loc}", **options)
        self._shown = None

    def show(self, names):
        """Leaves the other names faint."""
        if self._shown == names:
            return
        self._shown = names
        for words, mark in zip(self.legend.get_texts(), self.legend.legend_handles):
            for part in (words, mark):
                part.set_alpha(1 if words.get_text() in names else 0.25)
        self.legend.stale = self._figure.stale = True  # matplotlib does not hear of it from a legend's parts


def image(data, alt, size):
    """The bytes of a PNG as HTML, with `alt` for those who do not see it."""
    data, (width, height) = base64.b64encode(data).decode(), size
    return f'<img alt="{html.escape(alt)}" width={width} height={height} src="data:image/png;base64,{data}">'
