"""Frames in memory as datasets, and what a profile says of them."""

from itertools import accumulate
from typing import Any

import polars as pl
import pytest

from datalife.sources.dataset import Column, Dataset, Shard
from datalife.sources.model import ReadOptions
from datalife.sources.table import Table
from datalife.sources.types import normal_type
from datalife.stats.model import ColumnProfile, Profile
from datalife.stats.profile import profile_of, summarize
from datalife.stats.summary import Summary


class Held:
    """A frame as the part of a table."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.rows = frame.height

    def read(self, positions: Any = None, numbers: Any = None) -> pl.DataFrame:
        """The columns by position."""
        frame = self.frame.rename({name: str(place) for place, name in enumerate(self.frame.columns)})
        return frame if positions is None else frame.select(str(place) for place in positions)

    def line(self, row: int) -> None:
        """No lines."""


def dataset(*frames: pl.DataFrame) -> Dataset:
    """Frames of one schema as the shards of a dataset."""
    schema = frames[0].schema
    columns = tuple(Column(name, f"c{place}", normal_type(dtype)) for place, (name, dtype) in enumerate(schema.items()))
    table = Table("held", list(schema), list(schema.dtypes()), [Held(frame) for frame in frames])
    firsts = accumulate((part.rows for part in table.parts), initial=0)
    shards = [
        Shard(part, table.heading, columns, ReadOptions(), first)
        for part, first in zip(table.parts, firsts, strict=False)
    ]
    return Dataset(("held",), columns, shards)


def summary(*frames: pl.DataFrame) -> Summary:
    """One summary of several shards."""
    return summarize(dataset(*frames))


def column(values: list[Any], dtype: pl.DataType | None = None) -> ColumnProfile:
    """The profile of one column."""
    return profile_of(summary(pl.DataFrame({"x": pl.Series(values, dtype=dtype)}))).columns[0]


def profiled(columns: dict[str, Any]) -> Profile:
    """The profile of columns given as {name: values}."""
    return profile_of(summary(pl.DataFrame(columns)))


def keys(found: Profile) -> dict[str, Any]:
    """A profile as JSON."""
    return found.model_dump(exclude_unset=True)


def close(one: Any, other: Any) -> bool:
    """Equal, floats up to rounding."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-6, abs=1e-6)
    return bool(one == other)
