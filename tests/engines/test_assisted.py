"""The engine of a command, which has two processes beside it for long work on many values."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from datalife.engine import LocalEngine
from datalife.engines import open_engine
from datalife.engines.assisted import MANY, AssistedEngine
from datalife.engines.processes import ProcessEngine
from datalife.errors import EngineError
from datalife.sources.model import ReadOptions
from datalife.stats.profile import profile
from tests.engines import jobs

FILES = 9
pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the tests have but one."""
    monkeypatch.setattr("datalife.engines.workers.processors", lambda: 2)


@pytest.fixture
def engine() -> Iterator[AssistedEngine]:
    """The engine called `local`."""
    with closing(open_engine("local")) as opened:
        assert isinstance(opened, AssistedEngine)
        yield opened


def folder_of(path: Path) -> str:
    """A folder of Parquet files of ten rows and three columns."""
    path.mkdir()
    for place in range(FILES):
        rows = range(10 * place, 10 * place + 10)
        frame = pl.DataFrame(
            {"id": rows, "share": [1 / (1 + row) for row in rows], "zone": [f"z{row % 7}" for row in rows]}
        )
        frame.write_parquet(path / f"{place:02}.parquet")
    return str(path)


def test_long_work_on_many_values_is_done_by_two_processes(engine: AssistedEngine) -> None:
    """They are started when they are first needed, and are there for all that follows."""
    assert engine.alongside(MANY - 1) is engine
    assistants = engine.alongside(MANY)
    assert isinstance(assistants, ProcessEngine)
    assert (assistants.workers, assistants.shares_memory) == (2, False)
    assert engine.alongside(MANY + 1) is assistants
    assert assistants.reduce([1, 2, 3], jobs.squared, sum) == 14


def test_one_processor_has_no_use_for_them(engine: AssistedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would only take turns."""
    monkeypatch.setattr("datalife.engines.workers.processors", lambda: 1)
    assert engine.alongside(MANY) is engine


def test_a_profile_is_the_same_with_and_without_them(
    engine: AssistedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """To the last bit; and the progress is told, which the processes themselves tell nobody."""
    source = folder_of(tmp_path / "rows")
    caplog.set_level(logging.INFO, "datalife.progress")
    monkeypatch.setattr("datalife.engines.assisted.MANY", 3 * 10 * FILES)
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 5)
    assert profile([source], ReadOptions(), engine) == profile([source], ReadOptions(), LocalEngine())
    assert engine.assistants is not None
    told = [f"0 of {10 * FILES} rows", *["10 rows"] * FILES]
    assert [record.getMessage() for record in caplog.records] == told * 2


def test_a_system_that_starts_no_process_is_no_reason_to_give_up(
    engine: AssistedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads do the work then; whoever asks for processes is told."""

    def refused(method: str) -> None:
        raise OSError(f"no {method}")

    source = folder_of(tmp_path / "rows")
    monkeypatch.setattr("datalife.engines.assisted.MANY", 3 * 10 * FILES)
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 5)
    monkeypatch.setattr(multiprocessing, "get_context", refused)
    assert profile([source], ReadOptions(), engine).rows == 10 * FILES
    assert engine.assistants is None
    with closing(open_engine("processes")) as processes, pytest.raises(EngineError, match="no process can be started"):
        profile([source], ReadOptions(), processes)
