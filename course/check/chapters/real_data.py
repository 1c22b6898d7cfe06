"""Exercises of chapter 7."""

import numpy as np

from course.check.base import Task

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
        (lambda W, std_mass, std_flipper: 1 / W, "This is one divided by W, in standard deviations."),
        (
            lambda W, std_mass, std_flipper: W * std_mass * std_flipper,
            "You multiplied by both. Per gram is a division.",
        ),
        (lambda W, std_mass, std_flipper: std_flipper / std_mass / W, "You divided by W. The slope grows with it."),
        (
            lambda W, std_mass, std_flipper: W / std_flipper,
            "You divided by the spread of the flippers. They are what rises.",
        ),
        (
            lambda W, std_mass, std_flipper: W * std_mass,
            "You multiplied by the spread of the masses. Per gram is a division.",
        ),
        (
            lambda W, std_mass, std_flipper: W / (std_mass * std_flipper),
            "You divided by both. A rise in millimetres is a product.",
        ),
        (
            lambda W, std_mass, std_flipper: W * (std_flipper / std_mass) ** 2,
            "The ratio of the two spreads is squared.",
        ),
        (
            lambda W, std_mass, std_flipper: -W * std_flipper / std_mass,
            "The sign is flipped: heavier penguins have longer flippers.",
        ),
        (lambda W, std_mass, std_flipper: W + std_flipper / std_mass, "W is added. It is a factor."),
        (
            lambda W, std_mass, std_flipper: W * (std_flipper - std_mass),
            "The spreads are subtracted. Their ratio is what counts.",
        ),
        (lambda W, std_mass, std_flipper: W**2, "This is a square of W, and the units are still missing."),
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
        (
            lambda training, new: (new - np.mean(new)) / np.std(training),
            "The deviation is that of the training part. The mean still comes from the new values.",
        ),
        (
            lambda training, new: (new - np.mean(training)) / np.std(new),
            "The mean is that of the training part. The deviation still comes from the new values.",
        ),
        (
            lambda training, new: (new - np.std(training)) / np.mean(training),
            "Mean and standard deviation are exchanged.",
        ),
        (
            lambda training, new: (new - np.min(training)) / np.ptp(training),
            "This scales to the range from 0 to 1. Standardized data have a mean of 0 and a deviation of 1.",
        ),
        (
            lambda training, new: (np.mean(training) - new) / np.std(training),
            "The sign is flipped: a longer flipper should get a larger number.",
        ),
        (
            lambda training, new: (new + np.mean(training)) / np.std(training),
            "The mean is added. It should be subtracted.",
        ),
        (
            lambda training, new: (new - np.mean(training)) * np.std(training),
            "You multiplied by the standard deviation. Divided by it, the units cancel.",
        ),
        (lambda training, new: new / np.std(training), "The mean is not subtracted."),
        (
            lambda training, new: (new - np.median(training)) / np.std(training),
            "This subtracts the median. The chapter subtracts the mean.",
        ),
        (
            lambda training, new: (np.mean(training), np.std(training)),
            "These are mean and deviation. The new values, standardized by them, are wanted.",
        ),
        (
            lambda training, new: (new - np.mean(training)) / np.mean(training),
            "You divided by the mean. The standard deviation is the unit.",
        ),
    ],
)

# Which metres?


def _curvatures(square, mean):
    return np.linalg.eigvalsh(np.array([[square, mean], [mean, 1.0]]))


def _matrix(inputs):
    return 2 * np.array([[np.mean(inputs * inputs), np.mean(inputs)], [np.mean(inputs), 1.0]])


def _ratio(square, mean):
    low, high = _curvatures(square, mean)
    return high / low


def _condition(inputs):
    return _ratio(np.mean(inputs * inputs), np.mean(inputs))


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
        (
            lambda inputs: _ratio(np.sum(inputs * inputs), np.mean(inputs)),
            "One element of H is a sum. All are means.",
        ),
        (
            lambda inputs: _ratio(np.sum(inputs * inputs), np.sum(inputs)),
            "H holds sums, and a 1 where the sum of N ones is N.",
        ),
        (
            lambda inputs: _ratio(np.mean(inputs) ** 2, np.mean(inputs)),
            "H holds the square of the mean. It should hold the mean of the squares.",
        ),
        (
            lambda inputs: _ratio(np.var(inputs), np.mean(inputs)),
            "H holds the variance. It should hold the mean of the squares.",
        ),
        (lambda inputs: _ratio(np.mean(inputs * inputs), 0.0), "The elements off the diagonal of H are missing."),
        (
            lambda inputs: 2 * np.ptp(_curvatures(np.mean(inputs * inputs), np.mean(inputs))),
            "This is the difference of the curvatures. A condition number is their ratio.",
        ),
        (
            lambda inputs: 2 * _curvatures(np.mean(inputs * inputs), np.mean(inputs))[1],
            "This is the larger curvature alone.",
        ),
        (
            lambda inputs: 2 * _curvatures(np.mean(inputs * inputs), np.mean(inputs)),
            "These are the two curvatures. A condition number is their ratio.",
        ),
        (
            lambda inputs: 2 * _curvatures(np.mean(inputs * inputs), np.mean(inputs))[0],
            "This is the smaller curvature alone.",
        ),
        (
            lambda inputs: _matrix(inputs),
            "This is H. Its eigenvalues are the curvatures.",
        ),
        (
            lambda inputs: np.prod(_curvatures(np.mean(inputs * inputs), np.mean(inputs))) * 4,
            "This is the product of the curvatures. A condition number is their ratio.",
        ),
        (
            lambda inputs: _ratio(np.mean(inputs), np.mean(inputs)),
            "The inputs are not squared: H has the mean of the squares first.",
        ),
        (
            lambda inputs: _ratio(np.mean(inputs * inputs), np.mean(inputs * inputs)),
            "Off the diagonal H has the mean of the inputs, not of their squares.",
        ),
        (
            lambda inputs: np.ptp(inputs) / np.std(inputs),
            "This compares the inputs with each other. H is the matrix whose curvatures count.",
        ),
    ],
)

# More measurements


def _falls(before, after):
    falls = before - after
    return np.mean(falls), np.std(falls)


def _error_inputs(rng):
    before = rng.normal(300, 25, size=8)
    return {"before": before.round(1), "after": (before - rng.normal(8, 12, size=8)).round(1)}


paired_falls = Task(
    why="What is hard about a split is hard for both models. Taken split by split it cancels, and small gains show.",
    hints=[
        "Each split gives one fall. How many falls are there?",
        "Subtract first. Then the mean and the standard deviation are those of one list of numbers.",
    ],
    inputs=_error_inputs,
    solution=_falls,
    parts=("mean of the falls", "standard deviation of the falls"),
    mistakes=[
        (
            lambda before, after: _falls(after, before),
            "The sign is flipped: these are rises. A fall is positive where `after` is smaller.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.sqrt(np.var(before) + np.var(after))),
            "The mean is right. The spread treats the two lists as independent, and they share their splits.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.std(before) - np.std(after)),
            "The mean is right. The difference of two spreads is not the spread of the differences.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.std(before)),
            "The mean is right. The spread is that of the errors `before`.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.std(after)),
            "The mean is right. The spread is that of the errors `after`.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.var(before - after)),
            "The mean is right. The second number is the variance, in g².",
        ),
        (
            lambda before, after: (np.mean(before - after), np.std(before - after) / np.sqrt(len(before))),
            "The mean is right. The spread has been divided by √n: that says how sure the mean is.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.std(before - after, ddof=1)),
            "The mean is right. The spread divides by N − 1. The chapter's `np.std` divides by N.",
        ),
        (
            lambda before, after: _falls(before, after)[::-1],
            "The two numbers are exchanged: the mean comes first.",
        ),
        (
            lambda before, after: (np.mean(np.abs(before - after)), np.std(np.abs(before - after))),
            "Rises are counted as falls. Where the error grew, the fall is negative.",
        ),
        (
            lambda before, after: (np.mean((before - after) / before), np.std((before - after) / before)),
            "These are shares of `before`. The falls are in grams.",
        ),
        (
            lambda before, after: (np.sum(before - after), np.std(before - after)),
            "The spread is right. The first number is the sum of the falls, and not their mean.",
        ),
        (
            lambda before, after: (np.median(before - after), np.std(before - after)),
            "The spread is right. The first number is the median of the falls.",
        ),
        (
            lambda before, after: (np.mean(before - after), np.sum(after < before)),
            "The mean is right. The second number counts the splits that gained.",
        ),
        (
            lambda before, after: before - after,
            "These are the falls. Their mean and their standard deviation are wanted.",
        ),
    ],
)
