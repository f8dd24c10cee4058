"""TensorFlow Data Validation's statistics of a file; prints the number of features."""

import sys

import pandas as pd
import tensorflow_data_validation as tfdv

path = sys.argv[1]
if path.endswith(".csv"):
    statistics = tfdv.generate_statistics_from_csv(path)
else:
    frame = pd.read_parquet(path)
    times = frame.select_dtypes("datetime").columns
    frame[times] = frame[times].astype("int64")  # it knows no times
    statistics = tfdv.generate_statistics_from_dataframe(frame)
print(len(statistics.datasets[0].features))
