"""Numbers and days that people and programs write where a value is missing."""

from __future__ import annotations

from datetime import UTC, datetime

from datalife.stats.model import Hint
from datalife.stats.quantiles import Line
from datalife.stats.summary import ColumnSummary
from datalife.stats.values import from_number, is_number

#: Looked for at the lower end of a column, and at the upper end.
LOW, HIGH = (-1, -9, -99, -999, -9999, -99999), (99, 999, 9999, 99999, 999999)
DAYS = [datetime(year, month, day, tzinfo=UTC).timestamp() for year, month, day in ((1970, 1, 1), (1900, 1, 1))]
LAST_DAYS = [datetime(year, 12, 31, tzinfo=UTC).timestamp() for year in (2099, 2999, 9999)]
#: With fewer other values there is no distribution to stand out of.
FEWEST = 10


def placeholder(column: ColumnSummary) -> Hint | None:
    """A telling value that occurs again and again at one end of the column, apart from the rest.

    A number such as 999 or -99 must lie further from the next than half of what all others span; -1 is told too
    where it is the only negative value and more frequent than any other. Days: 1970-01-01 and the like.
    """
    if not column.complete or column.type not in ("integer", "float", "date", "datetime"):
        return None
    line = column.line
    if len(line.values) <= FEWEST:
        return None
    low, high = (LOW, HIGH) if is_number(column.dtype) else (DAYS, LAST_DAYS)
    if line.values[0] in low and (hint := _told(column, line)):
        return hint
    return _told(column, line.reversed()) if line.values[-1] in high else None


def _told(column: ColumnSummary, line: Line) -> Hint | None:
    """The first value of a line, one that often means missing, if it stands apart."""
    first, second, last = line.values[0], line.values[1], line.values[-1]
    count, gap, span = int(line.ends[0]), abs(second - first), abs(last - second)
    is_only_negative = first == -1 and second >= 0 and count > max(line.weights[1:])
    if count < 2 or not (gap > span / 2 or is_only_negative):
        return None
    shown, following = (from_number(each, column.dtype) for each in (first, second))
    message = f"{_short(shown)} ({count:,} times) may mean missing; the next value is {_short(following)}"
    return Hint(code="missing-marker", message=message, count=count)


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).removesuffix("T00:00:00")
