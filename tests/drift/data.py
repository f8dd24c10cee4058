"""Columns as summaries, for tests: the shortest way from values to what `measure` compares."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from datalife.sources.dataset import open_dataset
from datalife.stats.profile import summarize
from datalife.stats.summary import ColumnSummary, Summary


def summary(**columns: pl.Series | Sequence[Any]) -> Summary:
    """The summary of a table, by way of a Parquet file as for any user."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.parquet"
        pl.DataFrame(columns, strict=False).write_parquet(path)
        return summarize(open_dataset([str(path)]))


def column(values: pl.Series | Sequence[Any], dtype: pl.DataType | None = None) -> ColumnSummary:
    """The summary of one column."""
    return summary(x=pl.Series("x", values, dtype=dtype, strict=False)).columns["x"]
