"""One run of a join: both sides are spread over partitions, and each of these is settled by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from datalife.engine import Engine
from datalife.errors import EngineError, UsageError
from datalife.labels.intake import Intake
from datalife.labels.keys import Part, key_type
from datalife.labels.model import JoinOptions
from datalife.labels.partition import CONTENTS, Task, settle_partition
from datalife.labels.partitions import Partitions, partitions_for, push, whole
from datalife.labels.reading import Side, feedback_side, prediction_side
from datalife.labels.rows import Rows
from datalife.labels.settling import Moment
from datalife.labels.spreading import EXPIRED, Read, Spreading
from datalife.labels.state import Account, Memory
from datalife.labels.tally import Tally, refuse_conflicts, together
from datalife.labels.times import LEAST, Clock, parse_time, show_instant
from datalife.sources.types import logical_type


@dataclass
class Outcome:
    """What a run found. `read` counts rows over all runs; `predictions` and `events` are about this one."""

    moment: Moment
    tally: Tally
    predictions: Read
    events: Read
    read: Counter[str]
    naive: bool | None
    key_types: list[str]

    def repeats(self, account: Account) -> bool:
        """Whether the run read nothing and stands at the as-of of the run before."""
        return not self.predictions.rows and not self.events.rows and self.moment.as_of == account.as_of


@dataclass(frozen=True)
class Desk:
    """Where a run works: a folder for its temporary files, and the runs that somebody will read."""

    folder: Path
    wanted: frozenset[str]


def run_join(intake: Intake, memory: Memory, rows: Rows, options: JoinOptions, desk: Desk) -> Outcome:
    """Reads both sides in narrow form, admits what counts, and settles what has closed.

    Raises:
        UsageError, SourceError: see `join_labels`.
    """
    clock = Clock(options.time_unit, options.naive_tz, options.ambiguous)
    sides = prediction_side(intake.predictions, options), feedback_side(intake.feedback, options)
    key_types = _key_types(sides, memory, options)
    partitions = Partitions(desk.folder, partitions_for(_size(intake, memory)))
    oldest = _oldest(memory.account, options)
    spreading = Spreading(desk.folder, partitions, options, key_types, clock, rows.base, oldest)
    predictions = spreading.predictions(sides[0], memory.predictions)
    events = spreading.events(sides[1], memory.events)
    naive = _naivety(predictions, events, memory.account.naive, options)
    moment = Moment(memory.account.run + 1, _as_of(events.newest, memory.account, options, clock), oldest)
    tasks = [Task(folder, options, moment, rows.base, desk.wanted) for folder in partitions.folders]
    tally = _settled(tasks, rows, intake.predictions.engine)
    refuse_conflicts(tally)
    return Outcome(
        moment,
        tally,
        predictions,
        events,
        Counter(memory.account.counts) + _counted(predictions, events, tally),
        naive,
        _logical_types(sides, memory, key_types, options),
    )


def _size(intake: Intake, memory: Memory) -> int:
    """The rows of both sides, before any filter, with those remembered."""
    shards = [*intake.predictions.shards, *intake.feedback.shards]
    tables = [table for table in (memory.predictions, memory.events) if table]
    return sum(shard.rows for shard in shards) + sum(table.rows for table in tables)


def _settled(tasks: Sequence[Task], rows: Rows, engine: Engine) -> Tally:
    """Settles every partition; those that ask for wide rows once more, when they have them."""
    tallies = engine.reduce(tasks, _settled_alone, _in_order)
    asking = [position for position, tally in enumerate(tallies) if tally.asks]
    if asking:
        _hand_over([tasks[position].folder for position in asking], rows)
        again = engine.reduce([tasks[position] for position in asking], _settled_alone, _in_order)
        for position, tally in zip(asking, again, strict=True):
            tallies[position] = tally
    return together(tallies)


def _settled_alone(task: Task) -> list[Tally]:
    if not task.folder.is_dir():
        hint = "set TMPDIR to a folder that all machines share"
        raise EngineError(str(task.folder), "a worker does not see this folder of the partitions", hint)
    return [settle_partition(task)]


def _in_order(tallies: Sequence[list[Tally]]) -> list[Tally]:
    return [tally for each in tallies for tally in each]


def _hand_over(folders: Sequence[Path], rows: Rows) -> None:
    """Gives each partition the wide rows that it asked for, in one pass over the data."""
    asked = [whole(folder / "asked") for folder in folders]
    for folder in folders:
        push(folder / CONTENTS, rows.empty)
    for block in rows.blocks():
        in_block = pl.col("number").is_between(block.first, block.stop, closed="left")
        here = [numbers.filter(in_block) for numbers in asked]
        frame = block.read() if any(numbers.height for numbers in here) else rows.empty
        for folder, numbers in zip(folders, here, strict=True):
            if numbers.height:
                push(folder / CONTENTS, frame.join(numbers, on="number", how="semi"))


def _counted(predictions: Read, events: Read, tally: Tally) -> Counter[str]:
    """The counts of the rows read in this run that do not stand for a prediction or an event."""
    expired = predictions.refused[EXPIRED]
    return Counter(
        prediction_rows=predictions.rows,
        duplicate_predictions=tally.read["duplicate_predictions"],
        invalid_predictions=predictions.refused.total() - expired,
        expired=expired,
        feedback_rows=events.rows,
        duplicate_feedback=tally.read["duplicate_feedback"] + events.copies,
        invalid_feedback=events.refused.total(),
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


def _oldest(account: Account, options: JoinOptions) -> int:
    """The instant before which predictions are refused."""
    if account.as_of is None or options.memory is None:
        return LEAST
    return max(account.as_of - options.memory, LEAST)


def _as_of(newest: int | None, account: Account, options: JoinOptions, clock: Clock) -> int | None:
    """When this run is: by the option, else the newest event (`newest` of those read now) over all runs.

    Raises:
        UsageError: it is before that of the last run.
    """
    previous = account.as_of
    if options.as_of is None:
        return max((time for time in (previous, newest) if time is not None), default=None)
    as_of = parse_time(options.as_of, "--as-of", clock)
    if previous is not None and as_of < previous:
        message = f"{show_instant(as_of)} is before that of the last run, {show_instant(previous)}"
        raise UsageError("--as-of", message, "as-of may not go back; without the option the last one stands")
    return as_of


def _naivety(predictions: Read, events: Read, before: bool | None, options: JoinOptions) -> bool | None:
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
