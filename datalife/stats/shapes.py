"""The shapes of texts: letters as `A` and `a`, digits as `9`, everything else as it is."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

import polars as pl

from datalife.stats.model import Pattern
from datalife.stats.stacks import each_of, stacked

#: So many shapes are told.
MOST = 10
#: Of longer texts the shape of the beginning.
LONGEST = 40
#: What is drawn of each letter and digit of ASCII, which takes half the time of the classes,
PLAIN = dict.fromkeys(ascii_lowercase, "a") | dict.fromkeys(ascii_uppercase, "A") | dict.fromkeys(digits, "9")
#: and of the other characters by their class.
DRAWN = {r"[\p{Ll}\p{Lo}&&[^a]]": "a", r"[\p{Lu}&&[^A]]": "A", r"[\p{Nd}&&[^9]]": "9"}
SHAPE = {"shape": pl.String(), "count": pl.Int64()}


def shape(text: pl.Expr) -> pl.Expr:
    """The shape of a text: `Kyoto-7` has `Aaaaa-9`. Letters of scripts without case are `a`."""
    drawn = text.str.slice(0, LONGEST).str.replace_many(PLAIN)
    for characters, mark in DRAWN.items():
        drawn = drawn.str.replace_all(characters, mark)
    return pl.when(text.str.len_chars() > LONGEST).then(drawn + "…").otherwise(drawn)


def shapes(values: pl.DataFrame) -> pl.DataFrame:
    """The (shape, count) pairs of (value, count) pairs of text, most frequent first, ties by shape."""
    drawn = values.select(shape=shape(pl.col("value")), count=pl.col("count"))
    return ranked(drawn)


def ranked(drawn: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the same shape as one, most frequent first, ties by shape."""
    return drawn.group_by("shape").agg(pl.col("count").sum()).sort("count", "shape", descending=[True, False])


def leaders(columns: Sequence[pl.DataFrame]) -> list[list[Pattern]]:
    """The most frequent shapes of each of several columns of text, of which all (value, count) pairs are given."""
    if not columns:
        return []
    pairs = stacked(columns).lazy().select("field", "count", shape=shape(pl.col("value")))
    drawn = pairs.group_by("field", "shape").agg(pl.col("count").sum()).sort("field").collect(engine="in-memory")
    first = pl.col("shape", "count").sort_by("count", "shape", descending=[True, False]).head(MOST)
    found = each_of(drawn, [first], len(columns))
    return [
        [Pattern(pattern=each, count=count) for each, count in zip(row["shape"] or (), row["count"] or (), strict=True)]
        for row in found
    ]


def patterns(drawn: pl.DataFrame, present: int) -> list[Pattern]:
    """The most frequent shapes, their counts scaled to all values present where a sample of them was seen."""
    seen = int(drawn.get_column("count").sum() or 0)
    scale = present / seen if seen else 0.0
    return [Pattern(pattern=each, count=round(count * scale)) for each, count in drawn.head(MOST).iter_rows()]
