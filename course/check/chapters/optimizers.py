"""Exercises of chapter 6."""

import numpy as np

import course as tf
from course.check.base import Task


def _gradient_inputs(rng):
    return {"gradients": rng.normal(size=(3, 2)).round(2).astype(np.float32)}


def _two_variables(make):
    """Observes an optimizer that steps two variables, a first and a second one, three times."""

    def observe(Optimizer, gradients):
        optimizer = make(Optimizer)
        first, second = tf.Variable(1.0), tf.Variable(1.0)
        for one, two in gradients:
            optimizer.update(first, tf.constant(one))
            optimizer.update(second, tf.constant(two))
        return {"first variable": float(first), "second variable": float(second)}

    return observe


# RMSprop with momentum


class _RMSprop:
    """RMSprop with momentum; its subclasses make one mistake each."""

    def __init__(self, learning_rate, rho=0.9, momentum=0.9):
        self.learning_rate, self.rho, self.momentum = learning_rate, rho, momentum
        self.mean_squares, self.velocities = {}, {}

    def key(self, variable):
        return variable.ref()

    def new_square(self, gradient):
        return (1 - self.rho) * tf.square(gradient)

    def scaled(self, gradient, mean_square):
        return gradient / tf.sqrt(mean_square + 1e-7)

    def velocity(self, kept, scaled):
        return kept - self.learning_rate * scaled

    def update(self, variable, gradient):
        key = self.key(variable)
        mean_square = self.rho * self.mean_squares.get(key, 0.0) + self.new_square(gradient)
        scaled = self.scaled(gradient, mean_square)
        velocity = self.velocity(self.momentum * self.velocities.get(key, 0.0), scaled)
        self.mean_squares[key], self.velocities[key] = mean_square, velocity
        variable.assign_add(velocity)


class _SharedRMSprop(_RMSprop):
    def key(self, variable):
        return "all"


class _SummingRMSprop(_RMSprop):
    def new_square(self, gradient):
        return tf.square(gradient)


class _UnsquaredRMSprop(_RMSprop):
    def new_square(self, gradient):
        return (1 - self.rho) * tf.abs(gradient)


class _UnscaledRMSprop(_RMSprop):
    def scaled(self, gradient, mean_square):
        return gradient


class _UphillRMSprop(_RMSprop):
    def velocity(self, kept, scaled):
        return kept + self.learning_rate * scaled


class _ForgetfulRMSprop(_RMSprop):
    def velocity(self, kept, scaled):
        return -self.learning_rate * scaled


class _RatelessRMSprop(_RMSprop):
    def velocity(self, kept, scaled):
        return kept - scaled


class _SignedRMSprop(_RMSprop):
    def new_square(self, gradient):
        return (1 - self.rho) * gradient


class _WeightsExchangedRMSprop(_RMSprop):
    def new_square(self, gradient):
        return self.rho * tf.square(gradient)


class _ExchangedRMSprop(_RMSprop):
    def update(self, variable, gradient):
        super().update(variable, gradient)
        key = variable.ref()
        self.mean_squares[key], self.velocities[key] = self.velocities[key], self.mean_squares[key]


class _AmnesicRMSprop(_RMSprop):
    def update(self, variable, gradient):
        super().update(variable, gradient)
        self.mean_squares, self.velocities = {}, {}


class _RateTwiceRMSprop(_RMSprop):
    def update(self, variable, gradient):
        before = float(variable)
        super().update(variable, gradient)
        variable.assign(before + self.learning_rate * self.velocities[variable.ref()])


class _SetRMSprop(_RMSprop):
    def update(self, variable, gradient):
        super().update(variable, gradient)
        variable.assign(self.velocities[variable.ref()])


rmsprop_momentum = Task(
    why="Two averages, one of squares and one of steps, are also what Adam is made of.",
    hints=[
        "The new mean square is 90 percent of the old one and 10 percent of what?",
        "The velocity is the kept part of the old one, less the learning rate times the scaled gradient.",
        "A variable moves by its own velocity, and both are stored under its key.",
    ],
    inputs=_gradient_inputs,
    observe=_two_variables(lambda Optimizer: Optimizer(0.05)),
    solution=_RMSprop,
    mistakes=[
        (_SharedRMSprop, "Both variables share one state: each is moved by the other's gradients."),
        (
            _SummingRMSprop,
            "The new square needs its share of 1 − rho. Without it, the average becomes ten times too large.",
        ),
        (
            _UnsquaredRMSprop,
            "The average is one of absolute values. It should be one of squares, as the root undoes them.",
        ),
        (_UnscaledRMSprop, "The velocity takes the gradient as it is. It should take the scaled one."),
        (_UphillRMSprop, "The step is added: the variables walk uphill."),
        (_ForgetfulRMSprop, "There is no momentum: nothing of the old velocity is kept."),
        (_RatelessRMSprop, "The learning rate is missing."),
        (_ExchangedRMSprop, "Mean square and velocity are stored in each other's places."),
        (_SignedRMSprop, "The mean square is a mean of gradients: they are not squared, and the root may not exist."),
        (_RateTwiceRMSprop, "The learning rate is used twice: once in the velocity, and once more in the step."),
        (_WeightsExchangedRMSprop, "The weights are exchanged: the new square counts for 1 − rho."),
        (_AmnesicRMSprop, "Nothing is kept from step to step. What should the two dictionaries hold?"),
        (_SetRMSprop, "The variable is replaced by its velocity. It should move by it."),
    ],
)

# One velocity for all


class _Nesterov:
    """Nesterov's momentum, with a velocity for each variable."""

    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum, self.velocities = learning_rate, momentum, {}

    def key(self, variable):
        return variable.ref()

    def step(self, velocity, gradient):
        return self.momentum * velocity - self.learning_rate * gradient

    def update(self, variable, gradient):
        key = self.key(variable)
        velocity = self.momentum * self.velocities.get(key, 0.0) - self.learning_rate * gradient
        self.velocities[key] = velocity
        variable.assign_add(self.step(velocity, gradient))


class _OneVelocity(_Nesterov):
    def key(self, variable):
        return "all"


class _NoVelocity(_Nesterov):
    def key(self, variable):
        return object()


class _KeyedByValue(_Nesterov):
    def key(self, variable):
        return float(variable)


class _PlainMomentum(_Nesterov):
    def step(self, velocity, gradient):
        return velocity


class _Uphill(_Nesterov):
    def step(self, velocity, gradient):
        return -super().step(velocity, gradient)


class _StoresTheStep(_Nesterov):
    def update(self, variable, gradient):
        super().update(variable, gradient)
        self.velocities[self.key(variable)] = self.learning_rate * gradient


class _StepOnly(_Nesterov):
    def step(self, velocity, gradient):
        return -self.learning_rate * gradient


class _WholeVelocity(_Nesterov):
    def step(self, velocity, gradient):
        return velocity - self.learning_rate * gradient


shared_velocity = Task(
    why="This mistake stood in a published guide: on a loss of one variable, nothing shows it. Test with two.",
    hints=[
        "Step two variables in turn, the second one with a gradient of 0. Does it stay where it is?",
        "What does the optimizer have to remember, and for whom? Chapter 6 keeps it in a dictionary.",
        "`variable.ref()` stands for the variable itself, as a key.",
    ],
    inputs=_gradient_inputs,
    observe=_two_variables(lambda Optimizer: Optimizer(0.05)),
    solution=_Nesterov,
    broken=_OneVelocity,
    mistakes=[
        (_NoVelocity, "No velocity is found again: each step begins from rest. Is it stored under the same key?"),
        (
            _KeyedByValue,
            "The key is the variable's value. It changes with each step, and two variables may have the same.",
        ),
        (_PlainMomentum, "Each variable has its velocity, but the look ahead got lost: this is plain momentum."),
        (_Uphill, "The step goes uphill: its sign is flipped."),
        (_StoresTheStep, "The last step is stored, and not the velocity, which remembers more than one."),
        (_StepOnly, "The variables move by their gradients alone: what has happened to the velocities?"),
        (_WholeVelocity, "In the look ahead, the velocity counts as a whole. Momentum has to scale it."),
    ],
)

# A longer ravine


def _steps(kappa, fraction, rounded=np.ceil):
    root = np.sqrt(kappa)
    return rounded(np.log(fraction) / np.log((root - 1) / (root + 1)))


momentum_steps = Task(
    why="SGD needs steps in proportion to the condition number, and momentum in proportion to its root.",
    hints=[
        "Polyak's momentum is a square. By what does one step multiply the distance: by it, or by its root?",
        "For which n is the factor to the power n the given fraction? Round up.",
    ],
    inputs=lambda rng: {"kappa": round(rng.uniform(20, 5000), 1), "fraction": round(rng.uniform(0.001, 0.1), 3)},
    solution=_steps,
    mistakes=[
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / np.log((kappa - 1) / (kappa + 1))),
            "This is the best that SGD can do without momentum: the root of the condition number is missing.",
        ),
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / np.log(((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2)),
            "Half as many as needed: the factor of a step is the root of Polyak's momentum.",
        ),
        (
            lambda kappa, fraction: _steps(kappa, fraction, np.floor),
            "One step too few: after it, a little more than the fraction is still left.",
        ),
        (
            lambda kappa, fraction: _steps(kappa, 1 - fraction),
            "This is when the fraction has been covered, and not when it is all that is left.",
        ),
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / np.log(1 - 1 / np.sqrt(kappa))),
            "The factor is not that of Polyak's rate and momentum: it is twice as close to 1 as it could be.",
        ),
        (
            lambda kappa, fraction: _steps(kappa, fraction, np.asarray),
            "The result is not rounded. A step is done as a whole.",
        ),
        (
            lambda kappa, fraction: _steps(kappa, fraction, np.round),
            "This is rounded to the nearest number of steps. If that is the lower one, it does not suffice.",
        ),
        (
            lambda kappa, fraction: 1.0,
            "This says that one step suffices. Solving for n takes two logarithms: which is divided by which?",
        ),
        (
            lambda kappa, fraction: np.ceil(-_steps(kappa, fraction, np.asarray)),
            "A negative number of steps: the factor is upside down, and larger than 1.",
        ),
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / np.log(1 - 1.8 / kappa)),
            "This is SGD at nine tenths of its limit.",
        ),
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / np.log(((kappa - 1) / (kappa + 1)) ** 0.5)),
            "The root is taken of the sums. It belongs to the condition number alone.",
        ),
    ],
)
