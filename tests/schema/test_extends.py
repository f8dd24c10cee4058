"""Layers: a base file, defaults of all columns, families of columns; where their faults are; how they are checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.errors import SchemaError
from datalife.schema.lint import load_schema
from datalife.schema.model import fits
from datalife.schema.update import update_schema
from datalife.schema.validate import ValidateOptions, validate
from tests.frames import profiled

from .validating import opened, told

BASE = """\
version: 1
environments: [training, serving]
domains: {dose: [Up, Down]}
dataset: {rows: {min: 1}, other_columns: warning}
columns:
  id: {type: integer, unique: true}
  age: {type: integer, min: 0, max: {value: 120, severity: warning}}
checks:
  - {name: sane, expect: age >= 0}
  - {name: known, expect: id > 0}
"""


def rules(schema, name):
    """What is said of a column, as the file would say it."""
    return schema.columns[name].model_dump(exclude_unset=True)


def written(folder, **files):
    """The paths of files with these texts."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return [str(folder / f"{name}.yaml") for name in files]


def faults(path):
    """(file:line:column, message) of each fault of a schema file."""
    with pytest.raises(SchemaError) as caught:
        load_schema(path)
    return [(fault.where.rpartition("/")[2], fault.message) for fault in caught.value.faults]


def test_a_file_lies_over_its_base_rule_by_rule(tmp_path):
    """A rule above replaces the one below as a whole, lists too; what is not said again stays."""
    text = """\
extends: base.yaml
domains: {dose: [Up]}
dataset: {rows: {max: 9}}
columns:
  age: {max: 99}
  new: {type: string, domain: dose}
"""
    path, _ = written(tmp_path, strict=text, base=BASE)
    schema = load_schema(path)
    assert list(schema.columns) == ["id", "age", "new"]
    assert rules(schema, "age") == {"type": "integer", "min": 0, "max": 99}
    assert schema.domains == {"dose": ["Up"]}
    assert schema.dataset.model_dump(exclude_unset=True) == {"rows": {"max": 9}, "other_columns": "warning"}


def test_null_takes_away_what_the_base_says(tmp_path):
    """A rule, or a whole column."""
    path, _ = written(tmp_path, strict="extends: base.yaml\ncolumns: {id: null, age: {max: null}}\n", base=BASE)
    assert {name: rules(load_schema(path), name) for name in load_schema(path).columns} == {
        "age": {"type": "integer", "min": 0}
    }


def test_checks_go_by_name(tmp_path):
    """One of the same name replaces that of the base in its place; the others add up."""
    text = "extends: base.yaml\nchecks:\n  - {name: adult, expect: age > 17}\n  - {name: sane, expect: age > 1}\n"
    path, _ = written(tmp_path, strict=text, base=BASE)
    assert [(check.name, check.expect) for check in load_schema(path).checks] == [
        ("sane", "age > 1"),
        ("known", "id > 0"),
        ("adult", "age > 17"),
    ]


def test_layers_over_layers_in_other_folders(tmp_path):
    """The path of a base starts from the file that names it."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "middle.yaml").write_text("extends: ../base.yaml\ncolumns: {age: {min: 5}}\n")
    path, _ = written(tmp_path, top="extends: shared/middle.yaml\n", base=BASE)
    assert rules(load_schema(path), "age")["min"] == 5


@pytest.mark.parametrize(
    ("top", "base", "found"),
    [
        ("extends: nowhere.yaml\ncolumns: {}\n", "", ("top.yaml:1:1", "there is no file {}/nowhere.yaml")),
        ("extends: base.yaml\n", "extends: top.yaml\n", ("base.yaml:1:1", "top.yaml extends this file in turn")),
        ("extends: top.yaml\n", "", ("top.yaml:1:1", "top.yaml extends this file in turn")),
        ("extends: 5\ncolumns: {}\n", "", ("top.yaml:1:1", "extends: should be text")),
        ("extends: base.yaml\n", "[1]\n", ("top.yaml:1:1", "{}/base.yaml holds no schema")),
        ("extends: base.yaml\n", "columns: [\n", ("base.yaml:2:1", "is not YAML: did not find expected node content")),
        ("extends: base.yaml\n", "columns: {a: {nulable: true}}\n", ("base.yaml:1:15", "unknown key 'nulable'")),
        ("extends: base.yaml\n", "columns: {a: {}, a: {}}\n", ("base.yaml:1:18", "the key 'a' stands here twice")),
        ("extends: base.yaml\ncolumns:\n  a: {max: 1}\n", "columns:\n  a: {type: integer, min: 2}\n",
         ("base.yaml:2:22", "min is above max")),
        ("extends: base.yaml\ncolumns:\n  a: {min: 2}\n", "columns:\n  a: {type: integer, max: 1}\n",
         ("top.yaml:3:7", "min is above max")),
        ("extends: base.yaml\nchecks: [{name: x, expect: a >}]\n",
         "columns: {a: {}}\nchecks: [{name: y, expect: a > 1}]\n",
         ("top.yaml:2:20", "is no condition in SQL: unable to parse 'a >' as Expr")),
        ("extends: base.yaml\n", "columns: {a: {}}\nchecks: [{name: y, expekt: a > 1}]\n",
         ("base.yaml:2:20", "unknown key 'expekt'")),
    ],
)  # fmt: skip
def test_faults_name_the_file_that_has_them(tmp_path, top, base, found):
    """Those of the base its line; those between both where the lower bound stands."""
    path, _ = written(tmp_path, top=top, base=base)
    assert (found[0], found[1].format(tmp_path)) in faults(path)


def test_faults_of_all_files_are_told_together(tmp_path):
    """In the order of file and line."""
    path, _ = written(tmp_path, top="extends: base.yaml\nkolumns: {}\n", base="columns: {a: {typ: integer}}\n")
    assert [where for where, _ in faults(path)] == ["base.yaml:1:15", "top.yaml:2:1"]


def test_defaults_hold_where_a_column_says_nothing_else(tmp_path):
    """And where they are for its type; `null` declines one; the words for missing values are one rule."""
    text = """\
defaults: {severity: warning, max_null_fraction: 0.1, min: 0, drift: {metric: kolmogorov_smirnov, max: 0.2}}
columns:
  a: {type: integer}
  b: {type: string, severity: error}
  c: {type: float, min: -1, nullable: true}
  d: {type: boolean, max_null_fraction: null}
"""
    (path,) = written(tmp_path, schema=text)
    schema = load_schema(path)
    drift = {"drift": {"metric": "kolmogorov_smirnov", "max": 0.2}}
    assert {name: rules(schema, name) for name in schema.columns} == {
        "a": {"type": "integer", "severity": "warning", "max_null_fraction": 0.1, "min": 0} | drift,
        "b": {"type": "string", "severity": "error", "max_null_fraction": 0.1} | drift,
        "c": {"type": "float", "min": -1, "nullable": True, "severity": "warning"} | drift,
        "d": {"type": "boolean", "severity": "warning"},
    }


FAMILIES = """\
defaults: {type: string}
columns_matching:
  "diag_*": {domain: [A, B]}
  "diag_*_at": {type: date}
columns:
  diag_1: {severity: warning}
"""


def test_a_family_holds_for_every_column_of_its_name(tmp_path):
    """The last pattern that fits the whole name wins; a column's own rules are stronger, the defaults weaker."""
    (path,) = written(tmp_path, schema=FAMILIES)
    schema = load_schema(path).about(["diag_1", "diag_2", "diag_2_at", "my_diag_3"])
    assert {name: rules(schema, name) for name in schema.columns} == {
        "diag_1": {"severity": "warning", "domain": ["A", "B"], "type": "string"},
        "diag_2": {"domain": ["A", "B"], "type": "string"},
        "diag_2_at": {"type": "date"},
    }


@pytest.mark.parametrize(("required", "codes"), [("", ["missing-column"]), (", required: false", [])])
def test_a_family_without_a_column_is_missing(tmp_path, required, codes):
    """Unless it is not required: no pattern checks nothing in silence."""
    text = f"columns_matching: {{'diag_*': {{type: string{required}}}}}\ncolumns: {{a: {{}}}}\n"
    (path,) = written(tmp_path, schema=text)
    found = told(validate(opened(tmp_path, {"a": [1]}), load_schema(path), ValidateOptions()))
    assert found == [(code, "diag_*", None, []) for code in codes]


def test_columns_of_a_family_are_expected_and_checked(tmp_path):
    """They are no other columns, text is read as their type, and findings name the column."""
    (path,) = written(tmp_path, schema="columns_matching: {'diag_*': {type: string, domain: ['1', x]}}\n")
    report = validate(opened(tmp_path, "diag_1,diag_2,other\n1,x\n2,x\n".replace(",other", "")), load_schema(path))
    assert told(report) == [("value-outside-domain", "diag_1", 1, [1])]


def test_faults_of_defaults_and_families_stand_once_where_they_are_written(tmp_path):
    """However many columns they are for."""
    text = """\
defaults: {severity: wrong}
columns_matching:
  "a_*": {type: integer, min: 3, max: 2}
  b: {}
columns: {a_1: {}, a_2: {}}
dataset: {ordered: true, unique: [[a_7, c]]}
"""
    (path,) = written(tmp_path, schema=text)
    assert faults(path)[0] == ("schema.yaml:1:12", "unknown severity 'wrong'")
    (path,) = written(tmp_path, schema=text.replace("severity: wrong", "owner: me"))
    assert faults(path) == [
        ("schema.yaml:3:26", "min is above max"),
        ("schema.yaml:4:3", "the pattern 'b' has no *"),
        ("schema.yaml:6:11", "columns of a pattern have no place in an order"),
        ("schema.yaml:6:35", "there is no column 'c' in the schema"),
    ]


@given(st.text("a.[b", max_size=6), st.text("a*.[b", max_size=6), st.text("a.[b", max_size=6))
def test_a_star_stands_for_any_characters_and_the_rest_for_itself(start, middle, end):
    """No character but the star means anything, and the name fits as a whole."""
    assert fits(start + middle + end, f"{start}*{end}")
    assert fits(start, start)
    assert not fits(f"{start}{end}!", f"{start}*{end}a")


def test_update_writes_overrides_of_what_other_layers_say(tmp_path):
    """The base stays as it is, and so do defaults and families that other columns keep to."""
    text = """\
extends: base.yaml
defaults: {max_null_fraction: 0}
columns_matching:
  "d_*": {type: string, domain: [A, B]}
columns:
  id: {min: 1} # reviewed
"""
    path, _ = written(tmp_path, top=text, base=BASE)
    profile = profiled({"id": [0, 0, 3], "age": [130, 20, None], "d_1": ["A", "B", "B"], "d_2": ["A", "C", "C"]})
    schema = update_schema(text, profile, where=path)
    assert schema.text == text.replace("{min: 1}", "{min: 0, unique: false}") + (
        "  age:\n    max_null_fraction: 0.3334\n    max: {value: 130, severity: warning}\n"
        "  d_2:\n    domain: [A, B, C]\n"
    )
    assert update_schema(schema.text, profile, where=path).changes == []


def test_update_of_a_family_that_is_not_there(tmp_path):
    """It becomes one that may be absent."""
    text = 'columns_matching:\n  "d_*": {type: string}\ncolumns:\n  a: {type: integer}\n'
    assert update_schema(text, profiled({"a": [1]})).text == text.replace("string}", "string, required: false}")
