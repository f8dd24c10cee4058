"""Random tables against random schemas, judged row by row in plain Python."""

import math
import re
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.schema.writer import schema_text

from .validating import report_on, told

VALUES = {
    "integer": (pl.Int64, st.none() | st.integers(-5, 5) | st.sampled_from([2**63 - 1, -(2**63)])),
    "float": (pl.Float64, st.none() | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0, 2.5, -3.0])),
    "string": (pl.String, st.none() | st.text("aé\n1", max_size=4)),
}
NUMBERS = st.integers(-4, 4)
NUMBER_LISTS = st.lists(NUMBERS, min_size=1, max_size=3, unique=True)
RULES = {
    "integer": {"min": NUMBERS, "max": NUMBERS, "exclusive_min": NUMBERS, "exclusive_max": NUMBERS,
                "multiple_of": st.integers(1, 3), "domain": NUMBER_LISTS},
    "float": {"min": NUMBERS, "exclusive_max": NUMBERS, "domain": NUMBER_LISTS,
              "allow_nan": st.booleans(), "allow_infinite": st.booleans()},
    "string": {"min_length": st.integers(0, 2), "max_length": st.integers(2, 4),
               "pattern": st.sampled_from(["a+", "a|1", ".*"]),
               "domain": st.lists(st.text("aé1", min_size=1, max_size=2), min_size=1, max_size=3, unique=True)},
}  # fmt: skip
CODES = {
    **dict.fromkeys(("min", "max", "exclusive_min", "exclusive_max", "multiple_of"), "out-of-range"),
    "domain": "value-outside-domain", "min_length": "wrong-length", "max_length": "wrong-length",
    "pattern": "pattern-mismatch", "allow_nan": "nan-value", "allow_infinite": "infinite-value",
}  # fmt: skip
#: Bounds that must not cross. A lower one is lowered to mend that, which crosses no other pair.
LOW_AND_HIGH = (("min", "max"), ("min", "exclusive_max"), ("exclusive_min", "exclusive_max"), ("exclusive_min", "max"))
#: Rules that make one finding together.
PAIRS = ({"min", "max"}, {"exclusive_min", "exclusive_max"}, {"min_length", "max_length"})


@st.composite
def cases(draw):
    """A column of values, and rules for it that agree with each other."""
    kind = draw(st.sampled_from(list(VALUES)))
    dtype, values = VALUES[kind]
    rules = {key: draw(values) for key, values in RULES[kind].items() if draw(st.booleans())}
    for low, high in LOW_AND_HIGH:
        if low in rules and high in rules and rules[low] > rules[high]:
            rules[low] = rules[high]
    rules |= {"unique": True} if draw(st.booleans()) else {"max_null_fraction": draw(st.sampled_from([0, 0.25, 1]))}
    return kind, pl.Series(draw(st.lists(values, min_size=1, max_size=12)), dtype=dtype), rules


def breaks(value, key, rule, rules):
    """Whether one value breaks one rule, in plain Python."""
    special = isinstance(value, float) and not math.isfinite(value)
    if value is None:
        return False
    if key == "allow_nan":
        return not rule and isinstance(value, float) and math.isnan(value)
    if key == "allow_infinite":
        return not rule and isinstance(value, float) and math.isinf(value)
    if special and (math.isnan(value) or not rules.get("allow_infinite")):
        return False
    return {
        "min": lambda: value < rule,
        "max": lambda: value > rule,
        "exclusive_min": lambda: value <= rule,
        "exclusive_max": lambda: value >= rule,
        "multiple_of": lambda: value % rule != 0,
        "domain": lambda: value not in rule,
        "min_length": lambda: len(value) < rule,
        "max_length": lambda: len(value) > rule,
        "pattern": lambda: re.fullmatch(rule, value) is None,
    }[key]()


def expected(kind, values, rules):
    """(code, failures, rows) of each finding, by looking at one value after the other."""
    rules = ({"allow_nan": False, "allow_infinite": False} if kind == "float" else {}) | rules
    groups = [[key for key in pair if key in rules] for pair in PAIRS]
    groups += [[key] for key in CODES if key in rules and not any(key in pair for pair in PAIRS)]
    found = []
    for keys in groups:
        rows = [row for row, value in enumerate(values) if any(breaks(value, key, rules[key], rules) for key in keys)]
        found += [(CODES[keys[0]], len(rows), rows[:5])] if rows else []
    missing = sum(value is None for value in values)
    if missing > rules.get("max_null_fraction", 0) * len(values):
        found.append(("too-many-nulls", missing, []))
    if rules.get("unique"):
        same = ["nan" if isinstance(value, float) and math.isnan(value) else value for value in values]
        again = [row for row, value in enumerate(same) if value is not None and value in same[:row]]
        found += [("not-unique", len(again), again[:5])] if again else []
    return sorted(found)


def written(kind, rules):
    """The schema of a column `a` of a type with rules."""
    return schema_text({"version": 1, "columns": {"a": {"type": kind, **rules}}})


@settings(max_examples=150)
@given(cases())
def test_every_finding_is_that_of_plain_python(case):
    """The same codes, the same counts, the same rows."""
    kind, values, rules = case
    with tempfile.TemporaryDirectory() as folder:
        report = report_on(Path(folder), pl.DataFrame({"a": values}), written(kind, rules))
    assert sorted((code, failures, rows) for code, _, failures, rows in told(report)) == expected(kind, values, rules)
