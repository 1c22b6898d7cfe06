"""The figures of chapters 4 to 6 say in their alt texts what their data show, and say something else of other data."""

import numpy as np
import pytest

from course import plots

STEPS = np.arange(40)


def clouds(scale):
    x = np.linspace(-1.0, 1.0, 30)
    plots.clouds({"Fitted": (x, 3 * x + 2, scale * 5 * x)}, 3.0, 2.0)


def descent_path(scale):
    W = b = np.linspace(-2.0, 2.0, 41)
    surface = W[:, None] ** 2 + b**2 + 1
    path = scale * np.array([[1.0, 1.0], [0.5, 0.5], [0.25, 0.25], [0.1, 0.1]])
    plots.descent_path("t", W, b, surface, path, bowl_axes=np.eye(2))


def gradient_spread(scale):
    values = np.linspace(-1.0, 1.0, 200)
    plots.gradient_spread({1: scale * values, 4: scale * values / 2}, 4.0)


# Each draws its figure from data that grow with `scale`, and what must be said at 1.
FIGURES = {
    "histograms": (
        lambda s: plots.histograms({"Sums": s * np.linspace(-1.0, 1.0, 100)}, "sizes", 0.5),
        "Sums: 100 values from −1 to 1",
    ),
    "clouds": (clouds, "the red line has the slope 5 and passes 0 at input 0"),
    "errors_by_size": (
        lambda s: plots.errors_by_size([10, 1000], [s * 0.3, 0.03], [0.3, 0.03], np.array([0.32, 0.032])),
        "Of W: from 0.3 down to 0.03.",
    ),
    "losses_around_the_floor": (
        lambda s: plots.losses_around_the_floor([10, 100], [0.8, 0.98], [s * 1.25, 1.02], 1.0),
        "on new data goes from 1.25 to 1.02",
    ),
    "descent_step": (
        lambda s: plots.descent_step(np.linspace(0, 6, 61), s * np.linspace(0, 6, 61) ** 2, 5.0, 10.0, 0.1),
        "At W = 5, where the loss is 25, its tangent has the slope 10.",
    ),
    "parameter_history": (
        lambda s: plots.parameter_history([[5.0, 0.0], [4.0, 1.0], [s * 3.0, 2.0]], 3.0, 2.0),
        "W goes from 5 by 4 halfway to 3, beside",
    ),
    "descent_path": (descent_path, "A path of 3 steps leads from there to W = 0.1, b = 0.1;"),
    "steps_in_a_valley": (
        lambda s: plots.steps_in_a_valley({"rate 0.1": [1.0, s * 0.8, 0.64, 0.51]}, 2.0),
        "rate 0.1: the distances are 1, 0.8, 0.64 and 0.51",
    ),
    "loss_curves": (
        lambda s: plots.loss_curves({"rate 0.1": (STEPS + 1, s * 9 * 0.8**STEPS)}, 0.5, "t"),
        "rate 0.1: 9 at 1",
    ),
    "gradient_spread": (gradient_spread, "Size 1: from −1 to −0.00503"),
    "late_steps": (
        lambda s: plots.late_steps({"rate 0.1": [[3.0 + s, 2.0], [3.0 - s, 2.0]]}, (3.0, 2.0), (3.0, 2.1)),
        "rate 0.1: 2 steps, on average 1 away from it.",
    ),
    "paths_on_ravine": (
        lambda s: plots.paths_on_ravine({"SGD": np.array([[-2.0, s], [-1.0, -0.5], [0.5, 0.25]])}, (1.0, 50.0)),
        "from (−2, 1), (−1, −0.5), (0.5, 0.25) on; crossings of the floor, y = 0: 2.",
    ),
    "momentum_factors": (
        lambda s: plots.momentum_factors(STEPS / 10, {0.0: s * np.abs(1 - STEPS / 10)}),
        "β = 0: it falls from 1 to 0, and passes 1 at 2.1.",
    ),
    "effective_rates": (
        lambda s: plots.effective_rates({"Adagrad": s * np.full((40, 2), 0.25)}, (2.0, 0.04)),
        "Adagrad, x: 0.25 at step 1",
    ),
    "schedules": (lambda s: plots.schedules({"constant": s * np.full(40, 0.2)}), "constant: 0.2, 0.2, 0.2"),
    "excess_losses": (
        lambda s: plots.excess_losses({"cosine": s * np.full(40, 0.05)}, "t"),
        "cosine: 0.05, 0.05",
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_an_alt_text_says_what_the_data_show_and_changes_with_them(name, monkeypatch):
    displayed = []
    monkeypatch.setattr("course.plots.base.png", lambda fig: b"")  # the picture is not what is tested
    monkeypatch.setattr("IPython.display.display", lambda data, metadata, raw: displayed.append(metadata))
    draw, said = FIGURES[name]
    for scale in (1.0, 1.3):
        draw(scale)
    once, again = (metadata["image/png"]["alt"] for metadata in displayed)
    assert said in once
    assert said not in again and once != again
