"""The scan behind a profile: everything that is asked of the data, as jobs that run together."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datalife.engine import Job, State, Together, run_together
from datalife.sources.dataset import Column, Dataset
from datalife.stats import frequencies
from datalife.stats.fields import Field, fields_of
from datalife.stats.glimpse import Glimpse
from datalife.stats.plan import Plan, rows_of
from datalife.stats.relations import Relations
from datalife.stats.request import Request
from datalife.stats.slices import KEEP, Sliced, Slices, Slots, slots_of
from datalife.stats.summary import Summary, Weight, columns_of
from datalife.stats.weighted import Weighted, refuse_bad_weights, weight_column

#: More values than there are: all are kept.
EVERYTHING = 1 << 62


class ColumnStatistics:
    """The job of what is told of each column by itself: its statistics, the weighted ones, and a glimpse of it."""

    def __init__(self, columns: Sequence[Column], weight: Column | None, keep: int | None = None) -> None:
        self.fields: tuple[Field, ...] = fields_of(columns)
        self.weight = weight
        self.glimpse = Glimpse(self.fields)
        self.weighted = Weighted(self.fields, weight, keep) if weight else None
        jobs: list[Job] = [Plan(self.fields, keep), self.glimpse]
        self.jobs = Together([*jobs, self.weighted] if self.weighted else jobs)

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        return self.jobs.queries(frame)

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        return self.jobs.merge(states)

    def summary(self, state: State, sources: Sequence[str], rows: int) -> Summary:
        """The summary of the rows that a state stands for."""
        plan, seen, *others = self.jobs.split(state)
        glances = self.glimpse.glances(seen)
        if self.weight is None or self.weighted is None:
            return Summary(rows, list(sources), columns_of(self.fields, plan, glances=glances))
        columns = columns_of(self.fields, plan, self.weighted.columns(others[0]), glances)
        return Summary(rows, list(sources), columns, Weight(self.weight.name, self.weighted.total(others[0])))


def scan(dataset: Dataset, request: Request) -> Summary:
    """The summary that answers the request: one scan over the data, after one of the slice columns alone.

    Both once more where the type guessed for a text column proves wrong.
    """
    return dataset.attempt(lambda data: _scanned(data, request))


def _scanned(dataset: Dataset, request: Request) -> Summary:
    weight = weight_column(dataset, request.weight) if request.weight else None
    every = ColumnStatistics(dataset.columns, weight, EVERYTHING if request.exact else None)
    slots = slots_of(dataset, request.by) if request.by else None
    sliced = [_sliced(dataset, slots, weight)] if slots else []
    relations = Relations(dataset, request)
    jobs: list[Job] = [every, relations.jobs, *(job for job, _ in sliced)]
    has_small_states = not (request.exact or relations.names) and _is_condensed(dataset)
    state, together, *others = run_together(dataset, jobs, has_small_states=has_small_states)
    plan, _, *weighted = every.jobs.split(state)
    if weight:
        refuse_bad_weights(weighted[0], dataset, weight.name)
    summary = every.summary(state, dataset.sources, _rows(dataset, plan))
    if slots:
        summary.slices = _slices(sliced[0], others[0], slots)
    summary.findings = relations.findings(together, summary.rows)
    return summary


def _is_condensed(dataset: Dataset) -> bool:
    """Whether the state of a shard is far smaller than the shard: of a column it has no more than KEEP values."""
    return dataset.rows >= 2 * frequencies.KEEP * len(dataset.shards)


def _rows(dataset: Dataset, state: State) -> int:
    return rows_of(state) if dataset.columns else dataset.rows


def _sliced(dataset: Dataset, slots: Slots, weight: Column | None) -> tuple[Sliced, ColumnStatistics]:
    """The job of the slices, and that of one slice: of all columns but those that make the slices."""
    keys = {column.key for column in slots.columns}
    each = ColumnStatistics([column for column in dataset.columns if column.key not in keys], weight, KEEP)
    return Sliced(each, slots, dataset.empty.lazy()), each


def _slices(jobs: tuple[Sliced, ColumnStatistics], state: State, slots: Slots) -> Slices:
    sliced, each = jobs
    rows = [*slots.frame.get_column("rows"), slots.gathered_rows]
    pieces = [each.summary(part, (), count) for part, count in zip(sliced.split(state), rows, strict=True)]
    names = tuple(column.name for column in slots.columns)
    rest = pieces[-1] if slots.gathered else None
    return Slices(names, dict(zip(slots.by(), pieces, strict=False)), rest, slots.gathered)
