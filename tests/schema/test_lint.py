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
        ("type: struct, skew: {metric: l_infinity, max: 1}", "2:21",
         "l_infinity cannot be measured on a struct column"),
        ("type: list, items: {type: boolean}, drift: {metric: kolmogorov_smirnov, max: 1}", "2:43",
         "kolmogorov_smirnov cannot be measured on a boolean column"),
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


def test_every_kind_of_fault_shows_at_once():
    """In one file: each has its line, its column and a hint where there is something to try."""
    text = """\
version: 1
environments: [training, serving]
domains: {empty: [], dose: [Up, Down]}
columns:
  a: {type: integer, min: 2, max: 1}
  b: {type: string, pattern: "(", domain: doze}
  c: {type: boolean, drift: {metric: kolmogorov_smirnov, max: 0.1}}
  d: {type: float, not_in: [servin], statistics: {mean_length: {max: 3}}}
  e: {type: string, min_length: 5, max_length: 2}
checks:
  - {name: x, expect: a > 1}
  - {name: x, expect: a >}
"""
    assert faults_of(text) == [
        ("3:11", "has no values", None),
        ("5:22", "min is above max", None),
        ("6:21", "the pattern does not compile: unclosed group",
         "Rust regular expressions have no look-around and no back-references"),
        ("6:35", "the domain 'doze' is not defined", "did you mean 'dose'?"),
        ("7:22", "kolmogorov_smirnov cannot be measured on a boolean column", "use l_infinity"),
        ("8:20", "the environment 'servin' is not declared", "did you mean 'serving'?"),
        ("8:51", "mean_length does not apply to a float column", "it is for string"),
        ("9:21", "min_length is above max_length", None),
        ("12:6", "there is another check 'x'", "give each a name of its own"),
        ("12:15", "is no condition in SQL: unable to parse 'a >' as Expr",
         "write a condition such as: discharged_at >= admitted_at"),
    ]  # fmt: skip


def test_every_kind_of_misspelling_shows_at_once():
    """Unknown keys, wrong types, unknown names and keys that stand twice, before anything is made of them."""
    text = """\
version: 2
columns:
  a: {type: integr, nulable: true}
  b: {required: "yes", min_length: 1.5, domain: []}
  b: {max_null_fraction: 2}
  c: [1]
  d: {type: integer, min: 2, max: 1}
dataset: {rows: 5, unique: id}
"""
    assert [fault[:2] for fault in faults_of(text)] == [
        ("1:1", "unknown version 2"),
        ("3:7", "unknown type 'integr'"),
        ("3:21", "unknown key 'nulable'"),
        ("5:3", "the key 'b' stands here twice"),
        ("5:7", "max_null_fraction: should be less than or equal to 1"),
        ("6:3", "c: should hold keys and values"),
        ("8:11", "rows: should hold keys and values"),
        ("8:20", "unique: should be a list"),
    ]


def test_faults_of_sense_show_beside_faults_of_form():
    """Columns that are well-formed are looked at although others are not; nothing is said that hangs on those."""
    text = """\
colums: {}
dataset: {unique: [[a]]}
columns:
  a: {type: integr, min: 1}
  b: {type: integer, min: 2, max: 1}
"""
    assert [fault[:2] for fault in faults_of(text)] == [
        ("1:1", "unknown key 'colums'"),
        ("4:7", "unknown type 'integr'"),
        ("5:22", "min is above max"),
    ]
