"""Values as JSON, on a line, and as what is compared in their place."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.stats.values import from_number, from_ordinals, ordinals

DAY = 86_400.0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (5794 * DAY, "1985-11-12"),
        (math.nextafter(5794 * DAY, 0), "1985-11-12"),
        (math.nextafter(-300 * DAY, 0), "1969-03-07"),
        (5794.5 * DAY, "1985-11-12T12:00:00"),
        (5794 * DAY + 1e-6, "1985-11-12T00:00:00.000001"),
    ],
)
def test_a_mean_of_dates_is_a_date_where_only_rounding_says_otherwise(seconds: float, said: str) -> None:
    """It depends on the order of the rows in which digit a sum of floats is off."""
    assert from_number(seconds, pl.Date()) == said


@given(st.lists(st.none() | st.floats()))
def test_ordinals_compare_as_the_floats_do(floats: list[float | None]) -> None:
    """Sorted by them the floats are as polars sorts them, missing values first and NaN last."""
    frame = pl.DataFrame({"float": floats}, schema={"float": pl.Float64})
    found = frame.select(ordinals(pl.col("float")).sort()).select(from_ordinals(pl.col("float")))
    assert found.equals(frame.sort("float"), null_equal=True)


@pytest.mark.parametrize(
    ("one", "other"), [(0.0, -0.0), (math.nan, -math.nan)], ids=["both zeros", "NaN, whatever its bits"]
)
def test_equal_floats_have_one_ordinal(one: float, other: float) -> None:
    """And come back as the positive one."""
    found = pl.DataFrame({"float": [one, other]}).select(ordinals(pl.col("float")))
    assert found.n_unique() == 1
    [back] = found.select(from_ordinals(pl.col("float"))).to_series().unique().to_list()
    assert math.copysign(1, back) == 1
