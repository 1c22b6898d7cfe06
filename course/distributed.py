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

import contextlib
import logging
import os
from numbers import Integral

import numpy as np

from course.engine.operation import convert_to_tensor
from course.engine.tape import GradientTape
from course.engine.tensor import Tensor, TensorLike

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
    """Says how to install Dask where it is missing.

    Raises:
        ImportError: Dask's `distributed` cannot be imported.
    """
    try:
        import dask.distributed  # noqa: F401
    except ImportError:
        raise ImportError(INSTALL) from None


def shards(num_examples, parts):
    """Cuts examples 0, 1, … into `parts` runs, whose lengths differ by one at most: a list of slices.

    Raises:
        TypeError: an argument is no integer.
        ValueError: parts < 1, or more parts than examples.
    """
    for name, number in (("num_examples", num_examples), ("parts", parts)):
        if not isinstance(number, Integral) or isinstance(number, bool):
            raise TypeError(f"shards: {name} is {number!r}, but must be an integer.")
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
        timeout: seconds to wait for an answer before a step fails.

    Raises:
        ImportError: Dask is not installed.
        TypeError, ValueError: `workers` is not an integer ≥ 1.
        TimeoutError, OSError: nobody answers at `address`.

    Attributes:
        client: the `dask.distributed.Client`.
    """

    def __init__(self, workers=None, address=None, timeout=120):
        require_dask()
        import dask
        from dask.distributed import Client, LocalCluster

        if address is not None and workers is not None:
            raise ValueError(f"Cluster: the cluster at {address} has its own workers. Leave out workers={workers}.")
        workers = 2 if workers is None else workers
        if not isinstance(workers, Integral) or isinstance(workers, bool):
            raise TypeError(f"Cluster: workers is {workers!r}, but must be an integer.")
        if workers < 1:
            raise ValueError(f"Cluster: workers is {workers}, but at least one has to compute.")
        self.timeout, self._started = timeout, 0 if address else int(workers)
        with contextlib.ExitStack() as opened:
            if address is None:
                opened.enter_context(dask.config.set(SETTINGS))
                address = opened.enter_context(
                    LocalCluster(
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
            self.client = opened.enter_context(Client(address, timeout=timeout))
            self._opened = opened.pop_all()

    def workers(self):
        """The workers' addresses, always in the same order, each with the id of its process.

        Waits until a local one that was lost has been replaced; TimeoutError after `timeout` seconds.
        """
        self.client.wait_for_workers(self._started or 1, timeout=self.timeout)
        found = self.client.run(_who, on_error="ignore")
        return {address: pid for address, (_, pid) in sorted(found.items(), key=lambda item: item[1][0])}

    def gather(self, futures):
        """The results, in order.

        Raises:
            TimeoutError: they took longer than `timeout`.
            RuntimeError: workers die, one after the other, of the same task.
            Exception: what a function raised on a worker.
        """
        from dask.distributed import KilledWorker, wait

        try:
            with self.client.as_current():
                wait(futures, timeout=self.timeout)
            return self.client.gather(futures)
        except TimeoutError:
            waiting = sum(not future.done() for future in futures)
            raise TimeoutError(
                f"after {self.timeout} seconds {waiting} of {len(futures)} results are missing. Are workers running "
                f"({len(self.client.nthreads())} are known), and is a shard too large for one?"
            ) from None
        except KilledWorker as error:
            raise RuntimeError(
                f"{error.allowed_failures + 1} workers died, one after the other, when they computed {error.task!r}. "
                "Does it need more memory than they have?"
            ) from None

    def close(self):
        """Ends it; a second call does nothing."""
        if self._started:
            with contextlib.suppress(TimeoutError):
                self.client.wait_for_workers(self._started, timeout=30)  # one that is starting would protest
        self._started = 0
        self._opened.close()

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
        if not isinstance(parts, Integral) or isinstance(parts, bool):
            raise TypeError(f"DataParallel: parts is {parts!r}, but must be an integer.")
        if parts < 1:
            raise ValueError(f"DataParallel: parts is {parts}, but there must be at least one shard.")
        self._cluster, client, workers = cluster, cluster.client, list(cluster.workers())
        # Tasks, not data that is scattered: Dask repeats a task whose result is lost. Each worker in turn gets one.
        homes = [{"workers": [workers[part % len(workers)]], "allow_other_workers": True} for part in range(parts)]
        self._shards = [client.submit(_load, part, load, loss, pure=False, **home) for part, home in enumerate(homes)]
        self.sizes = cluster.gather(client.map(_size, self._shards, pure=False))
        # Without this, Dask would not load a shard again after all workers that it knew were lost.
        client.sync(client.scheduler.set_restrictions, worker={shard.key: [] for shard in self._shards})

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
        import dask

        if isinstance(parameters, TensorLike | np.ndarray):
            raise TypeError("DataParallel: give the parameters as a list, also where there is only one.")
        arrays = [convert_to_tensor(parameter).numpy() for parameter in parameters]
        # Large parameters are no mistake that Dask should warn about.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            futures = self._cluster.client.map(_gradient, self._shards, [arrays] * len(self._shards), pure=False)
        losses, gradients = zip(*self._cluster.gather(futures))
        mean = [weighted_mean(shard_gradients, self.sizes) for shard_gradients in zip(*gradients)]
        return weighted_mean(losses, self.sizes), [Tensor(gradient) for gradient in mean]


# What runs on a worker


def _who(dask_worker):
    name = str(dask_worker.name)
    return (len(name), name), os.getpid()


def _load(part, load, loss):
    shard = load(part)
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
    for number, gradient in enumerate(gradients):
        if gradient is None:
            raise ValueError(f"the loss does not depend on parameters[{number}]. Pass only those that it uses.")
    return float(value), [gradient.numpy() for gradient in gradients]
