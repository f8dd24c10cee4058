"""One run: which rows become final now, with which label, and where every event stands."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datalife.durations import SECOND
from datalife.errors import UsageError
from datalife.labels.admission import key_names
from datalife.labels.matching import match_events
from datalife.labels.model import JoinOptions
from datalife.labels.policies import check_policy, number_of, outcomes
from datalife.labels.times import LEAST
from datalife.sources.types import TEXT_TYPES, logical_type

LABELED, NEGATIVE, UNLABELED, PENDING = "labeled", "negative", "unlabeled", "pending"
LATE_ARRIVALS = "late_arrivals"


@dataclass(frozen=True)
class Moment:
    """When a run is: its number, as-of (None: no feedback yet), and the instant before which rows are refused."""

    run: int
    as_of: int | None
    oldest: int


@dataclass
class Settled:
    """After a run.

    `predictions`: number, k0 ..., time, rank, settled, emitted, revision, status, positive of all in hand.
    `written`: number, time, label, label_time, label_delay, label_status, n_feedback, revision of the rows final
    now or revised. `pending`: number, time, n_feedback. `events`: the distinct valid events with bucket, seen,
    owner. `first_feedback`: number, delay of its earliest event in the window. `conflicts`: number, k0 ...,
    events of the predictions with several events, with `--policy error`.
    """

    predictions: pl.DataFrame
    written: pl.DataFrame
    pending: pl.DataFrame
    events: pl.DataFrame
    first_feedback: pl.DataFrame
    conflicts: pl.DataFrame


def settle(predictions: pl.DataFrame, events: pl.DataFrame, options: JoinOptions, moment: Moment) -> Settled:
    """Matches what is visible as of `moment` and settles what has closed.

    Raises:
        UsageError: the labels do not suit the policy or the implicit label.
    """
    check_policy(options.policy, events.schema["label"])
    events = _seen(events.with_row_index("event").with_columns(pl.col("event").cast(pl.Int64)), moment, options)
    visible = events.filter(pl.col("bucket") != "future")
    matches = match_events(predictions, visible, options)
    pairs = _pairs(matches.pairs, visible, predictions)
    counting = pairs.filter(_counts(options, moment))
    found = outcomes(counting.select("number", "time", "tie", "label"), options.policy)
    judged = predictions.join(found, on="number", how="left", maintain_order="left")
    judged = _judged(judged, options, moment)
    final = judged.filter(pl.col("final") | pl.col("revised"))
    written = _written(final, options)
    rest = judged.filter(~(pl.col("final") | pl.col("revised")))
    return Settled(
        predictions=pl.concat([rest.select(_standing(rest)), _after(final, written, moment)]),
        written=written,
        pending=judged.filter(~pl.col("final") & pl.col("settled").is_null()).select(
            "number", "time", pl.col("n_feedback").fill_null(0)
        ),
        events=_accounted(events, matches.events, pairs, _owners(counting, written, options)),
        first_feedback=pairs.group_by("number").agg(delay=(pl.col("time") - pl.col("started")).min()),
        conflicts=_conflicts(counting.clear() if options.policy != "error" else counting, predictions),
    )


def _seen(events: pl.DataFrame, moment: Moment, options: JoinOptions) -> pl.DataFrame:
    """With the run in which each event became visible, and bucket `future` where it is not yet."""
    as_of = moment.as_of if moment.as_of is not None else LEAST
    visible = pl.col("time") <= as_of
    if options.arrival is not None:
        visible &= (pl.col("arrival") <= as_of).fill_null(False)
    visible |= pl.col("seen").is_not_null()
    before = pl.when(pl.col("bucket") != "future").then(pl.col("bucket")).fill_null("")
    return events.with_columns(
        seen=pl.coalesce("seen", pl.when(visible).then(pl.lit(moment.run, pl.Int64))),
        bucket=pl.when(visible).then(before).otherwise(pl.lit("future")),
    )


def _pairs(pairs: pl.DataFrame, events: pl.DataFrame, predictions: pl.DataFrame) -> pl.DataFrame:
    """Each event beside each prediction it falls on: event, number, time, tie, label, seen, settled, emitted."""
    told = pairs.join(events.select("event", "time", "tie", "label", "seen"), on="event")
    own = predictions.select("number", "settled", "emitted", started="time")
    return told.join(own, on="number")


def _counts(options: JoinOptions, moment: Moment) -> pl.Expr:
    """Whether the events of a prediction decide its label in this run."""
    open_ = pl.col("settled").is_null()
    if options.on_late_arrival == "ignore":
        return open_
    news = (pl.col("seen") > pl.col("emitted")).any().over("number")
    return open_ | (news & (pl.col("started") >= moment.oldest))


def _conflicts(pairs: pl.DataFrame, predictions: pl.DataFrame) -> pl.DataFrame:
    several = pairs.group_by("number").agg(events=pl.len()).filter(pl.col("events") > 1)
    return predictions.select("number", *key_names(predictions)).join(several, on="number")


def _judged(rows: pl.DataFrame, options: JoinOptions, moment: Moment) -> pl.DataFrame:
    """With `final` (settled in this run) and `revised` (settled before, and different feedback since)."""
    known = pl.col("n_feedback").is_not_null()
    closed = pl.lit(False)
    if moment.as_of is not None and options.open_for is not None:
        closed = pl.col("time") <= max(moment.as_of - options.open_for, LEAST)
    if options.settle == "on-match":
        closed |= known & (pl.col("label") if options.policy == "any" else pl.lit(True))
    open_ = pl.col("settled").is_null()
    return rows.with_columns(final=open_ & closed.fill_null(False), revised=~open_ & known)


def _written(rows: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    implicit = implicit_value(options.implicit_label, rows.schema["label"])
    labels = with_implicit(rows.get_column("label"), rows.get_column("n_feedback").is_null(), implicit)
    without = UNLABELED if implicit is None else NEGATIVE
    seconds = pl.col("label_time") // SECOND - pl.col("time") // SECOND
    rest = pl.col("label_time") % SECOND - pl.col("time") % SECOND
    return rows.select(
        "number",
        "time",
        labels.alias("label"),
        "label_time",
        label_delay=seconds + rest / SECOND,
        label_status=pl.when(pl.col("n_feedback").is_null()).then(pl.lit(without)).otherwise(pl.lit(LABELED)),
        n_feedback=pl.col("n_feedback").fill_null(0),
        revision=pl.when(pl.col("revised")).then(pl.col("revision") + 1).otherwise(0).cast(pl.Int64),
    )


def implicit_value(text: str | None, dtype: pl.DataType) -> pl.Series | None:
    """The implicit label as a series of one value, of the narrowest type that stands beside labels of `dtype`.

    Raises:
        UsageError: no value of it stands beside them.
    """
    if text is None:
        return None
    if dtype == pl.String:
        return pl.Series([text])
    frame = pl.DataFrame({"text": [text]})
    own = next(each for each in TEXT_TYPES if frame.select(each.fits(pl.col("text"))).item())
    value = frame.select(own.values(pl.col("text"))).to_series()
    kinds = {logical_type(dtype), own.name}
    alike = len(kinds) == 1 or "null" in kinds or kinds <= {"integer", "float"} or kinds == {"boolean", "integer"}
    if not alike or (dtype.is_numeric() and own.name == "boolean"):
        message = f"{text!r} is no value beside labels of type {logical_type(dtype)}"
        raise UsageError("--implicit-label", message, "write it as the labels are written, such as 0 or false")
    return value


def with_implicit(labels: pl.Series, missing: pl.Series, implicit: pl.Series | None) -> pl.Series:
    """The labels with the implicit one where there is none, in one type: true beside 0 is 1."""
    if implicit is None:
        return labels
    dtype = implicit.dtype if labels.dtype in (pl.Null, pl.Boolean) else labels.dtype
    if implicit.dtype == pl.Float64 and dtype.is_integer():
        dtype = pl.Float64()
    filled = pl.select(pl.when(missing).then(pl.lit(implicit.cast(dtype)[0], dtype)).otherwise(labels.cast(dtype)))
    return filled.to_series()


def is_positive(labels: pl.Series) -> pl.Series:
    """Whether each label is true or above zero; null for missing labels, NaN and labels of other types."""
    if labels.dtype == pl.Boolean:
        return labels
    if labels.dtype.is_numeric():
        return labels.to_frame("label").select(number_of(pl.col("label"), labels.dtype) > 0).to_series()
    return pl.repeat(None, labels.len(), dtype=pl.Boolean, eager=True)


def _standing(rows: pl.DataFrame) -> list[str]:
    """The columns of predictions as they stand."""
    return ["number", *key_names(rows), "time", "rank", "settled", "emitted", "revision", "status", "positive"]


def _after(rows: pl.DataFrame, written: pl.DataFrame, moment: Moment) -> pl.DataFrame:
    """The predictions whose rows are `written`, in the same order, as they stand after the run."""
    run = pl.lit(moment.run, pl.Int64)
    told = rows.with_columns(
        settled=pl.coalesce("settled", run),
        emitted=run,
        revision=written.get_column("revision"),
        status=written.get_column("label_status"),
        positive=is_positive(written.get_column("label")),
    )
    return told.select(_standing(rows))


def _accounted(events: pl.DataFrame, judged: pl.DataFrame, pairs: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """The events with their buckets and owners; `late_arrivals` came after all their rows were settled."""
    is_late = (pl.col("settled") < pl.col("seen")).fill_null(False)
    found = pairs.group_by("event").agg(came_late=is_late.all())
    told = events
    for more in (judged.rename({"bucket": "now"}), found, owners):
        told = told.join(more, on="event", how="left", maintain_order="left")
    bucket = (
        pl.when(_stays())
        .then(pl.col("bucket"))
        .when(pl.col("came_late"))
        .then(pl.lit(LATE_ARRIVALS))
        .otherwise(pl.coalesce("now", "bucket"))
    )
    return told.with_columns(bucket=bucket, owner=pl.coalesce("owner", "new_owner")).select(events.columns[1:])


def _stays() -> pl.Expr:
    """Whether an event stays in its bucket because the prediction that gave it is no longer remembered.

    What was matched stays so, and what came late until another match (`came_late` is null where there is none). What
    was too soon or late is told anew where a prediction is remembered at or before it: a forgotten one is further away,
    or tells the same.
    """
    had_row = (pl.col("bucket") == "matched") | ((pl.col("bucket") == LATE_ARRIVALS) & pl.col("came_late").is_null())
    had_none = pl.col("bucket").is_in(["too_soon", "late"]) & pl.col("now").is_in(["orphans", "before"])
    return had_row | had_none


def _owners(counting: pl.DataFrame, written: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """event, new_owner: where an event goes to one of several predictions, it stays with a row once written."""
    if options.mode == "unique" or options.attribution == "all":
        counting = counting.clear()
    owned = counting.join(written.select("number"), on="number", how="semi")
    return owned.group_by("event").agg(new_owner=pl.col("number").min())
