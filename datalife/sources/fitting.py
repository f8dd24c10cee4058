"""Which texts fit which type, of many columns at once: the narrowest type that every value of a column fits.

Short columns are looked at as one long column: a query costs more by its columns than by its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import polars as pl

from datalife.sources.types import NULL, TextType

#: So many values of short columns are looked at together.
STACKED = 1 << 17
#: So many rows rule out most types of most columns, and so many nearly all.
FEW = (8, 128)
Kinds = Mapping[str, Sequence[TextType]]
Member = TypeVar("Member")


def stacks(columns: Sequence[Member], height: int) -> Iterator[Sequence[Member]]:
    """Columns of so many rows in the groups in which they are looked at together."""
    together = max(1, STACKED // max(1, height))
    for start in range(0, len(columns), together):
        yield columns[start : start + together]


def misfits(frame: pl.DataFrame, types: Kinds) -> dict[str, list[int]]:
    """For each text column, how many values do not fit each of the types asked for it; missing values fit all."""
    asked: dict[TextType, list[str]] = {}
    for key, kinds in types.items():
        for kind in kinds:
            asked.setdefault(kind, []).append(key)
    groups = [(kind, keys) for kind, members in asked.items() for keys in stacks(members, frame.height)]
    totals = pl.collect_all([_misses(frame, kind, keys) for kind, keys in groups], engine="in-memory")
    found: dict[tuple[TextType, str], int] = {}
    for (kind, keys), total in zip(groups, totals, strict=True):
        counts = [total.item()] if len(keys) == 1 else _each(frame, kind, keys) if total.item() else [0] * len(keys)
        found |= {(kind, key): count for key, count in zip(keys, counts, strict=True)}
    return {key: [found[kind, key] for kind in kinds] for key, kinds in types.items()}


def _misses(frame: pl.DataFrame, kind: TextType, keys: Sequence[str]) -> pl.LazyFrame:
    """How many values of all these columns together do not fit: quickly told where, as mostly, none is."""
    return kind.misses(_stacked(frame, keys).with_columns(values=kind.values(pl.col("text"))))


def _each(frame: pl.DataFrame, kind: TextType, keys: Sequence[str]) -> list[int]:
    """How many values of each of these columns do not fit."""
    text = pl.col("text")
    odd = text.is_not_null() & ~kind.fits(text).fill_null(False)
    found = _stacked(frame, keys).select(odd).collect(engine="in-memory").to_series()
    return found.reshape((len(keys), frame.height)).arr.sum().to_list()


def _stacked(frame: pl.DataFrame, keys: Sequence[str]) -> pl.LazyFrame:
    texts = pl.concat([frame.get_column(key) for key in keys], rechunk=True)  # thousands of chunks would cost most
    return texts.alias("text").to_frame().lazy()


def guesses(frame: pl.DataFrame, kinds: Kinds) -> dict[str, TextType]:
    """The narrowest of its kinds for each text column; `null` where no value was seen.

    What the first rows rule out is not tried on all: a column's type is no narrower than that of some of its values.
    """
    found = {key: NULL for key in kinds if frame.get_column(key).null_count() == frame.height}
    left = {key: each for key, each in kinds.items() if key not in found}
    for height in (*FEW, frame.height):
        guessed = _narrowest(frame.head(height), left)
        left = {key: each[each.index(guessed[key]) :] for key, each in left.items()}
    return found | guessed


def _narrowest(frame: pl.DataFrame, kinds: Kinds) -> dict[str, TextType]:
    """The first of its kinds that every value of a column fits, tried one after the other."""
    found: dict[str, TextType] = {}
    left = {key: list(reversed(each)) for key, each in kinds.items()}
    while left:
        tried = {key: each.pop() for key, each in left.items()}
        fitting = misfits(frame, {key: (each,) for key, each in tried.items()})
        found |= {key: tried[key] for key, (count,) in fitting.items() if count == 0}
        left = {key: each for key, each in left.items() if key not in found}
    return found


def narrowest(counts: Sequence[int], kinds: Sequence[TextType]) -> TextType:
    """The narrowest of the kinds, which is the first without misfits."""
    return next(each for each, misfit in zip(kinds, counts, strict=True) if misfit == 0)
