"""One run at a time writes a file that grows: real processes, which wait for each other or are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from datalife.locks import alone
from tests.processes import PATIENCE, finished

ROOT = Path(__file__).parent.parent
HOLDER = """
import time
from datalife.locks import alone
from tests.processes import PATIENCE, finished
with alone("all.json"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, where processes find datalife."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def merging(place: int) -> subprocess.Popen[str]:
    """A process that merges a batch of its own into the one profile."""
    Path(f"{place}.csv").write_text(f"fare\n{place}.5\n")
    command = [sys.executable, "-m", "datalife", "stats", f"{place}.csv", "--merge-into", "all.json", "--isolated"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def test_of_runs_at_once_none_is_lost(folder: Path) -> None:
    """Four processes merge into one profile at the same time; it holds all four batches, and no lock is left."""
    running = [merging(place) for place in range(4)]
    said = [finished(each)[1] for each in running]
    assert ([each.returncode for each in running], "Traceback" in "".join(said)) == ([0, 0, 0, 0], False)
    found = json.loads(Path("all.json").read_text())
    assert (found["rows"], sorted(found["sources"])) == (4, ["0.csv", "1.csv", "2.csv", "3.csv"])
    assert sorted(path.name for path in folder.iterdir()) == ["0.csv", "1.csv", "2.csv", "3.csv", "all.json"]


def test_a_run_that_waits_says_so() -> None:
    """It begins when the one before has ended, and tells meanwhile what it waits for."""
    with alone("all.json"):
        process = merging(1)
        assert process.stderr is not None
        assert process.stderr.readline() == (
            "warning: all.json: another run is writing it; this one waits for its end\n"
        )
        assert not Path("all.json").exists()
    assert (finished(process)[1], process.returncode) == ("", 0)


def test_a_killed_run_locks_nobody_out(folder: Path) -> None:
    """The file that a killed process held is there still, but nobody holds it; the next run takes it away."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    os.kill(holder.pid, signal.SIGKILL)
    finished(holder)
    assert [path.name for path in folder.iterdir()] == [".all.json.lock"]
    assert finished(merging(1))[1] == ""
    assert sorted(path.name for path in folder.iterdir()) == ["1.csv", "all.json"]


def test_threads_that_come_and_go_are_never_in_the_block_together() -> None:
    """The file held is removed each time; whoever opened the one before must not take it for the one that counts."""
    inside, most = 0, []

    def work() -> None:
        nonlocal inside
        for _ in range(3):
            with alone("all.json"):
                inside += 1
                most.append(inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert most == [1] * 12
