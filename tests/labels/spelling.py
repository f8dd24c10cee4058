"""How rows are written into files, and what the written values mean: in plain Python.

A drawn row has small numbers: parts of a key, ticks of a clock, a label. A spelling writes them as users do (keys as
numbers or text, times as epoch numbers, local times or with an offset, labels of any type), in files of any format. The
oracle reads the written rows back by rules of its own, so that keys and times are checked too, and not only joined.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

Row = dict[str, Any]
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
#: What the abstract parts of a key are in each kind of column; the empty part is "".
PARTS = {
    "text": {1: "1", 2: "2.5", 3: "007", 4: "b", 5: ""},
    "integer": {1: 1, 2: 2, 3: 7, 4: 10, 5: None},
    "float": {1: 1.0, 2: 2.5, 3: 7.0, 4: 10.0, 5: None},
}
#: In the order of their numbers, so that first and last mean the same.
LABELS = {
    "integer": {-1: -1, 0: 0, 1: 1, 2: 2},
    "float": {-1: -0.5, 0: 0.0, 1: 0.5, 2: 1.5},
    "boolean": {-1: False, 0: False, 1: True, 2: True},
    "text": {-1: "Z", 0: "a", 1: "b", 2: "é"},
}
TIES = {"integer": {0: -1, 1: 5, 2: 10}, "text": {0: "B", 1: "a", 2: "é"}}
OFFSETS = (UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8)))


@dataclass(frozen=True)
class Side:
    """One side's way of writing: the kind of each part of the key, the form of its times, the format of its files."""

    parts: tuple[str, ...] = ("text",)
    times: str = "epoch"
    format: str = "ndjson"
    files: int = 1


@dataclass(frozen=True)
class Spelling:
    """The ways of both sides, and what they share. A tick is `step` seconds; tick 0 is `base`, in seconds since 1970.

    Times of the form `naive` count ticks on the clock on the wall, which a change of the clock repeats or skips.
    `label` and `tie` are the kinds of those columns; None where no option names one. `nested` puts events into a field.
    """

    predictions: Side = Side()
    feedback: Side = Side()
    unit: str = "s"
    zone: str | None = None
    ambiguous: str = "reject"
    base: int = 0
    step: int = 1
    label: str | None = "integer"
    tie: str | None = "integer"
    nested: bool = False
    cast: str = "strict"
    prefix: str = ""

    def options(self) -> Row:
        """The options of the command that say how things are written."""
        names = [f"k{n}={self.path(f'e{n}')}" for n in range(len(self.predictions.parts))]
        return {
            "key": ",".join(names),
            "prediction_time": "t",
            "feedback_time": self.path("t"),
            "label": self.path("label") if self.label else None,
            "tie_break": self.path("tie") if self.tie else None,
            "time_unit": self.unit,
            "naive_tz": self.zone,
            "ambiguous": self.ambiguous,
            "key_cast": self.cast,
            "prefix": self.prefix,
        }

    @property
    def label_name(self) -> str:
        """What the label of an event is called in an output."""
        return self.path("label") if self.label else "label"

    def path(self, name: str) -> str:
        """The name of a column of the events, as an option takes it."""
        return f"json.{name}" if self.nested else name

    def moment(self, tick: int) -> int:
        """The instant of a tick, in seconds since 1970."""
        return self.base + tick * self.step

    def made(self, drawn: Row) -> Row:
        """A prediction as it is written."""
        keys = _parts("k", self.predictions, drawn)
        return {**keys, "t": self.time(drawn["t"], self.predictions.times, drawn["pid"]), "pid": drawn["pid"]}

    def happened(self, drawn: Row) -> Row:
        """An event as it is written, before it is nested."""
        keys = _parts("e", self.feedback, drawn)
        times = {name: self.time(drawn[name], self.feedback.times) for name in ("t", "arrival")}
        label = LABELS[self.label or "integer"].get(drawn["label"])
        return {
            **keys,
            **times,
            "label": label,
            "tie": TIES[self.tie or "integer"].get(drawn["tie"]),
            "eid": drawn["eid"],
        }

    def time(self, tick: int | None, form: str, choice: int = 0) -> Any:
        """A tick as it is written; `choice` is among ways that mean the same."""
        if tick is None:
            return None
        moment = self.moment(tick)
        if form == "epoch":
            return moment * PER_SECOND[self.unit]
        if form == "float":
            return float(moment * PER_SECOND[self.unit])
        if form == "aware":
            return datetime.fromtimestamp(moment, OFFSETS[choice % 3]).isoformat().replace("+00:00", "Z")
        wall = datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
        return wall.date().isoformat() if form == "date" else wall.isoformat(" " if choice else "T")

    def instant(self, value: Any) -> int | None:
        """The instant that a written time means, in seconds since 1970; None where it means none."""
        if value is None:
            return None
        if not isinstance(value, str):
            return round(value / PER_SECOND[self.unit]) if isinstance(value, float) else value // PER_SECOND[self.unit]
        read = datetime.fromisoformat(value)
        if read.tzinfo is not None:
            return int(read.timestamp())
        readings = [read.replace(tzinfo=ZoneInfo(self.zone or "UTC"), fold=fold) for fold in (0, 1)]
        meant = sorted({each.astimezone(UTC) for each in readings if _is_shown(each)})
        if not meant or (len(meant) > 1 and self.ambiguous == "reject"):
            return None
        return int(meant[-1 if self.ambiguous == "latest" else 0].timestamp())

    def key(self, values: list[Any]) -> tuple[Any, ...] | None:
        """What the parts of a key are compared as; None where one is missing."""
        if any(value is None or value == "" for value in values):
            return None
        return tuple(
            _as_text(value) if self.cast == "string" or isinstance(value, str) else float(value) for value in values
        )


def _parts(prefix: str, side: Side, drawn: Row) -> Row:
    """As many parts of the key as the side has."""
    parts = zip(side.parts, drawn["id"][: len(side.parts)], strict=True)
    return {f"{prefix}{position}": PARTS[kind].get(part) for position, (kind, part) in enumerate(parts)}


def _is_shown(local: datetime) -> bool:
    """Whether a clock on the wall ever shows this time: it skips an hour in spring."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _as_text(value: Any) -> str:
    """1 and 1.0 are `1`; text is what it is."""
    return str(int(value)) if isinstance(value, float) and math.floor(value) == value else str(value)


def write_side(folder: Path, name: str, rows: list[Row], side: Side, salt: int = 0) -> list[str]:
    """The rows in the files of a side; another `salt` makes other files of the same rows.

    No rows at all are NDJSON: an empty table would have to know types that nothing shows.
    """
    size = -(-len(rows) // side.files) or 1
    paths = []
    for number in range(side.files):
        path = folder / f"{name}-{number}.{side.format if rows else 'ndjson'}"
        _write(path, rows[number * size : (number + 1) * size], rows, salt * side.files + number)
        paths.append(str(path))
    return paths


def _write(path: Path, rows: list[Row], all_rows: list[Row], salt: int) -> None:
    if path.suffix == ".ndjson":
        lines = [json.dumps(row) for row in rows] + [""] * (salt if rows else 0)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return
    schema = pl.DataFrame(all_rows, infer_schema_length=None).schema
    frame = pl.DataFrame(rows, schema=schema)
    if path.suffix == ".parquet":
        frame.write_parquet(path, metadata={"salt": str(salt)})
    else:
        path.write_text(frame.write_csv() + "\n" * salt, encoding="utf-8")


def iso(moment: int | None) -> str | None:
    """An instant as an option takes it, on whatever clock the data is."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


def nested(rows: list[Row]) -> list[Row]:
    """Events as a log shipper sends them: in a field, among others that mean nothing here."""
    return [{"tag": "app", "json": row, "host": {"name": "web"}} for row in rows]
