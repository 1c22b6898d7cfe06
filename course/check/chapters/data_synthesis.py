"""Exercises of chapter 4."""

import numpy as np

import course as tf
from course.check.base import Task

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
            lambda x, noise, stddev: stddev * (_parabola(x) + noise),
            "The curve is multiplied by `stddev`, too. Only the noise should be.",
        ),
    ],
)

# How much data?


def _whole_examples(examples_needed, sigma, error):
    """What the attempt says, rounded up: whether it rounds up itself is left to the learner."""
    return np.ceil(np.round(np.asarray(examples_needed(sigma, error), float), 3))


examples_needed = Task(
    why="Half the error costs four times the data: worth knowing before you collect any.",
    hints=[
        "The last section has the error of W for N examples, as a formula of σ and N.",
        "Solve it for N. Check with σ = 1 and N = 1000, where the error was about 0.03.",
    ],
    inputs=lambda rng: {"sigma": round(rng.uniform(0.5, 5), 1), "error": round(rng.uniform(0.01, 0.2), 2)},
    observe=_whole_examples,
    solution=lambda sigma, error: (sigma / error) ** 2,
    mistakes=[
        (lambda sigma, error: sigma / error, "This would be right if the error fell as σ/N. It falls more slowly."),
        (lambda sigma, error: (error / sigma) ** 2, "The fraction is upside down: smaller errors need more examples."),
        (lambda sigma, error: sigma / error**2, "The noise is not squared: twice the σ needs four times the examples."),
        (
            lambda sigma, error: sigma**2 / error,
            "The error is not squared: half of it needs four times the examples.",
        ),
        (lambda sigma, error: (sigma / error) ** 0.5, "You took the root where you should square."),
        (lambda sigma, error: 1 / error**2, "σ is missing: more noise needs more examples."),
        (lambda sigma, error: (sigma * error) ** 2, "You multiplied: a smaller error would need fewer examples."),
        (lambda sigma, error: sigma / error**0.5, "The root is that of N. Solved for N, it becomes a square."),
        (lambda sigma, error: 2 * (sigma / error) ** 2, "There is a factor of 2 too many."),
    ],
)

# Too good


def _synthesized(synthesize, seed):
    """What the noise of `synthesize` is like."""
    tf.random.set_seed(seed)
    inputs = tf.random.normal([2000])
    outputs = np.asarray(synthesize(inputs))
    found = {"shape": np.array(outputs.shape)}
    if outputs.shape == (2000,):
        noise = outputs - np.asarray(inputs) * 3.0 - 2.0
        found["points share their noise"] = len(np.unique(noise.round(4))) < 100
        found["standard deviation of the noise"] = noise.std().round(1)
        found["noise grows with the inputs"] = bool(np.corrcoef(np.abs(noise), np.abs(inputs))[0, 1] > 0.2)
        found["mean of the noise"] = np.abs(noise.mean()).round()
    return found


shared_noise = Task(
    why="A loss of zero on data that should be noisy is a finding about the data, and not about the model.",
    hints=[
        "How many random numbers does `tf.random.normal([])` draw? Print the residuals of the first five points.",
        "Broadcasting adds a scalar to every element. Which shape should the noise have?",
    ],
    inputs=lambda rng: {"seed": int(rng.integers(1000))},
    observe=_synthesized,
    solution=lambda inputs: inputs * 3.0 + 2.0 + tf.random.normal(inputs.shape),
    broken=lambda inputs: inputs * 3.0 + 2.0 + tf.random.normal([]),
    mistakes=[
        (
            lambda inputs: inputs * 3.0 + 2.0 + tf.random.normal([inputs.shape[0], 1]),
            "Noise of shape (N, 1) and inputs of shape (N,) broadcast to an N by N table.",
        ),
        (
            lambda inputs: inputs * (3.0 + tf.random.normal(inputs.shape)) + 2.0,
            "The noise is multiplied with the inputs: points near zero have almost none.",
        ),
        (lambda inputs: inputs * 3.0 + 2.0, "There is no noise at all any more."),
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
    ],
)
