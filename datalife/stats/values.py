"""Values of a column as JSON and back, and as numbers on one line."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import polars as pl

from datalife.errors import SchemaError
from datalife.sources.types import is_zone

Column = TypeVar("Column", pl.Expr, pl.Series)
Rows = TypeVar("Rows", pl.LazyFrame, pl.DataFrame)
#: Ticks in a second, by the unit of the ticks.
TICKS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
#: All bits of an integer but its sign.
MAGNITUDE = (1 << 63) - 1
#: The types in which values are held, by the name that a stored profile gives them.
SIMPLE: dict[str, pl.DataType] = {
    str(dtype): dtype
    for dtype in (
        *(pl.Int64(), pl.UInt64(), pl.Int128(), pl.Float64(), pl.Boolean(), pl.String(), pl.Binary(), pl.Null()),
        *(pl.Date(), pl.Time(), pl.Datetime("us"), pl.Datetime("ns"), pl.Duration("us"), pl.Duration("ns")),
    )
}
#: The name of a type of datetimes in a zone.
ZONED = re.compile(r"Datetime\(time_unit='(us|ns)', time_zone='([^']+)'\)")


def numbers(values: Column, dtype: pl.DataType) -> Column:
    """The values as 64-bit floats: times as seconds since 1970 or midnight, durations in seconds."""
    if dtype == pl.Date:
        return values.cast(pl.Int32).cast(pl.Float64) * 86_400.0
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return values.cast(pl.Int64).cast(pl.Float64) / TICKS[dtype.time_unit]
    if dtype == pl.Time:
        return values.cast(pl.Int64).cast(pl.Float64) / TICKS["ns"]
    return values.cast(pl.Float64)


def one_zero(floats: pl.Expr) -> pl.Expr:
    """The floats without a negative zero."""
    return pl.when(floats == 0).then(floats.abs()).otherwise(floats)


def ordinals(floats: pl.Expr) -> pl.Expr:
    """64-bit floats as integers that compare as they do, and sort twice as fast; equal for both zeros, NaN the largest.

    The bits of positive floats are in order as they are, those of negative ones backwards. A missing value stays one.
    """
    return _magnitude_turned(one_zero(floats.fill_nan(math.nan)).reinterpret(dtype=pl.Int64))


def from_ordinals(integers: pl.Expr) -> pl.Expr:
    """The inverse of `ordinals`."""
    return _magnitude_turned(integers).reinterpret(dtype=pl.Float64)


def _magnitude_turned(bits: pl.Expr) -> pl.Expr:
    return pl.when(bits < 0).then(bits ^ MAGNITUDE).otherwise(bits)


def summed(rows: Rows, by: Sequence[str], names: Sequence[str]) -> Rows:
    """The sums of columns of floats for each group of rows, added up in the order of the rows.

    polars alone adds up what each of its threads has, so that the last digits depend on who was done first.
    """
    return rows.group_by(by).agg(*names).with_columns(pl.col(names).list.sum())


def is_number(dtype: pl.DataType) -> bool:
    """Whether the type has the statistics of numbers."""
    return dtype.is_numeric()


def is_ordered(dtype: pl.DataType) -> bool:
    """Whether the values lie on a line: numbers, dates, datetimes, times and durations."""
    return dtype.is_numeric() or dtype.is_temporal()


def is_nested(dtype: pl.DataType) -> bool:
    """Lists, structs, and what has no order or equality of use here."""
    return dtype.is_nested() or dtype.is_object()


def from_number(number: float | None, dtype: pl.DataType) -> Any:
    """A point of the line of `numbers` as JSON of the type: ISO 8601 for times; None for what is not finite."""
    if number is None or not math.isfinite(number):
        return None
    if dtype.is_numeric() or dtype == pl.Duration:
        return number
    whole = round(number * TICKS["us"])
    ticks = pl.Series([whole], dtype=pl.Int64)
    if dtype == pl.Time:
        return to_json((ticks * 1000).cast(pl.Time))[0]
    if dtype == pl.Date and whole % (86_400 * TICKS["us"]) == 0:
        return to_json(ticks.cast(pl.Datetime("us")).cast(pl.Date))[0]
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    return to_json(ticks.cast(pl.Datetime("us", zone)))[0]


def to_json(values: pl.Series) -> list[Any]:
    """The values as JSON has them: times as ISO 8601 text, durations in seconds, NaN and infinities as text."""
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime):
        iso = values.dt.replace_time_zone(None).dt.to_string("iso").str.replace(" ", "T", literal=True)
        iso = iso.str.replace(r"\.0+$", "").str.replace(r"(\.\d+?)0+$", "$1")
        return (iso + _offset(values, dtype)).to_list()
    if isinstance(dtype, pl.Duration):
        return (values.cast(pl.Int64) / TICKS[dtype.time_unit]).to_list()
    if dtype.is_temporal():
        return values.dt.to_string("iso").str.replace(r"\.0+$", "").to_list()
    if dtype.is_float():
        found = values.to_list()
        if math.isfinite(values.sum()):  # then all are: the numbers of a table are seldom looked at one by one
            return found
        return [each if each is None or math.isfinite(each) else _name(each) for each in found]
    if dtype == pl.Binary:
        return values.bin.encode("hex").to_list()
    return values.to_list()


def json_rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a frame, each value as JSON has it."""
    return list(zip(*map(to_json, frame.get_columns()), strict=True))


def most_frequent(pairs: pl.DataFrame, most: int, show: Callable[[Any], str]) -> str:
    """The first of (value, count) pairs in words, ties by value: `MC (4), FR (1), ...`; `show` writes a value."""
    leaders = pairs.select("value", "count").sort("count", "value", descending=[True, False]).head(most)
    told = ", ".join(f"{show(value)} ({count:,})" for value, count in json_rows(leaders))
    return told + (", ..." if pairs.height > most else "")


def from_json(values: list[Any], dtype: pl.DataType) -> pl.Series:
    """The inverse of `to_json`, which has to be given datetimes with a zone in UTC."""
    if isinstance(dtype, pl.Datetime):
        text = pl.Series(values, dtype=pl.String).str.replace("Z", "", literal=True)
        instants = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit=dtype.time_unit)
        zone = dtype.time_zone
        return instants if zone is None else instants.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    if dtype == pl.Date:
        return pl.Series(values, dtype=pl.String).str.to_date("%Y-%m-%d")
    if dtype == pl.Time:
        return pl.Series(values, dtype=pl.String).str.to_time("%H:%M:%S%.f")
    if isinstance(dtype, pl.Duration):
        return (pl.Series(values, dtype=pl.Float64) * TICKS[dtype.time_unit]).round().cast(pl.Int64).cast(dtype)
    if dtype.is_float():
        return pl.Series([None if each is None else float(each) for each in values], dtype=pl.Float64)
    if dtype == pl.Binary:
        return pl.Series(values, dtype=pl.String).str.decode("hex")
    return pl.Series(values, dtype=dtype)


def dtype_named(name: str, where: str) -> pl.DataType:
    """The type that the profile stored at `where` names.

    Raises:
        SchemaError: the profile was written by something else.
    """
    if name in SIMPLE:
        return SIMPLE[name]
    zoned = ZONED.fullmatch(name)
    if zoned and is_zone(zoned[2]):
        return pl.Datetime("ns" if zoned[1] == "ns" else "us", zoned[2])
    raise SchemaError(where, f"unknown type {name!r}", "write the profile again with this version")


def _offset(values: pl.Series, dtype: pl.Datetime) -> str | pl.Series:
    if dtype.time_zone is None:
        return ""
    return "Z" if dtype.time_zone == "UTC" else values.dt.to_string("%:z")


def _name(value: float) -> str:
    return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
