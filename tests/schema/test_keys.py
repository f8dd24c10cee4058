"""Keys: what never repeats."""

import polars as pl
import pytest

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
