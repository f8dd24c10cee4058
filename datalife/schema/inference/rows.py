"""What only the rows themselves show: columns that identify a row together, and times that never go back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import polars as pl

from datalife.anomalies import Severity
from datalife.engine import State, run
from datalife.schema.inference.keys import is_reference
from datalife.schema.inference.model import values_of
from datalife.schema.keys import Hashes, Key, suspects_of
from datalife.schema.model import Terms
from datalife.schema.shuffled import shuffled_suspects
from datalife.sources.dataset import Dataset
from datalife.stats.model import ColumnProfile, Profile
from datalife.workspace import workspace

#: The types of which keys are made.
KEY_TYPES = ("integer", "string", "date", "datetime", "boolean")
#: No key of more columns is looked for, nor among more columns than these.
WIDEST_KEY = 3
MOST_CANDIDATES = 12
#: Fewer repeats than this by chance alone, and that there are none means nothing.
REPEATS_BY_CHANCE = 20
#: Rows looked at before all of them: most combinations repeat within these.
FIRST_ROWS = 100_000
#: So many combinations that do not repeat there are looked for in all rows, a pass over them each.
MOST_LOOKS = 6
#: The share of distinct values, where these are an estimate, from which a text or an integer may be a key alone.
NEARLY_ALL = 0.95


@dataclass(frozen=True)
class RowFacts:
    """`key` are columns whose values together never repeat, `expected` how often they would by chance alone.

    `ordered` are the columns of times that never go back from row to row.
    """

    key: tuple[str, ...] = ()
    expected: float = 0.0
    ordered: tuple[str, ...] = field(default=())

    @property
    def evidence(self) -> str:
        """What speaks for the key."""
        return f"no combination twice; by chance alone about {self.expected:,.0f} would be"


def look(dataset: Dataset, profile: Profile, keys: Mapping[str, bool]) -> RowFacts:
    """What the rows of a dataset show; `keys` says of each column whether it is a key alone.

    Where one is, or may be, no key of several is looked for: together with it any column would be one.
    """
    is_known = any(keys.values()) or any(_may_be_key(column) for column in profile.columns)
    key, expected = ((), 0.0) if is_known else _composite(dataset, profile)
    return RowFacts(key, expected, tuple(_ordered(dataset, profile)))


def _ordered(dataset: Dataset, profile: Profile) -> list[str]:
    times = [each for each in profile.columns if each.type in ("date", "datetime") and (each.distinct_count or 0) > 1]
    if not times:
        return []
    columns = [dataset.column(each.name) for each in times]
    states = run(dataset.narrowed(columns), _InOrder([column.key for column in columns]))
    return [column.name for column, state in zip(columns, states, strict=True) if state.get_column("ordered")[0]]


class _InOrder:
    """A job: of each column, by key, whether its values never go back, with the first and the last of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = keys

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        columns = [pl.col(key).drop_nulls() for key in self.keys]
        return [
            frame.select(first=each.first(), last=each.last(), ordered=(each >= each.shift(1)).all())
            for each in columns
        ]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        first, last, ordered = pl.col("first"), pl.col("last"), pl.col("ordered")
        whole = ordered.all() & (first >= last.shift(1)).all()
        columns = (pl.concat(frames).drop_nulls("first") for frames in zip(*states, strict=True))
        return [frame.select(first.first(), last.last(), ordered=whole) for frame in columns]


def _composite(dataset: Dataset, profile: Profile) -> tuple[tuple[str, ...], float]:
    """The fewest columns that identify a row, with the repeats that chance would make; none where there are none."""
    columns = {each.name: each for each in profile.columns if _may_be_in_key(each)}
    names = sorted(columns, key=lambda name: -(columns[name].distinct_count or 0))[:MOST_CANDIDATES]
    names = [column.name for column in profile.columns if column.name in names]
    chances = {name: _chance(columns[name]) for name in names}
    first: pl.DataFrame | None = None
    looks = 0
    for width in range(2, WIDEST_KEY + 1):
        for group in combinations(names, width):
            expected = math.comb(profile.rows, 2) * math.prod(chances[name] for name in group)
            if expected < REPEATS_BY_CHANCE or not any(_names_rows(columns[name]) for name in group):
                continue
            if first is None:
                first = _first_rows(dataset, names)
            if first.select(group).is_duplicated().any():
                continue
            looks += 1
            if looks > MOST_LOOKS:
                return (), 0.0
            if not _repeats(dataset, group):
                return group, expected
    return (), 0.0


def _may_be_key(column: ColumnProfile) -> bool:
    """Whether the values of a column, too many to compare, hardly ever repeat."""
    if column.type not in ("string", "integer") or column.distinct_exact:
        return False
    return (column.distinct_count or 0) > NEARLY_ALL * column.count


def _may_be_in_key(column: ColumnProfile) -> bool:
    return column.type in KEY_TYPES and not column.null_count and (column.distinct_count or 0) > 1


def _names_rows(column: ColumnProfile) -> bool:
    """Whether a column is of the kind that keys are made around: a reference or a time."""
    return is_reference(column.name) or column.type in ("date", "datetime")


def _chance(column: ColumnProfile) -> float:
    """How likely two rows have the same value: the share of the pairs of rows that do.

    Where not all values are known, its least: each value that is not new makes a pair with one before it.
    """
    values = values_of(column)
    if values is None:
        pairs = column.count - (column.distinct_count or 0)
    else:
        pairs = sum(math.comb(count, 2) for _, count in values)
    return pairs / max(1, math.comb(column.count, 2))


def _first_rows(dataset: Dataset, names: list[str]) -> pl.DataFrame:
    keys = [dataset.column(name).key for name in names]
    shard = next((each for each in dataset.shards if each.rows), None)
    frame = pl.DataFrame(schema=dict.fromkeys(keys, pl.Null)) if shard is None else shard.read(keys).head(FIRST_ROWS)
    return frame.select(pl.col(key).alias(name) for key, name in zip(keys, names, strict=True))


def _repeats(dataset: Dataset, names: Sequence[str]) -> bool:
    """Whether a combination occurs twice; two that only share a hash pass for one, which no key can."""
    columns = tuple(dataset.column(name) for name in names)
    key = Key(columns, Terms(), "duplicate-key", Severity.ERROR, ())
    if not dataset.engine.shares_memory:
        (found,) = shuffled_suspects(dataset, [key])
        return not found.hashes.is_empty()
    with workspace() as disk:
        (found,) = suspects_of(run(dataset.narrowed(columns), Hashes([key], disk)))
    return not found.hashes.is_empty()
