"""The offending rows as a file: every one once, with its number and the codes of the rules it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.errors import UsageError
from datalife.files import atomic
from datalife.sources.dataset import ROW, Dataset

#: What the file has beside the columns of the data.
NUMBER, CODES = "row", "codes"
SUFFIXES = (".parquet", ".csv", ".ndjson", ".jsonl")


@dataclass(frozen=True)
class Offence:
    """A broken rule, and the rows that break it: `flags` is true there."""

    code: str
    column: str | None
    flags: pl.Expr


def check_suffix(path: str, flag: str) -> None:
    """Raises a UsageError unless rows can be written under this name."""
    if not path.endswith(SUFFIXES):
        raise UsageError(flag, f"{path!r} names no format for rows", f"end it in {', '.join(SUFFIXES[:3])}")


def failing_rows(dataset: Dataset, offences: Sequence[Offence]) -> pl.DataFrame:
    """The rows that break a rule: `row`, `codes` (separated by spaces), and the columns by their names."""
    names = {NUMBER, CODES} & {column.name for column in dataset.columns}
    if names:
        raise UsageError("--failing-rows", f"the data has a column {sorted(names)[0]!r} itself", "exclude it")
    broken = [
        pl.when(each.flags.fill_null(False)).then(pl.lit(f"{each.column}:{each.code}" if each.column else each.code))
        for each in offences
    ]
    codes = pl.concat_list([pl.lit(None, dtype=pl.String), *broken]).list.drop_nulls().list.unique().list.sort()
    kinds = {column.key: column.dtype for column in dataset.columns}
    together = pl.DataFrame(schema=kinds | {ROW: pl.Int64, CODES: pl.List(pl.String)})
    for shard in dataset.shards:
        found = shard.read(row=ROW).with_columns(codes.alias(CODES)).filter(pl.col(CODES).list.len() > 0)
        together = together.vstack(found.select(together.columns))
    together = together.select(ROW, pl.col(CODES).list.join(" "), *(column.key for column in dataset.columns))
    together.columns = [NUMBER, CODES, *(column.name for column in dataset.columns)]
    return together


def write_rows(rows: pl.DataFrame, path: str) -> None:
    """Writes rows as the suffix says, whole or not at all. In CSV, lists and structs are JSON text."""
    with atomic(path) as stream:
        if path.endswith(".parquet"):
            rows.write_parquet(stream)
        elif path.endswith(".csv"):
            _flat(rows).write_csv(stream)
        else:
            rows.write_ndjson(stream)


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    nested = [name for name, dtype in rows.schema.items() if dtype.is_nested()]
    if not nested:
        return rows
    keyed = rows.rename({name: f"c{place}" for place, name in enumerate(rows.columns)})
    texts = [
        pl.struct(value=pl.col(f"c{place}")).struct.json_encode() if name in nested else pl.col(f"c{place}")
        for place, name in enumerate(rows.columns)
    ]
    flat = keyed.select(text.alias(f"c{place}") for place, text in enumerate(texts))
    flat.columns = rows.columns
    return flat
