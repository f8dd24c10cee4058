"""Changing a YAML file at single places."""

import copy
import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.schema.edits import Drop, Extend, Put, apply_edits
from datalife.schema.writer import schema_text

FILE = """\
# our taxi data
version: 1   # the first
columns:
    fare:           # in dollars
        type: float
        # nobody pays more
        max: 100    # hand-picked
        pattern: "^a: b$"

    payment: {type: string, domain: [Cash, 'Card'], unique: true}
    company:
        domain:
        - A   # best
        - B

# the end
"""


def test_every_other_byte_stays():
    """A bound changes its number, a list gains values, rules come and go, comments and layout stay."""
    edits = [
        Put(("columns", "fare", "max"), 120.5),
        Put(("columns", "fare", "max_null_fraction"), 0.1),
        Drop(("columns", "fare", "pattern")),
        Extend(("columns", "payment", "domain"), ("No", "Prcard")),
        Drop(("columns", "payment", "unique")),
        Extend(("columns", "company", "domain"), ("C: D",)),
        Put(("columns", "tips"), {"type": "float", "min": 0}),
    ]
    assert (
        apply_edits(FILE, edits)
        == """\
# our taxi data
version: 1   # the first
columns:
    fare:           # in dollars
        type: float
        max_null_fraction: 0.1
        # nobody pays more
        max: 120.5    # hand-picked

    payment: {type: string, domain: [Cash, 'Card', "No", Prcard]}
    company:
        domain:
        - A   # best
        - B
        - "C: D"
    tips:
      type: float
      min: 0

# the end
"""
    )


def test_no_edit_changes_nothing():
    """Without edits the text is the same, whatever it holds."""
    assert apply_edits("\ufeffa:   [1 ,2]\r\n\r\n", []) == "\ufeffa:   [1 ,2]\r\n\r\n"


def test_line_ends_of_windows_stay():
    """New lines end as the others do."""
    text = "columns:\r\n  a:\r\n    type: integer\r\n    unique: true\r\n"
    edits = [Put(("columns", "a", "min"), 1), Drop(("columns", "a", "unique")), Put(("columns", "b"), {})]
    assert apply_edits(text, edits) == "columns:\r\n  a:\r\n    type: integer\r\n    min: 1\r\n  b: {}\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("columns:\n  a:\n", "columns:\n  a: {min: 1}\n"),
        ("columns: {a: {}}", "columns: {a: {min: 1}}"),
        ("columns:\n  a: {}  # soon\n", "columns:\n  a: {min: 1}  # soon\n"),
        ("columns:\n  a:\n    ? type\n    : float", "columns:\n  a:\n    ? type\n    : float\n    min: 1"),
    ],
)
def test_a_rule_finds_its_place_in_an_empty_column(text, expected):
    """Columns without rules, flow columns, and a last line without end take a new rule."""
    assert apply_edits(text, [Put(("columns", "a", "min"), 1)]) == expected


def test_json_stays_json():
    """A schema kept as JSON is still JSON afterwards."""
    document = {"version": 1, "columns": {"a": {"type": "string", "domain": ["x"], "unique": True}}}
    edits = [
        Extend(("columns", "a", "domain"), ("y z",)),
        Drop(("columns", "a", "unique")),
        Put(("columns", "a", "required"), False),
        Put(("columns", "b"), {"type": "float"}),
    ]
    expected = {"a": {"type": "string", "required": False, "domain": ["x", "y z"]}, "b": {"type": "float"}}
    for indent in (None, 1):
        assert json.loads(apply_edits(json.dumps(document, indent=indent), edits))["columns"] == expected


NAMES = st.text("ab:# \n\"'é", max_size=3)
RULES = st.dictionaries(
    st.sampled_from(["type", "min", "domain", "format", "unique"]),
    st.integers() | st.lists(NAMES, max_size=3) | NAMES,
    min_size=1,
    max_size=4,
)
COLUMNS = st.dictionaries(NAMES, RULES, min_size=1, max_size=3)


def _styles(document):
    yield schema_text(document)
    yield json.dumps(document)
    for flow in (None, True, False):
        yield yaml.safe_dump(document, default_flow_style=flow, sort_keys=False, allow_unicode=True)


@settings(max_examples=100)
@given(st.data())
def test_edited_text_means_what_edited_data_means(data):
    """For any document, layout and edits: reading the edited text gives the edited document."""
    columns = data.draw(COLUMNS)
    expected, edits = copy.deepcopy(columns), []
    for name, rules in columns.items():
        for key in rules:
            action = data.draw(st.sampled_from(["keep", "put", "drop", "extend"]))
            if action == "put" and not isinstance(rules[key], list):
                expected[name][key] = value = data.draw(st.integers() | NAMES)
                edits.append(Put(("columns", name, key), value))
            elif action == "extend" and isinstance(rules[key], list):
                expected[name][key] = [*rules[key], "new: one"]
                edits.append(Extend(("columns", name, key), ("new: one",)))
            elif action == "drop" and len(expected[name]) > 1:
                del expected[name][key]
                edits.append(Drop(("columns", name, key)))
        if data.draw(st.booleans()) and "added" not in rules:
            expected[name]["added"] = 1
            edits.append(Put(("columns", name, "added"), 1))
    if data.draw(st.booleans()):
        expected["another"] = {"type": "float"}
        edits.append(Put(("columns", "another"), {"type": "float"}))
    for text in _styles({"version": 1, "columns": columns}):
        assert yaml.safe_load(apply_edits(text, edits)) == {"version": 1, "columns": expected}, text
