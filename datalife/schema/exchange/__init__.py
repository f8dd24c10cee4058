"""Schemas of other tools: each a module that reads its format into ours and writes ours in it.

Nothing is dropped in silence: what the other side has no words for is listed as lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from datalife.errors import Fault, SchemaError
from datalife.schema.lint import read_schema
from datalife.schema.model import ColumnSchema, Schema
from datalife.schema.writer import schema_text
from datalife.yamlfile import text_of

#: The formats; a module has `read(text, where)` and `write(schema)`.
FORMATS = {
    "tfdv": "datalife.schema.exchange.tfdv",
    "frictionless": "datalife.schema.exchange.frictionless",
    "json-schema": "datalife.schema.exchange.jsonschema",
    "odcs": "datalife.schema.exchange.odcs",
}


@dataclass(frozen=True)
class Translated:
    """A schema in another language: its text, and what that language has no words for, a line each."""

    text: str
    losses: list[str] = field(default_factory=list)


def import_schema(path: str, format_name: str) -> Translated:
    """The schema file of another tool as ours.

    Raises:
        SchemaError: the file cannot be read, is not of the format, or makes no sense as a schema.
    """
    losses: list[str] = []
    document: dict[str, Any] = import_module(FORMATS[format_name]).read(text_of(path), path, losses)
    columns = {name: _in_order(rules) for name, rules in document["columns"].items()}
    text = schema_text(
        document | {"columns": columns},
        above={(): [f"Translated from the {format_name} schema {path.rpartition('/')[2]}."]},
    )
    _check(text, path)
    return Translated(text, losses)


def _in_order(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of a column in the order of the vocabulary, those of its items and fields too."""
    keys = [field.alias or name for name, field in ColumnSchema.model_fields.items()]
    found = {key: rules[key] for key in keys if key in rules}
    if "items" in found:
        found["items"] = _in_order(found["items"])
    if "fields" in found:
        found["fields"] = {name: _in_order(each) for name, each in found["fields"].items()}
    return found


def _check(text: str, path: str) -> None:
    """Refuses a translation that makes no sense, in terms of the file that it came from."""
    try:
        read_schema(text, path)
    except SchemaError as error:
        lines = text.splitlines()
        faults = [Fault(path, f"{each.message}, in: {_line(lines, each.where)}", each.hint) for each in error.faults]
        raise SchemaError.of(faults) from error


def _line(lines: list[str], where: str) -> str:
    number = where.rsplit(":", 2)[1:2]
    return lines[int(number[0]) - 1].strip() if number and number[0].isdecimal() else "the schema"


def export_schema(schema: Schema, format_name: str) -> Translated:
    """A schema in the language of another tool."""
    losses: list[str] = []
    text: str = import_module(FORMATS[format_name]).write(schema, losses)
    return Translated(text, losses)
