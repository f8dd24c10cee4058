"""Great Expectations (on pandas) with the rules of schema.yaml; reads only their columns. Prints what failed."""

import sys

import great_expectations as gx
import great_expectations.expectations as expect
import pandas as pd
from rules import COLUMNS, COMPANIES, PAYMENTS, START

path = sys.argv[1]
if path.endswith(".csv"):
    frame = pd.read_csv(path, usecols=COLUMNS, parse_dates=["started_at"])
else:
    frame = pd.read_parquet(path, columns=COLUMNS)
rules = [
    *(expect.ExpectColumnValuesToNotBeNull(column=name) for name in ("trip_id", "zone", "started_at")),
    expect.ExpectColumnValuesToBeUnique(column="trip_id"),
    expect.ExpectColumnValuesToMatchRegex(column="trip_id", regex="^[0-9a-f]{32}$"),
    expect.ExpectColumnValuesToBeInSet(column="company", value_set=COMPANIES),
    expect.ExpectColumnValuesToBeInSet(column="payment", value_set=PAYMENTS),
    expect.ExpectColumnValueLengthsToBeBetween(column="zone", max_value=8),
    expect.ExpectColumnValuesToBeBetween(column="started_at", min_value=START),
    expect.ExpectColumnValuesToBeBetween(column="seconds", min_value=0, max_value=86400),
    expect.ExpectColumnValuesToBeBetween(column="miles", min_value=0, max_value=500),
    expect.ExpectColumnValuesToBeBetween(column="fare", min_value=0, max_value=1000),
    expect.ExpectColumnValuesToBeBetween(column="tips", min_value=0),
    expect.ExpectColumnValuesToBeBetween(column="total", min_value=0),
    expect.ExpectColumnValuesToBeInSet(column="passengers", value_set=[1, 2, 3, 4, 5, 6]),
]
context = gx.get_context(mode="ephemeral")
batch = (
    context.data_sources.add_pandas("trips")
    .add_dataframe_asset("trips")
    .add_batch_definition_whole_dataframe("trips")
    .get_batch(batch_parameters={"dataframe": frame})
)
suite = gx.ExpectationSuite(name="trips", expectations=rules)
print([result.expectation_config.type for result in batch.validate(suite).results if not result.success])
