"""The statistics of each slice, against a profile of the rows of that slice alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import SchemaError, UsageError
from datalife.sources.dataset import open_dataset
from datalife.sources.model import ReadOptions
from datalife.stats.model import Profile, Slice
from datalife.stats.profile import profile, profile_of
from datalife.stats.request import Request
from datalife.stats.scan import scan
from datalife.stats.summary import Summary
from tests.frames import close, dataset, keys

BY = Request(by=("g",), state=False)


def summary(*frames: pl.DataFrame, by: tuple[str, ...] = ("g",)) -> Summary:
    """One summary with slices of several shards."""
    return scan(dataset(*frames), Request(by=by))


def slices(found: Summary) -> list[Slice]:
    """Its slices as a profile tells them."""
    return profile_of(found, BY).slices or []


def test_each_slice_has_the_statistics_of_its_rows() -> None:
    """Most rows first; a missing value makes a slice of its own; the slice column is left out."""
    frame = pl.DataFrame({"g": ["a", None, "b", "a", "a"], "x": [1, 2, 3, None, 5]})
    found = slices(summary(frame))
    assert [(each.by, each.rows) for each in found] == [({"g": "a"}, 3), ({"g": "b"}, 1), ({"g": None}, 1)]
    assert [[column.name for column in each.columns] for each in found] == [["x"]] * 3
    first = found[0].columns[0]
    assert (first.count, first.null_count, first.mean, first.max) == (2, 1, 3.0, 5)


def test_combinations_of_columns() -> None:
    """With two columns there is a slice for each combination that occurs."""
    frame = pl.DataFrame({"g": ["a", "a", "b"], "h": [1, 2, 1], "x": [1, 2, 3]})
    found = slices(summary(frame, by=("g", "h")))
    assert [tuple(each.by.values()) for each in found] == [("a", 1), ("a", 2), ("b", 1)]


def test_few_rows_are_hinted_at() -> None:
    """A slice of fewer than 30 rows says that it says little."""
    frame = pl.DataFrame({"g": ["a"] * 30 + ["b"] * 29, "x": [1] * 59})
    assert [[hint.code for hint in each.hints] for each in slices(summary(frame))] == [[], ["few-rows"]]


def test_columns_of_a_slice_have_no_hints() -> None:
    """Neither they nor their fields: what is odd of a column is told once, of all rows."""
    frame = pl.DataFrame({"g": ["a"] * 30, "x": ["b"] * 30, "s": [{"f": "c"}] * 30})
    found = profile_of(summary(frame), BY)
    fields = [(column.fields or [])[0] for column in (found.columns[2], slices(summary(frame))[0].columns[1])]
    assert [[hint.code for hint in column.hints] for column in found.columns[:2]] == [["constant"], ["constant"]]
    assert [[hint.code for hint in field.hints] for field in fields] == [["constant"], []]
    assert [column.hints for column in slices(summary(frame))[0].columns] == [[], []]


def test_rare_slices_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the number told apart, the slices with the fewest rows are one, and it says how many they are."""
    monkeypatch.setattr("datalife.stats.slices.MOST", 2)
    frame = pl.DataFrame({"g": list("aaabbcd"), "x": [1, 1, 1, 2, 2, 3, 5]})
    found = slices(summary(*frame.iter_slices(3)))
    assert [(each.by, each.gathered, each.rows) for each in found] == [
        ({"g": "a"}, None, 3),
        ({"g": "b"}, None, 2),
        ({}, 2, 2),
    ]
    assert found[-1].columns[0].mean == 4.0


rows = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.one_of(st.none(), st.integers(-3, 3)), st.sampled_from("xyz")),
    min_size=1,
    max_size=15,
)


def framed(part: list[Any]) -> pl.DataFrame:
    """Rows as a table."""
    return pl.DataFrame(part, schema={"g": pl.String, "x": pl.Int64, "t": pl.String}, orient="row")


def told(found: Summary) -> Any:
    """Slices as JSON, the order of equal ones left aside."""
    document = keys(profile_of(found, BY))
    return sorted(document["slices"], key=lambda each: str(each["by"]))


@given(st.lists(rows, min_size=3, max_size=3))
@settings(max_examples=30)
def test_splitting_and_merging_change_nothing(parts: list[list[Any]]) -> None:
    """However rows are split into shards, and however summaries are merged, the slices are those of one pass."""
    frames = [framed(part) for part in parts]
    whole = summary(pl.concat(frames))
    one, two, three = (summary(frame) for frame in frames)
    assert close(told(summary(*frames)), told(whole))
    assert close(told(one.merge(two).merge(three)), told(whole))
    assert close(told(one.merge(two.merge(three))), told(whole))


@given(rows)
@settings(max_examples=30)
def test_a_slice_is_the_profile_of_its_rows(part: list[Any]) -> None:
    """Filtering the rows of a slice first and profiling them gives the same columns."""
    frame = framed(part)
    for each in slices(summary(frame)):
        alone = frame.filter(pl.col("g").eq_missing(pl.lit(each.by["g"], dtype=pl.String))).drop("g")
        expected = profile_of(scan(dataset(alone), Request()), Request(state=False))
        columns = [column.model_copy(update={"hints": []}) for column in expected.columns]
        assert close([column.model_dump() for column in each.columns], [column.model_dump() for column in columns])


def test_saved_slices_merge(tmp_path: Path) -> None:
    """Profiles with slices merge slice by slice; without slices, or with others, they are refused."""
    (tmp_path / "a.csv").write_text("g,x\na,1\nb,2\n")
    (tmp_path / "b.csv").write_text("g,x\na,3\n,4\n")
    for name in ("a", "b"):
        document = keys(profile([str(tmp_path / f"{name}.csv")], request=Request(by=("g",), weight="x")))
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    merged = profile([str(tmp_path / "a.json"), str(tmp_path / "b.json")], request=Request(state=False))
    whole = profile(
        [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")], request=Request(by=("g",), weight="x", state=False)
    )
    assert close(merged.model_dump(exclude={"sources"}), whole.model_dump(exclude={"sources"}))
    with pytest.raises(SchemaError, match="slices by g"):
        profile([str(tmp_path / "a.json"), str(tmp_path / "b.csv")], request=Request(weight="x"))


def test_a_slice_gathered_on_one_side_is_gathered_in_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice whose rows are partly unknown is not told as if they were all."""
    monkeypatch.setattr("datalife.stats.slices.MOST", 1)
    one = summary(pl.DataFrame({"g": list("aab"), "x": [1, 1, 2]}))
    two = summary(pl.DataFrame({"g": list("bb"), "x": [3, 3]}))
    assert [(each.by, each.rows) for each in slices(one.merge(two))] == [({"g": "a"}, 2), ({}, 3)]


def test_what_makes_no_slices() -> None:
    """A key, a list and a column that is not there are refused with the reason."""
    frame = pl.DataFrame({"g": range(100_001), "l": [[1]] * 100_001})
    with pytest.raises(UsageError, match="more than 100,000 different combinations"):
        summary(frame)
    with pytest.raises(UsageError, match="nested"):
        summary(frame, by=("l",))
    with pytest.raises(UsageError, match="there is no column 'z'"):
        summary(frame, by=("z",))


def test_slices_of_filtered_rows_and_chosen_columns(tmp_path: Path) -> None:
    """A filter holds for slices too, and slice columns are read beside the columns chosen."""
    path = tmp_path / "t.csv"
    path.write_text("g,x,y\na,1,1\nb,2,1\na,3,1\n")
    found: Profile = profile([str(path)], ReadOptions(where="y = 1 and x < 3", columns=("x",)), request=BY)
    assert [(each.by, each.rows) for each in found.slices or []] == [({"g": "a"}, 1), ({"g": "b"}, 1)]
    assert [column.name for column in found.columns] == ["g", "x"]


def test_a_wrong_guess_of_a_type_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice column that looks like integers in the first block has slices of text all the same."""
    monkeypatch.setattr("datalife.sources.delimited.BLOCK", 1000)
    path = tmp_path / "t.csv"
    path.write_text("g,x\n" + "1,1\n" * 500 + "oops,2\n")
    found = profile_of(scan(open_dataset([str(path)], proven=False), Request(by=("g",))), BY)
    assert [(each.by, each.rows) for each in found.slices or []] == [({"g": "1"}, 500), ({"g": "oops"}, 1)]
