"""Workers, schedulers and scripts that are killed or stopped: nothing waits without a limit, and nothing is left."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sharded import LENGTHS, START, counted, is_running, kill, load, loss, run, wait_until, with_paths

from course.distributed import Cluster, DataParallel


def test_a_worker_killed_while_it_loads_changes_no_bit(tmp_path):
    first_time = tmp_path / "first time"
    first_time.touch()

    def deadly(part):
        if part == 1 and first_time.exists():
            first_time.unlink()
            kill(os.getpid())
        return load(part)

    with Cluster(workers=3) as cluster:
        undisturbed = run(DataParallel(cluster, loss, load, parts=3))
        np.testing.assert_array_equal(run(DataParallel(cluster, loss, deadly, parts=3)), undisturbed)
    assert not first_time.exists()


def test_a_worker_killed_while_it_computes_changes_no_bit(tmp_path):
    first_time = tmp_path / "first time"

    def deadly(parameters, inputs, outputs):
        if len(inputs) == LENGTHS[1] and first_time.exists():
            first_time.unlink()
            kill(os.getpid())
        return loss(parameters, inputs, outputs)

    def before_epoch(epoch):
        if epoch == 10:
            first_time.touch()

    with Cluster(workers=3) as cluster:
        undisturbed = run(DataParallel(cluster, loss, load, parts=3))
        step = DataParallel(cluster, deadly, load, parts=3)
        np.testing.assert_array_equal(run(step, before_epoch=before_epoch), undisturbed)
    assert not first_time.exists()


def test_when_all_workers_are_killed_all_shards_are_loaded_again_and_no_bit_changes(tmp_path):
    with Cluster(workers=2) as cluster:
        step = DataParallel(cluster, loss, counted(load, tmp_path / "loads"), parts=3)
        undisturbed = run(step)

        def before_epoch(epoch):
            if epoch == 10:
                for pid in cluster.workers().values():
                    kill(pid)

        np.testing.assert_array_equal(run(step, before_epoch=before_epoch), undisturbed)
    loads = [line.split()[0] for line in (tmp_path / "loads").read_text().splitlines()]
    assert all(loads.count(part) >= 2 for part in "012")


@pytest.mark.parametrize("timeout, error", [(60, RuntimeError), (0.5, TimeoutError)])
def test_a_loss_that_kills_its_workers_ends_in_a_clear_error_and_later_calls_are_right(timeout, error):
    with Cluster(workers=2) as cluster:
        good = DataParallel(cluster, loss, load, parts=3)
        before = good(START)
        step = DataParallel(cluster, lambda parameters, *shard: kill(os.getpid()), load, parts=3)
        cluster.timeout = timeout
        with pytest.raises(error, match="4 workers died, one after the other.*memory|after 0.5 seconds .* are missing"):
            step(START)
        cluster.timeout = 60
        assert good(START)[0] == before[0]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system has no SIGSTOP")
def test_a_scheduler_that_was_stopped_holds_up_no_call_longer_than_the_limit():
    code = "\n".join(
        [
            "from course.distributed import Cluster",
            "if __name__ == '__main__':",
            "    cluster = Cluster(workers=1)",
            "    print(cluster.client.scheduler.address, flush=True)",
            "    input()",
        ]
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=with_paths()
    )
    try:
        cluster = Cluster(address=process.stdout.readline().strip())
        step = DataParallel(cluster, loss, load, parts=1)
        cluster.timeout = 0.5
        process.send_signal(signal.SIGSTOP)
        for call in (cluster.workers, lambda: step(START), lambda: DataParallel(cluster, loss, load, parts=1)):
            begin = time.monotonic()
            with pytest.raises(TimeoutError, match=r"(for|after) 0\.5 seconds"):
                call()
            assert time.monotonic() - begin < 20
        begin = time.monotonic()
        cluster.close()
        assert time.monotonic() - begin < 20
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate("\n", timeout=60)


def test_after_an_exception_no_process_is_left():
    with pytest.raises(ZeroDivisionError), Cluster(workers=2) as cluster:
        step = DataParallel(cluster, loss, load, parts=1)
        pids = list(cluster.workers().values())
        assert all(map(is_running, pids))
        1 / 0  # noqa: B018
    cluster.close()  # once more does nothing
    for call in (cluster.workers, lambda: step(START)):
        with pytest.raises(RuntimeError, match="this Cluster is closed. Make a new one"):
            call()
    wait_until(lambda: not any(map(is_running, pids)), "the workers have ended")


SCRIPT = """
import os, signal, sys
from course.distributed import Cluster, DataParallel
from sharded import kill, load, loss, run

if __name__ == "__main__":
    cluster = Cluster(workers=2)
    pids = list(cluster.workers().values())
    print(*pids, flush=True)
    step = DataParallel(cluster, loss, load, parts=3)
    run(step, before_epoch=lambda epoch: epoch == 10 and kill(pids[0]))
    print("done", flush=True)
    sys.stdin.read()  # until this process is killed, or its input ends
"""


@pytest.mark.parametrize("end", ["is left without close", "is killed"])
def test_a_script_prints_nothing_about_a_lost_worker_and_leaves_none_behind_when_it(end, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    script = subprocess.Popen(
        [sys.executable, tmp_path / "script.py"],
        env=with_paths(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    import psutil

    assert len(script.stdout.readline().split()) == 2
    assert script.stdout.readline() == "done\n"
    workers = [child.pid for child in psutil.Process(script.pid).children(recursive=True)]
    assert len(workers) >= 1
    if end == "is killed":
        script.kill()
    _, errors = script.communicate(timeout=60)
    assert errors == "" or end == "is killed"  # then Python's own cleaner of semaphores may report
    wait_until(lambda: not any(map(is_running, workers)), "the workers have ended")
