"""Shares, counts and names as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.words import fine_share, listed, out_of, plural, share


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (None, "–"),
        (0, "0 %"),
        (1e-9, "<0.1 %"),
        (0.00123, "0.1 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.456, "46 %"),
        (0.9951, "99.5 %"),
        (0.9999999, ">99.9 %"),
        (1, "100 %"),
    ],
)
def test_share_never_rounds_to_nothing_or_all(part: float | None, shown: str) -> None:
    """`0 %` means none and `100 %` means all; a share between is shown as between."""
    assert share(part) == shown


@pytest.mark.parametrize(
    ("part", "digits", "shown"),
    [
        (0, 2, "0 %"),
        (1e-9, 2, "<0.01 %"),
        (0.000234, 2, "0.023 %"),
        (0.1234, 2, "12 %"),
        (0.1234, 3, "12.3 %"),
        (0.99, 2, "99 %"),
        (0.996, 2, "99.6 %"),
        (0.99999, 3, ">99.9 %"),
        (1, 2, "100 %"),
    ],
)
def test_small_shares_of_messages_keep_their_digits(part: float, digits: int, shown: str) -> None:
    """Two significant digits, or more when asked for; none and all are exact."""
    assert fine_share(part, digits) == shown


@given(st.floats(0, 1), st.integers(2, 3))
def test_no_share_is_written_as_a_power_of_ten(part: float, digits: int) -> None:
    """Nor as nothing or all, unless it is that."""
    shown = fine_share(part, digits)
    assert "e" not in shown
    assert (shown in ("0 %", "100 %")) == (part in (0, 1))


@pytest.mark.parametrize(
    ("count", "many", "shown"),
    [(0, None, "0 rows"), (1, None, "1 row"), (2000, None, "2,000 rows"), (2, "men", "2 men")],
)
def test_one_has_no_plural(count: int, many: str | None, shown: str) -> None:
    """Nothing and several have; a noun without s names its own."""
    assert plural(count, "row", many) == shown


def test_a_part_names_its_whole() -> None:
    """Both with thousands apart."""
    assert out_of(12, 1000) == "12 of 1,000"


def test_names_past_the_third_are_counted() -> None:
    """Three are named."""
    assert [listed("a"), listed("abc"), listed("abcde"), listed("abc", 1)] == [
        "a",
        "a, b, c",
        "a, b, c and 2 more",
        "a and 2 more",
    ]
