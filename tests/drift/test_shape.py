"""Changes of the shape of the data, and which of them break a reader."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from datalife.drift.model import SchemaChange
from datalife.drift.shape import pairs_of, shape_changes
from tests.drift.data import summary


def changes(baseline: dict[str, Any], current: dict[str, Any]) -> list[SchemaChange]:
    """The changes between two tables."""
    return shape_changes(summary(**baseline), summary(**current))


def told(baseline: dict[str, Any], current: dict[str, Any]) -> list[tuple[str, str | None, bool]]:
    """The changes in short: what, where, whether breaking."""
    return [(each.change, each.column, each.breaking) for each in changes(baseline, current)]


def test_the_same_shape_is_no_change():
    """Values do not matter here."""
    assert told({"a": [1], "b": ["x"]}, {"a": [2], "b": ["y"]}) == []


def test_a_column_that_went_breaks_and_one_that_came_does_not():
    """Both with their type."""
    found = changes({"a": [1], "b": ["x"]}, {"a": [1], "c": [0.5]})
    assert [(each.change, each.column, each.breaking) for each in found] == [
        ("column-removed", "b", True),
        ("column-added", "c", False),
    ]
    assert (found[0].baseline, found[1].current) == ("string", "float")


@pytest.mark.parametrize(
    ("old", "new"),
    [({"Trip Distance": [1.5]}, {"trip_distance": [2.5]}), ({"a": [1, 2, 2]}, {"z": [2, 1, 2]})],
    ids=["name", "values"],
)
def test_a_column_that_came_is_perhaps_the_one_that_went(old, new):
    """Alike in name, or the same in every value."""
    assert changes(old, new)[0].note == f"perhaps renamed to {next(iter(new))!r}"


def test_of_very_many_columns_the_names_alone_tell():
    """A hundred new names are not each compared with a hundred old ones: letters and digits decide."""
    old = {f"Sensor {place}": [place] for place in range(100)}
    new = {f"sensor_{place}": [place] for place in range(1, 101)}
    notes = [each.note for each in changes(old, new) if each.change == "column-removed"]
    assert notes == [None, *(f"perhaps renamed to 'sensor_{place}'" for place in range(1, 100))]


def test_columns_of_another_kind_are_not_the_same():
    """Neither the name nor the values are alike."""
    assert changes({"fare": [1, 2]}, {"zone": [7, 9]})[0].note is None


@pytest.mark.parametrize(
    ("before", "after", "breaking"),
    [
        ([1, 2], ["a", "b"], True),
        ([1, 2], [1.5, 2.0], True),
        ([1, 2], [1.0, 2.0], False),
        ([1.5, 2.0], [1, 2], False),
        ([True], [1], True),
        ([dt.date(2026, 1, 1)], [dt.datetime(2026, 1, 1)], False),
        ([dt.date(2026, 1, 1)], [dt.datetime(2026, 1, 1, 12)], True),
        ([[1]], [["a"]], True),
    ],
)
def test_a_type_breaks_unless_every_value_fits_the_old_one(before, after, breaking):
    """Whole floats are still integers to a reader, halves are not."""
    assert told({"a": before}, {"a": after}) == [("type-changed", "a", breaking)]


def test_a_column_without_values_has_no_type_to_change():
    """Empty in one month, numbers in the next: the missing values are told, not the type."""
    assert told({"a": [None, None]}, {"a": [1.5, 2.5]}) == []


def test_missing_values_that_were_never_there_are_told():
    """With how many."""
    found = changes({"a": [1, 2]}, {"a": [1, None]})
    assert [(each.change, each.breaking, each.current) for each in found] == [("nulls-appeared", False, 1)]


def test_the_order_of_columns_is_told():
    """Both orders, of the columns that both sides have."""
    found = changes({"a": [1], "b": [1], "c": [1]}, {"b": [1], "a": [1], "d": [5]})
    assert [each.change for each in found] == ["column-removed", "column-added", "columns-reordered"]
    assert (found[2].baseline, found[2].current) == (["a", "b"], ["b", "a"])


def test_a_side_without_rows_breaks():
    """A gate does not hold on nothing."""
    empty = {"a": pl.Series([], dtype=pl.Int64)}
    assert told({"a": [1]}, empty) == [("no-rows", None, True)]


def test_fields_of_structs_are_columns():
    """They come, go, change and pair like columns, under the name of their parent."""
    one = {"s": [{"a": 1, "b": "x"}], "l": [[{"c": 1}]]}
    other = {"s": [{"a": "1", "d": 5}], "l": [[{"c": 2}]]}
    assert told(one, other) == [
        ("column-removed", "s.b", True),
        ("column-added", "s.d", False),
        ("type-changed", "s.a", True),
    ]
    pairs = pairs_of(summary(**one).columns, summary(**other).columns)
    assert [name for name, _, _ in pairs] == ["s", "s.a", "l", "l.c"]
