"""The schema that the data passes, changed just enough."""

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

from datalife.schema.lint import load_schema
from datalife.schema.suggest import suggest
from datalife.schema.validate import ValidateOptions, examined, validate
from datalife.sources.dataset import open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.profile import summarize

from .test_against_oracle import cases, written
from .test_validate import CASES
from .validating import opened, told

NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def suggested(folder, dataset, text, options):
    """The suggestion for a dataset, and the findings of the data under it."""
    path = folder / "schema.yaml"
    path.write_text(text)
    found = suggest(dataset, str(path), options)
    path.write_text(found.text)
    return found, told(validate(dataset, load_schema(str(path)), options))


@pytest.mark.parametrize(("data", "text"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_every_code_can_be_allowed(tmp_path, data, text):
    """What breaks a rule of any kind keeps to the suggestion, and every change is told."""
    found, left = suggested(tmp_path, opened(tmp_path, data), text, ValidateOptions(now=NOW))
    assert left == []
    assert found.changes


@pytest.mark.parametrize(
    ("data", "text", "changes"),
    [
        ({"a": [1, 99]}, "columns:\n  a: {type: integer, max: 9} # ours\n", ["column 'a': max 9 -> 99"]),
        ({"a": [1, 2]}, "columns:\n  a: {type: integer, max: 9} # ours\n", []),
        ({"a": [1, 1, 2]}, "columns: {a: {}}\ndataset: {unique: [[a]]}\n",
         ["dataset: unique removed, 1 of 3 values (33 %) repeats an earlier one: 1 (2)"]),
        ({"a": [1, 2], "b": [1, 1]}, "columns: {a: {}, b: {}}\nchecks:\n  - name: c # ours\n    expect: a <= b\n",
         ["check 'c': {max_failures: 1}"]),
        ({"a": [dt.date(2026, 1, 1)]}, "columns: {a: {}}\ndataset: {freshness: {column: a, max_age: 1d}}\n",
         ["dataset: freshness max_age \"1d\" -> \"96h\""]),
    ],
)  # fmt: skip
def test_no_more_is_changed_than_needed(tmp_path, data, text, changes):
    """One line a change; comments stay."""
    found, left = suggested(tmp_path, opened(tmp_path, data), text, ValidateOptions(now=NOW))
    assert (found.changes, left) == (changes, [])
    assert ("# ours" in text) == ("# ours" in found.text)


def test_limits_and_environments(tmp_path):
    """A limit of drift allows the distance, and a column may be where it was not to be."""
    text = """\
environments: [training, serving]
dataset: {rows_vs_baseline: {max: 1.5}}
columns:
  a: {drift: [{metric: l_infinity, max: 0.1}]}
  label: {not_in: [serving]}
"""
    before = summarize(opened(tmp_path, {"a": ["x", "y"], "label": [1, 1]}))
    data = opened(tmp_path, {"a": ["x"] * 7 + ["y"], "label": [1] * 8})
    options = ValidateOptions("serving", before)
    found, left = suggested(tmp_path, data, text, options)
    assert left == []
    assert found.changes == [
        "column 'label': not_in [serving] -> []",
        "column 'a': drift [{metric: l_infinity, max: 0.1}] -> [{metric: l_infinity, max: 0.375}]",
        "dataset: rows_vs_baseline {max: 1.5} -> {max: 4.0}",
    ]


def test_a_base_stays_as_it_is(tmp_path):
    """What a base demands is allowed in the file that extends it."""
    (tmp_path / "base.yaml").write_text(
        "columns: {a: {type: string, pattern: x+}}\nchecks: [{name: c, expect: a > 'x'}]\n"
    )
    data = opened(tmp_path, {"a": ["x", "xy"]})
    found, left = suggested(tmp_path, data, "extends: base.yaml\ncolumns: {}\n", ValidateOptions())
    assert left == []
    assert "base.yaml" in found.text


def test_what_no_schema_can_allow_is_told(tmp_path):
    """A record that cannot be read."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n1\n")
    dataset = open_dataset([str(tmp_path / "a.csv")], ReadOptions(on_bad_row="report"))
    found, left = suggested(tmp_path, dataset, "columns: {a: {}, b: {}}", ValidateOptions())
    assert [each[0] for each in left] == ["unreadable-row"]
    assert found.beyond[0].startswith("1 record could not be read")


@settings(max_examples=60)
@given(cases())
def test_the_suggestion_always_passes(case):
    """Whatever the data and the rules of a column."""
    kind, values, rules = case
    with tempfile.TemporaryDirectory() as folder:
        dataset = opened(Path(folder), pl.DataFrame({"a": values}))
        found, left = suggested(Path(folder), dataset, written(kind, rules), ValidateOptions())
        assert left == []
        schema = load_schema(str(Path(folder) / "schema.yaml"))
        assert examined(dataset, schema).findings.broken == []
        assert found.beyond == []
