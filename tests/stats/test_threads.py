"""The same numbers, however many threads add them up."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.processes import run

ROWS = 200_000


def test_not_even_the_last_digit_depends_on_the_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and lines are floats, whose sums by value and category depend on the order in which they are added."""
    draw = random.Random(7)
    columns = {
        "size": [draw.gauss(0, 1) for _ in range(ROWS)],
        "zone": [draw.choice("abcdef") for _ in range(ROWS)],
        "weight": [draw.random() for _ in range(ROWS)],
    }
    pl.DataFrame(columns).write_parquet(tmp_path / "rows.parquet")
    asked = ["--weight", "weight", "--label", "zone", "--correlations", "-f", "json"]
    command = [sys.executable, "-m", "datalife", "stats", str(tmp_path / "rows.parquet"), *asked]
    told = set()
    for threads in (1, 2, 4):
        monkeypatch.setitem(os.environ, "POLARS_MAX_THREADS", str(threads))
        done = run(command, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        told.add(done.stdout)
    assert len(told) == 1
