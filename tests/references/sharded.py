"""Examples on several workers: what tests of `course.distributed` compute there, and how they treat its processes.

Workers unpickle these functions by reference, so they import this module.
"""

import os
import signal
import sys
import time

import numpy as np

import course as tf
from course import datasets

START = (5.0, 0.0)
LENGTHS = [10, 300, 690]


def load(part, dtype="float64"):
    inputs, outputs = datasets.line(1000)
    rows = slice(sum(LENGTHS[:part]), sum(LENGTHS[: part + 1]))
    return tf.cast(inputs[rows], dtype), tf.cast(outputs[rows], dtype)


def loss(parameters, inputs, outputs):
    W, b = parameters
    return tf.reduce_mean(tf.square(inputs * W + b - outputs))


def run(step, epochs=20, before_epoch=lambda epoch: None):
    """W, b and the loss of every epoch."""
    W, b = (tf.Variable(start, dtype=tf.float64) for start in START)
    history = []
    for epoch in range(epochs):
        before_epoch(epoch)
        value, (dW, db) = step([W, b])
        W.assign_sub(0.1 * dW)
        b.assign_sub(0.1 * db)
        history.append((float(W), float(b), value))
    return np.array(history)


def one_machine(parameters):
    inputs, outputs = (tf.cast(part, "float64") for part in datasets.line(1000))
    with tf.GradientTape() as tape:
        value = loss(parameters, inputs, outputs)
    return float(value), tape.gradient(value, parameters)


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def counted(load, path):
    def loaded(part):
        with open(path, "a") as file:
            file.write(f"{part} {os.getpid()}\n")
        return load(part)

    return loaded


def with_paths():
    """The environment of a process that finds the course and this module."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *filter(None, sys.path)])}


def is_running(pid):
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_until(condition, words, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"after {seconds} seconds still not: {words}"
        time.sleep(0.05)
