"""Which predictions an event falls on: by binary search, so that no hot key multiplies rows.

The predictions of all keys that have events stand on one line, ordered by key, time and rank. A key and an
instant together are a place on it, a whole number of 128 bits; the eligible predictions of an event are those
between the places of its two window bounds. Everything is exact: instants are whole nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

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
    keys = [name for name in events.columns if name[0] == "k"]
    codes = events.select(keys).unique().with_row_index("code")
    line = predictions.join(codes, on=keys).select("code", "time", "rank", "number").sort("code", "time", "rank")
    coded = events.join(codes, on=keys, maintain_order="left").select("event", "code", "time", "owner")
    placed = coded.with_columns(_positions(line, coded, options))
    judged = placed.with_columns(bucket=_bucket(line, placed, options))
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


def _bucket(line: pl.DataFrame, events: pl.DataFrame, options: JoinOptions) -> pl.Series:
    """The first bucket that fits. `too_soon` and `late` are told by the closest prediction at or before the event."""
    before = line.select("code", closest="time", near=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    known = line.select(pl.col("code").unique(), known=True)
    seen = events.join(before, on=["code", "near"], how="left", maintain_order="left")
    seen = seen.join(known, on="code", how="left", maintain_order="left")
    closest, reach = pl.col("closest").cast(PLACE), _back(options.lowest_delay)
    return seen.select(
        pl.when((pl.col("high") > pl.col("low")) | pl.col("owner").is_not_null())
        .then(pl.lit("matched"))
        .when(pl.col("known").is_null())
        .then(pl.lit("orphans"))
        .when(closest.is_null())
        .then(pl.lit("before"))
        .when(closest > reach if options.closed in ("both", "left") else closest >= reach)
        .then(pl.lit("too_soon"))
        .otherwise(pl.lit("late"))
    ).to_series()


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
