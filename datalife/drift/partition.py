"""Some of the keys of two datasets, and all rows of these keys: partners, one column after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeVar

import polars as pl

from datalife.drift.equality import Equality
from datalife.drift.matching import Match, match
from datalife.sources.dataset import Column

Answer = TypeVar("Answer")
#: Columns of one side, read in all rows of a partition.
Reader = Callable[[Sequence[Column]], pl.DataFrame]
#: Values of a side that are read at once; with 8 bytes each 128 MB.
CELLS = 16 << 20


@dataclass(frozen=True)
class Compared:
    """A column to compare, where each side has it."""

    name: str
    before: Column | None
    after: Column | None

    @property
    def types(self) -> tuple[pl.DataType, pl.DataType]:
        """The types of both sides; of a side that lacks the column, that of the other."""
        one, other = (column.dtype if column is not None else None for column in (self.before, self.after))
        return one or other or pl.Null(), other or one or pl.Null()


@dataclass(frozen=True)
class Partners:
    """The values of one column in the matched rows, as `before` and `after`, and whether they are `equal`.

    `whole` are those of all rows of either side that has the column.
    """

    values: pl.DataFrame
    equal: pl.Series
    whole: tuple[pl.Series | None, pl.Series | None]

    @cached_property
    def changed(self) -> pl.Series:
        """The places of the matched rows whose values differ."""
        return (~self.equal).arg_true()


class Partition:
    """Some of the keys of both sides, and all rows of these keys.

    `keys` are the key columns k0, k1, ... of both sides, `readers` give other columns of the same rows, and `rows`
    their numbers over the whole of each side (None: they are all rows).
    """

    def __init__(
        self, keys: Sequence[pl.DataFrame], readers: Sequence[Reader], rows: Sequence[pl.Series | None] = (None, None)
    ) -> None:
        self.keys, self.readers, self.rows = keys, readers, rows
        self.match: Match = match(keys[0], keys[1])

    def matched_keys(self, rows: pl.Series) -> pl.DataFrame:
        """The keys of some of the matched rows."""
        return self.keys[0][self.match.baseline.gather(rows)]

    def numbers(self, side: int, places: pl.Series) -> list[int]:
        """The numbers over the whole side of the rows at some places of this partition."""
        rows = self.rows[side]
        found: list[int] = (places if rows is None else rows.gather(places)).to_list()
        return found

    def of_each(
        self, columns: Sequence[Compared], equality: Equality, work: Callable[[Compared, Partners], Answer]
    ) -> Generator[Answer, None, None]:
        """What `work` makes of each column in the matched rows. Two groups at a time, of as many columns as fit.

        Close it where you may leave before the last one (see `engine.ahead`).
        """
        size = max(1, CELLS // max(1, *(keys.height for keys in self.keys)))
        groups = [columns[first : first + size] for first in range(0, len(columns), size)]

        def compared(group: Sequence[Compared]) -> list[Answer]:
            wanted = [[each.before for each in group if each.before], [each.after for each in group if each.after]]
            read = [reader(own) for reader, own in zip(self.readers, wanted, strict=True)]
            return [work(column, self._partners(column, read, equality)) for column in group]

        with ThreadPoolExecutor(2) as pool:
            yield from chain.from_iterable(pool.map(compared, groups))

    def _partners(self, column: Compared, read: Sequence[pl.DataFrame], equality: Equality) -> Partners:
        whole = [
            None if found is None else frame.get_column(found.key)
            for found, frame in zip((column.before, column.after), read, strict=True)
        ]
        before, after = (
            pl.repeat(None, len(self.match.baseline), dtype=dtype, eager=True) if values is None else chosen(values)
            for values, chosen, dtype in zip(whole, (self.match.before, self.match.after), column.types, strict=True)
        )
        frame = pl.DataFrame({"before": before, "after": after})
        equal = frame.select(equality.expression(column.name, *column.types)).to_series()
        return Partners(frame, equal, (whole[0], whole[1]))
