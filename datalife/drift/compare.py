"""The verb behind `diff`: two datasets, or saved profiles of them, into what changed between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from datalife.drift.columns import Rules, compare_column
from datalife.drift.metrics import DISTANCES
from datalife.drift.model import Diff, RowsCompared, Sides
from datalife.drift.rows import Keyed, RowComparison, write_frame
from datalife.drift.shape import pairs_of, shape_changes
from datalife.engine import Engine
from datalife.errors import UsageError, did_you_mean
from datalife.files import check_writable, refuse_overwriting
from datalife.schema.model import Limit, Schema
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.profile import summarize, summarize_sources
from datalife.stats.saved import load_profile
from datalife.stats.summary import Summary


@dataclass(frozen=True)
class DiffOptions:
    """How two datasets are compared.

    `metric` and `threshold` replace the defaults for all columns that have this distance; the drift limits of
    `schema` judge the columns it names. With `keyed` the rows are compared as well, by their key.
    The work is done by `engine`, by default here.
    """

    reading: ReadOptions = field(default_factory=ReadOptions)
    metric: str | None = None
    threshold: float | None = None
    schema: Schema | None = None
    keyed: Keyed | None = None
    engine: Engine | None = None


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
    return _difference(summaries[0], summaries[1], options, rows)


def _difference(one: Summary, other: Summary, options: DiffOptions, rows: RowsCompared | None) -> Diff:
    key = options.keyed.key if options.keyed else ()
    changes = shape_changes(one, other)
    pairs = [pair for pair in pairs_of(one.columns, other.columns) if pair[0] not in key]
    rules = Rules(
        options.metric, options.threshold, _limits(options.schema, [*one.columns, *other.columns]), len(pairs)
    )
    columns = [compare_column(*pair, rules) for pair in pairs]
    moved = any(column.drifted for column in columns) or any(change.breaking for change in changes)
    return Diff(
        rows=Sides(baseline=one.rows, current=other.rows),
        drifted=moved or (rows is not None and rows.differ),
        schema_changes=changes,
        columns=columns,
        rows_compared=rows,
    )


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
    if options.keyed is not None and options.keyed.output is not None:
        check_writable(options.keyed.output)
        refuse_overwriting(options.keyed.output, sources)


def _opened(names: Sequence[str], options: DiffOptions) -> Dataset | Summary:
    """One side with all its columns: which of them are chosen is known only when both sides are open."""
    reading = replace(options.reading, columns=None, exclude=())
    if any(load_profile(name) is not None for name in names):
        return summarize_sources(names, reading, options.engine)
    return open_dataset(names, reading, options.engine)


def _restricted(sides: Sequence[Dataset | Summary], options: DiffOptions) -> list[Dataset | Summary]:
    """Both sides with the columns that --columns and --exclude leave, and those of the key.

    A column that one side lacks may be named: that it is missing there is for the result to say.
    """
    reading = options.reading
    known = list(dict.fromkeys(name for side in sides for name in _names(side)))
    for flag, asked in (("--columns", reading.columns or ()), ("--exclude", reading.exclude)):
        for name in asked:
            if name not in known:
                raise UsageError(flag, f"there is no column {name!r}", did_you_mean(name, known))
    key = options.keyed.key if options.keyed else ()
    chosen = [name for name in known if reading.columns is None or name in reading.columns]
    chosen = [*key, *(name for name in chosen if name not in reading.exclude)]
    return [_with_columns(side, chosen) for side in sides]


def _names(side: Dataset | Summary) -> list[str]:
    return list(side.columns) if isinstance(side, Summary) else [column.name for column in side.columns]


def _with_columns(side: Dataset | Summary, names: Sequence[str]) -> Dataset | Summary:
    if isinstance(side, Summary):
        return replace(side, columns={name: column for name, column in side.columns.items() if name in names})
    return replace(side, columns=tuple(column for column in side.columns if column.name in names))


def _compared_rows(sides: Sequence[Dataset | Summary], keyed: Keyed) -> RowsCompared:
    baseline, current = sides
    if isinstance(baseline, Summary) or isinstance(current, Summary):
        raise UsageError("--key", "a saved profile holds no rows to compare", "name the data itself")
    comparison = RowComparison(baseline, current, keyed)
    if keyed.output is not None:
        write_frame(comparison.differences(), keyed.output)
    return comparison.result
