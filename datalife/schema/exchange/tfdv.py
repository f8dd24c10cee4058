"""TensorFlow Data Validation: the schema of `tensorflow_metadata` in text format (`schema.pbtxt`).

Source: schema.proto of tensorflow/metadata, of which the messages and fields here have their names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from datalife.schema.exchange.parts import Part, column_part, complement, missing_share, only, presence, schema_part
from datalife.schema.exchange.textproto import Word, parse, written
from datalife.schema.model import ColumnSchema, Schema
from datalife.sources.layouts import kind_of

TYPES = {"INT": "integer", "FLOAT": "float", "BYTES": "string", "STRUCT": "struct"}
STAGES = {
    "PLANNED": "planned",
    "ALPHA": "alpha",
    "BETA": "beta",
    "PRODUCTION": "production",
    "DEPRECATED": "deprecated",
    "DEBUG_ONLY": "debug",
    "DISABLED": "disabled",
}
COMPARED = {
    "infinity_norm": "l_infinity",
    "jensen_shannon_divergence": "jensen_shannon",
    "normalized_abs_difference": "normalized_abs_difference",
}
COMPARATORS = {"drift": "drift_comparator", "skew": "skew_comparator"}
#: Layouts of times without one of their own.
LAYOUTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "time": "%H:%M:%S"}
#: The fields of which a message may have several; of any other the last one counts.
REPEATED = frozenset(
    (
        *("feature", "sparse_feature", "weighted_feature", "string_domain", "float_domain", "int_domain"),
        *("value", "dim", "tag", "comment", "tensor_representation_group"),
        *("default_environment", "in_environment", "not_in_environment"),
    )
)


def read(text: str, where: str, losses: list[str]) -> dict[str, Any]:
    """A schema of TFDV as ours.

    Raises:
        SchemaError: it is none.
    """
    with Part(_plain(parse(text, where), top=True), "", losses, where) as part:
        features = part.mappings("feature")
        domains = _by_name(part.mappings("string_domain"))
        shared = _by_name([*part.mappings("int_domain"), *part.mappings("float_domain")])
        default = part.texts("default_environment")
        environments = _environments(default, features)
        columns = {}
        for feature in features:
            name = str(feature.pop("name", ""))
            with Part(feature, f"feature {name!r}", losses, where) as each:
                columns[name] = _environment(each, default, environments) | _column(each, shared)
        return only(
            {
                "version": 1,
                "description": _comment(part.inner("annotation"))[0],
                "environments": environments or None,
                "domains": {name: each.get("value", []) for name, each in domains.items()} or None,
                "dataset": _dataset(part.inner("dataset_constraints")) or None,
                "columns": columns,
            }
        )


def _plain(message: Mapping[str, list[Any]], *, top: bool = False) -> dict[str, Any]:
    """A message with lists only where fields are repeated; domains and so on are, at the top of a schema."""
    found: dict[str, Any] = {}
    for name, values in message.items():
        each = [_plain(value) if isinstance(value, dict) else value for value in values]
        once = name not in REPEATED or (not top and name.endswith("_domain"))
        found[name] = each[-1] if once else each
    return found


def _by_name(domains: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(each["name"]): each for each in domains if "name" in each}


def _environments(default: list[str], features: list[dict[str, Any]]) -> list[str]:
    named = [each for key in ("in_environment", "not_in_environment") for one in features for each in one.get(key, [])]
    return list(dict.fromkeys([*default, *map(str, named)]))


def _environment(part: Part, default: list[str], environments: list[str]) -> dict[str, Any]:
    """A feature is in its environments and those by default, but for those it is not in."""
    inside = {*default, *part.texts("in_environment")} - {*part.texts("not_in_environment")}
    outside = [name for name in environments if name not in inside]
    return {"not_in": outside} if outside else {}


def _column(part: Part, shared: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of a feature; one with several values in an example is a list of them."""
    values = _values(part, shared)
    counts = _counts(part)
    rules: dict[str, Any] = {"type": values.pop("type", None)}
    rules |= {"type": "list", **counts, "items": values | {"type": rules["type"]}} if counts is not None else values
    rules |= _presence(part) | _tested(part)
    with part.inner("unique_constraints") as unique:
        rules |= {"min_distinct": unique.take("min"), "max_distinct": unique.take("max")}
    with part.inner("distribution_constraints") as distribution:
        if "domain" in rules:
            mass = distribution.number("min_domain_mass")
            rules["min_domain_fraction"] = None if mass is None else float(mass)
    note, tags = _comment(part.inner("annotation"))
    stage = STAGES.get(part.text("lifecycle_stage") or "")
    stage = "deprecated" if part.take("deprecated") else stage
    return only(rules | {"description": note, "tags": tags, "stage": stage if stage != "production" else None})


def _counts(part: Part) -> dict[str, Any] | None:
    """How many values an example has; None where it is one."""
    if "shape" in part.left:
        with part.inner("shape") as shape:
            dims = [Part({"size": 1} | dim, "dim", part.losses, part.where) for dim in shape.mappings("dim")]
        size = math.prod(dim.number("size") or 0 for dim in dims)
        return None if size == 1 else {"min_items": size, "max_items": size}
    with part.inner("value_count") as count:
        low, high = count.take("min"), count.take("max")
    if (low is None and high is None) or high == 1:
        return None
    return only({"min_items": low or None, "max_items": high})


def _presence(part: Part) -> dict[str, Any]:
    """A feature without constraints on its presence need not be there at all."""
    asked = part.take("presence")
    if asked is None:
        return {"required": False, "nullable": True}
    with Part(asked, f"{part.name}: presence", part.losses, part.where) as found:
        share, count = float(found.number("min_fraction") or 0), found.number("min_count") or 0
    rules = presence(complement(share))
    return rules | ({"min_count": count} if count > 1 or (count and share == 0) else {})


def _tested(part: Part) -> dict[str, Any]:
    rules = {}
    for key, name in COMPARATORS.items():
        with part.inner(name) as comparator:
            limits = []
            for field, metric in COMPARED.items():
                with comparator.inner(field) as norm:
                    threshold = norm.number("threshold")
                if threshold is not None:
                    limits.append({"metric": metric, "max": float(threshold)})
        if limits:
            rules[key] = limits[0] if len(limits) == 1 else limits
    return rules


def _comment(part: Part) -> tuple[str | None, list[str] | None]:
    with part:
        return "\n".join(map(str, part.listed("comment"))) or None, part.listed("tag") or None


def _values(part: Part, shared: Mapping[str, Any]) -> dict[str, Any]:
    """The type of single values and what is said of them."""
    kind, named = part.text("type"), part.text("domain")
    rules: dict[str, Any] = {"type": TYPES.get(kind or "")}
    if named is not None and named in shared:
        part.left["int_domain" if kind == "INT" else "float_domain"] = {
            key: each for key, each in shared[named].items() if key != "name"
        }
    elif named is not None:
        rules |= {"type": rules["type"] or "string", "domain": named}
    for field, understood in DOMAINS.items():
        value = part.take(field)
        if value is not None:
            with Part(value, f"{part.name}: {field}", part.losses, part.where) as domain:
                domain.take("name")
                rules |= understood(domain, rules["type"])
    if rules["type"] == "float" and "allow_nan" not in rules:
        rules |= {"allow_nan": True, "allow_infinite": True}
    return {key: value for key, value in rules.items() if value is not None and value is not False}


def _int_domain(part: Part, kind: str | None) -> dict[str, Any]:
    as_text = {"format": "integer"} if kind == "string" else {}
    return {"type": kind or "integer", **as_text, "min": part.take("min"), "max": part.take("max")}


def _float_domain(part: Part, kind: str | None) -> dict[str, Any]:
    rules = {"type": kind or "float", "min": part.take("min"), "max": part.take("max")}
    if rules["type"] != "float":
        return rules | ({"format": "float"} if kind == "string" else {})
    nan, infinite = part.take("disallow_nan", False), part.take("disallow_inf", False)
    return rules | {"allow_nan": not nan, "allow_infinite": not infinite}


def _string_domain(part: Part, kind: str | None) -> dict[str, Any]:
    part.take("is_categorical")
    return {"type": kind or "string", "domain": part.listed("value") or None}


def _bool_domain(part: Part, kind: str | None) -> dict[str, Any]:
    words = [part.take("true_value"), part.take("false_value")]
    if kind == "integer":
        return {"type": kind, "domain": [0, 1]}
    if words in (["true", "false"], [None, None]):
        return {"type": "boolean"}
    return {"type": "string", "domain": [word for word in words if word is not None]}


def _struct_domain(part: Part, _kind: str | None) -> dict[str, Any]:
    fields = {}
    for feature in part.mappings("feature"):
        name = str(feature.pop("name", ""))
        with Part(feature, f"{part.name}: feature {name!r}", part.losses, part.where) as each:
            rules = _column(each, {})
        fields[name] = {key: value for key, value in rules.items() if key not in ("required", "nullable")}
    return {"type": "struct", "fields": fields or None}


def _time_domain(part: Part, kind: str | None) -> dict[str, Any]:
    layout = part.take("string_format")
    found = kind_of(layout) if isinstance(layout, str) else None
    if found is None:
        if layout is not None:
            part.lose("string_format", layout)
        return {"type": kind}
    return {"type": found, "time_format": layout if layout != LAYOUTS[found] else None}


def _url_domain(_part: Part, _kind: str | None) -> dict[str, Any]:
    return {"type": "string", "format": "url"}


DOMAINS = {
    "int_domain": _int_domain,
    "float_domain": _float_domain,
    "string_domain": _string_domain,
    "bool_domain": _bool_domain,
    "struct_domain": _struct_domain,
    "time_domain": _time_domain,
    "time_of_day_domain": _time_domain,
    "url_domain": _url_domain,
}


def _dataset(part: Part) -> dict[str, Any]:
    with part, part.inner("num_examples_drift_comparator") as drift:
        rows = only({"min": part.take("min_examples_count"), "max": part.take("max_examples_count")})
        low, high = drift.take("min_fraction_threshold"), drift.take("max_fraction_threshold")
        change = only({"min": low, "max": high})
    return only({"rows": rows or None, "rows_vs_baseline": change or None})


def write(schema: Schema, losses: list[str]) -> str:
    """A schema of ours as one of TFDV."""
    with schema_part(schema, losses) as part:
        environments = part.take("environments", [])
        features = []
        for name, column in schema.columns.items():
            with column_part(column, name, losses) as each:
                outside = _outside(each, environments)
                features.append({"name": name} | _feature(each, column) | {"not_in_environment": outside})
        message = {
            "feature": features,
            "string_domain": [{"name": name, "value": _texts(values)} for name, values in schema.domains.items()],
            "default_environment": environments,
            "annotation": {"comment": part.take("description")},
            "dataset_constraints": _constraints(part.inner("dataset")),
        }
    return written(_filled(message))


def _outside(part: Part, environments: list[str]) -> list[str]:
    inside, outside = part.take("in"), part.take("not_in") or []
    return [name for name in environments if name in outside or (inside is not None and name not in inside)]


def _texts(values: list[Any]) -> list[str]:
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _filled(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message without the fields that say nothing."""
    found = {}
    for key, value in message.items():
        if isinstance(value, Mapping):
            value = _filled(value) or (value if key in ("bool_domain", "url_domain") else None)
        elif isinstance(value, list):
            value = [_filled(each) if isinstance(each, Mapping) else each for each in value] or None
        if value is not None:
            found[key] = value
    return found


def _feature(part: Part, column: ColumnSchema) -> dict[str, Any]:
    """The feature that a column is, but for its name and environments."""
    kind = part.take("type")
    message: dict[str, Any] = {"value_count": {"min": 1, "max": 1}}
    if kind == "list":
        message["value_count"] = {"min": part.rule("min_items") or 0, "max": part.rule("max_items")}
        items = column.items or ColumnSchema()
        part.take("items")
        with column_part(items, part.name.removeprefix("column ").strip("'") + "[]", part.losses) as inner:
            message |= _typed(inner, items, inner.take("type"))
    else:
        message |= _typed(part, column, kind)
    share, count, required = missing_share(part), part.rule("min_count"), part.take("required", True)
    if required or share < 1:
        message["presence"] = {"min_fraction": complement(share), "min_count": count or 1}
        if not required:
            part.lose("required", False)
        elif share >= 1:
            message["presence"] = {"min_count": count} if count else None
            if not count:
                part.lose("required", True)
    distinct = {"min": part.rule("min_distinct"), "max": part.rule("max_distinct")}
    stage = {ours: theirs for theirs, ours in STAGES.items()}[part.take("stage", "production")]
    return message | {
        "unique_constraints": distinct,
        "annotation": {"tag": part.take("tags"), "comment": part.take("description")},
        "lifecycle_stage": Word(stage) if stage != "PRODUCTION" else None,
        **{name: _comparator(part, key) for key, name in COMPARATORS.items()},
    }


def _comparator(part: Part, key: str) -> dict[str, Any]:
    limits = part.take(key) or []
    message = {}
    for limit in limits if isinstance(limits, list) else [limits]:
        field = next((name for name, metric in COMPARED.items() if metric == limit["metric"]), None)
        if field is None:
            part.lose(key, limit)
        else:
            message[field] = {"threshold": limit["max"]}
    return message


def _typed(part: Part, column: ColumnSchema, kind: str | None) -> dict[str, Any]:
    """The type of single values, and their domain."""
    numbers = {"integer": ("INT", "int_domain"), "float": ("FLOAT", "float_domain")}
    if kind in numbers:
        name, field = numbers[kind]
        return {"type": Word(name), field: dict(_bounds(part, kind))}
    if kind == "boolean":
        return {"type": Word("BYTES"), "bool_domain": {"true_value": "true", "false_value": "false"}}
    if kind == "struct":
        part.take("fields")
        features = []
        for name, below in (column.fields or {}).items():
            with column_part(below, f"{part.name.removeprefix('column ')[1:-1]}.{name}", part.losses) as each:
                features.append({"name": name} | _feature(each, below) | {"presence": None})
        return {"type": Word("STRUCT"), "struct_domain": {"feature": features}}
    if kind in LAYOUTS:
        field = "time_of_day_domain" if kind == "time" else "time_domain"
        return {"type": Word("BYTES"), field: {"string_format": part.take("time_format") or LAYOUTS[kind]}}
    if kind not in ("string", None):
        part.lose("type", kind)
    return ({"type": Word("BYTES")} if kind else {}) | _text_domain(part)


def _bounds(part: Part, kind: str) -> Iterator[tuple[str, Any]]:
    for key in ("min", "max"):
        limit = part.rule(key)
        is_whole = not isinstance(limit, float) or limit.is_integer()
        if limit is not None and kind == "integer" and not is_whole:
            part.lose(key, limit)
        elif limit is not None:
            yield key, int(limit) if kind == "integer" else float(limit)
    if kind == "float":
        yield "disallow_nan", True if not part.take("allow_nan") else None
        yield "disallow_inf", True if not part.take("allow_infinite") else None


def _text_domain(part: Part) -> dict[str, Any]:
    domain = part.rule("domain")
    message: dict[str, Any] = {}
    if isinstance(domain, str):
        message["domain"] = domain
    elif domain is not None:
        message["string_domain"] = {"value": _texts(domain)}
    if domain is not None:
        message["distribution_constraints"] = {"min_domain_mass": part.take("min_domain_fraction")}
    known = part.left.get("format")
    if known == "url" and not message:
        part.take("format")
        message["url_domain"] = {}
    elif known in ("integer", "float") and not message:
        part.take("format")
        limits = dict(_bounds(part, "integer" if known == "integer" else "number"))
        message["int_domain" if known == "integer" else "float_domain"] = limits or {"is_categorical": False}
    return message


def _constraints(part: Part) -> dict[str, Any]:
    with part:
        rows, change = part.take("rows") or {}, part.take("rows_vs_baseline") or {}
        return {
            "min_examples_count": rows.get("min"),
            "max_examples_count": rows.get("max"),
            "num_examples_drift_comparator": {
                "min_fraction_threshold": change.get("min"),
                "max_fraction_threshold": change.get("max"),
            },
        }
