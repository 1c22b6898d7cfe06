import concurrent.futures
import io
import json
import os
import subprocess
import sys
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

import course as tf
from course import layers
from course.keras import checkpoint

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype("float32")
LABELS = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 0)


def new_model(optimizer=None, width=8, seed=0):
    """A model with all that a run depends on: weights, moving averages, an optimizer's state, and random numbers."""
    tf.random.set_seed(seed)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            layers.Dense(width, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(3),
        ]
    )
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or tf.keras.optimizers.Adam(0.01), loss)
    return model


def train(model, begin, end):
    return model.fit(X, LABELS, epochs=end, initial_epoch=begin, batch_size=16, verbose=0).history.get("loss", [])


def state(model):
    """Every number that the model and its optimizer hold, and the random numbers' state."""
    variables = [*model.variables, *model.optimizer.variables]
    return [v.numpy().tobytes() for v in variables], json.dumps(tf.random.get_state())


# Exact resumption

OPTIMIZERS = {
    "sgd": lambda: tf.keras.optimizers.SGD(0.05),
    "momentum": lambda: tf.keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: tf.keras.optimizers.RMSprop(centered=True, momentum=0.5),
    "adagrad": lambda: tf.keras.optimizers.Adagrad(0.05),
    "adam": lambda: tf.keras.optimizers.Adam(0.01, amsgrad=True),
    "a schedule": lambda: tf.keras.optimizers.AdamW(tf.keras.optimizers.schedules.ExponentialDecay(0.01, 5, 0.9)),
}


@pytest.mark.parametrize("stop", range(5))
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_run_stopped_at_any_epoch_goes_on_as_if_it_had_not_been(tmp_path, optimizer, stop):
    whole = new_model(optimizer())
    losses = train(whole, 0, 4)

    first = new_model(optimizer())
    before = train(first, 0, stop)
    path = tf.train.Checkpoint(model=first).save(tmp_path / "run")
    resumed = new_model(optimizer(), seed=99)
    train(resumed, 0, 1)  # something else, which the checkpoint must undo
    tf.train.Checkpoint(model=resumed).restore(path)
    assert before + train(resumed, stop, 4) == losses
    assert state(resumed) == state(whole)


def test_another_process_goes_on_too(tmp_path):
    script = f"""
import sys
sys.path[:0] = {[os.path.dirname(__file__)]!r}
import test_checkpoint as t, course as tf
model = t.new_model(seed=5)
tf.train.Checkpoint(model=model).restore(sys.argv[1])
print(t.train(model, 2, 4))
"""
    model = new_model()
    train(model, 0, 2)
    path = tf.train.Checkpoint(model=model).save(tmp_path / "run.npz")
    there = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert json.loads(there.stdout) == train(model, 2, 4)


def test_a_loop_of_your_own_with_variables_and_a_sparse_optimizer_goes_on_exactly(tmp_path):
    def begin(seed):
        table = tf.Variable(np.random.default_rng(seed).normal(size=(20, 3)).astype("float32"))
        return table, tf.Variable(0), tf.keras.optimizers.Adam(0.1)

    def steps(table, step, optimizer, count):
        for _ in range(count):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.gather(table, tf.random.uniform([4], maxval=20, dtype="int32")) ** 2)
            optimizer.apply_gradients([(tape.gradient(loss, table), table)])
            step.assign_add(1)

    tf.random.set_seed(3)
    whole = begin(0)
    steps(*whole, 10)
    tf.random.set_seed(3)
    first, second = begin(0), begin(1)
    steps(*first, 4)
    names = ("table", "step", "optimizer")
    path = tf.train.Checkpoint(**dict(zip(names, first))).save(tmp_path / "run")
    steps(*second, 1)  # a bare variable's optimizer has its state from its first step
    tf.train.Checkpoint(**dict(zip(names, second))).restore(path)
    steps(*second, 6)
    np.testing.assert_array_equal(second[0], whole[0])
    assert int(second[1]) == 10


def test_without_a_seed_too_the_random_numbers_go_on(tmp_path):
    tf.random._state.update(seed=None, generators={})
    saved = tf.train.Checkpoint(v=tf.Variable(1.0))
    path = saved.save(tmp_path / "run")
    expected = [tf.random.normal([3]).numpy(), tf.random.normal([3], seed=4).numpy()]
    saved.restore(path)
    np.testing.assert_array_equal(tf.random.normal([3]), expected[0])


def test_a_checkpoint_restores_what_it_was_saved_from_and_before_its_first_step(tmp_path):
    model = new_model()
    before, saved = state(model), tf.train.Checkpoint(model=model)
    path = saved.save(tmp_path / "start")
    first = train(model, 0, 2)
    saved.restore(path)
    assert state(model)[0][: len(before[0])] == before[0]
    assert train(model, 0, 2) == first


def test_values_come_back_bit_for_bit_whatever_they_are(tmp_path):
    values = [np.float32([np.nan, np.inf, -0.0, 1e-45]), np.float64(np.pi), np.int64(-(2**62)), np.zeros((0, 3)), True]
    parts = {"a": [tf.Variable(v) for v in values]}
    saved = tf.train.Checkpoint(parts=parts)
    path = saved.save(tmp_path / "x")
    expected = [v.numpy().tobytes() for v in parts["a"]]
    for v in parts["a"]:
        v.assign(tf.zeros(v.shape, v.dtype) if v.dtype != bool else False)
    saved.restore(path)
    assert [v.numpy().tobytes() for v in parts["a"]] == expected


# What is in the file


def test_the_file_is_plain_arrays_by_their_paths(tmp_path):
    model = new_model("sgd")
    path = tf.train.Checkpoint(model=model, extra={"step": tf.Variable(7)}).save(tmp_path / "run")
    assert path == str(tmp_path / "run.npz")
    with np.load(path, allow_pickle=False) as file:
        assert int(file["format"]) == 1 and int(file["variables/extra/step"]) == 7
        np.testing.assert_array_equal(file["variables/model/layers/0/kernel"], model.layers[0].kernel)
        assert json.loads(str(file["random"])) == tf.random.get_state()
        assert "variables/model/optimizer/iterations" in file.files
        assert len(file.files) == 2 + len(model.variables) + len(model.optimizer.variables) + 1


def test_an_optimizer_that_is_named_goes_by_its_name(tmp_path):
    model = new_model()
    path = tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(tmp_path / "run")
    names = np.load(path).files
    assert "variables/optimizer/model/layers/0/kernel/m" in names and not [n for n in names if "model/optimizer" in n]


def test_what_is_shared_is_saved_once(tmp_path):
    v = tf.Variable(1.0)
    path = tf.train.Checkpoint(a=v, b=[v, tf.Variable(2.0)]).save(tmp_path / "x")
    assert sorted(np.load(path).files) == ["format", "random", "variables/a", "variables/b/1"]


def test_weights_alone_leave_optimizer_and_random_numbers_as_they_are(tmp_path):
    trained = new_model()
    train(trained, 0, 2)
    path = trained.save_weights(tmp_path / "weights")
    model = new_model(seed=8)
    train(model, 0, 1)
    before = state(model)
    model.load_weights(path)
    for ours, theirs in zip(model.get_weights(), trained.get_weights()):
        np.testing.assert_array_equal(ours, theirs)
    after, count = state(model), len(model.variables)
    assert after[0][count:] == before[0][count:] and after[1] == before[1]


# Objects and their names


def test_objects_named_later_are_saved_and_restored_too(tmp_path):
    saved = tf.train.Checkpoint()
    saved.step = tf.Variable(3)
    saved.parts = [tf.Variable(1.0)]
    path = saved.save(tmp_path / "x")
    saved.step.assign(0), saved.parts[0].assign(0.0)
    saved.restore(path)
    assert int(saved.step) == 3 and float(saved.parts[0]) == 1


def test_a_save_of_nothing_is_refused_and_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="no objects. Name some"):
        tf.train.Checkpoint().save(tmp_path / "x")
    with pytest.raises(ValueError, match="step has no variables"):
        tf.train.Checkpoint(step=3).save(tmp_path / "x")
    with pytest.raises(TypeError, match="give each object a name"):
        tf.train.Checkpoint(new_model())
    with pytest.raises(AttributeError, match="'save' is the name of something of its own"):
        tf.train.Checkpoint(save=tf.Variable(1))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "make, name",
    [
        (lambda a, b: {"p": {1: a, "1": b}}, "p/1"),
        (lambda a, b: {"p": {"x/y": a, "x": {"y": b}}}, "p/x/y"),
        (lambda a, b: {"p": [a], "p/0": b}, "p/0"),
        (lambda a, b: {"sgd": tf.keras.optimizers.SGD(), "sgd/iterations": b, "a": a}, "sgd/iterations"),
    ],
)
def test_two_variables_of_one_name_are_refused(tmp_path, make, name):
    with pytest.raises(ValueError, match=f"two variables would be saved as '{name}'.*another key"):
        tf.train.Checkpoint(**make(tf.Variable(1.0), tf.Variable(2.0))).save(tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_what_refers_back_to_what_holds_it_is_saved_once(tmp_path):
    model = new_model("sgd")
    model.layers[0].parent, everything = model, {"model": model}
    everything["everything"] = everything
    names = np.load(tf.train.Checkpoint(all=everything).save(tmp_path / "x")).files
    assert len(names) == 2 + len(model.variables) + len(model.optimizer.variables)


def test_a_weight_that_no_attribute_holds_is_saved(tmp_path):
    layer = layers.Layer()
    layer.add_weight((2,), "ones", name="alone")
    path = tf.train.Checkpoint(layer=layer).save(tmp_path / "x")
    layer.set_weights([[5.0, 6.0]])
    tf.train.Checkpoint(layer=layer).restore(path)
    assert layer.get_weights()[0].tolist() == [1, 1]


def test_folders_that_are_missing_are_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved = tf.train.Checkpoint(v=tf.Variable(1.0))
    assert saved.save("./runs/first/ckpt") == "./runs/first/ckpt.npz"
    saved.restore("./runs/first/ckpt").assert_consumed()


@pytest.mark.parametrize("path", ["", "runs/", None, 3])
def test_a_path_without_the_name_of_a_file_is_refused(path):
    saved = tf.train.Checkpoint(v=tf.Variable(1.0))
    for call in (saved.save, saved.restore):
        with pytest.raises(ValueError, match=f"ends in the name of a file.* not {path!r}"):
            call(path)


def test_the_status_tells_what_of_the_file_was_not_restored(tmp_path):
    model, step = new_model(), tf.Variable(5)
    path = tf.train.Checkpoint(model=model, step=step, steps=tf.Variable(6)).save(tmp_path / "x")
    step.assign(0)
    status = tf.train.Checkpoint(step=step).restore(path)
    assert int(step) == 5 and status.expect_partial() is status.assert_existing_objects_matched() is status
    with pytest.raises(
        AssertionError, match="holds more than was restored: steps, model/layers/0/kernel, .*model/optimizer/iterations"
    ):
        status.assert_consumed()
    assert repr(status).startswith(f"<restored from {path}, but for steps, model/layers/0/kernel")
    whole = tf.train.Checkpoint(model=model, step=step, steps=tf.Variable(0)).restore(path)
    assert repr(whole) == f"<restored from {path}>"
    assert whole.assert_consumed() is whole


# Interrupted writing


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, function):
    model = new_model()
    saved = tf.train.Checkpoint(model=model)
    path = saved.save(tmp_path / "run")
    before = (tmp_path / "run.npz").read_bytes()
    train(model, 0, 1)

    def full(*arguments):
        raise OSError("no space left on the disk")

    monkeypatch.setattr(os, function, full)
    with pytest.raises(OSError, match="no space left"):
        saved.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"] and (tmp_path / "run.npz").read_bytes() == before


def test_the_file_is_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    calls, fsync, replace = [], os.fsync, os.replace

    def noted_replace(a, b):
        calls.append("replace")
        assert os.path.dirname(a) == os.path.dirname(b)
        with np.load(a) as complete:
            assert "format" in complete.files
        replace(a, b)

    monkeypatch.setattr(os, "fsync", lambda handle: (calls.append("fsync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", noted_replace)
    tf.train.Checkpoint(model=new_model()).save(tmp_path / "run")
    assert calls == ["fsync", "replace"]


def test_a_save_removes_what_a_killed_one_left_and_nothing_else(tmp_path):
    code = f"""
import os, signal, sys
import numpy as np, course as tf
np.savez = lambda file, **entries: (file.write(b"half of it"), file.flush(), os.kill(os.getpid(), signal.SIGKILL))
tf.train.Checkpoint(v=tf.Variable(1.0)).save({str(tmp_path / "run")!r})
"""
    others = ["run.npz.tmp", "run.npz.01234567.tmp.npz", "run2.npz.01234567.tmp", "run.npz.notes-01.tmp"]
    for name in others:
        (tmp_path / name).touch()
    subprocess.run([sys.executable, "-c", code])
    assert len(list(tmp_path.iterdir())) == len(others) + 1
    tf.train.Checkpoint(v=tf.Variable(1.0)).save(tmp_path / "run")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, "run.npz"])


def test_saves_to_one_path_at_once_leave_one_whole_file(tmp_path):
    saved = tf.train.Checkpoint(v=tf.Variable(np.zeros(1000)))
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(saved.save, tmp_path / "run") for _ in range(40)]:
            done.result()
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]
    saved.restore(tmp_path / "run")


# Files that do not fit


def assert_refused(saved, model, path, words, error=ValueError):
    """Restoring raises, with all of `words` in the message, and changes nothing."""
    before = state(model)
    with pytest.raises(error) as caught:
        saved.restore(path)
    for part in words:
        assert part in str(caught.value), str(caught.value)
    assert state(model) == before


def test_a_mismatch_names_every_difference(tmp_path):
    path = tf.train.Checkpoint(model=new_model(), old=tf.Variable([1.0, 2.0])).save(tmp_path / "run")
    model = new_model("sgd", width=6)
    saved = tf.train.Checkpoint(model=model, new=tf.Variable(1), old=tf.Variable([1, 2]))
    words = [
        "nothing was restored",
        "model/layers/0/kernel has shape (4, 8) and dtype float32 in the file, and (4, 6) and float32 here",
        "model/layers/0/bias has shape (8,)",
        "model/layers/1/gamma",
        "model/layers/1/moving_variance",
        "model/layers/3/kernel has shape (8, 3)",
        "model/optimizer/model/layers/0/kernel/m is in the file only, of shape (4, 8)",
        "new is not in the file",
        "old has shape (2,) and dtype float32 in the file, and (2,) and int32 here",
    ]
    assert_refused(saved, model, path, words)
    with pytest.raises(ValueError) as caught:
        saved.restore(path)
    assert "layers/3/bias has" not in str(caught.value)  # which fits


def test_files_of_the_other_kind_are_sent_to_the_other_method(tmp_path):
    model = new_model()
    saved = tf.train.Checkpoint(model=model)
    whole, weights = saved.save(tmp_path / "run"), model.save_weights(tmp_path / "weights")
    assert_refused(saved, model, weights, ["holds weights alone", "model.load_weights(path)"])
    with pytest.raises(ValueError, match="a whole checkpoint.*restore"):
        model.load_weights(whole)


def test_a_model_without_weights_is_sent_to_its_first_call(tmp_path):
    unbuilt = tf.keras.Sequential([layers.Dense(2)])
    for act in (tf.train.Checkpoint(model=unbuilt).save, tf.train.Checkpoint(model=unbuilt).restore):
        with pytest.raises(ValueError, match="model has no variables. If it is a model, call it on a batch first"):
            act(new_model().save_weights(tmp_path / "x") if act.__name__ == "save" else whole_checkpoint(tmp_path))
    with pytest.raises(ValueError, match="has no weights yet"):
        unbuilt.save_weights(tmp_path / "y")
    with pytest.raises(ValueError, match="The model has no variables yet"):
        unbuilt.load_weights(tmp_path / "x")


def whole_checkpoint(folder):
    return tf.train.Checkpoint(model=new_model()).save(folder / "whole")


def test_formats_are_told_apart(tmp_path, monkeypatch):
    model = new_model()
    saved = tf.train.Checkpoint(model=model)
    path = saved.save(tmp_path / "run")
    monkeypatch.setattr(checkpoint, "FORMAT", 2)
    assert_refused(saved, model, path, ["has format 1, that of an older version", "reads format 2"])
    newer = saved.save(tmp_path / "newer")
    monkeypatch.setattr(checkpoint, "FORMAT", 1)
    assert_refused(saved, model, newer, ["has format 2, that of a newer version", "reads format 1"])
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    assert_refused(saved, model, tmp_path / "other.npz", ["no checkpoint", "does not say which format"])


def test_a_file_that_is_not_there(tmp_path):
    model = new_model()
    assert_refused(tf.train.Checkpoint(model=model), model, tmp_path / "no", ["no.npz"], FileNotFoundError)


# Damage

SMALL = {"v": tf.Variable([1.0, 2.0, 3.0]), "n": tf.Variable(5, trainable=False)}


@pytest.fixture
def small(tmp_path):
    """A checkpoint of few bytes, its file's content, and a function that restores from other content."""
    saved = tf.train.Checkpoint(**SMALL)
    SMALL["v"].assign([1.0, 2.0, 3.0])
    tf.random.set_seed(7)
    path, tried = tmp_path / "small.npz", []
    saved.save(path)

    def restore(content):
        """Whether it was refused, having changed nothing; if not, everything must be as it was saved."""
        SMALL["v"].assign([0.0, 0.0, 0.0])
        random_before = json.dumps(tf.random.get_state())
        # A new file each time, since some file systems write a file that is overwritten to the disk at once.
        damaged = tmp_path / f"{len(tried)}.npz"
        damaged.write_bytes(content)
        tried.append(damaged)
        try:
            saved.restore(damaged)
        except ValueError:
            assert SMALL["v"].numpy().tolist() == [0, 0, 0] and int(SMALL["n"]) == 5
            assert json.dumps(tf.random.get_state()) == random_before
            return True
        assert SMALL["v"].numpy().tolist() == [1, 2, 3] and int(SMALL["n"]) == 5
        assert json.dumps(tf.random.get_state()) == random_before
        return False

    return path.read_bytes(), restore


def test_a_truncated_file_is_refused_at_every_length(small):
    content, restore = small
    assert not restore(content)
    assert all(restore(content[:length]) for length in range(0, len(content)))


@pytest.mark.parametrize("flip", [0x01, 0xFF])
def test_any_changed_byte_is_refused_or_changes_nothing_that_counts(small, flip):
    content, restore = small
    refused = sum(restore(content[:i] + bytes([content[i] ^ flip]) + content[i + 1 :]) for i in range(0, len(content)))
    assert refused > 0.8 * len(content)  # the others are dates, versions and such, which no array depends on


def test_other_files_and_zeroed_parts_are_refused(small):
    content, restore = small
    assert restore(b"") and restore(b"hello") and restore(content[::-1]) and restore(bytes(len(content)))
    third = len(content) // 3
    assert restore(content[:third] + bytes(third) + content[2 * third :])


def npy(shape, dtype="float64", data=b""):
    """The bytes of an array that need not have the data that it claims."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"shape": shape, "fortran_order": False, "descr": np.dtype(dtype).str})
    return file.getvalue() + data


@pytest.mark.parametrize(
    "name, data, how, words",
    [
        ("variables/v", npy((1,)) + bytes(10**7), zipfile.ZIP_DEFLATED, "or compressed"),
        ("variables/v", npy((10**12,)), zipfile.ZIP_STORED, r"not those of shape \(1000000000000,\)"),
        ("variables/v/w", npy((10**6,), data=bytes(8 * 10**6)), zipfile.ZIP_STORED, r"v/w is in the file only"),
        ("variables/v", npy((10**6,), data=bytes(8 * 10**6)), zipfile.ZIP_STORED, r"v has shape \(1000000,\)"),
        ("random", npy((), "<U5000000", data=bytes(2 * 10**7)), zipfile.ZIP_STORED, "random.npy has 20000128 bytes"),
    ],
)
def test_an_entry_that_is_too_large_is_refused_before_it_is_read(tmp_path, name, data, how, words):
    v = tf.Variable(np.array([1.0]))
    whole = {"format": np.array(1), "random": np.array(json.dumps(tf.random.get_state())), "variables/v": v.numpy()}
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for key, array in whole.items():
            content = io.BytesIO()
            np.save(content, array)
            archive.writestr(f"{key}.npy", data if key == name else content.getvalue(), how)
        if name not in whole:
            archive.writestr(f"{name}.npy", data, how)
    del data
    tracemalloc.start()
    with pytest.raises(ValueError, match=words):
        tf.train.Checkpoint(v=v).restore(tmp_path / "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6 and float(v[0]) == 1


def test_entries_of_one_name_are_refused(tmp_path):
    saved = tf.train.Checkpoint(v=tf.Variable(1.0))
    path = saved.save(tmp_path / "x")
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("variables/v.npy", archive.read("variables/v.npy"))
    with pytest.raises(ValueError, match="an entry is there twice"):
        saved.restore(path)


def test_a_message_names_the_first_of_many_differences(tmp_path):
    path = tf.train.Checkpoint(v=[tf.Variable(1.0)] + [tf.Variable(1.0) for _ in range(99)]).save(tmp_path / "x")
    with pytest.raises(ValueError) as caught:
        tf.train.Checkpoint(v=[tf.Variable(0.0)]).restore(path)
    assert len(str(caught.value).splitlines()) == 42 and "and 59 more" in str(caught.value)


def test_an_entry_that_only_looks_like_an_array_is_refused_and_no_code_in_it_runs(tmp_path):
    class Code:
        def __reduce__(self):
            return (pytest.fail, ("code from the file ran",))

    saved = tf.train.Checkpoint(v=tf.Variable([1.0]))
    path = saved.save(tmp_path / "x")
    np.savez(path, format=np.array(1), random=np.array("{}"), **{"variables/v": np.array([Code()], dtype=object)})
    with pytest.raises(ValueError, match="damaged.*holds objects, not numbers"):
        saved.restore(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("format.npy", b"not an array")
    with pytest.raises(ValueError, match="damaged"):
        saved.restore(path)


def test_a_state_of_random_numbers_that_is_none_is_refused(tmp_path):
    v = tf.Variable([1.0])
    saved = tf.train.Checkpoint(v=v)
    path = saved.save(tmp_path / "x")
    for text in (
        "[1",
        '{"seed": -1, "generators": []}',
        '{"seed": 0, "generators": [[0, {"state": 1}]]}',
        "null",
        "[]",
    ):
        np.savez(path, format=np.array(1), random=np.array(text), **{"variables/v": np.float32([9])})
        with pytest.raises(ValueError):
            saved.restore(path)
        assert v.numpy() == [1.0]
