"""Distributions given something: how far P(outcome | given) moved, over the cells of what is given.

Counts are tables, `counts[g][k]` rows with outcome k where g is given; the rows of the baseline may be weighted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.drift import noise
from datalife.drift.alignment import Cells
from datalife.drift.metrics import total_variation
from datalife.stats.values import summed

#: A cell of what is given is looked at where both sides have so many rows, weighted ones at their effective number.
ENOUGH = 30
#: Rounds of raking, and the change of a weight below which it ends.
ROUNDS = 30
SETTLED = 0.005

Counts = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Conditional:
    """How far P(outcome | given) moved.

    `distance` is the mean over the current rows of the total variation within their cell, `noise_floor` what
    chance reaches in one of a hundred comparisons, `likelihood` the p-value. `share` is the part of the current
    rows whose cell has enough rows on both sides. `given` and `outcome` are the cells that moved most, whose
    share went from `before` to `after`.
    """

    distance: float
    noise_floor: float
    likelihood: float
    share: float
    given: int
    outcome: int
    before: float
    after: float


def compare(baseline: Counts, current: Counts) -> Conditional | None:
    """The change of the rows of `baseline` to those of `current`; None where no cell has enough rows.

    The test adds up the G statistics of all cells. The floor is the mean of the distance without change plus 2.33
    times the largest deviation of any part of it, 1/2 sqrt(sum of share^2 s): an upper bound by the concentration
    of normal variables. Source: Borell, "The Brunn-Minkowski Inequality in Gauss Space", 1975.
    """
    sizes = [(sum(one), sum(other)) for one, other in zip(baseline, current, strict=True)]
    places = [place for place, both in enumerate(sizes) if min(both) >= ENOUGH]
    if not places:
        return None
    cells = {place: Cells(baseline[place], current[place], str) for place in places}
    rows = sum(sizes[place][1] for place in places)
    shares = {place: sizes[place][1] / rows for place in places}
    gaps = {place: shares[place] * total_variation(cells[place]) for place in places}
    tests = [noise.g_test(cells[place]) for place in places]
    mean = sum(shares[place] * noise.mean_total_variation(cells[place]) for place in places)
    inverse = sum(shares[place] ** 2 * noise.inverse_sizes(sizes[place]) for place in places)
    given = max(places, key=lambda place: gaps[place])
    pairs = cells[given].shares
    outcome = max(range(len(pairs)), key=lambda each: abs(pairs[each][0] - pairs[each][1]))
    return Conditional(
        sum(gaps.values()),
        mean + noise.NORMAL.inv_cdf(noise.LEVEL) * math.sqrt(inverse) / 2,
        noise.chi_square_tail(sum(test[0] for test in tests), sum(test[1] for test in tests)),
        rows / sum(other for _, other in sizes),
        given,
        outcome,
        *pairs[outcome],
    )


def table(frame: pl.DataFrame, given: tuple[str, int], outcome: tuple[str, int]) -> list[list[float]]:
    """The rows of each pair of cells; `given` and `outcome` are a column of cells and how many there are.

    A column `weight` weighs the rows; each row of the table then sums to the effective number of its rows,
    (sum w)^2 / sum w^2. Source: Kish, "Survey Sampling", 1965.
    """
    counts = [[0.0] * outcome[1] for _ in range(given[1])]
    weight = pl.col("weight") if "weight" in frame.columns else pl.lit(1.0)
    weights = frame.with_columns(sum=weight, squares=weight**2)
    sums = summed(weights, [given[0], outcome[0]], ["sum", "squares"])
    squares = [0.0] * given[1]
    for cell, value, rows, square in sums.iter_rows():
        counts[cell][value] = float(rows)
        squares[cell] += square
    for cell, row in enumerate(counts):
        scale = sum(row) / squares[cell] if squares[cell] else 0.0
        counts[cell] = [count * scale for count in row]
    return counts


def raked(baseline: pl.DataFrame, current: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The rows of the baseline with a `weight`, so that each of `columns` has the shares of the current rows.

    Iterative proportional fitting, one column after the other until no weight changes by more than half a
    percent. Source: Deming and Stephan, "On a Least Squares Adjustment of a Sampled Frequency Table", 1940.
    """
    targets = {name: current.group_by(name).agg(pl.len() / current.height) for name in columns}
    frame = baseline.with_columns(weight=pl.lit(1.0))
    for _ in range(ROUNDS):
        moved = 0.0
        for name in columns:
            held = summed(frame, [name], ["weight"])
            held = held.with_columns(pl.col("weight") / frame["weight"].sum())
            factors = held.join(targets[name], on=name, how="left").select(
                pl.col(name), factor=(pl.col("len") / pl.col("weight")).fill_null(0.0)
            )
            moved = max([moved, *(abs(each - 1) for each in factors["factor"] if each)])
            factor = pl.col(name).replace_strict(factors[name], factors["factor"], return_dtype=pl.Float64)
            frame = frame.with_columns(weight=pl.col("weight") * factor)
        if moved < SETTLED:
            break
    return frame


def covered(baseline: pl.DataFrame, current: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The current rows in cells of which the baseline has enough rows, in each of `columns`."""
    for name in columns:
        counts = baseline.group_by(name).len()
        held = counts.filter(pl.col("len") >= ENOUGH)[name]
        current = current.filter(pl.col(name).is_in(held.implode()))
    return current
