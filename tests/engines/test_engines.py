"""The same work on every engine: the results of the local one, and clear ends where workers or data fail."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main
from datalife.engine import Engine, LocalEngine, run
from datalife.engines import ENGINES, open_engine
from datalife.errors import EngineError, SourceError
from datalife.sources.dataset import open_dataset
from tests.engines import jobs

#: Spark alone needs Java; it is tested wherever Java is.
NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, and there is no `java` here")
#: Of libraries that are not ours; some are about the versions of others.
pytestmark = [pytest.mark.filterwarnings("ignore")]


def names() -> list[object]:
    """The engines, each with all its tests in one process: its cluster is started once."""
    marks = {"spark": [NEEDS_JAVA]}
    return [
        pytest.param(name, id=name, marks=[pytest.mark.xdist_group(name), *marks.get(name, [])]) for name in ENGINES
    ]


@pytest.fixture(scope="module", params=names())
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of at least two workers that are processes of their own."""
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


def folder_of(path: Path, files: int = 20) -> Path:
    """A folder of Parquet files of ten rows each."""
    path.mkdir()
    for place in range(files):
        rows = range(10 * place, 10 * place + 10)
        frame = pl.DataFrame({"id": rows, "share": [1 / (1 + row) for row in rows], "zone": [f"z{row % 7}" for row in rows]})
        frame.write_parquet(path / f"{place:02}.parquet")
    return path


def test_states_are_merged_in_the_order_of_the_pieces(engine: Engine) -> None:
    """However many workers there are, the states arrive in order: here in a list of more than one level of merges."""
    assert engine.reduce(range(40), jobs.halves, jobs.joined) == LocalEngine().reduce(range(40), jobs.halves, jobs.joined)


def test_blocks_of_all_pieces_come_together(engine: Engine) -> None:
    """Each part of a shuffle sees its block of every piece, in their order."""
    expected = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    assert engine.shuffle(range(10), jobs.halves, jobs.joined, jobs.joined, 2) == expected


def test_a_killed_worker_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """A process that is killed in the middle of its shard is replaced, and every row is counted once."""
    dataset = open_dataset([str(folder_of(tmp_path / "rows"))], engine=engine)
    state = run(dataset, jobs.CountRows(tmp_path / "killed", deadly=95))
    assert (tmp_path / "killed").exists()
    assert state[0].get_column("row").to_list() == list(range(200))


def test_what_a_worker_cannot_read_is_an_error_that_names_it(engine: Engine) -> None:
    """An error of the core arrives as it was raised, with its place and its hint."""
    with pytest.raises(SourceError) as caught:
        engine.reduce(range(20), jobs.refuse, sum)
    [fault] = caught.value.faults
    assert (fault.where, fault.message, fault.hint) == ("three.csv:3", "is damaged", "fetch it again")


def test_work_that_kills_every_worker_ends(engine: Engine) -> None:
    """After a few tries the loss of workers is an error, not a wait without end; and the engine works on."""
    with pytest.raises(EngineError, match="the workers are lost"):
        engine.reduce([1], jobs.die, sum)
    assert engine.reduce([1, 2, 3], jobs.squared, sum) == 14
