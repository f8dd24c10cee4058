"""How often the values of several columns occur together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import polars as pl

from datalife.engine import State
from datalife.errors import UsageError
from datalife.sources.dataset import Column, Dataset
from datalife.stats.associations import BINS, FEW
from datalife.stats.model import Combination, Cross
from datalife.stats.values import from_number, is_nested, is_ordered, numbers, to_json

#: More combinations than this are not counted.
TOO_MANY = 100_000
#: A column crossed with another has at most so many values; of numbers and times, bins.
MOST_VALUES = 1000
#: So many empty combinations are told.
MOST_EMPTY = 50
ROWS = "rows"


class Counts:
    """The job that counts the rows of every combination of values of some columns, missing ones among them.

    The state is one frame of the columns by key, and `rows`. `flag` is the option that asks for it.
    """

    def __init__(self, columns: Sequence[Column], flag: str) -> None:
        self.keys = [column.key for column in columns]
        self.names = " and ".join(repr(column.name) for column in columns)
        self.flag = flag

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        return [frame.group_by(pl.col(self.keys)).agg(pl.len().cast(pl.Int64).alias(ROWS))]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        counts = pl.concat([state[0] for state in states]).group_by(self.keys).agg(pl.col(ROWS).sum())
        if counts.height > TOO_MANY:
            message = f"{self.names} have more than {TOO_MANY:,} different combinations"
            raise UsageError(self.flag, message, "choose columns with few different values")
        return [counts]


def plain_columns(dataset: Dataset, names: Sequence[str], flag: str) -> tuple[Column, ...]:
    """The columns of these names, which `flag` asks for.

    Raises:
        UsageError: one is not there, or its values are lists or structures.
    """
    columns = tuple(dataset.column(name) for name in names)
    for column in columns:
        if is_nested(column.dtype):
            raise UsageError(flag, f"column {column.name!r} is nested", "choose columns of single values")
    return columns


def cross(columns: Sequence[Column], counts: pl.DataFrame) -> Cross:
    """How much of the space of two columns is covered, and which combinations are missing although expected.

    `expected` are the rows that a combination would have if the columns had nothing to do with each other: the rows
    of the one value times those of the other, divided by all.
    """
    axes = [_axis(counts, column) for column in columns]
    cells = counts.select(pl.col(ROWS), *(axis.alias(name) for axis, name in zip(axes, "xy", strict=True)))
    cells = cells.drop_nulls().group_by("x", "y").agg(pl.col(ROWS).sum())
    rows = int(cells.get_column(ROWS).sum())
    margins = [dict(cells.group_by(name).agg(pl.col(ROWS).sum()).sort(name).iter_rows()) for name in "xy"]
    full = set(cells.select("x", "y").iter_rows())
    empty = [(margins[0][x] * margins[1][y] / rows, x, y) for x, y in product(*margins) if (x, y) not in full]
    empty.sort(key=lambda each: (-each[0], str(each[1]), str(each[2])))
    space = len(margins[0]) * len(margins[1])
    names = [column.name for column in columns]
    return Cross(
        columns=names,
        rows=rows,
        combinations=space,
        empty_count=len(empty),
        coverage=(space - len(empty)) / space if space else None,
        empty=[
            Combination(values=dict(zip(names, pair, strict=True)), expected=round(expected, 3))
            for expected, *pair in empty[:MOST_EMPTY]
        ],
    )


def _axis(counts: pl.DataFrame, column: Column) -> pl.Series:
    """The values of a column as JSON has them; of a line with many, its bins of equal counts as text."""
    values = counts.get_column(column.key)
    if is_ordered(column.dtype) and values.drop_nulls().n_unique() > FEW:
        return _bins(counts, column)
    if values.drop_nulls().n_unique() > MOST_VALUES:
        message = f"{column.name!r} has more than {MOST_VALUES:,} values"
        raise UsageError("--cross", message, "cross columns with few different values")
    return pl.Series(to_json(values), strict=False)


def _bins(counts: pl.DataFrame, column: Column) -> pl.Series:
    line = counts.select(value=numbers(pl.col(column.key), column.dtype), weight=pl.col(ROWS))
    points = line.filter(pl.col("value").is_finite()).group_by("value").agg(pl.col("weight").sum()).sort("value")
    weight = pl.col("weight")
    middle = (weight.cum_sum() - weight / 2) / weight.sum()
    points = points.with_columns(bin=(middle * BINS).floor())
    ends = points.group_by("bin").agg(low=pl.col("value").min(), high=pl.col("value").max())
    named = {place: _named(low, high, column) for place, low, high in ends.iter_rows()}
    bins = line.join(points, on="value", how="left", maintain_order="left").get_column("bin")
    return pl.Series([named.get(place) for place in bins], dtype=pl.String)


def _named(low: float, high: float, column: Column) -> str:
    return _told(low, column) if low == high else f"{_told(low, column)} to {_told(high, column)}"


def _told(edge: float, column: Column) -> str:
    value = from_number(edge, column.dtype)
    return f"{value:g}" if isinstance(value, float) else str(value)
