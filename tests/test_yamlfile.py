"""YAML as people write it: what is a value of which type, and where each fault is."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import SchemaError
from datalife.schema.lint import load_schema
from datalife.schema.model import Schema
from datalife.yamlfile import Document, model_of


def value(text):
    """The plain value of a YAML text."""
    return Document(text, "a.yaml").value


def faults(text):
    """`place: message` of each fault of a schema."""
    with pytest.raises(SchemaError) as caught:
        model_of(Document(text, "a.yaml"), Schema)
    return [f"{fault.where.removeprefix('a.yaml:')}: {fault.message}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    "text",
    ["No", "on", "yes", "Off", "y", "TRUE", "True", "010", "0o10", "0x10", "1_000", "12:30", "+1", "2026-01-01",
     "2024-13-45", "2026-01-01T00:00:00Z", "1e", "-", "=", "<<", "NULL", "nan", "inf", "1.2.3", "٣"],
)  # fmt: skip
def test_what_yaml_1_1_converts_is_text(text):
    """The data says `No`, and so does the schema."""
    assert value(f"[{text}]") == [text]


def test_characters_that_json_escapes_in_two_halves():
    """JSON is YAML, also where it writes an emoji as Python does; half of one is no character."""
    assert value('{"a": "\\ud83d\\ude00", "b": "\\\\ud83d\\\\ude00"}') == {"a": "😀", "b": "\\ud83d\\ude00"}
    assert faults('{"columns": {\n"a\\ud83d": {}}}') == ["2:5: an escape stands for no character"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-12", -12), ("1.5", 1.5),
     ("-.5", -0.5), ("1e3", 1000.0), ("1.", 1.0), ("-.inf", -float("inf")), ("18446744073709551617", 2**64 + 1)],
)  # fmt: skip
def test_plain_values(text, found):
    """Integers of any size are exact; only `true` and `false` are booleans."""
    read_value = value(f"a: {text}")["a"]
    assert (read_value, type(read_value)) == (found, type(found))


@pytest.mark.parametrize("text", ["'true'", '"12"', "'null'", "''", "|\n  1", ">-\n  1.5"])
def test_quoted_values_are_text(text):
    """Whatever they look like."""
    assert isinstance(value(f"a: {text}")["a"], str)


def test_keys_are_text():
    """Columns may be called 1, no, null or by a day."""
    assert list(value("{1: a, no: b, null: c, 2026-01-01: d, true: e}")) == ["1", "no", "null", "2026-01-01", "true"]


def test_a_number_of_five_thousand_digits_is_no_number():
    """It is text, which takes no time to convert."""
    assert value("a: " + "9" * 5000) == {"a": "9" * 5000}


def test_json_is_yaml(tmp_path):
    """A schema may be written as JSON, after a byte order mark too."""
    path = tmp_path / "a.json"
    path.write_text('\ufeff{"columns": {"a": {"type": "integer", "domain": [1, 2]}}}', encoding="utf-8")
    assert load_schema(str(path)).columns["a"].domain == [1, 2]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1\nb: *x", "1:4: aliases and anchors are not supported"),
        ("a: &a [*a]", "1:4: aliases and anchors are not supported"),
        ("a:\n  b: !!python/object/apply:os.system [x]",
         "2:6: tags such as tag:yaml.org,2002:python/object/apply:os.system are not supported"),
        ("a: !!str 1", "1:4: tags such as tag:yaml.org,2002:str are not supported"),
        ("a: !mine {b: 1}", "1:4: tags such as !mine are not supported"),
        ("a: [1,", "2:1: is not YAML: did not find expected node content"),
        ("a: 1\n\tb: 2", "2:1: is not YAML: found a tab character that violates indentation"),
        ("a: 1\n---\nb: 1", "2:1: is not YAML: but found another document"),
        ("a: 1\nb: \x1b[31m",
         "2: is not YAML: unacceptable character #x001b: control characters are not allowed"),
        ("", "a.yaml: is empty"),
        ("# only this", "a.yaml: is empty"),
        ("[1, 2]", "a.yaml: should hold keys and values"),
    ],
)  # fmt: skip
def test_what_is_no_plain_document(text, fault):
    """One line with its place, in place of what a parser would have built."""
    assert faults(text + "\n" if text else "") == [fault]


def test_a_bomb_ends_at_once():
    """Ten levels of aliases are refused before anything is built, and so is a tower of lists."""
    bomb = "a: &a [x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abc", "bcd", strict=True))
    assert faults(bomb) == ["1:4: aliases and anchors are not supported"]
    assert "levels are not supported" in faults("[" * 100_000)[0]


def test_keys_stand_once():
    """The second of two equal keys is the fault, however it is quoted."""
    assert faults('columns:\n  a: {}\n  "a": {}\n') == ["3:3: the key 'a' stands here twice"]
    assert faults("columns: {}\n? [a]\n: 1\n") == ["2:3: a key must be plain text"]


def test_all_faults_come_together_in_the_order_of_the_file():
    """Each with its line and column."""
    text = """\
version: 2
columns:
  a:
    typ: integer
    max: [1]
    min_count: 1.5
    drift: {metric: psi2, max: 0.1}
  b: {type: int, nullable: yes, drift: 5, skew: [{metric: psi}]}
dataset: {rows: {min: x}}
chekcs: []
"""
    assert faults(text) == [
        "1:1: unknown version 2",
        "4:5: unknown key 'typ'",
        "5:5: max: must be a number, or a time as text",
        "6:5: min_count: should be a whole number",
        "7:13: unknown metric 'psi2'",
        "8:7: unknown type 'int'",
        "8:18: nullable: should be true or false",
        "8:33: drift: should hold keys and values",
        "8:50: the key 'max' is missing",
        "9:18: min: should be a number",
        "10:1: unknown key 'chekcs'",
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("columns: {a: {nulable: true}}", "did you mean 'nullable'?"),
        ("colums: {}\ncolumns: {}", "did you mean 'columns'?"),
        ("columns: {a: {max: {value: 1, mesage: x}}}", "did you mean 'message'?"),
        ("columns: {a: {type: strng}}", "did you mean 'string'?"),
        ("columns: {a: {items: {typ: string}}}", "did you mean 'type'?"),
        ("columns: {}\ndataset: {rows: {least: 1}}", "known are max, min"),
        ("columns: {plain: {min: 1, mni: 2}}", "did you mean 'min'?"),
    ],
)
def test_the_nearest_known_word_is_told(text, hint):
    """At every level of the file."""
    with pytest.raises(SchemaError) as caught:
        model_of(Document(text, "a.yaml"), Schema)
    assert [fault.hint for fault in caught.value.faults] == [hint]


def test_what_is_no_text(tmp_path):
    """Another encoding has a line; a missing file a reason."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"columns:\n  caf\xe9: {}\n")
    with pytest.raises(SchemaError, match=r"a.yaml:2: is not UTF-8: byte 0xe9"):
        load_schema(str(path))
    with pytest.raises(SchemaError, match="cannot be read: No such file or directory"):
        load_schema(str(tmp_path / "b.yaml"))


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab: -[]{}&*!|>'\"#%@`,?\n\t0.1é\x00\x85\ud800"), max_size=40))
def test_any_text_is_a_schema_or_a_fault(text):
    """Nothing else comes out of the reader."""
    with suppress(SchemaError):
        assert isinstance(model_of(Document(text, "a.yaml"), Schema), Schema)
