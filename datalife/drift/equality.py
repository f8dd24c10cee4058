"""When two values of matched rows are the same: tolerances, rounding, spaces, case and missing values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from datalife.durations import DAY, SECOND, parse_duration
from datalife.errors import UsageError
from datalife.sources.types import common_type, logical_type
from datalife.stats.values import is_nested, to_json

#: The values of both sides in a frame of one column.
BEFORE, AFTER = pl.col("before"), pl.col("after")


@dataclass(frozen=True)
class Tolerance:
    """How far values may be apart and still be equal: a number, a share of the baseline's value, or a time."""

    absolute: float = 0.0
    relative: float = 0.0
    nanoseconds: int | None = None

    @classmethod
    def of(cls, text: str) -> Tolerance:
        """`0.01` is absolute, `1%` relative to the baseline, `5s` a length of time.

        Raises:
            UsageError: it is none of them.
        """
        share = text.strip().removesuffix("%")
        try:
            number = float(share)
        except ValueError:
            return cls(nanoseconds=parse_duration(text, "--tolerance"))
        if not 0 <= number < float("inf"):
            raise UsageError("--tolerance", f"must be 0 or more, not {text}")
        return cls(relative=number / 100) if share != text.strip() else cls(absolute=number)


@dataclass(frozen=True)
class Equality:
    """What makes values equal.

    `tolerance` is that of all numbers, `tolerances` that of the columns they name. Floats are rounded to `digits`
    decimals, texts stripped of spaces at both ends and of repeated ones, or compared without case. Unless
    `null_differs`, a value that is missing on both sides is equal.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    digits: int | None = None
    ignore_spaces: bool = False
    ignore_case: bool = False
    null_differs: bool = False

    def expression(self, name: str, before: pl.DataType, after: pl.DataType) -> pl.Expr:
        """Whether BEFORE and AFTER, of these types, are equal; NaN is equal to NaN.

        Raises:
            UsageError: the column's tolerance is of another kind than its values.
        """
        tolerance = self.tolerances.get(name, self.tolerance)
        if name in self.tolerances:
            _check(name, tolerance, (before, after))
        present = BEFORE.is_not_null() & AFTER.is_not_null()
        if self._is_plain(before, after, tolerance):
            return present & (BEFORE == AFTER) if self.null_differs else BEFORE.eq_missing(AFTER)
        if before.is_numeric() and after.is_numeric():
            same = self._same_number(tolerance, before.is_float() or after.is_float())
        elif tolerance.nanoseconds and _is_moment(before) and _is_moment(after):
            same = (_nanoseconds(AFTER, after) - _nanoseconds(BEFORE, before)).abs() <= tolerance.nanoseconds
        else:
            same = self._same_value(before, after)
        same = present & same.fill_null(False)
        return same if self.null_differs else (BEFORE.is_null() & AFTER.is_null()) | same

    def _is_plain(self, before: pl.DataType, after: pl.DataType, tolerance: Tolerance) -> bool:
        """Whether equality is that of the values as they are: the fast way."""
        if before != after or is_nested(before):
            return False
        if before.is_numeric():
            return tolerance == Tolerance() and (self.digits is None or not before.is_float())
        if before == pl.String:
            return not (self.ignore_spaces or self.ignore_case)
        return not (tolerance.nanoseconds and _is_moment(before))

    def _same_number(self, tolerance: Tolerance, floats: bool) -> pl.Expr:
        before, after = BEFORE, AFTER
        if floats and self.digits is not None:
            before, after = (side.cast(pl.Float64).round(self.digits) for side in (before, after))
        if not tolerance.absolute and not tolerance.relative:
            return before == after
        one, other = before.cast(pl.Float64), after.cast(pl.Float64)
        allowed = pl.lit(tolerance.absolute) + (one.abs() * tolerance.relative if tolerance.relative else 0.0)
        gap = (one - other).abs()
        return (before == after) | (gap.is_not_nan() & (gap <= allowed))

    def _same_value(self, before: pl.DataType, after: pl.DataType) -> pl.Expr:
        shared = common_type(before, after)
        if shared is not None and shared != pl.String:
            return BEFORE.cast(shared).eq_missing(AFTER.cast(shared))
        if is_nested(before) or is_nested(after):
            return pl.lit(False)
        return self._normal(as_text(BEFORE, before)) == self._normal(as_text(AFTER, after))

    def _normal(self, text: pl.Expr) -> pl.Expr:
        if self.ignore_spaces:
            text = text.str.replace_all(r"\s+", " ").str.strip_chars(" ")
        return text.str.to_lowercase() if self.ignore_case else text


def tolerances_of(texts: Sequence[str], known: Sequence[str]) -> tuple[Tolerance, dict[str, Tolerance]]:
    """`0.01` for all numbers, `fare=0.01` for one column; the general one, and those of columns.

    Raises:
        UsageError: a column is not one of `known`, or a text means nothing.
    """
    general, named = Tolerance(), {}
    for text in texts:
        name, mark, value = text.rpartition("=")
        if not mark:
            general = Tolerance.of(value)
        elif name not in known:
            raise UsageError("--tolerance", f"there is no column {name!r}", f"columns are {', '.join(known[:8])}")
        else:
            named[name] = Tolerance.of(value)
    return general, named


def as_text(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Values as text: durations by ISO 8601, bytes as hexadecimal, nested values as JSON."""
    if is_nested(dtype):
        document = pl.struct(values.alias("value")).struct.json_encode()
        return pl.when(values.is_not_null()).then(document.str.strip_prefix('{"value":').str.strip_suffix("}"))
    if dtype == pl.Duration:
        return values.dt.to_string("iso")
    return values.bin.encode("hex") if dtype == pl.Binary else values.cast(pl.String)


def as_json(values: pl.Series) -> list[Any]:
    """Values as JSON has them; nested ones by way of polars' own JSON."""
    if not is_nested(values.dtype):
        return to_json(values)
    texts = values.to_frame("value").select(pl.struct("value").struct.json_encode()).to_series()
    return [json.loads(text)["value"] for text in texts]


def _check(name: str, tolerance: Tolerance, types: tuple[pl.DataType, pl.DataType]) -> None:
    held = [dtype for dtype in types if dtype != pl.Null]
    numbers, times = all(dtype.is_numeric() for dtype in held), all(map(_is_moment, held))
    if not numbers and not times:
        kinds = " and ".join(dict.fromkeys(logical_type(dtype) for dtype in held))
        hint = "of texts, --ignore-spaces and --ignore-case tell what does not count" if pl.String in held else None
        raise UsageError("--tolerance", f"{name!r} holds neither numbers nor times, it is {kinds}", hint)
    if tolerance.nanoseconds is not None and not times:
        raise UsageError("--tolerance", f"{name!r} holds no times", f"write a number: {name}=0.01")
    if tolerance.nanoseconds is None and not numbers:
        raise UsageError("--tolerance", f"{name!r} holds no numbers", f"for times write a length: {name}=5s")


def _is_moment(dtype: pl.DataType) -> bool:
    return dtype.is_temporal()


def _nanoseconds(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Times as nanoseconds since 1970 or midnight, durations as nanoseconds."""
    whole = values.to_physical().cast(pl.Int128)
    if dtype == pl.Date:
        return whole * DAY
    units = {"ms": SECOND // 1000, "us": SECOND // 1_000_000, "ns": 1}
    return whole * units[dtype.time_unit] if isinstance(dtype, pl.Datetime | pl.Duration) else whole
