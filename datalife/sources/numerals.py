"""Which columns of a text surely hold numbers, so that polars may read them as such and nobody need look at the text.

polars takes `007`, ` 7` and `+7` for numbers, which are texts here, and `-0` for a whole one. Whatever else is no
number it refuses, and a carriage return at the end of a field it drops from texts, too. So a look at how each field
begins tells whether its numbers are ours; in the values those show that have more digits than a type allows.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from datalife.sources.fitting import stacks
from datalife.sources.octets import octets
from datalife.sources.types import FLOATS, INTEGERS

#: What values of the types lie between: those beyond may have more digits than the type allows.
LIMITS = {INTEGERS.dtype: 10**18, FLOATS.dtype: 1e15}
#: So many digits and then `e-` are no float, however small the value.
DIGITS = 16


def numeric(text: bytes, shape: tuple[int, int], delimiter: str, wanted: Iterable[int]) -> set[int]:
    """Those of the `wanted` columns in which every field is missing, or is a number if polars takes it for one.

    The text has no quotes and should have so many (rows, fields of each); where it has not, there are no such columns.
    """
    rows, width = shape
    if not text.endswith(b"\n"):
        return set()
    numbers = octets(text)
    marks = (numbers == ord(delimiter)) | (numbers == ord("\n"))
    if marks.sum() != rows * width or _long_fraction(numbers):
        return set()
    chosen = set(wanted)
    asked = octets(bytes(position in chosen for position in range(width)) * rows) == 1
    doubtful = asked & ~_begins_well(text, numbers, marks, rows * width, delimiter)
    return chosen - set((doubtful.arg_true() % width).unique()) if doubtful.any() else chosen


def _begins_well(text: bytes, numbers: pl.Series, marks: pl.Series, fields: int, delimiter: str) -> pl.Series:
    """For each field, whether it is empty or begins as a number may: by its first three bytes, or what follows it."""

    def nth(place: int) -> pl.Series:
        rest = numbers.slice(place)
        after = rest.filter(marks.head(len(rest)))
        return pl.concat([octets(text[place - 1 : place]), after, octets(b"\n\n\n")]).head(fields)

    first, second, third = nth(1), nth(2), nth(3)
    empty = (first == ord(delimiter)) | (first == ord("\n")) | (first == ord("\r"))
    zero = (first == ord("0")) & ~second.is_between(ord("0"), ord("9"))
    small = (second == ord("0")) & (third == ord("."))
    minus = (first == ord("-")) & (second.is_between(ord("1"), ord("9")) | (second == ord(".")) | small)
    return empty | first.is_between(ord("1"), ord("9")) | (first == ord(".")) | zero | minus


def _long_fraction(numbers: pl.Series) -> bool:
    """True where DIGITS and then `e-` stand anywhere."""
    minus = numbers.slice(DIGITS + 1) == ord("-")
    power = numbers.slice(DIGITS, len(minus)).filter(minus) | 32 == ord("e")
    if not power.any():
        return False
    places = minus.arg_true().filter(power)
    for digit in range(DIGITS):
        places = places.filter(numbers.gather(places + digit).is_between(ord("0"), ord("9")))
    return len(places) > 0


def within_limits(frame: pl.DataFrame) -> bool:
    """Whether all numbers of a frame have no more digits than their types allow."""
    schema = frame.schema
    return all(
        pl.concat([frame.get_column(name) for name in batch]).is_between(-limit, limit, "none").all()
        for dtype, limit in LIMITS.items()
        for batch in stacks([name for name, each in schema.items() if each == dtype], frame.height)
    )
