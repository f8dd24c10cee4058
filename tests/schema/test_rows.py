"""The offending rows as a file."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datalife.errors import UsageError
from datalife.schema.rows import failing_rows, good_rows, write_rows
from datalife.schema.validate import ValidateOptions, examined
from datalife.sources import delimited

from .validating import opened, schema_of


def rows_of(dataset, text):
    """The failing rows of a dataset."""
    found = examined(dataset, schema_of(text), ValidateOptions(examples=0))
    return pl.concat(failing_rows(found.dataset, found.findings.broken).frames)


def test_keys_missing_values_and_checks_are_among_them(tmp_path):
    """Each row once, whatever it breaks; rows within a tolerance are not."""
    data = {"a": [1, 1, None, 4, 50], "b": [[1], [9], None, [1], [2]]}
    text = """\
columns:
  a: {type: integer, unique: true, max: {value: 4, max_failures: 1}}
  b: {type: list, nullable: true, items: {type: integer, max: 5}}
checks: [{name: c, expect: a <> 4}]
"""
    assert rows_of(opened(tmp_path, data), text).select("row", "codes").rows() == [
        (1, "a:not-unique b:out-of-range"),
        (2, "a:too-many-nulls"),
        (3, "check-failed"),
    ]


def test_shards_number_on(tmp_path, monkeypatch):
    """Rows are numbered over the whole file, however it is cut."""
    monkeypatch.setattr(delimited, "BLOCK", 64)
    dataset = opened(tmp_path, "a\n" + "".join(f"{each}\n" for each in range(1000)))
    assert len(dataset.shards) > 10
    found = rows_of(dataset, "columns: {a: {type: integer, max: 990}}")
    assert found.get_column("row").to_list() == found.get_column("a").to_list() == list(range(991, 1000))


def test_nested_values_are_json_in_csv(tmp_path):
    """A flat file holds them as text."""
    found = examined(opened(tmp_path, {"s": [{"x": [1], "y": "é"}]}), schema_of("columns: {s: {type: string}}"))
    write_rows(failing_rows(found.dataset, found.findings.broken), str(tmp_path / "bad.csv"))
    assert pl.read_csv(tmp_path / "bad.csv").row(0)[:2] == (0, "s:unexpected-type")
    assert '"x"' in pl.read_csv(tmp_path / "bad.csv").row(0)[2]


@pytest.mark.parametrize("name", ["row", "codes"])
def test_the_names_it_adds_are_its_own(tmp_path, name):
    """A column of the same name would be lost."""
    with pytest.raises(UsageError, match=f"has a column '{name}' itself"):
        rows_of(opened(tmp_path, {name: [1]}), f"columns: {{{name}: {{type: string}}}}")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.none() | st.integers(0, 9), st.sampled_from(["x", "y", "1"])), min_size=1, max_size=12))
def test_every_row_is_good_or_failing(tmp_path, rows):
    """Exactly once, and the failing ones are those of plain Python."""
    text = """\
columns: {a: {type: integer, max: 6, unique: true}, b: {domain: [x, y]}}
checks: [{name: c, expect: a <> 3}]
"""
    frame = pl.DataFrame(rows, {"a": pl.Int64, "b": pl.String}, orient="row").with_row_index("n")
    dataset = opened(tmp_path, frame)
    found = examined(dataset, schema_of(text.replace("columns: {", "columns: {n: {}, ")))
    failing = pl.concat(failing_rows(found.dataset, found.findings.broken).frames)
    good = pl.concat(good_rows(found.dataset, found.findings.broken).frames)
    seen = [a for a, _ in rows]
    expected = [
        place
        for place, (a, b) in enumerate(rows)
        if a is None or a > 6 or a == 3 or a in seen[:place] or b not in ("x", "y")
    ]
    assert failing.get_column("row").to_list() == failing.get_column("n").to_list() == expected
    assert good.get_column("n").to_list() == [place for place in range(len(rows)) if place not in expected]
    assert pl.concat([good, failing.drop("row", "codes")]).sort("n").equals(frame)
