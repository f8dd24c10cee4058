"""Several batches in order, and limits from batches that are known to be good."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from datalife.cli import main
from datalife.drift.compare import diff
from datalife.drift.model import Diff
from datalife.drift.rows import Keyed
from datalife.drift.series import calibrate, diff_series
from datalife.drift.sides import DiffOptions
from datalife.errors import UsageError
from datalife.schema.lint import load_schema
from datalife.schema.model import Limit

DAYS = [f"day{number}.csv" for number in range(1, 8)]


@pytest.fixture(autouse=True)
def _week(tmp_path, monkeypatch):
    """Seven days: fares are higher at the weekend, and day 5 has a fault."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(DAYS, start=1):
        draw = random.Random(number)
        level = 10 + (0.6 if number > 5 else 0) + (3 if number == 5 else 0)
        rows = [f"{draw.gauss(level, 1):.3f},{draw.choice(('card', 'cash'))}" for _ in range(500)]
        Path(name).write_text("fare,payment\n" + "\n".join(rows) + "\n")


def drifted(found: Diff) -> list[str]:
    """The batches that drifted."""
    return [batch.name for batch in found.batches or [] if batch.drifted]


def test_every_batch_is_compared_with_the_first():
    """The weekend and the fault differ from day 1; the document is that of the last day."""
    found = diff_series(DAYS)
    assert drifted(found) == ["day5.csv", "day6.csv", "day7.csv"]
    assert {batch.baseline for batch in found.batches or []} == {"day1.csv"}
    pair = diff("day1.csv", "day7.csv")
    assert [column.distance for column in found.columns] == [column.distance for column in pair.columns]
    assert found.drifted


def test_or_with_the_one_before():
    """The fault comes and goes, and the weekend begins after it."""
    found = diff_series(DAYS, "previous")
    assert [batch.baseline for batch in found.batches or []] == DAYS[:-1]
    assert drifted(found) == ["day5.csv", "day6.csv"]
    assert not any(column.drifted for column in found.columns)
    assert found.drifted


def test_two_batches_are_a_series_when_asked_for():
    """The same numbers as without, and the batch."""
    found = diff_series(DAYS[:2])
    assert found.model_copy(update={"batches": None}) == diff("day1.csv", "day2.csv")


def test_rows_are_compared_between_two_datasets_only():
    """A key makes no sense along a series."""
    with pytest.raises(UsageError, match="two datasets"):
        diff_series(DAYS, options=DiffOptions(keyed=Keyed(("id",))))


def test_good_batches_set_limits_that_they_keep():
    """With the weekend among the good days it is no drift; the fault still is."""
    limits = calibrate([name for name in DAYS if name != "day5.csv"]).limits
    found = diff_series(DAYS, options=DiffOptions(schema=limits))
    assert drifted(found) == ["day5.csv"]


def test_a_limit_is_the_largest_of_three_numbers():
    """Plain Python: mean and three deviations over all pairs, the largest pair, and chance."""
    good = DAYS[:3]
    pairs = [diff(good[one], good[other]).columns[0] for one, other in ((0, 1), (0, 2), (1, 2))]
    distances = [pair.distance or 0 for pair in pairs]
    mean = sum(distances) / 3
    deviation = (sum((each - mean) ** 2 for each in distances) / 3) ** 0.5
    expected = max(mean + 3 * deviation, *distances, *(pair.noise_floor or 0 for pair in pairs))
    limit = calibrate(good).limits.columns["fare"].limits("drift")[0]
    assert limit.metric == "kolmogorov_smirnov"
    assert expected <= limit.max <= expected * 1.01


def test_two_good_batches_are_too_few():
    """They have one distance, and nothing to tell how it varies."""
    with pytest.raises(UsageError, match="at least 3"):
        calibrate(DAYS[:2])


def test_the_file_of_limits_says_how_and_is_a_schema(capsys, snapshot):
    """`--calibrate` writes it, `--schema` takes it."""
    assert main(["diff", "--calibrate", *DAYS[:4], "-o", "limits.yaml"]) == 0
    assert Path("limits.yaml").read_text() == snapshot
    assert main(["diff", "day1.csv", "day2.csv", "--schema", "limits.yaml", "-f", "json"]) == 0
    assert all(column["threshold"] for column in json.loads(capsys.readouterr().out)["columns"])


@pytest.mark.parametrize(
    "words",
    [["--calibrate", *DAYS], ["day1.csv", "day2.csv", "-f", "yaml"], ["day1.csv"], [*DAYS, "--label", "payment"]],
    ids=["no file for limits", "a comparison is no schema", "one dataset", "a shift of many"],
)
def test_what_does_not_go_together_is_an_error(words, capsys):
    """One line says what, one what to do, and nothing is written."""
    assert main(["diff", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")


def test_a_table_of_batches(capsys, snapshot):
    """A line each, with the distances that went farthest and their limits."""
    assert main(["diff", *DAYS]) == 1
    assert capsys.readouterr().out == snapshot


@pytest.mark.parametrize("format", ["table", "html"])
def test_batches_of_one_long_path_are_told_apart(format, capsys):
    """By the end of their names."""
    folder = Path("a-folder-with-a-name-that-is-longer-than-a-table")
    folder.mkdir()
    names = [str(Path(day).rename(folder / day)) for day in DAYS[:3]]
    main(["diff", *names, "-f", format])
    text = capsys.readouterr().out
    assert "with-a-name-that-is-longer-than-a-table/day2.csv"[-39:] in text
    assert "with-a-name-that-is-longer-than-a-table/day3.csv"[-39:] in text


def test_missing_values_have_a_limit_that_good_batches_keep():
    """A tenth more or less is missing on good days: no drift any more; half of the values is, and so says validate."""
    for name, missing in {"a": 10, "b": 100, "c": 190, "d": 60, "bad": 500}.items():
        rows = ["" if place < missing else str(place % 7) for place in range(1000)]
        Path(f"{name}.csv").write_text("id,x\n" + "\n".join(f"{place},{row}" for place, row in enumerate(rows)) + "\n")
    good = ["a.csv", "b.csv", "c.csv"]
    assert diff("a.csv", "c.csv").columns[1].status == "drifted"
    found = calibrate(good)
    distance, missing = found.limits.columns["x"].limits("drift")
    assert (distance.metric, missing.metric) == ("l_infinity", "null_fraction")
    gaps = [0.09, 0.09, 0.18]
    expected = sum(gaps) / 3 + 3 * (sum((gap - 0.12) ** 2 for gap in gaps) / 3) ** 0.5
    assert expected <= missing.max <= expected * 1.01
    assert isinstance(found.limits.columns["id"].drift, Limit)
    Path("limits.yaml").write_text(found.text)
    options = DiffOptions(schema=load_schema("limits.yaml"))
    assert [diff("a.csv", f"{name}.csv", options).columns[1].status for name in "bcd"] == ["stable"] * 3
    assert diff("a.csv", "bad.csv", options).columns[1].reason == (
        "missing values went from 1 % to 50 % of the rows, more than 0.248"
    )


def test_validate_knows_the_limit_of_missing_values(capsys):
    """Against a baseline, with the two shares."""
    Path("one.csv").write_text("x,y\n" + "1,1\n" * 90 + ",1\n" * 10)
    Path("other.csv").write_text("x,y\n" + "1,1\n" * 60 + ",1\n" * 40)
    rule = "{type: integer, nullable: true, drift: {metric: null_fraction, max: 0.2}}"
    Path("schema.yaml").write_text(f"version: 1\ncolumns:\n  x: {rule}\n  y: {{type: integer}}\n")
    words = ["validate", "other.csv", "--schema", "schema.yaml", "--baseline", "one.csv"]
    assert main(words) == 1
    told = "null_fraction to the baseline is 0.3, at most 0.2 allowed: missing moved from 10 % to 40 %"
    assert told in " ".join(capsys.readouterr().out.split())
