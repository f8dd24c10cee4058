"""How the cost of a command grows with rows, columns and processors; each measured once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cases import WIDE_ROWS, Place, Table, datalife, label_join, validated
from measure import Arguments, Cost, cost_of

ROWS = (1_000_000, 5_000_000, 20_000_000)
HEAD = "| command | rows | columns | processors | time | processor time | peak memory | rows/s |\n" + "| --- " * 8 + "|"


@dataclass(frozen=True)
class Step:
    """One command on tables of one size; `columns` are those of its first table."""

    name: str
    tables: tuple[Table, ...]
    columns: int
    command: Arguments


def steps(place: Place, rows: Sequence[int], widths: Sequence[int]) -> Iterator[Step]:
    """Rows first, then columns."""
    for count in rows:
        trips = Table("trips", ".parquet", count)
        yield Step("stats", (trips,), 18, datalife("stats", trips.path(place.folder)))
        yield Step("validate", (trips,), 18, validated(place, trips))
    for count in rows:
        sides = (Table("predictions", ".parquet", count), Table("events", ".parquet", count))
        yield Step("label-join", sides, 10, label_join(place, *sides))
    for columns in widths:
        wide = Table("wide", ".parquet", min(WIDE_ROWS, *rows), columns)
        yield Step("stats", (wide,), columns, datalife("stats", wide.path(place.folder)))


def measured(step: Step) -> Iterator[str]:
    """A row of the table for one processor, and one for all."""
    cost_of(step.command)  # brings the files into memory
    everything = os.cpu_count() or 1
    for count in dict.fromkeys((1, everything)):
        alone = ("taskset", "--cpu-list", f"0-{count - 1}", *step.command)
        yield row(step, count, cost_of(alone))


def row(step: Step, processors: int, spent: Cost) -> str:
    """What a step took on so many processors."""
    rows = step.tables[0].rows
    cells = (
        step.name,
        f"{rows:,}",
        f"{step.columns:,}",
        str(processors),
        f"{spent.wall:.1f} s",
        f"{spent.processor:.1f} s",
        f"{spent.memory:,.0f} MB",
        f"{rows / spent.wall:,.0f}",
    )
    return "| " + " | ".join(cells) + " |"
