"""Datacompy's comparison of two Parquet files by their trip_id, with its report to standard output."""

import sys

import datacompy
import polars as pl

left, right = (pl.read_parquet(path) for path in sys.argv[1:3])
print(datacompy.PolarsCompare(left, right, join_columns="trip_id").report())
