"""`datalife stats` as a shell sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datalife.cli import main

SAMPLE = Path(__file__).parent.parent.parent / "sample_data" / "training.csv"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two days of data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "monday.csv").write_text("fare,zone\n1.5,A\n2.5,B\n,A\n")
    (tmp_path / "tuesday.csv").write_text("fare,zone\n4.0,A\n")
    return tmp_path


def profile(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """The document that `stats` writes."""
    assert main(["stats", *arguments, "-f", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_several_sources_are_one_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    """Two files have the rows of both."""
    found = profile(capsys, "monday.csv", "tuesday.csv")
    assert (found["kind"], found["version"], found["rows"]) == ("profile", 1, 4)
    fare, zone = found["columns"]
    assert (fare["null_count"], fare["min"], fare["max"], fare["sum"]) == (1, 1.5, 4.0, 8.0)
    assert zone["top_values"] == [{"value": "A", "count": 3}, {"value": "B", "count": 1}]


def test_profiles_of_parts_merge_into_that_of_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A saved profile stands for its data; beside it may stand other profiles and data."""
    main(["stats", "monday.csv", "-o", "monday.json"])
    merged = profile(capsys, "monday.json", "tuesday.csv")["columns"][0]
    whole = profile(capsys, "monday.csv", "tuesday.csv")["columns"][0]
    assert {key: merged[key] for key in ("count", "mean", "std", "median")} == {
        key: whole[key] for key in ("count", "mean", "std", "median")
    }


def test_top_and_bins_say_how_much_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`--top 1` tells the most frequent value alone, `--bins 2` cuts the range in two."""
    fare, zone = profile(capsys, "monday.csv", "--top", "1", "--bins", "2")["columns"]
    assert zone["top_values"] == [{"value": "A", "count": 2}]
    assert fare["histogram"] == {"edges": [1.5, 2.0, 2.5], "counts": [1, 1]}


def test_the_table_of_the_sample_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, snapshot: Any
) -> None:
    """What the tutorial shows first."""
    monkeypatch.chdir(SAMPLE.parent.parent)
    assert main(["stats", "sample_data/training.csv"]) == 0
    assert capsys.readouterr().out == snapshot


def test_the_same_data_gives_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    """No clock and no chance is in the document."""
    first = profile(capsys, "monday.csv")
    assert profile(capsys, "monday.csv") == first


def test_a_warning_of_the_core_is_a_line_on_standard_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was left out is said, unless `--quiet`."""
    (folder / "ragged.csv").write_text("a,b\n1,2\n3\n4,5\n")
    main(["stats", "ragged.csv", "--on-bad-row", "skip"])
    assert capsys.readouterr().err.startswith("warning: ragged.csv: 1 bad records skipped")
    main(["stats", "ragged.csv", "--on-bad-row", "skip", "-q"])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", "a,b\n1,2\n3\n", "warning: t.csv:3: left out: the record has 1 field where 2 are expected\n"),
        ("t.ndjson", '{"a":1}\n[2]\n', "warning: t.ndjson:2: left out: is a JSON array, expected one object a line\n"),
        ("t.csv", "a,b\n1,2\n" + "3\n" * 7, "warning: 7 records left out in all\n"),
    ],
)
def test_a_report_of_bad_records_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, said: str
) -> None:
    """A profile has no place for it, so each of the first is a warning with its line."""
    (folder / name).write_text(content)
    assert main(["stats", name, "--on-bad-row", "report"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 row, ")
    assert err.endswith(said)


def test_everything_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Slices, weights, label, correlations, crossed columns and groups come from one run."""
    flags = ["--by", "zone", "--weight", "fare", "--where", "fare > 0", "--label", "zone", "--correlations"]
    found = profile(capsys, "monday.csv", "tuesday.csv", *flags, "--cross", "zone,fare", "--group", "zone")
    assert found["weight"] == {"column": "fare", "total": 8}
    assert [each["by"] for each in found["slices"]] == [{"zone": "A"}, {"zone": "B"}]
    assert found["label"]["task"] == "classification"
    assert found["cross"]["combinations"] == 6
    assert found["fairness"]["group"] == ["zone"]
    assert found["correlations"]["measured"] == 0


def test_columns_in_another_order(capsys: pytest.CaptureFixture[str]) -> None:
    """`--sort` orders the columns; by default they are in the order of the data."""
    Path("wide.csv").write_text("b,a,c\n1,,x\n2,2,\n3,,z\n")
    asked = ("data", "name", "nulls", "distinct")
    names = [[each["name"] for each in profile(capsys, "wide.csv", "--sort", order)["columns"]] for order in asked]
    assert names == [["b", "a", "c"], ["a", "b", "c"], ["a", "c", "b"], ["b", "c", "a"]]


def test_the_table_of_what_columns_tell_together(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, snapshot: Any
) -> None:
    """Label, correlations, empty combinations, groups and slices follow the columns."""
    monkeypatch.chdir(SAMPLE.parent.parent)
    flags = ["--columns", "distance,surface", "--by", "surface", "--label", "fun", "--correlations"]
    assert main(["stats", "sample_data/training.csv", *flags, "--cross", "surface,city", "--group", "surface"]) == 0
    assert capsys.readouterr().out == snapshot
