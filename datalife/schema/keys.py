"""Keys: columns, alone or together, whose values never repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from datalife.anomalies import Anomaly, Example, Severity
from datalife.schema.evidence import listed, of
from datalife.schema.model import ColumnSchema, Long, Schema
from datalife.sources.dataset import ROW, Column, Dataset
from datalife.stats.values import to_json


def key_findings(
    dataset: Dataset, schema: Schema, rules: Mapping[str, ColumnSchema], examples: int, samples: bool
) -> Iterator[tuple[Anomaly, pl.Series]]:
    """A finding, and the numbers of the rows, for each key that repeats.

    The first row with a key is right, and a row that lacks a part of a key repeats nothing.
    """
    for name, column in rules.items():
        rule, found = column.rule("unique"), dataset.find(name)
        if rule is not None and rule.value and found is not None and not found.dtype.is_nested():
            severity = Severity(rule.severity or column.severity)
            yield from _repeats(dataset, [found], rule, "not-unique", severity, examples, samples)
    for key in schema.dataset.unique:
        columns = [column for column in map(dataset.find, key) if column is not None]
        if len(columns) == len(key):
            rule = Long[Any](value=True)
            yield from _repeats(dataset, columns, rule, "duplicate-key", Severity.ERROR, examples, samples)
        elif all(name not in schema.columns or schema.columns[name].is_checked for name in key):
            absent = [name for name in key if dataset.find(name) is None]
            yield _not_checked(key, absent), pl.Series(dtype=pl.Int64)


def _not_checked(key: Sequence[str], absent: Sequence[str]) -> Anomaly:
    message = f"the key {', '.join(key)} could not be checked: there is no column {absent[0]!r}"
    return Anomaly(code="not-checked", message=message, expected="keys that never repeat")


def _repeats(
    dataset: Dataset,
    columns: Sequence[Column],
    rule: Long[Any],
    code: str,
    severity: Severity,
    examples: int,
    samples: bool,
) -> Iterator[tuple[Anomaly, pl.Series]]:
    keys = [column.key for column in columns]
    rows = pl.concat(
        [shard.read(keys, row=ROW) for shard in dataset.shards]
        or [pl.DataFrame(schema=dict.fromkeys([*keys, ROW], pl.Null))]
    )
    whole = rows.drop_nulls(keys)
    again = whole.filter(~pl.struct(keys).is_first_distinct())
    failures = again.height
    if failures <= (rule.max_failures or 0) or failures <= (rule.max_failure_fraction or 0) * whole.height:
        return
    name = ", ".join(column.name for column in columns)
    told = again.select(pl.col(ROW), value=_value(columns)).sort(ROW)
    repeated = again.group_by(keys).len("count").select(pl.col("count") + 1, value=_value(columns))
    worst = listed(repeated.select("value", "count")) if samples and len(columns) == 1 else ""
    message = (
        f"{of(failures, whole.height, 'value' if len(columns) == 1 else 'row')} repeat{'s' if failures == 1 else ''}"
    )
    message += " an earlier one" if len(columns) == 1 else f" an earlier row's {name}"
    shown = to_json(told.get_column("value")) if samples else [None] * told.height
    found = Anomaly(
        code=code,
        severity=severity,
        column=columns[0].name if len(columns) == 1 else None,
        message=rule.message or (f"{message}: {worst}" if worst else message),
        expected=f"{name} never repeats",
        observed=worst or None,
        failures=failures,
        fraction=failures / whole.height,
        examples=[Example(row=row, value=value) for row, value in zip(told.get_column(ROW), shown, strict=True)][
            :examples
        ],
    )
    yield found, again.get_column(ROW)


def _value(columns: Sequence[Column]) -> pl.Expr:
    if len(columns) == 1:
        return pl.col(columns[0].key)
    return pl.struct(pl.col(column.key).alias(column.name) for column in columns)
