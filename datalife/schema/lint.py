"""Faults of a schema that show before any data is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

import polars as pl
from pydantic import ValidationError

from datalife.durations import seconds
from datalife.errors import SchemaError, did_you_mean
from datalife.schema.checks import condition_of
from datalife.schema.layers import layered, over_base, spread
from datalife.schema.literals import BOUND_HINTS, bound, instant
from datalife.schema.model import (
    LIMIT_KINDS,
    ColumnSchema,
    ForeignKey,
    Freshness,
    Long,
    Range,
    Reference,
    Schema,
    Statistics,
    Terms,
    below,
)
from datalife.schema.vocabulary import APPLIES, MEASURED, NUMBERS, OUTERMOST, TIMES, TOLERANT, can_measure
from datalife.sources.layouts import is_layout, kind_of
from datalife.yamlfile import Document, Route, in_quotes, model_of

#: A lower bound is never above an upper one.
PAIRS = (("min", "max"), ("exclusive_min", "exclusive_max"), ("min", "exclusive_max"), ("exclusive_min", "max"))
LAYOUT = "write it as strptime does: %d/%m/%Y %H:%M"


def load_schema(path: str) -> Schema:
    """The schema in the file at `path`, with what it extends, its defaults and its families resolved.

    Raises:
        SchemaError: the file does not make sense; every fault with its line and column.
    """
    return schema_of(layered(path))


def read_schema(text: str, where: str) -> Schema:
    """As `load_schema`, of the text of the file `where`."""
    document = over_base(Document(text, where), where)
    spread(document)
    return schema_of(document)


def schema_of(document: Document) -> Schema:
    """The schema that a document with its layers resolved holds.

    Raises:
        SchemaError: it does not make sense; every fault with its line and column.
    """
    try:
        schema = model_of(document, Schema)
    except SchemaError:
        rest = _well_formed(document.value)
        if rest is not None:
            lint(rest, document)
        raise
    lint(schema, document)
    schema.written_at(document.places)
    return schema


def _well_formed(value: Any) -> Schema | None:
    """What of a schema can be looked at although other parts are no schema: columns that are not stay, without rules.

    None where more than columns and unknown keys is wrong, without which nothing can be said of the rest.
    """
    if not isinstance(value, dict):
        return None
    known = {key: each for key, each in value.items() if key in Schema.model_fields and key != "defaults"}
    for section in ("columns", "columns_matching"):
        columns = known.get(section)
        if isinstance(columns, dict):
            known[section] = {name: rules if _is_column(rules) else {} for name, rules in columns.items()}
    try:
        return Schema.model_validate(known)
    except ValidationError:
        return None


def _is_column(rules: Any) -> bool:
    try:
        ColumnSchema.model_validate(rules)
    except ValidationError:
        return False
    return True


def lint(schema: Schema, document: Document) -> None:
    """Raises every fault of a schema that is well-formed but makes no sense."""
    for route, column in (*below(schema.columns), *below(schema.columns_matching, ("columns_matching",))):
        faults = [*_column_faults(column, schema), *(_inner_faults(column) if len(route) > 2 else ())]
        for fault in faults:
            document.fault((*route, *fault[0]), *fault[1:])
    for fault in (*_dataset_faults(schema), *_reading_faults(schema)):
        document.fault(*fault)
    document.refuse_faults()


Found = Iterator[tuple[Any, ...]]


def _column_faults(column: ColumnSchema, schema: Schema) -> Found:
    yield from _misplaced(column)
    yield from _bounds(column)
    yield from _pattern(column)
    yield from _domain(column, schema)
    yield from _time_format(column)
    yield from _timezone(column)
    yield from _statistics(column.statistics, column.type)
    yield from _long_forms(column)
    yield from _environments(column, schema)
    if column.references is not None:
        yield from _reference(column.references, 1, ("references",))
    if column.nullable is not None and column.max_null_fraction is not None:
        yield (("nullable",), "nullable and max_null_fraction say the same; keep one")
    for kind in LIMIT_KINDS:
        measured = column.items.type if column.type == "list" and column.items else column.type
        for limit in column.limits(kind):
            if measured is not None and not can_measure(limit.metric, measured):
                hint = (
                    "use l_infinity"
                    if can_measure("l_infinity", measured)
                    else "flatten the fields into columns of their own"
                )
                yield ((kind,), f"{limit.metric} cannot be measured on {_a(measured)} column", hint)


def _inner_faults(column: ColumnSchema) -> Found:
    for key in OUTERMOST:
        if getattr(column, key) is not None:
            name = key.rstrip("_")
            yield ((name,), f"{name} is not checked inside of lists and structs", "say it of the whole column")


def _environments(column: ColumnSchema, schema: Schema) -> Found:
    named: dict[Route, list[str] | None] = {("in",): column.in_, ("not_in",): column.not_in}
    rules = ((key, getattr(column, key)) for key in type(column).model_fields)
    named |= {(key, "in"): rule.in_ for key, rule in rules if isinstance(rule, Terms)}
    for route, names in named.items():
        yield from _undeclared(names, schema, route)


def _undeclared(names: Sequence[str] | None, schema: Schema, route: Route) -> Found:
    for name in names or ():
        if name not in schema.environments:
            hint = did_you_mean(name, schema.environments) or "declare it: environments: [...]"
            yield (route, f"the environment {name!r} is not declared", hint)


def _long_forms(column: ColumnSchema) -> Found:
    """Tolerances of rules that cannot have one."""
    for key in type(column).model_fields:
        rule = getattr(column, key)
        for tolerance in ("max_failures", "max_failure_fraction"):
            if isinstance(rule, Long) and key not in TOLERANT and getattr(rule, tolerance) is not None:
                yield ((key, tolerance), f"{tolerance} does not apply to {key}", "state the bound itself")


def _time_format(column: ColumnSchema) -> Found:
    """A layout that no time can be written in and read from."""
    if column.time_format is None or column.type not in ("date", "datetime", "time"):
        return
    if not is_layout(column.time_format, column.type):
        yield (("time_format",), f"{column.time_format!r} is no layout of a {column.type}", LAYOUT)


def _reading_faults(schema: Schema) -> Found:
    layouts = schema.reading.time_formats if schema.reading else None
    for place, layout in enumerate(layouts or []):
        if kind_of(layout) is None:
            yield (("reading", "time_formats", place), f"{layout!r} is no layout of times", LAYOUT)


def _timezone(column: ColumnSchema) -> Found:
    rule = column.rule("timezone")
    if rule is None:
        return
    try:
        pl.Series([datetime(2026, 1, 31)]).dt.replace_time_zone(rule.value)
    except pl.exceptions.PolarsError:
        yield (("timezone",), f"there is no time zone {in_quotes(rule.value)}", "write it as UTC or Europe/Rome")


def _statistics(statistics: Statistics | None, kind: str | None) -> Found:
    """Bounds that cross, or of statistics that a column of the kind does not have."""
    for key in type(statistics).model_fields if statistics is not None else ():
        limits, types = getattr(statistics, key), MEASURED.get(key)
        if limits is None:
            continue
        yield from _crossed(limits, ("statistics", key))
        if types is not None and kind is not None and kind not in types:
            hint = f"it is for {', '.join(types)}"
            yield (("statistics", key), f"{key} does not apply to {_a(kind)} column", hint)


def _crossed(limits: Range | None, route: Route) -> Found:
    if limits is not None and limits.min is not None and limits.max is not None and limits.min > limits.max:
        yield ((*route, "min"), "min is above max")


def _misplaced(column: ColumnSchema) -> Found:
    """Rules that the column's type cannot have."""
    for key, types in APPLIES.items():
        if getattr(column, key) is None:
            continue
        if column.type is None:
            yield ((key,), f"{key} needs a type", f"add type: {types[0]}")
        elif column.type not in types and not (types[0] == "integer" and _parsed_type(column) in NUMBERS):
            yield ((key,), f"{key} does not apply to {_a(column.type)} column", f"it is for {', '.join(types)}")


def _parsed_type(column: ColumnSchema) -> str | None:
    """What the bounds of a column are compared with: text with a number format by its number."""
    rule = column.rule("format")
    parsed = rule.value if rule and rule.value in (*NUMBERS, "date", "datetime") else None
    return parsed if column.type == "string" and parsed else column.type


def _bounds(column: ColumnSchema) -> Found:
    parsed: dict[str, Any] = {}
    for key in ("min", "max", "exclusive_min", "exclusive_max"):
        rule = column.rule(key)
        kind = _parsed_type(column)
        if rule is None or kind not in (*NUMBERS, *TIMES):
            continue
        try:
            parsed[key] = bound(rule.value, kind)
        except ValueError:
            yield ((key,), f"{in_quotes(rule.value)} is no bound of {_a(kind)} column", BOUND_HINTS.get(kind))
    for low, high in PAIRS:
        if low in parsed and high in parsed and instant(parsed[low]) > instant(parsed[high]):
            yield ((low,), f"{low} is above {high}")
    for low, high in (("min_length", "max_length"), ("min_items", "max_items"), ("min_distinct", "max_distinct")):
        one, other = column.rule(low), column.rule(high)
        if one is not None and other is not None and one.value > other.value:
            yield ((low,), f"{low} is above {high}")
    step = column.rule("multiple_of")
    if step is not None and math.isinf(step.value):
        yield (("multiple_of",), "multiple_of should be a finite number")
    for name in ("min_items", "max_items"):
        rule = column.rule(name)
        if rule is not None and rule.value < 0:
            yield ((name,), f"{name} is below 0")


def _pattern(column: ColumnSchema) -> Found:
    rule = column.rule("pattern")
    if rule is None:
        return
    try:
        for each in (rule.value, f"^(?:{rule.value})$"):
            pl.Series([""]).str.contains(each)
    except pl.exceptions.PolarsError as error:
        lines = [line.removeprefix("error: ") for line in str(error).splitlines() if line.startswith("error: ")]
        reason = lines[0] if lines else "it is too large"
        hint = "Rust regular expressions have no look-around and no back-references"
        yield (("pattern",), f"the pattern does not compile: {reason}", hint)


def _domain(column: ColumnSchema, schema: Schema) -> Found:
    rule = column.rule("domain")
    if rule is None:
        if column.min_domain_fraction is not None:
            yield (("min_domain_fraction",), "min_domain_fraction needs a domain")
        return
    if column.type in ("list", "struct", "binary"):
        yield (("domain",), f"domain does not apply to {_a(column.type)} column", "say it of `items` or `fields`")
    if isinstance(rule.value, str) and rule.value not in schema.domains:
        hint = did_you_mean(rule.value, schema.domains) or "define it under `domains`, or give a list of values"
        yield (("domain",), f"the domain {rule.value!r} is not defined", hint)
        return
    values = schema.allowed(rule.value)
    twice = _first_repeated(values)
    if twice is not None:
        yield (("domain",), f"the value {in_quotes(twice)} stands in the domain twice")
    kind = _parsed_type(column) if column.type != "string" else "string"
    for value in values:
        if kind is not None and not _can_be(value, kind):
            yield (
                ("domain",),
                f"{in_quotes(value)} in the domain is no value of {_a(kind)} column",
                BOUND_HINTS.get(kind),
            )


def _can_be(value: Any, kind: str) -> bool:
    """Whether a column of the kind can hold the value; text can hold all, as it is written."""
    if kind == "boolean":
        return value in (0, 1)
    if kind not in (*NUMBERS, *TIMES):
        return True
    try:
        bound(value, kind)
    except ValueError:
        return False
    return not isinstance(value, bool)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _first_repeated(values: Iterable[Any]) -> Any:
    """The first value that stood before; None where there is none. A boolean equals no number."""
    seen = set()
    for value in values:
        known = (isinstance(value, bool), value)
        if known in seen:
            return value
        seen.add(known)
    return None


def _dataset_faults(schema: Schema) -> Found:
    yield from _crossed(schema.dataset.rows, ("dataset", "rows"))
    yield from _crossed(schema.dataset.rows_vs_baseline, ("dataset", "rows_vs_baseline"))
    for place, key in enumerate(schema.dataset.unique):
        twice = _first_repeated(key)
        if twice is not None:
            yield (("dataset", "unique", place), f"the column {in_quotes(twice)} stands in the key twice")
        elif not key:
            yield (("dataset", "unique", place), "a key needs a column", "write it as [[id]]")
    for place, foreign in enumerate(schema.dataset.references):
        yield from _foreign_key(foreign, ("dataset", "references", place), schema)
    named: list[tuple[Route, str]] = [
        (("dataset", "unique", place), name) for place, key in enumerate(schema.dataset.unique) for name in key
    ]
    named += [
        (("dataset", "references", place, "key"), name)
        for place, foreign in enumerate(schema.dataset.references)
        for name in foreign.key
    ]
    if schema.dataset.freshness:
        yield from _freshness_faults(schema, schema.dataset.freshness)
        named.append((("dataset", "freshness", "column"), schema.dataset.freshness.column))
    for route, name in named:
        if schema.find(name) is None:
            yield (route, f"there is no column {name!r} in the schema", did_you_mean(name, schema.columns))
    for name, values in schema.domains.items():
        if not values:
            yield (("domains", name), "has no values")
    yield from _family_faults(schema)
    yield from _check_faults(schema)


def _freshness_faults(schema: Schema, rule: Freshness) -> Found:
    found = schema.find(rule.column)
    kind = found.type if found is not None else None
    if kind not in (None, "date", "datetime"):
        message = f"{rule.column!r} is {_a(kind)} column, which has no age"
        yield (("dataset", "freshness", "column"), message, "name a time")
    try:
        seconds(rule.max_age)
    except ValueError:
        yield (("dataset", "freshness", "max_age"), "max_age should be a duration", "write it as 2d or 12h")


def _family_faults(schema: Schema) -> Found:
    for pattern in schema.columns_matching:
        if "*" not in pattern:
            hint = "name the column under `columns`, or write a * for any characters"
            yield (("columns_matching", pattern), f"the pattern {pattern!r} has no *", hint)
    if schema.columns_matching and schema.dataset.ordered:
        hint = "name each column under `columns`, or leave `ordered` out"
        yield (("dataset", "ordered"), "columns of a pattern have no place in an order", hint)


def _check_faults(schema: Schema) -> Found:
    """Conditions that are no SQL, and names that two checks share."""
    names = [check.name for check in schema.checks]
    for place, check in enumerate(schema.checks):
        if check.name in names[:place]:
            yield (("checks", place, "name"), f"there is another check {check.name!r}", "give each a name of its own")
        try:
            condition_of(check)
        except SchemaError as error:
            (fault,) = error.faults
            yield (("checks", place, "expect"), fault.message, fault.hint)


def _foreign_key(foreign: ForeignKey, route: Route, schema: Schema) -> Found:
    if not foreign.key:
        yield ((*route, "key"), "a key needs a column", "write it as [city, country]")
    yield from _reference(foreign, len(foreign.key), route)
    yield from _undeclared(foreign.in_, schema, (*route, "in"))


def _reference(reference: Reference, width: int, route: Route) -> Found:
    """A file that no schema may name, or not as many columns of it as refer to them."""
    if "://" in reference.file or PurePath(reference.file).is_absolute():
        hint = "name it relative to the folder of the schema"
        yield ((*route, "file"), f"{in_quotes(reference.file)} is not a relative path", hint)
    if reference.columns is not None and len(reference.columns) != width:
        message = f"{len(reference.columns)} columns are named where {width} refer{'s' if width == 1 else ''} to them"
        yield ((*route, "columns"), message)
