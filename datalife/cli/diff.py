"""`datalife diff`: what changed between two datasets, profiles or schemas."""

from __future__ import annotations

import click

from datalife.cli import options
from datalife.cli.output import Output
from datalife.errors import UsageError
from datalife.sources.model import ReadOptions


@click.command("diff", cls=options.Command)
@click.argument("baseline", metavar="BASELINE")
@click.argument("current", metavar="CURRENT")
@click.option(
    "--metric",
    metavar="NAME",
    help="For all columns that have this distance: l_infinity, jensen_shannon, psi, kolmogorov_smirnov, wasserstein, "
    "total_variation, chi_square, hellinger, normalized_abs_difference.",
)
@click.option("--threshold", type=float, metavar="N", help="A column has drifted when its distance is above this.")
@click.option("--schema", metavar="FILE", help="Judge the columns of this schema by its drift limits.")
@click.option("--key", type=options.Names(), metavar="A,B", help="Also compare row by row, by these columns.")
@click.option("--tolerance", type=click.FloatRange(0), metavar="N", help="With --key: numbers this close are equal.")
@click.option("--round", "digits", type=int, metavar="N", help="With --key: compare floats at N digits.")
@click.option("--rows-output", metavar="FILE", help="With --key: write every difference to this file.")
@options.gate
@options.reading
@options.output("table", "json", "markdown", "html")
@click.pass_context
def command(
    context: click.Context,
    baseline: str,
    current: str,
    metric: str | None,
    threshold: float | None,
    schema: str | None,
    key: tuple[str, ...] | None,
    tolerance: float | None,
    digits: int | None,
    rows_output: str | None,
    reading: ReadOptions,
    output: Output,
) -> None:
    """Show what changed: columns, types, missing values, distributions and, with --key, rows.

    A column has drifted when its distance is above the threshold and chance does not explain it at this size; a
    threshold that you write decides alone. Saved profiles stand for their data. Two schemas (.yaml) give a list
    of changes. Exits with 1 when something drifted, a change is breaking, or rows differ.

    \b
      datalife diff january.parquet february.parquet
      datalife diff training.json serving.csv --metric psi --threshold 0.2
      datalife diff logged.csv served.csv --key request_id --tolerance 1e-6
    """  # noqa: D301
    from datalife.drift.compare import DiffOptions, diff
    from datalife.drift.rows import Keyed
    from datalife.drift.schemas import are_schemas, diff_schemas
    from datalife.schema.lint import load_schema

    if key is None and not (tolerance is None and digits is None and rows_output is None):
        raise UsageError("--tolerance, --round, --rows-output", "belong to --key", "name the key: --key COLUMN")
    keyed = Keyed(key, tolerance or 0.0, digits, rows_output) if key is not None else None
    if are_schemas(baseline, current):
        result = diff_schemas(load_schema(baseline), load_schema(current))
    else:
        limits = load_schema(schema) if schema is not None else None
        result = diff(baseline, current, DiffOptions(reading, metric, threshold, limits, keyed))
    output.write(result)
    context.exit(output.code(result.drifted))
