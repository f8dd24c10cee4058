"""Rows by key on the workers: both sides divided by the hash of the key, each part compared by itself on one worker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from datalife.drift.findings import Found, Questions, found_in, together
from datalife.drift.partition import CELLS, Partition
from datalife.engine import Shuffle
from datalife.sources.dataset import ROW, Column, Dataset, Shard

#: Some rows of a shard of the side with this place: k0, k1, ..., ROW, and the columns by key.
Block = tuple[int, pl.DataFrame]
#: Both datasets, the baseline first.
Datasets = tuple[Dataset, Dataset]


def found_by_workers(sides: Datasets, casts: Sequence[Sequence[pl.Expr]], questions: Questions) -> Found:
    """What is found in all rows, which travel between the workers; here comes only what is found.

    `casts` give the key of each side, in the types in which they meet.
    """
    larger = max(side.rows * len(side.columns) for side in sides)
    parts = max(1, math.ceil(larger / CELLS))
    empty = [_row_of(side.empty, own, side.columns) for side, own in zip(sides, casts, strict=True)]
    pieces = [(place, shard) for place, side in enumerate(sides) for shard in side.shards]
    split = _Split([list(own) for own in casts], parts)
    by = Shuffle(split, partial(_found, questions, empty), together, parts)
    return sides[0].engine.shuffle(pieces, by)


@dataclass(frozen=True)
class _Split:
    """The rows of a shard in `parts` blocks, equal keys in the same one whatever side and shard they are from."""

    casts: Sequence[Sequence[pl.Expr]]
    parts: int

    def __call__(self, piece: tuple[int, Shard]) -> list[Block]:
        place, shard = piece
        frame = _row_of(shard.read(row=ROW), self.casts[place], shard.columns)
        keys = [f"k{number}" for number in range(len(self.casts[place]))]
        parts = frame.select(keys).hash_rows() % self.parts
        return [(place, frame.filter(parts == part)) for part in range(self.parts)]


def _row_of(frame: pl.DataFrame, casts: Sequence[pl.Expr], columns: Sequence[Column]) -> pl.DataFrame:
    return frame.select(*casts, ROW, *(column.key for column in columns))


def _found(questions: Questions, empty: Sequence[pl.DataFrame], blocks: Sequence[Block]) -> Found:
    """What is found in one part, of which these are the blocks of all shards."""
    sides = [
        pl.concat([empty[place], *(frame for side, frame in blocks if side == place)], rechunk=True) for place in (0, 1)
    ]
    keys = [f"k{number}" for number in range(len(questions.names))]
    readers = [partial(_columns_of, side) for side in sides]
    return found_in(Partition([side.select(keys) for side in sides], readers, [side[ROW] for side in sides]), questions)


def _columns_of(side: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    return side.select(column.key for column in columns)
