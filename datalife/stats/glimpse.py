"""What a few rows are enough for: the shapes of texts with very many values, and which columns are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

import polars as pl

from datalife.engine import State
from datalife.sources.dataset import ROW
from datalife.stats import shapes
from datalife.stats.fields import Field
from datalife.stats.stacks import alike, groups, stacked

#: Every so many rows one is looked at, chosen by its number, so that it does not depend on the shards.
STEP = 64
#: And, to tell columns apart, every row at the beginning.
FIRST = 10_000
#: So many shapes of a text are kept.
KEPT = 1000


@dataclass(frozen=True)
class Glance:
    """What was seen of one column.

    `fingerprint` is the same for columns with the same values in the same rows; of others, hardly ever. `shapes` are
    the (shape, count) pairs of texts, estimated from those looked at; None for other types.
    """

    fingerprint: int
    shapes: pl.DataFrame | None = None

    def merge(self, other: Glance) -> Glance:
        """What was seen of the rows of both.

        Fingerprints are added up: the same rows may be in both, under the same numbers, and would cancel each other.
        """
        sides = [side.shapes for side in (self, other) if side.shapes is not None]
        fingerprint = (self.fingerprint + other.fingerprint) % (1 << 64)
        return Glance(fingerprint, shapes.ranked(pl.concat(sides)) if sides else None)


class Glimpse:
    """The job that looks at some rows of the fields that are columns of their own."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = [field for field in fields if field.counted]
        self.texts = [field for field in self.fields if field.dtype == pl.String]

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        row = pl.col(ROW)
        held = frame.collect(engine="in-memory")
        places = held.select(pl.arg_where((row < FIRST) | (row % STEP == 0))).to_series()
        begun = held.select(pl.all().gather(places))  # far fewer than there are: a filter looks at them all
        sampled = begun.lazy().filter(row % STEP == 0).select(**{field.key: field.values for field in self.texts})
        texts = sampled.unpivot(variable_name="key", value_name="text").drop_nulls()
        if not self.texts:
            texts = pl.LazyFrame(schema={"key": pl.String, "text": pl.String})
        drawn = texts.group_by("key", "text").len("count").with_columns(shape=shapes.shape(pl.col("text")))
        shaped = drawn.group_by("key", "shape").agg(pl.col("count").sum().cast(pl.Int64))
        return [self._prints(begun).lazy(), shaped]

    def _prints(self, begun: pl.DataFrame) -> pl.DataFrame:
        """A fingerprint of each field, in their order: from the hashes of its values and the numbers of their rows.

        The number of the row goes in before the last hash: the same values in another order are another column.
        """
        rows, values = begun.get_column(ROW).hash(1), begun.select(**{field.key: field.values for field in self.fields})
        found = dict.fromkeys(values.columns, 0)
        for together in alike(values, lambda column: column.dtype):
            for group in groups(together, len):
                pairs = stacked([column.alias("value").to_frame() for column in group])
                mixed = (pairs.get_column("value").hash() ^ pl.concat([rows] * len(group))).hash()
                prints = pairs.select("field", print=mixed).group_by("field").agg(pl.col("print").bitwise_xor())
                found |= {group[place].name: each for place, each in prints.iter_rows()}
        return pl.DataFrame({"print": list(found.values())}, schema={"print": pl.UInt64})

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        prints = reduce(xor, (state[0].get_column("print") for state in states)).to_frame()
        drawn = pl.concat([state[1] for state in states]).group_by("key", "shape").agg(pl.col("count").sum())
        ranked = drawn.sort("count", "shape", descending=[True, False])
        return [prints, ranked.group_by("key", maintain_order=True).head(KEPT)]

    def glances(self, state: State) -> dict[str, Glance]:
        """What was seen of each field by its key."""
        prints, drawn = state
        estimated = drawn.with_columns(pl.col("count") * STEP)
        parts = estimated.partition_by("key", as_dict=True, include_key=False)  # ranked by `merge`
        empty = pl.DataFrame(schema=shapes.SHAPE)
        found = {field.key: Glance(each) for field, each in zip(self.fields, prints.get_column("print"), strict=True)}
        for field in self.texts:
            found[field.key] = Glance(found[field.key].fingerprint, parts.get((field.key,), empty))
        return found
