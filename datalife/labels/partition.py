"""One partition: the predictions and events of some keys, settled by themselves.

`settle_partition` reads its part of the stacks, writes runs to a folder of its own and returns what can be added up. It
needs nothing else and changes nothing else, so that partitions may be settled in any order, anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from datalife.labels import measures
from datalife.labels.admission import admit_events, admitted, conflicting, divided, key_names, shared_columns, tied
from datalife.labels.matching import match_events
from datalife.labels.model import JoinOptions
from datalife.labels.partitions import Stack
from datalife.labels.runs import write_run
from datalife.labels.settling import LATE_ARRIVALS, PENDING, Moment, Settled, settle
from datalife.labels.tally import DAYS, RUNS, Conflict, Tally
from datalife.labels.times import LEAST

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
#: The run of the predictions whose wide rows are asked for.
ASKED = "asked"


@dataclass(frozen=True)
class Stacks:
    """The narrow rows of all partitions: predictions read now and remembered ones, and events.

    `contents` are the wide rows that partitions asked for, once there are any.
    """

    fresh: Stack
    remembered: Stack
    events: Stack
    contents: Stack | None = None


@dataclass(frozen=True)
class Task:
    """What settling a partition, that of this `number`, needs; its runs go to a folder in `desk`.

    `base` is the number of the first prediction that was read in this run. `wanted` are the names of the runs that
    somebody will read.
    """

    desk: Path
    stacks: Stacks
    options: JoinOptions
    moment: Moment
    base: int
    wanted: frozenset[str]
    number: int = 0

    def at(self, number: int) -> Task:
        """The same of another partition."""
        return replace(self, number=number)

    @property
    def folder(self) -> Path:
        """The folder of its runs."""
        return self.desk / f"partition-{self.number:05d}"


def settle_partition(task: Task) -> Tally:
    """Admits what counts, settles what has closed, writes the runs that are wanted, and adds up.

    Where predictions have to be told apart by all their columns, nothing is settled but the run `asked` is written
    (number, partition): once the stack `contents` has their rows, the partition can be settled.

    Raises:
        UsageError: the labels do not suit the policy or the implicit label.
    """
    task.folder.mkdir(exist_ok=True)
    candidates = _candidates(task)
    alone, rivals = divided(candidates, shared_columns(key_names(candidates), task.options))
    ties = tied(rivals, task.options)
    if ties.len() and task.stacks.contents is None:
        asked = ties.to_frame().with_columns(partition=pl.lit(task.number, pl.UInt32))
        write_run(asked, task.folder / ASKED, "number")
        return Tally([task.folder], asks=True)
    contents = task.stacks.contents.part(task.number) if task.stacks.contents else ties.to_frame()
    several = admitted(rivals, contents, task.options)
    predictions = pl.concat([alone, several]).sort("number") if several.height else alone
    happened = task.stacks.events.part(task.number)
    copies = rivals.join(several, on="number", how="anti")
    events = _told_anew(admit_events(happened).drop("new"), copies.filter(pl.col("number") < task.base), task.options)
    settled = settle(predictions, events, task.options, task.moment)
    tally = _tally(task, settled)
    tally.read["duplicate_predictions"] = candidates.height - predictions.height
    tally.read["duplicate_feedback"] = happened.height - events.height
    tally.conflicts = dict(_conflicts(conflicting(several, task.options), settled))
    _write_runs(task, settled, copies)
    return tally


def _candidates(task: Task) -> pl.DataFrame:
    """The remembered predictions and the new ones: number, k0 ..., time and STANDING."""
    new = task.stacks.fresh.part(task.number).with_columns(**STANDING)
    return pl.concat([task.stacks.remembered.part(task.number), new])


def _told_anew(events: pl.DataFrame, replaced: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """The events without the bucket that an open prediction gave them which has given way to another of its key."""
    if not replaced.height:
        return events
    numbered = events.with_row_index("event")
    given = match_events(replaced, numbered, options).events.rename({"bucket": "given"})
    told = numbered.join(given, on="event", how="left", maintain_order="left")
    bucket = pl.when(pl.col("bucket") != pl.col("given")).then(pl.col("bucket"))
    return told.with_columns(bucket=bucket).select(events.columns)


def _tally(task: Task, settled: Settled) -> Tally:
    """What adds up. What is forgotten stays in the counts, as it stood."""
    predictions, events, written = settled.predictions, settled.events, settled.written
    first = written.filter(pl.col("revision") == 0)
    forgotten = predictions.filter(~_open(task))
    return Tally(
        [task.folder],
        standing=_counts(predictions.get_column("status").fill_null(PENDING)) + _counts(events.get_column("bucket")),
        gone=_counts(forgotten.get_column("status")) + _counts(events.filter(~_near(task)).get_column("bucket")),
        written=Counter(
            rows=first.height,
            revisions=written.height - first.height,
            delays=first.get_column("label_delay").count(),
            watched=predictions.height if task.moment.as_of is not None else 0,
            **measures.about_labels(first),
        ),
        days=measures.days(settled).select(list(DAYS)),
    )


def _counts(values: pl.Series) -> Counter[str]:
    return Counter(dict(values.value_counts().rows()))


def _oldest(task: Task) -> int:
    as_of, length = task.moment.as_of, task.options.memory
    return LEAST if as_of is None or length is None else as_of - length


def _open(task: Task) -> pl.Expr:
    """Which predictions are remembered.

    A settled one is, as long as an event that is remembered can have matched it, so that no key is opened again
    and every count stays what it is.
    """
    reach = (task.options.window or 0) - task.options.lowest_delay
    return pl.col("settled").is_null() | (pl.col("time") >= max(_oldest(task) - reach, LEAST))


def _near(task: Task) -> pl.Expr:
    """Which events are remembered."""
    return pl.col("time") >= max(_oldest(task) + task.options.lowest_delay, LEAST)


def _conflicts(twice: pl.DataFrame, settled: Settled) -> Iterator[tuple[str, Conflict]]:
    if twice.height:
        yield "--duplicate-prediction", Conflict(*_first(twice), twice.select(key_names(twice)).n_unique())
    if settled.conflicts.height:
        number, shown = _first(settled.conflicts)
        events = settled.conflicts.sort("number").item(0, "events")
        yield "--policy", Conflict(number, f"{shown} ({events})", settled.conflicts.height)


def _first(found: pl.DataFrame) -> tuple[int, str]:
    """The lowest number, and its key for a message."""
    row = found.sort("number").row(0, named=True)
    return row["number"], ", ".join(repr(row[key]) for key in key_names(found))


def _write_runs(task: Task, settled: Settled, copies: pl.DataFrame) -> None:
    """Writes those of RUNS that are wanted."""
    written, seen_now = settled.written, pl.col("seen") == task.moment.run
    first = written.filter(pl.col("revision") == 0)
    frames: dict[str, Callable[[], pl.DataFrame]] = {
        "written": lambda: written.drop("time"),
        "open": lambda: settled.pending,
        "copies": lambda: copies.filter(pl.col("number") >= task.base).select("number", reason=pl.lit("duplicate")),
        "predictions": lambda: settled.predictions.filter(_open(task)),
        "orphans": lambda: settled.events.filter(pl.col("bucket") == "orphans"),
        "late": lambda: settled.events.filter((pl.col("bucket") == LATE_ARRIVALS) & seen_now),
        "events": lambda: settled.events.filter(_near(task)),
        "watched": lambda: measures.watched(settled, task.options, task.moment.as_of),
        "delays": lambda: measures.delays(first),
        "labels": lambda: measures.labels(first),
    }
    for name in task.wanted:
        write_run(frames[name](), task.folder / name, RUNS[name])
