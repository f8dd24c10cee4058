"""DuckDB's SUMMARIZE of a file, to standard output as JSON: a list with an object for each column."""

import json
import sys

import duckdb

result = duckdb.sql(f"SUMMARIZE SELECT * FROM '{sys.argv[1]}'")
names = result.columns
json.dump([dict(zip(names, row, strict=True)) for row in result.fetchall()], sys.stdout, default=str)
