"""Checks: conditions on a row in SQL, and what they must not do."""

import os

import pytest

from datalife.errors import SchemaError

from .validating import report_on, told

DATA = {"a": [1, 2, None, 4], "b": [1, 1, 1, 9], "t": ["select", "x", None, "y"]}
COLUMNS = "columns: {a: {nullable: true}, b: {}, t: {nullable: true}, gone: {required: false}}\n"


WRITE = "write a condition such as: discharged_at >= admitted_at"


def checked(folder, expect, more=""):
    """The report of one check."""
    quoted = expect.replace("'", "''")
    return report_on(folder, DATA, f"{COLUMNS}checks: [{{name: c, expect: '{quoted}'{more}}}]")


@pytest.mark.parametrize(
    ("expect", "rows"),
    [
        ("a >= b", [3]),
        ("a >= b AND b < 9", [3]),
        ("a BETWEEN 1 AND 2", [3]),
        ("a IS NOT NULL", [2]),
        ("t = 'select'", [1, 3]),
        ("t IN ('select', 'x')", [3]),
        ("t LIKE 's%' OR a > 1", []),
        ("COALESCE(a, 0) > 0", [2]),
        ("CASE WHEN b > 1 THEN a > 9 ELSE true END", [3]),
        ("LENGTH(t) > 1", [1, 3]),
        ("a % 2 = 1 OR b = 1", [3]),
        ("a IS NOT DISTINCT FROM b", [1, 2, 3]),
        ("t = 'from' OR b = 1", [3]),
        ("EXTRACT(year FROM DATE '2026-01-01') > a + 2022", [3]),
    ],
)
def test_a_row_passes_when_the_condition_is_true_or_null(tmp_path, expect, rows):
    """Every other row is named."""
    report = checked(tmp_path, expect)
    assert told(report) == ([("check-failed", None, len(rows), rows)] if rows else [])


def test_the_finding_shows_what_was_compared(tmp_path):
    """The values of the columns that the condition mentions, under the name of the check."""
    (anomaly,) = checked(tmp_path, "a >= b").anomalies
    assert anomaly.message == "c: 1 of 4 rows (25 %) break a >= b"
    assert anomaly.examples[0].value == {"a": 4, "b": 9}


def test_tolerance_severity_and_message(tmp_path):
    """As said; a share is one of the rows."""
    assert told(checked(tmp_path, "a >= b", ", max_failure_fraction: 0.25")) == []
    (anomaly,) = checked(tmp_path, "a >= b", ", max_failure_fraction: 0.2, severity: warning, message: odd").anomalies
    assert (str(anomaly.severity), anomaly.message) == ("warning", "odd")


@pytest.mark.parametrize(
    ("expect", "where", "message", "hint"),
    [
        ("aa > 1", "check 'c'", "there is no column 'aa'", "did you mean 'a'?"),
        ("a >", "schema.yaml:2:20", "is no condition in SQL: unable to parse 'a >' as Expr", WRITE),
        ("a", "check 'c'", "is no condition: it is integer, not true or false", "compare it"),
        ("t > 1", "check 'c'", "is no condition in SQL: cannot compare string with numeric type (i32)", WRITE),
        ("nothing(a)", "schema.yaml:2:20", "is no condition in SQL: unsupported function 'nothing'", WRITE),
    ],
)  # fmt: skip
def test_what_is_no_condition(tmp_path, expect, where, message, hint):
    """An error with a hint, before the data is read; at its place where the columns do not matter."""
    with pytest.raises(SchemaError) as caught:
        checked(tmp_path, expect)
    (fault,) = caught.value.faults
    assert (fault.where, fault.message, fault.hint) == (where, message, hint)


@pytest.mark.parametrize(
    "expect",
    [
        "EXISTS (SELECT * FROM read_csv('/nowhere/passwd'))",
        "a IN (SELECT 1)",
        "a > (select max(a) from read_parquet('/nowhere'))",
        "t = $$'$$ OR EXISTS (SELECT * FROM read_csv('/nowhere/passwd')) OR t = $$'$$",
        "t = E'\\'' OR EXISTS (SELECT * FROM read_csv('/nowhere/passwd')) OR t = ''",
        "a > 1 /* ' */ OR EXISTS (SELECT * FROM read_csv('/nowhere/passwd')) /* ' */",
        "EXISTS (SELECT \"x\" FROM read_csv('/nowhere/passwd'))",
        "read_csv('/nowhere/passwd') IS NULL",
        "a IN (FROM read_csv('/nowhere/passwd'))",
        "a IN (from\n\"read_csv\"('/nowhere/passwd'))",
        "EXISTS (FROM read_csv('/nowhere/passwd'))",
        "a IN (VALUES (1) UNION DISTINCT FROM read_csv('/nowhere/passwd'))",
        "a IN (-- is distinct\nFROM read_csv('/nowhere/passwd'))",
        "a IN (/* extract( year */ FROM read_csv('/nowhere/passwd'))",
        "EXTRACT(year FROM (FROM read_csv('/nowhere/passwd'))) > a",
        "a > AVG(a)",
        "SUM(a) > 3",
        "COUNT(*) > 3",
        "RANK() OVER (ORDER BY a) = 1",
        "a = LAG(a) OVER (ORDER BY b)",
        "1 = 1",
    ],
)
def test_a_check_looks_at_one_row_and_opens_nothing(tmp_path, expect):
    """Neither other files nor other rows, on which the pieces of the reading would tell."""
    with pytest.raises(SchemaError, match=r"condition|row") as caught:
        checked(tmp_path, expect)
    assert "No such file" not in str(caught.value)


def test_a_check_of_an_absent_column_is_not_checked(tmp_path):
    """The column is one of the schema: a finding, and the rest of the report stands."""
    assert told(checked(tmp_path, "gone > 1")) == [("not-checked", None, None, [])]


@pytest.mark.parametrize(
    "query", ["SELECT * FROM read_csv({})", "FROM read_csv({})", "VALUES (1) UNION FROM read_csv({})"]
)
def test_a_query_is_refused_before_a_file_is_opened(tmp_path, query):
    """A named pipe without a writer would hold whoever opens it for ever."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(SchemaError, match="queries within a condition are not supported"):
        checked(tmp_path, f"a IN ({query})".format(f"'{pipe}'"))
