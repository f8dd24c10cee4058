"""Bounds, multiples, domains and formats at their edges."""

import datetime as dt
import math
from decimal import Decimal

import polars as pl
import pytest

from datalife.schema.constraints import FORMATS

from .validating import report_on, told

nan, inf = math.nan, math.inf
BIG = 2**63 - 1


def bad_rows(folder, values, rules, dtype=None):
    """The rows that a finding of the one column names; a second finding is a fault."""
    frame = pl.DataFrame({"a": pl.Series(values, dtype=dtype)})
    found = told(report_on(folder, frame, f"columns: {{a: {{{rules}, nullable: true}}}}"))
    assert len(found) <= 1
    return found[0][3] if found else []


@pytest.mark.parametrize(
    ("values", "dtype", "rules", "bad"),
    [
        # 64-bit integers beyond what a float holds
        ([BIG, BIG - 1, -BIG - 1], pl.Int64, f"type: integer, max: {BIG - 1}", [0]),
        ([BIG, BIG - 1], pl.Int64, f"type: integer, exclusive_max: {BIG}", [0]),
        ([2**64 - 1, 2**64 - 2], pl.UInt64, f"type: integer, max: {2**64 - 2}", [0]),
        ([BIG, 0], pl.Int64, "type: integer, max: 1" + "0" * 60, []),
        ([BIG, -BIG - 1], pl.Int64, "type: integer, min: -.inf, max: .inf", []),
        ([BIG, BIG - 1], pl.Int64, f"type: integer, domain: [{BIG}]", [1]),
        # fractional bounds of integers
        ([1, 2, 3], pl.Int64, "type: integer, min: 1.5, max: 2.5", [0, 2]),
        ([1, 2, 3], pl.Int64, "type: integer, exclusive_min: 1.5, exclusive_max: 2.5", [0, 2]),
        ([1, 2, 3], pl.Int64, "type: integer, exclusive_min: 1, exclusive_max: 3", [0, 2]),
        # decimals
        ([Decimal("1.10"), Decimal("1.11"), None], pl.Decimal(38, 2), "type: float, max: 1.1", [1]),
        ([Decimal("1.10"), Decimal("1.11")], pl.Decimal(38, 2), "type: float, exclusive_max: 1.11", [1]),
        ([Decimal("1.10"), Decimal("1.11")], pl.Decimal(38, 2), "type: float, exclusive_max: 1.111", []),
        ([Decimal("0.10"), Decimal("0")], pl.Decimal(38, 2), "type: float, min: 1e-40", [1]),
        ([Decimal("1.10"), Decimal("1.11")], pl.Decimal(38, 2), "type: float, domain: [1.1]", [1]),
    ],
)  # fmt: skip
def test_bounds_are_exact(tmp_path, values, dtype, rules, bad):
    """No bound and no value is rounded."""
    assert bad_rows(tmp_path, values, rules, dtype) == bad


@pytest.mark.parametrize("rule", ["max: 2", "min: 2, max: 3", "exclusive_min: 5", "domain: [1]", "multiple_of: 3"])
def test_a_nan_breaks_no_other_rule(tmp_path, rule):
    """Neither allowed nor forbidden."""
    assert bad_rows(tmp_path, [nan, None], f"type: float, {rule}, allow_nan: true") == []
    assert bad_rows(tmp_path, [nan, None], f"type: float, {rule}") == [0]


def test_an_infinity_is_one_fault(tmp_path):
    """Above every maximum where it is allowed, else an infinity and no more."""
    assert bad_rows(tmp_path, [inf, -inf, 1.0], "type: float, min: 0, max: 2, domain: [1]") == [0, 1]
    assert bad_rows(tmp_path, [inf, -inf, 1.0], "type: float, max: 2, allow_infinite: true") == [0]


@pytest.mark.parametrize(
    ("values", "step", "bad"),
    [
        ([0.1, 0.3, 0.35, -0.2], 0.1, [2]),
        ([1234567.89, 1234567.895, 98765432.1], 0.01, [1]),
        ([10.0, 15.0], 10, [1]),
        ([1e300, 0.0], 0.5, []),
    ],
)
def test_multiples_of_floats(tmp_path, values, step, bad):
    """Up to the rounding of the values themselves, however large."""
    assert bad_rows(tmp_path, values, f"type: float, multiple_of: {step}") == bad


def test_multiples_of_integers(tmp_path):
    """Exact; a step beyond all values has but zero as a multiple."""
    assert bad_rows(tmp_path, [BIG, BIG - 1, -4], "type: integer, multiple_of: 2") == [0]
    assert bad_rows(tmp_path, [BIG, 0], "type: integer, multiple_of: 1e30") == [0]


@pytest.mark.parametrize(
    ("dtype", "rules", "bad"),
    [
        (pl.Datetime("us"), "type: datetime, max: 2026-01-01T00:00:00", [1]),
        (pl.Datetime("us"), "type: datetime, max: 2026-01-01T00:00:00.000001", []),
        (pl.Datetime("us", "UTC"), "type: datetime, max: 2026-01-01T00:00:00Z", [1]),
        (pl.Datetime("us", "Europe/Paris"), "type: datetime, max: 2026-01-01T00:00:00", [1]),
        (pl.Datetime("us", "UTC"), "type: datetime, max: 2026-01-01T01:00:00+01:00", [1]),
        (pl.Datetime("ns"), "type: datetime, min: 0001-01-01, max: 9999-12-31", []),
        (pl.Datetime("us"), "type: datetime, domain: [2026-01-01]", [1]),
    ],
)
def test_times_are_exact(tmp_path, dtype, rules, bad):
    """To the microsecond; a bound without a zone is in UTC."""
    times = [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, 0, 0, 0, 1)]
    zone = getattr(dtype, "time_zone", None)
    values = pl.Series(times).cast(pl.Datetime(dtype.time_unit, "UTC" if zone else None)).cast(dtype)
    assert bad_rows(tmp_path, values, rules, dtype) == bad


@pytest.mark.parametrize(
    ("values", "rules", "bad"),
    [
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], "type: date, exclusive_max: 2026-01-02", [1]),
        ([dt.time(12), dt.time(12, 0, 1)], "type: time, max: 12:00:00", [1]),
        ([dt.timedelta(hours=1), dt.timedelta(hours=1, microseconds=1)], "type: duration, max: 1h", [1]),
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], "domain: [2026-01-01, never]", [1]),
        (["true", "1", "1.0"], "domain: [true, 1]", [2]),
        ([True, False], "domain: [true]", [1]),
        ([1.0, 2.5], "domain: [1, 2]", [1]),
    ],
)
def test_other_types(tmp_path, values, rules, bad):
    """As they are written in the schema."""
    assert bad_rows(tmp_path, values, rules) == bad


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("email", ["a@b.org", "a.b+c@d.e.uk"], ["a@b", "@b.org", "a b@c.org", "a@b..org", "a@b.org\n"]),
        ("url", ["https://a.org", "s3://b/c?d#e"], ["a.org", "http://", "http:// a", "://a"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "x"]),
        ("ipv4", ["0.0.0.0", "255.255.255.255"], ["256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4."]),
        ("ipv6", ["::", "::1", "2001:db8::8a2e:370:7334", "1:2:3:4:5:6:7:8"], [":::", "1::2::3", "12345::", "1:2"]),
        ("json", ['{"a": [1]}', "null", "1"], ["{", "", "{'a': 1}"]),
        ("integer", ["0", "-12"], ["007", "1.0", "x", "+1"]),
        ("float", ["1", "-1.5e3", ".5", "1."], ["1,5", "1.5.1", ""]),
        ("boolean", ["true", "FALSE"], ["yes", "1"]),
        ("date", ["2026-01-31"], ["2026-02-30", "31.01.2026", "2026-1-1"]),
        ("datetime", ["2026-01-31T12:00", "2026-01-31 12:00:00.5Z"], ["2026-01-31", "2026-01-31T25:00"]),
        ("time", ["12:30", "23:59:59.999"], ["24:00", "1:00"]),
    ],
)  # fmt: skip
def test_formats(tmp_path, name, good, bad):
    """Whole values, nothing lenient."""
    rows = bad_rows(tmp_path, [*good, *bad, None], f"type: string, format: {name}")
    assert rows == list(range(len(good), len(good) + len(bad)))[:5]


def test_bounds_of_numbers_in_text(tmp_path):
    """A text that is no number breaks its format alone."""
    report = report_on(tmp_path, {"a": ["5", "50", "x"]}, "columns: {a: {type: string, format: integer, max: 9}}")
    assert told(report) == [("format-mismatch", "a", 1, [2]), ("out-of-range", "a", 1, [1])]


def test_patterns_match_whole_values_in_linear_time(tmp_path):
    """Alternatives are within the anchors, line ends belong to the value, and no pattern hangs."""
    assert bad_rows(tmp_path, ["a", "b", "ax", "xb", "a\n"], "type: string, pattern: a|b") == [2, 3, 4]
    assert bad_rows(tmp_path, ["a" * 50_000 + "!"], "type: string, pattern: (a+)+") == [0]


def test_the_formats_compile():
    """All patterns are Rust regular expressions."""
    for pattern in FORMATS.values():
        pl.Series(["x"]).str.contains(pattern)


def test_lengths_are_in_characters(tmp_path):
    """Not in bytes; the empty text has length 0."""
    assert bad_rows(tmp_path, ["ß", "日本", ""], "type: string, min_length: 1, max_length: 1") == [1, 2]


def test_two_bounds_are_told_as_one_range(tmp_path):
    """What is expected, in words."""
    (anomaly,) = report_on(tmp_path, {"a": [5]}, "columns: {a: {type: integer, min: 1, max: 3}}").anomalies
    assert anomaly.expected == "at least 1 and at most 3"
