"""Exercises of chapter 3."""

import numpy as np

import course as tf
from course.check.base import Task


def _points(rng, num_examples=6):
    """Inputs and outputs around some line."""
    inputs = rng.normal(size=num_examples).round(2)
    outputs = (rng.normal(3.0, 1.0) * inputs + rng.normal(2.0, 1.0) + rng.normal(size=num_examples)).round(2)
    return tf.constant(inputs, tf.float32), tf.constant(outputs, tf.float32)


# The gradient of L1


def _residual_inputs(rng):
    inputs, outputs = _points(rng)
    return {"inputs": inputs, "residuals": 5.0 * inputs - outputs}


def _l1_gradient(inputs, residuals):
    signs = tf.sign(residuals)
    return tf.reduce_mean(signs * inputs), tf.reduce_mean(signs)


l1_gradient = Task(
    why="Under L1 every point pulls with the same force, however far away it is. That is why one outlier cannot win.",
    hints=[
        "How fast does |r| grow with r, where r is positive, and where it is negative?",
        "The residual grows with W at the rate of the input, and with b at the rate 1.",
    ],
    inputs=_residual_inputs,
    parts=("dW", "db"),
    solution=_l1_gradient,
    mistakes=[
        (
            lambda x, r: (2 * tf.reduce_mean(tf.sign(r) * x), 2 * tf.reduce_mean(tf.sign(r))),
            "There is a factor of 2 too many. It comes from the square, and L1 has none.",
        ),
        (
            lambda x, r: (2 * tf.reduce_mean(r * x), 2 * tf.reduce_mean(r)),
            "This is the gradient of the L2 loss, in which the size of a residual counts.",
        ),
        (
            lambda x, r: (tf.reduce_mean(r * x), tf.reduce_mean(r)),
            "The size of the residuals still counts. Under L1 only their signs do.",
        ),
        (
            lambda x, r: (-tf.reduce_mean(tf.sign(r) * x), -tf.reduce_mean(tf.sign(r))),
            "The sign is flipped. Where predictions are too high, a larger b makes the loss larger.",
        ),
        (
            lambda x, r: (tf.reduce_sum(tf.sign(r) * x), tf.reduce_sum(tf.sign(r))),
            "You summed where the loss averages: the factor 1/N is missing.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r)), tf.reduce_mean(tf.sign(r) * x)),
            "The two gradients are exchanged: the first should be the one with respect to W.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.abs(r) * x), tf.reduce_mean(tf.abs(r))),
            "This contains the loss, |r|. How fast does it change with r?",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) * x), tf.reduce_mean(r)),
            "`dW` is right. In `db` the size of the residuals still counts.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(x) * x), tf.reduce_mean(tf.sign(x))),
            "These are the signs of the inputs. Is the loss made of inputs, or of residuals?",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(x) * x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. In `dW` stands the sign of the inputs. Whose sign counts?",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) * x), tf.ones([])),
            "`dW` is right. In `db` the signs are missing, as if every residual were positive.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r * x)), tf.reduce_mean(tf.sign(r))),
            "`db` is right. In `dW` the sign has taken the size of the input away, too.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r)), tf.reduce_mean(tf.sign(r))),
            "`db` is right. In `dW` the input is missing.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r)) * tf.reduce_mean(x), tf.reduce_mean(tf.sign(r))),
            "`dW` is a product of means. The mean of the products is another number.",
        ),
        (
            lambda x, r: (tf.sign(r) * x, tf.sign(r)),
            "There is a number for each point. The loss is a mean over the points, and so is its gradient.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) * x), -tf.reduce_mean(tf.sign(r))),
            "`dW` is right. The sign of `db` is flipped.",
        ),
        (
            lambda x, r: (-tf.reduce_mean(tf.sign(r) * x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. The sign of `dW` is flipped.",
        ),
        (
            lambda x, r: (tf.reduce_mean(r * x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. In `dW` the size of the residuals still counts.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) * x), tf.reduce_sum(tf.sign(r))),
            "`dW` is right. `db` is a sum where the loss averages.",
        ),
        (
            lambda x, r: (tf.reduce_sum(tf.sign(r) * x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. `dW` is a sum where the loss averages.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) * x), tf.reduce_mean(tf.sign(r) * x)),
            "`dW` is right. In `db` the input is a factor too many: the residual grows with b at the rate 1.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) * x), tf.reduce_mean(tf.abs(r))),
            "`dW` is right. `db` is the loss itself. How fast does it change with r?",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.abs(r) * x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. `dW` contains the loss, |r|. How fast does it change with r?",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) + x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. In `dW` the input is added. It is a factor.",
        ),
        (
            lambda x, r: (tf.reduce_mean(tf.sign(r) / x), tf.reduce_mean(tf.sign(r))),
            "`db` is right. In `dW` you divide by the input. It is a factor.",
        ),
        (
            lambda x, r: (tf.sign(tf.reduce_mean(r)) * tf.reduce_mean(x), tf.sign(tf.reduce_mean(r))),
            "This is the sign of the mean residual. Each residual has a sign of its own.",
        ),
        (
            lambda x, r: (tf.reduce_mean(x), tf.ones([])),
            "The signs are missing, as if every residual were positive.",
        ),
    ],
)

# One number for many

best_constant = Task(
    why="L2 finds the mean and L1 the median: choosing a loss is choosing what a prediction stands for.",
    hints=[
        "Compute both losses for every c from 0 to 100 in steps of 0.5, and take the c of the smallest.",
        "`np.argmin` says at which index an array is smallest.",
    ],
    solution={"L2": 22.0, "L1": 3.0},
    mistakes=[
        ({"L2": 3.0, "L1": 22.0}, "You have exchanged them. Which loss does the single large output move more?"),
        ({"L1": 22.0}, "This is right for L2. Is L1 really as impressed by the output of 100?"),
        ({"L2": 3.0}, "This is right for L1. Under L2, a residual of 97 counts 9409."),
        ({"L2": 2.5, "L1": 2.5}, "This leaves the large output out. A loss counts every point."),
        ({"L2": 50.5, "L1": 50.5}, "This is half way between the smallest and the largest. The others count, too."),
        ({"L2": 44.0, "L1": 6.0}, "Both are twice too large. Are these two c, or their places in steps of 0.5?"),
        ({"L2": 1522.0, "L1": 20.2}, "These are the smallest losses. Which c do they belong to?"),
        ({"L1": 2.5}, "L2 is right. L1 is the middle of the four small outputs: the large one counts as one above."),
        ({"L2": 2.5}, "L1 is right. Under L2 the large output counts, too, and by its square."),
        ({"L2": 50.0}, "L1 is right. L2 is the middle of the range, where only the two outermost outputs count."),
        ({"L2": 44.0}, "L1 is right. Is L2 a `c`, or its place in steps of 0.5?"),
        ({"L1": 6.0}, "L2 is right. Is L1 a `c`, or its place in steps of 0.5?"),
        ({"L1": 20.2}, "L2 is right. This is the smallest L1 loss. Which c does it belong to?"),
        ({"L2": 1522.0}, "L1 is right. This is the smallest L2 loss. Which c does it belong to?"),
        ({"L2": 110.0}, "L1 is right. L2 is the sum of the outputs: the division by their number is missing."),
        (
            {"L2": 0.0, "L1": 0.0},
            "Is this the index of the smallest loss, or the first c? Each loss has a lowest point between.",
        ),
        ({"L1": 2.0}, "L2 is right. For L1, as many outputs should lie above c as below it."),
    ],
)

# One parameter at a time


def _turn_inputs(rng):
    inputs, outputs = _points(rng)
    return {"b": round(rng.normal(), 1), "inputs": inputs, "outputs": outputs}


best_W = Task(
    why="With one parameter held, the loss is a parabola whose lowest point has a formula. Training needs none.",
    hints=[
        "The derivative of the loss with respect to W is the mean of 2 · (x W + b − y) · x. Where is it zero?",
        "Bring the terms with W to one side: W · mean(x²) = ….",
    ],
    inputs=_turn_inputs,
    solution=lambda b, x, y: tf.reduce_mean(x * (y - b)) / tf.reduce_mean(x * x),
    mistakes=[
        (
            lambda b, x, y: -tf.reduce_mean(x * (y - b)) / tf.reduce_mean(x * x),
            "The sign is flipped: a term has changed sides without changing its sign.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * y) / tf.reduce_mean(x * x),
            "`b` is missing: this is the best W only where b is 0.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y + b)) / tf.reduce_mean(x * x),
            "The sign of `b` is flipped.",
        ),
        (
            lambda b, x, y: tf.reduce_sum(x * (y - b)) / tf.reduce_mean(x * x),
            "A sum is divided by a mean, so the result grows with the number of points.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(y - b) / tf.reduce_mean(x),
            "The factor x is missing: the derivative with respect to W has one more than that with respect to b.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y - b)) / tf.square(tf.reduce_mean(x)),
            "You divided by the square of the mean. The formula has the mean of the squares.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(y - b * x),
            "This is the best b, with `b` in the place of W: the derivative was taken with respect to the wrong one.",
        ),
        (
            lambda b, x, y: np.polyfit(np.asarray(x), np.asarray(y), 1)[0],
            "This is the best W together with the best b. Here b is given, and stays as it is.",
        ),
        (
            lambda b, x, y: tf.reduce_mean((y - b) / x),
            "This is the mean of a slope for each point, in which points near x = 0 count the most.",
        ),
        (
            lambda b, x, y: 2 * tf.reduce_mean(x * (y - b)) / tf.reduce_mean(x * x),
            "Twice as large as it should be: the 2 of the derivative is in every term, and cancels.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y - b)),
            "The division is missing: W stands before a mean, too.",
        ),
        (
            lambda b, x, y: tf.reduce_sum(x * (y - b)),
            "The division is missing: W stands before a sum, too.",
        ),
        (
            lambda b, x, y: tf.reduce_sum(x * (y - b)) / tf.square(tf.reduce_sum(x)),
            "You divided by the square of the sum. The formula has the sum of the squares.",
        ),
        (
            lambda b, x, y: tf.reduce_sum((y - b) / x),
            "This adds up a slope for each point. One W has to serve all of them.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y - b)) / tf.reduce_sum(x * x),
            "A mean is divided by a sum: a factor of 1/N is left over.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * x) / tf.reduce_mean(x * (y - b)),
            "The fraction is upside down.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y - b)) * tf.reduce_mean(x * x),
            "You multiplied by the mean of the squares. Solved for W, it is a division.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * y) - b,
            "The formula is that of inputs whose mean square is 1, and `b` lacks its factor x.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * y - b) / tf.reduce_mean(x * x),
            "`b` is subtracted after the multiplication by x, and has to be multiplied, too: the difference "
            "needs parentheses.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x) * tf.reduce_mean(y - b) / tf.reduce_mean(x * x),
            "Above is a product of means. The mean of the products is another number.",
        ),
        (
            lambda b, x, y: x * (y - b) / (x * x),
            "There is a number for each point. Which W is best for all of them?",
        ),
        (
            lambda b, x, y: tf.reduce_mean(y - b) / tf.reduce_mean(x * x),
            "Above, the factor x is missing.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y - b)) / tf.reduce_mean(x),
            "Below stands the mean of x. It should be that of its square.",
        ),
        (
            lambda b, x, y: tf.reduce_mean(x * (y - b)) / tf.reduce_mean(tf.abs(x)),
            "Below stands the mean size of x. It should be that of its square.",
        ),
    ],
)

# Both in turn

moves_in_turn = Task(
    why="Each move is exact, and still they never quite arrive: the best W depends on b, and the best b on W.",
    hints=[
        "The derivative with respect to b is the mean of 2 · (x W + b − y). Where is it zero?",
        "In a loop: a move of b, the loss, a move of W, the loss. Count each of them, and stop below 0.501.",
    ],
    solution={"moves": 4, "loss": 0.50049305},
    mistakes=[
        ({"moves": 2}, "The loss is right. Count each move, of b and of W, and not the pairs."),
        ({"moves": 3, "loss": 0.51084711}, "There the loss is still above 0.501."),
        ({"moves": 5, "loss": 0.50002241}, "One move earlier the loss is below 0.501 already."),
        ({"moves": 3}, "The loss is right. Is the first move counted as 0?"),
        ({"moves": 5}, "The loss is right. Was the start counted as a move?"),
        ({"moves": 4, "loss": 0.70745533}, "This is the root of the loss. The L2 loss itself is asked for."),
        ({"moves": 4, "loss": 4.0039444}, "This is the sum of the squares. The loss is their mean."),
        ({"moves": 4, "loss": 0.501}, "The number of moves is right. What is the loss itself, after the last of them?"),
        ({"moves": 4, "loss": 0.5}, "The number of moves is right. The loss is not yet the lowest one of all."),
        ({"moves": 1, "loss": 5.75}, "That is the first move. The loss is not below 0.501 yet."),
    ],
)

# Where to put the bend


def _slopes(*slopes):
    return dict(zip(("delta 0.1", "delta 4", "delta 20"), slopes, strict=True))


bend_slopes = Task(
    why="Huber lies between two losses that you know, and its bend says how far a point may go before it counts less.",
    hints=[
        "`huber` takes `delta` as its second argument: `lambda residuals: huber(residuals, 0.1)` fits in `fit`.",
        "`fit(point_loss, spoiled)` gives W and b of the best line on the grid.",
    ],
    solution=_slopes(2.9, 1.9, 0.3),
    mistakes=[
        (_slopes(2.7, 2.7, 2.7), "All three are for the `delta` of 1 that the function has by default."),
        (
            _slopes(0.3, 1.9, 2.9),
            "They are in the opposite order: a large `delta` bends late, and is L2 for most points.",
        ),
        (_slopes(1.6, 1.4, 0.7), "These are the values of b. The slope is W."),
        (_slopes(3.0, 3.0, 3.0), "Are these the data without the slip? The last output should be −8."),
        (_slopes(3.2, 3.0, 3.0), "This is the fit to the data without the slip. The last output should be −8."),
        (_slopes(0.3, 0.3, 0.3), "All three are L2's slope. Does `delta` reach the loss?"),
        ({"delta 0.1": 3.0}, "The others are right. The fit goes towards L1's line. At 0.1 it is not quite there."),
        ({"delta 4": 2.7}, "The others are right. This is the slope at a `delta` of 1."),
        ({"delta 4": 2.4}, "The others are right. This is the slope at a `delta` of 2."),
        ({"delta 4": 0.7}, "The others are right. This is the slope at a `delta` of 8."),
        (_slopes(39, 29, 13), "These are places on the grid. Which W stands there?"),
    ],
)
