"""The text of a schema file."""

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from datalife.schema.writer import FIRST_LINE, schema_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = st.integers() | TEXTS | st.lists(TEXTS, max_size=9) | st.dictionaries(TEXTS, st.integers(), max_size=3)
COLUMNS = st.dictionaries(TEXTS, st.dictionaries(TEXTS, LEAVES, max_size=3), max_size=3)
DOCUMENTS = st.dictionaries(st.just("columns") | TEXTS, COLUMNS, max_size=2)


def test_a_schema_reads_as_a_reviewer_would_write_it():
    """Two spaces a level, remarks behind the rule and above the column, short lists on one line."""
    document = {
        "version": 1,
        "dataset": {"rows": {"min": 1, "max": 9}},
        "columns": {"fare": {"type": "float", "min": 0}, "pay by": {"domain": ["Cash", "No"]}, "empty": {}},
    }
    beside = {("columns", "fare", "min"): "0 to 9 seen"}
    above = {(): ["Review it."], ("columns", "pay by"): ["'?' may\nmean missing"]}
    assert schema_text(document, beside, above) == (
        f"{FIRST_LINE}\n"
        "# Review it.\n"
        "version: 1\n"
        "dataset:\n"
        "  rows: {min: 1, max: 9}\n"
        "columns:\n"
        "  fare:\n"
        "    type: float\n"
        "    min: 0  # 0 to 9 seen\n"
        "  # '?' may\\nmean missing\n"
        "  pay by:\n"
        '    domain: [Cash, "No"]\n'
        "  empty: {}\n"
    )


def test_a_long_list_takes_a_line_a_value():
    """A domain that does not fit the line is a block, its remark behind the key."""
    values = [f"value number {number}" for number in range(10)]
    text = schema_text({"columns": {"a": {"domain": values}}}, {("columns", "a", "domain"): "10 values"})
    assert "    domain:  # 10 values\n      - value number 0\n      - value number 1\n" in text


@given(DOCUMENTS, TEXTS)
@example(
    {"columns": {"n" * 2000: {"type": "string"}, "\n: '\"": {}, "": {"domain": ["", "\n", "a" * 2000]}}},
    "\n\x1b",
)
@example({"columns": {"": {"n" * 2000: "n" * 2000}}}, "")
def test_hostile_names_and_values_survive(document, remark):
    """Whatever the data calls its columns and values, the file says exactly that."""
    paths = [("columns", name, "type") for name in document.get("columns", {})]
    text = schema_text(document, dict.fromkeys(paths, remark), {path[:2]: [remark] for path in paths})
    assert (yaml.safe_load(text) or {}) == document
