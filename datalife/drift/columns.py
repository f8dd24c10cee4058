"""One column of both sides: how far its values moved, whether its missing values did, and what that means.

The rule has two keys. A column has drifted when the effect is large (a distance above its threshold) and real
(chance does not explain it at this size). Large, but not beyond chance, is `inconclusive`. A limit that somebody
wrote decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from datalife.drift.alignment import FEW_VALUES, Cells, Pair, mostly_distinct
from datalife.drift.binned import Part
from datalife.drift.blocks import Blocks
from datalife.drift.metrics import (
    CATEGORIES,
    DISTANCES,
    NULL_FRACTION,
    Measurement,
    OverAxis,
    measure_cells,
    measure_missing,
    measure_pair,
    value_of,
)
from datalife.drift.model import ColumnDiff, Patterns, Range, Sides, Status
from datalife.drift.noise import likelihood_of_shares
from datalife.drift.picture import picture_of
from datalife.drift.weeks import weeks_of
from datalife.stats.analyzers import Extremes
from datalife.stats.model import ValueCount
from datalife.words import fine_share

if TYPE_CHECKING:
    from datalife.schema.model import Limit
    from datalife.stats.summary import ColumnSummary

#: How often a comparison of all columns may call chance a change.
FALSE_ALARM_RATE = 0.01
#: The part of that rate which the tests get. The p-values of small samples are themselves approximate: measured at
#: a half, fewer than 1 % of comparisons give an alarm where 1 % is allowed.
SPENT = 0.5
#: A share of missing values, or of NaN, that moves by more has drifted.
SHARE_THRESHOLD = 0.02
#: So many new and gone values are listed.
LISTED = 20
#: More categories than this are compared all together, not one by one.
MANY_VALUES = 200
#: A value is gone only if so many of it were expected.
EXPECTED = 5
NOTHING = Measurement()
#: What the shapes of texts are compared by.
SHAPE_METRIC = "l_infinity"
WORST: tuple[Status, ...] = ("drifted", "inconclusive", "stable")


@dataclass(frozen=True)
class Rules:
    """How columns are judged.

    `metric` and `threshold` hold for all columns, where they are not None; `limits` for the columns they name,
    and before anything else. `columns` is how many columns are compared, which makes chance less of an excuse:
    all of them together give a false alarm at most at `false_alarm_rate`. `blocks` are the rows that arrived
    together; without them each row came by itself.
    """

    metric: str | None = None
    threshold: float | None = None
    limits: Mapping[str, Sequence[Limit]] = field(default_factory=dict)
    columns: int = 1
    false_alarm_rate: float = FALSE_ALARM_RATE
    blocks: Blocks | None = None

    @property
    def significance(self) -> float:
        """The p-value below which a change is real (Bonferroni's correction)."""
        return self.false_alarm_rate * SPENT / max(self.columns, 1)

    def of_values(self, name: str) -> list[Limit]:
        """The written limits of a column's distances."""
        return [limit for limit in self.limits.get(name, ()) if limit.metric != NULL_FRACTION]

    def of_missing(self, name: str) -> float | None:
        """The written limit of how far its share of missing values may move; the strictest, None without any."""
        return min((limit.max for limit in self.limits.get(name, ()) if limit.metric == NULL_FRACTION), default=None)


@dataclass(frozen=True)
class Verdict:
    """A status and, unless it is `stable`, why."""

    status: Status
    reason: str | None = None


@dataclass(frozen=True)
class Judged:
    """A measurement by `metric` against `threshold`, and what follows from it."""

    verdict: Verdict
    metric: str | None = None
    threshold: float | None = None
    found: Measurement = NOTHING


def compare_column(name: str, baseline: ColumnSummary, current: ColumnSummary, rules: Rules) -> ColumnDiff:
    """Everything that is to say about one column of both sides."""
    pair = Pair(baseline, current)
    nulls = _shares(baseline, current, "null_count")
    nans = _shares(baseline, current, "nan_count") if "float" in (baseline.type, current.type) else None
    # missing values and NaN, where there are any, and shapes are further chances to be wrong about this column
    lines = 1 + any((baseline.null_count, current.null_count)) + any((baseline.nan_count, current.nan_count))
    lines += not pair.reason and pair.shapes is not None
    rules = replace(rules, columns=rules.columns * lines)
    judged = _judged(name, pair, rules)
    patterns, pattern_verdict = _patterns(name, pair, rules)
    verdicts = [judged.verdict, pattern_verdict, _share_verdict("null_count", name, pair, rules)]
    if nans:
        verdicts.append(_share_verdict("nan_count", name, pair, rules))
    verdict = min(verdicts, key=lambda each: WORST.index(each.status))
    new, gone = _new_and_gone(pair)
    return ColumnDiff(
        name=name,
        type=current.type if baseline.type == "null" else baseline.type,
        metric=judged.metric,
        distance=judged.found.distance,
        threshold=judged.threshold,
        drifted=verdict.status == "drifted",
        status=verdict.status,
        noise_floor=judged.found.noise_floor,
        null_fraction=nulls,
        new_values=new,
        gone_values=gone,
        largest_change=judged.found.largest_change,
        distances=_distances(pair),
        patterns=patterns,
        nan_fraction=nans,
        range=_range(pair),
        reason=verdict.reason or judged.found.reason,
        picture=picture_of(pair),
        weeks=weeks_of(pair),
        **_turnover(pair),
    )


def steady_column(name: str, baseline: ColumnSummary, current: ColumnSummary, most: float) -> ColumnDiff:
    """A column that so few changed values cannot have moved: no distance of shares is above `most`."""
    pair = Pair(baseline, current)
    return ColumnDiff(
        name=name,
        type=baseline.type,
        null_fraction=_shares(baseline, current, "null_count"),
        nan_fraction=_shares(baseline, current, "nan_count") if baseline.type == "float" else None,
        range=_range(pair),
        reason=f"not measured: row by row, no share moved by more than {most:.2g}",
    )


def default_metric(pair: Pair) -> str | None:
    """The distance that fits the values; None for dates and datetimes, which move on by themselves."""
    if pair.ordered:
        if {pair.baseline.type, pair.current.type} & {"date", "datetime"}:
            return None
        return "l_infinity" if pair.few(FEW_VALUES) else "kolmogorov_smirnov"
    if pair.has_axis and all(mostly_distinct(side) for side in (pair.baseline, pair.current)):
        return "kolmogorov_smirnov"
    return "total_variation" if _is_better_together(pair) else "l_infinity"


def _is_better_together(pair: Pair) -> bool:
    """Among very many values none has a share that could move far: all of them together can.

    That takes enough rows; with fewer, chance alone is above the threshold of the distance.
    """
    if max(pair.baseline.distinct_count, pair.current.distinct_count) <= MANY_VALUES:
        return False
    return DISTANCES["total_variation"].noise(pair.values) <= DISTANCES["total_variation"].threshold  # type: ignore[arg-type, operator]


def _judged(name: str, pair: Pair, rules: Rules) -> Judged:
    """The distance that decides: a written limit of this column (the first that is broken), else the rule of all."""
    measured = partial(_measured, name, pair, rules)
    limits = [_against_limit(measured(limit.metric), limit.metric, limit.max) for limit in rules.of_values(name)]
    if limits:
        return next((each for each in limits if each.verdict.status == "drifted"), limits[0])
    if pair.reason:
        changed = pair.baseline.type != pair.current.type and pair.baseline.count and pair.current.count
        return Judged(Verdict("inconclusive" if changed else "stable", pair.reason))
    metric = rules.metric if rules.metric and value_of(rules.metric, pair) is not None else default_metric(pair)
    if metric is None:
        return Judged(Verdict("stable"))
    if rules.threshold is not None:
        return _against_limit(measured(metric), metric, rules.threshold)
    threshold = DISTANCES[metric].threshold
    found = measured(metric)
    return Judged(_two_keys(found, metric, threshold, rules), metric, threshold, found)


def _measured(name: str, pair: Pair, rules: Rules, metric: str) -> Measurement:
    """The distance with its chance, that of blocks where there are any."""
    found = measure_pair(metric, pair)
    part: Part = "length" if isinstance(DISTANCES[metric], OverAxis) and not pair.ordered else "value"
    exchange = rules.blocks.column(name, pair, part) if rules.blocks and found.distance is not None else None
    return exchange.adjusted(found, metric, rules.significance) if exchange else found


def _against_limit(found: Measurement, metric: str, most: float) -> Judged:
    if found.distance is None:
        verdict = Verdict("drifted", f"the limit of {metric} cannot be checked: {found.reason}")
    elif found.distance > most:
        verdict = Verdict("drifted", _exceeds(metric, found.distance, most))
    else:
        verdict = Verdict("stable")
    return Judged(verdict, metric, most, found)


def _two_keys(found: Measurement, metric: str, threshold: float, rules: Rules) -> Verdict:
    if found.distance is None or found.likelihood is None or found.distance <= threshold:
        return Verdict("stable")
    if found.likelihood < rules.significance:
        return Verdict("drifted", _exceeds(metric, found.distance, threshold))
    words = f"{_exceeds(metric, found.distance, threshold)}, but so few values move that far by chance"
    return Verdict("inconclusive", words)


def _patterns(name: str, pair: Pair, rules: Rules) -> tuple[Patterns | None, Verdict]:
    """How far the shapes of texts moved, by the two-key rule; None for what has none.

    They alarm only where they say more than the values: when no single value moved half as far. A written limit
    decides alone: then they are told, and not judged.
    """
    if pair.reason or pair.shapes is None:
        return None, Verdict("stable")
    found = measure_cells(CATEGORIES, pair.shapes)
    exchange = rules.blocks.column(name, pair, "shape") if rules.blocks else None
    if exchange:
        found = exchange.adjusted(found, SHAPE_METRIC, rules.significance)
    threshold = None if rules.threshold is not None or rules.of_values(name) else CATEGORIES.threshold
    verdict = Verdict("stable")
    if threshold is not None and (found.distance or 0.0) > 2 * (value_of(SHAPE_METRIC, pair) or 0.0):
        verdict = _two_keys(found, SHAPE_METRIC, threshold, rules)
    told = Patterns(
        metric=SHAPE_METRIC,
        distance=found.distance,
        threshold=threshold,
        noise_floor=found.noise_floor,
        status=verdict.status,
        largest_change=found.largest_change,
        exact=pair.baseline.complete and pair.current.complete,
    )
    return told, replace(verdict, reason=f"shapes of texts: {verdict.reason}" if verdict.reason else None)


def _share_verdict(count: Literal["null_count", "nan_count"], name: str, pair: Pair, rules: Rules) -> Verdict:
    """The line of missing values, or that of NaN: their share of the rows by the two-key rule."""
    baseline, current = pair.whole
    if not baseline.rows or not current.rows:
        return Verdict("stable")
    one, other = (getattr(side, count) for side in (baseline, current))
    before, after = one / baseline.rows, other / current.rows
    what = "missing values" if count == "null_count" else "NaN"
    words = f"{what} went from {fine_share(before, 3)} to {fine_share(after, 3)} of the rows"
    written = rules.of_missing(name) if count == "null_count" else None
    if written is not None:
        moved = measure_missing(baseline, current).distance or 0.0
        return Verdict("drifted", f"{words}, more than {written:g}") if moved > written else Verdict("stable")
    if round(abs(after - before), 12) <= SHARE_THRESHOLD:
        return Verdict("stable")
    likelihood = likelihood_of_shares((one, other), (baseline.rows, current.rows))
    exchange = rules.blocks.column(name, pair, "value") if rules.blocks and not pair.reason else None
    if exchange:
        cell = exchange.cells.missing if count == "null_count" else exchange.cells.nan
        likelihood = exchange.likelihood_of_cell(cell, rules.significance)
    if likelihood < rules.significance:
        return Verdict("drifted", words)
    return Verdict("inconclusive", f"{words}, but so few rows move that far by chance")


def _shares(baseline: ColumnSummary, current: ColumnSummary, count: str) -> Sides:
    shares = [getattr(side, count) / side.rows if side.rows else None for side in (baseline, current)]
    return Sides(baseline=shares[0], current=shares[1])


def _exceeds(metric: str, distance: float, threshold: float) -> str:
    return f"{metric} {distance:.3g} is above {threshold:g}"


def _distances(pair: Pair) -> dict[str, int | float]:
    found = {metric: value_of(metric, pair) for metric in DISTANCES}
    return {metric: distance for metric, distance in found.items() if distance is not None}


def _new_and_gone(pair: Pair) -> tuple[list[ValueCount], list[ValueCount]]:
    """Values of one side only, most frequent first; a value is gone when five or more of it were to be expected.

    None are named where not every value is known, nor of numbers and times that are more than a few, nor of ids and
    free text, of which nearly every value is new.
    """
    sides = (pair.baseline, pair.current)
    if pair.reason or not all(side.complete for side in sides) or all(map(mostly_distinct, sides)):
        return [], []
    if pair.ordered and not pair.few(FEW_VALUES):
        return [], []
    cells = pair.values
    n, m = cells.sizes
    counts = list(zip(cells.baseline, cells.current, strict=True))
    new = {cell: other for cell, (one, other) in enumerate(counts) if not one and other}
    gone = {cell: one for cell, (one, other) in enumerate(counts) if not other and one * m / n >= EXPECTED}
    return _listed(cells, new), _listed(cells, gone)


def _listed(cells: Cells, counts: Mapping[int, float]) -> list[ValueCount]:
    most = sorted(counts, key=lambda cell: -counts[cell])[:LISTED]
    return [ValueCount(value=cells.name(cell), count=int(counts[cell])) for cell in most]


def _turnover(pair: Pair) -> dict[str, float]:
    """The shares of new and gone values where every value is known, and how much of the most frequent stayed."""
    if pair.reason or pair.ordered:
        return {}
    before, after = (set(side.frequencies.get_column("value").head(LISTED)) for side in (pair.baseline, pair.current))
    found = {"top_overlap": len(before & after) / len(before)}
    if pair.baseline.complete and pair.current.complete:
        shares = pair.values.shares
        found["new_fraction"] = sum(other for one, other in shares if not one)
        found["gone_fraction"] = sum(one for one, other in shares if not other)
    return found


def _range(pair: Pair) -> Range | None:
    types = {pair.baseline.type, pair.current.type}
    if not types & {"date", "datetime"} or not types <= {"date", "datetime", "null"}:
        return None
    return Range(baseline=_extremes(pair.baseline), current=_extremes(pair.current))


def _extremes(side: ColumnSummary) -> list[Any] | None:
    if not side.count or side.type == "null":
        return None
    ends = Extremes().metrics(side.states["extremes"], side.dtype)
    return [ends["min"], ends["max"]]
