"""Which rules a validation checks: for reports that name each of them, also those that hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from datalife.anomalies import Rule
from datalife.schema.constraints import are_one
from datalife.schema.model import ColumnSchema, LimitKind, Route, Schema
from datalife.sources.dataset import Dataset
from datalife.yamltext import flow

if TYPE_CHECKING:
    from datalife.schema.validate import ValidateOptions

#: Keys of a column that are rules of their own, in the order in which they are told.
KEYS = (
    *("type", "min_count", "domain", "min", "max", "exclusive_min", "exclusive_max", "multiple_of"),
    *("min_length", "max_length", "pattern", "format", "unique", "references"),
    *("min_distinct", "max_distinct", "min_distinct_fraction", "min_items", "max_items"),
)
#: Bounds that one finding answers together.
TOGETHER = {
    "min": "max",
    "exclusive_min": "exclusive_max",
    "min_length": "max_length",
    "min_items": "max_items",
}
#: The flag that names what a limit is measured to.
NEEDED: dict[LimitKind, str] = {"drift": "--baseline", "skew": "--training"}


def rules_in_force(
    dataset: Dataset, schema: Schema, rules: Mapping[str, ColumnSchema], options: ValidateOptions
) -> list[Rule]:
    """Every rule that is asked for here, with the reason for each that could not be looked at.

    `rules` are the columns that are checked in the environment of `options`.
    """
    found = []
    for name, column in rules.items():
        absent = None if dataset.find(name) is not None else "the column is not in the data"
        if column.required:
            found.append(_rule(schema, ("columns", name, "required"), name, "is there"))
        for route, text in _column_rules(column, ("columns", name)):
            found.append(_rule(schema, route, name, text, absent))
        for kind, flag in NEEDED.items():
            missing = None if options.other(kind) is not None else f"there is no {flag} to compare with"
            for place, limit in enumerate(column.limits(kind)):
                text = f"{kind}: {limit.metric} at most {flow(limit.max)}"
                found.append(_rule(schema, ("columns", name, kind, place), name, text, absent or missing))
    return [*found, *_dataset_rules(schema, rules, options)]


def _rule(schema: Schema, route: Route, column: str | None, text: str, skipped: str | None = None) -> Rule:
    return Rule(route=route, column=column, text=text, skipped=skipped, place=placed(schema, route))


def placed(schema: Schema, route: Route) -> str | None:
    """`file:line:column` of a rule, or of what is around it where the rule is not written out."""
    place = schema.place(route)
    return None if place is None else str(place)


def _column_rules(column: ColumnSchema, route: Route) -> Iterator[tuple[Route, str]]:
    """(route, words) of the rules of a column, of its items and fields."""
    plain = column.model_dump(exclude_unset=True, by_alias=True)
    told: set[str] = set()
    for key in KEYS:
        if key in told or plain.get(key) in (None, False):
            continue
        other = TOGETHER.get(key)
        words = f"{key}: {flow(plain[key])}"
        if other is not None and plain.get(other) is not None and are_one(column.rule(key), column.rule(other)):
            words += f", {other}: {flow(plain[other])}"
            told.add(other)
        yield (*route, key), words
    if not column.nullable:
        yield (*route, "max_null_fraction"), f"max_null_fraction: {flow(plain.get('max_null_fraction', 0))}"
    for key in ("allow_nan", "allow_infinite") if column.type == "float" else ():
        if not plain.get(key):
            yield (*route, key), f"{key}: false"
    for key, limits in plain.get("statistics", {}).items():
        yield (*route, "statistics", key), f"{key}: {flow(limits)}"
    if column.items is not None:
        yield from _inner_rules(column.items, (*route, "items"), "items")
    for name, field in (column.fields or {}).items():
        yield from _inner_rules(field, (*route, "fields", name), f"field {name}")


def _inner_rules(column: ColumnSchema, route: Route, where: str) -> Iterator[tuple[Route, str]]:
    for inner, text in _column_rules(column, route):
        yield inner, f"{where}: {text}"


def _dataset_rules(schema: Schema, rules: Mapping[str, ColumnSchema], options: ValidateOptions) -> Iterator[Rule]:
    whole = schema.dataset
    plain: dict[str, Any] = whole.model_dump(exclude_unset=True, by_alias=True)
    limits = {"min": 1} | plain.get("rows", {})
    for key, value in limits.items():
        if value is not None:
            yield _rule(schema, ("dataset", "rows", key), None, f"rows {key}: {flow(value)}")
    if whole.other_columns != "ignore":
        yield _rule(schema, ("dataset", "other_columns"), None, "no other columns")
    if whole.ordered:
        yield _rule(schema, ("dataset", "ordered"), None, "columns in this order")
    if whole.rows_vs_baseline is not None:
        missing = None if options.baseline is not None else "there is no --baseline to compare with"
        text = f"rows_vs_baseline: {flow(plain['rows_vs_baseline'])}"
        yield _rule(schema, ("dataset", "rows_vs_baseline"), None, text, missing)
    for place, key in enumerate(whole.unique):
        yield _rule(schema, ("dataset", "unique", place), None, f"unique: {flow(key)}")
    for place, foreign in enumerate(whole.references):
        if all(name in rules for name in foreign.key):
            text = f"references: {flow(plain['references'][place])}"
            yield _rule(schema, ("dataset", "references", place), None, text)
    if whole.freshness is not None:
        yield _rule(schema, ("dataset", "freshness"), None, f"freshness: {flow(plain['freshness'])}")
    for place, check in enumerate(schema.checks):
        yield _rule(schema, ("checks", place), None, f"{check.name}: {check.expect}")
