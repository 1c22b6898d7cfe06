"""Predictions of chapter 9."""

import numpy as np

from course.check.prediction import Question, below, number_text

logits_far_apart = Question(
    "What does it give for the logits 1000 and 0, when the label is 0, and when it is 1?",
    {
        "0 and 1000": "So it should be. But it computes e to the power 1000 on the way, which no float can hold.",
        "0 and infinity": "Infinity appears on the way, and infinity divided by infinity is not a number.",
        "nan and nan": "",
    },
    means=lambda losses: (
        "nan and nan" if np.all(np.isnan(losses)) else "0 and infinity" if np.any(np.isinf(losses)) else "0 and 1000"
    ),
)

shape_of_the_boundary = Question(
    "Which shape does the boundary between the classes have?",
    {
        "a smooth curve": "The moons are curved. But a relu unit is straight on either side of its fold, and so "
        "are sums of them.",
        "straight pieces": "",
    },
    means=below((20, "straight pieces"), beyond="a smooth curve"),  # of 1999 places, how many bend
)

without_activation = Question(
    "How accurate is the same network without an activation?",
    {
        "as accurate as with it": "It has as many weights, but a linear layer after a linear layer is one linear "
        "layer.",
        "as accurate as a line": "",
        "no better than guessing": "It loses its folds, and is left with a line, which separates most of the moons.",
    },
    means=below((0.6, "no better than guessing"), (0.96, "as accurate as a line"), beyond="as accurate as with it"),
)

count_of_parameters = Question(
    "The hidden layer has a kernel of 2 × 4 and a bias for each unit. How many parameters has the network?",
    {
        "12": "That is the hidden layer. The layer of the logits has a kernel and biases, too.",
        "18": "That leaves biases out: every unit has one, in both layers.",
        "22": "",
    },
    means=number_text,
)

equal_starts = Question(
    "All weights start at 0.05, or all kernels at 0. What can such a network learn?",
    {
        "as much as with random weights, only later": "Units that start alike get the same gradient, so they "
        "stay alike.",
        "little: all units stay alike": "",
        "nothing at all, from either start": "From 0.05 the weights do move, but all units in the same way; from "
        "zeros, only the last biases.",
    },
    means=lambda kinds: (
        "little: all units stay alike" if max(kinds) == 1 else "as much as with random weights, only later"
    ),
)

values_through_ten_layers = Question(
    "Through ten layers, with a standard deviation of 0.05 in place of 0.088: to what do the values shrink?",
    {
        "to a half": "Each single layer nearly halves them, and there are ten.",
        "to a tenth": "0.05 is 0.57 of 0.088, and this factor is taken ten times: 0.57¹⁰ is 0.003.",
        "to less than a hundredth": "",
    },
    means=below((0.01, "to less than a hundredth"), (0.3, "to a tenth"), beyond="to a half"),
)

digits_after_a_restore = Question(
    "In how many digits do the weights of the resumed run agree with those of the run without a stop?",
    {
        "in none: the new model began elsewhere": "The file replaces its random weights, and holds Adam's "
        "averages and the random state, too.",
        "in about four": "Floating-point numbers round, but the same operations in the same order round in the "
        "same way.",
        "in all of them": "",
    },
    means=lambda difference: "in all of them" if difference == 0 else "in about four",
)
