"""Times of every kind as one kind: whole nanoseconds since 1970 in UTC, null where there is no valid time."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

import polars as pl

from datalife.durations import SECOND
from datalife.errors import UsageError, did_you_mean
from datalife.labels.model import Ambiguous, TimeUnit
from datalife.sources.types import logical_type

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": SECOND}
#: Whole seconds that fit into 64 bits as nanoseconds: from 1677 to 2262.
FURTHEST = 2**63 // SECOND - 1
LEAST, MOST = -(2**63), 2**63 - 1
ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?:Z|z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?$"
)
OFFSET = r"[T ][0-9:.,]+([+-][0-9:]+)$"
ZULU = r"[Zz]$"
ZONED = rf"{OFFSET}|{ZULU}"
#: A number of nanoseconds since 1970, from 2001 on; so long a number is text in a file of text.
LONG = r"^[1-9][0-9]{18}$"


@dataclass(frozen=True)
class Clock:
    """How times are meant: the unit of epoch numbers, the zone of naive times, which of two equal local times."""

    unit: TimeUnit = "s"
    zone: str | None = None
    ambiguous: Ambiguous = "reject"

    def __post_init__(self) -> None:
        if self.zone is not None and self.zone not in available_timezones():
            hint = did_you_mean(self.zone, available_timezones()) or "write a name such as Europe/Lisbon or UTC"
            raise UsageError("--naive-tz", f"unknown time zone {self.zone!r}", hint)


@dataclass(frozen=True)
class Times:
    """The times in the values of an expression of type `dtype`.

    `instants` are Int64 nanoseconds; null where a value is missing, malformed, skipped or (if so wished) shown
    twice by a clock change, or outside 1677-2262. Text is ISO 8601, or LONG where the unit is `ns`. `naive` is true
    where a time (if it is one) has no offset, false where it has one, null for epoch numbers, which need none.
    """

    values: pl.Expr
    dtype: pl.DataType
    clock: Clock

    @property
    def instants(self) -> pl.Expr:
        """See class."""
        match logical_type(self.dtype):
            case "integer":
                return self._epoch_integer()
            case "float":
                return self._epoch_float()
            case "datetime" if self.dtype.time_zone:  # type: ignore[attr-defined]
                return self._physical(self.values.dt.convert_time_zone("UTC"))
            case "datetime":
                return self._located(self._physical(self.values), None)
            case "date":
                return self._located(_nanoseconds(self.values.cast(pl.Int64) * 86_400, pl.lit(0)), None)
            case "string":
                return self._text()
            case _:
                return pl.lit(None, pl.Int64)

    @property
    def naive(self) -> pl.Expr:
        """See class."""
        match logical_type(self.dtype):
            case "datetime":
                return pl.lit(not self.dtype.time_zone)  # type: ignore[attr-defined]
            case "date":
                return pl.lit(True)
            case "string":
                return pl.when(~self.values.str.contains(LONG)).then(~self.values.str.contains(ZONED))
            case _:
                return pl.lit(None, pl.Boolean)

    def _epoch_integer(self) -> pl.Expr:
        factor = SECOND // PER_SECOND[self.clock.unit]
        fits = self.values.is_between(LEAST // factor + 1, MOST // factor)
        return pl.when(fits).then(self.values).cast(pl.Int64) * factor

    def _epoch_float(self) -> pl.Expr:
        """A float holds today's time to a few tenths of a microsecond, so it is rounded to whole ones."""
        values = self.values.cast(pl.Float64)
        if self.clock.unit == "ns":
            return pl.when(values.abs() < float(MOST)).then(values).round().cast(pl.Int64)
        steps = 1_000_000 // PER_SECOND[self.clock.unit]
        fits = values.is_finite() & (values.abs() < FURTHEST * float(PER_SECOND[self.clock.unit]))
        return (pl.when(fits).then(values) * steps).round().cast(pl.Int64) * 1_000

    def _physical(self, values: pl.Expr) -> pl.Expr:
        factor = SECOND // PER_SECOND[self.dtype.time_unit]  # type: ignore[attr-defined]
        number = values.cast(pl.Int64)
        return pl.when(number.is_between(LEAST // factor + 1, MOST // factor)).then(number) * factor

    def _text(self) -> pl.Expr:
        if self.clock.unit != "ns":
            return self._iso()
        long = pl.when(self.values.str.contains(LONG)).then(self.values)
        return pl.coalesce(long.cast(pl.Int64, strict=False), self._iso())

    def _iso(self) -> pl.Expr:
        text = pl.when(self.values.str.contains(ISO)).then(self.values)
        days = text.str.head(10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64)
        second = pl.when(text.str.slice(16, 1) == ":").then(_digits(text.str.slice(17, 2))).otherwise(0)
        clock = _digits(text.str.slice(11, 2)) * 3600 + _digits(text.str.slice(14, 2)) * 60 + second
        fraction = _digits(text.str.extract(r"[.,]([0-9]{1,9})").str.pad_end(9, "0"))
        return self._located(_nanoseconds(days * 86_400 + clock, fraction), _offset(text))

    def _located(self, local: pl.Expr, offset: pl.Expr | None) -> pl.Expr:
        """UTC of local nanoseconds: by the offset in seconds where there is one, else by the zone of the clock."""
        naive = local if self.clock.zone is None else self._in_zone(local)
        if offset is None:
            return naive
        return pl.when(offset.is_null()).then(naive).otherwise(local - offset * SECOND)

    def _in_zone(self, local: pl.Expr) -> pl.Expr:
        shown_twice = "null" if self.clock.ambiguous == "reject" else self.clock.ambiguous
        seconds = local // SECOND
        moment = (seconds * 1_000).cast(pl.Datetime("ms"))
        placed = moment.dt.replace_time_zone(self.clock.zone, ambiguous=shown_twice, non_existent="null")
        shift = placed.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Int64) // 1_000 - seconds
        return local + shift * SECOND


def _digits(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False).fill_null(0)


def _nanoseconds(seconds: pl.Expr, fraction: pl.Expr) -> pl.Expr:
    fits = seconds.is_between(-FURTHEST + 86_400, FURTHEST - 86_400)
    return pl.when(fits).then(seconds) * SECOND + fraction


def _offset(text: pl.Expr) -> pl.Expr:
    """Seconds east of Greenwich; null where the text has no offset."""
    written = text.str.extract(OFFSET)
    digits = written.str.replace_all(":", "", literal=True)
    seconds = _digits(digits.str.slice(1, 2)) * 3600 + _digits(digits.str.slice(3, 2)) * 60
    signed = pl.when(digits.str.starts_with("-")).then(-seconds).otherwise(seconds)
    zulu = pl.when(text.str.contains(ZULU)).then(pl.lit(0, pl.Int64))
    return pl.when(written.is_not_null()).then(signed).otherwise(zulu)


def parse_time(text: str, flag: str, clock: Clock) -> int:
    """The instant that an option means: ISO 8601 or an epoch number.

    Raises:
        UsageError: it means none.
    """
    number = pl.Series([text]).cast(pl.Float64, strict=False)
    whole = pl.Series([text]).cast(pl.Int64, strict=False)
    values = next((each for each in (whole, number) if each[0] is not None), pl.Series([text]))
    instant = values.to_frame("at").select(Times(pl.col("at"), values.dtype, clock).instants).item()
    if instant is None:
        hint = f"write ISO 8601 such as 2026-04-01T12:00:00Z, or an epoch number in {clock.unit}"
        raise UsageError(flag, f"{text!r} is no valid time", hint)
    return int(instant)


def show_instant(instant: int | None) -> str | None:
    """ISO 8601 in UTC with Z, with as many digits of the second as are needed."""
    if instant is None:
        return None
    seconds, fraction = divmod(instant, SECOND)
    text = pl.Series([seconds * 1_000]).cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S")[0]
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{text}{digits}Z"
