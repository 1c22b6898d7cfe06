"""Random tensors, and the seed that makes them repeatable."""

import numpy as np

from course.ops import gather, sizes
from course.tensor import Tensor, as_dtype, convert_to_tensor, float32

_state = {"seed": None, "generators": {}}


def set_seed(seed):
    """Start the random numbers of this process anew from `seed`, an int ≥ 0: the same seed gives the same numbers."""
    _state.update(seed=checked_seed(seed), generators={})


def checked_seed(seed):
    """`seed` as an int. Raises a ValueError unless it is an integer ≥ 0."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"a seed must be an integer ≥ 0, not {seed!r}.")
    return int(seed)


def generator(seed=None):
    """The NumPy generator that the functions here draw from: one for each `seed` argument, which goes on from call to
    call, and starts anew at `set_seed`."""
    generators = _state["generators"]
    if seed not in generators:
        known = [checked_seed(n) for n in (_state["seed"], seed) if n is not None]
        generators[seed] = np.random.default_rng(known or None)
    return generators[seed]


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


def normal(shape, mean=0.0, stddev=1.0, dtype=float32, seed=None, name=None):
    """Numbers from the normal distribution with `mean` and standard deviation `stddev`, of `shape`."""
    dtype = _floating("normal", dtype)
    drawn = generator(seed).standard_normal(sizes(shape), np.float64 if dtype.itemsize == 8 else np.float32)
    return Tensor(np.asarray(drawn).astype(dtype, copy=False)[()]) * stddev + mean


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
        return Tensor(np.asarray(generator(seed).integers(int(minval), int(maxval), sizes(shape), dtype))[()])
    dtype = _floating("uniform", dtype)
    drawn = generator(seed).random(sizes(shape), np.float64 if dtype.itemsize == 8 else np.float32)
    maxval = 1.0 if maxval is None else maxval
    return Tensor(np.asarray(drawn).astype(dtype, copy=False)[()]) * (maxval - minval) + minval


def shuffle(value, seed=None, name=None):
    """The rows of `value` in a random order."""
    value = convert_to_tensor(value)
    if not value.ndim:
        raise ValueError(f"shuffle: the value {value} is a scalar and has no rows.")
    return gather(value, generator(seed).permutation(len(value)))


def _floating(name, dtype):
    dtype = as_dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"{name}: dtype must be a float's, not {dtype}.")
    return dtype
