"""Statistics in which each row counts as often as its weight says.

A state is one row of the parts of every field, then `values` (value, weight) and `points` (value, weight) for each
field that is counted. As in `frequencies`, `values` holds every value present while there are at most KEEP; beyond,
the heaviest, and the points stand for the finite numbers.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import polars as pl

from datalife.engine import State
from datalife.errors import SourceError, UsageError
from datalife.sources.dataset import ROW, Column, Dataset
from datalife.stats import frequencies
from datalife.stats.analyzers import finite, real
from datalife.stats.fields import Field
from datalife.stats.model import Histogram, ValueWeight, WeightedStatistics
from datalife.stats.quantiles import LEVELS, Line, plain
from datalife.stats.values import from_number, is_number, is_ordered, json_rows, numbers, summed

PAIR = {"value": pl.Null(), "weight": pl.Float64()}
FIRST_BAD, TOTAL = "|first bad", "|total"
Part = Callable[[str], pl.Expr]


@dataclass(frozen=True)
class WeightedColumn:
    """The weighted state of one column; see the module for `values` and `points`.

    `parts`: `total` weight of all rows and what is `missing` of it; of ordered types also `n`, the weight of the
    finite values, their `mean`, and `m2`, the weighted sum of squared deviations from it.
    """

    parts: dict[str, Any]
    values: pl.DataFrame
    points: pl.DataFrame

    def merge(self, other: WeightedColumn, dtype: pl.DataType) -> WeightedColumn:
        """The state of the rows of both, with values of type `dtype`."""
        rows = pl.concat([pl.DataFrame([self.parts]), pl.DataFrame([other.parts])], how="diagonal_relaxed")
        parts = rows.select(**_combine(pl.col, dtype)).row(0, named=True)
        values, points = _merged([(side.values, side.points) for side in (self._as(dtype), other._as(dtype))])
        return WeightedColumn(parts, values, points)

    def _as(self, dtype: pl.DataType) -> WeightedColumn:
        if dtype.is_nested():
            return self
        return replace(self, values=self.values.with_columns(pl.col("value").cast(dtype)))

    @classmethod
    def absent(cls, weight: float) -> WeightedColumn:
        """A column of missing values only."""
        return cls({"total": weight, "missing": weight}, pl.DataFrame(schema=PAIR), frequencies.empty_points())


class Weighted:
    """The job of the weighted statistics of all fields."""

    def __init__(self, fields: Sequence[Field], weight: Column, keep: int | None = None) -> None:
        self.weight = pl.col(weight.key).cast(pl.Float64)
        self.fields = list(_weighed(fields, self.weight))
        self.counted = [(field, weight) for field, weight in self.fields if field.counted]
        self.keep = keep

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        is_bad = ~(self.weight.is_finite() & (self.weight >= 0)).fill_null(False)
        parts = {FIRST_BAD: pl.col(ROW).filter(is_bad).min(), TOTAL: self.weight.sum()}
        for field, weight in self.fields:
            for name, part in _partials(field, weight).items():
                parts[f"{field.key}|{name}"] = part
        queries = [frame.select(**parts)]
        for field, weight in self.counted:
            pairs = frame.select(value=field.values, weight=weight).filter(pl.col("value").is_not_null())
            queries.append(summed(pairs, ["value"], ["weight"]))
            queries.append(frequencies.empty_points().lazy())
        return queries

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        rows = pl.concat([state[0] for state in states], how="diagonal_relaxed")
        combined = {FIRST_BAD: pl.col(FIRST_BAD).min(), TOTAL: pl.col(TOTAL).sum()}
        for field, _ in self.fields:
            for name, part in _combine(lambda name, key=field.key: pl.col(f"{key}|{name}"), field.dtype).items():  # type: ignore[misc]
                combined[f"{field.key}|{name}"] = part
        merged = [rows.select(**combined)]
        for place in range(1, 1 + 2 * len(self.counted), 2):
            merged += _merged([(state[place], state[place + 1]) for state in states], self.keep)
        return merged

    def total(self, state: State) -> float:
        """The sum of all weights."""
        return float(state[0].get_column(TOTAL)[0])

    def columns(self, state: State) -> dict[str, WeightedColumn]:
        """The weighted state of every field by its key."""
        frames = {field.key: state[1 + 2 * place : 3 + 2 * place] for place, (field, _) in enumerate(self.counted)}
        found: dict[str, WeightedColumn] = {}
        for field, _ in self.fields:
            parts = {name: state[0].get_column(f"{field.key}|{name}")[0] for name in parts_of(field.dtype)}
            values, points = frames.get(field.key, (pl.DataFrame(schema=PAIR), frequencies.empty_points()))
            found[field.key] = WeightedColumn(parts, values, points)
        return found


def weight_column(dataset: Dataset, name: str) -> Column:
    """The column that holds the weights.

    Raises:
        UsageError: there is none of that name, or it holds no numbers.
    """
    column = dataset.column(name)
    if not column.dtype.is_numeric():
        raise UsageError("--weight", f"column {name!r} holds no numbers", "a weight is a number of at least 0 a row")
    return column


def refuse_bad_weights(state: State, dataset: Dataset, name: str) -> None:
    """A weight that is missing, negative, NaN or infinite is an error that names its row."""
    row = state[0].get_column(FIRST_BAD)[0]
    if row is not None:
        where = dataset.where(row) or dataset.sources[0]
        hint = f'leave such rows out: --where "{name} >= 0"'
        raise SourceError(where, f"the weight {name!r} of row {row} is missing, negative or not finite", hint)


def _weighed(fields: Sequence[Field], weight: pl.Expr) -> Iterator[tuple[Field, pl.Expr]]:
    """Each field with the weights of its values: an item of a list weighs what its row does."""
    for field in fields:
        yield field, weight
        below = weight
        if field.dtype == pl.List:
            repeated = weight.repeat_by(field.values.list.len())
            below = repeated.list.explode(empty_as_null=False, keep_nulls=False)
        yield from _weighed(field.children, below)


def _partials(field: Field, weight: pl.Expr) -> dict[str, pl.Expr]:
    parts = {"total": weight.sum(), "missing": weight.filter(field.values.is_null()).sum()}
    if is_ordered(field.dtype):
        x = finite(numbers(field.values, field.dtype), pl.Float64())
        w = pl.when(x.is_not_null()).then(weight)
        mean = _ratio((x * w).sum(), w.sum())
        parts |= {"n": w.sum(), "mean": mean, "m2": (w * (x - mean) ** 2).sum()}
    return parts


def parts_of(dtype: pl.DataType) -> Sequence[str]:
    """The names of the parts of the weighted state of a column."""
    return tuple(_combine(pl.col, dtype))


def _combine(part: Part, dtype: pl.DataType) -> dict[str, pl.Expr]:
    """As the moments of `analyzers`, with weights for counts."""
    parts = {"total": part("total").sum(), "missing": part("missing").sum()}
    if is_ordered(dtype):
        n = part("n")
        mean = _ratio((part("mean") * n).sum(), n.sum())
        away = (part("mean") - mean).fill_null(0.0)
        parts |= {"n": n.sum(), "mean": mean, "m2": (part("m2") + n * away**2).sum()}
    return parts


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _merged(states: Sequence[tuple[pl.DataFrame, pl.DataFrame]], keep: int | None = None) -> list[pl.DataFrame]:
    values = pl.concat([values for values, _ in states])
    if len(states) > 1:
        values = summed(values, ["value"], ["weight"])
    is_cut = any(points.height for _, points in states)
    if not is_cut and values.height <= (frequencies.KEEP if keep is None else keep):
        return [values, frequencies.empty_points()]
    points = pl.concat([points if points.height else line(values) for values, points in states])
    heaviest = frequencies.leaders(values.rename({"weight": "count"})).rename({"count": "weight"})
    return [heaviest, frequencies.compressed(points)]


def line(values: pl.DataFrame) -> pl.DataFrame:
    """The finite numbers of (value, weight) pairs that weigh anything."""
    return frequencies.line(values.rename({"weight": "count"})).filter(pl.col("weight") > 0)


def statistics(column: WeightedColumn, dtype: pl.DataType, top: int, bins: int) -> WeightedStatistics:
    """The weighted keys of a column; those that do not apply to its type are left unset.

    `std` divides by the sum of the weights (there is no n - 1 for weights, which need not be counts), as TFDV's.
    """
    total, missing = column.parts["total"], column.parts["missing"]
    keys: dict[str, Any] = {
        "count": plain(total - missing),
        "null_count": plain(missing),
        "null_fraction": missing / total if total else None,
    }
    if is_ordered(dtype):
        n, mean, m2 = column.parts["n"], column.parts["mean"], column.parts["m2"]
        keys |= {"mean": from_number(mean, dtype), "std": real(math.sqrt(m2 / n)) if n else None}
        if is_number(dtype):
            keys["sum"] = real(mean * n) if n else 0.0
        keys |= _line_keys(column, dtype, bins)
    if not dtype.is_nested() and dtype != pl.Null:
        leaders = column.values.sort("weight", "value", descending=[True, False]).head(top)
        pairs = json_rows(leaders.select("value", "weight"))
        keys["top_values"] = [ValueWeight(value=value, weight=plain(weight)) for value, weight in pairs]
    return WeightedStatistics(**keys)


def _line_keys(column: WeightedColumn, dtype: pl.DataType, bins: int) -> dict[str, Any]:
    points = (column.points if column.points.height else line(column.values)).sort("value")
    ordered = Line.of(points)
    named = {str(level): from_number(value, dtype) for level, value in zip(LEVELS, quantiles(points), strict=True)}
    keys: dict[str, Any] = {"median": named["0.5"], "quantiles": named, "quantiles_exact": column.points.is_empty()}
    edges = ordered.equal_width(bins)
    if dtype != pl.Time:
        shown = [from_number(edge, dtype) for edge in edges]
        keys["histogram"] = (
            Histogram(edges=shown, counts=[plain(each) for each in ordered.weights_between(edges)]) if edges else None
        )
    return keys


def quantiles(points: pl.DataFrame, levels: Sequence[float] = LEVELS) -> list[float | None]:
    """The weighted quantiles of (value, weight) pairs in ascending order; None where nothing weighs anything.

    The smallest value with which the share `level` of the weight is reached; where it is reached exactly, the
    mean of that value and the next, so that the median of 1, 2, 3, 4 of equal weights is 2.5. Unlike quantiles
    that interpolate between ranks, these do not change when all weights are multiplied by a number.
    """
    values, ends = points.get_column("value").to_list(), list(accumulate(points.get_column("weight").to_list()))
    found: list[float | None] = []
    for level in levels:
        if not values:
            found.append(None)
            continue
        target = level * ends[-1]
        slack = 1e-12 * ends[-1]
        low = min(bisect_left(ends, target - slack), len(ends) - 1)
        high = min(low + 1, len(ends) - 1) if abs(ends[low] - target) <= slack else low
        found.append(values[low] + (values[high] - values[low]) / 2)
    return found
