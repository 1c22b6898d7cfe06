"""Programs in the manner of beginners' guides give with the course what they gave with TensorFlow."""

import json
from pathlib import Path

import numpy as np
import programs
import pytest

import course as tf

REFERENCE = json.loads(Path(programs.__file__).with_suffix(".json").read_text())


def leaves(value):
    if isinstance(value, list | tuple) and any(isinstance(part, list | tuple | np.ndarray) for part in value):
        return [leaf for part in value for leaf in leaves(part)]
    return np.ravel(value).tolist()


def test_every_program_has_a_reference():
    names = [program.__name__ for program in programs.PROGRAMS]
    assert len(names) == len(set(names)) >= 40
    assert set(REFERENCE) - {"tensorflow"} == set(names), "run `make reference`"


@pytest.mark.parametrize("program", programs.PROGRAMS, ids=lambda program: program.__name__)
def test_it_gives_what_tensorflow_gave(program):
    tf.keras.backend.clear_session()
    np.testing.assert_allclose(leaves(program(tf)), leaves(REFERENCE[program.__name__]), rtol=2e-4, atol=2e-5)
