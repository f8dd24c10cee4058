"""Each side in narrow form, shard by shard: keys, instants and labels, and what is wrong with the rows left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from datalife.engine import PROGRESS
from datalife.errors import UsageError
from datalife.labels.keys import NESTED, Located, as_key, locate
from datalife.labels.model import JoinOptions
from datalife.labels.times import Clock, Times
from datalife.sources.dataset import Dataset
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


def read_predictions(side: Side, key_types: Sequence[pl.DataType], clock: Clock) -> Iterator[Narrow]:
    """`rows`: row, k0 ..., time, arrival (null). The first piece has no rows; it says which columns there are."""
    return _read(side, key_types, clock, {})


def read_events(side: Side, key_types: Sequence[pl.DataType], clock: Clock, has_label: bool) -> Iterator[Narrow]:
    """`rows`: row, k0 ..., time, arrival, label, tie, identity. Without `has_label` every label is 1."""
    label = _value(side.label) if has_label else pl.lit(1, pl.Int64)
    more = {
        "label": label,
        "tie": _value(side.tie),
        "identity": as_key(_value(side.identity), _dtype(side.identity), pl.String()),
    }
    return _read(side, key_types, clock, more)


def _read(side: Side, key_types: Sequence[pl.DataType], clock: Clock, more: dict[str, pl.Expr]) -> Iterator[Narrow]:
    keys = {
        f"k{position}": as_key(_value(found), _dtype(found), target)
        for position, (found, target) in enumerate(zip(side.keys, key_types, strict=True))
    }
    times = Times(_value(side.time), _dtype(side.time), clock)
    arrivals = Times(_value(side.arrival), _dtype(side.arrival), clock)
    marks = {"time_is_naive": times.naive, "arrival_is_naive": arrivals.naive}
    values = {**keys, "time": times.instants, "arrival": arrivals.instants, **more}
    checks = {NO_KEY: list(keys), NO_TIME: ["time"], NO_LABEL: ["label"] if "label" in more else []}
    for frame in _frames(side):
        narrow = frame.select("row", **values, **marks)
        naive = pl.concat(
            narrow.filter(pl.col(name).is_not_null()).get_column(f"{name}_is_naive") for name in ("time", "arrival")
        )
        valid, others = _divided(narrow.drop(list(marks)), checks)
        yield Narrow(valid, others, int(naive.sum() or 0), int((~naive).sum() or 0))


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


def _frames(side: Side) -> Iterator[pl.DataFrame]:
    """The needed columns, shard by shard, with `row` counted over the whole side; at first a frame without rows."""
    places = [*side.keys, side.time, side.label, side.tie, side.identity, side.arrival]
    keys = list(dict.fromkeys(place.column.key for place in places if place is not None))
    types = {column.key: column.dtype for column in side.dataset.columns}
    yield pl.DataFrame(schema={"row": pl.Int64(), **types})
    for shard in side.dataset.shards:
        yield shard.read(keys, row="row")
        PROGRESS.info("%d rows", shard.rows)


def _value(place: Located | None) -> pl.Expr:
    return place.expression if place is not None else pl.lit(None)


def _dtype(place: Located | None) -> pl.DataType:
    return place.dtype if place is not None else pl.Null()
