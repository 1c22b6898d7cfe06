"""Random tensors, and the seed that makes them repeatable."""

import numpy as np

from course.engine.arguments import integer, sizes
from course.engine.operation import Operation, convert_to_tensor
from course.engine.ops import gather
from course.engine.tensor import as_dtype, float32

_state = {"seed": None, "generators": {}}


def set_seed(seed):
    """Start the random numbers of this process anew from `seed`, an int ≥ 0: the same seed gives the same numbers."""
    _state.update(seed=checked_seed(seed), generators={})


def checked_seed(seed):
    """`seed` as an int; it may be a float such as 1.0, as in TensorFlow. Raises a ValueError unless it is ≥ 0."""
    return integer("a seed", int(seed) if isinstance(seed, float) and seed.is_integer() else seed, least=0)


def generator(seed=None):
    """The NumPy generator that the functions here draw from: one for each `seed` argument, which goes on from call to
    call, and starts anew at `set_seed`."""
    generators = _state["generators"]
    if seed not in generators:
        known = [checked_seed(n) for n in (_state["seed"], seed) if n is not None]
        generators[seed] = np.random.default_rng(known or None)
    return generators[seed]


def derived(seed, number):
    """A NumPy generator of its own, decided by `set_seed`, `seed` and `number`."""
    return np.random.default_rng([n for n in (_state["seed"], seed, number) if n is not None])


def get_state():
    """All that decides the random numbers to come, as lists and dicts that JSON can hold."""
    generator()  # without any seed too, the numbers to come are decided from here
    states = [[seed, g.bit_generator.state] for seed, g in _state["generators"].items()]
    return {"seed": _state["seed"], "generators": states}


def set_state(state):
    """Go on from a state that `get_state` gave: the same random numbers follow. Raises a ValueError, and changes
    nothing, if `state` is something else."""
    try:
        generators = {}
        for seed, numbers in state["generators"]:
            generators[seed] = np.random.default_rng()
            generators[seed].bit_generator.state = numbers
        seed = state["seed"] if state["seed"] is None else checked_seed(state["seed"])
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError(f"set_state: {error!r} in {str(state)[:60]}. Give what get_state returned.") from None
    _state.update(seed=seed, generators=generators)


def _within_two(rng, shape, dtype=np.float64):
    """Numbers of the standard normal distribution, those beyond two standard deviations drawn again: an array."""
    numbers = np.asarray(rng.standard_normal(shape, dtype))
    while np.any(far := np.abs(numbers) > 2):
        numbers[far] = rng.standard_normal(np.count_nonzero(far), dtype)
    return numbers


def _drawing(name, draw):
    """An operation without inputs, so that a traced program draws anew at every call: `draw(rng, shape, dtype)`, with a
    dtype that NumPy can draw. float16 is rounded from float32."""

    def forward(shape, dtype, seed):
        drawn_as = np.float64 if dtype.itemsize == 8 else np.float32
        return np.asarray(draw(generator(seed), shape, drawn_as)).astype(dtype)[()]

    return Operation(f"random.{name}", forward)


# In functions, since NumPy loads its random numbers at their first use: an import of the course does not wait for them.
_normal = _drawing("normal", lambda rng, shape, dtype: rng.standard_normal(shape, dtype))
_uniform = _drawing("uniform", lambda rng, shape, dtype: rng.random(shape, dtype))
_truncated_normal = _drawing("truncated_normal", _within_two)
_integers = Operation(
    "random.uniform",
    lambda low, high, shape, dtype, seed: np.asarray(generator(seed).integers(low, high, shape, dtype))[()],
)
_permutation = Operation("random.shuffle", lambda n, seed: generator(seed).permutation(n))


def normal(shape, mean=0.0, stddev=1.0, dtype=float32, seed=None, name=None):
    """Numbers from the normal distribution with `mean` and standard deviation `stddev`, of `shape`."""
    dtype = _floating("normal", dtype)
    return _normal(shape=sizes(shape), dtype=dtype, seed=seed) * _as(stddev, dtype) + _as(mean, dtype)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=float32, seed=None, name=None):
    """Numbers from the normal distribution, of which those beyond two standard deviations are drawn again."""
    dtype = _floating("truncated_normal", dtype)
    return _truncated_normal(shape=sizes(shape), dtype=dtype, seed=seed) * _as(stddev, dtype) + _as(mean, dtype)


def _as(x, dtype):
    """A number or tensor in the dtype that was asked for: a float64 of NumPy must not widen the result."""
    return x if isinstance(x, int | float) and not isinstance(x, np.generic) else convert_to_tensor(x, dtype)


def uniform(shape, minval=0, maxval=None, dtype=float32, seed=None, name=None):
    """Numbers at equal probability from `minval` (included) to `maxval` (not included; by default 1), of `shape`.

    With an integer dtype, integers; `maxval` must then be given.
    """
    dtype = as_dtype(dtype)
    if dtype.kind in "iu":
        if maxval is None:
            raise ValueError("uniform: integers need a maxval.")
        if int(minval) >= int(maxval):
            raise ValueError(f"uniform: there is no integer from {int(minval)} to below {int(maxval)}.")
        return _integers(low=int(minval), high=int(maxval), shape=sizes(shape), dtype=dtype, seed=seed)
    dtype = _floating("uniform", dtype)
    minval, maxval = _as(minval, dtype), _as(1.0 if maxval is None else maxval, dtype)
    return _uniform(shape=sizes(shape), dtype=dtype, seed=seed) * (maxval - minval) + minval


def shuffle(value, seed=None, name=None):
    """The rows of `value` in a random order."""
    value = convert_to_tensor(value)
    if not value.ndim:
        raise ValueError(f"shuffle: the value {value} is a scalar and has no rows.")
    return gather(value, _permutation(n=len(value), seed=seed))


def _floating(name, dtype):
    dtype = as_dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"{name}: dtype must be a float's, not {dtype}.")
    return dtype
