"""Two datasets row by row: rows of the same key against each other, one column after the other.

Only the keys of both sides, the places of partners, and a few columns at a time are in memory. Data of very many rows
is compared in partitions by the hash of the key.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl

from datalife.drift.equality import Equality, as_text, tolerances_of
from datalife.drift.findings import Found, Questions, found_in, together
from datalife.drift.model import RowsCompared
from datalife.drift.partition import Compared, Partition, Partners
from datalife.drift.spread import found_by_workers
from datalife.drift.steady import Steady
from datalife.errors import UsageError
from datalife.files import atomic
from datalife.sources.dataset import ROW, Column, Dataset
from datalife.sources.types import common_type
from datalife.sources.writing import Frames, Target, suffix_of, write_frames
from datalife.stats.values import is_nested

#: What a line of the differences says beside the key.
LINE = ("change", "column", "baseline", "current")
#: Rows of the larger side in one partition.
PARTITION = 25_000_000


@dataclass(frozen=True)
class Keyed:
    """How rows are compared: by the columns `key`.

    `tolerance`, `digits`, `ignore_spaces`, `ignore_case` and `null_differs` say what is equal (see `equality`).
    Rows that differ are no failure up to the share `max_different` of all. The differences are written to the file
    `rows_output`.
    """

    key: tuple[str, ...]
    tolerance: tuple[str, ...] = ()
    digits: int | None = None
    ignore_spaces: bool = False
    ignore_case: bool = False
    null_differs: bool = False
    max_different: float = 0.0
    rows_output: str | None = None


class RowComparison:
    """The rows of two datasets with the same key, and what differs in them.

    Rows without a key, and on both sides all rows of a key that occurs more than once, are set aside and counted.
    An integer and a float of equal value are equal; values whose types have nothing in common are compared as
    text. `renamed` says what columns of the baseline are called now, where that differs.

    Raises:
        UsageError: a side lacks a column of the key, or one is no plain column; an option names what is not there.
    """

    def __init__(
        self, baseline: Dataset, current: Dataset, keyed: Keyed, renamed: Mapping[str, str] | None = None
    ) -> None:
        self.sides, self.keyed, self.renamed = (baseline, current), keyed, renamed or {}
        self.names = list(dict.fromkeys(keyed.key))
        self.columns = self._compared_columns()
        general, named = tolerances_of(keyed.tolerance, [column.name for column in self.columns])
        self.equality = Equality(
            general, named, keyed.digits, keyed.ignore_spaces, keyed.ignore_case, keyed.null_differs
        )
        columns = [(baseline.column(name), current.column(self.renamed.get(name, name))) for name in self.names]
        self.key_columns = list(zip(*columns, strict=True))
        self.key_types = [_key_type(*both) for both in columns]
        for column in self.columns:  # a tolerance of the wrong kind is an error before any row is read
            self.equality.expression(column.name, *column.types)
        self.questions = Questions(self.names, self.columns, self.equality, columns)

    @property
    def result(self) -> RowsCompared:
        """The counts of the contract, with examples."""
        return self._found.result()

    @property
    def steady(self) -> Mapping[str, Steady]:
        """The columns, by name, that need no scan to be known not to have drifted."""
        return self._found.steady(self.questions)

    @cached_property
    def _found(self) -> Found:
        """What the rows tell, found by the workers where there are some: here are then no rows."""
        if not self.sides[0].engine.shares_memory and any(side.shards for side in self.sides):
            return found_by_workers(self.sides, self._casts, self.questions)
        return together([found_in(partition, self.questions) for partition in self._partitions()])

    @property
    def fails(self) -> bool:
        """Whether more rows differ than may."""
        return self.result.differ(self.keyed.max_different)

    def differences(self) -> pl.DataFrame:
        """One line a difference: the key, `change` (removed, added, changed), and of a changed value the rest.

        `column`, `baseline` and `current` say which value changed and how, as text.
        """
        changed = [column for column, found in zip(self.columns, self.result.columns, strict=True) if found.changed]
        lines = [line for partition in self._partitions() for line in self._lines(partition, changed)]
        keys = [f"k{place}" for place in range(len(self.names))]
        names = [f"{name} (key)" if name in LINE else name for name in self.names]
        return pl.concat(lines).rename(dict(zip(keys, names, strict=True)))

    def write(self, path: str) -> None:
        """Writes the differences as the suffix says, whole or not at all.

        Raises:
            UsageError: the suffix names no format.
            OutputError: the file cannot be written.
        """
        suffix = suffix_of(path)
        lines = self.differences()
        with atomic(path) as part:
            write_frames(Frames([lines], dict(lines.schema)), Target(part, suffix, path))

    def _lines(self, partition: Partition, changed: Sequence[Compared]) -> Iterator[pl.DataFrame]:
        none = pl.lit(None, dtype=pl.String)
        for keys, only, change in zip(partition.keys, partition.match.only, ("removed", "added"), strict=True):
            yield keys[only].select(pl.all(), *_line(change, none, none, none))
        yield from partition.of_each(changed, self.equality, partial(_changed_lines, partition))

    def _partitions(self) -> Iterator[Partition]:
        if self._count == 1:
            yield self._whole
        else:
            yield from map(self._partition, range(self._count))

    @cached_property
    def _whole(self) -> Partition:
        """All rows at once."""
        return self._partition(0)

    def _partition(self, place: int) -> Partition:
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(partial(self._keys_of, place), (0, 1)))
        readers = [partial(_read, side, picked) for side, (_, picked) in zip(self.sides, found, strict=True)]
        if self._count == 1:
            return Partition([keys for keys, _ in found], readers)
        return Partition([keys.drop(ROW) for keys, _ in found], readers, [keys[ROW] for keys, _ in found])

    @cached_property
    def _count(self) -> int:
        """How many partitions there are."""
        rows = max(side.rows for side in self.sides)
        return max(1, math.ceil(rows / PARTITION))

    @cached_property
    def _casts(self) -> list[list[pl.Expr]]:
        """For each side the columns of the key, k0, k1, ..., in the types in which they meet."""
        return [
            [
                _cast(column, dtype).alias(f"k{number}")
                for number, (column, dtype) in enumerate(zip(columns, self.key_types, strict=True))
            ]
            for columns in self.key_columns
        ]

    def _keys_of(self, place: int, side: int) -> tuple[pl.DataFrame, list[pl.Series] | None]:
        """The key columns of a side whose hash falls to a partition, and the places of these rows in each shard.

        Of several partitions also the numbers of the rows; of a single one all rows are meant (None).
        """
        keys, frames, picked = [column.key for column in self.key_columns[side]], [], []
        row = ROW if self._count > 1 else None
        casts = [*self._casts[side], *([pl.col(ROW)] if row else [])]
        for shard in self.sides[side].shards:
            frame = shard.read(keys, row=row).select(*casts)
            if row:
                rows = (frame.drop(ROW).hash_rows() % self._count == place).arg_true()
                picked.append(rows)
                frame = frame[rows]
            frames.append(frame)
        empty = self.sides[side].empty.select(*casts)
        return pl.concat([empty, *frames], rechunk=True), picked if row else None

    def _compared_columns(self) -> list[Compared]:
        """The columns of either side that are not of the key, in the order of the baseline; renamed ones once."""
        baseline, current = self.sides
        old = {new: name for name, new in self.renamed.items()}
        names = [column.name for column in baseline.columns]
        names += [old.get(column.name, column.name) for column in current.columns]
        return [
            Compared(name, baseline.find(name), current.find(self.renamed.get(name, name)))
            for name in dict.fromkeys(names)
            if name not in self.names
        ]


def _changed_lines(partition: Partition, column: Compared, partners: Partners) -> pl.DataFrame:
    """A line for each value of a column that changed."""
    rows = partners.values[partners.changed]
    texts = (as_text(pl.col(side), dtype) for side, dtype in zip(rows.columns, column.types, strict=True))
    told = rows.select(*_line("changed", pl.lit(column.name), *texts))
    return partition.matched_keys(partners.changed).hstack(told)


def _read(side: Dataset, picked: Sequence[pl.Series] | None, columns: Sequence[Column]) -> pl.DataFrame:
    """Some columns of all rows, or of those picked from each shard."""
    keys = [column.key for column in columns]
    if not keys:
        return pl.DataFrame()
    frames = [shard.read(keys).select(keys) for shard in side.shards]
    if picked is not None:
        frames = [frame[rows] for frame, rows in zip(frames, picked, strict=True)]
    return pl.concat([side.empty.select(keys), *frames])


def _key_type(one: Column, other: Column) -> pl.DataType:
    """The type in which the values of a key column meet: text where the sides have nothing in common.

    Raises:
        UsageError: lists and structs are no keys.
    """
    if is_nested(one.dtype) or is_nested(other.dtype):
        raise UsageError("--key", f"column {one.name!r} holds lists or structs", "name columns of plain values")
    return common_type(one.dtype, other.dtype) or pl.String()


def _cast(column: Column, dtype: pl.DataType) -> pl.Expr:
    values = pl.col(column.key)
    return as_text(values, column.dtype) if dtype == pl.String else values.cast(dtype)


def _line(change: str, column: pl.Expr, before: pl.Expr, after: pl.Expr) -> list[pl.Expr]:
    """The part of a line of the differences beside the key, as text."""
    parts = (pl.lit(change), column, before, after)
    return [part.cast(pl.String).alias(name) for name, part in zip(LINE, parts, strict=True)]
