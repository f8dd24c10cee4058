"""Rows of two datasets paired by their key: which row belongs to which, and which have no partner.

Keys are joined by their 64-bit hashes, which is several times as fast as joining texts, and then compared in full;
were two different keys to have one hash, they are joined themselves. Keys in the same order on both sides need no
join at all. What is done to either side alone is done to both at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from datalife.drift.model import Sides

PLACE = pl.UInt32()


@dataclass(frozen=True)
class Keys:
    """The key columns k0, k1, ... of one side, their `hashes`, and where the rows are within the side (`places`).

    Rows without a key are left out. `is_unique`: no two keys have the same hash.
    """

    frame: pl.DataFrame
    hashes: pl.Series
    places: pl.Series
    is_unique: bool

    @classmethod
    def of(cls, side: pl.DataFrame) -> Keys:
        """Those rows of a side that have a key."""
        places = _present(side)
        return cls._of(side if len(places) == side.height else side[places], places)

    @classmethod
    def _of(cls, frame: pl.DataFrame, places: pl.Series) -> Keys:
        hashes = frame.hash_rows()
        return cls(frame, hashes, places, hashes.n_unique() == len(hashes))

    def repeated(self) -> pl.DataFrame:
        """The keys that occur more than once, in the order of their rows."""
        if self.is_unique:
            return self.frame.clear()
        suspects = self.frame.filter(self.hashes.is_duplicated())
        counted = suspects.group_by(self.frame.columns, maintain_order=True).len("count")
        return counted.filter(pl.col("count") > 1).drop("count")

    def without(self, ambiguous: pl.DataFrame) -> Keys:
        """The rows whose key is none of the ambiguous ones."""
        numbered = self.frame.with_columns(pl.int_range(pl.len(), dtype=PLACE).alias("row"))
        kept = numbered.join(ambiguous, on=self.frame.columns, how="anti", maintain_order="left")
        return self._of(kept.drop("row"), self.places.gather(kept.get_column("row")))


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

    def before(self, values: pl.Series) -> pl.Series:
        """A column of the baseline in the matched rows."""
        return _chosen(values.to_frame(), self.baseline).to_series()

    def after(self, values: pl.Series) -> pl.Series:
        """A column of the current side in the matched rows, in the order of the baseline."""
        return values if self.aligned else values.rechunk().gather(self.current)  # one piece is gathered much faster


def match(baseline: pl.DataFrame, current: pl.DataFrame) -> Match:
    """Pairs the rows of two frames of keys, which have the same columns of the same types."""
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(Keys.of, (baseline, current))
    missing = Sides(baseline=baseline.height - len(one.places), current=current.height - len(other.places))
    repeated = (one.repeated(), other.repeated())
    if any(not keys.is_empty() for keys in repeated):
        ambiguous = pl.concat(repeated).unique()
        one, other = one.without(ambiguous), other.without(ambiguous)
    pairs = _pairs(one, other)
    chosen = [keys.places.gather(rows) for keys, rows in zip((one, other), pairs, strict=True)]
    only = [keys.places.filter(_alone(len(keys.places), rows)) for keys, rows in zip((one, other), pairs, strict=True)]
    aligned = len(chosen[0]) == baseline.height == current.height and bool((chosen[0] == chosen[1]).all())
    return Match(chosen[0], chosen[1], (only[0], only[1]), repeated, missing, aligned)


def _present(keys: pl.DataFrame) -> pl.Series:
    """The places of the rows that have a key."""
    if not any(column.null_count() for column in keys):
        return pl.int_range(keys.height, dtype=PLACE, eager=True)
    return keys.select(pl.all_horizontal(pl.all().is_not_null()).arg_true()).to_series().cast(PLACE)


def _pairs(one: Keys, other: Keys) -> tuple[pl.Series, pl.Series]:
    """The rows of both sides that belong together, in the order of the baseline."""
    if len(one.hashes) == len(other.hashes) and bool((one.hashes == other.hashes).all()):
        rows = pl.int_range(len(one.hashes), dtype=PLACE, eager=True)
        if one.frame.equals(other.frame):
            return rows, rows
    if one.is_unique and other.is_unique:
        pairs = _joined(one.hashes.to_frame("key"), other.hashes.to_frame("key"), ["key"])
        if _chosen(one.frame, pairs[0]).equals(other.frame[pairs[1]]):
            return pairs
    return _joined(one.frame, other.frame, one.frame.columns)


def _joined(one: pl.DataFrame, other: pl.DataFrame, names: Sequence[str]) -> tuple[pl.Series, pl.Series]:
    """The rows of unique keys that belong together.

    Putting them in order afterwards is several times as fast as a join that keeps it.
    """
    numbered = [
        side.lazy().with_columns(pl.int_range(pl.len(), dtype=PLACE).alias(name))
        for side, name in ((one, "one"), (other, "other"))
    ]
    joined = numbered[0].join(numbered[1], on=names, how="inner").select("one", "other").collect()
    rows = joined.get_column("one")
    partners = pl.repeat(0, one.height, dtype=PLACE, eager=True).scatter(rows, joined.get_column("other"))
    matched = ~_alone(one.height, rows)
    return matched.arg_true().cast(PLACE), partners.filter(matched)


def _chosen(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Some of the rows, in the order that they have: filtered, which is faster than gathered."""
    return frame if len(rows) == frame.height else frame.filter(~_alone(frame.height, rows))


def _alone(size: int, rows: pl.Series) -> pl.Series:
    """Whether a row is none of `rows`, for each of `size` rows."""
    return pl.repeat(True, size, dtype=pl.Boolean, eager=True).scatter(rows, False)
