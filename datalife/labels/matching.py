"""Which predictions an event falls on.

Where a key names one prediction, a join finds it. Where many share one, binary search does, so that no hot key
multiplies rows: the predictions of all keys that have events stand on one line, ordered by key, time and rank. A key
and an instant together are a place on it, a whole number of 128 bits; the eligible predictions of an event are those
between the places of its two window bounds. Everything is exact: instants are whole nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from datalife.labels.admission import key_names
from datalife.labels.model import JoinOptions
from datalife.labels.times import LEAST, MOST

#: Places of one key are nearer to each other than this.
STRIDE = 2**64
PLACE = pl.Int128()


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
    find = _by_key if options.mode == "unique" else _by_place
    return find(predictions, events, options)


def _by_key(predictions: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> Matches:
    """Where each key is that of one prediction at most."""
    keys = key_names(events)
    known = predictions.select(*keys, "number", closest="time")
    told = events.join(known, on=keys, how="left", maintain_order="left")
    started = pl.col("closest").cast(PLACE)
    earliest = pl.lit(LEAST, PLACE) if options.window is None else _back(options.window)
    in_time = started >= earliest if options.closed in ("both", "right") else started > earliest
    reached = _reached(started, options)
    bucket = _bucket(in_time & reached, started.is_null(), started > pl.col("time"), reached)
    judged = told.select("event", "number", bucket=bucket)
    return Matches(
        judged.select("event", "bucket"), judged.filter(pl.col("bucket") == "matched").select("event", "number")
    )


def _by_place(predictions: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> Matches:
    """Where many predictions share a key."""
    keys = key_names(events)
    codes = events.select(keys).unique().with_row_index("code")
    line = predictions.join(codes, on=keys).select("code", "time", "rank", "number").sort("code", "time", "rank")
    coded = events.join(codes, on=keys, maintain_order="left").select("event", "code", "time", "owner")
    placed = coded.with_columns(_positions(line, coded, options))
    judged = placed.with_columns(bucket=_buckets(line, placed, options))
    return Matches(judged.select("event", "bucket"), _pairs(line, judged, options))


def _positions(line: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> list[pl.Series]:
    """low, high, near: the eligible positions are low ... high-1, the closest at or before the event is near-1."""
    earliest = pl.lit(LEAST, PLACE) if options.window is None else _back(options.window)
    bounds: dict[str, tuple[pl.Expr, Literal["left", "right"]]] = {
        "low": (earliest, "left" if options.closed in ("both", "right") else "right"),
        "high": (_back(options.lowest_delay), "right" if options.closed in ("both", "left") else "left"),
        "near": (pl.col("time").cast(PLACE), "right"),
    }
    places = line.select(_place(pl.col("time").cast(PLACE))).to_series()
    return [
        places.search_sorted(events.select(_place(at)).to_series(), side=side).cast(pl.Int64).alias(name)
        for name, (at, side) in bounds.items()
    ]


def _back(length: int) -> pl.Expr:
    """The time of an event less `length` nanoseconds, stopping at the ends of 64 bits."""
    return (pl.col("time").cast(PLACE) - length).clip(LEAST, MOST)


def _place(instant: pl.Expr) -> pl.Expr:
    return pl.col("code").cast(PLACE) * STRIDE + instant


def _buckets(line: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> pl.Series:
    before = line.select("code", closest="time", near=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    known = line.select(pl.col("code").unique(), known=True)
    seen = events.join(before, on=["code", "near"], how="left", maintain_order="left")
    seen = seen.join(known, on="code", how="left", maintain_order="left")
    closest = pl.col("closest").cast(PLACE)
    matched = (pl.col("high") > pl.col("low")) | pl.col("owner").is_not_null()
    return seen.select(
        _bucket(matched, pl.col("known").is_null(), closest.is_null(), _reached(closest, options))
    ).to_series()


def _reached(started: pl.Expr, options: JoinOptions) -> pl.Expr:
    """Whether an event comes late enough after its prediction for the lower end of the window."""
    latest = _back(options.lowest_delay)
    return started <= latest if options.closed in ("both", "left") else started < latest


def _bucket(matched: pl.Expr, is_orphan: pl.Expr, is_before: pl.Expr, reached: pl.Expr) -> pl.Expr:
    """The first bucket that fits; the closest prediction at or before the event tells `too_soon` and `late` apart."""
    return (
        pl.when(matched)
        .then(pl.lit("matched"))
        .when(is_orphan)
        .then(pl.lit("orphans"))
        .when(is_before)
        .then(pl.lit("before"))
        .when(reached)
        .then(pl.lit("late"))
        .otherwise(pl.lit("too_soon"))
    )


def _pairs(line: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """event, number; an event that belongs to a row already goes to that prediction again."""
    owned = events.filter(pl.col("owner").is_not_null()).select("event", number="owner")
    free = events.filter(pl.col("owner").is_null() & (pl.col("high") > pl.col("low")))
    if options.mode == "entity" and options.attribution == "first":
        positions = free.select("event", position="low")
    elif options.mode == "entity" and options.attribution == "last":
        positions = free.select("event", position=pl.col("high") - 1)
    else:
        every = free.select("event", position=pl.int_ranges("low", "high"))
        positions = every.explode("position", empty_as_null=False)
    found = line.get_column("number").gather(positions.get_column("position"))
    return pl.concat([owned, positions.select("event").with_columns(found.alias("number"))])
