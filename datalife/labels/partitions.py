"""The narrow sides on disk, divided by the hash of the key: rows that may meet are in one partition.

Each task that divides rows writes them to a file of its own, one partition after the other; the file begins with where
each of them begins. A stack is the files of all of these tasks. A task that is begun again writes another file: that of
a lost worker is in no stack.
"""

from __future__ import annotations

import io
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from datalife.errors import EngineError

#: Rows of both sides that one partition has about, and rows that one task divides; at once they take some hundred MB.
ROWS = 3 << 18
#: Bytes of the number that says where a partition begins in a file.
OFFSET = 8
#: What to do where a worker sees no partitions.
SHARED = "set TMPDIR to a folder that all machines share"


def partitions_for(rows: int) -> int:
    """How many partitions so many rows of both sides are spread over."""
    return max(1, -(-rows // ROWS))


def places(frame: pl.DataFrame, by: Sequence[str], count: int) -> pl.Series:
    """Which of `count` partitions each row belongs to: rows that are equal in the columns `by` to the same one."""
    identity = pl.col(by[0]) if len(by) == 1 else pl.struct(by)
    return frame.select(identity.hash() % count).to_series()


@dataclass(frozen=True)
class Division:
    """Rows divided into `count` partitions, in files in `folder`."""

    folder: Path
    count: int

    def write(self, frame: pl.DataFrame, places: pl.Series) -> list[Path]:
        """Writes each row to its partition in a new file, those of one in their order; no file if there are no rows."""
        if not frame.height:
            return []
        placed = frame.with_columns(places.alias("place"))
        parts = placed.partition_by("place", maintain_order=True, include_key=False, as_dict=True)
        path, starts = new_file(self.folder), array("q")
        with open(path, "wb") as stream:
            stream.seek(OFFSET * (self.count + 1))
            for number in range(self.count):
                starts.append(stream.tell())
                if (number,) in parts:
                    stream.write(_packed(parts[number,]))
            starts.append(stream.tell())
            stream.seek(0)
            stream.write(starts.tobytes())
        return [path]


@dataclass(frozen=True)
class Stack:
    """Rows that were divided; `empty` has none and says which columns there are."""

    empty: pl.DataFrame
    paths: Sequence[Path]

    def part(self, number: int) -> pl.DataFrame:
        """The rows of a partition, in the order of the files."""
        return pl.concat([self.empty, *self._frames(number)])

    def _frames(self, number: int) -> Iterator[pl.DataFrame]:
        for path in self.paths:
            with open(path, "rb") as stream:
                stream.seek(OFFSET * number)
                start, stop = array("q", stream.read(2 * OFFSET))
                stream.seek(start)
                if start < stop:
                    yield pl.read_ipc(stream.read(stop - start))


def new_file(folder: Path) -> Path:
    """A file that nobody else writes to: a task may be done twice, and two workers at once may be at it."""
    descriptor, path = tempfile.mkstemp(dir=folder)
    os.close(descriptor)
    return Path(path)


def check_seen(path: Path, hint: str) -> None:
    """Finds out whether a worker sees a file or folder of this run.

    Raises:
        EngineError: it does not.
    """
    if not path.exists():
        raise EngineError(str(path), "a worker does not see this file or folder", hint)


def remove(paths: Iterable[Path]) -> None:
    """Makes room: removes files that no task will read any more."""
    for path in paths:
        path.unlink()


def _packed(frame: pl.DataFrame) -> memoryview:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getbuffer()
