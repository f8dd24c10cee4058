"""What settling a partition comes to: counts that add up, and the files with the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from datalife.errors import SourceError
from datalife.labels.runs import Runs

#: The runs that a partition writes, and the column by which each is sorted. `written`, `open`, `copies` and
#: `predictions` are about predictions, `orphans`, `late` and `events` about events; the other three are for figures.
RUNS = {
    "written": "number",
    "open": "number",
    "copies": "number",
    "predictions": "number",
    "orphans": "time",
    "late": "time",
    "events": "time",
    "watched": "delay",
    "delays": "delay",
    "labels": "label",
}
DAYS = {
    "day": pl.Int64(),
    "predictions": pl.Int64(),
    "settled": pl.Int64(),
    "labeled": pl.Int64(),
    "judged": pl.Int64(),
    "positive": pl.Int64(),
}


@dataclass
class Conflict:
    """What an `error` rule forbids: the first prediction with it (its number, its key as text), and of how many."""

    number: int
    shown: str
    count: int


@dataclass
class Tally:
    """The sums over some partitions, and the folders with their runs.

    `standing` counts the predictions in hand by status and the distinct events by bucket, `gone` those of them
    that are not remembered. `read` counts copies; `written` the rows settled now, and what their labels are like.
    `days` has the columns DAYS. `conflicts` are by the option that forbids them. `asks` tells that the partition is
    not settled: it has predictions that only their other columns can tell apart.
    """

    folders: list[Path]
    asks: bool = False
    standing: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    days: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DAYS))
    conflicts: dict[str, Conflict] = field(default_factory=dict)

    def runs(self, name: str) -> Runs:
        """The runs called `name`, one of RUNS."""
        return Runs([folder / name for folder in self.folders], RUNS[name])


def together(tallies: Sequence[Tally]) -> Tally:
    """The sums over all of their partitions; associative."""
    days = pl.concat([pl.DataFrame(schema=DAYS), *(tally.days for tally in tallies)])
    return Tally(
        [folder for tally in tallies for folder in tally.folders],
        any(tally.asks for tally in tallies),
        _sum(tally.standing for tally in tallies),
        _sum(tally.gone for tally in tallies),
        _sum(tally.read for tally in tallies),
        _sum(tally.written for tally in tallies),
        days.group_by("day").sum().sort("day").select(list(DAYS)),
        {flag: _first(tallies, flag) for tally in tallies for flag in tally.conflicts},
    )


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counters:
        total.update(each)
    return total


def _first(tallies: Sequence[Tally], flag: str) -> Conflict:
    found = [tally.conflicts[flag] for tally in tallies if flag in tally.conflicts]
    first = min(found, key=lambda conflict: conflict.number)
    return Conflict(first.number, first.shown, sum(conflict.count for conflict in found))


def refuse_conflicts(tally: Tally) -> None:
    """Raises what an `error` rule forbids.

    Raises:
        SourceError: naming the key of the first prediction with it.
    """
    twice = tally.conflicts.get("--duplicate-prediction")
    if twice:
        message = f"different predictions have the key {twice.shown}, and {twice.count - 1} other keys"
        hint = "--duplicate-prediction first or last chooses one; --mode entity lets predictions share a key"
        raise SourceError("--duplicate-prediction error", message, hint)
    several = tally.conflicts.get("--policy")
    if several:
        message = f"more than one event for {several.shown}, and for {several.count - 1} other predictions"
        raise SourceError("--policy error", message, "choose a policy such as first, last or max")
