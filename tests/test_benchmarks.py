"""The benchmarks run as a whole, and datalife and DuckDB say the same of the tables they are timed on."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
ROWS = 1000


def run(*arguments: str | Path) -> str:
    """What a Python process writes to standard output."""
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def script(name: str, *arguments: str | Path) -> str:
    """What a script of benchmarks/ writes."""
    return run(BENCHMARKS / name, *arguments)


def datalife(*arguments: str | Path) -> dict[str, Any]:
    """What a datalife command says as JSON."""
    document: dict[str, Any] = json.loads(run("-m", "datalife", *arguments, "--isolated", "-f", "json"))
    return document


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small tables of every kind and the result of one run over all cases."""
    folder = tmp_path_factory.mktemp("benchmarks")
    sizes = ("--rows", str(ROWS), "--columns", "20", "--repeat", "1")
    script("run.py", *sizes, "--data", folder, "--output", folder / "results.md")
    return folder


def test_every_case_is_measured_or_says_why_not(measured: Path) -> None:
    """A line has three ratios, or its peer is said to be missing."""
    lines = (measured / "results.md").read_text().splitlines()[4:]
    ends = [line.removesuffix(" |").split(" | ")[3:] for line in lines]
    assert {line.split(",")[0] for line in lines} >= {"| stats", "| validate", "| diff", "| diff --key", "| label-join"}
    assert all(cost == "not installed" or all(float(ratio) > 0 for ratio in ratios) for cost, *ratios in ends)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_datalife_and_duckdb_agree_on_rows_nulls_and_extremes(measured: Path, suffix: str) -> None:
    """Of every column of the trips."""
    path = measured / f"trips-{ROWS}{suffix}"
    theirs = {column["column_name"]: column for column in json.loads(script("peers/duckdb_summarize.py", path))}
    profile = datalife("stats", path)
    assert profile["rows"] == ROWS
    assert [column["name"] for column in profile["columns"]] == list(theirs)
    for column in profile["columns"]:
        same = theirs[column["name"]]
        assert same["count"] == ROWS
        assert column["null_count"] == round(float(same["null_percentage"]) * ROWS / 100)
        for end in {"min", "max"} & column.keys():
            assert comparable(column[end]) == comparable(same[end])


def comparable(value: Any) -> float | datetime | str:
    """A number, an instant or a text of either tool in one form."""
    for read in (float, datetime.fromisoformat):
        try:
            return read(str(value))
        except ValueError:
            continue
    return str(value)


def test_datalife_and_duckdb_agree_on_the_label_join(measured: Path) -> None:
    """On every bucket of the events, every status of the predictions, and the rows written."""
    predictions, events = measured / f"predictions-{ROWS}.parquet", measured / f"events-{ROWS}.parquet"
    theirs = json.loads(script("peers/duckdb_label_join.py", predictions, events, measured / "theirs.parquet"))
    names = ("--key", "request_id", "--prediction-time", "served_at", "--feedback-time", "clicked_at")
    rules = ("--label", "clicked", "--window", "7d", "--implicit-label", "0", "-o", measured / "ours.parquet")
    ours = datalife("label-join", predictions, "--feedback", events, *names, *rules)["summary"]
    buckets = ("matched", "before", "late", "orphans", "labeled", "negative")
    assert {name: ours[name] for name in buckets} == {name: theirs[name] for name in buckets}
    columns = ["request_id", "label", "label_delay", "label_status", "n_feedback"]
    left, right = (pl.read_parquet(measured / name, columns=columns) for name in ("ours.parquet", "theirs.parquet"))
    assert left.sort("request_id").rows() == right.select(columns).sort("request_id").rows()


def test_a_small_table_is_the_beginning_of_a_large_one(tmp_path: Path) -> None:
    """However many rows are asked for, the first ones are the same."""
    for rows in (10, 250_010):
        script("generate.py", "trips", tmp_path / f"{rows}.parquet", "--rows", str(rows))
    small, large = (pl.read_parquet(tmp_path / f"{rows}.parquet") for rows in (10, 250_010))
    assert small.equals(large.head(10))
    assert large.get_column("trip_id").n_unique() == 250_010


def test_a_failing_process_is_said_and_fails_the_run(tmp_path: Path) -> None:
    """The line says with which code it ended, and the run ends with 1."""
    (tmp_path / "trips-10.csv").write_text('a\n"unclosed')
    arguments = ["--only", "10 rows", "--data", str(tmp_path), "--repeat", "1"]
    ended = subprocess.run([sys.executable, BENCHMARKS / "run.py", *arguments], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "failed: exit code 2" in ended.stdout
