"""Predictions of chapter 3."""

from course.check.prediction import Question, below, number_text

variables_in_a_list = Question(
    "How many variables does `TwoLines` find?",
    {
        "0": "It has none of its own. A module also looks into the lists, tuples, dicts and modules that it holds.",
        "2": "There are two models, and each of them has two variables.",
        "4": "",
    },
    means=number_text,
)

mean_residual_of_a_flat_line = Question(
    "What is the mean residual of the flat line W = 0, b = 2.75?",
    {
        "far from zero, as it fits badly": "A line can fit badly and have errors that cancel: those above and "
        "those below.",
        "exactly zero": "",
        "near zero, but not exactly": "2.75 is the mean of the outputs itself, so what lies above and below "
        "cancels exactly.",
    },
    means=lambda mean: (
        "exactly zero"
        if abs(float(mean)) < 1e-6
        else "near zero, but not exactly"
        if abs(float(mean)) < 0.3
        else "far from zero, as it fits badly"
    ),
)

loss_of_a_perfect_model = Question(
    "What does `l2_loss` say about the perfect model?",
    {
        "0": "It should be. But the outputs are a column here, and predictions and column meet in another way "
        "than it seems.",
        "a little above 0, from rounding": "These numbers are exact in float32. Print the shapes.",
        "more than 20": "",
    },
    means=below((1e-9, "0"), (1.0, "a little above 0, from rounding"), beyond="more than 20"),
)

slope_with_an_outlier = Question(
    "With the wrong point, which of the three losses gives a slope below 1?",
    {
        "none of them": "One point of eight sounds harmless. Under L2 its pull grows with its residual, which is 16.",
        "L2 alone": "",
        "L2 and Huber": "Huber is L2 for small residuals only. Beyond its bend a point pulls no harder.",
        "all three": "Under L1 each point pulls with the same force, so one point has one voice of eight.",
    },
    means=lambda slopes: {
        (False, False, False): "none of them",
        (True, False, False): "L2 alone",
        (True, False, True): "L2 and Huber",
        (True, True, True): "all three",
    }[tuple(float(slopes[name]) < 1 for name in ("L2", "L1", "Huber"))],
)
