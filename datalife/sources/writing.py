"""Frames as a file: Parquet, CSV or NDJSON, while memory holds a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from datalife.errors import OutputError, UsageError, did_you_mean, first_line

SUFFIXES = {".parquet": ".parquet", ".pq": ".parquet", ".csv": ".csv", ".ndjson": ".ndjson", ".jsonl": ".ndjson"}
#: Rows of a row group in Parquet: named, so that the bytes do not depend on how the frames were cut.
GROUP = 1 << 17
#: Of zstd: the next ones take twice the time for a few percent of the size.
LEVEL = 1


def suffix_of(path: str) -> str:
    """The format of an output file, as one of `.parquet`, `.csv`, `.ndjson`.

    Raises:
        UsageError: the suffix names none of them.
    """
    own = PurePath(path).suffix.lower()
    if own not in SUFFIXES:
        hint = did_you_mean(own, SUFFIXES) or "rows are written as .parquet, .csv or .ndjson"
        raise UsageError(path, f"cannot tell the format from the suffix {own!r}", hint)
    return SUFFIXES[own]


@dataclass(frozen=True)
class Target:
    """A file to write: where its bytes go, in which format (`suffix`), and what it is called in messages."""

    path: Path
    suffix: str
    name: str


@dataclass(frozen=True)
class Frames:
    """Frames of one schema that come one after the other."""

    frames: Iterable[pl.DataFrame]
    schema: dict[str, pl.DataType]


def write_frames(rows: Frames, target: Target) -> None:
    """Writes frames one after the other, in the format of `target`; memory holds a few of them.

    Raises:
        OutputError: it cannot be written.
    """
    suffix = target.suffix
    schema = rows.schema if suffix == ".parquet" else dict(textual(pl.DataFrame(schema=rows.schema), suffix).schema)
    raised: list[BaseException] = []

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        try:
            for frame in rows.frames:
                yield frame if suffix == ".parquet" else textual(frame, suffix)
        except BaseException as error:
            raised.append(error)
            raise

    scan = register_io_source(source, schema=schema, is_pure=True)
    parquet = partial(scan.sink_parquet, row_group_size=GROUP, compression_level=LEVEL)
    sink: Any = {".parquet": parquet, ".csv": scan.sink_csv, ".ndjson": scan.sink_ndjson}[suffix]
    try:
        if target.path.is_fifo():  # polars opens a path twice, and whoever reads it may be content with the first time
            with target.path.open("wb") as pipe:
                sink(pipe, engine="streaming")
        else:
            sink(target.path, engine="streaming")
    except pl.exceptions.PolarsError as error:
        if raised:
            raise raised[0] from None
        raise OutputError(target.name, first_line(error)) from error


def textual(frame: pl.DataFrame, suffix: str) -> pl.DataFrame:
    """The frame as a text file holds it: times as ISO 8601 (UTC with Z), bytes as base64."""
    columns = []
    for position, dtype in enumerate(frame.dtypes):
        value = pl.nth(position)
        if isinstance(dtype, pl.Datetime):
            layout = "%Y-%m-%dT%H:%M:%S%.f" + ("Z" if dtype.time_zone == "UTC" else "%:z" if dtype.time_zone else "")
            value = value.dt.strftime(layout)
        elif dtype == pl.Binary:
            value = value.bin.encode("base64")
        elif dtype == pl.Null and suffix == ".csv":
            value = value.cast(pl.String)
        columns.append(value)
    return frame.select(columns)
