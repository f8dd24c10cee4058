"""One test for each code of a report, and for what holds of them all."""

import datetime as dt
import math

import polars as pl
import pytest

from datalife.errors import UsageError
from datalife.schema.validate import ValidateOptions, validate, validate_slices
from datalife.sources import delimited
from datalife.sources.dataset import open_dataset
from datalife.stats.profile import summarize

from .validating import opened, report_on, schema_of, told

nan, inf = math.nan, math.inf
DAYS = [dt.date(2026, 1, 1), dt.date(2026, 1, 3)]
#: code, data, a schema that it breaks (column, failures, rows), a schema that it keeps to
CASES = [
    ("missing-column", {"a": [1]}, "columns: {a: {}, b: {}}", ("b", None, []),
     "columns: {a: {}, b: {required: false}}"),
    ("unexpected-column", {"a": [1], "b": [1]}, "columns: {a: {}}", ("b", None, []),
     "columns: {a: {}}\ndataset: {other_columns: ignore}"),
    ("column-order", {"b": [1], "a": [1]}, "columns: {a: {}, b: {}}\ndataset: {ordered: true}", ("b", None, []),
     "columns: {b: {}, a: {}}\ndataset: {ordered: true}"),
    ("unexpected-type", {"a": ["x", "y", None]}, "columns: {a: {type: integer, nullable: true, min: 5}}",
     ("a", 2, [0, 1]), "columns: {a: {type: string, nullable: true}}"),
    ("too-many-nulls", {"a": [1, None, 3, 4]}, "columns: {a: {max_null_fraction: 0.2}}", ("a", 1, []),
     "columns: {a: {max_null_fraction: 0.25}}"),
    ("too-few-values", {"a": [1, None]}, "columns: {a: {min_count: 2, nullable: true}}", ("a", None, []),
     "columns: {a: {min_count: 1, nullable: true}}"),
    ("value-outside-domain", {"a": ["No", "on", "010"]}, "columns: {a: {domain: [No, on]}}", ("a", 1, [2]),
     "columns: {a: {domain: [No, on, 010]}}"),
    ("out-of-range", {"a": [1, 2, 3]}, "columns: {a: {type: integer, max: 2}}", ("a", 1, [2]),
     "columns: {a: {type: integer, min: 1, max: 3}}"),
    ("wrong-length", {"a": ["ab", "äöü", "€"]}, "columns: {a: {type: string, max_length: 2}}", ("a", 1, [1]),
     "columns: {a: {type: string, min_length: 1, max_length: 3}}"),
    ("pattern-mismatch", {"a": ["ab", "xaby"]}, "columns: {a: {type: string, pattern: a.|b}}", ("a", 1, [1]),
     "columns: {a: {type: string, pattern: .*ab.*}}"),
    ("format-mismatch", {"a": ["a@b.org", "a@b"]}, "columns: {a: {type: string, format: email}}", ("a", 1, [1]),
     "columns: {a: {type: string}}"),
    ("not-unique", {"a": [7, 8, 7, None, None]}, "columns: {a: {unique: true, nullable: true}}", ("a", 1, [2]),
     "columns: {a: {unique: false, nullable: true}}"),
    ("distinct-out-of-range", {"a": [1, 1, 2]}, "columns: {a: {min_distinct: 3}}", ("a", None, []),
     "columns: {a: {min_distinct: 2, max_distinct: 2, min_distinct_fraction: 0.66}}"),
    ("items-out-of-range", {"a": [[1], [1, 2, 3], []]}, "columns: {a: {type: list, min_items: 1, max_items: 3}}",
     ("a", 1, [2]), "columns: {a: {type: list, max_items: 3}}"),
    ("nan-value", {"a": [1.0, nan]}, "columns: {a: {type: float, max: 2, domain: [1]}}", ("a", 1, [1]),
     "columns: {a: {type: float, max: 2, domain: [1], allow_nan: true}}"),
    ("infinite-value", {"a": [1.0, inf]}, "columns: {a: {type: float, max: 2, multiple_of: 1, domain: [1]}}",
     ("a", 1, [1]), "columns: {a: {type: float, allow_infinite: true}}"),
    ("statistic-out-of-range", {"a": [1, 2]}, "columns: {a: {statistics: {mean: {max: 1}}}}", ("a", None, []),
     "columns: {a: {statistics: {mean: {min: 1.5, max: 1.5}, sum: {max: 3}}}}"),
    ("duplicate-key", {"a": [1, 1, 1], "b": [1, 2, 1]}, "columns: {a: {}, b: {}}\ndataset: {unique: [[a, b]]}",
     (None, 1, [2]), "columns: {a: {}, b: {}}"),
    ("too-few-rows", {"a": [1]}, "columns: {a: {}}\ndataset: {rows: {min: 2}}", (None, None, []),
     "columns: {a: {}}\ndataset: {rows: {min: 1, max: 1}}"),
    ("too-many-rows", {"a": [1, 2]}, "columns: {a: {}}\ndataset: {rows: {max: 1}}", (None, None, []),
     "columns: {a: {}}\ndataset: {rows: {max: 2}}"),
    ("check-failed", {"a": [1, 2, None], "b": [1, 1, 1]},
     "columns: {a: {nullable: true}, b: {}}\nchecks: [{name: c, expect: a <= b}]", (None, 1, [1]),
     "columns: {a: {nullable: true}, b: {}}\nchecks: [{name: c, expect: a <= b, max_failures: 1}]"),
    ("stale-data", {"a": DAYS}, "columns: {a: {}}\ndataset: {freshness: {column: a, max_age: 47h}}", ("a", None, []),
     "columns: {a: {}}\ndataset: {freshness: {column: a, max_age: 2d}}"),
    ("not-checked", {"a": ["x"]}, "columns: {a: {statistics: {mean: {max: 1}}}}", ("a", None, []),
     "columns: {a: {statistics: {distinct_count: {max: 1}}}}"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "data", "broken", "finding", "kept"), CASES, ids=[case[0] for case in CASES])
def test_each_code(tmp_path, code, data, broken, finding, kept):
    """The least data that earns it earns nothing else, and a schema that allows it is silent."""
    now = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    column, failures, rows = finding
    report = report_on(tmp_path, data, broken, now=now)
    assert told(report) == [(code, column, failures, rows)]
    assert report.failed
    assert told(report_on(tmp_path, data, kept, now=now)) == []


def test_unreadable_rows_are_a_finding(tmp_path):
    """Records that were skipped on demand are counted, the first is named."""
    from datalife.sources.model import ReadOptions

    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n1\n3,4\n1,2,3\n")
    dataset = open_dataset([str(path)], ReadOptions(on_bad_row="report"))
    (anomaly,) = validate(dataset, schema_of("columns: {a: {}, b: {}}")).anomalies
    assert (anomaly.code, anomaly.failures) == ("unreadable-row", 2)
    assert "a.csv:3" in anomaly.message


@pytest.mark.parametrize(("kind", "code"), [("baseline", "drift"), ("training", "skew")])
def test_limits_of_drift_and_skew(tmp_path, kind, code):
    """Broken above the limit, measured also when it holds, not checked when the other side lacks the column."""
    before = summarize(opened(tmp_path, {"a": ["x"] * 8 + ["y"] * 2}))
    text = "columns: {{a: {{{}: {{metric: l_infinity, max: {}}}}}}}"
    data = {"a": ["x"] * 5 + ["y"] * 5}
    broken = report_on(tmp_path, data, text.format(code, 0.29), **{kind: before})
    assert [(each.code, each.distance, each.threshold) for each in broken.anomalies] == [(code, 0.3, 0.29)]
    assert "x moved from 80 % to 50 %" in broken.anomalies[0].message
    held = report_on(tmp_path, data, text.format(code, 0.3), **{kind: before})
    assert held.anomalies == []
    assert [(each.kind, each.distance) for each in held.measures] == [(code, 0.3)]
    other = summarize(opened(tmp_path, {"b": [1]}))
    assert told(report_on(tmp_path, data, text.format(code, 1), **{kind: other})) == [("not-checked", "a", None, [])]


def test_rows_against_the_baseline(tmp_path):
    """The ratio has bounds; a baseline without rows cannot be compared with."""
    text = "columns: {a: {}}\ndataset: {rows_vs_baseline: {min: 0.5, max: 2}}"
    sizes = {size: summarize(opened(tmp_path, {"a": [1] * size})) for size in (1, 2, 8, 9)}
    found = {size: told(report_on(tmp_path, {"a": [1] * 4}, text, baseline=sizes[size])) for size in sizes}
    assert found == {1: [("row-count-change", None, None, [])], 2: [], 8: [], 9: [("row-count-change", None, None, [])]}
    empty = summarize(opened(tmp_path, pl.DataFrame({"a": []}, schema={"a": pl.Int64})))
    assert told(report_on(tmp_path, {"a": [1]}, text, baseline=empty)) == [("not-checked", None, None, [])]


def test_no_rows_never_pass(tmp_path):
    """Unless a schema says that they may."""
    empty = pl.DataFrame({"a": []}, schema={"a": pl.Int64})
    assert told(report_on(tmp_path, empty, "columns: {a: {type: string}}")) == [("too-few-rows", None, None, [])]
    assert told(report_on(tmp_path, empty, "columns: {a: {}}\ndataset: {rows: {min: 0}}")) == []
    sliced = validate_slices(opened(tmp_path, empty), schema_of("columns: {a: {}}"), "a", ValidateOptions())
    assert told(sliced) == [("too-few-rows", None, None, [])]


def test_a_schema_that_checks_nothing_is_refused(tmp_path):
    """A gate without a door is a mistake."""
    with pytest.raises(UsageError, match="checks nothing"):
        report_on(tmp_path, {"a": [1]}, "columns: {}\ndataset: {other_columns: ignore}")


@pytest.mark.parametrize(
    ("rules", "options"),
    [
        ("a: {type: integer, stage: alpha}", {}),
        ("a: {type: integer, in: [training]}", {"environment": "serving"}),
        ("a: {type: integer, not_in: [serving]}", {"environment": "serving"}),
    ],
)
def test_a_run_in_which_no_column_is_checked_is_refused(tmp_path, rules, options):
    """All rules are of another stage or environment: nothing was made sure, so nothing passed."""
    text = f"environments: [training, serving]\ndataset: {{other_columns: ignore}}\ncolumns: {{{rules}}}"
    with pytest.raises(UsageError, match="checks nothing"):
        report_on(tmp_path, {"a": [1]}, text, **options)


@pytest.mark.parametrize(
    "rule", ["rows: {min: 1}", "unique: [[a]]", "freshness: {column: a, max_age: 2d}", "ordered: true"]
)
def test_a_rule_of_the_dataset_is_something_to_check(tmp_path, rule):
    """Also where no column is."""
    text = f"dataset: {{other_columns: ignore, {rule}}}\ncolumns: {{a: {{stage: alpha}}}}"
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert told(report_on(tmp_path, {"a": [moment]}, text, now=moment)) == []


# Types of text and of typed data


def test_integers_of_a_csv_file_are_text_where_the_schema_says_so(tmp_path):
    """A file without types is read as the schema asks; leading zeros stay."""
    assert told(report_on(tmp_path, "a\n1\n2\n", "columns: {a: {type: string, domain: [1, '2']}}")) == []
    assert told(report_on(tmp_path, {"a": [1]}, "columns: {a: {type: string}}")) == [("unexpected-type", "a", 1, [0])]


def test_one_bad_text_is_one_finding(tmp_path):
    """Its row and value are named, and no other rule about the values of the column cascades from it."""
    text = "columns: {a: {type: integer, max: 10, domain: [1, 2], min_distinct: 9, statistics: {mean: {max: 1}}}}"
    report = report_on(tmp_path, "a\n1\noops\n2\n", text)
    assert told(report) == [("unexpected-type", "a", 1, [1])]
    assert report.anomalies[0].examples[0].value == "oops"
    assert report.anomalies[0].message == "1 of 3 values (33 %) not an integer: oops (1)"


def test_beside_a_bad_text_the_other_values_are_judged(tmp_path):
    """Each of them by the rules about single values; what is asked of the whole column waits for its type."""
    rules = "type: integer, max: {value: 10, severity: error}, unique: true, min_distinct: 9, severity: warning"
    report = report_on(tmp_path, "a,b\n1,\noops,\n99,\n99,\n,\n", f"columns: {{a: {{{rules}}}, b: {{nullable: true}}}}")
    assert told(report) == [
        ("out-of-range", "a", 2, [2, 3]),
        ("unexpected-type", "a", 1, [1]),
        ("too-many-nulls", "a", 1, []),
    ]
    assert report.anomalies[0].message == "2 of 4 values (50 %) out of range: 99 (2)"


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ("max: {value: 10, max_failures: 1}", ", 1 allowed"),
        ("max: {value: 10, max_failure_fraction: 0.001}", ", 0.1 % allowed"),
        ("max: {value: 10, max_failures: 1, max_failure_fraction: 0.9}", ", 1 and 90 % allowed"),
        ("max: {value: 10, max_failures: 0}", ""),
        ("max: 10, max_failure_fraction: 0.25", ", 25 % allowed"),
        ("domain: [1], min_domain_fraction: 0.9", ", 10 % allowed"),
    ],
)
def test_a_finding_tells_what_was_tolerated(tmp_path, rule, allowed):
    """Who reads that 2 values are too many sees how many would not have been."""
    (found,) = report_on(tmp_path, {"a": [1, 1, 99, 99]}, f"columns: {{a: {{type: integer, {rule}}}}}").anomalies
    says = "outside the domain" if "domain" in rule else "out of range"
    assert found.message == f"2 of 4 values (50 %{allowed}) {says}: 99 (2)"


def test_repeats_and_checks_tell_what_was_tolerated(tmp_path):
    """As rules about single values do."""
    text = "columns: {a: {unique: {value: true, max_failures: 1}}}\nchecks: [{name: c, expect: a > 1, max_failures: 1}]"
    found = report_on(tmp_path, {"a": [1, 1, 1]}, text).anomalies
    assert {each.message for each in found} == {
        "2 of 3 values (67 %, 1 allowed) repeat an earlier one: 1 (3)",
        "c: 3 of 3 rows (100 %, 1 allowed) break a > 1",
    }


def test_a_bad_type_inside_is_one_finding_too(tmp_path):
    """Of the field that is mistyped nothing more is said; the other fields are judged."""
    data = pl.DataFrame({"s": [{"x": "9", "y": 9}]})
    text = "columns: {s: {type: struct, fields: {x: {type: integer, max: 5}, y: {type: integer, max: 5}}}}"
    assert told(report_on(tmp_path, data, text)) == [("unexpected-type", "s", 1, [0]), ("out-of-range", "s", 1, [0])]


@pytest.mark.parametrize(
    ("values", "rules", "bad"),
    [
        (["2026-01-01T00:00:00Z", "2026-01-02T00:00:00+01:00", "oops"], "type: datetime", [2]),
        (["2026-01-01T00:00:00", "2026-01-02T00:00:00.123456789", "oops"], "type: datetime", [2]),
        (["2026-01-01T00:00:00Z", "2026-01-02T00:00:00", "x"], "type: datetime, timezone: UTC", [1, 2]),
        (["true", "False", "yes"], "type: boolean", [2]),
        (["31/01/2026", "31/02/2026", "2026-01-01"], "type: date, time_format: '%d/%m/%Y'", [1, 2]),
        (["2026-01-01"], "type: date, time_format: '%d/%m/%Y'", [0]),
        (["1.5", "NaN", "1,5"], "type: float, allow_nan: true", [2]),
        (["1", "007", "1.0"], "type: integer", [1, 2]),
        (["12:30", "24:00"], "type: time", [1]),
    ],
)
def test_texts_that_are_not_of_the_type(tmp_path, values, rules, bad):
    """Only those that cannot be read as it."""
    rows = "".join(f'"{value}"\n' for value in values)
    assert told(report_on(tmp_path, f"a\n{rows}", f"columns: {{a: {{{rules}}}}}")) == [
        ("unexpected-type", "a", len(bad), bad)
    ]


@pytest.mark.parametrize(
    ("dtype", "values", "rules"),
    [
        (pl.Int64, [1], "type: float"),
        (pl.Date, DAYS, "type: datetime, min: 2026-01-01"),
        (pl.String, ["2026-01-01"], "type: date, max: 2026-01-01"),
        (pl.Categorical, ["a"], "type: string, domain: [a]"),
        (pl.Boolean, [True], "type: boolean, domain: [true]"),
        (pl.Null, [None], "type: integer, nullable: true, max: 3"),
        (pl.Datetime("us", "Europe/Paris"), DAYS, "type: datetime, timezone: Europe/Paris"),
    ],
)
def test_what_counts_as_the_type(tmp_path, dtype, values, rules):
    """Integers as floats, days as datetimes, ISO 8601 text as times."""
    frame = pl.DataFrame({"a": pl.Series(values).cast(dtype)})
    assert told(report_on(tmp_path, frame, f"columns: {{a: {{{rules}}}}}")) == []


def test_a_zone_is_part_of_the_type(tmp_path):
    """Times of another zone are not those that were asked for."""
    frame = pl.DataFrame({"a": pl.Series(DAYS).cast(pl.Datetime("us", "UTC"))})
    (anomaly,) = report_on(tmp_path, frame, "columns: {a: {type: datetime, timezone: Europe/Paris}}").anomalies
    assert anomaly.code == "unexpected-type"
    assert "not a datetime in Europe/Paris" in anomaly.message


# Items and fields


def test_items_and_fields_have_the_rules_of_columns(tmp_path):
    """What is counted are items; what is named are rows; the message says where in the column."""
    frame = {
        "l": [[1, 2, None, 9, 9], [3], None],
        "s": [{"x": 1, "y": "q"}, {"x": None, "y": "r"}, {"x": 30, "y": "q"}],
    }
    text = """\
columns:
  l: {type: list, nullable: true, items: {type: integer, max: 3, min_distinct: 5}}
  s: {type: struct, fields: {x: {type: integer, max: 9, severity: warning}, y: {domain: [q]}, z: {},
      w: {required: false}}}
"""
    report = report_on(tmp_path, frame, text)
    found = [(each.code, str(each.severity), each.column, each.failures) for each in report.anomalies]
    assert found == [
        ("out-of-range", "error", "l", 2),
        ("too-many-nulls", "error", "l", 1),
        ("value-outside-domain", "error", "s", 1),
        ("missing-column", "error", "s", 3),
        ("distinct-out-of-range", "error", "l", None),
        ("out-of-range", "warning", "s", 1),
        ("too-many-nulls", "warning", "s", 1),
    ]
    assert report.anomalies[-1].message == "1 of 3 values (33 %) missing (field x)"


def test_a_share_of_the_items_may_be_missing(tmp_path):
    """One of four is not more than a quarter."""
    text = "columns: {{a: {{type: list, items: {{max_null_fraction: {}}}}}}}"
    data = {"a": [[1, None], [2, 3]]}
    assert told(report_on(tmp_path, data, text.format(0.25))) == []
    assert told(report_on(tmp_path, data, text.format(0.2))) == [("too-many-nulls", "a", 1, [0])]


# The long form


@pytest.mark.parametrize(
    ("rule", "fails"),
    [
        ("{value: 8, max_failures: 2}", False),
        ("{value: 8, max_failures: 1}", True),
        ("{value: 8, max_failure_fraction: 0.2}", False),
        ("{value: 8, max_failure_fraction: 0.19}", True),
        ("{value: 8, max_failures: 5, max_failure_fraction: 0.1}", True),
        ("{value: 8, max_failures: 1, max_failure_fraction: 0.9}", True),
    ],
)
def test_tolerances(tmp_path, rule, fails):
    """Two of ten values above 8: a bound is not broken by what it allows exactly."""
    report = report_on(tmp_path, {"a": list(range(1, 11))}, f"columns: {{a: {{type: integer, max: {rule}}}}}")
    assert told(report) == ([("out-of-range", "a", 2, [8, 9])] if fails else [])


@pytest.mark.parametrize(
    ("rules", "fails"),
    [
        ("max: 8, max_failure_fraction: 0.2", False),
        ("max: 8, max_failure_fraction: 0.19", True),
        ("min: 2, max: 9, max_failure_fraction: 0.2", False),
        ("min: 2, max: 8, max_failure_fraction: 0.2", True),
        ("max: {value: 8, max_failures: 1}, max_failure_fraction: 0.2", True),
        ("max: {value: 8, severity: error}, max_failure_fraction: 0.2", False),
        ("domain: [1, 2, 3, 4, 5, 6, 7, 8], max_failure_fraction: 0.2", True),
    ],
)
def test_the_tolerance_of_a_column_is_that_of_its_rules(tmp_path, rules, fails):
    """Of those about single values, both ends of a range together; a rule's own is stronger, a domain has its own."""
    report = report_on(tmp_path, {"a": list(range(1, 11))}, f"columns: {{a: {{type: integer, {rules}}}}}")
    assert bool(report.anomalies) is fails


def test_the_tolerance_of_all_columns_is_a_default(tmp_path):
    """It is said once, and a column may decline it; missing values are no matter of it."""
    text = """\
defaults: {type: string, max_failure_fraction: 0.1}
columns:
  a: {max_length: 1}
  b: {max_length: 1, max_failure_fraction: 0}
"""
    data = {name: ["x"] * 9 + ["xx"] for name in ("a", "b")}
    assert told(report_on(tmp_path, data, text)) == [("wrong-length", "b", 1, [9])]
    data["a"][0] = None
    found = [(each.code, each.column) for each in report_on(tmp_path, data, text).anomalies]
    assert ("too-many-nulls", "a") in found


def test_a_share_of_the_domain(tmp_path):
    """Of the values present."""
    data = {"a": ["x"] * 9 + ["y", None]}
    text = "columns: {{a: {{domain: [x], min_domain_fraction: {}, nullable: true}}}}"
    assert told(report_on(tmp_path, data, text.format(0.9))) == []
    assert told(report_on(tmp_path, data, text.format(0.91))) == [("value-outside-domain", "a", 1, [9])]


def test_a_rule_has_its_own_severity_and_message(tmp_path):
    """Graver or milder than the column's; two bounds that differ in it are two findings."""
    text = """\
columns:
  a: {type: integer, severity: info, min: {value: 2, severity: warning, message: too young}, max: {value: 3}}
"""
    report = report_on(tmp_path, {"a": [1, 4]}, text)
    assert [(str(each.severity), each.message) for each in report.anomalies] == [
        ("warning", "too young"),
        ("info", "1 of 2 values (50 %) out of range: 4 (1)"),
    ]
    assert not report.failed
    assert report.counts == {"error": 0, "warning": 1, "info": 1}


@pytest.mark.parametrize(("environment", "count"), [(None, 4), ("training", 4), ("serving", 0)])
def test_a_rule_belongs_to_environments(tmp_path, environment, count):
    """Whatever the rule is about; without an environment all rules hold."""
    text = """\
environments: [training, serving]
columns:
  a: {type: integer, max: {value: 1, in: [training]}, min_distinct: {value: 9, in: [training]},
      unique: {value: true, in: [training]}}
  l: {type: list, items: {max: {value: 1, in: [training]}, type: integer}}
"""
    report = report_on(tmp_path, {"a": [1, 2, 2], "l": [[2], [], []]}, text, environment=environment)
    assert len(report.anomalies) == count


def test_environments_choose_columns(tmp_path):
    """A label is not asked for when serving; an environment that is not declared is a mistake."""
    text = "environments: [training, serving]\ncolumns: {a: {}, y: {not_in: [serving]}}"
    assert told(report_on(tmp_path, {"a": [1]}, text, environment="serving")) == []
    assert told(report_on(tmp_path, {"a": [1]}, text)) == [("missing-column", "y", None, [])]
    with pytest.raises(UsageError) as caught:
        report_on(tmp_path, {"a": [1]}, text, environment="servin")
    assert caught.value.faults[0].hint == "did you mean 'serving'?"


@pytest.mark.parametrize("stage", ["planned", "alpha", "debug", "deprecated", "disabled"])
def test_columns_of_a_stage_are_not_checked(tmp_path, stage):
    """Neither there nor absent."""
    text = f"columns: {{a: {{}}, b: {{stage: {stage}, type: integer}}}}"
    assert told(report_on(tmp_path, {"a": [1]}, text)) == []
    assert told(report_on(tmp_path, {"a": [1], "b": ["x"]}, text)) == []


def test_the_verdict_is_at_the_severity_asked_for(tmp_path):
    """`warning` fails on warnings and errors, `never` on nothing."""
    text = "columns: {a: {severity: warning, type: string}}"
    failed = {level: report_on(tmp_path, {"a": [1]}, text, fail_on=level).failed for level in
              ("error", "warning", "info", "never")}  # fmt: skip
    assert failed == {"error": False, "warning": True, "info": True, "never": False}


# How data is cut and shown


def test_findings_stand_in_the_order_of_the_schema(tmp_path):
    """Whatever the order of the columns in the data."""
    report = report_on(tmp_path, "a,b\n1,1\n", "columns: {b: {type: integer, min: 2}, a: {type: integer, min: 2}}")
    assert [each.column for each in report.anomalies] == ["b", "a"]


def test_slices_are_validated_apart(tmp_path):
    """Every finding names its slice, and each slice is compared with its own past."""
    frame = pl.DataFrame({"d": [DAYS[0]] * 4 + [DAYS[1]] * 4 + [None], "a": [1, 1, 2, 2, 1, 1, 1, 9, 1]})
    before = pl.DataFrame({"d": [DAYS[0]] * 2 + [DAYS[1]] * 2, "a": [1, 2, 1, 1]})
    text = """\
columns: {d: {nullable: true}, a: {type: integer, max: 8, drift: {metric: l_infinity, max: 0.2}}}
"""
    (tmp_path / "before").mkdir()
    others = (opened(tmp_path / "before", before), None)
    report = validate_slices(opened(tmp_path, frame), schema_of(text), "d", ValidateOptions(), others)
    assert [(each.code, each.slice) for each in report.anomalies] == [
        ("out-of-range", {"d": "2026-01-03"}),
        ("drift", {"d": "2026-01-03"}),
        ("not-checked", {"d": None}),
    ]
    assert report.rows == 9
    assert [each.distance for each in report.measures] == [0, 0.25]


def test_small_shards_change_nothing(tmp_path, monkeypatch):
    """Rows, counts, examples and the worst values are those of the whole."""
    rows = "".join(f"{number},{number % 7},{'x' * (number % 5)}\n" for number in range(500))
    data = "k,a,t\n" + rows + "3,oops,y\n3,99,y\n"
    text = """\
columns: {k: {type: integer, unique: true, max: 400}, a: {type: integer, domain: [1, 2, 3]},
          t: {nullable: true, max_length: 3, type: string}}
dataset: {unique: [[k, t]]}
checks: [{name: c, expect: k < 100 OR k > 200}]
"""
    whole = report_on(tmp_path, data, text)
    monkeypatch.setattr(delimited, "BLOCK", 128)
    cut = opened(tmp_path, data)
    assert len(cut.shards) > 10
    assert validate(cut, schema_of(text)) == whole
    assert len(whole.anomalies) == 7


def test_the_most_frequent_bad_values_are_told(tmp_path):
    """With their counts, ties in the order of the values; strange ones in quotes."""
    data = {"a": ["b", "a", "b", "", " x", "y" * 50, "c", "ok"]}
    (anomaly,) = report_on(tmp_path, data, "columns: {a: {domain: [ok]}}").anomalies
    assert anomaly.message == "7 of 8 values (88 %) outside the domain: b (2), '' (1), ' x' (1), a (1), c (1), ..."
    assert anomaly.fraction == 7 / 8


def test_many_different_bad_values_are_told_the_same_way_each_time(tmp_path):
    """More than are kept of it, and yet no random choice."""
    data = {"a": [f"{number:05}" for number in range(3000)]}
    messages = {report_on(tmp_path, data, "columns: {a: {domain: [x]}}").anomalies[0].message for _ in range(3)}
    assert messages == {
        "3,000 of 3,000 values (100 %) outside the domain: 00000 (1), 00001 (1), 00002 (1), 00003 (1), 00004 (1), ..."
    }


def test_names_from_data_are_only_names(tmp_path):
    """Patterns, keys and the column of row numbers collide with nothing."""
    frame = {"a.*": [1, 9], "*": [1, 1], "row": [2, 2], "c0": [3, 3], "": [0, 0]}
    text = """\
columns: {"a.*": {type: integer, max: 5}, "*": {unique: true}, row: {}, c0: {}, "": {}}
checks: [{name: c, expect: '"a.*" < "row"'}]
"""
    assert [each[:3] for each in told(report_on(tmp_path, frame, text))] == [
        ("out-of-range", "a.*", 1), ("check-failed", None, 1), ("not-unique", "*", 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("a,b\n1,x\n9,y\n", 3),
        ("a,b\n\n1,x\n9,y\n", 4),
        ('a,b\n1,"x\ny"\n9,y\n', 4),
        ('a,b\n1,"x"\r\n9,"y"\r\n', 3),
    ],
)
def test_examples_say_on_which_line_they_are(tmp_path, data, line):
    """Also behind blank lines and records of several lines."""
    (anomaly,) = report_on(tmp_path, data, "columns: {a: {type: integer, max: 5}, b: {}}").anomalies
    assert anomaly.examples[0].where == f"{tmp_path / 'data.csv'}:{line}"
