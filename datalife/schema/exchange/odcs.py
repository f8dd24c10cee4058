"""Open Data Contract Standard, version 3: the contract of one table in YAML.

Source: bitol-io.github.io/open-data-contract-standard (v3.1.0; contracts of 3.0 are read too).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from datalife.errors import SchemaError
from datalife.schema.exchange.keywords import FORMATS, RULES, inverse
from datalife.schema.exchange.parts import (
    Part,
    called,
    column_part,
    complement,
    hundredth,
    is_number,
    missing_share,
    only,
    schema_part,
    take_pattern,
    value_of,
    written_format,
    written_pattern,
)
from datalife.schema.model import ColumnSchema, Schema
from datalife.yamltext import block

VERSION = "v3.1.0"
#: The table of a contract that we write; a schema of ours has no name for it.
TABLE = "data"
TYPES = {
    "integer": "integer",
    "number": "float",
    "boolean": "boolean",
    "string": "string",
    "date": "date",
    "timestamp": "datetime",
    "time": "time",
    "array": "list",
    "object": "struct",
}
#: Layouts of times in Java's words and in those of strptime.
LETTERS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
CHECK = re.compile(r"SELECT COUNT\(\*\) FROM \S+ WHERE NOT \((.*)\)", re.DOTALL)
#: What a contract says beside the shape of the data.
SILENT = ("apiVersion", "kind", "id", "version", "status", "name")


def read(text: str, where: str, losses: list[str]) -> dict[str, Any]:
    """A contract as a schema of ours.

    Raises:
        SchemaError: it is none, or of several tables.
    """
    value = value_of(text, where)
    if not isinstance(value, dict) or value.get("kind", "DataContract") != "DataContract" or "schema" not in value:
        raise SchemaError(where, "is no data contract: it has no `schema`", "this should be ODCS of version 3")
    with Part(value, "", losses, where) as part:
        for key in SILENT:
            part.take(key)
        tables = part.listed("schema")
        if len(tables) != 1:
            raise SchemaError(where, f"has {len(tables)} tables, a schema is of one", "write a contract for each")
        note = part.take("description")
        if isinstance(note, dict):
            with Part(note, "description", losses, where) as inner:
                note = inner.text("purpose")
    with Part(tables[0], "", losses, where) as table:
        return _table(table, note)


def _table(part: Part, note: Any) -> dict[str, Any]:
    for key in ("name", "physicalName", "physicalType", "logicalType", "id"):
        part.take(key)
    note = part.text("description") or note
    dataset: dict[str, Any] = {}
    checks: list[dict[str, Any]] = []
    for number, rule in enumerate(part.listed("quality")):
        with Part(rule, f"quality {number + 1}", part.losses, part.where) as quality:
            _quality_of_table(quality, dataset, checks)
    properties = part.listed("properties")
    keys = [each for each in properties if isinstance(each, dict) and each.get("primaryKey")]
    if keys:
        keys.sort(key=_position)
        dataset.setdefault("unique", []).insert(0, [each.get("name", "") for each in keys])
    columns = {}
    for each in properties:
        with Part(each, called("property", each), part.losses, part.where) as one:
            columns[one.text("name") or ""] = _column(one)
    return only(
        {"version": 1, "description": note, "dataset": dataset or None, "columns": columns, "checks": checks or None}
    )


def _position(prop: Mapping[str, Any]) -> float:
    """Where a property stands in the key; at its beginning where that is not said."""
    position = prop.get("primaryKeyPosition")
    return position if is_number(position) else 0


def _quality_of_table(part: Part, dataset: dict[str, Any], checks: list[dict[str, Any]]) -> None:
    metric, limits = part.left.get("metric") or part.left.get("rule"), _limits(part, peek=True)
    if metric == "rowCount" and limits:
        _understood(part)
        dataset["rows"] = _limits(part)
    elif metric in ("duplicateValues", "duplicateCount") and limits.get("max") == 0:
        with part.inner("arguments") as arguments:
            key = arguments.listed("properties")
        if key:
            _understood(part)
            _limits(part)
            dataset.setdefault("unique", []).append(key)
    found = CHECK.fullmatch(str(part.left.get("query", "")))
    if found and limits:
        _understood(part)
        part.take("query")
        most = _limits(part).get("max", 0)
        name = part.text("name") or f"check {len(checks) + 1}"
        checks.append({"name": name, "expect": found[1]} | ({"max_failures": most} if most else {}))


def _understood(part: Part) -> None:
    for key in ("type", "metric", "rule", "id", "dimension", "unit"):
        part.take(key)


def _limits(part: Part, *, peek: bool = False) -> dict[str, Any]:
    """The bounds that a quality rule sets, both included; `peek` leaves them to be taken."""
    get = part.left.get if peek else part.take
    exact, between = get("mustBe"), get("mustBeBetween")
    low, high = get("mustBeGreaterOrEqualTo"), get("mustBeLessOrEqualTo")
    if exact is not None:
        low = high = exact
    elif isinstance(between, list) and len(between) == 2:
        low, high = between
    found = only({"min": low, "max": high})
    return found if all(map(is_number, found.values())) else {}


def _column(part: Part) -> dict[str, Any]:
    name = part.text("logicalType")
    if name is not None and name not in TYPES:
        part.lose("logicalType", name)
    kind = TYPES.get(name or "")
    is_key = bool(part.take("primaryKey"))
    part.take("primaryKeyPosition")
    required = bool(part.take("required")) or is_key
    for key in ("physicalName", "id"):
        if part.left.get(key) == part.name:
            part.take(key)
    rules: dict[str, Any] = {
        "type": kind,
        "description": part.take("description"),
        "tags": part.take("tags"),
        "unique": True if part.take("unique") else None,
        "nullable": None if required else True,
    }
    rules |= _options(part, kind)
    for number, rule in enumerate(part.listed("quality")):
        with Part(rule, f"{part.name}: quality {number + 1}", part.losses, part.where) as quality:
            rules |= _quality_of_column(quality)
    if "max_null_fraction" in rules:
        rules["nullable"] = None
    if kind == "list" and "items" in part.left:
        with part.inner("items") as items:
            rules["items"] = _without_presence(_column(items))
    if kind == "struct":
        rules["fields"] = dict(_field(each, part) for each in part.mappings("properties")) or None
    return only(rules)


def _field(value: Mapping[str, Any], outer: Part) -> tuple[str, dict[str, Any]]:
    """A property of an object: its name and its rules."""
    with Part(value, f"{outer.name}: {value.get('name')!r}", outer.losses, outer.where) as part:
        return part.text("name") or "", _without_presence(_column(part))


def _without_presence(rules: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rules.items() if key != "nullable"}


def _options(part: Part, kind: str | None) -> dict[str, Any]:
    with part.inner("logicalTypeOptions") as options:
        for bound in ("Minimum", "Maximum"):  # version 3.0 says with a boolean that the bound itself is excluded
            flag = options.left.get(f"exclusive{bound}")
            if isinstance(flag, bool):
                options.take(f"exclusive{bound}")
                if flag:
                    options.left[f"exclusive{bound}"] = options.take(bound.lower())
        rules = {ours: options.take(theirs) for theirs, ours in RULES.items()}
        rules |= take_pattern(options) if kind == "string" else {}
        rules |= {"timezone": options.text("defaultTimezone")} if options.take("timezone") else {}
        return rules | _format(options, kind)


def _format(part: Part, kind: str | None) -> dict[str, Any]:
    found = part.text("format")
    if found is None:
        return {}
    if kind == "string" and found in FORMATS:
        return {"format": FORMATS[found]}
    layout = re.sub("|".join(LETTERS), lambda match: LETTERS[match[0]], found.replace("'T'", "T"))
    if kind in ("date", "datetime", "time") and not re.search(r"(?<!%)[A-SU-Za-z]", layout):
        return {"time_format": layout}
    part.lose("format", found)
    return {}


def _quality_of_column(part: Part) -> dict[str, Any]:
    metric, limits = part.left.get("metric") or part.left.get("rule"), _limits(part, peek=True)
    most, is_share = limits.get("max"), part.left.get("unit") == "percent"
    if most is None or (most and not is_share):
        return {}
    share = hundredth(most)
    if metric in ("nullValues", "nullCheck"):
        _understood(part)
        _limits(part)
        return {"max_null_fraction": share}
    if metric in ("duplicateValues", "duplicateCount") and not most:
        _understood(part)
        _limits(part)
        return {"unique": True}
    if metric in ("invalidValues", "validValues"):
        arguments = part.inner("arguments")
        values = arguments.listed("validValues") or part.listed("validValues")
        if values:
            arguments.__exit__(None, None, None)
            _understood(part)
            _limits(part)
            return {"domain": values} | ({"min_domain_fraction": complement(share)} if share else {})
        part.left["arguments"] = arguments.left
    return {}


def write(schema: Schema, losses: list[str]) -> str:
    """A schema of ours as a contract of one table."""
    with schema_part(schema, losses) as part:
        table = {
            "name": TABLE,
            "logicalType": "object",
            "description": part.take("description"),
            "properties": [
                {"name": name} | _property(column_part(column, name, losses), column, schema)
                for name, column in schema.columns.items()
            ],
            "quality": [*_rules_of_dataset(part.inner("dataset")), *_checks(part)] or None,
        }
    contract = {"apiVersion": VERSION, "kind": "DataContract", "id": TABLE, "version": "1.0.0", "status": "draft"}
    return block(contract | {"schema": [only(table)]})


def _property(part: Part, column: ColumnSchema, schema: Schema) -> dict[str, Any]:
    with part:
        kind = part.take("type")
        types = inverse(TYPES)
        if kind is not None and kind not in types:
            part.lose("type", kind)
        share = missing_share(part)
        found = {
            "logicalType": types.get(kind),
            "description": part.take("description"),
            "tags": part.take("tags"),
            "required": True if share == 0 else None,
            "unique": True if part.rule("unique") else None,
            "logicalTypeOptions": _written_options(part, kind) or None,
            "quality": [*_rules_of_column(part, schema, share)] or None,
        }
        if part.take("items") is not None and column.items is not None:
            inner = column_part(column.items, f"{part.name}: items", part.losses)
            found["items"] = _inner_property(inner, column.items, schema)
        if part.take("fields"):
            found["properties"] = [
                {"name": name} | _inner_property(column_part(each, f"{part.name}: {name}", part.losses), each, schema)
                for name, each in (column.fields or {}).items()
            ]
    return only(found)


def _inner_property(part: Part, column: ColumnSchema, schema: Schema) -> dict[str, Any]:
    return {key: value for key, value in _property(part, column, schema).items() if key != "required"}


def _written_options(part: Part, kind: str | None) -> dict[str, Any]:
    found = {theirs: part.rule(ours) for theirs, ours in RULES.items()}
    found["pattern"] = written_pattern(part)
    found["format"] = written_format(part, FORMATS)
    layout = part.left.get("time_format")
    if layout is not None:
        words = {theirs: ours for ours, theirs in LETTERS.items()}
        translated = re.sub("%[YymdHMS]", lambda match: words[match[0]], layout).replace("T", "'T'")
        if "%" not in translated and _format(Part({"format": translated}, "", []), kind) == {"time_format": layout}:
            part.take("time_format")
            found["format"] = translated
    zone = part.rule("timezone")
    return only(found | ({"timezone": True, "defaultTimezone": zone} if zone else {}))


def _rules_of_column(part: Part, schema: Schema, share: float) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if 0 < share < 1:
        rules.append({"metric": "nullValues", "mustBeLessOrEqualTo": _percent(share), "unit": "percent"})
    domain, fraction = part.rule("domain"), part.take("min_domain_fraction")
    if domain is not None:
        values: dict[str, Any] = {"arguments": {"validValues": schema.allowed(domain)}}
        outside = complement(1.0 if fraction is None else fraction)
        most = {"mustBeLessOrEqualTo": _percent(outside), "unit": "percent"} if outside else {"mustBe": 0}
        rules.append({"metric": "invalidValues"} | values | most)
    return [{"type": "library"} | rule for rule in rules]


def _percent(share: float) -> float:
    """A share in percent, such that a hundredth of it is the share again."""
    return float(f"{100 * share:.12g}")


def _rules_of_dataset(part: Part) -> list[dict[str, Any]]:
    with part:
        rules: list[dict[str, Any]] = []
        rows = part.take("rows") or {}
        low, high = rows.get("min"), rows.get("max")
        if low is not None and high is not None:
            rules.append({"metric": "rowCount", "mustBeBetween": [low, high]})
        elif rows:
            rules.append({"metric": "rowCount"} | only({"mustBeGreaterOrEqualTo": low, "mustBeLessOrEqualTo": high}))
        rules += [
            {"metric": "duplicateValues", "arguments": {"properties": key}, "mustBe": 0}
            for key in part.take("unique") or []
        ]
    return [{"type": "library"} | rule for rule in rules]


def _checks(part: Part) -> list[dict[str, Any]]:
    rules = []
    for check in part.take("checks") or []:
        with Part(check, f"check {check['name']!r}", part.losses) as each:
            query = f"SELECT COUNT(*) FROM {TABLE} WHERE NOT ({each.take('expect')})"
            most = each.take("max_failures") or 0
            limit = {"mustBeLessOrEqualTo": most} if most else {"mustBe": 0}
            rules.append({"name": each.take("name"), "type": "sql", "query": query} | limit)
            if each.left.get("severity") == "error":
                each.take("severity")
    return rules
