"""Predictions of chapter 10."""

from course.check.prediction import Question, below, number_text, same_text

digits_of_the_log = Question(
    "The recipe and the number of points are the same. To how many digits do the losses agree with the published ones?",
    {
        "one or two": "",
        "about four": "A thousand points average much of the noise away, but each loss still differs in the "
        "second digit.",
        "all six": "The recipe is the same, but every draw has noise of its own, and the seed was not published.",
    },
    means=below((3, "one or two"), (5.5, "about four"), beyond="all six"),
)

constant_response = Question(
    "One of the five curves is constant. Which one?",
    {
        "mean of x²": "It is multiplied by how far W is from 3, squared, and that falls from epoch to epoch.",
        "mean of x": "It is multiplied by how far W and b are from the truth, and both change.",
        "mean of ε": "It is multiplied by how far b is from 2, and that changes.",
        "mean of ε²": "",
    },
    means=same_text,
)

fewest_points = Question(
    "What is the smallest number of points that can have five given moments, and with them this log?",
    {
        "3": "",
        "5": "Five numbers need not take five points: each point has two, an input and a noise.",
        "20": "There are 20 losses, but five moments decide all of them.",
    },
    means=number_text,
)

reach_of_the_mean = Question(
    "How far can the mean of ε be moved when the other four moments follow?",
    {
        "about 0.01": "Straight ahead it was 0.001. Along a curve, along which no loss changes, it goes much farther.",
        "about 0.1": "The direction turns as one goes, and the four others follow it. The log hardly notices.",
        "0.4 and more": "",
    },
    means=below((0.03, "about 0.01"), (0.3, "about 0.1"), beyond="0.4 and more"),
)
