"""Noise floors and p-values against scipy and against simulation."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import scipy.stats

from datalife.drift.alignment import Axis, Cells
from datalife.drift.metrics import DISTANCES, OverAxis, OverCells
from datalife.drift.noise import (
    chi_square_quantile,
    chi_square_tail,
    deviation,
    likelihood_of_axis,
    likelihood_of_cells,
    likelihood_of_shares,
)
from datalife.stats.quantiles import Line

UNIFORM = [0.1] * 10
SKEWED = [0.5, 0.2, 0.1, 0.08, 0.06, 0.03, 0.02, 0.01]
TWO = [0.5, 0.5]
MANY = [1 / 200] * 200


def cells(baseline: list[float], current: list[float]) -> Cells:
    """Cells of these counts."""
    return Cells(baseline, current, lambda cell: cell)


def axis(baseline: np.ndarray, current: np.ndarray) -> Axis:
    """Both samples along one axis."""
    values, places = np.unique(np.concatenate([baseline, current]), return_inverse=True)
    weights = [np.bincount(side, minlength=len(values)).astype(float) for side in np.split(places, [len(baseline)])]
    frame = pl.DataFrame({"value": values, "baseline": weights[0], "current": weights[1]})
    return Axis(frame, (Line([], []), Line([], [])), str)


def share_above_floor(metric: str, mix: list[float], sizes: tuple[int, int], runs: int) -> float:
    """How often a distance between two samples of one mix is above its noise floor."""
    random = np.random.default_rng(20260101)
    distance = DISTANCES[metric]
    assert isinstance(distance, OverCells)
    above = 0
    for _ in range(runs):
        both = cells(*(random.multinomial(size, mix).astype(float).tolist() for size in sizes))
        above += distance.distance(both) > distance.noise(both)
    return above / runs


@pytest.mark.parametrize("degrees", [1, 2, 3, 9, 50, 499])
@pytest.mark.parametrize("share", [1e-6, 0.01, 0.3, 0.5, 0.9, 0.999, 0.9999999])
def test_chi_square_tail_is_scipys(degrees, share):
    """Far in both tails and in the middle."""
    x = scipy.stats.chi2.ppf(share, degrees)
    assert chi_square_tail(x, degrees) == pytest.approx(scipy.stats.chi2.sf(x, degrees), rel=1e-8, abs=1e-15)


def test_chi_square_tail_of_nothing_is_one():
    """No degree of freedom, or no difference."""
    assert chi_square_tail(3.0, 0) == 1
    assert chi_square_tail(0.0, 4) == 1


@pytest.mark.parametrize("degrees", [1, 2, 9, 99, 5000])
def test_chi_square_quantile_is_within_one_percent(degrees):
    """Wilson and Hilferty's approximation."""
    assert chi_square_quantile(0.99, degrees) == pytest.approx(scipy.stats.chi2.ppf(0.99, degrees), rel=0.01)


@pytest.mark.parametrize("gap", [0.02, 0.05, 0.1, 0.3])
def test_the_p_value_along_an_axis_is_kolmogorovs(gap):
    """Scipy's limit distribution, n = 400 and m = 900."""
    both = axis(np.arange(400.0), np.arange(900.0))
    expected = scipy.stats.kstwobign.sf(gap / math.sqrt(1 / 400 + 1 / 900))
    assert likelihood_of_axis(gap, both) == pytest.approx(expected, abs=1e-5)


def test_the_p_value_of_cells_is_that_of_the_g_test():
    """Scipy's log-likelihood ratio on the same counts, over Williams' correction."""
    one, other = [40.0, 30.0, 30.0], [20.0, 50.0, 60.0]
    statistic = scipy.stats.chi2_contingency([one, other], correction=False, lambda_="log-likelihood").statistic
    correction = 1 + (230 / 100 + 230 / 130 - 1) * (230 / 60 + 230 / 80 + 230 / 90 - 1) / (6 * 230 * 2)
    expected = scipy.stats.chi2.sf(statistic / correction, 2)
    assert likelihood_of_cells(cells(one, other)) == pytest.approx(expected, rel=1e-9)


def test_cells_that_expect_few_values_are_pooled_before_the_test():
    """The five rare cells count as one."""
    rare, pooled = [2.0, 1.0, 1.0, 2.0, 1.0], 7.0
    one = likelihood_of_cells(cells([500.0, 400.0, *rare], [450.0, 440.0, *rare]))
    assert one == likelihood_of_cells(cells([500.0, 400.0, pooled], [450.0, 440.0, pooled]))


def test_a_test_with_nothing_left_to_compare_finds_nothing():
    """All values of five rare categories are one cell after pooling."""
    assert likelihood_of_cells(cells([1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0])) == 1


def test_the_p_value_of_two_shares_is_that_of_the_z_test():
    """Two-sided, with the pooled share: the same as chi-square without correction."""
    table = [[30, 970], [60, 940]]
    expected = scipy.stats.chi2_contingency(table, correction=False).pvalue
    assert likelihood_of_shares((30, 60), (1000, 1000)) == pytest.approx(expected, rel=1e-9)
    assert likelihood_of_shares((0, 0), (10, 10)) == 1


@pytest.mark.parametrize("metric", [name for name, each in DISTANCES.items() if isinstance(each, OverCells)])
@pytest.mark.parametrize("mix", [TWO, UNIFORM, SKEWED], ids=["two", "uniform", "skewed"])
def test_chance_is_above_the_floor_of_cells_about_once_in_a_hundred(metric, mix):
    """400 comparisons of 2,000 with 500 values of one source: 1 % above, never more than 2.5 %."""
    assert share_above_floor(metric, mix, (2000, 500), 400) <= 0.025


@pytest.mark.parametrize("metric", ["l_infinity", "total_variation", "psi"])
def test_the_floor_is_not_far_above_what_chance_reaches(metric):
    """Half of it is passed nearly always: it is a percentile and not just a large number."""
    random = np.random.default_rng(7)
    distance = DISTANCES[metric]
    assert isinstance(distance, OverCells)
    passed = 0
    for _ in range(100):
        both = cells(*(random.multinomial(1000, MANY).astype(float).tolist() for _ in range(2)))
        passed += distance.distance(both) > distance.noise(both) / 2
    assert passed >= 90


@pytest.mark.parametrize("metric", ["kolmogorov_smirnov", "wasserstein"])
@pytest.mark.parametrize("shape", ["normal", "uniform", "exponential", "two points"])
def test_chance_is_above_the_floor_of_an_axis_about_once_in_a_hundred(metric, shape):
    """300 comparisons of 800 with 400 numbers of one source."""
    random = np.random.default_rng(20260102)
    draw = {
        "normal": random.standard_normal,
        "uniform": random.random,
        "exponential": random.standard_exponential,
        "two points": lambda size: (random.random(size) < 0.3) * 1.0,
    }[shape]
    distance = DISTANCES[metric]
    assert isinstance(distance, OverAxis)
    above = 0
    for _ in range(300):
        both = axis(draw(800), draw(400))
        found, floor = distance.distance(both), distance.noise(both)
        assert found is not None
        assert floor is not None
        above += found > floor
    assert above <= 8


def test_the_floor_of_counts_knows_that_sizes_differ():
    """Ten times the rows of the same mix: the counts differ by 45 of 66 without any change of the mix."""
    both = cells([100.0, 500.0], [10.0, 50.0])
    distance = DISTANCES["normalized_abs_difference"]
    assert isinstance(distance, OverCells)
    assert distance.noise(both) > distance.distance(both)


def test_a_deviation_is_of_weighted_points():
    """Three times 1 and once 5: 2, as of the four numbers."""
    assert deviation(pl.Series([1.0, 5.0]), pl.Series([3.0, 1.0])) == pytest.approx(2.0)
    assert deviation(pl.Series([1.0]), pl.Series([1.0])) == 0
