"""A figure as the page shows it: drawn quickly, since most of it is kept from one picture to the next."""

import base64
import html
import io

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, features

from course import plots

SCREEN_DPI = 160  # more pixels than the page has, for screens with fine ones; 200 take half as long again
# Lossless WebP takes 9 ms and 90 kB where PNG takes 20 ms and 125 kB.
FORMAT = "webp" if features.check("webp") else "png"
FASTEST = {"lossless": True, "quality": 0, "method": 0} if FORMAT == "webp" else {"compress_level": 1}


class Picture:
    """Draws one figure again and again: artists that are `animated` on top of a kept picture of all others."""

    def __init__(self, figure):
        self.figure = figure
        figure.set_dpi(SCREEN_DPI)
        self.canvas, self._background = FigureCanvasAgg(figure), None

    @property
    def size(self):
        """Width and height in the page's pixels."""
        return [round(inches * plots.PAGE_DPI) for inches in self.figure.get_size_inches()]

    def encoded(self):
        """The figure as it is now, the bytes of an image in FORMAT."""
        if self._background is None or self.figure.stale:
            self.draw_background()
        else:
            self.canvas.restore_region(self._background)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        size, file = self.canvas.get_width_height(physical=True), io.BytesIO()
        picture = Image.frombuffer("RGBA", size, self.canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        picture.save(file, FORMAT, **FASTEST)
        return file.getvalue()

    def draw_background(self):
        """Draws all that is not animated, and keeps it."""
        figure, self._background = self.figure, None  # None until all is done, should the kernel be interrupted
        with matplotlib.rc_context(plots.STYLE):
            self.canvas.draw()
        figure.set_layout_engine("none")  # laid out once: axes do not jump when a label gets longer
        self._background = self.canvas.copy_from_bbox(figure.bbox)
        self._moving = sorted(figure.findobj(lambda artist: artist.get_animated()), key=lambda artist: artist.zorder)
        figure.stale = False


def image(data, alt, size):
    """The bytes of a PNG as HTML, with `alt` for those who do not see it."""
    data, (width, height) = base64.b64encode(data).decode(), size
    return f'<img alt="{html.escape(alt)}" width={width} height={height} src="data:image/png;base64,{data}">'
