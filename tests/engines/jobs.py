"""What the tests ask of workers: functions and jobs that live in a module, so that they can be sent."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from datalife.errors import SourceError


def die_once(marker: Path) -> None:
    """Kills the process that runs this, unless another one was killed here before."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(marker: Path, work: Callable[[Any], Any], piece: Any) -> Any:
    """What `work` makes of a piece; the first process that has made something is killed before it can tell."""
    made = work(piece)
    die_once(marker)
    return made


@dataclass(frozen=True)
class CountRows:
    """A job: how many rows there are, and their numbers in the order of merging. One worker dies at row `deadly`."""

    marker: Path
    deadly: int = -1

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        if self.deadly in frame.collect().get_column("row"):
            die_once(self.marker)
        return [frame.select("row")]

    def merge(self, states):
        """See Job."""
        return [pl.concat(state[0] for state in states)]


def squared(number: int) -> int:
    """Work on a piece that is a number."""
    return number * number


def process(_number: int) -> list[int]:
    """Work that tells which process does it."""
    return [os.getpid()]


def halves(number: int) -> list[list[int]]:
    """A piece as two blocks: itself in the block of its parity, and nothing in the other."""
    return [[number] if number % 2 == part else [] for part in (0, 1)]


def joined(states):
    """Lists one after the other."""
    return [each for state in states for each in state]


def refuse(number: int) -> int:
    """Work that finds a bad piece."""
    if number == 3:
        raise SourceError("three.csv:3", "is damaged", "fetch it again")
    return number


def die(_number: int) -> int:
    """Work that no worker survives."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def dawdle(marker: Path) -> None:
    """Work that takes longer than anybody waits; tells that it has begun."""
    marker.touch()
    time.sleep(600)
