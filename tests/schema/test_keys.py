"""Keys: what never repeats."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datalife.schema import keys
from datalife.sources import delimited

from .validating import report_on, told


def test_a_later_row_repeats_an_earlier_one(tmp_path):
    """The first is right; each further one is a failure; missing values repeat nothing."""
    data = {"k": ["a", "b", "a", None, None, "a", "b"]}
    (anomaly,) = report_on(tmp_path, data, "columns: {k: {unique: true, nullable: true}}").anomalies
    assert (anomaly.failures, [example.row for example in anomaly.examples]) == (3, [2, 5, 6])
    assert anomaly.message == "3 of 5 values (60 %) repeat an earlier one: a (3), b (2)"


def test_several_columns_together(tmp_path):
    """Only rows with all parts count."""
    data = {"a": [1, 1, 1, None, None, 1], "b": ["x", "y", "x", "x", "x", None]}
    text = "columns: {a: {nullable: true}, b: {nullable: true}}\ndataset: {unique: [[a, b]]}"
    (anomaly,) = report_on(tmp_path, data, text).anomalies
    assert (anomaly.code, anomaly.column, anomaly.failures) == ("duplicate-key", None, 1)
    assert anomaly.message == "1 of 3 rows (33 %) repeats an earlier row's a, b"
    assert [(example.row, example.value) for example in anomaly.examples] == [(2, {"a": 1, "b": "x"})]


@pytest.mark.parametrize(
    ("most", "fails"),
    [
        ("max_failures: 1", True),
        ("max_failures: 2", False),
        ("max_failure_fraction: 0.5", False),
        ("max_failure_fraction: 0.4", True),
    ],
)
def test_some_may_repeat(tmp_path, most, fails):
    """Two of four."""
    report = report_on(tmp_path, {"k": [1, 1, 1, 2]}, f"columns: {{k: {{unique: {{value: true, {most}}}}}}}")
    assert bool(report.anomalies) is fails


def test_keys_of_any_type(tmp_path):
    """NaN equals NaN, -0 equals 0, dates are dates."""
    frame = pl.DataFrame({"f": [float("nan")] * 2 + [0.0, -0.0], "d": pl.Series([1, 2, 3, 1]).cast(pl.Date)})
    text = "columns: {f: {type: float, unique: true, allow_nan: true}, d: {unique: true}}"
    assert told(report_on(tmp_path, frame, text)) == [("not-unique", "f", 2, [1, 3]), ("not-unique", "d", 1, [3])]


def test_a_key_without_its_column_is_not_checked(tmp_path):
    """Nothing is skipped in silence."""
    text = "columns: {a: {}, b: {required: false}}\ndataset: {unique: [[a, b], [a]]}"
    assert told(report_on(tmp_path, {"a": [1]}, text)) == [("not-checked", None, None, [])]


def test_lists_cannot_be_compared(tmp_path):
    """A finding says so; a rule that nobody looked at has not passed."""
    text = "columns: {a: {type: list, unique: true}}"
    assert told(report_on(tmp_path, {"a": [[1], [2]]}, text)) == [("not-checked", None, None, [])]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 4), st.none() | st.sampled_from("xy")), min_size=1, max_size=30),
    st.sampled_from([0, 3, 1 << 24]),
)
def test_keys_are_those_of_plain_python(tmp_path, rows, spill):
    """The same rows and counts, however the data is cut and whether or not hashes go to disk."""
    seen, again = set(), []
    for place, row in enumerate(rows):
        if None not in row:
            again += [place] if row in seen else []
            seen.add(row)
    text = "columns: {a: {nullable: true}, b: {nullable: true}}\ndataset: {unique: [[a, b]]}"
    data = "a,b,c\n" + "".join(f"{'' if a is None else a},{b or ''},.\n" for a, b in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", 16)
        patch.setattr(keys, "SPILL", spill)
        report = report_on(tmp_path, data, text.replace("columns: {", "columns: {c: {}, "), examples=99)
    assert [example.row for each in report.anomalies for example in each.examples] == again
    assert [each.failures for each in report.anomalies] == ([len(again)] if again else [])


def test_equal_hashes_of_different_keys_are_no_finding(tmp_path, monkeypatch):
    """What is suspected is looked at."""
    monkeypatch.setattr(keys.Key, "hash", property(lambda key: pl.col(key.parts[0]).cast(pl.UInt64) * 0))
    data = {"k": [1, 2, 3]}
    assert told(report_on(tmp_path, data, "columns: {k: {unique: true}}")) == []
