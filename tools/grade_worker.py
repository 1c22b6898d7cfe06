"""Runs one submitted notebook within limits, for tools/grade.py, and ends whatever it leaves behind.

The order comes as JSON on the standard input, the result goes as JSON to the standard output. This process imports
nothing of the course, so a submission that changes the package changes no result of another.
"""

import contextlib
import ctypes
import json
import os
import stat
import sys
import threading
import time
from pathlib import Path

import psutil
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

SHOWN = {"stream", "display_data", "execute_result", "update_display_data", "error", "clear_output"}
MEGABYTE = 2**20
LARGEST_RECORD = MEGABYTE
PROBE_SECONDS = 10


class TooMuch(Exception):
    """A limit was passed; the message says which."""


class Client(NotebookClient):
    """Counts what cells print and show, and keeps none of it, except where `heard` is a list."""

    printed, largest, heard = 0, 0, None

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] not in SHOWN:
            return super().process_message(msg, cell, cell_index)
        content = msg["content"]
        size = len(content.get("text", "")) + sum(len(str(part)) for part in content.get("data", {}).values())
        self.printed += size + sum(map(len, content.get("traceback", ()))) + 100
        if self.heard is not None and msg["msg_type"] == "stream":
            self.heard.append(content["text"])
        if self.printed > self.largest:
            raise TooMuch(f"stopped after {self.largest / MEGABYTE:g} MB of output")
        return None


class Run:
    """One notebook's run. Whoever ends it first, the last cell or a limit, gives the result."""

    def __init__(self, order, out):
        self.order, self.out, self.lock = order, out, threading.Lock()
        self.folder, self.end = Path(order["folder"]), time.monotonic() + order["seconds"]
        self.parent = os.getppid()

    def finish(self, problem, probe=""):
        """Ends all that the notebook has started, reads its record, gives the result, and is over."""
        with self.lock:
            end_all(descendants)
            record, word = read_record(Path(self.order["record"]))
            result = {"problem": problem or word, "record": record, "probe": probe}
            with contextlib.suppress(OSError):
                view = memoryview(json.dumps(result).encode())
                while view:
                    view = view[os.write(self.out, view) :]
            os._exit(0)

    def watch(self):
        """Looks at what no limit of the system bounds: time as a whole, processes, all files and memory together."""
        limits, turn = self.order["limits"], 0
        while True:
            time.sleep(0.2)
            turn += 1
            if os.getppid() != self.parent:  # the grader was killed
                end_all(descendants)
                os._exit(1)
            if time.monotonic() > self.end:
                self.finish(f"stopped after {self.order['seconds']:g} seconds")
            processes = descendants()
            if len(processes) > limits["processes"]:
                self.finish(f"stopped with more than {limits['processes']} processes")
            if turn % 3 == 0:
                if sum(map(resident, processes)) > limits["memory"] * MEGABYTE:
                    self.finish(f"stopped above {limits['memory']} MB of memory")
                size, count = usage(self.folder)
                if size > limits["files"] * MEGABYTE or count > limits["count"]:
                    self.finish(f"stopped above {limits['files']} MB or {limits['count']} of files")

    def notebook(self):
        cells = [new_code_cell(source) for source in self.order["sources"]]
        probe = new_code_cell(self.order["probe"])
        client = Client(
            new_notebook(cells=[*cells, probe]),
            kernel_name="python3",
            timeout=None,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
            resources={"metadata": {"path": str(self.folder / "work")}},
        )
        client.largest = self.order["limits"]["output"] * MEGABYTE
        try:
            with client.setup_kernel(env=self.order["environment"]):
                for index, cell in enumerate(cells):
                    client.execute_cell(cell, index)
                # The probe has a little time of its own, so that a notebook that took nearly all of its is looked at.
                self.end = max(self.end, time.monotonic() + PROBE_SECONDS)
                client.heard, client.printed = [], 0
                client.execute_cell(probe, len(cells))
                self.finish("", "".join(client.heard))
        except TooMuch as error:
            self.finish(str(error))
        except DeadKernelError:
            self.finish("the kernel died")
        except Exception as error:
            self.finish(f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}")


def resident(process):
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def usage(folder):
    """(bytes on the disk, number of files) in a folder."""
    size = count = 0
    for place, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        for name in files:
            with contextlib.suppress(OSError):
                found = os.lstat(os.path.join(place, name))
                size += getattr(found, "st_blocks", found.st_size // 512) * 512
    return size, count


def descendants(pid=None):
    """The processes below this one, or below another; also those that began a session of their own."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def end_all(found, seconds=5):
    """Kills what `found()` gives, until it gives none: a process may start another before it ends."""
    end = time.monotonic() + seconds
    while (processes := found()) and time.monotonic() < end:
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(processes, timeout=1)


def read_record(path):
    """(text of the record, what is wrong with it): only of an ordinary file of a size that a record has."""
    try:
        found = os.lstat(path)
    except OSError:
        return "", ""
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_RECORD:
        return "", "its record of checks is not an ordinary file, or too large"
    try:
        return path.read_bytes().decode("utf-8", "replace"), ""
    except OSError:
        return "", "its record of checks cannot be read"


def set_limits(limits):
    """Limits of the system, which all that is started from here inherits. Elsewhere than on Linux there are none."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    for name, most in (
        ("RLIMIT_AS", limits["memory"] * MEGABYTE),
        # Less than all files may have, so that who writes one without an end always gets the error, and goes on.
        ("RLIMIT_FSIZE", limits["files"] * MEGABYTE * 3 // 4),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", 512),
    ):
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    adopt_orphans()


def adopt_orphans():
    """Processes whose parent ends become children of this one, whatever session they are in."""
    PR_SET_CHILD_SUBREAPER = 36
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main():
    out = os.dup(1)  # not inherited: what the kernel prints cannot come in between
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    order = json.loads(sys.stdin.buffer.read())
    os.dup2(quiet, 0)
    set_limits(order["limits"])
    run = Run(order, out)
    threading.Thread(target=run.watch, daemon=True).start()
    run.notebook()


if __name__ == "__main__":
    main()
