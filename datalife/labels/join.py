"""label-join: delayed feedback beside the predictions it is about, as training rows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from datalife import files
from datalife.errors import UsageError
from datalife.labels.intake import Intake, Sources, take_in, take_in_new
from datalife.labels.model import Gates, JoinOptions, LabelJoin, OutputFiles
from datalife.labels.output import (
    Frames,
    Target,
    check_columns,
    events_table,
    pending_table,
    refused_predictions,
    rejected_table,
    suffix_of,
    write_frames,
    write_rows,
)
from datalife.labels.reading import NO_KEY, NO_LABEL, NO_TIME
from datalife.labels.rows import Rows, as_written
from datalife.labels.run import Outcome, remember, run_join
from datalife.labels.settling import LATE_ARRIVALS
from datalife.labels.state import Memory, StateDirectory, digest
from datalife.labels.summary import Occasion, counted, summary_of


def join_labels(sources: Sources, options: JoinOptions, outputs: OutputFiles, gates: Gates | None = None) -> LabelJoin:
    """Joins feedback to predictions and writes the rows that are final; the options have the rules.

    Nothing becomes visible unless everything can: the files first, then the state, each by one rename.

    Raises:
        UsageError: options that contradict each other, the data or the state.
        SourceError: data or a state that cannot be read, or that breaks an `error` rule.
        OutputError: a file that cannot be written.
        AccountingError: a row was lost or counted twice, which is a bug.
    """
    _check_outputs(sources, outputs)
    if outputs.state is None:
        join = _joined(take_in(sources, options), Memory(), options, outputs)
        return _written(join, gates or Gates())
    with StateDirectory(outputs.state, options).locked() as state:
        memory = state.load()
        intake = take_in_new(sources, options, memory.account.consumed)
        join = _joined(intake, memory, options, outputs)
        result = _written(join, gates or Gates())
        after = remember(join.outcome, memory.account, join.rows, options)
        after.account.written = join.written
        after.account.consumed = _consumed(memory, intake)
        state.commit(after, _kept_rows(join.rows, after, options))
    return result


@dataclass
class _Join:
    """One run with everything that writing it needs. `written` are the digests of its files, for the state."""

    options: JoinOptions
    outputs: OutputFiles
    intake: Intake
    memory: Memory
    rows: Rows
    outcome: Outcome
    written: dict[str, str] = field(default_factory=dict)


def _joined(intake: Intake, memory: Memory, options: JoinOptions, outputs: OutputFiles) -> _Join:
    suffixes = {suffix_of(path) for path in (outputs.output, outputs.pending) if path is not None}
    written = as_written(intake.predictions, suffixes)
    rows = Rows(memory.kept, written, memory.account.next_number)
    check_columns(rows, outputs)
    return _Join(options, outputs, intake, memory, rows, run_join(intake, memory, rows, options))


def _written(join: _Join, gates: Gates) -> LabelJoin:
    """The account of the run, made before anything is written, and then the files."""
    counts = counted(join.outcome.settled, join.outcome.read, Counter(join.memory.account.gone))
    moment = join.outcome.moment
    occasion = Occasion(moment.run, moment.as_of, join.intake.skipped)
    summary = summary_of(join.outcome.settled, counts, join.options, gates, occasion)
    left = _left_as_they_are(join)
    with ExitStack() as stack:
        for name, path in join.outputs.files.items():
            if name not in left:
                target = Target(stack.enter_context(files.atomic(path)), suffix_of(path), path)
                WRITERS[name](join, target)
                join.written[name] = digest(target.path) if join.outputs.state else ""
    notes = [f"{path}: left as the last run wrote it, for nothing is new" for path in left.values()]
    return LabelJoin(summary=summary, notes=_notes(join) + notes)


def _left_as_they_are(join: _Join) -> dict[str, str]:
    """The files of a run that finished, and is only repeated because nobody knew: to empty them would lose rows."""
    account = join.memory.account
    if not join.outcome.repeats(account):
        return {}
    join.written |= account.written
    return {
        name: path
        for name, path in join.outputs.files.items()
        if os.path.isfile(path) and digest(Path(path)) == account.written.get(name)
    }


def _write_settled(join: _Join, target: Target) -> None:
    write_rows(join.rows, join.outcome.settled.written, target, join.outputs.prefix)


def _write_pending(join: _Join, target: Target) -> None:
    table = pending_table(join.outcome.settled, join.outcome.moment.as_of)
    write_rows(join.rows, table, target, join.outputs.prefix)


def _write_orphans(join: _Join, target: Target) -> None:
    """The events without a prediction, also those of earlier runs: they are still tried again."""
    _write_events(join, target, pl.col("bucket") == "orphans")


def _write_late(join: _Join, target: Target) -> None:
    """The late arrivals of this run."""
    _write_events(join, target, (pl.col("bucket") == LATE_ARRIVALS) & (pl.col("seen") == join.outcome.moment.run))


def _write_events(join: _Join, target: Target, chosen: pl.Expr) -> None:
    table = events_table(join.outcome.settled.events.filter(chosen), join.options)
    write_frames(Frames([table], dict(table.schema)), target)


def _write_rejected(join: _Join, target: Target) -> None:
    found = join.outcome
    expired = found.expired.get_column("row")
    refused = refused_predictions(
        found.predictions, expired, found.dropped.filter(found.dropped >= join.rows.base) - join.rows.base
    )
    table = pl.concat(
        [
            rejected_table("prediction", join.intake.predictions, refused),
            rejected_table("feedback", join.intake.feedback, found.events.refused),
        ]
    )
    write_frames(Frames([table], dict(table.schema)), target)


WRITERS: dict[str, Callable[[_Join, Target], None]] = {
    "output": _write_settled,
    "pending": _write_pending,
    "orphans": _write_orphans,
    "rejected": _write_rejected,
    "late": _write_late,
}


def _consumed(memory: Memory, intake: Intake) -> dict[str, list[str]]:
    """The digests of all files read so far, by side."""
    known = memory.account.consumed
    return {side: sorted({*known[side], *new}) for side, new in intake.digests.items()}


def _kept_rows(rows: Rows, after: Memory, options: JoinOptions) -> Frames:
    """The predictions in full that a later run may write or compare: the open ones, and others where needed."""
    assert after.predictions is not None
    needed = after.predictions
    comparing = options.mode == "entity" or options.duplicate_prediction == "error"
    if not comparing and options.on_late_arrival == "ignore":
        needed = needed.filter(pl.col("settled").is_null())
    schema: dict[str, pl.DataType] = {"number": pl.Int64()}
    schema |= {f"w{position}": dtype for position, dtype in enumerate(rows.schema.values())}
    return Frames(rows.scan(needed.get_column("number")), schema)


def _notes(join: _Join) -> list[str]:
    """What a person should know who looks at the exit code only."""
    found = join.outcome
    notes: list[str] = []
    for noun, dataset, narrow in (
        ("prediction", join.intake.predictions, found.predictions),
        ("event", join.intake.feedback, found.events),
    ):
        if dataset.bad_records:
            where, why = dataset.bad_records[0]
            notes.append(f"{_several(len(dataset.bad_records), 'record left out, such as')} {where}: {why}")
        for reason in (NO_KEY, NO_TIME, NO_LABEL):
            count = narrow.refused.filter(pl.col("reason") == reason).height
            notes += [_several(count, f"{noun} left out: {reason}")] if count else []
    counts = {
        "prediction left out: too old for the horizon": found.expired.height,
        "prediction left out: same key as another": found.dropped.len(),
        "file skipped: read by an earlier run": join.intake.skipped,
    }
    return notes + [_several(count, what) for what, count in counts.items() if count]


def _several(count: int, what: str) -> str:
    """`1 file skipped`, `2 files skipped`: the first word takes the plural."""
    noun, _, rest = what.partition(" ")
    return f"{count:,} {noun}{'s' if count != 1 else ''} {rest}"


def _check_outputs(sources: Sources, outputs: OutputFiles) -> None:
    """Finds out before the work whether each file can be written.

    Raises:
        UsageError: the suffix names no format, or two options name one file, or one in the state directory.
        OutputError: the file cannot be written, or is an input.
    """
    taken: dict[str, str] = {}
    for name, path in outputs.files.items():
        flag = f"--{name}"
        suffix_of(path)
        files.check_writable(path)
        files.refuse_overwriting(path, [*sources.predictions, *sources.feedback])
        real = os.path.realpath(path)
        if real in taken:
            raise UsageError(flag, f"names the same file as {taken[real]}: {path}")
        if outputs.state is not None and os.path.dirname(real) == os.path.realpath(outputs.state):
            raise UsageError(flag, f"{path} is in the state directory", "write it elsewhere")
        taken[real] = flag
