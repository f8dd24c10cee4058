"""What chance alone does to a distance: noise floors, and how likely a change is under no change.

All formulas take both sides as independent samples of one distribution, of n and m values, and write
s = 1/n + 1/m. A difference of two shares p then has variance p(1-p)s, and sum of (difference^2 / p) over k cells is
about s times a chi-square variable of k-1 degrees of freedom. The floors are 99th percentiles: upper bounds
where a docstring says so. They hold while the cells expect five values or more.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from statistics import NormalDist

import polars as pl

from datalife.drift.alignment import Axis, Cells

#: The share of comparisons without change whose distance stays below the noise floor.
LEVEL = 0.99
NORMAL = NormalDist()
#: Only so many of the largest cells are looked at one by one; smaller ones count as the last of them.
LOOKED_AT = 1000
#: Cells that expect fewer values are pooled before a test (Cochran's rule).
EXPECTED = 5


def inverse_sizes(sizes: tuple[float, float]) -> float:
    """The s of the formulas, 1/n + 1/m."""
    return 1 / sizes[0] + 1 / sizes[1]


def l_infinity(cells: Cells) -> float:
    """The largest of k normal differences, by the union bound."""
    s = inverse_sizes(cells.sizes)
    return _largest([(0.0, math.sqrt(p * (1 - p) * s)) for p in _largest_shares(cells)], _unseen(cells))


def normalized_abs_difference(cells: Cells) -> float:
    """As `l_infinity`, for counts: with n and m given, they differ by p(n-m) already when nothing changed."""
    n, m = cells.sizes
    spread = [(abs(n - m) * p / (n + m), math.sqrt(p * (1 - p) / (n + m))) for p in _largest_shares(cells)]
    return _largest(spread, _unseen(cells))


def total_variation(cells: Cells) -> float:
    """The smaller of two upper bounds.

    Cauchy and Schwarz: at most half the root of s chi2. McDiarmid: at most 1.52 sqrt(s) above the mean, which
    is sqrt(s / 2 pi) times the sum of sqrt(p(1-p)).
    """
    s = inverse_sizes(cells.sizes)
    excess = math.sqrt(-math.log(1 - LEVEL) * s / 2)
    return min(math.sqrt(_spread(cells)) / 2, mean_total_variation(cells) + excess)


def mean_total_variation(cells: Cells) -> float:
    """The mean of the total variation without change."""
    spread = sum(math.sqrt(p * (1 - p)) for p in cells.pooled)
    return math.sqrt(inverse_sizes(cells.sizes) / (2 * math.pi)) * spread


def jensen_shannon(cells: Cells) -> float:
    """In bits, s chi2 / (8 ln 2). Of binned numbers: not that the edges move with the extremes."""
    return _spread(cells) / (8 * math.log(2))


def psi(cells: Cells) -> float:
    """PSI is about s chi2.

    Source: Yurdakul, "Statistical Properties of Population Stability Index", WMU dissertation, 2018.
    """
    return _spread(cells)


def chi_square(cells: Cells) -> float:
    """A quarter of s chi2."""
    return _spread(cells) / 4


def hellinger(cells: Cells) -> float:
    """The root of s chi2 / 8."""
    return math.sqrt(_spread(cells) / 8)


def kolmogorov_smirnov(axis: Axis) -> float:
    """That of the sizes, an upper bound where values repeat, and what a sketch may be off."""
    return kolmogorov_floor(axis.sizes) + axis.resolution


def kolmogorov_floor(sizes: tuple[float, float]) -> float:
    """sqrt(-ln(0.01 / 2) / 2) sqrt(s), the 99th percentile of Kolmogorov's distribution."""
    return math.sqrt(-math.log((1 - LEVEL) / 2) / 2 * inverse_sizes(sizes))


def wasserstein(axis: Axis) -> float | None:
    """The mean, sqrt(2s / pi) times the integral of sqrt(F(1-F)), and 1.8 sqrt(s) standard deviations.

    1.8 is what a distribution on two points needs, whose distance is the absolute value of one normal
    variable (2.576 - 0.798); measured for normal, uniform, exponential and two-humped data it is enough.
    None where the baseline is constant.
    """
    frame = axis.finite
    n, m = float(frame["baseline"].sum()), float(frame["current"].sum())
    s = inverse_sizes((n, m))
    share = ((frame["baseline"] + frame["current"]).cum_sum() / (n + m)).clip(0, 1)
    integral = float(((share * (1 - share)).sqrt() * frame["value"].diff().shift(-1)).sum())
    scale = deviation(frame["value"], frame["baseline"])
    if not scale:
        return None
    pooled = deviation(frame["value"], frame["baseline"] + frame["current"])
    return (math.sqrt(2 * s / math.pi) * integral + 1.8 * math.sqrt(s) * pooled) / scale


def deviation(values: pl.Series, weights: pl.Series) -> float:
    """The sample standard deviation (n - 1) of weighted points; 0 for fewer than two values."""
    total = float(weights.sum())
    if total <= 1:
        return 0.0
    mean = float((values * weights).sum()) / total
    return math.sqrt(float((weights * (values - mean) ** 2).sum()) / (total - 1))


def likelihood_of_cells(cells: Cells) -> float:
    """The p-value of `g_test`."""
    return chi_square_tail(*g_test(cells))


def g_test(cells: Cells) -> tuple[float, int]:
    """The statistic and the degrees of freedom of the G test that both sides have the same shares.

    Small cells are pooled first; where fewer than two are left, both are 0. With Williams' correction, without
    which G finds too much in small samples. Source: Sokal and Rohlf, "Biometry", 1981, 17.4.
    """
    tested = _pooled_cells(cells)
    if len(tested) < 2:
        return 0.0, 0
    n, m = cells.sizes
    statistic, inverse = 0.0, 0.0
    for one, other in tested:
        share = (one + other) / (n + m)
        statistic += 2 * (_surprise(one, share * n) + _surprise(other, share * m))
        inverse += 1 / share
    spread = ((n + m) * inverse_sizes((n, m)) - 1) * (inverse - 1)
    correction = 1 + spread / (6 * (n + m) * (len(tested) - 1))
    return statistic / correction, len(tested) - 1


def _surprise(count: float, expected: float) -> float:
    return count * math.log(count / expected) if count else 0.0


def likelihood_of_axis(distance: float, axis: Axis) -> float:
    """The p-value of a Kolmogorov-Smirnov distance: Kolmogorov's limit, 2 sum (-1)^(j-1) exp(-2 j^2 x^2).

    Conservative where values repeat. Source: Kolmogorov, "Sulla determinazione empirica", 1933.
    """
    x = max(distance - axis.resolution, 0.0) / math.sqrt(inverse_sizes(axis.sizes))
    if x < 0.3:  # the series converges slowly there, and the tail is 1 to five digits
        return 1.0
    terms = (math.exp(-2 * (j * x) ** 2) * (1 if j % 2 else -1) for j in range(1, 30))
    return min(1.0, max(0.0, 2 * sum(terms)))


def likelihood_of_shares(counts: tuple[float, float], sizes: tuple[float, float]) -> float:
    """The p-value of the two-proportion z test: two-sided, with the pooled share."""
    pooled = sum(counts) / sum(sizes)
    variance = pooled * (1 - pooled) * inverse_sizes(sizes)
    if variance <= 0:
        return 1.0
    z = abs(counts[0] / sizes[0] - counts[1] / sizes[1]) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def chi_square_tail(x: float, degrees: int) -> float:
    """P(X > x) of a chi-square variable: the regularized upper incomplete gamma function Q(degrees/2, x/2).

    Below the mean by the power series of P = 1 - Q, above it by Lentz's continued fraction. Source:
    Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.5.29 and 6.5.31.
    """
    a, half = degrees / 2, x / 2
    if degrees < 1 or x <= 0:
        return 1.0
    front = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1:
        return max(0.0, 1 - front * _series(a, half))
    return min(1.0, front * _fraction(a, half))


def chi_square_quantile(level: float, degrees: int) -> float:
    """The quantile of a chi-square variable, within 1 %; 0 for no degree of freedom.

    Source: Wilson and Hilferty, "The Distribution of Chi-Square", 1931.
    """
    if degrees < 1:
        return 0.0
    share = 2 / (9 * degrees)
    return float(degrees * max(0.0, 1 - share + NORMAL.inv_cdf(level) * math.sqrt(share)) ** 3)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    step = a
    while term > total * 1e-17:
        step += 1
        term *= x / step
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    value = d
    for step in range(1, 10_000):
        factor = -step * (step - a)
        b += 2
        d = 1 / (factor * d + b or tiny)
        c = b + factor / c or tiny
        value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value


def _spread(cells: Cells) -> float:
    """The s of this size times the 99th percentile of chi-square over the cells that are not empty."""
    return inverse_sizes(cells.sizes) * chi_square_quantile(LEVEL, len(cells.pooled) - 1)


def _largest_shares(cells: Cells) -> list[float]:
    return heapq.nlargest(LOOKED_AT, cells.pooled)


def _unseen(cells: Cells) -> int:
    return max(0, len(cells.pooled) - LOOKED_AT)


def _largest(spread: list[tuple[float, float]], unseen: int) -> float:
    """The x that the largest of some |normal variables| passes once in a hundred times.

    `spread` holds their (mean, standard deviation), `unseen` more are like the last one. Their chances to
    pass x are added up (the union bound, exact for a few and nearly so for many), and x is found by
    bisection.
    """
    weights = Counter(spread)  # of many cells most are alike
    weights[spread[-1]] += unseen
    fixed = max(mean for mean, _ in spread)
    low, high = fixed, fixed + 8 * max(deviation for _, deviation in spread)
    for _ in range(40):
        x = (low + high) / 2
        passing = sum(weight * _beyond(x, *each) for each, weight in weights.items())
        low, high = (x, high) if passing > 1 - LEVEL else (low, x)
    return high


def _beyond(x: float, mean: float, deviation: float) -> float:
    """The chance that |N(mean, deviation)| > x."""
    if deviation == 0:
        return 1.0 if mean > x else 0.0
    scale = deviation * math.sqrt(2)
    return (math.erfc((x - mean) / scale) + math.erfc((x + mean) / scale)) / 2


def _pooled_cells(cells: Cells) -> list[tuple[float, float]]:
    """The counts, the cells that expect fewer than EXPECTED values in one, joined by the least other if need be."""
    smaller = min(cells.sizes) / sum(cells.sizes)
    pairs = sorted(zip(cells.baseline, cells.current, strict=True), key=sum, reverse=True)
    kept = [pair for pair in pairs if sum(pair) * smaller >= EXPECTED]
    rest = pairs[len(kept) :]
    if kept and sum(map(sum, rest)) * smaller < EXPECTED:
        rest.append(kept.pop())
    together = (sum(one for one, _ in rest), sum(other for _, other in rest))
    return [*kept, together] if any(together) else kept
