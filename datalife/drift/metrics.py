"""Distances between two columns: each a pure function, one entry in DISTANCES and a formula in its docstring.

Shares p (baseline) and q (current) are of the values present, over cells; NaN and each infinity are cells of
their own. Every distance is 0 for identical data. What the cells are:

- texts, booleans: the values;
- integers of at most 1,000 values and other numbers and times of at most 20: the values, beyond that the bins
  between the deciles of the baseline;
- `psi` of numbers and times: always the decile bins; `jensen_shannon` of them: always ten equal-width bins of
  each side, cut again at the edges of both (see `alignment.equal_width_cells`);
- `kolmogorov_smirnov` and `wasserstein` need no cells, but an order: numbers, times, the lengths of texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from datalife.anomalies import Change
from datalife.drift import noise
from datalife.drift.alignment import Axis, Cells, Pair, gap

if TYPE_CHECKING:
    from datalife.stats.summary import ColumnSummary

#: Added to every count before PSI takes a logarithm, so that an empty cell has a finite one.
SMOOTHING = 0.5


@dataclass(frozen=True)
class Measurement:
    """A distance, or in `reason` why there is none.

    `noise_floor` is the distance that chance alone reaches in one of a hundred comparisons of this size when
    nothing changed, `likelihood` the p-value of the change, `largest_change` the value or bin that moved
    most.
    """

    distance: float | None = None
    noise_floor: float | None = None
    largest_change: Change | None = None
    reason: str | None = None
    likelihood: float | None = None


@dataclass(frozen=True)
class OverCells:
    """A distance between shares: formula, noise, default threshold, greatest value, and the cells of numbers."""

    distance: Callable[[Cells], float]
    noise: Callable[[Cells], float]
    threshold: float
    greatest: float = 1.0
    of_numbers: Callable[[Pair], Cells] = lambda pair: pair.natural

    def applies_to(self, pair: Pair) -> bool:
        """Whether comparable columns have this distance: all do."""
        return pair.reason is None

    def over(self, pair: Pair) -> Cells:
        """The cells that the distance is taken over."""
        return self.of_numbers(pair) if pair.ordered else pair.values


@dataclass(frozen=True)
class OverAxis:
    """A distance between distributions along an axis: formula, noise, default threshold, greatest value."""

    distance: Callable[[Axis], float | None]
    noise: Callable[[Axis], float | None]
    threshold: float
    greatest: float = 1.0

    def applies_to(self, pair: Pair) -> bool:
        """Whether comparable columns have this distance: those on an axis, texts by their lengths."""
        return pair.reason is None and pair.has_axis

    def over(self, pair: Pair) -> Axis:
        """The axis that the distance is taken along."""
        return pair.axis


def l_infinity(cells: Cells) -> float:
    """The largest |p - q|: 0..1, Chebyshev's distance.

    Source: Breck et al., "Data Validation for Machine Learning", MLSys 2019.
    """
    return max(abs(p - q) for p, q in cells.shares)


def total_variation(cells: Cells) -> float:
    """Half the sum of |p - q|: 0..1, the share of the values that would have to change."""
    return sum(abs(p - q) for p, q in cells.shares) / 2


def jensen_shannon(cells: Cells) -> float:
    """The mean of KL(p, m) and KL(q, m) with m = (p + q) / 2, in bits: 0..1, the divergence and not its root.

    Source: Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """
    return sum(_bits(p, (p + q) / 2) + _bits(q, (p + q) / 2) for p, q in cells.shares) / 2


def _bits(p: float, middle: float) -> float:
    return p * math.log2(p / middle) if p else 0.0


def psi(cells: Cells) -> float:
    """The sum of (p - q) ln(p / q), the population stability index; 0.5 is added to every count.

    Source: Siddiqi, "Credit Risk Scorecards", 2006; the index is Jeffreys' divergence.
    """
    held = [pair for pair in zip(cells.baseline, cells.current, strict=True) if any(pair)]
    n, m = (size + SMOOTHING * len(held) for size in cells.sizes)
    shares = (((one + SMOOTHING) / n, (other + SMOOTHING) / m) for one, other in held)
    return sum((p - q) * math.log(p / q) for p, q in shares)


def chi_square(cells: Cells) -> float:
    """Half the sum of (p - q)^2 / (p + q): 0..1, of as many values on both sides chi-square / (n + m).

    Source: Cha, "Comprehensive Survey on Distance/Similarity Measures", 2007 (probabilistic symmetric).
    """
    return sum((p - q) ** 2 / (p + q) for p, q in cells.shares if p + q) / 2


def hellinger(cells: Cells) -> float:
    """The root of half the sum of (sqrt p - sqrt q)^2: 0..1. Source: Hellinger, 1909."""
    return math.sqrt(sum((math.sqrt(p) - math.sqrt(q)) ** 2 for p, q in cells.shares) / 2)


def normalized_abs_difference(cells: Cells) -> float:
    """The largest |count - count| over all counts of both sides, 0..1; more rows alone move it (TFDV)."""
    gaps = (abs(one - other) for one, other in zip(cells.baseline, cells.current, strict=True))
    return max(gaps) / sum(cells.sizes)


def kolmogorov_smirnov(axis: Axis) -> float:
    """The largest difference of the two cumulative distributions: 0..1. Source: Smirnov, 1939."""
    return axis.largest_gap


def wasserstein(axis: Axis) -> float | None:
    """The area between the cumulative distributions of the finite values over the baseline's std.

    0..infinity: by how many standard deviations values move on average (the earth mover's distance). None
    where the baseline is constant and the current data is not the same, or a side has no finite value.
    """
    frame = axis.finite
    n, m = float(frame["baseline"].sum()), float(frame["current"].sum())
    if not n or not m:
        return None
    area = float(frame.select((gap(n, m) * pl.col("value").diff().shift(-1)).sum()).item())
    scale = noise.deviation(frame["value"], frame["baseline"])
    if not area:
        return 0.0
    return area / scale if scale and math.isfinite(area / scale) else None


#: What categories are compared by: values, shapes of texts, missing and present.
CATEGORIES = OverCells(l_infinity, noise.l_infinity, 0.05)

DISTANCES: dict[str, OverCells | OverAxis] = {
    "l_infinity": CATEGORIES,
    "jensen_shannon": OverCells(jensen_shannon, noise.jensen_shannon, 0.1, 1.0, lambda pair: pair.equal_widths),
    "psi": OverCells(psi, noise.psi, 0.1, math.inf, lambda pair: pair.deciles),
    "kolmogorov_smirnov": OverAxis(kolmogorov_smirnov, noise.kolmogorov_smirnov, 0.1),
    "wasserstein": OverAxis(wasserstein, noise.wasserstein, 0.1, math.inf),
    "total_variation": OverCells(total_variation, noise.total_variation, 0.1),
    "chi_square": OverCells(chi_square, noise.chi_square, 0.02),
    "hellinger": OverCells(hellinger, noise.hellinger, 0.1),
    "normalized_abs_difference": OverCells(normalized_abs_difference, noise.normalized_abs_difference, 0.1),
}

#: Limits may also be of the share of missing values, which is no distance of the values.
NULL_FRACTION = "null_fraction"
#: Distances are rounded to so many decimals: 0.7 - 0.4 does not break a limit of 0.3.
DECIMALS = 12


def measure(metric: str, baseline: ColumnSummary, current: ColumnSummary) -> Measurement:
    """The distance called `metric` (a key of DISTANCES, or NULL_FRACTION) between two summaries of a column."""
    if metric == NULL_FRACTION:
        return measure_missing(baseline, current)
    return measure_pair(metric, Pair(baseline, current))


def measure_missing(baseline: ColumnSummary, current: ColumnSummary) -> Measurement:
    """How far the share of missing values moved, of all rows: 0..1."""
    if not baseline.rows or not current.rows:
        return Measurement(reason="a side has no rows")
    before, after = ((side.null_count, side.count) for side in (baseline, current))
    return measure_cells(CATEGORIES, Cells(before, after, ("missing", "present").__getitem__))


def measure_pair(metric: str, pair: Pair) -> Measurement:
    """As `measure`, of columns that are laid side by side already."""
    distance = DISTANCES[metric]
    if pair.reason:
        return Measurement(reason=pair.reason)
    if not distance.applies_to(pair):
        return Measurement(reason=f"{metric} needs numbers, times or texts, not {pair.baseline.type} values")
    found = value_of(metric, pair)
    if found is None:
        return Measurement(reason=f"{metric} has no scale: the baseline is constant or has no finite value")
    floor = distance.noise(distance.over(pair))  # type: ignore[arg-type]
    floor = None if floor is None else _rounded(min(floor, distance.greatest))
    return Measurement(found, floor, largest_change(distance, pair), None, _likelihood(distance, pair))


def measure_cells(distance: OverCells, cells: Cells) -> Measurement:
    """A distance between categories that are laid side by side already."""
    found, floor = (_rounded(min(of(cells), distance.greatest)) for of in (distance.distance, distance.noise))
    return Measurement(found, floor, _most_moved(cells), None, noise.likelihood_of_cells(cells))


def value_of(metric: str, pair: Pair) -> float | None:
    """The distance alone; None where it does not exist."""
    distance = DISTANCES[metric]
    if not distance.applies_to(pair):
        return None
    found = distance.distance(distance.over(pair))  # type: ignore[arg-type]
    return None if found is None else _rounded(min(found, distance.greatest))


def largest_change(distance: OverCells | OverAxis, pair: Pair) -> Change | None:
    """The value (or bin between the baseline's deciles) whose share moved most; None where none moved."""
    lengths = isinstance(distance, OverAxis) and not pair.ordered
    return _most_moved(pair.deciles if lengths else pair.natural)


def _most_moved(cells: Cells) -> Change | None:
    cell = max(range(len(cells.shares)), key=lambda each: abs(cells.shares[each][0] - cells.shares[each][1]))
    before, after = cells.shares[cell]
    return None if before == after else Change(value=cells.name(cell), baseline=before, current=after)


def _likelihood(distance: OverCells | OverAxis, pair: Pair) -> float:
    """The p-value: of the cells where they are categories, else that of the largest gap along the axis.

    Equal-width bins are left out of it: their edges follow the extremes, and so their counts move by chance
    more than counts do.
    """
    if isinstance(distance, OverCells) and pair.categorical:
        return noise.likelihood_of_cells(pair.natural)
    return noise.likelihood_of_axis(kolmogorov_smirnov(pair.axis), pair.axis)


def _rounded(value: float) -> float:
    return max(0.0, round(value, DECIMALS))
