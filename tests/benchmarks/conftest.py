"""Prints one table of ratios in place of pytest-benchmark's tables, and keeps the ratios in results.json.

Times differ from machine to machine and from minute to minute; the ratio of two programs in the same run does not. So
the programs that a test gives to `compare` are measured at the end of the run, those of a group in turns: a slow second
hits them all. What counts is the median, over the rounds, of the ratio to the group's "by hand". What a test measures
with `benchmark` itself is divided by the least time of that. results.json is committed, so that a slowdown shows in
the diff.
"""

import json
import pathlib
import statistics
import time
from collections import defaultdict
from typing import NamedTuple

import pytest

RESULTS = pathlib.Path(__file__).with_name("results.json")
ROUND, ROUNDS, LIMIT = 0.005, 100, 20.0  # seconds of one program in a round, rounds, seconds of a group


class Program(NamedTuple):
    """What a test gave to `compare`."""

    peer: str
    call: object
    limit: float | None
    operations: int


PROGRAMS = defaultdict(list)


@pytest.fixture
def compare():
    """compare(peer, function, group, limit=None, operations=1): the function is measured beside the group's others.
    `limit` is the largest ratio to the group's "by hand" that is fine; `operations` is how many a call makes."""

    def add(peer, function, group, limit=None, operations=1):
        function()
        PROGRAMS[group].append(Program(peer, function, limit, operations))

    return add


def rows_in_turns(programs):
    """For each program (peer, seconds an operation, ratio to the one by hand, limit)."""
    calls = []
    for p in programs:
        start = time.perf_counter()
        p.call()
        calls.append(max(1, int(ROUND / (time.perf_counter() - start))))
    times, end = [[] for _ in programs], time.perf_counter() + LIMIT
    while len(times[0]) < 3 or (len(times[0]) < ROUNDS and time.perf_counter() < end):
        for p, count, seconds in zip(programs, calls, times):
            start = time.perf_counter()
            for _ in range(count):
                p.call()
            seconds.append((time.perf_counter() - start) / count / p.operations)
    base = next((seconds for p, seconds in zip(programs, times) if p.peer == "by hand"), None)
    for p, seconds in zip(programs, times):
        ratio = statistics.median(a / b for a, b in zip(seconds, base)) if base else None
        yield p.peer, statistics.median(seconds), ratio, p.limit


def rows_of(benchmarks):
    """The same of pytest-benchmark's measurements in one group."""
    least = {b.extra_info.get("peer", b.name): b.stats.min for b in benchmarks}
    for peer, seconds in least.items():
        yield peer, seconds, seconds / least["by hand"] if "by hand" in least else None, None


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("benchmark_disable"):
        return  # each program has run once, and nothing is to be measured
    session = getattr(config, "_benchmarksession", None)
    measured = defaultdict(list)
    for b in getattr(session, "benchmarks", []):
        if b.stats.rounds:
            measured[b.group].append(b)
    if not measured and not PROGRAMS:
        return
    if session is not None:
        session.groups = []  # this table takes the place of its tables
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    after = dict(before)
    write = terminalreporter.write_line
    write("")
    write(f"{'':58} {'time':>10} {'ratio':>8} {'limit':>7} {'before':>8}")
    groups = [(group, rows_in_turns(programs)) for group, programs in PROGRAMS.items()]
    for group, rows in groups + [(group, rows_of(benchmarks)) for group, benchmarks in measured.items()]:
        write(group)
        for name, seconds, ratio, limit in sorted(rows, key=lambda row: row[1]):
            row = f"    {name:54} {_time(seconds):>10}"
            if ratio is not None:
                key = f"{group}: {name}"
                row += f" {ratio:7.2f}×" + (f" {limit:6.2f}×" if limit else " " * 8)
                row += f" {before[key]:7.2f}×" if key in before else " " * 9
                row += "  over the limit" if limit and ratio > limit else ""
                after[key] = round(ratio, 2)
            write(row.rstrip())
    RESULTS.write_text(json.dumps(dict(sorted(after.items())), indent=1, ensure_ascii=False) + "\n")


def _time(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
