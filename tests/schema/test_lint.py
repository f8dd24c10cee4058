"""Faults of schemas that show before any data is read."""

import time

import pytest

from .validating import faults_of


def column(rules, head=""):
    """The faults of a schema with this one column."""
    return faults_of(f"{head}columns:\n  a: {{{rules}}}\n")


@pytest.mark.parametrize(
    ("rules", "place", "message"),
    [
        ("type: integer, min: a", "2:22", "'a' is no bound of an integer column"),
        ("type: date, max: 2024-02-30", "2:19", "'2024-02-30' is no bound of a date column"),
        ("type: duration, max: soon", "2:23", "'soon' is no bound of a duration column"),
        ("type: integer, min: 2, max: 1", "2:22", "min is above max"),
        ("type: integer, exclusive_min: 2, exclusive_max: 1", "2:22", "exclusive_min is above exclusive_max"),
        ("type: integer, exclusive_min: 9, max: 5", "2:22", "exclusive_min is above max"),
        ("type: datetime, min: '2026-01-01T02:00:00+01:00', max: '2026-01-01T00:30:00'", "2:23", "min is above max"),
        ("type: time, max: '10:00:00Z'", "2:19", "'10:00:00Z' is no bound of a time column"),
        ("type: datetime, timezone: Mars/Base", "2:23", "there is no time zone 'Mars/Base'"),
        ("type: float, multiple_of: .inf", "2:20", "multiple_of should be a finite number"),
        ("type: float, statistics: {mean: {max: .nan}}", "2:40", "max: nan is no bound"),
        ("type: float, statistics: {mean: {min: 5, max: 1}}", "2:40", "min is above max"),
        ("type: string, statistics: {mean: {min: 5}}", "2:34", "mean does not apply to a string column"),
        ("type: string, min_length: 2, max_length: 1", "2:21", "min_length is above max_length"),
        ("type: list, min_items: -1", "2:19", "min_items is below 0"),
        ("min_distinct: 2, max_distinct: 1", "2:7", "min_distinct is above max_distinct"),
        ("type: string, min: 1", "2:21", "min does not apply to a string column"),
        ("type: float, pattern: a", "2:20", "pattern does not apply to a float column"),
        ("min: 1", "2:7", "min needs a type"),
        ("type: string, pattern: '('", "2:21", "the pattern does not compile: unclosed group"),
        ("type: string, pattern: 'a)|(b'", "2:21", "the pattern does not compile: unopened group"),
        ("type: string, pattern: '(?=a)'", "2:21",
         "the pattern does not compile: look-around, including look-ahead and look-behind, is not supported"),
        ("type: date, time_format: '%Q'", "2:19", "'%Q' is no layout of a date"),
        ("type: integer, time_format: '%d'", "2:22", "time_format does not apply to an integer column"),
        ("domain: nowhere", "2:7", "the domain 'nowhere' is not defined"),
        ("domain: [a, b, a]", "2:7", "the value 'a' stands in the domain twice"),
        ("type: integer, domain: [a]", "2:22", "'a' in the domain is no value of an integer column"),
        ("type: date, domain: [a]", "2:19", "'a' in the domain is no value of a date column"),
        ("type: boolean, domain: [3]", "2:22", "3 in the domain is no value of a boolean column"),
        ("type: list, domain: [3]", "2:19", "domain does not apply to a list column"),
        ("min_domain_fraction: 0.5", "2:7", "min_domain_fraction needs a domain"),
        ("in: [serving]", "2:7", "the environment 'serving' is not declared"),
        ("type: integer, max: {value: 1, in: [live]}", "2:38", "the environment 'live' is not declared"),
        ("nullable: true, max_null_fraction: 1", "2:7", "nullable and max_null_fraction say the same; keep one"),
        ("type: boolean, drift: {metric: wasserstein, max: 1}", "2:22",
         "wasserstein cannot be measured on a boolean column"),
        ("min_count: {value: 1, max_failures: 3}", "2:29", "max_failures does not apply to min_count"),
        ("type: list, items: {unique: true}", "2:27", "unique is not checked inside of lists and structs"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense(rules, place, message):
    """One fault with its place."""
    assert [fault[:2] for fault in column(rules)] == [(place, message)]


@pytest.mark.parametrize(
    ("rules", "place", "message"),
    [
        ("max_null_fraction: {value: 3}", "2:27", "value: should be less than or equal to 1"),
        ("type: string, pattern: {value: 5}", "2:31", "value: should be text"),
        ("min_count: {value: 1.5}", "2:19", "value: should be a whole number"),
        ("domain: {value: []}", "2:16", "value: has no values"),
        ("type: string, format: {value: emial}", "2:30", "unknown value 'emial'"),
    ],
)
def test_the_value_of_a_long_rule_is_held_to_the_same(rules, place, message):
    """As if it were written short."""
    assert [fault[:2] for fault in column(rules)] == [(place, message)]


@pytest.mark.parametrize(
    ("rules", "place", "message"),
    [
        ("unique: [[]]", "1:20", "a key needs a column"),
        ("unique: [[a, a]]", "1:20", "the column 'a' stands in the key twice"),
        ("rows: {max: .nan}", "1:18", "max: nan is no bound"),
        ("rows_vs_baseline: {min: 2, max: 1}", "1:30", "min is above max"),
        ("freshness: {column: a, max_age: 2d}", "1:23", "'a' is an integer column, which has no age"),
    ],
)
def test_a_rule_of_the_dataset_that_makes_no_sense(rules, place, message):
    """One fault with its place."""
    text = f"dataset: {{{rules}}}\ncolumns: {{a: {{type: integer}}}}\n"
    assert [fault[:2] for fault in faults_of(text)] == [(place, message)]


def test_bounds_with_a_zone_and_without_compare():
    """Those without are in UTC; a date is its midnight."""
    assert column("type: datetime, min: '2026-01-01T01:00:00+01:00', max: '2026-01-01'") == []


def test_a_large_domain_is_read_in_linear_time():
    """Twenty thousand values were half a minute where each is compared with each."""
    start = time.perf_counter()
    assert column(f"type: string, domain: {[f'v{place}' for place in range(20_000)]}") == []
    assert time.perf_counter() - start < 10


def test_true_is_not_one():
    """Nor is it the text."""
    assert column("domain: [true, 1, 'true', '1']") == []


def test_a_bound_of_many_digits_is_not_printed_whole():
    """Nobody reads five thousand digits."""
    ((_, message, _),) = column("type: integer, max: " + "9" * 5000)
    assert len(message) < 100


def test_nan_is_no_bound():
    """Nothing is above or below it."""
    assert [fault[1] for fault in column("type: float, max: .nan")] == ["max: nan is no bound"]


def test_hints_name_the_nearest():
    """Of domains, environments and columns."""
    text = """\
environments: [serving]
domains: {dose: [Up]}
dataset: {unique: [[idd]], freshness: {column: att, max_age: soon}}
columns:
  id: {domain: does, in: [servin]}
  at: {}
"""
    assert [(fault[0], fault[2]) for fault in faults_of(text)] == [
        ("3:20", "did you mean 'id'?"),
        ("3:40", "did you mean 'at'?"),
        ("3:53", "write it as 2d or 12h"),
        ("5:8", "did you mean 'dose'?"),
        ("5:22", "did you mean 'serving'?"),
    ]


def test_faults_of_everything_at_once():
    """Of several columns, fields and items."""
    text = """\
columns:
  a: {type: integer, pattern: x, min: y}
  b:
    type: struct
    fields:
      c: {type: list, items: {type: integer, max_length: 1}}
"""
    assert [fault[0] for fault in faults_of(text)] == ["2:22", "2:34", "6:46"]
