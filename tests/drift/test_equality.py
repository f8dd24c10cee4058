"""When two values of matched rows are the same."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalife.drift.equality import Equality, Tolerance, tolerances_of
from datalife.errors import UsageError

NOON = dt.datetime(2026, 1, 1, 12)


def same(before: list[Any], after: list[Any], equality: Equality) -> list[bool]:
    """Whether each pair is equal."""
    frame = pl.DataFrame({"before": before, "after": after}, strict=False)
    return frame.select(equality.expression("x", *frame.schema.values()))["before"].to_list()


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("0.01", Tolerance(absolute=0.01)),
        ("1e-6", Tolerance(absolute=1e-6)),
        ("1%", Tolerance(relative=0.01)),
        ("5s", Tolerance(nanoseconds=5_000_000_000)),
        ("1d12h", Tolerance(nanoseconds=129_600_000_000_000)),
    ],
)
def test_a_tolerance_is_a_number_a_share_or_a_time(text, tolerance):
    """As people write it."""
    assert Tolerance.of(text) == tolerance


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "5x", "", "%"])
def test_what_is_none_of_them_is_a_usage_error(text):
    """It names the flag."""
    with pytest.raises(UsageError, match="--tolerance"):
        Tolerance.of(text)


def test_a_tolerance_of_one_column_goes_before_that_of_all():
    """A name may hold an equals sign; the last one counts."""
    assert tolerances_of(["0.5", "fare=1%", "a=b=2"], ["fare", "a=b"]) == (
        Tolerance(absolute=0.5),
        {"fare": Tolerance(relative=0.01), "a=b": Tolerance(absolute=2)},
    )
    with pytest.raises(UsageError, match="no column 'fair'"):
        tolerances_of(["fair=1"], ["fare"])


def test_a_share_is_of_the_baseline():
    """One percent of 100 is 1, of -200 is 2, of 0 nothing."""
    equality = Equality(Tolerance(relative=0.01))
    assert same([100.0, 100.0, -200.0, 0.0], [101.0, 101.5, -198.0, 1e-9], equality) == [True, False, True, False]


def test_times_may_be_a_length_of_time_apart():
    """Dates, datetimes and durations alike, in either direction."""
    seconds = [NOON + dt.timedelta(seconds=each) for each in (5, -5, 6)]
    assert same([NOON] * 3, seconds, Equality(Tolerance.of("5s"))) == [True, True, False]
    days = [dt.date(2026, 1, 2), dt.date(2026, 1, 3)]
    assert same([dt.date(2026, 1, 1)] * 2, days, Equality(Tolerance.of("1d"))) == [True, False]


@pytest.mark.parametrize(
    ("before", "tolerance", "message", "hint"),
    [
        (["a"], "1", "holds neither numbers nor times, it is string", "--ignore-case"),
        (["a"], "5s", "holds neither numbers nor times, it is string", "--ignore-case"),
        ([True], "1", "holds neither numbers nor times, it is boolean", "None"),
        ([1.5], "5s", "holds no times", "x=0.01"),
        ([NOON], "1%", "holds no numbers", "x=5s"),
    ],
)
def test_a_tolerance_of_another_kind_is_a_usage_error(before, tolerance, message, hint):
    """Texts have no numbers, numbers no seconds, times no percent; the hint is about what the column holds."""
    with pytest.raises(UsageError, match=message) as caught:
        same(before, before, Equality(tolerances={"x": Tolerance.of(tolerance)}))
    assert hint in str(caught.value.faults[0].hint)


def test_a_tolerance_bears_a_side_without_values():
    """A column that is all missing now holds no other kind of values."""
    assert same([1.5], pl.Series([None]), Equality(tolerances={"x": Tolerance.of("1")})) == [False]


def test_a_tolerance_of_all_leaves_the_others_alone():
    """It is that of the columns it fits."""
    assert same(["a"], ["b"], Equality(Tolerance(absolute=1))) == [False]


def test_spaces_and_case_may_not_count():
    """At the ends and repeated ones; each by itself."""
    before, after = ["Lyon  Nord ", "lyon", "Lyon"], ["Lyon Nord", "LYON", " lyon"]
    assert same(before, after, Equality(ignore_spaces=True)) == [True, False, False]
    assert same(before, after, Equality(ignore_case=True)) == [False, True, False]
    assert same(before, after, Equality(ignore_spaces=True, ignore_case=True)) == [True, True, True]


@pytest.mark.parametrize("values", [[1.5, None], ["a", None], [True, None], [NOON, None], [[1], None]])
@pytest.mark.parametrize("equality", [Equality(), Equality(Tolerance(absolute=1)), Equality(ignore_case=True)])
def test_missing_on_both_sides_is_equal_or_not(values, equality):
    """By default it is; with null_differs it is a difference."""
    assert same(values, values, equality) == [True, True]
    assert same(values, values, Equality(equality.tolerance, null_differs=True)) == [True, False]


@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.floats(allow_nan=True))] * 2), min_size=1),
    st.sampled_from([0.0, 0.5, 1e300]),
)
def test_numbers_are_compared_as_plain_python_does(pairs, allowed):
    """NaN is like NaN, infinities like themselves, and missing like missing."""

    def expected(one: float | None, other: float | None) -> bool:
        if one is None or other is None:
            return one is other
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return one == other or (math.isfinite(one) and math.isfinite(other) and abs(one - other) <= allowed)

    frame = pl.DataFrame(pairs, schema={"before": pl.Float64, "after": pl.Float64}, orient="row")
    expression = Equality(Tolerance(absolute=allowed)).expression("x", pl.Float64(), pl.Float64())
    assert frame.select(expression)["before"].to_list() == [expected(*pair) for pair in pairs]
