"""A name of TensorFlow's that the course does not have says what to do instead."""

import importlib
import json
from pathlib import Path

import programs
import pytest

import course as tf
from course import missing

NAMES = json.loads(Path(programs.__file__).with_name("names.json").read_text())


def found(path):
    value = tf
    for part in filter(None, path.split(".")):
        value = getattr(value, part)
    return value


@pytest.mark.parametrize("module", NAMES, ids=lambda module: module or "tf")
def test_each_name_of_tensorflow_exists_or_helps(module):
    helpless = []
    for name in NAMES[module]:
        path = f"{module}.{name}".strip(".")
        try:
            found(path)
        except AttributeError as error:
            said, _, advice = str(error).partition(". ")
            if not said.startswith("the course has no tf.") or len(advice) < 8:
                helpless.append((path, str(error)))
    assert helpless == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("reduce_men", "Did you mean tf.reduce_mean?"),
        ("AdamW", "It is tf.keras.optimizers.AdamW."),
        ("keras.layers.Dens", "Did you mean tf.keras.layers.Dense?"),
        ("keras.layers.Sequential", "It is tf.keras.Sequential."),
        ("keras.metrics.AUC", "no tf.keras.metrics.AUC"),
        ("keras.datasets.mnist", "datasets.digits()"),
        ("cond", "where(condition, x, y)"),
        ("keras.layers.Conv2D", "out of scope"),
        ("saved_model", "save_weights"),
        ("compat.v1", "GradientTape"),
        ("repeat", "np.repeat"),
        ("train.AdamOptimizer", "CheckpointManager"),
        ("data.Dataset.window", "Write a Python loop over the dataset"),
        ("data.Dataset.suffle", "Did you mean tf.data.Dataset.shuffle?"),
        ("optimizers.Nadam", "no tf.keras.optimizers.Nadam. "),
    ],
)
def test_the_message_names_what_was_asked_for_and_what_to_use(path, words):
    with pytest.raises(AttributeError) as caught:
        found(path)
    assert words in str(caught.value)


def test_an_import_says_it_too():
    with pytest.raises(ImportError, match="Convolutions and pooling are out of scope"):
        from course.keras.layers import Conv2D  # noqa: F401
    with pytest.raises(ImportError, match="Did you mean tf.keras.optimizers.Adam"):
        from course.keras.optimizers import Adm  # noqa: F401


def test_rooms_and_private_names_are_found_or_missed_as_in_any_package():
    assert importlib.import_module("course.plots") is found("plots")
    assert not hasattr(tf, "_no_such_name") and not hasattr(tf, "no_such_name")


def test_a_dataset_answers_for_its_class():
    with pytest.raises(AttributeError, match="Put the arrays together before"):
        tf.data.Dataset.range(3).concatenate(tf.data.Dataset.range(2))
    assert not hasattr(tf.data.Dataset.range(3), "__array__") and not hasattr(tf.data.Dataset, "_no_such_name")


def test_no_advice_recommends_what_does_not_exist():
    said = [*(advice["instead"] for advice in missing.table()["advice"]), *missing.table()["otherwise"].values()]
    for word in ("datasets.digits", "keras.callbacks.Callback", "keras.layers.Layer", "keras.metrics.Metric"):
        assert any(word in advice for advice in said)
        importlib.import_module("course.datasets")
        found(word)
