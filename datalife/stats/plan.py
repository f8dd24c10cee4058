"""The one scan behind a profile: every statistic of every field as queries, and their states merged."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import polars as pl

from datalife.engine import State
from datalife.stats import frequencies
from datalife.stats.analyzers import ANALYZERS, Analyzer
from datalife.stats.fields import Field, flat
from datalife.stats.frequencies import Frequencies


class Plan:
    """A job whose state is one row of analyzer states, then three frames for each field that is counted.

    A field's values are all counted while there are at most `keep` (KEEP) different ones.
    """

    def __init__(self, fields: Sequence[Field], keep: int | None = None) -> None:
        self.fields = flat(fields)
        self.keep = keep
        self.counted = [field for field in self.fields if field.counted]
        self.texts = [field for field in self.fields if field.dtype == pl.String]

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        partials = {
            part_name(field, analyzer, name): partial
            for field in self.fields
            for analyzer in analyzers_of(field.dtype)
            for name, partial in analyzer.partials(field.values, field.dtype).items()
        }
        queries = [frame.select(**partials) if partials else pl.LazyFrame({"||": [None]})]
        for field in self.counted:
            queries.append(frequencies.counted(field.values, frame))
            queries.append(frequencies.empty_points().lazy())
            queries.append(frequencies.empty_registers().lazy())
        lengths = [frequencies.counted(field.values.str.len_chars().cast(pl.Int64), frame) for field in self.texts]
        return queries + lengths

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        merged = [combined([state[0] for state in states], self.fields)]
        places = range(1, 1 + 3 * len(self.counted), 3)
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            for together in pool.map(partial(_merged_at, states, self.keep), places):
                merged += [together.values, together.points, together.registers]
        for place in range(len(merged), len(states[0])):
            lengths = pl.concat([state[place] for state in states])
            merged.append(lengths.group_by("value").agg(pl.col("count").sum()).sort("value"))
        return merged


def _merged_at(states: Sequence[State], keep: int | None, place: int) -> Frequencies:
    return frequencies.merged([Frequencies(*state[place : place + 3]) for state in states], keep)


def analyzers_of(dtype: pl.DataType) -> list[Analyzer]:
    """The analyzers of columns of this type."""
    return [analyzer for analyzer in ANALYZERS if analyzer.applies_to(dtype)]


def part_name(field: Field, analyzer: Analyzer, name: str) -> str:
    """The column that holds one part of one analyzer's state."""
    return f"{field.key}|{analyzer.name}|{name}"


def states_by_field(row: pl.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """A row of analyzer states as field key -> analyzer -> part -> value."""
    states: dict[str, dict[str, dict[str, Any]]] = {}
    for name, value in row.row(0, named=True).items():
        key, analyzer, part = name.split("|")
        states.setdefault(key, {}).setdefault(analyzer, {})[part] = value
    return states


def combined(states: Sequence[pl.DataFrame], fields: Sequence[Field]) -> pl.DataFrame:
    """One row of analyzer states from many."""
    if len(states) == 1:
        return states[0]
    together = pl.concat(list(states), how="diagonal_relaxed")
    expressions = {
        part_name(field, analyzer, name): expression
        for field in fields
        for analyzer in analyzers_of(field.dtype)
        for name, expression in analyzer.combine(
            lambda name, field=field, analyzer=analyzer: pl.col(part_name(field, analyzer, name))  # type: ignore[misc]
        ).items()
    }
    return together.select(**expressions)
