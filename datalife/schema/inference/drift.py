"""Limits of drift, no tighter than what batches of this size show when nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from datalife.drift.metrics import DISTANCES, measure
from datalife.schema.inference.bounds import reach, round_up
from datalife.schema.inference.keys import is_reference
from datalife.schema.inference.model import Findings, Rule, Without
from datalife.stats.summary import ColumnSummary

#: Numbers of at most so many values are compared value by value, as `diff` does.
FEW_VALUES = 20
#: A limit above this would hold whatever happens.
WIDEST_LIMIT = 0.5
COMPARED = ("integer", "float", "boolean", "string", "duration", "time")


def drift_limit(whole: ColumnSummary, parts: Sequence[ColumnSummary]) -> Findings:
    """The limit of a column: diff's own, but above what chance reaches, and above what batches reached so far."""
    if whole.type not in COMPARED or not whole.count:
        if whole.type in ("date", "datetime"):
            yield Without("drift", "times move on from batch to batch")
        return
    if is_reference(whole.name) or 2 * whole.distinct_count > whole.count:
        yield Without("drift", "the values of references and of nearly distinct columns are new in every batch")
        return
    is_category = whole.type in ("string", "boolean") or whole.distinct_count <= FEW_VALUES
    metric = "l_infinity" if is_category else "kolmogorov_smirnov"
    present = [part for part in parts if part.count]
    moved = [measure(metric, *pair) for pair in pairwise(present)] or [measure(metric, whole, whole)]
    floors = [each.noise_floor for each in moved if each.noise_floor is not None]
    distances = [each.distance for each in moved if each.distance is not None]
    if not floors:
        yield Without("drift", moved[0].reason or "the distance has no value")
        return
    noise, seen = max(floors), reach(distances)[1]
    limit = round_up(max(DISTANCES[metric].threshold, noise, seen if len(present) > 1 else 0.0))
    if limit > WIDEST_LIMIT:
        yield Without("drift", f"batches are as far apart as {max(distances):.2g}, which leaves no limit worth having")
        return
    chance = f"chance alone reaches {noise:.2g} at this size"
    between = f", batches differ by up to {max(distances):.2g}" if len(present) > 1 else ""
    yield Rule("drift", {"metric": metric, "max": limit}, chance + between)
