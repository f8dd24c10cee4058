"""What the shared options make of their values."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from datalife.cli import COMMANDS, datalife, main, options
from datalife.cli.settings import flags
from datalife.render import RENDERERS
from datalife.sources.model import ReadOptions


def read_options(*arguments: str) -> ReadOptions:
    """What a command with the reading options gets."""
    found: list[ReadOptions] = []

    @click.command()
    @options.reading
    def command(reading: ReadOptions) -> None:
        found.append(reading)

    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return found[0]


def test_without_options_the_defaults_of_reading_hold() -> None:
    """The command line and the Python interface have the same defaults."""
    assert read_options() == ReadOptions()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--input-format", "tsv"], ReadOptions(input_format="tsv")),
        (["--delimiter", ";"], ReadOptions(delimiter=";")),
        (["--delimiter", "\\t"], ReadOptions(delimiter="\t")),
        (["--delimiter", "tab"], ReadOptions(delimiter="\t")),
        (["--quote", "'"], ReadOptions(quote="'")),
        (["--encoding", "latin-1"], ReadOptions(encoding="latin-1")),
        (["--no-header"], ReadOptions(header=False)),
        (["--null-value", "NA", "--null-value", "?"], ReadOptions(null_values=("NA", "?"))),
        (["--columns", "a, b"], ReadOptions(columns=("a", "b"))),
        (["--columns", '"a,b",c'], ReadOptions(columns=("a,b", "c"))),
        (["--exclude", "x"], ReadOptions(exclude=("x",))),
        (["--where", "a > 1"], ReadOptions(where="a > 1")),
        (["--sample", "0.25", "--seed", "7"], ReadOptions(sample=0.25, seed=7)),
        (["--on-bad-row", "skip"], ReadOptions(on_bad_row="skip")),
    ],
)
def test_each_reading_option_reaches_its_field(arguments: list[str], expected: ReadOptions) -> None:
    """A flag sets the field that bears its name, and no other."""
    assert read_options(*arguments) == expected


def test_help_has_a_heading_for_each_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    """First a command's own options, then how data is read, where the work is done, how the result is written."""
    main(["stats", "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.endswith(":") and not line.startswith(" ")] == [
        "Options:",
        "Reading:",
        "Workers:",
        "Output:",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_options_of_every_command(name: str) -> None:
    """The contract names options that no command lacks."""
    command = datalife.get_command(click.Context(datalife), name)
    common = {"format", "output", "quiet", "verbose", "color", "config", "isolated"}
    assert common - set(flags(command)) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    """No flag is without a help text."""
    command = datalife.get_command(click.Context(datalife), name)
    assert [flag for flag, option in flags(command).items() if not option.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_and_has_no_marks(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """80 columns, and none of the marks that keep the lines of an example apart."""
    assert main([name, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80 or "\\b" in line or "\b" in line] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_format_has_its_renderer(name: str) -> None:
    """No command offers a format that nothing writes."""
    command = datalife.get_command(click.Context(datalife), name)
    formats = flags(command)["format"].type.choices
    assert [each for each in formats if not callable(getattr(import_module(RENDERERS[each]), "render", None))] == []


def test_flags_work_as_environment_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DATALIFE_ and the name of the flag; lists are separated as on the command line."""
    (tmp_path / "data.csv").write_text("a,b\n1,NA\n")
    monkeypatch.setenv("DATALIFE_FORMAT", "json")
    monkeypatch.setenv("DATALIFE_COLUMNS", "b")
    monkeypatch.setenv("DATALIFE_NULL_VALUE", "NA ?")
    assert main(["stats", str(tmp_path / "data.csv")]) == 0
    columns = json.loads(capsys.readouterr().out)["columns"]
    assert [(each["name"], each["null_count"]) for each in columns] == [("b", 1)]


def test_a_variable_can_be_for_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DATALIFE_COMMAND_FLAG is stronger than DATALIFE_FLAG, and leaves other commands alone."""
    (tmp_path / "data.csv").write_text("a\n1\n")
    monkeypatch.setenv("DATALIFE_FORMAT", "json")
    monkeypatch.setenv("DATALIFE_INFER_SCHEMA_FORMAT", "yaml")
    assert main(["infer-schema", str(tmp_path / "data.csv"), "-o", str(tmp_path / "schema")]) == 0
    assert main(["stats", str(tmp_path / "data.csv"), "-o", str(tmp_path / "profile")]) == 0
    assert "version: 1" in (tmp_path / "schema").read_text()
    assert json.loads((tmp_path / "profile").read_text())["kind"] == "profile"
