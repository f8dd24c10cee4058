"""What is compared and how: the options of a comparison, and its sides opened, with the columns that are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from datalife.drift.columns import FALSE_ALARM_RATE
from datalife.drift.metrics import DISTANCES
from datalife.drift.model import SchemaChange
from datalife.drift.rows import Keyed
from datalife.drift.shape import CHANGES
from datalife.engine import Engine
from datalife.errors import UsageError, did_you_mean
from datalife.files import check_writable, refuse_overwriting
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.sources.writing import suffix_of
from datalife.stats.profile import summarize_sources
from datalife.stats.saved import load_profile
from datalife.stats.summary import Summary

if TYPE_CHECKING:
    from datalife.schema.model import Schema

Side = Dataset | Summary
SCHEMA_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class DiffOptions:
    """How two datasets are compared.

    `metric` and `threshold` replace the defaults for all columns that have this distance; the drift limits of
    `schema` judge the columns it names. With `keyed` the rows are compared as well, by their key. With the `label`
    or the `prediction` of a model the shift of its data is named. All tests together give a false alarm at most
    at `false_alarm_rate`; rows with the same value of `block` arrived together and are not independent.

    Columns and kinds of change in `ignore` are as if they were not there; `fail_on` says which changes of shape fail.
    `renamed` are pairs such as `old=new`. Without `samples` no value of the data is told. The work is done by
    `engine`, by default here.
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
    block: str | None = None
    ignore: tuple[str, ...] = ()
    fail_on: Literal["breaking", "any"] = "breaking"
    renamed: tuple[str, ...] = ()
    samples: bool = True

    @property
    def outcomes(self) -> list[str]:
        """The label and the prediction, those that are named."""
        return [name for name in (self.label, self.prediction) if name is not None]

    @property
    def needed(self) -> list[str]:
        """Columns that are read whatever --columns says."""
        return [*self.apart, *self.outcomes]

    def counted(self, changes: Iterable[SchemaChange]) -> list[SchemaChange]:
        """The changes that are not ignored."""
        return [change for change in changes if not {change.column, change.change} & set(self.ignore)]

    def fails(self, changes: Iterable[SchemaChange]) -> bool:
        """Whether changes of shape fail the run."""
        return any(change.breaking or self.fail_on == "any" for change in changes)

    @property
    def about_data(self) -> list[str]:
        """The flags of those options that are given and say nothing about schemas."""
        given = {
            "--key": self.keyed,
            "--map": self.renamed,
            "--metric": self.metric,
            "--threshold": self.threshold is not None,
            "--schema": self.schema is not None,
            "--label": self.label,
            "--prediction": self.prediction,
            "--block": self.block,
        }
        return [flag for flag, value in given.items() if value]

    @property
    def is_plain(self) -> bool:
        """Whether columns are judged by the default thresholds alone."""
        written = (self.metric, self.threshold, self.schema, self.block)
        return all(each is None for each in written) and not self.outcomes

    @property
    def apart(self) -> list[str]:
        """Columns that are read and not compared."""
        return [*(self.keyed.key if self.keyed else ()), *([self.block] if self.block else [])]


def are_schemas(baseline: str, current: str) -> bool:
    """Whether both files are schemas, by their suffix.

    Raises:
        UsageError: only one is.
    """
    found = [name.lower().endswith(SCHEMA_SUFFIXES) for name in (baseline, current)]
    if any(found) and not all(found):
        message = "a schema is compared with a schema, not with data"
        raise UsageError(baseline if found[0] else current, message, "datalife validate compares data with a schema")
    return all(found)


def check_ignored(options: DiffOptions, known: Sequence[str]) -> None:
    """What is ignored is there to be ignored: a column, or a kind of change.

    Raises:
        UsageError: it is not.
    """
    for name in options.ignore:
        if name not in known:
            message = f"{name!r} is neither a column nor a kind of change"
            raise UsageError("--ignore", message, did_you_mean(name, known))


def opened_sides(names: Sequence[Sequence[str]], options: DiffOptions) -> list[Side]:
    """The sides of a comparison, each of one or several sources, with the columns that the options leave.

    Raises:
        UsageError: an option names what is not there, or makes no sense.
    """
    _check([source for side in names for source in side], options)
    return _restricted([_opened(side, options) for side in names], options)


def renamed_columns(baseline: Side, current: Side, pairs: Sequence[str]) -> dict[str, str]:
    """What columns of the baseline are called now, from pairs such as `old=new`.

    Raises:
        UsageError: a side lacks the column, or a pair is none.
    """
    found = {}
    for pair in pairs:
        old, mark, new = pair.partition("=")
        if not mark:
            raise UsageError("--map", f"{pair!r} is no pair of names", "write OLD=NEW")
        for side, name in ((baseline, old), (current, new)):
            if name not in (known := _names(side)):
                raise UsageError(
                    "--map", f"there is no column {name!r} in {side.sources[0]}", did_you_mean(name, known)
                )
        found[old] = new
    old_names = {new: old for old, new in found.items()}
    names = [old_names.get(name, name) for name in _names(current)]
    for name in found:
        if names.count(name) > 1:
            message = f"there are two columns {name!r} in {current.sources[0]} then"
            raise UsageError("--map", message, f"say what the other {name!r} was called, or leave out this --map")
    return found


def renamed_side(current: Side, names: Mapping[str, str]) -> Side:
    """Data of the current side by the names of the baseline; `names` gives the name of now to those that changed.

    The pieces of data know their columns by the names in the file: choose columns first (`narrowed`), then rename.
    """
    if isinstance(current, Summary):
        return current
    old = {new: name for name, new in names.items()}
    columns = [replace(column, name=old.get(column.name, column.name)) for column in current.columns]
    return replace(current, columns=tuple(columns))


def _check(sources: Sequence[str], options: DiffOptions) -> None:
    """Finds out before the work what cannot end well."""
    if options.metric is not None and options.metric not in DISTANCES:
        hint = did_you_mean(options.metric, DISTANCES) or f"one of {', '.join(DISTANCES)}"
        raise UsageError("--metric", f"there is no distance {options.metric!r}", hint)
    if options.threshold is not None and not options.threshold >= 0:
        raise UsageError("--threshold", f"must be 0 or more, not {options.threshold}")
    if not 0 < options.false_alarm_rate < 1:
        raise UsageError("--false-alarm-rate", f"must be between 0 and 1, not {options.false_alarm_rate}")
    _check_outcomes(options)
    if options.keyed is not None and options.keyed.rows_output is not None:
        suffix_of(options.keyed.rows_output)
        check_writable(options.keyed.rows_output)
        refuse_overwriting(options.keyed.rows_output, sources)


def _check_outcomes(options: DiffOptions) -> None:
    """The label and the prediction are compared: they are neither what rows are matched by nor left out."""
    others = (
        ("--key", options.keyed.key if options.keyed else ()),
        ("--block", (options.block,)),
        ("--exclude", options.reading.exclude),
        ("--ignore", options.ignore),
    )
    for outcome, name in (("--label", options.label), ("--prediction", options.prediction)):
        for flag, names in others:
            if name is not None and name in names:
                message = f"{name!r} is compared, so it cannot be in {flag} too"
                raise UsageError(outcome, message, f"leave {name!r} out of {flag}, or name another column")


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
    check_ignored(options, [*known, *CHANGES])
    chosen = [name for name in known if reading.columns is None or name in reading.columns]
    left_out = {*reading.exclude, *options.ignore}
    chosen = [*options.needed, *(name for name in chosen if name not in left_out)]
    now = dict(pair.partition("=")[::2] for pair in options.renamed)
    chosen += [now[name] for name in chosen if name in now and now[name] not in left_out]
    return [_with_columns(side, chosen) for side in sides]


def _names(side: Side) -> list[str]:
    return list(side.columns) if isinstance(side, Summary) else [column.name for column in side.columns]


def _with_columns(side: Side, names: Sequence[str]) -> Side:
    if isinstance(side, Summary):
        return replace(side, columns={name: column for name, column in side.columns.items() if name in names})
    return side.narrowed([column for column in side.columns if column.name in names])
