"""Rows that arrive together: chance moves whole blocks."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import polars as pl
import pytest

from datalife.drift.binned import Cut
from datalife.drift.blocks import MOST_BLOCKS, Exchange
from datalife.drift.compare import diff
from datalife.drift.metrics import Measurement
from datalife.drift.model import ColumnDiff
from datalife.drift.sides import DiffOptions
from datalife.errors import UsageError


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """Files are written to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def days(name: str, draw: random.Random, moved: float = 0.0, count: int = 12) -> str:
    """A file of some days, each with its own level and its own share of missing values."""
    rows = []
    for day in range(count):
        level, missing = draw.gauss(moved, 1), draw.random() * 0.5
        rows += [{"day": f"{name} {day}", "x": draw.gauss(level, 0.5), "y": missing} for _ in range(100)]
    frame = pl.DataFrame(rows)
    gone = pl.Series([draw.random() for _ in rows]) < frame["y"]
    frame.with_columns(y=pl.when(~gone).then(pl.lit("a"))).write_parquet(f"{name}.parquet")
    return f"{name}.parquet"


def compared(sides: Sequence[str], block: str | None) -> dict[str, ColumnDiff]:
    """The columns of a comparison by name."""
    return {column.name: column for column in diff(*sides, DiffOptions(block=block)).columns}


def test_days_that_differ_among_themselves_are_no_drift():
    """Row by row they would be: twelve days against twelve others of the same kind, ten times."""
    alarms = {"day": 0, None: 0}
    for seed in range(10):
        sides = days("one", random.Random(seed)), days("other", random.Random(1000 + seed))
        for block in alarms:
            found = compared(sides, block)
            alarms[block] += found["x"].drifted or found["y"].drifted
    assert alarms[None] >= 9
    assert alarms["day"] == 0


def test_a_shift_of_all_days_is_found():
    """Two standard deviations of the level of a day; the block itself is not compared."""
    found = compared((days("one", random.Random(1)), days("other", random.Random(2), moved=2.5)), "day")
    assert found["x"].status == "drifted"
    assert "day" not in found


def test_two_days_tell_nothing():
    """Each of them could as well have been the other."""
    sides = days("one", random.Random(1), count=1), days("other", random.Random(2), moved=9, count=1)
    assert compared(sides, "day")["x"].status == "inconclusive"


def test_the_chance_is_that_of_all_exchanges():
    """Plain Python goes through all ways to choose three of seven blocks."""
    draw = random.Random(4)
    blocks = [[float(draw.randrange(1, 30)), float(draw.randrange(1, 30)), 0.0, 0.0] for _ in range(7)]

    def gap(chosen: Sequence[int]) -> float:
        one = [sum(blocks[each][cell] for each in chosen) for cell in (0, 1)]
        other = [sum(block[cell] for block in blocks) - one[cell] for cell in (0, 1)]
        return abs(one[0] / sum(one) - other[0] / sum(other))

    gaps = [gap(chosen) for chosen in itertools.combinations(range(7), 3)]
    expected = sum(each >= gap((0, 1, 2)) - 1e-12 for each in gaps) / len(gaps)
    exchange = Exchange(blocks, 3, Cut(["a", "b", "NaN", "missing"]))
    found = exchange.adjusted(Measurement(gap((0, 1, 2))), "l_infinity", 0.0001)
    assert found.likelihood == pytest.approx(expected, abs=0.2)
    assert found.noise_floor == pytest.approx(sorted(gaps)[int(0.99 * len(gaps))], abs=0.02)


def test_very_many_blocks_are_put_together():
    """A user is a block; two thousand of them are a few hundred groups."""
    for name, seed in (("one", 1), ("other", 2)):
        draw = random.Random(seed)
        rows = [(f"{name} {user}", draw.gauss(0, 1)) for user in range(1000) for _ in range(3)]
        pl.DataFrame(rows, schema=["user", "x"], orient="row").write_parquet(f"{name}.parquet")
    assert MOST_BLOCKS < 2000
    assert compared(("one.parquet", "other.parquet"), "user")["x"].status == "stable"


def test_a_block_that_does_not_exist_is_a_usage_error():
    """With the column that was probably meant."""
    name = days("one", random.Random(1), count=1)
    with pytest.raises(UsageError) as error:
        diff(name, name, DiffOptions(block="days"))
    assert error.value.faults[0].hint == "did you mean 'day'?"
