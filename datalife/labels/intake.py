"""What a run reads: both sides opened, without the files that an earlier run consumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from datalife.engine import Engine
from datalife.labels.model import JoinOptions
from datalife.labels.state import digest
from datalife.sources.dataset import Dataset, open_dataset
from datalife.sources.model import ReadOptions
from datalife.sources.paths import expand

SIDES = ("predictions", "feedback")


@dataclass(frozen=True)
class Sources:
    """Both sides as the user names them, and how they are read.

    What chooses columns or rows (`columns exclude where sample`) is about the predictions only. Rows are read and
    partitions are settled by `engine`, by default here.
    """

    predictions: Sequence[str]
    feedback: Sequence[str]
    reading: ReadOptions = field(default_factory=ReadOptions)
    engine: Engine | None = None


@dataclass
class Intake:
    """Both sides opened. With a state, `digests` are those of the files read now, `skipped` counts the others."""

    predictions: Dataset
    feedback: Dataset
    digests: dict[str, list[str]] = field(default_factory=dict)
    skipped: int = 0


def take_in(sources: Sources, options: JoinOptions) -> Intake:
    """Opens everything.

    Raises:
        SourceError: something cannot be read.
        UsageError: a reading option names what is not there.
    """
    readings = _readings(sources.reading, options)
    predictions, feedback = (
        open_dataset(names, readings[side], sources.engine, allow_empty=True, reports=True)
        for side, names in _named(sources)
    )
    return Intake(predictions, feedback)


def take_in_new(sources: Sources, options: JoinOptions, consumed: dict[str, list[str]]) -> Intake:
    """Opens what has a content that is not in `consumed` (digests by side); otherwise like `take_in`."""
    readings = _readings(sources.reading, options)
    digests: dict[str, list[str]] = {}
    datasets, skipped = [], 0
    for side, names in _named(sources):
        left, found = _unread(names, set(consumed[side]))
        dataset = open_dataset(left, readings[side], sources.engine, allow_empty=True, reports=True)
        old = {name for name, content in found.items() if content in consumed[side]}
        dataset.shards = [shard for shard in dataset.shards if shard.where not in old]
        datasets.append(dataset)
        digests[side] = [content for name, content in found.items() if name not in old]
        skipped += len(old)
    return Intake(datasets[0], datasets[1], digests, skipped)


def _named(sources: Sources) -> tuple[tuple[str, list[str]], ...]:
    return tuple(zip(SIDES, (list(sources.predictions), list(sources.feedback)), strict=True))


def _readings(reading: ReadOptions, options: JoinOptions) -> dict[str, ReadOptions]:
    """How each side is read; the columns that the join needs are read even if they were not chosen."""
    chosen = reading
    if reading.columns is not None:
        own = [name.partition(".")[0] for name in (*(left for left, _ in options.key), options.prediction_time)]
        chosen = replace(reading, columns=tuple(dict.fromkeys([*reading.columns, *own])))
    return {
        "predictions": chosen,
        "feedback": replace(reading, columns=None, exclude=(), where=None, sample=None),
    }


def _unread(names: Sequence[str], consumed: set[str]) -> tuple[list[str], dict[str, str]]:
    """What is left to open, and the content of every plain file that has one.

    A source of which nothing was consumed stays as it is named. One with hive partitions stays too, as they are
    known from its folders only; its consumed files are left out once it is open.
    """
    left: list[str] = []
    contents: dict[str, str] = {}
    for name in names:
        found = expand(name)
        known = {file.name: digest(file.path) for file in found if file.path.is_file() and file.path.stat().st_size}
        contents |= known
        new = [file for file in found if known.get(file.name) not in consumed]
        if len(new) == len(found) or any(file.partition for file in new):
            left.append(name)
        else:
            left += [str(file.path) for file in new]
    return left, contents
