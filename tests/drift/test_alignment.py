"""Laying two columns side by side: cells, bins, and what a sketch leaves unknown."""

from __future__ import annotations

import datetime as dt
import math

import polars as pl
import pytest

from datalife.drift.alignment import OTHERS, Pair
from datalife.stats import frequencies
from tests.drift.data import column

NUMBERS = [float(each) for each in range(1, 101)]


def names(pair: Pair) -> list[object]:
    """What the cells of a pair are called."""
    return [pair.natural.name(cell) for cell in range(len(pair.natural.baseline))]


def test_texts_and_booleans_are_categories():
    """Each value a cell, in order of value, with the counts of both sides."""
    pair = Pair(column(["b", "a", "b"]), column(["c", "b"]))
    assert names(pair) == ["a", "b", "c"]
    assert list(pair.natural.baseline) == [1, 2, 0]
    assert list(pair.natural.current) == [0, 1, 1]


def test_dictionaries_of_the_same_texts_meet():
    """A categorical column and a text column hold the same values."""
    pair = Pair(column(["a", "b"], pl.Categorical()), column(["b", "b"]))
    assert names(pair) == ["a", "b"]


def test_datetimes_of_two_zones_meet():
    """The same instants are the same values, shown in the zone of the baseline."""
    lisbon = pl.Series([dt.datetime(2026, 7, 1, 12)], dtype=pl.Datetime("us")).dt.replace_time_zone("Europe/Lisbon")
    tokyo = lisbon.dt.convert_time_zone("Asia/Tokyo").dt.cast_time_unit("ns")
    pair = Pair(column(lisbon), column(tokyo))
    assert names(pair) == ["2026-07-01T12:00:00+01:00"]
    assert (list(pair.natural.baseline), list(pair.natural.current)) == ([1], [1])


def test_many_numbers_are_binned_at_the_deciles_of_the_baseline():
    """The outer bins are open; the baseline has a tenth in each."""
    pair = Pair(column(NUMBERS), column([-5.0, 1000.0]))
    assert names(pair)[0] == "below 10.9"
    assert names(pair)[-1] == "90.1 and above"
    assert list(pair.natural.baseline) == [10] * 10
    assert list(pair.natural.current) == [1, *[0] * 8, 1]


def test_a_value_that_is_several_deciles_is_a_bin_of_its_own():
    """Mostly zeros: below, zero itself, and what is above it."""
    pair = Pair(column([0.0] * 95 + NUMBERS[:5] + NUMBERS[50:70]), column([0.0] * 50 + NUMBERS[:60]))
    found = dict(zip(names(pair), zip(pair.natural.baseline, pair.natural.current, strict=True), strict=True))
    assert found["below 0"] == (0, 0)
    assert found["0"] == (95, 50)


def test_integers_stay_values_where_numbers_become_bins():
    """Fifty zones are zones; fifty measurements are a distribution."""
    zones = list(range(50))
    assert Pair(column(zones), column(zones)).categorical
    assert not Pair(column([each / 2 for each in zones]), column([each / 2 for each in zones])).categorical


def test_nan_and_infinities_come_behind_the_bins():
    """Each a cell of its own, called as JSON calls it."""
    pair = Pair(column([*NUMBERS, math.nan, math.inf]), column([*NUMBERS, -math.inf]))
    assert names(pair)[-3:] == ["-inf", "inf", "NaN"]
    assert list(pair.natural.baseline)[-3:] == [0, 1, 1]
    assert list(pair.natural.current)[-3:] == [1, 0, 0]


def test_equal_width_bins_are_cut_at_the_edges_of_both_sides():
    """[0, 10] and [5, 15] in ten bins each: fifteen cells, each value where it lies."""
    one, other = [float(each) for each in range(11)], [float(each) for each in range(5, 16)]
    cells = Pair(column(one), column(other)).equal_widths
    assert list(cells.baseline) == [1.0] * 9 + [2.0] + [0.0] * 5
    assert list(cells.current) == [0.0] * 5 + [1.0] * 9 + [2.0]
    assert cells.name(0) == "0 to 1"


def test_a_bin_that_is_cut_gives_its_mass_in_proportion():
    """The bins of [0, 20] are two wide; cut at the odd edges of [1, 11] they give half to each piece."""
    one, other = [float(each) for each in range(0, 21, 2)], [float(each) for each in range(1, 12)]
    cells = Pair(column(one), column(other)).equal_widths
    assert list(cells.baseline)[:3] == [0.5, 0.5, 0.5]
    assert sum(cells.baseline) == pytest.approx(11)


def test_a_constant_side_is_a_point_on_both_sides():
    """The value 3 is a cell of its own also where the other side has it among others."""
    cells = Pair(column([3.0] * 4), column([1.0, 2.0, 3.0, 3.0])).equal_widths
    assert cells.name(len(cells.baseline) - 1) == "3"
    assert list(cells.baseline)[-1] == 4
    assert list(cells.current)[-1] == 2


def test_times_are_named_as_times():
    """A bin between two days is not called by seconds since 1970."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=each) for each in range(100)]
    pair = Pair(column(days), column(days[50:]))
    assert names(pair)[0] == "below 2026-01-10T21:36:00"


def test_of_more_values_than_are_kept_the_rest_is_one_cell(monkeypatch):
    """Values that both sides kept have a cell; nothing is lost or counted twice."""
    monkeypatch.setattr(frequencies, "KEEP", 30)
    monkeypatch.setattr(frequencies, "LEADERS", 5)
    one = column(["a"] * 9 + ["b"] * 8 + [f"x{each}" for each in range(50)])
    other = column(["b"] * 9 + ["a"] * 8 + [f"y{each}" for each in range(50)])
    cells = Pair(one, other).values
    assert [cells.name(cell) for cell in range(3)] == ["a", "b", OTHERS]
    assert list(cells.baseline) == [9, 8, 50]
    assert list(cells.current) == [8, 9, 50]


def test_a_sketch_says_how_coarse_it_is(monkeypatch):
    """No point of the exact line stands for more than it holds; of a sketch the heaviest does."""
    exact = Pair(column(NUMBERS), column(NUMBERS)).axis.resolution
    monkeypatch.setattr(frequencies, "KEEP", 30)
    monkeypatch.setattr(frequencies, "POINTS", 20)
    assert exact == 0
    assert Pair(column(NUMBERS), column(NUMBERS)).axis.resolution == pytest.approx(0.1, abs=0.02)
