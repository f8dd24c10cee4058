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


@dataclass(frozen=True)
class Standing:
    """What is known of a column in some of the rows of both `sides`.

    `unchanged` counts the matched rows whose values are present and equal; None for a column of the key, whose values
    are not compared: of its shape only the missing values matter.
    """

    sides: tuple[ColumnSummary, ColumnSummary]
    unchanged: int | None

    def plus(self, other: Standing) -> Standing:
        """What is known of it in the rows of both."""
        one, two = (_added(mine, theirs) for mine, theirs in zip(self.sides, other.sides, strict=True))
        return Standing((one, two), None if self.unchanged is None else self.unchanged + (other.unchanged or 0))

    def steady(self) -> Steady | None:
        """The column if it cannot have drifted. None where there are too few rows for it to matter."""
        if max(side.rows for side in self.sides) < LARGE:
            return None
        if self.unchanged is None:
            return Steady(self.sides, 0.0)
        present = max(side.rows - side.states["presence"]["missing"] for side in self.sides)
        most = 1 - self.unchanged / present if present else 1.0
        return Steady(self.sides, most) if most <= SHARE_THRESHOLD else None


def standing(
    columns: tuple[Column, Column], values: tuple[pl.Series, pl.Series], unchanged: int | None
) -> Standing | None:
    """What is known of a column whose values on both sides are these.

    None for lists and structs, and for a column whose type changed: to compare these takes a scan.
    """
    one, other = columns
    if one.dtype != other.dtype or is_nested(one.dtype):
        return None
    return Standing((_told(one, values[0]), _told(other, values[1])), unchanged)


def _added(one: ColumnSummary, other: ColumnSummary) -> ColumnSummary:
    """The column in the rows of both; a side without values has no extremes."""
    states: dict[str, dict[str, Any]] = {}
    for name, state in one.states.items():
        pairs = {key: [side[key] for side in (state, other.states[name]) if side[key] is not None] for key in state}
        ways = {"min": min, "max": max}
        states[name] = {key: ways.get(key, sum)(found) if found else None for key, found in pairs.items()}
    return ColumnSummary(one.name, one.dtype, states, nothing())


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
