"""The narrow sides on disk, spread by the hash of the key: rows that may meet are in one partition.

A partition is a folder; in it a stack is a file of frames that were added one after the other.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

#: Rows of both sides that one partition has about; settled at once they take some hundred MB.
ROWS = 3 << 18
#: Bytes before each frame of a stack that say how long it is.
LENGTH = 8


def partitions_for(rows: int) -> int:
    """How many partitions so many rows of both sides are spread over."""
    return max(1, -(-rows // ROWS))


@dataclass(frozen=True)
class Partitions:
    """`count` folders in `folder`, and the stacks in them."""

    folder: Path
    count: int

    @property
    def folders(self) -> list[Path]:
        """The folder of each partition; made when they do not exist."""
        folders = [self.folder / f"partition-{number:05d}" for number in range(self.count)]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return folders

    def add(self, stack: str, frame: pl.DataFrame, by: Sequence[str]) -> None:
        """Puts each row on the stack of its partition; rows that are equal in the columns `by` go to the same one.

        A frame without rows goes to all of them: it says which columns there are.
        """
        for folder, part in zip(self.folders, self._spread(frame, by), strict=True):
            if part.height or not frame.height:
                push(folder / stack, part)

    def _spread(self, frame: pl.DataFrame, by: Sequence[str]) -> Iterator[pl.DataFrame]:
        if self.count == 1 or not frame.height:
            yield from [frame] * self.count
            return
        identity = pl.col(by[0]) if len(by) == 1 else pl.struct(by)
        places = frame.select(identity.hash() % self.count).to_series()
        for number in range(self.count):
            yield frame.filter(places == number)


def push(stack: Path, frame: pl.DataFrame) -> None:
    """Puts a frame at the end of a stack."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    with open(stack, "ab") as stream:
        stream.write(buffer.tell().to_bytes(LENGTH, "little"))
        stream.write(buffer.getbuffer())


def frames_of(stack: Path) -> Iterator[pl.DataFrame]:
    """The frames of a stack, in the order in which they were added."""
    with open(stack, "rb") as stream:
        while length := stream.read(LENGTH):
            yield pl.read_ipc(stream.read(int.from_bytes(length, "little")))


def whole(stack: Path) -> pl.DataFrame:
    """A stack as one frame."""
    return pl.concat(frames_of(stack))
