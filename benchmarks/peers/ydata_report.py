"""Ydata-profiling's report of a file, the minimal one without correlations, to standard output as JSON."""

import sys

import pandas as pd
from ydata_profiling import ProfileReport

path = sys.argv[1]
frame = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
print(ProfileReport(frame, minimal=True, progress_bar=False).to_json())
