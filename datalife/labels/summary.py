"""The account of a join: counts that must add up, rates, delays, days, the conversion curve, gates."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from datalife.durations import SECOND, exact, show_duration
from datalife.errors import AccountingError
from datalife.labels.model import Conversion, Day, Delay, GateResult, Gates, Number, Summary
from datalife.labels.settling import LABELED, NEGATIVE, PENDING, UNLABELED
from datalife.labels.tally import Tally
from datalife.labels.times import show_instant

STATUSES = (LABELED, NEGATIVE, UNLABELED)
BUCKETS = ("matched", "orphans", "before", "too_soon", "late", "future", "late_arrivals")
READ_PREDICTIONS = ("prediction_rows", "duplicate_predictions", "invalid_predictions", "expired")
READ_FEEDBACK = ("feedback_rows", "duplicate_feedback", "invalid_feedback")
#: Delays at which the conversion curve is read, as far as the window goes.
STEPS = (
    *("1s", "10s", "1m", "5m", "15m", "1h", "3h", "6h", "12h"),
    *("1d", "2d", "3d", "5d", "7d", "14d", "30d", "60d", "90d", "180d", "365d"),
)
MOST_LABELS = 1000
#: The quantiles of delays that are told.
LEVELS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}


def counted(tally: Tally, read: Counter[str], gone: Counter[str]) -> dict[str, int]:
    """Every count of the summary: what was read, and how it stands now or stood when it was forgotten.

    Raises:
        AccountingError: a row is missing or counted twice.
    """
    counts = {name: read[name] for name in (*READ_PREDICTIONS, *READ_FEEDBACK)}
    counts |= {name: tally.standing[name] + gone[name] for name in (*STATUSES, PENDING, *BUCKETS)}
    counts["settled"] = sum(counts[name] for name in STATUSES)
    in_hand = int(tally.days.get_column("predictions").sum())
    counts["predictions"] = in_hand + sum(gone[name] for name in STATUSES)
    _assert_conserved(counts)
    return counts


def _assert_conserved(counts: dict[str, int]) -> None:
    laws = {
        "prediction_rows": ("predictions", "duplicate_predictions", "invalid_predictions", "expired"),
        "predictions": (*STATUSES, "pending"),
        "feedback_rows": ("duplicate_feedback", "invalid_feedback", *BUCKETS),
    }
    for whole, parts in laws.items():
        total = sum(counts[part] for part in parts)
        if counts[whole] != total:
            told = " + ".join(f"{part} {counts[part]}" for part in parts)
            raise AccountingError("label-join", f"{whole} {counts[whole]} is not {told} = {total}")


def rates(counts: dict[str, int]) -> dict[str, Number | None]:
    """The rates of the summary; None where there is nothing under one."""
    distinct = sum(counts[name] for name in BUCKETS if name != "future")
    return {
        "match_rate": _share(counts["labeled"], counts["settled"]),
        "orphan_rate": _share(counts["orphans"], distinct),
        "late_rate": _share(counts["late"], distinct),
        "before_rate": _share(counts["before"], distinct),
        "duplicate_feedback_rate": _share(counts["duplicate_feedback"], counts["feedback_rows"]),
        "cut_off_rate": _share(counts["late"], counts["matched"] + counts["late"]),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def judged(gates: Gates, counts: dict[str, int], shares: dict[str, Number | None]) -> list[GateResult]:
    """Every gate that was set, with the value it was compared with."""
    values: dict[str, Number | None] = {
        "min_match_rate": shares["match_rate"],
        "max_orphan_rate": shares["orphan_rate"],
        "max_late_rate": shares["late_rate"],
        "max_before_rate": shares["before_rate"],
        "max_duplicate_rate": shares["duplicate_feedback_rate"],
        "min_settled": counts["settled"],
    }
    results = []
    for gate, limit in gates.model_dump(exclude_none=True).items():
        value = values[gate]
        holds = None if value is None else value >= limit if gate.startswith("min_") else value <= limit
        results.append(GateResult(gate=gate, limit=limit, value=value, holds=holds))
    return results


def about_written(tally: Tally) -> dict[str, Any]:
    """What the rows settled in this run are like (revisions apart): delays, labels, how many are positive."""
    return {
        "positive_rate": _share(tally.written["positive"], tally.written["judged"]),
        "label_counts": label_counts(tally.runs("labels").pieces(), tally.written["missing"]),
        "delay": delays(tally.runs("delays").pieces(), tally.written["delays"]),
        "rows_written": tally.written["rows"],
        "revisions_written": tally.written["revisions"],
    }


def label_counts(pieces: Iterable[pl.DataFrame], missing: int) -> dict[str, int]:
    """How often each label occurs, as JSON text, the most frequent first.

    `pieces`: label, count; all counts of a label are in one piece. `missing` rows have no label.
    """
    most: pl.DataFrame | None = None
    for piece in pieces:
        if most is None:
            most = pl.concat([piece.clear(), pl.DataFrame({"label": [None], "count": [missing]}).cast(piece.schema)])
        counts = pl.concat([most, piece.group_by("label").agg(pl.col("count").sum())])
        most = counts.sort("count", "label", descending=[True, False]).head(MOST_LABELS)
    rows = most.filter(pl.col("count") > 0).rows() if most is not None else []
    return {_as_json(label): count for label, count in rows}


def _as_json(label: Any) -> str:
    return str(label) if isinstance(label, Decimal) else json.dumps(label, default=str, ensure_ascii=False)


def delays(pieces: Iterable[pl.DataFrame], total: int) -> Delay:
    """The quantiles of `total` delays, by linear interpolation. `pieces`: delay, count, ascending."""
    if not total:
        return Delay()
    places = {name: level * (total - 1) for name, level in LEVELS.items()}
    ranks = sorted({rank for place in places.values() for rank in (math.floor(place), math.ceil(place))})
    found = dict(zip(ranks, _at_ranks(pieces, ranks), strict=True))
    ends = {name: (found[math.floor(place)], found[math.ceil(place)]) for name, place in places.items()}
    return Delay(**{name: low + (high - low) * (places[name] % 1) for name, (low, high) in ends.items()})


def _at_ranks(pieces: Iterable[pl.DataFrame], ranks: Sequence[int]) -> Iterator[float]:
    """The values at ascending ranks (from 0) among ascending values with their counts."""
    left, before = list(ranks), 0
    for piece in pieces:
        ends = piece.get_column("count").cum_sum() + before
        here = [rank for rank in left if ends.len() and rank < ends[-1]]
        for rank in here:
            yield float(piece.get_column("delay")[ends.search_sorted(rank, side="right")])
        left = left[len(here) :]
        before = int(ends[-1]) if ends.len() else before


def days(tally: Tally) -> list[Day]:
    """The predictions in hand by the day (UTC) of the prediction."""
    return [
        Day(
            day=(date(1970, 1, 1) + timedelta(days=row["day"])).isoformat(),
            predictions=row["predictions"],
            settled=row["settled"],
            match_rate=_share(row["labeled"], row["settled"]),
            positive_rate=_share(row["positive"], row["judged"]),
            pending=row["predictions"] - row["settled"],
        )
        for row in tally.days.rows(named=True)
    ]


def conversion(tally: Tally, window: int | None) -> list[Conversion]:
    """The Kaplan-Meier curve of the delay of first feedback, at STEPS and at the end of the window."""
    total = int(tally.days.get_column("predictions").sum())
    lengths = [round(exact(step)) for step in STEPS] + ([] if window is None else [window])
    shares, last, end = dict.fromkeys(lengths, 0.0), 0.0, window
    for curve in kaplan_meier(tally.runs("watched").pieces(), total):
        for length in lengths:
            reached = curve.filter(pl.col("delay") <= length).get_column("share")
            shares[length] = float(reached[-1]) if reached.len() else shares[length]
        longest, last = curve.row(-1)
        end = longest if window is None else window
    if end is None or not tally.written["watched"]:
        return []
    shares[end] = last if window is None else shares[end]
    return [
        Conversion(
            delay=show_duration(length),
            seconds=length / SECOND,
            share=shares[length],
            share_of_window=shares[length] / shares[end] if shares[end] else None,
        )
        for length in sorted(shares)
        if length <= end
    ]


def kaplan_meier(pieces: Iterable[pl.DataFrame], watched: int) -> Iterator[pl.DataFrame]:
    """delay, share: the share of the `watched` to whom it has happened by each delay, in ascending order.

    `pieces`: delay, happened, gone; ascending, and all rows of a delay in one piece. The product over delays of
    1 - happened / still watched; who is lost to sight at a delay is still watched at it.
    """
    spared = 1.0
    for piece in pieces:
        steps = piece.group_by("delay").agg(pl.col("happened", "gone").sum()).sort("delay")
        still = watched - steps.get_column("gone").cum_sum() + steps.get_column("gone")
        factors = 1 - steps.get_column("happened") / still
        product = pl.concat([pl.Series([spared]), factors]).cum_prod()
        if steps.height:
            yield steps.select("delay", share=(1 - product[1:]).round(12))
        spared, watched = product[-1], watched - int(steps.get_column("gone").sum())


@dataclass(frozen=True)
class Occasion:
    """What the summary says about the run itself."""

    run: int
    as_of: int | None
    skipped_files: int


def summary_of(tally: Tally, counts: dict[str, int], window: int | None, gates: Gates, on: Occasion) -> Summary:
    """The whole summary of a run."""
    shares = rates(counts)
    results = judged(gates, counts, shares)
    return Summary(
        as_of=show_instant(on.as_of),
        run=on.run,
        skipped_files=on.skipped_files,
        **counts,
        **shares,
        **about_written(tally),
        days=days(tally),
        conversion=conversion(tally, window),
        gates=results,
        failed=any(result.holds is False for result in results),
    )
