"""Exercises of chapter 7."""

import numpy as np

from course.checks.base import Task

# The other way

other_slope = Task(
    why="A slope without its units says nothing. And regressing y on x and x on y gives two different lines.",
    hints=[
        "The standardized flipper rises by W for each standard deviation of mass.",
        "How many grams is one standard deviation of mass, and how many millimetres one of flippers?",
    ],
    inputs=lambda rng: {
        "W": round(rng.uniform(0.3, 0.95), 2),
        "std_mass": round(rng.uniform(500, 900), 1),
        "std_flipper": round(rng.uniform(10, 20), 2),
    },
    solution=lambda W, std_mass, std_flipper: W * std_flipper / std_mass,
    mistakes=[
        (
            lambda W, std_mass, std_flipper: W * std_mass / std_flipper,
            "The fraction is upside down: these are grams per millimetre.",
        ),
        (lambda W, std_mass, std_flipper: W, "This is the slope in standard deviations. Its units are still missing."),
        (
            lambda W, std_mass, std_flipper: std_mass / std_flipper / W,
            "This is one divided by the slope: grams per millimetre, and the line of nobody's regression.",
        ),
        (lambda W, std_mass, std_flipper: W / std_mass, "These are standard deviations of flippers per gram."),
        (lambda W, std_mass, std_flipper: W * std_flipper, "These are millimetres per standard deviation of mass."),
        (lambda W, std_mass, std_flipper: std_flipper / std_mass, "W is missing, as if it were 1."),
    ],
)

# Standardized by itself


def _split_inputs(rng):
    return {
        "training": rng.normal(200, 14, size=6).round(1),
        "new": rng.normal(217, 6, size=4).round(1),
    }


standardize_new = Task(
    why="A model knows one scale only: the one it was trained on. New data must come in the same units.",
    hints=[
        "Which numbers did the model see for a flipper of 200 mm while it was trained?",
        "Two numbers are computed. From which part of the data?",
    ],
    inputs=_split_inputs,
    solution=lambda training, new: (new - np.mean(training)) / np.std(training),
    mistakes=[
        (
            lambda training, new: (new - np.mean(new)) / np.std(new),
            "The new values are standardized by themselves, so that they look like average penguins.",
        ),
        (
            lambda training, new: (
                (new - np.mean(np.concatenate([training, new]))) / np.std(np.concatenate([training, new]))
            ),
            "Mean and deviation come from all the data: this is a leak from the test part.",
        ),
        (
            lambda training, new: (training - np.mean(training)) / np.std(training),
            "These are the training values. The new ones are wanted.",
        ),
        (lambda training, new: new - np.mean(training), "The division by the standard deviation is missing."),
        (
            lambda training, new: (new - np.mean(training)) / np.var(training),
            "You divided by the variance: the units do not cancel.",
        ),
        (
            lambda training, new: (new - np.mean(training)) / np.std(training, ddof=1),
            "You divided by N − 1 in the deviation. The chapter's `np.std` divides by N.",
        ),
        (
            lambda training, new: new / np.std(training) - np.mean(training),
            "Division and subtraction are out of order: subtract first.",
        ),
    ],
)

# Which metres?


def _condition(inputs):
    H = np.array([[np.mean(inputs * inputs), np.mean(inputs)], [np.mean(inputs), 1.0]])
    low, high = np.linalg.eigvalsh(H)
    return high / low


condition_number = Task(
    why="The choice of a unit alone changes the time that training takes by a factor of thousands.",
    hints=[
        "The chapter gives H for a line. It needs two means.",
        "`np.linalg.eigvalsh` gives the curvatures, the smallest first.",
    ],
    inputs=lambda rng: {"inputs": (rng.uniform(-2, 2) + rng.normal(size=6)).round(2)},
    solution=_condition,
    mistakes=[
        (lambda inputs: 1 / _condition(inputs), "The ratio is upside down: a condition number is at least 1."),
        (
            lambda inputs: np.sqrt(_condition(inputs)),
            "This is the condition number of the inputs' matrix. That of H is its square.",
        ),
        (
            lambda inputs: _condition(inputs - np.mean(inputs)),
            "The mean has been subtracted first. The question is about the inputs as they are.",
        ),
        (
            lambda inputs: np.mean(inputs * inputs),
            "These are the elements on the diagonal. They are the curvatures only where the mean is zero.",
        ),
        (
            lambda inputs: 2 * _condition(inputs),
            "A factor of 2 too large: the 2 in front of H is in both curvatures, and cancels.",
        ),
        (
            lambda inputs: np.ptp(np.linalg.eigvalsh(np.cov(np.stack([inputs, np.ones(len(inputs))])))),
            "H is made of means of products. A covariance has the means subtracted.",
        ),
    ],
)
