"""Where results go, and in which form."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from datalife.cli import main
from datalife.cli.output import format_of
from datalife.errors import UsageError
from tests.cli.terminal import Terminal


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with one data file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("a\n1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "wanted", "chosen"),
    [
        ("-", None, "table"),
        ("-", "json", "json"),
        ("x.json", None, "json"),
        ("x.JSON", None, "json"),
        ("x.json", "table", "table"),
        ("x.md", None, "markdown"),
        ("x.txt", None, "table"),
        ("x", None, "table"),
    ],
)
def test_format_is_the_one_asked_for_else_that_of_the_suffix(file: str, wanted: str | None, chosen: str) -> None:
    """`--format` decides; without it the suffix of `--output`; without that the first format."""
    assert format_of(file, wanted, ("table", "json", "markdown")) == chosen


def test_a_suffix_that_the_command_cannot_write_is_an_error() -> None:
    """Nobody gets a table in a file called .html."""
    with pytest.raises(UsageError, match=r"x.html: this result cannot be written as html"):
        format_of("x.html", None, ("table", "json"))


def test_a_result_goes_to_the_file_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    """With `-o` nothing is on standard output, and the file has what would have been there."""
    main(["stats", "data.csv", "-f", "json"])
    shown = capsys.readouterr().out
    main(["stats", "data.csv", "-o", "x.json"])
    assert capsys.readouterr() == ("", "")
    assert Path("x.json").read_text() == shown


def test_several_outputs_are_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Each file in the format of its suffix; `--format` is that of standard output."""
    assert main(["stats", "data.csv", "-o", "x.json", "-o", "x.html", "-o", "-", "-f", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("```text\n")
    assert json.loads(Path("x.json").read_text())["rows"] == 1
    assert Path("x.html").read_text().startswith("<!doctype html>")


def test_the_same_output_twice_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """One of the documents would be lost."""
    assert main(["stats", "data.csv", "-o", "x.json", "-o", "x.json"]) == 2
    assert "error: --output: 'x.json' is given twice" in capsys.readouterr().err


def test_a_dash_is_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """`-o -` is what it is elsewhere."""
    main(["stats", "data.csv", "-f", "json", "-o", "-"])
    assert json.loads(capsys.readouterr().out)["rows"] == 1


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("no/such/x.json", "error: no/such/x.json: the folder no/such does not exist\nhint: mkdir -p no/such\n"),
        (".", "error: .: is a folder, not a file\n"),
        ("x.yaml", "error: x.yaml: this result cannot be written as yaml\nhint: formats are table, json, "),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    file: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits an hour to learn that there is no such folder: the missing data is not even looked for."""
    assert main(["stats", "missing.csv", "-o", file]) == 2
    assert capsys.readouterr().err.startswith(message)


@pytest.mark.parametrize("sources", [["data.csv"], ["./data.csv"], ["*.csv"], ["other.csv", "data.csv"]])
def test_an_input_is_never_overwritten(sources: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output may not be one of the sources, however it is written."""
    (folder / "other.csv").write_text("a\n2\n")
    assert main(["stats", *sources, "-f", "json", "-o", "data.csv"]) == 2
    assert capsys.readouterr().err.startswith("error: data.csv: is an input of this command\n")
    assert (folder / "data.csv").read_text() == "a\n1\n"


@pytest.mark.parametrize(
    ("environment", "asked", "is_coloured"),
    [
        ({"TERM": "xterm"}, "auto", True),
        ({"TERM": "dumb"}, "auto", False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "auto", False),
        ({"TERM": "xterm", "NO_COLOR": ""}, "auto", True),
        ({"TERM": "xterm"}, "never", False),
        ({"TERM": "dumb", "NO_COLOR": "1"}, "always", True),
    ],
)
def test_colour_on_a_terminal(
    environment: dict[str, str], asked: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Automatic unless NO_COLOR is set or the terminal is dumb; `always` and `never` are what they say."""
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["stats", "data.csv", "--color", asked]) == 0
    assert ("\x1b" in terminal.getvalue()) is is_coloured


@pytest.mark.parametrize(("columns", "longest"), [("60", 60), ("1", 40), ("none", 80), ("0", 80)])
def test_the_table_fits_the_terminal(columns: str, longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS is obeyed down to a width at which a table is still one; nonsense means 80."""
    Path("data.csv").write_text("text\n" + "".join(f"{'word ' * 9}{number}\n" for number in range(30)))
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["stats", "data.csv", "--color", "never"]) == 0
    assert max(len(line) for line in terminal.getvalue().splitlines()) <= longest


def test_in_a_pipe_there_is_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences are for terminals; `--color always` is for `less -R`."""
    main(["stats", "data.csv"])
    assert "\x1b" not in capsys.readouterr().out
    main(["stats", "data.csv", "--color", "always"])
    assert "\x1b" in capsys.readouterr().out
