"""What of a dataset is profiled: its columns, the fields of structs and the pooled items of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.sources.dataset import Column
from datalife.sources.types import instance
from datalife.stats.values import is_nested

#: Structures nested deeper are counted, not looked into.
DEEPEST = 8


@dataclass(frozen=True)
class Field:
    """Values to profile: `values` gives them from a frame of keys.

    `name` is the column's name, `a.b` for field b of struct a, and the list's own for its items. `children` are
    the fields of a struct or the one pool of a list's items.
    """

    name: str
    key: str
    dtype: pl.DataType
    values: pl.Expr
    children: tuple[Field, ...] = ()

    @property
    def counted(self) -> bool:
        """Whether the frequencies of the values are counted."""
        return not is_nested(self.dtype) and self.dtype != pl.Null


def fields_of(columns: Sequence[Column]) -> tuple[Field, ...]:
    """The columns as fields with everything below them."""
    return tuple(_field(column.name, column.key, column.dtype, pl.col(column.key), 0) for column in columns)


def flat(fields: Sequence[Field]) -> list[Field]:
    """The fields and everything below them, parents first."""
    return [each for field in fields for each in (field, *flat(field.children))]


def _field(name: str, key: str, dtype: pl.DataType, values: pl.Expr, depth: int) -> Field:
    children: tuple[Field, ...] = ()
    if dtype.is_decimal():  # the statistics of decimals are those of floats
        values, dtype = values.cast(pl.Float64), pl.Float64()
    if depth < DEEPEST and isinstance(dtype, pl.List):
        items = values.list.explode(empty_as_null=False, keep_nulls=False)
        children = (_field(name, f"{key}/items", instance(dtype.inner), items, depth + 1),)
    if depth < DEEPEST and isinstance(dtype, pl.Struct):
        # Positions, because the name of a field may be a pattern to polars.
        renamed = values.struct.rename_fields([f"f{position}" for position in range(len(dtype.fields))])
        children = tuple(
            _field(
                f"{name}.{field.name}",
                f"{key}/f{position}",
                instance(field.dtype),
                renamed.struct.field(f"f{position}"),
                depth + 1,
            )
            for position, field in enumerate(dtype.fields)
        )
    return Field(name, key, dtype, values, children)
