"""The predictions in full: every column of those read now and of those remembered, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl

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
        kept = list(self._kept_blocks())
        return kept + [
            Block(self.base + shard.first, self.base + shard.first + shard.rows, partial(self._read_shard, shard))
            for shard in self.dataset.shards
        ]

    def _kept_blocks(self) -> Iterator[Block]:
        table = self.kept.table
        size = max(1, CELLS // (len(self.kept.names) + 1))
        for start in range(0, table.rows if table else 0, size):
            assert table is not None
            numbers = table.frame(start, size, ["number"]).to_series()
            yield Block(numbers[0], numbers[-1] + 1, partial(self._read_kept, start, size))

    def _read_kept(self, start: int, size: int) -> pl.DataFrame:
        assert self.kept.table is not None
        places = {name: f"w{position}" for position, name in enumerate(self.kept.names)}
        return self._aligned(self.kept.table.frame(start, size), places)

    def _read_shard(self, shard: Shard) -> pl.DataFrame:
        frame = shard.read(row="number").with_columns(pl.col("number") + self.base)
        return self._aligned(frame, {column.name: column.key for column in self.dataset.columns})

    def _aligned(self, frame: pl.DataFrame, places: dict[str, str]) -> pl.DataFrame:
        columns = [
            (pl.col(places[name]) if name in places else pl.lit(None)).cast(dtype).alias(f"w{position}")
            for position, (name, dtype) in enumerate(self.schema.items())
        ]
        return frame.select("number", *columns)


def as_written(dataset: Dataset, suffixes: set[str]) -> Dataset:
    """The dataset as outputs with these suffixes take it: text goes into text files as it stands.

    NDJSON has numbers and booleans, so only the other columns stay text there; typed files take types.
    """
    if ".parquet" in suffixes:
        return dataset
    numeric = () if suffixes == {".csv"} else ("integer", "float", "boolean")
    names = [column.name for column in dataset.columns if column.type not in numeric]
    return dataset.as_text(names)
