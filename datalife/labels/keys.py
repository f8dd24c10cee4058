"""Keys on both sides as values that compare alike, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.errors import UsageError, did_you_mean
from datalife.labels.model import KeyCast
from datalife.sources.dataset import Column, Dataset
from datalife.sources.types import common_type, logical_type, spoken_type

#: The logical types of which two are compared by value.
NUMBERS = ("integer", "float")
NESTED = ("list", "struct")


@dataclass(frozen=True)
class Located:
    """Where a named value is: a column and the fields to descend into (`request.id`); `dtype` is the value's own."""

    name: str
    column: Column
    path: tuple[str, ...]
    dtype: pl.DataType

    @property
    def expression(self) -> pl.Expr:
        """The value in a frame of the dataset."""
        value = pl.col(self.column.key)
        for field in self.path:
            value = value.struct.field(field)
        return value


def locate(dataset: Dataset, name: str, flag: str) -> Located | None:
    """Where `name` is: a column of that name, else a field of a struct column; None in a side without columns.

    Raises:
        UsageError: the side has columns, and none of them is meant.
    """
    if not dataset.columns:
        return None
    column = dataset.find(name)
    if column is not None:
        return Located(name, column, (), column.dtype)
    head, *path = name.split(".")
    outer = dataset.find(head)
    dtype: pl.DataType | None = outer.dtype if outer else None
    if outer is not None and outer.dtype == pl.String and path:
        hint = f"if it holds JSON, unpack it first: jq -c '. + (.{head} | fromjson)'"
        raise UsageError(dataset.sources[0], f"column {head!r} is text, so there is no field {name!r} ({flag})", hint)
    for field in path:
        dtype = _field(dtype, field)
    if outer is None or dtype is None:
        known = [each.name for each in dataset.columns]
        raise UsageError(dataset.sources[0], f"there is no column {name!r} ({flag})", did_you_mean(name, known))
    return Located(name, outer, tuple(path), dtype)


def _field(dtype: pl.DataType | None, name: str) -> pl.DataType | None:
    if not isinstance(dtype, pl.Struct) or name == "*" or name.startswith("^"):
        return None
    found = next((field.dtype for field in dtype.fields if field.name == name), None)
    return found() if isinstance(found, type) else found


@dataclass(frozen=True)
class Part:
    """One part of the key as one side has it: `dtype` is Null where nothing is known of it."""

    side: str
    name: str
    dtype: pl.DataType


def key_type(parts: Sequence[Part], cast: KeyCast) -> pl.DataType:
    """The type in which a part of the key is compared.

    Numbers of different kinds, and everything with `--key-cast string`, are compared as text: see `as_key`.

    Raises:
        UsageError: text would meet numbers, or another pair of types that never compare.
    """
    known = [part for part in parts if part.dtype != pl.Null]
    for part in known:
        if logical_type(part.dtype) in NESTED:
            raise UsageError(
                "--key", f"{part.name!r} of the {part.side} is a {logical_type(part.dtype)}, which is no key"
            )
    if not known:
        return pl.Null()
    if cast == "string":
        return pl.String()
    for part in known[1:]:
        _refuse_unlike(known[0], part)
    if logical_type(known[0].dtype) in NUMBERS:
        whole = all(part.dtype.is_integer() for part in known)
        return _joint(known) if whole else pl.String()
    return _joint(known)


def _refuse_unlike(one: Part, other: Part) -> None:
    types = {logical_type(part.dtype) for part in (one, other)}
    if types <= {*NUMBERS} or common_type(one.dtype, other.dtype) is not None:
        return
    first, second = (spoken_type(part.dtype) for part in (one, other))
    message = f"{one.name!r} is {first} in the {one.side} and {other.name!r} is {second} in the {other.side}"
    hint = (
        "write both with a zone, or both without"
        if types == {"datetime"}
        else "--key-cast string compares them as text"
    )
    raise UsageError("--key", message, hint)


def _joint(parts: Sequence[Part]) -> pl.DataType:
    dtype: pl.DataType = pl.Null()
    for part in parts:
        dtype = common_type(dtype, part.dtype) or pl.String()
    return dtype


def as_key(values: pl.Expr, dtype: pl.DataType, target: pl.DataType) -> pl.Expr:
    """The values as `target` (a `key_type`), null where they are missing, empty or NaN.

    A number is the same text whatever its type (1, 1.0 and 1.00 are `1`); text is taken as it is (`007`).
    """
    if target == pl.Null:
        return pl.lit(None, pl.Null)
    if target == pl.Binary:
        return pl.when(values.bin.size() > 0).then(values)
    if target != pl.String:
        return values.cast(target)
    if isinstance(dtype, pl.Decimal) and dtype.scale:
        return values.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    if dtype.is_float():
        number = values.cast(pl.Float64)
        whole = number.is_finite() & (number.abs() < 2.0**63) & (number == number.round())
        return (
            pl.when(whole)
            .then(pl.when(whole).then(number).cast(pl.Int64).cast(pl.String))
            .otherwise(pl.when(number.is_not_nan()).then(number).cast(pl.String))
        )
    text = values.cast(pl.String)
    return pl.when(text != "").then(text)
