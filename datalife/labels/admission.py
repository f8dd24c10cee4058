"""Which rows count: copies collapse, and of several predictions with one key one is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datalife.errors import SourceError
from datalife.labels.model import JoinOptions
from datalife.labels.rows import Rows


@dataclass
class Admitted:
    """`rows` that count; the `number`s (predictions) of those that were `dropped` for them."""

    rows: pl.DataFrame
    dropped: pl.Series


def admit_predictions(candidates: pl.DataFrame, rows: Rows, options: JoinOptions) -> Admitted:
    """Collapses copies; in unique mode leaves one prediction a key: a settled one, else by the option.

    `candidates`: number, k0 ..., time, settled (run or null), rank ... of the remembered and the new ones.

    Raises:
        SourceError: the same key twice, with `--duplicate-prediction error`.
    """
    keys = key_names(candidates)
    shared = keys if options.mode == "unique" else [*keys, "time"]
    alone, several = _divided(candidates, shared)
    if not several.height:
        return Admitted(candidates, pl.Series("number", [], pl.Int64))
    if options.mode == "entity":
        kept = _collapsed(several, rows)
    elif options.duplicate_prediction == "error":
        kept = _collapsed(several, rows)
        _refuse_two(kept, keys)
    else:
        settled = several.filter(pl.col("settled").is_not_null())
        open_ = _collapsed(several.join(settled, on=keys, how="anti"), rows)
        descending = [False] * len(keys) + [options.duplicate_prediction == "last", False]
        chosen = open_.sort(*keys, "time", "rank", descending=descending).unique(
            keys, keep="first", maintain_order=True
        )
        kept = pl.concat([settled, chosen])
    dropped = several.join(kept, on="number", how="anti").get_column("number")
    return Admitted(pl.concat([alone, kept]).sort("number"), dropped)


def key_names(frame: pl.DataFrame) -> list[str]:
    """The columns of the key: `k0`, `k1` ..."""
    return [name for name in frame.columns if name[0] == "k" and name[1:].isdigit()]


def _divided(frame: pl.DataFrame, shared: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that are alone with their values of `shared`, and the others."""
    twice = frame.select(shared).is_duplicated()
    return frame.filter(~twice), frame.filter(twice)


def _collapsed(frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """One of each set of equal rows; `rank` orders the different rows of one key and instant by their content."""
    instant = [*key_names(frame), "time"]
    alone, several = _divided(frame, instant)
    if not several.height:
        return frame
    content = rows.hashes(several.get_column("number"))
    distinct = several.join(content, on="number").sort("number")
    distinct = distinct.unique([*instant, "content"], keep="first", maintain_order=True).drop("content")
    single, tied = _divided(distinct, instant)
    if tied.height:
        full = rows.gather(tied.get_column("number"))
        ranked = full.sort(full.columns[1:]).select("number").with_row_index("rank", offset=1)
        ranked = ranked.select("number", pl.col("rank").cast(pl.Int64))
        tied = tied.drop("rank").join(ranked, on="number").select(frame.columns)
    return pl.concat([alone, single, tied])


def _refuse_two(frame: pl.DataFrame, keys: list[str]) -> None:
    twice = frame.filter(frame.select(keys).is_duplicated())
    if twice.height:
        shown = show_key(twice.sort(*keys, "time").row(0, named=True), keys)
        message = f"different predictions have the key {shown}, and {twice.select(keys).n_unique() - 1} other keys"
        hint = "--duplicate-prediction first or last chooses one; --mode entity lets predictions share a key"
        raise SourceError("--duplicate-prediction error", message, hint)


def show_key(row: dict[str, object], keys: list[str]) -> str:
    """A key for a message."""
    return ", ".join(repr(row[key]) for key in keys)


def admit_events(candidates: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """One of each event: the remembered one, else the first in the order of events; known as soon as any copy was.

    `candidates`: k0 ..., time, label, tie, identity, arrival, seen, owner, bucket, row (null where remembered).
    """
    keys = key_names(candidates)
    own = [*keys, "time", "label", "tie"]
    if options.feedback_id is None:
        return _first_copies(candidates, own)
    named = candidates.filter(pl.col("identity").is_not_null())
    unnamed = candidates.filter(pl.col("identity").is_null())
    return pl.concat([_first_copies(named, ["identity"]), _first_copies(unnamed, own)])


def _first_copies(frame: pl.DataFrame, identity: list[str]) -> pl.DataFrame:
    alone, several = _divided(frame, identity)
    if not several.height:
        return frame
    order: list[pl.Expr | str] = [pl.col("row").is_not_null(), "time", "tie", "label", *key_names(frame)]
    known = several.group_by(identity).agg(first_arrival=pl.col("arrival").min())
    first = several.sort(*order).unique(identity, keep="first", maintain_order=True)
    first = first.join(known, on=identity, how="left", nulls_equal=True, maintain_order="left")
    return pl.concat([alone, first.with_columns(arrival=pl.col("first_arrival")).select(frame.columns)])
