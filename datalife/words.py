"""Shares, counts and names in words, the same in every message, table and page."""

from __future__ import annotations

from collections.abc import Sequence

#: What stands for a number that does not exist.
NOTHING = "–"


def share(part: float | None) -> str:
    """A share of one in percent for tables; `0 %` and `100 %` only when it is exactly that, None as a dash."""
    if part is None:
        return NOTHING
    percent = part * 100
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if percent < 0.1:
        return "<0.1 %"
    if percent > 99.9:
        return ">99.9 %"
    return f"{percent:.1f} %" if percent < 9.95 or percent > 99 else f"{percent:.0f} %"


def fine_share(part: float, digits: int = 2) -> str:
    """A share of one in percent for messages, where small ones matter: two significant digits, or `digits`.

    Like `share`, never 0 for something and never 100 for less than all.
    """
    percent = part * 100
    if 0 < percent < 0.01:
        return "<0.01 %"
    if percent in (0, 100) or percent > 99:
        return share(part)
    return f"{percent:.{digits}g} %"


def plural(count: float, noun: str, many: str | None = None) -> str:
    """`1 row`, `2,000 rows`; `many` is the plural where an s does not make it."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def out_of(part: int, whole: int) -> str:
    """`12 of 1,000`."""
    return f"{part:,} of {whole:,}"


def shortened(text: str, limit: int) -> str:
    """The text; of one longer than `limit` characters the beginning, and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first of the names: `a, b, c and 2 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
