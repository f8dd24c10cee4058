"""Saved profiles: a summary written into a profile, and read back from one."""

from __future__ import annotations

import json
import math
import os
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import ValidationError

from datalife.errors import SchemaError, first_line
from datalife.stats import frequencies, shapes, weighted
from datalife.stats.analyzers import ANALYZERS
from datalife.stats.blocks import analyzers_of
from datalife.stats.frequencies import HASH, Frequencies
from datalife.stats.glimpse import Glance
from datalife.stats.model import ColumnProfile, ColumnState, Profile, Slice, WeightedState
from datalife.stats.slices import Slices
from datalife.stats.summary import ColumnSummary, Findings, Summary, Weight, nothing
from datalife.stats.values import dtype_named, from_json, is_nested, json_rows
from datalife.stats.weighted import WeightedColumn

#: Values kept in a file; a column with more is stored as leaders, points and registers, which take as much room.
KEPT = frequencies.POINTS
MARK = b'"kind": "profile"'
#: The names of the parts of each state, by its analyzer.
PARTS = {analyzer.name: tuple(analyzer.combine(pl.col)) for analyzer in ANALYZERS}
#: Those that are null where there are no values; those that may be negative; those that may be too large for a float.
OPTIONAL = {"mean", "min", "max", "shortest", "longest"}
SIGNED = {"mean", "m3", "sum", "min", "max"}
BOUNDLESS = {"mean", "m2", "m3", "m4", "sum"}


def state_of(column: ColumnSummary, leaders: list[tuple[Any, int]] | None) -> ColumnState:
    """What a file keeps of a column: enough to merge and to compare.

    `leaders` are its most frequent values with their counts, as JSON has them; so many of them as KEPT are kept. None
    of what has no such values.
    """
    counts = column.counts
    state = ColumnState(dtype=str(column.dtype), complete=counts.complete and counts.values.height <= KEPT)
    if leaders is not None:
        state.frequencies = leaders[:KEPT]
    if _is_zoned(column.dtype):
        ranked = column.frequencies.head(KEPT)
        state.frequencies = json_rows(ranked.select(_in_utc("value", ranked), "count"))
    if not state.complete:
        sketch = frequencies.compressed(frequencies.line(counts.values) if counts.complete else counts.points)
        state.points = list(sketch.iter_rows())
        state.registers = frequencies.packed(frequencies.registers_of(counts))
        state.hashed_by = HASH
    if column.lengths is not None:
        state.lengths = list(column.lengths.head(KEPT).iter_rows())
    state.analyzers = {name: _written(parts) for name, parts in column.states.items()}
    if column.weighted is not None:
        state.weighted = _weighted_state(column.weighted)
    if column.glance is not None:
        state.fingerprint = column.glance.fingerprint
        if column.glance.shapes is not None and not state.complete:
            drawn = shapes.shapes(counts.values) if counts.complete else column.glance.shapes
            state.shapes = list(drawn.head(KEPT).iter_rows())
    return state


def _in_utc(name: str, frame: pl.DataFrame) -> pl.Expr:
    """A column of times in UTC, where they have a zone: the offsets of long ago are no whole minutes."""
    return pl.col(name).dt.convert_time_zone("UTC") if _is_zoned(frame.schema[name]) else pl.col(name)


def _is_zoned(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Datetime) and dtype.time_zone is not None


def _written(parts: Mapping[str, Any]) -> dict[str, Any]:
    """A state as JSON has it: what has grown beyond the largest float, or is none, as text."""
    return {
        key: str(part) if isinstance(part, float) and not math.isfinite(part) else part for key, part in parts.items()
    }


def _read(parts: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    if parts.keys() != set(names):
        raise ValueError(f"of {', '.join(names)} there is {', '.join(parts) or 'nothing'}")
    return {name: _part(name, part) for name, part in parts.items()}  # in their order: saved again they are the same


def _part(name: str, part: Any) -> float | None:
    if part is None and name in OPTIONAL:
        return None
    number = part if isinstance(part, int | float) else float(part)
    if (number < 0 and name not in SIGNED) or not (name in BOUNDLESS or math.isfinite(number)):
        raise ValueError(f"{name} is {number}")
    return number


def _weighted_state(column: WeightedColumn) -> WeightedState:
    state = WeightedState(parts=column.parts)
    if "value" in column.values.columns and not column.values.is_empty():
        heaviest = column.values.sort("weight", "value", descending=[True, False]).head(KEPT)
        state.values = json_rows(heaviest.select(_in_utc("value", heaviest), "weight"))
    points = column.points if column.points.height else weighted.line(column.values)
    if points.height > len(state.values) or column.points.height:
        state.points = list(frequencies.compressed(points).iter_rows())
    return state


def load_profile(path: str) -> Profile | None:
    """The profile saved at `path`; None when the file is no profile.

    Raises:
        SchemaError: it is one that this version cannot use.
    """
    if not path.endswith(".json") or not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as stream:
            if MARK not in stream.read(200):
                return None
            stream.seek(0)
            document = json.load(stream)
        profile = Profile.model_validate(document)
        for column in profile.columns:
            if column.count + column.null_count != profile.rows:
                raise ValueError(f"column {column.name!r} has not as many values as there are rows")
        return profile
    except (OSError, ValueError) as error:
        raise SchemaError(path, f"is no profile that can be read: {_reason(error)}", "write it again") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def summary_from(profile: Profile, where: str) -> Summary:
    """The summary that a saved profile keeps.

    Raises:
        SchemaError: the profile holds no state, or a sketch made by another hash.
    """
    columns = {column.name: _column(column, where) for column in profile.columns}
    weight = Weight(profile.weight.column, profile.weight.total) if profile.weight else None
    summary = Summary(profile.rows, profile.sources, columns, weight)
    if profile.slices:
        summary.slices = _slices(profile.slices, weight, where)
    if profile.label or profile.correlations or profile.cross or profile.fairness:
        told = {column.name: column.label for column in profile.columns if column.label}
        summary.findings = Findings(profile.label, told, profile.correlations, profile.cross, profile.fairness)
    return summary


def _slices(slices: Sequence[Slice], weight: Weight | None, where: str) -> Slices:
    pieces: dict[tuple[Any, ...], Summary] = {}
    for each in slices:
        columns = {column.name: _column(column, where) for column in each.columns}
        total = each.weight
        own = Weight(weight.column, total) if weight and total is not None else None
        pieces[tuple(each.by.values())] = Summary(each.rows, [], columns, own)
    rest = pieces.pop((), None)
    return Slices(tuple(slices[0].by), pieces, rest, slices[-1].gathered or 0)


def _column(column: ColumnProfile, where: str) -> ColumnSummary:
    state = column.state
    if state is None:
        raise SchemaError(
            where, f"the profile keeps no state of column {column.name!r}", "write it with `stats -f json`"
        )
    if state.hashed_by not in (None, HASH):
        message = f"column {column.name!r} was sketched with {state.hashed_by}, this is {HASH}"
        raise SchemaError(where, message, "profile the data again")
    try:
        return _restored(column, state, where)
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error, pl.exceptions.PolarsError) as error:
        message = f"the state of column {column.name!r} is damaged: {first_line(error)}"
        raise SchemaError(where, message, "write it again") from error


def _restored(column: ColumnProfile, state: ColumnState, where: str) -> ColumnSummary:
    below = [*([column.items] if column.items else []), *(column.fields or [])]
    children = tuple(_column(child, where) for child in below)
    dtype = _dtype(column, state, children, where)
    counts, lengths = nothing(), None
    if column.type not in ("list", "struct", "null"):
        counts = _frequencies(state, dtype)
    if state.lengths is not None:
        lengths = pl.DataFrame(state.lengths, schema={"value": pl.Int64(), "count": pl.Int64()}, orient="row")
    states = {each.name: _read(state.analyzers[each.name], PARTS[each.name]) for each in analyzers_of(dtype)}
    own = _weighted_column(state.weighted, dtype) if state.weighted else None
    return ColumnSummary(column.name, dtype, states, counts, lengths, children, own, _glance(state, dtype))


def _weighted_column(state: WeightedState, dtype: pl.DataType) -> WeightedColumn:
    values = pl.DataFrame(schema=weighted.PAIR)
    if not is_nested(dtype) and dtype != pl.Null:
        values = _pairs(state.values, "weight", dtype)
    points = pl.DataFrame(state.points or [], schema=frequencies.POINT, orient="row")
    return WeightedColumn(_read(state.parts, weighted.parts_of(dtype)), values, points)


def _pairs(kept: Sequence[tuple[Any, float]], name: str, dtype: pl.DataType) -> pl.DataFrame:
    values = from_json([value for value, _ in kept], dtype)
    if values.null_count():
        raise ValueError("a value is missing")
    how_many = pl.Series([each for _, each in kept], dtype=pl.Int64 if name == "count" else pl.Float64)
    return pl.DataFrame({"value": values, name: how_many})


def _glance(state: ColumnState, dtype: pl.DataType) -> Glance | None:
    if state.fingerprint is None:
        return None
    drawn = pl.DataFrame(state.shapes or [], schema=shapes.SHAPE, orient="row")
    return Glance(state.fingerprint, drawn if dtype == pl.String else None)


def _dtype(column: ColumnProfile, state: ColumnState, children: tuple[ColumnSummary, ...], where: str) -> pl.DataType:
    if column.type == "list":
        return pl.List(children[0].dtype if children else pl.Null())
    if column.type == "struct":
        return pl.Struct({child.name.removeprefix(f"{column.name}."): child.dtype for child in children})
    return dtype_named(state.dtype, where)


def _frequencies(state: ColumnState, dtype: pl.DataType) -> Frequencies:
    frame = _pairs(state.frequencies, "count", dtype)
    if state.complete:
        return frequencies.complete(frame)
    points = pl.DataFrame(state.points or [], schema=frequencies.POINT, orient="row")
    return Frequencies(frame, points, frequencies.unpacked(state.registers or ""))
