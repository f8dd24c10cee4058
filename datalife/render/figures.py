"""Numbers, shares and distributions as short text for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from datalife.render.safe import safe, shortened
from datalife.words import NOTHING

#: Characters of a value of the data.
LONGEST = 40
LEVELS = " ▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉█"
UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def number(value: Any) -> str:
    """Four significant digits, integers in full up to ten digits; what is no number as safe text, None as a dash."""
    if value is None:
        return NOTHING
    if not isinstance(value, int | float) or isinstance(value, bool):
        return safe(value)
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if isinstance(value, int) and size < 10**10:
        return f"{value:,}"
    if size and not 1e-4 <= size < 1e10:
        return f"{value:.4g}"
    decimals = max(0, 3 - math.floor(math.log10(size))) if size else 0
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Any, limit: int = LONGEST) -> str:
    """A value of the data as people write it, in at most about `limit` characters; None is a missing one.

    Text that is empty, or begins or ends with a space, stands in quotes.
    """
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, list):
        return shortened(", ".join(str(each) for each in value), 2 * limit)
    if isinstance(value, str) and (not value or value != value.strip()):
        return f'"{shortened(value, limit)}"'
    return shortened(value, limit)


def moment(value: Any, is_short: bool) -> str:
    """A point in time (ISO 8601) as people write it: to the day when `is_short`, else without empty seconds."""
    if value is None:
        return NOTHING
    text = safe(value)
    day, mark, clock = text.partition("T")
    if not mark or is_short:
        return day
    return f"{day} {clock.replace(':00Z', 'Z') if clock.count(':') == 2 else clock}"


def bar(part: float | None, width: int) -> str:
    """A share of one as a bar of `width` characters; anything above nothing shows."""
    eighths = math.ceil((part or 0) * width * 8)
    full, rest = divmod(min(eighths, width * 8), 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(width)


def columns(counts: Sequence[float]) -> str:
    """A histogram, one character a bin; an empty bin is blank, any other shows."""
    most = max(counts, default=0)
    return "".join(LEVELS[math.ceil(count / most * 8)] if count else " " for count in counts)


def duration(seconds: float | None) -> str:
    """A length of time in the two largest units it has."""
    if seconds is None or abs(seconds) < 1:
        return f"{number(seconds)} s"
    left = round(abs(seconds))
    pieces: list[str] = []
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count or pieces:
            pieces.append(f"{count}{unit}")
    return ("-" if seconds < 0 else "") + " ".join(piece for piece in pieces[:2] if piece[0] != "0")
