"""How much columns tell about each other and about a label, against plain Python and scipy."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from datalife.errors import UsageError
from datalife.stats.associations import Feature, correlation_ratio, cramers_v, mutual_information
from datalife.stats.model import Profile
from datalife.stats.profile import profile, profile_of
from datalife.stats.request import Request
from datalife.stats.scan import scan
from tests.frames import dataset


def profiled(request: Request, *frames: pl.DataFrame) -> Profile:
    """The profile of several shards."""
    return profile_of(scan(dataset(*frames), request), request)


categories = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=60)


def series(values: list[Any]) -> pl.Series:
    """Values as a column."""
    return pl.Series("x", values)


@given(categories)
@settings(max_examples=100)
def test_mutual_information_by_counting(pairs: list[tuple[int, int]]) -> None:
    """H(x) + H(y) - H(x, y) with Miller's correction, between 0 and the smaller entropy."""

    def entropy(values: list[Any]) -> float:
        counts = Counter(values)
        plain = -sum(count / len(values) * math.log2(count / len(values)) for count in counts.values())
        return plain + (len(counts) - 1) / (2 * len(values) * math.log(2))

    one, other = [x for x, _ in pairs], [y for _, y in pairs]
    expected = max(0.0, min(entropy(one), entropy(other), entropy(one) + entropy(other) - entropy(pairs)))
    assert mutual_information(series(one), series(other)) == pytest.approx(expected, abs=1e-12)


@given(categories)
@settings(max_examples=100)
def test_cramers_v_by_chi_square(pairs: list[tuple[int, int]]) -> None:
    """Bergsma's corrected V from the chi-square of scipy."""
    one, other = [x for x, _ in pairs], [y for _, y in pairs]
    found = cramers_v(series(one), series(other))
    xs, ys = sorted(set(one)), sorted(set(other))
    if len(xs) < 2 or len(ys) < 2:
        assert found is None
        return
    counts, n = Counter(pairs), len(pairs)
    square = scipy.stats.contingency.chi2_contingency([[counts[x, y] for y in ys] for x in xs], correction=False)[0]
    r, c = len(xs), len(ys)
    phi = max(0.0, square / n - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    assert found == (pytest.approx(min(1.0, math.sqrt(phi / least)), abs=1e-6) if least > 0 else None)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 3)), min_size=5, max_size=40))
@settings(max_examples=100)
def test_the_correlation_ratio_by_sums_of_squares(pairs: list[tuple[int, int]]) -> None:
    """The corrected share of the variance between groups, from its definition."""
    found = correlation_ratio(pl.Series([float(x) for x, _ in pairs]), pl.Series([y for _, y in pairs]))
    groups: dict[int, list[int]] = {}
    for x, y in pairs:
        groups.setdefault(y, []).append(x)
    n, k, mean = len(pairs), len(groups), sum(x for x, _ in pairs) / len(pairs)
    total = sum((x - mean) ** 2 for x, _ in pairs)
    if k < 2 or not total:
        assert found is None
        return
    within = sum((x - sum(group) / len(group)) ** 2 for group in groups.values() for x in group)
    assert found == pytest.approx(math.sqrt(max(0.0, 1 - within / total * (n - 1) / (n - k))), abs=1e-6)


def test_independent_columns_tell_nothing_and_keys_tell_nothing_either() -> None:
    """Neither chance nor a value of its own in every row passes for knowledge of the label."""
    rows = pl.int_range(4000, eager=True)
    frame = pl.DataFrame(
        {
            "label": (rows % 2).cast(pl.String),
            "same": (rows % 2).replace_strict({0: "no", 1: "yes"}),
            "other": (rows // 2 % 2).cast(pl.String),
            "key": "k" + rows.cast(pl.String),
        }
    )
    told = {each.name: each.label for each in profiled(Request(label="label"), frame).columns}
    found = {name: (each.mutual_information, each.correlation) for name, each in told.items() if each}
    assert found["same"] == (pytest.approx(1.0, abs=1e-3), pytest.approx(1.0, abs=1e-3))
    assert found["other"] == (0.0, 0.0)
    assert found["key"] == (0.0, None)
    assert told["label"] is None


def test_a_number_as_label_is_binned() -> None:
    """With a numeric label the task is a regression, and a curve without correlation is still known to tell."""
    x = pl.Series([each / 100 for each in range(-200, 201)])
    found = profiled(Request(label="y"), pl.DataFrame({"x": x, "y": x * x}))
    assert found.label is not None
    assert (found.label.task, found.label.rows, found.label.exact) == ("regression", 401, True)
    curve = found.columns[0].label
    assert curve is not None
    assert curve.correlation == pytest.approx(0.0, abs=1e-9)
    assert (curve.mutual_information or 0) > 2.5


def test_rows_without_a_label_are_left_out_and_missing_features_tell() -> None:
    """That a value is missing may say everything about the label."""
    frame = pl.DataFrame({"x": [None, 1.0, None, 2.0] * 20 + [5.0], "y": [True, False, True, False] * 20 + [None]})
    found = profiled(Request(label="y"), frame)
    assert found.label is not None
    assert (found.label.rows, found.label.task) == (80, "classification")
    association = found.columns[0].label
    assert association is not None
    assert association.mutual_information == pytest.approx(1.0, abs=0.02)


def test_correlations_are_those_of_scipy() -> None:
    """Pearson on the values, Spearman on the ranks; the strongest pair first."""
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0, 4.0, 5.0], "b": [1.0, 8.0, 27.0, 64.0, 130.0], "c": [3, 1, 4, 1, 5]})
    found = profiled(Request(correlations=True), frame).correlations
    assert found is not None
    assert (found.rows, found.exact, found.measured) == (5, True, 3)
    first = found.pairs[0]
    assert (first.columns, first.measure, first.spearman) == (["a", "b"], "pearson", pytest.approx(1.0))
    for pair in found.pairs:
        one, other = (frame.get_column(name).to_list() for name in pair.columns)
        assert pair.value == pytest.approx(scipy.stats.pearsonr(one, other)[0])
        assert pair.spearman == pytest.approx(scipy.stats.spearmanr(one, other)[0])


def test_pairs_with_text_have_measures_of_their_own() -> None:
    """Text goes with text by Cramér's V, with numbers by the correlation ratio; constants go with nothing."""
    frame = pl.DataFrame({"t": ["a", "b"] * 30, "u": ["x", "y"] * 30, "n": [1.0, 5.0] * 30, "k": [1] * 60})
    found = profiled(Request(correlations=True), frame).correlations
    assert found is not None
    assert [(pair.columns, pair.measure) for pair in found.pairs] == [
        (["t", "n"], "correlation_ratio"),
        (["t", "u"], "cramers_v"),
        (["u", "n"], "correlation_ratio"),
    ]


def test_values_with_missing_and_infinite_ones_go_pairwise() -> None:
    """Only rows that have both values count."""
    frame = pl.DataFrame({"a": [1.0, 2.0, None, math.inf, 3.0, 9.0], "b": [2.0, 4.0, 5.0, 6.0, 7.0, math.nan]})
    found = profiled(Request(correlations=True), frame).correlations
    assert found is not None
    assert found.pairs[0].value == pytest.approx(scipy.stats.pearsonr([1, 2, 3], [2, 4, 7])[0])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
@settings(max_examples=20)
def test_the_sample_does_not_depend_on_the_shards(sizes: list[int]) -> None:
    """However the rows are split, the same rows are drawn."""
    rows = sum(sizes)
    frame = pl.DataFrame({"a": [float(each % 7) for each in range(rows)], "y": [each % 3 for each in range(rows)]})
    parts, start = [], 0
    for size in sizes:
        parts.append(frame.slice(start, size))
        start += size
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("datalife.stats.sample.ROWS", 5)
        patch.setattr("datalife.stats.sample.FEWEST", 5)
        request = Request(label="y", correlations=True)
        one, many = profiled(request, frame), profiled(request, *parts)
    assert (one.label, one.correlations) == (many.label, many.correlations)
    assert one.label is not None
    assert one.label.exact == (rows <= 5)


def test_equal_values_share_a_bin() -> None:
    """A line cut into bins never parts equal values, and a value that most rows have is a bin alone."""
    line = pl.Series("x", [0.0] * 900 + [float(each) for each in range(1, 101)])
    bins = Feature("x", line).categories
    assert bins.head(900).n_unique() == 1
    assert set(bins.head(900)) & set(bins.tail(100)) == set()


@pytest.mark.parametrize("label", ["l", "z"])
def test_what_is_no_label(label: str) -> None:
    """A list and a column that is not there."""
    with pytest.raises(UsageError, match=r"no single values|there is no column"):
        profiled(Request(label=label), pl.DataFrame({"l": [[1]], "x": [1]}))


def test_a_saved_profile_tells_its_findings_but_cannot_merge_or_renew_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Shown again they are what they were; together with other data they are left out, and that is said."""
    (tmp_path / "a.csv").write_text("x,y\n1,2\n2,4\n3,7\n")
    request = Request(label="y", correlations=True, cross=("x", "y"), group=("x",))
    first = profile([str(tmp_path / "a.csv")], request=request)
    (tmp_path / "a.json").write_text(json.dumps(first.model_dump(exclude_unset=True)))
    again = profile([str(tmp_path / "a.json")])
    assert (again.label, again.correlations, again.cross, again.fairness) == (
        *(first.label, first.correlations, first.cross, first.fairness),
    )
    assert again.columns[0].label == first.columns[0].label
    merged = profile([str(tmp_path / "a.json"), str(tmp_path / "a.csv")])
    assert (merged.label, merged.columns[0].label) == (None, None)
    assert "does not merge" in caplog.text
    with pytest.raises(UsageError, match="keeps none"):
        profile([str(tmp_path / "a.json")], request=Request(label="y"))
