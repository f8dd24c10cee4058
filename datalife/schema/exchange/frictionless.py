"""Frictionless Table Schema, versions 1 and 2: JSON, alone or as the schema of a resource.

Source: datapackage.org/standard/table-schema.
"""

from __future__ import annotations

import json
from typing import Any

from datalife.errors import SchemaError
from datalife.schema.exchange.keywords import BOUNDS, FORMATS, LENGTHS
from datalife.schema.exchange.parts import (
    Part,
    called,
    column_part,
    missing_share,
    only,
    schema_part,
    take_pattern,
    value_of,
    written_format,
    written_pattern,
)
from datalife.schema.model import ColumnSchema, Schema
from datalife.yamltext import flow

TYPES = {
    "integer": "integer",
    "number": "float",
    "boolean": "boolean",
    "string": "string",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "duration": "duration",
    "array": "list",
    "list": "list",
    "object": "struct",
    "any": None,
}
#: Of texts; of times a format is a layout of strptime.
TEXT_FORMATS = {name: FORMATS[name] for name in ("email", "uri", "uuid")}
#: What `minLength` and `maxLength` bound.
LENGTHS_OF = {"string": LENGTHS, "list": {"minLength": "min_items", "maxLength": "max_items"}}
#: Words about the schema as a whole that ask nothing of the data.
SILENT = ("$schema", "fieldsMatch")


def read(text: str, where: str, losses: list[str]) -> dict[str, Any]:
    """A table schema as ours; whether missing is allowed is said by `required`, and by being part of the key.

    Raises:
        SchemaError: it is none.
    """
    value = value_of(text, where)
    resources = value.get("resources", []) if isinstance(value, dict) else []
    value = resources[0] if isinstance(resources, list) and len(resources) == 1 else value
    value = value.get("schema", value) if isinstance(value, dict) else value
    if not isinstance(value, dict) or "fields" not in value:
        raise SchemaError(where, "is no table schema: it has no `fields`", "of a package, name the schema of one table")
    with Part(value, "", losses, where) as part:
        match = part.left.get("fieldsMatch", ["exact"])
        for key in SILENT:
            part.take(key)
        keys = [_key(part.take("primaryKey"), where)] if "primaryKey" in part.left else []
        keys += [_key(each, where) for each in part.listed("uniqueKeys")]
        columns = {}
        for field in part.listed("fields"):
            with Part(field, called("field", field), losses, where) as each:
                name = each.text("name") or ""
                columns[name] = _column(each, name in (keys[0] if "primaryKey" in value else []))
        dataset = {"unique": keys or None, "other_columns": "ignore" if _first(match) == "subset" else None}
        nulls = [text for text in part.listed("missingValues") if text != ""]
        note = part.text("description") or part.text("title")
        return only(
            {"version": 1, "description": note, "null_values": nulls or None, "dataset": only(dataset) or None}
            | {"columns": columns}
        )


def _first(match: Any) -> Any:
    return match[0] if isinstance(match, list) and match else match


def _key(value: Any, where: str) -> list[str]:
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) for name in names):
        raise SchemaError(where, f"a key should be a field or a list of fields, not {flow(value)}")
    return names


def _column(part: Part, is_key: bool) -> dict[str, Any]:
    name = part.text("type") or "string"
    kind = TYPES.get(name)
    if name not in TYPES:
        part.lose("type", name)
    rules: dict[str, Any] = {"type": kind, "description": part.text("description") or part.text("title")}
    rules |= _format(part, kind)
    with part.inner("constraints") as asked:
        required = asked.take("required") or is_key
        rules |= {} if required else {"nullable": True}
        rules |= {"unique": True if asked.take("unique") else None, "domain": asked.take("enum")}
        for theirs, ours in (BOUNDS | LENGTHS_OF.get(kind or "", {})).items():
            rules[ours] = asked.take(theirs)
        rules |= take_pattern(asked) if kind == "string" else {}
    return only(rules)


def _format(part: Part, kind: str | None) -> dict[str, Any]:
    found = part.text("format")
    if found in (None, "default"):
        return {}
    if kind in ("date", "datetime", "time") and "%" in str(found):
        return {"time_format": found}
    if kind == "string" and found in TEXT_FORMATS:
        return {"format": TEXT_FORMATS[str(found)]}
    part.lose("format", found)
    return {}


def write(schema: Schema, losses: list[str]) -> str:
    """A schema of ours as a table schema."""
    with schema_part(schema, losses) as part:
        nulls = part.take("null_values")
        document: dict[str, Any] = {
            "fields": [_field(name, column, schema, losses) for name, column in schema.columns.items()],
            "missingValues": ["", *nulls] if nulls else None,
            "description": part.take("description"),
        }
        with part.inner("dataset") as dataset:
            document["uniqueKeys"] = dataset.take("unique") or None
            if dataset.left.get("other_columns") == "ignore":
                dataset.take("other_columns")
                document["fieldsMatch"] = ["subset"]
    return json.dumps(only(document), indent=2, ensure_ascii=False) + "\n"


def _field(name: str, column: ColumnSchema, schema: Schema, losses: list[str]) -> dict[str, Any]:
    with column_part(column, name, losses) as part:
        kind = part.take("type")
        types = {ours: theirs for theirs, ours in TYPES.items() if theirs != "list"}  # an array may hold anything
        if kind not in types:
            part.lose("type", kind)
        message = {"name": name, "type": types.get(kind, "any"), "description": part.take("description")}
        share = missing_share(part)
        if 0 < share < 1:
            part.lose("max_null_fraction", share)
        asked = {"required": True if share == 0 else None, "unique": part.rule("unique") or None}
        domain = part.rule("domain")
        asked["enum"] = None if domain is None else schema.allowed(domain)
        for theirs, ours in (BOUNDS | LENGTHS_OF.get(kind or "", {})).items():
            asked[theirs] = part.rule(ours)
        asked["pattern"] = written_pattern(part)
        message["format"] = part.take("time_format") or written_format(part, TEXT_FORMATS)
    return only(message | {"constraints": only(asked) or None})
