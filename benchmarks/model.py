"""What the same work would cost on a larger cluster: arithmetic on measured numbers, and what it takes for granted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

#: So many states are merged at a time, as the engines do.
WIDTH = 8
SIZES = {"1 TB": 1e12, "1 PB": 1e15}
PROCESSORS = (100, 1000)
HEAD = (
    "| data | rows | shards | processor time | 100 processors | 1,000 processors | driver | states travel | "
    "a unique key travels |\n" + "| --- " * 9 + "|"
)
JOIN_HEAD = (
    "| both sides | rows | partitions | processor time | 100 processors | 1,000 processors | driver | "
    "narrow rows travel |\n" + "| --- " * 8 + "|"
)


@dataclass(frozen=True)
class Inputs:
    """Measured by `inputs.py`: bytes, and seconds of one processor.

    Of a row of a table: `row_bytes` in Parquet, `key_bytes` of a key that is divided by hash. Of a shard: its
    `shard_rows`, the `shard_seconds` of its state, `shard_bytes` of the task that asks for it, `state_bytes` of its
    state. `merge_seconds` of WIDTH states, `task_seconds` of the driver for a shard, with its share of the merges, and
    `end_seconds` for the whole result. Of a row of either side of a join: `join_bytes` of its narrow form,
    `join_seconds` of dividing and settling it, `join_driver_seconds` of writing it. Of a partition, its `join_rows`; of
    what one task divides for one partition, `piece_seconds`; of what a run has for one shard, `slice_seconds`.
    """

    row_bytes: float
    shard_rows: float
    shard_seconds: float
    shard_bytes: float
    state_bytes: float
    merge_seconds: float
    task_seconds: float
    end_seconds: float
    key_bytes: float
    join_rows: float
    join_bytes: float
    join_seconds: float
    join_driver_seconds: float
    piece_seconds: float
    slice_seconds: float

    @classmethod
    def of(cls, measured: Mapping[str, float]) -> Inputs:
        """From all that was measured."""
        return cls(**{field.name: measured[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Run:
    """A profile of so many `rows` in so many `shards`: bytes that travel, and seconds.

    `processor` are those of all workers, `driver` those of the driver, `last` those of the last merges, beside which
    there is nothing else to do. `keys` are the bytes of one unique key.
    """

    rows: float
    shards: int
    processor: float
    driver: float
    last: float
    states: float
    keys: float

    def wall(self, processors: int) -> float:
        """Seconds by the clock: workers and driver are at it together, the last merges come after them."""
        return max(self.processor / processors, self.driver) + self.last


def profile_of(size: float, measured: Inputs) -> Run:
    """A profile of a Parquet file of so many bytes."""
    rows = size / measured.row_bytes
    shards = max(1, round(rows / measured.shard_rows))
    levels = list(merges_by_level(shards))
    return Run(
        rows,
        shards,
        processor=shards * measured.shard_seconds + sum(levels) * measured.merge_seconds,
        driver=shards * measured.task_seconds + measured.end_seconds,
        last=len(levels) * measured.merge_seconds,
        states=(shards + sum(levels)) * measured.state_bytes,
        keys=rows * measured.key_bytes,
    )


def merges_by_level(states: int) -> Iterator[int]:
    """How many merges each level of the tree has: of a single state nothing is made."""
    while states > 1:
        merges, alone = divmod(states, WIDTH)
        yield merges + (alone > 1)
        states = merges + (alone > 0)


@dataclass(frozen=True)
class Join:
    """A label join of so many rows on both sides; see Run."""

    rows: float
    partitions: int
    processor: float
    driver: float
    narrow: float

    def wall(self, processors: int) -> float:
        """Seconds by the clock: the driver writes what the workers have settled."""
        return self.processor / processors + self.driver


def join_of(size: float, measured: Inputs) -> Join:
    """A join of Parquet files of so many bytes together: as many tasks divide rows as there are partitions.

    The runs of some partitions are written together, so that about the square root of their number is left.
    """
    rows = size / measured.row_bytes
    partitions = math.ceil(rows / measured.join_rows)
    pieces = partitions * partitions * measured.piece_seconds
    slices = math.sqrt(partitions) * rows / measured.shard_rows * measured.slice_seconds
    return Join(
        rows,
        partitions,
        processor=rows * measured.join_seconds + pieces,
        driver=rows * measured.join_driver_seconds + 2 * partitions * measured.task_seconds + slices,
        narrow=rows * measured.join_bytes,
    )


def told(measured: Inputs) -> Iterator[str]:
    """The inputs, the tables and the assumptions as Markdown."""
    per_second = measured.shard_rows / measured.shard_seconds
    yield (
        f"Measured on this machine, of one processor: {per_second:,.0f} rows/s ({measured.row_bytes:.0f} bytes each); "
        f"a shard has {measured.shard_rows:,.0f} rows, its task {measured.shard_bytes / 1e3:.1f} kB and its state "
        f"{measured.state_bytes / 1e6:.1f} MB; {WIDTH} states are merged in {measured.merge_seconds:.2f} s; the driver "
        f"takes {measured.task_seconds * 1e3:.1f} ms for a shard, and makes the result of the last state in "
        f"{measured.end_seconds:.1f} s; a unique key is {measured.key_bytes:.1f} bytes a row; a join divides and "
        f"settles {1 / measured.join_seconds:,.0f} rows/s, {measured.join_bytes:.0f} bytes each, and takes "
        f"{measured.piece_seconds * 1e3:.2f} ms for what goes from one task to one partition; the driver writes "
        f"{1 / measured.join_driver_seconds:,.0f} rows/s, and takes {measured.slice_seconds * 1e3:.2f} ms for what a "
        "run of settled rows has for a shard."
    )
    yield f"\n`stats`, and what `validate` has to divide for one key:\n\n{HEAD}"
    for name, size in SIZES.items():
        run = profile_of(size, measured)
        walls = [duration(run.wall(count)) for count in PROCESSORS]
        cells = [name, count_of(run.rows), f"{run.shards:,}", duration(run.processor), *walls]
        yield row([*cells, duration(run.driver), bytes_of(run.states), bytes_of(run.keys)])
    yield f"\n`label-join`:\n\n{JOIN_HEAD}"
    for name, size in SIZES.items():
        join = join_of(size, measured)
        walls = [duration(join.wall(count)) for count in PROCESSORS]
        cells = [name, count_of(join.rows), f"{join.partitions:,}", duration(join.processor), *walls]
        yield row([*cells, duration(join.driver), bytes_of(join.narrow)])
    yield ASSUMPTIONS


ASSUMPTIONS = """
This is arithmetic, not a measurement. It takes for granted that

- every processor of the cluster is as fast as this one, and reads from the store as fast as from this disk's cache;
- all rows are like those of the benchmark, a shard has the same number of them, and every state is as large as that of
  one shard, which is so from 65,536 different values a column on;
- nobody straggles, no worker dies, and the network carries what travels while the processors work;
- a shard costs the driver what a task without work costs the client and the scheduler of Dask together;
- each task of a join divides as many rows as a partition has, for every partition a piece: their number grows with the
  square of the data.

Where the driver takes longer than its workers, more workers do not help: profile by days or folders then, and merge the
profiles (`stats monday.json tuesday.json`); join day by day, with `--state`."""


def row(cells: list[str]) -> str:
    """Cells as a row of a table."""
    return "| " + " | ".join(cells) + " |"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.1f} s"


def bytes_of(size: float) -> str:
    """Bytes in the unit that suits them."""
    for unit, length in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9)):
        if size >= length:
            return f"{size / length:,.1f} {unit}"
    return f"{size / 1e6:,.1f} MB"


def count_of(rows: float) -> str:
    """Very many rows in words."""
    return f"{rows / 1e12:,.1f} trillion" if rows >= 1e12 else f"{rows / 1e9:,.1f} billion"
