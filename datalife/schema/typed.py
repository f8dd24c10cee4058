"""How the values of a column are seen as the type that the schema asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from datalife.schema.model import ColumnSchema
from datalife.sources.dataset import Column
from datalife.sources.layouts import formatted
from datalife.sources.types import STRING, TEXT_TYPES, TextType, logical_type

#: What values of one type may also be read as without loss.
ACCEPTED = {("integer", "float"), ("date", "datetime")}


@dataclass(frozen=True)
class Typed:
    """A column's values as the schema's type.

    `misfit` is true where a value is not of the type, None where every value is.
    """

    values: pl.Expr
    dtype: pl.DataType
    misfit: pl.Expr | None = None


def wants_text(rules: ColumnSchema, column: Column) -> bool:
    """Whether a column of untyped text must be read as text: its narrowest type is not the one asked for."""
    if column.text is None or rules.type is None:
        return False
    if rules.time_format is not None:
        return True
    return (column.type, rules.type) not in ACCEPTED and column.type not in (rules.type, "null")


def typed(rules: ColumnSchema, values: pl.Expr, dtype: pl.DataType, texts: Sequence[TextType] = ()) -> Typed:
    """The values of a column (or of a list's items, or of a field) as the type that the rules ask for.

    `texts` are what untyped text may hold, none where the data has types of its own. Untyped texts are read as
    the type, and so are texts of times from formats that have no times.
    """
    found, wanted = logical_type(dtype), rules.type
    if isinstance(dtype, pl.Datetime) and not _in_zone(rules, dtype, bool(texts)):
        return Typed(pl.lit(None, dtype=pl.Null), pl.Null(), values.is_not_null())
    if wanted is None or found in (wanted, "null") or (found, wanted) == ("integer", "float"):
        return Typed(values, dtype)
    if (found, wanted) == ("date", "datetime"):
        return Typed(values.cast(pl.Datetime("us")), pl.Datetime("us"))
    if found == "string" and (texts or wanted in ("date", "datetime", "time")):
        kinds = _kinds(rules, texts or TEXT_TYPES)
        if kinds:
            fits = pl.any_horizontal(each.fits(values).fill_null(False) for each in kinds)
            read = pl.coalesce(pl.when(each.fits(values)).then(each.values(values)) for each in kinds)
            return Typed(read, kinds[-1].dtype, values.is_not_null() & ~fits)
    return Typed(pl.lit(None, dtype=pl.Null), pl.Null(), values.is_not_null())


def _in_zone(rules: ColumnSchema, dtype: pl.Datetime, is_text: bool) -> bool:
    """Whether datetimes are of the zone asked for; text has offsets in place of the names of zones."""
    rule = rules.rule("timezone")
    return rule is None or dtype.time_zone == rule.value or (is_text and dtype.time_zone is not None)


def _kinds(rules: ColumnSchema, texts: Sequence[TextType]) -> list[TextType]:
    """The kinds of text that are values of the type asked for; all with one type of value."""
    if rules.time_format is not None:
        return [formatted(rules.time_format, rules.type or "datetime")]
    kinds = [each for each in texts if each.name == rules.type and each is not STRING]
    return (
        [_instants(each) for each in kinds if _zoned(each) or not rules.timezone] if rules.type == "datetime" else kinds
    )


def _zoned(kind: TextType) -> bool:
    return isinstance(kind.dtype, pl.Datetime) and kind.dtype.time_zone is not None


def _instants(kind: TextType) -> TextType:
    """Datetimes of every precision, with a zone and without, as one type: microseconds in UTC, which none means."""
    dtype = pl.Datetime("us", "UTC")
    return replace(kind, dtype=dtype, values=lambda text: _in_utc(kind.values(text)))


def _in_utc(values: pl.Expr) -> pl.Expr:
    return values.dt.cast_time_unit("us").dt.replace_time_zone("UTC")
