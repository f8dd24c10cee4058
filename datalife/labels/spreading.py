"""From the files read and the state to partitions: both sides in narrow form, spread by the hash of the key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from datalife.errors import UsageError
from datalife.labels.admission import first_copies, key_names
from datalife.labels.keys import as_key
from datalife.labels.model import JoinOptions
from datalife.labels.partition import EVENT, EVENTS, FRESH, REMEMBERED, UNSEEN
from datalife.labels.partitions import Partitions, whole
from datalife.labels.reading import Narrow, Side, read_events, read_predictions
from datalife.labels.runs import write_run
from datalife.labels.state import Table
from datalife.labels.times import Clock
from datalife.sources.types import common_type, logical_type

EXPIRED = "expired"
#: The stack of events by name, before their copies are left out.
NAMED = "named"


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

    def add(self, piece: Narrow, folder: Path, base: int = 0) -> None:
        """Counts a piece, and writes what was refused of it to `folder`, numbered from `base` on."""
        newest = piece.rows.get_column("time").max()
        self.rows += piece.rows.height + piece.refused.height
        self.refused.update(dict(piece.refused.get_column("reason").value_counts().rows()))
        self.naive += piece.naive
        self.aware += piece.aware
        self.newest = max((time for time in (self.newest, newest) if isinstance(time, int)), default=None)
        if piece.refused.height or not self.runs:
            self.runs.append(folder / f"refused-{len(self.runs):05d}")
            write_run(piece.refused.select(pl.col("row").alias("number") + base, "reason"), self.runs[-1], "number")


@dataclass(frozen=True)
class Spreading:
    """Where the narrow rows go and how they are understood.

    `base` is the number of the first prediction read now. Predictions before the instant `oldest` are refused.
    """

    folder: Path
    partitions: Partitions
    options: JoinOptions
    key_types: Sequence[pl.DataType]
    clock: Clock
    base: int
    oldest: int

    def predictions(self, side: Side, remembered: Table | None) -> Read:
        """Spreads the predictions; the new ones are numbered from `base` on."""
        read = Read()
        folder = _made(self.folder / "predictions")
        for piece in read_predictions(side, self.key_types, self.clock):
            read.add(self._in_time(piece), folder, self.base)
            keys = key_names(piece.rows)
            fresh = piece.rows.select(pl.col("row").alias("number") + self.base, *keys, "time")
            self.partitions.add(FRESH, fresh, keys)
        for frame in remembered.frames() if remembered else ():
            self.partitions.add(REMEMBERED, self._keyed(frame), key_names(frame))
        return read

    def events(self, side: Side, remembered: Table | None) -> Read:
        """Spreads the events, in types that hold the new ones and the remembered; of those of one name one is left.

        Raises:
            UsageError: the labels or tie-breaks of the state and the feedback have nothing in common.
        """
        read = Read()
        folder = _made(self.folder / "events")
        types = self._event_types(side, remembered)
        named = Partitions(self.folder / "names", self.partitions.count if self.options.feedback_id else 1)
        for frame in self._event_frames(side, remembered, (read, folder)):
            typed = frame.cast(types)  # type: ignore[arg-type]
            keys = key_names(frame)
            if self.options.feedback_id is None:
                self.partitions.add(EVENTS, typed, keys)
            else:
                self.partitions.add(EVENTS, typed.filter(pl.col("identity").is_null()), keys)
                named.add(NAMED, typed.filter(pl.col("identity").is_not_null()), ["identity"])
        for folder in named.folders if self.options.feedback_id else ():
            copies = whole(folder / NAMED)
            distinct = first_copies(copies, ["identity"])
            read.copies += copies.height - distinct.height
            self.partitions.add(EVENTS, distinct, key_names(distinct))
        return read

    def _in_time(self, piece: Narrow) -> Narrow:
        """The piece with the rows before `oldest` among those refused."""
        late = pl.col("time") < self.oldest
        expired = piece.rows.filter(late).select("row", reason=pl.lit(EXPIRED))
        piece.rows = piece.rows.filter(~late)
        piece.refused = pl.concat([piece.refused, expired])
        return piece

    def _event_frames(self, side: Side, remembered: Table | None, told: tuple[Read, Path]) -> Iterator[pl.DataFrame]:
        """new, k0 ..., EVENT: first what is read, which `told` is told of, then what is remembered."""
        read, folder = told
        for piece in read_events(side, self.key_types, self.clock, self.options.label is not None):
            read.add(piece, folder)
            keys = key_names(piece.rows)
            yield piece.rows.with_columns(**UNSEEN).select(pl.lit(True).alias("new"), *keys, *EVENT)
        for frame in remembered.frames() if remembered else ():
            yield self._keyed(frame).select(pl.lit(False).alias("new"), *key_names(frame), *EVENT)

    def _keyed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Remembered rows with their keys in the types of this run."""
        return frame.with_columns(
            as_key(pl.col(name), frame.schema[name], dtype).alias(name)
            for name, dtype in zip(key_names(frame), self.key_types, strict=True)
        )

    def _event_types(self, side: Side, remembered: Table | None) -> dict[str, pl.DataType]:
        types = {"label": side.label_type(self.options), "tie": side.tie_type}
        for name, flag in (("label", "--label"), ("tie", "--tie-break")):
            old = remembered.schema[name] if remembered else pl.Null()
            joint = common_type(old, types[name])
            if joint is None:
                message = f"is {logical_type(types[name])} here and {logical_type(old)} in the state"
                raise UsageError(flag, message, "write it as before, or begin a new state directory")
            types[name] = joint
        return types


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
