"""Temporary files go with the process that made them; where it was killed, with the next one that needs any."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from datalife import locks
from datalife.errors import OutputError
from datalife.locks import alone
from datalife.workspace import workspace
from tests.processes import fed, finished, run, until

DATALIFE = [sys.executable, "-m", "datalife"]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files, of this process and of those it starts."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    return folder


def test_what_a_killed_process_left_goes_with_the_next(scratch: Path) -> None:
    """A command that is killed while it reads a pipe leaves a folder; one that lives keeps its own."""
    os.mkfifo("pipe.csv")
    Path("packed.csv.gz").write_bytes(gzip.compress(b"a\n1\n"))
    killed = subprocess.Popen([*DATALIFE, "stats", "pipe.csv", "--isolated"])
    with fed(Path("pipe.csv"), killed), workspace() as alive:
        until(lambda: len(list(scratch.glob("*/*"))) == 1, "the pipe is read", killed)
        os.kill(killed.pid, signal.SIGKILL)
        finished(killed)
        assert len(list(scratch.glob("*/"))) == 2
        assert run([*DATALIFE, "stats", "packed.csv.gz", "--isolated", "-o", "out.json"]).returncode == 0
        assert list(scratch.glob("*/")) == [alive]
    assert list(scratch.iterdir()) == []


def test_a_file_system_without_locks_is_an_error(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody waits for the end of another run that there is not."""

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks, "_lock", refuse)
    with pytest.raises(OutputError, match="no temporary folder: No locks available"), workspace():
        pass
    with pytest.raises(OutputError, match=r"all\.json: cannot be locked: No locks available"), alone("all.json"):
        pass
