"""Both sides of a column in the same few cells, for an eye to compare."""

from __future__ import annotations

import math
from itertools import pairwise

from datalife.drift.alignment import FEW_VALUES, OTHERS, Pair, mostly_distinct
from datalife.drift.model import Picture

#: Bins of equal width; the outer ones hold what lies beyond these quantiles of either side.
BINS = 24
TAILS = (0.01, 0.99)
#: So many values have a cell of their own.
VALUES = 12


def picture_of(pair: Pair) -> Picture | None:
    """The shares of the values present; None where the two cannot be compared."""
    if pair.reason is not None:
        return None
    return _binned(pair) if pair.ordered and not pair.few(FEW_VALUES) else _values(pair)


def _values(pair: Pair) -> Picture:
    """The most frequent values; the shapes of texts that hardly repeat."""
    hardly_repeats = all(mostly_distinct(side) for side in (pair.baseline, pair.current))
    cells = (pair.shapes if hardly_repeats else None) or pair.natural
    order = sorted(range(len(cells.shares)), key=lambda cell: -max(cells.shares[cell]))[:VALUES]
    if pair.ordered:
        order.sort()
    names = [cells.name(cell) for cell in order]
    sides = [[cells.shares[cell][side] for cell in order] for side in (0, 1)]
    rest = [max(0.0, 1 - sum(side)) for side in sides]
    if len(cells.shares) > VALUES:
        names.append(OTHERS)
        sides = [[*side, left] for side, left in zip(sides, rest, strict=True)]
    return Picture(names=names, baseline=sides[0], current=sides[1], is_binned=False)


def _binned(pair: Pair) -> Picture | None:
    axis = pair.axis
    ends = [end for side in axis.sides for end in side.quantiles(TAILS) if end is not None]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    marks = [low + (high - low) * place / BINS for place in range(1, BINS)]
    if not low < high or not all(one < other for one, other in pairwise(marks)):
        return None
    bounds = [-math.inf, *marks, math.inf]
    names = [f"{axis.name(left)} to {axis.name(right)}" for left, right in pairwise([low, *marks, high])]
    shares = [
        [count / size for count in side.counts_between(bounds)]
        for side, size in zip(axis.sides, axis.sizes, strict=True)
    ]
    return Picture(names=names, baseline=shares[0], current=shares[1], is_binned=True)
