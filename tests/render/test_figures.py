"""Numbers, shares and distributions as a person reads them."""

from __future__ import annotations

from typing import Any

import pytest

from datalife.render.figures import bar, columns, moment, number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (7, "7"),
        (-1234567, "-1,234,567"),
        (9_999_999_999, "9,999,999,999"),
        (12_345_678_901, "1.235e+10"),
        (0.0, "0"),
        (14.0, "14"),
        (3.14159, "3.142"),
        (-0.8, "-0.8"),
        (0.00012346, "0.0001235"),
        (0.000012345, "1.234e-05"),
        (28636.584, "28,637"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (None, "–"),
        ("PT1H\x1b", "PT1H\\x1b"),
    ],
)
def test_number_has_four_digits_and_integers_are_whole(value: Any, shown: str) -> None:
    """Integers up to ten digits are exact; other numbers have four significant digits."""
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "is_short", "shown"),
    [
        ("2026-03-02T05:07:00Z", False, "2026-03-02 05:07Z"),
        ("2026-03-02T05:07:31.5+01:00", False, "2026-03-02 05:07:31.5+01:00"),
        ("2026-03-02T05:07:00Z", True, "2026-03-02"),
        ("2026-03-02", False, "2026-03-02"),
        ("12:30:00", True, "12:30:00"),
        (None, True, "–"),
    ],
)
def test_moment_is_a_day_and_a_time(value: str | None, is_short: bool, shown: str) -> None:
    """A point in time has a space for the T, no seconds when there are none, and no time of day when short."""
    assert moment(value, is_short) == shown


def test_bar_grows_by_eighths_and_shows_the_smallest_share() -> None:
    """Half of four characters is two; anything above nothing is seen; nothing is blank."""
    assert [bar(part, 4) for part in (0, 0.001, 0.5, 1, None)] == ["    ", "▏   ", "██  ", "████", "    "]


def test_a_bin_with_anything_in_it_is_seen() -> None:
    """The fullest bin is full, an empty one is blank, one of a million is the lowest step."""
    assert columns([1, 0, 500_000, 1_000_000]) == "▁ ▄█"
    assert columns([]) == ""
    assert columns([0, 0]) == "  "
