"""Several batches in order: how far each is from the first or from the one before, and what known-good ones allow."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal

from datalife.drift.alignment import Pair
from datalife.drift.columns import default_metric
from datalife.drift.compare import chance_of, difference
from datalife.drift.metrics import DISTANCES, NULL_FRACTION, Measurement, measure_missing, measure_pair, value_of
from datalife.drift.model import Batch, BatchColumn, Diff, without_samples
from datalife.drift.sides import DiffOptions, Side, opened_sides
from datalife.errors import UsageError
from datalife.record import Record
from datalife.schema.model import ColumnSchema, Limit, Schema
from datalife.stats.profile import summarize
from datalife.stats.summary import Summary
from datalife.yamltext import flow, scalar

#: Known-good batches from which limits may be set.
FEWEST_GOOD = 3
#: A limit is the mean of the distances plus so many standard deviations.
DEVIATIONS = 3
#: Limits have so many digits, the last one rounded up.
DIGITS = 3


class Thresholds(Record):
    """Limits of drift as a schema, and its `text` in YAML with how each limit came about."""

    limits: Schema
    text: str


def diff_series(
    sources: Sequence[str], baseline: Literal["first", "previous"] = "first", options: DiffOptions | None = None
) -> Diff:
    """The last of at least two batches against its baseline, and the distances of all of them in `batches`.

    All comparisons together give a false alarm at most at the rate of the options.

    Raises:
        UsageError: rows or a shift are asked for, which belong to two datasets; or as `diff`.
    """
    options = _of_many(options)
    sides = opened_sides([[source] for source in sources], options)
    summaries = list(_summaries(sides))
    found, batches = Diff(), []
    for place in range(1, len(sources)):
        before = 0 if baseline == "first" else place - 1
        chance = chance_of([sides[before], sides[place]], options)
        found = difference(summaries[before], summaries[place], options, chance, comparisons=len(sources) - 1)
        columns = [BatchColumn(**each.model_dump(include=set(BatchColumn.model_fields))) for each in found.columns]
        names = {"name": sources[place], "baseline": sources[before]}
        batches.append(Batch(**names, rows=summaries[place].rows, drifted=found.drifted, columns=columns))
    whole = found.model_copy(update={"batches": batches, "drifted": any(batch.drifted for batch in batches)})
    return whole if options.samples else without_samples(whole)


def calibrate(sources: Sequence[str], options: DiffOptions | None = None) -> Thresholds:
    """Limits of drift for each column from batches that are known to be good, as a schema.

    A limit is the largest of: the mean plus three standard deviations of the distances between any two batches,
    the largest of these distances, and the largest noise floor. So what the batches do among themselves (days of
    the week, seasons) is no drift. The share of missing values has a limit of its own, where any is ever missing.
    Columns without a distance have none.

    Raises:
        UsageError: there are fewer than three batches; or as `diff`.
    """
    options = _of_many(options)
    if len(sources) < FEWEST_GOOD:
        hint = "name more batches: datalife diff --calibrate monday.csv tuesday.csv wednesday.csv ..."
        raise UsageError("--calibrate", f"needs at least {FEWEST_GOOD} known-good batches, not {len(sources)}", hint)
    summaries = list(_summaries(opened_sides([[source] for source in sources], options)))
    columns: dict[str, ColumnSchema] = {}
    remarks: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for summary in summaries for name in summary.columns):
        sides = [summary.columns[name] for summary in summaries if name in summary.columns]
        pairs = [Pair(*both) for both in combinations(sides, 2)]
        found = [limit for limit in (_limit(pairs, options.metric), _missing_limit(pairs)) if limit is not None]
        if found:
            limits = [limit for limit, _ in found]
            columns[name] = ColumnSchema(drift=limits if len(limits) > 1 else limits[0])
            remarks[name] = [remark for _, remark in found]
    return Thresholds(limits=Schema(columns=columns), text=_text(columns, remarks, len(sources)))


def _text(columns: Mapping[str, ColumnSchema], remarks: Mapping[str, Sequence[str]], batches: int) -> str:
    """The limits as YAML, with how they came about above and beside them."""
    lines = [
        f"# Limits of drift from {batches} known-good batches, for: datalife diff OLD NEW --schema THIS_FILE",
        f"# Each is the largest of: mean + {DEVIATIONS} standard deviations of the distances between any two batches,",
        "# the largest of these distances, and what chance alone reaches at these sizes.",
        "version: 1",
        "columns:" if columns else "columns: {}",
    ]
    for name, column in columns.items():
        limits = [flow(limit.model_dump()) for limit in column.limits("drift")]
        told = [f"{limit}  # {remark}" for limit, remark in zip(limits, remarks[name], strict=True)]
        lines.append(f"  {scalar(name)}:")
        lines += [f"    drift: {told[0]}"] if len(told) == 1 else ["    drift:", *(f"      - {each}" for each in told)]
    return "\n".join(lines) + "\n"


def _of_many(options: DiffOptions | None) -> DiffOptions:
    options = options or DiffOptions()
    if options.keyed is not None or options.outcomes or options.renamed:
        raise UsageError("--key, --map, --label, --prediction", "compare two datasets, not several batches")
    return options


def _summaries(sides: Iterable[Side]) -> Iterable[Summary]:
    return (side if isinstance(side, Summary) else summarize(side) for side in sides)


def _limit(pairs: Sequence[Pair], metric: str | None) -> tuple[Limit, str] | None:
    """The limit of a column and how it came about; None where no distance exists."""
    comparable = [pair for pair in pairs if pair.reason is None]
    if not comparable:
        return None
    wanted = metric if metric and value_of(metric, comparable[0]) is not None else default_metric(comparable[0])
    if wanted is None:
        return None
    return _allowed(wanted, [measure_pair(wanted, pair) for pair in comparable])


def _missing_limit(pairs: Sequence[Pair]) -> tuple[Limit, str] | None:
    """The same of the share of missing values; None where none was ever missing."""
    if not any(side.null_count for pair in pairs for side in pair.whole):
        return None
    return _allowed(NULL_FRACTION, [measure_missing(*pair.whole) for pair in pairs])


def _allowed(metric: str, measured: Sequence[Measurement]) -> tuple[Limit, str] | None:
    """The limit that these distances between good batches keep, and how it came about; None where there are none."""
    distances = [found.distance for found in measured if found.distance is not None]
    if not distances:
        return None
    mean, spread = statistics.fmean(distances), statistics.pstdev(distances)
    floor = max(found.noise_floor or 0.0 for found in measured)
    greatest = DISTANCES[metric].greatest if metric in DISTANCES else 1.0
    most = min(_rounded_up(max(mean + DEVIATIONS * spread, max(distances), floor)), greatest)
    remark = f"mean {mean:.3g}, sd {spread:.3g}, largest {max(distances):.3g}, by chance {floor:.3g}"
    return Limit(metric=metric, max=most), remark  # type: ignore[arg-type]


def _rounded_up(value: float) -> float:
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - DIGITS + 1)
    return round(math.ceil(round(value / unit, 9)) * unit, 15)
