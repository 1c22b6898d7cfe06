"""Exercises of chapter 8."""

import numpy as np

from course.check.base import Task
from course.check.source import HandedOver, slips

# A lookup, with its gradient

lookup_gradient = Task(
    why="The gradient has a row for each lookup, and none for the rest of the table, however large it is.",
    hints=[
        "Three rows were looked up, in an order. What does `indices` say about each of them?",
        "The derivative of the square of a number is known. It is taken at the number that was looked up.",
    ],
    solution={"indices": [0, 3, 0], "values": [[2.0, 4.0], [14.0, 16.0], [2.0, 4.0]]},
    mistakes=[
        (
            {"indices": [0, 3], "values": [[4.0, 8.0], [14.0, 16.0]]},
            "You have added up row 0 already. An `IndexedSlices` keeps one entry for each lookup.",
        ),
        (
            {"indices": [0, 3]},
            "The values are right. `indices` has an entry for each lookup: row 0 was looked up twice.",
        ),
        ({"indices": [0, 1, 2]}, "The values are right. `indices` says which rows of the table were looked up."),
        ({"indices": [1, 4, 1]}, "The values are right. Rows are counted from 0."),
        (
            {"values": [[2.0, 4.0], [14.0, 16.0]]},
            "The indices are right. `values` has a row for each of them, and here there is one less.",
        ),
        (
            {"values": [[4.0, 8.0], [14.0, 16.0], [0.0, 0.0]]},
            "The indices are right. Each entry has its own part of row 0, and they add up later.",
        ),
        (
            {"values": [[2.0, 4.0], [6.0, 8.0], [2.0, 4.0]]},
            "The indices are right. The second entry is not of the row that they name.",
        ),
        (
            {"values": [5.0, 113.0, 5.0]},
            "The indices are right. The values are not the losses of the rows, but derivatives: one for each number.",
        ),
        (
            {"indices": [0, 3, 0], "values": [[1.0, 2.0], [7.0, 8.0], [1.0, 2.0]]},
            "These are the rows themselves. The derivative of a square has a factor of 2.",
        ),
        (
            {"indices": [0, 3, 0], "values": [[4.0, 8.0], [14.0, 16.0], [4.0, 8.0]]},
            "Row 0 is counted twice in each of its two entries. They add up later.",
        ),
        (
            {"indices": [0, 0, 3], "values": [[2.0, 4.0], [2.0, 4.0], [14.0, 16.0]]},
            "The entries are sorted. They stand in the order of the lookup.",
        ),
        (
            {"indices": [0, 3, 0], "values": [[1.0, 4.0], [49.0, 64.0], [1.0, 4.0]]},
            "These are the squares. Their derivative is wanted.",
        ),
        (
            {"indices": [0, 1, 2, 3], "values": [[4.0, 8.0], [0.0, 0.0], [0.0, 0.0], [14.0, 16.0]]},
            "This is the dense gradient. An `IndexedSlices` leaves out the rows that nobody looked up.",
        ),
        (
            {"indices": [0, 3, 0], "values": [[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]]},
            "The derivative of a square is 2 times something. The numbers that were looked up are missing.",
        ),
        (
            {"indices": [0, 3, 0], "values": [[2.0, 4.0], [10.0, 12.0], [2.0, 4.0]]},
            "Rows are counted from 0. Which one is row 3?",
        ),
        (
            {"indices": [0, 3], "values": [[2.0, 4.0], [14.0, 16.0]]},
            "There are two entries for three lookups. Row 0 was used twice.",
        ),
        (
            {"indices": [0, 3, 0], "values": [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]},
            "This would be right if the loss were the sum of the rows. It sums their squares.",
        ),
    ],
)

# A film that occurs twice


def _slices_inputs(rng):
    return {
        "indices": np.array([0, 3, 0, 1])[rng.permutation(4)],
        "values": rng.normal(size=(4, 2)).round(2),
        "num_rows": 5,
    }


def _dense(indices, values, num_rows):
    dense = np.zeros((num_rows, values.shape[1]))
    np.add.at(dense, indices, values)
    return dense


def _first_wins(indices, values, num_rows):
    dense = np.zeros((num_rows, values.shape[1]))
    dense[indices[::-1]] += values[::-1]
    return dense


def _averaged(indices, values, num_rows):
    return _dense(indices, values, num_rows) / np.maximum(np.bincount(indices, minlength=num_rows), 1)[:, None]


def _doubled(indices, values, num_rows):
    return _dense(indices, values * np.bincount(indices)[indices][:, None], num_rows)


def _indexed_twice(indices, values, num_rows):
    dense = np.zeros((num_rows, values.shape[1]))
    for i in indices:
        dense[i] += values[i]
    return dense


def _in_their_order(indices, values, num_rows):
    return _dense(np.arange(len(values)), values, num_rows)


def _all_added(indices, values, num_rows):
    dense = np.zeros((num_rows, values.shape[1]))
    for i in indices:
        dense[i] += values.sum(axis=0)
    return dense


lost_duplicates = Task(
    why="Popular films occur several times in a batch. Without the sum they would learn as slowly as rare ones.",
    hints=[
        "Try it with indices [0, 0] and the values 1 and 10. What is left?",
        "The chapter counts films with NumPy's `+=`, and names a function that does it differently.",
    ],
    inputs=_slices_inputs,
    solution=_dense,
    broken=HandedOver(
        """
        def to_dense(indices, values, num_rows):
            dense = np.zeros((num_rows, values.shape[1]))
            dense[indices] += values
            return dense
        """,
        "Of a row that occurs twice, still only the last value is left. Both have to count.",
        np=np,
    ),
    mistakes=[
        (_first_wins, "Of a row that occurs twice, the first value is left now. Both have to count."),
        (_averaged, "You averaged the values of a row that occurs twice. They add up."),
        (_doubled, "A row that occurs twice has each of its values counted twice."),
        (
            lambda indices, values, num_rows: _dense(indices, values, num_rows)[np.unique(indices)],
            "The sums are right, and only the rows that occur are there. The dense gradient has all rows.",
        ),
        (
            _indexed_twice,
            "`values` has a row for each entry of `indices`, in the same order. You looked rows up in it.",
        ),
        (_in_their_order, "The values stand in the rows 0, 1, 2, …. Which row is each one for?"),
        (_all_added, "Every row gets all the values."),
        *slips(
            _dense,
            {
                ("np.add.at(dense, indices, values)", "np.subtract.at(dense, indices, values)"): (
                    "The values are subtracted. They add up."
                ),
                ("np.add.at(dense, indices, values)", "np.maximum.at(dense, indices, values)"): (
                    "Of several values, and 0, the largest is left. They add up."
                ),
                ("    np.add.at(dense, indices, values)\n", ""): "Nothing is written into the rows.",
            },
        ),
        (
            lambda indices, values, num_rows: _dense(indices, values, num_rows).sum(axis=1),
            "There is a number for each row. A row of the gradient has as many as `values` has columns.",
        ),
        (
            lambda indices, values, num_rows: _dense(indices, np.ones_like(values), num_rows),
            "The rows say how often each one occurs. The values are what adds up.",
        ),
        (
            lambda indices, values, num_rows: _dense(indices, values, num_rows)[:-1],
            "A row is missing at the end: there are `num_rows`, also where nobody looked the last one up.",
        ),
    ],
)

# Which rank?


def _rank_inputs(rng):
    training = np.sort(rng.uniform(0.05, 0.5, size=5))[::-1].round(3)  # falls with each rank
    above_the_least = np.array([0.0, 0.04, 0.09, 0.15, 0.3])[rng.permutation(5)]
    return {
        "ranks": np.sort(rng.choice(np.arange(1, 12), size=5, replace=False)),
        "training_losses": training,
        "test_losses": (training[2] + above_the_least).round(3),
    }


which_rank = Task(
    why="The loss on held-out ratings decides. Report the choice on a third part: the part that chose flatters.",
    hints=[
        "Print both losses for each rank. Which of them can a larger model always lower?",
        "`np.argmin` says where in a list the smallest number stands. The ranks are a list in the same order.",
    ],
    inputs=_rank_inputs,
    solution=lambda ranks, training_losses, test_losses: ranks[np.argmin(test_losses)],
    mistakes=[
        (
            lambda ranks, training_losses, test_losses: ranks[np.argmin(training_losses)],
            "This is the largest rank: the training loss falls with each one, and counts noise as learnt.",
        ),
        (
            lambda ranks, training_losses, test_losses: np.argmin(test_losses),
            "This is a place in the list of ranks. The rank that stands there is wanted.",
        ),
        (
            lambda ranks, training_losses, test_losses: np.min(test_losses),
            "This is the lowest loss. The rank that has it is wanted.",
        ),
        (
            lambda ranks, training_losses, test_losses: ranks[np.argmax(test_losses)],
            "This rank has the highest loss on held-out ratings.",
        ),
        (
            lambda ranks, training_losses, test_losses: ranks[np.argmin(np.abs(test_losses - training_losses))],
            "At this rank the two losses are closest to each other. Both may be high there.",
        ),
        (
            lambda ranks, training_losses, test_losses: ranks[np.argmin(test_losses + training_losses)],
            "This rank has the lowest sum of both losses. The training loss says nothing about new ratings.",
        ),
        (
            lambda ranks, training_losses, test_losses: ranks[0],
            "This is the smallest rank each time. Is it taken whatever the losses are, or because both losses are "
            "alike there? They are alike where both are large.",
        ),
        (
            lambda ranks, training_losses, test_losses: np.argmin(test_losses) + 1,
            "This counts places from 1. The list says which rank stands there.",
        ),
    ],
)

# A new user


def _rated_inputs(rng):
    n = int(rng.integers(5, 9))
    return {
        "vectors": rng.normal(size=(n, 2)).round(2),
        "biases": rng.normal(0, 0.5, size=n).round(2),
        "ratings": rng.normal(3.5, 1.2, size=n).round(1),
        "mean": round(rng.uniform(3, 4), 2),
    }


def _least_squares(X, y):
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    return w[:-1], w[-1]


def _ones(vectors):
    return np.column_stack([vectors, np.ones(len(vectors))])


def _new_user(vectors, biases, ratings, mean):
    X, y = np.column_stack([vectors, np.ones(len(vectors))]), ratings - mean - biases
    *vector, bias = np.linalg.lstsq(X, y, rcond=None)[0]
    return np.array(vector), bias


new_user = Task(
    why="With all else held, a rating is linear in the new user's numbers. No training is needed for one more user.",
    hints=[
        "Write the model's rating as a sum. Which parts of it are known, and which are to be found?",
        "Move what is known to the side of the rating. The bias is multiplied by 1 in every rating.",
    ],
    inputs=_rated_inputs,
    solution=_new_user,
    parts=("vector", "bias"),
    mistakes=[
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings),
            "The user explains all of the rating here. The mean and the films' biases are known: take them away first.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings - mean),
            "The films' biases are missing. They are a part of each rating, and known.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings - biases),
            "The mean of all ratings is missing, so the user's bias has to hold it.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings - mean + biases),
            "The films' biases are added. They are a part of the rating, and have to be taken away.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings + mean - biases),
            "The mean is added. It is a part of the rating, and has to be taken away.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), mean + biases - ratings),
            "All signs are flipped: known parts are subtracted from the rating.",
        ),
        (
            lambda vectors, biases, ratings, mean: (
                np.linalg.lstsq(vectors, ratings - mean - biases, rcond=None)[0],
                0.0,
            ),
            "The user has no bias. It needs a column of its own, the same in every row.",
        ),
        *(
            (answer, "The vector has lost its last number, which is taken for the bias. What multiplies the bias in X?")
            for answer in (
                lambda vectors, biases, ratings, mean: _least_squares(vectors, ratings - mean - biases),
                lambda vectors, biases, ratings, mean: _least_squares(vectors, ratings - mean),
                lambda vectors, biases, ratings, mean: _least_squares(vectors, ratings),
            )
        ),
        (
            lambda vectors, biases, ratings, mean: (
                np.linalg.lstsq(vectors, ratings - mean - biases, rcond=None)[0],
                np.mean(ratings - mean - biases),
            ),
            "The vector was found without the bias, and the bias without the vector. They have to be found together.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(
                np.column_stack([vectors, biases]), ratings - mean - biases
            ),
            "The last column holds the films' biases. What multiplies the user's bias in each rating?",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(np.column_stack([vectors, biases]), ratings - mean),
            "The last number scales the films' biases. They are known; the user's bias is what is sought.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings - np.mean(ratings) - biases),
            "You subtracted the mean of this user's ratings. The model has the mean of all ratings.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(_ones(vectors), ratings + mean + biases),
            "The known parts are added to the rating. They have to be taken away.",
        ),
        (
            lambda vectors, biases, ratings, mean: _least_squares(
                np.column_stack([np.ones(len(vectors)), vectors]), ratings - mean - biases
            ),
            "The columns stand in another order than the numbers that are read from the result: its last is the bias.",
        ),
        (
            lambda vectors, biases, ratings, mean: (
                vectors.T @ (ratings - mean - biases),
                np.sum(ratings - mean - biases),
            ),
            "These are sums of products, as in a gradient at zero. The least loss is where the gradient is zero.",
        ),
    ],
)
