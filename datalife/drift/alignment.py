"""Two columns side by side: the same cells, or the same line, with the counts of both.

`Cells` are categories or bins, `Line` is an ordered axis (numbers, times, lengths). NaN and each infinity are
cells of their own and the ends of a line (-inf first; inf, then NaN, last), alike on both sides. Missing
values take no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from datalife.stats.quantiles import counts_between, quantiles
from datalife.stats.values import from_number, to_json

if TYPE_CHECKING:
    from datalife.stats.summary import ColumnSummary

Namer = Callable[[int], Any]

DECILES = tuple(each / 10 for each in range(1, 10))
#: Bins of an equal-width histogram, as many as a profile has by default.
BINS = 10
ORDERED = ("integer", "float", "date", "datetime", "time", "duration")
#: Numbers and times of at most so many values are categories.
FEW_VALUES = 20
#: Integers may stand for things (zones, codes, products) and are compared value by value further up.
FEW_INTEGERS = 1000
SIDES = ("baseline", "current")
#: The cell of all values that have none of their own.
OTHERS = "(other values)"


@dataclass(frozen=True)
class Cells:
    """Counts of the same cells on both sides, none of them empty; `name(i)` is what cell i is called."""

    baseline: pl.Series
    current: pl.Series
    name: Namer

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """The number of values present on each side."""
        return float(self.baseline.sum()), float(self.current.sum())

    @cached_property
    def shares(self) -> tuple[pl.Series, pl.Series]:
        """The share of each side's values in each cell; each sums to 1."""
        n, m = self.sizes
        return self.baseline / n, self.current / m

    @cached_property
    def pooled(self) -> pl.Series:
        """The shares of both sides together, without empty cells: the best guess under no change."""
        total = self.baseline + self.current
        return total.filter(total > 0) / sum(self.sizes)


@dataclass(frozen=True)
class Line:
    """Weights along an axis: `frame` has `value` (ascending, see the module), `baseline` and `current`.

    `resolution` is the largest share that one point of a sketch stands for; 0 where every value is known.
    """

    frame: pl.DataFrame
    name: Callable[[float], Any]
    resolution: float = 0.0

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """The number of values present on each side."""
        return float(self.frame["baseline"].sum()), float(self.frame["current"].sum())

    @cached_property
    def finite(self) -> pl.DataFrame:
        """The part without NaN and infinities."""
        return self.frame.filter(pl.col("value").is_finite())

    def points(self, side: str) -> pl.DataFrame:
        """The finite points (`value`, `weight`) of one side."""
        return self.finite.select("value", weight=side).filter(pl.col("weight") > 0)


class Pair:
    """Two summaries of one column, and the ways to lay them side by side, each of them built once.

    Lists are compared by the pool of their items. `reason` says why the two cannot be compared at all, and then
    nothing else may be asked.
    """

    def __init__(self, baseline: ColumnSummary, current: ColumnSummary) -> None:
        self.baseline = baseline.items or baseline
        self.current = current.items or current

    @cached_property
    def reason(self) -> str | None:
        """Why there is no distance at all, or None."""
        one, other = self.baseline, self.current
        for name, side in (("baseline", one), ("current data", other)):
            if not side.count:
                return f"no value is present in the {name}"
        kinds = {one.type, other.type}
        if len(kinds) > 1 and kinds not in ({"integer", "float"}, {"date", "datetime"}):
            return f"the type changed from {one.type} to {other.type}"
        return f"a {one.type} has no distance of its own" if kinds & {"struct", "list"} else None

    @cached_property
    def ordered(self) -> bool:
        """Whether both are numbers or times."""
        return self.baseline.type in ORDERED and self.current.type in ORDERED

    def few(self, limit: int) -> bool:
        """Whether every value is known and there are at most `limit` of them together."""
        sides = (self.baseline, self.current)
        if not all(side.complete and side.distinct_count <= limit for side in sides):
            return False
        return len(self.values.baseline) <= limit

    @cached_property
    def natural(self) -> Cells:
        """Values where they are few enough to be categories, the baseline's decile bins elsewhere."""
        integers = self.baseline.type == self.current.type == "integer"
        if not self.ordered or self.few(FEW_INTEGERS if integers else FEW_VALUES):
            return self.values
        return self.deciles

    @cached_property
    def values(self) -> Cells:
        """Every value a cell.

        Where a side has more values than are kept, only those that both sides kept have a cell of their own,
        and all others share one.
        """
        sides = (self.baseline, self.current)
        frame = _merged(*(_plain_values(side.frequencies) for side in sides))
        if not all(side.complete for side in sides):
            frame = frame.filter((pl.col("baseline") > 0) & (pl.col("current") > 0))
        rest = [side.count - float(frame[name].sum()) for name, side in zip(SIDES, sides, strict=True)]
        values, others = frame["value"], [OTHERS] if any(rest) else []
        counts = [[*frame[name], *([left] if others else [])] for name, left in zip(SIDES, rest, strict=True)]
        baseline, current = (pl.Series(each, dtype=pl.Float64) for each in counts)
        return Cells(baseline, current, lambda cell: [*to_json(values[cell : cell + 1]), *others][0])

    @cached_property
    def deciles(self) -> Cells:
        """The bins between the deciles of the baseline; both sides are numbers or times."""
        return decile_cells(self.line)

    @cached_property
    def equal_widths(self) -> Cells:
        """The equal-width bins of both sides, cut at the edges of both; both sides are numbers or times."""
        return equal_width_cells(self.line)

    @property
    def has_line(self) -> bool:
        """Whether the values lie on an axis: numbers, times, and texts by their length."""
        return self.ordered or (self.baseline.lengths is not None and self.current.lengths is not None)

    @cached_property
    def line(self) -> Line:
        """Numbers and times on their axis, texts on that of their lengths."""
        sides = (self.baseline, self.current)
        if not self.ordered:
            return Line(_merged(*(_plain_lengths(side.lengths) for side in sides)), number_name)
        frames = [pl.concat([_points(side), _ends(side)]) for side in sides]
        same = self.baseline.type == self.current.type
        dtype = self.baseline.dtype if same else pl.Float64()
        resolution = sum(_resolution(side) for side in sides)
        return Line(_merged(*frames), lambda value: number_name(from_number(value, dtype)), resolution)


def decile_cells(line: Line) -> Cells:
    """Bins [left, right) between the deciles of the baseline, the outer ones open.

    A value that is several deciles at once is a bin of its own, so that a column of mostly zeros still shows
    what moves beside the zeros.
    """
    deciles = [mark for mark in quantiles(line.points("baseline"), DECILES) if mark is not None]
    behind = {math.nextafter(mark, math.inf): mark for mark, following in pairwise(deciles) if mark == following}
    bounds = [-math.inf, *sorted({*deciles, *behind}), math.inf]
    names = [_bin_name(line, (left, right), behind) for left, right in pairwise(bounds)]
    one, other = ([float(count) for count in counts_between(points, bounds)] for points in _sides(line))
    return _with_ends(line, (one, other), names)


def equal_width_cells(line: Line) -> Cells:
    """The ten equal-width bins of each side, both cut again at the edges of both, as TFDV does.

    A bin that is cut gives its mass to the pieces in proportion to their width. A side without width (one
    value only) is a point: that value becomes a cell of its own on both sides, before anything is binned.
    Source: TensorFlow Data Validation, `anomalies/metrics.cc`, AlignHistograms.
    """
    constants = sorted({points["value"][0] for points in _sides(line) if points.height == 1})
    rest = [points.filter(~pl.col("value").is_in(constants)) for points in _sides(line)]
    own = [_equal_edges(points) for points in rest]
    union = sorted(set(own[0]) | set(own[1]))
    names = [line.name(edge) for edge in union]
    spread = [_spread(points, edges, union) for points, edges in zip(rest, own, strict=True)]
    points = [[_weight_at(side, value) for value in constants] for side in _sides(line)]
    counts = [spread[side] + points[side] for side in (0, 1)]
    return _with_ends(line, (counts[0], counts[1]), [*_between(names), *(line.name(each) for each in constants)])


def number_name(value: Any) -> str:
    """A number as a person would write it; times are text already."""
    if not isinstance(value, int | float):
        return str(value)
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def _bin_name(line: Line, bounds: tuple[float, float], behind: Mapping[float, float]) -> str:
    """What the bin [left, right) is called; `behind` holds the marks that have a bin of their own by its end."""
    left, right = bounds
    if right in behind:
        return str(line.name(left))
    if left == -math.inf:
        return f"below {line.name(right)}" if right < math.inf else "any number"
    if right == math.inf:
        return f"above {line.name(behind[left])}" if left in behind else f"{line.name(left)} and above"
    return f"{line.name(behind.get(left, left))} to {line.name(right)}"


def _plain_values(frequencies: pl.DataFrame) -> pl.DataFrame:
    """Categories as plain text, so that two dictionaries of the same texts meet."""
    dtype = frequencies.schema["value"]
    named = isinstance(dtype, pl.Categorical | pl.Enum)
    return frequencies.select(pl.col("value").cast(pl.String) if named else pl.col("value"), weight="count")


def _plain_lengths(lengths: pl.DataFrame | None) -> pl.DataFrame:
    return (lengths if lengths is not None else pl.DataFrame(schema={"value": pl.Int64, "count": pl.Int64})).select(
        pl.col("value").cast(pl.Float64), weight="count"
    )


def _merged(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Two (value, weight) tables as one: each value once, ascending, with the weight of either side."""
    weight, none = pl.col("weight").cast(pl.Float64), pl.lit(0.0)
    stacked = pl.concat(
        [
            one.select("value", baseline=weight, current=none),
            other.select("value", baseline=none, current=weight),
        ],
        how="vertical_relaxed",
    )
    return stacked.group_by("value").agg(pl.col("baseline", "current").sum()).sort("value")


def _points(side: ColumnSummary) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"value": pl.Float64, "weight": pl.Float64})
    return empty if side.points is None else side.points.select(pl.col("value", "weight").cast(pl.Float64))


def _ends(side: ColumnSummary) -> pl.DataFrame:
    """NaN and the infinities of a column, which its points leave out.

    Beyond the values kept only the number of infinities is known, not their sign: they count as positive.
    """
    values = side.frequencies
    below = values.filter(pl.col("value") == -math.inf)["count"].sum() if values.schema["value"].is_float() else 0
    weights = {-math.inf: below, math.inf: side.inf_count - below, math.nan: side.nan_count}
    held = [(value, float(weight)) for value, weight in weights.items() if weight]
    return pl.DataFrame(held, schema={"value": pl.Float64, "weight": pl.Float64}, orient="row")


def _resolution(side: ColumnSummary) -> float:
    if side.complete or side.points is None or side.points.is_empty():
        return 0.0
    weights = side.points["weight"]
    return float(weights.max() or 0) / float(weights.sum())  # type: ignore[arg-type]


def _sides(line: Line) -> tuple[pl.DataFrame, pl.DataFrame]:
    return line.points("baseline"), line.points("current")


def _equal_edges(points: pl.DataFrame) -> list[float]:
    """The edges of BINS bins of equal width; written so that no difference of huge numbers overflows."""
    if points.height < 2:
        return [] if points.is_empty() else [points["value"][0]]
    low, high = points["value"][0], points["value"][-1]
    edges = {low * (1 - step / BINS) + high * (step / BINS) for step in range(BINS + 1)}
    return sorted(edges)


def _spread(points: pl.DataFrame, own: Sequence[float], union: Sequence[float]) -> list[float]:
    """The counts of the bins `own`, given to the pieces between the edges `union` in proportion to width."""
    counts = [0.0] * max(len(union) - 1, 0)
    if len(own) < 2:
        return counts
    place = {edge: position for position, edge in enumerate(union)}
    for weight, left, right in zip(counts_between(points, own), own, own[1:], strict=False):
        for piece in range(place[left], place[right]):
            width = union[piece + 1] / 2 - union[piece] / 2
            counts[piece] += weight * (width / (right / 2 - left / 2))
    return counts


def _weight_at(points: pl.DataFrame, value: float) -> float:
    return float(points.filter(pl.col("value") == value)["weight"].sum())


def _with_ends(line: Line, counts: tuple[list[float], list[float]], names: Sequence[Any]) -> Cells:
    """Cells of the finite values, with NaN and the infinities behind."""
    ends = line.frame.filter(~pl.col("value").is_finite())
    labels = [*names, *to_json(ends["value"])]
    baseline = pl.Series([*counts[0], *ends["baseline"]], dtype=pl.Float64)
    current = pl.Series([*counts[1], *ends["current"]], dtype=pl.Float64)
    return Cells(baseline, current, lambda cell: labels[cell])


def _between(names: Sequence[str]) -> list[str]:
    return [f"{left} to {right}" for left, right in pairwise(names)]
