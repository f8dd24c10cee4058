"""What is known of a dataset after one scan: the states of all its columns, which merge, compare and print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import polars as pl

from datalife.engine import State
from datalife.errors import SchemaError
from datalife.sources.types import common_type, logical_type, spoken_type
from datalife.stats import frequencies
from datalife.stats.blocks import analyzers_of
from datalife.stats.fields import Field
from datalife.stats.frequencies import Frequencies
from datalife.stats.glimpse import Glance
from datalife.stats.model import Correlations, Cross, Fairness, LabelAssociation, LabelSummary
from datalife.stats.plan import Plan
from datalife.stats.quantiles import Line
from datalife.stats.slices import Slices, merged_slices
from datalife.stats.stacks import alike, groups
from datalife.stats.traits import Traits, traits_of
from datalife.stats.values import is_ordered
from datalife.stats.weighted import WeightedColumn

NOTHING = pl.DataFrame(schema=frequencies.VALUES)


@dataclass
class Look:
    """A second look at the texts of a column that is almost of another type, markers of missing values left out.

    `count` texts were judged, `odd` of them do not fit; `examples` are the first (row, text) that do not.
    """

    count: int
    odd: int
    examples: list[tuple[int, str]]


@dataclass
class ColumnSummary:
    """One column (or field, or pool of items): the states of its statistics.

    `states` holds each analyzer's state by its name, `counts` the state of the frequencies; `lengths` the (value,
    count) pairs of text lengths in characters, None for other types; `children` the fields of a struct, or the one
    pool of a list's items. `weighted` are the weighted statistics, where rows have weights; `glance` is what was
    seen of a few rows, for columns of the data.
    """

    name: str
    dtype: pl.DataType
    states: dict[str, dict[str, Any]]
    counts: Frequencies
    lengths: pl.DataFrame | None = None
    children: tuple[ColumnSummary, ...] = ()
    weighted: WeightedColumn | None = None
    glance: Glance | None = None
    #: Known of data at hand alone: neither saved nor merged.
    look: Look | None = None

    @property
    def type(self) -> str:
        """The logical type."""
        return logical_type(self.dtype)

    @property
    def rows(self) -> int:
        """Rows, or items of a pool."""
        return int(self.states["presence"]["rows"])

    @property
    def null_count(self) -> int:
        """Values missing."""
        return int(self.states["presence"]["missing"])

    @property
    def count(self) -> int:
        """Values present."""
        return self.rows - self.null_count

    @property
    def nan_count(self) -> int:
        """NaN values."""
        return int(self.states.get("signs", {}).get("nan", 0))

    @property
    def inf_count(self) -> int:
        """Infinite values."""
        return int(self.states.get("signs", {}).get("inf", 0))

    @cached_property
    def frequencies(self) -> pl.DataFrame:
        """(value, count) of the values kept, NaN and infinities included; most frequent first, ties by value."""
        return frequencies.ranked(self.counts.values)

    @property
    def complete(self) -> bool:
        """Whether `frequencies` holds every value present."""
        return self.counts.complete

    @cached_property
    def points(self) -> pl.DataFrame | None:
        """(value, weight) of the finite numbers, ascending; times in seconds. None for what lies on no line.

        Exact while `complete`, else a sketch.
        """
        if not is_ordered(self.dtype):
            return None
        return frequencies.line(self.counts.values) if self.complete else self.counts.points

    @cached_property
    def line(self) -> Line:
        """The points as a line of quantiles and histograms; empty for what lies on no line."""
        return Line.of(self.points if self.points is not None else frequencies.empty_points())

    @cached_property
    def traits(self) -> Traits:
        """What the values kept of a text column are like."""
        return traits_of([self.counts.values])[0]

    def forget(self) -> None:
        """Lets go of what was worked out of the state, which takes far more memory; it can be worked out again."""
        for name in ("frequencies", "points", "line"):
            vars(self).pop(name, None)

    @property
    def distinct_count(self) -> int:
        """Distinct values present, within 2 % unless `distinct_exact`."""
        return self.counts.distinct

    @property
    def distinct_exact(self) -> bool:
        """Whether `distinct_count` is exact."""
        return self.complete

    @property
    def items(self) -> ColumnSummary | None:
        """The pooled items of a list."""
        return self.children[0] if self.children and self.type == "list" else None

    @property
    def fields(self) -> dict[str, ColumnSummary]:
        """The fields of a struct by their full name."""
        return {child.name: child for child in self.children} if self.type == "struct" else {}


@dataclass(frozen=True)
class Weight:
    """The column that holds the weights of the rows, and their sum."""

    column: str
    total: float


@dataclass(frozen=True)
class Findings:
    """What was asked of columns together. It rests on whole rows, which a summary does not keep: it does not merge."""

    label: LabelSummary | None = None
    associations: Mapping[str, LabelAssociation] = field(default_factory=dict)
    correlations: Correlations | None = None
    cross: Cross | None = None
    fairness: Fairness | None = None


@dataclass
class Summary:
    """A dataset after one scan; `weight`, `slices` and `findings` where they were asked for."""

    rows: int
    sources: list[str]
    columns: dict[str, ColumnSummary] = field(default_factory=dict)
    weight: Weight | None = None
    slices: Slices | None = None
    findings: Findings | None = None

    def merge(self, other: Summary) -> Summary:
        """The summary of the rows of both, without findings.

        A column that one side lacks is missing in all of its rows.

        Raises:
            SchemaError: a column has types that no one type holds, or only one side has weights or slices, or
                other ones.
        """
        weight, slices = _merged_weight(self.weight, other.weight), merged_slices(self.slices, other.slices)
        names = list(dict.fromkeys([*self.columns, *other.columns]))
        columns = {}
        for name in names:
            one, two = self.columns.get(name), other.columns.get(name)
            columns[name] = _merged(
                one or _absent(two, self.rows, _total(self.weight)),  # type: ignore[arg-type]
                two or _absent(one, other.rows, _total(other.weight)),  # type: ignore[arg-type]
            )
        sources = list(dict.fromkeys([*self.sources, *other.sources]))
        return Summary(self.rows + other.rows, sources, columns, weight, slices)


def _merged_weight(one: Weight | None, other: Weight | None) -> Weight | None:
    if (one and one.column) != (other and other.column):
        names = " and ".join("none" if each is None else each.column for each in (one, other))
        raise SchemaError("profile", f"weights do not merge: {names}", "profile all sources with the same --weight")
    return Weight(one.column, one.total + other.total) if one and other else None


def _total(weight: Weight | None) -> float | None:
    return weight.total if weight else None


def summary_of(fields: Sequence[Field], state: State, sources: Sequence[str], rows: int) -> Summary:
    """The summary that a finished plan stands for."""
    return Summary(rows, list(sources), columns_of(fields, state))


def columns_of(
    fields: Sequence[Field],
    state: State,
    weighted: Mapping[str, WeightedColumn] = MappingProxyType({}),
    glances: Mapping[str, Glance] = MappingProxyType({}),
) -> dict[str, ColumnSummary]:
    """The columns that a finished plan stands for, with what else is known of them by key of the field."""
    states = Plan(fields).split(state)

    def summarized(each: Field) -> ColumnSummary:
        found = states[each.key]
        return ColumnSummary(
            each.name,
            each.dtype,
            found.analyzers,
            found.counts or nothing(),
            found.lengths,
            tuple(summarized(child) for child in each.children),
            weighted.get(each.key),
            glances.get(each.key),
        )

    return {each.name: summarized(each) for each in fields}


def learn_traits(columns: Sequence[ColumnSummary]) -> None:
    """Tells text columns their traits: far faster than if each finds out for itself."""
    texts = [column for column in columns if column.type == "string" and "traits" not in vars(column)]
    for group in groups(texts, lambda column: column.counts.values.height):
        for column, traits in zip(group, traits_of([column.counts.values for column in group]), strict=True):
            column.traits = traits


def learn_lines(columns: Sequence[ColumnSummary]) -> None:
    """Tells columns of which all values are kept their lines, likewise."""
    kept = (column for column in columns if is_ordered(column.dtype) and column.complete)
    for together in alike(kept, lambda column: column.counts.values.schema["value"]):
        lines = frequencies.lines([column.counts.values for column in together])
        for column, line in zip(together, lines, strict=True):
            column.line = line


def nothing() -> Frequencies:
    """The frequencies of a column without values, or whose values are not counted."""
    return frequencies.complete(NOTHING)


def _absent(column: ColumnSummary, rows: int, weight: float | None) -> ColumnSummary:
    """A column of missing values only, of the same name; `weight` is that of its rows, where they have one."""
    presence = {"rows": rows, "missing": rows}
    weighted = None if weight is None else WeightedColumn.absent(weight)
    return ColumnSummary(column.name, pl.Null(), {"presence": presence}, nothing(), weighted=weighted)


def _merged(one: ColumnSummary, other: ColumnSummary) -> ColumnSummary:
    dtype = common_type(one.dtype, other.dtype)
    if dtype is None:
        message = (
            f"column {one.name!r} is {spoken_type(one.dtype)} in one profile and {spoken_type(other.dtype)} in another"
        )
        raise SchemaError("profile", message, "profiles merge where the types fit; profile the sources together")
    sides = [_as(side, dtype) for side in (one, other)]
    states = {}
    for analyzer in analyzers_of(dtype):
        rows = [side.states[analyzer.name] for side in sides if analyzer.name in side.states]
        together = pl.concat([pl.DataFrame([row]) for row in rows], how="diagonal_relaxed")
        parts = together.select(**analyzer.combine(pl.col))
        states[analyzer.name] = parts.row(0, named=True)
    lengths = [side.lengths for side in sides if side.lengths is not None]
    counts = [side.counts for side in sides if side.count]
    return ColumnSummary(
        one.name,
        dtype,
        states,
        frequencies.merged(counts) if counts else sides[0].counts,
        pl.concat(lengths).group_by("value").agg(pl.col("count").sum()).sort("value") if lengths else None,
        _merged_children(one, other),
        one.weighted.merge(other.weighted, dtype) if one.weighted and other.weighted else None,
        one.glance.merge(other.glance) if one.glance and other.glance else None,
    )


def _merged_children(one: ColumnSummary, other: ColumnSummary) -> tuple[ColumnSummary, ...]:
    if not one.children or not other.children:
        return one.children or other.children
    mine, theirs = ({child.name: child for child in side.children} for side in (one, other))
    return tuple(
        _merged(
            mine.get(name) or _absent(theirs[name], one.rows, _weight_of(one)),
            theirs.get(name) or _absent(mine[name], other.rows, _weight_of(other)),
        )
        for name in dict.fromkeys([*mine, *theirs])
    )


def _weight_of(column: ColumnSummary) -> float | None:
    return column.weighted.parts["total"] if column.weighted else None


def _as(column: ColumnSummary, dtype: pl.DataType) -> ColumnSummary:
    """The column with its values in a wider type."""
    if column.dtype == dtype:
        return column
    values = column.counts.values.with_columns(pl.col("value").cast(dtype)) if not dtype.is_nested() else NOTHING
    return replace(column, dtype=dtype, counts=replace(column.counts, values=values))
