"""Bounds as a schema writes them, and the values that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from datalife.durations import seconds
from datalife.schema.vocabulary import NUMBERS


def instant(limit: Any) -> Any:
    """A bound that compares with others: datetimes without a zone are in UTC, as those of the data are."""
    return limit.replace(tzinfo=UTC) if isinstance(limit, datetime) and limit.tzinfo is None else limit


BOUND_HINTS = {
    "integer": "write a number",
    "float": "write a number",
    "date": "write it as 2026-01-31",
    "datetime": "write it as 2026-01-31T12:00:00",
    "time": "write it as 12:00:00",
    "duration": "write it as 1h30m",
}


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
