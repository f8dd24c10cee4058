"""Distances against scipy, plain Python and TFDV's own examples."""

from __future__ import annotations

import math

import pytest
import scipy.spatial.distance
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.drift.alignment import Cells
from datalife.drift.metrics import (
    DISTANCES,
    chi_square,
    hellinger,
    jensen_shannon,
    l_infinity,
    measure,
    normalized_abs_difference,
    psi,
    total_variation,
)
from tests.drift.data import column

COUNTS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=12).filter(
    lambda pairs: all(sum(side) for side in zip(*pairs, strict=True))
)
NUMBERS = st.lists(st.integers(-(10**6), 10**6).map(lambda each: each / 64), min_size=2, max_size=60)
FEW = settings(max_examples=40)


def cells(pairs: list[tuple[int, int]]) -> Cells:
    """Counts of both sides, cell by cell."""
    baseline, current = zip(*pairs, strict=True)
    return Cells([float(each) for each in baseline], [float(each) for each in current], lambda cell: cell)


def shares(pairs: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    """The shares of either side."""
    baseline, current = zip(*pairs, strict=True)
    return [each / sum(baseline) for each in baseline], [each / sum(current) for each in current]


def distance(metric: str, baseline: list[object], current: list[object]) -> float | None:
    """The distance between two columns of these values."""
    return measure(metric, column(baseline), column(current)).distance


@given(COUNTS)
def test_l_infinity_is_chebyshevs_distance(pairs):
    """The largest difference of shares is scipy's Chebyshev distance."""
    assert l_infinity(cells(pairs)) == pytest.approx(scipy.spatial.distance.chebyshev(*shares(pairs)), abs=1e-9)


@given(COUNTS)
def test_jensen_shannon_is_the_square_of_scipys_distance_in_base_two(pairs):
    """The divergence in bits, not its root."""
    root = scipy.spatial.distance.jensenshannon(*shares(pairs), base=2)
    expected = 0.0 if math.isnan(root) else root**2
    assert jensen_shannon(cells(pairs)) == pytest.approx(expected, abs=1e-9)


@given(COUNTS)
def test_total_variation_is_half_the_city_block_distance(pairs):
    """Half the sum of absolute differences."""
    expected = scipy.spatial.distance.cityblock(*shares(pairs)) / 2
    assert total_variation(cells(pairs)) == pytest.approx(expected, abs=1e-9)


@given(COUNTS)
def test_hellinger_is_the_distance_of_square_roots(pairs):
    """The Euclidean distance of the roots of the shares over the root of two."""
    roots = [[math.sqrt(each) for each in side] for side in shares(pairs)]
    expected = scipy.spatial.distance.euclidean(*roots) / math.sqrt(2)
    assert hellinger(cells(pairs)) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500))
def test_chi_square_of_as_many_values_is_pearsons_statistic_over_all_counts(a, b, c):
    """With n = m it is chi-square / (n + m), as scipy computes it for the two rows of counts."""
    total = a + b + c
    pairs = [(a, b), (b, c), (c, a)]
    found = scipy.stats.chi2_contingency([[a, b, c], [b, c, a]], correction=False).statistic
    assert chi_square(cells(pairs)) == pytest.approx(found / (2 * total), abs=1e-9)


@given(COUNTS)
def test_psi_is_jeffreys_divergence_of_smoothed_counts(pairs):
    """KL both ways, after half a value is added to each count that is above zero on a side."""
    held = [(one + 0.5, other + 0.5) for one, other in pairs if one or other]
    p, q = ([each / sum(side) for each in side] for side in zip(*held, strict=True))
    expected = scipy.stats.entropy(p, q) + scipy.stats.entropy(q, p)
    assert psi(cells(pairs)) == pytest.approx(expected, abs=1e-9)


def test_normalized_abs_difference_sees_more_rows_of_the_same_mix():
    """10 and 50 against 1 and 5: 45 more of one value, of 66 counts in all."""
    assert normalized_abs_difference(cells([(10, 1), (50, 5)])) == pytest.approx(45 / 66, abs=1e-12)


@given(COUNTS, st.sampled_from(["l_infinity", "jensen_shannon", "total_variation", "hellinger", "chi_square"]))
def test_distances_of_shares_are_symmetric_and_at_most_one(pairs, metric):
    """Both ways the same, within 0..1, and 0 for a side against itself."""
    formula = DISTANCES[metric].distance
    there, back = formula(cells(pairs)), formula(cells([(other, one) for one, other in pairs]))
    assert there == pytest.approx(back, abs=1e-12)
    assert 0 <= there <= 1 + 1e-12
    assert formula(cells([(one, one) for one, _ in pairs])) == 0


@FEW
@given(NUMBERS, NUMBERS)
def test_kolmogorov_smirnov_is_scipys_statistic(baseline, current):
    """The exact two-sample statistic of unbinned numbers."""
    expected = scipy.stats.ks_2samp(baseline, current, method="asymp").statistic
    assert distance("kolmogorov_smirnov", baseline, current) == pytest.approx(expected, abs=1e-9)


@FEW
@given(NUMBERS, NUMBERS)
def test_wasserstein_is_scipys_distance_over_the_deviation_of_the_baseline(baseline, current):
    """The earth mover's distance in standard deviations (n - 1); none where the baseline is constant."""
    found = distance("wasserstein", baseline, current)
    moved = scipy.stats.wasserstein_distance(baseline, current)
    if len(set(baseline)) == 1:
        assert found is None or moved == found == 0
        return
    scale = scipy.stats.tstd(baseline)
    assert found == pytest.approx(moved / scale, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("metric", DISTANCES)
@pytest.mark.parametrize(
    "values",
    [
        ["a", "b", "b", None],
        [1, 2, 2, 7, None],
        [0.5, math.nan, math.inf, -math.inf, 3.25],
        [math.nan, math.nan],
        [4.0] * 5,
        [float(each) for each in range(100)],
        [[1, 2], [2], []],
    ],
    ids=["text", "integers", "specials", "nan", "constant", "many", "lists"],
)
def test_identical_data_is_at_no_distance(metric, values):
    """Whatever the type, and with NaN and infinities in it."""
    found = distance(metric, values, values)
    assert found == 0 or (found is None and metric == "wasserstein" and all(math.isnan(each) for each in values))


def test_jensen_shannon_of_numbers_cuts_the_bins_at_the_edges_of_both_sides():
    """TFDV's own example: two bins over [1, 3] against two over [2, 6] are 0.65563906222 bits apart.

    Ten bins of each side hold the same mass here: values stand in the middle of what would be TFDV's bins.
    """
    baseline = [1 + (each + 0.5) / 100 for each in range(200)]
    current = [2 + (each + 0.5) / 100 for each in range(400)]
    found = distance("jensen_shannon", [1.0, *baseline, 3.0], [2.0, *current, 6.0])
    # by hand: a quarter of the current mass lies in [2, 3], half of that of the baseline
    expected = (0.5 + 0.5 * math.log2(0.5 / 0.375) + 0.25 * math.log2(0.25 / 0.375) + 0.75) / 2
    assert found == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("baseline", "current", "expected"),
    [
        ([1, 2, 2, 3], [5, 6, 6, 7], 1.0),
        ([0.0, 0.5, 1.5, 2.0], [3.0, 3.5, 5.0, 6.0], 1.0),
        ([1.0] * 4, [2.0, 3.0, 5.0, 6.0], 1.0),
        ([7.0] * 4, [7.0] * 9, 0.0),
        ([7.0] * 4, [8.0] * 4, 1.0),
        ([math.nan, 1.0, 1.0, 1.0], [math.nan, 1.0, 1.0, 1.0], 0.0),
        ([1.0] * 4, [math.nan] * 4, 1.0),
        ([1e308, -1e308], [1e308, -1e308], 0.0),
        ([0.0, 5e-324], [0.0, 5e-324], 0.0),
    ],
    ids=["apart", "gap", "constant outside", "same constant", "other constant", "nan", "only nan", "huge", "tiny"],
)
def test_jensen_shannon_at_its_edges(baseline, current, expected):
    """No overlap is 1, a constant is a point, NaN is a value like another, and no number is too huge or tiny."""
    assert distance("jensen_shannon", baseline, current) == pytest.approx(expected, abs=1e-12)


def test_a_constant_is_compared_with_the_same_value_of_the_other_side():
    """99 of 100 values stayed what all were: the divergence is that of shares 1 and 0.99."""
    found = distance("jensen_shannon", [3.0] * 100, [3.0] * 99 + [4.0])
    middle = (1 + 0.99) / 2
    expected = (math.log2(1 / middle) + 0.99 * math.log2(0.99 / middle) + 0.01 * math.log2(0.01 / 0.005)) / 2
    assert found == pytest.approx(expected, abs=1e-12)


def test_nan_and_infinities_are_categories_of_their_own():
    """One of four values became NaN, and an infinity changed its sign: a quarter of the values moved each time."""
    assert distance("l_infinity", [1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, math.nan]) == 0.25
    assert distance("l_infinity", [1.0, 2.0, 2.0, math.inf], [1.0, 2.0, 2.0, -math.inf]) == 0.25


def test_kolmogorov_smirnov_sees_values_that_became_nan():
    """NaN comes last in the order, after infinity."""
    numbers = [float(each) for each in range(100)]
    assert distance("kolmogorov_smirnov", numbers, [math.nan] * 30 + numbers[30:]) == 0.3


def test_missing_values_take_no_part():
    """Shares are of the values present."""
    assert distance("l_infinity", ["a"] * 3 + ["b"], ["a"] * 3 + ["b"] + [None] * 96) == 0


def test_integers_and_floats_of_equal_value_are_equal():
    """1 and 1.0 are one value."""
    assert distance("l_infinity", [1, 2, 2], [1.0, 2.0, 2.0]) == 0


def test_the_items_of_lists_are_one_pool():
    """[a, b] and [b] have the items of [a], [b, b]."""
    assert distance("l_infinity", [["a", "b"], ["b"]], [["a"], ["b", "b"]]) == 0


def test_texts_have_an_order_by_their_length():
    """All texts one character longer: the lengths do not overlap."""
    assert distance("kolmogorov_smirnov", ["ab", "cd"], ["abc", "cde"]) == 1


def test_a_difference_that_is_exactly_the_limit_is_not_above_it():
    """0.7 - 0.4 is 0.3, without the noise of floating point."""
    assert distance("l_infinity", ["a"] * 7 + ["b"] * 3, ["a"] * 4 + ["b"] * 6) == 0.3


@pytest.mark.parametrize(
    ("metric", "baseline", "current", "reason"),
    [
        ("l_infinity", [7] * 4, ["a", "b"], "the type changed from integer to string"),
        ("l_infinity", [None, None], ["a"], "no value is present in the baseline"),
        ("psi", ["a"], [None], "no value is present in the current data"),
        ("kolmogorov_smirnov", [True, False], [True, True], "kolmogorov_smirnov needs numbers, times or texts"),
        ("wasserstein", [1.0, 1.0], [2.0, 3.0], "wasserstein has no scale: the baseline is constant"),
        ("l_infinity", [{"a": 1}], [{"a": 1}], "a struct has no distance of its own"),
    ],
)
def test_what_cannot_be_measured_says_why(metric, baseline, current, reason):
    """No distance, and the reason in words."""
    found = measure(metric, column(baseline), column(current))
    assert found.distance is None
    assert found.reason is not None
    assert found.reason.startswith(reason)


def test_the_largest_change_is_the_value_that_moved_most():
    """Of 1/2/7 against 3/1/6 it is `a`, from 0.1 to 0.3."""
    one, other = ["a"] + ["b"] * 2 + ["c"] * 7, ["a"] * 3 + ["b"] + ["c"] * 6
    change = measure("l_infinity", column(one), column(other)).largest_change
    assert change is not None
    assert (change.value, change.baseline, change.current) == ("a", 0.1, 0.3)


def test_the_largest_change_of_numbers_is_a_bin_of_the_baseline():
    """A tenth of the numbers moved from below the first decile to far above the last."""
    numbers = [float(each) for each in range(1000)]
    moved = [each if each >= 100 else 5000.0 for each in numbers]
    change = measure("kolmogorov_smirnov", column(numbers), column(moved)).largest_change
    assert change is not None
    assert (change.value, change.baseline, change.current) == ("below 99.9", 0.1, 0.0)
