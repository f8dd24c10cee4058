"""Dataframely with the rules of schema.yaml; reads only their columns. Prints how many rows break one."""

import sys

import dataframely as dy
import polars as pl
from rules import COLUMNS, COMPANIES, PAYMENTS, START


class Trips(dy.Schema):
    """The rules; a primary key is unique and never missing."""

    trip_id = dy.String(primary_key=True, regex="^[0-9a-f]{32}$")
    company = dy.String(nullable=True, check=lambda values: values.is_in(COMPANIES))
    payment = dy.String(nullable=True, check=lambda values: values.is_in(PAYMENTS))
    zone = dy.String(nullable=False, max_length=8)
    started_at = dy.Datetime(nullable=False, min=START)
    seconds = dy.Int64(nullable=True, min=0, max=86400)
    miles = dy.Float64(nullable=True, min=0, max=500)
    fare = dy.Float64(nullable=True, min=0, max=1000)
    tips = dy.Float64(nullable=True, min=0)
    total = dy.Float64(nullable=True, min=0)
    passengers = dy.Int64(nullable=True, is_in=[1, 2, 3, 4, 5, 6])


path = sys.argv[1]
if path.endswith(".csv"):
    frame = pl.read_csv(path, columns=COLUMNS, try_parse_dates=True)
else:
    frame = pl.read_parquet(path, columns=COLUMNS)
good, failure = Trips.filter(frame)
print(len(failure), failure.counts())
