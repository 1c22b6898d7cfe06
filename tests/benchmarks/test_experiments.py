"""How long it takes from a moved control to the new picture, without the page: the median should stay below 50 ms."""

import itertools

import numpy as np
import pytest

from course import datasets, experiments

GROUP = "An experiment's new picture, 1,000 points"
MOVES = {
    "learning rate, 20 epochs": ("learning_rate", np.geomspace(0.01, 0.9, 30)),
    "learning rate up to 2, the loss axis changes": ("learning_rate", np.geomspace(0.5, 2.0, 30)),
    "start W": ("start_W", np.linspace(-2.0, 8.0, 30)),
    "position in the run": ("position", range(20)),
}

OTHERS = {
    "W of the model and the loss": ("ModelAndLoss", "W", np.linspace(-1.0, 6.0, 30)),
    "b, with the Huber loss": ("ModelAndLoss", "b", np.linspace(-2.0, 5.0, 30)),
    "noise of the synthetic data": ("DataSynthesis", "stddev", np.linspace(0.1, 3.0, 30)),
    "seed of the synthetic data": ("DataSynthesis", "seed", range(30)),
    "value of a variable's update": ("VariableHistory", "value", np.arange(-6.0, 6.5, 0.5)),
}


@pytest.mark.parametrize("move", OTHERS)
def test_experiments_of_chapters_1_3_and_4(benchmark, move):
    kind, name, values = OTHERS[move]
    experiment = getattr(experiments, kind)(*(datasets.line(1000) if kind == "ModelAndLoss" else ()))
    if "Huber" in move:
        experiment.loss_name = "Huber"
    to_and_fro = itertools.cycle([*values, *values[-2:0:-1]])
    benchmark.group = GROUP
    benchmark.extra_info["peer"] = move
    benchmark.pedantic(lambda: setattr(experiment, name, next(to_and_fro)), rounds=60, warmup_rounds=2)


@pytest.mark.parametrize("move", MOVES)
def test_learning_rate(benchmark, move):
    name, values = MOVES[move]
    experiment = experiments.LearningRate(*datasets.line(1000))
    to_and_fro = itertools.cycle([*values, *values[-2:0:-1]])
    benchmark.group = GROUP
    benchmark.extra_info["peer"] = move
    benchmark.pedantic(lambda: setattr(experiment, name, next(to_and_fro)), rounds=60, warmup_rounds=2)


def test_backward_stepper(benchmark):
    experiment = experiments.ExpressionStepper()
    benchmark.group = GROUP
    benchmark.extra_info["peer"] = "backward stepper, one entry"
    benchmark.pedantic(experiment.step, rounds=60, warmup_rounds=2)
