"""The rules of a schema about single values as expressions over the data, and the scans that count and collect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import polars as pl

from datalife.engine import State
from datalife.schema.constraints import Constraint, constraints_of, parsed_values
from datalife.schema.model import ColumnSchema, Long, Route, Schema, Terms
from datalife.schema.typed import typed
from datalife.sources.dataset import ROW, Column
from datalife.sources.types import TextType

#: So many different bad values of a rule are counted.
MOST_VALUES = 65_536
Kind = TypeVar("Kind", bound=Terms)


@dataclass(frozen=True)
class Seen:
    """A rule over the values of a column, of the items or of a field in it.

    `says` is what is wrong with a value that breaks it, `expected` what it asks for, in words. `flags` is true in a
    row that breaks it, `failures` the number of values that do, `checked` the number of values that it looks at.
    `route` leads from the column to the rule.
    """

    code: str
    says: str
    expected: str
    rule: Terms
    flags: pl.Expr
    failures: pl.Expr
    checked: pl.Expr
    route: Route

    @classmethod
    def of(cls, code: str, says: str, rule: Long[Any], flags: pl.Expr, values: pl.Expr) -> Seen:
        """A rule that is broken once a row; what it expects and where it stands is said later."""
        return cls(code, says, "", rule, flags, flags.sum(), values.count(), ())


@dataclass(frozen=True, kw_only=True)
class Probe(Seen):
    """A rule over the rows of the data; its `route` leads to it from the top of the schema.

    `key` names it in a scan, `name` is that of a check; `values` are what a person is shown of a row.
    """

    key: str
    column: str | None
    values: pl.Expr
    severity: str
    name: str | None = None

    @property
    def needs(self) -> set[str]:
        """The keys of the columns that the rule is about."""
        expressions = (self.flags, self.failures, self.checked, self.values)
        return {key for each in expressions for key in each.meta.root_names()}


def probes_of(rules: ColumnSchema, column: Column, schema: Schema) -> list[Probe]:
    """The probes of one column and everything in it."""
    values, texts = pl.col(column.key), column.kinds if column.text else ()
    return [
        Probe(
            **vars(replace(seen, route=("columns", column.name, *seen.route))),
            key=f"{column.key}|{place}",
            column=column.name,
            values=values,
            severity=seen.rule.severity or rules.severity,
        )
        for place, seen in enumerate(_seen(rules, values, column.dtype, schema, texts))
    ]


def _seen(
    rules: ColumnSchema, values: pl.Expr, dtype: pl.DataType, schema: Schema, texts: Sequence[TextType] = ()
) -> Iterator[Seen]:
    """Each rule of a column, those of its items and fields included."""
    seen = typed(rules, values, dtype, texts)
    if seen.misfit is not None:
        wanted = _of_type(rules)
        found = Seen.of("unexpected-type", f"not {wanted}", Long[Any](value=rules.type), seen.misfit, values)
        yield replace(found, expected=wanted, route=("type",))
    for constraint in constraints_of(rules, seen.dtype, schema):
        yield _constraint(constraint, seen.values, values)
    parsed = parsed_values(rules, seen.values) if seen.dtype == pl.String else None
    if parsed is not None:
        bounds = rules.model_copy(update=dict.fromkeys(("domain", "min_domain_fraction", "format")))
        for constraint in constraints_of(bounds, parsed[1], schema):
            yield _constraint(constraint, parsed[0], values)
    if rules.items is not None and isinstance(seen.dtype, pl.List):
        yield from _items(rules.items, seen.values, seen.dtype, schema)
    if rules.fields and isinstance(seen.dtype, pl.Struct):
        yield from _fields(rules.fields, seen.values, seen.dtype, schema)


def _constraint(constraint: Constraint, seen: pl.Expr, values: pl.Expr) -> Seen:
    broken = constraint.violations(seen).fill_null(False)
    found = Seen.of(constraint.code, constraint.says, constraint.rule, broken, values)
    return replace(found, expected=constraint.expected, route=(constraint.key,))


def _items(rules: ColumnSchema, lists: pl.Expr, dtype: pl.List, schema: Schema) -> Iterator[Seen]:
    """The rules of items: a row breaks one when an item of it does; what is counted is items."""
    element = pl.element()
    inner = dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner()
    total = lists.list.eval(element.count()).list.first().sum()
    for seen in _seen(rules, element, inner, schema):
        if seen.code == "unexpected-type" and isinstance(inner, pl.List):
            says = "a list where one value is expected"
            seen = replace(seen, code="items-out-of-range", says=says, expected="one value an item")
        broken = lists.list.eval(seen.flags)
        yield replace(
            seen,
            rule=_graded(seen.rule, rules),
            flags=broken.list.any().fill_null(False),
            failures=broken.list.sum().sum(),
            checked=total,
            route=("items", *seen.route),
        )
    allowed = _missing_rule(rules)
    if allowed is not None:
        missing = lists.list.eval(element.is_null())
        flags, count = missing.list.any().fill_null(False), lists.list.len().cast(pl.Int64).sum()
        route, failures = ("items", "max_null_fraction"), missing.list.sum().sum()
        yield Seen("too-many-nulls", "missing items", _allowed(allowed), allowed, flags, failures, count, route)


def _missing_rule(rules: ColumnSchema) -> Long[Any] | None:
    """How many items or fields may be missing, as a rule about values; None where all may."""
    if rules.nullable:
        return None
    rule = rules.rule("max_null_fraction")
    if rule is None:
        return _graded(Long[Any](value=0), rules)
    return _graded(rule.model_copy(update={"max_failure_fraction": rule.value}), rules)


def _allowed(rule: Long[Any]) -> str:
    return f"at most {rule.value:.4g} missing" if rule.value else "none missing"


def _graded(rule: Kind, rules: ColumnSchema) -> Kind:
    """A rule of an item or a field with the severity that is said there."""
    is_said = rule.severity is None and "severity" in rules.model_fields_set
    return rule.model_copy(update={"severity": rules.severity}) if is_said else rule


def _fields(rules: dict[str, ColumnSchema], structs: pl.Expr, dtype: pl.Struct, schema: Schema) -> Iterator[Seen]:
    places = {field.name: place for place, field in enumerate(dtype.fields)}
    renamed = structs.struct.rename_fields([f"f{place}" for place in range(len(dtype.fields))])
    for name, inner in rules.items():
        route = ("fields", name)
        if name not in places:
            if inner.required:
                rule, says = Long[Any](value=True), f"without a field {name!r}"
                absent = Seen.of("missing-column", says, rule, structs.is_not_null(), structs)
                yield replace(absent, expected=name, route=(*route, "required"))
            continue
        field = dtype.fields[places[name]]
        kind = field.dtype if isinstance(field.dtype, pl.DataType) else field.dtype()
        values = renamed.struct.field(f"f{places[name]}")
        for seen in _seen(inner, values, kind, schema):
            says = f"{seen.says} (field {name})"
            yield replace(seen, says=says, rule=_graded(seen.rule, inner), route=(*route, *seen.route))
        missing = _missing_rule(inner)
        if missing is not None:
            flags = structs.is_not_null() & values.is_null()
            lacking = Seen.of("too-many-nulls", f"missing (field {name})", missing, flags, structs)
            yield replace(lacking, expected=_allowed(missing), route=(*route, "max_null_fraction"))


def _of_type(rules: ColumnSchema) -> str:
    name, zone = str(rules.type), rules.rule("timezone")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}{'' if zone is None else f' in {zone.value}'}"


class Count:
    """A job: for each probe, how many values break it and how many it looked at; of each column, how many are missing.

    Columns are given by their keys.
    """

    def __init__(self, probes: Sequence[Probe], columns: Sequence[str]) -> None:
        self.probes = probes
        self.columns = columns

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        failures = {f"{probe.key}|failures": probe.failures.cast(pl.Int64) for probe in self.probes}
        checked = {f"{probe.key}|checked": probe.checked.cast(pl.Int64) for probe in self.probes}
        missing = {f"{key}|missing": pl.col(key).null_count().cast(pl.Int64) for key in self.columns}
        return [frame.select(rows=pl.len().cast(pl.Int64), **failures, **checked, **missing)]

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        return [pl.concat([state[0] for state in states]).sum()]


class Collect:
    """A job: of the rows that break a probe, the first ones, and the most frequent values among them all.

    States hold, for each probe, (row, value) of the first `examples` rows and (value, count) of the values; of
    lists and structs the values are not counted. Counts are exact up to MOST_VALUES different values a state.
    """

    def __init__(self, probes: Sequence[Probe], examples: int) -> None:
        self.probes = probes
        self.examples = examples

    def queries(self, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        """See Job."""
        queries = []
        for probe in self.probes:
            broken = frame.filter(probe.flags.fill_null(False)).select(pl.col(ROW), value=probe.values)
            queries.append(broken.head(self.examples))
            counted = broken.clear() if broken.collect_schema()["value"].is_nested() else broken
            queries.append(counted.group_by("value").agg(count=pl.len().cast(pl.Int64)))
        return queries

    def merge(self, states: Sequence[State]) -> State:
        """See Job."""
        merged = []
        for place in range(0, 2 * len(self.probes), 2):
            merged.append(pl.concat([state[place] for state in states]).head(self.examples))
            counts = pl.concat([state[place + 1] for state in states])
            counts = counts.group_by("value").agg(pl.col("count").sum())
            order = ["count"] if counts.schema["value"].is_nested() else ["count", "value"]
            merged.append(counts.sort(order, descending=[True, False][: len(order)]).head(MOST_VALUES))
        return merged
