"""Type, whether the column is there, and how much of it may be missing."""

from __future__ import annotations

from datalife.schema.inference.bounds import allowed, next_share, reach, round_up
from datalife.schema.inference.model import Findings, Observed, Rule, Rules, Without
from datalife.schema.model import GRADED
from datalife.words import fine_share, out_of, plural


def column_type(observed: Observed, _found: Rules) -> Findings:
    """The type of the values; a column without any gets none, so that the first ones are welcome."""
    profile = observed.profile
    if profile.type == "null" or not profile.count:
        yield Without("type", f"no value seen in {plural(observed.rows, 'row')}")
        return
    missing = "" if profile.null_count else ", none missing"
    yield Rule("type", profile.type, plural(profile.count, "value") + missing)


def required(observed: Observed, _found: Rules) -> Findings:
    """A column that some batches lack need not be there."""
    if observed.parts and len(observed.parts) < observed.batches:
        yield Rule("required", False, f"in {out_of(len(observed.parts), observed.batches)} batches")


def missing(observed: Observed, found: Rules) -> Findings:
    """The share that may be missing: what was seen plus what chance adds in another batch of this size.

    Where nothing was missing as little may be as chance alone explains, however rare the holes are; none in a key, in
    few rows, and with `strict`. Between batches the share may vary as much as it did.
    """
    seen = observed.parts or (observed.profile,)
    if not any(each.null_count for each in seen):
        yield _never_missing(observed, is_key="unique" in found)
        return
    if observed.parts:
        yield _between_batches(observed)
        return
    count, rows = observed.profile.null_count, observed.rows
    strictness = observed.options.strictness
    exact = count / rows
    likely = exact if strictness == "strict" else next_share(count, rows)
    limit = min(1.0, round_up(max(exact, likely), 4 if strictness == "strict" else 2))
    if not observed.profile.count:
        yield Rule("max_null_fraction", 1.0, f"no value seen in {plural(rows, 'row')}")
    else:
        yield Rule("max_null_fraction", limit, f"{out_of(count, rows)} rows missing ({fine_share(exact, 3)})")


def _never_missing(observed: Observed, *, is_key: bool) -> Rule | Without:
    """What a column without holes may miss.

    A few holes in as many rows are chance, or the first news of a fault, and nothing in the data tells them apart. The
    promise that a like batch passes decides, in one line of the file that a reviewer can tighten for all columns.
    """
    present = observed.profile.count
    seen = f"none of {plural(present, 'row')} is missing"
    if not observed.unseen:
        return Without("max_null_fraction", f"{seen}, so none may be")
    if is_key:
        return Rule("max_null_fraction", 0, "a key is never missing")
    told = f"{seen}; {_as_many(observed.unseen, present)}"
    return Rule("max_null_fraction", observed.unseen, told, shared=not observed.nested)


def _as_many(share: float, trials: int) -> str:
    return f"up to {allowed(share, trials):,} of as many would still be chance"


def tolerance(observed: Observed, found: Rules) -> Findings:
    """How many values may break the rules about ranges, lengths and shapes.

    As many as chance may put outside of what was seen, where no rule could foresee it: an outlier, a rare negative
    amount, a place at the edge of the map.
    """
    graded = [key for key in GRADED if key in found]
    share, present = observed.unseen_values, observed.profile.count
    if graded and share:
        is_shared = share == observed.unseen and not observed.nested
        yield Rule("max_failure_fraction", share, f"{plural(present, 'value')}; {_as_many(share, present)}", is_shared)


def _between_batches(observed: Observed) -> Rule:
    """As `missing`, of several batches: as far as the shares of the batches reach, and chance in the worst one."""
    counted = [(part.null_count, part.null_count + part.count) for part in observed.parts]
    shares = [count / rows for count, rows in counted if rows]
    strict = observed.options.strictness == "strict"
    chance = max(next_share(count, rows) for count, rows in counted if rows)
    limit = max(shares) if strict else max(reach(shares)[1], chance)
    batches = plural(len(shares), "batch", "batches")
    seen = f"{fine_share(min(shares), 3)} to {fine_share(max(shares), 3)} missing in {batches}"
    return Rule("max_null_fraction", min(1.0, round_up(limit, 4 if strict else 2)), seen)


def not_numbers(observed: Observed, _found: Rules) -> Findings:
    """NaN and infinities are faults of a float column unless it already has some."""
    profile = observed.profile
    if profile.nan_count:
        yield Rule("allow_nan", True, f"{out_of(profile.nan_count, profile.count)} values are NaN")
    if profile.inf_count:
        yield Rule("allow_infinite", True, f"{out_of(profile.inf_count, profile.count)} values are infinite")
