"""Exercises of chapter 1."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import number
from course.check.source import HandedOver, slips

# A mean that keeps up


def _mean_inputs(rng):
    return {"values": (10 * rng.normal(size=4)).round(1).tolist()}


def _means(update, values):
    total, count = tf.Variable(0.0), tf.Variable(0.0)
    means = [number(update(total, count, value)) for value in values]
    return {"means": np.array(means), "count at the end": float(count)}


def _mean(total, count, value):
    total.assign_add(value)
    count.assign_add(1.0)
    return total / count


def _mean_without_count(total, count, value):
    total.assign_add(value)
    return total / count


def _mean_with_values_counted(total, count, value):
    total.assign_add(value)
    count.assign_add(value)
    return total / count


def _mean_with_count_set(total, count, value):
    total.assign_add(value)
    count.assign(1.0)
    return total / count


def _mean_with_count_rebound(total, count, value):
    total.assign_add(value)
    count = count + 1.0
    return total / count


def _mean_with_both_rebound(total, count, value):
    total = total + value
    count = count + 1.0
    return total / count


def _mean_read_too_early(total, count, value):
    mean = total / count
    total.assign_add(value)
    count.assign_add(1.0)
    return mean


def _mean_of_the_last(total, count, value):
    total.assign(value)
    count.assign_add(1.0)
    return total / count


def _mean_with_operator(total, count, value):
    total.assign_add(value)
    count += 1.0
    return total / count


running_mean = Task(
    why="Two variables stand for any number of values: metrics keep the mean loss of an epoch in this way.",
    hints=[
        "After n values, `count` must hold n. What does it hold before the first one?",
        "By how much does `count` change for one value, whatever the value is?",
    ],
    inputs=_mean_inputs,
    observe=_means,
    solution=_mean,
    mistakes=[
        (_mean_without_count, "`count` never changes, so the total is divided by 0."),
        (_mean_with_values_counted, "`count` adds up the values. It should say how many there were."),
        (_mean_with_count_set, "`count` is the same after each value: it is set where it should grow."),
        (
            _mean_with_count_rebound,
            "`count = …` binds the name to a new tensor within the function, and the variable stays 0. "
            "Only the assign methods change a variable.",
        ),
        (
            _mean_with_both_rebound,
            "Both names are bound to new tensors within the function, and both variables stay 0. "
            "Only the assign methods change a variable.",
        ),
        (_mean_read_too_early, "The mean is read before the variables are updated, so it is always one value behind."),
        (_mean_of_the_last, "`total` is replaced by each value. It should grow by it."),
        (_mean_with_operator, "`+=` would bind the name to a new tensor, so a variable refuses it. It has a method."),
        *slips(
            _mean,
            {
                ("return total / count", "return total"): "This is the sum so far. The division by how many there "
                "were is missing.",
                ("return total / count", "return count / total"): "The fraction is upside down: a mean is a sum "
                "divided by a number of values.",
                ("return total / count", "return total * count"): "The sum is multiplied by the number of values, "
                "where it is divided by it.",
                ("    total.assign_add(value)\n", ""): "`total` never changes, so every mean is 0. It should grow "
                "by each value.",
                ("total.assign_add", "total.assign_sub"): "The value is subtracted from `total`, so each mean has "
                "the wrong sign.",
                ("count.assign_add", "count.assign_sub"): "`count` runs below zero: each value makes it smaller, "
                "where it should make it larger.",
                ("count.assign_add(1.0)", "count.assign_add(2.0)"): "Each value is counted twice, so the means "
                "are half of what they should be.",
                ("count.assign_add(1.0)", "count.assign_add(count + 1.0)"): "`assign_add` adds to what is there "
                "already. By `count + 1` it more than doubles.",
                ("count.assign_add(1.0)", "count.assign_add(total)"): "`count` adds up the sums. One value more "
                "has come, whatever it is.",
            },
        ),
    ],
)

# Four names

four_names = Task(
    why="Whoever knows which names follow a variable can say what a training loop's history list will hold.",
    hints=[
        "Which of the three names on the left stands for the variable itself, and which for a value read from it?",
        "`assign_add(v)` reads `v` first, and then adds what it has read.",
    ],
    solution={"a": 6.0, "b": 2.0, "c": 2.0, "v": 6.0},
    mistakes=[
        ({"a": 2.0}, "`a = v` makes no copy. Both names stand for one variable."),
        (
            {"a": 8.0, "b": 8.0, "c": 2.0, "v": 8.0},
            "`1 * v` was computed once, from a read. It does not follow the variable.",
        ),
        (
            {"c": 6.0},
            "`.numpy()` gives an array with the value of that moment. It does not follow the variable.",
        ),
        ({"a": 4.0, "b": 2.0, "c": 2.0, "v": 4.0}, "There are two updates, and you have made only one of them."),
        ({"v": 4.0}, "`a` and `v` are one variable, and cannot differ."),
        (
            {"a": 2.0, "b": 2.0, "c": 2.0, "v": 4.0},
            "There are two updates, and `a = v` makes no copy: one of the names follows them.",
        ),
        (
            {"a": 6.0, "b": 6.0, "c": 6.0, "v": 6.0},
            "Not every name follows the variable: `1 * v` and `.numpy()` are read once.",
        ),
        (
            {"a": 8.0, "b": 4.0, "c": 2.0, "v": 8.0},
            "`b` was computed before the first update, so it is not what `v` is after it.",
        ),
        ({"b": 6.0}, "`1 * v` is a tensor with the value of that moment. It does not follow the variable."),
        ({"b": 4.0}, "`b` is a value that was read before the first update, and nobody computes it again."),
        ({"a": 2.0, "v": 2.0}, "`assign_add` changes the variable, and there are two of them."),
        ({"a": 4.0}, "`a` and `v` are one variable, and cannot differ."),
    ],
)

# The model that never learns


def _step_inputs(rng):
    return {"W": 5.0, "gradient": round(rng.normal(4.0, 2.0), 1)}


def _three_steps(step, W, gradient):
    variable = tf.Variable(W)
    for _ in range(3):
        step(variable, gradient)
    return {"W after three steps": float(variable)}


def _step(W, gradient):
    W.assign_sub(0.1 * gradient)


def _step_uphill(W, gradient):
    W.assign_add(0.1 * gradient)


def _step_assigned(W, gradient):
    W.assign(-0.1 * gradient)


def _step_without_rate(W, gradient):
    W.assign_sub(gradient)


def _step_refused(W, gradient):
    W -= 0.1 * gradient


lost_update = Task(
    why="A model that does not improve, without any error: look for an `=` where an assign belongs.",
    hints=[
        "What does the name `W` inside the function stand for after its only line, and what outside?",
        "A variable changes by its methods only. The section “Add and subtract” has the one that you need.",
    ],
    inputs=_step_inputs,
    observe=_three_steps,
    solution=_step,
    broken=HandedOver(
        """
        def step(W, gradient):
            W = W - 0.1 * gradient
        """,
        "W is what it was, after three steps: whatever the function does with the name `W`, the variable never "
        "changes.",
    ),
    mistakes=[
        (_step_uphill, "The step is added. A positive gradient has to make W smaller."),
        (_step_assigned, "W is replaced by the step. The step should be taken from where W is."),
        (
            lambda W, gradient: W.assign(0.1 * gradient),
            "After a step W is 0.1 times the gradient, wherever it was before. `assign_sub` takes the step alone, and "
            "`assign` the whole new value: what did you give to which?",
        ),
        (
            lambda W, gradient: W.assign_add(W - 0.1 * gradient),
            "W about doubles at each step: the new value is added to the old one. `assign_sub` takes the step alone.",
        ),
        (lambda W, gradient: W.assign_sub(gradient / 0.1), "The step is divided by 0.1, so it is 100 times too long."),
        (lambda W, gradient: W.assign_sub(0.1 + gradient), "The learning rate is added to the gradient, not a factor."),
        (
            lambda W, gradient: W.assign_sub(0.01 * gradient),
            "The steps are ten times too short: 0.1 is the learning rate.",
        ),
        (lambda W, gradient: W.assign_sub(0.1 * W), "The step is a tenth of W. The gradient is missing."),
        (
            lambda W, gradient: W.assign_sub(0.1 * gradient * W),
            "W is a factor of the step. A step is the learning rate times the gradient, wherever W is.",
        ),
        (lambda W, gradient: W.assign(-gradient), "W is replaced by the gradient. A step begins where W is."),
        (_step_without_rate, "The steps are ten times too long: the learning rate of 0.1 is missing."),
        (_step_refused, "`-=` would bind the name to a new tensor, so a variable refuses it."),
        (lambda W, gradient: W.assign_sub(0.1), "The gradient is missing: every step has the same length."),
    ],
)

# Memory that fades


def _average_inputs(rng):
    return {"start": round(rng.normal(), 1), "values": (5 * rng.normal(size=3)).round(1).tolist()}


def _averages(Average, start, values):
    average = Average(start)
    means = []
    for value in values:
        average.update(value)
        means.append(number(average.mean, "mean"))
    return {
        "means": np.array(means),
        "mean is a variable": isinstance(average.mean, tf.Variable),
        "trainable variables": len(getattr(average, "trainable_variables", ())),
    }


class _Average(tf.Module):
    def __init__(self, start):
        self.mean = tf.Variable(start, trainable=False)

    def update(self, value):
        self.mean.assign_add(0.1 * (value - self.mean))


class _TrainableAverage(_Average):
    def __init__(self, start):
        self.mean = tf.Variable(start)


class _AverageThatJumps(_Average):
    def update(self, value):
        self.mean.assign(value)


class _AverageThatFlees(_Average):
    def update(self, value):
        self.mean.assign_sub(0.1 * (value - self.mean))


class _AverageThatAdds(_Average):
    def update(self, value):
        self.mean.assign_add(0.1 * value)


class _AverageThatForgets(_Average):
    def update(self, value):
        self.mean.assign(0.1 * self.mean + 0.9 * value)


class _AverageRebound(_Average):
    def update(self, value):
        self.mean = self.mean + 0.1 * (value - self.mean)


class _AverageReplaced(_Average):
    def update(self, value):
        self.mean.assign(0.1 * (value - self.mean))


class _AverageOfATenth(_Average):
    def update(self, value):
        self.mean.assign_add(0.1 * value - self.mean)


fading_mean = Task(
    why="Momentum, RMSprop and Adam are such averages of gradients, and batch normalization keeps such a mean.",
    hints=[
        "The way from `mean` to `value` is their difference. How much of it is one step?",
        "Would you want gradient descent to change what the average remembers? `tf.Variable` has an argument for that.",
    ],
    inputs=_average_inputs,
    observe=_averages,
    solution=_Average,
    mistakes=[
        (
            _TrainableAverage,
            "The means are right. But `mean` is trainable, so an optimizer would count it among the parameters.",
        ),
        (_AverageThatJumps, "`mean` goes all the way to the value, and remembers nothing."),
        (_AverageThatFlees, "`mean` moves away from the value: the sign of the step is flipped."),
        (_AverageThatAdds, "A tenth of the value is added. A tenth of the way to the value is something else."),
        (_AverageThatForgets, "`mean` goes nine tenths of the way: the two weights are exchanged."),
        (_AverageRebound, "`self.mean = …` replaces the variable by a tensor. Assign to it instead."),
        (_AverageReplaced, "`mean` is replaced by the step. It should move by it."),
        *slips(
            _Average,
            {
                ("self.mean.assign_add(0.1 * (value - self.mean))", "return self.mean"): "`mean` stays where it "
                "started: the new value is computed, perhaps, and never assigned.",
                ("0.1 * (value - self.mean)", "0.1 * value + 0.9 * self.mean"): "The new value is added to the "
                "old one, so `mean` nearly doubles. `assign_add` takes the step alone.",
                ("0.1 * (value - self.mean)", "value - self.mean / 10"): "`mean` takes all of the value. A tenth "
                "of their difference is the step.",
                ("0.1 * (value - self.mean)", "(value - self.mean) / 2"): "`mean` goes half of the way. It should "
                "go a tenth.",
                ("0.1 * (value - self.mean)", "0.1 * (value + self.mean)"): "The sum of `value` and `mean` is no "
                "way between them. The way is their difference.",
                ("0.1 * (value - self.mean)", "0.1 / (value - self.mean)"): "You divided by the way to the value. "
                "A tenth of it is the step.",
                ("0.1 * (value - self.mean)", "0.1 + (value - self.mean)"): "`mean` goes all the way, and 0.1 "
                "further. The 0.1 is a factor.",
                ("0.1 * (value - self.mean)", "0.01 * (value - self.mean)"): "`mean` goes a hundredth of the way. "
                "It should go a tenth.",
                (("tf.Variable(start, trainable=False)", "start"), ("assign_add(0.1", "real + (0.1")): (
                    "`mean` is a plain number here. Make it a variable, which `update` assigns to."
                ),
                ("tf.Variable(start, trainable=False)", "tf.Variable(0.0, trainable=False)"): (
                    "`mean` starts at 0, whatever `start` says."
                ),
            },
        ),
        (_AverageOfATenth, "A tenth of `value` is taken, and then all of `mean`: the difference needs parentheses."),
    ],
)

# How long it remembers

LEFT = 0.9**20  # of a distance, after 20 updates

fading_distance = Task(
    why="An average with the factor 0.9 looks back some ten values: Adam's averages of gradients forget in this way.",
    hints=[
        "Make an `Average(0.0)`, call `update(5.0)` 20 times in a loop, and print its `mean`.",
        "An update goes a tenth of the way. How much of the distance is left after one, and after two?",
    ],
    solution={"from 0": 5 * LEFT, "from 100": 95 * LEFT},
    mistakes=[
        (
            {"from 0": 5 - 5 * LEFT, "from 100": 5 + 95 * LEFT},
            "This is where `mean` is. How far is it from 5?",
        ),
        ({"from 0": 5 - 5 * LEFT, "from 100": 95 - 95 * LEFT}, "This is how far `mean` has come. How far is it still?"),
        ({"from 0": LEFT, "from 100": LEFT}, "This is the factor. How far is `mean` from 5 in each case?"),
        ({"from 0": -5 * LEFT}, "A distance has no sign: this is `mean` minus 5."),
        ({"from 0": -5 * LEFT, "from 100": -95 * LEFT}, "A distance has no sign."),
        ({"from 0": 95 * LEFT, "from 100": 5 * LEFT}, "You have exchanged them. Which start is farther from 5?"),
        ({"from 0": 4.5, "from 100": 85.5}, "This is after a single update. There are 20."),
        ({"from 0": 0.0, "from 100": 0.0}, "No step goes all the way, so something is always left."),
        ({"from 0": 5 * 0.9**19, "from 100": 95 * 0.9**19}, "One update is missing."),
        ({"from 0": 5 * 0.9**21, "from 100": 95 * 0.9**21}, "That is one update too many."),
        ({"from 100": 100 * LEFT}, "The distance from 100 to 5 is not 100."),
        (
            {"from 100": 5 * LEFT},
            "At first the two are 5 and 95 away. The share that is left is the same, not the rest.",
        ),
        (
            {"from 0": 5 * 0.99**20, "from 100": 95 * 0.99**20},
            "`mean` goes a hundredth of the way. It should go a tenth.",
        ),
    ],
)
