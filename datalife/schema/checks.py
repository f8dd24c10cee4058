"""The checks of a schema: conditions on whole rows in polars SQL."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import polars as pl

from datalife.anomalies import Anomaly, Severity
from datalife.errors import SchemaError, did_you_mean, first_line
from datalife.schema.model import Check, Long, Schema
from datalife.schema.probes import Probe
from datalife.sources.conditions import has_query, looks_across_rows
from datalife.sources.dataset import ROW, Column, Dataset
from datalife.sources.types import logical_type

#: What a check may not do is done by rules of the schema.
WITHIN_ROWS = "a check is a condition on one row, such as: discharged_at >= admitted_at"
MISSING = re.compile(r'unable to find column "?([^";\n]+)"?')


def check_probes(dataset: Dataset, schema: Schema) -> tuple[list[Probe], list[Anomaly]]:
    """A probe for each check, and a finding for each that needs a column which the data lacks.

    A row passes when the condition is true or null.

    Raises:
        SchemaError: a condition is no SQL, or names a column that neither the data nor the schema knows.
    """
    conditions = [condition_of(check) for check in schema.checks]
    named = pl.DataFrame(schema={column.name: column.dtype for column in dataset.columns})
    probes, unchecked = [], []
    for place, (check, condition) in enumerate(zip(schema.checks, conditions, strict=True)):
        absent = _absent(condition, dataset, schema)
        if absent is None:
            probes.append(_probe(place, check, _judged(check, condition, named), dataset))
        else:
            message = f"{check.name}: could not be checked, there is no column {absent!r}"
            severity = Severity(check.severity)
            route = ("checks", place)
            unchecked.append(
                Anomaly(code="not-checked", severity=severity, message=message, expected=check.expect, route=route)
            )
    return probes, unchecked


def condition_of(check: Check) -> pl.Expr:
    """The condition of a check; a query within one is refused before polars reads it, and the files it names.

    Raises:
        SchemaError: it is no SQL, or has the words of a query other than in plain text.
    """
    where = f"check {check.name!r}"
    if has_query(check.expect):
        raise SchemaError(where, "queries within a condition are not supported", WITHIN_ROWS)
    try:
        return pl.sql_expr(check.expect)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _no_condition(where, error) from error


def _no_condition(where: str, error: BaseException) -> SchemaError:
    hint = "write a condition such as: discharged_at >= admitted_at"
    return SchemaError(where, f"is no condition in SQL: {first_line(error)}", hint)


def _row_by_row(condition: pl.Expr, where: str) -> pl.Expr:
    """Refuses what looks at other rows, for which the pieces in which data is read would matter."""
    if not condition.meta.root_names() or looks_across_rows(condition):
        raise SchemaError(where, "does not compare the values of one row", WITHIN_ROWS)
    for name in condition.meta.root_names():
        if name.startswith("^") and name.endswith("$"):
            raise SchemaError(where, f"cannot name the column {name!r}, which reads as a pattern", "rename the column")
    return condition


def _absent(condition: pl.Expr, dataset: Dataset, schema: Schema) -> str | None:
    """A column of the schema that the condition names and the data does not have."""
    names = condition.meta.root_names()
    return next((name for name in names if dataset.find(name) is None and name in schema.columns), None)


def _judged(check: Check, condition: pl.Expr, named: pl.DataFrame) -> pl.Expr:
    """The condition if it is one on rows with the columns of `named`, an empty frame."""
    where = f"check {check.name!r}"
    try:
        condition = _row_by_row(condition, where)
        answer = named.select(condition.alias("")).dtypes[0]
    except pl.exceptions.ColumnNotFoundError as error:
        found = MISSING.search(str(error))
        name = found[1] if found else "?"
        hint = did_you_mean(name, named.columns)
        raise SchemaError(where, f"there is no column {name!r}", hint) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _no_condition(where, error) from error
    if answer not in (pl.Boolean, pl.Null):
        raise SchemaError(where, f"is no condition: it is {logical_type(answer)}, not true or false", "compare it")
    return condition


def _probe(place: int, check: Check, condition: pl.Expr, dataset: Dataset) -> Probe:
    needed = _mentioned(condition, dataset)
    passes = _by_key(condition, needed)
    flags = ~passes.fill_null(True)
    rule = Long[Any](
        value=check.expect,
        max_failures=check.max_failures,
        max_failure_fraction=check.max_failure_fraction,
        message=check.message,
    )
    shown = pl.struct(pl.col(column.key).alias(column.name) for column in needed) if needed else pl.col(ROW)
    return Probe(
        key=f"check|{place}",
        column=None,
        name=check.name,
        code="check-failed",
        says=f"break {check.expect}",
        expected=check.expect,
        rule=rule,
        flags=flags,
        failures=flags.sum(),
        checked=flags.len(),
        values=shown,
        severity=check.severity,
        route=("checks", place),
    )


def _mentioned(condition: pl.Expr, dataset: Dataset) -> list[Column]:
    names = condition.meta.root_names()
    return [column for column in dataset.columns if column.name in names]


def _by_key(condition: pl.Expr, needed: list[Column]) -> pl.Expr:
    """The condition over a frame whose columns are keys: a plain expression, which can travel to other processes."""
    keys = {column.name: column.key for column in needed}

    def renamed(node: dict[str, Any]) -> dict[str, Any]:
        return {"Column": keys[node["Column"]]} if node.keys() == {"Column"} else node

    written = json.loads(condition.cast(pl.Boolean).meta.serialize(format="json"), object_hook=renamed)
    return pl.Expr.deserialize(StringIO(json.dumps(written)), format="json")
