"""From the files read and the state to partitions: both sides in narrow form, divided by the hash of the key.

A task reads some shards, or some rows of the state, and divides them; it runs wherever the engine says. Here comes
only what was counted and the names of the files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from datalife.engine import Engine
from datalife.errors import UsageError
from datalife.labels import partitions
from datalife.labels.admission import first_copies, key_names
from datalife.labels.keys import as_key
from datalife.labels.model import JoinOptions
from datalife.labels.partition import EVENT, STANDING, UNSEEN, Stacks
from datalife.labels.partitions import SHARED, Division, Stack, check_seen, new_file, places, remove
from datalife.labels.reading import Narrow, Narrowing, Side
from datalife.labels.runs import write_run
from datalife.labels.state import Table
from datalife.sources.dataset import Shard
from datalife.sources.types import common_type, logical_type

EXPIRED = "expired"
#: The stacks: predictions read now and remembered ones, events, and these before copies of one name are left out.
FRESH, REMEMBERED, EVENTS, NAMED = "fresh", "remembered", "events", "named"


@dataclass
class Read:
    """What was read of one side: its rows, how many were refused for which reason, and which (runs of
    number, reason).

    `naive` and `aware` count times without and with an offset; `newest` is the latest time of a valid row.
    `copies` are events left out already, because another one has their name.
    """

    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    runs: list[Path] = field(default_factory=list)
    naive: int = 0
    aware: int = 0
    newest: int | None = None
    copies: int = 0

    def add(self, other: Read) -> None:
        """Adds what was read elsewhere."""
        self.rows += other.rows
        self.refused.update(other.refused)
        self.runs += other.runs
        self.naive += other.naive
        self.aware += other.aware
        self.newest = max((time for time in (self.newest, other.newest) if time is not None), default=None)
        self.copies += other.copies


@dataclass
class Spread:
    """What tasks have spread: the files of each stack, and what was read of each side."""

    files: dict[str, list[Path]] = field(default_factory=dict)
    predictions: Read = field(default_factory=Read)
    events: Read = field(default_factory=Read)


def together(spreads: Sequence[Spread]) -> Spread:
    """What several tasks have spread, in their order; associative."""
    whole = Spread()
    for each in spreads:
        for stack, paths in each.files.items():
            whole.files.setdefault(stack, []).extend(paths)
        whole.predictions.add(each.predictions)
        whole.events.add(each.events)
    return whole


@dataclass(frozen=True)
class Portion:
    """What one task spreads of a side: shards read now, or as many rows as `length` of the state, from `start` on."""

    is_events: bool
    shards: Sequence[Shard] = ()
    start: int = 0
    length: int = 0


def portions(sides: tuple[Side, Side], tables: tuple[Table | None, Table | None]) -> Iterator[Portion]:
    """Everything that is spread, first the predictions; of each side first what is read now."""
    for is_events, side, table in zip((False, True), sides, tables, strict=True):
        for shards in _grouped(side.dataset.shards):
            yield Portion(is_events, shards)
        for start in range(0, table.rows if table else 0, partitions.ROWS):
            yield Portion(is_events, (), start, partitions.ROWS)


def _grouped(shards: Iterable[Shard]) -> Iterator[list[Shard]]:
    """Neighbours that have ROWS rows together, if they have so few."""
    group: list[Shard] = []
    for shard in shards:
        if group and sum(each.rows for each in group) + shard.rows > partitions.ROWS:
            yield group
            group = []
        group.append(shard)
    if group:
        yield group


@dataclass(frozen=True)
class Spreading:
    """How rows are understood and where they go.

    `base` is the number of the first prediction read now. Predictions before the instant `oldest` are refused.
    """

    division: Division
    options: JoinOptions
    key_types: Sequence[pl.DataType]
    predictions: Narrowing
    events: Narrowing
    #: Types that hold the labels and tie-breaks of the new events and of the remembered ones.
    event_types: dict[str, pl.DataType]
    tables: tuple[Table | None, Table | None]
    base: int
    oldest: int

    def run(self, pieces: Sequence[Portion], engine: Engine) -> tuple[Spread, Stacks]:
        """Spreads all of it; of the events of one name one is left."""
        spread = engine.reduce(pieces, self.spread, together) if pieces else Spread()
        if self.options.feedback_id is not None:
            named = Stack(self._happened(self.events.empty), spread.files.pop(NAMED, []))
            distinct = engine.reduce(range(self.division.count), partial(self.distinct, named), together)
            spread = together([spread, distinct])
            remove(named.paths)
        fresh = Stack(self._fresh(self.predictions.empty), spread.files.get(FRESH, []))
        remembered = Stack(fresh.empty.with_columns(**STANDING), spread.files.get(REMEMBERED, []))
        events = Stack(self._happened(self.events.empty), spread.files.get(EVENTS, []))
        return spread, Stacks(fresh, remembered, events)

    def spread(self, portion: Portion) -> Spread:
        """Divides one portion.

        Raises:
            SourceError: it cannot be read.
            EngineError: a worker does not see the folder of the partitions, or that of the state.
        """
        check_seen(self.division.folder, SHARED)
        if not portion.shards:
            return self._recalled(portion)
        if portion.is_events:
            piece = self.events.read(portion.shards)
            return Spread(self._by_event(self._happened(piece.rows)), events=self._counted(piece, 0))
        piece = self._in_time(self.predictions.read(portion.shards))
        return Spread(self._by_key(FRESH, self._fresh(piece.rows)), predictions=self._counted(piece, self.base))

    def distinct(self, named: Stack, number: int) -> Spread:
        """One event of each name in a partition by name, divided by their keys; events without a name stay."""
        events = named.part(number)
        has_name = pl.col("identity").is_not_null()
        distinct = pl.concat([events.filter(~has_name), first_copies(events.filter(has_name), ["identity"])])
        return Spread(self._by_key(EVENTS, distinct), events=Read(copies=events.height - distinct.height))

    def _recalled(self, portion: Portion) -> Spread:
        """Rows of the state, with their keys in the types of this run."""
        table = self.tables[portion.is_events]
        assert table is not None
        check_seen(table.path, "put the state into a folder that all machines share")
        frame = table.frame(portion.start, portion.length)
        keys = key_names(frame)
        keyed = frame.with_columns(
            as_key(pl.col(name), frame.schema[name], dtype).alias(name)
            for name, dtype in zip(keys, self.key_types, strict=True)
        )
        if portion.is_events:
            known = keyed.select(pl.lit(False).alias("new"), *keys, *EVENT)
            return Spread(self._by_event(known.cast(self.event_types)))  # type: ignore[arg-type]
        return Spread(self._by_key(REMEMBERED, keyed.select("number", *keys, "time", *STANDING)))

    def _fresh(self, rows: pl.DataFrame) -> pl.DataFrame:
        """number, k0 ..., time of predictions read now."""
        return rows.select(pl.col("row").alias("number") + self.base, *key_names(rows), "time")

    def _happened(self, rows: pl.DataFrame) -> pl.DataFrame:
        """new, k0 ..., EVENT of events read now."""
        unseen = rows.with_columns(**UNSEEN).select(pl.lit(True).alias("new"), *key_names(rows), *EVENT)
        return unseen.cast(self.event_types)  # type: ignore[arg-type]

    def _in_time(self, piece: Narrow) -> Narrow:
        """The piece with the rows before `oldest` among those refused."""
        late = pl.col("time") < self.oldest
        expired = piece.rows.filter(late).select("row", reason=pl.lit(EXPIRED))
        return replace(piece, rows=piece.rows.filter(~late), refused=pl.concat([piece.refused, expired]))

    def _counted(self, piece: Narrow, base: int) -> Read:
        """What a piece comes to; what was refused of it goes to a run, numbered from `base` on."""
        runs = []
        if piece.refused.height:
            runs = [new_file(self.division.folder)]
            write_run(piece.refused.select(pl.col("row").alias("number") + base, "reason"), runs[0], "number")
        reasons = Counter(dict(piece.refused.get_column("reason").value_counts().rows()))
        newest = piece.rows.get_column("time").max()
        rows = piece.rows.height + piece.refused.height
        return Read(rows, reasons, runs, piece.naive, piece.aware, newest if isinstance(newest, int) else None)

    def _by_key(self, stack: str, frame: pl.DataFrame) -> dict[str, list[Path]]:
        return {stack: self.division.write(frame, self._places(frame, key_names(frame)))}

    def _by_event(self, events: pl.DataFrame) -> dict[str, list[Path]]:
        """Divided by the key; but what has a name by that, for its copies may have other keys."""
        if self.options.feedback_id is None:
            return self._by_key(EVENTS, events)
        names, keys = (self._places(events, by) for by in (["identity"], key_names(events)))
        return {NAMED: self.division.write(events, names.zip_with(events["identity"].is_not_null(), keys))}

    def _places(self, frame: pl.DataFrame, by: Sequence[str]) -> pl.Series:
        return places(frame, by, self.division.count)


def event_types(side: Side, options: JoinOptions, remembered: Table | None) -> dict[str, pl.DataType]:
    """Types of labels and tie-breaks that hold those of the feedback and those of the state.

    Raises:
        UsageError: they have nothing in common.
    """
    types = {"label": side.label_type(options), "tie": side.tie_type}
    for name, flag in (("label", "--label"), ("tie", "--tie-break")):
        old = remembered.schema[name] if remembered else pl.Null()
        joint = common_type(old, types[name])
        if joint is None:
            message = f"is {logical_type(types[name])} here and {logical_type(old)} in the state"
            raise UsageError(flag, message, "write it as before, or begin a new state directory")
        types[name] = joint
    return types
