"""A drawing of boxes, curves and text, in two forms: SVG for the page, and a matplotlib figure where SVG is not shown.

A scene is a list of shapes, in pixels from the top left. Each is one of the functions here called with its arguments.
"""

import html

from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from course import plots

FONT = "DejaVu Sans, Verdana, sans-serif"


def box(x, y, width, height, face, edge, line=1.0, dashed=False):
    """A rectangle with round corners around (x, y)."""
    left, top, dash = x - width / 2, y - height / 2, "4 3" if dashed else "none"
    svg = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width}" height="{height}" rx="6" fill="{face}" stroke="{edge}" '
        f'stroke-width="{line}" stroke-dasharray="{dash}"/>'
    )

    def draw(ax):
        shape = f"round,pad=0,rounding_size={6}"
        style = {
            "facecolor": face,
            "edgecolor": edge,
            "linewidth": 0.72 * line,
            "linestyle": (0, (4, 3)) if dashed else "-",
        }
        ax.add_patch(FancyBboxPatch((left, top), width, height, shape, **style))

    return svg, draw


def curve(points, color, line=1.2, dashed=False):
    """A smooth line through the points, horizontal at each."""
    vertices, codes, d = [points[0]], [Path.MOVETO], "M{:.1f},{:.1f}".format(*points[0])
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        bend = [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), (x1, y1)]
        vertices += bend
        codes += [Path.CURVE4] * 3
        d += "C" + " ".join(f"{x:.1f},{y:.1f}" for x, y in bend)
    dash = "4 3" if dashed else "none"
    svg = f'<path d="{d}" fill="none" stroke="{color}" stroke-width="{line}" stroke-dasharray="{dash}"/>'

    def draw(ax):
        style = {"edgecolor": color, "linewidth": 0.72 * line, "linestyle": (0, (4, 3)) if dashed else "-"}
        ax.add_patch(PathPatch(Path(vertices, codes), facecolor="none", **style))

    return svg, draw


def segment(x0, y0, x1, y1, color, line=1.2):
    """A straight line."""
    svg = f'<path d="M{x0:.1f},{y0:.1f}L{x1:.1f},{y1:.1f}" stroke="{color}" stroke-width="{line}"/>'
    return svg, lambda ax: ax.plot([x0, x1], [y0, y1], color=color, linewidth=0.72 * line)


def arrowhead(x, y, direction, color):
    """The tip of an arrow at (x, y), to the right for direction 1, to the left for -1."""
    corners = [(x, y), (x - 9 * direction, y - 4), (x - 9 * direction, y + 4)]
    points = " ".join(f"{u:.1f},{v:.1f}" for u, v in corners)
    return f'<polygon points="{points}" fill="{color}"/>', lambda ax: ax.add_patch(Polygon(corners, facecolor=color))


def text(x, y, words, color="#222222", size=12, bold=False, anchor="middle", halo=False):
    """Words whose middle is at the height y; `anchor` is "start" or "middle"."""
    weight = "bold" if bold else "normal"
    outline = 'stroke="white" stroke-width="4" paint-order="stroke" ' if halo else ""
    svg = (
        f'<text x="{x:.1f}" y="{y + 0.36 * size:.1f}" fill="{color}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" {outline}>{html.escape(words)}</text>'
    )

    def draw(ax):
        background = {"facecolor": "white", "edgecolor": "none", "pad": 0.8} if halo else None
        place = {"ha": {"middle": "center", "start": "left"}[anchor], "va": "center_baseline", "bbox": background}
        ax.text(x, y, words, color=color, fontsize=0.72 * size, fontweight=weight, **place)

    return svg, draw


def as_svg(shapes, width, height):
    """The scene as the bytes of an SVG file."""
    body = "".join(svg for svg, _ in shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" style="background: white">{body}</svg>'
    ).encode()


def draw_into(figure, shapes, width, height):
    """The scene as the content of a figure, in axes whose units are the scene's pixels."""
    size_to(figure, width, height)
    ax = figure.axes[0]
    for artist in [*ax.patches, *ax.texts, *ax.lines]:
        artist.remove()
    for _, draw in shapes:
        draw(ax)
    return figure


def size_to(figure, width, height):
    """Gives a figure this size and axes over all of it, whose units are pixels from the top left."""
    figure.set_size_inches(width / plots.PAGE_DPI, height / plots.PAGE_DPI)
    ax = figure.axes[0] if figure.axes else figure.add_axes((0, 0, 1, 1))
    ax.axis("off")
    ax.set(xlim=(0, width), ylim=(height, 0))
