"""Settings from files: found upwards, checked whole, weaker than flags and the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datalife.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with data below the one where settings are written."""
    below = tmp_path / "work" / "deep"
    below.mkdir(parents=True)
    (below / "data.csv").write_text("a,b\n1,x\n2,y\n")
    monkeypatch.chdir(below)
    return tmp_path


def columns(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The names of the columns that `stats` shows with the settings that hold."""
    assert main(["stats", "data.csv", "-f", "json", *arguments]) == 0
    return [each["name"] for each in json.loads(capsys.readouterr().out)["columns"]]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("datalife.yaml", "columns: b\n"),
        ("datalife.yaml", "columns: [b]\n"),
        ("datalife.yaml", "stats:\n  columns: b\n"),
        ("datalife.yaml", "columns: a\nstats: {columns: b}\n"),
        ("datalife.yaml", "stats: {columns: b}\ncolumns: a\n"),
        ("pyproject.toml", "[tool.datalife]\ncolumns = ['b']\n"),
        ("pyproject.toml", "[tool.datalife.stats]\ncolumns = 'b'\n"),
    ],
)
def test_a_setting_is_a_flag_for_all_commands_or_for_one(
    file: str, text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the top a setting holds for each command that has the flag; below a command's name, for that, and wins."""
    (folder / file).write_text(text)
    assert columns(capsys) == ["b"]


def test_settings_of_another_command_do_not_matter(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is set for `diff` leaves `stats` alone, and so does a flag that `stats` does not have."""
    (folder / "datalife.yaml").write_text("diff: {columns: b}\nfail-on: warning\n")
    assert columns(capsys) == ["a", "b"]


def test_a_flag_of_two_commands_takes_what_fits_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`fail-on` of `validate` and of `diff` have values of their own; what fits neither is a fault."""
    (folder / "datalife.yaml").write_text("fail-on: warning\n")
    assert main(["diff", "data.csv", "data.csv"]) == 0
    (folder / "datalife.yaml").write_text("fail-on: warnings\n")
    assert main(["diff", "data.csv", "data.csv"]) == 2
    assert "datalife.yaml:1:1: fail-on: 'warnings' is not one of" in capsys.readouterr().err


def test_dashes_and_underscores_are_alike(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`no_header` is `--no-header`; a switch is `true` or `false`."""
    (folder / "datalife.yaml").write_text("no_header: true\n")
    assert len(columns(capsys)) == 2
    (folder / "datalife.yaml").write_text("no-header: false\n")
    assert columns(capsys) == ["a", "b"]


def test_flag_beats_environment_beats_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearer to the command line a value stands, the stronger it is."""
    (folder / "datalife.yaml").write_text("columns: a\n")
    assert columns(capsys) == ["a"]
    monkeypatch.setenv("DATALIFE_COLUMNS", "b")
    assert columns(capsys) == ["b"]
    assert columns(capsys, "--columns", "a,b") == ["a", "b"]


def test_the_nearest_file_holds_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files do not add up; a pyproject.toml without our table is no settings file."""
    (folder / "datalife.yaml").write_text("exclude: a\n")
    (folder / "work" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert columns(capsys) == ["b"]
    (folder / "work" / "datalife.yaml").write_text("format: json\n")
    assert columns(capsys) == ["a", "b"]


def test_isolated_and_config_choose_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--isolated` reads none, even if it is broken; `--config` reads the one named."""
    (folder / "datalife.yaml").write_text("nonsense: [\n")
    (folder / "other.yaml").write_text("exclude: a\n")
    assert columns(capsys, "--isolated") == ["a", "b"]
    assert columns(capsys, "--config", str(folder / "other.yaml")) == ["b"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("colums: a\n", ["error: ../../datalife.yaml:1:1: unknown setting 'colums'", "hint: did you mean 'columns'?"]),
        (
            "stast:\n  top: 3\n",
            ["error: ../../datalife.yaml:2:3: there is no command 'stast'", "hint: did you mean 'stats'?"],
        ),
        ("\nstats:\n  top: none\n", ["error: ../../datalife.yaml:3:3: top: 'none' is not a valid integer range"]),
        ("top: 1\ntop: 2\n", ["error: ../../datalife.yaml:2:1: the key 'top' stands here twice"]),
        ("stats: {top: {a: 1}}\n", ["error: ../../datalife.yaml:1:9: expected one value or a list of values"]),
        ("[1, 2]\n", ["error: ../../datalife.yaml: expected flags and their values, such as 'format: json'"]),
        ("a: 'b\n", ["error: ../../datalife.yaml:2:1: is not YAML: found unexpected end of stream"]),
        ("config: x\n", ["error: ../../datalife.yaml:1:1: unknown setting 'config'"]),
    ],
)
def test_faults_name_their_place(
    text: str, faults: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A setting that no command knows, or that its flag does not take, is an error with line and column."""
    (folder / "datalife.yaml").write_text(text)
    assert main(["stats", "data.csv"]) == 2
    assert capsys.readouterr().err.splitlines()[: len(faults)] == faults


def test_faults_of_toml_name_their_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In pyproject.toml, too."""
    (folder / "pyproject.toml").write_text("[tool.other]\ntop = 1\n\n[tool.datalife.stats]\ntop = 0\n")
    assert main(["stats", "data.csv"]) == 2
    assert capsys.readouterr().err == "error: ../../pyproject.toml:5: top: 0 is not in the range x>=1\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "[tool.datalife]\ntop = 1\n[tool.datalife.stats]\ntop = [[1]]\n[tool.datalife.stats.bins]\nn = 1\n",
            [
                "error: ../../pyproject.toml:4: expected one value or a list of values",
                "error: ../../pyproject.toml:5: expected one value or a list of values",
            ],
        ),
        (
            "[[tool.datalife]]\nformat = 'json'\n",
            ["error: ../../pyproject.toml:1: expected flags and their values, such as 'format: json'"],
        ),
        (
            "[tool.datalife.datasets]\ntrips = 3\n",
            ["error: ../../pyproject.toml:2: expected flags and their values, such as 'format: json'"],
        ),
        ("[tool.datalife]\ntop = \n", ["error: ../../pyproject.toml:2: Invalid value"]),
    ],
)
def test_a_table_of_toml_that_makes_no_sense(
    text: str, faults: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All faults together, as of YAML; a list of tables is none."""
    (folder / "pyproject.toml").write_text(text)
    assert main(["stats", "data.csv"]) == 2
    assert capsys.readouterr().err.splitlines() == faults


def test_all_faults_are_told_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run shows all that is to be mended."""
    (folder / "datalife.yaml").write_text("colums: a\ntop: 0\n")
    main(["stats", "data.csv"])
    assert capsys.readouterr().err.count("error: ") == 2
