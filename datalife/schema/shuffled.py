"""Hashes of keys on workers: divided by value, so that equal ones meet on one worker whatever shard they are from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from datalife.engine import Shuffle
from datalife.schema.keys import HASH, Key, Suspects
from datalife.sources.dataset import Dataset, Shard

#: About so many hashes of a key (8 bytes each) are held by one worker at a time.
PART = 1 << 22
#: For each key, some of the hashes of a shard.
Block = list[pl.Series]


def shuffled_suspects(dataset: Dataset, keys: Sequence[Key]) -> list[Suspects]:
    """For each key how many rows have one, and the hashes that occur more than once.

    8 bytes a row and key travel between the workers, and here only what repeats.
    """
    if not keys or not dataset.shards:
        return [Suspects(0, pl.Series(HASH, [], dtype=pl.UInt64)) for _ in keys]
    parts = 1 + dataset.rows // PART
    columns = list(dict.fromkeys(column for key in keys for column in key.columns))
    narrow = dataset.narrowed(columns)
    return dataset.engine.shuffle(narrow.shards, Shuffle(_Split(tuple(keys), parts), _repeated, _together, parts))


@dataclass(frozen=True)
class _Split:
    """The hashes of a shard in `parts` blocks."""

    keys: tuple[Key, ...]
    parts: int

    def __call__(self, shard: Shard) -> list[Block]:
        frame = shard.read()
        blocks: list[Block] = [[] for _ in range(self.parts)]
        for key in self.keys:
            hashes = frame.drop_nulls(key.parts).select(key.hash.alias(HASH)).to_series()
            for part, block in enumerate(blocks):
                block.append(hashes.filter(hashes % self.parts == part))
        return blocks


def _repeated(blocks: Sequence[Block]) -> list[Suspects]:
    """The suspects of one part, of which these are the blocks of all shards."""
    together = [pl.concat(pieces) for pieces in zip(*blocks, strict=True)]
    return [Suspects(len(hashes), hashes.filter(hashes.is_duplicated()).unique()) for hashes in together]


def _together(parts: Sequence[list[Suspects]]) -> list[Suspects]:
    return [
        Suspects(sum(each.checked for each in found), pl.concat([each.hashes for each in found]))
        for found in zip(*parts, strict=True)
    ]
