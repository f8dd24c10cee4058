"""How often `diff` alarms when nothing changed, and how often it finds a small shift: measured, with a fixed seed.

    python benchmarks/calibration.py --runs 400 --output calibration.md

A run draws two samples of one source (a normal, a log-normal and a uniform number, a whole number of few values, and
texts of 4, 20 and 200 levels) and compares them as a user would, with all defaults. An alarm is any column that
drifted. For power one normal column is moved by a part of its standard deviation.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from datalife.drift.compare import diff
from datalife.drift.model import Diff

SEED = 20260302
SIZES = (200, 2_000, 20_000)
SHIFTS = (0.2, 0.4)


def table(draw: np.random.Generator, rows: int, moved: float = 0.0) -> pl.DataFrame:
    """A sample of the source; its normal column may be moved, in standard deviations."""
    levels = {f"text_{count}": draw.zipf(1.3, rows) % count for count in (4, 20, 200)}
    return pl.DataFrame(
        {
            "normal": draw.normal(moved, 1, rows),
            "log_normal": draw.lognormal(0, 1.5, rows),
            "uniform": draw.random(rows),
            "few": draw.integers(0, 7, rows),
            **{name: pl.Series(values).cast(pl.String) for name, values in levels.items()},
        }
    )


def compared(runs: int, rows: int, moved: float) -> Iterator[Diff]:
    """The result of each run."""
    with tempfile.TemporaryDirectory(prefix="datalife-calibration-") as folder:
        for run in range(runs):
            draw = np.random.default_rng([SEED, rows, run])
            sides = [Path(folder) / f"{run}-{side}.parquet" for side in ("one", "other")]
            table(draw, rows).write_parquet(sides[0])
            table(draw, rows, moved).write_parquet(sides[1])
            yield diff(*map(str, sides))
            for side in sides:
                side.unlink()


def report(runs: int) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield (
        "| rows of each side | nothing changed: runs with an alarm | "
        + " | ".join(f"{moved:g} sd found" for moved in SHIFTS)
        + " |"
    )
    yield "| --- | --- |" + " --- |" * len(SHIFTS)
    for rows in SIZES:
        alarms = sum(found.drifted for found in compared(runs, rows, 0.0)) / runs
        power = [
            sum(found.columns[0].drifted for found in compared(runs // 4, rows, moved)) / (runs // 4)
            for moved in SHIFTS
        ]
        yield f"| {rows:,} | {alarms:.2%} | " + " | ".join(f"{share:.0%}" for share in power) + " |"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", metavar="N", type=int, default=400, help="comparisons of each size")
    parser.add_argument("--output", metavar="FILE", type=Path, help="writes the table here too")
    given = parser.parse_args()
    lines = []
    for line in report(given.runs):
        print(line, flush=True)
        lines.append(line)
    if given.output:
        given.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
