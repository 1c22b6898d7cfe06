"""Predictions of chapter 1."""

import numpy as np

from course.check.prediction import Question, number_text

kept_tensor = Question(
    "What does `kept` hold afterwards?",
    {
        "1, 2, 3": "",
        "11, 12, 13": "Two names for a NumPy array share it, and `+=` changes it for both; a tensor never changes.",
    },
    means=lambda kept: ", ".join(f"{x:g}" for x in np.ravel(kept)),
)

half_from_an_integer = Question(
    "What does subtracting 0.5 from the integer 5 leave in the variable?",
    {
        "4.5": "In Python 5 − 0.5 is 4.5, but a variable keeps its dtype, and an integer has no room for a half.",
        "4": "Many languages cut the fraction off without a word. That would hide a mistake, so it is refused.",
        "5": "",
    },
    means=number_text,
)

followers = Question(
    "Which of `same`, `read` and `double` follow the variable to 100?",
    {
        "only same": "",
        "same and read": "`read_value()` sounds like a window on the variable. It is a snapshot of that moment.",
        "same and double": "A cell in a spreadsheet would be computed again. `2 * v` was computed once, from a "
        "snapshot.",
        "all three": "Only a second name for the variable follows it. The other two are tensors, which never change.",
    },
    means=lambda found: {
        (True, False, False): "only same",
        (True, True, False): "same and read",
        (True, False, True): "same and double",
        (True, True, True): "all three",
    }[tuple(bool(follows) for follows in found)],
)
