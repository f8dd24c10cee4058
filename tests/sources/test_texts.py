"""Text as its user says that it is written: decimal commas and layouts of times."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.errors import UsageError
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.fitting import guesses
from datalife.sources.layouts import kind_of, stated
from datalife.sources.model import ReadOptions
from datalife.sources.texts import text_types

COMMA = ReadOptions(decimal_comma=True)


def column(options: ReadOptions, *texts: str) -> list[object]:
    """The values of a text column."""
    frame = pl.DataFrame({"x": texts})
    kinds = text_types(options, decimal_comma=options.decimal_comma)
    found = guesses(frame, {"x": kinds})["x"]
    return frame.select(found.values(pl.col("x"))).to_series().to_list()


def opened(folder: Path, files: dict[str, str], options: ReadOptions) -> Dataset:
    """Files as one dataset."""
    for name, text in files.items():
        (folder / name).write_text(text)
    return open_dataset([str(folder / name) for name in files], options)


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["3,5", "-0,25", "7"], [3.5, -0.25, 7.0]),
        (["1.234,56", "1.234.567,8", "12"], [1234.56, 1234567.8, 12.0]),
        (["1.234", "12", "-1.234.567"], [1234, 12, -1234567]),
        (["1,5e3", ",5", "2,", "nan", "-inf"], [1500.0, 0.5, 2.0, None, float("-inf")]),
        (["true", "false"], [True, False]),
        (["2026-01-31"], [dt.date(2026, 1, 31)]),
    ],
)
def test_numbers_with_a_decimal_comma(texts: list[str], values: list[object]) -> None:
    """A comma begins the fraction and dots group the thousands; what is no number is read as ever."""
    assert [None if value != value else value for value in column(COMMA, *texts)] == values


@pytest.mark.parametrize(
    "text", ["1.5", "12.34", "1234.567", "1.234e5", "0.123", "1,234,5", "1.2345,6", "007", "-", ","]
)
def test_no_numbers_with_a_decimal_comma(text: str) -> None:
    """A point that groups no three digits, and all that is doubtful, stays text."""
    assert column(COMMA, text) == [text]


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_any_number_with_a_comma_for_its_point(number: float) -> None:
    """A number written with a comma in place of its point is the same number."""
    text = f"{number:.4f}"
    assert column(COMMA, text.replace(".", ",")) == column(ReadOptions(), text)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [("a;b\n1,5;2\n", ";"), ("a\n1,5\n2,5\n", ";"), ('"a","b"\n"1,5","2"\n', ","), ("a\tb\n1,5\t2\n", "\t")],
)
def test_the_comma_of_numbers_is_no_delimiter(tmp_path: Path, text: str, delimiter: str) -> None:
    """Commas separate fields only where all records say so."""
    dataset = opened(tmp_path, {"t.csv": text}, COMMA)
    assert dataset.frame().row(0)[0] == 1.5
    assert len(dataset.columns) == len(text.split("\n")[0].split(delimiter))


def test_numbers_that_a_database_writes_keep_their_point(tmp_path: Path) -> None:
    """The comma is that of text files: a hive partition has its point, and where both meet nothing is guessed."""
    for folder in ("x=1.5", "x=2.25"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text("a\n3,5\n")
    assert open_dataset([str(tmp_path)], COMMA).frame().rows() == [(3.5, 1.5), (3.5, 2.25)]


@pytest.mark.parametrize(
    ("layout", "texts", "values"),
    [
        ("%d/%m/%Y", ["31/12/2025", "1/2/2026"], [dt.date(2025, 12, 31), dt.date(2026, 2, 1)]),
        ("%m/%d/%Y", ["12/31/2025"], [dt.date(2025, 12, 31)]),
        ("%d.%m.%y", ["31.12.25"], [dt.date(2025, 12, 31)]),
        ("%d %b %Y", ["31 Dec 2025"], [dt.date(2025, 12, 31)]),
        ("%Y%m%d", ["20251231"], [20251231]),
        ("%d.%m.%Y %H:%M", ["31.12.2025 23:05"], [dt.datetime(2025, 12, 31, 23, 5)]),
        ("%m/%d/%Y %I:%M %p", ["12/31/2025 11:05 PM"], [dt.datetime(2025, 12, 31, 23, 5)]),
        ("%d/%m/%Y %H:%M:%S%z", ["31/12/2025 23:05:00+0100"], [dt.datetime(2025, 12, 31, 22, 5, tzinfo=dt.UTC)]),
        ("%Hh%M", ["23h05", "7h30"], [dt.time(23, 5), dt.time(7, 30)]),
        ("%d/%m/%Y", ["31/12/25"], ["31/12/25"]),
        ("%d/%m/%Y", ["12/31/2025"], ["12/31/2025"]),
        ("%d/%m/%Y", ["2025-12-31"], [dt.date(2025, 12, 31)]),
    ],
)
def test_times_of_a_stated_layout(layout: str, texts: list[str], values: list[object]) -> None:
    """Texts that all keep to the layout are times; numbers and ISO 8601 come first, and no year is guessed."""
    assert column(ReadOptions(time_formats=(layout,)), *texts) == values


@pytest.mark.parametrize("layout", ["%Q", "%d", "day", "", "%H:%Z:%Q"])
def test_a_layout_that_makes_no_sense_is_refused(tmp_path: Path, layout: str) -> None:
    """What names no time is told before the data is judged by it."""
    with pytest.raises(UsageError, match="is no layout of times"):
        opened(tmp_path, {"t.csv": "a\n1\n"}, ReadOptions(time_formats=(layout,)))


@pytest.mark.parametrize(
    ("layout", "kind"),
    [
        ("%d/%m/%Y", "date"),
        ("%Y-%m-%dT%H:%M:%S%.f", "datetime"),
        ("%I:%M %p", "time"),
        ("%F %T", "datetime"),
    ],
)
def test_what_a_layout_is_of(layout: str, kind: str | None) -> None:
    """The parts of a layout tell a day, a time of the day, or both."""
    assert kind_of(layout) == kind
    assert kind is None or stated(layout).name == kind


@pytest.mark.parametrize("options", [COMMA, ReadOptions(time_formats=("%d/%m/%Y",))])
def test_types_travel_to_other_processes(options: ReadOptions) -> None:
    """Pickled and loaded again, each type reads the same texts to the same values."""
    texts = pl.DataFrame({"x": ["1.234,5", "31/12/2025", "7"]})
    for kind in text_types(options, decimal_comma=options.decimal_comma):
        loaded = pickle.loads(pickle.dumps(kind))
        for asked in ("fits", "values"):
            one, other = (texts.select(getattr(each, asked)(pl.col("x"))) for each in (kind, loaded))
            assert one.equals(other)
