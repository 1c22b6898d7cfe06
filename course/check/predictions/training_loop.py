"""Predictions of chapter 5."""

from course.check.prediction import Question, below


def _signs(gradients):
    return " and ".join("+" if float(gradient) > 0 else "−" for gradient in gradients)


signs_of_the_gradient = Question(
    "W is 5 and should be 3; b is 0 and should be 2. Which signs do dW and db have?",
    {
        "+ and +": "b is too small, so a larger b makes the loss smaller: its gradient is negative.",
        "+ and −": "",
        "− and +": "That is the way to go. The gradient points the other way, to where the loss grows.",
        "− and −": "W is too large, so a larger W makes the loss larger: its gradient is positive.",
    },
    means=_signs,
)

rate_of_one = Question(
    "At a learning rate of 1.0, what is the loss in the 20th epoch?",
    {
        "near 1": "Ten times the rate sounds like arriving ten times sooner. A step that is too long lands on "
        "the other side.",
        "near 9": "At a rate just at the limit the loss would stay. Here each step overshoots by more than the "
        "one before.",
        "above 1000": "",
    },
    means=below((3, "near 1"), (1000, "near 9"), beyond="above 1000"),
)

four_times_the_batch = Question(
    "A batch has four times as many examples. By how much does that reduce the spread of the estimates?",
    {
        "to a half": "",
        "to a quarter": "The variance falls to a quarter. The spread, its root, falls to a half.",
        "not at all": "Each example is as noisy as before, but in the mean of a batch the noise cancels in part.",
    },
    means=below((0.35, "to a quarter"), (0.8, "to a half"), beyond="not at all"),
)
