"""Rules about a column or a dataset as a whole: what must be there, how much of it, and how far it may have moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from datalife.anomalies import Anomaly, Measure, Severity
from datalife.drift.metrics import measure
from datalife.durations import seconds
from datalife.schema.evidence import of
from datalife.schema.model import LIMIT_KINDS, ColumnSchema, Freshness, Limit, LimitKind, Range, Route, Schema, below
from datalife.sources.dataset import Dataset
from datalife.stats.profile import column_profiles
from datalife.stats.request import Request
from datalife.stats.summary import ColumnSummary, Summary
from datalife.stats.values import from_number
from datalife.words import fine_share, plural

if TYPE_CHECKING:
    from datalife.schema.validate import ValidateOptions

#: What the kinds of distance are to.
OTHER = {"drift": "the baseline", "skew": "the training data"}
#: A message names no more columns than this.
NAMED = 10
FRESHNESS: Route = ("dataset", "freshness")


def needs_statistics(column: ColumnSchema, options: ValidateOptions) -> bool:
    """Whether a rule of a column is about more than its single values and how many are missing."""
    limited = any(column.limits(kind) for kind in LIMIT_KINDS if options.other(kind) is not None)
    return limited or any(_is_summed_up(each) for _, each in below({"": column}))


def _is_summed_up(column: ColumnSchema) -> bool:
    return any(
        getattr(column, key) is not None
        for key in ("min_distinct", "max_distinct", "min_distinct_fraction", "statistics")
    )


def presence_findings(dataset: Dataset, schema: Schema, environment: str | None) -> Iterator[Anomaly]:
    """Columns that should be there and are not, that are there and should not be, and their order."""
    present = [column.name for column in dataset.columns]
    for name, column in schema.columns.items():
        if column.is_checked and column.required and column.belongs_to(environment) and name not in present:
            yield Anomaly(
                code="missing-column",
                severity=Severity(column.severity),
                column=name,
                message=f"the column {name!r} is not in the data",
                expected="a column",
                route=("columns", name, "required"),
            )
    if schema.dataset.other_columns != "ignore":
        for name in present:
            known = schema.columns.get(name)
            if known is None or not known.belongs_to(environment):
                yield _unexpected(name, known, schema, environment)
    if schema.dataset.ordered:
        yield from _order(present, schema)


def _unexpected(name: str, known: ColumnSchema | None, schema: Schema, environment: str | None) -> Anomaly:
    where = "the schema does not name it" if known is None else f"it does not belong in {environment}"
    severity = known.severity if known is not None else schema.dataset.other_columns
    message = f"the column {name!r} is in the data; {where}"
    route = ("dataset", "other_columns") if known is None else ("columns", name)
    return Anomaly(code="unexpected-column", severity=Severity(severity), column=name, message=message, route=route)


def _order(present: list[str], schema: Schema) -> Iterator[Anomaly]:
    expected = [name for name in schema.columns if name in present]
    found = [name for name in present if name in schema.columns]
    if expected != found:
        first = next(place for place, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1])
        message = f"the columns are not in the schema's order: {found[first]!r} stands where {expected[first]!r} should"
        yield Anomaly(
            code="column-order",
            message=message,
            expected=_names(expected),
            observed=_names(found),
            column=found[first],
            route=("dataset", "ordered"),
        )


def _names(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")


@dataclass(frozen=True)
class Presence:
    """How many of the values of a column are missing."""

    name: str
    rows: int
    null_count: int

    @property
    def count(self) -> int:
        """Values present."""
        return self.rows - self.null_count


def column_findings(
    present: Sequence[Presence], summary: Summary, rules: Mapping[str, ColumnSchema], options: ValidateOptions
) -> Iterator[Anomaly]:
    """Findings about missing values of each column, and about distinct values and statistics of those summarized."""
    for one in present:
        if one.rows:
            yield from _missing(rules[one.name], one)
    for name, column in rules.items():
        seen = summary.columns.get(name)
        if seen is not None and summary.rows:
            for each in _inside(column, seen, options):
                yield each.model_copy(update={"column": name, "route": ("columns", name, *each.route)})


def _inside(column: ColumnSchema, seen: ColumnSummary, options: ValidateOptions) -> Iterator[Anomaly]:
    """Findings about distinct values and statistics of a column, and of the items and fields in it.

    Their routes begin at the column.
    """
    yield from _distinct(column, seen)
    yield from _statistics(column, seen, options)
    inner: list[tuple[Route, str, ColumnSchema | None, ColumnSummary | None]]
    inner = [(("items",), "items", column.items, seen.items)]
    for name, field in (column.fields or {}).items():
        inner.append((("fields", name), f"field {name}", field, seen.fields.get(f"{seen.name}.{name}")))
    for route, where, rules, found in inner:
        if rules is not None and found is not None:
            for each in _inside(rules, found, options):
                yield each.model_copy(update={"message": f"{each.message} ({where})", "route": (*route, *each.route)})


def _missing(column: ColumnSchema, seen: Presence) -> Iterator[Anomaly]:
    rule = column.rule("max_null_fraction")
    share = 1.0 if column.nullable else rule.value if rule is not None else 0.0
    least = column.rule("min_count")
    if seen.null_count > share * seen.rows * (1 + 1e-12):
        severity = Severity((rule.severity if rule else None) or column.severity)
        allowed = "none" if share == 0 else f"at most {share:.4g} of the rows"
        message = f"{of(seen.null_count, seen.rows, 'value')} missing"
        yield Anomaly(
            code="too-many-nulls",
            severity=severity,
            column=seen.name,
            message=(rule.message if rule else None) or (message + ("" if share == 0 else f", {allowed} allowed")),
            expected=f"{allowed} missing",
            observed=fine_share(seen.null_count / seen.rows),
            failures=seen.null_count,
            fraction=seen.null_count / seen.rows,
            route=("columns", seen.name, "max_null_fraction"),
        )
    elif least is not None and seen.count < least.value:
        yield Anomaly(
            code="too-few-values",
            severity=Severity(least.severity or column.severity),
            column=seen.name,
            message=least.message or f"{seen.count:,} values present, at least {least.value:,} expected",
            expected=f"at least {least.value:,}",
            observed=f"{seen.count:,}",
            route=("columns", seen.name, "min_count"),
        )


def _distinct(column: ColumnSchema, seen: ColumnSummary) -> Iterator[Anomaly]:
    found = seen.items.distinct_count if seen.items is not None else seen.distinct_count
    about = "" if seen.distinct_exact else "about "
    share = found / seen.count if seen.count else 1.0
    bounds: dict[str, tuple[str, Callable[[float], bool]]] = {
        "min_distinct": ("at least {}", lambda least: found >= least),
        "max_distinct": ("at most {}", lambda most: found <= most),
        "min_distinct_fraction": ("at least {} of the values", lambda least: share >= least * (1 - 1e-12)),
    }
    for key, (words, holds) in bounds.items():
        rule = column.rule(key)
        if rule is not None and not holds(rule.value):
            expected = words.format(rule.value)
            yield Anomaly(
                code="distinct-out-of-range",
                severity=Severity(rule.severity or column.severity),
                column=seen.name,
                message=rule.message or f"{about}{found:,} distinct values in {seen.count:,}, {expected} expected",
                expected=expected,
                observed=f"{about}{found:,}",
                route=(key,),
            )


def _statistics(column: ColumnSchema, seen: ColumnSummary, options: ValidateOptions) -> Iterator[Anomaly]:
    if column.statistics is None:
        return
    (profile,) = column_profiles([seen], Request(top=0, bins=1, state=False))
    for key in type(column.statistics).model_fields:
        limits = getattr(column.statistics, key)
        if limits is None:
            continue
        value = getattr(profile, key)
        if not isinstance(value, int | float):
            message = f"{key} could not be checked: the column has none"
            severity, route = Severity(column.severity), ("statistics", key)
            yield Anomaly(code="not-checked", severity=severity, column=seen.name, message=message, route=route)
        elif not within(value, limits):
            is_shown = options.samples or key not in ("min", "max")
            found = f"{value:.6g}" if is_shown else None
            yield Anomaly(
                code="statistic-out-of-range",
                severity=Severity(column.severity),
                column=seen.name,
                message=f"{key} is {found or 'another'}, {said(limits)} expected",
                expected=said(limits),
                observed=found,
                route=("statistics", key),
            )


def within(value: float, limits: Range) -> bool:
    """Whether a number lies between bounds, both included."""
    return (limits.min is None or value >= limits.min) and (limits.max is None or value <= limits.max)


def said(limits: Range) -> str:
    """Bounds in words."""
    parts = [("at least", limits.min), ("at most", limits.max)]
    return " and ".join(f"{word} {value:,}" for word, value in parts if value is not None)


def dataset_findings(summary: Summary, dataset: Dataset, schema: Schema, options: ValidateOptions) -> Iterator[Anomaly]:
    """Findings about the number of rows, its change, the age of the data, and records that could not be read."""
    rows, rules = summary.rows, schema.dataset
    if dataset.bad_records:
        count = len(dataset.bad_records)
        named = "; ".join(f"{where} {reason}" for where, reason in dataset.bad_records[: options.examples])
        more = "; ..." if count > options.examples else ""
        message = f"{plural(count, 'record')} could not be read{f': {named}' if named else ''}{more}"
        yield Anomaly(code="unreadable-row", message=message, failures=count)
    low = rules.rows.min if rules.rows and rules.rows.min is not None else 1
    if rows < low:
        expected = f"at least {low:,}"
        yield _rows("too-few-rows", expected, rows, ("rows", "min"))
    if rules.rows and rules.rows.max is not None and rows > rules.rows.max:
        expected = f"at most {rules.rows.max:,}"
        yield _rows("too-many-rows", expected, rows, ("rows", "max"))
    if rules.rows_vs_baseline and options.baseline is not None:
        before = options.baseline.rows
        if not before:
            message = "the change of the number of rows: the baseline has no rows"
            yield Anomaly(code="not-checked", message=message, route=("dataset", "rows_vs_baseline"))
        elif not within(rows / before, rules.rows_vs_baseline):
            expected = f"{said(rules.rows_vs_baseline)} times the baseline's {before:,}"
            yield _rows("row-count-change", expected, rows, ("rows_vs_baseline",))
    if rules.freshness is not None and rows:
        yield from _freshness(summary, rules.freshness, options)


def _rows(code: str, expected: str, rows: int, route: Route) -> Anomaly:
    message = f"{rows:,} rows, {expected} expected"
    return Anomaly(code=code, message=message, expected=expected, observed=f"{rows:,}", route=("dataset", *route))


def age_of(summary: Summary, name: str, now: datetime | None) -> float | None:
    """How old the newest value of a time column is, in seconds; None where the column holds no times."""
    newest = _newest(summary, name)
    return None if newest is None else (now or datetime.now(UTC)).timestamp() - newest


def _newest(summary: Summary, name: str) -> float | None:
    seen = summary.columns.get(name)
    points = seen.points if seen is not None and seen.type in ("date", "datetime") else None
    return None if points is None or points.is_empty() else float(points.get_column("value")[-1])


def _freshness(summary: Summary, rule: Freshness, options: ValidateOptions) -> Iterator[Anomaly]:
    name = rule.column
    newest, age = _newest(summary, name), age_of(summary, name, options.now)
    if newest is None or age is None:
        message = f"the age of the data: {name!r} holds no times"
        yield Anomaly(code="not-checked", column=name, message=message, route=FRESHNESS)
    elif age > seconds(rule.max_age):
        told = from_number(newest, pl.Datetime("us")) if options.samples else None
        message = f"the newest {name} is {f'{told}, ' if told else ''}{_days(age)} old; at most {rule.max_age} expected"
        expected = f"at most {rule.max_age} old"
        yield Anomaly(
            code="stale-data", column=name, message=message, expected=expected, observed=told, route=FRESHNESS
        )


def _days(age: float) -> str:
    return f"{age / 86_400:.1f} days" if age >= 86_400 else f"{age / 3600:.1f} hours"


def limit_findings(
    summary: Summary, rules: Mapping[str, ColumnSchema], options: ValidateOptions
) -> tuple[list[Anomaly], list[Measure]]:
    """The distances that limits ask for, and a finding for each limit that is broken or cannot be measured."""
    anomalies: list[Anomaly] = []
    measures: list[Measure] = []
    for name, column in rules.items():
        now = summary.columns.get(name)
        for kind in LIMIT_KINDS:
            other = options.other(kind)
            if now is None or other is None:
                continue
            for place, limit in enumerate(column.limits(kind)):
                route = ("columns", name, kind, place)
                found = _measured(kind, limit, other.columns.get(name), now)
                if isinstance(found, Measure):
                    told = found if options.samples else found.model_copy(update={"largest_change": None})
                    measures.append(told)
                    anomalies += [each.model_copy(update={"route": route}) for each in _beyond(told, column)]
                else:
                    message = f"{kind} by {limit.metric} could not be measured: {found}"
                    severity = Severity(column.severity)
                    anomalies.append(
                        Anomaly(
                            code="not-checked",
                            severity=severity,
                            column=name,
                            message=message,
                            metric=limit.metric,
                            route=route,
                        )
                    )
    return anomalies, measures


def _measured(kind: LimitKind, limit: Limit, before: ColumnSummary | None, now: ColumnSummary) -> Measure | str:
    """The distance that a limit asks for, or why there is none."""
    if before is None:
        return f"{OTHER[kind]} has no column {now.name!r}"
    found = measure(limit.metric, before, now)
    if found.distance is None:
        return found.reason or "it has no value"
    return Measure(
        column=now.name,
        kind=kind,
        metric=limit.metric,
        distance=found.distance,
        threshold=limit.max,
        noise_floor=found.noise_floor,
        largest_change=found.largest_change,
    )


def _beyond(found: Measure, column: ColumnSchema) -> Iterator[Anomaly]:
    """The finding of a distance above its limit."""
    if found.distance is None or found.distance <= found.threshold:
        return
    moved = found.largest_change
    message = f"{found.metric} to {OTHER[found.kind]} is {found.distance:.4g}, at most {found.threshold:g} allowed"
    if moved is not None:
        message += f": {moved.value} moved from {fine_share(moved.baseline, 3)} to {fine_share(moved.current, 3)}"
    yield Anomaly(
        code=found.kind,
        severity=Severity(column.severity),
        column=found.column,
        message=message,
        expected=f"at most {found.threshold:g}",
        observed=f"{found.distance:.4g}",
        metric=found.metric,
        distance=found.distance,
        threshold=found.threshold,
    )
