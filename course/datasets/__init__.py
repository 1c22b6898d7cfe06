"""Data to train on, and its division into a part to train on and a part to test on."""

from numbers import Integral, Real
from pathlib import Path

import numpy as np

from course.engine.operation import convert_to_tensor
from course.engine.ops import gather
from course.engine.tensor import Tensor

FILES = Path(__file__).parent / "files"  # their sources and licences are in the README.md there


def line(num_examples=1000, W=3.0, b=2.0, stddev=1.0, seed=0):
    """Points around the line x·W + b, whose truth is known because we chose it.

    The inputs have the standard normal distribution, and the outputs are inputs · W + b plus Gaussian noise. They come
    from a generator of their own, which neither uses nor disturbs the seed of `random.set_seed`. At the same seed a
    larger `num_examples` gives the same points and some more, and another `stddev` the same noise, scaled.

    Args:
        num_examples: how many points, N.
        W, b: the truth.
        stddev: the noise's standard deviation, in the units of the outputs; 0 puts every point on the line.
        seed: an integer ≥ 0; the same seed gives the same points.

    Returns:
        (inputs, outputs), float32 tensors of shape (N,).

    Raises:
        TypeError: an argument is not a number, or `num_examples` or `seed` not an integer.
        ValueError: num_examples < 1, stddev < 0, seed < 0, or a number that no finite float32 holds.
    """
    num_examples = _integer("line", "num_examples", num_examples, least=1)
    W, b, stddev = (
        np.float32(n) for n in (_number("line", "W", W), _number("line", "b", b), _deviation("line", stddev))
    )
    generator = np.random.default_rng(_integer("line", "seed", seed, least=0))
    # One row for each point: more rows leave the first ones as they are.
    inputs, noise = generator.standard_normal((num_examples, 2), np.float32).T.copy()
    return Tensor(inputs), Tensor(inputs * W + b + noise * stddev)


def published_losses():
    """The 20 losses that a published training run printed, one before each epoch's update.

    The run is the one of chapter 5: f(x) = x·W + b from W = 5 and b = 0, the mean squared error over 1000 points around
    W = 3 and b = 2, learning rate 0.1. The points were not published. Source: the TensorFlow for R tutorial "Custom
    training: basics", https://tensorflow.rstudio.com/tutorials/advanced/customization/custom-training/. The run was
    computed in float32, and the numbers are as it printed them.

    Returns:
        A float64 tensor of shape (20,).
    """
    return Tensor(np.array(_PUBLISHED_LOSSES))


# fmt: off
_PUBLISHED_LOSSES = [
    9.22420692443848, 6.19532537460327, 4.27906942367554, 3.06672716140747, 2.29972267150879,
    1.81446659564972, 1.50746238231659, 1.31323146820068, 1.19034790992737, 1.11260342597961,
    1.06341695785522, 1.03229808807373, 1.01261019706726, 1.0001540184021, 0.992273688316345,
    0.987287759780884, 0.984133422374725, 0.982137799263, 0.9808748960495, 0.980076193809509,
]
# fmt: on


def circles(num_examples=1000, factor=0.5, stddev=0.1, seed=0):
    """Two classes in the plane, on two circles: class 0 at radius 1, and class 1 at radius `factor`, from 0 to 1.

    As for `moons` and `spirals`: the examples alternate between the classes, angles are uniform, Gaussian noise of
    standard deviation `stddev` moves each point, and more examples are the same and some more.

    Returns:
        (points, labels): float32 of shape (N, 2), and int32 of shape (N,).

    Raises:
        TypeError, ValueError: as `line`; or a `factor` that is not between 0 and 1.
    """
    factor = _number("circles", "factor", factor)
    if not 0 < factor < 1:
        raise ValueError(f"circles: factor is {factor}, but must lie between 0 and 1.")
    share, labels, noise = _plane("circles", num_examples, stddev, seed, num_classes=2)
    radius = np.where(labels == 0, 1, factor)
    return _points(radius * np.cos(2 * np.pi * share), radius * np.sin(2 * np.pi * share), noise), Tensor(labels)


def moons(num_examples=1000, stddev=0.1, seed=0):
    """Two classes in the plane, on two half circles of radius 1 that reach into each other.

    Class 0 is the upper half of the circle around (0, 0), and class 1 the lower half of that around (1, 0.5). Otherwise
    as `circles`.
    """
    share, labels, noise = _plane("moons", num_examples, stddev, seed, num_classes=2)
    side = np.where(labels == 0, 1, -1)
    x, y = side * np.cos(np.pi * share), side * np.sin(np.pi * share)
    return _points(x + labels, y + 0.5 * labels, noise), Tensor(labels)


def spirals(num_examples=1000, num_classes=2, turns=1.0, stddev=0.02, seed=0):
    """Classes in the plane, on the arms of a spiral: each runs from the middle to radius 1 in `turns` turns.

    The arms are `num_classes`, at equal angles. Otherwise as `circles`.
    """
    num_classes = _integer("spirals", "num_classes", num_classes, least=2)
    turns = _number("spirals", "turns", turns)
    share, labels, noise = _plane("spirals", num_examples, stddev, seed, num_classes)
    angle = 2 * np.pi * (turns * share + labels / num_classes)
    return _points(share * np.cos(angle), share * np.sin(angle), noise), Tensor(labels)


def ratings(num_users=100, num_items=50, rank=2, num_ratings=2000, stddev=0.1, seed=0):
    """Ratings of items by users, made from vectors that are known because we chose them.

    The rating of item i by user u is user_factors[u] · item_factors[i] plus Gaussian noise. The factors have the
    standard normal distribution, divided by the fourth root of `rank`, so that ratings have variance 1 + stddev².

    Args:
        num_users, num_items: how many of each.
        rank: the number of elements of each vector.
        num_ratings: how many pairs of a user and an item have a rating; they are drawn at random, none twice.
        stddev: the noise's standard deviation; no model's mean square error is below its square, except by chance.
        seed: an integer ≥ 0; the same seed gives the same table.

    Returns:
        (pairs, ratings), (user_factors, item_factors): `pairs` are int32 of shape (num_ratings, 2), a user and an item
        in each row, and `ratings` float32 of shape (num_ratings,); the factors are float32 of shapes (num_users, rank)
        and (num_items, rank). Factors are known only up to a rotation: turn both, and every rating stays.

    Raises:
        TypeError, ValueError: as `line`; or more ratings than there are pairs.
    """
    num_users, num_items, rank, num_ratings = (
        _integer("ratings", name, value, least=1)
        for name, value in (
            ("num_users", num_users), ("num_items", num_items), ("rank", rank), ("num_ratings", num_ratings)
        )
    )  # fmt: skip
    if num_ratings > num_users * num_items:
        raise ValueError(
            f"ratings: {num_ratings} ratings, but {num_users} users and {num_items} items make only "
            f"{num_users * num_items} pairs."
        )
    stddev = _deviation("ratings", stddev)
    generator = np.random.default_rng(_integer("ratings", "seed", seed, least=0))
    users, items = (generator.standard_normal((n, rank), np.float32) / rank**0.25 for n in (num_users, num_items))
    users, items = users.astype(np.float32), items.astype(np.float32)
    chosen = generator.choice(num_users * num_items, num_ratings, replace=False)
    pairs = np.stack([chosen // num_items, chosen % num_items], axis=1).astype(np.int32)
    noise = generator.standard_normal(num_ratings, np.float32) * np.float32(stddev)
    values = np.sum(users[pairs[:, 0]] * items[pairs[:, 1]], axis=1) + noise
    return (Tensor(pairs), Tensor(values)), (Tensor(users), Tensor(items))


def penguins():
    """Measurements of 342 penguins near Palmer Station, Antarctica, from 2007 to 2009.

    Of the 344 in the original table two were not measured, and are left out. Source: Gorman, Williams and Fraser
    (2014), PLoS ONE 9(3): e90081; CC0. `files/README.md` says more.

    Returns:
        A dict of columns with an element for each penguin: float32 tensors `flipper_length_mm`, `bill_length_mm`,
        `bill_depth_mm` (millimetres) and `body_mass_g` (grams), an int32 tensor `year`, and NumPy arrays of text
        `species` (Adelie, Chinstrap, Gentoo), `island` and `sex` ("NA" for nine of unknown sex).
    """
    header, *rows = np.loadtxt(FILES / "penguins.csv", delimiter=",", dtype=str)
    measured = [row for row in rows if "NA" not in row[2:6]]
    columns = dict(zip(header.tolist(), np.array(measured).T))
    for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"):
        columns[name] = Tensor(columns[name].astype(np.float32))
    return columns | {"year": Tensor(columns["year"].astype(np.int32))}


def first_names():
    """973 first names, in lower case and in alphabetical order: 500 of women and 500 of men, some of them both.

    Source: the most frequent first names of the 1990 census, U.S. Census Bureau; in the public domain.
    `files/README.md` says more.

    Returns:
        A list of text.
    """
    return (FILES / "names.txt").read_text(encoding="ascii").split()


def digits():
    """1,797 handwritten digits, written by 13 people.

    Source: Alpaydin and Kaynak (1998), "Optical Recognition of Handwritten Digits", the test set; CC BY 4.0.
    `files/README.md` says more.

    Returns:
        (images, labels): float32 of shape (1797, 8, 8), from 0 (paper) to 1 (ink): the share of the 16 finer pixels,
        that each one was made from, with ink; and int32 of shape (1797,), the digits 0 to 9.
    """
    table = np.loadtxt(FILES / "digits.csv.gz", delimiter=",", dtype=np.uint8)
    images, labels = np.split(table, [64], axis=1)
    return Tensor((images / np.float32(16)).reshape(-1, 8, 8)), Tensor(labels[:, 0].astype(np.int32))


def train_test_split(inputs, outputs, test_fraction=0.2, seed=0):
    """Divides examples at random into those to train on and those kept back for the test.

    Args:
        inputs, outputs: tensors or arrays with one row for each of N examples.
        test_fraction: the share of the examples to keep back, between 0 and 1; their number is rounded.
        seed: an integer ≥ 0; the same seed divides in the same way.

    Returns:
        (train_inputs, train_outputs), (test_inputs, test_outputs): tensors of the same dtypes. Each example is in one
        of the two parts, its input and its output at the same place, the examples in random order.

    Raises:
        TypeError: `test_fraction` is not a number, or `seed` not an integer.
        ValueError: unequal numbers of inputs and outputs, a fraction that is not between 0 and 1 or leaves a part
            empty, or seed < 0.
    """
    inputs, outputs = convert_to_tensor(inputs), convert_to_tensor(outputs)
    if not inputs.ndim or not outputs.ndim or len(inputs) != len(outputs):
        raise ValueError(
            f"train_test_split: inputs of shape {inputs.shape} and outputs of shape {outputs.shape}. Give one row of "
            f"each for every example."
        )
    test_fraction = _number("train_test_split", "test_fraction", test_fraction)
    if not 0 < test_fraction < 1:
        raise ValueError(f"train_test_split: test_fraction is {test_fraction}, but must lie between 0 and 1.")
    num_test = round(test_fraction * len(inputs))
    if not 0 < num_test < len(inputs):
        raise ValueError(
            f"train_test_split: {num_test} of {len(inputs)} examples would be for the test (test_fraction "
            f"{test_fraction}), and both parts need at least one. Change test_fraction, or use more examples."
        )
    # The 1 makes the order independent of what `line` draws from the same seed.
    generator = np.random.default_rng((_integer("train_test_split", "seed", seed, least=0), 1))
    order = generator.permutation(len(inputs))
    test, train = order[:num_test], order[num_test:]
    return (gather(inputs, train), gather(outputs, train)), (gather(inputs, test), gather(outputs, test))


def _plane(function, num_examples, stddev, seed, num_classes):
    """For N points on curves: how far along each is (from 0 to 1), its class, and its noise, of shape (N, 2)."""
    num_examples = _integer(function, "num_examples", num_examples, least=1)
    stddev, seed = _deviation(function, stddev), _integer(function, "seed", seed, least=0)
    # Two generators, so that more examples leave the first ones as they are.
    share = np.random.default_rng((seed, 2)).random(num_examples)
    noise = np.random.default_rng((seed, 3)).standard_normal((num_examples, 2)) * stddev
    return share, np.arange(num_examples, dtype=np.int32) % num_classes, noise


def _points(x, y, noise):
    return Tensor((np.stack([x, y], axis=1) + noise).astype(np.float32))


def _deviation(function, stddev):
    stddev = _number(function, "stddev", stddev)
    if stddev < 0:
        raise ValueError(f"{function}: stddev is {stddev}, but a standard deviation is 0 or more.")
    return stddev


def _integer(function, name, value, least):
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {name} must be an integer, not {value!r}.")
    if value < least:
        raise ValueError(f"{function}: {name} is {value}, but must be at least {least}.")
    return int(value)


def _number(function, name, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {name} must be a number, not {value!r}.")
    if not abs(float(value)) <= float(np.finfo(np.float32).max):  # not true of NaN either
        raise ValueError(f"{function}: {name} is {value}, but must be a finite float32.")
    return float(value)
