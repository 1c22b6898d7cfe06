"""Shards, weighted means, and data-parallel steps in real processes, some of which are killed."""

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sharded import LENGTHS, START, counted, is_running, kill, load, loss, one_machine, run

import course as tf
from course import distributed
from course.distributed import Cluster, DataParallel, shards, weighted_mean

HAS_DASK = importlib.util.find_spec("distributed") is not None
needs_dask = pytest.mark.skipif(not HAS_DASK, reason="needs Dask: pip install -r requirements-distributed.txt")


# Shards and means need no Dask.


@pytest.mark.parametrize(("num_examples", "parts"), [(10, 1), (10, 3), (3, 3), (1000, 7)])
def test_shards_cover_every_example_once_in_lengths_that_differ_by_one_at_most(num_examples, parts):
    cut = shards(num_examples, parts)
    assert [i for part in cut for i in range(num_examples)[part]] == list(range(num_examples))
    lengths = [part.stop - part.start for part in cut]
    assert len(cut) == parts and max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((3, 4), ValueError, "3 examples cannot fill 4 parts"),
        ((3, 0), ValueError, "Choose 1 to 3"),
        ((3, 1.5), TypeError, "parts is 1.5"),
        ((True, 1), TypeError, "num_examples is True"),
    ],
)
def test_shards_refuses_what_it_cannot_cut(arguments, error, words):
    with pytest.raises(error, match=words):
        shards(*arguments)


def test_the_weighted_mean_of_means_is_the_mean_over_all():
    values = np.random.default_rng(0).normal(size=(100, 3))
    parts = [values[:7], values[7:50], values[50:]]
    mean = weighted_mean([part.mean(axis=0) for part in parts], [len(part) for part in parts])
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-13)


def test_the_weighted_mean_keeps_float32():
    assert weighted_mean([np.float32([1, 2]), np.float32([3, 4])], [1, 3]).dtype == np.float32


@pytest.mark.parametrize(
    ("values", "weights", "words"),
    [
        ([1.0, 2.0], [1], "2 values and 1 weights"),
        ([], [], "0 values and 0 weights"),
        ([np.ones(2), np.ones(3)], [1, 1], r"shapes \[\(2,\), \(3,\)\]"),
        ([1.0, 2.0], [1, -1], "0 or more"),
        ([1.0, 2.0], [0, 0], "one above 0"),
        ([1.0, 2.0], [1, float("nan")], "one above 0"),
    ],
)
def test_the_weighted_mean_refuses(values, weights, words):
    with pytest.raises(ValueError, match=words):
        weighted_mean(values, weights)


def test_without_dask_the_course_still_imports_and_one_sentence_says_how_to_install_it():
    code = (
        "import sys; sys.modules['dask'] = sys.modules['distributed'] = None\n"
        "import course; from course import distributed\n"
        "assert distributed.shards(4, 2)\n"
        "distributed.Cluster()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr.splitlines()[-1] == f"ImportError: {distributed.INSTALL}"


def test_the_message_names_the_versions_that_the_requirements_name():
    requirements = Path(__file__).parent.parent / "requirements-distributed.txt"
    assert distributed.DASK in requirements.read_text().splitlines()
    assert distributed.DASK in distributed.INSTALL


@pytest.fixture(scope="module")
def cluster():
    with Cluster(workers=3) as cluster:
        yield cluster


@pytest.fixture
def step(cluster):
    return DataParallel(cluster, loss, load, parts=3)


needs_sigkill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


@needs_dask
def test_a_run_on_unequal_shards_equals_one_machines_to_rounding(step):
    assert step.sizes == LENGTHS
    np.testing.assert_allclose(run(step), run(one_machine), rtol=1e-12)


@needs_dask
def test_gradients_have_the_shapes_and_dtypes_of_the_parameters(cluster):
    def load(part):
        return np.ones((5 + part, 3), np.float32), np.ones(5 + part, np.int32)

    def loss(parameters, inputs, labels):
        kernel, bias, table = parameters
        logits = inputs @ kernel + bias + tf.gather(table, labels)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

    step = DataParallel(cluster, loss, load, parts=5)
    parameters = [tf.Variable(tf.ones(shape)) for shape in ([3, 2], [2], [4, 2])]
    value, gradients = step(parameters)
    assert step.sizes == [5, 6, 7, 8, 9] and value == pytest.approx(np.log(2), rel=1e-6)
    for parameter, gradient in zip(parameters, gradients):
        assert type(gradient) is tf.Tensor
        assert (gradient.shape, gradient.dtype) == (parameter.shape, parameter.dtype)


@needs_dask
def test_runs_are_equal_bit_for_bit_whatever_the_number_of_workers(step):
    first = run(step)
    np.testing.assert_array_equal(run(step), first)
    with Cluster(workers=1) as alone:
        np.testing.assert_array_equal(run(DataParallel(alone, loss, load, parts=3)), first)


@needs_dask
def test_each_worker_loads_one_of_as_many_shards_once(cluster, tmp_path):
    step = DataParallel(cluster, loss, counted(load, tmp_path / "loads"), parts=3)
    run(step)
    loads = [line.split() for line in (tmp_path / "loads").read_text().splitlines()]
    pids = list(cluster.workers().values())
    assert sorted((int(part), int(pid)) for part, pid in loads) == list(enumerate(pids))
    assert os.getpid() not in pids


@needs_dask
def test_parameters_of_many_megabytes_travel_without_a_warning(cluster, recwarn):
    def loss(parameters, inputs):
        return tf.reduce_mean(parameters[0]) * tf.reduce_mean(inputs)

    step = DataParallel(cluster, loss, lambda part: (np.ones(2, np.float32),), parts=3)
    value, (gradient,) = step([np.ones(4_000_000, np.float32)])
    assert value == 1 and gradient.shape == (4_000_000,) and not recwarn.list


# Workers that are lost


@needs_dask
@needs_sigkill
def test_a_worker_killed_between_two_steps_changes_no_bit(cluster, step):
    undisturbed, killed = run(step), []

    def before_epoch(epoch):
        if epoch == 10:
            killed.append(list(cluster.workers().values())[1])
            kill(killed[0])

    np.testing.assert_array_equal(run(step, before_epoch=before_epoch), undisturbed)
    assert not is_running(killed[0])


# Refusals


@needs_dask
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"workers": 0}, ValueError, "workers is 0"),
        ({"workers": 1.5}, TypeError, "workers is 1.5"),
        ({"workers": 2, "address": "tcp://127.0.0.1:1"}, ValueError, "Leave out workers=2"),
        ({"address": "tcp://127.0.0.1:1", "timeout": 1}, OSError, "for 1 seconds nobody has answered at tcp://127.0"),
        (
            {"address": "127.0.0.1", "timeout": 1},
            ValueError,
            "'127.0.0.1' is no address, such as 'tcp://10.0.0.5:8786'",
        ),
        ({"address": ("127.0.0.1", 1), "timeout": 1}, TypeError, "must be a text such as"),
        ({"timeout": 0}, ValueError, "timeout is 0, and must be > 0"),
        ({"timeout": "soon"}, TypeError, "timeout must be a number, not 'soon'"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        Cluster(**arguments)


@contextlib.contextmanager
def server(says):
    """The address of a server that is no scheduler: it says something at once, or waits to be spoken to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def serve():
            listening.settimeout(0.05)
            with contextlib.ExitStack() as kept:
                while not ended.is_set():
                    with contextlib.suppress(TimeoutError):
                        connection = kept.enter_context(listening.accept()[0])
                        connection.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        ended.set()
        thread.join()


@needs_dask
@pytest.mark.parametrize(
    ("says", "error", "words"),
    [
        (b"", TimeoutError, "for 0.5 seconds no Dask scheduler has answered at tcp://127.0.0.1:.*web page"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", OSError, r"no Dask scheduler, and began with b'HTTP/1.1'"),
    ],
)
def test_a_server_that_is_no_scheduler_is_refused_in_time(says, error, words):
    begin = time.monotonic()
    with server(says) as address, pytest.raises(error, match=words):
        Cluster(address=address, timeout=0.5)
    assert time.monotonic() - begin < 20


@needs_dask
@pytest.mark.parametrize(
    ("loaded", "error", "words"),
    [
        (lambda part: np.ones(3), TypeError, r"load\(0\) returned a ndarray"),
        (lambda part: (), TypeError, "must return a tuple"),
        (lambda part: (np.ones(3), np.ones(4)), ValueError, r"\[\(3,\), \(4,\)\]"),
        (lambda part: (np.ones(0),), ValueError, "at least one"),
        (lambda part: (np.float64(1),), ValueError, "at least one"),
        (lambda part: np.load("/no/such/file"), FileNotFoundError, "no/such/file"),
        (lambda part: [][part], IndexError, r"load\(0\) raised IndexError.* the parts 0 to 0, as parts=1 says"),
    ],
)
def test_a_shard_that_is_none_is_refused_when_it_is_loaded(cluster, loaded, error, words):
    with pytest.raises(error, match=words):
        DataParallel(cluster, loss, loaded, parts=1)


@needs_dask
@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda parameters, inputs, outputs: inputs * parameters[0] + parameters[1], ValueError, r"shape \(\d+,\)"),
        (lambda parameters, inputs, outputs: parameters[0] * 2, ValueError, r"not depend on parameters\[1\]"),
        (lambda parameters, inputs, outputs: 1 / 0, ZeroDivisionError, "division"),
    ],
)
def test_an_error_in_the_loss_comes_back_as_the_learners_own(cluster, wrong, error, words):
    step = DataParallel(cluster, wrong, load, parts=3)
    with pytest.raises(error, match=words):
        step(START)


@needs_dask
@pytest.mark.parametrize(("parts", "error"), [(0, ValueError), (1.5, TypeError)])
def test_a_number_of_parts_that_is_none_is_refused(cluster, parts, error):
    with pytest.raises(error, match=f"parts is {parts}"):
        DataParallel(cluster, loss, load, parts)


@needs_dask
@pytest.mark.parametrize("parameters", [tf.Variable([5.0, 0.0]), np.ones(2), {"W": 5.0, "b": 0.0}, iter(START), 5.0])
def test_parameters_that_are_no_list_are_refused(step, parameters):
    with pytest.raises(TypeError, match=f"as a list.* {type(parameters).__name__};.*values"):
        step(parameters)


@needs_dask
def test_a_step_that_takes_too_long_is_given_up(cluster, monkeypatch):
    def slow(parameters, inputs, outputs):
        time.sleep(2)
        return loss(parameters, inputs, outputs)

    step = DataParallel(cluster, slow, load, parts=3)
    monkeypatch.setattr(cluster, "timeout", 0.2)
    with pytest.raises(TimeoutError, match="after 0.2 seconds 3 of 3 results are missing"):
        step(START)


# The end


@needs_dask
def test_an_address_takes_the_place_of_local_processes_and_its_cluster_outlives_the_course(cluster, step):
    address = cluster.client.scheduler.address
    with Cluster(address=address) as other:
        assert other.workers() == cluster.workers()
        np.testing.assert_array_equal(run(DataParallel(other, loss, load, parts=3)), run(step))
    assert step(START)[0] == pytest.approx(one_machine([tf.constant(s, tf.float64) for s in START])[0])
