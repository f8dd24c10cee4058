"""Bounds of numbers, and of how many items a list has."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR

from datalife.schema.inference.bounds import TAIL_VALUES, allowed, beyond, outward, reach
from datalife.schema.inference.keys import all_distinct, is_reference
from datalife.schema.inference.model import Findings, Observed, Rule, Rules, Without
from datalife.stats.model import ColumnProfile

#: Fewer values than this say nothing about how far values reach.
FEWEST_VALUES = 20
#: Of a tail each value has fewer than this share of the one before it.
TAIL_RATIO = 0.7
#: An extreme that this many values share, where they are no end of a tail, is a limit of its kind (hour 23, a capped
#: income), not luck.
LIMIT_COUNT = 10
#: The shares of the values beyond the quantiles that a profile has.
TAILS = (0.01, 0.05, 0.1, 0.25, 0.5)
#: Seconds since 1970 of the years 1990 and 2040: integers between them, or 1,000 times that, are times.
CLOCK_SECONDS = (631_152_000, 2_208_988_800)


def number_range(observed: Observed, found: Rules) -> Findings:
    """What was seen, and in `margin` mode as far beyond it as chance reaches; never for references and times."""
    profile, mode = observed.profile, observed.options.range_mode
    if profile.type not in ("integer", "float") or not isinstance(profile.min, int | float):
        return
    reason = _no_range(observed, found)
    if reason is not None:
        yield Without("min, max", reason)
        return
    low, high = _whole(profile.min), _whole(profile.max)
    evidence = f"{low:,} to {high:,} seen"
    if mode == "observed":
        yield from (Rule("min", low, evidence), Rule("max", high))
    else:
        yield from (Rule("min", _low(observed), evidence), Rule("max", _high(observed)))


def _no_range(observed: Observed, found: Rules) -> str | None:
    """Why numbers get no bounds; None where they do."""
    profile, mode = observed.profile, observed.options.range_mode
    if mode == "none":
        return "--ranges none"
    if found.keys() & {"domain", "unique"}:
        return f"{'its values' if 'domain' in found else 'a key'} say more"
    if profile.inf_count:
        return "there are infinities"
    if _grows(observed):
        return "the numbers of references and clocks grow, and that means nothing"
    if mode == "margin" and profile.count < FEWEST_VALUES:
        return f"fewer than {FEWEST_VALUES} values say nothing about how far they reach"
    return "one value alone" if mode == "margin" and profile.min == profile.max else None


def _whole(number: float) -> int | float:
    """A whole number without its point, as a person writes a bound."""
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else number


def _grows(observed: Observed) -> bool:
    """References and clocks: tomorrow's are larger than today's, and that means nothing."""
    profile = observed.profile
    if is_reference(profile.name):
        return True
    first, last = CLOCK_SECONDS
    is_clock = any(first * unit <= profile.min and profile.max <= last * unit for unit in (1, 1000, 10**6, 10**9))
    is_hash = all_distinct(observed) and profile.max - profile.min > 10**12
    return profile.type == "integer" and (is_clock or is_hash)


def _high(observed: Observed) -> int | float:
    profile = observed.profile
    margin = _margin(observed, profile.max, upper=True)
    if not margin:
        return _whole(profile.max)
    bound = outward(profile.max + margin, margin, ROUND_CEILING)
    return min(0, bound) if profile.max <= 0 else bound


def _low(observed: Observed) -> int | float:
    profile = observed.profile
    margin = _margin(observed, profile.min, upper=False)
    if not margin:
        return _whole(profile.min)
    bound = outward(profile.min - margin, margin, ROUND_FLOOR)
    return max(0, bound) if profile.min >= 0 else bound


def _margin(observed: Observed, extreme: float, *, upper: bool) -> float:
    ends = [part.max if upper else part.min for part in observed.parts]
    low, high = reach([end for end in ends if isinstance(end, int | float)] or [extreme])
    between = high - extreme if upper else extreme - low
    if _is_limit(observed, extreme, upper=upper):
        return between
    tolerated = allowed(observed.unseen_values, observed.profile.count)
    margin = _tail_margin(observed.profile, extreme, tolerated, upper=upper)
    return max(margin, between, 1.0 if observed.profile.type == "integer" else 0.0)


def _is_limit(observed: Observed, extreme: float, *, upper: bool) -> bool:
    """Whether values pile up at the extreme: there are many, and not so few that they are the end of a tail."""
    values = observed.values
    if not values or values[0][1] < LIMIT_COUNT:  # the most frequent comes first
        return False
    counts = {value: count for value, count in values if isinstance(value, int | float)}
    others = [value for value in counts if (value < extreme if upper else value > extreme)]
    inner = (max(others) if upper else min(others)) if others else None
    piled = counts.get(extreme, 0)
    is_end = inner is not None and piled < TAIL_RATIO * counts[inner] and 2 * piled < max(counts.values())
    return piled >= LIMIT_COUNT and not is_end


def _tail_margin(profile: ColumnProfile, extreme: float, tolerated: int, *, upper: bool) -> float:
    """How far past `extreme` the tail reaches; 0 where no quantile short of it has enough values beyond it."""
    finite = profile.finite_count if profile.finite_count is not None else profile.count
    quantiles = profile.quantiles or {}
    found = [(tail, quantiles.get(f"{1 - tail if upper else tail:g}")) for tail in TAILS]
    known = [(tail, each) for tail, each in found if each is not None and each != extreme]
    known = [(tail, each) for tail, each in known if finite * tail >= TAIL_VALUES]
    if not known:
        return 0.0
    tail, outer = known[0]
    further, inner = known[1] if len(known) > 1 else known[0]
    fold = abs(outer - inner) / math.log(further / tail) if further > tail else 0.0
    return beyond(extreme, (outer, finite * tail), fold, tolerated)


def item_counts(observed: Observed, _found: Rules) -> Findings:
    """Items of a list: their number where it never varies (or in `observed` mode), else that there are some."""
    profile, mode = observed.profile, observed.options.range_mode
    if profile.type != "list" or profile.min_items is None or mode == "none":
        return
    evidence = f"{profile.min_items:,} to {profile.max_items:,} items a row"
    fixed = profile.min_items == profile.max_items and profile.count >= FEWEST_VALUES
    if mode == "observed" or fixed:
        yield from (Rule("min_items", profile.min_items, evidence), Rule("max_items", profile.max_items))
    elif profile.min_items > 0:
        yield Rule("min_items", 1, evidence)
