"""The rows of the data as files: those that break a rule, and those that break none. Together they are all rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from datalife.errors import UsageError
from datalife.files import atomic
from datalife.sources.dataset import ROW, Dataset
from datalife.sources.types import FLOAT
from datalife.sources.writing import Frames, Target, suffix_of, write_frames

#: What the file of failing rows has beside the columns of the data.
NUMBER, CODES = "row", "codes"
#: What a spreadsheet takes for a formula, where it is no number. Source: OWASP, "CSV Injection".
FORMULA = r"^[=+\-@\t\r]"


@dataclass(frozen=True)
class Offence:
    """A broken rule, and the rows that break it: `flags` is true there."""

    code: str
    column: str | None
    flags: pl.Expr


def failing_rows(dataset: Dataset, offences: Sequence[Offence]) -> Frames:
    """The rows that break a rule: `row`, `codes` (separated by spaces), and the columns by their names.

    Raises:
        UsageError: the data has columns of these names itself.
    """
    names = {NUMBER, CODES} & {column.name for column in dataset.columns}
    if names:
        raise UsageError("--failing-rows", f"the data has a column {sorted(names)[0]!r} itself", "exclude it")
    broken = [
        pl.when(each.flags.fill_null(False)).then(pl.lit(f"{each.column}:{each.code}" if each.column else each.code))
        for each in offences
    ]
    codes = pl.concat_list([pl.lit(None, dtype=pl.String), *broken]).list.drop_nulls().list.unique().list.sort()
    keys = [column.key for column in dataset.columns]

    def frames() -> Iterator[pl.DataFrame]:
        for shard in dataset.shards:
            found = shard.read(row=ROW).with_columns(codes.alias(CODES)).filter(pl.col(CODES).list.len() > 0)
            yield _named(found.select(ROW, pl.col(CODES).list.join(" "), *keys), schema)

    schema = {NUMBER: pl.Int64(), CODES: pl.String()} | _schema(dataset)
    return Frames(frames(), schema)


def good_rows(dataset: Dataset, offences: Sequence[Offence]) -> Frames:
    """The rows that break no rule, with the columns of the data and nothing else."""
    broken = pl.any_horizontal(pl.lit(False), *(each.flags.fill_null(False) for each in offences))
    keys = [column.key for column in dataset.columns]

    def frames() -> Iterator[pl.DataFrame]:
        for shard in dataset.shards:
            yield _named(shard.read(row=ROW).filter(~broken).select(keys), schema)

    schema = _schema(dataset)
    return Frames(frames(), schema)


def _schema(dataset: Dataset) -> dict[str, pl.DataType]:
    return {column.name: column.dtype for column in dataset.columns}


def _named(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    frame.columns = list(schema)
    return frame


def write_rows(rows: Frames, path: str, *, guard: bool = False) -> None:
    """Writes rows as the suffix says, whole or not at all. In CSV, lists and structs are JSON text.

    With `guard`, texts in CSV that a spreadsheet would run as a formula get an apostrophe before them.

    Raises:
        OutputError: the file cannot be written.
    """
    suffix = suffix_of(path)
    if suffix == ".csv":
        flat = _flat(pl.DataFrame(schema=rows.schema), guard)
        rows = Frames((_flat(frame, guard) for frame in rows.frames), dict(flat.schema))
    with atomic(path) as part:
        write_frames(rows, Target(part, suffix, path))


def _flat(frame: pl.DataFrame, guard: bool) -> pl.DataFrame:
    """A frame without lists and structs, and with `guard` without formulas, also in the names of columns."""
    names = pl.Series("", frame.columns, dtype=pl.String)
    columns = []
    for place, dtype in enumerate(frame.dtypes):
        value = pl.nth(place)
        if dtype.is_nested():
            value = pl.struct(value=value).struct.json_encode()
        elif guard and dtype == pl.String:
            value = _harmless(value)
        columns.append(value.alias(f"c{place}"))
    flat = frame.select(columns)
    flat.columns = (names.to_frame().select(_harmless(pl.nth(0))).to_series() if guard else names).to_list()
    return flat


def _harmless(text: pl.Expr) -> pl.Expr:
    is_formula = text.str.contains(FORMULA) & ~text.str.contains(FLOAT)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)
