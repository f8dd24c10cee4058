"""What other tools let pass with exit code 0: each ends with 1 or 2 here."""

import json
from pathlib import Path

import polars as pl
import pytest

from datalife.cli import main

nan = float("nan")
BEFORE = {"a": [1.0, 2.0, 3.0, 4.0, 5.0] * 20}
TURNED_NULL = {"a": [None] * 60 + [1.0, 2.0, 3.0, 4.0] * 10}
#: who lets it pass: data, schema, further arguments, exit code, what is told
CASES = {
    "a misspelled rule (Soda, pandera)": (
        {"a": [1]}, "columns: {a: {type: integer, maximum: 0}}", [], 2, "unknown key 'maximum'"),
    "a misspelled rule in its long form": (
        {"a": [1]}, "columns: {a: {type: integer, max: {valu: 0}}}", [], 2, "valu"),
    "a check that cannot be evaluated (Soda)": (
        {"a": [1]}, "columns: {a: {}, b: {required: false}}\nchecks: [{name: c, expect: a > b}]", [], 1, "not-checked"),
    "a check of a column that nobody knows": (
        {"a": [1]}, "columns: {a: {}}\nchecks: [{name: c, expect: a > bb}]", [], 2, "no column 'bb'"),
    "uniqueness of an absent column (datacontract)": (
        {"a": [1]}, "columns: {a: {}, b: {unique: true}}", [], 1, "missing-column"),
    "a key with an absent column": (
        {"a": [1]}, "columns: {a: {}, b: {required: false}}\ndataset: {unique: [[a, b]]}", [], 1, "not-checked"),
    "values of a lazy frame that are never looked at (pandera)": (
        {"a": [1, 2, -3]}, "columns: {a: {type: integer, min: 0}}", [], 1, "out-of-range"),
    "a column of which 60 % turned null (Evidently)": (
        TURNED_NULL, "columns: {a: {type: float}}", [], 1, "too-many-nulls"),
    "the same, measured against the past": (
        TURNED_NULL, "columns: {a: {type: float, max_null_fraction: 0.1, drift: {metric: l_infinity, max: 0.5}}}",
        ["--baseline", "before.parquet"], 1, "too-many-nulls"),
    "a limit on a distance that cannot apply (TFDV)": (
        {"a": ["x", "y"]}, "columns: {a: {drift: {metric: kolmogorov_smirnov, max: 0.1}}}",
        ["--baseline", "before.parquet"], 1, "not-checked"),
    "a statistic that cannot apply": (
        {"a": ["x", "y"]}, "columns: {a: {statistics: {mean: {max: 0.1}}}}", [], 1, "not-checked"),
    "NaN above a maximum": (
        {"a": [1.0, nan]}, "columns: {a: {type: float, max: 2}}", [], 1, "nan-value"),
    "no rows": (
        {"a": pl.Series([], dtype=pl.Int64)}, "columns: {a: {type: integer}}", [], 1, "too-few-rows"),
    "a baseline without rows": (
        {"a": [1.0]}, "columns: {a: {type: float, drift: {metric: psi, max: 0.1}}}",
        ["--baseline", "empty.parquet"], 1, "not-checked"),
    "a column that vanished": (
        {"b": [1]}, "columns: {a: {}, b: {}}", [], 1, "missing-column"),
    "a type that changed": (
        {"a": ["1"]}, "columns: {a: {type: integer}}", [], 1, "unexpected-type"),
    "a run that checks nothing": (
        {"a": [1]}, "columns: {}\ndataset: {other_columns: ignore}", [], 2, "checks nothing"),
    "a reference to a file without the column": (
        {"a": [1]}, "columns: {a: {references: {file: before.parquet, columns: [z]}}}", [], 2, "no column 'z'"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "schema", "arguments", "code", "told"), CASES.values(), ids=CASES)
def test_none_of_it_passes(tmp_path, monkeypatch, capsys, data, schema, arguments, code, told):
    """The exit code says so, and the document names the reason."""
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(data).write_parquet("data.parquet")
    pl.DataFrame(BEFORE).write_parquet("before.parquet")
    pl.DataFrame(BEFORE).clear().write_parquet("empty.parquet")
    Path("schema.yaml").write_text(schema + "\n")
    found = main(["validate", "data.parquet", "--schema", "schema.yaml", "-f", "json", *arguments])
    document = json.loads(capsys.readouterr().out)
    assert found == code
    assert told in json.dumps(document.get("anomalies") or document["errors"])


def test_what_is_printed_is_what_is_returned(tmp_path, monkeypatch, capsys):
    """Nobody reads "failed" beside a 0 (pointblank)."""
    monkeypatch.chdir(tmp_path)
    Path("schema.yaml").write_text("columns: {a: {type: integer, min: 0}}\n")
    for values, code, verdict in (([1], 0, "passed"), ([-1], 1, "FAILED")):
        pl.DataFrame({"a": values}).write_parquet("data.parquet")
        assert main(["validate", "data.parquet", "--schema", "schema.yaml"]) == code
        assert capsys.readouterr().out.startswith(verdict)
