"""Alarms where nothing changed, and shifts that are found: the small version of benchmarks/calibration.py."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from datalife.drift.alignment import Pair
from datalife.drift.columns import Rules, compare_column
from datalife.drift.metrics import DISTANCES, value_of
from datalife.stats.summary import ColumnSummary
from tests.drift.data import summary

COLUMNS = 5


def sample(draw: np.random.Generator, rows: int, moved: float = 0.0) -> dict[str, ColumnSummary]:
    """Five columns of numbers and texts; the first may be moved, in standard deviations."""
    return summary(
        normal=pl.Series(draw.normal(moved, 1, rows)),
        skewed=pl.Series(draw.lognormal(0, 1.5, rows)),
        few=pl.Series(draw.integers(0, 7, rows)),
        short=pl.Series(draw.zipf(1.3, rows) % 4).cast(pl.String),
        long=pl.Series(draw.zipf(1.3, rows) % 200).cast(pl.String),
    ).columns


def drifted(one: dict[str, ColumnSummary], other: dict[str, ColumnSummary]) -> list[str]:
    """The columns that drifted."""
    rules = Rules(columns=COLUMNS)
    return [name for name in one if compare_column(name, one[name], other[name], rules).drifted]


@pytest.mark.parametrize(("rows", "runs"), [(200, 60), (2_000, 30), (20_000, 6)])
def test_two_samples_of_one_source_do_not_alarm(rows, runs):
    """At most one run of a hundred may; of these few none does."""
    draw = np.random.default_rng(20260302)
    assert [found for _ in range(runs) if (found := drifted(sample(draw, rows), sample(draw, rows)))] == []


def test_a_shift_of_two_fifths_of_a_deviation_is_found():
    """At 2,000 rows, in every run."""
    draw = np.random.default_rng(20260303)
    for _ in range(20):
        assert drifted(sample(draw, 2_000), sample(draw, 2_000, moved=0.4)) == ["normal"]


@pytest.mark.parametrize("metric", [name for name in DISTANCES if name not in ("psi", "wasserstein")])
def test_distances_are_symmetric(metric):
    """Of categories and of the axis; bins between the baseline's deciles are those of the other side then."""
    draw = np.random.default_rng(1)
    one, other = sample(draw, 300), sample(draw, 500, moved=0.5)
    for name in ("few", "short", "normal") if metric in ("kolmogorov_smirnov", "jensen_shannon") else ("few", "short"):
        there, back = value_of(metric, Pair(one[name], other[name])), value_of(metric, Pair(other[name], one[name]))
        assert there == pytest.approx(back, abs=1e-9)
