"""Pandera (polars) with the rules of schema.yaml; reads only their columns. Prints how many values break one."""

import sys

import pandera.polars as pa
import polars as pl
from rules import COLUMNS, COMPANIES, PAYMENTS, START

SCHEMA = pa.DataFrameSchema(
    {
        "trip_id": pa.Column(pl.String, pa.Check.str_matches("^[0-9a-f]{32}$"), unique=True),
        "company": pa.Column(pl.String, pa.Check.isin(COMPANIES), nullable=True),
        "payment": pa.Column(pl.String, pa.Check.isin(PAYMENTS), nullable=True),
        "zone": pa.Column(pl.String, pa.Check.str_length(max_value=8)),
        "started_at": pa.Column(pl.Datetime("us"), pa.Check.ge(START)),
        "seconds": pa.Column(pl.Int64, [pa.Check.ge(0), pa.Check.le(86400)], nullable=True),
        "miles": pa.Column(pl.Float64, [pa.Check.ge(0), pa.Check.le(500)], nullable=True),
        "fare": pa.Column(pl.Float64, [pa.Check.ge(0), pa.Check.le(1000)], nullable=True),
        "tips": pa.Column(pl.Float64, pa.Check.ge(0), nullable=True),
        "total": pa.Column(pl.Float64, pa.Check.ge(0), nullable=True),
        "passengers": pa.Column(pl.Int64, pa.Check.isin(range(1, 7)), nullable=True),
    }
)

path = sys.argv[1]
if path.endswith(".csv"):
    frame = pl.read_csv(path, columns=COLUMNS, try_parse_dates=True)
else:
    frame = pl.read_parquet(path, columns=COLUMNS)
try:
    SCHEMA.validate(frame, lazy=True)
    print(0)
except pa.errors.SchemaErrors as errors:
    print(errors.failure_cases.height)
