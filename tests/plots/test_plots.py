import base64
import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from course import plots


def a_figure(scale=1.0, color=plots.DATA, label="loss"):
    fig, ax = plots.axes("The loss falls", "epoch", "loss")
    ax.plot(np.arange(20), scale * 9 * 0.7 ** np.arange(20), color=color, label=label)
    return fig


@pytest.fixture
def shown(monkeypatch):
    """The (data, metadata) of what `show` displayed, in order."""
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda data, metadata, raw: displayed.append((data, metadata)))
    return displayed


def test_importing_course_loads_no_matplotlib():
    code = "import sys, course; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_show_gives_a_picture_its_alt_text_and_a_digest(shown):
    plots.show(a_figure(), 'The loss falls from 9 to "nearly" 0')
    ((data, metadata),) = shown
    assert set(data) == {"image/png", "text/html", "text/plain"}
    assert 'alt="The loss falls from 9 to &quot;nearly&quot; 0"' in data["text/html"]
    assert f"base64,{data['image/png']}" in data["text/html"]
    assert data["text/plain"].startswith('The loss falls from 9 to "nearly" 0\naxes: The loss falls\n')
    assert metadata["image/png"] == {"width": 720, "alt": 'The loss falls from 9 to "nearly" 0'}


def test_a_figure_is_opaque_to_its_corners(shown):
    plots.show(a_figure(), "alt")
    picture = Image.open(io.BytesIO(base64.b64decode(shown[0][0]["image/png"]))).convert("RGBA")
    assert picture.getpixel((0, 0)) == (255, 255, 255, 255)


def test_a_figure_is_the_same_bytes_every_time():
    assert plots.png(a_figure()) == plots.png(a_figure())


def test_a_pyplot_figure_is_shown_once(shown):
    from matplotlib import pyplot

    fig, _ = pyplot.subplots()
    plots.show(fig, "alt")
    assert not pyplot.fignum_exists(fig.number)


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_show_refuses_a_figure_without_alt_text(alt):
    with pytest.raises(ValueError, match="alt must say in words what the figure shows"):
        plots.show(a_figure(), alt)


def test_show_refuses_axes_and_says_where_their_figure_is():
    with pytest.raises(TypeError, match=r"got a Axes; .*ax\.figure"):
        plots.show(a_figure().axes[0], "alt")


def test_panels_refuse_a_bare_title():
    with pytest.raises(ValueError, match="each panel takes a .title, xlabel, ylabel., but got 'Loss'"):
        plots.panels("Loss", "Weights")


def test_the_style_stays_inside_the_courses_figures():
    before = dict(matplotlib.rcParams)
    plots.png(a_figure())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("change", [{"scale": 1.01}, {"color": plots.PREDICTION}, {"label": "error"}])
def test_the_digest_changes_with_a_percent_of_the_data_a_colour_and_a_label(change):
    assert plots.digest(a_figure(**change)) != plots.digest(a_figure())


def test_the_digest_does_not_change_with_rounding():
    assert plots.digest(a_figure(scale=1 + 1e-9)) == plots.digest(a_figure())


DRAWINGS = {
    "scatter": lambda ax, x, data: ax.scatter(x, data),
    "a scatter's colours": lambda ax, x, data: ax.scatter(x, x, c=data),
    "bars": lambda ax, x, data: ax.bar(x, data),
    "a filled band": lambda ax, x, data: ax.fill_between(x, data),
    "residuals": lambda ax, x, data: ax.vlines(x, 0, data),
    "contours": lambda ax, x, data: ax.contour(np.outer(data, data)),
    "filled contours": lambda ax, x, data: ax.contourf(np.outer(data, data)),
    "an image": lambda ax, x, data: ax.imshow(np.outer(data, data)),
    "a mesh": lambda ax, x, data: ax.pcolormesh(np.outer(data, data)),
    "arrows": lambda ax, x, data: ax.quiver(x, x, data, data),
    "an arrow's head": lambda ax, x, data: ax.annotate("", (data[0], data[1]), (0, 0), arrowprops={"arrowstyle": "->"}),
    "text": lambda ax, x, data: ax.text(0, 0, f"{data[1]:.2f}"),
    "a level": lambda ax, x, data: ax.axhline(data[1]),
    "a shaded span": lambda ax, x, data: ax.axvspan(0, data[1]),
    "a small number on a log scale": lambda ax, x, data: ax.semilogy(x, 1e-8 * data),
}


@pytest.mark.parametrize("kind", DRAWINGS)
def test_the_digest_sees_the_data_of(kind):
    digests = []
    for scale in (1.0, 1.02):
        fig = Figure()
        DRAWINGS[kind](fig.subplots(), np.arange(3), scale * np.array([1.0, 3.0, 2.0]))
        digests.append(plots.digest(fig))
    without_limits = [[line for line in d.splitlines() if not line.startswith(("  x: ", "  y: "))] for d in digests]
    assert without_limits[0] != without_limits[1]


def test_the_digest_says_how_many_values_are_not_finite():
    fig, ax = plots.axes("t", "x", "y")
    ax.plot([1.0, np.nan, np.inf])
    assert "3 values (2 not finite), first 1 last 1" in plots.digest(fig)
    ax.plot([np.nan])
    assert "1 values, none finite" in plots.digest(fig)


def alt_of(shown):
    return shown[-1][1]["image/png"]["alt"]


def test_alt_texts_say_what_the_data_shows_and_change_with_it(shown):
    plots.learning_line([0.0, 2.0], [0.0, 4.0], [(1.0, 0.0), (2.0, 0.0)], shown=(0, 1))
    assert alt_of(shown).startswith("Data, 2 blue points, and red lines after 0 and 1 steps. Their slopes are 1 and 2,")
    assert alt_of(shown).endswith("from the points are 2 and 0.")
    plots.tables({"a": [[1, 2], [3, 4]], "b": [[1, 2], [3, 5]]}, ["dog", "sea"])
    assert "outlined: dog and sea" not in alt_of(shown) and "outlined: sea. Equal rows: 1." in alt_of(shown)
    plots.tables({"a": [[1]], "b": [[1]]}, ["dog"])
    assert "outlined: none. Equal rows: 1." in alt_of(shown)
    plots.residual_squares([0.0, 1.0, 2.0], [0.0, 5.0, 4.0], [0.0, 2.0, 4.0])
    assert "slope 2." in alt_of(shown) and "area 9, is that of the point at x = 1; the mean area is 3." in alt_of(shown)


def test_a_bowls_alt_text_gives_its_lowest_point_its_start_and_how_far_arrows_miss(shown):
    W = b = np.linspace(-2.0, 2.0, 41)
    losses = W[:, None] ** 2 + b**2 + 1
    plots.loss_surface("t", W, b, losses, start=(1.0, 1.0), arrows=([(1.0, 1.0)], [(-2.0, -2.0)]))
    assert "for 2, 4 and 8, around the lowest point, W = 0, b = 0, where the loss is 1." in alt_of(shown)
    assert "At the start, W = 1, b = 1, it is 3." in alt_of(shown) and "0° to 0° past" in alt_of(shown)


def test_slopes_in_all_directions_have_an_alt_text_that_says_where_they_are_lowest(shown):
    degrees = np.arange(0, 360, 90)
    plots.slopes_by_direction(degrees, [2.0, 0.0, -2.0, 0.0], dW=2.0, db=0.0)
    assert "lowest, −2, at 180°, and highest, 2, at 0°" in alt_of(shown)
    assert "direction, 0.0°, and the opposite one, 180.0°" in alt_of(shown)


def test_a_list_in_words_has_and_before_its_last():
    base = plots.base
    assert [base.listed(parts) for parts in (["a"], ["a", "b"], [1.0, -2.5, 3e-7])] == [
        "a",
        "a and b",
        "1, −2.5 and 3e−07",
    ]
