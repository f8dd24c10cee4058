"""The verb behind `diff`: two datasets, or saved profiles of them, into what changed between them."""

from __future__ import annotations

from collections.abc import Sequence

from datalife.drift.alignment import Pair
from datalife.drift.blocks import Blocks
from datalife.drift.columns import Rules, compare_column
from datalife.drift.model import ColumnDiff, Diff, RowsCompared, Shift, Sides
from datalife.drift.rows import Keyed, RowComparison, write_frame
from datalife.drift.shape import pairs_of, shape_changes
from datalife.drift.shift import Outcome, shift_of
from datalife.drift.sides import DiffOptions, Side, opened_sides
from datalife.errors import UsageError
from datalife.schema.model import Limit, Schema
from datalife.sources.dataset import Dataset
from datalife.stats.profile import summarize
from datalife.stats.summary import Summary


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
    rows = _compared_rows(sides, options.keyed) if options.keyed else None
    summaries = [side if isinstance(side, Summary) else summarize(side) for side in sides]
    found = difference(summaries[0], summaries[1], options, chance_of(sides, options))
    shift = _shift(sides, summaries, found.columns, options) if options.outcomes else None
    drifted = found.drifted or (rows is not None and rows.differ) or (shift is not None and shift.is_concept)
    return found.model_copy(update={"drifted": drifted, "rows_compared": rows, "shift": shift})


def difference(
    one: Summary, other: Summary, options: DiffOptions, chance: Blocks | None = None, comparisons: int = 1
) -> Diff:
    """What the summaries tell: the shape, and every column; label and prediction first.

    `chance` says what blocks of rows do by chance; without it rows are independent. This is one of so many
    `comparisons`, which share the rate of false alarms.
    """
    changes = shape_changes(one, other)
    pairs = [pair for pair in pairs_of(one.columns, other.columns) if pair[0] not in options.apart]
    pairs.sort(key=lambda pair: pair[0] not in options.outcomes)
    limits = _limits(options.schema, [*one.columns, *other.columns])
    tests = len(pairs) * comparisons
    rules = Rules(options.metric, options.threshold, limits, tests, options.false_alarm_rate, chance)
    columns = [compare_column(*pair, rules) for pair in pairs]
    moved = any(column.drifted for column in columns) or any(change.breaking for change in changes)
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
    pairs = {name: Pair(one[name], other[name]) for name in one if name in other}
    by_name = {column.name: column for column in columns}
    rate = Rules(columns=len(options.outcomes), false_alarm_rate=options.false_alarm_rate).significance
    found = {}
    for flag, name in (("label", options.label), ("prediction", options.prediction)):
        if name is None:
            continue
        for side in (baseline, current):
            side.column(name)
        pairs_of_rows = {name: pair for name, pair in pairs.items() if name in by_name}
        found[flag] = shift_of(Outcome(name, pairs_of_rows, by_name, rate, options.needed), baseline, current)
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


def _compared_rows(sides: Sequence[Side], keyed: Keyed) -> RowsCompared:
    baseline, current = datasets(sides, "--key", "to compare")
    comparison = RowComparison(baseline, current, keyed)
    if keyed.rows_output is not None:
        write_frame(comparison.differences(), keyed.rows_output)
    return comparison.result
