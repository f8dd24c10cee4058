"""Type, and how much may be missing."""

from __future__ import annotations

from collections.abc import Iterable

from datalife.schema.inference.bounds import next_share, round_up
from datalife.schema.inference.model import Observed, Rule, Rules, plural, share


def column_type(observed: Observed, _found: Rules) -> Iterable[Rule]:
    """The type of the values; a column without any gets none, so that the first ones are welcome."""
    profile = observed.profile
    if profile.type == "null" or not profile.count:
        return
    missing = "" if profile.null_count else ", none missing"
    yield Rule("type", profile.type, plural(profile.count, "value") + missing)


def missing(observed: Observed, _found: Rules) -> Iterable[Rule]:
    """The share that may be missing: what was seen plus what chance adds in another batch of this size.

    Where nothing was missing nothing may be, however few the rows: a column that is always filled is a promise
    of its producer, and the first hole in it is news. Only `loose` forgives it (the rule of three).
    """
    count, rows = observed.profile.null_count, observed.rows
    strictness = observed.options.strictness
    if not rows or (not count and strictness != "loose"):
        return
    exact = count / rows
    allowed = exact if strictness == "strict" else next_share(count, rows)
    limit = min(1.0, round_up(max(exact, allowed), 4 if strictness == "strict" else 2))
    if not observed.profile.count:
        yield Rule("max_null_fraction", 1.0, f"no value seen in {plural(rows, 'row')}")
    else:
        yield Rule("max_null_fraction", limit, f"{share(count, rows)} rows missing ({_percent(exact)})")


def _percent(fraction: float) -> str:
    if 0 < fraction < 0.001:
        return "< 0.1 %"
    if 0.999 < fraction < 1:
        return "> 99.9 %"
    return f"{100 * fraction:.3g} %"


def not_numbers(observed: Observed, _found: Rules) -> Iterable[Rule]:
    """NaN and infinities are faults of a float column unless it already has some."""
    profile = observed.profile
    if profile.nan_count:
        yield Rule("allow_nan", True, f"{share(profile.nan_count, profile.count)} values are NaN")
    if profile.inf_count:
        yield Rule("allow_infinite", True, f"{share(profile.inf_count, profile.count)} values are infinite")
