"""One run of a join: what is remembered and what is read, put together and settled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars as pl

from datalife.errors import UsageError
from datalife.labels.admission import admit_events, admit_predictions, key_names
from datalife.labels.intake import Intake
from datalife.labels.keys import Part, as_key, key_type
from datalife.labels.model import JoinOptions
from datalife.labels.reading import Narrow, Side, feedback_side, prediction_side, read_events, read_predictions
from datalife.labels.rows import Rows
from datalife.labels.settling import Moment, Settled, settle
from datalife.labels.state import Account, Memory
from datalife.labels.times import LEAST, Clock, parse_time, show_instant
from datalife.sources.types import common_type, logical_type

#: What is remembered of a prediction beside its number, key and time, as it is before it is settled.
STANDING = {
    "rank": pl.lit(0, pl.Int64),
    "settled": pl.lit(None, pl.Int64),
    "emitted": pl.lit(None, pl.Int64),
    "revision": pl.lit(0, pl.Int64),
    "status": pl.lit(None, pl.String),
    "positive": pl.lit(None, pl.Boolean),
}
#: The same of an event that nobody has seen.
UNSEEN = {"seen": pl.lit(None, pl.Int64), "owner": pl.lit(None, pl.Int64), "bucket": pl.lit(None, pl.String)}
EVENT = ("time", "label", "tie", "identity", "arrival", *UNSEEN)


@dataclass
class Outcome:
    """What a run found. `read` counts rows over all runs; `expired` and `dropped` are predictions left out."""

    moment: Moment
    settled: Settled
    predictions: Narrow
    events: Narrow
    expired: pl.DataFrame
    dropped: pl.Series
    read: Counter[str]
    naive: bool | None
    key_types: list[str]

    def repeats(self, account: Account) -> bool:
        """Whether the run read nothing and stands at the as-of of the run before."""
        return not self.predictions.total and not self.events.total and self.moment.as_of == account.as_of


def run_join(intake: Intake, memory: Memory, rows: Rows, options: JoinOptions) -> Outcome:
    """Reads both sides in narrow form, admits what counts, and settles what has closed.

    Raises:
        UsageError, SourceError: see `join_labels`.
    """
    clock = Clock(options.time_unit, options.naive_tz, options.ambiguous)
    sides = prediction_side(intake.predictions, options), feedback_side(intake.feedback, options)
    key_types = _key_types(sides, memory, options)
    predictions = read_predictions(sides[0], key_types, clock)
    events = read_events(sides[1], key_types, clock, options.label is not None)
    moment = _moment(events.rows, memory.account, options, clock)

    fresh = predictions.rows.with_columns(number=pl.col("row") + rows.base)
    expired = fresh.filter(pl.col("time") < moment.oldest)
    fresh = fresh.filter(pl.col("time") >= moment.oldest)
    admitted = admit_predictions(_with_remembered(fresh, memory.predictions, key_types), rows, options)
    candidates = _with_remembered_events(events.rows, memory.events, key_types)
    distinct = admit_events(candidates, options).drop("row")
    read = Counter(memory.account.counts) + Counter(
        prediction_rows=predictions.total,
        duplicate_predictions=admitted.dropped.len(),
        invalid_predictions=predictions.refused.height,
        expired=expired.height,
        feedback_rows=events.total,
        duplicate_feedback=candidates.height - distinct.height,
        invalid_feedback=events.refused.height,
    )
    return Outcome(
        moment,
        settle(admitted.rows, distinct, options, moment),
        predictions,
        events,
        expired,
        admitted.dropped,
        read,
        _naivety(predictions, events, memory.account.naive, options),
        _logical_types(sides, memory, key_types, options),
    )


def _remembered_type(memory: Memory, position: int) -> pl.DataType:
    """The type of a part of the key in the state; text that stands for numbers counts as numbers."""
    if memory.predictions is None:
        return pl.Null()
    if memory.account.key_types[position] == "float":
        return pl.Float64()
    return memory.predictions.schema[f"k{position}"]


def _key_types(sides: tuple[Side, Side], memory: Memory, options: JoinOptions) -> list[pl.DataType]:
    types = []
    for position, (left, right) in enumerate(options.key):
        parts = [
            Part("predictions", left, sides[0].key_types[position]),
            Part("feedback", right, sides[1].key_types[position]),
            Part("state", left, _remembered_type(memory, position)),
        ]
        types.append(key_type(parts, options.key_cast))
    return types


def _logical_types(
    sides: tuple[Side, Side], memory: Memory, key_types: list[pl.DataType], options: JoinOptions
) -> list[str]:
    """What the state says about each part of the key: numbers that are compared as text are `float`."""
    names = []
    for position, dtype in enumerate(key_types):
        own = [side.key_types[position] for side in sides] + [_remembered_type(memory, position)]
        numeric = options.key_cast == "strict" and any(each.is_numeric() for each in own)
        names.append("float" if numeric and dtype == pl.String else logical_type(dtype))
    return names


def _moment(events: pl.DataFrame, account: Account, options: JoinOptions, clock: Clock) -> Moment:
    """When this run is.

    Raises:
        UsageError: as-of is before that of the last run.
    """
    previous = account.as_of
    if options.as_of is not None:
        as_of: int | None = parse_time(options.as_of, "--as-of", clock)
    else:
        newest = events.select(pl.col("time").max()).item()
        as_of = max((time for time in (previous, newest) if time is not None), default=None)
    if as_of is not None and previous is not None and as_of < previous:
        message = f"{show_instant(as_of)} is before that of the last run, {show_instant(previous)}"
        raise UsageError("--as-of", message, "as-of may not go back; without the option the last one stands")
    oldest = LEAST if previous is None or options.memory is None else max(previous - options.memory, LEAST)
    return Moment(account.run + 1, as_of, oldest)


def _naivety(predictions: Narrow, events: Narrow, before: bool | None, options: JoinOptions) -> bool | None:
    """Whether times come without an offset (None: nobody can tell yet).

    Raises:
        UsageError: some do and some do not, and no zone is given for those that do not.
    """
    naive = predictions.naive + events.naive > 0 or before is True
    aware = predictions.aware + events.aware > 0 or before is False
    if naive and aware and options.naive_tz is None:
        who = "predictions" if predictions.naive else "feedback" if events.naive else "state"
        message = f"times in the {who} have no offset, and other times have one"
        raise UsageError("--naive-tz", message, "--naive-tz UTC (or another zone) says what they mean")
    return True if naive else False if aware else None


def _keyed(frame: pl.DataFrame, key_types: list[pl.DataType]) -> pl.DataFrame:
    """Remembered rows with their keys in the types of this run."""
    return frame.with_columns(
        as_key(pl.col(name), frame.schema[name], dtype).alias(name)
        for name, dtype in zip(key_names(frame), key_types, strict=True)
    )


def _with_remembered(fresh: pl.DataFrame, known: pl.DataFrame | None, key_types: list[pl.DataType]) -> pl.DataFrame:
    """The remembered predictions and the new ones: number, k0 ..., time and STANDING."""
    new = fresh.select("number", *key_names(fresh), "time", **STANDING)
    return new if known is None else pl.concat([_keyed(known, key_types).select(new.columns), new])


def _with_remembered_events(
    fresh: pl.DataFrame, known: pl.DataFrame | None, key_types: list[pl.DataType]
) -> pl.DataFrame:
    """The remembered events and the new ones, in types that hold both; `row` is null where remembered.

    Raises:
        UsageError: their labels or tie-breaks have nothing in common.
    """
    new = fresh.with_columns(**UNSEEN).select("row", *key_names(fresh), *EVENT)
    if known is None:
        return new
    old = _keyed(known, key_types).with_columns(row=pl.lit(None, pl.Int64)).select(new.columns)
    types: dict[Any, Any] = {}
    for name, flag in (("label", "--label"), ("tie", "--tie-break")):
        joint = common_type(old.schema[name], new.schema[name])
        if joint is None:
            message = f"is {logical_type(new.schema[name])} here and {logical_type(old.schema[name])} in the state"
            raise UsageError(flag, message, "write it as before, or begin a new state directory")
        types[name] = joint
    return pl.concat([old.cast(types), new.cast(types)])


def remember(outcome: Outcome, account: Account, rows: Rows, options: JoinOptions) -> Memory:
    """What the next run needs to know: the predictions and events that can still meet, and the account.

    A settled prediction is kept as long as an event that is kept can have matched it, so that no key is opened
    again and every count stays what it is. What is forgotten stays in the counts.
    """
    as_of, length = outcome.moment.as_of, options.memory
    oldest = LEAST if as_of is None or length is None else as_of - length
    reach = (options.window or 0) - options.lowest_delay
    predictions, events = outcome.settled.predictions, outcome.settled.events
    open_ = pl.col("settled").is_null() | (pl.col("time") >= max(oldest - reach, LEAST))
    near = pl.col("time") >= max(oldest + options.lowest_delay, LEAST)
    gone = Counter(account.gone)
    gone += Counter(dict(predictions.filter(~open_).get_column("status").value_counts().rows()))
    gone += Counter(dict(events.filter(~near).get_column("bucket").value_counts().rows()))
    return Memory(
        Account(
            run=outcome.moment.run,
            as_of=as_of,
            naive=outcome.naive,
            next_number=rows.stop,
            key_types=outcome.key_types,
            names=list(rows.schema),
            counts=dict(sorted(outcome.read.items())),
            gone=dict(sorted(gone.items())),
            consumed=account.consumed,
            written=account.written,
        ),
        predictions.filter(open_).sort("number"),
        events.filter(near).select(*key_names(events), *EVENT),
    )
