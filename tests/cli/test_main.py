"""How a run ends: exit codes, error messages, and the streams that take them."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datalife import __version__
from datalife.cli import COMMANDS, main
from datalife.cli.memory import C_LIBRARY
from tests import processes

DATA = "a,b\n1,x\n2,y\n"
DATALIFE = [sys.executable, "-m", "datalife"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with one data file, and the command `ending`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(COMMANDS, "ending", ("tests.cli.endings", "End so."))
    (tmp_path / "data.csv").write_text(DATA)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["-h"], 0),
        (["--version"], 0),
        (["stats", "--help"], 0),
        (["stats", "data.csv"], 0),
        (["ending", "well"], 0),
        (["ending", "failed"], 1),
        (["ending", "failed", "--exit-zero"], 0),
        (["ending", "bug", "--exit-zero"], 2),
        (["ending", "few-faults"], 2),
        (["ending", "system"], 2),
        (["ending", "memory"], 2),
        (["ending", "interrupt"], 130),
        (["ending", "closed-pipe"], 0),
        ([], 2),
        (["stats"], 2),
        (["stats", "nothing.csv"], 2),
        (["stats", "data.csv", "--format", "pdf"], 2),
        (["stats", "data.csv", "--top", "0"], 2),
        (["stats", "data.csv", "--sample", "2"], 2),
        (["stats", "data.csv", "--columns", ""], 2),
        (["stats", "data.csv", "--delimiter", "::"], 2),
        (["stats", "data.csv", "-o", "no/such/folder.json"], 2),
        (["stats", "data.csv", "-o", "data.csv"], 2),
        (["stats", "data.csv", "--config", "nothing.yaml"], 2),
    ],
)
def test_exit_code(arguments: list[str], code: int) -> None:
    """0 done, 1 a gate failed, 2 could not, 130 interrupted; `--exit-zero` turns 1 into 0 and never 2."""
    assert main(arguments) == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sats"], "error: datalife: no such command 'sats'\nhint: did you mean 'stats'?\n"),
        (
            ["stats", "a", "--coluns", "b"],
            "error: datalife stats: no such option '--coluns'\nhint: did you mean '--columns'?\n",
        ),
        (["stats", "a", "--zzz"], "error: datalife stats: no such option '--zzz'\nhint: see datalife stats --help\n"),
        (["stats"], "error: datalife stats: missing argument 'SOURCE...'\nhint: see datalife stats --help\n"),
        (["ending", "system"], "error: part-17.csv: Too many open files\n"),
        (["ending", "interrupt"], "interrupted\n"),
        (["ending", "closed-pipe"], ""),
        (["ending", "well"], "a note\n"),
        (["ending", "well", "-q"], ""),
        (["ending", "well", "-v"], "a note\na detail\n"),
    ],
)
def test_what_is_said_on_standard_error(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An error is one line that says where and what, and one that says what to try; nothing is on standard output."""
    main(arguments)
    assert capsys.readouterr() == ("", message)


def test_many_faults_are_shown_first_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Two hundred faults take 15 lines: the first seven, and how many more there are."""
    main(["ending", "many-faults"])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 15
    assert lines[:2] == ["error: schema.yaml:0: unknown key", "hint: look it up"]
    assert lines[-1] == "error: and 193 more; -f json lists them all"


def test_a_message_is_a_line_of_bounded_length_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the length of a message nor what is in it can take over the terminal."""
    main(["ending", "long-fault"])
    message = capsys.readouterr().err
    assert len(message) <= 1001
    assert message.count("\n") == 1
    assert message.strip().isprintable()


@pytest.mark.parametrize("ending", ["bug", "conservation"])
def test_a_bug_has_a_traceback(ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be explained is shown as it is, without control characters, and asks to be reported."""
    assert main(["ending", ending]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):")
    assert shown.endswith("This is a bug in datalife; please report it with the lines above.\n")
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "asked",
    [["-f", "json"], ["-fjson"], ["--format", "json"], ["--format=json"], ["-qf", "json"]],
)
def test_with_json_an_error_is_a_document(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads JSON gets all the faults as JSON."""
    main(["ending", "few-faults", *asked])
    faults = [{"where": f"schema.yaml:{line}", "message": "unknown key", "hint": "look it up"} for line in (0, 1)]
    assert json.loads(capsys.readouterr().out) == {"kind": "error", "version": 1, "errors": faults}


@pytest.mark.parametrize("arguments", [["stats", "--nope", "-f", "json"], ["ending", "bug", "-f", "json"]])
def test_a_document_also_where_the_command_never_began_or_broke(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A command line that makes no sense and a bug are told as JSON too."""
    main(arguments)
    assert json.loads(capsys.readouterr().out)["kind"] == "error"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the name and the version."""
    main(["--version"])
    assert capsys.readouterr().out == f"datalife {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["stats", "--help"]])
def test_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, snapshot: Any
) -> None:
    """The help texts, in 80 columns."""
    monkeypatch.delitem(COMMANDS, "ending")
    main(arguments)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert shown == snapshot


def run(arguments: list[str], **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own."""
    return processes.run([*DATALIFE, *arguments], stderr=subprocess.PIPE, **settings)


def test_without_standard_error(folder: Path) -> None:
    """A service may start a program so; its descriptor is then free for any file, and not ours to lead elsewhere."""
    pl.DataFrame({"a": [1]}).write_parquet(folder / "data.parquet")
    words = " ".join(map(shlex.quote, [*DATALIFE, "stats", "data.parquet", "-f", "json"]))
    quiet = {name: value for name, value in os.environ.items() if name != "RUST_BACKTRACE"}
    done = processes.run(["sh", "-c", f"{words} 2>&-"], cwd=folder, env=quiet, stdout=subprocess.PIPE)
    assert (done.returncode, json.loads(done.stdout)["rows"]) == (0, 1)


def test_a_closed_pipe_ends_silently() -> None:
    """`datalife stats ... | head -0` is no error."""
    reader, writer = os.pipe()
    os.close(reader)
    done = run(["stats", "data.csv"], stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_is_an_error() -> None:
    """What could not be written is said, in one line, with exit code 2."""
    with open("/dev/full", "w") as full:
        done = run(["stats", "data.csv"], stdout=full)
    assert (done.returncode, done.stderr) == (2, b"error: standard output: No space left on device\n")


def test_a_narrow_encoding_loses_nothing(folder: Path) -> None:
    """Where the terminal knows ASCII alone, text is escaped for people, and JSON is UTF-8 all the same."""
    (folder / "data.csv").write_text("é,b\n1,ü\n", encoding="utf-8")
    narrow = os.environ | {"PYTHONIOENCODING": "ascii"}
    table = run(["stats", "data.csv"], stdout=subprocess.PIPE, env=narrow)
    document = run(["stats", "data.csv", "-f", "json"], stdout=subprocess.PIPE, env=narrow)
    assert rb"\xe9 " in table.stdout
    assert json.loads(document.stdout.decode("utf-8"))["columns"][0]["name"] == "é"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_work_and_leaves_nothing_behind(number: signal.Signals, folder: Path) -> None:
    """Ctrl-C and SIGTERM end with 130 and without a half-written file, a traceback or a wait."""
    os.mkfifo(folder / "slow.csv")
    process = subprocess.Popen(
        [*DATALIFE, "stats", "slow.csv", "-o", "result.json"],
        stderr=subprocess.PIPE,
        # the tests may themselves run where Ctrl-C is ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with processes.fed(folder / "slow.csv", process):
        time.sleep(0.1)
        process.send_signal(number)
    _, message = processes.finished(process)
    assert (process.returncode, message) == (130, b"interrupted\n")
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv", "slow.csv"]


def test_blocks_of_text_go_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The C library keeps no large block that was freed, not even one that smaller things lie behind."""
    monkeypatch.delenv(C_LIBRARY[0], raising=False)
    program = (
        "from pathlib import Path; from datalife.cli import memory; memory.tune(alone=True)\n"
        "held = lambda: int(Path('/proc/self/statm').read_text().split()[1]) * 4 // 1024\n"
        "before, first = held(), b'a' * (24 << 20); del first\n"
        "second, small = b'b' * (24 << 20), [b'c' * 1000 for _ in range(1000)]; del second\n"
        "print(held() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, timeout=60)
    assert int(done.stdout) < 12
