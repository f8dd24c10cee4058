"""JSON Schema of one row as an object, draft 7 to 2020-12, as pydantic and others write it for NDJSON data.

Source: json-schema.org/draft/2020-12.
"""

from __future__ import annotations

import json
from typing import Any

from datalife.errors import SchemaError
from datalife.schema.exchange.keywords import FORMATS, RULES, inverse
from datalife.schema.exchange.parts import (
    Part,
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

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES = {
    "integer": "integer",
    "number": "float",
    "boolean": "boolean",
    "string": "string",
    "array": "list",
    "object": "struct",
}
#: Formats of text that are types of ours.
TIMES = {"date": "date", "date-time": "datetime", "time": "time", "duration": "duration"}
#: What is said of a value in the same way on both sides, but for its name.
KEYS = RULES | {"description": "description"}
#: What asks nothing of the data.
SILENT = ("$schema", "$id", "$comment", "$defs", "definitions", "title", "default", "examples")
#: References may refer on, but not in a circle.
MOST_REFERENCES = 20


def read(text: str, where: str, losses: list[str]) -> dict[str, Any]:
    """A JSON Schema of rows as ours. A key that may be absent is a column that may be missing, and its values too.

    Raises:
        SchemaError: it is none, or does not describe an object.
    """
    root = value_of(text, where)
    reader = _Reader(root, where, losses)
    value = reader.followed(root)
    if isinstance(value, dict) and value.get("type") == "array" and isinstance(value.get("items"), dict):
        value = reader.followed(value["items"])
    if not isinstance(value, dict) or not isinstance(value.get("properties"), dict):
        raise SchemaError(where, "does not describe a row: it has no `properties`", "describe one row as an object")
    with Part(value, "", losses, where) as part:
        for key in (*SILENT, "type"):
            part.take(key)
        extra = part.take("additionalProperties", True)
        required, note = part.listed("required"), part.text("description")
        columns = {name: reader.column(name, each, name in required) for name, each in part.take("properties").items()}
    dataset = {} if extra is False else {"dataset": {"other_columns": "ignore"}}
    return only({"version": 1, "description": note}) | dataset | {"columns": columns}


class _Reader:
    """Reads the schemas of columns; references are to parts of the same file."""

    def __init__(self, root: Any, where: str, losses: list[str]) -> None:
        self.root = root
        self.where = where
        self.losses = losses

    def followed(self, value: Any) -> Any:
        """A schema with its reference replaced by what it refers to."""
        for _ in range(MOST_REFERENCES):
            if not isinstance(value, dict) or "$ref" not in value:
                return value
            found: Any = self.root
            for step in str(value["$ref"]).removeprefix("#").strip("/").split("/"):
                step = step.replace("~1", "/").replace("~0", "~")
                found = found.get(step) if isinstance(found, dict) and step else found
            if not str(value["$ref"]).startswith("#") or not isinstance(found, dict):
                raise SchemaError(self.where, f"there is nothing at the reference {value['$ref']!r}")
            value = found | {key: each for key, each in value.items() if key != "$ref"}
        raise SchemaError(self.where, f"the reference {value['$ref']!r} goes in a circle")

    def column(self, name: str, value: Any, is_required: bool, depth: int = 0) -> dict[str, Any]:
        """The rules of a property."""
        if depth > MOST_REFERENCES:
            raise SchemaError(self.where, f"property {name!r} holds itself", "a column has a depth")
        schema, is_nullable = self._without_null(self.followed(value))
        with Part(schema, f"property {name!r}", self.losses, self.where) as part:
            for key in SILENT:
                part.take(key)
            rules = self._typed(part)
            rules |= {ours: part.take(theirs) for theirs, ours in KEYS.items()}
            rules |= take_pattern(part) if rules.get("type") == "string" else {}
            if "const" in part.left:
                part.left["enum"] = [part.take("const")]
            if "enum" in part.left:
                domain = part.listed("enum")
                rules["domain"] = [each for each in domain if each is not None]
                is_nullable = is_nullable or None in domain
            rules["stage"] = "deprecated" if part.take("deprecated") else None
            rules |= self._inside(part, name, rules.get("type"), depth)
        if depth == 0:
            rules |= {} if is_required and not is_nullable else {"nullable": True}
            rules |= {} if is_required else {"required": False}
        return only(rules)

    def _without_null(self, schema: Any) -> tuple[Any, bool]:
        """A schema without its alternative null, and whether it had one."""
        if not isinstance(schema, dict):
            return ({}, False) if schema is True else (schema, False)
        kinds = schema.get("type")
        if isinstance(kinds, list) and "null" in kinds:
            rest = [kind for kind in kinds if kind != "null"]
            return schema | {"type": rest[0] if len(rest) == 1 else rest}, True
        for key in ("anyOf", "oneOf"):
            found = schema.get(key)
            options = [self.followed(each) for each in found] if isinstance(found, list) else []
            rest = [each for each in options if each != {"type": "null"}]
            inner = self._without_null(rest[0])[0] if len(rest) == 1 else None
            if isinstance(inner, dict):
                outer = {name: each for name, each in schema.items() if name != key}
                return {**inner, **outer}, len(options) > 1
        return schema, False

    def _typed(self, part: Part) -> dict[str, Any]:
        name, found = part.take("type"), part.text("format")
        if name in (["integer", "number"], ["number", "integer"]):
            name = "number"
        elif isinstance(name, list):
            part.lose("type", name)
        kind = TYPES.get(name) if isinstance(name, str) else None
        if found is None:
            return {"type": kind}
        if name == "string" and found in TIMES:
            return {"type": TIMES[found]}
        if name == "string" and found in FORMATS:
            return {"type": kind, "format": FORMATS[found]}
        part.lose("format", found)
        return {"type": kind}

    def _inside(self, part: Part, name: str, kind: str | None, depth: int) -> dict[str, Any]:
        if kind == "list" and isinstance(part.left.get("items"), dict):
            return {"items": self.column(f"{name}[]", part.take("items"), True, depth + 1)}
        if kind == "struct" and isinstance(part.left.get("properties"), dict):
            part.take("required")
            fields = part.take("properties")
            return {
                "fields": {each: self.column(f"{name}.{each}", fields[each], True, depth + 1) for each in fields}
                or None
            }
        return {}


def write(schema: Schema, losses: list[str]) -> str:
    """A schema of ours as a JSON Schema of its rows."""
    with schema_part(schema, losses) as part, part.inner("dataset") as dataset:
        other = dataset.left.get("other_columns", "error")
        if other != "warning":
            dataset.take("other_columns")
        document = {
            "$schema": DIALECT,
            "description": part.take("description"),
            "type": "object",
            "properties": {name: _property(name, column, schema, losses) for name, column in schema.columns.items()},
            "required": [name for name, column in schema.columns.items() if column.required],
            "additionalProperties": None if other != "error" else False,
        }
    return json.dumps(only(document), indent=2, ensure_ascii=False) + "\n"


def _property(name: str, column: ColumnSchema, schema: Schema, losses: list[str]) -> dict[str, Any]:
    with column_part(column, name, losses) as part:
        share = missing_share(part)
        if 0 < share < 1:
            part.lose("max_null_fraction", share)
        if not part.take("required", True) and share == 0:
            part.lose("max_null_fraction", 0)
        return _value(part, column, schema, is_nullable=share > 0)


def _value(part: Part, column: ColumnSchema, schema: Schema, *, is_nullable: bool) -> dict[str, Any]:
    kind = part.take("type")
    found: dict[str, Any] = _named(part, kind)
    if is_nullable and "type" in found:
        found["type"] = [found["type"], "null"]
    domain = part.rule("domain")
    if domain is not None:
        found["enum"] = [*schema.allowed(domain), *([None] if is_nullable else [])]
    is_number = kind in ("integer", "float")
    for theirs, ours in KEYS.items():
        if is_number or not theirs.endswith("imum"):  # bounds of times have no place in JSON Schema
            found[theirs] = part.rule(ours)
    found["pattern"] = written_pattern(part)
    if part.left.get("stage") == "deprecated":
        found["deprecated"] = part.take("stage") == "deprecated"
    return only(found | _below(part, column, schema))


def _named(part: Part, kind: str | None) -> dict[str, Any]:
    """The type and the format of a column."""
    types, times = inverse(TYPES), inverse(TIMES)
    if kind in times:
        return {"type": "string", "format": times[kind]}
    if kind is not None and kind not in types:
        part.lose("type", kind)
        return {}
    return only({"type": None if kind is None else types[kind], "format": written_format(part, FORMATS)})


def _below(part: Part, column: ColumnSchema, schema: Schema) -> dict[str, Any]:
    """The schemas of the items of a list and of the fields of a struct."""
    found: dict[str, Any] = {}
    if part.take("items") is not None and column.items is not None:
        found["items"] = _inner(f"{part.name}: items", column.items, schema, part.losses)
    if part.take("fields"):
        found["properties"] = {
            name: _inner(f"{part.name}: {name}", each, schema, part.losses)
            for name, each in (column.fields or {}).items()
        }
    return found


def _inner(name: str, column: ColumnSchema, schema: Schema, losses: list[str]) -> dict[str, Any]:
    with column_part(column, name, losses) as part:
        return _value(part, column, schema, is_nullable=False)
