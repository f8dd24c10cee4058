"""Two columns side by side: the same cells, or the same line, with the counts of both.

`Cells` are categories or bins, `Axis` is an ordered line (numbers, times, lengths). NaN and each infinity are
cells of their own and the ends of an axis (-inf first; inf, then NaN, last), alike on both sides. Missing
values take no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from datalife.stats import glimpse, shapes
from datalife.stats.frequencies import empty_points
from datalife.stats.quantiles import Line
from datalife.stats.values import from_number, to_json

if TYPE_CHECKING:
    from datalife.stats.summary import ColumnSummary

Namer = Callable[[int], Any]

DECILES = tuple(each / 10 for each in range(1, 10))
#: Bins of an equal-width histogram, as many as a profile has by default.
BINS = 10
LENGTHS = {"value": pl.Int64, "count": pl.Int64}
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
    """Counts of the same cells on both sides, each side above zero in sum; `name(i)` is what cell i is called."""

    baseline: Sequence[float]
    current: Sequence[float]
    name: Namer

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """The number of values present on each side."""
        return sum(self.baseline), sum(self.current)

    @cached_property
    def shares(self) -> list[tuple[float, float]]:
        """The share of each side's values in each cell; each side sums to 1."""
        n, m = self.sizes
        return [(one / n, other / m) for one, other in zip(self.baseline, self.current, strict=True)]

    @cached_property
    def pooled(self) -> list[float]:
        """The shares of both sides together, without empty cells: the best guess under no change."""
        size = sum(self.sizes)
        totals = (one + other for one, other in zip(self.baseline, self.current, strict=True))
        return [total / size for total in totals if total]


@dataclass(frozen=True)
class Axis:
    """Both sides along one axis: `frame` has `value` (ascending, see the module) and the weights of both sides.

    `sides` are the finite values of either side alone. `resolution` is the largest share that one point of a
    sketch stands for; 0 where every value is known.
    """

    frame: pl.DataFrame
    sides: tuple[Line, Line]
    name: Callable[[float], Any]
    resolution: float = 0.0

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """The number of values present on each side."""
        return float(self.frame["baseline"].sum()), float(self.frame["current"].sum())

    @cached_property
    def has_ends(self) -> bool:
        """Whether there is a NaN or an infinity, which lie at the ends."""
        values = self.frame["value"]
        return bool(len(values)) and not (math.isfinite(values[0]) and math.isfinite(values[-1]))

    @cached_property
    def ends(self) -> pl.DataFrame:
        """The part of NaN and infinities."""
        return self.frame.filter(~pl.col("value").is_finite()) if self.has_ends else self.frame.clear()

    @cached_property
    def finite(self) -> pl.DataFrame:
        """The part without NaN and infinities."""
        return self.frame.filter(pl.col("value").is_finite()) if self.has_ends else self.frame

    @cached_property
    def largest_gap(self) -> float:
        """The largest difference of the two cumulative distributions: 0..1."""
        return float(self.frame.select(gap(*self.sizes).max()).item())


def gap(n: float, m: float) -> pl.Expr:
    """How far the cumulative distributions of two sides of these sizes are apart, at each value of an axis."""
    return (pl.col("baseline").cum_sum() / n - pl.col("current").cum_sum() / m).abs()


class Pair:
    """Two summaries of one column, and the ways to lay them side by side, each of them built once.

    Lists are compared by the pool of their items; `whole` are the columns themselves. `reason` says why the two
    cannot be compared at all, and then nothing else may be asked.
    """

    def __init__(self, baseline: ColumnSummary, current: ColumnSummary) -> None:
        self.whole = (baseline, current)
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
    def categorical(self) -> bool:
        """Whether the values are categories: texts, booleans, and numbers or times that are few."""
        integers = self.baseline.type == self.current.type == "integer"
        return not self.ordered or self.few(FEW_INTEGERS if integers else FEW_VALUES)

    @property
    def natural(self) -> Cells:
        """The values where they are categories, the baseline's decile bins elsewhere."""
        return self.values if self.categorical else self.deciles

    @cached_property
    def values(self) -> Cells:
        """Every value a cell.

        Where a side has more values than are kept, only those that both sides kept have a cell of their own,
        and all others share one.
        """
        return _value_cells(_counted_values(self.baseline), _counted_values(self.current))

    @cached_property
    def shapes(self) -> Cells | None:
        """The shapes of texts (`AA999`), each a cell; None for other types, and where those of a side are not known.

        A side that does not keep every value counts the shapes of the rows that were looked at.
        """
        one, other = _counted_shapes(self.baseline), _counted_shapes(self.current)
        return _value_cells(one, other) if one and other else None

    @cached_property
    def deciles(self) -> Cells:
        """The bins between the deciles of the baseline; both sides are numbers or times."""
        return decile_cells(self.axis)

    @cached_property
    def equal_widths(self) -> Cells:
        """The equal-width bins of both sides, cut at the edges of both; both sides are numbers or times."""
        return equal_width_cells(self.axis)

    @property
    def has_axis(self) -> bool:
        """Whether the values lie on an axis: numbers, times, and texts by their length."""
        return self.ordered or (self.baseline.lengths is not None and self.current.lengths is not None)

    @cached_property
    def axis(self) -> Axis:
        """Numbers and times on their axis, texts on that of their lengths."""
        sides = (self.baseline, self.current)
        if not self.ordered:
            tables = [_length_table(side) for side in sides]
            return Axis(_merged(*tables), (Line.of(tables[0]), Line.of(tables[1])), number_name)
        same = self.baseline.type == self.current.type
        dtype = self.baseline.dtype if same else pl.Float64()
        return Axis(
            _merged(*map(_points, sides)),
            (self.baseline.line, self.current.line),
            lambda value: number_name(from_number(value, dtype)),
            sum(_resolution(side) for side in sides),
        )


def mostly_distinct(side: ColumnSummary) -> bool:
    """Whether values hardly repeat, as in ids and free text: shares of single values say nothing then."""
    return side.distinct_count > max(FEW_VALUES, side.count / 2)


def decile_cells(axis: Axis) -> Cells:
    """Bins [left, right) between the deciles of the baseline, the outer ones open.

    A value that is several deciles at once is a bin of its own, so that a column of mostly zeros still shows
    what moves beside the zeros.
    """
    bounds, names = quantile_bins(axis)
    one, other = (list(map(float, side.counts_between(bounds))) for side in axis.sides)
    return _with_ends(axis, (one, other), names.__getitem__)


def quantile_bins(axis: Axis, levels: Sequence[float] = DECILES) -> tuple[list[float], list[str]]:
    """The bounds of the bins between quantiles of the baseline, the outer ones infinite, and what bins are called."""
    marks = [mark for mark in axis.sides[0].quantiles(levels) if mark is not None]
    behind = {math.nextafter(mark, math.inf): mark for mark, following in pairwise(marks) if mark == following}
    bounds = [-math.inf, *sorted({*marks, *behind}), math.inf]
    return bounds, [_bin_name(axis, (left, right), behind) for left, right in pairwise(bounds)]


def equal_width_cells(axis: Axis) -> Cells:
    """The ten equal-width bins of each side, both cut again at the edges of both, as TFDV does.

    A bin that is cut gives its mass to the pieces in proportion to their width. A side without width (one
    value only) is a point: that value becomes a cell of its own on both sides, before anything is binned.
    Source: TensorFlow Data Validation, `anomalies/metrics.cc`, AlignHistograms.
    """
    points: list[float] = []
    rest = axis.sides
    while constant := [side.values[0] for side in rest if len(side.values) == 1]:
        points += sorted(set(constant))
        rest = (_without(axis.sides[0], points), _without(axis.sides[1], points))
    edges = [side.equal_width(BINS) for side in rest]
    union = sorted({*edges[0], *edges[1]})
    one, other = (
        _spread(spread, own, union) + [_weight_at(whole, point) for point in points]
        for spread, own, whole in zip(rest, edges, axis.sides, strict=True)
    )
    bins = list(pairwise(union))

    def name(cell: int) -> str:
        if cell >= len(bins):
            return str(axis.name(points[cell - len(bins)]))
        left, right = bins[cell]
        return f"{axis.name(left)} to {axis.name(right)}"

    return _with_ends(axis, (one, other), name)


def number_name(value: Any) -> str:
    """A number as a person would write it; times are text already."""
    if not isinstance(value, int | float):
        return str(value)
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def _bin_name(axis: Axis, bounds: tuple[float, float], behind: Mapping[float, float]) -> str:
    """What the bin [left, right) is called; `behind` holds the marks that have a bin of their own by its end."""
    left, right = bounds
    if right in behind:
        return str(axis.name(left))
    if left == -math.inf:
        return f"below {axis.name(right)}" if right < math.inf else "any number"
    if right == math.inf:
        return f"above {axis.name(behind[left])}" if left in behind else f"{axis.name(left)} and above"
    return f"{axis.name(behind.get(left, left))} to {axis.name(right)}"


def _plain_values(frequencies: pl.DataFrame) -> pl.DataFrame:
    """Categories as plain text, so that two dictionaries of the same texts meet."""
    dtype = frequencies.schema["value"]
    named = isinstance(dtype, pl.Categorical | pl.Enum)
    return frequencies.select(pl.col("value").cast(pl.String) if named else pl.col("value"), weight="count")


@dataclass(frozen=True)
class _Counted:
    """(value, weight) pairs of a side, of `size` values together; `complete`: no value is left out."""

    pairs: pl.DataFrame
    size: float
    complete: bool


def _counted_values(side: ColumnSummary) -> _Counted:
    return _Counted(_plain_values(side.frequencies), side.count, side.complete)


def _counted_shapes(side: ColumnSummary) -> _Counted | None:
    """Those of all values while these are kept, else of the rows looked at; None where there are none."""
    if side.type != "string":
        return None
    if side.complete:
        drawn = shapes.shapes(_plain_values(side.frequencies).select("value", count="weight"))
        return _Counted(drawn.select(value="shape", weight="count"), side.count, True)
    if side.glance is None or side.glance.shapes is None:
        return None
    pairs = side.glance.shapes.select(value="shape", weight=pl.col("count") / glimpse.STEP)
    seen = float(pairs["weight"].sum())
    complete = pairs.height < glimpse.KEPT
    return _Counted(pairs, seen if complete else max(seen, side.count / glimpse.STEP), complete)


def _value_cells(one: _Counted, other: _Counted) -> Cells:
    """Every value a cell, but where a side leaves some out: see `Pair.values`."""
    sides = (one, other)
    frame = _merged(one.pairs, other.pairs)
    if not all(side.complete for side in sides):
        frame = frame.filter((pl.col("baseline") > 0) & (pl.col("current") > 0))
    rest = [side.size - float(frame[name].sum()) for name, side in zip(SIDES, sides, strict=True)]
    values, others = frame["value"], [OTHERS] if any(rest) else []
    baseline, current = (
        [*frame[name].to_list(), *([left] if others else [])] for name, left in zip(SIDES, rest, strict=True)
    )
    return Cells(baseline, current, lambda cell: [*to_json(values[cell : cell + 1]), *others][0])


def _length_table(side: ColumnSummary) -> pl.DataFrame:
    """The lengths of texts as points, ascending."""
    lengths = side.lengths if side.lengths is not None else pl.DataFrame(schema=LENGTHS)
    return lengths.select(pl.col("value").cast(pl.Float64), weight=pl.col("count").cast(pl.Float64)).sort("value")


def _merged(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Two (value, weight) tables as one: each value once, ascending, with the weight of either side.

    Datetimes of different zones are those of the baseline's.
    """
    weight, none = pl.col("weight").cast(pl.Float64), pl.lit(0.0)
    zones = [
        dtype.time_zone if isinstance(dtype := side.schema["value"], pl.Datetime) else None for side in (one, other)
    ]
    if zones[0] and zones[1]:
        other = other.with_columns(pl.col("value").dt.convert_time_zone(zones[0]))
    sides = [
        one.lazy().select("value", baseline=weight, current=none),
        other.lazy().select("value", baseline=none, current=weight),
    ]
    merged = pl.concat(sides, how="vertical_relaxed").group_by("value").agg(pl.col("baseline", "current").sum())
    return merged.sort("value").collect(engine="in-memory")


def _points(side: ColumnSummary) -> pl.DataFrame:
    """The points of a column, and NaN and the infinities, which these leave out."""
    points = empty_points() if side.points is None else side.points
    return pl.concat([points, _ends(side)]) if side.nan_count or side.inf_count else points


def _ends(side: ColumnSummary) -> pl.DataFrame:
    """NaN and the infinities of a column.

    Beyond the values kept only the number of infinities is known, not their sign: they count as positive.
    """
    values = side.counts.values
    below = values.filter(pl.col("value") == -math.inf)["count"].sum() if values.schema["value"].is_float() else 0
    weights = {-math.inf: below, math.inf: side.inf_count - below, math.nan: side.nan_count}
    held = [(value, float(weight)) for value, weight in weights.items() if weight]
    return pl.DataFrame(held, schema={"value": pl.Float64, "weight": pl.Float64}, orient="row")


def _resolution(side: ColumnSummary) -> float:
    if side.complete or side.points is None or side.points.is_empty():
        return 0.0
    weights = side.points["weight"]
    return float(weights.max() or 0) / float(weights.sum())  # type: ignore[arg-type]


def _without(side: Line, points: Sequence[float]) -> Line:
    held = [(value, weight) for value, weight in _weights(side) if value not in points]
    return Line([value for value, _ in held], list(accumulate(weight for _, weight in held)))


def _weights(side: Line) -> Iterator[tuple[float, float]]:
    """Each value with its own weight."""
    return zip(side.values, (end - before for before, end in pairwise([0.0, *side.ends])), strict=True)


def _weight_at(side: Line, value: float) -> float:
    return sum(weight for each, weight in _weights(side) if each == value)


def _spread(side: Line, own: Sequence[float], union: Sequence[float]) -> list[float]:
    """The counts of the bins `own`, given to the pieces between the edges `union` in proportion to width."""
    counts = [0.0] * max(len(union) - 1, 0)
    place = {edge: position for position, edge in enumerate(union)}
    for weight, (left, right) in zip(side.counts_between(own) if own else [], pairwise(own), strict=True):
        scale = 1.0 if math.isfinite(right - left) else 0.5  # numbers so huge that their difference is infinite
        width = right * scale - left * scale
        for piece in range(place[left], place[right]):
            counts[piece] += weight * (union[piece + 1] * scale - union[piece] * scale) / width
    return counts


def _with_ends(axis: Axis, counts: tuple[list[float], list[float]], name: Namer) -> Cells:
    """Cells of the finite values, which `name` names when asked, with NaN and the infinities behind."""
    ends, size = axis.ends, len(counts[0])
    labels = to_json(ends["value"])
    baseline, current = [*counts[0], *ends["baseline"]], [*counts[1], *ends["current"]]
    return Cells(baseline, current, lambda cell: name(cell) if cell < size else labels[cell - size])
