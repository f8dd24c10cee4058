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
    for check in schema.checks:
        refuse_queries(check)
    named = pl.DataFrame(schema={column.name: column.dtype for column in dataset.columns})
    probes, unchecked = [], []
    for place, check in enumerate(schema.checks):
        absent = _absent(check, dataset, schema)
        if absent is None:
            probes.append(_probe(place, check, dataset, named))
        else:
            message = f"{check.name}: could not be checked, there is no column {absent!r}"
            severity = Severity(check.severity)
            route = ("checks", place)
            unchecked.append(
                Anomaly(code="not-checked", severity=severity, message=message, expected=check.expect, route=route)
            )
    return probes, unchecked


def refuse_queries(check: Check) -> None:
    """Refuses a query within a condition before polars reads it: reading one opens the files that it names.

    Raises:
        SchemaError: the condition has the words of a query other than in plain text.
    """
    if has_query(check.expect):
        raise SchemaError(f"check {check.name!r}", "queries within a condition are not supported", WITHIN_ROWS)


def _row_by_row(condition: pl.Expr, where: str) -> pl.Expr:
    """Refuses what looks at other rows, for which the pieces in which data is read would matter."""
    if not condition.meta.root_names() or looks_across_rows(condition):
        raise SchemaError(where, "does not compare the values of one row", WITHIN_ROWS)
    for name in condition.meta.root_names():
        if name.startswith("^") and name.endswith("$"):
            raise SchemaError(where, f"cannot name the column {name!r}, which reads as a pattern", "rename the column")
    return condition


def _absent(check: Check, dataset: Dataset, schema: Schema) -> str | None:
    """A column of the schema that the check names and the data does not have."""
    try:
        names = pl.sql_expr(check.expect).meta.root_names()
    except pl.exceptions.PolarsError:
        return None
    return next((name for name in names if dataset.find(name) is None and name in schema.columns), None)


def _probe(place: int, check: Check, dataset: Dataset, named: pl.DataFrame) -> Probe:
    where = f"check {check.name!r}"
    try:
        condition = _row_by_row(pl.sql_expr(check.expect), where)
        answer = named.select(condition.alias("")).dtypes[0]
    except pl.exceptions.ColumnNotFoundError as error:
        found = MISSING.search(str(error))
        name = found[1] if found else "?"
        hint = did_you_mean(name, [column.name for column in dataset.columns])
        raise SchemaError(where, f"there is no column {name!r}", hint) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        hint = "write a condition such as: discharged_at >= admitted_at"
        raise SchemaError(where, f"is no condition in SQL: {first_line(error)}", hint) from error
    if answer not in (pl.Boolean, pl.Null):
        raise SchemaError(where, f"is no condition: it is {logical_type(answer)}, not true or false", "compare it")
    needed = _mentioned(condition, dataset)
    passes = _by_key(condition, needed)
    flags = ~passes.fill_null(True)
    rule = Long[Any](
        value=check.expect,
        max_failures=check.max_failures,
        max_failure_fraction=check.max_failure_fraction,
        message=check.message,
    )
    says = f"break {check.expect}"
    shown = pl.struct(pl.col(column.key).alias(column.name) for column in needed) if needed else pl.col(ROW)
    return Probe(
        f"check|{place}",
        None,
        "check-failed",
        says,
        check.expect,
        rule,
        flags,
        flags.sum(),
        flags.len(),
        shown,
        check.severity,
        ("checks", place),
        check.name,
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
