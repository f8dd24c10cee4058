"""Two schemas: what changed, and what of it breaks a reader of the data."""

from __future__ import annotations

from typing import Any

import pytest

from datalife.drift.model import Diff
from datalife.drift.schemas import diff_schemas
from datalife.drift.sides import are_schemas
from datalife.errors import UsageError
from datalife.schema.model import Schema


def changed(baseline: dict[str, Any], current: dict[str, Any]) -> Diff:
    """The difference between the schemas of one column `x` with these rules."""
    return diff_schemas(*(Schema.model_validate({"columns": {"x": rules}}) for rules in (baseline, current)))


def test_the_same_schema_has_no_changes():
    """Also where one writes out what is the default, or names a domain that the other lists."""
    one = Schema.model_validate({"domains": {"d": ["a"]}, "columns": {"x": {"domain": "d"}, "y": {"nullable": True}}})
    other = Schema.model_validate({"columns": {"x": {"domain": ["a"]}, "y": {"max_null_fraction": 1.0}}})
    found = diff_schemas(one, other)
    assert (found.kind, found.drifted, found.rows, found.schema_changes) == ("schema-diff", False, None, [])


def test_columns_come_and_go():
    """A removed column breaks its readers, an added one nobody."""
    one = Schema.model_validate({"columns": {"a": {"type": "integer"}, "b": {}}})
    other = Schema.model_validate({"columns": {"b": {}, "c": {"type": "string"}}})
    found = diff_schemas(one, other)
    assert [(each.change, each.column, each.breaking) for each in found.schema_changes] == [
        ("column-removed", "a", True),
        ("column-added", "c", False),
    ]
    assert found.drifted


LOOSER = [
    ("type", "integer", "float"),
    ("type", "integer", "string"),
    ("required", True, False),
    ("max_null_fraction", 0.0, 0.1),
    ("min_count", 10, 5),
    ("domain", ["a", "b"], ["a", "c"]),
    ("min_domain_fraction", 1.0, 0.9),
    ("min", 0, -1),
    ("max", 10, 20),
    ("exclusive_max", 10, None),
    ("min_length", 3, None),
    ("max_items", 3, 4),
    ("unique", True, None),
    ("allow_nan", None, True),
    ("pattern", "a+", "a*"),
    ("stage", "production", "deprecated"),
    ("not_in", ["serving"], ["training"]),
]


@pytest.mark.parametrize(("key", "before", "after"), LOOSER)
def test_a_looser_rule_is_breaking(key, before, after):
    """Data that keeps to the new schema may surprise who relied on the old one."""
    (change,) = changed({key: before}, {key: after}).schema_changes
    assert (change.change, change.column, change.breaking) == (f"{key.replace('_', '-')}-changed", "x", True)
    assert change.baseline == before


TIGHTER = [
    ("type", "float", "integer"),
    ("required", False, True),
    ("max_null_fraction", 0.1, 0.0),
    ("domain", ["a", "b"], ["a"]),
    ("domain", None, ["a"]),
    ("min", None, 0),
    ("max", 20, 10),
    ("unique", None, True),
    ("pattern", None, "a+"),
    ("description", "old", "new"),
    ("severity", "error", "warning"),
    ("drift", None, {"metric": "psi", "max": 0.1}),
]


@pytest.mark.parametrize(("key", "before", "after"), TIGHTER)
def test_a_tighter_rule_or_another_word_is_not_breaking(key, before, after):
    """It is listed all the same."""
    found = changed({key: before} if before is not None else {}, {key: after})
    assert [change.breaking for change in found.schema_changes] == [False]
    assert not found.drifted


def test_a_rule_written_long_is_compared_by_its_value():
    """Other words around the same bound are no change of it."""
    assert changed({"max": 10}, {"max": {"value": 10, "message": "too much"}}).schema_changes == []
    assert changed({"max": 10}, {"max": {"value": 11}}).drifted


def test_bounds_that_cannot_be_compared_are_breaking():
    """A number became a date."""
    assert changed({"max": 10}, {"max": "2026-01-01"}).drifted


def test_items_and_fields_are_columns():
    """Under the name of their parent."""
    one = {"type": "struct", "fields": {"a": {"type": "list", "items": {"type": "integer"}}}}
    other = {"type": "struct", "fields": {"a": {"type": "list", "items": {"type": "string"}}}}
    (change,) = changed(one, other).schema_changes
    assert (change.column, change.baseline, change.current) == ("x.a[]", "integer", "string")


def test_rules_of_the_dataset_are_compared():
    """A key that is no longer promised breaks; a new one does not."""
    with_key = Schema.model_validate({"columns": {"x": {}}, "dataset": {"unique": [["x"]]}})
    without = Schema.model_validate({"columns": {"x": {}}})
    (change,) = diff_schemas(with_key, without).schema_changes
    assert (change.change, change.column, change.breaking) == ("unique-changed", None, True)
    assert not diff_schemas(without, with_key).drifted


def test_schemas_are_known_by_their_suffix():
    """Both are, or neither."""
    assert are_schemas("a.yaml", "b.YML")
    assert not are_schemas("a.csv", "b.json")
    with pytest.raises(UsageError, match="compared with a schema"):
        are_schemas("a.yaml", "b.csv")
