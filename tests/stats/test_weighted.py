"""Statistics in which each row counts as often as its weight says, against plain Python."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import SchemaError, SourceError, UsageError
from datalife.stats import weighted
from datalife.stats.model import Profile
from datalife.stats.profile import profile, profile_of
from datalife.stats.request import Request
from datalife.stats.scan import scan
from datalife.stats.summary import Summary
from tests.frames import close, dataset, keys

BY_WEIGHT = Request(weight="w")


def summary(*frames: pl.DataFrame) -> Summary:
    """One weighted summary of several shards."""
    return scan(dataset(*frames), BY_WEIGHT)


def found(frame: pl.DataFrame) -> dict[str, Any]:
    """The weighted statistics of the first column."""
    column = profile_of(summary(frame), BY_WEIGHT).columns[0]
    assert column.weighted is not None
    return column.weighted.model_dump(exclude_unset=True)


def test_numbers_by_hand() -> None:
    """A value of weight 3 counts three times; missing ones weigh as missing."""
    frame = pl.DataFrame({"x": [1.0, 2.0, None, 2.0, math.nan], "w": [3.0, 0.5, 2.0, 0.5, 1.0]})
    told = found(frame)
    assert (told["count"], told["null_count"], told["null_fraction"]) == (5, 2, 2 / 7)
    assert (told["mean"], told["sum"], told["median"]) == (1.25, 5.0, 1.0)
    assert told["std"] == pytest.approx(math.sqrt((3 * 0.0625 + 1 * 0.5625) / 4))
    assert told["top_values"] == [
        {"value": 1.0, "weight": 3},
        {"value": 2.0, "weight": 1},
        {"value": "NaN", "weight": 1},
    ]
    assert told["histogram"]["counts"] == [3, *[0] * 8, 1]


def test_items_weigh_what_their_row_does() -> None:
    """The pooled items of a list count with the weight of the row, as in TFDV."""
    frame = pl.DataFrame(
        {"a": [[1.0, 2.0], [3.0, 4.0, 5.0], [1.0, math.nan, math.nan], None, []], "w": [1.0, 2.0, 3.0, 2.0, 9.0]}
    )
    column = profile_of(summary(frame), BY_WEIGHT).columns[0]
    assert column.weighted is not None
    assert (column.weighted.count, column.weighted.null_count) == (15, 2)
    items = column.items
    assert items is not None
    assert items.weighted is not None
    assert items.weighted.mean == pytest.approx(30 / 11)
    assert items.weighted.std == pytest.approx(1.5427783908)


def test_dates_text_and_fields() -> None:
    """Dates have weighted quantiles in ISO 8601, text its heaviest values, fields of structs the row's weight."""
    frame = pl.DataFrame(
        {
            "d": [dt.date(2026, 1, 1), dt.date(2026, 1, 5)],
            "t": ["a", "b"],
            "s": [{"u": 1}, {"u": None}],
            "w": [1, 4],
        }
    )
    columns = profile_of(summary(frame), BY_WEIGHT).columns
    days, texts, structs = (each.weighted for each in columns[:3])
    assert days is not None
    assert texts is not None
    assert structs is not None
    assert (days.median, days.mean) == ("2026-01-05", "2026-01-04T04:48:00")
    assert [(each.value, each.weight) for each in texts.top_values or []] == [("b", 4), ("a", 1)]
    inner = (columns[2].fields or [])[0].weighted
    assert inner is not None
    assert (inner.count, inner.null_count, inner.mean) == (1, 4, 1.0)


@pytest.mark.parametrize("bad", [None, -1.0, math.nan, math.inf])
def test_a_bad_weight_names_its_row(bad: float | None) -> None:
    """A weight that is missing, negative, NaN or infinite is an error, never a wrong mean."""
    frame = pl.DataFrame({"x": [1, 2, 3], "w": pl.Series([1.0, bad, 1.0], dtype=pl.Float64)})
    with pytest.raises(SourceError, match="the weight 'w' of row 1 is"):
        summary(frame)


def test_weights_are_numbers() -> None:
    """Text is no weight, and a column that is not there is none either."""
    frame = pl.DataFrame({"x": [1], "w": ["heavy"]})
    with pytest.raises(UsageError, match="holds no numbers"):
        summary(frame)
    with pytest.raises(UsageError, match="there is no column 'w'"):
        summary(pl.DataFrame({"x": [1]}))


pairs = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-20, 20)), st.integers(0, 5)),
    min_size=1,
    max_size=30,
)


def framed(rows: list[tuple[int | None, int]]) -> pl.DataFrame:
    """Pairs of value and weight as a table."""
    return pl.DataFrame(rows, schema={"x": pl.Int64, "w": pl.Int64}, orient="row")


@given(pairs)
@settings(max_examples=100)
def test_a_weight_repeats_its_row(rows: list[tuple[int | None, int]]) -> None:
    """With whole weights, mean and deviation are those of the rows written out as often."""
    told = found(framed(rows))
    repeated = [value for value, weight in rows for _ in range(weight) if value is not None]
    assert told["count"] == len(repeated)
    if not repeated:
        assert (told["mean"], told["std"], told["median"]) == (None, None, None)
        return
    mean = sum(repeated) / len(repeated)
    assert told["mean"] == pytest.approx(mean)
    assert told["std"] == pytest.approx(math.sqrt(sum((each - mean) ** 2 for each in repeated) / len(repeated)))
    ordered = sorted(repeated)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert told["median"] == middle


@given(pairs, st.floats(0.001, 1000))
@settings(max_examples=50)
def test_quantiles_do_not_change_with_the_unit_of_weight(rows: list[tuple[int | None, int]], unit: float) -> None:
    """Weights in grams and in tons give the same quantiles."""
    points = framed(rows).drop_nulls().filter(pl.col("w") > 0).group_by("x").agg(pl.col("w").sum()).sort("x")
    points = points.select(value=pl.col("x").cast(pl.Float64), weight=pl.col("w").cast(pl.Float64))
    assert weighted.quantiles(points.with_columns(pl.col("weight") * unit)) == weighted.quantiles(points)


def told(found: Summary) -> Any:
    """A weighted profile as JSON without its states."""
    return keys(profile_of(found, Request(weight="w", state=False)))


@given(st.lists(pairs, min_size=3, max_size=3))
@settings(max_examples=40)
def test_splitting_and_merging_change_nothing(parts: list[list[tuple[int | None, int]]]) -> None:
    """However rows are split into shards, and however summaries are merged, the result is that of one pass."""
    frames = [framed(part) for part in parts]
    whole = told(summary(pl.concat(frames)))
    one, two, three = (summary(frame) for frame in frames)
    assert close(told(summary(*frames)), whole)
    assert close(told(one.merge(two).merge(three)), whole)
    assert close(told(one.merge(two.merge(three))), whole)


def test_many_values_are_sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the size that is kept, weighted quantiles are within 0.2 % of the weight."""
    monkeypatch.setattr("datalife.stats.frequencies.KEEP", 3000)
    x = pl.int_range(20_000, eager=True).shuffle(seed=1)
    frame = pl.DataFrame({"x": x, "w": pl.Series([1.0]).new_from_index(0, 20_000)})
    statistics = profile_of(summary(*frame.iter_slices(7000)), BY_WEIGHT).columns[0].weighted
    assert statistics is not None
    assert statistics.quantiles_exact is False
    for level, value in (statistics.quantiles or {}).items():
        assert value == pytest.approx(float(level) * 20_000, abs=60)


def test_saved_profiles_keep_their_weights(tmp_path: Path) -> None:
    """Weighted profiles of parts merge into that of the whole; those with other weights are refused."""
    (tmp_path / "a.csv").write_text("x,w,v\n1,2,1\n5,1,1\n")
    (tmp_path / "b.csv").write_text("x,w,v\n2.5,4,1\n")
    for name in ("a", "b"):
        document = keys(profile([str(tmp_path / f"{name}.csv")], request=BY_WEIGHT))
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    merged = profile([str(tmp_path / "a.json"), str(tmp_path / "b.json")], request=Request(state=False))
    whole = profile([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")], request=Request(weight="w", state=False))
    assert close(merged.model_dump(exclude={"sources"}), whole.model_dump(exclude={"sources"}))
    with pytest.raises(SchemaError, match="weights do not merge: v and w"):
        profile([str(tmp_path / "a.csv"), str(tmp_path / "b.json")], request=Request(weight="v"))


def test_a_profile_of_the_columns_alone_leaves_weights_aside(tmp_path: Path) -> None:
    """What other commands read of a weighted profile merges with one that has no weights."""
    from datalife.stats.profile import summarize_sources

    (tmp_path / "a.csv").write_text("x,w\n1,2\n")
    document = keys(profile([str(tmp_path / "a.csv")], request=BY_WEIGHT))
    (tmp_path / "a.json").write_text(json.dumps(document))
    assert Profile.model_validate(document).weight is not None
    assert summarize_sources([str(tmp_path / "a.json"), str(tmp_path / "a.csv")]).rows == 2
