"""Which rows count: copies collapse, and of several predictions with one key one is chosen."""

from __future__ import annotations

import polars as pl

from datalife.labels.model import JoinOptions


def shared_columns(keys: list[str], options: JoinOptions) -> list[str]:
    """Predictions that are alone with their values of these columns count as they are."""
    return keys if options.mode == "unique" else [*keys, "time"]


def tied(several: pl.DataFrame, options: JoinOptions) -> pl.Series:
    """The numbers of the predictions that only their other columns can tell apart."""
    rivals = _rivals(several, options)
    return divided(rivals, [*key_names(rivals), "time"])[1].get_column("number")


def admitted(several: pl.DataFrame, contents: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """Collapses copies; in unique mode leaves one prediction a key: a settled one, else by the option.

    With `--duplicate-prediction error` different ones of a key stay; they are for `conflicting`.

    `several`: number, k0 ..., time, settled (run or null), rank ... of predictions that are not alone (see
    `shared_columns`), remembered ones and new ones. `contents`: number, w0, w1 ... of those that are `tied`.
    """
    keys = key_names(several)
    distinct = _collapsed(_rivals(several, options), contents)
    if options.mode == "entity" or options.duplicate_prediction == "error":
        return distinct
    distinct = distinct.sort(*keys, "time", "rank").unique(keys, keep="first", maintain_order=True)
    return pl.concat([several.filter(pl.col("settled").is_not_null()), distinct])


def conflicting(kept: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """The predictions that must not be: different ones of one key, with `--duplicate-prediction error`."""
    if options.mode == "entity" or options.duplicate_prediction != "error":
        return kept.clear()
    return divided(kept, key_names(kept))[1]


def _rivals(several: pl.DataFrame, options: JoinOptions) -> pl.DataFrame:
    """The predictions of which some have to be chosen.

    In unique mode these are the earliest (or latest) of the keys of which none is settled, unless others are errors.
    """
    if options.mode == "entity" or options.duplicate_prediction == "error":
        return several
    keys, time = key_names(several), pl.col("time")
    chosen = time.max() if options.duplicate_prediction == "last" else time.min()
    return several.filter((pl.col("settled").is_null().all() & (time == chosen)).over(keys))


def key_names(frame: pl.DataFrame) -> list[str]:
    """The columns of the key: `k0`, `k1` ..."""
    return [name for name in frame.columns if name[0] == "k" and name[1:].isdigit()]


def divided(frame: pl.DataFrame, shared: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that are alone with their values of `shared`, and the others.

    Different hashes tell apart nearly all rows, and fast; those of equal hashes are compared by their values.
    """
    suspect = frame.select(shared).hash_rows().is_duplicated()
    if not suspect.any():
        return frame, frame.clear()
    maybe = frame.filter(suspect)
    twice = maybe.select(shared).is_duplicated()
    return pl.concat([frame.filter(~suspect), maybe.filter(~twice)]), maybe.filter(twice)


def _collapsed(frame: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """One of each set of equal rows; `rank` orders the different rows of one key and instant by their content.

    Equal are rows of one key and instant with equal hashes of all their columns: of two different ones that
    happens with a probability of 1 in 2^64.
    """
    instant = [*key_names(frame), "time"]
    alone, several = divided(frame, instant)
    if not several.height:
        return frame
    hashes = contents.select("number", contents.drop("number").hash_rows().alias("content"))
    distinct = several.join(hashes, on="number").sort("number")
    distinct = distinct.unique([*instant, "content"], keep="first", maintain_order=True).drop("content")
    single, ties = divided(distinct, instant)
    if ties.height:
        full = contents.join(ties, on="number", how="semi")
        ordered = full.sort(full.columns[1:], maintain_order=True).select("number")
        ties = ordered.join(ties.drop("rank"), on="number", maintain_order="left")
        ranks = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(instant)
        ties = ties.with_columns(rank=ranks).select(frame.columns)
    return pl.concat([alone, single, ties])


def admit_events(candidates: pl.DataFrame) -> pl.DataFrame:
    """One of each event without a name: (key, time, label, tie-break) tells it. Events with a name stay."""
    named = candidates.filter(pl.col("identity").is_not_null())
    unnamed = candidates.filter(pl.col("identity").is_null())
    own = [*key_names(candidates), "time", "label", "tie"]
    return pl.concat([named, first_copies(unnamed, own)]) if named.height else first_copies(unnamed, own)


def first_copies(frame: pl.DataFrame, identity: list[str]) -> pl.DataFrame:
    """One of each event: the remembered one, else the first in the order of events; known as soon as any copy was.

    `frame`: new (whether read in this run), k0 ..., time, label, tie, identity, arrival, seen, owner, bucket.
    """
    alone, several = divided(frame, identity)
    if not several.height:
        return frame
    known = several.group_by(identity).agg(first_arrival=pl.col("arrival").min())
    first = several.sort("new", "time", "tie", "label", *key_names(frame)).unique(
        identity, keep="first", maintain_order=True
    )
    first = first.join(known, on=identity, how="left", nulls_equal=True, maintain_order="left")
    return pl.concat([alone, first.with_columns(arrival=pl.col("first_arrival")).select(frame.columns)])
