"""The figures of a summary in plain Python, from what the oracle knows after a run."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.labels.oracle import BUCKETS, Oracle, Said
from tests.labels.spelling import Row


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def rates(counts: Counter[str]) -> Row:
    """Every rate of the account."""
    distinct = sum(counts[name] for name in BUCKETS if name != "future")
    return {
        "match_rate": share(counts["labeled"], counts["settled"]),
        **{
            f"{name}_rate": share(counts[bucket], distinct)
            for name, bucket in (("orphan", "orphans"), ("late", "late"))
        },
        "before_rate": share(counts["before"], distinct),
        "duplicate_feedback_rate": share(counts["duplicate_feedback"], counts["feedback_rows"]),
        "cut_off_rate": share(counts["late"], counts["matched"] + counts["late"]),
    }


def gates(account: Row, limits: Row) -> dict[str, bool | None]:
    """Whether each limit holds; None where there is nothing to judge."""
    values = {name: account[name.replace("duplicate", "duplicate_feedback")[4:]] for name in limits}
    return {
        name: None if values[name] is None else values[name] >= limit if name[:3] == "min" else values[name] <= limit
        for name, limit in limits.items()
    }


def is_positive(label: Any) -> bool | None:
    """Whether a label is true or above zero; None where that cannot be asked."""
    return None if label is None or isinstance(label, str) else label > 0


def about_written(said: Said) -> Row:
    """What the rows that this run settled are like."""
    rows = [row for row in said.written if row["revision"] == 0]
    judged = [positive for row in rows if (positive := is_positive(row["label"])) is not None]
    delays = sorted(row["label_delay"] for row in rows if row["label_delay"] is not None)
    levels = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        "rows_written": len(rows),
        "revisions_written": len(said.written) - len(rows),
        "positive_rate": share(sum(judged), len(judged)),
        "label_counts": Counter(row["label"] for row in rows),
        "delay": {name: quantile(delays, level) for name, level in levels.items()},
    }


def quantile(ordered: list[float], level: float) -> float | None:
    """By linear interpolation between the two nearest ranks."""
    if not ordered:
        return None
    place = level * (len(ordered) - 1)
    low = ordered[int(place)]
    return low + (ordered[min(int(place) + 1, len(ordered) - 1)] - low) * (place - int(place))


def days(oracle: Oracle) -> list[Row]:
    """The predictions in hand by the day (UTC) of the prediction."""
    by_day: dict[str, list[Any]] = {}
    for each in oracle.predictions:
        by_day.setdefault(datetime.fromtimestamp(each.time, UTC).date().isoformat(), []).append(each)
    return [_day(day, by_day[day]) for day in sorted(by_day)]


def _day(day: str, predictions: list[Any]) -> Row:
    settled = [each for each in predictions if each.settled is not None]
    judged = [positive for each in settled if (positive := is_positive(each.label)) is not None]
    return {
        "day": day,
        "predictions": len(predictions),
        "settled": len(settled),
        "match_rate": share(sum(each.status == "labeled" for each in settled), len(settled)),
        "positive_rate": share(sum(judged), len(judged)),
        "pending": len(predictions) - len(settled),
    }


def converted(oracle: Oracle, seconds: float) -> float:
    """The Kaplan-Meier share of the predictions in hand that have feedback within so many seconds."""
    ends = [_watched(oracle, each) for each in oracle.predictions]
    spared = 1.0
    for delay in sorted({delay for delay, happened in ends if happened and delay <= seconds}):
        still = sum(end >= delay for end, _ in ends)
        spared *= 1 - sum(happened and end == delay for end, happened in ends) / still
    return 1 - spared


def _watched(oracle: Oracle, prediction: Any) -> tuple[int, bool]:
    """After how long a prediction was lost to sight, and whether by its first feedback."""
    delays = [
        event.time - prediction.time
        for event in oracle.events
        if any(each is prediction for each in oracle.pairs.get(id(event), []))
    ]
    if delays:
        return max(min(delays), 0), True
    assert oracle.as_of is not None
    age, window = oracle.as_of - prediction.time, oracle.rules.window
    return max(age if window is None else min(age, window), 0), False
