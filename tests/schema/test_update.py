"""Relaxing a schema as far as new data needs, and no further."""

import math
from datetime import date

import pytest
from hypothesis import given, settings

from datalife.schema.edits import EVIDENCE
from datalife.schema.infer import infer_schema
from datalife.schema.inference.model import InferOptions
from datalife.schema.update import update_schema
from tests.frames import profiled
from tests.schema.test_infer_holds import tables


def updated(rules, values, **options):
    """The rules of column `a` after an update; its type goes without saying where the rules do not name one."""
    profile = profiled({"a": values})
    start = "  a: {" if rules.startswith("type:") else f"  a: {{type: {profile.columns[0].type}, "
    text = f"version: 1\ncolumns:\n{start}{rules}}}\n"
    line = update_schema(text, profile, InferOptions(**options)).text.splitlines()[2]
    assert line.startswith(start)
    return line.removeprefix(start).removesuffix("}")


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        ("type: integer", [1, 2]),
        ("type: float", [1, 2]),
        ('type: datetime, min: "2026-01-01T00:00:00"', [date(2026, 1, 1)]),
        ("type: date", ["2026-01-01"]),
        ('type: date, time_format: "%d.%m.%Y"', ["31.12.2026"]),
        ("max_null_fraction: 0.5", [1, None]),
        ("nullable: true", [None, None]),
        ("domain: [b, a, c]", ["a", "b"]),
        ("domain: [a], min_domain_fraction: 0.5", ["a", "b"]),
        ("min: 1, max: 3", [1, 3]),
        ("exclusive_min: 0, exclusive_max: 4", [1, 3]),
        ("min_length: 1, max_length: 3", ["a", "abc"]),
        ('pattern: "[ab]c?"', ["a", "bc"]),
        ("format: email", ["a@b.org"]),
        ("format: {value: integer, max_failure_fraction: 0.5}", ["1", "x"]),
        ("max: 8, max_failure_fraction: 0.5", [1, 9]),
        ("exclusive_min: 1, max_failure_fraction: 0.5", [1, 9]),
        ("allow_nan: true, max: 8.0, max_failure_fraction: 0.5", [1.0, 9.0, float("nan")]),
        ("max_length: 1, max_failure_fraction: 0.5", ["a", "abc"]),
        ('pattern: "[a-z]", max_failure_fraction: 0.5', ["a", "B"]),
        ("unique: true", [1, 2, None]),
        ("allow_nan: true", [1.0, float("nan")]),
        ("multiple_of: 0.5", [1.0, 1.5]),
        ("min_distinct: 1, max_distinct: 2", [1, 2, 2]),
        ("statistics: {mean: {min: 1, max: 2}}", [1, 2]),
        ("stage: debug, max: 0", [1]),
        ('min: "2026-01-01"', [date(2026, 1, 1)]),
        ("max: {value: 9, severity: warning}", [9]),
    ],
)
def test_what_holds_stays_as_it_is(rules, values):
    """Data that keeps to a rule changes nothing."""
    if "null" not in rules and None in values:
        rules += ", nullable: true"
    assert updated(rules, values) == rules


@pytest.mark.parametrize(
    ("rules", "values", "expected"),
    [
        ("min: 7, max: 10", [2, 27, 9], "min: 2, max: 27"),
        ("max: 10", [10.0, 11.5], "max: 11.5"),
        ("exclusive_max: 4", [1, 4], "max: 4"),
        ("max: {value: 9, severity: warning}", [12], "max: {value: 12, severity: warning}"),
        ("max_null_fraction: 0", [2] * 9 + [None], "max_null_fraction: 0.1"),
        ("type: integer", [2, 2, None], "type: integer, max_null_fraction: 0.3334"),
        ("min_count: 3", [1, 2], "min_count: 2"),
        ("domain: [b, a]", ["a", "No", "x y"], 'domain: [b, a, "No", x y]'),
        ("domain: [1, 2]", [1, 3], "domain: [1, 2, 3]"),
        ("min_length: 2, max_length: 3", ["a", "abcd"], "min_length: 1, max_length: 4"),
        ("type: string, pattern: a+", ["aa", "b"], "type: string"),
        ("type: string, format: date", ["2026-02-30"], "type: string"),
        ("type: integer, unique: true", [1, 1], "type: integer, unique: false"),
        ("type: float", [1.0, float("nan")], "type: float, allow_nan: true"),
        ("type: float, max: 9", [1.0, float("inf")], "type: float, allow_infinite: true"),
        ("type: integer, multiple_of: 5", [5, 6], "type: integer"),
        ("min_distinct: 2, max_distinct: 2", [1, 2, 3], "min_distinct: 2, max_distinct: 3"),
        ("min_distinct_fraction: 0.9", [1, 1, 2], "min_distinct_fraction: 0.6666"),
        ("type: integer, max: 3", [1.5, 2.0], "type: float, max: 3"),
        ("type: integer, max: 3", ["x"], "type: string"),
        ("statistics: {mean: {min: 1, max: 2}}", [4, 5], "statistics: {mean: {min: 1, max: 4.5}}"),
        ('min: "2026-01-02"', [date(2026, 1, 1)], 'min: "2026-01-01"'),
        ("items: {type: integer, max: 1}", [[1, 2]], "items: {type: integer, max: 2}"),
        ("max_items: 1, items: {domain: [a]}", [["a", "b"]], "max_items: 2, items: {domain: [a, b]}"),
    ],
)
def test_a_broken_rule_gives_way_just_enough(rules, values, expected):
    """Each rule is moved to what was seen, or goes when there is no way to move it."""
    assert updated(rules, values) == expected


def test_a_domain_that_grows_too_large_goes():
    """Past `max_domain` values the column is no category any more."""
    rules = "type: string, domain: [a], min_domain_fraction: 0.9"
    assert updated(rules, ["b", "c", "d"], max_domain=3) == "type: string"


FILE = """\
# reviewed by Ann
version: 1
domains:
    dose: [Down, "No"]   # shared
dataset: {rows: {min: 5}}
columns:
    gone: {type: integer}
    first: {domain: dose}
    second:
        domain: dose

checks:
  - {name: sane, expect: first = second}
"""


def test_the_rest_of_the_file_stays():
    """Shared domains grow once, missing columns become optional, new ones are added, rows and comments hold."""
    schema = update_schema(FILE, profiled({"first": ["Up"] * 4, "second": ["Up", "Down"] * 2, "new": [1.5] * 4}))
    assert (
        schema.text
        == """\
# reviewed by Ann
version: 1
domains:
    dose: [Down, "No", Up]   # shared
dataset: {rows: {min: 4}}
columns:
    gone: {type: integer, required: false}
    first: {domain: dose}
    second:
        domain: dose
    new:
      type: float  # 4 values, none missing

checks:
  - {name: sane, expect: first = second}
"""
    )
    assert schema.changes == [
        "column 'gone': required -> false, it is not in the data",
        "column 'first': domain + [Up]",
        "dataset: rows min 5 -> 4",
        "column 'new': added",
    ]
    assert schema.notes == ["not judged here, run validate: checks"]


def test_other_columns_may_be_ignored():
    """A schema that ignores columns it does not name is not told of them."""
    text = "version: 1\ndataset: {other_columns: ignore}\ncolumns:\n  a: {type: integer}\n"
    assert update_schema(text, profiled({"a": [1], "b": [1]})).text == text


def test_a_column_of_another_environment_is_left_alone():
    """A label that serving data does not have is noted, not made optional."""
    text = "version: 1\nenvironments: [training, serving]\ncolumns:\n  a: {not_in: [serving]}\n  b: {type: integer}\n"
    schema = update_schema(text, profiled({"b": [1]}))
    assert schema.text == text
    assert schema.notes == ["column 'a' is not in the data; its environments say where it must be"]


def test_a_byte_order_mark_and_windows_line_ends_stay():
    """What an editor on another system wrote is not rewritten."""
    text = "\ufeffversion: 1\r\ncolumns:\r\n  a: {type: integer, max: 1}\r\n"
    assert update_schema(text, profiled({"a": [2]})).text == text.replace("max: 1", "max: 2")


INFERRED = """\
columns:
  a:
    type: integer  # 15,002 values, none missing
    min: 0  # 0 to 77 seen
    max: 77
  b:
    type: string  # 9,862 values
    # 3 values in 9,862 rows; rarest: "6743 - Luhak Corp" (1), "6742 - 83735 Tasha ride inc" (1)
    domain:
      - x
      - y
  c:
    type: string  # a word of mine
    domain: [x]  # 1 value in 20 rows
    max_length: 3  # from 1 to 3, as we agreed
"""


def test_evidence_beside_a_changed_rule_says_that_it_is_of_before():
    """And nothing else changes: what a person wrote stays, and a second update changes nothing."""
    profile = profiled({"a": [99, None], "b": ["x", "z"], "c": ["longer", "x"]})
    once = update_schema(INFERRED, profile).text
    assert once == INFERRED.replace(
        "none missing\n", "none missing, relaxed since\n    max_null_fraction: 0.5\n"
    ).replace("77 seen\n    max: 77", "77 seen, relaxed since\n    max: 99").replace(
        'ride inc" (1)\n', 'ride inc" (1), relaxed since\n'
    ).replace("      - y\n", "      - y\n      - z\n").replace(
        "[x]  # 1 value in 20 rows", "[x, longer]  # 1 value in 20 rows, relaxed since"
    ).replace("max_length: 3", "max_length: 6")
    assert update_schema(once, profile).text == once
    more = profiled({"a": [100, None], "b": ["x", "z"], "c": ["longer", "x"]})
    assert update_schema(once, more).text == once.replace("max: 99", "max: 100")


@pytest.mark.parametrize("values", [[1.0, math.inf], [math.inf, None], [99.0, math.inf]])
@pytest.mark.parametrize("rule", ["max", "exclusive_max"])
def test_no_bound_stays_where_an_infinity_was_seen(rule, values):
    """Nor is it moved first, to be taken away by the next update."""
    text = f"version: 1\ncolumns:\n  a: {{type: float, nullable: true, allow_infinite: true, {rule}: 5}}\n"
    once = update_schema(text, profiled({"a": values}))
    assert once.changes == [f"column 'a': {rule} removed, inf was seen"]
    assert update_schema(once.text, profiled({"a": values})).changes == []


@pytest.mark.parametrize("value", ["\x7f", "\x85", "\n", "\x0b", "\u2028", "\U000e0001", "\ufeff"])
def test_what_nobody_sees_is_escaped_beside_quoted_values(value):
    """A list in quotes takes values without a shape of their own, and gives them back."""
    text = 'version: 1\ncolumns:\n  a: {type: string, domain: [""]}\n'
    once = update_schema(text, profiled({"a": ["", value]}))
    assert all(each.isprintable() for line in once.text.splitlines() for each in line if each < "\U00010000")
    assert update_schema(once.text, profiled({"a": ["", value]})).changes == []


@settings(max_examples=40)
@given(tables(), tables())
def test_an_update_is_minimal_and_idempotent(before, after):
    """What new data breaks gives way; a second update finds nothing, and the old data keeps to the schema still."""
    new = dict(zip(before, after.values(), strict=False))
    old_profile, new_profile = profiled(before), profiled(new)
    text = infer_schema(old_profile, InferOptions("strict")).text
    once = update_schema(text, new_profile)
    assert update_schema(once.text, new_profile).text == once.text
    assert (once.text == text) == (once.changes == [])
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#") and not EVIDENCE.search(line)]
    assert all(line in once.text for line in kept)
