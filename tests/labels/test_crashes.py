"""Runs that are killed at any instant, and runs at the same time: nothing twice, nothing lost, the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.labels.joining import contents, join, read, write
from tests.processes import finished, until

FILES = ("pending", "orphans", "rejected", "late")
#: Rows of a first run and of a second one, which writes something to each of its files and to each table of the state.
FIRST = [{"id": "a", "t": 0, "x": [1]}, {"id": "b", "t": 5, "x": [2]}]
EVENTS = [{"id": "b", "t": 9, "label": 1}, {"id": "z", "t": 9, "label": 1}]
LATER = [{"id": "c", "t": 12, "x": [3]}, {"id": "d", "t": 28, "x": [4]}, {"id": None, "t": 28, "x": [5]}]
MORE = [{"id": "a", "t": 3, "label": 7}, {"id": "c", "t": 13, "label": 2}, {"id": "c", "t": 13, "label": None}]
SOURCES = ["label-join", "predictions.ndjson", "--feedback", "feedback.ndjson"]
RULES = ["--key", "id", "--prediction-time", "t", "--feedback-time", "t", "--label", "label", "--window", "10s"]
COMMAND = [*SOURCES, *RULES, "--state", "state", "-o", "output.ndjson", "--isolated"]
SIDES = [word for name in FILES for word in (f"--{name}", f"{name}.ndjson")]

#: For each line `folder instant where` runs the command in that folder and kills it just before so many changes of the
#: file system, within the folder for temporary files or outside of it; answers with the exit code. A frame that is
#: written to a lasting file is a change too, so that files are killed half-written. Each run is a fork of a process
#: that has imported everything and run nothing. One that is killed over its temporary files has several partitions.
DEADLY = """
import os, signal, sys, tempfile
from datalife.cli import main
from datalife.labels import join, partitions, state
from datalife.sources.writing import Frames, write_frames
os.fsync = lambda descriptor: None
def run(folder, instant, where):
    signal.alarm(100)  # nobody waits for ever for its exit code
    os.chdir(folder)
    partitions.ROWS = 4 if where == "temporary" else 1000
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    tempfile.tempdir = folder + "-temporary"
    left = int(instant)
    def change(inside):
        nonlocal left
        left -= inside == (where == "temporary")
        if left == 0 and inside == (where == "temporary"):
            os.kill(os.getpid(), signal.SIGKILL)
    def audited(event, details):
        writes = event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"):
            change(str(details[0]).startswith(tempfile.tempdir))
    def counted(frames):
        for frame in frames:
            yield frame
            change(False)
    def written(rows, target):
        write_frames(Frames(counted(rows.frames), rows.schema), target)
    join.write_frames = state.write_frames = written
    sys.addaudithook(audited)
    os._exit(main(sys.argv[1:]))
for line in sys.stdin:
    child = os.fork() or run(*line.split())
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Deadly = Callable[..., int]


def temporary(folder: Path) -> Path:
    """The folder for temporary files of the runs in a folder."""
    return folder.with_name(f"{folder.name}-temporary")


@pytest.fixture(scope="module")
def deadly() -> Iterator[Deadly]:
    """Gives the exit code of a run in a folder that is killed at an instant; 0 lets it live."""
    command = [sys.executable, "-c", DEADLY, *COMMAND, *SIDES, "--as-of", "30", "-q"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(folder: Path, instant: int, where: str = "lasting") -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        temporary(folder).mkdir(exist_ok=True)
        print(folder, instant, where, file=process.stdin, flush=True)
        return int(process.stdout.readline())

    yield run
    finished(process)


@pytest.fixture
def after_first(tmp_path: Path) -> Path:
    """A folder in which one run has finished, and the rows of the next one are waiting."""
    folder = tmp_path / "first"
    folder.mkdir()
    join(folder, FIRST, EVENTS, as_of="14", state=True, files=FILES)
    write(folder / "predictions.ndjson", LATER)
    write(folder / "feedback.ndjson", MORE)
    return folder


def test_every_file_has_something_to_lose(after_first: Path, deadly: Deadly) -> None:
    """The run that is killed below writes rows to each of its files, and another generation of the state."""
    assert deadly(after_first, 0) == 0
    assert {name: len(read(after_first / f"{name}.ndjson")) for name in ("output", *FILES)} == {
        "output": 2,
        "pending": 1,
        "orphans": 1,
        "rejected": 2,
        "late": 1,
    }
    assert (after_first / "state/current").read_text() == "generation-000002\n"


@pytest.mark.parametrize(("where", "instants", "stride"), [("lasting", 40, 1), ("temporary", 15, 3)])
def test_a_kill_at_any_instant_changes_nothing(
    after_first: Path, tmp_path: Path, deadly: Deadly, where: str, instants: int, stride: int
) -> None:
    """Killed before any of its writes, renames and removals, a run leaves a state from which it does the same.

    One that was killed after it had finished all but its tidying up leaves its files as they are when repeated. What
    it had in the folder for temporary files the next run removes.
    """
    whole = shutil.copytree(after_first, tmp_path / "whole")
    assert deadly(whole, 0) == 0
    expected = contents(whole)
    for instant in count(1, stride):
        folder = shutil.copytree(after_first, tmp_path / f"killed-{instant}")
        if deadly(folder, instant, where) == 0:
            break
        finished = (folder / "state/current").read_text() == (whole / "state/current").read_text()
        assert deadly(folder, 0) == 0
        got = {name: data for name, data in contents(folder).items() if not name.endswith(".part")}
        kept = [name for name in expected if not (finished and name.startswith("state/"))]
        assert [got[name] for name in kept] == [expected[name] for name in kept]
        assert list(temporary(folder).iterdir()) == []
    assert instant > instants


def test_a_kill_with_workers_changes_nothing(after_first: Path, tmp_path: Path, deadly: Deadly) -> None:
    """Neither does one while worker processes settle partitions; the re-run writes the bytes of a run without them."""
    whole = shutil.copytree(after_first, tmp_path / "whole")
    assert deadly(whole, 0) == 0
    process = begin(after_first, "--engine", "processes")
    while process.poll() is None and not list(temporary(after_first).glob("datalife-*/partition-*/written")):
        time.sleep(0.005)
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL
    assert ended(begin(after_first, "--engine", "processes"))[0] == 0
    assert contents(after_first) == contents(whole)


def begin(folder: Path, *more: str, **sources: str) -> subprocess.Popen[str]:
    """The command as a process in a folder, with its own folder for temporary files; reads other `sources` if given."""
    temporary(folder).mkdir(exist_ok=True)
    words = [sources.get(word.removesuffix(".ndjson"), word) for word in COMMAND]
    return subprocess.Popen(
        [sys.executable, "-m", "datalife", *words, *SIDES, "--as-of", "30", *more],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary(folder))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], given: str = "") -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a process that reads what is given."""
    output, errors = finished(process, given)
    return process.returncode, output, errors


def test_a_second_run_at_the_same_time_is_refused(after_first: Path, tmp_path: Path, deadly: Deadly) -> None:
    """While one process waits for its feedback another one is refused and changes nothing; the first one ends well."""
    whole = shutil.copytree(after_first, tmp_path / "whole")
    assert deadly(whole, 0) == 0
    (after_first / "state/lock").unlink()
    first = begin(after_first, feedback="-")
    until((after_first / "state/lock").exists, "the first run takes the lock", first)
    before = contents(after_first)
    said = "error: state: another run is working with this state\nhint: wait until it ends\n"
    assert ended(begin(after_first)) == (2, "", said)
    assert contents(after_first) == before
    assert ended(first, (after_first / "feedback.ndjson").read_text())[0] == 0
    names = ["output.ndjson", "pending.ndjson", "orphans.ndjson", "late.ndjson"]
    assert [(after_first / name).read_bytes() for name in names] == [(whole / name).read_bytes() for name in names]


def test_runs_that_start_together_take_turns(tmp_path: Path) -> None:
    """Of four processes that want one state each does its work or is refused; in the end all is there."""
    rows = {f"{number}.ndjson": [{"id": f"{number}-{n}", "t": 15 + n} for n in range(5)] for number in range(4)}
    for name, some in rows.items():
        write(tmp_path / name, some)
    write(tmp_path / "feedback.ndjson", [{"id": "0-0", "t": 16, "label": 1}])
    waiting = list(rows)
    while waiting:
        processes = {name: begin(tmp_path, "-f", "json", predictions=name) for name in waiting}
        said = {name: ended(process) for name, process in processes.items()}
        waiting = [name for name, (code, _, _) in said.items() if code == 2]
        assert all("another run is working" in said[name][2] for name in waiting)
        assert {code for code, _, _ in said.values()} <= {0, 2}
        assert len(waiting) < len(processes)
    last = join(tmp_path, [], [], as_of="30", state=True).summary
    assert (last.prediction_rows, last.predictions, last.labeled) == (20, 20, 1)
