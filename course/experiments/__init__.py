"""The course's interactive experiments, one file each: `experiments.LearningRate(inputs, outputs)`.

Each loads when it is first used, and matplotlib and ipywidgets with it. `base.py` says how to write one.
"""

import importlib

_MODULES = {
    "BackwardStepper": "backward_stepper",
    "DataSynthesis": "data_synthesis",
    "DecisionBoundary": "decision_boundary",
    "Embeddings": "embeddings",
    "ExpressionStepper": "expression_stepper",
    "InputScaling": "input_scaling",
    "LearningLine": "learning_line",
    "LearningRate": "learning_rate",
    "Letters": "letters",
    "ModelAndLoss": "model_and_loss",
    "Momentum": "momentum",
    "OptimizerRace": "optimizer_race",
    "Parabola": "parabola",
    "PublishedRun": "published_run",
    "Roofline": "roofline",
    "StepTime": "step_time",
    "VariableHistory": "variable_history",
}
__all__ = list(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"course.experiments has no {name!r}. It has {', '.join(__all__)}.")
    return getattr(importlib.import_module(f"course.experiments.{_MODULES[name]}"), name)


def __dir__():
    return __all__
