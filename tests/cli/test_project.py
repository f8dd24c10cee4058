"""`datalife validate` of the datasets that datalife.yaml lists."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

COMMAND = "validate"
SETTINGS = """\
fail-on: warning
datasets:
  trips:
    source: data/trips.csv
    schema: schemas/trips.yaml
    environment: serving
  riders: {source: [data/r1.csv, data/r2.csv], schema: schemas/riders.yaml, fail-on: error}
"""
TABLE = """\
FAILED  1 of 2 datasets

trips
  FAILED  1 error  (2 rows in serving)

  error  out-of-range  fare
    1 of 2 values (50 %) out of range: -1 (1); expected at least 0
    data/trips.csv:3: -1

riders
  passed  1 warning  (2 rows)

  warning  value-outside-domain  name
    1 of 2 values (50 %) outside the domain: Bo (1); expected one of Al
    data/r2.csv:2: Bo
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A project of two datasets, one of which breaks its schema."""
    monkeypatch.chdir(tmp_path)
    files = {
        "datalife.yaml": SETTINGS,
        "data/trips.csv": "fare\n1\n-1\n",
        "data/r1.csv": "name\nAl\n",
        "data/r2.csv": "name\nBo\n",
        "schemas/trips.yaml": "environments: [serving]\ncolumns: {fare: {type: integer, min: 0}}\n",
        "schemas/riders.yaml": "columns: {name: {domain: [Al], severity: warning}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_whole_project(run):
    """Each dataset with its own settings; 1 when one of them fails."""
    assert run() == (1, TABLE, "")


def test_a_dataset_by_its_name(run):
    """Only that one; a name that is none is an error with the nearest."""
    code, out, _ = run("riders")
    assert (code, out.splitlines()[0]) == (0, "passed  1 dataset")
    assert run("rider")[::2] == (
        2, "error: rider: is no dataset of datalife.yaml\nhint: did you mean 'riders'?\n"
    )  # fmt: skip


def test_the_command_line_is_stronger(run):
    """What is said there holds for every dataset."""
    assert run("riders", "--fail-on", "warning")[0] == 1
    assert run("--fail-on", "never")[0] == 0
    assert run("--exit-zero")[0] == 0


def test_files_are_found_from_the_settings(run, monkeypatch):
    """Wherever in the project the command is run."""
    Path("deeper").mkdir()
    monkeypatch.chdir("deeper")
    code, out, _ = run("trips")
    assert (code, "../data/trips.csv:3: -1" in out) == (1, True)


def test_data_with_a_schema_is_no_project(run):
    """A source and a schema on the command line mean themselves."""
    code, out, _ = run("data/r1.csv", "--schema", "schemas/riders.yaml")
    assert (code, out) == (0, "passed  no findings  (1 row)\n")


def test_one_that_cannot_be_checked_does_not_hide_the_others(run):
    """All are in the document; the exit code is 2 whatever else was found."""
    Path("data/r2.csv").unlink()
    code, out, err = run("-f", "json")
    document = json.loads(out)
    assert (code, document["kind"], document["failed"]) == (2, "project", True)
    assert document["counts"] == {"error": 1, "warning": 0, "info": 0}
    trips, riders = document["datasets"]
    assert (trips["name"], trips["report"]["anomalies"][0]["code"], trips["errors"]) == ("trips", "out-of-range", [])
    assert (riders["report"], riders["errors"][0]["where"]) == (None, "data/r2.csv")
    assert err.startswith("error: riders: data/r2.csv: ")
    assert run("--exit-zero")[0] == 2


def test_every_format_holds_every_dataset(run):
    """One run, several documents."""
    Path("data/r2.csv").unlink()
    outputs = [f"out.{suffix}" for suffix in ("xml", "sarif", "html", "md")]
    code, out, _ = run(*(word for path in outputs for word in ("-o", path)), "-o", "-", "-f", "github")
    assert code == 2
    suites = ElementTree.parse("out.xml").getroot()
    assert [(suite.get("name"), suite.get("failures"), suite.get("errors")) for suite in suites] == [
        ("trips", "1", "0"), ("riders", "0", "1"),
    ]  # fmt: skip
    runs = json.loads(Path("out.sarif").read_text())["runs"]
    assert [each["automationDetails"]["id"] for each in runs] == ["trips/", "riders/"]
    for text in (Path("out.html").read_text(), Path("out.md").read_text(), out):
        assert "out-of-range" in text
        assert "riders" in text


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ("datasets: {a: {source: x.csv, schem: y}}", "1:31: unknown setting 'schem' of the dataset 'a'"),
        ("datasets: {a: {source: x.csv}}", "1:16: the dataset 'a' has no schema"),
        ("datasets: {a: {schema: x.yaml}}", "1:16: the dataset 'a' has no source"),
        (
            "datasets: {a: {source: x.csv, schema: y, format: json}}",
            "1:42: unknown setting 'format' of the dataset 'a'",
        ),
        ("datasets: {a: {source: x, schema: y, fail-on: often}}", "1:38: fail-on: 'often' is not one of "),
        ("datasets: {a: x.csv}", "1:12: expected flags and their values"),
        ("datasets: [a]", "1:1: expected flags and their values"),
    ],
)
def test_faults_of_the_list(run, settings, error):
    """With their places, before any work."""
    Path("datalife.yaml").write_text(settings + "\n")
    code, _, err = run()
    assert (code, err.startswith(f"error: datalife.yaml:{error}")) == (2, True), err


def test_one_file_for_several_datasets_is_refused(run):
    """The rows of one would replace those of the other; of one dataset they are written."""
    assert run("--failing-rows", "bad.csv")[0] == 2
    assert run("trips", "--failing-rows", "bad.csv")[0] == 1
    assert Path("bad.csv").read_text() == "row,codes,fare\n1,fare:out-of-range,-1\n"


def test_datasets_of_pyproject(run):
    """The same keys, as tables."""
    Path("datalife.yaml").unlink()
    Path("pyproject.toml").write_text(
        '[tool.datalife.datasets.riders]\nsource = ["data/r1.csv"]\nschema = "schemas/riders.yaml"\n'
    )
    assert run()[:2] == (0, "passed  1 dataset\n\nriders\n  passed  no findings  (1 row)\n")
    with open("pyproject.toml", "a") as stream:
        stream.write("sourc = 1\n")
    assert run()[2].startswith("error: pyproject.toml:4: unknown setting 'sourc' of the dataset 'riders'")


def test_without_datasets_a_schema_is_needed(run):
    """The error says what to do."""
    Path("datalife.yaml").unlink()
    assert run("data/r1.csv") == (
        2, "", "error: datalife validate: missing option '--schema'\n"
        "hint: name one, or list datasets with their schemas in datalife.yaml\n"
    )  # fmt: skip
