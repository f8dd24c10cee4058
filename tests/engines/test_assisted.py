"""The engine of a command, which has two processes beside it for long work on many values."""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from datalife.engine import LocalEngine
from datalife.engines import open_engine
from datalife.engines.assisted import MANY, Assistants, AssistedEngine
from datalife.engines.processes import ProcessEngine
from datalife.errors import EngineError, OutputError, SourceError
from datalife.sources.model import ReadOptions
from datalife.stats.profile import profile
from datalife.workspace import PREFIX
from tests.engines import jobs
from tests.engines.data import folder_of

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


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of data that counts as much, the values of which count as too many to go from a process to another."""
    monkeypatch.setattr("datalife.engines.assisted.MANY", 4 * 10 * FILES)
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 5)
    return str(folder_of(tmp_path / "rows", FILES))


def test_long_work_on_many_values_is_done_by_two_processes(engine: AssistedEngine) -> None:
    """They are started when they are first needed, and are there for all that follows."""
    assert engine.alongside(MANY - 1) is engine
    assistants = engine.alongside(MANY)
    assert isinstance(assistants, Assistants)
    assert not assistants.shares_memory
    assert assistants.processes is None
    ran = assistants.reduce([1, 2, 3], jobs.process, jobs.joined)
    assert os.getpid() not in ran
    processes = assistants.processes
    assert isinstance(processes, ProcessEngine)
    assert processes.workers == 2
    assert engine.alongside(MANY + 1) is assistants
    assert assistants.reduce([1, 2, 3], jobs.squared, sum) == 14
    assert assistants.processes is processes


def test_one_processor_has_no_use_for_them(engine: AssistedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would only take turns."""
    monkeypatch.setattr("datalife.engines.workers.processors", lambda: 1)
    assert engine.alongside(MANY) is engine


def test_a_profile_is_the_same_with_and_without_them(
    engine: AssistedEngine, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    """To the last bit; and the progress is told, which the processes themselves tell nobody."""
    caplog.set_level(logging.INFO, "datalife.progress")
    assert profile([source], ReadOptions(), engine) == profile([source], ReadOptions(), LocalEngine())
    assert engine.assistants.processes is not None
    told = [f"0 of {10 * FILES} rows", *["10 rows"] * FILES]
    assert [record.getMessage() for record in caplog.records] == told * 2


@contextmanager
def no_process() -> Iterator[None]:
    """A system that starts none."""

    def refused(method: str) -> None:
        raise OSError(f"no {method}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiprocessing, "get_context", refused)
        yield


@contextmanager
def no_folder() -> Iterator[None]:
    """No folder for temporary files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", "/dev/null/none")
        yield


@contextmanager
def no_room() -> Iterator[None]:
    """A system where files stay as small as those of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        (no_process, "--engine: no process can be started"),
        (no_folder, "/dev/null/none: no temporary folder"),
        (no_room, f"{tempfile.gettempdir()}/{PREFIX}.*: a temporary file cannot be written"),
    ],
)
def test_a_system_that_does_not_let_them_work_is_no_reason_to_give_up(
    engine: AssistedEngine, source: str, lack: Callable[[], AbstractContextManager[None]], said: str
) -> None:
    """Threads do the work then; whoever asks for processes is told."""
    expected = profile([source], ReadOptions(), LocalEngine())
    with lack():
        assert profile([source], ReadOptions(), engine) == expected
        assert engine.assistants.processes is None
        with pytest.raises((EngineError, OutputError), match=said) as caught, closing(open_engine("processes")) as told:
            profile([source], ReadOptions(), told)
        assert caught.value.faults[0].hint is not None


def test_a_fault_of_the_data_is_told_once(engine: AssistedEngine) -> None:
    """Threads would only find it again."""
    with pytest.raises(SourceError, match="is damaged"):
        engine.alongside(MANY).reduce([1, 2, 3], jobs.refuse, sum)
    assert engine.assistants.processes is not None
