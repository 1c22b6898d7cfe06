"""Roofline: how to make it, what must hold at every moment of it, and what else it promises."""

import re

import pytest

from course import experiments
from course.experiments.roofline import BLOCKS, POINTS


def make():
    return experiments.Roofline()


def check(experiment):
    """No block is above the roof, and the step of the present one takes what its bytes and operations take."""
    k, block = experiment.operations, experiment.block
    inside = 8 * block <= experiment.cache * 2**20
    moved = 8 if inside else 8 * k
    bounds = [k * POINTS / experiment.peak / 1e9, moved * POINTS / experiment.bandwidth / 1e9]
    bounds += [8 * k * POINTS / 60e9] if inside else []
    assert experiment.seconds(block) == pytest.approx(max(bounds) + 1e-6 * k * POINTS / block)
    assert ("from memory are" in experiment.status) <= (not inside or bounds[1] >= max(bounds))
    taken = re.search(r"results take ([\d.]+) ([MK])B, the cache holds ([\d.]+) MB", experiment.status).groups()
    assert float(taken[0]) * {"M": 2**20, "K": 2**10}[taken[1]] == pytest.approx(8 * block, rel=5e-3)
    assert float(taken[2]) == pytest.approx(experiment.cache, rel=5e-3)
    roof = min(experiment.peak, k / moved * experiment.bandwidth) * 1e9
    assert experiment.speed(block) <= roof * (1 + 1e-9)
    x, y = experiment.slope_place()
    assert y == pytest.approx(min(x * experiment.bandwidth, experiment.peak)) and 0.05 < x <= 0.08  # on the roof
    assert experiment.seconds(experiment.fastest) == min(experiment.seconds(other) for other in BLOCKS)


def test_the_fastest_block_is_the_largest_that_fits_into_the_cache():
    experiment = make()
    assert experiment.limit == "memory" and experiment.fastest == 2**17
    experiment.block = 2**17
    assert experiment.limit == "cache"
    experiment.block = 2**9
    assert experiment.limit == "calls"
    experiment.cache = 0.25
    assert experiment.fastest == 2**15


def test_with_that_block_six_operations_are_enough():
    experiment = make()
    experiment.block = 2**17
    speeds = []
    for k in (3, 5, 6, 7, 12, 40):
        experiment.operations = k
        speeds.append(float(experiment.speed(experiment.block)) / 1e9)
    assert speeds[0] < 0.6 * speeds[2] and speeds[1] < 0.9 * speeds[2]
    assert speeds[2:] == pytest.approx([7.09] * 4, rel=0.01)


def test_roof_slope_and_block_are_dragged():
    experiment = make()
    experiment.set(**experiment.handles["roof"].moved(experiment, 60.0, 100.0))
    experiment.set(**experiment.handles["slope"].moved(experiment, 0.08, 1.6))
    experiment.set(**experiment.handles["at_block"].moved(experiment, 30_000.0, 9.0))
    assert (experiment.peak, experiment.block) == (pytest.approx(100, rel=0.02), 2**15)
    assert experiment.bandwidth == pytest.approx(20, rel=0.02)


@pytest.mark.parametrize("peak, bandwidth", [(500.0, 2.0), (5.0, 200.0), (500.0, 200.0), (500.0, 8.0), (50.0, 10.0)])
def test_both_handles_stand_on_the_roof_or_say_that_their_part_of_it_is_out_of_the_picture(peak, bandwidth):
    experiment = make()
    experiment.set(peak=peak, bandwidth=bandwidth)
    places = {place["name"]: place for place in experiment.shown()["handles"]}
    for name in ("roof", "slope"):
        x, y = experiment.handles[name].at(experiment)
        assert y == pytest.approx(min(x * bandwidth, peak))
    assert places["roof"]["beyond"] == "→" * (peak / bandwidth > 100)
