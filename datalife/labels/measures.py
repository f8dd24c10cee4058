"""What the summary wants to know of the rows of one partition, in a form that adds up over all of them."""

from __future__ import annotations

import polars as pl

from datalife.durations import DAY, LONGEST
from datalife.labels.model import JoinOptions
from datalife.labels.settling import LABELED, Settled, is_positive
from datalife.labels.times import LEAST


def days(settled: Settled) -> pl.DataFrame:
    """The predictions in hand by the day (UTC) of the prediction, as days since 1970: columns as in `tally.DAYS`."""
    return settled.predictions.group_by((pl.col("time") // DAY).alias("day")).agg(
        predictions=pl.len().cast(pl.Int64),
        settled=pl.col("status").count().cast(pl.Int64),
        labeled=(pl.col("status") == LABELED).sum().cast(pl.Int64),
        judged=pl.col("positive").count().cast(pl.Int64),
        positive=pl.col("positive").sum().cast(pl.Int64),
    )


def watched(settled: Settled, options: JoinOptions, as_of: int | None) -> pl.DataFrame:
    """delay, happened, gone: after how long so many predictions were lost to sight, so many of them by feedback.

    A prediction is watched until its first feedback, else until as-of or the end of its window.
    """
    happened = settled.first_feedback.select("delay", happened=pl.lit(1, pl.Int64))
    without = settled.predictions.filter(~pl.col("number").is_in(settled.first_feedback.get_column("number").implode()))
    now = as_of if as_of is not None else LEAST
    age = now - pl.col("time").clip(max(now - LONGEST, LEAST), now)
    if options.window is not None:
        age = pl.min_horizontal(age, pl.lit(options.window, pl.Int64))
    ends = pl.concat([happened, without.select(delay=age, happened=pl.lit(0, pl.Int64))])
    return ends.group_by(pl.col("delay").clip(lower_bound=0)).agg(
        pl.col("happened").sum(), gone=pl.len().cast(pl.Int64)
    )


def delays(rows: pl.DataFrame) -> pl.DataFrame:
    """delay, count: how often each delay (in seconds) occurs among written rows."""
    found = rows.filter(pl.col("label_delay").is_not_null())
    return found.group_by(delay="label_delay").agg(count=pl.len().cast(pl.Int64))


def labels(rows: pl.DataFrame) -> pl.DataFrame:
    """label, count: how often each label occurs among written rows that have one."""
    found = rows.filter(pl.col("label").is_not_null())
    return found.group_by("label").agg(count=pl.len().cast(pl.Int64))


def about_labels(rows: pl.DataFrame) -> dict[str, int]:
    """Of written rows: how many have no label, how many labels can be judged, and how many of these are positive."""
    positive = is_positive(rows.get_column("label")).drop_nulls()
    missing = rows.get_column("label").null_count()
    return {"missing": missing, "judged": positive.len(), "positive": int(positive.sum() or 0)}
