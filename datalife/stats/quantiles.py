"""Quantiles and histograms of weighted points in ascending order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

#: The quantiles of a profile.
LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def quantiles(points: pl.DataFrame, levels: Sequence[float]) -> list[float | None]:
    """The quantiles by linear interpolation between order statistics (the default of numpy, R type 7).

    `points` has `value` ascending and `weight`, how many values each point stands for. None when there are none.
    """
    if points.is_empty():
        return [None] * len(levels)
    ends = points.get_column("weight").cum_sum()
    values = points.get_column("value")
    total = ends[-1]

    def at(rank: float) -> float:
        position = int(ends.search_sorted(rank, side="right"))
        return float(values[min(position, len(values) - 1)])

    found: list[float | None] = []
    for level in levels:
        place = level * (total - 1)
        below = float(int(place))
        low, high = at(below), at(below + 1) if place > below else at(below)
        found.append(low if low == high else low + (high - low) * (place - below))
    return found


def counts_between(points: pl.DataFrame, edges: Sequence[float]) -> list[int | float]:
    """The weight in each bin [left, right), the last one with its right edge; edges ascend strictly."""
    if points.is_empty():
        return [0] * (len(edges) - 1)
    inner = pl.Series(list(edges[1:-1]), dtype=pl.Float64)
    bins = inner.search_sorted(points.get_column("value"), side="right") if len(inner) else [0] * points.height
    sums = (
        pl.DataFrame({"bin": pl.Series(bins, dtype=pl.Int64), "weight": points.get_column("weight")})
        .group_by("bin")
        .agg(pl.col("weight").sum())
    )
    weights = dict(sums.iter_rows())
    return [whole(weights.get(each, 0)) for each in range(len(edges) - 1)]


def equal_width(low: float, high: float, bins: int) -> list[float]:
    """`bins` + 1 edges from low to high; one bin where they are the same or too close to tell apart."""
    edges = [low + (high - low) * (position / bins) for position in range(bins)] + [high]
    return edges if all(one < other for one, other in pairwise(edges)) else [low, high]


def equal_count(points: pl.DataFrame, bins: int) -> list[float]:
    """The edges of bins that hold about the same number of values; equal edges are one."""
    edges = quantiles(points, [position / bins for position in range(bins + 1)])
    return sorted({edge for edge in edges if edge is not None})


def whole(weight: float) -> int | float:
    """A weight as an integer where it is one."""
    return int(weight) if float(weight).is_integer() else round(weight, 3)
