"""The rule of two keys, missing values, limits, and how often chance is called a change."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from datalife.drift.columns import Rules, compare_column
from datalife.drift.metrics import DISTANCES
from datalife.drift.model import ColumnDiff
from datalife.schema.model import Limit
from tests.drift.data import column, summary

TEXTS = [f"user-{each:05d}" for each in range(100)]


def compared(baseline: list[object], current: list[object], rules: Rules | None = None) -> ColumnDiff:
    """One column compared with another, by the default rules or by these."""
    return compare_column("x", column(baseline), column(current), rules or Rules())


def test_a_large_change_of_many_values_is_drift():
    """500 of 1,000 became another value: far above 0.05 and no chance."""
    found = compared(["a"] * 1000, ["a"] * 500 + ["b"] * 500)
    assert (found.status, found.drifted, found.metric, found.distance) == ("drifted", True, "l_infinity", 0.5)
    assert found.threshold == 0.05
    assert found.reason == "l_infinity 0.5 is above 0.05"


def test_a_large_change_of_few_values_is_inconclusive():
    """Two of five became another value: that may be chance; it is shown and does not fail."""
    found = compared(["a"] * 5, ["a"] * 3 + ["b"] * 2)
    assert (found.status, found.drifted, found.distance) == ("inconclusive", False, 0.4)
    assert found.reason == "l_infinity 0.4 is above 0.05, but so few values move that far by chance"


def test_a_small_change_is_stable_however_real():
    """One percent of 100,000: far beyond chance, and of no weight."""
    found = compared(["a"] * 100_000, ["a"] * 99_000 + ["b"] * 1_000)
    assert found.status == "stable"
    assert found.noise_floor is not None
    assert found.noise_floor < 0.01


def test_a_written_threshold_decides_alone():
    """The same two of five: who writes 0.3 means 0.3."""
    found = compared(["a"] * 5, ["a"] * 3 + ["b"] * 2, Rules(threshold=0.3))
    assert (found.status, found.threshold) == ("drifted", 0.3)
    assert compared(["a"] * 5, ["a"] * 3 + ["b"] * 2, Rules(threshold=0.4)).status == "stable"


def test_more_columns_need_stronger_evidence():
    """A p-value of about 0.0002 is enough for one column and not for a thousand."""
    one, other = ["a"] * 100 + ["b"] * 100, ["a"] * 63 + ["b"] * 137
    assert compared(one, other).status == "drifted"
    assert compared(one, other, Rules(columns=1000)).status == "inconclusive"


@pytest.mark.parametrize(
    ("values", "metric"),
    [
        (["a", "b"], "l_infinity"),
        ([True, False], "l_infinity"),
        ([1, 2, 3], "l_infinity"),
        (list(range(20)), "l_infinity"),
        (list(range(21)), "kolmogorov_smirnov"),
        ([each / 7 for each in range(100)], "kolmogorov_smirnov"),
        ([dt.time(each % 24, each % 60) for each in range(100)], "kolmogorov_smirnov"),
        ([dt.timedelta(seconds=each) for each in range(100)], "kolmogorov_smirnov"),
        (TEXTS, "kolmogorov_smirnov"),
        (TEXTS * 3, "l_infinity"),
        ([["a"], ["b", "c"]], "l_infinity"),
        ([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], None),
        ([{"a": 1}, {"a": 2}], None),
    ],
)
def test_the_distance_fits_the_values(values, metric):
    """Categories by value, other numbers and times by distribution, ids by length, dates not at all."""
    found = compared(values, values)
    assert (found.metric, found.status) == (metric, "stable")


def test_a_metric_is_used_where_a_column_has_it():
    """Wasserstein of numbers; booleans have none and keep their own distance."""
    rules = Rules(metric="wasserstein")
    numbers = [float(each) for each in range(50)]
    assert compared(numbers, numbers, rules).metric == "wasserstein"
    assert compared([True, False], [True, False], rules).metric == "l_infinity"


def test_every_distance_that_exists_is_listed():
    """All nine of numbers, without those along an axis of booleans."""
    numbers = [float(each) for each in range(50)]
    assert list(compared(numbers, numbers).distances) == list(DISTANCES)
    assert set(DISTANCES) - set(compared([True], [True]).distances) == {"kolmogorov_smirnov", "wasserstein"}


def test_missing_values_have_a_line_of_their_own():
    """The values are the same; that a tenth is missing now is drift."""
    found = compared(["a"] * 1000, ["a"] * 900 + [None] * 100)
    assert (found.status, found.distance) == ("drifted", 0)
    assert (found.null_fraction.baseline, found.null_fraction.current) == (0, 0.1)
    assert found.reason == "missing values went from 0 % to 10 % of the rows"


def test_two_percent_more_missing_is_not_above_the_limit():
    """A limit is broken when the change is above it."""
    assert compared(["a"] * 1000, ["a"] * 980 + [None] * 20).status == "stable"
    assert compared(["a"] * 1000, ["a"] * 979 + [None] * 21).status == "drifted"


def test_few_missing_values_among_few_are_inconclusive():
    """One of ten: above 2 %, and perhaps chance."""
    assert compared(["a"] * 10, ["a"] * 9 + [None]).status == "inconclusive"


def test_nan_has_a_line_of_its_own():
    """Three percent NaN move no distance above its limit and are drift all the same."""
    numbers = [float(each) for each in range(1000)]
    found = compared(numbers, numbers[:970] + [math.nan] * 30)
    assert (found.status, found.reason) == ("drifted", "NaN went from 0 % to 3 % of the rows")
    assert found.nan_fraction is not None
    assert found.nan_fraction.current == 0.03
    assert compared(["a"], ["a"]).nan_fraction is None


def test_a_column_that_lost_all_values_drifted():
    """There is no distance, but the missing values are."""
    found = compared(["a"] * 100, [None] * 100)
    assert (found.status, found.distance, found.type) == ("drifted", None, "string")


def test_a_column_that_never_had_values_is_stable():
    """Missing before and now."""
    assert compared([None] * 100, [None] * 100).status == "stable"


def test_a_changed_type_cannot_be_compared():
    """The change itself is told with the schema."""
    found = compared([1, 2], ["a", "b"])
    assert (found.status, found.distance) == ("inconclusive", None)
    assert found.reason == "the type changed from integer to string"


def test_new_and_gone_values_are_listed_most_frequent_first():
    """`d` would be expected too rarely to be called gone."""
    found = compared(["a"] * 60 + ["b"] * 30 + ["c"] * 9 + ["d"], ["a"] * 90 + ["x"] + ["y"] * 9)
    assert [(each.value, each.count) for each in found.new_values] == [("y", 9), ("x", 1)]
    assert [(each.value, each.count) for each in found.gone_values] == [("b", 30), ("c", 9)]


@pytest.mark.parametrize("unit", [1, 0.5])
def test_measurements_have_no_new_values(unit):
    """That a number was not seen before says little where there are many."""
    one, other = [each * unit for each in range(100)], [each * unit for each in range(50, 150)]
    assert compared(one, other).new_values == []


def test_dates_move_on_and_show_their_range():
    """Last month against this month is no drift."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=each) for each in range(60)]
    found = compared(days[:30], days[30:])
    assert (found.status, found.metric) == ("stable", None)
    assert found.range is not None
    assert found.range.baseline == ["2026-01-01", "2026-01-30"]
    assert found.range.current == ["2026-01-31", "2026-03-01"]


def test_a_limit_of_the_column_goes_before_all_else():
    """Also before --metric and --threshold, and of several limits the one that is broken is told."""
    limits = {"x": [Limit(metric="total_variation", max=0.9), Limit(metric="psi", max=0.01)]}
    found = compared(["a"] * 5, ["a"] * 3 + ["b"] * 2, Rules("l_infinity", 0.5, limits))
    assert (found.metric, found.threshold, found.status) == ("psi", 0.01, "drifted")


def test_a_limit_that_holds_is_told_too():
    """The distance and the limit are there, and the column is stable."""
    found = compared(["a"] * 5, ["a"] * 5, Rules(limits={"x": [Limit(metric="psi", max=0.01)]}))
    assert (found.metric, found.threshold, found.status) == ("psi", 0.01, "stable")


def test_a_limit_that_cannot_be_checked_fails():
    """A gate does not hold because there is nothing to measure."""
    found = compared([None], ["a"], Rules(limits={"x": [Limit(metric="psi", max=0.01)]}))
    assert found.drifted
    assert found.reason == "the limit of psi cannot be checked: no value is present in the baseline"


def frame(random: np.random.Generator, rows: int) -> dict[str, list[object]]:
    """Six columns of usual shapes: two numbers, two categories, a flag, and one with missing values."""
    amount = random.lognormal(2, 1, rows)
    return {
        "normal": random.standard_normal(rows).tolist(),
        "amount": amount.tolist(),
        "even": random.integers(0, 20, rows).tolist(),
        "skewed": random.choice(list("abcdefgh"), rows, p=[0.4, 0.2, 0.15, 0.1, 0.08, 0.04, 0.02, 0.01]).tolist(),
        "flag": (random.random(rows) < 0.3).tolist(),
        "holes": [each if each < 20 else None for each in amount.tolist()],
    }


@pytest.mark.parametrize(("rows", "runs"), [(200, 60), (2000, 30), (20_000, 4)])
def test_chance_is_not_called_drift(rows, runs):
    """Samples of one source: over all seeded runs of six columns, not one alarm."""
    random = np.random.default_rng(20260103)
    for _ in range(runs):
        one, other = (summary(**frame(random, rows)) for _ in range(2))
        rules = Rules(columns=len(one.columns))
        for name in one.columns:
            assert not compare_column(name, one.columns[name], other.columns[name], rules).drifted


def test_a_shift_of_less_than_half_a_deviation_is_found():
    """0.4 deviations at n = 2,000, corrected for fifty columns: found every time."""
    random = np.random.default_rng(20260104)
    for _ in range(20):
        one, other = random.standard_normal(2000), random.standard_normal(2000) + 0.4
        assert compared(one.tolist(), other.tolist(), Rules(columns=50)).drifted


def test_what_came_and_went_is_told_of_texts():
    """Half of the current values are new, a quarter of the old ones gone; one of two frequent ones stayed."""
    found = compare_column("x", column(["a", "a", "a", "b"]), column(["a", "c"]), Rules())
    assert (found.new_fraction, found.gone_fraction, found.top_overlap) == (0.5, 0.25, 0.5)
    numbers = compare_column("x", column([1, 2]), column([1, 3]), Rules())
    assert (numbers.new_fraction, numbers.gone_fraction, numbers.top_overlap) == (None, None, None)


def test_new_ids_are_no_news():
    """Nearly every value of an id is new in every batch; of categories each new one is named."""
    ids = [[f"n{number}" for number in range(start, start + 100)] for start in (0, 60)]
    found = compare_column("x", column(ids[0]), column(ids[1]), Rules())
    assert (found.new_values, found.gone_values) == ([], [])
    assert found.new_fraction == pytest.approx(0.6)
    few = compare_column("x", column(["a", "b"] * 50), column(["a", "c"] * 50), Rules())
    assert [each.value for each in few.new_values] == ["c"]


def test_very_many_categories_are_compared_all_together():
    """Half of four hundred levels gone: no share of one moved far, all of them did. It takes enough rows."""
    levels = [f"level {each}" for each in range(400)]
    few = compare_column("x", column(levels * 3), column(levels[:200] * 6), Rules())
    assert few.metric == "l_infinity"
    found = compare_column("x", column(levels * 60), column(levels[:200] * 120), Rules())
    assert (found.metric, found.distance, found.status) == ("total_variation", 0.5, "drifted")
    assert found.distances["l_infinity"] < 0.01
