"""A uniform sample of the rows, kept in the one scan, for statistics that need whole rows side by side."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datalife.engine import State
from datalife.sources.dataset import ROW, Column
from datalife.stats.values import is_nested

#: Rows of a sample; a correlation estimated from them is off by about 0.003 (one standard error).
ROWS = 100_000
#: Values of a sample: of a wide table it has fewer rows, but never less than FEWEST.
CELLS = 10_000_000
FEWEST = 1_000
#: No sample, but all rows: the most that polars selects.
EVERY = 2**32 - 2
DRAW = "draw"


class Sample:
    """The job that keeps the rows with the lowest hash of their number: which ones does not depend on the shards.

    The state is one frame of the columns that are not nested, and ROW. It has all rows where there are at most
    `limit`, and always when `exact`.
    """

    def __init__(self, columns: Sequence[Column], *, exact: bool = False) -> None:
        self.columns = [column for column in columns if not is_nested(column.dtype) and column.dtype != pl.Null]
        fitting = max(FEWEST, min(ROWS, CELLS // max(1, len(self.columns))))
        self.limit = EVERY if exact else fitting

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        chosen = frame.select(ROW, *(column.key for column in self.columns))
        return [chosen.with_columns(pl.col(ROW).hash().alias(DRAW)).bottom_k(self.limit, by=DRAW)]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        return [pl.concat([state[0] for state in states]).bottom_k(self.limit, by=DRAW).sort(ROW)]
