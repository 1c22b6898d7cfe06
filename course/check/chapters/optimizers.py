"""Exercises of chapter 6."""

import numpy as np

import course as tf
from course.check.base import Task
from course.check.observation import number
from course.check.source import HandedOver, slips


def _gradient_inputs(rng):
    gradients = rng.normal(size=(3, 2)).round(2).astype(np.float32)
    gradients[0, 1] = 0.0  # the second variable begins without a gradient: only its own state shows then,
    gradients[1, 1] /= 1000  # and goes on with a small one, beside which an epsilon counts
    return {"gradients": gradients}


def _two_variables(Optimizer, gradients):
    """Observes an optimizer that steps two variables three times: as both are called by default, and named apart."""
    found = {}
    for names, words in (((None, None), ""), (("W", "b"), " named apart")):
        optimizer = Optimizer(0.05)
        variables = [tf.Variable(1.0, name=name) for name in names]
        for row in gradients:
            pairs = [(tf.constant(gradient), variable) for gradient, variable in zip(row, variables)]
            if hasattr(optimizer, "apply_gradients"):  # the chapter's own interface
                optimizer.apply_gradients(pairs)
            else:
                for gradient, variable in pairs:
                    optimizer.update(variable, gradient)
        found |= {f"{which} variable{words}": number(v) for which, v in zip(("first", "second"), variables)}
    return found


class Optimizer:
    """As the chapter has it."""

    def apply_gradients(self, grads_and_vars):
        for gradient, variable in grads_and_vars:
            self.update(variable, gradient)


# Momentum


def _momentum_inputs(rng):
    gradients = rng.normal(size=(3, 2)).round(2).astype(np.float32)
    return {"gradients": gradients, "learning_rate": round(rng.uniform(0.01, 0.2), 3), "momentum": 0.5}


def _one_variable(Momentum, gradients, learning_rate, momentum):
    """Where an optimizer leads a variable with two elements, with this momentum and with its own 0.9."""
    found = {}
    for options, words in (((momentum,), f"momentum {momentum}"), ((), "momentum 0.9")):
        optimizer, variable = Momentum(learning_rate, *options), tf.Variable([1.0, -2.0])
        for step, gradient in enumerate(gradients, 1):
            pairs = [(tf.constant(gradient), variable)]
            if hasattr(optimizer, "apply_gradients"):  # the chapter's own interface
                optimizer.apply_gradients(pairs)
            else:
                optimizer.update(variable, pairs[0][0])
            found[f"variable after step {step}, {words}"] = variable.numpy()
    return found


class _Momentum:
    """Momentum; the mistakes are edits of it."""

    def __init__(self, learning_rate, momentum=0.9):
        self.learning_rate, self.momentum = learning_rate, momentum
        self.velocity = 0.0

    def update(self, variable, gradient):
        kept = self.momentum * self.velocity
        self.velocity = kept - self.learning_rate * gradient
        variable.assign_add(self.velocity)


momentum = Task(
    why="One number of memory for each element, and a step that knows where it came from. Adam has it inside, too.",
    hints=[
        "The new velocity is made of two parts: a share of the old one, and the step that SGD would take.",
        "The share is `self.momentum`. The step goes against the gradient, so it has a minus.",
        "The variable moves by the new velocity. Which method adds to a variable?",
    ],
    inputs=_momentum_inputs,
    observe=_one_variable,
    solution=_Momentum,
    mistakes=slips(
        _Momentum,
        {
            ("kept - self", "kept + self"): "The variable walks uphill: the step has the wrong sign, in the velocity "
            "or in the move.",
            ("kept - self.learning_rate * gradient", "-self.learning_rate * gradient"): "Each step begins from rest, "
            "as in plain SGD: nothing of the old velocity is kept.",
            ("self.momentum * self.velocity", "self.velocity"): "The whole velocity is kept. Only a share of it "
            "should be.",
            ("- self.learning_rate * gradient", "- gradient"): "The learning rate is missing: the steps are too long.",
            ("assign_add", "assign"): "The variable is replaced by its velocity. It should move by it.",
            ("- self.learning_rate", "- (1 - self.momentum) * self.learning_rate"): "The gradient counts for 1 − β "
            "only, as in an average. In this rule it counts in full.",
            ("- self.learning_rate", "- self.momentum * self.learning_rate"): "The share is taken of the new step, "
            "too. It belongs to the old velocity.",
            (
                ("self.momentum * self.velocity", "self.velocity"),
                ("- self.learning_rate", "- self.momentum * self.learning_rate"),
            ): ("The share is taken of the step. It belongs to the old velocity."),
            ("self.momentum * self.velocity", "0.9 * self.velocity"): "The share is fixed at 0.9. It is an argument, "
            "`momentum`.",
            ("assign_add(self.velocity)", "assign_add(self.learning_rate * self.velocity)"): "The learning rate is "
            "used twice: in the velocity, and once more in the move.",
            (
                ("self.momentum * self.velocity", "self.learning_rate * self.velocity"),
                ("kept - self.learning_rate * gradient", "kept - self.momentum * gradient"),
            ): ("β and the learning rate are exchanged."),
            ("        variable.assign_add(self.velocity)\n", ""): "The variable stays where it is: nothing moves it "
            "by the velocity.",
            ("kept - self.learning_rate * gradient", "kept - gradient / self.learning_rate"): "You divided by the "
            "learning rate: a smaller one makes the steps longer.",
            (
                "assign_add(self.velocity)",
                "assign_add(self.momentum * self.velocity - self.learning_rate * gradient)",
            ): ("This is Nesterov's momentum, which comes next: the move looks ahead. Here it is the velocity itself."),
            ("variable.assign_add(self.velocity)", "variable.assign_add(kept)"): "The variable moves by what is kept "
            "of the old velocity. The new step is missing in the move.",
            ("self.momentum * self.velocity", "self.momentum * variable"): "A share of the variable is kept. It "
            "should be one of the velocity.",
            ("variable.assign_add(self.velocity)", "variable.assign_sub(gradient)"): "The variable moves by the "
            "gradient. It should move by its velocity.",
        },
    ),
)

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
    observe=_two_variables,
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
        (
            _UphillRMSprop,
            "The variables walk uphill: the step has the wrong sign, in the velocity or where the variable moves "
            "by it.",
        ),
        (_ForgetfulRMSprop, "There is no momentum: nothing of the old velocity is kept."),
        (_RatelessRMSprop, "The learning rate is missing."),
        (_ExchangedRMSprop, "Mean square and velocity are stored in each other's places."),
        (_SignedRMSprop, "The mean square is a mean of gradients: they are not squared, and the root may not exist."),
        (_RateTwiceRMSprop, "The learning rate is used twice: once in the velocity, and once more in the step."),
        (_WeightsExchangedRMSprop, "The weights are exchanged: the new square counts for 1 − rho."),
        (_AmnesicRMSprop, "Nothing is kept from step to step. What should the two dictionaries hold?"),
        (_SetRMSprop, "The variable is replaced by its velocity. It should move by it."),
        *slips(
            _RMSprop,
            {
                ("assign_add(velocity)", "assign_add(scaled)"): "The variable moves by the scaled gradient. It "
                "should move by its velocity.",
                ("assign_add(velocity)", "assign_add(gradient)"): "The variable moves by the gradient. It should "
                "move by its velocity.",
                ("        variable.assign_add(velocity)\n", ""): "The variables stay where they are: nothing "
                "moves them by their velocity.",
                ("tf.sqrt(mean_square + 1e-7)", "(mean_square + 1e-7)"): "The root is missing: the gradient is "
                "divided by the mean square itself.",
                ("gradient / tf.sqrt", "gradient * tf.sqrt"): "The gradient is multiplied by the root, where it "
                "should be divided.",
                ("self.rho * self.mean_squares.get(key, 0.0) + self", "self"): "Of the mean square nothing is "
                "kept: only the last gradient counts.",
                ("get(key, 0.0) + self.new_square", "get(key, 0.0) - self.new_square"): "The new square is "
                "subtracted from the average, and the root of the result does not exist.",
                ("kept - self.learning_rate * scaled", "kept - scaled / self.learning_rate"): (
                    "You divided by the learning rate: a smaller one makes the steps longer."
                ),
                ("kept - self.learning_rate * scaled", "kept - self.learning_rate - scaled"): (
                    "The learning rate is subtracted. It is a factor of the scaled gradient."
                ),
            },
        ),
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


class _NoVelocity(_Nesterov):
    def key(self, variable):
        return object()


class _KeyedByValue(_Nesterov):
    def key(self, variable):
        return float(variable)


class _PlainMomentum(_Nesterov):
    def step(self, velocity, gradient):
        return velocity


class _StoresTheStep(_Nesterov):
    def update(self, variable, gradient):
        super().update(variable, gradient)
        self.velocities[self.key(variable)] = self.learning_rate * gradient


class _KeyedByName(_Nesterov):
    def key(self, variable):
        return variable.name


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
    observe=_two_variables,
    solution=_Nesterov,
    broken=HandedOver(
        """
        class NesterovMomentum(Optimizer):
            def __init__(self, learning_rate, momentum=0.9):
                self.learning_rate, self.momentum = learning_rate, momentum
                self.velocity = 0.0

            def update(self, variable, gradient):
                step = self.learning_rate * gradient
                self.velocity = self.momentum * self.velocity - step
                variable.assign_add(self.momentum * self.velocity - step)
        """,
        "Both variables still share one velocity: each is carried along by the other's gradients.",
        Optimizer=Optimizer,
    ),
    mistakes=[
        (
            _NoVelocity,
            "No velocity is found again: each step begins from rest. Is it stored, and under the key that is "
            "looked up?",
        ),
        (
            _KeyedByValue,
            "The key is the variable's value. It changes with each step, and two variables may have the same.",
        ),
        (
            _KeyedByName,
            "The key is the variable's name, and two variables may have the same: those without one do.",
        ),
        *slips(
            _Nesterov,
            {
                ("    velocity = self.momentum *", "    velocity = -self.momentum *"): "The kept velocity has the "
                "wrong sign: each step brakes the one before.",
                ("0.0) - self.learning_rate", "0.0) + self.learning_rate"): "The gradient is added to the "
                "velocity, which then points uphill.",
                ("momentum * velocity - self.learning_rate", "momentum * velocity + self.learning_rate"): (
                    "In the step, the gradient is added. Both parts go downhill."
                ),
                ("variable.assign_add(", "variable.assign_sub("): "The step goes uphill: it is subtracted, and "
                "has its sign already.",
                ("variable.assign_add(", "variable.assign("): "The variable is replaced by its step. It should "
                "move by it.",
                ("        variable.assign_add(self.step(velocity, gradient))\n", ""): "The variables stay where "
                "they are: the step is not taken.",
            },
        ),
        (_PlainMomentum, "Each variable has its velocity, but the look ahead got lost: this is plain momentum."),
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
        (lambda kappa, fraction: _steps(kappa, fraction) + 1, "One step too many: the one before it suffices already."),
        (
            lambda kappa, fraction: (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1),
            "This is what one step leaves of the distance. The question is for the number of steps.",
        ),
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1))),
            "The logarithm of the factor is missing. It brings n down.",
        ),
        (
            lambda kappa, fraction: np.ceil(np.log(fraction) / np.log((kappa**2 - 1) / (kappa**2 + 1))),
            "The condition number is squared, where its root belongs.",
        ),
    ],
)

# A fair race


def _raced(rng):
    """Losses of three optimizers at four rates with five seeds, in which every unfair choice shows."""
    best = rng.permutation(4)[:3]  # each optimizer's best rate is another one
    rates = 1.0 + np.abs(np.arange(4) - best[:, None]) + rng.uniform(0, 0.3, (3, 1))
    losses = rates[..., None] * rng.uniform(0.6, 1.4, (3, 4, 5))
    losses[:, :, 1] *= 0.3  # a lucky seed
    losses[np.arange(3), (best + 1) % 4, 0] *= 0.4  # and a rate that is the best in the first seed only
    return {"losses": losses.round(3)}


def _means(losses):
    return np.mean(losses, axis=2)


fair_race = Task(
    why="The same tuning and the same seeds for all: without that, a comparison measures who tuned more.",
    hints=[
        "There are three axes: optimizers, rates, seeds. Which of them is averaged, and over which is the best chosen?",
        "Nobody can choose the seed of the next run, but everybody can choose a rate. Which comes first?",
        "`np.mean` and `np.min` take an axis. After the first of the two, one axis is gone.",
    ],
    inputs=_raced,
    solution=lambda losses: np.min(np.mean(losses, axis=2), axis=1),
    mistakes=[
        (
            lambda losses: np.min(losses, axis=(1, 2)),
            "This is each optimizer's luckiest run. A seed that was lucky once says nothing about the next.",
        ),
        (
            lambda losses: np.mean(np.min(losses, axis=1), axis=1),
            "For each seed its own best rate counts. Nobody knows that rate before the run: average first.",
        ),
        (
            lambda losses: _means(losses)[:, np.argmin(_means(losses)[0])],
            "All run at the rate that suits the first optimizer. Each should have its own best.",
        ),
        (
            lambda losses: _means(losses)[:, np.argmin(np.mean(losses, axis=(0, 2)))],
            "All run at the same rate, the best on average. Each should have its own best.",
        ),
        (
            lambda losses: np.min(losses[:, :, 0], axis=1),
            "Only the first seed counts. One run may be lucky.",
        ),
        (
            lambda losses: _means(losses)[np.arange(len(losses)), np.argmin(losses[:, :, 0], axis=1)],
            "The rate is chosen by the first seed alone, and then averaged. Choose it by the mean, too.",
        ),
        (
            lambda losses: np.mean(losses, axis=(1, 2)),
            "The mean over all rates counts the bad ones, too. An optimizer may use its best.",
        ),
        (lambda losses: np.max(_means(losses), axis=1), "These are the worst rates. A smaller loss is better."),
        (
            lambda losses: np.argmin(_means(losses), axis=1),
            "These are the numbers of the best rates. The losses at these rates are asked for.",
        ),
        (
            lambda losses: np.mean(np.min(losses, axis=2), axis=1),
            "First the luckiest seed is chosen, and then the mean taken over the rates. Which axis belongs to which?",
        ),
        (
            lambda losses: np.min(np.mean(losses, axis=1), axis=1),
            "The mean is taken over the rates, and the best chosen over the seeds: it is the other way round.",
        ),
        (
            lambda losses: _means(losses)[:, 0],
            "These are the means at the first rate. Each optimizer should have its own best.",
        ),
        (
            lambda losses: np.min(np.median(losses, axis=2), axis=1),
            "This is the median over the seeds. It is a fair choice, too; the check expects the mean.",
        ),
        (
            lambda losses: np.min(np.sum(losses, axis=2), axis=1),
            "The seeds are summed. With the mean, the number does not depend on how many there are.",
        ),
        (
            lambda losses: np.min(np.max(losses, axis=2), axis=1),
            "Each rate is judged by its worst seed. The mean over the seeds is asked for.",
        ),
    ],
)
