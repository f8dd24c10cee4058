"""Hours of the week of two columns of times: what is a season, and what only looks like drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from datalife.drift.alignment import Cells, Pair
from datalife.drift.metrics import DECIMALS, total_variation
from datalife.drift.model import Weeks
from datalife.drift.noise import total_variation as floor_of

if TYPE_CHECKING:
    from datalife.stats.summary import ColumnSummary

HOUR, HOURS = 3_600, 168
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: 1970-01-01, where the seconds begin, was a Thursday: so many hours after Monday.
BEGINNING = 72


def weeks_of(pair: Pair) -> Weeks | None:
    """The total variation of the shares of the 168 hours of the week, and weekdays that one side lacks.

    In the zone in which the times are kept; of more times than are known one by one the sketch stands for them.
    None where the two sides are no dates or datetimes.
    """
    types = {pair.baseline.type, pair.current.type}
    if pair.reason is not None or not types <= {"date", "datetime"}:
        return None
    one, other = _hours(pair.baseline), _hours(pair.current)
    if not sum(one) or not sum(other):
        return None
    cells = Cells(one, other, str)
    days = [[sum(side[day * 24 : day * 24 + 24]) for day in range(7)] for side in (one, other)]
    return Weeks(
        hour_of_week=round(total_variation(cells), DECIMALS),
        noise_floor=round(min(floor_of(cells), 1.0), DECIMALS),
        baseline_only=[name for name, here, there in zip(WEEKDAYS, *days, strict=True) if here and not there],
        current_only=[name for name, here, there in zip(WEEKDAYS, *days, strict=True) if there and not here],
    )


def _hours(side: ColumnSummary) -> list[float]:
    """How many of the values fall into each hour of the week, from Monday 0 o'clock."""
    counts = [0.0] * HOURS
    if side.points is None:
        return counts
    place = ((pl.col("value") / HOUR).floor().cast(pl.Int64) + BEGINNING) % HOURS
    for hour, weight in side.points.group_by(place.alias("hour")).agg(pl.col("weight").sum()).iter_rows():
        counts[hour] = float(weight)
    return counts
