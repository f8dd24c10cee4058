"""Evidently's drift preset on two Parquet files; prints its result as JSON."""

import sys

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

before, after = (pd.read_parquet(path) for path in sys.argv[1:3])
print(Report([DataDriftPreset()]).run(after, before).json())
