"""Sorted files read side by side: together one long sorted table, of which memory holds a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import polars as pl

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


@dataclass
class _Reader:
    """A run that is read once from its beginning to its end, batch by batch; `ahead` was read and not yet taken."""

    path: Path
    #: Rows that are read at once.
    size: int
    read: int = 0
    ahead: pl.DataFrame = field(default_factory=pl.DataFrame)

    def take(self, count: int) -> Iterator[pl.DataFrame]:
        """The next `count` rows, in as many frames as it takes."""
        while count:
            if not self.ahead.height:
                self.ahead = pl.scan_ipc(self.path).slice(self.read, self.size).collect()
                self.read += self.ahead.height
            taken = self.ahead.head(count)
            self.ahead = self.ahead.slice(taken.height)
            count -= taken.height
            yield taken


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
        places = [self._places(path, cuts) for path in self.paths]
        size = max(BATCH, min(MOST, TOGETHER // max(1, len(self.paths))))
        readers = [_Reader(path, size) for path in self.paths]
        empty = pl.DataFrame(schema=self.schema)
        for position in range(cuts.len() + 1):
            counts = [ends[position + 1] - ends[position] for ends in places]
            parts = [reader.take(count) for reader, count in zip(readers, counts, strict=True)]
            frames = [frame.cast(self.schema) for frame in chain.from_iterable(parts)]  # type: ignore[arg-type]
            piece = pl.concat([empty, *frames], rechunk=True)
            yield piece if len(self.paths) < 2 else piece.sort(self.by, maintain_order=True)

    def _places(self, path: Path, cuts: pl.Series) -> list[int]:
        """The row of a run at which each piece begins, and where the last one ends."""
        values = self._values(path)
        between = values.search_sorted(cuts).to_list() if values.len() else [0] * cuts.len()
        return [0, *between, values.len()]

    def _values(self, path: Path) -> pl.Series:
        return pl.scan_ipc(path).select(pl.col(self.by).cast(self.schema[self.by])).collect().to_series()

    def _even_cuts(self) -> pl.Series:
        """Values between which there are about ROWS rows: of every so many rows of each run one is looked at."""
        step = max(1, ROWS // (4 * max(1, len(self.paths))))
        none = pl.Series(self.by, [], self.schema[self.by])
        samples = pl.concat([none, *(self._values(path)[::step] for path in self.paths)])
        return samples.sort()[:: max(1, ROWS // step)].unique(maintain_order=True)
