"""Predictions of chapter 11."""

from course.check.prediction import Question, below

price_of_a_hundredfold = Question(
    "With the tape, a step on 1,000 points takes how many times as long as one on 10?",
    {
        "less than 5": "",
        "about 10": "There are 100 times as many numbers, but a step of this size waits for Python, not for them.",
        "about 100": "There are 100 times as many numbers, but a step of this size waits for Python, not for them.",
    },
    means=below((5, "less than 5"), (30, "about 10"), beyond="about 100"),
)

share_of_the_peak = Question(
    "On a million points, which share of the peak does the step by hand reach?",
    {
        "more than 90 %": "NumPy is fast, but it reads each number for one operation, and waits for the memory.",
        "about half": "A product of large matrices comes near. Here each number that moves is used once.",
        "less than a quarter": "",
    },
    means=below((0.25, "less than a quarter"), (0.9, "about half"), beyond="more than 90 %"),
)

rate_from_outside = Question(
    "The rate is 0.1 when the step is called first, and then halved. With which rate does the second call step?",
    {
        "0.1": "",
        "0.05": "Python looks up what a name means each time it runs. In the second call it does not run.",
    },
    means=below((0.075, "0.05"), beyond="0.1"),
)

how_often_it_prints = Question(
    "The function is called three times on 1,000 points and once on 10. How often does it print?",
    {
        "4 times": "That is how often it is called. Its Python runs only while it is traced.",
        "twice": "",
        "once": "A trace belongs to a signature. Inputs of another shape have another one.",
    },
    means=lambda count: {1: "once", 2: "twice"}.get(int(count), f"{int(count)} times"),
)
