"""Many columns as one long one: a query costs more by its columns than by its rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import polars as pl

#: So many values are looked at together.
STACKED = 1 << 20
Member = TypeVar("Member")


def alike(members: Iterable[Member], what: Callable[[Member], Hashable]) -> Iterable[list[Member]]:
    """The members of which this is the same, such as their type, together and in their order."""
    found: dict[Hashable, list[Member]] = {}
    for member in members:
        found.setdefault(what(member), []).append(member)
    return found.values()


def groups(members: Sequence[Member], size: Callable[[Member], int]) -> Iterator[list[Member]]:
    """The members in their order, in groups that have about STACKED values together."""
    group, together = list[Member](), 0
    for member in members:
        group.append(member)
        together += size(member)
        if together >= STACKED:
            yield group
            group, together = [], 0
    if group:
        yield group


def stacked(columns: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The pairs of at least one column as one frame; `field` is the place of the column that a pair is of."""
    sizes = pl.Series([column.height for column in columns], dtype=pl.UInt32)
    field = pl.int_range(len(columns), dtype=pl.UInt32, eager=True).repeat_by(sizes).explode(empty_as_null=False)
    pairs = pl.concat(columns, rechunk=True)  # thousands of chunks would cost most
    return pl.DataFrame([field.alias("field").set_sorted(), *pairs.get_columns()])


def each_of(pairs: pl.DataFrame, parts: Sequence[pl.Expr], width: int) -> list[dict[str, Any]]:
    """These parts of each of so many fields, by name; of a field without pairs they are None."""
    found = pairs.lazy().group_by("field", maintain_order=True).agg(parts)
    every = pl.LazyFrame({"field": pl.int_range(width, dtype=pl.UInt32, eager=True)})
    joined = every.join(found, on="field", how="left", maintain_order="left").drop("field")
    return joined.collect(engine="in-memory").to_dicts()
