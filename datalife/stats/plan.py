"""The one scan behind a profile: the states of all fields, block by block."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datalife.engine import State
from datalife.stats import frequencies
from datalife.stats.blocks import FieldState, blocks_of
from datalife.stats.fields import Field, flat

#: The frames of a block's state.
FRAMES = 5


class Plan:
    """A job whose state is that of each block of fields, one after the other.

    A field's values are all counted while there are at most `keep` (KEEP) different ones.
    """

    def __init__(self, fields: Sequence[Field], keep: int | None = None) -> None:
        self.blocks = blocks_of(flat(fields), frequencies.KEEP if keep is None else keep)

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job. The data decides how it is counted, so the queries hold what was found already, block by block."""
        held = frame.collect(engine="in-memory")
        return [each.lazy() for block in self.blocks for each in block.state(held.select(**block.tallies(held)))]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        return [
            frame
            for place, block in enumerate(self.blocks)
            for frame in block.merge([state[place * FRAMES : (place + 1) * FRAMES] for state in states])
        ]

    def split(self, state: State) -> dict[str, FieldState]:
        """The state of each field by its key."""
        return {
            key: found
            for place, block in enumerate(self.blocks)
            for key, found in block.split(state[place * FRAMES : (place + 1) * FRAMES]).items()
        }


def rows_of(state: State) -> int:
    """The rows of a state of at least one field."""
    return int(state[0].get_column("presence|rows")[0])
