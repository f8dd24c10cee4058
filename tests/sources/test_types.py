"""The types of text."""

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.sources.fitting import guesses, misfits, narrowest
from datalife.sources.types import NULL, TEXT_TYPES, common_type, logical_type


def type_of(*texts: str | None) -> pl.DataType:
    """The type that a text column of these values gets."""
    frame = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    guess = guesses(frame, {"x": TEXT_TYPES})["x"]
    if guess is not NULL:
        assert narrowest(misfits(frame, {"x": TEXT_TYPES})["x"], TEXT_TYPES) is guess
    return guess.dtype


def read(*texts: str | None) -> list[object]:
    """The values that a text column of these values gets."""
    frame = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    found = guesses(frame, {"x": TEXT_TYPES})["x"]
    return frame.select(found.values(pl.col("x"))).to_series().to_list()


@pytest.mark.parametrize(
    ("texts", "dtype"),
    [
        (["1", "-20", None], pl.Int64()),
        (["999999999999999999"], pl.Int64()),
        (["1000000000000000000"], pl.String()),
        (["007", "8"], pl.String()),
        (["+1"], pl.String()),
        (["1_000"], pl.String()),
        (["1,5"], pl.String()),
        (["0x10"], pl.String()),
        (["١"], pl.String()),
        (["1", "2.5"], pl.Float64()),
        (["1e5", ".5", "-0.25", "1."], pl.Float64()),
        (["nan", "inf", "1"], pl.Float64()),
        (["1e400"], pl.String()),
        (["9007199254740993", "0.5"], pl.String()),
        (["true", "false"], pl.Boolean()),
        (["True", "false"], pl.String()),
        (["TRUE"], pl.Boolean()),
        (["2024-02-29"], pl.Date()),
        (["2024-02-30"], pl.String()),
        (["2024-1-1"], pl.String()),
        (["2024-01-01 10:00", "2024-01-01T10:00:01.5"], pl.Datetime("us")),
        (["2024-01-01T10:00:01.123456789"], pl.Datetime("ns")),
        (["9999-01-01T10:00:01.123456789"], pl.String()),
        (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"], pl.Datetime("us", "UTC")),
        (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"], pl.String()),
        (["2024-01-01T23:59:60"], pl.String()),
        (["10:00", "23:59:59.5"], pl.Time()),
        (["24:00"], pl.String()),
        ([None, None], pl.Null()),
        (["", "1"], pl.String()),
        (["NA", "1"], pl.String()),
    ],
)
def test_the_narrowest_type_that_every_value_fits(texts: list[str | None], dtype: pl.DataType) -> None:
    """A column's type is the narrowest that all its texts are values of; codes and doubtful numbers stay text."""
    assert type_of(*texts) == dtype


def test_values() -> None:
    """What is read is what is written, exactly."""
    assert read("999999999999999999", "-1") == [999999999999999999, -1]
    assert read("0.1", "-inf", "1") == [0.1, -math.inf, 1.0]
    assert read("2024-02-29", None) == [dt.date(2024, 2, 29), None]
    assert read("10:00", "23:59:59.5") == [dt.time(10), dt.time(23, 59, 59, 500000)]
    assert read("2024-01-01T10:00:00+02:00") == [dt.datetime(2024, 1, 1, 8, tzinfo=dt.UTC)]
    assert read("TRUE", "FALSE") == [True, False]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (pl.Int64(), pl.Float64(), pl.Float64()),
        (pl.Null(), pl.String(), pl.String()),
        (pl.Int64(), pl.String(), None),
        (pl.Boolean(), pl.Int64(), None),
        (pl.UInt64(), pl.Int64(), pl.Int128()),
        (pl.List(pl.Int64()), pl.List(pl.Float64()), pl.List(pl.Float64())),
        (pl.Struct({"a": pl.Int64()}), pl.Struct({"b": pl.String()}), pl.Struct({"a": pl.Int64(), "b": pl.String()})),
        (pl.Datetime("us"), pl.Datetime("us", "UTC"), None),
    ],
)
def test_common_type(one: pl.DataType, other: pl.DataType, both: pl.DataType | None) -> None:
    """Two types have a common one only where it keeps the meaning of both."""
    assert common_type(one, other) == both


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        (pl.UInt8(), "integer"),
        (pl.Decimal(10, 2), "float"),
        (pl.Categorical(), "string"),
        (pl.Array(pl.Int8, 2), "list"),
        (pl.Duration(), "duration"),
        (pl.Null(), "null"),
    ],
)
def test_logical_type(dtype: pl.DataType, name: str) -> None:
    """Every polars type has a name of the contract."""
    assert logical_type(dtype) == name


likely = (
    st.text("0123456789+-.eE_ aninfyT:Z", max_size=21) | st.integers(-(10**20), 10**20).map(str) | st.floats().map(repr)
)


@given(st.lists(likely, min_size=1, max_size=20))
def test_the_quick_test_lets_nothing_pass_that_does_not_fit(texts: list[str]) -> None:
    """What a type calls a value surely is one: counting misfits the quick way gives what counting all gives."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    text = pl.col("text")
    for each in TEXT_TYPES:
        typed = frame.with_columns(values=each.values(text))
        quick = each.misses(typed.lazy()).collect().item()
        assert quick == frame.select((~each.fits(text)).sum()).item(), each
