"""Rows of two datasets paired by their key: which row belongs to which, and which have no partner.

Keys are joined by their 64-bit hashes, which is several times as fast as joining texts, and then compared in full;
were two different keys to have one hash, they are joined themselves. Keys in the same order on both sides need no
join at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.drift.model import Sides

PLACE = pl.UInt32()


@dataclass(frozen=True)
class Keys:
    """The key columns k0, k1, ... of both sides, and where each of their rows is within its side (`places`).

    Rows without a key and rows of keys that repeat are left out already.
    """

    baseline: pl.DataFrame
    current: pl.DataFrame
    places: tuple[pl.Series, pl.Series]


@dataclass(frozen=True)
class Match:
    """Rows by their place within their side.

    `baseline[i]` and `current[i]` are partners, in the order of the baseline; `only` are the rows of either side
    without one. `repeated` are the keys that occur more than once, `missing` counts the rows without a key.
    `aligned` says that every row's partner has the same place.
    """

    baseline: pl.Series
    current: pl.Series
    only: tuple[pl.Series, pl.Series]
    repeated: tuple[pl.DataFrame, pl.DataFrame]
    missing: Sides
    aligned: bool = False


def match(baseline: pl.DataFrame, current: pl.DataFrame) -> Match:
    """Pairs the rows of two frames of keys, which have the same columns of the same types."""
    sides = (baseline, current)
    present = [_present(side) for side in sides]
    missing = Sides(baseline=baseline.height - len(present[0]), current=current.height - len(present[1]))
    whole = [side if len(places) == side.height else side[places] for side, places in zip(sides, present, strict=True)]
    hashes = [side.hash_rows() for side in whole]
    none = baseline.clear()
    is_unique = all(side.n_unique() == len(side) for side in hashes)
    repeated = (none, none)
    if not is_unique:
        repeated = (_repeated(whole[0]), _repeated(whole[1]))
        ambiguous = pl.concat(repeated).unique()
        kept = [_without(side, ambiguous) for side in whole]
        present = [places.gather(rows) for places, rows in zip(present, kept, strict=True)]
        whole = [side[rows] for side, rows in zip(whole, kept, strict=True)]
        hashes = [side.gather(rows) for side, rows in zip(hashes, kept, strict=True)]
        is_unique = all(side.n_unique() == len(side) for side in hashes)
    keys = Keys(whole[0], whole[1], (present[0], present[1]))
    pairs = _pairs(keys, (hashes[0], hashes[1]), is_unique)
    chosen = [places.gather(rows) for places, rows in zip(keys.places, pairs, strict=True)]
    only = [places.filter(_alone(len(places), rows)) for places, rows in zip(keys.places, pairs, strict=True)]
    aligned = len(chosen[0]) == baseline.height == current.height and bool((chosen[0] == chosen[1]).all())
    return Match(chosen[0], chosen[1], (only[0], only[1]), repeated, missing, aligned)


def _present(keys: pl.DataFrame) -> pl.Series:
    """The places of the rows that have a key."""
    if not any(column.null_count() for column in keys):
        return pl.int_range(keys.height, dtype=PLACE, eager=True)
    return keys.select(pl.all_horizontal(pl.all().is_not_null()).arg_true()).to_series().cast(PLACE)


def _pairs(keys: Keys, hashes: tuple[pl.Series, pl.Series], is_unique: bool) -> tuple[pl.Series, pl.Series]:
    """The rows of both frames of keys that belong together, in the order of the baseline.

    `is_unique`: no two keys of one side have the same hash.
    """
    if len(hashes[0]) == len(hashes[1]) and bool((hashes[0] == hashes[1]).all()) and keys.baseline.equals(keys.current):
        rows = pl.int_range(len(hashes[0]), dtype=PLACE, eager=True)
        return rows, rows
    if is_unique:
        pairs = _joined(hashes[0].to_frame("key"), hashes[1].to_frame("key"), ["key"])
        if keys.baseline[pairs[0]].equals(keys.current[pairs[1]]):
            return pairs
    return _joined(keys.baseline, keys.current, keys.baseline.columns)


def _joined(one: pl.DataFrame, other: pl.DataFrame, names: Sequence[str]) -> tuple[pl.Series, pl.Series]:
    numbered = [
        side.with_columns(pl.int_range(pl.len(), dtype=PLACE).alias(name))
        for side, name in ((one, "one"), (other, "other"))
    ]
    joined = numbered[0].join(numbered[1], on=names, how="inner", maintain_order="left")
    return joined.get_column("one"), joined.get_column("other")


def _alone(size: int, rows: pl.Series) -> pl.Series:
    """Whether a row is none of `rows`, for each of `size` rows."""
    return pl.repeat(True, size, dtype=pl.Boolean, eager=True).scatter(rows, False)


def _repeated(keys: pl.DataFrame) -> pl.DataFrame:
    """The keys that occur more than once, in the order of their rows."""
    counted = keys.group_by(keys.columns, maintain_order=True).len("count")
    return counted.filter(pl.col("count") > 1).drop("count")


def _without(keys: pl.DataFrame, ambiguous: pl.DataFrame) -> pl.Series:
    """The rows whose key is none of the ambiguous ones, in order."""
    numbered = keys.with_columns(pl.int_range(pl.len(), dtype=PLACE).alias("row"))
    return numbered.join(ambiguous, on=keys.columns, how="anti", maintain_order="left").get_column("row")
