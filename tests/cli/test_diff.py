"""`datalife diff` as a shell sees it."""

import json

import polars as pl
import pytest

from datalife.drift.metrics import DISTANCES

COMMAND = "diff"
BASELINE = "id,fare,payment\n" + "".join(
    f"{each},{each % 7}.5,{'Cash' if each % 2 else 'Card'}\n" for each in range(400)
)
CURRENT = "id,fare,payment\n" + "".join(f"{each},{each % 7}.5,{'App' if each % 4 else 'Card'}\n" for each in range(390))


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Two tables; ten rows went, and the ways to pay changed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baseline.csv").write_text(BASELINE)
    (tmp_path / "current.csv").write_text(CURRENT)


def test_the_table_has_the_worst_first(run):
    """What drifted and how, then how many are stable; nothing on standard error."""
    code, out, err = run("baseline.csv", "current.csv")
    assert (code, err) == (1, "")
    assert (
        out
        == """\
3 columns compared: 1 drifted, 2 stable  (400 rows -> 390 rows)

drifted
payment  strong  l_infinity 0.7487 (limit 0.05, by chance 0.09838)
                 App: 0 % -> 75 %
                 new: App (292)
                 gone: Cash (200)
"""
    )


def test_the_json_has_the_keys_of_the_contract(run):
    """In this order."""
    _, out, _ = run("baseline.csv", "current.csv", "--key", "id", "-f", "json")
    document = json.loads(out)
    assert list(document) == [
        "kind", "version", "rows", "drifted", "schema", "columns", "rows_compared", "shift"
    ]  # fmt: skip
    assert document["rows"] == {"baseline": 400, "current": 390}
    assert list(document["columns"][0])[:13] == [
        "name", "type", "metric", "distance", "threshold", "drifted", "status", "noise_floor", "null_fraction",
        "new_values", "gone_values", "largest_change", "distances",
    ]  # fmt: skip
    rows = document["rows_compared"]
    assert list(rows)[:8] == [
        "key", "matched", "baseline_only", "current_only", "duplicate_keys", "missing_keys", "changed_rows", "columns"
    ]  # fmt: skip
    assert list(rows["columns"][0])[:9] == [
        "name", "baseline_count", "current_count", "equal", "baseline_only", "current_only", "mismatched", "changed",
        "examples",
    ]  # fmt: skip
    assert rows["duplicate_keys"] == rows["missing_keys"] == {"baseline": 0, "current": 0}


def test_rows_by_key_as_a_table(run):
    """Counts, and an example of each changed column."""
    _, out, _ = run("baseline.csv", "current.csv", "--key", "id", "--exclude", "fare")
    assert (
        out.partition("rows by")[2]
        == """\
 id: 390 matched, 292 changed, 10 removed, 0 added
column   changed  of rows  for example
payment      292     75 %  id=1: Cash -> App
"""
    )


def test_the_same_data_passes(run):
    """Exit code 0."""
    code, out, _ = run("baseline.csv", "baseline.csv", "--key", "id")
    assert code == 0
    assert (
        out
        == """\
2 columns compared: 0 drifted, 2 stable  (400 rows -> 400 rows)

rows by id: 400 matched, 0 changed, 0 removed, 0 added
"""
    )


def test_exit_zero_hides_the_gate(run):
    """The result is the same."""
    code, out, _ = run("baseline.csv", "current.csv", "--exit-zero")
    assert code == 0
    assert "1 drifted" in out


def test_a_breaking_change_of_shape_fails(run, tmp_path):
    """It stands first."""
    pl.read_csv("baseline.csv").drop("fare").with_columns(extra=1).write_csv(tmp_path / "current.csv")
    code, out, _ = run("baseline.csv", "current.csv")
    assert code == 1
    assert "fare    breaking  column removed: float\nextra             column added: integer\n" in out


def test_a_metric_and_a_threshold_of_the_user(run):
    """They judge every column that has the distance."""
    _, out, _ = run("baseline.csv", "current.csv", "--metric", "psi", "--threshold", "9", "-f", "json")
    found = {each["name"]: (each["metric"], each["threshold"], each["status"]) for each in json.loads(out)["columns"]}
    assert found == dict.fromkeys(("id", "fare"), ("psi", 9, "stable")) | {"payment": ("psi", 9, "stable")}


def test_differing_rows_go_to_a_file(run, tmp_path):
    """One line each."""
    run("baseline.csv", "current.csv", "--key", "id", "--rows-output", "rows.csv")
    found = pl.read_csv(tmp_path / "rows.csv")
    assert found.columns == ["id", "change", "column", "baseline", "current"]
    assert found["change"].value_counts(sort=True).rows() == [("changed", 292), ("removed", 10)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--key", ""], "is not a list of names"),
        (["--key", "Id"], "there is no column 'Id'"),
        (["--metric", "psy"], "there is no distance 'psy'"),
        (["--threshold", "x"], "not a valid float"),
        (["--tolerance", "1"], "belong to --key"),
        (["--key", "id", "--rows-output", "rows.txt"], "cannot tell the format from the suffix '.txt'"),
        (["--key", "id", "--rows-output", "no/rows.csv"], "the folder no does not exist"),
        (["--key", "id", "--rows-output", "current.csv"], "is an input of this command"),
        (["--columns", "fares"], "there is no column 'fares'"),
    ],
)
def test_usage_errors_exit_with_two(run, arguments, message):
    """One line with what is wrong and one with a hint; no result."""
    code, out, err = run("baseline.csv", "current.csv", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") <= 2


def test_the_help_names_every_distance(run):
    """--metric takes the names of DISTANCES."""
    _, out, _ = run("--help")
    assert all(metric in out for metric in DISTANCES)


def test_text_of_the_data_is_shown_safely(run, tmp_path):
    """Neither an escape sequence nor markup reaches the terminal."""
    rows = ["[bold]a", "\x1b[31mred"]
    for name, value in zip(("baseline", "current"), rows, strict=True):
        pl.DataFrame({"x\x07": [value] * 500}).write_parquet(tmp_path / f"{name}.parquet")
    _, out, _ = run("baseline.parquet", "current.parquet")
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "new: \\x1b[31mred (500)" in out
    assert "gone: [bold]a (500)" in out


def test_the_drift_limits_of_a_schema_judge_their_columns(run, tmp_path):
    """The payments may move that far; the fares have no limit of their own."""
    (tmp_path / "schema.yaml").write_text("columns:\n  payment: {drift: {metric: total_variation, max: 0.9}}\n")
    code, out, _ = run("baseline.csv", "current.csv", "--schema", "schema.yaml", "-f", "json")
    found = {each["name"]: (each["metric"], each["threshold"], each["status"]) for each in json.loads(out)["columns"]}
    assert code == 0
    assert found["payment"] == ("total_variation", 0.9, "stable")
    assert found["fare"] == ("l_infinity", 0.05, "stable")


def test_two_schemas_give_a_list_of_changes(run, tmp_path):
    """Those that break a reader first."""
    (tmp_path / "a.yaml").write_text("columns:\n  fare: {type: float}\n  payment: {domain: [Card, Cash]}\n")
    (tmp_path / "b.yaml").write_text("columns:\n  fare: {type: float, min: 0}\n  payment: {domain: [App, Card]}\n")
    code, out, _ = run("a.yaml", "b.yaml")
    assert code == 1
    assert (
        out
        == """\
2 changes, 1 breaking

schema
payment  breaking  domain changed: Card, Cash -> App, Card; loosens and tightens; may break consumers and producers
fare               min changed: none -> 0; tightens; may break producers
"""
    )
    assert run("a.yaml", "a.yaml")[:2] == (0, "0 changes, 0 breaking\n")


@pytest.mark.parametrize("words", [["--key", "fare"], ["--threshold", "0"], ["--map", "a=b", "--label", "fare"]])
def test_what_takes_data_is_not_asked_of_schemas(run, tmp_path, words):
    """It would be passed over in silence."""
    (tmp_path / "a.yaml").write_text("columns:\n  fare: {type: float}\n")
    code, _, err = run("a.yaml", "a.yaml", *words)
    assert code == 2
    assert err.startswith(f"error: {', '.join(words[::2])}: cannot be asked of two schemas")


def test_a_schema_and_data_are_a_usage_error(run, tmp_path):
    """That is what validate is for."""
    (tmp_path / "a.yaml").write_text("columns: {}\n")
    code, _, err = run("a.yaml", "current.csv")
    assert code == 2
    assert "datalife validate" in err
