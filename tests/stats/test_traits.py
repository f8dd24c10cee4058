"""What the texts of many columns are like."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datalife.stats.shapes import leaders
from datalife.stats.traits import KINDS, Traits, traits_of

texts = st.text("0Aaé 7-/.,@?", max_size=8) | st.sampled_from(["NA", "", "007", "31/12/2025", "a@b.org", "1,234"])
columns = st.lists(st.dictionaries(texts, st.integers(1, 9), max_size=8), min_size=1, max_size=4)


def pairs(counts: dict[str, int]) -> pl.DataFrame:
    """(value, count) pairs as a frame."""
    return pl.DataFrame(list(counts.items()), schema={"value": pl.String, "count": pl.Int64}, orient="row")


def test_what_is_counted() -> None:
    """Every value counts as often as it occurs; a marker, a blank and a word are of no kind."""
    (found,) = traits_of([pairs({"1": 4, "007": 2, "NA": 3, " ": 1, "31/12/2025": 5, "a@b.org": 1, "A@b.org": 1})])
    odd = tuple({"integer": 9, "float": 9}.get(kind.name, 13) for kind in KINDS)
    assert found == Traits(judged=13, marked=3, blank=1, odd=odd, dated=5, digits=6, zeros=2, personal=2, folded=6)


@given(columns)
def test_many_columns_are_as_each_alone(values: list[dict[str, int]]) -> None:
    """A column is like what it is like however many are looked at with it, empty ones among them."""
    frames = [pairs(each) for each in values]
    assert traits_of(frames) == [found for frame in frames for found in traits_of([frame])]
    assert leaders(frames) == [found for frame in frames for found in leaders([frame])]
