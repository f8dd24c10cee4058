"""Two datasets row by row."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.drift.model import ColumnRows, RowsCompared
from datalife.drift.rows import Keyed, RowComparison
from datalife.engine import LocalEngine
from datalife.errors import OutputError, UsageError
from datalife.sources.dataset import Dataset, open_dataset

Table = dict[str, list[Any]]
DAY = dt.date(2026, 1, 1)


@pytest.fixture
def opened(tmp_path):
    """Makes a dataset of a table, by way of a file."""

    def open_table(name: str, table: Table) -> Dataset:
        path = tmp_path / f"{name}.parquet"
        pl.DataFrame(table, strict=False).write_parquet(path)
        return open_dataset([str(path)])

    return open_table


@pytest.fixture
def compare(opened):
    """Compares two tables by `id`, or by the key given."""

    def comparison(baseline: Table, current: Table, *, key: tuple[str, ...] = ("id",), **options: Any):
        return RowComparison(opened("baseline", baseline), opened("current", current), Keyed(key, **options))

    return comparison


def only_column(result: RowsCompared) -> ColumnRows:
    """The one column that was compared."""
    (column,) = result.columns
    return column


def test_rows_are_matched_by_key_whatever_their_order(compare):
    """One changed, one removed, one added, one the same."""
    found = compare({"id": [1, 2, 3], "x": ["a", "b", "c"]}, {"id": [4, 3, 2], "x": ["d", "c", "B"]}).result
    assert (found.matched, found.baseline_only, found.current_only, found.changed_rows) == (2, 1, 1, 1)
    column = only_column(found)
    assert (column.equal, column.mismatched, column.changed) == (1, 1, 1)
    assert [each.model_dump() for each in column.examples] == [{"key": {"id": 2}, "baseline": "b", "current": "B"}]
    assert found.differ()


def test_the_same_rows_do_not_differ(compare):
    """Missing on both sides is equal, and so is NaN."""
    table = {"id": [1, 2, 3], "x": [None, math.nan, math.inf]}
    found = compare(table, table).result
    column = only_column(found)
    assert (column.baseline_count, column.current_count, column.equal, column.changed) == (2, 2, 3, 0)
    assert not found.differ()


def test_lost_and_filled_values_are_counted_apart(compare):
    """`changed` is all three together."""
    found = compare({"id": [1, 2, 3], "x": [1, None, 3]}, {"id": [1, 2, 3], "x": [None, 2, 4]}).result
    column = only_column(found)
    assert (column.baseline_count, column.current_count) == (2, 2)
    assert (column.baseline_only, column.current_only, column.mismatched, column.changed) == (1, 1, 1, 3)


def test_a_column_of_one_side_is_lost_or_filled_in_every_row(compare):
    """Where it has a value."""
    found = compare({"id": [1, 2], "old": [5, None]}, {"id": [1, 2], "new": ["a", "b"]}).result
    old, new = found.columns
    assert (old.name, old.baseline_only, old.equal) == ("old", 1, 1)
    assert (new.name, new.current_only, new.current_count) == ("new", 2, 2)


def test_an_integer_and_a_float_of_equal_value_are_equal(compare):
    """That the type changed is told with the schema."""
    found = compare({"id": [1, 2], "x": [1, 2]}, {"id": [1, 2], "x": [1.0, 2.5]}).result
    assert only_column(found).changed == 1


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ([1, 2], ["1", "two"], 1),
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], ["2026-01-01", "2026-02-01"], 1),
        ([[1, 2], [3]], [[1, 2], [4]], 1),
        ([[1], [2]], [["1"], ["2"]], 2),
        ([{"a": 1.5}, {"a": None}], [{"a": 1.5}, {"a": 2.0}], 1),
        ([True, False], [True, True], 1),
        ([dt.timedelta(seconds=1), dt.timedelta(seconds=2)], ["PT1S", "PT3S"], 1),
        ([b"\x01", b"\x02"], ["01", "03"], 1),
    ],
    ids=["text", "dates", "lists", "lists of another type", "structs", "booleans", "durations", "bytes"],
)
def test_values_of_other_types(compare, before, after, changed):
    """Types with nothing in common are compared as text; nested values as a whole."""
    found = compare({"id": [1, 2], "x": before}, {"id": [1, 2], "x": after}).result
    assert only_column(found).changed == changed


def test_numbers_within_the_tolerance_are_equal(compare):
    """Up to it and with it; NaN and infinities only with their like."""
    one = {"id": [1, 2, 3, 4], "x": [1.0, 1.0, math.nan, math.inf]}
    other = {"id": [1, 2, 3, 4], "x": [1.5, 1.75, 1.0, math.inf]}
    assert only_column(compare(one, other, tolerance=("0.5",)).result).changed == 2


def test_floats_are_compared_at_so_many_digits(compare):
    """1.12345 and 1.12456 agree at two digits and differ at three."""
    one, other = {"id": [1], "x": [1.12345]}, {"id": [1], "x": [1.12456]}
    assert only_column(compare(one, other, digits=2).result).changed == 0
    assert only_column(compare(one, other, digits=3).result).changed == 1


def test_a_key_of_several_columns(compare):
    """All of them together identify a row; examples name them all."""
    one = {"day": ["mon", "mon"], "id": [1, 2], "x": [1, 1]}
    other = {"day": ["mon", "tue"], "id": [1, 2], "x": [2, 1]}
    found = compare(one, other, key=("day", "id")).result
    assert (found.matched, found.baseline_only, found.current_only) == (1, 1, 1)
    assert only_column(found).examples[0].key == {"day": "mon", "id": 1}


def test_keys_of_other_types_still_meet(compare):
    """An id that was a number and is a text now."""
    assert compare({"id": [1, 2], "x": [1, 1]}, {"id": ["1", "2"], "x": [1, 1]}).result.matched == 2


def test_rows_without_a_key_are_counted_and_skipped(compare):
    """They match nothing, not even each other."""
    found = compare({"id": [None, 1], "x": [1, 1]}, {"id": [1, None], "x": [1, 2]}).result
    assert (found.matched, found.missing_keys.baseline, found.missing_keys.current) == (1, 1, 1)
    assert not found.differ()


def test_a_key_that_repeats_is_set_aside_named_and_fails(compare):
    """Its rows are compared on neither side, so that no pairing is made up."""
    found = compare({"id": [1, 1, 2], "x": ["a", "b", "c"]}, {"id": [1, 2], "x": ["a", "c"]}).result
    assert (found.duplicate_keys.baseline, found.duplicate_keys.current) == (1, 0)
    assert found.duplicate_examples == [{"id": 1}]
    assert (found.matched, found.baseline_only, found.current_only, found.changed_rows) == (1, 0, 0, 0)
    assert found.differ()


def test_nothing_matched_fails(compare):
    """Two tables without a key in common, not even on one side, show nothing that holds."""
    assert compare({"id": [None], "x": [1]}, {"id": [None], "x": [1]}).result.differ()


def test_a_table_of_keys_alone(compare):
    """No column to compare: rows are there or not."""
    found = compare({"id": [1, 2]}, {"id": [2, 3]}).result
    assert (found.matched, found.baseline_only, found.current_only, found.changed_rows) == (1, 1, 1, 0)


def test_an_unknown_key_is_a_usage_error(compare):
    """With the column that was probably meant."""
    with pytest.raises(UsageError) as error:
        compare({"id": [1]}, {"id": [1]}, key=("Id",))
    assert error.value.faults[0].hint == "did you mean 'id'?"


def test_a_key_of_lists_is_a_usage_error(compare):
    """They cannot be looked up."""
    with pytest.raises(UsageError, match="lists or structs"):
        compare({"id": [[1]]}, {"id": [[1]]})


def test_a_column_named_twice_is_one_column_of_the_key(compare):
    """--key id,id is --key id."""
    found = compare({"id": [1], "x": [1]}, {"id": [1], "x": [2]}, key=("id", "id")).result
    assert (found.key, found.changed_rows) == (["id"], 1)


def test_the_differences_are_one_line_each(compare):
    """Removed, added and changed, with the values as text."""
    one = {"id": [1, 2, 3], "x": [1.5, 2.0, 3.0], "l": [[1], [2], None]}
    other = {"id": [2, 3, 4], "x": [2.0, None, 3.0], "l": [[5], None, None]}
    assert compare(one, other).differences().rows() == [
        (1, "removed", None, None, None),
        (4, "added", None, None, None),
        (3, "changed", "x", "3.0", None),
        (2, "changed", "l", "[2]", "[5]"),
    ]


def test_a_key_may_have_the_name_of_a_column_of_the_differences(compare):
    """The key gives way."""
    found = compare({"change": [1], "x": [1]}, {"change": [1], "x": [2]}, key=("change",)).differences()
    assert found.columns == ["change (key)", "change", "column", "baseline", "current"]


@pytest.mark.parametrize(
    ("name", "read"), [("d.csv", pl.read_csv), ("d.ndjson", pl.read_ndjson), ("d.parquet", pl.read_parquet)]
)
def test_the_suffix_says_how_rows_are_written(compare, tmp_path, name, read):
    """CSV, NDJSON, Parquet."""
    found = compare({"id": [1, 2], "x": [1, 2]}, {"id": [2, 3], "x": [5, 4]})
    found.write(str(tmp_path / name))
    assert read(tmp_path / name).select("id", "change").rows() == [(1, "removed"), (3, "added"), (2, "changed")]


def test_rows_that_cannot_be_written_are_an_output_error(compare, tmp_path):
    """The folder does not exist."""
    with pytest.raises(OutputError):
        compare({"id": [1]}, {"id": [2]}).write(str(tmp_path / "no" / "d.csv"))


ROWS = st.dictionaries(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=15)


@settings(max_examples=30)
@given(ROWS, ROWS)
def test_the_counts_are_those_of_two_dictionaries(tmp_path_factory, one, other):
    """Plain Python as the oracle; and every row is in exactly one place."""
    folder = tmp_path_factory.mktemp("rows")
    sides = []
    for name, rows in (("one", one), ("other", other)):
        schema = {"id": pl.Int64, "x": pl.Int64}
        pl.DataFrame({"id": list(rows), "x": list(rows.values())}, schema=schema).write_parquet(folder / name)
        sides.append(open_dataset([str(folder / name)]))
    found = RowComparison(sides[0], sides[1], Keyed(("id",))).result
    both = one.keys() & other.keys()
    column = only_column(found)
    assert found.matched == len(both)
    assert found.baseline_only == len(one) - len(both)
    assert found.current_only == len(other) - len(both)
    assert column.changed == found.changed_rows == sum(one[key] != other[key] for key in both)
    assert column.baseline_only == sum(one[key] is not None and other[key] is None for key in both)
    assert column.current_only == sum(one[key] is None and other[key] is not None for key in both)
    assert column.equal + column.changed == found.matched


class Apart(LocalEngine):
    """An engine that may not be given what is in memory here, as one with workers of its own."""

    shares_memory = False


MANY: tuple[Table, Table] = (
    {"id": [*range(40), 7, 3, None, 9], "x": [each % 3 for each in range(44)], "s": list("ab") * 22, "d": [DAY] * 44},
    {"id": [*range(43, 2, -1), 30, None], "x": [*range(43)], "s": [*"abc" * 14, None], "d": [DAY] * 42 + [None]},
)


@pytest.mark.parametrize("rows", [3, 9, 20])
def test_rows_compared_in_partitions_are_the_same(compare, monkeypatch, rows):
    """However few rows are held at once: counts, the first examples, the most frequent confusions, and the lines."""
    found = compare(*MANY)
    whole, lines = found.result, found.differences()
    monkeypatch.setattr("datalife.drift.rows.PARTITION", rows)
    parts = compare(*MANY)
    assert parts.result == whole
    assert parts.differences().sort(lines.columns).equals(lines.sort(lines.columns))


@pytest.mark.parametrize("cells", [1, 40, 1000])
def test_rows_compared_by_workers_are_the_same(compare, monkeypatch, cells):
    """In very many parts, in some, in one: the result, and the columns that cannot have drifted."""
    monkeypatch.setattr("datalife.drift.steady.LARGE", 10)
    found = compare(*MANY)
    whole, steady = found.result, found.steady
    monkeypatch.setattr("datalife.drift.spread.CELLS", cells)
    apart = compare(*MANY)
    for side in apart.sides:
        side.engine = Apart()
    assert apart.result == whole
    assert {name: each.most for name, each in apart.steady.items()} == {
        name: each.most for name, each in steady.items()
    }
    assert list(steady) == ["id"]


def test_pairs_that_are_too_many_are_not_counted(compare, monkeypatch):
    """Of texts with thousands of pairs none is a confusion; what travels stays small."""
    monkeypatch.setattr("datalife.drift.findings.PAIRS", 2)
    one = {"id": list(range(12)), "x": list("aaaabbbbcccc")}
    other = {"id": list(range(12)), "x": list("bbbbccccaaaa")}
    assert compare(one, other).result.columns[0].confusions == []


def test_few_columns_are_read_at_once(compare, monkeypatch):
    """One after the other where memory asks for it."""
    monkeypatch.setattr("datalife.drift.partition.CELLS", 1)
    found = compare({"id": [1], "x": [1], "y": [1]}, {"id": [1], "x": [1], "y": [2]}).result
    assert [(column.name, column.changed) for column in found.columns] == [("x", 0), ("y", 1)]


def test_a_renamed_column_is_one_column(opened):
    """By the name of the baseline; it may be of the key."""
    sides = opened("one", {"id": [1, 2], "fare": [5, 6]}), opened("other", {"key": [2, 1], "price": [6, 7]})
    found = RowComparison(*sides, Keyed(("id",)), {"id": "key", "fare": "price"}).result
    column = only_column(found)
    assert (found.matched, column.name, column.changed) == (2, "fare", 1)
    assert column.examples[0].model_dump() == {"key": {"id": 1}, "baseline": 5, "current": 7}


def test_categories_that_became_others_are_counted(compare):
    """Most frequent first; of numbers that all differ nothing is counted."""
    one = {"id": list(range(6)), "x": list("aaaabb"), "y": [1.5] * 6}
    other = {"id": list(range(6)), "x": list("bbbaaa"), "y": [2.5] * 6}
    confusions = compare(one, other).result.columns[0].confusions
    assert [(each.baseline, each.current, each.count) for each in confusions] == [("a", "b", 3), ("b", "a", 2)]
    assert compare(one, other).result.columns[1].confusions == []


def test_a_share_of_the_rows_may_differ(compare):
    """One changed, one removed and one added of five; keys that repeat are no matter of shares."""
    found = compare({"id": [1, 2, 3, 4], "x": [1, 1, 1, 1]}, {"id": [2, 3, 4, 5], "x": [1, 1, 2, 1]}).result
    assert found.different_share == 3 / 5
    assert found.differ(0.5)
    assert not found.differ(0.6)
    assert compare({"id": [1, 1, 2], "x": [1, 1, 1]}, {"id": [1, 2], "x": [1, 1]}).result.differ(1.0)
