"""The benchmarks run as a whole, and datalife and DuckDB say the same of the tables they are timed on."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from datalife.engine import tree
from tests import processes

#: All in one process: they are measured once, and not two at a time.
pytestmark = pytest.mark.xdist_group("benchmarks")
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
ROWS = 1000
MARKS = ("<!-- measured by make bench -->", "<!-- until here -->")


def run(*arguments: str | Path) -> str:
    """What a Python process writes to standard output."""
    done = processes.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


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
    (folder / "README.md").write_text(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n")
    script("run.py", *sizes, "--data", folder, "--output", folder / "results.md", "--readme", folder / "README.md")
    return folder


def test_every_case_is_measured_or_says_why_not(measured: Path) -> None:
    """A line has three ratios, or its peer is said to be missing."""
    lines = (measured / "results.md").read_text().split("\n\n")[1].splitlines()[2:]
    ends = [line.removesuffix(" |").split(" | ")[3:] for line in lines]
    assert {line.split(",")[0] for line in lines} >= {"| stats", "| validate", "| diff", "| diff --key", "| label-join"}
    assert all(cost == "not installed" or all(float(ratio) > 0 for ratio in ratios) for cost, *ratios in ends)


def test_growth_is_measured(measured: Path) -> None:
    """By rows and by columns, on one processor and on all of them."""
    table = (measured / "results.md").read_text().split("How the cost grows")[1].split("\n\n")[1]
    cells = [[cell.strip() for cell in line.split("|")[1:4]] for line in table.splitlines()[2:]]
    asked = [["stats", "1,000", "18"], ["validate", "1,000", "18"], ["label-join", "1,000", "10"]]
    assert all(each in cells for each in [*asked, ["stats", "1,000", "20"]])


def test_the_readme_gets_the_table(measured: Path) -> None:
    """What is between the marks is replaced, what is around them stays."""
    before, table, after = re.split("|".join(map(re.escape, MARKS)), (measured / "README.md").read_text())
    assert (before, after) == ("before\n", "\nafter\n")
    assert table.splitlines()[1] == "| work | datalife | beside | its cost | time | memory |"
    assert "| `stats`, Parquet, 1,000 rows | " in table
    assert "old" not in table


def test_the_readme_of_the_project_has_the_marks() -> None:
    """`make bench` finds where its table goes."""
    assert re.search(f"{MARKS[0]}.*{MARKS[1]}", (BENCHMARKS.parent / "README.md").read_text(), re.DOTALL)


def test_the_model_is_printed_from_measured_numbers(measured: Path) -> None:
    """For a terabyte and a petabyte, with what it takes for granted."""
    told = (measured / "results.md").read_text().split("On a larger cluster.")[1]
    assert told.count("| 1 TB |") == told.count("| 1 PB |") == 2
    assert "rows/s" in told
    assert "It takes for granted that" in told


#: Round numbers, so that the results can be worked out by hand.
INPUTS = {
    "row_bytes": 100.0,
    "shard_rows": 1_000.0,
    "shard_seconds": 2.0,
    "shard_bytes": 3_000.0,
    "state_bytes": 10_000.0,
    "merge_seconds": 0.5,
    "task_seconds": 0.001,
    "end_seconds": 0.25,
    "key_bytes": 8.0,
    "join_rows": 4_000.0,
    "join_bytes": 50.0,
    "join_seconds": 1e-6,
    "join_driver_seconds": 2e-6,
    "piece_seconds": 0.0005,
    "slice_seconds": 0.0001,
}


def test_the_model_of_64_shards_by_hand() -> None:
    """6.4 MB are 64,000 rows in 64 shards: 8 merges of them and one of these, in two levels."""
    model = imported("model")
    run = model.profile_of(6.4e6, model.Inputs.of(INPUTS))
    assert (run.rows, run.shards, run.processor) == (64_000, 64, 64 * 2 + 9 * 0.5)
    assert (run.driver, run.last, run.states, run.keys) == (0.064 + 0.25, 1.0, 73 * 10_000, 512_000)
    assert (run.wall(10), run.wall(1_000_000)) == (13.25 + 1, 0.314 + 1)


def test_the_model_of_a_join_by_hand() -> None:
    """6.4 MB are 64,000 rows in 16 partitions: each of 16 tasks has a piece for each; 64 shards meet 4 long runs."""
    model = imported("model")
    join = model.join_of(6.4e6, model.Inputs.of(INPUTS))
    assert (join.rows, join.partitions, join.narrow) == (64_000, 16, 3.2e6)
    assert join.processor == pytest.approx(0.064 + 16 * 16 * 0.0005)
    assert join.driver == pytest.approx(0.128 + 2 * 16 * 0.001 + 4 * 64 * 0.0001)
    assert join.wall(10) == pytest.approx(join.processor / 10 + join.driver)


@pytest.mark.parametrize("states", [1, 2, 7, 8, 9, 63, 64, 65, 513, 1000])
def test_the_model_counts_the_merges_of_the_engines(states: int) -> None:
    """As many as the tree of merges makes."""
    merged = []
    tree(range(states), lambda few: merged.append(len(few)) or 0)
    assert sum(imported("model").merges_by_level(states)) == len(merged)


def imported(name: str) -> Any:
    """A module of benchmarks/, which is no package."""
    specification = importlib.util.spec_from_file_location(f"benchmarks_{name}", BENCHMARKS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


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
    ended = processes.run([sys.executable, str(BENCHMARKS / "run.py"), *arguments], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "failed: exit code 2" in ended.stdout
