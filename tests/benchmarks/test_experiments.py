"""How long it takes from a moved control to the new picture, without the page: the median should stay below 50 ms."""

import itertools

import numpy as np
import pytest

from course import data, experiments

GROUP = "An experiment's new picture, 1,000 points"
MOVES = {
    "learning rate, 20 epochs": ("learning_rate", np.geomspace(0.01, 0.9, 30)),
    "learning rate up to 2, the loss axis changes": ("learning_rate", np.geomspace(0.5, 2.0, 30)),
    "start W": ("start_W", np.linspace(-2.0, 8.0, 30)),
    "position in the run": ("position", range(20)),
}


@pytest.mark.parametrize("move", MOVES)
def test_learning_rate(benchmark, move):
    name, values = MOVES[move]
    experiment = experiments.LearningRate(*data.line(1000))
    to_and_fro = itertools.cycle([*values, *values[-2:0:-1]])
    benchmark.group = GROUP
    benchmark.extra_info["peer"] = move
    benchmark.pedantic(lambda: setattr(experiment, name, next(to_and_fro)), rounds=60, warmup_rounds=2)


def test_backward_stepper(benchmark):
    experiment = experiments.BackwardStepper()
    benchmark.group = GROUP
    benchmark.extra_info["peer"] = "backward stepper, one entry"
    benchmark.pedantic(experiment.step, rounds=60, warmup_rounds=2)
