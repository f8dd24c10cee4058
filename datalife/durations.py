"""Lengths of time as the user writes them: `90m`, `1d12h`, `250ms`; inside, whole nanoseconds."""

from __future__ import annotations

import re
from fractions import Fraction

from datalife.errors import UsageError

#: Nanoseconds of each unit. A day is 86,400 s, always: no calendar and no time zone enters here.
UNITS = {
    "w": 604_800_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
SECOND, DAY = UNITS["s"], UNITS["d"]
PIECE = re.compile(r"([0-9]{1,99}(?:\.[0-9]{1,99})?)(ns|us|µs|ms|s|m|h|d|w)")
#: Nanoseconds that 64 bits hold, and the sum of two such lengths too.
LONGEST = 2**62


def exact(text: str) -> Fraction:
    """The nanoseconds that `text` means, however long and however fine.

    Raises:
        ValueError: `text` is negative, or has no unit or an unknown one.
    """
    compact = text.strip()
    if compact == "0":
        return Fraction(0)
    if not compact or PIECE.sub("", compact):
        raise ValueError("must not be negative" if compact.startswith("-") else "is no length of time")
    pieces = PIECE.findall(compact)
    return sum((Fraction(number) * UNITS[unit.replace("µ", "u")] for number, unit in pieces), Fraction())


def parse_duration(text: str, flag: str) -> int:
    """The nanoseconds that `text` means, to the nearest whole one; `flag` is named when it means none.

    Raises:
        UsageError: `text` is negative, has no unit or an unknown one, or is longer than 146 years.
    """
    hint = "write a number and a unit (ns us ms s m h d w), such as 30m or 1d12h"
    try:
        found = exact(text)
    except ValueError as error:
        raise UsageError(flag, f"{text!r} {error}", hint) from error
    if found >= LONGEST:
        raise UsageError(flag, f"{text!r} is longer than 146 years", hint)
    return round(found)


def seconds(text: str) -> float:
    """The seconds that `text` means.

    Raises:
        ValueError: it is no length of time.
    """
    return float(exact(text) / SECOND)


def show_duration(length: int) -> str:
    """The shortest exact way to write a length: `1d12h`, `0s`."""
    pieces = []
    for unit, size in UNITS.items():
        count, length = divmod(length, size)
        if count:
            pieces.append(f"{count}{unit}")
    return "".join(pieces) or "0s"
