"""Values written as YAML come back as they were, whichever YAML the reader speaks."""

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from datalife.yamltext import comment, flow, quoted, scalar

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS


@pytest.mark.parametrize(
    "text",
    ["No", "on", "y", "null", "~", "", " lead", "trail ", "010", "1_000", "1e5", "12:30", "2026-01-01", ".inf", "nan"],
)
def test_words_and_numbers_of_some_yaml_are_quoted(text):
    """Text that YAML 1.1 or 1.2 reads as a boolean, a null, a number or a date stands in quotes."""
    assert scalar(text) == f'"{text}"'


@pytest.mark.parametrize(
    "text", ["a: b", "a #b", "#", "- a", "a,b", "[a]", "{a}", "*a", "&a", "!a", "%a", "@a", "`a", "=", "<<", "a:"]
)
def test_marks_of_yaml_are_quoted(text):
    """Text with a mark that YAML gives a meaning stands in quotes."""
    assert scalar(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["Credit Card", "taxi_id", "Taxi Affiliation (2/3)", "São Paulo", "_row", "a-b"])
def test_harmless_text_stays_plain(text):
    """Ordinary words carry no quotes."""
    assert scalar(text) == text


def test_what_a_terminal_could_act_on_is_escaped():
    """Control characters, direction marks and line separators are written as escapes."""
    assert scalar("\x1b[31m\u202e\u2028\x85") == '"\\x1b[31m\\u202e\\u2028\\x85"'
    assert comment("a\nb\x1b") == "a\\nb\\x1b"


@pytest.mark.parametrize(
    ("number", "text"), [(1e-05, "1.0e-05"), (1.0, "1.0"), (1e300, "1.0e+300"), (-0.5, "-0.5"), (3, "3")]
)
def test_a_float_keeps_its_point(number, text):
    """Every reader sees a float where a float was, and an integer where an integer was."""
    assert scalar(number) == text
    assert yaml.safe_load(text) == number


@given(VALUES)
@example("\x00")
@example("\ufeff")
@example("\ue000\U0001f600")
def test_scalars_survive_pyyaml(value):
    """YAML 1.1 reads back the value and its type."""
    again = yaml.safe_load(f"a: {scalar(value)}\n")["a"]
    assert again == value
    assert type(again) is type(value)


@given(st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8))
def test_nested_values_survive_on_one_line(value):
    """Lists and mappings with any text as key come back from a single line."""
    text = flow(value)
    assert "\n" not in text
    assert yaml.safe_load(f"a: {text}\n") == {"a": value}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_quoted_as_json_does(text):
    """A quoted text may stand in a JSON document."""
    assert json.loads(quoted(text)) == text
