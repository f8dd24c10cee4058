"""How far a share or an extreme of the next batch may lie from the one seen, by chance alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

#: Standard deviations between what was seen and what is still chance: one batch in 700 lies further.
SIGMAS = 3.0
#: Natural logarithm of the odds against more values of a batch of the same size beyond an extended extreme than are
#: tolerated there: 1 in 10,000, as a table has many columns and each of them two ends.
TAIL_ODDS = math.log(10_000)
#: Of what was not seen among some values, so many among as many others are still chance.
UNSEEN = 6
#: Fewer rows than this count as so many, although chance does more in them: else small batches would hide faults.
FEWEST_ROWS = 1000
#: Where some values may lie beyond an extreme, the bound still leaves room for so many e-folds of its tail.
LEAST_FOLDS = 2
#: An extreme so many times as far out as the quantiles before it suggest is an outlier, and no measure of its tail.
OUTLYING = 10
#: Values beyond a quantile that make it worth extrapolating from.
TAIL_VALUES = 10


def wilson(successes: float, trials: float, sigmas: float = SIGMAS) -> tuple[float, float]:
    """The interval that holds the true share behind `successes` of `trials`, at `sigmas` standard deviations.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.
    """
    if trials <= 0:
        return 0.0, 1.0
    observed, square = successes / trials, sigmas * sigmas
    middle = observed + square / (2 * trials)
    spread = sigmas * math.sqrt(observed * (1 - observed) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def next_share(part: int, whole: int, sigmas: float = SIGMAS) -> float:
    """The largest share that chance explains in another batch of `whole` when this one has `part`.

    Both batches vary, so the difference has twice the variance: the Wilson bound of half the trials.
    """
    return wilson(part / 2, whole / 2, sigmas)[1]


def unseen_share(rows: float) -> float:
    """The share of another batch that something not seen in `rows` rows may have by chance; 0 where that is no row.

    Whatever the rate at which it comes, it stays away from one batch and comes seven times or more into another of
    the same size 1 time in 490 at most: exp(-x) P(Poisson(x) >= 7) has its largest value, 0.00204, at x = 3.9. A
    table has many columns, and in each something that was not seen.
    """
    share = round_up(UNSEEN / max(rows, FEWEST_ROWS))
    return share if allowed(share, rows) else 0.0


def allowed(share: float, trials: float) -> int:
    """How many of `trials` a share allows, without the dust of binary fractions."""
    return math.floor(share * trials + 1e-9)


def reach(values: Sequence[float]) -> tuple[float, float]:
    """Between what the value of a further batch may lie when those of the batches so far are `values`.

    The prediction interval of a normal variable, at SIGMAS deviations, and never within what was seen. The mean of
    k values is itself off by a k-th of the variance, hence 1 + 1/k. One value alone reaches no further.
    """
    count, mean = len(values), sum(values) / len(values)
    if count < 2:
        return mean, mean
    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    half = SIGMAS * math.sqrt(variance * (1 + 1 / count))
    return min(*values, mean - half), max(*values, mean + half)


def round_up(number: float, digits: int = 2) -> float:
    """The smallest decimal of `digits` significant digits that is not below `number` (0 stays 0)."""
    exact = Decimal(repr(number))
    if not exact:
        return 0.0
    step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return float(exact.quantize(step, rounding=ROUND_CEILING))


def beyond(extreme: float, outer: tuple[float, float], inner: float, tolerated: int) -> float:
    """How far past `extreme` a bound must lie for chance not to put more than `tolerated` values beyond it.

    `outer` is the outermost quantile worth extrapolating from with how many values lie beyond it; `inner` is the
    e-fold of the tail that the quantiles before it suggest, 0 where they are alike. The distance from the quantile to
    the extreme is what an exponential tail gains over log(count) e-folds. TAIL_ODDS more of them is where chance ends
    for one value; k + 1 values beyond have the (k + 1)-th power of the odds of one. A tolerance has room for another
    outlier like the one seen, so that one does not stretch the margin.
    """
    quantile, count = outer
    fold = abs(extreme - quantile) / max(1.0, math.log(count))
    if tolerated and inner:
        fold = min(fold, OUTLYING * inner)
    return fold * max(LEAST_FOLDS, TAIL_ODDS / (tolerated + 1))


def outward(bound: float, margin: float, rounding: str) -> int | float:
    """`bound` moved away from the data to a number of few digits, no further than about a tenth of `margin`."""
    exact, step = Decimal(repr(bound)), Decimal(1).scaleb(Decimal(repr(margin)).adjusted())
    if step * 5 <= Decimal(repr(margin)):
        step *= 5
    moved = (exact / step).to_integral_value(rounding) * step
    return int(moved) if moved == moved.to_integral_value() else float(moved)
