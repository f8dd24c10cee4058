"""What changed about the shape of the data: columns that came, went or changed their type."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from datalife.drift.alignment import Pair
from datalife.drift.metrics import value_of
from datalife.drift.model import SchemaChange

if TYPE_CHECKING:
    from datalife.stats.summary import ColumnSummary, Summary

SECONDS_A_DAY = 86_400
#: Names this alike (difflib's ratio) are perhaps the same column.
ALIKE = 0.8
#: So many pairs of columns that went and came are compared one by one; of 1,000 each that would take an hour.
FEW = 2500
#: What may be told here.
CHANGES = ("no-rows", "column-removed", "column-added", "type-changed", "nulls-appeared", "columns-reordered")

Columns = Mapping[str, "ColumnSummary"]


def shape_changes(baseline: Summary, current: Summary) -> list[SchemaChange]:
    """Sides without rows; columns removed, added, changed in type, missing for the first time, reordered.

    A change is breaking when a reader of the baseline may fail: a column is gone, or holds values that do not
    fit its old type. Fields of structs are columns here, called `column.field`.
    """
    changes = []
    if not baseline.rows or not current.rows:
        rows = {"baseline": baseline.rows, "current": current.rows}
        changes.append(SchemaChange(change="no-rows", breaking=True, **rows))
    return changes + _changes(baseline.columns, current.columns)


def pairs_of(baseline: Columns, current: Columns) -> Iterator[tuple[str, ColumnSummary, ColumnSummary]]:
    """The columns of both sides in the order of the baseline; after a struct its fields."""
    for name, one in baseline.items():
        other = current.get(name)
        if other is not None:
            yield name, one, other
            yield from pairs_of(_fields(one), _fields(other))


def type_name(column: ColumnSummary) -> str:
    """The logical type; of a list with that of its items."""
    return f"list of {type_name(column.items)}" if column.items is not None else column.type


def _fields(column: ColumnSummary) -> Columns:
    return column.fields or (column.items.fields if column.items is not None else {})


def _changes(baseline: Columns, current: Columns) -> list[SchemaChange]:
    """The changes between two sets of columns, and between the fields of each column of both."""
    changes = [*_removed(baseline, current), *_added(baseline, current)]
    for name, one in baseline.items():
        other = current.get(name)
        if other is not None:
            changes += [*_type_change(name, one, other), *_nulls_appeared(name, one, other)]
            changes += _changes(_fields(one), _fields(other))
    return changes + _reordered(baseline, current)


def _removed(baseline: Columns, current: Columns) -> Iterator[SchemaChange]:
    new = {name: column for name, column in current.items() if name not in baseline}
    gone = {name: column for name, column in baseline.items() if name not in current}
    twins = _twins(gone, new) if len(gone) * len(new) <= FEW else _twins_by_plain_name(gone, new)
    for name, column in baseline.items():
        if name in gone:
            twin = twins.get(name)
            note = None if twin is None else f"perhaps renamed to {twin!r}"
            yield SchemaChange(
                change="column-removed", column=name, breaking=True, baseline=type_name(column), note=note
            )


def _added(baseline: Columns, current: Columns) -> Iterator[SchemaChange]:
    for name, column in current.items():
        if name not in baseline:
            yield SchemaChange(change="column-added", column=name, breaking=False, current=type_name(column))


def _twins(gone: Columns, new: Columns) -> dict[str, str]:
    """For columns that went the first that came and is perhaps the same."""
    found = {name: next((each for each in new if _alike(name, gone[name], each, new[each])), None) for name in gone}
    return {name: twin for name, twin in found.items() if twin is not None}


def _twins_by_plain_name(gone: Columns, new: Columns) -> dict[str, str]:
    """As `_twins`, by the letters and digits of the names and nothing else: quick however many columns there are."""
    names: dict[tuple[str, str], str] = {}
    for name, column in new.items():
        names.setdefault((column.type, _plain(name)), name)
    keys = {name: (column.type, _plain(name)) for name, column in gone.items()}
    return {name: names[key] for name, key in keys.items() if key in names}


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


def _alike(name: str, one: ColumnSummary, new: str, other: ColumnSummary) -> bool:
    """Whether a column that went and one that came are perhaps the same: alike in name, or in every value."""
    if one.type != other.type:
        return False
    plain = (_plain(name), _plain(new))
    if plain[0] == plain[1] or difflib.SequenceMatcher(None, *plain).ratio() >= ALIKE:
        return True
    pair = Pair(one, other)
    return pair.reason is None and one.distinct_count > 1 and value_of("total_variation", pair) == 0


def _type_change(name: str, one: ColumnSummary, other: ColumnSummary) -> Iterator[SchemaChange]:
    """A column without any value has no type that could change."""
    before, after = type_name(one), type_name(other)
    if before == after or not _has_type(one) or not _has_type(other):
        return
    breaking = not _fits(one, other)
    note = None if breaking else f"every value fits {before}"
    yield SchemaChange(change="type-changed", column=name, breaking=breaking, baseline=before, current=after, note=note)


def _has_type(column: ColumnSummary) -> bool:
    return column.type != "null" and (column.items is None or _has_type(column.items))


def _fits(one: ColumnSummary, other: ColumnSummary) -> bool:
    """Whether every value of the new type is one of the old: whole floats as integers, midnights as dates."""
    if (one.type, other.type) == ("float", "integer"):
        return True
    unit = {("integer", "float"): 1, ("date", "datetime"): SECONDS_A_DAY}.get((one.type, other.type))
    if unit is None or not other.complete or other.points is None or other.nan_count or other.inf_count:
        return False
    return bool((other.points["value"] % unit == 0).all())


def _nulls_appeared(name: str, one: ColumnSummary, other: ColumnSummary) -> Iterator[SchemaChange]:
    if one.count and not one.null_count and other.null_count:
        missing = {"baseline": 0, "current": other.null_count}
        yield SchemaChange(change="nulls-appeared", column=name, breaking=False, **missing)


def _reordered(baseline: Columns, current: Columns) -> list[SchemaChange]:
    before = [name for name in baseline if name in current]
    after = [name for name in current if name in baseline]
    if before == after:
        return []
    return [SchemaChange(change="columns-reordered", breaking=False, baseline=before, current=after)]
