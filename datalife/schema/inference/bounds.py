"""How far a share or an extreme of the next batch may lie from the one seen, by chance alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

#: Standard deviations between what was seen and what is still chance: one batch in 700 lies further.
SIGMAS = 3.0
#: Natural logarithm of the odds against a batch of the same size going beyond an extended extreme: 1 in 10,000, as
#: a table has many columns and each of them two ends.
TAIL_ODDS = math.log(10_000)
#: Below this shape three quantiles cannot tell a tail from an exponential one.
LIGHTEST = 0.1
#: Tails heavier than this, without a variance, are the work of a few outliers.
HEAVIEST = 0.5
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


def next_share(part: int, whole: int) -> float:
    """The largest share that chance explains in another batch of `whole` when this one has `part`.

    Both batches vary, so the difference has twice the variance: the Wilson bound of half the trials.
    """
    return wilson(part / 2, whole / 2)[1]


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
    return _rounded(number, digits, ROUND_CEILING)


def round_down(number: float, digits: int = 2) -> float:
    """The largest decimal of `digits` significant digits that is not above `number`."""
    return _rounded(number, digits, ROUND_FLOOR)


def _rounded(number: float, digits: int, rounding: str) -> float:
    exact = Decimal(repr(number))
    if not exact:
        return 0.0
    step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return float(exact.quantize(step, rounding=rounding))


def beyond(extreme: float, quantile: float, tail: float) -> float:
    """How far past `extreme` the extreme of the next batch may lie (0 when the values pile up at it).

    `quantile` is the value that `tail` values lie beyond. The distance between the two is what an
    exponential tail gains over log(tail) e-folds; TAIL_ODDS more of them is where chance ends.
    """
    return abs(extreme - quantile) * TAIL_ODDS / max(1.0, math.log(tail))


def heavy(quantiles: tuple[float, float, float], rows: float) -> float:
    """How far past the outermost of three quantiles the extreme of the next batch of `rows` values may lie.

    The quantiles have a quarter, a twentieth and a hundredth of the values beyond them. How much the second gap
    is wider than the first gives the shape of a generalized Pareto tail (0 is exponential, above is heavier),
    and the second its scale. 0 where the tail is no heavier than exponential, for which `beyond` is there.
    Source: Pickands, "Statistical Inference Using Extreme Order Statistics", Annals of Statistics 1975.
    """
    near, middle, far = quantiles
    inner, outer = abs(middle - near), abs(far - middle)
    shape: float = min(HEAVIEST, math.log(outer / inner) / math.log(5)) if inner and outer else 0.0
    if shape < LIGHTEST:
        return 0.0
    scale: float = outer * shape / (5**shape - 1)
    times_rarer: float = 0.05 * rows * math.exp(TAIL_ODDS)
    return float(max(0.0, scale * (times_rarer**shape - 1) / shape - outer))


def outward(bound: float, margin: float, rounding: str) -> int | float:
    """`bound` moved away from the data to a number of few digits, no further than about a tenth of `margin`."""
    exact, step = Decimal(repr(bound)), Decimal(1).scaleb(Decimal(repr(margin)).adjusted())
    if step * 5 <= Decimal(repr(margin)):
        step *= 5
    moved = (exact / step).to_integral_value(rounding) * step
    return int(moved) if moved == moved.to_integral_value() else float(moved)
