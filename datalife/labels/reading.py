"""Shards of either side in narrow form: keys, instants and labels, and what is wrong with the rows left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from datalife.engine import PROGRESS
from datalife.errors import UsageError
from datalife.labels.keys import NESTED, Located, as_key, locate
from datalife.labels.model import JoinOptions
from datalife.labels.times import Clock, Times
from datalife.sources.dataset import Dataset, Shard
from datalife.sources.types import logical_type

#: The logical types in which instants are written.
TIMES = ("date", "datetime", "integer", "float", "string", "null")
NO_KEY, NO_TIME, NO_LABEL = "no key", "no valid time", "no label"


@dataclass
class Narrow:
    """A piece of one side: `rows` are the valid ones, `refused` the `row` numbers of the others with a `reason`.

    Rows are numbered from 0 over the whole side. `naive` and `aware` count the times without and with an offset.
    """

    rows: pl.DataFrame
    refused: pl.DataFrame
    naive: int
    aware: int


@dataclass(frozen=True)
class Side:
    """Where a side has what the join needs; a place is None where the side has no columns or nothing was asked for."""

    dataset: Dataset
    keys: tuple[Located | None, ...]
    time: Located | None
    label: Located | None = None
    tie: Located | None = None
    identity: Located | None = None
    arrival: Located | None = None

    @property
    def key_types(self) -> list[pl.DataType]:
        """The type of each part of the key; Null where nothing is known."""
        return [_dtype(key) for key in self.keys]

    @property
    def tie_type(self) -> pl.DataType:
        """The type of the tie-break; Null without one."""
        return _dtype(self.tie)

    def label_type(self, options: JoinOptions) -> pl.DataType:
        """The type of a label; without `--label` every one is 1."""
        return _dtype(self.label) if options.label is not None else pl.Int64()


def prediction_side(dataset: Dataset, options: JoinOptions) -> Side:
    """The predictions; keys of text formats stay text.

    Raises:
        UsageError: a column is missing, or the times are none.
    """
    dataset = dataset.as_text([left for left, _ in options.key])
    keys = tuple(locate(dataset, left, "--key") for left, _ in options.key)
    return Side(dataset, keys, _time(dataset, options.prediction_time, "--prediction-time"))


def _time(dataset: Dataset, name: str | None, flag: str) -> Located | None:
    place = locate(dataset, name, flag) if name is not None else None
    if place is not None and logical_type(place.dtype) not in TIMES:
        hint = "name a column of ISO 8601 times, of dates or of epoch numbers"
        raise UsageError(flag, f"{place.name!r} is of type {logical_type(place.dtype)}, which is no instant", hint)
    return place


def feedback_side(dataset: Dataset, options: JoinOptions) -> Side:
    """The feedback; keys and identities of text formats stay text.

    Raises:
        UsageError: a column is missing, the times are none, or a label is no single value.
    """
    wanted = [right for _, right in options.key]
    dataset = dataset.as_text([*wanted, *([options.feedback_id] if options.feedback_id else [])])

    def place(name: str | None, flag: str) -> Located | None:
        return locate(dataset, name, flag) if name is not None else None

    side = Side(
        dataset,
        keys=tuple(place(right, "--key") for right in wanted),
        time=_time(dataset, options.feedback_time, "--feedback-time"),
        label=place(options.label, "--label"),
        tie=place(options.tie_break, "--tie-break"),
        identity=place(options.feedback_id, "--feedback-id"),
        arrival=_time(dataset, options.arrival, "--arrival"),
    )
    for flag, found in (("--label", side.label), ("--tie-break", side.tie), ("--feedback-id", side.identity)):
        if found is not None and logical_type(found.dtype) in NESTED:
            raise UsageError(flag, f"{found.name!r} is a {logical_type(found.dtype)}, not a single value")
    return side


@dataclass(frozen=True)
class Narrowing:
    """How the shards of a side become narrow, wherever they are read.

    `types` are the columns that it takes, by key, and `values` what it makes of them. `marks` tell for `time` and
    `arrival` whether they are naive. `checks` have for each reason the values without which a row is refused.
    """

    types: dict[str, pl.DataType]
    values: dict[str, pl.Expr]
    marks: dict[str, pl.Expr]
    checks: dict[str, list[str]]

    @property
    def empty(self) -> pl.DataFrame:
        """No rows; says which columns there are."""
        return self._of(pl.DataFrame(schema={"row": pl.Int64(), **self.types})).rows

    def read(self, shards: Iterable[Shard]) -> Narrow:
        """Some shards (at least one) in narrow form.

        Raises:
            SourceError: one cannot be read.
        """
        pieces = []
        for shard in shards:
            pieces.append(self._of(shard.read(list(self.types), row="row")))
            PROGRESS.info("%d rows", shard.rows)
        return Narrow(
            pl.concat(piece.rows for piece in pieces),
            pl.concat(piece.refused for piece in pieces),
            sum(piece.naive for piece in pieces),
            sum(piece.aware for piece in pieces),
        )

    def _of(self, frame: pl.DataFrame) -> Narrow:
        narrow = frame.select("row", **self.values, **self.marks)
        naive = pl.concat(
            narrow.filter(pl.col(name).is_not_null()).get_column(mark)
            for name, mark in zip(("time", "arrival"), self.marks, strict=True)
        )
        valid, others = _divided(narrow.drop(list(self.marks)), self.checks)
        return Narrow(valid, others, int(naive.sum() or 0), int((~naive).sum() or 0))


def narrow_predictions(side: Side, key_types: Sequence[pl.DataType], clock: Clock) -> Narrowing:
    """To row, k0 ..., time, arrival (null)."""
    return _narrowing(side, key_types, clock, {})


def narrow_events(side: Side, key_types: Sequence[pl.DataType], clock: Clock, has_label: bool) -> Narrowing:
    """To row, k0 ..., time, arrival, label, tie, identity. Without `has_label` every label is 1."""
    more = {
        "label": _value(side.label) if has_label else pl.lit(1, pl.Int64),
        "tie": _value(side.tie),
        "identity": as_key(_value(side.identity), _dtype(side.identity), pl.String()),
    }
    return _narrowing(side, key_types, clock, more)


def _narrowing(side: Side, key_types: Sequence[pl.DataType], clock: Clock, more: dict[str, pl.Expr]) -> Narrowing:
    keys = {
        f"k{position}": as_key(_value(found), _dtype(found), target)
        for position, (found, target) in enumerate(zip(side.keys, key_types, strict=True))
    }
    times = Times(_value(side.time), _dtype(side.time), clock)
    arrivals = Times(_value(side.arrival), _dtype(side.arrival), clock)
    places = [*side.keys, side.time, side.label, side.tie, side.identity, side.arrival]
    wanted = dict.fromkeys(place.column.key for place in places if place is not None)
    types = {column.key: column.dtype for column in side.dataset.columns}
    return Narrowing(
        types={key: types[key] for key in wanted},
        values={**keys, "time": times.instants, "arrival": arrivals.instants, **more},
        marks={"time_is_naive": times.naive, "arrival_is_naive": arrivals.naive},
        checks={NO_KEY: list(keys), NO_TIME: ["time"], NO_LABEL: ["label"] if "label" in more else []},
    )


def _divided(frame: pl.DataFrame, checks: dict[str, list[str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The valid rows, and the others with the first thing that is wrong with them."""
    reasons = [
        pl.when(pl.any_horizontal(pl.col(name).is_null() for name in names)).then(pl.lit(reason))
        for reason, names in checks.items()
        if names
    ]
    judged = frame.with_columns(reason=pl.coalesce(reasons))
    refused = judged.filter(pl.col("reason").is_not_null()).select("row", "reason")
    return judged.filter(pl.col("reason").is_null()).drop("reason"), refused


def _value(place: Located | None) -> pl.Expr:
    return place.expression if place is not None else pl.lit(None)


def _dtype(place: Located | None) -> pl.DataType:
    return place.dtype if place is not None else pl.Null()
