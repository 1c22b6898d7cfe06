"""The exercises of chapter 5 that are about the learning rate alone."""

import functools

import numpy as np

from course import datasets
from course.check.base import Task
from course.check.observation import number
from course.check.source import slips

# Inputs far from zero

CHAPTERS_LIMIT = 0.9255  # of the learning rate, on the data of the chapter


def _epochs(curvatures, fraction, part=0.9, flat=np.min, sharp=np.max, rounded=np.ceil):
    """Epochs until `fraction` of the distance along an axis is left, at `part` of the limit."""
    factor = np.abs(1 - part * 2 / sharp(curvatures) * flat(curvatures))
    return rounded(np.log(fraction) / np.log(factor))


def _factor(curvatures):
    return 1 - 1.8 * np.min(curvatures) / np.max(curvatures)


def _curvature_inputs(rng):
    low, ratio = rng.uniform(0.01, 0.1), rng.uniform(50, 2000)
    return {"curvatures": np.array([low, low * ratio]).round(4), "fraction": round(rng.uniform(0.01, 0.2), 2)}


epochs_needed = Task(
    why="The ratio of the two curvatures decides how long training takes. Chapter 7 brings it down from millions to 1.",
    hints=[
        "The limit comes from the largest curvature, and the slowest axis is that of the smallest.",
        "After n steps the factor to the power n is left. For which n is that the given fraction?",
        "Logarithms bring n down. An epoch is done as a whole, so round up.",
    ],
    inputs=_curvature_inputs,
    solution=_epochs,
    mistakes=[
        *slips(
            _epochs,
            {
                ("flat=np.min", "flat=np.max"): "This is the time that the sharpest axis takes. The flattest is "
                "slower.",
                ("part=0.9", "part=1.0"): "This is at the limit itself. The question is about nine tenths of it.",
                ("part=0.9", "part=0.45"): "The limit is 2/λ. This looks like 1/λ.",
            },
        ),
        (
            lambda curvatures, fraction: _epochs(curvatures, 1 - fraction),
            "This is when the fraction has been covered, and not when it is all that is left.",
        ),
        *slips(
            _epochs,
            {
                ("rounded=np.ceil", "rounded=np.floor"): "One epoch too few: after it, a little more than the "
                "fraction is still left. Round up.",
                ("sharp=np.max", "sharp=np.mean"): "The limit is computed from the mean of the curvatures. The "
                "sharpest axis sets it.",
                ("rounded=np.ceil", "rounded=np.asarray"): "The result is not rounded. An epoch is done as a whole.",
                ("rounded=np.ceil", "rounded=np.round"): "This is rounded to the nearest number of epochs. If that is "
                "the lower one, it does not suffice.",
            },
        ),
        (
            lambda curvatures, fraction: _epochs(curvatures, fraction) + 1,
            "One epoch too many: the one before it suffices already.",
        ),
        (
            lambda curvatures, fraction: _epochs(curvatures, fraction, part=0.9, sharp=np.min, flat=np.max),
            "The two curvatures are exchanged: which one sets the limit?",
        ),
        (
            lambda curvatures, fraction: np.log(fraction) / np.log(1 - 0.9 * 2 / curvatures[1]),
            "The curvature of the flat axis is missing in its factor, and the result is not rounded.",
        ),
        (
            lambda curvatures, fraction: np.ceil(np.log(fraction) / np.log(1 - 0.9 * 2 / np.max(curvatures))),
            "The curvature of the flat axis is missing in its factor.",
        ),
        (
            lambda curvatures, fraction: np.ceil(
                np.log(fraction) / np.log(1 - 0.9 * CHAPTERS_LIMIT * np.min(curvatures))
            ),
            "This is at nine tenths of the limit of the chapter's own bowl. The curvatures that the function is given "
            "have another.",
        ),
        (
            lambda curvatures, fraction: -_epochs(curvatures, fraction),
            "The sign is flipped: a number of epochs is positive.",
        ),
        (
            lambda curvatures, fraction: np.log(fraction) * np.log(_factor(curvatures)),
            "The logarithms are multiplied. Their ratio is what n is.",
        ),
        (
            lambda curvatures, fraction: np.ceil(np.log(fraction) / _factor(curvatures)),
            "The logarithm of the factor is missing.",
        ),
        (
            lambda curvatures, fraction: _factor(curvatures),
            "This is what one epoch leaves of the distance. The question is for the number of epochs.",
        ),
        (
            lambda curvatures, fraction: np.nan,
            "The factor is negative, and has no logarithm: which curvature sets the limit, and which axis is slow?",
        ),
        (
            lambda curvatures, fraction: 1.0,
            "This says that one epoch suffices. Is the factor the part that a step leaves, or the part that it covers? "
            "Are there two logarithms, and which is divided by which?",
        ),
    ],
)

# A rate that falls

EPOCHS, STEPS, ORDERS = 20, 100, 16
BEST_CONSTANT = 0.002


@functools.cache
def _batches():
    """The four means of which a step on a batch is made, for each epoch, step and order; and the fit to all data.

    The gradient of the L2 loss with respect to W is 2 · (mean of x² · W + mean of x · b − mean of x·y), and that with
    respect to b the same without a factor x. So a run for all orders at once costs a few milliseconds.
    """
    x, y = (values.numpy().astype(float) for values in datasets.line())
    rng = np.random.default_rng(0)
    order = np.stack([rng.permutation(len(x)) for _ in range(EPOCHS * ORDERS)])
    order = order.reshape(EPOCHS, ORDERS, STEPS, -1).swapaxes(1, 2)
    means = [np.mean(values[order], axis=-1) for values in (x * x, x, x * y, y)]
    whole = np.array([np.mean(values) for values in (x * x, x, x * y, y)])
    return np.stack(means, axis=2), whole, np.polyfit(x, y, 1)


@functools.lru_cache(maxsize=64)
def _left(rates, noisy=True):
    """The mean distance from the fit after epochs at these rates, a tuple, on batches or on all data; infinity where it
    is not finite."""
    batches, whole, fit = _batches()
    batches = batches if noisy else np.broadcast_to(whole, (EPOCHS, STEPS, 4))
    W, b = 5.0, 0.0
    with np.errstate(all="ignore"):
        for rate, epoch in zip(rates, batches):
            for xx, x, xy, y in epoch:
                W, b = W - 2 * rate * (xx * W + x * b - xy), b - 2 * rate * (x * W + b - y)
        distance = np.mean(np.hypot(W - fit[0], b - fit[1]))
    return distance if np.isfinite(distance) else np.inf


def _run_at(falling_rate):
    """What a run at the rates of this rule shows, in words that a rule of the same kind gets, too."""
    rates = tuple(float(number(falling_rate(epoch), "rate")) for epoch in range(EPOCHS))
    if not np.isfinite(rates).all() or min(rates) < 0:
        return {"the rates": "some are negative or not finite"}
    distance = _left(rates)
    if distance < _left((BEST_CONSTANT,) * EPOCHS):
        return {"the end": "closer than at the best constant rate"}
    found = {"the end": "no closer than at the best constant rate"}
    if distance > 5.0:
        return found | {"the run": "diverges"}
    found |= {"the rates": "constant" if np.ptp(rates) == 0 else "rise" if rates[-1] > rates[0] else "fall"}
    if _left(rates, noisy=False) > distance / 2:
        return found | {"what is left": "a part of the way"}
    stands_still = (
        2 * STEPS * sum(rates[-5:]) < 1
    )  # the curvature is 2, so five epochs leave more than 1/e of any distance
    return found | {"what is left": "noise of earlier epochs" if stands_still else "noise of the last epochs"}


falling_rate = Task(
    why="Large rates first, for the way, and small ones at the end, for the noise: most long trainings do it.",
    hints=[
        "At the beginning the way is long: which constant rate of the chapter arrives within an epoch or two?",
        "At the end the noise should be gone. By what should the rate be multiplied after each epoch, to be a "
        "hundredth or less after the last?",
        "It may not fall at once, either: noise dies down over several epochs at small, but not tiny rates.",
    ],
    inputs=lambda rng: {},
    observe=_run_at,
    solution=lambda epoch: 0.1 * 0.75**epoch,
    mistakes=[
        (
            lambda epoch: 0.1,
            "The rate is the same in every epoch, and what is left is noise: it is too large for the end.",
        ),
        (
            lambda epoch: 0.001,
            "The rate is the same in every epoch, and so small that a part of the way is left.",
        ),
        (
            lambda epoch: 0.01 * 1.1**epoch,
            "The rate rises, so the noise is largest at the end. It should fall.",
        ),
        (lambda epoch: 0.0001 * 1.1**epoch, "The rate rises, from one that is too small to arrive."),
        (
            lambda epoch: 0.1 * 0.95**epoch,
            "The rate falls, but is still too large in the last epochs: their noise is what is left.",
        ),
        (
            lambda epoch: 0.01 * 0.5**epoch,
            "The rate falls before the run has arrived: a part of the way is left. Start larger, or fall more slowly.",
        ),
        (
            lambda epoch: 0.1 * 0.2**epoch,
            "The rate falls so fast, or so far, that the run stands still with the noise of earlier epochs in it. "
            "Let it fall more slowly.",
        ),
        (
            lambda epoch: 2.0 * 0.95**epoch,
            "The run diverges: the limit that the chapter computes holds from the first epoch on.",
        ),
        (lambda epoch: -0.1, "A rate is negative, so the run goes uphill, or it is not a finite number."),
    ],
)
