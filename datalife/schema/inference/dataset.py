"""Rules of the dataset as a whole: its size, its keys and its age."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from datalife.schema.inference.batches import Observation
from datalife.schema.inference.bounds import reach
from datalife.schema.inference.model import InferOptions, Rule
from datalife.schema.inference.rows import RowFacts
from datalife.schema.literals import instant
from datalife.words import plural

#: How many times the usual pause between two times of the data its age may be.
PAUSES = 3
DAY = 86_400


def dataset_rules(seen: Observation, facts: RowFacts, options: InferOptions) -> Iterator[Rule]:
    """What the data as a whole should be like."""
    yield from _rows(seen)
    if facts.key:
        yield Rule("unique", [list(facts.key)], facts.evidence)
    if options.now is not None and facts.ordered:
        yield from _freshness(seen, facts.ordered[0], options.now)


def _rows(seen: Observation) -> Iterator[Rule]:
    """As many rows as batches had and their spread allows; of one batch alone nothing is known."""
    if len(seen.batches) < 2:
        return
    counts = [each.rows for each in seen.batches]
    low, high = reach(counts)
    bounds = {"min": max(1, math.floor(low)), "max": math.ceil(high)}
    seen_rows = f"{min(counts):,} to {max(counts):,} rows in {plural(len(counts), 'batch', 'batches')}"
    yield Rule("rows", bounds, seen_rows)


def _freshness(seen: Observation, name: str, now: datetime) -> Iterator[Rule]:
    """The newest time may be as old as it is now, and as a few of the longest pauses of the data."""
    column = seen.profile.column(name)
    if column is None or column.max is None:
        return
    oldest, newest = (instant(datetime.fromisoformat(str(end))) for end in (column.min, column.max))
    age = (now - newest).total_seconds()
    span = (newest - oldest).total_seconds()
    if age >= 0:
        days = max(1, math.ceil(max(PAUSES * age, span) / DAY))
        told = f"{age / DAY:.1f} days old, {span / DAY:.1f} days from the first to the last"
        yield Rule("freshness", {"column": name, "max_age": f"{days}d"}, told)
