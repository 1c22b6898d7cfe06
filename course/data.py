"""Datasets: examples one after another, shuffled, batched and mapped on the way: what TensorFlow keeps under `tf.data`.

    dataset = Dataset.from_tensor_slices((inputs, labels)).shuffle(1000).batch(32)
    for batch_inputs, batch_labels in dataset:
        ...

Nothing is computed before somebody iterates, and each `for` begins anew. An element is a tensor, or a tuple or dict of
elements; a list is made one tensor, as in TensorFlow. The course's own data are in `course.datasets`.
"""

import itertools
import types

import numpy as np

from course import random
from course.engine import nest
from course.engine.arguments import integer
from course.engine.operation import convert_to_tensor
from course.engine.tensor import Tensor, int64
from course.missing import Helpful

AUTOTUNE = -1  # accepted wherever TensorFlow takes it; here all work is done in one thread
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2
NO_LENGTH = {INFINITE_CARDINALITY: "infinite", UNKNOWN_CARDINALITY: "unknown"}
experimental = types.SimpleNamespace(AUTOTUNE=AUTOTUNE)


class Dataset(metaclass=Helpful):
    """A sequence of elements that can be gone through again and again. Made by its `from_…` methods and `range`; every
    other method returns a new dataset and leaves this one as it is.

    Args:
        start: a function without arguments that begins an iteration: it returns an iterator over the elements.
        size: how many elements there are, or `INFINITE_CARDINALITY`, or `UNKNOWN_CARDINALITY`.
    """

    def __init__(self, start, size):
        self._start, self._size = start, size

    def __iter__(self):
        return iter(self._start())

    def __len__(self):
        if self._size < 0:
            raise TypeError(f"the dataset's length is {NO_LENGTH[self._size]}. Count a part: dataset.take(100).")
        return self._size

    def __bool__(self):
        return True  # also while it is empty, or has no length

    def __repr__(self):
        return f"<Dataset of length {NO_LENGTH.get(self._size, self._size)}>"

    def cardinality(self):
        """The number of elements, an int64 tensor; -1 where there is no end, -2 where only iterating could tell."""
        return Tensor(np.int64(self._size))

    def as_numpy_iterator(self):
        """The elements with NumPy arrays in the place of tensors."""
        return (_map(Tensor.numpy, element) for element in self)

    # Where elements come from

    @staticmethod
    def from_tensor_slices(tensors, name=None):
        """The rows of `tensors`: an array, a tensor or a list; or a tuple or dict of them, all with as many rows."""
        whole = _tensors(tensors)
        hint = "; a list counts as one tensor, so several go into a tuple."
        count = number_of_rows("from_tensor_slices: the tensors", whole, hint)
        return Dataset(lambda: (_map(lambda x: Tensor(x._value[i]), whole) for i in range(count)), count)  # noqa: B023

    @staticmethod
    def range(*args, output_type=int64, name=None):
        """Integers, as Python's `range`."""
        numbers = range(*[int(n) for n in args])
        return Dataset(lambda: (convert_to_tensor(n, output_type) for n in numbers), len(numbers))

    @staticmethod
    def zip(*datasets, name=None):
        """Tuples of an element of each dataset, as long as all have one. Several, or a tuple or dict of them."""
        nested = datasets[0] if len(datasets) == 1 else datasets
        parts = nest.flatten(_map(_dataset, nested))
        together = lambda: (nest.pack(nested, iter(row)) for row in zip(*parts))  # noqa: E731
        return Dataset(together, _least([part._size for part in parts]))

    # What is done with them on the way

    def map(self, map_func, num_parallel_calls=None, deterministic=None, name=None):
        """`map_func` of every element; a tuple's parts are its arguments. It runs as plain Python, at every iteration,
        where TensorFlow traces it once."""
        return Dataset(lambda: (_tensors(_called(map_func, x)) for x in self), self._size)

    def filter(self, predicate, name=None):
        """The elements for which `predicate` is true."""
        size = self._size if self._size == 0 else UNKNOWN_CARDINALITY
        return Dataset(lambda: (x for x in self if bool(_called(predicate, x))), size)

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=None, name=None):
        """The elements in a random order: each is drawn from a buffer that the following ones fill up. Only a buffer as
        large as the dataset gives every order the same chance.

        Args:
            buffer_size: how many elements to draw from, at least 1.
            seed: an int that decides the orders; by default they come from `course.random`.
            reshuffle_each_iteration: False for the same order at every iteration.
        """
        size = integer("shuffle: buffer_size", buffer_size)
        same = reshuffle_each_iteration is False
        seed = random.generator().integers(2**62) if seed is None and same else seed
        seed, orders = seed if seed is None else random.checked_seed(seed), itertools.count()

        def start():
            rng = random.generator() if seed is None else random.derived(seed, 0 if same else next(orders))
            elements = iter(self)
            buffer = list(itertools.islice(elements, size))
            while buffer:
                i = int(rng.integers(len(buffer)))
                buffer[i], buffer[-1] = buffer[-1], buffer[i]
                yield buffer.pop()
                buffer.extend(itertools.islice(elements, 1))

        return Dataset(start, self._size)

    def batch(self, batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None, name=None):
        """`batch_size` elements at a time, stacked along a new first axis. The last batch may be smaller, or is left
        out with `drop_remainder`."""
        n = integer("batch: batch_size", batch_size)

        def start():
            elements = iter(self)
            while rows := list(itertools.islice(elements, n)):
                if len(rows) == n or not drop_remainder:
                    yield _stacked(rows)

        size = self._size if self._size < 0 else self._size // n if drop_remainder else -(-self._size // n)
        return Dataset(start, size)

    def repeat(self, count=None, name=None):
        """All elements `count` times; without end if that is None or -1."""
        n = -1 if count in (None, -1) else integer("repeat: count", count, least=0)
        size = self._size * n if self._size > 0 or not n else self._size
        return Dataset(lambda: self._rounds(n), INFINITE_CARDINALITY if n < 0 and self._size else size)

    def _rounds(self, left):
        element = self
        while left and element is not None:  # a round without elements would be followed by others for ever
            left, element = left - 1, None
            for element in self:
                yield element

    def take(self, count, name=None):
        """The first `count` elements, all of them if that is -1."""
        if count == -1:
            return self
        n = integer("take: count", count, least=0)
        return Dataset(lambda: itertools.islice(self, n), _least([self._size, n]))

    def skip(self, count, name=None):
        """All but the first `count` elements; none if that is -1."""
        if count == -1:
            return self.take(0)
        n = integer("skip: count", count, least=0)
        size = max(self._size - n, 0) if self._size > 0 else self._size
        return Dataset(lambda: itertools.islice(self, n, None), size)

    def enumerate(self, start=0, name=None):
        """Pairs of a number, counted from `start` in int64, and an element."""
        numbered = lambda: ((Tensor(np.int64(i)), x) for i, x in enumerate(self, int(start)))  # noqa: E731
        return Dataset(numbered, self._size)

    def cache(self, filename="", name=None):
        """The same elements, computed at the first whole iteration and kept in memory."""
        kept = []

        def start():
            elements = []
            for element in self:
                elements.append(element)
                yield element
            kept[:] = elements

        return Dataset(lambda: iter(kept) if kept else start(), self._size)

    def prefetch(self, buffer_size, name=None):
        """The same dataset: here nothing is computed ahead."""
        return self


def _map(function, nested):
    """`function` of every leaf. Tuples and dicts are nestings; a list is a leaf."""
    if isinstance(nested, dict):
        return {key: _map(function, part) for key, part in nested.items()}
    if isinstance(nested, tuple):
        parts = [_map(function, part) for part in nested]
        return type(nested)(*parts) if hasattr(nested, "_fields") else tuple(parts)
    return function(nested)


def _tensors(nested):
    return _map(convert_to_tensor, nested)


def _dataset(part):
    if not isinstance(part, Dataset):
        raise TypeError(f"zip: {part!r} is a {type(part).__name__}, not a Dataset.")
    return part


def number_of_rows(what, tensors, hint, least=0):
    """How many rows each tensor of a nesting has. A ValueError, if that is not the same number, or too few."""
    shapes = [x.shape for x in nest.flatten(tensors)]
    counts = {shape[0] if shape else -1 for shape in shapes}
    if len(counts) != 1 or min(counts) < least:
        raise ValueError(
            f"{what} have shapes {', '.join(map(str, shapes))}. Give tensors with the same number of rows{hint}"
        )
    return counts.pop()


def _called(function, element):
    return function(*element) if isinstance(element, tuple) else function(element)


def _stacked(rows):
    columns = list(zip(*[nest.flatten(row) for row in rows]))
    for shapes in ({x._value.shape for x in column} for column in columns):
        if len(shapes) > 1:
            words = ", ".join(sorted(map(str, shapes)))
            raise ValueError(f"batch: elements of the shapes {words} cannot be stacked. Make them equal with map.")
    return nest.pack(rows[0], (Tensor(np.stack([x._value for x in column])) for column in columns))


def _least(sizes):
    """The length of what ends with the shortest."""
    if 0 in sizes or UNKNOWN_CARDINALITY not in sizes:
        return min((size for size in sizes if size >= 0), default=INFINITE_CARDINALITY)
    return UNKNOWN_CARDINALITY
