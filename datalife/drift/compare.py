"""The verb behind `diff`: two datasets, or saved profiles of them, into what changed between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from datalife.drift.alignment import Pair
from datalife.drift.columns import FALSE_ALARM_RATE, Rules, compare_column
from datalife.drift.metrics import DISTANCES
from datalife.drift.model import ColumnDiff, Diff, RowsCompared, Shift, Sides
from datalife.drift.rows import Keyed, RowComparison, write_frame
from datalife.drift.shape import pairs_of, shape_changes
from datalife.drift.shift import Outcome, shift_of
from datalife.engine import Engine
from datalife.errors import UsageError, did_you_mean
from datalife.files import check_writable, refuse_overwriting
from datalife.schema.model import Limit, Schema
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.profile import summarize, summarize_sources
from datalife.stats.saved import load_profile
from datalife.stats.summary import Summary

Side = Dataset | Summary


@dataclass(frozen=True)
class DiffOptions:
    """How two datasets are compared.

    `metric` and `threshold` replace the defaults for all columns that have this distance; the drift limits of
    `schema` judge the columns it names. With `keyed` the rows are compared as well, by their key. With the `label`
    or the `prediction` of a model the shift of its data is named. All tests together give a false alarm at most
    at `false_alarm_rate`. The work is done by `engine`, by default here.
    """

    reading: ReadOptions = field(default_factory=ReadOptions)
    metric: str | None = None
    threshold: float | None = None
    schema: Schema | None = None
    keyed: Keyed | None = None
    engine: Engine | None = None
    label: str | None = None
    prediction: str | None = None
    false_alarm_rate: float = FALSE_ALARM_RATE

    @property
    def outcomes(self) -> list[str]:
        """The label and the prediction, those that are named."""
        return [name for name in (self.label, self.prediction) if name is not None]

    @property
    def needed(self) -> list[str]:
        """Columns that are read whatever --columns says."""
        return [*(self.keyed.key if self.keyed else ()), *self.outcomes]


def diff(baseline: str | Sequence[str], current: str | Sequence[str], options: DiffOptions | None = None) -> Diff:
    """What changed from `baseline` to `current`, each one or several sources: data or saved profiles.

    Raises:
        UsageError: an option names what is not there, or asks of a profile what takes rows.
        SourceError: data cannot be read.
        SchemaError: a saved profile cannot be used.
    """
    options = options or DiffOptions()
    names = [[side] if isinstance(side, str) else list(side) for side in (baseline, current)]
    _check([*names[0], *names[1]], options)
    sides = _restricted([_opened(side, options) for side in names], options)
    rows = _compared_rows(sides, options.keyed) if options.keyed else None
    summaries = [side if isinstance(side, Summary) else summarize(side) for side in sides]
    found = _difference(summaries[0], summaries[1], options)
    shift = _shift(sides, summaries, found.columns, options) if options.outcomes else None
    drifted = found.drifted or (rows is not None and rows.differ) or (shift is not None and shift.is_concept)
    return found.model_copy(update={"drifted": drifted, "rows_compared": rows, "shift": shift})


def _difference(one: Summary, other: Summary, options: DiffOptions) -> Diff:
    """What the summaries tell: the shape, and every column; label and prediction first."""
    key = options.keyed.key if options.keyed else ()
    changes = shape_changes(one, other)
    pairs = [pair for pair in pairs_of(one.columns, other.columns) if pair[0] not in key]
    pairs.sort(key=lambda pair: pair[0] not in options.outcomes)
    limits = _limits(options.schema, [*one.columns, *other.columns])
    rules = Rules(options.metric, options.threshold, limits, len(pairs), options.false_alarm_rate)
    columns = [compare_column(*pair, rules) for pair in pairs]
    moved = any(column.drifted for column in columns) or any(change.breaking for change in changes)
    return Diff(
        rows=Sides(baseline=one.rows, current=other.rows), drifted=moved, schema_changes=changes, columns=columns
    )


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
    baseline, current = sides
    if isinstance(baseline, Summary) or isinstance(current, Summary):
        message = "a saved profile holds no rows, which P(y|x) is counted from"
        raise UsageError("--label, --prediction", message, "name the data itself")
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


def _limits(schema: Schema | None, names: Sequence[str]) -> dict[str, list[Limit]]:
    """The drift limits of a schema, of the columns called `names` that it checks."""
    columns = {} if schema is None else schema.about(names).columns
    return {name: column.limits("drift") for name, column in columns.items() if column.is_checked}


def _check(sources: Sequence[str], options: DiffOptions) -> None:
    """Finds out before the work what cannot end well."""
    if options.metric is not None and options.metric not in DISTANCES:
        hint = did_you_mean(options.metric, DISTANCES) or f"one of {', '.join(DISTANCES)}"
        raise UsageError("--metric", f"there is no distance {options.metric!r}", hint)
    if options.threshold is not None and not options.threshold >= 0:
        raise UsageError("--threshold", f"must be 0 or more, not {options.threshold}")
    if not 0 < options.false_alarm_rate < 1:
        raise UsageError("--false-alarm-rate", f"must be between 0 and 1, not {options.false_alarm_rate}")
    if options.keyed is not None and options.keyed.rows_output is not None:
        check_writable(options.keyed.rows_output)
        refuse_overwriting(options.keyed.rows_output, sources)


def _opened(names: Sequence[str], options: DiffOptions) -> Side:
    """One side with all its columns: which of them are chosen is known only when both sides are open."""
    reading = replace(options.reading, columns=None, exclude=())
    if any(load_profile(name) is not None for name in names):
        return summarize_sources(names, reading, options.engine)
    return open_dataset(names, reading, options.engine)


def _restricted(sides: Sequence[Side], options: DiffOptions) -> list[Side]:
    """Both sides with the columns that --columns and --exclude leave, and those of the key.

    A column that one side lacks may be named: that it is missing there is for the result to say.
    """
    reading = options.reading
    known = list(dict.fromkeys(name for side in sides for name in _names(side)))
    for flag, asked in (("--columns", reading.columns or ()), ("--exclude", reading.exclude)):
        for name in asked:
            if name not in known:
                raise UsageError(flag, f"there is no column {name!r}", did_you_mean(name, known))
    chosen = [name for name in known if reading.columns is None or name in reading.columns]
    chosen = [*options.needed, *(name for name in chosen if name not in reading.exclude)]
    return [_with_columns(side, chosen) for side in sides]


def _names(side: Side) -> list[str]:
    return list(side.columns) if isinstance(side, Summary) else [column.name for column in side.columns]


def _with_columns(side: Side, names: Sequence[str]) -> Side:
    if isinstance(side, Summary):
        return replace(side, columns={name: column for name, column in side.columns.items() if name in names})
    return replace(side, columns=tuple(column for column in side.columns if column.name in names))


def _compared_rows(sides: Sequence[Side], keyed: Keyed) -> RowsCompared:
    baseline, current = sides
    if isinstance(baseline, Summary) or isinstance(current, Summary):
        raise UsageError("--key", "a saved profile holds no rows to compare", "name the data itself")
    comparison = RowComparison(baseline, current, keyed)
    if keyed.rows_output is not None:
        write_frame(comparison.differences(), keyed.rows_output)
    return comparison.result
