"""The predictions in full: every column of those read now and of those remembered, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from datalife.sources.dataset import Dataset, Shard
from datalife.sources.types import common_type


@dataclass(frozen=True)
class Kept:
    """Rows of an earlier run: a Parquet file with the columns `number`, `w0`, `w1` ..., called `names`."""

    names: tuple[str, ...] = ()
    path: Path | None = None

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The type of each name."""
        if self.path is None:
            return {}
        found = pl.read_parquet_schema(self.path)
        return {name: found[f"w{position}"] for position, name in enumerate(self.names)}


@dataclass(frozen=True)
class Rows:
    """Rows by number: first those `kept`, then those of `dataset`, numbered from `base`.

    A column that one of the two lacks is null there; where the two types have nothing in common, it is text.
    """

    kept: Kept
    dataset: Dataset
    base: int

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

    def scan(self, numbers: pl.Series) -> Iterator[pl.DataFrame]:
        """Frames with `number`, `w0`, `w1` ... (the columns of `schema`) of the rows asked for, in ascending order."""
        wanted = pl.DataFrame({"number": numbers.unique().sort()}, schema={"number": pl.Int64})
        for first, stop, read in self._blocks():
            here = wanted.filter(pl.col("number").is_between(first, stop, closed="left"))
            if here.height:
                frame = read()
                yield frame if here.height == frame.height else frame.join(here, on="number", how="semi")

    def gather(self, numbers: pl.Series) -> pl.DataFrame:
        """The rows asked for, in one frame."""
        empty = pl.DataFrame(schema={"number": pl.Int64(), **self._keyed})
        return pl.concat([empty, *self.scan(numbers)])

    def hashes(self, numbers: pl.Series) -> pl.DataFrame:
        """number, content: equal rows have equal contents. Holds within this process only; never stored."""
        empty = pl.DataFrame(schema={"number": pl.Int64(), "content": pl.UInt64()})
        parts = (
            frame.select("number", frame.drop("number").hash_rows().alias("content")) for frame in self.scan(numbers)
        )
        return pl.concat([empty, *parts])

    @property
    def _keyed(self) -> dict[str, pl.DataType]:
        return {f"w{position}": dtype for position, dtype in enumerate(self.schema.values())}

    def _blocks(self) -> Iterator[tuple[int, int, Callable[[], pl.DataFrame]]]:
        """(first number, end, how to read it) of each block."""
        if self.kept.path is not None:
            yield 0, self.base, self._read_kept
        for shard in self.dataset.shards:
            start = self.base + shard.first
            yield start, start + shard.rows, partial(self._read_shard, shard)

    def _read_kept(self) -> pl.DataFrame:
        assert self.kept.path is not None
        frame = pl.read_parquet(self.kept.path)
        places = {name: f"w{position}" for position, name in enumerate(self.kept.names)}
        return self._aligned(frame, places)

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
