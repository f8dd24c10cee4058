"""How groups of rows are represented: their share, their labels, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from datalife.engine import State
from datalife.errors import UsageError
from datalife.sources.dataset import Column, Dataset
from datalife.stats.analyzers import finite, real
from datalife.stats.associations import FEW
from datalife.stats.combinations import ROWS, TOO_MANY
from datalife.stats.hints import FEW_ROWS, hints_of_slice
from datalife.stats.model import Fairness, GroupProfile, LabelRate
from datalife.stats.values import is_number, json_rows, to_json

LABEL, LABELS, MEAN, SUM = "label", "labels", "mean", "sum"


@dataclass(frozen=True)
class Subject:
    """The columns that make the groups, the label, and the columns whose missing values are compared."""

    group: tuple[Column, ...]
    label: Column
    others: tuple[Column, ...]

    @property
    def keys(self) -> list[str]:
        """The keys of the group columns."""
        return [column.key for column in self.group]

    @property
    def numbers(self) -> pl.Expr:
        """The label as floats, missing where it is no finite number."""
        if not is_number(self.label.dtype) and self.label.dtype != pl.Boolean:
            return pl.lit(None, dtype=pl.Float64)
        return finite(pl.col(self.label.key).cast(pl.Float64), pl.Float64())


class Groups:
    """The job behind `fairness`.

    The state is two frames: of each group (by key) its `rows`, its `labels` present, their `sum` and the missing
    values of every other column; and of each group and label its rows, none once they are TOO_MANY.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.sums = [ROWS, LABELS, SUM, *(f"{column.key}|null" for column in subject.others)]

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        label = pl.col(self.subject.label.key)
        groups = (
            frame.with_columns(self.subject.numbers.alias(MEAN))
            .group_by(pl.col(self.subject.keys))
            .agg(
                pl.len().cast(pl.Int64).alias(ROWS),
                label.count().cast(pl.Int64).alias(LABELS),
                pl.col(MEAN).sum().alias(SUM),
                *(
                    pl.col(each.key).null_count().cast(pl.Int64).alias(f"{each.key}|null")
                    for each in self.subject.others
                ),
            )
        )
        named = frame.select(*self.subject.keys, label.alias(LABEL)).filter(pl.col(LABEL).is_not_null())
        return [groups, named.group_by(*self.subject.keys, LABEL).agg(pl.len().cast(pl.Int64).alias(ROWS))]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        groups = pl.concat([state[0] for state in states]).group_by(self.subject.keys).agg(pl.col(self.sums).sum())
        if groups.height > TOO_MANY:
            raise UsageError("--group", f"more than {TOO_MANY:,} groups", "choose columns with few different values")
        labels = pl.concat([state[1] for state in states])
        labels = labels.group_by(*self.subject.keys, LABEL).agg(pl.col(ROWS).sum())
        is_cut = labels.height > TOO_MANY or any(_is_cut(state) for state in states)
        return [groups, labels.clear() if is_cut else labels]


def _is_cut(state: State) -> bool:
    return state[1].is_empty() and bool(state[0].get_column(LABELS).sum())


def subject_of(dataset: Dataset, group: tuple[Column, ...], label: Column) -> Subject:
    """What is compared: every column but those that make the groups, and the label."""
    asked = {label.key, *(column.key for column in group)}
    return Subject(group, label, tuple(column for column in dataset.columns if column.key not in asked))


def fairness(subject: Subject, state: State) -> Fairness:
    """The groups, most rows first, and how far apart their labels are.

    The demographic parity difference is the largest difference between two groups of the rate of a label; of two
    labels both have the same. Source: Agarwal and others, "A reductions approach to fair classification", ICML
    2018. Groups with fewer than FEW_ROWS labels have no rate to speak of and are left aside.

    Raises:
        UsageError: the label is text with more values than can have a rate each.
    """
    groups, labels = state
    has_rates = 0 < labels.get_column(LABEL).n_unique() <= FEW or (labels.is_empty() and not _is_cut(state))
    if not has_rates and not is_number(subject.label.dtype):
        message = f"the label {subject.label.name!r} has more than {FEW} values"
        raise UsageError("--group", message, "compare groups by a number, or by a label with few values")
    ranked = groups.sort(ROWS, *subject.keys, descending=[True, *(False for _ in subject.keys)], nulls_last=True)
    total = int(ranked.get_column(ROWS).sum())
    found = list(_groups(subject, ranked, _counts(subject, labels) if has_rates else None, total))
    rates = _rates(found) if has_rates else [(each.label_mean, None, each.by) for each in found if _enough(each)]
    difference, value, between = _widest(rates)
    return Fairness(
        group=[column.name for column in subject.group],
        label=subject.label.name,
        demographic_parity_difference=difference,
        value=value,
        between=between,
        groups=found,
    )


Rate = tuple[float | None, Any, dict[str, Any]]


def _counts(subject: Subject, labels: pl.DataFrame) -> dict[tuple[Any, ...], dict[Any, int]]:
    """The rows of each label, in their order, by group as JSON has it."""
    ordered = labels.sort(LABEL)
    values = to_json(ordered.get_column(LABEL))
    groups = json_rows(ordered.select(subject.keys))
    found: dict[tuple[Any, ...], dict[Any, int]] = {}
    for group, value, rows in zip(groups, values, ordered.get_column(ROWS), strict=True):
        found.setdefault(group, dict.fromkeys(values, 0))[value] = rows
    return found


def _groups(
    subject: Subject, ranked: pl.DataFrame, counts: dict[tuple[Any, ...], dict[Any, int]] | None, total: int
) -> Iterator[GroupProfile]:
    named = json_rows(ranked.select(subject.keys))
    for by, row in zip(named, ranked.iter_rows(named=True), strict=True):
        rows, labels = row[ROWS], row[LABELS]
        keys: dict[str, Any] = {}
        if counts is None:
            keys["label_mean"] = real(row[SUM] / labels) if labels else None
        else:
            keys["label_rates"] = [
                LabelRate(value=value, count=count, rate=count / labels) for value, count in counts.get(by, {}).items()
            ]
        yield GroupProfile(
            by=dict(zip((column.name for column in subject.group), by, strict=True)),
            rows=rows,
            fraction=rows / total,
            label_count=labels,
            null_fractions={column.name: row[f"{column.key}|null"] / rows for column in subject.others},
            hints=hints_of_slice(rows),
            **keys,
        )


def _enough(group: GroupProfile) -> bool:
    return group.label_count >= FEW_ROWS


def _rates(groups: Sequence[GroupProfile]) -> list[Rate]:
    return [(each.rate, each.value, group.by) for group in groups if _enough(group) for each in group.label_rates or ()]


def _widest(rates: Sequence[Rate]) -> tuple[float | None, Any, list[dict[str, Any]]]:
    """The largest difference of a value's rates, the value, and the groups with the highest and the lowest one."""
    found: tuple[float | None, Any, list[dict[str, Any]]] = (None, None, [])
    for value in dict.fromkeys(value for _, value, _ in rates):
        own = [(rate, by) for rate, each, by in rates if each == value and rate is not None]
        if len(own) < 2:
            continue
        high, low = max(own, key=lambda each: each[0]), min(own, key=lambda each: each[0])
        # of two labels the later one, `true` or 1, is the one people speak of
        if found[0] is None or high[0] - low[0] >= found[0] - 1e-12:
            found = (high[0] - low[0], value, [high[1], low[1]])
    return found
