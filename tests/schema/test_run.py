"""A validation from files to a report, where the types of texts are guessed first."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from datalife.schema.lint import load_schema
from datalife.schema.run import Request, run
from datalife.sources.model import ReadOptions


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Columns that look like integers and dates until their last row, which lies in another block."""
    monkeypatch.setattr("datalife.sources.delimited.BLOCK", 1000)
    path = tmp_path / "late.csv"
    path.write_text("a,b,g\n" + "1,2026-01-01,x\n" * 500 + "oops,never,y\n")
    return str(path)


def request(folder: Path, source: str, text: str, **more: str) -> Request:
    """What to validate, against the text of a schema."""
    path = folder / "schema.yaml"
    path.write_text(text)
    return Request((source,), load_schema(str(path)), **more)


@pytest.mark.parametrize(("kind", "found"), [("integer", [("unexpected-type", "a", 1)]), ("string", [])])
def test_a_wrong_guess_of_a_type_is_made_good(tmp_path: Path, late: str, kind: str, found: list[object]) -> None:
    """Findings are those of the type that every value fits."""
    asked = f"version: 1\ncolumns: {{a: {{type: {kind}}}}}\ndataset: {{other_columns: ignore}}\n"
    report = run(request(tmp_path, late, asked))
    assert [(each.code, each.column, each.failures) for each in report.anomalies] == found


def test_a_wrong_guess_of_a_column_that_is_only_copied_is_made_good(tmp_path: Path, late: str) -> None:
    """Good rows have all columns, those without rules too, and are written once."""
    good = str(tmp_path / "good.csv")
    asked = "version: 1\ncolumns: {g: {type: string}}\ndataset: {other_columns: ignore}\n"
    assert run(request(tmp_path, late, asked, good_rows=good)).anomalies == []
    written = pl.read_csv(good, infer_schema=False)
    assert (written.height, written.row(-1)) == (501, ("oops", "never", "y"))


def test_a_suggested_schema_allows_what_the_guess_did_not(tmp_path: Path, late: str) -> None:
    """Text that the schema calls text stays it, however its first values look."""
    suggested = str(tmp_path / "suggested.yaml")
    asked = "version: 1\ncolumns: {a: {type: string, max_length: 2}, b: {type: date}, g: {type: string}}\n"
    run(request(tmp_path, late, asked, suggest=suggested))
    kinds = {name: column.type for name, column in load_schema(suggested).columns.items()}
    assert kinds == {"a": "string", "b": "string", "g": "string"}
    assert run(Request((late,), load_schema(suggested))).anomalies == []


def test_slices_have_the_types_that_every_value_fits(tmp_path: Path, late: str) -> None:
    """A slice of the first block alone too."""
    asked = "version: 1\ncolumns: {a: {type: integer}}\ndataset: {other_columns: ignore}\n"
    report = run(request(tmp_path, late, asked, by="g"))
    assert [(each.code, each.slice) for each in report.anomalies] == [("unexpected-type", {"g": "y"})]


def test_what_does_not_go_with_a_guess_may_go_with_the_type(tmp_path: Path, late: str) -> None:
    """Filters, checks and references are judged by the type that every value fits."""
    asked = "version: 1\ncolumns: {g: {type: string}}\ndataset: {other_columns: ignore}\n"
    checked = asked + "checks: [{name: c, expect: a <> 'oops'}]\n"
    assert [each.code for each in run(request(tmp_path, late, checked)).anomalies] == ["check-failed"]
    filtered = request(tmp_path, late, asked)
    assert run(replace(filtered, reading=ReadOptions(where="a = 'oops'"))).rows == 1
    (tmp_path / "names.csv").write_text("name\n1\nother\n")
    target = "{key: [a], file: names.csv, columns: [name]}"
    referring = f"version: 1\ncolumns: {{a: {{}}}}\ndataset: {{other_columns: ignore, references: [{target}]}}\n"
    found = run(request(tmp_path, late, referring)).anomalies
    assert [(each.code, each.failures) for each in found] == [("broken-reference", 1)]
