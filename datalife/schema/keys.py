"""Keys: columns, alone or together, whose values never repeat.

The one scan of a validation keeps a 64-bit hash of each key, beyond SPILL of them on disk. Only keys whose hash
occurs twice are looked at again and compared as they are, so that the answer is exact and the memory that of the
hashes of one part, or of the keys that do repeat.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from datalife.anomalies import Anomaly, Example, Severity
from datalife.engine import State, run
from datalife.schema.evidence import of, tolerates, worst_of
from datalife.schema.model import ColumnSchema, Route, Schema, Terms
from datalife.sources.dataset import ROW, Column, Dataset
from datalife.stats.values import to_json

if TYPE_CHECKING:
    from datalife.schema.validate import ValidateOptions

#: So many hashes of a key are held in memory (8 bytes each) before they go to disk.
SPILL = 1 << 24
#: The parts into which hashes are divided, each compared on its own.
PARTS = 16
HASH = "hash"


@dataclass(frozen=True)
class Key:
    """Columns whose values together never repeat, and what is said when they do."""

    columns: tuple[Column, ...]
    rule: Terms
    code: str
    severity: Severity
    route: Route

    @property
    def name(self) -> str:
        """The names of the columns."""
        return ", ".join(column.name for column in self.columns)

    @property
    def parts(self) -> list[str]:
        """The keys of the columns in a frame."""
        return [column.key for column in self.columns]

    @property
    def hash(self) -> pl.Expr:
        """A hash of the key; equal keys have equal hashes."""
        return pl.col(self.parts[0]).hash() if len(self.parts) == 1 else pl.struct(self.parts).hash()

    @property
    def value(self) -> pl.Expr:
        """What a person is shown of a key."""
        if len(self.columns) == 1:
            return pl.col(self.columns[0].key)
        return pl.struct(pl.col(column.key).alias(column.name) for column in self.columns)


def keys_of(dataset: Dataset, schema: Schema, rules: Mapping[str, ColumnSchema]) -> tuple[list[Key], list[Anomaly]]:
    """The keys to check, and a finding for each that cannot be."""
    keys, unchecked = [], []
    for name, column in rules.items():
        rule, found = column.rule("unique"), dataset.find(name)
        if rule is not None and rule.value and found is not None:
            severity = Severity(rule.severity or column.severity)
            keys.append(Key((found,), rule, "not-unique", severity, ("columns", name, "unique")))
    for place, names in enumerate(schema.dataset.unique):
        columns = [column for column in map(dataset.find, names) if column is not None]
        route = ("dataset", "unique", place)
        if len(columns) == len(names):
            keys.append(Key(tuple(columns), Terms(), "duplicate-key", Severity.ERROR, route))
        elif all(name not in schema.columns or schema.columns[name].is_checked for name in names):
            absent = next(name for name in names if dataset.find(name) is None)
            unchecked.append(_not_checked(", ".join(names), f"there is no column {absent!r}", route))
    for key in keys:
        nested = [column for column in key.columns if column.dtype.is_nested()]
        if nested:
            reason = f"{nested[0].name!r} is a {nested[0].type} column"
            unchecked.append(_not_checked(key.name, reason, key.route, key.severity))
    return [key for key in keys if not any(column.dtype.is_nested() for column in key.columns)], unchecked


def _not_checked(name: str, reason: str, route: Route, severity: Severity = Severity.ERROR) -> Anomaly:
    message = f"the key {name} could not be checked: {reason}"
    return Anomaly(
        code="not-checked", severity=severity, message=message, expected="keys that never repeat", route=route
    )


class Hashes:
    """A job: for each key its hashes, in two frames: those in memory, and the folders that hold the others.

    Hashes go to `disk`, a folder; where it is not to be seen, as on another machine, they stay in memory.
    """

    def __init__(self, keys: Sequence[Key], disk: Path) -> None:
        self.keys = keys
        self.disk = disk

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        files = pl.LazyFrame(schema={"folder": pl.String()})
        return [
            query for key in self.keys for query in (frame.drop_nulls(key.parts).select(key.hash.alias(HASH)), files)
        ]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        merged = []
        for place in range(0, 2 * len(self.keys), 2):
            hashes = pl.concat([state[place] for state in states])
            folders = pl.concat([state[place + 1] for state in states])
            if hashes.height > SPILL and self.disk.is_dir():
                folders = folders.vstack(pl.DataFrame({"folder": [_spilled(hashes, self.disk)]}))
                hashes = hashes.clear()
            merged += [hashes, folders]
        return merged


def _spilled(hashes: pl.DataFrame, folder: Path) -> str:
    """The new folder below `folder` into which hashes were written, one file a part."""
    own = tempfile.mkdtemp(dir=folder)
    for part in range(PARTS):
        _part(hashes.lazy(), part).sink_ipc(f"{own}/{part}.arrow")
    return own


def _part(hashes: pl.LazyFrame, part: int) -> pl.LazyFrame:
    return hashes.filter(pl.col(HASH) % PARTS == part)


@dataclass(frozen=True)
class Suspects:
    """Of a key, how many rows have one, and the hashes that occur more than once."""

    checked: int
    hashes: pl.Series


def suspects_of(state: State) -> list[Suspects]:
    """The suspects of each key of Hashes, of which `state` is the state."""
    return [_suspicious(*state[place : place + 2]) for place in range(0, len(state), 2)]


def _suspicious(hashes: pl.DataFrame, folders: pl.DataFrame) -> Suspects:
    if folders.is_empty() and hashes.height < SPILL // PARTS:
        return Suspects(hashes.height, _twice(hashes.get_column(HASH)))
    total, twice = 0, []
    for part in range(PARTS):
        files = [Path(folder) / f"{part}.arrow" for folder in folders.get_column("folder")]
        pieces = [_part(hashes.lazy(), part), *(pl.scan_ipc(file) for file in files)]
        found = pl.concat(pieces).collect().get_column(HASH)
        total += len(found)
        twice.append(_twice(found))
    return Suspects(total, pl.concat(twice))


def _twice(hashes: pl.Series) -> pl.Series:
    """The values that occur more than once, each once."""
    ordered = hashes.sort()
    return ordered[1:].filter(ordered[1:] == ordered[:-1]).unique()  # slices, which copy nothing


class Repeated:
    """A job: for each key, its values and the numbers of the rows whose hash is one of its suspects."""

    def __init__(self, keys: Sequence[Key], suspects: Sequence[Suspects]) -> None:
        self.pairs = list(zip(keys, suspects, strict=True))

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        return [
            frame.drop_nulls(key.parts).filter(key.hash.is_in(found.hashes.implode())).select(*key.parts, ROW)
            for key, found in self.pairs
        ]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        return [pl.concat(frames) for frames in zip(*states, strict=True)]


def key_findings(
    dataset: Dataset, keys: Sequence[Key], suspects: Sequence[Suspects], options: ValidateOptions
) -> Iterator[tuple[Anomaly, pl.Series]]:
    """A finding, and the numbers of the rows, for each key that repeats more often than its rule tolerates.

    The first row with a key is right, and a row that lacks a part of a key repeats nothing.
    """
    found = [pair for pair in zip(keys, suspects, strict=True) if not pair[1].hashes.is_empty()]
    if not found:
        return
    columns = list(dict.fromkeys(column for key, _ in found for column in key.columns))
    states = run(dataset.narrowed(columns), Repeated(*zip(*found, strict=True)))
    for (key, each), rows in zip(found, states, strict=True):
        again = rows.filter(~pl.struct(key.parts).is_first_distinct())
        if again.height and not tolerates(key.rule, again.height, each.checked):
            yield _finding(key, again, each.checked, options), again.get_column(ROW)


def _finding(key: Key, again: pl.DataFrame, checked: int, options: ValidateOptions) -> Anomaly:
    """The finding about the rows that repeat an earlier one, in the order of the data."""
    is_single = len(key.columns) == 1
    counts = again.group_by(key.parts).len("count").select(value=key.value, count=pl.col("count") + 1)
    worst = worst_of(counts) if options.samples and is_single else ""
    verb = "repeats" if again.height == 1 else "repeat"
    message = f"{of(again.height, checked, 'value' if is_single else 'row', key.rule)} {verb} an earlier "
    message += "one" if is_single else f"row's {key.name}"
    first = again.head(options.examples)
    shown = to_json(first.select(key.value).to_series()) if options.samples else [None] * first.height
    return Anomaly(
        code=key.code,
        severity=key.severity,
        column=key.columns[0].name if is_single else None,
        message=key.rule.message or (f"{message}: {worst}" if worst else message),
        expected=f"{key.name} never repeats",
        observed=worst or None,
        failures=again.height,
        fraction=again.height / checked,
        examples=[Example(row=row, value=value) for row, value in zip(first.get_column(ROW), shown, strict=True)],
        route=key.route,
    )
