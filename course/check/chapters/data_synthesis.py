"""Exercises of chapter 4."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import number, numbers
from course.check.source import HandedOver

# A curve


def _curve_inputs(rng):
    inputs, noise = rng.normal(size=(2, 5)).round(2).astype(np.float32)
    return {"inputs": tf.constant(inputs), "noise": tf.constant(noise), "stddev": round(rng.uniform(0.3, 3), 1)}


def _parabola(x):
    return 0.5 * tf.square(x) - x + 1


curve = Task(
    why="Any function can be the truth. What makes data of it is noise of a size that you know.",
    hints=[
        "An observed output is the value on the curve and something that is random.",
        "The noise that you get has the standard deviation 1. What happens to a standard deviation under a factor?",
    ],
    inputs=_curve_inputs,
    solution=lambda x, noise, stddev: _parabola(x) + stddev * noise,
    mistakes=[
        (lambda x, noise, stddev: _parabola(x) + noise, "The noise is not scaled: its standard deviation is 1."),
        (
            lambda x, noise, stddev: _parabola(x) + stddev**2 * noise,
            "The noise is multiplied by the variance. That gives it a standard deviation of σ².",
        ),
        (lambda x, noise, stddev: _parabola(x), "There is no noise: all points lie on the curve."),
        (lambda x, noise, stddev: stddev * noise, "This is the noise alone. The curve is missing."),
        (
            lambda x, noise, stddev: _parabola(x) * (1 + stddev * noise),
            "The noise is multiplied with the curve, so it vanishes where the curve is near zero. It should be added.",
        ),
        (
            lambda x, noise, stddev: _parabola(x + stddev * noise),
            "The noise moves the inputs. It should move the outputs.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev * noise[0],
            "Every point has the same noise, so the curve is shifted as a whole.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) - stddev * noise,
            "The noise is subtracted. That is as random, but here an output is the curve plus its noise.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + noise / stddev,
            "The noise is divided, so a larger `stddev` makes it smaller.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev**0.5 * noise,
            "The noise is multiplied by a root. That would be right if you had the variance.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev + noise,
            "`stddev` is added, which moves the whole curve up. It should change the size of the noise.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) * stddev * noise,
            "Curve and noise are multiplied. Noise is added to the value on the curve.",
        ),
        (
            lambda x, noise, stddev: stddev * _parabola(x) + noise,
            "`stddev` multiplies the curve. It should multiply the noise.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + tf.abs(stddev * noise),
            "The noise has lost its sign, so all points lie above the curve.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev,
            "Every point is moved by `stddev`. The noise itself is missing.",
        ),
        (
            lambda x, noise, stddev: x + stddev * noise,
            "The noise is right. What it is added to should be on the curve, not the inputs.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev * tf.square(noise),
            "The noise is squared, so all points lie above the curve.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev * tf.reduce_mean(noise),
            "The mean of the noise is added: every point is moved by the same.",
        ),
        (
            lambda x, noise, stddev: _parabola(x) + stddev * noise + stddev,
            "The noise is right, and then the whole curve is moved up by `stddev`.",
        ),
        (
            lambda x, noise, stddev: stddev * (_parabola(x) + noise),
            "The curve is multiplied by `stddev`, too. Only the noise should be.",
        ),
    ],
)

# How much data?


def _examples(examples_needed, sigma, error):
    """What the attempt says; the right number of examples counts as rounded up or not, as the learner likes."""
    found, exact = number(examples_needed(sigma, error)), (sigma / error) ** 2
    return exact if found == np.ceil(np.round(exact, 6)) else found


def _also_rounded_up(formulas):
    """Each wrong formula, and the same rounded up, with the same words."""
    for formula, words in formulas:
        yield formula, words
        yield lambda sigma, error, formula=formula: np.ceil(formula(sigma, error)), words


examples_needed = Task(
    why="Half the error costs four times the data: worth knowing before you collect any.",
    hints=[
        "The last section has the error of W for N examples, as a formula of σ and N.",
        "Solve it for N. Check with σ = 1 and N = 1000, where the error was about 0.03.",
    ],
    # Where the error is small and the noise large, wrong formulas give numbers that stay apart when rounded up.
    inputs=lambda rng: {"sigma": round(rng.uniform(1.5, 5), 2), "error": round(rng.uniform(0.013, 0.2), 3)},
    observe=_examples,
    solution=lambda sigma, error: (sigma / error) ** 2,
    mistakes=[
        (
            lambda sigma, error: np.floor((sigma / error) ** 2),
            "This is rounded down, so the error is a little larger than what you want. Round up, or not at all.",
        ),
        (
            lambda sigma, error: np.floor((sigma / error) ** 2) + 2,
            "One example more than needed. Is it rounded up twice?",
        ),
        *_also_rounded_up(
            [
                (
                    lambda sigma, error: sigma / error,
                    "This would be right if the error fell as σ/N. It falls more slowly.",
                ),
                (
                    lambda sigma, error: sigma / error**2,
                    "The noise is not squared: twice the σ needs four times the examples.",
                ),
                (
                    lambda sigma, error: sigma**2 / error,
                    "The error is not squared: half of it needs four times the examples.",
                ),
                (lambda sigma, error: (sigma / error) ** 0.5, "You took the root where you should square."),
                (lambda sigma, error: 1 / error**2, "σ is missing: more noise needs more examples."),
                (lambda sigma, error: sigma / error**0.5, "The root is that of N. Solved for N, it becomes a square."),
                (lambda sigma, error: 2 * (sigma / error) ** 2, "There is a factor of 2 too many."),
                (lambda sigma, error: (sigma / error) ** 2 / 2, "There is a factor of 2 too few."),
                (lambda sigma, error: 4 * (sigma / error) ** 2, "There is a factor of 4 too many."),
                (lambda sigma, error: (sigma - error) ** 2, "The error is subtracted. What counts is the ratio."),
                (lambda sigma, error: (sigma / error) ** 3, "This is the third power. The root of N becomes a square."),
                (lambda sigma, error: (sigma / error) ** 4, "This is squared twice."),
                (lambda sigma, error: sigma**2, "The error is missing: a smaller one needs more examples."),
                (lambda sigma, error: 2 * sigma / error, "You doubled where you should square."),
            ]
        ),
        (lambda sigma, error: (sigma * error) ** 2, "You multiplied: a smaller error would need fewer examples."),
        (lambda sigma, error: (error / sigma) ** 2, "The fraction is upside down: smaller errors need more examples."),
        (
            lambda sigma, error: error / sigma,
            "The fraction is upside down, and the square is missing: smaller errors need more examples.",
        ),
        (
            lambda sigma, error: 1.0,
            "This says that one example is enough. A smaller error needs more: is the fraction upside down, or a "
            "product?",
        ),
    ],
)

# Too good


def _synthesized(noisy_line, seed):
    """What the noise of `noisy_line` is like."""
    tf.random.set_seed(seed)
    inputs = tf.random.normal([2000])
    outputs, again = (numbers(noisy_line(inputs)) for _ in range(2))
    if outputs.shape != (2000,):
        return {"shape": np.array(outputs.shape)}
    noise = outputs - np.asarray(inputs) * 3.0 - 2.0
    return {
        "shape": np.array(outputs.shape),
        "points share their noise": len(np.unique(noise.round(4))) < 100,
        "each call draws the same noise": np.ptp(noise) > 0.01 and np.array_equal(outputs, again),
        "standard deviation of the noise": noise.std().round(1),
        "noise grows with the inputs": bool(np.corrcoef(np.abs(noise), np.abs(inputs))[0, 1] > 0.2),
        "mean of the noise": np.abs(noise.mean()).round(),
        "largest noise": np.abs(noise).max() > 2.5,
    }


def _seeded(inputs):
    tf.random.set_seed(7)
    return inputs * 3.0 + 2.0 + tf.random.normal(inputs.shape)


shared_noise = Task(
    why="A loss of zero on data that should be noisy is a finding about the data, and not about the model.",
    hints=[
        "How many random numbers does `tf.random.normal([])` draw? Print the residuals of the first five points.",
        "Broadcasting adds a scalar to every element. Which shape should the noise have?",
    ],
    inputs=lambda rng: {"seed": int(rng.integers(1000))},
    observe=_synthesized,
    solution=lambda inputs: inputs * 3.0 + 2.0 + tf.random.normal(inputs.shape),
    broken=HandedOver(
        """
        def noisy_line(inputs):
            return inputs * 3.0 + 2.0 + tf.random.normal([])
        """,
        "All points still have the same noise: one number is drawn, and broadcasting adds it to every point.",
        tf=tf,
    ),
    mistakes=[
        (
            lambda inputs: inputs * 3.0 + 2.0 + tf.random.normal([inputs.shape[0], 1]),
            "The result is an N by N table: so is noise of shape (N, N), and noise of shape (N, 1) broadcasts to it.",
        ),
        (
            lambda inputs: inputs * (3.0 + tf.random.normal(inputs.shape)) + 2.0,
            "The noise is multiplied with the inputs: points near zero have almost none.",
        ),
        (lambda inputs: inputs * 3.0 + 2.0, "There is no noise at all any more."),
        (
            _seeded,
            "Every point has its own noise, but each call draws the same: a seed that is fixed inside starts anew.",
        ),
        (
            lambda inputs: inputs * 3.0 + tf.random.normal(inputs.shape) * 2.0,
            "b has become a factor of the noise. It should be added.",
        ),
        (
            lambda inputs: inputs * 3.0 - 2.0 + tf.random.normal(inputs.shape),
            "The noise is right. The sign of b is flipped.",
        ),
        (
            lambda inputs: inputs * 2.0 + 3.0 + tf.random.normal(inputs.shape),
            "W and b are exchanged.",
        ),
        (
            lambda inputs: inputs + 2.0 + tf.random.normal(inputs.shape),
            "The noise is right. The line has lost its W.",
        ),
        (
            lambda inputs: inputs * 3.0 + 2.0 + tf.random.normal(inputs.shape) ** 2,
            "The noise is squared, so all points lie above the line.",
        ),
        (
            lambda inputs: inputs * 3.0 + 2.0 + 2.0 * tf.random.normal(inputs.shape),
            "The noise is twice as large as the program had it. Its standard deviation is 1.",
        ),
        (
            lambda inputs: inputs * 3.0 + 2.0 + 0.1 * tf.random.normal(inputs.shape),
            "The noise is a tenth of what the program had. Its standard deviation is 1.",
        ),
        (
            lambda inputs: inputs * 3.0 + 2.0 + tf.random.uniform(inputs.shape),
            "Each point has its own noise, but from `uniform`: its mean is not 0, and its spread is too small.",
        ),
        (
            lambda inputs: (inputs + tf.random.normal(inputs.shape)) * 3.0 + 2.0,
            "The noise is added to the inputs, so that W makes it three times as large.",
        ),
        (lambda inputs: inputs * 3.0 + tf.random.normal(inputs.shape), "The noise is right. The line has lost its b."),
        (
            lambda inputs: (inputs * 3.0 + 2.0) * tf.random.normal(inputs.shape),
            "The line is multiplied by the noise. It should be added.",
        ),
    ],
)

# A model that remembers


def _neighbour_inputs(rng):
    inputs = (3 * rng.normal(size=6)).round(2)
    return {"inputs": inputs, "outputs": (3 * inputs + 2 + rng.normal(size=6)).round(2), "new": rng.normal(size=4)}


def _distances(inputs, new):
    return np.abs(new[:, None] - inputs)


nearest_neighbour = Task(
    why="A model that remembers its noise has a training loss of 0, and on new data it pays for the noise twice.",
    hints=[
        "`new[:, None] - inputs` has a row for each new input, with its differences from all the remembered ones.",
        "`np.argmin(…, axis=1)` gives, for each row, the index of the smallest element.",
    ],
    inputs=_neighbour_inputs,
    solution=lambda inputs, outputs, new: outputs[np.argmin(_distances(inputs, new), axis=1)],
    mistakes=[
        (
            lambda inputs, outputs, new: outputs[np.argmin(new[:, None] - inputs, axis=1)],
            "The smallest signed difference is the one farthest below zero. The distance has no sign.",
        ),
        (
            lambda inputs, outputs, new: inputs[np.argmin(_distances(inputs, new), axis=1)],
            "These are the nearest inputs. The prediction is the output that belongs to them.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmax(_distances(inputs, new), axis=1)],
            "These are the outputs of the farthest inputs.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmin(_distances(inputs, new), axis=0)],
            "The wrong axis: this looks up something for each remembered input. Each new one needs one.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmin(np.abs(new[:, None] - outputs), axis=1)],
            "You compared the new inputs with the remembered outputs.",
        ),
        (
            lambda inputs, outputs, new: np.argmin(_distances(inputs, new), axis=1),
            "These are the indices of the neighbours. Look the outputs up with them.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmin(_distances(inputs, new))],
            "Without an axis, `argmin` counts through the whole table. Each new input needs a place of its own.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.min(_distances(inputs, new), axis=1)],
            "`min` gives how far away the neighbour is. An index says where it stands.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmin(np.abs(new - inputs))],
            "NumPy subtracts element by element, and there are fewer new inputs than remembered ones.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argsort(_distances(inputs, new), axis=1)],
            "All neighbours are there, in order of distance. Only the nearest one is wanted.",
        ),
        (
            lambda inputs, outputs, new: _distances(inputs, new),
            "These are the distances. Which output belongs to the smallest of each row?",
        ),
        (
            lambda inputs, outputs, new: np.min(_distances(inputs, new), axis=1),
            "These are the smallest distances. The output that belongs to them is wanted.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmax(new[:, None] - inputs, axis=1)],
            "The largest signed difference belongs to the smallest remembered input. Take the distance, without "
            "its sign.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argmin(np.abs(new[:, None] + inputs), axis=1)],
            "The inputs are added. A distance is made of a difference.",
        ),
        (
            lambda inputs, outputs, new: np.array([np.mean(outputs)] * len(new)),
            "This is the mean output, for every input. The nearest neighbour's is wanted.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.searchsorted(np.sort(inputs), new) % len(inputs)],
            "The index counts through sorted inputs, and the outputs are not sorted.",
        ),
        (
            lambda inputs, outputs, new: outputs[np.argsort(_distances(inputs, new), axis=1)[:, 1]],
            "These are the second nearest. Indices count from 0.",
        ),
    ],
)
