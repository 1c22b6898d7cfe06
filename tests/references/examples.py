"""How many inputs Hypothesis draws for a property: few in `make test`, which is run often, more in `make long-test`."""

import os

from hypothesis import settings

TIMES = int(os.environ.get("EXAMPLES", 1))


def examples(number):
    """A decorator: so many examples, or in `make long-test` a multiple, which EXAMPLES says."""
    return settings(max_examples=number * TIMES)
