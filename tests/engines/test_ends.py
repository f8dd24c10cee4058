"""How a command ends that cannot do its work on workers: one error, exit code 2, nothing written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main
from datalife.engines import workers
from datalife.errors import EngineError
from tests.processes import finished, run, until


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with four files of rows."""
    monkeypatch.chdir(tmp_path)
    for place in range(4):
        pl.DataFrame({"id": range(1000 * place, 1000 * place + 1000)}).write_parquet(f"{place}.parquet")
    return tmp_path


def test_a_shard_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged file whose footer is whole shows on a worker; the error is that of the local engine."""
    damaged = bytearray(Path("2.parquet").read_bytes())
    damaged[4:400] = bytes(396)
    Path("2.parquet").write_bytes(damaged)
    said = []
    for engine in ("local", "processes"):
        assert main(["stats", "*.parquet", "--engine", engine, "-o", "out.json", "--isolated"]) == 2
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert said[0].startswith("error: 2.parquet: is damaged")
    assert not Path("out.json").exists()


@pytest.mark.parametrize("damaged", ["2.parquet", "events.parquet"])
def test_a_shard_of_a_join_that_cannot_be_read_is_named(damaged: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Either side is read by the workers; a damaged file is the error that it is here, and nothing is written."""
    pl.DataFrame({"id": range(1000)}).write_parquet("events.parquet")
    content = bytearray(Path(damaged).read_bytes())
    content[4:400] = bytes(396)
    Path(damaged).write_bytes(content)
    join = ["label-join", "?.parquet", "--feedback", "events.parquet", "--key", "id", "--window", "1d", "--state", "s"]
    join += ["--prediction-time", "id", "--feedback-time", "id", "-o", "out.csv", "--isolated"]
    said = []
    for engine in ("local", "processes"):
        assert main([*join, "--engine", engine]) == 2
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert said[0].startswith(f"error: {damaged}: is damaged")
    assert not Path("out.csv").exists()
    assert [path.name for path in Path("s").iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engine", "dask", "--engine-address", "tcp://127.0.0.1:9"], "tcp://127.0.0.1:9: the cluster cannot be"),
        (["--engine", "ray", "--engine-address", "127.0.0.1"], "'127.0.0.1' is no address of this engine"),
        (["--engine", "local", "--engine-address", "ray://head:10001"], "the engine local runs here"),
        (
            ["--engine", "dask", "--engine-address", "tcp://me:secret@127.0.0.1:9"],
            "error: tcp://127.0.0.1:9: the cluster",
        ),
        (
            ["--engine", "ray", "--engine-address", "tcp://me:secret@head:9?token=secret"],
            "'tcp://head:9' is no address",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An address where nobody listens, or that is none, is an error at once; its secrets are not told."""
    assert main(["stats", "0.parquet", *arguments, "--isolated"]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "secret" not in said


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says what to install; the work is not done here instead."""
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["stats", "0.parquet", "--engine", "ray", "--isolated"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == ["error: --engine: the engine ray needs the package ray", "hint: pip install 'datalife[ray]'"]


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_an_interrupt_stops_the_workers(engine: str) -> None:
    """Ctrl-C, which a terminal sends to all processes, ends the work: none is left, and none but the first tells."""
    Path("long.py").write_text(
        "import pathlib, signal; from datalife.engines import open_engine; from contextlib import closing\n"
        "from tests.engines import jobs\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever those who started the tests ignore\n"
        f"    with closing(open_engine({engine!r})) as engine:\n"
        "        engine.reduce([pathlib.Path('begun')] * 2, jobs.dawdle, list)\n"
    )
    root = Path(__file__).parents[2]
    environment = dict(os.environ) | {"PYTHONPATH": str(root), "TMPDIR": str(Path.cwd())}
    process = subprocess.Popen([sys.executable, "long.py"], env=environment, stderr=subprocess.PIPE, process_group=0)
    until(Path("begun").exists, "a worker begins", process)
    os.killpg(process.pid, signal.SIGINT)
    said = finished(process)[1].decode()
    assert list(Path.cwd().glob("datalife-*")) == []
    assert said.count("KeyboardInterrupt") == 1
    assert is_gone(process.pid)


def test_a_library_does_not_change_what_a_signal_does() -> None:
    """SIGTERM ends a command as before, though Ray would have it end the process with a traceback."""
    before = signal.getsignal(signal.SIGTERM)
    with workers.kept_termination():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_cluster_that_aborts_a_connection_is_asked_again() -> None:
    """Ray's server for a client sometimes ends as it is forked; the command goes on with the next one."""
    program = (
        "import ray; from datalife.cli import main\n"
        "connect, aborted = ray.init, [ConnectionAbortedError('Initialization failure from server')]\n"
        "def init(*address, **settings):\n"
        "    if aborted: raise aborted.pop()\n"
        "    return connect(*address, **settings)\n"
        "ray.init = init\n"
        "code = main(['stats', '*.parquet', '--engine', 'ray', '-o', 'ray.json', '--isolated'])\n"
        "raise SystemExit(code or len(aborted))\n"
    )
    assert run([sys.executable, "-c", program]).returncode == 0
    assert main(["stats", "*.parquet", "-o", "local.json", "--isolated"]) == 0
    assert Path("ray.json").read_bytes() == Path("local.json").read_bytes()


def test_workers_that_come_late_are_not_lost(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Only workers that were there can be lost; while nobody waits for any, no time passes."""
    monkeypatch.setattr(workers, "GONE", 0.1)
    watch = workers.Watch("spark")
    for count in (None, 0, None, 0):
        watch.look(count)
        time.sleep(0.2)
    watch.look(0)
    assert caplog.messages == ["spark: the cluster has no workers for this; waiting for some"]
    watch.look(2)
    for _ in range(3):
        time.sleep(0.2)
        watch.look(None)
    watch.look(0)
    time.sleep(0.2)
    with pytest.raises(EngineError, match="the workers are lost"):
        watch.look(0)


@pytest.mark.parametrize(("had_some", "limit", "what"), [(True, "GONE", "are lost"), (False, "LATE", "has no workers")])
def test_workers_that_never_come_are_given_up(
    had_some: bool, limit: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon where the cluster was started here, and so had some, and some time later in any case."""
    monkeypatch.setattr(workers, limit, 0.1)
    watch = workers.Watch("dask", had_some)
    watch.look(0)
    time.sleep(0.2)
    with pytest.raises(EngineError, match=what):
        watch.look(0)


def is_gone(group: int) -> bool:
    """Whether no process of a group is left, within ten seconds: Python's own tracker of resources ends a bit later."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
