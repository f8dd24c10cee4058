"""Times of every kind as nanoseconds in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from datalife.durations import parse_duration, show_duration
from datalife.errors import UsageError
from datalife.labels.times import Clock, Times, parse_time, show_instant


def instants(values: list[Any], clock: Clock | None = None, dtype: pl.DataType | None = None) -> list[int | None]:
    """The instants of values."""
    series = pl.Series("v", values, dtype=dtype)
    return series.to_frame().select(Times(pl.col("v"), series.dtype, clock or Clock()).instants).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01", 1_709_251_200_000_000_000),
        ("2024-03-01T10:00", 1_709_287_200_000_000_000),
        ("2024-03-01 10:00:00.5Z", 1_709_287_200_500_000_000),
        ("2024-03-01T15:30:01.123456789+05:30", 1_709_287_201_123_456_789),
        ("2024-03-01T02:00:00-0800", 1_709_287_200_000_000_000),
        ("2024-03-01T12:00+02", 1_709_287_200_000_000_000),
        ("1969-12-31T23:59:59.75Z", -250_000_000),
        ("2024-02-30", None),
        ("2024-03-01T24:00:00", None),
        ("2024-03-01T10:00:60Z", None),
        ("9999-12-31T00:00:00Z", None),
        ("1600-01-01", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_iso_8601(text: str, expected: int | None) -> None:
    """Text with or without offset, to the nanosecond; what is no time, or is beyond 64 bits, is null."""
    assert instants([text, None]) == [expected, None]


def test_every_text_that_python_reads_is_the_same_instant() -> None:
    """The standard library agrees on dates, offsets and leap days."""
    texts = [f"{year}-02-{day:02d}T23:59:59.999999+13:45" for year in (1904, 1970, 2000, 2100, 2200) for day in (28, 1)]
    expected = [int(datetime.fromisoformat(text).timestamp() * 1_000_000) for text in texts]
    assert [(value or 0) // 1_000 for value in instants(texts)] == expected


@pytest.mark.parametrize(
    ("ambiguous", "expected"),
    [("reject", None), ("earliest", "2024-11-03T05:30:00.5Z"), ("latest", "2024-11-03T06:30:00.5Z")],
)
def test_a_local_time_shown_twice(ambiguous: Any, expected: str | None) -> None:
    """In autumn the option says which one is meant; the time skipped in spring is never valid."""
    clock = Clock(zone="America/New_York", ambiguous=ambiguous)
    twice, skipped, aware = instants(["2024-11-03T01:30:00.5", "2024-03-10T02:30:00", "2024-03-10T02:30:00Z"], clock)
    assert (show_instant(twice), skipped) == (expected, None)
    assert show_instant(aware) == "2024-03-10T02:30:00Z"


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [("s", 1, 10**9), ("ms", -1, -(10**6)), ("us", 3, 3_000), ("ns", 7, 7), ("ms", 2**62, None), ("s", 0.1, 10**8)],
)
def test_epoch_numbers(unit: Any, value: float, expected: int | None) -> None:
    """Numbers count units since 1970; what does not fit 64 bits of nanoseconds is null."""
    assert instants([value], Clock(unit=unit)) == [expected]


def test_nanoseconds_as_text() -> None:
    """So long a number is text in a CSV file; it is one only where nanoseconds were asked for, and fits 64 bits."""
    clock, texts = Clock(unit="ns"), ["1729983600000000001", "9999999999999999999", "2024-10-27", "1729983600"]
    assert instants(texts, clock) == [1_729_983_600_000_000_001, None, 1_729_987_200_000_000_000, None]
    assert instants(texts[:1], Clock(unit="s")) == [None]
    values = pl.Series("at", texts)
    naive = values.to_frame().select(Times(pl.col("at"), pl.String(), clock).naive).to_series()
    assert naive.to_list() == [None, None, True, True]


def test_a_float_of_today_is_rounded_to_microseconds() -> None:
    """A float has no more digits at this size; NaN and infinities are no times."""
    assert instants([1_709_287_200.1, float("nan"), float("inf")]) == [1_709_287_200_100_000_000, None, None]


def test_typed_times() -> None:
    """Dates and datetimes of any unit, with and without zone."""
    assert instants([date(1970, 1, 2)]) == [86_400 * 10**9]
    assert instants([datetime(1970, 1, 1, 0, 0, 0, 1)]) == [1_000]
    assert instants([datetime(1970, 1, 1, tzinfo=UTC)]) == [0]
    assert instants([datetime(9000, 1, 1)]) == [None]
    assert instants([5], dtype=pl.Datetime("ns")) == [5]
    assert instants([True]) == [None]


@pytest.mark.parametrize(
    ("text", "length"), [("0", 0), ("1h30m", 5_400 * 10**9), ("1.5s", 1_500_000_000), ("2w", 14 * 86_400 * 10**9)]
)
def test_lengths(text: str, length: int) -> None:
    """Units compose; a length is shown as it may be written again."""
    assert parse_duration(text, "--window") == length
    assert parse_duration(show_duration(length), "--window") == length


@pytest.mark.parametrize("text", ["", "7", "-1d", "1x", "d", "200000w"])
def test_no_lengths(text: str) -> None:
    """Each is an error that names the option."""
    with pytest.raises(UsageError, match="--window"):
        parse_duration(text, "--window")


def test_unknown_zones_and_moments() -> None:
    """Errors name the option and what may be meant."""
    with pytest.raises(UsageError) as caught:
        Clock(zone="Europe/Lisbonn")
    assert caught.value.faults[0].hint == "did you mean 'Europe/Lisbon'?"
    with pytest.raises(UsageError, match="--as-of"):
        parse_time("soon", "--as-of", Clock())
    assert parse_time("1.5", "--as-of", Clock()) == 1_500_000_000
