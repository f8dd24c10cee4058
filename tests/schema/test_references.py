"""Foreign keys: values that must stand in another file too."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datalife.errors import DatalifeError
from datalife.schema.lint import load_schema
from datalife.schema.validate import validate
from datalife.sources.dataset import open_dataset

from .validating import faults_of, opened, report_on, told


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder to work in, with a file to refer to."""
    monkeypatch.chdir(tmp_path)
    Path("cities.csv").write_text("id,city,country\n1,Rome,IT\n2,Oslo,NO\n,Bonn,DE\n")
    return tmp_path


def test_a_value_that_the_other_file_lacks(folder):
    """Named with its row and its count; a missing value refers to nothing and passes."""
    text = "columns: {n: {}, city_id: {type: integer, nullable: true, references: {file: cities.csv, columns: [id]}}}"
    (anomaly,) = report_on(folder, "city_id,n\n1,0\n7,0\n,0\n7,0\n2,0\n8,0\n", text).anomalies
    assert (anomaly.code, anomaly.column, anomaly.failures) == ("broken-reference", "city_id", 3)
    assert anomaly.message == "3 of 5 values (60 %) not among id of cities.csv: 7 (2), 8 (1)"
    assert [example.row for example in anomaly.examples] == [1, 3, 5]
    assert report_on(folder, "city_id,n\n1,0\n,0\n2,0\n", text).anomalies == []


def test_the_name_of_the_column_is_the_default(folder):
    """`columns` is for names that differ."""
    text = "columns: {city: {references: {file: cities.csv}}}"
    assert told(report_on(folder, "city\nRome\nParis\n", text)) == [("broken-reference", "city", 1, [1])]


def test_columns_together(folder):
    """Rome is in the file and so is NO, but not together; a row that lacks a part passes."""
    text = """\
columns: {town: {nullable: true}, country: {}}
dataset: {references: [{key: [town, country], file: cities.csv, columns: [city, country]}]}
"""
    (anomaly,) = report_on(folder, "town,country\nRome,IT\nRome,NO\n,NO\n", text).anomalies
    assert (anomaly.code, anomaly.column, anomaly.failures, anomaly.fraction) == ("broken-reference", None, 1, 0.5)
    assert anomaly.message == "1 of 2 rows (50 %) not among city, country of cities.csv"
    assert anomaly.examples[0].value == {"town": "Rome", "country": "NO"}


@pytest.mark.parametrize(
    ("rule", "severities"),
    [
        ("max_failures: 1", []),
        ("max_failure_fraction: 0.4", ["error"]),
        ("severity: warning, message: unknown city", ["warning"]),
        ("in: [training]", []),
    ],
)
def test_references_have_the_terms_of_every_rule(folder, rule, severities):
    """One of two is broken: tolerated, too many, of less weight, or not asked for in serving."""
    text = f"columns: {{city: {{references: {{file: cities.csv, {rule}}}}}}}\nenvironments: [training, serving]"
    report = report_on(folder, "city\nRome\nParis\n", text, environment="serving")
    assert [each.severity for each in report.anomalies] == severities


@pytest.mark.parametrize(
    ("values", "other", "bad"),
    [
        ([1, 2], {"k": ["1", "x"]}, [1]),
        (["1", "02"], {"k": [1, 2]}, [1]),
        ([2**53 + 1, 3], {"k": [float(2**53), 3.0, None]}, [0]),
        ([1.5, 3.0, float("nan")], {"k": [1, 3]}, [0, 2]),
        ([True], {"k": [False]}, [0]),
    ],
)
def test_types_that_can_be_compared(folder, values, other, bad):
    """Exactly: an integer is its text and the float that is as large, and no neighbour of either."""
    pl.DataFrame(other).write_parquet("other.parquet")
    text = "columns: {k: {allow_nan: true, references: {file: other.parquet}}}".replace(
        "allow_nan: true, ", "type: float, allow_nan: true, " if isinstance(values[0], float) else ""
    )
    report = report_on(folder, {"k": values}, text)
    assert [example.row for each in report.anomalies for example in each.examples] == bad


def test_text_of_the_other_file_is_text_where_ours_is(folder):
    """Leading zeros and all: a file without types is read as it is needed."""
    Path("other.csv").write_text("k\n1\n2\n")
    text = "columns: {k: {type: string, references: {file: other.csv}}}"
    assert told(report_on(folder, {"k": ["1", "01"]}, text)) == [("broken-reference", "k", 1, [1])]


def test_what_cannot_be_compared_is_not_checked(folder):
    """Times and numbers have no common type; a key that lacks a column is no key: findings, never a pass."""
    text = "columns: {id: {references: {file: cities.csv}}}"
    (anomaly,) = report_on(folder, {"id": [[1]]}, text).anomalies
    assert (anomaly.code, anomaly.column) == ("not-checked", "id")
    assert anomaly.message.endswith("cities.csv could not be checked: id is list here and id is integer there")
    text = "columns: {a: {}, id: {required: false}}\ndataset: {references: [{key: [id], file: cities.csv}]}"
    assert [each[0] for each in told(report_on(folder, {"a": [1]}, text))] == ["not-checked"]


def test_a_file_without_rows_allows_nothing(folder):
    """An empty list of cities is no reason to accept any."""
    Path("cities.csv").write_text("city\n")
    text = "columns: {city: {references: {file: cities.csv}}}"
    assert told(report_on(folder, "city\nRome\n", text)) == [("broken-reference", "city", 1, [0])]


@pytest.mark.parametrize(
    ("reference", "where", "message", "hint"),
    [
        ("file: nowhere.csv", "schemas/nowhere.csv", "no such file or directory", None),
        ("file: ../cities.csv, columns: [ids]", "schemas/s.yaml:1:50", "../cities.csv has no column 'ids'", "'id'"),
        ("file: ../../cities.csv", "schemas/s.yaml:1:29", "lies outside of the folder of the schema", "below them"),
    ],
)
def test_a_file_that_is_not_there_is_an_error(folder, reference, where, message, hint):
    """Never a pass: a missing file, a missing column, a file that is none of the schema's business."""
    Path("schemas").mkdir()
    Path("schemas/s.yaml").write_text(f"columns: {{id: {{references: {{{reference}}}}}}}\n")
    with pytest.raises(DatalifeError) as caught:
        validate(opened(folder, {"id": [1]}), load_schema("schemas/s.yaml"))
    (fault,) = caught.value.faults
    assert (fault.where, message in fault.message) == (where, True), fault
    assert hint is None or hint in (fault.hint or "")


def test_the_file_is_found_from_the_schema(folder, monkeypatch):
    """Wherever the command is run."""
    Path("s.yaml").write_text("columns: {id: {references: {file: cities.csv}}}\n")
    Path("deeper").mkdir()
    Path("data.csv").write_text("id\n3\n")
    monkeypatch.chdir("deeper")
    report = validate(open_dataset(["../data.csv"]), load_schema("../s.yaml"))
    assert [each.code for each in report.anomalies] == ["broken-reference"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("columns: {a: {references: {file: /etc/passwd}}}", "'/etc/passwd' is not a relative path"),
        ("columns: {a: {references: {file: 'https://x.org/a.csv'}}}", "'https://x.org/a.csv' is not a relative path"),
        ("columns: {a: {references: {file: b.csv, columns: [x, y]}}}", "2 columns are named where 1 refers to them"),
        ("columns: {a: {references: {}}}", "the key 'file' is missing"),
        ("columns: {a: {}}\ndataset: {references: [{key: [b], file: b.csv}]}", "there is no column 'b' in the schema"),
        ("columns: {a: {type: list, items: {references: {file: b.csv}}}}",
         "references is not checked inside of lists and structs"),
    ],
)  # fmt: skip
def test_faults_show_before_any_data(text, fault):
    """With their place in the schema."""
    assert [message for _, message, _ in faults_of(text)] == [fault]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from("xyz")), max_size=8),
    st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from("xyz")), max_size=8),
)
def test_the_rows_are_those_of_plain_python(tmp_path, rows, others):
    """A row is broken when it is whole and no row of the other file equals it."""
    types = {"a": pl.Int64, "b": pl.String}
    pl.DataFrame(others, types, orient="row").write_parquet("others.parquet")
    text = """\
columns: {a: {nullable: true}, b: {nullable: true}}
dataset: {rows: {min: 0}, references: [{key: [a, b], file: others.parquet}]}
"""
    report = report_on(tmp_path, pl.DataFrame(rows, types, orient="row"), text, examples=9)
    expected = [place for place, row in enumerate(rows) if None not in row and row not in others]
    assert [example.row for each in report.anomalies for example in each.examples] == expected
