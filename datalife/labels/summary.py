"""The account of a join: counts that must add up, rates, delays, days, the conversion curve, gates."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from datalife.errors import AccountingError
from datalife.labels.durations import LONGEST, SECOND, UNITS, show_duration
from datalife.labels.model import Conversion, Day, Delay, GateResult, Gates, JoinOptions, Number, Summary
from datalife.labels.settling import LABELED, NEGATIVE, UNLABELED, Settled, is_positive
from datalife.labels.times import LEAST, show_instant

STATUSES = (LABELED, NEGATIVE, UNLABELED)
BUCKETS = ("matched", "orphans", "before", "too_soon", "late", "future", "late_arrivals")
READ_PREDICTIONS = ("prediction_rows", "duplicate_predictions", "invalid_predictions", "expired")
READ_FEEDBACK = ("feedback_rows", "duplicate_feedback", "invalid_feedback")
#: Delays at which the conversion curve is read, as far as the window goes.
STEPS = (
    "1s",
    "10s",
    "1m",
    "5m",
    "15m",
    "1h",
    "3h",
    "6h",
    "12h",
    "1d",
    "2d",
    "3d",
    "5d",
    "7d",
    "14d",
    "30d",
    "60d",
    "90d",
    "180d",
    "365d",
)
DAY = UNITS["d"]
MOST_LABELS = 1000


def counted(settled: Settled, read: Counter[str], gone: Counter[str]) -> dict[str, int]:
    """Every count of the summary: what was read, and how it stands now or stood when it was forgotten.

    Raises:
        AccountingError: a row is missing or counted twice.
    """
    states = Counter(dict(settled.predictions.get_column("status").fill_null("pending").value_counts().rows()))
    buckets = Counter(dict(settled.events.get_column("bucket").value_counts().rows()))
    counts = {name: read[name] for name in (*READ_PREDICTIONS, *READ_FEEDBACK)}
    counts |= {name: states[name] + gone[name] for name in (*STATUSES, "pending")}
    counts |= {name: buckets[name] + gone[name] for name in BUCKETS}
    counts["settled"] = sum(counts[name] for name in STATUSES)
    counts["predictions"] = settled.predictions.height + sum(gone[name] for name in STATUSES)
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


def about_written(settled: Settled) -> dict[str, Any]:
    """What the rows settled in this run are like (revisions apart): delays, labels, how many are positive."""
    rows = settled.written.filter(pl.col("revision") == 0)
    labels = rows.get_column("label")
    positive = is_positive(labels).drop_nulls()
    return {
        "positive_rate": _share(int(positive.sum() or 0), positive.len()),
        "label_counts": label_counts(labels),
        "delay": delays(rows.get_column("label_delay").drop_nulls()),
        "rows_written": rows.height,
        "revisions_written": settled.written.height - rows.height,
    }


def label_counts(labels: pl.Series) -> dict[str, int]:
    """How often each label occurs, as JSON text, the most frequent first."""
    counts = labels.to_frame("label").group_by("label").len().sort("len", "label", descending=[True, False])
    return {
        json.dumps(label, default=str, ensure_ascii=False): count for label, count in counts.head(MOST_LABELS).rows()
    }


def delays(seconds: pl.Series) -> Delay:
    """The quantiles of delays, by linear interpolation."""
    if not seconds.len():
        return Delay()
    levels = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return Delay(**{name: seconds.quantile(level, "linear") for name, level in levels.items()})


def days(settled: Settled) -> list[Day]:
    """The predictions in hand by the day (UTC) of the prediction."""
    table = (
        settled.predictions.group_by((pl.col("time") // DAY).alias("day"))
        .agg(
            predictions=pl.len(),
            settled=pl.col("status").count(),
            labeled=(pl.col("status") == LABELED).sum(),
            judged=pl.col("positive").count(),
            positive=pl.col("positive").sum(),
        )
        .sort("day")
    )
    return [
        Day(
            day=(date(1970, 1, 1) + timedelta(days=row["day"])).isoformat(),
            predictions=row["predictions"],
            settled=row["settled"],
            match_rate=_share(row["labeled"], row["settled"]),
            positive_rate=_share(row["positive"], row["judged"]),
            pending=row["predictions"] - row["settled"],
        )
        for row in table.rows(named=True)
    ]


def conversion(settled: Settled, options: JoinOptions, as_of: int | None) -> list[Conversion]:
    """The Kaplan-Meier curve of the delay of first feedback, at STEPS and at the end of the window."""
    curve = kaplan_meier(_observed(settled, options, as_of)) if as_of is not None else pl.DataFrame()
    if not curve.height:
        return []
    end = options.window if options.window is not None else int(curve.item(-1, "delay"))
    steps = [length for length in (_length(step) for step in STEPS) if length < end] + [end]
    shares = [_share_by(curve, step) for step in steps]
    return [
        Conversion(
            delay=show_duration(step),
            seconds=step / SECOND,
            share=share,
            share_of_window=share / shares[-1] if shares[-1] else None,
        )
        for step, share in zip(steps, shares, strict=True)
    ]


def _length(step: str) -> int:
    number, unit = step[:-1], step[-1]
    return int(number) * UNITS[unit]


def _observed(settled: Settled, options: JoinOptions, as_of: int) -> pl.DataFrame:
    """delay, happened: how long each prediction was watched, and whether feedback ended that."""
    rows = settled.predictions.join(settled.first_feedback, on="number", how="left")
    age = as_of - pl.col("time").clip(max(as_of - LONGEST, LEAST), as_of)
    if options.window is not None:
        age = pl.min_horizontal(age, pl.lit(options.window, pl.Int64))
    happened = pl.col("first").is_not_null()
    delay = pl.when(happened).then(pl.col("first") - pl.col("time")).otherwise(age)
    return rows.select(delay=delay.clip(lower_bound=0), happened=happened)


def kaplan_meier(observed: pl.DataFrame) -> pl.DataFrame:
    """delay, share: the share of subjects to whom it has happened by each delay, in ascending order.

    `observed`: delay, happened. The product over delays of 1 - happened / still watched; who is lost to sight at
    a delay is still watched at it.
    """
    steps = observed.group_by("delay").agg(happened=pl.col("happened").sum(), gone=pl.len()).sort("delay")
    watched = pl.col("gone").cum_sum(reverse=True)
    return steps.select("delay", share=(1 - (1 - pl.col("happened") / watched).cum_prod()).round(12))


def _share_by(curve: pl.DataFrame, delay: int) -> float:
    shares = curve.filter(pl.col("delay") <= delay).get_column("share")
    return float(shares[-1]) if shares.len() else 0.0


@dataclass(frozen=True)
class Occasion:
    """What the summary says about the run itself."""

    run: int
    as_of: int | None
    skipped_files: int


def summary_of(settled: Settled, counts: dict[str, int], options: JoinOptions, gates: Gates, on: Occasion) -> Summary:
    """The whole summary of a run."""
    shares = rates(counts)
    results = judged(gates, counts, shares)
    return Summary(
        as_of=show_instant(on.as_of),
        run=on.run,
        skipped_files=on.skipped_files,
        **counts,
        **shares,
        **about_written(settled),
        days=days(settled),
        conversion=conversion(settled, options, on.as_of),
        gates=results,
        failed=any(result.holds is False for result in results),
    )
