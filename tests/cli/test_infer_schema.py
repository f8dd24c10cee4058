"""`datalife infer-schema` as a shell sees it."""

import json
from pathlib import Path

import pytest
import yaml

from datalife.cli import main
from datalife.cli.infer_schema import FORMATS
from datalife.schema.exchange import FORMATS as REGISTRY

COMMAND = "infer-schema"
DATA = "fare,payment\n5.5,Cash\n7.25,Card\n6.0,Cash\n"
SCHEMA = "# by hand\nversion: 1\ncolumns:\n  fare: {type: float, max: 6}\n  payment: {domain: [Cash, Card]}\n"
RELAXED = SCHEMA.replace("max: 6", "max: 7.25")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """A folder with data and a schema that it breaks."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(DATA)
    (tmp_path / "schema.yaml").write_text(SCHEMA)


def test_yaml_on_standard_output(run):
    """By default a YAML file with the editor's schema in its first line and evidence beside the rules."""
    code, out, _ = run("data.csv")
    assert code == 0
    assert (
        out
        == """\
# yaml-language-server: $schema=datalife.schema.json
# Inferred from 3 rows of data.csv.
# Beside each rule stands what was seen. Review it: the data may be wrong, and you know what it means.
version: 1
columns:
  fare:
    type: float  # 3 values, none missing
  payment:
    type: string  # 3 values, none missing
    domain: [Card, Cash]  # 2 values in 3 rows: too few rows to tell, please review
"""
    )


def test_json_is_the_same_schema(run):
    """`-f json` writes the rules without comments, and a YAML reader takes them too."""
    _, text, _ = run("data.csv")
    _, document, _ = run("data.csv", "-f", "json")
    assert json.loads(document) == yaml.safe_load(document) == yaml.safe_load(text)


def test_the_suffix_chooses_the_format(run):
    """`-o FILE.json` and `-o FILE.yaml` write what their names say and print nothing."""
    for name, read in (("out.json", json.loads), ("out.yaml", yaml.safe_load)):
        code, out, _ = run("data.csv", "-o", name)
        assert (code, out) == (0, "")
        assert list(read(Path(name).read_text())["columns"]) == ["fare", "payment"]


def test_a_saved_profile_stands_for_its_data(run):
    """The profile that `stats` wrote gives the same rules."""
    main(["stats", "data.csv", "-o", "profile.json"])
    _, from_profile, _ = run("profile.json", "-f", "json")
    _, from_data, _ = run("data.csv", "-f", "json")
    assert from_profile == from_data


def test_options_reach_the_inference(run):
    """`--ranges`, `--strictness` and `--max-domain` change the rules."""
    _, out, _ = run("data.csv", "-f", "json", "--ranges", "observed", "--max-domain", "1")
    assert json.loads(out)["columns"] == {
        "fare": {"type": "float", "min": 5.5, "max": 7.25},
        "payment": {"type": "string"},
    }


def test_update_prints_the_relaxed_file(run):
    """The text as it was but for what the data breaks; the changes on standard error; the file untouched."""
    code, out, err = run("--update", "schema.yaml", "data.csv")
    assert (code, out) == (0, RELAXED)
    assert err == "column 'fare': max 6 -> 7.25\n"
    assert Path("schema.yaml").read_text() == SCHEMA


def test_update_in_place(run):
    """`--in-place` and `-o` with the file itself write it back."""
    for option in (["--in-place"], ["-o", "schema.yaml"]):
        Path("schema.yaml").write_text(SCHEMA)
        assert run("--update", "schema.yaml", "data.csv", *option)[:2] == (0, "")
        assert Path("schema.yaml").read_text() == RELAXED


def test_update_as_json(run):
    """`-f json` gives the updated rules as JSON."""
    _, out, _ = run("--update", "schema.yaml", "data.csv", "-f", "json")
    assert json.loads(out) == yaml.safe_load(RELAXED)


def test_dry_run_writes_nothing(run):
    """The changes are listed, the exit code is 0."""
    code, out, err = run("--update", "schema.yaml", "data.csv", "--dry-run", "--in-place")
    assert (code, out, err) == (0, "", "column 'fare': max 6 -> 7.25\n")
    assert Path("schema.yaml").read_text() == SCHEMA


def test_check_fails_when_the_file_would_change(run):
    """1 while the data breaks the schema, 0 once it keeps to it."""
    assert run("--update", "schema.yaml", "data.csv", "--check")[0] == 1
    run("--update", "schema.yaml", "data.csv", "--in-place")
    code, out, err = run("--update", "schema.yaml", "data.csv", "--check")
    assert (code, out, err) == (0, "", "no change: the data keeps to the schema\n")


def test_text_of_digits_is_still_text(run):
    """A text column of a CSV file whose new values all look like numbers keeps its type, and null values count."""
    schema = 'version: 1\nnull_values: ["NA"]\ncolumns:\n  zone: {type: string, nullable: true}\n'
    Path("schema.yaml").write_text(schema)
    Path("data.csv").write_text("zone\n7\n12\nNA\n")
    assert run("--update", "schema.yaml", "data.csv")[1] == schema


def test_options_of_an_update_need_one(run):
    """`--in-place` without `--update` is a usage error."""
    code, _, err = run("data.csv", "--in-place")
    assert code == 2
    assert "--update" in err


def test_a_broken_schema_is_named(run):
    """The file and its line, exit code 2, and nothing written."""
    Path("schema.yaml").write_text("version: 1\ncolumns:\n  a: {tipe: float}\n")
    code, out, err = run("--update", "schema.yaml", "data.csv")
    assert (code, out) == (2, "")
    assert err.startswith("error: schema.yaml:3:")


def test_how_the_data_was_read_is_in_the_schema(run, tmp_path):
    """What had to be said for reading is kept, so that the data passes without it being said again."""
    (tmp_path / "german.csv").write_text("day;fare\n31/12/2025;1.234,5\n01/02/2026;3,5\n")
    said = ["--decimal-comma", "--time-format", "%d/%m/%Y"]
    run("german.csv", *said, "-o", "german.yaml")
    written = yaml.safe_load((tmp_path / "german.yaml").read_text())
    assert written["reading"] == {"decimal_comma": True, "time_formats": ["%d/%m/%Y"]}
    assert [column["type"] for column in written["columns"].values()] == ["date", "float"]
    assert main(["validate", "german.csv", "--schema", "german.yaml"]) == 0


def test_a_schema_with_a_layout_that_is_none_is_refused(capsys, tmp_path):
    """A layout of `reading` is tested before the data is read by it."""
    (tmp_path / "s.yaml").write_text('reading:\n  time_formats: ["%d/%m/%Y", "%Q"]\ncolumns: {fare: {type: float}}\n')
    assert main(["validate", "data.csv", "--schema", "s.yaml"]) == 2
    assert capsys.readouterr().err.startswith("error: s.yaml:2:30: '%Q' is no layout of times\n")


def test_formats_of_other_tools_are_those_of_the_registry():
    """The command line names them without importing what reads them."""
    assert list(FORMATS) == list(REGISTRY)


def test_a_schema_goes_to_another_tool_and_back(tmp_path, run):
    """What is lost is told on standard error; the result is the file alone."""
    (tmp_path / "full.yaml").write_text("columns:\n  a: {type: integer, min: 1, severity: warning}\n")
    code, out, err = run("full.yaml", "--to", "json-schema", "-o", "row.json")
    assert (code, out, err) == (0, "", "lost, json-schema: column 'a': severity: warning\n")
    assert json.loads((tmp_path / "row.json").read_text())["properties"] == {"a": {"type": "integer", "minimum": 1}}
    code, out, err = run("--from", "json-schema", "row.json")
    assert (code, yaml.safe_load(out)["columns"], err) == (0, {"a": {"type": "integer", "min": 1}}, "")
    code, out, _ = run("--from", "json-schema", "row.json", "--to", "tfdv")
    assert (code, 'name: "a"' in out) == (0, True)


def test_what_is_inferred_goes_to_another_tool(run):
    """Data as SOURCE, and `--to`."""
    code, out, _ = run("data.csv", "--to", "frictionless")
    assert (code, [field["name"] for field in json.loads(out)["fields"]]) == (0, ["fare", "payment"])


def test_the_room_for_chance_of_inferred_rules_is_told_as_lost(run):
    """Other tools have no words for it; it is the same for all columns and told once."""
    Path("many.csv").write_text("fare\n" + "\n".join(str(each % 97 + 0.5) for each in range(1000)))
    code, _, err = run("many.csv", "--to", "json-schema")
    assert code == 0
    assert "lost, json-schema: all columns: max_failure_fraction: 0.006\n" in err
    assert err.count("max_null_fraction") == 1


def test_an_explanation(run):
    """Of one column, as text or as JSON."""
    code, out, _ = run("data.csv", "--explain", "fare")
    assert code == 0
    assert out.startswith("fare:\n  type: float  # 3 values, none missing\n")
    assert "  # no min, max: fewer than 20 values say nothing about how far they reach\n" in out
    _, document, _ = run("data.csv", "--explain", "fare", "-f", "json")
    assert json.loads(document)["rules"][0] == {"key": "type", "value": "float", "evidence": "3 values, none missing"}


def test_the_schema_for_editors(run):
    """Without any data, and whatever the suffix."""
    code, out, _ = run("--editor-schema")
    assert (code, json.loads(out)["title"]) == (0, "datalife schema")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "error: SOURCE: there is no data to infer from"),
        (["data.csv", "--batches"], "error: --batches: there is one file, so one batch"),
        (["data.csv", "--explain", "fares"], "error: --explain: there is no column 'fares'"),
        (["--from", "tfdv", "a", "b"], "error: --from: one schema at a time is translated"),
        (["--from", "tfdv", "schema.yaml"], "error: schema.yaml:4:7: expected the name of a field, not :"),
    ],
)
def test_what_cannot_be_done(run, arguments, error):
    """One line with a hint, exit code 2."""
    code, _, err = run(*arguments)
    assert (code, err.splitlines()[0]) == (2, error)
