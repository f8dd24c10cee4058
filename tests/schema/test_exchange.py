"""Schemas of other tools: what is read and written, what is lost, and that what can be said comes back."""

import json
from contextlib import suppress

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import SchemaError
from datalife.schema.exchange import FORMATS, export_schema, import_schema
from datalife.schema.exchange.textproto import Word, parse, written
from datalife.schema.lint import load_schema
from datalife.schema.writer import schema_text

from .validating import schema_of

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
FEW_WORDS = st.lists(WORDS, min_size=1, max_size=4, unique=True)
SHARES = st.integers(1, 9999).map(lambda part: part / 10_000)
COUNTS = st.integers(0, 1000)
WHOLE = st.integers(-(10**6), 10**6)


def pairs(low, high, values):
    """Both bounds, one of them or none, in order."""
    both = st.lists(values, min_size=2, max_size=2).map(sorted).map(lambda ends: {low: ends[0], high: ends[1]})
    return st.just({}) | values.map(lambda end: {low: end}) | values.map(lambda end: {high: end}) | both


def rules(**options):
    """A mapping with some of these keys, each with a value of its strategy."""
    return st.fixed_dictionaries({}, optional=options)


@st.composite
def together(draw, *parts):
    """The keys of several mappings."""
    found = {}
    for part in parts:
        found |= draw(part)
    return found


FULL = st.sampled_from([{}, {"nullable": True}])
SHARED = SHARES.map(lambda share: {"max_null_fraction": share})
ABSENT = st.sampled_from([{}, {"nullable": True}, {"nullable": True, "required": False}])
SOME = rules(description=NAMES)
NUMBERS = together(st.just({"type": "integer"}), pairs("min", "max", WHOLE))
FLOATS = together(st.just({"type": "float"}), pairs("min", "max", st.floats(-1e6, 1e6)), rules(allow_nan=st.just(True)))
DOMAIN = FEW_WORDS.map(lambda values: {"domain": values})
PATTERN = st.sampled_from([{}, {"pattern": "[A-Z]{2}\\d+"}, {"pattern": "a|b"}, {"pattern": "\\$"}])
TEXTS = together(st.just({"type": "string"}), st.just({}) | DOMAIN)
TIMES = st.sampled_from([{"type": "date"}, {"type": "datetime"}, {"type": "time"},
                         {"type": "date", "time_format": "%d/%m/%Y"}])  # fmt: skip
KEYS = {"unique": [["a", "b"], ["b"]]}


def bounded(kind, values):
    """Numbers with the bounds that JSON knows."""
    names = rules(multiple_of=st.just(2.0))
    inner = pairs("min", "max", values) | pairs("exclusive_min", "exclusive_max", values)
    return together(st.just({"type": kind}), inner, names)


JSON_TEXTS = together(
    st.just({"type": "string"}), st.just({}) | DOMAIN, PATTERN, pairs("min_length", "max_length", COUNTS),
    st.sampled_from([{}, {"format": "email"}, {"format": "uuid"}]),
)  # fmt: skip
JSON_VALUES = bounded("integer", WHOLE) | bounded("float", st.floats(-1e6, 1e6)) | JSON_TEXTS
COMPARED = st.sampled_from(["l_infinity", "jensen_shannon", "normalized_abs_difference"])
LIMITS = st.builds(lambda metric, most: {"metric": metric, "max": most}, COMPARED, SHARES)
COLUMNS = {
    "tfdv": together(
        NUMBERS | FLOATS | TEXTS | TIMES | st.just({"type": "boolean"})
        | together(st.just({"type": "list"}), pairs("min_items", "max_items", st.integers(2, 9)),
                   (NUMBERS | TEXTS).map(lambda each: {"items": each})).filter(lambda each: len(each) > 2)
        | st.just({"type": "list", "min_items": 2, "items": {"type": "struct", "fields": {"x": {"type": "float"}}}}),
        st.sampled_from([{}, {"nullable": True, "required": False}]) | SHARED,
        rules(description=NAMES, tags=FEW_WORDS, stage=st.sampled_from(["beta", "debug"])),
        pairs("min_distinct", "max_distinct", COUNTS), st.sampled_from([{}, {"not_in": ["serving"]}]),
    ) | together(NUMBERS, rules(drift=LIMITS, skew=SHARES.map(lambda most: [
        {"metric": "l_infinity", "max": most}, {"metric": "jensen_shannon", "max": most}]))),
    "frictionless": together(
        bounded("integer", WHOLE).map(lambda each: {key: each[key] for key in each if key != "multiple_of"})
        | JSON_TEXTS | TIMES, FULL, SOME, rules(unique=st.just(True)),
    ),
    "json-schema": together(
        JSON_VALUES | st.sampled_from([{"type": "date"}, {"type": "duration"}, {"type": "boolean"}])
        | together(st.just({"type": "list"}), pairs("min_items", "max_items", COUNTS),
                   JSON_VALUES.map(lambda each: {"items": each}))
        | JSON_VALUES.map(lambda each: {"type": "struct", "fields": {"x": each}}),
        ABSENT, SOME, st.sampled_from([{}, {"stage": "deprecated"}]),
    ),
    "odcs": together(
        JSON_VALUES | TIMES | st.just({"type": "boolean"}) | st.just({"type": "datetime", "timezone": "Europe/Rome"})
        | together(st.just({"type": "list"}), pairs("min_items", "max_items", COUNTS),
                   JSON_VALUES.map(lambda each: {"items": each}))
        | JSON_VALUES.map(lambda each: {"type": "struct", "fields": {"x": each}}),
        FULL | SHARED, SOME, rules(unique=st.just(True), tags=FEW_WORDS),
    ),
}  # fmt: skip
ROWS = pairs("min", "max", st.integers(1, 10**6)).map(lambda rows: {"rows": rows} if rows else {})
DATASETS = {
    "tfdv": together(
        ROWS, pairs("min", "max", st.floats(0.1, 9)).map(lambda rows: {"rows_vs_baseline": rows} if rows else {})
    ),
    "frictionless": st.sampled_from([{}, {"unique": [["a"]]}, {"other_columns": "ignore"}]),
    "json-schema": st.sampled_from([{}, {"other_columns": "ignore"}]),
    "odcs": ROWS,
}
TOPS = {
    "tfdv": {"environments": ["training", "serving"]},
    "odcs": {"checks": [{"name": "x (1)", "expect": "a > (1)"}, {"name": "y", "expect": "a < 9", "max_failures": 3}]},
}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40)
@given(data=st.data())
def test_what_can_be_said_comes_back(name, data, tmp_path_factory):
    """A schema within the words of a format loses nothing in it and is read back as it was."""
    columns = data.draw(st.dictionaries(NAMES, COLUMNS[name], min_size=1, max_size=3)) | {"a": {"type": "integer"}}
    plain = {"version": 1, "columns": columns} | TOPS.get(name, {})
    dataset = data.draw(DATASETS[name])
    plain |= {"dataset": dataset} if dataset else {}
    schema = schema_of(schema_text(plain))
    there = export_schema(schema, name)
    path = tmp_path_factory.mktemp("exchange") / "there"
    path.write_text(there.text, encoding="utf-8")
    back = import_schema(str(path), name)
    assert (there.losses, back.losses) == ([], [])
    assert schema_of(back.text).model_dump(exclude_unset=True) == schema.model_dump(exclude_unset=True)


def imported(folder, name, text):
    """The columns of a foreign schema with their rules, and what was lost."""
    path = folder / "foreign"
    path.write_text(text)
    found = import_schema(str(path), name)
    return yaml.safe_load(found.text), found.losses


PBTXT = """\
# an example in the style of TFDV's guide
feature {
  name: "payment_type"
  value_count { min: 1 max: 1 }
  type: BYTES
  domain: "payment_type"
  presence { min_fraction: 0.99 min_count: 1 }
  skew_comparator { infinity_norm { threshold: 0.01 } }
  distribution_constraints { min_domain_mass: 0.9 }
}
feature: <
  name: 'tips', type: FLOAT; shape { dim { size: 1 } }
  presence { min_count: 1 }
  not_in_environment: "SERVING"
  float_domain { min: -1.5e0 max: inf disallow_nan: true }
  annotation { comment: "the \\"label\\"" ' in \\303\\244' tag: "label" }
>
feature { name: "words" type: BYTES value_count { min: 2 max: 9 } natural_language_domain { } }
feature { name: "fixed" type: INT shape { dim { size: 2 } dim { size: 3 } } presence { min_fraction: 1 } }
feature { name: "flag" type: INT bool_domain { } presence { min_fraction: 1.0 } lifecycle_stage: DEBUG_ONLY }
feature { name: "answer" type: BYTES bool_domain { true_value: "Y" false_value: "N" } presence { min_fraction: 1 } }
feature { name: "area" type: INT domain: "areas" presence { min_fraction: 1 } in_environment: "OTHER" }
string_domain { name: "payment_type" value: "Cash" value: ["No", "Credit Card"] }
int_domain { name: "areas" min: 1 max: 77 }
default_environment: "TRAINING"
default_environment: "SERVING"
dataset_constraints { num_examples_drift_comparator { min_fraction_threshold: 0.5 } min_examples_count: 100 }
"""


def test_a_schema_of_tfdv(tmp_path):
    """With every way of writing that protobuf's text format has."""
    found, losses = imported(tmp_path, "tfdv", PBTXT)
    assert found["environments"] == ["TRAINING", "SERVING", "OTHER"]
    assert found["domains"] == {"payment_type": ["Cash", "No", "Credit Card"]}
    assert found["dataset"] == {"rows": {"min": 100}, "rows_vs_baseline": {"min": 0.5}}
    assert found["columns"] == {
        "payment_type": {"type": "string", "max_null_fraction": 0.01, "domain": "payment_type",
                         "min_domain_fraction": 0.9, "skew": {"metric": "l_infinity", "max": 0.01},
                         "not_in": ["OTHER"]},
        "tips": {"type": "float", "description": 'the "label" in ä', "nullable": True, "min_count": 1, "min": -1.5,
                 "max": float("inf"), "allow_infinite": True, "not_in": ["SERVING", "OTHER"], "tags": ["label"]},
        "words": {"type": "list", "required": False, "nullable": True, "min_items": 2, "max_items": 9,
                  "items": {"type": "string"}, "not_in": ["OTHER"]},
        "fixed": {"type": "list", "min_items": 6, "max_items": 6, "items": {"type": "integer"}, "not_in": ["OTHER"]},
        "flag": {"type": "integer", "domain": [0, 1], "not_in": ["OTHER"], "stage": "debug"},
        "answer": {"type": "string", "domain": ["Y", "N"], "not_in": ["OTHER"]},
        "area": {"type": "integer", "min": 1, "max": 77},
    }  # fmt: skip
    assert losses == ["feature 'words': natural_language_domain: {}"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('feature {\n  name "x"\n}', "2:8", "expected ':' or '{' behind the name of a field"),
        ("feature {", "1:10", "expected }, not the end of the file"),
        ("feature { name: }", "1:17", "expected a value, not }"),
        ("feature { @ }", "1:11", "'@' is not expected"),
        ('"x"', "1:1", 'expected the name of a field, not "x"'),
        ("a {" * 100, "1:183", "more than 60 levels are not supported"),
    ],
)
def test_what_is_no_text_format(text, place, message):
    """One fault with line and column."""
    with pytest.raises(SchemaError) as caught:
        parse(text, "a.pbtxt")
    assert (caught.value.faults[0].where, caught.value.faults[0].message) == (f"a.pbtxt:{place}", message)


VALUES = st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**63), 2**63) | st.booleans()
VALUES |= st.floats(allow_nan=False) | st.just(Word("ALPHA"))
FIELDS = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
MESSAGES = st.recursive(
    st.dictionaries(FIELDS, st.lists(VALUES, min_size=1, max_size=3), max_size=3),
    lambda inner: st.dictionaries(FIELDS, st.lists(VALUES | inner, min_size=1, max_size=3), max_size=3),
    max_leaves=8,
)


@given(MESSAGES)
def test_text_format_comes_back(message):
    """Every text, number, word and message, in order."""
    assert parse(written(message), "a.pbtxt") == message


def test_a_table_schema(tmp_path):
    """The key is never missing; other fields may be unless required."""
    text = """{"fields": [
      {"name": "id", "type": "integer", "title": "Number", "constraints": {"minimum": 1}},
      {"name": "day", "type": "date", "format": "%d.%m.%Y", "constraints": {"required": true}},
      {"name": "kind", "constraints": {"enum": ["a", "b"], "pattern": "a|b"}},
      {"name": "place", "type": "geopoint"}],
      "primaryKey": "id", "missingValues": ["", "-"], "foreignKeys": [{"fields": "kind"}]}"""
    found, losses = imported(tmp_path, "frictionless", text)
    assert found == {
        "version": 1,
        "null_values": ["-"],
        "dataset": {"unique": [["id"]]},
        "columns": {
            "id": {"type": "integer", "description": "Number", "min": 1},
            "day": {"type": "date", "time_format": "%d.%m.%Y"},
            "kind": {"type": "string", "nullable": True, "domain": ["a", "b"], "pattern": "(?s:.*)(?:a|b)(?s:.*)"},
            "place": {"nullable": True},
        },
    }
    assert losses == ["field 'place': type: geopoint", "foreignKeys: [{fields: kind}]"]


def test_a_json_schema_of_pydantic(tmp_path):
    """References, optional values and nested models."""
    text = """{"$defs": {"Item": {"type": "object", "title": "Item", "required": ["n"],
        "properties": {"n": {"type": "integer", "exclusiveMinimum": 0}}},
      "Color": {"enum": ["red", "blue"], "type": "string"}},
      "title": "Order", "type": "object", "required": ["id", "color", "items"], "additionalProperties": false,
      "properties": {
        "id": {"type": "string", "format": "uuid", "title": "Id"},
        "color": {"$ref": "#/$defs/Color"},
        "note": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}], "default": null},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "uniqueItems": true},
        "odd": {"type": "string", "pattern": "(?=a)"}}}"""
    found, losses = imported(tmp_path, "json-schema", text)
    assert found["columns"] == {
        "id": {"type": "string", "format": "uuid"},
        "color": {"type": "string", "domain": ["red", "blue"]},
        "note": {"type": "string", "required": False, "nullable": True, "max_length": 9},
        "items": {"type": "list",
                  "items": {"type": "struct", "fields": {"n": {"type": "integer", "exclusive_min": 0}}}},
        "odd": {"type": "string", "required": False, "nullable": True},
    }  # fmt: skip
    assert losses == ["property 'items': uniqueItems: true", "property 'odd': pattern: \"(?=a)\""]


ROWS_OF = """\
columns:
  a: {type: integer, min: 1, multiple_of: 2}
  b: {type: string, pattern: "x+", nullable: true}
  c: {type: string, domain: [u, v], required: false, nullable: true}
"""


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        ({"a": 2, "b": "xx", "c": "u"}, True),
        ({"a": 2, "b": None}, True),
        ({"a": 3, "b": "x"}, False),
        ({"a": 2, "b": "xyx"}, False),
        ({"a": 2, "b": "x", "c": "w"}, False),
        ({"a": 2, "b": "x", "d": 1}, False),
        ({"b": "x"}, False),
    ],
)
def test_the_json_schema_says_of_rows_what_ours_does(row, holds):
    """By the judgement of another implementation."""
    document = json.loads(export_schema(schema_of(ROWS_OF), "json-schema").text)
    assert jsonschema.Draft202012Validator(document).is_valid(row) == holds


ODCS = """\
apiVersion: v3.0.2
kind: DataContract
id: orders
version: 1.0.0
status: active
description: {purpose: what was ordered}
schema:
  - name: orders
    physicalName: tbl_orders
    quality:
      - {type: library, rule: rowCount, mustBeGreaterOrEqualTo: 10}
      - {type: sql, name: sane, query: "SELECT COUNT(*) FROM orders WHERE NOT (paid <= total)", mustBe: 0}
      - {type: text, description: complete}
    properties:
      - {name: city, logicalType: string, primaryKey: true, primaryKeyPosition: 2, classification: public}
      - {name: number, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - name: total
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0, exclusiveMinimum: true, format: f64}
      - name: status
        logicalType: string
        quality:
          - type: library
            metric: invalidValues
            arguments: {validValues: [open, paid]}
            mustBeLessOrEqualTo: 5
            unit: percent
          - {type: library, metric: nullValues, mustBeLessThan: 5}
      - {name: day, logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}}
servers: [{server: s, type: local}]
"""


def test_a_data_contract(tmp_path):
    """Of version 3.0, with bounds excluded by a flag; what is not about the data is lost."""
    found, losses = imported(tmp_path, "odcs", ODCS)
    assert found == {
        "version": 1,
        "description": "what was ordered",
        "dataset": {"rows": {"min": 10}, "unique": [["number", "city"]]},
        "columns": {
            "city": {"type": "string"},
            "number": {"type": "integer"},
            "total": {"type": "float", "exclusive_min": 0},
            "status": {"type": "string", "nullable": True, "domain": ["open", "paid"], "min_domain_fraction": 0.95},
            "day": {"type": "date", "nullable": True, "time_format": "%d.%m.%Y"},
        },
        "checks": [{"name": "sane", "expect": "paid <= total"}],
    }
    assert losses == [
        "servers: [{server: s, type: local}]",
        "quality 3: type: text",
        "quality 3: description: complete",
        "property 'city': classification: public",
        "property 'total': logicalTypeOptions: format: f64",
        "property 'status': quality 2: type: library",
        "property 'status': quality 2: metric: nullValues",
        "property 'status': quality 2: mustBeLessThan: 5",
    ]


@pytest.mark.parametrize("name", ["frictionless", "json-schema", "odcs"])
def test_a_rule_written_long_gives_its_value(name):
    """What it says beside its value is lost."""
    found = export_schema(schema_of("columns: {a: {type: string, format: {value: email, severity: warning}}}"), name)
    assert "email" in found.text
    assert found.losses == ["column 'a': format: severity: warning"]


def test_what_a_field_of_an_object_loses_is_told(tmp_path):
    """As of a column."""
    text = """\
kind: DataContract
schema:
  - properties:
      - name: place
        logicalType: object
        properties: [{name: city, logicalType: string, classification: public}]
"""
    found, losses = imported(tmp_path, "odcs", text)
    assert found["columns"]["place"]["fields"] == {"city": {"type": "string"}}
    assert losses == ["property 'place': 'city': classification: public"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_of_every_key_in_each_format(name, snapshot):
    """What is written and what is lost."""
    found = export_schema(load_schema("configs/schema.yaml"), name)
    assert found.text == snapshot(name="text")
    assert found.losses == snapshot(name="losses")


JSON_SCHEMA = """{"type": "object", "$defs": {"q": {"type": "integer"}}, "required": ["a"], "properties": {
    "a": {"$ref": "#/$defs/q", "enum": [1]}, "b": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    "c": {"type": ["integer", "null"], "minimum": 1},
    "l": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string", "pattern": "y"}}}}}}"""
TABLE_SCHEMA = """{"resources": [{"schema": {"primaryKey": ["a"], "uniqueKeys": [["a"]], "missingValues": ["-"],
    "fieldsMatch": ["subset"], "fields": [{"name": "a", "type": "integer", "constraints": {"enum": [1], "minimum": 1}},
    {"name": "b", "type": "string", "format": "email", "constraints": {"pattern": "x", "unique": true}}]}}]}"""
STRANGE = [-1.5, "x", [], [[7]], {}, {"name": ["x"]}]


def replaced(value, strange):
    """The value with each of its parts, in turn, replaced."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        inner = replaced(each, strange) if isinstance(each, dict | list) else ()
        for other in (strange, *inner):
            if isinstance(value, dict):
                yield value | {key: other}
            else:
                yield [*value[:key], other, *value[key + 1 :]]


def attempted(folder, name, text):
    """Imports a schema that need not be one."""
    with suppress(SchemaError):
        imported(folder, name, text)


@pytest.mark.parametrize("strange", STRANGE, ids=str)
@pytest.mark.parametrize(
    ("name", "text"), [("frictionless", TABLE_SCHEMA), ("json-schema", JSON_SCHEMA), ("odcs", ODCS)]
)
def test_what_stands_where_it_should_not_is_a_fault_of_the_file(tmp_path, name, text, strange):
    """Whatever is read there: it is lost or refused, and nothing else goes wrong."""
    for document in replaced(yaml.safe_load(text), strange):
        attempted(tmp_path, name, json.dumps(document))


@pytest.mark.parametrize("strange", ["7", "WORD", "{ name: 7 }"])
def test_a_field_of_another_kind_is_a_fault_of_the_file(tmp_path, strange):
    """The same of protobuf's text format, of which no field has a kind that is known beforehand."""
    message = parse(PBTXT, "a.pbtxt")
    for document in replaced(message, Word(strange)):
        attempted(tmp_path, "tfdv", written(document))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("frictionless", "[1]", "is no table schema: it has no `fields`"),
        ("frictionless", '{"fields": [3]}', "field should hold keys and values, not 3"),
        ("json-schema", '{"type": "string"}', "does not describe a row: it has no `properties`"),
        ("json-schema", '{"properties": {"a": {"$ref": "#/x"}}}', "there is nothing at the reference '#/x'"),
        ("json-schema", '{"$defs": {"A": {"$ref": "#/$defs/A"}}, "properties": {"a": {"$ref": "#/$defs/A"}}}',
         "the reference '#/$defs/A' goes in a circle"),
        ("json-schema", '{"properties": {"a": {"type": "integer", "minimum": 3, "maximum": 1}}}',
         "min is above max, in: min: 3"),
        ("odcs", "kind: DataContract\nschema: [{properties: [3]}]", "property should hold keys and values, not 3"),
        ("odcs", "kind: Other", "is no data contract: it has no `schema`"),
        ("odcs", "kind: DataContract\nschema: []", "has 0 tables, a schema is of one"),
    ],
)  # fmt: skip
def test_what_is_no_schema(tmp_path, name, text, message):
    """One clear fault that names the file."""
    with pytest.raises(SchemaError) as caught:
        imported(tmp_path, name, text)
    assert [fault.message for fault in caught.value.faults] == [message]
