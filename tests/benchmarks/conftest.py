"""Prints one table of ratios in place of pytest-benchmark's tables, and keeps the ratios in results.json.

Times differ from machine to machine and from minute to minute; the ratio of two programs in the same run does not. Each
group is measured against its test named `by_hand`. results.json is committed, so that a slowdown shows in the diff.
"""

import json
import pathlib
from collections import defaultdict

import pytest

RESULTS = pathlib.Path(__file__).with_name("results.json")


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter, config):
    session = getattr(config, "_benchmarksession", None)
    measured = [b for b in getattr(session, "benchmarks", []) if b.stats.rounds]
    if not measured:
        return
    session.groups = []  # this table takes the place of its tables
    groups = defaultdict(dict)
    limits = {}
    for benchmark in measured:
        name = benchmark.extra_info.get("peer", benchmark.name)
        groups[benchmark.group][name] = benchmark.stats.min / benchmark.extra_info.get("operations", 1)
        if "limit" in benchmark.extra_info:
            limits[benchmark.group, name] = benchmark.extra_info["limit"]
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    after = dict(before)
    write = terminalreporter.write_line
    write("")
    write(f"{'':58} {'time':>10} {'ratio':>8} {'limit':>7} {'before':>8}")
    for group, times in groups.items():
        write(group)
        by_hand = times.get("by hand")
        for name, seconds in sorted(times.items(), key=lambda item: item[1]):
            row = f"    {name:54} {_time(seconds):>10}"
            if by_hand:
                ratio = seconds / by_hand
                limit = limits.get((group, name))
                key = f"{group}: {name}"
                row += f" {ratio:7.2f}×" + (f" {limit:6.1f}×" if limit else " " * 8)
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
