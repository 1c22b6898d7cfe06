"""Predictions of chapter 8."""

from course.check.prediction import Question, below, number_text

rows_in_the_gradient = Question(
    "Two of the four films were looked up, one of them twice. How many rows does the gradient list?",
    {
        "two": "Two rows of the table get something. The gradient lists lookups, and adds up when the table is "
        "updated.",
        "three": "",
        "four": "That is the dense gradient, with a row for each film, also for those that nobody looked up.",
    },
    means=lambda count: {2: "two", 3: "three", 4: "four"}[int(count)],
)

film_that_occurs_twice = Question(
    "What is the count of film 0 when 1 is added to the rows 0, 2, 0 and 5?",
    {
        "1": "NumPy's `+=` with a list of indices gives 1, because it reads all old values first. `scatter_add` "
        "adds up.",
        "2": "",
        "4": "There are four additions in all. Two of them are to row 0.",
    },
    means=number_text,
)

neighbours_of_vowels = Question(
    "Of the five vowels a, e, i, o and u, how many have another vowel as their nearest neighbour?",
    {
        "none or one": "By chance it would be about one. But vowels are followed by the same letters, and the "
        "model sees what follows.",
        "two or three": "There are only 27 rows, but 6,500 pairs of letters stand behind them: more than a hint.",
        "four or five": "",
    },
    means=below((2, "none or one"), (4, "two or three"), beyond="four or five"),
)

loss_on_new_ratings = Question(
    "600 trainable numbers, 4000 ratings, a noise floor of σ². Which test loss do you expect?",
    {
        "below the floor": "On the ratings that it was trained on, it can be. On new ones nobody predicts the noise.",
        "about 15 percent above it": "",
        "about twice the floor": "600 numbers sound like a lot. What counts is their share of the ratings: 600 / 4000.",
    },
    means=below((1.0, "below the floor"), (1.5, "about 15 percent above it"), beyond="about twice the floor"),
)

dense_by_slices = Question(
    "By which factor is the dense gradient larger than the slices?",
    {
        "about 100": "The table has a million rows, and 64 were looked up: divide the one by the other.",
        "about 1000": "A million rows by 64 is more than 10,000. The indices take a part of it away again.",
        "about 10,000": "",
    },
    means=below((300, "about 100"), (3000, "about 1000"), beyond="about 10,000"),
)

cost_of_a_large_table = Question(
    "The table has 500 times as many rows. Which steps take more than 10 times as long?",
    {
        "the dense ones": "",
        "all of them": "A sparse step touches the rows of its batch, and there are as many of them as before.",
        "Adam's, dense and sparse": "Adam keeps two more tables, but a sparse step reads their rows of the batch only.",
        "none of them": "A dense gradient has a number for every element of the table, and every one is written.",
    },
    means=lambda slow: {
        (False, True, False, True): "the dense ones",
        (True, True, True, True): "all of them",
        (False, False, True, True): "Adam's, dense and sparse",
        (False, False, False, False): "none of them",
    }[tuple(bool(x) for x in slow)],
)

rows_that_move = Question(
    "With Adam, whose rows move in a step with dense gradients?",
    {
        "those of the batch": "Elsewhere the gradient is zero, but Adam's averages of past gradients are not.",
        "all of them": "",
    },
    means=lambda others: "all of them" if float(others) > 0 else "those of the batch",
)
