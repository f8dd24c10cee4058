"""Runs whole processes and says what they took.

Nothing heavy is imported here: what a process peaks at is never below what its parent had in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event

Arguments = tuple[str, ...]
#: Seconds between two looks at the memory of several processes; that of a single one the system watches itself.
PACE = 0.1


class Failed(Exception):
    """A process ended with another code than 0; says which and what it wrote last."""


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, seconds of all processors together, and peak memory in MB (10^6 bytes), all processes'."""

    wall: float
    processor: float
    memory: float

    def __add__(self, other: Cost) -> Cost:
        """One after the other."""
        return Cost(self.wall + other.wall, self.processor + other.processor, max(self.memory, other.memory))


def cost_of(arguments: Arguments) -> Cost:
    """What one process, and those that it started, took from its start to its end."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=errors)
        with _watched(process.pid) as sizes:
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines() or ["nothing said"]
            raise Failed(f"exit code {process.returncode}: {said[-1]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(usage.ru_maxrss * unit, *sizes) / 1e6)


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Bytes of memory of a process and of all below it, now and then while the block lasts."""
    sizes, is_over = [0], Event()

    def watch() -> None:
        while not is_over.wait(PACE):
            sizes.append(_memory_of_all(pid))

    with ThreadPoolExecutor(1) as thread:
        watched = thread.submit(watch)
        try:
            yield sizes
        finally:
            is_over.set()
        watched.result()


def _memory_of_all(pid: int) -> int:
    """What each has for itself, and the files that one of them has in memory: they are mostly the same. Linux alone."""
    own, files, family = 0, 0, [pid]
    for each in family:
        try:
            resident, shared = Path(f"/proc/{each}/statm").read_text().split()[1:3]
            for children in Path(f"/proc/{each}/task").glob("*/children"):
                family += map(int, children.read_text().split())
        except OSError:  # it has just ended
            continue
        own, files = own + int(resident) - int(shared), max(files, int(shared))
    return (own + files) * os.sysconf("SC_PAGE_SIZE")


def cost_of_all(commands: Sequence[Arguments]) -> Cost:
    """What several processes took, one after the other."""
    total = Cost(0.0, 0.0, 0.0)
    for arguments in commands:
        total += cost_of(arguments)
    return total


def in_turn(sides: Sequence[Sequence[Arguments]], repeat: int) -> list[list[Cost]]:
    """The costs of each side, `repeat` of them: A B A B, so that a busy moment hits both.

    A first round, of the first side alone, is not counted: it brings the files into memory.
    """
    cost_of_all(sides[0])
    rounds = [[cost_of_all(commands) for commands in sides] for _ in range(repeat)]
    return [list(costs) for costs in zip(*rounds, strict=True)]


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each number by itself."""
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.processor for cost in costs),
        median(cost.memory for cost in costs),
    )


def ratio(ours: Sequence[Cost], theirs: Sequence[Cost]) -> Cost:
    """The median, over the rounds, of our cost as a multiple of theirs."""
    pairs = zip(ours, theirs, strict=True)
    return middle([Cost(a.wall / b.wall, a.processor / max(b.processor, 1e-3), a.memory / b.memory) for a, b in pairs])
