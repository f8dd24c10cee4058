"""label-join: delayed feedback beside the predictions it is about, as training rows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from datalife import files
from datalife.errors import UsageError
from datalife.labels.intake import Intake, Sources, take_in, take_in_new
from datalife.labels.model import Gates, JoinOptions, LabelJoin, OutputFiles
from datalife.labels.output import (
    REJECTED,
    check_columns,
    event_rows,
    kept_rows,
    pending_rows,
    rejected_rows,
    remembered_events,
    remembered_predictions,
    settled_rows,
)
from datalife.labels.reading import NO_KEY, NO_LABEL, NO_TIME
from datalife.labels.rows import Kept, Rows, as_written
from datalife.labels.run import Desk, Outcome, run_join
from datalife.labels.runs import Runs
from datalife.labels.spreading import EXPIRED
from datalife.labels.state import Account, Generation, Memory, StateDirectory, digest
from datalife.labels.summary import Occasion, counted, summary_of
from datalife.sources.writing import Frames, Target, suffix_of, write_frames
from datalife.words import plural
from datalife.workspace import workspace


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
    with workspace() as folder:
        if outputs.state is None:
            join = _joined(take_in(sources, options), Memory(), _Asked(options, outputs), folder)
            return _written(join, gates or Gates())
        with StateDirectory(outputs.state, options).locked() as state:
            memory = state.load()
            intake = take_in_new(sources, options, memory.account.consumed)
            join = _joined(intake, memory, _Asked(options, outputs), folder)
            result = _written(join, gates or Gates())
            state.commit(_next_generation(join))
    return result


@dataclass(frozen=True)
class _Asked:
    """What the user asked for: the rules, and where the rows go."""

    options: JoinOptions
    outputs: OutputFiles

    @property
    def runs(self) -> frozenset[str]:
        """The runs of each partition that are read for it."""
        sides = {"pending": "open", "rejected": "copies", "orphans": "orphans", "late": "late"}
        files = {run for name, run in sides.items() if name in self.outputs.files}
        state = {"predictions", "events"} if self.outputs.state is not None else set()
        return frozenset({"written", "watched", "delays", "labels", *files, *state})


@dataclass
class _Join:
    """One run with everything that writing it needs. `written` are the digests of its files, for the state."""

    asked: _Asked
    intake: Intake
    memory: Memory
    rows: Rows
    outcome: Outcome
    written: dict[str, str] = field(default_factory=dict)


def _joined(intake: Intake, memory: Memory, asked: _Asked, folder: Path) -> _Join:
    outputs = asked.outputs
    suffixes = {suffix_of(path) for path in (outputs.output, outputs.pending) if path is not None}
    kept = Kept(tuple(memory.account.names), memory.rows)
    rows = Rows(kept, as_written(intake.predictions, suffixes), memory.account.next_number)
    check_columns(rows, outputs)
    return _Join(asked, intake, memory, rows, run_join(intake, memory, rows, asked.options, Desk(folder, asked.runs)))


def _written(join: _Join, gates: Gates) -> LabelJoin:
    """The account of the run, made before anything is written, and then the files."""
    outcome = join.outcome
    counts = counted(outcome.tally, outcome.read, Counter(join.memory.account.gone))
    occasion = Occasion(outcome.moment.run, outcome.moment.as_of, join.intake.skipped)
    summary = summary_of(outcome.tally, counts, join.asked.options.window, gates, occasion)
    left = _left_as_they_are(join)
    with ExitStack() as stack:
        for name, path in join.asked.outputs.files.items():
            if name not in left:
                target = Target(stack.enter_context(files.atomic(path)), suffix_of(path), path)
                write_frames(FRAMES[name](join), target)
                if join.asked.outputs.state and target.path.is_file():  # a pipe would be read for ever
                    join.written[name] = digest(target.path)
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
        for name, path in join.asked.outputs.files.items()
        if os.path.isfile(path) and digest(Path(path)) == account.written.get(name)
    }


def _settled(join: _Join) -> Frames:
    return settled_rows(join.rows, join.outcome.tally, join.asked.outputs.prefix)


def _pending(join: _Join) -> Frames:
    return pending_rows(join.rows, join.outcome.tally, join.outcome.moment.as_of, join.asked.outputs.prefix)


def _orphans(join: _Join) -> Frames:
    """The events without a prediction, also those of earlier runs: they are still tried again."""
    return event_rows(join.outcome.tally.runs("orphans"), join.asked.options)


def _late(join: _Join) -> Frames:
    """The late arrivals of this run."""
    return event_rows(join.outcome.tally.runs("late"), join.asked.options)


def _rejected(join: _Join) -> Frames:
    found = join.outcome
    refused = Runs([*found.predictions.runs, *found.tally.runs("copies").paths], "number")
    predictions = rejected_rows("prediction", join.intake.predictions, join.rows.base, refused)
    events = rejected_rows("feedback", join.intake.feedback, 0, Runs(found.events.runs, "number"))
    return Frames(chain(predictions, events), REJECTED)


FRAMES: dict[str, Callable[[_Join], Frames]] = {
    "output": _settled,
    "pending": _pending,
    "orphans": _orphans,
    "rejected": _rejected,
    "late": _late,
}


def _next_generation(join: _Join) -> Generation:
    """What the next run needs to know: the predictions and events that can still meet, and the account."""
    account, found = join.memory.account, join.outcome
    consumed = {side: sorted({*account.consumed[side], *new}) for side, new in join.intake.digests.items()}
    after = Account(
        run=found.moment.run,
        as_of=found.moment.as_of,
        naive=found.naive,
        next_number=join.rows.stop,
        key_types=found.key_types,
        names=list(join.rows.schema),
        counts=dict(sorted(found.read.items())),
        gone=dict(sorted((Counter(account.gone) + found.tally.gone).items())),
        consumed=consumed,
        written=join.written,
    )
    return Generation(
        after,
        remembered_predictions(found.tally),
        remembered_events(found.tally),
        kept_rows(join.rows, found.tally, join.asked.options),
    )


def _notes(join: _Join) -> list[str]:
    """What a person should know who looks at the exit code only."""
    found = join.outcome
    notes: list[str] = []
    for noun, dataset, read in (
        ("prediction", join.intake.predictions, found.predictions),
        ("event", join.intake.feedback, found.events),
    ):
        if dataset.bad_records:
            where, why = dataset.bad_records[0]
            notes.append(f"{_several(len(dataset.bad_records), 'record left out, such as')} {where}: {why}")
        for reason in (NO_KEY, NO_TIME, NO_LABEL):
            count = read.refused[reason]
            notes += [_several(count, f"{noun} left out: {reason}")] if count else []
    counts = {
        "prediction left out: too old for the horizon": found.predictions.refused[EXPIRED],
        "prediction left out: same key as another": found.tally.read["duplicate_predictions"],
        "file skipped: read by an earlier run": join.intake.skipped,
    }
    return notes + [_several(count, what) for what, count in counts.items() if count]


def _several(count: int, what: str) -> str:
    """`1 file skipped`, `2 files skipped`: the first word takes the plural."""
    noun, _, rest = what.partition(" ")
    return f"{plural(count, noun)} {rest}"


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
        if outputs.state is not None and Path(real).is_relative_to(os.path.realpath(outputs.state)):
            raise UsageError(flag, f"{path} is in the state directory", "write it elsewhere")
        taken[real] = flag
