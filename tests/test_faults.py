"""What the world does to a command at work: every fault with the exit code and the line that must come of it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main
from tests.processes import fed, finished, run

DATALIFE = [sys.executable, "-m", "datalife"]


@dataclass(frozen=True)
class Fault:
    """Files (a text, or bytes), the command, and what comes of it: the exit code and a piece of what is said."""

    files: dict[str, str | bytes]
    command: str
    code: int
    said: str = ""
    folders: tuple[str, ...] = field(default=())


def bomb(depth: int) -> str:
    """A YAML document of a few bytes that stands for nine to the power of `depth` words."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, depth)]
    return "\n".join(lines) + "\ncolumns: {a: {domain: *a0}}\n"


ROWS = "a,b\n1,x\n2,y\n"
EVIL = "columns:\n  a: {{type: string, pattern: '{}'}}\n"
FAULTS: dict[str, Fault] = {
    "a directory without data": Fault({"d/_SUCCESS": ""}, "stats d", 2, "d: the directory holds no data files"),
    "an empty directory": Fault({}, "stats d", 2, "d: the directory holds no data files", ("d",)),
    "a device": Fault({}, "stats /dev/zero", 2, "/dev/zero: is a device, not a file"),
    "a folder that cannot be written to": Fault(
        {"t.csv": ROWS}, "stats t.csv -o no/r.json", 2, "the folder no does not"
    ),
    "the output is a folder": Fault({"t.csv": ROWS}, "stats t.csv -o d", 2, "d: is a folder", ("d",)),
    "the output is the input": Fault({"t.csv": ROWS}, "stats t.csv -o t.csv", 2, "t.csv: is an input"),
    "the output is in the input": Fault({"d/t.csv": ROWS}, "stats d -o d/t.csv", 2, "d/t.csv: is an input"),
    "a full disk": Fault({"t.csv": ROWS}, "stats t.csv -o /dev/full", 2, "/dev/full: No space left on device"),
    "a link to itself": Fault({}, "stats loop.csv", 2, "loop.csv: cannot be read: Too many levels of symbolic links"),
    "a path up in a hive folder": Fault(
        {"d/k=..%2F..%2Fetc/t.csv": "a\n1\n"}, "stats d -f json", 0, '"value": "../../etc"'
    ),
    "a hive key beside a column": Fault({"d/a=7/t.csv": "a\n1\n"}, "stats d -f json", 0, '"value": 1'),
    "markup in a hive folder": Fault({"d/[b]=[red]/t.csv": "a\n1\n"}, "stats d", 0, "[b]"),
    "escapes in a name": Fault({"t.csv": "\x1b[31mred,b\n1,2\n"}, "stats t.csv --color never", 0, "\\x1b[31mred"),
    "markup in a value": Fault({"t.csv": "a\n[/bold]\n"}, "stats t.csv", 0, "[/bold]"),
    "html in a value": Fault({"t.csv": "a\n<script>\n<b>\n"}, "stats t.csv -f html", 0, "&lt;script&gt;"),
    "a formula in a value": Fault({"t.csv": "a\n=1+1\n-x\n"}, "stats t.csv -f json", 0, '"=1+1"'),
    "a yaml bomb": Fault({"t.csv": ROWS, "s.yaml": bomb(9)}, "validate t.csv --schema s.yaml", 2, "error: s.yaml:1:5"),
    "a yaml tag": Fault(
        {"t.csv": ROWS, "s.yaml": "columns: !!python/object/apply:os.system [id]\n"},
        "validate t.csv --schema s.yaml",
        2,
        "error: s.yaml:1:10",
    ),
    "deep yaml": Fault({"t.csv": ROWS, "s.yaml": "[" * 5000}, "validate t.csv --schema s.yaml", 2, "error: s.yaml:"),
    "a regex that blows up": Fault(
        {"t.csv": "a\n" + "a" * 5000 + "!\n", "s.yaml": EVIL.format("(a+)+")},
        "validate t.csv --schema s.yaml",
        1,
        "pattern-mismatch",
    ),
    "a regex too large": Fault(
        {"t.csv": "a\nx\n", "s.yaml": EVIL.format("(((a{1000}){1000}){1000})")},
        "validate t.csv --schema s.yaml",
        2,
        "error: s.yaml:2:",
    ),
    "a file named in a condition": Fault(
        {"t.csv": ROWS}, "stats t.csv --where a<(SELECT(1)FROM(read_csv('/etc/passwd')))", 2, "--where"
    ),
    "a file named in a check": Fault(
        {
            "t.csv": ROWS,
            "s.yaml": "columns: {a: {}}\nchecks: [{name: n, expect: a < (SELECT 1 FROM read_csv('/x'))}]",
        },
        "validate t.csv --schema s.yaml",
        2,
        "error: s.yaml:2:",
    ),
}


@pytest.mark.parametrize("title", FAULTS)
def test_what_comes_of_a_fault(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is the one expected, and the line says where and what."""
    fault = FAULTS[title]
    monkeypatch.chdir(tmp_path)
    for folder in fault.folders:
        Path(folder).mkdir()
    os.symlink("loop.csv", "loop.csv")
    for name, content in fault.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = sorted(Path().rglob("*"))
    code = main(fault.command.split(" "))
    captured = capsys.readouterr()
    assert code == fault.code, captured.err
    assert fault.said in captured.out + captured.err
    assert "Traceback" not in captured.err
    assert sorted(Path().rglob("*")) == before


def test_thousands_of_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table far wider than long is a table."""
    path = tmp_path / "t.csv"
    names = ",".join(f"c{place}" for place in range(2_000))
    path.write_text(f"{names}\n" + "1,x," * 999 + "1,x\n")
    assert main(["validate", str(path), "--schema", str(_schema(tmp_path))]) == 0
    capsys.readouterr()


def test_a_field_of_a_hundred_megabytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is read as what it is; nothing of it floods the terminal."""
    path = tmp_path / "t.csv"
    path.write_bytes(b'a,b\n1,"' + b"x" * 100_000_000 + b'"\n2,y\n')
    assert main(["stats", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "100000000" in shown.replace(",", "")
    assert len(shown) < 10_000


def test_a_quoted_field_of_millions_of_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is one value; its lines are not taken apart."""
    path = tmp_path / "t.csv"
    path.write_bytes(b'a,b\n1,"' + b"x\n" * 15_000_000 + b'"\n2,y\n')
    assert main(["stats", str(path), "--columns", "a"]) == 0
    assert "spans 15000001 lines" in capsys.readouterr().err


def _schema(folder: Path) -> Path:
    path = folder / "s.yaml"
    path.write_text("columns: {c0: {type: integer}, c1999: {type: string}}\ndataset: {other_columns: ignore}\n")
    return path


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """What does not fit on the disk is an error, the old file stays, and nothing half-written is left."""
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{row},text {row}\n" for row in range(3000)))
    (tmp_path / "r.json").write_text("old")
    done = run(
        [*DATALIFE, "stats", "t.csv", "-o", "r.json", "--isolated"],
        cwd=tmp_path,
        env=os.environ | {"POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        # no file may grow beyond this: as on a full disk, writing fails in the middle
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: r.json: ")
    assert (tmp_path / "r.json").read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["r.json", "t.csv"]


def test_a_pipe_with_a_name(tmp_path: Path) -> None:
    """A FIFO is read once, to its end."""
    os.mkfifo(tmp_path / "p.csv")
    process = subprocess.Popen([*DATALIFE, "stats", str(tmp_path / "p.csv"), "-f", "json"], stdout=subprocess.PIPE)
    with fed(tmp_path / "p.csv", process) as pipe:
        pipe.write(ROWS.encode())
    out, _ = finished(process)
    assert (process.returncode, b'"rows": 2' in out) == (0, True)


def test_a_closed_standard_input() -> None:
    """There is nothing to read, and nobody is asked about a device."""
    command = " ".join([*DATALIFE, "stats", "-", "<&-"])
    done = run(["sh", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: standard input: is closed")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, and why."""
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)
    path.chmod(0)
    assert main(["stats", str(path)]) == 2
    assert "permission denied" in capsys.readouterr().err.lower()
