"""StepTime: how to make it, what must hold at every moment of it, and what else it promises."""

import numpy as np
import pytest

from course import experiments
from course.experiments.base import number

make = experiments.StepTime


def check(experiment):
    """Both formulas, term by term, message by message."""
    C, L = experiment.compute, experiment.latency * 1e-3
    B, w = experiment.size * 1e6, experiment.bandwidth * 1e9
    for n in (1, 2, 7, 64):
        one, ring = (float(t) for t in experiment.times(n))
        assert one == pytest.approx(C / n + (n > 1) * (L + sum(B / w for _ in range(2 * n))))
        assert ring == pytest.approx(C / n + sum(L + B / n / w for _ in range(2 * (n - 1))))
    times = np.array([line.get_ydata() for line in (experiment._one, experiment._ring)])
    assert experiment.best == tuple(times.argmin(axis=1) + 1)
    assert f"{experiment.workers} workers: through one machine {number(times[0, experiment.workers - 1])} s" in (
        experiment.status
    )


def test_the_latency_at_which_both_ways_meet():
    experiment = experiments.StepTime()
    assert experiment.meeting == pytest.approx(4.16, abs=0.01)
    experiment.latency = experiment.meeting
    assert "equally fast" in experiment.status
    experiment.latency = 3.0
    assert "the ring is ahead" in experiment.status
    experiment.latency = 5.0
    assert "one machine is ahead" in experiment.status


def test_the_ends_of_the_curves_are_pulled():
    experiment = experiments.StepTime()
    for name, parameter, value in (("ring_end", "latency", 1.0), ("one_end", "bandwidth", 10.0)):
        experiment.reset()
        experiment.set(**{parameter: value})
        at = experiment.handles[name].at(experiment)
        experiment.reset()
        assert experiment.handles[name].moved(experiment, *at)[parameter] == pytest.approx(value, rel=0.03)
