"""The rows of a column as numbers of cells, for what takes several columns of one row together.

The cells are few and those of the baseline: the most frequent values of texts, booleans and numbers that are few,
the bins between quantiles of other numbers and times, and after them cells for NaN and for missing values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import polars as pl

from datalife.drift.alignment import DECILES, FEW_VALUES, OTHERS, Cells, Pair, quantile_bins
from datalife.sources.dataset import Dataset, Shard
from datalife.stats.shapes import shape
from datalife.stats.values import numbers, to_json

Part = Literal["value", "length", "shape"]
CODE = pl.UInt16()
MISSING, NOT_A_NUMBER = "missing", "NaN"


@dataclass(frozen=True)
class Cut:
    """How the values of a column become cells; `names` holds what each cell is called.

    Either `marks` are the lower bounds of all bins but the first, or `values` the values of the first cells.
    The last two cells are those of NaN and of missing values. Infinities belong to the outer bins. Texts may be
    cut by what is `of` them: their lengths by marks, or their shapes as values.
    """

    names: Sequence[Any]
    marks: tuple[float, ...] = ()
    values: pl.Series | None = None
    of: Part = "value"

    @property
    def nan(self) -> int:
        """The cell of NaN."""
        return len(self.names) - 2

    @property
    def missing(self) -> int:
        """The cell of missing values."""
        return len(self.names) - 1

    def cells(self, values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """The number of the cell of each value, of a column of this type."""
        if self.of == "shape":
            values = shape(values)
        if self.values is None:
            line = values.str.len_chars().cast(pl.Float64) if self.of == "length" else numbers(values, dtype)
            found = pl.lit(pl.Series(self.marks, dtype=pl.Float64)).search_sorted(line, side="right").cast(CODE)
        else:
            shared = values.cast(self.values.dtype)
            cells = pl.Series(range(len(self.values)), dtype=CODE)
            found = shared.replace_strict(self.values, cells, default=len(self.values), return_dtype=CODE)
        if dtype.is_float():
            found = pl.when(values.is_nan()).then(pl.lit(self.nan, CODE)).otherwise(found)
        return pl.when(values.is_null()).then(pl.lit(self.missing, CODE)).otherwise(found)


def cut(pair: Pair, most: int = FEW_VALUES, levels: Sequence[float] = DECILES) -> Cut:
    """The cells of a column: its `most` most frequent values in the baseline, or the bins between `levels`.

    The two sides must be comparable (`pair.reason` is None).
    """
    if pair.ordered and not pair.few(FEW_VALUES):
        bounds, names = quantile_bins(pair.axis, levels)
        return Cut([*names, NOT_A_NUMBER, MISSING], tuple(bounds[1:-1]))
    named = isinstance(pair.baseline.dtype, pl.Categorical | pl.Enum)
    values = pair.baseline.frequencies.get_column("value").head(most)
    if values.dtype.is_float():
        values = values.filter(values.is_not_nan())
    if pair.ordered:
        values = values.sort()
    names = [*to_json(values), OTHERS, NOT_A_NUMBER, MISSING]
    shared = pl.String() if named else pl.Float64() if values.dtype.is_numeric() else values.dtype
    return Cut(names, values=values.cast(shared))


def cut_lengths(pair: Pair) -> Cut:
    """Bins between the deciles of the lengths of texts."""
    bounds, names = quantile_bins(pair.axis)
    return Cut([*names, NOT_A_NUMBER, MISSING], tuple(bounds[1:-1]), of="length")


def cut_shapes(pair: Pair, most: int = FEW_VALUES) -> Cut:
    """The most frequent shapes of texts in the baseline; there are some (`pair.shapes`)."""
    cells = pair.shapes or Cells((), (), str)
    ranked = sorted(range(len(cells.baseline)), key=lambda cell: -cells.baseline[cell])
    names = [name for cell in ranked[:most] if (name := cells.name(cell)) != OTHERS]
    return Cut([*names, OTHERS, NOT_A_NUMBER, MISSING], values=pl.Series(names, dtype=pl.String), of="shape")


def coded(dataset: Dataset, cuts: dict[str, Cut], extra: dict[str, str] | None = None) -> pl.DataFrame:
    """Every row as numbers of cells: a column `c<i>` for the i-th of `cuts`, which are by the names of columns.

    `extra` maps further columns of the result to columns whose values stay as they are. Memory holds two bytes a
    value of the cuts.
    """
    columns = {name: dataset.column(name) for name in cuts}
    plain = {alias: dataset.column(name) for alias, name in (extra or {}).items()}
    keys = list(dict.fromkeys(column.key for column in (*columns.values(), *plain.values())))
    cells = [
        cuts[name].cells(pl.col(column.key), column.dtype).alias(f"c{place}")
        for place, (name, column) in enumerate(columns.items())
    ]
    kept = [pl.col(column.key).alias(alias) for alias, column in plain.items()]
    empty = {column.key: column.dtype for column in (*columns.values(), *plain.values())}
    if not dataset.shards:
        return pl.DataFrame(schema=empty).select(*cells, *kept)
    return dataset.engine.reduce(dataset.shards, partial(_selected, keys, [*cells, *kept]), pl.concat)


def _selected(keys: Sequence[str], values: Sequence[pl.Expr], shard: Shard) -> pl.DataFrame:
    return shard.read(keys).select(values)
