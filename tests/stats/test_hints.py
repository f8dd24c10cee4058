"""What an experienced eye would notice."""

from typing import Any

import polars as pl
import pytest

from tests.stats.test_profile import column


def codes(values: list[Any]) -> dict[str, str]:
    """The hints of a column: code to message."""
    return {hint.code: hint.message for hint in column(values).hints}


CASES: dict[str, tuple[list[Any], str]] = {
    "all-missing": ([None, None, None], "no value in 3 rows"),
    "constant": (["a", "a", None], "every value is 'a'"),
    "almost-constant": ([0] * 5000 + [1], "all but 1 value are 0"),
    "id-like": (list(range(60)), "all 60 values differ"),
    "missing-marker": (
        ["1", "2", "NA", "?", "NA"],
        "'NA' (2), '?' (1) may mean missing; the other values are integers",
    ),
    "numbers-as-text": (["1", "2", "3"], "every value is text that reads as an integer"),
    "dates-as-text": (["2024-01-01", "2024-01-02"], "every value is text that reads as a date"),
    "mixed-types": ([str(each) for each in range(30)] + ["oops"], "integer but for 1 value: 'oops' (1)"),
    "leading-or-trailing-space": (["a", " a", "b "], "2 values with space before or after"),
    "case-variants": (["Paris", "paris", "Rome"], "'Paris' and 'paris' differ by case alone"),
    "zero-may-be-missing": (
        [0, 0, *range(60, 120)],
        "2 values (3.23%) are 0, the next is 60: zero may mean missing",
    ),
    "outliers": ([*range(100), 10**6], "1 value far from the rest, such as 1e+06 (median 50)"),
    "likely-personal-data": (
        ["ann@example.org", "bob@example.org"],
        "2 values look like e-mail addresses; consider to leave this column out",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_each_hint(code: str) -> None:
    """A column that shows the trait gets the hint, with its evidence."""
    values, message = CASES[code]
    assert codes(values).get(code) == message


def test_ordinary_columns_get_none() -> None:
    """Well-behaved categories and numbers are not commented on."""
    assert codes(["a", "b", "c", None] * 30) == {}
    assert codes([float(each % 37) - 5 for each in range(500)]) == {}


def test_card_numbers_need_their_checksum() -> None:
    """Sixteen digits are no card number unless the checksum holds."""
    assert "likely-personal-data" in codes(["4111 1111 1111 1111", "5500 0000 0000 0004"])
    assert "likely-personal-data" not in codes(["4111 1111 1111 1112", "5500 0000 0000 0005"])


def test_hostile_text_is_quoted_not_repeated_at_length() -> None:
    """A message shortens long values."""
    message = codes(["x" * 500, "x" * 500])["constant"]
    assert len(message) < 80


def test_hints_need_no_values_of_a_type() -> None:
    """Columns without hints of their type do not fail."""
    for dtype in (pl.Binary(), pl.Time(), pl.List(pl.Int64), pl.Null()):
        assert column([], dtype).hints == []
