"""Sorted files read side by side: together one long sorted table, of which memory holds a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from datalife.sources.types import common_type

#: Rows that a piece has about.
ROWS = 1 << 19
#: Rows of a batch of a file; smaller ones take longer to find than to read.
BATCH = 1 << 13
#: Of every file so many rows are in memory while they are read side by side, and of all of them together; but never
#: less than a batch. To begin a read costs as much as to read thousands of rows.
MOST, TOGETHER = 1 << 16, 1 << 20


def write_run(frame: pl.DataFrame, path: Path, by: str) -> None:
    """Writes a run: the rows in ascending order of the column `by`, in which nothing is missing."""
    ordered = frame if frame.get_column(by).is_sorted() else frame.sort(by)
    ordered.write_ipc(path, record_batch_size=BATCH)


def write_together(runs: Runs, path: Path) -> None:
    """Writes several runs as one; memory holds a piece of it at a time."""
    pieces = register_io_source(lambda *_: runs.pieces(), schema=runs.schema, is_pure=True)
    pieces.sink_ipc(path, record_batch_size=BATCH, engine="streaming")


@dataclass
class _Reader:
    """A run that is read once from its beginning to its end, batch by batch; `ahead` was read and not yet taken."""

    runs: Runs
    path: Path
    #: Rows that are read at once.
    size: int
    read: int = 0
    ahead: pl.DataFrame = field(default_factory=pl.DataFrame)
    is_at_end: bool = False

    def take(self, end: pl.Series) -> Iterator[pl.DataFrame]:
        """The next rows, those before the single value of `end`, or all that are left where it has none."""
        while self.ahead.height or self._read_on():
            values = self.ahead.get_column(self.runs.by)
            count = int(values.search_sorted(end)[0]) if end.len() else values.len()
            yield self.ahead.head(count)
            self.ahead = self.ahead.slice(count)
            if self.ahead.height:
                return

    def _read_on(self) -> bool:
        """Reads what comes next; false where nothing does."""
        if self.is_at_end:
            return False
        rows = pl.scan_ipc(self.path).slice(self.read, self.size).collect()
        self.read += rows.height
        self.is_at_end = rows.height < self.size
        self.ahead = rows.cast(self.runs.schema)  # type: ignore[arg-type]
        return rows.height > 0


@dataclass(frozen=True)
class Runs:
    """The runs of one kind, each in ascending order of the column `by`."""

    paths: Sequence[Path]
    by: str

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns, in types that hold the values of all runs."""
        schema: dict[str, pl.DataType] = {}
        for path in self.paths:
            for name, dtype in pl.read_ipc_schema(path).items():
                known = schema.get(name, dtype)
                schema[name] = known if known == dtype else common_type(known, dtype) or dtype
        return schema

    def pieces(self) -> Iterator[pl.DataFrame]:
        """All rows in ascending order, piece by piece; rows that are equal in `by` are in one piece."""
        return self.cut(self._even_cuts())

    def cut(self, cuts: pl.Series) -> Iterator[pl.DataFrame]:
        """The rows before the first of the ascending `cuts`, from each to the next, and from the last on."""
        size = max(BATCH, min(MOST, TOGETHER // max(1, len(self.paths))))
        readers = [_Reader(self, path, size) for path in self.paths]
        empty = pl.DataFrame(schema=self.schema)
        for position in range(cuts.len() + 1):
            end = cuts.slice(position, 1)
            frames = chain.from_iterable(reader.take(end) for reader in readers)
            piece = pl.concat([empty, *frames], rechunk=True)
            yield piece if len(self.paths) < 2 else piece.sort(self.by, maintain_order=True)

    def _values(self, path: Path) -> pl.Series:
        return pl.scan_ipc(path).select(pl.col(self.by).cast(self.schema[self.by])).collect().to_series()

    def _even_cuts(self) -> pl.Series:
        """Values between which there are about ROWS rows: of every so many rows of each run one is looked at."""
        step = max(1, ROWS // (4 * max(1, len(self.paths))))
        none = pl.Series(self.by, [], self.schema[self.by])
        samples = pl.concat([none, *(self._values(path)[::step] for path in self.paths)])
        return samples.sort()[:: max(1, ROWS // step)].unique(maintain_order=True)
