"""Polars' describe of a file, to standard output as CSV."""

import sys

import polars as pl

path = sys.argv[1]
frame = pl.read_csv(path, try_parse_dates=True) if path.endswith(".csv") else pl.read_parquet(path)
print(frame.describe().write_csv())
