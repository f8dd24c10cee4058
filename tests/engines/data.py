"""Data that the tests of engines have in common."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def folder_of(path: Path, files: int = 6) -> Path:
    """A folder of Parquet files of ten rows and four columns each."""
    path.mkdir()
    for place in range(files):
        rows = range(10 * place, 10 * place + 10)
        shares, zones = [1 / (1 + row) for row in rows], [f"z{row % 7}" for row in rows]
        sizes = ["large" if row == 33 else str(row) for row in rows]
        frame = pl.DataFrame({"id": [row % 50 for row in rows], "share": shares, "zone": zones, "size": sizes})
        frame.write_parquet(path / f"{place:02}.parquet")
    return path
