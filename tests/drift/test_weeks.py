"""What the days of the week may have to do with it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from datalife.drift.alignment import Pair
from datalife.drift.weeks import weeks_of
from tests.drift.data import column

MONDAY = dt.datetime(2026, 3, 2)


def hours(first: int, count: int, step: int = 1) -> list[dt.datetime]:
    """Times every so many hours after a Monday."""
    return [MONDAY + dt.timedelta(hours=first + place * step) for place in range(count)]


def test_weekdays_that_one_side_lacks_are_named():
    """Five days of work against a weekend."""
    found = weeks_of(Pair(column(hours(0, 120)), column(hours(120, 48))))
    assert found is not None
    assert found.baseline_only == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert found.current_only == ["Saturday", "Sunday"]
    assert found.hour_of_week == 1


def test_the_same_hours_of_other_weeks_are_the_same():
    """Also before 1970."""
    old = [each - dt.timedelta(weeks=3000) for each in hours(0, 168)]
    found = weeks_of(Pair(column(hours(0, 168)), column(old)))
    assert found is not None
    assert (found.hour_of_week, found.baseline_only, found.current_only) == (0, [], [])


def test_the_distance_is_that_of_plain_counting():
    """Half the sum of |p - q| over the hours of the week."""
    sides = [hours(0, 300, 5), hours(3, 200, 7)]
    one, other = (Counter((each.weekday(), each.hour) for each in side) for side in sides)
    expected = sum(abs(one[hour] / 300 - other[hour] / 200) for hour in one | other) / 2
    found = weeks_of(Pair(column(sides[0]), column(sides[1])))
    assert found is not None
    assert found.hour_of_week == pytest.approx(expected, abs=1e-9)


def test_numbers_have_no_weeks():
    """Nor has a column without any value."""
    assert weeks_of(Pair(column([1, 2]), column([1, 2]))) is None
    assert weeks_of(Pair(column(hours(0, 3)), column([None]))) is None
