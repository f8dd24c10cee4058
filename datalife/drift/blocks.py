"""What chance does when rows arrive together: whole blocks (a day, a user) are dealt to the two sides anew.

If nothing changed, any of the blocks could have come in the baseline as well as in the current data. So blocks are
exchanged at random again and again, and the distances that this gives are those of chance. Rows of a block stay
together; with few blocks hardly anything is beyond chance. Source: Good, "Permutation, Parametric and Bootstrap
Tests of Hypotheses", 2005.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from datalife.drift import noise
from datalife.drift.alignment import Cells, Pair
from datalife.drift.binned import Cut, Part, coded, cut, cut_lengths, cut_shapes
from datalife.drift.metrics import DISTANCES, Measurement, OverAxis
from datalife.sources.dataset import Dataset
from datalife.stats.values import is_nested

Counts = Sequence[float]
Statistic = Callable[[Counts, Counts], float]

CUTS: dict[Part, Callable[[Pair], Cut]] = {"value": cut, "length": cut_lengths, "shape": cut_shapes}
SEED = 20260101
#: Exchanges for a noise floor.
FLOOR_DRAWS = 1000
#: At most so many for a p-value; it is known well enough after so many as far as the data.
MOST_DRAWS = 20_000
EXCEEDING = 10
#: More blocks than this are put together, as many in each group on both sides.
MOST_BLOCKS = 400


class Blocks:
    """The rows of two datasets in blocks, those with the same value of the column `block`; each side has its own.

    Raises:
        UsageError: a side lacks the column.
    """

    def __init__(self, baseline: Dataset, current: Dataset, block: str) -> None:
        self.sides, self.block = (baseline, current), block
        self.counted: dict[tuple[str, Part], Exchange] = {}
        for side in self.sides:
            side.column(block)

    def column(self, name: str, pair: Pair, part: Part) -> Exchange | None:
        """The counts of a column by block, in cells of this part of it; None of lists, structs and their fields.

        A column is read once, however many distances and shares are asked for.
        """
        if any(side.find(name) is None or is_nested(side.column(name).dtype) for side in self.sides):
            return None
        if (name, part) not in self.counted:
            self.counted[name, part] = self._exchange(name, CUTS[part](pair))
        return self.counted[name, part]

    def _exchange(self, name: str, cells: Cut) -> Exchange:
        one, other = (self._counted(side, name, cells) for side in self.sides)
        size = math.ceil((len(one) + len(other)) / MOST_BLOCKS)
        return Exchange([*_grouped(one, size), *_grouped(other, size)], math.ceil(len(one) / size), cells)

    def _counted(self, side: Dataset, name: str, cells: Cut) -> list[list[float]]:
        """The counts of each block, in order of the blocks' values; rows without a block are one."""
        counted = coded(side, {name: cells}, {"block": self.block}).group_by("block", "c0").len().sort("block")
        blocks: dict[object, list[float]] = {}
        for block, cell, rows in counted.iter_rows():
            blocks.setdefault(block, [0.0] * len(cells.names))[cell] = float(rows)
        return list(blocks.values())


class Exchange:
    """The blocks of one column: counts by cell, the first `baseline` of them those of the baseline."""

    def __init__(self, blocks: Sequence[Counts], baseline: int, cells: Cut) -> None:
        self.blocks, self.baseline, self.cells = blocks, baseline, cells

    def adjusted(self, found: Measurement, metric: str, significance: float) -> Measurement:
        """A measurement with the noise floor and the p-value of blocks; that of an axis by its binned gap.

        The floor of `wasserstein` grows as that of the gap does.
        """
        distance = DISTANCES[metric]
        if found.distance is None:
            return found
        gap = _gap if isinstance(distance, OverAxis) else lambda one, other: distance.distance(Cells(one, other, str))
        statistic = _over(range(self.cells.missing), gap)
        draws = sorted(self._draws(statistic, FLOOR_DRAWS))
        floor = draws[math.ceil(noise.LEVEL * len(draws)) - 1]
        if metric == "wasserstein" and found.noise_floor is not None:
            sizes = [sum(map(sum, side)) for side in (self.blocks[: self.baseline], self.blocks[self.baseline :])]
            floor *= found.noise_floor / noise.kolmogorov_floor((sizes[0], sizes[1]))
        return replace(found, noise_floor=floor, likelihood=self.likelihood(statistic, significance))

    def likelihood_of_cell(self, cell: int, significance: float) -> float:
        """The p-value of a change of the share of one cell, NaN or missing, of all rows."""

        def share(one: Counts, other: Counts) -> float:
            return abs(one[cell] / sum(one) - other[cell] / sum(other))

        return self.likelihood(_over(range(len(self.cells.names)), share), significance)

    def likelihood(self, statistic: Statistic, significance: float) -> float:
        """The p-value of the sides as they are, exact enough to be held against `significance`.

        Source: Besag and Clifford, "Sequential Monte Carlo p-values", Biometrika, 1991.
        """
        observed = statistic(_sum(self.blocks[: self.baseline]), _sum(self.blocks[self.baseline :]))
        most = min(MOST_DRAWS, math.ceil(2 / significance))
        exceeding = 0
        for count, drawn in enumerate(self._draws(statistic, most), start=1):
            exceeding += drawn >= observed - 1e-12
            if exceeding == EXCEEDING:
                return exceeding / count
        return (exceeding + 1) / (most + 1)

    def _draws(self, statistic: Statistic, count: int) -> Iterable[float]:
        """The statistic of so many random exchanges, the same ones in every run."""
        draw = random.Random(SEED)
        whole = _sum(self.blocks)
        size = min(self.baseline, len(self.blocks) - self.baseline)
        for _ in range(count):
            part = _sum(draw.sample(self.blocks, size))
            rest = [total - each for total, each in zip(whole, part, strict=True)]
            yield statistic(part, rest) if size == self.baseline else statistic(rest, part)


def _over(cells: range, statistic: Statistic) -> Statistic:
    """The statistic over some of the cells; 0 where a side has no value in them."""

    def found(one: Counts, other: Counts) -> float:
        one, other = one[cells.start : cells.stop], other[cells.start : cells.stop]
        return statistic(one, other) if sum(one) > 0 and sum(other) > 0 else 0.0

    return found


def _gap(one: Counts, other: Counts) -> float:
    """The largest difference of the cumulative shares."""
    n, m = sum(one), sum(other)
    return max(abs(p / n - q / m) for p, q in zip(accumulate(one), accumulate(other), strict=True))


def _sum(blocks: Sequence[Counts]) -> list[float]:
    return list(map(sum, zip(*blocks, strict=True)))


def _grouped(blocks: Sequence[Counts], size: int) -> list[list[float]]:
    """Blocks put together, `size` of them in each group, far apart in the order of the blocks."""
    groups = math.ceil(len(blocks) / size)
    return [_sum(blocks[first::groups]) for first in range(groups)]
