"""What the model of a larger cluster rests on, measured: what a piece of the work costs one processor, and its bytes.

    POLARS_MAX_THREADS=1 python benchmarks/inputs.py FOLDER ROWS

The commands run on an engine that does what the engines of clusters do, one task after the other in this process,
and takes the time and the size of everything that would travel. FOLDER has the tables of `generate.py`; the numbers
are written to standard output as JSON.
"""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl

from datalife import profile
from datalife.engine import Engine, Shuffle, tree
from datalife.engines import open_engine
from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import JoinOptions, OutputFiles
from datalife.labels.partitions import ROWS, Division, Stack
from datalife.labels.runs import Runs, write_run
from datalife.labels.spreading import Spread
from datalife.schema.lint import load_schema
from datalife.schema.run import Request, run

HERE = Path(__file__).parent
#: Tasks without work, to see what handing one out costs.
TASKS = 1000
#: Rows of which each goes to another partition; and runs that are read side by side, in as many slices.
PIECES, RUNS = 2000, 50


class Watching(Engine):
    """An engine that does all the work here, and adds up seconds of the processor and bytes."""

    shares_memory = False

    def __init__(self) -> None:
        self.pieces = self.merges = 0
        self.work = self.merging = 0.0
        self.piece_bytes = self.state_bytes = self.block_bytes = self.file_bytes = 0

    def reduce(self, pieces: Sequence[Any], work: Callable[[Any], Any], merge: Callable[[Sequence[Any]], Any]) -> Any:
        """See Engine."""
        return tree([self._worked(work, piece) for piece in pieces], lambda states: self._merged(merge, states))

    def shuffle(self, pieces: Sequence[Any], by: Shuffle[Any, Any, Any]) -> Any:
        """See Engine."""
        blocks = [self._timed(by.split, piece) for piece in pieces]
        self.block_bytes += sum(size(block) for parts in blocks for block in parts)
        return tree([self._timed(by.work, part) for part in zip(*blocks, strict=True)], by.merge)

    def close(self) -> None:
        """See Engine."""

    def _worked(self, work: Callable[[Any], Any], piece: Any) -> Any:
        self.pieces += 1
        self.piece_bytes += size(piece)
        state = self._timed(work, piece)
        self.state_bytes += size(state)
        if isinstance(state, Spread):
            self.file_bytes += sum(path.stat().st_size for paths in state.files.values() for path in paths)
        return state

    def _timed(self, work: Callable[[Any], Any], argument: Any) -> Any:
        begun = time.process_time()
        found = work(argument)
        self.work += time.process_time() - begun
        return found

    def _merged(self, merge: Callable[[Sequence[Any]], Any], states: Sequence[Any]) -> Any:
        self.merges += 1
        begun = time.process_time()
        found = merge(states)
        self.merging += time.process_time() - begun
        return found


def size(value: Any) -> int:
    """The bytes of a value that travels."""
    return len(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def of_stats(table: Path, rows: int) -> dict[str, float]:
    """A profile: shards, states and merges."""
    engine, begun = Watching(), time.process_time()
    profile([str(table)], engine=engine)
    rest = time.process_time() - begun - engine.work - engine.merging
    return {
        "row_bytes": table.stat().st_size / rows,
        "shard_rows": rows / engine.pieces,
        "shard_seconds": engine.work / engine.pieces,
        "shard_bytes": engine.piece_bytes / engine.pieces,
        "state_bytes": engine.state_bytes / engine.pieces,
        "merge_seconds": engine.merging / max(engine.merges, 1),
        "end_seconds": rest,
    }


def of_keys(table: Path, rows: int) -> dict[str, float]:
    """A validation with a unique key: what is divided by hash, and the seconds of it all."""
    engine = Watching()
    run(Request((str(table),), load_schema(str(HERE / "schema.yaml")), engine=engine))
    return {"key_bytes": engine.block_bytes / rows, "validate_seconds": engine.work / rows}


def of_join(folder: Path, rows: int) -> dict[str, float]:
    """A join: the narrow rows of both sides, the seconds of dividing and settling them, and those of the driver."""
    sides = [str(folder / f"{kind}-{rows}.parquet") for kind in ("predictions", "events")]
    engine = Watching()
    options = JoinOptions(
        key=[("request_id", "request_id")],
        prediction_time="served_at",
        feedback_time="clicked_at",
        label="clicked",
        window="7d",
        implicit_label="0",
    )
    begun = time.process_time()
    with tempfile.TemporaryDirectory(prefix="datalife-bench-") as output:
        join_labels(Sources(sides[:1], sides[1:], engine=engine), options, OutputFiles(output=f"{output}/o.parquet"))
    own = time.process_time() - begun - engine.work - engine.merging
    both = rows + rows * 2 // 5
    return {
        "join_rows": float(ROWS),
        "join_bytes": engine.file_bytes / both,
        "join_seconds": engine.work / both,
        "join_driver_seconds": own / both,
    }


def of_pieces() -> dict[str, float]:
    """What few rows cost beside the rows: written to their partition and read there; read beside other runs."""
    frame = pl.DataFrame({"number": range(PIECES), "k0": [f"{number:032}" for number in range(PIECES)]})
    with tempfile.TemporaryDirectory(prefix="datalife-bench-") as folder:
        begun = time.process_time()
        paths = Division(Path(folder), PIECES).write(frame, frame.get_column("number"))
        for number in range(PIECES):
            Stack(frame.clear(), paths).part(number)
        divided = time.process_time()
        runs = [Path(folder, f"run-{number}") for number in range(RUNS)]
        for path in runs:
            write_run(frame, path, "number")
        for _ in Runs(runs, "number").cut(frame.get_column("number").gather_every(PIECES // RUNS)):
            pass
        read = time.process_time()
    return {"piece_seconds": (divided - begun) / PIECES, "slice_seconds": (read - divided) / RUNS**2}


def nothing(piece: int) -> int:
    """A task without work."""
    return piece


def of_tasks() -> dict[str, float]:
    """What handing out a task costs the driver: the client and the scheduler of Dask are both in this process."""
    with closing(open_engine("dask")) as engine:
        engine.reduce(range(8), nothing, len)
        begun = time.process_time()
        engine.reduce(range(TASKS), nothing, len)
        return {"task_seconds": (time.process_time() - begun) / TASKS}


def main() -> None:
    """The command line."""
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    table = folder / f"trips-{rows}.parquet"
    found = of_stats(table, rows) | of_keys(table, rows) | of_join(folder, rows) | of_pieces() | of_tasks()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
