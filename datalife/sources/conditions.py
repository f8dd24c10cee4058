"""Conditions on rows in polars SQL: what a text may not hold before polars reads it, and what it may not ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from datalife.errors import UsageError, did_you_mean, first_line

HINT = "write a condition on one row, such as: fare > 0 AND company IS NOT NULL"
#: Parts of expressions that look at more than one row.
ACROSS = {"Agg", "Over", "Window", "Rolling", "Len", "Shift", "Rank", "SubPlan", "Sort", "SortBy", "Filter", "Gather"}
#: The words that every query needs which reads a table; polars takes `FROM t` alone for one.
QUERY = re.compile(r"\b(?:select|from)\b", re.IGNORECASE)
#: Plain quotes, operators whose own word FROM is, the words of queries, and marks of comments and other quotes.
TOKEN = re.compile(
    r"(?P<quoted>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<operator>\bis\s+(?:not\s+)?distinct\s+from\b|\bextract\s*\(\s*\w+\s+from\b)"
    r"|(?P<query>\b(?:select|from)\b)"
    r"|(?P<unusual>\b[a-z]&?'|[$\\`'\"]|--|/\*)",
    re.IGNORECASE,
)


def has_query(text: str) -> bool:
    """Whether a text holds a query, which polars would run on reading it, with the files that it names.

    A word of queries counts outside of plain quotes; beside comments or other quotes, anywhere.
    """
    kinds = {token.lastgroup for token in TOKEN.finditer(text)}
    return "query" in kinds or ("unusual" in kinds and QUERY.search(text) is not None)


def looks_across_rows(condition: pl.Expr) -> bool:
    """Whether the answer for a row depends on other rows, so that it would depend on how data is cut into shards."""
    return bool(set(_nodes(json.loads(condition.meta.serialize(format="json")))) & ACROSS)


def _nodes(tree: Any) -> Iterator[str]:
    """The kinds of the parts of an expression; names of columns and literal values are none."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, list):
        for each in tree:
            yield from _nodes(each)
    elif isinstance(tree, dict):
        for kind, inner in tree.items():
            yield kind
            if kind not in ("Column", "Literal", "Alias"):
                yield from _nodes(inner)


def condition(where: str) -> pl.Expr:
    """The expression of a row filter.

    Raises:
        UsageError: it is none, or it asks for more than the row at hand.
    """
    if has_query(where):
        raise UsageError("--where", "queries within a condition are not supported", HINT)
    try:
        found = pl.sql_expr(where)
    except pl.exceptions.PolarsError as error:
        raise UsageError("--where", first_line(error), HINT) from error
    if looks_across_rows(found):
        raise UsageError("--where", "looks at more than one row", HINT)
    return found


def holds(frame: pl.DataFrame, where: str) -> pl.Series:
    """In which rows a filter is true; the columns have the names that it uses.

    Raises:
        UsageError: it makes no sense of these columns.
    """
    try:
        return frame.select(condition(where).cast(pl.Boolean).fill_null(False).alias("")).to_series()
    except pl.exceptions.ColumnNotFoundError as error:
        raise _no_column(error, frame.columns) from error
    except pl.exceptions.PolarsError as error:
        raise UsageError("--where", first_line(error), HINT) from error


def refuse_unknown(schema: Mapping[str, pl.DataType], where: str) -> None:
    """Refuses a filter that names a column that is not there, before the types of texts are known.

    Raises:
        UsageError: it does.
    """
    try:
        pl.DataFrame(schema=schema).select(condition(where).alias(""))
    except pl.exceptions.ColumnNotFoundError as error:
        raise _no_column(error, list(schema)) from error
    except pl.exceptions.PolarsError:
        return  # which types it needs is seen when they are known


def _no_column(error: Exception, names: Sequence[str]) -> UsageError:
    name = first_line(error).removeprefix("unable to find column ").partition(";")[0].strip('"')
    return UsageError("--where", f"there is no column {name!r}", did_you_mean(name, names))
