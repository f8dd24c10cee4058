"""The short table of the README: of each kind of work the largest tables measured, between two marks in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from measure import Cost
from report import Line

BEGIN, END = "<!-- measured by make bench -->", "<!-- until here -->"
HEAD = "| work | datalife | beside | its cost | time | memory |\n| --- | --- | --- | --- | --- | --- |"
#: Cases by name, the peers that are shown of them, and what these are called.
SHOWN = (
    ("stats, Parquet, * rows", "duckdb", "DuckDB `SUMMARIZE`"),
    ("stats, CSV, * rows", "duckdb", "DuckDB `SUMMARIZE`"),
    ("stats, Parquet, * columns", "duckdb", "DuckDB `SUMMARIZE`"),
    ("stats, CSV, * columns", "duckdb", "DuckDB `SUMMARIZE`"),
    ("stats, Parquet, * rows", "tensorflow-data-validation", "TFDV"),
    ("stats, CSV, * rows", "tensorflow-data-validation", "TFDV"),
    ("validate, Parquet, *", "dataframely", "dataframely"),
    ("validate, Parquet, *", "pointblank", "pointblank"),
    ("validate, Parquet, *", "pandera", "pandera"),
    ("validate, CSV, *", "dataframely", "dataframely"),
    ("validate, CSV, *", "pointblank", "pointblank"),
    ("validate, CSV, *", "pandera", "pandera"),
    ("diff, *", "evidently", "Evidently, drift preset"),
    ("diff --key, *", "datacompy", "datacompy"),
    ("label-join, *", "duckdb", "the same in DuckDB SQL"),
)


def write(path: Path, lines: Sequence[Line]) -> None:
    """Puts the table between the marks; a peer that was not measured has no row.

    Raises:
        ValueError: the file has no marks.
    """
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{path}: there is no {BEGIN} ... {END}")
    table = "\n".join([HEAD, *rows(lines)])
    path.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def rows(lines: Sequence[Line]) -> Iterator[str]:
    """A row for each of SHOWN that was measured; of several sizes the last, which is the largest."""
    for pattern, peer, name in SHOWN:
        fits = [line for line in lines if fnmatch(line.case, pattern) and line.peer == peer and line.ratio]
        if fits:
            line = fits[-1]
            assert line.ratio is not None
            shares = f"{line.ratio.wall:.2f} | {line.ratio.memory:.2f}"
            yield f"| {worded(line.case)} | {cost(line.ours)} | {name} | {cost(line.theirs)} | {shares} |"


def worded(case: str) -> str:
    """A case's name with its command as code."""
    command, comma, rest = case.partition(",")
    return f"`{command}`{comma}{rest}"


def cost(spent: Cost | None) -> str:
    """Seconds by the clock and gigabytes."""
    return f"{spent.wall:.1f} s, {spent.memory / 1000:.2f} GB" if spent else ""
