"""Parquet, Arrow IPC and Avro: typed files, on disk or in an object store, read in slices of rows."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from datalife.errors import SourceError
from datalife.sources.faults import quiet_panics, reading
from datalife.sources.model import ReadOptions
from datalife.sources.packed import written
from datalife.sources.paths import SourceFile
from datalife.sources.plain import Watch, head
from datalife.sources.remote import of_store, scanned
from datalife.sources.table import Numbers, Table, name_by_position, shared_out

#: Cells (rows x columns) of one part; with 8 bytes each about 64 MB.
CELLS = 8 << 20
#: From so many cells on the parts are an even number.
WORTH = 1 << 20
#: Rows of one part at least, however many columns there are: what is found out about parts must be merged.
FEWEST = 4096
IPC_FILE = b"ARROW1"
#: Polars panics over a zone that it does not know, unless it is told to leave that to others.
os.environ.setdefault("POLARS_IGNORE_TIMEZONE_PARSE_ERROR", "1")
#: The days from 1970 that polars can show: those of about 260,000 years.
FARTHEST = 94_900_000
TICKS_A_DAY = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}


@dataclass
class RowSlice:
    """`rows` rows of a typed file from row `first` on; `watch` is the file where it is read again and again.

    Where the file is `held` in memory as a whole, the slice travels to other processes with its own rows.
    """

    scan: pl.LazyFrame
    name: str
    kind: str
    first: int
    rows: int
    watch: Watch | None = None
    held: bool = False

    def __getstate__(self) -> dict[str, object]:
        """What another process needs."""
        if not self.held:
            return self.__dict__
        return self.__dict__ | {"scan": self.scan.slice(self.first, self.rows).collect().lazy(), "first": 0}

    def read(self, positions: Sequence[int] | None = None, _: Numbers | None = None) -> pl.DataFrame:
        """See Part."""
        scan = self.scan if positions is None else self.scan.select(pl.nth(list(positions)))
        try:
            with reading(self.name, self.kind), quiet_panics():
                frame = scan.slice(self.first, self.rows).collect()
        finally:
            if self.watch:
                self.watch.check()
        if frame.height != self.rows and frame.width:
            raise SourceError(self.name, f"is damaged: {frame.height} rows where {self.rows} were promised")
        self._refuse_far(frame)
        frame = name_by_position(frame)
        if positions is not None:
            frame.columns = [str(position) for position in positions]
        return frame

    def _refuse_far(self, frame: pl.DataFrame) -> None:
        """A day that no calendar reaches, as damaged files hold it: polars cannot show it, and ends in a panic."""
        for column in frame:
            if not isinstance(column.dtype, pl.Date | pl.Datetime):
                continue
            ticks_a_day = TICKS_A_DAY[column.dtype.time_unit] if isinstance(column.dtype, pl.Datetime) else 1
            ticks = column.to_physical()
            least, most = ticks.min(), ticks.max()
            if isinstance(least, int) and isinstance(most, int) and max(-least, most) > FARTHEST * ticks_a_day:
                message = f"column {column.name!r} holds a day beyond the year 260,000"
                raise SourceError(self.name, message, "mend it, or leave the column out with --exclude")

    def line(self, row: int) -> int | None:  # noqa: ARG002 - such files have no lines
        """See Part."""
        return None

    def let_go(self, room: int) -> int:  # noqa: ARG002 - what is held in memory is so by its format
        """See Part."""
        return 0


def open_parquet(file: SourceFile, options: ReadOptions) -> Table:  # noqa: ARG001 - one signature for all readers
    """Opens a Parquet file."""
    if file.url:
        url = file.url
        return opened(file, "Parquet", lambda: scanned(url, partial(pl.scan_parquet, hive_partitioning=False)))
    return opened(file, "Parquet", lambda: pl.scan_parquet(file.path, glob=False, hive_partitioning=False))


def open_ipc(file: SourceFile, options: ReadOptions) -> Table:
    """Opens an Arrow IPC file or stream."""
    if file.url:
        url = file.url
        return opened(file, "an Arrow file (streams are not read from a store)", lambda: scanned(url, pl.scan_ipc))
    if head(file.path, file.name, len(IPC_FILE)) == IPC_FILE:
        return opened(file, "Arrow IPC", lambda: pl.scan_ipc(file.path, glob=False))
    _check_held(file, options)
    return opened(file, "Arrow IPC", lambda: pl.read_ipc_stream(file.path).lazy(), held=True)


def open_avro(file: SourceFile, options: ReadOptions) -> Table:
    """Opens an Avro file."""
    _check_held(file, options)
    return opened(file, "Avro", lambda: pl.read_avro(file.path).lazy(), held=True)


@contextlib.contextmanager
def _of_stores(file: SourceFile) -> Iterator[None]:
    """Tells apart what a store refuses from what is damaged."""
    try:
        yield
    except OSError as error:
        if file.url is None:
            raise
        raise of_store(file.name, error) from error


def _check_held(file: SourceFile, options: ReadOptions) -> None:
    """Refuses a file that is held in memory whole and is larger than the user allows."""
    size = file.path.stat().st_size
    if options.max_memory is not None and size > options.max_memory:
        message = f"is held in memory whole, {written(size)}"
        raise SourceError(file.name, message, "allow more (--max-memory 8GB), or convert it to Parquet")


def _rows_of_a_part(rows: int, columns: int) -> int:
    """A few rows are one part, however many columns: what is found out about thousands of these takes long to merge."""
    is_worth_it = rows > FEWEST and rows * columns >= WORTH
    return shared_out(rows, max(FEWEST, CELLS // max(1, columns)), evenly=is_worth_it)


def opened(file: SourceFile, kind: str, scan: Callable[[], pl.LazyFrame], *, held: bool = False) -> Table:
    """A lazy scan as a table of slices; `kind` is what the file should be, `held` that its rows are in memory."""
    watch = Watch(file.path, file.name) if file.path.is_file() else None
    with reading(file.name, kind), _of_stores(file), quiet_panics():
        frame = scan()
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item()) if len(schema) else 0
    names = list(schema)
    size = _rows_of_a_part(rows, len(names))
    starts = range(0, rows, size)
    parts = [RowSlice(frame, file.name, kind, first, min(size, rows - first), watch, held) for first in starts]
    notes = [] if names else [f"{file.name}: there are no columns"]
    return Table(file.name, names, list(schema.dtypes()), parts, notes)
