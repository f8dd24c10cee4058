"""One run of a join: both sides are spread over partitions, and each of these is settled by itself."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

import polars as pl

from datalife.engine import Engine
from datalife.errors import UsageError
from datalife.labels.intake import Intake
from datalife.labels.keys import Part, key_type
from datalife.labels.model import JoinOptions
from datalife.labels.partition import ASKED, Task, settle_partition
from datalife.labels.partitions import SHARED, Division, Stack, check_seen, new_file, partitions_for, remove
from datalife.labels.reading import Side, feedback_side, narrow_events, narrow_predictions, prediction_side
from datalife.labels.rows import Block, Rows
from datalife.labels.runs import Runs, write_together
from datalife.labels.settling import Moment
from datalife.labels.spreading import EXPIRED, Read, Spreading, event_types, portions
from datalife.labels.state import Account, Memory
from datalife.labels.tally import Tally, refuse_conflicts, together
from datalife.labels.times import LEAST, Clock, parse_time, show_instant
from datalife.sources.types import logical_type

#: The predictions and the feedback.
Sides = tuple[Side, Side]
P = TypeVar("P")
#: Runs of one kind that are read side by side.
SIDE_BY_SIDE = 64


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
    sides = prediction_side(intake.predictions, options), feedback_side(intake.feedback, options)
    division = Division(desk.folder, partitions_for(_size(intake, memory)))
    spreading = _spreading(sides, memory, options, division)
    engine = intake.predictions.engine
    spread, stacks = spreading.run(list(portions(sides, spreading.tables)), engine)
    predictions, events = spread.predictions, spread.events
    naive = _naivety(predictions, events, memory.account.naive, options)
    moment = Moment(memory.account.run + 1, _as_of(events.newest, memory.account, options), spreading.oldest)
    task = Task(division.folder, stacks, options, moment, rows.base, desk.wanted)
    tally = _settled(task, division, rows, engine)
    refuse_conflicts(tally)
    remove(chain.from_iterable(spread.files.values()))
    return Outcome(
        moment,
        _gathered(tally, desk, engine),
        predictions,
        events,
        Counter(memory.account.counts) + _counted(predictions, events, tally),
        naive,
        _logical_types(sides, memory, spreading.key_types, options),
    )


def _size(intake: Intake, memory: Memory) -> int:
    """The rows of both sides, before any filter, with those remembered."""
    shards = [*intake.predictions.shards, *intake.feedback.shards]
    tables = [table for table in (memory.predictions, memory.events) if table]
    return sum(shard.rows for shard in shards) + sum(table.rows for table in tables)


def _spreading(sides: Sides, memory: Memory, options: JoinOptions, division: Division) -> Spreading:
    """How the rows of both sides and of the state are spread.

    Raises:
        UsageError: types that cannot meet.
    """
    clock, key_types = _clock(options), _key_types(sides, memory, options)
    return Spreading(
        division,
        options,
        key_types,
        narrow_predictions(sides[0], key_types, clock),
        narrow_events(sides[1], key_types, clock, options.label is not None),
        event_types(sides[1], options, memory.events),
        (memory.predictions, memory.events),
        memory.account.next_number,
        _oldest(memory.account, options),
    )


def _settled(task: Task, division: Division, rows: Rows, engine: Engine) -> Tally:
    """Settles every partition; those that ask for wide rows once more, when they have them."""
    tallies = engine.reduce(range(division.count), partial(_settled_alone, task), _in_order)
    asking = [number for number, tally in enumerate(tallies) if tally.asks]
    if asking:
        contents = _contents([task.at(number) for number in asking], division, rows, engine)
        told = replace(task, stacks=replace(task.stacks, contents=contents))
        again = engine.reduce(asking, partial(_settled_alone, told), _in_order)
        for number, tally in zip(asking, again, strict=True):
            tallies[number] = tally
    return together(tallies)


def _settled_alone(task: Task, number: int) -> list[Tally]:
    check_seen(task.desk, SHARED)
    return [settle_partition(task.at(number))]


def _contents(asking: Sequence[Task], division: Division, rows: Rows, engine: Engine) -> Stack:
    """The wide rows that partitions asked for, read where the engine says."""
    asked = Runs([task.folder / ASKED for task in asking], "number")
    pieces = []
    for block, told in rows.blocks_with(asked):
        pieces.append((block, new_file(division.folder)))
        told.write_ipc(pieces[-1][1])
    paths: list[Path] = engine.reduce(pieces, partial(_read_asked, division), _in_order)
    return Stack(rows.empty, paths)


def _read_asked(division: Division, piece: tuple[Block, Path]) -> list[Path]:
    """The rows of a block that are named in a file (number, partition), divided by that."""
    block, asked = piece
    full = block.read().join(pl.read_ipc(asked), on="number", maintain_order="left")
    return division.write(full.drop("partition"), full.get_column("partition"))


def _gathered(tally: Tally, desk: Desk, engine: Engine) -> Tally:
    """The same with fewer and longer runs, where there are many: each one that is read beside others takes time."""
    if len(tally.folders) <= SIDE_BY_SIDE:
        return tally
    width = math.isqrt(len(tally.folders))
    groups = [tally.folders[start : start + width] for start in range(0, len(tally.folders), width)]
    folders: list[Path] = engine.reduce(groups, partial(_gather, desk), _in_order)
    for folder in tally.folders:
        shutil.rmtree(folder)
    return replace(tally, folders=folders)


def _gather(desk: Desk, folders: Sequence[Path]) -> list[Path]:
    """The runs of some partitions as one of each kind, in a new folder."""
    folder = Path(tempfile.mkdtemp(dir=desk.folder))
    for name in desk.wanted:
        write_together(Tally([*folders]).runs(name), folder / name)
    return [folder]


def _in_order(several: Sequence[list[P]]) -> list[P]:
    return [one for each in several for one in each]


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


def _key_types(sides: Sides, memory: Memory, options: JoinOptions) -> list[pl.DataType]:
    types = []
    for position, (left, right) in enumerate(options.key):
        parts = [
            Part("predictions", left, sides[0].key_types[position]),
            Part("feedback", right, sides[1].key_types[position]),
            Part("state", left, _remembered_type(memory, position)),
        ]
        types.append(key_type(parts, options.key_cast))
    return types


def _logical_types(sides: Sides, memory: Memory, key_types: Sequence[pl.DataType], options: JoinOptions) -> list[str]:
    """What the state says about each part of the key: numbers that are compared as text are `float`."""
    names = []
    for position, dtype in enumerate(key_types):
        own = [side.key_types[position] for side in sides] + [_remembered_type(memory, position)]
        numeric = options.key_cast == "strict" and any(each.is_numeric() for each in own)
        names.append("float" if numeric and dtype == pl.String else logical_type(dtype))
    return names


def _clock(options: JoinOptions) -> Clock:
    return Clock(options.time_unit, options.naive_tz, options.ambiguous)


def _oldest(account: Account, options: JoinOptions) -> int:
    """The instant before which predictions are refused."""
    if account.as_of is None or options.memory is None:
        return LEAST
    return max(account.as_of - options.memory, LEAST)


def _as_of(newest: int | None, account: Account, options: JoinOptions) -> int | None:
    """When this run is: by the option, else the newest event (`newest` of those read now) over all runs.

    Raises:
        UsageError: it is before that of the last run.
    """
    previous = account.as_of
    if options.as_of is None:
        return max((time for time in (previous, newest) if time is not None), default=None)
    as_of = parse_time(options.as_of, "--as-of", _clock(options))
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
