"""How far a share or an extreme of the next batch may lie from the one seen, by chance alone."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

#: Standard deviations between what was seen and what is still chance: one batch in 700 lies further.
SIGMAS = 3.0
#: Natural logarithm of the odds against a batch of the same size going beyond an extended extreme: 1 in 1,000.
TAIL_ODDS = math.log(1000)
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


def outward(bound: float, margin: float, rounding: str) -> int | float:
    """`bound` moved away from the data to a number of few digits, no further than about a tenth of `margin`."""
    exact, step = Decimal(repr(bound)), Decimal(1).scaleb(Decimal(repr(margin)).adjusted())
    if step * 5 <= Decimal(repr(margin)):
        step *= 5
    moved = (exact / step).to_integral_value(rounding) * step
    return int(moved) if moved == moved.to_integral_value() else float(moved)
