"""The verb behind `diff`: two datasets, or saved profiles of them, into what changed between them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from datalife.drift.alignment import Pair
from datalife.drift.blocks import Blocks
from datalife.drift.columns import Rules, compare_column, steady_column
from datalife.drift.model import ColumnDiff, Diff, Shift, Sides, without_samples
from datalife.drift.rows import RowComparison
from datalife.drift.shape import pairs_of, shape_changes
from datalife.drift.shift import Outcome, shift_of
from datalife.drift.sides import DiffOptions, Side, opened_sides, renamed_columns, renamed_side
from datalife.drift.steady import Steady
from datalife.errors import UsageError
from datalife.sources.dataset import Dataset
from datalife.stats.profile import summarize
from datalife.stats.summary import Summary
from datalife.words import listed

if TYPE_CHECKING:
    from datalife.schema.model import Limit, Schema

LOGGER = logging.getLogger(__name__)


def diff(baseline: str | Sequence[str], current: str | Sequence[str], options: DiffOptions | None = None) -> Diff:
    """What changed from `baseline` to `current`, each one or several sources: data or saved profiles.

    Raises:
        UsageError: an option names what is not there, or asks of a profile what takes rows.
        SourceError: data cannot be read.
        SchemaError: a saved profile cannot be used.
    """
    options = options or DiffOptions()
    names = [[side] if isinstance(side, str) else list(side) for side in (baseline, current)]
    sides = opened_sides(names, options)
    for side in sides:
        if isinstance(side, Summary):
            LOGGER.warning("%s", unknown_of(side))
    renamed = renamed_columns(sides[0], sides[1], options.renamed)
    comparison = None
    if options.keyed is not None:
        comparison = RowComparison(*datasets(sides, "--key", "to compare"), options.keyed, renamed)
    rows = comparison.result if comparison is not None else None
    steady = comparison.steady if comparison is not None and options.is_plain else {}  # known once there is a result
    summaries = [_summary(side, place, steady) for place, side in enumerate(sides)]
    summaries[1] = _renamed(summaries[1], renamed)
    aligned = [sides[0], renamed_side(sides[1], renamed)]
    found = difference(summaries[0], summaries[1], options, chance_of(aligned, options), steady=steady)
    shift = _shift(aligned, summaries, found.columns, options) if options.outcomes else None
    if comparison is not None and comparison.keyed.rows_output is not None:
        comparison.write(comparison.keyed.rows_output)
    drifted = found.drifted or (comparison is not None and comparison.fails) or (shift is not None and shift.is_concept)
    whole = found.model_copy(update={"drifted": drifted, "rows_compared": rows, "shift": shift})
    return whole if options.samples else without_samples(whole)


def unknown_of(profile: Summary) -> str:
    """What a comparison with a saved profile cannot know, in words."""
    partial = [name for name, column in profile.columns.items() if not column.complete]
    told = f"{', '.join(profile.sources)}: a profile, so its rows are not known"
    if not partial:
        return told
    return f"{told}, nor every value of {listed(partial)}: new and gone ones are not told"


def _summary(side: Side, place: int, steady: Mapping[str, Steady]) -> Summary:
    """One side scanned, but for columns that are known to be steady."""
    if isinstance(side, Summary) or not steady:
        return side if isinstance(side, Summary) else summarize(side)
    known = {column.name: column for column in (each.sides[place] for each in steady.values())}
    rest = [column for column in side.columns if column.name not in known]
    scanned = summarize(side.narrowed(rest)) if rest else Summary(0, list(side.sources))
    columns = {column.name: known.get(column.name) or scanned.columns[column.name] for column in side.columns}
    return replace(scanned, rows=next(iter(known.values())).rows, columns=columns)


def _renamed(summary: Summary, names: Mapping[str, str]) -> Summary:
    """The current side with the names that its columns have in the baseline."""
    old = {new: name for name, new in names.items()}
    columns = {old.get(name, name): column for name, column in summary.columns.items()}
    return replace(summary, columns=columns)


def difference(
    one: Summary,
    other: Summary,
    options: DiffOptions,
    chance: Blocks | None = None,
    *,
    comparisons: int = 1,
    steady: Mapping[str, Steady] | None = None,
) -> Diff:
    """What the summaries tell: the shape, and every column; label and prediction first.

    `chance` says what blocks of rows do by chance; without it rows are independent. This is one of so many
    `comparisons`, which share the rate of false alarms. Columns in `steady` are known not to have moved.
    """
    changes = options.counted(shape_changes(one, other))
    pairs = [pair for pair in pairs_of(one.columns, other.columns) if pair[0] not in options.apart]
    pairs.sort(key=lambda pair: pair[0] not in options.outcomes)
    limits = _limits(options.schema, [*one.columns, *other.columns])
    tests = len(pairs) * comparisons
    rules = Rules(options.metric, options.threshold, limits, tests, options.false_alarm_rate, chance)
    columns = [
        steady_column(*pair, steady[pair[0]].most) if steady and pair[0] in steady else compare_column(*pair, rules)
        for pair in pairs
    ]
    moved = any(column.drifted for column in columns) or options.fails(changes)
    return Diff(
        rows=Sides(baseline=one.rows, current=other.rows), drifted=moved, schema_changes=changes, columns=columns
    )


def chance_of(sides: Sequence[Side], options: DiffOptions) -> Blocks | None:
    """What blocks of rows do by chance, where the options name a block."""
    if options.block is None:
        return None
    return Blocks(*datasets(sides, "--block", "which blocks are made of"), options.block)


def _shift(
    sides: Sequence[Side],
    summaries: Sequence[Summary],
    columns: Sequence[ColumnDiff],
    options: DiffOptions,
) -> Shift:
    """The shift of the label and that of the prediction.

    Raises:
        UsageError: a side is a saved profile, or lacks the column.
    """
    baseline, current = datasets(sides, "--label, --prediction", "which P(y|x) is counted from")
    one, other = (summary.columns for summary in summaries)
    pairs = {name: Pair(one[name], other[name]) for name in one if name in other and current.find(name)}
    by_name = {column.name: column for column in columns}
    compared = {name: pair for name, pair in pairs.items() if name in by_name}
    rate = Rules(columns=len(options.outcomes), false_alarm_rate=options.false_alarm_rate).significance
    found = {}
    for flag, name in (("label", options.label), ("prediction", options.prediction)):
        if name is None:
            continue
        for side in (baseline, current):
            side.column(name)
        found[flag] = shift_of(Outcome(name, compared, by_name, rate, options.needed), baseline, current)
    return Shift(**found)


def datasets(sides: Sequence[Side], flag: str, what_for: str) -> tuple[Dataset, Dataset]:
    """Both sides as data.

    Raises:
        UsageError: one is a saved profile; `flag` needs the rows, `what_for` says why.
    """
    baseline, current = sides
    if isinstance(baseline, Summary) or isinstance(current, Summary):
        raise UsageError(flag, f"a saved profile holds no rows {what_for}", "name the data itself")
    return baseline, current


def _limits(schema: Schema | None, names: Sequence[str]) -> dict[str, list[Limit]]:
    """The drift limits of a schema, of the columns called `names` that it checks."""
    columns = {} if schema is None else schema.about(names).columns
    return {name: column.limits("drift") for name, column in columns.items() if column.is_checked}
