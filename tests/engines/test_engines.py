"""The same work on every engine: the results of the local one, and clear ends where workers or data fail."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import dask
import polars as pl
import pytest

from datalife.drift.compare import DiffOptions, diff
from datalife.drift.rows import Keyed
from datalife.engine import Engine, LocalEngine, Shuffle, run
from datalife.engines import ENGINES, open_engine
from datalife.errors import EngineError, SourceError
from datalife.labels.intake import Sources
from datalife.labels.join import join_labels
from datalife.labels.model import JoinOptions, OutputFiles
from datalife.schema.infer import infer_schema
from datalife.schema.inference.model import InferOptions
from datalife.schema.lint import load_schema
from datalife.schema.run import Request as Validation
from datalife.schema.run import run as validate
from datalife.sources.dataset import open_dataset
from datalife.stats.profile import profile
from datalife.stats.request import Request
from tests.engines import jobs
from tests.engines.data import folder_of
from tests.labels.joining import contents

#: Spark alone needs Java; it is tested wherever Java is.
NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, and there is no `java` here")
#: Of libraries that are not ours; some are about the versions of others.
pytestmark = [pytest.mark.filterwarnings("ignore")]


def names() -> list[object]:
    """The engines with workers, each with all its tests in one process: its cluster is started once."""
    marks = {"spark": [NEEDS_JAVA]}
    return [
        pytest.param(name, id=name, marks=[pytest.mark.xdist_group(name), *marks.get(name, [])])
        for name in ENGINES
        if name != "local"
    ]


@pytest.fixture(scope="module", params=names())
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of at least two workers that are processes of their own."""
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"})  # as if it took long to start one again
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path.cwd()), *([before] if before else [])])
    with contextlib.closing(open_engine(request.param, two_workers(request.param))) as opened:
        yield opened
    os.environ.pop("PYTHONPATH")
    if before:
        os.environ["PYTHONPATH"] = before


def two_workers(name: str) -> str | None:
    """The address that gives two workers even where a machine has one processor."""
    return "local-cluster[2,1,1024]" if name == "spark" else None


def test_states_are_merged_in_the_order_of_the_pieces(engine: Engine) -> None:
    """However many workers there are, the states arrive in order: here in a list of more than one level of merges."""
    pieces = range(18)
    assert engine.reduce(pieces, jobs.halves, jobs.joined) == LocalEngine().reduce(pieces, jobs.halves, jobs.joined)


def test_blocks_of_all_pieces_come_together(engine: Engine) -> None:
    """Each part of a shuffle sees its block of every piece, in their order."""
    expected = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    assert engine.shuffle(range(10), Shuffle(jobs.halves, jobs.joined, jobs.joined, 2)) == expected


def test_a_killed_worker_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """A process that is killed in the middle of its shard is replaced, and every row is counted once."""
    dataset = open_dataset([str(folder_of(tmp_path / "rows"))], engine=engine)
    state = run(dataset, jobs.CountRows(tmp_path / "killed", deadly=35))
    assert (tmp_path / "killed").exists()
    assert state[0].get_column("row").to_list() == list(range(60))


@dataclass(frozen=True)
class Deadly:
    """An engine of which one worker is killed when it has done a piece and before it can tell."""

    engine: Engine
    marker: Path
    shares_memory: bool = False

    def reduce(self, pieces: Sequence[Any], work: Callable[[Any], Any], merge: Callable[[Sequence[Any]], Any]) -> Any:
        """See Engine."""
        return self.engine.reduce(pieces, partial(jobs.die_after, self.marker, work), merge)

    def shuffle(self, pieces: Sequence[Any], by: Shuffle[Any, Any, Any]) -> Any:
        """See Engine."""
        return self.engine.shuffle(pieces, by)

    def close(self) -> None:
        """See Engine."""


def test_a_worker_killed_while_it_divides_rows_changes_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had written is done again elsewhere, and counts once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datalife.labels.partitions.ROWS", 50)
    write_sides()
    assert joined(Deadly(engine, tmp_path / "killed"), [2]) == joined(LocalEngine(), [2])
    assert (tmp_path / "killed").exists()


SCHEMA = """
version: 1
columns:
  id: {type: integer, unique: true}
  share: {type: float, min: 0.05}
  zone: {type: string, domain: [z0, z1, z2, z3, z4, z5]}
  size: {type: string}
checks:
  - {name: small, expect: share * id < 0.9}
"""


def validated(engine: Engine) -> str:
    """The report about the folder `rows`, and the rows that fail."""
    Path("schema.yaml").write_text(SCHEMA)
    report = validate(Validation(("rows",), load_schema("schema.yaml"), failing_rows="failing.csv", engine=engine))
    return report.model_dump_json() + Path("failing.csv").read_text()


def told(engine: Engine) -> str:
    """The profile of the folder `rows`, with all that is asked of the rows together, and of its slices."""
    request = Request(by=("zone",), label="zone", correlations=True)
    return profile(["rows"], engine=engine, request=request).model_dump_json()


def joined(engine: Engine, days: Sequence[int] = (1, 2)) -> str:
    """The accounts of runs over the rows of `write_sides`, and every file that they leave."""
    folder = Path("joined")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    files = {name: str(folder / f"{name}.csv") for name in ("pending", "orphans", "rejected", "late")}
    options = JoinOptions(
        key=[("id", "id")],
        prediction_time="served",
        feedback_time="clicked",
        label="label",
        feedback_id="event",
        window="20m",
    )
    said = ""
    for day in days:
        outputs = OutputFiles(output=str(folder / f"{day}.parquet"), state=str(folder / "state"), **files)
        sources = Sources([f"served-{day}*.csv"], [f"clicks-{day}*.csv"], engine=engine)
        said += join_labels(sources, options, outputs).model_dump_json()
    return said + str(contents(folder))


def write_sides() -> None:
    """Both sides for two runs, in three files each: some events are named twice under two keys, some rows are refused.

    The second run has again a prediction of the first that is open, and a few that only `x` tells apart.
    """
    for day, start in ((1, 0), (2, 50)):
        numbers = [*range(start, start + 60), start, start]
        rows = [(number % 110 or None, f"2026-01-01T{number // 60:02}:{number % 60:02}:00") for number in numbers]
        served = pl.DataFrame(rows, ["id", "served"], orient="row").with_columns(x=pl.int_range(pl.len()) // 7)
        clicks = served[::3].select("id", clicked="served", label=pl.lit(day), event=pl.int_range(pl.len()) // 2)
        for part in range(3):
            served[part * 25 : part * 25 + 25].write_csv(f"served-{day}-{part}.csv")
            clicks[part * 8 : part * 8 + 8].write_csv(f"clicks-{day}-{part}.csv")


def compared(engine: Engine) -> str:
    """The rows of a folder against some of them changed, moved, doubled and gone, in several parts."""
    rows = pl.read_parquet("rows/*.parquet").with_row_index("key")
    moved = rows.sort("zone", "key").with_columns(share=pl.when(pl.col("key") % 7 != 0).then("share"))
    changed = moved.with_columns(zone=pl.col("zone").replace({"z1": "z2", "z3": "z4"}))
    rows.write_parquet("before.parquet")
    pl.concat([changed[5:], changed[10:12]]).write_parquet("after.parquet")
    options = DiffOptions(engine=engine, keyed=Keyed(("key",), rows_output="differing.csv"), label="zone")
    return diff("before.parquet", "after.parquet", options).model_dump_json() + Path("differing.csv").read_text()


VERBS: dict[str, Callable[[Engine], str]] = {
    "stats": told,
    "infer-schema": lambda engine: infer_schema(["rows"], InferOptions(engine=engine)).text,
    "validate": validated,
    "diff": lambda engine: diff("rows", "rows/01.parquet", DiffOptions(engine=engine)).model_dump_json(),
    "diff --key": compared,
    "label-join": joined,
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_result_is_that_of_the_local_engine(
    verb: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result does not tell which engine did the work: every byte of it is the same."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("drift.spread.CELLS", 100), ("labels.partitions.ROWS", 50), ("labels.run.SIDE_BY_SIDE", 1)):
        monkeypatch.setattr(f"datalife.{name}", value)  # several parts, of few rows
    folder_of(tmp_path / "rows")
    write_sides()
    assert VERBS[verb](engine) == VERBS[verb](LocalEngine())


def test_what_a_worker_cannot_read_is_an_error_that_names_it(engine: Engine) -> None:
    """An error of the core arrives as it was raised, with its place and its hint."""
    with pytest.raises(SourceError) as caught:
        engine.reduce(range(5), jobs.refuse, sum)
    [fault] = caught.value.faults
    assert (fault.where, fault.message, fault.hint) == ("three.csv:3", "is damaged", "fetch it again")


def test_work_that_kills_every_worker_ends(engine: Engine) -> None:
    """After a few tries the loss of workers is an error, not a wait without end; and the engine works on."""
    with pytest.raises(EngineError, match="the workers are lost"):
        engine.reduce([1], jobs.die, sum)
    assert engine.reduce([1, 2, 3], jobs.squared, sum) == 14


def test_work_that_fails_leaves_nothing_to_do(engine: Engine) -> None:
    """The errors of pieces that nobody waits for any more are not those of the next work."""
    with pytest.raises(TypeError):
        engine.reduce(["a", "b", "c", "d", "e", "f", "g", "h"], jobs.squared, sum)
    assert engine.reduce([1, 2, 3], jobs.squared, sum) == 14


def test_pieces_in_threads_keep_their_order() -> None:
    """Two pieces are worked on at once; what they give comes in their order, however long each takes."""
    both = threading.Barrier(2, timeout=10)

    def slow_at_first(number: int) -> list[int]:
        if number < 2:
            both.wait()
        time.sleep(0.02 * (3 - number))
        return [number]

    assert LocalEngine().reduce(range(4), slow_at_first, jobs.joined) == [0, 1, 2, 3]


def test_the_first_bad_piece_is_told() -> None:
    """Of several pieces that fail, the error is that of the first, and pieces behind it are not begun."""
    begun = []

    def refuse(number: int) -> int:
        begun.append(number)
        time.sleep(0.05 if number == 1 else 0)
        raise SourceError(f"{number}.csv", "is damaged")

    with pytest.raises(SourceError, match=r"1\.csv"):
        LocalEngine().reduce(range(1, 100), refuse, sum)
    assert len(begun) <= 4


class Elsewhere(LocalEngine):
    """An engine that does not see what lies in the folder for temporary files."""

    def reduce(self, pieces: Sequence[Any], work: Callable[[Any], Any], merge: Callable[[Sequence[Any]], Any]) -> Any:
        """See Engine."""
        for folder in Path(tempfile.gettempdir()).glob("datalife-scratch-*[!k]"):
            shutil.rmtree(folder)
        return super().reduce(pieces, work, merge)


def test_workers_that_do_not_see_the_partitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for temporary files that this machine has alone is one error that says what to do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    write_sides()
    with pytest.raises(EngineError) as caught:
        joined(Elsewhere())
    [fault] = caught.value.faults
    assert fault.message == "a worker does not see this file or folder"
    assert fault.hint == "set TMPDIR to a folder that all machines share"


def test_threads_end_with_work_that_fails() -> None:
    """They do not live on in what the error holds, until garbage is collected in the middle of anything else."""
    threads = set()

    def halves(number: int) -> list[list[int]]:
        threads.add(threading.current_thread())
        return jobs.halves(number)

    with pytest.raises(ZeroDivisionError) as caught:
        LocalEngine().reduce(range(100), halves, lambda states: [[len(states) // 0]])
    assert [thread for thread in threads if thread.is_alive()] == [], caught
