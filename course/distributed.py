"""Data-parallel training on Dask: workers keep shards of the data, and each step asks all of them for gradients.

    with Cluster(workers=2) as cluster:              # or Cluster(address="tcp://host:8786")
        step = DataParallel(cluster, loss, load, parts=4)
        for _ in range(20):
            value, gradients = step(variables)
            optimizer.apply_gradients(zip(gradients, variables))

`load(part)` runs on a worker and returns a shard, a tuple of arrays with an example in each row; `loss(parameters,
*shard)` runs there too and returns the mean over the shard. The data stay where they were loaded. What travels in a
step are parameters to the workers, and gradients back. The variables, and the optimizer with its state, stay here.

`Cluster` needs Dask, which nothing else in the course does: `pip install -r requirements-distributed.txt`.
"""

import concurrent.futures
import contextlib
import importlib
import logging
import os
import socket
import threading
import time
from numbers import Integral

import numpy as np

from course.engine.arguments import number
from course.engine.operation import convert_to_tensor
from course.engine.tape import GradientTape
from course.engine.tensor import Tensor

DASK = "dask[distributed]>=2025.1,<2027"  # as in requirements-distributed.txt
INSTALL = (
    "data-parallel training needs Dask, which the rest of the course does not. Run `%pip install -q "
    f'"{DASK}"` in a cell of its own (in a terminal, without %), then run this cell again.'
)
SETTINGS = {
    "distributed.comm.timeouts.connect": "120s",  # a machine that is busy starts processes slowly
    "distributed.scheduler.work-stealing": False,  # a shard is not to wander to whichever worker is idle
}


def require_dask():
    """Says how to install Dask where it is missing, and loads it.

    Raises:
        ImportError: Dask's `distributed` cannot be imported.
    """
    try:
        importlib.import_module("dask.distributed")
    except ImportError:
        raise ImportError(INSTALL) from None


def _dask():
    require_dask()
    return importlib.import_module("dask")


def shards(num_examples, parts):
    """Cuts examples 0, 1, … into `parts` runs, whose lengths differ by one at most: a list of slices.

    Raises:
        TypeError: an argument is no integer.
        ValueError: parts < 1, or more parts than examples.
    """
    _check_integer("shards: num_examples", num_examples)
    _check_integer("shards: parts", parts)
    if not 1 <= parts <= num_examples:
        raise ValueError(f"shards: {num_examples} examples cannot fill {parts} parts. Choose 1 to {num_examples}.")
    ends = [num_examples * part // parts for part in range(parts + 1)]
    return [slice(start, end) for start, end in zip(ends, ends[1:])]


def weighted_mean(values, weights):
    """The mean of arrays of one shape, or of numbers, each counted with its weight.

    They are added in the order in which they are given, so the result does not depend, in its last bit, on which of
    them was ready first.

    Raises:
        ValueError: the numbers of values and weights differ or are zero; shapes differ; a weight is negative, or all
            are zero.
    """
    weights = [float(weight) for weight in weights]
    shapes = {np.shape(value) for value in values}
    if len(values) != len(weights) or not weights:
        raise ValueError(f"weighted_mean: {len(values)} values and {len(weights)} weights. Give one weight for each.")
    if len(shapes) > 1:
        raise ValueError(f"weighted_mean: the values have the shapes {sorted(shapes)}, but must have the same.")
    if min(weights) < 0 or not 0 < (total := sum(weights)) < float("inf"):
        raise ValueError(f"weighted_mean: the weights are {weights}, but must be 0 or more, and one above 0.")
    mean = values[0] * (weights[0] / total)
    for value, weight in zip(values[1:], weights[1:]):
        mean = mean + value * (weight / total)
    return mean


class Cluster:
    """Processes that compute: new ones on this machine, or those of a Dask cluster that is running already.

    Close it when done, or use it in a `with` block: that ends the processes of this machine, and leaves a cluster at an
    address running. The local ones listen on this machine only, with one thread each, and Dask restarts one that dies.
    A script keeps what starts them under `if __name__ == "__main__":`, since each new process imports the script.

    Args:
        workers: how many processes to start; not with `address`.
        address: of a Dask scheduler, such as "tcp://10.0.0.5:8786". Its workers need the course installed.
        timeout: seconds to wait for an answer before any call fails.

    Raises:
        ImportError: Dask is not installed.
        TypeError, ValueError: `workers` is not an integer ≥ 1, `timeout` not a number > 0, or `address` not one.
        TimeoutError, OSError: nobody answers at `address`, or somebody who is no scheduler.

    Attributes:
        client: the `dask.distributed.Client`.
    """

    def __init__(self, workers=None, address=None, timeout=120):
        dask = _dask()
        if address is not None and workers is not None:
            raise ValueError(f"Cluster: the cluster at {address} has its own workers. Leave out workers={workers}.")
        self.timeout = number("Cluster: timeout", timeout, "> 0")
        workers = 2 if workers is None else workers
        _check_integer("Cluster: workers", workers)
        if workers < 1:
            raise ValueError(f"Cluster: workers is {workers}, but at least one has to compute.")
        self._started, self._closed = 0 if address else int(workers), False
        if address is not None:
            _expect_scheduler(address, self.timeout)
        with contextlib.ExitStack() as opened:
            if address is None:
                opened.enter_context(dask.config.set(SETTINGS))
                address = opened.enter_context(
                    dask.distributed.LocalCluster(
                        n_workers=self._started,
                        threads_per_worker=1,
                        processes=True,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",  # a free port, where there is no
                        scheduler_kwargs={"dashboard": False},  # dashboard
                        memory_limit=0,  # the system's limits hold, and no others
                        silence_logs=logging.CRITICAL,  # a lost worker is not worth a page of text
                    )
                )
            self.client = self._limited(lambda: dask.distributed.Client(address, timeout=timeout))
            opened.callback(self.client.close)
            self._opened = opened.pop_all()

    def _limited(self, call, timeout=None):
        """What `call()` returns, or a TimeoutError. Dask has waits that no limit reaches, as for a process that was
        stopped; a thread that is left waiting then ends with Python."""
        self._check_open()
        result, timeout = concurrent.futures.Future(), timeout or self.timeout

        def run():
            try:
                result.set_result(call())
            except BaseException as error:
                result.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            return result.result(timeout)
        except TimeoutError:
            raise TimeoutError(
                f"the cluster has not answered for {timeout:g} seconds. Are its scheduler and its workers running?"
            ) from None

    def _check_open(self):
        if self._closed:
            raise RuntimeError("this Cluster is closed. Make a new one, and on it a new DataParallel.")

    def workers(self):
        """The workers' addresses, always in the same order, each with the id of its process.

        Waits until a local one that was lost has been replaced; TimeoutError after `timeout` seconds.
        """
        found = self._limited(self._known_workers)
        return {address: pid for address, (_, pid) in sorted(found.items(), key=lambda item: item[1][0])}

    def _known_workers(self):
        self.client.wait_for_workers(self._started or 1, timeout=self.timeout)
        return self.client.run(_who, on_error="ignore")

    def gather(self, futures):
        """The results, in order. After an error those that are missing are given up.

        Raises:
            TimeoutError: they took longer than `timeout`.
            RuntimeError: workers die, one after the other, of the same task.
            Exception: what a function raised on a worker.
        """
        try:
            return self._limited(lambda: self.client.gather(futures))
        except TimeoutError:
            waiting = sum(not future.done() for future in futures)
            self._give_up(futures)
            raise TimeoutError(
                f"after {self.timeout:g} seconds {waiting} of {len(futures)} results are missing. Are workers running, "
                "does one end or wait in what it computes, and is a shard too large for it?"
            ) from None
        except _dask().distributed.KilledWorker as error:
            self._give_up(futures)
            raise RuntimeError(
                f"{error.allowed_failures + 1} workers died, one after the other, when they computed {error.task!r}. "
                "Does it need more memory than they have, or end its process?"
            ) from None

    def _give_up(self, futures):
        """So that no worker goes on with them, or dies of them."""
        with contextlib.suppress(TimeoutError):
            self._limited(lambda: self.client.cancel(futures, force=True), min(self.timeout, 5))

    def close(self):
        """Ends it; a second call does nothing. What does not end within `timeout` seconds, or 30, is left."""

        def end():
            if self._started:
                with contextlib.suppress(TimeoutError):
                    self.client.wait_for_workers(self._started, timeout=limit)  # one that is starting would protest
            self._opened.close()

        limit = min(self.timeout, 30)
        if not self._closed:
            with contextlib.suppress(TimeoutError):
                self._limited(end, limit)
            self._closed = True

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class DataParallel:
    """A loss and its gradients, computed by the workers on the shards that they keep.

    Each worker in turn loads a shard, once; Dask may copy a small one to a worker that has nothing to do. When a worker
    is lost, its shards are loaded again on another one, so `load` must give the same shard whenever it is called: from
    a file, or from a seed. The result is the same, bit for bit, for any number of workers.

    Args:
        cluster: a `Cluster`.
        loss: `loss(parameters, *shard)`, the mean loss over the shard, a tensor of one element. `parameters` is a list
            of tensors.
        load: `load(part)`, the shard number `part`: a tuple of arrays or tensors, whose rows are the examples.
        parts: how many shards.

    Raises:
        TypeError, ValueError: `parts` is not an integer ≥ 1; a shard is not such a tuple.
        Exception: what `load` raised.

    Attributes:
        sizes: how many examples each shard has.
    """

    def __init__(self, cluster, loss, load, parts):
        _check_integer("DataParallel: parts", parts)
        if parts < 1:
            raise ValueError(f"DataParallel: parts is {parts}, but there must be at least one shard.")
        self._cluster, self._loss, self._load, self._parts = cluster, loss, load, int(parts)
        self._submit_shards()

    def _submit_shards(self):
        client, workers = self._cluster.client, list(self._cluster.workers())
        # Tasks, not data that is scattered: Dask repeats a task whose result is lost. Each worker in turn gets one.
        self._shards = [
            client.submit(
                _load_part, part, self._parts, self._load, self._loss,
                pure=False, workers=[workers[part % len(workers)]], allow_other_workers=True,
            )
            for part in range(self._parts)
        ]  # fmt: skip
        self.sizes = self._cluster.gather(client.map(_size, self._shards, pure=False))
        # Without this, Dask would not load a shard again after all workers that it knew were lost.
        restrictions = {shard.key: [] for shard in self._shards}
        self._cluster._limited(lambda: client.sync(client.scheduler.set_restrictions, worker=restrictions))

    def __call__(self, parameters):
        """The loss and its gradients over the examples of all shards.

        Args:
            parameters: a list of variables, tensors or arrays.

        Returns:
            (loss, gradients): a float, and a list of tensors with the shapes and dtypes of the parameters.

        Raises:
            TimeoutError, RuntimeError: as `Cluster.gather`.
            TypeError: `parameters` is not a list.
            ValueError: the loss has more than one element, or does not depend on a parameter.
            Exception: what `loss` raised.
        """
        if not isinstance(parameters, list | tuple):
            raise TypeError(
                f"DataParallel: give the parameters as a list, also where there is only one, and not as a "
                f"{type(parameters).__name__}; those of a dict as list(parameters.values())."
            )
        self._cluster._check_open()
        if any(shard.status in ("error", "cancelled", "lost") for shard in self._shards):
            self._submit_shards()  # Dask blames a shard too for workers that died while it was to be loaded
        arrays = [convert_to_tensor(parameter).numpy() for parameter in parameters]
        # Large parameters are no mistake that Dask should warn about.
        with _dask().config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            futures = self._cluster.client.map(_gradient, self._shards, [arrays] * len(self._shards), pure=False)
        losses, gradients = zip(*self._cluster.gather(futures))
        mean = [weighted_mean(shard_gradients, self.sizes) for shard_gradients in zip(*gradients)]
        return weighted_mean(losses, self.sizes), [Tensor(gradient) for gradient in mean]


def _check_integer(what, value):
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{what} is {value!r}, but must be an integer.")


def _expect_scheduler(address, timeout):
    """Raises unless a Dask scheduler answers at a TCP address: it speaks first, and begins with the length of what it
    says. Dask itself would take any answer for that length, and wait for an exabyte, or for an answer without end."""
    if not isinstance(address, str):
        raise TypeError(f"Cluster: address is {address!r}, but must be a text such as 'tcp://10.0.0.5:8786'.")
    if not address.startswith("tcp://") and "://" in address:
        return
    try:
        place = importlib.import_module("distributed.comm.addressing").get_address_host_port(address, strict=True)
    except ValueError as error:
        raise ValueError(f"Cluster: {address!r} is no address, such as 'tcp://10.0.0.5:8786': {error}.") from None
    hint = "Give the address that the scheduler printed when it was started; that of its web page is another one."
    end = time.monotonic() + timeout
    while True:
        left = max(end - time.monotonic(), 0.01)
        try:
            with socket.create_connection(place, left) as connection, connection.makefile("rb") as stream:
                first = stream.read(8)
            break
        except TimeoutError:
            raise TimeoutError(
                f"Cluster: for {timeout:g} seconds no Dask scheduler has answered at {address}. {hint}"
            ) from None
        except OSError as error:  # it may be starting
            if left <= 0.2:
                raise OSError(
                    f"Cluster: for {timeout:g} seconds nobody has answered at {address}: {error}. {hint}"
                ) from None
            time.sleep(0.1)
    if len(first) < 8 or int.from_bytes(first, "little") > 2**20:
        raise OSError(f"Cluster: who answers at {address} is no Dask scheduler, and began with {first!r}. {hint}")


# What runs on a worker


def _who(dask_worker):
    name = str(dask_worker.name)
    return (len(name), name), os.getpid()


def _load_part(part, parts, load, loss):
    try:
        shard = load(part)
    except LookupError as error:
        raise type(error)(
            f"load({part}) raised {error!r}. It is asked for the parts 0 to {parts - 1}, as parts={parts} says: has it "
            "so many?"
        ) from error
    if not isinstance(shard, tuple) or not shard:
        raise TypeError(f"load({part}) returned a {type(shard).__name__}, but must return a tuple of arrays.")
    shard = tuple(convert_to_tensor(array) for array in shard)
    lengths = [array.shape[0] if array.shape else None for array in shard]
    if len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(
            f"load({part}) returned arrays of the shapes {[tuple(array.shape) for array in shard]}. All need the same "
            "number of rows, at least one: a row is an example."
        )
    return loss, shard


def _size(loaded):
    _, shard = loaded
    return int(shard[0].shape[0])


def _gradient(loaded, arrays):
    """The mean loss over a shard, and its gradients, as NumPy's arrays."""
    loss, shard = loaded
    parameters = [convert_to_tensor(array) for array in arrays]
    with GradientTape() as tape:
        tape.watch(parameters)
        value = convert_to_tensor(loss(parameters, *shard))
    if value.shape != ():
        raise ValueError(f"loss returned the shape {tuple(value.shape)}, but must return one number, the mean.")
    gradients = tape.gradient(value, parameters)
    for i, gradient in enumerate(gradients):
        if gradient is None:
            raise ValueError(f"the loss does not depend on parameters[{i}]. Pass only those that it uses.")
    return float(value), [gradient.numpy() for gradient in gradients]
