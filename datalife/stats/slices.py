"""The statistics of each slice of the rows, in the scan that reads them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from datalife.engine import Job, State, run
from datalife.errors import SchemaError
from datalife.sources.dataset import Column, Dataset
from datalife.stats.combinations import Counts, plain_columns
from datalife.stats.values import json_rows

if TYPE_CHECKING:
    from datalife.stats.summary import Summary

#: So many slices are told apart, those with the most rows; the others are gathered into one.
MOST = 50
#: In a slice, values are counted one by one up to so many.
KEEP = 1 << 13
SLOT = "slot"

By = tuple[Any, ...]


@dataclass(frozen=True)
class Slices:
    """The slices of a dataset: a summary for each combination of values of the columns `names`.

    `pieces` holds those told apart, the values as JSON has them, None for a missing one; `rest` the rows of
    `gathered` rare slices, None when there are none.
    """

    names: tuple[str, ...]
    pieces: Mapping[By, Summary]
    rest: Summary | None = None
    gathered: int = 0

    def merge(self, other: Slices) -> Slices:
        """The slices of the rows of both. A slice is told apart only where all of its rows are known.

        Raises:
            SchemaError: they are slices by other columns.
        """
        if self.names != other.names:
            message = f"slices by {', '.join(self.names)} and by {', '.join(other.names)} do not merge"
            raise SchemaError("profile", message, "profile all sources with the same --by")
        pieces = dict(self.pieces)
        for by, piece in other.pieces.items():
            pieces[by] = pieces[by].merge(piece) if by in pieces else piece
        told = set(pieces)
        for side in (self, other):
            if side.rest is not None:
                told &= set(side.pieces)
        most = sorted(told, key=lambda by: -pieces[by].rows)[:MOST]
        kept = {by: piece for by, piece in pieces.items() if by in set(most)}
        rests = [side.rest for side in (self, other) if side.rest is not None]
        rests += [piece for by, piece in pieces.items() if by not in kept]
        rest = rests[0] if rests else None
        for each in rests[1:]:
            rest = each if rest is None else rest.merge(each)
        gathered = self.gathered + other.gathered + len(pieces) - len(kept)
        return Slices(self.names, dict(sorted(kept.items(), key=_order)), rest, gathered)


def merged_slices(one: Slices | None, other: Slices | None) -> Slices | None:
    """The slices of two datasets together; None where neither has any.

    Raises:
        SchemaError: only one side has slices, or they are by other columns.
    """
    if one is None and other is None:
        return None
    if one is None or other is None:
        by = ", ".join((one or other).names)  # type: ignore[union-attr]
        message = f"one side has slices by {by}, the other has none"
        raise SchemaError("profile", message, "profile all sources with the same --by")
    return one.merge(other)


def _order(slice_: tuple[By, Summary]) -> tuple[int, list[tuple[bool, str]]]:
    """Most rows first, ties by value."""
    by, piece = slice_
    return -piece.rows, [(value is None, str(value)) for value in by]


@dataclass(frozen=True)
class Slots:
    """Which slice gets which place: a frame of the slice columns (by key) with `rows` and `slot`.

    Slots from 0 on are the slices told apart, most rows first; the slot `rest` takes all others.
    """

    columns: tuple[Column, ...]
    frame: pl.DataFrame
    gathered: int
    gathered_rows: int

    @property
    def rest(self) -> int:
        """The slot of the rare slices."""
        return self.frame.height

    def by(self) -> list[By]:
        """The values of each slice told apart."""
        return json_rows(self.frame.select(column.key for column in self.columns))


def slots_of(dataset: Dataset, names: Sequence[str]) -> Slots:
    """Counts the rows of every slice, reading the slice columns alone, and gives the largest a slot.

    Raises:
        UsageError: a column is not there, is a list or structure, or has far too many values.
    """
    columns = plain_columns(dataset, names, "--by")
    (counts,) = run(dataset.narrowed(columns), Counts(columns, "--by"))
    keys = [column.key for column in columns]
    ranked = counts.sort("rows", *keys, descending=[True, *(False for _ in keys)], nulls_last=True)
    told = ranked.head(MOST).with_row_index(SLOT).with_columns(pl.col(SLOT).cast(pl.Int32))
    others = ranked.slice(MOST)
    return Slots(columns, told, others.height, int(others.get_column("rows").sum()))


class Sliced:
    """A job run on every slice of a shard apart; the state is that of each slot, one after the other."""

    def __init__(self, job: Job, slots: Slots, empty: pl.LazyFrame) -> None:
        self.job = job
        self.slots = slots
        #: The state of a slice without rows, once and for all.
        self.empty = pl.collect_all(job.queries(empty), engine="in-memory")

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        keys = [column.key for column in self.slots.columns]
        # What is cut into parts must be at hand; a shard is.
        placed = frame.join(self.slots.frame.lazy().select(*keys, SLOT), on=keys, how="left", nulls_equal=True)
        parts = (
            placed.with_columns(pl.col(SLOT).fill_null(self.slots.rest))
            .collect()
            .partition_by(SLOT, as_dict=True, include_key=False)
        )
        queries = []
        for slot in range(self.slots.rest + 1):
            part = parts.get((slot,))
            queries += [each.lazy() for each in self.empty] if part is None else self.job.queries(part.lazy())
        return queries

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        parts = [self.split(state) for state in states]
        return [
            frame for slot in range(self.slots.rest + 1) for frame in self.job.merge([part[slot] for part in parts])
        ]

    def split(self, state: State) -> list[State]:
        """The state of each slot."""
        size = len(self.empty)
        return [state[start : start + size] for start in range(0, len(state), size)]
