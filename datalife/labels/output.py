"""The rows as files: training rows, pending rows, orphans, late arrivals and what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from datalife.errors import OutputError, UsageError, did_you_mean
from datalife.labels.durations import SECOND
from datalife.labels.model import JoinOptions, OutputFiles
from datalife.labels.reading import Narrow
from datalife.labels.rows import Kept, Rows
from datalife.labels.settling import Settled
from datalife.sources.dataset import Dataset
from datalife.sources.types import logical_type

SUFFIXES = {".parquet": ".parquet", ".pq": ".parquet", ".csv": ".csv", ".ndjson": ".ndjson", ".jsonl": ".ndjson"}
NEW = ("label", "label_time", "label_delay", "label_status", "n_feedback", "revision")
ELAPSED = "elapsed"
UTC = pl.Datetime("ns", "UTC")


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


def check_columns(rows: Rows, outputs: OutputFiles) -> None:
    """Refuses new columns that exist already, and columns that the file cannot hold.

    Raises:
        UsageError: naming the column.
    """
    for name in (*NEW, *([ELAPSED] if outputs.pending else [])):
        if outputs.prefix + name in rows.schema:
            message = f"the predictions have a column {outputs.prefix + name!r} already"
            raise UsageError("--prefix", message, "--prefix fb_ names the new columns fb_label, fb_label_time ...")
    for path in (outputs.output, outputs.pending):
        for name, dtype in rows.schema.items():
            if path and suffix_of(path) == ".csv" and dtype.is_nested():
                raise UsageError(
                    path, f"CSV cannot hold the {logical_type(dtype)} column {name!r}", "write .parquet or .ndjson"
                )


@dataclass(frozen=True)
class Target:
    """A file to write: where its bytes go, in which format (`suffix`), and what it is called in messages."""

    path: Path
    suffix: str
    name: str


def write_rows(rows: Rows, told: pl.DataFrame, target: Target, prefix: str) -> None:
    """Writes the rows whose `number` is in `told`, each with the other columns of `told` after its own."""
    told = (
        told.drop("time")
        .sort("number")
        .with_columns(pl.col("label_time").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"))
    )
    names = [*rows.schema, *(prefix + name for name in told.columns[1:])]

    def frames() -> Iterator[pl.DataFrame]:
        for frame in rows.scan(told.get_column("number")):
            full = frame.join(told, on="number", how="inner", maintain_order="left").drop("number")
            full.columns = names
            yield full

    dtypes = [*rows.schema.values(), *told.drop("number").dtypes]
    write_frames(Frames(frames(), dict(zip(names, dtypes, strict=True))), target)


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
    sink: Any = {".parquet": scan.sink_parquet, ".csv": scan.sink_csv, ".ndjson": scan.sink_ndjson}[suffix]
    try:
        sink(target.path, engine="streaming")
    except pl.exceptions.PolarsError as error:
        if raised:
            raise raised[0] from None
        raise OutputError(target.name, str(error).partition("\n")[0]) from error


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


def events_table(events: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """Events as the feedback calls their columns; times in UTC."""
    names = {f"k{position}": right for position, (_, right) in enumerate(options.key)}
    names |= {"time": options.feedback_time, "label": options.label or "label"}
    names |= {
        key: name
        for key, name in (("tie", options.tie_break), ("identity", options.feedback_id), ("arrival", options.arrival))
        if name is not None
    }
    chosen = {
        key: name for position, (key, name) in enumerate(names.items()) if name not in list(names.values())[:position]
    }
    times = [pl.col(key).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC") for key in ("time", "arrival")]
    table = events.sort("time", *(name for name in events.columns if name.startswith("k")), "tie", "label")
    table = table.with_columns(times).select(list(chosen))
    table.columns = list(chosen.values())
    return table


REJECTED = {"side": pl.String(), "file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "record": pl.String()}


def rejected_table(side: str, dataset: Dataset, refused: pl.DataFrame) -> pl.DataFrame:
    """What was refused of one side: its file, its row there (from 0), the reason, and the row as JSON text."""
    if not refused.height:
        return pl.DataFrame(schema=REJECTED)
    refused = refused.sort("row")
    rows = Rows(Kept(), dataset, 0)
    full = rows.gather(refused.get_column("row")).drop("number")
    full.columns = list(rows.schema)
    starts = _file_starts(dataset)
    places = [max(start for start in starts if start <= row) for row in refused.get_column("row")]
    return pl.DataFrame(
        {
            "side": [side] * refused.height,
            "file": [starts[place] for place in places],
            "row": [row - place for row, place in zip(refused.get_column("row"), places, strict=True)],
            "reason": refused.get_column("reason"),
            "record": [json.dumps(each, ensure_ascii=False, default=str) for each in full.rows(named=True)],
        },
        schema=REJECTED,
    )


def _file_starts(dataset: Dataset) -> dict[int, str]:
    """The number of the first row of each file -> its name."""
    starts: dict[str, int] = {}
    for shard in dataset.shards:
        starts.setdefault(shard.where, shard.first)
    return {first: name for name, first in starts.items()}


def refused_predictions(narrow: Narrow, expired: pl.Series, copies: pl.Series) -> pl.DataFrame:
    """row, reason: the invalid predictions, those too old, and those dropped for another of the same key."""
    frames = [
        rows.alias("row").to_frame().with_columns(reason=pl.lit(reason))
        for reason, rows in (("expired", expired), ("duplicate", copies))
    ]
    return pl.concat([narrow.refused, *frames])


def pending_table(settled: Settled, as_of: int | None) -> pl.DataFrame:
    """The open rows with the columns of written ones, and how long they have waited."""
    waited = pl.lit(None, pl.Float64)
    if as_of is not None:
        whole, rest = as_of // SECOND - pl.col("time") // SECOND, as_of % SECOND - pl.col("time") % SECOND
        waited = whole + rest / SECOND
    columns = {name: pl.lit(None, dtype) for name, dtype in settled.written.schema.items()}
    columns |= {name: pl.col(name) for name in settled.pending.columns}
    columns |= {"label_status": pl.lit("pending"), "revision": pl.lit(0, pl.Int64), ELAPSED: waited}
    return settled.pending.select(each.alias(name) for name, each in columns.items())
