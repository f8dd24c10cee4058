"""Type, whether the column is there, and how much of it may be missing."""

from __future__ import annotations

from datalife.schema.inference.bounds import next_share, reach, round_up
from datalife.schema.inference.model import Findings, Observed, Rule, Rules, Without
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


def missing(observed: Observed, _found: Rules) -> Findings:
    """The share that may be missing: what was seen plus what chance adds in another batch of this size.

    Where nothing was missing nothing may be, however few the rows: a column that is always filled is a promise
    of its producer, and the first hole in it is news. Only `loose` forgives it (the rule of three). Between
    batches the share may vary as much as it did.
    """
    if observed.parts:
        yield from _between_batches(observed)
        return
    count, rows = observed.profile.null_count, observed.rows
    strictness = observed.options.strictness
    if not rows or (not count and strictness != "loose"):
        yield Without("max_null_fraction", f"none of {plural(rows, 'row')} is missing, so none may be")
        return
    exact = count / rows
    allowed = exact if strictness == "strict" else next_share(count, rows)
    limit = min(1.0, round_up(max(exact, allowed), 4 if strictness == "strict" else 2))
    if not observed.profile.count:
        yield Rule("max_null_fraction", 1.0, f"no value seen in {plural(rows, 'row')}")
    else:
        yield Rule("max_null_fraction", limit, f"{out_of(count, rows)} rows missing ({fine_share(exact, 3)})")


def _between_batches(observed: Observed) -> Findings:
    """As `missing`, of several batches: as far as the shares of the batches reach, and chance in the worst one."""
    counted = [(part.null_count, part.null_count + part.count) for part in observed.parts]
    shares = [count / rows for count, rows in counted if rows]
    if not any(shares):
        yield Without("max_null_fraction", f"none is missing in {plural(len(counted), 'batch', 'batches')}")
        return
    strict = observed.options.strictness == "strict"
    chance = max(next_share(count, rows) for count, rows in counted if rows)
    limit = max(shares) if strict else max(reach(shares)[1], chance)
    batches = plural(len(shares), "batch", "batches")
    seen = f"{fine_share(min(shares), 3)} to {fine_share(max(shares), 3)} missing in {batches}"
    yield Rule("max_null_fraction", min(1.0, round_up(limit, 4 if strict else 2)), seen)


def not_numbers(observed: Observed, _found: Rules) -> Findings:
    """NaN and infinities are faults of a float column unless it already has some."""
    profile = observed.profile
    if profile.nan_count:
        yield Rule("allow_nan", True, f"{out_of(profile.nan_count, profile.count)} values are NaN")
    if profile.inf_count:
        yield Rule("allow_infinite", True, f"{out_of(profile.inf_count, profile.count)} values are infinite")
