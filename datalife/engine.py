"""Where queries run: an engine takes a job over the shards of a dataset and returns its one merged state."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Protocol

import polars as pl

from datalife.sources.dataset import ROW, Dataset, Shard
from datalife.sources.faults import reading

State = list[pl.DataFrame]
#: Told after each shard, with its rows.
PROGRESS = logging.getLogger("datalife.progress")


class Job(Protocol):
    """Queries whose answers over shards merge into the answer over all rows."""

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """The queries over one shard: its columns by key, and `row`, the row's number over the whole data."""
        ...

    def merge(self, states: Sequence[State]) -> State:
        """The state of consecutive shards together, in their order; associative, same shape in and out.

        Of a single state, that state in the size that is kept.
        """
        ...


class Engine(Protocol):
    """Runs a job over a dataset."""

    def run(self, dataset: Dataset, job: Job) -> State:
        """The job's state over all rows; that of an empty shard where there are none."""
        ...


class LocalEngine:
    """One shard after the other, each on all cores; memory holds one shard and the states."""

    #: So many states are kept before they are merged.
    width = 16

    def run(self, dataset: Dataset, job: Job) -> State:
        """See Engine."""
        states: list[State] = []
        for shard in dataset.shards:
            states.append(run_shard(shard, job))
            PROGRESS.info("%d rows", shard.rows)
            if len(states) == self.width:
                states = [job.merge(states)]
        if not states:
            states = [_empty_state(dataset, job)]
        return job.merge(states)


def run_shard(shard: Shard, job: Job) -> State:
    """The job's state over one shard."""
    frame = shard.read(row=ROW).lazy()
    with reading(shard.where, "readable data"):
        return job.merge([pl.collect_all(job.queries(frame), engine="in-memory")])


def _empty_state(dataset: Dataset, job: Job) -> State:
    schema = {column.key: column.dtype for column in dataset.columns} | {ROW: pl.Int64()}
    return pl.collect_all(job.queries(pl.LazyFrame(schema=schema)), engine="in-memory")


class Together:
    """Several jobs as one, in one scan; `split` gives each its part of the state."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs
        self.sizes: list[int] = []

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        queries = [job.queries(frame) for job in self.jobs]
        self.sizes = [len(each) for each in queries]
        return [query for each in queries for query in each]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        parts = [self.split(state) for state in states]
        return [frame for place, job in enumerate(self.jobs) for frame in job.merge([part[place] for part in parts])]

    def split(self, state: State) -> list[State]:
        """The part of each job; after `queries`, which tells how many frames each one has."""
        ends = list(accumulate(self.sizes, initial=0))
        return [state[start:end] for start, end in pairwise(ends)]


def run_together(engine: Engine, dataset: Dataset, jobs: Sequence[Job]) -> list[State]:
    """The states of several jobs, in one scan over the data."""
    together = Together(jobs)
    return together.split(engine.run(dataset, together))
