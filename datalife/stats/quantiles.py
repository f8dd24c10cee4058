"""Quantiles and histograms of weighted points in ascending order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import polars as pl

#: The quantiles of a profile.
LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Line:
    """Values in ascending order; `ends` is the weight of each value and all before it."""

    values: Sequence[float]
    ends: Sequence[float]

    @classmethod
    def of(cls, points: pl.DataFrame) -> Line:
        """The line of `points`: `value` ascending, `weight` how many values each stands for."""
        return cls(points.get_column("value").to_list(), list(accumulate(points.get_column("weight").to_list())))

    @property
    def weights(self) -> list[float]:
        """How many values each one stands for."""
        return [high - low for low, high in pairwise([0.0, *self.ends])]

    def reversed(self) -> Line:
        """The same in descending order."""
        return Line(self.values[::-1], list(accumulate(self.weights[::-1])))

    def quantiles(self, levels: Sequence[float]) -> list[float | None]:
        """The quantiles by linear interpolation between order statistics (the default of numpy, R type 7).

        None where there are no values.
        """
        return [self._quantile(level) for level in levels] if self.values else [None] * len(levels)

    def _quantile(self, level: float) -> float:
        place = level * (self.ends[-1] - 1)
        below = float(int(place))
        low = self._at(below)
        high = self._at(below + 1) if place > below else low
        return low if low == high else low + (high - low) * (place - below)

    def _at(self, rank: float) -> float:
        return self.values[min(bisect_right(self.ends, rank), len(self.values) - 1)]

    def beyond(self, value: float) -> Line:
        """The part of the line that is greater than a value."""
        start = bisect_right(self.values, value)
        before = self.ends[start - 1] if start else 0.0
        return Line(self.values[start:], [end - before for end in self.ends[start:]])

    def counts_between(self, edges: Sequence[float]) -> list[int | float]:
        """How many values are in each bin [left, right), the last one with its right edge; edges ascend.

        To three decimals, where the points stand for parts of values.
        """
        return [plain(round(weight, 3)) for weight in self.weights_between(edges)]

    def weights_between(self, edges: Sequence[float]) -> list[float]:
        """The weight in each of these bins, as it is."""
        if not self.values:
            return [0.0] * (len(edges) - 1)
        before = [0.0, *(self._weight_below(edge) for edge in edges[1:-1]), self.ends[-1]]
        return [high - low for low, high in pairwise(before)]

    def _weight_below(self, edge: float) -> float:
        position = bisect_left(self.values, edge)
        return self.ends[position - 1] if position else 0.0

    def equal_width(self, bins: int) -> list[float]:
        """`bins` + 1 edges over all values; one bin where they are the same or too close to tell apart."""
        if not self.values:
            return []
        low, high = self.values[0], self.values[-1]
        edges = [low + (high - low) * (position / bins) for position in range(bins)] + [high]
        return edges if all(one < other for one, other in pairwise(edges)) else [low, high]

    def equal_count(self, bins: int) -> list[float]:
        """The edges of bins that hold about the same number of values; equal edges are one."""
        edges = {edge for edge in self.quantiles([position / bins for position in range(bins + 1)]) if edge is not None}
        return sorted(edges) if len(edges) != 1 else sorted(edges) * 2


def plain(weight: float) -> int | float:
    """A weight as an integer where it is one."""
    return int(weight) if float(weight).is_integer() else weight
