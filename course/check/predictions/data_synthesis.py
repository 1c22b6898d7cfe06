"""Predictions of chapter 4."""

from course.check.prediction import Question, below, yes_or_no

where_lines_cross = Question(
    "At which input do the red and the dashed line cross?",
    {
        "0": "At input 0 the lines are at their b, 0 and 2, so they are 2 apart.",
        "1": "",
        "2": "2 is how far apart they are at input 0, and also how much faster the red one rises: it catches up "
        "after 1.",
    },
    means=lambda crossing: f"{float(crossing):.0f}",
)

loss_at_the_truth = Question(
    "With W = 3 and b = 2, what is the loss?",
    {
        "0": "The model knows the truth, but the outputs are the truth plus noise, and nobody can predict the noise.",
        "near 0.1": "The noise is as large in the loss as its mean square, and its standard deviation is 1.",
        "near 1": "",
    },
    means=below((0.01, "0"), (0.5, "near 0.1"), beyond="near 1"),
)

twice_the_noise = Question(
    "You double σ from 1 to 2. What happens to the loss at the truth?",
    {
        "it stays": "The model is as good as before, but the data lie farther from the line.",
        "it doubles": "The residuals double. The loss is the mean of their squares.",
        "it becomes four times as large": "",
    },
    means=below((1.5, "it stays"), (3.0, "it doubles"), beyond="it becomes four times as large"),
)

noise_drawn_first = Question(
    "The noise is drawn first, from the same seed. Are the inputs the same as before?",
    {
        "yes": "A seed fixes the sequence of numbers, not who gets which of them: what is drawn first gets the "
        "first ones.",
        "no": "",
    },
    means=yes_or_no("yes", "no"),
)

training_loss_of_ten = Question(
    "With only 10 examples and a floor of 1, where is the average training loss?",
    {
        "near 0.8": "",
        "near 1.0": "The floor holds for the truth. A fit follows the noise of its own points, so on them it is below.",
        "near 1.2": "That is the loss on new data. On the points that it was fitted to, a fit looks better than it is.",
    },
    means=lambda loss: f"near {min((0.8, 1.0, 1.2), key=lambda known: abs(known - float(loss)))}",
)

hundred_times_the_data = Question(
    "You collect 100 times as many examples. What happens to the error?",
    {
        "it is 100 times smaller": "That would be so if every example pulled in the same direction. Their noise "
        "cancels in part.",
        "it is 10 times smaller": "",
        "it is twice as small": "That is what four times as many examples bring.",
    },
    means=below((5, "it is twice as small"), (40, "it is 10 times smaller"), beyond="it is 100 times smaller"),
)
