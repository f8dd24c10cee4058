"""Where work on data runs: an engine makes one state of many pieces; a job says what a piece of data is asked.

What an engine does is neither about data nor about statistics: it applies a function to pieces and merges what that
gives. The same tree of merges everywhere makes the results of all engines the same, to the last bit of a sum.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import polars as pl

if TYPE_CHECKING:
    from datalife.sources.dataset import Dataset, Shard

State = list[pl.DataFrame]
#: So many consecutive states are merged into one, again and again until one is left.
WIDTH = 8
#: So many pieces are worked on at once in this process.
AT_ONCE = 2
#: Told after each shard, with its rows.
PROGRESS = logging.getLogger("datalife.progress")
P = TypeVar("P")
B = TypeVar("B")
S = TypeVar("S")


@dataclass(frozen=True)
class Shuffle(Generic[P, B, S]):
    """How blocks are made of pieces, and one state of the blocks.

    `split` cuts a piece into so many `parts`; `work` makes a state of one part of all pieces, in their order; `merge`
    makes one of several states.
    """

    split: Callable[[P], Sequence[B]]
    work: Callable[[Sequence[B]], S]
    merge: Callable[[Sequence[S]], S]
    parts: int


class Engine(Protocol):
    """Runs a function on pieces, here or on the workers of a cluster.

    What is given to an engine can be pickled. Errors raised by a function are raised here as they are; the loss of a
    worker is not an error, and of all workers an EngineError. Where an engine `shares_memory` with its caller, large
    states need no travel.
    """

    shares_memory: bool

    def reduce(self, pieces: Sequence[P], work: Callable[[P], S], merge: Callable[[Sequence[S]], S]) -> S:
        """The states that `work` makes of the pieces (at least one), merged into one in the order of the pieces."""
        ...

    def shuffle(self, pieces: Sequence[P], by: Shuffle[P, B, S]) -> S:
        """Like `reduce`, over blocks that are made of the pieces."""
        ...

    def alongside(self, values: int) -> Engine:  # noqa: ARG002
        """The engine for work on pieces of so many values, the states of which are far smaller."""
        return self

    def close(self) -> None:
        """Lets go of the workers; what still runs is cancelled."""
        ...


def tree(states: Iterable[S], merge: Callable[[Sequence[S]], S]) -> S:
    """One state of several (at least one), by merges of WIDTH consecutive ones, each as soon as there are so many.

    No more than WIDTH states of each level are held. A state may as well be the promise of one.
    """
    levels: list[list[S]] = []
    for each in states:
        state = each
        for level in levels:
            level.append(state)
            if len(level) < WIDTH:
                break
            state = merge(level)
            level.clear()
        else:
            levels.append([state])
    rest: list[S] = []
    for level in levels:
        together = level + rest
        rest = [merge(together)] if len(together) > 1 else together
    return rest[0]


def ahead(work: Callable[[P], S], pieces: Sequence[P]) -> Generator[S, None, None]:
    """What `work` makes of the pieces, in their order; AT_ONCE are in work, each on all cores.

    Much of the work on a piece keeps a single core busy: a second piece makes use of the others. The error of a piece
    is raised in its turn; what is in work then comes to its end first. Whoever may leave before the last one closes
    this: a generator that is left lives until garbage is collected, and to end threads at any moment is to wait for
    locks that the same thread may hold.
    """
    threads = ThreadPoolExecutor(min(AT_ONCE, len(pieces)))
    begun: deque[Future[S]] = deque()
    try:
        for piece in pieces:
            begun.append(threads.submit(work, piece))
            if len(begun) > AT_ONCE:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        threads.shutdown(cancel_futures=True)


class LocalEngine(Engine):
    """Pieces in threads of this process; memory holds AT_ONCE of them and the states of an open branch."""

    shares_memory = True

    def reduce(self, pieces: Sequence[P], work: Callable[[P], S], merge: Callable[[Sequence[S]], S]) -> S:
        """See Engine."""
        with closing(ahead(work, pieces)) as states:
            return tree(states, merge)

    def shuffle(self, pieces: Sequence[P], by: Shuffle[P, B, S]) -> S:
        """See Engine; the blocks of all pieces are in memory together."""
        blocks = list(ahead(by.split, pieces))
        return tree(map(by.work, zip(*blocks, strict=True)), by.merge)

    def close(self) -> None:
        """See Engine."""


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


def run(dataset: Dataset, job: Job, *, has_small_states: bool = False) -> State:
    """The state of a job over all rows; that of an empty shard where there are none.

    It runs where the engine of the dataset says, to which it may matter that a shard's state is far smaller than it.
    """
    if not dataset.shards:
        return over_frame(job, dataset.empty.lazy())
    PROGRESS.info("%d of %d rows", 0, dataset.rows)
    engine = dataset.engine
    if has_small_states:
        engine = engine.alongside(dataset.rows * len(dataset.columns))
    return engine.reduce(dataset.shards, partial(over_shard, job), partial(_merged, job))


def over_shard(job: Job, shard: Shard) -> State:
    """The state of a job over one shard."""
    state = shard.ask(partial(over_frame, job))
    PROGRESS.info("%d rows", shard.rows)
    return state


def over_frame(job: Job, frame: pl.LazyFrame) -> State:
    """The state of a job over a frame of keys and ROW."""
    return _merged(job, [pl.collect_all(job.queries(frame), engine="in-memory")])


def _merged(job: Job, states: Sequence[State]) -> State:
    """One state of several; its texts have memory of their own.

    A few texts that polars took out of many keep the memory of all of these, here that of a whole shard.
    """
    return [_apart(frame) for frame in job.merge(states)]


def _apart(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [pl.col(name) + "" for name, dtype in frame.schema.items() if dtype == pl.String]
    others = [pl.col(name).bin.slice(0) for name, dtype in frame.schema.items() if dtype == pl.Binary]
    return frame.with_columns(texts + others) if texts or others else frame


class Together:
    """Several jobs as one, in one scan; `split` gives each its part of the state.

    A state begins with a frame of how many frames each job has, so that any process can split it.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        queries = [job.queries(frame) for job in self.jobs]
        sizes = pl.LazyFrame({"frames": [len(each) for each in queries]})
        return [sizes, *(query for each in queries for query in each)]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        parts = [self.split(state) for state in states]
        merged = [job.merge([part[place] for part in parts]) for place, job in enumerate(self.jobs)]
        return [states[0][0], *(frame for each in merged for frame in each)]

    def split(self, state: State) -> list[State]:
        """The part of each job."""
        ends = accumulate(state[0].get_column("frames"), initial=1)
        return [state[start:end] for start, end in pairwise(ends)]


def run_together(dataset: Dataset, jobs: Sequence[Job], *, has_small_states: bool = False) -> list[State]:
    """The states of several jobs, in one scan over the data; see `run`."""
    together = Together(jobs)
    return together.split(run(dataset, together, has_small_states=has_small_states))
