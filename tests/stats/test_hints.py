"""What an experienced eye would notice."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datalife.stats.profile import profile, profile_of
from datalife.stats.request import Request
from datalife.stats.scan import scan
from tests.frames import column, dataset


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
        "2 values (3.2 %) are 0, the next is 60: zero may mean missing",
    ),
    "outliers": ([*range(100), 10**6], "1 value far from the rest, such as 1e+06 (median 50)"),
    "likely-personal-data": (
        ["ann@example.org", "bob@example.org"],
        "100 % of the values look like e-mail addresses; redact them, or leave the column out (--exclude)",
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


PERSONAL = {
    "IP addresses": ["192.168.0.1", "2001:0db8:0000:0000:0000:ff00:0042:8329"],
    "phone numbers": ["+49 30 901820", "(212) 555-0198"],
    "payment card numbers": ["4111-1111-1111-1111", "378282246310005"],
    "US social security numbers": ["078-05-1120", "219-09-9999"],
    "bank account numbers (IBAN)": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"],
}


@pytest.mark.parametrize("kind", PERSONAL)
def test_each_kind_of_personal_data(kind: str) -> None:
    """Each kind is known by its form, and the values themselves are not repeated."""
    message = codes(PERSONAL[kind])["likely-personal-data"]
    assert kind in message
    assert not any(value in message for value in PERSONAL[kind])


@pytest.mark.parametrize(
    "values",
    [
        ["GB82WEST12345698765431", "DE89370400440532013001"],
        ["000-12-3456", "666-12-3456", "912-12-3456"],
        ["256.1.1.1", "1.2.3"],
        ["2024-01-15", "2024-02-15"],
        ["10:20:30", "11:20:30"],
        ["ABC-123-4567", "ABD-123-4568"],
        ["user@", "@home"],
    ],
)
def test_what_only_resembles_personal_data_is_let_be(values: list[str]) -> None:
    """Wrong checksums, areas never issued, versions, days, hours and part numbers."""
    assert "likely-personal-data" not in codes(values)


def test_card_numbers_that_are_read_as_integers() -> None:
    """Without separators a card number is a whole number; most other long numbers fail the checksum."""
    assert "likely-personal-data" in codes([4111111111111111, 5500000000000004])
    assert "likely-personal-data" not in codes([4111111111111110 + each for each in range(20)])


PLACEHOLDERS: dict[str, tuple[list[Any], str]] = {
    "999": ([*range(18, 60), 999, 999], "999 (2 times) may mean missing; the next value is 59"),
    "-99": ([*range(50), -99, -99], "-99 (2 times) may mean missing; the next value is 0"),
    "-1": ([*range(50), *range(50), -1, -1, -1], "-1 (3 times) may mean missing; the next value is 0"),
    "1970": (
        [dt.date(1970, 1, 1)] * 2 + [dt.date(2024, 1, each) for each in range(1, 20)],
        "1970-01-01 (2 times) may mean missing; the next value is 2024-01-01",
    ),
    "9999": (
        [dt.date(9999, 12, 31)] * 2 + [dt.date(2024, 1, each) for each in range(1, 20)],
        "9999-12-31 (2 times) may mean missing; the next value is 2024-01-19",
    ),
}


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_numbers_and_days_that_stand_for_missing(name: str) -> None:
    """A telling value again and again, far from all others."""
    values, message = PLACEHOLDERS[name]
    assert codes(values).get("missing-marker") == message


@pytest.mark.parametrize(
    "values",
    [
        [*range(-1, 40), *range(-1, 40)],
        [*range(900, 1000), 999],
        [*range(100)] * 2,
        [-1, 0, 1] * 30,
        [dt.date(1969, 12, each) for each in range(1, 32)] + [dt.date(1970, 1, 1)] * 3,
    ],
)
def test_ordinary_ends_are_no_placeholders(values: list[Any]) -> None:
    """A value that fits in with its neighbours is a value."""
    assert "missing-marker" not in codes(values)


def test_a_long_tail_is_told_unless_outliers_explain_it() -> None:
    """Heavy skew comes with the mean and the median."""
    tail = [float(round(1.15**each)) for each in range(120)] * 3 + [1.0] * 2000
    assert codes(tail)["skewed"].startswith("skewness ")
    assert "skewed" not in codes([*range(100), *range(100), 10**6])
    assert "skewed" not in codes([float(each) for each in range(1000)])


def several(frame: pl.DataFrame, request: Request | None = None) -> dict[str, list[str]]:
    """The codes of the hints of each column."""
    request = request or Request()
    columns = profile_of(scan(dataset(frame), request), request).columns
    return {each.name: [hint.code for hint in each.hints] for each in columns}


def test_duplicate_columns() -> None:
    """Equal values in every row; the same values in another order are another column."""
    values = [each % 7 for each in range(40)]
    frame = pl.DataFrame({"a": values, "b": values, "c": values[::-1], "d": [float(each) for each in values]})
    assert several(frame) == {"a": [], "b": ["duplicate-column"], "c": [], "d": []}


def test_duplicates_survive_saving_and_merging(tmp_path: Path) -> None:
    """What was the same in both parts is the same in the whole, and what was in one alone is not."""
    (tmp_path / "a.csv").write_text("x,y,z\n1,1,1\n2,2,2\n")
    (tmp_path / "b.csv").write_text("x,y,z\n3,3,4\n5,5,5\n")
    for name in ("a", "b"):
        document = profile([str(tmp_path / f"{name}.csv")]).model_dump(exclude_unset=True)
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    merged = profile([str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    assert [[hint.code for hint in each.hints] for each in merged.columns] == [[], ["duplicate-column"], []]


def test_a_batch_that_comes_twice_makes_no_duplicates() -> None:
    """What tells columns apart does not cancel out where profiles of the same rows merge."""
    batch = scan(dataset(pl.DataFrame({"a": [1, 2], "b": [3, 4]})), Request())
    found = profile_of(batch.merge(batch), Request()).columns
    assert ["duplicate-column" in [hint.code for hint in each.hints] for each in found] == [False, False]


def test_highly_correlated_columns_when_correlations_are_asked_for() -> None:
    """A column that another one determines is told with the measure."""
    x = [each % 11 for each in range(60)]
    frame = pl.DataFrame({"x": x, "y": [2 * each + 1 for each in x], "z": [each % 7 for each in range(60)]})
    assert several(frame, Request(correlations=True)) == {"x": [], "y": ["highly-correlated"], "z": []}


def test_an_unbalanced_label() -> None:
    """A label with less than a twentieth of the rows; half and half is balanced."""
    frame = pl.DataFrame({"x": [1, 2] * 50, "y": ["no"] * 97 + ["yes"] * 3, "z": ["a", "b"] * 50})
    assert several(frame, Request(label="y"))["y"] == ["class-imbalance"]
    assert several(frame, Request(label="z"))["z"] == []
