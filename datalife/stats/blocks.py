"""Fields of one type side by side: their states, and how the states of shards merge.

Of each field a shard is first reduced to its different values and how often each occurs; everything else is computed
from these pairs. They lie in one long frame for the whole block, with the place of the field in the column `field`,
so that a query costs hardly more for thousands of fields than for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import polars as pl

from datalife.engine import State
from datalife.stats import frequencies
from datalife.stats.analyzers import ANALYZERS, LENGTH, Analyzer, prepared
from datalife.stats.fields import Field
from datalife.stats.frequencies import Frequencies
from datalife.stats.stacks import alike
from datalife.stats.values import from_ordinals, is_ordered, one_zero, ordinals

FIELD = pl.col("field")
#: The type of the column `field`.
PLACE = pl.UInt32()
#: So many values tell whether hardly any text occurs twice.
SAMPLE = 10_000
#: So many pairs make a field long: what is best done for all fields together is then better done for each.
LONG = 10_000
#: Fields of one type are in so many blocks, if there are as many as FEW in each: one after the other takes less memory.
BLOCKS, FEW = 8, 3
NO_LENGTHS = pl.DataFrame(schema={"field": PLACE, "value": pl.Int64, "count": pl.Int64})


@dataclass(frozen=True)
class FieldState:
    """The state of one field: of its analyzers by name, its frequencies, the (value, count) pairs of text lengths."""

    analyzers: dict[str, dict[str, Any]]
    counts: Frequencies | None
    lengths: pl.DataFrame | None


@dataclass(frozen=True)
class Block:
    """Fields of one type. All values of a field are kept while there are at most `keep` different ones.

    A state is five long frames: `parts` with one row a field, `values`, `points` and `registers` as in `frequencies`,
    and the `lengths` of texts. Fields that are not counted have parts only.
    """

    fields: tuple[Field, ...]
    keep: int

    @property
    def dtype(self) -> pl.DataType:
        """The type of the fields."""
        return self.fields[0].dtype

    def tallies(self, frame: pl.DataFrame) -> dict[str, pl.Expr]:
        """Expressions of one list each: the pairs of a field of a shard, as structs."""
        return {
            field.key: (_rows(field) if self._is_varied(field, frame) else _pairs(field, frame.height)).implode()
            for field in self.fields
        }

    def _is_varied(self, field: Field, frame: pl.DataFrame) -> bool:
        """Whether hardly any value of a text occurs twice: comparing all of them would be in vain."""
        if self.dtype != pl.String or frame.height <= self.keep:
            return False
        sample = frame.head(SAMPLE).select(field.values).to_series().drop_nulls()
        return sample.n_unique() > len(sample) * 0.9

    def state(self, tallied: pl.DataFrame) -> State:
        """The state of a shard from the row that `tallies` gives."""
        pairs = prepared(_long(tallied.select(field.key for field in self.fields), self.dtype), self.dtype)
        expressions = {
            _part_name(analyzer, name): part
            for analyzer in analyzers_of(self.dtype)
            for name, part in analyzer.partials(pl.col("value"), pl.col("count"), self.dtype).items()
        }
        parts = _parts(pairs, expressions)
        if not self.fields[0].counted:
            return [parts, *self._no_counts, NO_LENGTHS]
        counted = ["field", "value", "count"] + ([LENGTH] if self.dtype == pl.String else [])
        present = pairs.select(counted).filter(pl.col("value").is_not_null())
        lengths = _lengths(present) if self.dtype == pl.String else NO_LENGTHS
        return [parts, *self._kept(present.select("field", "value", "count")), lengths]

    @cached_property
    def _nothing(self) -> Frequencies:
        """The frequencies of a field without values."""
        return frequencies.complete(pl.DataFrame(schema={"value": self.dtype, "count": pl.Int64}))

    @cached_property
    def _no_counts(self) -> State:
        return [_placed(frame, 0) for frame in self._nothing.frames()]

    def _kept(self, pairs: pl.DataFrame) -> State:
        """The frequencies of all fields in the size that is kept."""
        many = {place: rows for place, rows in _by_field(pairs).items() if rows.height > self.keep}
        return self._together(pairs, {place: self._sketched(rows) for place, rows in many.items()})

    def _sketched(self, pairs: pl.DataFrame) -> Frequencies:
        if self.dtype == pl.String and pairs.get_column("count").sum() == pairs.height:
            return frequencies.of_rows(pairs.get_column("value"), self.keep)
        return frequencies.merged([frequencies.complete(pairs)], self.keep)

    def _together(self, values: pl.DataFrame, sketched: dict[int, Frequencies]) -> State:
        """The frames of all fields: some with their own frequencies, the others with these values, all of theirs."""
        none = self._no_counts
        if not sketched:
            return [values, *none[1:]]
        is_other = pl.repeat(True, len(self.fields), eager=True).scatter(list(sketched), False)
        others = values.filter(is_other.gather(values.get_column("field")))
        frames = [[_placed(frame, place) for frame in found.frames()] for place, found in sketched.items()]
        return [pl.concat(each) for each in zip([others, *none[1:]], *frames, strict=True)]

    def merge(self, states: Sequence[State]) -> State:
        """The state of several shards together."""
        if len(states) == 1:
            return states[0]
        parts, values, _, registers, lengths = (pl.concat(each) for each in zip(*states, strict=True))
        combined = {
            _part_name(analyzer, name): part
            for analyzer in analyzers_of(self.dtype)
            for name, part in analyzer.combine(
                lambda name, analyzer=analyzer: pl.col(_part_name(analyzer, name))  # type: ignore[misc]
            ).items()
        }
        merged = parts.lazy().group_by("field").agg(**combined).sort("field").collect(engine="in-memory")
        merged = merged.select(parts.columns)  # an analyzer need not name its parts in one order
        on_a_line = is_ordered(self.dtype) or not _are_long(values)
        summed = _summed_on_a_line(values) if on_a_line else _summed(values)
        sizes = summed.group_by("field").len().filter(pl.col("len") > self.keep)
        many = {*sizes.get_column("field"), *registers.get_column("field").unique()}
        sides = [self._frequencies(state) for state in states] if many else []
        sketched = {place: frequencies.merged([side[place] for side in sides], self.keep) for place in sorted(many)}
        return [merged, *self._together(summed, sketched), _summed(lengths)]

    def split(self, state: State) -> dict[str, FieldState]:
        """The state of each field by its key."""
        analyzers = _by_analyzer(state[0])
        counts, lengths = self._frequencies(state), _by_field(state[4])
        is_text, nothing = self.dtype == pl.String, NO_LENGTHS.drop("field")
        return {
            field.key: FieldState(
                analyzers[place],
                counts[place] if field.counted else None,
                lengths.get(place, nothing) if is_text else None,
            )
            for place, field in enumerate(self.fields)
        }

    def _frequencies(self, state: State) -> list[Frequencies]:
        """The frequencies of each field."""
        frames, nothing = [_by_field(frame) for frame in state[1:4]], self._nothing.frames()
        return [
            Frequencies(*(found.get(place, none) for found, none in zip(frames, nothing, strict=True)))
            for place in range(len(self.fields))
        ]


def blocks_of(fields: Sequence[Field], keep: int) -> list[Block]:
    """The fields in blocks of one type each, in a few blocks of each type."""
    types = alike(fields, lambda field: (field.dtype, field.counted))
    return [Block(some, keep) for together in types for some in _cut(together)]


def _cut(fields: Sequence[Field]) -> Iterator[tuple[Field, ...]]:
    size = max(FEW, math.ceil(len(fields) / BLOCKS))
    for start in range(0, len(fields), size):
        yield tuple(fields[start : start + size])


def analyzers_of(dtype: pl.DataType) -> list[Analyzer]:
    """The analyzers of columns of this type."""
    return [analyzer for analyzer in ANALYZERS if analyzer.applies_to(dtype)]


def _part_name(analyzer: Analyzer, name: str) -> str:
    """The column that holds one part of one analyzer's state."""
    return f"{analyzer.name}|{name}"


def _by_analyzer(parts: pl.DataFrame) -> list[dict[str, dict[str, Any]]]:
    """Rows of parts as analyzer -> part -> value, a row a field."""
    names = [name.split("|") for name in parts.columns[1:]]
    found = []
    for _, *row in parts.iter_rows():
        state: dict[str, dict[str, Any]] = {}
        for (analyzer, part), value in zip(names, row, strict=True):
            state.setdefault(analyzer, {})[part] = value
        found.append(state)
    return found


def _by_field(frame: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The rows of each field, which lie together, in the memory of the frame."""
    field, *columns = frame.get_columns()
    rows, runs = pl.DataFrame(columns), field.rle().to_list()
    starts = accumulate((run["len"] for run in runs), initial=0)
    return {run["value"]: rows.slice(start, run["len"]) for run, start in zip(runs, starts, strict=False)}


def _placed(frame: pl.DataFrame, place: int) -> pl.DataFrame:
    return frame.select(pl.lit(place, dtype=PLACE).alias("field"), pl.all())


def _values(field: Field) -> pl.Expr:
    """What is counted of a field: its values; the lengths of lists; of what has no values of use, which are there."""
    if field.dtype == pl.List:
        return field.values.list.len().cast(pl.Int64)
    return field.values if field.counted else pl.when(field.values.is_not_null()).then(True)


def _pairs(field: Field, rows: int) -> pl.Expr:
    """The different values of a field, each with its count, by what is fastest for the type; floats may be ordinals."""
    if field.dtype in (pl.String, pl.Binary):
        return field.values.value_counts().struct.rename_fields(["value", "count"])
    values = ordinals(field.values) if field.dtype == pl.Float64 and rows > LONG else _values(field)
    return values.sort().rle().struct.rename_fields(["count", "value"])


def _rows(field: Field) -> pl.Expr:
    """Every value by itself."""
    return pl.struct(value=field.values, count=pl.lit(1, dtype=pl.UInt32))


def _long(tallied: pl.DataFrame, dtype: pl.DataType) -> pl.DataFrame:
    """A row with a list of pairs for each field of a type as (field, value, count), at least (field, null, 0)."""
    lists = tallied.unpivot(value_name="pair").select(pl.int_range(pl.len(), dtype=PLACE).alias("field"), "pair")
    pairs = lists.explode("pair", empty_as_null=True).unnest("pair")
    value = pl.col("value")
    if dtype.is_float():
        value = one_zero(value) if pairs.schema["value"].is_float() else from_ordinals(value)
    return pairs.select(pl.col("field").set_sorted(), value, pl.col("count").fill_null(0).cast(pl.Int64))


def _parts(pairs: pl.DataFrame, expressions: dict[str, pl.Expr]) -> pl.DataFrame:
    """A row of these for each field: for long fields one after the other, which is faster, for many fields together."""
    if not _are_long(pairs):
        return pairs.lazy().group_by("field", maintain_order=True).agg(**expressions).collect(engine="in-memory")
    each = _by_field(pairs).items()
    return pl.concat(rows.select(pl.lit(place, PLACE).alias("field"), **expressions) for place, rows in each)


def _are_long(pairs: pl.DataFrame) -> bool:
    """Whether fields have so many pairs that a query for each is faster than one for all."""
    return pairs.height >= max(1, pairs.get_column("field").n_unique()) * LONG


def _lengths(pairs: pl.DataFrame) -> pl.DataFrame:
    """The (field, value, count) pairs of the lengths of texts, of which few are different."""
    lengths = pairs.select("field", pl.col(LENGTH).cast(pl.Int64).alias("value"), "count")
    if not _are_long(lengths):
        return _summed_on_a_line(lengths)
    each = {place: rows.group_by("value").agg(pl.col("count").sum()) for place, rows in _by_field(lengths).items()}
    return pl.concat(_placed(rows.sort("value"), place) for place, rows in each.items())


def _summed(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.group_by("field", "value").agg(pl.col("count").sum()).sort("field", "value")


def _summed_on_a_line(pairs: pl.DataFrame) -> pl.DataFrame:
    """As `_summed`, for numbers and times, and for short fields: sorted one by one they need no rows as keys."""
    ordered = pairs.lazy().group_by("field").agg(pl.all().sort_by("value")).sort("field").explode("value", "count")
    is_last = pl.any_horizontal(pl.col(name) != pl.col(name).shift(-1) for name in ("field", "value")).fill_null(True)
    ends = ordered.with_columns(pl.col("count").cum_sum()).filter(is_last)
    count = pl.col("count") - pl.col("count").shift(1, fill_value=0)
    return ends.with_columns(count).collect(engine="in-memory")
