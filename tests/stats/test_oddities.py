"""Text that is almost of another type, and the second look that tells where it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.sources import delimited
from datalife.sources.model import ReadOptions
from datalife.stats import frequencies
from datalife.stats.oddities import look_again
from datalife.stats.profile import profile, summarize
from datalife.stats.traits import KINDS, LETTERED
from tests.frames import column, dataset


def hints(path: Path, name: str, options: ReadOptions | None = None) -> dict[str, str]:
    """The hints of a column of a file: code to message."""
    return {hint.code: hint.message for hint in profile([str(path)], options).column(name).hints}


@pytest.fixture
def trips(tmp_path: Path) -> Path:
    """Numbers but for three texts; a word in one row; a column of numbers."""
    path = tmp_path / "t.csv"
    odd = {17: "x", 90: "n.a.", 4711: "x"}
    path.write_text("a,b\n" + "".join(f"{odd.get(row, row)},{row % 7}\n" for row in range(5000)))
    return path


def test_the_rows_that_do_not_fit_are_named(trips: Path) -> None:
    """A few texts among numbers are told with their rows, counted from 0, and with the texts."""
    assert hints(trips, "a")["mixed-types"] == ("integer but for 3 values (rows 17, 90, 4711): 'x' (2), 'n.a.' (1)")


@pytest.mark.parametrize("block", [100, 1 << 20])
def test_rows_are_those_of_the_whole_data(trips: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """However the data is cut and whatever a filter leaves, a row has the same number."""
    monkeypatch.setattr(delimited, "BLOCK", block)
    message = hints(trips, "a", ReadOptions(where="b <> 3"))["mixed-types"]
    assert message == "integer but for 2 values (rows 90, 4711): 'n.a.' (1), 'x' (1)"


def test_more_rows_than_are_named(tmp_path: Path) -> None:
    """Five rows are named, and that there are more."""
    path = tmp_path / "t.csv"
    path.write_text("a\n" + "".join("x\n" if row % 20 == 0 else "1\n" for row in range(400)))
    assert hints(path, "a")["mixed-types"] == "integer but for 20 values (rows 0, 20, 40, 60, 80 ...): 'x' (20)"


def test_a_rare_text_among_very_many_numbers(trips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the frequencies do not hold is counted all the same: no text passes for a number unseen."""
    monkeypatch.setattr(frequencies, "KEEP", 100)
    found = profile([str(trips)]).column("a")
    assert not found.distinct_exact
    assert {hint.code: hint.count for hint in found.hints}["mixed-types"] == 3


def test_a_saved_profile_knows_no_rows(trips: Path, tmp_path: Path) -> None:
    """A profile keeps the frequent texts alone: it says that there may be more."""
    saved = tmp_path / "p.json"
    saved.write_text(profile([str(trips)]).model_dump_json(exclude_unset=True, indent=2))
    assert hints(saved, "a")["mixed-types"] == "integer but for at least 2 values: 'x' (2)"


def test_columns_of_one_type_are_read_once() -> None:
    """A second look costs nothing where there is nothing to look for: then data that is gone is not missed."""
    frame = pl.DataFrame({"n": [1, 2], "t": ["a", "b"], "d": ["2026-01-01", "2026-01-02"]})
    data = dataset(frame)
    found = summarize(data)
    look_again(replace(data, shards=[]), found)
    assert [each.look for each in found.columns.values()] == [None, None, None]


LAYOUTS = {
    "day-first: '31/12/2025' (%d/%m/%Y)": ["01/02/2025", "31/12/2025", "02/02/2025"],
    "month-first: '12/31/2025' (%m/%d/%Y)": ["01/02/2025", "12/31/2025", "02/02/2025"],
    "day-first: '31.12.25' (%d.%m.%y)": ["01.02.25", "31.12.25"],
    "ambiguous: '01/02/2025' is day-first or month-first (%d/%m/%Y or %m/%d/%Y)": ["01/02/2025", "03/04/2025"],
    "ambiguous: '31/12/2025' is day-first, '12/31/2025' month-first (%d/%m/%Y or %m/%d/%Y)": [
        "31/12/2025",
        "12/31/2025",
        "01/02/2025",
    ],
}


@pytest.mark.parametrize("says", LAYOUTS)
def test_day_first_and_month_first_are_told_apart_by_the_data(says: str) -> None:
    """The hint names the order that the values prove, with a value that proves it, or says that none does."""
    (hint,) = column(LAYOUTS[says]).hints
    assert (hint.code, hint.message) == ("dates-as-text", f"every value is text that reads as a date, {says}")


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["31 Dec 2025", "1 Jan 2026"], "a date (%d %B %Y)"),
        (["Dec 31, 2025", "January 1, 2026"], "a date (%B %d, %Y)"),
        (["2025/12/31", "2026/01/01"], "a date (%Y/%m/%d)"),
        (["31/12/2025 10:00", "01/01/2026 9:30"], "a datetime, day-first: '31/12/2025 10:00' (%d/%m/%Y %H:%M)"),
        (
            ["12/31/2025 1:05 PM", "1/1/2026 9:30 AM"],
            "a datetime, month-first: '12/31/2025 1:05 PM' (%m/%d/%Y %I:%M %p)",
        ),
        (["2025-12-31T10:00:00Z", "2026-01-01T10:00:00Z"], "a datetime"),
    ],
)
def test_other_layouts(texts: list[str], says: str) -> None:
    """Names of months, times of the day and years that come first are known, too."""
    assert {hint.code: hint.message for hint in column(texts).hints}["dates-as-text"] == (
        f"every value is text that reads as {says}"
    )


@pytest.mark.parametrize(
    "texts", [["1.2.3", "1.10.2"], ["12-34-5678", "99-99-9999"], ["May 2025", "a 1 2"], ["10/11", "1/2"]]
)
def test_no_dates(texts: list[str]) -> None:
    """Versions, numbers of parts and other texts are no dates."""
    assert "dates-as-text" not in {hint.code for hint in column(texts).hints}


def test_a_date_that_does_not_exist_is_an_exception(tmp_path: Path) -> None:
    """Of a column of dates in another layout, too, what does not fit is told with its row."""
    path = tmp_path / "t.csv"
    path.write_text("a\n" + "".join(f"{day:02d}/01/2026\n" for day in range(1, 33)))
    assert hints(path, "a")["mixed-types"] == (
        "date, day-first: '13/01/2026' (%d/%m/%Y) but for 1 value (row 31): '32/01/2026' (1)"
    )


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["3,5", "1.234,5", "7"], "a float with a decimal comma"),
        (["1,234", "12", "1,234,567"], "an integer with thousands set off by commas"),
    ],
)
def test_numbers_in_other_layouts(texts: list[str], says: str) -> None:
    """Commas in numbers are told, and never guessed to mean anything."""
    assert column(texts).hints[0].message == f"every value is text that reads as {says}"


def test_leading_zeros_are_told() -> None:
    """Digits stay text because of the zeros before them; the hint says so, with examples."""
    found = {hint.code: (hint.message, hint.count) for hint in column(["00501", "10001", "00501"]).hints}
    message = "digits, 2 values with leading zeros: '00501' (2); codes stay text"
    assert found == {"leading-zeros": (message, 2)}


def test_shares_need_no_second_look() -> None:
    """Text that is half of it numbers is just text."""
    assert column(["1", "2", "a", "b"] * 4).hints == []


@given(st.lists(st.text("0123456789+-.,:eETZ naifxN/", max_size=20), min_size=1, max_size=50))
def test_no_kind_has_the_characters_that_rule_all_of_them_out(texts: list[str]) -> None:
    """What spares a text of all kinds is true of none that is of one."""
    certain = ["2026-03-01 12:30:00.5", "1,234", "-0,5e-7", "NaN", "-Infinity"]
    frame = pl.DataFrame({"value": [*texts, *certain]})
    fitting = frame.filter(pl.any_horizontal(kind.fits(pl.col("value")) for kind in KINDS))
    assert fitting.filter(LETTERED).is_empty()
    assert set(certain) <= set(fitting.get_column("value"))
