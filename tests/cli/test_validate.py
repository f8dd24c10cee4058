"""`datalife validate` as a shell sees it."""

import json
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main

COMMAND = "validate"
DATA = "id,fare,zone,at\n1,5.5,A,2026-01-01\n2,-3.0,B,2026-01-02\n2,,SECRET,2026-01-03\n4,99.5,A,2026-01-04\n"
SCHEMA = """\
version: 1
environments: [serving]
columns:
  id: {type: integer, unique: true}
  fare: {type: float, min: 0, max: 50, drift: {metric: l_infinity, max: 0.1}}
  zone: {type: string, domain: [A, B], severity: warning}
  at: {type: date}
checks:
  - {name: dear, expect: fare < 90 OR zone = 'B'}
"""
TABLE = """\
FAILED  4 errors, 1 warning  (4 rows)

error  out-of-range  fare
  2 of 3 values (67 %) out of range: -3.0 (1), 99.5 (1); expected at least 0 and at most 50
  data.csv:3: -3.0; data.csv:5: 99.5

error  check-failed
  dear: 1 of 4 rows (25 %) break fare < 90 OR zone = 'B'
  data.csv:5: fare 99.5, zone A

error  too-many-nulls  fare
  1 of 4 values (25 %) missing; expected none missing

error  not-unique  id
  1 of 4 values (25 %) repeats an earlier one: 2 (2); expected id never repeats
  data.csv:4: 2

warning  value-outside-domain  zone
  1 of 4 values (25 %) outside the domain: SECRET (1); expected one of A, B
  data.csv:4: SECRET
"""
UNMEASURED = "warning: 1 limit of drift not measured: give --baseline\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Data with one fault of each kind, and its schema."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(DATA)
    (tmp_path / "schema.yaml").write_text(SCHEMA)


def test_the_table_has_the_gravest_first(run):
    """The verdict, then each finding in words with its rows; what was not measured is a note."""
    code, out, err = run("data.csv", "--schema", "schema.yaml")
    assert (code, err) == (1, UNMEASURED)
    assert out == TABLE


def test_the_json_has_the_keys_of_the_contract(run):
    """In this order, at every level."""
    code, out, _ = run("data.csv", "--schema", "schema.yaml", "-f", "json", "--baseline", "data.csv")
    document = json.loads(out)
    assert code == 1
    assert list(document) == ["kind", "version", "rows", "environment", "failed", "counts", "anomalies", "measures"]
    assert (document["kind"], document["rows"], document["failed"]) == ("report", 4, True)
    assert document["counts"] == {"error": 4, "warning": 1, "info": 0}
    assert list(document["anomalies"][0]) == [
        "code", "severity", "column", "message", "expected", "observed", "failures", "fraction", "examples",
        "metric", "distance", "threshold", "slice",
    ]  # fmt: skip
    assert document["anomalies"][0]["examples"] == [
        {"row": 1, "value": -3.0, "where": "data.csv:3"},
        {"row": 3, "value": 99.5, "where": "data.csv:5"},
    ]
    assert document["measures"][0]["distance"] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "never"], 0),
        (["--fail-on", "warning"], 1),
        (["--exit-zero"], 0),
        (["--columns", "zone"], 1),
        (["--exclude", "fare,id"], 1),
        (["--environment", "training"], 2),
        (["--now", "yesterday"], 2),
        (["--schema", "nowhere.yaml", "--exit-zero"], 2),
    ],
)
def test_exit_codes(run, arguments, code):
    """1 for findings at the level asked for, 2 where nothing could be judged, whatever --exit-zero says."""
    assert run("data.csv", "--schema", "schema.yaml", *arguments)[0] == code


def test_a_schema_alone(run):
    """Without data only the schema is looked at: 0, or 2 with its faults."""
    assert run("--schema", "schema.yaml") == (0, "", "schema.yaml: no faults in the schema\n")
    with open("schema.yaml", "a") as stream:
        stream.write("dataset: {rows: {mim: 3}}\n")
    assert run("--schema", "schema.yaml") == (
        2, "", "error: schema.yaml:10:18: unknown key 'mim'\nhint: did you mean 'min'?\n"
    )  # fmt: skip
    assert run("--schema", "schema.yaml", "--baseline", "data.csv")[0] == 2


def test_a_schema_alone_as_json(run):
    """A document also when there is nothing to report."""
    code, out, _ = run("--schema", "schema.yaml", "-f", "json")
    assert (code, json.loads(out)["anomalies"]) == (0, [])


@pytest.mark.parametrize("suffix", ["csv", "parquet", "ndjson"])
def test_failing_rows(run, suffix):
    """Every offending row once, with its number, the rules it breaks, and its values."""
    path = f"bad.{suffix}"
    run("data.csv", "--schema", "schema.yaml", "--failing-rows", path)
    reader = {"csv": pl.read_csv, "parquet": pl.read_parquet, "ndjson": pl.read_ndjson}[suffix]
    found = reader(path)
    assert found.columns == ["row", "codes", "id", "fare", "zone", "at"]
    assert found.select("row", "codes", "zone").rows() == [
        (1, "fare:out-of-range", "B"),
        (2, "fare:too-many-nulls id:not-unique zone:value-outside-domain", "SECRET"),
        (3, "check-failed fare:out-of-range", "A"),
    ]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "ndjson"])
def test_good_rows(run, suffix):
    """The rows that break nothing, with the columns of the data alone."""
    path = f"good.{suffix}"
    run("data.csv", "--schema", "schema.yaml", "--good-rows", path)
    found = {"csv": pl.read_csv, "parquet": pl.read_parquet, "ndjson": pl.read_ndjson}[suffix](path)
    assert (found.columns, found.select("id", "fare", "zone").rows()) == (["id", "fare", "zone", "at"], [(1, 5.5, "A")])


def test_formulas_are_harmless_in_failing_rows_and_untouched_in_good_ones(run):
    """A spreadsheet runs what begins with = + - or @ and is no number; what is good goes on as it is."""
    Path("data.csv").write_text("a,b\n=1+1,-5\n-2,@x\nok,-\n")
    Path("schema.yaml").write_text("columns: {a: {}, b: {type: string, domain: ['-', '-5']}}\n")
    run("data.csv", "--schema", "schema.yaml", "--failing-rows", "bad.csv", "--good-rows", "good.csv")
    assert Path("bad.csv").read_text() == "row,codes,a,b\n1,b:value-outside-domain,-2,'@x\n"
    assert Path("good.csv").read_text() == "a,b\n=1+1,-5\nok,-\n"


def test_the_suggested_schema_passes(run):
    """The changes are listed, and what was written by hand stays."""
    code, _, err = run("data.csv", "--schema", "schema.yaml", "--suggest", "next.yaml")
    assert code == 1
    assert "column 'fare': max 50 -> 99.5\n" in err
    assert "check 'dear': {max_failures: 1}\n" in err
    assert Path("schema.yaml").read_text() == SCHEMA
    assert "environments: [serving]" in Path("next.yaml").read_text()
    assert run("data.csv", "--schema", "next.yaml")[0] == 0
    assert run("data.csv", "--schema", "schema.yaml", "--suggest", "schema.yaml")[0] == 2


@pytest.mark.parametrize("flag", ["--failing-rows", "--good-rows", "--suggest"])
def test_files_with_values_do_not_go_with_no_samples(run, flag):
    """Somebody who wants no value of the data anywhere does not get a file of them."""
    code, _, err = run("data.csv", "--schema", "schema.yaml", "--no-samples", flag, "x.csv")
    assert (code, err.splitlines()[0]) == (
        2, f"error: {flag}: writes values of the data, which --no-samples forbids"
    )  # fmt: skip


def test_failing_rows_of_a_good_file(run):
    """An empty table of the same columns."""
    with open("data.csv", "w") as stream:
        stream.write("id,fare,zone,at\n1,5.5,A,2026-01-01\n")
    assert run("data.csv", "--schema", "schema.yaml", "--failing-rows", "bad.parquet")[0] == 0
    assert pl.read_parquet("bad.parquet").shape == (0, 6)


def test_failing_rows_that_cannot_be_written(run):
    """An unknown suffix, a column of the same name, slices: before or instead of any work."""
    told = run("data.csv", "--schema", "schema.yaml", "--failing-rows", "bad.txt")[2]
    assert "bad.txt: cannot tell the format from the suffix '.txt'" in told
    assert run("data.csv", "--schema", "schema.yaml", "--failing-rows", "b.csv", "--slice", "zone")[0] == 2


@pytest.mark.parametrize(
    ("source", "target"), [("data.csv", "data.csv"), ("d*.csv", "data.csv"), ("folder", "folder/data.csv")]
)
def test_failing_rows_never_replace_the_data(run, source, target):
    """Named, matched by a glob or among the files of a folder: an error, and the data stays as it was."""
    Path("folder").mkdir()
    Path("folder/data.csv").write_text(DATA)
    code, _, err = run(source, "--schema", "schema.yaml", "--failing-rows", target)
    assert (code, err) == (2, f"error: {target}: is an input of this command\nhint: write the result to another file\n")
    assert Path(target).read_text() == DATA


@pytest.mark.parametrize("target", ["data.csv", "schema.yaml", "before.csv", "trained.csv"])
def test_the_report_never_replaces_an_input(run, target):
    """Neither the data nor what it is compared with: an error, and the file stays as it was."""
    Path("before.csv").write_text(DATA)
    Path("trained.csv").write_text(DATA)
    kept = Path(target).read_text()
    others = ["--baseline", "before.csv", "--training", "trained.csv"]
    code, _, err = run("data.csv", "--schema", "schema.yaml", *others, "-o", target, "-f", "markdown")
    assert (code, err) == (2, f"error: {target}: is an input of this command\nhint: write the result to another file\n")
    assert Path(target).read_text() == kept


@pytest.mark.parametrize("form", ["table", "json", "github", "markdown", "html"])
def test_no_samples_shows_no_value(run, form):
    """Of the data, in any format: rows and counts alone."""
    text = SCHEMA.replace("zone: {", "zone: {drift: {metric: l_infinity, max: 0.1}, ")
    text += "dataset: {freshness: {column: at, max_age: 1d}, unique: [[id, zone]]}\n"
    with open("schema.yaml", "w") as stream:
        stream.write(text.replace("id: {", "id: {statistics: {max: {max: 3}}, "))
    with open("before.csv", "w") as stream:
        stream.write("id,fare,zone,at\n" + "1,5.5,SECRET,2026-01-01\n" * 3)
    code, out, _ = run(
        "data.csv", "--schema", "schema.yaml", "--no-samples", "-f", form, "--baseline", "before.csv",
        "--now", "2026-03-01",
    )  # fmt: skip
    assert code == 1
    for code in ("drift", "stale-data", "statistic-out-of-range", "out-of-range", "not-unique", "check-failed"):
        assert code in out
    assert [value for value in ("SECRET", "-3.0", "99.5", "2026-01-0") if value in out] == []


def test_freshness_by_the_clock_that_is_given(run):
    """The newest value is 2 days old at noon."""
    with open("schema.yaml", "w") as stream:
        stream.write("columns: {at: {}}\ndataset: {other_columns: ignore, freshness: {column: at, max_age: 2d}}\n")
    assert run("data.csv", "--schema", "schema.yaml", "--now", "2026-01-06T00:00:00Z")[0] == 0
    code, out, _ = run("data.csv", "--schema", "schema.yaml", "--now", "2026-01-06T12:00:00")
    assert code == 1
    assert "the newest at is 2026-01-04T00:00:00, 2.5 days old; at most 2d expected" in out


def test_a_saved_profile_stands_for_the_baseline(run, capsys):
    """The same distances as the data itself."""
    assert main(["stats", "data.csv", "-o", "before.json"]) == 0
    arguments = ("data.csv", "--schema", "schema.yaml", "-f", "json", "--baseline")
    capsys.readouterr()
    assert run(*arguments, "before.json")[1] == run(*arguments, "data.csv")[1]


def test_text_columns_of_digits_drift_as_text(run):
    """Both sides are read as the schema says."""
    with open("schema.yaml", "w") as stream:
        stream.write(
            "columns: {id: {type: string, drift: {metric: l_infinity, max: 0}}}\ndataset: {other_columns: ignore}\n"
        )
    assert run("data.csv", "--schema", "schema.yaml", "--baseline", "data.csv")[0] == 0


def test_slices(run):
    """Each finding names the slice; a profile has no rows to slice."""
    code, out, _ = run("data.csv", "--schema", "schema.yaml", "--slice", "zone")
    assert code == 1
    assert "error  out-of-range  fare  [zone=B]" in out
    assert main(["stats", "data.csv", "-q", "-o", "before.json"]) == 0
    assert run("data.csv", "--schema", "schema.yaml", "--slice", "zone", "--baseline", "before.json")[0] == 2
    assert run("data.csv", "--schema", "schema.yaml", "--slice", "zon")[0] == 2


def test_the_schema_says_how_text_is_read(run):
    """Missing markers and the delimiter; a flag wins."""
    with open("data.csv", "w") as stream:
        stream.write("a;b\n1;?\n2;3\n")
    with open("schema.yaml", "w") as stream:
        stream.write(
            'null_values: ["?"]\nreading: {delimiter: ";"}\n'
            "columns: {a: {type: integer}, b: {nullable: true, type: integer}}\n"
        )
    assert run("data.csv", "--schema", "schema.yaml")[0] == 0
    assert run("data.csv", "--schema", "schema.yaml", "--delimiter", ",")[0] == 1


UNREADABLE = (
    "3 records could not be read: bad.csv:3 has bytes that are not UTF-8; "
    "bad.csv:4 has 1 field where 2 are expected; bad.csv:5 has 3 fields where 2 are expected"
)


@pytest.mark.parametrize(
    ("mode", "expected", "codes", "said"),
    [
        ("error", 2, None, "error: bad.csv:3: is not UTF-8: byte 0xe9 at offset 10"),
        ("report", 1, ["unreadable-row"], ""),
        ("skip", 0, [], "warning: bad.csv: 3 bad records skipped, the first at bad.csv:3"),
    ],
)
def test_records_that_cannot_be_read(run, tmp_path, mode, expected, codes, said):
    """They end the work, are a finding with their lines, or are left out with a warning; the others are checked."""
    (tmp_path / "bad.csv").write_bytes(b"a,b\n1,x\n2,\xe9\n3\n4,y,z\n5,w\n")
    (tmp_path / "s.yaml").write_text("columns:\n  a: {type: integer}\n  b: {type: string}\n")
    code, out, err = run("bad.csv", "--schema", "s.yaml", "--on-bad-row", mode, "-f", "json")
    assert code == expected
    assert err.startswith(said)
    report = json.loads(out)
    if codes is not None:
        assert report["rows"] == 2
        assert [each["code"] for each in report["anomalies"]] == codes
        assert [each["message"] for each in report["anomalies"]] == [UNREADABLE][: len(codes)]
