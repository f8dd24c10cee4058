"""Which predictions an event falls on: by sorting and counting, so that no hot key multiplies rows.

Predictions and the window bounds of every event are laid on one line, ordered by key and time. The number of
predictions left of a bound is a position, and the eligible predictions of an event are the positions between
its two bounds. Everything is integer nanoseconds; bounds outside 64 bits stop at their end.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datalife.labels.model import JoinOptions
from datalife.labels.times import LEAST, MOST

#: How a bound is placed among predictions of its own instant.
BEFORE, PREDICTION, AFTER = 0, 1, 2


@dataclass
class Matches:
    """`events`: event, bucket (before its late arrivals are told apart); `pairs`: event, number of the prediction."""

    events: pl.DataFrame
    pairs: pl.DataFrame


def match_events(predictions: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> Matches:
    """Finds the bucket of every visible event and the predictions it counts for.

    `predictions`: number, k0 ..., time, rank (order among predictions of one key and instant). `events`: event,
    k0 ..., time, owner (the prediction in whose final row it stands already, or null).
    """
    keys = [name for name in events.columns if name.startswith("k")]
    codes = events.select(keys).unique().with_row_index("code")
    coded = events.join(codes, on=keys, how="inner", maintain_order="left")
    line = predictions.join(codes, on=keys, how="inner").select("code", "time", "rank", "number")
    line = line.sort("code", "time", "rank")
    placed = _placed(line, coded, options)
    judged = coded.select("event", "code", "time", "owner").join(placed, on="event", maintain_order="left")
    judged = judged.with_columns(bucket=_bucket(line, judged, options))
    return Matches(judged.select("event", "bucket"), _pairs(line, judged, options))


def _placed(line: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """event, low, high, near: the eligible positions are low ... high-1, the closest at or before is near-1."""
    earliest = LEAST if options.window is None else _minus("time", options.window)
    latest = _minus("time", options.lowest_delay)
    bounds = {
        "low": (earliest, BEFORE if options.closed in ("both", "right") else AFTER),
        "high": (latest, AFTER if options.closed in ("both", "left") else BEFORE),
        "near": (pl.col("time"), AFTER),
    }
    asked = [
        events.select(
            "code",
            pl.lit(at, pl.Int64).alias("time") if isinstance(at, int) else at.alias("time"),
            pl.lit(side, pl.Int8).alias("side"),
            pl.lit(which, pl.Int8).alias("which"),
            pl.col("event"),
        )
        for which, (at, side) in enumerate(bounds.values())
    ]
    own = line.select(
        "code",
        "time",
        pl.lit(PREDICTION, pl.Int8).alias("side"),
        pl.lit(-1, pl.Int8).alias("which"),
        pl.lit(None, events.schema["event"]).alias("event"),
    )
    counted = (
        pl.concat([own, *asked])
        .sort("code", "time", "side")
        .with_columns(position=(pl.col("side") == PREDICTION).cast(pl.Int64).cum_sum())
        .filter(pl.col("which") >= 0)
        .sort("which", "event")
    )
    height = events.height
    columns = {name: counted.get_column("position").slice(at * height, height) for at, name in enumerate(bounds)}
    return pl.DataFrame({"event": counted.get_column("event").slice(0, height), **columns})


def _minus(column: str, length: int) -> pl.Expr:
    """The column less `length` nanoseconds, stopping at the ends of 64 bits."""
    value = pl.col(column)
    if length >= 0:
        return pl.when(value >= LEAST + length).then(value - length).otherwise(pl.lit(LEAST, pl.Int64))
    return pl.when(value <= MOST + length).then(value - length).otherwise(pl.lit(MOST, pl.Int64))


def _bucket(line: pl.DataFrame, judged: pl.DataFrame, options: JoinOptions) -> pl.Series:
    """The first bucket that fits. `too_soon` and `late` are told by the closest prediction at or before the event."""
    closest = line.select("code", "time").with_row_index("near", offset=1)
    closest = closest.with_columns(pl.col("near").cast(pl.Int64)).rename({"time": "closest"})
    seen = judged.join(closest, on=["code", "near"], how="left", maintain_order="left")
    known = seen.join(line.select("code").unique(), on="code", how="semi").get_column("event")
    reach = _minus("time", options.lowest_delay)
    inside = pl.col("closest") <= reach if options.closed in ("both", "left") else pl.col("closest") < reach
    return seen.select(
        pl.when((pl.col("high") > pl.col("low")) | pl.col("owner").is_not_null())
        .then(pl.lit("matched"))
        .when(~pl.col("event").is_in(known.implode()))
        .then(pl.lit("orphans"))
        .when(pl.col("closest").is_null())
        .then(pl.lit("before"))
        .when(~inside)
        .then(pl.lit("too_soon"))
        .otherwise(pl.lit("late"))
    ).to_series()


def _pairs(line: pl.DataFrame, judged: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    owned = judged.filter(pl.col("owner").is_not_null()).select("event", pl.col("owner").alias("number"))
    free = judged.filter(pl.col("owner").is_null() & (pl.col("high") > pl.col("low")))
    low, high = pl.col("low"), pl.col("high")
    if options.mode == "entity" and options.attribution == "first":
        positions = free.select("event", position=low)
    elif options.mode == "entity" and options.attribution == "last":
        positions = free.select("event", position=high - 1)
    else:
        positions = free.select("event", position=pl.int_ranges(low, high)).explode("position", empty_as_null=False)
    numbers = line.select("number").with_row_index("position").with_columns(pl.col("position").cast(pl.Int64))
    return pl.concat([owned, positions.join(numbers, on="position").select("event", "number")])
