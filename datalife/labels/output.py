"""The rows as files: training rows, pending rows, orphans, late arrivals and what was refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

import polars as pl

from datalife.durations import SECOND
from datalife.errors import UsageError
from datalife.labels.admission import key_names
from datalife.labels.model import JoinOptions, OutputFiles
from datalife.labels.rows import Kept, Rows
from datalife.labels.runs import Runs
from datalife.labels.settling import PENDING
from datalife.labels.tally import Tally
from datalife.sources.dataset import Dataset
from datalife.sources.types import logical_type
from datalife.sources.writing import Frames, suffix_of

NEW = ("label", "label_time", "label_delay", "label_status", "n_feedback", "revision")
ELAPSED = "elapsed"
REJECTED = {"side": pl.String(), "file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "record": pl.String()}
#: Rows that are made into Python objects at once.
FEW = 1 << 15


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


def settled_rows(rows: Rows, tally: Tally, prefix: str) -> Frames:
    """The rows that are final now or revised, each with NEW after its own columns."""
    return _beside(rows, tally.runs("written"), _with_times, prefix)


def pending_rows(rows: Rows, tally: Tally, as_of: int | None, prefix: str) -> Frames:
    """The open rows, with NEW and how long they have waited, in seconds."""
    label = pl.lit(None, tally.runs("written").schema["label"])
    waited = pl.lit(None, pl.Float64)
    if as_of is not None:
        whole, rest = as_of // SECOND - pl.col("time") // SECOND, as_of % SECOND - pl.col("time") % SECOND
        waited = whole + rest / SECOND

    def shaped(told: pl.DataFrame) -> pl.DataFrame:
        missing = {"label_time": pl.lit(None, pl.Int64), "label_delay": pl.lit(None, pl.Float64)}
        columns = {"label": label, **missing, "label_status": pl.lit(PENDING), "n_feedback": pl.col("n_feedback")}
        told = told.select("number", **columns, revision=pl.lit(0, pl.Int64), **{ELAPSED: waited})
        return _with_times(told)

    return _beside(rows, tally.runs("open"), shaped, prefix)


def _with_times(told: pl.DataFrame) -> pl.DataFrame:
    return told.with_columns(pl.col("label_time").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"))


def _beside(rows: Rows, runs: Runs, shaped: Callable[[pl.DataFrame], pl.DataFrame], prefix: str) -> Frames:
    """The wide rows of the numbers in `runs`, with the columns that `shaped` makes of a piece of these."""
    # both are in ascending order of unique numbers, so that no join is needed
    new = shaped(pl.DataFrame(schema=runs.schema)).drop("number").schema
    schema = rows.schema | {prefix + name: dtype for name, dtype in new.items()}

    def frames() -> Iterator[pl.DataFrame]:
        for block, told in rows.blocks_with(runs):
            numbers = told.get_column("number")
            full = block.read().filter(pl.col("number").is_in(numbers.implode())).hstack(shaped(told).drop("number"))
            full = full.drop("number")
            full.columns = list(schema)
            yield full

    return Frames(frames(), schema)


def kept_rows(rows: Rows, tally: Tally, options: JoinOptions) -> Frames:
    """The predictions in full that a later run may write or compare: the open ones, and others where needed."""
    comparing = options.mode == "entity" or options.duplicate_prediction == "error"
    all_of_them = comparing or options.on_late_arrival == "revise"
    needed = pl.lit(True) if all_of_them else pl.col("settled").is_null()

    def frames() -> Iterator[pl.DataFrame]:
        for block, told in rows.blocks_with(tally.runs("predictions")):
            yield block.read().join(told.filter(needed), on="number", how="semi", maintain_order="left")

    return Frames(frames(), dict(rows.empty.schema))


def event_rows(events: Runs, options: JoinOptions) -> Frames:
    """Events as the feedback calls their columns, in their order; times in UTC."""
    table = partial(_events_table, options=options)
    empty = table(pl.DataFrame(schema=events.schema))
    return Frames(map(table, events.pieces()), dict(empty.schema))


def _events_table(events: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
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
    table = in_order(events).with_columns(times).select(list(chosen))
    table.columns = list(chosen.values())
    return table


def in_order(events: pl.DataFrame) -> pl.DataFrame:
    """Distinct events in an order that says nothing about where they came from."""
    return events.sort("time", *key_names(events), "tie", "label", "identity")


def remembered_events(tally: Tally) -> Frames:
    """The events of which the next run has to know."""
    events = tally.runs("events")
    return Frames(map(in_order, events.pieces()), events.schema)


def remembered_predictions(tally: Tally) -> Frames:
    """The predictions of which the next run has to know, in narrow form."""
    predictions = tally.runs("predictions")
    return Frames(predictions.pieces(), predictions.schema)


def rejected_rows(side: str, dataset: Dataset, base: int, refused: Runs) -> Iterator[pl.DataFrame]:
    """What was refused of one side: its file, its row there (from 0), the reason, and the row as JSON text.

    `refused`: number, reason; the rows of `dataset` are numbered from `base` on.
    """
    rows = Rows(Kept(), dataset, base)
    names, starts = _files(dataset, base)
    for block, told in rows.blocks_with(refused):
        for part in block.read().join(told, on="number", maintain_order="left").iter_slices(FEW):
            place = starts.search_sorted(part.get_column("number"), side="right") - 1
            values = part.drop("number", "reason")
            values.columns = list(rows.schema)
            columns = {
                "side": [side] * part.height,
                "file": names.gather(place),
                "row": part.get_column("number") - starts.gather(place),
                "reason": part.get_column("reason"),
                "record": [json.dumps(each, ensure_ascii=False, default=str) for each in values.rows(named=True)],
            }
            yield pl.DataFrame(columns, schema=REJECTED)


def _files(dataset: Dataset, base: int) -> tuple[pl.Series, pl.Series]:
    """The name of each file and the number of its first row."""
    firsts: dict[str, int] = {}
    for shard in dataset.shards:
        firsts.setdefault(shard.where, base + shard.first)
    return pl.Series(list(firsts), dtype=pl.String), pl.Series(list(firsts.values()), dtype=pl.Int64)
