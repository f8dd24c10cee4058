"""Two datasets row by row: rows of the same key against each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from datalife.drift.model import CellChange, ColumnRows, RowsCompared, Sides
from datalife.errors import UsageError
from datalife.files import atomic
from datalife.sources.dataset import Column, Dataset
from datalife.sources.types import common_type
from datalife.stats.values import is_nested, to_json

#: So many differing values of a column, and keys that repeat, are shown.
EXAMPLES = 5
#: What a line of the differences says beside the key.
LINE = ("change", "column", "baseline", "current")


@dataclass(frozen=True)
class Keyed:
    """How rows are compared: by the columns `key`, floats rounded to `digits` decimals where that is given.

    Numbers that differ by at most `tolerance` are equal. The differences are written to the file `rows_output`.
    """

    key: tuple[str, ...]
    tolerance: float = 0.0
    digits: int | None = None
    rows_output: str | None = None


@dataclass(frozen=True)
class Compared:
    """A column to compare, of type `before` in the baseline and `after` now; as `b<place>` and `a<place>` joined.

    Where a side lacks the column its values are missing, of the other side's type.
    """

    name: str
    place: int
    before: pl.DataType
    after: pl.DataType

    @property
    def sides(self) -> tuple[pl.Expr, pl.Expr]:
        """The values of both sides in the joined rows."""
        return pl.col(f"b{self.place}"), pl.col(f"a{self.place}")

    @property
    def texts(self) -> tuple[pl.Expr, pl.Expr]:
        """The values of both sides as text."""
        before, after = self.sides
        return _as_text(before, self.before), _as_text(after, self.after)


class RowComparison:
    """The join of two datasets on a key, and what differs in it.

    Rows without a key, and on both sides all rows of a key that occurs more than once, are set aside and counted.
    An integer and a float of equal value are equal; values whose types have nothing in common are compared as
    text.

    Raises:
        UsageError: a side lacks a column of the key, or one is no plain column.
    """

    def __init__(self, baseline: Dataset, current: Dataset, keyed: Keyed) -> None:
        self.keyed = keyed
        self.names = list(dict.fromkeys(keyed.key))
        self.keys = [f"k{place}" for place in range(len(self.names))]
        self.columns = _compared_columns(baseline, current, self.names)
        sides = (baseline, current)
        types = {name: _key_type(*(side.column(name) for side in sides)) for name in self.names}
        self.frames = [_frame(side, types, self.columns, prefix) for side, prefix in zip(sides, "ba", strict=True)]

    @cached_property
    def result(self) -> RowsCompared:
        """The counts of the contract, with examples."""
        repeated = [_repeated(frame, self.keys) for frame in self.frames]
        examples = pl.concat(repeated).unique(maintain_order=True).head(EXAMPLES)
        missing = [frame.height - frame.drop_nulls(self.keys).height for frame in self.frames]
        return RowsCompared(
            key=self.names,
            matched=self.matched.height,
            baseline_only=self.only[0].height,
            current_only=self.only[1].height,
            duplicate_keys=Sides(baseline=repeated[0].height, current=repeated[1].height),
            missing_keys=Sides(baseline=missing[0], current=missing[1]),
            changed_rows=int(self._changed.select(pl.any_horizontal(pl.all()).sum()).item()),
            columns=[self._column(each) for each in self.columns],
            duplicate_examples=self._named_keys(examples),
        )

    @cached_property
    def matched(self) -> pl.DataFrame:
        """The rows of keys of both sides, in the order of the baseline."""
        before, after = self._unambiguous
        return before.join(after, on=self.keys, how="inner", maintain_order="left")

    @cached_property
    def only(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows whose key is in the baseline only, and those whose key is in the current data only."""
        before, after = self._unambiguous
        return (
            before.join(after, on=self.keys, how="anti", maintain_order="left"),
            after.join(before, on=self.keys, how="anti", maintain_order="left"),
        )

    def differences(self) -> pl.DataFrame:
        """One line a difference: the key, `change` (removed, added, changed), and of a changed value the rest.

        `column`, `baseline` and `current` say which value changed and how, as text.
        """
        lines = [
            rows.select(*self.keys, *_line(change, None, (pl.lit(None), pl.lit(None))))
            for rows, change in zip(self.only, ("removed", "added"), strict=True)
        ]
        for each in self.columns:
            rows = self.matched.filter(self._changed[f"c{each.place}"])
            lines.append(rows.select(*self.keys, *_line("changed", each.name, each.texts)))
        names = [f"{name} (key)" if name in LINE else name for name in self.names]
        return pl.concat(lines).rename(dict(zip(self.keys, names, strict=True)))

    @cached_property
    def _unambiguous(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows of either side that have a key which no side repeats."""
        ambiguous = pl.concat([_repeated(frame, self.keys) for frame in self.frames])
        before, after = (
            frame.drop_nulls(self.keys).join(ambiguous, on=self.keys, how="anti", maintain_order="left")
            for frame in self.frames
        )
        return before, after

    @cached_property
    def _changed(self) -> pl.DataFrame:
        """For each compared column, as `c<place>`, whether it differs in each matched row."""
        flags = [(~self._equal(each)).alias(f"c{each.place}") for each in self.columns]
        return self.matched.select(pl.col(self.keys[0]).is_null(), *flags)

    def _equal(self, column: Compared) -> pl.Expr:
        """Whether both sides are missing, or both present and the same; NaN is the same as NaN."""
        before, after = column.sides
        if column.before.is_numeric() and column.after.is_numeric():
            same = self._same_number(before, after, column.before.is_float() or column.after.is_float())
        else:
            same = _same_value(column)
        present = before.is_not_null() & after.is_not_null()
        return (before.is_null() & after.is_null()) | (present & same.fill_null(False))

    def _same_number(self, before: pl.Expr, after: pl.Expr, floats: bool) -> pl.Expr:
        if floats and self.keyed.digits is not None:
            before, after = (side.cast(pl.Float64).round(self.keyed.digits) for side in (before, after))
        if not self.keyed.tolerance:
            return before == after
        gap = (before.cast(pl.Float64) - after.cast(pl.Float64)).abs()
        return (before == after) | (gap.is_not_nan() & (gap <= self.keyed.tolerance))

    def _column(self, column: Compared) -> ColumnRows:
        before, after = (side.is_not_null() for side in column.sides)
        counts = self.matched.select(
            before=before.sum(), after=after.sum(), lost=(before & ~after).sum(), filled=(after & ~before).sum()
        ).row(0, named=True)
        changed = self._changed[f"c{column.place}"]
        total = int(changed.sum())
        return ColumnRows(
            name=column.name,
            baseline_count=counts["before"],
            current_count=counts["after"],
            equal=self.matched.height - total,
            baseline_only=counts["lost"],
            current_only=counts["filled"],
            mismatched=total - counts["lost"] - counts["filled"],
            changed=total,
            examples=self._examples(column, self.matched.filter(changed).head(EXAMPLES)),
        )

    def _examples(self, column: Compared, rows: pl.DataFrame) -> list[CellChange]:
        values = (_as_json(rows[f"{side}{column.place}"]) for side in "ba")
        triples = zip(self._named_keys(rows), *values, strict=True)
        return [CellChange(key=key, baseline=before, current=after) for key, before, after in triples]

    def _named_keys(self, rows: pl.DataFrame) -> list[dict[str, Any]]:
        values = zip(*(_as_json(rows[key]) for key in self.keys), strict=True)
        return [dict(zip(self.names, row, strict=True)) for row in values]


def write_frame(rows: pl.DataFrame, path: str) -> None:
    """Writes rows as the suffix says (.parquet, .ndjson or .jsonl, else CSV), whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    suffix = path.rpartition(".")[2].lower()
    with atomic(path) as part:
        if suffix == "parquet":
            rows.write_parquet(part)
        elif suffix in ("ndjson", "jsonl"):
            rows.write_ndjson(part)
        else:
            rows.write_csv(part)


def _compared_columns(baseline: Dataset, current: Dataset, key: Sequence[str]) -> list[Compared]:
    """The columns of either side that are not of the key, in the order of the baseline."""
    names = dict.fromkeys(column.name for side in (baseline, current) for column in side.columns)
    columns = []
    for place, name in enumerate(name for name in names if name not in key):
        before, after = baseline.find(name), current.find(name)
        types = [column.dtype for column in (before, after) if column is not None]
        columns.append(Compared(name, place, types[0], types[-1]))
    return columns


def _frame(side: Dataset, key: dict[str, pl.DataType], columns: Sequence[Compared], prefix: str) -> pl.DataFrame:
    """The key as k0.., in the type it has on both sides, and the columns to compare under the side's prefix."""
    found = [(each, side.find(each.name)) for each in columns]
    names = [*key, *(column.name for _, column in found if column is not None)]
    keys = [_cast(side.column(name), dtype).alias(f"k{place}") for place, (name, dtype) in enumerate(key.items())]
    return side.frame(names).select(*keys, *(_values(each, column, prefix) for each, column in found))


def _values(column: Compared, found: Column | None, prefix: str) -> pl.Expr:
    dtype = column.before if prefix == "b" else column.after
    values = pl.lit(None, dtype=dtype) if found is None else pl.col(found.key)
    return values.alias(f"{prefix}{column.place}")


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
    return _as_text(values, column.dtype) if dtype == pl.String else values.cast(dtype)


def _repeated(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The keys that occur more than once, in the order of their rows."""
    counted = frame.drop_nulls(keys).group_by(keys, maintain_order=True).len("count")
    return counted.filter(pl.col("count") > 1).select(keys)


def _same_value(column: Compared) -> pl.Expr:
    before, after = column.sides
    shared = common_type(column.before, column.after)
    if shared is not None:
        return before.cast(shared).eq_missing(after.cast(shared))
    if is_nested(column.before) or is_nested(column.after):
        return pl.lit(False)
    one, other = column.texts
    return one == other


def _line(change: str, column: str | None, values: tuple[pl.Expr, pl.Expr]) -> list[pl.Expr]:
    """The part of a line of the differences beside the key, as text."""
    parts = (pl.lit(change), pl.lit(column), *values)
    return [part.cast(pl.String).alias(name) for name, part in zip(LINE, parts, strict=True)]


def _as_text(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Values as text: durations by ISO 8601, bytes as hexadecimal, nested values as JSON."""
    if is_nested(dtype):
        document = pl.struct(values.alias("value")).struct.json_encode()
        return pl.when(values.is_not_null()).then(document.str.strip_prefix('{"value":').str.strip_suffix("}"))
    if dtype == pl.Duration:
        return values.dt.to_string("iso")
    return values.bin.encode("hex") if dtype == pl.Binary else values.cast(pl.String)


def _as_json(values: pl.Series) -> list[Any]:
    """Values as JSON has them; nested ones by way of polars' own JSON."""
    if not is_nested(values.dtype):
        return to_json(values)
    texts = values.to_frame("value").select(pl.struct("value").struct.json_encode()).to_series()
    return [json.loads(text)["value"] for text in texts]
