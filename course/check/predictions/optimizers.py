"""Predictions of chapter 6."""

import numpy as np

from course.check.prediction import Question, below, yes_or_no

steps_along_the_ravine = Question(
    "At nine tenths of the limit, after how many steps is one percent of the way along x left?",
    {
        "about 10": "Across the ravine it is quick. Along it, each step goes only a small part of the way.",
        "about 40": "The curvatures differ by a factor of 50, which sounds like some 50 steps. But each leaves 96.4 "
        "percent of the distance, and 40 steps together still 23 percent.",
        "about 130": "",
    },
    means=below((20, "about 10"), (80, "about 40"), beyond="about 130"),
)

momentum_by_default = Question(
    "At β = 0.9, compared with plain steps: how many steps does momentum need to get down?",
    {
        "a tenth": "The velocity becomes ten times as long while the gradient stays. Near the goal it then has "
        "to be lost again.",
        "half": "The limit of the rate and β have to fit the ravine for that. With a β that was not chosen for "
        "it, nothing is won.",
        "about as many": "",
    },
    means=below((0.25, "a tenth"), (0.75, "half"), beyond="about as many"),
)

effective_rates = Question(
    "As RMSprop comes close to the lowest point, what happens to the effective rates?",
    {
        "they fall to zero": "That is Adagrad's way, whose sum only grows. RMSprop forgets old squares.",
        "they stay as they are": "The rate itself stays. It is divided by the root of the mean square, which "
        "shrinks with the gradients.",
        "they rise": "",
    },
    means=below((0.5, "they fall to zero"), (1.5, "they stay as they are"), beyond="they rise"),
)

uncorrected_adam = Question(
    "Both averages are too small at first. How are Adam's first steps without the correction?",
    {
        "too short": "The mean of the gradients is too small. But so is what it is divided by, and that one "
        "fills more slowly.",
        "as they should be": "Both are too small, but not equally: the average of squares has the longer memory.",
        "too long": "",
    },
    means=below((0.9, "too short"), (1.1, "as they should be"), beyond="too long"),
)

turned_ravine = Question(
    "The ravine is turned. Which optimizers need the same number of steps as before?",
    {
        "all of them": "Adagrad, RMSprop and Adam treat each coordinate by itself, and the turn mixes the coordinates.",
        "SGD, momentum and Nesterov": "",
        "Adagrad, RMSprop and Adam": "Their rates adapt to each coordinate, and that helps only where the ravine "
        "lies along one.",
        "none of them": "A gradient turns with the surface, so a step that only scales gradients turns with it, too.",
    },
    means=lambda same: {
        (True, True, True, True, True, True): "all of them",
        (True, True, True, False, False, False): "SGD, momentum and Nesterov",
        (False, False, False, True, True, True): "Adagrad, RMSprop and Adam",
        (False, False, False, False, False, False): "none of them",
    }[tuple(bool(x) for x in same)],
)

penalty_with_adam = Question(
    "With the L2 penalty and Adam, which of the two groups of weights shrinks less?",
    {
        "the one with large gradients": "",
        "the one with small gradients": "The penalty is part of the gradient, so Adam divides it, too: by more "
        "where gradients are large.",
        "neither": "So it is with plain SGD, where the penalty is not divided by anything.",
    },
    means=lambda weights: (
        "neither"
        if np.isclose(*np.asarray(weights, float), rtol=0.5, atol=0.1)
        else "the one with large gradients"
        if float(weights[0]) > float(weights[1])
        else "the one with small gradients"
    ),
)

same_path_on_the_line = Question(
    "On the ravine your momentum and the library's took the same path. Do they here?",
    {
        "yes": "The rule is the same, and one test passed. There the parameters were elements of one variable; "
        "here there are two.",
        "no": "",
    },
    means=yes_or_no("yes", "no"),
)
