"""`datalife label-join` as a shell sees it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datalife.cli import main

SAMPLE = Path(__file__).parent.parent.parent / "sample_data"
COMMAND = (
    "label-join requests.ndjson --feedback feedback.ndjson --key request_id --prediction-time served_at "
    "--feedback-time answered_at --feedback-id event_id --label accepted --window 3d --implicit-label false -o"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the sample data."""
    monkeypatch.chdir(tmp_path)
    for name in ("requests.ndjson", "feedback.ndjson"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *more: str, output: str = "training.parquet") -> tuple[int, str, str]:
    """The exit code, standard output and standard error of the join of the sample data."""
    code = main([*COMMAND.split(), output, *more])
    return code, *capsys.readouterr()


def test_the_account_goes_to_standard_output_and_the_rows_to_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """The document has the keys of the contract; the file has a row for each final prediction."""
    code, out, err = run(capsys, "-f", "json")
    document: Any = json.loads(out)
    summary = document["summary"]
    assert (code, err, document["kind"], document["version"]) == (0, "", "label-join", 1)
    assert (summary["labeled"], summary["negative"], summary["pending"]) == (400, 172, 228)
    rows = pl.read_parquet("training.parquet")
    assert rows.height == 572
    assert rows.columns[-6:] == ["label", "label_time", "label_delay", "label_status", "n_feedback", "revision"]
    assert rows.get_column("label").value_counts().sort("label").rows() == [(False, 352), (True, 220)]


@pytest.mark.parametrize("name", ["table", "markdown", "html"])
def test_the_account_for_people(capsys: pytest.CaptureFixture[str], snapshot: Any, name: str) -> None:
    """What the tutorial shows."""
    assert run(capsys, "--min-match-rate", "0.6", "-f", name)[1] == snapshot


@pytest.mark.parametrize(("gate", "code"), [("0.6", 0), ("0.8", 1)])
def test_a_gate_that_fails_is_exit_code_1(capsys: pytest.CaptureFixture[str], gate: str, code: int) -> None:
    """The rows are written all the same; `--exit-zero` turns the 1 into 0."""
    assert run(capsys, "--min-match-rate", gate)[0] == code
    assert Path("training.parquet").exists()
    assert run(capsys, "--min-match-rate", gate, "--exit-zero")[0] == 0


@pytest.mark.parametrize("output", ["training.csv", "training.ndjson"])
def test_text_formats_have_iso_times(capsys: pytest.CaptureFixture[str], output: str) -> None:
    """The time of a label is UTC with Z, in a file of either kind."""
    assert run(capsys, output=output)[0] == 0
    assert "2026-04-06T06:57:34Z" in Path(output).read_text()


def test_what_is_wrong_is_said_in_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """WHERE: WHAT and a hint, exit code 2, and no file."""
    code, out, err = run(capsys, "--label", "acepted")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "error: feedback.ndjson: there is no column 'acepted' (--label)",
        "hint: did you mean 'accepted'?",
    ]
    assert not Path("training.parquet").exists()


def test_rows_left_out_are_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is to be quiet."""
    with open("requests.ndjson", "a") as stream:
        stream.write('{"request_id": null, "served_at": "2026-04-06T05:23:00Z"}\n')
    assert run(capsys)[2] == "1 prediction left out: no key\n"
    assert run(capsys, "--quiet")[2] == ""


def test_values_may_be_written_with_underscores(capsys: pytest.CaptureFixture[str]) -> None:
    """As in configuration files."""
    assert run(capsys, "--settle", "on_match", "--policy", "first")[0] == 0
