"""How groups are represented and how their labels differ."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import UsageError
from datalife.stats.model import Fairness
from datalife.stats.profile import profile_of
from datalife.stats.request import Request
from datalife.stats.scan import scan
from tests.frames import dataset

REQUEST = Request(group=("g",), label="y")


def compared(*frames: pl.DataFrame) -> Fairness:
    """The groups of several shards."""
    found = profile_of(scan(dataset(*frames), REQUEST), REQUEST).fairness
    assert found is not None
    return found


def test_rates_by_hand() -> None:
    """Of group a half have the label, of b a quarter; what is missing is told for each."""
    frame = pl.DataFrame(
        {
            "g": ["a"] * 40 + ["b"] * 40 + [None],
            "y": [True, False] * 20 + [True, False, False, False] * 10 + [True],
            "x": [None, 1] * 20 + [1] * 41,
        }
    )
    found = compared(*frame.iter_slices(33))
    assert found.demographic_parity_difference == 0.25
    assert (found.value, found.between) == (True, [{"g": "a"}, {"g": "b"}])
    assert [(each.by, each.rows, each.null_fractions) for each in found.groups] == [
        ({"g": "a"}, 40, {"x": 0.5}),
        ({"g": "b"}, 40, {"x": 0.0}),
        ({"g": None}, 1, {"x": 0.0}),
    ]
    assert [(each.value, each.count, each.rate) for each in found.groups[1].label_rates or []] == [
        (False, 30, 0.75),
        (True, 10, 0.25),
    ]
    assert [hint.code for hint in found.groups[2].hints] == ["few-rows"]


def test_small_groups_make_no_difference() -> None:
    """One row of a third group, with a rate of 100 %, does not make a large difference."""
    frame = pl.DataFrame({"g": ["a"] * 30 + ["b"] * 30 + ["c"], "y": [0] * 60 + [1]})
    assert compared(frame).demographic_parity_difference == 0.0


def test_a_number_as_label_has_means() -> None:
    """Where a rate of each value would make no sense, the means are compared."""
    frame = pl.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "y": [float(each) for each in range(80)]})
    found = compared(frame)
    assert [each.label_mean for each in found.groups] == [19.5, 59.5]
    assert found.demographic_parity_difference == 40.0


def test_without_labels_there_is_no_difference() -> None:
    """Groups are told all the same."""
    found = compared(pl.DataFrame({"g": ["a", "b"], "y": [None, None]}, schema={"g": pl.String, "y": pl.String}))
    assert (found.demographic_parity_difference, [each.rows for each in found.groups]) == (None, [1, 1])


def test_what_cannot_be_compared() -> None:
    """Groups without a label, and a label that is a key."""
    frame = pl.DataFrame({"g": ["a"] * 30, "y": [f"k{each}" for each in range(30)]})
    with pytest.raises(UsageError, match="more than 20 values"):
        compared(frame)
    with pytest.raises(UsageError, match="needs one"):
        scan(dataset(frame), Request(group=("g",)))


rows = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["yes", "no", None]), st.sampled_from([1, None])),
    min_size=1,
    max_size=20,
)


@given(st.lists(rows, min_size=2, max_size=4))
@settings(max_examples=30)
def test_splitting_the_rows_changes_nothing(parts: list[list[tuple[str | None, str | None, int | None]]]) -> None:
    """However the rows are split into shards, the groups are those of one pass."""
    schema = {"g": pl.String, "y": pl.String, "x": pl.Int64}
    frames = [pl.DataFrame(part, schema=schema, orient="row") for part in parts]
    assert compared(*frames) == compared(pl.concat(frames))
