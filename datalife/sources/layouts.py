"""Times in other layouts than ISO 8601: those that a user states, in the language of strptime."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial

import polars as pl

from datalife.errors import UsageError
from datalife.sources.types import TextType

#: The parts of a layout of strptime as patterns: chrono alone would read the year of 01/02/26 by %Y as 26.
DIRECTIVES = {
    **dict.fromkeys("dmeHIMSkl", "[ 0-9]?[0-9]"),
    **dict.fromkeys("yCgUWV", "[0-9]{2}"),
    **dict.fromkeys("YG", "[0-9]{4}"),
    **dict.fromkeys("bBhaApP", r"\p{L}+\.?"),
    "j": "[0-9]{1,3}",
    "f": "[0-9]{1,9}",
    ".f": r"(?:\.[0-9]{1,9})?",
    "F": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "T": "[0-9]{2}:[0-9]{2}:[0-9]{2}",
    "R": "[0-9]{2}:[0-9]{2}",
    "%": "%",
}
PART = re.compile(r"%([-_0]?[.:#]{0,2}[0-9]?[a-zA-Z%])")
#: What names a day, a time of the day, and an offset from UTC.
DAY = re.compile(r"%[-_0]?[deFDjsxcv+]")
CLOCK = re.compile(r"%[-_0]?[HIklTRrXsc+]")
OFFSET = re.compile(r"%[:#]*z|%[+s]")
SAMPLE = datetime(2026, 1, 31, 13, 45, 59)


def formatted(layout: str, kind: str) -> TextType:
    """Texts of a layout of strptime as a `date`, `datetime` or `time`; datetimes with an offset are in UTC."""
    dtypes: dict[str, pl.Date | pl.Datetime | pl.Time] = {
        "date": pl.Date(),
        "datetime": pl.Datetime("us", "UTC" if OFFSET.search(layout) else None),
        "time": pl.Time(),
    }
    dtype, pattern = dtypes[kind], _pattern(layout)

    def values(text: pl.Expr) -> pl.Expr:
        return text.str.strptime(dtype, layout, strict=False)

    def fits(text: pl.Expr) -> pl.Expr:
        return text.str.contains(pattern) & values(text).is_not_null()

    return TextType(kind, dtype, fits, values, made_by=partial(formatted, layout, kind))


def stated(layout: str) -> TextType:
    """The type of times that a layout given by `--time-format` states.

    Raises:
        UsageError: it is no layout of a day, of a time of the day, or of both.
    """
    kind = kind_of(layout)
    if kind is None:
        hint = "such as %d/%m/%Y for 31/12/2026, or '%d.%m.%Y %H:%M'"
        raise UsageError("--time-format", f"{layout!r} is no layout of times", hint)
    return formatted(layout, kind)


def kind_of(layout: str) -> str | None:
    """Whether a layout is one of a `date`, a `datetime` or a `time`; None where it is of none of them."""
    parts = (DAY.search(layout) is not None, CLOCK.search(layout) is not None)
    kind = {(True, False): "date", (True, True): "datetime", (False, True): "time"}.get(parts)
    return kind if kind and is_layout(layout, kind) else None


def is_layout(layout: str, kind: str) -> bool:
    """Whether a `date`, `datetime` or `time` written in this layout can be read again."""
    found = formatted(layout, kind)
    sample = pl.Series([SAMPLE.time()]) if kind == "time" else pl.Series([SAMPLE]).cast(found.dtype)
    try:
        texts = sample.dt.to_string(layout).to_frame("text").filter(found.fits(pl.col("text")))
        read = texts.select(found.values(pl.col("text"))).to_series()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return False
    return len(read) == 1 and (kind == "time" or read.cast(pl.Date).item() == SAMPLE.date())


def _pattern(layout: str) -> str:
    """A regular expression of the texts of a layout."""
    pieces = PART.split(layout)
    parts = [
        DIRECTIVES.get(piece.lstrip("-_0"), ".+") if place % 2 else re.escape(piece)
        for place, piece in enumerate(pieces)
    ]
    return f"^{''.join(parts)}$"
