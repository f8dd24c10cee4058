"""Bounds and allowed values as a schema writes them, and the values of a column that they stand for, exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import Any

import polars as pl

from datalife.durations import seconds
from datalife.schema.vocabulary import NUMBERS
from datalife.sources.types import logical_type

#: The times that a 64-bit count of nanoseconds since 1970 reaches.
NANOSECONDS = (datetime(1677, 9, 21, 0, 12, 44), datetime(2262, 4, 11, 23, 47, 16))
BOUND_HINTS = {
    "integer": "write a number",
    "float": "write a number",
    "date": "write it as 2026-01-31",
    "datetime": "write it as 2026-01-31T12:00:00",
    "time": "write it as 12:00:00",
    "duration": "write it as 1h30m",
}


def instant(limit: Any) -> Any:
    """A bound that compares with others: datetimes without a zone are in UTC, as those of the data are."""
    return limit.replace(tzinfo=UTC) if isinstance(limit, datetime) and limit.tzinfo is None else limit


def bound(value: Any, kind: str) -> Any:
    """A bound as a Python value that compares with others of the kind; a duration in seconds.

    Raises:
        ValueError: it is no such value.
    """
    if kind in NUMBERS:
        if isinstance(value, str):
            raise ValueError
        return value
    if kind == "duration":
        return float(value) if not isinstance(value, str) else seconds(value)
    readers: dict[str, Callable[[str], Any]] = {
        "date": date.fromisoformat,
        "datetime": lambda text: datetime.fromisoformat(text.replace("Z", "+00:00")),
        "time": _time,
    }
    return readers[kind](str(value))


def _time(text: str) -> time:
    found = time.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


def literal(limit: Any, dtype: pl.DataType, *, up: bool) -> pl.Expr:
    """A bound that compares exactly: with integers, and the units of decimals, as an integer rounded inwards."""
    scale = scale_of(dtype)
    if scale is not None and not math.isinf(limit):
        units = units_of(limit, scale)
        return pl.lit(fitting(math.ceil(units) if up else math.floor(units)), dtype=pl.Int128)
    if isinstance(dtype, pl.Duration):
        return pl.lit(limit * 1e6).cast(pl.Int64).cast(pl.Duration("us"))
    if isinstance(limit, datetime):
        plain = limit.astimezone(UTC).replace(tzinfo=None) if limit.tzinfo else limit
        if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns":
            plain = max(NANOSECONDS[0], min(plain, NANOSECONDS[1]))
        moment = pl.lit(plain).dt.replace_time_zone("UTC")
        zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
        return moment.dt.convert_time_zone(zone) if zone else moment.dt.replace_time_zone(None)
    return pl.lit(limit)


def scale_of(dtype: pl.DataType) -> int | None:
    """The decimals of values that are exact; None of those that are not, and of times."""
    return 0 if dtype.is_integer() else dtype.scale if isinstance(dtype, pl.Decimal) else None


def units_of(number: float, scale: int) -> Fraction:
    """A number in units of the last decimal, as it is written: 0.1 is a tenth."""
    return Fraction(str(number)) * Fraction(10**scale)


def fitting(whole: int) -> int:
    """The nearest integer of 128 bits; no column holds others."""
    return max(-(2**127), min(whole, 2**127 - 1))


def as_type(values: tuple[Any, ...], dtype: pl.DataType) -> pl.Series:
    """The allowed values as values of the column, decimals in their units; those that cannot be are left out."""
    if dtype == pl.String:
        texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
        return pl.Series(texts, dtype=pl.String)
    if dtype == pl.Boolean:
        return pl.Series([bool(value) for value in values if value in (0, 1)], dtype=pl.Boolean)
    if dtype.is_temporal():
        return _times(values, dtype)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    scale = scale_of(dtype)
    if scale is None:
        return pl.Series([float(value) for value in numbers], dtype=pl.Float64)
    units = [units_of(value, scale) for value in numbers if math.isfinite(value)]
    whole = [fitting(int(each)) for each in units if each.denominator == 1]
    return pl.Series(whole, dtype=pl.Int128).cast(dtype if dtype.is_integer() else pl.Int128, strict=False).drop_nulls()


def _times(values: tuple[Any, ...], dtype: pl.DataType) -> pl.Series:
    found = [pl.select(literal(each, dtype, up=True).cast(dtype)).to_series() for each in _bounds(values, dtype)]
    return pl.concat([pl.Series(dtype=dtype), *found])


def _bounds(values: tuple[Any, ...], dtype: pl.DataType) -> Iterator[Any]:
    for value in values:
        with suppress(ValueError):
            yield bound(value, logical_type(dtype))
