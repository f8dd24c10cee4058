"""However the rows of a side are cut into files or saved profiles, the comparison is the same."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datalife.drift.compare import diff
from datalife.render import render
from datalife.stats.profile import profile

SCHEMA = {"kind": pl.String, "amount": pl.Float64, "count": pl.Int64, "paid": pl.Boolean, "day": pl.Date}
ROW = st.tuples(
    st.sampled_from(["a", "b", "c", "", None]),
    st.one_of(st.none(), st.floats(-100, 100, width=32), st.sampled_from([math.nan, math.inf])),
    st.one_of(st.none(), st.integers(-50, 50)),
    st.sampled_from([True, False, None]),
    st.one_of(st.none(), st.dates()),
)
#: The rows of a side and where they are cut.
SIDE = st.tuples(st.lists(ROW, max_size=60), st.lists(st.integers(0, 60), max_size=2))
Rows = tuple[list[Any], list[int]]


def files_of(side: Rows, name: str, folder: Path) -> tuple[list[str], list[str], list[str]]:
    """The side as one file, as the files of its parts, and as the saved profiles of these."""
    rows, cuts = side
    whole = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    bounds = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    frames = [whole, *(whole[start:end] for start, end in pairwise(bounds))]
    paths = [folder / f"{name}{place}.parquet" for place in range(len(frames))]
    for frame, path in zip(frames, paths, strict=True):
        frame.write_parquet(path)
    parts = paths[1:]
    for path in parts:
        with open(path.with_suffix(".json"), "w", encoding="utf-8") as stream:
            render(profile([str(path)]), "json", stream)
    return [str(paths[0])], [str(path) for path in parts], [str(path.with_suffix(".json")) for path in parts]


def same(one: Any, other: Any) -> bool:
    """Whether two documents are equal, but for the last digits of what is added in another order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


@settings(max_examples=8)
@given(SIDE, SIDE)
@example(([], []), ([], [0]))
def test_merged_parts_compare_as_the_whole(baseline: Rows, current: Rows) -> None:
    """One file a side, several files, or profiles of them: every distance, status and change is the same."""
    with TemporaryDirectory() as folder:
        sides = [files_of(side, name, Path(folder)) for side, name in ((baseline, "one"), (current, "other"))]
        whole, parts, profiles = (diff(*pair).model_dump() for pair in zip(*sides, strict=True))
    assert same(parts, whole)
    assert same(profiles, whole)
