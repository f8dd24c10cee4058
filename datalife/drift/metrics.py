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

from datalife.anomalies import Change
from datalife.drift import noise
from datalife.drift.alignment import Cells, Line, Pair

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
class OverLine:
    """A distance between distributions along an axis: formula, noise, default threshold, greatest value."""

    distance: Callable[[Line], float | None]
    noise: Callable[[Line], float | None]
    threshold: float
    greatest: float = 1.0

    def applies_to(self, pair: Pair) -> bool:
        """Whether comparable columns have this distance: those on an axis, texts by their lengths."""
        return pair.reason is None and pair.has_line

    def over(self, pair: Pair) -> Line:
        """The axis that the distance is taken along."""
        return pair.line


def l_infinity(cells: Cells) -> float:
    """The largest |p - q|: 0..1, Chebyshev's distance.

    Source: Breck et al., "Data Validation for Machine Learning", MLSys 2019.
    """
    p, q = cells.shares
    return float((p - q).abs().max())  # type: ignore[arg-type]


def total_variation(cells: Cells) -> float:
    """Half the sum of |p - q|: 0..1, the share of the values that would have to change."""
    p, q = cells.shares
    return min(1.0, float((p - q).abs().sum()) / 2)


def jensen_shannon(cells: Cells) -> float:
    """The mean of KL(p, m) and KL(q, m) with m = (p + q) / 2, in bits: 0..1, the divergence and not its root.

    Source: Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """
    p, q = cells.shares
    middle = (p + q) / 2
    bits = sum(float((side * (side / middle).log(2)).fill_nan(0.0).sum()) for side in (p, q))
    return min(1.0, max(0.0, bits / 2))


def psi(cells: Cells) -> float:
    """The sum of (p - q) ln(p / q), the population stability index; 0.5 is added to every count.

    Source: Siddiqi, "Credit Risk Scorecards", 2006; the index is Jeffreys' divergence.
    """
    held = (cells.baseline + cells.current) > 0
    counts = [side.filter(held) + SMOOTHING for side in (cells.baseline, cells.current)]
    p, q = (side / float(side.sum()) for side in counts)
    return float(((p - q) * (p / q).log()).sum())


def chi_square(cells: Cells) -> float:
    """Half the sum of (p - q)^2 / (p + q): 0..1, of as many values on both sides chi-square / (n + m).

    Source: Cha, "Comprehensive Survey on Distance/Similarity Measures", 2007 (probabilistic symmetric).
    """
    p, q = cells.shares
    return float(((p - q) ** 2 / (p + q)).fill_nan(0.0).sum()) / 2


def hellinger(cells: Cells) -> float:
    """The root of half the sum of (sqrt p - sqrt q)^2: 0..1. Source: Hellinger, 1909."""
    p, q = cells.shares
    return min(1.0, math.sqrt(float(((p.sqrt() - q.sqrt()) ** 2).sum()) / 2))


def normalized_abs_difference(cells: Cells) -> float:
    """The largest |count - count| over all counts of both sides, 0..1; more rows alone move it (TFDV)."""
    return float((cells.baseline - cells.current).abs().max()) / sum(cells.sizes)  # type: ignore[arg-type]


def kolmogorov_smirnov(line: Line) -> float:
    """The largest difference of the two cumulative distributions: 0..1. Source: Smirnov, 1939."""
    n, m = line.sizes
    gap = (line.frame["baseline"].cum_sum() / n - line.frame["current"].cum_sum() / m).abs()
    return min(1.0, float(gap.max()))  # type: ignore[arg-type]


def wasserstein(line: Line) -> float | None:
    """The area between the cumulative distributions of the finite values over the baseline's std.

    0..infinity: by how many standard deviations values move on average (the earth mover's distance). None
    where the baseline is constant and the current data is not the same, or a side has no finite value.
    """
    frame = line.finite
    n, m = float(frame["baseline"].sum()), float(frame["current"].sum())
    if not n or not m:
        return None
    gap = (frame["baseline"].cum_sum() / n - frame["current"].cum_sum() / m).abs()
    area = float((gap * frame["value"].diff().shift(-1)).sum())
    scale = noise.deviation(frame["value"], frame["baseline"])
    if not area:
        return 0.0
    return area / scale if scale and math.isfinite(area / scale) else None


DISTANCES: dict[str, OverCells | OverLine] = {
    "l_infinity": OverCells(l_infinity, noise.l_infinity, 0.05),
    "jensen_shannon": OverCells(jensen_shannon, noise.jensen_shannon, 0.1, 1.0, lambda pair: pair.equal_widths),
    "psi": OverCells(psi, noise.psi, 0.1, math.inf, lambda pair: pair.deciles),
    "kolmogorov_smirnov": OverLine(kolmogorov_smirnov, noise.kolmogorov_smirnov, 0.1),
    "wasserstein": OverLine(wasserstein, noise.wasserstein, 0.1, math.inf),
    "total_variation": OverCells(total_variation, noise.total_variation, 0.1),
    "chi_square": OverCells(chi_square, noise.chi_square, 0.02),
    "hellinger": OverCells(hellinger, noise.hellinger, 0.1),
    "normalized_abs_difference": OverCells(normalized_abs_difference, noise.normalized_abs_difference, 0.1),
}

#: Distances are rounded to so many decimals: 0.7 - 0.4 does not break a limit of 0.3.
DECIMALS = 12


def measure(metric: str, baseline: ColumnSummary, current: ColumnSummary) -> Measurement:
    """The distance called `metric` (a key of DISTANCES) between two summaries of a column."""
    return measure_pair(metric, Pair(baseline, current))


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
    floor = None if floor is None else min(floor, distance.greatest)
    return Measurement(found, _rounded(floor), largest_change(distance, pair), None, _likelihood(distance, pair))


def value_of(metric: str, pair: Pair) -> float | None:
    """The distance alone; None where it does not exist."""
    distance = DISTANCES[metric]
    if not distance.applies_to(pair):
        return None
    return _rounded(distance.distance(distance.over(pair)))  # type: ignore[arg-type]


def largest_change(distance: OverCells | OverLine, pair: Pair) -> Change | None:
    """The value (or bin between the baseline's deciles) whose share moved most; None where none moved."""
    lengths = isinstance(distance, OverLine) and not pair.ordered
    cells = pair.deciles if lengths else pair.natural
    p, q = cells.shares
    cell = (p - q).abs().arg_max()
    if cell is None or p[cell] == q[cell]:
        return None
    n, m = cells.sizes
    return Change(value=cells.name(cell), baseline=cells.baseline[cell] / n, current=cells.current[cell] / m)


def _likelihood(distance: OverCells | OverLine, pair: Pair) -> float:
    """The p-value: of the cells where they are categories, else that of the largest gap along the axis.

    Equal-width bins are left out of it: their edges follow the extremes, and so their counts move by chance
    more than counts do.
    """
    if isinstance(distance, OverCells) and not (pair.ordered and pair.natural is pair.deciles):
        return noise.likelihood_of_cells(pair.natural)
    return noise.likelihood_of_line(kolmogorov_smirnov(pair.line), pair.line)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
