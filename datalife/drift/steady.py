"""Columns of which so few values differ between matched rows that their distribution cannot have drifted.

Values that are equal in matched rows are mass that stays where it is: the total variation of the two sides is at most
1 - equal / larger side, and no difference of shares (categories, cumulative, missing) is larger. Where that is less
than every default threshold, a second look at millions of rows would tell nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from datalife.drift.columns import SHARE_THRESHOLD
from datalife.sources.dataset import Column
from datalife.stats.analyzers import Extremes
from datalife.stats.summary import ColumnSummary, nothing
from datalife.stats.values import is_nested

#: Below so many rows every distance is measured; that takes no time then.
LARGE = 1_000_000


@dataclass(frozen=True)
class Steady:
    """A column on both `sides`, the baseline first, with what costs nothing to know.

    No distance of shares is above `most`.
    """

    sides: tuple[ColumnSummary, ColumnSummary]
    most: float


def steady(columns: tuple[Column, Column], values: tuple[pl.Series, pl.Series], unchanged: int) -> Steady | None:
    """The column if it cannot have drifted; `unchanged` counts the matched rows whose values are present and equal.

    None for lists and structs, for a column whose type changed, and where there are too few rows for it to matter.
    """
    one, other = columns
    if max(map(len, values)) < LARGE or one.dtype != other.dtype or is_nested(one.dtype):
        return None
    present = max(side.len() - side.null_count() for side in values)
    most = 1 - unchanged / present if present else 1.0
    if most > SHARE_THRESHOLD:
        return None
    return Steady((_told(one, values[0]), _told(other, values[1])), most)


def of_key(columns: tuple[Column, Column], values: tuple[pl.Series, pl.Series]) -> Steady | None:
    """A column of the key, whose values are not compared: of its shape only the missing values matter.

    None where the type changed, or where there are too few rows for it to matter.
    """
    one, other = columns
    if max(map(len, values)) < LARGE or one.dtype != other.dtype:
        return None
    return Steady((_told(one, values[0]), _told(other, values[1])), 0.0)


def _told(column: Column, values: pl.Series) -> ColumnSummary:
    """The column with its missing values, NaN and, of times, the range."""
    dtype = column.dtype
    states: dict[str, dict[str, Any]] = {"presence": {"rows": values.len(), "missing": values.null_count()}}
    if dtype.is_float():
        states["signs"] = {"nan": int(values.is_nan().sum()), "inf": int(values.is_infinite().sum())}
    if dtype.is_temporal():
        found = Extremes().partials(pl.col(values.name), pl.lit(1), dtype)
        states["extremes"] = values.to_frame().select(**found).row(0, named=True)
    return ColumnSummary(column.name, dtype, states, nothing())
