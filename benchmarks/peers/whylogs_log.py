"""Whylogs' profile of a file; prints its table as CSV."""

import sys

import pandas as pd
import whylogs

path = sys.argv[1]
frame = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
print(whylogs.log(frame).view().to_pandas().to_csv())
