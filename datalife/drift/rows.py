"""Two datasets row by row: rows of the same key against each other, one column after the other.

Only the keys of both sides, the places of partners, and a few columns at a time are in memory. Data of very many rows
is compared in partitions by the hash of the key.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import Any, TypeVar

import polars as pl

from datalife.drift.equality import Equality, as_json, as_text, tolerances_of
from datalife.drift.matching import Match, match
from datalife.drift.model import CellChange, ColumnRows, Confusion, RowsCompared, Sides
from datalife.drift.steady import Steady, of_key, steady
from datalife.errors import UsageError
from datalife.files import atomic
from datalife.sources.dataset import Column, Dataset
from datalife.sources.types import common_type
from datalife.sources.writing import Frames, Target, suffix_of, write_frames
from datalife.stats.values import is_nested

Found = TypeVar("Found")
#: So many differing values of a column, and keys that repeat, are shown.
EXAMPLES = 5
#: So many pairs of different categories are counted.
CONFUSIONS = 10
#: What a line of the differences says beside the key.
LINE = ("change", "column", "baseline", "current")
#: Values of a side that are read at once; with 8 bytes each 128 MB.
CELLS = 16 << 20
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


@dataclass(frozen=True)
class Compared:
    """A column to compare, where each side has it."""

    name: str
    before: Column | None
    after: Column | None

    @property
    def types(self) -> tuple[pl.DataType, pl.DataType]:
        """The types of both sides; of a side that lacks the column, that of the other."""
        one, other = (column.dtype if column is not None else None for column in (self.before, self.after))
        return one or other or pl.Null(), other or one or pl.Null()


@dataclass(frozen=True)
class Partners:
    """The values of one column in the matched rows, as `before` and `after`, and whether they are `equal`.

    `whole` are those of all rows of either side that has the column.
    """

    values: pl.DataFrame
    equal: pl.Series
    whole: tuple[pl.Series | None, pl.Series | None]

    @cached_property
    def changed(self) -> pl.Series:
        """The places of the matched rows whose values differ."""
        return (~self.equal).arg_true()


class Partition:
    """Some of the keys of both sides, and all rows of these keys.

    `keys` are the key columns of both sides, `picked` the rows of each shard that belong here (None: all).
    """

    def __init__(self, keys: Sequence[pl.DataFrame], picked: Sequence[Sequence[pl.Series] | None]) -> None:
        self.keys, self.picked = keys, picked
        self.match: Match = match(keys[0], keys[1])

    def partners(self, column: Compared, read: Sequence[pl.DataFrame], equality: Equality) -> Partners:
        """The values of a column, of the frames read from both sides."""
        whole = [
            None if found is None else frame.get_column(found.key)
            for found, frame in zip((column.before, column.after), read, strict=True)
        ]
        before, after = (
            pl.repeat(None, len(self.match.baseline), dtype=dtype, eager=True) if values is None else chosen(values)
            for values, chosen, dtype in zip(whole, (self.match.before, self.match.after), column.types, strict=True)
        )
        frame = pl.DataFrame({"before": before, "after": after})
        equal = frame.select(equality.expression(column.name, *column.types)).to_series()
        return Partners(frame, equal, (whole[0], whole[1]))

    def matched_keys(self, rows: pl.Series) -> pl.DataFrame:
        """The keys of some of the matched rows."""
        return self.keys[0][self.match.baseline.gather(rows)]


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
        #: Filled with the result: columns that need no scan; none where rows are compared in partitions.
        self.steady: dict[str, Steady] = {}

    @cached_property
    def result(self) -> RowsCompared:
        """The counts of the contract, with examples."""
        whole = [self._partition_result(partition) for partition in self._partitions()]
        found = whole[0]
        for other in whole[1:]:
            found = found.merged(other, EXAMPLES, CONFUSIONS)
        return found

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
        yield from self._of_each(partition, changed, partial(_changed_lines, partition))

    def _partition_result(self, partition: Partition) -> RowsCompared:
        columns = []
        unequal = pl.repeat(False, len(partition.match.baseline), dtype=pl.Boolean, eager=True)
        for found, changed, steady_column in self._of_each(partition, self.columns, partial(self._found, partition)):
            columns.append(found)
            unequal = unequal.scatter(changed, True)
            if self._count == 1 and steady_column is not None:
                self.steady[found.name] = steady_column
        repeated = partition.match.repeated
        examples = pl.concat(repeated).unique(maintain_order=True).head(EXAMPLES)
        return RowsCompared(
            key=self.names,
            matched=len(partition.match.baseline),
            baseline_only=len(partition.match.only[0]),
            current_only=len(partition.match.only[1]),
            duplicate_keys=Sides(baseline=repeated[0].height, current=repeated[1].height),
            missing_keys=partition.match.missing,
            changed_rows=int(unequal.sum()),
            columns=columns,
            duplicate_examples=self._named_keys(examples),
        )

    def _found(
        self, partition: Partition, column: Compared, partners: Partners
    ) -> tuple[ColumnRows, pl.Series, Steady | None]:
        """What there is to say about a column, the places of the matched rows that differ, and whether it is steady."""
        return self._column(partition, column, partners), partners.changed, _steady(column, partners)

    def _column(self, partition: Partition, column: Compared, partners: Partners) -> ColumnRows:
        missing = partners.values.select(pl.all().is_null())
        lost = int((missing["after"] & ~missing["before"]).sum())
        filled = int((missing["before"] & ~missing["after"]).sum())
        changed, rows = len(partners.changed), partners.values.height
        return ColumnRows(
            name=column.name,
            baseline_count=rows - int(missing["before"].sum()),
            current_count=rows - int(missing["after"].sum()),
            equal=rows - changed,
            baseline_only=lost,
            current_only=filled,
            mismatched=changed - lost - filled,
            changed=changed,
            examples=self._examples(partition, partners) if changed else [],
            confusions=_confusions(column, partners) if changed else [],
        )

    def _examples(self, partition: Partition, partners: Partners) -> list[CellChange]:
        rows = partners.changed.head(EXAMPLES)
        values = (as_json(side) for side in partners.values[rows])
        triples = zip(self._named_keys(partition.matched_keys(rows)), *values, strict=True)
        return [CellChange(key=key, baseline=before, current=after) for key, before, after in triples]

    def _named_keys(self, rows: pl.DataFrame) -> list[dict[str, Any]]:
        values = zip(*(as_json(column) for column in rows), strict=True)
        return [dict(zip(self.names, row, strict=True)) for row in values]

    def _of_each(
        self, partition: Partition, columns: Sequence[Compared], work: Callable[[Compared, Partners], Found]
    ) -> Iterator[Found]:
        """What `work` makes of each column in the matched rows. Two groups at a time, of as many columns as fit."""
        rows = max(keys.height for keys in partition.keys)
        size = max(1, CELLS // max(rows, 1))
        groups = [columns[first : first + size] for first in range(0, len(columns), size)]

        def compared(group: Sequence[Compared]) -> list[Found]:
            wanted = [[each.before for each in group if each.before], [each.after for each in group if each.after]]
            read = list(map(_read, self.sides, wanted, partition.picked))
            return [work(column, partition.partners(column, read, self.equality)) for column in group]

        with ThreadPoolExecutor(2) as pool:
            yield from chain.from_iterable(pool.map(compared, groups))

    def _partitions(self) -> Iterator[Partition]:
        if self._count == 1:
            yield self._whole
            return
        for place in range(self._count):
            with ThreadPoolExecutor(2) as pool:
                found = list(pool.map(partial(self._keys_of, place, self._count), (0, 1)))
            yield Partition([keys for keys, _ in found], [picked for _, picked in found])

    @cached_property
    def _count(self) -> int:
        """How many partitions there are."""
        rows = max(sum(shard.rows for shard in side.shards) for side in self.sides)
        return max(1, math.ceil(rows / PARTITION))

    @cached_property
    def _whole(self) -> Partition:
        """All rows at once."""
        with ThreadPoolExecutor(2) as pool:
            (one, _), (other, _) = pool.map(partial(self._keys_of, 0, 1), (0, 1))
        for place, name in enumerate(self.names):
            columns = (self.key_columns[0][place], self.key_columns[1][place])
            found = of_key(columns, (one[f"k{place}"], other[f"k{place}"]))
            if found is not None:
                self.steady[name] = found
        return Partition([one, other], [None, None])

    def _keys_of(self, place: int, count: int, side: int) -> tuple[pl.DataFrame, list[pl.Series]]:
        """The key columns of a side whose hash falls to a partition, and the places of these rows in each shard."""
        columns, frames, picked = self.key_columns[side], [], []
        casts = [
            _cast(column, dtype).alias(f"k{number}")
            for number, (column, dtype) in enumerate(zip(columns, self.key_types, strict=True))
        ]
        for shard in self.sides[side].shards:
            keys = shard.read([column.key for column in columns]).select(*casts)
            if count > 1:
                rows = (keys.hash_rows() % count == place).arg_true()
                picked.append(rows)
                keys = keys[rows]
            frames.append(keys)
        empty = self.sides[side].empty.select(*casts)
        return pl.concat([empty, *frames], rechunk=True), picked

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


def _read(side: Dataset, columns: Sequence[Column], picked: Sequence[pl.Series] | None) -> pl.DataFrame:
    """Some columns of all rows, or of those picked from each shard."""
    keys = [column.key for column in columns]
    if not keys:
        return pl.DataFrame()
    frames = [shard.read(keys).select(keys) for shard in side.shards]
    if picked is not None:
        frames = [frame[rows] for frame, rows in zip(frames, picked, strict=True)]
    return pl.concat([side.empty.select(keys), *frames])


def _steady(column: Compared, partners: Partners) -> Steady | None:
    before, after = partners.whole
    if column.before is None or column.after is None or before is None or after is None:
        return None
    present = partners.values["before"].is_not_null() & partners.values["after"].is_not_null()
    unchanged = int((partners.equal & present).sum())
    return steady((column.before, column.after), (before, after), unchanged)


def _confusions(column: Compared, partners: Partners) -> list[Confusion]:
    """Which category became which, most frequent first; none where the pairs hardly repeat."""
    if not all(dtype in (pl.String, pl.Boolean) or dtype.is_integer() for dtype in column.types):
        return []
    pairs = partners.values[partners.changed].group_by("before", "after").len()
    if pairs.height > len(partners.changed) / 2:
        return []
    most = pairs.sort("len", "before", "after", descending=[True, False, False]).head(CONFUSIONS)
    return [Confusion(baseline=before, current=after, count=count) for before, after, count in most.iter_rows()]


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
