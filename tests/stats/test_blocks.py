"""Fields side by side: many of one type, and texts hardly any of which occurs twice."""

import datetime as dt
import math
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.stats.blocks import LONG
from datalife.stats.fields import Field
from datalife.stats.frequencies import KEEP, LEADERS, complete, firsts, merged, of_rows
from datalife.stats.plan import Plan, rows_of

TEXTS = [f"id-{number}" for number in range(KEEP + 1000)]


def fields(frame: pl.DataFrame) -> list[Field]:
    """Every column as a field."""
    return [Field(name, name, dtype, pl.col(name)) for name, dtype in frame.schema.items()]


def counted(plan: Plan, *frames: pl.DataFrame) -> dict[str, dict[object, int]]:
    """Value -> count of each field, over several shards."""
    states = [plan.merge([[each.collect() for each in plan.queries(frame.lazy())]]) for frame in frames]
    found = plan.split(plan.merge(states))
    return {key: dict(each.counts.values.iter_rows()) for key, each in found.items() if each.counts}


def test_each_of_many_columns_has_its_own_values() -> None:
    """A thousand columns of four types, in two shards: every count is that of plain Python."""
    day = dt.date(2026, 1, 1)
    columns: dict[str, list[object]] = {}
    for number in range(250):
        columns[f"i{number}"] = [number, 1, None, number % 7]
        columns[f"f{number}"] = [number / 4, -0.0, 0.0, None]
        columns[f"s{number}"] = [f"v{number}", "x", None, "x"]
        columns[f"d{number}"] = [day + dt.timedelta(days=number % 3), day, None, day]
    frame = pl.DataFrame(columns)
    plan = Plan(fields(frame))
    expected = {name: Counter(each for each in values * 2 if each is not None) for name, values in columns.items()}
    assert counted(plan, frame, frame) == expected


@given(st.lists(st.none() | st.sampled_from([0.0, -0.0, 1.5, -1.5, math.inf, -math.inf]), min_size=1))
def test_floats_of_long_columns_are_counted_like_those_of_short_ones(values: list[float | None]) -> None:
    """Those of a long column are sorted as integers: whatever they are, each is counted as in plain Python."""
    frame = pl.DataFrame({"x": pl.Series(values * (LONG + 1), dtype=pl.Float64)})
    expected = {value: count * (LONG + 1) for value, count in Counter(values).items() if value is not None}
    assert counted(Plan(fields(frame)), frame) == {"x": expected}


def test_no_rows_are_a_state_like_any_other() -> None:
    """A shard without rows has every frame, and changes nothing."""
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [[1], None], "d": [None, None]})
    plan = Plan(fields(frame))
    empty, full = (
        plan.merge([[each.collect() for each in plan.queries(each_frame.lazy())]])
        for each_frame in (frame.clear(), frame)
    )
    assert (rows_of(empty), rows_of(full), rows_of(plan.merge([empty, full, empty]))) == (0, 2, 2)
    assert [each.schema for each in empty] == [each.schema for each in full]
    assert plan.split(plan.merge([empty, full]))["a"].analyzers == plan.split(full)["a"].analyzers


def test_texts_that_hardly_repeat_keep_those_that_do() -> None:
    """Of texts that are told apart by their hashes alone, frequent ones have their exact counts."""
    values = pl.Series(TEXTS + ["often"] * 50 + ["twice"] * 2).shuffle(seed=3)
    found = of_rows(values, KEEP)
    counts = dict(found.values.iter_rows())
    assert (counts["often"], counts["twice"], len(counts)) == (50, 2, LEADERS)
    assert found.distinct == pytest.approx(len(TEXTS) + 2, rel=0.02)


def test_hashes_alone_give_the_sketch_of_counting() -> None:
    """The registers are those of the counted values, whichever way they were found."""
    values = pl.Series(TEXTS)
    pairs = complete(pl.DataFrame({"value": values}).with_columns(count=pl.lit(1, dtype=pl.Int64)))
    assert of_rows(values, KEEP).registers.equals(merged([pairs]).registers)


def test_texts_that_only_begin_varied_are_counted() -> None:
    """When the first texts differ and the others repeat, all are kept, as long as they are few enough."""
    frame = pl.DataFrame({"s": TEXTS[:20_000] * 4})
    assert counted(Plan(fields(frame)), frame)["s"] == dict.fromkeys(TEXTS[:20_000], 4)


numbers = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 4)), unique_by=lambda pair: pair[0], max_size=40)


@given(numbers, st.integers(1, 30))
def test_the_most_frequent_are_those_of_a_full_ranking(pairs: list[tuple[int, int]], most: int) -> None:
    """Most frequent first, ties by value, whether or not there are more values than asked for."""
    values = pl.DataFrame(sorted(pairs), schema={"value": pl.Int64, "count": pl.Int64}, orient="row")
    first = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:most]
    assert firsts([values], most).rows() == first
