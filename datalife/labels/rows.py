"""The predictions in full: every column of those read now and of those remembered, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl

from datalife.labels.runs import Runs
from datalife.labels.state import Table
from datalife.sources.columnar import CELLS
from datalife.sources.dataset import Dataset, Shard
from datalife.sources.types import common_type


@dataclass(frozen=True)
class Kept:
    """Rows of an earlier run: a table with the columns `number`, `w0`, `w1` ..., called `names`."""

    names: tuple[str, ...] = ()
    table: Table | None = None

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The type of each name."""
        known = self.table.schema if self.table else {}
        return {name: known[f"w{position}"] for position, name in enumerate(self.names if known else ())}


@dataclass(frozen=True)
class Block:
    """Rows whose numbers are from `first` up to `stop`; `read` gives those there are: `number`, `w0`, `w1` ..."""

    first: int
    stop: int
    read: Callable[[], pl.DataFrame]


@dataclass(frozen=True)
class Rows:
    """Rows by number: first those `kept`, then those of `dataset`, numbered from `base`.

    A column that one of the two lacks is null there; where the two types have nothing in common, it is text.
    """

    kept: Kept
    dataset: Dataset
    base: int = 0

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns by name, in the order of their first appearance."""
        schema = dict(self.kept.schema)
        for column in self.dataset.columns:
            known = schema.get(column.name, pl.Null())
            schema[column.name] = common_type(known, column.dtype) or pl.String()
        return schema

    @property
    def stop(self) -> int:
        """One more than the highest number."""
        return self.base + max((shard.first + shard.rows for shard in self.dataset.shards), default=0)

    @property
    def empty(self) -> pl.DataFrame:
        """A block without rows."""
        wide = {f"w{position}": dtype for position, dtype in enumerate(self.schema.values())}
        return pl.DataFrame(schema={"number": pl.Int64(), **wide})

    def blocks(self) -> list[Block]:
        """All rows in the order of their numbers."""
        values = self._aligned({column.name: column.key for column in self.dataset.columns})
        return [*self._kept_blocks()] + [
            Block(first, first + shard.rows, partial(_of_shard, shard, self.base, values))
            for shard in self.dataset.shards
            for first in [self.base + shard.first]
        ]

    def blocks_with(self, runs: Runs) -> Iterator[tuple[Block, pl.DataFrame]]:
        """Each block that `runs` tell something about, and what they tell; these are by number."""
        blocks = self.blocks()
        starts = pl.Series([block.first for block in blocks], dtype=pl.Int64)
        pieces = runs.cut(starts)
        next(pieces)  # nothing is before the first block
        for block, told in zip(blocks, pieces, strict=True):
            if told.height:
                yield block, told

    def _kept_blocks(self) -> Iterator[Block]:
        table = self.kept.table
        values = self._aligned({name: f"w{position}" for position, name in enumerate(self.kept.names)})
        size = max(1, CELLS // (len(self.kept.names) + 1))
        for start in range(0, table.rows if table else 0, size):
            assert table is not None
            numbers = table.frame(start, size, ["number"]).to_series()
            yield Block(numbers[0], numbers[-1] + 1, partial(_of_table, table, start, size, values))

    def _aligned(self, places: dict[str, str]) -> list[pl.Expr]:
        """The columns w0, w1 ... of a frame that has them at these places."""
        return [
            (pl.col(places[name]) if name in places else pl.lit(None)).cast(dtype).alias(f"w{position}")
            for position, (name, dtype) in enumerate(self.schema.items())
        ]


def _of_shard(shard: Shard, base: int, values: Sequence[pl.Expr]) -> pl.DataFrame:
    return shard.read(row="number").select(pl.col("number") + base, *values)


def _of_table(table: Table, start: int, size: int, values: Sequence[pl.Expr]) -> pl.DataFrame:
    return table.frame(start, size).select("number", *values)


def as_written(dataset: Dataset, suffixes: set[str]) -> Dataset:
    """The dataset as outputs with these suffixes take it: text goes into text files as it stands.

    NDJSON has numbers and booleans, so only the other columns stay text there; typed files take types.
    """
    if ".parquet" in suffixes:
        return dataset
    numeric = () if suffixes == {".csv"} else ("integer", "float", "boolean")
    names = [column.name for column in dataset.columns if column.type not in numeric]
    return dataset.as_text(names)
