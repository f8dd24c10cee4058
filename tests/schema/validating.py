"""Validation of small data against the text of a schema, for tests."""

import io

import polars as pl

from datalife.schema.lint import read_schema
from datalife.schema.validate import ValidateOptions, validate
from datalife.sources.dataset import open_dataset


def schema_of(text):
    """The schema of a YAML text, without faults."""
    return read_schema(text, "schema.yaml")


def faults_of(text):
    """(place, message, hint) of each fault of a YAML text."""
    try:
        schema_of(text)
    except Exception as error:
        return [(fault.where.removeprefix("schema.yaml:"), fault.message, fault.hint) for fault in error.faults]
    return []


def opened(folder, data):
    """Data as a dataset: text is a CSV file, {name: values} or a frame a Parquet file."""
    if isinstance(data, str):
        path = folder / "data.csv"
        path.write_text(data)
    else:
        path = folder / "data.parquet"
        stream = io.BytesIO()
        (data if isinstance(data, pl.DataFrame) else pl.DataFrame(data)).write_parquet(stream)
        path.write_bytes(stream.getvalue())
    return open_dataset([str(path)])


def report_on(folder, data, text, **options):
    """The report of data against the text of a schema."""
    return validate(opened(folder, data), schema_of(text), ValidateOptions(**options))


def told(report):
    """(code, column, failures, rows) of each finding."""
    return [
        (each.code, each.column, each.failures, [example.row for example in each.examples]) for each in report.anomalies
    ]
