"""Pointblank (on polars) with the rules of schema.yaml; reads only their columns. Prints what each step found."""

import sys

import pointblank as pb
import polars as pl
from rules import COLUMNS, COMPANIES, PAYMENTS, START

path = sys.argv[1]
if path.endswith(".csv"):
    frame = pl.read_csv(path, columns=COLUMNS, try_parse_dates=True)
else:
    frame = pl.read_parquet(path, columns=COLUMNS)
done = (
    pb.Validate(frame)
    .col_vals_not_null(columns=["trip_id", "zone", "started_at"])
    .rows_distinct(columns_subset="trip_id")
    .col_vals_regex(columns="trip_id", pattern="^[0-9a-f]{32}$")
    .col_vals_in_set(columns="company", set=[*COMPANIES, None])
    .col_vals_in_set(columns="payment", set=[*PAYMENTS, None])
    .col_vals_expr(expr=pl.col("zone").str.len_chars() <= 8)
    .col_vals_ge(columns="started_at", value=START, na_pass=True)
    .col_vals_between(columns="seconds", left=0, right=86400, na_pass=True)
    .col_vals_between(columns="miles", left=0, right=500, na_pass=True)
    .col_vals_between(columns="fare", left=0, right=1000, na_pass=True)
    .col_vals_ge(columns=["tips", "total"], value=0, na_pass=True)
    .col_vals_in_set(columns="passengers", set=[1, 2, 3, 4, 5, 6, None])
    .interrogate()
)
print(done.n_failed())
