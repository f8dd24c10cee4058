"""Two schemas: which of the promises about the data were taken back.

A change is breaking when data that keeps to the new schema may surprise a reader who relied on the old one: a
rule was loosened or dropped, a type widened, a column removed. A tighter rule breaks nobody who reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from datalife.drift.model import Breaks, Diff, Effect, SchemaChange
from datalife.drift.shape import CHANGES
from datalife.drift.sides import DiffOptions, check_ignored
from datalife.errors import UsageError
from datalife.schema.model import ColumnSchema, DatasetSchema, Long, Schema

Columns = Mapping[str, ColumnSchema]
#: (loosens, tightens) -> what the change does, and whom it may break: data that was good is refused when a rule is
#: tightened, and readers meet what they did not expect when it is loosened.
EFFECTS: dict[tuple[bool, bool], tuple[Effect, Breaks]] = {
    (True, False): ("loosens", "consumer"),
    (False, True): ("tightens", "producer"),
    (True, True): ("both", "both"),
    (False, False): (None, None),
}


def diff_schemas(baseline: Schema, current: Schema, options: DiffOptions | None = None) -> Diff:
    """The changes from one schema to the next; `drifted` when any of them is breaking, or as `fail_on` says.

    Raises:
        UsageError: what is to be ignored is neither a column nor a kind of change, or an option is about data.
    """
    options = options or DiffOptions()
    if options.about_data:
        flags = ", ".join(options.about_data)
        raise UsageError(flags, "cannot be asked of two schemas, which hold no data", "leave it out, or name the data")
    rules = [*ColumnSchema.model_fields, *Schema.model_fields, *DatasetSchema.model_fields]
    kinds = [*CHANGES, *(_kind(key) for key in rules)]
    check_ignored(options, [*baseline.columns, *current.columns, *kinds])
    changes = options.counted([*_columns(baseline, current), *_dataset(baseline, current)])
    return Diff(kind="schema-diff", drifted=options.fails(changes), schema_changes=changes)


def _columns(baseline: Schema, current: Schema) -> Iterator[SchemaChange]:
    before, after = (dict(_flat(each.columns | each.columns_matching)) for each in (baseline, current))
    for name, column in before.items():
        if name not in after:
            yield SchemaChange(
                change="column-removed", column=name, breaking=True, baseline=column.type, breaks="consumer"
            )
    for name, column in after.items():
        if name not in before:
            breaks: Breaks = "producer" if column.required else None
            yield SchemaChange(change="column-added", column=name, breaking=False, current=column.type, breaks=breaks)
    for name, column in before.items():
        if name in after:
            yield from _rules(name, _plain(column, baseline), _plain(after[name], current))


def _flat(columns: Columns) -> Iterator[tuple[str, ColumnSchema]]:
    """Every column; the items of a list as `name[]`, the fields of a struct as `name.field`."""
    for name, column in columns.items():
        yield name, column
        if column.items is not None:
            yield from _flat({f"{name}[]": column.items})
        yield from _flat({f"{name}.{field}": below for field, below in (column.fields or {}).items()})


def _plain(column: ColumnSchema, schema: Schema) -> dict[str, Any]:
    """The rules of a column as plain values: a named domain as its values, a default as what it means."""
    rules = column.model_dump(exclude={"items", "fields", "nullable"})
    for key in ColumnSchema.model_fields:
        if isinstance(getattr(column, key), Long):
            rules[key] = rules[key]["value"]
    if rules["domain"] is not None:
        rules["domain"] = schema.allowed(rules["domain"])
    rules["max_null_fraction"] = 1.0 if column.nullable else rules["max_null_fraction"] or 0.0
    if column.min_domain_fraction is None:
        rules["min_domain_fraction"] = 1.0
    return rules


def _rules(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[SchemaChange]:
    for key, value in before.items():
        if value != after[key]:
            loosens = LOOSENED.get(key, _never)
            yield _changed(key, name, (loosens(value, after[key]), loosens(after[key], value)), (value, after[key]))


def _dataset(baseline: Schema, current: Schema) -> Iterator[SchemaChange]:
    """The rules of the whole dataset; one that is gone is breaking."""
    own = {"columns", "columns_matching", "dataset", "defaults", "domains", "extends", "version"}
    before, after = (schema.model_dump(exclude=own) | schema.dataset.model_dump() for schema in (baseline, current))
    for key, value in before.items():
        if value != after[key]:
            yield _changed(key, None, (_dropped(value, after[key]), _dropped(after[key], value)), (value, after[key]))


def _changed(key: str, column: str | None, directions: tuple[bool, bool], sides: tuple[Any, Any]) -> SchemaChange:
    """A rule of another value; `directions` says whether the change loosens it, and whether it tightens it."""
    effect, breaks = EFFECTS[directions]
    return SchemaChange(
        change=_kind(key),
        column=column,
        breaking=directions[0],
        baseline=sides[0],
        current=sides[1],
        effect=effect,
        breaks=breaks,
    )


def _kind(key: str) -> str:
    return f"{key.replace('_', '-')}-changed"


def _never(_before: Any, _after: Any) -> bool:
    return False


def _unless_new(before: Any, _after: Any) -> bool:
    """Of two different patterns nobody knows which is tighter; one that is new tightens."""
    return before is not None


def _lowered(before: Any, after: Any) -> bool:
    return before is not None and (after is None or _less(after, before))


def _raised(before: Any, after: Any) -> bool:
    return before is not None and (after is None or _less(before, after))


def _less(one: Any, other: Any) -> bool:
    """Whether one < other; bounds of different kinds cannot be compared and count as loosened."""
    try:
        return bool(one < other)
    except TypeError:
        return True


def _widened(before: Any, after: Any) -> bool:
    """A type that admits values the old one does not; integers are floats too."""
    return before is not None and (before, after) != ("float", "integer")


def _dropped(before: Any, after: Any) -> bool:
    return bool(before) and not after


def _allowed(before: Any, after: Any) -> bool:
    return bool(after) and not before


def _extended(before: Any, after: Any) -> bool:
    """A domain with further values, or none at all."""
    return before is not None and (after is None or any(value not in before for value in after))


def _unchecked(before: Any, after: Any) -> bool:
    return ColumnSchema(stage=before).is_checked and not ColumnSchema(stage=after).is_checked


#: rule -> whether the change from one value to another loosens it; all others never do
LOOSENED: dict[str, Callable[[Any, Any], bool]] = {
    "type": _widened,
    "required": _dropped,
    "domain": _extended,
    "stage": _unchecked,
    **dict.fromkeys(("max_null_fraction", "max", "exclusive_max", "max_length", "max_distinct", "max_items"), _raised),
    **dict.fromkeys(("min", "exclusive_min", "min_length", "min_distinct", "min_items", "min_count"), _lowered),
    **dict.fromkeys(("min_distinct_fraction", "min_domain_fraction"), _lowered),
    **dict.fromkeys(("pattern", "format", "time_format", "timezone", "multiple_of", "in", "not_in"), _unless_new),
    "unique": _dropped,
    **dict.fromkeys(("allow_nan", "allow_infinite"), _allowed),
}
