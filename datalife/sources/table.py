"""One file as a table: its column names, its types and its parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import polars as pl

#: Which columns of text, by position, are wanted as numbers, and of which type.
Numbers = Mapping[int, pl.DataType]


class Part(Protocol):
    """A bounded piece of a file, in the order of the file."""

    @property
    def rows(self) -> int:
        """The number of rows."""
        ...

    def read(self, positions: Sequence[int] | None = None, numbers: Numbers | None = None, /) -> pl.DataFrame:
        """The columns at these positions (all by default), named by position: `0`, `1`, ...

        Those in `numbers` may come as such, not as text, if every text present is a value of the type.
        """
        ...

    def line(self, row: int) -> int | None:
        """The line of the file, from 1, on which a row of this part begins; None for files without lines."""
        ...

    def let_go(self, room: int) -> int:
        """Drops rows that are in memory but can be read again, where they have more bytes than `room`; what is left."""
        ...


def shared_out(size: int, most: int, *, evenly: bool) -> int:
    """The size of a part, at most `most`, where all are alike; `evenly`: of an even number, two in work at once."""
    parts = max(1, math.ceil(size / most))
    if evenly:
        parts += parts % 2
    return max(1, math.ceil(size / parts))


class Rereadable:
    """A part of a text whose rows may be in memory as a frame, and are read again where they are not."""

    frame: pl.DataFrame | None

    def __getstate__(self) -> dict[str, object]:
        """Travels to other processes without its rows, which are read again there."""
        return self.__dict__ | {"frame": None}

    def let_go(self, room: int) -> int:
        """See Part."""
        held = int(self.frame.estimated_size()) if self.frame is not None else 0
        if held <= room:
            return held
        self.frame = None
        return 0


@dataclass(frozen=True)
class Heading:
    """What the parts of a file have in common; see Table."""

    name: str
    names: list[str]
    dtypes: list[pl.DataType | None]
    partition: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Table:
    """A file opened: `dtypes` has None for text, whose type is found out over the whole dataset.

    `bad_records` are the (place, reason) pairs of what could not be read and was left out. With
    `decimal_comma` its text writes numbers as 1.234,5. `partition` holds the values of all its rows that stand
    in the names of its folders (hive), as text by column, None for a missing one.
    """

    name: str
    names: list[str]
    dtypes: list[pl.DataType | None]
    parts: Sequence[Part]
    notes: list[str] = field(default_factory=list)
    bad_records: list[tuple[str, str]] = field(default_factory=list)
    decimal_comma: bool = False
    partition: dict[str, str | None] = field(default_factory=dict)
    #: Reads a text through, of which only the heading is known yet, and fills in parts, notes and bad records.
    reading: Callable[[Table], None] | None = None

    def read_through(self) -> None:
        """Makes sure that all of the table is known.

        Raises:
            SourceError: records that cannot be read.
        """
        if self.reading:
            self.reading(self)
            self.reading = None

    @cached_property
    def heading(self) -> Heading:
        """The table without its parts, to go with each of them."""
        return Heading(self.name, self.names, self.dtypes, self.partition)


def name_by_position(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its columns called `0`, `1`, ...: names from data never reach an expression."""
    frame.columns = [str(position) for position in range(frame.width)]
    return frame
